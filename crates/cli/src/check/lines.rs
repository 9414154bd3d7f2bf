//! A report as JSON lines: findings and diagnostics as they come, then margins, then a summary.

use std::io;

use busproof_core::judge::Said;
use busproof_core::timing::{Finding, RuleReport, Unit, Verdict};
use serde::Serialize;

use super::Checked;
use super::verdict::Fate;
use crate::json::Lines;
use crate::out::Out;

#[derive(Debug, Serialize)]
struct FindingLine<'a> {
    kind: &'static str,
    file: &'a str,
    rule: &'static str,
    verdict: &'static str,
    from_fs: u64,
    to_fs: u64,
    #[serde(flatten)]
    amounts: Amounts,
    grid_fs: u64,
    source: &'static str,
}

/// What was measured and the limit, named by their unit.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Amounts {
    Fs { measured_fs: i64, limit_fs: i64 },
    Other { measured: i64, limit: i64, unit: &'static str },
}

#[derive(Debug, Serialize)]
struct DiagnosticLine<'a> {
    kind: &'static str,
    file: &'a str,
    code: &'static str,
    severity: String,
    from_fs: u64,
    to_fs: u64,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct MarginLine<'a> {
    kind: &'static str,
    file: &'a str,
    rule: &'static str,
    worst_fs: i64,
    p1_fs: i64,
    median_fs: i64,
    count: u64,
    worst_at_fs: u64,
    limit_fs: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    cite: &'a str,
}

#[derive(Debug, Serialize)]
struct SummaryLine<'a> {
    kind: &'static str,
    file: &'a str,
    items: u64,
    broken: u64,
    cannot_tell: u64,
    errors: u64,
    warnings: u64,
    end_fs: u64,
    exercised: Vec<&'static str>,
    never_exercised: Vec<&'static str>,
    not_visible: Vec<&'static str>,
    no_limit: Vec<&'static str>,
}

/// Prints findings as they come, if the format has them printed so.
pub(super) struct Stream<'a> {
    lines: Option<&'a mut Lines>,
    file: &'a str,
    out: &'a mut Out,
    written: io::Result<()>,
}

impl<'a> Stream<'a> {
    pub(super) fn new(lines: Option<&'a mut Lines>, file: &'a str, out: &'a mut Out) -> Stream<'a> {
        Stream { lines, file, out, written: Ok(()) }
    }

    /// Prints what was said, unless that is an item.
    pub(super) fn hear<I>(&mut self, said: &Said<I>) {
        let Some(lines) = self.lines.as_deref_mut().filter(|_| self.written.is_ok()) else { return };
        self.written = match said {
            Said::Item(_) => Ok(()),
            Said::Finding(finding) => lines.write(&finding_line(self.file, finding), self.out),
            Said::Diagnostic(d) => {
                let line = DiagnosticLine {
                    kind: "diagnostic",
                    file: self.file,
                    code: d.code,
                    severity: d.severity.to_string(),
                    from_fs: d.from.as_fs(),
                    to_fs: d.to.as_fs(),
                    text: &d.text,
                };
                lines.write(&line, self.out)
            }
        };
    }

    /// The first failure to print, if any.
    pub(super) fn end(self) -> io::Result<()> {
        self.written
    }
}

fn finding_line<'a>(file: &'a str, finding: &Finding) -> FindingLine<'a> {
    let (measured, limit) = (finding.measured, finding.limit);
    let amounts = match finding.rule.unit() {
        Unit::Fs => Amounts::Fs { measured_fs: measured, limit_fs: limit },
        Unit::MilliUi => Amounts::Other { measured, limit, unit: "mUI" },
        Unit::Ppm => Amounts::Other { measured, limit, unit: "ppm" },
        Unit::Count => Amounts::Other { measured, limit, unit: "count" },
    };
    FindingLine {
        kind: "finding",
        file,
        rule: finding.rule.name,
        verdict: if finding.verdict == Verdict::Broken { "broken" } else { "cannot-tell" },
        from_fs: finding.from.as_fs(),
        to_fs: finding.to.as_fs(),
        amounts,
        grid_fs: finding.grid.as_fs(),
        source: finding.rule.source,
    }
}

/// Prints margins and summary.
pub(super) fn print(checked: &Checked, lines: &mut Lines, out: &mut Out) -> io::Result<()> {
    let file = checked.file.as_str();
    for rule in &checked.outcome.report.rules {
        if let Some(line) = margin_line(file, rule) {
            lines.write(&line, out)?;
        }
    }
    let names = |wanted: fn(Fate) -> bool| checked.rules(wanted).map(|r| r.rule.name).collect::<Vec<_>>();
    let (report, outcome) = (&checked.outcome.report, &checked.outcome);
    let summary = SummaryLine {
        kind: "summary",
        file,
        items: outcome.items,
        broken: report.broken(),
        cannot_tell: report.cannot_tell(),
        errors: outcome.errors,
        warnings: outcome.warnings,
        end_fs: outcome.end.as_fs(),
        exercised: names(|fate| matches!(fate, Fate::Broken | Fate::Unsure | Fate::Kept)),
        never_exercised: names(|fate| fate == Fate::NeverExercised),
        not_visible: names(|fate| matches!(fate, Fate::NotVisible(_))),
        no_limit: names(|fate| fate == Fate::NoLimit),
    };
    lines.write(&summary, out)
}

/// Rules that do not measure times have no margin line: the format has none for them.
fn margin_line<'a>(file: &'a str, rule: &'a RuleReport) -> Option<MarginLine<'a>> {
    let margin = rule.margin().filter(|_| rule.rule.unit() == Unit::Fs)?;
    Some(MarginLine {
        kind: "margin",
        file,
        rule: rule.rule.name,
        worst_fs: margin.worst,
        p1_fs: margin.p1,
        median_fs: margin.median,
        count: margin.count,
        worst_at_fs: margin.worst_at.1.as_fs(),
        limit_fs: margin.limit,
        cite: &rule.cite,
    })
}
