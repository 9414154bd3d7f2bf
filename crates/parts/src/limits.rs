//! The limits of `[timing]`, and what they depend on.
//!
//! ```toml
//! tLOW      = { min = "1.3 us", cite = "table 10" }
//! tr        = { min = "20 ns", max = "300 ns", cite = "table 10" }
//! tf        = { min = "20 ns", min_per = "VDD / 5.5 V", max = "300 ns", cite = "table 10" }
//! "tLOW-Hs" = { min = "160 ns", min_400pF = "320 ns", cite = "table 12" }
//! ```
//! A parameter with a least and a greatest value may state both. `min_per` and `max_per` make a limit proportional to the
//! supply. `min_400pF` and `max_400pF` are the values at a bus capacitance of 400 pF, where `min` and `max` are those at
//! 100 pF; in between they are interpolated linearly, beyond they stay what they are.

use busproof_core::bus::BusInfo;
use busproof_core::timing::{Param, ParamInfo, Quantity, Side};

use crate::error::{Hint, PartError, Problem};
use crate::part::{Numbers, read_cite};
use crate::quantity;
use crate::reader::{Table, Value};

/// The femtoseconds of a second.
const SECOND: f64 = 1e15;
/// The bus capacitances for which limits are stated, in farad.
const LIGHT: f64 = 100e-12;
const HEAVY: f64 = 400e-12;

/// What limits depend on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// The supply, in volt.
    pub vdd: f64,
    /// The capacitance of the bus, in farad.
    pub farad: f64,
}

impl Default for Conditions {
    /// 3.3 V and 100 pF.
    fn default() -> Conditions {
        Conditions { vdd: 3.3, farad: LIGHT }
    }
}

/// A limit of the bus's timing, as the part file states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The parameter.
    pub param: Param,
    /// What the bus says of it.
    pub info: &'static ParamInfo,
    /// The value in femtoseconds; a frequency is its period, rounded down. What it depends on, `law` says.
    pub value: i64,
    /// How it follows the conditions.
    pub law: Law,
    /// As the file spells it.
    pub text: String,
    /// The citation.
    pub cite: String,
}

/// How a limit follows the conditions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Law {
    /// It does not.
    #[default]
    Fixed,
    /// The value holds up to 100 pF; this one, in the same unit, from 400 pF on.
    Load(i64),
    /// The value holds at a supply of so many volt, and is proportional to the supply.
    Supply(f64),
}

impl Limit {
    /// The value under the conditions, in femtoseconds.
    pub fn value_at(&self, conditions: &Conditions) -> i64 {
        match self.law {
            Law::Fixed => self.value,
            Law::Supply(volt) => (self.value as f64 * conditions.vdd / volt).round() as i64,
            Law::Load(heavy) => {
                let share = ((conditions.farad - LIGHT) / (HEAVY - LIGHT)).clamp(0.0, 1.0);
                self.between(heavy, share)
            }
        }
    }

    /// True if `value` asks for more than `other`. The greatest frequency is the least period.
    pub(crate) fn is_stricter(&self, value: i64, other: i64) -> bool {
        match (self.info.side, self.info.quantity) {
            (Side::Min, Quantity::Time) | (Side::Max, Quantity::Frequency) => value > other,
            (Side::Max, Quantity::Time) | (Side::Min, Quantity::Frequency) => value < other,
        }
    }

    /// Linear in what the file states: for a frequency, the frequency and not its period.
    fn between(&self, heavy: i64, share: f64) -> i64 {
        let (light, heavy) = (self.value as f64, heavy as f64);
        match self.info.quantity {
            _ if share <= 0.0 => self.value,
            _ if share >= 1.0 => heavy as i64,
            Quantity::Time => (light + (heavy - light) * share).round() as i64,
            Quantity::Frequency => {
                let (fast, slow) = (SECOND / light, SECOND / heavy);
                (SECOND / (fast + (slow - fast) * share)).floor() as i64
            }
        }
    }
}

/// Reads `[timing]`.
pub(crate) fn read(
    value: &Value<'_>,
    bus: &'static BusInfo,
    numbers: &mut Numbers,
) -> Result<Vec<Limit>, PartError> {
    let table = value.table("[timing]")?;
    let mut limits = Vec::new();
    for entry in table.in_order() {
        limits.extend(read_entry(&entry, bus, numbers)?);
    }
    Ok(limits)
}

