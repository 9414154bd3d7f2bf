//! What the logic at one end of a UART is to its pins.

use std::any::Any;

use super::{Heard, Op};
use crate::bus::{Diagnostic, LoadError};
use crate::time::Time;

/// The logic behind a UART, without TX and RX: it hears frames and answers frames, and its [`Terminal`](super::Terminal)
/// moves the bits.
///
/// ```text
/// other end   | 52 | 01 | 9f |
/// device      hear hear hear -> [Idle, Send 06, Send ..]
///             alarm() passes without a frame: ring
/// ```
///
/// * Calls come in order of time: one for everything that the receiver heard, breaks, idle lines and overruns included.
/// * What a call returns is sent behind everything that is still to be sent. Data lose the bits that do not fit into a
///   frame, as in a data register.
pub trait Device: Any + Send {
    /// Something was heard.
    fn hear(&mut self, now: Time, heard: &Heard) -> Vec<Op>;

    /// When it wants [`Device::ring`] to be called, if ever; asked anew after every call.
    fn alarm(&self) -> Option<Time> {
        None
    }

    /// Its alarm is due.
    fn ring(&mut self, now: Time) -> Vec<Op> {
        let _ = now;
        Vec::new()
    }

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
