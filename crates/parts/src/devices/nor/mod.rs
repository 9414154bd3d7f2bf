//! A serial NOR flash of the 25 series.
//!
//! What its commands are and what they do comes from the part file; this module knows the effects. A command takes
//! effect when CS rises, on a byte boundary; then the flash is busy for the time that the part file states.
//!
//! Not modelled: security registers, individual block locks, SEC and CMP protection, the /WP and
//! /HOLD pins, wear, wrap-around reads, variable numbers of dummy clocks (C0h, volatile configuration registers).

mod remarks;
mod sfdp;
mod spec;
mod status;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use busproof_core::bus::Diagnostic;
use busproof_core::bus::LoadError;
use busproof_core::bus::spi::{Device, Io, Lanes, Phase, PhaseKind, Step};
use busproof_core::time::{Span, Time};

use self::status::{Keep, Latches, Status};
use super::DeviceOptions;
use super::memory::{Blank, Memory, mix};
use super::remark::{Explained, Remarks};
use crate::command::{Action, Commands, Detail};
use crate::part::Times;

pub use self::remarks::REMARKS;
pub use self::spec::Spec;
pub use self::status::StatusBit;

/// The times that part files may state, by their names in data sheets.
pub(super) const TIMES: &[&str] =
    &["tPP", "tSE", "tBE1", "tBE2", "tCE", "tW", "tRST", "tSUS", "tDP", "tRES1", "tRES2"];

/// What the flash does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Work {
    until: Time,
    kind: WorkKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WorkKind {
    /// A program, erase or register write: BUSY is 1 and status can be read.
    Change,
    /// A program or erase is being suspended: as during a change, but the write enable latch stays.
    Suspending,
    /// Reset, power-down or its release: nothing is accepted.
    Recovery,
}

/// A program or erase that waits to be resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Suspended {
    action: Action,
    left: Span,
}

/// Where a transfer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Opcode,
    /// A phase of the command before its data.
    Phase(usize),
    /// So many bytes of data have come in.
    DataIn(u64),
    /// So many bytes have been sent before the one that is being sent.
    DataOut(u64),
    /// The command is complete; a byte more would be too many.
    Complete,
    /// Bytes came after a complete command.
    TooMany,
    /// The command was refused.
    Ignored,
}

/// A transfer, from select to deselect.
#[derive(Clone, Debug)]
struct Transfer {
    start: Time,
    state: State,
    row: usize,
    address: u64,
    /// The last page of data, byte n at index n modulo the size of a page.
    data: Vec<u8>,
}

/// The flash.
#[derive(Clone, Debug)]
pub struct Nor {
    spec: Arc<Spec>,
    commands: Arc<Commands>,
    /// The duration of each row's command.
    durations: Vec<Span>,
    recovery: Recovery,
    unique_id: [u8; 8],
    sfdp: Vec<u8>,
    memory: Memory,
    status: Status,
    armed: Armed,
    modes: Modes,
    powered_down: bool,
    work: Option<Work>,
    /// The last program, erase or register write that was begun.
    last_change: Action,
    suspended: Option<Suspended>,
    transfer: Transfer,
    remarks: Remarks,
}

/// What a command has prepared for a later one.
#[derive(Clone, Copy, Debug, Default)]
struct Armed {
    /// The write enable latch.
    write: bool,
    /// The next status register write is volatile.
    volatile_write: bool,
    /// 99h resets.
    reset: bool,
}

/// How transfers are understood; all off after power-up and reset.
#[derive(Clone, Copy, Debug, Default)]
struct Modes {
    /// QPI: everything travels on four lanes.
    quad_opcodes: bool,
    /// Addresses have 4 bytes.
    long_addresses: bool,
    /// Transfers begin with the address of this command.
    continuous: Option<usize>,
}

/// Times in which nothing is accepted.
#[derive(Clone, Copy, Debug)]
struct Recovery {
    reset: Span,
    suspend: Span,
    power_down: Span,
    release: Span,
    release_with_id: Span,
}

