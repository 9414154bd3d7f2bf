//! `busproof dram run`.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use busproof_core::bus::ddr::Command;
use busproof_core::bus::ddr::rules::T_BURST;
use busproof_dram::{Cause, Controller, Issued, Observer, Options, Stats, Stepping, trace};
use busproof_parts::memory::{self, Memory};

use super::{FigureFormat, RunArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::json;
use crate::out::{Out, folded};
use crate::units::{count, rounded};

/// Serves a trace and prints the figures.
pub(super) fn run(args: &RunArgs, out: &mut Out) -> Result<Exit, CliError> {
    let memory = memory::open(&args.part)?;
    let stepping = if args.step_every_clock { Stepping::EveryClock } else { Stepping::Jump };
    let options = Options {
        address_map: args.address_map.clone(),
        read_queue: args.read_queue,
        write_queue: args.write_queue,
        request_every: args.request_every,
        stepping,
        blame: true,
        ..Options::default()
    };
    let options = args.policies.apply(options);
    let controller = Controller::new(&memory, &options)?;
    let text = trace::load(&args.trace)?;
    let requests = trace::parse(&text, &args.trace.display().to_string(), controller.map())?;
    let mut recorder = Recorder::new(args)?;
    let stats = controller.run_observed(requests, &mut recorder);
    recorder.finish(args)?;
    match args.format {
        FigureFormat::Human => human(args, &memory, &options, &stats, out)?,
        FigureFormat::Json => writeln!(out, "{}", document(&memory, &options, &stats))?,
    }
    Ok(if stats.requests == 0 { Exit::Nothing } else { Exit::Held })
}

/// Writes the commands, if a file for them is wished.
struct Recorder {
    file: Option<BufWriter<File>>,
    /// The first failure to write.
    failed: Option<io::Error>,
}

impl Recorder {
    fn new(args: &RunArgs) -> Result<Recorder, CliError> {
        let Some(path) = &args.commands else { return Ok(Recorder { file: None, failed: None }) };
        let write = |source| CliError::Write { path: path.clone(), source };
        let mut file = BufWriter::new(File::create(path).map_err(write)?);
        writeln!(file, "clock,command,rank,bank_group,bank,row,column").map_err(write)?;
        Ok(Recorder { file: Some(file), failed: None })
    }

    fn finish(mut self, args: &RunArgs) -> Result<(), CliError> {
        let flushed = self.file.as_mut().map_or(Ok(()), BufWriter::flush);
        let result = self.failed.map_or(flushed, Err);
        result.map_err(|source| CliError::Write { path: args.commands.clone().unwrap_or_default(), source })
    }
}

impl Observer for Recorder {
    fn command(&mut self, issued: Issued) {
        if let Some(file) = self.file.as_mut().filter(|_| self.failed.is_none()) {
            self.failed = line(file, &issued).err();
        }
    }
}

/// A command as a line; columns that do not apply are empty.
fn line(file: &mut impl Write, issued: &Issued) -> io::Result<()> {
    let Issued { clock, command, rank, bank_group, bank, row, column } = issued;
    match command {
        Command::PreAll | Command::Ref | Command::Pde | Command::Pdx => {
            writeln!(file, "{clock},{command},{rank},,,,")
        }
        Command::RefSame => writeln!(file, "{clock},{command},{rank},,{bank},,"),
        Command::Pre | Command::RefBank => writeln!(file, "{clock},{command},{rank},{bank_group},{bank},,"),
        Command::Act => writeln!(file, "{clock},{command},{rank},{bank_group},{bank},{row},"),
        _ => writeln!(file, "{clock},{command},{rank},{bank_group},{bank},{row},{column}"),
    }
}

fn human(args: &RunArgs, memory: &Memory, options: &Options, stats: &Stats, out: &mut Out) -> io::Result<()> {
    let mut line = |text: String| writeln!(out, "{}", folded(&text));
    line(format!("{} on {}", args.trace.display(), memory.name()))?;
    line(format!(
        "  policies     {}, {} pages, {} refresh",
        options.scheduler, options.page, options.refresh.reach
    ))?;
    let time = stats.cycles.saturating_mul(memory.tck());
    let served = count(stats.requests, "request");
    line(format!("  {served} in {} ({})", count(stats.cycles, "clock"), rounded(time, 3)))?;
    line(format!("  data bus     {}", bus_use(memory, stats)))?;
    let commands = stats.commands().map(|(command, count)| format!("{command} {count}"));
    line(format!("  commands     {}", commands.collect::<Vec<_>>().join(", ")))?;
    let rows = stats.rows;
    let first = rows.hit + rows.miss + rows.conflict;
    let share = |count| format!("{count} ({})", percent(count, first));
    line(format!(
        "  rows         hit {}, miss {}, conflict {}",
        share(rows.hit),
        share(rows.miss),
        share(rows.conflict)
    ))?;
    let latency = &stats.read_latency;
    let [p50, p90, p99] = [50, 90, 99].map(|percent| latency.percentile(percent));
    let mean = stats.mean_read_latency();
    line(format!(
        "  read latency mean {mean:.3} clocks, p50 {p50}, p90 {p90}, p99 {p99}, max {}",
        latency.max()
    ))?;
    line(format!("  waited for   {}", waits(stats)))?;
    for (cause, clocks) in dearest_rules(stats) {
        line(format!("    {:<10} {}: {}", cause.name(), percent(*clocks, total(stats)), cause.summary()))?;
    }
    line(format!("  looked at {} of {}", count(stats.steps, "clock"), stats.cycles))
}

/// The share of clocks in which data move, and the rate.
fn bus_use(memory: &Memory, stats: &Stats) -> String {
    let moved = [Command::Rd, Command::Rda, Command::Wr, Command::Wra].map(|command| stats.count(command));
    let bursts: u64 = moved.iter().sum();
    let burst = memory.geometry();
    let seconds = stats.cycles as f64 * memory.tck() as f64 * 1e-15;
    let rate = if seconds > 0.0 { (bursts * burst.burst_bytes()) as f64 / seconds / 1e9 } else { 0.0 };
    let busy = bursts * memory.clocks(T_BURST).unwrap_or(0);
    format!("{} in use, {rate:.3} GB/s", percent(busy, stats.cycles))
}

fn total(stats: &Stats) -> u64 {
    stats.blame.iter().map(|&(_, clocks)| clocks).sum()
}

fn dearest_rules(stats: &Stats) -> impl Iterator<Item = &(Cause, u64)> {
    stats.blame.iter().filter(|(cause, _)| matches!(cause, Cause::Rule(_))).take(3)
}

/// What requests waited for, in shares of all waiting, rules as one.
fn waits(stats: &Stats) -> String {
    let total = total(stats);
    let is_rule = |wait: &&(Cause, u64)| matches!(wait.0, Cause::Rule(_));
    let rules: u64 = stats.blame.iter().filter(is_rule).map(|wait| wait.1).sum();
    let others = stats.blame.iter().filter(|wait| !is_rule(wait));
    let others = others.map(|(cause, clocks)| format!(", {cause} {}", percent(*clocks, total)));
    format!("timing rules {}{}", percent(rules, total), others.collect::<String>())
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.1} %", if whole == 0 { 0.0 } else { part as f64 / whole as f64 * 100.0 })
}

