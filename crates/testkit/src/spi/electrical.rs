//! When a peripheral's outputs change.

use busproof_core::Span;
use busproof_core::bus::spi::OutputTiming;
use proptest::prelude::*;

/// Output timing with a clock-to-output time of up to `valid` and an output disable time of up to `disable`; the old bit
/// holds for some of it. It shrinks to outputs that change at once.
///
/// ```
/// use busproof_core::Span;
/// use busproof_testkit::spi::electrical;
/// use proptest::prelude::*;
///
/// proptest!(|(output in electrical::outputs(Span::from_ns(7), Span::from_ns(9)))| {
///     prop_assert!(output.hold <= output.valid && output.valid <= Span::from_ns(7));
/// });
/// ```
pub fn outputs(valid: Span, disable: Span) -> impl Strategy<Value = OutputTiming> {
    (0..=1_000u64, 0..=1_000u64, 0..=1_000u64).prop_map(move |(v, h, d)| {
        let valid = valid.scale(v, 1_000);
        OutputTiming { valid, hold: valid.scale(h, 1_000), disable: disable.scale(d, 1_000) }
    })
}
