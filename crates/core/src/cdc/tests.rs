use std::collections::BTreeMap;

use proptest::prelude::*;

use super::monitor::{Latest, PulseOptions};
use super::*;
use crate::bus::handshake::{
    self, Pace, Pattern, Protocol, Receiver, ReceiverOptions, Sender, SenderOptions,
};
use crate::bus::{Diagnostic, Monitor, Sink};
use crate::judge::{Jury, Said};
use crate::level::{Drive, Level};
use crate::log::{Change, ChangeLog, SignalId, Source, Value};
use crate::mapping::Tap;
use crate::net::{Attach, Net, NetId};
use crate::sim::{Agent, AgentId, Bench, ClockSpec, Cx, Jitter, Oscillator, Stop};
use crate::time::{Span, Time};
use crate::timing::{Param, Params};

const WIDTH: u32 = 32;

fn ps(ps: u64) -> Span {
    Span::from_ps(ps)
}

fn at(ps: u64) -> Time {
    Time::ZERO + Span::from_ps(ps)
}

fn flop(metastability: Metastability) -> FlopSpec {
    FlopSpec { setup: ps(300), hold: ps(100), clk_to_q: ps(200), metastability }
}

/// Resolves within the period of any clock here: two stages never fail in the tests of a minute.
const QUICK: Metastability = Metastability::Resolves(Resolution { tau: 20e-12, t0: 50e-12 });

/// A crossing between a sender and a receiver, each on a clock of its own.
struct Rig {
    bench: Bench,
    sender: AgentId<Sender>,
    receiver: AgentId<Receiver>,
}

/// The nets of a crossing, numbered as its pins.
fn nets(bench: &mut Bench, pointer_bits: u32) -> Vec<Option<Attach>> {
    let net = |(i, name): (usize, &&str)| match SignalId(i as u32) {
        pin::SRC_DATA | pin::DST_DATA => Net::group(*name, WIDTH),
        pin::WPTR | pin::RPTR | pin::WPTR_SYNC | pin::RPTR_SYNC => Net::group(*name, pointer_bits),
        _ => Net::wire(*name),
    };
    pin::NAMES.iter().enumerate().map(net).map(|net| Some(Attach::to(bench.add_net(net)))).collect()
}

#[derive(Clone, Copy, Debug)]
struct Sides {
    clocks: [ClockSpec; 2],
    patterns: [Pattern; 2],
}

impl Sides {
    fn steady(source: u64, destination: u64) -> Sides {
        let [a, b] = [source, destination].map(ClockSpec::ideal);
        Sides {
            clocks: [ClockSpec { phase: ps(130), ..a }, ClockSpec { phase: ps(770), ..b }],
            patterns: [Pattern::Always; 2],
        }
    }
}

impl Rig {
    fn new<A: Agent>(crossing: A, pointer_bits: u32, sides: Sides, seed: u64) -> Rig {
        let mut bench = Bench::new(seed);
        let nets = nets(&mut bench, pointer_bits);
        let width = handshake::Width::new(WIDTH).unwrap();
        let bus = handshake::Options { width, ..handshake::Options::of(Protocol::ValidReady) };
        let side = |first: usize| {
            let mut pins = vec![None; handshake::pin::COUNT];
            let roles =
                [handshake::pin::CLK, handshake::pin::VALID, handshake::pin::READY, handshake::pin::DATA];
            roles.iter().enumerate().for_each(|(i, role)| pins[role.index()] = nets[first + i]);
            pins
        };
        let pace = Pace::after(ps(200));
        let [source, destination] = sides.clocks.map(|spec| Oscillator::new(&spec).unwrap());
        bench.add_agent("source clock", source, &[nets[pin::SRC_CLK.index()]]);
        bench.add_agent("destination clock", destination, &[nets[pin::DST_CLK.index()]]);
        let sender = SenderOptions { pattern: sides.patterns[0], ..SenderOptions::new(bus, pace) };
        let receiver = ReceiverOptions { pattern: sides.patterns[1], ..ReceiverOptions::new(bus, pace) };
        let sender = bench.add_agent("sender", Sender::new(sender).unwrap(), &side(0));
        let receiver = bench.add_agent("receiver", Receiver::new(receiver).unwrap(), &side(4));
        bench.add_agent("crossing", crossing, &nets);
        Rig { bench, sender, receiver }
    }

    fn fifo(options: FifoOptions, sides: Sides, seed: u64) -> Rig {
        Rig::new(Fifo::new(&options).unwrap(), options.pointer_bits(), sides, seed)
    }

