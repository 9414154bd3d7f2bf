//! Reads the part files of memories.

use busproof_core::bus::ddr::Standard;
use busproof_core::bus::ddr::pins::rules;
use busproof_core::bus::ddr::rules::{PARAMS, T_AAD, T_CK, T_PD_MAX, T_RAS_MAX};
use busproof_core::time::Span;
use busproof_core::timing::{Param, Side};
use toml::de::DeTable;

use super::{Currents, Delay, Geometry, Memory, PinLimit};
use crate::error::{Hint, PartError, Problem};
use crate::part::{Numbers, read_cite, read_format, read_name, read_source};
use crate::reader::{Doc, Table, Value};

pub(super) fn parse(text: &str, origin: &str) -> Result<Memory, PartError> {
    let doc = Doc { origin, text };
    let root = DeTable::parse(text).map_err(|error| {
        doc.error(error.span().unwrap_or_default(), Problem::Syntax(error.message().replace('\n', ", ")))
    })?;
    read(&Table::root(doc, root.get_ref()))
}

fn read(root: &Table<'_>) -> Result<Memory, PartError> {
    read_format(root)?;
    let name = read_name(&root.require("part")?)?;
    root.require("bus")?.choice("bus", &[("ddr", ())])?;
    let standard = root.require("standard")?.choice("standard", &STANDARDS)?;
    let aliases = root.get("aliases").map(|v| v.str_list()).transpose()?.unwrap_or_default();
    let title = root.require("title")?.str()?.to_owned();
    let source = read_source(&root.require("source")?)?;
    let mut numbers = Numbers::default();
    let geometry = read_geometry(&root.require("geometry")?, &mut numbers)?;
    let (tck, limits) = read_timing(&root.require("timing")?, standard, &mut numbers)?;
    let pins = root.get("pins").map(|value| read_pins(&value, tck, &mut numbers)).transpose()?;
    let pins = pins.unwrap_or_default();
    let currents = root.get("currents").map(|value| Currents::read(&value, &mut numbers)).transpose()?;
    root.finish()?;
    Ok(Memory { name, aliases, title, source, standard, geometry, tck, limits, pins, currents, numbers })
}

const STANDARDS: [(&str, Standard); Standard::ALL.len()] = {
    let mut names = [("", Standard::ALL[0]); Standard::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = (Standard::ALL[i].name(), Standard::ALL[i]);
        i += 1;
    }
    names
};

fn read_geometry(value: &Value<'_>, numbers: &mut Numbers) -> Result<Geometry, PartError> {
    let table = value.table("[geometry]")?;
    let cite = read_cite(&table, value)?;
    let mut count = |key: &'static str, greatest: u64| -> Result<u32, PartError> {
        let value = table.require(key)?;
        let number = value.number(1..=greatest)?;
        if !number.is_power_of_two() {
            return Err(
                value.error(Problem::Conflict(format!("`{key}` is {number}, which is no power of two")))
            );
        }
        numbers.add("geometry", key, number.to_string(), &cite);
        Ok(number as u32)
    };
    let geometry = Geometry {
        channel_width: count("channel_width", 128)?,
        device_width: count("device_width", 32)?,
        ranks: count("ranks", 8)?,
        bank_groups: count("bank_groups", 8)?,
        banks: count("banks", 32)?,
        rows: count("rows", 1 << 24)?,
        columns: count("columns", 1 << 16)?,
        burst: count("burst", 64)?,
    };
    table.finish()?;
    let (bits, columns) = (geometry.burst as u64 * geometry.channel_width as u64, geometry.columns);
    if bits < 8 || columns < geometry.burst {
        let text = "a burst is less than a byte, or longer than a row".to_owned();
        return Err(value.key_error(Problem::Conflict(text)));
    }
    Ok(geometry)
}

fn read_timing(
    value: &Value<'_>,
    standard: Standard,
    numbers: &mut Numbers,
) -> Result<(u64, Vec<Delay>), PartError> {
    let table = value.table("[timing]")?;
    let tck = read_clock(&table.require("tCK")?)?;
    let mut delays = Vec::new();
    for entry in table.in_order() {
        let delay = read_delay(&entry, standard, tck)?;
        numbers.add("timing", &entry.key, format!("min {}", delay.text), &delay.cite);
        if delay.param != T_CK {
            delays.push(delay);
        }
    }
    Ok((tck, delays))
}

