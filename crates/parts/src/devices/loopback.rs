//! A loop-back: each word comes back as the next one.

use busproof_core::bus::spi::{Device, Options, Step};
use busproof_core::time::Time;

/// What an echo needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    bits: u32,
}

impl Spec {
    /// An echo of the bus's words; `None` if they are longer than 64 bits.
    pub fn new(options: &Options) -> Option<Spec> {
        let bits = options.word_bits.get();
        (bits <= 64).then_some(Spec { bits })
    }
}

/// The echo. The first word after CS is 0.
#[derive(Clone, Debug)]
pub struct Loopback {
    spec: Spec,
}

impl Loopback {
    /// An echo.
    pub const fn new(spec: Spec) -> Loopback {
        Loopback { spec }
    }
}

impl Device for Loopback {
    fn select(&mut self, _now: Time) -> Step {
        Step::exchange(0, self.spec.bits)
    }

    fn step(&mut self, _now: Time, input: u64) -> Step {
        Step::exchange(input, self.spec.bits)
    }

    fn deselect(&mut self, _now: Time, _bits: u32) {}
}
