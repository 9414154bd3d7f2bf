//! A register file behind a pointer, as most small devices have one; its part file states every width and register.
//!
//! ```text
//! write  START | address W | pointer | word | word ...                  | STOP
//! read   START | address W | pointer | START | address R | word | word ... | STOP
//! ```
//! * The pointer has `address_bytes` bytes, the upper first; a word has `data_bytes` bytes, in `byte_order`.
//! * The pointer grows by `increment` with each word and wraps behind the last register. It is kept between transfers.
//! * A word is stored when its last byte is in. Bits outside of a register's `writable` keep their value.
//! * A pointer to a register that is not there is acknowledged; data for it are not, and reads give `FFh`.
//! * With `stretch`, SCL is held low for so long before each byte that is read, as firmware that fetches it would.

use std::collections::BTreeMap;
use std::sync::Arc;

use busproof_core::bus::i2c::{Ack, Address, Answer, Call, Device, Reply};
use busproof_core::bus::{Diagnostic, LoadError, Severity};
use busproof_core::time::{Span, Time};

use super::Session;
use crate::devices::remark::{Explained, Remarks};
use crate::error::{PartError, Problem};
use crate::part::Section;
use crate::reader::{Table, Value};

/// The remarks of the register file.
pub const REMARKS: &[Explained] = &[NO_REGISTER, READ_ONLY, CUT_SHORT];

const NO_REGISTER: Explained = Explained {
    code: "i2c-reg::no-register",
    severity: Severity::Warning,
    summary: "the pointer leads to no register",
    explanation: "The pointer is not below `registers` of the part file. Data are not acknowledged, reads give FFh.",
};
const READ_ONLY: Explained = Explained {
    code: "i2c-reg::read-only",
    severity: Severity::Warning,
    summary: "a write to a register, or to bits of it, that cannot be written",
    explanation: "The part file gives the register `access = \"ro\"`, or the bits are not among its `writable` ones. The \
                  byte is acknowledged and the bits stay as they were.",
};
const CUT_SHORT: Explained = Explained {
    code: "i2c-reg::cut-short",
    severity: Severity::Warning,
    summary: "the write ends inside a word or inside the pointer",
    explanation: "Bytes of a word that has not come in whole are lost; words before it are stored.",
};

/// A register that the part file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Where.
    pub address: u64,
    /// Its name.
    pub name: String,
    /// What it holds after power-up.
    pub reset: u64,
    /// The bits that the bus can write.
    pub writable: u64,
}

/// In which order the bytes of a word travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The most significant byte first.
    MsbFirst,
    /// The least significant byte first.
    LsbFirst,
}

/// What the register file needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Bytes of the pointer.
    pub address_bytes: u32,
    /// Bytes of a register.
    pub data_bytes: u32,
    /// In which order they travel.
    pub byte_order: ByteOrder,
    /// How many registers there are, from 0 on.
    pub registers: u64,
    /// What the pointer grows by with each word; 0: it stays.
    pub increment: u64,
    /// How long SCL is held low before each byte that is read.
    pub stretch: Span,
    /// The registers with names; the others hold 0 and can be written.
    pub named: Vec<Register>,
}

impl Spec {
    pub(super) fn read(section: &mut Section<'_, '_>, root: &Table<'_>) -> Result<Spec, PartError> {
        let order = [("msb", ByteOrder::MsbFirst), ("lsb", ByteOrder::LsbFirst)];
        let address_bytes = section.required("address_bytes", |v| v.number(1..=2))? as u32;
        let data_bytes = section.required("data_bytes", |v| v.number(1..=8))? as u32;
        let registers = section.required("registers", |v| v.number(1..=1 << (8 * address_bytes)))?;
        let spec = Spec {
            address_bytes,
            data_bytes,
            byte_order: section.required("byte_order", |v| v.choice("byte order", &order))?,
            registers,
            increment: section.required("increment", |v| v.number(0..=registers))?,
            stretch: section.optional("stretch", Value::span)?.unwrap_or(Span::ZERO),
            named: match root.get("register") {
                Some(rows) => read_registers(&rows, registers, data_bytes)?,
                None => Vec::new(),
            },
        };
        for register in &spec.named {
            let value = format!("{:#x} reset {:#x}", register.address, register.reset);
            section.note("register", &register.name, value)?;
        }
        Ok(spec)
    }

    /// The register of that address, if it has a name.
    pub fn register(&self, address: u64) -> Option<&Register> {
        self.named.iter().find(|register| register.address == address)
    }

    /// The number that the bytes of a word make.
    pub(crate) fn value(&self, bytes: &[u8]) -> u64 {
        let bytes = (0..self.data_bytes).zip(bytes);
        bytes.fold(0, |value, (index, byte)| value | u64::from(*byte) << self.shift(index))
    }

