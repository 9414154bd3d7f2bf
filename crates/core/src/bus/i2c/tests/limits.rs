//! Both sides of every rule: kept at the limit, broken a femtosecond past it, and nothing else broken.
//!
//! The limits are written down here a second time, from the tables of UM10204, since a wrong row would fool itself.

use super::wave::{Intervals, NS, Wave, broken, params};
use super::*;
use crate::log::Source;
use crate::timing::Side::{Max, Min};
use crate::timing::{Checker, CheckerOptions, Params, RuleState, Side, Verdict};

pub(super) type Limits = Vec<(&'static str, Side, f64)>;

/// A column of table 10.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class {
    pub(super) speed: Speed,
    kilohertz: f64,
    low: u64,
    high: u64,
    start_hold: u64,
    start_setup: u64,
    stop_setup: u64,
    free: u64,
    setup: u64,
    valid: u64,
    rise: u64,
    fall: u64,
}

pub(super) const STANDARD: Class = Class {
    speed: Speed::Standard,
    kilohertz: 100.0,
    low: 4700,
    high: 4000,
    start_hold: 4000,
    start_setup: 4700,
    stop_setup: 4000,
    free: 4700,
    setup: 250,
    valid: 3450,
    rise: 1000,
    fall: 300,
};

pub(super) const FAST: Class = Class {
    speed: Speed::Fast,
    kilohertz: 400.0,
    low: 1300,
    high: 600,
    start_hold: 600,
    start_setup: 600,
    stop_setup: 600,
    free: 1300,
    setup: 100,
    valid: 900,
    rise: 300,
    fall: 300,
};

pub(super) const FAST_PLUS: Class = Class {
    speed: Speed::FastPlus,
    kilohertz: 1000.0,
    low: 500,
    high: 260,
    start_hold: 260,
    start_setup: 260,
    stop_setup: 260,
    free: 500,
    setup: 50,
    valid: 450,
    rise: 120,
    fall: 120,
};

impl Class {
    pub(super) fn limits(&self) -> Limits {
        let at_least = [
            ("tLOW", self.low),
            ("tHIGH", self.high),
            ("tHD;STA", self.start_hold),
            ("tSU;STA", self.start_setup),
            ("tSU;STO", self.stop_setup),
            ("tBUF", self.free),
            ("tSU;DAT", self.setup),
            ("tHD;DAT", 0),
        ];
        let at_most =
            [("tVD;DAT", self.valid), ("tVD;ACK", self.valid), ("tr", self.rise), ("tf", self.fall)];
        let mut limits: Limits = vec![("fSCL", Max, self.kilohertz)];
        limits.extend(at_least.map(|(name, ns)| (name, Min, ns as f64)));
        limits.extend(at_most.map(|(name, ns)| (name, Max, ns as f64)));
        limits
    }

    /// Half as long again as need be, so that one interval at a time can be at its limit.
    fn relaxed(&self) -> Intervals {
        let more = |ns: u64| ns * NS * 3 / 2;
        Intervals {
            low: more(self.low),
            high: more(self.high),
            start_hold: more(self.start_hold),
            start_setup: more(self.start_setup),
            stop_setup: more(self.stop_setup),
            free: more(self.free),
            hold: 100 * NS,
            ack_hold: 100 * NS,
            first_rise: 100 * NS,
            rise: 100 * NS,
            fall: 100 * NS,
            data_rise: 100 * NS,
            data_fall: 100 * NS,
        }
    }

    fn options(&self) -> Options {
        Options { speed: Some(self.speed), spike: Some(Span::ZERO), ..Options::default() }
    }
}

/// Two transfers, the first with a repeated START.
fn traffic(t: Intervals) -> Wave {
    let mut wave = Wave::idle(t);
    wave.start().acked(&[0xa0, 0x5a]).restart().byte(0xa1, Ack::Ack).byte(0x99, Ack::Nack).stop();
    wave.start().acked(&[0xa0]).stop();
    wave
}

