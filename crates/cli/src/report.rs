//! What reports as pages have in common.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use busproof_plot::Tone;
use busproof_plot::page::{self, Page};

use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;

/// The name of a page.
pub(crate) fn html(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let is = |ending: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
    if is("html") || is("htm") {
        Ok(path)
    } else {
        Err("reports are HTML; write a name that ends in .html".into())
    }
}

/// The verdict that an exit status stands for.
pub(crate) fn verdict(exit: Exit) -> (Tone, String) {
    let (tone, word) = match exit {
        Exit::Held => (Tone::Good, "passed"),
        Exit::Failed => (Tone::Bad, "failed"),
        Exit::Unusable => (Tone::Bad, "unusable"),
        Exit::Nothing => (Tone::Odd, "nothing checked"),
        Exit::OutOfTime => (Tone::Odd, "out of time"),
    };
    (tone, word.to_owned())
}

/// Who made a page.
pub(crate) fn maker() -> String {
    format!("busproof {}", env!("CARGO_PKG_VERSION"))
}

/// Writes a page and says where.
pub(crate) fn write(path: &Path, page: &Page, out: &mut Out) -> Result<(), CliError> {
    let text = page::write(page);
    busproof_wave::write_whole(path, |file| file.write_all(text.as_bytes()))
        .map_err(|source| CliError::Write { path: path.to_owned(), source })?;
    out.note(&format!("report: {}", path.display()));
    Ok(())
}
