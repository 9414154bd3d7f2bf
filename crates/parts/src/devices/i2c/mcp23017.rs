//! MCP23017: two ports of eight pins with direction, pull-ups and interrupts. (Microchip DS20001952C.)
//!
//! ```text
//! write  START | address W | pointer | data ...
//! read   START | address W | pointer | START | address R | data ...
//! ```
//! * Eleven registers a port. IOCON.BANK = 0: those of A and B alternate from 00 to 15h; 1: A has 00 to 0A, B 10h to 1A.
//! * The pointer moves on and wraps behind the last register; IOCON.SEQOP = 1 keeps it, or with BANK = 0 lets it toggle
//!   between A and B.
//! * A pin whose level changes (INTCON = 0), or differs from DEFVAL (1), sets INTF, if GPINTEN says so; the port is captured
//!   in INTCAP. Until INTCAP or GPIO is read nothing more is captured.
//!
//! Not modelled: slew rate (DISSLW); the pin `reset` takes effect at once.

use busproof_core::bus::i2c::{Answer, Call, Device, Reply};
use busproof_core::bus::{Diagnostic, LoadError, Severity};
use busproof_core::level::{Drive, Level};
use busproof_core::time::{Span, Time};

use super::Session;
use crate::devices::remark::{Explained, Remarks};

/// The remarks of the expander.
pub const REMARKS: &[Explained] = &[READ_ONLY, NO_REGISTER];

const READ_ONLY: Explained = Explained {
    code: "i2c-mcp23017::read-only",
    severity: Severity::Warning,
    summary: "a write to INTF or INTCAP",
    explanation: "The interrupt flags and captures can only be read; the byte is ignored. Reading GPIO or INTCAP clears an \
                  interrupt.",
};
const NO_REGISTER: Explained = Explained {
    code: "i2c-mcp23017::no-register",
    severity: Severity::Warning,
    summary: "the pointer leads to no register",
    explanation: "With IOCON.BANK = 0 registers are 00 to 15h, with 1 they are 00 to 0Ah and 10h to 1Ah. Writes are ignored, \
                  reads give 0. If the addresses look interleaved, check the value of BANK.",
};

/// The registers of a port, in the order of their addresses (table 3-1 to 3-5).
const NAMES: [&str; 11] =
    ["IODIR", "IPOL", "GPINTEN", "DEFVAL", "INTCON", "IOCON", "GPPU", "INTF", "INTCAP", "GPIO", "OLAT"];

const IODIR: usize = 0;
const IPOL: usize = 1;
const GPINTEN: usize = 2;
const DEFVAL: usize = 3;
const INTCON: usize = 4;
pub(crate) const IOCON: usize = 5;
const GPPU: usize = 6;
const INTF: usize = 7;
const INTCAP: usize = 8;
const GPIO: usize = 9;
const OLAT: usize = 10;

// Bits of IOCON.
pub(crate) const BANK: u8 = 1 << 7;
const MIRROR: u8 = 1 << 6;
const SEQOP: u8 = 1 << 5;
const ODR: u8 = 1 << 2;
const INTPOL: u8 = 1 << 1;

const PINS: &[&str] = &[
    "gpa0", "gpa1", "gpa2", "gpa3", "gpa4", "gpa5", "gpa6", "gpa7", "gpb0", "gpb1", "gpb2", "gpb3", "gpb4",
    "gpb5", "gpb6", "gpb7", "inta", "intb", "reset",
];
const INTA: usize = 16;
const INTB: usize = 17;
const RESET: usize = 18;

/// One port.
#[derive(Clone, Copy, Debug)]
struct Port {
    /// By [`NAMES`]; GPIO is not stored, IOCON is shared and stands in port A.
    registers: [u8; 11],
    /// The levels outside, and which pins are connected.
    levels: u8,
    connected: u8,
}

impl Port {
    fn reset(&mut self) {
        self.registers = [0; 11];
        self.registers[IODIR] = 0xff;
    }

    /// The levels of the pins: one that is not connected follows its output or its pull-up.
    fn pins(&self) -> u8 {
        let [inputs, latch, pull_ups] = [IODIR, OLAT, GPPU].map(|register| self.registers[register]);
        let alone = latch & !inputs | pull_ups & inputs;
        self.levels & self.connected | alone & !self.connected
    }

    /// The GPIO register.
    fn gpio(&self) -> u8 {
        self.pins() ^ self.registers[IPOL] & self.registers[IODIR]
    }

    /// Pins that differ from DEFVAL, where that counts.
    fn deviations(&self) -> u8 {
        self.registers[INTCON] & (self.pins() ^ self.registers[DEFVAL])
    }

