//! Every limit of every speed class of I2C has a vector exactly at it and one just past it, or is in the table of exceptions.
//!
//! The vectors are judged here once more, for their margins: what is at the limit has none, and what is past it misses it by
//! less than a nanosecond.

use std::collections::BTreeSet;
use std::path::Path;

use busproof_core::bus::i2c::{self, rules::RULES};
use busproof_core::judge::{Jury, Said};
use busproof_core::mapping::find_taps;
use busproof_core::timing::{Report, Rule, Term};
use busproof_core::{ChangeLog, log::Column};
use busproof_parts::{Part, catalog};
use busproof_vectors::VectorFile;
use busproof_vectors::format::{At, BusKind, Vector};
use busproof_vectors::report::Outcome;
use busproof_vectors::run::{RunOptions, run_recorded};

mod common;

/// The standards, each with the limits of its own.
const STANDARDS: [&str; 6] =
    ["i2c-standard", "i2c-fast", "i2c-fast-plus", "i2c-high", "i2c-ultra-fast", "smbus"];

/// The most by which a vector past a limit misses it, in femtoseconds.
const STEP: i64 = 1_000_000;

/// Why the limits of a rule are not as all others.
struct Exception {
    rule: &'static str,
    /// The standards that it is about.
    standards: &'static [&'static str],
    what: What,
    why: &'static str,
}

enum What {
    /// There are no vectors.
    Neither,
    /// There is none past the limit.
    NothingPast,
    /// These are broken at the limit, and these and others past it.
    Together { at: &'static [&'static str], past: &'static [&'static str] },
}

const PULLED_ALIKE: &str = "SDA and SCL have the same resistors, capacitors and drivers";

const EXCEPTIONS: &[Exception] = &[
    Exception {
        rule: "tHD;DAT",
        standards: &["i2c-standard", "i2c-fast", "i2c-fast-plus"],
        what: What::NothingPast,
        why: "below a hold of 0 lies a START or a STOP",
    },
    Exception {
        rule: "tHD;DAT-Hs",
        standards: &["i2c-high"],
        what: What::NothingPast,
        why: "below a hold of 0 lies a START or a STOP",
    },
    Exception {
        rule: "tHD;DAT",
        standards: &["i2c-ultra-fast"],
        what: What::Together { at: &[], past: &["tVD;DAT-min"] },
        why: "edges take no time in Ultra-fast mode, and tVD;DAT has the same minimum",
    },
    Exception {
        rule: "tVD;DAT-min",
        standards: &["i2c-ultra-fast"],
        what: What::Together { at: &[], past: &["tHD;DAT"] },
        why: "edges take no time in Ultra-fast mode, and tHD;DAT has the same minimum",
    },
    Exception {
        rule: "tr",
        standards: &["i2c-ultra-fast"],
        what: What::Neither,
        why: "wires that are driven both ways have no edges in the simulation",
    },
    Exception {
        rule: "tf",
        standards: &["i2c-ultra-fast"],
        what: What::Neither,
        why: "wires that are driven both ways have no edges in the simulation",
    },
    Exception {
        rule: "trDA",
        standards: &["i2c-high"],
        what: What::Together { at: &[], past: &["trCL1"] },
        why: PULLED_ALIKE,
    },
    Exception {
        rule: "trCL1",
        standards: &["i2c-high"],
        what: What::Together { at: &[], past: &["trDA"] },
        why: PULLED_ALIKE,
    },
    Exception {
        rule: "trCL",
        standards: &["i2c-high"],
        what: What::Together { at: &["trCL1", "trDA"], past: &["trCL1", "trDA"] },
        why: "the current source of SCL makes it so fast that SDA is past its limit first",
    },
    Exception {
        rule: "trDA-min",
        standards: &["i2c-high"],
        what: What::Together { at: &["tr-min", "trCL-min"], past: &["tr-min", "trCL-min", "trCL1-min"] },
        why: "Fast-mode, before the master code, has a longer minimum, and the current source makes SCL faster still",
    },
    Exception {
        rule: "trCL1-min",
        standards: &["i2c-high"],
        what: What::Together { at: &["tr-min", "trCL-min"], past: &["tr-min", "trCL-min", "trDA-min"] },
        why: "Fast-mode, before the master code, has a longer minimum, and the current source makes SCL faster still",
    },
    Exception {
        rule: "tfDA",
        standards: &["i2c-high"],
        what: What::Together { at: &["tfCL"], past: &["tfCL"] },
        why: "SCL, which is pulled as hard, has half the limit",
    },
    Exception {
        rule: "tfCL-min",
        standards: &["i2c-high"],
        what: What::Together { at: &[], past: &["tfDA-min"] },
        why: PULLED_ALIKE,
    },
    Exception {
        rule: "tfDA-min",
        standards: &["i2c-high"],
        what: What::Together { at: &[], past: &["tfCL-min"] },
        why: PULLED_ALIKE,
    },
    Exception {
        rule: "tTIMEOUT",
        standards: &["smbus"],
        what: What::Together { at: &["tTIMEOUT-min"], past: &["tTIMEOUT-min"] },
        why: "what is low for 35 ms has been low for 25 ms",
    },
];

