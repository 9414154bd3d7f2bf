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

use std::io::{self, Write};

use busproof_core::Time;
use busproof_core::bus::i2c::{Address, Item};
use busproof_parts::{Dialogue, Said};
use busproof_vectors::caption::i2c::{Line, digits};

use crate::protocol::{self, Seat};
use crate::units::{count, hanging, instant};

/// The columns of the time.
const TIME: usize = 16;
/// Longer transfers show their first bytes.
const KEPT: usize = 4_096;

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
        let mut line = Line::new(at, KEPT);
        if assumed {
            line.remark("the START was before the waveform");
        }
        self.open = Some(line);
    }

    /// Prints the line that is open: in the words of the parts, if there are some. `remark` is what is odd about its end,
    /// if anything.
    fn end(&mut self, words: &[String], remark: &'static str, out: &mut impl Write) -> io::Result<()> {
        let Some(mut line) = self.open.take() else { return Ok(()) };
        if !remark.is_empty() {
            line.remark(remark);
        }
        if !std::mem::replace(&mut self.headed, true) {
            writeln!(out, "{:>TIME$}  transfer", "time")?;
        }
        let head = format!("{:>TIME$}  ", instant(line.start()));
        writeln!(out, "{}", hanging(&head, &line.text(words)))
    }

    /// The line that is open; what comes without a START has one of its own.
    fn line(&mut self, at: Time) -> &mut Line {
        self.open.get_or_insert_with(|| Line::new(at, KEPT))
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

#[cfg(test)]
mod tests {
    use busproof_core::Bits;
    use busproof_core::bus::i2c::{Ack, Direction};

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
