//! Bit rates, and how they are made of clocks.

use std::fmt;
use std::str::FromStr;

use crate::sim::{ClockError, ClockSpec};
use crate::time::{Span, Time};

/// A second, in femtoseconds.
const SECOND: u128 = 1_000_000_000_000_000;

/// A bit rate, kept in thousandths of a bit per second since 134.5 is a standard one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Baud(u64);

impl Baud {
    /// The slowest: 1 bit per second.
    pub const MIN: Baud = Baud(1_000);
    /// The fastest: 1 Gbit/s.
    pub const MAX: Baud = Baud(1_000_000_000_000);

    /// `hertz` bits per second; `None` unless that is 1 to 10^9.
    pub const fn from_hertz(hertz: u64) -> Option<Baud> {
        match hertz.checked_mul(1_000) {
            Some(milli) => Baud::from_millihertz(milli),
            None => None,
        }
    }

    /// That many thousandths of a bit per second; `None` below 1 bit/s and above 1 Gbit/s.
    pub const fn from_millihertz(milli: u64) -> Option<Baud> {
        if milli >= Baud::MIN.0 && milli <= Baud::MAX.0 { Some(Baud(milli)) } else { None }
    }

    /// The rate at which a bit lasts `bit`, to the nearest thousandth.
    pub fn of_bit(bit: Span) -> Option<Baud> {
        let fs = bit.as_fs() as u128;
        if fs == 0 {
            return None;
        }
        Baud::from_millihertz(u64::try_from((1_000 * SECOND + fs / 2) / fs).ok()?)
    }

    /// Thousandths of a bit per second.
    pub const fn as_millihertz(self) -> u64 {
        self.0
    }

    /// The length of a bit, to the nearest femtosecond.
    pub const fn bit(self) -> Span {
        self.bits(1, 1)
    }

    /// The length of `num / den` bits, to the nearest femtosecond.
    ///
    /// # Panics
    /// If `den` is 0.
    pub const fn bits(self, num: u64, den: u64) -> Span {
        let below = self.0 as u128 * den as u128;
        let fs = (1_000 * SECOND * num as u128 + below / 2) / below;
        if fs > u64::MAX as u128 { Span::MAX } else { Span::from_fs(fs as u64) }
    }

    /// How much faster this is than `nominal`, in parts per million.
    pub const fn error_ppm(self, nominal: Baud) -> i64 {
        ((self.0 as i128 - nominal.0 as i128) * 1_000_000 / nominal.0 as i128) as i64
    }

    /// The nearest of the usual rates.
    pub fn nearest_standard(self) -> Baud {
        let distance = |other: &&Baud| self.error_ppm(**other).unsigned_abs();
        *STANDARD.iter().min_by_key(distance).expect("the list is not empty")
    }
}

const fn standard(millihertz: u64) -> Baud {
    Baud(millihertz)
}

/// The usual rates. Each is in use; that these are all is unverified.
pub const STANDARD: &[Baud] = &[
    standard(50_000),
    standard(75_000),
    standard(110_000),
    standard(134_500),
    standard(150_000),
    standard(300_000),
    standard(600_000),
    standard(1_200_000),
    standard(1_800_000),
    standard(2_400_000),
    standard(4_800_000),
    standard(9_600_000),
    standard(14_400_000),
    standard(19_200_000),
    standard(28_800_000),
    standard(31_250_000),
    standard(38_400_000),
    standard(57_600_000),
    standard(76_800_000),
    standard(115_200_000),
    standard(230_400_000),
    standard(250_000_000),
    standard(460_800_000),
    standard(500_000_000),
    standard(576_000_000),
    standard(921_600_000),
    standard(1_000_000_000),
    standard(1_500_000_000),
    standard(2_000_000_000),
    standard(3_000_000_000),
    standard(4_000_000_000),
];

impl fmt::Display for Baud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000, self.0 % 1_000);
        match rest {
            0 => f.pad(&whole.to_string()),
            _ => f.pad(format!("{whole}.{rest:03}").trim_end_matches('0')),
        }
    }
}

impl FromStr for Baud {
    type Err = BaudError;

    /// Bits per second with up to three decimals: `115200`, `134.5`.
    fn from_str(text: &str) -> Result<Baud, BaudError> {
        let wrong = || BaudError::NoRate(text.into());
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || part.len() > 3 || !digits(whole) || !digits(part) {
            return Err(wrong());
        }
        let milli = format!("{whole}{part:0<3}").parse().map_err(|_| wrong())?;
        Baud::from_millihertz(milli).ok_or_else(wrong)
    }
}

/// Why there is no such rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaudError {
    /// Not a rate.
    #[error("`{0}` is no bit rate; use 1 to 1000000000 bits per second, with up to three decimals")]
    NoRate(String),
    /// A divider of 0.
    #[error("a divider of 0 gives no bit rate; use 1 or more")]
    Divider,
    /// The divider makes a rate that is out of range.
    #[error("a bit of {0} is out of range; use 1 ns to 1 s")]
    Bit(Span),
    /// The options leave the rate to be found, which agents cannot do.
    #[error("an agent needs a bit rate; set `baud`")]
    Missing,
    /// The clock cannot be built.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// Jitter could swap edges.
    #[error("jitter of up to {peak} exceeds an eighth of a bit of {bit}; lower one of them")]
    Jitter {
        /// The greatest deviation.
        peak: Span,
        /// The length of a bit.
        bit: Span,
    },
}

