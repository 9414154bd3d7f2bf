//! Which protocol the tables of a tree belong to.
//!
//! Users write `bus.sensors = { kind = "i2c", speed = "fast" }`. Each protocol has keys of its own, and errors must
//! point at their place, which serde keeps for externally tagged tables only. So the tree is tagged before it is read:
//! `bus.sensors = { i2c = { kind = "i2c", speed = "fast" } }`, and each device after the bus it is on.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::error::{FormatProblem as Problem, Located as Result};
use super::find::find;
use crate::suggest;

/// The protocols, as they are spelt.
const KINDS: [&str; 6] = ["spi", "i2c", "uart", "handshake", "crossing", "ddr"];
/// Those whose ends the bus itself describes.
const WITHOUT_DEVICES: [&str; 3] = ["handshake", "crossing", "ddr"];

/// What there is to say of a device on such a bus.
pub(super) const NO_DEVICES: Problem = Problem::Choice(
    "handshakes, crossings and memories have no devices; describe both ends, or the part, below `bus`",
);

/// Tags every bus and every device of `vector` with its protocol.
pub(super) fn tag(vector: &mut DeTable<'_>) -> Result<()> {
    if vector.contains_key("compare") {
        return refuse_bench(vector);
    }
    let buses = tag_buses(vector)?;
    if buses.is_empty() {
        return Err((0..0, Problem::Missing("there is no bus".into(), "`[bus.spi]` with `kind = \"spi\"`")));
    }
    tag_devices(vector, &buses)
}

/// A comparison has benches of its own: one for each link.
fn refuse_bench(vector: &DeTable<'_>) -> Result<()> {
    const OF_RUNS: [&str; 6] = ["bus", "controller", "device", "step", "seed", "max_time"];
    let is_of_run = |key: &&Spanned<DeString<'_>>| OF_RUNS.contains(&key.get_ref().as_ref());
    if let Some(key) = vector.keys().find(is_of_run) {
        let problem =
            "a comparison brings its own buses, and steps and times besides; remove this, or `[compare]`";
        return Err((key.span(), Problem::Choice(problem)));
    }
    let check = vector.get("check").and_then(|check| check.get_ref().as_table());
    match check.and_then(|check| check.keys().find(|key| key.get_ref() != "link")) {
        Some(key) => {
            let problem =
                "of a comparison, `[check]` says what must come of its links; write `[check.link.uart]`";
            Err((key.span(), Problem::Choice(problem)))
        }
        None => Ok(()),
    }
}

/// The buses by name, each with its protocol.
fn tag_buses(vector: &mut DeTable<'_>) -> Result<Vec<(String, &'static str)>> {
    let mut buses = Vec::new();
    for (name, bus) in tables(vector, "bus")? {
        let span = bus.span();
        let DeValue::Table(table) = bus.get_ref() else {
            return Err((span, Problem::Choice("a bus is a table; write `[bus.spi]` with `kind = \"spi\"`")));
        };
        let kind = kind(&name, table, &span)?;
        wrap(bus, kind);
        buses.push((name, kind));
    }
    buses.sort();
    Ok(buses)
}

fn kind(name: &str, table: &DeTable<'_>, span: &Range<usize>) -> Result<&'static str> {
    let Some(kind) = table.get("kind") else {
        let problem = Problem::Missing(format!("bus `{name}` has no kind"), "`kind = \"spi\"`");
        return Err((span.clone(), problem));
    };
    let Some(text) = kind.get_ref().as_str() else {
        return Err((kind.span(), Problem::Choice("a kind is a text; write `kind = \"spi\"`")));
    };
    KINDS
        .into_iter()
        .find(|known| *known == text)
        .ok_or_else(|| (kind.span(), Problem::UnknownValue(text.into(), suggest::hint(text, KINDS))))
}

fn tag_devices(vector: &mut DeTable<'_>, buses: &[(String, &'static str)]) -> Result<()> {
    for (_, device) in tables(vector, "device")? {
        let span = device.span();
        let DeValue::Table(table) = device.get_ref() else {
            return Err((span, Problem::Choice("a device is a table; write `[device.flash]`")));
        };
        let bus = match table.get("bus") {
            None => None,
            Some(bus) => {
                let shape = Problem::Choice("`bus` is the name of a bus; write it between quotes");
                Some((bus.get_ref().as_str().ok_or((bus.span(), shape))?, bus.span()))
            }
        };
        let names = buses.iter().map(|(name, _)| name.as_str());
        let bus = find("bus", "bus", names, bus, &span)?;
        let kind = buses[bus].1;
        if WITHOUT_DEVICES.contains(&kind) {
            return Err((span, NO_DEVICES));
        }
        wrap(device, kind);
    }
    Ok(())
}

/// The values below `key`, with their names.
fn tables<'t, 'i>(
    vector: &'t mut DeTable<'i>,
    key: &str,
) -> Result<impl Iterator<Item = (String, &'t mut Spanned<DeValue<'i>>)>> {
    let inner = match vector.get_mut(key).map(|value| (value.span(), value.get_mut())) {
        None => None,
        Some((_, DeValue::Table(inner))) => Some(inner),
        Some((span, _)) => {
            return Err((
                span,
                Problem::Choice("`bus` and `device` are tables of tables; write `[bus.spi]`"),
            ));
        }
    };
    Ok(inner.into_iter().flatten().map(|(name, value)| (name.get_ref().to_string(), value)))
}

/// Puts `value` below `kind`.
fn wrap(value: &mut Spanned<DeValue<'_>>, kind: &'static str) {
    let span = value.span();
    let inner = std::mem::replace(value.get_mut(), DeValue::Table(DeTable::new()));
    if let DeValue::Table(outer) = value.get_mut() {
        let key: DeString<'_> = Cow::Borrowed(kind);
        outer.insert(Spanned::new(span.clone(), key), Spanned::new(span, inner));
    }
}
