//! The units in which files count time.

use std::fmt;

use busproof_core::Span;

/// A power of ten of femtoseconds, 1 fs to 100 s: what VCD allows as a timescale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timescale(u8);

impl Timescale {
    /// 1 fs.
    pub const FS: Timescale = Timescale(0);
    /// 1 ps.
    pub const PS: Timescale = Timescale(3);
    /// 1 ns.
    pub const NS: Timescale = Timescale(6);
    /// 1 us.
    pub const US: Timescale = Timescale(9);

    /// 10^`exponent` fs; `None` above 17, which is 100 s.
    pub const fn from_exponent(exponent: u8) -> Option<Timescale> {
        if exponent <= 17 { Some(Timescale(exponent)) } else { None }
    }

    /// The power of ten of femtoseconds.
    pub(crate) const fn exponent(self) -> u8 {
        self.0
    }

    /// The length of one unit.
    pub const fn span(self) -> Span {
        Span::from_fs(10u64.pow(self.0 as u32))
    }

    /// The factor, 1, 10 or 100, and the unit as crate `vcd` names it.
    pub(crate) const fn parts(self) -> (u32, vcd::TimescaleUnit) {
        use vcd::TimescaleUnit::{FS, MS, NS, PS, S, US};
        let unit = [FS, PS, NS, US, MS, S][(self.0 / 3) as usize];
        (10u32.pow((self.0 % 3) as u32), unit)
    }
}

impl fmt::Display for Timescale {
    /// As in a VCD header: `100 ps`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (factor, unit) = self.parts();
        write!(f, "{factor} {unit}")
    }
}

/// The length of one time unit of a file to be read, which may be any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    /// Femtoseconds per unit, at least 1.
    pub(crate) fs: u64,
    /// Units per femtosecond, for timescales below 1 fs; else 1.
    pub(crate) per_fs: u64,
}

impl Default for Scale {
    /// 1 ns.
    fn default() -> Scale {
        Scale { fs: 1_000_000, per_fs: 1 }
    }
}

impl Scale {
    /// The time stamp `n` in femtoseconds, rounded down; `None` if it exceeds u64.
    #[inline]
    pub(crate) fn fs_of(self, n: u64) -> Option<u64> {
        if self.per_fs == 1 { n.checked_mul(self.fs) } else { Some(n / self.per_fs) }
    }
}

impl Scale {
    /// `factor` times 10^`exponent` fs; `None` if that exceeds u64 or a unit is below 1e-18 fs.
    pub(crate) fn from_exponent(factor: u64, exponent: i32) -> Option<Scale> {
        let power = 10u64.checked_pow(exponent.unsigned_abs())?;
        match factor {
            0 => None,
            _ if exponent >= 0 => Some(Scale { fs: factor.checked_mul(power)?, per_fs: 1 }),
            _ if power.is_multiple_of(factor) => Some(Scale { fs: 1, per_fs: power / factor }),
            _ => Some(Scale { fs: (factor / power).max(1), per_fs: 1 }),
        }
    }
}
