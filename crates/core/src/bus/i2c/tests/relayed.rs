//! Clocks that the bench makes for the agents are those that the agents would have made.

use proptest::prelude::*;

use super::*;
use crate::sim::{Agent, Cx};

/// Looks on without a word: where it does, the agents make all clocks themselves.
struct Onlooker;

impl Agent for Onlooker {
    fn wake(&mut self, _: &mut Cx<'_>) {}

    fn holds(&self) -> u64 {
        u64::MAX
    }
}

/// Pulls a wire for a while.
#[derive(Clone, Copy, Debug)]
struct Intruder {
    pin: SignalId,
    from: Time,
    to: Time,
}

impl Agent for Intruder {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        let (is_begun, is_over) = (cx.now() >= self.from, cx.now() >= self.to);
        cx.drive(self.pin, if is_begun && !is_over { Drive::Strong(false) } else { Drive::Released });
        match (is_begun, is_over) {
            (false, _) => cx.set_alarm(self.from),
            (true, false) => cx.set_alarm(self.to),
            _ => {}
        }
    }

    fn watches(&self) -> u64 {
        0
    }
}

/// Who shares a bus, and what they say.
#[derive(Clone, Debug)]
struct Scene {
    rc: Rc,
    hosts: Vec<(ControllerOptions, Vec<Op>)>,
    targets: Vec<(TargetOptions, u8, Span, u32)>,
    intruder: Option<Intruder>,
    /// The run is interrupted that often; at each second time all are woken.
    pokes: Vec<Span>,
    aborts: bool,
}

/// All that anybody has seen.
#[derive(Clone, Debug, PartialEq)]
struct Outcome {
    edges: [Vec<(Time, Level)>; 2],
    done: Vec<Vec<String>>,
    said: Vec<Vec<String>>,
    came: Vec<Vec<Time>>,
    remarks: Vec<String>,
    troubles: String,
    stops: Vec<(Stop, Time, [Option<f64>; 2])>,
}

impl Outcome {
    /// Where two differ first.
    fn difference(&self, other: &Outcome) -> Option<String> {
        for (a, b) in self.edges.iter().zip(&other.edges) {
            if let Some(i) = (0..a.len().max(b.len())).find(|&i| a.get(i) != b.get(i)) {
                let around = |all: &[(Time, Level)]| {
                    format!("{:?}", all.get(i.saturating_sub(2)..).map(|a| &a[..a.len().min(5)]))
                };
                return Some(format!("edge {i}: {} against {}", around(a), around(b)));
            }
        }
        let rest =
            |o: &Outcome| format!("{:#?}", (&o.done, &o.said, &o.came, &o.remarks, &o.troubles, &o.stops));
        let (a, b) = (rest(self), rest(other));
        a.lines().zip(b.lines()).find(|(a, b)| a != b).map(|(a, b)| format!("{a} against {b}"))
    }
}

