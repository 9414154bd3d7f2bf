//! What a rank samples at one edge of the clock.

use std::ops::Deref;

use super::pin;
use crate::level::Level;
use crate::log::{SignalId, Value};

/// The levels of the pins that carry commands, as one rank samples them at an edge of CK.
///
/// Pins are those of [`pin`]. A rank has one chip select and one clock enable of its own: whichever wires of the channel
/// these are, here they are [`Frame::CS`] and [`Frame::CKE`]. A pin that is not wired up is best set to a level at which it does
/// not matter: addresses low, CKE and ACT# high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame(Value);

impl Frame {
    /// The rank's own chip select.
    pub const CS: SignalId = pin::cs(0);
    /// The rank's own clock enable.
    pub const CKE: SignalId = pin::cke(0);
    /// CKE at the edge before: a column of truth tables, and no pin.
    pub(super) const CKE_BEFORE: SignalId = pin::cke(1);

    /// All pins low.
    pub const LOW: Frame = Frame(Value::known(0));

    /// The levels of all pins, pin `i` in bit `i`.
    pub const fn new(levels: Value) -> Frame {
        Frame(levels)
    }

    /// The levels of all pins, pin `i` in bit `i`.
    pub const fn levels(self) -> Value {
        self.0
    }

    /// The level of `pin`, one of those that carry commands.
    pub const fn at(self, pin: SignalId) -> Level {
        self.0.at(pin.0)
    }

    /// This frame with `pin` at `level`.
    #[must_use]
    pub const fn with(self, pin: SignalId, level: Level) -> Frame {
        Frame(self.0.with(pin.0, level))
    }
}

/// The frames of one command: one for each edge of CK that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frames {
    list: [Frame; Frames::MOST],
    len: u8,
}

impl Frames {
    /// How many edges a command takes at most: four for LPDDR4.
    pub const MOST: usize = 4;

    /// No frame at all.
    pub(super) const NONE: Frames = Frames { list: [Frame::LOW; Frames::MOST], len: 0 };

    /// True without a frame.
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a frame; there is room for [`Frames::MOST`].
    pub(super) fn push(&mut self, frame: Frame) {
        self.list[usize::from(self.len)] = frame;
        self.len += 1;
    }
}

impl Deref for Frames {
    type Target = [Frame];

    fn deref(&self) -> &[Frame] {
        &self.list[..usize::from(self.len)]
    }
}
