//! A UART on the bench: lines, ends, faults.

use busproof_core::bus::uart::{
    BaudClock, Device, Enable, Fault, Fifo, FlowControl, Op, Options, Port, ReceiverOptions,
    TransmitterOptions, pin,
};
use busproof_core::mapping::HOST;
use busproof_core::net::{Attach, Net, NetId};
use busproof_core::sim::Bench;
use busproof_core::{Span, Time};
use busproof_parts::{DeviceOptions, Model as PartModel};

use super::reply::Told;
use crate::compact::uart::{Op as CompactOp, OpKind};
use crate::format::uart::{Bus, End, Flow, FlowBy, Side, Wires};
use crate::format::{At, BusId, DeviceId, Model, Ops, Step};
use crate::run::bind::{Bound, Unusable};
use crate::run::rig::{Plan, clock, content, prefixed};
use crate::time_expr::TimeExpr;

/// The nets of a bus, by the pin of the host; those that nobody uses are missing.
pub(super) struct Nets([Option<NetId>; pin::COUNT + 1]);

impl Nets {
    /// Adds the nets of a bus: those that somebody uses.
    pub(super) fn add(bench: &mut Bench, bound: &Bound<'_>, id: BusId, bus: &Bus) -> Nets {
        let mut add =
            |name, used: bool| used.then(|| bench.add_net(Net::wire(prefixed(bound.vector, id, '.', name))));
        let has_rts = |side: Side| bus.end(side).flow.as_ref().is_some_and(|flow| flow.by == FlowBy::Rts);
        let two = bus.wires == Wires::Two;
        Nets([
            add("tx", true),
            add("rx", two),
            add("rts", has_rts(Side::Host)),
            add("cts", has_rts(Side::Peer)),
            add("de", bus.options.rs485),
            add("peer_de", !two && bus.options.rs485),
        ])
    }

