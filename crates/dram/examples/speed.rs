//! What a request costs: processor time and steps per request, for each pattern of requests, the trace read beforehand.
//!
//! `cargo run --release -p busproof-dram --example speed -- [REQUESTS [PATTERN]]`

use std::sync::Arc;
use std::time::Instant;

use busproof_dram::synthetic::{Pattern, Trace};
use busproof_dram::{AddressMap, Controller, Options, Request, SetupError, Stats, trace};
use busproof_parts::memory::{self, Memory};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let part = memory::find("ddr4-2400u-8gb-x8-ramulator")?;
    let origin = Instant::now();
    println!("pattern   ns/request  with blame  steps/request      cycles");
    let wanted = std::env::args().nth(2);
    let is_wanted = |pattern: &Pattern| wanted.as_ref().is_none_or(|name| name == pattern.name());
    for pattern in Pattern::ALL.into_iter().filter(is_wanted) {
        let requests: Vec<Request> = Trace::new(pattern, count).collect();
        let request_every = if pattern == Pattern::Sparse { 200 } else { 1 };
        let cost = |blame| -> Result<(f64, Stats), SetupError> {
            let controller = Controller::new(&part, &Options { request_every, blame, ..Options::default() })?;
            let mut best = (f64::INFINITY, Stats::default());
            for _ in 0..5 {
                let start = processor_time(origin);
                let stats = controller.run(requests.iter().copied());
                let time = (processor_time(origin) - start) / count as f64;
                if time < best.0 {
                    best = (time, stats);
                }
            }
            Ok(best)
        };
        let ((plain, stats), (blame, _)) = (cost(false)?, cost(true)?);
        let (name, steps) = (pattern.name(), stats.steps as f64 / count as f64);
        println!("{name:<9} {plain:>10.1} {blame:>11.1} {steps:>14.2} {:>11}", stats.cycles);
    }
    if wanted.is_none() {
        channels(&part, count)?;
    }
    let map = AddressMap::parse(AddressMap::DEFAULT, part.geometry(), 1)?;
    let line = |request: Request| format!("LD 0x{:x}\n", request.address);
    let text: String = Trace::new(Pattern::Random, count).map(line).collect();
    let start = processor_time(origin);
    let requests = trace::parse(text.as_bytes(), "trace", &map)?;
    let rate = text.len() as f64 / (processor_time(origin) - start) * 1e3;
    println!("reading a trace of {} requests: {rate:.0} MB/s", requests.len());
    Ok(())
}

/// Four channels on one thread and on two: the fastest of ten runs of each in turn, by the clock on the wall and by the processor
/// time of the busier thread. The latter says what a machine would do that has nothing else to do.
fn channels(part: &Arc<Memory>, count: u64) -> Result<(), Box<dyn std::error::Error>> {
    let controller = Controller::new(part, &Options { channels: 4, ..Options::default() })?;
    let requests: Vec<Request> = Trace::new(Pattern::Mixed, count).collect();
    let mut best = [[f64::INFINITY; 2]; 2];
    for _ in 0..10 {
        for (threads, best) in [1, 2].into_iter().zip(&mut best) {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            let start = Instant::now();
            let before = pool.broadcast(|_| thread_time(start));
            pool.install(|| controller.run_channels(&requests));
            best[0] = best[0].min(start.elapsed().as_secs_f64());
            let after = pool.broadcast(|_| thread_time(start));
            let busiest = after.iter().zip(&before).map(|(after, before)| after - before).fold(0.0, f64::max);
            best[1] = best[1].min(busiest);
        }
    }
    let [wall, processor] = [0, 1].map(|which| best[0][which] / best[1][which]);
    println!(
        "four channels on two threads: {wall:.2} times as fast as on one, by processor time {processor:.2}"
    );
    Ok(())
}

/// The nanoseconds for which the present thread has had a processor, where the system says (Linux); else those since `origin`.
fn thread_time(origin: Instant) -> f64 {
    time_of("/proc/thread-self/schedstat", origin)
}

/// The nanoseconds for which this program has had a processor, where the system says (Linux); else those since `origin`.
fn processor_time(origin: Instant) -> f64 {
    time_of("/proc/self/schedstat", origin)
}

fn time_of(path: &str, origin: Instant) -> f64 {
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    let on_processor = stat.split_whitespace().next().and_then(|field| field.parse().ok());
    on_processor.unwrap_or_else(|| origin.elapsed().as_secs_f64() * 1e9)
}
