//! Draws the two lines of a UART by hand: frames of eight data bits with even parity, with bits as long as one likes.

use std::fmt::Write as _;

/// A waveform in the making, in nanoseconds.
pub(crate) struct Serial {
    bit: u64,
    now: u64,
    /// When which line (0 is tx, 1 is rx) goes to which level.
    edges: Vec<(u64, usize, bool)>,
}

impl Serial {
    /// Both lines are idle; a bit lasts `bit` nanoseconds.
    pub(crate) fn new(bit: u64) -> Serial {
        Serial { bit, now: 0, edges: vec![(0, 0, true), (0, 1, true)] }
    }

    /// So many bits of idle lines.
    pub(crate) fn idle(&mut self, bits: u64) -> &mut Serial {
        self.now += bits * self.bit;
        self
    }

    /// From here on a bit lasts so long.
    pub(crate) fn bit(&mut self, bit: u64) -> &mut Serial {
        self.bit = bit;
        self
    }

    fn level(&mut self, line: usize, high: bool, bits: u64) -> &mut Serial {
        self.edges.push((self.now, line, high));
        self.idle(bits)
    }

    /// A frame with this parity and this stop bit.
    pub(crate) fn frame(&mut self, line: usize, byte: u8, parity: bool, stop: bool) -> &mut Serial {
        self.level(line, false, 1);
        for i in 0..8 {
            self.level(line, byte >> i & 1 == 1, 1);
        }
        self.level(line, parity, 1).level(line, stop, 1)
    }

    /// Frames back to back, as they should be.
    pub(crate) fn text(&mut self, line: usize, text: &str) -> &mut Serial {
        for byte in text.bytes() {
            self.frame(line, byte, byte.count_ones() % 2 == 1, true);
        }
        self
    }

    /// The line is low for so many bits.
    pub(crate) fn low(&mut self, line: usize, bits: u64) -> &mut Serial {
        self.level(line, false, bits).level(line, true, 0)
    }

    /// What another simulator dumps, in nanoseconds.
    pub(crate) fn vcd(&self) -> String {
        let mut text = String::from(
            "$version somebody's simulator $end\n$timescale 1 ns $end\n$scope module tb $end\n\
             $var wire 1 ! tx $end\n$var wire 1 \" rx $end\n$upscope $end\n$enddefinitions $end\n",
        );
        let mut levels = [None; 2];
        for &(t, line, high) in &self.edges {
            if levels[line].replace(high) != Some(high) {
                let _ = writeln!(text, "#{t}\n{}{}", u8::from(high), ['!', '"'][line]);
            }
        }
        let _ = writeln!(text, "#{}", self.now);
        text
    }
}