/// A parameter and what the bus says of it.
type Known = (Param, &'static ParamInfo);

/// The limits of one name: one, or the least and the greatest value.
fn read_entry(
    entry: &Value<'_>,
    bus: &'static BusInfo,
    numbers: &mut Numbers,
) -> Result<Vec<Limit>, PartError> {
    let known = params_of(entry, bus)?;
    let table = entry.table(format!("`{}`", entry.key))?;
    refuse_wrong_side(entry, &table, &known)?;
    let stated: Vec<Known> =
        known.iter().copied().filter(|(_, info)| table.get(side(info)).is_some()).collect();
    if stated.is_empty() {
        let place = format!("`{}`", entry.key);
        return Err(table.error(Problem::MissingKey { key: side(known[0].1), place }));
    }
    let cite = read_cite(&table, entry)?;
    let limits = stated.into_iter().map(|known| read_limit(&table, known, &cite, numbers)).collect();
    table.finish()?;
    limits
}

/// The parameters of the entry's name: at least one.
fn params_of(entry: &Value<'_>, bus: &'static BusInfo) -> Result<Vec<Known>, PartError> {
    let name = entry.key.as_str();
    let named = bus.params.iter().enumerate().filter(|(_, info)| info.name == name);
    let params: Vec<Known> = named.map(|(index, info)| (Param(index as u16), info)).collect();
    if params.is_empty() {
        let hint = Hint::nearest(name, bus.params.iter().map(|info| info.name));
        let what = format!("timing parameter of {}", bus.name);
        return Err(entry.key_error(Problem::UnknownName { what, name: name.to_owned(), hint }));
    }
    Ok(params)
}

const fn side(info: &ParamInfo) -> &'static str {
    match info.side {
        Side::Min => "min",
        Side::Max => "max",
    }
}

fn refuse_wrong_side(entry: &Value<'_>, table: &Table<'_>, known: &[Known]) -> Result<(), PartError> {
    for stated in ["min", "max"] {
        let asked = known.iter().any(|(_, info)| side(info) == stated);
        if let Some(value) = table.get(stated).filter(|_| !asked) {
            let (name, wanted) = (entry.key.clone(), side(known[0].1));
            return Err(value.key_error(Problem::WrongSide { name, stated, wanted }));
        }
    }
    Ok(())
}

fn read_limit(
    table: &Table<'_>,
    (param, info): Known,
    cite: &str,
    numbers: &mut Numbers,
) -> Result<Limit, PartError> {
    let key = side(info);
    let number = table.require(key)?;
    let value = read_value(&number, info.quantity)?;
    let (law, more) = read_law(table, key, info.quantity)?;
    let text = number.str()?.to_owned() + &more;
    numbers.add("timing", info.name, format!("{key} {text}"), cite);
    Ok(Limit { param, info, value, law, text, cite: cite.to_owned() })
}

fn read_value(number: &Value<'_>, quantity: Quantity) -> Result<i64, PartError> {
    let value = match quantity {
        Quantity::Time => number.span()?.as_fs(),
        Quantity::Frequency => number.period()?,
    };
    Ok(i64::try_from(value).unwrap_or(i64::MAX))
}

/// The law of the limit stated under `key`, and how a reader is told of it.
fn read_law(table: &Table<'_>, key: &str, quantity: Quantity) -> Result<(Law, String), PartError> {
    let heavy = table.get(&format!("{key}_400pF"));
    let per = table.get(&format!("{key}_per"));
    match (heavy, per) {
        (None, None) => Ok((Law::Fixed, String::new())),
        (Some(heavy), None) => {
            let more = format!(" (400 pF: {})", heavy.str()?);
            Ok((Law::Load(read_value(&heavy, quantity)?), more))
        }
        (None, Some(per)) => {
            let supply = per.str()?.strip_prefix("VDD /").and_then(|text| quantity::si(text, "V"));
            let volt = supply.filter(|volt| *volt > 0.0);
            let volt = volt.ok_or_else(|| per.malformed("a share of the supply", "VDD / 5.5 V"))?;
            Ok((Law::Supply(volt), format!(" x {}", per.str()?)))
        }
        (Some(_), Some(per)) => {
            let text = format!("`{key}` depends on the supply or on the capacitance, not on both");
            Err(per.key_error(Problem::Conflict(text)))
        }
    }
}
