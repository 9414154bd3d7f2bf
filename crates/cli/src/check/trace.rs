//! One rule: how often it was kept by how much, and how that moved over time.

use std::io::{self, Write as _};
use std::path::PathBuf;

use busproof_core::Time;
use busproof_core::timing::{Bound, Finding, Margin, Rule, RuleReport, Unit};
use busproof_plot::text::{round_up, width};
use busproof_plot::{Bar, Panel, Plot, Sheet, Tone, Trend, svg, trend};
use busproof_vectors::report::jsonl;
use serde_json::json;

use super::Checked;
use super::human::summary;
use super::verdict::sign;
use crate::error::CliError;
use crate::json::Lines;
use crate::out::{COLUMNS, Out};
use crate::units::{about, count, instant, wrap};

/// So many stretches of time are told apart; twice as long ones when they do not suffice.
const STRETCHES: usize = 512;
/// About so many rows of a histogram.
const ROWS: u64 = 12;

/// The least and the greatest slack of a rule in each stretch of time, in bounded memory.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    rule: &'static Rule,
    /// When the first measurement ended, and the last.
    origin: Time,
    end: Time,
    /// The length of a stretch in femtoseconds.
    length: u64,
    stretches: Vec<Option<(i64, i64)>>,
}

impl Trace {
    pub(super) const fn of(rule: &'static Rule) -> Trace {
        Trace { rule, origin: Time::ZERO, end: Time::ZERO, length: 1, stretches: Vec::new() }
    }

    /// Takes a measurement of the rule.
    pub(super) fn hear(&mut self, finding: &Finding) {
        if finding.rule != self.rule {
            return;
        }
        let slack = match finding.rule.bound() {
            Some(Bound::Min(_)) => finding.measured.saturating_sub(finding.limit),
            _ => finding.limit.saturating_sub(finding.measured),
        };
        if self.stretches.is_empty() {
            self.origin = finding.to;
        }
        self.end = self.end.max(finding.to);
        let since = finding.to.since(self.origin).as_fs();
        while since / self.length >= STRETCHES as u64 {
            self.stretches = self.stretches.chunks(2).map(joined).collect();
            self.length = self.length.saturating_mul(2);
        }
        let at = (since / self.length) as usize;
        if self.stretches.len() <= at {
            self.stretches.resize(at + 1, None);
        }
        self.stretches[at] = joined(&[self.stretches[at], Some((slack, slack))]);
    }

    fn trend(&self, margin: &Margin, most: usize) -> Trend {
        let each = self.stretches.len().div_ceil(most).max(1);
        let columns: Vec<Option<(i64, i64)>> = self.stretches.chunks(each).map(joined).collect();
        let float = |(least, greatest): (i64, i64)| (least as f64, greatest as f64);
        let unit = self.rule.unit();
        let greatest = columns.iter().flatten().map(|column| column.1).max().unwrap_or(0);
        let named = |slack: i64| (slack as f64, about(slack, unit, 3));
        // A limit that is far away would leave no room for what moves.
        let height = greatest.saturating_sub(margin.worst);
        let is_near = height == 0 || margin.worst <= height.saturating_mul(2);
        let mut lines = vec![named(margin.worst)];
        lines.extend(is_near.then(|| (0.0, "limit".to_owned())));
        lines.extend((height > 0).then(|| named(greatest)));
        Trend {
            title: format!(
                "{} over time{}",
                self.rule.name,
                if is_near { "" } else { ", the limit far below" }
            ),
            columns: columns.into_iter().map(|column| column.map(float)).collect(),
            lines,
            ends: (instant(self.origin), instant(self.end)),
        }
    }
}

