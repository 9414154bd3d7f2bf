//! What can be said on I2C.

use crate::bits::Bits;
use crate::time::Time;

/// One thing said on the bus.
///
/// A bit begins when SCL rises and ends when SCL falls; a byte spans its eight bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A START behind a STOP, or the first.
    Start {
        /// When SDA fell.
        at: Time,
        /// The waveform begins with SCL high and SDA low: the START was before it.
        assumed: bool,
    },
    /// A START without a STOP before it.
    RepeatedStart {
        /// When SDA fell.
        at: Time,
    },
    /// A STOP.
    Stop {
        /// When SDA rose.
        at: Time,
    },
    /// An address and the direction bit; its acknowledge is an item of its own.
    ///
    /// A 10-bit address written has two bytes, each acknowledged: the item spans both and comes behind the first
    /// acknowledge. Read, it has one byte, and is the address that was written before in the same transfer. An address
    /// with bits that are not known is told as [`Item::Data`].
    Address {
        /// When its first bit began.
        start: Time,
        /// When its last bit ended.
        end: Time,
        /// The address.
        address: Address,
        /// Who sends the bytes that follow.
        direction: Direction,
    },
    /// A byte.
    Data {
        /// When its first bit began.
        start: Time,
        /// When its last bit ended.
        end: Time,
        /// The eight bits, the first to travel being the most significant; X where SDA was not valid.
        byte: Bits,
        /// Who sent it.
        direction: Direction,
    },
    /// The ninth bit; in Ultra-fast mode, where nobody answers, there is none.
    Ack {
        /// When it began.
        start: Time,
        /// When it ended.
        end: Time,
        /// Low or high.
        ack: Ack,
    },
    /// A byte cut off by a START, a STOP, or the end of the waveform; or the first byte of a 10-bit address that the second
    /// one does not follow.
    Incomplete {
        /// When its first bit began.
        start: Time,
        /// When it was cut off.
        end: Time,
        /// The bits that came: 1 to 8.
        bits: Bits,
    },
}

impl Item {
    /// When it began.
    pub fn start(&self) -> Time {
        match self {
            Item::Start { at, .. } | Item::RepeatedStart { at } | Item::Stop { at } => *at,
            Item::Address { start, .. }
            | Item::Data { start, .. }
            | Item::Ack { start, .. }
            | Item::Incomplete { start, .. } => *start,
        }
    }

    /// When it ended.
    pub fn end(&self) -> Time {
        match self {
            Item::Start { at, .. } | Item::RepeatedStart { at } | Item::Stop { at } => *at,
            Item::Address { end, .. }
            | Item::Data { end, .. }
            | Item::Ack { end, .. }
            | Item::Incomplete { end, .. } => *end,
        }
    }
}

/// An address of a target, without the direction bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// 7 bits.
    Seven(u8),
    /// 10 bits.
    Ten(u16),
}

/// Who sends the bytes behind an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The controller.
    Write,
    /// The target.
    Read,
}

/// The ninth bit of a byte, driven by whoever received the other eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ack {
    /// SDA low.
    Ack,
    /// SDA high.
    Nack,
}
