//! I2C: strategies for its items, options, electrical values and faults, whole cases of all of them, and controllers that
//! compete for the bus.
//!
//! | module | gives |
//! |---|---|
//! | [`items`] | traffic: transfers of messages, with the operations, the targets' script, what must be heard and reported |
//! | [`options`] | speed classes, frequencies, input filters |
//! | [`electrical`] | wires whose edges a speed class allows, and drivers that win against their pull-ups |
//! | [`faults`] | what goes wrong at the controller or the target on purpose, and clock stretching |
//! | [`cases`] | all of it at once, legal by construction: what was said must be heard |
//! | [`contests`] | several controllers that begin together: who must win, and what must be heard |

pub mod cases;
pub mod contests;
pub mod electrical;
pub mod faults;
pub mod items;
pub mod options;

use busproof_core::bus::i2c::{Ack, Address, Direction, Item};
use busproof_core::{Bits, Time};

use crate::spoken::Spoken;

/// What was said on I2C, whenever it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A START.
    Start,
    /// One that lies before the waveform.
    AssumedStart,
    /// A START without a STOP before it.
    RepeatedStart,
    /// A STOP.
    Stop,
    /// An address, and who sends what follows.
    Address(Address, Direction),
    /// A byte, and who sent it.
    Data(Bits, Direction),
    /// The ninth bit.
    Ack(Ack),
    /// A byte that was cut off.
    Incomplete(Bits),
}

impl Spoken for Item {
    type Meaning = Meaning;

    fn meaning(&self) -> Meaning {
        match self {
            Item::Start { assumed: false, .. } => Meaning::Start,
            Item::Start { assumed: true, .. } => Meaning::AssumedStart,
            Item::RepeatedStart { .. } => Meaning::RepeatedStart,
            Item::Stop { .. } => Meaning::Stop,
            Item::Address { address, direction, .. } => Meaning::Address(*address, *direction),
            Item::Data { byte, direction, .. } => Meaning::Data(byte.clone(), *direction),
            Item::Ack { ack, .. } => Meaning::Ack(*ack),
            Item::Incomplete { bits, .. } => Meaning::Incomplete(bits.clone()),
        }
    }

    fn start(&self) -> Time {
        Item::start(self)
    }

    fn end(&self) -> Time {
        Item::end(self)
    }
}