/// At the limit the rule is measured and kept without anything to spare; past it, it is broken, and it alone.
fn both_sides(rule: &str, options: &Options, params: &Params, draw: impl Fn(u64) -> Wave) {
    let (findings, report) = draw(0).judged(options, Source::Run, params);
    assert_eq!(broken(&findings), [""; 0], "{rule} at the limit, {options:?}");
    let result = report.rule(rule).unwrap();
    assert_eq!(result.state, RuleState::Exercised, "{rule}");
    assert_eq!(result.margin().map(|margin| margin.worst), Some(0), "{rule} at the limit, {options:?}");
    let (findings, _) = draw(1).judged(options, Source::Run, params);
    assert_eq!(broken(&findings), [rule], "past the limit, {options:?}");
}

#[test]
fn every_row_of_table_10_has_two_sides() {
    for class in [STANDARD, FAST, FAST_PLUS] {
        let limits = params(&class.limits());
        let check = |rule: &str, set: &dyn Fn(&mut Intervals, u64)| {
            both_sides(rule, &class.options(), &limits, |past| {
                let mut t = class.relaxed();
                set(&mut t, past);
                traffic(t)
            });
        };
        let ns = |n: u64| n * NS;
        let period = (1e12 / class.kilohertz) as u64;
        check("fSCL", &|t, past| {
            t.low = ns(class.low);
            t.high = period - t.low - t.rise - t.fall - past;
        });
        check("tHD;STA", &|t, past| t.start_hold = ns(class.start_hold) - past);
        check("tLOW", &|t, past| (t.low, t.high) = (ns(class.low) - past, ns(2 * class.high)));
        check("tHIGH", &|t, past| (t.low, t.high) = (ns(2 * class.low), ns(class.high) - past));
        check("tSU;STA", &|t, past| t.start_setup = ns(class.start_setup) - past);
        check("tSU;STO", &|t, past| t.stop_setup = ns(class.stop_setup) - past);
        check("tBUF", &|t, past| t.free = ns(class.free) - past);
        // Three times tLOW is stretched, so that late data break the set-up alone.
        check("tSU;DAT", &|t, past| {
            t.low = ns(3 * class.low);
            t.ack_hold = t.low - t.data_rise - ns(class.setup) + past;
        });
        check("tr", &|t, past| t.rise = ns(class.rise) + past);
        check("tr", &|t, past| t.data_rise = ns(class.rise) + past);
        check("tf", &|t, past| t.fall = ns(class.fall) + past);
        check("tf", &|t, past| t.data_fall = ns(class.fall) + past);
        check("tVD;DAT", &|t, past| t.hold = ns(class.valid) - t.data_rise + past);
        check("tVD;ACK", &|t, past| t.ack_hold = ns(class.valid) - t.data_rise + past);
    }
}

#[test]
fn rows_that_only_some_tables_have() {
    let check = |rule: &str, limit: (&'static str, Side, f64), set: &dyn Fn(&mut Intervals, u64)| {
        both_sides(rule, &FAST.options(), &params(&[limit]), |past| {
            let mut t = FAST.relaxed();
            set(&mut t, past);
            traffic(t)
        });
    };
    check("tHD;DAT", ("tHD;DAT", Min, 300.0), &|t, past| (t.hold, t.ack_hold) = (300 * NS - past, 300 * NS));
    check("tHD;DAT", ("tHD;DAT", Min, 300.0), &|t, past| (t.hold, t.ack_hold) = (300 * NS, 300 * NS - past));
    check("tHD;DAT-max", ("tHD;DAT", Max, 900.0), &|t, past| t.hold = 900 * NS + past);
    check("tr-min", ("tr", Min, 20.0), &|t, past| t.data_rise = 20 * NS - past);
    check("tf-min", ("tf", Min, 12.0), &|t, past| t.fall = 12 * NS - past);
    check("tVD;DAT-min", ("tVD;DAT", Min, 10.0), &|t, past| {
        (t.hold, t.data_rise, t.data_fall) = (0, 10 * NS - past, 10 * NS);
    });
}

