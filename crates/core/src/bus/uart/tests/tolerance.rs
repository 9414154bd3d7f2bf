//! A receiver just inside of the exact tolerance hears everything right; just outside it does not.

use super::*;

/// Words whose last bit is Low, whose stop bit therefore begins with an edge, and others.
const WORDS: [u16; 8] = [0x00, 0x55, 0x2a, 0x00, 0x7f, 0x01, 0x00, 0x3c];

/// Sends words back to back with a clock that is off by `ppm`, the receiver's at each of many phases. True if every byte
/// was right; and if no noise was flagged either.
fn hears(bus: &Options, ppm: i64) -> (bool, bool) {
    const PHASES: u64 = 24;
    let (mut right, mut clean) = (true, true);
    for phase in 0..PHASES {
        let mut tx = TransmitterOptions::new(bus.clone());
        tx.clock = BaudClock::off_by_ppm(ppm);
        let mut rx = ReceiverOptions::new(bus.clone());
        rx.clock.clock.phase = bus.baud.unwrap().bits(phase, bus.sampling.ticks() * PHASES);
        let mut link = OneWay::new(tx, rx);
        let words = WORDS.map(|word| word & bus.data_bits.mask());
        link.run(&words.map(Op::Send));
        let received = link.received();
        right &= received.len() == words.len()
            && received.iter().zip(words).all(|(r, w)| r.data == w && !r.parity_error && !r.framing_error);
        clean &= right && received.iter().all(|r| !r.noise);
    }
    (right, clean)
}

fn both_sides(bus: &Options, inside: i64, goal: Goal, name: &str) {
    /// Phases and words are few, so the worst is not quite met.
    const STEP: i64 = 1_500;
    let outside = inside + STEP * inside.signum();
    let inside = inside - inside.signum() * 20;
    let verdict = |ppm| match goal {
        Goal::Bytes => hears(bus, ppm).0,
        Goal::Samples => hears(bus, ppm).1,
    };
    assert!(verdict(inside), "{name}: {inside} ppm is inside, {goal:?}");
    assert!(!verdict(outside), "{name}: {outside} ppm is outside, {goal:?}");
}

fn check(sampling: Sampling, data: u32, parity: Parity) {
    let bus = Options {
        sampling,
        data_bits: DataBits::new(data).unwrap(),
        parity,
        ..options(&[("baud", "1000000")])
    };
    let name = format!("{data} {parity:?} {sampling:?}");
    for goal in [Goal::Bytes, Goal::Samples] {
        let Tolerance { slow_ppm, fast_ppm } = sampling.tolerance(&bus, goal);
        both_sides(&bus, slow_ppm, goal, &name);
        both_sides(&bus, fast_ppm, goal, &name);
    }
}

#[test]
fn ideal_receivers() {
    check(Sampling::IDEAL, 8, Parity::None);
    check(Sampling::IDEAL, 5, Parity::None);
    check(Sampling::IDEAL, 9, Parity::Space);
}

#[test]
fn receivers_of_sixteen_samples() {
    check(Sampling::X16, 8, Parity::None);
    check(Sampling::X16, 7, Parity::None);
    check(Sampling::X16, 9, Parity::Space);
}

#[test]
fn receivers_of_eight_samples() {
    check(Sampling::X8, 8, Parity::None);
    check(Sampling::X8, 9, Parity::None);
}

#[test]
fn receivers_of_one_sample() {
    check(Sampling { votes: Votes::One, ..Sampling::X16 }, 8, Parity::None);
    check(Sampling { votes: Votes::One, ..Sampling::X8 }, 7, Parity::Space);
}

/// The margin that the monitor states is what is left of the tolerance.
#[test]
fn the_margin_is_gone_where_the_tolerance_ends() {
    for sampling in [Sampling::IDEAL, Sampling::X16, Sampling::X8] {
        let bus = Options { sampling, ..Options::default() };
        let Tolerance { slow_ppm, fast_ppm } = sampling.tolerance(&bus, Goal::Bytes);
        for (ppm, kept) in
            [(slow_ppm + 500, true), (slow_ppm - 500, false), (fast_ppm - 500, true), (fast_ppm + 500, false)]
        {
            let mut tx = TransmitterOptions::new(bus.clone());
            tx.clock = BaudClock::off_by_ppm(ppm);
            let mut link = OneWay::new(tx, ReceiverOptions::new(bus.clone()));
            link.run(&WORDS[..2].iter().copied().map(Op::Send).collect::<Vec<_>>());
            let margins = link.decode(&bus).values(super::super::rules::event::MARGIN);
            let worst = margins.iter().min().copied().unwrap();
            assert!((worst >= 0) == kept && worst <= 6, "{sampling:?} {ppm}: {margins:?}");
        }
    }
}

/// Five percent are right byte by byte, but leave less than a tenth of a bit; six are wrong.
#[test]
fn five_percent_decode_and_six_do_not() {
    let bus = Options::default();
    for (ppm, errors) in [(50_000, false), (60_000, true)] {
        let mut tx = TransmitterOptions::new(bus.clone());
        tx.clock = BaudClock::off_by_ppm(ppm);
        let mut link = OneWay::new(tx, ReceiverOptions::new(bus.clone()));
        link.run(&[Op::Write(b"The quick brown fox jumps over the lazy dog\0\0\0".to_vec())]);
        let seen = link.decode(&bus);
        assert_eq!(seen.codes().contains(&"uart::framing-error"), errors, "{:?}", seen.codes());
        let worst = seen.frames(Line::Tx).iter().filter_map(|f| f.margin_mui).min().unwrap();
        assert!(worst < 100 && (worst >= 0) != errors, "{worst}");
    }
}
