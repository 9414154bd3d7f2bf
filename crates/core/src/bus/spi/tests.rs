mod plain;

use proptest::prelude::*;

use super::*;
use crate::bits::Bits;
use crate::bus::{Diagnostic, Monitor as _, Sink};
use crate::level::Level;
use crate::log::{Change, ChangeLog, SignalId, Source, Value};
use crate::net::{Attach, Net};
use crate::sim::{AgentId, Bench, Stop};
use crate::time::{Span, Time};
use crate::timing::Event;

/// Answers each transfer with the same steps, and then listens; keeps what came in.
struct Canned {
    steps: Vec<Step>,
    at: usize,
    heard: Vec<(u32, u64)>,
    cut: Vec<u32>,
}

impl Canned {
    fn next(&mut self) -> Step {
        let step = self.steps.get(self.at).copied().unwrap_or(Step::input(8));
        self.at += 1;
        step
    }
}

impl Device for Canned {
    fn select(&mut self, _: Time) -> Step {
        self.at = 0;
        self.next()
    }

    fn step(&mut self, _: Time, input: u64) -> Step {
        let bits = self.steps.get(self.at - 1).map_or(8, |s| s.bits);
        self.heard.push((bits, input));
        self.next()
    }

    fn deselect(&mut self, _: Time, bits: u32) {
        self.cut.push(bits);
    }
}

/// A bus with one controller and one peripheral, all pins of `pins` connected.
struct Rig {
    bench: Bench,
    host: AgentId<Controller>,
    target: AgentId<Peripheral>,
    log: ChangeLog,
}

fn canned(steps: Vec<Step>) -> Canned {
    Canned { steps, at: 0, heard: Vec::new(), cut: Vec::new() }
}

const NAMES: [&str; 6] = ["sck", "mosi", "miso", "io2", "io3", "cs"];

impl Rig {
    fn new(
        host: ControllerOptions,
        target: PeripheralOptions,
        steps: Vec<Step>,
        flight: Span,
        has_cs: bool,
    ) -> Rig {
        Rig::among(host, target, steps, flight, has_cs, |_, _| {})
    }

    /// With more agents, which are added to a bench at pins like those of the host.
    fn among(
        host: ControllerOptions,
        target: PeripheralOptions,
        steps: Vec<Step>,
        flight: Span,
        has_cs: bool,
        add_others: impl FnOnce(&mut Bench, &[Option<Attach>]),
    ) -> Rig {
        let mut bench = Bench::new(7);
        let nets: Vec<_> = NAMES.iter().map(|n| bench.add_net(Net::wire(*n))).collect();
        let pins = |position| -> Vec<Option<Attach>> {
            nets.iter()
                .enumerate()
                .map(|(i, &n)| (i < 5 || has_cs).then_some(Attach::at(n, position)))
                .collect()
        };
        let host = bench.add_agent("host", Controller::new(host).unwrap(), &pins(Span::ZERO));
        let target =
            bench.add_agent("target", Peripheral::new(target, Box::new(canned(steps))), &pins(flight));
        add_others(&mut bench, &pins(Span::ZERO));
        let log = bench.new_log();
        Rig { bench, host, target, log }
    }

    fn run(&mut self, ops: &[Op]) -> Completion {
        let ticket = self.bench.agent_mut(self.host).submit(ops).unwrap();
        let stop = self.bench.run_until(Time::from_fs(u64::MAX / 2), &mut self.log).unwrap();
        assert_eq!(stop, Stop::Requested);
        self.bench.agent_mut(self.host).take(ticket).unwrap()
    }

    fn finish(&mut self) {
        let later = self.bench.now() + Span::from_us(1);
        self.bench.run_until(later, &mut self.log).unwrap();
        self.bench.finish(&mut self.log);
    }

    /// What a monitor says at the pins of the host.
    fn decode(&mut self, options: &Options) -> Seen {
        let signals: Vec<Option<SignalId>> =
            (0..NAMES.len() as u32).map(|i| self.bench.signal_at(self.host, SignalId(i))).collect();
        decode(&self.log, &signals, options)
    }
}

#[derive(Default)]
struct Seen {
    items: Vec<Item>,
    events: Vec<Event>,
    diagnostics: Vec<Diagnostic>,
}

impl Sink<Item> for Seen {
    fn item(&mut self, item: Item) {
        self.items.push(item);
    }

