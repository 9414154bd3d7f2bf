//! Handshakes and crossings to be simulated, and a handshake to be decoded.

use std::hint::black_box;

use busproof_core::bus::handshake::{
    Item, Monitor, Options, Pace, Protocol, Receiver, ReceiverOptions, Sender, SenderOptions, Width, pin,
};
use busproof_core::bus::{Monitor as _, Sink};
use busproof_core::cdc::{self, Fifo, FifoOptions, FlopSpec, Metastability, PointerCode};
use busproof_core::sim::{AgentId, Bench, ClockSpec, Oscillator, Stop};
use busproof_core::{Attach, Change, ChangeLog, Net, Observer, Source, Span, Time, Value};

/// A bench with words submitted, which are checked when they have arrived.
pub struct Words {
    bench: Bench,
    receiver: AgentId<Receiver>,
    count: u64,
}

const WIDTH: u32 = 32;

fn bus(protocol: Protocol) -> Options {
    Options { width: Width::new(WIDTH).expect("32 bits are a word"), ..Options::of(protocol) }
}

/// Words 1 to `count` from a sender to a receiver over `protocol`, without clocks.
pub fn link(protocol: Protocol, count: u64) -> Words {
    let mut bench = Bench::new(1);
    let wire = |bench: &mut Bench, name: &str| Some(Attach::to(bench.add_net(Net::wire(name))));
    let mut pins = vec![None; pin::COUNT];
    pins[pin::REQ.index()] = wire(&mut bench, "req");
    pins[pin::ACK.index()] = wire(&mut bench, "ack");
    for group in [pin::DATA, pin::TRUE, pin::FALSE] {
        pins[group.index()] = Some(Attach::to(bench.add_net(Net::group(format!("d{}", group.0), WIDTH))));
    }
    let pace = Pace::after(Span::from_ns(3));
    let (sender, receiver) =
        (SenderOptions::new(bus(protocol), pace), ReceiverOptions::new(bus(protocol), pace));
    finish(bench, (sender, receiver), (&pins, &pins), count)
}

/// Words 1 to `count` through a gray FIFO of 16 words between two clocks, with flops that miss changes.
pub fn fifo(count: u64) -> Words {
    let mut bench = Bench::new(1);
    let net = |name: &&str| match *name {
        "src_data" | "dst_data" => Net::group(*name, WIDTH),
        "wptr" | "rptr" | "wptr_sync" | "rptr_sync" => Net::group(*name, 5),
        _ => Net::wire(*name),
    };
    let nets: Vec<_> =
        cdc::pin::NAMES.iter().map(|name| Some(Attach::to(bench.add_net(net(name))))).collect();
    let oscillator = |hertz| Oscillator::new(&ClockSpec::ideal(hertz)).expect("the frequency is in range");
    bench.add_agent("source clock", oscillator(211_000_000), &nets[..1]);
    bench.add_agent("destination clock", oscillator(187_000_000), &nets[4..5]);
    let flop = FlopSpec {
        setup: Span::from_ps(100),
        hold: Span::from_ps(50),
        clk_to_q: Span::from_ps(200),
        metastability: Metastability::OneCycle,
    };
    let options = FifoOptions { depth: 16, stages: 2, flop, code: PointerCode::Gray, skew: Span::ZERO };
    bench.add_agent("crossing", Fifo::new(&options).expect("16 is a power of two"), &nets);
    let side = |first: usize| {
        let mut pins = vec![None; pin::COUNT];
        let roles = [pin::CLK, pin::VALID, pin::READY, pin::DATA];
        roles.iter().enumerate().for_each(|(i, role)| pins[role.index()] = nets[first + i]);
        pins
    };
    let pace = Pace::after(Span::from_ps(200));
    let sender = SenderOptions::new(bus(Protocol::ValidReady), pace);
    let receiver = ReceiverOptions::new(bus(Protocol::ValidReady), pace);
    finish(bench, (sender, receiver), (&side(0), &side(4)), count)
}

fn finish(
    mut bench: Bench,
    (sender, receiver): (SenderOptions, ReceiverOptions),
    (from, to): (&[Option<Attach>], &[Option<Attach>]),
    count: u64,
) -> Words {
    let sender = bench.add_agent("host", Sender::new(sender).expect("the pace is possible"), from);
    let receiver = bench.add_agent("receiver", Receiver::new(receiver).expect("the pace is possible"), to);
    let words: Vec<u64> = (1..=count).collect();
    bench.agent_mut(sender).submit(&words);
    Words { bench, receiver, count }
}

impl Words {
    /// Runs until all words were sent and have arrived, and looks at each.
    pub fn go(&mut self) {
        self.observe(&mut ());
    }

    fn observe(&mut self, observer: &mut impl Observer) {
        let stop = self.bench.run_until(Time::MAX, observer).expect("nothing loops");
        assert_eq!(stop, Stop::Requested);
        self.bench.run_until(self.bench.now() + Span::from_us(1), observer).expect("nothing loops");
        let received = self.bench.agent(self.receiver).received().iter().map(|word| word.data.bits);
        assert!(received.eq(1..=self.count));
    }

    /// As [`Words::go`], with every change logged.
    pub fn log(&mut self) -> ChangeLog {
        let mut log = self.bench.new_log();
        self.observe(&mut log);
        self.bench.finish(&mut log);
        log
    }
}

/// Counts words.
#[derive(Default)]
struct Count(u64);

impl Sink<Item> for Count {
    fn item(&mut self, item: Item) {
        self.0 += black_box(item).beat().data.is_known() as u64;
    }
}

/// Decodes a log of [`link`]; the number of words.
pub fn decode(log: &ChangeLog, protocol: Protocol) -> u64 {
    let (mut monitor, mut count) = (Monitor::new(&bus(protocol), Source::Run), Count::default());
    let mut instants = log.instants();
    while let Some((t, changes)) = instants.next() {
        // Signals were added in the order of the pins.
        monitor.instant(t, changes, &mut count);
    }
    monitor.finish(log.end(), &mut count);
    count.0
}

/// The least that a decoder of two or four phases must do: a word for each request, nothing checked.
pub fn decode_by_hand(log: &ChangeLog, protocol: Protocol) -> u64 {
    let (mut req, mut data, mut words) = (false, Value::known(0), 0);
    let mut instants = log.instants();
    while let Some((_, changes)) = instants.next() {
        for &Change { signal, value } in changes {
            match signal {
                pin::DATA => data = value,
                pin::REQ => {
                    let was = std::mem::replace(&mut req, value.level().is_high());
                    let asks = req != was && (req || protocol == Protocol::TwoPhase);
                    words += (asks && black_box(data).unknown == 0) as u64;
                }
                _ => {}
            }
        }
    }
    words
}
