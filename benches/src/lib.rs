//! What the benchmarks share: the work to be done, and the same work written by hand.

mod scan;

pub use scan::scan;

use std::hint::black_box;

use busproof_core::bus::spi::{
    Controller, ControllerOptions, Device, Lanes, Op, Options, Peripheral, PeripheralOptions, Step, pin,
};
use busproof_core::mapping::find_taps;
use busproof_core::sim::{AgentId, Bench, Stop};
use busproof_core::{Attach, Bits, ChangeLog, Net, Observer, SignalId, Span, Time, Value};

/// The byte a peripheral answers to a byte: its complement, one word later.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo {
    last: u64,
    heard: u64,
    sum: u64,
}

impl Echo {
    fn exchange(&mut self, input: u64) -> u64 {
        self.heard += 1;
        self.sum = self.sum.wrapping_add(input ^ self.last);
        self.last = input;
        !input & 0xff
    }
}

impl Device for Echo {
    fn select(&mut self, _: Time) -> Step {
        Step::exchange(0xff, 8)
    }

    fn step(&mut self, _: Time, input: u64) -> Step {
        Step::exchange(self.exchange(input), 8)
    }

    fn deselect(&mut self, _: Time, _: u32) {}
}

/// The bytes that are sent.
fn payload(bytes: usize) -> impl Iterator<Item = u64> {
    (0..bytes as u64).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 13) & 0xff)
}

/// A bench with work submitted and checked when done.
pub struct SpiRun {
    bench: Bench,
    host: AgentId<Controller>,
    ticket: busproof_core::bus::spi::Ticket,
    bytes: usize,
}

/// A controller of 10 MHz and an echoing peripheral, `bytes` bytes to exchange.
pub fn spi_bench(bytes: usize) -> SpiRun {
    let mut bench = Bench::new(1);
    let bus = Options::default();
    let nets: Vec<_> = ["sck", "mosi", "miso", "cs"].iter().map(|n| bench.add_net(Net::wire(*n))).collect();
    let pins = [Some(0), Some(1), Some(2), None, None, Some(3)]
        .map(|net: Option<usize>| net.map(|i| Attach::to(nets[i])));
    let options = ControllerOptions::new(bus.clone(), 10_000_000);
    let controller = Controller::new(options).expect("10 MHz is in range");
    let host = bench.add_agent("host", controller, &pins);
    bench.add_agent("target", Peripheral::new(PeripheralOptions::new(bus), Box::new(Echo::default())), &pins);
    let mut ops = vec![Op::Select(0)];
    ops.extend(payload(bytes).map(|byte| Op::Write(Bits::new(byte, 8), Lanes::SINGLE)));
    ops.push(Op::Deselect);
    let ticket = bench.agent_mut(host).submit(&ops).expect("the operations are legal");
    SpiRun { bench, host, ticket, bytes }
}

impl SpiRun {
    /// Runs to the end and compares what came back.
    pub fn go(&mut self) {
        self.observe(&mut ());
        let done = self.bench.agent_mut(self.host).take(self.ticket).expect("the work is done");
        assert_eq!(done.words.len(), self.bytes);
        let wanted = std::iter::once(0xff).chain(payload(self.bytes).map(|byte| !byte & 0xff));
        assert!(done.words.iter().zip(wanted).all(|(word, want)| word.to_u64() == Some(want)));
    }

    fn observe(&mut self, observer: &mut impl Observer) {
        let stop = self.bench.run_until(Time::MAX, observer).expect("nothing loops");
        assert_eq!(stop, Stop::Requested);
    }
}

/// The same exchange as a loop: levels in variables, time in whole femtoseconds, nothing general.
#[derive(Debug)]
pub struct HandWritten {
    bytes: usize,
    now: u64,
    sck: bool,
    mosi: bool,
    miso: bool,
}

impl HandWritten {
    /// `bytes` bytes to exchange.
    pub fn new(bytes: usize) -> HandWritten {
        HandWritten { bytes, now: 0, sck: false, mosi: false, miso: false }
    }

