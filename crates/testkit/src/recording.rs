//! What remains of a run: its changes, and what monitors and rules make of them.

use busproof_core::bus::{BusInfo, Diagnostic, Monitor, Sink};
use busproof_core::judge::{Jury, Outcome, Said};
use busproof_core::mapping::{Tap, find_taps};
use busproof_core::sim::NetTrouble;
use busproof_core::timing::{CheckerOptions, Event, Finding, Params, Verdict};
use busproof_core::{Change, ChangeLog, Source, Time};

use crate::draw::draw;
use crate::stage::role_name;

/// The changes on the wires of a bus.
#[derive(Clone, Debug)]
pub struct Recording {
    bus: &'static BusInfo,
    log: ChangeLog,
    taps: Vec<Tap>,
    troubles: Vec<NetTrouble>,
}

/// Everything that a monitor said, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen<I> {
    /// What was said on the bus.
    pub items: Vec<I>,
    /// The timing events.
    pub events: Vec<Event>,
    /// What was odd.
    pub diagnostics: Vec<Diagnostic>,
}

impl<I> Default for Seen<I> {
    fn default() -> Seen<I> {
        Seen { items: Vec::new(), events: Vec::new(), diagnostics: Vec::new() }
    }
}

impl<I> Seen<I> {
    /// The codes of the diagnostics, in order.
    pub fn codes(&self) -> Vec<&'static str> {
        self.diagnostics.iter().map(|d| d.code).collect()
    }
}

impl<I> Sink<I> for Seen<I> {
    fn item(&mut self, item: I) {
        self.items.push(item);
    }

    fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

/// A recording with the verdicts on it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What was judged.
    pub recording: Recording,
    /// The rules that were broken, or may have been, in order of time for each point of observation.
    pub findings: Vec<Finding>,
    /// Counts and margins.
    pub outcome: Outcome,
}

impl Judged {
    /// The names of the broken rules, each once, in alphabetical order.
    pub fn broken(&self) -> Vec<&'static str> {
        let broken = self.findings.iter().filter(|f| f.verdict == Verdict::Broken);
        let mut names: Vec<&str> = broken.map(|f| f.rule.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Recording {
    /// A recording whose signals are named after the bus's roles.
    pub fn new(bus: &'static BusInfo, log: ChangeLog) -> Recording {
        let names: Vec<&str> = log.columns().iter().map(busproof_core::log::Column::name).collect();
        let taps = find_taps(bus, &names);
        Recording { bus, log, taps, troubles: Vec::new() }
    }

    /// With what went wrong on the nets of the run.
    pub(crate) fn with_troubles(self, troubles: &[NetTrouble]) -> Recording {
        Recording { troubles: troubles.to_vec(), ..self }
    }

    /// The bus.
    pub(crate) fn bus(&self) -> &'static BusInfo {
        self.bus
    }

    /// What went wrong electrically in the run: strong drivers that oppose each other, or drive an open-drain net high.
    pub fn troubles(&self) -> &[NetTrouble] {
        &self.troubles
    }

    /// The changes.
    pub fn log(&self) -> &ChangeLog {
        &self.log
    }

    /// Where they come from.
    pub fn source(&self) -> Source {
        self.log.source()
    }

    /// When the recording ends.
    pub fn end(&self) -> Time {
        self.log.end()
    }

    /// What `monitor` says at the controller's end of the wires.
    pub fn decode<M: Monitor>(&self, mut monitor: M) -> Seen<M::Item> {
        let mut seen = Seen::default();
        self.each_instant(|t, changes| monitor.instant(t, changes, &mut seen));
        monitor.finish(self.end(), &mut seen);
        seen
    }

    /// The instants at the controller's end of the wires, numbered by the bus's pins.
    pub(crate) fn each_instant(&self, mut each: impl FnMut(Time, &[Change])) {
        let Some(tap) = self.taps.first() else { return };
        let signals: Vec<_> = tap.pins.iter().map(|(signal, _)| *signal).collect();
        let mut instants = self.log.instants_of(&signals);
        while let Some((t, changes)) = instants.next() {
            let pin = |c: &Change| Change { signal: tap.pins[c.signal.index()].1, value: c.value };
            let changes: Vec<Change> = changes.iter().map(pin).collect();
            each(t, &changes);
        }
    }

    /// The verdicts of the bus's rules with the limits of `params`, at both ends of the wires.
    pub fn judge<M: Monitor>(self, monitor: impl Fn() -> M, params: &Params) -> Judged {
        let mut findings = Vec::new();
        let said = |what: Said<M::Item>| {
            if let Said::Finding(finding) = what {
                findings.push(finding);
            }
        };
        let known = CheckerOptions { checks: self.bus.checks, ..self.source().into() };
        let mut jury = Jury::new(&self.taps, monitor, self.bus.rules, params, known, said);
        self.log.replay(&mut jury);
        let outcome = jury.outcome();
        Judged { recording: self, findings, outcome }
    }

    /// The waveform at the controller's end around `[from, to]`, within 80 columns.
    ///
    /// Each instant takes two columns, whatever time lies between: a drawing of what happened, in which order.
    ///
    /// ```text
    /// 0 s to 1.5 us, not to scale
    /// cs    ‾\____________________
    /// sck   ___/‾‾‾\___/‾‾‾\___/‾‾
    /// mosi  -|‾‾‾‾‾‾‾\___________/
    /// ```
    pub fn draw(&self, from: Time, to: Time) -> String {
        let Some(tap) = self.taps.first() else { return String::new() };
        let columns: Vec<_> = tap
            .pins
            .iter()
            .map(|&(signal, pin)| (role_name(self.bus, pin), self.log.column(signal)))
            .filter(|(_, column)| !column.is_empty())
            .collect();
        draw(&columns, from, to)
    }
}
