//! Both sides of every timing rule of SPI: real agents drive a waveform that measures exactly the limit, and one that
//! misses it by a femtosecond.
//!
//! The limits are those of the W25Q128JV (data sheet, table 9.6) where it has them, written down here anew: a wrong row
//! would fool a test that takes its numbers from the rows.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::sync::Arc;

use busproof_core::bus::spi::{
    Command, CommandTable, Controller, ControllerOptions, INFO, Lanes, Mode, Monitor, Op, Options,
    OutputTiming, Peripheral, PeripheralOptions, Phase, PhaseKind, Rate, Step, class, rules,
};
use busproof_core::sim::ClockSpec;
use busproof_core::timing::{Class, Param, Params};
use busproof_core::{Bits, Source, Span};
use busproof_testkit::{Judged, Limit, Stage, assert_both_sides, spi};

const fn ns(n: u64) -> Span {
    Span::from_ns(n)
}

const fn ps(n: u64) -> Span {
    Span::from_ps(n)
}

/// A read, the slow read, a program and a read at double rate: one of each class.
const READ: u64 = 0x9f;
const SLOW_READ: u64 = 0x03;
const PROGRAM: u64 = 0x02;
const DOUBLE_READ: u64 = 0x0d;

fn commands() -> CommandTable {
    let single = Lanes::SINGLE;
    let double = Lanes { count: 1, rate: Rate::Double };
    let command = |opcode, class: Class, kind, lanes| Command {
        opcode,
        mask: 0xff,
        name: format!("{opcode:02x}"),
        class,
        phases: vec![Phase { kind, length: 0, lanes }],
        switches_lanes: None,
        on_lanes: Vec::new(),
    };
    let commands = vec![
        command(READ, class::READ, PhaseKind::Read, single),
        command(SLOW_READ, class::SLOW_READ, PhaseKind::Read, single),
        command(PROGRAM, class::WRITE, PhaseKind::Write, single),
        command(DOUBLE_READ, class::DOUBLE_RATE, PhaseKind::Read, double),
    ];
    CommandTable { opcode_bits: 8, commands }
}

/// A controller, a flash and the limits that hold, all of them kept with room to spare.
struct Scene {
    host: ControllerOptions,
    output: OutputTiming,
    flight: Span,
    opcode: u64,
    /// Between and around the two transfers.
    between: Vec<Op>,
    params: Params,
}

/// The limits: data sheet, and for the controller's own pins values chosen for this test.
const LIMITS: &[(Param, Span)] = &[
    (rules::T_CLH, Span::from_fs(3_383_458)), // 45 % of a period of 133 MHz
    (rules::T_CLL, Span::from_fs(3_383_458)),
    (rules::T_SLCH, ns(3)),
    (rules::T_CHSH, ns(3)),
    (rules::T_CHSL, ns(3)),
    (rules::T_SHCH, ns(3)),
    (rules::T_SHSL1, ns(10)),
    (rules::T_SHSL2, ns(50)),
    (rules::T_DVCH, ns(1)),
    (rules::T_CHDX, ns(2)),
    (rules::T_CLQV, ns(6)),
    (rules::T_CLQX, ps(1_500)),
    (rules::T_SHQZ, ns(7)),
    (rules::FC, Span::from_fs(7_518_796)),      // 133 MHz
    (rules::FR, ns(20)),                        // 50 MHz
    (rules::FC_DTR, Span::from_fs(15_151_515)), // 66 MHz: of the W25Q128JV-DTR
    (rules::T_SU_MI, ns(1)),                    // chosen
    (rules::T_H_MI, ns(1)),                     // chosen
    (rules::T_MISO, ns(7)),                     // chosen
];

fn params(leave_out: &[Param]) -> Params {
    let mut params = Params::new();
    for (param, limit) in LIMITS.iter().filter(|(param, _)| !leave_out.contains(param)) {
        params.set(*param, i64::try_from(limit.as_fs()).unwrap(), "W25Q128JV table 9.6");
    }
    params
}

