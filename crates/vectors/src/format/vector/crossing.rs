//! What a vector says of a crossing alone.

use busproof_core::Span;
use busproof_core::bus::handshake::{Pattern, Width};
use busproof_core::cdc::{FifoOptions, FlopSpec, ReqAckOptions};

use super::{At, Clock};
use crate::compact::link::Takes;
use crate::time_expr::TimeExpr;

/// A crossing from one clock domain to another.
#[derive(Clone, Debug)]
pub struct Bus {
    /// What lies between the domains.
    pub through: Through,
    /// Bits in a word.
    pub width: Width,
    /// How long a step waits for the source to be rid of its words; `None`: for ever.
    pub time_out: Option<Span>,
    /// Where things come from; `None` for levels, which change when steps say so.
    pub source: Option<Domain>,
    /// Where they go to.
    pub destination: Domain,
}

/// What lies between the domains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Through {
    /// Flops in a row.
    Synchroniser {
        /// How many.
        stages: u8,
        /// What flops these are.
        flop: FlopSpec,
    },
    /// A toggle, flops and an edge detector.
    PulseSynchroniser {
        /// How many.
        stages: u8,
        /// What flops these are.
        flop: FlopSpec,
        /// A pulse that takes longer is lost.
        latest: Span,
    },
    /// Request and acknowledge.
    ReqAck(ReqAckOptions),
    /// A FIFO.
    Fifo(FifoOptions),
}

/// A clock domain, and who sits in it.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Its clock.
    pub clock: Clock,
    /// From the clock to outputs.
    pub delay: Option<At<TimeExpr>>,
    /// At which edges words are offered, or taken.
    pub pattern: Pattern,
}

impl Bus {
    /// What steps are made of.
    pub fn takes(&self) -> Takes {
        match self.through {
            Through::Synchroniser { .. } => Takes::Levels,
            Through::PulseSynchroniser { .. } => Takes::Pulses,
            Through::ReqAck(_) | Through::Fifo(_) => Takes::Words(self.width.get()),
        }
    }
}
