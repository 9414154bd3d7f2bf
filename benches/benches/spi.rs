//! SPI: simulation and decoding, each beside the limit that a loop written by hand reaches.

use std::hint::black_box;

use busproof_benches::{bus_log, decode, decode_by_hand, exchange_by_hand, spi_bench};
use busproof_core::SignalId;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const BYTES: usize = 1_000;

/// Mode 0, both sides sample and compare, no waveform.
fn simulate(c: &mut Criterion) {
    let mut group = c.benchmark_group("spi/simulate");
    group.throughput(Throughput::Elements(BYTES as u64)).sample_size(20);
    group.bench_function("bench", |b| {
        b.iter_batched_ref(|| spi_bench(BYTES), busproof_benches::SpiRun::go, BatchSize::LargeInput);
    });
    group.bench_function("hand-written", |b| b.iter(|| exchange_by_hand(black_box(BYTES))));
    group.finish();
}

/// The same with every change in a log.
fn simulate_logged(c: &mut Criterion) {
    let mut group = c.benchmark_group("spi/simulate-logged");
    group.throughput(Throughput::Elements(BYTES as u64)).sample_size(20);
    group.bench_function("bench", |b| {
        b.iter_batched_ref(|| spi_bench(BYTES), busproof_benches::SpiRun::go_logged, BatchSize::LargeInput);
    });
    group.finish();
}

/// A change log in memory to words.
fn decoding(c: &mut Criterion) {
    let (log, pins, edges) = bus_log(20_000);
    let columns: Vec<SignalId> = pins.iter().map(|p| p.0).collect();
    let mut group = c.benchmark_group("spi/decode");
    group.throughput(Throughput::Elements(edges)).sample_size(20);
    group.bench_function("monitor", |b| {
        b.iter(|| assert_eq!(decode(&log, &pins), 20_002));
    });
    group.bench_function("hand-written", |b| b.iter(|| decode_by_hand(&log, &columns)));
    group.finish();
}

criterion_group!(benches, simulate, simulate_logged, decoding);
criterion_main!(benches);
