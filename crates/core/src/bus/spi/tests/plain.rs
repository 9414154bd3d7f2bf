//! Plain words take the short way from edge to edge where they can: it leads to the same waveform as all others.

use super::*;
use crate::level::Drive;
use crate::sim::{Agent, ClockSpec, Cx, Jitter, NetTrouble};

/// Looks on without a word, perhaps with an alarm every so often.
#[derive(Clone, Copy, Debug)]
struct Bystander {
    watches: u64,
    alarm: Option<Span>,
}

impl Agent for Bystander {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if let Some(period) = self.alarm
            && cx.is_due()
        {
            cx.set_alarm(cx.now() + period);
        }
    }

    fn watches(&self) -> u64 {
        self.watches
    }
}

/// Holds a wire for a while: drives it though it is not its own, or as a fault that nobody can resist.
#[derive(Clone, Copy, Debug)]
struct Intruder {
    is_fault: bool,
    pin: SignalId,
    high: bool,
    from: Time,
    to: Time,
}

impl Agent for Intruder {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.now() < self.from {
            return cx.set_alarm(self.from);
        }
        let is_over = cx.now() >= self.to;
        cx.drive(self.pin, if is_over { Drive::Released } else { Drive::Strong(self.high) });
        if !is_over {
            cx.set_alarm(self.to);
        }
    }

    fn watches(&self) -> u64 {
        0
    }
}

/// How a run is made; none of it may be seen in the waveform.
#[derive(Clone, Debug, Default)]
struct Way {
    bystander: Option<Bystander>,
    /// The controller expects a fault, which never comes: it deals with each edge itself.
    wary: bool,
    /// The run is interrupted that often, and both ends are woken there.
    pokes: Vec<Span>,
}

/// What is said, and by whom.
#[derive(Clone, Debug)]
struct Scene {
    /// The modes of the controller and the peripheral, which may differ.
    modes: [usize; 2],
    lsb: bool,
    clock: ClockSpec,
    /// Operations by kind and size.
    ops: Vec<(u8, u32)>,
    seed: u64,
    /// The sizes of the peripheral's steps, which need not be those of the words.
    steps: Vec<u32>,
    has_cs: bool,
    /// CS rises together with the last edge, where that is the one that samples.
    is_hasty: bool,
    intruder: Option<Intruder>,
}

impl Scene {
    fn bus(&self, end: usize) -> Options {
        let bit_order = if self.lsb { BitOrder::Lsb } else { BitOrder::Msb };
        Options { mode: Mode::ALL[self.modes[end]], bit_order, ..Options::default() }
    }

    fn ops(&self) -> Vec<Op> {
        let mut ops = vec![Op::Select(0)];
        ops.extend(self.ops.iter().zip(1..).map(|(&(kind, size), i)| match kind {
            0 => Op::Read(size, Lanes::SINGLE),
            1 => Op::Dummy(size, Lanes::SINGLE),
            2 => Op::Delay(Span::from_ns(size as u64)),
            3 => Op::Deselect,
            4 => Op::Select(0),
            _ => Op::Write(Bits::new(self.seed.wrapping_mul(i), size.min(64)), Lanes::SINGLE),
        }));
        ops.push(Op::Deselect);
        ops
    }

    fn steps(&self) -> Vec<Step> {
        let step = |(&bits, i): (&u32, u64)| match i % 5 {
            4 => Step::input(bits),
            _ => Step::exchange(self.seed.rotate_left(i as u32) & (u64::MAX >> (64 - bits)), bits),
        };
        self.steps.iter().zip(0..).map(step).collect()
    }

    fn rig(&self, way: &Way) -> Rig {
        let mut host = ControllerOptions::new(self.bus(0), self.clock.hertz);
        host.clock = self.clock;
        if self.is_hasty {
            host.cs_hold = Span::ZERO;
        }
        if way.wary {
            host.faults = vec![Fault { transfer: u32::MAX, bit: 0, kind: FaultKind::MissingClock }];
        }
        let target = PeripheralOptions::new(self.bus(1));
        Rig::among(host, target, self.steps(), Span::ZERO, self.has_cs, |bench, pins| {
            if let Some(bystander) = way.bystander {
                bench.add_agent("bystander", bystander, pins);
            }
            match self.intruder {
                Some(intruder) if !intruder.is_fault => _ = bench.add_agent("intruder", intruder, pins),
                Some(Intruder { pin, high, from, to, .. }) => {
                    bench.force(pins[pin.index()].unwrap().net, Level::from_bit(high), from, to);
                }
                None => {}
            }
        })
    }

