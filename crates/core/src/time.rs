//! Instants and durations in whole femtoseconds.
//!
//! A `u64` of femtoseconds spans 5 h 7 min 26 s, and holds the half period of a 1.6 GHz clock (312.5 ps) exactly.
//! Longer recordings are read in windows.

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub};
use std::str::FromStr;

/// An instant: femtoseconds since the start of the run or recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// A duration in femtoseconds; never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

/// The units a time may be written in, longest first, with their femtoseconds.
pub const UNITS: [(&str, u64); 6] = [
    ("s", 1_000_000_000_000_000),
    ("ms", 1_000_000_000_000),
    ("us", 1_000_000_000),
    ("ns", 1_000_000),
    ("ps", 1_000),
    ("fs", 1),
];

impl Time {
    /// The start of every run and recording.
    pub const ZERO: Time = Time(0);
    /// The last instant that can be named: 18,446.744 s.
    pub const MAX: Time = Time(u64::MAX);

    /// The instant `fs` femtoseconds after the start.
    pub const fn from_fs(fs: u64) -> Time {
        Time(fs)
    }

    /// Femtoseconds since the start.
    pub const fn as_fs(self) -> u64 {
        self.0
    }

    /// The instant `span` later, or `None` past [`Time::MAX`].
    pub const fn checked_add(self, span: Span) -> Option<Time> {
        match self.0.checked_add(span.0) {
            Some(fs) => Some(Time(fs)),
            None => None,
        }
    }

    /// The instant `span` later, at most [`Time::MAX`].
    pub const fn saturating_add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }

    /// The instant `span` earlier, at least [`Time::ZERO`].
    pub const fn saturating_sub(self, span: Span) -> Time {
        Time(self.0.saturating_sub(span.0))
    }

    /// The time passed since `earlier`, or zero if `earlier` is later.
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// The longest duration.
    pub const MAX: Span = Span(u64::MAX);

    /// A duration of whole femtoseconds.
    pub const fn from_fs(fs: u64) -> Span {
        Span(fs)
    }

    /// A duration of whole picoseconds.
    ///
    /// # Panics
    /// If the product overflows; in a `const` this fails to compile.
    pub const fn from_ps(ps: u64) -> Span {
        Span(Self::scaled(ps, 1_000))
    }

    /// A duration of whole nanoseconds.
    ///
    /// # Panics
    /// If the product overflows; in a `const` this fails to compile.
    pub const fn from_ns(ns: u64) -> Span {
        Span(Self::scaled(ns, 1_000_000))
    }

    /// A duration of whole microseconds.
    ///
    /// # Panics
    /// If the product overflows; in a `const` this fails to compile.
    pub const fn from_us(us: u64) -> Span {
        Span(Self::scaled(us, 1_000_000_000))
    }

    /// A duration of whole milliseconds.
    ///
    /// # Panics
    /// If the product overflows; in a `const` this fails to compile.
    pub const fn from_ms(ms: u64) -> Span {
        Span(Self::scaled(ms, 1_000_000_000_000))
    }

    const fn scaled(n: u64, unit: u64) -> u64 {
        match n.checked_mul(unit) {
            Some(fs) => fs,
            None => panic!("duration exceeds 2^64 fs (5 h 7 min)"),
        }
    }

    /// The period of a clock of `hz` hertz, rounded to the nearest femtosecond; `None` for 0 Hz and above 2 PHz.
    pub const fn period_of(hz: u64) -> Option<Span> {
        const SECOND: u64 = UNITS[0].1;
        if hz == 0 || hz > 2 * SECOND {
            return None;
        }
        Some(Span((SECOND + hz / 2) / hz))
    }

    /// The length in femtoseconds.
    pub const fn as_fs(self) -> u64 {
        self.0
    }

    /// True for a duration of zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` on overflow.
    pub const fn checked_add(self, other: Span) -> Option<Span> {
        match self.0.checked_add(other.0) {
            Some(fs) => Some(Span(fs)),
            None => None,
        }
    }

    /// The sum, at most [`Span::MAX`].
    pub const fn saturating_add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }

    /// The difference, or zero if `other` is longer.
    pub const fn saturating_sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }

    /// The product, or `None` on overflow.
    pub const fn checked_mul(self, n: u64) -> Option<Span> {
        match self.0.checked_mul(n) {
            Some(fs) => Some(Span(fs)),
            None => None,
        }
    }

    /// This duration times `num / den`, rounded down, at most [`Span::MAX`].
    ///
    /// # Panics
    /// If `den` is zero.
    pub const fn scale(self, num: u64, den: u64) -> Span {
        let fs = self.0 as u128 * num as u128 / den as u128;
        if fs > u64::MAX as u128 { Span::MAX } else { Span(fs as u64) }
    }
}

