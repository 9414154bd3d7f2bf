//! What the monitor makes of waveforms that no transmitter of ours sends.

use super::*;

fn slow() -> Options {
    options(&[("baud", "1000000")])
}

#[test]
fn a_glitch_of_one_sample_does_not_change_the_byte_wherever_it_is() {
    // Seventeen samples per bit, as in a recording at 2 MHz of 115200 baud.
    let bus = options(&[("baud", "117647.059")]);
    let grid = Some(Span::from_ns(500));
    let sample = bus.baud.unwrap().bit().scale(1, 17).as_fs();
    for at in 1..170u64 {
        let byte = 0xa6;
        let levels: Vec<bool> = (0..200u64)
            .map(|i| {
                let bit = (i / 17) as i64 - 1;
                let level = match bit {
                    0 => false,
                    1..=8 => byte >> (bit - 1) & 1 != 0,
                    _ => true,
                };
                level != (i == 17 + at)
            })
            .collect();
        let mut log = ChangeLog::new(Source::Recording { grid });
        let tx = log.add_wire("tx");
        for (i, &high) in levels.iter().enumerate() {
            log.push(tx, Time::from_fs(i as u64 * sample), Value::wire(Level::from_bit(high))).unwrap();
        }
        log.extend_to(Time::from_fs(250 * sample));
        let seen = decode(&log, &bus);
        assert_eq!(seen.data(Line::Tx), [byte], "glitch at sample {at}");
        // Next to an edge of its own direction a glitch only moves that edge.
        let frame = seen.frames(Line::Tx)[0];
        assert!(frame.flags.noise || at % 17 == 0 || at % 17 == 16, "glitch at sample {at}");
        assert!(frame.start.as_fs().abs_diff(17 * sample) <= sample);
    }
}

#[test]
fn a_waveform_that_begins_low_is_joined_at_the_first_plausible_frame() {
    let mut drawing = Drawing::new(&slow(), Source::Run);
    // The last bits of 0x00, then 0x5a and 0xc3 without a gap. From the wrong edges 0x5a has no stop bit.
    drawing.set(pin::TX, 0, false);
    drawing.set(pin::TX, 2_500, true);
    let mut at = 3_500;
    for byte in [0x5a, 0xc3, 0x81] {
        at = drawing.frame(pin::TX, at, byte, 1_000);
    }
    let end = drawing.frame(pin::TX, at + 15_000, 0x42, 1_000);
    let seen = drawing.decode(end + 5_000, &slow());
    assert_eq!(seen.data(Line::Tx), [0x5a, 0xc3, 0x81, 0x42]);
    let assumed: Vec<bool> = seen.frames(Line::Tx).iter().map(|f| f.flags.assumed_start).collect();
    assert_eq!(assumed, [true, true, true, false], "sure after an idle frame");
    assert_eq!(seen.codes(), [""; 0]);
}

#[test]
fn edges_of_what_was_no_frame_are_read_again() {
    let mut drawing = Drawing::new(&slow(), Source::Run);
    // It begins in the middle of 0xaf: two Low bits seen from there would start a frame without a stop bit.
    drawing.set(pin::TX, 0, false);
    for (at, high) in [(500, true), (1_500, false), (2_500, true), (3_500, false), (4_500, true)] {
        drawing.set(pin::TX, at, high);
    }
    let end = drawing.frame(pin::TX, 5_500, 0x00, 1_000);
    let end = drawing.frame(pin::TX, end, 0x31, 1_000);
    let seen = drawing.decode(end + 9_000, &slow());
    assert_eq!(seen.data(Line::Tx).last(), Some(&0x31));
    assert!(seen.frames(Line::Tx).iter().all(|f| !f.flags.framing_error));
}

#[test]
fn a_waveform_that_begins_in_an_idle_line_is_sure_of_its_first_frame_after_a_while() {
    for (idle, assumed) in [(9_900, true), (10_100, false)] {
        let mut drawing = Drawing::idle(&slow());
        let end = drawing.frame(pin::TX, idle, 0x42, 1_000);
        let seen = drawing.decode(end + 2_000, &slow());
        assert_eq!(seen.frames(Line::Tx)[0].flags.assumed_start, assumed);
        assert_eq!(seen.frames(Line::Tx)[0].gap, None);
    }
}

