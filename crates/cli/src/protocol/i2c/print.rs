//! I2C items for people: a line for each transfer, from START to STOP.
//!
//! ```text
//!             time  transfer
//!          12.3 us  write 0x50: 01 00 | read 0x50: 68 65 6c 6c 6f NACK
//! ```
//!
//! `|` is a repeated START. What was not acknowledged is followed by NACK; so is what was read last, as it should be. A
//! byte of which only 5 bits came is `1d;5`. A transfer with nobody but parts that are known is told in their words:
//!
//! ```text
//!          12.3 us  24lc256: MEMORY READ 0x0100 -> 68 65 6c 6c 6f
//! ```

use std::fmt::Write as _;
use std::io::{self, Write};

use busproof_core::Time;
use busproof_core::bus::i2c::{Ack, Address, Direction, Item};
use busproof_parts::{Dialogue, Said};

use crate::protocol::{self, Seat};
use crate::units::{count, hanging, instant};

/// The columns of the time.
const TIME: usize = 16;
/// Longer transfers show their first bytes.
const KEPT: u64 = 4_096;

/// Prints transfers as they end.
pub(crate) struct Printer {
    parts: Parts,
    headed: bool,
    open: Option<Line>,
    transfers: u64,
    bytes: u64,
}

impl Printer {
    /// A printer that calls the parts by their names.
    pub(crate) fn new(seats: &[Seat]) -> Printer {
        Printer { parts: Parts::new(seats), headed: false, open: None, transfers: 0, bytes: 0 }
    }

    fn begin(&mut self, at: Time, assumed: bool) {
        self.transfers += 1;
        let mut line = Line::new(at);
        if assumed {
            line.remarks.push("the START was before the waveform");
        }
        self.open = Some(line);
    }

    /// Prints the line that is open: in the words of the parts, if there are some. `remark` is what is odd about its end,
    /// if anything.
    fn end(&mut self, words: &[String], remark: &'static str, out: &mut impl Write) -> io::Result<()> {
        let Some(mut line) = self.open.take() else { return Ok(()) };
        if !remark.is_empty() {
            line.remarks.push(remark);
        }
        if !std::mem::replace(&mut self.headed, true) {
            writeln!(out, "{:>TIME$}  transfer", "time")?;
        }
        let head = format!("{:>TIME$}  ", instant(line.at));
        writeln!(out, "{}", hanging(&head, &line.text(words)))
    }

    /// The line that is open; what comes without a START has one of its own.
    fn line(&mut self, at: Time) -> &mut Line {
        self.open.get_or_insert_with(|| Line::new(at))
    }
}

