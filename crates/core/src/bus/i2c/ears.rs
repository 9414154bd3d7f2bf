//! What an agent hears of the two wires, through its input filter.
//!
//! ```text
//! SCL      ‾‾‾\_______/‾‾\_/‾‾‾‾‾‾‾‾    a spike shorter than the filter
//! heard    ‾‾‾‾‾\__________________/    and all the rest, later by the filter's length
//!             |<>| spike
//! ```
//!
//! An edge is *confirmed* once it has lasted as long as the filter; its time is still that of the edge at the pin. Both
//! wires have the same filter, so edges are confirmed in the order in which they came. An agent need not be awake when
//! an edge is confirmed: it may ask later, and hears what it would have heard.

use super::{Options, pin};
use crate::level::Level;
use crate::sim::Cx;
use crate::time::{Span, Time};

/// A wire as heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ear {
    /// At the pin; while that is between the thresholds, the last level it had.
    pub(super) raw: bool,
    /// When `raw` took its value.
    pub(super) since: Time,
    /// Behind the filter.
    pub(super) seen: bool,
    /// The pin is neither Low nor High.
    pub(super) is_murky: bool,
}

/// Something heard, with the time it had at the pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// SCL rose.
    Rose(Time),
    /// SCL fell.
    Fell(Time),
    /// SDA fell while SCL was high.
    Start(Time),
    /// SDA rose while SCL was high.
    Stop(Time),
}

/// Both wires.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ears {
    /// Shorter than this is no edge.
    pub(super) spike: Span,
    pub(super) scl: Ear,
    pub(super) sda: Ear,
}

impl Ear {
    const HIGH: Ear = Ear { raw: true, since: Time::ZERO, seen: true, is_murky: false };

    /// An edge waits to be confirmed.
    #[inline]
    pub(super) fn is_pending(&self) -> bool {
        self.raw != self.seen
    }

    fn is_due(&self, now: Time, spike: Span) -> bool {
        self.is_pending() && self.since.saturating_add(spike) <= now
    }

    /// A level at the pin. An open-drain wire that nobody drives is High, as in a simulator without the pull-up.
    #[inline]
    fn hear(&mut self, level: Level, now: Time) {
        let raw = match level {
            Level::Low => false,
            Level::High | Level::Z => true,
            Level::X => {
                self.is_murky = true;
                return;
            }
        };
        self.is_murky = false;
        if raw != self.raw {
            self.raw = raw;
            self.since = now;
        }
    }
}

impl Ears {
    /// The ears of an agent on a bus of those options.
    pub(super) fn new(bus: &Options) -> Ears {
        Ears { spike: bus.filter(), scl: Ear::HIGH, sda: Ear::HIGH }
    }

    /// What the wires are at the start is no edge.
    pub(super) fn begin(&mut self, cx: &Cx<'_>) {
        self.listen(cx);
        self.scl.seen = self.scl.raw;
        self.sda.seen = self.sda.raw;
    }

    /// Takes the levels at the pins. All that [`Ears::next`] has to say must have been heard before: what is confirmed
    /// now was so before the pins changed.
    #[inline]
    pub(super) fn listen(&mut self, cx: &Cx<'_>) {
        self.scl.hear(cx.level(pin::SCL), cx.now());
        self.sda.hear(cx.level(pin::SDA), cx.now());
    }

    /// The next edge that is confirmed by `now`.
    #[inline]
    pub(super) fn next(&mut self, now: Time) -> Option<Heard> {
        if !(self.scl.is_pending() || self.sda.is_pending()) {
            return None;
        }
        let scl = self.scl.is_due(now, self.spike);
        if self.sda.is_due(now, self.spike) && !(scl && self.clock_is_first()) {
            self.sda.seen = self.sda.raw;
            if self.scl.seen {
                let at = self.sda.since;
                return Some(if self.sda.seen { Heard::Stop(at) } else { Heard::Start(at) });
            }
        }
        if scl { Some(self.confirm_clock()) } else { None }
    }

    /// SDA that changes together with SCL does so while SCL is low.
    fn clock_is_first(&self) -> bool {
        (self.scl.since, self.scl.raw) < (self.sda.since, true)
    }

    /// The edge of SCL that is pending is believed without waiting for the filter.
    pub(super) fn confirm_clock(&mut self) -> Heard {
        self.scl.seen = self.scl.raw;
        let at = self.scl.since;
        if self.scl.seen { Heard::Rose(at) } else { Heard::Fell(at) }
    }

    /// When an edge of SDA will be confirmed that may be a START or a STOP.
    #[inline]
    pub(super) fn condition_due(&self) -> Time {
        if self.sda.is_pending() && (self.scl.raw || self.scl.seen) {
            self.sda.since.saturating_add(self.spike)
        } else {
            Time::MAX
        }
    }

    /// When the pending edge of SCL will be confirmed.
    pub(super) fn clock_due(&self) -> Time {
        if self.scl.is_pending() { self.scl.since.saturating_add(self.spike) } else { Time::MAX }
    }
}