    fn req_ack(options: ReqAckOptions, sides: Sides, seed: u64) -> Rig {
        Rig::new(ReqAck::new(&options).unwrap(), 2, sides, seed)
    }

    /// Sends 1, 2, 3 and so on and lets them arrive; every change.
    fn log(&mut self, words: u64) -> ChangeLog {
        let list: Vec<u64> = (1..=words).collect();
        let ticket = self.bench.agent_mut(self.sender).submit(&list);
        let mut log = self.bench.new_log();
        let stop = self.bench.run_until(self.bench.now() + Span::from_ms(100), &mut log).unwrap();
        assert_eq!(stop, Stop::Requested, "{words} words do not pass");
        assert!(self.bench.agent_mut(self.sender).take(ticket).is_some());
        self.bench.run_until(self.bench.now() + Span::from_us(20), &mut log).unwrap();
        self.bench.finish(&mut log);
        log
    }

    /// Sends 1, 2, 3 and so on; what the monitor says of it.
    fn run(&mut self, words: u64, options: CrossingOptions) -> Heard {
        hear(&self.log(words), || CrossingMonitor::new(options, Source::Run), &[])
    }

    fn received(&self) -> Vec<u64> {
        self.bench.agent(self.receiver).received().iter().map(|r| r.data.bits).collect()
    }
}

/// What a monitor said.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    items: Vec<Crossed>,
    /// How often each diagnostic came.
    codes: BTreeMap<&'static str, u64>,
    /// How often each rule was broken.
    broken: BTreeMap<&'static str, u64>,
}

impl Heard {
    fn words(&self) -> Vec<u64> {
        self.items.iter().map(|item| item.data.bits).collect()
    }

    fn has(&self, code: &str) -> bool {
        self.codes.contains_key(code)
    }
}

/// Judges a log whose signals are numbered as the monitor's pins.
fn hear<M: Monitor<Item = Crossed>>(
    log: &ChangeLog,
    monitor: impl Fn() -> M,
    limits: &[(Param, Span)],
) -> Heard {
    let mut params = Params::new();
    for (param, limit) in limits {
        params.set(*param, limit.as_fs() as i64, "the test");
    }
    let mut heard = Heard::default();
    let said = |what: Said<Crossed>| match what {
        Said::Item(item) => heard.items.push(item),
        Said::Diagnostic(odd) => *heard.codes.entry(odd.code).or_default() += 1,
        Said::Finding(finding) => *heard.broken.entry(finding.rule.name).or_default() += 1,
    };
    let pins = (0..log.columns().len() as u32).map(|i| (SignalId(i), SignalId(i))).collect();
    let mut jury = Jury::new(&[Tap { point: None, pins }], monitor, rules::RULES, &params, Source::Run, said);
    log.replay(&mut jury);
    heard
}

fn fifo(depth: u32, stages: u8, metastability: Metastability, code: PointerCode) -> FifoOptions {
    FifoOptions { depth, stages, flop: flop(metastability), code, skew: Span::ZERO }
}

fn any_clock() -> impl Strategy<Value = ClockSpec> {
    let jitter = prop_oneof![
        Just(Jitter::None),
        Just(Jitter::Uniform { peak: ps(20) }),
        Just(Jitter::Gaussian { rms: ps(5) })
    ];
    (
        40_000_000..450_000_000u64,
        -50_000_000..50_000_000i64,
        prop_oneof![1 => Just(0), 5 => 100..25_000u64],
        jitter,
    )
        .prop_map(|(hertz, error_ppb, phase, jitter)| ClockSpec {
            hertz,
            error_ppb,
            phase: ps(phase),
            jitter,
        })
}

fn any_pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        2 => Just(Pattern::Always),
        1 => (60..=255u8).prop_map(Pattern::Random),
        1 => (1..6u32, 0..6u32).prop_map(|(open, shut)| Pattern::Bursts { open, shut }),
    ]
}

fn any_sides() -> impl Strategy<Value = Sides> {
    (any_clock(), any_clock(), any_pattern(), any_pattern())
        .prop_map(|(a, b, c, d)| Sides { clocks: [a, b], patterns: [c, d] })
}