impl Scene {
    /// Where an onlooker watches, the agents make all clocks; where nobody looks, levels between are skipped.
    fn run(&self, is_watched: bool, is_seen: bool) -> Outcome {
        let mut rig = Rig::new(self.rc);
        let hosts: Vec<_> =
            (0..).zip(&self.hosts).map(|(i, h)| rig.controller(&format!("host {i}"), h.0.clone())).collect();
        let target = |(i, (options, address, hold, takes)): (usize, &(TargetOptions, u8, Span, u32))| {
            let mut device = memory(Address::Seven(*address));
            (device.hold, device.takes) = (*hold, if hold.is_zero() { *takes } else { 0 });
            rig.target(&format!("memory {i}"), options.clone(), device)
        };
        let targets: Vec<_> = self.targets.iter().enumerate().map(target).collect();
        let pins = rig.pins();
        if let Some(intruder) = self.intruder {
            rig.bench.add_agent("intruder", intruder, &pins);
        }
        if is_watched {
            rig.bench.add_agent("onlooker", Onlooker, &pins);
        }
        for (&id, (_, ops)) in hosts.iter().zip(&self.hosts) {
            rig.bench.agent_mut(id).submit(ops).unwrap();
        }
        let mut stops = Vec::new();
        for (i, &span) in self.pokes.iter().enumerate() {
            let until = rig.bench.now() + span;
            let stop = rig.go_seen(until, is_seen);
            stops.push((stop, rig.bench.now(), rig.wires.map(|wire| rig.bench.voltage(wire))));
            if i % 2 == 1 {
                for &id in &targets {
                    rig.bench.agent_mut(id).device_mut();
                }
                for &id in &hosts {
                    rig.bench.agent_mut(id);
                }
            }
            if self.aborts && i == 2 {
                for &id in &hosts {
                    rig.bench.agent_mut(id).abort();
                }
            }
        }
        while stops.len() < 100 && !hosts.iter().all(|&id| rig.bench.agent(id).is_idle()) {
            let until = rig.bench.now() + Span::from_ms(2);
            let stop = rig.go_seen(until, is_seen);
            stops.push((stop, rig.bench.now(), rig.wires.map(|wire| rig.bench.voltage(wire))));
        }
        rig.finish();
        let mut all = |id: AgentId<Controller>| rig.bench.agent_mut(id).take_completions();
        let done: Vec<_> =
            hosts.iter().map(|&id| all(id).iter().map(|c| format!("{c:?}")).collect()).collect();
        let remarks =
            hosts.iter().map(|&id| format!("{:?}", rig.bench.agent_mut(id).take_remarks())).collect();
        Outcome {
            edges: if is_seen { [rig.edges("scl"), rig.edges("sda")] } else { Default::default() },
            done,
            said: targets.iter().map(|&id| rig.memory(id).said.clone()).collect(),
            came: targets.iter().map(|&id| rig.memory(id).came.clone()).collect(),
            remarks,
            troubles: format!("{:?}", rig.bench.troubles()),
            stops,
        }
    }
}

fn wires() -> impl Strategy<Value = Rc> {
    let sloped = (1000.0..6000.0f64, 20e-12..300e-12f64, 10.0..60.0f64);
    prop_oneof![
        Just(FAST_WIRE),
        Just(IDEAL_WIRE),
        sloped.prop_map(|(pull_up_ohm, farad, on_ohm)| Rc { pull_up_ohm, farad, on_ohm }),
    ]
}

fn bus() -> impl Strategy<Value = Options> {
    prop_oneof![Just(Speed::Standard), Just(Speed::Fast), Just(Speed::FastPlus)]
        .prop_map(|speed| Options { speed: Some(speed), ..Options::default() })
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let address = 0x50..0x53u8;
    let written = (address.clone(), proptest::collection::vec(any::<u8>(), 0..30))
        .prop_map(|(address, bytes)| write_to(address, &bytes));
    let read = (address, any::<u8>(), 1..4usize).prop_map(|(address, at, n)| read_from(address, at, n));
    let odd = prop_oneof![
        Just(vec![Op::Delay(us(7))]),
        Just(vec![
            Op::Start,
            Op::StartByte,
            Op::Start,
            call(0x51, Direction::Write),
            Op::Clocks(3),
            Op::Stop
        ]),
        Just(vec![Op::Start, call_ten(0x151, Direction::Read), Op::Read(Ack::Nack), Op::Stop]),
    ];
    proptest::collection::vec(prop_oneof![3 => written, 2 => read, 1 => odd], 1..4)
        .prop_map(|all| all.concat())
}

prop_compose! {
    fn host(bus: Options)(
        share in 50..=100u64,
        error_ppb in prop_oneof![Just(0i64), -20_000_000..20_000_000i64],
        hold in prop_oneof![Just(None), (0..1500u64).prop_map(Some)],
        setup in prop_oneof![Just(None), (0..700u64).prop_map(Some)],
        patience in prop_oneof![4 => Just(None), 1 => (1..400u64).prop_map(Some)],
        phase in 0..40_000u64,
        stops in any::<bool>(),
        ops in ops(),
    ) -> (ControllerOptions, Vec<Op>) {
        let most = match bus.speed {
            Some(Speed::Standard) => 100_000,
            Some(Speed::FastPlus) => 1_000_000,
            _ => 400_000,
        };
        let mut options = ControllerOptions::new(bus.clone(), most * share / 100);
        options.clock.error_ppb = error_ppb;
        options.clock.phase = Span::from_ns(phase);
        options.timing.data_hold = hold.map_or(options.timing.data_hold, Span::from_ns);
        options.timing.data_setup = setup.map_or(options.timing.data_setup, Span::from_ns);
        options.time_out = patience.map(us);
        options.on_nack = if stops { OnNack::Stop } else { OnNack::Continue };
        (options, ops)
    }
}

