//! Both sides of every limit, for each kind of row.

use super::*;

const MIN_5: Rule = a_to_b(Bound::Min(fixed::<5>()));
const MAX_5: Rule = a_to_b(Bound::Max(fixed::<5>()));
const KEPT: (u64, u64, u64) = (1, 0, 0);
const CANNOT_TELL: (u64, u64, u64) = (0, 1, 0);
const BROKEN: (u64, u64, u64) = (0, 0, 1);
const NOTHING: (u64, u64, u64) = (0, 0, 0);

fn interval(rule: &Rule, source: Source, length: u64) -> (u64, u64, u64) {
    counts_in(rule, source, &[at(100, A), at(100 + length, B)], 200)
}

#[test]
fn a_minimum_is_kept_at_the_limit_and_broken_one_femtosecond_short() {
    assert_eq!(interval(&MIN_5, Source::Run, 5), KEPT);
    assert_eq!(interval(&MIN_5, Source::Run, 4), BROKEN);
}

#[test]
fn a_maximum_is_kept_at_the_limit_and_broken_one_femtosecond_past() {
    assert_eq!(interval(&MAX_5, Source::Run, 5), KEPT);
    assert_eq!(interval(&MAX_5, Source::Run, 6), BROKEN);
}

#[test]
fn a_minimum_with_a_grid_is_broken_and_kept_at_the_ends_of_the_doubt() {
    for source in [simulation(2), recording(2)] {
        assert_eq!(interval(&MIN_5, source, 3), BROKEN, "3 + 2 <= 5");
        assert_eq!(interval(&MIN_5, source, 4), CANNOT_TELL);
        assert_eq!(interval(&MIN_5, source, 6), CANNOT_TELL);
        assert_eq!(interval(&MIN_5, source, 7), KEPT, "7 - 2 >= 5");
    }
}

#[test]
fn a_maximum_with_a_grid_is_broken_and_kept_at_the_ends_of_the_doubt() {
    for source in [simulation(2), recording(2)] {
        assert_eq!(interval(&MAX_5, source, 7), BROKEN, "7 - 2 >= 5");
        assert_eq!(interval(&MAX_5, source, 6), CANNOT_TELL);
        assert_eq!(interval(&MAX_5, source, 4), CANNOT_TELL);
        assert_eq!(interval(&MAX_5, source, 3), KEPT, "3 + 2 <= 5");
    }
}

#[test]
fn a_grid_as_long_as_the_limit_cannot_break_what_is_not_zero() {
    assert_eq!(interval(&MIN_5, simulation(5), 0), BROKEN, "0 + 5 <= 5");
    assert_eq!(interval(&MIN_5, simulation(5), 1), CANNOT_TELL);
    assert_eq!(interval(&MIN_5, simulation(6), 0), CANNOT_TELL);
}

/// Data must not change in the instant in which it is sampled.
const NOT_AT_ONCE: Rule = Rule { needs: Needs::Instants, ..a_to_b(Bound::Min(fixed::<1>())) };

#[test]
fn a_coincidence_is_decided_where_instants_are_exact() {
    for source in [Source::Run, simulation(1_000)] {
        assert_eq!(interval(&NOT_AT_ONCE, source, 0), BROKEN);
        assert_eq!(interval(&NOT_AT_ONCE, source, 1), KEPT);
    }
}

#[test]
fn a_coincidence_in_a_recording_is_in_doubt_and_different_samples_are_not() {
    for grid in [1, 10] {
        assert_eq!(interval(&NOT_AT_ONCE, recording(grid), 0), CANNOT_TELL);
        assert_eq!(interval(&NOT_AT_ONCE, recording(grid), grid), KEPT);
    }
}

#[test]
fn a_longer_limit_on_instants_still_has_the_doubt_of_the_grid() {
    let rule = Rule { needs: Needs::Instants, ..MIN_5 };
    assert_eq!(interval(&rule, simulation(2), 0), BROKEN);
    assert_eq!(interval(&rule, simulation(2), 3), BROKEN);
    assert_eq!(interval(&rule, simulation(2), 4), CANNOT_TELL);
    assert_eq!(interval(&rule, simulation(2), 7), KEPT);
    assert_eq!(interval(&rule, recording(2), 0), CANNOT_TELL);
}

