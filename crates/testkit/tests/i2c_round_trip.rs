//! Any legal sequence of items, driven by a controller and targets, is decoded to the same items: over all speed classes,
//! wires, clocks that are off and jitter, stretching, 7- and 10-bit addresses, refusals.

use busproof_core::bus::Severity;
use busproof_core::bus::i2c::{End, Monitor, Speed};
use busproof_core::{Source, Span};
use busproof_testkit::i2c::{cases, electrical};
use busproof_testkit::{Analyser, analysers, check_round_trip};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

/// Nothing is kept of a failure: whoever sees one makes a test of it.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// What a monitor found wrong; legal traffic may give it cause for notes, on stretching and reserved addresses.
fn complaints(case: &cases::Case, played: &cases::Played) -> Vec<&'static str> {
    let seen = played.recording.decode(case.monitor());
    seen.diagnostics.iter().filter(|odd| odd.severity != Severity::Note).map(|odd| odd.code).collect()
}

proptest! {
    #![proptest_config(config(500))]

    /// All three parties agree: the monitor hears what was said, the controller reports what came back, the device was told
    /// what went out. Nobody drives a wire high that others may pull low.
    #[test]
    fn what_is_said_is_heard(case in cases::legal()) {
        let played = case.play();
        check_round_trip(&played.recording, case.monitor(), &case.expected())?;
        prop_assert_eq!(played.done.end, End::Done);
        prop_assert_eq!(&played.done.outcomes, &case.traffic.outcomes(case.speed()));
        prop_assert_eq!(&played.told, &case.traffic.told(case.speed()));
        prop_assert_eq!(complaints(&case, &played), Vec::<&str>::new());
        prop_assert_eq!(played.recording.troubles(), &[]);
    }

    /// A logic analyser sees the same, wherever its threshold is, if it samples several times in each half of the clock.
    #[test]
    fn what_is_said_is_seen_by_a_logic_analyser(case in cases::legal(), analyser in analysers(Span::from_ns(1_000))) {
        let grid = analyser.grid.scale(least_half(&case).as_fs(), Span::from_us(4).as_fs());
        let recording = case.play().recording.sampled(Analyser { grid, ..analyser });
        let monitor = Monitor::new(&case.host.bus, recording.source());
        check_round_trip(&recording, monitor, &case.expected())?;
    }

    /// Same seed, same waveform; jitter is part of it.
    #[test]
    fn a_run_depends_on_its_seed_alone(case in cases::legal_at(Speed::Fast)) {
        let [a, b] = [case.play(), case.play()].map(|played| format!("{:?}", played.recording.log()));
        prop_assert_eq!(a, b);
    }
}

/// The shorter half of SCL, without the edges.
fn least_half(case: &cases::Case) -> Span {
    let timing = if case.speed() == Speed::High { case.host.high_speed } else { case.host.timing };
    timing.low.min(timing.high).min(timing.start_hold)
}

/// A guessed speed class reads what a given one does: the filter is the monitor's alone.
#[test]
fn the_speed_need_not_be_known() {
    let mut runner = proptest::test_runner::TestRunner::new(config(50));
    let cases = cases::legal_at(Speed::FastPlus);
    let read = runner.run(&cases, |case| {
        let bus = busproof_core::bus::i2c::Options { speed: None, ..case.host.bus.clone() };
        check_round_trip(&case.play().recording, Monitor::new(&bus, Source::Run), &case.expected())?;
        Ok(())
    });
    read.expect("what is said is heard");
}

#[test]
fn an_ideal_wire_is_among_the_wires() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let wires: Vec<f64> = (0..2_000)
        .map(|_| {
            electrical::wires(Speed::Fast).new_tree(&mut runner).expect("there are wires").current().farad
        })
        .collect();
    assert!(wires.contains(&0.0) && wires.iter().any(|farad| *farad > 100e-12));
}
