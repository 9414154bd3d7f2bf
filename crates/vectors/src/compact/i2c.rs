//! [`Script`] to I2C: which bytes travel, who sends them, and how they must be acknowledged.
//!
//! ```text
//! [@50w+ 0x01+ 0x00+ [@50r+ r:5='hello']
//! ```
//!
//! * `[` is a START, or inside of brackets a repeated one; an address follows it. `]` is a STOP.
//! * `+` and `-` behind an address or a byte say that it must be acknowledged, or must not be. Without them it does not
//!   matter.
//! * The controller acknowledges each byte that it reads, except for the last one before a START or a STOP; a `+` or `-`
//!   behind a read says what it answers to the last of these bytes instead.
//! * Two kinds of bytes stand in place of an address: `0x01`, the START byte, and `0x08` to `0x0f`, the master codes
//!   behind which High-speed mode begins (UM10204 table 3). Nobody acknowledges them, and only `[` or `]` follow.

use busproof_core::Bits;
use busproof_core::bus::i2c::{self, Call};

use super::words::{WordProblem, expected, text_words, words_of};
use super::{Ack, Address, AddressWidth, Direction, Item, Node, Read, Script, Text, Write};
use crate::time_expr::TimeExpr;

/// An operation of an I2C controller.
pub type Op = super::Op<OpKind>;

/// A script that I2C cannot say.
pub type LowerError = super::LowerError<Refusal>;

/// What an I2C controller is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpKind {
    /// START, or a repeated one.
    Start,
    /// STOP.
    Stop,
    /// An address.
    Call {
        /// Whom, and who sends what follows.
        call: Call,
        /// How it must be acknowledged, if that matters.
        ack: Option<i2c::Ack>,
    },
    /// The START byte.
    StartByte {
        /// How it must be acknowledged, if that matters.
        ack: Option<i2c::Ack>,
    },
    /// A master code.
    MasterCode {
        /// Its lowest three bits.
        code: u8,
        /// How it must be acknowledged, if that matters.
        ack: Option<i2c::Ack>,
    },
    /// Send a byte.
    Write {
        /// The byte.
        byte: u8,
        /// How it must be acknowledged, if that matters.
        ack: Option<i2c::Ack>,
    },
    /// Receive a byte.
    Read {
        /// What the controller answers.
        answer: i2c::Ack,
        /// What it must be; unknown bits do not matter.
        expect: Option<Bits>,
    },
    /// Clocks that carry nothing.
    Clocks(u32),
    /// Clocks until SDA is free, then a STOP.
    BusClear,
    /// Let time pass.
    Wait(TimeExpr),
}

impl OpKind {
    /// True if something is compared with what is expected.
    pub fn expects(&self) -> bool {
        match self {
            OpKind::Call { ack, .. }
            | OpKind::StartByte { ack }
            | OpKind::MasterCode { ack, .. }
            | OpKind::Write { ack, .. } => ack.is_some(),
            OpKind::Read { expect, .. } => expect.is_some(),
            OpKind::BusClear => true,
            OpKind::Start | OpKind::Stop | OpKind::Clocks(_) | OpKind::Wait(_) => false,
        }
    }
}

/// Why I2C cannot say it, with a way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A byte where an address must stand.
    #[error("`{found}` stands where an address must stand; write `{instead}`")]
    NoAddress {
        /// What stands there.
        found: String,
        /// The address that it may mean.
        instead: String,
    },
    /// An address in the middle of a transfer.
    #[error("an address follows a START; write `[{0}`")]
    NoStart(String),
    /// Something that is said to nobody.
    #[error("nobody is addressed here; put `{0}` between `[@50w` and `]`")]
    Outside(String),
    /// Reading from who is written to.
    #[error("the target listens here; write `[{0}` before reading")]
    ReadWhileWriting(String),
    /// Writing to who is read from.
    #[error("the target talks here; write `[{0}` before sending")]
    WriteWhileReading(String),
    /// Something behind a START byte or a master code.
    #[error("nobody listens behind `{0}`; go on with `[` and an address")]
    BehindCode(String),
    /// An expectation behind a number.
    #[error("SDA carries one direction at a time; read with `r=want` behind `[@50r`")]
    Shared,
    /// Words of another length.
    #[error("I2C has bytes; remove `;{0}`")]
    Width(u32),
    /// Digits that are no whole number of bytes.
    #[error("{0} bits are no whole number of bytes; write more digits")]
    Ragged(usize),
    /// Several lanes.
    #[error("I2C has one data line; remove `{0}`")]
    Lanes(String),
    /// Something other than bytes in a reply.
    #[error("a reply consists of numbers and texts, such as `0x5a 'hello'`; remove `{0}`")]
    NotBytes(String),
    /// A number, a text or an expectation that is not as long as bytes are.
    #[error(transparent)]
    Words(#[from] WordProblem),
}

