use super::*;
use crate::level::{Drive, Level};
use crate::log::{ChangeLog, SignalId};
use crate::net::{Attach, Net, NetId, Rc};
use crate::sim::{AgentId, Bench, Stop};
use crate::time::{Span, Time};

mod arbitration;
mod blind;
mod judged;
mod limits;
mod modes;
mod monitor;
mod odd;
mod plain;
mod relayed;
mod trouble;
mod wave;

/// 2.2 kOhm on 100 pF: a rise of 186 ns.
const FAST_WIRE: Rc = Rc { pull_up_ohm: 2200.0, farad: 100e-12, on_ohm: 25.0 };
/// Edges that take no time.
const IDEAL_WIRE: Rc = Rc { pull_up_ohm: 2200.0, farad: 0.0, on_ohm: 25.0 };

fn us(n: u64) -> Span {
    Span::from_us(n)
}

fn fast() -> Options {
    Options { speed: Some(Speed::Fast), ..Options::default() }
}

/// A memory of 256 bytes behind a pointer, as small EEPROMs have it, that notes what it is told.
struct Memory {
    address: Address,
    bytes: Vec<u8>,
    at: u8,
    is_pointed: bool,
    said: Vec<String>,
    hold: Span,
    refuse: Option<u8>,
    /// How many bytes it lets be acknowledged ahead, and when each byte came.
    takes: u32,
    came: Vec<Time>,
}

fn memory(address: Address) -> Memory {
    let bytes = (0..=255).map(|i: u8| i.wrapping_mul(7)).collect();
    Memory {
        address,
        bytes,
        at: 0,
        is_pointed: false,
        said: Vec::new(),
        hold: Span::ZERO,
        refuse: None,
        takes: 0,
        came: Vec::new(),
    }
}

impl Device for Memory {
    fn start(&mut self, _: Time) {
        self.said.push("start".into());
    }

    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        if call.address != self.address {
            return None;
        }
        self.said.push(format!("call {:?}", call.direction));
        self.is_pointed = false;
        Some(Answer { ack: Ack::Ack, hold: self.hold })
    }

    fn is_ten_bit(&self, upper: u8) -> bool {
        matches!(self.address, Address::Ten(a) if (a >> 8) as u8 == upper)
    }

    fn write(&mut self, now: Time, byte: u8) -> Answer {
        self.came.push(now);
        self.said.push(format!("write {byte:02x}"));
        if self.refuse == Some(byte) {
            return Answer::NACK;
        }
        if std::mem::replace(&mut self.is_pointed, true) {
            self.bytes[self.at as usize] = byte;
            self.at = self.at.wrapping_add(1);
        } else {
            self.at = byte;
        }
        Answer { ack: Ack::Ack, hold: self.hold }
    }

    fn takes(&self) -> u32 {
        self.takes
    }

    fn read(&mut self, _: Time) -> Reply {
        let byte = self.bytes[self.at as usize];
        self.at = self.at.wrapping_add(1);
        self.said.push(format!("read {byte:02x}"));
        Reply { byte, hold: self.hold }
    }

    fn acknowledged(&mut self, _: Time, ack: Ack) {
        self.said.push(format!("{ack:?}").to_lowercase());
    }

    fn stop(&mut self, _: Time) {
        self.said.push("stop".into());
    }
}

/// A bus of two wires.
struct Rig {
    bench: Bench,
    wires: [NetId; 2],
    log: ChangeLog,
}

impl Rig {
    fn new(rc: Rc) -> Rig {
        let mut bench = Bench::new(7);
        let wires = ["scl", "sda"].map(|name| bench.add_net(Net::open_drain(name, rc)));
        Rig { bench, wires, log: ChangeLog::default() }
    }

    fn pins(&self) -> [Option<Attach>; 2] {
        self.wires.map(|net| Some(Attach::to(net)))
    }

    fn controller(&mut self, name: &str, options: ControllerOptions) -> AgentId<Controller> {
        let pins = self.pins();
        self.bench.add_agent(name, Controller::new(options).unwrap(), &pins)
    }

    fn target(&mut self, name: &str, options: TargetOptions, device: impl Device) -> AgentId<Target> {
        let pins = self.pins();
        self.bench.add_agent(name, Target::new(options, Box::new(device)), &pins)
    }

