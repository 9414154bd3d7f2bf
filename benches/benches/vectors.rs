//! Two thousand short vectors, and two thousand points of a sweep, on one thread and on two: they share nothing, so two should
//! take half the time.

use std::num::NonZeroUsize;
use std::path::Path;

use busproof_vectors::format::{Sweep, Vary};
use busproof_vectors::report::Outcome;
use busproof_vectors::run::{RunOptions, run_sources};
use busproof_vectors::sweep::{Verdict, points};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const VECTORS: usize = 2_000;

/// Reads the identification of a flash, at clocks that differ.
fn vector(i: usize) -> String {
    let mhz = 1 + i % 80;
    format!(
        "[bus.spi]\nkind = \"spi\"\nclock = \"{mhz} MHz\"\n[device.flash]\npart = \"w25q128jv\"\n\
         [[step]]\ndo = \"[0x9f r:3=ef4018]\"\n"
    )
}

fn run(c: &mut Criterion) {
    let texts: Vec<String> = (0..VECTORS).map(vector).collect();
    let sources: Vec<(&Path, &str)> =
        texts.iter().map(|text| (Path::new("vector.toml"), text.as_str())).collect();
    let mut group = c.benchmark_group("vectors/2000");
    group.throughput(Throughput::Elements(VECTORS as u64)).sample_size(10);
    for jobs in [1, 2] {
        let options = RunOptions { jobs: NonZeroUsize::new(jobs), ..RunOptions::default() };
        group.bench_function(format!("{jobs} threads"), |b| {
            b.iter(|| {
                let results = run_sources(&sources, &options, &|_, _| ()).expect("threads start");
                assert!(results.iter().all(|result| result.outcome == Outcome::Passed));
            });
        });
    }
    group.finish();
}

/// The same transfer at 80 clocks and 25 flight times: each point is put together from the file, run and judged.
fn sweep(c: &mut Criterion) {
    let text = vector(0);
    let vary = ["bus.spi.clock=1MHz..80MHz:1MHz", "bus.spi.flight.miso=0ns..2.4ns:0.1ns"];
    let vary: Vec<Vary> = vary.iter().map(|text| text.parse().expect("a parameter")).collect();
    let sweep = &Sweep::read("vector", &text, &vary, None).expect("the vector is read")[0];
    let mut group = c.benchmark_group("sweep/2000");
    group.throughput(Throughput::Elements(VECTORS as u64)).sample_size(10);
    for jobs in [1, 2] {
        let options = RunOptions { jobs: NonZeroUsize::new(jobs), ..RunOptions::default() };
        group.bench_function(format!("{jobs} threads"), |b| {
            b.iter(|| {
                let points =
                    points(Path::new("vector.toml"), sweep, &options, &|_, _| ()).expect("all can be run");
                assert_eq!(points.len(), VECTORS);
                assert!(points.iter().any(|point| point.verdict() == Verdict::Pass));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, run, sweep);
criterion_main!(benches);