#[test]
fn lines_are_told_apart_and_their_items_come_in_order_of_their_ends() {
    let bus = options(&[("baud", "1000000"), ("invert_rx", "true")]);
    let mut drawing = Drawing::idle(&bus);
    drawing.set(pin::RX, 0, false);
    let mut edges: Vec<(u64, SignalId, bool)> = Vec::new();
    for (pin, start, byte) in [(pin::TX, 20_000, 0x12), (pin::RX, 24_000, 0x34), (pin::TX, 32_300, 0x56)] {
        let levels = std::iter::once(false).chain((0..8).map(|i| byte >> i & 1 != 0)).chain([true]);
        edges.extend(levels.zip(0..).map(|(high, i)| (start + 1_000 * i, pin, high != (pin == pin::RX))));
    }
    edges.sort_unstable_by_key(|e| e.0);
    for (at, pin, high) in edges {
        drawing.set(pin, at, high);
    }
    let seen = drawing.decode(60_000, &bus);
    let said: Vec<(Line, u64)> = seen
        .items
        .iter()
        .map(|item| if let Item::Frame(f) = item { (f.line, f.data.to_u64().unwrap()) } else { panic!() })
        .collect();
    assert_eq!(said, [(Line::Tx, 0x12), (Line::Rx, 0x34), (Line::Tx, 0x56)]);
    assert_eq!(seen.frames(Line::Tx)[1].gap, Some(Span::from_ns(2_300)));
}

#[test]
fn the_rate_is_found_from_the_edges() {
    for rate in ["300", "9600", "57600", "921600"] {
        let truth = options(&[("baud", rate)]);
        let mut tx = TransmitterOptions::new(truth.clone());
        tx.clock = BaudClock::off_by_ppm(9_000);
        let mut link = OneWay::new(tx, ReceiverOptions::new(truth));
        let text = b"the rate of this text is not given";
        link.run(&[Op::Write(text.to_vec())]);
        let auto = options(&[("baud", "auto")]);
        let seen = link.decode(&auto);
        assert_eq!(seen.data(Line::Tx), text.map(u64::from), "{rate}");
        assert_eq!(seen.codes(), ["uart::rate-found"]);
        assert!(
            seen.diagnostics[0].text.contains(&format!("at {rate} baud")),
            "{}",
            seen.diagnostics[0].text
        );
    }
    let mut drawing = Drawing::idle(&slow());
    drawing.set(pin::TX, 5_000, false);
    assert_eq!(drawing.decode(9_000, &options(&[("baud", "auto")])).codes()[..1], ["uart::rate-unknown"]);
}

#[test]
fn a_wrong_rate_is_called_that() {
    let truth = options(&[("baud", "9600")]);
    let mut link = OneWay::simple(&truth);
    link.run(&[Op::Write(b"U\0U\0U\0".to_vec())]);
    let seen = link.decode(&options(&[("baud", "10000")]));
    let off = seen.diagnostics.iter().find(|d| d.code == "uart::rate-off").unwrap();
    assert!(off.text.contains("-4.0 %"), "{}", off.text);
}

#[test]
fn an_unknown_level_is_an_unknown_bit() {
    let mut drawing = Drawing::idle(&slow());
    drawing.frame(pin::TX, 20_000, 0b1010_1010, 1_000);
    let levels = [(23_000, Level::X), (25_000, Level::High)];
    let mut drawn = Drawing::idle(&slow());
    for (at, level) in [(20_000, Level::Low), (22_000, Level::High)].into_iter().chain(levels) {
        drawn.level(pin::TX, at, level);
    }
    let seen = drawn.decode(40_000, &slow());
    let frame = seen.frames(Line::Tx)[0];
    assert_eq!(frame.data, crate::bits::Bits::with_unknown(0b1111_0010, 0b0000_1100, 8));
    assert_eq!((frame.flags.parity_error, frame.flags.framing_error), (false, false));
}

#[test]
fn a_line_that_is_not_driven_is_idle() {
    let mut drawing = Drawing::new(&slow(), Source::Run);
    drawing.level(pin::TX, 0, Level::Z);
    let end = drawing.frame(pin::TX, 20_000, 0x42, 1_000);
    drawing.level(pin::TX, end, Level::Z);
    let seen = drawing.decode(end + 20_000, &slow());
    assert_eq!((seen.data(Line::Tx), seen.codes()), (vec![0x42], vec![]));
}

#[test]
fn a_stop_bit_that_is_disturbed_by_what_is_no_start_is_a_framing_error() {
    for (fall, rise, codes) in [
        (29_900, 30_350, vec!["uart::framing-error", "uart::false-start"]),
        (30_000, 30_450, vec!["uart::false-start"]),
        (29_700, 29_900, vec![]),
    ] {
        let mut drawing = Drawing::idle(&slow());
        drawing.frame(pin::TX, 20_000, 0x41, 1_000);
        drawing.set(pin::TX, fall, false);
        drawing.set(pin::TX, rise, true);
        let end = drawing.frame(pin::TX, 33_000, 0x42, 1_000);
        let seen = drawing.decode(end + 9_000, &slow());
        assert_eq!(seen.data(Line::Tx), [0x41, 0x42]);
        assert_eq!(seen.codes(), codes, "{fall}");
        assert_eq!(seen.frames(Line::Tx)[0].end, Time::from_fs(30_000_000_000));
        assert_eq!(seen.frames(Line::Tx)[0].flags.noise, codes.is_empty(), "a short pulse is only noise");
    }
}

