//! What became of each rule, and of the whole.

use busproof_core::timing::{Bound, Hidden, Needs, RuleReport, RuleState};
use busproof_core::{Source, Span};
use busproof_wave::SampleRate;

use super::Checked;
use crate::exit::Exit;

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Broken at least once.
    Broken,
    /// Not broken as far as it can be told, but it cannot always be told.
    Unsure,
    /// Kept whenever it was measured.
    Kept,
    /// It could have been judged, but what it speaks of did not occur.
    NeverExercised,
    /// The waveform does not show it.
    NotVisible(Hidden),
    /// Nobody gave a limit.
    NoLimit,
}

impl Fate {
    /// The fate of the rule reported.
    pub(crate) fn of(rule: &RuleReport) -> Fate {
        match rule.state {
            RuleState::Exercised if rule.broken() > 0 => Fate::Broken,
            RuleState::Exercised if rule.cannot_tell() > 0 => Fate::Unsure,
            RuleState::Exercised => Fate::Kept,
            RuleState::NeverExercised => Fate::NeverExercised,
            RuleState::NotVisible(why) => Fate::NotVisible(why),
            RuleState::NoLimit => Fate::NoLimit,
        }
    }
}

/// How the check of a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A rule was broken or the bus misused.
    Failed,
    /// Nothing was broken, but `--strict` wants to be sure.
    FailedStrictly,
    /// No item, or no rule decided.
    Nothing,
    /// All checks held.
    Passed,
}

impl Checked {
    /// The rules with that fate.
    pub(crate) fn rules(&self, wanted: impl Fn(Fate) -> bool) -> impl Iterator<Item = &RuleReport> {
        self.outcome.report.rules.iter().filter(move |rule| wanted(Fate::of(rule)))
    }

    /// How many rules have that fate.
    pub(crate) fn count(&self, wanted: Fate) -> u64 {
        self.rules(|fate| fate == wanted).count() as u64
    }

    /// How it ended.
    pub(crate) fn ending(&self) -> Ending {
        let Checked { outcome, strict, .. } = self;
        let doubts =
            outcome.warnings + outcome.report.cannot_tell() + self.hidden() + u64::from(self.truncated);
        if outcome.report.broken() > 0 || outcome.errors > 0 {
            Ending::Failed
        } else if *strict && doubts > 0 {
            Ending::FailedStrictly
        } else if outcome.items == 0 || outcome.report.is_vacuous() {
            Ending::Nothing
        } else {
            Ending::Passed
        }
    }

    /// The exit status.
    pub(crate) fn exit(&self) -> Exit {
        match self.ending() {
            Ending::Failed | Ending::FailedStrictly => Exit::Failed,
            Ending::Nothing => Exit::Nothing,
            Ending::Passed => Exit::Held,
        }
    }

    /// How many rules the waveform does not show.
    pub(crate) fn hidden(&self) -> u64 {
        self.rules(|fate| matches!(fate, Fate::NotVisible(_))).count() as u64
    }

    /// How to know what cannot be told of a rule: a higher sample rate, or a finer timescale.
    pub(crate) fn way_to_know(&self, rule: &RuleReport) -> Option<String> {
        match self.source {
            Source::Run | Source::Recording { grid: None } => None,
            Source::Simulation { grid } => {
                Some(format!("dump it with a timescale finer than {grid} to know"))
            }
            Source::Recording { grid: Some(grid) } => {
                let closest =
                    self.ledger.of(rule.rule)?.closest.filter(|_| rule.rule.needs != Needs::Instants);
                let rate = deciding_rate(grid, closest.unwrap_or(0))?;
                Some(format!("record at {rate} or more to know"))
            }
        }
    }
}

/// The sample rate that shows on which side of a limit a value is that was measured so far from it.
///
/// Two changes in one sample, or a value at its limit, may stay in doubt at any rate: ten times the present one is a
/// fair start then. More than a hundred times is no help to anybody.
fn deciding_rate(grid: Span, distance: u64) -> Option<SampleRate> {
    let needed = if distance == 0 { grid.as_fs() / 10 } else { distance.max(grid.as_fs() / 100) };
    round_up(Span::from_fs(needed.max(1)))
}

/// The next of 1, 2, 5, 10, ... hertz whose period is not above `period`.
fn round_up(period: Span) -> Option<SampleRate> {
    let hertz = 1_000_000_000_000_000u64.div_ceil(period.as_fs().max(1));
    let decade = 10u64.checked_pow(hertz.checked_ilog10()?)?;
    let rounded = [1, 2, 5, 10].into_iter().map(|digit| digit * decade).find(|rate| *rate >= hertz)?;
    SampleRate::from_hz(rounded)
}

/// The sign between a measured value and a limit that is kept.
pub(crate) fn sign(bound: Option<Bound>) -> &'static str {
    match bound {
        Some(Bound::Max(_)) => "<=",
        Some(Bound::Min(_)) | None => ">=",
    }
}

/// `at least`, `at most`.
pub(crate) fn side(bound: Option<Bound>) -> &'static str {
    match bound {
        Some(Bound::Max(_)) => "at most",
        Some(Bound::Min(_)) | None => "at least",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deciding_rate_resolves_the_distance_to_the_limit() {
        let rate = |grid_ns, distance_ps: u64| {
            deciding_rate(Span::from_ns(grid_ns), distance_ps * 1_000).map(|rate| rate.to_string())
        };
        assert_eq!(rate(10, 6_617).as_deref(), Some("200 MHz"));
        assert_eq!(rate(10, 10_000).as_deref(), Some("100 MHz"));
        assert_eq!(rate(10, 0).as_deref(), Some("1 GHz"));
        assert_eq!(rate(10, 1).as_deref(), Some("10 GHz"));
    }
}
