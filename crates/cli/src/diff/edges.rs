//! The edges of one waveform against those of the other.

use busproof_vectors::chart::last_part;
use std::path::Path;

use busproof_core::log::Column;
use busproof_core::{ChangeLog, Level, Span, Time};
use busproof_plot::{Chart, Diagram};
use busproof_wave::{
    Difference, EdgeOptions, Pick, ReadOptions, Reader, SignalDiff, Window, compare_clocked, compare_edges,
    find_offset, open,
};

use super::args::DiffArgs;
use super::picture::Sides;
use crate::error::CliError;
use crate::out::Out;
use crate::signals;
use crate::waveform::remark;

/// What became of the edges.
pub(super) struct Edges {
    /// Each signal that both have, by its name in the first.
    pub(super) signals: Vec<(String, SignalDiff)>,
    /// By how much the second is later, in femtoseconds.
    pub(super) offset: i128,
    /// The signals that only one side has.
    pub(super) unpaired: [Vec<String>; 2],
    /// The edges of the clock on either side, if there is one.
    pub(super) clocks: Option<[usize; 2]>,
    /// The surroundings of the first difference.
    pub(super) picture: Option<Diagram>,
    /// The same with all signals that differ there, if it is to be drawn.
    pub(super) chart: Option<Chart>,
}

impl Edges {
    /// How many differences there are; a clock that runs longer on one side is one.
    pub(super) fn total(&self) -> u64 {
        let clocks = self.clocks.is_some_and(|[a, b]| a != b);
        self.signals.iter().map(|(_, diff)| diff.total()).sum::<u64>() + u64::from(clocks)
    }

    /// The first difference, and the signal.
    fn first(&self) -> Option<(usize, Difference)> {
        let firsts = self
            .signals
            .iter()
            .enumerate()
            .filter_map(|(i, (_, diff))| Some((i, *diff.differences.first()?)));
        firsts.min_by_key(|(_, diff)| diff.at_a)
    }
}

/// Signals of both sides that are compared, by their places in the files.
struct Pairs {
    pairs: Vec<(usize, usize)>,
    unpaired: [Vec<String>; 2],
}

/// Reads both and compares signal by signal.
pub(super) fn compare(args: &DiffArgs, out: &mut Out) -> Result<Edges, CliError> {
    let (a, b) = (opened(&args.a, args, out)?, opened(&args.b, args, out)?);
    let Pairs { pairs, unpaired } = pairs(&a, &b, args)?;
    let (ours, theirs): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
    let (a, b) = (read(a, &ours, args, out)?, read(b, &theirs, args, out)?);
    let mut edges = match &args.clock {
        Some(clock) => clocked(&a, &b, clock, args)?,
        None => free(&a, &b, args),
    };
    edges.unpaired = unpaired;
    if let Some((signal, first)) = edges.first() {
        let sides = Sides { a: &a, b: &b, offset: edges.offset };
        edges.picture = Some(sides.diagram(&edges.signals[signal].0, &first));
        edges.chart = args.out.is_some().then(|| sides.chart(args, &edges.signals, &first));
    }
    Ok(edges)
}

fn opened(file: &Path, args: &DiffArgs, out: &mut Out) -> Result<Reader, CliError> {
    let reader = open(file, &ReadOptions { sample_rate: args.wave.sample_rate })?;
    for note in reader.notes() {
        out.note(&format!("{}: {note}", reader.name()));
    }
    Ok(reader)
}

fn read(reader: Reader, signals: &[usize], args: &DiffArgs, out: &mut Out) -> Result<ChangeLog, CliError> {
    let file = reader.name().to_owned();
    let picks: Vec<Pick> = signals.iter().map(|&signal| signal.into()).collect();
    let read = reader.read(&picks, Window { from: args.wave.from, to: args.wave.to })?;
    remark(&file, &read.summary, out);
    Ok(read.log)
}

