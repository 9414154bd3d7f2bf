//! A register file, as FPGA designs have them behind SPI; its part file states every width and code.
//!
//! ```text
//! write  MOSI  | command | address | data 0      | data 1 ...   each followed by its CRC-8, if there is one
//!        MISO  | status  |         | ...         | (status)     8 bits, by `status`
//! read   MOSI  | command | address | latency     |
//!        MISO  | status  |         | (clocks)    | data 0 | data 1 ...   each followed by its CRC-8
//! ```
//! * Command and address follow each other without a gap; the address grows by `increment` with each word of a burst.
//! * A word is stored when its last bit is in (with a CRC: when that is right).
//! * The CRC-8 runs over everything since CS became active, in the order of the bits on the wire, CRCs and statuses left
//!   out.
//! * The status byte: bit 7 is always 1, bit 0 the last command was refused, bit 1 a CRC was wrong, bit 2 an address
//!   does not exist, bit 3 a register is read-only. Bits 0 to 3 stay until they have been sent, or a header has come in whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use busproof_core::bits::BitOrder;
use busproof_core::bus::LoadError;
use busproof_core::bus::spi::{Command, CommandTable, Device, Lanes, Phase, PhaseKind, Step, class};
use busproof_core::bus::{Diagnostic, Severity};
use busproof_core::time::Time;
use busproof_core::timing::Class;

use super::remark::{Explained, Remarks};
use crate::error::{PartError, Problem};
use crate::part::Section;
use crate::reader::{Table, Value};

/// The remarks of the register file.
pub const REMARKS: &[Explained] = &[UNKNOWN_COMMAND, NO_REGISTER, READ_ONLY, WRONG_CRC, CUT_SHORT];

const UNKNOWN_COMMAND: Explained = Explained {
    code: "spi-reg::unknown-command",
    severity: Severity::Error,
    summary: "a command that is neither read nor write",
    explanation: "The first bits after CS are the command; this one is neither `read` nor `write` of the part file. The \
                  transfer is ignored. Check bit order, SPI mode and the width of the command.",
};
const NO_REGISTER: Explained = Explained {
    code: "spi-reg::no-register",
    severity: Severity::Error,
    summary: "an address without a register",
    explanation: "The address, or one that a burst ran on to, is not below `registers`. Writes there are lost and reads \
                  return 0.",
};
const READ_ONLY: Explained = Explained {
    code: "spi-reg::read-only",
    severity: Severity::Error,
    summary: "a write to a read-only register",
    explanation: "The part file gives the register `access = \"ro\"`; the write is lost.",
};
const WRONG_CRC: Explained = Explained {
    code: "spi-reg::crc",
    severity: Severity::Error,
    summary: "the CRC-8 after a word of data is wrong",
    explanation: "The word is not stored. The CRC covers command, address and all data words since CS became active, \
                  bit by bit as on the wire, with the polynomial, initial value and final XOR of the part file.",
};
const CUT_SHORT: Explained = Explained {
    code: "spi-reg::cut-short",
    severity: Severity::Warning,
    summary: "CS rose inside a word",
    explanation: "What has come in of the word, or of command and address, is lost. Words before it are stored.",
};

/// When the status byte is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Never.
    None,
    /// In the first 8 bits of the transfer, while command and address come in.
    WithHeader,
    /// After each word that is written.
    AfterWrite,
}

/// The CRC-8 that follows each word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc8 {
    /// Without the term `x^8`: 07h is `x^8 + x^2 + x + 1`.
    pub polynomial: u8,
    /// The value before the first bit.
    pub init: u8,
    /// What the result is combined with.
    pub xor: u8,
}

impl Crc8 {
    /// The state after the low `bits` bits of `value`, as they travel in `order`.
    fn feed(self, state: u8, value: u64, bits: u32, order: BitOrder) -> u8 {
        (0..bits).fold(state, |state, i| {
            let place = if order == BitOrder::Msb { bits - 1 - i } else { i };
            let carry = (state >> 7) ^ (value >> place & 1) as u8;
            state << 1 ^ if carry != 0 { self.polynomial } else { 0 }
        })
    }
}

/// A register that the part file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Where.
    pub address: u64,
    /// Its name.
    pub name: String,
    /// What it holds after power-up.
    pub reset: u64,
    /// Whether it can be written.
    pub access: Access,
}

