//! The monitor of handshakes takes any waveform on any of its pins, and its memory does not grow with it.

use busproof_core::bus::handshake::{DataPhase, INFO, Monitor, Options, Protocol, Width};
use busproof_core::{Source, Span};
use busproof_testkit::{assert_bounded, assert_robust, waves};
use proptest::prelude::*;
use proptest::sample::select;

/// Deadlocks about as long as the waits in noise, and narrow words, so that noise completes some.
fn options() -> impl Strategy<Value = Options> {
    let phases = select(vec![DataPhase::Early, DataPhase::Broad, DataPhase::Late]);
    let width = (1..=3u32).prop_map(|bits| Width::new(bits).unwrap_or_default());
    let stall = prop::option::of((1..100u64).prop_map(Span::from_fs));
    (select(Protocol::ALL.to_vec()), width, phases, stall)
        .prop_map(|(protocol, width, data_phase, stall)| Options { protocol, width, data_phase, stall })
}

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

/// Only the first eight of the pins: those that are not a wire of a group.
fn noise(len: usize) -> impl Strategy<Value = waves::Waves> {
    waves::any_waves(&INFO, len).prop_map(|mut waves| {
        for change in waves.0.iter_mut().flat_map(|step| &mut step.changes) {
            change.signal.0 %= 8;
        }
        for step in &mut waves.0 {
            step.changes.sort_unstable_by_key(|change| change.signal);
            step.changes.dedup_by_key(|change| change.signal);
        }
        waves
    })
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn noise_does_no_harm(options in options(), source in sources(), waves in waves::any_waves(&INFO, 200)) {
        assert_robust(|| Monitor::new(&options, source), &waves);
    }

    #[test]
    fn noise_on_the_pins_that_matter_does_no_harm(options in options(), source in sources(), waves in noise(300)) {
        assert_robust(|| Monitor::new(&options, source), &waves);
    }
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn memory_is_bounded_by_the_bus(options in options(), source in sources(), waves in noise(24)) {
        assert_bounded(Monitor::new(&options, source), &waves);
    }
}
