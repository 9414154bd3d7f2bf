//! What a vector's `[check]` says of what was seen: everything named must happen, nothing else may.

use std::collections::BTreeMap;
use std::ops::Range;

use busproof_core::Span;
use busproof_core::bus::Diagnostic;
use busproof_core::timing::{Bound, Finding, Margin, Needs, RuleReport, Unit, Verdict};

use super::judge::View;
use super::score::Mismatch;
use crate::format::{At, Check, Exit, Slack, Vector};
use crate::report::{Note, Tightest, quantity};

/// Everything that was seen of a run.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) views: Vec<View>,
    /// From how many places each bus was seen.
    pub(super) places: Vec<usize>,
    pub(super) mismatches: Vec<Mismatch>,
    /// Expectations that were compared.
    pub(super) compared: u64,
    /// Diagnostics of monitors and of the nets: warnings and errors.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Those of the nets.
    pub(super) troubles: Vec<Diagnostic>,
    /// Remarks of devices: warnings and errors.
    pub(super) remarks: Vec<Diagnostic>,
    /// What is good to know of the run and fails nothing: notes of devices.
    pub(super) notes: Vec<Diagnostic>,
    /// How the run ended.
    pub(super) exit: Exit,
    /// How often controllers lost arbitration.
    pub(super) lost: u64,
    /// What to say of what.
    pub(super) advice: Vec<Advice>,
}

/// What explains complaints of some codes, and the ways out.
pub(super) struct Advice {
    /// The codes; the first complaint that has one of them says so.
    pub(super) codes: &'static [&'static str],
    /// What, line by line.
    pub(super) lines: Vec<String>,
}

/// Something that is not as the check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The bytes of the vector file that it is about; `None`: the vector as a whole.
    pub(super) span: Option<Range<usize>>,
    /// A rule or a code.
    pub(super) code: String,
    /// What, in a line.
    pub(super) title: String,
    /// More about it.
    pub(super) detail: Vec<String>,
}

impl Complaint {
    pub(super) fn new(code: impl Into<String>, title: impl Into<String>) -> Complaint {
        Complaint { span: None, code: code.into(), title: title.into(), detail: Vec::new() }
    }

    pub(super) fn at(self, span: &Range<usize>) -> Complaint {
        Complaint { span: Some(span.clone()), ..self }
    }
}

impl Seen {
    /// Items on all buses; each bus counts once, as its devices saw it, or its controller if it has none.
    pub(super) fn items(&self) -> u64 {
        self.views.iter().map(|view| view.items).sum()
    }

    /// True if nothing was checked: no item, or neither a rule decided, nor a check of the protocol put to the test, nor an
    /// expectation compared.
    pub(super) fn is_vacuous(&self) -> bool {
        self.items() == 0 || (self.compared == 0 && self.views.iter().all(|view| view.report.is_vacuous()))
    }

    fn rules(&self) -> impl Iterator<Item = &RuleReport> {
        self.views.iter().flat_map(|view| &view.report.rules)
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.views.iter().flat_map(|view| &view.findings)
    }

    /// How often each rule was judged like that.
    fn judged(&self, count: fn(&RuleReport) -> u64) -> BTreeMap<&'static str, u64> {
        let mut judged = BTreeMap::new();
        for result in self.rules().filter(|result| count(result) > 0) {
            *judged.entry(result.rule.name).or_default() += count(result);
        }
        judged
    }

    /// The rules that were measured and whose margin says something of the design.
    pub(super) fn margins(&self) -> impl Iterator<Item = (&RuleReport, Margin)> {
        self.rules().filter_map(|result| {
            let margin = result.margin()?;
            let counts = has_margin(result, margin.limit) || margin.worst < 0;
            (counts && margin.limit > 0).then_some((result, margin))
        })
    }

    /// The rule that came closest to its limit, as a share of it.
    pub(super) fn tightest(&self) -> Option<Tightest> {
        let share = |t: &Tightest| i128::from(t.slack) * 1_000_000_000 / i128::from(t.limit);
        let candidates = self.margins().map(|(result, margin)| Tightest {
            rule: result.rule.name,
            slack: margin.worst,
            limit: margin.limit,
            unit: result.rule.unit(),
        });
        candidates.min_by_key(share)
    }
}

