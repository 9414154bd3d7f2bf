//! Which events a row measures against which: nearest pairs, resets, scopes, classes.

use super::*;

/// From A to B in `scope` at least so long that nothing keeps it: every measurement is a finding.
fn pairs(scope: Scope, bound: Bound, events: &[Event]) -> Vec<(u64, u64)> {
    let kind = Kind::Between {
        from: EventSet::of(&[A]),
        nth: 1,
        to: EventSet::of(&[B]),
        reset: EventSet::of(&[C]),
        scope,
        must_come: false,
        bound,
    };
    pairs_of(rule(kind), events)
}

fn pairs_of(rule: Rule, events: &[Event]) -> Vec<(u64, u64)> {
    let (findings, _) = check([leak(rule)], Source::Run, events, 1_000);
    findings.iter().map(|finding| (finding.from.as_fs(), finding.to.as_fs())).collect()
}

const NEVER_KEPT: Bound = Bound::Min(fixed::<1_000>());
const ALWAYS_LATE: Bound = Bound::Max(fixed::<-1>());
const ALL: u8 = Place::ALL;

#[test]
fn a_minimum_measures_the_closest_pair() {
    let events = [at(0, A), at(5, A), at(10, B), at(20, B)];
    assert_eq!(pairs(Scope::Same(0), NEVER_KEPT, &events), [(5, 10)]);
}

#[test]
fn a_maximum_measures_every_end() {
    let events = [at(0, A), at(5, A), at(10, B), at(20, B)];
    assert_eq!(pairs(Scope::Same(0), ALWAYS_LATE, &events), [(5, 10), (5, 20)]);
}

#[test]
fn a_reset_ends_what_began_before_it() {
    let events = [at(0, A), at(1, C), at(2, B), at(3, A), at(4, B)];
    assert_eq!(pairs(Scope::Same(0), NEVER_KEPT, &events), [(3, 4)]);
}

#[test]
fn an_event_in_both_sets_ends_and_then_begins() {
    let both = rule(Kind::Between {
        from: EventSet::of(&[A]),
        nth: 1,
        to: EventSet::of(&[A]),
        reset: EventSet::NONE,
        scope: Scope::Same(0),
        must_come: false,
        bound: NEVER_KEPT,
    });
    assert_eq!(pairs_of(both, &[at(0, A), at(5, A), at(9, A)]), [(0, 5), (5, 9)]);
}

#[test]
fn an_event_that_begins_and_resets_begins() {
    let both = rule(Kind::Between {
        from: EventSet::of(&[A]),
        nth: 2,
        to: EventSet::of(&[B]),
        reset: EventSet::of(&[A]),
        scope: Scope::Same(0),
        must_come: false,
        bound: NEVER_KEPT,
    });
    assert_eq!(pairs_of(both, &[at(0, A), at(5, A), at(9, B)]), [], "there is never a second last");
}

#[test]
fn the_same_place_is_the_same_in_the_stated_levels() {
    let events = [in_place(0, A, [1, 0, 0, 0]), in_place(1, A, [1, 1, 0, 0]), in_place(9, B, [1, 0, 0, 0])];
    assert_eq!(pairs(Scope::Same(2), NEVER_KEPT, &events), [(0, 9)]);
    assert_eq!(pairs(Scope::Same(1), NEVER_KEPT, &events), [(1, 9)]);
    let elsewhere = [in_place(0, A, [1, 0, 0, 0]), in_place(9, B, [2, 0, 0, 0])];
    assert_eq!(pairs(Scope::Same(1), NEVER_KEPT, &elsewhere), []);
    assert_eq!(pairs(Scope::Same(0), NEVER_KEPT, &elsewhere), [(0, 9)]);
}

#[test]
fn another_place_differs_in_the_last_stated_level_only() {
    let from = [in_place(0, A, [1, 0, 0, 0]), in_place(1, A, [1, 1, 0, 0]), in_place(2, A, [2, 1, 0, 0])];
    let then = |place| [from.as_slice(), &[in_place(9, B, place)]].concat();
    assert_eq!(pairs(Scope::Other(2), NEVER_KEPT, &then([1, 1, 0, 0])), [(0, 9)]);
    assert_eq!(pairs(Scope::Other(2), NEVER_KEPT, &then([1, 7, 0, 0])), [(1, 9)]);
    assert_eq!(pairs(Scope::Other(1), NEVER_KEPT, &then([2, 0, 0, 0])), [(1, 9)]);
}

