//! I2C: simulation, beside SPI's; and decoding, beside the limit that a loop written by hand reaches. The figures are edges of
//! SCL (of SCK) per second.

use busproof_benches::{
    Decides, Edges, I2cRun, SpiRun, decode_i2c, decode_i2c_by_hand, i2c_bench, i2c_log, spi_bench,
};
use busproof_core::bus::i2c::Speed;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const BYTES: usize = 20_000;
/// START, address, STOP, and an acknowledge for each byte.
const ITEMS: u64 = 2 * (BYTES as u64 + 1) + 2;

/// Fast-mode writes, each byte acknowledged, no waveform; SPI in mode 0. Bytes of 9 clocks and of 8.
fn simulate(c: &mut Criterion) {
    let mut group = c.benchmark_group("i2c/simulate");
    group.throughput(Throughput::Elements(2 * 9 * 1_000)).sample_size(20);
    for (name, edges, decides) in [
        ("steep", Edges::Steep, Decides::Ahead),
        ("sloped", Edges::Sloped, Decides::Ahead),
        ("sloped-byte-by-byte", Edges::Sloped, Decides::ByteByByte),
    ] {
        let bench = || i2c_bench(999, edges, decides);
        group.bench_function(name, |b| b.iter_batched_ref(bench, I2cRun::go, BatchSize::LargeInput));
    }
    group.bench_function("sloped-logged", |b| {
        let bench = || i2c_bench(999, Edges::Sloped, Decides::Ahead);
        b.iter_batched_ref(bench, I2cRun::go_logged, BatchSize::LargeInput);
    });
    group.throughput(Throughput::Elements(2 * 8 * 1_000));
    group.bench_function("spi", |b| {
        b.iter_batched_ref(|| spi_bench(1_000), SpiRun::go, BatchSize::LargeInput);
    });
    group.finish();
}

/// A change log in memory to bytes and timing events. Standard mode has no input filter, Fast mode has one.
fn decoding(c: &mut Criterion) {
    let (log, edges) = i2c_log(BYTES, Edges::Steep);
    let mut group = c.benchmark_group("i2c/decode");
    group.throughput(Throughput::Elements(edges)).sample_size(20);
    for (name, speed) in [("monitor", Speed::Standard), ("monitor-filtered", Speed::Fast)] {
        group.bench_function(name, |b| b.iter(|| assert_eq!(decode_i2c(&log, speed).0, ITEMS)));
    }
    group.bench_function("hand-written", |b| {
        b.iter(|| assert_eq!(decode_i2c_by_hand(&log).0, BYTES as u64 + 1));
    });
    group.finish();
}

/// The same with edges that take time, each of them two changes.
fn decoding_slopes(c: &mut Criterion) {
    let (log, edges) = i2c_log(BYTES, Edges::Sloped);
    let mut group = c.benchmark_group("i2c/decode-slopes");
    group.throughput(Throughput::Elements(edges)).sample_size(20);
    group.bench_function("monitor", |b| b.iter(|| assert_eq!(decode_i2c(&log, Speed::Fast).0, ITEMS)));
    group.finish();
}

criterion_group!(benches, simulate, decoding, decoding_slopes);
criterion_main!(benches);
