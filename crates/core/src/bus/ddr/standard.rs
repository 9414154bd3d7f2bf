//! The standards.

use super::Command::{
    Act, Act2, Mrr, Mrs, Mwr, Mwra, Pde, Pdx, Pre, PreAll, PreSame, Rd, Rda, Ref, Ref2, Ref4, RefBank,
    RefSame, Sre, Srx, Wr, Wra, ZqLatch, ZqLong, ZqShort, ZqStart,
};
use super::{Command, ddr3, ddr4, ddr5, lpddr4, lpddr5};
use crate::timing::Rule;

/// A family of DDR memories: its commands and rules, and how it makes whole clocks of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standard {
    /// JESD79-3.
    Ddr3,
    /// JESD79-4.
    Ddr4,
    /// JESD79-5.
    Ddr5,
    /// JESD209-4.
    Lpddr4,
    /// JESD209-5, in bank-group mode.
    Lpddr5,
}

use Standard::{Ddr3, Ddr4, Ddr5, Lpddr4, Lpddr5};

/// What all standards have.
const COMMON: &[Command] = &[Act, Pre, PreAll, Rd, Rda, Wr, Wra, Ref, Pde, Pdx, Sre, Srx, Mrs];

impl Standard {
    /// Every standard.
    pub const ALL: &[Standard] = &[Ddr3, Ddr4, Ddr5, Lpddr4, Lpddr5];

    /// As part files spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Ddr3 => "ddr3",
            Ddr4 => "ddr4",
            Ddr5 => "ddr5",
            Lpddr4 => "lpddr4",
            Lpddr5 => "lpddr5",
        }
    }

    /// Its timing rules.
    pub const fn rules(self) -> &'static [Rule] {
        match self {
            Ddr3 => ddr3::RULES,
            Ddr4 => ddr4::RULES,
            Ddr5 => ddr5::RULES,
            Lpddr4 => lpddr4::RULES,
            Lpddr5 => lpddr5::RULES,
        }
    }

    /// True for a command that it has.
    pub fn has(self, command: Command) -> bool {
        let more: &[Command] = match self {
            Ddr3 => &[ZqLong, ZqShort],
            Ddr4 => &[ZqLong, ZqShort, Ref2, Ref4],
            Ddr5 => &[PreSame, RefSame, Mrr, ZqStart, ZqLatch],
            Lpddr4 => &[Mwr, Mwra, RefBank, Mrr, ZqStart, ZqLatch],
            Lpddr5 => &[Act2, Mwr, Mwra, RefBank, Mrr, ZqStart, ZqLatch],
        };
        COMMON.contains(&command) || more.contains(&command)
    }

    /// How many clocks after its first one a command counts for timing rules: when the memory has received it.
    ///
    /// DDR5 sends addresses in two clocks. LPDDR4 makes commands of small ones of two clocks each, and counts from the last.
    pub const fn lead(self, command: Command) -> u64 {
        let long = matches!(command, Act | Rd | Rda | Wr | Wra | Mwr | Mwra | Mrs | Mrr);
        match self {
            Ddr5 if long => 1,
            Lpddr4 if long => 2,
            _ => 0,
        }
    }

    /// How many clocks a command takes on the command bus.
    pub const fn length(self, command: Command) -> u64 {
        match self {
            Lpddr4 if matches!(command, Pde | Pdx) => 1,
            Lpddr4 => self.lead(command) + 2,
            _ => self.lead(command) + 1,
        }
    }

    /// The clocks that `time` takes at a clock period of `tck`, both in femtoseconds: rounded up, except that a small excess over
    /// a whole number of clocks does not count.
    ///
    /// DDR3 and DDR4 forgive 0.026 of a clock: at 1.071 ns, a tFAW of 30 ns is 28 clocks, not 29, and a tWR of 15 ns is 14, not 15.
    /// DDR5 takes 0.3 % off: a tWR of 30 ns at 0.357 ns is 84 clocks, not 85. (These texts are unverified, the results are those
    /// of Ramulator's tables.) LPDDR4 and LPDDR5 forgive nothing. `None` for a period of 0.
    pub const fn clocks(self, time: u64, tck: u64) -> Option<u64> {
        if tck == 0 {
            return None;
        }
        let (time, tck) = (time as u128, tck as u128);
        let whole = match self {
            Ddr3 | Ddr4 => (time * 1000 + tck * 974) / (tck * 1000),
            Ddr5 => (time * 997).div_ceil(tck * 1000),
            Lpddr4 | Lpddr5 => time.div_ceil(tck),
        };
        Some(whole as u64)
    }
}
