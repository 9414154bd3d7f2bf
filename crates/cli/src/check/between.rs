//! Whether a dump shows more of its signals than two levels.

use busproof_core::{Change, Level, Observer, Time};

/// Watches for levels that are neither Low nor High.
pub(super) struct Between {
    /// The signals that have had a level: what is not known before says nothing.
    known: Vec<bool>,
    counts: fn(Level) -> bool,
    seen: bool,
}

impl Between {
    /// A watch of so many signals for what `counts` means; of a group the first wire counts.
    pub(super) fn new(signals: usize, counts: fn(Level) -> bool) -> Between {
        Between { known: vec![false; signals], counts, seen: false }
    }

    /// Whether a signal that had a level took one between.
    pub(super) fn is_seen(&self) -> bool {
        self.seen
    }
}

impl Observer for Between {
    fn instant(&mut self, _: Time, changes: &[Change]) {
        if self.seen {
            return;
        }
        for change in changes {
            let level = change.value.level();
            let Some(is_known) = self.known.get_mut(change.signal.index()) else { continue };
            self.seen |= *is_known && (self.counts)(level);
            *is_known |= matches!(level, Level::Low | Level::High);
        }
    }

    fn finish(&mut self, _: Time) {}
}

#[cfg(test)]
mod tests {
    use busproof_core::SignalId;
    use busproof_core::log::Value;

    use super::*;

    fn sees(levels: &[Level]) -> bool {
        let mut between = Between::new(1, |level| level == Level::X);
        for (t, level) in (0..).zip(levels) {
            let change = Change { signal: SignalId(0), value: Value::wire(*level) };
            between.instant(Time::from_fs(t), &[change]);
        }
        between.is_seen()
    }

    #[test]
    fn what_is_unknown_before_the_first_level_does_not_count() {
        assert!(!sees(&[Level::X, Level::High, Level::Low, Level::Z]));
        assert!(sees(&[Level::X, Level::High, Level::X, Level::Low]));
    }
}
