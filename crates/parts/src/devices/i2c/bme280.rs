//! BME280: temperature, pressure and humidity. (Bosch BST-BME280-DS002; `bme280.c` of Bosch's sensor API.)
//!
//! ```text
//! write  START | address W | register | data | register | data ...         pairs: the register does not move on
//! read   START | address W | register | START | address R | data ...       the register moves on
//! 88-A1, E1-E7 calibration    D0 id    E0 reset    F2 ctrl_hum    F3 status    F4 ctrl_meas    F5 config
//! F7-F9 pressure    FA-FC temperature    FD-FE humidity
//! ```
//! * What the sensor measures is the ambient of the part file or of the run, which does not change. Its raw values are the
//!   inverse of the data sheet's compensation: a driver that compensates them with the calibration gets the ambient back, to
//!   the resolution of the raw values.
//! * A measurement takes its time, by oversampling; in forced mode the sensor sleeps behind it, in normal mode it goes on
//!   after the standby time. `ctrl_hum` counts from the next write of `ctrl_meas` on.
//! * A quantity that is not measured reads 80000h (humidity: 8000h).
//! * The data are kept from START to START, so that a burst belongs to one measurement.
//!
//! Not modelled: the IIR filter, which does nothing to an ambient that does not change; SPI.

use busproof_core::bus::i2c::{Answer, Call, Device, Direction, Reply};
use busproof_core::bus::{Diagnostic, LoadError, Severity};
use busproof_core::time::{Span, Time};

use super::{Session, milli, read_celsius};
use crate::devices::Ambient;
use crate::devices::remark::{Explained, Remarks};
use crate::error::PartError;
use crate::part::{self, Pick, Section};

/// The remarks of the sensor.
pub const REMARKS: &[Explained] = &[NOT_MEASURED, BUSY_WRITE, READ_ONLY, LONE_REGISTER];

const NOT_MEASURED: Explained = Explained {
    code: "i2c-bme280::not-measured",
    severity: Severity::Note,
    summary: "data were read that no measurement has written",
    explanation: "After power-up the sensor sleeps and its data registers read 80000h and 8000h. Write ctrl_hum, then \
                  ctrl_meas with the oversampling and a mode, and wait for the measurement time or until bit 3 of status \
                  is 0.",
};
const BUSY_WRITE: Explained = Explained {
    code: "i2c-bme280::busy-write",
    severity: Severity::Warning,
    summary: "a mode was written while a measurement was under way",
    explanation: "The change is delayed until the measurement is complete; further changes of mode or ctrl_hum before that \
                  are ignored. This model applies the last one when the measurement is complete.",
};
const READ_ONLY: Explained = Explained {
    code: "i2c-bme280::read-only",
    severity: Severity::Warning,
    summary: "a write to a register that can only be read, or that is not there",
    explanation: "reset, ctrl_hum, ctrl_meas and config can be written; the byte for any other register is ignored. Written \
                  bytes come in pairs of register and data: the register does not move on by itself.",
};
const LONE_REGISTER: Explained = Explained {
    code: "i2c-bme280::lone-register",
    severity: Severity::Warning,
    summary: "a write ends with a register and no data for it",
    explanation: "Written bytes come in pairs of register and data. A single register is how a read begins; behind data it is \
                  usually a driver that expects the register to move on.",
};

/// The factory's calibration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calibration {
    /// T1, which is unsigned.
    pub t1: u16,
    /// T2 and T3.
    pub t: [i16; 2],
    /// P1, which is unsigned.
    pub p1: u16,
    /// P2 to P9.
    pub p: [i16; 8],
    /// H1.
    pub h1: u8,
    /// H2.
    pub h2: i16,
    /// H3.
    pub h3: u8,
    /// H4 and H5, of 12 bits.
    pub h45: [i16; 2],
    /// H6.
    pub h6: i8,
}

/// The raw values of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw {
    /// 20 bits.
    pub temperature: u32,
    /// 20 bits.
    pub pressure: u32,
    /// 16 bits.
    pub humidity: u32,
}

