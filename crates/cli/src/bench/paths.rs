//! The hot paths, each beside its loop written by hand where there is one.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use busproof_benches as work;
use busproof_benches::{Decides, Edges, handshake, wave};
use busproof_core::SignalId;
use busproof_core::bus::handshake::Protocol;
use busproof_core::bus::i2c::Speed;
use busproof_dram::synthetic::{Pattern, Trace};
use busproof_dram::{Controller, Options, Request};
use busproof_parts::memory;
use busproof_vectors::run::{RunOptions, run_sources};
use busproof_wave::{VcdOptions, write_log_to};

use super::Figure;
use super::stopwatch::{each, fastest, time};
use crate::error::CliError;

/// The bytes of a transfer.
const BYTES: usize = 1_000;
/// The words of a handshake.
const WORDS: u64 = 1_000;
/// The instants of a waveform.
const INSTANTS: u64 = 20_000;
/// The vectors that are run.
const VECTORS: usize = 100;
/// The requests to a memory.
const REQUESTS: u64 = 10_000;

/// The memory that is asked.
const MEMORY: &str = "ddr4-2400u-8gb-x8-ramulator";

/// All figures.
pub(super) fn measure(budget: Duration) -> Result<Vec<Figure>, CliError> {
    let mut all = simulation(budget);
    all.extend(links(budget));
    all.extend(decoding(budget));
    all.extend(files(budget));
    all.push(vectors(budget)?);
    all.push(dram(budget)?);
    Ok(all)
}

/// A figure of so many of what is counted: our run, and the one by hand.
fn figure<const N: usize>(what: &'static str, per: &'static str, runs: [Duration; N], count: u64) -> Figure {
    let nanoseconds = |i: usize| runs.get(i).map(|run| each(*run, count));
    Figure { what, per, ours: nanoseconds(0).unwrap_or_default(), by_hand: nanoseconds(1) }
}

fn simulation(budget: Duration) -> Vec<Figure> {
    let edges = 16 * BYTES as u64;
    let mut ours = || {
        let mut run = work::spi_bench(BYTES);
        time(|| run.go())
    };
    let mut by_hand = || time(|| work::exchange_by_hand(std::hint::black_box(BYTES)));
    let spi = fastest(budget, [&mut ours, &mut by_hand]);
    let mut logged = || {
        let mut run = work::spi_bench(BYTES);
        time(|| run.go_logged())
    };
    let logged = fastest(budget, [&mut logged]);
    let i2c = |edges| {
        let mut run = || {
            let mut run = work::i2c_bench(BYTES, edges, Decides::Ahead);
            time(|| run.go())
        };
        fastest(budget, [&mut run])
    };
    let scl = 18 * (BYTES as u64 + 1);
    let mut uart = || time(|| work::uart_log(BYTES));
    vec![
        figure("simulate SPI, both ends check", "edge of SCK", spi, edges),
        figure("the same with a change log", "edge of SCK", logged, edges),
        figure("simulate I2C, steep edges", "edge of SCL", i2c(Edges::Steep), scl),
        figure("simulate I2C, edges take time", "edge of SCL", i2c(Edges::Sloped), scl),
        figure("simulate a UART, with a log", "frame", fastest(budget, [&mut uart]), BYTES as u64),
    ]
}

fn links(budget: Duration) -> Vec<Figure> {
    let run = |make: &dyn Fn() -> handshake::Words| {
        let mut run = || {
            let mut words = make();
            time(|| words.go())
        };
        fastest(budget, [&mut run])
    };
    vec![
        figure(
            "simulate a 4-phase handshake",
            "word",
            run(&|| handshake::link(Protocol::FourPhase, WORDS)),
            WORDS,
        ),
        figure("simulate a FIFO, two clocks", "word", run(&|| handshake::fifo(WORDS)), WORDS),
    ]
}

fn decoding(budget: Duration) -> Vec<Figure> {
    let (log, pins, edges) = work::bus_log(BYTES);
    let columns: Vec<SignalId> = pins.iter().map(|pin| pin.0).collect();
    let mut ours = || time(|| work::decode(&log, &pins));
    let mut by_hand = || time(|| work::decode_by_hand(&log, &columns));
    let spi = fastest(budget, [&mut ours, &mut by_hand]);
    let (log, scl) = work::i2c_log(BYTES, Edges::Steep);
    let mut ours = || time(|| work::decode_i2c(&log, Speed::Fast));
    let mut by_hand = || time(|| work::decode_i2c_by_hand(&log));
    let i2c = fastest(budget, [&mut ours, &mut by_hand]);
    let (log, tx) = work::uart_log(BYTES);
    let mut ours = || time(|| work::decode_uart(&log));
    let mut by_hand = || time(|| work::decode_uart_by_hand(&log));
    let uart = fastest(budget, [&mut ours, &mut by_hand]);
    let log = handshake::link(Protocol::FourPhase, WORDS).log();
    let mut ours = || time(|| handshake::decode(&log, Protocol::FourPhase));
    let mut by_hand = || time(|| handshake::decode_by_hand(&log, Protocol::FourPhase));
    let words = fastest(budget, [&mut ours, &mut by_hand]);
    vec![
        figure("decode SPI", "edge of SCK", spi, edges),
        figure("decode I2C, input filter on", "edge of SCL", i2c, scl),
        figure("decode a UART", "edge", uart, tx),
        figure("decode a 4-phase handshake", "word", words, WORDS),
    ]
}

fn files(budget: Duration) -> Vec<Figure> {
    let log = wave::traffic(INSTANTS);
    let instants = wave::instants(&log);
    let changes = instants.iter().map(|(_, changes)| changes.len() as u64).sum();
    let mut ours = || time(|| wave::write_vcd(&instants));
    let mut by_hand = || time(|| wave::write_vcd_by_hand(&instants));
    let written = fastest(budget, [&mut ours, &mut by_hand]);
    let file = write_log_to(Vec::new(), &log, &VcdOptions::default()).unwrap_or_default();
    let file: Arc<[u8]> = file.into();
    let mut ours = || time(|| wave::read_vcd(&file));
    let mut by_hand = || time(|| wave::read_vcd_by_hand(&file));
    let read = fastest(budget, [&mut ours, &mut by_hand]);
    vec![figure("write VCD", "change", written, changes), figure("read VCD", "change", read, changes)]
}

/// Short vectors, on one thread.
fn vectors(budget: Duration) -> Result<Figure, CliError> {
    const VECTOR: &str = "bus.spi = { kind = \"spi\", clock = \"16 MHz\" }\ndevice.flash.part = \"w25q128jv\"\n\
                          step = [{ do = \"[0x9f r:3=ef4018]\" }]\n";
    let sources = vec![(Path::new("vector.toml"), VECTOR); VECTORS];
    let options = RunOptions { jobs: NonZeroUsize::new(1), ..RunOptions::default() };
    run_sources(&sources, &options, &|_, _| ())?;
    let mut run = || time(|| run_sources(&sources, &options, &|_, _| ()));
    Ok(figure("run short vectors, one thread", "vector", fastest(budget, [&mut run]), VECTORS as u64))
}

fn dram(budget: Duration) -> Result<Figure, CliError> {
    let part = memory::find(MEMORY)?;
    let controller = Controller::new(&part, &Options::default())?;
    let requests: Vec<Request> = Trace::new(Pattern::Random, REQUESTS).collect();
    let mut run = || time(|| controller.run(requests.iter().copied()));
    Ok(figure("serve DDR4 reads anywhere", "request", fastest(budget, [&mut run]), REQUESTS))
}
