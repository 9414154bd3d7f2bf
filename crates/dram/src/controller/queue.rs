//! Requests that wait, in order of age.
//!
//! A queue is a window of 64 positions, filled in order of arrival, so that a position is an age and sets of requests are
//! bit masks whose lowest bit is the oldest. When the window is full, the holes left by served requests are closed.

use super::timing::{BANKS, Stamp};
use crate::map::Location;

/// The positions of a window.
pub(crate) const POSITIONS: usize = 64;

/// A request in a queue.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waiting {
    /// In bytes.
    pub(crate) address: u64,
    /// Where it lies.
    pub(crate) at: Location,
    /// The clock in which it was accepted.
    pub(crate) arrived: u64,
    /// The clock of the last command issued for it; at first that of its arrival.
    pub(crate) since: u64,
    /// The number of its account, where waits are accounted for.
    pub(crate) account: u8,
    /// A command has been issued for it.
    pub(crate) begun: bool,
}

/// A queue of requests; what concerns banks is a bit or an entry per bank.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    entries: [Waiting; POSITIONS],
    /// The positions in use.
    live: u64,
    /// How many they are.
    len: u32,
    /// The first position never used since holes were last closed.
    tail: usize,
    /// By bank, the positions of its requests.
    of_bank: [u64; BANKS],
    /// By bank, those of its requests that are for its open row.
    hits: [u64; BANKS],
    /// Banks with requests.
    pub(crate) banks: u64,
    /// Banks with requests for their open rows.
    pub(crate) hit_banks: u64,
    /// Banks with requests for other rows, or closed ones with requests.
    pub(crate) miss_banks: u64,
    /// By bank, the oldest request for its open row: when the bank allows its command, tagged with its position.
    hit_keys: [Stamp; BANKS],
    /// By bank, the same of the oldest request for another row, or of any if the bank is closed.
    miss_keys: [Stamp; BANKS],
    /// How many requests there are of each trait of an address: 0 proves that none is for the address.
    traits: [u8; TRAITS],
    capacity: u32,
}

/// How many traits an address may have.
const TRAITS: usize = 256;

/// The trait of an address: by Knuth's multiplicative hashing.
#[inline]
const fn trait_of(address: u64) -> usize {
    (address.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - TRAITS.ilog2())) as usize % TRAITS
}

impl Queue {
    pub(crate) fn new(capacity: u32) -> Queue {
        Queue {
            entries: [Waiting::default(); POSITIONS],
            live: 0,
            len: 0,
            tail: 0,
            of_bank: [0; BANKS],
            hits: [0; BANKS],
            banks: 0,
            hit_banks: 0,
            miss_banks: 0,
            hit_keys: [Stamp::NEVER; BANKS],
            miss_keys: [Stamp::NEVER; BANKS],
            traits: [0; TRAITS],
            capacity,
        }
    }

    #[inline]
    pub(crate) const fn len(&self) -> u32 {
        self.len
    }

    /// How many requests may wait.
    pub(crate) const fn capacity(&self) -> u32 {
        self.capacity
    }

    #[inline]
    pub(crate) const fn is_full(&self) -> bool {
        self.len() >= self.capacity
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.live == 0
    }

    #[inline]
    pub(crate) fn entry(&self, position: usize) -> &Waiting {
        &self.entries[position % POSITIONS]
    }

    #[inline]
    pub(crate) fn entry_mut(&mut self, position: usize) -> &mut Waiting {
        &mut self.entries[position % POSITIONS]
    }

