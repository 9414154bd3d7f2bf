//! What the report says of rules that were judged, could have been, or cannot be.

use super::*;

const P: Param = Param(0);
const Q: Param = Param(1);
const MIN_P: Rule = Rule { name: "tP", ..a_to_b(Bound::Min(&[Term::of(P), Term::Fixed(1)])) };
const MIN_5: Rule = Rule { name: "t5", ..a_to_b(Bound::Min(fixed::<5>())) };

fn state(rule: &Rule, options: CheckerOptions) -> RuleState {
    check_with([leak(*rule)], &Params::new(), &options, &[], 0).1.rules[0].state
}

fn state_in(rule: &Rule, source: Source) -> RuleState {
    state(rule, CheckerOptions { source, ..CheckerOptions::default() })
}

#[test]
fn a_limit_without_a_value_is_reported_as_such() {
    let events = [at(0, A), at(1, B)];
    let (findings, report) = check([&MIN_P], Source::Run, &events, 9);
    assert!(findings.is_empty());
    assert_eq!((report.rules[0].state, report.rules[0].limit), (RuleState::NoLimit, None));
    assert!(report.is_vacuous());
}

#[test]
fn a_limit_with_a_value_carries_its_citation() {
    let mut params = Params::new();
    params.set(P, 5, "table 9.6");
    let options = CheckerOptions::default();
    let (findings, report) = check_with([&MIN_P], &params, &options, &[at(0, A), at(5, B)], 9);
    assert_eq!((findings[0].limit, findings[0].measured, findings[0].verdict), (6, 5, Verdict::Broken));
    let result = report.rule("tP").unwrap();
    assert_eq!(
        (result.limit, result.cite.as_str(), result.state),
        (Some(6), "table 9.6", RuleState::Exercised)
    );
}

#[test]
fn a_budget_without_a_period_has_no_limit() {
    const UNKNOWN: &[Term] = &[Term::of(P)];
    let budget = |period| rule(owed(period, 8, 8));
    assert_eq!(state_in(&budget(UNKNOWN), Source::Run), RuleState::NoLimit);
    assert_eq!(state_in(&budget(fixed::<0>()), Source::Run), RuleState::NoLimit);
    assert_eq!(state_in(&budget(fixed::<1>()), Source::Run), RuleState::NeverExercised);
}

#[test]
fn what_never_happens_is_never_exercised() {
    let (_, report) = check([&MIN_5], Source::Run, &[at(0, A), at(1, A)], 9);
    assert_eq!(report.rules[0].state, RuleState::NeverExercised);
    assert_eq!(report.rules[0].margin(), None);
    assert_eq!(report.never_exercised().map(|result| result.rule.name).collect::<Vec<_>>(), ["t5"]);
    assert!(report.is_vacuous());
}

#[test]
fn doubt_alone_is_no_pass() {
    let (_, report) = check([&MIN_5], recording(10), &[at(0, A), at(10, B)], 99);
    assert_eq!((report.cannot_tell(), report.exercised().count()), (1, 1));
    assert!(report.is_vacuous());
    let (_, report) = check([&MIN_5], recording(10), &[at(0, A), at(15, B)], 99);
    assert!(!report.is_vacuous());
}

/// A rule without a limit decides nothing; a check of the protocol needs none.
/// Edges of a clock that the grid divides are exact; what is measured to any other event is not.
#[test]
fn there_is_no_doubt_between_exact_events() {
    let judged = |exact: &[EventKind]| {
        let options =
            CheckerOptions { exact: EventSet::of(exact), source: recording(10), ..CheckerOptions::default() };
        check_with([&MIN_5], &Params::new(), &options, &[at(0, A), at(5, B), at(10, A), at(14, B)], 99)
    };
    let verdicts = |exact: &[EventKind]| judged(exact).0.iter().map(|f| f.verdict).collect::<Vec<_>>();
    assert_eq!(verdicts(&[A, B]), [Verdict::Broken]);
    assert_eq!(verdicts(&[A]), [Verdict::CannotTell; 2]);
    assert_eq!(judged(&[A, B]).0[0].grid, Span::ZERO);
}

