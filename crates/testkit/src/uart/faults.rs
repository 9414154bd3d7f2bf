//! What goes wrong at a transmitter on purpose.

use busproof_core::Span;
use busproof_core::bus::uart::{Baud, Fault, FaultKind};
use proptest::prelude::*;

/// Faults of a transmitter of rate `baud` in its first `frames` frames, of every kind; they shrink to a wrong parity bit in
/// the first frame.
///
/// ```
/// use busproof_core::bus::uart::Baud;
/// use busproof_testkit::uart::faults;
/// use proptest::prelude::*;
///
/// let baud = Baud::from_hertz(9_600).expect("a usual rate");
/// proptest!(|(fault in faults::transmitter(3, baud))| {
///     prop_assert!(fault.frame < 3);
/// });
/// ```
pub fn transmitter(frames: u64, baud: Baud) -> impl Strategy<Value = Fault> {
    (0..frames.max(1), kinds(baud.bit())).prop_map(|(frame, kind)| Fault { frame, kind })
}

/// The kinds of fault; glitches are shorter than `bit`, and rates drift by up to a tenth.
fn kinds(bit: Span) -> impl Strategy<Value = FaultKind> {
    prop_oneof![
        Just(FaultKind::Parity),
        Just(FaultKind::Stop),
        (0..2_000u16).prop_map(|mui| FaultKind::ShortStop { mui }),
        (1..1_000u64).prop_map(move |mui| FaultKind::StartGlitch { width: bit.scale(mui, 1_000) }),
        (0..12u8, 1..=15u8).prop_map(|(bit, samples)| FaultKind::Noise { bit, samples }),
        (-100_000..=100_000i32).prop_map(|ppm| FaultKind::Drift { ppm }),
        (0..12u8).prop_map(|bits| FaultKind::Truncated { bits }),
        (1..40u8).prop_map(|bits| FaultKind::Break { bits }),
    ]
}
