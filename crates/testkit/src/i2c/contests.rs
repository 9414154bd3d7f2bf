//! Several controllers that begin a transfer together: arbitration.
//!
//! ```text
//!          START | 1   0   1   0   0   1 ...
//! host0    ‾‾\___/‾‾‾\___/‾‾‾\___________ ...  sends the least bits, and wins
//! host1    ‾‾‾\__/‾‾‾\___/‾‾‾‾‾‾‾           ...  sends a 1 and sees a 0: lets go, and tries again behind the STOP
//! SDA      ‾‾\___/‾‾‾\___/‾‾‾\___________ ...
//! ```

use std::collections::BTreeSet;

use busproof_core::bus::Diagnostic;
use busproof_core::bus::i2c::{
    Ack, Address, Answer, Call, Completion, Controller, ControllerOptions, Device, Direction, INFO, Monitor,
    Options, Outcome, Reply, Speed, Target, TargetOptions,
};
use busproof_core::sim::Stop;
use busproof_core::{Rc, Source, Span, Time};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::items::{Message, Prelude, Traffic, Transfer};
use super::{Meaning, electrical, options};
use crate::recording::Recording;
use crate::stage::Stage;

/// Controllers that all begin within the hold time of the first START, on a bus where every address is somebody's.
///
/// ```
/// use busproof_testkit::{assert_round_trip, i2c};
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(10), |(contest in i2c::contests::contests(3))| {
///     let decided = contest.play();
///     assert_round_trip(&decided.recording, contest.monitor(), &contest.expected());
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Contest {
    /// The speed class: one that arbitrates.
    pub speed: Speed,
    /// The frequency of all clocks, in hertz, but for their errors.
    pub hertz: u64,
    /// Both wires.
    pub wire: Rc,
    /// The controllers.
    pub rivals: Vec<Rival>,
    /// The seed of the run.
    pub seed: u64,
}

/// One controller of a contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    /// When it may begin.
    pub phase: Span,
    /// The error of its clock, in parts per billion.
    pub error_ppb: i64,
    /// What it has to say. The bytes that it reads are those that [`Anyone`] sends.
    pub transfer: Transfer,
}

/// What became of a contest.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The waveform.
    pub recording: Recording,
    /// What each controller reports.
    pub done: Vec<Completion>,
    /// What controllers found odd: there is nothing.
    pub remarks: Vec<Diagnostic>,
}

impl Contest {
    /// Runs it until all controllers are done.
    ///
    /// # Panics
    /// If one of them never is.
    pub fn play(&self) -> Decided {
        let mut stage = Stage::with_nets(&INFO, electrical::nets(self.speed, self.wire), self.seed);
        let target = Target::new(TargetOptions::new(self.bus()), Box::new(Anyone::default()));
        stage.add("anyone", target, Span::ZERO);
        let mut hosts = Vec::new();
        for (i, rival) in self.rivals.iter().enumerate() {
            let host = Controller::new(self.options(rival)).expect("the clocks of a contest are legal");
            let id = stage.add(&format!("host{i}"), host, Span::ZERO);
            let ticket = stage.bench_mut().agent_mut(id).submit(&rival.ops());
            hosts.push((id, ticket.expect("what is said in a contest is legal")));
        }
        let patience = Span::from_ms(500);
        while stage.run_for(patience).expect("controllers come to an end") == Stop::Requested {}
        let mut remarks = Vec::new();
        let mut done = Vec::new();
        for (id, ticket) in hosts {
            let host = stage.bench_mut().agent_mut(id);
            remarks.extend(host.take_remarks());
            done.push(host.take(ticket).expect("each controller of a contest is done some day"));
        }
        Decided { recording: stage.finish(), done, remarks }
    }

    /// What all share.
    pub fn bus(&self) -> Options {
        Options { speed: Some(self.speed), ..Options::default() }
    }

    /// A controller.
    fn options(&self, rival: &Rival) -> ControllerOptions {
        let mut options = ControllerOptions::new(self.bus(), self.hertz).fitted(self.wire);
        options.clock.phase = rival.phase;
        options.clock.error_ppb = rival.error_ppb;
        options
    }

