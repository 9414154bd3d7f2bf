//! What the agents put on the wires, as the monitor and the checker see it.

use proptest::prelude::*;

use super::limits::{AT_100_PF, FAST, FAST_PLUS, STANDARD};
use super::wave::{Wave, broken, params};
use super::*;
use crate::log::Source;
use crate::timing::Params;

fn of_speed(speed: Speed) -> Options {
    Options { speed: Some(speed), ..Options::default() }
}

/// Traffic of a controller and two memories, at `50` and `2a5` (10 bits), with all options at their defaults.
fn recorded(mut rig: Rig, host: ControllerOptions, ops: &[Op]) -> Wave {
    for (name, address) in [("seven", Address::Seven(0x50)), ("ten", Address::Ten(0x2a5))] {
        rig.target(name, TargetOptions::new(host.bus.clone()), memory(address));
    }
    let host = rig.controller("host", host);
    rig.run(host, ops);
    rig.finish();
    assert_eq!(rig.bench.troubles(), []);
    Wave::of_log(&rig.log)
}

fn traffic() -> Vec<Op> {
    [write_to(0x50, &[3, 0xa5, 0x00]), read_from(0x50, 3, 2), write_to(0x51, &[0xff])].concat()
}

/// Defaults keep every rule of their class, on a wire whose edges are within the class, up to the highest frequency.
#[test]
fn nothing_is_broken_by_default() {
    let wire = |pull_up_ohm, on_ohm| Rc { pull_up_ohm, farad: 100e-12, on_ohm };
    for (class, hertz, ohm) in
        [(STANDARD, 100_000, 10_000.0), (FAST, 400_000, 3_000.0), (FAST_PLUS, 1_000_000, 1_200.0)]
    {
        let rc = wire(ohm, 30.0);
        let bus = of_speed(class.speed);
        for options in [
            ControllerOptions::new(bus.clone(), hertz),
            ControllerOptions::new(bus.clone(), hertz).fitted(rc),
        ] {
            let (findings, report) = recorded(Rig::new(rc), options, &traffic()).judged(
                &bus,
                Source::Run,
                &params(&class.limits()),
            );
            assert_eq!(broken(&findings), [""; 0], "{bus:?}");
            for rule in [
                "fSCL", "tLOW", "tHIGH", "tHD;STA", "tSU;STA", "tSU;STO", "tBUF", "tSU;DAT", "tHD;DAT",
                "tVD;DAT", "tVD;ACK", "tr", "tf",
            ] {
                assert!(report.rule(rule).unwrap().margin().is_some(), "{rule} was not measured");
            }
        }
    }
}

#[test]
fn nothing_is_broken_at_high_speed() {
    // A driver of 150 Ohm, since edges of High-speed mode have to take 10 ns at least.
    let rc = Rc { pull_up_ohm: 800.0, farad: 100e-12, on_ohm: 150.0 };
    let mut bench = Bench::new(7);
    let scl = bench.add_net(Net::open_drain("scl", rc).with_current_source(3e-3, 3.3));
    let sda = bench.add_net(Net::open_drain("sda", rc));
    let rig = Rig { bench, wires: [scl, sda], log: ChangeLog::default() };
    let bus = of_speed(Speed::High);
    let ops = [&[Op::Start, Op::MasterCode(1)], &traffic()[..]].concat();
    let (findings, report) = recorded(rig, ControllerOptions::new(bus.clone(), 3_400_000), &ops).judged(
        &bus,
        Source::Run,
        &AT_100_PF.limits(),
    );
    assert_eq!(broken(&findings), [""; 0]);
    for rule in ["fSCLH", "tLOW-Hs", "tHIGH-Hs", "tHD;STA-Hs", "tSU;STA-Hs", "tSU;STO-Hs", "tSU;DAT-Hs"] {
        assert!(report.rule(rule).unwrap().margin().is_some(), "{rule} was not measured");
    }
}

/// One transfer of a random script, and how the monitor spells it.
#[derive(Clone, Debug)]
enum Transfer {
    Write { ten: bool, bytes: Vec<u8> },
    Read { ten: bool, pointer: u8, count: usize },
    Nobody(u8),
}

