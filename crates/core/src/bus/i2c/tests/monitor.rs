//! What the monitor reads, also where the waveform is odd.

use proptest::prelude::*;

use super::super::decode::QUEUE_LIMIT;
use super::super::rules::{class, event};
use super::wave::{Intervals, NS, Seen, Wave, broken, params};
use super::*;
use crate::bus::{Monitor as _, Severity};
use crate::log::{Change, Source, Value};
use crate::timing::Side;

/// 400 kHz, with edges that take no time.
pub(super) const FAST: Intervals = Intervals {
    low: 1_500 * NS,
    high: 1_000 * NS,
    start_hold: 700 * NS,
    start_setup: 700 * NS,
    stop_setup: 700 * NS,
    free: 1_500 * NS,
    hold: 300 * NS,
    ack_hold: 300 * NS,
    first_rise: 0,
    rise: 0,
    fall: 0,
    data_rise: 0,
    data_fall: 0,
};

pub(super) const RECORDING: Source = Source::Recording { grid: Some(Span::from_ns(100)) };

pub(super) fn bus(speed: Speed) -> Options {
    Options { speed: Some(speed), ..Options::default() }
}

pub(super) fn seen(wave: &Wave) -> Seen {
    wave.seen(&bus(Speed::Fast), Source::Run)
}

pub(super) fn drawn(draw: impl for<'a> FnOnce(&'a mut Wave) -> &'a mut Wave) -> Wave {
    let mut wave = Wave::idle(FAST);
    draw(&mut wave);
    wave
}

#[test]
fn a_combined_transfer_is_read_whole() {
    let wave = drawn(|w| {
        w.start().acked(&[0xa0, 0x01]).restart().byte(0xa1, Ack::Ack).byte(0x15, Ack::Ack);
        w.byte(0x1c, Ack::Nack).stop().start().byte(0x90, Ack::Nack).stop()
    });
    for source in [Source::Run, RECORDING] {
        let seen = wave.seen(&Options::default(), source);
        assert_eq!(seen.said(), "S 50W + 01 + Sr 50R + =15 + =1c - P S 48W - P");
        assert_eq!(seen.diagnostics, []);
    }
}

#[test]
fn items_lie_where_their_clocks_are() {
    let wave = drawn(|w| w.start().acked(&[0xa0]).stop());
    let seen = seen(&wave);
    let clocks = |i: u64| 1_000 + 1_500 + 700 + 2_500 * i;
    let spans: Vec<(u64, u64)> =
        seen.items.iter().map(|i| (i.start().as_fs() / NS, i.end().as_fs() / NS)).collect();
    let stop = clocks(9) + 1_500 + 700;
    let want = [(2_500, 2_500), (clocks(0) + 1_500, clocks(8)), (clocks(8) + 1_500, clocks(9)), (stop, stop)];
    assert_eq!(spans, want);
}

#[test]
fn ten_bit_addresses_are_shown_as_such() {
    let wave = drawn(|w| {
        w.start().acked(&[0b1111_0100, 0xa5, 0x02]).restart().byte(0b1111_0101, Ack::Ack);
        w.byte(0x0e, Ack::Nack).stop();
        w.start().byte(0b1111_0010, Ack::Nack).stop()
    });
    let seen = seen(&wave);
    assert_eq!(seen.said(), "S + 2a5W + 02 + Sr 2a5R + =0e - P S - !11110010 P");
    assert_eq!(seen.diagnostics, []);
    let Item::Address { start, end, .. } = seen.items[2] else { panic!("{:?}", seen.items) };
    let Item::Ack { start: first, .. } = seen.items[1] else { panic!("{:?}", seen.items) };
    assert!(start < first && first < end, "it spans both bytes");
}

#[test]
fn a_ten_bit_read_out_of_the_blue_names_the_upper_bits_only() {
    let wave = drawn(|w| {
        w.start().acked(&[0b1111_0100, 0xa5]).stop();
        w.start().byte(0b1111_0101, Ack::Ack).byte(0x0e, Ack::Nack).stop()
    });
    let seen = seen(&wave);
    assert_eq!(seen.said(), "S + 2a5W + P S 7aR + =0e - P");
    assert_eq!(seen.remark(), "11110101 is the first byte of a 10-bit address that was not written before");
}

