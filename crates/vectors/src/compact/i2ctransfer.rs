//! The syntax of `i2ctransfer`, the program of i2c-tools, as the same scripts.
//!
//! ```text
//! w2@0x50 0x00 0x10 r16      means      [@50w+ 0x00+ 0x10+ [@50r+ r:16]
//! ```
//!
//! Its manual page, i2ctransfer(8), is the grammar: messages `{r|w}LENGTH[@ADDRESS]`, behind each `w` as many bytes as
//! its length. The last byte may end in `=` (stays), `+` (counts up) or `-` (counts down) to stand for all that are left.
//! A message without address has that of the message before. One START begins all of them and one STOP ends them.

use std::ops::Range;

use busproof_core::Bits;

use super::error::{Problem, SyntaxError};
use super::{Ack, Address, AddressWidth, Direction, Item, MAX_WORDS, Node, Number, Read, Script, Write};

/// The greatest length of a message, in bytes: the kernel's field has 16 bits.
const MAX_LENGTH: u64 = 65_535;

/// Parses what `i2ctransfer` takes behind the number of the bus. Every byte that is sent must be acknowledged, as for the
/// Linux kernel, which gives up otherwise.
///
/// ```
/// let script = busproof_vectors::compact::i2ctransfer("w2@0x50 0x00 0x10 r16")?;
/// assert_eq!(script.to_string(), "[@50w+ 0x00+ 0x10+ [@50r+ r:16]");
/// # Ok::<(), busproof_vectors::compact::SyntaxError>(())
/// ```
pub fn i2ctransfer(text: &str) -> Result<Script, SyntaxError> {
    let fail = |(span, problem): (Range<usize>, Problem)| SyntaxError::new(text, span, problem);
    let mut words = words(text);
    let mut reading = Reading { nodes: Vec::new(), address: None, total: 0 };
    while let Some(word) = words.next() {
        reading.message(&word, &mut words).map_err(fail)?;
    }
    if reading.nodes.is_empty() {
        return Err(fail((0..text.len(), Problem::NoMessage)));
    }
    reading.nodes.push(Node { span: text.len()..text.len(), item: Item::Stop });
    Ok(Script { nodes: reading.nodes })
}

/// A word of the text and where it stands.
#[derive(Clone)]
struct Word<'a> {
    text: &'a str,
    span: Range<usize>,
}

fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    text.split_whitespace().map(move |word| {
        let start = word.as_ptr().addr() - text.as_ptr().addr();
        Word { text: word, span: start..start + word.len() }
    })
}

type Located<T> = Result<T, (Range<usize>, Problem)>;

struct Reading {
    nodes: Vec<Node>,
    /// The address of the message before.
    address: Option<u16>,
    /// How many bytes there are so far.
    total: u64,
}

impl Reading {
    fn message<'a>(&mut self, word: &Word<'a>, rest: &mut impl Iterator<Item = Word<'a>>) -> Located<()> {
        let head = Head::read(word)?;
        let address = head.address.or(self.address);
        let address = address.ok_or_else(|| (word.span.clone(), Problem::NoTarget(word.text.into())))?;
        self.address = Some(address);
        self.total += head.length;
        if self.total > MAX_WORDS {
            return Err((word.span.clone(), Problem::TooLong));
        }
        let start = if self.nodes.is_empty() { Item::Start } else { Item::RepeatedStart };
        let call = Address {
            value: address,
            width: AddressWidth::Seven,
            direction: head.direction,
            ack: Some(Ack::Ack),
        };
        self.push(word, start);
        self.push(word, Item::Address(call));
        match head.direction {
            Direction::Write => self.data(word, head.length, rest),
            Direction::Read if head.length == 0 => Ok(()),
            Direction::Read => {
                let count = (head.length > 1).then_some(head.length as u32);
                self.push(word, Item::Read(Read { count, ..Read::default() }));
                Ok(())
            }
        }
    }

    /// The bytes of a message.
    fn data<'a>(
        &mut self,
        head: &Word<'a>,
        length: u64,
        rest: &mut impl Iterator<Item = Word<'a>>,
    ) -> Located<()> {
        let mut left = length;
        while left > 0 {
            let Some(word) = rest.next() else {
                let problem =
                    Problem::TooFewBytes { message: head.text.into(), want: length, have: length - left };
                return Err((head.span.clone(), problem));
            };
            let (byte, step) = data_byte(&word)?;
            let Some(step) = step else {
                self.push(&word, write(byte));
                left -= 1;
                continue;
            };
            for i in 0..left {
                self.push(&word, write(byte.wrapping_add(step.wrapping_mul(i as u8))));
            }
            left = 0;
        }
        Ok(())
    }

    fn push(&mut self, word: &Word<'_>, item: Item) {
        self.nodes.push(Node { span: word.span.clone(), item });
    }
}

fn write(byte: u8) -> Item {
    let value = Number::Hex(Bits::new(u64::from(byte), 8));
    Item::Write(Write { value, bits: None, repeat: 1, expect: None, ack: Some(Ack::Ack) })
}

/// The description of a message.
struct Head {
    direction: Direction,
    length: u64,
    address: Option<u16>,
}

impl Head {
    fn read(word: &Word<'_>) -> Located<Head> {
        let wrong = |problem| (word.span.clone(), problem);
        let (direction, rest) = match (word.text.strip_prefix('w'), word.text.strip_prefix('r')) {
            (Some(rest), _) => (Direction::Write, rest),
            (None, Some(rest)) => (Direction::Read, rest),
            (None, None) => return Err(wrong(Problem::NotAMessage(word.text.into()))),
        };
        let (length, address) = match rest.split_once('@') {
            Some((length, address)) => (length, Some(address)),
            None => (rest, None),
        };
        let length = number(length).ok_or_else(|| wrong(Problem::NotAMessage(word.text.into())))?;
        if length > MAX_LENGTH {
            return Err(wrong(Problem::OutOfRange(length.to_string(), MAX_LENGTH)));
        }
        let address = match address.map(|text| (text, number(text))) {
            None => None,
            Some((_, Some(value @ 0..=0x7f))) => Some(value as u16),
            Some((_, Some(value @ 0x80..=0xff))) => return Err(wrong(Problem::TargetOver7(value as u16))),
            Some((text, _)) => return Err(wrong(Problem::NotATarget(text.into()))),
        };
        Ok(Head { direction, length, address })
    }
}

/// A byte, and by how much those that follow differ if it stands for all that are left.
fn data_byte(word: &Word<'_>) -> Located<(u8, Option<u8>)> {
    let (digits, step) = match word.text.as_bytes().last() {
        Some(b'=') => (&word.text[..word.text.len() - 1], Some(0)),
        Some(b'+') => (&word.text[..word.text.len() - 1], Some(1)),
        Some(b'-') => (&word.text[..word.text.len() - 1], Some(u8::MAX)),
        _ => (word.text, None),
    };
    match number(digits).and_then(|value| u8::try_from(value).ok()) {
        Some(byte) => Ok((byte, step)),
        None => Err((word.span.clone(), Problem::NotAByte(word.text.into()))),
    }
}

/// A number as C writes it: decimal, `0x` hexadecimal, `0` octal.
fn number(text: &str) -> Option<u64> {
    let parse = |digits: &str, radix| {
        digits.chars().all(|c| c.is_digit(radix)).then(|| u64::from_str_radix(digits, radix).ok())?
    };
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => parse(digits, 16),
        None if text.len() > 1 && text.starts_with('0') => parse(&text[1..], 8),
        None => parse(text, 10),
    }
}
