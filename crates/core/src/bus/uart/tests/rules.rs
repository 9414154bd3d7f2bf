//! Both sides of each limit.

use super::super::rules::{self, RULES};
use super::*;
use crate::timing::{Checker, CheckerOptions, Params, Report};

/// How often the rules of that name were broken and kept.
fn judge(drawing: &mut Drawing, until: u64, bus: &Options, params: &Params) -> Report {
    let seen = drawing.decode(until, bus);
    let rules = RULES.iter();
    let mut checker = Checker::new(rules, params, &CheckerOptions::default());
    for event in seen.events {
        checker.event(event, &mut |_| ());
    }
    checker.finish(drawing.log.end(), &mut |_| ())
}

/// Asserts that a rule was decided, and how.
fn assert_rule(report: &Report, name: &str, kept: bool) {
    let rule = report.rule(name).unwrap();
    assert!(rule.measured() > 0, "{name} was not measured: {:?}", rule.state);
    assert_eq!(rule.broken() == 0, kept, "{name}: {:?}", rule.margin());
    for other in report.exercised().filter(|other| other.rule.name != name) {
        assert_eq!(other.broken(), 0, "{} is broken, too: {:?}", other.rule.name, other.margin());
    }
}

fn bus() -> Options {
    options(&[("baud", "1000000")])
}

fn ns(bits: i64) -> i64 {
    bits * 1_000_000
}

#[test]
fn margin() {
    // The fifth edge is late by five times what a bit is too long, and the sample half a bit behind its ideal place.
    for (bit, kept) in [(1_100, true), (1_101, false)] {
        let mut drawing = Drawing::idle(&bus());
        drawing.frame(pin::TX, 20_000, 0b1111_0100, bit);
        let mut params = rules::limits(&bus());
        params.set(rules::RATE_SLOW, -200_000, "rates are not the question here");
        let report = judge(&mut drawing, 50_000, &bus(), &params);
        assert_rule(&report, "sampling", kept);
    }
}

#[test]
fn rates() {
    // Bits of 1056 and 951 ns are 5.30 % slow and 5.15 % fast; 5.26 % are allowed. With other bits Low edges are late.
    for (bit, rule, kept) in [
        (1_050, "rate-slow", true),
        (1_057, "rate-slow", false),
        (951, "rate-fast", true),
        (949, "rate-fast", false),
    ] {
        let mut drawing = Drawing::idle(&bus());
        drawing.frame(pin::TX, 20_000, 0x0f, bit);
        let mut params = rules::limits(&bus());
        params.set(rules::MARGIN, -1_000, "margins are not the question here");
        let report = judge(&mut drawing, 50_000, &bus(), &params);
        assert_rule(&report, rule, kept);
    }
}

#[test]
fn stop_bits() {
    for (stop_bits, length) in [("1", 875), ("1.5", 1_375), ("2", 1_875)] {
        for (more, kept) in [(0, true), (-1, false)] {
            let bus = options(&[("baud", "1000000"), ("stop_bits", stop_bits)]);
            let mut drawing = Drawing::idle(&bus);
            drawing.frame(pin::TX, 20_000, 0x0f, 1_000);
            drawing.frame(pin::TX, (29_000 + length + more) as u64, 0x0f, 1_000);
            let report = judge(&mut drawing, 60_000, &bus, &rules::limits(&bus));
            assert_rule(&report, "tSTOP", kept);
        }
    }
}

/// A break of so many thousandths of a bit and a delimiter.
fn header(low: u64, delimiter: u64, params: &Params) -> Report {
    let bus = options(&[("baud", "1000000"), ("lin", "true")]);
    let mut drawing = Drawing::idle(&bus);
    drawing.set(pin::TX, 20_000, false);
    drawing.set(pin::TX, 20_000 + low, true);
    drawing.frame(pin::TX, 20_000 + low + delimiter, 0x55, 1_000);
    judge(&mut drawing, 80_000, &bus, params)
}

#[test]
fn break_and_delimiter() {
    let limits = rules::limits(&options(&[("baud", "1000000"), ("lin", "true")]));
    assert_rule(&header(13_000, 2_000, &limits), "tBREAK", true);
    assert_rule(&header(12_999, 2_000, &limits), "tBREAK", false);
    assert_rule(&header(14_000, 1_000, &limits), "tBDEL", true);
    assert_rule(&header(14_000, 999, &limits), "tBDEL", false);
}

