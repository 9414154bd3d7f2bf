//! What a logic analyser makes of a run: one threshold, and a sample every so often.

use busproof_core::log::Column;
use busproof_core::{ChangeLog, Level, Source, Span, Time, Value};
use proptest::prelude::*;

use crate::recording::Recording;

/// A logic analyser.
///
/// ```text
/// voltage    ____--‾‾‾‾‾‾‾‾‾‾‾‾    a rising edge
/// run        __|xxxxxx|‾‾‾‾‾‾‾‾    X between the two thresholds of an input
/// analyser   ______________|‾‾‾    above its only threshold, from the next sample on
/// samples    |     |     |     |
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Analyser {
    /// Its threshold, in thousandths of the way from the lower threshold of an input to the upper one: 0 to 1000. Edges are
    /// taken as straight between those two.
    pub threshold: u16,
    /// Its sampling period; zero: it writes down each edge when it comes.
    pub grid: Span,
}

/// Logic analysers that sample at least as often as every `grid`; they shrink to one that takes a sample each femtosecond.
pub fn analysers(grid: Span) -> impl Strategy<Value = Analyser> {
    (0..=1_000u16, 1..=grid.as_fs().max(1))
        .prop_map(|(threshold, grid)| Analyser { threshold, grid: Span::from_fs(grid) })
}

impl Recording {
    /// This run as a logic analyser has recorded it; groups are left out.
    ///
    /// ```
    /// use busproof_core::bus::i2c::{INFO, pin};
    /// use busproof_core::{ChangeLog, Level, Source, Span, Time, Value};
    /// use busproof_testkit::{Analyser, Recording};
    ///
    /// let mut log = ChangeLog::new(Source::Run);
    /// let scl = log.add_wire("scl");
    /// for (fs, level) in [(0, Level::Low), (100, Level::X), (200, Level::High)] {
    ///     log.push(scl, Time::from_fs(fs), Value::wire(level))?;
    /// }
    /// let analyser = Analyser { threshold: 500, grid: Span::from_fs(40) };
    /// let seen = Recording::new(&INFO, log).sampled(analyser);
    /// let times: Vec<u64> = seen.log().columns()[0].iter().map(|(t, _)| t.as_fs()).collect();
    /// assert_eq!(times, [0, 160]);
    /// # Ok::<(), busproof_core::log::LogError>(())
    /// ```
    #[must_use]
    pub fn sampled(&self, analyser: Analyser) -> Recording {
        let grid = Some(analyser.grid).filter(|grid| !grid.is_zero());
        let mut log = ChangeLog::new(Source::Recording { grid });
        for column in self.log().columns().iter().filter(|column| column.width() == 1) {
            let signal = log.add_wire(column.name());
            for (t, level) in analyser.look(column) {
                let pushed = log.push(signal, t, Value::wire(level));
                debug_assert!(pushed.is_ok(), "samples are taken in order of time");
            }
        }
        log.extend_to(analyser.sample(self.end()));
        Recording::new(self.bus(), log)
    }
}

impl Analyser {
    /// The sample that sees what happens at `t`.
    fn sample(self, t: Time) -> Time {
        let grid = self.grid.as_fs().max(1);
        Time::from_fs(t.as_fs().div_ceil(grid).saturating_mul(grid))
    }

    /// The levels of a wire, each different from the one before, with the samples that first see them.
    fn look(self, column: &Column) -> Vec<(Time, Level)> {
        let mut seen: Vec<(Time, Level)> = Vec::new();
        let mut left = None;
        for (t, value) in column.iter() {
            let high = match value.level() {
                Level::X => {
                    left.get_or_insert(t);
                    continue;
                }
                // What nobody drives is pulled up.
                Level::High | Level::Z => true,
                Level::Low => false,
            };
            let at = self.sample(self.crossing(left.take().unwrap_or(t), t, high));
            note(&mut seen, at, Level::from_bit(high));
        }
        seen
    }

    /// When an edge from `left` to `reached` crosses the threshold.
    fn crossing(self, left: Time, reached: Time, rises: bool) -> Time {
        let threshold = u64::from(self.threshold.min(1_000));
        let share = if rises { threshold } else { 1_000 - threshold };
        left.saturating_add(reached.since(left).scale(share, 1_000))
    }
}

/// Adds a level, unless it is what was there; of several in one sample the last counts.
fn note(seen: &mut Vec<(Time, Level)>, at: Time, level: Level) {
    seen.pop_if(|last| last.0 >= at);
    if seen.last().is_none_or(|last| last.1 != level) {
        seen.push((at, level));
    }
}