impl Calibration {
    /// The registers 88 to A1.
    fn first_block(&self) -> [u8; 26] {
        let mut block = [0; 26];
        let words = [self.t1, self.t[0] as u16, self.t[1] as u16, self.p1];
        let words = words.into_iter().chain(self.p.iter().map(|p| *p as u16));
        for (bytes, word) in block.chunks_exact_mut(2).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        block[25] = self.h1;
        block
    }

    /// The registers E1 to E7.
    fn second_block(&self) -> [u8; 7] {
        let [low, high] = self.h2.to_le_bytes();
        let [h4, h5] = self.h45;
        let shared = (h4 & 0xf) as u8 | ((h5 & 0xf) as u8) << 4;
        [low, high, self.h3, (h4 >> 4) as u8, shared, (h5 >> 4) as u8, self.h6 as u8]
    }

    /// The fine temperature that pressure and humidity need (section 4.2.3).
    fn fine(&self, raw: u32) -> i64 {
        let [t1, t2, t3] = [i64::from(self.t1), self.t[0].into(), self.t[1].into()];
        let raw = i64::from(raw);
        let first = ((raw / 8 - 2 * t1) * t2) / 2048;
        let deviation = raw / 16 - t1;
        first + (deviation * deviation / 4096) * t3 / 16384
    }

    /// Hundredths of a degree Celsius.
    pub fn temperature(&self, raw: u32) -> i64 {
        ((self.fine(raw) * 5 + 128) / 256).clamp(-4000, 8500)
    }

    /// Hundredths of a pascal.
    pub fn pressure(&self, raw: u32, fine: i64) -> i64 {
        let [p2, p3, p4, p5, p6, p7, p8, p9] = self.p.map(i64::from);
        let v1 = fine - 128_000;
        let v2 = v1 * v1 * p6 + v1 * p5 * (1 << 17) + p4 * (1 << 35);
        let v1 = v1 * v1 * p3 / 256 + v1 * p2 * (1 << 12);
        let v1 = (i128::from((1i64 << 47) + v1) * i128::from(self.p1) / (1 << 33)) as i64;
        if v1 == 0 {
            return 3_000_000;
        }
        let v4 = 1_048_576 - i64::from(raw);
        // Nonsense of a calibration exceeds 64 bits.
        let v4 = ((i128::from(v4) * (1 << 31) - i128::from(v2)) * 3125 / i128::from(v1)) as i64;
        let square = i128::from(v4 / 8192) * i128::from(v4 / 8192);
        let v1 = (i128::from(p9) * square / (1 << 25)) as i64;
        let v2 = (i128::from(p8) * i128::from(v4) / (1 << 19)) as i64;
        let v4 = v4.saturating_add(v1).saturating_add(v2) / 256 + p7 * 16;
        ((v4 / 2).saturating_mul(100) / 128).clamp(3_000_000, 11_000_000)
    }

    /// 1024ths of a percent.
    pub fn humidity(&self, raw: u32, fine: i64) -> i64 {
        let [h1, h2, h3] = [i64::from(self.h1), self.h2.into(), self.h3.into()];
        let [h4, h5, h6] = [i64::from(self.h45[0]), self.h45[1].into(), self.h6.into()];
        let v1 = fine - 76_800;
        let v5 = (i64::from(raw) * 16384 - h4 * (1 << 20) - h5 * v1 + 16384) / 32768;
        let v2 = v1 * h6 / 1024;
        let v3 = v1 * h3 / 2048;
        let v4 = v2 * (v3 + 32768) / 1024 + 2_097_152;
        let v2 = (v4 * h2 + 8192) / 16384;
        let v3 = v5 * v2;
        // Nonsense of a calibration exceeds 64 bits.
        let v4 = (v3 / 32768).saturating_mul(v3 / 32768) / 128;
        let v5 = v3.saturating_sub(v4.saturating_mul(h1) / 16).clamp(0, 419_430_400);
        (v5 / 4096).min(102_400)
    }

    /// The raw values from which a driver computes these conditions: hundredths of a degree, of a pascal, and 1024ths of a
    /// percent.
    pub fn inverse(&self, temperature: i64, pressure: i64, humidity: i64) -> Raw {
        let raw = nearest(1 << 20, temperature, |raw| self.temperature(raw));
        let fine = self.fine(raw);
        // Pressure falls as its raw value rises.
        let pressure = nearest(1 << 20, -pressure, |raw| -self.pressure(raw, fine));
        Raw {
            temperature: raw,
            pressure,
            humidity: nearest(1 << 16, humidity, |raw| self.humidity(raw, fine)),
        }
    }
}

