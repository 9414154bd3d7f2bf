//! What turns one list into another: the shortest way, after Myers, "An O(ND) difference algorithm and its variations" (1986).

/// Beyond so many insertions and deletions the rest is compared place by place: nobody reads a longer list of them.
const MOST: usize = 1_000;

/// A step on the way from one list to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Item `.0` of the first became item `.1` of the second.
    Changed(usize, usize),
    /// Item `.0` of the first is missing in the second.
    Missing(usize),
    /// Item `.0` of the second is new.
    New(usize),
}

/// The steps that turn `a` into `b`, in order; an item that is replaced by another counts as changed.
///
/// ```
/// use busproof_wave::{Edit, edits};
/// assert_eq!(edits(&["50", "01", "02"], &["50", "03", "02", "04"]), [Edit::Changed(1, 1), Edit::New(3)]);
/// ```
pub fn edits<T: PartialEq>(a: &[T], b: &[T]) -> Vec<Edit> {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[start..], &b[start..]);
    let same = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&rest_a[..rest_a.len() - same], &rest_b[..rest_b.len() - same]);
    let moved = |edit| match edit {
        Edit::Changed(i, j) => Edit::Changed(i + start, j + start),
        Edit::Missing(i) => Edit::Missing(i + start),
        Edit::New(j) => Edit::New(j + start),
    };
    let steps = shortest(rest_a, rest_b).unwrap_or_else(|| place_by_place(rest_a, rest_b));
    steps.into_iter().map(moved).collect()
}

fn place_by_place<T: PartialEq>(a: &[T], b: &[T]) -> Vec<Edit> {
    let both = a.len().min(b.len());
    let changed = (0..both).filter(|&i| a[i] != b[i]).map(|i| Edit::Changed(i, i));
    changed.chain((both..a.len()).map(Edit::Missing)).chain((both..b.len()).map(Edit::New)).collect()
}

/// The shortest way; `None` if it is longer than [`MOST`].
///
/// `reached[k]` is how far in `a` one gets with so many steps on diagonal `k`, the difference of the places in `a` and `b`.
fn shortest<T: PartialEq>(a: &[T], b: &[T]) -> Option<Vec<Edit>> {
    let most = (a.len() + b.len()).min(MOST);
    let middle = most as isize + 1;
    let mut reached = vec![0usize; 2 * most + 3];
    let mut history: Vec<Vec<usize>> = Vec::new();
    for steps in 0..=most as isize {
        history.push(reached.clone());
        for k in (-steps..=steps).step_by(2) {
            let at = |k: isize| reached[(middle + k) as usize];
            let from_above = k == -steps || (k != steps && at(k - 1) < at(k + 1));
            let mut x = if from_above { at(k + 1) } else { at(k - 1) + 1 };
            let y_of = |x: usize| x as isize - k;
            while let (Some(left), Some(right)) =
                (a.get(x), usize::try_from(y_of(x)).ok().and_then(|y| b.get(y)))
                && left == right
            {
                x += 1;
            }
            reached[(middle + k) as usize] = x;
            if x >= a.len() && y_of(x) >= b.len() as isize {
                return Some(joined(&way_back(&history, middle, a.len(), b.len())));
            }
        }
    }
    None
}

/// An insertion or a deletion, and how far one is in both lists before it.
#[derive(Clone, Copy)]
struct Step {
    x: usize,
    y: usize,
    is_new: bool,
}

impl Step {
    /// How far one is behind it.
    fn behind(self) -> (usize, usize) {
        if self.is_new { (self.x, self.y + 1) } else { (self.x + 1, self.y) }
    }
}

/// The steps from the beginning to the end.
fn way_back(history: &[Vec<usize>], middle: isize, a: usize, b: usize) -> Vec<Step> {
    let (mut x, mut y) = (a as isize, b as isize);
    let mut steps = Vec::new();
    for (number, reached) in history.iter().enumerate().skip(1).rev() {
        let (k, number) = (x - y, number as isize);
        let at = |k: isize| reached[(middle + k) as usize] as isize;
        let is_new = k == -number || (k != number && at(k - 1) < at(k + 1));
        let before = if is_new { k + 1 } else { k - 1 };
        (x, y) = (at(before), at(before) - before);
        steps.push(Step { x: x as usize, y: y as usize, is_new });
    }
    steps.reverse();
    steps
}

/// Deletions and insertions with nothing common between become changes.
fn joined(steps: &[Step]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for run in steps.chunk_by(|one, next| one.behind() == (next.x, next.y)) {
        let missing: Vec<usize> = run.iter().filter(|step| !step.is_new).map(|step| step.x).collect();
        let new: Vec<usize> = run.iter().filter(|step| step.is_new).map(|step| step.y).collect();
        let both = missing.len().min(new.len());
        edits.extend((0..both).map(|n| Edit::Changed(missing[n], new[n])));
        edits.extend(missing[both..].iter().map(|&i| Edit::Missing(i)));
        edits.extend(new[both..].iter().map(|&j| Edit::New(j)));
    }
    edits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neighbours_pair_up_and_what_is_left_over_is_missing_or_new() {
        assert_eq!(edits(&[1, 2, 3, 4], &[1, 9, 4]), [Edit::Changed(1, 1), Edit::Missing(2)]);
        assert_eq!(edits(&[1, 2, 3], &[0, 1, 2, 3]), [Edit::New(0)]);
        assert_eq!(edits(&[1, 2, 3], &[1, 2]), [Edit::Missing(2)]);
        assert_eq!(edits::<u8>(&[], &[]), []);
    }

    #[test]
    fn lists_that_have_little_in_common_are_compared_place_by_place() {
        let (a, b): (Vec<u32>, Vec<u32>) = ((0..3_000).collect(), (10_000..13_001).collect());
        let edits = edits(&a, &b);
        assert_eq!((edits.len(), edits[7]), (3_001, Edit::Changed(7, 7)));
    }

    /// The longest common subsequence, by the table that every textbook has.
    fn common(a: &[u8], b: &[u8]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                table[i + 1][j + 1] =
                    if x == y { table[i][j] + 1 } else { table[i][j + 1].max(table[i + 1][j]) };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_edits_turn_one_list_into_the_other_and_keep_as_much_as_can_be(
            a in proptest::collection::vec(0..4u8, 0..24),
            b in proptest::collection::vec(0..4u8, 0..24),
        ) {
            let edits = edits(&a, &b);
            let gone = |i: &usize| edits.iter().any(|e| matches!(e, Edit::Missing(x) | Edit::Changed(x, _) if x == i));
            let came = |j: &usize| edits.iter().any(|e| matches!(e, Edit::New(y) | Edit::Changed(_, y) if y == j));
            let kept_a: Vec<u8> = (0..a.len()).filter(|i| !gone(i)).map(|i| a[i]).collect();
            let kept_b: Vec<u8> = (0..b.len()).filter(|j| !came(j)).map(|j| b[j]).collect();
            prop_assert_eq!(&kept_a, &kept_b);
            prop_assert_eq!(kept_a.len(), common(&a, &b));
        }
    }
}
