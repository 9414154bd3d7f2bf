//! The monitor of crossings for words.

use std::collections::VecDeque;

use super::super::rules::{class, event};
use super::super::{PointerCode, pin};
use super::{Crossed, Doubt, Pin, crossed};
use crate::bus::{Diagnostic, Severity, Sink};
use crate::log::{Change, Source, Value};
use crate::time::Time;
use crate::timing::Event;

/// What a [`CrossingMonitor`] knows of the crossing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossingOptions {
    /// From when on a word is under way.
    pub enters: Enters,
    /// How many words can be under way; one more and the first is lost.
    pub capacity: usize,
    /// Its pointers, if it is a FIFO whose pointers can be seen.
    pub pointers: Option<Pointers>,
}

impl CrossingOptions {
    /// A request/acknowledge crossing: the source learns that its word has arrived.
    pub const REQ_ACK: CrossingOptions =
        CrossingOptions { enters: Enters::Offered, capacity: 1, pointers: None };

    /// A FIFO of `depth` words and an output register.
    pub const fn fifo(depth: u32, code: PointerCode) -> CrossingOptions {
        let pointers = Some(Pointers { code, depth });
        CrossingOptions { enters: Enters::Taken, capacity: depth as usize + 2, pointers }
    }
}

/// From when on a word is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enters {
    /// From the first edge of the source's clock that sees it offered: READY says that it has arrived.
    Offered,
    /// From the transfer at the source: READY says that it is stored.
    Taken,
}

/// The pointers of a FIFO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointers {
    /// How they are coded.
    pub code: PointerCode,
    /// How many words it holds: a power of two.
    pub depth: u32,
}

/// Judges a crossing with valid/ready on both sides, on the pins of [`pin`]: nothing lost, nothing doubled, in order.
///
/// Words are told apart by their values, so a test sends words that differ from their neighbours.
#[derive(Clone, Debug)]
pub struct CrossingMonitor {
    options: CrossingOptions,
    doubt: Doubt,
    pins: [Pin; pin::COUNT],
    under_way: VecDeque<(Time, Value)>,
    last: Option<Value>,
    /// The source offers a word that was not taken at the last edge.
    offering: bool,
    /// The pointers are further apart than they may be.
    astray: bool,
}

impl CrossingMonitor {
    /// A monitor of a waveform from `source`.
    pub fn new(options: CrossingOptions, source: Source) -> CrossingMonitor {
        CrossingMonitor {
            options,
            doubt: Doubt::of(source),
            pins: [Pin::UNKNOWN; pin::COUNT],
            under_way: VecDeque::new(),
            last: None,
            offering: false,
            astray: false,
        }
    }

    fn pin(&self, signal: crate::SignalId) -> &Pin {
        &self.pins[signal.index()]
    }

    /// The word that an edge in this instant sees offered, and whether it is taken.
    fn offer(&self, [clk, valid, ready, data]: [crate::SignalId; 4]) -> Option<(Value, bool)> {
        if !self.pin(clk).rises() {
            return None;
        }
        let high = |signal| self.pin(signal).sampled(self.doubt.exact).level().is_high();
        high(valid).then(|| (self.pin(data).sampled(self.doubt.exact), high(ready)))
    }

