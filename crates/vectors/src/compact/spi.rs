//! [`Script`] to SPI: which words travel, on which lanes, and what they must be.
//!
//! * A number is one word of the bus if its digits have at most so many bits, or a whole number of words, most
//!   significant first: `0x001000` is three words of 8 bits. With `;bits` it is one word of that width.
//! * An expectation has one word, which then holds for each, or as many as are read. A word takes
//!   `ceil(bits / 4)` hexadecimal digits, or `bits` binary ones.
//! * A word needs a whole number of clocks: its bits are a multiple of the lanes, and of twice as many at double rate.

use std::ops::Range;

use bitvec::prelude::{BitVec, Lsb0};
use busproof_core::bus::spi::{Lanes, Rate, Wires, WordBits};
use busproof_core::{BitOrder, Bits};

use super::{Ack, Item, Node, Number, Pattern, Read, Script, Text, Write};
use crate::time_expr::TimeExpr;

/// What the bus takes for granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The width of a word without `;bits`.
    pub word_bits: WordBits,
    /// The lanes outside of `x4( )`.
    pub lanes: Lanes,
    /// The data lines of one lane.
    pub wires: Wires,
}

/// An operation of an SPI controller, and the bytes of the script that ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// Where it stands.
    pub span: Range<usize>,
    /// What to do.
    pub kind: OpKind,
}

/// What an SPI controller is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpKind {
    /// Make chip select active.
    Select,
    /// Make chip select inactive.
    Deselect,
    /// Send a word. With an expectation, what comes back at the same time is compared.
    Write {
        /// The word.
        word: Bits,
        /// How it travels.
        lanes: Lanes,
        /// What comes back; unknown bits do not matter.
        expect: Option<Bits>,
    },
    /// Receive a word.
    Read {
        /// Its width.
        bits: u32,
        /// How it travels.
        lanes: Lanes,
        /// What it must be; unknown bits do not matter.
        expect: Option<Bits>,
    },
    /// Clocks that carry nothing.
    Ticks {
        /// How many.
        clocks: u32,
        /// The lanes that are released meanwhile.
        lanes: Lanes,
    },
    /// Let time pass.
    Wait(TimeExpr),
}

/// A script that SPI cannot say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}")]
pub struct LowerError {
    /// The bytes of the script.
    pub span: Range<usize>,
    /// Why.
    pub refusal: Refusal,
}

/// Why SPI cannot say it, with a way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An I2C address.
    #[error("`{0}` is an I2C address, and SPI has none; remove it")]
    Address(String),
    /// A start inside of a transfer.
    #[error("SPI has no repeated start; close the first `[` with `]`")]
    RepeatedStart,
    /// `+` or `-`.
    #[error("SPI has no acknowledge; remove `{0}`")]
    Ack(char),
    /// Digits that are no whole number of words.
    #[error("{have} bits are no whole number of words of {word} bits; write `;{have}`, or more digits")]
    Ragged {
        /// The bits of the digits.
        have: usize,
        /// The bits of a word.
        word: u32,
    },
    /// A decimal number that exceeds a word.
    #[error("{value} does not fit into a word of {word} bits; write it in hexadecimal for several words")]
    TooGreat {
        /// The number.
        value: u64,
        /// The bits of a word.
        word: u32,
    },
    /// Text on a bus whose words are not bytes.
    #[error("text needs words of 8 bits, and these have {0}; write numbers")]
    TextWidth(u32),
    /// A word that ends within a clock.
    #[error(
        "a word of {bits} bits is no whole number of clocks of {per_clock} bits; choose a multiple with `;bits`"
    )]
    Lanes {
        /// The bits of the word.
        bits: u32,
        /// The bits of a clock.
        per_clock: u32,
    },
    /// An expectation behind a number, where both directions share the wires.
    #[error("these lanes carry one direction at a time; read with `r=want` behind the number")]
    Shared,
    /// An expectation of another length.
    #[error("the expectation has {have} digits, but {words} words of {word} bits have {want}")]
    PatternLength {
        /// The digits written.
        have: usize,
        /// The words to read.
        words: u32,
        /// The bits of a word.
        word: u32,
        /// The digits needed.
        want: usize,
    },
    /// An expectation that no word can meet.
    #[error("the expectation has a bit set above the {0} bits of a word; no word can meet it")]
    PatternValue(u32),
}