/// How a bit rate comes out of a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Divider {
    /// Exactly the nominal rate, but for the error of the clock.
    #[default]
    Exact,
    /// clock / (16 x n): a 16550, or an AVR at normal speed.
    By16(u32),
    /// clock / (8 x n): an AVR at double speed (U2X).
    By8(u32),
    /// clock / n with n in clocks per bit: fractional prescalers in sixteenths (STM32: BRR) and plain counters.
    Clocks(u32),
}

impl Divider {
    /// Clocks per bit; `None` for an exact rate.
    pub const fn clocks(self) -> Option<u64> {
        match self {
            Divider::Exact => None,
            Divider::By16(n) => Some(16 * n as u64),
            Divider::By8(n) => Some(8 * n as u64),
            Divider::Clocks(n) => Some(n as u64),
        }
    }

    /// The divider of that many clocks per step that comes closest to `baud` from a clock of `hertz`.
    fn nearest(hertz: u64, baud: Baud, step: u64) -> u32 {
        let below = baud.0 as u128 * step as u128;
        let n = (hertz as u128 * 1_000 + below / 2) / below;
        u32::try_from(n).unwrap_or(u32::MAX).max(1)
    }

    /// The best clock / (16 x n).
    pub fn nearest_by16(hertz: u64, baud: Baud) -> Divider {
        Divider::By16(Divider::nearest(hertz, baud, 16))
    }

    /// The best clock / (8 x n).
    pub fn nearest_by8(hertz: u64, baud: Baud) -> Divider {
        Divider::By8(Divider::nearest(hertz, baud, 8))
    }

    /// The best clock / n.
    pub fn nearest_clocks(hertz: u64, baud: Baud) -> Divider {
        Divider::Clocks(Divider::nearest(hertz, baud, 1))
    }

    /// By how much the rate from an ideal clock of `hertz` exceeds `baud`, in parts per million.
    pub fn error_ppm(self, hertz: u64, baud: Baud) -> i64 {
        let Some(clocks) = self.clocks().filter(|&n| n > 0) else { return 0 };
        let wanted = baud.0 as i128 * clocks as i128;
        ((hertz as i128 * 1_000 - wanted) * 1_000_000 / wanted) as i64
    }
}

/// The clock of one end of a link, and what is made of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BaudClock {
    /// The clock: nominal frequency, error, phase, jitter. With an exact divider its frequency does not matter.
    pub clock: ClockSpec,
    /// How the bit rate is made of it.
    pub divider: Divider,
}

impl BaudClock {
    /// Exactly the nominal rate.
    pub const IDEAL: BaudClock = BaudClock { clock: ClockSpec::ideal(16_000_000), divider: Divider::Exact };

    /// The nominal rate, but for a clock that is faster by so many parts per million.
    pub const fn off_by_ppm(ppm: i64) -> BaudClock {
        let clock = ClockSpec { error_ppb: ppm.saturating_mul(1_000), ..ClockSpec::ideal(16_000_000) };
        BaudClock { clock, divider: Divider::Exact }
    }

    /// A real clock and divider.
    pub const fn divided(hertz: u64, divider: Divider) -> BaudClock {
        BaudClock { clock: ClockSpec::ideal(hertz), divider }
    }
}

/// The bits of one end, as its clock counts them: an exact rational number of femtoseconds each.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitTime {
    num: u128,
    den: u128,
}

impl BitTime {
    /// The bit of `clock` where `baud` is agreed on.
    pub(super) fn new(clock: &BaudClock, baud: Option<Baud>) -> Result<BitTime, BaudError> {
        let baud = baud.ok_or(BaudError::Missing)?;
        crate::sim::Clock::new(&ClockSpec { jitter: crate::sim::Jitter::None, ..clock.clock })?;
        let speed = (1_000_000_000 + clock.clock.error_ppb) as u128;
        let (num, den) = match clock.divider.clocks() {
            Some(0) => return Err(BaudError::Divider),
            Some(clocks) => (SECOND * 1_000_000_000 * clocks as u128, clock.clock.hertz as u128 * speed),
            None => (SECOND * 1_000_000_000 * 1_000, baud.0 as u128 * speed),
        };
        let common = gcd(num, den);
        let bit = BitTime { num: num / common, den: den / common };
        let length = bit.span(1, 1);
        if !(1_000_000..=2 * SECOND as u64).contains(&length.as_fs()) {
            return Err(BaudError::Bit(length));
        }
        let peak = clock.clock.jitter.peak();
        if peak.as_fs() > length.as_fs() / 8 {
            return Err(BaudError::Jitter { peak, bit: length });
        }
        Ok(bit)
    }

