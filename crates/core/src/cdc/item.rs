//! What can cross from one domain to another.

use super::options::Through;
use crate::bits::Bits;
use crate::time::Time;

/// Something that has crossed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// What.
    pub kind: ItemKind,
    /// When it was offered or taken in the source's domain; of a level, when it changed.
    pub start: Time,
    /// When it was taken in the destination's domain; of a level, when it changed there.
    pub end: Time,
    /// The word or level; of a pulse, 1.
    pub data: Bits,
}

/// A kind of thing that crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// A level, through flops in a row.
    Level,
    /// A pulse.
    Pulse,
    /// A word, by request and acknowledge or through a FIFO.
    Word,
}

impl ItemKind {
    /// What crosses such a crossing.
    pub const fn of(through: Through) -> ItemKind {
        match through {
            Through::Synchroniser => ItemKind::Level,
            Through::PulseSynchroniser => ItemKind::Pulse,
            Through::ReqAck | Through::Fifo => ItemKind::Word,
        }
    }

    /// As JSON spells it.
    pub const fn name(self) -> &'static str {
        match self {
            ItemKind::Level => "level",
            ItemKind::Pulse => "pulse",
            ItemKind::Word => "word",
        }
    }
}
