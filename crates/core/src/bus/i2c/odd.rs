//! Oddities that are summed up over a waveform rather than reported one by one.

use super::Item;
use crate::bus::{Diagnostic, Severity, Sink};
use crate::time::{Span, Time};

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Odd {
    /// Clocks while the bus is free.
    pub(super) idle_clocks: Count,
    /// Pulses on SCL and on SDA that the filter took.
    spikes: [Count; 2],
    widest: [Span; 2],
    /// Both lines changed in one sample.
    pub(super) coincident: Count,
    /// Halves of the clock that are a single sample long.
    pub(super) short: Count,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    times: u32,
    from: Time,
    to: Time,
}

impl Count {
    pub(super) fn add(&mut self, from: Time, to: Time) {
        if self.times == 0 {
            self.from = from;
        }
        self.times = self.times.saturating_add(1);
        self.to = to;
    }

    /// `1 clock`, `7 clocks`.
    fn of(&self, what: &str) -> String {
        if self.times == 1 { format!("1 {what}") } else { format!("{} {what}s", self.times) }
    }

    fn note(&self, code: &'static str, text: String) -> Diagnostic {
        Diagnostic { code, severity: Severity::Note, from: self.from, to: self.to, text }
    }
}

impl Odd {
    /// A pulse of that width on a line ends at `t`; SCL is number 0, SDA number 1.
    pub(super) fn spike(&mut self, line: usize, width: Span, t: Time) {
        self.spikes[line].add(t.saturating_sub(width), t);
        self.widest[line] = self.widest[line].max(width);
    }

    /// What was heard while the bus was free, and is over now.
    pub(super) fn flush_idle<S: Sink<Item>>(&mut self, sink: &mut S) {
        let clocks = std::mem::take(&mut self.idle_clocks);
        // A single one is a controller that rests with SCL low.
        if clocks.times > 1 {
            let text = format!("{} while the bus is free", clocks.of("clock"));
            sink.diagnostic(clocks.note("i2c::idle-clock", text));
        }
    }

    /// What is known at the end of the waveform; pulses shorter than `filter` were none.
    pub(super) fn report<S: Sink<Item>>(&self, filter: Span, sink: &mut S) {
        self.report_spikes(filter, sink);
        self.report_coincidences(sink);
        self.report_sampling(sink);
    }

    fn report_spikes<S: Sink<Item>>(&self, filter: Span, sink: &mut S) {
        for (line, name) in ["SCL", "SDA"].into_iter().enumerate() {
            let (spikes, widest) = (self.spikes[line], self.widest[line]);
            if spikes.times > 0 {
                let text = format!(
                    "{} on {name} ignored, up to {widest} wide: the input filter takes {filter}",
                    spikes.of("pulse")
                );
                sink.diagnostic(spikes.note("i2c::spike", text));
            }
        }
    }

    fn report_coincidences<S: Sink<Item>>(&self, sink: &mut S) {
        let text = match self.coincident.times {
            0 => return,
            1 => "SCL and SDA change in one sample".into(),
            times => format!("SCL and SDA change in one sample, {times} times"),
        };
        sink.diagnostic(self.coincident.note("i2c::coincident", text));
    }

    fn report_sampling<S: Sink<Item>>(&self, sink: &mut S) {
        let times = self.short.times;
        if times > 0 {
            let text = format!(
                "{times} halves of the clock are a single sample long: edges may have been missed; record faster"
            );
            sink.diagnostic(self.short.note("i2c::under-sampled", text));
        }
    }
}
