//! How far the clocks of both ends may differ, found by bisection.

use crate::link::{Conditions, Link, LinkError};
use crate::passage::{Fate, Offset, send};

/// How far is looked, in parts per million either way: half and one and a half times the rate.
pub const RANGE_PPM: i64 = 500_000;
/// How exactly a limit is found.
pub const STEP_PPM: i64 = 10;

/// How far the sender's clock may be off before something goes wrong, in parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// The slowest that works, a negative number; `None`: all as far as [`RANGE_PPM`] does.
    pub slow_ppm: Option<i64>,
    /// The fastest.
    pub fast_ppm: Option<i64>,
}

/// The bounds within which `payload` arrives intact over `link`, whatever the phase of the receiver's clock.
pub fn bounds(link: Link, conditions: &Conditions, payload: &[u8]) -> Result<Bounds, LinkError> {
    let works = |ppm| Ok::<bool, LinkError>(worst(link, conditions, payload, ppm)?.0 == Fate::Intact);
    Ok(Bounds {
        slow_ppm: last_that_works(-RANGE_PPM, STEP_PPM, works)?,
        fast_ppm: last_that_works(RANGE_PPM, STEP_PPM, works)?,
    })
}

/// The worst fate of `payload` over the phases of the receiver's clock, with the phase.
pub fn worst(
    link: Link,
    conditions: &Conditions,
    payload: &[u8],
    ppm: i64,
) -> Result<(Fate, Offset), LinkError> {
    let phases = if link.has_two_clocks() { Offset::PHASES as usize } else { 1 };
    let mut worst = (Fate::Intact, Offset { ppm, ..Offset::NONE });
    for offset in Offset::phases(ppm).take(phases) {
        let fate = send(link, conditions, payload, offset)?.fate(payload);
        if badness(fate) > badness(worst.0) {
            worst = (fate, offset);
        }
    }
    Ok(worst)
}

/// Wrong bytes are worse than none.
fn badness(fate: Fate) -> usize {
    match fate {
        Fate::Intact => 0,
        Fate::Stalls { .. } => 1,
        Fate::Corrupts { wrong, .. } => 1 + wrong,
    }
}

/// The value furthest from 0 towards `end` that works, to within `step`; `None` if `end` does, 0 if nothing is found to.
///
/// What works is taken to be an interval about 0.
pub fn last_that_works<E>(
    end: i64,
    step: i64,
    mut works: impl FnMut(i64) -> Result<bool, E>,
) -> Result<Option<i64>, E> {
    if works(end)? {
        return Ok(None);
    }
    let (mut inside, mut outside) = (0, end);
    while (outside - inside).abs() > step {
        let middle = i64::midpoint(inside, outside);
        if works(middle)? { inside = middle } else { outside = middle }
    }
    Ok(Some(inside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use busproof_core::bus::uart::{Goal, Options, Sampling};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bisection_finds_a_limit_to_within_a_step(limit in 0..RANGE_PPM, step in 1i64..2_000, slow in any::<bool>()) {
            let sign = if slow { -1 } else { 1 };
            let works = |x: i64| Ok::<bool, ()>(x * sign <= limit);
            let found = last_that_works(sign * RANGE_PPM, step, works).unwrap().unwrap() * sign;
            prop_assert!(found <= limit && limit - found < step.max(1), "{found} {limit}");
        }
    }

    #[test]
    fn no_limit_within_the_range_is_none() {
        assert_eq!(last_that_works(500, 10, |_| Ok::<bool, ()>(true)), Ok(None));
    }

    /// A zero byte has a last data bit that differs from the stop bit; then the receiver's limits show.
    #[test]
    fn a_uart_bears_what_its_receiver_does_and_a_travelling_clock_bears_anything() {
        let conditions = Conditions::default();
        let uart = bounds(Link::Uart, &conditions, b"\0U\0").unwrap();
        let closed = Sampling::X16.tolerance(&Options::default(), Goal::Bytes);
        let is_close =
            |found: Option<i64>, ppm: i64| found.is_some_and(|found| (found - ppm).abs() <= STEP_PPM);
        assert!(
            is_close(uart.slow_ppm, closed.slow_ppm) && is_close(uart.fast_ppm, closed.fast_ppm),
            "{uart:?}"
        );
        for link in [Link::Spi, Link::FourPhase, Link::TwoPhase, Link::DualRail, Link::ValidReady] {
            let none = Bounds { slow_ppm: None, fast_ppm: None };
            assert_eq!(bounds(link, &conditions, b"\0U\0"), Ok(none), "{link}");
        }
    }
}
