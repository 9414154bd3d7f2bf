//! What is doubtful about a part file that can be read.

use std::fmt;

use busproof_core::bus::spi::rules;
use busproof_core::timing::{Quantity, Side};

use crate::devices::Model;
use crate::part::Part;

/// A doubt about a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lint {
    /// No source is known for a number.
    Unverified {
        /// The section it stands in.
        section: &'static str,
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A limit that rules need is not stated, so they will not be checked.
    Missing {
        /// The parameter.
        name: &'static str,
        /// What it is.
        summary: &'static str,
    },
    /// Numbers that contradict each other.
    Suspicious(String),
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lint::Unverified { section, name, value } => {
                write!(f, "{section} {name} ({value}) has no known source")
            }
            Lint::Missing { name, summary } => {
                write!(f, "{name} ({summary}) is not stated, so its rule is not checked")
            }
            Lint::Suspicious(text) => f.write_str(text),
        }
    }
}

/// What an SPI peripheral should state; beside it, tSHSL or tSHSL1.
const PERIPHERAL: &[&str] =
    &["fC", "tCLH", "tCLL", "tSLCH", "tCHSH", "tDVCH", "tCHDX", "tCLQV", "tCLQX", "tSHQZ"];
/// What an SPI controller should state.
const HOST: &[&str] = &["tSU_MI", "tH_MI"];
/// What an I2C part or its standard should state.
const I2C: &[&str] =
    &["fSCL", "tHD;STA", "tLOW", "tHIGH", "tSU;STA", "tHD;DAT", "tSU;DAT", "tSU;STO", "tBUF"];

/// All doubts: unverified numbers in the order of the file, missing limits, contradictions.
pub fn lint(part: &Part) -> Vec<Lint> {
    let unverified = part.numbers().iter().filter(|number| number.is_unverified());
    let mut lints: Vec<Lint> = unverified
        .map(|n| Lint::Unverified { section: n.section, name: n.name.clone(), value: n.value.clone() })
        .collect();
    lints.extend(missing(part));
    lints.extend(suspicious(part).into_iter().map(Lint::Suspicious));
    lints
}

fn missing(part: &Part) -> Vec<Lint> {
    let states = |name: &str| stated(part, name);
    let expected = match (part.bus(), part.model()) {
        ("i2c", _) => I2C,
        ("uart", _) => &[],
        (_, Some(Model::Host)) => HOST,
        _ => PERIPHERAL,
    };
    let mut absent: Vec<&str> = expected.iter().copied().filter(|name| !states(name)).collect();
    if expected == PERIPHERAL && !states("tSHSL") && !states("tSHSL1") {
        absent.push("tSHSL");
    }
    let infos = absent.into_iter().filter_map(|name| part.bus_info().params.iter().find(|i| i.name == name));
    infos.map(|info| Lint::Missing { name: info.name, summary: info.summary }).collect()
}

/// True if the part or its standard states a limit of that name.
fn stated(part: &Part, name: &str) -> bool {
    [Side::Min, Side::Max].into_iter().any(|side| part.limit(name, side).is_some())
}

fn suspicious(part: &Part) -> Vec<String> {
    let mut found = match part.bus() {
        "spi" => suspicious_spi(part),
        _ => suspicious_i2c(part),
    };
    for time in part.times().iter() {
        if time.typical.zip(time.max).is_some_and(|(typical, max)| typical > max) {
            found.push(format!("{}: the typical time is longer than the greatest", time.name));
        }
    }
    found
}

fn suspicious_spi(part: &Part) -> Vec<String> {
    let params = part.params();
    let value = |param| params.get(param).map(|p| p.value);
    let mut found = Vec::new();
    if let (Some(hold), Some(valid)) = (value(rules::T_CLQX), value(rules::T_CLQV))
        && hold > valid
    {
        found.push("tCLQX is longer than tCLQV: output would hold until after it has changed".into());
    }
    if let (Some(high), Some(low), Some(period)) =
        (value(rules::T_CLH), value(rules::T_CLL), value(rules::FC))
        && high + low > period
    {
        found.push("tCLH and tCLL together exceed the period of fC: no clock is fast enough for it".into());
    }
    if let (Some(after_read), Some(after_write)) = (value(rules::T_SHSL1), value(rules::T_SHSL2))
        && after_read > after_write
    {
        found.push("tSHSL1 (after a read) is longer than tSHSL2 (after a write)".into());
    }
    for limit in part.limits().iter().filter(|limit| limit.value == 0) {
        found.push(format!("{} is 0", limit.info.name));
    }
    found
}

fn suspicious_i2c(part: &Part) -> Vec<String> {
    let value = |name, side| part.limit(name, side).map(|limit| limit.value);
    let mut found = Vec::new();
    if let (Some(high), Some(low), Some(period)) =
        (value("tHIGH", Side::Min), value("tLOW", Side::Min), value("fSCL", Side::Max))
        && high + low > period
    {
        found
            .push("tHIGH and tLOW together exceed the period of fSCL: no clock is fast enough for it".into());
    }
    for limit in part.limits().iter().filter(|limit| limit.info.side == Side::Max) {
        let name = limit.info.name;
        let is_less = |least: i64| match limit.info.quantity {
            Quantity::Time => limit.value < least,
            Quantity::Frequency => limit.value > least,
        };
        if value(name, Side::Min).is_some_and(is_less) {
            found.push(format!("{name}: the least value is above the greatest"));
        }
    }
    // UM10204 table 10: data need not be held; everything else takes time.
    for limit in
        part.limits().iter().filter(|limit| limit.value == 0 && !limit.info.name.starts_with("tHD;DAT"))
    {
        found.push(format!("{} is 0", limit.info.name));
    }
    found
}
