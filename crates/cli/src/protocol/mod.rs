//! What the program knows of each bus beyond the table of buses: how it is set up on the command line, how its items are
//! printed, and which signals a picture of a finding shows.
//!
//! Commands are generic over [`Protocol`], so that a bus costs nothing per change; [`Bus`] says which one a command line
//! means.

mod crossing;
mod ddr;
mod handshake;
mod i2c;
mod seat;
mod spi;
mod uart;

use std::io::{self, Write};
use std::sync::Arc;

use busproof_core::bus::{BusInfo, Monitor};
use busproof_core::mapping::Tap;
use busproof_core::timing::{EventSet, Finding, Params, Rule};
use busproof_core::{Level, SignalId, Source, Span};
use busproof_parts::{Conditions, Hint, Part, memory};
use busproof_wave::Track;

use crate::error::CliError;
use crate::waveform::{Passing, Waveform};

pub(crate) use crossing::Crossing;
pub(crate) use ddr::Ddr;
pub(crate) use handshake::Handshake;
pub(crate) use i2c::I2c;
pub(crate) use seat::Seat;
pub(crate) use spi::Spi;
pub(crate) use uart::Uart;

/// A bus as it was set up on the command line.
pub(crate) trait Protocol: Clone {
    /// What can be said on it.
    type Item;
    /// Its decoder.
    type Monitor: Monitor<Item = Self::Item>;
    /// Prints its items for people.
    type Printer: Printer<Self::Item>;
    /// Prints its items as lines of JSON.
    type Lines: ItemLines<Self::Item>;

    /// Its entry in the table of buses.
    const INFO: &'static BusInfo;

    /// The bus with the parts and options that were asked for.
    fn new(asked: &Asked<'_>) -> Result<Self, CliError>;

    /// An error unless the signals are there without which nothing can be read.
    fn require(&self, waveform: &Waveform) -> Result<(), CliError>;

    /// The bus as this waveform shows it: what was left open on the command line is settled.
    fn settle(&self, passing: &mut Passing) -> Settled<Self>;

    /// A monitor for a waveform from `source`.
    fn monitor(&self, source: Source) -> Self::Monitor;

    /// The timing rules that hold.
    fn rules(&self) -> Vec<&'static Rule> {
        Self::INFO.rules.iter().collect()
    }

    /// The limits that hold.
    fn params(&self) -> Params;

    /// Why rules may have no limit; empty if there is nothing to say.
    fn more_limits(&self) -> String;

    /// How to read what is measured in a waveform from `source`, if there is something to know.
    fn caveat(&self, source: Source) -> Option<&'static str> {
        let _ = source;
        None
    }

    /// What is neither of the two levels to the rules that need to see such.
    fn is_between(level: Level) -> bool {
        matches!(level, Level::X | Level::Z)
    }

    /// Kinds of event whose times are exact although the waveform's are rounded.
    fn exact(&self) -> EventSet {
        EventSet::NONE
    }

    /// How long a bit takes, where rules measure by it.
    fn unit_interval(&self) -> Option<Span> {
        None
    }

    /// How much of what came before the picture of a finding shows that is about an instant.
    fn reach(&self) -> Span {
        Span::ZERO
    }

    /// The pins whose edges a finding is about, the clock first.
    fn pins_of(finding: &Finding, tap: &Tap) -> Vec<SignalId>;

    /// A printer, which uses the names of the parts.
    fn printer(&self) -> Self::Printer;

    /// Items as words beside the wires, below `scope`.
    fn tracks(scope: &str, items: &[Self::Item]) -> Vec<Track>;
}