impl Add<Span> for Time {
    type Output = Time;

    /// # Panics
    /// Past [`Time::MAX`]; where input decides the sum, use [`Time::checked_add`].
    fn add(self, span: Span) -> Time {
        self.checked_add(span).expect("instant exceeds 2^64 fs (5 h 7 min)")
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Span;

    /// # Panics
    /// On overflow; where input decides the sum, use [`Span::checked_add`].
    fn add(self, other: Span) -> Span {
        self.checked_add(other).expect("duration exceeds 2^64 fs (5 h 7 min)")
    }
}

impl Sub for Time {
    type Output = Span;

    /// # Panics
    /// If `earlier` is later; see [`Time::since`] for the saturating form.
    fn sub(self, earlier: Time) -> Span {
        Span(self.0.checked_sub(earlier.0).expect("an earlier instant is subtracted from a later one"))
    }
}

impl Mul<u64> for Span {
    type Output = Span;

    /// # Panics
    /// On overflow; where input decides the product, use [`Span::checked_mul`].
    fn mul(self, n: u64) -> Span {
        self.checked_mul(n).expect("duration exceeds 2^64 fs (5 h 7 min)")
    }
}

impl fmt::Display for Span {
    /// The exact value in the largest unit that leaves at least 1 before the point: `12.5 ns`, `833 ps`, `0 s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, scale) = UNITS.into_iter().find(|&(_, scale)| self.0 >= scale).unwrap_or(UNITS[0]);
        let (whole, rest) = (self.0 / scale, self.0 % scale);
        let digits = scale.ilog10() as usize;
        let text = match rest {
            0 => format!("{whole} {unit}"),
            _ => format!("{whole}.{} {unit}", format!("{rest:0digits$}").trim_end_matches('0')),
        };
        f.pad(&text)
    }
}

impl fmt::Display for Time {
    /// As a [`Span`] since the start.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

/// Why a text is not a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseTimeError {
    /// A number without a unit.
    #[error("time `{0}` has no unit; write `{0} ns`, or one of s, ms, us, ns, ps, fs")]
    NoUnit(String),
    /// A unit that is not one of ours.
    #[error("unknown unit `{unit}` in time `{text}`; use one of s, ms, us, ns, ps, fs")]
    UnknownUnit {
        /// The whole text.
        text: String,
        /// What stands where the unit should.
        unit: String,
    },
    /// No number, or one with more than a decimal point in it.
    #[error("`{0}` is not a time; write a number and a unit, such as `12.5 ns`")]
    NotANumber(String),
    /// Below a femtosecond.
    #[error("time `{0}` is finer than 1 fs")]
    TooFine(String),
    /// Above 2^64 fs.
    #[error("time `{0}` exceeds 2^64 fs (5 h 7 min)")]
    TooLong(String),
}

impl FromStr for Span {
    type Err = ParseTimeError;

