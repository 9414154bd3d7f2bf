//! Handshakes in a run.

mod build;

use busproof_core::bus::handshake::rules::{CHECKS, RULES};
use busproof_core::bus::handshake::{Monitor, Receiver, Sender, pin};
use busproof_core::bus::{Diagnostic, LoadError};
use busproof_core::mapping::HOST;
use busproof_core::sim::{AgentId, Bench, Oscillator};
use busproof_core::{Bits, ChangeLog, Span};

use self::build::Nets;
use super::bind::Unusable;
use super::judge::{Judged, look, signals};
use super::link::{Feed, word};
use super::recording::{Heard, Items};
use super::rig::{Line, Plan, Sight, Spot, clock, prefixed};
use super::verdict::Advice;
use crate::format::handshake::Bus;
use crate::format::{BusId, Step, Until};

/// A handshake on the bench.
pub(super) struct Handshake<'a> {
    plan: Plan<'a>,
    id: BusId,
    bus: &'a Bus,
    nets: Nets,
    feed: Feed<'a, Sender>,
    receiver: AgentId<Receiver>,
}

impl<'a> Handshake<'a> {
    /// Puts the bus on the bench.
    pub(super) fn new(
        plan: Plan<'a>,
        id: BusId,
        bus: &'a Bus,
        bench: &mut Bench,
    ) -> Result<Handshake<'a>, Unusable> {
        let bound = plan.bound;
        let span = &bound.vector.buses[id.0].span;
        let refused = |error: &dyn std::fmt::Display| Unusable::new(span, error.to_string());
        let name = |name: &str| prefixed(bound.vector, id, '-', name);
        let nets = Nets::add(bench, bound.vector, id, bus);
        let pins = nets.pins();
        if let Some(common) = &bus.clock {
            let oscillator = Oscillator::new(&clock(common)).map_err(|error| refused(&error))?;
            bench.add_agent(&name("clock"), oscillator, &[pins[pin::CLK.index()]]);
        }
        let sender = Sender::new(build::sender(bound, id, bus)?).map_err(|error| refused(&error))?;
        let sender = bench.add_agent(&name(HOST), sender, &pins);
        let receiver = Receiver::new(build::receiver(bound, id, bus)?).map_err(|error| refused(&error))?;
        let receiver = bench.add_agent(&name("receiver"), receiver, &pins);
        let feed = Feed::new(bench, &name(HOST), sender, bus.time_out);
        Ok(Handshake { plan, id, bus, nets, feed, receiver })
    }

    /// The words as the receiver latched them.
    fn arrived(&self, bench: &Bench) -> Vec<Bits> {
        let width = self.bus.options.width.get();
        bench.agent(self.receiver).received().iter().map(|got| word(got.data, width)).collect()
    }
}

impl<'a> Line<'a> for Handshake<'a> {
    fn hold_stuck_wires(&self, bench: &mut Bench) {
        self.nets.hold(bench, self.bus);
    }

    fn submit(&mut self, _: &mut Bench, step: &'a Step) -> Result<(), Unusable> {
        self.feed.submit(self.plan.bound, step)
    }

    fn settle(&mut self, bench: &mut Bench) -> bool {
        self.feed.settle(bench)
    }

    fn is_met(&self, _: Until) -> bool {
        true
    }

    fn forgive(&mut self) {}

    /// For what follows the last handshake: a pulse too many, or a clock edge or two.
    fn tail(&self) -> Span {
        let period = self.bus.clock.as_ref().and_then(|clock| Span::period_of(clock.hertz));
        period.map_or(Span::from_us(1), |period| period * 4)
    }

    fn take_remarks(&self, _: &mut Bench) -> Vec<Diagnostic> {
        Vec::new()
    }

    fn peek(&self, _: &Bench, _: &Spot) -> Option<Result<Vec<u8>, LoadError>> {
        None
    }

    /// Wires have no length here, so one look is enough.
    fn look(&self, bench: &mut Bench, log: &ChangeLog) -> Sight {
        let signals = signals(pin::COUNT, |pin| bench.signal_at(self.receiver, pin));
        let params = self.plan.bound.host_params(self.id);
        let by = Judged { rules: RULES, checks: CHECKS, params: &params, point: None, unit_interval: None };
        let (items, view) = look(log, &signals, Monitor::new(&self.bus.options, log.source()), &by);
        let arrived = self.arrived(bench);
        let scope = self.plan.bound.vector.buses[self.id.0].name.clone();
        Sight {
            heard: vec![Heard { scope, items: Items::Handshake(items) }],
            views: vec![view],
            unexpected: self.feed.unexpected(&arrived),
            garbled: self.feed.garbled(&arrived, |_, _| true).into_iter().collect(),
            lost: 0,
        }
    }

    fn advice(&self) -> Result<Option<Advice>, Unusable> {
        Ok(None)
    }
}