/// 10 MHz, CS set-up, hold and inactive times of 100 ns, and a quick flash.
fn scene(mode: Mode) -> Scene {
    let bus = Options { mode, commands: Some(Arc::new(commands())), ..Options::default() };
    let mut host = ControllerOptions::new(bus, 10_000_000);
    (host.cs_setup, host.cs_hold, host.cs_inactive) = (ns(100), ns(100), ns(100));
    Scene {
        host,
        output: OutputTiming { hold: ps(1_600), valid: ps(2_000), disable: ns(5) },
        flight: Span::ZERO,
        opcode: READ,
        between: Vec::new(),
        params: params(&[]),
    }
}

impl Scene {
    /// Two transfers: opcode and data with edges on every bit, in the direction of the opcode.
    fn ops(&self) -> Vec<Op> {
        let lanes = Lanes {
            rate: if self.opcode == DOUBLE_READ { Rate::Double } else { Rate::Single },
            ..Lanes::SINGLE
        };
        let data = |n| match self.opcode {
            PROGRAM => Op::Write(Bits::new(n, 8), lanes),
            _ => Op::Read(8, lanes),
        };
        let transfer = [
            Op::Select(0),
            Op::Write(Bits::new(self.opcode, 8), Lanes::SINGLE),
            data(0x55),
            data(0xaa),
            Op::Deselect,
        ];
        [&transfer[..], &self.between, &transfer].concat()
    }

    fn steps(&self) -> Vec<Step> {
        let double = Lanes { count: 1, rate: Rate::Double };
        let data = |n| match self.opcode {
            PROGRAM => Step::input(8),
            DOUBLE_READ => Step::output(n, 8).on(double),
            _ => Step::output(n, 8),
        };
        // As a flash would, it has the next byte ready when CS becomes inactive.
        vec![Step::input(8), data(0x55), data(0xaa), data(0x55)]
    }

    fn play(&self) -> Judged {
        let bus = self.host.bus.clone();
        let mut stage = Stage::new(&INFO, &["sck", "mosi", "miso", "cs"], 1);
        let host = stage.add("host", Controller::new(self.host.clone()).unwrap(), Span::ZERO);
        let target = PeripheralOptions { output: self.output, ..PeripheralOptions::new(bus.clone()) };
        let script = Box::new(spi::items::Script::each_time(self.steps()));
        stage.add("flash", Peripheral::new(target, script), self.flight);
        stage.bench_mut().agent_mut(host).submit(&self.ops()).unwrap();
        stage.run_for(Span::from_ms(1)).unwrap();
        stage.finish().judge(|| Monitor::new(&bus, Source::Run), &self.params)
    }
}

/// A clock whose periods are `period` or a femtosecond longer.
fn clock(period: Span) -> ClockSpec {
    ClockSpec::ideal(1_000_000_000_000_000 / period.as_fs())
}

/// Half a period of the 10 MHz clock.
const HALF: Span = ns(50);

fn minus(span: Span) -> i64 {
    -i64::try_from(span.as_fs()).unwrap()
}

/// A rule, where its limit is, and how a scene is made to measure a span against it.
struct Case {
    limit: Limit,
    mode: Mode,
    set: fn(&mut Scene, Span),
}

fn min(rule: &'static str, at: Span, mode: Mode, set: fn(&mut Scene, Span)) -> Case {
    Case { limit: Limit::min(rule, at), mode, set }
}

fn max(rule: &'static str, at: Span, mode: Mode, set: fn(&mut Scene, Span)) -> Case {
    Case { limit: Limit::max(rule, at), mode, set }
}

use Mode::{Mode0, Mode1, Mode2, Mode3};