impl Transfer {
    fn ops(&self) -> Vec<Op> {
        let address = |ten| if ten { Address::Ten(0x2a5) } else { Address::Seven(0x50) };
        let call = |ten, direction| Op::Call(Call { address: address(ten), direction });
        let mut ops = vec![Op::Start];
        match self {
            Transfer::Write { ten, bytes } => {
                ops.push(call(*ten, Direction::Write));
                ops.extend(bytes.iter().map(|&b| Op::Write(b)));
            }
            Transfer::Read { ten, pointer, count } => {
                ops.extend([call(*ten, Direction::Write), Op::Write(*pointer), Op::Start]);
                ops.push(call(*ten, Direction::Read));
                ops.extend((1..=*count).map(|i| Op::Read(if i == *count { Ack::Nack } else { Ack::Ack })));
            }
            Transfer::Nobody(address) => ops.push(super::call(*address, Direction::Write)),
        }
        ops.push(Op::Stop);
        ops
    }

    /// As the monitor spells it, with what the memory would send.
    fn said(&self, memory: &mut [u8]) -> String {
        let name = |ten: bool| if ten { "2a5" } else { "50" };
        // Of the two bytes of a 10-bit address the first, too, is acknowledged.
        let first = |ten: bool| if ten { "+ 2a5" } else { "50" };
        match self {
            Transfer::Write { ten, bytes } => {
                for (i, byte) in bytes.iter().skip(1).enumerate() {
                    memory[bytes[0].wrapping_add(i as u8) as usize] = *byte;
                }
                let called = format!("S {}W +", first(*ten));
                bytes.iter().fold(called, |text, b| format!("{text} {b:02x} +")) + " P"
            }
            Transfer::Read { ten, pointer, count } => {
                let byte = |i: usize| memory[pointer.wrapping_add(i as u8) as usize];
                let data: Vec<String> = (0..*count).map(|i| format!("={:02x}", byte(i))).collect();
                {
                    let data = data.join(" + ");
                    format!("S {}W + {pointer:02x} + Sr {}R + {data} - P", first(*ten), name(*ten))
                }
            }
            Transfer::Nobody(address) => format!("S {address:02x}W - P"),
        }
    }
}

fn transfers() -> impl Strategy<Value = Vec<Transfer>> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..5);
    let one = prop_oneof![
        (any::<bool>(), bytes).prop_map(|(ten, bytes)| Transfer::Write { ten, bytes }),
        (any::<bool>(), any::<u8>(), 1usize..5).prop_map(|(ten, pointer, count)| Transfer::Read {
            ten,
            pointer,
            count
        }),
        (0x08u8..0x50).prop_map(Transfer::Nobody),
    ];
    proptest::collection::vec(one, 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is said in any class on any wire, with any stretch, is what the monitor hears.
    #[test]
    fn what_the_agents_say_is_what_the_monitor_hears(
        script in transfers(),
        hertz in prop_oneof![Just(100_000u64), Just(400_000), Just(1_000_000)],
        kilohm in 0.7f64..5.0,
        ideal in any::<bool>(),
        stretch in (0u32..4, 0u32..60, 0u64..40),
    ) {
        let bus = of_speed(Options::default().speed_at(hertz));
        // The pull-up of the class, or somewhat stronger.
        let longest = 1.2e-4 / hertz as f64;
        let farad = if ideal { 0.0 } else { longest / kilohm / 1e3 };
        let mut rig = Rig::new(Rc { pull_up_ohm: kilohm * 1e3, farad, on_ohm: 20.0 });
        let (transfer, clock, hold) = stretch;
        let mut target = TargetOptions::new(bus.clone());
        target.stretches = vec![Stretch { transfer, clock, hold: us(hold) }];
        rig.target("slow", target, memory(Address::Seven(0x77)));
        let ops: Vec<Op> = script.iter().flat_map(Transfer::ops).collect();
        let seen = recorded(rig, ControllerOptions::new(bus.clone(), hertz), &ops).seen(&bus, Source::Run);
        let mut memories = [memory(Address::Seven(0)).bytes, memory(Address::Seven(0)).bytes];
        let wanted: Vec<String> = script.iter().map(|t| {
            let ten = matches!(t, Transfer::Write { ten: true, .. } | Transfer::Read { ten: true, .. });
            t.said(&mut memories[ten as usize])
        }).collect();
        prop_assert_eq!(seen.said(), wanted.join(" "));
    }
}

/// Without limits nothing is judged: what `nothing_is_broken_by_default` says rests on the limits it passes.
#[test]
fn without_limits_nothing_is_measured() {
    let options = ControllerOptions::new(fast(), 400_000);
    let (findings, report) =
        recorded(Rig::new(FAST_WIRE), options, &traffic()).judged(&fast(), Source::Run, &Params::new());
    assert!(findings.is_empty() && report.rule("tLOW").is_none_or(|r| r.margin().is_none()));
}
