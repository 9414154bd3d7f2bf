//! An SPI bus as its devices and its controller see it.

use busproof_core::bus::spi::rules::{CHECKS, RULES};
use busproof_core::bus::spi::{Item, Monitor, Options, pin};
use busproof_core::timing::{Params, Point};
use busproof_core::{ChangeLog, SignalId};

use super::build::devices;
use crate::format::spi::Bus;
use crate::format::{BusId, DeviceId};
use crate::run::bind::Bound;
use crate::run::judge::{Judged, Signals, View, look};

/// What a device saw: the items with whose words everything is compared.
pub(super) fn device_view(
    bound: &Bound<'_>,
    bus: &Bus,
    id: DeviceId,
    signals: &Signals,
    log: &ChangeLog,
) -> (Vec<Item>, View) {
    let options = Options { commands: bound.commands(id), ..bus.options.clone() };
    look(log, signals, Monitor::new(&options, log.source()), &rules(&bound.params(id), Some(Point::Target)))
}

/// A bus is seen from its controller once for each device, since only its commands tell what lanes carry.
pub(super) fn host_views(
    bound: &Bound<'_>,
    id: BusId,
    bus: &Bus,
    all: &Signals,
    log: &ChangeLog,
) -> Vec<(Vec<Item>, View)> {
    let params = bound.host_params(id);
    let devices: Vec<(DeviceId, u8)> = devices(bound, id).map(|(id, device)| (id, device.cs)).collect();
    if devices.is_empty() {
        // There is one point only, and it serves for all rules.
        return vec![look(log, all, Monitor::new(&bus.options, log.source()), &rules(&params, None))];
    }
    let of_device = |(device, cs): (DeviceId, u8)| {
        let own = |signal: &&(SignalId, SignalId)| signal.0 < pin::CS0 || signal.0 == pin::cs(cs);
        let signals: Signals = all.iter().filter(own).copied().collect();
        let options = Options { commands: bound.commands(device), ..bus.options.clone() };
        let monitor = Monitor::new(&options, log.source());
        let (_, view) = look(log, &signals, monitor, &rules(&params, Some(Point::Controller)));
        (Vec::new(), View { items: 0, diagnostics: Vec::new(), ..view })
    };
    devices.into_iter().map(of_device).collect()
}

fn rules(params: &Params, point: Option<Point>) -> Judged<'_> {
    Judged { rules: RULES, checks: CHECKS, params, point, unit_interval: None }
}
