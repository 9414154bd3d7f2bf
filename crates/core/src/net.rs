//! Nets: what connects the pins of agents.

use crate::level::{Drive, Level, Resolution};
use crate::log::Value;
use crate::sim::Circuit;
use crate::time::Span;

/// A wire, or a group of wires, before it is built into a bench.
///
/// ```
/// use busproof_core::{Net, Span};
/// let sck = Net::wire("sck");
/// let dq = Net::group("dq", 8);
/// let sda = Net::open_drain("sda", busproof_core::Rc { pull_up_ohm: 2200.0, farad: 100e-12, on_ohm: 25.0 });
/// ```
#[derive(Clone, Debug)]
pub struct Net {
    /// Its name, as the log and the waveform file show it.
    pub name: String,
    pub(crate) kind: NetKind,
    /// A resistor to a rail at every pin, if any.
    pub(crate) pull: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum NetKind {
    Wire,
    Group(u32),
    OpenDrain(Circuit),
}

impl Net {
    /// A push-pull wire: levels change at once where a driver is, and a flight time later elsewhere.
    pub fn wire(name: impl Into<String>) -> Net {
        Net { name: name.into(), kind: NetKind::Wire, pull: None }
    }

    /// `width` push-pull wires driven, logged and written together.
    ///
    /// # Panics
    /// If `width` is not 1 to 64.
    pub fn group(name: impl Into<String>, width: u32) -> Net {
        assert!((1..=64).contains(&width), "a group has 1 to 64 wires, not {width}");
        Net { name: name.into(), kind: NetKind::Group(width), pull: None }
    }

    /// A wire with a pull-up that agents pull low; it rises and falls as resistance and capacitance say, and is X
    /// between 30 % and 70 % of the supply.
    pub fn open_drain(name: impl Into<String>, rc: Rc) -> Net {
        Net { name: name.into(), kind: NetKind::OpenDrain(Circuit::of(rc)), pull: None }
    }

    /// With a current source beside the pull-up of an open-drain net, on while an agent drives [`Drive::Pull`]`(true)`: the
    /// SCL of High-speed mode. The wire then rises as a ramp up to the supply. Other nets stay as they are.
    #[must_use]
    pub fn with_current_source(self, ampere: f64, supply_volt: f64) -> Net {
        let kind = match self.kind {
            NetKind::OpenDrain(circuit) => {
                NetKind::OpenDrain(Circuit { source: ampere / supply_volt, ..circuit })
            }
            kind => kind,
        };
        Net { kind, ..self }
    }

    /// With drivers that control the slope of an open-drain net: it falls as fast as with one of them, however many pull.
    /// Such an output stage holds the slope of the wire, whatever helps it; plain switches would pull harder together.
    /// Other nets stay as they are.
    #[must_use]
    pub fn with_controlled_slope(self) -> Net {
        let kind = match self.kind {
            NetKind::OpenDrain(circuit) => NetKind::OpenDrain(Circuit { controls_slope: true, ..circuit }),
            kind => kind,
        };
        Net { kind, ..self }
    }

    /// With a resistor to the positive rail (`true`) or to ground.
    #[must_use]
    pub fn pulled(self, to: Level) -> Net {
        Net { pull: to.bit(), ..self }
    }
}

/// The electrical properties of an open-drain net.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rc {
    /// The pull-up resistor, in ohm.
    pub pull_up_ohm: f64,
    /// The capacitance of the bus, in farad.
    pub farad: f64,
    /// The on-resistance of each driver, in ohm.
    pub on_ohm: f64,
}

/// A pin of an agent: which net it touches, and where along it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attach {
    /// The net.
    pub net: NetId,
    /// The position along the net, as flight time from its beginning. Two pins see each other's edges after the
    /// difference of their positions.
    pub position: Span,
}

impl Attach {
    /// At the beginning of `net`.
    pub const fn to(net: NetId) -> Attach {
        Attach { net, position: Span::ZERO }
    }

    /// `position` along `net`.
    pub const fn at(net: NetId, position: Span) -> Attach {
        Attach { net, position }
    }
}

/// The number of a net within its bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetId(pub(crate) u32);

/// What one driver does to a group, a bit per wire; a wire in none of the planes is released.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupDrive {
    low: u64,
    high: u64,
    pull_low: u64,
    pull_high: u64,
    unknown: u64,
}

impl GroupDrive {
    /// Every wire released.
    pub const RELEASED: GroupDrive = GroupDrive { low: 0, high: 0, pull_low: 0, pull_high: 0, unknown: 0 };
    /// Every wire driven to a level not known.
    pub const UNKNOWN: GroupDrive = GroupDrive { unknown: u64::MAX, ..GroupDrive::RELEASED };

