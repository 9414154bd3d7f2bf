//! What the caller may choose when reading.

use std::fmt;
use std::str::FromStr;

use busproof_core::{Span, Time};

use crate::error::ReadErrorKind;

/// Choices that concern how a file is understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The sample rate of a recording, in place of what the file says or fails to say.
    ///
    /// Samples without time stamps (.sr, CSV without a time column) are spaced by it; where the file has time stamps,
    /// it only sets the grid.
    pub sample_rate: Option<SampleRate>,
}

/// The part of a waveform that is read; both ends belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The start: the state reached by then is delivered as the first instant.
    pub from: Option<Time>,
    /// The end: reading stops behind it.
    pub to: Option<Time>,
}

impl Window {
    /// The whole waveform.
    pub const ALL: Window = Window { from: None, to: None };

    pub(crate) fn check(self) -> Result<(), ReadErrorKind> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if to < from => Err(ReadErrorKind::WindowReversed { from, to }),
            _ => Ok(()),
        }
    }
}

/// A sample rate in whole hertz, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SampleRate(u64);

/// One second in femtoseconds.
const SECOND: u64 = 1_000_000_000_000_000;

/// The units a rate may be written in, with their hertz.
const UNITS: [(&str, u64); 8] = [
    ("hz", 1),
    ("khz", 1_000),
    ("mhz", 1_000_000),
    ("ghz", 1_000_000_000),
    ("k", 1_000),
    ("m", 1_000_000),
    ("g", 1_000_000_000),
    ("", 1),
];

impl SampleRate {
    /// What stands for an unknown rate: each sample counts as 1 ns.
    pub(crate) const NOMINAL: SampleRate = SampleRate(1_000_000_000);

    /// A rate of `hz` samples per second; `None` for zero.
    pub const fn from_hz(hz: u64) -> Option<SampleRate> {
        if hz == 0 { None } else { Some(SampleRate(hz)) }
    }

    /// Samples per second.
    pub const fn hz(self) -> u64 {
        self.0
    }

    /// The time between two samples, rounded to the nearest femtosecond; 1 fs for rates above that.
    pub fn period(self) -> Span {
        Span::period_of(self.0).unwrap_or(Span::from_fs(1))
    }

    /// When sample `n` was taken, rounded down to a femtosecond without drift; `None` past [`Time::MAX`].
    pub const fn time_of(self, n: u64) -> Option<Time> {
        let fs = n as u128 * SECOND as u128 / self.0 as u128;
        if fs > u64::MAX as u128 { None } else { Some(Time::from_fs(fs as u64)) }
    }
}

impl fmt::Display for SampleRate {
    /// In the largest unit that leaves a whole number: `16 MHz`, `1500 Hz`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            hz if hz % 1_000_000_000 == 0 => write!(f, "{} GHz", hz / 1_000_000_000),
            hz if hz % 1_000_000 == 0 => write!(f, "{} MHz", hz / 1_000_000),
            hz if hz % 1_000 == 0 => write!(f, "{} kHz", hz / 1_000),
            hz => write!(f, "{hz} Hz"),
        }
    }
}

/// Why a text is not a sample rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a sample rate; write a number above 0 and a unit, such as `24 MHz`, `500k` or `1000000`"
)]
pub struct ParseRateError(pub String);

impl FromStr for SampleRate {
    type Err = ParseRateError;

    /// A decimal number with or without unit: `16 MHz`, `12.5MHz`, `500k`, `1000000`.
    fn from_str(text: &str) -> Result<SampleRate, ParseRateError> {
        parse_hz(text.trim()).and_then(SampleRate::from_hz).ok_or_else(|| ParseRateError(text.into()))
    }
}

fn parse_hz(text: &str) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let unit = text[split..].trim().to_ascii_lowercase();
    let scale = UNITS.iter().find(|(name, _)| *name == unit)?.1;
    let (whole, fraction) = text[..split].split_once('.').unwrap_or((&text[..split], ""));
    let fraction = fraction.trim_end_matches('0');
    let parts = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    if !scale.is_multiple_of(parts) {
        return None;
    }
    let part = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()? * (scale / parts) };
    whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_with_and_without_unit() {
        for (text, hz) in [
            ("16 MHz", 16_000_000),
            ("12.5MHz", 12_500_000),
            ("500k", 500_000),
            ("1000000", 1_000_000),
            ("1 Hz", 1),
            ("1.50 GHz", 1_500_000_000),
        ] {
            assert_eq!(text.parse(), Ok(SampleRate(hz)), "{text}");
        }
        for text in [
            "",
            "MHz",
            "0",
            "0 MHz",
            "-1",
            "1.5",
            "1 parsec",
            "1.2.3 k",
            "99999999999 GHz",
            "1.00000000000000000000001 M",
        ] {
            assert!(text.parse::<SampleRate>().is_err(), "{text}");
        }
    }

    #[test]
    fn sample_times_do_not_drift() {
        let rate = SampleRate(3_000_000);
        assert_eq!(rate.time_of(1), Some(Time::from_fs(333_333_333)));
        assert_eq!(rate.time_of(3_000_000), Some(Time::from_fs(SECOND)));
        assert_eq!(SampleRate(1).time_of(18_446), Some(Time::from_fs(18_446 * SECOND)));
        assert_eq!(SampleRate(1).time_of(18_447), None);
    }
}
