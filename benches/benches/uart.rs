//! UART: decoding in memory beside the limit that a loop written by hand reaches.

use busproof_benches::{decode_uart, decode_uart_by_hand, uart_log};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// A change log in memory to frames; elements are edges.
fn decoding(c: &mut Criterion) {
    let (log, edges) = uart_log(50_000);
    assert_eq!(decode_uart(&log), decode_uart_by_hand(&log));
    let mut group = c.benchmark_group("uart/decode");
    group.throughput(Throughput::Elements(edges)).sample_size(20);
    group.bench_function("monitor", |b| b.iter(|| decode_uart(&log)));
    group.bench_function("hand-written", |b| b.iter(|| decode_uart_by_hand(&log)));
    group.finish();
}

criterion_group!(benches, decoding);
criterion_main!(benches);
