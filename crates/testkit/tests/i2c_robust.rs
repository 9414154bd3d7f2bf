//! The monitor of I2C takes any waveform, and its memory does not grow with it.

use busproof_core::bus::i2c::{INFO, Monitor, Options};
use busproof_core::{Source, Span};
use busproof_testkit::i2c::{cases, faults, options};
use busproof_testkit::{assert_bounded, assert_robust, waves};
use proptest::prelude::*;

fn sources() -> impl Strategy<Value = Source> {
    let grid = Span::from_fs(5);
    prop::sample::select(vec![
        Source::Run,
        Source::Simulation { grid },
        Source::Recording { grid: Some(grid) },
        Source::Recording { grid: None },
    ])
}

/// Filters about as long as the waits in noise.
fn options() -> impl Strategy<Value = Options> {
    options::any_options(Span::from_fs(60))
}

/// Nothing is kept of a failure: whoever sees one makes a test of it.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn noise_does_no_harm(options in options(), source in sources(), waves in waves::any_waves(&INFO, 300)) {
        assert_robust(|| Monitor::new(&options, source), &waves);
    }
}

proptest! {
    #![proptest_config(config(300))]

    /// Spoilt traffic gets deeper into the monitor than noise does; faults of the agents deeper still.
    #[test]
    fn spoilt_traffic_does_no_harm(
        mut case in cases::legal(), source in sources(), pec in any::<bool>(),
        wrong in prop::collection::vec(faults::controller(2, 40, Span::from_ns(400)), 0..3),
        refused in prop::collection::vec(faults::target(2, 4), 0..2),
        spoils in waves::spoils(&INFO, 20),
    ) {
        case.host.faults = wrong;
        case.host.time_out = Some(Span::from_ms(1));
        case.target.faults = refused;
        let waves = waves::Waves::of(&case.play().recording).spoil(&spoils);
        let options = Options { pec, ..case.host.bus.clone() };
        assert_robust(|| Monitor::new(&options, source), &waves);
    }
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn memory_is_bounded_by_the_bus(
        options in options(), source in sources(), waves in waves::any_waves(&INFO, 24),
    ) {
        assert_bounded(Monitor::new(&options, source), &waves);
    }

    #[test]
    fn memory_does_not_grow_with_traffic(case in cases::legal(), source in sources()) {
        assert_bounded(Monitor::new(&case.host.bus, source), &waves::Waves::of(&case.play().recording));
    }
}