#[test]
fn four_activates_fit_in_the_window_and_the_fifth_waits() {
    let window = rule(Kind::Between {
        from: EventSet::of(&[A]),
        nth: 4,
        to: EventSet::of(&[A]),
        reset: EventSet::NONE,
        scope: Scope::Same(0),
        must_come: false,
        bound: Bound::Min(fixed::<20>()),
    });
    let activates = |fifth| [at(0, A), at(1, A), at(2, A), at(3, A), at(fifth, A)];
    assert_eq!(counts(&window, &activates(4)[..4], 100), NOTHING);
    assert_eq!(counts(&window, &activates(20), 100), KEPT);
    assert_eq!(counts(&window, &activates(19), 100), BROKEN);
}

#[test]
fn measured_values_are_judged_in_their_unit() {
    let quantity = |unit, bound| rule(Kind::Measure { quantity: A, unit, bound });
    for unit in [Unit::Fs, Unit::MilliUi, Unit::Ppm, Unit::Count] {
        let (min, max) = (quantity(unit, Bound::Min(fixed::<5>())), quantity(unit, Bound::Max(fixed::<5>())));
        assert_eq!(counts(&min, &[carrying(9, A, 5)], 9), KEPT);
        assert_eq!(counts(&min, &[carrying(9, A, 4)], 9), BROKEN);
        assert_eq!(counts(&max, &[carrying(9, A, 5)], 9), KEPT);
        assert_eq!(counts(&max, &[carrying(9, A, 6)], 9), BROKEN);
        assert_eq!(counts(&max, &[carrying(9, A, -6)], 9), KEPT);
    }
}

#[test]
fn a_count_has_no_doubt_and_a_duration_has_the_grid() {
    let max = |unit| rule(Kind::Measure { quantity: A, unit, bound: Bound::Max(fixed::<5>()) });
    assert_eq!(counts_in(&max(Unit::Count), recording(3), &[carrying(9, A, 6)], 9), BROKEN);
    assert_eq!(counts_in(&max(Unit::Fs), recording(3), &[carrying(9, A, 6)], 9), CANNOT_TELL);
    assert_eq!(counts_in(&max(Unit::Fs), recording(3), &[carrying(9, A, 8)], 9), BROKEN);
}

#[test]
fn the_doubt_in_a_rate_follows_from_the_unit_interval() {
    let max = |unit| leak(rule(Kind::Measure { quantity: A, unit, bound: Bound::Max(fixed::<20_000>()) }));
    let verdict = |unit, value| {
        let unit_interval = Some(Span::from_fs(1_000));
        let options = CheckerOptions { source: recording(3), unit_interval, ..CheckerOptions::default() };
        let (findings, _) = check_with([max(unit)], &Params::new(), &options, &[carrying(9, A, value)], 9);
        findings.first().map_or(Verdict::Kept, |finding| finding.verdict)
    };
    // 3 fs of 1,000 fs are 3 thousandths or 3,000 parts per million.
    assert_eq!(verdict(Unit::MilliUi, 19_997), Verdict::Kept);
    assert_eq!(verdict(Unit::MilliUi, 19_998), Verdict::CannotTell);
    assert_eq!(verdict(Unit::MilliUi, 20_003), Verdict::Broken);
    assert_eq!(verdict(Unit::Ppm, 17_000), Verdict::Kept);
    assert_eq!(verdict(Unit::Ppm, 17_001), Verdict::CannotTell);
    assert_eq!(verdict(Unit::Ppm, 23_000), Verdict::Broken);
}

/// At most 10 of A between two B.
const SUM: Rule = rule(Kind::Sum { of: A, within: EventSet::of(&[B]), max: fixed::<10>() });

#[test]
fn a_sum_is_kept_at_the_limit_and_broken_past_it() {
    let sum = |last| [at(0, B), carrying(5, A, 4), carrying(9, A, last), at(20, B)];
    assert_eq!(counts(&SUM, &sum(6), 20), KEPT);
    assert_eq!(counts(&SUM, &sum(7), 20), BROKEN);
}

#[test]
fn each_summand_brings_its_own_doubt() {
    let sum = |last| [at(0, B), carrying(5, A, 4), carrying(9, A, last), at(20, B)];
    assert_eq!(counts_in(&SUM, recording(3), &sum(0), 20), KEPT, "4 + 2 * 3 <= 10");
    assert_eq!(counts_in(&SUM, recording(3), &sum(1), 20), CANNOT_TELL);
    assert_eq!(counts_in(&SUM, recording(3), &sum(11), 20), CANNOT_TELL);
    assert_eq!(counts_in(&SUM, recording(3), &sum(12), 20), BROKEN, "16 - 2 * 3 >= 10");
}

/// A is owed every 10; it may lag by 2 periods and lead by 1.
const BUDGET: Rule = rule(owed(fixed::<10>(), 2, 1));

