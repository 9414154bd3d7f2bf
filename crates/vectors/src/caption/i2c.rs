//! Transfers of I2C, and what they are made of.

use std::fmt::Write as _;

use busproof_core::bus::i2c::{Ack, Address, Direction, Item};
use busproof_core::{Bits, Time};
use busproof_wave::{About, Caption, Track};

/// The tracks of what was said: `write 0x50: 01 00` for a transfer, `START`, `50 W`, `ACK`, `01` for its items.
pub fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
    vec![
        Track::new(format!("{scope}.transfers"), About::Transfers, transfers(items)),
        Track::new(format!("{scope}.items"), About::Items, items.iter().map(caption).collect()),
    ]
}

fn caption(item: &Item) -> Caption {
    let text = match item {
        Item::Start { .. } => "START".into(),
        Item::RepeatedStart { .. } => "START again".into(),
        Item::Stop { .. } => "STOP".into(),
        Item::Address { address, direction, .. } => {
            let digits = match address {
                Address::Seven(address) => format!("{address:02x}"),
                Address::Ten(address) => format!("{address:03x}"),
            };
            let direction = match direction {
                Direction::Write => "W",
                Direction::Read => "R",
            };
            format!("{digits} {direction}")
        }
        Item::Data { byte, .. } => byte.to_string(),
        Item::Ack { ack: Ack::Ack, .. } => "ACK".into(),
        Item::Ack { ack: Ack::Nack, .. } => "NACK".into(),
        Item::Incomplete { bits, .. } => incomplete(bits),
    };
    Caption { from: item.start(), to: item.end(), text }
}

/// `1d;5`: of a byte only 5 bits came.
fn incomplete(bits: &Bits) -> String {
    format!("{bits};{}", bits.len())
}

fn transfers(items: &[Item]) -> Vec<Caption> {
    let mut captions = Vec::new();
    let mut open: Option<Line> = None;
    let mut last = Time::ZERO;
    for item in items {
        let line = || Line::new(item.start(), super::SHOWN);
        match item {
            Item::Start { .. } => captions.extend(open.replace(line()).map(|open| open.caption(last))),
            Item::Stop { at } => captions.extend(open.take().map(|open| open.caption(*at))),
            _ => open.get_or_insert_with(line).item(item),
        }
        last = item.end();
    }
    captions.extend(open.map(|open| open.caption(last)));
    captions
}

impl Line {
    fn item(&mut self, item: &Item) {
        match item {
            Item::RepeatedStart { .. } => self.repeat(),
            Item::Address { address, direction, .. } => self.address(None, *address, *direction),
            Item::Data { byte, .. } => self.byte(&byte.to_string()),
            Item::Ack { ack, .. } => self.ack(*ack),
            Item::Incomplete { bits, .. } => self.byte(&incomplete(bits)),
            Item::Start { .. } | Item::Stop { .. } => {}
        }
    }

    fn caption(self, to: Time) -> Caption {
        Caption { from: self.at, to, text: self.text(&[]) }
    }
}

/// A transfer in the making, from START to STOP: `write 0x50: 01 00 | read 0x50: 68 NACK`.
#[derive(Clone, Debug)]
pub struct Line {
    at: Time,
    /// Longer transfers show so many bytes.
    kept: usize,
    said: String,
    /// Nothing stands behind the last address yet.
    fresh: bool,
    direction: Direction,
    /// The answer to the last byte, if there was one.
    last: Option<Ack>,
    shown: usize,
    hidden: usize,
    /// Somebody was called of whom nothing is known.
    strangers: bool,
    remarks: Vec<&'static str>,
}

impl Line {
    /// A transfer that begins at `at` and shows its first `kept` bytes.
    pub fn new(at: Time, kept: usize) -> Line {
        Line {
            at,
            kept,
            said: String::new(),
            fresh: false,
            direction: Direction::Write,
            last: None,
            shown: 0,
            hidden: 0,
            strangers: false,
            remarks: Vec::new(),
        }
    }

    /// When it began.
    pub fn start(&self) -> Time {
        self.at
    }

    /// Something odd about it.
    pub fn remark(&mut self, remark: &'static str) {
        self.remarks.push(remark);
    }

    /// An address; of whom, if that is known.
    pub fn address(&mut self, name: Option<&str>, address: Address, direction: Direction) {
        self.said.push_str(&called(name, address, direction));
        self.strangers |= name.is_none();
        (self.fresh, self.direction, self.last) = (true, direction, None);
    }

