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
    pub latest: Span,
}

/// Judges a pulse synchroniser, on the pins of [`pin`]: as many pulses come out as go in.
#[derive(Clone, Debug)]
pub struct PulseMonitor {
    options: PulseOptions,
    doubt: Doubt,
    pins: [Pin; pin::NAMES.len()],
    /// Pulses that have not arrived; those of `latest` at most.
    under_way: VecDeque<Time>,
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
        while let Some(from) = self.under_way.pop_front_if(|from| t.since(*from) > self.options.latest) {
            sink.diagnostic(Diagnostic {
                code: "cdc::pulse-lost",
                severity: Severity::Error,
                from,
                to: from.saturating_add(self.options.latest),
                text: format!("a pulse has not arrived after {}", self.options.latest),
            });
        }
    }

    fn arrived<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        if let Some(start) = self.under_way.pop_front() {
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
        // Nothing crosses in no time.
        if self.pulses(pin::DST_CLK, pin::DST) {
            self.arrived(t, sink);
        }
        if self.pulses(pin::SRC_CLK, pin::SRC) {
            self.under_way.push_back(t);
        }
    }

    fn advance<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        self.expire(t, sink);
    }

    fn finish<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        self.expire(t, sink);
    }
}