#[test]
fn a_hold_of_nothing_is_kept_by_i2c() {
    let mut t = FAST.relaxed();
    (t.hold, t.ack_hold) = (0, 0);
    let (findings, report) = traffic(t).judged(&FAST.options(), Source::Run, &params(&FAST.limits()));
    assert_eq!(broken(&findings), [""; 0]);
    assert_eq!(report.rule("tHD;DAT").unwrap().margin().unwrap().worst, 0);
}

/// Ultra-fast mode, table 14, whose edges are those of push-pull outputs.
#[test]
fn every_row_of_table_14_has_two_sides() {
    let limits = params(&[
        ("fSCL", Max, 5000.0),
        ("tBUF", Min, 80.0),
        ("tHD;STA", Min, 50.0),
        ("tSU;STA", Min, 50.0),
        ("tSU;STO", Min, 50.0),
        ("tHD;DAT", Min, 10.0),
        ("tSU;DAT", Min, 30.0),
        ("tLOW", Min, 50.0),
        ("tHIGH", Min, 50.0),
        ("tr", Max, 50.0),
        ("tf", Max, 50.0),
    ]);
    let relaxed = Intervals {
        low: 90 * NS,
        high: 90 * NS,
        start_hold: 80 * NS,
        start_setup: 80 * NS,
        stop_setup: 80 * NS,
        free: 100 * NS,
        hold: 20 * NS,
        ack_hold: 20 * NS,
        first_rise: 25 * NS,
        rise: 25 * NS,
        fall: 25 * NS,
        data_rise: 25 * NS,
        data_fall: 25 * NS,
    };
    let options = Options { speed: Some(Speed::UltraFast), spike: Some(Span::ZERO), ..Options::default() };
    let check = |rule: &str, set: &dyn Fn(&mut Intervals, u64)| {
        both_sides(rule, &options, &limits, |past| {
            let mut t = relaxed;
            set(&mut t, past);
            let mut wave = Wave::idle(t);
            wave.start().byte(0xa0, Ack::Nack).byte(0x5a, Ack::Nack).restart().byte(0xa0, Ack::Nack).stop();
            wave.start().byte(0xa0, Ack::Nack).stop();
            wave
        });
    };
    check("fSCL", &|t, past| t.high = 200 * NS - t.low - t.rise - t.fall - past);
    check("tBUF", &|t, past| t.free = 80 * NS - past);
    check("tHD;STA", &|t, past| t.start_hold = 50 * NS - past);
    check("tSU;STA", &|t, past| t.start_setup = 50 * NS - past);
    check("tSU;STO", &|t, past| t.stop_setup = 50 * NS - past);
    check("tHD;DAT", &|t, past| t.hold = 10 * NS - past);
    check("tSU;DAT", &|t, past| t.hold = t.low - t.data_rise - 30 * NS + past);
    check("tLOW", &|t, past| {
        (t.low, t.high, t.hold, t.data_rise) = (50 * NS - past, 120 * NS, 10 * NS, 5 * NS);
        (t.ack_hold, t.data_fall) = (t.hold, t.data_rise);
    });
    check("tHIGH", &|t, past| (t.low, t.high) = (120 * NS, 50 * NS - past));
    check("tr", &|t, past| t.rise = 50 * NS + past);
    check("tf", &|t, past| t.fall = 50 * NS + past);
}

/// Tables 11 and 12 at one capacitance of the bus.
#[derive(Clone, Copy, Debug)]
pub(super) struct HighSpeed {
    kilohertz: f64,
    low: u64,
    high: u64,
    hold: u64,
    /// Least and greatest times of SCL's edges; of those behind an acknowledge, and of SDA's.
    scl: (u64, u64),
    sda: (u64, u64),
}