/// What is not as the check says.
pub(super) fn complaints(vector: &Vector, seen: &Seen) -> Vec<Complaint> {
    let check = &vector.check;
    let mut all = ending(check.exit, seen.exit);
    if seen.exit == Exit::OutOfTime {
        // What did not happen may yet have come; what broke, broke.
        all.extend(surprises(check, seen));
        return all;
    }
    all.extend(broken(check, seen));
    all.extend(cannot_tell(check, seen));
    all.extend(exercised(check, seen));
    all.extend(counts(check, seen));
    all.extend(mismatches(check, seen));
    all.extend(codes("diagnostics", &check.diagnostics, &seen.diagnostics, &check.allowed));
    all.extend(codes("remarks", &check.remarks, &seen.remarks, &check.allowed));
    all.extend(slack(check, seen));
    advise(&mut all, &seen.advice);
    all
}

/// Explains the first complaint that each piece of advice is about.
fn advise(complaints: &mut [Complaint], advice: &[Advice]) {
    for Advice { codes, lines } in advice {
        if let Some(complaint) = complaints.iter_mut().find(|c| codes.contains(&c.code.as_str())) {
            complaint.detail.extend(lines.iter().cloned());
        }
    }
}

fn ending(wanted: Exit, exit: Exit) -> Vec<Complaint> {
    if wanted == exit {
        return Vec::new();
    }
    let words = |exit| match exit {
        Exit::Done => "came to its end",
        Exit::Vacuous => "checked nothing: no item, or no rule decided and no expectation compared",
        Exit::OutOfTime => "ran out of simulated time before its last step; raise `max_time`",
    };
    vec![Complaint::new("exit", format!("the run {}", words(exit)))]
}

/// Rules that were broken and should not have been.
fn surprises(check: &Check, seen: &Seen) -> Vec<Complaint> {
    let found = seen.judged(RuleReport::broken);
    let surprises =
        found.iter().filter(|(rule, _)| !is_named(&check.broken, rule) && !is_named(&check.allowed, rule));
    surprises.map(|(rule, count)| finding(seen, rule, Verdict::Broken, *count)).collect()
}

fn broken(check: &Check, seen: &Seen) -> Vec<Complaint> {
    let found = seen.judged(RuleReport::broken);
    let mut all = surprises(check, seen);
    for named in check.broken.iter().filter(|named| !found.contains_key(named.value.as_str())) {
        let title =
            format!("{} is not broken, though the check says so{}", named.value, closest(seen, &named.value));
        all.push(Complaint::new(&named.value, title).at(&named.span));
    }
    all
}

fn cannot_tell(check: &Check, seen: &Seen) -> Vec<Complaint> {
    let found = seen.judged(RuleReport::cannot_tell);
    let surprises = found
        .iter()
        .filter(|(rule, _)| !is_named(&check.cannot_tell, rule) && !is_named(&check.allowed, rule));
    let mut all: Vec<Complaint> =
        surprises.map(|(rule, count)| finding(seen, rule, Verdict::CannotTell, *count)).collect();
    for named in check.cannot_tell.iter().filter(|named| !found.contains_key(named.value.as_str())) {
        let title = format!("{} is decided, though the check says that it cannot be", named.value);
        all.push(Complaint::new(&named.value, title).at(&named.span));
    }
    all
}

fn is_named(list: &[At<String>], name: &str) -> bool {
    list.iter().any(|named| named.value == name)
}

fn closest(seen: &Seen, rule: &str) -> String {
    let margins =
        seen.rules().filter(|r| r.rule.name == rule).filter_map(|r| Some((r.margin()?.worst, r.rule.unit())));
    match margins.min_by_key(|(worst, _)| *worst) {
        Some((worst, unit)) => format!("; it was kept by {} at the closest", quantity(worst, unit)),
        None => "; nothing was measured against it".to_owned(),
    }
}

