//! A serial EEPROM of the 24C series. (Microchip DS20001203, Atmel AT24C256B, libsigrokdecode eeprom24xx.)
//!
//! ```text
//! write         START | address W | word address | data ... | STOP      the write cycle begins at the STOP
//! random read   START | address W | word address | START | address R | data ...
//! current read  START | address R | data ...                           from the last address accessed + 1
//! ```
//! * The word address has one or two bytes, the upper first. A memory that is larger answers to several device addresses,
//!   whose lowest bits are its uppermost.
//! * Data that run past the page wrap to its beginning. What comes without STOP is not written.
//! * During the write cycle the device does not acknowledge its address: acknowledge polling.
//! * While pin `wp` is high, data are acknowledged and not written. Not connected, it counts as low.
//!
//! Not modelled: the set-up and hold times of `wp`.

use busproof_core::bus::i2c::{Address, Answer, Call, Device, Direction, Reply};
use busproof_core::bus::{Diagnostic, LoadError, Severity};
use busproof_core::level::Level;
use busproof_core::time::{Span, Time};

use super::{Session, conflict};
use crate::devices::memory::{Blank, Memory};
use crate::devices::remark::{Explained, Remarks};
use crate::error::PartError;
use crate::part::Section;

/// The remarks of the EEPROM.
pub const REMARKS: &[Explained] = &[BUSY, PAGE_WRAP, NO_STOP, PROTECTED];

const BUSY: Explained = Explained {
    code: "i2c-eeprom::busy",
    severity: Severity::Note,
    summary: "an address was not acknowledged because a write cycle was under way",
    explanation: "From the STOP of a write on, the EEPROM works for its write cycle time (tWC) and acknowledges nothing. A \
                  driver either waits for tWC or repeats START and address until they are acknowledged. Said once for \
                  each write cycle.",
};
const PAGE_WRAP: Explained = Explained {
    code: "i2c-eeprom::page-wrap",
    severity: Severity::Warning,
    summary: "data run past the page and wrap to its beginning",
    explanation: "Only the lowest bits of the address count while data come in, so bytes past the end of a page land at its \
                  start and overwrite what is there. Split writes at page boundaries.",
};
const NO_STOP: Explained = Explained {
    code: "i2c-eeprom::no-stop",
    severity: Severity::Warning,
    summary: "data were sent and a START followed instead of a STOP",
    explanation: "The write cycle begins at the STOP. A repeated START drops the data; nothing is written.",
};
const PROTECTED: Explained = Explained {
    code: "i2c-eeprom::protected",
    severity: Severity::Warning,
    summary: "a write while pin wp is high",
    explanation: "The bytes are acknowledged as usual, nothing is written, and the EEPROM is ready at once, without a write \
                  cycle. A driver that does not read back cannot tell.",
};

/// What the EEPROM needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Bytes.
    pub size: u64,
    /// Bytes of a page.
    pub page: u64,
    /// Bytes of the word address: 1 or 2.
    pub address_bytes: u32,
    /// Whether it has a pin `wp`.
    pub write_protect: WriteProtect,
}

/// What the pin `wp` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteProtect {
    /// There is none.
    None,
    /// It protects all memory.
    All,
}

impl Spec {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Result<Spec, PartError> {
        let protect = [("none", WriteProtect::None), ("all", WriteProtect::All)];
        let address_bytes = section.required("address_bytes", |v| v.number(1..=2))? as u32;
        // Three address pins can give three more bits.
        let greatest = 1 << (8 * address_bytes + 3);
        let size = section.required("size", |v| v.power_of_two(greatest))?;
        Ok(Spec {
            size,
            page: section.required("page", |v| match v.power_of_two(256)? {
                page if page <= size => Ok(page),
                _ => Err(conflict(v, "the page is larger than the memory")),
            })?,
            address_bytes,
            write_protect: section.required("write_protect", |v| v.choice("write protection", &protect))?,
        })
    }

    /// The block of memory that an address selects, if it is one of a device at `own`.
    pub(crate) fn block(&self, own: u8, address: u8) -> Option<u64> {
        let blocks = self.blocks();
        let first = u64::from(own) & !(blocks - 1);
        u64::from(address).checked_sub(first).filter(|block| *block < blocks)
    }

    /// How many device addresses the memory takes.
    const fn blocks(&self) -> u64 {
        let block = 1 << (8 * self.address_bytes);
        if self.size > block { self.size / block } else { 1 }
    }
}

/// What the bus is doing with the EEPROM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// So many bytes of the word address are still to come.
    Address(u32),
    /// Data come in.
    Data,
    Read,
}