pub(super) const AT_100_PF: HighSpeed =
    HighSpeed { kilohertz: 3400.0, low: 160, high: 60, hold: 70, scl: (10, 40), sda: (10, 80) };
const AT_400_PF: HighSpeed =
    HighSpeed { kilohertz: 1700.0, low: 320, high: 120, hold: 150, scl: (20, 80), sda: (20, 160) };

impl HighSpeed {
    pub(super) fn limits(&self) -> Params {
        let mut limits = FAST.limits();
        let at_least = [
            ("tSU;STA-Hs", 160),
            ("tHD;STA-Hs", 160),
            ("tSU;STO-Hs", 160),
            ("tLOW-Hs", self.low),
            ("tHIGH-Hs", self.high),
            ("tSU;DAT-Hs", 10),
            ("tHD;DAT-Hs", 0),
        ];
        limits.extend([("fSCLH", Max, self.kilohertz), ("tHD;DAT-Hs", Max, self.hold as f64)]);
        limits.extend(at_least.map(|(name, ns)| (name, Min, ns as f64)));
        let (scl, sda) = (self.scl, self.sda);
        for (name, (least, most)) in
            [("trCL", scl), ("trCL1", sda), ("tfCL", scl), ("trDA", sda), ("tfDA", sda)]
        {
            limits.extend([(name, Min, least as f64), (name, Max, most as f64)]);
        }
        params(&limits)
    }

    fn relaxed(&self) -> Intervals {
        Intervals {
            low: self.low * NS * 3 / 2,
            high: self.high * NS * 3 / 2,
            start_hold: 240 * NS,
            start_setup: 240 * NS,
            stop_setup: 240 * NS,
            free: 0,
            hold: 20 * NS,
            ack_hold: 20 * NS,
            first_rise: 40 * NS,
            rise: 40 * NS,
            fall: 30 * NS,
            data_rise: 30 * NS,
            data_fall: 30 * NS,
        }
    }
}

/// A master code at Fast speed, a transfer at High speed, and another at Fast speed.
fn high_speed_traffic(t: Intervals) -> Wave {
    let mut wave = Wave::idle(FAST.relaxed());
    wave.start().byte(0b0000_1010, Ack::Nack);
    // SCL still rises at Fast speed; then the controller switches.
    wave.data(wave.now + 100 * NS, true);
    let reached = wave.edge(wave.now + wave.t.low, pin::SCL, true, 100 * NS);
    wave.t = t;
    let down = wave.data(reached + t.start_setup, false);
    wave.clock_falls(down + t.start_hold);
    wave.acked(&[0xa0, 0x5a]).restart().byte(0xa1, Ack::Ack).byte(0x99, Ack::Nack).stop();
    wave.t = FAST.relaxed();
    wave.start().acked(&[0xa0]).stop();
    wave
}

#[test]
fn every_row_of_tables_11_and_12_has_two_sides() {
    let options = Options { speed: Some(Speed::High), spike: Some(Span::ZERO), ..Options::default() };
    for table in [AT_100_PF, AT_400_PF] {
        let HighSpeed { low, high, scl, sda, .. } = table;
        let limits = table.limits();
        let check = |rule: &str, set: &dyn Fn(&mut Intervals, u64)| {
            both_sides(rule, &options, &limits, |past| {
                let mut t = table.relaxed();
                set(&mut t, past);
                high_speed_traffic(t)
            });
        };
        let period = (1e12 / table.kilohertz).round() as u64;
        check("fSCLH", &|t, past| {
            t.low = low * NS;
            t.high = period - t.low - t.rise - t.fall - past;
        });
        check("tSU;STA-Hs", &|t, past| t.start_setup = 160 * NS - past);
        check("tHD;STA-Hs", &|t, past| t.start_hold = 160 * NS - past);
        check("tSU;STO-Hs", &|t, past| t.stop_setup = 160 * NS - past);
        check("tLOW-Hs", &|t, past| (t.low, t.high) = (low * NS - past, high * NS * 2));
        check("tHIGH-Hs", &|t, past| (t.low, t.high) = (low * NS * 2, high * NS - past));
        check("tSU;DAT-Hs", &|t, past| {
            t.low = low * NS * 6;
            t.hold = t.low - t.data_rise - 10 * NS + past;
        });
        check("tHD;DAT-Hs-max", &|t, past| t.hold = table.hold * NS + past);
        check("trCL", &|t, past| t.rise = scl.1 * NS + past);
        check("trCL-min", &|t, past| t.rise = scl.0 * NS - past);
        check("trCL1", &|t, past| t.first_rise = sda.1 * NS + past);
        check("trCL1-min", &|t, past| t.first_rise = sda.0 * NS - past);
        check("tfCL", &|t, past| t.fall = scl.1 * NS + past);
        check("tfCL-min", &|t, past| t.fall = scl.0 * NS - past);
        check("trDA", &|t, past| t.data_rise = sda.1 * NS + past);
        check("trDA-min", &|t, past| t.data_rise = sda.0 * NS - past);
        check("tfDA", &|t, past| t.data_fall = sda.1 * NS + past);
        check("tfDA-min", &|t, past| t.data_fall = sda.0 * NS - past);
    }
}

