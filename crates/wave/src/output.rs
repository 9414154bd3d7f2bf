//! Files of whichever kind their name asks for.

use std::fmt;
use std::io::BufWriter;
use std::path::Path;

use busproof_core::{ChangeLog, Source};

use crate::csv::write_csv_to;
use crate::error::WriteError;
use crate::fst::write_fst_to;
use crate::gtkw::{HasText, SaveFile};
use crate::options::SampleRate;
use crate::sr::write_sr_to;
use crate::track::Extras;
use crate::vcd::write::{VcdOptions, coarsest_timescale, write_vcd_to};
use crate::whole::write_whole;

/// The formats that can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// Value change dump.
    #[default]
    Vcd,
    /// GTKWave's compressed format; it holds no text.
    Fst,
    /// A sigrok session: samples of two levels.
    Sigrok,
    /// A table with a row for each instant.
    Csv,
}

impl Output {
    /// All of them.
    pub const ALL: [Output; 4] = [Output::Vcd, Output::Fst, Output::Sigrok, Output::Csv];

    /// The ending of such files' names, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Output::Vcd => "vcd",
            Output::Fst => "fst",
            Output::Sigrok => "sr",
            Output::Csv => "csv",
        }
    }

    /// The format that the name of a file asks for by its ending.
    pub fn of(path: &Path) -> Result<Output, WriteError> {
        let extension = path.extension().unwrap_or_default();
        let asked = |output: &Output| extension.eq_ignore_ascii_case(output.extension());
        Output::ALL
            .into_iter()
            .find(asked)
            .ok_or_else(|| WriteError::Extension { file: path.display().to_string() })
    }

    /// Whether such a file holds text.
    pub const fn has_text(self) -> HasText {
        match self {
            Output::Vcd => HasText::Yes,
            Output::Fst | Output::Sigrok | Output::Csv => HasText::No,
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// Writes `log` and what is said beside it to the file `path`, whose ending says in which format; it appears complete or not at
/// all.
pub fn write_waveform(
    path: &Path,
    log: &ChangeLog,
    extras: &Extras<'_>,
    options: &VcdOptions,
) -> Result<(), WriteError> {
    match Output::of(path)? {
        Output::Vcd => write_whole(path, |file| write_vcd_to(file, log, extras, options).map(drop)),
        Output::Fst => write_whole(path, |file| write_fst_to(file, log, extras, options).map(drop)),
        Output::Sigrok => {
            let rate = rate_of(log.source())?;
            write_whole(path, |file| write_sr_to(BufWriter::new(file), log, rate).map(drop))
        }
        Output::Csv => write_whole(path, |file| write_csv_to(file, log).map(drop)),
    }
}

/// Writes the save file of GTKWave that shows what `log` and `extras` have put into the waveform file `path`, beside that file.
/// Signals without a scope belong to `title`.
pub fn write_save_file(
    path: &Path,
    title: &str,
    log: &ChangeLog,
    extras: &Extras<'_>,
) -> Result<(), WriteError> {
    let dump = path.file_name().unwrap_or_default().to_string_lossy();
    let (timescale, text) = (coarsest_timescale(log), Output::of(path)?.has_text());
    SaveFile { dump: &dump, title, log, extras, timescale, text }.write(&path.with_extension("gtkw"))
}

/// How often a waveform was sampled.
fn rate_of(source: Source) -> Result<SampleRate, WriteError> {
    let Source::Recording { grid: Some(grid) } = source else { return Err(WriteError::NotSampled) };
    let hertz = (1e15 / grid.as_fs().max(1) as f64).round() as u64;
    SampleRate::from_hz(hertz).ok_or(WriteError::NotSampled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_decides() {
        assert_eq!(Output::of(Path::new("a/b.FST")).ok(), Some(Output::Fst));
        let error = Output::of(Path::new("a/b.txt")).unwrap_err().to_string();
        assert_eq!(
            error,
            "no format of waveforms is known by the ending of `a/b.txt`; write .vcd, .fst, .sr or .csv"
        );
    }
}
