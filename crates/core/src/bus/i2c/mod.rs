//! I2C: controllers and targets share two open-drain wires.
//!
//! ```text
//!      START    A6     A5    ...   A0    R/W    ACK    D7    ...   D0   ACK/NACK  STOP
//! SDA  ‾\___/‾‾‾‾‾‾X‾‾‾‾‾X  ...  X‾‾‾‾‾X‾‾‾‾‾\______/‾‾‾‾‾X ... X‾‾‾‾‾X‾‾‾‾‾\___/‾‾
//! SCL  ‾‾‾\___/‾‾‾\__/‾‾‾\_ ... __/‾‾‾\__/‾‾\__/‾‾‾\__/‾‾‾\_ ... _/‾‾‾\__/‾‾‾\_/‾‾‾‾
//!        |<>| tHD;STA    SDA is sampled while SCL is high, and changes while it is low      |<>| tSU;STO
//! ```
//!
//! * SDA falls while SCL is high: START. SDA rises while SCL is high: STOP (UM10204 section 3.1.4).
//! * Nine clocks a byte, most significant bit first; in the ninth the receiver pulls SDA low to acknowledge (3.1.5, 3.1.6).
//! * Both wires are pulled up by resistors and pulled down by anyone: Low wins. That is how targets stretch the clock
//!   (3.1.9), controllers synchronise their clocks (3.1.7) and arbitrate (3.1.8).
//! * A wire is Low below 30 % of the supply, High above 70 %, and X between; a receiver holds its last level meanwhile.

mod controller;
mod decode;
mod device;
mod ears;
mod guess;
mod info;
mod item;
mod lines;
mod odd;
mod pace;
mod pec;
mod queue;
pub mod rules;
mod stretch;
mod target;
#[cfg(test)]
mod tests;
mod work;

pub use controller::{Controller, ControllerOptions, Fault, FaultKind, OnNack};
pub use decode::Monitor;
pub use device::{Answer, Call, Device, Reply};
pub use guess::{Guess, SpeedGuess};
pub use info::INFO;
pub use item::{Ack, Address, Direction, Item};
pub use pace::Timing;
pub use pec::crc8;
pub use target::{Stretch, Target, TargetFault, TargetFaultKind, TargetOptions};
pub use work::{Completion, End, Op, OpError, Outcome, Ticket};

use crate::time::Span;

/// The pins of the bus, as its monitor and its agents number them.
pub mod pin {
    use crate::log::SignalId;

    /// The clock.
    pub const SCL: SignalId = SignalId(0);
    /// The data.
    pub const SDA: SignalId = SignalId(1);
    /// The number of pins of the bus; a target's own pins follow.
    pub const COUNT: usize = 2;
}

/// The speed class of a bus: which table of UM10204 it keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speed {
    /// Sm: up to 100 kHz.
    #[default]
    Standard,
    /// Fm: up to 400 kHz.
    Fast,
    /// Fm+: up to 1 MHz.
    FastPlus,
    /// Hs: up to 3.4 MHz behind a master code sent at Fast speed, the clock pulled up by a current source.
    High,
    /// UFm: up to 5 MHz, push-pull, write only, never acknowledged.
    UltraFast,
}

impl Speed {
    /// All of them, slowest first.
    pub const ALL: [Speed; 5] =
        [Speed::Standard, Speed::Fast, Speed::FastPlus, Speed::High, Speed::UltraFast];

    /// As options and vectors spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Speed::Standard => "standard",
            Speed::Fast => "fast",
            Speed::FastPlus => "fast-plus",
            Speed::High => "high",
            Speed::UltraFast => "ultra-fast",
        }
    }

    /// Its highest SCL frequency, in hertz (fSCL, fSCLH and fUSCL; UM10204 tables 10, 12 and 14).
    pub const fn highest_hertz(self) -> u64 {
        match self {
            Speed::Standard => 100_000,
            Speed::Fast => 400_000,
            Speed::FastPlus => 1_000_000,
            Speed::High => 3_400_000,
            Speed::UltraFast => 5_000_000,
        }
    }

    /// The spikes that an input filter must swallow (tSP; UM10204 tables 9, 11 and 14); none is asked of Sm.
    pub const fn spike(self) -> Span {
        match self {
            Speed::Standard => Span::ZERO,
            Speed::Fast | Speed::FastPlus => Span::from_ns(50),
            Speed::High | Speed::UltraFast => Span::from_ns(10),
        }
    }
}

/// What is spoken on the bus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// I2C as UM10204 has it.
    #[default]
    I2c,
    /// SMBus: clocks neither slower than 10 kHz nor stretched for long, packet error codes as an option.
    SmBus,
}

/// What all who share the bus have agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The speed class; `None` is guessed from the clock.
    pub speed: Option<Speed>,
    /// I2C or SMBus.
    pub protocol: Protocol,
    /// Each message ends in a packet error code (SMBus).
    pub pec: bool,
    /// Spikes shorter than this are no edges; `None`: as the speed class has it.
    pub spike: Option<Span>,
}

impl Options {
    /// The speed class, or the slowest that allows for an SCL of `hertz`; Ultra-fast mode, which has other wires, is
    /// never guessed.
    pub fn speed_at(&self, hertz: u64) -> Speed {
        let slowest = [Speed::Standard, Speed::Fast, Speed::FastPlus]
            .into_iter()
            .find(|speed| hertz <= speed.highest_hertz());
        self.speed.or(slowest).unwrap_or(Speed::High)
    }

    /// Spikes shorter than this are no edges. Without a speed class the filter is that of Fast mode.
    pub fn filter(&self) -> Span {
        self.spike.unwrap_or_else(|| self.speed.unwrap_or(Speed::Fast).spike())
    }
}
