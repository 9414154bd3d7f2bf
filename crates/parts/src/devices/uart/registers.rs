//! A register bridge over UART, as FPGA designs have it: framed requests and replies with a CRC; its part file states every
//! width and code.
//!
//! ```text
//! write  request  | sync | write | address | data | CRC |
//!        reply                                             | sync | ok | CRC |
//! read   request  | sync | read  | address | CRC |
//!        reply                                      | sync | ok | data | CRC |
//! error  reply    | sync | code | CRC |
//! ```
//! * Sync byte and CRC are there if the part file states them. The CRC runs over everything between them.
//! * A request that pauses for longer than `time_out`, or has a frame with a wrong parity or stop bit, is dropped without a
//!   reply; the bridge then waits for the next sync byte, or takes the next frame for a command. So the other end tries
//!   again when no reply comes in time.
//! * Requests with a wrong CRC, an unknown command or address, and writes to what is read-only get the code that the part
//!   file states for that, or no reply if it states none.
//! * The reply begins tREPLY after the end of the request.

use std::collections::BTreeMap;
use std::sync::Arc;

use busproof_core::bits::BitOrder;
use busproof_core::bus::uart::{Device, Heard, Op, Received};
use busproof_core::bus::{Diagnostic, LoadError, Severity};
use busproof_core::time::{Span, Time};

use super::super::register_file::{Access, Register, read_registers};
use super::super::remark::{Explained, Remarks};
use crate::error::{PartError, Problem};
use crate::part::Section;
use crate::reader::{Table, Value};

/// The remarks of the bridge.
pub const REMARKS: &[Explained] =
    &[UNKNOWN_COMMAND, NO_REGISTER, READ_ONLY, WRONG_CRC, CUT_SHORT, BAD_FRAME, UNASKED];

const UNKNOWN_COMMAND: Explained = Explained {
    code: "uart-reg::unknown-command",
    severity: Severity::Error,
    summary: "a command that is neither read nor write",
    explanation: "The first byte of a request (behind the sync byte) is the command; this one is neither `read` nor `write` of \
                  the part file. Its length is not known, so the bridge waits for a pause before it takes the next request.",
};
const NO_REGISTER: Explained = Explained {
    code: "uart-reg::no-register",
    severity: Severity::Error,
    summary: "an address without a register",
    explanation: "The address is not below `registers` of the part file. Nothing is written, and nothing can be read.",
};
const READ_ONLY: Explained = Explained {
    code: "uart-reg::read-only",
    severity: Severity::Error,
    summary: "a write to a read-only register",
    explanation: "The part file gives the register `access = \"ro\"`; the write is lost.",
};
const WRONG_CRC: Explained = Explained {
    code: "uart-reg::crc",
    severity: Severity::Error,
    summary: "the CRC of a request is wrong",
    explanation: "Nothing is done. The CRC covers everything between sync byte and CRC, with the polynomial, initial value, \
                  final XOR and bit order of the part file. If it happens now and then, a byte was damaged on the way: try \
                  again.",
};
const CUT_SHORT: Explained = Explained {
    code: "uart-reg::cut-short",
    severity: Severity::Warning,
    summary: "a request paused for longer than the time-out, and was dropped",
    explanation: "The other end stopped in the middle, or a byte was lost on the way: an overrun, a start bit that was not \
                  seen. No reply comes, so the other end has to try again.",
};
const BAD_FRAME: Explained = Explained {
    code: "uart-reg::bad-frame",
    severity: Severity::Warning,
    summary: "a request had a frame with a wrong parity or stop bit, and was dropped",
    explanation: "The bridge waits for a pause, since it cannot know where the next request begins. No reply comes, so the other \
                  end has to try again.",
};
const UNASKED: Explained = Explained {
    code: "uart-reg::no-sync",
    severity: Severity::Warning,
    summary: "a byte where the sync byte of a request must stand",
    explanation: "The bridge skips everything until the sync byte of its part file. Usual causes: the end of a request that was \
                  dropped, a wrong sync byte, another bit rate.",
};

/// The CRC behind each request and reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc {
    /// 8 or 16.
    pub bits: u32,
    /// Without the highest term: 1021h is `x^16 + x^12 + x^5 + 1`.
    pub polynomial: u16,
    /// The value before the first bit.
    pub init: u16,
    /// What the result is combined with.
    pub xor: u16,
    /// Which bit of each byte comes first, and of the CRC itself.
    pub order: BitOrder,
}

