//! Crossings in a run.

mod build;
mod drive;

use busproof_core::bus::handshake::{Receiver, Sender};
use busproof_core::bus::{Diagnostic, LoadError, Monitor};
use busproof_core::cdc::rules::{CHECKS, RULES};
use busproof_core::cdc::{
    Crossed, CrossingMonitor, CrossingOptions, Latest, LevelMonitor, LevelOptions, PulseMonitor,
    PulseOptions, level_pin, pin, pulse_pin,
};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{Bits, ChangeLog, SignalId, Span};

use self::drive::Driver;
use super::bind::Unusable;
use super::judge::{Judged, Signals, View, look};
use super::link::{Feed, word};
use super::recording::{Heard, Items};
use super::rig::{Line, Plan, Sight, Spot};
use super::verdict::Advice;
use crate::format::crossing::{Bus, Through};
use crate::format::{BusId, Step, Until};

/// A crossing on the bench.
pub(super) struct Crossing<'a> {
    plan: Plan<'a>,
    id: BusId,
    bus: &'a Bus,
    ends: Ends<'a>,
}

/// Who sits in the two domains.
enum Ends<'a> {
    /// A sender and a receiver of words.
    Words(Feed<'a, Sender>, AgentId<Receiver>),
    /// Somebody who drives levels or pulses; what they come to is seen on the wires.
    Wire(Feed<'a, Driver>),
}

impl<'a> Crossing<'a> {
    /// Puts the crossing on the bench.
    pub(super) fn new(
        plan: Plan<'a>,
        id: BusId,
        bus: &'a Bus,
        bench: &mut Bench,
    ) -> Result<Crossing<'a>, Unusable> {
        let ends = build::ends(plan.bound, id, bus, bench)?;
        Ok(Crossing { plan, id, bus, ends })
    }

    /// What the monitor of this crossing says.
    fn judge(&self, signals: &Signals, log: &ChangeLog) -> (Vec<Crossed>, View) {
        let source = log.source();
        match self.bus.through {
            Through::Synchroniser { flop, stages } => {
                let options = LevelOptions { clk_to_q: flop.clk_to_q, stages };
                self.look(signals, log, LevelMonitor::new(options, source))
            }
            Through::PulseSynchroniser { latest, .. } => self.look(
                signals,
                log,
                PulseMonitor::new(PulseOptions { latest: Latest::After(latest) }, source),
            ),
            Through::ReqAck(_) => {
                self.look(signals, log, CrossingMonitor::new(CrossingOptions::REQ_ACK, source))
            }
            Through::Fifo(fifo) => {
                let options = CrossingOptions::fifo(fifo.depth, fifo.code);
                self.look(signals, log, CrossingMonitor::new(options, source))
            }
        }
    }

    fn look<M: Monitor>(&self, signals: &Signals, log: &ChangeLog, monitor: M) -> (Vec<M::Item>, View) {
        let params = self.plan.bound.host_params(self.id);
        look(
            log,
            signals,
            monitor,
            &Judged { rules: RULES, checks: CHECKS, params: &params, point: None, unit_interval: None },
        )
    }

    /// Edges of both clocks, and more of them where somebody is not always willing, until what was sent has arrived.
    fn patience(&self) -> Span {
        let period = |hertz| Span::period_of(hertz).unwrap_or_default();
        let source = self.bus.source.as_ref().map_or(Span::ZERO, |domain| period(domain.clock.hertz));
        let slower = source.max(period(self.bus.destination.clock.hertz));
        let words = match self.bus.through {
            Through::Fifo(fifo) => u64::from(fifo.depth) + 2,
            _ => 2,
        };
        let stages = u64::from(self.bus.through.stages());
        slower * (2 * stages + 8) + slower * (words * build::opportunities(self.bus.destination.pattern))
    }
}

