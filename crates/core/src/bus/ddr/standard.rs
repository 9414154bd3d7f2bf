//! The standards.

use super::ddr4;
use crate::timing::Rule;

/// A family of DDR memories: its rules, and how it makes whole clocks of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standard {
    /// JESD79-4.
    Ddr4,
}

impl Standard {
    /// Every standard.
    pub const ALL: &[Standard] = &[Standard::Ddr4];

    /// As part files spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Standard::Ddr4 => "ddr4",
        }
    }

    /// Its timing rules.
    pub const fn rules(self) -> &'static [Rule] {
        match self {
            Standard::Ddr4 => ddr4::RULES,
        }
    }

    /// The clocks that `time` takes at a clock period of `tck`, both in femtoseconds: rounded up, except that a small excess over
    /// a whole number of clocks does not count.
    ///
    /// DDR4 forgives 0.026 of a clock: tFAW of 30 ns at 1.071 ns is 28 clocks, not 29 (the text is unverified, the result is
    /// that of Ramulator's tables). `None` for a period of 0.
    pub const fn clocks(self, time: u64, tck: u64) -> Option<u64> {
        if tck == 0 {
            return None;
        }
        let whole = match self {
            Standard::Ddr4 => (time as u128 * 1000 + tck as u128 * 974) / (tck as u128 * 1000),
        };
        Some(whole as u64)
    }
}