impl Crc {
    /// The CRC of `bytes`.
    pub fn of(self, bytes: &[u8]) -> u16 {
        let mask = (u32::MAX >> (32 - self.bits)) as u16;
        let top = self.bits - 1;
        let bits = bytes.iter().flat_map(|&byte| {
            (0..8).map(move |i| if self.order == BitOrder::Msb { byte >> (7 - i) } else { byte >> i } & 1)
        });
        let state = bits.fold(self.init, |state, bit| {
            let carry = (state >> top) as u8 & 1 ^ bit;
            (state << 1 ^ if carry != 0 { self.polynomial } else { 0 }) & mask
        });
        let state = match self.order {
            BitOrder::Msb => state,
            BitOrder::Lsb => state.reverse_bits() >> (16 - self.bits),
        };
        (state ^ self.xor) & mask
    }
}

/// What the bridge answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    /// The request was done.
    pub ok: u8,
    /// Its CRC was wrong; `None`: no reply.
    pub bad_crc: Option<u8>,
    /// Its command is not known; `None`: no reply.
    pub bad_command: Option<u8>,
    /// There is no such register; `None`: no reply.
    pub bad_address: Option<u8>,
    /// The register can only be read; `None`: no reply.
    pub read_only: Option<u8>,
}

/// What the bridge needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The first byte of requests and replies, if there is one.
    pub sync: Option<u8>,
    /// The command that reads.
    pub read: u8,
    /// The command that writes.
    pub write: u8,
    /// Bytes of an address.
    pub address_bytes: u32,
    /// Bytes of a register.
    pub data_bytes: u32,
    /// Which byte of an address, a register and a CRC travels first.
    pub byte_order: BitOrder,
    /// How many registers there are, from address 0 on.
    pub registers: u64,
    /// The CRC, if there is one.
    pub crc: Option<Crc>,
    /// What it answers.
    pub codes: Codes,
    /// The longest pause within a request, from the end of one frame to the end of the next.
    pub time_out: Span,
    /// The registers with names.
    pub named: Vec<Register>,
}

impl Spec {
    pub(super) fn read(section: &mut Section<'_, '_>, root: &Table<'_>) -> Result<Spec, PartError> {
        let byte = |v: &Value<'_>| v.number(0..=0xff).map(|n| n as u8);
        let address_bytes = section.required("address_bytes", |v| v.number(1..=4))? as u32;
        let data_bytes = section.required("data_bytes", |v| v.number(1..=8))? as u32;
        let orders = [("msb", BitOrder::Msb), ("lsb", BitOrder::Lsb)];
        let spec = Spec {
            sync: section.optional("sync", byte)?,
            read: section.required("read", byte)?,
            write: section.required("write", byte)?,
            address_bytes,
            data_bytes,
            byte_order: section.required("byte_order", |v| v.choice("byte order", &orders))?,
            registers: section.required("registers", |v| v.number(1..=1 << (8 * address_bytes)))?,
            crc: section.optional("crc", read_crc)?,
            codes: Codes {
                ok: section.required("ok", byte)?,
                bad_crc: section.optional("bad_crc", byte)?,
                bad_command: section.optional("bad_command", byte)?,
                bad_address: section.optional("bad_address", byte)?,
                read_only: section.optional("read_only", byte)?,
            },
            time_out: section.required("time_out", Value::span)?,
            named: root
                .get("register")
                .map(|v| read_registers(&v, 8 * address_bytes, 8 * data_bytes))
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

    /// The bytes between sync byte and CRC of a request of that command.
    pub(crate) fn length(&self, command: u8) -> Option<usize> {
        let header = 1 + self.address_bytes as usize;
        match command {
            code if code == self.read => Some(header),
            code if code == self.write => Some(header + self.data_bytes as usize),
            _ => None,
        }
    }

    pub(crate) fn crc_bytes(&self) -> usize {
        self.crc.map_or(0, |crc| crc.bits as usize / 8)
    }

    /// The number that `bytes` are.
    pub(crate) fn number(&self, bytes: &[u8]) -> u64 {
        let add = |n: u64, byte: &u8| n << 8 | u64::from(*byte);
        match self.byte_order {
            BitOrder::Msb => bytes.iter().fold(0, add),
            BitOrder::Lsb => bytes.iter().rev().fold(0, add),
        }
    }

    /// The lower `count` bytes of a number, as they travel.
    pub(crate) fn bytes(&self, number: u64, count: usize) -> Vec<u8> {
        let byte = |i: usize| (number >> (8 * i)) as u8;
        match self.byte_order {
            BitOrder::Msb => (0..count).rev().map(byte).collect(),
            BitOrder::Lsb => (0..count).map(byte).collect(),
        }
    }

    /// A whole message with that between sync byte and CRC.
    pub fn framed(&self, body: &[u8]) -> Vec<u8> {
        let crc = self.crc.map(|crc| self.bytes(u64::from(crc.of(body)), self.crc_bytes()));
        self.sync.into_iter().chain(body.iter().copied()).chain(crc.into_iter().flatten()).collect()
    }
}

fn read_crc(value: &Value<'_>) -> Result<Crc, PartError> {
    let table = value.table("`crc`")?;
    let bits = table.require("bits")?;
    let width = bits.number(8..=16)? as u32;
    if width != 8 && width != 16 {
        return Err(bits.error(Problem::Conflict("a CRC has 8 or 16 bits".into())));
    }
    let number = |key| table.require(key)?.number(0..=(1 << width) - 1).map(|n| n as u16);
    let orders = [("msb", BitOrder::Msb), ("lsb", BitOrder::Lsb)];
    let crc = Crc {
        bits: width,
        polynomial: number("polynomial")?,
        init: number("init")?,
        xor: table.get("xor").map_or(Ok(0), |v| v.number(0..=(1 << width) - 1).map(|n| n as u16))?,
        order: table.get("order").map_or(Ok(BitOrder::Msb), |v| v.choice("bit order", &orders))?,
    };
    table.finish()?;
    Ok(crc)
}

/// What the bridge is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A request.
    Idle,
    /// The rest of one.
    Within,
    /// A pause, since what comes is of unknown length.
    Lost,
}

/// The bridge.
#[derive(Clone, Debug)]
pub struct Bridge {
    spec: Arc<Spec>,
    /// From the end of a request to its reply.
    latency: Span,
    values: BTreeMap<u64, u64>,
    state: State,
    /// The request behind its sync byte.
    request: Vec<u8>,
    since: Time,
    /// When a pause has been too long.
    due: Option<Time>,
    remarks: Remarks,
}

impl Bridge {
    /// A bridge to registers as after reset: 0 unless the part file says otherwise.
    pub fn new(spec: Arc<Spec>, latency: Span) -> Bridge {
        let values = spec.named.iter().map(|register| (register.address, register.reset)).collect();
        Bridge {
            spec,
            latency,
            values,
            state: State::Idle,
            request: Vec::new(),
            since: Time::ZERO,
            due: None,
            remarks: Remarks::default(),
        }
    }