/// What `script` means on a bus with these `defaults`.
pub fn lower(script: &Script, defaults: Defaults) -> Result<Vec<Op>, LowerError> {
    let mut ops = Vec::new();
    for node in &script.nodes {
        match &node.item {
            Item::Lanes(group) => {
                let inside = Defaults { lanes: group.lanes, ..defaults };
                group.nodes.iter().try_for_each(|node| lower_node(node, inside, &mut ops))?;
            }
            _ => lower_node(node, defaults, &mut ops)?,
        }
    }
    Ok(ops)
}

fn lower_node(node: &Node, defaults: Defaults, ops: &mut Vec<Op>) -> Result<(), LowerError> {
    let kinds = lower_item(&node.item, defaults)
        .map_err(|refusal| LowerError { span: node.span.clone(), refusal })?;
    ops.extend(kinds.into_iter().map(|kind| Op { span: node.span.clone(), kind }));
    Ok(())
}

fn lower_item(item: &Item, defaults: Defaults) -> Result<Vec<OpKind>, Refusal> {
    Ok(match item {
        Item::Start => vec![OpKind::Select],
        Item::Stop => vec![OpKind::Deselect],
        Item::RepeatedStart => return Err(Refusal::RepeatedStart),
        Item::Address(_) => return Err(Refusal::Address(item.to_string())),
        Item::Write(write) => lower_write(write, defaults)?,
        Item::Text(text) => lower_text(text, defaults)?,
        Item::Read(read) => lower_read(read, defaults)?,
        Item::Delay(time) => vec![OpKind::Wait(time.clone())],
        Item::Ticks(clocks) => vec![OpKind::Ticks { clocks: *clocks, lanes: defaults.lanes }],
        // Lanes do not nest; the parser refuses it.
        Item::Lanes(_) => Vec::new(),
    })
}

fn lower_write(write: &Write, defaults: Defaults) -> Result<Vec<OpKind>, Refusal> {
    no_ack(write.ack)?;
    let width = write.bits.unwrap_or(defaults.word_bits.get());
    let words = match write.bits {
        Some(bits) => vec![one_word(&write.value, bits)],
        None => words_of(&write.value, width)?,
    };
    whole_clocks(width, defaults.lanes)?;
    if write.expect.is_some() && (defaults.lanes.count > 1 || defaults.wires == Wires::Three) {
        return Err(Refusal::Shared);
    }
    let total = words.len() as u32 * write.repeat;
    let expected = expected(write.expect.as_ref(), width, Some(total))?;
    Ok(words
        .iter()
        .cycle()
        .take(total as usize)
        .zip(expected)
        .map(|(word, expect)| OpKind::Write { word: word.clone(), lanes: defaults.lanes, expect })
        .collect())
}

fn lower_text(text: &Text, defaults: Defaults) -> Result<Vec<OpKind>, Refusal> {
    no_ack(text.ack)?;
    let width = defaults.word_bits.get();
    if width != 8 {
        return Err(Refusal::TextWidth(width));
    }
    whole_clocks(width, defaults.lanes)?;
    let word =
        |&byte: &u8| OpKind::Write { word: Bits::new(byte as u64, 8), lanes: defaults.lanes, expect: None };
    Ok(text.bytes.iter().map(word).collect())
}

fn lower_read(read: &Read, defaults: Defaults) -> Result<Vec<OpKind>, Refusal> {
    no_ack(read.ack)?;
    let bits = read.bits.unwrap_or(defaults.word_bits.get());
    whole_clocks(bits, defaults.lanes)?;
    let words = expected(read.expect.as_ref(), bits, read.count)?;
    Ok(words.into_iter().map(|expect| OpKind::Read { bits, lanes: defaults.lanes, expect }).collect())
}

