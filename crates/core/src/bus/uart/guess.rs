//! Finds the bit rate of a line from its edges.

use super::item::Line;
use super::{Baud, STANDARD};
use crate::level::Level;
use crate::time::{Span, Time};

/// What the edges say about the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The rate that fits the edges best.
    pub measured: Baud,
    /// The usual rate within 3 % of it, if there is one.
    pub standard: Option<Baud>,
    /// How well it fits, 0 to 100: the share of pulses that are whole numbers of bits long, less what too few pulses leave
    /// in doubt.
    pub confidence_percent: u8,
    /// From how many edges.
    pub edges: u32,
}

impl Guess {
    /// The usual rate, or else the measured one.
    pub fn best(&self) -> Baud {
        self.standard.unwrap_or(self.measured)
    }
}

/// Finds the bit rate of a link, fed with the head of a waveform.
///
/// Each pulse between two edges is a whole number of bits long, and the shortest are usually single bits. The shortest
/// length that is not alone is taken for a bit, or for two or three if a half or a third of it fits the others much
/// better; a line through all pulses then makes it exact. Gaps between frames, which have any length, are left out.
///
/// ```
/// use busproof_core::bus::uart::{Line, RateGuess};
/// use busproof_core::{Level, Time};
///
/// let mut guess = RateGuess::default();
/// let bits = [1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1];
/// for (i, bit) in bits.into_iter().enumerate() {
///     guess.level(Line::Tx, Time::from_fs(i as u64 * 104_166_667_000), Level::from_bit(bit != 0));
/// }
/// assert_eq!(guess.guess().map(|found| found.best().to_string()), Some("9600".into()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct RateGuess {
    lines: [Edges; 2],
    widths: Vec<u64>,
    /// How many widths there were when it was last looked whether they suffice.
    looked: usize,
    sure: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Edges {
    level: Option<bool>,
    last: Option<Time>,
}

/// A bit length and how the pulses fit it.
#[derive(Clone, Copy, Debug)]
struct Fit {
    bit: f64,
    /// The share of pulses within a fifth of a bit of a whole number of bits.
    share: f64,
    /// How many pulses there are of one bit.
    singles: usize,
}

impl RateGuess {
    /// So many pulses are looked at.
    const MOST: usize = 512;
    /// So many suffice if they fit.
    const ENOUGH: usize = 48;
    /// Pulses longer than this many bits may be gaps.
    const LONGEST: f64 = 12.0;

    /// A line has a level from `t` on.
    pub fn level(&mut self, line: Line, t: Time, level: Level) {
        let edges = &mut self.lines[line as usize];
        let Some(high) = level.bit() else { return };
        if edges.level.replace(high).is_none_or(|was| was == high) {
            return;
        }
        if let Some(last) = edges.last.replace(t)
            && self.widths.len() < RateGuess::MOST
        {
            self.widths.push(t.since(last).as_fs());
        }
    }

    /// True once more edges would hardly change the guess.
    pub fn is_sure(&mut self) -> bool {
        let n = self.widths.len();
        if !self.sure && n >= RateGuess::ENOUGH && n >= 2 * self.looked {
            self.looked = n;
            self.sure = n >= RateGuess::MOST || self.guess().is_some_and(|g| g.confidence_percent >= 90);
        }
        self.sure || n >= RateGuess::MOST
    }

    /// What the edges so far say; `None` if there are fewer than three.
    pub fn guess(&self) -> Option<Guess> {
        let mut widths = self.widths.clone();
        widths.retain(|&width| width > 0);
        widths.sort_unstable();
        let first = shortest(&widths)?;
        let fits = [1.0, 2.0, 3.0].map(|parts| fit(&widths, first / parts));
        let best = fits[1..].iter().fold(fits[0], |best, fit| {
            // A fraction of the bit fits whatever the bit does; it must do much better.
            if fit.share > best.share + 0.2 { *fit } else { best }
        });
        let measured = Baud::of_bit(Span::from_fs(best.bit.round() as u64))?;
        let near = measured.nearest_standard();
        let standard = (measured.error_ppm(near).abs() <= 30_000).then_some(near);
        debug_assert!(standard.is_none_or(|rate| STANDARD.contains(&rate)));
        let doubt = 1.0 / (1.0 + best.singles as f64);
        let confidence_percent = (100.0 * best.share * (1.0 - doubt)).round() as u8;
        Some(Guess { measured, standard, confidence_percent, edges: self.widths.len() as u32 + 1 })
    }
}

