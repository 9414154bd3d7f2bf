//! What became of each rule, and of the whole.

use busproof_core::Span;
use busproof_core::timing::{Bound, Hidden, Needs, RuleReport, RuleState};
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
        let doubts = outcome.warnings + outcome.report.cannot_tell() + self.hidden();
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

    /// The sample rate at which what cannot be told of a rule could be.
    pub(crate) fn deciding_rate(&self, rule: &RuleReport) -> Option<SampleRate> {
        let grid = self.source.grid().filter(|grid| !grid.is_zero())?;
        let notes = self.ledger.of(rule.rule)?;
        // Two changes in one sample, or a value at its limit, may stay in doubt at any rate: ten times the present one
        // is a fair start.
        let tenth = Span::from_fs((grid.as_fs() / 10).max(1));
        let needed = match notes.closest {
            Some(distance) if distance > 0 && rule.rule.needs != Needs::Instants => Span::from_fs(distance),
            _ => tenth,
        };
        round_up(needed.max(Span::from_fs((grid.as_fs() / 100).max(1))))
    }
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