/// The number below `count` whose value comes nearest to `wanted`, of a function that does not fall.
fn nearest(count: u32, wanted: i64, value: impl Fn(u32) -> i64) -> u32 {
    let (mut low, mut high) = (0, count - 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if value(middle) < wanted {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let below = low.saturating_sub(1);
    if (wanted - value(below)).abs() < (value(low) - wanted).abs() { below } else { low }
}

/// What the sensor needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its calibration.
    pub calibration: Calibration,
    /// Thousandths of a degree Celsius, of a pascal and of a percent around it.
    pub ambient: [i64; 3],
}

impl Spec {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Result<Spec, PartError> {
        let mut word =
            |key, least: i64, greatest: i64| section.required(key, |v| v.integer(least..=greatest));
        let short = |word: i64| word as i16;
        let (least, greatest) = (i16::MIN.into(), i16::MAX.into());
        let calibration = Calibration {
            t1: word("T1", 0, 0xffff)? as u16,
            t: [short(word("T2", least, greatest)?), short(word("T3", least, greatest)?)],
            p1: word("P1", 0, 0xffff)? as u16,
            p: {
                let mut p = [0; 8];
                for (p, key) in p.iter_mut().zip(["P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9"]) {
                    *p = short(word(key, least, greatest)?);
                }
                p
            },
            h1: word("H1", 0, 0xff)? as u8,
            h2: short(word("H2", least, greatest)?),
            h3: word("H3", 0, 0xff)? as u8,
            h45: [short(word("H4", -2048, 2047)?), short(word("H5", -2048, 2047)?)],
            h6: word("H6", -128, 127)? as i8,
        };
        let ambient = [
            section.required("temperature", read_celsius)?.into(),
            section.required("pressure", |v| milli(v, "Pa", "a pressure", "101325 Pa"))?,
            section.required("humidity", |v| milli(v, "%", "a humidity", "45 %"))?,
        ];
        Ok(Spec { calibration, ambient })
    }
}

/// The times of a measurement (section 9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Start-up, also after a reset.
    pub start_up: Span,
    /// Every measurement.
    pub base: Span,
    /// Each sample of each quantity.
    pub sample: Span,
    /// Pressure and humidity in addition, if they are measured.
    pub switch: Span,
}

impl Times {
    /// The times of a part file.
    pub(super) fn of(times: &part::Times, pick: Pick) -> Times {
        let time = |name| times.get(name, pick);
        Times {
            start_up: time("tSTARTUP"),
            base: time("tBASE"),
            sample: time("tSAMPLE"),
            switch: time("tSWITCH"),
        }
    }

    /// How long a measurement takes, of so many samples of temperature, pressure and humidity.
    fn measurement(&self, samples: [u8; 3]) -> Span {
        let all: u64 = samples.iter().map(|n| u64::from(*n)).sum();
        let switches = samples[1..].iter().filter(|n| **n > 0).count() as u64;
        let parts = self.base.as_fs() + self.sample.as_fs() * all + self.switch.as_fs() * switches;
        Span::from_fs(parts)
    }
}

const FIRST_CALIBRATION: u8 = 0x88;
const ID: u8 = 0xd0;
const RESET: u8 = 0xe0;
const SECOND_CALIBRATION: u8 = 0xe1;
const CTRL_HUM: u8 = 0xf2;
const STATUS: u8 = 0xf3;
const CTRL_MEAS: u8 = 0xf4;
const CONFIG: u8 = 0xf5;
const DATA: u8 = 0xf7;
/// Chip identification.
const CHIP: u8 = 0x60;
/// What written to `RESET` resets.
const RESET_WORD: u8 = 0xb6;
/// Bits of the status.
const MEASURING: u8 = 1 << 3;
const UPDATING: u8 = 1 << 0;
/// What data registers hold that were not measured (pressure, temperature, humidity).
const SKIPPED: [u8; 8] = [0x80, 0, 0, 0x80, 0, 0, 0x80, 0];