/// The length of the shortest pulses that are not alone: single glitches are.
fn shortest(widths: &[u64]) -> Option<f64> {
    let company = (widths.len() / 16).max(1);
    let fits = |&i: &usize| widths.get(i + company).is_some_and(|&w| w as f64 <= widths[i] as f64 * 1.25);
    let i = (0..widths.len()).find(fits).or((widths.len() >= 2).then_some(0))?;
    let alike: Vec<u64> =
        widths[i..].iter().copied().take_while(|&w| w as f64 <= widths[i] as f64 * 1.25).collect();
    Some(alike.iter().map(|&w| w as f64).sum::<f64>() / alike.len() as f64)
}

/// Fits a line through the pulses, starting from a rough length of a bit.
fn fit(widths: &[u64], rough: f64) -> Fit {
    let mut bit = rough;
    let pulses = || widths.iter().map(|&w| w as f64);
    for _ in 0..4 {
        let (mut above, mut below) = (0.0, 0.0);
        for width in pulses().filter(|width| *width < RateGuess::LONGEST * bit) {
            let bits = (width / bit).round();
            if bits >= 1.0 && (width / bit - bits).abs() < 0.3 {
                above += width * bits;
                below += bits * bits;
            }
        }
        if below > 0.0 {
            bit = above / below;
        }
    }
    let short: Vec<f64> = pulses().map(|w| w / bit).filter(|bits| *bits < RateGuess::LONGEST).collect();
    let good = short.iter().filter(|bits| **bits > 0.5 && (*bits - bits.round()).abs() < 0.2).count();
    let singles = short.iter().filter(|bits| (0.8..1.2).contains(*bits)).count();
    Fit { bit, share: good as f64 / short.len().max(1) as f64, singles }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn feed(bits: &[bool], bit: f64, jitter: &[i64], grid: u64) -> RateGuess {
        let mut guess = RateGuess::default();
        for (i, high) in bits.iter().enumerate() {
            let stray = jitter.get(i % jitter.len().max(1)).copied().unwrap_or(0);
            let at = ((i as f64 + 2.0) * bit) as i64 + stray;
            let at = (at.unsigned_abs() / grid) * grid;
            guess.level(Line::Rx, Time::from_fs(at), Level::from_bit(*high));
        }
        guess
    }

    /// Frames 8N1 of the given bytes, with gaps that are no whole number of bits left out.
    fn frames(bytes: &[u8]) -> Vec<bool> {
        let frame = |&byte: &u8| {
            let data = (0..8).map(move |i| byte >> i & 1 != 0);
            std::iter::once(false).chain(data).chain([true])
        };
        std::iter::once(true).chain(bytes.iter().flat_map(frame)).collect()
    }

    #[test]
    fn nothing_and_too_little_is_no_guess() {
        assert_eq!(RateGuess::default().guess(), None);
        assert_eq!(feed(&[true, false], 1e9, &[], 1).guess(), None);
    }

    #[test]
    fn pairs_of_bits_are_told_from_bits_by_odd_pulses() {
        // Runs of two and three bits only.
        let bits: Vec<bool> = [2, 3, 2, 2, 3, 3, 2, 3, 2, 3, 3, 2, 2, 3]
            .iter()
            .enumerate()
            .flat_map(|(i, &n)| std::iter::repeat_n(i % 2 == 0, n))
            .collect();
        let found = feed(&bits, 26_041_666_667.0, &[], 1).guess().unwrap();
        assert_eq!(found.best().to_string(), "38400");
        assert!(found.confidence_percent < 50, "{found:?}");
    }

    proptest! {
        #[test]
        fn the_rate_of_random_bytes_is_found(
            bytes in prop::collection::vec(any::<u8>(), 24..60), rate in 0..STANDARD.len(), ppm in -15_000i64..15_000,
            jitter in prop::collection::vec(-30i64..30, 1..7), sampled in any::<bool>(),
        ) {
            let bit = STANDARD[rate].bit().as_fs() as f64 * (1.0 - ppm as f64 / 1e6);
            let jitter: Vec<i64> = jitter.iter().map(|j| (*j as f64 * bit / 1_000.0) as i64).collect();
            let grid = if sampled { (bit / 8.0) as u64 } else { 1 };
            let found = feed(&frames(&bytes), bit, &jitter, grid).guess().unwrap();
            let off = found.measured.error_ppm(STANDARD[rate]) - ppm;
            prop_assert!(off.abs() < 12_000, "{found:?}, off by {off} ppm");
            if STANDARD[rate].error_ppm(found.best()).abs() > 40_000 {
                return Err(TestCaseError::fail(format!("{found:?}")));
            }
        }
    }
}
