//! Status registers and what they protect.

use std::ops::Range;

/// Bit 0 of register 1: a program, erase or register write is under way.
const BUSY: u8 = 1 << 0;
/// Bit 1 of register 1: the write enable latch.
const WEL: u8 = 1 << 1;
/// Bits 4 to 2 of register 1, block protection.
const BP_SHIFT: u8 = 2;
/// Bit 5 of register 1: protection counts from the bottom.
const TB: u8 = 1 << 5;

/// The bits that a write changes, by register: not BUSY, WEL, SUS and what is reserved (W25Q128JV section 8.2.5; SRP
/// stands for the SRWD of other parts).
const WRITABLE: [u8; 3] = [0xfc, 0x7b, 0xe4];
/// The bits whose effect is not modelled on parts with three registers: SEC; CMP; WPS.
const NOT_MODELLED: [u8; 3] = [1 << 6, 1 << 6, 1 << 2];

/// Where a bit of the status registers is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusBit {
    /// The register, 1 to 3.
    pub register: u8,
    /// The bit, 0 to 7.
    pub bit: u8,
}

/// The status registers: what holds now, and what non-volatile memory brings back after a reset.
#[derive(Clone, Debug, Default)]
pub(super) struct Status {
    live: [u8; 3],
    stored: [u8; 3],
}

/// Where a register write goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    NonVolatile,
    Volatile,
}

/// BUSY and WEL, which are no memory.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Latches {
    pub(super) busy: bool,
    pub(super) write_enabled: bool,
}

impl Status {
    /// As delivered.
    pub(super) fn new(registers: [u8; 3]) -> Status {
        Status { live: registers, stored: registers }
    }

    /// Register 1, 2 or 3.
    pub(super) fn read(&self, register: u8, latches: Latches) -> u8 {
        let byte = self.live[index(register)];
        if register != 1 {
            return byte;
        }
        byte | if latches.busy { BUSY } else { 0 } | if latches.write_enabled { WEL } else { 0 }
    }

    pub(super) fn write(&mut self, register: u8, value: u8, keep: Keep) {
        let i = index(register);
        self.live[i] = value & WRITABLE[i];
        if keep == Keep::NonVolatile {
            self.stored[i] = self.live[i];
        }
    }

    /// Volatile changes are lost.
    pub(super) fn reset(&mut self) {
        self.live = self.stored;
    }

    pub(super) fn is_set(&self, bit: StatusBit) -> bool {
        self.live[index(bit.register)] >> bit.bit & 1 != 0
    }

    /// Bits of `value` whose effect this model lacks, if written to a Winbond-like `register`.
    pub(super) fn not_modelled(register: u8, value: u8) -> u8 {
        value & NOT_MODELLED[index(register)]
    }

    /// The protected addresses of a memory of `size` bytes whose smallest protection is `unit` bytes: BP = n covers
    /// `unit * 2^(n - 1)` from the top, or from the bottom with TB.
    pub(super) fn protected(&self, unit: u64, size: u64) -> Range<u64> {
        let n = self.live[0] >> BP_SHIFT & 7;
        if n == 0 {
            return 0..0;
        }
        let length = unit.saturating_mul(1 << (n - 1)).min(size);
        if self.live[0] & TB != 0 { 0..length } else { size - length..size }
    }
}

const fn index(register: u8) -> usize {
    match register {
        0 | 1 => 0,
        2 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protection_doubles_from_the_top_or_the_bottom() {
        let mut status = Status::default();
        let protected = |status: &Status| status.protected(256 << 10, 16 << 20);
        assert_eq!(protected(&status), 0..0);
        status.write(1, 0b001 << 2, Keep::NonVolatile);
        assert_eq!(protected(&status), (16 << 20) - (256 << 10)..16 << 20);
        status.write(1, TB | 0b010 << 2, Keep::NonVolatile);
        assert_eq!(protected(&status), 0..512 << 10);
        status.write(1, 0b111 << 2, Keep::NonVolatile);
        assert_eq!(protected(&status), 0..16 << 20);
    }

    #[test]
    fn volatile_writes_are_lost_in_a_reset() {
        let mut status = Status::default();
        status.write(2, 0xff, Keep::Volatile);
        assert_eq!(status.read(2, Latches::default()), 0x7b);
        status.reset();
        assert_eq!(status.read(2, Latches::default()), 0);
    }
}
