//! The distribution of a rule's slack, in bounded memory.

/// So many distinct values are counted exactly.
const EXACT: usize = 4096;
/// So many values wait to be sorted in.
const RECENT: usize = 512;
/// Bits of mantissa of a bucket.
const BITS: u32 = 6;
const SUB: u64 = 1 << BITS;
/// Buckets for magnitudes up to 2^63 - 1.
const BUCKETS: usize = (SUB as usize) * (64 - BITS as usize);

/// Counts of values: exact up to 4,096 distinct ones, thereafter in buckets no wider than 1/64 of their value.
///
/// What it says depends only on which values it took and how often, neither on their order nor on merging.
#[derive(Clone, Debug, Default)]
pub(super) struct Slacks {
    /// Sorted by value, each value once.
    exact: Vec<(i64, u64)>,
    /// Not yet sorted in.
    recent: Vec<(i64, u64)>,
    /// Empty while counts are exact.
    buckets: Vec<u64>,
}

impl Slacks {
    /// Counts `value` another `times` times.
    pub(super) fn add(&mut self, value: i64, times: u64) {
        if !self.buckets.is_empty() {
            self.buckets[bucket(value)] += times;
            return;
        }
        self.recent.push((value, times));
        if self.recent.len() >= RECENT {
            self.settle();
        }
    }

    /// Counts everything that `other` counted.
    pub(super) fn merge(&mut self, mut other: Slacks) {
        other.settle();
        for (value, times) in other.exact {
            self.add(value, times);
        }
        self.settle();
        if !other.buckets.is_empty() {
            self.spill();
            self.buckets.iter_mut().zip(other.buckets).for_each(|(mine, its)| *mine += its);
        }
    }

    /// The values at the given ranks (from 1, in ascending order): exact, or the lower end of its bucket.
    pub(super) fn at_ranks<const N: usize>(&mut self, ranks: [u64; N]) -> [i64; N] {
        self.settle();
        ranks.map(|rank| {
            let mut below = 0;
            let reaches = |&(_, times): &(i64, u64)| {
                below += times;
                below >= rank
            };
            self.counts().find(reaches).map_or(0, |(value, _)| value)
        })
    }

    /// Values and how often, in ascending order; exact, or the lower end of each bucket.
    pub(super) fn ascending(&mut self) -> Vec<(i64, u64)> {
        self.settle();
        self.counts().filter(|(_, times)| *times > 0).collect()
    }

    /// Values and how often, in ascending order.
    fn counts(&self) -> impl Iterator<Item = (i64, u64)> + '_ {
        let buckets = self.buckets.iter().enumerate().map(|(i, &times)| (lower_end(i), times));
        self.exact.iter().copied().chain(buckets)
    }

    fn settle(&mut self) {
        self.exact.append(&mut self.recent);
        self.exact.sort_by_key(|&(value, _)| value);
        self.exact.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        if self.exact.len() > EXACT {
            self.spill();
        }
    }

    fn spill(&mut self) {
        self.buckets.resize(2 * BUCKETS, 0);
        for (value, times) in self.exact.drain(..) {
            self.buckets[bucket(value)] += times;
        }
    }
}

/// The bucket of `value`; buckets ascend with their values.
fn bucket(value: i64) -> usize {
    match value {
        0.. => BUCKETS + magnitude_bucket(value as u64),
        _ => BUCKETS - 1 - magnitude_bucket(!value as u64),
    }
}

/// The least value in a bucket.
fn lower_end(bucket: usize) -> i64 {
    match bucket.checked_sub(BUCKETS) {
        Some(i) => magnitude_start(i).cast_signed(),
        None => !(magnitude_start(BUCKETS - bucket) - 1).cast_signed(),
    }
}

/// Exact below 64; above, 64 buckets to the octave.
fn magnitude_bucket(magnitude: u64) -> usize {
    let octave = magnitude.max(SUB).ilog2() - BITS;
    (octave as u64 * SUB + (magnitude >> octave)) as usize
}

/// The first magnitude of a bucket.
fn magnitude_start(bucket: usize) -> u64 {
    let octave = (bucket as u64 / SUB).saturating_sub(1);
    (bucket as u64 - octave * SUB) << octave
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slacks(values: &[i64]) -> Slacks {
        let mut slacks = Slacks::default();
        for &value in values {
            slacks.add(value, 1);
        }
        slacks
    }

    /// Every rank by sorting.
    fn sorted(values: &[i64]) -> Vec<i64> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        sorted
    }

    #[test]
    fn buckets_cover_every_value_and_ascend() {
        assert_eq!(bucket(i64::MIN), 0);
        assert_eq!(bucket(i64::MAX), 2 * BUCKETS - 1);
        for i in 0..2 * BUCKETS {
            assert_eq!(bucket(lower_end(i)), i);
            if i > 0 {
                assert!(lower_end(i - 1) < lower_end(i));
                assert_eq!(bucket(lower_end(i) - 1), i - 1, "no value lies between buckets");
            }
        }
    }

    #[test]
    fn exact_up_to_the_stated_number_of_distinct_values_and_not_beyond() {
        let values: Vec<i64> = (1_000_000..).take(EXACT).collect();
        let mut exact = slacks(&values);
        exact.merge(slacks(&values));
        assert_eq!(exact.at_ranks([1, 2, 3, 2 * EXACT as u64]), [1_000_000, 1_000_000, 1_000_001, 1_004_095]);
        assert!(exact.buckets.is_empty());
        exact.add(0, 1);
        exact.settle();
        assert!(!exact.buckets.is_empty());
    }

    #[test]
    fn memory_is_bounded() {
        let mut slacks = Slacks::default();
        (0..1_000_000u64).for_each(|i| slacks.add(i.wrapping_mul(0x9e37_79b9_7f4a_7c15).cast_signed(), 1));
        assert!(slacks.exact.is_empty() && slacks.recent.is_empty());
        assert!(slacks.exact.capacity() <= 2 * (EXACT + RECENT) && slacks.buckets.len() == 2 * BUCKETS);
    }

    proptest! {
        #[test]
        fn a_bucket_understates_by_less_than_a_64th(value: i64) {
            let low = lower_end(bucket(value));
            prop_assert!(low <= value);
            let error = value as i128 - low as i128;
            prop_assert!(error == 0 || error * 64 < (value as i128).abs(), "{low} for {value}");
        }

        #[test]
        fn ranks_are_those_of_sorting(values in prop::collection::vec(-50i64..50, 1..2000), rank in any::<prop::sample::Index>()) {
            let rank = rank.index(values.len());
            prop_assert_eq!(slacks(&values).at_ranks([rank as u64 + 1]), [sorted(&values)[rank]]);
        }

        #[test]
        fn merging_equals_taking_everything(
            values in prop::collection::vec(any::<i64>(), 1..9000), cut in any::<prop::sample::Index>(),
        ) {
            let mut all = slacks(&values);
            let (a, b) = values.split_at(cut.index(values.len()));
            let mut merged = slacks(b);
            merged.merge(slacks(a));
            all.settle();
            prop_assert_eq!(all.counts().collect::<Vec<_>>(), merged.counts().collect::<Vec<_>>());
        }

        #[test]
        fn spilled_ranks_understate_by_less_than_a_64th(
            values in prop::collection::vec(1i64..1_000_000_000_000, 6000..9000), rank in any::<prop::sample::Index>(),
        ) {
            let rank = rank.index(values.len());
            let exact = sorted(&values)[rank];
            let [low] = slacks(&values).at_ranks([rank as u64 + 1]);
            prop_assert!(low <= exact && (exact - low) * 64 < exact, "{low} for {exact}");
        }
    }
}
