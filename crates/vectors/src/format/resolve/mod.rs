//! Tables to [`Vector`]: names resolved, numbers checked, scripts understood.

mod compare;
mod crossing;
mod ddr;
mod handshake;
mod i2c;
mod script;
mod spi;
mod step;
mod uart;

use std::collections::BTreeMap;
use std::ops::Range;

use busproof_core::Span;
use busproof_core::bus::BusInfo;
use busproof_core::bus::ddr::Standard;
use busproof_core::timing::{Param, Quantity};

use super::error::{FormatProblem as Problem, Located as Result};
use super::find::find;
use super::kinds::NO_DEVICES;
use super::raw::i2c::ControllerTable;
use super::raw::{
    BusTable, CheckTable, ClockTable, DeviceTable, GlitchTable, JitterTable, MemoryTable, PinTable,
    PlaceTable, VectorTable,
};
use super::scalar::{FrequencyText, Located, Scalar as _, SpanText, TimeText};
use super::vector::{
    self, At, Bus, BusId, BusKind, Check, Clock, Content, Device, DeviceId, DeviceKind, Exit, Glitch, Jitter,
    Memory, Model, Pin, Place, Vector,
};
use crate::time_expr::TimeExpr;
use crate::{param, suggest};
use script::Source;
use step::Bench;

/// The simulated time of a vector that states none.
const MAX_TIME: Span = Span::from_ms(1_000);

/// What `table` means.
pub(super) fn vector(source: &str, stem: &str, table: &VectorTable) -> Result<Vector> {
    let name = match &table.name {
        Some(name) => {
            super::check_name(name.value()).map_err(|problem| (name.span(), problem))?;
            name.value().clone()
        }
        None => stem.to_owned(),
    };
    let buses = buses(table)?;
    let devices = devices(source, &table.device, &buses)?;
    let bench = Bench { source, buses: &buses, devices: &devices };
    let memory = ddr::bench(source, table)?;
    let steps = table.step.iter().filter(|_| memory.is_none());
    let steps = steps.map(|step| bench.step(step)).collect::<Result<_>>()?;
    let (compare, links) = compare::compare(table)?;
    let check = Check { links, ..check(&table.check, &buses, &devices)? };
    let about = table.about.clone();
    let max_time = table.max_time.map_or(MAX_TIME, |t| t.0);
    Ok(Vector {
        name,
        about,
        line: 1,
        seed: table.seed,
        max_time,
        buses,
        devices,
        steps,
        compare,
        memory,
        check,
    })
}

// Small things.

fn at<T: Clone>(located: &Located<T>) -> At<T> {
    At { value: located.value().clone(), span: located.span() }
}

fn time(located: Option<&Located<TimeText>>) -> Option<At<TimeExpr>> {
    located.map(|time| At { value: time.value().0.clone(), span: time.span() })
}

fn span_or_zero(text: Option<SpanText>) -> Span {
    text.map_or(Span::ZERO, |t| t.0)
}

/// The number, or `default`, if it is between `least` and `most`.
fn ranged(
    key: &'static str,
    number: Option<&Located<i64>>,
    default: i64,
    least: i64,
    most: i64,
) -> Result<i64> {
    let Some(number) = number else { return Ok(default) };
    let value = *number.value();
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err((number.span(), Problem::OutOfRange { key, value, least, most }))
    }
}

// Buses.

fn buses(table: &VectorTable) -> Result<Vec<Bus>> {
    let controllers = controllers(table)?;
    let bus = |(name, located): (&String, &Located<BusTable>)| {
        Some(match located.value() {
            BusTable::Spi(table) => spi::bus(name, located.span(), table),
            BusTable::I2c(table) => {
                let own = controllers.iter().filter(|controller| controller.bus == *name);
                i2c::bus(name, located.span(), table, &own.copied().collect::<Vec<_>>())
            }
            BusTable::Uart(table) => uart::bus(name, located.span(), table),
            BusTable::Handshake(table) => handshake::bus(name, located.span(), table),
            BusTable::Crossing(table) => crossing::bus(name, located.span(), table),
            // A memory has a bench of its own.
            BusTable::Ddr(_) => return None,
        })
    };
    table.bus.iter().filter_map(bus).collect()
}

