//! What wires do to signals.

use busproof_core::{Rc, Span};
use proptest::prelude::*;

/// Flight times of up to `max`; they shrink to none.
pub fn flights(max: Span) -> impl Strategy<Value = Span> {
    (0..=max.as_fs()).prop_map(Span::from_fs)
}

/// Open-drain nets of 1 to 10 kilohms, up to 400 pF (UM10204 table 10) and drivers of up to 100 ohms; they shrink to a
/// small pull-up and an ideal wire.
///
/// ```
/// use busproof_testkit::electrical;
/// use proptest::prelude::*;
///
/// proptest!(|(rc in electrical::open_drains())| {
///     // A driver always wins against the pull-up: Low is below 30 % of the supply.
///     prop_assert!(rc.on_ohm / (rc.on_ohm + rc.pull_up_ohm) < 0.3);
/// });
/// ```
pub fn open_drains() -> impl Strategy<Value = Rc> {
    (1_000..=10_000u32, 0..=400u32, 1..=100u32).prop_map(|(pull_up, pico, on)| Rc {
        pull_up_ohm: f64::from(pull_up),
        farad: f64::from(pico) * 1e-12,
        on_ohm: f64::from(on),
    })
}