#[test]
fn a_payment_may_lag_by_the_stated_periods() {
    // Owing begins with the first event, at 100: the first payment is due at 110.
    assert_eq!(counts(&BUDGET, &[at(100, B), at(130, A)], 130), KEPT);
    assert_eq!(counts(&BUDGET, &[at(100, B), at(131, A)], 131), BROKEN);
}

#[test]
fn a_payment_may_lead_by_the_stated_periods() {
    // The third payment belongs to 120..130.
    let third = |time| [at(100, B), at(101, A), at(102, A), at(time, A)];
    assert_eq!(counts(&BUDGET, &third(110), 110), (3, 0, 0));
    assert_eq!(counts(&BUDGET, &third(109), 109), (2, 0, 1));
    let (findings, _) = check([&BUDGET], Source::Run, &third(109), 109);
    assert_eq!((findings[0].from, findings[0].measured, findings[0].limit), (t(130), -21, -20));
}

#[test]
fn the_doubt_in_a_payment_is_that_of_the_grid() {
    let lag = |time| counts_in(&BUDGET, recording(3), &[at(100, B), at(time, A)], time);
    assert_eq!([lag(127), lag(128), lag(132), lag(133)], [KEPT, CANNOT_TELL, CANNOT_TELL, BROKEN]);
}

#[test]
fn what_is_never_paid_is_found_at_the_end() {
    assert_eq!(counts(&BUDGET, &[at(100, B)], 130), NOTHING);
    assert_eq!(counts(&BUDGET, &[at(100, B)], 131), BROKEN);
    assert_eq!(counts(&BUDGET, &[at(100, B), at(110, A)], 140), KEPT);
    assert_eq!(counts(&BUDGET, &[at(100, B), at(110, A)], 141), (1, 0, 1));
    assert_eq!(counts(&BUDGET, &[], 1_000), NOTHING, "a bus on which nothing happens owes nothing");
}

#[test]
fn places_pay_for_themselves() {
    let a = in_place(100, A, [0, 0, 0, 0]);
    let b = in_place(105, A, [0, 1, 0, 0]);
    assert_eq!(counts(&BUDGET, &[a, b], 140), (2, 0, 0));
    let (findings, _) = check([&BUDGET], Source::Run, &[a, b, in_place(141, A, [0, 1, 0, 0])], 141);
    assert_eq!(findings.len(), 2, "both are late by one femtosecond");
    assert_eq!(findings[1].place, Place([0, 0, Place::ALL, Place::ALL]));
    assert_eq!((findings[0].from, findings[0].measured, findings[0].limit), (t(120), 21, 20));
}

/// A pays one of two parts, B both; C puts to rest, D wakes.
const PARTS: Rule = rule(Kind::Budget {
    pays: &[(A, 1), (B, 2)],
    parts: 2,
    depth: 2,
    rest: EventSet::of(&[C]),
    wake: EventSet::of(&[D]),
    period: fixed::<10>(),
    behind: 2,
    ahead: 1,
});

const D: EventKind = EventKind(3);

#[test]
fn who_never_pays_beside_one_who_does_is_found() {
    let events = |end| [in_place(100, B, [0, 0, 3, 1]), in_place(end, A, [0, 1, 0, 0])];
    assert_eq!(counts(&BUDGET, &events(130), 130), KEPT);
    let (findings, _) = check([&BUDGET], Source::Run, &events(131), 131);
    let places: Vec<Place> = findings.iter().map(|finding| finding.place).collect();
    assert_eq!(places, [Place([0, 1, 0, 0]), Place([0, 0, Place::ALL, Place::ALL])]);
}

#[test]
fn half_a_payment_belongs_to_half_a_period() {
    // The first half is due at 105 and may lag by 20, the whole at 110.
    assert_eq!(counts(&PARTS, &[at(100, D), at(125, A)], 125), KEPT);
    assert_eq!(counts(&PARTS, &[at(100, D), at(126, A)], 126), BROKEN);
    assert_eq!(counts(&PARTS, &[at(100, D), at(130, B)], 130), KEPT);
    assert_eq!(counts(&PARTS, &[at(100, D), at(131, B)], 131), BROKEN);
    // The fourth half belongs to 115..120 and may come a period before.
    let fourth = |time| [at(100, A), at(101, A), at(102, A), at(time, A)];
    assert_eq!(counts(&PARTS, &fourth(105), 105), (4, 0, 0));
    assert_eq!(counts(&PARTS, &fourth(104), 104), (3, 0, 1));
}

