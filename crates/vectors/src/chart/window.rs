//! Which part of a waveform a picture shows.

use busproof_core::{ChangeLog, Span, Time};
use busproof_wave::Caption;

use super::Part;

/// So many edges on either side of a finding are shown.
const EDGES: usize = 12;

/// A window, and the instant that its axis calls 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) origin: Time,
}

impl Shown {
    /// Where that part is.
    pub(super) fn of(log: &ChangeLog, part: Part<'_>) -> Shown {
        match part {
            Part::Around(found) => Shown::around(log, &found.caption),
            Part::Window(from, to) => {
                let from = from.unwrap_or(Time::ZERO);
                let to = to.map_or(log.end(), |to| to.min(log.end())).max(from);
                Shown { from, to, origin: from }
            }
        }
    }

    fn around(log: &ChangeLog, finding: &Caption) -> Shown {
        let from = nth(&mut edges(log).filter(|t| *t < finding.from).map(std::cmp::Reverse));
        let to = nth(&mut edges(log).filter(|t| *t > finding.to));
        let from = from.map_or(finding.from, |t| t.0);
        let to = to.unwrap_or(finding.to);
        let pad = Span::from_fs(to.since(from).as_fs() / 40);
        Shown { from: from.saturating_sub(pad), to: to.saturating_add(pad), origin: finding.from }
    }

    /// Whether any of it is to be seen.
    pub(super) fn has(&self, caption: &Caption) -> bool {
        caption.from <= self.to && caption.to >= self.from
    }
}

/// When any of the signals changes.
fn edges(log: &ChangeLog) -> impl Iterator<Item = Time> + '_ {
    log.columns().iter().flat_map(|column| column.iter().map(|(t, _)| t))
}

/// The least but so many of different values; the greatest if there are fewer.
fn nth<T: Ord>(all: &mut dyn Iterator<Item = T>) -> Option<T> {
    let mut least = std::collections::BTreeSet::new();
    for one in all {
        least.insert(one);
        if least.len() > EDGES {
            least.pop_last();
        }
    }
    least.pop_last()
}

#[cfg(test)]
mod tests {
    use busproof_core::Source;
    use busproof_core::log::Value;
    use busproof_core::{Level, SignalId};

    use super::*;
    use crate::caption::Found;

    fn ns(t: u64) -> Time {
        Time::from_fs(t * 1_000_000)
    }

    /// A wire that toggles every nanosecond.
    fn clock() -> ChangeLog {
        let mut log = ChangeLog::new(Source::Run);
        log.add_wire("clk");
        for t in 0..100 {
            let level = if t % 2 == 0 { Level::Low } else { Level::High };
            log.push(SignalId(0), ns(t), Value::wire(level)).unwrap();
        }
        log.extend_to(ns(100));
        log
    }

    fn finding(from: u64, to: u64) -> Found {
        Found { code: "tLOW", caption: Caption { from: ns(from), to: ns(to), text: String::new() } }
    }

    #[test]
    fn a_finding_is_shown_with_the_edges_around_it() {
        let shown = Shown::of(&clock(), Part::Around(&finding(50, 52)));
        // 38 to 64, and a fortieth of that on either side.
        assert_eq!(
            (shown.from, shown.to, shown.origin),
            (Time::from_fs(37_350_000), Time::from_fs(64_650_000), ns(50))
        );
        let early = Shown::of(&clock(), Part::Around(&finding(3, 3)));
        assert!(early.from == Time::ZERO && early.to > ns(15), "{early:?}");
    }

    #[test]
    fn a_window_begins_and_ends_where_it_was_asked_to() {
        let shown = Shown::of(&clock(), Part::Window(Some(ns(10)), None));
        assert_eq!((shown.from, shown.to), (ns(10), ns(100)));
        let has = |from, to| shown.has(&finding(from, to).caption);
        assert!(has(5, 10) && !has(5, 9));
    }

    #[test]
    fn the_whole_is_from_the_beginning_to_the_end() {
        let shown = Shown::of(&clock(), Part::WHOLE);
        assert_eq!(shown, Shown { from: ns(0), to: ns(100), origin: ns(0) });
    }
}
