//! A crossing on the bench: wires, clocks, the crossing itself, and who sits in its domains.

use busproof_core::bus::handshake::{
    self, Options, Pace, Pattern, Protocol, Receiver, ReceiverOptions, Sender, SenderOptions,
};
use busproof_core::cdc::{self, Fifo, PulseSynchroniser, ReqAck, Synchroniser, level_pin, pulse_pin};
use busproof_core::mapping::HOST;
use busproof_core::net::{Attach, Net, NetId};
use busproof_core::sim::{Agent, AgentId, Bench, Oscillator};
use busproof_core::{ChangeLog, SignalId, Span};

use super::drive::{self, Driver};
use super::{Ends, pins};
use crate::format::crossing::{Bus, Domain, Through};
use crate::format::{BusId, Vector};
use crate::run::bind::{Bound, Unusable};
use crate::run::judge::Signals;
use crate::run::link::Feed;
use crate::run::rig::{clock, prefixed};

/// The nets of a crossing, by pin; those that this one does not have are missing.
struct Nets(Vec<Option<NetId>>);

impl Nets {
    /// Adds the nets of a crossing.
    fn add(bench: &mut Bench, vector: &Vector, id: BusId, bus: &Bus) -> Nets {
        let pins = pins(&bus.through);
        let count = pins.iter().map(|(pin, _)| pin.index() + 1).max().unwrap_or(0);
        let mut nets = vec![None; count];
        for (pin, name) in pins {
            let wires = bus.through.wires(pin, bus.width.get());
            let name = prefixed(vector, id, '.', &name);
            let net = if wires > 1 { Net::group(name, wires) } else { Net::wire(name) };
            nets[pin.index()] = Some(bench.add_net(net));
        }
        Nets(nets)
    }

    fn at(&self, pin: SignalId) -> Option<Attach> {
        self.0[pin.index()].map(Attach::to)
    }

    fn all(&self) -> Vec<Option<Attach>> {
        self.0.iter().map(|net| net.map(Attach::to)).collect()
    }

    /// The pins of a sender or a receiver, of which those of the domain begin with `first`.
    fn domain(&self, first: SignalId) -> Vec<Option<Attach>> {
        use handshake::pin;
        let mut pins = vec![None; pin::COUNT];
        for (i, pin) in (0..).zip([pin::CLK, pin::VALID, pin::READY, pin::DATA]) {
            pins[pin.index()] = self.at(SignalId(first.0 + i));
        }
        pins
    }
}

/// The pins of the monitor, with their signals in the log.
pub(super) fn signals(vector: &Vector, id: BusId, bus: &Bus, log: &ChangeLog) -> Signals {
    let signal = |(pin, name): (SignalId, String)| Some((pin, log.find(&prefixed(vector, id, '.', &name))?));
    pins(&bus.through).into_iter().filter_map(signal).collect()
}

/// Puts clocks, the crossing and who uses it on the bench.
pub(super) fn ends<'a>(
    bound: &Bound<'a>,
    id: BusId,
    bus: &'a Bus,
    bench: &mut Bench,
) -> Result<Ends<'a>, Unusable> {
    let nets = &Nets::add(bench, bound.vector, id, bus);
    let site = Site { bound, id, bus };
    match bus.through {
        Through::Synchroniser { stages, flop } => {
            site.clock(bench, "clock", &bus.destination, nets.at(level_pin::CLK))?;
            site.add(bench, Synchroniser::new(flop, stages, 1), nets)?;
            let driver =
                bench.add_agent(&site.name(HOST), Driver::of_levels(), &[nets.at(level_pin::D), None]);
            Ok(Ends::Wire(site.feed(bench, driver)))
        }
        Through::PulseSynchroniser { stages, flop, .. } => {
            site.clocks(bench, nets, pulse_pin::SRC_CLK, pulse_pin::DST_CLK)?;
            site.add(bench, PulseSynchroniser::new(flop, stages), nets)?;
            let delay = site.delay(bus.source.as_ref())?;
            let mut own = [None; 2];
            own[drive::OUT.index()] = nets.at(pulse_pin::SRC);
            own[drive::CLK.index()] = nets.at(pulse_pin::SRC_CLK);
            let driver = bench.add_agent(&site.name(HOST), Driver::of_pulses(delay), &own);
            Ok(Ends::Wire(site.feed(bench, driver)))
        }
        Through::ReqAck(options) => {
            site.clocks(bench, nets, cdc::pin::SRC_CLK, cdc::pin::DST_CLK)?;
            site.add(bench, ReqAck::new(&options), nets)?;
            site.words(bench, nets)
        }
        Through::Fifo(options) => {
            site.clocks(bench, nets, cdc::pin::SRC_CLK, cdc::pin::DST_CLK)?;
            site.add(bench, Fifo::new(&options), nets)?;
            site.words(bench, nets)
        }
    }
}

