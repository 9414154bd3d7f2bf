//! The monitor of level synchronisers.

use std::collections::VecDeque;

use super::super::level_pin as pin;
use super::super::rules::class;
use super::{Crossed, Doubt, Pin, crossed};
use crate::bus::{Diagnostic, Severity, Sink};
use crate::log::{Change, Source};
use crate::time::{Span, Time};

/// What a [`LevelMonitor`] expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelOptions {
    /// An output of a flop changes at most that long after an edge of its clock.
    pub clk_to_q: Span,
    /// How many flops there are in a row.
    pub stages: u8,
}

/// A level of the input that the output does not show yet.
#[derive(Clone, Copy, Debug)]
struct Level {
    since: Time,
    /// Edges of the clock that it has seen.
    edges: u32,
}

/// Judges a synchroniser of one wire, on the pins of [`pin`]: its output changes with its clock only, is resolved when it is
/// sampled, and shows every level of the input.
#[derive(Clone, Debug)]
pub struct LevelMonitor {
    options: LevelOptions,
    doubt: Doubt,
    clk: Pin,
    d: Pin,
    q: Pin,
    edge: Option<Time>,
    /// Levels that are under way, the oldest first; High and Low by turns. At most two for each edge that one may take, so a few.
    pending: VecDeque<Level>,
}

impl LevelMonitor {
    /// A monitor of a waveform from `source`.
    pub fn new(options: LevelOptions, source: Source) -> LevelMonitor {
        let [clk, d, q] = [Pin::UNKNOWN; 3];
        LevelMonitor { options, doubt: Doubt::of(source), clk, d, q, edge: None, pending: VecDeque::new() }
    }

    fn take(&mut self, changes: &[Change]) {
        for pin in [&mut self.clk, &mut self.d, &mut self.q] {
            pin.before = pin.now;
        }
        for change in changes {
            match change.signal {
                pin::CLK => self.clk.now = change.value.masked(1),
                pin::D => self.d.now = change.value.masked(1),
                pin::Q => self.q.now = change.value.masked(1),
                _ => {}
            }
        }
    }

    /// A rising edge: whoever samples the output samples it now.
    fn edge<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        let unresolved = self.edge.is_some() && self.q.sampled(self.doubt.exact).unknown != 0;
        if unresolved {
            sink.diagnostic(Diagnostic {
                code: "cdc::metastable",
                severity: Severity::Error,
                from: self.edge.unwrap_or(t),
                to: t,
                text: "the output is not resolved at the next edge of its clock".into(),
            });
        }
        self.edge = Some(t);
        self.expire(t, sink);
    }

    /// Counts an edge for each level under way. A level takes as many as there are flops, and one more if it came too close to the
    /// first; one that has not arrived by the next is lost, and so is the return from it.
    fn expire<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        let most = self.options.stages as u32 + 1;
        while self.pending.front().is_some_and(|level| level.edges >= most) {
            self.lose(0, t, sink);
        }
        self.pending.iter_mut().for_each(|level| level.edges += 1);
    }

    /// The level at `place` was not seen, at `t` at the latest.
    fn lose<S: Sink<Crossed>>(&mut self, place: usize, t: Time, sink: &mut S) {
        let Some(level) = self.pending.remove(place) else { return };
        let to = self.pending.remove(place).map_or(t, |next| next.since);
        sink.diagnostic(Diagnostic {
            code: "cdc::level-lost",
            severity: Severity::Error,
            from: level.since,
            to,
            text: format!("a level of {} at the input was not seen", to.since(level.since)),
        });
    }

    fn input<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        if self.d.before.unknown != 0 {
            return;
        }
        self.pending.push_back(Level { since: t, edges: 0 });
        // The edge before may still take the first level behind it; what follows has no edge at all.
        let newest = self.pending.len() - 1;
        if newest >= 2 && self.pending[newest - 2].edges == 0 {
            self.lose(newest - 1, t, sink);
        }
    }

    fn output<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        let known = self.q.now.unknown == 0;
        if known && let Some(level) = self.arrived() {
            let item = Crossed { start: level.since, end: t, data: self.q.now };
            crossed(class::LEVEL, item, sink);
        }
        // An output that resolves does so whenever it likes.
        if self.q.before.unknown == 0 {
            self.judge_change(t, sink);
        }
    }

    /// The level that the output shows by now, if it is the oldest under way.
    fn arrived(&mut self) -> Option<Level> {
        // They take turns, so the last one tells which level the first one is.
        let is_like_input = self.pending.len() % 2 == 1;
        let shown = (self.q.now == self.d.now) == is_like_input;
        self.pending.pop_front_if(|_| shown)
    }

    fn judge_change<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        let latest = self.options.clk_to_q.saturating_add(self.doubt.grid);
        if self.edge.is_some_and(|edge| t.since(edge) <= latest) {
            return;
        }
        sink.diagnostic(Diagnostic {
            code: "cdc::unsynchronised",
            severity: Severity::Error,
            from: self.edge.unwrap_or(t),
            to: t,
            text: format!(
                "the output changes more than {} after an edge of its clock",
                self.options.clk_to_q
            ),
        });
    }
}

impl crate::bus::Monitor for LevelMonitor {
    type Item = Crossed;

    fn instant<S: Sink<Crossed>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        self.take(changes);
        if self.clk.rises() {
            self.edge(t, sink);
        }
        if self.d.now != self.d.before && self.d.now.unknown == 0 {
            self.input(t, sink);
        }
        if self.q.now != self.q.before {
            self.output(t, sink);
        }
    }

    fn advance<S: Sink<Crossed>>(&mut self, _: Time, _: &mut S) {}

    fn finish<S: Sink<Crossed>>(&mut self, _: Time, _: &mut S) {}
}
