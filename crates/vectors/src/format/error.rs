//! What can be wrong with a vector file.

use std::ops::Range;

use busproof_core::bus::OptionError;

use crate::compact;
use crate::suggest;

/// A vector file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct FormatError {
    /// The bytes of the file that are wrong.
    pub span: Range<usize>,
    /// The line it begins in, from 1.
    pub line: usize,
    /// The character of the line it begins at, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: FormatProblem,
}

/// A problem, before it is known which line it is in.
pub(super) type Located<T> = std::result::Result<T, (Range<usize>, FormatProblem)>;

/// Why a vector file cannot be used, with a way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatProblem {
    /// Not TOML, or a value of the wrong kind.
    #[error("{0}")]
    Toml(String),
    /// A key that is not known.
    #[error("unknown key `{0}`{1}")]
    UnknownKey(String, String),
    /// A word that is not known.
    #[error("unknown value `{0}`{1}")]
    UnknownValue(String, String),
    /// A name that nothing has.
    #[error("there is no {what} `{name}`{hint}")]
    UnknownName {
        /// What is looked for.
        what: &'static str,
        /// Its name.
        name: String,
        /// What there is.
        hint: String,
    },
    /// Something that must be said.
    #[error("{0}; write {1}")]
    Missing(String, &'static str),
    /// A number that is too small or too great.
    #[error("`{key}` is {value}; it must be {least} to {most}")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// What is written.
        value: i64,
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
    },
    /// Neither of a few numbers.
    #[error("`{key}` is {value}; it must be {choices}")]
    NotAChoice {
        /// The key.
        key: &'static str,
        /// What is written.
        value: i64,
        /// What may be.
        choices: &'static str,
    },
    /// A name with other characters.
    #[error("the name `{0}` must consist of lower-case letters, digits and `-`")]
    Name(String),
    /// Two cases of one name.
    #[error("the name `{0}` is taken by an earlier case; choose another")]
    NameTaken(String),
    /// Two keys that exclude each other, or none of them.
    #[error("{0}")]
    Choice(&'static str),
    /// Several buses, devices or controllers, and none is named.
    #[error("which {what} is meant is not clear; write `{key} = \"{example}\"`")]
    Ambiguous {
        /// A bus, a device or a controller.
        what: &'static str,
        /// The key that says it.
        key: &'static str,
        /// One of them.
        example: String,
    },
    /// Two devices with one chip select.
    #[error("`cs = {0}` is taken by device `{1}`; choose another line")]
    SelectTaken(u8, String),
    /// A compact string that cannot be understood.
    #[error("{0}")]
    Compact(compact::Problem),
    /// A script that SPI cannot say.
    #[error("{0}")]
    Spi(compact::spi::Refusal),
    /// A script that I2C cannot say.
    #[error("{0}")]
    I2c(compact::i2c::Refusal),
    /// A script that a UART cannot say.
    #[error("{0}")]
    Uart(compact::uart::Refusal),
    /// A script that a link for words cannot say.
    #[error("{0}")]
    Link(compact::link::Refusal),
    /// A command, a request or a time of a memory that cannot be understood.
    #[error("{0}")]
    Memory(String),
    /// A flop that cannot be.
    #[error("{0}")]
    Flop(String),
    /// Conditions at which links cannot be compared.
    #[error("{0}")]
    Conditions(String),
    /// An option that the bus does not have like that.
    #[error("{0}")]
    Setting(OptionError),
    /// A limit that cannot be read.
    #[error("`{0}`: {1}")]
    Limit(String, String),
    /// Too many runs.
    #[error("the sweep has {0} runs; at most {1} are allowed, so give fewer values")]
    TooManyRuns(usize, usize),
    /// A range that is none.
    #[error("{0}")]
    Range(String),
    /// The path of a sweep leads into a list, and not to one of its entries.
    #[error("a list of {1} has no entry `{0}`; they are counted from 0")]
    NoEntry(String, usize),
    /// The path of a sweep leads through something that is no table.
    #[error("what stands there is a value, so it has no key `{0}`; write a table in its place")]
    NoKeys(String),
}

impl FormatError {
    /// The problem at the place of `source`.
    pub(super) fn new(source: &str, (span, problem): (Range<usize>, FormatProblem)) -> FormatError {
        let (line, column) = position(source, span.start);
        FormatError { span, line, column, problem }
    }

    /// What the TOML parser found.
    pub(super) fn toml(source: &str, error: &toml::de::Error) -> FormatError {
        FormatError::new(source, (error.span().unwrap_or(0..0), of_toml(error.message())))
    }
}

/// The line and the character, from 1, of the byte at `offset`.
pub(super) fn position(source: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let before = &source[..end];
    let line = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before[line..].chars().count() + 1)
}

/// The message of serde in our words: `unknown field `mod`, expected one of `mode`, ...` gets a suggestion.
fn of_toml(message: &str) -> FormatProblem {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let [unknown, known @ ..] = quoted.as_slice() {
        let hint = || suggest::hint(unknown, known.iter().copied());
        if message.starts_with("unknown field") {
            return FormatProblem::UnknownKey((*unknown).into(), hint());
        }
        if message.starts_with("unknown variant") {
            return FormatProblem::UnknownValue((*unknown).into(), hint());
        }
    }
    FormatProblem::Toml(plain_words(message))
}

/// Rust's names of types in the words of TOML.
fn plain_words(message: &str) -> String {
    let mut text = message.to_owned();
    for (rust, plain) in [
        ("expected i64", "expected a whole number"),
        ("expected u64", "expected a whole number that is not negative"),
        ("expected u32", "expected a whole number from 0 to 4294967295"),
        ("expected a string", "expected a text between quotes"),
        ("expected a sequence", "expected a list"),
        ("invalid type: sequence", "invalid type: list"),
        ("invalid type: map", "invalid type: table"),
        ("expected a map", "expected a table"),
        ("missing field", "missing key"),
    ] {
        text = text.replace(rust, plain);
    }
    match text.find("expected struct ") {
        Some(at) => format!("{}expected a table", &text[..at]),
        None => text,
    }
}
