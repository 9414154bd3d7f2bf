//! As a page: what failed, with pictures; how far rules were from their limits; all vectors.

use std::collections::BTreeMap;

use busproof_core::timing::{Bound, Rule};
use busproof_plot::page::{Entry, Figure, Finding, Fold, Folded, Gauge, Page, Part, Section, Table};
use busproof_plot::svg::DrawError;
use busproof_plot::{Chart, Tone, waveform};

use super::human::totals;
use super::{Measured, Outcome, Tightest, VectorResult, four_digits, quantity};

/// So many failed vectors have pictures; a page of all of them would not open.
const PICTURED: usize = 40;
/// The vectors of a folder are to be seen at first if there are no more in all.
const FEW: usize = 40;

/// The page, without its verdict and who made it. Results have pictures and margins if evidence was asked for.
pub fn page(results: &[VectorResult]) -> Result<Page, DrawError> {
    let mut sections = Vec::new();
    let failed: Vec<&VectorResult> = results.iter().filter(|result| is_wrong(result)).collect();
    if !failed.is_empty() {
        sections.push(Section { title: "What is wrong".into(), parts: failures(&failed)? });
    }
    let rules = rules(results);
    if !rules.rows.is_empty() {
        sections.push(Section {
            title: "Rules".into(),
            parts: vec![Part::Text(RULES.into()), Part::Table(rules)],
        });
    }
    sections.push(Section { title: "Vectors".into(), parts: folders(results) });
    Ok(Page { title: "busproof run".into(), summary: totals(results), sections, ..Page::default() })
}

fn is_wrong(result: &VectorResult) -> bool {
    result.outcome != Outcome::Passed
}

fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Passed => Tone::Good,
        Outcome::Failed | Outcome::Unusable => Tone::Bad,
        Outcome::NothingChecked | Outcome::OutOfTime => Tone::Odd,
    }
}

/// Each vector that did not pass, the first of them with pictures.
fn failures(failed: &[&VectorResult]) -> Result<Vec<Part>, DrawError> {
    let mut parts = Vec::new();
    for (i, result) in failed.iter().enumerate() {
        let charts = if i < PICTURED { result.evidence.charts.as_slice() } else { &[] };
        let figure = |chart| Ok(Figure { svg: waveform::draw(chart)?, caption: caption(chart) });
        let figures = charts.iter().map(figure).collect::<Result<Vec<Figure>, DrawError>>()?;
        parts.push(Part::Finding(Finding { figures, ..failure(result) }));
    }
    if failed.len() > PICTURED {
        parts.push(Part::Text(format!("Only the first {PICTURED} have pictures.")));
    }
    Ok(parts)
}

fn caption(chart: &Chart) -> String {
    let found = chart.findings.first().map_or(String::new(), |first| format!(": {}", first.label));
    format!("Timing diagram of {}{found}", chart.title)
}

fn failure(result: &VectorResult) -> Finding {
    let mut facts: Vec<(String, String)> = Vec::new();
    for failure in &result.failures {
        let place = format!("{}:{}:{}", result.path, failure.line, failure.column);
        let lines =
            [failure.title.as_str(), &place].into_iter().chain(failure.detail.iter().map(String::as_str));
        facts.push((failure.code.clone(), lines.collect::<Vec<_>>().join("\n")));
    }
    facts.extend(result.notes.iter().map(|note| (format!("note {}", note.code), note.to_string())));
    facts.extend(result.waveform.iter().map(|path| ("waveform".to_owned(), path.clone())));
    Finding {
        tone: tone(result.outcome),
        severity: result.outcome.word().into(),
        code: result.name.clone(),
        place: format!("{}:{}", result.path, result.line),
        facts,
        ..Finding::default()
    }
}

/// What became of a rule in all vectors.
#[derive(Default)]
struct Row<'a> {
    /// In how many vectors it was measured.
    measured: u64,
    /// In how many of them it was broken or in doubt as it should be.
    on_purpose: u64,
    /// Where it came closest to its limit of those in which it should be kept.
    tightest: Option<(&'a Measured, &'a str)>,
}

