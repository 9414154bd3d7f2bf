//! The compact string: a bus script on one line, a superset of Bus Pirate syntax with expectations.
//!
//! ```text
//! [0x9f r:3=ef4018]                        SPI: select, send 9f, read three words and expect them, deselect
//! [0xeb x4(0x001000 ^:6 r:4=deadbeef)]     SPI: the opcode on one lane, the rest on four
//! [@50w+ 0x01+ 0x00+ [@50r+ r:5='hello']   I2C: address 50 for writing, + = ACK expected; inner [ = repeated START
//! 'AT\r' r:4='OK\r\n'                      UART: send three frames, wait for four and expect them
//! 0x48 'ello' r:5='Hello'                  handshakes and crossings: words to send, and what must arrive
//! ```
//!
//! The grammar, in the notation of the language reference of Rust (`vectors/README.md` explains it by example):
//!
//! ```text
//! script  : ">"? item*                          items stand apart by blanks or commas; brackets need none
//! item    : "[" | "{" | "]" | "}" | address | number suffix | text ack? | "r" suffix | "d:" time
//!         | "^" ( ":" DECIMAL )? | "x" ( "1" | "2" | "4" ) "d"? "(" item* ")"
//! address : "@" "0x"? HEX{1,3} ( "w" | "r" ) ack?       up to two digits: 7 bits; three digits: 10 bits
//! number  : "0x" HEX+ | "0b" BIN+ | DECIMAL             `_` may separate digits
//! text    : "'" char+ "'" | "\"" char+ "\""             escapes: \n \r \t \0 \\ \' \" \xHH
//! suffix  : ( ";" DECIMAL | ":" DECIMAL )* ( "=" pattern )? ack?       ;bits of a word, :repeat
//! pattern : "0b" ( BIN | "x" )+ | "0x"? ( HEX | "x" )+ | text
//! ack     : "+" | "-"
//! time    : a number with a unit, 12.5ns, or a parameter of the part, tSHSL1 or tSHSL1-1fs
//! ```
//!
//! Parsing has two layers. [`Script::parse`] knows no bus: it yields a [`Script`], whose nodes remember where they
//! stand. [`spi::lower`], [`i2c::lower`], [`uart::lower`] and [`link::lower`] turn a script into the operations of one bus, and refuse what
//! that bus cannot say. [`i2ctransfer`] reads the syntax of the program of that name into the same scripts.
//!
//! Nothing in here panics, whatever the text; a script that would expand to more than [`MAX_WORDS`] words is refused.

pub mod ddr;
mod display;
mod error;
pub mod i2c;
mod i2ctransfer;
pub mod link;
mod parse;
pub mod spi;
#[cfg(test)]
mod tests;
pub mod uart;
mod words;

use std::ops::Range;

use busproof_core::Bits;
use busproof_core::bus::spi::Lanes;

use crate::time_expr::TimeExpr;

pub use error::{Problem, SyntaxError};
pub use i2ctransfer::i2ctransfer;
pub use words::WordProblem;

/// The greatest number of words, text bytes and clock ticks that one script may expand to.
pub const MAX_WORDS: u64 = 1 << 20;

/// The greatest width of a number or a word, in bits.
pub const MAX_BITS: u32 = 4096;

/// A parsed compact string.
///
/// `Display` prints its canonical form, which parses to an equal script.
///
/// ```
/// use busproof_vectors::compact::Script;
/// let script = Script::parse("{0x9F,r:3=0xEF4018}").unwrap();
/// assert_eq!(script.to_string(), "[0x9f r:3=ef4018]");
///
/// let error = Script::parse("[0x9f r:3").unwrap_err();
/// assert_eq!(error.to_string(), "column 1: unclosed `[`; add `]`");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What to do, in order.
    pub nodes: Vec<Node>,
}

/// An item and where it stands. Two nodes are equal if they say the same, wherever they stand.
#[derive(Clone, Debug)]
pub struct Node {
    /// The bytes of the text it was written with.
    pub span: Range<usize>,
    /// What it says.
    pub item: Item,
}

impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        self.item == other.item
    }
}

impl Eq for Node {}

/// One thing to do on a bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `[`: select, or START.
    Start,
    /// `[` inside of `[`: repeated START.
    RepeatedStart,
    /// `]`: deselect, or STOP.
    Stop,
    /// `@50w`: an I2C address.
    Address(Address),
    /// `0x9f`: a number to send.
    Write(Write),
    /// `'text'`: bytes to send.
    Text(Text),
    /// `r:3`: words to read.
    Read(Read),
    /// `d:10us`: a pause.
    Delay(TimeExpr),
    /// `^:8`: clock ticks that carry nothing.
    Ticks(u32),
    /// `x4( )`: items on several lanes.
    Lanes(Group),
}

/// An I2C address with its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address, without the direction bit.
    pub value: u16,
    /// Its length.
    pub width: AddressWidth,
    /// Whether the controller writes or reads.
    pub direction: Direction,
    /// Which acknowledge is expected.
    pub ack: Option<Ack>,
}

/// The length of an I2C address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressWidth {
    /// 7 bits, written with up to two digits.
    Seven,
    /// 10 bits, written with three digits.
    Ten,
}

/// The direction of a transfer, as the controller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `w`: the controller sends.
    Write,
    /// `r`: the controller receives.
    Read,
}

/// The acknowledge mark of an I2C byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ack {
    /// `+`.
    Ack,
    /// `-`.
    Nack,
}

/// A number to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The number.
    pub value: Number,
    /// `;bits`: one word of this width. Without it the bus's word applies, and a literal of several words is sent most
    /// significant word first.
    pub bits: Option<u32>,
    /// `:n`: how often; at least 1.
    pub repeat: u32,
    /// `=want`: what must come back at the same time.
    pub expect: Option<Pattern>,
    /// Which acknowledge is expected.
    pub ack: Option<Ack>,
}

/// A number as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Number {
    /// `0x9f`: four bits for each digit.
    Hex(Bits),
    /// `0b101`: one bit for each digit.
    Binary(Bits),
    /// `159`: no width of its own.
    Decimal(u64),
}

/// Bytes to send, one word each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The bytes; never empty.
    pub bytes: Vec<u8>,
    /// Which acknowledge is expected of each byte.
    pub ack: Option<Ack>,
}

/// Words to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// `:n`: how many words. Without it: as many as the expectation has, or 1.
    pub count: Option<u32>,
    /// `;bits`: the width of each word. Without it the bus's word applies.
    pub bits: Option<u32>,
    /// `=want`: what they must be.
    pub expect: Option<Pattern>,
    /// What the controller answers to the last word.
    pub ack: Option<Ack>,
}

/// What is expected: bits, some of which do not matter. A bit that does not matter is unknown in the [`Bits`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// `ef4018`, `xf`: an `x` stands for four bits that do not matter.
    Hex(Bits),
    /// `0b10xx`: an `x` stands for one bit that does not matter.
    Binary(Bits),
    /// `'hello'`.
    Text(Vec<u8>),
}

/// Items on several lanes, or at double rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The lanes.
    pub lanes: Lanes,
    /// The items; never empty, and neither [`Item::Start`], [`Item::Stop`] nor [`Item::Lanes`].
    pub nodes: Vec<Node>,
}

impl Script {
    /// Parses a compact string.
    pub fn parse(text: &str) -> Result<Script, SyntaxError> {
        parse::script(text)
    }
}

/// An operation of a bus's controller, and the bytes of the script that ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op<K> {
    /// Where it stands.
    pub span: Range<usize>,
    /// What to do.
    pub kind: K,
}

/// A script that a bus cannot say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}")]
pub struct LowerError<R> {
    /// The bytes of the script.
    pub span: Range<usize>,
    /// Why.
    pub refusal: R,
}

impl std::str::FromStr for Script {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Script, SyntaxError> {
        Script::parse(text)
    }
}
