//! The monitor of level synchronisers.

use super::super::level_pin as pin;
use super::{Crossed, Doubt, Pin, crossed};
use crate::bus::{Diagnostic, Severity, Sink};
use crate::log::{Change, Source};
use crate::time::{Span, Time};

/// What a [`LevelMonitor`] expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelOptions {
    /// An output of a flop changes at most that long after an edge of its clock.
    pub clk_to_q: Span,
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
    /// The input has changed, and the output does not show it yet.
    pending: Option<Time>,
}

impl LevelMonitor {
    /// A monitor of a waveform from `source`.
    pub fn new(options: LevelOptions, source: Source) -> LevelMonitor {
        let [clk, d, q] = [Pin::UNKNOWN; 3];
        LevelMonitor { options, doubt: Doubt::of(source), clk, d, q, edge: None, pending: None }
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
    }

    fn input<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        if self.d.before.unknown != 0 {
            return;
        }
        let Some(from) = self.pending.take() else {
            self.pending = Some(t);
            return;
        };
        sink.diagnostic(Diagnostic {
            code: "cdc::level-lost",
            severity: Severity::Error,
            from,
            to: t,
            text: format!("a level of {} at the input was not seen", t.since(from)),
        });
    }

    fn output<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        let known = self.q.now.unknown == 0;
        if known && let Some(from) = self.pending.take_if(|_| self.q.now == self.d.now) {
            crossed(from, t, self.q.now, sink);
        }
        // An output that resolves does so whenever it likes.
        if self.q.before.unknown == 0 {
            self.judge_change(t, sink);
        }
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
