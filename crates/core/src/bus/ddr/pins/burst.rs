//! Bursts of data.

use crate::bus::ddr::Standard;
use crate::time::{Span, Time};

/// One beat of a burst: what is on the data wires at one edge of the strobe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Beat {
    /// The level of each data wire, wire 0 in bit 0; 0 where unknown.
    pub data: u64,
    /// The wires that were neither low nor high.
    pub unknown: u64,
    /// The bytes that a write leaves as they are, byte 0 in bit 0.
    pub mask: u16,
}

impl Beat {
    /// A beat of which everything is known, and written.
    pub const fn new(data: u64) -> Beat {
        Beat { data, unknown: 0, mask: 0 }
    }
}

/// When data and strobe of a burst are on the wires.
///
/// ```text
///  CK     ‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_
///           ^ command       ^ latency
///  DQS    ---------------\__/‾\_/‾\_/‾\_/‾\_/---
///                         ^ preamble       ^ postamble
///  DQ     read ------------<0 ><1 >< ...
///         write ----------<0 ><1 >< ...
/// ```
/// The first beat belongs to a rising edge of DQS, `latency` clocks after the command; then there is one each half clock. A read's
/// beats begin with their edge, a write's are centred on it. DQS ends low.
/// (Micron's Verilog model of DDR3.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Clocks from the command, as timing rules count it ([`Standard::lead`]), to the first beat: RL or WL.
    pub latency: u32,
    /// How many beats there are.
    pub beats: u32,
    /// The strobe before the first beat.
    pub preamble: Preamble,
}

impl Shape {
    /// The strobe is driven for so long after the last edge of the burst: half a clock (litedram; unverified).
    pub const POSTAMBLE_HALVES: u32 = 1;

    /// When the first beat's edge of DQS is due, after a command at `command` with clocks of `tck`.
    pub fn first_edge(&self, command: Time, tck: Span) -> Time {
        self.edge(command, tck, 0)
    }

    /// When the edge of DQS of beat `beat` is due.
    pub fn edge(&self, command: Time, tck: Span, beat: u32) -> Time {
        let halves = 2 * u64::from(self.latency) + u64::from(beat);
        command.saturating_add(tck.scale(halves, 2))
    }

    /// When DQS is driven, from the beginning of the preamble to the end of the postamble.
    pub fn driven(&self, command: Time, tck: Span) -> (Time, Time) {
        let first = self.first_edge(command, tck);
        let preamble = tck.scale(self.preamble.halves().len() as u64, 2);
        let last = self.beats.saturating_sub(1);
        (first.saturating_sub(preamble), self.edge(command, tck, last + Shape::POSTAMBLE_HALVES))
    }
}

/// What the strobe does before the first beat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Preamble {
    /// Low for a clock: DDR3 (Micron's Verilog model), DDR4 as mode register 4 has it at first.
    #[default]
    One,
    /// Two clocks: low, high, low; DDR4 with MR4, DDR5, LPDDR4 (the pattern is unverified).
    Two,
    /// Three clocks: two low, then high, low; DDR5 (unverified).
    Three,
    /// Four clocks: two low, then high, low, high, low; DDR5 (unverified).
    Four,
}

impl Preamble {
    /// The levels of DQS, each for half a clock.
    pub const fn halves(self) -> &'static [bool] {
        match self {
            Preamble::One => &[false, false],
            Preamble::Two => &[false, false, true, false],
            Preamble::Three => &[false, false, false, false, true, false],
            Preamble::Four => &[false, false, false, false, true, false, true, false],
        }
    }

    /// The one of so many clocks; the longest for more.
    pub const fn of(clocks: u64) -> Preamble {
        match clocks {
            0 | 1 => Preamble::One,
            2 => Preamble::Two,
            3 => Preamble::Three,
            _ => Preamble::Four,
        }
    }

    /// The shortest that the standard has, for reads and writes alike.
    pub const fn shortest(standard: Standard) -> Preamble {
        match standard {
            Standard::Ddr3 | Standard::Ddr4 => Preamble::One,
            Standard::Ddr5 | Standard::Lpddr4 | Standard::Lpddr5 => Preamble::Two,
        }
    }
}
