//! What a vector says of a UART alone.

use std::ops::Range;

use busproof_core::bus::uart::{AutoBaud, Baud, Divider, FaultKind, Options, ReadOut, Sampling};
use busproof_core::{Level, SignalId, Span};

use super::{At, Clock};
use crate::time_expr::TimeExpr;

/// The two ends and the lines between them.
#[derive(Clone, Debug)]
pub struct Bus {
    /// What both ends have agreed on, as the line `tx` of the host has it. Its rate is known.
    pub options: Options,
    /// The receiver that is judged for, if the vector says it; `None`: that of the standard.
    pub sampling: Option<Sampling>,
    /// The lines.
    pub wires: Wires,
    /// The host and the peer.
    pub ends: [End; 2],
    /// What happens to the wires.
    pub stuck: Vec<Stuck>,
}

/// The data lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wires {
    /// Both ends share one.
    One,
    /// One in each direction.
    #[default]
    Two,
}

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one whose TX is the line `tx`.
    Host,
    /// The other one.
    Peer,
}

impl Side {
    /// Both.
    pub const ALL: [Side; 2] = [Side::Host, Side::Peer];

    /// As steps name it.
    pub const fn name(self) -> &'static str {
        match self {
            Side::Host => "host",
            Side::Peer => "peer",
        }
    }

    /// The one at the other end.
    #[must_use]
    pub const fn other(self) -> Side {
        match self {
            Side::Host => Side::Peer,
            Side::Peer => Side::Host,
        }
    }
}

/// One end.
#[derive(Clone, Debug)]
pub struct End {
    /// Where it stands, or its bus.
    pub span: Range<usize>,
    /// Its clock.
    pub clock: Clock,
    /// How its bit rate is made of that.
    pub divider: Divider,
    /// The rate that it believes in.
    pub baud: Option<Baud>,
    /// How it samples; `None`: as the bus says.
    pub sampling: Option<Sampling>,
    /// How it finds the rate.
    pub auto_baud: AutoBaud,
    /// Idle line behind each frame.
    pub gap: Option<At<TimeExpr>>,
    /// How many received frames it has room for.
    pub depth: usize,
    /// How they are read.
    pub read: ReadOut,
    /// How it says that it cannot take more; `None`: not at all.
    pub flow: Option<Flow>,
    /// How old what it knows of CTS is.
    pub cts_latency: Option<At<TimeExpr>>,
    /// From driver enable to the first start bit; `None`: a bit.
    pub enable_setup: Option<At<TimeExpr>>,
    /// From the end of the last stop bit to driver disable; `None`: a bit.
    pub enable_hold: Option<At<TimeExpr>>,
    /// How long a step waits for each frame that it reads; `None`: the time of 100 frames.
    pub time_out: Option<Span>,
    /// What goes wrong, by frame.
    pub faults: Vec<(u64, FaultKind)>,
}

/// How an end says that it cannot take more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// By which means.
    pub by: FlowBy,
    /// So many frames in the FIFO are too many.
    pub stop_at: usize,
    /// So few are few enough.
    pub go_at: usize,
    /// How long RTS takes.
    pub latency: Option<At<TimeExpr>>,
}

/// Means of flow control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowBy {
    /// A wire.
    Rts,
    /// Characters.
    XonXoff,
}

/// A wire that is held at a level by something from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The wire, by the pin of the host.
    pub pin: SignalId,
    /// The level.
    pub level: Level,
    /// From when on.
    pub from: Span,
    /// Until when; `None`: the end.
    pub to: Option<Span>,
}

/// A device; it is the peer.
#[derive(Clone, Copy, Debug)]
pub struct Device;
