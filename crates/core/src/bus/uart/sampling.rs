//! How a receiver samples, and how far its clock may be off.

/// Samples per bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Oversampling {
    /// One sample exactly in the middle of each bit, counted from the very edge of the start bit.
    #[default]
    Ideal,
    /// Eight.
    X8,
    /// Sixteen.
    X16,
}

/// How many samples decide about a bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Votes {
    /// The middle one.
    #[default]
    One,
    /// The majority of the three in the middle.
    Three,
}

/// How a receiver samples.
///
/// Samples are counted from 1, where sample 1 is the first that sees the start bit. Sixteen a bit: the middle three are 8,
/// 9 and 10; eight a bit: 4, 5 and 6 (AVR data sheet DS40002061A, "Asynchronous Data Recovery"; RM0383 section
/// 19.3.3). The sample that sees the start bit lies up to a sampling period behind the edge, hence all others do, too.
///
/// ```text
///   start bit                                     bit n
/// ‾‾\_________________________________________ ... |---------------------------------|
///    ^1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16  1  2  3  4  5  6  7  8  9 10 ...
///   >|--|< 0 to 1/16 bit behind the edge                                 ^  ^  ^ vote
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sampling {
    /// Samples per bit.
    pub oversampling: Oversampling,
    /// Samples that decide. An ideal receiver has one.
    pub votes: Votes,
}

/// What is to be free of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Goal {
    /// The bytes: the vote of each bit is right.
    Bytes,
    /// The samples: all that vote are right, so that no noise is flagged.
    Samples,
}

/// By how much a transmitter may be slower and faster than its receiver, in parts per million of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tolerance {
    /// The slowest rate, relative to the receiver's; negative.
    pub slow_ppm: i64,
    /// The fastest; positive.
    pub fast_ppm: i64,
}

/// Where in a bit samples must be right, in sixteenths from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// The earliest, if the receiver noticed the start at once.
    pub(super) first: u32,
    /// The latest, if it noticed as late as can be.
    pub(super) last: u32,
}

impl Sampling {
    /// One sample in the middle of each bit.
    pub const IDEAL: Sampling = Sampling { oversampling: Oversampling::Ideal, votes: Votes::One };
    /// Sixteen samples, of which the majority of three decides: most microcontrollers.
    pub const X16: Sampling = Sampling { oversampling: Oversampling::X16, votes: Votes::Three };
    /// Eight samples, of which the majority of three decides.
    pub const X8: Sampling = Sampling { oversampling: Oversampling::X8, votes: Votes::Three };

    /// Sampling periods per bit; 2 for an ideal receiver, whose sample is in the middle.
    pub const fn ticks(self) -> u64 {
        match self.oversampling {
            Oversampling::Ideal => 2,
            Oversampling::X8 => 8,
            Oversampling::X16 => 16,
        }
    }

    /// Where samples must be right for `goal`.
    pub(super) const fn reach(self, goal: Goal) -> Reach {
        let period = match self.oversampling {
            Oversampling::Ideal => return Reach { first: 8, last: 8 },
            Oversampling::X8 => 2,
            Oversampling::X16 => 1,
        };
        match (self.votes, goal) {
            // Two of three suffice: those on the right side of an edge, the middle one among them.
            (Votes::One, _) | (Votes::Three, Goal::Bytes) => Reach { first: 8, last: 8 + period },
            (Votes::Three, Goal::Samples) => Reach { first: 8 - period, last: 8 + 2 * period },
        }
    }

