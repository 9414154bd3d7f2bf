//! Monitors of crossings: what went in, what came out, and what the wires between did.

mod any;
mod crossing;
mod level;
mod pulse;

pub use any::Monitor;
pub use crossing::{CrossingMonitor, CrossingOptions, Enters, Pointers};
pub use level::{LevelMonitor, LevelOptions};
pub use pulse::{Latest, PulseMonitor, PulseOptions};

use super::rules::event;
use crate::bus::{CodeInfo, Sink};
use crate::log::{Source, Value};
use crate::time::{Span, Time};
use crate::timing::{Class, Event};

/// What has crossed from one domain to the other: a word, a pulse, or a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossed {
    /// When it was taken in the source's domain; of a level, when it changed.
    pub start: Time,
    /// When it was taken in the destination's domain; of a level, when it changed there.
    pub end: Time,
    /// The word or level; of a pulse, 1.
    pub data: Value,
}

/// Reports that something of `class` has crossed.
fn crossed<S: Sink<Crossed>>(class: Class, item: Crossed, sink: &mut S) {
    let Crossed { start, end, .. } = item;
    let value = i64::try_from(end.since(start).as_fs()).unwrap_or(i64::MAX);
    sink.event(Event { value, class, ..Event::new(end, event::CROSSED) });
    sink.item(item);
}

/// A pin: as it is, and as the last instant left it.
#[derive(Clone, Copy, Debug)]
struct Pin {
    now: Value,
    before: Value,
}

impl Pin {
    const UNKNOWN: Pin = Pin { now: Value::X, before: Value::X };

    /// It has been Low and is High now.
    fn rises(&self) -> bool {
        self.before.level().is_low() && self.now.level().is_high()
    }

    /// What a flop takes at an edge in this instant.
    fn sampled(&self, exact: bool) -> Value {
        if exact { self.before } else { self.now }
    }
}

/// How exactly a waveform tells what came first.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    exact: bool,
    grid: Span,
}

impl Doubt {
    fn of(source: Source) -> Doubt {
        let exact = source.instants_are_exact();
        Doubt { exact, grid: source.grid().unwrap_or(Span::ZERO) }
    }
}

/// What the monitors of crossings can find odd.
pub const CODES: &[CodeInfo] = &[
    CodeInfo {
        code: "cdc::lost",
        summary: "a word went in and did not come out",
        explanation: "Words that followed it have come out, or more are under way than the crossing holds. Usual causes: \
                      a pointer or request that two flops of one domain saw differently, a write into a full FIFO.",
    },
    CodeInfo {
        code: "cdc::doubled",
        summary: "a word came out twice",
        explanation: "The destination took a word and did not count it: VALID and the pointer saw the other domain \
                      differently (no synchroniser, or an unresolved one), or the acknowledge was lost.",
    },
    CodeInfo {
        code: "cdc::corrupt",
        summary: "a word came out that never went in",
        explanation: "The destination read a slot that was not written, or data that changed while they were read: a \
                      pointer that is not in gray code, data that were not held until the acknowledge.",
    },
    CodeInfo {
        code: "cdc::gray-jump",
        summary: "a pointer changes in more than one bit",
        explanation: "A reader that catches it half-way may see any mix of old and new. Pointers cross in gray code, \
                      registered in their own domain, and step by one (Cummings, SNUG 2002).",
    },
    CodeInfo {
        code: "cdc::overflow",
        summary: "the write pointer is more than the depth ahead of the read pointer",
        explanation: "A word was written into a full FIFO and one was overwritten: the full flag was wrong.",
    },
    CodeInfo {
        code: "cdc::underflow",
        summary: "the read pointer is ahead of the write pointer",
        explanation: "A word was read from an empty FIFO: the empty flag was wrong.",
    },
    CodeInfo {
        code: "cdc::pulse-lost",
        summary: "a pulse did not arrive",
        explanation: "Two pulses came within a period of the destination and cancelled each other, or the pulse was \
                      shorter than a cycle of its own clock. Pulses that may come so close need a handshake or a FIFO.",
    },
    CodeInfo {
        code: "cdc::pulse-invented",
        summary: "a pulse arrives that nobody sent",
        explanation: "The edge detector saw one change twice: its flops saw an unsynchronised toggle differently.",
    },
    CodeInfo {
        code: "cdc::unsynchronised",
        summary: "an output changes when its clock did not",
        explanation: "There is no flop between the domains: flops behind this output have their set-up and hold times \
                      violated, and those fed by it in parallel may see different levels. Where flops take time, \
                      clk_to_q says how much.",
    },
    CodeInfo {
        code: "cdc::metastable",
        summary: "an output is not resolved when it is sampled",
        explanation: "The last flop of the synchroniser is still unknown at the next clock edge: a failure as mean time \
                      between failures counts them. More stages, or a slower clock, make it rarer.",
    },
    CodeInfo {
        code: "cdc::level-lost",
        summary: "a level was too short to be seen",
        explanation: "The input went back before an edge of the destination's clock took it. A level lasts for a period of \
                      that clock and its set-up and hold times at least (common; 1.5 periods are the usual advice, \
                      unverified). Shorter ones need a pulse synchroniser.",
    },
];
