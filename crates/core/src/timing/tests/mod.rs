//! The evaluators against their limits, against a judge written from the definitions, and against each other.

mod brute;
mod equivalence;
mod limits;
mod reports;
mod rows;

use super::*;
use crate::log::Source;
use crate::time::{Span, Time};

const A: EventKind = EventKind(0);
const B: EventKind = EventKind(1);
const C: EventKind = EventKind(2);

/// A rule of no importance but its kind.
const fn rule(kind: Kind) -> Rule {
    Rule {
        name: "t",
        summary: "",
        cause: "",
        kind,
        at: Point::Target,
        classes: Classes::ANY,
        class_of_from: false,
        needs: Needs::Edges,
        source: "",
    }
}

/// From A to B anywhere, C resets.
const fn a_to_b(bound: Bound) -> Rule {
    rule(Kind::Between {
        from: EventSet::of(&[A]),
        nth: 1,
        to: EventSet::of(&[B]),
        reset: EventSet::of(&[C]),
        scope: Scope::Same(0),
        must_come: false,
        bound,
    })
}

/// A is owed, whole, by each place of two levels.
const fn owed(period: &'static [Term], behind: u32, ahead: u32) -> Kind {
    owed_by(&[(A, 1)], period, behind, ahead)
}

/// The kinds of event in `pays` are owed, whole, by each place of two levels.
const fn owed_by(
    pays: &'static [(EventKind, u32)],
    period: &'static [Term],
    behind: u32,
    ahead: u32,
) -> Kind {
    let (parts, depth, rest, wake) = (1, 2, EventSet::NONE, EventSet::NONE);
    Kind::Budget { pays, parts, depth, rest, wake, period, behind, ahead }
}

const fn fixed<const N: i64>() -> &'static [Term] {
    const { &[Term::Fixed(N)] }
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn t(fs: u64) -> Time {
    Time::from_fs(fs)
}

fn at(fs: u64, kind: EventKind) -> Event {
    Event::new(t(fs), kind)
}

fn carrying(fs: u64, kind: EventKind, value: i64) -> Event {
    Event { value, ..at(fs, kind) }
}

fn of_class(fs: u64, kind: EventKind, class: u8) -> Event {
    Event { class: Class(class), ..at(fs, kind) }
}

fn in_place(fs: u64, kind: EventKind, place: [u8; 4]) -> Event {
    Event { place: Place(place), ..at(fs, kind) }
}

/// What a checker of `rules` says of `events` that end at `end`.
fn check(
    rules: impl IntoIterator<Item = &'static Rule>,
    source: Source,
    events: &[Event],
    end: u64,
) -> (Vec<Finding>, Report) {
    let options = CheckerOptions { source, ..CheckerOptions::default() };
    check_with(rules, &Params::new(), &options, events, end)
}

fn check_with(
    rules: impl IntoIterator<Item = &'static Rule>,
    params: &Params,
    options: &CheckerOptions,
    events: &[Event],
    end: u64,
) -> (Vec<Finding>, Report) {
    let mut checker = Checker::new(rules, params, options);
    let mut findings = Vec::new();
    for &event in events {
        checker.event(event, &mut |finding| findings.push(finding));
    }
    let report = checker.finish(t(end), &mut |finding| findings.push(finding));
    (findings, report)
}

/// Kept, cannot tell, broken: of one rule and a run without doubt.
fn counts(rule: &Rule, events: &[Event], end: u64) -> (u64, u64, u64) {
    counts_in(rule, Source::Run, events, end)
}

fn counts_in(rule: &Rule, source: Source, events: &[Event], end: u64) -> (u64, u64, u64) {
    let (findings, report) = check([leak(*rule)], source, events, end);
    let result = &report.rules[0];
    assert_eq!(findings.len() as u64, result.broken() + result.cannot_tell(), "findings and counts agree");
    (result.kept(), result.cannot_tell(), result.broken())
}

fn simulation(grid: u64) -> Source {
    Source::Simulation { grid: Span::from_fs(grid) }
}

fn recording(grid: u64) -> Source {
    Source::Recording { grid: Some(Span::from_fs(grid)) }
}