/// A controller of an I2C bus that has several.
#[derive(Clone, Copy)]
struct Named<'a> {
    name: &'a str,
    bus: &'a str,
    table: &'a Located<ControllerTable>,
}

/// The controllers that are written, each with the bus it is on.
fn controllers<'v>(vector: &'v VectorTable) -> Result<Vec<Named<'v>>> {
    let is_i2c = |(_, bus): &(&String, &Located<BusTable>)| matches!(bus.value(), BusTable::I2c(_));
    let buses: Vec<&str> = vector.bus.iter().filter(is_i2c).map(|(name, _)| name.as_str()).collect();
    let named = |(name, table): (&'v String, &'v Located<ControllerTable>)| {
        let bus = table.value().bus.as_ref().map(|bus| (bus.value().as_str(), bus.span()));
        let bus = find("I2C bus", "bus", buses.iter().copied(), bus, &table.span())?;
        Ok(Named { name, bus: buses[bus], table })
    };
    vector.controller.iter().map(named).collect()
}

fn clock(table: &ClockTable, hertz: u64) -> Result<Clock> {
    let details = &table.details;
    Ok(Clock {
        hertz,
        error_ppb: details.error.map_or(0, |error| error.0),
        jitter: details.jitter.as_ref().map_or(Ok(Jitter::None), jitter)?,
        phase: span_or_zero(details.phase),
    })
}

fn jitter(table: &Located<JitterTable>) -> Result<Jitter> {
    match (table.value().peak, table.value().rms) {
        (Some(peak), None) => Ok(Jitter::Peak(peak.0)),
        (None, Some(rms)) => Ok(Jitter::Rms(rms.0)),
        _ => Err((
            table.span(),
            Problem::Choice("jitter is either uniform or normal; write one of `peak` and `rms`"),
        )),
    }
}

fn place(table: PlaceTable) -> Place {
    Place { transfer: table.transfer, clock: table.clock }
}

fn glitch(table: &GlitchTable) -> Glitch {
    Glitch {
        place: Place { transfer: table.transfer, clock: table.clock },
        width: At { value: table.width.value().0.clone(), span: table.width.span() },
    }
}

// Devices.

fn devices(
    source: &str,
    tables: &BTreeMap<String, Located<DeviceTable>>,
    buses: &[Bus],
) -> Result<Vec<Device>> {
    let mut devices: Vec<Device> = Vec::new();
    for (name, table) in tables {
        let device = device(source, name, table, buses, tables)?;
        if let Some((other, cs)) = devices.iter().find_map(|d| Some((d, shared_select(d, &device)?))) {
            return Err((select_span(table), Problem::SelectTaken(cs, other.name.clone())));
        }
        if devices.iter().any(|other| are_both_peers(other, &device)) {
            let problem = "a UART has one other end, and there is a device already; remove one of the two";
            return Err((table.span(), Problem::Choice(problem)));
        }
        devices.push(device);
    }
    Ok(devices)
}

/// The chip select line that two devices have in common.
fn shared_select(a: &Device, b: &Device) -> Option<u8> {
    match (&a.kind, &b.kind) {
        (DeviceKind::Spi(one), DeviceKind::Spi(other)) => {
            (a.bus == b.bus && one.cs == other.cs).then_some(one.cs)
        }
        _ => None,
    }
}

fn are_both_peers(a: &Device, b: &Device) -> bool {
    a.bus == b.bus && matches!(a.kind, DeviceKind::Uart(_))
}

fn select_span(table: &Located<DeviceTable>) -> Range<usize> {
    match table.value() {
        DeviceTable::Spi(spi) => spi.cs.as_ref().map_or(table.span(), Located::span),
        DeviceTable::I2c(_) | DeviceTable::Uart(_) => table.span(),
    }
}

/// The keys of devices of every protocol.
struct Common<'a> {
    part: Option<&'a Located<String>>,
    reply: Option<&'a Located<String>>,
    bus: Option<&'a Located<String>>,
    load: &'a [Located<MemoryTable>],
    timing: &'a BTreeMap<toml::Spanned<String>, Located<String>>,
}