    /// The monitor of this bus.
    pub fn monitor(&self) -> Monitor {
        Monitor::new(&self.bus(), Source::Run)
    }

    /// What must be heard: each transfer once, however many controllers say it, in the order of their bits, since a 0 wins
    /// against a 1.
    pub fn expected(&self) -> Vec<Meaning> {
        self.in_order().expected(self.speed)
    }

    /// How often each controller must lose: once to each transfer that comes before its own.
    pub fn losses(&self) -> Vec<u32> {
        let ranks: Vec<Vec<bool>> = self.distinct().into_iter().collect();
        let rank = |rival: &Rival| ranks.iter().take_while(|bits| **bits < rival.bits()).count() as u32;
        self.rivals.iter().map(rank).collect()
    }

    /// What each controller must report.
    pub fn outcomes(&self) -> Vec<Vec<Outcome>> {
        self.rivals.iter().map(|rival| rival.traffic().outcomes(self.speed)).collect()
    }

    fn distinct(&self) -> BTreeSet<Vec<bool>> {
        self.rivals.iter().map(Rival::bits).collect()
    }

    fn in_order(&self) -> Traffic {
        let first = |bits: &Vec<bool>| self.rivals.iter().find(|rival| rival.bits() == *bits);
        let transfers =
            self.distinct().iter().filter_map(first).map(|rival| rival.transfer.clone()).collect();
        Traffic { transfers }
    }
}

impl Rival {
    fn traffic(&self) -> Traffic {
        Traffic { transfers: vec![self.transfer.clone()] }
    }

    fn ops(&self) -> Vec<busproof_core::bus::i2c::Op> {
        self.traffic().ops()
    }

    /// The bits with which it competes: those that it sends, and a 1 wherever it leaves SDA to a target.
    fn bits(&self) -> Vec<bool> {
        let mut bits = Vec::new();
        let mut send = |byte: u8, ninth: bool| {
            bits.extend((0..8).rev().map(|i| byte >> i & 1 != 0));
            bits.push(ninth);
        };
        for message in &self.transfer.messages {
            let reads = message.call.direction == Direction::Read;
            match message.call.address {
                Address::Seven(address) => send(address << 1 | u8::from(reads), true),
                Address::Ten(address) => {
                    send(0xf0 | (address >> 7) as u8 & 6 | u8::from(reads), true);
                    // A contest has no 10-bit reads but those behind a write to the same address.
                    if !reads {
                        send(address as u8, true);
                    }
                }
            }
            let last = message.bytes.len();
            for (i, byte) in (1..).zip(&message.bytes) {
                if reads { send(0xff, i == last) } else { send(*byte, true) }
            }
        }
        bits
    }
}

/// A device that answers to every address, takes every byte, and sends bytes that depend on the address alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anyone {
    /// The address, and how many bytes it has sent since it was called.
    called: Option<Address>,
    sent: u8,
}

impl Anyone {
    /// Byte `i` of what it sends at `address`.
    pub fn sends(address: Address, i: u8) -> u8 {
        let seed = match address {
            Address::Seven(address) => address,
            Address::Ten(address) => (address % 251) as u8,
        };
        seed.wrapping_mul(37).wrapping_add(i.wrapping_mul(101))
    }
}

impl Device for Anyone {
    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        (self.called, self.sent) = (Some(call.address), 0);
        Some(Answer::ACK)
    }

    fn is_ten_bit(&self, _: u8) -> bool {
        true
    }

    fn write(&mut self, _: Time, _: u8) -> Answer {
        Answer::ACK
    }

    fn read(&mut self, _: Time) -> Reply {
        let byte = self.called.map_or(0xff, |address| Anyone::sends(address, self.sent));
        self.sent = self.sent.wrapping_add(1);
        Reply { byte, hold: Span::ZERO }
    }

    fn acknowledged(&mut self, _: Time, _: Ack) {}

    fn stop(&mut self, _: Time) {}
}