#[test]
fn a_start_followed_by_a_stop_is_void() {
    let wave = drawn(|w| {
        w.start().stop().start().acked(&[0xa0]).restart().stop();
        let (down, up) = (w.now + w.t.free, w.now + w.t.free + 800 * NS);
        w.set(down, pin::SDA, false).set(up, pin::SDA, true)
    });
    let seen = seen(&wave);
    assert_eq!(seen.said(), "S P S 50W + Sr P S P");
    assert_eq!(seen.codes(), ["i2c::void-message"; 3]);
    assert!(seen.diagnostics.iter().all(|d| d.severity == Severity::Warning));
}

#[test]
fn conditions_inside_of_a_byte_are_told_with_its_bits() {
    let wave = drawn(|w| {
        w.start().acked(&[0xa0]).bits(0b1011_0000, 0..4).restart();
        w.bits(0xa0, 0..3).stop();
        w.start().acked(&[0xa0]).bits(0x77, 0..8).stop()
    });
    let seen = seen(&wave);
    assert_eq!(seen.said(), "S 50W + !1011 Sr !101 P S 50W + 77 P");
    assert_eq!(seen.codes(), ["i2c::start-in-byte", "i2c::stop-in-byte", "i2c::stop-in-byte"]);
    let texts: Vec<&str> = seen.diagnostics.iter().map(|d| d.text.as_str()).collect();
    assert!(texts[0].starts_with("START 4 bits into a byte"), "{texts:?}");
    assert!(texts[1].starts_with("STOP 3 bits into an address"), "{texts:?}");
    assert!(texts[2].starts_with("STOP before the acknowledge"), "{texts:?}");
}

#[test]
fn data_that_change_while_the_clock_is_high_are_a_stop_and_a_start() {
    let wave = drawn(|w| {
        w.start().acked(&[0xa0]).bits(0x00, 0..2);
        let high = w.now + w.t.low;
        w.set(high, pin::SCL, true).set(high + 300 * NS, pin::SDA, true).set(
            high + 600 * NS,
            pin::SDA,
            false,
        );
        w.clock_falls(high + w.t.high);
        w.acked(&[0xa0]).stop()
    });
    let seen = seen(&wave);
    assert_eq!(seen.said(), "S 50W + !00 P S 50W + P");
    assert_eq!(seen.codes(), ["i2c::stop-in-byte"]);
}

#[test]
fn a_waveform_may_begin_in_a_transfer() {
    // SCL high and SDA low: the START was just before.
    let mut wave = Wave::blank(FAST);
    wave.set(0, pin::SCL, true).set(0, pin::SDA, false);
    wave.data(0, false);
    wave.clock_falls(700 * NS);
    wave.acked(&[0xd0, 0x00]).stop();
    let said = seen(&wave);
    assert_eq!(said.said(), "?S 68W + 00 + P");
    assert_eq!(said.diagnostics, []);
    assert!(said.events.iter().all(|e| !event::ANY_START.contains(e.kind)), "nobody saw it");
    // SCL low: no bits until START or STOP.
    let mut wave = Wave::blank(FAST);
    wave.set(0, pin::SCL, false).set(0, pin::SDA, false);
    wave.data(0, false);
    wave.bits(0xff, 0..6).stop().start().acked(&[0xa0]).stop();
    let said = seen(&wave);
    assert_eq!(said.said(), "P S 50W + P");
    assert_eq!(said.diagnostics, []);
    let mut wave = Wave::blank(FAST);
    wave.set(0, pin::SCL, false).set(0, pin::SDA, false);
    wave.data(0, false);
    wave.bits(0xff, 0..6).restart().acked(&[0xa0]).stop();
    let said = seen(&wave);
    assert_eq!(said.said(), "S 50W + P");
    assert!(said.events.iter().any(|e| e.kind == event::RESTART), "its set-up is that of a repeated START");
}

