//! What can be said on a UART.

use super::{Baud, pin};
use crate::bits::Bits;
use crate::log::SignalId;
use crate::time::{Span, Time};

/// One thing said on the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A frame.
    Frame(Frame),
    /// The line was Low for a frame or longer.
    Break(Break),
    /// Frames that belong together, if [`Packets`](super::Packets) says which do.
    Packet(Packet),
}

impl Item {
    /// The line it was said on.
    pub fn line(&self) -> Line {
        match self {
            Item::Frame(frame) => frame.line,
            Item::Break(it) => it.line,
            Item::Packet(packet) => packet.line,
        }
    }

    /// When it began.
    pub fn start(&self) -> Time {
        match self {
            Item::Frame(frame) => frame.start,
            Item::Break(it) => it.start,
            Item::Packet(packet) => packet.start,
        }
    }

    /// When it was over.
    pub fn end(&self) -> Time {
        match self {
            Item::Frame(frame) => frame.end,
            Item::Break(it) => it.end,
            Item::Packet(packet) => packet.end,
        }
    }
}

/// One of the two data lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    /// What this end sends.
    Tx,
    /// What this end receives.
    Rx,
}

impl Line {
    /// Both.
    pub const ALL: [Line; 2] = [Line::Tx, Line::Rx];

    /// As JSON and options spell it: `tx` or `rx`.
    pub const fn name(self) -> &'static str {
        match self {
            Line::Tx => "tx",
            Line::Rx => "rx",
        }
    }

    /// Its pin.
    pub const fn pin(self) -> SignalId {
        match self {
            Line::Tx => pin::TX,
            Line::Rx => pin::RX,
        }
    }
}

/// A start bit, data, parity and a stop bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The line.
    pub line: Line,
    /// The falling edge of the start bit.
    pub start: Time,
    /// The end of the last stop bit by the nominal rate, or the next start if that comes before.
    pub end: Time,
    /// The data bits; one that was sampled X is unknown.
    pub data: Bits,
    /// The length of a bit: as this frame's edges have it, or those of an earlier one; without any, the nominal rate's.
    pub bit: Span,
    /// What is odd about it.
    pub flags: Flags,
    /// How long the line was idle before it; `None` for the first thing on the line.
    pub gap: Option<Span>,
    /// The rate of its own edges; `None` if there were fewer than two.
    pub rate: Option<MeasuredRate>,
    /// How close its edges came to the samples of the receiver described by the options, in thousandths of a bit: the
    /// least distance of a sample from the edge on whose wrong side it must not be. Negative: a bit was sampled wrong.
    pub margin_mui: Option<i64>,
}

impl Frame {
    /// When its first data bit began, a bit after the start bit did.
    pub fn data_start(&self) -> Time {
        self.start.saturating_add(self.bit)
    }

    /// When its last data bit was over.
    pub fn data_end(&self) -> Time {
        self.start.saturating_add(self.bit.scale(1 + self.data.len() as u64, 1))
    }
}

/// The rate of the edges of one frame, fitted by least squares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeasuredRate {
    /// The length of its bits.
    pub bit: Span,
    /// By how much it is faster than the nominal rate, in parts per million.
    pub error_ppm: i64,
    /// How many bits lie between the first and the last edge it was fitted to.
    pub bits: u8,
}

impl MeasuredRate {
    /// Bits per second; `None` beyond what a [`Baud`] can be.
    pub fn baud(self) -> Option<Baud> {
        Baud::of_bit(self.bit)
    }
}

/// The line was Low for a whole frame or longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// The line.
    pub line: Line,
    /// When it fell.
    pub start: Time,
    /// When it rose, or the waveform ended.
    pub end: Time,
}

/// Frames that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The line.
    pub line: Line,
    /// The start of its first frame.
    pub start: Time,
    /// When it was complete: the end of its last frame, or of the gap that ended it.
    pub end: Time,
    /// How many frames; they were reported before.
    pub frames: u64,
    /// What ended it.
    pub closed: Closed,
}

/// What ended a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closed {
    /// Its delimiter came.
    Delimiter,
    /// It has all of its frames.
    Length,
    /// The line was idle.
    Gap,
    /// A break.
    Break,
    /// The waveform ended.
    End,
}

/// What is odd about a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// The parity bit is not that of the data.
    pub parity_error: bool,
    /// The first stop bit was sampled Low, or the line fell before the end of the last without a start following.
    pub framing_error: bool,
    /// A pulse shorter than the filter was removed, or three points about the middle of a bit disagree.
    pub noise: bool,
    /// No idle line of a frame's length was seen before, so the start bit may be a data bit.
    pub assumed_start: bool,
}

impl Flags {
    /// As JSON spells those that are set, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        [
            (self.parity_error, "parity-error"),
            (self.framing_error, "framing-error"),
            (self.noise, "noise"),
            (self.assumed_start, "assumed-start"),
        ]
        .into_iter()
        .filter_map(|(set, name)| set.then_some(name))
    }
}
