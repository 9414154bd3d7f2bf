//! Does my clock-domain crossing lose words, and how long until its synchroniser fails?
//!
//! ```text
//! cargo run --release -p busproof-examples --bin crossings -- 1000000
//! ```
//!
//! Sends words (20,000 unless told otherwise) through each crossing, between two clocks that know nothing of each other and
//! with flops that become metastable. Then breaks two crossings on purpose, and at last compares how often synchronisers
//! fail with how often the formula says they should.

use std::collections::BTreeMap;
use std::error::Error;

use busproof_core::bus::handshake::{
    INFO, Monitor, Options, Pace, Pattern, Protocol, Receiver, ReceiverOptions, Sender, SenderOptions, Width,
    pin,
};
use busproof_core::cdc::{
    self, CrossingMonitor, CrossingOptions, Fifo, FifoOptions, FlopSpec, Metastability, Phases, PointerCode,
    ReqAck, ReqAckOptions, Resolution, mtbf,
};
use busproof_core::judge::{Jury, Said};
use busproof_core::mapping::Tap;
use busproof_core::sim::{Agent, AgentId, Bench, ClockSpec, Oscillator, Stop};
use busproof_core::timing::Params;
use busproof_core::{Attach, Net, Observer, SignalId, Source, Span, Time};

const WIDTH: u32 = 32;

/// Flops whose window is 0.4 ns; what falls into it is taken, or missed by a cycle.
const FLOP: FlopSpec = FlopSpec {
    setup: Span::from_ps(300),
    hold: Span::from_ps(100),
    clk_to_q: Span::from_ps(200),
    metastability: Metastability::OneCycle,
};

/// Two clocks without a common divisor worth speaking of.
const CLOCKS: [u64; 2] = [203_000_017, 151_000_033];

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let words = std::env::args().nth(1).map_or(Ok(20_000), |n| n.parse())?;
    for (name, protocol) in [
        ("four-phase", Protocol::FourPhase),
        ("two-phase", Protocol::TwoPhase),
        ("dual rail", Protocol::DualRail),
    ] {
        link(protocol, words)?.expect_all(name, words)?;
    }
    for (name, phases) in [("two-phase crossing", Phases::Two), ("four-phase crossing", Phases::Four)] {
        let options = ReqAckOptions { phases, stages: 2, flop: FLOP };
        Crossing::new(ReqAck::new(&options)?, CLOCKS, words)?
            .run(CrossingOptions::REQ_ACK)?
            .tell(name, words);
    }
    let good = FifoOptions { depth: 16, stages: 2, flop: FLOP, code: PointerCode::Gray, skew: Span::ZERO };
    fifo(&good, CLOCKS, words)?.expect_all("gray FIFO", words)?;

    println!("\nbroken on purpose:");
    let slow_to_fast = [100_000_007, 430_000_009];
    let binary = FifoOptions { code: PointerCode::Binary, skew: Span::from_ns(8), ..good };
    fifo(&binary, slow_to_fast, 2_000)?.tell("binary pointers", 2_000);
    fifo(&FifoOptions { stages: 0, ..good }, slow_to_fast, 2_000)?.tell("no synchroniser", 2_000);
    failures()
}

/// What became of the words.
#[derive(Debug, Default)]
struct Outcome {
    /// What arrived is 1, 2, 3 and so on.
    in_order: bool,
    arrived: u64,
    codes: BTreeMap<&'static str, u64>,
    took: Time,
}

impl Outcome {
    fn is_right(&self, words: u64) -> bool {
        self.in_order && self.arrived == words && self.codes.is_empty()
    }

    fn tell(&self, name: &str, words: u64) {
        let codes: Vec<String> = self.codes.iter().map(|(code, n)| format!("{n} x {code}")).collect();
        let verdict = match codes.is_empty() {
            _ if self.is_right(words) => "none lost, none doubled, in order".into(),
            true => "wrong, and not caught".into(),
            false => format!("caught: {}", codes.join(", ")),
        };
        println!("{name:20} {} of {words} words in {}: {verdict}", self.arrived, self.took);
    }