#[test]
fn what_follows_from_an_assumed_start_is_no_error() {
    let begin = || {
        let mut wave = Wave::blank(FAST);
        wave.set(0, pin::SCL, true).set(0, pin::SDA, false);
        wave.data(0, false);
        wave
    };
    // In the middle of a byte: the bits are counted from anywhere, up to the first condition that is seen.
    for stops in [true, false] {
        let mut wave = begin();
        wave.clock_falls(700 * NS);
        wave.bits(0xff, 0..3);
        if stops {
            wave.stop()
        } else {
            wave.restart()
        };
        wave.bits(0xff, 0..3).stop();
        let said = wave.seen(&bus(Speed::Fast), RECORDING);
        let first = &said.diagnostics[0];
        assert_eq!(first.severity, Severity::Note, "{first:?}");
        assert!(first.text.ends_with("the waveform began in this transfer, perhaps in a byte"), "{first:?}");
        let run = seen(&wave);
        assert_eq!(
            run.diagnostics[0].severity,
            Severity::Error,
            "a run begins with the bus: nothing was before"
        );
        let errs = said.diagnostics.iter().any(|odd| odd.severity == Severity::Error);
        assert_eq!(errs, !stops, "behind a START that was seen");
    }
    // In the set-up of a STOP: it ends a transfer, not a void message.
    let mut wave = begin();
    wave.data(700 * NS, true);
    let said = wave.seen(&bus(Speed::Fast), RECORDING);
    assert_eq!((said.said().as_str(), said.diagnostics.as_slice()), ("?S P", [].as_slice()));
    // In an acknowledge: what looks like a START byte need not be one.
    let mut wave = begin();
    wave.clock_falls(700 * NS);
    wave.acked(&[0x01]).stop();
    let said = wave.seen(&bus(Speed::Fast), RECORDING);
    assert_eq!(said.codes(), ["i2c::reserved-address", "i2c::reserved-acknowledged"]);
    assert!(said.diagnostics.iter().all(|odd| odd.severity == Severity::Note));
    // Bytes that nobody saw belong to a packet error code.
    let mut wave = begin();
    wave.clock_falls(700 * NS);
    wave.acked(&[0xa0, 0x01, 0x02]).stop();
    let pec = Options { pec: true, ..bus(Speed::Fast) };
    assert_eq!(wave.seen(&pec, RECORDING).diagnostics, []);
}

#[test]
fn a_bus_that_is_switched_on_breaks_nothing() {
    let limits =
        params(&[("tSU;DAT", Side::Min, 250.0), ("tSU;STO", Side::Min, 4_000.0), ("tr", Side::Max, 300.0)]);
    for (scl, sda) in [(500, 500), (500, 400), (500, 600)] {
        let mut wave = Wave::blank(FAST);
        wave.set(0, pin::SCL, false).set(0, pin::SDA, false);
        wave.edge(scl * NS, pin::SCL, true, 5_000 * NS);
        wave.edge(sda * NS, pin::SDA, true, 5_000 * NS);
        wave.now = 20_000 * NS;
        wave.start().acked(&[0xa0]).with(|t| t.stop_setup = 5_000 * NS, |w| w.stop());
        let (findings, report) = wave.judged(&Options::default(), Source::Run, &limits);
        assert_eq!(broken(&findings), [""; 0], "SCL at {scl}, SDA at {sda}");
        assert_eq!(report.rule("tSU;STO").unwrap().measured(), 1);
        assert!(seen(&wave).said().ends_with("S 50W + P"));
    }
}

fn rise(w: &mut Wave) -> &mut Wave {
    w.set(w.now + w.t.low, pin::SCL, true)
}

#[test]
fn a_waveform_may_end_in_a_transfer() {
    let ends = |draw: &dyn for<'a> Fn(&'a mut Wave) -> &'a mut Wave| {
        seen(&drawn(|w| draw(w.start().acked(&[0xa0])))).said()
    };
    assert_eq!(ends(&|w| w), "S 50W +");
    assert_eq!(ends(&|w| w.bits(0b1010_0000, 0..3)), "S 50W + !101");
    assert_eq!(ends(&|w| rise(w.bits(0b1010_1011, 0..7))), "S 50W + !10101011");
    assert_eq!(ends(&|w| w.bits(0x77, 0..8)), "S 50W + 77");
    assert_eq!(ends(&|w| rise(w.bits(0x77, 0..8))), "S 50W + 77 -");
    let ten = drawn(|w| w.start().acked(&[0b1111_0000]));
    assert_eq!(seen(&ten).said(), "S + !11110000");
}

