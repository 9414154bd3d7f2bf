//! DDR memories: geometry and timing, every number with its citation.
//!
//! ```toml
//! format   = 1
//! part     = "ddr4-2400t-8gb-x8"
//! bus      = "ddr"
//! standard = "ddr4"                    # whose rules hold, and whose rounding
//! title    = "what it is"
//! source   = { doc = "...", rev = "...", title = "...", note = "..." }
//!
//! [geometry]                           # `cite` holds for all
//! cite          = "..."
//! channel_width = 64                   # bits of the data bus
//! device_width  = 8                    # bits of one memory on it
//! ranks         = 1
//! bank_groups   = 4                    # 1 where the standard has none
//! banks         = 4                    # in each group
//! rows          = 65536
//! columns       = 1024
//! burst         = 8                    # beats
//!
//! [timing]                             # by the names of `busproof_core::bus::ddr::rules`
//! tCK  = { min = "833 ps", cite = "..." }
//! tRCD = { min = "14.16 ns", cite = "..." }
//! tRTP = { min = "4 nCK, 7.5 ns", cite = "..." }     # the greater of both
//!
//! [pins]                               # by the names of `busproof_core::bus::ddr::pins::rules`; may be absent
//! tIS   = { min = "170 ps", cite = "..." }
//! tDQSS = { max = "0.27 tCK", cite = "..." }
//!
//! [currents]                           # of one memory; `cite` holds for all; may be left out
//! cite  = "..."
//! vdd   = "1.2 V"
//! idd0  = "48 mA"                      # and idd2p, idd2n, idd3p, idd3n, idd4r, idd4w, idd5b
//! ```
//! Times become whole clocks as the standard rounds ([`Standard::clocks`]); those of pins stay what they are.

mod catalog;
mod currents;
mod geometry;
mod lint;
mod read;
mod show;

#[cfg(test)]
mod tests;

pub use catalog::{FILES, find, is_one, list, open, source_text};
pub use currents::Currents;
pub use geometry::Geometry;
pub use lint::lint;
pub use show::MemorySheet;

use busproof_core::bus::ddr::Standard;
use busproof_core::bus::ddr::rules::T_CK;
use busproof_core::timing::{Param, ParamInfo, Params};

use crate::error::PartError;
use crate::part::{Number, Numbers, Source};

/// A DDR memory on its channel.
#[derive(Clone, Debug)]
pub struct Memory {
    name: String,
    aliases: Vec<String>,
    title: String,
    source: Source,
    standard: Standard,
    geometry: Geometry,
    tck: u64,
    limits: Vec<Delay>,
    pins: Vec<PinLimit>,
    currents: Option<Currents>,
    numbers: Numbers,
}

/// A limit of the timing of pins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinLimit {
    /// The parameter.
    pub param: Param,
    /// In femtoseconds.
    pub fs: i64,
    /// Where it is from.
    pub cite: String,
}

/// A limit of a memory's timing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delay {
    /// The parameter.
    pub param: Param,
    /// What the standard's rules say of it.
    pub info: &'static ParamInfo,
    /// In clocks.
    pub clocks: u64,
    /// As the file spells it.
    pub text: String,
    /// Where it is from.
    pub cite: String,
}

impl Memory {
    /// Reads the text of a part file; `origin` names it in messages.
    pub fn parse(text: &str, origin: &str) -> Result<Memory, PartError> {
        read::parse(text, origin)
    }

    /// Its name: lower-case letters, digits and `-`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Other names under which it is found.
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// What it is, in a line.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where its numbers are from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Whose rules hold.
    pub fn standard(&self) -> Standard {
        self.standard
    }

    /// How many of what there are.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// What one memory of the channel draws, if the file states it.
    pub fn currents(&self) -> Option<&Currents> {
        self.currents.as_ref()
    }

    /// The same memory with so many ranks on its channel; `None` unless that is 1, 2, 4 or 8.
    pub fn with_ranks(&self, ranks: u32) -> Option<Memory> {
        let geometry = Geometry { ranks, ..self.geometry };
        [1, 2, 4, 8].contains(&ranks).then(|| Memory { geometry, ..self.clone() })
    }

    /// The clock period in femtoseconds; positive.
    pub fn tck(&self) -> u64 {
        self.tck
    }

    /// Its limits but for the clock period, in the order of the file.
    pub fn delays(&self) -> &[Delay] {
        &self.limits
    }

    /// A limit in clocks, if the file states it.
    pub fn clocks(&self, param: Param) -> Option<u64> {
        self.limits.iter().find(|delay| delay.param == param).map(|delay| delay.clocks)
    }

    /// The limits as the standard's rules and those of pins take them, in femtoseconds.
    pub fn params(&self) -> Params {
        let mut params = self.params_with(self.tck);
        for limit in &self.pins {
            params.set(limit.param, limit.fs, limit.cite.clone());
        }
        params
    }

    /// Its limits of pins, in the order of the file.
    pub fn pins(&self) -> &[PinLimit] {
        &self.pins
    }

    /// The limits of commands in clocks: every parameter counts clocks.
    pub fn params_in_clocks(&self) -> Params {
        self.params_with(1)
    }

    fn params_with(&self, tck: u64) -> Params {
        let mut params = Params::new();
        params.set(T_CK, tck as i64, self.cite_of_clock());
        for delay in &self.limits {
            let value = i64::try_from(delay.clocks.saturating_mul(tck)).unwrap_or(i64::MAX);
            params.set(delay.param, value, delay.cite.clone());
        }
        params
    }

    fn cite_of_clock(&self) -> &str {
        self.numbers.0.iter().find(|number| number.name == "tCK").map_or("", |number| &number.cite)
    }

    /// Every number of the file and where it is from, in the order of the file.
    pub fn numbers(&self) -> &[Number] {
        &self.numbers.0
    }
}
