//! Temperature sensors with a thermostat: LM75 and TMP102. (National LM75, DS012658; TI TMP102, SBOS397.)
//!
//! ```text
//! pointer 0  temperature      16 bits, upper byte first, in whole degrees, then fractions; read only
//! pointer 1  configuration    LM75: one byte; TMP102: two
//! pointer 2  THYST or TLOW    as the temperature
//! pointer 3  TOS or THIGH     as the temperature
//! ```
//! * The sensor converts over and over, or, shut down, once when asked (TMP102). What it converts is the ambient temperature
//!   of the part file or of the run, which does not change.
//! * Comparator mode: the output is active from TOS (THIGH) up until below THYST (TLOW). Interrupt mode: it becomes active at
//!   each crossing, and any read ends that. Both count conversions in a row, as the fault queue says.
//!
//! Not modelled: how the temperature rises inside of the package; a TMP102's time-out of 30 ms.

use busproof_core::bus::i2c::{Ack, Address, Answer, Call, Device, Direction, Reply};
use busproof_core::bus::{Diagnostic, LoadError, Severity};
use busproof_core::level::Drive;
use busproof_core::time::{Span, Time};

use super::{Session, read_celsius};
use crate::devices::remark::{Explained, Remarks};
use crate::devices::{Ambient, Model};
use crate::error::PartError;
use crate::part::Section;

/// The remarks of the temperature sensors.
pub const REMARKS: &[Explained] = &[TOO_EARLY, READ_ONLY, EXTRA_BYTE, RESERVED_POINTER];

const TOO_EARLY: Explained = Explained {
    code: "i2c-temp::too-early",
    severity: Severity::Note,
    summary: "the temperature was read before the first conversion was complete",
    explanation: "After power-up or reset the temperature register reads 0 degrees until a conversion is complete. Wait for \
                  the conversion time (tCONV) first.",
};
const READ_ONLY: Explained = Explained {
    code: "i2c-temp::read-only",
    severity: Severity::Warning,
    summary: "a write to the temperature register",
    explanation: "The temperature can only be read; the byte is ignored.",
};
const EXTRA_BYTE: Explained = Explained {
    code: "i2c-temp::extra-byte",
    severity: Severity::Warning,
    summary: "more bytes than the register has",
    explanation: "The pointer does not move on: bytes behind the last one of the register are ignored by this model.",
};
const RESERVED_POINTER: Explained = Explained {
    code: "i2c-temp::reserved-pointer",
    severity: Severity::Warning,
    summary: "a pointer byte with bits that must be 0",
    explanation: "Only the lowest two bits select a register; the others must be kept 0. This model ignores them.",
};

/// The address to which every SMBus device answers whose alert is active (SMBus specification; TMP102 section "SMBus alert").
const ALERT_RESPONSE: u8 = 0x0c;
/// The general call's second byte that resets (UM10204 section 3.1.14).
const RESET: u8 = 0x06;

/// Which sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 9 bits, one byte of configuration, always converting unless shut down.
    Lm75,
    /// 12 or 13 bits, two bytes of configuration, conversion rates, one-shot conversions, SMBus alert, general call reset.
    Tmp102,
}

impl Kind {
    /// What stands behind a pointer.
    pub(crate) fn register_name(self, pointer: u64) -> Option<&'static str> {
        let names = match self {
            Kind::Lm75 => ["TEMPERATURE", "CONFIGURATION", "THYST", "TOS"],
            Kind::Tmp102 => ["TEMPERATURE", "CONFIGURATION", "TLOW", "THIGH"],
        };
        names.get(pointer as usize).copied()
    }
}

/// The degrees that the bytes of a register mean, if it is a whole temperature. A TMP102 marks 13 bits by bit 0.
pub(crate) fn meaning(kind: Kind, pointer: u64, bytes: &[u8]) -> Option<String> {
    let [high, low] = *bytes else { return None };
    let extended = kind == Kind::Tmp102 && low & 1 != 0;
    let config = if extended { EXTENDED } else { 0 };
    let register = u16::from_be_bytes([high, low]);
    (pointer != 1).then(|| format!("{} C", f64::from(decode(register, config)) / 16.0))
}

/// What a sensor needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Which sensor.
    pub kind: Kind,
    /// Thousandths of a degree Celsius around it.
    pub ambient: i32,
    /// THYST or TLOW after power-up, as the register holds it.
    pub low: u16,
    /// TOS or THIGH after power-up.
    pub high: u16,
    /// The configuration after power-up; a single byte is the upper one.
    pub config: u16,
}

