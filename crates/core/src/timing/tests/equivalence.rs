//! Random tables and random streams: the checker against the brute-force judge, ready times against the checker.

use proptest::prelude::*;

use super::brute::{Brute, DEPTH, Judgement};
use super::*;

fn event_set() -> impl Strategy<Value = EventSet> {
    prop::collection::vec(0..4u8, 0..3)
        .prop_map(|kinds| EventSet::of(&kinds.into_iter().map(EventKind).collect::<Vec<_>>()))
}

fn scope() -> impl Strategy<Value = Scope> {
    let depth = DEPTH as u8;
    prop_oneof![(0..=depth).prop_map(Scope::Same), (1..=depth).prop_map(Scope::Other)]
}

fn classes() -> impl Strategy<Value = Classes> {
    prop_oneof![Just(Classes::ANY), Just(Classes::of(&[Class(1)])), Just(Classes::of(&[Class(0), Class(2)])),]
}

fn terms() -> impl Strategy<Value = &'static [Term]> {
    (-2..25i64).prop_map(|n| leak([Term::Fixed(n)]) as &'static [Term])
}

fn between(bound: impl Strategy<Value = (Bound, bool)>) -> impl Strategy<Value = &'static Rule> {
    let shape = (event_set(), 1..=4u8, event_set(), event_set(), scope());
    (shape, bound, classes(), any::<bool>()).prop_map(
        |(shape, (bound, must_come), classes, class_of_from)| {
            let (from, nth, to, reset, scope) = shape;
            let (nth, scope) = match scope {
                Scope::Other(n) if must_come => (1, Scope::Same(n)),
                _ if must_come => (1, scope),
                _ => (nth, scope),
            };
            let kind = Kind::Between { from, nth, to, reset, scope, must_come, bound };
            leak(Rule { classes, class_of_from, ..rule(kind) })
        },
    )
}

fn minimum() -> impl Strategy<Value = &'static Rule> {
    between(terms().prop_map(|terms| (Bound::Min(terms), false)))
}

fn maximum() -> impl Strategy<Value = &'static Rule> {
    between((terms(), any::<bool>()).prop_map(|(terms, must_come)| (Bound::Max(terms), must_come)))
}

fn budget() -> impl Strategy<Value = &'static Rule> {
    // What puts to rest or wakes is no payment.
    let some = |kind| any::<bool>().prop_map(move |some| EventSet::of(if some { kind } else { &[] }));
    let pays: [&'static [(EventKind, u32)]; 3] = [&[(A, 1)], &[(C, 2)], &[(A, 1), (C, 2)]];
    let pays = prop::sample::select(pays.to_vec());
    let kind = (pays, 0..3u8, some(&[B]), some(&[EventKind(3)]), 1..6i64, 0..3u32, 0..3u32);
    (kind, classes()).prop_map(|((pays, depth, rest, wake, period, behind, ahead), classes)| {
        let period = leak([Term::Fixed(period)]);
        let kind = Kind::Budget { pays, parts: 2, depth, rest, wake, period, behind, ahead };
        leak(Rule { classes, ..rule(kind) })
    })
}

fn place() -> impl Strategy<Value = Place> {
    let name = || prop_oneof![3 => 0..2u8, 1 => Just(Place::ALL)];
    // `ALL` stands for everything below its level, whatever stands there.
    (name(), name()).prop_map(|(a, b)| Place([a, b, 0, 0]))
}

fn stream() -> impl Strategy<Value = Vec<Event>> {
    let event = (0..7u64, 0..4u8, 0..3u8, place());
    prop::collection::vec(event, 0..24).prop_map(|events| {
        let mut now = 0;
        let place_in_time = |(wait, kind, class, place)| {
            now += wait;
            Event { class: Class(class), place, ..at(now, EventKind(kind)) }
        };
        events.into_iter().map(place_in_time).collect()
    })
}

fn end_of(events: &[Event]) -> u64 {
    events.last().map_or(0, |event| event.time.as_fs())
}

fn judgements(findings: &[Finding]) -> Vec<Judgement> {
    let judgement = |f: &Finding| Judgement { from: f.from, to: f.to, verdict: f.verdict };
    let mut judgements: Vec<Judgement> = findings.iter().map(judgement).collect();
    judgements.sort_unstable();
    judgements
}

