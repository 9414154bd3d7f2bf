//! An I2C bus on the bench: wires, controllers, targets, faults.

use busproof_core::bus::i2c::{
    Controller, ControllerOptions, Device as Logic, Fault, FaultKind, Op, Speed, Stretch, Target,
    TargetFault, TargetFaultKind, TargetOptions, Timing,
};
use busproof_core::net::{Attach, Net, NetId};
use busproof_core::sim::{AgentId, Bench};
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

/// The two wires of a bus, or of a channel behind a bus switch.
#[derive(Clone, Copy)]
pub(super) struct Nets {
    scl: NetId,
    sda: NetId,
}

/// The current source of SCL in High-speed mode, in ampere: 3 mA to 12 mA (UM10204 table 11).
const SOURCE: f64 = 6e-3;

impl Nets {
    /// Adds the wires: with resistors, but for Ultra-fast mode, which is driven both ways.
    fn add(bench: &mut Bench, bus: &Bus, prefix: impl Fn(&str) -> String) -> Nets {
        let mut add = |name| {
            let open_drain = Net::open_drain(prefix(name), bus.electrical.rc());
            let open_drain =
                if bus.electrical.controls_slope { open_drain.with_controlled_slope() } else { open_drain };
            bench.add_net(match bus.speed {
                Speed::UltraFast => Net::wire(prefix(name)).pulled(Level::High),
                Speed::High if name == "scl" => open_drain.with_current_source(SOURCE, bus.electrical.vdd),
                _ => open_drain,
            })
        };
        Nets { scl: add("scl"), sda: add("sda") }
    }

    /// Both, with their names.
    pub(super) fn named(self) -> [(&'static str, NetId); 2] {
        [("scl", self.scl), ("sda", self.sda)]
    }

    pub(super) fn pins(self) -> Vec<Option<Attach>> {
        vec![Some(Attach::to(self.scl)), Some(Attach::to(self.sda))]
    }
}

/// Adds the wires of the bus itself.
pub(super) fn add_nets(bench: &mut Bench, bound: &Bound<'_>, id: BusId, bus: &Bus) -> Nets {
    Nets::add(bench, bus, |name| prefixed(bound.vector, id, '.', name))
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
    let ControllerOptions { timing, high_speed, bus_free, retries, .. } = defaults(bus, own);
    let options = ControllerOptions {
        clock: clock(&own.clock),
        timing: driven(&times, &own.drive, timing)?,
        high_speed: driven(&times, &own.high_speed, high_speed)?,
        bus_free: times.or(own.bus_free.as_ref(), bus_free)?,
        time_out: own.time_out,
        on_nack: own.on_nack,
        retries: own.retries.unwrap_or(retries),
        faults: own.faults.iter().map(|fault| wrong(&times, fault)).collect::<Result<_, _>>()?,
        ..defaults(bus, own)
    };
    if let Some(why) = too_fast(bus, &options) {
        return Err(Unusable::new(&own.span, why));
    }
    Controller::new(options).map_err(|error| Unusable::new(&own.span, error.to_string()))
}

/// Why a clock is none of its speed class: it is faster, and the minima of the class slow it down. A clock that is slow for
/// its wires alone is what the rules about edges are for.
fn too_fast(bus: &Bus, options: &ControllerOptions) -> Option<String> {
    let (asked, highest) = (options.clock.hertz, bus.speed.highest_hertz());
    let reached = 1e15 / options.period(bus.electrical.rc()).as_fs() as f64;
    if asked <= highest || reached >= 0.999 * asked as f64 {
        return None;
    }
    let [asked, highest, reached] = [asked as f64, highest as f64, reached].map(frequency);
    let name = bus.speed.name();
    Some(format!(
        "speed `{name}` ends at {highest}, so a clock of {asked} would come out as {reached}; choose a faster `speed`, or \
         give `low` and `high` to break the limit"
    ))
}

/// A frequency in hertz, to three digits.
fn frequency(hertz: f64) -> String {
    let (value, unit) = if hertz >= 1e6 { (hertz / 1e6, "MHz") } else { (hertz / 1e3, "kHz") };
    let places = if value >= 99.95 { 0 } else { 1 };
    let text = format!("{value:.places$}");
    format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text))
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
        DeviceKind::Spi(_) | DeviceKind::Uart(_) => None,
    })
}

/// The targets of a bus while they are put on the bench, those behind a switch after the switch.
pub(super) struct Targets<'b, 'a> {
    pub(super) plan: Plan<'a>,
    pub(super) bus_id: BusId,
    pub(super) bus: &'a Bus,
    pub(super) nets: Nets,
    pub(super) bench: &'b mut Bench,
    placed: Vec<Placed>,
    /// The wires of channels, by the switch and the channel.
    channels: Vec<((DeviceId, u8), Nets)>,
}

/// A target on the bench, and the nets of the pins that it has beyond those of the bus.
struct Placed {
    id: DeviceId,
    agent: AgentId<Target>,
    own: Vec<(&'static str, NetId)>,
}

impl<'b, 'a> Targets<'b, 'a> {
    pub(super) fn new(plan: Plan<'a>, bus_id: BusId, bus: &'a Bus, nets: Nets, bench: &'b mut Bench) -> Self {
        Targets { plan, bus_id, bus, nets, bench, placed: Vec::new(), channels: Vec::new() }
    }