impl DeviceTable {
    fn common(&self) -> Common<'_> {
        macro_rules! common {
            ($table:ident) => {
                Common {
                    part: $table.part.as_ref(),
                    reply: $table.reply.as_ref(),
                    bus: $table.bus.as_ref(),
                    load: &$table.load,
                    timing: &$table.timing,
                }
            };
        }
        match self {
            DeviceTable::Spi(table) => common!(table),
            DeviceTable::I2c(table) => common!(table),
            DeviceTable::Uart(table) => common!(table),
        }
    }
}

fn device(
    source: &str,
    name: &str,
    located: &Located<DeviceTable>,
    buses: &[Bus],
    all: &BTreeMap<String, Located<DeviceTable>>,
) -> Result<Device> {
    let common = located.value().common();
    let bus = find_bus(buses, common.bus, &located.span())?;
    let on = &buses[bus.0];
    Ok(Device {
        name: name.to_owned(),
        span: located.span(),
        model: model(source, name, &common, &located.span(), on)?,
        bus,
        load: common.load.iter().map(memory).collect::<Result<_>>()?,
        limits: limits(common.timing, on.info())?,
        kind: match located.value() {
            DeviceTable::Spi(table) => spi::device(table)?,
            DeviceTable::I2c(table) => i2c::device(table, all)?,
            DeviceTable::Uart(_) => DeviceKind::Uart(vector::uart::Device),
        },
    })
}

fn find_bus(buses: &[Bus], name: Option<&Located<String>>, span: &Range<usize>) -> Result<BusId> {
    let names = buses.iter().map(|bus| bus.name.as_str());
    find("bus", "bus", names, named(name), span).map(BusId)
}

fn find_device(devices: &[Device], name: Option<&Located<String>>, span: &Range<usize>) -> Result<DeviceId> {
    let names = devices.iter().map(|device| device.name.as_str());
    find("device", "device", names, named(name), span).map(DeviceId)
}

/// A name and where it stands.
fn named(name: Option<&Located<String>>) -> Option<(&str, Range<usize>)> {
    name.map(|name| (name.value().as_str(), name.span()))
}

fn model(source: &str, name: &str, common: &Common<'_>, span: &Range<usize>, bus: &Bus) -> Result<Model> {
    match (common.part, common.reply) {
        (Some(part), None) => Ok(Model::Part(at(part))),
        (None, Some(reply)) => {
            let text = Source::of(source, reply);
            let words = match &bus.kind {
                BusKind::Spi(bus) => spi::reply(&text, bus),
                BusKind::I2c(_) => i2c::reply(&text),
                BusKind::Uart(bus) => uart::reply(&text, bus),
                BusKind::Handshake(_) | BusKind::Crossing(_) => Err((span.clone(), NO_DEVICES)),
            };
            words.map(Model::Reply)
        }
        (Some(_), Some(reply)) => Err((
            reply.span(),
            Problem::Choice("a device is either a part or a reply; remove one of the two"),
        )),
        (None, None) => {
            let what = format!("device `{name}` is nothing yet");
            let example = match bus.kind {
                BusKind::Spi(_) => "`part = \"w25q128jv\"`, or `reply = \"0x5a\"`",
                BusKind::I2c(_) => "`part = \"24lc256\"`, or `reply = \"0x5a\"`",
                BusKind::Uart(_) => "`part = \"uart-registers\"`, or `reply = \"'OK'\"`",
                BusKind::Handshake(_) | BusKind::Crossing(_) => return Err((span.clone(), NO_DEVICES)),
            };
            Err((span.clone(), Problem::Missing(what, example)))
        }
    }
}

fn memory(located: &Located<MemoryTable>) -> Result<Memory> {
    let table = located.value();
    let content = match (&table.hex, &table.text, &table.file) {
        (Some(hex), None, None) => Content::Bytes(hex.0.clone()),
        (None, Some(text), None) => Content::Bytes(text.clone().into_bytes()),
        (None, None, Some(file)) => Content::File(at(file)),
        _ => {
            let problem = Problem::Choice("memory holds one of `hex`, `text` and `file`; write one of them");
            return Err((located.span(), problem));
        }
    };
    Ok(Memory { span: located.span(), address: table.at, content })
}