/// Limits that no rule is about.
const NO_RULE: &[(&str, &str)] = &[("tSP", "which spikes a receiver swallows happens behind its pin")];

/// Rules that have no limit in any standard.
const NO_LIMIT: &[(&str, &str)] = &[
    ("tHD;DAT-max", "UM10204 rev. 6 bounds it by tVD;DAT; data sheets may state one"),
    ("SDA-stable", "its limit is no number of a table: SDA must not change before SCL is low"),
];

/// A vector of one I2C bus about a limit, and what came of it.
struct Limit {
    name: String,
    standard: String,
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

    /// Exactly at the limit, or as far from it as a period is rounded.
    fn is_at(&self, rule: &str) -> bool {
        !self.is_past() && self.exercised.contains(rule) && matches!(self.slack(rule), Some(0 | 1))
    }

    fn is_just_past(&self, rule: &str) -> bool {
        self.is_past() && self.slack(rule).is_some_and(|slack| slack < 0 && slack > -STEP)
    }
}

/// All that is below `vectors/i2c/rules`.
fn limits() -> Vec<Limit> {
    common::of_vectors_below("i2c/rules", limit)
}

fn limit(path: &Path, file: &VectorFile, vector: &Vector) -> Limit {
    let (result, run) = run_recorded(path, file, vector, &RunOptions::default());
    assert_eq!(result.outcome, Outcome::Passed, "{}: {:?}", result.name, result.failures);
    let standard = standard(vector);
    let names = |list: &[At<String>]| list.iter().map(|name| name.value.clone()).collect();
    Limit {
        name: result.name,
        standard: standard.name().to_owned(),
        exercised: names(&vector.check.exercised),
        broken: names(&vector.check.broken),
        report: judge(vector, &standard, run.unwrap_or_else(|| panic!("nothing was run")).log()),
    }
}

fn bus(vector: &Vector) -> &busproof_vectors::format::i2c::Bus {
    match &vector.buses[0].kind {
        BusKind::I2c(bus) => bus,
        _ => panic!("{} is about another bus", vector.name),
    }
}

fn standard(vector: &Vector) -> std::sync::Arc<Part> {
    catalog::standard(&bus(vector).options).unwrap_or_else(|| panic!("{} has no standard", vector.name))
}

/// Judges a run from its waveform alone.
fn judge(vector: &Vector, standard: &Part, log: &ChangeLog) -> Report {
    let bus = bus(vector);
    let mut params = standard.params_at(&bus.electrical.conditions());
    for (param, limit) in &vector.buses[0].limits {
        params.set(*param, limit.as_fs() as i64, "the vector");
    }
    let names: Vec<&str> = log.columns().iter().map(Column::name).collect();
    let taps = find_taps(&i2c::INFO, &names);
    let monitor = || i2c::Monitor::new(&bus.options, log.source());
    let mut jury = Jury::new(&taps, monitor, RULES, &params, log.source(), |_: Said<i2c::Item>| {});
    log.replay(&mut jury);
    jury.outcome().report
}

/// The rules whose limit is a parameter that the standard's own file states.
fn rules_of(standard: &Part) -> Vec<&'static Rule> {
    let stated = |rule: &&Rule| {
        let terms = rule.bound().map_or(&[] as &[Term], |bound| bound.terms());
        standard.limits().iter().any(|limit| terms.contains(&Term::of(limit.param)))
    };
    RULES.iter().filter(stated).collect()
}

