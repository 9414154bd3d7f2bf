//! The memories that come with the program, and those of users.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use super::Memory;
use crate::error::{Hint, PartError};

/// File names and texts.
pub const FILES: &[(&str, &str)] = &[(
    "ddr/ddr4-2400u-8gb-x8-ramulator.toml",
    include_str!("../../data/ddr/ddr4-2400u-8gb-x8-ramulator.toml"),
)];

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

fn answers_to(memory: &Memory, name: &str) -> bool {
    let aliases = memory.aliases().iter().map(String::as_str);
    std::iter::once(memory.name()).chain(aliases).any(|known| known.eq_ignore_ascii_case(name))
}
