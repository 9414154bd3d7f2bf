//! Tables to [`Vector`]: names resolved, numbers checked, scripts understood.

use std::collections::BTreeMap;
use std::ops::Range;

use busproof_core::bus::spi::rules::{PARAMS, RULES};
use busproof_core::bus::spi::{Active, Fill, Format, Lanes, Mode, Options, PeripheralFault, Wires, WordBits};
use busproof_core::timing::Param;
use busproof_core::timing::Quantity;
use busproof_core::{Bits, Level, Span};

use super::error::{FormatProblem as Problem, Located as Result};
use super::raw::{
    BusFaultTable, BusKind, BusTable, CheckTable, ClockTable, DeviceTable, FlightTable, FormatKey,
    GlitchTable, JitterTable, LevelKey, MemoryTable, NetKey, PlaceTable, StepTable, StuckTable, VectorTable,
};
use super::scalar::{FrequencyText, Located, Scalar as _, SpanText, TimeText};
use super::vector::{
    At, Bus, BusFault, BusId, Check, Clock, Content, ControllerDrive, DataShift, Device, DeviceId, Exit,
    Flight, Glitch, Jitter, Memory, Model, Place, Step, Stuck, Vector, Wire,
};
use crate::compact::spi::{Defaults, OpKind, lower};
use crate::compact::{Script, SyntaxError};
use crate::suggest;
use crate::time_expr::TimeExpr;

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
    let buses = buses(&table.bus)?;
    let devices = devices(source, &table.device, &buses)?;
    let bench = Bench { source, buses: &buses, devices: &devices };
    let steps = table.step.iter().map(|step| bench.step(step)).collect::<Result<_>>()?;
    let check = bench.check(&table.check)?;
    let about = table.about.clone();
    let max_time = table.max_time.map_or(MAX_TIME, |t| t.0);
    Ok(Vector { name, about, line: 1, seed: table.seed, max_time, buses, devices, steps, check })
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

fn mode(key: &'static str, number: Option<&Located<i64>>) -> Result<Option<Mode>> {
    Ok(Mode::from_number(ranged(key, number, 0, 0, 3)? as u8).filter(|_| number.is_some()))
}

// Buses.

fn buses(tables: &BTreeMap<String, Located<BusTable>>) -> Result<Vec<Bus>> {
    if tables.is_empty() {
        return Err((0..0, Problem::Missing("there is no bus".into(), "`[bus.spi]` with `kind = \"spi\"`")));
    }
    tables.iter().map(|(name, table)| bus(name, table)).collect()
}

fn bus(name: &str, located: &Located<BusTable>) -> Result<Bus> {
    let table = located.value();
    let missing =
        |what: &str, write| (located.span(), Problem::Missing(format!("bus `{name}` has no {what}"), write));
    match table.kind {
        Some(BusKind::Spi) => {}
        None => return Err(missing("kind", "`kind = \"spi\"`")),
    }
    let clock = table.clock.as_ref().ok_or_else(|| missing("clock", "`clock = \"16 MHz\"`"))?;
    let frequency =
        clock.frequency.ok_or_else(|| missing("clock frequency", "`clock.frequency = \"16 MHz\"`"))?;
    Ok(Bus {
        name: name.to_owned(),
        span: located.span(),
        host: table.host.as_ref().map(at),
        options: options(table)?,
        clock: self::clock(clock, frequency)?,
        drive: ControllerDrive {
            cs_setup: time(table.cs_setup.as_ref()),
            cs_hold: time(table.cs_hold.as_ref()),
            cs_inactive: time(table.cs_inactive.as_ref()),
            word_gap: time(table.word_gap.as_ref()),
            output_delay: time(table.output_delay.as_ref()),
        },
        fill: match table.fill {
            Some(LevelKey::High) => Fill::High,
            Some(LevelKey::Low) | None => Fill::Low,
        },
        limits: table.timing.iter().map(|(name, value)| limit(name, value)).collect::<Result<_>>()?,
        flight: flight(&table.flight),
        fault: bus_fault(&table.fault)?,
    })
}

