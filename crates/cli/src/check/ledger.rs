//! What was said during a check, in bounded memory: the first of each kind, and counts.

use busproof_core::judge::Said;
use busproof_core::timing::{Finding, Rule, Verdict};

use crate::odd::Oddities;

/// What is kept of the findings of one rule.
#[derive(Clone, Debug)]
pub(crate) struct RuleNotes {
    rule: &'static Rule,
    /// The first that broke it.
    pub(crate) broken: Option<Finding>,
    /// The first that nobody can tell.
    pub(crate) unsure: Option<Finding>,
    /// The least distance to the limit among those that nobody can tell.
    pub(crate) closest: Option<u64>,
}

/// The findings by rule, and the oddities.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    rules: Vec<RuleNotes>,
    /// Diagnostics by code.
    pub(crate) odd: Oddities,
    /// First findings that nobody has looked at yet.
    fresh: Vec<Finding>,
}

impl Ledger {
    /// Takes note.
    pub(crate) fn hear<I>(&mut self, said: Said<I>) {
        match said {
            Said::Item(_) => {}
            Said::Finding(finding) => self.finding(finding),
            Said::Diagnostic(diagnostic) => self.odd.add(diagnostic),
        }
    }

    /// What is known of a rule.
    pub(crate) fn of(&self, rule: &'static Rule) -> Option<&RuleNotes> {
        self.rules.iter().find(|notes| notes.rule == rule)
    }

    /// The first findings since this was last asked.
    pub(crate) fn take_fresh(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.fresh)
    }

    fn finding(&mut self, finding: Finding) {
        let known = self.rules.iter().position(|notes| std::ptr::eq(notes.rule, finding.rule));
        let index = known.unwrap_or_else(|| {
            self.rules.push(RuleNotes { rule: finding.rule, broken: None, unsure: None, closest: None });
            self.rules.len() - 1
        });
        let notes = &mut self.rules[index];
        if finding.verdict == Verdict::Broken {
            if notes.broken.is_none() {
                notes.broken = Some(finding);
                self.fresh.push(finding);
            }
            return;
        }
        let distance = finding.measured.abs_diff(finding.limit);
        notes.closest = Some(notes.closest.map_or(distance, |least| least.min(distance)));
        notes.unsure.get_or_insert(finding);
    }
}