/// The sensor.
#[derive(Clone, Debug)]
pub struct Bme280 {
    calibration: Calibration,
    raw: Raw,
    times: Times,
    session: Session,
    pointer: u8,
    /// A register was written and its data are to come.
    has_register: bool,
    /// How many bytes were written in this transfer.
    written: u32,
    ctrl_hum: u8,
    ctrl_meas: u8,
    config: u8,
    /// The oversampling of humidity that counts.
    humidity_samples: u8,
    /// The data registers, and what is read of them.
    data: [u8; 8],
    shadow: [u8; 8],
    has_measured: bool,
    /// It was said that nothing is measured yet.
    has_said: bool,
    ready: Time,
    /// The end of the measurement that is under way, or of the standby time before the next.
    phase: Phase,
    /// The registers for the end of the measurement that is under way.
    delayed: Option<u8>,
    started: Time,
    remarks: Remarks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Sleep,
    Measure(Time),
    Standby(Time),
}

impl Bme280 {
    pub(super) fn new(spec: &Spec, session: Session, times: Times, ambient: Ambient) -> Bme280 {
        let temperature = ambient.milli_celsius.map_or(spec.ambient[0], i64::from);
        let pressure = ambient.pascal.map_or(spec.ambient[1], |pascal| i64::from(pascal) * 1000);
        let humidity = ambient.milli_percent.map_or(spec.ambient[2], i64::from);
        let raw = spec.calibration.inverse(temperature / 10, pressure / 10, humidity * 1024 / 1000);
        Bme280 {
            calibration: spec.calibration,
            raw,
            times,
            session,
            pointer: 0,
            has_register: false,
            written: 0,
            ctrl_hum: 0,
            ctrl_meas: 0,
            config: 0,
            humidity_samples: 0,
            data: SKIPPED,
            shadow: SKIPPED,
            has_measured: false,
            has_said: false,
            ready: Time::ZERO + times.start_up,
            phase: Phase::Sleep,
            delayed: None,
            started: Time::ZERO,
            remarks: Remarks::default(),
        }
    }

    fn reset(&mut self, now: Time) {
        (self.ctrl_hum, self.ctrl_meas, self.config, self.humidity_samples) = (0, 0, 0, 0);
        (self.data, self.shadow, self.has_measured) = (SKIPPED, SKIPPED, false);
        (self.phase, self.delayed) = (Phase::Sleep, None);
        self.ready = now + self.times.start_up;
    }

    /// Samples of temperature, pressure and humidity.
    fn samples(&self) -> [u8; 3] {
        [oversampling(self.ctrl_meas >> 5), oversampling(self.ctrl_meas >> 2), self.humidity_samples]
    }

    fn standby(&self) -> Span {
        // Section 5.4.6, table 27.
        let micros = [500, 62_500, 125_000, 250_000, 500_000, 1_000_000, 10_000, 20_000];
        Span::from_us(micros[usize::from(self.config >> 5)])
    }

    /// Lets time pass until `now`.
    fn settle(&mut self, now: Time) {
        loop {
            match self.phase {
                Phase::Measure(end) if end <= now => self.complete(end),
                Phase::Standby(end) if end <= now => self.skip(end, now),
                _ => return,
            }
        }
    }

    /// Goes on to the last measurement that begins until `now`: those before it find the same.
    fn skip(&mut self, end: Time, now: Time) {
        let measurement = self.times.measurement(self.samples());
        let cycle = (measurement + self.standby()).as_fs().max(1);
        let whole = now.since(end).as_fs() / cycle;
        self.phase = Phase::Measure(end + Span::from_fs(whole * cycle) + measurement);
        if whole > 0 {
            self.measure();
        }
    }

    fn complete(&mut self, end: Time) {
        self.measure();
        if let Some(ctrl_meas) = self.delayed.take() {
            return self.control(end, ctrl_meas);
        }
        if self.mode() == 3 {
            self.phase = Phase::Standby(end + self.standby());
        } else {
            self.ctrl_meas &= !3;
            self.phase = Phase::Sleep;
        }
    }

