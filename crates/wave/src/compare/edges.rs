//! Edges against edges, signal by signal.

use busproof_core::log::Column;
use busproof_core::{Span, Time, Value};

use super::{Edge, Unknown, edges_of};

/// Of each signal so many differences are kept; all are counted.
const KEPT: usize = 1_000;

/// How edges are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EdgeOptions {
    /// By how much an edge may have moved.
    pub tolerance: Span,
    /// Whether X and Z count.
    pub unknown: Unknown,
    /// By how much the second is later than the first, in femtoseconds.
    pub offset: i128,
}

/// What is different about a signal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignalDiff {
    /// The first of the differences, in order of time.
    pub differences: Vec<Difference>,
    /// How many there are of each kind, in the order of [`DifferenceKind::ALL`].
    pub counts: [u64; 5],
    /// How many edges have a counterpart.
    pub matched: u64,
    /// How far an edge with a counterpart is from it at most, in femtoseconds.
    pub farthest: u64,
}

/// A difference between two waveforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of which kind.
    pub kind: DifferenceKind,
    /// When in the first waveform, by its own time.
    pub at_a: Time,
    /// When in the second, by its own.
    pub at_b: Time,
    /// What the signal is then, or becomes, in the first.
    pub a: Option<Value>,
    /// And in the second.
    pub b: Option<Value>,
}

/// What kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The signal begins with another value.
    Begins,
    /// An edge of the first is not in the second.
    Missing,
    /// An edge of the second is not in the first.
    New,
    /// An edge comes at another time.
    Moved,
    /// A signal has another value at an edge of the clock.
    Value,
}

impl DifferenceKind {
    /// All of them.
    pub const ALL: [DifferenceKind; 5] = [
        DifferenceKind::Begins,
        DifferenceKind::Missing,
        DifferenceKind::New,
        DifferenceKind::Moved,
        DifferenceKind::Value,
    ];

    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            DifferenceKind::Begins => "begins-with",
            DifferenceKind::Missing => "missing",
            DifferenceKind::New => "new",
            DifferenceKind::Moved => "moved",
            DifferenceKind::Value => "value",
        }
    }
}

impl SignalDiff {
    fn add(&mut self, kind: DifferenceKind, [at_a, at_b]: [i128; 2], a: Option<Value>, b: Option<Value>) {
        self.counts[kind as usize] += 1;
        if self.differences.len() < KEPT {
            self.differences.push(Difference { kind, at_a: time(at_a), at_b: time(at_b), a, b });
        }
    }

    /// How many differences there are in all.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// A time, or the nearest there is.
fn time(fs: i128) -> Time {
    Time::from_fs(u64::try_from(fs.max(0)).unwrap_or(u64::MAX))
}

/// Compares the edges of a signal.
///
/// Edges to the same value meet if they are no farther apart than the tolerance. One that has none to meet has moved if the
/// next edge on the other side leads to the same value before anything else happens on either side; else it is missing, or
/// new. The value that a signal begins with has no time.
pub fn compare_edges(a: &Column, b: &Column, options: &EdgeOptions) -> SignalDiff {
    let (a, b) = (edges_of(a, options.unknown), edges_of(b, options.unknown));
    let mut diff = SignalDiff::default();
    if let (Some(first), Some(other)) = (a.first(), b.first())
        && first.1 != other.1
    {
        diff.add(DifferenceKind::Begins, [first.0, other.0], Some(first.1), Some(other.1));
    }
    let mut walk =
        Walk { a: a.get(1..).unwrap_or_default(), b: b.get(1..).unwrap_or_default(), options, diff };
    while walk.step() {}
    walk.diff
}

/// On the way along both sides.
struct Walk<'a> {
    a: &'a [Edge],
    b: &'a [Edge],
    options: &'a EdgeOptions,
    diff: SignalDiff,
}