#[test]
fn both_lines_in_one_sample_are_no_condition() {
    // A grid of 5 us on a clock of 20 us: SDA changes with SCL in half of the samples.
    let mut t = FAST;
    (t.low, t.high, t.hold, t.ack_hold) = (10_000 * NS, 10_000 * NS, 0, 0);
    (t.start_hold, t.start_setup, t.stop_setup, t.free) =
        (10_000 * NS, 10_000 * NS, 10_000 * NS, 20_000 * NS);
    let draw = |t: Intervals| {
        let mut wave = Wave::idle(t);
        wave.now = 0;
        wave.start()
            .byte(0xa5, Ack::Ack)
            .byte(0x5a, Ack::Nack)
            .restart()
            .byte(0xa1, Ack::Ack)
            .byte(0x99, Ack::Nack)
            .stop();
        wave
    };
    let source = Source::Recording { grid: Some(Span::from_us(5)) };
    for hold in [0, t.low] {
        (t.hold, t.ack_hold) = (hold, hold);
        let seen = draw(t).seen(&Options::default(), source);
        assert_eq!(seen.said(), "S 52R + =5a - Sr 50R + =99 - P", "hold {hold}");
        assert_eq!(seen.codes(), ["i2c::coincident"], "hold {hold}");
        assert_eq!(seen.diagnostics[0].severity, Severity::Note);
        let exact = draw(t).seen(&Options::default(), Source::Run);
        assert_eq!((exact.said(), exact.codes()), (seen.said(), vec![]));
    }
}

#[test]
fn spikes_below_the_filter_are_ignored_and_counted() {
    let spiky = |width: u64| {
        drawn(|w| {
            w.start().acked(&[0xa0]);
            let middle = w.now + w.t.low + 500 * NS;
            w.set(middle, pin::SDA, true).set(middle + width, pin::SDA, false);
            let low = w.now + 700 * NS;
            w.set(low, pin::SCL, true).set(low + width, pin::SCL, false);
            w.bits(0x00, 0..8).clock(false, 300 * NS, 0).stop()
        })
    };
    let narrow = spiky(50 * NS - 1);
    let said = seen(&narrow);
    assert_eq!(said.said(), "S 50W + 00 + P");
    assert_eq!(said.codes(), ["i2c::spike"; 2]);
    assert!(said.diagnostics[1].text.starts_with("1 pulse on SDA ignored, up to 49.999999 ns"));
    assert!(said.events.iter().all(|e| e.kind != event::SCL_HIGH || e.time.as_fs() % NS == 0));
    let wide = seen(&spiky(50 * NS));
    assert!(wide.said().starts_with("S 50W + !0 P"), "{}", wide.said());
    let standard = narrow.seen(&bus(Speed::Standard), Source::Run);
    assert!(standard.said().starts_with("S 50W + !0 P"), "no filter is asked of Standard mode");
}

#[test]
fn one_recorded_sample_is_an_edge_where_no_filter_is_known() {
    let wave = drawn(|w| {
        w.start().acked(&[0xa0]).with(|t| (t.low, t.high) = (100 * NS, 100 * NS), |w| w.acked(&[0x5a]));
        w.stop()
    });
    let mut slow = wave;
    slow.changes.iter_mut().for_each(|c| c.0 = c.0.next_multiple_of(100 * NS));
    let seen = slow.seen(&Options::default(), RECORDING);
    assert!(seen.codes().contains(&"i2c::under-sampled"), "{:?}", seen.diagnostics);
    let halves = seen.events.iter().filter(|e| e.kind == event::SCL_LOW).count();
    assert_eq!(halves, 19, "every clock is seen");
}

#[test]
fn reserved_addresses_are_noted_and_some_must_not_be_acknowledged() {
    let call = |byte: u8, ack| seen(&drawn(|w| w.start().byte(byte, ack).stop()));
    let reset = drawn(|w| w.start().acked(&[0x00, 0x06]).stop());
    assert_eq!(seen(&reset).remark(), "00000000 is the general call");
    assert_eq!(call(0x01, Ack::Nack).remark(), "00000001 is a START byte");
    assert_eq!(call(0xf8, Ack::Ack).remark(), "11111000 is the Device ID");
    for byte in [0x01, 0x02, 0x03, 0x0a] {
        let seen = call(byte, Ack::Ack);
        assert_eq!(seen.codes(), ["i2c::reserved-address", "i2c::reserved-acknowledged"], "{byte:08b}");
    }
    assert_eq!(call(0x10, Ack::Ack).diagnostics, []);
    assert_eq!(call(0xef, Ack::Ack).diagnostics, []);
}