#[test]
fn a_line_stuck_low_after_a_bad_frame_is_also_a_break() {
    let mut drawing = Drawing::idle(&slow());
    for (at, high) in [(20_000, false), (21_000, true), (22_000, false), (40_000, true)] {
        drawing.set(pin::TX, at, high);
    }
    let seen = drawing.decode(60_000, &slow());
    assert_eq!(seen.codes(), ["uart::framing-error", "uart::break"]);
    let Item::Break(it) = seen.items[1] else { panic!("{:?}", seen.items) };
    assert_eq!((it.start, it.end), (Time::from_fs(22_000_000_000), Time::from_fs(40_000_000_000)));
}

#[test]
fn zeros_without_a_stop_bit_are_a_frame_up_to_a_whole_frame_and_then_a_break() {
    for (low, code) in [(9_700, "uart::framing-error"), (10_000, "uart::break")] {
        let mut drawing = Drawing::idle(&slow());
        drawing.set(pin::TX, 20_000, false);
        drawing.set(pin::TX, 20_000 + low, true);
        let seen = drawing.decode(60_000, &slow());
        assert_eq!((seen.codes(), seen.items.len()), (vec![code], 1), "{low}");
    }
}

#[test]
fn a_frame_whose_stop_bit_was_seen_is_whole_where_the_waveform_ends() {
    for (end, codes) in [(29_600, vec![]), (29_400, vec!["uart::cut-off"])] {
        let mut drawing = Drawing::idle(&slow());
        for (at, high) in [(20_000, false), (21_000, true)] {
            drawing.set(pin::TX, at, high);
        }
        let seen = drawing.decode(end, &slow());
        assert_eq!((seen.items.len(), seen.codes()), (codes.is_empty() as usize, codes));
        assert!(seen.items.iter().all(|item| item.end() <= drawing.log.end()));
    }
}

#[test]
fn packets_end_by_delimiter_length_gap_or_break() {
    let text = b"ab\ncd\n".to_vec();
    for (rule, want) in [
        (
            "delimiter:0a",
            vec![(3, Closed::Delimiter), (3, Closed::Delimiter), (1, Closed::Break), (1, Closed::End)],
        ),
        ("length:4", vec![(4, Closed::Length), (3, Closed::Break), (1, Closed::End)]),
        ("gap:39", vec![(6, Closed::Gap), (1, Closed::Break), (1, Closed::End)]),
    ] {
        let bus = options(&[("packets", rule)]);
        let bit = bus.baud.unwrap().bit();
        let mut link = OneWay::simple(&bus);
        let ops =
            [Op::Write(text.clone()), Op::Idle(bit * 100), Op::Send(0x20), Op::Break(12), Op::Send(0x21)];
        link.link.bench.agent_mut(link.tx).submit(&ops).unwrap();
        link.link.log = link.link.bench.new_log();
        link.link.run_for(bit * 203);
        let seen = link.decode(&bus);
        let packets: Vec<(u64, Closed)> = seen
            .items
            .iter()
            .filter_map(|item| if let Item::Packet(p) = item { Some((p.frames, p.closed)) } else { None })
            .collect();
        assert_eq!(packets, want, "{rule}");
    }
}

#[test]
fn a_recording_that_is_too_slow_says_so() {
    let bus = slow();
    for (ns, codes) in [(300, vec!["uart::under-sampled"]), (250, vec![])] {
        let mut drawing = Drawing::new(&bus, Source::Recording { grid: Some(Span::from_ns(ns)) });
        drawing.set(pin::TX, 0, true);
        let end = drawing.frame(pin::TX, 12_000, 0x42, 1_000);
        assert_eq!(drawing.decode(end + 9_000, &bus).codes(), codes);
    }
}

#[test]
fn lin_headers_are_checked() {
    let bus = options(&[("baud", "1000000"), ("lin", "true")]);
    for (sync, id, codes) in [
        (0x55, 0x80, vec!["uart::break"]),
        (0x54, 0x80, vec!["uart::break", "uart::lin-sync"]),
        (0x55, 0x40, vec!["uart::break", "uart::lin-id"]),
    ] {
        let mut drawing = Drawing::idle(&bus);
        drawing.set(pin::TX, 20_000, false);
        drawing.set(pin::TX, 33_000, true);
        let at = drawing.frame(pin::TX, 34_000, sync, 1_000);
        let at = drawing.frame(pin::TX, at, id, 1_000);
        let at = drawing.frame(pin::TX, at, 0x11, 1_000);
        assert_eq!(drawing.decode(at + 20_000, &bus).codes(), codes, "{sync:x} {id:x}");
    }
}
