//! The bench of a vector: nets, controllers, peripherals, faults.

use std::collections::BTreeSet;
use std::path::Path;

use busproof_core::bus::spi::{
    Controller, ControllerOptions, Device as Logic, Fault, FaultKind, Format, Mode, Op, Options,
    OutputTiming, Peripheral, PeripheralOptions, Wires, pin,
};
use busproof_core::mapping::HOST;
use busproof_core::net::{Attach, Net, NetId};
use busproof_core::sim::{AgentId, Bench, ClockSpec, Jitter as CoreJitter};
use busproof_core::{ChangeLog, Span, Time};
use busproof_parts::{DeviceOptions, Part};

use super::bind::{Bound, Unusable};
use super::reply::Reply;
use crate::compact::spi::{Op as CompactOp, OpKind};
use crate::format::{
    Bus, BusId, Content, DataShift, Device, DeviceId, Flight, Jitter, Memory, Model, Step, Vector, Wire,
};
use crate::time_expr::TimeExpr;

/// A bench, and where everything is on it.
pub(super) struct Rig {
    pub(super) bench: Bench,
    pub(super) controllers: Vec<AgentId<Controller>>,
    pub(super) peripherals: Vec<AgentId<Peripheral>>,
    pub(super) log: ChangeLog,
}

/// The nets of a bus, by pin; those of lines nobody uses are missing.
struct Nets(Vec<Option<NetId>>);