/// Who may change a register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// The bus may write it.
    #[default]
    ReadWrite,
    /// The bus may not.
    ReadOnly,
}

/// What the register file needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The bus's bit order.
    pub order: BitOrder,
    /// Bits of the command.
    pub command_bits: u32,
    /// Bits of the address.
    pub address_bits: u32,
    /// Bits of a register.
    pub data_bits: u32,
    /// The command that reads.
    pub read: u64,
    /// The command that writes.
    pub write: u64,
    /// How many registers there are, from address 0 on.
    pub registers: u64,
    /// What the address grows by with each word of a burst; 0: a FIFO.
    pub increment: u64,
    /// Clocks between the address and the first word that is read.
    pub read_latency: u32,
    /// When the status byte is sent.
    pub status: Status,
    /// The CRC, if there is one.
    pub crc: Option<Crc8>,
    /// The registers with names.
    pub named: Vec<Register>,
}

impl Spec {
    pub(crate) fn read(
        section: &mut Section<'_, '_>,
        root: &Table<'_>,
        order: BitOrder,
    ) -> Result<Spec, PartError> {
        let command_bits = section.required("command_bits", |v| v.number(1..=32))? as u32;
        let address_bits = section.required("address_bits", |v| v.number(1..=32))? as u32;
        let data_bits = section.required("data_bits", |v| v.number(1..=64))? as u32;
        let spec = Spec {
            order,
            command_bits,
            address_bits,
            data_bits,
            read: section.required("read", |v| v.number(0..=(1 << command_bits) - 1))?,
            write: section.required("write", |v| v.number(0..=(1 << command_bits) - 1))?,
            registers: section.required("registers", |v| v.number(1..=1 << address_bits))?,
            increment: section.required("increment", |v| v.number(0..=1 << address_bits))?,
            read_latency: section.required("read_latency", |v| v.number(0..=64))? as u32,
            status: read_status(&section.table.require("status")?, command_bits + address_bits)?,
            crc: section.optional("crc", read_crc)?,
            named: root
                .get("register")
                .map(|v| read_registers(&v, address_bits, data_bits))
                .transpose()?
                .unwrap_or_default(),
        };
        for register in &spec.named {
            let value = format!("{:#x} reset {:#x}", register.address, register.reset);
            section.note("register", &register.name, value)?;
        }
        if spec.read == spec.write {
            let text = "`read` and `write` are the same command; give them different values";
            return Err(section.table.error(Problem::Conflict(text.into())));
        }
        Ok(spec)
    }

    /// The register of that address, if it has a name.
    pub fn register(&self, address: u64) -> Option<&Register> {
        self.named.iter().find(|register| register.address == address)
    }

    /// The two commands for the monitor, which takes command and address together for the opcode.
    pub(crate) fn command_table(&self) -> CommandTable {
        CommandTable {
            opcode_bits: self.header_bits(),
            commands: vec![
                self.command("READ", self.read, class::READ, PhaseKind::Read),
                self.command("WRITE", self.write, class::WRITE, PhaseKind::Write),
            ],
        }
    }

    fn command(&self, name: &str, code: u64, class: Class, data: PhaseKind) -> Command {
        let shift = if self.order == BitOrder::Msb { self.address_bits } else { 0 };
        let latency = (data == PhaseKind::Read && self.read_latency > 0)
            .then(|| phase(PhaseKind::Dummy, self.read_latency));
        Command {
            opcode: code << shift,
            mask: ((1 << self.command_bits) - 1) << shift,
            name: name.into(),
            class,
            phases: latency.into_iter().chain([phase(data, 0)]).collect(),
            switches_lanes: None,
            on_lanes: Vec::new(),
        }
    }

    fn header_bits(&self) -> u32 {
        self.command_bits + self.address_bits
    }

    fn data_mask(&self) -> u64 {
        u64::MAX >> (64 - self.data_bits)
    }
}

const fn phase(kind: PhaseKind, length: u32) -> Phase {
    Phase { kind, length, lanes: Lanes::SINGLE }
}