fn any_metastability() -> impl Strategy<Value = Metastability> {
    prop_oneof![1 => Just(Metastability::Never), 3 => Just(Metastability::OneCycle), 2 => Just(QUICK)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Nothing lost, nothing doubled, in order: two free-running clocks of any ratio, any depth and back-pressure,
    /// metastability on. The example `crossings` sends a million words through each.
    #[test]
    fn a_gray_fifo_loses_nothing(
        sides in any_sides(), depth in 1..6u32, stages in 2..4u8, model in any_metastability(), seed in any::<u64>(),
        skew in 0..90u64,
    ) {
        let fastest = sides.clocks.iter().map(|clock| clock.hertz + clock.hertz / 20).max().unwrap_or(1);
        let skew = Span::period_of(fastest).unwrap().saturating_sub(ps(40)).scale(skew, 100);
        let options = FifoOptions { skew, ..fifo(1 << depth, stages, model, PointerCode::Gray) };
        let mut rig = Rig::fifo(options, sides, seed);
        let heard = rig.run(600, CrossingOptions::fifo(options.depth, options.code));
        prop_assert!(heard.codes.is_empty(), "{:?}", heard.codes);
        prop_assert!(heard.words().into_iter().eq(1..=600));
        prop_assert!(rig.received().into_iter().eq(1..=600));
    }

    #[test]
    fn requests_and_acknowledges_lose_nothing(
        sides in any_sides(), four in any::<bool>(), stages in 2..4u8, model in any_metastability(), seed in any::<u64>(),
    ) {
        let phases = if four { Phases::Four } else { Phases::Two };
        let options = ReqAckOptions { phases, stages, flop: flop(model) };
        let mut rig = Rig::req_ack(options, sides, seed);
        let log = rig.log(150);
        let heard = hear(&log, || CrossingMonitor::new(CrossingOptions::REQ_ACK, Source::Run), &[]);
        prop_assert!(heard.codes.is_empty(), "{:?}", heard.codes);
        prop_assert!(heard.words().into_iter().eq(1..=150));
        prop_assert!(rig.received().into_iter().eq(1..=150));
        prop_assert_eq!(inside(&log, phases), (vec![], (1..=150).collect::<Vec<u64>>()));
    }

    /// Pulses further apart than the crossing takes all arrive, once the destination's clock runs.
    #[test]
    fn pulses_that_keep_their_distance_arrive(
        clocks in (any_clock(), any_clock()), stages in 2..4u8, model in any_metastability(), seed in any::<u64>(),
    ) {
        let (source, destination) = clocks;
        let gap = 2 + 3 * source.hertz / destination.hertz;
        let asleep = destination.phase.as_fs() / Span::period_of(source.hertz).unwrap().as_fs();
        let mut gaps = [gap as u32; 100];
        // The last is the first that the pulser takes.
        gaps[99] += 1 + asleep as u32;
        let log = pulses(source, destination, stages, model, &gaps, seed);
        let latest = Span::period_of(destination.hertz).unwrap() * (stages as u64 + 4) + Span::from_ns(60);
        let heard = hear(&log, || PulseMonitor::new(PulseOptions { latest: Latest::After(latest) }, Source::Run), &[]);
        prop_assert!(heard.codes.is_empty(), "{:?}", heard.codes);
        prop_assert_eq!(heard.items.len(), 100);
    }

    /// The monitors take any waveform, and what they say lies within it.
    #[test]
    fn the_monitors_accept_anything(
        steps in proptest::collection::vec((0..18u32, 0..4u64, any::<(u64, u64)>(), 0..3u64), 0..300),
        recording in any::<bool>(), gray in any::<bool>(),
    ) {
        let source = if recording { Source::Recording { grid: Some(Span::from_fs(3)) } } else { Source::Run };
        let code = if gray { PointerCode::Gray } else { PointerCode::Binary };
        let span = Span::from_fs(9);
        feed(CrossingMonitor::new(CrossingOptions::fifo(4, code), source), &steps)?;
        feed(PulseMonitor::new(PulseOptions { latest: Latest::After(span) }, source), &steps)?;
        feed(LevelMonitor::new(LevelOptions { clk_to_q: span, stages: 3 }, source), &steps)?;
    }

    #[test]
    fn gray_code_changes_one_bit_at_a_time_and_goes_back(n in any::<u64>()) {
        prop_assert_eq!((bin_to_gray(n) ^ bin_to_gray(n.wrapping_add(1))).count_ones(), 1);
        prop_assert_eq!(gray_to_bin(bin_to_gray(n)), n);
    }
}

/// Hands a monitor a waveform that makes no sense.
fn feed<M: Monitor<Item = Crossed>>(
    mut monitor: M,
    steps: &[(u32, u64, (u64, u64), u64)],
) -> Result<(), TestCaseError> {
    let (mut seen, mut now, mut instant) = (Seen::default(), 0, Vec::<Change>::new());
    for &(signal, kind, (bits, unknown), dt) in steps {
        if dt > 0 {
            monitor.instant(Time::from_fs(now), &instant, &mut seen);
            instant.clear();
            now += dt;
            monitor.advance(Time::from_fs(now - 1), &mut seen);
        }
        let signal = SignalId(signal);
        let value = if kind == 0 { Value { bits, unknown } } else { Value::known(bits & kind) };
        instant.retain(|c| c.signal != signal);
        instant.push(Change { signal, value });
    }
    monitor.finish(Time::from_fs(now + 1), &mut seen);
    for item in &seen.0 {
        prop_assert!(item.start <= item.end && item.end <= Time::from_fs(now), "{:?}", item);
    }
    for odd in &seen.1 {
        prop_assert!(odd.from <= odd.to, "{:?}", odd);
    }
    Ok(())
}

#[derive(Default)]
struct Seen(Vec<Crossed>, Vec<Diagnostic>);

impl Sink<Crossed> for Seen {
    fn item(&mut self, item: Crossed) {
        self.0.push(item);
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.1.push(diagnostic);
    }
}

/// What the monitor of handshakes says of the wires between the domains: its complaints, and the words.
fn inside(log: &ChangeLog, phases: Phases) -> (Vec<&'static str>, Vec<u64>) {
    #[derive(Default)]
    struct Wires(Vec<&'static str>, Vec<u64>);
    impl Sink<handshake::Item> for Wires {
        fn item(&mut self, item: handshake::Item) {
            self.1.extend(item.beat().data.to_u64());
        }
        fn diagnostic(&mut self, diagnostic: Diagnostic) {
            self.0.push(diagnostic.code);
        }
    }
    let protocol = match phases {
        Phases::Two => Protocol::TwoPhase,
        Phases::Four => Protocol::FourPhase,
    };
    let width = handshake::Width::new(WIDTH).unwrap();
    let bus = handshake::Options { width, ..handshake::Options::of(protocol) };
    let mut monitor = handshake::Monitor::new(&bus, Source::Run);
    let mut wires = Wires::default();
    // Request, acknowledge and data have the numbers 0, 1 and 2 on that bus, too.
    let mut instants = log.instants_of(&[pin::REQ, pin::ACK, pin::SRC_DATA]);
    while let Some((t, changes)) = instants.next() {
        monitor.instant(t, changes, &mut wires);
    }
    monitor.finish(log.end(), &mut wires);
    (wires.0, wires.1)
}

/// Flags say "equal" or not, so it takes a mix of pointers that lasts for two edges to do harm: wires that arrive apart.
#[test]
fn binary_pointers_are_caught() {
    let sides = Sides::steady(100_000_000, 430_000_000);
    for seed in 0..8 {
        for (code, want) in [(PointerCode::Binary, true), (PointerCode::Gray, false)] {
            let options = FifoOptions { skew: ps(8_000), ..fifo(8, 2, Metastability::OneCycle, code) };
            let heard = hear_some(&mut Rig::fifo(options, sides, seed), CrossingOptions::fifo(8, code));
            assert_eq!(heard.has("cdc::underflow"), want, "{code:?}, seed {seed}: {:?}", heard.codes);
            assert_eq!(heard.has("cdc::corrupt") || heard.has("cdc::doubled"), want, "{:?}", heard.codes);
            assert_eq!(heard.codes.is_empty(), !want, "{:?}", heard.codes);
        }
        // Whoever expects gray code sees what is wrong at once, whatever becomes of the words.
        let options = fifo(8, 2, Metastability::OneCycle, PointerCode::Binary);
        let heard =
            hear_some(&mut Rig::fifo(options, sides, seed), CrossingOptions::fifo(8, PointerCode::Gray));
        assert!(heard.has("cdc::gray-jump"));
    }
}

/// Runs for 40 us, whatever becomes of the words.
fn hear_some(rig: &mut Rig, options: CrossingOptions) -> Heard {
    let list: Vec<u64> = (1..=1_000_000).collect();
    rig.bench.agent_mut(rig.sender).submit(&list);
    let mut log = rig.bench.new_log();
    rig.bench.run_until(Time::ZERO + Span::from_us(40), &mut log).unwrap();
    rig.bench.finish(&mut log);
    hear(&log, || CrossingMonitor::new(options, Source::Run), &[])
}

#[test]
fn crossings_without_synchronisers_are_caught() {
    let caught =
        |heard: &Heard| ["cdc::lost", "cdc::doubled", "cdc::corrupt"].iter().any(|code| heard.has(code));
    let sides = Sides::steady(151_000_000, 203_000_000);
    for seed in 0..4 {
        for (stages, want) in [(0, true), (2, false)] {
            let options = fifo(8, stages, Metastability::OneCycle, PointerCode::Gray);
            let mut rig = Rig::fifo(options, sides, seed);
            let heard = hear_some(&mut rig, CrossingOptions::fifo(8, PointerCode::Gray));
            assert_eq!(caught(&heard), want, "FIFO, {stages} stages, seed {seed}: {:?}", heard.codes);
            for phases in [Phases::Two, Phases::Four] {
                let options = ReqAckOptions { phases, stages, flop: flop(Metastability::OneCycle) };
                let mut rig = Rig::req_ack(options, sides, seed);
                let heard = hear_some(&mut rig, CrossingOptions::REQ_ACK);
                assert_eq!(
                    caught(&heard),
                    want,
                    "{phases:?}, {stages} stages, seed {seed}: {:?}",
                    heard.codes
                );
            }
        }
    }
}

/// `OpenTitan`'s notes: 1 source and 2 destination cycles until the destination, 1 + 2 + 1 + 2 until the source.
#[test]
fn a_request_takes_as_long_as_opentitan_says() {
    for phases in [Phases::Two, Phases::Four] {
        let options = ReqAckOptions { phases, stages: 2, flop: flop(Metastability::Never) };
        // Of 10 and 25 ns, the edges of the destination 1 ns after every tenth... of the source.
        let sides = Sides::steady(100_000_000, 40_000_000);
        let mut rig = Rig::req_ack(options, sides, 1);
        let log = rig.log(1);
        let heard = hear(&log, || CrossingMonitor::new(CrossingOptions::REQ_ACK, Source::Run), &[]);
        let edge = |signal: SignalId, level: Level| {
            log.column(signal).iter().find(|(_, value)| value.level() == level).map(|(t, _)| t).unwrap()
        };
        // The first word is offered after the first edge of the source, at 130 ps, and seen at the next.
        let offered = at(10_130);
        assert_eq!(edge(pin::REQ, Level::High), offered + ps(200), "one source cycle");
        // Edges of the destination at 770 ps and every 25 ns: 25.77 and 50.77 ns are the two that its flops take.
        assert_eq!(edge(pin::DST_VALID, Level::High), at(50_770 + 200), "two destination cycles");
        assert_eq!(heard.items[0].data.bits, 1);
        // Taken and acknowledged at the third, 75.77 ns; 80.13 and 90.13 ns are the two edges of the source's flops.
        assert_eq!(edge(pin::ACK, Level::High), at(75_770 + 200), "one destination cycle");
        assert_eq!(edge(pin::SRC_READY, Level::High), at(90_130 + 200), "two source cycles");
    }
}

#[test]
fn four_phases_have_half_the_throughput_of_two() {
    let time = |phases| {
        let options = ReqAckOptions { phases, stages: 2, flop: flop(Metastability::Never) };
        let mut rig = Rig::req_ack(options, Sides::steady(100_000_000, 100_000_000), 1);
        let heard = rig.run(200, CrossingOptions::REQ_ACK);
        heard.items.last().unwrap().end.since(heard.items[0].end).as_fs() as f64
    };
    let ratio = time(Phases::Four) / time(Phases::Two);
    assert!((1.6..2.1).contains(&ratio), "{ratio}");
}

#[test]
fn a_fifo_takes_its_depth_and_a_word_for_the_output_register() {
    for depth in [2, 4, 16] {
        let options = fifo(depth, 2, Metastability::Never, PointerCode::Gray);
        let mut sides = Sides::steady(100_000_000, 100_000_000);
        // It takes its first word after a long time.
        sides.patterns[1] = Pattern::Bursts { open: 1, shut: 1_000_000 };
        let mut rig = Rig::fifo(options, sides, 1);
        let words: Vec<u64> = (1..=100).collect();
        rig.bench.agent_mut(rig.sender).submit(&words);
        rig.bench.run_until(Time::ZERO + Span::from_us(5), &mut ()).unwrap();
        let taken = rig.received().len() as u64;
        assert!(taken <= 1);
        assert_eq!(rig.bench.agent(rig.sender).sent() - taken, depth as u64 + 1);
    }
}

#[test]
fn impossible_fifos_are_refused() {
    for depth in [0, 1, 3, 6, 131_072] {
        let options = fifo(depth, 2, Metastability::Never, PointerCode::Gray);
        assert_eq!(Fifo::new(&options).err(), Some(FifoError::Depth(depth)));
    }
    assert!(Fifo::new(&fifo(65_536, 2, Metastability::Never, PointerCode::Gray)).is_ok());
}

#[test]
fn the_same_seed_gives_the_same_waveform() {
    let log = |seed| {
        let options = fifo(4, 2, QUICK, PointerCode::Gray);
        let log = Rig::fifo(options, Sides::steady(170_000_000, 99_000_000), seed).log(300);
        log.columns().iter().map(|column| column.iter().collect()).collect::<Vec<Vec<_>>>()
    };
    assert_eq!(log(5), log(5));
    assert_ne!(log(5), log(6));
}

// Pulses and levels.

/// Drives pin 0 with given levels after given waits.
struct Script {
    steps: Vec<(Span, Level)>,
    at: usize,
}

impl Agent for Script {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            cx.drive(SignalId(0), Drive::Strong(false));
        } else if let Some((_, level)) = self.steps.get(self.at) {
            cx.drive(SignalId(0), Drive::Strong(level.is_high()));
            self.at += 1;
        }
        if let Some((wait, _)) = self.steps.get(self.at) {
            cx.set_alarm(cx.now() + *wait);
        }
    }

    fn watches(&self) -> u64 {
        0
    }
}