impl Spec {
    pub(super) fn read(model: Model, section: &mut Section<'_, '_>) -> Result<Spec, PartError> {
        let mut register = |key| section.required(key, |v| v.byte_array::<2>().map(u16::from_be_bytes));
        Ok(Spec {
            kind: if model == Model::Tmp102 { Kind::Tmp102 } else { Kind::Lm75 },
            low: register("low")?,
            high: register("high")?,
            config: register("config")?,
            ambient: section.required("ambient", read_celsius)?,
        })
    }
}

// Bits of the configuration; TMP102's first byte is LM75's byte with more in it.
const SHUTDOWN: u16 = 1 << 8;
const INTERRUPT: u16 = 1 << 9;
const ACTIVE_HIGH: u16 = 1 << 10;
const ONE_SHOT: u16 = 1 << 15;
const RESOLUTION: u16 = 0b11 << 13;
const EXTENDED: u16 = 1 << 4;
const ALERT: u16 = 1 << 5;

/// A temperature sensor.
#[derive(Clone, Debug)]
pub struct Thermometer {
    spec: Spec,
    session: Session,
    conversion: Span,
    /// Thousandths of a degree Celsius.
    ambient: i32,
    pointer: u8,
    /// The byte of the register that comes next.
    index: u8,
    config: u16,
    low: u16,
    high: u16,
    /// Thousandths of a degree Celsius that the last conversion found; `None`: there was none.
    converted: Option<i32>,
    /// When the next conversion is complete; `None` while shut down.
    next: Option<Time>,
    thermostat: Thermostat,
    /// Who was called last.
    heard: Heard,
    started: Time,
    remarks: Remarks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Own,
    GeneralCall,
    AlertResponse,
}

/// The output and what leads to it.
#[derive(Clone, Copy, Debug, Default)]
struct Thermostat {
    is_active: bool,
    /// It was too hot last; what counts next is that it becomes cool.
    is_hot: bool,
    /// Conversions in a row that speak for a change.
    faults: u8,
}

impl Thermometer {
    pub(super) fn new(spec: Spec, session: Session, conversion: Span, ambient: Ambient) -> Thermometer {
        let ambient = ambient.milli_celsius.unwrap_or(spec.ambient);
        let mut sensor = Thermometer {
            spec,
            session,
            conversion,
            ambient,
            pointer: 0,
            index: 0,
            config: spec.config,
            low: spec.low,
            high: spec.high,
            converted: None,
            next: None,
            thermostat: Thermostat::default(),
            heard: Heard::Own,
            started: Time::ZERO,
            remarks: Remarks::default(),
        };
        sensor.reset(Time::ZERO);
        sensor
    }

    fn reset(&mut self, now: Time) {
        (self.config, self.low, self.high) = (self.spec.config, self.spec.low, self.spec.high);
        self.pointer = 0;
        self.converted = None;
        self.thermostat = Thermostat::default();
        self.next = Some(now + self.conversion);
    }

    fn is(&self, bits: u16) -> bool {
        self.config & bits != 0
    }

    /// From the end of a conversion to the end of the next (TMP102 section "conversion rate": 0.25, 1, 4 and 8 Hz).
    fn period(&self) -> Span {
        match (self.spec.kind, self.config >> 6 & 3) {
            (Kind::Lm75, _) => self.conversion,
            (Kind::Tmp102, 0) => Span::from_ms(4000),
            (Kind::Tmp102, 1) => Span::from_ms(1000),
            (Kind::Tmp102, 2) => Span::from_ms(250),
            (Kind::Tmp102, _) => Span::from_ms(125),
        }
    }

    /// Completes the conversions that are due.
    fn settle(&mut self, now: Time) {
        // The temperature does not change, so neither does anything after the longest fault queue.
        let mut left = 8;
        while let Some(due) = self.next.filter(|due| *due <= now) {
            self.convert();
            self.next = (!self.is(SHUTDOWN)).then(|| due + self.period());
            left -= 1;
            if left == 0 {
                self.skip_to(now);
                return;
            }
        }
    }

    /// Lets conversions pass that change nothing.
    fn skip_to(&mut self, now: Time) {
        if let Some(due) = self.next.filter(|due| *due <= now) {
            let period = self.period().as_fs().max(1);
            let periods = now.since(due).as_fs() / period + 1;
            self.next = Some(due + Span::from_fs(periods * period));
        }
    }

