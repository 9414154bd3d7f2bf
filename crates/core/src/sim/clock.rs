//! Clocks: nominal frequency, error, phase and jitter.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::time::{Span, Time};

/// How a clock is meant to run, and how it really does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockSpec {
    /// The nominal frequency in hertz, 1 Hz to 9 GHz.
    pub hertz: u64,
    /// How much faster (or slower, if negative) it runs, in parts per billion of the frequency.
    pub error_ppb: i64,
    /// When its first edge comes.
    pub phase: Span,
    /// How far each edge strays from its ideal place.
    pub jitter: Jitter,
}

impl ClockSpec {
    /// An ideal clock of `hertz`.
    pub const fn ideal(hertz: u64) -> ClockSpec {
        ClockSpec { hertz, error_ppb: 0, phase: Span::ZERO, jitter: Jitter::None }
    }
}

/// How edges stray. Jitter does not accumulate: each edge strays from its own ideal place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Jitter {
    /// Not at all.
    #[default]
    None,
    /// Evenly within `±peak`.
    Uniform {
        /// The greatest deviation.
        peak: Span,
    },
    /// Normally distributed, cut off at four standard deviations.
    Gaussian {
        /// The standard deviation.
        rms: Span,
    },
}

impl Jitter {
    /// The greatest deviation in either direction.
    pub const fn peak(self) -> Span {
        match self {
            Jitter::None => Span::ZERO,
            Jitter::Uniform { peak } => peak,
            Jitter::Gaussian { rms } => match rms.checked_mul(4) {
                Some(peak) => peak,
                None => Span::MAX,
            },
        }
    }

    /// A deviation in femtoseconds.
    pub(crate) fn draw(self, rng: &mut ChaCha8Rng) -> i64 {
        match self {
            Jitter::None => 0,
            Jitter::Uniform { peak } => {
                let peak = peak.as_fs();
                ((rng.next_u64() as u128 * (2 * peak as u128 + 1)) >> 64) as i64 - peak as i64
            }
            Jitter::Gaussian { rms } => {
                // Box and Muller: two even numbers make a normal one. `libm` gives the same bits on every machine.
                let unit = |n: u64| ((n >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
                let radius = libm::sqrt(-2.0 * libm::log(unit(rng.next_u64())));
                let z = radius * libm::cos(core::f64::consts::TAU * unit(rng.next_u64()));
                libm::round(z.clamp(-4.0, 4.0) * rms.as_fs() as f64) as i64
            }
        }
    }
}

/// Why a clock cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The frequency is out of range.
    #[error("a clock of {0} Hz is out of range; use 1 Hz to 9 GHz")]
    Frequency(u64),
    /// The error would stop or reverse the clock, or more than double it.
    #[error("a clock error of {0} ppb is out of range; use -900,000,000 to 1,000,000,000 (-90 % to 100 %)")]
    Error(i64),
    /// Neighbouring edges could swap.
    #[error("jitter of up to {peak} exceeds a quarter of the half period of {half}; lower one of them")]
    Jitter {
        /// The greatest deviation.
        peak: Span,
        /// Half a period of the clock.
        half: Span,
    },
}

/// A running clock: hands out its edges one by one.
///
/// The half period is a fraction of femtoseconds whose remainder is carried along, so no frequency drifts.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The ideal place of the next edge: whole femtoseconds and `rest / den`.
    next: u64,
    rest: u64,
    whole: u64,
    part: u64,
    den: u64,
    jitter: Jitter,
    /// The length of the first half of each period, if it is not half of it.
    first_half: Option<Span>,
    /// The place of the first edge of the present period, while its second is still to come.
    first: Option<u64>,
    /// Even, without jitter, and of whole femtoseconds.
    plain: bool,
}

impl Clock {
    /// A clock as `spec` says.
    pub fn new(spec: &ClockSpec) -> Result<Clock, ClockError> {
        const MAX_HERTZ: u64 = 9_000_000_000;
        if !(1..=MAX_HERTZ).contains(&spec.hertz) {
            return Err(ClockError::Frequency(spec.hertz));
        }
        if !(-900_000_000..=1_000_000_000).contains(&spec.error_ppb) {
            return Err(ClockError::Error(spec.error_ppb));
        }
        // Half a second in femtoseconds, over hertz * (1 + error), both times 10^9 and then reduced.
        let num = 500_000_000_000_000u128 * 1_000_000_000;
        let den = spec.hertz as u128 * (1_000_000_000 + spec.error_ppb) as u128;
        let common = gcd(num, den);
        let (num, den) = (num / common, den / common);
        let whole = (num / den) as u64;
        let half = Span::from_fs(whole);
        let peak = spec.jitter.peak();
        if peak.as_fs() > whole / 4 {
            return Err(ClockError::Jitter { peak, half });
        }
        let (part, den) = ((num % den) as u64, den as u64);
        Ok(Clock {
            next: spec.phase.as_fs(),
            rest: 0,
            whole,
            part,
            den,
            jitter: spec.jitter,
            first_half: None,
            first: None,
            plain: part == 0 && spec.jitter == Jitter::None,
        })
    }