#[test]
fn a_check_of_the_protocol_that_was_put_to_the_test_is_something_checked() {
    const CHECKS: &[ProtocolCheck] = &[ProtocolCheck::on("bus::a", &[A]), ProtocolCheck::on("bus::b", &[B])];
    let options = CheckerOptions { checks: CHECKS, ..Source::Run.into() };
    let (_, nothing) = check_with([], &Params::new(), &options, &[], 9);
    assert!(nothing.is_vacuous() && nothing.checks.is_empty());
    let (_, mut some) = check_with([], &Params::new(), &options, &[at(3, B)], 9);
    assert!(!some.is_vacuous());
    assert_eq!(some.checks.iter().map(|check| check.code).collect::<Vec<_>>(), ["bus::b"]);
    let (_, other) = check_with([], &Params::new(), &options, &[at(3, A), at(4, B)], 9);
    some.merge(&other);
    assert_eq!(some.checks.iter().map(|check| check.code).collect::<Vec<_>>(), ["bus::b", "bus::a"]);
}

#[test]
fn without_a_grid_nothing_that_takes_time_is_visible() {
    let unknown = Source::Recording { grid: None };
    let hidden = RuleState::NotVisible(Hidden::UnknownGrid);
    let measure = |unit| rule(Kind::Measure { quantity: A, unit, bound: Bound::Max(fixed::<1>()) });
    let sum = rule(Kind::Sum { of: A, within: EventSet::NONE, max: fixed::<1>() });
    let instants = Rule { needs: Needs::Instants, ..MIN_5 };
    let budget = rule(owed(fixed::<1>(), 8, 8));
    for rule in [MIN_5, instants, sum, budget, measure(Unit::Fs), measure(Unit::MilliUi), measure(Unit::Ppm)]
    {
        assert_eq!(state_in(&rule, unknown), hidden);
    }
    assert_eq!(state_in(&measure(Unit::Count), unknown), RuleState::NeverExercised);
}

#[test]
fn a_rate_in_doubt_takes_the_unit_interval() {
    let hidden = RuleState::NotVisible(Hidden::UnknownUnitInterval);
    for unit in [Unit::MilliUi, Unit::Ppm] {
        let rule = rule(Kind::Measure { quantity: A, unit, bound: Bound::Max(fixed::<1>()) });
        assert_eq!(state_in(&rule, recording(1)), hidden);
        assert_eq!(state_in(&rule, Source::Run), RuleState::NeverExercised);
        let options = |fs| CheckerOptions {
            source: recording(1),
            unit_interval: Some(Span::from_fs(fs)),
            ..CheckerOptions::default()
        };
        assert_eq!(state(&rule, options(0)), hidden);
        assert_eq!(state(&rule, options(1)), RuleState::NeverExercised);
    }
}

#[test]
fn a_recording_has_two_levels() {
    let rule = Rule { needs: Needs::FourStates, ..MIN_5 };
    assert_eq!(state_in(&rule, recording(1)), RuleState::NotVisible(Hidden::TwoLevels));
    assert_eq!(state_in(&rule, simulation(1)), RuleState::NeverExercised);
}

#[test]
fn a_dump_may_turn_out_to_have_two_levels() {
    let needs_more = leak(Rule { needs: Needs::FourStates, ..MIN_P });
    let (_, mut report) = check([needs_more, &MIN_5], simulation(1), &[], 0);
    report.has_two_levels();
    assert_eq!(report.rules[0].state, RuleState::NoLimit, "nobody asks for it");
    let needs_more = leak(Rule { needs: Needs::FourStates, name: "t6", ..MIN_5 });
    let (_, mut report) = check([needs_more, &MIN_5], simulation(1), &[], 0);
    report.has_two_levels();
    let states: Vec<RuleState> = report.rules.iter().map(|result| result.state).collect();
    assert_eq!(states, [RuleState::NotVisible(Hidden::TwoLevels), RuleState::NeverExercised]);
}

