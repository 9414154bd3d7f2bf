//! Bus switches of the TCA9548A's kind: a bus with several buses behind it. (TI SCPS207F.)
//!
//! ```text
//! write  START | address W | channels | STOP      bit n connects channel n; the last byte counts
//! read   START | address R | channels ...
//! ```
//! * Channels are connected when the STOP comes, so that all wires are high then.
//! * Each channel has a pin, `ch0` and on, that is High while it is connected: the control of a `Bench` switch for SCL and one
//!   for SDA.
//! * Pin `reset`, low, disconnects all channels.

use busproof_core::bus::i2c::{Answer, Call, Device, Direction, Reply};
use busproof_core::bus::{Diagnostic, LoadError, Severity};
use busproof_core::level::{Drive, Level};
use busproof_core::time::{Span, Time};

use super::Session;
use crate::devices::remark::{Explained, Remarks};
use crate::error::PartError;
use crate::part::Section;

/// The remarks of the switch.
pub const REMARKS: &[Explained] = &[NO_STOP, NO_CHANNEL];

const NO_STOP: Explained = Explained {
    code: "i2c-switch::no-stop",
    severity: Severity::Warning,
    summary: "channels were written and a START followed instead of a STOP",
    explanation: "Channels are connected at the STOP. Until then what follows a repeated START still goes to the channels of \
                  before.",
};
const NO_CHANNEL: Explained = Explained {
    code: "i2c-switch::no-channel",
    severity: Severity::Warning,
    summary: "a bit was set for a channel that is not there",
    explanation: "The bit is ignored and reads 0.",
};

/// What the switch needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// How many channels it has: 1 to 8.
    pub channels: u8,
}

impl Spec {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Result<Spec, PartError> {
        Ok(Spec { channels: section.required("channels", |v| v.number(1..=8))? as u8 })
    }

    const fn mask(self) -> u8 {
        u8::MAX >> (8 - self.channels)
    }
}

const PINS: &[&str] = &["reset", "ch0", "ch1", "ch2", "ch3", "ch4", "ch5", "ch6", "ch7"];
const RESET: usize = 0;

/// The switch.
#[derive(Clone, Debug)]
pub struct Switch {
    spec: Spec,
    session: Session,
    /// The control register, and the channels that are connected.
    control: u8,
    connected: u8,
    /// The control register was written since the last STOP.
    is_changed: bool,
    is_in_reset: bool,
    started: Time,
    remarks: Remarks,
}

impl Switch {
    /// A switch with all channels disconnected.
    pub(super) fn new(spec: Spec, session: Session) -> Switch {
        Switch {
            spec,
            session,
            control: 0,
            connected: 0,
            is_changed: false,
            is_in_reset: false,
            started: Time::ZERO,
            remarks: Remarks::default(),
        }
    }
}

impl Device for Switch {
    fn start(&mut self, now: Time) {
        if self.is_changed {
            let text = format!("channels {:02x} are written and not connected before a STOP", self.control);
            self.remarks.push(&NO_STOP, self.started, now, text);
            self.is_changed = false;
        }
        self.started = now;
    }

    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        let answer = if self.is_in_reset { None } else { self.session.answer(call) };
        if call.direction == Direction::Write {
            self.session.takes_pointer();
        }
        answer
    }

    fn write(&mut self, now: Time, byte: u8) -> Answer {
        let missing = byte & !self.spec.mask();
        if missing != 0 {
            let text = format!("bits {missing:02x} select channels that are not there");
            self.remarks.push(&NO_CHANNEL, self.started, now, text);
        }
        self.control = byte & self.spec.mask();
        self.is_changed = true;
        Answer::ACK
    }

    fn read(&mut self, _: Time) -> Reply {
        Reply { byte: self.control, hold: Span::ZERO }
    }

    fn stop(&mut self, _: Time) {
        self.connected = self.control;
        self.is_changed = false;
    }

    fn pins(&self) -> &'static [&'static str] {
        &PINS[..=usize::from(self.spec.channels)]
    }

    fn drives(&self, pin: usize) -> Drive {
        match pin {
            RESET => Drive::Released,
            _ => Drive::Strong(self.connected >> (pin - 1) & 1 != 0),
        }
    }

    fn sense(&mut self, _: Time, pin: usize, level: Level) {
        if pin == RESET {
            self.is_in_reset = level == Level::Low;
            if self.is_in_reset {
                (self.control, self.connected, self.is_changed) = (0, 0, false);
            }
        }
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }

    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        match (address, length) {
            (_, 0) => Ok(Vec::new()),
            (0, 1) => Ok(vec![self.control]),
            _ => Err(LoadError::OutOfRange { address, length, size: 1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use busproof_core::bus::i2c::Direction;
    use busproof_core::level::Level::{High, Low};

    #[test]
    fn channels_are_connected_at_the_stop() {
        let mut switch = Player::new("tca9548a");
        assert_eq!(switch.read(1), [0]);
        switch.start();
        assert!(switch.call(0x70, Direction::Write) && switch.send(0x81));
        assert_eq!([switch.level("ch0"), switch.level("ch7")], [Low, Low]);
        switch.stop();
        assert_eq!([switch.level("ch0"), switch.level("ch1"), switch.level("ch7")], [High, Low, High]);
        assert_eq!(switch.read(2), [0x81, 0x81]);
        assert!(switch.codes().is_empty());
    }

    #[test]
    fn the_last_byte_counts_and_a_start_is_no_stop() {
        let mut switch = Player::new("tca9548a");
        switch.write(&[0x01, 0x02]);
        assert_eq!([switch.level("ch0"), switch.level("ch1")], [Low, High]);
        switch.start();
        assert!(switch.call(0x70, Direction::Write) && switch.send(0x04));
        switch.start();
        assert_eq!([switch.level("ch1"), switch.level("ch2")], [High, Low]);
        assert_eq!(switch.codes(), ["i2c-switch::no-stop"]);
        switch.stop();
        assert_eq!(switch.level("ch2"), High);
    }

    #[test]
    fn reset_disconnects() {
        let mut switch = Player::new("tca9548a");
        switch.write(&[0xff]);
        switch.sense("reset", Low);
        assert_eq!(switch.level("ch5"), Low);
        assert!(!switch.write(&[0xff]));
        switch.sense("reset", High);
        assert_eq!(switch.read(1), [0]);
    }
}
