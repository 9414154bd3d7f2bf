//! Value changes: the single source of truth of a run, a simulation or a recording.
//!
//! A [`ChangeLog`] holds one column of times and values per signal. Everything that judges or draws a waveform sees
//! only such changes, either from a log or streamed into an [`Observer`].

use crate::level::Level;
use crate::time::{Span, Time};

/// Where changes come from; decides how exact their times are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// A run of our own, or a file that we wrote of one: times are exact.
    #[default]
    Run,
    /// Another simulator's dump: times are rounded to its timescale, yet what it writes at one time stamp happened
    /// in one instant.
    Simulation {
        /// The timescale of the dump.
        grid: Span,
    },
    /// A recording of real signals by sampling: an edge lies somewhere between two samples, and what changes in one
    /// sample may have changed in any order.
    Recording {
        /// The sampling period, if the recording tells.
        grid: Option<Span>,
    },
}

impl Source {
    /// The doubt in every time stamp: zero for a run; `None` if it is unknown.
    pub const fn grid(self) -> Option<Span> {
        match self {
            Source::Run => Some(Span::ZERO),
            Source::Simulation { grid } => Some(grid),
            Source::Recording { grid } => grid,
        }
    }

    /// True if changes of one time stamp happened in one and the same instant.
    pub const fn instants_are_exact(self) -> bool {
        !matches!(self, Source::Recording { .. })
    }
}

/// The state of a signal of 1 to 64 wires: two planes of one bit each, wire 0 in bit 0.
///
/// `unknown` clear: `bits` is the value. `unknown` set: X where `bits` is set, else Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Value {
    /// The value plane.
    pub bits: u64,
    /// The plane of wires that are neither Low nor High.
    pub unknown: u64,
}

impl Value {
    /// Every wire unknown.
    pub const X: Value = Value { bits: u64::MAX, unknown: u64::MAX };

    /// A single wire at `level`.
    pub const fn wire(level: Level) -> Value {
        let (bit, unknown) = level.planes();
        Value { bits: bit as u64, unknown: unknown as u64 }
    }

    /// A known value.
    pub const fn known(bits: u64) -> Value {
        Value { bits, unknown: 0 }
    }

    /// The level of wire 0.
    pub const fn level(self) -> Level {
        self.at(0)
    }

    /// The level of wire `i`, below 64.
    pub const fn at(self, i: u32) -> Level {
        Level::from_planes(self.bits >> i & 1 != 0, self.unknown >> i & 1 != 0)
    }

    /// This value with wire `i` at `level`.
    #[must_use]
    pub const fn with(self, i: u32, level: Level) -> Value {
        let (bit, unknown) = level.planes();
        let clear = !(1 << i);
        Value {
            bits: self.bits & clear | (bit as u64) << i,
            unknown: self.unknown & clear | (unknown as u64) << i,
        }
    }

    /// This value with everything above the low `width` wires cleared.
    #[must_use]
    pub const fn masked(self, width: u32) -> Value {
        let mask = if width >= 64 { u64::MAX } else { (1 << width) - 1 };
        Value { bits: self.bits & mask, unknown: self.unknown & mask }
    }
}

/// The number of a signal within a log, a file or a monitor's pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalId(pub u32);

impl SignalId {
    /// As an index into a list of signals.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One signal takes a new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which signal, as numbered by whoever hands the change out.
    pub signal: SignalId,
    /// What it is from now on.
    pub value: Value,
}

/// Sees a waveform pass by, one instant at a time.
///
/// Calls come in order of time; all changes of one instant come in one call, each signal at most once, and only
/// settled values. The first instant sets every signal that has an initial value.
pub trait Observer {
    /// It looks at nothing: whoever calls it may leave out the changes.
    const BLIND: bool = false;

    /// At `t` the signals of `changes` take new values.
    fn instant(&mut self, t: Time, changes: &[Change]);

    /// The waveform ends at `t`.
    fn finish(&mut self, t: Time);
}

/// Why a change cannot be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Time went backwards within a signal.
    #[error("change at {at} follows one at {last} in the same signal")]
    Backwards {
        /// The time of the refused change.
        at: Time,
        /// The time of the signal's last change.
        last: Time,
    },
}

/// A signal's name, width and changes.
#[derive(Clone, Debug)]
pub struct Column {
    name: String,
    width: u32,
    times: Vec<u64>,
    values: Values,
}

