//! The links that can be compared, what they are compared at, and why that may not be possible.

use std::fmt;
use std::str::FromStr;

use busproof_core::Span;
use busproof_core::bus::{handshake, i2c, spi, uart};
use busproof_core::sim::{ClockError, SimError};

/// A way to get bytes from one end to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// A UART, 8N1. Each end has a clock; the receiver samples 16 times a bit and takes two of three.
    Uart,
    /// SPI in mode 0, 8 bits a word. The clock travels beside the data.
    Spi,
    /// I2C with a 7-bit address. The clock travels beside the data, on open-drain wires.
    I2c,
    /// Four-phase bundled data, 8 wires. Each end has a clock; request and acknowledge pass two flops.
    FourPhase,
    /// Two-phase bundled data, as above.
    TwoPhase,
    /// Four-phase dual rail, 16 wires, as above.
    DualRail,
    /// Valid and ready, 8 wires. Both ends share one clock.
    ValidReady,
}

impl Link {
    /// All of them.
    pub const ALL: [Link; 7] =
        [Link::Uart, Link::Spi, Link::I2c, Link::FourPhase, Link::TwoPhase, Link::DualRail, Link::ValidReady];

    /// Those compared unless others are asked for.
    pub const USUAL: [Link; 5] = [Link::Uart, Link::Spi, Link::I2c, Link::FourPhase, Link::TwoPhase];

    /// As commands and reports spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Link::Uart => "uart",
            Link::Spi => "spi",
            Link::I2c => "i2c",
            Link::FourPhase => "handshake4",
            Link::TwoPhase => "handshake2",
            Link::DualRail => "dualrail",
            Link::ValidReady => "validready",
        }
    }

    /// The receiver has a clock of its own, so that it matters when the sender's edges come.
    pub const fn has_two_clocks(self) -> bool {
        !matches!(self, Link::Spi | Link::I2c | Link::ValidReady)
    }

    /// Registers can be read over it; see [`access`](crate::access).
    pub const fn carries_accesses(self) -> bool {
        !matches!(self, Link::ValidReady)
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Link {
    type Err = LinkError;

    fn from_str(name: &str) -> Result<Link, LinkError> {
        Link::ALL.into_iter().find(|link| link.name() == name).ok_or_else(|| LinkError::Unknown(name.into()))
    }
}

/// What all links are compared at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// Bits per second of the serial links, and the clocks of both ends of the others; see [`Conditions::hertz`].
    pub clock_hertz: u64,
    /// The capacitance of each wire, in farad.
    pub farad: f64,
    /// The supply, in volt.
    pub volt: f64,
    /// The pull-up of each wire of I2C, in ohm.
    pub pull_up_ohm: f64,
}

impl Conditions {
    /// The slowest clock.
    pub const MIN_HERTZ: u64 = 1_000;
    /// The fastest clock.
    pub const MAX_HERTZ: u64 = 100_000_000;
    /// The fastest clock of I2C here: Fast-mode Plus (UM10204 table 10). Its faster modes have other wires.
    pub const MAX_I2C_HERTZ: u64 = 1_000_000;

    /// The clock of `link`: that of all, but for I2C at most 1 MHz.
    pub fn hertz(&self, link: Link) -> u64 {
        match link {
            Link::I2c => self.clock_hertz.min(Self::MAX_I2C_HERTZ),
            _ => self.clock_hertz,
        }
    }

    /// A period of the clock of `link`.
    pub fn period(&self, link: Link) -> Span {
        Span::period_of(self.hertz(link)).unwrap_or(Span::ZERO)
    }

    /// Refuses what cannot be simulated.
    pub fn check(&self) -> Result<(), LinkError> {
        if !(Self::MIN_HERTZ..=Self::MAX_HERTZ).contains(&self.clock_hertz) {
            return Err(LinkError::Clock(self.clock_hertz));
        }
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let is_electrical = positive(self.farad) && positive(self.volt) && positive(self.pull_up_ohm);
        if is_electrical { Ok(()) } else { Err(LinkError::Electrical) }
    }
}