/// The limits of a table `timing`, on the bus of `info`.
fn limits(
    timing: &BTreeMap<toml::Spanned<String>, Located<String>>,
    info: &BusInfo,
) -> Result<Vec<(Param, Span)>> {
    timing.iter().map(|(name, value)| limit(name, value, info)).collect()
}

/// The parameter called `name`, with the value that `text` states.
fn limit(key: &toml::Spanned<String>, text: &Located<String>, info: &BusInfo) -> Result<(Param, Span)> {
    let name = key.get_ref().as_str();
    let Some(param) = param::find(info.params, name) else {
        let names = info.params.iter().map(|param| param.name);
        let problem =
            Problem::UnknownName { what: "limit", name: name.into(), hint: suggest::hint(name, names) };
        return Err((key.span(), problem));
    };
    let value = match info.params[usize::from(param.0)].quantity {
        Quantity::Time => SpanText::read(text.value()).map(|t| t.0),
        // A frequency that can be read has a period.
        Quantity::Frequency => {
            FrequencyText::read(text.value()).map(|f| Span::period_of(f.0).unwrap_or_default())
        }
    };
    let value = value.map_err(|message| (text.span(), Problem::Limit(name.into(), message)))?;
    Ok((param, value))
}

// Checks.

fn check(table: &CheckTable, buses: &[Bus], devices: &[Device]) -> Result<Check> {
    let names = |list: &[Located<String>]| list.iter().map(at).collect();
    let rules = |list: &[Located<String>]| list.iter().map(|name| rule(name, buses)).collect::<Result<_>>();
    let memory_check = |located: &Located<MemoryTable>| {
        let device = find_device(devices, located.value().device.as_ref(), &located.span())?;
        Ok((device, memory(located)?))
    };
    let rule_or_code =
        |name: &Located<String>| if name.value().contains("::") { Ok(at(name)) } else { rule(name, buses) };
    let pin = |located: &Located<PinTable>| {
        let table = located.value();
        let device = find_device(devices, table.device.as_ref(), &located.span())?;
        let value = Pin { device, name: table.pin.clone(), level: table.level.into() };
        Ok(At { value, span: located.span() })
    };
    Ok(Check {
        broken: rules(&table.broken)?,
        cannot_tell: rules(&table.cannot_tell)?,
        exercised: rules(&table.exercised)?,
        findings: table.findings,
        items: table.items,
        mismatches: table.mismatches,
        lost: table.lost,
        slack: table.slack.map(|slack| slack.0),
        diagnostics: names(&table.diagnostics),
        remarks: names(&table.remarks),
        allowed: table.allowed.iter().map(rule_or_code).collect::<Result<_>>()?,
        memory: table.memory.iter().map(memory_check).collect::<Result<_>>()?,
        pins: table.pins.iter().map(pin).collect::<Result<_>>()?,
        links: Vec::new(),
        exit: table.exit.as_ref().map_or(Ok(Exit::Done), exit)?,
    })
}

/// The name of a rule of any of the buses.
fn rule(name: &Located<String>, buses: &[Bus]) -> Result<At<String>> {
    let mut known: Vec<&str> = Vec::new();
    // A vector without buses is about a memory.
    let of_memories = Standard::ALL.iter().filter(|_| buses.is_empty()).flat_map(|standard| standard.rules());
    for rule in buses.iter().flat_map(|bus| bus.info().rules).chain(of_memories) {
        if !known.contains(&rule.name) {
            known.push(rule.name);
        }
    }
    if known.contains(&name.value().as_str()) {
        return Ok(at(name));
    }
    let hint = suggest::hint(name.value(), known);
    Err((name.span(), Problem::UnknownName { what: "rule", name: name.value().clone(), hint }))
}

fn exit(number: &Located<i64>) -> Result<Exit> {
    match *number.value() {
        0 => Ok(Exit::Done),
        3 => Ok(Exit::Vacuous),
        4 => Ok(Exit::OutOfTime),
        value => {
            let choices = "0, 3 (nothing was checked) or 4 (the time ran out)";
            Err((number.span(), Problem::NotAChoice { key: "exit", value, choices }))
        }
    }
}