    fn convert(&mut self) {
        self.converted = Some(self.ambient);
        let (temperature, low, high) = (
            decode(self.temperature(), self.config),
            decode(self.low, self.config),
            decode(self.high, self.config),
        );
        let too_hot = match self.spec.kind {
            Kind::Lm75 => temperature > high,
            Kind::Tmp102 => temperature >= high,
        };
        let changes = if self.thermostat.is_hot { temperature < low } else { too_hot };
        self.thermostat.faults = if changes { self.thermostat.faults + 1 } else { 0 };
        if self.thermostat.faults >= self.fault_queue() {
            self.thermostat.faults = 0;
            self.thermostat.is_hot = !self.thermostat.is_hot;
            self.thermostat.is_active = self.thermostat.is_hot || self.is(INTERRUPT);
        }
    }

    fn fault_queue(&self) -> u8 {
        [1, 2, 4, 6][usize::from(self.config >> 11 & 3)]
    }

    /// The temperature register.
    fn temperature(&self) -> u16 {
        let Some(milli) = self.converted else { return 0 };
        let extended = self.is(EXTENDED) && self.spec.kind == Kind::Tmp102;
        // Steps of 0.5 degrees in the upper 9 bits, or of 0.0625 in the upper 12 or 13, towards the nearest.
        let (per_degree, shift, bits) = match (self.spec.kind, extended) {
            (Kind::Lm75, _) => (2, 7, 9),
            (Kind::Tmp102, false) => (16, 4, 12),
            (Kind::Tmp102, true) => (16, 3, 13),
        };
        let steps = (milli * per_degree + 500).div_euclid(1000);
        let limit = 1 << (bits - 1);
        (steps.clamp(-limit, limit - 1) << shift) as u16 | u16::from(extended)
    }

    fn register(&self) -> u16 {
        match self.pointer {
            0 => self.temperature(),
            1 => self.configuration(),
            2 => self.low,
            _ => self.high,
        }
    }

    fn configuration(&self) -> u16 {
        if self.spec.kind == Kind::Lm75 {
            return self.config;
        }
        // AL follows the comparator and the polarity: POL = 0 reads 1 while all is well.
        let alert = self.thermostat.is_hot == self.is(ACTIVE_HIGH);
        let ready = self.is(SHUTDOWN) && self.next.is_none();
        self.config & !(ALERT | ONE_SHOT) | if alert { ALERT } else { 0 } | if ready { ONE_SHOT } else { 0 }
    }

    /// How many bytes the register has.
    fn width(&self) -> u8 {
        if self.pointer == 1 && self.spec.kind == Kind::Lm75 { 1 } else { 2 }
    }

    fn take_pointer(&mut self, now: Time, byte: u8) {
        if byte > 3 {
            let text = format!("pointer byte {byte:02x}: only bits 0 and 1 count");
            self.remarks.push(&RESERVED_POINTER, self.started, now, text);
        }
        self.pointer = byte & 3;
        self.index = 0;
    }

    fn store(&mut self, now: Time, byte: u8) {
        if self.index >= self.width() {
            let text = format!("the register at pointer {} has {} byte(s)", self.pointer, self.width());
            self.remarks.push(&EXTRA_BYTE, self.started, now, text);
            return;
        }
        let shift = 8 * (1 - u16::from(self.index));
        let put = |register: u16, mask: u16| register & !(0xff << shift) | u16::from(byte) << shift & mask;
        match (self.pointer, self.spec.kind) {
            (0, _) => self.remarks.push(&READ_ONLY, self.started, now, "the temperature is read-only".into()),
            (1, kind) => {
                // LM75's upper three bits must be kept 0; TMP102's resolution reads 11 and its lower four bits 0.
                let put = put(self.config, if kind == Kind::Lm75 { 0x1f00 } else { 0x9ff0 });
                self.configure(now, put);
            }
            (2, Kind::Lm75) => self.low = put(self.low, 0xff80),
            (2, Kind::Tmp102) => self.low = put(self.low, 0xfff8),
            (_, Kind::Lm75) => self.high = put(self.high, 0xff80),
            (_, Kind::Tmp102) => self.high = put(self.high, 0xfff8),
        }
        self.index += 1;
    }