/// Every rule, in both modes of a flash where they differ.
fn cases() -> Vec<Case> {
    let clocks = vec![
        min("fC", Span::from_fs(7_518_796), Mode0, |s, period| {
            s.host.clock = clock(period);
        }),
        min("fC", Span::from_fs(7_518_796), Mode3, |s, period| {
            s.host.clock = clock(period);
        }),
        min("fR", ns(20), Mode0, |s, period| {
            s.opcode = SLOW_READ;
            s.host.clock = clock(period);
        }),
        min("fC_DTR", Span::from_fs(15_151_515), Mode0, |s, period| {
            s.opcode = DOUBLE_READ;
            s.host.clock = clock(period);
        }),
        min("tCLH", Span::from_fs(3_383_458), Mode0, |s, high| s.host.first_half = Some(high)),
        min("tCLH", Span::from_fs(3_383_458), Mode3, |s, high| {
            s.host.first_half = Some((HALF * 2).saturating_sub(high));
        }),
        min("tCLL", Span::from_fs(3_383_458), Mode0, |s, low| {
            s.host.first_half = Some((HALF * 2).saturating_sub(low));
        }),
        min("tCLL", Span::from_fs(3_383_458), Mode3, |s, low| s.host.first_half = Some(low)),
    ];
    [clocks, selects(), data_in(), data_out(), at_the_controller()].into_iter().flatten().collect()
}

fn selects() -> Vec<Case> {
    vec![
        min("tSLCH", ns(3), Mode0, |s, span| s.host.cs_setup = span),
        // In modes 1 and 3 C goes "high" half a period after the first edge, so the limit must be longer than that.
        min("tSLCH", ns(53), Mode3, |s, span| {
            s.params.set(rules::T_SLCH, 53_000_000, "chosen");
            s.host.cs_setup = span.saturating_sub(HALF);
        }),
        min("tCHSH", ns(3), Mode3, |s, span| s.host.cs_hold = span),
        // In modes 0 and 2 half a period always follows the last sampling edge.
        min("tCHSH", ns(53), Mode0, |s, span| {
            s.params.set(rules::T_CHSH, 53_000_000, "chosen");
            s.host.cs_hold = span.saturating_sub(HALF);
        }),
        min("tCHSL", ns(3), Mode3, |s, span| {
            s.between = vec![Op::Delay(ns(100)), Op::Clocks(1), Op::Delay(span)];
        }),
        min("tCHSL", ns(53), Mode0, |s, span| {
            s.params.set(rules::T_CHSL, 53_000_000, "chosen");
            s.between = vec![Op::Delay(ns(100)), Op::Clocks(1), Op::Delay(span.saturating_sub(HALF))];
        }),
        min("tSHCH", ns(3), Mode0, |s, span| {
            s.between = vec![Op::Delay(span), Op::Clocks(1), Op::Delay(ns(100))];
        }),
        min("tSHCH", ns(53), Mode3, |s, span| {
            s.params.set(rules::T_SHCH, 53_000_000, "chosen");
            s.between = vec![Op::Delay(span.saturating_sub(HALF)), Op::Clocks(1), Op::Delay(ns(100))];
        }),
        min("tSHSL", ns(20), Mode0, |s, span| {
            s.params.set(rules::T_SHSL, 20_000_000, "chosen");
            s.host.cs_inactive = span;
        }),
        min("tSHSL1", ns(10), Mode0, |s, span| s.host.cs_inactive = span),
        min("tSHSL1", ns(10), Mode3, |s, span| {
            s.opcode = SLOW_READ;
            s.host.cs_inactive = span;
        }),
        min("tSHSL2", ns(50), Mode0, |s, span| {
            s.opcode = PROGRAM;
            s.host.cs_inactive = span;
        }),
    ]
}

fn data_in() -> Vec<Case> {
    let late = |s: &mut Scene, setup: Span| {
        s.opcode = PROGRAM;
        s.host.output_offset = -minus(HALF.saturating_sub(setup));
    };
    let early = |s: &mut Scene, hold: Span| {
        s.opcode = PROGRAM;
        s.host.output_offset = minus(HALF.saturating_sub(hold));
    };
    let modes = [Mode0, Mode1, Mode2, Mode3];
    let setup = modes.map(|mode| min("tDVCH", ns(1), mode, late));
    let hold = modes.map(|mode| min("tCHDX", ns(2), mode, early));
    let stable = modes.map(|mode| {
        min("MOSI-stable", Span::from_fs(1), mode, |s, hold| {
            s.opcode = PROGRAM;
            s.params = params(&[rules::T_CHDX]);
            s.host.output_offset = minus(HALF.saturating_sub(hold));
        })
    });
    setup.into_iter().chain(hold).chain(stable).collect()
}