/// How far every rule was from its limit where it should be kept.
fn rules(results: &[VectorResult]) -> Table {
    let mut rows: BTreeMap<(&str, &str), (&Rule, Row<'_>)> = BTreeMap::new();
    for result in results {
        for measured in &result.evidence.rules {
            let rule = measured.rule;
            let row = &mut rows.entry((rule.name, rule.summary)).or_insert((rule, Row::default())).1;
            row.measured += 1;
            if measured.is_expected {
                row.on_purpose += 1;
            } else if row.tightest.is_none_or(|(least, _)| share(measured) < share(least)) {
                row.tightest = Some((measured, &result.name));
            }
        }
    }
    let mut rows: Vec<(&Rule, Row<'_>)> = rows.into_values().collect();
    let least = |row: &Row<'_>| row.tightest.map_or(f64::INFINITY, |(measured, _)| share(measured));
    rows.sort_by(|(_, one), (_, other)| least(one).total_cmp(&least(other)));
    let columns = ["rule", "what it asks", "vectors", "on purpose", "limit", "least", BAR, "of vector"];
    Table {
        caption: "How close each rule came to its limit".into(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.iter().map(|(rule, row)| cells(rule, row)).collect(),
    }
}

/// What the table of rules shows.
const RULES: &str = "The least distance to the limit in vectors in which a rule is to be kept, the closest first; in how many \
                     vectors it was measured, and in how many of them it is broken or in doubt on purpose. The bar ends \
                     at the least distance; marks show one in a hundred and the median.";

/// The head of the bars.
const BAR: &str = "-50 % to 100 % of the limit";

/// The least distance as a share of the limit.
fn share(measured: &Measured) -> f64 {
    measured.margin.share(measured.margin.worst).unwrap_or(f64::INFINITY)
}

fn cells(rule: &Rule, row: &Row<'_>) -> Vec<Entry> {
    let count = |n: u64| Entry::Number(n.to_string());
    let (name, asks) = (rule.name.to_owned(), rule.summary.to_owned());
    let mut cells = vec![Entry::Text(name), Entry::Text(asks), count(row.measured), count(row.on_purpose)];
    let Some((Measured { margin, .. }, vector)) = row.tightest else {
        cells.extend(std::iter::repeat_n(Entry::Number(String::new()), 2));
        cells.extend([Entry::Text(String::new()), Entry::Text(String::new())]);
        return cells;
    };
    let sign = if matches!(rule.bound(), Some(Bound::Max(_))) { "<=" } else { ">=" };
    cells.push(Entry::Number(format!("{sign} {}", quantity(margin.limit, rule.unit()))));
    cells.push(Entry::Number(quantity(four_digits(margin.worst), rule.unit())));
    cells.extend([Entry::Gauge(margin.into()), Entry::Text(vector.to_owned())]);
    cells
}

/// All vectors, folder by folder; those where something is wrong are open.
fn folders(results: &[VectorResult]) -> Vec<Part> {
    let mut folders: Vec<(&str, Vec<&VectorResult>)> = Vec::new();
    for result in results {
        let folder = result.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        match folders.last_mut() {
            Some((last, members)) if *last == folder => members.push(result),
            _ => folders.push((folder, vec![result])),
        }
    }
    let folded = |(folder, members): &(&str, Vec<&VectorResult>)| {
        let is_open = results.len() <= FEW || members.iter().any(|result| is_wrong(result));
        let name = if folder.is_empty() { "here" } else { folder };
        Part::Folded(Folded {
            line: format!("{name}: {}", totals(members.iter().copied())),
            state: if is_open { Fold::Open } else { Fold::Closed },
            parts: vec![Part::Table(vectors(name, members))],
        })
    };
    folders.iter().map(folded).collect()
}

fn vectors(folder: &str, members: &[&VectorResult]) -> Table {
    let row = |result: &&VectorResult| {
        let verdict = Entry::Verdict(tone(result.outcome), result.outcome.word().into());
        let mut row = vec![Entry::Text(result.name.clone()), verdict];
        row.extend(tightest(result.tightest.as_ref()));
        row
    };
    Table {
        caption: format!("Vectors in {folder}"),
        columns: ["vector", "verdict", "tightest rule", "distance", BAR].map(str::to_owned).to_vec(),
        rows: members.iter().map(row).collect(),
    }
}

fn tightest(tightest: Option<&Tightest>) -> [Entry; 3] {
    let Some(Tightest { rule, slack, limit, unit }) = tightest else {
        return [Entry::Text(String::new()), Entry::Number(String::new()), Entry::Text(String::new())];
    };
    let worst = *slack as f64 / (*limit).max(1) as f64;
    let gauge = Gauge { worst, marks: [f64::NAN; 2] };
    [
        Entry::Text((*rule).to_owned()),
        Entry::Number(quantity(four_digits(*slack), *unit)),
        Entry::Gauge(gauge),
    ]
}