fn read_status(value: &Value<'_>, header_bits: u32) -> Result<Status, PartError> {
    let choices =
        [("none", Status::None), ("with-header", Status::WithHeader), ("after-write", Status::AfterWrite)];
    let status = value.choice("place of the status byte", &choices)?;
    if status == Status::WithHeader && header_bits < 8 {
        let text = "command and address have fewer than the 8 bits of a status byte; use `after-write`";
        return Err(value.error(Problem::Conflict(text.into())));
    }
    Ok(status)
}

fn read_crc(value: &Value<'_>) -> Result<Crc8, PartError> {
    let table = value.table("`crc`")?;
    let byte = |key| table.require(key)?.number(0..=0xff).map(|n| n as u8);
    let crc = Crc8 { polynomial: byte("polynomial")?, init: byte("init")?, xor: byte("xor")? };
    table.finish()?;
    Ok(crc)
}

pub(super) fn read_registers(
    value: &Value<'_>,
    address_bits: u32,
    data_bits: u32,
) -> Result<Vec<Register>, PartError> {
    let mut registers: Vec<Register> = Vec::new();
    for row in value.list()? {
        let table = row.table("[[register]]")?;
        let address = table.require("address")?;
        let number = address.number(0..=(1 << address_bits) - 1)?;
        if registers.iter().any(|earlier| earlier.address == number) {
            return Err(address.error(Problem::Twice { what: "register", number }));
        }
        let access = [("rw", Access::ReadWrite), ("ro", Access::ReadOnly)];
        registers.push(Register {
            address: number,
            name: table.require("name")?.str()?.to_owned(),
            reset: table.get("reset").map_or(Ok(0), |v| v.number(0..=u64::MAX >> (64 - data_bits)))?,
            access: table.get("access").map_or(Ok(Access::ReadWrite), |v| v.choice("access", &access))?,
        });
        table.finish()?;
    }
    Ok(registers)
}

/// What the current step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    WriteData,
    WriteCrc(u64),
    WriteStatus,
    Latency,
    ReadData,
    ReadCrc,
    Ignored,
}

/// The register file.
#[derive(Clone, Debug)]
pub struct RegisterFile {
    spec: Arc<Spec>,
    values: BTreeMap<u64, u64>,
    state: State,
    address: u64,
    crc: u8,
    /// Bits 0 to 3 of the status byte.
    errors: u8,
    selected_at: Time,
    remarks: Remarks,
}

const REFUSED: u8 = 1 << 0;
const BAD_CRC: u8 = 1 << 1;
const BAD_ADDRESS: u8 = 1 << 2;
const LOCKED: u8 = 1 << 3;

impl RegisterFile {
    /// A register file with its registers as after reset: 0 unless the part file says otherwise.
    pub fn new(spec: Arc<Spec>) -> RegisterFile {
        let values = spec.named.iter().map(|register| (register.address, register.reset)).collect();
        RegisterFile {
            spec,
            values,
            state: State::Header,
            address: 0,
            crc: 0,
            errors: 0,
            selected_at: Time::ZERO,
            remarks: Remarks::default(),
        }
    }

    /// The value of a register, 0 if it does not exist.
    pub fn register(&self, address: u64) -> u64 {
        self.values.get(&address).copied().unwrap_or(0)
    }

    fn status(&self) -> u8 {
        0x80 | self.errors
    }

    /// Adds to the CRC and returns it as it would be sent.
    fn feed(&mut self, value: u64, bits: u32) -> u8 {
        let Some(crc) = self.spec.crc else { return 0 };
        self.crc = crc.feed(self.crc, value, bits, self.spec.order);
        self.crc ^ crc.xor
    }

    fn remark(&mut self, error: u8, kind: &'static Explained, now: Time, text: String) {
        self.errors |= error;
        self.remarks.push(kind, self.selected_at, now, text);
    }

    fn enter(&mut self, state: State, step: Step) -> Step {
        self.state = state;
        step
    }

    fn ignore(&mut self) -> Step {
        self.enter(State::Ignored, Step::input(8))
    }

