//! The DDR4 controller on five patterns of requests, the reader of traces, and a memory on its pins.
//!
//! Figures are requests and bytes per second; the name of each pattern says how many steps a request takes, so that the cost
//! of a step is visible. The trace is made beforehand; statistics and latencies are on, `blame` is beside.

use std::hint::black_box;

use busproof_benches::dram::{busy, play_by_hand, play_on_pins, reads};
use busproof_core::bus::ddr::Command;
use busproof_dram::synthetic::{Pattern, Trace};
use busproof_dram::{AddressMap, Controller, Issued, Options, Request, trace};
use busproof_parts::memory;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const REQUESTS: u64 = 100_000;

fn options(pattern: Pattern, blame: bool) -> Options {
    let request_every = if pattern == Pattern::Sparse { 200 } else { 1 };
    Options { request_every, blame, ..Options::default() }
}

fn controller(c: &mut Criterion) {
    let part = memory::find("ddr4-2400u-8gb-x8-ramulator").expect("the part comes with the program");
    let mut group = c.benchmark_group("dram");
    group.throughput(Throughput::Elements(REQUESTS)).sample_size(10);
    for pattern in Pattern::ALL {
        let requests: Vec<Request> = Trace::new(pattern, REQUESTS).collect();
        for blame in [false, true] {
            let controller = Controller::new(&part, &options(pattern, blame)).expect("the options are legal");
            let steps = controller.run(requests.iter().copied()).steps as f64 / REQUESTS as f64;
            let with = if blame { ", blame" } else { "" };
            let name = format!("{}, {steps:.2} steps a request{with}", pattern.name());
            group.bench_function(name, |b| b.iter(|| controller.run(black_box(&requests).iter().copied())));
        }
    }
    group.finish();
}

/// Four channels on one thread and on two.
fn channels(c: &mut Criterion) {
    let part = memory::find("ddr4-2400u-8gb-x8-ramulator").expect("the part comes with the program");
    let options = Options { channels: 4, ..Options::default() };
    let controller = Controller::new(&part, &options).expect("the options are legal");
    let requests: Vec<Request> = Trace::new(Pattern::Mixed, 4 * REQUESTS).collect();
    let mut group = c.benchmark_group("dram, four channels");
    group.throughput(Throughput::Elements(4 * REQUESTS)).sample_size(10);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be had");
        group.bench_function(format!("{threads} threads"), |b| {
            b.iter(|| pool.install(|| controller.run_channels(black_box(&requests))));
        });
    }
    group.finish();
}

fn reader(c: &mut Criterion) {
    let part = memory::find("ddr4-2400u-8gb-x8-ramulator").expect("the part comes with the program");
    let map = AddressMap::parse(AddressMap::DEFAULT, part.geometry(), 1).expect("the default fits");
    let line = |request: Request| format!("LD 0x{:x}\n", request.address);
    let text: String = Trace::new(Pattern::Random, REQUESTS).map(line).collect();
    let mut group = c.benchmark_group("dram trace");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("load and store", |b| {
        b.iter(|| trace::parse(black_box(text.as_bytes()), "trace", &map));
    });
    group.finish();
}

/// Clocks of the memory on its pins.
const CLOCKS: u64 = 20_000;

/// A memory on its pins, with its controller's end, beside the least that a loop by hand does in the same clocks.
fn pins(c: &mut Criterion) {
    let part = memory::find("ddr4-2400t-8gb-x8").expect("the part comes with the program");
    let commands = busy(CLOCKS);
    let mut group = c.benchmark_group("dram pins");
    group.throughput(Throughput::Elements(CLOCKS)).sample_size(10);
    group.bench_function("busy", |b| b.iter(|| play_on_pins(&part, black_box(&commands))));
    let last = Issued { clock: CLOCKS, command: Command::Ref, ..commands[0] };
    group.bench_function("idle", |b| b.iter(|| play_on_pins(&part, black_box(&[last]))));
    group.bench_function("busy, by hand", |b| {
        b.iter(|| assert_eq!(play_by_hand(black_box(&commands), CLOCKS), reads(&commands)));
    });
    group.finish();
}

criterion_group!(benches, controller, channels, reader, pins);
criterion_main!(benches);