    fn expect_all(&self, name: &str, words: u64) -> Result<(), Failure> {
        self.tell(name, words);
        if self.is_right(words) { Ok(()) } else { Err(format!("{name} does not carry its words").into()) }
    }
}

fn bus(protocol: Protocol) -> Result<Options, Failure> {
    let width = Width::new(WIDTH).ok_or("a word has 1 to 64 bits")?;
    Ok(Options { width, ..Options::of(protocol) })
}

/// A sender and a receiver on clocks of their own, with nothing but a handshake between.
fn link(protocol: Protocol, words: u64) -> Result<Outcome, Failure> {
    let mut bench = Bench::new(1);
    let mut pins = vec![None; pin::COUNT];
    for (wire, name) in [(pin::REQ, "req"), (pin::ACK, "ack")] {
        pins[wire.index()] = Some(Attach::to(bench.add_net(Net::wire(name))));
    }
    for (group, name) in [(pin::DATA, "data"), (pin::TRUE, "t"), (pin::FALSE, "f")] {
        pins[group.index()] = Some(Attach::to(bench.add_net(Net::group(name, WIDTH))));
    }
    let pace = |hertz| Pace::Clocked { clock: ClockSpec::ideal(hertz), stages: 2, flop: FLOP };
    let sender = SenderOptions::new(bus(protocol)?, pace(CLOCKS[0]));
    let receiver = ReceiverOptions::new(bus(protocol)?, pace(CLOCKS[1]));
    let sender = bench.add_agent("host", Sender::new(sender)?, &pins);
    let receiver = bench.add_agent("receiver", Receiver::new(receiver)?, &pins);
    let options = bus(protocol)?;
    let mut codes = BTreeMap::new();
    let monitor = || Monitor::new(&options, Source::Run);
    let mut jury = Jury::new(&[tap(5)], monitor, INFO.rules, &Params::new(), Source::Run, count(&mut codes));
    send(&mut bench, sender, words, &mut jury)?;
    drop(jury);
    Ok(Outcome { codes, ..arrived(&bench, receiver) })
}

/// The first signals of a bench are the first pins of its bus.
fn tap(count: u32) -> Tap {
    Tap { point: None, pins: (0..count).map(|i| (SignalId(i), SignalId(i))).collect() }
}

/// Counts broken rules and other oddities by their names.
fn count<I>(codes: &mut BTreeMap<&'static str, u64>) -> impl FnMut(Said<I>) {
    |what| match what {
        Said::Diagnostic(odd) => *codes.entry(odd.code).or_default() += 1,
        Said::Finding(finding) => *codes.entry(finding.rule.name).or_default() += 1,
        Said::Item(_) => {}
    }
}

fn send(
    bench: &mut Bench,
    sender: AgentId<Sender>,
    words: u64,
    observer: &mut impl Observer,
) -> Result<(), Failure> {
    let list: Vec<u64> = (1..=words).collect();
    bench.agent_mut(sender).submit(&list);
    // A crossing that is broken may stop altogether.
    let limit = Time::ZERO + Span::from_us(words);
    if bench.run_until(limit, observer)? == Stop::Requested {
        bench.run_until(bench.now() + Span::from_us(1), observer)?;
    }
    bench.finish(observer);
    Ok(())
}

fn arrived(bench: &Bench, receiver: AgentId<Receiver>) -> Outcome {
    let received = bench.agent(receiver).received();
    let in_order = received.iter().map(|word| word.data.bits).eq(1..=received.len() as u64);
    Outcome { in_order, arrived: received.len() as u64, codes: BTreeMap::new(), took: bench.now() }
}