/// Makes a pulse of one cycle on pin 1, so many edges of the clock on pin 0 after the last.
struct Pulser {
    gaps: Vec<u32>,
    wait: u32,
}

impl Agent for Pulser {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            cx.drive(SignalId(1), Drive::Strong(false));
        }
        if !cx.changed(SignalId(0)) || !cx.level(SignalId(0)).is_high() {
            return;
        }
        self.wait += 1;
        let due = self.gaps.last().is_some_and(|gap| self.wait >= *gap);
        if due {
            self.gaps.pop();
            self.wait = 0;
        }
        cx.drive_after(SignalId(1), ps(200), Drive::Strong(due));
    }

    fn watches(&self) -> u64 {
        1
    }
}

fn pulses(
    source: ClockSpec,
    destination: ClockSpec,
    stages: u8,
    model: Metastability,
    gaps: &[u32],
    seed: u64,
) -> ChangeLog {
    let mut bench = Bench::new(seed);
    let nets: Vec<NetId> = pulse_pin::NAMES.iter().map(|name| bench.add_net(Net::wire(*name))).collect();
    let pins = |list: &[SignalId]| -> Vec<_> {
        list.iter().map(|pin| Some(Attach::to(nets[pin.index()]))).collect()
    };
    let all: Vec<SignalId> = (0..nets.len() as u32).map(SignalId).collect();
    bench.add_agent("a", Oscillator::new(&source).unwrap(), &pins(&[pulse_pin::SRC_CLK]));
    bench.add_agent("b", Oscillator::new(&destination).unwrap(), &pins(&[pulse_pin::DST_CLK]));
    let pulser = Pulser { gaps: gaps.to_vec(), wait: 0 };
    bench.add_agent("pulser", pulser, &pins(&[pulse_pin::SRC_CLK, pulse_pin::SRC]));
    bench.add_agent("crossing", PulseSynchroniser::new(flop(model), stages).unwrap(), &pins(&all));
    let mut log = bench.new_log();
    let cycles: u64 = gaps.iter().map(|gap| *gap as u64).sum();
    let limit = Span::period_of(source.hertz).unwrap() * (2 * cycles) + Span::from_us(2);
    bench.run_until(Time::ZERO + limit, &mut log).unwrap();
    bench.finish(&mut log);
    log
}

