//! Handshakes: a sender offers a word, a receiver says that it has it, and no clock need be shared.
//!
//! ```text
//! four-phase bundled data (return to zero), data early
//! DATA ==< word         >==============< next
//! REQ  _____/‾‾‾‾‾‾‾‾‾‾‾\__________________/‾‾      1 request        3 return to zero
//! ACK  ____________/‾‾‾‾‾‾‾‾‾‾\_______________      2 acknowledge    4 return to zero
//!           |<--->| early: data are valid and stable from REQ rising to ACK rising
//!           |<--------------->| broad: from REQ rising to ACK falling
//!                      |<---->| late: from REQ falling to ACK falling
//!
//! two-phase bundled data (no return to zero)
//! DATA ==< word        >=< next        >=
//! REQ  _____/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\___________      each change is a request
//! ACK  ____________/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\____      each change is an acknowledge; equal to REQ: idle
//!
//! four-phase dual rail: two wires for each bit, no request and no timing assumption between wires
//! T1   ____/‾‾‾‾‾‾‾‾‾\________      01 = true        (T, F) = (0, 0): NULL, the spacer
//! F1   _______________________                       (1, 0): true     (0, 1): false
//! T0   _______________________                       (1, 1): illegal
//! F0   ______/‾‾‾‾‾‾‾‾‾\______      complete when every bit has a rail up
//! ACK  _________/‾‾‾‾‾‾‾‾‾\___
//!
//! valid/ready: both on one clock
//! CLK   __/‾\_/‾\_/‾\_/‾\_/‾\_
//! VALID ____/‾‾‾‾‾‾‾\_________      stays up, and the payload stays the same, ...
//! DATA  ====< word  >=========
//! READY ________/‾‾‾‾‾‾‾\_____
//!                 ^ ... until the rising edge at which both are up: the transfer
//! ```
//!
//! (TU Wien, Advanced Digital Design, for the first three; early, broad and late are common names whose wording is
//! unverified. Intel 683397, "Data Exchange", for valid/ready as in AXI.)
//!
//! Bundled data rely on time: the word must have settled at the receiver before the request arrives. Dual rail does not:
//! a receiver sees from the wires alone when a word is complete.
//!
//! Words have 1 to 64 bits, on one group of wires, or on up to 16 wires of their own.
//!
//! Not modelled: two-phase dual rail (LEDR), 1-of-n codes, pulses, ready latencies, credits, bursts, resets.

mod decode;
mod info;
mod item;
mod pace;
#[cfg(test)]
mod proptests;
mod receiver;
pub mod rules;
mod sender;
#[cfg(test)]
mod tests;
mod wires;

pub use decode::Monitor;
pub use info::INFO;
pub use item::{Beat, Flags, Item};
pub use pace::{Pace, PaceError, Pattern};
pub use receiver::{Received, Receiver, ReceiverFault, ReceiverFaultKind, ReceiverOptions};
pub use sender::{Completion, Fault, FaultKind, Sender, SenderOptions, Ticket};

use crate::time::Span;

/// The pins of the bus, as its monitor and its agents number them.
pub mod pin {
    use crate::log::SignalId;

    /// Request, from the sender; four- and two-phase.
    pub const REQ: SignalId = SignalId(0);
    /// Acknowledge, from the receiver; all but valid/ready.
    pub const ACK: SignalId = SignalId(1);
    /// The word, from the sender: a group, or a single wire; all but dual rail.
    pub const DATA: SignalId = SignalId(2);
    /// The true rails, from the sender: a group, or a single wire; dual rail.
    pub const TRUE: SignalId = SignalId(3);
    /// The false rails, from the sender: a group, or a single wire; dual rail.
    pub const FALSE: SignalId = SignalId(4);
    /// The clock of both ends; valid/ready.
    pub const CLK: SignalId = SignalId(5);
    /// The sender offers a word; valid/ready.
    pub const VALID: SignalId = SignalId(6);
    /// The receiver takes it; valid/ready.
    pub const READY: SignalId = SignalId(7);
    /// How many wires of each kind may stand for a group.
    pub const WIRES: u32 = 16;
    /// The number of pins.
    pub const COUNT: usize = 8 + 3 * WIRES as usize;

