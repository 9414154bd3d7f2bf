//! SCL and SDA as a receiver sees them: a comparator with hysteresis, then a filter against spikes.

use crate::level::Level;
use crate::time::{Span, Time};

/// A change of level that has stood long enough.
///
/// ```text
///            leaves
/// High ‾‾‾‾‾‾‾\
///    X         \___          a line without X leaves and reaches at once
///  Low             \______
///                   reaches
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transition {
    /// It rises.
    pub(super) rises: bool,
    /// When the line left its level, for the last time.
    pub(super) leaves: Time,
    /// When it reached the opposite one.
    pub(super) reaches: Time,
}

/// One line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    /// Behind the comparator: the last of Low and High that the line was at.
    level: Option<bool>,
    /// The line is X since then.
    left: Option<Time>,
    /// The comparator has changed; the filter waits.
    pending: Option<Transition>,
    /// Behind the filter.
    high: Option<bool>,
}

impl Line {
    /// The level behind the filter; `None` until there was one.
    #[inline]
    pub(super) fn high(&self) -> Option<bool> {
        self.high
    }

    /// The line changes at `t`. Returns the width of a pulse that was too short: it ends here.
    ///
    /// What is [due](Line::due) by then has been taken.
    #[inline]
    pub(super) fn input(&mut self, t: Time, input: Level) -> Option<Span> {
        let Some(high) = level(input) else {
            if self.level.is_some() {
                self.left.get_or_insert(t);
            }
            return None;
        };
        let left = self.left.take();
        match self.level.replace(high) {
            None => self.high = Some(high),
            Some(was) if was == high => {}
            Some(_) => {
                if let Some(pulse) = self.pending.take() {
                    return Some(t.since(pulse.reaches));
                }
                let leaves = left.unwrap_or(t);
                self.pending = Some(Transition { rises: high, leaves, reaches: t });
            }
        }
        None
    }

    /// The change that has stood for `spike` at `t`.
    #[inline]
    pub(super) fn due(&self, spike: Span, t: Time) -> Option<Transition> {
        self.pending.filter(|change| change.reaches.saturating_add(spike) <= t)
    }

    /// Takes over the change that is due.
    #[inline]
    pub(super) fn settle(&mut self) {
        if let Some(change) = self.pending.take() {
            self.high = Some(change.rises);
        }
    }

    /// The waveform begins here: the level is what it is, and no change of it counts.
    pub(super) fn begin(&mut self) {
        self.pending = None;
        self.high = self.level;
    }

    /// Since when the line is on its way to a level that the filter has not let through.
    #[inline]
    pub(super) fn moving_since(&self) -> Option<Time> {
        self.pending.map(|change| change.leaves).or(self.left)
    }
}

/// The level that a comparator sees; `None` between its thresholds. What nobody drives is pulled up.
#[inline]
fn level(input: Level) -> Option<bool> {
    match input {
        Level::Low => Some(false),
        Level::High | Level::Z => Some(true),
        Level::X => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPIKE: Span = Span::from_fs(50);

    fn at(fs: u64) -> Time {
        Time::from_fs(fs)
    }

    /// A line that is high, then changes.
    fn line(changes: &[(u64, Level)]) -> (Line, Vec<Transition>, Vec<Span>) {
        let (mut line, mut seen, mut spikes) = (Line::default(), Vec::new(), Vec::new());
        line.input(at(0), Level::High);
        for &(t, level) in changes {
            if let Some(change) = line.due(SPIKE, at(t)) {
                line.settle();
                seen.push(change);
            }
            spikes.extend(line.input(at(t), level));
        }
        (line, seen, spikes)
    }

    fn change(rises: bool, leaves: u64, reaches: u64) -> Transition {
        Transition { rises, leaves: at(leaves), reaches: at(reaches) }
    }

    #[test]
    fn a_pulse_as_wide_as_the_filter_passes_and_a_shorter_one_does_not() {
        let (_, seen, spikes) = line(&[(100, Level::Low), (150, Level::High), (300, Level::High)]);
        assert_eq!((seen, spikes), (vec![change(false, 100, 100), change(true, 150, 150)], vec![]));
        let (line, seen, spikes) = line(&[(100, Level::Low), (149, Level::High), (300, Level::High)]);
        assert_eq!((seen, spikes), (vec![], vec![Span::from_fs(49)]));
        assert_eq!((line.high(), line.moving_since()), (Some(true), None));
    }

    #[test]
    fn a_slow_edge_leaves_and_reaches() {
        let (_, seen, _) = line(&[(100, Level::X), (130, Level::Low), (300, Level::Low)]);
        assert_eq!(seen, [change(false, 100, 130)]);
    }

    #[test]
    fn the_level_is_held_while_the_line_is_between_the_thresholds() {
        let dent =
            [(100, Level::X), (130, Level::High), (140, Level::X), (170, Level::Low), (300, Level::Low)];
        let (_, seen, spikes) = line(&dent);
        assert_eq!((seen, spikes), (vec![change(false, 140, 170)], vec![]), "the last time it left counts");
        let (line, ..) = line(&[(100, Level::X)]);
        assert_eq!((line.high(), line.moving_since()), (Some(true), Some(at(100))));
    }

    #[test]
    fn a_line_that_nobody_drives_is_high() {
        let (_, seen, _) = line(&[(100, Level::Low), (200, Level::Z), (300, Level::High)]);
        assert_eq!(seen, [change(false, 100, 100), change(true, 200, 200)]);
    }
}