/// Prints items as lines of JSON, in the same memory for each.
pub(crate) trait ItemLines<I>: Default {
    /// Calls `print` with each line of an item, up to the first error.
    fn each<E>(&mut self, item: &I, print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E>;
}

/// A bus of which nothing is left open.
#[derive(Clone, Debug)]
pub(crate) struct Settled<P> {
    /// The bus.
    pub(crate) bus: P,
    /// What was taken for granted in reading it, for people.
    pub(crate) read: Option<String>,
    /// What was taken for granted in judging it.
    pub(crate) judged: Option<String>,
}

impl<P> Settled<P> {
    /// Nothing had to be taken for granted.
    pub(crate) const fn sure(bus: P) -> Settled<P> {
        Settled { bus, read: None, judged: None }
    }
}

/// Prints items for people as they come, in memory that does not grow with them.
pub(crate) trait Printer<I> {
    /// Prints what can be printed by now.
    fn item(&mut self, item: &I, out: &mut impl Write) -> io::Result<()>;

    /// Prints the rest.
    fn finish(&mut self, out: &mut impl Write) -> io::Result<()>;

    /// What was said in all: `4 words, 1 transfer`.
    fn totals(&self) -> String;
}

/// What was asked for on the command line, whatever the bus.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    /// The parts on the bus, and where they sit.
    pub(crate) seats: &'a [Seat],
    /// What was named as parts, memories included: those have no seats.
    pub(crate) parts: &'a [String],
    /// The part that controls it.
    pub(crate) host: Option<&'a Arc<Part>>,
    /// Options of the bus, in order.
    pub(crate) sets: Vec<(String, String)>,
    /// What limits depend on.
    pub(crate) conditions: Conditions,
}

/// The buses that the program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bus {
    /// SPI.
    Spi,
    /// I2C and SMBus.
    I2c,
    /// UART.
    Uart,
    /// Handshakes.
    Handshake,
    /// DDR memory.
    Ddr,
    /// Crossings from one clock domain to another.
    Crossing,
}

impl Bus {
    const ALL: [Bus; 6] = [Bus::Spi, Bus::I2c, Bus::Uart, Bus::Handshake, Bus::Ddr, Bus::Crossing];

    /// Its entry in the table of buses.
    pub(crate) fn info(self) -> &'static BusInfo {
        match self {
            Bus::Spi => Spi::INFO,
            Bus::I2c => I2c::INFO,
            Bus::Uart => Uart::INFO,
            Bus::Handshake => Handshake::INFO,
            Bus::Ddr => Ddr::INFO,
            Bus::Crossing => Crossing::INFO,
        }
    }

    /// The bus that was asked for, or that of the parts.
    pub(crate) fn find(name: Option<&str>, seats: &[Seat], parts: &[String]) -> Result<Bus, CliError> {
        let part = seats.first().map(|seat| seat.part.bus());
        let memory = parts.iter().find(|part| memory::is_one(part));
        let its = part.or(memory.map(|_| Ddr::INFO.name));
        let name = name.or(its).ok_or_else(|| CliError::NoBus { known: known() })?;
        let bus = Bus::of(name)?;
        if let Some(memory) = memory.filter(|_| bus != Bus::Ddr) {
            let asked = bus.info().name;
            return Err(CliError::OtherBus { part: memory.clone(), its: Ddr::INFO.name, asked });
        }
        match seats.iter().find(|seat| seat.part.bus() != bus.info().name) {
            Some(seat) => Err(CliError::OtherBus {
                part: seat.part.name().into(),
                its: seat.part.bus(),
                asked: bus.info().name,
            }),
            None => Ok(bus),
        }
    }

    fn of(name: &str) -> Result<Bus, CliError> {
        let called = |bus: &Bus| bus.info().name.eq_ignore_ascii_case(name);
        Bus::ALL.into_iter().find(called).ok_or_else(|| CliError::UnknownBus {
            name: name.into(),
            hint: Hint::nearest(name, Bus::ALL.iter().map(|bus| bus.info().name)),
            known: known(),
        })
    }
}

fn known() -> String {
    Bus::ALL.iter().map(|bus| bus.info().name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use busproof_core::bus::BUSES;

    use super::*;

    #[test]
    fn every_bus_of_the_table_is_known_and_so_are_crossings() {
        let known: Vec<&str> = Bus::ALL.iter().map(|bus| bus.info().name).collect();
        let table = BUSES.iter().map(|bus| bus.name);
        assert_eq!(known, table.chain(["crossing"]).collect::<Vec<_>>());
    }
}