/// With the minimum of 0 in the tables, what is past it is a START or a STOP.
#[test]
fn a_hold_at_high_speed_has_two_sides_where_a_part_asks_for_one() {
    let options = Options { speed: Some(Speed::High), spike: Some(Span::ZERO), ..Options::default() };
    let mut limits = AT_100_PF.limits();
    limits.set(rules::T_HD_DAT_HS, 15 * NS as i64, "facts");
    both_sides("tHD;DAT-Hs", &options, &limits, |past| {
        let mut t = AT_100_PF.relaxed();
        t.hold = 15 * NS - past;
        high_speed_traffic(t)
    });
}

#[test]
fn every_row_of_smbus_has_two_sides() {
    let options = Options { protocol: Protocol::SmBus, ..STANDARD.options() };
    const MS: u64 = 1_000_000 * NS;
    let one = |limit| params(&[limit]);
    // The clocks of two bits of the second byte, longer by so much than the others.
    let stretched = |third: u64, sixth: u64| {
        let mut wave = Wave::idle(STANDARD.relaxed());
        wave.start().acked(&[0xa0]);
        for (i, more) in (0..).zip([0, 0, third, 0, 0, sixth, 0, 0]) {
            wave.with(|t| t.low += more, |wave| wave.bits(0x5a, i..i + 1));
        }
        wave.clock(false, 0, 100 * NS).acked(&[0x77]).stop();
        wave
    };
    both_sides("fSMB-min", &options, &one(("fSMB", Min, 10.0)), |past| {
        let mut t = STANDARD.relaxed();
        t.low = 100_000 * NS - t.high - t.rise - t.fall + past;
        traffic(t)
    });
    both_sides("tHIGH-max", &options, &one(("tHIGH", Max, 50_000.0)), |past| {
        let mut t = STANDARD.relaxed();
        t.high = 50_000 * NS + past;
        traffic(t)
    });
    let low = STANDARD.relaxed().low;
    for (rule, limit, ms) in
        [("tTIMEOUT", ("tTIMEOUT", Max, 35e6), 35), ("tTIMEOUT-min", ("tTIMEOUT", Min, 25e6), 25)]
    {
        both_sides(rule, &options, &one(limit), |past| stretched(ms * MS - low + past, 0));
    }
    let sum = |rule, limit, ms: u64| {
        both_sides(rule, &options, &one(limit), |past| stretched(ms * MS / 2, ms * MS / 2 + past));
    };
    sum("tLOW:MEXT", ("tLOW:MEXT", Max, 10e6), 10);
    sum("tLOW:SEXT", ("tLOW:SEXT", Max, 25e6), 25);
}

