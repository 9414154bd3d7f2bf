//! [`Script`] to a link for words, a handshake or a crossing: which words are sent, and which must arrive.
//!
//! ```text
//! 0x48 'ello' d:100ns 0x21 r:6='Hello!'
//! ```
//!
//! * A number is a word, or several, most significant first; a text is words of 8 bits. The source sends them in order.
//! * `r:n=want` says of the words that arrive, in order, what they must be, whenever they do.
//! * `d:10ns` is a pause between what is over and what follows. `^:n` are cycles of the source's clock without a pulse.

use busproof_core::Bits;

use super::words::{Unfit, WordProblem, expected, number_words, text_words};
use super::{Item, Node, Read, Script, Text, Write};
use crate::time_expr::TimeExpr;

/// An operation on a link.
pub type Op = super::Op<OpKind>;

/// A script that a link cannot say.
pub type LowerError = super::LowerError<Refusal>;

/// What is to be done, or to come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpKind {
    /// The source sends a word.
    Send(u64),
    /// A word arrives at the destination.
    Read {
        /// What it must be; unknown bits do not matter.
        expect: Option<Bits>,
    },
    /// Let time pass.
    Wait(TimeExpr),
}

impl OpKind {
    /// True if something is compared: a word that is read with what is expected, or one that arrives with what was sent.
    pub fn expects(&self) -> bool {
        matches!(self, OpKind::Send(_) | OpKind::Read { expect: Some(_) })
    }
}

/// What a source takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Words of so many bits.
    Words(u32),
    /// A bit for each cycle of its clock: 1 is a pulse.
    Pulses,
    /// A level from now on.
    Levels,
}

impl Takes {
    /// The bits of a word.
    pub const fn width(self) -> u32 {
        match self {
            Takes::Words(width) => width,
            Takes::Pulses | Takes::Levels => 1,
        }
    }
}

/// Why a link cannot say it, with a way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `[` or `]`.
    #[error("there are no transfers that start and stop here; remove `[` and `]`")]
    Bracket,
    /// An I2C address.
    #[error("`{0}` is an I2C address, and there are none here; remove it")]
    Address(String),
    /// `+` or `-`.
    #[error("words are acknowledged by wires; remove the sign from `{0}`")]
    Ack(String),
    /// Lanes.
    #[error("all bits of a word travel at once; remove `{0}`")]
    Lanes(String),
    /// Cycles of no clock.
    #[error(
        "`^` stands for cycles without a pulse, and nothing pulses here; write a pause such as `d:100ns`"
    )]
    Ticks,
    /// Another width than that of words.
    #[error("`;{0}`: words have {1} bits; remove it, or change `width` of the bus")]
    Width(u32, u32),
    /// An expectation behind a number.
    #[error("what arrives stands behind `r`; write `r=want`")]
    Expectation,
    /// A number beyond the width of words.
    #[error(
        "the number does not fit into a word of {0} bits; write a smaller one, or raise `width` of the bus"
    )]
    TooGreat(u32),
    /// Digits that are no whole number of words.
    #[error("{have} digits are no whole number of words of {each} digits; write more, or several numbers")]
    Ragged {
        /// The digits.
        have: usize,
        /// Those of a word.
        each: usize,
    },
    /// Two levels in one instant.
    #[error("a level lasts until the next one; write a pause such as `d:50ns` between them")]
    NoTime,
    /// A number or an expectation that is not as long as words are.
    #[error(transparent)]
    Words(#[from] WordProblem),
}

/// What `script` means for a source that takes such words.
pub fn lower(script: &Script, takes: Takes) -> Result<Vec<Op>, LowerError> {
    let mut ops: Vec<Op> = Vec::new();
    for node in &script.nodes {
        let at = |refusal| LowerError { span: node.span.clone(), refusal };
        for kind in lower_item(node, takes).map_err(at)? {
            let follows = ops.last().is_some_and(|op| matches!(op.kind, OpKind::Send(_)));
            if takes == Takes::Levels && follows && matches!(kind, OpKind::Send(_)) {
                return Err(at(Refusal::NoTime));
            }
            ops.push(Op { span: node.span.clone(), kind });
        }
    }
    Ok(ops)
}