#[test]
fn the_other_end_of_the_wires_is_not_visible() {
    let state_at = |point| state(&MIN_5, CheckerOptions { point, ..CheckerOptions::default() });
    assert_eq!(state_at(Some(Point::Controller)), RuleState::NotVisible(Hidden::OtherPoint));
    assert_eq!(state_at(Some(Point::Target)), RuleState::NeverExercised);
    assert_eq!(state_at(None), RuleState::NeverExercised);
}

#[test]
fn a_finding_says_where_and_by_how_much() {
    let events = [at(10, A), in_place(13, B, [2, 0, 0, 0])];
    let (findings, _) = check([&MIN_5], simulation(1), &events, 99);
    let expected = Finding {
        rule: &MIN_5,
        verdict: Verdict::Broken,
        from: t(10),
        to: t(13),
        measured: 3,
        limit: 5,
        grid: Span::from_fs(1),
        place: Place([2, 0, 0, 0]),
    };
    assert_eq!(findings, [expected]);
}

#[test]
fn a_measured_duration_ends_with_its_event() {
    let measure = |unit| leak(rule(Kind::Measure { quantity: A, unit, bound: Bound::Max(fixed::<1>()) }));
    let from = |unit, value| check([measure(unit)], Source::Run, &[carrying(10, A, value)], 10).0[0].from;
    assert_eq!(from(Unit::Fs, 4), t(6));
    assert_eq!(from(Unit::Fs, 40), t(0));
    assert_eq!(from(Unit::Count, 4), t(10));
}

#[test]
fn the_margin_is_in_the_unit_of_the_rule() {
    let events = [at(0, A), at(7, B), at(10, A), at(14, B), at(20, A), at(26, B)];
    let (_, report) = check([&MIN_5], Source::Run, &events, 99);
    let expected = Margin { worst: -1, p1: -1, median: 1, count: 3, worst_at: (t(10), t(14)), limit: 5 };
    assert_eq!(report.rules[0].margin(), Some(expected));
}

#[test]
fn windows_merge() {
    let report = |events: &[Event]| check([&MIN_5, &MIN_P], Source::Run, events, 99).1;
    let (first, second) = ([at(0, A), at(7, B), at(9, A), at(13, B)], [at(20, A), at(22, B)]);
    let mut merged = report(&second);
    merged.merge(&report(&first));
    let whole = report(&[first.as_slice(), &second].concat());
    assert_eq!(merged.rules[0].margin(), whole.rules[0].margin());
    assert_eq!((merged.broken(), merged.rules[0].kept()), (2, 1));
    assert_eq!(merged.rules[1].state, RuleState::NoLimit);
}

