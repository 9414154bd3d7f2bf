//! The tables of UART to what they mean.

use std::ops::Range;

use busproof_core::bus::uart::{
    AutoBaud, Baud, Divider, FaultKind, INFO, Options, ReadOut, Sampling, lin_checksum, pin,
};
use busproof_core::{Bits, Span};

use super::script::Source;
use super::step::digits;
use super::{Problem, Result, at, clock, limits, ranged, span_or_zero, time};
use crate::compact::Script;
use crate::compact::uart::{Op, OpKind, frames, lower};
use crate::format::raw::ClockTable;
use crate::format::raw::uart::{
    ChecksumKey, DividerTable, EndTable, FlowKey, FlowTable, FrameFaultTable, LinTable, UartBusTable,
    UartStuckTable,
};
use crate::format::scalar::{Located, SettingText};
use crate::format::vector::uart::{Bus, End, Flow, FlowBy, Side, Stuck, Wires};
use crate::format::vector::{self, BusKind, Clock, Jitter};

/// The clock of an end that states none; with an exact divider its frequency does not matter.
const HERTZ: u64 = 16_000_000;

// Buses.

pub(super) fn bus(name: &str, span: Range<usize>, table: &UartBusTable) -> Result<vector::Bus> {
    let mut options = Options::default();
    for (key, setting) in table.settings() {
        set(&mut options, key, setting)?;
    }
    let baud = rate(name, &span, table, &options)?;
    let wires = wires(table, &options)?;
    let end = |keys: &EndTable| end(&span, keys, baud, &options);
    let ends = [end(&table.host)?, end(&table.peer)?];
    if let (Wires::One, Some(every)) =
        (wires, table.host.fifo.every.as_ref().or(table.peer.fifo.every.as_ref()))
    {
        let problem = "on one wire each end listens to itself while it sends; leave `every` out";
        return Err((every.span(), Problem::Choice(problem)));
    }
    let kind = Bus {
        sampling: is_sampling_said(table).then_some(options.sampling),
        wires,
        ends,
        stuck: table.fault.stuck.iter().map(|stuck| one_stuck(&span, stuck, wires)).collect::<Result<_>>()?,
        options,
    };
    Ok(vector::Bus {
        name: name.to_owned(),
        span,
        part: table.standard.as_ref().map(at),
        limits: limits(&table.timing, &INFO)?,
        kind: BusKind::Uart(Box::new(kind)),
    })
}

/// Sets an option of the bus as `--set` does.
fn set(options: &mut Options, key: &str, setting: &Located<SettingText>) -> Result<()> {
    options.set(key, &setting.value().0).map_err(|error| (setting.span(), Problem::Setting(error)))
}

/// The rate that is agreed on.
fn rate(name: &str, span: &Range<usize>, table: &UartBusTable, options: &Options) -> Result<Baud> {
    let Some(written) = table.baud() else {
        let problem = Problem::Missing(format!("bus `{name}` has no bit rate"), "`baud = 115200`");
        return Err((span.clone(), problem));
    };
    let problem = "a rate that is to be found is none to send at; write `baud = 115200`";
    options.baud.ok_or((written.span(), Problem::Choice(problem)))
}

fn is_sampling_said(table: &UartBusTable) -> bool {
    table.settings().any(|(key, _)| matches!(key, "oversampling" | "votes"))
}

fn wires(table: &UartBusTable, options: &Options) -> Result<Wires> {
    let Some(number) = &table.wires else { return Ok(Wires::Two) };
    if ranged("wires", Some(number), 2, 1, 2)? == 2 {
        return Ok(Wires::Two);
    }
    if options.invert_tx != options.invert_rx {
        let problem = "one wire cannot be inverted for one end alone; set `invert_tx` and `invert_rx` alike";
        return Err((number.span(), Problem::Choice(problem)));
    }
    Ok(Wires::One)
}

fn one_stuck(span: &Range<usize>, table: &UartStuckTable, wires: Wires) -> Result<Stuck> {
    if table.to.is_some_and(|to| to.0 <= span_or_zero(table.from)) {
        let problem = "a wire is stuck until before it is; write a `to` later than `from`";
        return Err((span.clone(), Problem::Choice(problem)));
    }
    let wire = table.net.into();
    if wires == Wires::One && wire == pin::RX {
        return Err((span.clone(), Problem::Choice("the one wire of this bus is `tx`; hold that one")));
    }
    Ok(Stuck {
        pin: wire,
        level: table.level.into(),
        from: span_or_zero(table.from),
        to: table.to.map(|t| t.0),
    })
}

// Ends.