/// The EEPROM.
#[derive(Clone, Debug)]
pub struct Eeprom {
    spec: Spec,
    session: Session,
    write_cycle: Span,
    memory: Memory,
    state: State,
    /// The next byte to be read or written.
    address: u64,
    /// The data of the present write, by their offset in the page.
    latched: Vec<Option<u8>>,
    /// How many data bytes came, and when the first did.
    count: u64,
    started: Time,
    busy_until: Time,
    has_said_busy: bool,
    is_protected: bool,
    remarks: Remarks,
}

impl Eeprom {
    /// An erased EEPROM.
    pub(super) fn new(spec: Spec, session: Session, write_cycle: Span) -> Eeprom {
        Eeprom {
            spec,
            session,
            write_cycle,
            memory: Memory::new(spec.size, Blank::Erased),
            state: State::Idle,
            address: 0,
            latched: vec![None; spec.page as usize],
            count: 0,
            started: Time::ZERO,
            busy_until: Time::ZERO,
            has_said_busy: false,
            is_protected: false,
            remarks: Remarks::default(),
        }
    }

    /// The block of memory that the address selects, if it is one of ours.
    fn block(&self, address: Address) -> Option<u64> {
        match address {
            Address::Seven(address) => self.spec.block(self.session.seven(), address),
            Address::Ten(_) => None,
        }
    }

    fn is_busy(&mut self, now: Time) -> bool {
        let busy = now < self.busy_until;
        if busy && !self.has_said_busy {
            let left = self.busy_until.since(now);
            let text = format!("the write cycle takes {left} more: the address is not acknowledged");
            self.remarks.push(&BUSY, now, self.busy_until, text);
            self.has_said_busy = true;
        }
        busy
    }

    fn latch(&mut self, now: Time, byte: u8) {
        if self.count == 0 {
            self.started = now;
        }
        self.count += 1;
        let page = self.spec.page;
        self.latched[(self.address % page) as usize] = Some(byte);
        self.address = self.address - self.address % page + (self.address + 1) % page;
    }

    /// Forgets what was sent and not written.
    fn drop_data(&mut self) -> u64 {
        self.latched.fill(None);
        std::mem::take(&mut self.count)
    }

    fn write_page(&mut self, now: Time) {
        let page = self.spec.page;
        let start = self.address - self.address % page;
        let first = (self.address + page - self.count % page) % page;
        if first + self.count > page {
            let text = format!(
                "{} bytes from {:#06x} run past the page and wrap to {start:#06x}",
                self.count,
                start + first
            );
            self.remarks.push(&PAGE_WRAP, self.started, now, text);
        }
        for (at, byte) in (start..).zip(&self.latched) {
            if let Some(byte) = byte {
                self.memory.write(at, *byte);
            }
        }
        self.busy_until = now + self.write_cycle;
        self.has_said_busy = false;
    }
}

impl Device for Eeprom {
    fn start(&mut self, now: Time) {
        let dropped = self.drop_data();
        if dropped > 0 {
            let text = format!("{dropped} bytes were sent without a STOP behind them: not written");
            self.remarks.push(&NO_STOP, self.started, now, text);
        }
        self.state = State::Idle;
    }

    fn call(&mut self, now: Time, call: Call) -> Option<Answer> {
        let block = self.block(call.address)?;
        if self.is_busy(now) {
            return None;
        }
        if self.spec.blocks() > 1 {
            let within = (1 << (8 * self.spec.address_bytes)) - 1;
            self.address = self.address & within | block << (8 * self.spec.address_bytes);
        }
        self.state = match call.direction {
            Direction::Write => State::Address(self.spec.address_bytes),
            Direction::Read => State::Read,
        };
        Some(Answer::ACK)
    }

    fn write(&mut self, now: Time, byte: u8) -> Answer {
        match self.state {
            State::Address(left) => {
                let shift = 8 * (left - 1);
                self.address = (self.address & !(0xff << shift) | u64::from(byte) << shift) % self.spec.size;
                self.state = if left > 1 { State::Address(left - 1) } else { State::Data };
            }
            State::Data => self.latch(now, byte),
            State::Idle | State::Read => return Answer::NACK,
        }
        Answer::ACK
    }

    /// Data are latched until the STOP, and what the pin `wp` says then is what counts.
    fn takes(&self) -> u32 {
        if matches!(self.state, State::Address(_) | State::Data) { u32::MAX } else { 0 }
    }

    fn read(&mut self, _: Time) -> Reply {
        let byte = self.memory.read(self.address);
        self.address = (self.address + 1) % self.spec.size;
        Reply { byte, hold: Span::ZERO }
    }