    fn configure(&mut self, now: Time, config: u16) {
        let was_shut_down = self.is(SHUTDOWN);
        let one_shot = config & ONE_SHOT != 0 && self.index == 0;
        self.config = config & !ONE_SHOT;
        if self.spec.kind == Kind::Tmp102 {
            self.config |= RESOLUTION;
        }
        match (was_shut_down, self.is(SHUTDOWN)) {
            (_, true) if one_shot && self.spec.kind == Kind::Tmp102 => {
                self.next = Some(now + self.conversion);
            }
            // A conversion that is under way is completed first (TMP102 section "shutdown mode").
            (false, true) => {
                self.next = self.next.filter(|due| *due <= now + self.conversion);
                if self.is(INTERRUPT) {
                    self.thermostat.is_active = false;
                }
            }
            (true, false) => self.next = Some(now + self.conversion),
            _ => {}
        }
    }

    /// The level of the output: open drain on an LM75 and a TMP102 alike.
    fn output_is_low(&self) -> bool {
        self.thermostat.is_active != self.is(ACTIVE_HIGH)
    }

    /// Any read ends an interrupt.
    fn end_interrupt(&mut self) {
        if self.is(INTERRUPT) {
            self.thermostat.is_active = false;
        }
    }
}

/// Sixteenths of a degree.
fn decode(register: u16, config: u16) -> i32 {
    let value = i32::from(register as i16);
    if config & EXTENDED != 0 { value >> 3 } else { value >> 4 }
}

impl Device for Thermometer {
    fn start(&mut self, now: Time) {
        self.settle(now);
        self.started = now;
    }

    fn call(&mut self, now: Time, call: Call) -> Option<Answer> {
        self.settle(now);
        self.index = 0;
        let tmp102 = self.spec.kind == Kind::Tmp102;
        let alerts = self.is(INTERRUPT) && self.thermostat.is_active;
        self.heard = match (call.address, call.direction) {
            (Address::Seven(0), Direction::Write) if tmp102 => Heard::GeneralCall,
            (Address::Seven(ALERT_RESPONSE), Direction::Read) if tmp102 && alerts => Heard::AlertResponse,
            _ => {
                self.heard = Heard::Own;
                return self.session.answer(call);
            }
        };
        Some(Answer::ACK)
    }

    fn write(&mut self, now: Time, byte: u8) -> Answer {
        self.settle(now);
        if self.heard == Heard::GeneralCall {
            if byte != RESET {
                return Answer::NACK;
            }
            self.reset(now);
        } else if self.session.takes_pointer() {
            self.take_pointer(now, byte);
        } else {
            self.store(now, byte);
        }
        Answer::ACK
    }

    fn read(&mut self, now: Time) -> Reply {
        self.settle(now);
        if self.heard == Heard::AlertResponse {
            return Reply {
                byte: self.session.seven() << 1 | u8::from(self.thermostat.is_hot),
                hold: Span::ZERO,
            };
        }
        if self.pointer == 0 && self.converted.is_none() && self.index == 0 {
            let text = "no conversion is complete yet: the temperature reads 0".into();
            self.remarks.push(&TOO_EARLY, self.started, now, text);
        }
        let byte = self.register().to_be_bytes()[usize::from(self.index % self.width())];
        self.index = (self.index + 1) % 2;
        self.end_interrupt();
        Reply { byte, hold: Span::ZERO }
    }

    fn acknowledged(&mut self, _: Time, _: Ack) {
        if self.heard == Heard::AlertResponse {
            self.end_interrupt();
        }
    }

    fn stop(&mut self, now: Time) {
        self.settle(now);
    }

