//! Real-time clocks: DS1307 and DS3231. (Maxim DS1307 and DS3231 data sheets.)
//!
//! ```text
//! 00-06  seconds, minutes, hours, day, date, month, year, in BCD           both
//! 07     control: OUT, SQWE, RS1-0          08-3F  RAM                     DS1307
//! 07-0D  alarms 1 and 2                     0E control, 0F status          DS3231
//! 10     aging offset                       11-12  temperature             DS3231
//! ```
//! * The clock runs with simulated time. A START copies it to buffers, which are what is read.
//! * A byte takes effect when it is acknowledged. Writing the seconds restarts the second.
//! * DS1307: bit 7 of the seconds (CH) halts the clock, as it does after power-up.
//! * The open-drain pin `sqw` (DS1307) or `int` (DS3231) shows a square wave, a level or an alarm. A square wave never ends,
//!   so a run with one has to have an end of its own.
//!
//! Not modelled: the battery and what depends on it (EOSC, BBSQW), the 32 kHz output, the effect of the aging offset; the
//! temperature is converted once at power-up and when CONV asks for it.

use std::ops::Range;

use busproof_core::bus::i2c::{Answer, Call, Device, Reply};
use busproof_core::bus::{Diagnostic, LoadError, Severity};
use busproof_core::level::Drive;
use busproof_core::time::{Span, Time};

use super::calendar::{Calendar, DATE, DAY, HOURS, MINUTES, SECONDS, YEAR};
use super::{Session, read_celsius};
use crate::devices::remark::{Explained, Remarks};
use crate::devices::{Ambient, Model};
use crate::error::PartError;
use crate::part::Section;

/// The remarks of the clocks.
pub const REMARKS: &[Explained] = &[ILLOGICAL, READ_ONLY];

const ILLOGICAL: Explained = Explained {
    code: "i2c-rtc::illogical",
    severity: Severity::Warning,
    summary: "a time register was given a value out of its range",
    explanation: "Registers hold BCD: 59 is written as 59h. What the clock does with digits above 9 or numbers out of range \
                  is undefined; this model counts on from the value of the digits.",
};
const READ_ONLY: Explained = Explained {
    code: "i2c-rtc::read-only",
    severity: Severity::Warning,
    summary: "a write to a register that can only be read",
    explanation: "The temperature registers are the sensor's; the byte is ignored.",
};
/// Which clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 56 bytes of RAM, a square wave, no alarms.
    Ds1307,
    /// Two alarms, a temperature sensor.
    Ds3231,
}

impl Kind {
    /// How many registers there are.
    pub(crate) const fn registers(self) -> u64 {
        match self {
            Kind::Ds1307 => 0x40,
            Kind::Ds3231 => 0x13,
        }
    }

    /// The name of a register.
    pub(crate) fn register_name(self, register: u64) -> Option<String> {
        const TIME_NAMES: [&str; 7] = ["SECONDS", "MINUTES", "HOURS", "DAY", "DATE", "MONTH", "YEAR"];
        const DS3231_NAMES: [&str; 12] = [
            "ALARM1-SECONDS",
            "ALARM1-MINUTES",
            "ALARM1-HOURS",
            "ALARM1-DAY",
            "ALARM2-MINUTES",
            "ALARM2-HOURS",
            "ALARM2-DAY",
            "CONTROL",
            "STATUS",
            "AGING",
            "TEMPERATURE",
            "TEMPERATURE-LOW",
        ];
        let index = register as usize;
        let name = match self {
            _ if TIME.contains(&index) => TIME_NAMES.get(index),
            Kind::Ds3231 => DS3231_NAMES.get(index - TIME.end),
            Kind::Ds1307 if index == TIME.end => Some(&"CONTROL"),
            Kind::Ds1307 => return Some(format!("RAM {index:02x}")),
        };
        name.map(|name| (*name).to_owned())
    }
}

