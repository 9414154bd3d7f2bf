//! A device that answers what it is told to.

use busproof_core::bits::BitOrder;
use busproof_core::bus::spi::{Device, Step};
use busproof_core::{Bits, Time};

/// After each select the same words, then zeros.
pub(super) struct Reply {
    steps: Vec<Step>,
    zeros: Step,
    at: usize,
}

impl Reply {
    /// Replies `words`, then zeros of `word_bits` each; words of more than 64 bits take several steps.
    pub(super) fn new(words: &[Bits], word_bits: u32, order: BitOrder) -> Reply {
        let steps = words.iter().flat_map(|word| steps(word, order)).collect();
        Reply { steps, zeros: Step::exchange(0, word_bits.min(64)), at: 0 }
    }

    fn next(&mut self) -> Step {
        let step = self.steps.get(self.at).copied().unwrap_or(self.zeros);
        self.at += 1;
        step
    }
}

/// A word in pieces of at most 64 bits, in the order in which they travel.
fn steps(word: &Bits, order: BitOrder) -> Vec<Step> {
    let wire: Vec<bool> = word.wire(order).map(|bit| bit == Some(true)).collect();
    let value = |piece: &[bool]| match order {
        BitOrder::Msb => piece.iter().fold(0, |n, &bit| n << 1 | u64::from(bit)),
        BitOrder::Lsb => piece.iter().rev().fold(0, |n, &bit| n << 1 | u64::from(bit)),
    };
    wire.chunks(64).map(|piece| Step::exchange(value(piece), piece.len() as u32)).collect()
}

impl Device for Reply {
    fn select(&mut self, _: Time) -> Step {
        self.at = 0;
        self.next()
    }

    fn step(&mut self, _: Time, _: u64) -> Step {
        self.next()
    }

    fn deselect(&mut self, _: Time, _: u32) {}
}
