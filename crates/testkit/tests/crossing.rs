//! Nothing is lost between two clocks, and the monitor of crossings takes any waveform, in bounded memory.

use busproof_core::cdc::{INFO, Monitor};
use busproof_core::{Source, Span};
use busproof_testkit::crossing::{cases, options};
use busproof_testkit::{assert_bounded, assert_robust, assert_round_trip, waves};
use proptest::prelude::*;
use proptest::sample::select;

fn sources() -> impl Strategy<Value = Source> {
    let grid = Span::from_fs(5);
    select(vec![
        Source::Run,
        Source::Simulation { grid },
        Source::Recording { grid: Some(grid) },
        Source::Recording { grid: None },
    ])
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(120))]

    /// Whatever the ratio of the clocks, the back-pressure and the flops: all arrive, once, in order, and nothing is odd.
    #[test]
    fn nothing_is_lost(case in cases::legal(60)) {
        let recording = case.play();
        assert_round_trip(&recording, case.monitor(), &case.expected());
        let seen = recording.decode(case.monitor());
        prop_assert!(seen.diagnostics.is_empty(), "{:?}", seen.diagnostics);
    }

    /// A legal waveform that was damaged is still a waveform.
    #[test]
    fn a_spoilt_crossing_does_no_harm(case in cases::legal(8), spoils in waves::spoils(&INFO, 6)) {
        let waves = waves::Waves::of(&case.play()).spoil(&spoils);
        assert_robust(|| case.monitor(), &waves);
    }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn noise_does_no_harm(options in options::any(), source in sources(), waves in waves::any_waves(&INFO, 200)) {
        assert_robust(|| Monitor::new(&options, source), &waves);
    }
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn memory_is_bounded_by_the_crossing(
        options in options::any(), source in sources(), waves in waves::any_waves(&INFO, 24),
    ) {
        assert_bounded(Monitor::new(&options, source), &waves);
    }
}