fn read_clock(entry: &Value<'_>) -> Result<u64, PartError> {
    let table = entry.table("`tCK`")?;
    let period = table.require("min")?;
    match period.span()?.as_fs() {
        0 => Err(period.malformed("a clock period", "833 ps")),
        tck => Ok(tck),
    }
}

fn read_delay(entry: &Value<'_>, standard: Standard, tck: u64) -> Result<Delay, PartError> {
    let (param, info) = find_param(entry)?;
    let table = entry.table(format!("`{}`", entry.key))?;
    let value = table.require("min")?;
    let cite = read_cite(&table, entry)?;
    table.finish()?;
    let text = value.str()?.to_owned();
    let clocks = text
        .split(',')
        .map(|part| clocks_of(part.trim(), param, standard, tck))
        .collect::<Option<Vec<u64>>>();
    let clocks = clocks.and_then(|all| all.into_iter().max()).filter(|&clocks| clocks <= 1 << 40);
    let clocks = clocks.ok_or_else(|| value.malformed("a delay", "4 nCK, 7.5 ns"))?;
    Ok(Delay { param, info, clocks, text, cite })
}

fn read_pins(value: &Value<'_>, tck: u64, numbers: &mut Numbers) -> Result<Vec<PinLimit>, PartError> {
    let table = value.table("[pins]")?;
    table.in_order().into_iter().map(|entry| read_pin(&entry, tck, numbers)).collect()
}

fn read_pin(entry: &Value<'_>, tck: u64, numbers: &mut Numbers) -> Result<PinLimit, PartError> {
    let (param, info) = rules::param(&entry.key).ok_or_else(|| {
        let hint = Hint::nearest(&entry.key, rules::param_names());
        let what = "timing parameter of the pins of ddr".to_owned();
        entry.key_error(Problem::UnknownName { what, name: entry.key.clone(), hint })
    })?;
    let side = if info.side == Side::Min { "min" } else { "max" };
    let table = entry.table(format!("`{}`", entry.key))?;
    let value = table.require(side)?;
    let cite = read_cite(&table, entry)?;
    table.finish()?;
    let text = value.str()?;
    let fs = time_of(text, tck).filter(|&fs| fs > 0).ok_or_else(|| value.malformed("a time", "0.27 tCK"))?;
    numbers.add("pins", &entry.key, format!("{side} {text}"), &cite);
    Ok(PinLimit { param, fs, cite })
}

/// A time with its unit, or a number of clock periods with at most three decimals.
fn time_of(text: &str, tck: u64) -> Option<i64> {
    let Some(clocks) = text.strip_suffix("tCK") else {
        return i64::try_from(text.parse::<Span>().ok()?.as_fs()).ok();
    };
    let (whole, decimals) = clocks.trim().split_once('.').unwrap_or((clocks.trim(), "0"));
    let fits = |digits: &str, most| {
        (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let thousandths = format!("{decimals:0<3}");
    let number = |digits: &str| digits.parse::<u64>().ok();
    let thousandths = number(whole)?.checked_mul(1000)?.checked_add(number(&thousandths)?)?;
    let fs = tck.checked_mul(thousandths)? / 1000;
    if fits(whole, 3) && fits(decimals, 3) { i64::try_from(fs).ok() } else { None }
}

fn find_param(entry: &Value<'_>) -> Result<(Param, &'static busproof_core::timing::ParamInfo), PartError> {
    let found = PARAMS.iter().enumerate().find(|(_, info)| info.name == entry.key);
    found.map(|(index, info)| (Param(index as u16), info)).ok_or_else(|| {
        let hint = Hint::nearest(&entry.key, PARAMS.iter().map(|info| info.name));
        let what = "timing parameter of ddr".to_owned();
        entry.key_error(Problem::UnknownName { what, name: entry.key.clone(), hint })
    })
}

/// `4 nCK` or a time with its unit. What may not be exceeded is rounded down.
fn clocks_of(text: &str, param: Param, standard: Standard, tck: u64) -> Option<u64> {
    match text.strip_suffix("nCK") {
        Some(count) => count.trim().parse().ok(),
        None if [T_RAS_MAX, T_PD_MAX, T_AAD].contains(&param) => {
            text.parse::<Span>().ok()?.as_fs().checked_div(tck)
        }
        None => standard.clocks(text.parse::<Span>().ok()?.as_fs(), tck),
    }
}