    /// The pins of the agent at one end: wired crosswise, but for a line that both share.
    pub(super) fn pins(&self, side: Side) -> [Option<Attach>; pin::COUNT] {
        let [tx, rx, rts, cts, de, peer_de] = self.0;
        let rx = rx.or(tx);
        let own = match side {
            Side::Host => [tx, rx, rts, cts, de],
            Side::Peer => [rx, tx, cts, rts, peer_de],
        };
        own.map(|net| net.map(Attach::to))
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

impl Bus {
    /// One of the ends.
    pub(super) fn end(&self, side: Side) -> &End {
        &self.ends[side as usize]
    }
}

/// What an agent is called.
pub(super) fn agent_name(bound: &Bound<'_>, id: BusId, side: Side) -> String {
    match side {
        Side::Host => prefixed(bound.vector, id, '-', HOST),
        Side::Peer => prefixed(bound.vector, id, '-', "peer"),
    }
}

/// The options of the bus with the receiver that is judged for: that of the vector, or else of the standard.
pub(super) fn options(bound: &Bound<'_>, id: BusId, bus: &Bus) -> Options {
    let standard = || bound.standard(id)?.uart_options().map(|options| options.sampling);
    let sampling = bus.sampling.or_else(standard).unwrap_or_default();
    Options { sampling, ..bus.options.clone() }
}

/// The transmitter and the receiver of one end.
pub(super) fn port(
    bound: &Bound<'_>,
    id: BusId,
    bus: &Bus,
    options: &Options,
    side: Side,
) -> Result<Port, Unusable> {
    let end = bus.end(side);
    let agreed = Options {
        baud: end.baud,
        sampling: end.sampling.unwrap_or(options.sampling),
        // Whoever shares a line lets go of it.
        rs485: options.rs485 || bus.wires == Wires::One,
        ..if side == Side::Host { options.clone() } else { options.crossed() }
    };
    let transmitter = transmitter(bound, id, end, agreed.clone())?;
    let receiver = receiver(bound, id, end, agreed)?;
    Port::new(transmitter, receiver).map_err(|error| Unusable::new(&end.span, error.to_string()))
}

/// A time of the bus, or what stands in for it.
fn time(bound: &Bound<'_>, id: BusId, time: Option<&At<TimeExpr>>, default: Span) -> Result<Span, Unusable> {
    time.map_or(Ok(default), |time| bound.bus_time(id, None, &time.value, &time.span))
}

fn baud_clock(end: &End) -> BaudClock {
    BaudClock { clock: clock(&end.clock), divider: end.divider }
}

fn transmitter(
    bound: &Bound<'_>,
    id: BusId,
    end: &End,
    agreed: Options,
) -> Result<TransmitterOptions, Unusable> {
    let defaults = TransmitterOptions::new(agreed);
    let fault = |&(frame, kind)| Fault { frame, kind };
    Ok(TransmitterOptions {
        clock: baud_clock(end),
        gap: time(bound, id, end.gap.as_ref(), Span::ZERO)?,
        cts_latency: time(bound, id, end.cts_latency.as_ref(), Span::ZERO)?,
        enable: Enable {
            setup: time(bound, id, end.enable_setup.as_ref(), defaults.enable.setup)?,
            hold: time(bound, id, end.enable_hold.as_ref(), defaults.enable.hold)?,
        },
        faults: end.faults.iter().map(fault).collect(),
        ..defaults
    })
}

fn receiver(bound: &Bound<'_>, id: BusId, end: &End, agreed: Options) -> Result<ReceiverOptions, Unusable> {
    let flow = match &end.flow {
        None => FlowControl::None,
        Some(Flow { by: FlowBy::XonXoff, stop_at, go_at, .. }) => {
            FlowControl::XonXoff { stop_at: *stop_at, go_at: *go_at }
        }
        Some(Flow { by: FlowBy::Rts, stop_at, go_at, latency }) => FlowControl::Rts {
            stop_at: *stop_at,
            go_at: *go_at,
            latency: time(bound, id, latency.as_ref(), Span::ZERO)?,
        },
    };
    Ok(ReceiverOptions {
        clock: baud_clock(end),
        fifo: Fifo { depth: end.depth, read: end.read },
        flow,
        auto_baud: end.auto_baud,
        ..ReceiverOptions::new(agreed)
    })
}

// Devices.

/// What a device does, with its memory as it is when the run begins.
pub(super) fn device(plan: Plan<'_>, id: DeviceId, bus: &Bus) -> Result<Box<dyn Device>, Unusable> {
    let named = &plan.bound.vector.devices[id.0];
    if bus.wires == Wires::One {
        let message = "a device would hear itself on the one wire; leave `wires = 1` out";
        return Err(Unusable::new(&named.span, message));
    }
    let mut logic = logic(plan, id, bus)?;
    for memory in &named.load {
        let loaded = logic.load(memory.address, &content(memory, plan.folder)?);
        loaded.map_err(|error| Unusable::new(&memory.span, error.to_string()))?;
    }
    Ok(logic)
}

fn logic(plan: Plan<'_>, id: DeviceId, bus: &Bus) -> Result<Box<dyn Device>, Unusable> {
    let name = match &plan.bound.vector.devices[id.0].model {
        Model::Reply(words) => return Ok(Box::new(Told::new(words))),
        Model::Part(name) => name,
    };
    let part = plan.bound.part(id);
    if part.is_some_and(|part| part.model() == Some(PartModel::UartRegisters))
        && bus.options.data_bits.get() != 8
    {
        let message = format!("part `{}` has bytes; set `data_bits = 8` of the bus", name.value);
        return Err(Unusable::new(&name.span, message));
    }
    let options = DeviceOptions { seed: plan.seed, ..DeviceOptions::default() };
    part.and_then(|part| part.uart_device(&options)).ok_or_else(|| {
        let message =
            format!("part `{}` has no simulated device on uart; choose another, or use `reply`", name.value);
        Unusable::new(&name.span, message)
    })
}

// Work.

/// The operations of a step, as they are written.
pub(super) fn operations(step: &Step) -> &[CompactOp] {
    match &step.ops {
        Ops::Uart(ops) => ops,
        Ops::Spi(..) | Ops::I2c(_) | Ops::Link(_) => &[],
    }
}

/// The operation as the transmitter takes it; `None` for a read, which is not for it. `bit` is the length of a bit.
pub(super) fn work(
    bound: &Bound<'_>,
    step: &Step,
    op: &CompactOp,
    bit: Span,
) -> Result<Option<Op>, Unusable> {
    Ok(Some(match &op.kind {
        OpKind::Read { .. } => return Ok(None),
        OpKind::Send(data) => Op::Send(*data),
        OpKind::Break(bits) => Op::Break(*bits),
        OpKind::LinHeader(id) => Op::LinHeader(*id),
        OpKind::Idle(bits) => Op::Idle(Span::from_fs(bit.as_fs().saturating_mul(u64::from(*bits)))),
        OpKind::Wait(time) => Op::Idle(bound.bus_time(step.bus, step.device, time, &op.span)?),
    }))
}