/// What the bytes from a register on mean: a whole time, or a temperature.
pub(crate) fn meaning(kind: Kind, register: u64, bytes: &[u8]) -> Option<String> {
    match (kind, register as usize, bytes) {
        (_, 0, &[seconds, minutes, hours, _, date, month, year]) => {
            let (hours, half) = match (hours >> 6 & 1, hours >> 5 & 1) {
                (0, _) => (hours & 0x3f, ""),
                (_, 0) => (hours & 0x1f, " AM"),
                _ => (hours & 0x1f, " PM"),
            };
            let (seconds, month) = (seconds & 0x7f, month & 0x1f);
            let halted = if kind == Kind::Ds1307 && bytes[0] & HALT != 0 { ", halted" } else { "" };
            Some(format!(
                "{year:02x}-{month:02x}-{date:02x} {hours:02x}:{minutes:02x}:{seconds:02x}{half}{halted}"
            ))
        }
        (Kind::Ds3231, TEMPERATURE, &[high, low]) => {
            let quarters = i16::from_be_bytes([high, low]) >> 6;
            Some(format!("{} C", f64::from(quarters) / 4.0))
        }
        _ => None,
    }
}

/// What a clock needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Which clock.
    pub kind: Kind,
    /// Seconds to year after power-up.
    pub time: [u8; 7],
    /// DS1307's control register after power-up; DS3231's control and status.
    pub control: [u8; 2],
    /// Thousandths of a degree Celsius around it; a DS1307 does not care.
    pub ambient: i32,
}

impl Spec {
    pub(super) fn read(model: Model, section: &mut Section<'_, '_>) -> Result<Spec, PartError> {
        let time = section.required("time", crate::reader::Value::byte_array::<7>)?;
        if model == Model::Ds1307 {
            let [control] = section.required("control", crate::reader::Value::byte_array::<1>)?;
            return Ok(Spec { kind: Kind::Ds1307, time, control: [control, 0], ambient: 0 });
        }
        let control = section.required("control", crate::reader::Value::byte_array::<2>)?;
        Ok(Spec { kind: Kind::Ds3231, time, control, ambient: section.required("ambient", read_celsius)? })
    }
}

/// The registers of the time.
const TIME: Range<usize> = 0..7;
/// DS1307's bit 7 of the seconds.
const HALT: u8 = 1 << 7;
/// A second.
const SECOND: Span = Span::from_ms(1000);
/// How far ahead an alarm is looked for: no run is longer.
const HORIZON: u32 = 20_000;

// DS1307's control register.
const OUT: u8 = 1 << 7;
const SQWE: u8 = 1 << 4;

// DS3231's registers and their bits.
const ALARM_1: usize = 0x07;
const ALARM_2: usize = 0x0b;
const CONTROL: usize = 0x0e;
const STATUS: usize = 0x0f;
const TEMPERATURE: usize = 0x11;
const CONV: u8 = 1 << 5;
const INTCN: u8 = 1 << 2;
const BSY: u8 = 1 << 2;
const OSF: u8 = 1 << 7;
const EN32KHZ: u8 = 1 << 3;
/// A1F and A2F, and at the same places A1IE and A2IE.
const ALARMS: u8 = 0b11;
/// Bit 7 of an alarm register: it need not match.
const MASKED: u8 = 1 << 7;
/// Bit 6 of an alarm's last register: the day of the week, not the date.
const IS_DAY: u8 = 1 << 6;

/// A real-time clock.
#[derive(Clone, Debug)]
pub struct Clock {
    kind: Kind,
    session: Session,
    conversion: Span,
    time: Calendar,
    /// Up to when time has passed, and when the present second began.
    now: Time,
    second: Time,
    /// What is read of the time.
    buffer: Calendar,
    /// All registers; those of the time are in `time`.
    registers: [u8; 64],
    pointer: usize,
    /// Thousandths of a degree Celsius.
    ambient: i32,
    /// The end of a temperature conversion that is under way.
    converting: Option<Time>,
    /// When the next alarm goes off that shows at the pin.
    next_alarm: Option<Time>,
    started: Time,
    remarks: Remarks,
}

impl Clock {
    pub(super) fn new(spec: Spec, session: Session, conversion: Span, ambient: Ambient) -> Clock {
        let mut clock = Clock {
            kind: spec.kind,
            session,
            conversion,
            time: Calendar(spec.time),
            now: Time::ZERO,
            second: Time::ZERO,
            buffer: Calendar(spec.time),
            registers: [0; 64],
            pointer: 0,
            ambient: ambient.milli_celsius.unwrap_or(spec.ambient),
            converting: None,
            next_alarm: None,
            started: Time::ZERO,
            remarks: Remarks::default(),
        };
        match spec.kind {
            Kind::Ds1307 => clock.registers[7] = spec.control[0],
            Kind::Ds3231 => {
                clock.registers[CONTROL..=STATUS].copy_from_slice(&spec.control);
                clock.convert();
            }
        }
        clock.look_ahead();
        clock
    }

