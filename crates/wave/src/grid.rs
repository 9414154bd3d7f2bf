//! The sampling period of a recording that does not state it, from its time stamps.

use busproof_core::Span;

/// How many time stamps are looked at.
pub(crate) const STAMPS: usize = 1 << 16;
/// Fewer distinct steps than this could have any common divisor.
const ENOUGH: usize = 8;
/// The first digits of the sample rates that analysers offer, as thousandths.
const RATES: [u64; 22] = [
    1000, 1200, 1250, 1500, 1600, 1800, 1920, 2000, 2400, 2500, 3000, 3200, 3600, 4000, 4800, 5000, 6000,
    6400, 7500, 8000, 9000, 9600,
];

/// The largest period of which all `stamps`, counted in units of `unit` femtoseconds, are multiples.
///
/// A period that is no whole number of units shows in rounded stamps only: 32 MHz in nanoseconds gives 31, 62, 94, 125.
/// If no whole step above one unit fits, the usual sample rates are tried. Too few stamps tell nothing.
pub(crate) fn of_stamps(stamps: &[u64], unit: u64) -> Option<Span> {
    let mut steps: Vec<u64> = stamps.windows(2).filter_map(|w| w[1].checked_sub(w[0])).collect();
    steps.sort_unstable();
    steps.dedup();
    if steps.len() < ENOUGH {
        return None;
    }
    let step = steps.iter().copied().fold(0, gcd);
    let whole = unit.checked_mul(step).map(Span::from_fs);
    if step > 1 { whole } else { of_rates(stamps, unit).or(whole) }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The longest usual period that explains all stamps up to rounding.
fn of_rates(stamps: &[u64], unit: u64) -> Option<Span> {
    let rates = (0..10).flat_map(|power| RATES.iter().map(move |digits| digits * 10u64.pow(power)));
    rates.filter(|&hz| explains(hz, stamps, unit)).find_map(Span::period_of)
}

/// True if every stamp is a multiple of the period of `hz`, rounded to a neighbouring unit, and that is no accident.
fn explains(hz: u64, stamps: &[u64], unit: u64) -> bool {
    // A period of n units is hit within one unit by a random stamp with probability 2/n.
    let (Some(start), units) = (stamps.first(), 1e15 / hz as f64 / unit as f64) else { return false };
    let by_accident = (2.0 / units).powf(stamps.len() as f64);
    if units < 3.0 || by_accident > 1e-9 {
        return false;
    }
    stamps.iter().all(|stamp| {
        let ticks = (stamp - start) as f64 / units;
        (ticks - ticks.round()).abs() * units <= 1.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples at irregular but seeded distances.
    fn samples() -> Vec<u64> {
        let step = |i: u64| 1 + (i * 7919 + i * i * 104_729) % 23;
        (0..200).scan(0, |n, i| Some(std::mem::replace(n, *n + step(i)))).collect()
    }

    fn grid(period_fs: u64, unit: u64) -> Option<u64> {
        let round = |n: &u64| (n * period_fs + unit / 2) / unit;
        of_stamps(&samples().iter().map(round).collect::<Vec<_>>(), unit).map(Span::as_fs)
    }

    #[test]
    fn whole_periods_are_found_by_their_divisor() {
        assert_eq!(grid(125_000_000, 1_000_000), Some(125_000_000));
        assert_eq!(grid(62_500_000, 100_000), Some(62_500_000));
    }

    #[test]
    fn rounded_periods_are_found_among_the_usual_rates() {
        assert_eq!(grid(31_250_000, 1_000_000), Some(31_250_000));
        assert_eq!(grid(41_666_667, 1_000_000), Some(41_666_667));
    }

    #[test]
    fn few_stamps_tell_nothing_and_odd_rates_the_unit() {
        assert_eq!(of_stamps(&[0, 1_000, 5_000], 1_000_000), None);
        assert_eq!(of_stamps(&[], 1), None);
        assert_eq!(grid(13_370_123, 1_000_000), Some(1_000_000));
    }
}
