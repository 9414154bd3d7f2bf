//! The report of checked files as a page.

use std::path::{Path, PathBuf};

use busproof_core as core;
use busproof_core::bus::Severity;
use busproof_core::timing::{Margin, RuleReport};
use busproof_plot::page::{Entry, Figure, Finding, Fold, Folded, Page, Part, Section, Table};
use busproof_plot::{Chart, Tone, waveform};
use busproof_vectors::caption;

use super::Checked;
use super::bars::measured;
use super::camera::Shot;
use super::human::{facts_of, headline, interval, summary, undecided};
use super::verdict::{Ending, Fate, sign};
use crate::error::CliError;
use crate::exit::Exit;
use crate::odd::Oddity;
use crate::out::{Out, Paint};
use crate::report::{self, maker};
use crate::units::{about, count, instant, times};

/// A page in the making, over all files.
pub(super) struct Pages {
    path: PathBuf,
    bus: &'static str,
    files: Vec<Vec<Entry>>,
    sections: Vec<Section>,
}

impl Pages {
    /// A page to be written there.
    pub(super) fn new(path: PathBuf, bus: &'static str) -> Pages {
        Pages { path, bus, files: Vec::new(), sections: Vec::new() }
    }

    /// Adds a file that was judged.
    pub(super) fn add(&mut self, checked: &Checked) -> Result<(), CliError> {
        let (tone, word) = verdict(checked);
        let number = |n: u64| Entry::Number(n.to_string());
        self.files.push(vec![
            Entry::Text(checked.file.clone()),
            Entry::Verdict(tone, word.into()),
            number(checked.outcome.items),
            number(checked.count(Fate::Broken)),
            number(checked.count(Fate::Kept)),
            number(checked.count(Fate::Unsure)),
        ]);
        self.sections.push(Section { title: checked.file.clone(), parts: parts(checked)? });
        Ok(())
    }

    /// Adds a file that cannot be used.
    pub(super) fn add_unusable(&mut self, file: &Path, error: &CliError) {
        let file = file.display().to_string();
        let blank = || Entry::Text(String::new());
        let verdict = Entry::Verdict(Tone::Bad, "unusable".into());
        self.files.push(vec![Entry::Text(file.clone()), verdict, blank(), blank(), blank(), blank()]);
        self.sections.push(Section { title: file, parts: vec![Part::Text(error.to_string())] });
    }

    /// Writes it.
    pub(super) fn finish(self, exit: Exit, out: &mut Out) -> Result<(), CliError> {
        let columns =
            ["file", "verdict", "items", "rules broken", "kept", "in doubt"].map(str::to_owned).to_vec();
        let judged = self.files.len() as u64;
        let caption = format!("Verdicts on {}", count(judged, "file"));
        let table = Table { caption, columns, rows: self.files };
        let all = Section { title: "Files".into(), parts: vec![Part::Table(table)] };
        let page = Page {
            title: "busproof check".into(),
            verdict: report::verdict(exit),
            summary: format!("{} judged as {}", count(judged, "file"), self.bus.to_uppercase()),
            facts: Vec::new(),
            sections: std::iter::once(all).chain(self.sections).collect(),
            maker: maker(),
        };
        report::write(&self.path, &page, out)
    }
}

fn verdict(checked: &Checked) -> (Tone, &'static str) {
    match checked.ending() {
        Ending::Failed | Ending::FailedStrictly => (Tone::Bad, "failed"),
        Ending::Nothing => (Tone::Odd, "nothing checked"),
        Ending::Passed => (Tone::Good, "passed"),
    }
}

/// All there is to say of a file.
fn parts(checked: &Checked) -> Result<Vec<Part>, CliError> {
    let mut parts = vec![Part::Text(summary(checked, Paint::PLAIN))];
    for rule in checked.rules(|fate| fate == Fate::Broken) {
        parts.extend(broken(checked, rule)?.map(Part::Finding));
    }
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        parts.extend(checked.ledger.odd.of(severity).map(oddity).map(Part::Finding));
    }
    parts.extend(checked.remarks.iter().map(|remark| Part::Text(format!("Note: {remark}"))));
    if let Some(margins) = margins(checked) {
        parts.extend([Part::Text(MARGINS.into()), Part::Table(margins)]);
    }
    parts.extend(not_decided(checked).map(Part::Folded));
    Ok(parts)
}