    /// Sets the flags of the interrupts that `pins` cause, and captures the port at the first.
    fn interrupt(&mut self, pins: u8) {
        let pins = pins & self.registers[GPINTEN];
        if pins != 0 && self.registers[INTF] == 0 {
            self.registers[INTF] = pins;
            self.registers[INTCAP] = self.gpio();
        }
    }

    /// GPIO or INTCAP was read. What still differs from DEFVAL interrupts again.
    fn clear(&mut self) {
        self.registers[INTF] = 0;
        self.interrupt(self.deviations());
    }

    fn sense(&mut self, bit: u8, level: Level) {
        let before = self.pins();
        self.levels = match level {
            Level::Low => self.levels & !bit,
            Level::High | Level::Z => self.levels | bit,
            Level::X => self.levels,
        };
        let is_first = self.connected & bit == 0;
        self.connected |= bit;
        if !is_first {
            let changed = before ^ self.pins();
            self.interrupt(changed & !self.registers[INTCON]);
        }
        self.interrupt(self.deviations());
    }

    fn drive(&self, pin: usize) -> Drive {
        let is = |register: usize| self.registers[register] >> pin & 1 != 0;
        match (is(IODIR), is(GPPU)) {
            (false, _) => Drive::Strong(is(OLAT)),
            (true, true) => Drive::Pull(true),
            (true, false) => Drive::Released,
        }
    }
}

/// The expander.
#[derive(Clone, Debug)]
pub struct Mcp23017 {
    session: Session,
    ports: [Port; 2],
    pointer: u8,
    is_in_reset: bool,
    started: Time,
    remarks: Remarks,
}

impl Mcp23017 {
    pub(super) fn new(session: Session) -> Mcp23017 {
        let mut port = Port { registers: [0; 11], levels: 0, connected: 0 };
        port.reset();
        Mcp23017 {
            session,
            ports: [port; 2],
            pointer: 0,
            is_in_reset: false,
            started: Time::ZERO,
            remarks: Remarks::default(),
        }
    }

    fn iocon(&self) -> u8 {
        self.ports[0].registers[IOCON]
    }

    /// Port and register at the pointer.
    fn place(&self) -> Option<(usize, usize)> {
        place(self.pointer, self.iocon() & BANK != 0)
    }

    fn advance(&mut self) {
        self.pointer = next(self.pointer, self.iocon());
    }

    fn no_register(&mut self, now: Time) {
        let text = format!("there is no register {:02x} with IOCON = {:02x}", self.pointer, self.iocon());
        self.remarks.push(&NO_REGISTER, self.started, now, text);
    }

    fn store(&mut self, now: Time, byte: u8) {
        let Some((port, register)) = self.place() else { return self.no_register(now) };
        match register {
            INTF | INTCAP => {
                let text = format!("{}{} is read-only", NAMES[register], ["A", "B"][port]);
                self.remarks.push(&READ_ONLY, self.started, now, text);
            }
            // One register at two addresses; bit 0 has no function.
            IOCON => self.ports.iter_mut().for_each(|port| port.registers[IOCON] = byte & !1),
            GPIO => self.ports[port].registers[OLAT] = byte,
            _ => self.ports[port].registers[register] = byte,
        }
        let port = &mut self.ports[port];
        port.interrupt(port.deviations());
    }

    fn fetch(&mut self, now: Time) -> u8 {
        let Some((port, register)) = self.place() else {
            self.no_register(now);
            return 0;
        };
        let port = &mut self.ports[port];
        let byte = if register == GPIO { port.gpio() } else { port.registers[register] };
        if matches!(register, GPIO | INTCAP) {
            port.clear();
        }
        byte
    }

    /// The drive of an interrupt output.
    fn interrupt_drive(&self, port: usize) -> Drive {
        let flags = self.ports.map(|port| port.registers[INTF] != 0);
        let is_active = if self.iocon() & MIRROR != 0 { flags[0] || flags[1] } else { flags[port] };
        match (self.iocon() & ODR != 0, is_active) {
            (true, true) => Drive::Strong(false),
            (true, false) => Drive::Released,
            (false, is_active) => Drive::Strong(is_active == (self.iocon() & INTPOL != 0)),
        }
    }
}

/// Where the pointer moves from `pointer`, as IOCON says.
pub(crate) const fn next(pointer: u8, iocon: u8) -> u8 {
    match (iocon & BANK != 0, iocon & SEQOP != 0, pointer) {
        (false, true, _) => pointer ^ 1,
        (true, true, _) => pointer,
        (false, false, 0x15..) | (true, false, 0x1a..) => 0,
        (_, false, _) => pointer + 1,
    }
}