/// A crossing of a vector.
struct Site<'s, 'a> {
    bound: &'s Bound<'a>,
    id: BusId,
    bus: &'a Bus,
}

impl<'a> Site<'_, 'a> {
    fn name(&self, name: &str) -> String {
        prefixed(self.bound.vector, self.id, '-', name)
    }

    fn refused(&self, error: &dyn std::fmt::Display) -> Unusable {
        Unusable::new(&self.bound.vector.buses[self.id.0].span, error.to_string())
    }

    fn clock(
        &self,
        bench: &mut Bench,
        name: &str,
        domain: &Domain,
        pin: Option<Attach>,
    ) -> Result<(), Unusable> {
        let oscillator = Oscillator::new(&clock(&domain.clock)).map_err(|error| self.refused(&error))?;
        bench.add_agent(&self.name(name), oscillator, &[pin]);
        Ok(())
    }

    fn clocks(
        &self,
        bench: &mut Bench,
        nets: &Nets,
        source: SignalId,
        destination: SignalId,
    ) -> Result<(), Unusable> {
        if let Some(domain) = &self.bus.source {
            self.clock(bench, "source-clock", domain, nets.at(source))?;
        }
        self.clock(bench, "destination-clock", &self.bus.destination, nets.at(destination))
    }

    fn add<A: Agent, E: std::fmt::Display>(
        &self,
        bench: &mut Bench,
        crossing: Result<A, E>,
        nets: &Nets,
    ) -> Result<(), Unusable> {
        let crossing = crossing.map_err(|error| self.refused(&error))?;
        bench.add_agent(&self.name("crossing"), crossing, &nets.all());
        Ok(())
    }

    fn feed<S: crate::run::link::Source>(&self, bench: &mut Bench, source: AgentId<S>) -> Feed<'a, S> {
        Feed::new(bench, &self.name(HOST), source, self.bus.time_out)
    }

    fn delay(&self, domain: Option<&Domain>) -> Result<Span, Unusable> {
        match domain.and_then(|domain| domain.delay.as_ref()) {
            Some(time) => self.bound.bus_time(self.id, None, &time.value, &time.span),
            None => Ok(DELAY),
        }
    }

    /// A sender in the one domain and a receiver in the other.
    fn words(&self, bench: &mut Bench, nets: &Nets) -> Result<Ends<'a>, Unusable> {
        let options = Options { width: self.bus.width, ..Options::of(Protocol::ValidReady) };
        let pattern = |domain: Option<&Domain>| domain.map_or(Pattern::Always, |domain| domain.pattern);
        let (source, destination) = (self.bus.source.as_ref(), Some(&self.bus.destination));
        let sender = SenderOptions {
            pattern: pattern(source),
            ..SenderOptions::new(options, Pace::after(self.delay(source)?))
        };
        let receiver = ReceiverOptions {
            pattern: pattern(destination),
            ..ReceiverOptions::new(options, Pace::after(self.delay(destination)?))
        };
        let sender = Sender::new(sender).map_err(|error| self.refused(&error))?;
        let sender = bench.add_agent(&self.name(HOST), sender, &nets.domain(cdc::pin::SRC_CLK));
        let receiver = Receiver::new(receiver).map_err(|error| self.refused(&error))?;
        let receiver = bench.add_agent(&self.name("receiver"), receiver, &nets.domain(cdc::pin::DST_CLK));
        Ok(Ends::Words(self.feed(bench, sender), receiver))
    }
}

/// From a clock to the outputs of who sits in its domain.
const DELAY: Span = Span::from_ps(200);

/// How many opportunities there are for one that is taken, with something to spare where that is left to chance.
pub(super) fn opportunities(pattern: Pattern) -> u64 {
    match pattern {
        Pattern::Always => 1,
        Pattern::Every(n) => n.into(),
        Pattern::Random(chances) => 4 * 256 / u64::from(chances.max(1)) + 4,
        Pattern::Bursts { open, shut } => {
            (u64::from(shut) + u64::from(open)).div_ceil(u64::from(open.max(1)))
        }
    }
}
