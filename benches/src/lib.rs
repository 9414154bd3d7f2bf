//! What the benchmarks share: the work to be done, and the same work written by hand.

mod by_hand;
pub mod dram;
pub mod handshake;
mod i2c;
mod scan;
mod uart;
pub mod wave;

use std::any::Any;
use std::hint::black_box;

use busproof_core::bus::spi::{
    Controller, ControllerOptions, Device, Item, Lanes, Monitor, Op, Options, Peripheral, PeripheralOptions,
    Step, pin,
};
use busproof_core::bus::{Monitor as _, Sink};
use busproof_core::mapping::find_taps;
use busproof_core::sim::{AgentId, Bench, Stop};
use busproof_core::{Attach, Bits, Change, ChangeLog, Net, Observer, SignalId, Span, Time};

pub use by_hand::exchange_by_hand;
pub use i2c::{Decides, Edges, I2cRun, decode_i2c, decode_i2c_by_hand, i2c_bench, i2c_log};
pub use scan::scan;
pub use uart::{decode_uart, decode_uart_by_hand, uart_log};

/// Answers each byte with its complement, one word later, and compares what it hears with what was sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo {
    heard: u64,
    wrong: u64,
}

impl Echo {
    fn exchange(&mut self, input: u64) -> u64 {
        self.wrong += (input != byte(self.heard)) as u64;
        self.heard += 1;
        !input & 0xff
    }

    /// Panics unless it heard the first `bytes` bytes and nothing else.
    fn check(&self, bytes: usize) {
        assert_eq!((self.heard, self.wrong), (bytes as u64, 0));
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

/// Byte `i` of those that are sent.
fn byte(i: u64) -> u64 {
    (i.wrapping_mul(0x9e37_79b9) >> 13) & 0xff
}

/// The bytes that are sent.
fn payload(bytes: usize) -> impl Iterator<Item = u64> {
    (0..bytes as u64).map(byte)
}

/// A bench with work submitted and checked when done.
pub struct SpiRun {
    bench: Bench,
    host: AgentId<Controller>,
    target: AgentId<Peripheral>,
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
    let peripheral = Peripheral::new(PeripheralOptions::new(bus), Box::new(Echo::default()));
    let target = bench.add_agent("target", peripheral, &pins);
    let mut ops = vec![Op::Select(0)];
    ops.extend(payload(bytes).map(|byte| Op::Write(Bits::new(byte, 8), Lanes::SINGLE)));
    ops.push(Op::Deselect);
    let ticket = bench.agent_mut(host).submit(&ops).expect("the operations are legal");
    SpiRun { bench, host, target, ticket, bytes }
}

impl SpiRun {
    /// Runs to the end without a waveform and compares what came back.
    pub fn go(&mut self) {
        self.observe(&mut ());
        self.check();
    }

    /// As [`SpiRun::go`], with every change logged. Returns the log.
    pub fn go_logged(&mut self) -> ChangeLog {
        let mut log = self.bench.new_log();
        self.observe(&mut log);
        self.check();
        log
    }

    fn observe(&mut self, observer: &mut impl Observer) {
        let stop = self.bench.run_until(Time::MAX, observer).expect("nothing loops");
        assert_eq!(stop, Stop::Requested);
    }

    fn check(&mut self) {
        let done = self.bench.agent_mut(self.host).take(self.ticket).expect("the work is done");
        assert_eq!(done.words.len(), self.bytes);
        let wanted = std::iter::once(0xff).chain(payload(self.bytes).map(|byte| !byte & 0xff));
        assert!(done.words.iter().zip(wanted).all(|(word, want)| word.to_u64() == Some(want)));
        let device: &dyn Any = self.bench.agent(self.target).device();
        device.downcast_ref::<Echo>().expect("the peripheral was given an echo").check(self.bytes);
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

/// Counts the items of a decoder.
#[derive(Default)]
struct Count(u64);

impl Sink<Item> for Count {
    fn item(&mut self, item: Item) {
        black_box(&item);
        self.0 += 1;
    }
}

/// Decodes a waveform whose signals have those pins. Returns the number of items.
pub fn decode(log: &ChangeLog, pins: &[(SignalId, SignalId)]) -> u64 {
    let columns: Vec<SignalId> = pins.iter().map(|p| p.0).collect();
    let mut monitor = Monitor::new(&Options::default(), log.source());
    let mut count = Count::default();
    let mut instants = log.instants_of(&columns);
    let mut mapped: Vec<Change> = Vec::new();
    while let Some((t, changes)) = instants.next() {
        mapped.clear();
        mapped.extend(changes.iter().map(|c| Change { signal: pins[c.signal.index()].1, value: c.value }));
        monitor.instant(t, &mapped, &mut count);
    }
    monitor.finish(log.end(), &mut count);
    count.0
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
