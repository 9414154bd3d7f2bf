//! SPI in a run.

mod advice;
mod build;
mod judge;
mod reply;
mod score;

use busproof_core::bus::spi::{Controller, Peripheral, Ticket, pin};
use busproof_core::bus::{Diagnostic, LoadError};
use busproof_core::mapping::HOST;
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{Bits, ChangeLog, Span};

use self::build::Nets;
use self::score::Tried;
use super::bind::Unusable;
use super::judge::signals;
use super::recording::{Heard, Items};
use super::rig::{Attempt, Line, Plan, Sight, Spot, prefixed};
use super::verdict::Advice;
use crate::format::spi::Bus;
use crate::format::{BusId, DeviceId, Step, Until};

/// An SPI bus on the bench.
pub(super) struct Spi<'a> {
    plan: Plan<'a>,
    id: BusId,
    bus: &'a Bus,
    nets: Nets,
    controller: AgentId<Controller>,
    peripherals: Vec<(DeviceId, AgentId<Peripheral>)>,
    under_way: Option<(&'a Step, Ticket)>,
    tried: Vec<Tried<'a>>,
}

impl<'a> Spi<'a> {
    /// Puts the bus on the bench.
    pub(super) fn new(
        plan: Plan<'a>,
        id: BusId,
        bus: &'a Bus,
        bench: &mut Bench,
    ) -> Result<Spi<'a>, Unusable> {
        let bound = plan.bound;
        let nets = build::add_nets(bench, bound, id, bus);
        let host = prefixed(bound.vector, id, '-', HOST);
        let controller = bench.add_agent(&host, build::controller(bound, id, bus)?, &nets.pins(None));
        let mut peripherals = Vec::new();
        for (device_id, device) in build::devices(bound, id) {
            let peripheral = build::peripheral(plan, bus, device_id, device)?;
            let name = &bound.vector.devices[device_id.0].name;
            let pins = build::own_pins(&nets, bus, device.cs);
            peripherals.push((device_id, bench.add_agent(name, peripheral, &pins)));
        }
        Ok(Spi { plan, id, bus, nets, controller, peripherals, under_way: None, tried: Vec::new() })
    }
}

impl<'a> Line<'a> for Spi<'a> {
    fn hold_stuck_wires(&self, bench: &mut Bench) {
        build::hold_stuck_wires(bench, self.bus, &self.nets);
    }

    fn submit(&mut self, bench: &mut Bench, step: &'a Step) -> Result<(), Unusable> {
        let work = build::work(self.plan.bound, step)?;
        let ticket = bench.agent_mut(self.controller).submit(&work);
        let ticket = ticket.map_err(|error| Unusable::new(&step.span, error.to_string()))?;
        self.under_way = Some((step, ticket));
        Ok(())
    }

    fn settle(&mut self, bench: &mut Bench) -> bool {
        let Some((step, ticket)) = self.under_way else { return true };
        let done = bench.agent_mut(self.controller).take(ticket);
        if let Some(completion) = done {
            self.tried.push(Attempt { step, result: completion.words, counts: true });
            self.under_way = None;
        }
        self.under_way.is_none()
    }

    fn is_met(&self, until: Until) -> bool {
        match until {
            Until::Ack => true,
            Until::Expected => self.tried.last().is_none_or(|tried| score::unexpected(tried).is_empty()),
        }
    }

    fn forgive(&mut self) {
        if let Some(tried) = self.tried.last_mut() {
            tried.counts = false;
        }
    }

    fn tail(&self) -> Span {
        Span::from_us(1)
    }

    fn take_remarks(&self, bench: &mut Bench) -> Vec<Diagnostic> {
        let remarks =
            |&(_, id): &(DeviceId, AgentId<Peripheral>)| bench.agent_mut(id).device_mut().take_remarks();
        self.peripherals.iter().flat_map(remarks).collect()
    }

    fn peek(&self, bench: &Bench, spot: &Spot) -> Option<Result<Vec<u8>, LoadError>> {
        let (_, agent) = self.peripherals.iter().find(|(id, _)| *id == spot.device)?;
        Some(bench.agent(*agent).device().peek(spot.address, spot.length))
    }

    fn read(&self) -> Vec<(usize, Vec<Bits>)> {
        let counted = self.tried.iter().filter(|tried| tried.counts);
        counted.map(|tried| (tried.step.span.start, score::read(tried))).collect()
    }

    fn look(&self, bench: &mut Bench, log: &ChangeLog) -> Sight {
        let Spi { id, bus, tried, .. } = self;
        let bound = self.plan.bound;
        let name = &bound.vector.buses[id.0].name;
        let mut sight = Sight::default();
        for &(device, agent) in &self.peripherals {
            let signals = signals(pin::COUNT, |pin| bench.signal_at(agent, pin));
            let (items, view) = judge::device_view(bound, bus, device, &signals, log);
            sight.garbled.extend(score::garbled(tried, bus, Some(device), &items));
            let scope = format!("{name}.{}", bound.vector.devices[device.0].name);
            sight.heard.push(Heard { scope, items: Items::Spi(items) });
            sight.views.push(view);
        }
        let signals = signals(pin::COUNT, |pin| bench.signal_at(self.controller, pin));
        for (items, view) in judge::host_views(bound, *id, bus, &signals, log) {
            if self.peripherals.is_empty() {
                sight.garbled.extend(score::garbled(tried, bus, None, &items));
                sight.heard.push(Heard { scope: name.clone(), items: Items::Spi(items) });
            }
            sight.views.push(view);
        }
        sight.unexpected = tried.iter().filter(|tried| tried.counts).flat_map(score::unexpected).collect();
        sight
    }

    fn advice(&self) -> Result<Option<Advice>, Unusable> {
        advice::round_trip(self.plan.bound, self.id, self.bus)
    }
}