#[test]
fn stretching_of_two_bytes_adds_up_for_the_message_but_not_for_the_byte() {
    let options = Options { protocol: Protocol::SmBus, ..STANDARD.options() };
    let limits = params(&[("tLOW:SEXT", Max, 25e6), ("tLOW:MEXT", Max, 10e6), ("fSMB", Min, 10.0)]);
    let mut wave = Wave::idle(STANDARD.relaxed());
    wave.start().acked(&[0xa0]);
    for _ in 0..3 {
        wave.with(|t| t.low += 9_000_000 * NS, |wave| wave.bits(0x5a, 0..1));
        wave.bits(0x5a, 1..8).clock(false, 0, 0);
    }
    wave.stop();
    let (findings, report) = wave.judged(&options, Source::Run, &limits);
    assert_eq!(broken(&findings), ["tLOW:SEXT"]);
    assert_eq!(findings[0].measured, 27_000_000 * NS as i64);
    assert_eq!(report.rule("fSMB-min").unwrap().broken(), 0, "a stretched clock is no slow clock");
    assert_eq!(report.rule("tLOW:MEXT").unwrap().margin().unwrap().worst, 1_000_000 * NS as i64);
}

#[test]
fn a_clock_that_stays_low_or_high_is_found_at_the_end() {
    let options = Options { protocol: Protocol::SmBus, ..STANDARD.options() };
    let limits = params(&[("tTIMEOUT", Max, 35e6), ("tHIGH", Max, 50_000.0)]);
    let stuck = |high: bool| {
        let mut wave = Wave::idle(STANDARD.relaxed());
        wave.start().acked(&[0xa0]);
        if high {
            wave.set(wave.now + 9_000 * NS, pin::SCL, true);
        }
        wave.set(wave.now + 40_000_000 * NS, SignalId(9), true);
        let seen = wave.seen(&options, Source::Run);
        let mut checker = Checker::new(rules::RULES, &limits, &CheckerOptions::default());
        let mut findings = Vec::new();
        seen.events.iter().for_each(|event| checker.event(*event, &mut |finding| findings.push(finding)));
        checker.finish(Time::from_fs(wave.now + 40_000_000 * NS), &mut |finding| findings.push(finding));
        broken(&findings)
    };
    assert_eq!((stuck(false), stuck(true)), (vec!["tTIMEOUT"], vec!["tHIGH-max"]));
}

#[test]
fn late_data_are_no_fault_where_the_clock_is_stretched() {
    let limits = params(&FAST.limits());
    let judge = |low: u64| {
        let mut wave = Wave::idle(FAST.relaxed());
        wave.start().acked(&[0xa0]);
        wave.with(|t| (t.low, t.hold) = (low * NS, 950 * NS), |wave| wave.bits(0x80, 0..1));
        wave.bits(0x80, 1..8).clock(false, 0, 100 * NS).stop();
        broken(&wave.judged(&FAST.options(), Source::Run, &limits).0)
    };
    assert_eq!(judge(1_950), ["tVD;DAT"]);
    assert_eq!(judge(2_600), ["tVD;DAT"], "twice tLOW is not stretched");
    assert_eq!(judge(2_601), [""; 0]);
}

#[test]
fn less_than_no_hold_is_found_where_edges_take_time() {
    let limits = params(&FAST.limits());
    let mut t = FAST.relaxed();
    t.hold = 100 * NS;
    let mut wave = Wave::idle(t);
    wave.start().acked(&[0xa0]).bits(0x80, 0..1);
    let end = wave.changes.len();
    // SDA leaves High 40 ns before SCL is low, and is low after it.
    wave.edge(wave.now - 40 * NS, pin::SDA, false, 100 * NS);
    wave.changes[end..].sort_by_key(|c| c.0);
    for _ in 1..8 {
        wave.with(
            |t| t.hold = 0,
            |wave| {
                let high = wave.edge(wave.now + wave.t.low, pin::SCL, true, wave.t.rise);
                wave.clock_falls(high + wave.t.high);
                wave
            },
        );
    }
    let (findings, _) = wave.judged(&FAST.options(), Source::Run, &limits);
    assert_eq!(broken(&findings), ["SDA-stable"]);
    assert_eq!(findings[0].measured, 40 * NS as i64);
    let seen = wave.seen(&FAST.options(), Source::Run);
    assert!(seen.codes().is_empty(), "for a receiver it is a bit: {:?}", seen.diagnostics);
}

