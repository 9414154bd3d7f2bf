//! `[options]`: what a part asks of its bus.
//!
//! ```toml
//! modes = [0, 3]                  # SPI: the modes it works in; also word_bits, bit_order
//! ```
//! ```toml
//! speed    = "fast"               # I2C: the fastest class that it keeps up with
//! protocol = "smbus"              # I2C as UM10204 has it unless stated
//! ```
//! ```toml
//! protocol = "two-phase"          # handshakes: the options of the bus by their names; also width, data_phase, stall
//! ```
//! ```toml
//! through = "fifo"                # crossings: the options of `busproof check --bus crossing` by their names
//! depth   = 32
//! ```
//! ```toml
//! oversampling = 16               # UART: options of the bus by their names, all but `baud`, `packets` and `glitch`
//! votes        = 3
//! ```

use busproof_core::bits::BitOrder;
use busproof_core::bus::BusInfo;
use busproof_core::bus::handshake;
use busproof_core::bus::spi::{self, Mode, WordBits};
use busproof_core::bus::uart;
use busproof_core::bus::{i2c, i2c::Protocol, i2c::Speed};
use busproof_core::cdc;

use crate::error::{PartError, Problem};
use crate::reader::{Table, Value};

/// The buses for which there are parts.
pub(crate) const BUSES: &[BusInfo] = &[i2c::INFO, spi::INFO, handshake::INFO, uart::INFO, cdc::INFO];

/// What a part asks of its bus.
#[derive(Clone, Debug)]
pub enum PartOptions {
    /// Of SPI.
    Spi {
        /// The first of its modes, the length of its words, its commands.
        options: spi::Options,
        /// The modes that it works in; empty if the file does not say.
        modes: Vec<Mode>,
    },
    /// Of I2C.
    I2c {
        /// The fastest speed class that it keeps up with, and whether it speaks SMBus.
        options: i2c::Options,
    },
    /// Of a handshake.
    Handshake {
        /// The protocol and its words.
        options: handshake::Options,
    },
    /// Of a crossing from one clock domain to another.
    Crossing {
        /// What lies between the domains.
        options: cdc::Options,
    },
    /// Of UART.
    Uart {
        /// The frames, the receiver and the kind of line; the rate is that of the bus.
        options: uart::Options,
    },
}

impl PartOptions {
    /// What a part without `[options]` asks of that bus.
    pub(crate) fn default_for(bus: &BusInfo) -> PartOptions {
        match bus.name {
            "i2c" => PartOptions::I2c { options: i2c::Options::default() },
            "handshake" => PartOptions::Handshake { options: handshake::Options::default() },
            "crossing" => PartOptions::Crossing { options: cdc::Options::default() },
            "uart" => PartOptions::Uart { options: uart::Options::default() },
            _ => PartOptions::Spi { options: spi::Options::default(), modes: Vec::new() },
        }
    }

    /// Reads `[options]`.
    pub(crate) fn read(value: &Value<'_>, bus: &BusInfo) -> Result<PartOptions, PartError> {
        let table = value.table("[options]")?;
        let mut options = PartOptions::default_for(bus);
        match &mut options {
            PartOptions::Spi { options, modes } => read_spi(&table, options, modes)?,
            PartOptions::I2c { options } => read_i2c(&table, options)?,
            PartOptions::Handshake { options } => read_handshake(&table, options)?,
            PartOptions::Crossing { options } => read_crossing(&table, options)?,
            PartOptions::Uart { options } => read_uart(&table, options)?,
        }
        table.finish()?;
        Ok(options)
    }
}

fn read_spi(table: &Table<'_>, options: &mut spi::Options, modes: &mut Vec<Mode>) -> Result<(), PartError> {
    if let Some(list) = table.get("modes") {
        *modes = list.list()?.iter().map(read_mode).collect::<Result<_, PartError>>()?;
    }
    options.mode = modes.first().copied().unwrap_or_default();
    if let Some(bits) = table.get("word_bits") {
        options.word_bits = WordBits::new(bits.number(1..=WordBits::MAX.into())? as u32).unwrap_or_default();
    }
    if let Some(order) = table.get("bit_order") {
        options.bit_order = order.choice("bit order", &[("msb", BitOrder::Msb), ("lsb", BitOrder::Lsb)])?;
    }
    Ok(())
}

fn read_mode(value: &Value<'_>) -> Result<Mode, PartError> {
    let number = value.number(0..=3)?;
    Ok(Mode::from_number(number as u8).unwrap_or_default())
}

fn read_i2c(table: &Table<'_>, options: &mut i2c::Options) -> Result<(), PartError> {
    if let Some(speed) = table.get("speed") {
        let classes = Speed::ALL.map(|speed| (speed.name(), speed));
        options.speed = Some(speed.choice("speed class", &classes)?);
    }
    if let Some(protocol) = table.get("protocol") {
        options.protocol =
            protocol.choice("protocol", &[("i2c", Protocol::I2c), ("smbus", Protocol::SmBus)])?;
    }
    Ok(())
}

/// Every option of a handshake; a part has them by itself.
fn read_handshake(table: &Table<'_>, options: &mut handshake::Options) -> Result<(), PartError> {
    for option in handshake::INFO.options {
        let Some(value) = table.get(option.key) else { continue };
        let text = value.source().trim_matches(['"', '\'']);
        options.set(option.key, text).map_err(|error| value.error(Problem::Conflict(error.to_string())))?;
    }
    Ok(())
}

/// Every option of a crossing; a part has them by itself.
fn read_crossing(table: &Table<'_>, options: &mut cdc::Options) -> Result<(), PartError> {
    for option in cdc::INFO.options {
        let Some(value) = table.get(option.key) else { continue };
        let text = value.source().trim_matches(['"', '\'']);
        options.set(option.key, text).map_err(|error| value.error(Problem::Conflict(error.to_string())))?;
    }
    Ok(())
}

/// The options of a UART that a part has by itself: all but the rate, and what only its reader knows.
const UART: &[&str] = &[
    "data_bits",
    "parity",
    "stop_bits",
    "bit_order",
    "invert_rx",
    "invert_tx",
    "rs485",
    "lin",
    "oversampling",
    "votes",
];

fn read_uart(table: &Table<'_>, options: &mut uart::Options) -> Result<(), PartError> {
    for key in UART {
        let Some(value) = table.get(key) else { continue };
        let text = value.source().trim_matches(['"', '\'']);
        options.set(key, text).map_err(|error| value.error(Problem::Conflict(error.to_string())))?;
    }
    Ok(())
}