/// The name of the register at an address, as IOCON says.
pub(crate) fn register_name(address: u8, iocon: u8) -> Option<String> {
    let (port, register) = place(address, iocon & BANK != 0)?;
    let port = if register == IOCON { "" } else { ["A", "B"][port] };
    Some(format!("{}{port}", NAMES[register]))
}

/// The port and the register at an address.
pub(crate) fn place(address: u8, banked: bool) -> Option<(usize, usize)> {
    let (port, register) = if banked { (address >> 4, address & 0xf) } else { (address & 1, address >> 1) };
    (port < 2 && register < 11).then_some((usize::from(port), usize::from(register)))
}

impl Device for Mcp23017 {
    fn start(&mut self, now: Time) {
        self.started = now;
    }

    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        if self.is_in_reset { None } else { self.session.answer(call) }
    }

    fn write(&mut self, now: Time, byte: u8) -> Answer {
        if self.session.takes_pointer() {
            self.pointer = byte;
        } else {
            self.store(now, byte);
            self.advance();
        }
        Answer::ACK
    }

    fn read(&mut self, now: Time) -> Reply {
        let byte = self.fetch(now);
        self.advance();
        Reply { byte, hold: Span::ZERO }
    }

    fn stop(&mut self, _: Time) {}

    fn pins(&self) -> &'static [&'static str] {
        PINS
    }

    fn drives(&self, pin: usize) -> Drive {
        match pin {
            INTA | INTB => self.interrupt_drive(pin - INTA),
            RESET => Drive::Released,
            _ => self.ports[pin / 8 % 2].drive(pin % 8),
        }
    }

    fn sense(&mut self, _: Time, pin: usize, level: Level) {
        match pin {
            RESET => {
                self.is_in_reset = level == Level::Low;
                if self.is_in_reset {
                    self.ports.iter_mut().for_each(Port::reset);
                    self.pointer = 0;
                }
            }
            INTA.. => {}
            _ => self.ports[pin / 8].sense(1 << (pin % 8), level),
        }
    }

    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        self.remarks.take()
    }

    /// Addresses are those of BANK = 0.
    fn load(&mut self, address: u64, bytes: &[u8]) -> Result<(), LoadError> {
        for (at, byte) in checked(address, bytes.len())?.zip(bytes) {
            if let Some((port, register)) = place(at, false) {
                let register = if register == GPIO { OLAT } else { register };
                self.ports[port].registers[register] = *byte;
            }
        }
        let iocon = self.iocon();
        self.ports[1].registers[IOCON] = iocon;
        Ok(())
    }

    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        let byte = |at| {
            let (port, register) = place(at, false)?;
            Some(if register == GPIO {
                self.ports[port].gpio()
            } else {
                self.ports[port].registers[register]
            })
        };
        Ok(checked(address, length)?.filter_map(byte).collect())
    }
}

