//! What the wires show: items, diagnostics, findings, margins. Sees the log only, never an agent's intention.

use busproof_core::bus::spi::rules::RULES;
use busproof_core::bus::spi::{Item, Monitor, Options, pin};
use busproof_core::bus::{Diagnostic, Monitor as _, Severity, Sink};
use busproof_core::timing::{Checker, CheckerOptions, Event, Finding, Params, Point, Report, Rule, Verdict};
use busproof_core::{Change, ChangeLog, SignalId};

use super::bind::Bound;
use super::rig::Rig;
use crate::format::{BusId, DeviceId};

/// How many findings of a run are kept; a report counts all.
const MAX_FINDINGS: usize = 1_000;

/// What was seen from one place.
pub(super) struct View {
    /// The bus.
    pub(super) bus: BusId,
    /// The device at whose pins it was seen; `None`: the controller's.
    pub(super) device: Option<DeviceId>,
    /// Whether its items and diagnostics count; else somebody else's do.
    pub(super) counts: bool,
    pub(super) items: Vec<Item>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) findings: Vec<Finding>,
    pub(super) report: Report,
}

/// The views of all devices, then those of all controllers, whose items and diagnostics count only where there is no device.
pub(super) fn views(bound: &Bound<'_>, rig: &mut Rig) -> Vec<View> {
    let mut views = Vec::new();
    for i in 0..bound.vector.devices.len() {
        views.push(device_view(bound, rig, DeviceId(i)));
    }
    for i in 0..bound.vector.buses.len() {
        views.extend(host_views(bound, rig, BusId(i)));
    }
    views
}

fn device_view(bound: &Bound<'_>, rig: &mut Rig, id: DeviceId) -> View {
    let device = &bound.vector.devices[id.0];
    let options =
        Options { commands: bound.commands(id), ..bound.vector.buses[device.bus.0].options.clone() };
    let agent = rig.peripherals[id.0];
    let signals = signals(|pin| rig.bench.signal_at(agent, pin));
    let mut view = look(&rig.log, &signals, &options, &bound.params(id), Some(Point::Target));
    (view.bus, view.device) = (device.bus, Some(id));
    view
}

/// A bus is seen from its controller once for each device, since only its commands tell what lanes carry.
fn host_views(bound: &Bound<'_>, rig: &mut Rig, id: BusId) -> Vec<View> {
    let params = bound.host_params(id);
    let agent = rig.controllers[id.0];
    let devices: Vec<(DeviceId, u8)> = bound.devices_on(id).map(|(id, device)| (id, device.cs)).collect();
    let options = &bound.vector.buses[id.0].options;
    let all = signals(|pin| rig.bench.signal_at(agent, pin));
    if devices.is_empty() {
        // There is one point only, and it serves for all rules.
        let view = look(&rig.log, &all, options, &params, None);
        return vec![View { bus: id, ..view }];
    }
    let of_device = |(device, cs): (DeviceId, u8)| {
        let own = |signal: &&(SignalId, SignalId)| signal.0 < pin::CS0 || signal.0 == pin::cs(cs);
        let signals: Vec<_> = all.iter().filter(own).copied().collect();
        let options = Options { commands: bound.commands(device), ..options.clone() };
        let view = look(&rig.log, &signals, &options, &params, Some(Point::Controller));
        View { bus: id, counts: false, items: Vec::new(), diagnostics: Vec::new(), ..view }
    };
    devices.into_iter().map(of_device).collect()
}

/// The pins that are connected, each with its signal in the log.
fn signals(mut signal_at: impl FnMut(SignalId) -> Option<SignalId>) -> Vec<(SignalId, SignalId)> {
    (0..pin::COUNT as u32).filter_map(|pin| Some((SignalId(pin), signal_at(SignalId(pin))?))).collect()
}

fn look(
    log: &ChangeLog,
    signals: &[(SignalId, SignalId)],
    options: &Options,
    params: &Params,
    point: Option<Point>,
) -> View {
    let (pins, columns): (Vec<SignalId>, Vec<SignalId>) = signals.iter().copied().unzip();
    let at_point = RULES.iter().filter(|rule: &&Rule| point.is_none_or(|point| rule.at == point));
    let checker_options = CheckerOptions { source: log.source(), point, unit_interval: None };
    let mut seen = Seen {
        checker: Checker::new(at_point, params, &checker_options),
        items: Vec::new(),
        diagnostics: Vec::new(),
        findings: Vec::new(),
    };
    let mut monitor = Monitor::new(options, log.source());
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

struct Seen {
    checker: Checker,
    items: Vec<Item>,
    diagnostics: Vec<Diagnostic>,
    findings: Vec<Finding>,
}

impl Sink<Item> for Seen {
    fn item(&mut self, item: Item) {
        self.items.push(item);
    }

    fn event(&mut self, event: Event) {
        let Seen { checker, findings, .. } = self;
        checker.event(event, &mut |finding| keep(findings, finding));
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        if diagnostic.severity != Severity::Note {
            self.diagnostics.push(diagnostic);
        }
    }
}

impl Seen {
    fn into_view(self, log: &ChangeLog) -> View {
        let Seen { checker, items, diagnostics, mut findings } = self;
        let report = checker.finish(log.end(), &mut |finding| keep(&mut findings, finding));
        View { bus: BusId(0), device: None, counts: true, items, diagnostics, findings, report }
    }
}

fn keep(findings: &mut Vec<Finding>, finding: Finding) {
    if findings.len() < MAX_FINDINGS && finding.verdict != Verdict::Kept {
        findings.push(finding);
    }
}
