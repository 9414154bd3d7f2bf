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
    /// The values of the instant in the making.
    now: Vec<Value>,
    /// The values delivered last; meaningless while the bit in `unseen` is set.
    told: Vec<Value>,
    /// One bit per slot: set since the last delivery.
    dirty: Vec<u64>,
    /// One bit per slot: never delivered.
    unseen: Vec<u64>,
    /// The words of `dirty` that are not zero lie in `first..last`.
    first: usize,
    last: usize,
    t: u64,
    from: u64,
    to: u64,
    changes: Vec<Change>,
    summary: Summary,
}

impl<'o, O: Observer + ?Sized> Settler<'o, O> {
    pub(crate) fn new(observer: &'o mut O, slots: usize, window: Window) -> Settler<'o, O> {
        let words = slots.div_ceil(64);
        Settler {
            observer,
            now: vec![Value::X; slots],
            told: vec![Value::X; slots],
            dirty: vec![0; words],
            unseen: vec![u64::MAX; words],
            first: words,
            last: 0,
            t: 0,
            from: window.from.unwrap_or(Time::ZERO).as_fs(),
            to: window.to.unwrap_or(Time::MAX).as_fs(),
            changes: Vec::with_capacity(slots),
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
        let (word, bit) = (slot / 64, 1 << (slot % 64));
        if self.dirty[word] & bit != 0 {
            self.overwrite(slot, value);
        }
        self.dirty[word] |= bit;
        self.now[slot] = value;
        self.first = self.first.min(word);
        self.last = self.last.max(word + 1);
    }

    #[cold]
    fn overwrite(&mut self, slot: usize, value: Value) {
        let seen = self.unseen[slot / 64] & 1 << (slot % 64) == 0;
        let (now, told) = (self.now[slot], self.told[slot]);
        self.summary.zero_width += u64::from(seen && now != value && now != told);
    }

    /// Time moves on to `t` femtoseconds, which is not before [`Settler::time`].
    #[inline]
    pub(crate) fn advance(&mut self, t: u64) -> Flow {
        if t > self.t {
            if t > self.to {
                return Flow::Enough;
            }
            self.step(t);
        }
        Flow::More
    }

    #[inline]
    fn step(&mut self, t: u64) {
        // Up to the start of the window the state only accumulates; what it is by then makes the first instant.
        if t > self.from {
            self.t = self.t.max(self.from);
            self.flush();
        }
        self.t = t;
    }

    #[inline]
    fn flush(&mut self) {
        self.changes.clear();
        for word in self.first..self.last {
            self.collect(word);
        }
        (self.first, self.last) = (self.dirty.len(), 0);
        if !self.changes.is_empty() {
            self.summary.instants += 1;
            self.summary.changes += self.changes.len() as u64;
            self.observer.instant(Time::from_fs(self.t), &self.changes);
        }
    }

    #[inline]
    fn collect(&mut self, word: usize) {
        let mut dirty = std::mem::take(&mut self.dirty[word]);
        let unseen = self.unseen[word];
        self.unseen[word] &= !dirty;
        while dirty != 0 {
            let bit = dirty.trailing_zeros() as usize;
            let slot = word * 64 + bit;
            let value = self.now[slot];
            if value != self.told[slot] || unseen >> bit & 1 != 0 {
                self.told[slot] = value;
                self.changes.push(Change { signal: SignalId(slot as u32), value });
            }
            dirty &= dirty - 1;
        }
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