    fn size(&self) -> usize {
        self.kind.registers() as usize
    }

    fn runs(&self) -> bool {
        self.kind == Kind::Ds3231 || self.time.0[SECONDS] & HALT == 0
    }

    /// Lets time pass until `now`.
    fn settle(&mut self, now: Time) {
        self.now = now;
        if self.converting.is_some_and(|end| end <= now) {
            self.convert();
            self.converting = None;
            self.registers[CONTROL] &= !CONV;
        }
        while self.runs() && self.second + SECOND <= now {
            self.second += SECOND;
            self.time.tick();
            self.check_alarms();
        }
    }

    /// Converts the temperature: quarters of a degree, left-aligned in 16 bits.
    fn convert(&mut self) {
        let quarters = (self.ambient * 4 + 500).div_euclid(1000).clamp(-512, 511);
        let register = (quarters << 6) as u16;
        self.registers[TEMPERATURE..TEMPERATURE + 2].copy_from_slice(&register.to_be_bytes());
    }

    // Alarms.

    fn check_alarms(&mut self) {
        if self.kind == Kind::Ds1307 {
            return;
        }
        let new = self.matching(self.time) & !self.registers[STATUS];
        if new != 0 {
            self.registers[STATUS] |= new;
            self.look_ahead();
        }
    }

    /// A1F and A2F as a time would set them. Alarm 2 has no seconds: it goes off at second 00.
    fn matching(&self, time: Calendar) -> u8 {
        let first = &self.registers[ALARM_1..ALARM_1 + 4];
        let second = &self.registers[ALARM_2..ALARM_2 + 3];
        let one = alarm_matches(first[0], time.0[SECONDS]) && alarm_matches_day(&first[1..], time);
        let two = time.0[SECONDS] == 0 && alarm_matches_day(second, time);
        u8::from(one) | u8::from(two) << 1
    }

    /// Alarms that pull the pin low.
    fn enabled(&self) -> u8 {
        if self.registers[CONTROL] & INTCN == 0 { 0 } else { self.registers[CONTROL] & ALARMS }
    }

    /// Finds the next alarm that changes the pin.
    fn look_ahead(&mut self) {
        self.next_alarm = None;
        let waits = self.enabled() & !self.registers[STATUS];
        let is_low = self.enabled() & self.registers[STATUS] != 0;
        if self.kind == Kind::Ds1307 || waits == 0 || is_low {
            return;
        }
        let (mut time, mut at) = (self.time, self.second);
        for _ in 0..HORIZON {
            time.tick();
            let Some(next) = at.checked_add(SECOND) else { return };
            at = next;
            if self.matching(time) & waits != 0 {
                self.next_alarm = Some(at);
                return;
            }
        }
    }

    // Square wave.

    /// The period of the square wave, if there is one.
    fn wave(&self) -> Option<Span> {
        let (is_on, rate, hertz) = match self.kind {
            Kind::Ds1307 => {
                let control = self.registers[7];
                (control & SQWE != 0 && self.runs(), control & 3, [1, 4096, 8192, 32_768])
            }
            Kind::Ds3231 => {
                let control = self.registers[CONTROL];
                (control & INTCN == 0, control >> 3 & 3, [1, 1024, 4096, 8192])
            }
        };
        is_on.then(|| Span::from_fs(SECOND.as_fs() / hertz[usize::from(rate)]))
    }

    /// How far into its period the square wave is, and the period.
    fn phase(&self) -> Option<(u64, u64)> {
        let period = self.wave()?.as_fs();
        Some((self.now.since(self.second).as_fs() % period, period))
    }

    /// The level of the pin. The square wave is low in the first half of its period: at 1 Hz it rises 500 ms after the
    /// seconds were written (DS3231).
    fn pin_is_low(&self) -> bool {
        match (self.phase(), self.kind) {
            (Some((phase, period)), _) => phase < period / 2,
            (None, Kind::Ds1307) => self.registers[7] & OUT == 0,
            (None, Kind::Ds3231) => self.enabled() & self.registers[STATUS] != 0,
        }
    }

    // Registers.