/// What `script` means on I2C.
pub fn lower(script: &Script) -> Result<Vec<Op>, LowerError> {
    let mut lowering = Lowering { state: State::Outside, last: None, ops: Vec::new() };
    for node in &script.nodes {
        lowering.node(node).map_err(|refusal| LowerError { span: node.span.clone(), refusal })?;
    }
    Ok(lowering.ops)
}

/// The bytes of a script that has nothing else: what a device replies.
pub fn bytes(script: &Script) -> Result<Vec<u8>, LowerError> {
    let mut all = Vec::new();
    for node in &script.nodes {
        let bytes =
            bytes_of(&node.item).map_err(|refusal| LowerError { span: node.span.clone(), refusal })?;
        all.extend(bytes);
    }
    Ok(all)
}

fn bytes_of(item: &Item) -> Result<Vec<u8>, Refusal> {
    match item {
        Item::Write(write @ Write { expect: None, ack: None, .. }) => {
            Ok(number_bytes(write)?.repeat(write.repeat as usize))
        }
        Item::Text(Text { bytes, ack: None }) => Ok(bytes.clone()),
        _ => Err(Refusal::NotBytes(item.to_string())),
    }
}

/// Who talks to whom.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Outside of brackets.
    Outside,
    /// Behind a START.
    Started,
    /// Behind an address.
    Called(Address),
    /// Behind a START byte or a master code.
    Coded(u8),
}

struct Lowering {
    state: State,
    /// The last byte that was read since the START, unless the script says how it is answered.
    last: Option<usize>,
    ops: Vec<Op>,
}

impl Lowering {
    fn node(&mut self, node: &Node) -> Result<(), Refusal> {
        for kind in self.item(&node.item)? {
            self.ops.push(Op { span: node.span.clone(), kind });
        }
        if let Item::Read(Read { ack: None, .. }) = &node.item {
            self.last = Some(self.ops.len() - 1);
        }
        Ok(())
    }

    fn item(&mut self, item: &Item) -> Result<Vec<OpKind>, Refusal> {
        match item {
            Item::Start | Item::RepeatedStart => Ok(self.frame(State::Started, OpKind::Start)),
            Item::Stop => Ok(self.frame(State::Outside, OpKind::Stop)),
            Item::Address(address) => self.address(*address, item),
            Item::Write(write) => self.write(write, item),
            Item::Text(text) => self.text(text, item),
            Item::Read(read) => self.read(read, item),
            Item::Delay(time) => Ok(vec![OpKind::Wait(time.clone())]),
            Item::Ticks(clocks) => Ok(vec![OpKind::Clocks(*clocks)]),
            Item::Lanes(group) => Err(Refusal::Lanes(format!("x{}( )", group.lanes.count))),
        }
    }

    /// A START or a STOP: the byte that was read last is the last one.
    fn frame(&mut self, state: State, kind: OpKind) -> Vec<OpKind> {
        if let Some(OpKind::Read { answer, .. }) = self.last.take().map(|i| &mut self.ops[i].kind) {
            *answer = i2c::Ack::Nack;
        }
        self.state = state;
        vec![kind]
    }

    fn address(&mut self, address: Address, item: &Item) -> Result<Vec<OpKind>, Refusal> {
        match self.state {
            State::Started => {}
            State::Outside | State::Called(_) | State::Coded(_) => {
                return Err(Refusal::NoStart(item.to_string()));
            }
        }
        let read = address.direction == Direction::Read;
        // UM10204 table 3: these mean something else than the address of a target.
        if address.width == AddressWidth::Seven {
            let byte = (address.value << 1) as u8 | u8::from(read);
            if let Some(kind) = self.code(byte, address.ack) {
                return Ok(vec![kind]);
            }
        }
        self.state = State::Called(address);
        Ok(vec![OpKind::Call { call: address.call(), ack: address.ack.map(Into::into) }])
    }

    /// The byte in place of an address, if it is the START byte or a master code.
    fn code(&mut self, byte: u8, ack: Option<Ack>) -> Option<OpKind> {
        let ack = ack.map(Into::into);
        let kind = match byte {
            0x01 => OpKind::StartByte { ack },
            0x08..=0x0f => OpKind::MasterCode { code: byte & 7, ack },
            _ => return None,
        };
        self.state = State::Coded(byte);
        Some(kind)
    }

