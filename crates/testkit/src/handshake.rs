//! Handshakes: what their items mean.

use busproof_core::bus::handshake::Item;
use busproof_core::{Bits, Time};

use crate::spoken::Spoken;

/// What was said in a handshake, whenever it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A word that was acknowledged.
    Beat(Bits),
    /// A word that was offered in vain.
    Incomplete(Bits),
}

impl Spoken for Item {
    type Meaning = Meaning;

    fn meaning(&self) -> Meaning {
        match self {
            Item::Beat(beat) => Meaning::Beat(beat.data.clone()),
            Item::Incomplete(beat) => Meaning::Incomplete(beat.data.clone()),
        }
    }

    fn start(&self) -> Time {
        Item::start(self)
    }

    fn end(&self) -> Time {
        Item::end(self)
    }
}
