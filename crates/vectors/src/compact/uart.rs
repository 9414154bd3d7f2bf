//! [`Script`] to UART: which frames an end sends, and which it must receive.
//!
//! ```text
//! 'AT\r' r:4='OK\r\n' d:1ms 0x1ff ^:20
//! ```
//!
//! * A number or a text is sent, a frame for each of its words; a word has the data bits of a frame, written with
//!   `ceil(bits / 4)` hexadecimal digits, so `0x0d0a` is two frames of 8 bits. Frames of 7 bits carry text, too.
//! * `r:n` waits for so many frames of those that this end received and has not read yet.
//! * `^:n` keeps the line idle for so many bits.

use busproof_core::Bits;

use super::words::{Unfit, WordProblem, expected, number_words};
use super::{Item, Node, Pattern, Read, Script, Text, Write};
use crate::time_expr::TimeExpr;

/// An operation of one end of a UART.
pub type Op = super::Op<OpKind>;

/// A script that a UART cannot say.
pub type LowerError = super::LowerError<Refusal>;

/// What one end of a UART is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpKind {
    /// Send a frame.
    Send(u16),
    /// Read a frame that was received, or wait for it.
    Read {
        /// What it must be; unknown bits do not matter.
        expect: Option<Bits>,
    },
    /// Let time pass.
    Wait(TimeExpr),
    /// Let so many bit times pass.
    Idle(u32),
    /// Hold the line low for so many bits, then high for one.
    Break(u16),
    /// A LIN header with this identifier.
    LinHeader(u8),
}

impl OpKind {
    /// True if something is compared with what is expected.
    pub fn expects(&self) -> bool {
        matches!(self, OpKind::Read { expect: Some(_) })
    }
}

/// Why a UART cannot say it, with a way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `[` or `]`.
    #[error("a UART has no transfers that start and stop; remove `[` and `]`")]
    Bracket,
    /// An I2C address.
    #[error("`{0}` is an I2C address, and a UART has none; remove it")]
    Address(String),
    /// `+` or `-`.
    #[error("a UART has no acknowledge; remove it from `{0}`")]
    Ack(String),
    /// Lanes.
    #[error("a UART has one line in each direction; remove `{0}`")]
    Lanes(String),
    /// Another width than the data bits.
    #[error("`;{0}`: frames have {1} data bits; remove it, or change `data_bits` of the bus")]
    Width(u32, u32),
    /// An expectation behind a number.
    #[error("what comes back is no part of what is sent; read it with `r=want`")]
    Expectation,
    /// A character beyond the data bits.
    #[error(
        "a text has a byte of {0:#04x}, which does not fit into {1} data bits; write numbers, or raise `data_bits`"
    )]
    Character(u8, u32),
    /// A number beyond the data bits.
    #[error(
        "the number does not fit into {0} data bits; write a smaller one, or raise `data_bits` of the bus"
    )]
    TooGreat(u32),
    /// Digits that are no whole number of frames.
    #[error("{have} digits are no whole number of frames of {each} digits; write more, or several numbers")]
    Ragged {
        /// The digits.
        have: usize,
        /// Those of a frame.
        each: usize,
    },
    /// Something other than frames in a reply.
    #[error("a reply consists of numbers and texts, such as `'OK'`; remove `{0}`")]
    NotFrames(String),
    /// A number or an expectation that is not as long as frames are.
    #[error(transparent)]
    Words(#[from] WordProblem),
}

/// What `script` means where frames have so many data bits.
pub fn lower(script: &Script, data_bits: u32) -> Result<Vec<Op>, LowerError> {
    let mut ops = Vec::new();
    for node in &script.nodes {
        let kinds = lower_item(&node.item, data_bits).map_err(|refusal| at(node, refusal))?;
        ops.extend(kinds.into_iter().map(|kind| Op { span: node.span.clone(), kind }));
    }
    Ok(ops)
}

/// The frames of a script that has nothing else: what a device replies.
pub fn frames(script: &Script, data_bits: u32) -> Result<Vec<u16>, LowerError> {
    let mut all = Vec::new();
    for node in &script.nodes {
        for kind in lower_item(&node.item, data_bits).map_err(|refusal| at(node, refusal))? {
            match kind {
                OpKind::Send(data) => all.push(data),
                _ => return Err(at(node, Refusal::NotFrames(node.item.to_string()))),
            }
        }
    }
    Ok(all)
}

fn at(node: &Node, refusal: Refusal) -> LowerError {
    LowerError { span: node.span.clone(), refusal }
}

fn lower_item(item: &Item, data_bits: u32) -> Result<Vec<OpKind>, Refusal> {
    match item {
        Item::Start | Item::RepeatedStart | Item::Stop => Err(Refusal::Bracket),
        Item::Address(_) => Err(Refusal::Address(item.to_string())),
        Item::Lanes(group) => Err(Refusal::Lanes(format!("x{}( )", group.lanes.count))),
        Item::Write(Write { ack: Some(_), .. })
        | Item::Text(Text { ack: Some(_), .. })
        | Item::Read(Read { ack: Some(_), .. }) => Err(Refusal::Ack(item.to_string())),
        Item::Write(write) => lower_write(write, data_bits),
        Item::Text(text) => Ok(characters(&text.bytes, data_bits)?.map(OpKind::Send).collect()),
        Item::Read(read) => lower_read(read, data_bits),
        Item::Delay(time) => Ok(vec![OpKind::Wait(time.clone())]),
        Item::Ticks(bits) => Ok(vec![OpKind::Idle(*bits)]),
    }
}

