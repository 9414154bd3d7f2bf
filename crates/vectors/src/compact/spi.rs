//! [`Script`] to SPI: which words travel, on which lanes, and what they must be.
//!
//! A word needs a whole number of clocks: its bits are a multiple of the lanes, and of twice as many at double rate.

use busproof_core::Bits;
use busproof_core::bus::spi::{Lanes, Rate, Wires, WordBits};

use super::words::{WordProblem, expected, one_word, text_words, words_of};
use super::{Ack, Item, Node, Read, Script, Text, Write};
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

/// An operation of an SPI controller.
pub type Op = super::Op<OpKind>;

/// A script that SPI cannot say.
pub type LowerError = super::LowerError<Refusal>;

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

impl OpKind {
    /// True if something is compared with what is expected.
    pub fn expects(&self) -> bool {
        matches!(self, OpKind::Write { expect: Some(_), .. } | OpKind::Read { expect: Some(_), .. })
    }
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
    /// A number, a text or an expectation that is not as long as words are.
    #[error(transparent)]
    Words(#[from] WordProblem),
    /// An expectation behind a number, where both directions share the wires.
    #[error("these lanes carry one direction at a time; read with `r=want` behind the number")]
    Shared,
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
    let words = text_words(&text.bytes, width)?;
    whole_clocks(width, defaults.lanes)?;
    Ok(words.map(|word| OpKind::Write { word, lanes: defaults.lanes, expect: None }).collect())
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