impl Walk<'_> {
    /// Takes an edge, or a pair of them; false at the end.
    fn step(&mut self) -> bool {
        let EdgeOptions { tolerance, offset, .. } = *self.options;
        match (self.a.first().copied(), self.b.first().copied()) {
            (None, None) => return false,
            (Some((t, value)), None) => self.lost(t, value),
            (None, Some((t, value))) => self.added(t, value),
            (Some(one), Some(other)) => {
                let later = other.0 - offset - one.0;
                if one.1 == other.1 && later.unsigned_abs() <= u128::from(tolerance.as_fs()) {
                    self.meet(later);
                } else if one.1 == other.1 && self.is_lonely(one.0, other.0 - offset) {
                    self.diff.add(DifferenceKind::Moved, [one.0, other.0], Some(one.1), Some(other.1));
                    self.advance();
                } else if later >= 0 {
                    self.lost(one.0, one.1);
                } else {
                    self.added(other.0, other.1);
                }
            }
        }
        true
    }

    /// Nothing else happens on either side before both edges have come.
    fn is_lonely(&self, one: i128, other: i128) -> bool {
        let by = one.max(other);
        let next_a = self.a.get(1).map_or(i128::MAX, |next| next.0);
        let next_b = self.b.get(1).map_or(i128::MAX, |next| next.0 - self.options.offset);
        next_a > by && next_b > by
    }

    fn meet(&mut self, later: i128) {
        self.diff.matched += 1;
        self.diff.farthest = self.diff.farthest.max(later.unsigned_abs() as u64);
        self.advance();
    }

    fn advance(&mut self) {
        (self.a, self.b) = (&self.a[1..], &self.b[1..]);
    }

    fn lost(&mut self, t: i128, value: Value) {
        self.diff.add(DifferenceKind::Missing, [t, t + self.options.offset], Some(value), None);
        self.a = &self.a[1..];
    }

    fn added(&mut self, t: i128, value: Value) {
        self.diff.add(DifferenceKind::New, [t - self.options.offset, t], None, Some(value));
        self.b = &self.b[1..];
    }
}

/// Compares the values that a signal has at the edges of its clock, edge by edge, whenever those come: what a flip-flop would
/// take, the value just before. `edges` are the times of the clock's edges on either side; a clock that has more of them on one
/// side is for [`compare_edges`] to find.
pub fn compare_clocked(a: &Column, b: &Column, edges: [&[Time]; 2], unknown: Unknown) -> SignalDiff {
    let mut diff = SignalDiff::default();
    for (&at_a, &at_b) in edges[0].iter().zip(edges[1]) {
        let [one, other] = [before(a, at_a), before(b, at_b)];
        let is_unknown = |value: Option<Value>| value.is_none_or(|value| value.unknown != 0);
        if one == other || unknown == Unknown::Ignored && (is_unknown(one) || is_unknown(other)) {
            diff.matched += 1;
        } else {
            let times = [at_a, at_b].map(|t| i128::from(t.as_fs()));
            diff.add(DifferenceKind::Value, times, one, other);
        }
    }
    diff
}

