//! What a memory draws: the supply currents of data sheets, for energy by the IDD method.

use crate::error::PartError;
use crate::part::{Numbers, read_cite};
use crate::quantity::si;
use crate::reader::Value;

/// The supply currents of one memory, in amperes, each as JESD79-3 and JESD79-4 define their measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Currents {
    /// The supply, in volts.
    pub vdd: f64,
    /// Activates and precharges of one bank, one after the other.
    pub idd0: f64,
    /// All banks closed, in power-down.
    pub idd2p: f64,
    /// All banks closed, awake.
    pub idd2n: f64,
    /// A bank open, in power-down.
    pub idd3p: f64,
    /// A bank open, awake.
    pub idd3n: f64,
    /// Reads one behind the other.
    pub idd4r: f64,
    /// Writes one behind the other.
    pub idd4w: f64,
    /// Refreshes of all banks, one behind the other.
    pub idd5b: f64,
}

impl Currents {
    /// Reads the section `[currents]`.
    pub(super) fn read(value: &Value<'_>, numbers: &mut Numbers) -> Result<Currents, PartError> {
        let table = value.table("[currents]")?;
        let cite = read_cite(&table, value)?;
        let mut quantity = |key: &'static str, unit: &str, example: &'static str| -> Result<f64, PartError> {
            let entry = table.require(key)?;
            let text = entry.str()?;
            // Nothing on a channel draws more than that; far above it somebody has lost a prefix.
            let number = si(text, unit).filter(|number| (0.0..=10.0).contains(number));
            let number = number
                .ok_or_else(|| entry.malformed("a supply voltage or current up to 10 V or 10 A", example))?;
            numbers.add("currents", key, text.to_owned(), &cite);
            Ok(number)
        };
        let vdd = quantity("vdd", "V", "1.2 V")?;
        let mut current = |key| quantity(key, "A", "48 mA");
        let currents = Currents {
            vdd,
            idd0: current("idd0")?,
            idd2p: current("idd2p")?,
            idd2n: current("idd2n")?,
            idd3p: current("idd3p")?,
            idd3n: current("idd3n")?,
            idd4r: current("idd4r")?,
            idd4w: current("idd4w")?,
            idd5b: current("idd5b")?,
        };
        table.finish()?;
        Ok(currents)
    }
}
