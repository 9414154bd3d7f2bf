//! What a vector says of a handshake alone.

use busproof_core::bus::handshake::{FaultKind, Options, Pattern, Protocol, ReceiverFaultKind, pin};
use busproof_core::cdc::FlopSpec;
use busproof_core::{Level, SignalId, Span};

use super::{At, Clock};
use crate::time_expr::TimeExpr;

/// A sender, a receiver and the wires between them.
#[derive(Clone, Debug)]
pub struct Bus {
    /// What both ends have agreed on.
    pub options: Options,
    /// How words travel.
    pub wires: Wires,
    /// The clock of both ends, in valid/ready.
    pub clock: Option<Clock>,
    /// Who offers words.
    pub sender: Sender,
    /// Who takes them.
    pub receiver: Receiver,
    /// How long a step waits for its words to be taken; `None`: for ever.
    pub time_out: Option<Span>,
    /// Wires that are held at a level.
    pub stuck: Vec<Stuck>,
}

/// How words travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wires {
    /// On a group of wires.
    #[default]
    Group,
    /// Each bit on a wire of its own.
    Single,
}

/// When an end acts.
#[derive(Clone, Debug)]
pub enum Pace {
    /// After a delay: the least and the most.
    Delays(Option<At<TimeExpr>>, Option<At<TimeExpr>>),
    /// On a clock of its own, behind so many flops.
    Clocked {
        /// The clock.
        clock: Box<Clock>,
        /// The flops in a row.
        stages: u8,
        /// What flops these are.
        flop: FlopSpec,
    },
}

/// Who offers words.
#[derive(Clone, Debug)]
pub struct Sender {
    /// When it acts.
    pub pace: Pace,
    /// From bundled data to their request.
    pub setup: Option<At<TimeExpr>>,
    /// At which opportunities it is willing.
    pub pattern: Pattern,
    /// It waits for READY.
    pub waits_for_ready: bool,
    /// What goes wrong, by word.
    pub faults: Vec<(u64, FaultKind)>,
}

/// Who takes words.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// When it acts.
    pub pace: Pace,
    /// At which opportunities it is willing.
    pub pattern: Pattern,
    /// It waits for VALID.
    pub waits_for_valid: bool,
    /// What goes wrong, by word.
    pub faults: Vec<(u64, ReceiverFaultKind)>,
}

/// A wire that is held at a level by something from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The wire.
    pub pin: SignalId,
    /// The level.
    pub level: Level,
    /// From when on.
    pub from: Span,
    /// Until when; `None`: the end.
    pub to: Option<Span>,
}

/// Makes the pin of a bit.
type Bit = fn(u32) -> SignalId;

/// The pins of a bus that has these options and whose words travel like that.
pub(crate) fn pins(options: &Options, wires: Wires) -> Vec<SignalId> {
    let (groups, bits): (&[SignalId], &[Bit]) = match options.protocol {
        Protocol::DualRail => (&[pin::TRUE, pin::FALSE], &[pin::true_rail, pin::false_rail]),
        _ => (&[pin::DATA], &[pin::data]),
    };
    let mut pins = match options.protocol {
        Protocol::FourPhase | Protocol::TwoPhase => vec![pin::REQ, pin::ACK],
        Protocol::DualRail => vec![pin::ACK],
        Protocol::ValidReady => vec![pin::CLK, pin::VALID, pin::READY],
    };
    match wires {
        Wires::Group => pins.extend(groups),
        Wires::Single => pins.extend(bits.iter().flat_map(|bit| (0..options.width.get()).map(bit))),
    }
    pins
}