/// The worst finding of a rule.
fn finding(seen: &Seen, rule: &str, verdict: Verdict, count: u64) -> Complaint {
    let wrong = seen.findings().filter(|f| f.rule.name == rule && f.verdict == verdict);
    let Some(worst) = wrong.max_by_key(|f| (f.measured.abs_diff(f.limit), std::cmp::Reverse(f.from))) else {
        return Complaint::new(rule, format!("{rule} is {}", verdict_words(verdict)));
    };
    let unit = worst.rule.unit();
    let side = match worst.rule.bound() {
        Some(Bound::Max(_)) => "at most",
        _ => "at least",
    };
    let title = if worst.rule.needs == Needs::Instants {
        format!("not kept: {}", worst.rule.summary)
    } else {
        let (measured, limit) = (quantity(worst.measured, unit), quantity(worst.limit, unit));
        format!("{} is {measured}, must be {side} {limit}", worst.rule.summary)
    };
    let cite = seen.rules().find(|r| r.rule == worst.rule && !r.cite.is_empty()).map(|r| r.cite.as_str());
    let mut detail = vec![
        format!("from {} to {}, {}", worst.from, worst.to, times(count)),
        format!("limit: {}", cite.unwrap_or(worst.rule.source)),
        format!("usual cause: {}", worst.rule.cause),
    ];
    if verdict == Verdict::CannotTell {
        detail.push(format!("the time stamps are {} apart, so nobody can tell", worst.grid));
    }
    Complaint { detail, ..Complaint::new(rule, title) }
}

fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Kept => "kept",
        Verdict::CannotTell => "not decided",
        Verdict::Broken => "broken",
    }
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("the worst of {count}") }
}

fn exercised(check: &Check, seen: &Seen) -> Vec<Complaint> {
    let decided = |name: &str| seen.rules().any(|r| r.rule.name == name && r.kept() + r.broken() > 0);
    let missing = check.exercised.iter().filter(|named| !decided(&named.value));
    missing
        .map(|named| {
            let title = format!("{} is never decided, though the check says so", named.value);
            Complaint::new(&named.value, title).at(&named.span)
        })
        .collect()
}

fn counts(check: &Check, seen: &Seen) -> Vec<Complaint> {
    let findings: u64 = seen.rules().map(|r| r.broken() + r.cannot_tell()).sum();
    [
        ("items", "items", check.items, seen.items()),
        ("findings", "findings", check.findings, findings),
        ("lost", "losses of arbitration", check.lost, seen.lost),
    ]
    .into_iter()
    .filter_map(|(code, what, wanted, found)| Some((code, what, wanted?, found)))
    .filter(|(_, _, wanted, found)| wanted != found)
    .map(|(code, what, wanted, found)| {
        Complaint::new(code, format!("expected {wanted} {what}, found {found}"))
    })
    .collect()
}

fn mismatches(check: &Check, seen: &Seen) -> Vec<Complaint> {
    let found: u64 = seen.mismatches.iter().map(|mismatch| mismatch.count).sum();
    if found == check.mismatches {
        return Vec::new();
    }
    let mut all: Vec<Complaint> = seen
        .mismatches
        .iter()
        .map(|mismatch| Complaint {
            detail: mismatch.detail.clone(),
            ..Complaint::new("mismatch", &mismatch.title).at(&mismatch.span)
        })
        .collect();
    if check.mismatches > 0 {
        let title = format!("expected {} mismatches, found {found}", check.mismatches);
        all.push(Complaint::new("mismatch", title));
    }
    all
}

