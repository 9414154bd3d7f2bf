//! Each fault does what it says: the receiver and the monitor see it, and nothing else.

use super::*;

/// Sends `a`, `U` with the fault, `z`.
fn run(kind: FaultKind, settings: &[(&str, &str)]) -> (Vec<Heard>, Seen) {
    let mut bus = options(&[("oversampling", "16"), ("votes", "3")]);
    for (key, value) in settings {
        bus.set(key, value).unwrap();
    }
    let mut tx = TransmitterOptions::new(bus.clone());
    tx.gap = bus.baud.unwrap().bit() * 3;
    tx.faults = vec![Fault { frame: 1, kind }];
    let mut link = OneWay::new(tx, ReceiverOptions::new(bus.clone()));
    link.run(&[Op::Write(b"aUz".to_vec())]);
    let heard = link.heard().iter().copied().filter(|h| !matches!(h, Heard::Idle { .. })).collect();
    (heard, link.decode(&bus))
}

fn frame(heard: &Heard) -> Received {
    let Heard::Frame(frame) = heard else { panic!("{heard:?}") };
    *frame
}

/// The three frames came, the middle one with `data`.
fn middle(heard: &[Heard], data: u16) -> Received {
    let frames: Vec<Received> = heard.iter().map(frame).collect();
    assert_eq!(frames.iter().map(|f| f.data).collect::<Vec<_>>(), [0x61, data, 0x7a]);
    assert!([frames[0], frames[2]].iter().all(|f| !f.parity_error && !f.framing_error && !f.noise));
    frames[1]
}

#[test]
fn a_wrong_parity_bit() {
    for parity in ["odd", "even", "mark", "space"] {
        let (heard, seen) = run(FaultKind::Parity, &[("parity", parity)]);
        let bad = middle(&heard, 0x55);
        assert!(bad.parity_error && !bad.framing_error);
        assert_eq!(seen.codes(), ["uart::parity-error"]);
        assert!(seen.frames(Line::Tx)[1].flags.parity_error);
    }
    let (heard, seen) = run(FaultKind::Parity, &[]);
    assert!(!middle(&heard, 0x55).parity_error && seen.codes().is_empty());
}

#[test]
fn a_low_stop_bit() {
    for stop_bits in ["1", "1.5", "2"] {
        let (heard, seen) = run(FaultKind::Stop, &[("stop_bits", stop_bits)]);
        assert!(middle(&heard, 0x55).framing_error);
        assert_eq!(seen.codes(), ["uart::framing-error"]);
        assert_eq!(seen.data(Line::Tx), [0x61, 0x55, 0x7a]);
    }
}

#[test]
fn a_short_stop_bit_is_measured() {
    let bus = Options::default();
    let mut tx = TransmitterOptions::new(bus.clone());
    tx.faults = vec![Fault { frame: 1, kind: FaultKind::ShortStop { mui: 700 } }];
    let mut link = OneWay::new(tx, ReceiverOptions::new(bus.clone()));
    link.run(&[Op::Write(b"aUz".to_vec())]);
    assert_eq!(link.data(), b"aUz".map(u16::from));
    let stops = link.decode(&bus).values(super::super::rules::event::STOP);
    assert_eq!(stops, [1_000, 700]);
}

#[test]
fn a_glitch_before_the_start_is_no_start() {
    let bit = Options::default().baud.unwrap().bit();
    for (width, code) in [(bit.scale(1, 10), "uart::false-start"), (bit.scale(4, 10), "uart::false-start")] {
        let (heard, seen) = run(FaultKind::StartGlitch { width }, &[]);
        middle(&heard, 0x55);
        assert_eq!(seen.codes(), [code]);
        assert_eq!(seen.data(Line::Tx), [0x61, 0x55, 0x7a]);
    }
    // More than half a bit is a start, and its frame is another one.
    let (heard, _) = run(FaultKind::StartGlitch { width: bit.scale(6, 10) }, &[]);
    assert_ne!(heard.iter().map(|h| frame(h).data).collect::<Vec<_>>(), [0x61, 0x55, 0x7a]);
}

#[test]
fn noise_in_one_sample_is_outvoted_and_flagged_and_in_three_it_wins() {
    let (heard, seen) = run(FaultKind::Noise { bit: 2, samples: 1 }, &[]);
    assert!(middle(&heard, 0x55).noise);
    assert!(seen.frames(Line::Tx)[1].flags.noise);
    let (heard, seen) = run(FaultKind::Noise { bit: 2, samples: 5 }, &[]);
    middle(&heard, 0x57);
    assert_eq!(seen.data(Line::Tx), [0x61, 0x57, 0x7a], "five sixteenths pass the filter, too");
    let (_, seen) = run(FaultKind::Noise { bit: 2, samples: 3 }, &[]);
    assert_eq!(seen.data(Line::Tx), [0x61, 0x55, 0x7a], "three do not");
}

#[test]
fn drift_moves_the_last_edges_most() {
    let (heard, seen) = run(FaultKind::Drift { ppm: 60_000 }, &[]);
    middle(&heard, 0x55);
    // The last edge comes early by nine bits times nine tenths of half the drift.
    let margins: Vec<i64> = seen.frames(Line::Tx).iter().map(|f| f.margin_mui.unwrap()).collect();
    assert!((margins[0] - 437).abs() <= 1, "seven sixteenths: {margins:?}");
    assert!((margins[1] - (437 - 243)).abs() <= 2, "{margins:?}");
    assert!(seen.frames(Line::Tx)[1].rate.unwrap().error_ppm > 20_000);
}

#[test]
fn a_truncated_frame_ends_in_ones() {
    let (heard, seen) = run(FaultKind::Truncated { bits: 4 }, &[]);
    middle(&heard, 0xfd);
    assert_eq!(seen.data(Line::Tx), [0x61, 0xfd, 0x7a]);
}

#[test]
fn a_break_in_place_of_a_frame() {
    let (heard, seen) = run(FaultKind::Break { bits: 13 }, &[]);
    let [Heard::Frame(_), Heard::Break { start, end }, Heard::Frame(_)] = heard[..] else {
        panic!("{heard:?}")
    };
    let bit = Options::default().baud.unwrap().bit();
    assert!((end - start).as_fs().abs_diff((bit * 13).as_fs()) < 20);
    assert_eq!(seen.codes(), ["uart::break"]);
    let Item::Break(it) = seen.items[1] else { panic!("{:?}", seen.items) };
    assert_eq!((it.start, it.end), (start, end));
    // Nine bits and a half are a frame of zeros without a stop bit.
    let (heard, seen) = run(FaultKind::Break { bits: 9 }, &[]);
    assert!(!middle(&heard, 0).framing_error, "nine are a good frame of zeros");
    assert!(seen.codes().is_empty());
}

#[test]
fn faults_hit_only_their_frame_and_only_once() {
    let (heard, _) = run(FaultKind::Parity, &[("parity", "even")]);
    let errors: Vec<bool> = heard.iter().map(|h| frame(h).parity_error).collect();
    assert_eq!(errors, [false, true, false]);
}