    /// The bit that lasts `num / den` femtoseconds.
    pub(super) fn of_fs(num: u128, den: u128) -> BitTime {
        BitTime { num, den }
    }

    /// The length of `num / den` bits, rounded down.
    pub(super) fn span(self, num: u64, den: u64) -> Span {
        let fs = self.num * num as u128 / (self.den * den as u128);
        Span::from_fs(u64::try_from(fs).unwrap_or(u64::MAX))
    }

    /// The `n`-th tick of those that divide each bit by `per_bit`, the first at `phase`.
    pub(super) fn tick(self, n: u64, per_bit: u64, phase: Span) -> Time {
        Time::ZERO.saturating_add(phase).saturating_add(self.span(n, per_bit))
    }

    /// The number of the first tick after `t`.
    pub(super) fn tick_after(self, t: Time, per_bit: u64, phase: Span) -> u64 {
        let Some(since) = t.as_fs().checked_sub(phase.as_fs()) else { return 0 };
        // Ticks are rounded down, so tick n is at or before t iff n * bit / per_bit < t + 1.
        let ticks = (since as u128 + 1) * self.den * per_bit as u128;
        u64::try_from(ticks.div_ceil(self.num)).unwrap_or(u64::MAX)
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

    fn baud(hertz: u64) -> Baud {
        Baud::from_hertz(hertz).unwrap()
    }

    #[test]
    fn rates_are_read_and_printed() {
        for text in ["134.5", "115200", "1", "1000000000", "9600.125"] {
            assert_eq!(text.parse::<Baud>().unwrap().to_string(), text);
        }
        for text in ["", "0", "-5", "1e3", "1000000001", "1.2345", ".5", "99999999999999999999"] {
            assert!(text.parse::<Baud>().is_err(), "{text}");
        }
        assert!(STANDARD.is_sorted());
    }

    #[test]
    fn a_bit_of_115200_is_8680_556_ns() {
        assert_eq!(baud(115_200).bit(), Span::from_fs(8_680_555_556));
        assert_eq!(Baud::of_bit(Span::from_ns(8_681)).unwrap().nearest_standard(), baud(115_200));
    }

    /// Errors of real dividers, in hundredths of a percent (computed for 16 and 50 MHz: the classic AVR table).
    #[test]
    fn dividers_have_the_errors_of_their_tables() {
        let percent = |hertz, rate, divider: Divider| {
            format!("{:.2}", divider.error_ppm(hertz, baud(rate)) as f64 / 10_000.0)
        };
        for (hertz, rate, n, by16) in [
            (16_000_000, 9_600, 104, "0.16"),
            (16_000_000, 57_600, 17, "2.12"),
            (16_000_000, 115_200, 9, "-3.55"),
            (50_000_000, 115_200, 27, "0.47"),
            (50_000_000, 230_400, 14, "-3.12"),
            (100_000_000, 3_000_000, 2, "4.17"),
        ] {
            let divider = Divider::nearest_by16(hertz, baud(rate));
            assert_eq!(divider, Divider::By16(n), "{hertz} {rate}");
            assert_eq!(percent(hertz, rate, divider), by16, "{hertz} {rate}");
        }
        assert_eq!(percent(16_000_000, 115_200, Divider::nearest_clocks(16_000_000, baud(115_200))), "-0.08");
        assert_eq!(percent(16_000_000, 115_200, Divider::nearest_by8(16_000_000, baud(115_200))), "2.12");
    }

    #[test]
    fn impossible_clocks_are_refused() {
        let new = |clock: BaudClock| BitTime::new(&clock, Some(baud(9_600)));
        assert!(new(BaudClock::IDEAL).is_ok());
        assert_eq!(new(BaudClock::divided(1_000_000, Divider::By16(0))).unwrap_err(), BaudError::Divider);
        assert!(matches!(new(BaudClock::divided(0, Divider::By16(1))), Err(BaudError::Clock(_))));
        assert_eq!(BitTime::new(&BaudClock::IDEAL, None).unwrap_err(), BaudError::Missing);
        let mut shaky = BaudClock::IDEAL;
        shaky.clock.jitter = crate::sim::Jitter::Uniform { peak: Span::from_us(14) };
        assert!(matches!(new(shaky), Err(BaudError::Jitter { .. })));
    }

    proptest! {
        #[test]
        fn the_tick_after_an_instant_is_the_first_after_it(
            rate in 1u64..4_000_000, error in -50_000i64..50_000, at in 0u64..10_000_000_000_000_000, phase in 0u64..1_000_000_000,
        ) {
            let bit = BitTime::new(&BaudClock::off_by_ppm(error), Some(baud(rate))).unwrap();
            let (t, phase) = (Time::from_fs(at), Span::from_fs(phase));
            let n = bit.tick_after(t, 16, phase);
            prop_assert!(bit.tick(n, 16, phase) > t);
            prop_assert!(n == 0 || bit.tick(n - 1, 16, phase) <= t);
        }
    }
}