impl Nor {
    /// An erased flash after power-up.
    pub fn new(spec: &Arc<Spec>, commands: &Arc<Commands>, times: &Times, options: &DeviceOptions) -> Nor {
        let time = |name: &str| times.get(name, options.times);
        let duration = |detail: &Detail| detail.time.as_deref().map_or(Span::ZERO, time);
        Nor {
            durations: commands.details.iter().map(duration).collect(),
            recovery: Recovery {
                reset: time("tRST"),
                suspend: time("tSUS"),
                power_down: time("tDP"),
                release: time("tRES1"),
                release_with_id: time("tRES2"),
            },
            unique_id: mix(options.seed).to_be_bytes(),
            sfdp: sfdp::build(spec, commands),
            memory: Memory::new(spec.size, Blank::Erased),
            status: Status::new(spec.status),
            armed: Armed::default(),
            modes: Modes::default(),
            powered_down: false,
            work: None,
            last_change: Action::None,
            suspended: None,
            transfer: Transfer {
                start: Time::ZERO,
                state: State::Ignored,
                row: 0,
                address: 0,
                data: Vec::new(),
            },
            remarks: Remarks::default(),
            spec: spec.clone(),
            commands: commands.clone(),
        }
    }

    fn detail(&self) -> &Detail {
        &self.commands.details[self.transfer.row]
    }

    fn action(&self) -> Action {
        self.detail().action
    }

    /// The opcode and name of the command, for messages.
    fn name(&self) -> String {
        let command = &self.commands.table.commands[self.transfer.row];
        format!("{:02x} {}", command.opcode, command.name)
    }

    fn remark(&mut self, kind: &'static Explained, now: Time, text: String) {
        self.remarks.push(kind, self.transfer.start, now, text);
    }

    /// Work that is over is forgotten, and the write enable latch with it.
    fn settle(&mut self, now: Time) {
        if let Some(work) = self.work.filter(|work| work.until <= now) {
            self.work = None;
            self.armed.write &= work.kind != WorkKind::Change;
        }
    }

    fn begin_work(&mut self, kind: WorkKind, now: Time, duration: Span) {
        self.work = Some(Work { kind, until: now.saturating_add(duration) });
    }

    fn latches(&self) -> Latches {
        let busy = self.work.is_some_and(|work| work.kind != WorkKind::Recovery);
        Latches { busy, write_enabled: self.armed.write }
    }

    fn lanes(&self) -> Lanes {
        if self.modes.quad_opcodes { Lanes::QUAD } else { Lanes::SINGLE }
    }

    fn enter(&mut self, state: State, step: Step) -> Step {
        self.transfer.state = state;
        step
    }

    /// A byte that changes nothing more.
    fn idle(&mut self, state: State) -> Step {
        let lanes = self.lanes();
        self.enter(state, Step::input(8).on(lanes))
    }

    // The opcode: is it a command, and may it run now?

    fn after_opcode(&mut self, now: Time, opcode: u64) -> Step {
        let lanes = self.lanes().count;
        let row = self.commands.find(opcode).filter(|row| self.commands.is_stated_on(*row, lanes));
        let Some(row) = row else {
            let mode = if self.modes.quad_opcodes { " in QPI" } else { "" };
            self.remark(
                &remarks::UNKNOWN_COMMAND,
                now,
                format!("opcode {opcode:02x} is not known{mode}: ignored"),
            );
            self.armed.reset = false;
            return self.idle(State::Ignored);
        };
        self.transfer.row = row;
        self.admit(now)
    }

    /// Begins the phases of the command, or refuses it.
    fn admit(&mut self, now: Time) -> Step {
        let refusal = self.refusal();
        self.armed.reset &= self.action() == Action::Reset;
        if let Some((kind, why)) = refusal {
            let text = format!("{} {why}: ignored", self.name());
            self.remark(kind, now, text);
            return self.idle(State::Ignored);
        }
        if self.action() == Action::None {
            let text = format!("{} has no effect in this model", self.name());
            self.remark(&remarks::NOT_MODELLED, now, text);
        }
        self.begin_phase(now, 0)
    }

