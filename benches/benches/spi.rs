//! SPI: simulation and decoding, each beside the limit that a loop written by hand reaches.

use std::hint::black_box;

use busproof_benches::{Echo, HandWritten, bus_log, decode_by_hand, spi_bench};
use busproof_core::bus::spi::{Item, Monitor, Options};
use busproof_core::bus::{Monitor as _, Sink};
use busproof_core::{Change, SignalId, Source};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const BYTES: usize = 1_000;

/// Mode 0, both sides sample and compare, no waveform.
fn simulate(c: &mut Criterion) {
    let mut group = c.benchmark_group("spi/simulate");
    group.throughput(Throughput::Elements(BYTES as u64)).sample_size(20);
    group.bench_function("bench", |b| {
        b.iter_batched_ref(|| spi_bench(BYTES), busproof_benches::SpiRun::go, BatchSize::LargeInput);
    });
    group.bench_function("hand-written", |b| b.iter(|| HandWritten::new(BYTES).run(Echo::default())));
    group.finish();
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

/// A change log in memory to words.
fn decode(c: &mut Criterion) {
    let (log, pins, edges) = bus_log(20_000);
    let columns: Vec<SignalId> = pins.iter().map(|p| p.0).collect();
    let mut group = c.benchmark_group("spi/decode");
    group.throughput(Throughput::Elements(edges)).sample_size(20);
    group.bench_function("monitor", |b| {
        b.iter(|| {
            let mut monitor = Monitor::new(&Options::default(), Source::Run);
            let mut count = Count::default();
            let mut instants = log.instants_of(&columns);
            let mut mapped: Vec<Change> = Vec::new();
            while let Some((t, changes)) = instants.next() {
                mapped.clear();
                mapped.extend(
                    changes.iter().map(|c| Change { signal: pins[c.signal.index()].1, value: c.value }),
                );
                monitor.instant(t, &mapped, &mut count);
            }
            monitor.finish(log.end(), &mut count);
            assert_eq!(count.0, 20_002);
        });
    });
    group.bench_function("hand-written", |b| b.iter(|| decode_by_hand(&log, &columns)));
    group.finish();
}

criterion_group!(benches, simulate, decode);
criterion_main!(benches);
