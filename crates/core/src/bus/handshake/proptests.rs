use proptest::prelude::*;

use super::tests::{Rig, Seen, Wiring, buses};
use super::*;
use crate::bus::Monitor as _;
use crate::cdc::{FlopSpec, Metastability, Resolution};
use crate::level::Level;
use crate::log::{Change, SignalId, Source, Value};
use crate::sim::ClockSpec;
use crate::time::{Span, Time};

fn any_bus(widest: u32) -> impl Strategy<Value = Options> {
    (proptest::sample::select(buses()), 1..=widest)
        .prop_map(|(bus, width)| Options { width: Width::new(width).unwrap(), ..bus })
}

fn any_pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        Just(Pattern::Always),
        (1..5u32).prop_map(Pattern::Every),
        (40..=255u8).prop_map(Pattern::Random),
        (1..4u32, 0..4u32).prop_map(|(open, shut)| Pattern::Bursts { open, shut }),
    ]
}

fn any_flop() -> impl Strategy<Value = FlopSpec> {
    let ps = Span::from_ps;
    let model = prop_oneof![
        Just(Metastability::Never),
        Just(Metastability::OneCycle),
        Just(Metastability::Resolves(Resolution { tau: 20e-12, t0: 20e-12 })),
    ];
    model.prop_map(move |metastability| FlopSpec {
        setup: ps(60),
        hold: ps(40),
        clk_to_q: ps(100),
        metastability,
    })
}

/// Delays, or a clock of 50 to 500 MHz.
fn any_pace() -> impl Strategy<Value = Pace> {
    let delays = (1..5_000u64, 0..5_000u64).prop_map(|(least, more)| Pace::Delays {
        least: Span::from_ps(least),
        most: Span::from_ps(least + more),
    });
    let clocked = (50_000_000..500_000_000u64, prop_oneof![Just(0), 1..2_000u64], any_flop()).prop_map(
        |(hertz, phase, flop)| {
            let clock = ClockSpec { phase: Span::from_ps(phase), ..ClockSpec::ideal(hertz) };
            Pace::Clocked { clock, stages: 2, flop }
        },
    );
    prop_oneof![delays, clocked]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    /// Whatever is sent is received, and the monitor says the same of it, without a complaint: any protocol, any paces, any
    /// back-pressure, metastable flops.
    #[test]
    fn words_round_trip(
        bus in any_bus(32), paces in (any_pace(), any_pace()), patterns in (any_pattern(), any_pattern()),
        words in proptest::collection::vec(any::<u64>(), 1..20), wires in any::<bool>(), seed in any::<u64>(),
        waits_for_valid in any::<bool>(),
    ) {
        let words: Vec<u64> = words.iter().map(|word| word & bus.width.mask()).collect();
        let wiring = if wires && bus.width.get() <= pin::WIRES { Wiring::Wires } else { Wiring::Group };
        let sender = SenderOptions { pattern: patterns.0, ..SenderOptions::new(bus, paces.0) };
        let receiver = ReceiverOptions { pattern: patterns.1, waits_for_valid, ..ReceiverOptions::new(bus, paces.1) };
        let mut rig = Rig::new(sender, receiver, wiring, seed);
        prop_assert!(rig.send(&words, Span::from_us(200)));
        let seen = rig.finish();
        prop_assert_eq!(rig.received(), &words[..]);
        prop_assert_eq!(seen.words(), &words[..]);
        prop_assert_eq!(seen.items.len(), words.len());
        let odd: Vec<_> = seen.diagnostics.iter().filter(|d| d.code != "handshake::waits-for-ready").collect();
        prop_assert!(odd.is_empty(), "{:?}", odd);
    }

    /// The monitor takes any waveform: no panic, events in order, items that lie within the waveform, and being told that time
    /// passes changes nothing.
    #[test]
    fn the_monitor_accepts_anything(
        bus in any_bus(64), recording in any::<bool>(), stalls in any::<bool>(),
        steps in proptest::collection::vec((0..60u32, 0..4usize, 0..3u64, any::<u64>()), 0..400),
    ) {
        let bus = Options { stall: stalls.then_some(Span::from_fs(7)), ..bus };
        let source = if recording { Source::Recording { grid: Some(Span::from_fs(2)) } } else { Source::Run };
        let mut told = Vec::new();
        for often in [false, true] {
            let mut monitor = Monitor::new(&bus, source);
            let mut seen = Seen::default();
            let mut now = 0;
            let mut instant: Vec<Change> = Vec::new();
            for &(signal, level, dt, bits) in &steps {
                if dt > 0 {
                    monitor.instant(Time::from_fs(now), &instant, &mut seen);
                    instant.clear();
                    now += dt * 3;
                    if often {
                        monitor.advance(Time::from_fs(now - 1), &mut seen);
                    }
                }
                // Low and high numbers of pins alike, most of them the ones that matter.
                let signal = SignalId(if signal < 40 { signal % 8 } else { signal });
                let level = [Level::Low, Level::High, Level::X, Level::Z][level];
                let value = Value { bits: bits << 1, unknown: bits & bits >> 3 & !1 }.with(0, level);
                instant.retain(|c| c.signal != signal);
                instant.push(Change { signal, value });
            }
            monitor.finish(Time::from_fs(now + 1), &mut seen);
            for item in &seen.items {
                prop_assert!(item.start() <= item.end() && item.end() <= Time::from_fs(now + 1), "{:?}", item);
            }
            for odd in &seen.diagnostics {
                prop_assert!(odd.from <= odd.to, "{:?}", odd);
            }
            told.push(format!("{seen:?}"));
        }
        prop_assert_eq!(&told[0], &told[1]);
    }
}
