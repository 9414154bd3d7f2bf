//! `busproof dram`: DDR memory, from a trace of requests to commands, and from commands to a verdict.

mod judge;
mod picture;
mod pins;
mod policies;
mod run;
mod streams;

use std::ops::Range;
use std::path::PathBuf;

use busproof_dram::AddressMap;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use self::policies::Policies;
use crate::args::ItemFormat;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;

#[derive(Debug, ClapArgs)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct DramArgs {
    #[command(subcommand)]
    verb: DramVerb,
}

#[derive(Debug, Subcommand)]
enum DramVerb {
    /// Serve a trace of requests: clocks, commands, row hits, latency, and
    /// what requests waited for
    Run(RunArgs),
    /// Judge a stream of commands by the timing rules of a part
    Judge(JudgeArgs),
}

#[derive(Debug, ClapArgs)]
struct RunArgs {
    /// A trace for Ramulator 2 (`LD 0x40`, `R 0,0,0,0,1,2`), DRAMsim3 (`0x40
    /// READ 5`) or DRAMSys (`5: read 0x40`), or `5 R 0x40`; plain or gzip
    trace: PathBuf,
    /// A memory: a name of `part list`, or a part file
    #[arg(long, value_name = "NAME")]
    part: String,
    /// Which bits of an address mean what, from the most significant: fields
    /// (`RoBaRaCoCh`) or bits (`r16b2g2c7o6`)
    #[arg(long, default_value = AddressMap::DEFAULT, value_name = "MAP")]
    address_map: String,
    /// How many channels there are; each serves its share of the trace
    #[arg(long, default_value_t = 1, value_name = "N")]
    channels: u32,
    /// How many reads may wait
    #[arg(long, default_value_t = 32, value_name = "N")]
    read_queue: u32,
    /// How many writes may wait
    #[arg(long, default_value_t = 32, value_name = "N")]
    write_queue: u32,
    /// Offer a request each N clocks
    #[arg(long, default_value_t = 1, value_name = "N")]
    request_every: u64,
    /// Write the commands to a file, for `dram judge`
    #[arg(long, value_name = "FILE")]
    commands: Option<PathBuf>,
    /// Write the commands as a waveform, for GTKWave or Surfer
    #[arg(long, value_name = "FILE")]
    vcd: Option<PathBuf>,
    /// Play the commands on the pins of the memories, with made-up data, compare
    /// what is read with what was written, and write the waveform: .vcd or .fst
    #[arg(long, value_name = "FILE")]
    pins: Option<PathBuf>,
    /// With --pins: the clocks to be shown; nothing is played behind them
    #[arg(long, value_name = "FROM..TO", value_parser = pins::clocks, default_value = "0..1000", requires = "pins")]
    clocks: Range<u64>,
    /// With --pins: begin with the power-up sequence
    #[arg(long, requires = "pins")]
    power_up: bool,
    /// Draw bandwidth, latencies, what requests waited for and when rows were
    /// open: an SVG or PNG file
    #[arg(long, value_name = "FILE.svg", value_parser = crate::args::picture)]
    plot: Option<PathBuf>,
    /// Visit every clock instead of jumping to the next in which anything can
    /// happen; the commands are the same
    #[arg(long)]
    step_every_clock: bool,
    /// How to print the figures
    #[arg(long, value_enum, default_value_t = FigureFormat::Human)]
    format: FigureFormat,
    #[command(flatten)]
    policies: Policies,
}

#[derive(Debug, ClapArgs)]
struct JudgeArgs {
    /// Commands: those of `dram run --commands`, of Ramulator 2's recorders or
    /// of DRAMsim3, or lines such as `22 RD 0 1 2 8`: clock, command, rank,
    /// bank group, bank, row or column
    commands: PathBuf,
    /// A memory: a name of `part list`, or a part file
    #[arg(long, value_name = "NAME")]
    part: String,
    /// How to print the verdict
    #[arg(long, value_enum, default_value_t = ItemFormat::Human)]
    format: ItemFormat,
}

/// How to print figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FigureFormat {
    /// For people
    Human,
    /// One JSON object
    Json,
}

/// Runs or judges.
pub(crate) fn run(args: &DramArgs, out: &mut Out) -> Result<Exit, CliError> {
    match &args.verb {
        DramVerb::Run(args) => run::run(args, out),
        DramVerb::Judge(args) => judge::run(args, out),
    }
}