    fn refusal(&self) -> Option<(&'static Explained, &'static str)> {
        let detail = self.detail();
        match self.work.map(|work| work.kind) {
            Some(WorkKind::Recovery) => {
                return Some((&remarks::RECOVERING, "comes before reset, power-down or release is over"));
            }
            Some(WorkKind::Change | WorkKind::Suspending) if !runs_while_busy(detail.action) => {
                return Some((&remarks::BUSY, "comes while the flash is busy"));
            }
            _ => {}
        }
        if self.powered_down && detail.action != Action::Release {
            return Some((&remarks::POWERED_DOWN, "comes while powered down"));
        }
        if self.suspended.is_some_and(|suspended| clashes(suspended.action, detail.action)) {
            return Some((&remarks::SUSPENDED, "comes while a program or erase is suspended"));
        }
        let enabled = self.spec.quad_enable.is_none_or(|bit| self.status.is_set(bit));
        if detail.needs_quad_enable && !enabled {
            return Some((&remarks::QUAD_DISABLED, "needs QE = 1"));
        }
        (detail.action == Action::Reset && !self.armed.reset)
            .then_some((&remarks::RESET_NOT_ENABLED, "needs 66h just before"))
    }

    // The phases.

    fn phase(&self, index: usize) -> Option<Phase> {
        let lanes = self.lanes().count;
        self.commands.table.commands[self.transfer.row].phases_on(lanes).get(index).copied()
    }

    fn begin_phase(&mut self, now: Time, index: usize) -> Step {
        let Some(phase) = self.phase(index) else { return self.idle(State::Complete) };
        let step = |bits, io| Step { bits, lanes: phase.lanes, io };
        match phase.kind {
            PhaseKind::Address => {
                let long = self.modes.long_addresses && self.detail().address_grows;
                self.enter(State::Phase(index), step(if long { 32 } else { phase.length }, Io::In))
            }
            PhaseKind::Mode => self.enter(State::Phase(index), step(phase.length, Io::In)),
            PhaseKind::Dummy => self.enter(State::Phase(index), step(phase.length, Io::Dummy)),
            PhaseKind::Write => self.enter(State::DataIn(0), step(8, Io::In)),
            PhaseKind::Read | PhaseKind::Exchange => self.send(now, 0, phase.lanes),
        }
    }

    fn end_phase(&mut self, now: Time, index: usize, input: u64) -> Step {
        match self.phase(index).map(|phase| phase.kind) {
            Some(PhaseKind::Address) => self.transfer.address = input,
            Some(PhaseKind::Mode) => self.take_mode_bits(now, input),
            _ => {}
        }
        self.begin_phase(now, index + 1)
    }

    /// M5-4 = 10 lets the next transfer begin with the address of the same command.
    fn take_mode_bits(&mut self, now: Time, mode: u64) {
        let stays = mode >> 4 & 0b11 == 0b10;
        if stays && self.modes.continuous.is_none() {
            let text = format!("mode bits {mode:02x} enter continuous read: the next transfer has no opcode");
            self.remark(&remarks::CONTINUOUS_READ, now, text);
        }
        self.modes.continuous = stays.then_some(self.transfer.row);
    }

    fn receive(&mut self, count: u64, byte: u8) -> Step {
        let place = (count % self.spec.page) as usize;
        match self.transfer.data.get_mut(place) {
            Some(earlier) => *earlier = byte,
            None => self.transfer.data.push(byte),
        }
        let lanes = self.phase_lanes(PhaseKind::Write);
        self.enter(State::DataIn(count + 1), Step::input(8).on(lanes))
    }

    fn phase_lanes(&self, kind: PhaseKind) -> Lanes {
        (0..)
            .map_while(|i| self.phase(i))
            .find(|phase| phase.kind == kind)
            .map_or(Lanes::SINGLE, |phase| phase.lanes)
    }