    /// Runs until that controller has done the work.
    fn run(&mut self, id: AgentId<Controller>, ops: &[Op]) -> Completion {
        let ticket = self.bench.agent_mut(id).submit(ops).unwrap();
        loop {
            assert_eq!(self.go(Time::from_fs(u64::MAX / 2)), Stop::Requested, "the work is never done");
            if let Some(done) = self.bench.agent_mut(id).take(ticket) {
                return done;
            }
        }
    }

    fn go(&mut self, until: Time) -> Stop {
        if self.log.columns().is_empty() {
            self.log = self.bench.new_log();
        }
        self.bench.run_until(until, &mut self.log).unwrap()
    }

    /// As [`Rig::go`], but without a log unless `is_seen`.
    fn go_seen(&mut self, until: Time, is_seen: bool) -> Stop {
        if is_seen { self.go(until) } else { self.bench.run_until(until, &mut ()).unwrap() }
    }

    fn finish(&mut self) {
        let later = self.bench.now() + us(20);
        self.go(later);
        self.bench.finish(&mut self.log);
    }

    fn memory(&self, id: AgentId<Target>) -> &Memory {
        let device: &dyn std::any::Any = self.bench.agent(id).device();
        device.downcast_ref().unwrap()
    }

    /// What is on the wires, told from their levels alone, in the usual shorthand: `S 50W+ 01+ P`.
    fn spoken(&self) -> String {
        spoken(&self.log)
    }

    fn edges(&self, name: &str) -> Vec<(Time, Level)> {
        let column = self.log.column(self.log.find(name).unwrap());
        column.iter().map(|(t, v)| (t, v.level())).collect()
    }
}

/// A reader of two wires that shares nothing with the agents: all instants in order, levels between the thresholds taken
/// as what they were before.
fn spoken(log: &ChangeLog) -> String {
    let (scl, sda) = (log.find("scl").unwrap(), log.find("sda").unwrap());
    let (mut words, mut bits, mut is_first) = (Vec::new(), Vec::new(), false);
    let mut was = (true, true);
    let columns = [scl, sda];
    let mut instants = log.instants_of(&columns);
    while let Some((_, changes)) = instants.next() {
        let mut now = was;
        for change in changes {
            let wire = if change.signal == SignalId(0) { &mut now.0 } else { &mut now.1 };
            *wire = change.value.level().bit().unwrap_or(*wire);
        }
        match (was, now) {
            ((true, true), (true, false)) => {
                words.push("S".to_string());
                (bits, is_first) = (Vec::new(), true);
            }
            ((true, false), (true, true)) => {
                words.push("P".to_string());
                bits.clear();
            }
            ((false, _), (true, sda)) => bits.push(sda),
            _ => {}
        }
        if bits.len() == 9 {
            words.push(word(&bits, is_first));
            (bits, is_first) = (Vec::new(), false);
        }
        was = now;
    }
    words.join(" ")
}

fn word(bits: &[bool], is_address: bool) -> String {
    let byte = bits[..8].iter().fold(0u32, |byte, &bit| byte << 1 | bit as u32);
    let ack = if bits[8] { '-' } else { '+' };
    let direction = if byte & 1 == 0 { 'W' } else { 'R' };
    if is_address { format!("{:02x}{direction}{ack}", byte >> 1) } else { format!("{byte:02x}{ack}") }
}

fn call(address: u8, direction: Direction) -> Op {
    Op::Call(Call { address: Address::Seven(address), direction })
}

fn call_ten(address: u16, direction: Direction) -> Op {
    Op::Call(Call { address: Address::Ten(address), direction })
}

fn write_to(address: u8, bytes: &[u8]) -> Vec<Op> {
    let mut ops = vec![Op::Start, call(address, Direction::Write)];
    ops.extend(bytes.iter().map(|&b| Op::Write(b)));
    ops.push(Op::Stop);
    ops
}

/// Sets the pointer, and reads `n` bytes from there behind a repeated START.
fn read_from(address: u8, pointer: u8, n: usize) -> Vec<Op> {
    let mut ops = vec![Op::Start, call(address, Direction::Write), Op::Write(pointer), Op::Start];
    ops.push(call(address, Direction::Read));
    ops.extend((1..=n).map(|i| Op::Read(if i == n { Ack::Nack } else { Ack::Ack })));
    ops.push(Op::Stop);
    ops
}

const ACK: Outcome = Outcome::Ack(Ack::Ack);
const NACK: Outcome = Outcome::Ack(Ack::Nack);

fn byte(byte: u8) -> Outcome {
    Outcome::Byte(Some(byte))
}
