//! A target that answers what it is told to.

use busproof_core::bus::i2c::{Address, Answer, Call, Device, Reply};
use busproof_core::{Bits, Span, Time};

/// It acknowledges its address and everything that it is sent. Each time it is addressed for reading it sends the same
/// bytes, and then releases SDA.
pub(super) struct Told {
    address: Address,
    bytes: Vec<u8>,
    at: usize,
}

impl Told {
    pub(super) fn new(address: Address, words: &[Bits]) -> Told {
        let bytes = words.iter().map(|word| word.to_u64().unwrap_or_default() as u8).collect();
        Told { address, bytes, at: 0 }
    }
}

impl Device for Told {
    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        self.at = 0;
        (call.address == self.address).then_some(Answer::ACK)
    }

    fn is_ten_bit(&self, upper: u8) -> bool {
        matches!(self.address, Address::Ten(address) if (address >> 8) as u8 == upper)
    }

    fn write(&mut self, _: Time, _: u8) -> Answer {
        Answer::ACK
    }

    fn takes(&self) -> u32 {
        u32::MAX
    }

    fn read(&mut self, _: Time) -> Reply {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0xff);
        self.at += 1;
        Reply { byte, hold: Span::ZERO }
    }

    fn stop(&mut self, _: Time) {}
}