#[test]
fn gap() {
    let mut limits = rules::limits(&bus());
    limits.set(rules::T_GAP, ns(2_000), "test");
    for (gap, kept) in [(2_000, true), (1_999, false)] {
        let mut drawing = Drawing::idle(&bus());
        let end = drawing.frame(pin::TX, 20_000, 0x42, 1_000);
        drawing.frame(pin::TX, end + gap, 0x42, 1_000);
        assert_rule(&judge(&mut drawing, 60_000, &bus(), &limits), "tGAP", kept);
    }
}

#[test]
fn turnaround() {
    let mut limits = rules::limits(&bus());
    limits.set(rules::T_TURN, ns(2_000), "test");
    for (gap, kept) in [(2_000, true), (1_999, false)] {
        let mut drawing = Drawing::idle(&bus());
        drawing.set(pin::RX, 0, true);
        let end = drawing.frame(pin::TX, 20_000, 0x42, 1_000);
        drawing.frame(pin::RX, end + gap, 0x42, 1_000);
        assert_rule(&judge(&mut drawing, 60_000, &bus(), &limits), "tTURN", kept);
    }
}

#[test]
fn flow_control() {
    let mut limits = rules::limits(&bus());
    limits.set(rules::T_RTS, ns(3_000), "test");
    for (name, frames, late, kept) in [
        ("tRTS", 1, 3_000, true),
        ("tRTS", 1, 3_001, false),
        ("RTS-frames", 1, 1_000, true),
        ("RTS-frames", 2, 1_000, false),
    ] {
        let mut params = limits.clone();
        if frames > 1 {
            params.set(rules::T_RTS, ns(100_000), "test");
        }
        for (flow, line) in [(pin::CTS, pin::TX), (pin::RTS, pin::RX)] {
            let mut drawing = Drawing::idle(&bus());
            drawing.set(line, 0, true);
            drawing.set(flow, 0, false);
            drawing.set(flow, 20_000, true);
            let mut at = 20_000 + late;
            for _ in 0..frames {
                at = drawing.frame(line, at, 0x42, 1_000);
            }
            drawing.set(flow, 70_000, false);
            assert_rule(&judge(&mut drawing, 90_000, &bus(), &params), name, kept);
        }
    }
}

#[test]
fn stopping_in_time_is_seen() {
    let mut drawing = Drawing::idle(&bus());
    drawing.set(pin::CTS, 0, false);
    drawing.frame(pin::TX, 12_000, 0x42, 1_000);
    drawing.set(pin::CTS, 20_000, true);
    drawing.set(pin::CTS, 40_000, false);
    drawing.frame(pin::TX, 50_000, 0x42, 1_000);
    let report = judge(&mut drawing, 70_000, &bus(), &rules::limits(&bus()));
    assert_eq!(report.rule("RTS-frames").unwrap().margin().unwrap().worst, 1, "none of one that may come");
}

/// A frame from 20 to 30 bits with the driver on between the given times, if at all.
fn driven(on: Option<(u64, u64)>) -> Report {
    let bus = options(&[("baud", "1000000"), ("rs485", "true")]);
    let mut drawing = Drawing::idle(&bus);
    drawing.set(pin::DE, 0, false);
    if let Some((on, off)) = on {
        drawing.set(pin::DE, on, true);
        drawing.set(pin::DE, off, false);
    }
    drawing.frame(pin::TX, 20_000, 0x42, 1_000);
    let mut limits = rules::limits(&bus);
    limits.set(rules::T_DE_LEAD, ns(1_000), "SAM: one bit");
    judge(&mut drawing, 60_000, &bus, &limits)
}

#[test]
fn driver_enable() {
    assert_rule(&driven(Some((19_000, 30_000))), "tDE-lead", true);
    assert_rule(&driven(Some((19_001, 30_000))), "tDE-lead", false);
    assert_rule(&driven(Some((20_500, 30_000))), "tDE-lead", false);
    assert_rule(&driven(None), "tDE-lead", false);
    assert_rule(&driven(Some((18_000, 30_000))), "tDE-tail", true);
    assert_rule(&driven(Some((18_000, 29_999))), "tDE-tail", false);
    assert_rule(&driven(Some((18_000, 25_000))), "tDE-tail", false);
}

#[test]
fn values_are_signed_where_the_driver_is_late() {
    let late = driven(Some((20_500, 31_000)));
    let lead = late.rule("tDE-lead").unwrap().margin().unwrap();
    assert_eq!(lead.worst, ns(-1_500), "half a bit after the start, where one before it was asked for");
}
