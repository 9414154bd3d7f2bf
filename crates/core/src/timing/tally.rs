//! What is counted of one rule.

use super::slacks::Slacks;
use super::verdict::Verdict;
use crate::time::Time;

/// A rule's distance to its limit, over all that was measured; in the rule's unit, negative where it was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// The least slack; exact.
    pub worst: i64,
    /// The slack that one measurement in a hundred does not exceed (nearest rank).
    ///
    /// Exact up to 4,096 distinct values; beyond that it may understate the slack, by less than 1/64 of it.
    pub p1: i64,
    /// The slack that half of the measurements do not exceed (nearest rank); as exact as `p1`.
    pub median: i64,
    /// How many measurements.
    pub count: u64,
    /// Where the worst is: the interval, the first of equal ones.
    pub worst_at: (Time, Time),
    /// The limit.
    pub limit: i64,
}

impl Margin {
    /// A distance as a share of the limit; none of a limit of 0.
    pub fn share(&self, slack: i64) -> Option<f64> {
        (self.limit != 0).then(|| slack as f64 / self.limit.unsigned_abs() as f64)
    }
}

/// The least slack and where it is; the order is that of badness, then of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Worst {
    slack: i64,
    to: Time,
    from: Time,
}

/// The measurements of one rule: how many, how they were judged, how close they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// By [`Verdict`].
    counts: [u64; 3],
    worst: Option<Worst>,
    slacks: Slacks,
}

impl Tally {
    /// Counts a measurement.
    pub(super) fn record(&mut self, slack: i64, verdict: Verdict, from: Time, to: Time) {
        let here = Worst { slack, to, from };
        self.worst = Some(self.worst.map_or(here, |worst| worst.min(here)));
        self.count(slack, verdict, 1);
    }

    /// Counts repetitions of a measurement that was recorded.
    pub(super) fn count(&mut self, slack: i64, verdict: Verdict, times: u64) {
        if times > 0 {
            self.counts[verdict as usize] += times;
            self.slacks.add(slack, times);
        }
    }

    /// How many measurements were judged so.
    pub(super) fn of(&self, verdict: Verdict) -> u64 {
        self.counts[verdict as usize]
    }

    /// How many measurements.
    pub(super) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The distance to `limit`; `None` if nothing was measured.
    pub(super) fn margin(&self, limit: i64) -> Option<Margin> {
        let (worst, count) = (self.worst?, self.total());
        let [p1, median] = self.slacks.clone().at_ranks([count.div_ceil(100), count.div_ceil(2)]);
        Some(Margin {
            worst: worst.slack,
            p1: p1.max(worst.slack),
            median: median.max(worst.slack),
            count,
            worst_at: (worst.from, worst.to),
            limit,
        })
    }

    /// Every slack in ascending order, and how often.
    pub(super) fn slacks(&self) -> Vec<(i64, u64)> {
        self.slacks.clone().ascending()
    }

    /// Counts everything that `other` counted.
    pub(super) fn merge(&mut self, other: &Tally) {
        self.counts.iter_mut().zip(other.counts).for_each(|(mine, its)| *mine += its);
        self.worst = self.worst.into_iter().chain(other.worst).min();
        self.slacks.merge(other.slacks.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tally(slacks: &[i64]) -> Tally {
        let mut tally = Tally::default();
        for (i, &slack) in slacks.iter().enumerate() {
            let (from, to) = (Time::from_fs(i as u64), Time::from_fs(i as u64 + 1));
            let verdict = if slack < 0 { Verdict::Broken } else { Verdict::Kept };
            tally.record(slack, verdict, from, to);
        }
        tally
    }

    #[test]
    fn nothing_measured_has_no_margin() {
        assert_eq!(Tally::default().margin(7), None);
    }

    #[test]
    fn p1_is_the_nearest_rank() {
        let ascending = |n: i64| tally(&(0..n).collect::<Vec<_>>()).margin(0).unwrap();
        assert_eq!(ascending(100).p1, 0);
        assert_eq!(ascending(101).p1, 1);
        assert_eq!(ascending(1).median, 0);
        assert_eq!(ascending(2).median, 0);
        assert_eq!(ascending(3).median, 1);
    }

    #[test]
    fn the_first_of_equally_bad_places_is_named() {
        let margin = tally(&[5, 3, 4, 3]).margin(10).unwrap();
        assert_eq!((margin.worst, margin.worst_at), (3, (Time::from_fs(1), Time::from_fs(2))));
        assert_eq!((margin.count, margin.limit), (4, 10));
    }

    #[test]
    fn repetitions_are_counted_in_full() {
        let mut tally = tally(&[4, -1, -1, 4]);
        tally.count(4, Verdict::Kept, 3);
        tally.count(9, Verdict::Broken, 0);
        assert_eq!((tally.of(Verdict::Kept), tally.of(Verdict::Broken), tally.total()), (5, 2, 7));
        assert_eq!(tally.margin(0).unwrap().median, 4);
    }

    proptest! {
        #[test]
        fn merging_in_either_order_is_the_same(
            a in prop::collection::vec(-9i64..9, 0..50), b in prop::collection::vec(-9i64..9, 0..50),
        ) {
            let merged = |a: &[i64], b: &[i64]| {
                let mut merged = tally(a);
                merged.merge(&tally(b));
                merged
            };
            let (ab, ba) = (merged(&a, &b), merged(&b, &a));
            prop_assert_eq!(ab.margin(0), ba.margin(0));
            prop_assert_eq!(ab.counts, ba.counts);
            let all: Vec<i64> = a.iter().chain(&b).copied().collect();
            let numbers = |margin: Margin| (margin.worst, margin.p1, margin.median, margin.count);
            prop_assert_eq!(ab.margin(0).map(numbers), tally(&all).margin(0).map(numbers));
        }
    }
}
