//! A part, and where it sits on its bus: `24lc256@0x50`.

use std::fmt;
use std::sync::Arc;

use busproof_core::bus::i2c::Address;
use busproof_parts::{Part, catalog, memory};

use crate::error::CliError;

/// A part that was named on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    /// The part.
    pub(crate) part: Arc<Part>,
    /// The name or path under which it was asked for, without the address.
    pub(crate) asked: String,
    /// Its address; `None` if none was given.
    pub(crate) address: Option<u16>,
}

impl Seat {
    /// `NAME`, `PATH`, or either with `@ADDRESS`, in hexadecimal digits.
    pub(crate) fn open(text: &str) -> Result<Seat, CliError> {
        let (asked, address) = split(text);
        Ok(Seat { part: catalog::open(asked)?, asked: asked.to_owned(), address })
    }

    /// All of them but memories, which have no seats.
    pub(crate) fn open_all(texts: &[String]) -> Result<Vec<Seat>, CliError> {
        texts.iter().filter(|text| !memory::is_one(text)).map(|text| Seat::open(text)).collect()
    }

    /// The one part, if any, of a bus that has neither addresses nor several parts; `bus` is for messages.
    pub(crate) fn only<'a>(seats: &'a [Seat], bus: &str) -> Result<Option<&'a Seat>, CliError> {
        let bus = bus.to_owned();
        match seats {
            [_, second, ..] => Err(CliError::OnePart { bus, second: second.part.name().into() }),
            [Seat { address: Some(_), part, .. }] => {
                Err(CliError::NoAddress { bus, part: part.name().into() })
            }
            seats => Ok(seats.first()),
        }
    }

    /// Its address on I2C: the one given, or the part's usual one, if it has any.
    pub(crate) fn i2c_address(&self) -> Option<Address> {
        let given = self.address.map(|address| match u8::try_from(address) {
            Ok(seven @ ..0x80) => Address::Seven(seven),
            _ => Address::Ten(address),
        });
        given.or(self.part.i2c_addresses().first().copied())
    }

    /// True if `name` is one under which the part is known here, alone or with its address.
    pub(crate) fn answers_to(&self, name: &str) -> bool {
        let is_name = |name: &str| {
            name == self.asked || name == self.part.name() || self.part.aliases().iter().any(|a| a == name)
        };
        let (plain, address) = split(name);
        is_name(name) || (address.is_some() && address == self.address && is_name(plain))
    }
}

impl fmt::Display for Seat {
    /// `24lc256@0x50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part.name())?;
        self.address.map_or(Ok(()), |address| write!(f, "@{address:#04x}"))
    }
}

/// The name and the address. Paths may have an `@` of their own, so what is behind it must be a number.
fn split(text: &str) -> (&str, Option<u16>) {
    let Some((name, address)) = text.rsplit_once('@') else { return (text, None) };
    let digits = address.strip_prefix("0x").or(address.strip_prefix("0X")).unwrap_or(address);
    match u16::from_str_radix(digits, 16) {
        Ok(address) => (name, Some(address)),
        Err(_) => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_hexadecimal_and_behind_the_last_at() {
        assert_eq!(split("24lc256@0x50"), ("24lc256", Some(0x50)));
        assert_eq!(split("24lc256@1A"), ("24lc256", Some(0x1a)));
        assert_eq!(split("24lc256"), ("24lc256", None));
        assert_eq!(split("parts@home/own.toml"), ("parts@home/own.toml", None));
        assert_eq!(split("parts@home/own.toml@48"), ("parts@home/own.toml", Some(0x48)));
    }
}
