//! A device that answers what it is told to.

use busproof_core::bus::uart::{Device, Heard, Op};
use busproof_core::{Bits, Time};

/// Whenever the line has been idle for a frame behind something that it heard, it sends the same frames.
pub(super) struct Told {
    frames: Vec<u16>,
    was_asked: bool,
}

impl Told {
    pub(super) fn new(words: &[Bits]) -> Told {
        let frames = words.iter().map(|word| word.to_u64().unwrap_or_default() as u16).collect();
        Told { frames, was_asked: false }
    }
}

impl Device for Told {
    fn hear(&mut self, _: Time, heard: &Heard) -> Vec<Op> {
        match heard {
            Heard::Frame(_) => self.was_asked = true,
            Heard::Idle { .. } if std::mem::take(&mut self.was_asked) => {
                return self.frames.iter().map(|&data| Op::Send(data)).collect();
            }
            Heard::Idle { .. } | Heard::Break { .. } | Heard::Overrun { .. } | Heard::Synchronised { .. } => {
            }
        }
        Vec::new()
    }
}