    fn after_header(&mut self, now: Time, header: u64) -> Step {
        let (bits, total) = (self.spec.address_bits, self.spec.header_bits());
        self.feed(header, total);
        // The command travels first, so it is the upper part of a header only if that travels from the top.
        let (command, address) = match self.spec.order {
            BitOrder::Msb => (header >> bits, header & ((1 << bits) - 1)),
            BitOrder::Lsb => (header & ((1 << (total - bits)) - 1), header >> (total - bits)),
        };
        self.address = address;
        if command == self.spec.write {
            self.enter(State::WriteData, Step::input(self.spec.data_bits))
        } else if command != self.spec.read {
            let text = format!("command {command:#x} is neither read nor write: ignored");
            self.remark(REFUSED, &UNKNOWN_COMMAND, now, text);
            self.ignore()
        } else if self.spec.read_latency > 0 {
            self.enter(State::Latency, Step::dummy(self.spec.read_latency))
        } else {
            self.read_word()
        }
    }

    fn exists(&mut self, now: Time) -> bool {
        let exists = self.address < self.spec.registers;
        if !exists {
            let text = format!(
                "there is no register {:#x}: the last is {:#x}",
                self.address,
                self.spec.registers - 1
            );
            self.remark(BAD_ADDRESS, &NO_REGISTER, now, text);
        }
        exists
    }

    fn advance_address(&mut self) {
        let mask = (1 << self.spec.address_bits) - 1;
        self.address = self.address.wrapping_add(self.spec.increment) & mask;
    }

    fn read_word(&mut self) -> Step {
        let value = if self.address < self.spec.registers { self.register(self.address) } else { 0 };
        self.feed(value, self.spec.data_bits);
        self.enter(State::ReadData, Step::output(value, self.spec.data_bits))
    }

    fn after_read(&mut self) -> Step {
        if self.spec.crc.is_none() {
            return self.read_next();
        }
        let crc = self.feed(0, 0);
        self.enter(State::ReadCrc, Step::output(crc.into(), 8))
    }

    fn read_next(&mut self) -> Step {
        self.advance_address();
        self.read_word()
    }

    fn store(&mut self, now: Time, value: u64) {
        if self.exists(now) {
            let locked = self.spec.register(self.address).filter(|r| r.access == Access::ReadOnly);
            if let Some(text) = locked.map(|r| format!("register {} is read-only: the write is lost", r.name))
            {
                self.remark(LOCKED, &READ_ONLY, now, text);
            } else {
                self.values.insert(self.address, value & self.spec.data_mask());
            }
        }
        self.advance_address();
    }

    fn after_data(&mut self, now: Time, value: u64) -> Step {
        self.feed(value, self.spec.data_bits);
        if self.spec.crc.is_some() {
            return self.enter(State::WriteCrc(value), Step::input(8));
        }
        self.store(now, value);
        self.after_word()
    }

    fn after_crc(&mut self, now: Time, value: u64, received: u64) -> Step {
        let right = self.feed(0, 0);
        if u64::from(right) == received {
            self.store(now, value);
        } else {
            let text = format!("CRC {received:02x} after data {value:#x} should be {right:02x}: not stored");
            self.remark(BAD_CRC, &WRONG_CRC, now, text);
            self.advance_address();
        }
        self.after_word()
    }

    fn after_word(&mut self) -> Step {
        if self.spec.status == Status::AfterWrite {
            let status = std::mem::take(&mut self.errors) | 0x80;
            return self.enter(State::WriteStatus, Step::output(status.into(), 8));
        }
        self.enter(State::WriteData, Step::input(self.spec.data_bits))
    }
}

impl Device for RegisterFile {
    fn select(&mut self, now: Time) -> Step {
        self.selected_at = now;
        self.crc = self.spec.crc.map_or(0, |crc| crc.init);
        let bits = self.spec.header_bits();
        let step = match self.spec.status {
            Status::WithHeader => {
                let shift = if self.spec.order == BitOrder::Msb { bits - 8 } else { 0 };
                Step::exchange(u64::from(self.status()) << shift, bits)
            }
            Status::None | Status::AfterWrite => Step::input(bits),
        };
        self.enter(State::Header, step)
    }

    fn step(&mut self, now: Time, input: u64) -> Step {
        match self.state {
            State::Header => {
                self.errors = 0;
                self.after_header(now, input)
            }
            State::WriteData => self.after_data(now, input),
            State::WriteCrc(value) => self.after_crc(now, value, input),
            State::WriteStatus => self.enter(State::WriteData, Step::input(self.spec.data_bits)),
            State::Latency => self.read_word(),
            State::ReadData => {
                // Only now has the word been read: a transfer that ends before it has asked for nothing.
                self.exists(now);
                self.after_read()
            }
            State::ReadCrc => self.read_next(),
            State::Ignored => self.ignore(),
        }
    }

