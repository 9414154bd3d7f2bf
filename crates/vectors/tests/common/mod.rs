//! What the tests of the vectors' completeness share.

use std::path::{Path, PathBuf};

use busproof_vectors::VectorFile;
use busproof_vectors::format::Vector;
use busproof_vectors::run::vector_files;

/// What `each` makes of all vectors below a folder of `vectors`.
///
/// # Panics
/// If there is no such folder, or a file of it cannot be used.
pub(crate) fn of_vectors_below<T>(folder: &str, each: impl Fn(&Path, &VectorFile, &Vector) -> T) -> Vec<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(folder);
    let paths = vector_files(&[folder]).unwrap_or_else(|error| panic!("{error}"));
    let of_file = |path: &PathBuf| {
        let file = read(path);
        file.vectors().iter().map(|vector| each(path, &file, vector)).collect::<Vec<T>>()
    };
    paths.iter().flat_map(of_file).collect()
}

fn read(path: &Path) -> VectorFile {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    VectorFile::parse(&stem, &text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
