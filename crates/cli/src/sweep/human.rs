//! Sweeps for people.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use busproof_plot::shmoo;
use busproof_plot::text::TextOptions;
use busproof_vectors::sweep::{Extreme, Limit, Point, Verdict};

use super::grid;
use super::limits::Found;
use super::points::Swept;
use crate::out::{COLUMNS, Out, folded};
use crate::table::Table;
use crate::units::{count, hanging};

/// The verdicts in the order of totals.
const VERDICTS: [(Verdict, &str); 4] = [
    (Verdict::Pass, "pass"),
    (Verdict::Fail, "fail"),
    (Verdict::CannotTell, "cannot tell"),
    (Verdict::Unusable, "cannot be run"),
];

/// The picture, and the points or, of two parameters, where they pass.
pub(super) fn points(swept: &Swept<'_>, out: &mut Out) -> io::Result<()> {
    writeln!(out, "{}", folded(&format!("{}: {}", swept.name, totals(swept))))?;
    writeln!(out)?;
    let options = TextOptions { width: COLUMNS, charset: out.charset() };
    shmoo::draw(&grid::shmoo(swept), &options).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    writeln!(out)?;
    match swept.sweep.parameters().len() {
        1 => row_by_row(swept).lines(0).iter().try_for_each(|line| writeln!(out, "{line}"))?,
        _ => passing(swept, out)?,
    }
    let reasons = reasons(&swept.points);
    if reasons.is_empty() { Ok(()) } else { writeln!(out, "\n{}", hanging("what is wrong: ", &reasons)) }
}

/// `195 points: 128 pass, 67 fail`.
pub(super) fn totals(swept: &Swept<'_>) -> String {
    let said: Vec<String> = VERDICTS
        .into_iter()
        .map(|(verdict, word)| (swept.count(verdict), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!("{}: {}", count(swept.points.len() as u64, "point"), said.join(", "))
}

fn row_by_row(swept: &Swept<'_>) -> Table {
    let path = swept.sweep.parameters().swap_remove(0).path;
    let name = path.rsplit('.').next().unwrap_or_default();
    let mut table = Table::new(&[name, "verdict", "least margin", "what is wrong"], &[0]);
    for point in &swept.points {
        let value = swept.values(point).swap_remove(0);
        table.row([value, point.verdict().word().to_owned(), margin(point), wrong(point)]);
    }
    table
}

fn margin(point: &Point) -> String {
    point.result.tightest.as_ref().map_or_else(String::new, ToString::to_string)
}

/// The codes of what is wrong, the first of them.
fn wrong(point: &Point) -> String {
    const SHOWN: usize = 3;
    let codes = point.codes();
    let more = codes.len().saturating_sub(SHOWN);
    let said = codes.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
    if more == 0 { said } else { format!("{said}, {more} more") }
}

/// For each value of the second parameter, where the first passes.
fn passing(swept: &Swept<'_>, out: &mut Out) -> io::Result<()> {
    let parameters = swept.sweep.parameters();
    let [across, down] = parameters.as_slice() else { return Ok(()) };
    let labels: Vec<String> = (0..down.count).map(|y| swept.sweep.text(1, y)).collect();
    let wide = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    writeln!(out, "{}", folded(&format!("where {} passes, by {}:", across.path, down.path)))?;
    for (y, label) in labels.iter().enumerate().rev() {
        let passes: Vec<bool> = swept
            .points
            .iter()
            .skip(y)
            .step_by(down.count)
            .map(|point| point.verdict() == Verdict::Pass)
            .collect();
        let spans: Vec<String> = spans(&passes).into_iter().map(|(from, to)| span(swept, from, to)).collect();
        let said = if spans.is_empty() { "nowhere".to_owned() } else { spans.join(", ") };
        writeln!(out, "{}", hanging(&format!("  {label:>wide$}  "), &said))?;
    }
    Ok(())
}

fn span(swept: &Swept<'_>, from: usize, to: usize) -> String {
    let text = |index| swept.sweep.text(0, index);
    if from == to { text(from) } else { format!("{} to {}", text(from), text(to)) }
}

/// The first and the last of each row of points that pass.
fn spans(passes: &[bool]) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (i, _) in passes.iter().enumerate().filter(|(_, passes)| **passes) {
        match spans.last_mut() {
            Some((_, to)) if *to + 1 == i => *to = i,
            _ => spans.push((i, i)),
        }
    }
    spans
}

/// `rate-slow at 30 points, mismatch at 12`.
fn reasons(points: &[Point]) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for code in points.iter().flat_map(Point::codes) {
        *counts.entry(code).or_default() += 1;
    }
    let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let said = |(code, n): (&str, u64)| format!("{code} at {}", count(n, "point"));
    counts.into_iter().map(said).collect::<Vec<_>>().join(", ")
}

/// Where the limits are.
pub(super) fn limits(all: &[Found<'_>], out: &mut Out) -> io::Result<()> {
    for (i, found) in all.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        let which = match found.extreme {
            Extreme::Max => "greatest",
            Extreme::Min => "least",
        };
        let runs = found.limits.iter().map(|limit| limit.runs as u64).sum();
        let title =
            format!("{}: the {which} {} that passes, in {}", found.name, found.path(), count(runs, "run"));
        writeln!(out, "{}\n", folded(&title))?;
        match found.limits.as_slice() {
            [limit] => bracket(found, limit, out)?,
            limits => brackets(found, limits).lines(0).iter().try_for_each(|line| writeln!(out, "{line}"))?,
        }
    }
    Ok(())
}

/// Both sides of a limit, with what is wrong beyond it.
fn bracket(found: &Found<'_>, limit: &Limit, out: &mut Out) -> io::Result<()> {
    if let Some(point) = &limit.passes {
        let end = if limit.fails.is_none() { ", the end of the range" } else { "" };
        let margin = margin(point);
        let margin = if margin.is_empty() { margin } else { format!("; least margin {margin}") };
        writeln!(out, "  passes at {}{end}{margin}", found.value(point))?;
    }
    if let Some(point) = &limit.fails {
        let begin = if limit.passes.is_none() { ", where the search begins" } else { "" };
        let verdict = match point.verdict() {
            Verdict::Fail => "fails",
            other => other.word(),
        };
        writeln!(out, "  {verdict} at {}{begin}", found.value(point))?;
        for failure in &point.result.failures {
            writeln!(out, "{}", folded(&format!("    [{}] {}", failure.code, failure.title)))?;
        }
    }
    Ok(())
}

fn brackets(found: &Found<'_>, limits: &[Limit]) -> Table {
    let other = found.other().unwrap_or_default();
    let other = other.rsplit('.').next().unwrap_or_default();
    let mut table = Table::new(&[other, "passes at", "fails at", "what is wrong there"], &[0, 1, 2]);
    for limit in limits {
        let value = |point: &Option<Point>| point.as_ref().map_or_else(|| "-".into(), |p| found.value(p));
        let wrong = limit.fails.as_ref().map(wrong).unwrap_or_default();
        let other = found.other_value(limit).unwrap_or_default();
        table.row([other, value(&limit.passes), value(&limit.fails), wrong]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_by_its_ends() {
        assert_eq!(spans(&[false, true, true, false, true]), [(1, 2), (4, 4)]);
        assert_eq!(spans(&[true, true]), [(0, 1)]);
        assert_eq!(spans(&[false]), []);
    }
}