    fn deselect(&mut self, now: Time, bits: u32) {
        if self.state == State::ReadData && bits > 0 {
            self.exists(now);
        }
        let lost = match self.state {
            State::Header | State::WriteData => bits > 0,
            State::WriteCrc(_) => true,
            _ => false,
        };
        if lost {
            self.remark(
                REFUSED,
                &CUT_SHORT,
                now,
                format!("CS rises {bits} bits into a word: what came in is lost"),
            );
        }
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }

    /// Whole registers, upper byte first: register n begins at byte `n * ceil(data bits / 8)`.
    fn load(&mut self, address: u64, bytes: &[u8]) -> Result<(), LoadError> {
        let width = u64::from(self.spec.data_bits.div_ceil(8));
        let size = self.spec.registers.saturating_mul(width);
        let end = address.checked_add(bytes.len() as u64).filter(|end| *end <= size);
        if end.is_none() || !address.is_multiple_of(width) || !(bytes.len() as u64).is_multiple_of(width) {
            return Err(LoadError::OutOfRange { address, length: bytes.len(), size });
        }
        for (register, word) in (address / width..).zip(bytes.chunks(width as usize)) {
            let value = word.iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
            self.values.insert(register, value & self.spec.data_mask());
        }
        Ok(())
    }

    /// As `load` takes them.
    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        let width = u64::from(self.spec.data_bits.div_ceil(8));
        let size = self.spec.registers.saturating_mul(width);
        if address.checked_add(length as u64).is_none_or(|end| end > size) {
            return Err(LoadError::OutOfRange { address, length, size });
        }
        let byte = |at: u64| (self.register(at / width) >> (8 * (width - 1 - at % width))) as u8;
        Ok((address..).take(length).map(byte).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use super::*;
    use proptest::prelude::*;

    fn spec() -> Spec {
        Spec {
            order: BitOrder::Msb,
            command_bits: 8,
            address_bits: 8,
            data_bits: 32,
            read: 3,
            write: 2,
            registers: 32,
            increment: 1,
            read_latency: 8,
            status: Status::None,
            crc: None,
            named: vec![Register { address: 0, name: "ID".into(), reset: 0xb5, access: Access::ReadOnly }],
        }
    }

    fn player(spec: Spec) -> Player<RegisterFile> {
        Player::new(RegisterFile::new(Arc::new(spec)))
    }

    #[test]
    fn a_burst_is_stored_and_read_back() {
        let mut p = player(spec());
        p.bytes(&[2, 0x10, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1]);
        assert_eq!(p.device.register(0x10), 0xdead_beef);
        let miso = p.bytes(&[3, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(miso[3..], [0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1]);
        assert!(p.codes().is_empty());
        assert_eq!(p.device.peek(0x40, 5).unwrap(), [0xde, 0xad, 0xbe, 0xef, 0]);
    }

    #[test]
    fn a_fifo_keeps_its_address() {
        let mut p = player(Spec { increment: 0, ..spec() });
        p.bytes(&[2, 5, 0, 0, 0, 1, 0, 0, 0, 2]);
        assert_eq!((p.device.register(5), p.device.register(6)), (2, 0));
    }

    #[test]
    fn what_is_refused_is_remarked_and_shown_in_the_next_header() {
        let mut p = player(Spec { status: Status::WithHeader, ..spec() });
        assert_eq!(p.bytes(&[7, 0])[0], 0x80);
        assert_eq!(p.codes(), ["spi-reg::unknown-command"]);
        assert_eq!(p.bytes(&[2, 0x20, 0, 0, 0, 1])[0], 0x81);
        assert_eq!(p.codes(), ["spi-reg::no-register"]);
        assert_eq!(p.bytes(&[2, 0, 0, 0, 0, 1])[0], 0x84);
        assert_eq!(p.codes(), ["spi-reg::read-only"]);
        assert_eq!(p.bytes(&[2, 1, 0, 0])[0], 0x88);
        assert_eq!(p.codes(), ["spi-reg::cut-short"]);
        assert_eq!(p.device.register(0), 0xb5);
    }

    #[test]
    fn crc_guards_every_word() {
        let crc = Crc8 { polynomial: 0x07, init: 0, xor: 0 };
        let feed = |state, value, bits| crc.feed(state, value, bits, BitOrder::Msb);
        assert_eq!(feed(0, 0x31_3233_3435, 40), feed(feed(0, 0x3132, 16), 0x33_3435, 24));
        let check = b"123456789".iter().fold(0, |state, byte| feed(state, u64::from(*byte), 8));
        assert_eq!(check, 0xf4, "the published check value of CRC-8/SMBUS");

        let mut p = player(Spec { crc: Some(crc), status: Status::AfterWrite, ..spec() });
        let sum = |bytes: &[u8]| bytes.iter().fold(0, |state, byte| feed(state, u64::from(*byte), 8));
        let good = sum(&[2, 1, 0, 0, 0, 9]);
        assert_eq!(p.bytes(&[2, 1, 0, 0, 0, 9, good, 0])[7], 0x80);
        assert_eq!(p.bytes(&[2, 1, 0, 0, 0, 8, good, 0])[7], 0x82);
        assert_eq!(p.codes(), ["spi-reg::crc"]);
        assert_eq!(p.device.register(1), 9);
        let miso = p.bytes(&[3, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(miso[3..], [0, 0, 0, 9, sum(&[3, 1, 0, 0, 0, 9])]);
    }

    #[test]
    fn one_command_bit_and_seven_address_bits_share_a_byte() {
        let mut p = player(Spec {
            command_bits: 1,
            address_bits: 7,
            data_bits: 12,
            read: 1,
            write: 0,
            read_latency: 0,
            registers: 128,
            ..spec()
        });
        p.bits(&[0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 20);
        assert_eq!(p.device.register(5), 0x801);
        let bits = p.bits(&[1, 0, 0, 0, 0, 1, 0, 1], 20);
        assert_eq!(bits[8], Some(1));
        assert_eq!(bits[19], Some(1));
        let table = p.device.spec.command_table();
        assert_eq!(table.opcode_bits, 8);
        assert_eq!(table.find(0x85).map(|c| c.name.as_str()), Some("READ"));
        assert_eq!(table.find(0x7f).map(|c| c.name.as_str()), Some("WRITE"));
    }

    #[test]
    fn least_significant_bit_first_the_command_still_travels_first() {
        let mut p = player(Spec { order: BitOrder::Lsb, status: Status::WithHeader, ..spec() });
        // The integers of the device contract: the first bit on the wire is the lowest.
        let header = p.device.select(p.now);
        assert_eq!(header, Step::exchange(0x80, 16));
        p.device.step(p.now, 0x10 << 8 | 2);
        p.device.step(p.now, 0xdead_beef);
        p.device.deselect(p.now, 0);
        assert_eq!(p.device.register(0x10), 0xdead_beef);
    }

    #[test]
    fn memory_is_loaded_by_whole_registers() {
        let mut p = player(spec());
        p.device.load(4, &[0, 0, 1, 0, 0, 0, 0, 7]).unwrap();
        assert_eq!((p.device.register(1), p.device.register(2)), (256, 7));
        assert!(p.device.load(2, &[0; 4]).is_err());
        assert!(p.device.load(128, &[0; 4]).is_err());
        assert!(p.device.peek(127, 2).is_err());
    }

    proptest! {
        #[test]
        fn any_burst_reads_back(
            start in 1..31u64,
            words in proptest::collection::vec(any::<u32>(), 1..8),
        ) {
            let mut p = player(spec());
            let words = &words[..words.len().min(32 - start as usize)];
            let mut mosi = vec![2, start as u8];
            mosi.extend(words.iter().flat_map(|w| w.to_be_bytes()));
            p.bytes(&mosi);
            let mut read = vec![3, start as u8, 0];
            read.resize(3 + 4 * words.len(), 0);
            let miso = p.bytes(&read);
            prop_assert_eq!(&miso[3..], &mosi[2..]);
            prop_assert!(p.codes().is_empty());
        }

        #[test]
        fn nothing_panics(bits in proptest::collection::vec(0..2u8, 0..200), crc in any::<bool>()) {
            let crc = crc.then_some(Crc8 { polynomial: 7, init: 0xff, xor: 0x55 });
            let mut p = player(Spec { crc, status: Status::AfterWrite, ..spec() });
            p.bits(&bits, bits.len());
        }
    }
}
