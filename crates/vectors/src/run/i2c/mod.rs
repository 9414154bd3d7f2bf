//! I2C in a run.

mod advice;
mod build;
mod reply;
mod score;

use busproof_core::bus::i2c::rules::{CHECKS, RULES};
use busproof_core::bus::i2c::{Controller, Monitor, Target, Ticket, pin};
use busproof_core::bus::{Diagnostic, LoadError};
use busproof_core::mapping::HOST;
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{Bits, ChangeLog, Span, Time};
use busproof_wave::Curve;

use self::build::{Nets, Targets};
use self::score::Tried;
use super::bind::Unusable;
use super::judge::{Judged, look, signals};
use super::recording::{Heard, Items};
use super::rig::{Attempt, Line, Plan, Sight, Spot, prefixed};
use super::verdict::Advice;
use super::volts::curve;
use crate::format::i2c::Bus;
use crate::format::{BusId, DeviceId, Step, Until};

/// An I2C bus on the bench.
pub(super) struct I2c<'a> {
    plan: Plan<'a>,
    id: BusId,
    bus: &'a Bus,
    nets: Nets,
    controllers: Vec<AgentId<Controller>>,
    targets: Vec<(DeviceId, AgentId<Target>)>,
    under_way: Vec<(&'a Step, Ticket)>,
    tried: Vec<Tried<'a>>,
}

impl<'a> I2c<'a> {
    /// Puts the bus on the bench.
    pub(super) fn new(
        plan: Plan<'a>,
        id: BusId,
        bus: &'a Bus,
        bench: &mut Bench,
    ) -> Result<I2c<'a>, Unusable> {
        let bound = plan.bound;
        let nets = build::add_nets(bench, bound, id, bus);
        let mut controllers = Vec::new();
        for own in &bus.controllers {
            let host = || prefixed(bound.vector, id, '-', HOST);
            let name = own.name.clone().unwrap_or_else(host);
            let controller = build::controller(bound, id, bus, own)?;
            controllers.push(bench.add_agent(&name, controller, &nets.pins()));
        }
        let targets = Targets::new(plan, id, bus, nets, bench).place()?;
        Ok(I2c { plan, id, bus, nets, controllers, targets, under_way: Vec::new(), tried: Vec::new() })
    }
}

impl<'a> Line<'a> for I2c<'a> {
    fn hold_stuck_wires(&self, bench: &mut Bench) {
        build::hold_stuck_wires(bench, self.bus, self.nets);
    }

    fn submit(&mut self, bench: &mut Bench, step: &'a Step) -> Result<(), Unusable> {
        let work = build::work(self.plan.bound, step)?;
        let ticket = bench.agent_mut(self.controllers[step.by]).submit(&work);
        let ticket = ticket.map_err(|error| Unusable::new(&step.span, error.to_string()))?;
        self.under_way.push((step, ticket));
        Ok(())
    }

    fn settle(&mut self, bench: &mut Bench) -> bool {
        let I2c { controllers, under_way, tried, .. } = self;
        under_way.retain(|&(step, ticket)| match bench.agent_mut(controllers[step.by]).take(ticket) {
            Some(result) => {
                tried.push(Attempt { step, result, counts: true });
                false
            }
            None => true,
        });
        under_way.is_empty()
    }

    fn is_met(&self, until: Until) -> bool {
        self.tried.last().is_none_or(|tried| match until {
            Until::Ack => score::is_acknowledged(tried),
            Until::Expected => score::unexpected(tried).is_empty(),
        })
    }

    fn forgive(&mut self) {
        if let Some(tried) = self.tried.last_mut() {
            tried.counts = false;
        }
    }

    /// For SDA to rise behind a STOP.
    fn tail(&self) -> Span {
        Span::from_us(10)
    }

    fn take_remarks(&self, bench: &mut Bench) -> Vec<Diagnostic> {
        let mut remarks: Vec<Diagnostic> = Vec::new();
        for &id in &self.controllers {
            remarks.extend(bench.agent_mut(id).take_remarks());
        }
        for &(_, id) in &self.targets {
            remarks.extend(bench.agent_mut(id).device_mut().take_remarks());
        }
        remarks
    }

    fn peek(&self, bench: &Bench, spot: &Spot) -> Option<Result<Vec<u8>, LoadError>> {
        let (_, agent) = self.targets.iter().find(|(id, _)| *id == spot.device)?;
        Some(bench.agent(*agent).device().peek(spot.address, spot.length))
    }

    fn read(&self) -> Vec<(usize, Vec<Bits>)> {
        let counted = self.tried.iter().filter(|tried| tried.counts);
        counted.map(|tried| (tried.step.span.start, score::read(tried))).collect()
    }

    /// All see the same of the wires, so one look is enough.
    fn look(&self, bench: &mut Bench, log: &ChangeLog) -> Sight {
        let signals = signals(pin::COUNT, |pin| bench.signal_at(self.controllers[0], pin));
        let bound = self.plan.bound;
        let params = bound.shared_params(self.id, &self.bus.electrical.conditions());
        let judged =
            Judged { rules: RULES, checks: CHECKS, params: &params, point: None, unit_interval: None };
        let monitor = Monitor::new(&self.bus.options, log.source());
        let (items, mut view) = look(log, &signals, monitor, &judged);
        let standard = bound.standard(self.id);
        view.diagnostics.extend(standard.and_then(|part| advice::too_strong(part, self.bus, log.end())));
        Sight {
            garbled: score::garbled(&self.tried, &items, self.controllers.len()),
            unexpected: score::mismatches(&self.tried, &view),
            heard: vec![Heard {
                scope: bound.vector.buses[self.id.0].name.clone(),
                items: Items::I2c(items),
            }],
            views: vec![view],
            lost: self.tried.iter().map(|tried| u64::from(tried.result.lost)).sum(),
        }
    }

    fn curves(&self, bench: &Bench, end: Time) -> Vec<Curve> {
        let bus = &self.plan.bound.vector.buses[self.id.0].name;
        let wires = self.nets.named().into_iter().filter(|(_, net)| !bench.stretches(*net).is_empty());
        let vdd = self.bus.electrical.vdd;
        wires
            .map(|(name, net)| curve(format!("{bus}.volts_{name}"), bench.stretches(net), vdd, end))
            .collect()
    }

    fn advice(&self) -> Result<Option<Advice>, Unusable> {
        Ok(self.plan.bound.standard(self.id).and_then(|standard| advice::too_weak(standard, self.bus)))
    }
}
