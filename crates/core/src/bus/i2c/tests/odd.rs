//! Wires that are stuck, and controllers that do what they may not.

use super::monitor::{FAST, RECORDING, bus, drawn, seen};
use super::wave::{NS, Seen, Wave};
use super::*;
use crate::bus::{Diagnostic, Severity};
use crate::log::Source;

/// The levels of both wires at the beginning of a recording, and then `draw`.
fn recorded(scl: bool, sda: bool, draw: impl FnOnce(&mut Wave)) -> Seen {
    let mut wave = Wave::blank(FAST);
    wave.set(0, pin::SCL, scl).set(0, pin::SDA, sda);
    wave.now = 1_000 * NS;
    draw(&mut wave);
    wave.seen(&bus(Speed::Fast), Source::Recording { grid: Some(Span::from_ns(10)) })
}

/// Nothing but time, to the end of the recording; the level of SCL does not change.
fn rest(wave: &mut Wave, us: u64, scl: bool) {
    wave.set(wave.now + us * 1_000 * NS, pin::SCL, scl);
}

/// The only diagnostic of that code.
fn only<'a>(seen: &'a Seen, code: &str) -> &'a Diagnostic {
    let found: Vec<&Diagnostic> = seen.diagnostics.iter().filter(|d| d.code == code).collect();
    assert_eq!(found.len(), 1, "{code}: {:?}", seen.diagnostics);
    found[0]
}

#[test]
fn a_clock_that_is_low_throughout_is_stuck() {
    let seen = recorded(false, true, |w| rest(w, 500, false));
    assert_eq!(seen.codes(), ["i2c::scl-stuck"]);
    assert!(seen.remark().starts_with("SCL is low throughout: something holds it"), "{}", seen.remark());
    let seen = recorded(false, false, |w| rest(w, 500, false));
    assert!(seen.remark().contains("the bus has no power"), "{}", seen.remark());
    assert_eq!(seen.diagnostics[0].severity, Severity::Warning);
    // A tenth of a millisecond of Fast-mode is 40 clocks: the recording is too short to tell.
    assert_eq!(recorded(false, false, |w| rest(w, 100, false)).codes(), Vec::<&str>::new());
}

#[test]
fn a_clock_that_stays_low_in_a_transfer_is_stuck() {
    let stays = |us| {
        drawn(|w| {
            w.start().acked(&[0xa0]).bits(0x55, 0..3);
            rest(w, us, false);
            w
        })
    };
    // A hundred times the low period of 1.5 us.
    assert_eq!(seen(&stays(148)).codes(), Vec::<&str>::new());
    let stuck = seen(&stays(151));
    let found = only(&stuck, "i2c::scl-stuck");
    assert!(found.text.starts_with("SCL stays low for the last 152 us"), "{}", found.text);
}

#[test]
fn a_clock_that_rests_low_behind_a_stop_is_noted() {
    let wave = drawn(|w| {
        w.start().acked(&[0xa0]).stop();
        w.clock_falls(w.now + 5_000 * NS);
        rest(w, 500, false);
        w
    });
    let told = seen(&wave);
    assert_eq!(only(&told, "i2c::scl-stuck").severity, Severity::Note);
    assert!(told.remark().contains("a controller that rests so"), "{}", told.remark());
}

#[test]
fn a_data_line_that_is_low_throughout_is_stuck() {
    let silent = recorded(true, false, |w| rest(w, 500, true));
    assert_eq!(silent.remark(), "SDA is low throughout, and SCL high: something holds it");
    let clocked = recorded(true, false, |w| {
        w.clock_falls(w.now + 5_000 * NS);
        w.acked(&[0, 0, 0]);
    });
    assert_eq!(clocked.said(), "?S 00W + 00 + 00 +");
    assert!(only(&clocked, "i2c::sda-stuck").text.starts_with("SDA is low throughout, over all clocks"));
}

#[test]
fn a_transfer_that_is_left_with_data_low_is_told() {
    let left = |us| {
        drawn(|w| {
            w.start().acked(&[0xa0]).bits(0x00, 0..2);
            let high = w.now + w.t.low;
            w.set(high, pin::SCL, true);
            w.now = high;
            rest(w, us, true);
            w
        })
    };
    assert_eq!(seen(&left(140)).codes(), Vec::<&str>::new());
    let told = seen(&left(500));
    assert!(only(&told, "i2c::sda-stuck").text.contains("a controller has left a transfer"));
}

