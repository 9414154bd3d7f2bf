//! [`Script`] to text: the canonical form.

use std::fmt::{self, Display, Formatter};

use busproof_core::Bits;
use busproof_core::bus::spi::Rate;

use super::{
    Ack, Address, AddressWidth, Direction, Group, Item, Node, Number, Pattern, Read, Script, Text, Write,
};

impl Display for Script {
    /// The canonical form: one blank between items, none inside of brackets, lower-case hexadecimal.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        nodes(f, &self.nodes)
    }
}

fn nodes(f: &mut Formatter<'_>, nodes: &[Node]) -> fmt::Result {
    let mut glue = true;
    for node in nodes {
        if !glue && node.item != Item::Stop {
            f.write_str(" ")?;
        }
        node.item.fmt(f)?;
        glue = matches!(node.item, Item::Start | Item::RepeatedStart);
    }
    Ok(())
}

impl Display for Item {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Item::Start | Item::RepeatedStart => f.write_str("["),
            Item::Stop => f.write_str("]"),
            Item::Address(address) => address.fmt(f),
            Item::Write(write) => write.fmt(f),
            Item::Text(text) => text.fmt(f),
            Item::Read(read) => read.fmt(f),
            Item::Delay(time) => write!(f, "d:{}", time.to_string().replace(' ', "")),
            Item::Ticks(1) => f.write_str("^"),
            Item::Ticks(n) => write!(f, "^:{n}"),
            Item::Lanes(group) => group.fmt(f),
        }
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.width {
            AddressWidth::Seven => write!(f, "@{:02x}", self.value)?,
            AddressWidth::Ten => write!(f, "@{:03x}", self.value)?,
        }
        f.write_str(match self.direction {
            Direction::Write => "w",
            Direction::Read => "r",
        })?;
        ack(f, self.ack)
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Number::Hex(bits) => write!(f, "0x{bits}"),
            Number::Binary(bits) => binary(f, bits),
            Number::Decimal(n) => write!(f, "{n}"),
        }
    }
}

impl Display for Write {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)?;
        suffix(f, ';', self.bits)?;
        suffix(f, ':', (self.repeat != 1).then_some(self.repeat))?;
        expectation(f, self.expect.as_ref())?;
        ack(f, self.ack)
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        quoted(f, &self.bytes)?;
        ack(f, self.ack)
    }
}

impl Display for Read {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("r")?;
        suffix(f, ';', self.bits)?;
        suffix(f, ':', self.count)?;
        expectation(f, self.expect.as_ref())?;
        ack(f, self.ack)
    }
}

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Text(bytes) => quoted(f, bytes),
            Pattern::Binary(bits) => binary(f, bits),
            Pattern::Hex(bits) => {
                let digits = bits.to_string();
                // Digits that look like a prefix need one of their own.
                let prefix = if digits.starts_with("0x") || digits.starts_with("0b") { "0x" } else { "" };
                write!(f, "{prefix}{digits}")
            }
        }
    }
}

impl Display for Group {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let rate = if self.lanes.rate == Rate::Double { "d" } else { "" };
        write!(f, "x{}{rate}(", self.lanes.count)?;
        nodes(f, &self.nodes)?;
        f.write_str(")")
    }
}

fn suffix(f: &mut Formatter<'_>, sign: char, n: Option<u32>) -> fmt::Result {
    n.map_or(Ok(()), |n| write!(f, "{sign}{n}"))
}

fn expectation(f: &mut Formatter<'_>, pattern: Option<&Pattern>) -> fmt::Result {
    pattern.map_or(Ok(()), |pattern| write!(f, "={pattern}"))
}

fn ack(f: &mut Formatter<'_>, ack: Option<Ack>) -> fmt::Result {
    f.write_str(match ack {
        Some(Ack::Ack) => "+",
        Some(Ack::Nack) => "-",
        None => "",
    })
}

fn binary(f: &mut Formatter<'_>, bits: &Bits) -> fmt::Result {
    f.write_str("0b")?;
    (0..bits.len()).rev().try_for_each(|i| {
        f.write_str(match bits.bit(i) {
            Some(false) => "0",
            Some(true) => "1",
            None => "x",
        })
    })
}

fn quoted(f: &mut Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str("'")?;
    bytes.iter().try_for_each(|&byte| match byte {
        b'\'' | b'\\' => write!(f, "\\{}", byte as char),
        b' '..=b'~' => write!(f, "{}", byte as char),
        b'\n' => f.write_str("\\n"),
        b'\r' => f.write_str("\\r"),
        b'\t' => f.write_str("\\t"),
        _ => write!(f, "\\x{byte:02x}"),
    })?;
    f.write_str("'")
}
