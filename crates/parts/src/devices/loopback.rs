//! A loop-back: each word comes back as the next one.

use busproof_core::bus::spi::{Device, Step, WordBits};
use busproof_core::time::Time;

/// What an echo needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    bits: u32,
}

impl Spec {
    /// An echo of the bus's words; `None` if they are longer than 64 bits.
    pub fn new(word: WordBits) -> Option<Spec> {
        (word.get() <= 64).then_some(Spec { bits: word.get() })
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

#[cfg(test)]
mod tests {
    use super::super::testing::Player;
    use super::*;

    #[test]
    fn each_word_comes_back_as_the_next() {
        let spec = Spec::new(WordBits::default()).unwrap();
        let mut p = Player::new(Loopback::new(spec));
        assert_eq!(p.bytes(&[0x12, 0x34, 0x56]), [0, 0x12, 0x34]);
        assert_eq!(p.bytes(&[0x78, 0]), [0, 0x78]);
    }

    #[test]
    fn words_have_at_most_64_bits() {
        assert!(WordBits::new(64).and_then(Spec::new).is_some());
        assert!(WordBits::new(65).and_then(Spec::new).is_none());
    }
}
