//! `[electrical]`: what the drivers of an I2C bus can sink, and what the wires may load them with.
//!
//! ```toml
//! [electrical]
//! cite = "UM10204 table 9"
//! VOL  = "0.4 V"                  # the greatest low level at IOL, above 2 V of supply
//! IOL  = "3 mA"
//! VOL2 = "0.2 VDD"                # the same at IOL2, up to 2 V of supply
//! IOL2 = "2 mA"
//! Cb   = "400 pF"                 # the greatest capacitance of a wire
//! ```

use crate::error::PartError;
use crate::part::{Numbers, Section};
use crate::quantity;
use crate::reader::Value;

/// Up to so many volt of supply the second low level counts (UM10204 table 9).
const LOW_SUPPLY: f64 = 2.0;

/// What drivers can sink and wires may load them with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Electrical {
    /// Above 2 V of supply.
    pub sink: Sink,
    /// Up to 2 V of supply.
    pub low_supply_sink: Sink,
    /// The greatest capacitance of a wire, in farad.
    pub farad_max: f64,
}

/// A low level and the current at which a driver keeps it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sink {
    /// The greatest low level.
    pub level: LowLevel,
    /// The current that every driver must be able to sink at it, in ampere.
    pub ampere: f64,
}

/// The greatest low level of an output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LowLevel {
    /// So many volt.
    Volt(f64),
    /// This share of the supply.
    OfSupply(f64),
}

impl LowLevel {
    /// The level in volt at a supply of `vdd`.
    pub fn volt(self, vdd: f64) -> f64 {
        match self {
            LowLevel::Volt(volt) => volt,
            LowLevel::OfSupply(share) => share * vdd,
        }
    }
}

impl Electrical {
    /// What a driver can sink at a supply of `vdd` volt.
    pub fn sink_at(&self, vdd: f64) -> Sink {
        if vdd > LOW_SUPPLY { self.sink } else { self.low_supply_sink }
    }

    /// Reads `[electrical]`.
    pub(crate) fn read(value: &Value<'_>, numbers: &mut Numbers) -> Result<Electrical, PartError> {
        let mut section = Section::open(value, "electrical", numbers)?;
        let electrical = Electrical {
            sink: Sink {
                level: section.required("VOL", read_level)?,
                ampere: section.required("IOL", |v| read_si(v, "A", "a current", "3 mA"))?,
            },
            low_supply_sink: Sink {
                level: section.required("VOL2", read_level)?,
                ampere: section.required("IOL2", |v| read_si(v, "A", "a current", "2 mA"))?,
            },
            farad_max: section.required("Cb", |v| read_si(v, "F", "a capacitance", "400 pF"))?,
        };
        section.table.finish()?;
        Ok(electrical)
    }
}

fn read_level(value: &Value<'_>) -> Result<LowLevel, PartError> {
    match value.str()?.strip_suffix("VDD").and_then(|share| share.trim().parse::<f64>().ok()) {
        Some(share) if (0.0..1.0).contains(&share) => Ok(LowLevel::OfSupply(share)),
        _ => read_si(value, "V", "a voltage or a share of the supply", "0.4 V").map(LowLevel::Volt),
    }
}

fn read_si(
    value: &Value<'_>,
    unit: &str,
    wanted: &'static str,
    example: &'static str,
) -> Result<f64, PartError> {
    quantity::si(value.str()?, unit)
        .filter(|number| *number > 0.0)
        .ok_or_else(|| value.malformed(wanted, example))
}