#[test]
fn pulses_that_come_too_close_and_pulses_without_synchroniser_are_caught() {
    let [fast, slow] = [(400_000_000, 150), (73_210_000, 900)]
        .map(|(hertz, phase)| ClockSpec { phase: ps(phase), ..ClockSpec::ideal(hertz) });
    let monitor =
        || PulseMonitor::new(PulseOptions { latest: Latest::After(Span::from_ns(100)) }, Source::Run);
    let close = pulses(fast, slow, 2, Metastability::Never, &[1; 20], 1);
    assert!(hear(&close, monitor, &[]).has("cdc::pulse-lost"));
    for (stages, want) in [(0, true), (2, false)] {
        let log = pulses(fast, slow, stages, Metastability::OneCycle, &[40; 1_000], 1);
        let heard = hear(&log, monitor, &[]);
        assert_eq!(
            heard.has("cdc::pulse-lost") || heard.has("cdc::pulse-invented"),
            want,
            "{:?}",
            heard.codes
        );
    }
}

/// A synchroniser on a clock of 100 MHz whose first edge comes at 5 ns.
fn level(stages: u8, model: Metastability, steps: Vec<(Span, Level)>, seed: u64) -> ChangeLog {
    let mut bench = Bench::new(seed);
    let nets = ["clk", "d", "q", "s1"].map(|name| bench.add_net(Net::wire(name)));
    let on = |list: &[usize]| -> Vec<_> { list.iter().map(|i| Some(Attach::to(nets[*i]))).collect() };
    let clock = ClockSpec { phase: Span::from_ns(5), ..ClockSpec::ideal(100_000_000) };
    bench.add_agent("clock", Oscillator::new(&clock).unwrap(), &on(&[0]));
    let length = steps.iter().fold(Time::ZERO, |t, step| t + step.0);
    bench.add_agent("script", Script { steps, at: 0 }, &on(&[1]));
    bench.add_agent("synchroniser", Synchroniser::new(flop(model), stages, 1).unwrap(), &on(&[0, 1, 2, 3]));
    let mut log = bench.new_log();
    bench.run_until(length + Span::from_us(1), &mut log).unwrap();
    bench.finish(&mut log);
    log
}

