//! An SPI bus on the bench: nets, controller, peripherals, faults.

use std::collections::BTreeSet;

use busproof_core::bus::spi::{
    Controller, ControllerOptions, Device as Logic, Fault, FaultKind, Format, Mode, Op, Options,
    OutputTiming, Peripheral, PeripheralOptions, Wires, pin,
};
use busproof_core::net::{Attach, Net, NetId};
use busproof_core::sim::Bench;
use busproof_core::{Span, Time};
use busproof_parts::{DeviceOptions, Part};

use super::reply::Reply;
use crate::compact::spi::{Op as CompactOp, OpKind};
use crate::format::spi::{Bus, DataShift, Device, Flight, Wire};
use crate::format::{At, BusId, DeviceId, DeviceKind, Memory, Model, Ops, Step};
use crate::run::bind::{Bound, Unusable};
use crate::run::rig::{Plan, clock, content, prefixed};
use crate::time_expr::TimeExpr;

/// The nets of a bus, by pin; those of lines nobody uses are missing.
pub(super) struct Nets(Vec<Option<NetId>>);

impl Nets {
    /// The pins of the agent at one end: the beginning of the wires, or as far as signals travel in `flight`.
    pub(super) fn pins(&self, flight: Option<&Flight>) -> Vec<Option<Attach>> {
        let position = |pin: usize| match (flight, pin) {
            (None, _) => Span::ZERO,
            (Some(flight), 0) => flight.sck,
            (Some(flight), 1..=4) => flight.lanes[pin - 1],
            (Some(flight), _) => flight.cs,
        };
        self.0.iter().enumerate().map(|(pin, net)| net.map(|net| Attach::at(net, position(pin)))).collect()
    }

    fn wire(&self, wire: Wire) -> Option<NetId> {
        let pin = match wire {
            Wire::Sck => pin::SCK,
            Wire::Lane(i) => pin::lane(i),
            Wire::Cs => pin::CS0,
        };
        self.0.get(pin.index()).copied().flatten()
    }
}

/// Adds the nets of a bus: those that somebody uses.
pub(super) fn add_nets(bench: &mut Bench, bound: &Bound<'_>, id: BusId, bus: &Bus) -> Nets {
    let vector = bound.vector;
    let steps = || vector.steps.iter().filter(|step| step.bus == id);
    let own = devices(bound, id).map(|(_, device)| device.cs);
    let lines: BTreeSet<u8> = steps().map(|step| operations(step).0).chain(own).collect();
    let quad = bus.options.lanes.count == 4 || steps().any(uses_quad);
    let mut add =
        |name: &str, used: bool| used.then(|| bench.add_net(Net::wire(prefixed(vector, id, '.', name))));
    let mut nets = vec![
        add("sck", true),
        add("mosi", true),
        add("miso", bus.options.wires == Wires::Four),
        add("io2", quad),
        add("io3", quad),
    ];
    for cs in 0..pin::CS_LINES {
        let name = if lines.len() == 1 { "cs".to_owned() } else { format!("cs{cs}") };
        nets.push(add(&name, lines.contains(&cs)));
    }
    Nets(nets)
}

/// The SPI devices on a bus.
pub(super) fn devices<'a>(bound: &'a Bound<'_>, bus: BusId) -> impl Iterator<Item = (DeviceId, &'a Device)> {
    bound.devices_on(bus).filter_map(|(id, device)| match &device.kind {
        DeviceKind::Spi(device) => Some((id, device)),
        DeviceKind::I2c(_) | DeviceKind::Uart(_) => None,
    })
}

/// The chip select line and the operations of a step.
pub(super) fn operations(step: &Step) -> (u8, &[CompactOp]) {
    match &step.ops {
        Ops::Spi(cs, ops) => (*cs, ops),
        Ops::I2c(_) | Ops::Uart(_) | Ops::Link(_) => (0, &[]),
    }
}

/// The pins of a device: the bus, and of the chip select lines only its own.
pub(super) fn own_pins(nets: &Nets, bus: &Bus, cs: u8) -> Vec<Option<Attach>> {
    let mut pins = nets.pins(Some(&bus.flight));
    for (i, pin) in pins.iter_mut().enumerate().skip(pin::CS0.index()) {
        if i != pin::cs(cs).index() {
            *pin = None;
        }
    }
    pins
}

