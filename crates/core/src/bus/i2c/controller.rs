//! The controller: clocks bytes out and in, and gives way to others.

use super::{Ack, Call, Options};
use crate::sim::ClockSpec;
use crate::time::{Span, Time};

/// How a controller drives the bus. Times are those it counts itself, from what it sees at its pins: its low time begins
/// when SCL is seen low, its high time when SCL is seen high.
#[derive(Clone, Debug)]
pub struct ControllerOptions {
    /// What all who share the bus have agreed on.
    pub bus: Options,
    /// Its clock: the nominal SCL frequency with error and jitter.
    pub clock: ClockSpec,
    /// How long SCL is held low in each clock (tLOW), and how long it stays high (tHIGH).
    pub low: Span,
    /// See `low`.
    pub high: Span,
    /// From SDA falling to SCL falling in a START (tHD;STA).
    pub start_hold: Span,
    /// From SCL rising to SDA falling in a repeated START (tSU;STA).
    pub start_setup: Span,
    /// From SCL rising to SDA rising in a STOP (tSU;STO).
    pub stop_setup: Span,
    /// From a STOP to the next START (tBUF).
    pub bus_free: Span,
    /// From SCL falling to SDA changing (tHD;DAT).
    pub data_hold: Span,
    /// How long SCL may be low before it gives up; `None`: for ever.
    pub time_out: Option<Span>,
    /// What becomes of the rest of a ticket when a byte is not acknowledged.
    pub on_nack: OnNack,
    /// How often a ticket is tried again that lost arbitration.
    pub retries: u32,
    /// What goes wrong on purpose.
    pub faults: Vec<Fault>,
}

/// What becomes of the rest of a ticket when a byte that was sent is not acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnNack {
    /// It goes on as if nothing had happened.
    #[default]
    Continue,
    /// A STOP follows at once.
    Stop,
}

/// Something that goes wrong on purpose, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which transfer, counted from 0 by STARTs that are not repeated.
    pub transfer: u32,
    /// At which clock of the transfer, counted from 0.
    pub clock: u32,
    /// What.
    pub kind: FaultKind,
}

/// What can go wrong at the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A pulse of this width on SCL: low while it is high.
    ClockGlitch {
        /// The width.
        width: Span,
    },
    /// A pulse of this width on SDA while SCL is high.
    DataGlitch {
        /// The width.
        width: Span,
    },
    /// SDA changes while SCL is high, and changes back.
    DataWhileHigh,
    /// A START in place of this clock.
    Start,
    /// A STOP in place of this clock.
    Stop,
    /// From this clock on the controller reads SDA half a clock after it released SCL, whether SCL has risen or not.
    EarlySample,
}

/// One thing for a controller to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// START, or a repeated one inside of a transfer.
    Start,
    /// STOP.
    Stop,
    /// An address: one byte, or as many as a 10-bit address needs.
    Call(Call),
    /// A byte to send.
    Write(u8),
    /// A byte to receive, and what to answer.
    Read(Ack),
    /// The master code of High-speed mode (its lowest three bits), behind a START: what follows the next repeated START
    /// runs at High speed.
    MasterCode(u8),
    /// The START byte: 0000 0001 and nobody's acknowledge.
    StartByte,
    /// Wait.
    Delay(Span),
    /// Clocks without data, SDA released.
    Clocks(u32),
    /// Up to nine clocks until SDA is high, then a STOP (UM10204 section 3.1.16).
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
pub struct Ticket(pub(crate) u64);

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
    /// A byte was not acknowledged and [`OnNack::Stop`] was set.
    Nack,
    /// Arbitration was lost, and there were no retries left.
    LostArbitration,
    /// SCL stayed low, or the bus busy, for longer than the time-out.
    TimeOut,
}
