//! UART: strategies for its items, options, clocks and faults, and whole cases of all of them.
//!
//! | module | gives |
//! |---|---|
//! | [`items`] | traffic of one line: frames, breaks, LIN headers and pauses, with what must be heard |
//! | [`options`] | formats of a frame, rates, receivers, packets |
//! | [`faults`] | what goes wrong at the transmitter on purpose |
//! | [`cases`] | two ports that talk at once, legal by construction: what was said must be heard |

pub mod cases;
pub mod faults;
pub mod items;
pub mod options;

use busproof_core::bus::uart::{Closed, Item, Line};
use busproof_core::{Bits, Time};

use crate::spoken::Spoken;

/// What was said on a UART, whenever it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A frame on a line: its data, and whether parity and stop bit were wrong.
    Frame(Line, Bits, bool, bool),
    /// The line was Low for a frame or longer.
    Break(Line),
    /// So many frames were a packet.
    Packet(Line, u64, Closed),
}

impl Meaning {
    /// The line it was said on.
    pub fn line(&self) -> Line {
        match self {
            Meaning::Frame(line, ..) | Meaning::Break(line) | Meaning::Packet(line, ..) => *line,
        }
    }
}

impl Spoken for Item {
    type Meaning = Meaning;

    fn meaning(&self) -> Meaning {
        match self {
            Item::Frame(frame) => {
                let flags = frame.flags;
                Meaning::Frame(frame.line, frame.data.clone(), flags.parity_error, flags.framing_error)
            }
            Item::Break(it) => Meaning::Break(it.line),
            Item::Packet(packet) => Meaning::Packet(packet.line, packet.frames, packet.closed),
        }
    }

    fn start(&self) -> Time {
        Item::start(self)
    }

    fn end(&self) -> Time {
        Item::end(self)
    }
}