fn lower_item(node: &Node, takes: Takes) -> Result<Vec<OpKind>, Refusal> {
    let (item, width) = (&node.item, takes.width());
    match item {
        Item::Start | Item::RepeatedStart | Item::Stop => Err(Refusal::Bracket),
        Item::Address(_) => Err(Refusal::Address(item.to_string())),
        Item::Lanes(group) => Err(Refusal::Lanes(format!("x{}( )", group.lanes.count))),
        Item::Write(Write { ack: Some(_), .. })
        | Item::Text(Text { ack: Some(_), .. })
        | Item::Read(Read { ack: Some(_), .. }) => Err(Refusal::Ack(item.to_string())),
        Item::Write(write) => lower_write(write, width),
        Item::Text(text) => {
            Ok(text_words(&text.bytes, width)?.map(|word| OpKind::Send(number(&word))).collect())
        }
        Item::Read(read) => {
            own_width(read.bits, width)?;
            let words = expected(read.expect.as_ref(), width, read.count)?;
            Ok(words.into_iter().map(|expect| OpKind::Read { expect }).collect())
        }
        Item::Delay(time) => Ok(vec![OpKind::Wait(time.clone())]),
        Item::Ticks(count) if takes == Takes::Pulses => Ok(vec![OpKind::Send(0); *count as usize]),
        Item::Ticks(_) => Err(Refusal::Ticks),
    }
}

fn lower_write(write: &Write, width: u32) -> Result<Vec<OpKind>, Refusal> {
    own_width(write.bits, width)?;
    if write.expect.is_some() {
        return Err(Refusal::Expectation);
    }
    let words = number_words(&write.value, width).map_err(|problem| unfit(problem, width))?;
    let count = words.len() * write.repeat as usize;
    Ok(words.iter().cycle().take(count).map(|word| OpKind::Send(number(word))).collect())
}

/// A number that is no words, in the words of this bus.
fn unfit(unfit: Unfit, width: u32) -> Refusal {
    match unfit {
        Unfit::TooGreat => Refusal::TooGreat(width),
        Unfit::Ragged { have, each } => Refusal::Ragged { have, each },
    }
}

fn own_width(written: Option<u32>, width: u32) -> Result<(), Refusal> {
    match written {
        Some(bits) if bits != width => Err(Refusal::Width(bits, width)),
        _ => Ok(()),
    }
}

/// A word of at most 64 bits, all known.
fn number(word: &Bits) -> u64 {
    word.to_u64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, takes: Takes) -> Result<String, String> {
        let ops = lower(&Script::parse(text).unwrap(), takes).map_err(|error| error.to_string())?;
        let one = |op: &Op| match &op.kind {
            OpKind::Send(word) => format!("{word:x}"),
            OpKind::Read { expect } => format!("={}", expect.as_ref().map_or("any".into(), Bits::to_string)),
            OpKind::Wait(time) => format!("d:{time}"),
        };
        Ok(ops.iter().map(one).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn numbers_and_texts_are_words_and_reads_are_what_must_arrive() {
        assert_eq!(
            said("0x48 'el' 108 0b11 0x0a0b:2 r:2=4865 r", Takes::Words(8)).unwrap(),
            "48 65 6c 6c 3 a b a b =48 =65 =any"
        );
        assert_eq!(said("0x1ff 0x000155 511", Takes::Words(9)).unwrap(), "1ff 0 155 1ff");
        assert_eq!(said("0xffffffffffffffff", Takes::Words(64)).unwrap(), "ffffffffffffffff");
        assert_eq!(said("1 ^:2 1", Takes::Pulses).unwrap(), "1 0 0 1");
        assert_eq!(said("1 d:50ns 0 r=1", Takes::Levels).unwrap(), "1 d:50 ns 0 =1");
    }

    #[test]
    fn what_a_link_cannot_say_is_refused() {
        for (text, takes, problem) in [
            ("[0x01]", Takes::Words(8), "no transfers that start and stop"),
            ("0x01+", Takes::Words(8), "remove the sign"),
            ("x4(0x01)", Takes::Words(8), "travel at once"),
            ("@50w", Takes::Words(8), "there are none here"),
            ("0x01=02", Takes::Words(8), "write `r=want`"),
            ("0x01;9", Takes::Words(8), "words have 8 bits"),
            ("0x123", Takes::Words(8), "3 digits are no whole number of words of 2 digits"),
            ("0x3ff", Takes::Words(9), "does not fit into a word of 9 bits"),
            ("256", Takes::Words(8), "does not fit into a word of 8 bits"),
            ("'a'", Takes::Words(9), "text needs words of 8 bits"),
            ("^:2", Takes::Words(8), "nothing pulses here"),
            ("1 0", Takes::Levels, "write a pause"),
            ("2", Takes::Pulses, "does not fit into a word of 1 bits"),
        ] {
            let error = said(text, takes).unwrap_err();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