#[test]
fn a_precharge_of_all_banks_is_measured_against_the_activate_of_each_bank() {
    let events = [
        in_place(0, A, [0, 0, 0, 0]),
        in_place(1, A, [0, 0, 0, 1]),
        in_place(2, A, [0, 1, 0, 0]),
        in_place(9, B, [0, 0, ALL, ALL]),
    ];
    assert_eq!(pairs(Scope::Same(4), NEVER_KEPT, &events), [(0, 9), (1, 9)]);
    let (findings, _) = check([leak(pair_rule(Scope::Same(4)))], Source::Run, &events, 9);
    assert_eq!(findings[1].place, Place([0, 0, 0, 1]), "the place is that of the bank");
}

fn pair_rule(scope: Scope) -> Rule {
    rule(Kind::Between {
        from: EventSet::of(&[A]),
        nth: 1,
        to: EventSet::of(&[B]),
        reset: EventSet::NONE,
        scope,
        must_come: false,
        bound: NEVER_KEPT,
    })
}

#[test]
fn after_a_precharge_of_all_banks_each_bank_waits() {
    let events = [
        in_place(0, B, [0, 0, 0, 3]),
        in_place(5, A, [0, 0, ALL, ALL]),
        in_place(9, B, [0, 0, 0, 3]),
        in_place(10, B, [0, 0, 0, 3]),
        in_place(11, B, [0, 0, 2, 1]),
        in_place(12, B, [0, 1, 2, 1]),
    ];
    assert_eq!(pairs(Scope::Same(4), NEVER_KEPT, &events), [(5, 9), (5, 11)]);
}

#[test]
fn two_events_are_one_measurement_however_many_places_they_share() {
    let named = [in_place(0, B, [0, 0, 0, 0]), in_place(0, B, [0, 0, 0, 1])];
    let events = [in_place(5, A, [0, 0, ALL, ALL]), in_place(9, B, [0, 0, ALL, ALL])];
    assert_eq!(pairs(Scope::Same(4), NEVER_KEPT, &[named, events].concat()), [(5, 9)]);
}

#[test]
fn a_reset_forgets_in_its_own_place() {
    let events = [
        in_place(0, A, [0, 0, 0, 0]),
        in_place(1, A, [0, 0, 0, 1]),
        in_place(2, C, [0, 0, 0, 1]),
        in_place(9, B, [0, 0, 0, 0]),
        in_place(10, B, [0, 0, 0, 1]),
    ];
    assert_eq!(pairs(Scope::Same(4), NEVER_KEPT, &events), [(0, 9)]);
}

#[test]
fn the_class_is_that_of_the_end_unless_the_row_says_otherwise() {
    let classes = Classes::of(&[Class(2)]);
    let by_end = Rule { classes, ..pair_rule(Scope::Same(0)) };
    let by_begin = Rule { class_of_from: true, ..by_end };
    let events = [of_class(0, A, 1), of_class(5, B, 2), of_class(10, A, 2), of_class(15, B, 1)];
    assert_eq!(pairs_of(by_end, &events), [(0, 5)]);
    assert_eq!(pairs_of(by_begin, &events), [(10, 15)]);
}

#[test]
fn a_maximum_does_not_look_past_a_beginning_of_another_class() {
    let kind = Kind::Between {
        from: EventSet::of(&[A]),
        nth: 1,
        to: EventSet::of(&[B]),
        reset: EventSet::NONE,
        scope: Scope::Same(0),
        must_come: false,
        bound: ALWAYS_LATE,
    };
    let maximum = Rule { classes: Classes::of(&[Class(2)]), class_of_from: true, ..rule(kind) };
    let events = [of_class(0, A, 2), of_class(1, A, 1), of_class(9, B, 0)];
    assert_eq!(pairs_of(maximum, &events), []);
    assert_eq!(pairs_of(maximum, &[events[0], events[2]]), [(0, 9)]);
}

#[test]
fn measures_sums_and_budgets_have_classes_too() {
    let classes = Classes::of(&[Class(2)]);
    let class = |class| Event { value: 7, ..of_class(0, A, class) };
    let measured = |kind, class_| {
        let events = [class(class_), at(9, B)];
        check([leak(Rule { classes, ..rule(kind) })], Source::Run, &events, 9).1.rules[0].measured()
    };
    let measure = Kind::Measure { quantity: A, unit: Unit::Fs, bound: ALWAYS_LATE };
    let sum = Kind::Sum { of: A, within: EventSet::of(&[B]), max: fixed::<1>() };
    let budget = owed(fixed::<10>(), 1, 1);
    for kind in [measure, sum, budget] {
        assert_eq!((measured(kind, 1), measured(kind, 2)), (0, 1));
    }
}