/// The value just before an instant.
fn before(column: &Column, t: Time) -> Option<Value> {
    column.value_at(Time::from_fs(t.as_fs().checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use busproof_core::{ChangeLog, Level};

    use super::*;
    use crate::compare::find_offset;

    /// A wire that takes these levels then.
    fn wire(changes: &[(u64, Level)]) -> ChangeLog {
        let mut log = ChangeLog::default();
        let wire = log.add_wire("w");
        for &(t, level) in changes {
            log.push(wire, Time::from_fs(t), Value::wire(level)).unwrap();
        }
        log
    }

    use Level::{High, Low, X};

    const PULSES: [(u64, Level); 5] = [(0, Low), (100, High), (150, Low), (300, High), (400, Low)];

    fn kinds(a: &[(u64, Level)], b: &[(u64, Level)], options: &EdgeOptions) -> Vec<(DifferenceKind, u64)> {
        let diff = compare_edges(&wire(a).columns()[0], &wire(b).columns()[0], options);
        assert_eq!(diff.total(), diff.differences.len() as u64);
        diff.differences.iter().map(|d| (d.kind, d.at_b.as_fs())).collect()
    }

    #[test]
    fn an_edge_may_move_by_the_tolerance_and_no_more() {
        let options = EdgeOptions { tolerance: Span::from_fs(5), ..EdgeOptions::default() };
        let moved = |by: u64| [(0, Low), (100, High), (150 + by, Low), (300, High), (400, Low)];
        assert_eq!(kinds(&PULSES, &moved(5), &options), []);
        assert_eq!(kinds(&PULSES, &moved(6), &options), [(DifferenceKind::Moved, 156)]);
    }

    #[test]
    fn a_pulse_shorter_than_the_tolerance_is_not_overlooked() {
        let options = EdgeOptions { tolerance: Span::from_fs(5), ..EdgeOptions::default() };
        let glitch = [&PULSES[..3], &[(200, High), (203, Low)], &PULSES[3..]].concat();
        assert_eq!(
            kinds(&PULSES, &glitch, &options),
            [(DifferenceKind::New, 200), (DifferenceKind::New, 203)]
        );
        assert_eq!(
            kinds(&glitch, &PULSES, &options),
            [(DifferenceKind::Missing, 200), (DifferenceKind::Missing, 203)]
        );
    }

    #[test]
    fn levels_between_count_unless_they_are_ignored() {
        let slow = [(0, Low), (95, X), (102, High), (150, Low), (300, High), (400, Low)];
        let options = EdgeOptions { tolerance: Span::from_fs(3), ..EdgeOptions::default() };
        assert_eq!(kinds(&PULSES, &slow, &options), [(DifferenceKind::New, 95)]);
        assert_eq!(kinds(&PULSES, &slow, &EdgeOptions { unknown: Unknown::Ignored, ..options }), []);
    }

    #[test]
    fn the_beginning_has_a_value_and_no_time() {
        let late: Vec<(u64, Level)> = PULSES.iter().map(|&(t, level)| (t + 1_000, level)).collect();
        let options = EdgeOptions { offset: 1_000, ..EdgeOptions::default() };
        assert_eq!(kinds(&PULSES, &late, &options), []);
        let high = [&[(0, High)], &PULSES[2..]].concat();
        let found = kinds(&PULSES, &high, &EdgeOptions::default());
        assert_eq!(found, [(DifferenceKind::Begins, 0), (DifferenceKind::Missing, 100)]);
    }

    #[test]
    fn an_offset_is_found_through_jitter_and_centred() {
        let jitter = [0, 2, 0, 4, 2];
        let late: Vec<(u64, Level)> = PULSES
            .iter()
            .zip(jitter)
            .map(|(&(t, level), by)| if t == 0 { (0, level) } else { (t + 3_700 + by - 2, level) })
            .collect();
        let (a, b) = (wire(&PULSES), wire(&late));
        let offset = find_offset(&a, &b, &[(0, 0)], Unknown::Counts, Span::from_fs(5));
        assert_eq!(offset, 3_700);
        assert_eq!(find_offset(&a, &a, &[(0, 0)], Unknown::Counts, Span::ZERO), 0);
    }

    #[test]
    fn on_a_clock_only_what_is_taken_counts() {
        let data = wire(&[(0, Low), (95, High), (290, Low)]);
        let late = wire(&[(0, Low), (1_099, High), (1_305, Low)]);
        let edges = [[100, 200, 300].map(Time::from_fs), [1_100, 1_200, 1_300].map(Time::from_fs)];
        let diff =
            compare_clocked(&data.columns()[0], &late.columns()[0], [&edges[0], &edges[1]], Unknown::Counts);
        assert_eq!((diff.matched, diff.total()), (2, 1));
        assert_eq!((diff.differences[0].at_a.as_fs(), diff.differences[0].b), (300, Some(Value::wire(High))));
    }
}