fn level_monitor(stages: u8) -> LevelMonitor {
    LevelMonitor::new(LevelOptions { clk_to_q: ps(200), stages }, Source::Run)
}

#[test]
fn a_level_takes_an_edge_for_each_stage() {
    for stages in 1..=4u8 {
        let log = level(stages, Metastability::OneCycle, vec![(ps(12_000), Level::High)], 1);
        let heard = hear(&log, || level_monitor(stages), &[]);
        // It rises at 12 ns; edges follow at 15 ns and every 10 ns.
        let end = at(15_000 + 10_000 * (stages as u64 - 1) + 200);
        assert_eq!(heard.items, [Crossed { start: at(12_000), end, data: Value::known(1) }]);
        assert!(heard.codes.is_empty(), "{:?}", heard.codes);
    }
}

/// Both sides of the limits of the latency: it takes 13.2 ns.
#[test]
fn both_sides_of_the_latency() {
    let log = level(2, Metastability::Never, vec![(ps(12_000), Level::High)], 1);
    let broken = |param, ps: u64| hear(&log, || level_monitor(2), &[(param, Span::from_ps(ps))]).broken;
    assert!(broken(rules::T_LAT_MIN, 13_200).is_empty());
    assert_eq!(broken(rules::T_LAT_MIN, 13_201), BTreeMap::from([("tLATENCY-min", 1)]));
    assert!(broken(rules::T_LAT_MAX, 13_200).is_empty());
    assert_eq!(broken(rules::T_LAT_MAX, 13_199), BTreeMap::from([("tLATENCY-max", 1)]));
}

