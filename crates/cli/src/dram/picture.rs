//! What a run of a controller amounts to, as a picture.

use std::path::Path;

use busproof_dram::{Histogram, Issued, Options, Stats, occupancy};
use busproof_parts::memory::{Geometry, Memory};
use busproof_plot::{Axis, Columns, Parts, Plot, Shade, Shades, Share, Sheet, svg};

use super::run::bus_use;
use crate::error::CliError;
use crate::out::Out;
use crate::picture;
use crate::units::{count, engineering};

/// In how many parts the time is cut where rows are drawn.
const WINDOWS: usize = 120;
/// So many banks have a row; a note counts the others.
const BANKS: usize = 64;
/// The bars of a histogram.
const BINS: usize = 80;
/// The parts of a bar.
const CAUSES: usize = 8;

/// Draws the figures of a run and the rows that its commands opened.
pub(super) fn draw(
    path: &Path,
    title: String,
    memory: &Memory,
    options: &Options,
    (stats, commands): (&Stats, &[Issued]),
    out: &mut Out,
) -> Result<(), CliError> {
    let time = Time::of(stats.cycles, memory);
    let banks = banks(memory.geometry(), options.channels, commands, stats.cycles);
    let rows = banks.iter().take(BANKS).cloned().collect();
    let shades =
        Shades { title: "a row is open, by rank, bank group and bank".into(), rows, axis: time.axis() };
    let plots = vec![
        Plot::Columns(bandwidth(stats, memory, &time)),
        Plot::Columns(latency(&stats.read_latency, stats.mean_read_latency())),
        Plot::Parts(blame(stats)),
        Plot::Shades(shades),
    ];
    let mut notes = vec![
        "A darker field: a row is open for more of its time, in steps of a quarter; white: never.".into(),
    ];
    if banks.len() > BANKS {
        notes.push(format!("{} not shown.", count((banks.len() - BANKS) as u64, "more bank")));
    }
    let subtitle = format!(
        "{} in {}; data bus {}",
        count(stats.requests, "request"),
        time.words(),
        bus_use(memory, options.channels, stats)
    );
    let sheet = Sheet { title, subtitle, plots, notes, ..Sheet::default() };
    picture::write(path, &svg::draw(&sheet)?)?;
    out.note(&format!("picture: {}", path.display()));
    Ok(())
}

/// How long a run took, in a unit that leaves few digits.
struct Time {
    unit: &'static str,
    /// In that unit.
    whole: f64,
    clocks: u64,
}

impl Time {
    fn of(clocks: u64, memory: &Memory) -> Time {
        const UNITS: [(&str, f64); 4] = [("s", 1e15), ("ms", 1e12), ("us", 1e9), ("ns", 1e6)];
        let fs = clocks as f64 * memory.tck() as f64;
        let (unit, scale) = UNITS.into_iter().find(|(_, scale)| fs >= 2.0 * scale).unwrap_or(UNITS[3]);
        Time { unit, whole: fs / scale, clocks }
    }

    fn axis(&self) -> Axis {
        Axis { to: self.whole, unit: self.unit.into() }
    }

    fn words(&self) -> String {
        format!("{} ({:.1} {})", count(self.clocks, "clock"), self.whole, self.unit)
    }
}

/// Data read and written in each window of time; the last one ends with the run.
fn bandwidth(stats: &Stats, memory: &Memory, time: &Time) -> Columns {
    let window = stats.bursts.window();
    let bytes = memory.geometry().burst_bytes() as f64;
    let windows = stats.cycles.div_ceil(window) as usize;
    let mut bursts = stats.bursts.counts().to_vec();
    bursts.resize(bursts.len().max(windows), 0);
    let value = |(i, bursts): (u64, u64)| {
        let clocks = window.min(stats.cycles.saturating_sub(i * window)).max(1);
        bursts as f64 * bytes / (clocks as f64 * memory.tck() as f64 * 1e-15) / 1e9
    };
    let values: Vec<f64> = (0..).zip(bursts).map(value).collect();
    // Columns are equally wide, so the last one may end behind the run.
    let to = time.whole * (values.len() as u64 * window) as f64 / stats.cycles.max(1) as f64;
    Columns {
        title: "data read and written".into(),
        values,
        unit: "GB/s".into(),
        axis: Axis { to, unit: time.unit.into() },
        marks: Vec::new(),
    }
}