prop_compose! {
    fn target(bus: Options)(
        output in prop_oneof![Just(None), (0..900u64).prop_map(Some)],
        address in 0x50..0x52u8,
        hold in prop_oneof![4 => Just(0u64), 1 => 1..9000u64],
        gives_way in any::<bool>(),
        stretch in prop_oneof![4 => Just(None), 1 => (0..30u32, 0..5000u64).prop_map(Some)],
        refuse in prop_oneof![4 => Just(None), 1 => (0..4u32).prop_map(Some)],
        takes in prop_oneof![1 => Just(0), 1 => 1..9u32, 2 => Just(u32::MAX)],
    ) -> (TargetOptions, u8, Span, u32) {
        let mut options = TargetOptions::new(bus.clone());
        options.output = output.map_or(options.output, Span::from_ns);
        options.gives_way = gives_way;
        options.stretches = stretch
            .map(|(clock, ns)| Stretch { transfer: 0, clock, hold: Span::from_ns(ns) }).into_iter().collect();
        options.faults = refuse
            .map(|byte| TargetFault { transfer: 0, byte, kind: TargetFaultKind::MissingAck }).into_iter().collect();
        (options, address, Span::from_ns(hold), takes)
    }
}

fn scene() -> impl Strategy<Value = Scene> {
    let intruder = (0..2u32, 0..300_000u64, 1..4_000u64).prop_map(|(pin, from, width)| {
        let from = Time::ZERO + Span::from_ns(from);
        Intruder { pin: SignalId(pin), from, to: from + Span::from_ns(width) }
    });
    (wires(), bus()).prop_flat_map(move |(rc, bus)| {
        let hosts = prop_oneof![3 => Just(1usize), 1 => Just(2)];
        let pokes = proptest::collection::vec((1..120_000u64).prop_map(Span::from_ns), 0..6);
        (
            hosts.prop_flat_map({
                let bus = bus.clone();
                move |n| proptest::collection::vec(host(bus.clone()), n)
            }),
            proptest::collection::vec(target(bus), 0..4),
            prop_oneof![3 => Just(None), 1 => intruder.clone().prop_map(Some)],
            pokes,
            proptest::bool::weighted(0.2),
        )
            .prop_map(move |(hosts, targets, intruder, pokes, aborts)| Scene {
                rc,
                hosts,
                targets,
                intruder,
                pokes,
                aborts,
            })
    })
}

#[test]
fn plain_clocks_are_left_to_the_bench() {
    for rc in [FAST_WIRE, IDEAL_WIRE] {
        let mut rig = Rig::new(rc);
        let host = rig.controller("host", ControllerOptions::new(fast(), 400_000));
        for (name, address) in [("one", 0x50), ("other", 0x51)] {
            rig.target(name, TargetOptions::new(fast()), memory(Address::Seven(address)));
        }
        rig.run(host, &write_to(0x50, &[0x10, 0xa5, 0x00, 0xff]));
        assert_eq!(rig.bench.relayed(), 5 * 9, "a write");
        rig.run(host, &read_from(0x51, 7, 3));
        assert_eq!(rig.bench.relayed(), 5 * 9 + 6 * 9, "a read behind a repeated START");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn who_makes_the_clocks_makes_no_difference(scene in scene()) {
        let (alone, mut watched) = (scene.run(false, true), scene.run(true, true));
        prop_assert_eq!(alone.difference(&watched), None);
        prop_assert_eq!(alone, watched.clone());
        watched.edges = Default::default();
        let unseen = scene.run(false, false);
        prop_assert_eq!(unseen.difference(&watched), None);
        prop_assert_eq!(unseen, watched);
    }
}