    /// Puts all of them on the bench.
    pub(super) fn place(mut self) -> Result<Vec<(DeviceId, AgentId<Target>)>, Unusable> {
        let mut left: Vec<(DeviceId, &Device)> = devices(self.plan.bound, self.bus_id).collect();
        while !left.is_empty() {
            let (ready, waiting): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|(_, device)| self.is_ready(device));
            if let ([], [(_, Device { behind: Some(behind), .. }), ..]) =
                (ready.as_slice(), waiting.as_slice())
            {
                let message = "there is no such switch on this bus; name a device that has channels";
                return Err(Unusable::new(&behind.span, message));
            }
            for (id, device) in ready {
                self.put(id, device)?;
            }
            left = waiting;
        }
        Ok(self.placed.iter().map(|placed| (placed.id, placed.agent)).collect())
    }

    fn is_ready(&self, device: &Device) -> bool {
        device
            .behind
            .as_ref()
            .is_none_or(|behind| self.placed.iter().any(|placed| placed.id == behind.device))
    }

    fn put(&mut self, id: DeviceId, device: &Device) -> Result<(), Unusable> {
        let logic = logic(self.plan, id, device)?;
        let names = logic.pins();
        let name = &self.plan.bound.vector.devices[id.0].name;
        let own = own_pins(name, device, names)?;
        let target = target(self.plan, self.bus_id, self.bus, id, device, logic)?;
        let mut pins = self.wires(device)?.pins();
        let own: Vec<NetId> = own.into_iter().map(|net| self.bench.add_net(net)).collect();
        pins.extend(own.iter().map(|net| Some(Attach::to(*net))));
        let agent = self.bench.add_agent(name, target, &pins);
        self.placed.push(Placed { id, agent, own: names.iter().copied().zip(own).collect() });
        Ok(())
    }

    /// The wires that a device is on.
    fn wires(&mut self, device: &Device) -> Result<Nets, Unusable> {
        let Some(behind) = &device.behind else { return Ok(self.nets) };
        let channel = (behind.device, behind.channel);
        if let Some((_, nets)) = self.channels.iter().find(|(known, _)| *known == channel) {
            return Ok(*nets);
        }
        let pin = format!("ch{}", behind.channel);
        let switch = self.placed.iter().find(|placed| placed.id == behind.device);
        let control = switch.and_then(|switch| switch.own.iter().find(|(name, _)| *name == pin));
        let Some((_, control)) = control else {
            let name = &self.plan.bound.vector.devices[behind.device.0].name;
            let message = format!(
                "`{name}` has no channel {}; name a bus switch and one of its channels",
                behind.channel
            );
            return Err(Unusable::new(&behind.span, message));
        };
        let (control, upstream) = (*control, self.upstream(behind.device));
        let name = &self.plan.bound.vector.devices[behind.device.0].name;
        let nets = Nets::add(self.bench, self.bus, |wire| format!("{name}.{pin}.{wire}"));
        self.bench.add_switch(control, [upstream.scl, nets.scl]);
        self.bench.add_switch(control, [upstream.sda, nets.sda]);
        self.channels.push((channel, nets));
        Ok(nets)
    }

    /// The wires that a switch is on.
    fn upstream(&self, switch: DeviceId) -> Nets {
        let behind = match &self.plan.bound.vector.devices[switch.0].kind {
            DeviceKind::I2c(device) => device.behind.as_ref(),
            DeviceKind::Spi(_) | DeviceKind::Uart(_) => None,
        };
        let channel = behind.map(|behind| (behind.device, behind.channel));
        let known = self.channels.iter().find(|(known, _)| Some(*known) == channel);
        known.map_or(self.nets, |(_, nets)| *nets)
    }
}

fn target(
    plan: Plan<'_>,
    bus_id: BusId,
    bus: &Bus,
    id: DeviceId,
    device: &Device,
    mut logic: Box<dyn Logic>,
) -> Result<Target, Unusable> {
    let times = Times { bound: plan.bound, bus: bus_id, device: Some(id) };
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
    Ok(Target::new(options, logic))
}

/// The nets of a device's own pins, `gpio.p0`, pulled to the levels that the vector says.
fn own_pins(name: &str, device: &Device, names: &[&str]) -> Result<Vec<Net>, Unusable> {
    let unknown = device.pins.iter().find(|(pin, _)| !names.contains(&pin.value.as_str()));
    if let Some((pin, _)) = unknown {
        let hint = suggest::hint(&pin.value, names.iter().copied());
        return Err(Unusable::new(&pin.span, format!("the device has no pin `{}`{hint}", pin.value)));
    }
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
            let options = DeviceOptions {
                seed: plan.seed,
                address,
                ambient: device.ambient,
                ..DeviceOptions::default()
            };
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
        Ops::Spi(..) | Ops::Uart(_) | Ops::Link(_) => &[],
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
