//! UART in a run.

mod build;
mod reply;
mod score;
mod station;

use busproof_core::bus::uart::rules::{CHECKS, RULES};
use busproof_core::bus::uart::{Baud, Monitor, Op, Options, ReadOut, Terminal, pin};
use busproof_core::bus::{Diagnostic, LoadError};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{ChangeLog, Span, Time};

use self::build::Nets;
use self::score::Tried;
use self::station::{Said, Station, Task};
use super::bind::{Bound, Unusable};
use super::judge::{Judged, Signals, look, signals};
use super::recording::{Heard, Items};
use super::rig::{Line, Plan, Sight, Spot};
use super::score::Mismatch;
use super::timer::Timer;
use super::verdict::Advice;
use crate::compact::uart::OpKind;
use crate::format::uart::{Bus, Side, Wires};
use crate::format::{BusId, DeviceId, Step, Until};

/// How many frames a step waits for each that it reads.
const PATIENCE: u64 = 100;

/// A UART on the bench.
pub(super) struct Uart<'a> {
    plan: Plan<'a>,
    id: BusId,
    bus: &'a Bus,
    /// Those of the bus, with the receiver that is judged for.
    options: Options,
    nets: Nets,
    host: Station<'a>,
    peer: Peer<'a>,
    tried: Vec<Tried<'a>>,
}

/// Who is at the other end.
enum Peer<'a> {
    /// One that does what steps say.
    Station(Station<'a>),
    /// A device.
    Device(DeviceId, AgentId<Terminal>),
}

impl<'a> Uart<'a> {
    /// Puts the bus on the bench.
    pub(super) fn new(
        plan: Plan<'a>,
        id: BusId,
        bus: &'a Bus,
        bench: &mut Bench,
    ) -> Result<Uart<'a>, Unusable> {
        let bound = plan.bound;
        let options = build::options(bound, id, bus);
        let nets = Nets::add(bench, bound, id, bus);
        let place = Placing { bound, id, bus, options: &options, nets: &nets };
        let host = place.station(bench, Side::Host)?;
        let peer = match bound.devices_on(id).next() {
            None => Peer::Station(place.station(bench, Side::Peer)?),
            Some((device, named)) => {
                let port = build::port(bound, id, bus, &options, Side::Peer)?;
                let terminal = Terminal::new(port, build::device(plan, device, bus)?);
                Peer::Device(device, bench.add_agent(&named.name, terminal, &nets.pins(Side::Peer)))
            }
        };
        Ok(Uart { plan, id, bus, options, nets, host, peer, tried: Vec::new() })
    }

    /// The ends that do what steps say.
    fn stations(&mut self) -> impl Iterator<Item = &mut Station<'a>> {
        let peer = match &mut self.peer {
            Peer::Station(station) => Some(station),
            Peer::Device(..) => None,
        };
        [Some(&mut self.host), peer].into_iter().flatten()
    }

    /// What an end said, and where that is written.
    fn said(&self, side: Side, bench: &Bench) -> Vec<(std::ops::Range<usize>, Said)> {
        match (side, &self.peer) {
            (Side::Host, _) => self.host.said.clone(),
            (Side::Peer, Peer::Station(station)) => station.said.clone(),
            (Side::Peer, Peer::Device(id, agent)) => {
                let span = &self.plan.bound.vector.devices[id.0].span;
                bench.agent(*agent).sent().iter().map(|&data| (span.clone(), Said::Frame(data))).collect()
            }
        }
    }

    /// What an end received from the other.
    fn received<'s>(&'s self, side: Side, bench: &'s Bench) -> &'s [u16] {
        match (side, &self.peer) {
            (Side::Host, _) => &self.host.received,
            (Side::Peer, Peer::Station(station)) => &station.received,
            (Side::Peer, Peer::Device(_, agent)) => bench.agent(*agent).received(),
        }
    }

    fn garbled(&self, from: Side, bench: &Bench) -> Option<Mismatch> {
        let (said, to) = (self.said(from, bench), from.other());
        score::garbled(from, &said, self.received(to, bench), self.bus.end(to))
    }

    /// The length of a bit at the rate that is agreed on.
    fn bit(&self) -> Span {
        self.options.baud.map_or(Span::ZERO, Baud::bit)
    }

    /// So that a start bit at the very beginning is told from a bit in the middle of a frame, the line is idle for a frame
    /// before it, unless the step says when it begins.
    fn rest(&self, bench: &Bench, step: &'a Step) -> Option<Task<'a>> {
        let is_first = bench.now() == Time::ZERO && step.at.is_none();
        is_first.then(|| (&step.span, &OpKind::Idle(0), Some(Op::Idle(frame_time(&self.options)))))
    }

    /// What the host sees: on a line that both share, everything is on TX.
    fn signals(&self, bench: &mut Bench) -> Signals {
        let mut all = signals(pin::COUNT, |pin| bench.signal_at(self.host.port, pin));
        if self.bus.wires == Wires::One {
            all.retain(|(pin, _)| *pin != pin::RX);
            if let Peer::Station(peer) = &self.peer {
                let enable = bench.signal_at(peer.port, pin::DE);
                all.extend(enable.map(|signal| (pin::PEER_DE, signal)));
            }
        }
        all
    }
}

/// What the ends are made from.
struct Placing<'p, 'a> {
    bound: &'p Bound<'a>,
    id: BusId,
    bus: &'p Bus,
    options: &'p Options,
    nets: &'p Nets,
}

