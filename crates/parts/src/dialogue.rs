//! Says in words what was said to a part on I2C: `MEMORY WRITE 0x0100 <- 01 02`, `READ TEMPERATURE -> 19 80 (25.5 C)`.
//!
//! `<-` stands before what the controller sent, `->` before what it received.

use std::fmt::Write as _;

use busproof_core::bits::Bits;
use busproof_core::bus::i2c::{Ack, Address, Direction, Item};
use busproof_core::time::Time;

use crate::describe::arrow;
use crate::devices::Spec;
use crate::devices::i2c::{Logic, bme280, clock, mcp23017, registers, thermometer};
use crate::part::Part;

/// What is kept of a transfer: bytes of a passage, and passages. What comes beyond is counted.
const KEPT: usize = 4096;

/// Follows what is said on a bus and names what concerns one part.
///
/// ```
/// use busproof_core::bus::i2c::Address;
/// use busproof_parts::{Dialogue, catalog};
///
/// let part = catalog::find("24lc256")?;
/// let mut dialogue = Dialogue::new(&part, Address::Seven(0x50)).expect("a device on I2C");
/// # let items: Vec<busproof_core::bus::i2c::Item> = Vec::new();
/// for item in &items {
///     if let Some(said) = dialogue.item(item) {
///         println!("{} {}", said.from, said.text);
///     }
/// }
/// # Ok::<(), busproof_parts::PartError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dialogue {
    logic: Logic,
    address: Address,
    /// What was said to the part since the START.
    passages: Vec<Passage>,
    from: Time,
    /// The last address was the part's.
    is_ours: bool,
    /// The register or byte that comes next, if it was seen.
    pointer: Option<u64>,
    /// What the part's own registers say about how its pointer moves.
    iocon: u8,
}

/// What was said in a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its START.
    pub from: Time,
    /// What it was, in a line.
    pub text: String,
}

/// What follows an address.
#[derive(Clone, Debug)]
struct Passage {
    address: Address,
    direction: Direction,
    /// The address was acknowledged; `None`: the waveform ends before.
    answer: Option<Ack>,
    bytes: Vec<Bits>,
    /// Bytes beyond those that are kept.
    more: usize,
    /// A byte that was sent and not acknowledged.
    refused: Option<usize>,
    is_cut: bool,
}

impl Dialogue {
    /// For a part at an address; `None` for one that has no simulated device on I2C, since nothing is known of its
    /// registers.
    pub fn new(part: &Part, address: Address) -> Option<Dialogue> {
        let Some(Spec::I2c(spec)) = part.spec() else { return None };
        Some(Dialogue {
            logic: spec.logic.clone(),
            address,
            passages: Vec::new(),
            from: Time::ZERO,
            is_ours: false,
            pointer: None,
            iocon: 0,
        })
    }

    /// Takes the next item. At the end of a transfer in which the part was called, says what it was.
    pub fn item(&mut self, item: &Item) -> Option<Said> {
        match item {
            Item::Start { at, .. } => {
                let said = self.finish();
                (self.from, self.is_ours) = (*at, false);
                return said;
            }
            Item::RepeatedStart { .. } => self.is_ours = false,
            Item::Stop { .. } => return self.finish(),
            Item::Address { address, direction, .. } => self.call(*address, *direction),
            Item::Data { byte, .. } => {
                if let Some(passage) = self.passage() {
                    passage.byte(byte);
                }
            }
            Item::Ack { ack, .. } => {
                if let Some(passage) = self.passage() {
                    passage.ack(*ack);
                }
            }
            Item::Incomplete { .. } => {
                if let Some(passage) = self.passage() {
                    passage.is_cut = true;
                }
            }
        }
        None
    }

    /// The waveform ends: says what the last transfer was, if the part was called in it.
    pub fn finish(&mut self) -> Option<Said> {
        self.is_ours = false;
        let passages = std::mem::take(&mut self.passages);
        let texts: Vec<String> = (0..passages.len()).filter_map(|i| self.describe(&passages, i)).collect();
        (!passages.is_empty()).then(|| Said { from: self.from, text: texts.join("; ") })
    }

    fn passage(&mut self) -> Option<&mut Passage> {
        if self.is_ours { self.passages.last_mut() } else { None }
    }

