//! An I2C bus on the bench: wires, controllers, targets, faults.

use busproof_core::bus::i2c::{
    Controller, ControllerOptions, Device as Logic, Fault, FaultKind, Op, Speed, Stretch, Target,
    TargetFault, TargetFaultKind, TargetOptions, Timing,
};
use busproof_core::net::{Attach, Net, NetId};
use busproof_core::sim::Bench;
use busproof_core::{Level, Span, Time};
use busproof_parts::{DeviceError, DeviceOptions};

use super::reply::Told;
use crate::compact::i2c::OpKind;
use crate::format::i2c::{self, Bus, Byte, Device, Drive, Wire};
use crate::format::{At, BusId, DeviceId, DeviceKind, Glitch, Model, Ops, Place, Step};
use crate::run::bind::{Bound, Unusable};
use crate::run::rig::{Plan, clock, content, prefixed};
use crate::suggest;
use crate::time_expr::TimeExpr;

/// The two wires.
#[derive(Clone, Copy)]
pub(super) struct Nets {
    scl: NetId,
    sda: NetId,
}

impl Nets {
    pub(super) fn pins(self) -> Vec<Option<Attach>> {
        vec![Some(Attach::to(self.scl)), Some(Attach::to(self.sda))]
    }
}

/// Adds the wires: with resistors, but for Ultra-fast mode, which is driven both ways.
pub(super) fn add_nets(bench: &mut Bench, bound: &Bound<'_>, id: BusId, bus: &Bus) -> Nets {
    let mut add = |name| {
        let name = prefixed(bound.vector, id, '.', name);
        bench.add_net(match bus.speed {
            Speed::UltraFast => Net::wire(name).pulled(Level::High),
            _ => Net::open_drain(name, bus.electrical.rc()),
        })
    };
    Nets { scl: add("scl"), sda: add("sda") }
}

pub(super) fn hold_stuck_wires(bench: &mut Bench, bus: &Bus, nets: Nets) {
    for stuck in &bus.wires {
        let net = match stuck.wire {
            Wire::Scl => nets.scl,
            Wire::Sda => nets.sda,
        };
        let from = Time::ZERO.saturating_add(stuck.from);
        let to = stuck.to.map_or(Time::MAX, |to| Time::ZERO.saturating_add(to));
        bench.force(net, stuck.level, from, to);
    }
}

// Controllers.

/// A time of a bus or of one of its devices.
struct Times<'a> {
    bound: &'a Bound<'a>,
    bus: BusId,
    device: Option<DeviceId>,
}

impl Times<'_> {
    fn of(&self, time: &At<TimeExpr>) -> Result<Span, Unusable> {
        self.bound.bus_time(self.bus, self.device, &time.value, &time.span)
    }

    fn or(&self, time: Option<&At<TimeExpr>>, default: Span) -> Result<Span, Unusable> {
        time.map_or(Ok(default), |time| self.of(time))
    }
}

pub(super) fn controller(
    bound: &Bound<'_>,
    id: BusId,
    bus: &Bus,
    own: &i2c::Controller,
) -> Result<Controller, Unusable> {
    let times = Times { bound, bus: id, device: None };
    let ControllerOptions { timing, bus_free, retries, .. } = defaults(bus, own);
    let options = ControllerOptions {
        clock: clock(&own.clock),
        timing: driven(&times, &own.drive, timing)?,
        bus_free: times.or(own.drive.bus_free.as_ref(), bus_free)?,
        time_out: own.time_out,
        on_nack: own.on_nack,
        retries: own.retries.unwrap_or(retries),
        faults: own.faults.iter().map(|fault| wrong(&times, fault)).collect::<Result<_, _>>()?,
        ..defaults(bus, own)
    };
    Controller::new(options).map_err(|error| Unusable::new(&own.span, error.to_string()))
}

/// A controller that reaches its frequency on these wires, if the speed class allows it.
fn defaults(bus: &Bus, own: &i2c::Controller) -> ControllerOptions {
    let options = ControllerOptions::new(bus.options.clone(), own.clock.hertz);
    if bus.speed == Speed::UltraFast { options } else { options.fitted(bus.electrical.rc()) }
}

fn driven(times: &Times<'_>, drive: &Drive, default: Timing) -> Result<Timing, Unusable> {
    Ok(Timing {
        low: times.or(drive.low.as_ref(), default.low)?,
        high: times.or(drive.high.as_ref(), default.high)?,
        start_hold: times.or(drive.start_hold.as_ref(), default.start_hold)?,
        start_setup: times.or(drive.start_setup.as_ref(), default.start_setup)?,
        stop_setup: times.or(drive.stop_setup.as_ref(), default.stop_setup)?,
        data_hold: times.or(drive.data_hold.as_ref(), default.data_hold)?,
        data_setup: times.or(drive.data_setup.as_ref(), default.data_setup)?,
    })
}

fn wrong(times: &Times<'_>, fault: &i2c::Fault) -> Result<Fault, Unusable> {
    let pulse = |glitch: &Glitch| Ok((glitch.place, times.of(&glitch.width)?));
    let (Place { transfer, clock }, kind) = match fault {
        i2c::Fault::ClockGlitch(glitch) => {
            let (place, width) = pulse(glitch)?;
            (place, FaultKind::ClockGlitch { width })
        }
        i2c::Fault::DataGlitch(glitch) => {
            let (place, width) = pulse(glitch)?;
            (place, FaultKind::DataGlitch { width })
        }
        i2c::Fault::DataWhileHigh(place) => (*place, FaultKind::DataWhileHigh),
        i2c::Fault::Start(place) => (*place, FaultKind::Start),
        i2c::Fault::Stop(place) => (*place, FaultKind::Stop),
        i2c::Fault::EarlySample(place) => (*place, FaultKind::EarlySample),
    };
    Ok(Fault { transfer, clock, kind })
}