/// Two bits per change for a wire, a word per plane and change for a group.
#[derive(Clone, Debug)]
enum Values {
    Wire(Levels),
    Group { bits: Vec<u64>, unknown: Vec<u64> },
}

impl Values {
    #[inline]
    fn get(&self, i: usize) -> Value {
        match self {
            Values::Wire(levels) => levels.get(i),
            Values::Group { bits, unknown } => Value { bits: bits[i], unknown: unknown[i] },
        }
    }

    fn pop(&mut self) {
        match self {
            Values::Wire(levels) => levels.pop(),
            Values::Group { bits, unknown } => {
                bits.pop();
                unknown.pop();
            }
        }
    }

    #[inline]
    fn push(&mut self, value: Value) {
        match self {
            Values::Wire(levels) => levels.push(value),
            Values::Group { bits, unknown } => {
                bits.push(value.bits);
                unknown.push(value.unknown);
            }
        }
    }
}

/// Levels of a wire, 32 to a word; each is `unknown << 1 | value`, as in [`Level`]. What is behind the last is zero.
#[derive(Clone, Debug, Default)]
struct Levels {
    words: Vec<u64>,
    len: usize,
}

impl Levels {
    #[inline]
    fn get(&self, i: usize) -> Value {
        assert!(i < self.len, "change {i} of {}", self.len);
        let level = self.words[i / 32] >> (i % 32 * 2);
        Value { bits: level & 1, unknown: level >> 1 & 1 }
    }

    fn pop(&mut self) {
        self.len -= 1;
        if self.len.is_multiple_of(32) {
            self.words.pop();
        } else if let Some(word) = self.words.last_mut() {
            *word &= (1 << (self.len % 32 * 2)) - 1;
        }
    }

    #[inline]
    fn push(&mut self, value: Value) {
        let level = value.unknown << 1 & 2 | value.bits & 1;
        match self.words.last_mut() {
            Some(word) if !self.len.is_multiple_of(32) => *word |= level << (self.len % 32 * 2),
            _ => self.words.push(level),
        }
        self.len += 1;
    }
}

impl Column {
    /// The signal's full name, scopes separated by dots: `top.flash.miso`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of wires, 1 to 64.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// The number of changes.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// True if the signal never had a value.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Change number `i`.
    ///
    /// # Panics
    /// If `i` is not below [`Column::len`].
    #[inline]
    pub fn get(&self, i: usize) -> (Time, Value) {
        (Time::from_fs(self.times[i]), self.values.get(i))
    }

    /// All changes in order of time.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Time, Value)> + '_ {
        (0..self.len()).map(|i| self.get(i))
    }

    /// The value at `t`: that of the last change at or before it.
    pub fn value_at(&self, t: Time) -> Option<Value> {
        let after = self.times.partition_point(|&fs| fs <= t.as_fs());
        after.checked_sub(1).map(|i| self.values.get(i))
    }

    #[inline]
    fn push(&mut self, t: Time, value: Value) -> Result<(), LogError> {
        let value = value.masked(self.width);
        let fs = t.as_fs();
        let Some(last) = self.times.len().checked_sub(1) else {
            self.times.push(fs);
            self.values.push(value);
            return Ok(());
        };
        if self.times[last] > fs {
            return Err(LogError::Backwards { at: t, last: Time::from_fs(self.times[last]) });
        }
        if self.values.get(last) == value {
            return Ok(());
        }
        if self.times[last] == fs {
            return self.replace_last(t, value);
        }
        self.times.push(fs);
        self.values.push(value);
        Ok(())
    }

    /// Takes the last change back and appends another of the same time.
    #[cold]
    fn replace_last(&mut self, t: Time, value: Value) -> Result<(), LogError> {
        self.times.pop();
        self.values.pop();
        self.push(t, value)
    }
}

/// All changes of some signals.
#[derive(Clone, Debug, Default)]
pub struct ChangeLog {
    source: Source,
    columns: Vec<Column>,
    end: Time,
}

impl ChangeLog {
    /// An empty log of changes from `source`.
    pub fn new(source: Source) -> ChangeLog {
        ChangeLog { source, ..ChangeLog::default() }
    }

