//! Every rule of handshakes and crossings has a vector exactly at its limit and one past it by a femtosecond; every code has
//! one that makes it come.

use std::collections::BTreeSet;

use busproof_core::bus::{BusInfo, handshake};
use busproof_core::cdc;
use busproof_vectors::format::{At, Vector};
use busproof_vectors::report::{Outcome, VectorResult};
use busproof_vectors::run::{RunOptions, run};

mod common;

/// A vector, and what came of it.
struct Ran {
    vector: Vector,
    result: VectorResult,
}

impl Ran {
    fn exercised(&self) -> BTreeSet<&str> {
        names(&self.vector.check.exercised)
    }

    fn broken(&self) -> BTreeSet<&str> {
        names(&self.vector.check.broken)
    }

    /// The margin of the rule that came closest to its limit, in femtoseconds, if it is that one.
    fn slack(&self, rule: &str) -> Option<i64> {
        self.result.tightest.as_ref().filter(|tightest| tightest.rule == rule).map(|tightest| tightest.slack)
    }

    fn is_named(&self, ending: &str) -> bool {
        let name = self.vector.name.split('[').next().unwrap_or_default();
        name.ends_with(ending)
    }
}

fn names(list: &[At<String>]) -> BTreeSet<&str> {
    list.iter().map(|name| name.value.as_str()).collect()
}

/// The vectors below a folder of `vectors`, all of which pass.
fn ran(folder: &str) -> Vec<Ran> {
    common::of_vectors_below(folder, |path, file, vector| {
        let result = run(path, file, vector, &RunOptions::default());
        assert_eq!(result.outcome, Outcome::Passed, "{}: {:?}", result.name, result.failures);
        Ran { vector: vector.clone(), result }
    })
}

/// "Not at once" is a limit of a femtosecond, of which reports state no margin.
const NOT_AT_ONCE: &str = "DATA-bundled";

fn assert_limits(folder: &str, info: &BusInfo) {
    let all = ran(folder);
    for rule in info.rules {
        let is_at = |ran: &&Ran| {
            ran.is_named("at-the-limit")
                && ran.exercised() == BTreeSet::from([rule.name])
                && (ran.slack(rule.name) == Some(0) || rule.name == NOT_AT_ONCE)
        };
        assert!(all.iter().any(|ran| is_at(&ran)), "no vector is exactly at {}", rule.name);
        let is_past = |ran: &&Ran| {
            ran.is_named("past-it")
                && ran.broken() == BTreeSet::from([rule.name])
                && ran.slack(rule.name) == Some(-1)
        };
        assert!(all.iter().any(|ran| is_past(&ran)), "no vector is just past {}", rule.name);
    }
    for ran in &all {
        let known = ran.is_named("at-the-limit") || ran.is_named("past-it");
        assert!(known, "{} is neither at a limit nor past one", ran.vector.name);
    }
}

#[test]
fn every_limit_of_a_handshake_has_a_vector_at_it_and_one_past_it() {
    assert_limits("handshake/rules", &handshake::INFO);
}

#[test]
fn every_limit_of_a_crossing_has_a_vector_at_it_and_one_past_it() {
    assert_limits("crossing/rules", &cdc::INFO);
}

/// Codes of notes, which checks do not see, and of what our own agents cannot be brought to do.
const WITHOUT_VECTOR: &[(&str, &str)] = &[
    ("handshake::unknown-data", "senders drive all bits from the start"),
    ("handshake::waits-for-ready", "it is a note"),
    ("cdc::gray-jump", "the pointers of our FIFO step by one"),
];

fn assert_codes(folder: &str, info: &BusInfo) {
    let all = ran(folder);
    let seen: BTreeSet<&str> = all.iter().flat_map(|ran| names(&ran.vector.check.diagnostics)).collect();
    for code in info.codes {
        let excused = WITHOUT_VECTOR.iter().any(|(excused, _)| *excused == code.code);
        assert_eq!(seen.contains(code.code), !excused, "{} in a vector", code.code);
    }
}

#[test]
fn every_code_of_handshakes_and_crossings_comes_in_a_vector() {
    assert_codes("handshake/faults", &handshake::INFO);
    assert_codes("crossing/faults", &cdc::INFO);
}