#[test]
fn high_speed_begins_behind_a_master_code_and_ends_with_the_stop() {
    let wave = drawn(|w| {
        w.start().byte(0b0000_1011, Ack::Nack).restart().acked(&[0xa0]).restart().acked(&[0xa2]).stop();
        w.start().acked(&[0xa4]).stop()
    });
    let classes = |speed: Option<Speed>| {
        let seen = wave.seen(&Options { speed, ..Options::default() }, Source::Run);
        let of =
            |kind| -> Vec<_> { seen.events.iter().filter(|e| e.kind == kind).map(|e| e.class).collect() };
        (of(event::START), of(event::RESTART), of(event::STOP))
    };
    let hs = (vec![class::FS, class::FS], vec![class::HS; 2], vec![class::HS, class::FS]);
    assert_eq!(classes(None), hs);
    assert_eq!(classes(Some(Speed::High)), hs);
    let fs = (vec![class::FS; 2], vec![class::FS; 2], vec![class::FS; 2]);
    assert_eq!(classes(Some(Speed::Fast)), fs, "a Fast-mode bus has no High speed");
}

#[test]
fn ultra_fast_mode_has_no_acknowledge() {
    let wave = drawn(|w| w.start().byte(0xa0, Ack::Nack).byte(0x12, Ack::Nack).stop());
    let seen = wave.seen(&bus(Speed::UltraFast), Source::Run);
    assert_eq!((seen.said(), seen.codes()), ("S 50W 12 P".into(), vec![]));
    let wave = drawn(|w| w.start().byte(0xa1, Ack::Ack).stop());
    let seen = wave.seen(&bus(Speed::UltraFast), Source::Run);
    assert_eq!(seen.codes(), ["i2c::ultra-fast"; 2]);
}

#[test]
fn a_stretch_is_told_once_a_message_with_its_place() {
    let wave = drawn(|w| {
        w.start().acked(&[0xa0]).byte(0xa1, Ack::Ack);
        w.with(|t| t.low = 20_000 * NS, |w| w.bits(0x80, 0..1));
        w.with(|t| t.low = 10_000 * NS, |w| w.bits(0x80, 1..2));
        w.bits(0x80, 2..8).clock(true, 0, 0).stop();
        // Slow, but evenly so.
        w.with(|t| (t.low, t.high) = (10_000 * NS, 10_000 * NS), |w| w.start().acked(&[0xa0]).stop())
    });
    let said = seen(&wave);
    assert_eq!(said.codes(), ["i2c::stretch"]);
    assert_eq!(
        said.remark(),
        "SCL is held low 2 times; the longest: 20 us, against 1.5 us in the shortest clock, before what follows byte 2; \
         a target or the controller: a digital recording does not tell"
    );
    assert_eq!(said.diagnostics[0].to.since(said.diagnostics[0].from), Span::from_us(20));
    let before_ack = drawn(|w| {
        w.start().bits(0xa0, 0..8);
        w.with(|t| t.low = 20_000 * NS, |w| w.clock(false, 0, 0));
        w.stop()
    });
    let said = seen(&before_ack);
    assert!(said.remark().contains("the acknowledge of byte 1; the target, which is to send that bit"));
}

#[test]
fn clocks_of_a_free_bus_are_noted_and_no_bits() {
    let wave = drawn(|w| {
        w.start().acked(&[0xa0]).stop();
        w.clock_falls(w.now + 5_000 * NS);
        w.bits(0xff, 0..8);
        w.stop().start().acked(&[0xa2]).stop()
    });
    let said = seen(&wave);
    assert_eq!(said.said(), "S 50W + P P S 51W + P");
    assert_eq!(said.remark(), "9 clocks while the bus is free");
    let rests = drawn(|w| {
        w.start().acked(&[0xa0]).stop();
        w.clock_falls(w.now + 5_000 * NS);
        w.set(w.now + 9_000 * NS, pin::SCL, true);
        w.now += 10_000 * NS;
        w.start().acked(&[0xa2]).stop()
    });
    let said = seen(&rests);
    assert_eq!((said.said(), said.codes()), ("S 50W + P S 51W + P".into(), vec![]));
}

