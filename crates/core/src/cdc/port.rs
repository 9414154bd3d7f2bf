//! What the agents of this module share: clock inputs and outputs that come from flops.

use std::collections::VecDeque;

use super::flop::Chain;
use crate::log::{SignalId, Value};
use crate::sim::Cx;
use crate::time::{Span, Time};

/// A clock pin: tells its rising edges.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockPin {
    pin: SignalId,
    high: bool,
}

impl ClockPin {
    pub(super) const fn new(pin: SignalId) -> ClockPin {
        ClockPin { pin, high: false }
    }

    /// True if it rose since the last call.
    #[inline]
    pub(super) fn rises(&mut self, cx: &Cx<'_>) -> bool {
        let Some(high) = cx.level(self.pin).bit() else { return false };
        let rises = high && !self.high;
        self.high = high;
        rises
    }
}

/// An output pin: drives only what is new.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pin: SignalId,
    driven: Option<Value>,
}

impl Output {
    pub(super) const fn new(pin: SignalId) -> Output {
        Output { pin, driven: None }
    }

    /// Drives `bits` after `delay`.
    #[inline]
    pub(super) fn put(&mut self, bits: u64, delay: Span, cx: &mut Cx<'_>) {
        let value = Value::known(bits);
        if self.driven != Some(value) {
            self.driven = Some(value);
            cx.drive_value_after(self.pin, delay, value);
        }
    }

    /// Follows `value` at once, whatever it is.
    pub(super) fn follow(&mut self, value: Value, cx: &mut Cx<'_>) {
        if self.driven != Some(value) {
            self.driven = Some(value);
            cx.drive_value_after(self.pin, Span::ZERO, value);
        }
    }

    /// Drives what stage `stage` of a chain shows after the last edge.
    #[inline]
    pub(super) fn show(&mut self, chain: &Chain, stage: usize, cx: &mut Cx<'_>) {
        if !cx.is_connected(self.pin) {
            return;
        }
        let (pin, now, mut last) = (self.pin, cx.now(), self.driven);
        chain.shows(stage, |at, value| {
            if last != Some(value) {
                last = Some(value);
                cx.drive_value_after(pin, at.since(now), value);
            }
        });
        self.driven = last;
    }
}

/// A group of wires of different length: wire 0 arrives first, the last one `skew` later.
#[derive(Clone, Debug)]
pub(super) struct Skewed {
    pin: SignalId,
    width: u32,
    skew: Span,
    /// What was sent and when, as far as some wire has not arrived; the first is older than that.
    sent: VecDeque<(Time, u64)>,
}

impl Skewed {
    pub(super) fn new(pin: SignalId, width: u32, skew: Span) -> Skewed {
        Skewed { pin, width, skew, sent: VecDeque::from([(Time::ZERO, 0)]) }
    }

    /// Sends `bits` after `delay`.
    pub(super) fn put(&mut self, bits: u64, delay: Span, cx: &mut Cx<'_>) {
        if self.sent.back().is_some_and(|last| last.1 == bits) {
            return;
        }
        let from = cx.now().saturating_add(delay);
        self.sent.push_back((from, bits));
        if self.skew.is_zero() {
            self.sent.pop_front();
            return cx.drive_value_after(self.pin, delay, Value::known(bits));
        }
        while self.sent.get(1).is_some_and(|next| next.0.saturating_add(self.skew) <= from) {
            self.sent.pop_front();
        }
        self.schedule(from, cx);
    }

    /// Drives every value that the far end will see from `from` on.
    fn schedule(&self, from: Time, cx: &mut Cx<'_>) {
        let arrivals =
            self.sent.iter().flat_map(|sent| (0..self.width).map(|i| sent.0.saturating_add(self.late(i))));
        let mut times: Vec<Time> = arrivals.filter(|t| *t >= from).collect();
        times.sort_unstable();
        times.dedup();
        for t in times {
            cx.drive_value_after(self.pin, t.since(cx.now()), Value::known(self.seen(t)));
        }
    }

    /// How much later than the first wire wire `i` arrives.
    fn late(&self, i: u32) -> Span {
        self.skew.scale(i as u64, (self.width - 1).max(1) as u64)
    }

    /// What the far end sees at `t`.
    fn seen(&self, t: Time) -> u64 {
        let wire = |i: u32| {
            let sent = self.sent.iter().rev().find(|sent| sent.0.saturating_add(self.late(i)) <= t);
            sent.or(self.sent.front()).map_or(0, |sent| sent.1 & 1 << i)
        };
        (0..self.width).map(wire).fold(0, |bits, bit| bits | bit)
    }
}
