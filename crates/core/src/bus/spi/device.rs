//! What a peripheral's logic is to its pins.

use std::any::Any;

use super::command::Lanes;
use crate::bus::{Diagnostic, LoadError};
use crate::time::Time;

/// The logic of a peripheral, without pins: it says step by step what it expects and what it answers, and the
/// peripheral agent moves the bits.
///
/// ```text
/// CS falls      select   -> Step { bits: 8, io: In }                an opcode is expected
/// 8th sample    step(9f) -> Step { bits: 8, io: Out(0xef) }         the answer begins
/// 16th sample   step(0)  -> Step { bits: 8, io: Out(0x40) }
/// CS rises      deselect(bits into the unfinished step)             a command takes effect here
/// ```
///
/// * Calls come in order of time; `step` follows the sampling edge of a step's last bit.
/// * Time passes between calls: a device that is busy compares `now` with the end of its work.
/// * Integers hold the bits in the peripheral's bit order: the first bit on the wire is the most significant of the
///   `bits` unless the bus is LSB first.
pub trait Device: Any + Send {
    /// CS became active.
    fn select(&mut self, now: Time) -> Step;

    /// The last step is complete; `input` holds what came in during it, 0 for one without input.
    fn step(&mut self, now: Time, input: u64) -> Step;

    /// CS became inactive, `bits` bits (clocks, in a dummy step) into a step that is not complete; 0: just between
    /// two steps.
    fn deselect(&mut self, now: Time, bits: u32);

    /// Takes what the device has refused or found odd since the last call.
    fn take_remarks(&mut self) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// Presets memory from `address` on, as a programmer would before the run.
    fn load(&mut self, address: u64, bytes: &[u8]) -> Result<(), LoadError> {
        let _ = (address, bytes);
        Err(LoadError::NoMemory)
    }

    /// Reads `length` bytes of memory from `address` on without the bus.
    fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        let _ = (address, length);
        Err(LoadError::NoMemory)
    }
}

/// What the peripheral does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// How many bits, 1 to 64; clocks for [`Io::Dummy`]. A multiple of the lanes.
    pub bits: u32,
    /// How they travel.
    pub lanes: Lanes,
    /// In which direction.
    pub io: Io,
}

/// The direction of a step, and its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Io {
    /// Bits come in; the outputs are released.
    In,
    /// Bits go out; what comes in is ignored.
    Out(u64),
    /// Both at once, on MISO and MOSI; one lane only.
    Exchange(u64),
    /// Clocks pass; nothing is driven or sampled.
    Dummy,
}

impl Step {
    /// `bits` bits in, on one lane.
    pub const fn input(bits: u32) -> Step {
        Step { bits, lanes: Lanes::SINGLE, io: Io::In }
    }

    /// `bits` bits out, on one lane.
    pub const fn output(value: u64, bits: u32) -> Step {
        Step { bits, lanes: Lanes::SINGLE, io: Io::Out(value) }
    }

    /// `bits` bits out and in at once.
    pub const fn exchange(value: u64, bits: u32) -> Step {
        Step { bits, lanes: Lanes::SINGLE, io: Io::Exchange(value) }
    }

    /// `clocks` clocks that carry nothing.
    pub const fn dummy(clocks: u32) -> Step {
        Step { bits: clocks, lanes: Lanes::SINGLE, io: Io::Dummy }
    }

    /// The same on other lanes.
    #[must_use]
    pub const fn on(self, lanes: Lanes) -> Step {
        Step { lanes, ..self }
    }
}