    fn call(&mut self, address: Address, direction: Direction) {
        self.is_ours = self.block(address).is_some() && self.passages.len() < KEPT;
        if self.is_ours {
            self.passages.push(Passage::new(address, direction));
        }
    }

    /// Which of the part's addresses it is; a large EEPROM has several.
    fn block(&self, address: Address) -> Option<u64> {
        match (&self.logic, address, self.address) {
            (Logic::Eeprom(spec), Address::Seven(address), Address::Seven(own)) => spec.block(own, address),
            _ => (address == self.address).then_some(0),
        }
    }

    /// What a passage was; `None` for a pointer that the next passage reads from.
    fn describe(&mut self, passages: &[Passage], index: usize) -> Option<String> {
        let passage = &passages[index];
        if passage.answer != Some(Ack::Ack) {
            let reads = passage.direction == Direction::Read;
            return Some(format!("CALL TO {}: not acknowledged", if reads { "READ" } else { "WRITE" }));
        }
        let is_read_next = passages
            .get(index + 1)
            .is_some_and(|next| next.direction == Direction::Read && next.answer == Some(Ack::Ack));
        let mut text = match passage.direction {
            Direction::Write => self.write(passage, is_read_next)?,
            Direction::Read => self.read(passage),
        };
        if passage.more > 0 {
            let _ = write!(text, " and {} more bytes", passage.more);
            self.pointer = None;
        }
        if let Some(refused) = passage.refused {
            let _ = write!(text, " (byte {refused} not acknowledged)");
        }
        if passage.is_cut {
            text.push_str(" (cut short)");
        }
        Some(text)
    }

    fn write(&mut self, passage: &Passage, is_read_next: bool) -> Option<String> {
        let bytes = &passage.bytes[..];
        if bytes.is_empty() {
            return Some("CALL TO WRITE: acknowledged".into());
        }
        match &self.logic {
            Logic::Pcf8574 => return Some(format!("PORT{}", arrow(" <- ", bytes))),
            Logic::Switch(_) => return Some(format!("CHANNELS{}{}", arrow(" <- ", bytes), channels(bytes))),
            Logic::Bme280(_) => return self.write_pairs(bytes, is_read_next),
            _ => {}
        }
        let (pointer, data) = bytes.split_at(self.pointer_bytes().min(bytes.len()));
        if pointer.len() < self.pointer_bytes() {
            return Some(format!("less than a pointer{}", arrow(" <- ", pointer)));
        }
        self.pointer = number(pointer).map(|low| self.within(passage, low));
        if data.is_empty() {
            let place = self.place(self.pointer);
            return (!is_read_next).then(|| format!("POINTER TO {place}"));
        }
        Some(self.access("WRITE", " <- ", data))
    }

    fn read(&mut self, passage: &Passage) -> String {
        let bytes = &passage.bytes[..];
        match &self.logic {
            Logic::Pcf8574 => return format!("PORT{}", arrow(" -> ", bytes)),
            Logic::Switch(_) => return format!("CHANNELS{}{}", arrow(" -> ", bytes), channels(bytes)),
            _ => {}
        }
        self.access("READ", " -> ", bytes)
    }

    /// Pairs of register and data; a register alone is where a read begins.
    fn write_pairs(&mut self, bytes: &[Bits], is_read_next: bool) -> Option<String> {
        let mut writes = Vec::new();
        for pair in bytes.chunks_exact(2) {
            writes.push(format!("{}{}", self.place(number(&pair[..1])), arrow(" <- ", &pair[1..])));
        }
        let mut texts = Vec::new();
        if !writes.is_empty() {
            texts.push(format!("WRITE {}", writes.join(", ")));
        }
        let pointer = bytes.chunks(2).next_back().and_then(|pair| number(&pair[..1]));
        self.pointer = pointer;
        if bytes.len() % 2 == 1 && !is_read_next {
            texts.push(format!("POINTER TO {}", self.place(pointer)));
        }
        (!texts.is_empty()).then(|| texts.join("; "))
    }

