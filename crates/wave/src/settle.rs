//! Collects changes until an instant is settled, then hands it to the observer.

use busproof_core::{Change, Observer, SignalId, Time, Value};

use crate::error::ReadErrorKind;
use crate::options::Window;

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Where the waveform, or the window on it, ends.
    pub end: Time,
    /// The number of instants delivered.
    pub instants: u64,
    /// The number of changes delivered.
    pub changes: u64,
    /// The number of values that were overwritten within their instant: pulses of zero width.
    pub zero_width: u64,
    /// True if the file was cut off; everything before that counts.
    pub truncated: bool,
}

/// Whether more changes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    More,
    Enough,
}

/// The gate between a parser and an observer.
///
/// Parsers call [`Settler::advance`] with each time stamp and [`Settler::set`] with each value, in order of the file.
pub(crate) struct Settler<'o, O: ?Sized> {
    observer: &'o mut O,
    cells: Vec<Cell>,
    /// The number of the instant in the making, from 1.
    epoch: u64,
    /// The changes of the instant in the making, in order of the file.
    changes: Vec<Change>,
    /// True if `changes` may hold one that was taken back.
    stale: bool,
    /// True if `changes` may be out of order.
    unsorted: bool,
    /// The slot of the last of `changes`; 0 for none.
    last: usize,
    t: u64,
    from: u64,
    to: u64,
    summary: Summary,
}

/// What is known of one slot.
#[derive(Clone, Copy)]
struct Cell {
    value: Value,
    /// The value before the instant in which it was last set; meaningless in the first.
    before: Value,
    /// The instant in which it was last set; 0 for never.
    epoch: u64,
    /// The instant in which it was first set.
    first: u64,
    /// Where `changes` has it, if set in this instant; else [`UNLISTED`].
    position: u32,
}

const UNLISTED: u32 = u32::MAX;

impl Cell {
    const NEW: Cell = Cell { value: Value::X, before: Value::X, epoch: 0, first: 0, position: UNLISTED };

    /// True if in this instant, its last, the slot only returned to where it was.
    fn is_back(&self) -> bool {
        self.first != self.epoch && self.before == self.value
    }
}

