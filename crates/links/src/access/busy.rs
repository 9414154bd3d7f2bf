//! When something was in use.

use busproof_core::{Span, Time};

/// Stretches of time that may overlap.
#[derive(Clone, Debug, Default)]
pub(super) struct Busy(Vec<(Time, Time)>);

impl Busy {
    /// It was in use from `from` to `to`.
    pub(super) fn add(&mut self, from: Time, to: Time) {
        self.0.push((from, to));
    }

    /// How long it was in use until `end`, by one or more.
    pub(super) fn until(&mut self, end: Time) -> Span {
        self.0.sort_unstable();
        let (mut sum, mut covered) = (Span::ZERO, Time::ZERO);
        for &(from, to) in &self.0 {
            let (from, to) = (from.max(covered), to.min(end));
            sum = sum.saturating_add(to.since(from));
            covered = covered.max(to);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_count_once() {
        let mut busy = Busy::default();
        for (from, to) in [(5, 9), (0, 2), (1, 3), (6, 7), (9, 10)] {
            busy.add(Time::from_fs(from), Time::from_fs(to));
        }
        assert_eq!(busy.until(Time::MAX), Span::from_fs(3 + 5));
        assert_eq!(busy.until(Time::from_fs(8)), Span::from_fs(3 + 3));
    }
}
