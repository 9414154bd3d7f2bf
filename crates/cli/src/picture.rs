//! Pictures as files: SVG, or PNG of the same.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use busproof_plot::png;

use crate::error::CliError;

/// How a picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// As it was drawn.
    Svg,
    /// As pixels.
    Png,
}

impl Picture {
    /// What the ending of a name asks for; `None` if it is not the name of a picture.
    pub(crate) fn of(path: &Path) -> Option<Picture> {
        let is = |ending: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
        if is("png") { Some(Picture::Png) } else { is("svg").then_some(Picture::Svg) }
    }
}

/// A picture for each of these vectors: `path` for a single one, else with their names before its ending.
pub(crate) fn names(path: &Path, vectors: &[String]) -> Vec<PathBuf> {
    if vectors.len() == 1 {
        return vec![path.to_owned()];
    }
    let is_odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '='));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let of =
        |vector: &String| path.with_file_name(format!("{stem}-{}.{ending}", vector.replace(is_odd, "_")));
    vectors.iter().map(of).collect()
}

/// Writes a picture that was drawn as SVG in the format that the ending of `path` asks for; SVG without one.
pub(crate) fn write(path: &Path, svg: &str) -> Result<(), CliError> {
    let pixels = match Picture::of(path) {
        Some(Picture::Png) => Some(png::of(svg)?),
        Some(Picture::Svg) | None => None,
    };
    let bytes = pixels.as_deref().unwrap_or(svg.as_bytes());
    busproof_wave::write_whole(path, |file| file.write_all(bytes))
        .map_err(|source| CliError::Write { path: path.to_owned(), source })
}