fn options(table: &BusTable) -> Result<Options> {
    let word_bits = ranged("word_bits", table.word_bits.as_ref(), 8, 1, WordBits::MAX as i64)?;
    let wires = ranged("wires", table.wires.as_ref(), 4, 3, 4)?;
    let format = table.format.unwrap_or(FormatKey::Motorola);
    if let (Some(mode), FormatKey::Ti | FormatKey::Microwire) = (&table.mode, format) {
        return Err((mode.span(), Problem::Choice("the format fixes the mode; remove `mode`")));
    }
    let cs_active = match (table.cs_active, format) {
        (None, FormatKey::Microwire) => Active::High,
        (key, _) => key.map(Active::from).unwrap_or_default(),
    };
    Ok(Options {
        mode: mode("mode", table.mode.as_ref())?.unwrap_or_default(),
        word_bits: WordBits::new(word_bits as u32).unwrap_or_default(),
        bit_order: table.bit_order.map(Into::into).unwrap_or_default(),
        cs_active,
        format: Format::from(format),
        wires: if wires == 3 { Wires::Three } else { Wires::Four },
        lanes: Lanes {
            count: lanes(table.lanes.as_ref())?,
            rate: table.rate.map(Into::into).unwrap_or_default(),
        },
        sample_delay: ranged("sample_delay", table.sample_delay.as_ref(), 0, 0, 4)? as u8,
        commands: None,
    })
}

fn lanes(number: Option<&Located<i64>>) -> Result<u8> {
    let Some(number) = number else { return Ok(1) };
    match *number.value() {
        n @ (1 | 2 | 4) => Ok(n as u8),
        value => Err((number.span(), Problem::NotAChoice { key: "lanes", value, choices: "1, 2 or 4" })),
    }
}

