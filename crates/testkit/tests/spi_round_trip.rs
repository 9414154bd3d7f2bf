//! Any legal sequence of words, driven by the agents, is decoded to the same words: over every option, wires with flight
//! time, outputs as slow as the sampling edge allows, clocks that are off and that jitter.

use busproof_core::Source;
use busproof_core::bus::spi::Monitor;
use busproof_testkit::{Recording, check_round_trip, spi};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

/// Nothing is kept of a failure: whoever sees one makes a test of it.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn what_is_said_is_heard(case in spi::cases::legal(140)) {
        let played = case.play();
        check_round_trip(&played.recording, case.monitor(), &case.expected())?;
        prop_assert_eq!(played.done.words, case.traffic.received());
        let seen = played.recording.decode(case.monitor());
        prop_assert_eq!(seen.codes(), Vec::<&str>::new());
    }

    /// Same seed, same waveform; jitter is part of it.
    #[test]
    fn a_run_depends_on_its_seed_alone(case in spi::cases::legal(16)) {
        let (a, b) = (case.play(), case.play());
        prop_assert_eq!(columns(&a.recording), columns(&b.recording));
    }
}

fn columns(recording: &Recording) -> Vec<Vec<(u64, u64, u64)>> {
    let column =
        |c: &busproof_core::log::Column| c.iter().map(|(t, v)| (t.as_fs(), v.bits, v.unknown)).collect();
    recording.log().columns().iter().map(column).collect()
}

#[test]
fn another_seed_jitters_otherwise() {
    use busproof_core::sim::Jitter;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut case = spi::cases::legal(8).new_tree(&mut runner).unwrap().current();
    case.host.clock.jitter = Jitter::Uniform { peak: busproof_core::Span::from_ps(100) };
    case.host.clock.hertz = 1_000_000;
    let [a, b] = [1, 2].map(|seed| columns(&spi::cases::Case { seed, ..case.clone() }.play().recording));
    assert_ne!(a[0], b[0]);
}

#[test]
fn a_mismatch_says_what_and_draws_where() {
    let bus = busproof_core::bus::spi::Options::default();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let case = spi::cases::legal(8).new_tree(&mut runner).unwrap().current();
    let played = case.play();
    let mismatch = check_round_trip(&played.recording, Monitor::new(&bus, Source::Run), &[]).unwrap_err();
    let text = mismatch.to_string();
    assert_eq!(mismatch.index, 0);
    assert!(text.contains("expected  nothing more") && text.contains("sck"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 160), "{text}");
}