    fn send(&mut self, now: Time, count: u64, lanes: Lanes) -> Step {
        self.settle(now);
        let byte = self.output(count);
        self.enter(State::DataOut(count), Step::output(byte.into(), 8).on(lanes))
    }

    /// Byte `count` of what the command reads.
    fn output(&self, count: u64) -> u8 {
        let address = self.transfer.address.wrapping_add(count);
        let repeated = |bytes: &[u8]| bytes[(address % bytes.len() as u64) as usize];
        match self.action() {
            Action::Read => self.memory.read(address),
            Action::ReadStatus(2) => {
                self.status.read(2, self.latches()) | u8::from(self.suspended.is_some()) << 7
            }
            Action::ReadStatus(register) => self.status.read(register, self.latches()),
            Action::ReadFlagStatus => u8::from(!self.latches().busy) << 7,
            Action::ReadJedecId => repeated(&self.spec.jedec_id),
            Action::ReadManufacturerId => repeated(&[self.spec.jedec_id[0], self.spec.device_id]),
            Action::ReadUniqueId => repeated(&self.unique_id),
            Action::ReadSfdp => self.sfdp.get(address as usize).copied().unwrap_or(0xff),
            Action::Release => self.spec.device_id,
            _ => 0xff,
        }
    }

    // CS rises: is the command whole, and what does it do?

    fn finish(&mut self, now: Time, bits: u32) {
        match self.transfer.state {
            State::Ignored => {}
            State::Opcode if bits == 0 => {}
            State::Opcode => {
                self.remark(&remarks::TOO_SHORT, now, format!("CS rises {bits} bits into the opcode"));
            }
            _ if !takes_effect(self.action()) => {}
            _ => match self.incomplete(bits) {
                Some((kind, why)) => {
                    let text = format!("{} {why}: not executed", self.name());
                    self.remark(kind, now, text);
                }
                None => self.execute(now),
            },
        }
    }

    /// Why the command is not whole, if it is not.
    fn incomplete(&self, bits: u32) -> Option<(&'static Explained, &'static str)> {
        let mid_byte = || (&remarks::MID_BYTE, "ends inside a byte");
        match self.transfer.state {
            State::Opcode | State::Ignored | State::DataOut(_) => None,
            State::TooMany => Some((&remarks::EXTRA_BYTES, "is followed by more bytes")),
            // The release may end anywhere: the identification is optional.
            State::Phase(_) if self.action() == Action::Release => None,
            _ if !bits.is_multiple_of(8) => Some(mid_byte()),
            State::Phase(_) => Some((&remarks::TOO_SHORT, "lacks its address")),
            State::DataIn(0) => Some((&remarks::TOO_SHORT, "lacks its data")),
            State::DataIn(count) if count > self.most_data() => {
                Some((&remarks::EXTRA_BYTES, "is followed by more bytes"))
            }
            State::Complete | State::DataIn(_) => None,
        }
    }

    /// The greatest number of bytes of data that the command takes.
    fn most_data(&self) -> u64 {
        let has_second = || self.commands.details.iter().any(|d| d.action == Action::ReadStatus(2));
        match self.action() {
            Action::WriteStatus(1) if has_second() => 2,
            Action::WriteStatus(_) => 1,
            _ => u64::MAX,
        }
    }

    fn execute(&mut self, now: Time) {
        let action = self.action();
        if action.changes() {
            return self.change(now, action);
        }
        match action {
            Action::WriteEnable => self.armed.write = true,
            Action::WriteDisable => self.armed.write = false,
            Action::VolatileWriteEnable => self.armed.volatile_write = true,
            Action::PowerDown => {
                self.powered_down = true;
                self.begin_work(WorkKind::Recovery, now, self.recovery.power_down);
            }
            Action::Release => self.release(now),
            Action::Suspend => self.suspend(now),
            Action::Resume => self.resume(now),
            Action::EnableReset => self.armed.reset = true,
            Action::Reset => self.reset(now),
            Action::EnterQuad => self.modes.quad_opcodes = true,
            Action::ExitLanes => self.modes.quad_opcodes = false,
            Action::EnterFourByte => self.modes.long_addresses = true,
            Action::ExitFourByte => self.modes.long_addresses = false,
            _ => {}
        }
    }