fn clock(table: &ClockTable, frequency: FrequencyText) -> Result<Clock> {
    let details = &table.details;
    Ok(Clock {
        hertz: frequency.0,
        error_ppb: details.error.map_or(0, |error| error.0),
        jitter: details.jitter.as_ref().map_or(Ok(Jitter::None), jitter)?,
        phase: span_or_zero(details.phase),
        high: time(details.high.as_ref()),
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

fn flight(table: &FlightTable) -> Flight {
    Flight {
        sck: span_or_zero(table.sck),
        lanes: [table.mosi, table.miso, table.io2, table.io3].map(span_or_zero),
        cs: span_or_zero(table.cs),
    }
}

// Faults.

fn bus_fault(table: &BusFaultTable) -> Result<BusFault> {
    Ok(BusFault {
        glitch: table.glitch.as_ref().map(glitch),
        missing_clock: table.missing_clock.map(place),
        extra_clock: table.extra_clock.map(place),
        drop_cs: table.drop_cs.map(place),
        data: data_shift(table.late_data.as_ref(), table.early_data.as_ref())?,
        mode: mode("wrong_mode", table.wrong_mode.as_ref())?,
        stuck: table.stuck.as_ref().map(stuck),
    })
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

fn stuck(table: &StuckTable) -> Stuck {
    Stuck {
        wire: wire(table.net),
        level: match table.level {
            LevelKey::Low => Level::Low,
            LevelKey::High => Level::High,
        },
        from: span_or_zero(table.from),
        to: table.to.map(|t| t.0),
    }
}

fn wire(key: NetKey) -> Wire {
    match key {
        NetKey::Sck => Wire::Sck,
        NetKey::Mosi => Wire::Lane(0),
        NetKey::Miso => Wire::Lane(1),
        NetKey::Io2 => Wire::Lane(2),
        NetKey::Io3 => Wire::Lane(3),
        NetKey::Cs => Wire::Cs,
    }
}

fn data_shift(
    late: Option<&Located<TimeText>>,
    early: Option<&Located<TimeText>>,
) -> Result<Option<DataShift>> {
    match (late, early) {
        (Some(_), Some(early)) => {
            Err((early.span(), Problem::Choice("data are either late or early; remove one of the two")))
        }
        (late, None) => Ok(time(late).map(DataShift::Late)),
        (None, early) => Ok(time(early).map(DataShift::Early)),
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
        let device = device(source, name, table, buses)?;
        if let Some(other) = devices.iter().find(|d| (d.bus, d.cs) == (device.bus, device.cs)) {
            let span = table.value().cs.as_ref().map_or(table.span(), Located::span);
            return Err((span, Problem::SelectTaken(device.cs, other.name.clone())));
        }
        devices.push(device);
    }
    Ok(devices)
}

fn device(source: &str, name: &str, located: &Located<DeviceTable>, buses: &[Bus]) -> Result<Device> {
    let table = located.value();
    let bus = find_bus(buses, table.bus.as_ref(), &located.span())?;
    let model = model(source, name, located, &buses[bus.0])?;
    Ok(Device {
        name: name.to_owned(),
        span: located.span(),
        model,
        bus,
        cs: ranged("cs", table.cs.as_ref(), 0, 0, 7)? as u8,
        load: table.load.iter().map(memory).collect::<Result<_>>()?,
        output_delay: time(table.output_delay.as_ref()),
        output_hold: time(table.output_hold.as_ref()),
        release_delay: time(table.release_delay.as_ref()),
        limits: table.timing.iter().map(|(name, value)| limit(name, value)).collect::<Result<_>>()?,
        mode: mode("wrong_mode", table.fault.wrong_mode.as_ref())?,
        fault: table.fault.shifts_on_sampling_edge.then_some(PeripheralFault::ShiftsOnSamplingEdge),
    })
}

fn find_bus(buses: &[Bus], name: Option<&Located<String>>, span: &Range<usize>) -> Result<BusId> {
    let names = buses.iter().map(|bus| bus.name.as_str());
    find("bus", names, name, span).map(BusId)
}

/// The number of the one that is named, or of the only one there is.
fn find<'a>(
    what: &'static str,
    names: impl Iterator<Item = &'a str> + Clone,
    name: Option<&Located<String>>,
    span: &Range<usize>,
) -> Result<usize> {
    if let Some(name) = name {
        return names.clone().position(|n| n == name.value()).ok_or_else(|| {
            let hint = suggest::hint(name.value(), names);
            (name.span(), Problem::UnknownName { what, name: name.value().clone(), hint })
        });
    }
    let mut all = names;
    match (all.next(), all.next()) {
        (Some(_), None) => Ok(0),
        (first, _) => {
            let example = first.unwrap_or_default().to_owned();
            Err((span.clone(), Problem::Ambiguous { what, example }))
        }
    }
}

fn model(source: &str, name: &str, located: &Located<DeviceTable>, bus: &Bus) -> Result<Model> {
    match (&located.value().part, &located.value().reply) {
        (Some(part), None) => Ok(Model::Part(at(part))),
        (None, Some(reply)) => reply_words(source, reply, bus).map(Model::Reply),
        (Some(_), Some(reply)) => Err((
            reply.span(),
            Problem::Choice("a device is either a part or a reply; remove one of the two"),
        )),
        (None, None) => {
            let what = format!("device `{name}` is nothing yet");
            Err((located.span(), Problem::Missing(what, "`part = \"w25q128jv\"`, or `reply = \"0x5a\"`")))
        }
    }
}

fn reply_words(source: &str, reply: &Located<String>, bus: &Bus) -> Result<Vec<Bits>> {
    const SHAPE: &str = "a reply consists of numbers and texts, such as `0x5a 'hello'`";
    let text = Source::of(source, reply);
    let ops = text.lower(&text.script()?, bus)?;
    ops.into_iter()
        .map(|op| match op.kind {
            OpKind::Write { word, lanes: Lanes::SINGLE, expect: None } => Ok(word),
            _ => Err((op.span, Problem::Choice(SHAPE))),
        })
        .collect()
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

/// The parameter called `name`, with the value that `text` states.
fn limit(key: &toml::Spanned<String>, text: &Located<String>) -> Result<(Param, Span)> {
    let name = key.get_ref().as_str();
    let names = PARAMS.iter().map(|param| param.name);
    let Some(i) = names.clone().position(|n| n == name) else {
        let problem =
            Problem::UnknownName { what: "limit", name: name.into(), hint: suggest::hint(name, names) };
        return Err((key.span(), problem));
    };
    let value = match PARAMS[i].quantity {
        Quantity::Time => SpanText::read(text.value()).map(|t| t.0),
        // A frequency that can be read has a period.
        Quantity::Frequency => {
            FrequencyText::read(text.value()).map(|f| Span::period_of(f.0).unwrap_or_default())
        }
    };
    let value = value.map_err(|message| (text.span(), Problem::Limit(name.into(), message)))?;
    Ok((Param(i as u16), value))
}

// Scripts.

/// A compact string in the file.
struct Source<'a> {
    text: &'a str,
    /// Where the literal stands, with its quotes.
    literal: Range<usize>,
    /// Where its text begins, unless escapes make it differ from what is written.
    start: Option<usize>,
}

impl<'a> Source<'a> {
    fn of(source: &str, located: &'a Located<String>) -> Source<'a> {
        let (text, literal) = (located.value().as_str(), located.span());
        let written = source.get(literal.clone()).unwrap_or_default();
        let start = written.find(text).map(|offset| literal.start + offset);
        Source { text, literal, start }
    }

    /// A text that is not in the file; its problems are those of `place`.
    fn made(text: &'a str, place: Range<usize>) -> Source<'a> {
        Source { text, literal: place, start: None }
    }

    fn place(&self, span: &Range<usize>) -> Range<usize> {
        match self.start {
            Some(start) => start + span.start..start + span.end,
            None => self.literal.clone(),
        }
    }

    fn script(&self) -> Result<Script> {
        Script::parse(self.text)
            .map_err(|SyntaxError { span, problem, .. }| (self.place(&span), Problem::Compact(problem)))
    }

    fn lower(&self, script: &Script, bus: &Bus) -> Result<Vec<crate::compact::spi::Op>> {
        let options = &bus.options;
        let defaults = Defaults { word_bits: options.word_bits, lanes: options.lanes, wires: options.wires };
        let mut ops = lower(script, defaults).map_err(|e| (self.place(&e.span), Problem::Spi(e.refusal)))?;
        for op in &mut ops {
            op.span = self.place(&op.span);
        }
        Ok(ops)
    }
}

/// The shape of a step, for messages.
const STEP_SHAPE: &str =
    "a step is one of `do`, `delay`, and a transfer with `write` or `read`; split it into several";

/// What steps and checks refer to.
struct Bench<'a> {
    source: &'a str,
    buses: &'a [Bus],
    devices: &'a [Device],
}

impl Bench<'_> {
    fn step(&self, located: &Located<StepTable>) -> Result<Step> {
        let table = located.value();
        let (bus, device) = self.target(table, &located.span())?;
        let made = made_text(located)?;
        let text = match &table.compact {
            Some(compact) => Source::of(self.source, compact),
            None => Source::made(&made, located.span()),
        };
        let script = text.script()?;
        let ops = text.lower(&script, &self.buses[bus.0])?;
        let cs = device.map_or(0, |device| self.devices[device.0].cs);
        Ok(Step { span: located.span(), bus, device, cs, script, ops })
    }

    /// The bus and the device that a step is for.
    fn target(&self, table: &StepTable, span: &Range<usize>) -> Result<(BusId, Option<DeviceId>)> {
        if table.device.is_some() {
            let device = self.device(table.device.as_ref(), span)?;
            let bus = self.devices[device.0].bus;
            return match &table.bus {
                Some(name) if *name.value() != self.buses[bus.0].name => {
                    Err((name.span(), Problem::Choice("the device is on another bus; remove `bus`")))
                }
                _ => Ok((bus, Some(device))),
            };
        }
        let bus = find_bus(self.buses, table.bus.as_ref(), span)?;
        let here: Vec<usize> = (0..self.devices.len()).filter(|&i| self.devices[i].bus == bus).collect();
        match here.as_slice() {
            [] => Ok((bus, None)),
            [one] => Ok((bus, Some(DeviceId(*one)))),
            _ if table.delay.is_some() => Ok((bus, None)),
            [first, ..] => {
                let example = self.devices[*first].name.clone();
                Err((span.clone(), Problem::Ambiguous { what: "device", example }))
            }
        }
    }

    fn device(&self, name: Option<&Located<String>>, span: &Range<usize>) -> Result<DeviceId> {
        let names = self.devices.iter().map(|device| device.name.as_str());
        find("device", names, name, span).map(DeviceId)
    }

    fn check(&self, table: &CheckTable) -> Result<Check> {
        let names = |list: &[Located<String>]| list.iter().map(at).collect();
        let memory_check = |located: &Located<MemoryTable>| {
            let device = self.device(located.value().device.as_ref(), &located.span())?;
            Ok((device, memory(located)?))
        };
        Ok(Check {
            broken: rules(&table.broken)?,
            cannot_tell: rules(&table.cannot_tell)?,
            exercised: rules(&table.exercised)?,
            findings: table.findings,
            items: table.items,
            mismatches: table.mismatches,
            slack: table.slack.map(|slack| slack.0),
            diagnostics: names(&table.diagnostics),
            remarks: names(&table.remarks),
            memory: table.memory.iter().map(memory_check).collect::<Result<_>>()?,
            exit: table.exit.as_ref().map_or(Ok(Exit::Done), exit)?,
        })
    }
}

/// Names of rules of the bus.
fn rules(list: &[Located<String>]) -> Result<Vec<At<String>>> {
    list.iter().map(rule).collect()
}

fn rule(name: &Located<String>) -> Result<At<String>> {
    let known = RULES.iter().map(|rule| rule.name);
    if known.clone().any(|rule| rule == name.value()) {
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

/// The compact string of a step that is not written as one; empty for one that is.
fn made_text(located: &Located<StepTable>) -> Result<String> {
    let table = located.value();
    let transfer = table.write.is_some() || table.read.is_some() || table.expect.is_some();
    match (&table.compact, &table.delay, transfer) {
        (Some(_), None, false) => Ok(String::new()),
        (None, Some(delay), false) => Ok(format!("d:{}", delay.value().0.to_string().replace(' ', ""))),
        (None, None, true) => transfer_text(table),
        _ => Err((located.span(), Problem::Choice(STEP_SHAPE))),
    }
}

fn transfer_text(table: &StepTable) -> Result<String> {
    let mut items = Vec::new();
    if let Some(write) = &table.write {
        items.extend(digits(write)?.iter().map(|word| format!("0x{word}")));
    }
    let count = ranged("read", table.read.as_ref(), 0, 1, i64::from(u32::MAX))?;
    match (&table.read, &table.expect) {
        (None, None) => {}
        (Some(_), None) => items.push(format!("r:{count}")),
        (None, Some(expect)) => {
            return Err((
                expect.span(),
                Problem::Choice("nothing is read that could be expected; add `read`"),
            ));
        }
        (Some(_), Some(expect)) => items.push(format!("r:{count}=0x{}", digits(expect)?.concat())),
    }
    Ok(format!("[{}]", items.join(" ")))
}

/// Groups of hexadecimal digits, or of `x`.
fn digits(located: &Located<String>) -> Result<Vec<&str>> {
    const SHAPE: &str =
        "words are hexadecimal digits without prefix, such as `9f 00`; for all else write `do`";
    let words: Vec<&str> = located.value().split_whitespace().collect();
    let good = |c: char| c.is_ascii_hexdigit() || c == 'x';
    if words.is_empty() || !words.iter().all(|word| word.chars().all(good) && !word.starts_with("0x")) {
        return Err((located.span(), Problem::Choice(SHAPE)));
    }
    Ok(words)
}
