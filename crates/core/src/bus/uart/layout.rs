//! Where the bits of a frame lie, in femtoseconds from its start.

use super::{Baud, Options};

/// More bits than any frame has: start, 9 data, parity, 2 stop.
pub(super) const MOST: usize = 14;

/// The nominal places of a frame's bits.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) baud: Baud,
    /// The length of a bit.
    pub(super) bit: i64,
    /// Where each bit begins.
    pub(super) bounds: [u64; MOST + 1],
    /// The middle of each bit.
    pub(super) middles: [u64; MOST + 1],
    /// Data bits.
    pub(super) data: usize,
    /// The number of the first stop bit, counted from the start bit, which is 0.
    pub(super) stop: usize,
    /// The end of the last stop bit.
    pub(super) end: u64,
    /// Pulses shorter than this are no edges.
    pub(super) filter: u64,
    /// The distance from the middle of a bit to the outer two of its three points.
    pub(super) aside: u64,
}

impl Layout {
    pub(super) fn new(options: &Options, baud: Baud) -> Layout {
        let at = |halves: u64| baud.bits(halves, 2).as_fs();
        Layout {
            baud,
            bit: baud.bit().as_fs() as i64,
            bounds: std::array::from_fn(|k| at(2 * k as u64)),
            middles: std::array::from_fn(|k| at(2 * k as u64 + 1)),
            data: options.data_bits.get() as usize,
            stop: options.sampled_bits() as usize - 1,
            end: options.frame_time(baud).as_fs(),
            filter: baud.bits(options.glitch.min(400) as u64, 1_000).as_fs(),
            aside: baud.bits(1, 16).as_fs(),
        }
    }

    /// How many bits `span` is, to the nearest; at most [`MOST`].
    #[inline]
    pub(super) fn bits_in(&self, span: u64) -> usize {
        let mut bits = 0;
        while bits < MOST && span >= self.middles[bits] {
            bits += 1;
        }
        bits
    }

    /// Femtoseconds as thousandths of a bit, to the nearest.
    pub(super) fn mui(&self, fs: i64) -> i64 {
        let scaled = fs as i128 * 1_000;
        let half = self.bit as i128 / 2;
        (scaled + half).div_euclid(self.bit as i128) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_rounded_to_bits() {
        let layout = Layout::new(&Options::default(), Baud::from_hertz(1_000_000).unwrap());
        let us = |tenths: u64| layout.bits_in(tenths * 100_000_000);
        assert_eq!([us(0), us(4), us(5), us(14), us(15), us(94), us(1_000)], [0, 0, 1, 1, 2, 9, MOST]);
        assert_eq!((layout.stop, layout.end), (9, 10_000_000_000));
        assert_eq!(layout.mui(-250_000_000), -250);
        assert_eq!(layout.mui(499_600_000), 500);
    }
}
