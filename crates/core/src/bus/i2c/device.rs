//! What a target's logic is to its pins.

use std::any::Any;

use super::{Ack, Address, Direction};
use crate::bus::{Diagnostic, LoadError};
use crate::level::{Drive, Level};
use crate::time::{Span, Time};

/// The logic of a target, without SCL and SDA: it hears bytes and answers bytes, and the target agent moves the bits.
///
/// ```text
/// controller   START | 50 W |     | 01 |     | repeated START | 50 R |     |      | NACK          | STOP
/// device       start  call -> ack  write -> ack  start          call -> ack  read   acknowledged    stop
/// ```
///
/// * Calls come in order of time. `call` is asked of every address on the bus; the rest only of a device that answered.
/// * Time passes between calls: a device that is busy compares `now` with the end of its work.
/// * An [`Answer`] or a [`Reply`] may hold SCL low for a while: stretching.
/// * A device may have pins of its own beyond SCL and SDA (an interrupt, a port). They are numbered from 0, and are the
///   pins [`super::pin::COUNT`] and up of its agent.
pub trait Device: Any + Send {
    /// START, or a repeated one.
    fn start(&mut self, now: Time) {
        let _ = now;
    }

    /// An address was sent. `None`: not mine. The general call is `Seven(0)` for writing.
    fn call(&mut self, now: Time, call: Call) -> Option<Answer>;

    /// The first byte of a 10-bit address was sent, with these upper two bits: is one of mine like that?
    fn is_ten_bit(&self, upper: u8) -> bool {
        let _ = upper;
        false
    }

    /// A byte came in.
    fn write(&mut self, now: Time, byte: u8) -> Answer;

    /// How many of the bytes that may be written to it from now on it acknowledges at once, whatever they are, as long as neither
    /// its alarm is due nor a pin of its own changes. It may be told of them later, several at a time, each with the time at which it
    /// came in; its answers to those are not asked for.
    fn takes(&self) -> u32 {
        0
    }

    /// A byte is to go out.
    fn read(&mut self, now: Time) -> Reply;

    /// The controller's answer to the byte that went out.
    fn acknowledged(&mut self, now: Time, ack: Ack) {
        let _ = (now, ack);
    }

    /// STOP. Many devices begin their work here.
    fn stop(&mut self, now: Time);

    /// The names of its own pins.
    fn pins(&self) -> &'static [&'static str] {
        &[]
    }

    /// What it drives on its own pin `pin`; asked anew after every call.
    fn drives(&self, pin: usize) -> Drive {
        let _ = pin;
        Drive::Released
    }

    /// The level of its own pin `pin` changed; also told once at the start.
    fn sense(&mut self, now: Time, pin: usize, level: Level) {
        let _ = (now, pin, level);
    }

    /// When it wants [`Device::ring`] to be called, if ever; asked anew after every call.
    fn alarm(&self) -> Option<Time> {
        None
    }

    /// Its alarm is due.
    fn ring(&mut self, now: Time) {
        let _ = now;
    }

    /// Takes what the device has refused or found odd since the last call.
    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// Presets memory from `address` on, as a programmer would before the run.
    fn load(&mut self, address: u64, bytes: &[u8]) -> Result<(), LoadError> {
        let _ = (address, bytes);
        Err(LoadError::NoMemory)
    }

    /// Reads `length` bytes of memory from `address` on without the bus.
    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        let _ = (address, length);
        Err(LoadError::NoMemory)
    }
}

/// An address as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Whom.
    pub address: Address,
    /// Who sends what follows.
    pub direction: Direction,
}

/// What a device says to a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The ninth bit.
    pub ack: Ack,
    /// How long SCL is held low before it.
    pub hold: Span,
}

impl Answer {
    /// Acknowledged at once.
    pub const ACK: Answer = Answer { ack: Ack::Ack, hold: Span::ZERO };
    /// Not acknowledged.
    pub const NACK: Answer = Answer { ack: Ack::Nack, hold: Span::ZERO };
}

/// A byte that a device sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The byte.
    pub byte: u8,
    /// How long SCL is held low before it.
    pub hold: Span,
}