// Targets.

/// The I2C devices on a bus.
pub(super) fn devices<'a>(bound: &'a Bound<'_>, bus: BusId) -> impl Iterator<Item = (DeviceId, &'a Device)> {
    bound.devices_on(bus).filter_map(|(id, device)| match &device.kind {
        DeviceKind::I2c(device) => Some((id, device)),
        DeviceKind::Spi(_) => None,
    })
}

/// A target, and the nets of the pins that it has beyond those of the bus.
pub(super) fn target(
    plan: Plan<'_>,
    bus_id: BusId,
    bus: &Bus,
    id: DeviceId,
    device: &Device,
) -> Result<(Target, Vec<Net>), Unusable> {
    let times = Times { bound: plan.bound, bus: bus_id, device: Some(id) };
    let mut logic = logic(plan, id, device)?;
    for memory in &plan.bound.vector.devices[id.0].load {
        let bytes = content(memory, plan.folder)?;
        let loaded = logic.load(memory.address, &bytes);
        loaded.map_err(|error| Unusable::new(&memory.span, error.to_string()))?;
    }
    let defaults = TargetOptions::new(bus.options.clone());
    let stretch = |stretch: &i2c::Stretch| {
        let Place { transfer, clock } = stretch.place;
        Ok(Stretch { transfer, clock, hold: times.of(&stretch.hold)? })
    };
    let options = TargetOptions {
        output: times.or(device.output_delay.as_ref(), defaults.output)?,
        stretches: device.stretch.iter().map(stretch).collect::<Result<_, _>>()?,
        faults: target_faults(device),
        ..defaults
    };
    let pins = own_pins(plan.bound, id, device, logic.pins())?;
    Ok((Target::new(options, logic), pins))
}

/// The nets of a device's own pins, `gpio.p0`, pulled to the levels that the vector says.
fn own_pins(bound: &Bound<'_>, id: DeviceId, device: &Device, names: &[&str]) -> Result<Vec<Net>, Unusable> {
    let unknown = device.pins.iter().find(|(pin, _)| !names.contains(&pin.value.as_str()));
    if let Some((pin, _)) = unknown {
        let hint = suggest::hint(&pin.value, names.iter().copied());
        return Err(Unusable::new(&pin.span, format!("the device has no pin `{}`{hint}", pin.value)));
    }
    let name = &bound.vector.devices[id.0].name;
    let net = |pin: &&str| {
        let net = Net::wire(format!("{name}.{pin}"));
        match device.pins.iter().find(|(tied, _)| tied.value == *pin) {
            Some((_, level)) => net.pulled(*level),
            None => net,
        }
    };
    Ok(names.iter().map(net).collect())
}

fn target_faults(device: &Device) -> Vec<TargetFault> {
    let fault = |kind| move |&Byte { transfer, byte }: &Byte| TargetFault { transfer, byte, kind };
    let nacks = device.nacks.iter().map(fault(TargetFaultKind::Nack));
    nacks.chain(device.lost_acks.iter().map(fault(TargetFaultKind::MissingAck))).collect()
}

fn logic(plan: Plan<'_>, id: DeviceId, device: &Device) -> Result<Box<dyn Logic>, Unusable> {
    let named = &plan.bound.vector.devices[id.0];
    match &named.model {
        Model::Reply(words) => {
            let message = "a reply answers to an address; write `address = 0x50`";
            let address = device.address.as_ref().ok_or_else(|| Unusable::new(&named.span, message))?;
            Ok(Box::new(Told::new(address.value, words)))
        }
        Model::Part(name) => {
            let address = device.address.as_ref().map(|address| address.value);
            let options = DeviceOptions { seed: plan.seed, address, ..DeviceOptions::default() };
            let place = device.address.as_ref().map_or(&name.span, |address| &address.span);
            let missing = || DeviceError::NotSimulated { part: name.value.clone() };
            let logic = plan.bound.part(id).ok_or_else(missing).and_then(|part| part.i2c_device(&options));
            logic.map_err(|error| Unusable::new(place, error.to_string()))
        }
    }
}

// Work.

/// The operations of a step, as they are written.
pub(super) fn operations(step: &Step) -> &[crate::compact::i2c::Op] {
    match &step.ops {
        Ops::I2c(ops) => ops,
        Ops::Spi(..) => &[],
    }
}

/// The operations of a step, as the controller takes them.
pub(super) fn work(bound: &Bound<'_>, step: &Step) -> Result<Vec<Op>, Unusable> {
    let times = Times { bound, bus: step.bus, device: step.device };
    operations(step).iter().map(|op| operation(&times, op)).collect()
}

fn operation(times: &Times<'_>, op: &crate::compact::i2c::Op) -> Result<Op, Unusable> {
    Ok(match &op.kind {
        OpKind::Start => Op::Start,
        OpKind::Stop => Op::Stop,
        OpKind::Call { call, .. } => Op::Call(*call),
        OpKind::StartByte { .. } => Op::StartByte,
        OpKind::MasterCode { code, .. } => Op::MasterCode(*code),
        OpKind::Write { byte, .. } => Op::Write(*byte),
        OpKind::Read { answer, .. } => Op::Read(*answer),
        OpKind::Clocks(n) => Op::Clocks(*n),
        OpKind::BusClear => Op::BusClear,
        OpKind::Wait(time) => Op::Delay(times.of(&At { value: time.clone(), span: op.span.clone() })?),
    })
}
