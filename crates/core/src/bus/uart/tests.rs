//! A bench of two ends, and waveforms drawn by hand.

mod agents;
mod faults;
mod monitor;
mod properties;
mod rules;
mod tolerance;

use super::*;
use crate::bus::{Diagnostic, Monitor as _, Sink};
use crate::level::Level;
use crate::log::{ChangeLog, SignalId, Source, Value};
use crate::net::{Attach, Net, NetId};
use crate::sim::{AgentId, Bench};
use crate::time::Time;
use crate::timing::Event;

/// What a monitor said.
#[derive(Clone, Debug, Default, PartialEq)]
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
        let last = self.events.last();
        assert!(last.is_none_or(|last| last.time <= event.time), "{event:?} after {last:?}");
        self.events.push(event);
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

impl Seen {
    fn frames(&self, line: Line) -> Vec<&Frame> {
        let frame = |item: &Item| matches!(item, Item::Frame(frame) if frame.line == line);
        let of_line = self.items.iter().filter(|item| frame(item));
        of_line.filter_map(|item| if let Item::Frame(frame) = item { Some(frame) } else { None }).collect()
    }

    fn data(&self, line: Line) -> Vec<u64> {
        self.frames(line).iter().map(|frame| frame.data.to_u64().unwrap()).collect()
    }

    fn codes(&self) -> Vec<&'static str> {
        self.diagnostics.iter().map(|d| d.code).collect()
    }

    /// The values of the events of a kind.
    fn values(&self, kind: crate::timing::EventKind) -> Vec<i64> {
        self.events.iter().filter(|event| event.kind == kind).map(|event| event.value).collect()
    }
}

/// What a monitor says of a log whose signals are the pins of the bus, in their order.
fn decode(log: &ChangeLog, options: &Options) -> Seen {
    let mut monitor = Monitor::new(options, log.source());
    let mut seen = Seen::default();
    let mut instants = log.instants();
    while let Some((t, changes)) = instants.next() {
        monitor.instant(t, changes, &mut seen);
    }
    monitor.finish(log.end(), &mut seen);
    seen
}

const NAMES: [&str; pin::COUNT] = ["tx", "rx", "rts", "cts", "de"];

/// Two ends wired crosswise: the TX of the near one is `tx`, its RTS `rts`.
struct Link {
    bench: Bench,
    nets: Vec<NetId>,
    log: ChangeLog,
}

impl Link {
    fn new(seed: u64) -> Link {
        let mut bench = Bench::new(seed);
        let nets = NAMES.iter().map(|name| bench.add_net(Net::wire(*name))).collect();
        Link { bench, nets, log: ChangeLog::default() }
    }

    /// The pins of the near end, or those of the far one, which has no DE.
    fn pins(&self, near: bool) -> Vec<Option<Attach>> {
        let order: [Option<usize>; pin::COUNT] =
            if near { [0, 1, 2, 3, 4].map(Some) } else { [Some(1), Some(0), Some(3), Some(2), None] };
        order.iter().map(|net| net.map(|i| Attach::to(self.nets[i]))).collect()
    }

    fn near<A: crate::sim::Agent>(&mut self, name: &str, agent: A) -> AgentId<A> {
        let pins = self.pins(true);
        self.bench.add_agent(name, agent, &pins)
    }

    fn far<A: crate::sim::Agent>(&mut self, name: &str, agent: A) -> AgentId<A> {
        let pins = self.pins(false);
        self.bench.add_agent(name, agent, &pins)
    }

    fn run_for(&mut self, span: Span) {
        if self.log.columns().is_empty() {
            self.log = self.bench.new_log();
        }
        let end = self.bench.now() + span;
        while self.bench.now() < end {
            self.bench.run_until(end, &mut self.log).unwrap();
        }
    }

    fn finish(&mut self) -> &ChangeLog {
        self.bench.finish(&mut self.log);
        &self.log
    }
}

/// A transmitter at the near end and a receiver at the far one.
struct OneWay {
    link: Link,
    tx: AgentId<Transmitter>,
    rx: AgentId<Receiver>,
}

impl OneWay {
    fn new(tx: TransmitterOptions, rx: ReceiverOptions) -> OneWay {
        let mut link = Link::new(1);
        let mut rx = rx;
        rx.bus = rx.bus.crossed();
        let tx = link.near("tx", Transmitter::new(tx).unwrap());
        let rx = link.far("rx", Receiver::new(rx).unwrap());
        OneWay { link, tx, rx }
    }