#[test]
fn a_synchroniser_of_no_stages_is_caught() {
    let log = level(0, Metastability::OneCycle, vec![(ps(12_000), Level::High), (ps(30_000), Level::Low)], 1);
    assert_eq!(hear(&log, || level_monitor(0), &[]).codes, BTreeMap::from([("cdc::unsynchronised", 2)]));
}

#[test]
fn a_level_between_two_edges_is_lost() {
    let short = |width| vec![(ps(26_000), Level::High), (ps(width), Level::Low)];
    let codes =
        |width| hear(&level(2, Metastability::Never, short(width), 1), || level_monitor(2), &[]).codes;
    // Edges at 25 and 35 ns.
    assert_eq!(codes(8_999), BTreeMap::from([("cdc::level-lost", 1)]));
    assert!(codes(9_000).is_empty(), "the flop takes what is there before the edge");
    assert!(codes(9_001).is_empty());
    assert!(codes(30_000).is_empty());
}

#[test]
fn levels_follow_each_other_through_a_chain() {
    // A level in each period: with four stages four are under way.
    let turns = [Level::High, Level::Low].into_iter().cycle().take(12);
    let steps: Vec<_> = turns.map(|level| (ps(10_000), level)).collect();
    for stages in 1..=5 {
        let log = level(stages, Metastability::Never, steps.clone(), 1);
        let heard = hear(&log, || level_monitor(stages), &[]);
        assert!(heard.codes.is_empty(), "{stages} stages: {:?}", heard.codes);
        assert_eq!(heard.items.len(), 12, "{stages} stages");
        assert!(
            heard
                .items
                .iter()
                .all(|item| item.end.since(item.start) == heard.items[0].end.since(heard.items[0].start))
        );
    }
}