fn no_ack(ack: Option<Ack>) -> Result<(), Refusal> {
    match ack {
        None => Ok(()),
        Some(Ack::Ack) => Err(Refusal::Ack('+')),
        Some(Ack::Nack) => Err(Refusal::Ack('-')),
    }
}

fn whole_clocks(bits: u32, lanes: Lanes) -> Result<(), Refusal> {
    let per_clock = lanes.count as u32 * if lanes.rate == Rate::Double { 2 } else { 1 };
    if bits.is_multiple_of(per_clock) { Ok(()) } else { Err(Refusal::Lanes { bits, per_clock }) }
}

/// The `number` as a word of `bits` bits, into which it fits.
fn one_word(number: &Number, bits: u32) -> Bits {
    match number {
        Number::Hex(digits) | Number::Binary(digits) => field(digits, 0, bits as usize),
        Number::Decimal(n) => field(&Bits::new(*n, 64), 0, bits as usize),
    }
}

/// The `number` as words of `word` bits, most significant first.
fn words_of(number: &Number, word: u32) -> Result<Vec<Bits>, Refusal> {
    let width = word as usize;
    match number {
        Number::Decimal(value) if number.significant_bits() > width => {
            Err(Refusal::TooGreat { value: *value, word })
        }
        Number::Hex(digits) | Number::Binary(digits) if digits.len() > width => {
            if !digits.len().is_multiple_of(width) {
                return Err(Refusal::Ragged { have: digits.len(), word });
            }
            Ok((0..digits.len() / width).rev().map(|i| field(digits, i * width, width)).collect())
        }
        _ => Ok(vec![one_word(number, word)]),
    }
}

/// What each word must be; `words` many, or as many as the pattern has.
fn expected(pattern: Option<&Pattern>, word: u32, words: Option<u32>) -> Result<Vec<Option<Bits>>, Refusal> {
    let Some(pattern) = pattern else { return Ok(vec![None; words.unwrap_or(1) as usize]) };
    let written = pattern.words(word, words)?;
    let count = words.map_or(written.len(), |n| n as usize);
    Ok(written.into_iter().cycle().take(count).map(Some).collect())
}

impl Pattern {
    /// The pattern as words of `word` bits: one, or as many as asked for.
    fn words(&self, word: u32, words: Option<u32>) -> Result<Vec<Bits>, Refusal> {
        let text;
        let (bits, digit, per_word) = match self {
            Pattern::Hex(bits) => (bits, 4, word.div_ceil(4) as usize),
            Pattern::Binary(bits) => (bits, 1, word as usize),
            Pattern::Text(_) if word != 8 => return Err(Refusal::TextWidth(word)),
            Pattern::Text(bytes) => {
                text = Bits::from_bytes(bytes);
                (&text, 8, 1)
            }
        };
        let have = bits.len() / digit;
        let found = have / per_word;
        let wanted = words.unwrap_or(found.max(1) as u32);
        if have % per_word != 0 || (found != 1 && found != wanted as usize) {
            let want = wanted as usize * per_word;
            return Err(Refusal::PatternLength { have, words: wanted, word, want });
        }
        let size = digit * per_word;
        (0..found).rev().map(|i| fit(&field(bits, i * size, size), word)).collect()
    }
}

/// The low `word` bits, if those above are not set.
fn fit(bits: &Bits, word: u32) -> Result<Bits, Refusal> {
    if (word as usize..bits.len()).any(|i| bits.bit(i) == Some(true)) {
        return Err(Refusal::PatternValue(word));
    }
    Ok(field(bits, 0, word as usize))
}

/// Bits `low` to `low + len` of `bits`; those above its end are 0.
fn field(bits: &Bits, low: usize, len: usize) -> Bits {
    let bit = |i: usize| if i < bits.len() { bits.bit(i) } else { Some(false) };
    let value: BitVec<u64, Lsb0> = (low..low + len).map(|i| bit(i) == Some(true)).collect();
    let unknown: BitVec<u64, Lsb0> = (low..low + len).map(|i| bit(i).is_none()).collect();
    Bits::from_wire_with_unknown(&value, &unknown, BitOrder::Lsb)
}