    fn simple(bus: &Options) -> OneWay {
        OneWay::new(TransmitterOptions::new(bus.clone()), ReceiverOptions::new(bus.clone()))
    }

    /// Does the work and waits for two more frame times.
    fn run(&mut self, ops: &[Op]) {
        let ticket = self.link.bench.agent_mut(self.tx).submit(ops).unwrap();
        if self.link.log.columns().is_empty() {
            self.link.log = self.link.bench.new_log();
        }
        let far = Time::from_fs(u64::MAX / 2);
        let at = loop {
            self.link.bench.run_until(far, &mut self.link.log).unwrap();
            if let Some(done) = self.link.bench.agent_mut(self.tx).take(ticket) {
                break done.at;
            }
            assert!(self.link.bench.now() < far, "the work is never done");
        };
        self.link.run_for((at - Time::ZERO).scale(1, 100) + Span::from_ms(2));
    }

    fn heard(&self) -> &[Heard] {
        self.link.bench.agent(self.rx).heard()
    }

    fn received(&self) -> Vec<Received> {
        let frame = |heard: &Heard| if let Heard::Frame(frame) = heard { Some(*frame) } else { None };
        self.heard().iter().filter_map(frame).collect()
    }

    fn data(&self) -> Vec<u16> {
        self.link.bench.agent(self.rx).data()
    }

    fn decode(&mut self, bus: &Options) -> Seen {
        decode(self.link.finish(), bus)
    }
}

/// A waveform drawn by hand, in thousandths of a bit.
struct Drawing {
    log: ChangeLog,
    bit: Span,
}

impl Drawing {
    fn new(options: &Options, source: Source) -> Drawing {
        let mut log = ChangeLog::new(source);
        for name in NAMES {
            log.add_wire(name);
        }
        Drawing { log, bit: options.baud.unwrap().bit() }
    }

    /// TX idle at the beginning, in a run of our own.
    fn idle(options: &Options) -> Drawing {
        let mut drawing = Drawing::new(options, Source::Run);
        drawing.set(pin::TX, 0, true);
        drawing
    }

    fn set(&mut self, pin: SignalId, mui: u64, high: bool) {
        self.level(pin, mui, Level::from_bit(high));
    }

    fn level(&mut self, pin: SignalId, mui: u64, level: Level) {
        let at = Time::ZERO.saturating_add(self.bit.scale(mui, 1_000));
        self.log.push(pin, at, Value::wire(level)).unwrap();
    }

    /// A frame 8N1 with bits of so many thousandths. Returns where its stop bit ends.
    fn frame(&mut self, pin: SignalId, start: u64, byte: u8, bit: u64) -> u64 {
        let levels = std::iter::once(false).chain((0..8).map(|i| byte >> i & 1 != 0)).chain([true]);
        let mut at = start;
        for high in levels {
            self.set(pin, at, high);
            at += bit;
        }
        at
    }

    fn decode(&mut self, until: u64, options: &Options) -> Seen {
        self.log.extend_to(Time::ZERO.saturating_add(self.bit.scale(until, 1_000)));
        decode(&self.log, options)
    }
}

fn options(settings: &[(&str, &str)]) -> Options {
    let mut options = Options::default();
    for (key, value) in settings {
        options.set(key, value).unwrap();
    }
    options
}

#[test]
fn a_byte_travels_in_every_format() {
    for data_bits in 5..=9u32 {
        for parity in Parity::ALL {
            for stop_bits in StopBits::ALL {
                for bit_order in [BitOrder::Lsb, BitOrder::Msb] {
                    let data_bits = DataBits::new(data_bits).unwrap();
                    let bus = Options { data_bits, parity, stop_bits, bit_order, ..Options::default() };
                    let mut link = OneWay::simple(&bus);
                    let words = [0x153, 0x0, 0x1ff, 0x0a4].map(|word| word & data_bits.mask());
                    link.run(&words.map(Op::Send));
                    assert_eq!(link.data(), words, "{bus:?}");
                    let seen = link.decode(&bus);
                    assert_eq!(seen.data(Line::Tx), words.map(u64::from), "{bus:?}");
                    assert_eq!(seen.diagnostics, [], "{bus:?}");
                    let frame = bus.frame_time(bus.baud.unwrap());
                    let starts: Vec<Time> = seen.frames(Line::Tx).iter().map(|f| f.start).collect();
                    for pair in starts.windows(2) {
                        let apart = (pair[1] - pair[0]).as_fs();
                        assert!(apart.abs_diff(frame.as_fs()) <= 2, "{apart} {frame}");
                    }
                }
            }
        }
    }
}
