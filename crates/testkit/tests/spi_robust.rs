//! The monitor of SPI takes any waveform, and its memory does not grow with it.

use std::sync::Arc;

use busproof_core::bus::spi::{
    Command, CommandTable, INFO, Lanes, Monitor, Options, Phase, PhaseKind, Rate, class,
};
use busproof_core::{Source, Span};
use busproof_testkit::{assert_bounded, assert_robust, spi, waves};
use proptest::prelude::*;

/// Commands of every kind of phase, on a few opcode bits so that noise finds them.
fn commands() -> Arc<CommandTable> {
    let phase = |kind, length, count, rate| Phase { kind, length, lanes: Lanes { count, rate } };
    let command = |opcode, switches_lanes, phases| Command {
        opcode,
        mask: 3,
        name: "NOISE".into(),
        class: class::WRITE,
        phases,
        switches_lanes,
        on_lanes: Vec::new(),
    };
    let phases = [
        vec![phase(PhaseKind::Address, 12, 4, Rate::Double), phase(PhaseKind::Dummy, 3, 2, Rate::Single)],
        vec![phase(PhaseKind::Mode, 8, 1, Rate::Single), phase(PhaseKind::Write, 16, 4, Rate::Single)],
        vec![phase(PhaseKind::Exchange, 7, 1, Rate::Double), phase(PhaseKind::Read, 0, 2, Rate::Double)],
    ];
    let commands = phases.into_iter().zip([None, Some(2), Some(4)]).zip(0..);
    let commands = commands.map(|((phases, lanes), opcode)| command(opcode, lanes, phases)).collect();
    Arc::new(CommandTable { opcode_bits: 4, commands })
}

fn options() -> impl Strategy<Value = Options> {
    (spi::options::any_options(70), 0..=4u8, any::<bool>()).prop_map(|(options, sample_delay, table)| {
        Options { sample_delay, commands: table.then(commands), ..options }
    })
}

fn sources() -> impl Strategy<Value = Source> {
    let grid = Span::from_fs(5);
    prop::sample::select(vec![
        Source::Run,
        Source::Simulation { grid },
        Source::Recording { grid: Some(grid) },
        Source::Recording { grid: None },
    ])
}

/// Nothing is kept of a failure: whoever sees one makes a test of it.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn noise_does_no_harm(
        options in options(), source in sources(), waves in waves::any_waves(&INFO, 200),
    ) {
        assert_robust(|| Monitor::new(&options, source), &waves);
    }
}

proptest! {
    #![proptest_config(config(300))]

    /// Spoilt traffic gets deeper into the monitor than noise does.
    #[test]
    fn spoilt_traffic_does_no_harm(
        case in spi::cases::legal(20), table in any::<bool>(), delay in 0..=4u8,
        source in sources(), spoils in waves::spoils(&INFO, 20),
    ) {
        let waves = waves::Waves::of(&case.play().recording).spoil(&spoils);
        let options = Options { commands: table.then(commands), sample_delay: delay, ..case.host.bus.clone() };
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
}