fn data_out() -> Vec<Case> {
    let modes = [Mode0, Mode1, Mode2, Mode3];
    let valid = modes.map(|mode| max("tCLQV", ns(6), mode, |s, span| s.output.valid = span));
    let hold = modes.map(|mode| min("tCLQX", ps(1_500), mode, |s, span| s.output.hold = span));
    let disable = modes.map(|mode| max("tSHQZ", ns(7), mode, |s, span| s.output.disable = span));
    let double = max("tCLQV", ns(6), Mode0, |s, span| {
        s.opcode = DOUBLE_READ;
        s.output.valid = span;
    });
    valid.into_iter().chain(hold).chain(disable).chain([double]).collect()
}

fn at_the_controller() -> Vec<Case> {
    vec![
        // 80 MHz: half a period is 6.25 ns, so that 5.25 ns keep tCLQV.
        min("tSU_MI", ns(1), Mode0, |s, setup| {
            s.host.clock = ClockSpec::ideal(80_000_000);
            s.output.valid = ps(6_250).saturating_sub(setup);
        }),
        // The same over wires: it counts at the controller's end, and 1.25 ns each way leave 2.75 ns for tCLQV.
        min("tSU_MI", ns(1), Mode3, |s, setup| {
            s.host.clock = ClockSpec::ideal(80_000_000);
            s.flight = ps(1_250);
            s.output.valid = ps(3_750).saturating_sub(setup);
        }),
        // Half a period late, the next bit is on its way: it leaves when tCLQX is over.
        min("tH_MI", ns(2), Mode0, |s, hold| {
            s.params.set(rules::T_H_MI, 2_000_000, "chosen");
            s.host.bus.sample_delay = 1;
            s.output = OutputTiming { hold, valid: ns(4), ..s.output };
        }),
        min("MISO-stable", Span::from_fs(1), Mode0, |s, hold| {
            s.params = params(&[rules::T_CLQX, rules::T_H_MI]);
            s.host.bus.sample_delay = 1;
            s.output.hold = hold;
        }),
        max("tMISO", ns(7), Mode0, |s, round_trip| {
            s.flight = ns(1);
            s.output.valid = round_trip.saturating_sub(ns(2));
        }),
        max("tMISO", ns(7), Mode3, |s, round_trip| {
            s.flight = ns(2);
            s.output.valid = round_trip.saturating_sub(ns(4));
        }),
    ]
}

#[test]
fn every_limit_is_where_the_data_sheet_says() {
    for case in cases() {
        eprintln!("{} in {:?}", case.limit.rule(), case.mode);
        assert_both_sides(&case.limit, |span| {
            let mut scene = scene(case.mode);
            (case.set)(&mut scene, span);
            scene.play()
        });
    }
}

#[test]
fn every_rule_has_a_case() {
    let cases = cases();
    let untested: Vec<&str> = rules::RULES
        .iter()
        .map(|r| r.name)
        .filter(|name| cases.iter().all(|c| c.limit.rule() != *name))
        .collect();
    assert_eq!(untested, Vec::<&str>::new());
}

#[test]
fn the_scene_as_it_is_breaks_nothing_and_measures_nearly_everything() {
    for mode in Mode::ALL {
        let judged = scene(mode).play();
        assert_eq!(judged.broken(), Vec::<&str>::new(), "{mode:?}");
        let silent: Vec<&str> = judged.outcome.report.never_exercised().map(|r| r.rule.name).collect();
        assert_eq!(silent, ["fR", "fC_DTR", "tSHCH", "tSHSL2"], "{mode:?}");
    }
}
