//! What remains of a checked stream: one entry per rule.

use std::fmt;

use super::protocol::ProtocolCheck;
use super::rule::{Needs, Rule};
use super::tally::{Margin, Tally};
use super::verdict::Verdict;

/// Why a rule cannot be judged in a waveform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hidden {
    /// The rule is about the other end of the wires.
    OtherPoint,
    /// The rule needs to see high impedance, or levels between Low and High, and a recording has two levels.
    TwoLevels,
    /// The recording does not tell its sampling period, so that nothing is known of the doubt.
    UnknownGrid,
    /// The doubt in a rate or a part of a unit interval takes the unit interval to know.
    UnknownUnitInterval,
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Hidden::OtherPoint => "it is measured at the other end of the wires",
            Hidden::TwoLevels => {
                "a recording of two levels shows neither high impedance nor how long an edge takes"
            }
            Hidden::UnknownGrid => "the recording does not tell its sampling period",
            Hidden::UnknownUnitInterval => "the length of the unit interval is not known",
        })
    }
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleState {
    /// Something was measured against it.
    Exercised,
    /// It could have been judged, but what it speaks of did not occur.
    NeverExercised,
    /// The waveform does not show it.
    NotVisible(Hidden),
    /// The part gives no value for it.
    NoLimit,
}

/// The result of one rule.
#[derive(Clone, Debug)]
pub struct RuleReport {
    /// The rule.
    pub rule: &'static Rule,
    /// What became of it.
    pub state: RuleState,
    /// Its limit, in its unit; for a budget the time by which a payment may lag.
    pub limit: Option<i64>,
    /// Where the numbers in its limit are from; empty for a limit without parameters.
    pub cite: String,
    tally: Tally,
}

impl RuleReport {
    /// A result of nothing measured yet.
    pub(super) fn new(rule: &'static Rule, state: RuleState, limit: Option<i64>, cite: String) -> RuleReport {
        RuleReport { rule, state, limit, cite, tally: Tally::default() }
    }

    /// Takes over what was measured.
    pub(super) fn fill(&mut self, tally: Tally) {
        self.tally = tally;
        if self.measured() > 0 {
            self.state = RuleState::Exercised;
        }
    }

    /// How many measurements kept it.
    pub fn kept(&self) -> u64 {
        self.tally.of(Verdict::Kept)
    }

    /// How many measurements may have broken it or not.
    pub fn cannot_tell(&self) -> u64 {
        self.tally.of(Verdict::CannotTell)
    }

    /// How many measurements broke it.
    pub fn broken(&self) -> u64 {
        self.tally.of(Verdict::Broken)
    }

    /// How many measurements there were.
    pub fn measured(&self) -> u64 {
        self.tally.total()
    }

    /// The distance to the limit; `None` if nothing was measured.
    pub fn margin(&self) -> Option<Margin> {
        self.tally.margin(self.limit?)
    }

    /// Every slack that was measured, in the rule's unit and in ascending order, and how often; as exact as [`Margin::p1`].
    pub fn slacks(&self) -> Vec<(i64, u64)> {
        self.tally.slacks()
    }

    fn merge(&mut self, other: &RuleReport) {
        if self.state.rank() > other.state.rank() {
            self.state = other.state;
            self.limit = other.limit;
            self.cite.clone_from(&other.cite);
        }
        self.tally.merge(&other.tally);
    }
}

impl RuleState {
    /// The lower says more.
    fn rank(self) -> u8 {
        match self {
            RuleState::Exercised => 0,
            RuleState::NeverExercised => 1,
            RuleState::NotVisible(_) => 2,
            RuleState::NoLimit => 3,
        }
    }
}

/// The results of all rules, in the order of the table.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One per row.
    pub rules: Vec<RuleReport>,
    /// The checks of the protocol that were put to the test, in the order of their table. What broke them is a diagnostic.
    pub checks: Vec<&'static ProtocolCheck>,
}

impl Report {
    /// The waveform turned out to have two levels only: what rules that need more speak of was not visible.
    pub fn has_two_levels(&mut self) {
        for result in &mut self.rules {
            if result.rule.needs == Needs::FourStates && result.state == RuleState::NeverExercised {
                result.state = RuleState::NotVisible(Hidden::TwoLevels);
            }
        }
    }

    /// Adds what another checker found with the same rules and limits: at the other point of observation, or in the
    /// next window. A rule that only one of them could judge counts as judged. The order of merging does not matter.
    pub fn merge(&mut self, other: &Report) {
        for theirs in &other.rules {
            match self.rules.iter_mut().find(|mine| mine.rule == theirs.rule) {
                Some(mine) => mine.merge(theirs),
                None => self.rules.push(theirs.clone()),
            }
        }
        for theirs in &other.checks {
            if !self.checks.contains(theirs) {
                self.checks.push(theirs);
            }
        }
    }

    /// The result of the first rule of this name.
    pub fn rule(&self, name: &str) -> Option<&RuleReport> {
        self.rules.iter().find(|result| result.rule.name == name)
    }

    /// The rules that were measured.
    pub fn exercised(&self) -> impl Iterator<Item = &RuleReport> {
        self.rules.iter().filter(|result| result.state == RuleState::Exercised)
    }

    /// The rules that could have been measured and were not.
    pub fn never_exercised(&self) -> impl Iterator<Item = &RuleReport> {
        self.rules.iter().filter(|result| matches!(result.state, RuleState::NeverExercised))
    }

    /// How many measurements broke a rule.
    pub fn broken(&self) -> u64 {
        self.rules.iter().map(RuleReport::broken).sum()
    }

    /// How many measurements may have broken a rule or not.
    pub fn cannot_tell(&self) -> u64 {
        self.rules.iter().map(RuleReport::cannot_tell).sum()
    }

    /// True if no rule was decided and no check of the protocol put to the test: then nothing was checked, and that is no
    /// pass.
    pub fn is_vacuous(&self) -> bool {
        self.checks.is_empty() && self.rules.iter().all(|result| result.kept() + result.broken() == 0)
    }
}