    /// The value of a register, 0 if it does not exist.
    pub fn register(&self, address: u64) -> u64 {
        self.values.get(&address).copied().unwrap_or(0)
    }

    fn remark(&mut self, kind: &'static Explained, to: Time, text: String) {
        self.remarks.push(kind, self.since, to, text);
    }

    fn frame(&mut self, now: Time, frame: &Received) -> Vec<Op> {
        self.due = Some(now.saturating_add(self.spec.time_out));
        if self.state == State::Lost {
            return Vec::new();
        }
        if self.state == State::Idle {
            self.since = frame.start;
            self.request.clear();
        }
        if frame.parity_error || frame.framing_error {
            let text = format!("the request is dropped at a bad frame of {:02x}", frame.data);
            self.remark(&BAD_FRAME, now, text);
            self.state = State::Lost;
            return Vec::new();
        }
        self.byte(now, frame.data as u8)
    }

    /// One more byte.
    fn byte(&mut self, now: Time, byte: u8) -> Vec<Op> {
        if self.state == State::Idle
            && let Some(sync) = self.spec.sync
        {
            if byte == sync {
                self.state = State::Within;
            } else {
                self.due = None;
                self.remark(&UNASKED, now, format!("{byte:02x} is not the sync byte {sync:02x}"));
            }
            return Vec::new();
        }
        self.state = State::Within;
        self.request.push(byte);
        let Some(length) = self.spec.length(self.request[0]) else {
            return self.unknown(now);
        };
        if self.request.len() < length + self.spec.crc_bytes() {
            return Vec::new();
        }
        self.state = State::Idle;
        self.due = None;
        let request = std::mem::take(&mut self.request);
        let body = self.execute(now, &request[..length], &request[length..]);
        self.reply(body)
    }

    fn unknown(&mut self, now: Time) -> Vec<Op> {
        let code = self.request[0];
        self.remark(&UNKNOWN_COMMAND, now, format!("{code:02x} is no command"));
        self.state = State::Lost;
        let body = self.spec.codes.bad_command.map(|code| vec![code]);
        self.reply(body)
    }