#[test]
fn clocks_that_free_a_stuck_wire_are_no_general_call() {
    let cleared = recorded(true, false, |w| {
        w.clock_falls(w.now + 5_000 * NS);
        w.acked(&[0]).stop();
        w.start().byte(0xa0, Ack::Ack).stop();
    });
    assert_eq!(cleared.said(), "?S 00W + P S 50W + P");
    let found = only(&cleared, "i2c::bus-clear");
    assert!(found.text.contains("over 9 clocks"), "{}", found.text);
    // The same in the middle of a recording, as a controller sees it that knows nothing of the transfer before.
    let again = drawn(|w| w.start().acked(&[0x00, 0x00]).stop());
    assert_eq!(seen(&again).codes(), ["i2c::reserved-address", "i2c::bus-clear"]);
    // A general call that means something moves SDA.
    let call = drawn(|w| w.start().acked(&[0x00, 0x06]).stop());
    assert_eq!(seen(&call).codes(), ["i2c::reserved-address"]);
}

#[test]
fn a_wire_that_is_freed_in_a_byte_has_been_held() {
    let freed = drawn(|w| w.start().bits(0, 0..4).stop());
    let text = seen(&freed).remark().to_owned();
    assert!(text.contains("it had been low since the START, as if held"), "{text}");
    let cut = drawn(|w| w.start().bits(0x50, 0..4).stop());
    assert!(!seen(&cut).remark().contains("held"));
}

#[test]
fn a_byte_behind_one_that_was_not_acknowledged_is_told_once() {
    let wave = drawn(|w| w.start().byte(0xa0, Ack::Nack).acked(&[1, 2]).stop());
    assert_eq!(seen(&wave).remark(), "a byte follows, though the address was not acknowledged");
    let wave =
        drawn(|w| w.start().acked(&[0xa0]).byte(1, Ack::Nack).byte(2, Ack::Nack).byte(3, Ack::Ack).stop());
    assert_eq!(seen(&wave).remark(), "a byte follows, though the byte before was not acknowledged");
    let wave =
        drawn(|w| w.start().byte(0xa0, Ack::Nack).restart().byte(0xa0, Ack::Ack).byte(1, Ack::Nack).stop());
    assert_eq!(seen(&wave).codes(), Vec::<&str>::new(), "a repeated START or a STOP may follow");
}

#[test]
fn who_acknowledges_what_he_reads_last_is_told() {
    let read = |last| drawn(move |w| w.start().acked(&[0xa1]).byte(0x15, Ack::Ack).byte(0x1c, last).stop());
    assert_eq!(seen(&read(Ack::Nack)).codes(), Vec::<&str>::new());
    assert!(seen(&read(Ack::Ack)).remark().starts_with("the last byte that is read is acknowledged"));
    let again = drawn(|w| w.start().acked(&[0xa1, 0x15]).restart().byte(0xa1, Ack::Nack).stop());
    assert_eq!(seen(&again).codes(), ["i2c::acknowledged-last"], "a repeated START is an end, too");
    // An address alone is no read: SMBus's quick command.
    assert_eq!(seen(&drawn(|w| w.start().acked(&[0xa1]).stop())).codes(), Vec::<&str>::new());
}

/// A controller that does not look at SCL: behind a stretch it goes on when its own time is up.
fn hasty(high: u64) -> Wave {
    drawn(|w| {
        w.start().acked(&[0xa1]);
        w.with(|t| (t.low, t.high) = (20_000 * NS, high * NS), |w| w.bits(0x80, 0..1));
        w.bits(0x80, 1..8).clock(true, 0, 0).stop()
    })
}

#[test]
fn a_clock_cut_short_behind_a_stretch_betrays_early_sampling() {
    let told = seen(&hasty(100));
    assert_eq!(told.codes(), ["i2c::early-sampling", "i2c::stretch"]);
    let text = &only(&told, "i2c::early-sampling").text;
    assert!(
        text.starts_with("SCL is held low for 20 us, and then high for only 100 ns, against 1 us"),
        "{text}"
    );
    assert_eq!(seen(&hasty(1_000)).codes(), ["i2c::stretch"], "who waits leaves SCL high as ever");
    assert_eq!(seen(&hasty(500)).codes(), ["i2c::stretch"], "half of it is no proof");
    // Samples 100 ns apart leave 400 ns in doubt: it may be 500 ns, and the others 900 ns.
    let doubtful = hasty(400).seen(&bus(Speed::Fast), RECORDING);
    assert!(!doubtful.codes().contains(&"i2c::early-sampling"), "{:?}", doubtful.diagnostics);
}
