//! Requests that wait, in order of age.
//!
//! A queue is a window of 64 positions, filled in order of arrival, so that a position is an age and sets of requests are
//! bit masks whose lowest bit is the oldest. When the window is full, the holes left by served requests are closed.

use super::timing::BANKS;
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
    /// By bank, the oldest request for its open row.
    hit_keys: [Key; BANKS],
    /// By bank, the oldest request for another row, or any if the bank is closed.
    miss_keys: [Key; BANKS],
    capacity: u32,
}

/// When the bank allows a request's next command, and its position: the less, the sooner it is served, and of equal times the
/// older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(u64);

impl Key {
    /// After everything.
    pub(crate) const NEVER: Key = Key(u64::MAX);
    const POSITION_BITS: u32 = POSITIONS.ilog2();
    const POSITION: u64 = POSITIONS as u64 - 1;

    const fn new(clock: u64, position: u32) -> Key {
        Key(clock << Key::POSITION_BITS | position as u64)
    }

    /// The same request, not before `clock`.
    #[inline]
    pub(crate) fn not_before(self, clock: u64) -> Key {
        Key(self.0.max(clock << Key::POSITION_BITS | self.0 & Key::POSITION))
    }

    #[inline]
    pub(crate) const fn clock(self) -> u64 {
        self.0 >> Key::POSITION_BITS
    }

    #[inline]
    pub(crate) const fn position(self) -> usize {
        (self.0 & Key::POSITION) as usize
    }
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
            hit_keys: [Key::NEVER; BANKS],
            miss_keys: [Key::NEVER; BANKS],
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
    pub(crate) fn hit(&self, bank: usize) -> Key {
        self.hit_keys[bank % BANKS]
    }

    /// The oldest other request; the bank must be one of `miss_banks`.
    #[inline]
    pub(crate) fn miss(&self, bank: usize) -> Key {
        self.miss_keys[bank % BANKS]
    }

    /// Notes when the bank allows the command for its open row, and the one that leads to another row.
    #[inline]
    pub(crate) fn rekey(&mut self, bank: usize, hit: u64, miss: u64) {
        let (all, hits) = (self.of_bank[bank % BANKS], self.hits[bank % BANKS]);
        self.hit_keys[bank % BANKS] = Key::new(hit, hits.trailing_zeros() & Key::POSITION as u32);
        self.miss_keys[bank % BANKS] = Key::new(miss, (all & !hits).trailing_zeros() & Key::POSITION as u32);
    }

    /// True if the request at the position is for the open row of its bank.
    #[inline]
    pub(crate) fn is_hit(&self, position: usize) -> bool {
        self.hits[self.entries[position % POSITIONS].at.bank as usize] >> position & 1 != 0
    }

    /// True if a request of that very address waits.
    #[inline]
    pub(crate) fn holds(&self, address: u64, bank: usize) -> bool {
        bits(self.of_bank[bank % BANKS]).any(|position| self.entries[position % POSITIONS].address == address)
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
        self.of_bank[bank % BANKS] &= !(1 << position);
        self.hits[bank % BANKS] &= !(1 << position);
        self.summarise(bank);
        waiting
    }

    /// A row is opened in the bank.
    #[inline]
    pub(crate) fn open(&mut self, bank: usize, row: u32) {
        let hits = bits(self.of_bank[bank % BANKS])
            .filter(|&position| self.entries[position % POSITIONS].at.row == row);
        self.hits[bank % BANKS] = hits.fold(0, |mask, position| mask | 1 << position);
        self.summarise(bank);
    }

    /// The bank is closed.
    #[inline]
    pub(crate) fn close(&mut self, bank: usize) {
        self.hits[bank % BANKS] = 0;
        self.summarise(bank);
    }

    #[inline]
    fn summarise(&mut self, bank: usize) {
        let (all, hits, bit) = (self.of_bank[bank % BANKS], self.hits[bank % BANKS], 1 << bank);
        let set = |mask: u64, on: bool| if on { mask | bit } else { mask & !bit };
        self.banks = set(self.banks, all != 0);
        self.hit_banks = set(self.hit_banks, hits != 0);
        self.miss_banks = set(self.miss_banks, all & !hits != 0);
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
