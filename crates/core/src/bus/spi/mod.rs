//! SPI: a controller clocks words out to a peripheral and in from it, at once.
//!
//! ```text
//! mode 0 (CPOL 0, CPHA 0), word 0x9f, most significant bit first
//! CS   ‾‾‾\_________________________________________________/‾‾‾‾
//! SCK  ________/‾‾\__/‾‾\__/‾‾\__/‾‾\__/‾‾\__/‾‾\__/‾‾\__/‾‾\____
//! MOSI ----< 1   ><  0  ><  0  ><  1  ><  1  ><  1  ><  1  ><  1 >
//!              ^ both sides sample         ^ ... on every rising edge
//!                  ^ both sides change what they drive, on every falling edge
//! ```
//!
//! | mode | CPOL | CPHA | SCK idles | sampling edge | shift edge |
//! |------|------|------|-----------|---------------|------------|
//! | 0    | 0    | 0    | low       | rising        | falling    |
//! | 1    | 0    | 1    | low       | falling       | rising     |
//! | 2    | 1    | 0    | high      | falling       | rising     |
//! | 3    | 1    | 1    | high      | rising        | falling    |
//!
//! With CPHA 0 the first bit is on the line before the first edge, driven by CS; with CPHA 1 the first edge drives it.
//! (STM32F411 reference manual RM0383, "Clock phase and clock polarity".)
//!
//! Words have any length from 1 to 4096 bits. One, two or four lanes carry them, at single or double rate; which, a
//! [`CommandTable`] tells from the opcode, since the wires do not.
//!
//! Not modelled: octal lanes and data strobes; daisy chains (one can be built of peripherals, but the monitor reads its
//! shared frame as one word); the analogue shape of edges.

mod command;
mod controller;
mod decode;
mod device;
mod info;
mod item;
mod lanes;
pub mod rules;
mod target;
#[cfg(test)]
mod tests;

pub use command::{Command, CommandTable, Lanes, Phase, PhaseKind, Rate, class};
pub use controller::{
    Completion, Controller, ControllerOptions, Fault, FaultKind, Fill, Op, OpError, Ticket,
};
pub use decode::Monitor;
pub use device::{Device, Io, Step};
pub use info::INFO;
pub use item::{Direction, Flags, Item, Payload, Word};

pub use target::{OutputTiming, Peripheral, PeripheralFault, PeripheralOptions};

use std::sync::Arc;

use crate::bits::BitOrder;

/// The pins of the bus, as its monitor and its agents number them.
pub mod pin {
    use crate::log::SignalId;

    /// The clock.
    pub const SCK: SignalId = SignalId(0);
    /// Controller out, peripheral in; lane 0; the one data line of 3-wire SPI.
    pub const MOSI: SignalId = SignalId(1);
    /// Controller in, peripheral out; lane 1.
    pub const MISO: SignalId = SignalId(2);
    /// Lane 2.
    pub const IO2: SignalId = SignalId(3);
    /// Lane 3.
    pub const IO3: SignalId = SignalId(4);
    /// Chip select 0; the other lines follow.
    pub const CS0: SignalId = SignalId(5);
    /// The number of chip select lines.
    pub const CS_LINES: u8 = 8;
    /// The number of pins.
    pub const COUNT: usize = CS0.0 as usize + CS_LINES as usize;

    /// Chip select line `i`.
    ///
    /// # Panics
    /// If `i` is not below [`CS_LINES`].
    pub const fn cs(i: u8) -> SignalId {
        assert!(i < CS_LINES, "there are 8 chip select lines");
        SignalId(CS0.0 + i as u32)
    }

    /// Data lane `i` of 4.
    ///
    /// # Panics
    /// If `i` is above 3.
    pub const fn lane(i: u8) -> SignalId {
        assert!(i < 4, "there are 4 lanes");
        SignalId(MOSI.0 + i as u32)
    }
}

/// Clock polarity and phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// SCK idles low; sample on the rising edge.
    #[default]
    Mode0,
    /// SCK idles low; sample on the falling edge.
    Mode1,
    /// SCK idles high; sample on the falling edge.
    Mode2,
    /// SCK idles high; sample on the rising edge.
    Mode3,
}

