//! The tables of SPI to what they mean.

use busproof_core::Bits;
use busproof_core::bus::spi::{Active, Fill, Format, Lanes, Mode, Options, PeripheralFault, Wires, WordBits};

use super::script::Source;
use super::{Problem, Result, at, clock, glitch, limits, place, ranged, span_or_zero, time};
use crate::compact::Script;
use crate::compact::spi::{Defaults, Op, OpKind, lower};
use crate::format::raw::LevelKey;
use crate::format::raw::spi::{
    FlightTable, FormatKey, NetKey, SpiBusTable, SpiDeviceTable, SpiFaultTable, StuckTable,
};
use crate::format::scalar::{Located, TimeText};
use crate::format::vector::spi::{Bus, BusFault, ControllerDrive, DataShift, Device, Flight, Stuck, Wire};
use crate::format::vector::{self, BusKind, DeviceKind};

// Buses.

pub(super) fn bus(
    name: &str,
    located_span: std::ops::Range<usize>,
    table: &SpiBusTable,
) -> Result<vector::Bus> {
    let missing = |what: &str, write| {
        (located_span.clone(), Problem::Missing(format!("bus `{name}` has no {what}"), write))
    };
    let given = table.clock.as_ref().ok_or_else(|| missing("clock", "`clock = \"16 MHz\"`"))?;
    let frequency =
        given.frequency.ok_or_else(|| missing("clock frequency", "`clock.frequency = \"16 MHz\"`"))?;
    let kind = Bus {
        options: options(table)?,
        clock: clock(given, frequency.0)?,
        high: time(given.details.high.as_ref()),
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
        flight: flight(&table.flight),
        fault: bus_fault(&table.fault)?,
    };
    Ok(vector::Bus {
        name: name.to_owned(),
        limits: limits(&table.timing, &busproof_core::bus::spi::INFO)?,
        span: located_span,
        part: table.host.as_ref().map(at),
        kind: BusKind::Spi(Box::new(kind)),
    })
}

fn options(table: &SpiBusTable) -> Result<Options> {
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

fn flight(table: &FlightTable) -> Flight {
    Flight {
        sck: span_or_zero(table.sck),
        lanes: [table.mosi, table.miso, table.io2, table.io3].map(span_or_zero),
        cs: span_or_zero(table.cs),
    }
}

fn mode(key: &'static str, number: Option<&Located<i64>>) -> Result<Option<Mode>> {
    Ok(Mode::from_number(ranged(key, number, 0, 0, 3)? as u8).filter(|_| number.is_some()))
}

// Faults.

fn bus_fault(table: &SpiFaultTable) -> Result<BusFault> {
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

fn stuck(table: &StuckTable) -> Stuck {
    Stuck {
        wire: wire(table.net),
        level: table.level.into(),
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

pub(super) fn device(table: &SpiDeviceTable) -> Result<DeviceKind> {
    Ok(DeviceKind::Spi(Device {
        cs: ranged("cs", table.cs.as_ref(), 0, 0, 7)? as u8,
        output_delay: time(table.output_delay.as_ref()),
        output_hold: time(table.output_hold.as_ref()),
        release_delay: time(table.release_delay.as_ref()),
        mode: mode("wrong_mode", table.fault.wrong_mode.as_ref())?,
        fault: table.fault.shifts_on_sampling_edge.then_some(PeripheralFault::ShiftsOnSamplingEdge),
    }))
}

/// The words of a reply.
pub(super) fn reply(text: &Source<'_>, bus: &Bus) -> Result<Vec<Bits>> {
    const SHAPE: &str = "a reply consists of numbers and texts, such as `0x5a 'hello'`";
    ops(text, &text.script()?, bus)?
        .into_iter()
        .map(|op| match op.kind {
            OpKind::Write { word, lanes: Lanes::SINGLE, expect: None } => Ok(word),
            _ => Err((op.span, Problem::Choice(SHAPE))),
        })
        .collect()
}

/// What a script means on this bus.
pub(super) fn ops(text: &Source<'_>, script: &Script, bus: &Bus) -> Result<Vec<Op>> {
    let options = &bus.options;
    let defaults = Defaults { word_bits: options.word_bits, lanes: options.lanes, wires: options.wires };
    text.lowered(lower(script, defaults), Problem::Spi)
}