    fn event(&mut self, event: Event) {
        assert!(
            self.events.last().is_none_or(|last| last.time <= event.time),
            "{event:?} after {:?}",
            self.events.last()
        );
        self.events.push(event);
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

fn decode(log: &ChangeLog, signals: &[Option<SignalId>], options: &Options) -> Seen {
    let (pins, columns): (Vec<_>, Vec<_>) =
        signals.iter().enumerate().filter_map(|(i, s)| s.map(|s| (SignalId(i as u32), s))).unzip();
    let mut monitor = Monitor::new(options, log.source());
    let mut seen = Seen::default();
    let mut instants = log.instants_of(&columns);
    while let Some((t, changes)) = instants.next() {
        let changes: Vec<Change> =
            changes.iter().map(|c| Change { signal: pins[c.signal.index()], value: c.value }).collect();
        monitor.instant(t, &changes, &mut seen);
    }
    monitor.finish(log.end(), &mut seen);
    seen
}

fn payloads(items: &[Item]) -> Vec<Payload> {
    items.iter().filter_map(|i| if let Item::Word(w) = i { Some(w.payload.clone()) } else { None }).collect()
}

fn duplex(mosi: Bits, miso: Bits) -> Payload {
    Payload::Duplex { mosi: Some(mosi), miso: Some(miso) }
}

/// The steps of a peripheral that sends `bits` (in the order of travel) in pieces of at most 64.
fn send(bits: &[bool], order: BitOrder, io: impl Fn(u64) -> Io, lanes: Lanes) -> Vec<Step> {
    let value = |piece: &[bool]| match order {
        BitOrder::Msb => piece.iter().fold(0, |n, &b| n << 1 | b as u64),
        BitOrder::Lsb => piece.iter().rev().fold(0, |n, &b| n << 1 | b as u64),
    };
    bits.chunks(64).map(|p| Step { bits: p.len() as u32, lanes, io: io(value(p)) }).collect()
}

fn number(bits: &[bool], order: BitOrder) -> Bits {
    let wire = bits.iter().copied().collect::<bitvec::vec::BitVec<u64, bitvec::order::Lsb0>>();
    Bits::from_wire(&wire, order)
}

#[test]
fn a_byte_travels_both_ways_in_every_mode() {
    for mode in Mode::ALL {
        let bus = Options { mode, ..Options::default() };
        let steps = vec![Step::exchange(0xa5, 8)];
        let mut rig = Rig::new(
            ControllerOptions::new(bus.clone(), 1_000_000),
            PeripheralOptions::new(bus.clone()),
            steps,
            Span::ZERO,
            true,
        );
        let done = rig.run(&[Op::Select(0), Op::Write(Bits::new(0x9f, 8), Lanes::SINGLE), Op::Deselect]);
        assert_eq!(done.words, [Bits::new(0xa5, 8)], "{mode:?}");
        rig.finish();
        let seen = rig.decode(&bus);
        assert_eq!(payloads(&seen.items), [duplex(Bits::new(0x9f, 8), Bits::new(0xa5, 8))], "{mode:?}");
        assert!(
            matches!(seen.items[0], Item::Select { .. }) && matches!(seen.items[2], Item::Deselect { .. })
        );
        assert_eq!(seen.diagnostics, []);
    }
}

#[test]
fn late_sampling_reads_what_comes_back_after_the_edge() {
    // 50 MHz: half a period is 10 ns; 6 ns to the far end, 5 ns to valid, 6 ns back: 17 ns.
    for (delay, right) in [(0, false), (1, true), (2, true)] {
        for mode in Mode::ALL {
            let bus = Options { mode, sample_delay: delay, ..Options::default() };
            let mut target = PeripheralOptions::new(bus.clone());
            target.output.valid = Span::from_ns(5);
            let steps = vec![Step::input(8), Step::output(0xef40, 16)];
            let mut rig = Rig::new(
                ControllerOptions::new(bus.clone(), 50_000_000),
                target,
                steps,
                Span::from_ns(6),
                true,
            );
            let done = rig.run(&[
                Op::Select(0),
                Op::Write(Bits::new(0x9f, 8), Lanes::SINGLE),
                Op::Read(8, Lanes::SINGLE),
                Op::Read(8, Lanes::SINGLE),
                Op::Deselect,
            ]);
            let read = [Bits::new(0xef, 8), Bits::new(0x40, 8)];
            assert_eq!(done.words[1..] == read, right, "{mode:?} delay {delay}: {:?}", done.words);
            rig.finish();
            let seen = rig.decode(&bus);
            let miso: Vec<Bits> = payloads(&seen.items)
                .into_iter()
                .filter_map(|p| if let Payload::Duplex { miso, .. } = p { miso } else { None })
                .collect();
            assert_eq!(miso, done.words, "{mode:?} delay {delay}");
        }
    }
}

#[test]
fn a_transfer_cut_short_is_reported_with_its_bits() {
    let bus = Options::default();
    let mut rig = Rig::new(
        ControllerOptions::new(bus.clone(), 1_000_000),
        PeripheralOptions::new(bus.clone()),
        vec![],
        Span::ZERO,
        true,
    );
    rig.run(&[Op::Select(0), Op::Write(Bits::new(0b10110, 5), Lanes::SINGLE), Op::Deselect]);
    rig.finish();
    let seen = rig.decode(&bus);
    let Item::Incomplete(word) = &seen.items[1] else { panic!("{:?}", seen.items) };
    assert_eq!(word.payload.len(), 5);
    assert_eq!(seen.diagnostics[0].code, "spi::cs-mid-word");
    let target = rig.bench.agent(rig.target).device();
    let target: &dyn std::any::Any = target;
    assert_eq!(target.downcast_ref::<Canned>().unwrap().cut, [5]);
}

#[test]
fn faults_do_what_they_say() {
    let bus = Options::default();
    let run = |kind| {
        let mut host = ControllerOptions::new(bus.clone(), 1_000_000);
        host.faults = vec![Fault { transfer: 0, bit: 2, kind }];
        let mut rig = Rig::new(host, PeripheralOptions::new(bus.clone()), vec![], Span::ZERO, true);
        rig.run(&[Op::Select(0), Op::Write(Bits::new(0xb5, 8), Lanes::SINGLE), Op::Deselect]);
        rig.finish();
        let seen = rig.decode(&bus);
        let edges = rig.log.column(rig.log.find("sck").unwrap()).len() - 1;
        (edges, seen)
    };
    let (edges, seen) = run(FaultKind::MissingClock);
    assert_eq!(edges, 14);
    assert!(matches!(&seen.items[1], Item::Incomplete(w) if w.payload.len() == 7));
    let (edges, seen) = run(FaultKind::ExtraClock);
    assert_eq!(edges, 18);
    assert_eq!(payloads(&seen.items).len(), 1);
    let width = Span::from_ns(20);
    let (edges, seen) = run(FaultKind::ClockGlitch { width });
    assert_eq!(edges, 18);
    let high: Vec<Time> =
        seen.events.iter().filter(|e| e.kind == rules::event::RISE_SAMPLE).map(|e| e.time).collect();
    assert_eq!(high.len(), 9);
    let (edges, seen) = run(FaultKind::DropSelect);
    assert_eq!(edges, 16);
    assert!(matches!(&seen.items[1], Item::Incomplete(w) if w.payload.len() == 3));
    assert!(seen.diagnostics.iter().any(|d| d.code == "spi::clock-while-deselected"));
}

#[test]
fn ti_frames_words_by_pulses() {
    let bus = Options { format: Format::Ti, ..Options::default() };
    let steps = vec![Step::exchange(0x3c, 8), Step::exchange(0x81, 8)];
    let mut rig = Rig::new(
        ControllerOptions::new(bus.clone(), 1_000_000),
        PeripheralOptions::new(bus.clone()),
        steps,
        Span::ZERO,
        true,
    );
    let word = |n| Op::Write(Bits::new(n, 8), Lanes::SINGLE);
    let done = rig.run(&[Op::Select(0), word(0x9f), word(0x42), Op::Deselect]);
    assert_eq!(done.words, [Bits::new(0x3c, 8), Bits::new(0x81, 8)]);
    rig.finish();
    let seen = rig.decode(&bus);
    let want = [(0x9f, 0x3c), (0x42, 0x81)].map(|(a, b)| duplex(Bits::new(a, 8), Bits::new(b, 8)));
    assert_eq!(payloads(&seen.items), want);
}

#[test]
fn microwire_changes_its_output_on_the_rising_edge() {
    let bus = Options { format: Format::Microwire, sample_delay: 1, ..Options::default() };
    let mut target = PeripheralOptions::new(bus.clone());
    target.output.valid = Span::from_ns(100);
    // The edge that samples the last address bit launches a dummy 0, as the 93LC EEPROMs do.
    let steps = vec![Step::input(9), Step::output(0xbeef, 17)];
    let mut rig = Rig::new(ControllerOptions::new(bus.clone(), 1_000_000), target, steps, Span::ZERO, true);
    let done = rig.run(&[
        Op::Select(0),
        Op::Write(Bits::new(0b1_1000_0001, 9), Lanes::SINGLE),
        Op::Read(16, Lanes::SINGLE),
        Op::Deselect,
    ]);
    assert_eq!(done.words[1].to_hex(), "beef");
    rig.finish();
    let words = payloads(&rig.decode(&Options { word_bits: WordBits::new(25).unwrap(), ..bus }).items);
    let Payload::Duplex { mosi, miso } = &words[0] else { panic!("{words:?}") };
    assert_eq!(mosi.as_ref().unwrap().to_hex(), "1810000");
    assert_eq!(miso.as_ref().unwrap().to_string()[3..], *"beef");
}

#[test]
fn data_that_change_as_they_are_sampled_are_read_alike_by_agents_and_monitor() {
    // Half a period is 500 ns, and so is the time to valid: MISO arrives in the very instant of the sampling edge.
    let bus = Options::default();
    let mut target = PeripheralOptions::new(bus.clone());
    (target.output.hold, target.output.valid) = (Span::from_ns(500), Span::from_ns(500));
    let steps = vec![Step::exchange(0xa5, 8)];
    let mut rig = Rig::new(ControllerOptions::new(bus.clone(), 1_000_000), target, steps, Span::ZERO, true);
    let done = rig.run(&[Op::Select(0), Op::Write(Bits::new(0x9f, 8), Lanes::SINGLE), Op::Deselect]);
    rig.finish();
    let words = payloads(&rig.decode(&bus).items);
    let Payload::Duplex { miso, .. } = &words[0] else { panic!("{words:?}") };
    assert_eq!(miso.as_ref(), Some(&done.words[0]));
    assert_ne!(done.words[0], Bits::new(0xa5, 8));
}

fn any_bits(len: impl Strategy<Value = usize>) -> impl Strategy<Value = Vec<bool>> {
    len.prop_flat_map(|n| proptest::collection::vec(any::<bool>(), n))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is said in full duplex is heard: by the other end, and by the monitor.
    #[test]
    fn duplex_words_round_trip(
        mode in 0..4usize,
        lsb in any::<bool>(),
        high in any::<bool>(),
        has_cs in any::<bool>(),
        words in proptest::collection::vec((any_bits(1..300usize), any::<u64>()), 1..4),
        delay in 0..3u8,
        gap in 0..3u64,
        hertz in 1_000u64..20_000_000,
    ) {
        let order = if lsb { BitOrder::Lsb } else { BitOrder::Msb };
        let len = words[0].0.len();
        let bus = Options {
            mode: Mode::ALL[mode],
            bit_order: order,
            cs_active: if high { Active::High } else { Active::Low },
            word_bits: WordBits::new(len as u32).unwrap(),
            sample_delay: delay,
            ..Options::default()
        };
        let words: Vec<(Vec<bool>, Vec<bool>)> = words.into_iter().map(|(bits, seed)| {
            let out: Vec<bool> = (0..len).map(|i| bits.get(i % bits.len()).copied().unwrap_or(false)).collect();
            let back = (0..len).map(|i| (seed >> (i % 64)) & 1 != 0).collect();
            (out, back)
        }).collect();
        let steps: Vec<Step> = words.iter().flat_map(|w| send(&w.1, order, Io::Exchange, Lanes::SINGLE)).collect();
        let mut host = ControllerOptions::new(bus.clone(), hertz);
        host.word_gap = Span::from_ns(gap * 100);
        let mut target = PeripheralOptions::new(bus.clone());
        if delay > 0 {
            target.output.valid = Span::from_ns(3);
            target.output.hold = Span::from_ns(1);
        }
        // Two half periods late means that the next bit is already on its way: it must not have arrived yet.
        prop_assume!(delay < 2);
        let mut rig = Rig::new(host, target, steps, Span::ZERO, has_cs);
        let mut ops = vec![Op::Select(0)];
        ops.extend(words.iter().map(|w| Op::Write(number(&w.0, order), Lanes::SINGLE)));
        ops.push(Op::Deselect);
        let done = rig.run(&ops);
        let back: Vec<Bits> = words.iter().map(|w| number(&w.1, order)).collect();
        prop_assert_eq!(&done.words, &back);
        rig.finish();
        let seen = rig.decode(&bus);
        let want: Vec<Payload> = words.iter().map(|w| duplex(number(&w.0, order), number(&w.1, order))).collect();
        prop_assert_eq!(payloads(&seen.items), want);
        prop_assert!(seen.items.iter().all(|i| !matches!(i, Item::Incomplete(_))));
        prop_assert_eq!(seen.diagnostics, vec![]);
    }

    /// Commands with phases on one, two and four lanes, at single and double rate.
    #[test]
    fn commands_on_many_lanes_round_trip(
        mode in prop_oneof![Just(Mode::Mode0), Just(Mode::Mode3)],
        address_lanes in 0..3usize,
        data_lanes in 0..3usize,
        double in any::<bool>(),
        dummy in 0..9u32,
        address in 0..0x100_0000u64,
        data in proptest::collection::vec(any::<u8>(), 1..5),
        qpi in any::<bool>(),
        read in any::<bool>(),
    ) {
        let lanes = [Lanes::SINGLE, Lanes::DUAL, Lanes::QUAD];
        let rate = if double && mode == Mode::Mode0 { Rate::Double } else { Rate::Single };
        let opcode_lanes = if qpi { Lanes::QUAD } else { Lanes::SINGLE };
        let (address_lanes, data_lanes) = (Lanes { rate, ..lanes[address_lanes] }, Lanes { rate, ..lanes[data_lanes] });
        let kind = if read { PhaseKind::Read } else { PhaseKind::Write };
        let mut phases = vec![Phase { kind: PhaseKind::Address, length: 24, lanes: address_lanes }];
        if dummy > 0 {
            phases.push(Phase { kind: PhaseKind::Dummy, length: dummy, lanes: Lanes { rate: Rate::Single, ..data_lanes } });
        }
        phases.push(Phase { kind, length: 0, lanes: data_lanes });
        let command = Command {
            opcode: 0xeb, mask: 0xff, name: "TEST".into(), class: class::READ, phases, switches_lanes: None, on_lanes: vec![],
        };
        let table = CommandTable { opcode_bits: 8, commands: vec![command] };
        let bus = Options { mode, lanes: opcode_lanes, commands: Some(std::sync::Arc::new(table)), ..Options::default() };
        let mut steps = vec![Step::input(8).on(opcode_lanes), Step::input(24).on(address_lanes)];
        let mut ops = vec![
            Op::Select(0),
            Op::Write(Bits::new(0xeb, 8), opcode_lanes),
            Op::Write(Bits::new(address, 24), address_lanes),
        ];
        if dummy > 0 {
            steps.push(Step::dummy(dummy));
            ops.push(Op::Dummy(dummy, Lanes { rate: Rate::Single, ..data_lanes }));
        }
        for &byte in &data {
            if read {
                steps.push(Step::output(byte as u64, 8).on(data_lanes));
                ops.push(Op::Read(8, data_lanes));
            } else {
                steps.push(Step::input(8).on(data_lanes));
                ops.push(Op::Write(Bits::new(byte as u64, 8), data_lanes));
            }
        }
        ops.push(Op::Deselect);
        let mut rig = Rig::new(
            ControllerOptions::new(bus.clone(), 10_000_000), PeripheralOptions::new(bus.clone()), steps, Span::ZERO, true,
        );
        let done = rig.run(&ops);
        rig.finish();
        let bytes: Vec<Bits> = data.iter().map(|&b| Bits::new(b as u64, 8)).collect();
        if read {
            prop_assert_eq!(&done.words[2..], &bytes[..]);
        } else {
            let target: &dyn std::any::Any = rig.bench.agent(rig.target).device();
            let heard = &target.downcast_ref::<Canned>().unwrap().heard;
            let tail: Vec<u64> = heard[heard.len() - data.len()..].iter().map(|h| h.1).collect();
            prop_assert_eq!(tail, data.iter().map(|&b| b as u64).collect::<Vec<_>>());
            prop_assert_eq!(heard[1].1, address);
        }
        let seen = rig.decode(&bus);
        let words = payloads(&seen.items);
        let said: Vec<Bits> = words[words.len() - data.len()..].iter().map(|p| match p {
            Payload::Duplex { mosi, miso } => if read { miso } else { mosi }.clone().unwrap(),
            Payload::Shared { bits, direction, .. } => {
                assert_eq!(*direction, if read { Direction::ToController } else { Direction::ToPeripheral });
                bits.clone()
            }
        }).collect();
        prop_assert_eq!(said, bytes);
        prop_assert_eq!(seen.diagnostics, vec![]);
        prop_assert!(seen.items.iter().all(|i| !matches!(i, Item::Incomplete(_))), "{:?}", seen.items);
    }

    /// One line for both directions.
    #[test]
    fn three_wire_words_round_trip(mode in 0..4usize, out in any::<u8>(), back in any::<u16>()) {
        let bus = Options { mode: Mode::ALL[mode], wires: Wires::Three, ..Options::default() };
        let steps = vec![Step::input(8), Step::output(back as u64, 16)];
        let mut rig = Rig::new(
            ControllerOptions::new(bus.clone(), 10_000_000), PeripheralOptions::new(bus.clone()), steps, Span::ZERO, true,
        );
        let read = Op::Read(8, Lanes::SINGLE);
        let done = rig.run(&[Op::Select(0), Op::Write(Bits::new(out as u64, 8), Lanes::SINGLE), read.clone(), read, Op::Deselect]);
        let want = [Bits::new((back >> 8) as u64, 8), Bits::new((back & 0xff) as u64, 8)];
        prop_assert_eq!(&done.words[1..], &want[..]);
        rig.finish();
        prop_assert_eq!(rig.bench.troubles(), &[]);
        let shared = |bits| Payload::Shared { lanes: 1, direction: Direction::Unknown, bits };
        let words = payloads(&rig.decode(&bus).items);
        let all = [Bits::new(out as u64, 8), want[0].clone(), want[1].clone()].map(shared);
        prop_assert_eq!(words, all.to_vec());
    }

    /// The monitor takes any waveform: no panic, events in order, items that lie within the waveform.
    #[test]
    fn the_monitor_accepts_anything(
        mode in 0..4usize, format in 0..3usize, delay in 0..5u8, bits in 1..70u32, recording in any::<bool>(),
        three in any::<bool>(), lanes in 0..3usize, table in any::<bool>(),
        changes in proptest::collection::vec((0..16u32, 0..4u64, 0..30u64), 0..300),
    ) {
        let command = |opcode, phases| Command { opcode, mask: 3, name: "X".into(), class: class::WRITE, phases, switches_lanes: Some(2), on_lanes: vec![] };
        let phase = |kind, length, count, rate| Phase { kind, length, lanes: Lanes { count, rate } };
        let commands = CommandTable { opcode_bits: 4, commands: vec![
            command(1, vec![phase(PhaseKind::Address, 12, 4, Rate::Double), phase(PhaseKind::Dummy, 3, 2, Rate::Single), phase(PhaseKind::Read, 0, 2, Rate::Double)]),
            command(2, vec![phase(PhaseKind::Mode, 8, 1, Rate::Single), phase(PhaseKind::Write, 16, 4, Rate::Single)]),
        ]};
        let options = Options {
            mode: Mode::ALL[mode],
            format: [Format::Motorola, Format::Ti, Format::Microwire][format],
            word_bits: WordBits::new(bits).unwrap(),
            wires: if three { Wires::Three } else { Wires::Four },
            lanes: [Lanes::SINGLE, Lanes::DUAL, Lanes::QUAD][lanes],
            sample_delay: delay,
            commands: table.then(|| std::sync::Arc::new(commands)),
            ..Options::default()
        };
        let source = if recording { Source::Recording { grid: Some(Span::from_fs(2)) } } else { Source::Run };
        let mut monitor = Monitor::new(&options, source);
        let mut seen = Seen::default();
        let mut now = 0;
        let mut instant: Vec<Change> = Vec::new();
        for (signal, value, dt) in changes {
            if dt > 0 {
                monitor.instant(Time::from_fs(now), &instant, &mut seen);
                instant.clear();
                now += dt;
            }
            instant.retain(|c| c.signal.0 != signal);
            let level = [Level::Low, Level::High, Level::X, Level::Z][value as usize];
            instant.push(Change { signal: SignalId(signal), value: Value::wire(level) });
        }
        monitor.finish(Time::from_fs(now + 1), &mut seen);
        for item in &seen.items {
            prop_assert!(item.start() <= item.end(), "{item:?}");
        }
    }
}