/// The findings of each event, and of the end.
fn findings_by_event(
    rules: &[&'static Rule],
    source: Source,
    events: &[Event],
    end: u64,
) -> (Vec<Vec<Finding>>, Report) {
    let options = CheckerOptions { source, ..CheckerOptions::default() };
    let mut checker = Checker::new(rules.iter().copied(), &Params::new(), &options);
    let mut all = Vec::new();
    for &event in events {
        let mut findings = Vec::new();
        checker.event(event, &mut |finding| findings.push(finding));
        all.push(findings);
    }
    let mut last = Vec::new();
    let report = checker.finish(t(end), &mut |finding| last.push(finding));
    all.push(last);
    (all, report)
}

fn too_early(finding: &Finding) -> bool {
    match finding.rule.kind {
        Kind::Budget { .. } => finding.measured < 0,
        _ => matches!(finding.rule.bound(), Some(Bound::Min(_))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn the_checker_finds_what_all_pairs_show(
        rule in prop_oneof![minimum(), maximum()], events in stream(), grid in 0..4u64, idle in 0..30u64,
    ) {
        let end = end_of(&events) + idle;
        let brute = Brute::new(rule, &events, grid.cast_signed());
        let (found, report) = findings_by_event(&[rule], simulation(grid), &events, end);
        let mut expected: Vec<Vec<Judgement>> = (0..events.len()).map(|i| brute.at(i)).collect();
        expected.push(brute.at_end(t(end)));
        let kept = expected.iter().flatten().filter(|judgement| judgement.verdict == Verdict::Kept).count();
        for judgements in &mut expected {
            judgements.retain(|judgement| judgement.verdict != Verdict::Kept);
        }
        let found: Vec<Vec<Judgement>> = found.iter().map(|findings| judgements(findings)).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(report.rules[0].kept(), kept as u64);
    }

    /// Traced, it also tells what keeps the rule, each time, and counts the same.
    #[test]
    fn a_traced_rule_tells_every_measurement(
        rule in prop_oneof![minimum(), maximum()], events in stream(), grid in 0..4u64, idle in 0..30u64,
    ) {
        let end = end_of(&events) + idle;
        let brute = Brute::new(rule, &events, grid.cast_signed());
        let mut expected: Vec<Judgement> = (0..events.len()).flat_map(|i| brute.at(i)).collect();
        expected.extend(brute.at_end(t(end)));
        expected.sort_unstable();
        let options = CheckerOptions { source: simulation(grid), ..CheckerOptions::default() };
        let mut checker = Checker::new([rule], &Params::new(), &options);
        let untraced = checker.clone();
        checker.trace(rule.name);
        let run = |mut checker: Checker| {
            let mut found = Vec::new();
            for &event in &events {
                checker.event(event, &mut |finding| found.push(finding));
            }
            let report = checker.finish(t(end), &mut |finding| found.push(finding));
            (found, report)
        };
        let ((found, report), (_, same)) = (run(checker), run(untraced));
        prop_assert_eq!(judgements(&found), expected);
        prop_assert_eq!(report.rules[0].margin(), same.rules[0].margin());
        prop_assert_eq!(report.rules[0].slacks(), same.rules[0].slacks());
        prop_assert_eq!(report.rules[0].measured(), same.rules[0].measured());
    }

    #[test]
    fn the_worst_margin_is_the_worst_of_all_pairs(rule in prop_oneof![minimum(), maximum()], events in stream()) {
        let brute = Brute::new(rule, &events, 0);
        let (_, report) = findings_by_event(&[rule], Source::Run, &events, end_of(&events));
        let Some(bound) = rule.bound() else { unreachable!() };
        let limit = Params::new().sum(bound.terms()).unwrap();
        let slack = |j: Judgement| {
            let measured = (j.to.as_fs() - j.from.as_fs()).cast_signed();
            if matches!(bound, Bound::Min(_)) { measured - limit } else { limit - measured }
        };
        let all = (0..events.len()).flat_map(|i| brute.at(i)).chain(brute.at_end(t(end_of(&events))));
        let mut slacks: Vec<i64> = all.map(slack).collect();
        slacks.sort_unstable();
        let margin = report.rules[0].margin();
        prop_assert_eq!(margin.map(|m| m.worst), slacks.first().copied());
        prop_assert_eq!(margin.map_or(0, |m| m.count), slacks.len() as u64);
        prop_assert_eq!(margin.map(|m| m.median), slacks.get(slacks.len().saturating_sub(1) / 2).copied());
    }

    #[test]
    fn an_event_breaks_a_minimum_iff_it_comes_before_its_earliest(
        rules in prop::collection::vec(prop_oneof![4 => minimum(), 1 => budget()], 1..6), events in stream(),
    ) {
        let mut earliest = Earliest::new(rules.iter().copied(), &Params::new());
        let (found, _) = findings_by_event(&rules, Source::Run, &events, end_of(&events));
        for (event, findings) in events.iter().zip(&found) {
            let (ready, blamed) = earliest.earliest(event.kind, event.class, event.place);
            let broken: Vec<&Finding> = findings.iter().filter(|finding| too_early(finding)).collect();
            prop_assert_eq!(event.time < ready, !broken.is_empty(), "ready at {:?}, {:?}", ready, broken);
            if event.time < ready {
                let blamed = blamed.expect("who forbids something is named");
                prop_assert!(broken.iter().any(|finding| std::ptr::eq(finding.rule, blamed)));
            }
            earliest.issue(*event);
        }
    }

    #[test]
    fn an_event_past_its_deadline_breaks_the_rule_that_set_it(
        rules in prop::collection::vec(prop_oneof![maximum(), budget()], 1..6), events in stream(),
    ) {
        let mut earliest = Earliest::new(rules.iter().copied(), &Params::new());
        let (found, _) = findings_by_event(&rules, Source::Run, &events, end_of(&events));
        for (event, findings) in events.iter().zip(&found) {
            let due = earliest.deadline(event.kind, event.class, event.place);
            let late = |finding: &&Finding| !too_early(finding);
            match due {
                Some((time, rule)) if event.time > time => {
                    prop_assert!(findings.iter().filter(late).any(|finding| std::ptr::eq(finding.rule, rule)));
                }
                _ => {
                    let budget = |finding: &Finding| matches!(finding.rule.kind, Kind::Budget { .. });
                    prop_assert!(!findings.iter().filter(late).any(budget), "{:?}", due);
                }
            }
            earliest.issue(*event);
        }
    }

    #[test]
    fn telling_the_time_changes_nothing(
        rules in prop::collection::vec(prop_oneof![minimum(), maximum(), budget()], 1..6), events in stream(),
    ) {
        let mut told = Checker::new(rules.iter().copied(), &Params::new(), &CheckerOptions::default());
        let mut with = Vec::new();
        for &event in &events {
            told.advance(event.time);
            told.event(event, &mut |finding| with.push(finding));
        }
        told.advance(t(1_000));
        told.finish(t(0), &mut |finding| with.push(finding));
        let (without, _) = check(rules, Source::Run, &events, 1_000);
        prop_assert_eq!(with, without);
    }
}
