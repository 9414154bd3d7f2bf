//! Takes pulses that are too short to be bits out of a line.

use crate::level::Level;
use crate::time::{Span, Time};

/// An edge that is not yet known to be one, or a level that may not last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pending {
    at: Time,
    to: Level,
}

/// What has become of the oldest pending edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    /// The line goes to this level, and stays there long enough.
    Edge(Time, Level),
    /// A pulse from the first time to the second was too short to be anything.
    Glitch(Time, Time),
}

/// A filter for pulses: of several short ones in a row the shortest goes first, of equal ones the later.
///
/// ```text
/// in   ‾‾‾‾\_/‾\______________/‾‾‾‾‾‾      the high pulse is shorter than the low one before it: it goes,
/// out  ‾‾‾‾\__________________/‾‾‾‾‾‾      and the edge is where it was
/// ```
///
/// An edge is known at most two filter widths after it happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    width: Span,
    level: Level,
    first: Option<Pending>,
    /// The line went back to `level` before `first` had lasted.
    back: Option<Time>,
}

impl Filter {
    pub(super) fn new(width: Span, level: Level) -> Filter {
        Filter { width, level, first: None, back: None }
    }

    /// The earliest time about which something is still open; `None` if nothing is.
    #[inline]
    pub(super) fn open_since(&self) -> Option<Time> {
        self.first.map(|pending| pending.at)
    }

    /// The waveform is over: the edge that is open, unless the line went back.
    pub(super) fn take_open(&mut self) -> Option<(Time, Level)> {
        let first = self.first.take()?;
        self.back.take().is_none().then_some((first.at, first.to))
    }

    /// Nothing has changed until `t`: what is known of the oldest pending edge, if anything is. Call until `None`.
    #[inline]
    pub(super) fn pass(&mut self, t: Time) -> Option<Resolved> {
        let first = self.first?;
        match self.back {
            None if t.since(first.at) >= self.width => {
                self.first = None;
                self.level = first.to;
                Some(Resolved::Edge(first.at, first.to))
            }
            Some(back) if t.since(back) >= self.width => {
                (self.first, self.back) = (None, None);
                Some(Resolved::Glitch(first.at, back))
            }
            _ => None,
        }
    }

    /// The line goes to `to` at `t`, up to which time has been told to have passed. Returns a pulse that is gone by that.
    #[inline]
    pub(super) fn change(&mut self, t: Time, to: Level) -> Option<Resolved> {
        let Some(first) = self.first else {
            if to != self.level {
                self.first = Some(Pending { at: t, to });
            }
            return None;
        };
        match self.back {
            None if to == self.level => self.back = Some(t),
            None if to != first.to => self.first = Some(Pending { at: t, to }),
            Some(back) if to != self.level => return Some(self.change_again(t, to, first, back)),
            _ => {}
        }
        None
    }

    /// There were two short pulses, and the line leaves its level once more.
    fn change_again(&mut self, t: Time, to: Level, first: Pending, back: Time) -> Resolved {
        self.back = None;
        if to == first.to && t.since(back) <= back.since(first.at) {
            return Resolved::Glitch(back, t);
        }
        self.first = Some(Pending { at: t, to });
        Resolved::Glitch(first.at, back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Edges of a waveform that starts High and changes to the other level after each of `waits`; what is left of them.
    fn filtered(width: u64, waits: &[u64]) -> Vec<(u64, bool)> {
        let mut filter = Filter::new(Span::from_fs(width), Level::High);
        let (mut now, mut high, mut edges) = (0, true, Vec::new());
        let mut take = |resolved| {
            if let Resolved::Edge(at, level) = resolved {
                edges.push((at.as_fs(), level.is_high()));
            }
        };
        for wait in waits {
            now += wait;
            while let Some(resolved) = filter.pass(Time::from_fs(now)) {
                take(resolved);
            }
            high = !high;
            if let Some(resolved) = filter.change(Time::from_fs(now), Level::from_bit(high)) {
                take(resolved);
            }
        }
        while let Some(resolved) = filter.pass(Time::from_fs(now + 3 * width)) {
            take(resolved);
        }
        edges
    }

    #[test]
    fn short_pulses_go_and_the_shortest_goes_first() {
        assert_eq!(filtered(10, &[100, 9, 100]), [(209, false)]);
        assert_eq!(filtered(10, &[100, 10, 100]), [(100, false), (110, true), (210, false)]);
        assert_eq!(filtered(10, &[100, 6, 3, 50]), [(100, false), (159, true)]);
        assert_eq!(filtered(10, &[100, 3, 6, 50]), [(109, false), (159, true)]);
        assert_eq!(filtered(0, &[1, 1, 1]).len(), 3);
    }

    #[test]
    fn a_slow_edge_through_x_is_one_edge() {
        let mut filter = Filter::new(Span::from_fs(10), Level::High);
        let at = Time::from_fs;
        assert_eq!(filter.change(at(100), Level::X), None);
        assert_eq!(filter.change(at(104), Level::Low), None);
        assert_eq!(filter.pass(at(113)), None);
        assert_eq!(filter.pass(at(114)), Some(Resolved::Edge(at(104), Level::Low)));
        assert_eq!((filter.level, filter.open_since()), (Level::Low, None));
    }

    proptest! {
        #[test]
        fn what_is_left_alternates_and_pulses_that_are_long_enough_stay(waits in prop::collection::vec(1u64..40, 1..60)) {
            let edges = filtered(10, &waits);
            for pair in edges.windows(2) {
                prop_assert!(pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1);
            }
            if waits.iter().skip(1).all(|&w| w >= 10) {
                prop_assert_eq!(edges.len(), waits.len());
            }
        }
    }
}
