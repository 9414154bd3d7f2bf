//! Every rule of UART has a vector exactly at its limit and one just past it that breaks nothing else.
//!
//! The vectors are judged here once more, for their margins: what is at the limit has none, and what is past it misses it by
//! the least step that there is.

use std::collections::BTreeSet;
use std::path::Path;

use busproof_core::bus::uart::{self, rules::RULES};
use busproof_core::judge::{Jury, Said};
use busproof_core::mapping::find_taps;
use busproof_core::timing::{Report, Rule, Unit};
use busproof_core::{ChangeLog, log::Column};
use busproof_vectors::VectorFile;
use busproof_vectors::format::{At, BusKind, Vector};
use busproof_vectors::report::Outcome;
use busproof_vectors::run::{RunOptions, run_recorded};

mod common;

/// A vector about a limit, and what came of it.
struct Limit {
    name: String,
    exercised: BTreeSet<String>,
    broken: BTreeSet<String>,
    report: Report,
}

impl Limit {
    /// By how much the rule is kept at worst.
    fn slack(&self, rule: &str) -> Option<i64> {
        self.report.rule(rule)?.margin().map(|margin| margin.worst)
    }

    fn is_past(&self) -> bool {
        self.name.contains("past-it")
    }

    fn is_at(&self, rule: &str) -> bool {
        !self.is_past() && self.exercised.contains(rule) && self.slack(rule) == Some(0)
    }

    fn is_just_past(&self, rule: &Rule) -> bool {
        self.is_past() && self.slack(rule.name).is_some_and(|slack| slack < 0 && slack >= -step(rule.unit()))
    }
}

/// The most by which a vector past a limit misses it: one, where a rule counts thousandths of a bit, parts per million or
/// frames; a nanosecond, where it measures times and clocks decide.
const fn step(unit: Unit) -> i64 {
    match unit {
        Unit::Fs => 1_000_000,
        Unit::MilliUi | Unit::Ppm | Unit::Count => 1,
    }
}

/// All that is below `vectors/uart/rules`.
fn limits() -> Vec<Limit> {
    common::of_vectors_below("uart/rules", limit)
}

fn limit(path: &Path, file: &VectorFile, vector: &Vector) -> Limit {
    let (result, run) = run_recorded(path, file, vector, &RunOptions::default());
    assert_eq!(result.outcome, Outcome::Passed, "{}: {:?}", result.name, result.failures);
    let names = |list: &[At<String>]| list.iter().map(|name| name.value.clone()).collect();
    Limit {
        name: result.name,
        exercised: names(&vector.check.exercised),
        broken: names(&vector.check.broken),
        report: judge(vector, run.unwrap_or_else(|| panic!("nothing was run")).log()),
    }
}

/// Judges a run from its waveform alone.
fn judge(vector: &Vector, log: &ChangeLog) -> Report {
    let BusKind::Uart(bus) = &vector.buses[0].kind else { panic!("{} is not about UART", vector.name) };
    let mut params = uart::rules::limits(&bus.options);
    for (param, limit) in &vector.buses[0].limits {
        params.set(*param, limit.as_fs() as i64, "the vector");
    }
    let names: Vec<&str> = log.columns().iter().map(Column::name).collect();
    let taps = find_taps(&uart::INFO, &names);
    let monitor = || uart::Monitor::new(&bus.options, log.source());
    let mut jury = Jury::new(&taps, monitor, RULES, &params, log.source(), |_: Said<uart::Item>| {});
    log.replay(&mut jury);
    jury.outcome().report
}

#[test]
fn every_rule_has_a_vector_at_its_limit_and_one_past_it() {
    let limits = limits();
    for rule in RULES {
        let broken = BTreeSet::from([rule.name.to_owned()]);
        let at = limits.iter().any(|limit| limit.is_at(rule.name) && limit.broken.is_empty());
        assert!(at, "no vector is exactly at {}", rule.name);
        let past = limits.iter().any(|limit| limit.is_just_past(rule) && limit.broken == broken);
        assert!(past, "no vector is just past {} and breaks {broken:?}", rule.name);
    }
}

#[test]
fn what_is_named_after_a_limit_is_at_it_or_past_it() {
    for limit in limits() {
        if limit.is_past() {
            let is_one =
                RULES.iter().any(|rule| limit.broken.contains(rule.name) && limit.is_just_past(rule));
            assert!(is_one, "{} breaks nothing by the least step", limit.name);
        } else {
            assert!(limit.name.contains("at-the-limit"), "{} is neither at nor past", limit.name);
            let slacks: Vec<_> = limit.exercised.iter().map(|rule| (rule, limit.slack(rule))).collect();
            assert!(limit.exercised.iter().all(|rule| limit.is_at(rule)), "{}: {slacks:?}", limit.name);
        }
    }
}
