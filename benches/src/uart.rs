//! A UART waveform in memory, decoded by the monitor and by hand.

use std::hint::black_box;

use busproof_core::bus::uart::{Item, Monitor, Op, Options, Transmitter, TransmitterOptions, pin};
use busproof_core::bus::{Monitor as _, Sink};
use busproof_core::sim::{Bench, Stop};
use busproof_core::{Attach, Change, ChangeLog, Net, Span, Time};

use crate::payload;

/// The waveform of `bytes` bytes at 115200 8N1 back to back, its one signal TX, and the number of its edges.
pub fn uart_log(bytes: usize) -> (ChangeLog, u64) {
    let mut bench = Bench::new(1);
    let tx = bench.add_net(Net::wire("tx"));
    let transmitter =
        Transmitter::new(TransmitterOptions::new(Options::default())).expect("115200 baud is possible");
    let agent = bench.add_agent("tx", transmitter, &[Some(Attach::to(tx))]);
    let data = payload(bytes).map(|byte| byte as u8).collect();
    bench.agent_mut(agent).submit(&[Op::Write(data)]).expect("bytes fit in 8 data bits");
    let mut log = bench.new_log();
    let stop = bench.run_until(Time::MAX, &mut log).expect("nothing loops");
    assert_eq!(stop, Stop::Requested);
    let end = bench.now() + Span::from_us(100);
    bench.run_until(end, &mut log).expect("nothing loops");
    bench.finish(&mut log);
    let edges = log.columns()[0].len() as u64 - 1;
    (log, edges)
}

/// Adds up the data of frames, so that none can be skipped.
#[derive(Default)]
struct Sum(u64, u64);

impl Sink<Item> for Sum {
    fn item(&mut self, item: Item) {
        if let Item::Frame(frame) = &item {
            self.0 += 1;
            self.1 += frame.data.to_u64().unwrap_or(0);
        }
    }
}

/// Decodes with everything that the monitor measures. Returns the number of frames and the sum of their data.
pub fn decode_uart(log: &ChangeLog) -> (u64, u64) {
    let mut monitor = Monitor::new(&Options::default(), log.source());
    let mut sum = Sum::default();
    let mut instants = log.instants();
    while let Some((t, changes)) = instants.next() {
        let change = [Change { signal: pin::TX, value: changes[0].value }];
        monitor.instant(t, &change, &mut sum);
    }
    monitor.finish(log.end(), &mut sum);
    (sum.0, sum.1)
}

/// The same data, found by looking up the level in the middle of each bit and nothing else.
pub fn decode_uart_by_hand(log: &ChangeLog) -> (u64, u64) {
    let tx = &log.columns()[0];
    let halves: [u64; 10] = std::array::from_fn(|i| 8_680_555_556 * (2 * i as u64 + 1) / 2);
    let (mut i, mut frames, mut sum) = (0, 0, 0);
    while i < tx.len() {
        let (start, value) = tx.get(i);
        if value.bits != 0 {
            i += 1;
            continue;
        }
        let mut shift = 0u64;
        for half in halves {
            let middle = start.as_fs() + half;
            while i + 1 < tx.len() && tx.get(i + 1).0.as_fs() < middle {
                i += 1;
            }
            shift = shift >> 1 | tx.get(i).1.bits << 9;
        }
        frames += 1;
        sum = black_box(sum + (shift >> 1 & 0xff));
        i += 1;
    }
    (frames, sum)
}