    fn stop(&mut self, now: Time) {
        self.state = State::Idle;
        if self.count == 0 {
            return;
        }
        if self.is_protected {
            let text = match self.count {
                1 => "1 byte is acknowledged and not written".to_owned(),
                count => format!("{count} bytes are acknowledged and not written"),
            };
            self.remarks.push(&PROTECTED, self.started, now, text);
        } else {
            self.write_page(now);
        }
        self.drop_data();
    }

    fn pins(&self) -> &'static [&'static str] {
        match self.spec.write_protect {
            WriteProtect::None => &[],
            WriteProtect::All => &["wp"],
        }
    }

    fn sense(&mut self, _: Time, _: usize, level: Level) {
        self.is_protected = level == Level::High;
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }

    fn load(&mut self, address: u64, bytes: &[u8]) -> Result<(), LoadError> {
        self.memory.load(address, bytes)
    }

    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        self.memory.peek(address, length)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use busproof_core::bus::LoadError;
    use busproof_core::bus::i2c::{Ack, Address, Direction};
    use busproof_core::level::Level;
    use busproof_core::time::Span;
    use proptest::prelude::*;

    use crate::DeviceOptions;

    fn written(part: &str, bytes: &[u8]) -> Player {
        let mut memory = Player::new(part);
        assert!(memory.write(bytes));
        memory.wait(Span::from_ms(10));
        memory
    }

    #[test]
    fn a_random_read_finds_what_was_written() {
        let mut memory = written("24lc256", &[0x12, 0x34, 0xca, 0xfe]);
        assert_eq!(memory.write_read(&[0x12, 0x33], 4), [0xff, 0xca, 0xfe, 0xff]);
        let mut memory = written("24c02", &[0x34, 0xca]);
        assert_eq!(memory.write_read(&[0x34], 2), [0xca, 0xff]);
        assert!(memory.codes().is_empty());
    }

    #[test]
    fn a_current_read_goes_on_where_the_last_access_ended() {
        let mut memory = written("24c02", &[0x10, 1, 2, 3]);
        memory.write_read(&[0x10], 1);
        assert_eq!(memory.read(1), [2]);
        assert_eq!(memory.read(1), [3]);
        memory.write(&[0x10, 9]);
        memory.wait(Span::from_ms(5));
        assert_eq!(memory.read(1), [2], "behind the byte that was written");
    }

    #[test]
    fn a_sequential_read_rolls_over_from_the_last_byte_to_the_first() {
        let mut memory = Player::new("24lc256");
        memory.device.load(0x7fff, &[0xaa]).unwrap();
        memory.device.load(0, &[0xbb]).unwrap();
        assert_eq!(memory.write_read(&[0x7f, 0xff], 3), [0xaa, 0xbb, 0xff]);
        assert_eq!(memory.write_read(&[0xff, 0xff], 1), [0xaa], "bit 15 of the address does not count");
    }

    #[test]
    fn data_up_to_the_end_of_the_page_stay_and_those_past_it_wrap() {
        for (part, page) in [("24lc256", 64u8), ("24lc64", 32), ("24c02", 8), ("x24c02", 4)] {
            let place = if part.contains("lc") { vec![0, page - 1] } else { vec![page - 1] };
            let mut memory = written(part, &[&place[..], &[1]].concat());
            assert!(memory.codes().is_empty(), "{part}: one byte at the end of the page");
            memory.write(&[&place[..], &[2, 3]].concat());
            assert_eq!(memory.codes(), ["i2c-eeprom::page-wrap"], "{part}");
            assert_eq!(memory.device.peek(0, 1).unwrap(), [3], "{part}");
            assert_eq!(memory.device.peek(page.into(), 1).unwrap(), [0xff], "{part}");
        }
    }

    #[test]
    fn more_than_a_page_keeps_the_last_bytes() {
        let mut memory = written("24c02", &[0x00, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(memory.device.peek(0, 9).unwrap(), [8, 9, 2, 3, 4, 5, 6, 7, 0xff]);
        assert_eq!(memory.codes(), ["i2c-eeprom::page-wrap"]);
    }

    #[test]
    fn acknowledge_polling_ends_with_the_write_cycle() {
        let mut memory = Player::new("24lc256");
        memory.write(&[0, 0, 1]);
        let stopped = memory.now;
        memory.wait(Span::from_ms(4));
        assert!(!memory.write(&[0, 0]) && !memory.write(&[0, 0]));
        assert_eq!(memory.codes(), ["i2c-eeprom::busy"], "said once");
        while !memory.write(&[0, 0]) {}
        let took = memory.now.since(stopped);
        // The acknowledge came up to three bytes before the end of that transfer, and the try before that was too early.
        assert!((Span::from_ms(5)..Span::from_ms(5) + Span::from_us(250)).contains(&took), "{took}");
    }

    #[test]
    fn both_sides_of_the_write_cycle() {
        for (early, answers) in [(Span::from_fs(1), false), (Span::ZERO, true)] {
            let mut memory = Player::new("24lc256");
            memory.write(&[0, 0, 1]);
            let ready = memory.now + Span::from_ms(5);
            let call =
                busproof_core::bus::i2c::Call { address: Address::Seven(0x50), direction: Direction::Write };
            let at = ready.saturating_sub(early);
            memory.device.start(at);
            assert_eq!(memory.device.call(at, call).is_some(), answers);
        }
    }

    #[test]
    fn without_a_stop_nothing_is_written() {
        let mut memory = Player::new("24c02");
        memory.start();
        memory.call(0x50, Direction::Write);
        memory.send(0x00);
        memory.send(0x77);
        assert_eq!(memory.write_read(&[0x00], 1), [0xff]);
        assert_eq!(memory.codes(), ["i2c-eeprom::no-stop"]);
    }

    #[test]
    fn write_protect_acknowledges_and_writes_nothing() {
        let mut memory = Player::new("24lc256");
        memory.sense("wp", Level::High);
        assert!(memory.write(&[0, 0, 1, 2]));
        assert_eq!(memory.write_read(&[0, 0], 1), [0xff], "ready at once");
        assert_eq!(memory.codes(), ["i2c-eeprom::protected"]);
        memory.sense("wp", Level::Low);
        memory.write(&[0, 0, 1]);
        assert_eq!(memory.device.peek(0, 1).unwrap(), [1]);
        assert!(Player::new("x24c02").device.pins().is_empty());
    }

    #[test]
    fn it_answers_to_its_own_address_only() {
        let options = DeviceOptions { address: Some(Address::Seven(0x53)), ..DeviceOptions::default() };
        let mut memory = Player::with("24lc256", &options);
        for address in 0..0x80 {
            memory.start();
            assert_eq!(memory.call(address, Direction::Write), address == 0x53, "{address:02x}");
        }
        let options = DeviceOptions { address: Some(Address::Seven(0x58)), ..DeviceOptions::default() };
        let error = crate::catalog::find("24lc256").unwrap().i2c_device(&options).err().unwrap().to_string();
        assert_eq!(error, "part `24lc256` cannot have the address 0x58; its address pins allow 0x50 to 0x57");
    }

    #[test]
    fn a_larger_memory_takes_several_addresses() {
        let text = crate::catalog::source_text("24c02").unwrap();
        let text = text.replace("\"256 B\"", "\"1 KiB\"").replace("part     = \"24c02\"", "part = \"24c08\"");
        let part = crate::Part::parse(&text, "24c08.toml").unwrap();
        let mut memory = Player::of(&part, &DeviceOptions::default());
        memory.device.load(0x2ff, &[0x11, 0x22]).unwrap();
        for (address, answers) in [(0x4f, false), (0x50, true), (0x53, true), (0x54, false)] {
            memory.start();
            assert_eq!(memory.call(address, Direction::Write), answers, "{address:02x}");
        }
        memory.start();
        assert!(memory.call(0x52, Direction::Write) && memory.send(0xff));
        memory.start();
        assert!(memory.call(0x52, Direction::Read));
        assert_eq!([memory.receive(Ack::Ack), memory.receive(Ack::Nack)], [0x11, 0x22]);
    }

    #[test]
    fn memory_ends_at_its_size() {
        let mut memory = Player::new("24c02");
        let past = LoadError::OutOfRange { address: 256, length: 1, size: 256 };
        assert_eq!(memory.device.load(256, &[0]), Err(past));
        assert_eq!(memory.device.peek(256, 1), Err(past));
    }

    proptest! {
        /// What is written within a page is read back, and nothing else has changed.
        #[test]
        fn pages_hold_what_was_written(
            address in 0..0x8000u16,
            bytes in proptest::collection::vec(any::<u8>(), 1..80),
        ) {
            let mut memory = Player::new("24lc256");
            memory.write(&[&address.to_be_bytes()[..], &bytes].concat());
            let mut wanted = vec![0xff; 0x8000];
            let (page, offset) = (usize::from(address) & !63, usize::from(address) & 63);
            for (i, byte) in bytes.iter().enumerate() {
                wanted[page + (offset + i) % 64] = *byte;
            }
            prop_assert_eq!(memory.device.peek(0, 0x8000).unwrap(), wanted);
        }
    }
}