#[test]
fn points_of_observation_merge() {
    const HERE: Rule = Rule { at: Point::Controller, ..MIN_5 };
    let report = |point| {
        let options = CheckerOptions { point: Some(point), ..CheckerOptions::default() };
        check_with([&HERE, &MIN_5], &Params::new(), &options, &[at(0, A), at(7, B)], 9).1
    };
    let states = |report: &Report| report.rules.iter().map(|result| result.state).collect::<Vec<_>>();
    let mut merged = report(Point::Controller);
    assert_eq!(states(&merged), [RuleState::Exercised, RuleState::NotVisible(Hidden::OtherPoint)]);
    merged.merge(&report(Point::Target));
    assert_eq!(states(&merged), [RuleState::Exercised, RuleState::Exercised]);
    assert_eq!(merged.rules.iter().map(RuleReport::kept).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn rules_of_another_table_are_added() {
    let mut merged = check([&MIN_5], Source::Run, &[], 0).1;
    merged.merge(&check([&MIN_P], Source::Run, &[], 0).1);
    assert_eq!(merged.rules.iter().map(|result| result.rule.name).collect::<Vec<_>>(), ["t5", "tP"]);
}

#[test]
fn sums_of_terms_round_down() {
    let mut params = Params::new();
    params.set(P, 7, "a");
    params.set(Q, -7, "b");
    let scaled = |num, den, param| params.sum(&[Term::Scaled { num, den, param }]);
    assert_eq!(scaled(1, 2, P), Some(3));
    assert_eq!(scaled(-1, 2, P), Some(-4));
    assert_eq!(scaled(1, 2, Q), Some(-4));
    assert_eq!(scaled(-1, 2, Q), Some(3));
    assert_eq!(scaled(3, 7, P), Some(3));
    assert_eq!(scaled(1, 0, P), None);
    assert_eq!(params.sum(&[]), Some(0));
    assert_eq!(params.sum(&[Term::of(P), Term::of(Q), Term::Fixed(2)]), Some(2));
}

#[test]
fn sums_of_terms_overflow_only_if_the_sum_does() {
    let mut params = Params::new();
    params.set(P, i64::MAX, "a");
    assert_eq!(params.sum(&[Term::of(P), Term::Fixed(1)]), None);
    assert_eq!(params.sum(&[Term::of(P), Term::Fixed(1), Term::Fixed(-1)]), Some(i64::MAX));
    assert_eq!(params.sum(&[Term::Scaled { num: i64::MAX, den: i64::MAX, param: P }]), Some(i64::MAX));
    assert_eq!(params.sum(&[Term::Scaled { num: i64::MIN, den: 1, param: P }]), None);
    assert_eq!(params.sum(&[Term::Scaled { num: -1, den: 1, param: P }]), Some(-i64::MAX));
}

#[test]
fn sums_of_terms_need_every_parameter() {
    let mut params = Params::new();
    params.set(Q, 1, "b");
    assert_eq!(params.sum(&[Term::of(Q), Term::of(P)]), None);
    assert_eq!(params.sum(&[Term::of(Param(9))]), None);
    params.set(P, 2, "a");
    assert_eq!(params.sum(&[Term::of(Q), Term::of(P)]), Some(3));
    params.set(P, 4, "c");
    assert_eq!(params.get(P), Some(&ParamValue { value: 4, cite: "c".into() }));
}

#[test]
fn citations_are_joined_each_once() {
    let mut params = Params::new();
    params.set(P, 1, "table 1");
    params.set(Q, 1, "table 1");
    params.set(Param(2), 1, "table 2");
    let terms = [Term::of(P), Term::Fixed(3), Term::of(Q), Term::of(Param(2)), Term::of(Param(9))];
    assert_eq!(params.cite(&terms), "table 1; table 2");
    assert_eq!(params.cite(&[]), "");
}

proptest::proptest! {
    #[test]
    fn verdicts_agree_with_the_definition(
        measured: u64, limit: i64, grid: u32, near in proptest::prelude::any::<bool>(), offset in -3i64..=3,
    ) {
        // Half of the cases lie about the ends of the doubt.
        let (grid, measured) = (grid as u64, measured >> 2);
        let limit = if near { measured.cast_signed() + grid.cast_signed() * (offset.signum()) + offset } else { limit };
        for bound in [Bound::Min(leak([Term::Fixed(limit)])), Bound::Max(leak([Term::Fixed(limit)]))] {
            let (findings, _) = check([leak(a_to_b(bound)) as &_], simulation(grid), &[at(0, A), at(measured, B)], 0);
            let verdict = findings.first().map_or(Verdict::Kept, |finding| finding.verdict);
            let defined = Verdict::of(measured.cast_signed(), grid.cast_signed(), &bound, limit);
            proptest::prop_assert_eq!(verdict, defined);
        }
    }
}
