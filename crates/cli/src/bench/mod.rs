//! `busproof bench`: how fast this machine simulates, decodes, reads and writes, beside loops written by hand and other programs.

mod paths;
mod rivals;
mod stopwatch;

use std::io::{self, Write as _};
use std::time::Duration;

use busproof_core::Span;
use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::args::ItemFormat;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::{Out, folded};
use crate::table::Table;
use rivals::Rival;

const METHOD: &str = "\
Each figure is the fastest of as many runs as fit into --time, ours and the one
beside it in turn. `by hand` is the same work written for itself alone, without
anything that others might need: the limit. The other programs, where they are
installed, make or decode the same SPI transfer; their start-up is taken off.
docs/speed.md has more, and how to measure steadily. A program that was built
without --release is slow, and says so.";

#[derive(Debug, ClapArgs)]
#[command(after_help = METHOD)]
pub(crate) struct BenchArgs {
    /// How long each figure may take
    #[arg(long, value_name = "TIME", default_value = "200ms")]
    time: Span,
    /// Leave the other programs out
    #[arg(long)]
    alone: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = ItemFormat::Human, value_name = "FORMAT")]
    format: ItemFormat,
}

/// A figure, and the limit beside it.
struct Figure {
    /// The work.
    what: &'static str,
    /// Of what the time is: `clock edge`.
    per: &'static str,
    /// Nanoseconds.
    ours: f64,
    /// Nanoseconds that the loop written by hand takes, if there is one.
    by_hand: Option<f64>,
}

/// Measures and prints.
pub(crate) fn run(args: &BenchArgs, out: &mut Out) -> Result<Exit, CliError> {
    if cfg!(debug_assertions) {
        out.warn("this program was built without `--release`; the figures say nothing about one that was");
    }
    let budget = Duration::from_nanos(args.time.as_fs() / 1_000_000);
    let figures = paths::measure(budget)?;
    let rivals = if args.alone { Vec::new() } else { rivals::measure(budget)? };
    match args.format {
        ItemFormat::Human => human(&figures, &rivals, args.alone, out)?,
        ItemFormat::Jsonl => {
            let mut objects = figures.iter().map(figure_object).chain(rivals.iter().map(rival_object));
            objects.try_for_each(|object| writeln!(out, "{object}"))?;
        }
        ItemFormat::Json => {
            let objects = figures.iter().map(figure_object).chain(rivals.iter().map(rival_object));
            writeln!(out, "{:#}", Value::Array(objects.collect()))?;
        }
    }
    Ok(Exit::Held)
}

fn human(figures: &[Figure], rivals: &[Rival], alone: bool, out: &mut Out) -> io::Result<()> {
    let mut table = Table::new(&["what", "ns for each", "", "by hand", "times"], &[1, 3, 4]);
    for figure in figures {
        let [limit, ratio] = beside(figure.ours, figure.by_hand);
        table.row([figure.what.into(), digits(figure.ours), figure.per.into(), limit, ratio]);
    }
    table.lines(0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    if alone {
        return Ok(());
    }
    writeln!(out)?;
    let mut table = Table::new(&["the same SPI transfer by", "to", "ns a byte", "ours", "times"], &[2, 3, 4]);
    for rival in rivals.iter().filter(|rival| rival.theirs.is_some()) {
        let theirs = rival.theirs.unwrap_or_default();
        let times = digits(theirs / rival.ours);
        table.row([rival.program.clone(), rival.job.into(), digits(theirs), digits(rival.ours), times]);
    }
    if !table.is_empty() {
        table.lines(0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    let missing: Vec<String> = rivals.iter().filter_map(Rival::excuse).collect();
    missing.iter().try_for_each(|excuse| writeln!(out, "{}", folded(excuse)))
}

/// The limit, and how many times as long ours takes.
fn beside(ours: f64, by_hand: Option<f64>) -> [String; 2] {
    by_hand.map_or([String::new(), String::new()], |limit| [digits(limit), format!("{:.1}", ours / limit)])
}

/// Three digits, or all of a greater number.
fn digits(value: f64) -> String {
    match value {
        _ if value >= 100.0 => format!("{value:.0}"),
        _ if value >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn figure_object(figure: &Figure) -> Value {
    json!({
        "kind": "figure",
        "what": figure.what,
        "per": figure.per,
        "ns": figure.ours,
        "by_hand_ns": figure.by_hand,
        "ratio": figure.by_hand.map(|limit| figure.ours / limit),
    })
}

fn rival_object(rival: &Rival) -> Value {
    json!({
        "kind": "rival",
        "program": rival.program,
        "job": rival.job,
        "ns_per_byte": rival.theirs,
        "ours_ns_per_byte": rival.ours,
        "excuse": rival.excuse(),
    })
}