    /// Every wire driven strongly to its bit of `bits`.
    pub const fn strong(bits: u64) -> GroupDrive {
        GroupDrive { low: !bits, high: bits, ..GroupDrive::RELEASED }
    }

    /// Every wire pulled to its bit of `bits`.
    pub const fn pull(bits: u64) -> GroupDrive {
        GroupDrive { pull_low: !bits, pull_high: bits, ..GroupDrive::RELEASED }
    }

    /// Each wire driven strongly to its bit of `value` where that is known, to a level not known where it is X, and
    /// released where it is Z.
    pub const fn of_value(value: Value) -> GroupDrive {
        let known = !value.unknown;
        let (low, high) = (known & !value.bits, known & value.bits);
        GroupDrive { low, high, unknown: value.unknown & value.bits, ..GroupDrive::RELEASED }
    }

    /// This drive on the wires of `mask`, the others released.
    #[must_use]
    pub const fn on(self, mask: u64) -> GroupDrive {
        GroupDrive {
            low: self.low & mask,
            high: self.high & mask,
            pull_low: self.pull_low & mask,
            pull_high: self.pull_high & mask,
            unknown: self.unknown & mask,
        }
    }
}

/// What the kernel needs of a set of drives, for wires and groups alike.
pub(crate) trait Resolve: Copy + PartialEq + Default + Send {
    /// The state that results.
    type State: Copy + PartialEq + Send + std::fmt::Debug;
    fn union(self, other: Self) -> Self;
    fn state(self) -> Self::State;
    fn contends(self) -> bool;
    fn value(state: Self::State) -> Value;
    /// One is Low where the other is High.
    fn opposes(a: Self::State, b: Self::State) -> bool;
}

impl Resolve for Resolution {
    type State = Level;

    fn union(self, other: Self) -> Self {
        Resolution::union(self, other)
    }

    fn state(self) -> Level {
        self.level()
    }

    fn contends(self) -> bool {
        self.is_contention()
    }

    fn value(state: Level) -> Value {
        Value::wire(state)
    }

    fn opposes(a: Level, b: Level) -> bool {
        matches!((a, b), (Level::Low, Level::High) | (Level::High, Level::Low))
    }
}

impl Resolve for GroupDrive {
    type State = Value;

    fn union(self, other: Self) -> Self {
        GroupDrive {
            low: self.low | other.low,
            high: self.high | other.high,
            pull_low: self.pull_low | other.pull_low,
            pull_high: self.pull_high | other.pull_high,
            unknown: self.unknown | other.unknown,
        }
    }

    fn state(self) -> Value {
        let strong = self.low | self.high;
        let weak = !(strong | self.unknown);
        let x = self.unknown | self.low & self.high | weak & self.pull_low & self.pull_high;
        let high = (self.high | weak & self.pull_high) & !x;
        let z = weak & !(self.pull_low | self.pull_high);
        Value { bits: high | x, unknown: x | z }
    }

    fn contends(self) -> bool {
        self.low & self.high != 0
    }

    fn value(state: Value) -> Value {
        state
    }

    fn opposes(a: Value, b: Value) -> bool {
        (a.bits ^ b.bits) & !(a.unknown | b.unknown) != 0
    }
}

impl From<Drive> for Resolution {
    fn from(drive: Drive) -> Resolution {
        Resolution::NONE.with(drive)
    }
}

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

    fn wide(drive: Drive) -> GroupDrive {
        let all = |bit| if bit { u64::MAX } else { 0 };
        match drive {
            Drive::Released => GroupDrive::RELEASED,
            Drive::Pull(bit) => GroupDrive::pull(all(bit)),
            Drive::Strong(bit) => GroupDrive::strong(all(bit)),
            Drive::Unknown => GroupDrive::UNKNOWN,
        }
    }

    proptest! {
        /// Each wire of a group resolves as a wire of its own does.
        #[test]
        fn groups_resolve_as_wires(picks in proptest::collection::vec((0..6usize, 0..64u32), 0..8)) {
            let group = picks.iter().fold(GroupDrive::RELEASED, |all, &(d, i)| all.union(wide(DRIVES[d]).on(1 << i)));
            for i in 0..64 {
                let wire = Resolution::of(picks.iter().filter(|p| p.1 == i).map(|p| DRIVES[p.0]));
                prop_assert_eq!(group.state().at(i), wire.level());
            }
            let fights = (0..64).any(|i| Resolution::of(picks.iter().filter(|p| p.1 == i).map(|p| DRIVES[p.0])).is_contention());
            prop_assert_eq!(group.contends(), fights);
        }
    }
}