    fn suspend(&mut self, now: Time) {
        let left = self.work.filter(|work| work.kind == WorkKind::Change).map(|work| work.until.since(now));
        let action = self.last_change;
        match left {
            Some(left)
                if matches!(action, Action::Program | Action::Erase(_)) && self.suspended.is_none() =>
            {
                self.suspended = Some(Suspended { action, left });
                self.begin_work(WorkKind::Suspending, now, self.recovery.suspend);
            }
            _ => {
                let text = format!("{} finds no program or erase to suspend: ignored", self.name());
                self.remark(&remarks::NOTHING_TO_SUSPEND, now, text);
            }
        }
    }

    fn resume(&mut self, now: Time) {
        let Some(suspended) = self.suspended.take() else {
            let text = format!("{} finds nothing suspended: ignored", self.name());
            return self.remark(&remarks::NOTHING_TO_SUSPEND, now, text);
        };
        self.last_change = suspended.action;
        self.begin_work(WorkKind::Change, now, suspended.left);
    }

    fn release(&mut self, now: Time) {
        if !self.powered_down {
            return;
        }
        self.powered_down = false;
        let with_id = matches!(self.transfer.state, State::DataOut(_));
        let time = if with_id { self.recovery.release_with_id } else { self.recovery.release };
        self.begin_work(WorkKind::Recovery, now, time);
    }

    fn reset(&mut self, now: Time) {
        if self.latches().busy || self.suspended.is_some() {
            let text = "reset aborts what is under way: the data concerned are undefined".into();
            self.remark(&remarks::RESET_WHILE_BUSY, now, text);
        }
        self.armed = Armed::default();
        self.modes = Modes::default();
        self.suspended = None;
        self.status.reset();
        self.begin_work(WorkKind::Recovery, now, self.recovery.reset);
    }

    /// A program, erase or register write, if it is allowed.
    fn change(&mut self, now: Time, action: Action) {
        let volatile =
            std::mem::take(&mut self.armed.volatile_write) && matches!(action, Action::WriteStatus(_));
        if !self.armed.write && !volatile {
            let text = format!("{} without write enable: not executed", self.name());
            return self.remark(&remarks::NOT_WRITE_ENABLED, now, text);
        }
        if let Some(text) = self.protection(action) {
            return self.remark(&remarks::PROTECTED, now, text);
        }
        match action {
            Action::Program => self.program(now),
            Action::Erase(size) => self.memory.erase(self.block_start(size), size),
            Action::EraseChip => self.memory.erase(0, self.spec.size),
            Action::WriteStatus(register) if volatile => {
                return self.write_status(now, register, Keep::Volatile);
            }
            Action::WriteStatus(register) => self.write_status(now, register, Keep::NonVolatile),
            _ => {}
        }
        self.last_change = action;
        self.begin_work(WorkKind::Change, now, self.durations[self.transfer.row]);
    }

    fn block_start(&self, size: u64) -> u64 {
        let address = self.transfer.address % self.spec.size;
        address - address % size
    }

    /// What a program or erase would hit that is protected.
    fn protection(&self, action: Action) -> Option<String> {
        let range = match action {
            Action::Program => {
                self.block_start(self.spec.page)..self.block_start(self.spec.page) + self.spec.page
            }
            Action::Erase(size) => self.block_start(size)..self.block_start(size) + size,
            Action::EraseChip => 0..self.spec.size,
            _ => return None,
        };
        let protected = self.status.protected(self.spec.protect_unit, self.spec.size);
        let hit = range.start < protected.end && protected.start < range.end;
        hit.then(|| {
            let (first, last) = (protected.start, protected.end - 1);
            format!("{} inside of the protected {first:06x} to {last:06x}: not executed", self.name())
        })
    }