    fn read_register(&self, register: usize) -> u8 {
        match register {
            _ if TIME.contains(&register) => self.buffer.0[register],
            STATUS if self.kind == Kind::Ds3231 && self.converting.is_some() => self.registers[STATUS] | BSY,
            _ => self.registers[register],
        }
    }

    fn write_register(&mut self, now: Time, register: usize, byte: u8) {
        if TIME.contains(&register) {
            self.write_time(now, register, byte);
        } else if self.kind == Kind::Ds1307 {
            // Bits of the control register that have no function read 0.
            self.registers[register] = if register == 7 { byte & 0x93 } else { byte };
        } else {
            self.write_ds3231(now, register, byte);
        }
        self.look_ahead();
    }

    fn write_time(&mut self, now: Time, register: usize, byte: u8) {
        let ds3231 = self.kind == Kind::Ds3231;
        let mask = match register {
            SECONDS | YEAR if !ds3231 || register == YEAR => 0xff,
            SECONDS | MINUTES | HOURS => 0x7f,
            DAY => 0x07,
            DATE => 0x3f,
            _ if ds3231 => 0x9f,
            _ => 0x1f,
        };
        self.time.0[register] = byte & mask;
        let mut counted = self.time;
        counted.0[SECONDS] &= !HALT;
        if !counted.is_legal(register) || byte & !mask != 0 {
            let text = format!("time register {register:02x} is given {byte:02x}, which is out of its range");
            self.remarks.push(&ILLOGICAL, self.started, now, text);
        }
        if register == SECONDS {
            self.second = now;
        }
    }

    fn write_ds3231(&mut self, now: Time, register: usize, byte: u8) {
        match register {
            CONTROL => self.write_control(now, byte),
            // What the chip sets, the bus can only clear; BSY is the chip's alone.
            STATUS => {
                let sticky = OSF | ALARMS;
                self.registers[STATUS] = self.registers[STATUS] & byte & sticky | byte & EN32KHZ;
            }
            TEMPERATURE.. => {
                let text = format!("register {register:02x} holds the temperature and is read-only");
                self.remarks.push(&READ_ONLY, self.started, now, text);
            }
            _ => self.registers[register] = byte,
        }
    }

    fn write_control(&mut self, now: Time, byte: u8) {
        self.registers[CONTROL] = byte & !CONV;
        if byte & CONV != 0 && self.converting.is_none() {
            self.converting = Some(now + self.conversion);
        }
        if self.converting.is_some() {
            self.registers[CONTROL] |= CONV;
        }
    }

    fn advance(&mut self) {
        self.pointer = (self.pointer + 1) % self.size();
        if self.pointer == 0 && self.kind == Kind::Ds3231 {
            self.buffer = self.time;
        }
    }

    fn check(&self, address: u64, length: usize) -> Result<Range<usize>, LoadError> {
        let size = self.size() as u64;
        let end = address.checked_add(length as u64).filter(|end| *end <= size);
        end.map(|end| address as usize..end as usize).ok_or(LoadError::OutOfRange { address, length, size })
    }
}

/// True if an alarm register is masked, or holds what the clock does.
const fn alarm_matches(alarm: u8, time: u8) -> bool {
    alarm & MASKED != 0 || alarm == time
}

/// The same of minutes, hours and day or date.
fn alarm_matches_day(alarm: &[u8], time: Calendar) -> bool {
    let day = if alarm[2] & IS_DAY != 0 { time.0[DAY] } else { time.0[DATE] };
    alarm_matches(alarm[0], time.0[MINUTES])
        && alarm_matches(alarm[1], time.0[HOURS])
        && alarm_matches(alarm[2] & !IS_DAY, day)
}

impl Device for Clock {
    fn start(&mut self, now: Time) {
        self.settle(now);
        self.buffer = self.time;
        self.started = now;
    }

    fn call(&mut self, now: Time, call: Call) -> Option<Answer> {
        self.settle(now);
        self.session.answer(call)
    }

    fn write(&mut self, now: Time, byte: u8) -> Answer {
        self.settle(now);
        if self.session.takes_pointer() {
            self.pointer = usize::from(byte) % self.size();
        } else {
            self.write_register(now, self.pointer, byte);
            self.advance();
        }
        Answer::ACK
    }

    fn read(&mut self, now: Time) -> Reply {
        self.settle(now);
        let byte = self.read_register(self.pointer);
        self.advance();
        Reply { byte, hold: Span::ZERO }
    }

