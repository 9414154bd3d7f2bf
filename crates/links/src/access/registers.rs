//! The registers of the FPGA.

use std::collections::VecDeque;

use busproof_core::{Span, Time};

/// What is in a register: no two neighbours alike, so that an answer to another question is noticed.
pub(super) const fn word_at(address: u16) -> u16 {
    address.wrapping_mul(0x9e37) ^ 0x5a5a
}

/// Requests on their way through the FPGA: one after the other, each taking a while.
#[derive(Clone, Debug)]
pub(super) struct Registers {
    access_time: Span,
    free: Time,
    words: VecDeque<(Time, u16)>,
}

impl Registers {
    pub(super) fn new(access_time: Span) -> Registers {
        Registers { access_time, free: Time::ZERO, words: VecDeque::new() }
    }

    /// A request has arrived. Returns when its word will be ready.
    pub(super) fn ask(&mut self, now: Time, address: u16) -> Time {
        self.free = self.free.max(now) + self.access_time;
        self.words.push_back((self.free, word_at(address)));
        self.free
    }

    /// When the next word is ready.
    pub(super) fn ready(&self) -> Option<Time> {
        self.words.front().map(|&(ready, _)| ready)
    }

    /// The next word, if it is ready.
    pub(super) fn take(&mut self, now: Time) -> Option<u16> {
        self.words.pop_front_if(|(ready, _)| *ready <= now).map(|(_, word)| word)
    }
}

/// Bytes that become words of two, the upper byte first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pairs(Option<u8>);

impl Pairs {
    /// One more byte; the word, if that completes it.
    pub(super) fn take(&mut self, byte: u8) -> Option<u16> {
        let upper = self.0.take();
        if upper.is_none() {
            self.0 = Some(byte);
        }
        upper.map(|upper| u16::from_be_bytes([upper, byte]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accesses_take_their_turn() {
        let at = Time::from_fs;
        let mut registers = Registers::new(Span::from_fs(10));
        assert_eq!((registers.ask(at(3), 1), registers.ask(at(5), 2)), (at(13), at(23)));
        assert_eq!((registers.take(at(12)), registers.take(at(13))), (None, Some(word_at(1))));
        assert_eq!(registers.ready(), Some(at(23)));
        assert_eq!(registers.take(at(40)), Some(word_at(2)));
        assert_eq!(registers.ask(at(50), 3), at(60));
    }

    #[test]
    fn words_differ() {
        let words: std::collections::BTreeSet<u16> = (0..=u16::MAX).map(word_at).collect();
        assert_eq!(words.len(), 1 << 16);
    }

    #[test]
    fn bytes_pair_up() {
        let mut pairs = Pairs::default();
        assert_eq!([1, 2, 3].map(|byte| pairs.take(byte)), [None, Some(0x0102), None]);
    }
}