    /// With a first half of each period that is not half of it: the second edge follows the first by `span`.
    #[must_use]
    pub fn with_first_half(self, span: Option<Span>) -> Clock {
        Clock { first_half: span, plain: self.plain && span.is_none(), ..self }
    }

    /// Half a period, rounded down to a femtosecond.
    pub fn half_period(&self) -> Span {
        Span::from_fs(self.whole)
    }

    /// The first edge not before `t` becomes the next, at `t` itself: a clock that was gated starts anew.
    pub fn restart(&mut self, t: Time) {
        self.next = t.as_fs();
        self.rest = 0;
        self.first = None;
    }

    /// The time of the next edge; at most [`Time::MAX`].
    #[inline(always)]
    pub fn edge(&mut self, rng: &mut ChaCha8Rng) -> Time {
        if self.plain {
            let t = Time::from_fs(self.next);
            self.next = self.next.saturating_add(self.whole);
            return t;
        }
        self.edge_with_care(rng)
    }

    #[inline(never)]
    fn edge_with_care(&mut self, rng: &mut ChaCha8Rng) -> Time {
        let ideal = self.place();
        match self.jitter {
            Jitter::None => Time::from_fs(ideal),
            jitter => Time::from_fs(ideal.saturating_add_signed(jitter.draw(rng))),
        }
    }

    /// The ideal place of the next edge.
    #[inline]
    fn place(&mut self) -> u64 {
        let even = self.step();
        let Some(span) = self.first_half else { return even };
        match self.first.take() {
            Some(first) => first.saturating_add(span.as_fs()),
            None => *self.first.insert(even),
        }
    }

    /// The place of the next edge of an even clock.
    #[inline]
    fn step(&mut self) -> u64 {
        let ideal = self.next;
        self.next = ideal.saturating_add(self.whole);
        // `rest` and `part` are below `den`, which may exceed 2^63: their sum is compared without overflow.
        if self.part != 0 {
            if self.rest >= self.den - self.part {
                self.rest -= self.den - self.part;
                self.next = self.next.saturating_add(1);
            } else {
                self.rest += self.part;
            }
        }
        ideal
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    fn rng() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(1)
    }

    #[test]
    fn a_third_of_a_gigahertz_does_not_drift() {
        let mut clock = Clock::new(&ClockSpec::ideal(3_000_000)).unwrap();
        let mut rng = rng();
        let edges: Vec<u64> = (0..=6_000_000).map(|_| clock.edge(&mut rng).as_fs()).collect();
        assert_eq!(edges[1], 166_666_666);
        assert_eq!(edges[6], 1_000_000_000);
        assert_eq!(edges[6_000_000], 1_000_000_000_000_000);
    }

    #[test]
    fn an_error_of_one_percent_makes_a_clock_faster() {
        let spec = ClockSpec { error_ppb: 10_000_000, ..ClockSpec::ideal(1_000_000) };
        let mut clock = Clock::new(&spec).unwrap();
        let mut rng = rng();
        let last = (0..=2_020_000).map(|_| clock.edge(&mut rng).as_fs()).last();
        assert_eq!(last, Some(1_000_000_000_000_000));
    }

    #[test]
    fn limits_are_checked_on_both_sides() {
        let with = |hertz, error_ppb, peak| {
            let jitter = Jitter::Uniform { peak: Span::from_fs(peak) };
            Clock::new(&ClockSpec { hertz, error_ppb, phase: Span::ZERO, jitter }).map(|_| ())
        };
        assert!(with(9_000_000_000, 1_000_000_000, 0).is_ok());
        assert!(with(9_000_000_001, 0, 0).is_err());
        assert!(with(0, 0, 0).is_err());
        assert!(with(1, -900_000_000, 0).is_ok());
        assert!(with(1, -900_000_001, 0).is_err());
        assert!(with(1, 1_000_000_001, 0).is_err());
        assert!(with(500_000_000, 0, 250_000).is_ok());
        assert!(with(500_000_000, 0, 250_001).is_err());
    }

    proptest! {
        #[test]
        fn edges_stay_within_their_jitter_and_in_order(
            hertz in 1u64..1_000_000_000, gaussian in any::<bool>(), seed in any::<u64>(),
        ) {
            let ideal = Clock::new(&ClockSpec::ideal(hertz)).unwrap();
            let peak = Span::from_fs(ideal.half_period().as_fs() / 4);
            let jitter = if gaussian {
                Jitter::Gaussian { rms: peak.scale(1, 4) }
            } else {
                Jitter::Uniform { peak }
            };
            let phase = Span::from_fs(peak.as_fs());
            let spec = ClockSpec { jitter, phase, ..ClockSpec::ideal(hertz) };
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let (mut real, mut ideal) = (Clock::new(&spec).unwrap(), Clock::new(&ClockSpec { jitter: Jitter::None, ..spec }).unwrap());
            let mut last = None;
            for _ in 0..50 {
                let (a, b) = (real.edge(&mut rng), ideal.edge(&mut rng));
                prop_assert!(a.as_fs().abs_diff(b.as_fs()) <= peak.as_fs());
                prop_assert!(last < Some(a));
                last = Some(a);
            }
        }
    }
}