/// A broken rule: its first finding with a picture, and how often.
fn broken(checked: &Checked, rule: &RuleReport) -> Result<Option<Finding>, CliError> {
    let Some(finding) = checked.ledger.of(rule.rule).and_then(|notes| notes.broken) else { return Ok(None) };
    let facts = facts_of(rule, &finding).into_iter().map(|(name, text)| (name.to_owned(), text));
    let shot = checked.shots.iter().find(|shot| shot.is_of(finding.rule));
    let figure = shot.map(|shot| figure(checked, shot, &finding)).transpose()?;
    Ok(Some(Finding {
        tone: Tone::Bad,
        severity: "error".into(),
        code: rule.rule.name.into(),
        title: headline(&finding),
        place: interval(&finding),
        facts: facts.collect(),
        figures: figure.into_iter().flatten().collect(),
    }))
}

/// The edges of a finding, and those around them; none if no signal of it is known.
fn figure(
    checked: &Checked,
    shot: &Shot,
    finding: &core::timing::Finding,
) -> Result<Option<Figure>, CliError> {
    let found = caption::found(std::slice::from_ref(finding), &[]);
    let text = found.into_iter().next().map_or_else(String::new, |found| found.caption.text);
    let mut diagram = shot.diagram(&checked.signals, text.clone());
    if diagram.lanes.is_empty() {
        return Ok(None);
    }
    let findings = diagram.marker.take().into_iter().collect();
    let subtitle = format!("0 is at {}", diagram.origin);
    let chart = Chart { title: text.clone(), subtitle, diagram, findings, notes: Vec::new() };
    Ok(Some(Figure { svg: waveform::draw(&chart)?, caption: format!("Timing diagram: {text}") }))
}

fn oddity(Oddity { first, count }: &Oddity) -> Finding {
    let tone = match first.severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Odd,
        Severity::Note => Tone::Plain,
    };
    let facts = [("seen", times(*count)), ("help", format!("busproof explain {}", first.code))];
    Finding {
        tone,
        severity: first.severity.to_string(),
        code: first.code.into(),
        title: first.text.clone(),
        place: format!("at {}", first.from),
        facts: facts.map(|(name, text)| (name.to_owned(), text)).to_vec(),
        figures: Vec::new(),
    }
}

/// What the table of margins shows.
const MARGINS: &str = "Distances to the limits are negative where they are missed or in doubt. The bar ends at the worst; marks show \
                       one in a hundred and the median.";

/// Distances to the limits, of rules that were measured.
fn margins(checked: &Checked) -> Option<Table> {
    let rows: Vec<Vec<Entry>> = measured(checked).map(|(rule, margin)| row(rule, &margin)).collect();
    let columns =
        ["rule", "limit", "worst", "1 in 100", "median", "count", "worst at", "-50 % to 100 % of the limit"];
    (!rows.is_empty()).then(|| Table {
        caption: "Distance of each rule to its limit".into(),
        columns: columns.map(str::to_owned).to_vec(),
        rows,
    })
}

fn row(rule: &RuleReport, margin: &Margin) -> Vec<Entry> {
    let unit = rule.rule.unit();
    let distance = |slack| Entry::Number(about(slack, unit, 3));
    vec![
        Entry::Text(rule.rule.name.to_owned()),
        Entry::Number(format!("{} {}", sign(rule.rule.bound()), about(margin.limit, unit, 3))),
        distance(margin.worst),
        distance(margin.p1),
        distance(margin.median),
        Entry::Number(margin.count.to_string()),
        Entry::Number(instant(margin.worst_at.0)),
        Entry::Gauge(margin.into()),
    ]
}

/// What cannot be told, is not visible, did not occur or has no limit.
fn not_decided(checked: &Checked) -> Option<Folded> {
    let rules = checked.rules(|fate| !matches!(fate, Fate::Broken | Fate::Kept));
    let row = |rule: &RuleReport| {
        let why = Entry::Text(undecided(checked, rule));
        vec![Entry::Text(rule.rule.name.to_owned()), why]
    };
    let rows: Vec<Vec<Entry>> = rules.map(row).collect();
    let line = format!("{} not decided", count(rows.len() as u64, "rule"));
    let columns = vec!["rule".to_owned(), "why".to_owned()];
    let table = Table { caption: "Why rules were not decided".into(), columns, rows };
    (!table.rows.is_empty()).then(|| Folded { line, state: Fold::Closed, parts: vec![Part::Table(table)] })
}