    const fn data_mask(&self) -> u64 {
        u64::MAX >> (64 - 8 * self.data_bytes)
    }

    /// Where byte `index` of a word stands in its number.
    const fn shift(&self, index: u32) -> u32 {
        8 * match self.byte_order {
            ByteOrder::MsbFirst => self.data_bytes - 1 - index,
            ByteOrder::LsbFirst => index,
        }
    }
}

fn read_registers(rows: &Value<'_>, registers: u64, data_bytes: u32) -> Result<Vec<Register>, PartError> {
    let mask = u64::MAX >> (64 - 8 * data_bytes);
    let mut named: Vec<Register> = Vec::new();
    for row in rows.list()? {
        let table = row.table("[[register]]")?;
        let address = table.require("address")?;
        let number = address.number(0..=registers - 1)?;
        if named.iter().any(|earlier| earlier.address == number) {
            return Err(address.error(Problem::Twice { what: "register", number }));
        }
        let access =
            table.get("access").map(|v| v.choice("access", &[("rw", mask), ("ro", 0)])).transpose()?;
        let writable = table.get("writable").map(|v| v.number(0..=mask)).transpose()?;
        named.push(Register {
            address: number,
            name: table.require("name")?.str()?.to_owned(),
            reset: table.get("reset").map_or(Ok(0), |v| v.number(0..=mask))?,
            writable: writable.or(access).unwrap_or(mask),
        });
        table.finish()?;
    }
    Ok(named)
}

/// The register file.
#[derive(Clone, Debug)]
pub struct RegisterFile {
    spec: Arc<Spec>,
    session: Session,
    values: BTreeMap<u64, u64>,
    pointer: u64,
    /// Bytes of the pointer that are still to come in this write.
    pointer_left: u32,
    /// The word under way: its bytes so far, and their value.
    bytes: u32,
    word: u64,
    started: Time,
    remarks: Remarks,
}

impl RegisterFile {
    /// A register file as after power-up.
    pub(super) fn new(spec: Arc<Spec>, session: Session) -> RegisterFile {
        let values = spec.named.iter().map(|register| (register.address, register.reset)).collect();
        RegisterFile {
            spec,
            session,
            values,
            pointer: 0,
            pointer_left: 0,
            bytes: 0,
            word: 0,
            started: Time::ZERO,
            remarks: Remarks::default(),
        }
    }

    fn value(&self, address: u64) -> u64 {
        self.values.get(&address).copied().unwrap_or(0)
    }

    fn exists(&mut self, now: Time) -> bool {
        let exists = self.pointer < self.spec.registers;
        if !exists && self.bytes == 0 {
            let last = self.spec.registers - 1;
            let text = format!("there is no register {:#x}: the last is {last:#x}", self.pointer);
            self.remarks.push(&NO_REGISTER, self.started, now, text);
        }
        exists
    }

    fn advance(&mut self) {
        if self.pointer < self.spec.registers {
            self.pointer = (self.pointer + self.spec.increment) % self.spec.registers;
        }
    }

    fn store(&mut self, now: Time) {
        let old = self.value(self.pointer);
        let named = self.spec.register(self.pointer);
        let writable = named.map_or(self.spec.data_mask(), |register| register.writable);
        let kept = (self.word ^ old) & !writable;
        if kept != 0 {
            let name = named.map_or_else(String::new, |register| register.name.clone());
            let text = format!("bits {kept:#x} of register {name} cannot be written");
            self.remarks.push(&READ_ONLY, self.started, now, text);
        }
        self.values.insert(self.pointer, old & !writable | self.word & writable);
        self.advance();
    }

    /// The transfer goes on elsewhere: is something unfinished?
    fn finish(&mut self, now: Time) {
        let inside_pointer = self.pointer_left != 0 && self.pointer_left != self.spec.address_bytes;
        if inside_pointer || self.bytes != 0 {
            let what = if inside_pointer { "the pointer" } else { "a word" };
            self.remarks.push(&CUT_SHORT, self.started, now, format!("the write ends inside {what}"));
        }
        (self.pointer_left, self.bytes, self.word) = (0, 0, 0);
    }

    fn take_pointer(&mut self, byte: u8) {
        let shift = 8 * (self.pointer_left - 1);
        self.pointer = self.pointer & !(0xff << shift) | u64::from(byte) << shift;
        self.pointer_left -= 1;
    }
}