fn lower_write(write: &Write, data_bits: u32) -> Result<Vec<OpKind>, Refusal> {
    own_width(write.bits, data_bits)?;
    if write.expect.is_some() {
        return Err(Refusal::Expectation);
    }
    let words = number_words(&write.value, data_bits).map_err(|problem| unfit(problem, data_bits))?;
    let count = words.len() * write.repeat as usize;
    Ok(words.iter().cycle().take(count).map(|word| OpKind::Send(frame(word))).collect())
}

/// A number that is no words, in the words of this bus.
fn unfit(unfit: Unfit, data_bits: u32) -> Refusal {
    match unfit {
        Unfit::TooGreat => Refusal::TooGreat(data_bits),
        Unfit::Ragged { have, each } => Refusal::Ragged { have, each },
    }
}

fn lower_read(read: &Read, data_bits: u32) -> Result<Vec<OpKind>, Refusal> {
    own_width(read.bits, data_bits)?;
    let words = match &read.expect {
        // Words of 7 bits are characters, too.
        Some(Pattern::Text(bytes)) if data_bits != 8 => {
            let digits: Vec<Bits> =
                characters(bytes, data_bits)?.map(|data| Bits::new(u64::from(data), data_bits)).collect();
            let count = read.count.map_or(digits.len(), |n| n as usize);
            if digits.len() != 1 && digits.len() != count {
                let (have, words) = (digits.len(), count as u32);
                return Err(WordProblem::PatternLength { have, words, word: data_bits, want: count }.into());
            }
            digits.into_iter().cycle().take(count).map(Some).collect()
        }
        pattern => expected(pattern.as_ref(), data_bits, read.count)?,
    };
    Ok(words.into_iter().map(|expect| OpKind::Read { expect }).collect())
}

fn own_width(written: Option<u32>, data_bits: u32) -> Result<(), Refusal> {
    match written {
        Some(bits) if bits != data_bits => Err(Refusal::Width(bits, data_bits)),
        _ => Ok(()),
    }
}

fn characters(bytes: &[u8], data_bits: u32) -> Result<impl Iterator<Item = u16>, Refusal> {
    match bytes.iter().find(|&&byte| u32::from(byte) >> data_bits != 0) {
        Some(byte) => Err(Refusal::Character(*byte, data_bits)),
        None => Ok(bytes.iter().map(|&byte| u16::from(byte))),
    }
}

/// A word of at most 9 bits, all known.
fn frame(word: &Bits) -> u16 {
    word.to_u64().unwrap_or_default() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str, data_bits: u32) -> Result<Vec<u16>, String> {
        let script = Script::parse(text).unwrap();
        frames(&script, data_bits).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_and_texts_are_frames() {
        assert_eq!(sent("'AT\\r' 0x0d0a 65 0b11 0x20:3", 8).unwrap(), b"AT\r\r\nA\x03   ".map(u16::from));
        assert_eq!(sent("0x1ff 0x0550aa 511", 9).unwrap(), [0x1ff, 0x055, 0x0aa, 0x1ff]);
        assert_eq!(sent("'~' 0x7f 0x41", 7).unwrap(), [0x7e, 0x7f, 0x41]);
        assert_eq!(sent("0x1f", 5).unwrap(), [0x1f]);
    }

    #[test]
    fn what_a_uart_cannot_say_is_refused() {
        for (text, bits, problem) in [
            ("[0x01]", 8, "no transfers that start and stop"),
            ("0x01+", 8, "no acknowledge"),
            ("'a'-", 8, "no acknowledge"),
            ("x4(0x01)", 8, "one line in each direction"),
            ("@50w", 8, "has none"),
            ("0x01=02", 8, "read it with"),
            ("0x01;9", 8, "frames have 8 data bits"),
            ("0x123", 8, "3 digits are no whole number of frames of 2 digits"),
            ("0xff", 7, "does not fit into 7 data bits"),
            ("256", 8, "does not fit into 8 data bits"),
            ("'\\xff'", 7, "does not fit into 7 data bits"),
            ("r:2", 8, "a reply consists of"),
        ] {
            let error = sent(text, bits).unwrap_err();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }

    #[test]
    fn reads_have_the_width_of_frames() {
        let reads = |text: &str, bits| {
            let ops = lower(&Script::parse(text).unwrap(), bits).unwrap();
            ops.into_iter()
                .map(|op| match op.kind {
                    OpKind::Read { expect } => expect.map(|bits| bits.to_string()),
                    kind => panic!("{kind:?}"),
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(reads("r:2=4f4b", 8), [Some("4f".into()), Some("4b".into())]);
        assert_eq!(reads("r='OK'", 7), [Some("4f".into()), Some("4b".into())]);
        assert_eq!(reads("r:3=1xx", 9), [const { None::<String> }; 3].map(|_| Some("1xx".into())));
        assert_eq!(reads("r:2", 8), [None, None]);
    }
}
