//! What can be said on SPI.

use crate::bits::Bits;
use crate::time::Time;

/// One thing said on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A chip select became active.
    Select {
        /// When.
        at: Time,
        /// Which line.
        cs: u8,
    },
    /// A chip select became inactive.
    Deselect {
        /// When.
        at: Time,
        /// Which line.
        cs: u8,
    },
    /// A whole word.
    Word(Word),
    /// A word that was cut off: CS became inactive, or the waveform ended, before its last bit.
    Incomplete(Word),
}

impl Item {
    /// When it began.
    pub fn start(&self) -> Time {
        match self {
            Item::Select { at, .. } | Item::Deselect { at, .. } => *at,
            Item::Word(word) | Item::Incomplete(word) => word.start,
        }
    }

    /// When it was over.
    pub fn end(&self) -> Time {
        match self {
            Item::Select { at, .. } | Item::Deselect { at, .. } => *at,
            Item::Word(word) | Item::Incomplete(word) => word.end,
        }
    }
}

/// The bits between two word boundaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The first sampling edge.
    pub start: Time,
    /// The last sampling edge plus the length of a bit, as far as it is known.
    pub end: Time,
    /// The chip select line it belongs to; 0 without one.
    pub cs: u8,
    /// The bits.
    pub payload: Payload,
    /// What is odd about it.
    pub flags: Flags,
}

/// The bits of a word, by the lines they travelled on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// One lane in each direction; a line that is not connected has no bits.
    Duplex {
        /// Controller to peripheral.
        mosi: Option<Bits>,
        /// Peripheral to controller.
        miso: Option<Bits>,
    },
    /// Several lanes in one direction, or the one data line of 3-wire SPI (`lanes` 1).
    Shared {
        /// The number of lanes: 1, 2 or 4.
        lanes: u8,
        /// Who drove, as far as a command table tells.
        direction: Direction,
        /// The bits.
        bits: Bits,
    },
}

impl Payload {
    /// The number of bits of each line's word.
    pub fn len(&self) -> usize {
        match self {
            Payload::Duplex { mosi, miso } => mosi.as_ref().or(miso.as_ref()).map_or(0, Bits::len),
            Payload::Shared { bits, .. } => bits.len(),
        }
    }

    /// The number of lanes, if they are shared by both directions.
    pub(super) fn shared_lanes(&self) -> Option<u8> {
        match self {
            Payload::Shared { lanes, .. } => Some(*lanes),
            Payload::Duplex { .. } => None,
        }
    }

    /// True if there is no bit.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Who drives a shared line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The wires do not tell, and there is no command table.
    #[default]
    Unknown,
    /// The controller.
    ToPeripheral,
    /// The peripheral.
    ToController,
}

/// What is odd about a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// The waveform began inside the transfer, so the word boundary is a guess.
    pub assumed_start: bool,
    /// It travelled at double rate.
    pub double_rate: bool,
}