    /// `READ TEMPERATURE -> 19 80 (25.5 C)`, and moves the pointer on.
    fn access(&mut self, verb: &str, sign: &str, data: &[Bits]) -> String {
        let first = self.pointer;
        let before = self.iocon;
        let last = self.advance(data);
        let what = if matches!(self.logic, Logic::Eeprom(_)) { "MEMORY " } else { "" };
        let place = self.place_with(first, before);
        let to = match last {
            Some(_) if last != first => format!(" to {}", self.place_with(last, before)),
            _ => String::new(),
        };
        // A memory has bytes, not names.
        let to = if what.is_empty() { to } else { String::new() };
        let data_text = if data.is_empty() { format!("{sign}nothing") } else { self.data(sign, data) };
        format!("{what}{verb} {place}{to}{data_text}{}", self.meaning(first, data))
    }

    /// The bytes, or the words of a register file.
    fn data(&self, sign: &str, data: &[Bits]) -> String {
        match &self.logic {
            Logic::Registers(spec) if spec.data_bytes > 1 => {
                let words = data.chunks(spec.data_bytes as usize).map(|bytes| word(spec, bytes));
                format!("{sign}{}", words.collect::<Vec<String>>().join(" "))
            }
            _ => arrow(sign, data),
        }
    }

    /// Moves the pointer over the data; returns the place of the last of them, if it is known.
    fn advance(&mut self, data: &[Bits]) -> Option<u64> {
        let mut last = None;
        for (i, byte) in data.iter().enumerate() {
            let at = self.pointer;
            last = at;
            if let (Logic::Mcp23017, Some(at), Some(value)) =
                (&self.logic, at, number(std::slice::from_ref(byte)))
            {
                self.note_iocon(at as u8, value as u8);
            }
            self.pointer = at.map(|at| self.next(at, i));
        }
        last
    }

    /// IOCON says how the pointer of an MCP23017 moves.
    fn note_iocon(&mut self, at: u8, value: u8) {
        if mcp23017::place(at, self.iocon & mcp23017::BANK != 0)
            .is_some_and(|(_, register)| register == mcp23017::IOCON)
        {
            self.iocon = value;
        }
    }

    /// The place behind `at`; `index` counts the bytes of the passage.
    fn next(&self, at: u64, index: usize) -> u64 {
        match &self.logic {
            Logic::Eeprom(spec) => (at + 1) % spec.size,
            Logic::Clock(spec) => (at + 1) % spec.kind.registers(),
            Logic::Mcp23017 => mcp23017::next(at as u8, self.iocon).into(),
            Logic::Bme280(_) => (at + 1) & 0xff,
            Logic::Registers(spec) if (index + 1).is_multiple_of(spec.data_bytes as usize) => {
                (at + spec.increment) % spec.registers
            }
            // Inside of a word, and on a thermometer, the pointer stays.
            Logic::Registers(_) | Logic::Thermometer(_) | Logic::Pcf8574 | Logic::Switch(_) => at,
        }
    }

    fn pointer_bytes(&self) -> usize {
        match &self.logic {
            Logic::Eeprom(spec) => spec.address_bytes as usize,
            Logic::Registers(spec) => spec.address_bytes as usize,
            _ => 1,
        }
    }

    /// The pointer, with what the device address adds to it and without what it has too much.
    fn within(&self, passage: &Passage, low: u64) -> u64 {
        match &self.logic {
            Logic::Eeprom(spec) => {
                let block = self.block(passage.address).unwrap_or(0);
                (block << (8 * spec.address_bytes) | low) % spec.size
            }
            Logic::Thermometer(_) => low & 3,
            Logic::Clock(spec) => low % spec.kind.registers(),
            _ => low,
        }
    }

    fn place(&self, pointer: Option<u64>) -> String {
        self.place_with(pointer, self.iocon)
    }

    /// What stands at the pointer: a name, or an address.
    fn place_with(&self, pointer: Option<u64>, iocon: u8) -> String {
        let Some(at) = pointer else { return "where the last access ended".into() };
        let name = match &self.logic {
            Logic::Eeprom(spec) => {
                return format!("0x{at:0width$x}", width = 2 * spec.address_bytes as usize);
            }
            Logic::Thermometer(spec) => spec.kind.register_name(at).map(str::to_owned),
            Logic::Clock(spec) => spec.kind.register_name(at),
            Logic::Mcp23017 => mcp23017::register_name(at as u8, iocon),
            Logic::Bme280(_) => bme280::register_name(at as u8),
            Logic::Registers(spec) => spec.register(at).map(|register| register.name.clone()),
            Logic::Pcf8574 | Logic::Switch(_) => None,
        };
        name.unwrap_or_else(|| format!("reg 0x{at:02x}"))
    }

