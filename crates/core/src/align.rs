//! How far two sequences are apart: a word that is lost is one loss, whatever follows it.

/// Beyond so many differences sequences have nothing to do with each other, and words are compared place by place.
const MOST: usize = 512;

/// The least number of items to insert, remove or replace that makes one sequence the other (the Levenshtein distance).
///
/// Sequences that are more than 512 apart are not aligned: what differs from the first difference to the last is counted then.
///
/// ```
/// use busproof_core::align::distance;
/// assert_eq!(distance(b"hello", b"hello"), 0);
/// assert_eq!(distance(b"hello", b"helo"), 1);
/// assert_eq!(distance(b"hello", b"jello!"), 2);
/// ```
pub fn distance<A: PartialEq<B>, B>(one: &[A], other: &[B]) -> usize {
    let (one, other) = trimmed(one, other);
    let most = one.len().max(other.len());
    (0..=most.min(MOST))
        .scan(Frontier::start(one, other), |frontier, edits| {
            let reached = frontier.reaches_end(edits);
            if !reached {
                frontier.advance(edits + 1);
            }
            Some((edits, reached))
        })
        .find_map(|(edits, reached)| reached.then_some(edits))
        .unwrap_or(most)
}

/// Without what both begin and end with.
fn trimmed<'a, 'b, A: PartialEq<B>, B>(one: &'a [A], other: &'b [B]) -> (&'a [A], &'b [B]) {
    let before = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[before..], &other[before..]);
    let behind = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    (&one[..one.len() - behind], &other[..other.len() - behind])
}

/// How far into `one` each diagonal gets with a number of edits (Ukkonen 1985). On diagonal `k` the place in `other` is that in
/// `one` plus `k`; diagonals run from `-edits` to `edits`.
struct Frontier<'a, 'b, A, B> {
    one: &'a [A],
    other: &'b [B],
    /// By diagonal, shifted by the number of edits; `None`: it cannot be reached.
    reached: Vec<Option<usize>>,
}

impl<'a, 'b, A: PartialEq<B>, B> Frontier<'a, 'b, A, B> {
    fn start(one: &'a [A], other: &'b [B]) -> Self {
        let mut frontier = Frontier { one, other, reached: Vec::new() };
        frontier.reached = vec![frontier.slide(0, 0)];
        frontier
    }

    /// As far as both are alike from there; `None` outside of either.
    fn slide(&self, place: usize, diagonal: isize) -> Option<usize> {
        let there = place.checked_add_signed(diagonal)?;
        let (one, other) = (self.one.get(place..)?, self.other.get(there..)?);
        Some(place + one.iter().zip(other).take_while(|(a, b)| a == b).count())
    }

    fn reaches_end(&self, edits: usize) -> bool {
        let diagonal = self.other.len() as isize - self.one.len() as isize;
        let index = edits as isize + diagonal;
        let there = usize::try_from(index).ok().and_then(|index| self.reached.get(index).copied().flatten());
        there == Some(self.one.len())
    }

    /// With one more edit: an item replaced stays on its diagonal, one removed leads to the diagonal below, one inserted to
    /// the one above.
    fn advance(&mut self, edits: usize) {
        let before = |index: usize| self.reached.get(index).copied().flatten();
        let next = |index: usize| {
            let diagonal = index as isize - edits as isize;
            // Indices of the frontier before are one lower for the same diagonal.
            let replaced = index.checked_sub(1).and_then(before).map(|place| place + 1);
            let removed = before(index).map(|place| place + 1);
            let inserted = index.checked_sub(2).and_then(before);
            let places = [replaced, removed, inserted].into_iter().flatten();
            places.filter_map(|place| self.slide(place.min(self.one.len()), diagonal)).max()
        };
        self.reached = (0..=2 * edits).map(next).collect();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The distance by the table of all pairs of prefixes.
    fn by_table(one: &[u8], other: &[u8]) -> usize {
        let mut row: Vec<usize> = (0..=other.len()).collect();
        for (i, a) in one.iter().enumerate() {
            let mut next = vec![i + 1];
            for (j, b) in other.iter().enumerate() {
                next.push((row[j] + usize::from(a != b)).min(row[j + 1] + 1).min(next[j] + 1));
            }
            row = next;
        }
        row[other.len()]
    }

    proptest! {
        #[test]
        fn it_is_the_least_number_of_edits(one in prop::collection::vec(0..4u8, 0..30), other in prop::collection::vec(0..4u8, 0..30)) {
            prop_assert_eq!(distance(&one, &other), by_table(&one, &other));
        }

        #[test]
        fn a_lost_word_is_one_loss(words in prop::collection::vec(any::<u8>(), 1..300), at in any::<prop::sample::Index>()) {
            let mut rest = words.clone();
            rest.remove(at.index(words.len()));
            prop_assert_eq!(distance(&words, &rest), 1);
        }
    }

    #[test]
    fn nothing_is_as_far_from_something_as_that_is_long() {
        assert_eq!((distance::<u8, u8>(&[], &[]), distance(&[1, 2, 3], &[] as &[i32])), (0, 3));
    }

    #[test]
    fn sequences_with_nothing_in_common_are_as_far_apart_as_the_longer_is_long() {
        assert_eq!(distance(&[0u8; 5_000], &[1u8; 4_000]), 5_000);
    }
}
