//! What can be wrong with a compact string.

use std::ops::Range;

use super::{MAX_BITS, MAX_WORDS};
use crate::time_expr::ParseExprError;

/// A compact string that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {problem}")]
pub struct SyntaxError {
    /// The bytes of the text that are wrong.
    pub span: Range<usize>,
    /// The character it begins at, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: Problem,
}

impl SyntaxError {
    /// The `problem` at `span` of `text`.
    pub(super) fn new(text: &str, span: Range<usize>, problem: Problem) -> SyntaxError {
        let column = text.char_indices().take_while(|&(i, _)| i < span.start).count() + 1;
        SyntaxError { span, column, problem }
    }
}

/// Why a compact string cannot be understood, with a way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No item at all.
    #[error("there is nothing to do; write items such as `[0x9f r:3]`")]
    Empty,
    /// Lanes without items.
    #[error("nothing stands between the parentheses; write items such as `x4(r:2)`")]
    EmptyGroup,
    /// The text ends before the `]`.
    #[error("unclosed `[`; add `]`")]
    UnclosedStart,
    /// The text ends before the `)`.
    #[error("unclosed `(`; add `)`")]
    UnclosedGroup,
    /// The text ends before the quote.
    #[error("unclosed text; add `{0}`")]
    UnclosedText(char),
    /// A `]` without `[`.
    #[error("`]` closes nothing; remove it, or add `[` before")]
    StrayStop,
    /// A `)` without `(`.
    #[error("`)` closes nothing; remove it, or add `x4(` before")]
    StrayParenthesis,
    /// A start, a stop or lanes, inside of lanes.
    #[error("`{0}` cannot stand inside of lanes; close them first with `)`")]
    InsideGroup(char),
    /// Nothing begins like this.
    #[error("unknown item `{0}`; items are `[` `]` 0x9f 'text' r:3 d:10us ^:8 @50w x4( )")]
    UnknownItem(char),
    /// A suffix apart from what it belongs to.
    #[error("`{0}` belongs to the item before it; remove the blank")]
    Detached(char),
    /// Something familiar that is written differently here.
    #[error("`{found}` is no item here; write `{instead}`")]
    Instead {
        /// What stands there.
        found: String,
        /// What is meant.
        instead: String,
    },
    /// Two items run into each other.
    #[error("expected a blank between items, found `{0}`")]
    NoBlank(char),
    /// A part of an item is missing.
    #[error("expected {what}, found {found}")]
    Expected {
        /// What is missing.
        what: &'static str,
        /// What stands in its place.
        found: String,
    },
    /// A number beyond [`MAX_BITS`].
    #[error("a number of {0} bits exceeds the limit of {MAX_BITS} bits")]
    TooWide(usize),
    /// A count or width that is zero or too great.
    #[error("`{0}` is out of range; it must be 1 to {1}")]
    OutOfRange(String, u64),
    /// More bits than the `;bits` beside them.
    #[error("the number does not fit into {0} bits; write a greater width, or a smaller number")]
    DoesNotFit(u32),
    /// The same suffix again.
    #[error("`{0}` stands here twice; keep one")]
    Twice(char),
    /// More than [`MAX_WORDS`].
    #[error("the script expands to more than {MAX_WORDS} words; repeat less, or use several steps")]
    TooLong,
    /// `''`.
    #[error("an empty text says nothing; write `'text'`")]
    EmptyText,
    /// A backslash before something else.
    #[error(r#"unknown escape `\{0}`; use \n \r \t \0 \\ \' \" or \xHH"#)]
    UnknownEscape(String),
    /// A 7-bit address above 7f, perhaps with the direction bit in it.
    #[error(
        "address {0:02x} exceeds 7 bits; if it holds the direction bit, write `@{shifted:02x}`, and for a 10-bit \
         address `@{0:03x}`", shifted = .0 >> 1
    )]
    AddressOver7(u16),
    /// An address above 3ff.
    #[error("address {0} exceeds 10 bits; the greatest is `@3ff`")]
    AddressOver10(String),
    /// An address of `i2ctransfer` above 0x7f, perhaps with the direction bit in it.
    #[error("address {0:#x} exceeds 7 bits; if it holds the direction bit, write `@{shifted:#x}`", shifted = .0 >> 1)]
    TargetOver7(u16),
    /// Something else where an address of `i2ctransfer` must stand.
    #[error("`{0}` is no address; write `@0x00` to `@0x7f`")]
    NotATarget(String),
    /// A time without a unit, as Bus Pirate writes it.
    #[error("`{found}` has no unit; write `{instead}`")]
    NoUnit {
        /// What stands there.
        found: String,
        /// With the unit that Bus Pirate means.
        instead: String,
    },
    /// Not a time.
    #[error(transparent)]
    Time(#[from] ParseExprError),
    /// No message at all.
    #[error("there is nothing to do; write messages such as `w2@0x50 0x00 0x10 r16`")]
    NoMessage,
    /// Something else where a message of `i2ctransfer` must begin.
    #[error("`{0}` is no message; write `w` or `r`, a number of bytes, and an address: `w2@0x50`, `r16`")]
    NotAMessage(String),
    /// The first message of `i2ctransfer` says not for whom it is.
    #[error("`{message}` is for nobody; write `{message}@0x50`", message = .0)]
    NoTarget(String),
    /// A message of `i2ctransfer` has fewer bytes than it says.
    #[error(
        "`{message}` sends {want} bytes, and {have} follow; write the rest, or end the last one in `=`, `+` or `-`"
    )]
    TooFewBytes {
        /// The message.
        message: String,
        /// Its length.
        want: u64,
        /// What there is.
        have: u64,
    },
    /// Something else where a byte of `i2ctransfer` must stand.
    #[error("`{0}` is no byte; write 0 to 255 or 0x00 to 0xff")]
    NotAByte(String),
    /// Lanes other than 1, 2 and 4.
    #[error("`x{0}(` is not modelled; use x1, x2 or x4, with a `d` behind the digit for double rate")]
    LaneCount(String),
}
