//! The monitor of UART takes any waveform.

use busproof_core::bus::uart::{Baud, INFO, Monitor, Options, Packets};
use busproof_core::{Source, Span};
use busproof_testkit::{assert_bounded, assert_robust, waves};
use proptest::prelude::*;

/// Bits of about the length of the waits in noise.
fn options() -> impl Strategy<Value = Options> {
    (any::<bool>(), any::<bool>(), any::<bool>(), 0..=400u16).prop_map(|(auto, lin, gap, glitch)| Options {
        baud: if auto { None } else { Baud::from_hertz(Baud::MAX.as_millihertz() / 1_000) },
        lin,
        packets: if gap { Packets::Gap(2) } else { Packets::Length(3) },
        glitch,
        ..Options::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn noise_does_no_harm(options in options(), mut waves in waves::any_waves(&INFO, 200), slow in 1..400_000u64) {
        for step in &mut waves.0 {
            step.wait = Span::from_fs(step.wait.as_fs().saturating_mul(slow));
        }
        assert_robust(|| Monitor::new(&options, Source::Run), &waves);
    }

    #[test]
    fn memory_does_not_grow(mut waves in waves::any_waves(&INFO, 20), slow in 1..400_000u64) {
        for step in &mut waves.0 {
            // Far from the end of time, where nothing would be over any more.
            step.wait = Span::from_fs(step.wait.as_fs() % 1_000 * slow);
        }
        let options = Options { baud: Some(Baud::MAX), ..Options::default() };
        assert_bounded(Monitor::new(&options, Source::Run), &waves);
    }
}
