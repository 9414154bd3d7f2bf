//! An end that sends back each frame that it hears.

use busproof_core::bus::uart::{Device, Heard, Op};
use busproof_core::time::Time;

/// The echo.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

impl Device for Echo {
    fn hear(&mut self, _now: Time, heard: &Heard) -> Vec<Op> {
        match heard {
            Heard::Frame(frame) => vec![Op::Send(frame.data)],
            _ => Vec::new(),
        }
    }
}
