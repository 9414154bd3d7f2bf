//! Whole cases: something crosses between two clocks that know nothing of each other.

use std::collections::VecDeque;

use busproof_core::bus::handshake::{
    self, Pace, Pattern, Protocol, Receiver, ReceiverOptions, Sender, SenderOptions,
};
use busproof_core::cdc::{
    Fifo, FifoOptions, FlopSpec, INFO, ItemKind, Monitor, Options, Phases, PulseSynchroniser, ReqAck,
    ReqAckOptions, Synchroniser, level_pin, pulse_pin,
};
use busproof_core::cdc::{Through, pin};
use busproof_core::sim::{Agent, ClockSpec, Cx, Oscillator, Stop};
use busproof_core::{Attach, Bits, Drive, Net, SignalId, Source, Span};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{Meaning, options};
use crate::recording::Recording;
use crate::stage::Stage;

/// A crossing between two clocks, and what is sent through it.
///
/// ```
/// use busproof_testkit::{assert_round_trip, crossing};
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(20), |(case in crossing::cases::legal(12))| {
///     assert_round_trip(&case.play(), case.monitor(), &case.expected());
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Case {
    /// What lies between the domains.
    pub options: Options,
    /// Its flops.
    pub flop: FlopSpec,
    /// Of request and acknowledge: how many phases.
    pub phases: Phases,
    /// The clocks of the source and of the destination.
    pub clocks: [ClockSpec; 2],
    /// When who offers words is willing, and who takes them.
    pub patterns: [Pattern; 2],
    /// What is sent: words, no two alike in a row; of pulses and levels only how many there are counts.
    pub words: Vec<u64>,
    /// The seed of the run.
    pub seed: u64,
}

/// Legal cases of up to `most` things that cross: all arrive, once, in order, whatever the clocks and the flops do. They shrink to
/// few, through an ideal synchroniser.
pub fn legal(most: usize) -> impl Strategy<Value = Case> {
    let way = (options::right(), options::flop(), any::<bool>());
    let sides = ([options::clock(), options::clock()], [options::pattern(), options::pattern()]);
    (way, sides, vec(any::<u64>(), 1..=most), any::<u64>()).prop_map(
        |((options, flop, four), (clocks, patterns), words, seed)| {
            let phases = if four { Phases::Four } else { Phases::Two };
            let words = told_apart(&words, options.width.get());
            Case { options, flop, phases, clocks, patterns, words, seed }
        },
    )
}

/// Words of `width` bits that differ from the eight before them, by their lowest bits: as they are told apart on the way.
fn told_apart(words: &[u64], width: u32) -> Vec<u64> {
    let mask = u64::MAX >> (64 - width);
    (0..).zip(words).map(|(i, word)| (word & !0xf | i & 0xf) & mask).collect()
}

impl Case {
    /// Runs it until all that is sent has had the time to arrive.
    ///
    /// # Panics
    /// If the crossing or a clock is refused, or the words cannot be sent in 100 ms.
    pub fn play(&self) -> Recording {
        let mut stage = Stage::with_nets(&INFO, self.nets(), self.seed);
        for (name, role, spec) in
            [("source clock", "src_clk", self.clocks[0]), ("destination clock", "dst_clk", self.clocks[1])]
        {
            stage.add_on(name, Oscillator::new(&spec).expect("a legal clock"), &[Some(role)]);
        }
        self.cross(&mut stage);
        match self.options.through {
            Through::Synchroniser => wiggle(&mut stage, "d", self.holds()),
            Through::PulseSynchroniser => wiggle(&mut stage, "src", self.holds()),
            Through::ReqAck | Through::Fifo => self.send(&mut stage),
        }
        stage.run_for(self.slower() * self.rest()).expect("a crossing comes to an end");
        stage.finish()
    }

    /// The monitor of this crossing.
    pub fn monitor(&self) -> Monitor {
        Monitor::new(&self.options, Source::Run)
    }

    /// What must have crossed.
    pub fn expected(&self) -> Vec<Meaning> {
        let kind = ItemKind::of(self.options.through);
        let data = |(i, word): (u64, &u64)| match kind {
            ItemKind::Level => Bits::new((i + 1) % 2, 1),
            ItemKind::Pulse => Bits::new(1, 1),
            ItemKind::Word => Bits::new(*word, self.options.width.get()),
        };
        (0..).zip(&self.words).map(|word| Meaning(kind, data(word))).collect()
    }

    fn nets(&self) -> Vec<(&'static str, Net)> {
        let pointer_bits = self.options.depth.ilog2() + 1;
        let net = |pin: SignalId| {
            let name = INFO.roles[pin.index()].name;
            let wires = match pin {
                pin::SRC_DATA | pin::DST_DATA => self.options.width.get(),
                pin::WPTR | pin::RPTR | pin::WPTR_SYNC | pin::RPTR_SYNC => pointer_bits,
                _ => 1,
            };
            (name, if wires > 1 { Net::group(name, wires) } else { Net::wire(name) })
        };
        let own: &[SignalId] = match self.options.through {
            Through::Synchroniser => &[pin::D, pin::Q],
            Through::PulseSynchroniser => &[pin::SRC, pin::DST],
            Through::ReqAck => &[pin::REQ, pin::ACK],
            Through::Fifo => &[pin::WPTR, pin::RPTR],
        };
        let sides =
            [pin::SRC_VALID, pin::SRC_READY, pin::SRC_DATA, pin::DST_VALID, pin::DST_READY, pin::DST_DATA];
        let sides = if self.carries_words() { &sides[..] } else { &[] };
        [pin::SRC_CLK, pin::DST_CLK].iter().chain(sides).chain(own).map(|pin| net(*pin)).collect()
    }

    fn carries_words(&self) -> bool {
        ItemKind::of(self.options.through) == ItemKind::Word
    }

    /// Puts the crossing on the stage.
    fn cross(&self, stage: &mut Stage) {
        let Options { stages, depth, .. } = self.options;
        match self.options.through {
            Through::Synchroniser => {
                let crossing = Synchroniser::new(self.flop, stages, 1).expect("a legal flop");
                let mut roles = [None; 3];
                roles[level_pin::CLK.index()] = Some("dst_clk");
                roles[level_pin::D.index()] = Some("d");
                roles[level_pin::Q.index()] = Some("q");
                stage.add_on("crossing", crossing, &roles);
            }
            Through::PulseSynchroniser => {
                let crossing = PulseSynchroniser::new(self.flop, stages).expect("a legal flop");
                // What crosses is a wire of its own, which nobody outside sees.
                let toggle = stage.bench_mut().add_net(Net::wire("toggle"));
                let mut nets = [None; pulse_pin::NAMES.len()];
                nets[pulse_pin::SRC_CLK.index()] = stage.net("src_clk");
                nets[pulse_pin::SRC.index()] = stage.net("src");
                nets[pulse_pin::TOGGLE.index()] = Some(toggle);
                nets[pulse_pin::DST_CLK.index()] = stage.net("dst_clk");
                nets[pulse_pin::DST.index()] = stage.net("dst");
                stage.bench_mut().add_agent("crossing", crossing, &nets.map(|net| net.map(Attach::to)));
            }
            Through::ReqAck => {
                let options = ReqAckOptions { phases: self.phases, stages, flop: self.flop };
                stage.add("crossing", ReqAck::new(&options).expect("a legal flop"), Span::ZERO);
            }
            Through::Fifo => {
                let code = self.options.pointers;
                let options = FifoOptions { depth, stages, flop: self.flop, code, skew: Span::ZERO };
                stage.add("crossing", Fifo::new(&options).expect("a legal FIFO"), Span::ZERO);
            }
        }
    }

    /// Sends the words and waits until the source is rid of them.
    fn send(&self, stage: &mut Stage) {
        let bus =
            handshake::Options { width: self.options.width, ..handshake::Options::of(Protocol::ValidReady) };
        let pace = Pace::after(Span::from_ps(200));
        let side = |[clk, valid, ready, data]: [&'static str; 4]| {
            let mut roles = [None; handshake::pin::COUNT];
            roles[handshake::pin::CLK.index()] = Some(clk);
            roles[handshake::pin::VALID.index()] = Some(valid);
            roles[handshake::pin::READY.index()] = Some(ready);
            roles[handshake::pin::DATA.index()] = Some(data);
            roles
        };
        let sender = SenderOptions { pattern: self.patterns[0], ..SenderOptions::new(bus, pace) };
        let sender = Sender::new(sender).expect("a legal sender");
        let sender = stage.add_on("sender", sender, &side(["src_clk", "src_valid", "src_ready", "src_data"]));
        let receiver = ReceiverOptions { pattern: self.patterns[1], ..ReceiverOptions::new(bus, pace) };
        let receiver = Receiver::new(receiver).expect("a legal receiver");
        stage.add_on("receiver", receiver, &side(["dst_clk", "dst_valid", "dst_ready", "dst_data"]));
        stage.bench_mut().agent_mut(sender).submit(&self.words);
        let stop = stage.run_for(Span::from_ms(100)).expect("a crossing comes to an end");
        assert_eq!(stop, Stop::Requested, "the words do not pass");
    }

    /// How many edges of the source's clock each level lasts: levels as long as the destination needs to see them, pulses of a
    /// cycle as far apart.
    fn holds(&self) -> VecDeque<u32> {
        let [source, destination] = self.clocks.map(|clock| clock.hertz);
        let long = (2 + 3 * source / destination) as u32;
        let asleep = self.clocks[1].phase.as_fs() / Span::period_of(source).map_or(1, Span::as_fs).max(1);
        let mut holds = VecDeque::from([long + 1 + asleep as u32]);
        for _ in &self.words {
            match self.options.through {
                Through::PulseSynchroniser => holds.extend([1, long]),
                _ => holds.push_back(long),
            }
        }
        holds
    }

    fn slower(&self) -> Span {
        let [source, destination] = self.clocks.map(|clock| Span::period_of(clock.hertz).unwrap_or_default());
        source.max(destination)
    }

    /// Periods of the slower clock after which all that is under way has arrived.
    fn rest(&self) -> u64 {
        let edges: u32 = self.holds().iter().sum();
        let waiting =
            if self.carries_words() { u64::from(self.options.depth) * 12 } else { u64::from(edges) * 2 };
        waiting + 100
    }
}

/// Puts somebody on the stage who wiggles that wire.
fn wiggle(stage: &mut Stage, role: &str, holds: VecDeque<u32>) {
    let wiggler = Wiggler { holds, edges: 0, clock_is_high: false, is_high: false };
    stage.add_on("wiggler", wiggler, &[Some("src_clk"), Some(role)]);
}

/// Holds a wire Low and High by turns, each for so many edges of a clock.
struct Wiggler {
    holds: VecDeque<u32>,
    edges: u32,
    clock_is_high: bool,
    is_high: bool,
}

impl Wiggler {
    const CLK: SignalId = SignalId(0);
    const OUT: SignalId = SignalId(1);
    /// From an edge of the clock to the wire.
    const DELAY: Span = Span::from_ps(200);
}

impl Agent for Wiggler {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            cx.drive(Self::OUT, Drive::Strong(false));
        }
        let Some(high) = cx.level(Self::CLK).bit() else { return };
        if std::mem::replace(&mut self.clock_is_high, high) || !high {
            return;
        }
        self.edges += 1;
        if self.holds.front().is_some_and(|hold| self.edges >= *hold) {
            self.holds.pop_front();
            if self.holds.is_empty() {
                return;
            }
            self.edges = 0;
            self.is_high = !self.is_high;
            cx.drive_after(Self::OUT, Self::DELAY, Drive::Strong(self.is_high));
        }
    }

    fn watches(&self) -> u64 {
        1 << Self::CLK.0
    }
}