#[test]
fn data_that_are_not_there_when_the_clock_rises_have_no_set_up() {
    let limits = params(&FAST.limits());
    // SDA rises from 20 ns before SCL leaves Low to 80 ns after it, while SCL takes 100 ns.
    let mut wave = Wave::idle(FAST.relaxed());
    wave.start().acked(&[0xa0]);
    wave.with(|t| t.hold = t.low - 20 * NS, |wave| wave.bits(0x80, 0..1));
    let (findings, _) = wave.judged(&FAST.options(), Source::Run, &limits);
    let setup: Vec<_> = findings.iter().filter(|f| f.rule.name == "tSU;DAT").collect();
    assert_eq!((setup.len(), setup[0].measured), (1, 0));
}

#[test]
fn a_sampling_grid_leaves_doubt_near_the_limit() {
    let limits = params(&[("tLOW", Min, 1_300.0)]);
    let source = Source::Recording { grid: Some(Span::from_ns(100)) };
    let verdicts = |low: u64| {
        let mut t = FAST.relaxed();
        t.low = low * NS;
        (t.rise, t.first_rise, t.fall, t.data_rise, t.data_fall) = (0, 0, 0, 0, 0);
        let (findings, report) = traffic(t).sampled(100 * NS).judged(&FAST.options(), source, &limits);
        let result = report.rule("tLOW").unwrap();
        assert_eq!(result.broken() + result.cannot_tell(), findings.len() as u64);
        (result.broken() > 0, result.cannot_tell() > 0, result.kept() > 0)
    };
    assert_eq!(verdicts(1_200), (true, false, false));
    assert_eq!(verdicts(1_300), (false, true, false));
    assert_eq!(verdicts(1_400), (false, false, true));
}

#[test]
fn what_changes_in_one_sample_may_or_may_not_keep_its_distance() {
    let mut t = FAST.relaxed();
    (t.rise, t.first_rise, t.fall, t.data_rise, t.data_fall) = (0, 0, 0, 0, 0);
    (t.hold, t.ack_hold) = (0, 0);
    let source = Source::Recording { grid: Some(Span::from_ns(100)) };
    let (findings, report) = traffic(t).judged(&FAST.options(), source, &params(&[("tHD;DAT", Min, 0.0)]));
    assert!(!findings.is_empty());
    assert!(findings.iter().all(|f| f.verdict == Verdict::CannotTell && f.measured == 0));
    assert_eq!(report.rule("tHD;DAT").unwrap().broken(), 0);
    let states = ["tr", "tf", "SDA-stable"].map(|name| report.rule(name).unwrap().state);
    assert!(matches!(states[2], RuleState::NotVisible(_)));
    assert_eq!(states[..2], [RuleState::NoLimit; 2]);
    let (_, report) = traffic(t).judged(&FAST.options(), source, &params(&FAST.limits()));
    for name in ["tr", "tf"] {
        assert!(matches!(report.rule(name).unwrap().state, RuleState::NotVisible(_)), "{name}");
    }
}

#[test]
fn edges_without_slope_show_no_rise_time() {
    let mut t = FAST.relaxed();
    (t.rise, t.first_rise, t.fall, t.data_rise, t.data_fall) = (0, 0, 0, 0, 0);
    let limits = params(&[("tr", Min, 20.0), ("tr", Max, 300.0)]);
    let (findings, report) = traffic(t).judged(&FAST.options(), Source::Run, &limits);
    assert_eq!(broken(&findings), [""; 0]);
    assert_eq!(report.rule("tr-min").unwrap().state, RuleState::NeverExercised);
}
