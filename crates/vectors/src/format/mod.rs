//! Vector files: TOML in, [`Vector`]s out. `vectors/README.md` is the specification.
//!
//! ```text
//! text -> tree with places -> one tree per case (`merge`) and run of a sweep (`sweep`), tagged with protocols (`kinds`)
//!      -> tables (`raw`) -> vectors (`resolve`)
//! ```
//!
//! Every error points at the line and column where it was written, and says a way out. The tables are also what the
//! JSON schema is made from, so that the two cannot differ.

#[cfg(test)]
mod compare_tests;
#[cfg(test)]
mod ddr_tests;
mod error;
mod find;
mod kinds;
#[cfg(test)]
mod link_tests;
mod merge;
mod range;
pub(crate) mod raw;
mod resolve;
mod scalar;
mod steps;
mod sweep;
#[cfg(test)]
mod tests;
mod vector;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

pub use error::{FormatError, FormatProblem};
use sweep::Swept;
pub use sweep::{MAX_POINTS, Parameter, Sweep, Vary};
pub use vector::{
    At, Bus, BusId, BusKind, Check, Clock, Content, Device, DeviceId, DeviceKind, Exit, Glitch, Jitter,
    Memory, Model, Ops, Pin, Place, Poll, Slack, Step, Until, Vector, compare, crossing, ddr, handshake, i2c,
    spi, uart,
};

/// The greatest number of runs of one sweep among vectors.
pub const MAX_RUNS: usize = 256;

/// A vector file, understood.
#[derive(Clone, Debug)]
pub struct VectorFile {
    source: String,
    vectors: Vec<Vector>,
}

impl VectorFile {
    /// Reads the text of a vector file. `stem`, the file's name without its ending, names the vectors unless the file
    /// has a name of its own.
    ///
    /// ```
    /// use busproof_vectors::VectorFile;
    /// let file = VectorFile::parse("jedec-id", r#"
    ///     bus.spi = { kind = "spi", clock = "16 MHz" }
    ///     device.flash.part = "w25q128jv"
    ///     step = [{ do = "[0x9f r:3=ef4018]" }]
    /// "#)?;
    /// assert_eq!(file.vectors()[0].name, "jedec-id");
    /// # Ok::<(), busproof_vectors::FormatError>(())
    /// ```
    pub fn parse(stem: &str, source: &str) -> Result<VectorFile, FormatError> {
        let vectors = runs(source, |run| vector(stem, source, run))?;
        Ok(VectorFile { source: source.to_owned(), vectors })
    }

    /// The tables of [`VectorFile::vectors`], each as if it stood in a file of its own: cases and sweeps applied.
    pub(crate) fn tables(&self) -> Result<Vec<toml::Table>, FormatError> {
        runs(&self.source, |run| {
            let tree = Spanned::new(run.span, DeValue::Table(run.table));
            toml::Table::deserialize(ValueDeserializer::from(tree))
                .map_err(|error| FormatError::toml(&self.source, &error))
        })
    }

    /// The vectors, in the order of their cases.
    pub fn vectors(&self) -> &[Vector] {
        &self.vectors
    }

    /// The text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The line and the character of it, from 1, of the byte at `offset`.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        error::position(&self.source, offset)
    }
}

/// What `make` makes of every case and run of a sweep, in the order of the file.
fn runs<T>(
    source: &str,
    make: impl Fn(merge::Expanded<'_>) -> Result<T, FormatError>,
) -> Result<Vec<T>, FormatError> {
    let tree = DeTable::parse(source).map_err(|e| FormatError::toml(source, &e))?;
    let located = |error| FormatError::new(source, error);
    let mut all = Vec::new();
    for case in merge::cases(tree.into_inner()).map_err(located)? {
        let swept = Swept::of(case).map_err(located)?;
        for run in swept.runs().map_err(located)? {
            all.push(swept.run(source, &run, &make)?);
        }
    }
    Ok(all)
}

fn vector(stem: &str, source: &str, expanded: merge::Expanded<'_>) -> Result<Vector, FormatError> {
    let merge::Expanded { suffix, span, mut table } = expanded;
    let line = error::position(source, span.start).0;
    kinds::tag(&mut table).map_err(|error| FormatError::new(source, error))?;
    let tree = Spanned::new(span, DeValue::Table(table));
    let table = raw::VectorTable::deserialize(ValueDeserializer::from(tree))
        .map_err(|error| FormatError::toml(source, &error))?;
    let mut vector =
        resolve::vector(source, stem, &table).map_err(|error| FormatError::new(source, error))?;
    vector.name.push_str(&suffix);
    vector.line = line;
    Ok(vector)
}

/// Reads a deviation such as `50 ppm` or `-0.1 %`, at most 50 %, into parts per billion; or says what is wrong with it.
pub fn deviation(text: &str) -> Result<i64, String> {
    <scalar::DeviationText as scalar::Scalar>::read(text).map(|deviation| deviation.0)
}

/// Names are lower-case letters, digits and `-`.
fn check_name(name: &str) -> Result<(), FormatProblem> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.is_empty() && name.chars().all(good) { Ok(()) } else { Err(FormatProblem::Name(name.into())) }
}