    /// Where the changes come from.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Adds a signal of one wire.
    pub fn add_wire(&mut self, name: impl Into<String>) -> SignalId {
        let values = Values::Wire(Levels::default());
        self.add(Column { name: name.into(), width: 1, times: Vec::new(), values })
    }

    /// Adds a signal of `width` wires.
    ///
    /// # Panics
    /// If `width` is not 1 to 64.
    pub fn add_group(&mut self, name: impl Into<String>, width: u32) -> SignalId {
        assert!((1..=64).contains(&width), "a group has 1 to 64 wires, not {width}");
        let values = Values::Group { bits: Vec::new(), unknown: Vec::new() };
        self.add(Column { name: name.into(), width, times: Vec::new(), values })
    }

    fn add(&mut self, column: Column) -> SignalId {
        self.columns.push(column);
        SignalId(self.columns.len() as u32 - 1)
    }

    /// Appends a change; one that changes nothing is dropped, one at the time of the signal's last replaces it.
    ///
    /// # Panics
    /// If the log has no such signal.
    #[inline]
    pub fn push(&mut self, signal: SignalId, t: Time, value: Value) -> Result<(), LogError> {
        self.columns[signal.index()].push(t, value)?;
        self.end = self.end.max(t);
        Ok(())
    }

    /// The log lasts until `t` at least.
    pub fn extend_to(&mut self, t: Time) {
        self.end = self.end.max(t);
    }

    /// When the waveform ends: at or after the last change.
    pub fn end(&self) -> Time {
        self.end
    }

    /// The signals in order of their numbers.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// One signal.
    ///
    /// # Panics
    /// If the log has no such signal.
    pub fn column(&self, signal: SignalId) -> &Column {
        &self.columns[signal.index()]
    }

    /// The signal of that full name.
    pub fn find(&self, name: &str) -> Option<SignalId> {
        self.columns.iter().position(|c| c.name == name).map(|i| SignalId(i as u32))
    }

    /// The instants of all signals in order of time, numbered as in this log.
    pub fn instants(&self) -> Instants<'_> {
        Instants::new(self.columns.iter())
    }

    /// The instants of the given signals only; a change's number is the position in `signals`.
    pub fn instants_of<'a>(&'a self, signals: &[SignalId]) -> Instants<'a> {
        Instants::new(signals.iter().map(|&s| self.column(s)))
    }

    /// Streams the whole log into `observer`.
    pub fn replay(&self, observer: &mut impl Observer) {
        let mut instants = self.instants();
        while let Some((t, changes)) = instants.next() {
            observer.instant(t, changes);
        }
        observer.finish(self.end);
    }
}

impl Observer for ChangeLog {
    /// Appends the changes; the log must already have the signals.
    #[inline]
    fn instant(&mut self, t: Time, changes: &[Change]) {
        for change in changes {
            self.push(change.signal, t, change.value).expect("an observer sees instants in order of time");
        }
    }

    fn finish(&mut self, t: Time) {
        self.extend_to(t);
    }
}

/// Columns of one or several logs merged by time without copying them.
///
/// A lending iterator: each call of [`Instants::next`] hands out all changes of the next instant.
#[derive(Clone, Debug)]
pub struct Instants<'a> {
    cursors: Vec<Cursor<'a>>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
struct Cursor<'a> {
    column: &'a Column,
    position: usize,
    /// The time of the change at `position`, or `u64::MAX` behind the last.
    due: u64,
}

impl<'a> Instants<'a> {
    /// Merges `columns`, which may belong to different logs; a change's number is the position in the list.
    pub fn new(columns: impl IntoIterator<Item = &'a Column>) -> Instants<'a> {
        let cursor = |column: &'a Column| Cursor {
            column,
            position: 0,
            due: column.times.first().copied().unwrap_or(u64::MAX),
        };
        Instants { cursors: columns.into_iter().map(cursor).collect(), changes: Vec::new() }
    }