impl<'a> Line<'a> for Crossing<'a> {
    fn hold_stuck_wires(&self, _: &mut Bench) {}

    fn submit(&mut self, _: &mut Bench, step: &'a Step) -> Result<(), Unusable> {
        match &mut self.ends {
            Ends::Words(feed, _) => feed.submit(self.plan.bound, step),
            Ends::Wire(feed) => feed.submit(self.plan.bound, step),
        }
    }

    fn settle(&mut self, bench: &mut Bench) -> bool {
        match &mut self.ends {
            Ends::Words(feed, _) => feed.settle(bench),
            Ends::Wire(feed) => feed.settle(bench),
        }
    }

    fn is_met(&self, _: Until) -> bool {
        true
    }

    fn forgive(&mut self) {}

    fn tail(&self) -> Span {
        self.patience()
    }

    fn take_remarks(&self, _: &mut Bench) -> Vec<Diagnostic> {
        Vec::new()
    }

    fn peek(&self, _: &Bench, _: &Spot) -> Option<Result<Vec<u8>, LoadError>> {
        None
    }

    fn look(&self, bench: &mut Bench, log: &ChangeLog) -> Sight {
        let signals = build::signals(self.plan.bound.vector, self.id, self.bus, log);
        let (items, view) = self.judge(&signals, log);
        let width = self.bus.takes().width();
        let (unexpected, garbled) = match &self.ends {
            Ends::Words(feed, receiver) => {
                let got = bench.agent(*receiver).received();
                let arrived: Vec<Bits> = got.iter().map(|got| word(got.data, width)).collect();
                (feed.unexpected(&arrived), feed.garbled(&arrived, |_, _| true))
            }
            Ends::Wire(feed) => {
                let arrived: Vec<Bits> = items.iter().map(|item| word(item.data, width)).collect();
                // Of pulses the ones arrive, of levels the changes.
                let counts = |last: Option<u64>, bit: u64| match self.bus.through {
                    Through::PulseSynchroniser { .. } => bit != 0,
                    _ => bit != last.unwrap_or(0),
                };
                (feed.unexpected(&arrived), feed.garbled(&arrived, counts))
            }
        };
        let scope = self.plan.bound.vector.buses[self.id.0].name.clone();
        Sight {
            heard: vec![Heard { scope, items: Items::Crossed(items, width) }],
            views: vec![view],
            unexpected,
            garbled: garbled.into_iter().collect(),
            lost: 0,
        }
    }

    fn advice(&self) -> Result<Option<Advice>, Unusable> {
        Ok(None)
    }
}

/// The pins of a crossing, with the names of their nets.
fn pins(through: &Through) -> Vec<(SignalId, String)> {
    let named = |names: &[&str], own: &[SignalId]| -> Vec<(SignalId, String)> {
        own.iter().map(|pin| (*pin, names[pin.index()].to_owned())).collect()
    };
    let sides = [
        pin::SRC_CLK,
        pin::SRC_VALID,
        pin::SRC_READY,
        pin::SRC_DATA,
        pin::DST_CLK,
        pin::DST_VALID,
        pin::DST_READY,
        pin::DST_DATA,
    ];
    match *through {
        Through::Synchroniser { stages, .. } => {
            let own = [(level_pin::CLK, "clk"), (level_pin::D, "d"), (level_pin::Q, "q")];
            let inner = (1..stages).map(|i| (level_pin::stage(i), format!("s{i}")));
            own.into_iter().map(|(pin, name)| (pin, name.to_owned())).chain(inner).collect()
        }
        Through::PulseSynchroniser { .. } => {
            (0..).map(SignalId).zip(pulse_pin::NAMES.map(str::to_owned)).collect()
        }
        Through::ReqAck(_) => {
            let inner = [pin::REQ, pin::ACK, pin::REQ_SYNC, pin::ACK_SYNC];
            named(&pin::NAMES, &[&sides[..], &inner].concat())
        }
        Through::Fifo(_) => {
            let inner = [pin::WPTR, pin::RPTR, pin::WPTR_SYNC, pin::RPTR_SYNC];
            named(&pin::NAMES, &[&sides[..], &inner].concat())
        }
    }
}

impl Through {
    /// The flops that each wire passes.
    fn stages(&self) -> u8 {
        match *self {
            Through::Synchroniser { stages, .. } | Through::PulseSynchroniser { stages, .. } => stages,
            Through::ReqAck(options) => options.stages,
            Through::Fifo(options) => options.stages,
        }
    }

    /// The wires of a pin's net.
    fn wires(&self, pin: SignalId, width: u32) -> u32 {
        match *self {
            Through::ReqAck(_) | Through::Fifo(_) if matches!(pin, pin::SRC_DATA | pin::DST_DATA) => width,
            Through::Fifo(options) if pin.index() >= pin::WPTR.index() => options.pointer_bits(),
            _ => 1,
        }
    }
}
