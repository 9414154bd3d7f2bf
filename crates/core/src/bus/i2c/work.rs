//! What a controller is asked to do, and what became of it.

use super::{Ack, Address, Call, Direction, Speed};
use crate::time::{Span, Time};

/// One thing for a controller to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// START, or a repeated one inside of a transfer.
    Start,
    /// STOP.
    Stop,
    /// An address: one byte, or as many as a 10-bit address needs. To read from a 10-bit address that was not written to
    /// in the same transfer takes two bytes, a repeated START and another byte (UM10204 section 3.1.11).
    Call(Call),
    /// A byte to send.
    Write(u8),
    /// A byte to receive, and what to answer.
    Read(Ack),
    /// The master code of High-speed mode (its lowest three bits), behind a START: what follows the next repeated START
    /// runs at High speed, until a STOP (UM10204 section 5.3.2).
    MasterCode(u8),
    /// The START byte: 0000 0001 and nobody's acknowledge (UM10204 section 3.1.15).
    StartByte,
    /// Wait: with SCL low inside of a transfer.
    Delay(Span),
    /// Clocks without data, SDA released.
    Clocks(u32),
    /// Up to nine clocks until SDA is high, then a STOP (UM10204 section 3.1.16). It does not ask whether the bus is free.
    BusClear,
}

/// What became of an [`Op`] that has a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The acknowledge of an address or of a byte that was sent. A 10-bit address has that of its last byte, or of the
    /// one that was not acknowledged.
    Ack(Ack),
    /// A byte that was received; `None` where SDA was not valid.
    Byte(Option<u8>),
    /// SDA was freed, or not, by [`Op::BusClear`].
    Cleared(bool),
}

/// The number of a submitted list of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub(super) u64);

/// What became of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Which.
    pub ticket: Ticket,
    /// How it ended.
    pub end: End,
    /// The results of its operations, in order, as far as they were done.
    pub outcomes: Vec<Outcome>,
    /// How often arbitration was lost before.
    pub lost: u32,
    /// When it was over.
    pub at: Time,
}

/// How a ticket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All was done.
    Done,
    /// A byte was not acknowledged and [`OnNack::Stop`](super::OnNack::Stop) was set.
    Nack,
    /// Arbitration was lost, and there were no retries left.
    LostArbitration,
    /// SCL stayed low, a wire stayed high that was pulled, SDA did not rise for a STOP, or the bus was busy, for longer than the
    /// time-out.
    TimeOut,
    /// [`Controller::abort`](super::Controller::abort) was called.
    Aborted,
}

/// Why a controller cannot do what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpError {
    /// More than 7 bits.
    #[error("address {0:#x} has more than 7 bits; write it as a 10-bit address")]
    Seven(u8),
    /// More than 10 bits.
    #[error("address {0:#x} has more than 10 bits")]
    Ten(u16),
    /// A master code of more than 3 bits.
    #[error("master code {0}; there are 0 to 7")]
    MasterCode(u8),
    /// Only High speed has master codes.
    #[error("a master code leads to speed `high`, and this bus has speed `{}`", .0.name())]
    NotHigh(Speed),
    /// Ultra-fast mode has no reads (UM10204 section 3.2).
    #[error("speed `ultra-fast` only writes: targets never drive the bus")]
    WriteOnly,
}

impl Op {
    /// Whether a controller on a bus of that speed can do it.
    pub(super) fn check(&self, speed: Speed) -> Result<(), OpError> {
        let reads = matches!(self, Op::Read(_) | Op::Call(Call { direction: Direction::Read, .. }));
        match *self {
            _ if reads && speed == Speed::UltraFast => Err(OpError::WriteOnly),
            Op::Call(Call { address: Address::Seven(a), .. }) if a > 0x7f => Err(OpError::Seven(a)),
            Op::Call(Call { address: Address::Ten(a), .. }) if a > 0x3ff => Err(OpError::Ten(a)),
            Op::MasterCode(code) if code > 7 => Err(OpError::MasterCode(code)),
            Op::MasterCode(_) if speed != Speed::High => Err(OpError::NotHigh(speed)),
            _ => Ok(()),
        }
    }
}

/// A ticket on its way.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) ticket: Ticket,
    ops: Vec<Op>,
    /// The next of them.
    at: usize,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) lost: u32,
    /// Where the transfer began that is under way: the operation, and the number of outcomes before it.
    start: Option<(usize, usize)>,
}

impl Job {
    pub(super) fn new(ticket: Ticket, ops: &[Op]) -> Job {
        Job { ticket, ops: ops.to_vec(), at: 0, outcomes: Vec::new(), lost: 0, start: None }
    }