#[test]
fn packet_error_codes_cover_the_whole_message() {
    let options = Options { protocol: Protocol::SmBus, pec: true, ..bus(Speed::Standard) };
    let code = |bytes: &[u8]| bytes.iter().fold(0, |crc, &byte| crc8(crc, byte));
    let read = |pec: u8| {
        drawn(|w| w.start().acked(&[0x90, 0x00]).restart().acked(&[0x91, 0x19]).byte(pec, Ack::Nack).stop())
            .seen(&options, Source::Run)
    };
    let right = code(&[0x90, 0x00, 0x91, 0x19]);
    assert_eq!(read(right).diagnostics, []);
    assert_eq!(read(right ^ 1).codes(), ["i2c::pec"]);
    let want = format!("ends in {:02x}, and its packet error code would be {right:02x}", right ^ 1);
    assert!(read(right ^ 1).remark().contains(&want));
    let quick = drawn(|w| w.start().acked(&[0x90]).stop());
    assert_eq!(quick.seen(&options, Source::Run).diagnostics, [], "a quick command has no code");
    let notify = drawn(|w| w.start().acked(&[0x10, 0x90, 0x12, 0x34]).stop());
    assert_eq!(notify.seen(&options, Source::Run).diagnostics, [], "nor has a host notify");
    let off = Options { pec: false, ..options.clone() };
    let wrong = drawn(|w| w.start().acked(&[0x90, 0x00, 0xff]).stop());
    assert_eq!(
        (wrong.seen(&off, Source::Run).codes(), wrong.seen(&options, Source::Run).codes().len()),
        (vec![], 1)
    );
}

#[test]
fn bits_that_are_not_valid_are_unknown() {
    let draw = |first: u8| {
        drawn(|w| {
            w.start();
            if first != 0 {
                w.acked(&[first]);
            }
            w.bits(0xff, 0..3);
            w.changes.push((w.now + 300 * NS, pin::SDA, Level::X));
            w.clock(true, 300 * NS, 0);
            w.changes.push((w.now + 300 * NS, pin::SDA, Level::High));
            w.bits(0xff, 4..8).clock(false, 300 * NS, 0).stop()
        })
    };
    let said = seen(&draw(0xa0));
    let Item::Data { byte, .. } = &said.items[3] else { panic!("{}", said.said()) };
    assert_eq!((byte.to_hex(), byte.unknown_to_hex()), ("ef".into(), "10".into()));
    let said = seen(&draw(0));
    assert!(
        matches!(&said.items[1], Item::Data { byte, .. } if !byte.is_known()),
        "nobody knows whose address"
    );
}

#[test]
fn a_line_that_is_x_for_ever_holds_nothing_up() {
    let mut wave = Wave::idle(FAST);
    wave.start().acked(&[0xa0]);
    wave.changes.push((wave.now + 300 * NS, pin::SDA, Level::X));
    let from = wave.now;
    for _ in 0..200 {
        wave.clock(false, 0, 0);
    }
    let seen = seen(&wave);
    let clocks = seen.events.iter().filter(|e| e.kind == event::SCL_HIGH && e.time.as_fs() > from).count();
    assert_eq!(clocks, 200);
}

#[test]
fn times_of_slow_edges_are_told_half_by_half() {
    let mut t = FAST;
    (t.first_rise, t.rise, t.fall, t.data_rise, t.data_fall) =
        (200 * NS, 200 * NS, 50 * NS, 250 * NS, 60 * NS);
    let mut wave = Wave::idle(t);
    wave.start();
    let seen = seen(&wave);
    let told: Vec<(u64, &str)> =
        seen.events.iter().map(|e| (e.time.as_fs() / NS, event::NAMES[e.kind.0 as usize])).collect();
    let want = [
        (2_500, "START_LEAVES"),
        (2_560, "START"),
        (2_560, "FALL"),
        (3_260, "SCL_LEAVES_HIGH"),
        (3_310, "SCL_LOW"),
        (3_310, "FALL"),
    ];
    assert_eq!(told, want);
    let lengths: Vec<i64> = seen.events.iter().filter(|e| e.kind == event::FALL).map(|e| e.value).collect();
    assert_eq!(lengths, [60 * NS as i64, 50 * NS as i64]);
}