    /// How far the rates of the two ends may differ, exactly, for frames that follow each other without a gap.
    ///
    /// With edges at `k (1 + e)` receiver's bits, where the transmitter's rate is `1 / (1 + e)`, and samples needed from
    /// `first` to `last` within each bit of a frame of `N` bits up to its first stop bit and `S` stop bits:
    ///
    /// ```text
    /// slow: the stop bit begins before its first sample      (N-1)(1+e) <= N-1 + first   rate - 1 = -first / (N-1+first)
    /// fast: the last bit ends after its last sample          (N-1)(1+e) >= N-2 + last    rate - 1 = (1-last) / (N-2+last)
    ///       the next start comes after that of the stop bit (N-1+S)(1+e) >= N-1 + last   rate - 1 = (S-last) / (N-1+last)
    /// ```
    ///
    /// | 8N1 | bytes | samples |
    /// |---|---|---|
    /// | ideal | -5.26 to +5.26 % | the same |
    /// | 16x, 2 of 3 | -5.26 to +4.58 % | -4.64 to +3.90 % |
    /// | 8x, 2 of 3 | -5.26 to +3.90 % | -4.00 to +2.56 % |
    ///
    /// The equations of the AVR data sheets pair the slow limit of [`Goal::Samples`] with the fast one of
    /// [`Goal::Bytes`] (DS40002061A, table "Recommended Maximum Receiver Baud Rate Error").
    pub fn tolerance(self, options: &super::Options, goal: Goal) -> Tolerance {
        let Reach { first, last } = self.reach(goal);
        let (first, last) = (first as i64, last as i64);
        let before_stop = 16 * (options.sampled_bits() as i64 - 1);
        let stop = 8 * options.stop_bits.halves() as i64;
        let ppm = |num: i64, den: i64| num * 1_000_000 / den;
        Tolerance {
            slow_ppm: -ppm(first, before_stop + first),
            fast_ppm: ppm(16 - last, before_stop - 16 + last).min(ppm(stop - last, before_stop + last)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DataBits, Options, Parity};
    use super::*;

    fn format(data_bits: u32, parity: Parity) -> Options {
        Options { data_bits: DataBits::new(data_bits).unwrap(), parity, ..Options::default() }
    }

    /// Total tolerances in percent, rounded to two places: half a bit less the doubt of the start, over the sampled bits less
    /// a half.
    #[test]
    fn an_ideal_receiver_tolerates_half_a_bit_in_all() {
        for (data, parity, percent) in [
            (5, Parity::None, 7.69),
            (7, Parity::None, 5.88),
            (8, Parity::None, 5.26),
            (7, Parity::Even, 5.26),
            (8, Parity::Even, 4.76),
            (9, Parity::None, 4.76),
            (9, Parity::Even, 4.35),
        ] {
            let Tolerance { slow_ppm, fast_ppm } =
                Sampling::IDEAL.tolerance(&format(data, parity), Goal::Bytes);
            let rounded = (fast_ppm as f64 / 100.0).round() / 100.0;
            assert_eq!((slow_ppm, rounded), (-fast_ppm, percent), "{data} {parity:?}");
        }
    }

    /// Rslow and Rfast of the AVR equations: (D+1)S / (S-1+DS+SF) and (D+2)S / ((D+1)S+SM), written out here once more.
    #[test]
    fn the_equations_of_the_avr_data_sheets_are_two_of_ours() {
        for (sampling, s, sf, sm) in [(Sampling::X16, 16, 8, 9), (Sampling::X8, 8, 4, 5)] {
            for d in 5..=9i64 {
                let options = format(d as u32, Parity::None);
                let slow = (d + 1) * s * 1_000_000 / (s - 1 + d * s + sf) - 1_000_000;
                let fast = (d + 2) * s * 1_000_000 / ((d + 1) * s + sm) - 1_000_000;
                let clean = sampling.tolerance(&options, Goal::Samples).slow_ppm;
                assert!((clean - slow).abs() <= 1, "{d}: {clean} {slow}");
                assert_eq!(sampling.tolerance(&options, Goal::Bytes).fast_ppm, fast);
            }
        }
    }

    #[test]
    fn two_stop_bits_help_a_fast_transmitter() {
        let two = Options { stop_bits: super::super::StopBits::Two, ..Options::default() };
        let fast = |options: &Options| Sampling::X16.tolerance(options, Goal::Bytes).fast_ppm;
        assert_eq!(fast(&Options::default()), 45_751);
        assert_eq!(fast(&two), 51_094);
        assert_eq!(
            Sampling::X16.tolerance(&Options::default(), Goal::Samples),
            Tolerance { slow_ppm: -46_357, fast_ppm: 38_961 }
        );
        assert_eq!(
            Sampling::X16.tolerance(&Options::default(), Goal::Bytes),
            Tolerance { slow_ppm: -52_631, fast_ppm: 45_751 }
        );
    }
}