impl Placing<'_, '_> {
    /// An end that does what steps say.
    fn station<'s>(&self, bench: &mut Bench, side: Side) -> Result<Station<'s>, Unusable> {
        let Placing { bound, id, bus, options, nets } = self;
        let name = build::agent_name(bound, *id, side);
        let port = bench.add_agent(&name, build::port(bound, *id, bus, options, side)?, &nets.pins(side));
        let timer = bench.add_agent(&format!("{name}-timer"), Timer(Time::MAX), &[]);
        let time_out = bus.end(side).time_out.unwrap_or(frame_time(options) * PATIENCE);
        Ok(Station::new(port, timer, time_out, bus.wires == Wires::One))
    }
}

/// The length of a frame at the rate that is agreed on.
fn frame_time(options: &Options) -> Span {
    options.baud.map_or(Span::ZERO, |baud| options.frame_time(baud))
}

impl<'a> Line<'a> for Uart<'a> {
    fn hold_stuck_wires(&self, bench: &mut Bench) {
        self.nets.hold(bench, self.bus);
    }

    fn submit(&mut self, bench: &mut Bench, step: &'a Step) -> Result<(), Unusable> {
        let bit = self.bit();
        let rest = self.rest(bench, step);
        let task = |op: &'a crate::compact::uart::Op| {
            Ok((&op.span, &op.kind, build::work(self.plan.bound, step, op, bit)?))
        };
        let tasks = build::operations(step).iter().map(task);
        let tasks = rest.into_iter().map(Ok).chain(tasks).collect::<Result<_, Unusable>>()?;
        if let Some(station) = self.stations().nth(step.by) {
            station.submit(step, tasks);
        }
        Ok(())
    }

    fn settle(&mut self, bench: &mut Bench) -> bool {
        let mut tried = std::mem::take(&mut self.tried);
        let mut idle = true;
        for station in self.stations() {
            idle &= station.settle(bench, &mut tried);
        }
        self.tried = tried;
        idle
    }

    fn is_met(&self, until: Until) -> bool {
        match until {
            Until::Ack => true,
            Until::Expected => {
                let bits = self.options.data_bits.get();
                self.tried.last().is_none_or(|tried| score::unexpected(tried, bits).is_empty())
            }
        }
    }

    fn forgive(&mut self) {
        let Some(tried) = self.tried.last_mut() else { return };
        tried.counts = false;
        let by = tried.step.by;
        if let Some(station) = self.stations().nth(by) {
            station.flush();
        }
    }

    /// For the last frames to be received, and to be read, and for a device to answer them.
    fn tail(&self) -> Span {
        let reading = |side| match self.bus.end(side).read {
            ReadOut::Every(every) => every * (self.bus.end(side).depth as u64 + 1),
            ReadOut::AtOnce | ReadOut::Never => Span::ZERO,
        };
        let slowest = Side::ALL.map(reading).into_iter().max().unwrap_or_default();
        let frames = if matches!(self.peer, Peer::Device(..)) { PATIENCE } else { 3 };
        slowest + frame_time(&self.options) * frames
    }

    fn take_remarks(&self, bench: &mut Bench) -> Vec<Diagnostic> {
        let mut remarks = bench.agent_mut(self.host.port).receiver_mut().take_remarks();
        match &self.peer {
            Peer::Station(station) => {
                remarks.extend(bench.agent_mut(station.port).receiver_mut().take_remarks());
            }
            Peer::Device(_, agent) => {
                let terminal = bench.agent_mut(*agent);
                remarks.extend(terminal.port_mut().receiver_mut().take_remarks());
                remarks.extend(terminal.device_mut().take_remarks());
            }
        }
        remarks
    }

    fn peek(&self, bench: &Bench, spot: &Spot) -> Option<Result<Vec<u8>, LoadError>> {
        match &self.peer {
            Peer::Device(id, agent) if *id == spot.device => {
                Some(bench.agent(*agent).device().peek(spot.address, spot.length))
            }
            Peer::Device(..) | Peer::Station(_) => None,
        }
    }

    /// Both ends see the same of the wires, so one look is enough.
    fn look(&self, bench: &mut Bench, log: &ChangeLog) -> Sight {
        let params = self.plan.bound.uart_params(self.id, &self.options);
        let by = Judged {
            rules: RULES,
            checks: CHECKS,
            params: &params,
            point: None,
            unit_interval: Some(self.bit()),
        };
        let monitor = Monitor::new(&self.options, log.source());
        let (items, view) = look(log, &self.signals(bench), monitor, &by);
        let bits = self.options.data_bits.get();
        let counted = self.tried.iter().filter(|tried| tried.counts);
        let mut garbled = self.host.collided.clone();
        if let Peer::Station(station) = &self.peer {
            garbled.extend(station.collided.iter().cloned());
        }
        garbled.extend(Side::ALL.into_iter().filter_map(|side| self.garbled(side, bench)));
        let scope = self.plan.bound.vector.buses[self.id.0].name.clone();
        Sight {
            heard: vec![Heard { scope, items: Items::Uart(items) }],
            views: vec![view],
            unexpected: counted.flat_map(|tried| score::unexpected(tried, bits)).collect(),
            garbled,
            lost: 0,
        }
    }

    fn advice(&self) -> Result<Option<Advice>, Unusable> {
        Ok(None)
    }
}
