//! The simulated devices of I2C. Each implements the bus's `Device` contract: it hears bytes and answers bytes.
//!
//! A device is as after power-up, at which simulated time begins. Where its address pins are wired to, the address that is
//! asked for says: [`DeviceOptions::address`].

pub mod bme280;
mod calendar;
pub mod clock;
pub mod eeprom;
pub mod mcp23017;
pub mod pcf8574;
pub mod registers;
pub mod switch;
pub mod thermometer;

#[cfg(test)]
pub(crate) mod testing;

use std::fmt;
use std::sync::Arc;

use busproof_core::bus::i2c::{Address, Answer, Call, Device, Direction};

use super::{DeviceOptions, Explained, Model};
use crate::error::{PartError, Problem};
use crate::part::{Numbers, Part, Section};
use crate::reader::{Table, Value};

/// The remarks of all devices on I2C.
pub(super) fn remarks() -> impl Iterator<Item = &'static [Explained]> {
    [
        eeprom::REMARKS,
        thermometer::REMARKS,
        clock::REMARKS,
        pcf8574::REMARKS,
        mcp23017::REMARKS,
        bme280::REMARKS,
        switch::REMARKS,
        registers::REMARKS,
    ]
    .into_iter()
}

/// What a simulated device on I2C needs to know.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The addresses that its address pins allow, the usual one first; never empty.
    pub addresses: Vec<Address>,
    /// What its model needs.
    pub logic: Logic,
}

/// What a model needs to know.
#[derive(Clone, Debug)]
pub enum Logic {
    /// A serial EEPROM.
    Eeprom(eeprom::Spec),
    /// A temperature sensor.
    Thermometer(thermometer::Spec),
    /// A real-time clock.
    Clock(clock::Spec),
    /// A port without registers.
    Pcf8574,
    /// Two ports with registers.
    Mcp23017,
    /// A sensor of temperature, pressure and humidity.
    Bme280(Box<bme280::Spec>),
    /// A bus switch.
    Switch(switch::Spec),
    /// A register file.
    Registers(Arc<registers::Spec>),
}

impl Spec {
    /// Reads `[device]` and what else the model wants.
    pub(super) fn read(model: Model, root: &Table<'_>, numbers: &mut Numbers) -> Result<Spec, PartError> {
        let mut section = Section::open(&root.require("device")?, "device", numbers)?;
        let addresses = section.required("addresses", read_addresses)?;
        let logic = match model {
            Model::Eeprom => Logic::Eeprom(eeprom::Spec::read(&mut section)?),
            Model::Lm75 | Model::Tmp102 => Logic::Thermometer(thermometer::Spec::read(model, &mut section)?),
            Model::Ds1307 | Model::Ds3231 => Logic::Clock(clock::Spec::read(model, &mut section)?),
            Model::Pcf8574 => Logic::Pcf8574,
            Model::Mcp23017 => Logic::Mcp23017,
            Model::Bme280 => Logic::Bme280(Box::new(bme280::Spec::read(&mut section)?)),
            Model::Switch => Logic::Switch(switch::Spec::read(&mut section)?),
            _ => Logic::Registers(Arc::new(registers::Spec::read(&mut section, root)?)),
        };
        section.table.finish()?;
        Ok(Spec { addresses, logic })
    }
}

/// `50-57`, `68`, `48, 4a-4b` or, of 10 bits, `x123`: hexadecimal addresses without the direction bit.
fn read_addresses(value: &Value<'_>) -> Result<Vec<Address>, PartError> {
    let wanted = "a list of 7-bit addresses in hexadecimal, or of 10-bit ones behind `x`";
    let malformed = || value.malformed(wanted, "50-57");
    let mut addresses = Vec::new();
    for range in value.str()?.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (hex(first).ok_or_else(malformed)?, hex(last).ok_or_else(malformed)?);
        let fits = |ten: bool, n: u16| n <= if ten { 0x3ff } else { 0x7f };
        if first.0 != last.0 || first.1 > last.1 || !fits(last.0, last.1) {
            return Err(malformed());
        }
        let of = |n: u16| if first.0 { Address::Ten(n) } else { Address::Seven(n as u8) };
        addresses.extend((first.1..=last.1).map(of));
    }
    Ok(addresses)
}

/// A number in hexadecimal, and whether `x` marks it as one of 10 bits.
fn hex(text: &str) -> Option<(bool, u16)> {
    let text = text.trim();
    let digits = text.strip_prefix('x');
    u16::from_str_radix(digits.unwrap_or(text), 16).ok().map(|number| (digits.is_some(), number))
}

/// Why there is no device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The part is on another bus, or is a standard.
    #[error("part `{part}` has no simulated device on i2c")]
    NotSimulated {
        /// The part.
        part: String,
    },
    /// Its address pins do not allow the address.
    #[error("part `{part}` cannot have the address {}; its address pins allow {}", Spelled(.asked), list(.allowed))]
    Address {
        /// The part.
        part: String,
        /// What was asked for.
        asked: Address,
        /// What there is.
        allowed: Vec<Address>,
    },
}