    /// The next instant at which anything changes, with the changes in order of their numbers.
    #[expect(
        clippy::should_implement_trait,
        reason = "the changes are lent, which `Iterator` cannot express"
    )]
    #[inline]
    pub fn next(&mut self) -> Option<(Time, &[Change])> {
        let fs = self.cursors.iter().map(|c| c.due).min()?;
        self.changes.clear();
        for (i, cursor) in self.cursors.iter_mut().enumerate().filter(|(_, c)| c.due == fs) {
            // A change at 2^64 - 1 fs is told from the end of the column by its position.
            if cursor.position < cursor.column.len() {
                let value = cursor.column.values.get(cursor.position);
                self.changes.push(Change { signal: SignalId(i as u32), value });
                cursor.position += 1;
                cursor.due = cursor.column.times.get(cursor.position).copied().unwrap_or(u64::MAX);
            }
        }
        (!self.changes.is_empty()).then_some((Time::from_fs(fs), &self.changes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEVELS: [Level; 4] = [Level::Low, Level::High, Level::Z, Level::X];

    #[test]
    fn a_change_that_changes_nothing_is_dropped_and_the_last_of_an_instant_wins() {
        let mut log = ChangeLog::default();
        let a = log.add_wire("a");
        let at = |fs| Time::from_fs(fs);
        for (t, level) in [(0, Level::Low), (5, Level::Low), (7, Level::High), (7, Level::X)] {
            log.push(a, at(t), Value::wire(level)).unwrap();
        }
        let seen: Vec<_> = log.column(a).iter().map(|(t, v)| (t.as_fs(), v.level())).collect();
        assert_eq!(seen, [(0, Level::Low), (7, Level::X)]);
        assert_eq!(log.push(a, at(6), Value::X), Err(LogError::Backwards { at: at(6), last: at(7) }));
        assert_eq!(log.column(a).value_at(at(6)).unwrap().level(), Level::Low);
    }

    #[test]
    fn a_change_at_the_very_last_instant_is_seen_once() {
        let mut log = ChangeLog::default();
        let a = log.add_wire("a");
        log.push(a, Time::MAX, Value::known(1)).unwrap();
        let mut instants = log.instants();
        assert_eq!(instants.next().map(|(t, c)| (t, c.len())), Some((Time::MAX, 1)));
        assert_eq!(instants.next(), None);
    }

    proptest! {
        #[test]
        fn merging_by_time_gives_every_change_once_and_in_order(
            pushes in proptest::collection::vec((0..3u32, 0..20u64, any::<(u64, u64)>()), 0..200),
        ) {
            let mut log = ChangeLog::default();
            log.add_wire("a");
            log.add_group("b", 64);
            log.add_group("c", 5);
            let mut now = 0;
            for (signal, dt, (bits, unknown)) in pushes {
                now += dt;
                log.push(SignalId(signal), Time::from_fs(now), Value { bits, unknown }).unwrap();
            }
            let mut copy = ChangeLog::default();
            copy.add_wire("a");
            copy.add_group("b", 64);
            copy.add_group("c", 5);
            log.replay(&mut copy);
            for (a, b) in log.columns().iter().zip(copy.columns()) {
                prop_assert_eq!(a.iter().collect::<Vec<_>>(), b.iter().collect::<Vec<_>>());
            }
            let mut instants = log.instants();
            let mut last = None;
            while let Some((t, _)) = instants.next() {
                prop_assert!(last < Some(t));
                last = Some(t);
            }
        }

        #[test]
        fn a_column_is_what_was_pushed(pushes in proptest::collection::vec((0..3u64, 0..4usize), 0..150)) {
            let mut log = ChangeLog::default();
            let a = log.add_wire("a");
            let mut wanted: Vec<(Time, Level)> = Vec::new();
            let mut now = Time::ZERO;
            for (dt, level) in pushes {
                now += Span::from_fs(dt);
                log.push(a, now, Value::wire(LEVELS[level])).unwrap();
                let last = wanted.last().copied();
                if last.is_some_and(|(t, l)| t == now && l != LEVELS[level]) {
                    wanted.pop();
                }
                if wanted.last().is_none_or(|l| l.1 != LEVELS[level]) {
                    wanted.push((now, LEVELS[level]));
                }
            }
            let seen: Vec<_> = log.column(a).iter().map(|(t, v)| (t, v.level())).collect();
            prop_assert_eq!(seen, wanted);
        }

        #[test]
        fn levels_round_trip_through_planes(i in 0..64u32, l in 0..4usize, before in any::<(u64, u64)>()) {
            let value = Value { bits: before.0, unknown: before.1 }.with(i, LEVELS[l]);
            prop_assert_eq!(value.at(i), LEVELS[l]);
        }
    }
}
