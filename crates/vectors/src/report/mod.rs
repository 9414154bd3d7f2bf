//! Results, and how they are written: for people, as JSON lines, as `JUnit`, as GitHub annotations.
//!
//! A [`VectorResult`] holds what happened and nothing of how long it took or where it ran, so the same vectors and seed
//! give the same bytes, on any machine and number of threads. Every writer is a pure function over results.

mod codes;
pub mod github;
pub mod human;
pub mod jsonl;
pub mod junit;
pub mod page;
#[cfg(test)]
mod tests;

pub use codes::CODES;

use std::fmt;

use busproof_core::Span;
use busproof_core::timing::{Margin, Rule, Unit};
use busproof_plot::Chart;
use serde::Serialize;

/// What became of a vector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VectorResult {
    /// Its name.
    pub name: String,
    /// The file it is from, as it was given.
    pub path: String,
    /// The line where it begins.
    pub line: usize,
    /// The verdict.
    pub outcome: Outcome,
    /// The rule that came closest to its limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tightest: Option<Tightest>,
    /// What was not as it should be.
    pub failures: Vec<Failure>,
    /// What devices found odd and is no failure.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Where the waveform was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waveform: Option<String>,
    /// What a page shows beyond that, if it was asked for.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// What became of the rules of a vector, and what its failures look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The rules that were measured and whose margin says something of the design.
    pub rules: Vec<Measured>,
    /// What was not as it should be, with its surroundings.
    pub charts: Vec<Chart>,
}

/// How far a rule was from its limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The rule.
    pub rule: &'static Rule,
    /// Its distances to the limit.
    pub margin: Margin,
    /// The vector's check says that it is broken, or in doubt.
    pub is_expected: bool,
}

/// Something that is good to know and fails nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its code, for `busproof explain`.
    pub code: String,
    /// What, in a line: the first time.
    pub title: String,
    /// How often.
    pub count: u64,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.title)?;
        if self.count > 1 { write!(f, ", the first of {}", self.count) } else { Ok(()) }
    }
}

/// The verdict on a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All is as its check says.
    Passed,
    /// Something is not.
    Failed,
    /// Nothing was checked: no item, or no rule decided.
    NothingChecked,
    /// The time budget ended before a verdict.
    OutOfTime,
    /// The file, or a part that it names, cannot be used.
    Unusable,
}

/// Outcomes in the order in which they decide the exit status of several.
const PRECEDENCE: [Outcome; 5] =
    [Outcome::Unusable, Outcome::Failed, Outcome::OutOfTime, Outcome::NothingChecked, Outcome::Passed];

impl Outcome {
    /// The exit status that it stands for.
    pub const fn exit_status(self) -> u8 {
        match self {
            Outcome::Passed => 0,
            Outcome::Failed => 1,
            Outcome::Unusable => 2,
            Outcome::NothingChecked => 3,
            Outcome::OutOfTime => 4,
        }
    }

    /// The word for it in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILED",
            Outcome::NothingChecked => "NOTHING CHECKED",
            Outcome::OutOfTime => "OUT OF TIME",
            Outcome::Unusable => "UNUSABLE",
        }
    }
}

/// The distance to a limit that was the least of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tightest {
    /// The rule.
    pub rule: &'static str,
    /// The slack, in the rule's unit; negative where the limit was missed.
    pub slack: i64,
    /// The limit, in the rule's unit.
    pub limit: i64,
    /// The unit.
    #[serde(serialize_with = "unit")]
    pub unit: Unit,
}

impl Tightest {
    /// The unit, as JSON spells it.
    pub const fn unit_name(&self) -> &'static str {
        unit_name(self.unit)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is that of serde")]
fn unit<S: serde::Serializer>(unit: &Unit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(unit_name(*unit))
}

/// A rule's unit, as JSON spells it.
pub(crate) const fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Fs => "fs",
        Unit::MilliUi => "mUI",
        Unit::Ppm => "ppm",
        Unit::Count => "count",
    }
}

/// A number in a rule's unit, in words: `-12.5 ns`, `3 ppm`.
pub(crate) fn quantity(value: i64, unit: Unit) -> String {
    let sign = if value < 0 { "-" } else { "" };
    match unit {
        Unit::Fs => format!("{sign}{}", Span::from_fs(value.unsigned_abs())),
        Unit::MilliUi => {
            format!("{sign}{}.{:03} UI", value.unsigned_abs() / 1000, value.unsigned_abs() % 1000)
        }
        Unit::Ppm => format!("{value} ppm"),
        Unit::Count => value.to_string(),
    }
}

/// `value` rounded down to four digits: never more than there is.
fn four_digits(value: i64) -> i64 {
    let digits = value.unsigned_abs().checked_ilog10().unwrap_or(0);
    let step = 10_i64.pow(digits.saturating_sub(3));
    value.div_euclid(step).saturating_mul(step)
}

impl fmt::Display for Tightest {
    /// `tSLCH 2 ns (66 %)`: the slack to four digits, and its share of the limit, both rounded down; above ten times the limit
    /// nobody cares.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rule, quantity(four_digits(self.slack), self.unit))?;
        match (self.slack as i128 * 100).div_euclid((self.limit as i128).max(1)) {
            _ if self.limit <= 0 => Ok(()),
            share if share > 1_000 => write!(f, " (> 1000 %)"),
            share => write!(f, " ({share} %)"),
        }
    }
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// A rule, or a code for `busproof explain`.
    pub code: String,
    /// The line of the vector file that it is about.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What happened: a lower-case fragment of one line.
    pub title: String,
    /// More about it, line by line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub detail: Vec<String>,
}

/// How many vectors ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All is as their checks say.
    pub passed: usize,
    /// Something is not.
    pub failed: usize,
    /// Nothing was checked.
    pub nothing_checked: usize,
    /// The time budget ended.
    pub out_of_time: usize,
    /// Cannot be used.
    pub unusable: usize,
}

impl Totals {
    /// The totals of `results`.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a VectorResult>) -> Totals {
        let mut totals = Totals::default();
        for result in results {
            *totals.count(result.outcome) += 1;
        }
        totals
    }

    /// How many there are in all.
    pub fn all(&self) -> usize {
        self.passed + self.failed + self.nothing_checked + self.out_of_time + self.unusable
    }

    fn count(&mut self, outcome: Outcome) -> &mut usize {
        match outcome {
            Outcome::Passed => &mut self.passed,
            Outcome::Failed => &mut self.failed,
            Outcome::NothingChecked => &mut self.nothing_checked,
            Outcome::OutOfTime => &mut self.out_of_time,
            Outcome::Unusable => &mut self.unusable,
        }
    }
}

/// The exit status of a run: the first of 2, 1, 4, 3, 0 that occurred; 3 for no result at all.
pub fn exit_status(results: &[VectorResult]) -> u8 {
    let occurred = |outcome: &Outcome| results.iter().any(|result| result.outcome == *outcome);
    PRECEDENCE.into_iter().find(occurred).unwrap_or(Outcome::NothingChecked).exit_status()
}