impl Device for RegisterFile {
    fn start(&mut self, now: Time) {
        self.finish(now);
        self.started = now;
    }

    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        let answer = self.session.answer(call);
        if answer.is_some() && self.session.takes_pointer() {
            self.pointer_left = self.spec.address_bytes;
        }
        answer
    }

    fn is_ten_bit(&self, upper: u8) -> bool {
        matches!(self.session.address, Address::Ten(address) if address >> 8 == u16::from(upper))
    }

    fn write(&mut self, now: Time, byte: u8) -> Answer {
        if self.pointer_left > 0 {
            self.take_pointer(byte);
            return Answer::ACK;
        }
        if !self.exists(now) {
            return Answer::NACK;
        }
        self.word |= u64::from(byte) << self.spec.shift(self.bytes);
        self.bytes += 1;
        if self.bytes == self.spec.data_bytes {
            self.store(now);
            (self.bytes, self.word) = (0, 0);
        }
        Answer::ACK
    }

    fn read(&mut self, now: Time) -> Reply {
        let hold = self.spec.stretch;
        if !self.exists(now) {
            return Reply { byte: 0xff, hold };
        }
        // What is read is one value, even if another writer changes it meanwhile.
        if self.bytes == 0 {
            self.word = self.value(self.pointer);
        }
        let byte = (self.word >> self.spec.shift(self.bytes)) as u8;
        self.bytes += 1;
        if self.bytes == self.spec.data_bytes {
            (self.bytes, self.word) = (0, 0);
            self.advance();
        }
        Reply { byte, hold }
    }

    fn acknowledged(&mut self, _: Time, ack: Ack) {
        // Who stops in the middle of a word has read what he wanted.
        if ack == Ack::Nack {
            (self.bytes, self.word) = (0, 0);
        }
    }

    fn stop(&mut self, now: Time) {
        self.finish(now);
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }

    /// Addresses count bytes, in the order in which they travel.
    fn load(&mut self, address: u64, bytes: &[u8]) -> Result<(), LoadError> {
        self.check(address, bytes.len())?;
        let width = u64::from(self.spec.data_bytes);
        for (at, byte) in (address..).zip(bytes) {
            let shift = self.spec.shift((at % width) as u32);
            let value = self.value(at / width) & !(0xff << shift) | u64::from(*byte) << shift;
            self.values.insert(at / width, value);
        }
        Ok(())
    }

    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        self.check(address, length)?;
        let width = u64::from(self.spec.data_bytes);
        let byte = |at: u64| (self.value(at / width) >> self.spec.shift((at % width) as u32)) as u8;
        Ok((address..).take(length).map(byte).collect())
    }
}

