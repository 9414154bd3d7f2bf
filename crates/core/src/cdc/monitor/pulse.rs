//! The monitor of pulse synchronisers.

use std::collections::VecDeque;

use super::super::pulse_pin as pin;
use super::super::rules::class;
use super::{Crossed, Doubt, Pin, crossed};
use crate::bus::{Diagnostic, Severity, Sink};
use crate::log::{Change, Source, Value};
use crate::time::{Span, Time};

/// What a [`PulseMonitor`] expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PulseOptions {
    /// A pulse that has not arrived after this is lost: the latency of the synchroniser and something to spare.
    pub latest: Latest,
}

/// When a pulse arrives at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latest {
    /// After so much time.
    After(Span),
    /// At that edge of the destination's clock.
    Edges(u32),
}

/// A pulse that has not arrived.
#[derive(Clone, Copy, Debug)]
struct Pulse {
    since: Time,
    /// Edges of the destination's clock that it has seen.
    edges: u32,
}

/// Judges a pulse synchroniser, on the pins of [`pin`]: as many pulses come out as go in.
#[derive(Clone, Debug)]
pub struct PulseMonitor {
    options: PulseOptions,
    doubt: Doubt,
    pins: [Pin; pin::NAMES.len()],
    /// Pulses that have not arrived; those of `latest` at most.
    under_way: VecDeque<Pulse>,
}

impl PulseMonitor {
    /// A monitor of a waveform from `source`.
    pub fn new(options: PulseOptions, source: Source) -> PulseMonitor {
        let pins = [Pin::UNKNOWN; pin::NAMES.len()];
        PulseMonitor { options, doubt: Doubt::of(source), pins, under_way: VecDeque::new() }
    }

    /// A cycle of this clock begins in which the pulse is up.
    fn pulses(&self, clk: crate::SignalId, pulse: crate::SignalId) -> bool {
        let level = self.pins[pulse.index()].sampled(self.doubt.exact).level();
        self.pins[clk.index()].rises() && level.is_high()
    }

    /// Pulses that are too late at `t`.
    fn expire<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        let Latest::After(latest) = self.options.latest else { return };
        while let Some(pulse) = self.under_way.pop_front_if(|pulse| t.since(pulse.since) > latest) {
            sink.diagnostic(lost(pulse.since, pulse.since.saturating_add(latest), &latest.to_string()));
        }
    }

    /// Pulses that have seen more edges than they may, after the one at `t`.
    fn expire_by_edges<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        let Latest::Edges(latest) = self.options.latest else { return };
        while let Some(pulse) = self.under_way.pop_front_if(|pulse| pulse.edges > latest) {
            sink.diagnostic(lost(pulse.since, t, &format!("{latest} edges of the destination's clock")));
        }
    }

    /// A pulse is on its way. Where the destination's clock stands still, more than it can ever take are not waited for.
    fn sent<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        if self.under_way.len() == MOST
            && let Some(first) = self.under_way.pop_front()
        {
            sink.diagnostic(lost(first.since, t, &format!("{MOST} more were sent")));
        }
        self.under_way.push_back(Pulse { since: t, edges: 0 });
    }

    /// Each pulse under way has seen one more edge.
    fn count_edge(&mut self) {
        if self.pins[pin::DST_CLK.index()].rises() {
            self.under_way.iter_mut().for_each(|pulse| pulse.edges = pulse.edges.saturating_add(1));
        }
    }

    fn arrived<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        if let Some(Pulse { since: start, .. }) = self.under_way.pop_front() {
            let item = Crossed { start, end: t, data: Value::known(1) };
            return crossed(class::PULSE, item, sink);
        }
        sink.diagnostic(Diagnostic {
            code: "cdc::pulse-invented",
            severity: Severity::Error,
            from: t,
            to: t,
            text: "a pulse arrives that was not sent".into(),
        });
    }
}

/// So many pulses may be under way: memory is bounded.
const MOST: usize = 4_096;

fn lost(from: Time, to: Time, after: &str) -> Diagnostic {
    let text = format!("a pulse has not arrived after {after}");
    Diagnostic { code: "cdc::pulse-lost", severity: Severity::Error, from, to, text }
}

impl crate::bus::Monitor for PulseMonitor {
    type Item = Crossed;

    fn instant<S: Sink<Crossed>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        self.expire(t, sink);
        self.pins.iter_mut().for_each(|pin| pin.before = pin.now);
        for change in changes {
            if let Some(pin) = self.pins.get_mut(change.signal.index()) {
                pin.now = change.value;
            }
        }
        self.count_edge();
        // Nothing crosses in no time.
        if self.pulses(pin::DST_CLK, pin::DST) {
            self.arrived(t, sink);
        }
        self.expire_by_edges(t, sink);
        if self.pulses(pin::SRC_CLK, pin::SRC) {
            self.sent(t, sink);
        }
    }

    fn advance<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        self.expire(t, sink);
    }

    fn finish<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        self.expire(t, sink);
    }
}
