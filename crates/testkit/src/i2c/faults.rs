//! What goes wrong at the controller or the target on purpose, and what only takes long.

use busproof_core::Span;
use busproof_core::bus::i2c::{Fault, FaultKind, Stretch, TargetFault, TargetFaultKind};
use proptest::prelude::*;
use proptest::sample::select;

/// Faults of a controller in the first `transfers` transfers and `clocks` clocks of each; they shrink to the first clock.
/// Glitches are up to `width` long.
///
/// ```
/// use busproof_core::Span;
/// use busproof_testkit::i2c::faults;
/// use proptest::prelude::*;
///
/// proptest!(|(fault in faults::controller(2, 18, Span::from_ns(400)))| {
///     prop_assert!(fault.transfer < 2 && fault.clock < 18);
/// });
/// ```
pub fn controller(transfers: u32, clocks: u32, width: Span) -> impl Strategy<Value = Fault> {
    let widths = move || (1..=width.as_fs().max(1)).prop_map(Span::from_fs);
    let kind = prop_oneof![
        widths().prop_map(|width| FaultKind::ClockGlitch { width }),
        widths().prop_map(|width| FaultKind::DataGlitch { width }),
        Just(FaultKind::DataWhileHigh),
        Just(FaultKind::Start),
        Just(FaultKind::Stop),
        Just(FaultKind::EarlySample),
    ];
    (0..transfers.max(1), 0..clocks.max(1), kind).prop_map(|(transfer, clock, kind)| Fault {
        transfer,
        clock,
        kind,
    })
}

/// Faults of a target in the first `transfers` transfers and `bytes` bytes of each; they shrink to a refused address.
pub fn target(transfers: u32, bytes: u32) -> impl Strategy<Value = TargetFault> {
    let kind = select(vec![TargetFaultKind::Nack, TargetFaultKind::MissingAck]);
    (0..transfers.max(1), 0..bytes.max(1), kind).prop_map(|(transfer, byte, kind)| TargetFault {
        transfer,
        byte,
        kind,
    })
}

/// SCL held low for up to `hold` before any of the first `clocks` clocks of the first `transfers` transfers: legal, and what
/// many controllers get wrong. They shrink to no hold before the first clock.
pub fn stretches(transfers: u32, clocks: u32, hold: Span) -> impl Strategy<Value = Stretch> {
    (0..transfers.max(1), 0..clocks.max(1), 0..=hold.as_fs()).prop_map(|(transfer, clock, hold)| Stretch {
        transfer,
        clock,
        hold: Span::from_fs(hold),
    })
}
