//! A handshake on the bench: wires, ends, faults.

use busproof_core::bus::handshake::{self, Fault, INFO, ReceiverFault, ReceiverOptions, SenderOptions, pin};
use busproof_core::net::{Attach, Net, NetId};
use busproof_core::sim::Bench;
use busproof_core::{Span, Time};

use crate::format::handshake::{Bus, Pace, pins};
use crate::format::{At, BusId, Vector};
use crate::run::bind::{Bound, Unusable};
use crate::run::rig::{clock, prefixed};
use crate::time_expr::TimeExpr;

/// The nets of a bus, by pin; those that its protocol does not have are missing.
pub(super) struct Nets(Vec<Option<NetId>>);

impl Nets {
    /// Adds the nets of a bus.
    pub(super) fn add(bench: &mut Bench, vector: &Vector, id: BusId, bus: &Bus) -> Nets {
        let mut nets = vec![None; pin::COUNT];
        for pin in pins(&bus.options, bus.wires) {
            let role = &INFO.roles[pin.index()];
            let name = prefixed(vector, id, '.', role.name);
            let net =
                if role.wires > 1 { Net::group(name, bus.options.width.get()) } else { Net::wire(name) };
            nets[pin.index()] = Some(bench.add_net(net));
        }
        Nets(nets)
    }

    /// The pins of an agent.
    pub(super) fn pins(&self) -> Vec<Option<Attach>> {
        self.0.iter().map(|net| net.map(Attach::to)).collect()
    }

    /// Holds the wires that are stuck.
    pub(super) fn hold(&self, bench: &mut Bench, bus: &Bus) {
        for stuck in &bus.stuck {
            if let Some(net) = self.0[stuck.pin.index()] {
                let from = Time::ZERO.saturating_add(stuck.from);
                let to = stuck.to.map_or(Time::MAX, |to| Time::ZERO.saturating_add(to));
                bench.force(net, stuck.level, from, to);
            }
        }
    }
}

/// What an end needs for anything unless the vector says otherwise.
const DELAY: Span = Span::from_ns(1);

fn time(bound: &Bound<'_>, id: BusId, time: Option<&At<TimeExpr>>, default: Span) -> Result<Span, Unusable> {
    time.map_or(Ok(default), |time| bound.bus_time(id, None, &time.value, &time.span))
}

fn pace(bound: &Bound<'_>, id: BusId, pace: &Pace) -> Result<handshake::Pace, Unusable> {
    match pace {
        Pace::Delays(least, most) => {
            let least = time(bound, id, least.as_ref(), DELAY)?;
            Ok(handshake::Pace::Delays { least, most: time(bound, id, most.as_ref(), least)? })
        }
        Pace::Clocked { clock: own, stages, flop } => {
            Ok(handshake::Pace::Clocked { clock: clock(own), stages: *stages, flop: *flop })
        }
    }
}

/// The sender as the vector has it.
pub(super) fn sender(bound: &Bound<'_>, id: BusId, bus: &Bus) -> Result<SenderOptions, Unusable> {
    let sender = &bus.sender;
    let defaults = SenderOptions::new(bus.options, pace(bound, id, &sender.pace)?);
    Ok(SenderOptions {
        setup: time(bound, id, sender.setup.as_ref(), defaults.setup)?,
        pattern: sender.pattern,
        waits_for_ready: sender.waits_for_ready,
        faults: sender.faults.iter().map(|&(beat, kind)| Fault { beat, kind }).collect(),
        ..defaults
    })
}

/// The receiver as the vector has it.
pub(super) fn receiver(bound: &Bound<'_>, id: BusId, bus: &Bus) -> Result<ReceiverOptions, Unusable> {
    let receiver = &bus.receiver;
    Ok(ReceiverOptions {
        pattern: receiver.pattern,
        waits_for_valid: receiver.waits_for_valid,
        faults: receiver.faults.iter().map(|&(beat, kind)| ReceiverFault { beat, kind }).collect(),
        ..ReceiverOptions::new(bus.options, pace(bound, id, &receiver.pace)?)
    })
}