fn end(bus: &Range<usize>, table: &EndTable, agreed: Baud, options: &Options) -> Result<End> {
    let span = table.divider.as_ref().map_or(bus.clone(), Located::span);
    let baud = table.baud.as_ref().map_or(Ok(agreed), own_rate)?;
    let clock = own_clock(table.clock.as_ref())?;
    let depth = ranged("depth", table.fifo.depth.as_ref(), 1, 1, 65_536)? as usize;
    Ok(End {
        span,
        divider: table.divider.as_ref().map_or(Ok(Divider::Exact), |d| divider(d, clock.hertz, baud))?,
        clock,
        baud: Some(baud),
        sampling: sampling(table, options)?,
        auto_baud: table.auto_baud.as_ref().map_or(Ok(AutoBaud::Off), auto_baud)?,
        gap: time(table.gap.as_ref()),
        depth,
        read: read_out(table.fifo.every.as_ref().map(|every| (every.value().0, every.span())))?,
        flow: table.flow.as_ref().map(|table| flow(table, depth)).transpose()?,
        cts_latency: time(table.cts_latency.as_ref()),
        enable_setup: time(table.enable.setup.as_ref()),
        enable_hold: time(table.enable.hold.as_ref()),
        time_out: table.time_out.map(|t| t.0),
        faults: table.fault.iter().map(fault).collect::<Result<_>>()?,
    })
}

fn own_rate(setting: &Located<SettingText>) -> Result<Baud> {
    setting.value().0.parse().map_err(|_| {
        let problem = "no bit rate; write bits per second, with up to three decimals, such as `9600`";
        (setting.span(), Problem::Choice(problem))
    })
}

fn own_clock(table: Option<&ClockTable>) -> Result<Clock> {
    let Some(table) = table else {
        return Ok(Clock { hertz: HERTZ, error_ppb: 0, jitter: Jitter::None, phase: Span::ZERO });
    };
    if let Some(high) = &table.details.high {
        return Err((high.span(), Problem::Choice("the clock of a UART is on no wire; remove `high`")));
    }
    clock(table, table.frequency.map_or(HERTZ, |f| f.0))
}

fn divider(table: &Located<DividerTable>, hertz: u64, baud: Baud) -> Result<Divider> {
    let DividerTable { by, n } = table.value();
    let n = match n {
        None => None,
        Some(n) => Some(ranged("n", Some(n), 1, 1, u32::MAX.into())? as u32),
    };
    match *by.value() {
        1 => Ok(n.map_or_else(|| Divider::nearest_clocks(hertz, baud), Divider::Clocks)),
        8 => Ok(n.map_or_else(|| Divider::nearest_by8(hertz, baud), Divider::By8)),
        16 => Ok(n.map_or_else(|| Divider::nearest_by16(hertz, baud), Divider::By16)),
        value => Err((by.span(), Problem::NotAChoice { key: "by", value, choices: "1, 8 or 16" })),
    }
}

/// How the receiver of an end samples, if it says so itself.
fn sampling(table: &EndTable, options: &Options) -> Result<Option<Sampling>> {
    if table.oversampling.is_none() && table.votes.is_none() {
        return Ok(None);
    }
    let mut own = options.clone();
    for (key, setting) in [("oversampling", &table.oversampling), ("votes", &table.votes)] {
        if let Some(setting) = setting {
            set(&mut own, key, setting)?;
        }
    }
    Ok(Some(own.sampling))
}

fn auto_baud(text: &Located<String>) -> Result<AutoBaud> {
    let bits = |bits: &str| bits.parse::<u8>().ok().filter(|&bits| bits > 0);
    let found = match text.value().split_once(':') {
        None if text.value() == "off" => Some(AutoBaud::Off),
        None if text.value() == "first" => Some(AutoBaud::First),
        Some(("break", number)) => bits(number).map(|bits| AutoBaud::Break { bits }),
        _ => None,
    };
    found.ok_or_else(|| {
        let problem =
            "no way to find a rate; write `off`, `first`, or `break:11` for breaks of 11 bits and more";
        (text.span(), Problem::Choice(problem))
    })
}

/// How frames are read, and where that is written.
fn read_out(every: Option<(Span, Range<usize>)>) -> Result<ReadOut> {
    match every {
        None => Ok(ReadOut::AtOnce),
        Some((span, place)) if span.is_zero() => Err((
            place,
            Problem::Choice("a frame every 0 s is read as soon as it is there; leave `every` out"),
        )),
        Some((span, _)) => Ok(ReadOut::Every(span)),
    }
}

fn flow(table: &Located<FlowTable>, depth: usize) -> Result<Flow> {
    let FlowTable { by, stop_at, go_at, latency } = table.value();
    let stop = ranged("stop_at", Some(stop_at), 1, 1, depth as i64)? as usize;
    Ok(Flow {
        by: match by {
            FlowKey::Rts => FlowBy::Rts,
            FlowKey::XonXoff => FlowBy::XonXoff,
        },
        stop_at: stop,
        go_at: ranged("go_at", Some(go_at), 0, 0, stop as i64 - 1)? as usize,
        latency: time(latency.as_ref()),
    })
}