fn uses_quad(step: &Step) -> bool {
    operations(step).1.iter().any(|op| match &op.kind {
        OpKind::Write { lanes, .. } | OpKind::Read { lanes, .. } | OpKind::Ticks { lanes, .. } => {
            lanes.count == 4
        }
        _ => false,
    })
}

// Controllers.

pub(super) fn controller(bound: &Bound<'_>, id: BusId, bus: &Bus) -> Result<Controller, Unusable> {
    let time = |time: &Option<At<TimeExpr>>, default: Span| match time {
        Some(time) => bound.bus_time(id, None, &time.value, &time.span),
        None => Ok(default),
    };
    let mut agreed = bus.options.clone();
    if let Some(mode) = bus.fault.mode {
        agreed.mode = mode;
    }
    let defaults = ControllerOptions::new(agreed, bus.clock.hertz);
    let drive = &bus.drive;
    let output = time(&drive.output_delay, bound.host_output_delay(id))?;
    let options = ControllerOptions {
        clock: clock(&bus.clock),
        first_half: first_half(bound, id, bus, &defaults.bus)?,
        cs_setup: time(&drive.cs_setup, defaults.cs_setup)?,
        cs_hold: time(&drive.cs_hold, defaults.cs_hold)?,
        cs_inactive: time(&drive.cs_inactive, defaults.cs_inactive)?,
        word_gap: time(&drive.word_gap, defaults.word_gap)?,
        output_offset: offset(bound, id, bus, output)?,
        fill: bus.fill,
        faults: faults(bound, id, bus)?,
        ..defaults
    };
    Controller::new(options).map_err(|error| Unusable::new(&bound.vector.buses[id.0].span, error.to_string()))
}

/// The first half of a period is the high one, unless the clock idles high.
pub(super) fn first_half(
    bound: &Bound<'_>,
    id: BusId,
    bus: &Bus,
    agreed: &Options,
) -> Result<Option<Span>, Unusable> {
    let Some(high) = &bus.high else { return Ok(None) };
    let period = Span::period_of(bus.clock.hertz).unwrap_or_default();
    let span = bound.bus_time(id, None, &high.value, &high.span)?;
    if span.is_zero() || span >= period {
        let message =
            format!("a high time of {span} is no part of the period of {period}; choose one in between");
        return Err(Unusable::new(&high.span, message));
    }
    Ok(Some(if agreed.idles_high() { period.saturating_sub(span) } else { span }))
}

/// When data change, in femtoseconds after the shift edge.
fn offset(bound: &Bound<'_>, id: BusId, bus: &Bus, output: Span) -> Result<i64, Unusable> {
    let fs = |span: Span| i64::try_from(span.as_fs()).unwrap_or(i64::MAX);
    Ok(match &bus.fault.data {
        None => fs(output),
        Some(DataShift::Late(by)) => {
            fs(output).saturating_add(fs(bound.bus_time(id, None, &by.value, &by.span)?))
        }
        Some(DataShift::Early(by)) => {
            fs(output).saturating_sub(fs(bound.bus_time(id, None, &by.value, &by.span)?))
        }
    })
}

fn faults(bound: &Bound<'_>, id: BusId, bus: &Bus) -> Result<Vec<Fault>, Unusable> {
    let fault = &bus.fault;
    let mut all = Vec::new();
    if let Some(glitch) = &fault.glitch {
        let width = bound.bus_time(id, None, &glitch.width.value, &glitch.width.span)?;
        all.push((glitch.place, FaultKind::ClockGlitch { width }));
    }
    all.extend(fault.missing_clock.map(|place| (place, FaultKind::MissingClock)));
    all.extend(fault.extra_clock.map(|place| (place, FaultKind::ExtraClock)));
    all.extend(fault.drop_cs.map(|place| (place, FaultKind::DropSelect)));
    Ok(all
        .into_iter()
        .map(|(place, kind)| Fault { transfer: place.transfer, bit: place.clock, kind })
        .collect())
}

pub(super) fn hold_stuck_wires(bench: &mut Bench, bus: &Bus, nets: &Nets) {
    if let Some(stuck) = bus.fault.stuck
        && let Some(net) = nets.wire(stuck.wire)
    {
        let from = Time::ZERO.saturating_add(stuck.from);
        let to = stuck.to.map_or(Time::MAX, |to| Time::ZERO.saturating_add(to));
        bench.force(net, stuck.level, from, to);
    }
}

// Peripherals.