impl RegisterFile {
    fn check(&self, address: u64, length: usize) -> Result<(), LoadError> {
        let size = self.spec.registers * u64::from(self.spec.data_bytes);
        let fits = address.checked_add(length as u64).is_some_and(|end| end <= size);
        if fits { Ok(()) } else { Err(LoadError::OutOfRange { address, length, size }) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use super::*;
    use crate::{DeviceOptions, Part, catalog};
    use busproof_core::bus::i2c::Direction;

    const FILE: &str = r#"
        format = 1
        part = "mine"
        bus = "i2c"
        model = "i2c-registers"
        title = "registers"
        source = { doc = "D" }
        [device]
        cite = "t"
        addresses = "42"
        address_bytes = 1
        data_bytes = 2
        byte_order = "lsb"
        registers = 4
        increment = 1
        stretch = "20 us"
        [[register]]
        address = 1
        name = "A"
        reset = 0x1234
        writable = 0x00f0
    "#;

    fn player(from: &str, to: &str) -> Player {
        assert!(FILE.contains(from), "{from}");
        let part = Part::parse(&FILE.replace(from, to), "mine.toml").unwrap();
        Player::of(&part, &DeviceOptions::default())
    }

    #[test]
    fn registers_hold_what_was_written() {
        let mut file = Player::new("i2c-register-file");
        assert!(file.write(&[0x05, 0x11, 0x22]));
        assert_eq!(file.write_read(&[0x04], 4), [0x00, 0x11, 0x22, 0x00]);
        assert_eq!(file.write_read(&[0x0f], 2), [0x00, 0x5a], "wraps behind the last register");
        assert_eq!(file.read(1), [0x80], "the pointer is kept");
        assert!(file.codes().is_empty());
    }

    #[test]
    fn what_cannot_be_written_stays() {
        let mut file = Player::new("i2c-register-file");
        file.write(&[0x00, 0x5b, 0x71]);
        assert_eq!(file.write_read(&[0x00], 2), [0x5a, 0x81]);
        assert_eq!(file.codes(), ["i2c-reg::read-only", "i2c-reg::read-only"]);
        file.write(&[0x01, 0x8f]);
        assert!(file.codes().is_empty(), "bits that stay as they are need no remark");
    }

    #[test]
    fn a_pointer_past_the_registers_leads_nowhere() {
        let mut file = Player::new("i2c-register-file");
        assert!(!file.write(&[0x10, 1]));
        assert_eq!(file.codes(), ["i2c-reg::no-register"]);
        assert_eq!(file.write_read(&[0x10], 1), [0xff]);
        assert!(file.write(&[0x0f, 1]));
    }

    #[test]
    fn words_travel_in_their_order() {
        let mut file = player("lsb", "lsb");
        assert_eq!(file.write_read(&[1], 2), [0x34, 0x12]);
        file.write(&[2, 0xcd, 0xab]);
        assert_eq!(file.write_read(&[2], 2), [0xcd, 0xab]);
        assert_eq!(file.device.peek(4, 2).unwrap(), [0xcd, 0xab]);
        let mut file = player("lsb", "msb");
        assert_eq!(file.write_read(&[1], 2), [0x12, 0x34]);
        file.device.load(2, &[0xab]).unwrap();
        assert_eq!(file.write_read(&[1], 2), [0xab, 0x34]);
    }

    #[test]
    fn half_a_word_is_lost() {
        let mut file = player("lsb", "lsb");
        file.write(&[2, 1, 2, 3]);
        assert_eq!(file.codes(), ["i2c-reg::cut-short"]);
        assert_eq!(file.write_read(&[2], 4), [1, 2, 0, 0]);
        assert_eq!(file.write_read(&[2], 1), [1]);
        assert!(file.codes().is_empty(), "a read may end anywhere");
        assert_eq!(file.write_read(&[3], 1), [0]);
    }

    #[test]
    fn only_writable_bits_change() {
        let mut file = player("lsb", "lsb");
        file.write(&[1, 0xff, 0xff]);
        assert_eq!(file.write_read(&[1], 2), [0xf4, 0x12]);
    }

    #[test]
    fn a_fifo_keeps_its_pointer() {
        let mut file = player("increment = 1", "increment = 0");
        file.write(&[2, 1, 0, 2, 0]);
        assert_eq!(file.write_read(&[2], 4), [2, 0, 2, 0]);
    }

    #[test]
    fn reads_are_stretched_if_the_file_says_so() {
        let mut file = player("lsb", "lsb");
        file.start();
        file.call(0x42, Direction::Read);
        assert_eq!(file.device.read(file.now).hold, Span::from_us(20));
        let mut file = Player::new("i2c-register-file");
        file.start();
        file.call(0x42, Direction::Read);
        assert_eq!(file.device.read(file.now).hold, Span::ZERO);
    }

    #[test]
    fn wide_pointers_come_upper_byte_first() {
        let text = FILE
            .replace("address_bytes = 1", "address_bytes = 2")
            .replace("registers = 4", "registers = 0x300");
        let part = Part::parse(&text, "mine.toml").unwrap();
        let mut file = Player::of(&part, &DeviceOptions::default());
        file.write(&[0x02, 0x34, 7, 8]);
        assert_eq!(file.device.peek(0x234 * 2, 2).unwrap(), [7, 8]);
        assert!(file.codes().is_empty());
        file.write(&[0x02]);
        assert_eq!(file.codes(), ["i2c-reg::cut-short"]);
    }

    #[test]
    fn addresses_may_have_ten_bits() {
        let text = FILE.replace("addresses = \"42\"", "addresses = \"x123\"");
        let part = Part::parse(&text, "mine.toml").unwrap();
        let mut device = part.i2c_device(&DeviceOptions::default()).unwrap();
        assert!(device.is_ten_bit(1) && !device.is_ten_bit(0));
        let call = |address| Call { address, direction: Direction::Write };
        assert!(device.call(Time::ZERO, call(Address::Ten(0x123))).is_some());
        assert!(device.call(Time::ZERO, call(Address::Seven(0x23))).is_none());
    }

    #[test]
    fn addresses_are_checked() {
        let error = |addresses: &str| {
            let text = FILE.replace("\"42\"", &format!("\"{addresses}\""));
            Part::parse(&text, "f").unwrap_err().to_string()
        };
        for addresses in ["80", "x400", "57-50", "50-x123", "", "g", "50-"] {
            assert!(error(addresses).contains("is not a list of 7-bit addresses"), "{addresses}");
        }
        let part = catalog::find("pcf8574a").unwrap();
        assert_eq!(part.i2c_addresses().len(), 8);
        assert_eq!(part.i2c_addresses()[0], Address::Seven(0x38));
        assert!(catalog::find("w25q128jv").unwrap().i2c_addresses().is_empty());
        let error = catalog::find("i2c-fast").unwrap().i2c_device(&DeviceOptions::default()).err().unwrap();
        assert_eq!(error.to_string(), "part `i2c-fast` has no simulated device on i2c");
    }
}