    /// A decimal number and a unit, with or without a blank between: `12.5 ns`, `833ps`, `1_000 us`, `0.5µs`.
    fn from_str(text: &str) -> Result<Span, ParseTimeError> {
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
        let (number, unit) = (text[..split].replace('_', ""), text[split..].trim());
        let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(ParseTimeError::NotANumber(text.into()));
        }
        let unit = if unit == "µs" || unit == "μs" { "us" } else { unit };
        if unit.is_empty() {
            return Err(ParseTimeError::NoUnit(text.into()));
        }
        let Some(&(_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(ParseTimeError::UnknownUnit { text: text.into(), unit: unit.into() });
        };
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > scale.ilog10() as usize {
            return Err(ParseTimeError::TooFine(text.into()));
        }
        let digits = |s: &str| if s.is_empty() { Some(0) } else { s.parse::<u64>().ok() };
        let part = digits(fraction).map(|n| n * (scale / 10u64.pow(fraction.len() as u32)));
        digits(whole)
            .and_then(|n| n.checked_mul(scale))
            .zip(part)
            .and_then(|(a, b)| a.checked_add(b))
            .map(Span)
            .ok_or_else(|| ParseTimeError::TooLong(text.into()))
    }
}

impl FromStr for Time {
    type Err = ParseTimeError;

    /// As a [`Span`] since the start.
    fn from_str(text: &str) -> Result<Time, ParseTimeError> {
        text.parse::<Span>().map(|s| Time(s.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(text: &str) -> Span {
        text.parse().unwrap()
    }

    #[test]
    fn prints_exactly_in_the_largest_fitting_unit() {
        for (fs, text) in [
            (12_500_000, "12.5 ns"),
            (833_000, "833 ps"),
            (312_500, "312.5 ps"),
            (0, "0 s"),
            (1, "1 fs"),
            (UNITS[0].1 + 1, "1.000000000000001 s"),
            (u64::MAX, "18446.744073709551615 s"),
        ] {
            assert_eq!(Span(fs).to_string(), text);
        }
    }

    #[test]
    fn reads_units_with_and_without_blank() {
        assert_eq!(span("12.5ns"), Span(12_500_000));
        assert_eq!(span(" 0.5 µs "), Span::from_ns(500));
        assert_eq!(span("1_000 us"), Span::from_ms(1));
        assert_eq!(span(".5 ps"), Span(500));
    }

    #[test]
    fn refuses_what_is_not_a_time_and_says_why() {
        use ParseTimeError::*;
        let err = |text: &str| text.parse::<Span>().unwrap_err();
        assert_eq!(err("10"), NoUnit("10".into()));
        assert!(matches!(err("10 parsec"), UnknownUnit { .. }));
        assert!(matches!(err("-1 ns"), NotANumber(_)));
        assert!(matches!(err("1.2.3 ns"), NotANumber(_)));
        assert!(matches!(err(". ns"), NotANumber(_)));
        assert!(matches!(err(""), NotANumber(_)));
        assert!(matches!(err("0.1 fs"), TooFine(_)));
        assert_eq!(span("18446.744073709551615 s"), Span::MAX);
        assert!(matches!(err("18446.744073709551616 s"), TooLong(_)));
        assert!(matches!(err("99999999999999999999999 s"), TooLong(_)));
    }

    #[test]
    fn arithmetic_is_checked() {
        assert_eq!(Time::MAX.checked_add(Span(1)), None);
        assert_eq!(Time(5).since(Time(7)), Span::ZERO);
        assert_eq!(Span::MAX.scale(3, 2), Span::MAX);
        assert_eq!(Span(10).scale(1, 3), Span(3));
        assert_eq!(Span::period_of(16_000_000), Some(Span(62_500_000)));
        assert_eq!(Span::period_of(0), None);
        assert!(std::panic::catch_unwind(|| Time::MAX + Span(1)).is_err());
    }

    proptest! {
        #[test]
        fn printing_round_trips(fs in prop_oneof![any::<u64>(), 0..100_000_000u64]) {
            prop_assert_eq!(span(&Span(fs).to_string()), Span(fs));
        }

        #[test]
        fn parsing_never_panics(text in "\\PC{0,20}") {
            let _ = text.parse::<Span>();
        }
    }
}