impl Default for Conditions {
    /// 1 MHz, 50 pF on each wire, 3.3 V, pull-ups of 1 kOhm.
    fn default() -> Conditions {
        Conditions { clock_hertz: 1_000_000, farad: 50e-12, volt: 3.3, pull_up_ohm: 1_000.0 }
    }
}

/// Why links cannot be compared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LinkError {
    /// No such link.
    #[error("no link is called `{0}`; the links are {names}", names = Link::ALL.map(Link::name).join(", "))]
    Unknown(String),
    /// The clock is out of range.
    #[error("a clock of {0} Hz is out of range; use 1 kHz to 100 MHz")]
    Clock(u64),
    /// A capacitance, supply or resistor that is none.
    #[error("capacitance, supply and pull-up must be above zero")]
    Electrical,
    /// Nothing to send.
    #[error("an empty payload shows nothing; send a byte or more")]
    Empty,
    /// More than is sensible.
    #[error("a payload of {0} bytes is too long; use {MAX_PAYLOAD} at most")]
    Long(usize),
    /// No accesses, or none at a time.
    #[error(
        "{accesses} accesses, {outstanding} outstanding; use 1 to {MAX_ACCESSES} and 1 to {MAX_OUTSTANDING}"
    )]
    Accesses {
        /// How many in all.
        accesses: u32,
        /// How many at a time.
        outstanding: u32,
    },
    /// Register accesses over a link that only goes one way here.
    #[error("{0} carries no register accesses here; use uart, spi, i2c, handshake4, handshake2 or dualrail")]
    OneWay(Link),
    /// Replies did not come, or not those that were asked for.
    #[error(
        "{link}: access {access} was not answered as it should; slow the clock down, or use a stronger pull-up"
    )]
    NoReply {
        /// Over what.
        link: Link,
        /// Which, counted from 0.
        access: u32,
    },
    /// Of a UART.
    #[error(transparent)]
    Baud(#[from] uart::BaudError),
    /// Of a UART's transmitter.
    #[error(transparent)]
    Uart(#[from] uart::OpError),
    /// Of a clock.
    #[error(transparent)]
    Oscillator(#[from] ClockError),
    /// Of a handshake.
    #[error(transparent)]
    Handshake(#[from] handshake::PaceError),
    /// Of SPI.
    #[error(transparent)]
    Spi(#[from] spi::OpError),
    /// Of I2C.
    #[error(transparent)]
    I2c(#[from] i2c::OpError),
    /// The simulation cannot go on.
    #[error(transparent)]
    Sim(#[from] SimError),
}

/// The longest payload, in bytes.
pub const MAX_PAYLOAD: usize = 1 << 20;
/// The most register accesses.
pub const MAX_ACCESSES: u32 = 1_000_000;
/// The most that may be under way at a time.
pub const MAX_OUTSTANDING: u32 = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_by_their_names_and_others_refused_with_the_names_there_are() {
        for link in Link::ALL {
            assert_eq!(link.name().parse(), Ok(link));
        }
        let error = "usb".parse::<Link>().unwrap_err().to_string();
        assert!(error.contains("`usb`") && error.contains("handshake4, handshake2"), "{error}");
    }

    #[test]
    fn conditions_have_limits_on_both_sides() {
        let at = |clock_hertz| Conditions { clock_hertz, ..Conditions::default() }.check();
        assert_eq!((at(1_000), at(100_000_000)), (Ok(()), Ok(())));
        assert_eq!(at(999), Err(LinkError::Clock(999)));
        assert_eq!(at(100_000_001), Err(LinkError::Clock(100_000_001)));
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(
                Conditions { farad: bad, ..Conditions::default() }.check(),
                Err(LinkError::Electrical)
            );
            assert_eq!(Conditions { volt: bad, ..Conditions::default() }.check(), Err(LinkError::Electrical));
        }
    }

    #[test]
    fn i2c_stays_at_what_its_wires_allow() {
        let fast = Conditions { clock_hertz: 10_000_000, ..Conditions::default() };
        assert_eq!((fast.hertz(Link::I2c), fast.hertz(Link::Spi)), (1_000_000, 10_000_000));
    }
}