/// The least and the greatest of all.
fn joined(stretches: &[Option<(i64, i64)>]) -> Option<(i64, i64)> {
    let all = stretches.iter().flatten().copied();
    all.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// Rows of a histogram, all of one width: where each begins, and how often.
fn histogram(slacks: &[(i64, u64)]) -> (i64, Vec<(i64, u64)>) {
    let (Some(first), Some(last)) = (slacks.first(), slacks.last()) else { return (1, Vec::new()) };
    let step = round_up(u128::from(last.0.abs_diff(first.0)).div_ceil(ROWS.into()).max(1));
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    let row = |slack: i64| slack.div_euclid(step);
    let mut rows: Vec<(i64, u64)> =
        (row(first.0)..=row(last.0)).map(|row| (row.saturating_mul(step), 0)).collect();
    for &(slack, times) in slacks {
        rows[(row(slack) - row(first.0)) as usize].1 += times;
    }
    (step, rows)
}

/// What is printed and drawn of one rule.
pub(super) struct Traced {
    rule: String,
    path: Option<PathBuf>,
    lines: Option<Lines>,
    sheet: Sheet,
}

impl Traced {
    /// Of the rule of that name, for people or as JSON, and drawn if there is a path.
    pub(super) fn new(rule: String, path: Option<PathBuf>, lines: Option<Lines>) -> Traced {
        let title = format!("Margin of {rule}");
        let subtitle = "Distance to its limit; negative where it was missed".into();
        Traced { rule, path, lines, sheet: Sheet { title, subtitle, ..Sheet::default() } }
    }

    /// The name of the rule.
    pub(super) fn rule(&self) -> &str {
        &self.rule
    }

    /// Lines say which file they are about.
    pub(super) fn about(&mut self, file: &str) {
        if let Some(lines) = &mut self.lines {
            lines.about(file);
        }
    }

    /// A file that cannot be used.
    pub(super) fn unusable(&mut self, why: &str, out: &mut Out) -> io::Result<()> {
        self.lines.as_mut().map_or(Ok(()), |lines| super::lines::unusable(why, lines, out))
    }

    /// Prints what was measured in a file.
    pub(super) fn print(&mut self, checked: &Checked, trace: &Trace, out: &mut Out) -> io::Result<()> {
        let report = checked.outcome.report.rule(trace.rule.name);
        let measured = report.and_then(|report| Some((report, report.margin()?)));
        if let Some(lines) = &mut self.lines {
            return measured.map_or(Ok(()), |(report, _)| objects(report, trace, lines, out));
        }
        match measured {
            Some((report, margin)) => {
                human(checked, report, &margin, trace, out)?;
                self.sheet.panels.push(panel(checked, report));
                self.sheet.plots.push(Plot::Trend(trace.trend(&margin, STRETCHES)));
            }
            None => writeln!(out, "{}: nothing was measured against {}", checked.file, trace.rule.name)?,
        }
        let line = summary(checked, out.paint());
        writeln!(out, "\n{}", wrap(&line, COLUMNS - 2).join("\n  "))
    }

    /// Ends the lines, and writes the picture, unless there is nothing on it.
    pub(super) fn finish(self, out: &mut Out) -> Result<(), CliError> {
        if let Some(mut lines) = self.lines {
            lines.finish(out)?;
        }
        let Some(path) = self.path.filter(|_| !self.sheet.plots.is_empty()) else { return Ok(()) };
        crate::picture::write(&path, &svg::draw(&self.sheet)?)?;
        out.note(&format!("picture: {}", path.display()));
        Ok(())
    }
}

fn human(
    checked: &Checked,
    report: &RuleReport,
    margin: &Margin,
    trace: &Trace,
    out: &mut Out,
) -> io::Result<()> {
    let unit = report.rule.unit();
    let exactly = |slack| about(slack, unit, 3);
    let (limit, name) = (exactly(margin.limit), report.rule.name);
    let head = format!(
        "{}: {name} {} {limit}, {}: worst {}, 1 in 100 {}, median {}",
        checked.file,
        sign(report.rule.bound()),
        count(margin.count, "measurement"),
        exactly(margin.worst),
        exactly(margin.p1),
        exactly(margin.median),
    );
    writeln!(out, "{}\n", wrap(&head, COLUMNS - 2).join("\n  "))?;
    let (step, rows) = histogram(&report.slacks());
    bars(step, &rows, unit).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    let words = trace.trend(margin, 1).lines;
    let gutter = words.iter().map(|(_, words)| width(words)).max().unwrap_or(0);
    let trend = trace.trend(margin, COLUMNS - gutter - 2);
    writeln!(out, "\n{}", trend.title)?;
    let picture = trend::draw(&trend, COLUMNS);
    picture.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// From where to where the slack of a row is; of the narrowest rows the only one.
fn span(from: i64, step: i64, unit: Unit) -> String {
    match step {
        1 => about(from, unit, 3),
        _ => format!("{} to {}", about(from, unit, 3), about(from.saturating_add(step), unit, 3)),
    }
}

/// The histogram in characters.
fn bars(step: i64, rows: &[(i64, u64)], unit: Unit) -> Vec<String> {
    let labels: Vec<String> = rows.iter().map(|&(from, _)| span(from, step, unit)).collect();
    let gutter = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    let most = rows.iter().map(|row| row.1).max().unwrap_or(0).max(1);
    let digits = most.to_string().len();
    let room = COLUMNS.saturating_sub(gutter + digits + 6) as u128;
    let row = |(label, &(_, times)): (&String, &(i64, u64))| {
        // What there is shows, however little.
        let long = (u128::from(times) * room).div_ceil(u128::from(most)) as usize;
        let pad = gutter - width(label);
        format!("{:pad$}{label}  {times:>digits$}  {}", "", "#".repeat(long)).trim_end().to_owned()
    };
    labels.iter().zip(rows).map(row).collect()
}

/// The histogram as bars.
fn panel(checked: &Checked, report: &RuleReport) -> Panel {
    let (_, rows) = histogram(&report.slacks());
    let unit = report.rule.unit();
    let bar = |&(from, times): &(i64, u64)| {
        let tone = if from < 0 { Tone::Bad } else { Tone::Good };
        Bar { tone, ..Bar::of(format!("from {}", about(from, unit, 3)), times as f64, times.to_string()) }
    };
    let file = checked.file.rsplit('/').next().unwrap_or_default();
    Panel { title: format!("{file}: how often"), bars: rows.iter().map(bar).collect() }
}

/// The margin, every slack with its count, and the stretches of time.
fn objects(report: &RuleReport, trace: &Trace, lines: &mut Lines, out: &mut Out) -> io::Result<()> {
    let rule = report.rule.name;
    if let Some(line) = jsonl::margin(report) {
        lines.write(&line, out)?;
    }
    for (slack, times) in report.slacks() {
        lines.write(
            &json!({ "kind": "slack", "rule": rule, "slack": slack, "count": times }).to_string(),
            out,
        )?;
    }
    for (stretch, i) in trace.stretches.iter().zip(0..) {
        let Some((least, greatest)) = stretch else { continue };
        let from = trace.origin.as_fs().saturating_add(trace.length.saturating_mul(i));
        let object = json!({
            "kind": "stretch",
            "rule": rule,
            "from_fs": from,
            "to_fs": from.saturating_add(trace.length),
            "least": least,
            "greatest": greatest,
        });
        lines.write(&object.to_string(), out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use busproof_core::Span;
    use busproof_core::bus::spi::rules::RULES;
    use busproof_core::timing::{Place, Verdict};

    use super::*;

    fn trace(measured: &[(u64, i64)]) -> Trace {
        let rule = RULES.iter().find(|rule| rule.name == "tCLH").unwrap();
        let mut trace = Trace::of(rule);
        for &(at, measured) in measured {
            let to = Time::from_fs(at);
            trace.hear(&Finding {
                rule,
                verdict: Verdict::Kept,
                from: to,
                to,
                measured,
                limit: 100,
                grid: Span::ZERO,
                place: Place::default(),
            });
        }
        trace
    }

    #[test]
    fn stretches_become_longer_and_lose_neither_least_nor_greatest() {
        let all: Vec<(u64, i64)> = (0..10_000).map(|i| (1_000 + 7 * i, (i as i64 * 37) % 1_000)).collect();
        let trace = trace(&all);
        assert!(trace.stretches.len() <= STRETCHES && trace.stretches.len() > STRETCHES / 2);
        assert_eq!((trace.origin, trace.length), (Time::from_fs(1_000), 256));
        assert_eq!(joined(&trace.stretches), Some((-100, 899)));
        // Each holds what was measured in it.
        for (stretch, i) in trace.stretches.iter().zip(0..) {
            let inside =
                all.iter().filter(|(at, _)| (at - 1_000) / 256 == i).map(|(_, measured)| measured - 100);
            let ends = (inside.clone().min(), inside.max());
            assert_eq!(stretch.map_or((None, None), |(least, most)| (Some(least), Some(most))), ends);
        }
    }

    #[test]
    fn a_histogram_has_round_rows_and_counts_everything() {
        let slacks: Vec<(i64, u64)> = (-7..40).map(|slack| (slack, 2)).collect();
        let (step, rows) = histogram(&slacks);
        assert_eq!((step, rows.first(), rows.last()), (5, Some(&(-10, 4)), Some(&(35, 10))));
        assert_eq!(rows.iter().map(|row| row.1).sum::<u64>(), 94);
        assert_eq!(histogram(&[(12, 9)]), (1, vec![(12, 9)]));
        assert_eq!(histogram(&[]).1, []);
        let wide = histogram(&[(i64::MIN, 1), (i64::MAX, 1)]).1;
        assert_eq!(wide.iter().map(|row| row.1).sum::<u64>(), 2);
    }
}
