//! Clocks as they are: off by a little, and never quite steady.

use std::ops::Range;

use busproof_core::Span;
use busproof_core::sim::{Clock, ClockSpec, Jitter};
use proptest::prelude::*;

/// Clocks of a frequency in `hertz` with any legal error, phase and jitter; they shrink to a slow ideal clock.
///
/// Errors go up to `error_ppb` in both directions, jitter to `jitter_permille` of half a period (250 at most: a quarter).
///
/// ```
/// use busproof_core::sim::Clock;
/// use busproof_testkit::clocks;
/// use proptest::prelude::*;
///
/// proptest!(|(spec in clocks::specs(1_000..100_000_000, 10_000_000, 250))| {
///     prop_assert!(Clock::new(&spec).is_ok());
/// });
/// ```
pub fn specs(hertz: Range<u64>, error_ppb: i64, jitter_permille: u64) -> impl Strategy<Value = ClockSpec> {
    (hertz, errors(error_ppb), 0..=jitter_permille.min(250), any::<bool>(), 0..1_000u64).prop_map(
        |(hertz, error_ppb, permille, gaussian, phase)| {
            let ideal = ClockSpec { error_ppb, ..ClockSpec::ideal(hertz) };
            let half = Clock::new(&ideal).map_or(Span::ZERO, |clock| clock.half_period());
            let jitter = jitter(half.scale(permille, 1_000), gaussian);
            ClockSpec { jitter, phase: half.scale(phase, 1_000), ..ideal }
        },
    )
}

/// Frequency errors of up to `ppb` parts per billion in both directions; they shrink to 0.
pub fn errors(ppb: i64) -> impl Strategy<Value = i64> {
    -ppb..=ppb
}

/// Jitter of at most `peak`.
fn jitter(peak: Span, gaussian: bool) -> Jitter {
    match (peak.is_zero(), gaussian) {
        (true, _) => Jitter::None,
        (false, false) => Jitter::Uniform { peak },
        (false, true) => Jitter::Gaussian { rms: peak.scale(1, 4) },
    }
}