    /// What the reply to a whole request says; `None`: there is none.
    fn execute(&mut self, now: Time, request: &[u8], crc: &[u8]) -> Option<Vec<u8>> {
        let spec = self.spec.clone();
        if let Some(wanted) = spec.crc.map(|crc| spec.bytes(u64::from(crc.of(request)), spec.crc_bytes()))
            && wanted != crc
        {
            let (found, right, digits) = (spec.number(crc), spec.number(&wanted), 2 * spec.crc_bytes());
            let text = format!("the CRC is {found:0digits$x}, and of this request it is {right:0digits$x}");
            self.remark(&WRONG_CRC, now, text);
            return spec.codes.bad_crc.map(|code| vec![code]);
        }
        let (address, data) = request[1..].split_at(spec.address_bytes as usize);
        let address = spec.number(address);
        if address >= spec.registers {
            self.remark(&NO_REGISTER, now, format!("there is no register at {address:#x}"));
            return spec.codes.bad_address.map(|code| vec![code]);
        }
        if request[0] == spec.read {
            let data = spec.bytes(self.register(address), spec.data_bytes as usize);
            return Some([vec![spec.codes.ok], data].concat());
        }
        if spec
            .named
            .iter()
            .any(|register| register.address == address && register.access == Access::ReadOnly)
        {
            self.remark(&READ_ONLY, now, format!("the register at {address:#x} can only be read"));
            return spec.codes.read_only.map(|code| vec![code]);
        }
        self.values.insert(address, spec.number(data));
        Some(vec![spec.codes.ok])
    }

    fn reply(&self, body: Option<Vec<u8>>) -> Vec<Op> {
        let framed = body.map(|body| self.spec.framed(&body));
        framed.map_or(Vec::new(), |framed| vec![Op::Idle(self.latency), Op::Write(framed)])
    }
}

impl Device for Bridge {
    fn hear(&mut self, now: Time, heard: &Heard) -> Vec<Op> {
        match heard {
            Heard::Frame(frame) => self.frame(now, frame),
            Heard::Break { .. } | Heard::Idle { .. } | Heard::Overrun { .. } | Heard::Synchronised { .. } => {
                Vec::new()
            }
        }
    }

    fn alarm(&self) -> Option<Time> {
        self.due
    }

    fn ring(&mut self, now: Time) -> Vec<Op> {
        self.due = None;
        if std::mem::replace(&mut self.state, State::Idle) == State::Within {
            let text = format!("a request of {} bytes so far is dropped", self.request.len());
            self.remark(&CUT_SHORT, now, text);
        }
        Vec::new()
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }

    /// Registers as bytes, most significant first: register 1 of four bytes begins at address 4.
    fn load(&mut self, address: u64, bytes: &[u8]) -> Result<(), LoadError> {
        let width = u64::from(self.spec.data_bytes);
        let size = self.spec.registers.saturating_mul(width);
        let end = address.checked_add(bytes.len() as u64).filter(|end| *end <= size);
        if end.is_none() || !address.is_multiple_of(width) || !(bytes.len() as u64).is_multiple_of(width) {
            return Err(LoadError::OutOfRange { address, length: bytes.len(), size });
        }
        for (register, word) in (address / width..).zip(bytes.chunks(width as usize)) {
            self.values.insert(register, word.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)));
        }
        Ok(())
    }

    /// As `load` takes them.
    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        let width = u64::from(self.spec.data_bytes);
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
    use super::*;
    use crate::catalog;
    use proptest::prelude::*;

    fn spec() -> Arc<Spec> {
        let part = catalog::find("uart-registers").unwrap();
        let Some(super::super::super::Spec::Uart(super::super::Spec::Registers(spec))) = part.spec() else {
            panic!("{:?}", part.spec())
        };
        spec.clone()
    }

    /// A bridge and the time of its last frame.
    struct Player(Bridge, Time);

    impl Player {
        fn new() -> Player {
            Player(Bridge::new(spec(), Span::from_us(5)), Time::ZERO)
        }

        fn hear(&mut self, data: u8, wrong: bool) -> Vec<u8> {
            let start = self.1;
            self.1 = start + Span::from_us(100);
            let frame = Received {
                start,
                at: self.1,
                data: data.into(),
                parity_error: wrong,
                framing_error: false,
                noise: false,
            };
            bytes(self.0.hear(self.1, &Heard::Frame(frame)))
        }

        fn say(&mut self, bytes: &[u8]) -> Vec<u8> {
            bytes.iter().flat_map(|&byte| self.hear(byte, false)).collect()
        }

        fn pause(&mut self) {
            self.1 += Span::from_ms(100);
            if self.0.alarm().is_some_and(|alarm| alarm <= self.1) {
                assert!(self.0.ring(self.1).is_empty());
            }
        }

        fn codes(&mut self) -> Vec<&'static str> {
            self.0.take_remarks().iter().map(|remark| remark.code).collect()
        }
    }

    fn bytes(ops: Vec<Op>) -> Vec<u8> {
        ops.into_iter().flat_map(|op| if let Op::Write(bytes) = op { bytes } else { Vec::new() }).collect()
    }

    /// CRC-16/CCITT-FALSE, CRC-16/MODBUS and CRC-8/SMBUS of "123456789": 29b1, 4b37, f4 (catalogue values).
    #[test]
    fn crcs_are_those_of_the_catalogue() {
        let crc = |bits, polynomial, init, order| Crc { bits, polynomial, init, xor: 0, order };
        assert_eq!(crc(16, 0x1021, 0xffff, BitOrder::Msb).of(b"123456789"), 0x29b1);
        assert_eq!(crc(16, 0x8005, 0xffff, BitOrder::Lsb).of(b"123456789"), 0x4b37);
        assert_eq!(crc(8, 0x07, 0, BitOrder::Msb).of(b"123456789"), 0xf4);
    }

    #[test]
    fn what_is_written_is_read() {
        let (spec, mut p) = (spec(), Player::new());
        let ok = spec.framed(&[spec.codes.ok]);
        assert_eq!(p.say(&spec.framed(&[spec.write, 0x02, 0xde, 0xad, 0xbe, 0xef])), ok);
        assert_eq!(p.0.register(2), 0xdead_beef);
        let value = spec.framed(&[spec.codes.ok, 0xde, 0xad, 0xbe, 0xef]);
        assert_eq!(p.say(&spec.framed(&[spec.read, 0x02])), value);
        assert!(p.codes().is_empty());
    }

    #[test]
    fn what_is_wrong_gets_its_code() {
        let (spec, mut p) = (spec(), Player::new());
        let mut damaged = spec.framed(&[spec.read, 0x02]);
        damaged[2] ^= 1;
        assert_eq!(p.say(&damaged), spec.framed(&[spec.codes.bad_crc.unwrap()]));
        assert_eq!(p.say(&spec.framed(&[spec.read, 0x20])), spec.framed(&[spec.codes.bad_address.unwrap()]));
        let locked = spec.framed(&[spec.write, 0, 0, 0, 0, 0]);
        assert_eq!(p.say(&locked), spec.framed(&[spec.codes.read_only.unwrap()]));
        assert_eq!(p.say(&[spec.sync.unwrap(), 0x77]), spec.framed(&[spec.codes.bad_command.unwrap()]));
        let all =
            ["uart-reg::crc", "uart-reg::no-register", "uart-reg::read-only", "uart-reg::unknown-command"];
        assert_eq!(p.codes(), all);
    }

    #[test]
    fn a_request_that_pauses_or_is_damaged_is_dropped() {
        let (spec, mut p) = (spec(), Player::new());
        let request = spec.framed(&[spec.read, 0x02]);
        assert!(p.say(&request[..2]).is_empty());
        p.pause();
        assert_eq!(p.codes(), ["uart-reg::cut-short"]);
        assert!(!p.say(&request).is_empty(), "the next one is heard");
        assert!(p.say(&request[..2]).is_empty() && p.hear(request[2], true).is_empty());
        assert!(p.say(&request[3..]).is_empty(), "the rest is ignored");
        p.pause();
        assert!(!p.say(&request).is_empty());
        assert!(p.say(&[0x00]).is_empty());
        assert_eq!(p.codes(), ["uart-reg::bad-frame", "uart-reg::no-sync"]);
    }

    #[test]
    fn memory_is_registers_most_significant_byte_first() {
        let mut bridge = Bridge::new(spec(), Span::ZERO);
        bridge.load(4, &[1, 2, 3, 4]).unwrap();
        assert_eq!(bridge.register(1), 0x0102_0304);
        assert_eq!(bridge.peek(5, 2), Ok(vec![2, 3]));
        assert!(bridge.load(2, &[0; 4]).is_err() && bridge.peek(0, 1 << 20).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived_and_the_next_request_is_heard(
            noise in proptest::collection::vec((any::<u8>(), any::<bool>()), 0..60),
        ) {
            let (spec, mut p) = (spec(), Player::new());
            for (byte, wrong) in noise {
                p.hear(byte, wrong);
            }
            p.pause();
            prop_assert_eq!(p.say(&spec.framed(&[spec.read, 0x00])).len(), 1 + 1 + 4 + 2);
        }
    }
}