    fn program(&mut self, now: Time) {
        let State::DataIn(count) = self.transfer.state else { return };
        let (page, start) = (self.spec.page, self.block_start(self.spec.page));
        let offset = self.transfer.address % page;
        if offset + count > page {
            let text = format!(
                "{count} bytes from {:06x} run past the page and wrap to {start:06x}",
                start + offset
            );
            self.remark(&remarks::PAGE_WRAP, now, text);
        }
        let mut lost = None;
        for (i, byte) in (0..).zip(std::mem::take(&mut self.transfer.data)) {
            let address = start + (offset + i) % page;
            let old = self.memory.read(address);
            if byte & !old != 0 && lost.is_none() {
                lost = Some((address, byte, old));
            }
            self.memory.write(address, old & byte);
        }
        if let Some((address, byte, old)) = lost {
            let text =
                format!("programming {byte:02x} over {old:02x} at {address:06x} leaves {:02x}", old & byte);
            self.remark(&remarks::NOT_ERASED, now, text);
        }
    }

    fn write_status(&mut self, now: Time, register: u8, keep: Keep) {
        let three = self.commands.details.iter().any(|d| d.action == Action::ReadStatus(3));
        for (register, byte) in (register..).zip(std::mem::take(&mut self.transfer.data)) {
            self.status.write(register, byte, keep);
            let odd = Status::not_modelled(register, byte);
            if three && odd != 0 {
                let text =
                    format!("bits {odd:02x} of status register {register} have no effect in this model");
                self.remark(&remarks::NOT_MODELLED, now, text);
            }
        }
    }
}

/// A suspended program forbids programs, a suspended erase forbids erases, and both forbid register writes.
const fn clashes(suspended: Action, action: Action) -> bool {
    match action {
        Action::WriteStatus(_) | Action::EraseChip => true,
        Action::Program => matches!(suspended, Action::Program),
        Action::Erase(_) => matches!(suspended, Action::Erase(_)),
        _ => false,
    }
}

/// Status reads, suspend and the reset sequence are accepted while a program, erase or register write is under way.
const fn runs_while_busy(action: Action) -> bool {
    matches!(
        action,
        Action::ReadStatus(_)
            | Action::ReadFlagStatus
            | Action::Suspend
            | Action::EnableReset
            | Action::Reset
    )
}

/// True for commands that do something when CS rises.
const fn takes_effect(action: Action) -> bool {
    !matches!(
        action,
        Action::None
            | Action::Read
            | Action::ReadStatus(_)
            | Action::ReadFlagStatus
            | Action::ReadJedecId
            | Action::ReadManufacturerId
            | Action::ReadUniqueId
            | Action::ReadSfdp
    )
}

impl Device for Nor {
    fn select(&mut self, now: Time) -> Step {
        self.settle(now);
        self.transfer.start = now;
        self.transfer.address = 0;
        self.transfer.data.clear();
        if let Some(row) = self.modes.continuous {
            self.transfer.row = row;
            return self.admit(now);
        }
        let lanes = self.lanes();
        self.enter(State::Opcode, Step::input(8).on(lanes))
    }

    // What is busy when CS falls refuses the whole transfer, even if it is ready before the opcode is complete.
    fn step(&mut self, now: Time, input: u64) -> Step {
        match self.transfer.state {
            State::Opcode => self.after_opcode(now, input),
            State::Phase(index) => self.end_phase(now, index, input),
            State::DataIn(count) => self.receive(count, input as u8),
            State::DataOut(count) => {
                let lanes = self.phase_lanes(PhaseKind::Read);
                self.send(now, count + 1, lanes)
            }
            State::Complete | State::TooMany => self.idle(State::TooMany),
            State::Ignored => self.idle(State::Ignored),
        }
    }

    fn deselect(&mut self, now: Time, bits: u32) {
        self.settle(now);
        self.finish(now, bits);
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
