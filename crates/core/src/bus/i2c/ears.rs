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

#![expect(clippy::inline_always, reason = "measured: what every edge does costs a tenth more as calls")]

use super::{Options, pin};
use crate::level::Level;
use crate::sim::{Cx, Passed};
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
    const HIGH: Ear = Ear { raw: true, since: Time::ZERO, seen: true };

    /// An edge waits to be confirmed.
    #[inline]
    pub(super) fn is_pending(&self) -> bool {
        self.raw != self.seen
    }

    fn is_due(&self, now: Time, spike: Span) -> bool {
        self.is_pending() && self.since.saturating_add(spike) <= now
    }

    /// A level at the pin. An open-drain wire that nobody drives is High, as in a simulator without the pull-up.
    #[inline(always)]
    fn hear(&mut self, level: Level, now: Time) {
        let raw = match level {
            Level::Low => false,
            Level::High | Level::Z => true,
            Level::X => return,
        };
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
        for (ear, pin) in [(&mut self.scl, pin::SCL), (&mut self.sda, pin::SDA)] {
            ear.hear(cx.level(pin), cx.now());
            ear.seen = ear.raw;
        }
    }

    /// Takes the levels of the pins that changed. All that [`Ears::next`] has to say must have been heard before: what is
    /// confirmed now was so before the pins changed.
    #[inline(always)]
    pub(super) fn listen(&mut self, cx: &Cx<'_>) {
        if cx.changed(pin::SCL) {
            self.scl.hear(cx.level(pin::SCL), cx.now());
        }
        if cx.changed(pin::SDA) {
            self.sda.hear(cx.level(pin::SDA), cx.now());
        }
    }

    /// Clocks have passed unheard, the last of which fell just now, and has not been confirmed.
    #[inline]
    pub(super) fn catch_up(&mut self, passed: &Passed) {
        let high = passed.bits & 1 != 0;
        let since = passed.changed.unwrap_or(self.sda.since);
        self.sda = Ear { raw: high, since, seen: high };
        self.scl = Ear { raw: false, since: passed.fell, seen: true };
    }

    /// SDA is neither Low nor High, or was so until it changed just now.
    pub(super) fn is_data_murky(cx: &Cx<'_>) -> bool {
        cx.is_between(pin::SDA) || cx.level(pin::SDA) == Level::X
    }

    /// Some edge waits to be confirmed.
    #[inline]
    pub(super) fn are_pending(&self) -> bool {
        self.scl.is_pending() || self.sda.is_pending()
    }

    /// SCL is low, and what SDA does means nothing.
    #[inline]
    pub(super) fn is_clock_low(&self) -> bool {
        !(self.scl.raw || self.scl.seen)
    }

    /// The next edge that is confirmed by `now`.
    #[inline]
    pub(super) fn next(&mut self, now: Time) -> Option<Heard> {
        if !self.are_pending() {
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
