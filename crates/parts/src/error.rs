//! Why a part cannot be used: messages that name the file, the place and a way out.

use std::fmt;
use std::path::PathBuf;

use busproof_core::time::ParseTimeError;

/// Why there is no part.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// No part file of ours has that name.
    #[error(
        "no part is called `{name}`{hint}; `busproof part list` shows all, and a path loads your own file"
    )]
    NotFound {
        /// What was asked for.
        name: String,
        /// The nearest names.
        hint: Hint,
    },
    /// The file cannot be read.
    #[error("cannot read part file {path}: {source}", path = path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file says something that cannot be understood.
    #[error(transparent)]
    File(#[from] Box<FileError>),
}

impl PartError {
    /// What is wrong inside a file, and where; `None` if no file was read.
    pub fn file(&self) -> Option<&FileError> {
        match self {
            PartError::File(error) => Some(error),
            PartError::NotFound { .. } | PartError::Unreadable { .. } => None,
        }
    }
}

/// A problem at a place in a part file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}:{line}:{column}: {problem}")]
pub struct FileError {
    /// The path, or the name of an embedded file.
    pub origin: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The bytes of the text concerned, for a message that shows them.
    pub span: std::ops::Range<usize>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong in a part file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not TOML.
    #[error("{0}")]
    Syntax(String),
    /// A format this program does not know.
    #[error("format {0} is not known; this program reads `format = 1`")]
    Format(u64),
    /// A key that means nothing here.
    #[error("unknown key `{key}` in {place}{hint}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The table it stands in.
        place: String,
        /// The nearest keys.
        hint: Hint,
    },
    /// A key that must be there is not.
    #[error("{place} lacks `{key}`")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// The table it should stand in.
        place: String,
    },
    /// A value of the wrong type.
    #[error("`{key}` must be {wanted}, not {found}")]
    WrongType {
        /// The key.
        key: String,
        /// What it must be.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A number that needs a unit.
    #[error("{what} `{number}` has no unit; write `\"{number} {unit}\"`")]
    NoUnit {
        /// What the number is.
        what: &'static str,
        /// As written.
        number: String,
        /// A likely unit.
        unit: &'static str,
    },
    /// Not a time.
    #[error(transparent)]
    Time(#[from] ParseTimeError),
    /// A text that is not what its key wants.
    #[error("`{text}` is not {wanted}; write for example `{example}`")]
    Malformed {
        /// As written.
        text: String,
        /// What it should be.
        wanted: &'static str,
        /// What would do.
        example: &'static str,
    },
    /// A name out of a fixed list, misspelt.
    #[error("unknown {what} `{name}`{hint}")]
    UnknownName {
        /// What the name stands for.
        what: String,
        /// The name.
        name: String,
        /// The nearest names.
        hint: Hint,
    },
    /// A number outside of its range.
    #[error("`{key}` is {value}, which is outside of {least} to {greatest}")]
    Range {
        /// The key.
        key: String,
        /// The number.
        value: u64,
        /// The least that is allowed.
        least: u64,
        /// The greatest that is allowed.
        greatest: u64,
    },
    /// A limit on the side that the bus's rules do not ask for.
    #[error("`{name}` states a `{stated}`, but the rules of the bus use its `{wanted}`")]
    WrongSide {
        /// The parameter.
        name: String,
        /// What the file gives.
        stated: &'static str,
        /// What it should give.
        wanted: &'static str,
    },
    /// A number without a source.
    #[error(
        "`{0}` has no source; add `cite = \"document, table\"`, or `cite = \"unverified\"` if you know none"
    )]
    NoCite(String),
    /// The phases of a command cannot be read.
    #[error("phase `{phase}`: {reason}; write for example `address 24 x4, mode 8 x4, dummy 4, read x4`")]
    Phase {
        /// As written.
        phase: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Two commands of one opcode, two registers of one address.
    #[error("{what} {number:#04x} is stated twice")]
    Twice {
        /// What has the number.
        what: &'static str,
        /// The number.
        number: u64,
    },
    /// Things that do not go together.
    #[error("{0}")]
    Conflict(String),
}

/// The nearest names to a misspelt one: prints nothing, or `; did you mean ...?`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint(pub Vec<String>);

impl Hint {
    /// The up to three names of `known` that are nearest to `name`.
    pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Hint {
        let mut near: Vec<((bool, usize), &str)> =
            known.into_iter().filter_map(|candidate| Some((likeness(name, candidate)?, candidate))).collect();
        near.sort_unstable();
        near.dedup();
        Hint(near.into_iter().take(3).map(|(_, name)| name.to_owned()).collect())
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => Ok(()),
            [one] => write!(f, "; did you mean `{one}`?"),
            [first @ .., last] => write!(f, "; did you mean `{}` or `{last}`?", first.join("`, `")),
        }
    }
}

/// How far `candidate` is from `name`, if it is near enough to be what was meant; one that `name` begins is nearer than
/// any other.
fn likeness(name: &str, candidate: &str) -> Option<(bool, usize)> {
    let (a, b) = (name.to_lowercase(), candidate.to_lowercase());
    let distance = edit_distance(&a, &b);
    let begun = a.chars().count() >= 3 && b.starts_with(&a);
    (begun || distance <= (b.chars().count() / 3).max(1)).then_some((!begun, distance))
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names_are_typing_errors_and_beginnings() {
        let known = ["w25q128jv", "w25q128jv-dtr", "mcp3008", "tCLQV", "tCLQX"];
        let hint = |name| Hint::nearest(name, known).to_string();
        assert_eq!(hint("w25q128"), "; did you mean `w25q128jv` or `w25q128jv-dtr`?");
        assert_eq!(hint("mpc3008"), "; did you mean `mcp3008`?");
        assert_eq!(hint("tclqv"), "; did you mean `tCLQV` or `tCLQX`?");
        assert_eq!(hint("zzz"), "");
    }

    #[test]
    fn distance_counts_a_swap_as_one() {
        assert_eq!(edit_distance("ab", "ba"), 1);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }
}