#[test]
fn what_the_agents_say_is_what_the_monitor_reads() {
    for rc in [FAST_WIRE, IDEAL_WIRE] {
        let mut rig = Rig::new(rc);
        let host = rig.controller("host", ControllerOptions::new(fast(), 400_000).fitted(rc));
        rig.target("memory", TargetOptions::new(fast()), memory(Address::Seven(0x50)));
        rig.run(host, &read_from(0x50, 3, 3));
        rig.run(host, &write_to(0x50, &[0x10, 0xa5]));
        rig.finish();
        let mut wave = Wave::blank(FAST);
        for (line, name) in [(pin::SCL, "scl"), (pin::SDA, "sda")] {
            wave.changes.extend(rig.edges(name).into_iter().map(|(t, level)| (t.as_fs(), line, level)));
        }
        let said = wave.seen(&fast(), Source::Run);
        assert_eq!(said.said(), "S 50W + 03 + Sr 50R + =15 + =1c + =23 - P S 50W + 10 + a5 + P");
        assert_eq!(said.diagnostics, []);
    }
}

#[test]
fn the_clock_tells_the_speed_class() {
    let guess = |low: u64, high: u64, ack| {
        let mut t = FAST;
        (t.low, t.high, t.hold, t.ack_hold) = (low * NS, high * NS, 20 * NS, 20 * NS);
        let mut wave = Wave::idle(t);
        wave.start().byte(0xa0, ack).byte(0x12, ack).stop();
        guessed(&wave).map(|guess| (guess.speed, guess.period.as_fs() / NS))
    };
    assert_eq!(guess(5_000, 5_000, Ack::Ack), Some((Speed::Standard, 10_000)));
    assert_eq!(guess(50_000, 5_000, Ack::Nack), Some((Speed::Standard, 55_000)));
    assert_eq!(guess(5_100, 4_000, Ack::Ack), Some((Speed::Standard, 9_100)), "a tenth too fast");
    assert_eq!(guess(5_000, 4_000, Ack::Ack), Some((Speed::Fast, 9_000)));
    assert_eq!(guess(1_500, 1_000, Ack::Ack), Some((Speed::Fast, 2_500)));
    assert_eq!(guess(500, 500, Ack::Nack), Some((Speed::FastPlus, 1_000)));
    assert_eq!(guess(100, 100, Ack::Ack), Some((Speed::FastPlus, 200)), "somebody answers");
    assert_eq!(guess(100, 100, Ack::Nack), Some((Speed::UltraFast, 200)));
    assert_eq!(guessed(&Wave::idle(FAST)), None);
    let high = drawn(|w| w.start().byte(0b0000_1011, Ack::Nack).restart().acked(&[0xa0]).stop());
    assert_eq!(guessed(&high).map(|guess| guess.speed), Some(Speed::High));
}

#[test]
fn a_few_odd_clocks_do_not_change_the_guess() {
    let wave = drawn(|w| {
        w.start().acked(&[0xa0]);
        w.with(|t| (t.low, t.high) = (200 * NS, 100 * NS), |w| w.bits(0x5a, 0..4));
        w.bits(0x5a, 4..8).clock(false, 0, 0).acked(&[0x12, 0x34]).stop()
    });
    assert_eq!(guessed(&wave).map(|guess| guess.speed), Some(Speed::Fast));
}

fn guessed(wave: &Wave) -> Option<Guess> {
    let mut guess = SpeedGuess::new(Source::Run);
    let mut changes = wave.changes.clone();
    changes.sort_by_key(|c| c.0);
    for (t, signal, level) in changes {
        guess.instant(Time::from_fs(t), &[Change { signal, value: Value::wire(level) }]);
    }
    guess.finish()
}

