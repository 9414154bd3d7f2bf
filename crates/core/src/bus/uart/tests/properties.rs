//! Round trips over all options, robustness, determinism.

use proptest::prelude::*;

use super::*;
use crate::log::Change;
use crate::sim::Jitter;

fn any_options() -> impl Strategy<Value = Options> {
    let format = (5..=9u32, 0..5usize, 0..3usize, any::<bool>());
    let lines = (any::<bool>(), any::<bool>(), 0..5usize);
    (format, lines).prop_map(|((data, parity, stop, msb), (invert_tx, invert_rx, receiver))| Options {
        data_bits: DataBits::new(data).unwrap(),
        parity: Parity::ALL[parity],
        stop_bits: StopBits::ALL[stop],
        bit_order: if msb { BitOrder::Msb } else { BitOrder::Lsb },
        invert_tx,
        invert_rx,
        sampling: [
            Sampling::IDEAL,
            Sampling::X16,
            Sampling::X8,
            Sampling { votes: Votes::One, ..Sampling::X16 },
            Sampling { votes: Votes::One, ..Sampling::X8 },
        ][receiver],
        ..Options::default()
    })
}

fn any_baud() -> impl Strategy<Value = Baud> {
    prop_oneof![
        (0..STANDARD.len()).prop_map(|i| STANDARD[i]),
        (300_000u64..4_000_000_000).prop_map(|milli| Baud::from_millihertz(milli).unwrap()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is sent by a clock within the tolerance is heard: by the receiver and by the monitor.
    #[test]
    fn frames_round_trip(
        bus in any_options(), baud in any_baud(), words in prop::collection::vec(any::<u16>(), 1..12),
        share in -98i64..98, split in 0..100i64, phase in 0..1_000u64, gap in 0..3u64,
    ) {
        let bus = Options { baud: Some(baud), ..bus };
        let Tolerance { slow_ppm, fast_ppm } = bus.sampling.tolerance(&bus, Goal::Bytes);
        // What the receiver is too slow by, the transmitter is too fast by; the ratio of the two is within the tolerance.
        let off = if share < 0 { -slow_ppm * share / 100 } else { fast_ppm * share / 100 };
        let rx_ppm = -off * split / 200;
        let tx_ppm = ((1_000_000 + rx_ppm) * (1_000_000 + off) / 1_000_000) - 1_000_000;
        let mut tx = TransmitterOptions::new(bus.clone());
        tx.clock = BaudClock::off_by_ppm(tx_ppm);
        tx.gap = baud.bits(gap * 7, 10);
        let mut rx = ReceiverOptions::new(bus.clone());
        rx.clock = BaudClock::off_by_ppm(rx_ppm);
        rx.clock.clock.phase = baud.bits(phase, 1_000);
        let mut link = OneWay::new(tx, rx);
        let words: Vec<u16> = words.iter().map(|word| word & bus.data_bits.mask()).collect();
        link.run(&words.iter().copied().map(Op::Send).collect::<Vec<_>>());
        prop_assert_eq!(link.data(), words.clone());
        prop_assert!(link.received().iter().all(|r| !r.parity_error && !r.framing_error));
        // The monitor's own clock is the nominal one.
        let seen_by_nominal = bus.sampling.tolerance(&bus, Goal::Bytes);
        if (seen_by_nominal.slow_ppm..=seen_by_nominal.fast_ppm).contains(&tx_ppm) {
            let seen = link.decode(&bus);
            prop_assert_eq!(seen.data(Line::Tx), words.iter().map(|&w| w as u64).collect::<Vec<_>>());
            prop_assert!(seen.codes().iter().all(|&code| code == "uart::rate-off"), "{:?}", seen.diagnostics);
            for frame in seen.frames(Line::Tx) {
                let rate = frame.rate.unwrap();
                prop_assert!((rate.error_ppm - tx_ppm).abs() <= 2 + 400_000 / baud.bit().as_fs().cast_signed().max(1));
            }
        }
    }

    /// Both directions at once, with jitter: frames of the two lines do not disturb each other.
    #[test]
    fn both_directions_round_trip(
        bus in any_options(), near in prop::collection::vec(any::<u16>(), 0..9), far in prop::collection::vec(any::<u16>(), 0..9),
        ppm in -10_000i64..10_000, seed in any::<u64>(),
    ) {
        let mut link = Link::new(seed);
        let bit = bus.baud.unwrap().bit();
        let port = |bus: Options, ppm| {
            let mut tx = TransmitterOptions::new(bus.clone());
            tx.clock = BaudClock::off_by_ppm(ppm);
            tx.clock.clock.jitter = Jitter::Uniform { peak: bit.scale(1, 50) };
            let rx = ReceiverOptions { clock: tx.clock, ..ReceiverOptions::new(bus) };
            Port::new(tx, rx).unwrap()
        };
        let (a, b) = (link.near("near", port(bus.clone(), ppm)), link.far("far", port(bus.crossed(), 0)));
        let fit = |words: &[u16]| words.iter().map(|word| word & bus.data_bits.mask()).collect::<Vec<_>>();
        let ops = |words: &[u16]| words.iter().copied().map(Op::Send).collect::<Vec<_>>();
        let (near, far) = (fit(&near), fit(&far));
        link.bench.agent_mut(a).transmitter_mut().submit(&ops(&near)).unwrap();
        link.bench.agent_mut(b).transmitter_mut().submit(&ops(&far)).unwrap();
        link.run_for(bit * 200);
        prop_assert_eq!(link.bench.agent(b).receiver().data(), near.clone());
        prop_assert_eq!(link.bench.agent(a).receiver().data(), far.clone());
        let seen = decode(link.finish(), &bus);
        let wide = |words: Vec<u16>| words.into_iter().map(u64::from).collect::<Vec<_>>();
        prop_assert_eq!((seen.data(Line::Tx), seen.data(Line::Rx)), (wide(near), wide(far)));
        prop_assert!(seen.items.is_sorted_by_key(Item::end));
    }

    /// The same seed gives the same log; another one, with jitter, does not.
    #[test]
    fn runs_are_repeatable(seed in any::<u64>(), bytes in prop::collection::vec(any::<u8>(), 1..6)) {
        let run = |seed| {
            let bus = Options::default();
            let mut link = Link::new(seed);
            let mut tx = TransmitterOptions::new(bus.clone());
            tx.clock.clock.jitter = Jitter::Gaussian { rms: bus.baud.unwrap().bit().scale(1, 100) };
            let tx = link.near("tx", Transmitter::new(tx).unwrap());
            link.bench.agent_mut(tx).submit(&[Op::Write(bytes.clone())]).unwrap();
            link.run_for(bus.baud.unwrap().bit() * 100);
            let column = link.finish().columns()[0].clone();
            column.iter().collect::<Vec<_>>()
        };
        prop_assert_eq!(run(seed), run(seed));
        prop_assert_ne!(run(seed), run(seed.wrapping_add(1)));
    }

    /// The monitor takes any waveform: no panic, events and items in order and within the waveform, and being told that time
    /// passes changes nothing.
    #[test]
    fn the_monitor_accepts_anything(
        bus in any_options(), glitch in 0..400u16, auto in any::<bool>(), lin in any::<bool>(), packets in 0..4usize,
        recording in any::<bool>(),
        changes in prop::collection::vec((0..7u32, 0..6usize, prop_oneof![0..40u64, 900..1_100u64, 0..30_000u64]), 0..300),
    ) {
        let bus = Options {
            baud: if auto { None } else { Baud::from_hertz(1_000_000) },
            glitch, lin,
            packets: [Packets::None, Packets::Delimiter(0x55), Packets::Length(2), Packets::Gap(3)][packets],
            ..bus
        };
        let source = if recording { Source::Recording { grid: Some(Span::from_ns(50)) } } else { Source::Run };
        let feed = |often: bool| {
            let mut monitor = Monitor::new(&bus, source);
            let mut seen = Seen::default();
            let mut now = 0;
            let mut instant: Vec<Change> = Vec::new();
            for &(signal, level, ns) in &changes {
                if ns > 0 {
                    monitor.instant(Time::from_fs(now), &instant, &mut seen);
                    instant.clear();
                    let later = now + ns * 1_000_000;
                    if often {
                        for share in 1..4 {
                            monitor.advance(Time::from_fs(now + (later - now) * share / 4), &mut seen);
                        }
                    }
                    now = later;
                }
                instant.retain(|c| c.signal.0 != signal);
                let level = [Level::Low, Level::High, Level::Low, Level::High, Level::X, Level::Z][level];
                instant.push(Change { signal: SignalId(signal), value: Value::wire(level) });
            }
            monitor.finish(Time::from_fs(now + 1), &mut seen);
            (seen, Time::from_fs(now + 1))
        };
        let (seen, end) = feed(false);
        prop_assert!(seen.items.is_sorted_by_key(Item::end), "{:#?}", seen.items);
        for item in &seen.items {
            prop_assert!(item.start() <= item.end() && item.end() <= end, "{item:?}");
        }
        prop_assert!(seen.events.iter().all(|event| event.time <= end));
        prop_assert!(seen.diagnostics.iter().all(|d| d.from <= d.to));
        prop_assert_eq!(feed(true).0, seen);
    }
}

/// What the monitor holds does not grow with the waveform, even if its control pins chatter.
#[test]
fn memory_is_bounded() {
    let bus = options(&[("baud", "1000000"), ("packets", "gap:5")]);
    let mut monitor = Monitor::new(&bus, Source::Run);
    let mut sizes = Vec::new();
    struct Forget;
    impl Sink<Item> for Forget {}
    for step in 0..40_000u64 {
        let at = Time::from_fs(step * 1_000_000);
        let pin = if step % 7_000 < 10 { 0 } else { 2 + step % 3 };
        let level = Level::from_bit(step / 3 % 2 == 0);
        monitor.instant(
            at,
            &[Change { signal: SignalId(pin as u32), value: Value::wire(level) }],
            &mut Forget,
        );
        sizes.push(format!("{monitor:?}").len());
    }
    let (early, late) = sizes.split_at(sizes.len() / 2);
    assert!(late.iter().max() <= early.iter().max().map(|most| most + most / 4).as_ref());
}
