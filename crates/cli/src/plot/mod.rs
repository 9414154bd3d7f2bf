//! `busproof plot`: a waveform as a picture, with what was said and what was found wrong.

mod wavejson;
mod window;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use busproof_core::ChangeLog;
use busproof_core::log::Column;
use busproof_plot::{Chart, Diagram, Lane, Marker, State, waveform as svg};
use busproof_wave::{Caption, Pick, ReadOptions, Reader, Track, Window, open};
use clap::Args as ClapArgs;

use crate::args::WaveArgs;
use crate::convert::words::{self, Told};
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;
use crate::signals::{self, last_part};
use crate::units::{count, instant};
use crate::waveform::{remark, state};
use window::Shown;

/// So many findings have an arrow; a note counts the others.
const ARROWS: usize = 12;

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
    let found = &told.found;
    let first = found.first().filter(|_| !args.whole);
    let shown = Shown::of(log, (args.wave.from, args.wave.to), first);
    let near: Vec<&Caption> = found.iter().filter(|caption| shown.has(caption)).collect();
    let diagram = Diagram {
        from: shown.from,
        to: shown.to,
        origin: shown.origin,
        lanes: lanes(log, told, &shown),
        marker: None,
    };
    Chart {
        title: file.to_owned(),
        subtitle: subtitle(told, found.len(), &shown),
        diagram,
        findings: near.iter().take(ARROWS).map(|caption| marker(caption)).collect(),
        notes: notes(near.len(), found.len()),
    }
}

fn subtitle(told: &Told, found: usize, shown: &Shown) -> String {
    let mut parts = Vec::new();
    if !told.bus.is_empty() {
        parts.push(told.bus.to_uppercase());
        parts.push(if found == 0 { "nothing found wrong".into() } else { count(found as u64, "finding") });
    }
    if shown.origin.as_fs() > 0 {
        parts.push(format!("0 is at {}", shown.origin));
    }
    parts.join("; ")
}

/// What the arrows leave out.
fn notes(near: usize, found: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if near > ARROWS {
        notes.push(format!("{} more in this window.", count((near - ARROWS) as u64, "finding")));
    }
    if found > near {
        notes.push(format!("{} outside of this window.", count((found - near) as u64, "finding")));
    }
    notes
}

fn marker(caption: &Caption) -> Marker {
    Marker { from: caption.from, to: caption.to, label: caption.text.clone() }
}

/// What was said, each line of words above its wire where there is one called so, and the wires.
fn lanes(log: &ChangeLog, told: &Told, shown: &Shown) -> Vec<Lane> {
    let wires = || log.columns().iter().map(|column| last_part(column.name()));
    let is_seen = |track: &&Track| track.captions.iter().any(|caption| shown.has(caption));
    let said = || told.said().filter(is_seen);
    let is_of = |track: &Track, wire: &str| {
        last_part(&track.name).trim_end_matches("_words").eq_ignore_ascii_case(wire)
    };
    let mut lanes: Vec<Lane> =
        said().filter(|track| !wires().any(|wire| is_of(track, wire))).map(spoken).collect();
    for column in log.columns() {
        let wire = last_part(column.name());
        lanes.extend(said().filter(|track| is_of(track, wire)).map(spoken));
        lanes.push(drawn(column));
    }
    lanes
}

fn drawn(column: &Column) -> Lane {
    let changes = column.iter().map(|(t, value)| (t, state(value, column.width()))).collect();
    Lane { name: last_part(column.name()).to_owned(), changes }
}

/// The captions of a track; each ends where the next one begins, if it would last longer.
fn spoken(track: &Track) -> Lane {
    let mut changes = Vec::with_capacity(2 * track.captions.len());
    for (i, caption) in track.captions.iter().enumerate() {
        changes.push((caption.from, State::Label(caption.text.clone())));
        if track.captions.get(i + 1).is_none_or(|next| caption.to < next.from) {
            changes.push((caption.to, State::Blank));
        }
    }
    Lane { name: last_part(&track.name).replace('_', " "), changes }
}
