//! Levels of a wire and what drivers put on it.

use std::fmt;

/// The state of a wire, as VCD knows it. The discriminant is the pair of planes `unknown << 1 | value`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// A logic 0.
    Low = 0,
    /// A logic 1.
    High = 1,
    /// Nobody drives.
    Z = 2,
    /// Unknown: contention, between thresholds, or not yet valid.
    #[default]
    X = 3,
}

impl Level {
    /// High for `true`, Low for `false`.
    pub const fn from_bit(bit: bool) -> Level {
        if bit { Level::High } else { Level::Low }
    }

    /// The logic value, or `None` for X and Z.
    pub const fn bit(self) -> Option<bool> {
        match self {
            Level::Low => Some(false),
            Level::High => Some(true),
            Level::X | Level::Z => None,
        }
    }

    /// True for [`Level::High`].
    pub const fn is_high(self) -> bool {
        matches!(self, Level::High)
    }

    /// True for [`Level::Low`].
    pub const fn is_low(self) -> bool {
        matches!(self, Level::Low)
    }

    /// The level of the two planes: `value` in bit 0, `unknown` in bit 1.
    pub const fn from_planes(value: bool, unknown: bool) -> Level {
        match (unknown, value) {
            (false, false) => Level::Low,
            (false, true) => Level::High,
            (true, false) => Level::Z,
            (true, true) => Level::X,
        }
    }

    /// The two planes `(value, unknown)` of this level.
    pub const fn planes(self) -> (bool, bool) {
        (self as u8 & 1 != 0, self as u8 & 2 != 0)
    }

    /// The character VCD uses: `0`, `1`, `x` or `z`.
    pub const fn to_char(self) -> char {
        match self {
            Level::Low => '0',
            Level::High => '1',
            Level::X => 'x',
            Level::Z => 'z',
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_char())
    }
}

/// What one driver does to a wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Drive {
    /// High impedance.
    #[default]
    Released,
    /// A resistor to a rail; loses against any strong drive.
    Pull(bool),
    /// A push-pull or open-drain output that is on.
    Strong(bool),
    /// On, at a level not known: between output hold and output valid.
    Unknown,
}

impl Drive {
    /// The level of a wire with this driver alone.
    pub const fn level(self) -> Level {
        match self {
            Drive::Released => Level::Z,
            Drive::Pull(bit) | Drive::Strong(bit) => Level::from_bit(bit),
            Drive::Unknown => Level::X,
        }
    }
}

/// The resolution of any number of drivers: a set union, hence commutative and associative.
///
/// ```
/// use busproof_core::{Drive, Level, Resolution};
/// let wire = Resolution::of([Drive::Pull(true), Drive::Strong(false)]);
/// assert_eq!(wire.level(), Level::Low);
/// let fight = Resolution::of([Drive::Strong(true), Drive::Strong(false)]);
/// assert!(fight.is_contention());
/// assert_eq!(fight.level(), Level::X);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resolution(u8);

impl Resolution {
    const PULL: u8 = 0b0_0011;
    const STRONG: u8 = 0b0_1100;
    const UNKNOWN: u8 = 0b1_0000;

    /// No driver at all.
    pub const NONE: Resolution = Resolution(0);

    /// This set with one more driver in it.
    #[must_use]
    pub const fn with(self, drive: Drive) -> Resolution {
        Resolution(
            self.0
                | match drive {
                    Drive::Released => 0,
                    Drive::Pull(bit) => 1 << bit as u8,
                    Drive::Strong(bit) => 4 << bit as u8,
                    Drive::Unknown => Self::UNKNOWN,
                },
        )
    }

    /// The union of two sets.
    #[must_use]
    pub const fn union(self, other: Resolution) -> Resolution {
        Resolution(self.0 | other.0)
    }

    /// The resolution of all `drives`.
    pub fn of(drives: impl IntoIterator<Item = Drive>) -> Resolution {
        drives.into_iter().fold(Resolution::NONE, Resolution::with)
    }

    /// The level that results.
    #[inline]
    pub const fn level(self) -> Level {
        LEVELS[(self.0 & 0b1_1111) as usize]
    }

    const fn compute(self) -> Level {
        match (self.0 & Self::UNKNOWN != 0, self.0 & Self::STRONG, self.0 & Self::PULL) {
            (false, 0, 0) => Level::Z,
            (false, 0, 0b01) | (false, 0b0100, _) => Level::Low,
            (false, 0, 0b10) | (false, 0b1000, _) => Level::High,
            _ => Level::X,
        }
    }

    /// True if two strong drivers oppose each other: current flows, and the level is anybody's guess.
    pub const fn is_contention(self) -> bool {
        self.0 & Self::STRONG == Self::STRONG
    }
}

/// The level of every set of drives.
const LEVELS: [Level; 32] = {
    let mut levels = [Level::X; 32];
    let mut set = 0;
    while set < 32 {
        levels[set] = Resolution(set as u8).compute();
        set += 1;
    }
    levels
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DRIVES: [Drive; 6] = [
        Drive::Released,
        Drive::Pull(false),
        Drive::Pull(true),
        Drive::Strong(false),
        Drive::Strong(true),
        Drive::Unknown,
    ];

    #[test]
    fn strong_beats_pull_and_opposites_give_x() {
        use Drive::*;
        let level = |d: &[Drive]| Resolution::of(d.iter().copied()).level();
        assert_eq!(level(&[]), Level::Z);
        assert_eq!(level(&[Released, Released]), Level::Z);
        assert_eq!(level(&[Pull(true), Released]), Level::High);
        assert_eq!(level(&[Pull(true), Strong(false)]), Level::Low);
        assert_eq!(level(&[Pull(true), Pull(false)]), Level::X);
        assert_eq!(level(&[Unknown, Strong(true)]), Level::X);
        assert!(!Resolution::of([Pull(true), Pull(false)]).is_contention());
        assert!(Resolution::of([Strong(true), Strong(false)]).is_contention());
    }

    #[test]
    fn planes_round_trip() {
        for level in [Level::Low, Level::High, Level::X, Level::Z] {
            let (value, unknown) = level.planes();
            assert_eq!(Level::from_planes(value, unknown), level);
        }
    }

    proptest! {
        #[test]
        fn the_order_of_drivers_does_not_matter(
            picks in proptest::collection::vec(0..DRIVES.len(), 0..6),
            seed in any::<prop::sample::Index>(),
        ) {
            let drives: Vec<Drive> = picks.iter().map(|&i| DRIVES[i]).collect();
            let mut turned = drives.clone();
            if !turned.is_empty() {
                let by = seed.index(turned.len());
                turned.rotate_left(by);
                turned.reverse();
            }
            prop_assert_eq!(Resolution::of(drives), Resolution::of(turned));
        }

        #[test]
        fn alone_a_driver_sets_its_level(i in 0..DRIVES.len()) {
            prop_assert_eq!(Resolution::of([DRIVES[i]]).level(), DRIVES[i].level());
        }
    }
}
