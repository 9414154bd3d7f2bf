//! The documentation says what is so: its terminal blocks are run where a reader would run them, its pictures are drawn
//! again, its links lead somewhere.
//!
//! `TRYCMD=overwrite cargo test -p busproof-cli --test docs` writes what the program prints and draws today into the pages.

mod links;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the folder of the workspace is there")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The files below a folder whose names end so, sorted.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The pages that people write: those of the rules are generated, and compared where they are made.
fn pages() -> Vec<PathBuf> {
    let docs = files(&root().join("docs"), ".md");
    let written = docs.into_iter().filter(|page| !page.starts_with(root().join("docs/rules")));
    let others = ["README.md", "CONTRIBUTING.md", "vectors/README.md"].map(|page| root().join(page));
    written.chain(others).collect()
}

fn copy(from: &Path, to: &Path) {
    for file in files(from, "") {
        let target = to.join(file.strip_prefix(from).expect("it is below"));
        fs::create_dir_all(target.parent().expect("it has a folder")).expect("a folder is made");
        fs::copy(&file, &target).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    }
}

/// A folder with what the commands of the pages read, like a fresh clone, and without what they write.
fn clone() -> tempfile::TempDir {
    let clone = tempfile::tempdir().expect("a folder");
    for folder in ["vectors", "examples"] {
        copy(&root().join(folder), &clone.path().join(folder));
    }
    fs::create_dir_all(clone.path().join("docs/pictures")).expect("a folder is made");
    clone
}

/// The one test here that changes the current directory; the others name files from the root on.
#[test]
fn pages_show_what_the_program_prints_and_draws() {
    let clone = clone();
    env::set_current_dir(clone.path()).expect("the clone can be entered");
    let cases = trycmd::TestCases::new();
    cases.env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
    for page in pages() {
        cases.case(page);
    }
    cases.run();
    compare_pictures(&clone.path().join("docs/pictures"), &root().join("docs/pictures"));
    env::set_current_dir(root()).expect("the clone can be left");
}

/// Pictures of other programs are not drawn again: screenshots of `GTKWave` and Chromium.
fn is_drawn(picture: &Path) -> bool {
    !["gtkwave", "chromium"].iter().any(|program| name(picture).starts_with(program))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn compare_pictures(drawn: &Path, kept: &Path) {
    if env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        copy(drawn, kept);
    }
    let names = |folder: &Path| -> BTreeSet<String> {
        files(folder, "").iter().filter(|picture| is_drawn(picture)).map(|picture| name(picture)).collect()
    };
    assert_eq!(
        names(drawn),
        names(kept),
        "left: drawn by the commands of the pages, right: in docs/pictures"
    );
    for picture in names(drawn) {
        let is_same = fs::read(drawn.join(&picture)).ok() == fs::read(kept.join(&picture)).ok();
        assert!(is_same, "docs/pictures/{picture} is not what its command draws; TRYCMD=overwrite writes it");
    }
}

/// The lines of the blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let mut inside = None;
    let mut found = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("```"), inside) {
            (Some(info), None) => inside = Some(info.trim()),
            (Some(_), Some(_)) => inside = None,
            (None, Some(info)) if info == language => found.push(line),
            _ => {}
        }
    }
    found
}

/// `console` blocks are run, and a program that is not there would be passed over in silence; blocks of other languages
/// are not run, so they show no commands of ours.
#[test]
fn commands_of_ours_stand_where_they_are_run() {
    let mut count = 0;
    for page in pages() {
        let text = read(&page);
        for command in blocks(&text, "console").into_iter().filter_map(|line| line.strip_prefix("$ ")) {
            assert!(command.starts_with("busproof "), "{}: {command} cannot be run here", page.display());
            count += 1;
        }
        for line in ["sh", "text", ""].into_iter().flat_map(|language| blocks(&text, language)) {
            let command = line.strip_prefix("$ ").unwrap_or(line);
            assert!(!command.starts_with("busproof "), "{}: {line} is not run", page.display());
        }
    }
    assert!(count > 20, "only {count} commands");
}