    /// Fills the data registers.
    fn measure(&mut self) {
        self.has_measured = true;
        let [temperature, pressure, humidity] = self.samples();
        let twenty = |raw: u32| [(raw >> 12) as u8, (raw >> 4) as u8, (raw << 4) as u8];
        self.data = SKIPPED;
        if pressure > 0 {
            self.data[..3].copy_from_slice(&twenty(self.raw.pressure));
        }
        if temperature > 0 {
            self.data[3..6].copy_from_slice(&twenty(self.raw.temperature));
        }
        if humidity > 0 {
            self.data[6..].copy_from_slice(&(self.raw.humidity as u16).to_be_bytes());
        }
    }

    fn mode(&self) -> u8 {
        self.ctrl_meas & 3
    }

    /// `ctrl_meas` takes effect, and with it `ctrl_hum`.
    fn control(&mut self, now: Time, ctrl_meas: u8) {
        self.ctrl_meas = ctrl_meas;
        self.humidity_samples = oversampling(self.ctrl_hum);
        self.phase = match self.mode() {
            0 => Phase::Sleep,
            _ => Phase::Measure(now.max(self.ready) + self.times.measurement(self.samples())),
        };
    }

    fn store(&mut self, now: Time, byte: u8) {
        match self.pointer {
            RESET if byte == RESET_WORD => self.reset(now),
            RESET => {}
            CTRL_HUM => self.ctrl_hum = byte & 7,
            CONFIG => self.config = byte & 0xfd,
            CTRL_MEAS if matches!(self.phase, Phase::Measure(_)) => {
                let text = format!("ctrl_meas {byte:02x} counts when the measurement is complete");
                self.remarks.push(&BUSY_WRITE, self.started, now, text);
                self.delayed = Some(byte);
            }
            CTRL_MEAS => self.control(now, byte),
            register => {
                let text = format!("register {register:02x} cannot be written");
                self.remarks.push(&READ_ONLY, self.started, now, text);
            }
        }
    }

    fn register(&self, register: u8, now: Time) -> u8 {
        let within = |first: u8, block: &[u8]| block.get(usize::from(register.wrapping_sub(first))).copied();
        match register {
            ID => CHIP,
            CTRL_HUM => self.ctrl_hum,
            STATUS => {
                let measuring = matches!(self.phase, Phase::Measure(_));
                (if measuring { MEASURING } else { 0 }) | if now < self.ready { UPDATING } else { 0 }
            }
            CTRL_MEAS => self.ctrl_meas,
            CONFIG => self.config,
            DATA..=0xfe => self.shadow[usize::from(register - DATA)],
            SECOND_CALIBRATION..=0xe7 => {
                within(SECOND_CALIBRATION, &self.calibration.second_block()).unwrap_or(0)
            }
            _ => within(FIRST_CALIBRATION, &self.calibration.first_block()).unwrap_or(0),
        }
    }
}

/// The name of a register (section 5.3).
pub(crate) fn register_name(register: u8) -> Option<String> {
    const DATA_NAMES: [&str; 8] = [
        "PRESSURE",
        "PRESSURE-LSB",
        "PRESSURE-XLSB",
        "TEMPERATURE",
        "TEMPERATURE-LSB",
        "TEMPERATURE-XLSB",
        "HUMIDITY",
        "HUMIDITY-LSB",
    ];
    let name = match register {
        FIRST_CALIBRATION..=0xa1 => return Some(format!("CALIB{:02}", register - FIRST_CALIBRATION)),
        SECOND_CALIBRATION..=0xf0 => return Some(format!("CALIB{:02}", register - SECOND_CALIBRATION + 26)),
        ID => "ID",
        RESET => "RESET",
        CTRL_HUM => "CTRL_HUM",
        STATUS => "STATUS",
        CTRL_MEAS => "CTRL_MEAS",
        CONFIG => "CONFIG",
        DATA..=0xfe => DATA_NAMES[usize::from(register - DATA)],
        _ => return None,
    };
    Some(name.to_owned())
}

/// How many samples three bits stand for: none, 1, 2, 4, 8, and 16 from 5 up.
const fn oversampling(bits: u8) -> u8 {
    match bits & 7 {
        0 => 0,
        bits if bits < 5 => 1 << (bits - 1),
        _ => 16,
    }
}

impl Device for Bme280 {
    fn start(&mut self, now: Time) {
        self.settle(now);
        self.shadow = self.data;
        self.started = now;
    }