    /// A byte, in digits.
    pub fn byte(&mut self, text: &str) {
        self.last = None;
        if self.shown == self.kept {
            self.hidden += 1;
            return;
        }
        self.shown += 1;
        let before = match (self.fresh, self.said.is_empty()) {
            (true, _) => ": ",
            (false, true) => "",
            (false, false) => " ",
        };
        let _ = write!(self.said, "{before}{text}");
        self.fresh = false;
    }

    /// The answer to what came last.
    pub fn ack(&mut self, ack: Ack) {
        if ack == Ack::Nack && self.hidden == 0 {
            self.said.push_str(" NACK");
        }
        self.last = (!self.fresh).then_some(ack);
    }

    /// A repeated START.
    pub fn repeat(&mut self) {
        self.end_of_read();
        self.said.push_str(if self.said.is_empty() { "START | " } else { " | " });
        self.fresh = false;
    }

    /// A controller does not acknowledge what it reads last (UM10204 section 3.1.6); one that does is odd.
    fn end_of_read(&mut self) {
        if self.direction == Direction::Read && self.last == Some(Ack::Ack) {
            self.said.push_str(" ACK");
        }
        self.last = None;
    }

    /// What it was: `words`, those of the parts that were called, unless there are none or a stranger was called, too.
    pub fn text(mut self, words: &[String]) -> String {
        self.end_of_read();
        let mut text = if self.said.is_empty() {
            "START, and nothing said".to_owned()
        } else if words.is_empty() || self.strangers {
            self.raw()
        } else {
            words.join("; ")
        };
        if !self.remarks.is_empty() {
            let _ = write!(text, " ({})", self.remarks.join("; "));
        }
        text
    }

    /// Byte for byte.
    fn raw(&mut self) -> String {
        let mut text = std::mem::take(&mut self.said);
        if self.hidden > 0 {
            let _ = write!(text, " and {}", more(self.hidden));
        }
        text
    }
}

/// `write 24lc256`, `read 0x50`, `general call`.
fn called(name: Option<&str>, address: Address, direction: Direction) -> String {
    let verb = match direction {
        Direction::Write => "write",
        Direction::Read => "read",
    };
    match name {
        Some(name) => format!("{verb} {name}"),
        None => reserved(address, direction).unwrap_or_else(|| format!("{verb} {}", digits(address))),
    }
}

/// `0x50`, `0x2a5 (10 bits)`.
pub fn digits(address: Address) -> String {
    match address {
        Address::Seven(address) => format!("0x{address:02x}"),
        Address::Ten(address) => format!("0x{address:03x} (10 bits)"),
    }
}

/// Addresses with a meaning of their own (UM10204 table 3).
fn reserved(address: Address, direction: Direction) -> Option<String> {
    match (address, direction) {
        (Address::Seven(0), Direction::Write) => Some("general call".into()),
        (Address::Seven(0), Direction::Read) => Some("START byte".into()),
        (Address::Seven(code @ 4..=7), direction) => {
            let byte = code << 1 | u8::from(direction == Direction::Read);
            Some(format!("High-speed master code {byte:02x}"))
        }
        _ => None,
    }
}

fn more(bytes: usize) -> String {
    if bytes == 1 { "1 more byte".into() } else { format!("{bytes} more bytes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_is_told_as_a_whole_and_item_by_item() {
        let at = |us: u64| Time::from_fs(us * 1_000_000_000);
        let ack = |us| Item::Ack { start: at(us), end: at(us + 1), ack: Ack::Ack };
        let items = [
            Item::Start { at: at(1), assumed: false },
            Item::Address {
                start: at(2),
                end: at(10),
                address: Address::Seven(0x50),
                direction: Direction::Write,
            },
            ack(10),
            Item::Data { start: at(11), end: at(19), byte: Bits::new(1, 8), direction: Direction::Write },
            ack(19),
            Item::Stop { at: at(21) },
            Item::Start { at: at(30), assumed: false },
            Item::Incomplete { start: at(31), end: at(36), bits: Bits::new(0x1d, 5) },
        ];
        let [transfers, each] = &tracks("i2c", &items)[..] else { panic!("two tracks") };
        let texts = |track: &Track| track.captions.iter().map(|c| c.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(transfers), ["write 0x50: 01", "1d;5"]);
        assert_eq!((transfers.captions[0].from, transfers.captions[0].to), (at(1), at(21)));
        assert_eq!(texts(each), ["START", "50 W", "ACK", "01", "ACK", "STOP", "START", "1d;5"]);
    }
}