/// The figures as a JSON object.
fn document(memory: &Memory, options: &Options, stats: &Stats) -> String {
    let commands = stats.commands().map(|(command, count)| format!("\"{command}\":{count}"));
    let commands = commands.collect::<Vec<_>>().join(",");
    let blame = stats.blame.iter().map(|(cause, clocks)| format!("{}:{clocks}", json::text(cause.name())));
    let blame = blame.collect::<Vec<_>>().join(",");
    let (rows, latency) = (stats.rows, &stats.read_latency);
    let [p50, p90, p99] = [50, 90, 99].map(|percent| latency.percentile(percent));
    format!(
        "{{\"part\":{},\"scheduler\":\"{}\",\"page\":\"{}\",\"refresh\":\"{}\",\"address_map\":{},\"cycles\":{},\"tck_fs\":{},\"requests\":{},\
         \"commands\":{{{commands}}},\"row\":{{\"hit\":{},\"miss\":{},\"conflict\":{}}},\
         \"latency_cycles\":{{\"mean\":{:.3},\"p50\":{p50},\"p90\":{p90},\"p99\":{p99},\"max\":{}}},\
         \"forwarded\":{},\"coalesced\":{},\"blame_cycles\":{{{blame}}},\"steps\":{}}}",
        json::text(memory.name()),
        options.scheduler,
        options.page,
        options.refresh.reach,
        json::text(&options.address_map),
        stats.cycles,
        memory.tck(),
        stats.requests,
        rows.hit,
        rows.miss,
        rows.conflict,
        stats.mean_read_latency(),
        latency.max(),
        stats.forwarded,
        stats.coalesced,
        stats.steps,
    )
}
