//! The memories that come with the program, and those of users.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use super::Memory;
use crate::error::{Hint, PartError};

macro_rules! embedded {
    ($($file:literal)*) => {
        /// File names and texts.
        pub const FILES: &[(&str, &str)] =
            &[$((concat!("ddr/", $file), include_str!(concat!("../../data/ddr/", $file)))),*];
    };
}

embedded! {
    "ddr3-1066f-4gb-x16.toml"
    "ddr3-1066f-4gb-x8.toml"
    "ddr3-1333h-4gb-x16.toml"
    "ddr3-1333h-4gb-x8.toml"
    "ddr3-1600k-1gb-x8.toml"
    "ddr3-1600k-2gb-x8.toml"
    "ddr3-1600k-4gb-x16.toml"
    "ddr3-1600k-4gb-x8.toml"
    "ddr3-1600k-8gb-x16.toml"
    "ddr3-1600k-8gb-x8.toml"
    "ddr3-1866m-4gb-x16.toml"
    "ddr3-1866m-4gb-x8.toml"
    "ddr4-1600j-8gb-x8.toml"
    "ddr4-1600k-8gb-x8.toml"
    "ddr4-1600l-8gb-x8.toml"
    "ddr4-1866l-8gb-x8.toml"
    "ddr4-1866m-8gb-x8.toml"
    "ddr4-1866n-8gb-x8.toml"
    "ddr4-2133n-8gb-x8.toml"
    "ddr4-2133p-8gb-x8.toml"
    "ddr4-2133r-8gb-x8.toml"
    "ddr4-2400p-8gb-x8.toml"
    "ddr4-2400r-8gb-x8.toml"
    "ddr4-2400t-8gb-x16.toml"
    "ddr4-2400t-8gb-x4.toml"
    "ddr4-2400t-8gb-x8.toml"
    "ddr4-2400u-8gb-x8-ramulator.toml"
    "ddr4-2666t-8gb-x8.toml"
    "ddr4-2666u-8gb-x8.toml"
    "ddr4-2666v-8gb-x8.toml"
    "ddr4-2666w-8gb-x8.toml"
    "ddr4-2933aa-8gb-x8.toml"
    "ddr4-2933v-8gb-x8.toml"
    "ddr4-2933w-8gb-x8.toml"
    "ddr4-2933y-8gb-x8.toml"
    "ddr4-3200aa-16gb-x8.toml"
    "ddr4-3200aa-4gb-x8.toml"
    "ddr4-3200aa-8gb-x16.toml"
    "ddr4-3200aa-8gb-x4.toml"
    "ddr4-3200aa-8gb-x8.toml"
    "ddr4-3200ac-8gb-x8.toml"
    "ddr4-3200w-8gb-x8.toml"
    "ddr5-3200an-16gb-x8.toml"
    "ddr5-4800an-16gb-x8.toml"
    "ddr5-5600an-16gb-x8.toml"
    "ddr5-6400an-16gb-x8.toml"
    "lpddr4-3200-16gb-x16.toml"
    "lpddr4-3200-4gb-x16.toml"
    "lpddr4-3200-8gb-x16.toml"
    "lpddr4-4266-16gb-x16.toml"
    "lpddr4-4266-4gb-x16.toml"
    "lpddr4-4266-8gb-x16.toml"
    "lpddr5-6400-16gb-x16.toml"
    "lpddr5-6400-8gb-x16.toml"
}

static MEMORIES: LazyLock<Vec<Arc<Memory>>> = LazyLock::new(|| {
    // A test parses every file, so that none is missing here.
    FILES.iter().filter_map(|(file, text)| Memory::parse(text, file).ok().map(Arc::new)).collect()
});

/// The memories that come with the program.
pub fn list() -> &'static [Arc<Memory>] {
    &MEMORIES
}

/// The memory of that name or alias; upper and lower case are the same.
pub fn find(name: &str) -> Result<Arc<Memory>, PartError> {
    list().iter().find(|memory| answers_to(memory, name)).cloned().ok_or_else(|| {
        let hint = Hint::nearest(name, list().iter().map(|memory| memory.name()));
        PartError::NotFound { name: name.to_owned(), hint }
    })
}

/// The memory that `text` names: a path if it ends in `.toml` or has a separator, else a name.
pub fn open(text: &str) -> Result<Arc<Memory>, PartError> {
    if !crate::catalog::is_path(text) {
        return find(text);
    }
    let path = Path::new(text);
    let content = std::fs::read_to_string(path)
        .map_err(|source| PartError::Unreadable { path: path.to_owned(), source })?;
    Memory::parse(&content, text).map(Arc::new)
}

/// True if `text` names a memory: one that comes with the program, or a part file that says `bus = "ddr"`.
pub fn is_one(text: &str) -> bool {
    if !crate::catalog::is_path(text) {
        return list().iter().any(|memory| answers_to(memory, text));
    }
    let says_so = |line: &str| {
        line.split_once('=').is_some_and(|(key, value)| key.trim() == "bus" && value.contains("\"ddr\""))
    };
    std::fs::read_to_string(text).is_ok_and(|content| content.lines().any(says_so))
}

/// The text of an embedded part file, as a start for a user's own.
pub fn source_text(name: &str) -> Option<&'static str> {
    let index = list().iter().position(|memory| answers_to(memory, name))?;
    FILES.get(index).map(|(_, text)| *text)
}

fn answers_to(memory: &Memory, name: &str) -> bool {
    let aliases = memory.aliases().iter().map(String::as_str);
    std::iter::once(memory.name()).chain(aliases).any(|known| known.eq_ignore_ascii_case(name))
}
