//! I2C: a long write, to be simulated, and in a log to be decoded by the monitor and by hand.

use std::any::Any;
use std::hint::black_box;

use busproof_core::bus::i2c::{
    Address, Answer, Call, Controller, ControllerOptions, Device, Direction, End, Item, Monitor, Op, Options,
    Reply, Speed, Target, TargetOptions, Ticket, pin,
};
use busproof_core::bus::{Monitor as _, Sink};
use busproof_core::sim::{AgentId, Bench, Stop};
use busproof_core::{Attach, Change, ChangeLog, Net, Observer, Rc, SignalId, Span, Time};

use crate::{byte, payload};

/// Acknowledges all that is written to it, and compares it with what was sent.
#[derive(Debug, Default)]
struct Ear {
    heard: u64,
    wrong: u64,
    takes: u32,
}

impl Device for Ear {
    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        (call.direction == Direction::Write).then_some(Answer::ACK)
    }

    fn write(&mut self, _: Time, heard: u8) -> Answer {
        self.wrong += (heard as u64 != byte(self.heard)) as u64;
        self.heard += 1;
        Answer::ACK
    }

    fn takes(&self) -> u32 {
        self.takes
    }

    fn read(&mut self, _: Time) -> Reply {
        Reply { byte: 0xff, hold: Span::ZERO }
    }

    fn stop(&mut self, _: Time) {}
}

/// How the edges of a waveform look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edges {
    /// Two levels, as a logic analyser records them.
    Steep,
    /// Low, X, High: 2.2 kOhm on 100 pF.
    Sloped,
}

/// When the target decides whether it acknowledges a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decides {
    /// Before the first, for all of them, as a memory does that keeps them until the STOP.
    Ahead,
    /// When it has it.
    ByteByByte,
}

/// A bench with a write submitted and checked when done.
pub struct I2cRun {
    bench: Bench,
    host: AgentId<Controller>,
    target: AgentId<Target>,
    ticket: Ticket,
    bytes: usize,
}

/// A controller of 400 kHz and a target, `bytes` bytes to write.
pub fn i2c_bench(bytes: usize, edges: Edges, decides: Decides) -> I2cRun {
    let farad = if edges == Edges::Steep { 0.0 } else { 100e-12 };
    let rc = Rc { pull_up_ohm: 2_200.0, farad, on_ohm: 25.0 };
    let mut bench = Bench::new(1);
    let nets = ["scl", "sda"].map(|name| bench.add_net(Net::open_drain(name, rc)));
    let pins = nets.map(|net| Some(Attach::to(net)));
    let bus = Options { speed: Some(Speed::Fast), ..Options::default() };
    let options = ControllerOptions::new(bus.clone(), 400_000).fitted(rc);
    let host = bench.add_agent("host", Controller::new(options).expect("400 kHz is in range"), &pins);
    let takes = if decides == Decides::Ahead { u32::MAX } else { 0 };
    let target = Target::new(TargetOptions::new(bus), Box::new(Ear { takes, ..Ear::default() }));
    let target = bench.add_agent("target", target, &pins);
    let call = Call { address: Address::Seven(0x50), direction: Direction::Write };
    let mut ops = vec![Op::Start, Op::Call(call)];
    ops.extend(payload(bytes).map(|byte| Op::Write(byte as u8)));
    ops.push(Op::Stop);
    let ticket = bench.agent_mut(host).submit(&ops).expect("the operations are legal");
    I2cRun { bench, host, target, ticket, bytes }
}

impl I2cRun {
    /// Runs to the end without a waveform and compares what came in.
    pub fn go(&mut self) {
        self.observe(&mut ());
    }

    /// As [`I2cRun::go`], with every change logged. Returns the log.
    pub fn go_logged(&mut self) -> ChangeLog {
        let mut log = self.bench.new_log();
        self.observe(&mut log);
        log
    }

    fn observe(&mut self, observer: &mut impl Observer) {
        let stop = self.bench.run_until(Time::MAX, observer).expect("nothing loops");
        assert_eq!(stop, Stop::Requested);
        let done = self.bench.agent_mut(self.host).take(self.ticket).expect("the work is done");
        assert_eq!((done.end, done.outcomes.len()), (End::Done, self.bytes + 1));
        let device: &dyn Any = self.bench.agent(self.target).device();
        let ear = device.downcast_ref::<Ear>().expect("the target was given an ear");
        assert_eq!((ear.heard, ear.wrong), (self.bytes as u64, 0));
    }
}

/// The waveform of `bytes` bytes written at 400 kHz, SCL first, and the number of times that SCL becomes high or low.
pub fn i2c_log(bytes: usize, edges: Edges) -> (ChangeLog, u64) {
    let mut run = i2c_bench(bytes, edges, Decides::Ahead);
    let mut log = run.go_logged();
    let end = run.bench.now() + Span::from_us(1);
    run.bench.run_until(end, &mut log).expect("nothing loops");
    run.bench.finish(&mut log);
    let scl = log.column(log.find("scl").expect("there is a clock"));
    let reached = scl.iter().filter(|(_, value)| value.level().bit().is_some()).count() as u64 - 1;
    (log, reached)
}

/// Counts what a monitor tells.
#[derive(Debug, Default)]
struct Counts {
    items: u64,
    events: u64,
}

impl Sink<Item> for Counts {
    fn item(&mut self, item: Item) {
        black_box(&item);
        self.items += 1;
    }

    fn event(&mut self, event: busproof_core::timing::Event) {
        black_box(&event);
        self.events += 1;
    }
}

/// Decodes a waveform of [`i2c_log`] at the given speed class. Returns the numbers of items and of timing events.
pub fn decode_i2c(log: &ChangeLog, speed: Speed) -> (u64, u64) {
    let columns = ["scl", "sda"].map(|name| log.find(name).expect("both wires are there"));
    let options = Options { speed: Some(speed), ..Options::default() };
    let mut monitor = Monitor::new(&options, log.source());
    let mut counts = Counts::default();
    let mut instants = log.instants_of(&columns);
    let mut mapped: Vec<Change> = Vec::new();
    while let Some((t, changes)) = instants.next() {
        // The columns were named in the order of the pins.
        mapped.clear();
        mapped.extend_from_slice(changes);
        monitor.instant(t, &mapped, &mut counts);
    }
    monitor.finish(log.end(), &mut counts);
    (counts.items, counts.events)
}

/// The bytes of a waveform with steep edges, found by walking the columns: no filter, no timing events, no broken bytes.
pub fn decode_i2c_by_hand(log: &ChangeLog) -> (u64, u64) {
    let [scl, sda] = [pin::SCL, pin::SDA].map(|pin| log.column(SignalId(pin.0)));
    let (mut at, mut bits, mut count, mut words, mut sum) = (0, 0u64, 0u32, 0u64, 0u64);
    for i in 1..scl.len() {
        let (t, level) = scl.get(i);
        let high = level.bits != 0;
        while at + 1 < sda.len() && sda.get(at + 1).0 < t {
            at += 1;
            // SDA moved while SCL was as it was until now, the opposite of what it becomes: a START or a STOP.
            if !high {
                (bits, count) = (0, 0);
            }
        }
        if !high {
            continue;
        }
        bits = bits << 1 | sda.get(at).1.bits;
        count += 1;
        if count == 9 {
            words += 1;
            sum = black_box(sum.wrapping_add(bits));
            (bits, count) = (0, 0);
        }
    }
    (words, sum)
}