    /// Runs to the end. Returns all that anybody has seen.
    fn run(&self, way: &Way) -> Outcome {
        let mut rig = self.rig(way);
        let ticket = rig.bench.agent_mut(rig.host).submit(&self.ops()).unwrap();
        for &span in &way.pokes {
            let until = rig.bench.now() + span;
            if rig.bench.run_until(until, &mut rig.log).unwrap() == Stop::Requested {
                break;
            }
            rig.bench.agent_mut(rig.host);
            rig.bench.agent_mut(rig.target);
        }
        if !rig.bench.agent(rig.host).is_idle() {
            let stop = rig.bench.run_until(Time::from_fs(u64::MAX / 2), &mut rig.log).unwrap();
            assert_eq!(stop, Stop::Requested);
        }
        let words = rig.bench.agent_mut(rig.host).take(ticket).unwrap().words;
        rig.finish();
        let columns = rig.log.columns().iter();
        let waveform = columns.map(|c| (0..c.len()).map(|i| c.get(i)).collect()).collect();
        let device: &dyn std::any::Any = rig.bench.agent(rig.target).device();
        let canned = device.downcast_ref::<Canned>().unwrap();
        let troubles = rig.bench.troubles().to_vec();
        Outcome { waveform, words, heard: canned.heard.clone(), cut: canned.cut.clone(), troubles }
    }
}

#[derive(Debug, PartialEq)]
struct Outcome {
    waveform: Vec<Vec<(Time, Value)>>,
    words: Vec<Bits>,
    heard: Vec<(u32, u64)>,
    cut: Vec<u32>,
    troubles: Vec<NetTrouble>,
}

fn clocks() -> impl Strategy<Value = ClockSpec> {
    (prop_oneof![Just(10_000_000u64), 1_000_000..20_000_000u64], -1_000_000..1_000_000i64, 0..3u8).prop_map(
        |(hertz, error, kind)| ClockSpec {
            error_ppb: if kind > 0 { error } else { 0 },
            jitter: if kind > 1 { Jitter::Uniform { peak: Span::from_ns(2) } } else { Jitter::None },
            ..ClockSpec::ideal(hertz)
        },
    )
}

prop_compose! {
    fn intruders()(
        is_fault in any::<bool>(),
        pin in 0..3u32,
        high in any::<bool>(),
        from in 1..5_000_000_000u64,
        span in 1..2_000_000_000u64,
    ) -> Intruder {
        let from = Time::from_fs(from);
        Intruder { is_fault, pin: SignalId(pin), high, from, to: from + Span::from_fs(span) }
    }
}

prop_compose! {
    fn scenes()(
        modes in [0..4usize, 0..4usize],
        same in any::<bool>(),
        lsb in any::<bool>(),
        clock in clocks(),
        ops in proptest::collection::vec((0..12u8, 1..80u32), 1..8),
        seed in any::<u64>(),
        steps in proptest::collection::vec(1..=64u32, 0..12),
        has_cs in any::<bool>(),
        is_hasty in any::<bool>(),
        intruder in proptest::option::of(intruders()),
    ) -> Scene {
        Scene { modes: [modes[0], modes[same as usize ^ 1]], lsb, clock, ops, seed, steps, has_cs, is_hasty, intruder }
    }
}

prop_compose! {
    fn ways()(
        watches in proptest::option::of(0..64u64),
        alarm in proptest::option::of(1_000_000..3_000_000_000u64),
        wary in any::<bool>(),
        pokes in proptest::collection::vec(1_000..2_000_000_000u64, 0..20),
    ) -> Way {
        let bystander = watches.map(|watches| Bystander { watches, alarm: alarm.map(Span::from_fs) });
        Way { bystander, wary, pokes: pokes.into_iter().map(Span::from_fs).collect() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whoever looks on, whoever is woken for nothing, and whoever makes the edges.
    #[test]
    fn all_ways_lead_to_the_same_waveform(scene in scenes(), way in ways()) {
        prop_assert_eq!(scene.run(&Way::default()), scene.run(&way));
    }

    /// Without a waveform the same is said.
    #[test]
    fn unseen_words_are_the_same(scene in scenes()) {
        let seen = scene.run(&Way::default());
        let mut rig = scene.rig(&Way::default());
        let ticket = rig.bench.agent_mut(rig.host).submit(&scene.ops()).unwrap();
        rig.bench.run_until(Time::from_fs(u64::MAX / 2), &mut ()).unwrap();
        let done = rig.bench.agent_mut(rig.host).take(ticket).unwrap();
        prop_assert_eq!(done.words, seen.words);
        let device: &dyn std::any::Any = rig.bench.agent(rig.target).device();
        prop_assert_eq!(&device.downcast_ref::<Canned>().unwrap().heard, &seen.heard);
    }
}

/// Or the tests above would compare a way with itself.
#[test]
fn the_short_way_is_open_unless_somebody_watches() {
    let clock = ClockSpec::ideal(10_000_000);
    let scene = Scene {
        modes: [0, 0],
        lsb: false,
        clock,
        ops: vec![(9, 64)],
        seed: 5,
        steps: vec![64],
        has_cs: true,
        is_hasty: false,
        intruder: None,
    };
    let is_open = |watches| {
        let mut rig =
            scene.rig(&Way { bystander: Some(Bystander { watches, alarm: None }), ..Way::default() });
        rig.bench.agent_mut(rig.host).submit(&scene.ops()).unwrap();
        rig.bench.run_until(Time::ZERO + Span::from_us(1), &mut rig.log).unwrap();
        rig.bench.has_pair()
    };
    assert!(is_open(0));
    for pin in [pin::SCK, pin::MOSI, pin::MISO] {
        assert!(!is_open(1 << pin.0), "{pin:?}");
    }
}