    /// Clocks every byte through, edge by edge, and compares both sides.
    pub fn run(mut self, mut device: Echo) -> u64 {
        let mut answer = 0xff;
        let mut wanted = 0xff;
        for byte in payload(self.bytes) {
            let (got, heard) = self.byte(byte, answer);
            assert!(got == wanted && heard == byte);
            answer = device.exchange(heard);
            wanted = !byte & 0xff;
        }
        self.now
    }

    fn byte(&mut self, out: u64, answer: u64) -> (u64, u64) {
        let (mut got, mut heard) = (0, 0);
        for i in (0..8).rev() {
            self.mosi = black_box(out >> i & 1 != 0);
            self.miso = black_box(answer >> i & 1 != 0);
            self.edge();
            heard = heard << 1 | self.mosi as u64;
            got = got << 1 | self.miso as u64;
            self.edge();
        }
        (got, heard)
    }

    fn edge(&mut self) {
        self.now += 50_000_000;
        self.sck = black_box(!self.sck);
    }
}

/// The waveform of a run of `bytes` bytes, its signals with their pins, and the number of clock edges.
pub fn bus_log(bytes: usize) -> (ChangeLog, Vec<(SignalId, SignalId)>, u64) {
    let mut run = spi_bench(bytes);
    let mut log = run.bench.new_log();
    run.observe(&mut log);
    let end = run.bench.now() + Span::from_us(1);
    run.bench.run_until(end, &mut log).expect("nothing loops");
    run.bench.finish(&mut log);
    let names: Vec<&str> = log.columns().iter().map(busproof_core::log::Column::name).collect();
    let pins = find_taps(&busproof_core::bus::spi::INFO, &names).remove(0).pins;
    let sck = pins.iter().find(|p| p.1 == pin::SCK).map(|p| p.0).expect("there is a clock");
    let edges = log.column(sck).len() as u64 - 1;
    (log, pins, edges)
}

/// The bytes of both lines, found by walking the clock's column and looking the data up alongside.
pub fn decode_by_hand(log: &ChangeLog, columns: &[SignalId]) -> (u64, u64) {
    let [sck, mosi, miso] = [0, 1, 2].map(|i| log.column(columns[i]));
    let (mut at, mut bits, mut words, mut sum) = ([0usize; 2], [0u64; 2], 0u64, 0u64);
    let mut count = 0;
    for i in 1..sck.len() {
        let (t, level) = sck.get(i);
        if level.bits == 0 {
            continue;
        }
        for (line, column) in [mosi, miso].into_iter().enumerate() {
            while at[line] + 1 < column.len() && column.get(at[line] + 1).0 < t {
                at[line] += 1;
            }
            bits[line] = bits[line] << 1 | column.get(at[line]).1.bits;
        }
        count += 1;
        if count % 8 == 0 {
            words += 1;
            sum = black_box(sum.wrapping_add(bits[0] ^ bits[1]));
        }
    }
    (words, sum)
}

/// The same waveform among sixty other wires, of which eight change with every clock edge: a dump of a small design.
pub fn wide_log(bytes: usize) -> ChangeLog {
    let (narrow, _, _) = bus_log(bytes);
    let mut log = ChangeLog::new(narrow.source());
    let own = narrow.columns().iter().map(|c| log.add_wire(format!("tb.{}", c.name()))).collect::<Vec<_>>();
    let others: Vec<SignalId> = (0..60).map(|i| log.add_wire(format!("tb.dut.r{i}"))).collect();
    let (mut instants, mut turn) = (narrow.instants(), 0usize);
    while let Some((t, changes)) = instants.next() {
        for change in changes {
            log.push(own[change.signal.index()], t, change.value).expect("instants come in order");
        }
        for i in 0..8 {
            let other = others[(turn * 8 + i) % others.len()];
            let level = Value::known((turn * 8 / others.len()) as u64 & 1);
            log.push(other, t, level).expect("instants come in order");
        }
        turn += 1;
    }
    log.extend_to(narrow.end());
    log
}
