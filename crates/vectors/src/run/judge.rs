//! What the wires show: items, diagnostics, findings, margins. Sees the log only, never an agent's intention.

use busproof_core::bus::{Diagnostic, Monitor, Severity, Sink};
use busproof_core::timing::{
    Checker, CheckerOptions, Event, Finding, Params, Point, ProtocolCheck, Report, Rule, Verdict,
};
use busproof_core::{Change, ChangeLog, SignalId, Span};

/// How many findings, and notes, of a run are kept; a report counts all findings.
const MAX_FINDINGS: usize = 1_000;

/// What was seen from one place.
pub(super) struct View {
    /// The number of items that count; where others see the same, theirs do.
    pub(super) items: u64,
    /// Warnings and errors.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What is good to know, the first of it.
    pub(super) notes: Vec<Diagnostic>,
    pub(super) findings: Vec<Finding>,
    pub(super) report: Report,
}

/// Pins of a monitor, each with its signal in the log.
pub(super) type Signals = Vec<(SignalId, SignalId)>;

/// The pins below `count` that are connected.
pub(super) fn signals(count: usize, mut signal_at: impl FnMut(SignalId) -> Option<SignalId>) -> Signals {
    (0..count as u32).filter_map(|pin| Some((SignalId(pin), signal_at(SignalId(pin))?))).collect()
}

/// By what it is judged.
pub(super) struct Judged<'a> {
    pub(super) rules: &'static [Rule],
    pub(super) checks: &'static [ProtocolCheck],
    pub(super) params: &'a Params,
    /// The place; `None`: there is one only, and it serves for all rules.
    pub(super) point: Option<Point>,
    /// How long a bit takes, where rules measure by it.
    pub(super) unit_interval: Option<Span>,
}

/// What `monitor` and the rules say of these signals of the log.
pub(super) fn look<M: Monitor>(
    log: &ChangeLog,
    signals: &Signals,
    mut monitor: M,
    by: &Judged<'_>,
) -> (Vec<M::Item>, View) {
    let (pins, columns): (Vec<SignalId>, Vec<SignalId>) = signals.iter().copied().unzip();
    let at_point = by.rules.iter().filter(|rule: &&Rule| by.point.is_none_or(|point| rule.at == point));
    let options = CheckerOptions {
        source: log.source(),
        point: by.point,
        unit_interval: by.unit_interval,
        checks: by.checks,
        ..CheckerOptions::default()
    };
    let mut seen = Seen {
        checker: Checker::new(at_point, by.params, &options),
        items: Vec::new(),
        diagnostics: Vec::new(),
        notes: Vec::new(),
        findings: Vec::new(),
    };
    let mut instants = log.instants_of(&columns);
    let mut renamed: Vec<Change> = Vec::new();
    while let Some((t, changes)) = instants.next() {
        renamed.clear();
        renamed.extend(changes.iter().map(|c| Change { signal: pins[c.signal.index()], value: c.value }));
        monitor.instant(t, &renamed, &mut seen);
    }
    monitor.finish(log.end(), &mut seen);
    seen.into_view(log)
}

struct Seen<I> {
    checker: Checker,
    items: Vec<I>,
    diagnostics: Vec<Diagnostic>,
    notes: Vec<Diagnostic>,
    findings: Vec<Finding>,
}

impl<I> Sink<I> for Seen<I> {
    fn item(&mut self, item: I) {
        self.items.push(item);
    }

    fn event(&mut self, event: Event) {
        let Seen { checker, findings, .. } = self;
        checker.event(event, &mut |finding| keep(findings, finding));
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        match diagnostic.severity {
            Severity::Note if self.notes.len() < MAX_FINDINGS => self.notes.push(diagnostic),
            Severity::Note => {}
            Severity::Warning | Severity::Error => self.diagnostics.push(diagnostic),
        }
    }
}

impl<I> Seen<I> {
    fn into_view(self, log: &ChangeLog) -> (Vec<I>, View) {
        let Seen { checker, items, diagnostics, notes, mut findings } = self;
        let report = checker.finish(log.end(), &mut |finding| keep(&mut findings, finding));
        let view = View { items: items.len() as u64, diagnostics, notes, findings, report };
        (items, view)
    }
}

fn keep(findings: &mut Vec<Finding>, finding: Finding) {
    if findings.len() < MAX_FINDINGS && finding.verdict != Verdict::Kept {
        findings.push(finding);
    }
}