fn fifo(options: &FifoOptions, clocks: [u64; 2], words: u64) -> Result<Outcome, Failure> {
    let crossing = Crossing::new(Fifo::new(options)?, clocks, words)?;
    crossing.run(CrossingOptions::fifo(options.depth, options.code))
}

/// A crossing with a sender on one clock and a receiver on the other.
struct Crossing {
    bench: Bench,
    sender: AgentId<Sender>,
    receiver: AgentId<Receiver>,
    words: u64,
}

impl Crossing {
    fn new<A: Agent>(crossing: A, clocks: [u64; 2], words: u64) -> Result<Crossing, Failure> {
        let mut bench = Bench::new(1);
        let net = |name: &&str| match *name {
            "src_data" | "dst_data" => Net::group(*name, WIDTH),
            "wptr" | "rptr" | "wptr_sync" | "rptr_sync" => Net::group(*name, 5),
            _ => Net::wire(*name),
        };
        let nets: Vec<_> = cdc::pin::NAMES.iter().map(|n| Some(Attach::to(bench.add_net(net(n))))).collect();
        let side = |first: usize| {
            let mut pins = vec![None; pin::COUNT];
            let roles = [pin::CLK, pin::VALID, pin::READY, pin::DATA];
            roles.iter().enumerate().for_each(|(i, role)| pins[role.index()] = nets[first + i]);
            pins
        };
        for (i, name, first) in [(0, "source clock", 0), (1, "destination clock", 4)] {
            bench.add_agent(name, Oscillator::new(&ClockSpec::ideal(clocks[i]))?, &nets[first..=first]);
        }
        bench.add_agent("crossing", crossing, &nets);
        let (bus, pace) = (bus(Protocol::ValidReady)?, Pace::after(Span::from_ps(200)));
        let sender = SenderOptions { pattern: Pattern::Random(200), ..SenderOptions::new(bus, pace) };
        let receiver = ReceiverOptions { pattern: Pattern::Random(200), ..ReceiverOptions::new(bus, pace) };
        let sender = bench.add_agent("host", Sender::new(sender)?, &side(0));
        let receiver = bench.add_agent("receiver", Receiver::new(receiver)?, &side(4));
        Ok(Crossing { bench, sender, receiver, words })
    }

    fn run(mut self, options: CrossingOptions) -> Result<Outcome, Failure> {
        let mut codes = BTreeMap::new();
        let monitor = || CrossingMonitor::new(options, Source::Run);
        let (taps, rules) = ([tap(cdc::pin::COUNT as u32)], cdc::rules::RULES);
        let mut jury = Jury::new(&taps, monitor, rules, &Params::new(), Source::Run, count(&mut codes));
        send(&mut self.bench, self.sender, self.words, &mut jury)?;
        drop(jury);
        Ok(Outcome { codes, ..arrived(&self.bench, self.receiver) })
    }
}

/// Mean time between failures: measured, and by the formula.
fn failures() -> Result<(), Failure> {
    println!("\nmean time between failures, 100 MHz, 3 million transitions a second, T0 0.2 ns");
    println!("stages  tau     failures  measured            computed    difference");
    for (stages, tau) in [(1, 1.5e-9), (2, 3e-9), (3, 5e-9)] {
        let metastability = Metastability::Resolves(Resolution { tau, t0: 0.2e-9 });
        let flop = FlopSpec { metastability, ..FLOP };
        let case = mtbf::Case { flop, stages, clock_hertz: 100_000_000, data_hertz: 3_000_000 };
        let seen = case.measure(4_000, 1)?;
        let measured = format!("{:.3} ms +- {:.1} %", seen.mtbf * 1e3, seen.standard_error * 100.0);
        println!(
            "{stages:<6}  {:.1} ns  {:<8}  {measured:<18}  {:.3} ms    {:+.1} standard errors",
            tau * 1e9,
            seen.failures,
            seen.computed * 1e3,
            seen.deviation(),
        );
    }
    Ok(())
}
