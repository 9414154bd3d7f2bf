//! A serial SRAM of the 23LC series, on one, two or four lanes. (23A1024/23LC1024, DS20005142C.)
//!
//! Not modelled: the HOLD pin.

use std::sync::Arc;

use busproof_core::bus::LoadError;
use busproof_core::bus::spi::{Device, Io, Lanes, Phase, PhaseKind, Step};
use busproof_core::bus::{Diagnostic, Severity};
use busproof_core::time::Time;

use super::memory::{Blank, Memory};
use super::remark::{Explained, Remarks};
use crate::command::{Action, Commands};
use crate::error::PartError;
use crate::part::Section;

/// The remarks of the SRAM.
pub const REMARKS: &[Explained] = &[UNKNOWN_COMMAND, PAST_BYTE, RESERVED_MODE, CUT_SHORT];

const UNKNOWN_COMMAND: Explained = Explained {
    code: "spi-sram::unknown-command",
    severity: Severity::Error,
    summary: "an opcode that the SRAM does not have",
    explanation: "The transfer is ignored. If the opcode looks shifted or split, the SRAM may be in SDI or SQI mode while \
                  the controller talks on one lane; FFh on the lanes in use (RSTIO) leads back.",
};
const PAST_BYTE: Explained = Explained {
    code: "spi-sram::past-byte",
    severity: Severity::Error,
    summary: "more than one byte in byte mode",
    explanation: "In byte mode a read or write covers one byte. Further bytes are ignored by this model, or read as the \
                  same byte again. Write 40h to the mode register for sequential mode.",
};
const RESERVED_MODE: Explained = Explained {
    code: "spi-sram::reserved-mode",
    severity: Severity::Error,
    summary: "mode bits 11 are reserved",
    explanation: "The mode register is left as it was. 00 is byte, 10 page and 01 sequential mode.",
};
const CUT_SHORT: Explained = Explained {
    code: "spi-sram::cut-short",
    severity: Severity::Warning,
    summary: "CS rose inside a byte",
    explanation: "The bits of the byte that have come in are lost; whole bytes before it are stored.",
};

/// How far a read or write runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One byte.
    Byte,
    /// The page, and round again.
    Page,
    /// All memory, and round again.
    Sequential,
}

const REACHES: &[(&str, Reach)] =
    &[("byte", Reach::Byte), ("page", Reach::Page), ("sequential", Reach::Sequential)];

impl Reach {
    /// Bits 7 and 6 of the mode register.
    const fn bits(self) -> u8 {
        match self {
            Reach::Byte => 0x00,
            Reach::Page => 0x80,
            Reach::Sequential => 0x40,
        }
    }

    const fn from_mode(mode: u8) -> Option<Reach> {
        match mode >> 6 {
            0 => Some(Reach::Byte),
            1 => Some(Reach::Sequential),
            2 => Some(Reach::Page),
            _ => None,
        }
    }
}

/// What the SRAM needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Bytes.
    pub size: u64,
    /// Bytes of a page.
    pub page: u64,
    /// The mode after power-up.
    pub default_mode: Reach,
}