/// An address as `--part` takes it: `0x50`.
struct Spelled<'a>(&'a Address);

impl fmt::Display for Spelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Address::Seven(address) => write!(f, "{address:#04x}"),
            Address::Ten(address) => write!(f, "{address:#05x}"),
        }
    }
}

fn list(addresses: &[Address]) -> String {
    let (first, last) = (addresses.first(), addresses.last());
    match (first, last) {
        (Some(first), Some(last)) if addresses.len() > 2 => {
            format!("{} to {}", Spelled(first), Spelled(last))
        }
        _ => addresses.iter().map(|a| Spelled(a).to_string()).collect::<Vec<_>>().join(" and "),
    }
}

impl Part {
    /// The addresses that its address pins allow, the usual one first; empty for a part without a simulated device on I2C.
    pub fn i2c_addresses(&self) -> &[Address] {
        match self.spec() {
            Some(super::Spec::I2c(spec)) => &spec.addresses,
            _ => &[],
        }
    }

    /// A new device of this part, as after power-up, at the address of the options or its usual one.
    pub fn i2c_device(&self, options: &DeviceOptions) -> Result<Box<dyn Device>, DeviceError> {
        let Some(super::Spec::I2c(spec)) = self.spec() else {
            return Err(DeviceError::NotSimulated { part: self.name().to_owned() });
        };
        let usual = spec.addresses.first().copied().unwrap_or(Address::Seven(0));
        let address = options.address.unwrap_or(usual);
        if !spec.addresses.contains(&address) {
            let (part, allowed) = (self.name().to_owned(), spec.addresses.clone());
            return Err(DeviceError::Address { part, asked: address, allowed });
        }
        let session = Session::new(address);
        let time = |name| self.times().get(name, options.times);
        Ok(match &spec.logic {
            Logic::Eeprom(spec) => Box::new(eeprom::Eeprom::new(*spec, session, time("tWC"))),
            Logic::Thermometer(spec) => {
                Box::new(thermometer::Thermometer::new(*spec, session, time("tCONV"), options.ambient))
            }
            Logic::Clock(spec) => Box::new(clock::Clock::new(*spec, session, time("tCONV"), options.ambient)),
            Logic::Pcf8574 => Box::new(pcf8574::Pcf8574::new(session)),
            Logic::Mcp23017 => Box::new(mcp23017::Mcp23017::new(session)),
            Logic::Bme280(spec) => {
                let times = bme280::Times::of(self.times(), options.times);
                Box::new(bme280::Bme280::new(spec, session, times, options.ambient))
            }
            Logic::Switch(spec) => Box::new(switch::Switch::new(*spec, session)),
            Logic::Registers(spec) => Box::new(registers::RegisterFile::new(spec.clone(), session)),
        })
    }
}

/// Which address a device answers to, and whether the next byte that is written to it is its register pointer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session {
    address: Address,
    is_fresh: bool,
}

impl Session {
    pub(super) const fn new(address: Address) -> Session {
        Session { address, is_fresh: false }
    }

    /// Acknowledges its own address.
    fn answer(&mut self, call: Call) -> Option<Answer> {
        if call.address != self.address {
            return None;
        }
        self.is_fresh = call.direction == Direction::Write;
        Some(Answer::ACK)
    }

    /// True for the first byte behind an address for writing.
    fn takes_pointer(&mut self) -> bool {
        std::mem::take(&mut self.is_fresh)
    }

    /// The address as a device of 7 bits sends it.
    fn seven(self) -> u8 {
        match self.address {
            Address::Seven(address) => address,
            Address::Ten(address) => address as u8 & 0x7f,
        }
    }
}

/// Reads a temperature such as `25 C`, in thousandths of a degree Celsius.
fn read_celsius(value: &Value<'_>) -> Result<i32, PartError> {
    milli(value, "C", "a temperature", "21.5 C").map(|milli| milli as i32)
}

/// A number with up to three decimals and its unit, in thousandths, between -2 and 2 million of the unit.
fn milli(
    value: &Value<'_>,
    unit: &str,
    wanted: &'static str,
    example: &'static str,
) -> Result<i64, PartError> {
    let number = value.str()?.trim().strip_suffix(unit).and_then(|n| n.trim().parse::<f64>().ok());
    let number =
        number.filter(|n| n.abs() <= 2_000_000.0 && (n * 1000.0 - (n * 1000.0).round()).abs() < 1e-6);
    number.map(|n| (n * 1000.0).round() as i64).ok_or_else(|| value.malformed(wanted, example))
}

/// The problem of a value that a device cannot have.
fn conflict(value: &Value<'_>, text: &str) -> PartError {
    value.error(Problem::Conflict(text.to_owned()))
}