    /// What the data mean, in brackets.
    fn meaning(&self, first: Option<u64>, data: &[Bits]) -> String {
        let Some(bytes) = data.iter().map(known_byte).collect::<Option<Vec<u8>>>() else {
            return String::new();
        };
        let meaning = match (&self.logic, first) {
            (Logic::Thermometer(spec), Some(at)) => thermometer::meaning(spec.kind, at, &bytes),
            (Logic::Clock(spec), Some(at)) => clock::meaning(spec.kind, at, &bytes),
            _ => None,
        };
        meaning.map_or_else(String::new, |text| format!(" ({text})"))
    }
}

impl Passage {
    fn new(address: Address, direction: Direction) -> Passage {
        Passage { address, direction, answer: None, bytes: Vec::new(), more: 0, refused: None, is_cut: false }
    }

    fn byte(&mut self, byte: &Bits) {
        if self.bytes.len() < KEPT {
            self.bytes.push(byte.clone());
        } else {
            self.more += 1;
        }
    }

    fn ack(&mut self, ack: Ack) {
        if self.answer.is_none() {
            self.answer = Some(ack);
        } else if ack == Ack::Nack && self.direction == Direction::Write && self.refused.is_none() {
            self.refused = Some(self.bytes.len() + self.more);
        }
    }
}

fn known_byte(bits: &Bits) -> Option<u8> {
    bits.to_u64().filter(|_| bits.is_known()).map(|value| value as u8)
}

/// The number that bytes make, the upper first; `None` if a bit is unknown.
fn number(bytes: &[Bits]) -> Option<u64> {
    bytes.iter().try_fold(0, |number, byte| Some(number << 8 | u64::from(known_byte(byte)?)))
}

/// A word of a register file: `0x1234`, or the bytes of a part of one.
fn word(spec: &registers::Spec, bytes: &[Bits]) -> String {
    let values = bytes.iter().map(known_byte).collect::<Option<Vec<u8>>>();
    match values {
        Some(values) if values.len() == spec.data_bytes as usize => {
            format!("0x{:0width$x}", spec.value(&values), width = 2 * values.len())
        }
        _ => arrow("", bytes),
    }
}