impl Nets {
    /// The pins of the agent at one end: the beginning of the wires, or as far as signals travel in `flight`.
    fn pins(&self, flight: Option<&Flight>) -> Vec<Option<Attach>> {
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

impl Rig {
    /// Builds the bench; files of memory contents are relative to `folder`.
    pub(super) fn new(bound: &Bound<'_>, seed: u64, folder: &Path) -> Result<Rig, Unusable> {
        let vector = bound.vector;
        let mut bench = Bench::new(seed);
        let nets: Vec<Nets> =
            (0..vector.buses.len()).map(|i| add_nets(&mut bench, bound, BusId(i))).collect();
        let mut controllers = Vec::new();
        for (i, bus) in vector.buses.iter().enumerate() {
            let controller = controller(bound, BusId(i), bus)?;
            controllers.push(bench.add_agent(&host_name(vector, bus), controller, &nets[i].pins(None)));
        }
        let mut peripherals = Vec::new();
        for (i, device) in vector.devices.iter().enumerate() {
            let bus = &vector.buses[device.bus.0];
            let peripheral = peripheral(bound, DeviceId(i), device, seed, folder)?;
            let pins = own_pins(&nets[device.bus.0], bus, device.cs);
            peripherals.push(bench.add_agent(&device.name, peripheral, &pins));
        }
        for (bus, nets) in vector.buses.iter().zip(&nets) {
            hold_stuck_wires(&mut bench, bus, nets);
        }
        let log = bench.new_log();
        Ok(Rig { bench, controllers, peripherals, log })
    }
}

/// The name of a bus's controller, which the signals at its end of the wires carry.
fn host_name(vector: &Vector, bus: &Bus) -> String {
    if vector.buses.len() == 1 { HOST.to_owned() } else { format!("{}-{HOST}", bus.name) }
}

/// The pins of a device: the bus, and of the chip select lines only its own.
fn own_pins(nets: &Nets, bus: &Bus, cs: u8) -> Vec<Option<Attach>> {
    let mut pins = nets.pins(Some(&bus.flight));
    for (i, pin) in pins.iter_mut().enumerate().skip(pin::CS0.index()) {
        if i != pin::cs(cs).index() {
            *pin = None;
        }
    }
    pins
}

fn add_nets(bench: &mut Bench, bound: &Bound<'_>, id: BusId) -> Nets {
    let vector = bound.vector;
    let bus = &vector.buses[id.0];
    let lines: BTreeSet<u8> = vector.steps.iter().filter(|step| step.bus == id).map(|step| step.cs).collect();
    let lines: BTreeSet<u8> = bound.devices_on(id).map(|(_, device)| device.cs).chain(lines).collect();
    let quad =
        bus.options.lanes.count == 4 || vector.steps.iter().any(|step| step.bus == id && uses_quad(step));
    let prefix = if vector.buses.len() == 1 { String::new() } else { format!("{}.", bus.name) };
    let mut add = |name: &str, used: bool| used.then(|| bench.add_net(Net::wire(format!("{prefix}{name}"))));
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

fn uses_quad(step: &Step) -> bool {
    step.ops.iter().any(|op| match &op.kind {
        OpKind::Write { lanes, .. } | OpKind::Read { lanes, .. } | OpKind::Ticks { lanes, .. } => {
            lanes.count == 4
        }
        _ => false,
    })
}

// Controllers.

fn controller(bound: &Bound<'_>, id: BusId, bus: &Bus) -> Result<Controller, Unusable> {
    let time = |time: &Option<crate::format::At<TimeExpr>>, default: Span| match time {
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
        clock: clock(bus),
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
    Controller::new(options).map_err(|error| Unusable::new(&bus.span, error.to_string()))
}

fn clock(bus: &Bus) -> ClockSpec {
    ClockSpec {
        hertz: bus.clock.hertz,
        error_ppb: bus.clock.error_ppb,
        phase: bus.clock.phase,
        jitter: match bus.clock.jitter {
            Jitter::None => CoreJitter::None,
            Jitter::Peak(peak) => CoreJitter::Uniform { peak },
            Jitter::Rms(rms) => CoreJitter::Gaussian { rms },
        },
    }
}

/// The first half of a period is the high one, unless the clock idles high.
pub(super) fn first_half(
    bound: &Bound<'_>,
    id: BusId,
    bus: &Bus,
    agreed: &Options,
) -> Result<Option<Span>, Unusable> {
    let Some(high) = &bus.clock.high else { return Ok(None) };
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

fn hold_stuck_wires(bench: &mut Bench, bus: &Bus, nets: &Nets) {
    if let Some(stuck) = bus.fault.stuck
        && let Some(net) = nets.wire(stuck.wire)
    {
        let from = Time::ZERO.saturating_add(stuck.from);
        let to = stuck.to.map_or(Time::MAX, |to| Time::ZERO.saturating_add(to));
        bench.force(net, stuck.level, from, to);
    }
}

// Peripherals.

fn peripheral(
    bound: &Bound<'_>,
    id: DeviceId,
    device: &Device,
    seed: u64,
    folder: &Path,
) -> Result<Peripheral, Unusable> {
    let mut agreed = bound.vector.buses[device.bus.0].options.clone();
    let mut logic = logic(bound, id, device, &agreed, seed)?;
    for memory in &device.load {
        load(&mut *logic, memory, folder)?;
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
    device: &Device,
    agreed: &Options,
    seed: u64,
) -> Result<Box<dyn Logic>, Unusable> {
    match &device.model {
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
    let time = |time: &Option<crate::format::At<TimeExpr>>, name: &str| match time {
        Some(time) => bound.device_time(id, time),
        None => Ok(bound.value(id, name).unwrap_or_default()),
    };
    let valid = time(&device.output_delay, "tCLQV")?;
    let hold = time(&device.output_hold, "tCLQX")?.min(valid);
    Ok(OutputTiming { hold, valid, disable: time(&device.release_delay, "tSHQZ")? })
}

fn load(logic: &mut dyn Logic, memory: &Memory, folder: &Path) -> Result<(), Unusable> {
    let bytes = content(memory, folder)?;
    logic.load(memory.address, &bytes).map_err(|error| Unusable::new(&memory.span, error.to_string()))
}

/// The bytes of a stretch of memory.
pub(super) fn content(memory: &Memory, folder: &Path) -> Result<Vec<u8>, Unusable> {
    match &memory.content {
        Content::Bytes(bytes) => Ok(bytes.clone()),
        Content::File(name) => {
            let path = folder.join(&name.value);
            if path.exists() && !path.is_file() {
                let message = format!("{} is no file with contents; name a regular file", path.display());
                return Err(Unusable::new(&name.span, message));
            }
            std::fs::read(&path).map_err(|error| {
                Unusable::new(&name.span, format!("cannot read {}: {error}", path.display()))
            })
        }
    }
}

/// The operations of a step, as the controller takes them.
pub(super) fn operations(bound: &Bound<'_>, step: &Step) -> Result<Vec<Op>, Unusable> {
    let mut selected = false;
    step.ops.iter().map(|op| operation(bound, step, op, &mut selected)).collect()
}

fn operation(bound: &Bound<'_>, step: &Step, op: &CompactOp, selected: &mut bool) -> Result<Op, Unusable> {
    Ok(match &op.kind {
        OpKind::Select => {
            *selected = true;
            Op::Select(step.cs)
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