    /// The positions in use, oldest first.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> + use<> {
        bits(self.live)
    }

    /// The oldest request for the bank's open row; the bank must be one of `hit_banks`.
    #[inline]
    pub(crate) fn hit(&self, bank: usize) -> Stamp {
        self.hit_keys[bank % BANKS]
    }

    /// The oldest other request; the bank must be one of `miss_banks`.
    #[inline]
    pub(crate) fn miss(&self, bank: usize) -> Stamp {
        self.miss_keys[bank % BANKS]
    }

    /// Notes when the bank allows the command for its open row, and the one that leads to another row.
    #[inline]
    pub(crate) fn rekey(&mut self, bank: usize, hit: Stamp, miss: Stamp) {
        let (all, hits) = (self.of_bank[bank % BANKS], self.hits[bank % BANKS]);
        self.hit_keys[bank % BANKS] = hit.tagged(hits.trailing_zeros() as u8);
        self.miss_keys[bank % BANKS] = miss.tagged((all & !hits).trailing_zeros() as u8);
    }

    /// The position of the oldest request for another row of the bank, or the number of positions.
    #[inline]
    pub(crate) fn oldest_other(&self, bank: usize) -> usize {
        (self.of_bank[bank % BANKS] & !self.hits[bank % BANKS]).trailing_zeros() as usize
    }

    /// How long all requests have waited, in sum.
    pub(crate) fn waited_until(&self, clock: u64) -> u64 {
        self.positions().map(|position| clock - self.entry(position).arrived).sum()
    }

    /// The position of the oldest request.
    pub(crate) fn oldest(&self) -> Option<usize> {
        (self.live != 0).then_some(self.live.trailing_zeros() as usize)
    }

    /// The position of the youngest request; there must have been one.
    #[inline]
    pub(crate) fn youngest(&self) -> usize {
        self.tail - 1
    }

    /// True if no other request for the bank wants of it what that one does and is older.
    #[inline]
    pub(crate) fn is_first(&self, bank: usize, position: usize) -> bool {
        let first = if self.is_hit(position) { self.hit(bank) } else { self.miss(bank) };
        first.tag() as usize == position
    }

    /// True if the request at the position is for the open row of its bank.
    #[inline]
    pub(crate) fn is_hit(&self, position: usize) -> bool {
        self.hits[self.entries[position % POSITIONS].at.bank as usize] >> position & 1 != 0
    }

    /// True if a request of that very address waits.
    #[inline]
    pub(crate) fn holds(&self, address: u64, bank: usize) -> bool {
        let is_there = |position: usize| self.entries[position % POSITIONS].address == address;
        self.traits[trait_of(address)] > 0 && bits(self.of_bank[bank % BANKS]).any(is_there)
    }

    /// Takes a request; there must be room. `open` is the row that is open in its bank. True if others have moved.
    #[inline]
    pub(crate) fn push(&mut self, waiting: Waiting, open: Option<u32>) -> bool {
        let is_full = self.tail == POSITIONS;
        if is_full {
            self.close_holes();
        }
        let (position, bank) = (self.tail, waiting.at.bank as usize);
        self.tail += 1;
        self.entries[position] = waiting;
        self.live |= 1 << position;
        self.len += 1;
        self.traits[trait_of(waiting.address)] += 1;
        self.of_bank[bank % BANKS] |= 1 << position;
        if open == Some(waiting.at.row) {
            self.hits[bank % BANKS] |= 1 << position;
        }
        self.summarise(bank);
        is_full
    }

    /// Takes a request out.
    #[inline]
    pub(crate) fn remove(&mut self, position: usize) -> Waiting {
        let waiting = self.entries[position % POSITIONS];
        let bank = waiting.at.bank as usize;
        self.live &= !(1 << position);
        self.len -= 1;
        self.traits[trait_of(waiting.address)] -= 1;
        self.of_bank[bank % BANKS] &= !(1 << position);
        self.hits[bank % BANKS] &= !(1 << position);
        self.summarise(bank);
        waiting
    }

    /// A row is opened in the bank.
    #[inline]
    pub(crate) fn open(&mut self, bank: usize, row: u32) {
        if self.of_bank[bank % BANKS] == 0 {
            return;
        }
        let hits = bits(self.of_bank[bank % BANKS])
            .filter(|&position| self.entries[position % POSITIONS].at.row == row);
        self.hits[bank % BANKS] = hits.fold(0, |mask, position| mask | 1 << position);
        self.summarise(bank);
    }

    /// The bank is closed.
    #[inline]
    pub(crate) fn close(&mut self, bank: usize) {
        if self.hits[bank % BANKS] != 0 {
            self.hits[bank % BANKS] = 0;
            self.summarise(bank);
        }
    }

    #[inline]
    fn summarise(&mut self, bank: usize) {
        let (all, hits, others) = (self.of_bank[bank % BANKS], self.hits[bank % BANKS], !(1 << bank));
        let bit = |on: bool| u64::from(on) << bank;
        self.banks = self.banks & others | bit(all != 0);
        self.hit_banks = self.hit_banks & others | bit(hits != 0);
        self.miss_banks = self.miss_banks & others | bit(all & !hits != 0);
    }

    fn close_holes(&mut self) {
        let hit_before = self.hits.iter().fold(0, |all, hits| all | hits);
        self.of_bank.fill(0);
        self.hits.fill(0);
        self.tail = 0;
        for position in bits(self.live) {
            let (to, bank) = (self.tail, self.entries[position % POSITIONS].at.bank as usize);
            self.entries[to] = self.entries[position];
            self.of_bank[bank % BANKS] |= 1 << to;
            self.hits[bank % BANKS] |= (hit_before >> position & 1) << to;
            self.tail += 1;
        }
        self.live = if self.tail == POSITIONS { u64::MAX } else { (1 << self.tail) - 1 };
    }
}

/// The numbers of the bits that are set, in ascending order.
#[inline]
pub(crate) fn bits(mut mask: u64) -> impl Iterator<Item = usize> + use<> {
    std::iter::from_fn(move || {
        let bit = mask.trailing_zeros() as usize;
        if mask == 0 {
            return None;
        }
        mask &= mask - 1;
        Some(bit)
    })
}