/// What goes wrong in a frame.
fn fault(located: &Located<FrameFaultTable>) -> Result<(u64, FaultKind)> {
    let table = located.value();
    let number = |key, number: &Located<i64>, least, most| ranged(key, Some(number), least, least, most);
    let short = |mui| Ok(FaultKind::ShortStop { mui: number("short_stop", mui, 0, 2_000)? as u16 });
    let truncated = |bits| Ok(FaultKind::Truncated { bits: number("truncated", bits, 1, 12)? as u8 });
    let low = |bits| Ok(FaultKind::Break { bits: number("break", bits, 1, 255)? as u8 });
    let noise = table.noise.as_ref().map(|noise| {
        let bit = number("bit", &noise.bit, 0, 12)? as u8;
        Ok(FaultKind::Noise { bit, samples: number("samples", &noise.samples, 1, 15)? as u8 })
    });
    let all = [
        table.parity.then_some(Ok(FaultKind::Parity)),
        table.stop.then_some(Ok(FaultKind::Stop)),
        table.short_stop.as_ref().map(short),
        table.start_glitch.map(|width| Ok(FaultKind::StartGlitch { width: width.0 })),
        noise,
        table.drift.map(|drift| Ok(FaultKind::Drift { ppm: (drift.0 / 1_000) as i32 })),
        table.truncated.as_ref().map(truncated),
        table.low.as_ref().map(low),
    ];
    let mut written = all.into_iter().flatten();
    if let (Some(kind), None) = (written.next(), written.next()) {
        return Ok((table.frame, kind?));
    }
    let problem = "a fault is one thing in a frame, such as `{ frame = 1, parity = true }`; write several";
    Err((located.span(), Problem::Choice(problem)))
}

// Steps.

/// What a step sends that is a LIN message or a part of one.
pub(super) fn lin(located: &Located<LinTable>, bits: u32) -> Result<Vec<Op>> {
    let LinTable { id, header, data, checksum } = located.value();
    if bits != 8 {
        return Err((located.span(), Problem::Choice("LIN has frames of 8 data bits; set `data_bits = 8`")));
    }
    let id = ranged("id", Some(id), 0, 0, 63)? as u8;
    let data = data.as_ref().map(bytes).transpose()?.unwrap_or_default();
    if data.is_empty() && !header {
        let problem = "neither header nor response is sent; write `data`, or leave `header` out";
        return Err((located.span(), Problem::Choice(problem)));
    }
    let mut kinds: Vec<OpKind> = header.then_some(OpKind::LinHeader(id)).into_iter().collect();
    if !data.is_empty() {
        let over = if is_classic(*checksum, id) { None } else { Some(id) };
        let sum = lin_checksum(over, &data);
        kinds.extend(data.into_iter().chain([sum]).map(|byte| OpKind::Send(byte.into())));
    }
    Ok(kinds.into_iter().map(|kind| Op { span: located.span(), kind }).collect())
}

/// LIN: diagnostic frames, 3ch and 3dh, keep the classic checksum.
fn is_classic(checksum: Option<ChecksumKey>, id: u8) -> bool {
    checksum.map_or(matches!(id, 0x3c | 0x3d), |checksum| checksum == ChecksumKey::Classic)
}

/// At most 8 bytes of a response.
fn bytes(text: &Located<String>) -> Result<Vec<u8>> {
    let problem = "a LIN response has 1 to 8 bytes, two hexadecimal digits each; write `data = \"12 00 ff\"`";
    let wrong = || (text.span(), Problem::Choice(problem));
    let digits = digits(text)?.concat();
    if digits.is_empty() || digits.len() > 16 || !digits.len().is_multiple_of(2) {
        return Err(wrong());
    }
    (0..digits.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).map_err(|_| wrong()))
        .collect()
}

/// What a step that is a break sends.
pub(super) fn low(bits: &Located<i64>) -> Result<Vec<Op>> {
    let number = ranged("break", Some(bits), 13, 1, u16::MAX.into())? as u16;
    Ok(vec![Op { span: bits.span(), kind: OpKind::Break(number) }])
}

/// The end that does a step.
pub(super) fn side(by: Option<&Located<String>>, has_device: bool) -> Result<usize> {
    let Some(by) = by else { return Ok(Side::Host as usize) };
    match Side::ALL.into_iter().find(|side| side.name() == by.value()) {
        Some(Side::Peer) if has_device => {
            let problem = "the device is the peer, and speaks for itself; remove `by`, or the device";
            Err((by.span(), Problem::Choice(problem)))
        }
        Some(side) => Ok(side as usize),
        None => {
            let hint = crate::suggest::hint(by.value(), Side::ALL.map(Side::name));
            Err((by.span(), Problem::UnknownName { what: "end", name: by.value().clone(), hint }))
        }
    }
}

/// The frames of a reply.
pub(super) fn reply(text: &Source<'_>, bus: &Bus) -> Result<Vec<Bits>> {
    let bits = bus.options.data_bits.get();
    let frames = frames(&text.script()?, bits)
        .map_err(|error| (text.place(&error.span), Problem::Uart(error.refusal)))?;
    Ok(frames.into_iter().map(|data| Bits::new(data.into(), bits)).collect())
}

/// What a script means on this bus.
pub(super) fn ops(text: &Source<'_>, script: &Script, bus: &Bus) -> Result<Vec<Op>> {
    text.lowered(lower(script, bus.options.data_bits.get()), Problem::Uart)
}
