//! Several controllers that begin within the hold time of a START: exactly one of the different transfers survives each
//! time, intact; nothing is lost; those who say the same are done together; and nobody ever drives a wire high.

use busproof_core::bus::i2c::{End, INFO, Speed, pin};
use busproof_core::sim::{Agent, Cx, TroubleKind};
use busproof_core::{Drive, Span};
use busproof_testkit::i2c::contests::{Contest, contests};
use busproof_testkit::i2c::electrical;
use busproof_testkit::{Stage, check_round_trip};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(400))]

    /// The transfers come one by one in the order of their bits, whole, each as often as there are different ones; each
    /// controller loses to those before its own, tries again, and ends with what it asked for.
    #[test]
    fn one_survives_and_the_others_try_again(contest in contests(3)) {
        let decided = contest.play();
        check_round_trip(&decided.recording, contest.monitor(), &contest.expected())?;
        let losses: Vec<u32> = decided.done.iter().map(|done| done.lost).collect();
        prop_assert_eq!(losses, contest.losses());
        prop_assert!(decided.done.iter().all(|done| done.end == End::Done));
        let outcomes: Vec<_> = decided.done.iter().map(|done| done.outcomes.clone()).collect();
        prop_assert_eq!(outcomes, contest.outcomes());
        prop_assert_eq!(decided.remarks, []);
        prop_assert_eq!(decided.recording.troubles(), &[]);
    }

    /// Those who say the same are done within the STOP that they make together.
    #[test]
    fn identical_transfers_end_together(contest in contests(3)) {
        let contest = Contest {
            rivals: contest.rivals.iter().map(|rival| {
                let transfer = contest.rivals[0].transfer.clone();
                busproof_testkit::i2c::contests::Rival { transfer, ..rival.clone() }
            }).collect(),
            ..contest
        };
        let decided = contest.play();
        check_round_trip(&decided.recording, contest.monitor(), &contest.expected())?;
        prop_assert!(decided.done.iter().all(|done| done.lost == 0 && done.end == End::Done));
        let ends = || decided.done.iter().map(|done| done.at);
        let apart = ends().max().zip(ends().min()).map_or(Span::ZERO, |(last, first)| last.since(first));
        // The edge of the STOP is the same for all, and so is the filter that lets it through.
        prop_assert!(apart.is_zero(), "{apart}");
    }

    /// More than three are no different.
    #[test]
    fn six_compete_as_three_do(contest in contests(6)) {
        let decided = contest.play();
        check_round_trip(&decided.recording, contest.monitor(), &contest.expected())?;
        let losses: Vec<u32> = decided.done.iter().map(|done| done.lost).collect();
        prop_assert_eq!(losses, contest.losses());
        prop_assert_eq!(decided.recording.troubles(), &[]);
    }
}

/// Contests are what they are to be: of many different transfers, of some that are alike, and close, so that the address
/// alone does not decide.
#[test]
fn contests_are_close() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut contest = || contests(3).new_tree(&mut runner).expect("there are contests").current();
    let all: Vec<Contest> = (0..300).map(|_| contest()).collect();
    let count = |wanted: fn(&Contest) -> bool| all.iter().filter(|contest| wanted(contest)).count();
    let all_differ = count(|contest| contest.losses().contains(&2));
    let some_alike = count(|contest| contest.losses().iter().filter(|lost| **lost == 0).count() > 1);
    let behind_the_call = count(|contest| {
        let call = |i: usize| contest.rivals[i].transfer.messages[0].call;
        contest.losses()[0] != contest.losses()[1] && call(0) == call(1)
    });
    assert!(
        all_differ > 50 && some_alike > 50 && behind_the_call > 50,
        "{all_differ} {some_alike} {behind_the_call}"
    );
}

/// A push-pull output would be noticed.
#[test]
fn a_strong_high_is_a_trouble() {
    struct PushPull;
    impl Agent for PushPull {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            cx.drive(pin::SDA, Drive::Strong(true));
        }
    }
    let wire = busproof_core::Rc { pull_up_ohm: 2_200.0, farad: 100e-12, on_ohm: 25.0 };
    let mut stage = Stage::with_nets(&INFO, electrical::nets(Speed::Fast, wire), 1);
    stage.add("push-pull", PushPull, Span::ZERO);
    let recording = stage.finish();
    let kinds: Vec<TroubleKind> = recording.troubles().iter().map(|trouble| trouble.kind).collect();
    assert_eq!(kinds, [TroubleKind::DrivenHigh]);
}