/// The addresses, if there are registers at all of them.
fn checked(address: u64, length: usize) -> Result<std::ops::Range<u8>, LoadError> {
    let end = address.checked_add(length as u64).filter(|end| *end <= 0x16);
    let range = end.map(|end| address as u8..end as u8);
    range.ok_or(LoadError::OutOfRange { address, length, size: 0x16 })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use busproof_core::level::Level::{High, Low};

    #[test]
    fn registers_alternate_between_the_ports() {
        let mut chip = Player::new("mcp23017");
        assert_eq!(chip.write_read(&[0x00], 3), [0xff, 0xff, 0x00], "IODIRA, IODIRB, IPOLA after power-up");
        chip.write(&[0x14, 0xaa, 0x55]);
        assert_eq!(chip.write_read(&[0x14], 3), [0xaa, 0x55, 0xff], "wraps from 15h to 00");
    }

    #[test]
    fn with_bank_1_the_ports_stand_apart() {
        let mut chip = Player::new("mcp23017");
        chip.write(&[0x0a, 0x80]);
        chip.write(&[0x10, 0x12]);
        assert_eq!(chip.write_read(&[0x10], 1), [0x12]);
        assert_eq!(chip.write_read(&[0x05], 1), [0x80]);
        assert_eq!(chip.write_read(&[0x15], 1), [0x80], "one IOCON");
        assert!(chip.codes().is_empty());
        chip.write_read(&[0x0b], 1);
        assert_eq!(chip.codes(), ["i2c-mcp23017::no-register"]);
    }

    #[test]
    fn byte_mode_keeps_the_pointer_or_toggles_it() {
        let mut chip = Player::new("mcp23017");
        chip.write(&[0x0a, 0x20]);
        chip.write(&[0x14, 1, 2, 3]);
        assert_eq!(chip.write_read(&[0x14], 3), [3, 2, 3]);
        chip.write(&[0x0a, 0xa0]);
        chip.write(&[0x0a, 4, 5]);
        assert_eq!(chip.write_read(&[0x0a], 2), [5, 5]);
    }

    #[test]
    fn outputs_drive_inputs_do_not() {
        let mut chip = Player::new("mcp23017");
        chip.write(&[0x00, 0xfc]);
        chip.write(&[0x12, 0x01]);
        assert_eq!([chip.level("gpa0"), chip.level("gpa1")], [High, Low]);
        assert_eq!(chip.write_read(&[0x12], 1), [0x01], "pins that are not connected");
        chip.write(&[0x0c, 0x80]);
        assert_eq!(chip.write_read(&[0x12], 1), [0x81], "a pull-up");
        chip.write(&[0x02, 0x80]);
        assert_eq!(chip.write_read(&[0x12], 1), [0x01], "inverted");
    }

    #[test]
    fn a_change_interrupts_once_until_it_is_read() {
        let mut chip = Player::new("mcp23017");
        chip.sense("gpb2", Low);
        chip.sense("gpb3", Low);
        chip.write(&[0x05, 0x04]);
        assert_eq!([chip.level("inta"), chip.level("intb")], [High, High]);
        chip.sense("gpb3", High);
        assert_eq!(chip.level("intb"), High, "not enabled");
        chip.sense("gpb2", High);
        assert_eq!([chip.level("inta"), chip.level("intb")], [High, Low]);
        chip.sense("gpb2", Low);
        assert_eq!(chip.write_read(&[0x0f], 1), [0x04], "INTFB");
        assert_eq!(chip.level("intb"), Low, "reading the flags clears nothing");
        assert_eq!(chip.write_read(&[0x11], 1), [0x0c], "as it was at the first change");
        assert_eq!(chip.level("intb"), High);
        assert_eq!(chip.write_read(&[0x0f], 1), [0x00]);
    }

    #[test]
    fn a_difference_interrupts_as_long_as_it_lasts() {
        let mut chip = Player::new("mcp23017");
        chip.sense("gpa0", High);
        chip.write(&[0x06, 0x01]);
        chip.write(&[0x08, 0x01]);
        chip.write(&[0x04, 0x01]);
        assert_eq!(chip.level("inta"), High);
        chip.sense("gpa0", Low);
        assert_eq!(chip.level("inta"), Low);
        chip.write_read(&[0x12], 1);
        assert_eq!(chip.level("inta"), Low, "it still differs");
        chip.sense("gpa0", High);
        chip.write_read(&[0x12], 1);
        assert_eq!(chip.level("inta"), High);
    }

    #[test]
    fn interrupt_outputs_are_as_iocon_says() {
        let mut chip = Player::new("mcp23017");
        chip.sense("gpa0", Low);
        chip.write(&[0x04, 0x01]);
        for (iocon, quiet, active) in [
            (0x00, [High, High], [Low, High]),
            (0x40, [High, High], [Low, Low]),
            (0x02, [Low, Low], [High, Low]),
            (0x04, [High, High], [Low, High]),
        ] {
            chip.write(&[0x0a, iocon]);
            assert_eq!([chip.level("inta"), chip.level("intb")], quiet, "{iocon:02x}");
            chip.sense("gpa0", High);
            assert_eq!([chip.level("inta"), chip.level("intb")], active, "{iocon:02x}");
            chip.write_read(&[0x12], 1);
            chip.sense("gpa0", Low);
            chip.write_read(&[0x12], 1);
        }
    }

    #[test]
    fn reset_puts_all_back_and_is_deaf() {
        let mut chip = Player::new("mcp23017");
        chip.write(&[0x00, 0x00]);
        chip.sense("reset", Low);
        assert!(!chip.write(&[0x00]));
        chip.sense("reset", High);
        assert_eq!(chip.write_read(&[0x00], 1), [0xff]);
    }

    #[test]
    fn flags_cannot_be_written() {
        let mut chip = Player::new("mcp23017");
        chip.write(&[0x0e, 0xff]);
        assert_eq!(chip.codes(), ["i2c-mcp23017::read-only"]);
        assert_eq!(chip.write_read(&[0x0e], 1), [0x00]);
    }
}
