//! `busproof plot`: a waveform as a picture, with what was said and what was found wrong.

mod wavejson;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use busproof_core::ChangeLog;
use busproof_plot::{Chart, waveform as svg};
use busproof_vectors::chart::{Part, Scene};
use busproof_wave::{Pick, ReadOptions, Reader, Window, open};
use clap::Args as ClapArgs;

use crate::args::WaveArgs;
use crate::convert::words::{self, Told};
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;
use crate::signals;
use crate::units::{count, instant};
use crate::waveform::remark;

const WHAT: &str = "\
With a bus (--bus, or a part) the picture has the signals of the bus, what was
said above them and what was found wrong below, and shows the surroundings of
the first finding, if there is one. Without a bus it has all signals.";

#[derive(Debug, ClapArgs)]
#[command(after_help = WHAT)]
pub(crate) struct PlotArgs {
    /// A VCD, FST, GHW, sigrok (.sr) or CSV file
    #[arg(value_name = "FILE")]
    input: PathBuf,
    /// The picture: an SVG or PNG file
    #[arg(short, long, value_name = "FILE.svg", value_parser = crate::args::picture, required_unless_present = "wavejson")]
    out: Option<PathBuf>,
    /// Print `WaveJSON`, which `WaveDrom` draws
    #[arg(long)]
    wavejson: bool,
    /// A signal: exact, without scopes, or with * and ?; several times for several
    #[arg(long = "signal", value_name = "SIGNAL")]
    signals: Vec<String>,
    /// All of it, not the surroundings of the first finding
    #[arg(long)]
    whole: bool,
    #[command(flatten)]
    wave: WaveArgs,
}

/// Reads, judges if there is a bus, and draws.
pub(crate) fn run(args: &PlotArgs, out: &mut Out) -> Result<Exit, CliError> {
    let told = words::told("`plot` with a bus", &args.input, &args.wave, out)?;
    let reader = open(&args.input, &ReadOptions { sample_rate: args.wave.sample_rate })?;
    let (file, picks) = (reader.name().to_owned(), picks(&reader, args, told.as_ref())?);
    let read = reader.read(&picks, Window { from: args.wave.from, to: args.wave.to })?;
    if told.is_none() {
        remark(&file, &read.summary, out);
    }
    let told = told.unwrap_or_default();
    let chart = chart(&file, args, &read.log, &told);
    if args.wavejson {
        writeln!(out, "{}", wavejson::of(&chart.diagram, &chart.title))?;
    }
    if let Some(path) = &args.out {
        draw(&chart, path, args.wavejson, out)?;
    }
    Ok(Exit::Held)
}

/// Writes the picture, and says so unless something else is printed.
fn draw(chart: &Chart, path: &Path, quiet: bool, out: &mut Out) -> Result<(), CliError> {
    crate::picture::write(path, &svg::draw(chart)?)?;
    if !quiet {
        let lanes = count(chart.diagram.lanes.len() as u64, "lane");
        let (from, to) = (instant(chart.diagram.from), instant(chart.diagram.to));
        writeln!(out, "{}: {lanes}, from {from} to {to}", path.display())?;
    }
    Ok(())
}

/// The signals that were asked for; else those of the bus, or all.
fn picks(reader: &Reader, args: &PlotArgs, told: Option<&Told>) -> Result<Vec<Pick>, CliError> {
    let names = match told {
        _ if !args.signals.is_empty() => &args.signals,
        Some(told) => &told.signals,
        None => return Ok(reader.selectable()),
    };
    let mut picks: Vec<Pick> = Vec::new();
    for name in names {
        let fresh = signals::all(reader, name)?.into_iter().filter(|pick| !picks.contains(pick));
        picks.extend(fresh.collect::<Vec<_>>());
    }
    Ok(picks)
}

fn chart(file: &str, args: &PlotArgs, log: &ChangeLog, told: &Told) -> Chart {
    let Told { bus, tracks, found, .. } = told;
    let part = match (args.wave.from, args.wave.to, found.first()) {
        (None, None, Some(first)) if !args.whole => Part::Around(first),
        (from, to, _) => Part::Window(from, to),
    };
    Scene { title: file, bus, log, tracks, found }.chart(part)
}
