//! `busproof dram run`.

use std::io::{self, Write as _};
use std::path::PathBuf;

use busproof_core::bus::ddr::Command;
use busproof_core::bus::ddr::rules::T_BURST;
use busproof_dram::pins::Came;
use busproof_dram::{Cause, Controller, Energy, Issued, Meter, Options, Stats, Stepping, trace};
use busproof_parts::memory::{self, Memory};
use busproof_wave::WriteError;

use super::streams::{self, Keeper};
use super::{FigureFormat, RunArgs, picture, pins};
use crate::error::CliError;
use crate::exit::Exit;
use crate::json;
use crate::out::{Out, folded};
use crate::units::{count, rounded};

/// Serves a trace and prints the figures.
pub(super) fn run(args: &RunArgs, out: &mut Out) -> Result<Exit, CliError> {
    let memory = memory::open(&args.part)?;
    if args.pins.is_some() && args.channels > 1 {
        return Err(CliError::Channels(args.channels));
    }
    let stepping = if args.step_every_clock { Stepping::EveryClock } else { Stepping::Jump };
    let options = Options {
        address_map: args.address_map.clone(),
        channels: args.channels,
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
    let wanted = [&args.commands, &args.vcd, &args.pins, &args.plot].into_iter().any(Option::is_some);
    let keeper = |_| Keeper { wanted, commands: Vec::new(), meter: Meter::new(&memory) };
    let (mut stats, mut commands, mut meters) = (Stats::default(), Vec::new(), Vec::new());
    for (of_channel, keeper) in controller.run_channels_observed(&requests, keeper) {
        stats.merge(&of_channel);
        commands.extend(keeper.commands);
        meters.push(keeper.meter);
    }
    let energy = meters.into_iter().try_fold(Energy::default(), |mut sum, meter| {
        sum.add(&meter?.read_off(stats.cycles)?);
        Some(sum)
    });
    commands.sort_by_key(|issued: &Issued| (issued.clock, issued.channel));
    write(args, &memory, &commands, stats.cycles)?;
    let write_pins = |path: &PathBuf| pins::write(path, args, &memory, &commands);
    let came = args.pins.as_ref().map(write_pins).transpose()?;
    if let Some(path) = &args.plot {
        let title = format!("{} on {}", args.trace.display(), memory.name());
        picture::draw(path, title, &memory, &options, (&stats, &commands), out)?;
    }
    match args.format {
        FigureFormat::Human => {
            human(args, &memory, &options, &stats, energy.as_ref(), out)?;
            came.iter().try_for_each(|came| pins::human(came, out))?;
        }
        FigureFormat::Json => {
            writeln!(out, "{}", document(&memory, &options, &stats, energy.as_ref(), came.as_ref()))?;
        }
    }
    let holds = came.is_none_or(|came| came.holds());
    Ok(match (stats.requests, holds) {
        (0, _) => Exit::Nothing,
        (_, false) => Exit::Failed,
        _ => Exit::Held,
    })
}

/// Writes the commands to the files that were asked for.
fn write(args: &RunArgs, memory: &Memory, commands: &[Issued], end: u64) -> Result<(), CliError> {
    if let Some(path) = &args.commands {
        streams::write_csv(path, commands)
            .map_err(|source| CliError::Write { path: path.clone(), source })?;
    }
    if let Some(path) = &args.vcd {
        let write =
            |error: WriteError| CliError::Write { path: path.clone(), source: io::Error::other(error) };
        streams::write_vcd(path, memory, args.channels, commands, end).map_err(write)?;
    }
    Ok(())
}

fn human(
    args: &RunArgs,
    memory: &Memory,
    options: &Options,
    stats: &Stats,
    energy: Option<&Energy>,
    out: &mut Out,
) -> io::Result<()> {
    let mut line = |text: String| writeln!(out, "{}", folded(&text));
    line(format!("{} on {}", args.trace.display(), memory.name()))?;
    line(format!(
        "  policies     {}, {} pages, {} refresh",
        options.scheduler, options.page, options.refresh.reach
    ))?;
    let time = stats.cycles.saturating_mul(memory.tck());
    let served = count(stats.requests, "request");
    line(format!("  {served} in {} ({})", count(stats.cycles, "clock"), rounded(time, 3)))?;
    line(format!("  data bus     {}", bus_use(memory, options.channels, stats)))?;
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
    line(format!("  queues       {}", queues(options, stats)))?;
    if let Some(energy) = energy {
        let [total, parts] = drawn(energy, memory, stats);
        line(format!("  energy       {total}"))?;
        line(format!("    {parts}"))?;
    }
    line(format!("  waited for   {}", waits(stats)))?;
    for (cause, clocks) in dearest_rules(stats) {
        line(format!("    {:<10} {}: {}", cause.name(), percent(*clocks, total(stats)), cause.summary()))?;
    }
    line(format!("  looked at {} of {}", count(stats.steps, "clock"), stats.cycles))
}

/// The share of clocks in which data move, and the rate.
pub(super) fn bus_use(memory: &Memory, channels: u32, stats: &Stats) -> String {
    let moved = [Command::Rd, Command::Rda, Command::Wr, Command::Wra].map(|command| stats.count(command));
    let bursts: u64 = moved.iter().sum();
    let burst = memory.geometry();
    let seconds = stats.cycles as f64 * memory.tck() as f64 * 1e-15;
    let rate = if seconds > 0.0 { (bursts * burst.burst_bytes()) as f64 / seconds / 1e9 } else { 0.0 };
    let busy = bursts * memory.clocks(T_BURST).unwrap_or(0);
    format!("{} in use, {rate:.3} GB/s", percent(busy, stats.cycles * u64::from(channels)))
}

/// How many requests waited, on average, and the busiest bank.
fn queues(options: &Options, stats: &Stats) -> String {
    let [reads, writes] = stats.waiting.map(|waited| mean(waited, options, stats));
    let activates = |bank: &usize| stats.of_bank(Command::Act, *bank);
    let most = (0..stats.banks()).map(|bank| activates(&bank)).max().unwrap_or(0);
    let share = percent(most, stats.count(Command::Act));
    format!("{reads:.1} reads, {writes:.1} writes on average; busiest bank {share} of ACTs")
}

/// The mean of what was summed over all clocks of a queue.
fn mean(sum: u64, options: &Options, stats: &Stats) -> f64 {
    let clocks = stats.cycles * u64::from(options.channels);
    if clocks == 0 { 0.0 } else { sum as f64 / clocks as f64 }
}

/// The energy and the mean power, and where the energy went.
fn drawn(energy: &Energy, memory: &Memory, stats: &Stats) -> [String; 2] {
    let &Energy { activate, read, write, refresh, standby, power_down } = energy;
    let total = energy.total();
    let parts = [
        ("standby", standby),
        ("power-down", power_down),
        ("activates", activate),
        ("reads", read),
        ("writes", write),
        ("refreshes", refresh),
    ];
    let shares = parts.iter().filter(|(_, joule)| *joule > 0.0);
    let shares = shares.map(|(name, joule)| format!("{name} {:.1} %", joule / total * 100.0));
    let seconds = stats.cycles as f64 * memory.tck() as f64 * 1e-15;
    let power = if seconds > 0.0 { total / seconds * 1e3 } else { 0.0 };
    [format!("{:.3} uJ, {power:.0} mW on average", total * 1e6), shares.collect::<Vec<_>>().join(", ")]
}

/// The energy as a member of the JSON object.
fn energy_json(energy: &Energy) -> String {
    let &Energy { activate, read, write, refresh, standby, power_down } = energy;
    let total = energy.total();
    format!(
        ",\"energy_joules\":{{\"total\":{total:.6e},\"standby\":{standby:.6e},\"power_down\":{power_down:.6e},\
         \"activate\":{activate:.6e},\"read\":{read:.6e},\"write\":{write:.6e},\"refresh\":{refresh:.6e}}}"
    )
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

pub(super) fn percent(part: u64, whole: u64) -> String {
    format!("{:.1} %", if whole == 0 { 0.0 } else { part as f64 / whole as f64 * 100.0 })
}

/// The figures as a JSON object.
fn document(
    memory: &Memory,
    options: &Options,
    stats: &Stats,
    energy: Option<&Energy>,
    came: Option<&Came>,
) -> String {
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
         \"forwarded\":{},\"coalesced\":{},\"blame_cycles\":{{{blame}}},\"steps\":{},{}{}{}}}",
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
        details(memory, options, stats),
        energy.map_or_else(String::new, energy_json),
        came.map_or_else(String::new, pins::json),
    )
}

/// What goes into the JSON beyond totals: queues, traffic over time, latencies one by one, ranks and banks.
fn details(memory: &Memory, options: &Options, stats: &Stats) -> String {
    let [reads, writes] = stats.waiting.map(|waited| mean(waited, options, stats));
    let list = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(",");
    let bytes = memory.geometry().burst_bytes();
    let traffic = list(&mut stats.bursts.counts().iter().map(|bursts| (bursts * bytes).to_string()));
    let histogram = list(&mut stats.read_latency.iter().map(|(value, count)| format!("[{value},{count}]")));
    let [act, rd, wr] = [&[Command::Act][..], &[Command::Rd, Command::Rda], &[Command::Wr, Command::Wra]];
    let counts = |of: &dyn Fn(Command) -> u64| {
        let sum = |commands: &[Command]| commands.iter().map(|&command| of(command)).sum::<u64>();
        format!("{{\"ACT\":{},\"RD\":{},\"WR\":{}}}", sum(act), sum(rd), sum(wr))
    };
    let ranks = list(&mut (0..stats.ranks()).map(|rank| counts(&|command| stats.of_rank(command, rank))));
    let banks = list(&mut (0..stats.banks()).map(|bank| counts(&|command| stats.of_bank(command, bank))));
    format!(
        "\"channels\":{},\"queue_mean\":{{\"read\":{reads:.3},\"write\":{writes:.3}}},\
         \"traffic\":{{\"window_cycles\":{},\"bytes\":[{traffic}]}},\"latency_histogram\":[{histogram}],\
         \"ranks\":[{ranks}],\"banks\":[{banks}]",
        options.channels,
        stats.bursts.window(),
    )
}