    fn write(&mut self, write: &Write, item: &Item) -> Result<Vec<OpKind>, Refusal> {
        if write.expect.is_some() {
            return Err(Refusal::Shared);
        }
        let bytes = number_bytes(write)?;
        if let (State::Started, &[byte], 1) = (self.state, bytes.as_slice(), write.repeat)
            && let Some(kind) = self.code(byte, write.ack)
        {
            return Ok(vec![kind]);
        }
        let count = bytes.len() * write.repeat as usize;
        self.send(bytes.into_iter().cycle().take(count), write.ack, item)
    }

    fn text(&mut self, text: &Text, item: &Item) -> Result<Vec<OpKind>, Refusal> {
        let bytes: Vec<u8> = text_words(&text.bytes, 8)?.map(|word| byte(&word)).collect();
        self.send(bytes.into_iter(), text.ack, item)
    }

    fn send(
        &self,
        bytes: impl Iterator<Item = u8>,
        ack: Option<Ack>,
        item: &Item,
    ) -> Result<Vec<OpKind>, Refusal> {
        let mut bytes = bytes.peekable();
        match self.state {
            State::Called(Address { direction: Direction::Write, .. }) => {}
            State::Called(address) => return Err(Refusal::WriteWhileReading(turned(address))),
            State::Outside => return Err(Refusal::Outside(item.to_string())),
            State::Coded(code) => return Err(Refusal::BehindCode(format!("{code:#04x}"))),
            State::Started => return Err(no_address(item, bytes.peek().copied())),
        }
        Ok(bytes.map(|byte| OpKind::Write { byte, ack: ack.map(Into::into) }).collect())
    }

    fn read(&mut self, read: &Read, item: &Item) -> Result<Vec<OpKind>, Refusal> {
        whole_bytes(read.bits)?;
        match self.state {
            State::Called(Address { direction: Direction::Read, .. }) => {}
            State::Called(address) => return Err(Refusal::ReadWhileWriting(turned(address))),
            State::Outside => return Err(Refusal::Outside(item.to_string())),
            State::Coded(code) => return Err(Refusal::BehindCode(format!("{code:#04x}"))),
            State::Started => return Err(no_address(item, None)),
        }
        self.last = None;
        let words = expected(read.expect.as_ref(), 8, read.count)?;
        let mut kinds: Vec<OpKind> =
            words.into_iter().map(|expect| OpKind::Read { answer: i2c::Ack::Ack, expect }).collect();
        if let (Some(OpKind::Read { answer, .. }), Some(ack)) = (kinds.last_mut(), read.ack) {
            *answer = ack.into();
        }
        Ok(kinds)
    }
}

/// The bytes of a number, sent once.
fn number_bytes(write: &Write) -> Result<Vec<u8>, Refusal> {
    whole_bytes(write.bits)?;
    match words_of(&write.value, 8) {
        Err(WordProblem::Ragged { have, .. }) => Err(Refusal::Ragged(have)),
        words => Ok(words?.iter().map(byte).collect()),
    }
}

fn whole_bytes(bits: Option<u32>) -> Result<(), Refusal> {
    match bits {
        None | Some(8) => Ok(()),
        Some(bits) => Err(Refusal::Width(bits)),
    }
}

/// A word of 8 bits, all known.
fn byte(word: &Bits) -> u8 {
    word.to_u64().unwrap_or_default() as u8
}

/// What is meant by something in place of an address that begins with `byte`.
fn no_address(item: &Item, byte: Option<u8>) -> Refusal {
    let instead = match byte {
        Some(byte) => format!("@{:02x}{}", byte >> 1, if byte & 1 == 0 { 'w' } else { 'r' }),
        None => "@50r".to_owned(),
    };
    Refusal::NoAddress { found: item.to_string(), instead }
}

/// The same address for the other direction, as it is written.
fn turned(address: Address) -> String {
    let direction = match address.direction {
        Direction::Write => Direction::Read,
        Direction::Read => Direction::Write,
    };
    Item::Address(Address { direction, ack: None, ..address }).to_string()
}

impl Address {
    fn call(self) -> Call {
        Call {
            address: match self.width {
                AddressWidth::Seven => i2c::Address::Seven(self.value as u8),
                AddressWidth::Ten => i2c::Address::Ten(self.value),
            },
            direction: match self.direction {
                Direction::Write => i2c::Direction::Write,
                Direction::Read => i2c::Direction::Read,
            },
        }
    }
}

impl From<Ack> for i2c::Ack {
    fn from(ack: Ack) -> i2c::Ack {
        match ack {
            Ack::Ack => i2c::Ack::Ack,
            Ack::Nack => i2c::Ack::Nack,
        }
    }
}
