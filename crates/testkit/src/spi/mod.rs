//! SPI: strategies for its items, options, electrical values and faults, and whole cases of all of them.
//!
//! | module | gives |
//! |---|---|
//! | [`items`] | traffic: transfers of words of any length, with the operations, the peripheral's script and what must be heard |
//! | [`options`] | modes, orders, polarities, formats, lanes, sample delays, word lengths |
//! | [`electrical`] | output timing of peripherals |
//! | [`faults`] | what goes wrong at the controller or the peripheral on purpose |
//! | [`cases`] | all of it at once, legal by construction: what was said must be heard |

pub mod cases;
pub mod electrical;
pub mod faults;
pub mod items;
pub mod options;

use busproof_core::Time;
use busproof_core::bus::spi::{Item, Payload};

use crate::spoken::Spoken;

/// What was said on SPI, whenever it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A chip select became active.
    Select(u8),
    /// It became inactive.
    Deselect(u8),
    /// A word.
    Word(Payload),
    /// A word that was cut off.
    Incomplete(Payload),
}

impl Spoken for Item {
    type Meaning = Meaning;

    fn meaning(&self) -> Meaning {
        match self {
            Item::Select { cs, .. } => Meaning::Select(*cs),
            Item::Deselect { cs, .. } => Meaning::Deselect(*cs),
            Item::Word(word) => Meaning::Word(word.payload.clone()),
            Item::Incomplete(word) => Meaning::Incomplete(word.payload.clone()),
        }
    }

    fn start(&self) -> Time {
        Item::start(self)
    }

    fn end(&self) -> Time {
        Item::end(self)
    }
}
