//! Words on wires: as a group, or as up to 16 wires of their own.

use super::pin;
use crate::log::{SignalId, Value};
use crate::sim::Cx;
use crate::time::Span;

/// Where a word travels: a pin for a group or a single wire, and pins for its bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    group: SignalId,
    first: SignalId,
    width: u32,
}

impl Word {
    pub(super) fn data(width: u32) -> Word {
        Word { group: pin::DATA, first: pin::data(0), width }
    }

    pub(super) fn true_rails(width: u32) -> Word {
        Word { group: pin::TRUE, first: pin::true_rail(0), width }
    }

    pub(super) fn false_rails(width: u32) -> Word {
        Word { group: pin::FALSE, first: pin::false_rail(0), width }
    }

    fn wires(self) -> impl Iterator<Item = (u32, SignalId)> {
        (0..self.width.min(pin::WIRES)).map(move |i| (i, SignalId(self.first.0 + i)))
    }

    /// Drives `bits`, on whichever of the pins are connected.
    pub(super) fn drive_after(self, delay: Span, bits: u64, cx: &mut Cx<'_>) {
        if cx.is_connected(self.group) {
            cx.drive_value_after(self.group, delay, Value::known(bits));
            return;
        }
        for (i, wire) in self.wires() {
            cx.drive_value_after(wire, delay, Value::known(bits >> i & 1));
        }
    }

    /// The word as it is now.
    pub(super) fn value(self, cx: &Cx<'_>) -> Value {
        self.read(cx, Cx::value, Cx::level)
    }

    /// The word as the last instant left it.
    pub(super) fn sampled(self, cx: &Cx<'_>) -> Value {
        self.read(cx, Cx::sampled_value, Cx::sampled)
    }

    fn read<'a, 'b>(
        self,
        cx: &'a Cx<'b>,
        group: impl Fn(&'a Cx<'b>, SignalId) -> Value,
        wire: impl Fn(&'a Cx<'b>, SignalId) -> crate::Level,
    ) -> Value {
        if cx.is_connected(self.group) {
            return group(cx, self.group).masked(self.width);
        }
        self.wires().fold(Value::known(0), |value, (i, pin)| value.with(i, wire(cx, pin)))
    }

    /// The pins, a bit each.
    pub(super) fn pins(self) -> u64 {
        self.wires().fold(1 << self.group.0, |pins, (_, wire)| pins | 1 << wire.0)
    }
}
