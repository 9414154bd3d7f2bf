//! Faults of the wires: stuck lines and glitches.

use std::ops::Range;

use busproof_core::bus::BusInfo;
use busproof_core::{Level, Span, Time};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::stage::START;

/// A wire is held at a level for a while, whatever its drivers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The role of the wire on its bus.
    pub role: &'static str,
    /// The level.
    pub level: Level,
    /// From when on.
    pub from: Time,
    /// Until when.
    pub to: Time,
}

impl Held {
    /// Held for the whole run.
    pub const fn stuck(role: &'static str, level: Level) -> Held {
        Held { role, level, from: START, to: Time::MAX }
    }

    /// Held for `width` from `at` on.
    pub const fn glitch(role: &'static str, level: Level, at: Time, width: Span) -> Held {
        Held { role, level, from: at, to: at.saturating_add(width) }
    }
}

fn held(bus: &BusInfo) -> impl Strategy<Value = (&'static str, Level)> + use<> {
    let roles: Vec<&'static str> = bus.roles.iter().map(|role| role.name).collect();
    let levels = vec![Level::Low, Level::High, Level::Z, Level::X];
    (prop::sample::select(roles), prop::sample::select(levels))
}

/// Lines stuck for the whole run.
pub fn stuck(bus: &BusInfo) -> impl Strategy<Value = Held> + use<> {
    held(bus).prop_map(|(role, level)| Held::stuck(role, level))
}

/// Glitches of up to `width` within `when`; they shrink to a femtosecond at its beginning.
pub fn glitches(bus: &BusInfo, when: Range<Time>, width: Span) -> impl Strategy<Value = Held> + use<> {
    let (from, to) = (when.start.as_fs(), when.end.as_fs());
    (held(bus), from..to, 1..=width.as_fs().max(1)).prop_map(|((role, level), at, width)| {
        Held::glitch(role, level, Time::from_fs(at), Span::from_fs(width))
    })
}

/// Plans of up to `count` faults, stuck lines and glitches; they shrink to no fault at all.
///
/// ```
/// use busproof_core::bus::spi;
/// use busproof_core::{Span, Time};
/// use busproof_testkit::faults;
/// use proptest::prelude::*;
///
/// let when = Time::ZERO..Time::from_fs(1_000_000);
/// proptest!(|(plan in faults::plans(&spi::INFO, when, Span::from_ns(50), 3))| {
///     prop_assert!(plan.len() <= 3 && plan.iter().all(|held| held.from < held.to));
/// });
/// ```
pub fn plans(
    bus: &BusInfo,
    when: Range<Time>,
    width: Span,
    count: usize,
) -> impl Strategy<Value = Vec<Held>> + use<> {
    let one = prop_oneof![3 => glitches(bus, when, width), 1 => stuck(bus)];
    vec(one, 0..=count)
}