#[test]
fn levels_without_an_edge_are_lost_however_many_they_are() {
    // Four levels within a period, the last of them Low again, on a chain with room for many.
    let blips = |n: usize| {
        let turns = [Level::High, Level::Low].into_iter().cycle().take(2 * n);
        turns.enumerate().map(|(i, level)| (ps(if i == 0 { 26_000 } else { 1_000 }), level)).collect()
    };
    for n in 1..4 {
        let log = level(4, Metastability::Never, blips(n), 1);
        let heard = hear(&log, || level_monitor(4), &[]);
        assert_eq!(heard.codes, BTreeMap::from([("cdc::level-lost", n as u64)]));
        assert!(heard.items.is_empty());
    }
}

#[test]
fn a_level_that_never_comes_out_is_lost() {
    // The monitor is told of one flop; with two, the level comes an edge later, as it may; with three it is too late.
    let steps = || vec![(ps(12_000), Level::High)];
    let codes =
        |stages| hear(&level(stages, Metastability::Never, steps(), 1), || level_monitor(1), &[]).codes;
    assert!(codes(2).is_empty());
    assert_eq!(codes(3), BTreeMap::from([("cdc::level-lost", 1)]));
}

#[test]
fn an_output_that_is_not_resolved_in_time_is_caught() {
    let slow = Metastability::Resolves(Resolution { tau: 50e-9, t0: 1e-9 });
    // In the window of the edge at 25 ns.
    let log = |seed| level(1, slow, vec![(ps(24_900), Level::High)], seed);
    let caught =
        (0..20).filter(|seed| hear(&log(*seed), || level_monitor(1), &[]).has("cdc::metastable")).count();
    assert!(caught >= 12, "{caught} of 20");
    let seen = log(1);
    assert!(
        seen.column(level_pin::Q).iter().any(|(_, value)| value.level() == Level::X),
        "X shows in the waveform"
    );
}

/// The agents on nets fail as often as the formula says, too: two stages, data of even phase.
#[test]
fn a_synchroniser_on_a_bench_fails_as_often_as_the_formula_says() {
    let model = Metastability::Resolves(Resolution { tau: 4e-9, t0: 0.35e-9 });
    // The input changes every 83.1 ns or so, at all phases of the clock of 10 ns.
    let transitions = 30_000u64;
    let levels = [Level::High, Level::Low].into_iter().cycle();
    let steps = levels.take(transitions as usize).enumerate();
    let steps: Vec<_> = steps.map(|(i, level)| (ps(80_000 + (i as u64 * 6_180) % 10_007), level)).collect();
    let seconds = steps.iter().map(|step| step.0.as_fs() as f64 * 1e-15).sum::<f64>();
    let mut bench = Bench::new(11);
    let nets = ["clk", "d", "q"].map(|name| Some(Attach::to(bench.add_net(Net::wire(name)))));
    bench.add_agent("clock", Oscillator::new(&ClockSpec::ideal(100_000_000)).unwrap(), &nets[..1]);
    bench.add_agent("script", Script { steps, at: 0 }, &nets[1..2]);
    let id = bench.add_agent("synchroniser", Synchroniser::new(flop(model), 2, 1).unwrap(), &nets);
    bench.run_until(Time::ZERO + Span::from_ms(4), &mut ()).unwrap();
    let failures = bench.agent(id).failures().1;
    let data_hertz = (transitions as f64 / seconds) as u64;
    let case = mtbf::Case { flop: flop(model), stages: 2, clock_hertz: 100_000_000, data_hertz };
    let expected = seconds / case.computed().unwrap();
    assert!(expected > 5.0);
    let deviation = (failures as f64 - expected) / libm::sqrt(expected);
    assert!(deviation.abs() < 4.0, "{failures} of {expected} failures");
}

#[test]
fn every_code_that_is_given_is_explained() {
    let texts = [
        include_str!("monitor/crossing.rs"),
        include_str!("monitor/pulse.rs"),
        include_str!("monitor/level.rs"),
    ];
    for code in CODES {
        assert!(code.explanation.len() > code.summary.len());
        assert!(
            texts.iter().any(|text| text.contains(&format!("\"{}\"", code.code))),
            "{} is never given",
            code.code
        );
    }
    for given in texts.iter().flat_map(|text| text.split('"')).filter(|word| word.starts_with("cdc::")) {
        assert!(CODES.iter().any(|code| code.code == given), "{given} is not explained");
    }
}