    fn call(&mut self, now: Time, call: Call) -> Option<Answer> {
        self.settle(now);
        let answer = self.session.answer(call);
        if answer.is_some() && call.direction == Direction::Write {
            (self.has_register, self.written) = (false, 0);
        }
        answer
    }

    fn write(&mut self, now: Time, byte: u8) -> Answer {
        self.settle(now);
        self.written += 1;
        if self.has_register {
            self.store(now, byte);
        } else {
            self.pointer = byte;
        }
        self.has_register = !self.has_register;
        Answer::ACK
    }

    fn read(&mut self, now: Time) -> Reply {
        self.settle(now);
        if (DATA..0xff).contains(&self.pointer) && !self.has_measured && !self.has_said {
            let text = "no measurement is complete: the data read 80000h and 8000h".into();
            self.remarks.push(&NOT_MEASURED, self.started, now, text);
            self.has_said = true;
        }
        let byte = self.register(self.pointer, now);
        self.pointer = self.pointer.wrapping_add(1);
        Reply { byte, hold: Span::ZERO }
    }

    fn stop(&mut self, now: Time) {
        self.settle(now);
        if self.has_register && self.written > 1 {
            let text = format!("register {:02x} comes without data", self.pointer);
            self.remarks.push(&LONE_REGISTER, self.started, now, text);
        }
        (self.has_register, self.written) = (false, 0);
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }

    /// Addresses are those of the registers, 0 to 255.
    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        let end = address.checked_add(length as u64).filter(|end| *end <= 0x100);
        let end = end.ok_or(LoadError::OutOfRange { address, length, size: 0x100 })?;
        Ok((address..end).map(|register| self.register(register as u8, self.started)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use super::*;
    use crate::{DeviceOptions, catalog};
    use proptest::prelude::*;

    fn calibration() -> Calibration {
        let Some(crate::Spec::I2c(spec)) = catalog::find("bme280").unwrap().spec().cloned() else {
            panic!("a device on I2C")
        };
        let super::super::Logic::Bme280(spec) = spec.logic else { panic!("a BME280") };
        spec.calibration
    }

    /// The calibration as a driver reads it from the registers, field by field.
    fn read_calibration(sensor: &mut Player) -> Calibration {
        let first = sensor.write_read(&[0x88], 26);
        let second = sensor.write_read(&[0xe1], 7);
        let word = |i: usize| u16::from_le_bytes([first[i], first[i + 1]]);
        let signed = |i: usize| word(i) as i16;
        let nibble = |high: u8, low: u8| (i16::from(high as i8) * 16) | i16::from(low);
        Calibration {
            t1: word(0),
            t: [signed(2), signed(4)],
            p1: word(6),
            p: [8, 10, 12, 14, 16, 18, 20, 22].map(signed),
            h1: first[25],
            h2: i16::from_le_bytes([second[0], second[1]]),
            h3: second[2],
            h45: [nibble(second[3], second[4] & 0xf), nibble(second[5], second[4] >> 4)],
            h6: second[6] as i8,
        }
    }

    fn at(milli_celsius: i32, pascal: u32, milli_percent: u32) -> Player {
        let ambient = Ambient {
            milli_celsius: Some(milli_celsius),
            pascal: Some(pascal),
            milli_percent: Some(milli_percent),
        };
        let mut sensor = Player::with("bme280", &DeviceOptions { ambient, ..DeviceOptions::default() });
        sensor.wait(Span::from_ms(2));
        sensor
    }

    /// What a driver computes: hundredths of a degree, of a pascal, 1024ths of a percent.
    fn compensated(sensor: &mut Player) -> (i64, i64, i64) {
        let chip = read_calibration(sensor);
        let data = sensor.write_read(&[0xf7], 8);
        let twenty =
            |i: usize| u32::from(data[i]) << 12 | u32::from(data[i + 1]) << 4 | u32::from(data[i + 2]) >> 4;
        let fine = chip.fine(twenty(3));
        let humidity = u32::from(data[6]) << 8 | u32::from(data[7]);
        (chip.temperature(twenty(3)), chip.pressure(twenty(0), fine), chip.humidity(humidity, fine))
    }

    #[test]
    fn a_driver_computes_what_is_around_the_sensor() {
        let mut sensor = at(21_370, 98_765, 61_500);
        sensor.write(&[0xf2, 0x01, 0xf4, 0x25]);
        sensor.wait(Span::from_ms(10));
        let (temperature, pressure, humidity) = compensated(&mut sensor);
        assert!((temperature - 2137).abs() <= 1, "{temperature}");
        assert!((pressure - 9_876_500).abs() <= 20, "{pressure}");
        assert!((humidity - 61_500 * 1024 / 1000).abs() <= 12, "{humidity}");
        assert!(sensor.codes().is_empty());
    }

    /// The example of the BMP280's data sheet, whose formulas are the same; its values are widely quoted.
    #[test]
    fn compensation_gives_the_published_example() {
        let example = Calibration {
            t1: 27504,
            t: [26435, -1000],
            p1: 36477,
            p: [-10685, 3024, 2855, 140, -7, 15500, -14600, 6000],
            ..calibration()
        };
        let fine = example.fine(519_888);
        // The data sheet shifts where the sensor's API divides: they round negative numbers differently.
        assert!((128_422..=128_423).contains(&fine), "{fine}");
        assert_eq!(example.temperature(519_888), 2508);
        let pressure = example.pressure(415_148, fine);
        assert!((pressure - 10_065_327).abs() <= 10, "{pressure}");
    }

    #[test]
    fn the_registers_hold_the_calibration() {
        assert_eq!(read_calibration(&mut Player::new("bme280")), calibration());
        assert_eq!(Player::new("bme280").write_read(&[0xd0], 1), [0x60]);
    }

    /// Section 9.1, x1 each: 1.25 + 2.3 + (2.3 + 0.575) + (2.3 + 0.575) ms at most.
    #[test]
    fn a_forced_measurement_takes_its_time_and_then_sleeps() {
        for (oversampling, micros) in
            [([0x01, 0x25], 9_300u64), ([0x00, 0x21], 3_550), ([0x05, 0xb5], 112_800)]
        {
            let mut sensor = at(25_000, 100_000, 50_000);
            sensor.write(&[0xf2, oversampling[0], 0xf4, oversampling[1]]);
            // The byte was written two bytes ago: its acknowledge and the STOP.
            let begun = sensor.now.saturating_sub(Span::from_ns(22_500));
            assert_eq!(sensor.write_read(&[0xf3], 1), [0x08], "{micros} us");
            sensor.wait((begun + Span::from_us(micros - 200)) - sensor.now);
            assert_eq!(sensor.read_status(), 0x08, "{micros} us");
            sensor.wait(Span::from_us(200));
            assert_eq!(sensor.read_status(), 0x00, "{micros} us");
            assert_eq!(sensor.write_read(&[0xf4], 1)[0] & 3, 0, "asleep");
        }
    }

    #[test]
    fn what_is_not_measured_reads_its_reset_value() {
        let mut sensor = at(25_000, 100_000, 50_000);
        assert_eq!(sensor.write_read(&[0xf7], 8), SKIPPED);
        assert_eq!(sensor.codes(), ["i2c-bme280::not-measured"]);
        sensor.write(&[0xf4, 0x21]);
        sensor.wait(Span::from_ms(10));
        let data = sensor.write_read(&[0xf7], 8);
        assert_eq!((&data[..3], &data[6..]), (&[0x80, 0, 0][..], &[0x80, 0][..]));
        assert_ne!(data[3..6], [0x80, 0, 0]);
    }

    #[test]
    fn humidity_counts_from_the_next_ctrl_meas() {
        let mut sensor = at(25_000, 100_000, 50_000);
        sensor.write(&[0xf4, 0x25, 0xf2, 0x01]);
        sensor.wait(Span::from_ms(20));
        assert_eq!(sensor.write_read(&[0xfd], 2), [0x80, 0x00]);
        sensor.write(&[0xf4, 0x25]);
        sensor.wait(Span::from_ms(20));
        assert_ne!(sensor.write_read(&[0xfd], 2), [0x80, 0x00]);
    }

    #[test]
    fn normal_mode_measures_again_after_the_standby_time() {
        let mut sensor = at(25_000, 100_000, 50_000);
        // Standby 62.5 ms, temperature x1: 3.55 ms each.
        sensor.write(&[0xf5, 0x20, 0xf4, 0x23]);
        let begun = sensor.now.saturating_sub(Span::from_ns(22_500));
        for (after, measures) in [
            (3_300u64, true),
            (3_700, false),
            (65_900, false),
            (66_300, true),
            (69_300, true),
            (69_800, false),
            (663_300, true),
        ] {
            let mut later = at(25_000, 100_000, 50_000);
            later.write(&[0xf5, 0x20, 0xf4, 0x23]);
            later.wait((begun + Span::from_us(after)) - later.now);
            assert_eq!(later.read_status() == 0x08, measures, "{after} us");
        }
        assert_eq!(sensor.write_read(&[0xf4], 1), [0x23]);
    }

    #[test]
    fn a_change_of_mode_waits_for_the_measurement() {
        let mut sensor = at(25_000, 100_000, 50_000);
        sensor.write(&[0xf4, 0x23]);
        sensor.write(&[0xf4, 0x20]);
        assert_eq!(sensor.codes(), ["i2c-bme280::busy-write"]);
        assert_eq!(sensor.write_read(&[0xf4], 1), [0x23]);
        sensor.wait(Span::from_ms(4));
        assert_eq!(sensor.write_read(&[0xf4], 1), [0x20]);
    }

    #[test]
    fn a_reset_forgets_and_takes_its_time() {
        let mut sensor = at(25_000, 100_000, 50_000);
        sensor.write(&[0xf2, 0x05, 0xf4, 0x25]);
        sensor.write(&[0xe0, 0xb6]);
        assert_eq!(sensor.write_read(&[0xf2], 3), [0, 1, 0], "the calibration is being copied");
        sensor.wait(Span::from_ms(2));
        assert_eq!(sensor.read_status(), 0);
        sensor.write(&[0xe0, 0x00]);
        assert!(sensor.codes().is_empty());
    }

    #[test]
    fn writes_are_pairs() {
        let mut sensor = at(25_000, 100_000, 50_000);
        sensor.write(&[0xf2, 0x01, 0xf5]);
        assert_eq!(sensor.codes(), ["i2c-bme280::lone-register"]);
        sensor.write(&[0xf7, 0x01]);
        assert_eq!(sensor.codes(), ["i2c-bme280::read-only"]);
        sensor.write(&[0xf5]);
        assert!(sensor.codes().is_empty(), "a read begins like this");
    }

    proptest! {
        /// The ambient comes back within the resolution of the raw values.
        #[test]
        fn compensation_is_inverted(milli in -40_000..85_000i32, pascal in 30_000..110_000u32, percent in 0..100_000u32) {
            let mut sensor = at(milli, pascal, percent);
            sensor.write(&[0xf2, 0x01, 0xf4, 0x25]);
            sensor.wait(Span::from_ms(10));
            let (temperature, pressure, humidity) = compensated(&mut sensor);
            prop_assert!((temperature - i64::from(milli / 10)).abs() <= 1);
            prop_assert!((pressure - i64::from(pascal) * 100).abs() <= 40, "{} {}", pressure, pascal);
            prop_assert!((humidity - i64::from(percent) * 1024 / 1000).abs() <= 16, "{} {}", humidity, percent);
        }

        #[test]
        fn no_calibration_panics(bytes in proptest::array::uniform32(any::<u8>()), raw in 0..1u32 << 20) {
            let word = |i: usize| i16::from_le_bytes([bytes[i], bytes[i + 1]]);
            let any = Calibration {
                t1: word(0) as u16,
                t: [word(2), word(4)],
                p1: word(6) as u16,
                p: [8, 10, 12, 14, 16, 18, 20, 22].map(word),
                h1: bytes[24],
                h2: word(25),
                h3: bytes[27],
                h45: [word(28) >> 4, word(29) >> 4],
                h6: bytes[31] as i8,
            };
            let fine = any.fine(raw);
            let _ = (any.temperature(raw), any.pressure(raw, fine), any.humidity(raw >> 4, fine));
            let _ = any.inverse(2500, 10_000_000, 51_200);
        }
    }

    impl Player {
        fn read_status(&mut self) -> u8 {
            self.write_read(&[0xf3], 1)[0]
        }
    }
}