    fn stop(&mut self, now: Time) {
        self.settle(now);
    }

    fn pins(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Ds1307 => &["sqw"],
            Kind::Ds3231 => &["int"],
        }
    }

    fn drives(&self, _: usize) -> Drive {
        if self.pin_is_low() { Drive::Strong(false) } else { Drive::Released }
    }

    fn alarm(&self) -> Option<Time> {
        match self.phase() {
            Some((phase, period)) => {
                let edge = if phase < period / 2 { period / 2 } else { period };
                self.now.checked_add(Span::from_fs(edge - phase))
            }
            None => self.next_alarm,
        }
    }

    fn ring(&mut self, now: Time) {
        self.settle(now);
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }

    fn load(&mut self, address: u64, bytes: &[u8]) -> Result<(), LoadError> {
        for (register, byte) in self.check(address, bytes.len())?.zip(bytes) {
            if TIME.contains(&register) {
                self.time.0[register] = *byte;
            } else {
                self.registers[register] = *byte;
            }
        }
        self.look_ahead();
        Ok(())
    }

    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        let byte = |register| {
            if TIME.contains(&register) { self.time.0[register] } else { self.registers[register] }
        };
        Ok(self.check(address, length)?.map(byte).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use busproof_core::bus::i2c::{Ack, Direction};
    use busproof_core::level::Level::{High, Low};
    use busproof_core::time::Span;

    use crate::{Ambient, DeviceOptions};

    const SECOND: Span = Span::from_ms(1000);

    /// A clock set to a time.
    fn set(part: &str, time: [u8; 7]) -> Player {
        let mut clock = Player::new(part);
        clock.write(&[&[0], &time[..]].concat());
        clock
    }

    fn time(clock: &mut Player) -> Vec<u8> {
        clock.write_read(&[0], 7)
    }

    #[test]
    fn a_ds1307_stands_until_its_seconds_are_written() {
        let mut clock = Player::new("ds1307");
        clock.wait(Span::from_ms(5000));
        assert_eq!(time(&mut clock), [0x80, 0, 0, 1, 1, 1, 0]);
        clock.write(&[0, 0x00]);
        clock.wait(Span::from_ms(5000));
        assert_eq!(time(&mut clock)[0], 0x05);
        clock.write(&[0, 0x85]);
        clock.wait(Span::from_ms(5000));
        assert_eq!(time(&mut clock)[0], 0x85);
        assert!(clock.codes().is_empty());
    }

    #[test]
    fn a_second_lasts_from_the_write_of_the_seconds() {
        for part in ["ds1307", "ds3231"] {
            for (after, seconds) in [(Span::from_fs(SECOND.as_fs() - 1), 0x58), (SECOND, 0x59)] {
                let mut clock = Player::new(part);
                clock.wait(Span::from_ms(700));
                clock.start();
                clock.call(0x68, Direction::Write);
                clock.send(0);
                clock.send(0x58);
                let written = clock.now;
                clock.stop();
                clock.start();
                clock.call(0x68, Direction::Write);
                clock.send(0);
                // The START copies the time.
                clock.device.start(written + after);
                assert_eq!(clock.device.read(written + after).byte, seconds, "{part}");
            }
        }
    }

    #[test]
    fn the_clock_goes_on_over_midnight_of_a_leap_day() {
        for part in ["ds1307", "ds3231"] {
            let mut clock = set(part, [0x58, 0x59, 0x23, 4, 0x28, 0x02, 0x24]);
            clock.wait(Span::from_ms(2000));
            assert_eq!(time(&mut clock), [0x00, 0, 0, 5, 0x29, 0x02, 0x24], "{part}");
            let mut clock = set(part, [0x58, 0x59, 0x71, 4, 0x28, 0x02, 0x23]);
            clock.wait(Span::from_ms(2000));
            assert_eq!(time(&mut clock), [0x00, 0, 0x52, 5, 0x01, 0x03, 0x23], "{part}: 12 hours");
        }
    }

    #[test]
    fn a_burst_reads_one_time() {
        let mut clock = set("ds3231", [0x59, 0x59, 0x23, 1, 0x31, 0x12, 0x99]);
        clock.start();
        clock.call(0x68, Direction::Write);
        clock.send(0);
        clock.start();
        clock.call(0x68, Direction::Read);
        let first = clock.receive(Ack::Ack);
        clock.wait(Span::from_ms(1500));
        let rest: Vec<u8> = (0..6).map(|_| clock.receive(Ack::Ack)).collect();
        assert_eq!((first, &rest[..]), (0x59, &[0x59, 0x23, 1, 0x31, 0x12, 0x99][..]));
        // A DS3231 copies the time anew when the pointer wraps.
        let more: Vec<u8> = (0..13).map(|_| clock.receive(Ack::Ack)).collect();
        assert_eq!(more[12], 0x00);
        assert_eq!((0..6).map(|_| clock.receive(Ack::Ack)).collect::<Vec<u8>>(), [0, 0, 2, 1, 0x81, 0]);
    }

    #[test]
    fn pointers_wrap_behind_the_last_register() {
        let mut clock = set("ds1307", [0x11, 0x22, 0x03, 1, 1, 1, 0]);
        clock.write(&[0x3e, 0xaa, 0xbb]);
        assert_eq!(clock.write_read(&[0x3e], 4), [0xaa, 0xbb, 0x11, 0x22]);
        let mut clock = set("ds3231", [0x11, 0x22, 0x03, 1, 1, 1, 0]);
        assert_eq!(clock.write_read(&[0x12], 3)[1..], [0x11, 0x22]);
        clock.write(&[0x10, 0x05]);
        assert_eq!(clock.write_read(&[0x10], 1), [0x05]);
    }

    #[test]
    fn nonsense_is_remarked() {
        for (register, byte) in
            [(0, 0x60), (1, 0x5a), (2, 0x24), (2, 0x53), (3, 0), (4, 0x32), (5, 0x13), (6, 0xa0)]
        {
            let mut clock = Player::new("ds3231");
            clock.write(&[register, byte]);
            assert_eq!(clock.codes(), ["i2c-rtc::illogical"], "{register} {byte:02x}");
            clock.wait(Span::from_ms(3000));
        }
        let mut clock = Player::new("ds3231");
        clock.write(&[0x11, 0]);
        assert_eq!(clock.codes(), ["i2c-rtc::read-only"]);
    }

    #[test]
    fn flags_are_cleared_by_zeros_only() {
        let mut clock = Player::new("ds3231");
        assert_eq!(clock.write_read(&[0x0e], 2), [0x1c, 0x88]);
        clock.write(&[0x0f, 0x88]);
        assert_eq!(clock.write_read(&[0x0f], 1), [0x88]);
        clock.write(&[0x0f, 0x00]);
        assert_eq!(clock.write_read(&[0x0f], 1), [0x00]);
        clock.write(&[0x0f, 0x83]);
        assert_eq!(clock.write_read(&[0x0f], 1), [0x00], "ones set nothing");
    }

    /// The masks of table 2: each second, at these seconds, minutes, hours, and on the date or day.
    #[test]
    fn alarm_1_goes_off_when_what_is_not_masked_matches() {
        for (alarm, after) in [
            ([0x80, 0x80, 0x80, 0x80], 1),
            ([0x07, 0x80, 0x80, 0x80], 7),
            ([0x07, 0x01, 0x80, 0x80], 67),
            ([0x07, 0x00, 0x01, 0x80], 3607),
            ([0x07, 0x00, 0x00, 0x15], 7),
            ([0x07, 0x00, 0x00, 0x44], 7),
            ([0x07, 0x00, 0x00, 0x16], u64::MAX),
            ([0x07, 0x00, 0x00, 0x45], u64::MAX),
        ] {
            let mut clock = set("ds3231", [0, 0, 0, 4, 0x15, 6, 0x24]);
            clock.write(&[&[0x07], &alarm[..], &[0, 0, 1]].concat());
            clock.write(&[0x0e, 0x05, 0x00]);
            assert_eq!(clock.level("int"), High);
            clock.wait(Span::from_ms(1000 * after.min(4000) - 100));
            assert_eq!(clock.level("int"), High, "{alarm:02x?}");
            clock.wait(Span::from_ms(200));
            let wanted = if after == u64::MAX { High } else { Low };
            assert_eq!(clock.level("int"), wanted, "{alarm:02x?}");
            if after != u64::MAX {
                assert_eq!(clock.write_read(&[0x0f], 1)[0] & 1, 1);
                clock.write(&[0x0f, 0]);
                assert_eq!(clock.level("int"), High);
            }
        }
    }

    #[test]
    fn alarm_2_goes_off_at_whole_minutes() {
        let mut clock = set("ds3231", [0x55, 0x59, 0x08, 4, 0x15, 6, 0x24]);
        clock.write(&[0x0b, 0x00, 0x09, 0x80]);
        clock.write(&[0x0e, 0x06, 0x00]);
        clock.wait(Span::from_ms(4900));
        assert_eq!(clock.level("int"), High);
        clock.wait(Span::from_ms(200));
        assert_eq!(clock.level("int"), Low);
        assert_eq!(clock.write_read(&[0x0f], 1)[0] & 3, 2);
        assert_eq!(clock.device.alarm(), None);
    }

    #[test]
    fn an_alarm_that_is_not_enabled_sets_its_flag_only() {
        let mut clock = set("ds3231", [0, 0, 0, 4, 0x15, 6, 0x24]);
        clock.write(&[0x07, 0x80, 0x80, 0x80, 0x80]);
        clock.write(&[0x0e, 0x04, 0x00]);
        clock.wait(Span::from_ms(1500));
        assert_eq!(clock.level("int"), High);
        assert_eq!(clock.write_read(&[0x0f], 1)[0] & 1, 1);
    }

    #[test]
    fn a_square_wave_rises_half_a_second_after_the_seconds_were_written() {
        for (part, control) in [("ds1307", [0x07, 0x10]), ("ds3231", [0x0e, 0x00])] {
            let mut clock = set(part, [0, 0, 0, 1, 1, 1, 0]);
            clock.write(&[0, 0]);
            clock.write(&control);
            let pin = clock.device.pins()[0];
            assert_eq!(clock.level(pin), Low, "{part}");
            clock.wait(Span::from_ms(490));
            assert_eq!(clock.level(pin), Low, "{part}");
            clock.wait(Span::from_ms(10));
            assert_eq!(clock.level(pin), High, "{part}");
            clock.wait(Span::from_ms(500));
            assert_eq!(clock.level(pin), Low, "{part}");
        }
    }

    #[test]
    fn a_square_wave_has_the_frequency_that_was_asked_for() {
        for (part, register, control, hertz) in [
            ("ds1307", 0x07, 0x11, 4096),
            ("ds1307", 0x07, 0x12, 8192),
            ("ds1307", 0x07, 0x13, 32768),
            ("ds3231", 0x0e, 0x08, 1024),
            ("ds3231", 0x0e, 0x10, 4096),
            ("ds3231", 0x0e, 0x18, 8192),
        ] {
            let mut clock = set(part, [0, 0, 0, 1, 1, 1, 0]);
            clock.write(&[register, control]);
            let (mut edges, end) = (0, clock.now + SECOND);
            while clock.device.alarm().is_some_and(|alarm| alarm <= end) {
                let alarm = clock.device.alarm().unwrap();
                clock.device.ring(alarm);
                edges += 1;
            }
            assert_eq!(edges, 2 * hertz, "{part}");
        }
    }

    #[test]
    fn a_ds1307s_output_is_a_level_without_square_wave() {
        let mut clock = Player::new("ds1307");
        assert_eq!(clock.level("sqw"), Low);
        clock.write(&[0x07, 0x80]);
        assert_eq!(clock.level("sqw"), High);
        assert_eq!(clock.device.alarm(), None);
    }

    #[test]
    fn temperature_is_converted_on_demand() {
        let ambient = Ambient { milli_celsius: Some(-1_250), ..Ambient::default() };
        let mut clock = Player::with("ds3231", &DeviceOptions { ambient, ..DeviceOptions::default() });
        assert_eq!(clock.write_read(&[0x11], 2), [0xfe, 0xc0], "-1.25 degrees");
        clock.write(&[0x0e, 0x3c]);
        let begun = clock.now;
        assert_eq!(clock.write_read(&[0x0e], 2).iter().map(|b| b & 0x24).collect::<Vec<u8>>(), [0x24, 0x04]);
        clock.wait(begun + Span::from_ms(200) - clock.now);
        assert_eq!(clock.write_read(&[0x0e], 2).iter().map(|b| b & 0x24).collect::<Vec<u8>>(), [0x04, 0x00]);
    }
}
