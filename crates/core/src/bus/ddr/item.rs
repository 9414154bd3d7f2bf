//! What can be said on the pins of a DDR memory.

use super::pins::{Beat, Order};
use crate::time::{Span, Time};

/// One thing said on the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A command.
    Command(Said),
    /// The data of a read or write.
    Burst(Burst),
}

impl Item {
    /// When it began.
    pub const fn start(&self) -> Time {
        match self {
            Item::Command(said) => said.start,
            Item::Burst(burst) => burst.start,
        }
    }

    /// When it was over.
    pub const fn end(&self) -> Time {
        match self {
            Item::Command(said) => said.end,
            Item::Burst(burst) => burst.end,
        }
    }
}

/// A command as a rank received it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The first clock edge that it took.
    pub start: Time,
    /// The last one: from here on delays count.
    pub end: Time,
    /// The clock period as it was then; zero before two edges have been seen.
    pub clock: Span,
    /// The rank.
    pub rank: u8,
    /// The command, with bank and address.
    pub order: Order,
    /// The row that a read or write goes to, if its activate was seen.
    pub row: Option<u32>,
    /// A pin that carries the address was neither low nor high.
    pub unknown_address: bool,
}

/// The data of a read or write, in the order in which they travelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burst {
    /// The strobe's edge of the first beat, on the lane where it came first; where it was due if none came.
    pub start: Time,
    /// When the last beat was sampled.
    pub end: Time,
    /// The rank.
    pub rank: u8,
    /// The read or write that it belongs to.
    pub order: Order,
    /// The row, if its activate was seen.
    pub row: Option<u32>,
    /// The beats; wires of a lane whose strobe did not come are unknown.
    pub beats: Vec<Beat>,
    /// Data wires.
    pub width: u32,
    /// Strobes are missing.
    pub incomplete: bool,
}

impl Burst {
    /// Data go into the memory.
    pub const fn is_write(&self) -> bool {
        self.order.command.writes()
    }
}
