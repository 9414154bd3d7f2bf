//! What the agents of this module share: clock inputs and outputs that come from flops.

use super::flop::Chain;
use crate::log::{SignalId, Value};
use crate::sim::Cx;
use crate::time::Span;

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