#[test]
fn the_value_that_ends_a_sum_belongs_to_it() {
    let sum = rule(Kind::Sum { of: A, within: EventSet::of(&[A]), max: fixed::<5>() });
    assert_eq!(counts(&sum, &[carrying(0, A, 6), carrying(1, A, 5), carrying(2, A, 6)], 9), (1, 0, 2));
}

#[test]
fn an_unfinished_sum_is_counted_only_if_it_is_too_much_already() {
    let sum = rule(Kind::Sum { of: A, within: EventSet::of(&[B]), max: fixed::<5>() });
    assert_eq!(counts(&sum, &[carrying(0, A, 5)], 9), (0, 0, 0));
    assert_eq!(counts(&sum, &[carrying(0, A, 6)], 9), (0, 0, 1));
    assert_eq!(counts(&sum, &[at(0, B), at(1, B)], 9), (0, 0, 0), "nothing was summed");
}

#[test]
fn kinds_and_classes_out_of_range_are_in_no_row() {
    let events = [at(0, EventKind(64)), at(1, EventKind(255)), of_class(2, A, 16), of_class(3, B, 255)];
    let any = Rule { classes: Classes::ANY, ..pair_rule(Scope::Same(0)) };
    assert_eq!(pairs_of(any, &events), []);
}

#[test]
fn rows_that_make_no_sense_are_refused() {
    let refused = |nth, scope, must_come, bound| {
        let kind = Kind::Between {
            from: EventSet::of(&[A]),
            nth,
            to: EventSet::of(&[B]),
            reset: EventSet::NONE,
            scope,
            must_come,
            bound,
        };
        let rule = leak(rule(kind));
        std::panic::catch_unwind(|| Checker::new([rule], &Params::new(), &CheckerOptions::default())).is_err()
    };
    assert!(!refused(1, Scope::Same(4), true, ALWAYS_LATE));
    assert!(refused(0, Scope::Same(4), false, ALWAYS_LATE));
    assert!(refused(1, Scope::Same(5), false, ALWAYS_LATE));
    assert!(refused(1, Scope::Other(0), false, ALWAYS_LATE));
    assert!(refused(1, Scope::Same(4), true, NEVER_KEPT));
    assert!(refused(2, Scope::Same(4), true, ALWAYS_LATE));
    assert!(refused(1, Scope::Other(4), true, ALWAYS_LATE));
}

#[test]
fn ready_times_name_who_is_to_blame() {
    let table = [leak(a_to_b(Bound::Min(fixed::<5>()))), leak(a_to_b(Bound::Min(fixed::<7>())))];
    let mut earliest = Earliest::new(table.iter().map(|rule| &**rule), &Params::new());
    let ready = |earliest: &Earliest| earliest.earliest(B, Class(0), Place::default());
    assert_eq!(ready(&earliest), (Time::ZERO, None));
    earliest.issue(at(10, A));
    let (time, blamed) = ready(&earliest);
    assert_eq!(time, t(17));
    assert!(std::ptr::eq(blamed.unwrap(), table[1]));
    earliest.issue(at(17, B));
    assert_eq!(ready(&earliest), (Time::ZERO, None), "what was waited for is done");
}

#[test]
fn ready_times_past_the_end_of_time_saturate() {
    let mut earliest =
        Earliest::new([leak(a_to_b(Bound::Min(fixed::<{ i64::MAX }>()))) as &_], &Params::new());
    earliest.issue(at(u64::MAX - 1, A));
    assert_eq!(earliest.earliest(B, Class(0), Place::default()).0, Time::MAX);
}

#[test]
fn a_deadline_is_the_end_of_a_wait() {
    let Kind::Between { from, nth, to, reset, scope, bound, .. } = a_to_b(Bound::Max(fixed::<5>())).kind
    else {
        unreachable!()
    };
    let must = |must_come| leak(rule(Kind::Between { from, nth, to, reset, scope, must_come, bound }));
    let deadline = |must_come, events: &[Event]| {
        let mut earliest = Earliest::new([must(must_come)], &Params::new());
        for &event in events {
            earliest.issue(event);
        }
        earliest.deadline(B, Class(0), Place::default()).map(|(time, _)| time)
    };
    assert_eq!(deadline(true, &[at(10, A)]), Some(t(15)));
    assert_eq!(deadline(true, &[at(10, A), at(12, B)]), None);
    assert_eq!(deadline(false, &[at(10, A)]), None);
}