/// What all transfers of a contest have in common, so that none of them ends where another goes on: what a STOP or a
/// repeated START does against a bit is undefined (UM10204 section 3.1.8).
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// Bytes that are written.
    written: usize,
    /// A read follows behind a repeated START.
    reads: bool,
}

/// What a rival has in common with the first.
#[derive(Clone, Copy, Debug)]
enum Alike {
    /// It says the same.
    All,
    /// It calls the same address.
    Address,
    Nothing,
}

/// The gist of a rival.
#[derive(Clone, Debug)]
struct Gist {
    address: Address,
    alike: Alike,
    /// It only reads, if from a 7-bit address.
    only_reads: bool,
    written: Vec<u8>,
    read: u8,
    /// In thousandths of the hold time.
    phase: u64,
    error_ppb: i64,
}

/// Contests of 2 to `rivals` controllers of Standard, Fast or Fast-plus mode whose clocks are off by up to 5 %.
///
/// Addresses and bytes are few, so that many begin alike and some say the same. They shrink to two controllers that begin
/// together and write nothing to the same address.
pub fn contests(rivals: usize) -> impl Strategy<Value = Contest> {
    let speeds = select(vec![Speed::Standard, Speed::Fast, Speed::FastPlus]);
    speeds.prop_flat_map(move |speed| {
        let shape = (0..3usize, any::<bool>()).prop_map(|(written, reads)| Shape { written, reads });
        let rivals = vec(gists(), 2..=rivals.max(2));
        let rest = (options::frequencies(speed), electrical::wires(speed), any::<u64>());
        (shape, rivals, rest).prop_map(move |(shape, gists, (hertz, wire, seed))| {
            let first = &gists[0];
            let messages = |gist: &Gist| match gist.alike {
                Alike::All => first.messages(first.address, shape),
                Alike::Address => gist.messages(first.address, shape),
                Alike::Nothing => gist.messages(gist.address, shape),
            };
            let rivals = gists.iter().map(|gist| gist.rival(messages(gist), speed, hertz)).collect();
            Contest { speed, hertz, wire, rivals, seed }
        })
    })
}

fn gists() -> impl Strategy<Value = Gist> {
    let address = prop_oneof![
        3 => (0x50u8..0x54).prop_map(Address::Seven),
        1 => select(vec![Address::Ten(0x2a5), Address::Ten(0x2a6), Address::Ten(0x1a5)]),
    ];
    let bytes = vec(select(vec![0x00, 0x40, 0x7f, 0xff]), 2);
    let times = (0..1_000u64, -50_000_000..=50_000_000i64);
    let alike = prop_oneof![1 => Just(Alike::All), 2 => Just(Alike::Address), 2 => Just(Alike::Nothing)];
    (address, (alike, prop::bool::weighted(0.3)), bytes, 1..=3u8, times).prop_map(
        |(address, (alike, only_reads), written, read, (phase, error_ppb))| Gist {
            address,
            alike,
            only_reads,
            written,
            read,
            phase,
            error_ppb,
        },
    )
}

impl Gist {
    fn rival(&self, messages: Vec<Message>, speed: Speed, hertz: u64) -> Rival {
        // Behind anything that a bus may still have to wait for.
        let begin = Span::from_us(10);
        let options = Options { speed: Some(speed), ..Options::default() };
        let hold = ControllerOptions::new(options, hertz).timing.start_hold;
        Rival {
            phase: begin.saturating_add(hold.scale(self.phase, 1_000)),
            error_ppb: self.error_ppb,
            transfer: Transfer { prelude: Prelude::None, messages },
        }
    }

    fn messages(&self, address: Address, shape: Shape) -> Vec<Message> {
        let message =
            |direction, bytes| Message { call: Call { address, direction }, bytes, accepts: usize::MAX };
        let read = message(Direction::Read, (0..self.read).map(|i| Anyone::sends(address, i)).collect());
        if self.only_reads && matches!(address, Address::Seven(_)) {
            return vec![read];
        }
        let written = message(Direction::Write, self.written.iter().copied().take(shape.written).collect());
        if shape.reads { vec![written, read] } else { vec![written] }
    }
}