    /// An edge of the source's clock, if there is one.
    fn source<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        let Some((word, taken)) = self.offer(SOURCE) else {
            self.offering &= !self.pin(pin::SRC_CLK).rises();
            return;
        };
        let enters = match self.options.enters {
            Enters::Offered => !self.offering,
            Enters::Taken => taken,
        };
        if enters {
            self.sent(t, word, sink);
        }
        self.offering = !taken;
    }

    fn sent<S: Sink<Crossed>>(&mut self, t: Time, word: Value, sink: &mut S) {
        self.under_way.push_back((t, word));
        if self.under_way.len() > self.options.capacity {
            self.lose(1, t, sink);
        }
    }

    /// The first `count` words under way will not arrive.
    fn lose<S: Sink<Crossed>>(&mut self, count: usize, t: Time, sink: &mut S) {
        let Some(&(from, _)) = self.under_way.front() else { return };
        self.under_way.drain(..count);
        let words = if count == 1 { "a word is".into() } else { format!("{count} words are") };
        sink.diagnostic(Diagnostic {
            code: "cdc::lost",
            severity: Severity::Error,
            from,
            to: t,
            text: format!("{words} lost on the way"),
        });
    }

    fn arrived<S: Sink<Crossed>>(&mut self, t: Time, word: Value, sink: &mut S) {
        let Some(i) = self.under_way.iter().position(|(_, sent)| *sent == word) else {
            return self.stranger(t, word, sink);
        };
        if i > 0 {
            self.lose(i, t, sink);
        }
        if let Some((start, _)) = self.under_way.pop_front() {
            crossed(class::WORD, Crossed { start, end: t, data: word }, sink);
        }
        self.last = Some(word);
    }

    /// A word arrives that is not under way.
    fn stranger<S: Sink<Crossed>>(&mut self, t: Time, word: Value, sink: &mut S) {
        let (code, text) = if self.last == Some(word) {
            ("cdc::doubled", "the last word arrives once more")
        } else {
            ("cdc::corrupt", "a word arrives that was not sent")
        };
        let text = format!("{text}: {:#x}", word.bits);
        sink.diagnostic(Diagnostic { code, severity: Severity::Error, from: t, to: t, text });
        self.last = Some(word);
    }

    fn judge_pointers<S: Sink<Crossed>>(&mut self, t: Time, sink: &mut S) {
        let Some(Pointers { code, depth }) = self.options.pointers else { return };
        let (w, r) = (*self.pin(pin::WPTR), *self.pin(pin::RPTR));
        if w.now == w.before && r.now == r.before || w.now.unknown | r.now.unknown != 0 {
            return;
        }
        sink.event(Event::new(t, event::POINTER));
        if code == PointerCode::Gray {
            gray_step(t, "write", w, sink);
            gray_step(t, "read", r, sink);
        }
        let round = 2 * depth as u64 - 1;
        let ahead = code.decode(w.now.bits).wrapping_sub(code.decode(r.now.bits)) & round;
        let astray = ahead > depth as u64;
        if astray && !self.astray {
            let (code, text) = if r.now == r.before {
                ("cdc::overflow", "the write pointer overtakes the read pointer by more than the depth")
            } else {
                ("cdc::underflow", "the read pointer overtakes the write pointer")
            };
            sink.diagnostic(Diagnostic {
                code,
                severity: Severity::Error,
                from: t,
                to: t,
                text: text.into(),
            });
        }
        self.astray = astray;
    }
}

/// A pointer in gray code changes in one bit at a time.
fn gray_step<S: Sink<Crossed>>(t: Time, name: &str, pointer: Pin, sink: &mut S) {
    let bits = (pointer.now.bits ^ pointer.before.bits).count_ones();
    if pointer.before.unknown == 0 && bits > 1 {
        sink.diagnostic(Diagnostic {
            code: "cdc::gray-jump",
            severity: Severity::Error,
            from: t,
            to: t,
            text: format!("the {name} pointer changes in {bits} bits at once"),
        });
    }
}

const SOURCE: [crate::SignalId; 4] = [pin::SRC_CLK, pin::SRC_VALID, pin::SRC_READY, pin::SRC_DATA];
const DESTINATION: [crate::SignalId; 4] = [pin::DST_CLK, pin::DST_VALID, pin::DST_READY, pin::DST_DATA];

impl crate::bus::Monitor for CrossingMonitor {
    type Item = Crossed;

    fn instant<S: Sink<Crossed>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        self.pins.iter_mut().for_each(|pin| pin.before = pin.now);
        for change in changes {
            if let Some(pin) = self.pins.get_mut(change.signal.index()) {
                pin.now = change.value;
            }
        }
        // Nothing crosses in no time.
        if let Some((word, true)) = self.offer(DESTINATION) {
            self.arrived(t, word, sink);
        }
        self.source(t, sink);
        self.judge_pointers(t, sink);
    }

    fn advance<S: Sink<Crossed>>(&mut self, _: Time, _: &mut S) {}

    fn finish<S: Sink<Crossed>>(&mut self, _: Time, _: &mut S) {}
}
