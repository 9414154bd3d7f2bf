//! The specification and the vectors: every example is read, every key is described, every vector can be parsed.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};

use busproof_vectors::{VectorFile, schema};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn readme() -> String {
    fs::read_to_string(folder().join("README.md")).unwrap()
}

/// The blocks of the page in that language, each with the number of its first line.
fn blocks(page: &str, language: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((n, line)) = lines.next() {
        if line.strip_prefix("```") == Some(language) {
            let block = lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```"));
            blocks.push((n + 2, block.collect::<Vec<_>>().join("\n")));
        } else if line.starts_with("```") {
            lines.by_ref().take_while(|(_, line)| !line.starts_with("```")).for_each(drop);
        }
    }
    blocks
}

#[test]
fn every_example_of_the_specification_is_read() {
    let blocks = blocks(&readme(), "toml");
    assert!(blocks.len() >= 8, "only {} examples found", blocks.len());
    for (line, block) in blocks {
        if let Err(error) = VectorFile::parse("example", &block) {
            panic!("vectors/README.md:{}: {error}", line + error.line - 1);
        }
    }
}

#[test]
fn every_key_is_described_in_the_specification() {
    let page = readme();
    for (table, keys) in schema::tables() {
        for key in keys {
            let described =
                [format!("`{key}`"), format!("`[{key}]`"), format!("`[[{key}]]`"), format!("`[{key}.NAME]`")]
                    .iter()
                    .any(|form| page.contains(form))
                    || page.contains(&format!("{key} = "));
            assert!(described, "`{key}` of {table} is not described in vectors/README.md");
        }
    }
}

fn vector_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            vector_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "toml") {
            files.push(path);
        }
    }
}

#[test]
fn every_vector_is_read_and_says_what_it_shows() {
    let mut files = Vec::new();
    vector_files(&folder(), &mut files);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let file = VectorFile::parse(stem, &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for vector in file.vectors() {
            assert!(vector.about.is_some(), "{}: `{}` has no `about`", path.display(), vector.name);
            let acts = !vector.steps.is_empty() || vector.compare.is_some() || vector.memory.is_some();
            assert!(acts, "{}: `{}` does nothing", path.display(), vector.name);
        }
    }
}
