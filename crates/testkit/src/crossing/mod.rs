//! Clock-domain crossings: strategies for their options, flops and clocks, and whole cases of all of them.
//!
//! | module | gives |
//! |---|---|
//! | [`options`] | what lies between the domains, its flops, the clocks on both sides, who is willing when |
//! | [`cases`] | words, pulses and levels on their way, legal by construction: nothing is lost, doubled or out of order |

pub mod cases;
pub mod options;

use busproof_core::cdc::{Item, ItemKind};
use busproof_core::{Bits, Time};

use crate::spoken::Spoken;

/// What has crossed, whenever that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning(pub ItemKind, pub Bits);

impl Spoken for Item {
    type Meaning = Meaning;

    fn meaning(&self) -> Meaning {
        Meaning(self.kind, self.data.clone())
    }

    fn start(&self) -> Time {
        self.start
    }

    fn end(&self) -> Time {
        self.end
    }
}