    fn pins(&self) -> &'static [&'static str] {
        match self.spec.kind {
            Kind::Lm75 => &["os"],
            Kind::Tmp102 => &["alert"],
        }
    }

    fn drives(&self, _: usize) -> Drive {
        if self.output_is_low() { Drive::Strong(false) } else { Drive::Released }
    }

    /// The end of a conversion, if it may change the output.
    fn alarm(&self) -> Option<Time> {
        let mut ahead = self.clone();
        for _ in 0..8 {
            let due = ahead.next?;
            let before = ahead.output_is_low();
            ahead.settle(due);
            if ahead.output_is_low() != before {
                return Some(due);
            }
        }
        None
    }

    fn ring(&mut self, now: Time) {
        self.settle(now);
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }

    /// Addresses are 2 x pointer, upper byte first. The temperature cannot be set: it follows the ambient.
    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        let registers = [self.temperature(), self.configuration(), self.low, self.high];
        let bytes: Vec<u8> = registers.iter().flat_map(|register| register.to_be_bytes()).collect();
        let end = address.checked_add(length as u64).filter(|end| *end <= 8);
        let range = address as usize..end.ok_or(LoadError::OutOfRange { address, length, size: 8 })? as usize;
        Ok(bytes[range].to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use busproof_core::bus::i2c::{Ack, Direction};
    use busproof_core::level::Level::{High, Low};
    use busproof_core::time::Span;

    use crate::{Ambient, DeviceOptions};

    /// A sensor at a temperature, a second after power-up.
    fn at(part: &str, milli: i32) -> Player {
        let ambient = Ambient { milli_celsius: Some(milli), ..Ambient::default() };
        let mut sensor = Player::with(part, &DeviceOptions { ambient, ..DeviceOptions::default() });
        sensor.wait(Span::from_ms(1000));
        sensor
    }

    /// SBOS397 tables 5 and 6; DS012658 section 1.12.
    #[test]
    fn temperatures_are_as_the_tables_have_them() {
        for (milli, register) in [
            (127_937, 0x7ff0),
            (100_000, 0x6400),
            (25_000, 0x1900),
            (250, 0x0040),
            (0, 0),
            (-250, 0xffc0),
            (-25_000, 0xe700),
            (-55_000, 0xc900),
            (150_000, 0x7ff0),
        ] {
            let bytes = at("tmp102", milli).write_read(&[0], 2);
            assert_eq!(u16::from_be_bytes([bytes[0], bytes[1]]), register, "{milli}");
        }
        for (milli, register) in [(150_000, 0x4b01), (128_000, 0x4001), (25_000, 0x0c81), (-25_000, 0xf381)] {
            let mut sensor = at("tmp102", milli);
            sensor.write(&[1, 0x60, 0xb0]);
            let bytes = sensor.write_read(&[0], 2);
            assert_eq!(u16::from_be_bytes([bytes[0], bytes[1]]), register, "{milli} extended");
        }
        for (milli, register) in
            [(125_000, 0x7d00), (25_500, 0x1980), (500, 0x0080), (0, 0), (-500, 0xff80), (-25_000, 0xe700)]
        {
            let bytes = at("lm75", milli).read(2);
            assert_eq!(u16::from_be_bytes([bytes[0], bytes[1]]), register, "{milli}");
        }
    }

    #[test]
    fn the_first_conversion_takes_its_time() {
        for (part, time) in [("lm75", Span::from_ms(100)), ("tmp102", Span::from_ms(26))] {
            let mut sensor = Player::new(part);
            sensor.wait(Span::from_us(time.as_fs() / 1_000_000_000 - 200));
            assert_eq!(sensor.read(2), [0, 0], "{part}");
            assert_eq!(sensor.codes(), ["i2c-temp::too-early"]);
            sensor.wait(Span::from_us(200));
            assert_eq!(sensor.read(2), [25, 0], "{part}");
            assert!(sensor.codes().is_empty());
        }
    }

    #[test]
    fn registers_hold_what_was_written() {
        let mut sensor = at("lm75", 25_000);
        assert_eq!(sensor.write_read(&[1], 1), [0x00]);
        assert_eq!(sensor.write_read(&[2], 2), [0x4b, 0x00]);
        assert_eq!(sensor.write_read(&[3], 2), [0x50, 0x00]);
        sensor.write(&[3, 0x1e, 0xff]);
        assert_eq!(sensor.write_read(&[3], 2), [0x1e, 0x80], "9 bits");
        sensor.write(&[1, 0xff]);
        assert_eq!(sensor.write_read(&[1], 1), [0x1f]);
        assert!(sensor.codes().is_empty());
        sensor.write(&[0, 0x12]);
        sensor.write(&[1, 0x00, 0x00]);
        sensor.write(&[4]);
        assert_eq!(
            sensor.codes(),
            ["i2c-temp::read-only", "i2c-temp::extra-byte", "i2c-temp::reserved-pointer"]
        );
    }

    #[test]
    fn a_tmp102_resets_by_general_call() {
        let mut sensor = at("tmp102", 25_000);
        assert_eq!(sensor.write_read(&[1], 2), [0x60, 0xa0]);
        sensor.write(&[1, 0x81, 0x00]);
        sensor.start();
        assert!(sensor.call(0, Direction::Write) && sensor.send(0x06));
        sensor.stop();
        assert_eq!(sensor.write_read(&[1], 2), [0x60, 0xa0]);
        assert_eq!(sensor.write_read(&[0], 2), [0, 0], "no conversion is complete");
        let mut lm75 = at("lm75", 25_000);
        lm75.start();
        assert!(!lm75.call(0, Direction::Write));
    }

    #[test]
    fn one_shot_conversions_say_when_they_are_complete() {
        let mut sensor = at("tmp102", 25_000);
        sensor.write(&[1, 0x61, 0xa0]);
        sensor.wait(Span::from_ms(500));
        sensor.write(&[1, 0xe1]);
        assert_eq!(sensor.write_read(&[1], 1)[0] & 0x80, 0);
        sensor.wait(Span::from_ms(26));
        assert_eq!(sensor.write_read(&[1], 1)[0] & 0x80, 0x80);
    }

    #[test]
    fn a_comparator_output_follows_the_limits() {
        for (part, pin) in [("lm75", "os"), ("tmp102", "alert")] {
            assert_eq!(at(part, 79_500).level(pin), High, "{part}");
            let mut hot = at(part, 80_500);
            assert_eq!(hot.level(pin), Low, "{part}");
            hot.read(2);
            assert_eq!(hot.level(pin), Low, "{part}: reading changes nothing");
            hot.write(&[2, 0x5a, 0x00]);
            hot.write(&[3, 0x5f, 0x00]);
            hot.wait(Span::from_ms(300));
            assert_eq!(hot.level(pin), High, "{part}: below the lower limit");
        }
        assert_eq!(at("tmp102", 80_000).level("alert"), Low, "equals or exceeds THIGH");
        assert_eq!(at("lm75", 80_000).level("os"), High, "exceeds TOS");
    }

    #[test]
    fn the_fault_queue_counts_conversions() {
        for (bits, count) in [(0x00, 1), (0x08, 2), (0x10, 4), (0x18, 6)] {
            let mut sensor = at("lm75", 25_000);
            sensor.write(&[1, bits]);
            sensor.write(&[3, 0x10, 0x00]);
            // A conversion ends at each whole 100 ms.
            sensor.wait(Span::from_ms(100 * count - 2));
            assert_eq!(sensor.level("os"), High, "{count}");
            sensor.wait(Span::from_ms(2));
            assert_eq!(sensor.level("os"), Low, "{count}");
        }
    }

    #[test]
    fn an_interrupt_ends_when_anything_is_read() {
        let mut sensor = at("lm75", 90_000);
        sensor.write(&[1, 0x02]);
        assert_eq!(sensor.level("os"), Low);
        sensor.write_read(&[1], 1);
        assert_eq!(sensor.level("os"), High);
        sensor.wait(Span::from_ms(1000));
        assert_eq!(sensor.level("os"), High, "still hot: no new interrupt");
        sensor.write(&[2, 0x60, 0x00]);
        sensor.wait(Span::from_ms(200));
        assert_eq!(sensor.level("os"), Low, "now below the lower limit");
    }

    #[test]
    fn polarity_turns_the_output_round() {
        let mut sensor = at("lm75", 90_000);
        sensor.write(&[1, 0x04]);
        assert_eq!(sensor.level("os"), High);
        let mut sensor = at("tmp102", 90_000);
        assert_eq!(sensor.write_read(&[1], 2)[1] & 0x20, 0, "AL");
        sensor.write(&[1, 0x64]);
        assert_eq!(sensor.level("alert"), High);
        assert_eq!(sensor.write_read(&[1], 2)[1] & 0x20, 0x20);
    }

    #[test]
    fn an_alert_is_answered_with_the_address() {
        let mut sensor = at("tmp102", 90_000);
        sensor.start();
        assert!(!sensor.call(0x0c, Direction::Read), "no alert in comparator mode");
        sensor.write(&[1, 0x62]);
        sensor.wait(Span::from_ms(300));
        sensor.start();
        assert!(sensor.call(0x0c, Direction::Read));
        assert_eq!(sensor.receive(Ack::Nack), 0x48 << 1 | 1);
        sensor.stop();
        assert_eq!(sensor.level("alert"), High);
    }

    #[test]
    fn outputs_have_alarms_only_while_something_will_change() {
        let mut sensor = Player::new("lm75");
        assert_eq!(sensor.device.alarm(), None, "25 degrees");
        sensor.write(&[2, 0x0f, 0x00]);
        sensor.write(&[3, 0x10, 0x00]);
        assert!(sensor.device.alarm().is_some());
        sensor.wait(Span::from_ms(200));
        assert_eq!(sensor.device.alarm(), None);
    }
}
