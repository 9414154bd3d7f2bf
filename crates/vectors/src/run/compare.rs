//! Comparisons of links: measured, and held against what the check says.

use std::path::Path;

use busproof_links::access::AccessReport;
use busproof_links::compare::Report;
use busproof_links::{Comparison, LinkError, Measured};

use super::bind::Unusable;
use super::rig::content;
use super::verdict::Complaint;
use crate::format::At;
use crate::format::compare::{Compare, FateWord, Figure, LinkCheck, fate_word, outcome_word};

/// A payload that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ComparisonError {
    /// The bytes of the vector file that name it.
    pub span: std::ops::Range<usize>,
    /// Why, with a way out.
    pub message: String,
}

/// What `compare` measures; files are relative to `folder`.
///
/// # Errors
/// If the file of the payload cannot be read.
pub fn comparison(compare: &Compare, folder: &Path) -> Result<Comparison, ComparisonError> {
    let payload = compare.payload.as_ref().map(|payload| content(payload, folder)).transpose();
    let payload = payload.map_err(|Unusable { span, message }| ComparisonError { span, message })?;
    Ok(Comparison {
        conditions: compare.conditions,
        over: compare.over.clone(),
        payload,
        registers: compare.registers.clone(),
    })
}

/// What is not as `checks` say.
pub(super) fn complaints(
    compare: &Compare,
    checks: &[LinkCheck],
    folder: &Path,
) -> Result<Vec<Complaint>, Unusable> {
    let comparison =
        comparison(compare, folder).map_err(|error| Unusable { span: error.span, message: error.message })?;
    let unusable = |error: LinkError| Unusable::new(&compare.span, error.to_string());
    let measured = comparison.measure().map_err(unusable)?;
    Ok(checks.iter().flat_map(|check| of_link(check, &measured)).collect())
}

fn of_link(check: &LinkCheck, measured: &Measured) -> Vec<Complaint> {
    let mut all = Vec::new();
    if let Some(report) = measured.links.iter().find(|report| report.link == check.link) {
        all.extend(of_payload(check, report));
    }
    let accesses = || measured.accesses.iter().filter(|report| report.link == check.link);
    for (outstanding, figure, range) in &check.accesses {
        match accesses().find(|report| report.outstanding == *outstanding) {
            None => all.push(complaint(
                check,
                &range.span,
                &format!("carries no register accesses, so there is no {}", figure.key()),
            )),
            Some(report) if !range.value.contains(figure.of(report)) => {
                let what = format!("{} with {outstanding} outstanding", figure.key());
                let found = figure.words(report);
                all.push(complaint(check, &range.span, &missed(&what, &found, &range.value.text)));
            }
            Some(AccessReport { .. }) => {}
        }
    }
    all
}

fn of_payload(check: &LinkCheck, report: &Report) -> Vec<Complaint> {
    let mut all = Vec::new();
    all.extend(fate(check, &check.fate, fate_word(report.fate), "the payload"));
    for (ppm, wanted) in &check.off {
        let trial = report.trials.iter().find(|trial| trial.ppm == *ppm);
        let what = format!("the payload, with a clock that is {:+} % off,", ppm / 10_000);
        all.extend(trial.and_then(|trial| fate(check, wanted, outcome_word(trial.outcome), &what)));
    }
    all.extend(check.figures.iter().filter_map(|(figure, range)| of_figure(check, *figure, range, report)));
    all
}

fn fate(check: &LinkCheck, wanted: &At<FateWord>, found: FateWord, what: &str) -> Option<Complaint> {
    let words = |fate| match fate {
        "intact" => "arrives intact",
        "corrupts" => "is corrupted",
        _ => "stalls",
    };
    let title = || format!("{what} {}, expected that it {}", words(found), words(wanted.value));
    (wanted.value != found).then(|| complaint(check, &wanted.span, &title()))
}

fn of_figure(
    check: &LinkCheck,
    figure: Figure,
    range: &At<crate::format::compare::Range>,
    report: &Report,
) -> Option<Complaint> {
    let holds = figure.of(report).is_some_and(|value| range.value.contains(value));
    let title = || missed(figure.key(), &figure.words(report), &range.value.text);
    (!holds).then(|| complaint(check, &range.span, &title()))
}

fn missed(what: &str, found: &str, wanted: &str) -> String {
    format!("{what} is {found}, must be {wanted}")
}

fn complaint(check: &LinkCheck, span: &std::ops::Range<usize>, what: &str) -> Complaint {
    Complaint::new("link", format!("{}: {what}", check.link)).at(span)
}