pub(super) fn peripheral(
    plan: Plan<'_>,
    bus: &Bus,
    id: DeviceId,
    device: &Device,
) -> Result<Peripheral, Unusable> {
    let bound = plan.bound;
    let mut agreed = bus.options.clone();
    let named = &bound.vector.devices[id.0];
    let mut logic = logic(bound, id, &named.model, &agreed, plan.seed)?;
    for memory in &named.load {
        load(&mut *logic, memory, plan.folder)?;
    }
    if let Some(part) = bound.part(id) {
        insist(part, &mut agreed);
    }
    if let Some(mode) = device.mode {
        agreed.mode = mode;
    }
    let output = output_timing(bound, id, device)?;
    let options = PeripheralOptions { bus: agreed, cs: device.cs, output, fault: device.fault };
    Ok(Peripheral::new(options, logic))
}

/// A part keeps to its own ways, whatever the controller believes: the mode of its own with the same idle level, or
/// else its first. One that works in every mode is made for any bus and follows its chip select, too.
fn insist(part: &Part, agreed: &mut Options) {
    let modes = part.spi_modes();
    if modes.len() == Mode::ALL.len() || agreed.format != Format::Motorola {
        return;
    }
    agreed.cs_active = part.spi_options().map_or(agreed.cs_active, |options| options.cs_active);
    if !modes.is_empty() && !modes.contains(&agreed.mode) {
        let alike = modes.iter().find(|mode| mode.idles_high() == agreed.mode.idles_high());
        agreed.mode = *alike.unwrap_or(&modes[0]);
    }
}

fn logic(
    bound: &Bound<'_>,
    id: DeviceId,
    model: &Model,
    agreed: &Options,
    seed: u64,
) -> Result<Box<dyn Logic>, Unusable> {
    match model {
        Model::Reply(words) => Ok(Box::new(Reply::new(words, agreed.word_bits.get(), agreed.bit_order))),
        Model::Part(name) => {
            let options = DeviceOptions { seed, ..DeviceOptions::default() };
            bound.part(id).and_then(|part| part.spi_device(&options)).ok_or_else(|| {
                let message =
                    format!("part `{}` has no simulated device; choose another, or use `reply`", name.value);
                Unusable::new(&name.span, message)
            })
        }
    }
}

/// Outputs as slow and as short-lived as the part allows, unless the vector says otherwise.
pub(super) fn output_timing(
    bound: &Bound<'_>,
    id: DeviceId,
    device: &Device,
) -> Result<OutputTiming, Unusable> {
    let time = |time: &Option<At<TimeExpr>>, name: &str| match time {
        Some(time) => bound.device_time(id, time),
        None => Ok(bound.value(id, name).unwrap_or_default()),
    };
    let valid = time(&device.output_delay, "tCLQV")?;
    let hold = time(&device.output_hold, "tCLQX")?.min(valid);
    Ok(OutputTiming { hold, valid, disable: time(&device.release_delay, "tSHQZ")? })
}

fn load(logic: &mut dyn Logic, memory: &Memory, folder: &std::path::Path) -> Result<(), Unusable> {
    let bytes = content(memory, folder)?;
    logic.load(memory.address, &bytes).map_err(|error| Unusable::new(&memory.span, error.to_string()))
}

// Work.

/// The operations of a step, as the controller takes them.
pub(super) fn work(bound: &Bound<'_>, step: &Step) -> Result<Vec<Op>, Unusable> {
    let mut selected = false;
    operations(step).1.iter().map(|op| operation(bound, step, op, &mut selected)).collect()
}

fn operation(bound: &Bound<'_>, step: &Step, op: &CompactOp, selected: &mut bool) -> Result<Op, Unusable> {
    Ok(match &op.kind {
        OpKind::Select => {
            *selected = true;
            Op::Select(operations(step).0)
        }
        OpKind::Deselect => {
            *selected = false;
            Op::Deselect
        }
        OpKind::Write { word, lanes, .. } => Op::Write(word.clone(), *lanes),
        OpKind::Read { bits, lanes, .. } => Op::Read(*bits, *lanes),
        OpKind::Ticks { clocks, lanes } if *selected => Op::Dummy(*clocks, *lanes),
        OpKind::Ticks { clocks, .. } => Op::Clocks(*clocks),
        OpKind::Wait(time) => Op::Delay(bound.bus_time(step.bus, step.device, time, &op.span)?),
    })
}