impl<'o, O: Observer + ?Sized> Settler<'o, O> {
    pub(crate) fn new(observer: &'o mut O, slots: usize, window: Window) -> Settler<'o, O> {
        Settler {
            observer,
            cells: vec![Cell::NEW; slots],
            epoch: 1,
            changes: Vec::with_capacity(slots),
            stale: false,
            unsorted: false,
            last: 0,
            t: 0,
            from: window.from.unwrap_or(Time::ZERO).as_fs(),
            to: window.to.unwrap_or(Time::MAX).as_fs(),
            summary: Summary::default(),
        }
    }

    /// The time of the instant in the making, in femtoseconds.
    pub(crate) fn time(&self) -> u64 {
        self.t
    }

    /// True if the window has an end, so that what lies behind it is of no concern.
    pub(crate) fn is_bounded(&self) -> bool {
        self.to < u64::MAX
    }

    /// Signal `slot` takes `value` in the instant in the making.
    #[inline]
    pub(crate) fn set(&mut self, slot: usize, value: Value) {
        let cell = &mut self.cells[slot];
        if cell.epoch == self.epoch || cell.epoch == 0 {
            return self.set_again_or_first(slot, value);
        }
        cell.epoch = self.epoch;
        cell.before = cell.value;
        cell.position = UNLISTED;
        if cell.value != value {
            cell.value = value;
            cell.position = self.changes.len() as u32;
            self.push(slot, value);
        }
    }

    #[inline]
    fn push(&mut self, slot: usize, value: Value) {
        self.unsorted |= slot < self.last;
        self.last = slot;
        self.changes.push(Change { signal: SignalId(slot as u32), value });
    }

    #[cold]
    fn set_again_or_first(&mut self, slot: usize, value: Value) {
        let cell = &mut self.cells[slot];
        if cell.epoch == 0 {
            (cell.epoch, cell.first) = (self.epoch, self.epoch);
        } else if cell.value == value {
            return;
        } else {
            self.summary.zero_width += u64::from(cell.first != cell.epoch && cell.before != cell.value);
        }
        cell.value = value;
        self.stale |= cell.is_back();
        self.list(slot);
    }

    /// Lists the value of a slot among the changes of the instant.
    fn list(&mut self, slot: usize) {
        let cell = &mut self.cells[slot];
        if let Some(change) = self.changes.get_mut(cell.position as usize) {
            change.value = cell.value;
        } else {
            cell.position = self.changes.len() as u32;
            let value = cell.value;
            self.push(slot, value);
        }
    }

    /// Time moves on to `t` femtoseconds, which is not before [`Settler::time`].
    #[inline]
    pub(crate) fn advance(&mut self, t: u64) -> Flow {
        if t > self.t {
            if t > self.to {
                return Flow::Enough;
            }
            // Up to the start of the window the state only accumulates; what it is by then makes the first instant.
            if t > self.from {
                self.t = self.t.max(self.from);
                self.flush();
            }
            self.t = t;
        }
        Flow::More
    }

    #[inline]
    fn flush(&mut self) {
        if self.stale {
            self.retract();
        }
        self.epoch += 1;
        self.last = 0;
        if self.changes.is_empty() {
            return;
        }
        if self.unsorted {
            self.sort();
        }
        self.summary.instants += 1;
        self.summary.changes += self.changes.len() as u64;
        self.observer.instant(Time::from_fs(self.t), &self.changes);
        self.changes.clear();
    }

    #[cold]
    fn sort(&mut self) {
        self.changes.sort_unstable_by_key(|change| change.signal);
        self.unsorted = false;
    }

    /// Drops changes whose signal ends the instant with the value it began with.
    #[cold]
    fn retract(&mut self) {
        let cells = &self.cells;
        self.changes.retain(|change| !cells[change.signal.index()].is_back());
        self.stale = false;
    }

    /// The file ends at the current time, or `Enough` was answered.
    pub(crate) fn finish(mut self, flow: Flow) -> Result<Summary, ReadErrorKind> {
        let end = if flow == Flow::Enough { self.to } else { self.t };
        if end < self.from {
            let (end, from) = (Time::from_fs(end), Time::from_fs(self.from));
            return Err(ReadErrorKind::WindowBehindEnd { end, from });
        }
        self.t = self.t.max(self.from);
        self.flush();
        self.summary.end = Time::from_fs(end);
        self.observer.finish(self.summary.end);
        Ok(self.summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use busproof_core::Level;

    #[derive(Default)]
    struct Seen(Vec<(u64, Vec<(u32, Level)>)>, u64);

    impl Observer for Seen {
        fn instant(&mut self, t: Time, changes: &[Change]) {
            self.0.push((t.as_fs(), changes.iter().map(|c| (c.signal.0, c.value.level())).collect()));
        }

        fn finish(&mut self, t: Time) {
            self.1 = t.as_fs();
        }
    }

    const HIGH: Value = Value::wire(Level::High);
    const LOW: Value = Value::wire(Level::Low);

    #[test]
    fn an_instant_is_delivered_once_in_order_and_without_what_did_not_change() {
        let mut seen = Seen::default();
        let mut settler = Settler::new(&mut seen, 70, Window::ALL);
        settler.set(69, LOW);
        settler.set(0, HIGH);
        settler.advance(5);
        settler.set(0, LOW);
        settler.set(0, HIGH);
        settler.advance(7);
        settler.set(69, HIGH);
        let summary = settler.finish(Flow::More).unwrap();
        assert_eq!(seen.0, [(0, vec![(0, Level::High), (69, Level::Low)]), (7, vec![(69, Level::High)])]);
        assert_eq!((summary.zero_width, summary.changes, seen.1), (1, 3, 7));
    }

    #[test]
    fn a_window_starts_with_the_state_reached_by_then() {
        let mut seen = Seen::default();
        let window = Window { from: Some(Time::from_fs(6)), to: Some(Time::from_fs(8)) };
        let mut settler = Settler::new(&mut seen, 1, window);
        settler.set(0, LOW);
        settler.advance(3);
        settler.set(0, HIGH);
        settler.advance(7);
        settler.set(0, LOW);
        assert_eq!(settler.advance(9), Flow::Enough);
        settler.finish(Flow::Enough).unwrap();
        assert_eq!(seen.0, [(6, vec![(0, Level::High)]), (7, vec![(0, Level::Low)])]);
        assert_eq!(seen.1, 8);
    }
}
