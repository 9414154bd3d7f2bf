//! One wire for both directions, as RS-485 has it in half duplex: whose driver is on tells who speaks.
//!
//! ```text
//! wire      ‾‾‾‾\_ping_/‾‾‾‾‾‾‾‾‾‾‾‾\_pong_/‾‾‾
//! DE        __/‾‾‾‾‾‾‾‾‾‾\_____________________     TX: ping
//! PEER_DE   ________________/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\__     RX: pong
//!                   |<------------>| turnaround
//! ```
//!
//! While both are on, both lines hear the wire, and what they hear is garbled.

use super::{Line, pin};
use crate::bus::{Diagnostic, Severity};
use crate::level::Level;
use crate::log::Change;
use crate::time::Time;

/// A wire that two drivers share, taken apart into two lines.
#[derive(Clone, Debug)]
pub(super) struct SharedWire {
    wire: Level,
    /// Whether each driver is on, as its enable was last seen.
    on: [Option<bool>; 2],
    /// What each line was last shown.
    shown: [Level; 2],
    /// Since when both are on.
    both_since: Option<Time>,
}

impl SharedWire {
    /// A wire of which nothing is known.
    pub(super) const fn new() -> SharedWire {
        SharedWire { wire: Level::X, on: [None; 2], shown: [Level::X; 2], both_since: None }
    }

    /// True if the wire is shared: the driver enable of the other end is seen.
    #[inline]
    pub(super) fn is_in_use(&self, changes: &[Change]) -> bool {
        self.on[1].is_some() || changes.iter().any(|change| change.signal == pin::PEER_DE)
    }

    /// Takes the changes of an instant in; the new level of each line that has one.
    pub(super) fn take(&mut self, changes: &[Change]) -> [Option<Level>; 2] {
        for change in changes {
            let level = change.value.level();
            match change.signal {
                pin::TX => self.wire = level,
                pin::DE => self.on[0] = level.bit().or(self.on[0]),
                pin::PEER_DE => self.on[1] = level.bit().or(self.on[1]).or(Some(false)),
                _ => {}
            }
        }
        Line::ALL.map(|line| self.show(line))
    }

    /// What a line hears, if that is something new. What nobody's driver accounts for is heard on TX.
    fn show(&mut self, line: Line) -> Option<Level> {
        let [near, far] = self.on.map(|on| on == Some(true));
        let hears = match line {
            Line::Tx => near || !far,
            Line::Rx => far,
        };
        let level = if hears { self.wire } else { Level::Z };
        let shown = &mut self.shown[line as usize];
        (std::mem::replace(shown, level) != level).then_some(level)
    }

    /// What there is to say when drivers have been on together until `t`, or are when the waveform ends.
    pub(super) fn overlap(&mut self, t: Time, is_end: bool) -> Option<Diagnostic> {
        let are_both_on = self.on == [Some(true); 2];
        if are_both_on {
            self.both_since.get_or_insert(t);
        }
        if are_both_on && !is_end {
            return None;
        }
        let from = self.both_since.take()?;
        let text = format!("both drivers of the wire are on for {}", t.since(from));
        Some(Diagnostic { code: "uart::collision", severity: Severity::Error, from, to: t, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Value;

    fn change(pin: crate::SignalId, level: Level) -> Change {
        Change { signal: pin, value: Value::wire(level) }
    }

    #[test]
    fn a_line_hears_the_wire_while_its_driver_is_on() {
        let mut wire = SharedWire::new();
        let (low, high) = (Level::Low, Level::High);
        let idle = [change(pin::TX, high), change(pin::DE, low), change(pin::PEER_DE, low)];
        assert!(wire.is_in_use(&idle) && !SharedWire::new().is_in_use(&idle[..2]));
        // What nobody drives is heard on TX, as on a wire that is not shared.
        assert_eq!(wire.take(&idle), [Some(high), Some(Level::Z)]);
        assert_eq!(wire.take(&[change(pin::DE, high)]), [None, None]);
        assert_eq!(wire.take(&[change(pin::TX, low)]), [Some(low), None]);
        assert_eq!(wire.take(&[change(pin::TX, high), change(pin::DE, low)]), [Some(high), None]);
        assert_eq!(wire.take(&[change(pin::PEER_DE, high)]), [Some(Level::Z), Some(high)]);
        assert_eq!(wire.take(&[change(pin::TX, low)]), [None, Some(low)]);
    }

    #[test]
    fn drivers_that_are_on_together_are_told_once_with_how_long() {
        let mut wire = SharedWire::new();
        let at = Time::from_fs;
        wire.take(&[change(pin::DE, Level::High), change(pin::PEER_DE, Level::Low)]);
        assert_eq!(wire.overlap(at(1), false), None);
        wire.take(&[change(pin::PEER_DE, Level::High)]);
        assert_eq!(wire.overlap(at(5), false), None);
        assert_eq!(wire.overlap(at(6), false), None);
        wire.take(&[change(pin::DE, Level::Low)]);
        let told = wire.overlap(at(9), false).unwrap();
        assert_eq!((told.code, told.from, told.to), ("uart::collision", at(5), at(9)));
        assert_eq!(wire.overlap(at(10), false), None);
        // One that lasts is told at the end.
        wire.take(&[change(pin::DE, Level::High)]);
        assert_eq!(wire.overlap(at(12), false), None);
        assert_eq!(wire.overlap(at(20), true).map(|told| (told.from, told.to)), Some((at(12), at(20))));
    }
}