impl Mode {
    /// All four.
    pub const ALL: [Mode; 4] = [Mode::Mode0, Mode::Mode1, Mode::Mode2, Mode::Mode3];

    /// The mode of that number, 0 to 3.
    pub const fn from_number(n: u8) -> Option<Mode> {
        if n < 4 { Some(Mode::ALL[n as usize]) } else { None }
    }

    /// 0 to 3: `CPOL << 1 | CPHA`.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// CPOL: SCK idles high.
    pub const fn idles_high(self) -> bool {
        matches!(self, Mode::Mode2 | Mode::Mode3)
    }

    /// CPHA: the first edge of a bit shifts and the second samples.
    pub const fn shifts_first(self) -> bool {
        matches!(self, Mode::Mode1 | Mode::Mode3)
    }

    /// The sampling edge rises.
    pub const fn samples_on_rise(self) -> bool {
        matches!(self, Mode::Mode0 | Mode::Mode3)
    }
}

/// The level of chip select that selects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Active {
    /// Selected while low: usual.
    #[default]
    Low,
    /// Selected while high: Microwire and some displays.
    High,
}

/// The frame format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// CS frames the transfer.
    #[default]
    Motorola,
    /// TI synchronous serial: a pulse on the CS line, one clock long, precedes each word; data change on the rising
    /// edge and are sampled on the falling one. The mode is fixed by the format.
    Ti,
    /// Microwire: CS active high, mode 0, the peripheral changes its output on the rising edge. The half-duplex
    /// command begins with a start bit of 1.
    Microwire,
}

/// How many data lines there are with one lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Wires {
    /// MOSI and MISO.
    #[default]
    Four,
    /// One line for both directions, on pin [`pin::MOSI`].
    Three,
}

/// What both ends of the bus have agreed on.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Clock polarity and phase.
    pub mode: Mode,
    /// Bits in a word, 1 to 4096.
    pub word_bits: WordBits,
    /// Which bit of a word travels first.
    pub bit_order: BitOrder,
    /// The level of CS that selects.
    pub cs_active: Active,
    /// The frame format.
    pub format: Format,
    /// The data lines of single-lane words.
    pub wires: Wires,
    /// How words travel unless a command says otherwise.
    pub lanes: Lanes,
    /// When the controller samples MISO: this many half periods after the sampling edge (0 to 4). 1 or more is "late
    /// sampling", which buys time for the round trip.
    pub sample_delay: u8,
    /// What the opcodes mean for lanes, rates and classes of access.
    pub commands: Option<Arc<CommandTable>>,
}

impl Options {
    /// The level of CS that selects: Microwire and the frame pulse of TI are active high by definition.
    pub const fn cs_active(&self) -> Active {
        match self.format {
            Format::Motorola => self.cs_active,
            Format::Ti | Format::Microwire => Active::High,
        }
    }

    /// The clock mode: TI is shaped like mode 1, Microwire like mode 0.
    pub const fn mode(&self) -> Mode {
        match self.format {
            Format::Motorola => self.mode,
            Format::Ti => Mode::Mode1,
            Format::Microwire => Mode::Mode0,
        }
    }

    /// SCK idles high.
    pub const fn idles_high(&self) -> bool {
        self.mode().idles_high()
    }

    /// The first edge of a clock shifts, the second samples.
    pub const fn shifts_first(&self) -> bool {
        self.mode().shifts_first()
    }
}

/// The number of bits in a word: 1 to 4096, 8 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WordBits(u16);

impl WordBits {
    /// The longest word.
    pub const MAX: u32 = 4096;

    /// A word of `bits` bits; `None` unless that is 1 to 4096.
    pub const fn new(bits: u32) -> Option<WordBits> {
        if bits >= 1 && bits <= Self::MAX { Some(WordBits(bits as u16)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0 as u32
    }
}

impl Default for WordBits {
    fn default() -> WordBits {
        WordBits(8)
    }
}