impl protocol::Printer<Item> for Printer {
    fn item(&mut self, item: &Item, out: &mut impl Write) -> io::Result<()> {
        let words = self.parts.hear(item);
        match item {
            Item::Start { at, assumed } => {
                self.end(&words, "no STOP", out)?;
                self.begin(*at, *assumed);
            }
            Item::RepeatedStart { at } => self.line(*at).repeat(),
            Item::Stop { .. } => self.end(&words, "", out)?,
            Item::Address { start, address, direction, .. } => {
                let name = self.parts.name(*address);
                self.line(*start).address(name.as_deref(), *address, *direction);
            }
            Item::Data { start, byte, .. } => {
                self.bytes += 1;
                self.line(*start).byte(&byte.to_string());
            }
            Item::Ack { start, ack, .. } => self.line(*start).ack(*ack),
            Item::Incomplete { start, bits, .. } => {
                self.line(*start).byte(&format!("{bits};{}", bits.len()));
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut impl Write) -> io::Result<()> {
        let words = self.parts.finish();
        self.end(&words, "no STOP", out)
    }

    fn totals(&self) -> String {
        format!("{}, {}", count(self.bytes, "byte"), count(self.transfers, "transfer"))
    }
}

/// A transfer in the making.
#[derive(Debug)]
struct Line {
    at: Time,
    said: String,
    /// Nothing stands behind the last address yet.
    fresh: bool,
    direction: Direction,
    /// The answer to the last byte, if there was one.
    last: Option<Ack>,
    shown: u64,
    hidden: u64,
    /// Somebody was called of whom nothing is known.
    strangers: bool,
    remarks: Vec<&'static str>,
}

impl Line {
    fn new(at: Time) -> Line {
        Line {
            at,
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

    fn address(&mut self, name: Option<&str>, address: Address, direction: Direction) {
        self.said.push_str(&called(name, address, direction));
        self.strangers |= name.is_none();
        (self.fresh, self.direction, self.last) = (true, direction, None);
    }

    fn byte(&mut self, text: &str) {
        self.last = None;
        if self.shown == KEPT {
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

    fn ack(&mut self, ack: Ack) {
        if ack == Ack::Nack && self.hidden == 0 {
            self.said.push_str(" NACK");
        }
        self.last = (!self.fresh).then_some(ack);
    }

    fn repeat(&mut self) {
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

    fn text(mut self, words: &[String]) -> String {
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
            let _ = write!(text, " and {}", count(self.hidden, "more byte"));
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

/// The parts on the bus, and what they are told.
#[derive(Debug)]
struct Parts(Vec<Known>);

#[derive(Debug)]
struct Known {
    address: Address,
    name: String,
    /// Follows what is said to it, if its device is known.
    dialogue: Option<Dialogue>,
}

impl Parts {
    /// Parts of one name are told apart by their addresses.
    fn new(seats: &[Seat]) -> Parts {
        let twins = |name: &str| seats.iter().filter(|seat| seat.part.name() == name).count() > 1;
        let known = |seat: &Seat| {
            let (part, address) = (&seat.part, seat.i2c_address()?);
            let name = part.name();
            let name = if twins(name) { format!("{name}@{}", digits(address)) } else { name.to_owned() };
            Some(Known { address, name, dialogue: Dialogue::new(part, address) })
        };
        Parts(seats.iter().filter_map(known).collect())
    }

    fn name(&self, address: Address) -> Option<String> {
        self.0.iter().find(|known| known.address == address).map(|known| known.name.clone())
    }

    /// Tells all of them; what each has heard in a transfer that is over.
    fn hear(&mut self, item: &Item) -> Vec<String> {
        self.words(|dialogue| dialogue.item(item))
    }

    /// The same of a transfer that the waveform ends in.
    fn finish(&mut self) -> Vec<String> {
        self.words(Dialogue::finish)
    }

    fn words(&mut self, mut ask: impl FnMut(&mut Dialogue) -> Option<Said>) -> Vec<String> {
        let words = self.0.iter_mut().filter_map(|known| {
            let said = ask(known.dialogue.as_mut()?)?;
            Some(format!("{}: {}", known.name, said.text))
        });
        words.collect()
    }
}

fn digits(address: Address) -> String {
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

#[cfg(test)]
mod tests {
    use busproof_core::Bits;

    use super::*;
    use crate::protocol::Printer as _;

    const READ: Direction = Direction::Read;
    const WRITE: Direction = Direction::Write;

    /// The lines of items, without head and times.
    fn lines(items: &[Item]) -> Vec<String> {
        let (mut printer, mut out) = (Printer::new(&[]), Vec::new());
        items.iter().try_for_each(|item| printer.item(item, &mut out)).unwrap();
        printer.finish(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
        text.lines().skip(1).map(|line| line[TIME + 2..].to_owned()).collect()
    }

    fn at(ns: u64) -> Time {
        Time::from_fs(ns * 1_000_000)
    }

    fn start() -> Item {
        Item::Start { at: at(0), assumed: false }
    }

    fn address(address: u8, direction: Direction) -> Item {
        Item::Address { start: at(1), end: at(2), address: Address::Seven(address), direction }
    }

    fn data(byte: u8, direction: Direction) -> Item {
        Item::Data { start: at(3), end: at(4), byte: Bits::new(byte.into(), 8), direction }
    }

    fn ninth(ack: Ack) -> Item {
        Item::Ack { start: at(4), end: at(5), ack }
    }

    const RESTART: Item = Item::RepeatedStart { at: Time::ZERO };
    const STOP: Item = Item::Stop { at: Time::ZERO };

    #[test]
    fn a_transfer_is_a_line_and_its_last_answers_are_seen() {
        let (ack, nack) = (|| ninth(Ack::Ack), || ninth(Ack::Nack));
        let read = |last| {
            let write = [start(), address(0x50, WRITE), ack(), data(1, WRITE), ack()];
            let read = [RESTART, address(0x50, READ), ack(), data(0x68, READ), ack(), data(0x6f, READ)];
            lines(&[&write[..], &read[..], &[last, STOP]].concat())
        };
        assert_eq!(read(nack()), ["write 0x50: 01 | read 0x50: 68 6f NACK"]);
        assert_eq!(read(ack()), ["write 0x50: 01 | read 0x50: 68 6f ACK"]);
        assert_eq!(lines(&[start(), address(0x51, WRITE), nack(), STOP]), ["write 0x51 NACK"]);
    }

    #[test]
    fn what_is_odd_about_a_transfer_is_said() {
        let ack = || ninth(Ack::Ack);
        assert_eq!(lines(&[start(), STOP]), ["START, and nothing said"]);
        assert_eq!(lines(&[start(), address(0x50, WRITE), ack()]), ["write 0x50 (no STOP)"]);
        let cut = Item::Incomplete { start: at(3), end: at(4), bits: Bits::new(0b101, 3) };
        let assumed = Item::Start { at: at(0), assumed: true };
        assert_eq!(
            lines(&[assumed, address(0x50, WRITE), ack(), cut, STOP]),
            ["write 0x50: 5;3 (the START was before the waveform)"]
        );
    }

    #[test]
    fn reserved_addresses_have_names() {
        let said = |byte, direction| lines(&[start(), address(byte, direction), STOP]).concat();
        assert_eq!(said(0, WRITE), "general call");
        assert_eq!(said(0, READ), "START byte");
        assert_eq!(said(5, WRITE), "High-speed master code 0a");
        let ten = Item::Address { start: at(1), end: at(2), address: Address::Ten(0x2a5), direction: READ };
        assert_eq!(lines(&[start(), ten, STOP]), ["read 0x2a5 (10 bits)"]);
    }

    #[test]
    fn long_transfers_are_cut_and_counted() {
        let mut items = vec![start(), address(0x50, WRITE)];
        items.extend((0..KEPT + 7).flat_map(|_| [data(0xff, WRITE), ninth(Ack::Ack)]));
        let text = lines(&items).join(" ");
        assert!(text.ends_with("ff ff and 7 more bytes (no STOP)"), "{text}");
    }
}