fn codes(what: &str, named: &[At<String>], found: &[Diagnostic], allowed: &[At<String>]) -> Vec<Complaint> {
    let mut all = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for diagnostic in found {
        let is_fine = is_named(named, diagnostic.code) || is_named(allowed, diagnostic.code);
        if is_fine || told.contains(&diagnostic.code) {
            continue;
        }
        told.push(diagnostic.code);
        let count = found.iter().filter(|d| d.code == diagnostic.code).count() as u64;
        let complaint = Complaint::new(diagnostic.code, &diagnostic.text);
        let detail = vec![format!("from {} to {}, {}", diagnostic.from, diagnostic.to, first(count))];
        all.push(Complaint { detail, ..complaint });
    }
    for named in named.iter().filter(|named| found.iter().all(|d| d.code != named.value)) {
        let title = format!("{} does not come, though the check lists it below `{what}`", named.value);
        all.push(Complaint::new(&named.value, title).at(&named.span));
    }
    all
}

/// What is good to know, each code once with its first text.
pub(super) fn notes(found: &[Diagnostic]) -> Vec<Note> {
    let mut all: Vec<Note> = Vec::new();
    for Diagnostic { code, text, .. } in found {
        match all.iter_mut().find(|known| known.code == *code) {
            Some(known) => known.count += 1,
            None => all.push(Note { code: (*code).to_owned(), title: text.clone(), count: 1 }),
        }
    }
    all
}

fn first(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("the first of {count}") }
}

fn slack(check: &Check, seen: &Seen) -> Vec<Complaint> {
    let Some(wanted) = check.slack else { return Vec::new() };
    let judged = seen
        .rules()
        .filter(|r| !is_named(&check.broken, r.rule.name) && !is_named(&check.allowed, r.rule.name));
    judged
        .filter_map(|result| Some((result, result.margin()?)))
        .filter(|(result, margin)| is_asked(wanted, result, margin.limit))
        .filter(|(result, margin)| !has_slack(wanted, margin.worst, margin.limit, result.rule.unit()))
        .map(|(result, margin)| {
            let (worst, unit) = (quantity(margin.worst, result.rule.unit()), slack_words(wanted));
            let title = format!("{} is kept by {worst} only, must be by {unit}", result.rule.summary);
            let (from, to) = margin.worst_at;
            Complaint {
                detail: vec![format!("from {from} to {to}")],
                ..Complaint::new(result.rule.name, title)
            }
        })
        .collect()
}

/// What a part promises of its own outputs. A simulated part is as slow as it may be, so the margin says nothing.
const PROMISES: [&str; 3] = ["tCLQV", "tCLQX", "tSHQZ"];

/// True unless the margin says nothing of the design: that of a promise, or of a fixed limit such as 1 fs.
fn has_margin(result: &RuleReport, limit: i64) -> bool {
    limit > 1 && !PROMISES.contains(&result.rule.name)
}

/// True if the margin of that rule must be `wanted`: a distance in bits has one from its samples, too, where the limit is 0.
fn is_asked(wanted: Slack, result: &RuleReport, limit: i64) -> bool {
    match wanted {
        Slack::MilliUi(_) => result.rule.unit() == Unit::MilliUi && limit == 0,
        Slack::Share(_) | Slack::Span(_) => has_margin(result, limit),
    }
}

fn has_slack(wanted: Slack, worst: i64, limit: i64, unit: Unit) -> bool {
    match wanted {
        Slack::Share(millionths) => {
            i128::from(worst) * 1_000_000 >= i128::from(limit) * i128::from(millionths)
        }
        Slack::Span(span) if unit == Unit::Fs => i128::from(worst) >= i128::from(span.as_fs()),
        Slack::Span(_) => true,
        Slack::MilliUi(thousandths) => worst >= i64::from(thousandths),
    }
}

fn slack_words(slack: Slack) -> String {
    match slack {
        Slack::Share(millionths) => format!("{} % of the limit", f64::from(millionths) / 10_000.0),
        Slack::Span(span) => Span::to_string(&span),
        Slack::MilliUi(thousandths) => quantity(i64::from(thousandths), Unit::MilliUi),
    }
}
