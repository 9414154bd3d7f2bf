//! Whatever two ports say to each other at once is heard by the other and by the monitor: frames of every format, breaks, LIN
//! headers, pauses, packets; with clocks that are off and jitter, inverted lines and shared drivers.

use busproof_core::bus::Severity;
use busproof_core::bus::uart::{Baud, Fault, FaultKind, INFO, Line, Monitor, Options, Packets};
use busproof_core::{Source, Span};
use busproof_testkit::uart::items::Said;
use busproof_testkit::uart::{cases, faults, options};
use busproof_testkit::{Analyser, analysers, assert_robust, waves};
use proptest::prelude::*;

/// Nothing is kept of a failure: whoever sees one makes a test of it.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn what_is_said_is_heard(case in cases::legal()) {
        let played = case.play();
        for line in Line::ALL {
            prop_assert_eq!(played.heard(line, case.monitor()), case.expected(line), "{}", line.name());
        }
        prop_assert_eq!(&played.far, &case.near.heard());
        prop_assert_eq!(&played.near, &case.far.heard());
        let seen = played.recording.decode(case.monitor());
        let errors = seen.diagnostics.iter().filter(|odd| odd.severity == Severity::Error);
        prop_assert_eq!(errors.map(|odd| odd.code).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    /// Sixteen samples a bit are enough to read what was said.
    #[test]
    fn what_is_said_is_seen_by_a_logic_analyser(case in cases::legal(), analyser in analysers(Span::from_ns(1_000))) {
        let bit = case.bus.baud.map_or(Span::ZERO, Baud::bit);
        let grid = analyser.grid.scale(bit.as_fs() / 16, Span::from_ns(1_000).as_fs());
        let played = case.play();
        let recording = played.recording.sampled(Analyser { grid, ..analyser });
        let seen = cases::Played { recording, ..played };
        let monitor = || Monitor::new(&case.bus, seen.recording.source());
        for line in Line::ALL {
            prop_assert_eq!(seen.heard(line, monitor()), case.expected(line), "{}", line.name());
        }
    }
}

proptest! {
    #![proptest_config(config(200))]

    /// Spoilt traffic gets deeper into the monitor than noise does.
    #[test]
    fn spoilt_traffic_does_no_harm(
        case in cases::legal(), other in options::any_options(), finds in any::<bool>(), lin in any::<bool>(),
        spoils in waves::spoils(&INFO, 20),
    ) {
        let waves = waves::Waves::of(&case.play().recording).spoil(&spoils);
        let baud = if finds { None } else { case.bus.baud };
        for bus in [&case.bus, &other] {
            let options = Options { baud, lin, ..bus.clone() };
            assert_robust(|| Monitor::new(&options, Source::Run), &waves);
        }
    }

    /// Whatever is wrong with a frame, what comes behind a pause is heard as it was said, and so is the other direction.
    #[test]
    fn a_fault_is_over_after_a_pause(
        mut case in cases::legal(), data in 0..32u16, fault in faults::transmitter(1, Baud::MAX),
    ) {
        case.bus.packets = Packets::None;
        let scaled = case.bus.baud.map_or(Span::ZERO, Baud::bit);
        let kind = match fault.kind {
            // Drawn for a bit of another length.
            FaultKind::StartGlitch { width } => FaultKind::StartGlitch {
                width: scaled.scale(width.as_fs(), Baud::MAX.bit().as_fs()),
            },
            kind => kind,
        };
        case.faults = vec![Fault { kind, ..fault }];
        let after = case.near.heard();
        case.near.said.splice(0..0, [Said::Frame(data), Said::Idle(60)]);
        let played = case.play();
        prop_assert!(played.far.ends_with(&after), "{:?}", played.far);
        prop_assert_eq!(&played.near, &case.far.heard());
        prop_assert_eq!(played.heard(Line::Rx, case.monitor()), case.expected(Line::Rx));
        let expected = case.expected(Line::Tx);
        prop_assert!(played.heard(Line::Tx, case.monitor()).ends_with(&expected[1..]));
        assert_robust(|| case.monitor(), &waves::Waves::of(&played.recording));
    }
}
