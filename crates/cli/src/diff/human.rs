//! Comparisons for people.

use std::io::{self, Write as _};

use busproof_core::{Span, Time, Value};
use busproof_plot::Diagram;
use busproof_plot::text::{TextOptions, draw};
use busproof_wave::{Caption, Difference, DifferenceKind, SignalDiff};

use super::Compared;
use super::args::DiffArgs;
use super::edges::Edges;
use super::items::{ItemDiff, Items};
use crate::out::{COLUMNS, Out, folded};
use crate::units::{count, instant};

/// So many differences are listed of each kind.
const LISTED: usize = 12;

/// What was compared, and what is different.
pub(super) fn report(args: &DiffArgs, compared: &Compared, out: &mut Out) -> io::Result<()> {
    writeln!(out, "A  {}", args.a.display())?;
    let later = compared.edges.as_ref().map_or(String::new(), |edges| later(edges.offset));
    writeln!(out, "B  {}{later}", args.b.display())?;
    if let Some(items) = &compared.items {
        self::items(items, out)?;
    }
    if let Some(edges) = &compared.edges {
        self::edges(edges, out)?;
    }
    Ok(())
}

/// `, 3.7 us later`.
pub(super) fn later(offset: i128) -> String {
    let by = Span::from_fs(u64::try_from(offset.unsigned_abs()).unwrap_or(u64::MAX));
    match offset {
        0 => String::new(),
        1.. => format!(", {by} later"),
        _ => format!(", {by} earlier"),
    }
}

fn items(items: &Items, out: &mut Out) -> io::Result<()> {
    let of = |what: &str| items.differences.iter().filter(|diff| diff.what() == what).count() as u64;
    let counts = ["changed", "missing", "new"].map(|what| (of(what), what));
    writeln!(out, "\n{}", folded(&format!("{}: {}", count(items.count, "item"), told(&counts))))?;
    for diff in items.differences.iter().take(LISTED) {
        writeln!(out, "{}", folded(&format!("  {}", item(diff))))?;
    }
    more(items.differences.len() as u64, out)?;
    for (side, diagram) in &items.pictures {
        picture(Some(side), diagram, out)?;
    }
    Ok(())
}

/// `no difference`, `1 changed, 2 new`.
fn told(counts: &[(u64, &str)]) -> String {
    let some = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
    let some = some.collect::<Vec<_>>().join(", ");
    if some.is_empty() { "no difference".to_owned() } else { some }
}

fn more(total: u64, out: &mut Out) -> io::Result<()> {
    match total.saturating_sub(LISTED as u64) {
        0 => Ok(()),
        n => writeln!(out, "  ... and {}", count(n, "more difference")),
    }
}

/// `items: 01 at 12.3 us became 03 at 16 us`.
pub(super) fn item(diff: &ItemDiff) -> String {
    let at = |caption: &Caption| format!("{} at {}", caption.text, instant(caption.from));
    let lane = &diff.lane;
    match (&diff.a, &diff.b) {
        (Some(a), Some(b)) => format!("{lane}: {} became {}", at(a), at(b)),
        (Some(a), None) => format!("{lane}: {} is missing", at(a)),
        (None, Some(b)) => format!("{lane}: {} is new", at(b)),
        (None, None) => String::new(),
    }
}

fn picture(side: Option<&str>, diagram: &Diagram, out: &mut Out) -> io::Result<()> {
    writeln!(out)?;
    if let Some(side) = side {
        writeln!(out, "{side}")?;
    }
    for line in draw(diagram, &TextOptions { width: COLUMNS, charset: out.charset() }) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn edges(edges: &Edges, out: &mut Out) -> io::Result<()> {
    let signals = count(edges.signals.len() as u64, "signal");
    let matched: u64 = edges.signals.iter().map(|(_, diff)| diff.matched).sum();
    let what = if edges.clocks.is_some() { "value" } else { "edge" };
    let farthest = edges.signals.iter().map(|(_, diff)| diff.farthest).max().unwrap_or(0);
    let within = match farthest {
        0 => String::new(),
        fs => format!(" within {}", Span::from_fs(fs)),
    };
    let counts = DifferenceKind::ALL.map(|kind| (edges.of(kind), kind.name()));
    let head = if edges.signals.is_empty() {
        "no signal is in both, so no edges were compared; `--rename A=B` says what one is called in B"
            .to_owned()
    } else {
        format!("{signals}, {} alike{within}: {}", count(matched, what), told(&counts))
    };
    writeln!(out, "\n{}", folded(&head))?;
    for (side, names) in ["A", "B"].into_iter().zip(&edges.unpaired).filter(|(_, names)| !names.is_empty()) {
        writeln!(out, "{}", folded(&format!("  only in {side}, not compared: {}", names.join(", "))))?;
    }
    if let Some([a, b]) = edges.clocks.filter(|[a, b]| a != b) {
        writeln!(out, "  the clock has {a} edges in A and {b} in B")?;
    }
    for (name, diff) in edges.signals.iter().filter(|(_, diff)| diff.total() > 0).take(LISTED) {
        signal(name, diff, out)?;
    }
    if let Some(diagram) = &edges.picture {
        picture(None, diagram, out)?;
    }
    Ok(())
}

impl Edges {
    fn of(&self, kind: DifferenceKind) -> u64 {
        self.signals.iter().map(|(_, diff)| diff.counts[kind as usize]).sum()
    }
}

fn signal(name: &str, diff: &SignalDiff, out: &mut Out) -> io::Result<()> {
    let counts = DifferenceKind::ALL.map(|kind| (diff.counts[kind as usize], kind.name()));
    let first =
        diff.differences.first().map_or(String::new(), |first| format!("; first: {}", difference(first)));
    writeln!(out, "{}", folded(&format!("  {name}: {}{first}", told(&counts))))
}

/// `to 1 at 12.3 us is missing`.
pub(super) fn difference(diff: &Difference) -> String {
    let value = |value: Option<Value>| value.map_or("?".to_owned(), shown);
    let [a, b] = [diff.at_a, diff.at_b].map(exact);
    match diff.kind {
        DifferenceKind::Begins => format!("{} became {}", value(diff.a), value(diff.b)),
        DifferenceKind::Missing => format!("the edge to {} at {a} is missing", value(diff.a)),
        DifferenceKind::New => format!("the edge to {} at {b} is new", value(diff.b)),
        DifferenceKind::Moved => format!("the edge to {} moved from {a} to {b}", value(diff.a)),
        DifferenceKind::Value => format!("{} at {a} became {} at {b}", value(diff.a), value(diff.b)),
    }
}

fn exact(t: Time) -> String {
    t.to_string()
}

/// A level, or a word in hexadecimal digits.
pub(super) fn shown(value: Value) -> String {
    match value {
        Value { bits: 0 | 1, unknown: 0 | 1 } => value.level().to_string(),
        Value { bits, unknown: 0 } => format!("{bits:x}"),
        Value { bits, unknown } => format!("{bits:x} with unknown bits {unknown:x}"),
    }
}