/// How many reads took how long: all of them, or those up to twice the 99th percentile if others took much longer.
fn latency(histogram: &Histogram, mean: f64) -> Columns {
    let [p50, p99] = [50, 99].map(|percent| histogram.percentile(percent));
    let to = histogram.max().min(2 * p99) + 1;
    let wide = to.div_ceil(BINS as u64).max(1);
    let mut values = vec![0.0; to.div_ceil(wide) as usize];
    let mut beyond = 0;
    for (clocks, reads) in histogram.iter() {
        match values.get_mut((clocks / wide) as usize) {
            Some(bin) => *bin += reads as f64,
            None => beyond += reads,
        }
    }
    let mean = engineering(mean, "clocks", 4);
    let longer = match beyond {
        0 => String::new(),
        reads => format!("; {} took longer, up to {}", count(reads, "read"), histogram.max()),
    };
    let title = format!("reads by latency, {} a column; mean {mean}{longer}", count(wide, "clock"));
    let axis = Axis { to: (values.len() as u64 * wide) as f64, unit: "clocks".into() };
    let mark = |name: &str, clocks: u64| (clocks as f64, format!("{name}: {clocks} clocks"));
    let marks = if histogram.count() == 0 { Vec::new() } else { vec![mark("half", p50), mark("99 %", p99)] };
    Columns { title, values, unit: String::new(), axis, marks }
}

/// What requests waited for; the least as one.
fn blame(stats: &Stats) -> Parts {
    let part = |name: &str, clocks: u64, text: &str| Share {
        name: name.into(),
        value: clocks as f64,
        text: text.into(),
    };
    let shown = if stats.blame.len() > CAUSES { CAUSES - 1 } else { CAUSES };
    let mut parts: Vec<Share> = stats
        .blame
        .iter()
        .take(shown)
        .map(|(cause, clocks)| part(cause.name(), *clocks, cause.summary()))
        .collect();
    let rest = stats.blame.iter().skip(shown);
    let names: Vec<&str> = rest.clone().map(|(cause, _)| cause.name()).collect();
    if !names.is_empty() {
        parts.push(part("others", rest.map(|(_, clocks)| clocks).sum(), &names.join(", ")));
    }
    Parts { title: "what requests waited for".into(), parts }
}

/// When a row was open in each bank of each channel.
fn banks(geometry: &Geometry, channels: u32, commands: &[Issued], clocks: u64) -> Vec<Shade> {
    let mut rows = Vec::new();
    for channel in 0..channels {
        let own: Vec<Issued> =
            commands.iter().filter(|issued| u32::from(issued.channel) == channel).copied().collect();
        let shares = occupancy(&own, geometry, clocks, WINDOWS);
        for (bank, shares) in (0..).zip(shares) {
            let mean = shares.iter().sum::<f64>() / WINDOWS as f64;
            rows.push(Shade {
                name: name(geometry, channels, channel, bank),
                shares,
                text: format!("{:.0} %", mean * 100.0),
            });
        }
    }
    rows
}

/// `r0 g1 b2`, without what there is one of only.
fn name(geometry: &Geometry, channels: u32, channel: u32, bank: u32) -> String {
    let Geometry { ranks, bank_groups, banks, .. } = *geometry;
    let (group, bank) = (bank / banks, bank % banks);
    let parts = [
        ("c", channel, channels),
        ("r", group / bank_groups, ranks),
        ("g", group % bank_groups, bank_groups),
        ("b", bank, 2),
    ];
    let named = parts
        .iter()
        .filter(|(_, _, count)| *count > 1)
        .map(|(letter, number, _)| format!("{letter}{number}"));
    named.collect::<Vec<_>>().join(" ")
}