    pub(super) fn next(&mut self) -> Option<Op> {
        let op = self.ops.get(self.at)?;
        self.at += 1;
        Some(op.clone())
    }

    /// What follows.
    pub(super) fn ahead(&self) -> &[Op] {
        self.ops.get(self.at..).unwrap_or(&[])
    }

    /// The operation just handed out begins a transfer.
    pub(super) fn begin_transfer(&mut self) {
        self.start = Some((self.at - 1, self.outcomes.len()));
    }

    /// Goes back to where the transfer began. False if that was in another ticket.
    pub(super) fn rewind(&mut self) -> bool {
        let Some((at, outcomes)) = self.start else { return false };
        self.at = at;
        self.outcomes.truncate(outcomes);
        true
    }

    pub(super) fn complete(self, end: End, at: Time) -> Completion {
        Completion { ticket: self.ticket, end, outcomes: self.outcomes, lost: self.lost, at }
    }
}

/// A byte on its way, with its ninth bit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Byte {
    /// What this controller puts on SDA, the next bit to go being number `left - 1`; 1 releases it.
    out: u16,
    /// The bits that are its own: those that others may not pull low.
    own: u16,
    /// What came in.
    got: u16,
    /// Bits to go, of 9.
    pub(super) left: u8,
    /// A bit was not valid when it came in.
    murky: bool,
    role: Role,
}

/// What a byte is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// Sent: its acknowledge is the outcome.
    #[default]
    Sent,
    /// A first byte of several: its acknowledge counts only if there is none.
    Prefix,
    /// The master code or START byte: nobody acknowledges.
    Code,
    /// Received.
    Received,
}

impl Byte {
    pub(super) fn send(byte: u8, role: Role) -> Byte {
        Byte { out: (byte as u16) << 1 | 1, own: 0x1fe, left: 9, role, ..Byte::default() }
    }

    pub(super) fn receive(ack: Ack) -> Byte {
        let nack = (ack == Ack::Nack) as u16;
        Byte { out: 0x1fe | nack, own: nack, left: 9, role: Role::Received, ..Byte::default() }
    }

    /// The next bit, and whether it is this controller's.
    #[inline]
    pub(super) fn bit(&self) -> (bool, bool) {
        let i = self.left.saturating_sub(1);
        (self.out >> i & 1 != 0, self.own >> i & 1 != 0)
    }

    /// True for the first of its bits.
    pub(super) fn is_first(&self) -> bool {
        self.left == 9
    }

    /// True if its acknowledge is all that it is sent for.
    pub(super) fn is_sent(&self) -> bool {
        self.role == Role::Sent
    }

    /// True for 0000 1xxx, nobody's address.
    pub(super) fn is_master_code(&self) -> bool {
        self.role == Role::Code && self.out >> 4 == 0b0_0001
    }

    #[inline]
    pub(super) fn take(&mut self, high: bool, is_murky: bool) {
        self.got = self.got << 1 | high as u16;
        self.murky |= is_murky;
        self.left = self.left.saturating_sub(1);
    }

    /// The bits to come and those of them that are its own, each the next most significant.
    #[inline]
    pub(super) fn ahead(&self) -> (u64, u64) {
        let left = self.left as u32;
        let first = |bits: u16| (bits as u64).unbounded_shl(u64::BITS - left);
        (first(self.out) | u64::MAX.unbounded_shr(left), first(self.own))
    }

    /// Several bits, all of them valid, the last least significant.
    #[inline]
    pub(super) fn take_bits(&mut self, bits: u64, count: u32) {
        self.got = self.got.unbounded_shl(count) | bits as u16;
        self.left = self.left.saturating_sub(count as u8);
    }

    /// A byte to be received is not acknowledged after all.
    pub(super) fn refuse(&mut self) {
        if self.role == Role::Received {
            self.out |= 1;
            self.own |= 1;
        }
    }

    /// What it came to, and whether it was to be acknowledged and was not: in Ultra-fast mode nothing is.
    pub(super) fn outcome(&self, speed: Speed) -> (Option<Outcome>, bool) {
        let ack = if self.got & 1 == 0 { Ack::Ack } else { Ack::Nack };
        let is_refused = ack == Ack::Nack && speed != Speed::UltraFast;
        match self.role {
            Role::Prefix if !is_refused => (None, false),
            Role::Sent | Role::Prefix => (Some(Outcome::Ack(ack)), is_refused),
            Role::Code => (Some(Outcome::Ack(ack)), false),
            Role::Received => {
                let byte = (self.got >> 1) as u8;
                (Some(Outcome::Byte((!self.murky).then_some(byte))), false)
            }
        }
    }
}