fn any_options() -> impl Strategy<Value = Options> {
    let speed = proptest::option::of((0..Speed::ALL.len()).prop_map(|i| Speed::ALL[i]));
    let spike = proptest::option::of((0..20u64).prop_map(Span::from_fs));
    (speed, spike, any::<bool>(), any::<bool>()).prop_map(|(speed, spike, smbus, pec)| {
        let protocol = if smbus { Protocol::SmBus } else { Protocol::I2c };
        Options { speed, protocol, pec, spike }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Any waveform: no panic, events and items in order (asserted by the sink), nothing kept but a short queue.
    #[test]
    fn the_monitor_accepts_anything(
        options in any_options(),
        recording in any::<bool>(),
        changes in proptest::collection::vec((0..3u32, 0..4u8, 0..30u64, any::<bool>()), 0..600),
    ) {
        let source = if recording { Source::Recording { grid: Some(Span::from_fs(3)) } } else { Source::Run };
        let mut monitor = Monitor::new(&options, source);
        let mut seen = Seen::default();
        let (mut now, mut instant): (u64, Vec<Change>) = (0, Vec::new());
        for (signal, level, dt, tells) in changes {
            if dt > 0 {
                monitor.instant(Time::from_fs(now), &instant, &mut seen);
                instant.clear();
                now += dt;
                if tells {
                    monitor.advance(Time::from_fs(now - 1), &mut seen);
                }
            }
            instant.retain(|change| change.signal.0 != signal);
            let level = [Level::Low, Level::High, Level::X, Level::Z][level as usize];
            instant.push(Change { signal: SignalId(signal), value: Value::wire(level) });
            prop_assert!(monitor.waiting() <= QUEUE_LIMIT);
        }
        monitor.finish(Time::from_fs(now + 1), &mut seen);
    }

    /// Whatever is said is read, at any speed and with any slope of the edges, in a run and in a recording of it.
    #[test]
    fn what_is_drawn_is_read(
        messages in proptest::collection::vec(
            (any::<u8>(), proptest::collection::vec(any::<(u8, bool)>(), 0..5), any::<bool>()), 1..5),
        rise in 0..300u64,
        fall in 0..300u64,
        hold in 0..600u64,
        unit in 1..5u64,
        sampled in any::<bool>(),
    ) {
        let mut t = FAST;
        (t.low, t.high, t.hold, t.ack_hold) = (1_500 * unit * NS, 1_000 * unit * NS, hold * NS, hold * NS);
        (t.first_rise, t.rise, t.data_rise) = (rise * NS, rise * NS, rise * NS);
        (t.fall, t.data_fall) = (fall * NS, fall * NS);
        let mut wave = Wave::idle(t);
        let mut want: Vec<String> = Vec::new();
        for (i, (first, bytes, stops)) in messages.iter().enumerate() {
            // Not what is reserved.
            let address = 0x08 + first % 0x70;
            let reads = first & 0x80 != 0;
            let repeats = i > 0 && !messages[i - 1].2;
            let wave = if repeats { wave.restart() } else { wave.start() };
            want.push(if repeats { "Sr".into() } else { "S".into() });
            wave.byte(address << 1 | reads as u8, Ack::Ack);
            want.extend([format!("{address:02x}{}", if reads { 'R' } else { 'W' }), "+".into()]);
            for &(byte, acks) in bytes {
                wave.byte(byte, if acks { Ack::Ack } else { Ack::Nack });
                let data = if reads { format!("={byte:02x}") } else { format!("{byte:02x}") };
                want.extend([data, if acks { "+" } else { "-" }.into()]);
            }
            if *stops {
                wave.stop();
                want.push("P".into());
            }
        }
        let (wave, source) = if sampled {
            let mut flat = wave.clone();
            flat.changes.retain(|change| change.2 != Level::X);
            (flat.sampled(100 * NS), RECORDING)
        } else {
            (wave, Source::Run)
        };
        let seen = wave.seen(&fast(), source);
        prop_assert_eq!(seen.said(), want.join(" "));
        // Acknowledges come as they like here.
        let codes = ["i2c::coincident", "i2c::data-after-nack", "i2c::acknowledged-last"];
        prop_assert!(seen.codes().iter().all(|code| codes.contains(code)), "{:?}", seen.diagnostics);
    }
}