fn part(standard: &str) -> std::sync::Arc<Part> {
    catalog::find(standard).unwrap_or_else(|error| panic!("{error}"))
}

fn exception(rule: &str, standard: &str) -> Option<&'static Exception> {
    EXCEPTIONS.iter().find(|e| e.rule == rule && e.standards.contains(&standard))
}

fn set<'a>(names: impl IntoIterator<Item = &'a &'static str>) -> BTreeSet<String> {
    names.into_iter().map(|name| (*name).to_owned()).collect()
}

/// Fails unless there are the vectors of a rule that there should be.
fn assert_limit(limits: &[Limit], standard: &str, rule: &'static str) {
    let exception = exception(rule, standard);
    let why = exception.map_or("each rule alone", |e| e.why);
    let (has_at, has_past, at, past): (_, _, &[_], &[_]) = match exception.map(|e| &e.what) {
        None => (true, true, &[], &[]),
        Some(What::Neither) => (false, false, &[], &[]),
        Some(What::NothingPast) => (true, false, &[], &[]),
        Some(What::Together { at, past }) => (true, true, at, past),
    };
    let (at, past) = (set(at), set(past.iter().chain([&rule])));
    let own = || limits.iter().filter(|limit| limit.standard == standard);
    let is_at = own().any(|limit| limit.is_at(rule) && limit.broken == at);
    assert_eq!(is_at, has_at, "a vector of {standard} exactly at {rule} that breaks {at:?} ({why})");
    let is_past = own().any(|limit| limit.is_just_past(rule) && limit.broken == past);
    assert_eq!(is_past, has_past, "a vector of {standard} just past {rule} that breaks {past:?} ({why})");
}

#[test]
fn every_limit_of_every_speed_class_has_a_vector_at_it_and_one_past_it() {
    let limits = limits();
    for standard in STANDARDS {
        let rules = rules_of(&part(standard));
        assert!(rules.len() >= 10, "{standard} states {} limits only", rules.len());
        for rule in rules {
            assert_limit(&limits, standard, rule.name);
        }
    }
    for (rule, _) in NO_LIMIT {
        let is_past = limits.iter().any(|limit| limit.is_just_past(rule) && limit.broken == set([rule]));
        assert!(is_past, "no vector is just past {rule}");
    }
}

#[test]
fn what_is_named_after_a_limit_is_at_it_or_past_it() {
    for limit in limits() {
        if limit.is_past() {
            let is_one = limit.broken.iter().any(|rule| limit.is_just_past(rule));
            assert!(is_one, "{} breaks nothing by less than a nanosecond", limit.name);
        } else {
            assert!(limit.name.contains("at-the-limit"), "{} is neither at nor past", limit.name);
            let is_at = limit.exercised.iter().all(|rule| limit.is_at(rule));
            assert!(is_at, "{} is not at the limit: {:?}", limit.name, limit.exercised);
        }
    }
}

#[test]
fn the_exceptions_are_what_the_standards_are() {
    for Exception { rule, standards, .. } in EXCEPTIONS {
        for standard in *standards {
            let stated = rules_of(&part(standard)).iter().any(|known| known.name == *rule);
            assert!(stated, "{standard} states no limit of {rule}");
        }
    }
    let parts = STANDARDS.map(part);
    let has_limit = |rule: &Rule| parts.iter().any(|part| rules_of(part).iter().any(|r| r.name == rule.name));
    let without: Vec<&str> = RULES.iter().filter(|rule| !has_limit(rule)).map(|rule| rule.name).collect();
    assert_eq!(without, NO_LIMIT.iter().map(|(rule, _)| *rule).collect::<Vec<_>>());
    let judged =
        |term: Term| RULES.iter().any(|rule| rule.bound().is_some_and(|b| b.terms().contains(&term)));
    let limits = parts.iter().flat_map(|part| part.limits());
    let unjudged: BTreeSet<&str> =
        limits.filter(|limit| !judged(Term::of(limit.param))).map(|limit| limit.info.name).collect();
    assert_eq!(unjudged, NO_RULE.iter().map(|(name, _)| *name).collect());
}
