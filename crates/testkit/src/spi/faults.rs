//! What goes wrong at the controller or the peripheral on purpose.

use busproof_core::Span;
use busproof_core::bus::spi::{Fault, FaultKind, PeripheralFault};
use proptest::prelude::*;

/// Faults of a controller in the first `transfers` transfers and `clocks` clocks of each; they shrink to the first clock.
/// Glitches are up to `width` long.
///
/// ```
/// use busproof_core::Span;
/// use busproof_testkit::spi::faults;
/// use proptest::prelude::*;
///
/// proptest!(|(fault in faults::controller(2, 8, Span::from_ns(5)))| {
///     prop_assert!(fault.transfer < 2 && fault.bit < 8);
/// });
/// ```
pub fn controller(transfers: u32, clocks: u32, width: Span) -> impl Strategy<Value = Fault> {
    let kind = prop_oneof![
        Just(FaultKind::MissingClock),
        Just(FaultKind::ExtraClock),
        Just(FaultKind::DropSelect),
        (1..=width.as_fs().max(1)).prop_map(|fs| FaultKind::ClockGlitch { width: Span::from_fs(fs) }),
    ];
    (0..transfers.max(1), 0..clocks.max(1), kind).prop_map(|(transfer, bit, kind)| Fault {
        transfer,
        bit,
        kind,
    })
}

/// Faults of a peripheral, or none, to which they shrink.
pub fn peripheral() -> impl Strategy<Value = Option<PeripheralFault>> {
    prop::sample::select(vec![None, Some(PeripheralFault::ShiftsOnSamplingEdge)])
}