#[test]
fn who_rests_owes_what_he_owed_before() {
    // Owed since 100, at rest from 125 to 1000: the payment may come 5 later.
    let rested = |end| [at(100, A), at(100, A), at(135, C), at(1000, D), at(end, B)];
    assert_eq!(counts(&PARTS, &rested(1005), 1005), (3, 0, 0));
    assert_eq!(counts(&PARTS, &rested(1006), 1006), (2, 0, 1));
    assert_eq!(counts(&PARTS, &[at(100, C)], 10_000), NOTHING);
}

const MUST: Rule = {
    let Kind::Between { from, nth, to, reset, scope, bound, .. } = MAX_5.kind else { panic!() };
    rule(Kind::Between { from, nth, to, reset, scope, must_come: true, bound })
};

#[test]
fn a_wait_is_judged_at_the_end() {
    assert_eq!(counts(&MUST, &[at(10, A)], 15), NOTHING);
    assert_eq!(counts(&MUST, &[at(10, A)], 16), BROKEN);
    assert_eq!(counts(&MAX_5, &[at(10, A)], 16), NOTHING, "which need not come, may stay away");
}

#[test]
fn a_wait_at_the_end_has_the_doubt_of_the_grid() {
    let waited = |end| counts_in(&MUST, recording(2), &[at(10, A)], end);
    assert_eq!([waited(13), waited(14), waited(16), waited(17)], [NOTHING, CANNOT_TELL, CANNOT_TELL, BROKEN]);
}

#[test]
fn a_wait_is_judged_once_whatever_ends_it() {
    assert_eq!(counts(&MUST, &[at(10, A), at(16, B)], 99), BROKEN, "what was waited for");
    assert_eq!(counts(&MUST, &[at(10, A), at(16, C)], 99), BROKEN, "a reset");
    assert_eq!(counts(&MUST, &[at(10, A), at(16, A), at(17, B)], 99), (1, 0, 1), "another beginning");
    assert_eq!(counts(&MUST, &[at(10, A), at(15, C)], 99), NOTHING);
    assert_eq!(counts(&MUST, &[at(10, A), at(15, A), at(17, B)], 99), KEPT);
    assert_eq!(counts(&MUST, &[at(10, A), at(12, B)], 99), KEPT, "and then nothing more is owed");
}

#[test]
fn a_watchdog_is_fed_in_time() {
    let watchdog = rule(Kind::Between {
        from: EventSet::of(&[A]),
        nth: 1,
        to: EventSet::of(&[A]),
        reset: EventSet::NONE,
        scope: Scope::Same(0),
        must_come: true,
        bound: Bound::Max(fixed::<5>()),
    });
    assert_eq!(counts(&watchdog, &[at(0, A), at(5, A), at(10, A)], 15), (2, 0, 0));
    assert_eq!(counts(&watchdog, &[at(0, A), at(6, A), at(11, A)], 17), (1, 0, 2));
}

#[test]
fn the_longest_intervals_saturate() {
    let extreme = |bound| counts(&a_to_b(bound), &[at(0, A), at(u64::MAX, B)], u64::MAX);
    assert_eq!(extreme(Bound::Min(fixed::<{ i64::MAX }>())), KEPT);
    assert_eq!(extreme(Bound::Min(fixed::<{ i64::MIN }>())), KEPT);
    assert_eq!(extreme(Bound::Max(fixed::<{ i64::MAX - 1 }>())), BROKEN);
    assert_eq!(extreme(Bound::Max(fixed::<{ i64::MIN }>())), BROKEN);
}

#[test]
fn the_longest_grid_leaves_everything_in_doubt_but_never_overflows() {
    for rule in [MIN_5, MAX_5, MUST, SUM, BUDGET, NOT_AT_ONCE] {
        let events = [at(0, B), carrying(0, A, i64::MAX), carrying(0, A, i64::MAX), at(7, B)];
        let (_, _, broken) = counts_in(&rule, recording(u64::MAX), &events, 7);
        assert_eq!(broken, 0);
    }
}

#[test]
fn sums_saturate() {
    let big = [carrying(0, A, i64::MAX), carrying(1, A, i64::MAX), at(2, B)];
    assert_eq!(counts(&SUM, &big, 2), BROKEN);
}

#[test]
fn a_late_event_counts_as_simultaneous() {
    assert_eq!(counts(&MIN_5, &[at(100, A), at(90, B)], 100), BROKEN);
    let (findings, _) = check([&MIN_5], Source::Run, &[at(100, A), at(90, B)], 100);
    assert_eq!(findings[0].measured, 0);
}
