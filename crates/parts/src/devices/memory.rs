//! Memory that costs only what has been written.

use std::collections::BTreeMap;

use busproof_core::bus::LoadError;

/// The bytes that are allocated together.
const CHUNK: u64 = 4096;

/// What memory holds that was never written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blank {
    /// All ones: erased flash.
    Erased,
    /// Noise that follows from a seed: SRAM after power-up.
    Noise(u64),
}

impl Blank {
    fn byte(self, address: u64) -> u8 {
        match self {
            Blank::Erased => 0xff,
            Blank::Noise(seed) => mix(seed ^ address.wrapping_mul(0x9e37_79b9_7f4a_7c15)) as u8,
        }
    }
}

/// Spreads the bits of a number over all others (the finaliser of `SplitMix64`).
pub(super) const fn mix(mut z: u64) -> u64 {
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// Bytes at addresses 0 to `size - 1`; addresses above wrap.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    size: u64,
    blank: Blank,
    chunks: BTreeMap<u64, Box<[u8]>>,
}

impl Memory {
    /// Blank memory of `size` bytes, at least 1.
    pub(super) fn new(size: u64, blank: Blank) -> Memory {
        Memory { size: size.max(1), blank, chunks: BTreeMap::new() }
    }

    pub(super) fn read(&self, address: u64) -> u8 {
        let address = address % self.size;
        match self.chunks.get(&(address / CHUNK)) {
            Some(chunk) => chunk[(address % CHUNK) as usize],
            None => self.blank.byte(address),
        }
    }

    pub(super) fn write(&mut self, address: u64, byte: u8) {
        let address = address % self.size;
        let (index, blank) = (address / CHUNK, self.blank);
        let fresh = || (0..CHUNK).map(|i| blank.byte(index * CHUNK + i)).collect();
        self.chunks.entry(index).or_insert_with(fresh)[(address % CHUNK) as usize] = byte;
    }

    /// Makes `length` bytes from `start` on blank.
    pub(super) fn erase(&mut self, start: u64, length: u64) {
        let (blank, end) = (self.blank, start.saturating_add(length));
        self.chunks.retain(|index, chunk| {
            let first = index * CHUNK;
            if start <= first && first + CHUNK <= end {
                return false;
            }
            for at in start.max(first)..end.min(first + CHUNK) {
                chunk[(at - first) as usize] = blank.byte(at);
            }
            true
        });
    }

    pub(super) fn load(&mut self, address: u64, bytes: &[u8]) -> Result<(), LoadError> {
        self.check(address, bytes.len())?;
        for (at, byte) in (address..).zip(bytes) {
            self.write(at, *byte);
        }
        Ok(())
    }

    pub(super) fn peek(&self, address: u64, length: usize) -> Result<Vec<u8>, LoadError> {
        self.check(address, length)?;
        Ok((address..).take(length).map(|at| self.read(at)).collect())
    }

    fn check(&self, address: u64, length: usize) -> Result<(), LoadError> {
        let fits = address.checked_add(length as u64).is_some_and(|end| end <= self.size);
        if fits { Ok(()) } else { Err(LoadError::OutOfRange { address, length, size: self.size }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_memory_costs_nothing_and_wraps() {
        let mut memory = Memory::new(1 << 24, Blank::Erased);
        assert_eq!(memory.read(5), 0xff);
        assert!(memory.chunks.is_empty());
        memory.write((1 << 24) + 5, 0x12);
        assert_eq!(memory.peek(4, 3).unwrap(), [0xff, 0x12, 0xff]);
        memory.erase(0, 4096);
        assert!(memory.chunks.is_empty());
    }

    #[test]
    fn part_of_a_chunk_can_be_erased() {
        let mut memory = Memory::new(1 << 20, Blank::Erased);
        memory.load(0x1000 - 2, &[1, 2, 3, 4]).unwrap();
        memory.erase(0x1000 - 1, 2);
        assert_eq!(memory.peek(0x1000 - 2, 4).unwrap(), [1, 0xff, 0xff, 4]);
    }

    #[test]
    fn noise_is_the_same_before_and_after_a_write_nearby() {
        let mut memory = Memory::new(1 << 17, Blank::Noise(1));
        let before = memory.peek(0, 64).unwrap();
        memory.write(64, 0);
        assert_eq!(memory.peek(0, 64).unwrap(), before);
        assert_ne!(Memory::new(1 << 17, Blank::Noise(2)).peek(0, 64).unwrap(), before);
    }

    #[test]
    fn the_end_is_the_end() {
        let mut memory = Memory::new(16, Blank::Erased);
        assert!(memory.load(14, &[1, 2]).is_ok());
        let past = LoadError::OutOfRange { address: 15, length: 2, size: 16 };
        assert_eq!(memory.load(15, &[1, 2]), Err(past));
        assert_eq!(memory.peek(15, 2), Err(past));
        assert!(memory.peek(u64::MAX, 2).is_err());
    }
}
