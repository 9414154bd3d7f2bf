//! The tables of I2C to what they mean.

use std::collections::BTreeMap;
use std::ops::Range;

use busproof_core::bus::i2c::{Address, INFO, OnNack, Options, Protocol, Speed};
use busproof_core::{Bits, Span};
use busproof_parts::advice::least_pull_up;
use busproof_parts::{Ambient, catalog};

use super::script::Source;
use super::{Named, Problem, Result, at, clock, find, glitch, limits, place, ranged, span_or_zero, time};
use crate::compact::Script;
use crate::compact::i2c::{Op, bytes, lower};
use crate::format::raw::DeviceTable;
use crate::format::raw::i2c::{
    AmbientTable, BehindTable, ByteTable, ControllerKeys, EdgesKey, HighSpeedKeys, I2cBusTable,
    I2cDeviceTable, I2cFaultTable, I2cNetKey, I2cStuckTable, StretchTable,
};
use crate::format::scalar::Located;
use crate::format::vector::i2c::{
    Behind, Bus, Byte, Controller, Device, Drive, Edges, Electrical, Fault, Stretch, Stuck, Wire,
};
use crate::format::vector::{self, At, BusKind, Clock, DeviceId, DeviceKind, Jitter};

// Buses.

pub(super) fn bus(
    name: &str,
    span: Range<usize>,
    table: &I2cBusTable,
    named: &[Named<'_>],
) -> Result<vector::Bus> {
    let speed: Speed = table.speed.map(Into::into).unwrap_or_default();
    let protocol: Protocol = table.protocol.map(Into::into).unwrap_or_default();
    let options = Options { speed: Some(speed), protocol, pec: table.pec, spike: None };
    let of_class =
        || catalog::standard(&options).map(|part| At { value: part.name().into(), span: span.clone() });
    let part = table.standard.as_ref().map(at).or_else(of_class);
    let kind = Bus {
        speed,
        electrical: electrical(&span, table, speed)?,
        wires: stuck(&span, table, named)?,
        controllers: controllers(&span, table, named, speed)?,
        options,
    };
    Ok(vector::Bus {
        name: name.to_owned(),
        span,
        part,
        limits: limits(&table.timing, &INFO)?,
        kind: BusKind::I2c(Box::new(kind)),
    })
}

/// The clock of a controller that is told none: the highest, less the 1 % by which oscillators without a crystal may be off,
/// since the limit is for what is on the wire.
const fn default_hertz(speed: Speed) -> u64 {
    speed.highest_hertz() / 100 * 99
}

/// ln(0.7 / 0.3): from 70 % to 30 % of the supply, or back, in units of R C (UM10204 section 7.1).
const LN_SWING: f64 = 0.847_297_860_387_203_6;

/// The resistors and capacitors of a small board, unless the table says otherwise.
fn electrical(span: &Range<usize>, table: &I2cBusTable, speed: Speed) -> Result<Electrical> {
    let vdd = table.vdd.map_or(3.3, |v| v.0);
    let pull_up_ohm = table.pull_up.map_or_else(|| default_pull_up(speed, vdd), |r| r.0);
    let farad = table.capacitance.map_or_else(|| default_farad(speed, pull_up_ohm), |c| c.0);
    // Against the pull-up every driver wins five to one.
    let on_ohm = table.on_resistance.map_or_else(|| slope(speed, farad, vdd).min(pull_up_ohm / 5.0), |r| r.0);
    if speed != Speed::UltraFast && on_ohm / (on_ohm + pull_up_ohm) >= 0.3 {
        let problem = "nobody can pull a wire below 30 % of its supply; write a smaller `on_resistance`, or a larger `pull_up`";
        return Err((span.clone(), Problem::Choice(problem)));
    }
    let edges = match table.edges {
        EdgesKey::Real => Edges::Real,
        EdgesKey::Ideal => Edges::Ideal,
    };
    // A resistance that is written is that of a plain switch.
    let controls_slope = has_slope(speed) && table.on_resistance.is_none();
    Ok(Electrical { pull_up_ohm, farad, edges, vdd, on_ohm, controls_slope })
}

/// A resistor that lets 100 pF rise in time, with room: tr(max) / (0.8473 Cb) is 11.8 kOhm, 3.5 kOhm and 1.4 kOhm in
/// Standard-mode, Fast-mode and Fast-mode Plus (UM10204 section 7.1). In all but Fast-mode Plus drivers need to sink no more
/// than 3 mA at 0.4 V (table 9); where 1 kOhm asks for more, as in High-speed mode above 3.4 V, it is (VDD - 0.4 V) / 3 mA
/// and a twentieth.
fn default_pull_up(speed: Speed, vdd: f64) -> f64 {
    let least = least_pull_up(vdd, 0.4, 3e-3);
    match speed {
        Speed::Standard => 4_700.0,
        Speed::Fast => 2_200.0,
        Speed::High if least > 1_000.0 => 1.05 * least,
        Speed::FastPlus | Speed::High | Speed::UltraFast => 1_000.0,
    }
}

/// 100 pF. In High-speed mode SDA must rise in 80 ns (trDA; UM10204 table 12), which takes less: it rises in 85 % of that
/// time, and on 80 pF at most.
fn default_farad(speed: Speed, pull_up_ohm: f64) -> f64 {
    match speed {
        Speed::High => greatest_farad(0.85 * 80e-9, pull_up_ohm).min(80e-12),
        _ => 100e-12,
    }
}

/// The capacitance that a resistor raises from 30 % to 70 % in `seconds`.
fn greatest_farad(seconds: f64, ohm: f64) -> f64 {
    seconds / (LN_SWING * ohm)
}

/// True if a wire of that class must not fall faster than in some time, so that its drivers control their slope.
const fn has_slope(speed: Speed) -> bool {
    matches!(speed, Speed::Fast | Speed::FastPlus | Speed::High)
}

/// The on-resistance of a driver. Those that control their slope take a quarter longer than they must: from Fast-mode on, a
/// wire must not fall faster than in 20 ns x VDD / 5.5 V (UM10204 table 10).
fn slope(speed: Speed, farad: f64, vdd: f64) -> f64 {
    if !has_slope(speed) {
        return 50.0;
    }
    let fall = 1.25 * 20e-9 * vdd / 5.5;
    fall / (LN_SWING * farad)
}

// Controllers.

/// The controllers with names, or the one that the bus itself describes.
fn controllers(
    span: &Range<usize>,
    table: &I2cBusTable,
    named: &[Named<'_>],
    speed: Speed,
) -> Result<Vec<Controller>> {
    let bus = table.controller();
    if named.is_empty() {
        return Ok(vec![controller(None, span.clone(), bus, speed)?]);
    }
    if !faults(bus.fault).is_empty() {
        let problem = "which of the controllers is at fault? move `fault` to its `[controller.NAME]`";
        return Err((span.clone(), Problem::Choice(problem)));
    }
    let one = |named: &Named<'_>| {
        let keys = named.table.value().controller().over(bus);
        controller(Some(named.name.to_owned()), named.table.span(), keys, speed)
    };
    named.iter().map(one).collect()
}

fn controller(
    name: Option<String>,
    span: Range<usize>,
    keys: ControllerKeys<'_>,
    speed: Speed,
) -> Result<Controller> {
    Ok(Controller {
        name,
        span,
        clock: own_clock(keys, speed)?,
        drive: Drive {
            low: time(keys.low),
            high: time(keys.high),
            start_hold: time(keys.start_hold),
            start_setup: time(keys.start_setup),
            stop_setup: time(keys.stop_setup),
            data_hold: time(keys.data_hold),
            data_setup: time(keys.data_setup),
        },
        high_speed: high_speed(keys.high_speed),
        bus_free: time(keys.bus_free),
        time_out: keys.time_out.map(|t| t.0),
        on_nack: keys.on_nack.map(OnNack::from).unwrap_or_default(),
        retries: keys.retries,
        faults: faults(keys.fault),
    })
}

fn high_speed(keys: HighSpeedKeys<'_>) -> Drive {
    Drive {
        low: time(keys.low),
        high: time(keys.high),
        start_hold: time(keys.start_hold),
        start_setup: time(keys.start_setup),
        stop_setup: time(keys.stop_setup),
        data_hold: time(keys.data_hold),
        data_setup: time(keys.data_setup),
    }
}

/// The clock that is written, or that of the class.
fn own_clock(keys: ControllerKeys<'_>, speed: Speed) -> Result<Clock> {
    let default = default_hertz(speed);
    let Some(table) = keys.clock else {
        return Ok(Clock { hertz: default, error_ppb: 0, jitter: Jitter::None, phase: Span::ZERO });
    };
    if let Some(high) = &table.details.high {
        return Err((
            high.span(),
            Problem::Choice("on I2C `high` is a key of the bus, beside `low`; move it there"),
        ));
    }
    clock(table, table.frequency.map_or(default, |f| f.0))
}

fn faults(table: &I2cFaultTable) -> Vec<Fault> {
    let all = [
        table.clock_glitch.as_ref().map(|pulse| Fault::ClockGlitch(glitch(pulse))),
        table.data_glitch.as_ref().map(|pulse| Fault::DataGlitch(glitch(pulse))),
        table.data_while_high.map(|at| Fault::DataWhileHigh(place(at))),
        table.start.map(|at| Fault::Start(place(at))),
        table.stop.map(|at| Fault::Stop(place(at))),
        table.early_sample.map(|at| Fault::EarlySample(place(at))),
    ];
    all.into_iter().flatten().collect()
}

/// What happens to the wires, wherever it is written.
fn stuck(span: &Range<usize>, table: &I2cBusTable, named: &[Named<'_>]) -> Result<Vec<Stuck>> {
    let own = table.fault.stuck.iter();
    own.chain(named.iter().flat_map(|named| &named.table.value().fault.stuck))
        .map(|table| one_stuck(span, table))
        .collect()
}

fn one_stuck(span: &Range<usize>, table: &I2cStuckTable) -> Result<Stuck> {
    if table.to.is_some_and(|to| to.0 <= span_or_zero(table.from)) {
        let problem = "a wire is stuck until before it is; write a `to` later than `from`";
        return Err((span.clone(), Problem::Choice(problem)));
    }
    Ok(Stuck {
        wire: match table.net {
            I2cNetKey::Scl => Wire::Scl,
            I2cNetKey::Sda => Wire::Sda,
        },
        level: table.level.into(),
        from: span_or_zero(table.from),
        to: table.to.map(|t| t.0),
    })
}

// Devices.

pub(super) fn device(
    table: &I2cDeviceTable,
    all: &BTreeMap<String, Located<DeviceTable>>,
) -> Result<DeviceKind> {
    let behind = |behind: &Located<BehindTable>| {
        let BehindTable { device, channel } = behind.value();
        let names = all.keys().map(String::as_str);
        let device = find("device", "device", names, super::named(Some(device)), &behind.span())?;
        Ok(Behind { span: behind.span(), device: DeviceId(device), channel: *channel })
    };
    Ok(DeviceKind::I2c(Device {
        behind: table.behind.as_ref().map(behind).transpose()?,
        ambient: ambient(table.ambient),
        address: address(table)?,
        pins: table.pins.iter().map(|(name, key)| (pin(name), (*key).into())).collect(),
        output_delay: time(table.output_delay.as_ref()),
        stretch: table.stretch.iter().map(stretch).collect(),
        nacks: table.nack_at.iter().copied().map(byte).collect(),
        lost_acks: table.lost_ack_at.iter().copied().map(byte).collect(),
    }))
}

fn ambient(table: AmbientTable) -> Ambient {
    Ambient {
        milli_celsius: table.temperature.map(|t| t.0),
        pascal: table.pressure.map(|p| p.0),
        milli_percent: table.humidity.map(|h| h.0),
    }
}

fn pin(name: &toml::Spanned<String>) -> At<String> {
    At { value: name.get_ref().clone(), span: name.span() }
}

fn stretch(table: &StretchTable) -> Stretch {
    Stretch {
        place: vector::Place { transfer: table.transfer, clock: table.clock },
        hold: At { value: table.hold.value().0.clone(), span: table.hold.span() },
    }
}

fn byte(table: ByteTable) -> Byte {
    Byte { transfer: table.transfer, byte: table.byte }
}

fn address(table: &I2cDeviceTable) -> Result<Option<At<Address>>> {
    let Some(located) = &table.address else {
        return match &table.address_bits {
            None => Ok(None),
            Some(bits) => {
                Err((bits.span(), Problem::Choice("no address is written; write `address = 0x50`")))
            }
        };
    };
    let value = ranged("address", Some(located), 0, 0, 0x3ff)?;
    let least = if value > 0x7f { 10 } else { 7 };
    let address = match address_bits(table.address_bits.as_ref(), least)? {
        7 => Address::Seven(value as u8),
        _ => Address::Ten(value as u16),
    };
    Ok(Some(At { value: address, span: located.span() }))
}

/// The bits of an address that needs at least `least`.
fn address_bits(written: Option<&Located<i64>>, least: i64) -> Result<i64> {
    let Some(written) = written else { return Ok(least) };
    match *written.value() {
        bits @ (7 | 10) if bits >= least => Ok(bits),
        value => {
            let choices = if least == 7 { "7 or 10" } else { "10 for an address above 0x7f" };
            Err((written.span(), Problem::NotAChoice { key: "address_bits", value, choices }))
        }
    }
}

/// The bytes of a reply.
pub(super) fn reply(text: &Source<'_>) -> Result<Vec<Bits>> {
    let bytes =
        bytes(&text.script()?).map_err(|error| (text.place(&error.span), Problem::I2c(error.refusal)))?;
    Ok(bytes.into_iter().map(|byte| Bits::new(u64::from(byte), 8)).collect())
}

/// What a script means on this bus.
pub(super) fn ops(text: &Source<'_>, script: &Script) -> Result<Vec<Op>> {
    text.lowered(lower(script), Problem::I2c)
}
