//! Diagnostics, counted by their code.

use busproof_core::bus::{Diagnostic, Severity};

use crate::units::{instant, times};

/// The diagnostics of one code: the first, and how many.
#[derive(Clone, Debug)]
pub(crate) struct Oddity {
    /// The first of them.
    pub(crate) first: Diagnostic,
    /// How many there were.
    pub(crate) count: u64,
}

/// All codes that were seen, in order of their first appearance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oddities(Vec<Oddity>);

impl Oddities {
    /// Counts one more.
    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        match self.0.iter_mut().find(|odd| odd.first.code == diagnostic.code) {
            Some(odd) => odd.count += 1,
            None => self.0.push(Oddity { first: diagnostic, count: 1 }),
        }
    }

    /// One per code.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Oddity> {
        self.0.iter()
    }

    /// Those of one severity.
    pub(crate) fn of(&self, severity: Severity) -> impl Iterator<Item = &Oddity> {
        self.iter().filter(move |odd| odd.first.severity == severity)
    }
}

impl Oddity {
    /// In a line: `spi::cs-mid-word, twice, first at 1 ms: CS became inactive ...`.
    pub(crate) fn line(&self) -> String {
        let Oddity { first, count } = self;
        let first_at = if *count == 1 { "at" } else { "first at" };
        format!("{}, {}, {first_at} {}: {}", first.code, times(*count), instant(first.from), first.text)
    }
}