    /// Bit `i` of the word, instead of [`DATA`].
    ///
    /// # Panics
    /// If `i` is not below [`WIRES`].
    pub const fn data(i: u32) -> SignalId {
        nth(0, i)
    }

    /// True rail `i`, instead of [`TRUE`].
    ///
    /// # Panics
    /// If `i` is not below [`WIRES`].
    pub const fn true_rail(i: u32) -> SignalId {
        nth(1, i)
    }

    /// False rail `i`, instead of [`FALSE`].
    ///
    /// # Panics
    /// If `i` is not below [`WIRES`].
    pub const fn false_rail(i: u32) -> SignalId {
        nth(2, i)
    }

    const fn nth(kind: u32, i: u32) -> SignalId {
        assert!(i < WIRES, "up to 16 wires stand for a group");
        SignalId(8 + kind * WIRES + i)
    }
}

/// How sender and receiver agree on a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Request and acknowledge, both returning to zero; bundled data.
    #[default]
    FourPhase,
    /// Each transition of request and acknowledge counts; bundled data.
    TwoPhase,
    /// Two rails for each bit, returning to zero, and acknowledge.
    DualRail,
    /// Valid and ready on a clock.
    ValidReady,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Protocol; 4] =
        [Protocol::FourPhase, Protocol::TwoPhase, Protocol::DualRail, Protocol::ValidReady];

    /// As options spell it: `four-phase`.
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::FourPhase => "four-phase",
            Protocol::TwoPhase => "two-phase",
            Protocol::DualRail => "dual-rail",
            Protocol::ValidReady => "valid-ready",
        }
    }

    /// Bundled data: a request beside plain data wires.
    pub const fn is_bundled(self) -> bool {
        matches!(self, Protocol::FourPhase | Protocol::TwoPhase)
    }
}

/// When the data of a four-phase handshake are valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DataPhase {
    /// From the rising request to the rising acknowledge.
    #[default]
    Early,
    /// From the rising request to the falling acknowledge.
    Broad,
    /// From the falling request to the falling acknowledge.
    Late,
}

impl DataPhase {
    /// All of them.
    pub const ALL: [DataPhase; 3] = [DataPhase::Early, DataPhase::Broad, DataPhase::Late];

    /// As options spell it: `early`.
    pub const fn name(self) -> &'static str {
        match self {
            DataPhase::Early => "early",
            DataPhase::Broad => "broad",
            DataPhase::Late => "late",
        }
    }
}

/// The number of bits in a word: 1 to 64, 8 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Width(u8);

impl Width {
    /// The widest word.
    pub const MAX: u32 = 64;

    /// A word of `bits` bits; `None` unless that is 1 to 64.
    pub const fn new(bits: u32) -> Option<Width> {
        if bits >= 1 && bits <= Self::MAX { Some(Width(bits as u8)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0 as u32
    }

    /// A one for each bit.
    pub(crate) const fn mask(self) -> u64 {
        u64::MAX >> (64 - self.0 as u32)
    }
}

impl Default for Width {
    fn default() -> Width {
        Width(8)
    }
}

/// What both ends of the bus have agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How sender and receiver agree on a word.
    pub protocol: Protocol,
    /// Bits in a word, 1 to 64.
    pub width: Width,
    /// When the data of a four-phase handshake are valid.
    pub data_phase: DataPhase,
    /// A handshake that has begun and then does not move for longer than this is called a deadlock; `None` for never.
    pub stall: Option<Span>,
}

impl Options {
    /// The defaults, with another protocol.
    pub fn of(protocol: Protocol) -> Options {
        Options { protocol, ..Options::default() }
    }
}