/// Which signal of the second is which of the first: of another name if it was said so, else of the same, else of the same
/// without scopes if that tells it.
fn pairs(a: &Reader, b: &Reader, args: &DiffArgs) -> Result<Pairs, CliError> {
    let (ours, theirs) = (chosen(a, args)?, whole(b));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut alone = Vec::new();
    for &signal in &ours {
        let (name, width) = (&a.signals()[signal].name, a.signals()[signal].width);
        let new = args.renames.iter().find(|(from, _)| from == name || from == last_part(name));
        let found = match new {
            Some((_, to)) => signals::all(b, to)?.first().map(|pick| pick.signal),
            None => called_alike(b, &theirs, name),
        };
        match found.filter(|&other| b.signals()[other].width == width) {
            Some(other) if pairs.iter().all(|pair| pair.1 != other) => pairs.push((signal, other)),
            _ => alone.push(name.clone()),
        }
    }
    let left = theirs.into_iter().filter(|other| pairs.iter().all(|pair| pair.1 != *other));
    let left = left.map(|other| b.signals()[other].name.clone()).filter(|_| args.signals.is_empty());
    let unpaired = [alone, left.collect()];
    Ok(Pairs { pairs, unpaired })
}

fn whole(reader: &Reader) -> Vec<usize> {
    reader.selectable().into_iter().map(|pick| pick.signal).collect()
}

fn chosen(reader: &Reader, args: &DiffArgs) -> Result<Vec<usize>, CliError> {
    if args.signals.is_empty() {
        return Ok(whole(reader));
    }
    let mut chosen = Vec::new();
    for pattern in args.signals.iter().map(String::as_str).chain(args.clock.as_deref().map(without_sign)) {
        chosen.extend(signals::all(reader, pattern)?.into_iter().map(|pick| pick.signal));
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

fn called_alike(reader: &Reader, among: &[usize], name: &str) -> Option<usize> {
    let signals = reader.signals();
    let exact = among.iter().copied().find(|&i| signals[i].name == name);
    exact.or_else(|| {
        let alike: Vec<usize> =
            among.iter().copied().filter(|&i| last_part(&signals[i].name) == last_part(name)).collect();
        if let [only] = alike.as_slice() { Some(*only) } else { None }
    })
}

/// Edges by their times.
fn free(a: &ChangeLog, b: &ChangeLog, args: &DiffArgs) -> Edges {
    let columns: Vec<(usize, usize)> = (0..a.columns().len()).map(|i| (i, i)).collect();
    let widest =
        a.columns().iter().map(|column| args.tolerance_of(column.name())).max().unwrap_or(Span::ZERO);
    let offset = args.offset.unwrap_or_else(|| find_offset(a, b, &columns, args.unknown(), widest));
    let diff = |(one, other): (&Column, &Column)| {
        let tolerance = args.tolerance_of(one.name());
        let options = EdgeOptions { tolerance, unknown: args.unknown(), offset };
        (one.name().to_owned(), compare_edges(one, other, &options))
    };
    let signals = a.columns().iter().zip(b.columns()).map(diff).collect();
    Edges { signals, offset, unpaired: Default::default(), clocks: None, picture: None, chart: None }
}

/// Values at the edges of a clock.
fn clocked(a: &ChangeLog, b: &ChangeLog, clock: &str, args: &DiffArgs) -> Result<Edges, CliError> {
    let name = without_sign(clock);
    let to = if clock.starts_with('!') { Level::Low } else { Level::High };
    let is_clock = |column: &Column| column.name() == name || last_part(column.name()) == name;
    let at = a.columns().iter().position(|column| column.width() == 1 && is_clock(column));
    let at = at.ok_or_else(|| CliError::NoClock { clock: name.to_owned() })?;
    let [ours, theirs] = [a, b].map(|log| edges_to(&log.columns()[at], to));
    let diff = |(one, other): (&Column, &Column)| {
        let diff = compare_clocked(one, other, [&ours, &theirs], args.unknown());
        (one.name().to_owned(), diff)
    };
    let pairs = a.columns().iter().zip(b.columns()).enumerate().filter(|(i, _)| *i != at);
    let signals = pairs.map(|(_, pair)| diff(pair)).collect();
    let offset = match (ours.first(), theirs.first()) {
        (Some(one), Some(other)) => i128::from(other.as_fs()) - i128::from(one.as_fs()),
        _ => 0,
    };
    let clocks = Some([ours.len(), theirs.len()]);
    Ok(Edges { signals, offset, unpaired: Default::default(), clocks, picture: None, chart: None })
}

fn without_sign(clock: &str) -> &str {
    clock.strip_prefix('!').unwrap_or(clock)
}

/// When a wire gets to a level that it was not at.
fn edges_to(column: &Column, level: Level) -> Vec<Time> {
    column.iter().skip(1).filter(|(_, value)| value.level() == level).map(|(t, _)| t).collect()
}