/// The channels that the last byte connects.
fn channels(bytes: &[Bits]) -> String {
    let Some(mask) = bytes.last().and_then(known_byte) else { return String::new() };
    let connected: Vec<String> = (0..8).filter(|i| mask >> i & 1 != 0).map(|i| i.to_string()).collect();
    if connected.is_empty() { " (none)".into() } else { format!(" ({})", connected.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use proptest::prelude::*;

    /// Items of a transfer written as `50w+ 01+ 00+ | 50r+ 68- .`: `|` a repeated START, `.` STOP, `+` and `-` the answers.
    fn items(text: &str) -> Vec<Item> {
        let (start, end, at) = (Time::ZERO, Time::ZERO, Time::from_fs(7));
        let mut items = vec![Item::Start { at, assumed: false }];
        let mut direction = Direction::Write;
        for word in text.split_whitespace() {
            match word {
                "|" => items.push(Item::RepeatedStart { at }),
                "." => items.push(Item::Stop { at }),
                _ => {
                    let (what, ack) = word.split_at(word.len() - 1);
                    let ack = if ack == "+" { Ack::Ack } else { Ack::Nack };
                    if let Some(address) = what.strip_suffix(['w', 'r']) {
                        direction = if what.ends_with('w') { Direction::Write } else { Direction::Read };
                        let address = Address::Seven(u8::from_str_radix(address, 16).unwrap());
                        items.push(Item::Address { start, end, address, direction });
                    } else {
                        let byte = u64::from_str_radix(what, 16)
                            .map_or_else(|_| Bits::with_unknown(0, 0xff, 8), |byte| Bits::new(byte, 8));
                        items.push(Item::Data { start, end, byte, direction });
                    }
                    items.push(Item::Ack { start, end, ack });
                }
            }
        }
        items
    }

    fn dialogue(part: &str) -> Dialogue {
        let part = catalog::find(part).unwrap();
        Dialogue::new(&part, part.i2c_addresses()[0]).unwrap()
    }

    /// What the transfers were, one line each.
    fn said(part: &str, transfers: &[&str]) -> Vec<String> {
        let mut dialogue = dialogue(part);
        let items = transfers.iter().flat_map(|text| items(text));
        let mut lines: Vec<String> =
            items.filter_map(|item| dialogue.item(&item)).map(|said| said.text).collect();
        lines.extend(dialogue.finish().map(|said| said.text));
        lines
    }

    #[test]
    fn memories_have_addresses() {
        let transfers = [
            "50w+ 01+ 00+ 01+ 02+ .",
            "50w- .",
            "50w+ .",
            "50w+ 01+ 00+ | 50r+ 01+ 02- .",
            "50r+ 03- .",
            "50w+ 01+ .",
            "50w+ 7f+ ff+ .",
            "50r+ aa+ bb- .",
            "50r+ cc- .",
            "50w+ 80+ 00+ | 50r+ 01- .",
            "51w+ 00+ 00+ .",
        ];
        assert_eq!(
            said("24lc256", &transfers),
            [
                "MEMORY WRITE 0x0100 <- 01 02",
                "CALL TO WRITE: not acknowledged",
                "CALL TO WRITE: acknowledged",
                "MEMORY READ 0x0100 -> 01 02",
                "MEMORY READ 0x0102 -> 03",
                "less than a pointer <- 01",
                "POINTER TO 0x7fff",
                "MEMORY READ 0x7fff -> aa bb",
                "MEMORY READ 0x0001 -> cc",
                "MEMORY READ 0x0000 -> 01",
            ]
        );
        assert_eq!(said("24c02", &["50r+ 11- ."]), ["MEMORY READ where the last access ended -> 11"]);
    }

    #[test]
    fn long_data_are_cut() {
        let text = format!("50w+ 00+ 00+ {}.", "5a+ ".repeat(64));
        let wanted = "MEMORY WRITE 0x0000 <- 5a 5a 5a 5a 5a 5a 5a 5a ... (64 bytes)";
        assert_eq!(said("24lc256", &[&text]), [wanted]);
        let text = format!("50r+ {}5a- .", "5a+ ".repeat(4999));
        let wanted = "MEMORY READ where the last access ended -> 5a 5a 5a 5a 5a 5a 5a 5a ... (4096 bytes) and 904 more bytes";
        assert_eq!(said("24lc256", &[&text]), [wanted]);
    }

    #[test]
    fn temperatures_are_in_degrees() {
        assert_eq!(
            said(
                "lm75",
                &[
                    "48w+ 00+ | 48r+ 19+ 80- .",
                    "48r+ e7+ 00- .",
                    "48w+ 03+ 50+ 00+ .",
                    "48w+ 01+ 02+ .",
                    "48w+ 02+ .",
                    "48r+ xx+ 00- .",
                ]
            ),
            [
                "READ TEMPERATURE -> 19 80 (25.5 C)",
                "READ TEMPERATURE -> e7 00 (-25 C)",
                "WRITE TOS <- 50 00 (80 C)",
                "WRITE CONFIGURATION <- 02",
                "POINTER TO THYST",
                "READ THYST -> xx 00",
            ]
        );
        assert_eq!(
            said("tmp102", &["48w+ 00+ | 48r+ 19+ 10- .", "48w+ 00+ | 48r+ 4b+ 01- ."]),
            ["READ TEMPERATURE -> 19 10 (25.0625 C)", "READ TEMPERATURE -> 4b 01 (150 C)"]
        );
    }

    #[test]
    fn clocks_tell_the_time() {
        assert_eq!(
            said(
                "ds3231",
                &[
                    "68w+ 00+ | 68r+ 58+ 59+ 23+ 04+ 29+ 02+ 24- .",
                    "68w+ 00+ 00+ 59+ 71+ 04+ 29+ 02+ 24+ .",
                    "68w+ 0e+ 1c+ .",
                    "68w+ 11+ | 68r+ 19+ 40- .",
                    "68w+ 12+ | 68r+ 40+ 58- .",
                ]
            ),
            [
                "READ SECONDS to YEAR -> 58 59 23 04 29 02 24 (24-02-29 23:59:58)",
                "WRITE SECONDS to YEAR <- 00 59 71 04 29 02 24 (24-02-29 11:59:00 PM)",
                "WRITE CONTROL <- 1c",
                "READ TEMPERATURE to TEMPERATURE-LOW -> 19 40 (25.25 C)",
                "READ TEMPERATURE-LOW to SECONDS -> 40 58",
            ]
        );
        assert_eq!(said("ds1307", &["68w+ 07+ 10+ aa+ ."]), ["WRITE CONTROL to RAM 08 <- 10 aa"]);
    }

    #[test]
    fn ports_and_channels() {
        assert_eq!(said("pcf8574", &["20w+ aa+ .", "20r+ f7- ."]), ["PORT <- aa", "PORT -> f7"]);
        assert_eq!(
            said("tca9548a", &["70w+ 05+ .", "70r+ 00- ."]),
            ["CHANNELS <- 05 (0 2)", "CHANNELS -> 00 (none)"]
        );
    }

    #[test]
    fn registers_of_an_expander_follow_its_bank() {
        assert_eq!(
            said(
                "mcp23017",
                &["20w+ 00+ 00+ ff+ .", "20w+ 0a+ 80+ .", "20w+ 00+ ff+ 01+ .", "20w+ 19+ | 20r+ 12- ."]
            ),
            [
                "WRITE IODIRA to IODIRB <- 00 ff",
                "WRITE IOCON <- 80",
                "WRITE IODIRA to IPOLA <- ff 01",
                "READ GPIOB -> 12",
            ]
        );
    }

    #[test]
    fn a_bme280_is_written_in_pairs() {
        assert_eq!(
            said(
                "bme280",
                &[
                    "76w+ f2+ 01+ f4+ 25+ .",
                    "76w+ f3+ | 76r+ 08- .",
                    "76w+ f7+ | 76r+ 80+ 00+ 00- .",
                    "76w+ d0+ ."
                ]
            ),
            [
                "WRITE CTRL_HUM <- 01, CTRL_MEAS <- 25",
                "READ STATUS -> 08",
                "READ PRESSURE to PRESSURE-XLSB -> 80 00 00",
                "POINTER TO ID",
            ]
        );
    }

    #[test]
    fn a_register_file_has_its_own_names() {
        assert_eq!(
            said("i2c-register-file", &["42w+ 00+ | 42r+ 5a+ 80- .", "42w+ 05+ 11- .", "42w+ 01+ 0f+ "]),
            [
                "READ ID to CONTROL -> 5a 80",
                "WRITE reg 0x05 <- 11 (byte 2 not acknowledged)",
                "WRITE CONTROL <- 0f"
            ]
        );
    }

    #[test]
    fn transfers_with_others_are_silent() {
        assert!(said("lm75", &["50w+ 00+ | 50r+ 01- .", "49w- ."]).is_empty());
        assert_eq!(said("lm75", &["50w+ 00+ | 48w+ 01+ 02+ | 50r+ 01- ."]), ["WRITE CONFIGURATION <- 02"]);
        let part = catalog::find("i2c-fast").unwrap();
        assert!(Dialogue::new(&part, Address::Seven(0x50)).is_none());
    }

    proptest! {
        #[test]
        fn any_transfer_can_be_described(
            words in proptest::collection::vec("([0-7][0-9a-f][wr]|[0-9a-f]{2}|xx)[+-]|\\||\\.", 0..40),
        ) {
            for part in catalog::list().iter().filter(|part| !part.i2c_addresses().is_empty()) {
                let mut dialogue = Dialogue::new(part, part.i2c_addresses()[0]).unwrap();
                let address = match part.i2c_addresses()[0] { Address::Seven(a) => a, Address::Ten(_) => 0 };
                let text = words.join(" ").replace("50w", &format!("{address:02x}w"));
                for item in items(&text) {
                    if let Some(said) = dialogue.item(&item) {
                        prop_assert!(!said.text.is_empty());
                    }
                }
                let _ = dialogue.finish();
            }
        }
    }
}
