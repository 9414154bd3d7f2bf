//! Handshakes: simulation of each protocol and of a FIFO between two clocks, and decoding beside a loop written by hand.

use busproof_benches::handshake::{Words, decode, decode_by_hand, fifo, link};
use busproof_core::bus::handshake::Protocol;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const WORDS: u64 = 10_000;

const PROTOCOLS: [(&str, Protocol); 3] = [
    ("four-phase", Protocol::FourPhase),
    ("two-phase", Protocol::TwoPhase),
    ("dual-rail", Protocol::DualRail),
];

fn simulate(c: &mut Criterion) {
    let mut group = c.benchmark_group("handshake/simulate");
    group.throughput(Throughput::Elements(WORDS)).sample_size(20);
    for (name, protocol) in PROTOCOLS {
        group.bench_function(name, |b| {
            b.iter_batched_ref(|| link(protocol, WORDS), Words::go, BatchSize::LargeInput);
        });
    }
    group.bench_function("gray-fifo", |b| {
        b.iter_batched_ref(|| fifo(WORDS), Words::go, BatchSize::LargeInput);
    });
    group.finish();
}

fn decoding(c: &mut Criterion) {
    let mut group = c.benchmark_group("handshake/decode");
    group.sample_size(20);
    for (name, protocol) in &PROTOCOLS[..2] {
        let log = link(*protocol, WORDS).log();
        let changes: usize = log.columns().iter().map(busproof_core::log::Column::len).sum();
        group.throughput(Throughput::Elements(changes as u64));
        group.bench_function(format!("{name}/monitor"), |b| {
            b.iter(|| assert_eq!(decode(&log, *protocol), WORDS));
        });
        group.bench_function(format!("{name}/hand-written"), |b| {
            b.iter(|| assert_eq!(decode_by_hand(&log, *protocol), WORDS));
        });
    }
    group.finish();
}

criterion_group!(benches, simulate, decoding);
criterion_main!(benches);