impl Spec {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Result<Spec, PartError> {
        Ok(Spec {
            size: section.required("size", |v| v.power_of_two(1 << 24))?,
            page: section.required("page", |v| v.power_of_two(1 << 24))?,
            default_mode: section.required("default_mode", |v| v.choice("mode", REACHES))?,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Opcode,
    /// A phase before the data: the address, or the dummy byte of a read on several lanes.
    Phase(usize),
    /// So many bytes have been read before this one.
    Read(u64),
    Write(u64),
    Mode,
    Over,
}

/// The SRAM.
#[derive(Clone, Debug)]
pub struct Sram {
    spec: Spec,
    commands: Arc<Commands>,
    memory: Memory,
    reach: Reach,
    lanes: u8,
    state: State,
    /// The row of the command.
    row: usize,
    address: u64,
    selected_at: Time,
    remarks: Remarks,
}

impl Sram {
    /// An SRAM after power-up, filled with noise that follows from `seed`.
    pub fn new(spec: Spec, commands: &Arc<Commands>, seed: u64) -> Sram {
        Sram {
            spec,
            commands: commands.clone(),
            memory: Memory::new(spec.size, Blank::Noise(seed)),
            reach: spec.default_mode,
            lanes: 1,
            state: State::Opcode,
            row: 0,
            address: 0,
            selected_at: Time::ZERO,
            remarks: Remarks::default(),
        }
    }

    fn enter(&mut self, state: State, bits: u32, io: Io) -> Step {
        self.state = state;
        Step { bits, io, lanes: Lanes { count: self.lanes, ..Lanes::SINGLE } }
    }

    fn byte_in(&mut self, state: State) -> Step {
        self.enter(state, 8, Io::In)
    }

    fn byte_out(&mut self, state: State, byte: u8) -> Step {
        self.enter(state, 8, Io::Out(byte.into()))
    }

    fn after_opcode(&mut self, now: Time, opcode: u64) -> Step {
        let Some(row) = self.commands.find(opcode) else {
            let text = format!("opcode {opcode:02x} is not known: ignored");
            self.remarks.push(&UNKNOWN_COMMAND, self.selected_at, now, text);
            return self.byte_in(State::Over);
        };
        self.row = row;
        match self.commands.details[row].action {
            Action::EnterDual => self.switch(2),
            Action::EnterQuad => self.switch(4),
            Action::ExitLanes => self.switch(1),
            _ => self.begin_phase(0),
        }
    }

    /// The lanes change with the next transfer; the rest of this one is ignored.
    fn switch(&mut self, lanes: u8) -> Step {
        let step = self.byte_in(State::Over);
        self.lanes = lanes;
        step
    }

    fn phase(&self, index: usize) -> Option<Phase> {
        self.commands.table.commands[self.row].phases_on(self.lanes).get(index).copied()
    }

    fn begin_phase(&mut self, index: usize) -> Step {
        let Some(phase) = self.phase(index) else { return self.byte_in(State::Over) };
        match (phase.kind, self.commands.details[self.row].action) {
            (PhaseKind::Address | PhaseKind::Mode, _) => {
                self.enter(State::Phase(index), phase.length, Io::In)
            }
            (PhaseKind::Dummy, _) => self.enter(State::Phase(index), phase.length, Io::Dummy),
            (PhaseKind::Write, Action::WriteMode) => self.byte_in(State::Mode),
            (PhaseKind::Write, _) => self.byte_in(State::Write(0)),
            (_, Action::ReadMode) => self.byte_out(State::Over, self.reach.bits()),
            _ => self.read(0),
        }
    }

    fn end_phase(&mut self, index: usize, input: u64) -> Step {
        if self.phase(index).is_some_and(|phase| phase.kind == PhaseKind::Address) {
            self.address = input % self.spec.size;
        }
        self.begin_phase(index + 1)
    }

    /// The address of byte `count` of a read or write; `None` past the byte of byte mode.
    fn place(&self, count: u64) -> Option<u64> {
        match self.reach {
            Reach::Byte => (count == 0).then_some(self.address),
            Reach::Page => {
                let start = self.address - self.address % self.spec.page;
                Some(start + (self.address + count) % self.spec.page)
            }
            Reach::Sequential => Some(self.address.wrapping_add(count) % self.spec.size),
        }
    }

    fn read(&mut self, count: u64) -> Step {
        let byte = self.memory.read(self.place(count).unwrap_or(self.address));
        self.byte_out(State::Read(count), byte)
    }

    fn write(&mut self, now: Time, count: u64, byte: u8) -> Step {
        match self.place(count) {
            Some(address) => self.memory.write(address, byte),
            None if count == 1 => self.past_byte(now),
            None => {}
        }
        self.byte_in(State::Write(count + 1))
    }

    fn past_byte(&mut self, now: Time) {
        let text = "more than one byte in byte mode: the rest is ignored".into();
        self.remarks.push(&PAST_BYTE, self.selected_at, now, text);
    }

    fn set_mode(&mut self, now: Time, mode: u8) -> Step {
        if let Some(reach) = Reach::from_mode(mode) {
            self.reach = reach;
        } else {
            let text = format!("mode {mode:02x} is reserved: the mode stays {:02x}", self.reach.bits());
            self.remarks.push(&RESERVED_MODE, self.selected_at, now, text);
        }
        self.byte_in(State::Over)
    }
}

impl Device for Sram {
    fn select(&mut self, now: Time) -> Step {
        self.selected_at = now;
        self.byte_in(State::Opcode)
    }

    fn step(&mut self, now: Time, input: u64) -> Step {
        match self.state {
            State::Opcode => self.after_opcode(now, input),
            State::Phase(index) => self.end_phase(index, input),
            State::Read(count) => self.read(count + 1),
            State::Write(count) => self.write(now, count, input as u8),
            State::Mode => self.set_mode(now, input as u8),
            State::Over => self.byte_in(State::Over),
        }
    }

    fn deselect(&mut self, now: Time, bits: u32) {
        if let State::Read(count) = self.state
            && self.reach == Reach::Byte
            && (count > 1 || (count == 1 && bits > 0))
        {
            self.past_byte(now);
        }
        let listens = matches!(self.state, State::Opcode | State::Phase(_) | State::Write(_) | State::Mode);
        if listens && bits > 0 {
            let text = format!("CS rises {bits} bits into a word: what came in is lost");
            self.remarks.push(&CUT_SHORT, self.selected_at, now, text);
        }
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
    use super::*;
    use crate::catalog;

    fn sram() -> Player<Sram> {
        let part = catalog::find("23lc1024").unwrap();
        let Some(crate::Spec::Sram(spec)) = part.spec() else { panic!("not an SRAM") };
        Player::new(Sram::new(*spec, part.command_rows().unwrap(), 7))
    }

    #[test]
    fn sequential_mode_is_the_default_and_wraps_at_the_end() {
        let mut p = sram();
        p.bytes(&[0x02, 0x01, 0xff, 0xff, 0xaa, 0xbb]);
        assert_eq!(p.device.peek(0x1_ffff, 1).unwrap(), [0xaa]);
        assert_eq!(p.bytes(&[0x03, 0x01, 0xff, 0xff, 0, 0])[4..], [0xaa, 0xbb]);
        assert_eq!(p.bytes(&[0x05, 0])[1], 0x40);
        assert_eq!(p.bytes(&[0x03, 0xff, 0xff, 0xff, 0])[4], 0xaa, "the upper 7 address bits do not count");
        assert!(p.codes().is_empty());
    }

    #[test]
    fn page_mode_wraps_in_32_bytes() {
        let mut p = sram();
        p.bytes(&[0x01, 0x80]);
        p.bytes(&[0x02, 0, 0, 0x3f, 1, 2]);
        assert_eq!(p.device.peek(0x3f, 1).unwrap(), [1]);
        assert_eq!(p.device.peek(0x20, 1).unwrap(), [2]);
        assert_eq!(p.bytes(&[0x03, 0, 0, 0x3f, 0, 0])[4..], [1, 2]);
    }

    #[test]
    fn byte_mode_is_one_byte() {
        let mut p = sram();
        p.bytes(&[0x01, 0x00]);
        p.bytes(&[0x02, 0, 0, 0, 1]);
        assert_eq!(p.bytes(&[0x03, 0, 0, 0, 0])[4], 1);
        assert!(p.codes().is_empty());
        p.bytes(&[0x02, 0, 0, 0, 2, 3, 4]);
        assert_eq!(p.codes(), ["spi-sram::past-byte"]);
        p.bytes(&[0x03, 0, 0, 0, 0, 0]);
        assert_eq!(p.codes(), ["spi-sram::past-byte"]);
    }

    #[test]
    fn reserved_modes_unknown_opcodes_and_broken_bytes_are_refused() {
        let mut p = sram();
        p.bytes(&[0x01, 0xc0]);
        assert_eq!(p.codes(), ["spi-sram::reserved-mode"]);
        assert_eq!(p.bytes(&[0x05, 0])[1], 0x40);
        p.bytes(&[0x9f, 0, 0]);
        assert_eq!(p.codes(), ["spi-sram::unknown-command"]);
        p.bits(&[0, 0, 0], 3);
        assert_eq!(p.codes(), ["spi-sram::cut-short"]);
    }

    #[test]
    fn two_and_four_lanes_have_a_dummy_byte_before_what_is_read() {
        for (opcode, lanes, clocks) in [(0x3b, 2, 4), (0x38, 4, 2)] {
            let mut p = sram();
            p.bytes(&[opcode]);
            let mut t = p.select();
            assert_eq!(t.lanes(), (lanes, false));
            t.send(0x02, 8);
            t.send(0x10, 24);
            t.send(0xbeef, 16);
            t.end();
            let mut t = p.select();
            t.send(0x03, 8);
            t.send(0x10, 24);
            t.dummy(clocks);
            assert_eq!(t.receive(2), [0xbe, 0xef]);
            t.end();
            let mut t = p.select();
            t.send(0xff, 8);
            t.end();
            assert_eq!(p.bytes(&[0x03, 0, 0, 0x10, 0])[4], 0xbe);
            assert!(p.codes().is_empty());
        }
    }
}
