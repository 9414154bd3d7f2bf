//! PCF8574 and PCF8574A: eight quasi-bidirectional pins and no registers. (NXP PCF8574; PCF8574A, revision 5.)
//!
//! ```text
//! write  START | address W | port | port ...    the pins change when the byte is acknowledged
//! read   START | address R | port | port ...    the pins are sampled before each byte
//! ```
//! * A pin written 0 is driven low; written 1 it is pulled up weakly, so that it can be an input. After power-up all are 1.
//! * Pin `int`, open drain, is low while an input differs from what the port last read or wrote.
//!
//! Not modelled: the strong pull-up of a rising output during the acknowledge, the times tpv, tiv and tir.

use busproof_core::bus::Diagnostic;
use busproof_core::bus::i2c::{Answer, Call, Device, Reply};
use busproof_core::level::{Drive, Level};
use busproof_core::time::{Span, Time};

use super::Session;
use crate::devices::remark::{Explained, Remarks};
use busproof_core::bus::Severity;

/// The remarks of the port.
pub const REMARKS: &[Explained] = &[HELD_LOW];

const HELD_LOW: Explained = Explained {
    code: "i2c-port::held-low",
    severity: Severity::Note,
    summary: "a pin was read that the port itself drives low",
    explanation: "Only a pin to which 1 was written can be an input; one that was written 0 reads 0, whatever is connected. \
                  Write 1 to the pins that are to be read. Said once for each value of the port.",
};

const INT: usize = 8;
const PINS: &[&str] = &["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "int"];

/// The port.
#[derive(Clone, Debug)]
pub struct Pcf8574 {
    session: Session,
    latch: u8,
    /// The levels of the pins, and which of them are connected.
    levels: u8,
    connected: u8,
    /// The pins as they were last read, or written.
    known: u8,
    has_said: bool,
    started: Time,
    remarks: Remarks,
}

impl Pcf8574 {
    pub(super) fn new(session: Session) -> Pcf8574 {
        Pcf8574 {
            session,
            latch: 0xff,
            levels: 0xff,
            connected: 0,
            known: 0xff,
            has_said: false,
            started: Time::ZERO,
            remarks: Remarks::default(),
        }
    }

    /// What the pins read: those that are not connected follow the port.
    fn port(&self) -> u8 {
        (self.levels & self.connected | !self.connected) & self.latch
    }
}

impl Device for Pcf8574 {
    fn start(&mut self, now: Time) {
        self.started = now;
    }

    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        self.session.answer(call)
    }

    fn write(&mut self, _: Time, byte: u8) -> Answer {
        // A pin that is released now rises by itself; that is no change of an input.
        let released = byte & !self.latch;
        self.known = self.port() | released;
        self.latch = byte;
        self.has_said = false;
        Answer::ACK
    }

    fn read(&mut self, now: Time) -> Reply {
        let ignored = !self.latch & self.levels & self.connected;
        if ignored != 0 && !self.has_said {
            let text =
                format!("pins {ignored:08b} are high outside, and read 0 because 0 was written to them");
            self.remarks.push(&HELD_LOW, self.started, now, text);
            self.has_said = true;
        }
        self.known = self.port();
        Reply { byte: self.known, hold: Span::ZERO }
    }

    fn stop(&mut self, _: Time) {}

    fn pins(&self) -> &'static [&'static str] {
        PINS
    }

    fn drives(&self, pin: usize) -> Drive {
        match pin {
            INT if (self.port() ^ self.known) & self.latch != 0 => Drive::Strong(false),
            INT => Drive::Released,
            _ if self.latch >> pin & 1 != 0 => Drive::Pull(true),
            _ => Drive::Strong(false),
        }
    }

    fn sense(&mut self, _: Time, pin: usize, level: Level) {
        if pin < INT {
            let bit = 1 << pin;
            self.connected |= bit;
            match level {
                Level::Low => self.levels &= !bit,
                Level::High | Level::Z => self.levels |= bit,
                Level::X => {}
            }
        }
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use busproof_core::level::Level::{High, Low};

    #[test]
    fn what_is_written_shows_at_the_pins() {
        let mut port = Player::new("pcf8574");
        assert_eq!(port.level("p0"), High, "after power-up");
        assert!(port.write(&[0b1010_1010]));
        assert_eq!([port.level("p0"), port.level("p1"), port.level("p7")], [Low, High, High]);
        assert!(port.write(&[0xff, 0x7f]), "the last byte counts");
        assert_eq!([port.level("p0"), port.level("p7")], [High, Low]);
    }

    #[test]
    fn inputs_are_sampled_before_each_byte() {
        let mut port = Player::new("pcf8574");
        port.sense("p3", Low);
        assert_eq!(port.read(2), [0xf7, 0xf7]);
        port.sense("p3", High);
        assert_eq!(port.read(1), [0xff]);
    }

    #[test]
    fn an_interrupt_lasts_until_the_port_is_read_written_or_as_before() {
        let mut port = Player::new("pcf8574");
        for ends in [|port: &mut Player| port.read(1) == [0xfe], |port: &mut Player| port.write(&[0xff])] {
            port.sense("p0", High);
            port.read(1);
            assert_eq!(port.level("int"), High);
            port.sense("p0", Low);
            assert_eq!(port.level("int"), Low);
            assert!(ends(&mut port));
            assert_eq!(port.level("int"), High);
        }
        port.sense("p0", High);
        assert_eq!(port.level("int"), Low);
        port.sense("p0", Low);
        assert_eq!(port.level("int"), High, "as it was");
    }

    #[test]
    fn a_pin_written_0_is_no_input() {
        let mut port = Player::new("pcf8574");
        port.write(&[0xfe]);
        port.sense("p0", High);
        assert_eq!(port.read(2), [0xfe, 0xfe]);
        assert_eq!(port.level("int"), High);
        assert_eq!(port.codes(), ["i2c-port::held-low"]);
    }
}
