//! Which ranks sleep.

use super::timing::Shape;

/// Power-down of the ranks of a channel.
#[derive(Clone, Debug)]
pub(super) struct Power {
    /// The clocks without a command after which an idle rank sleeps; `None` if none ever does.
    after: Option<u64>,
    /// By rank, the clock of its last command.
    touched: Vec<u64>,
    asleep: Vec<bool>,
    /// The banks of sleeping ranks.
    banks: u64,
}

impl Power {
    pub(super) fn new(after: Option<u64>, ranks: usize) -> Power {
        Power { after, touched: vec![0; ranks], asleep: vec![false; ranks], banks: 0 }
    }

    /// The banks of sleeping ranks.
    #[inline]
    pub(super) const fn sleeping_banks(&self) -> u64 {
        self.banks
    }

    pub(super) fn is_asleep(&self, rank: usize) -> bool {
        self.asleep[rank]
    }

    /// The rank has a command.
    #[inline]
    pub(super) fn touch(&mut self, rank: usize, clock: u64) {
        self.touched[rank] = clock;
    }

    /// The clock of the last command of a rank.
    pub(super) fn touched(&self, rank: usize) -> u64 {
        self.touched[rank]
    }

    /// The clock from which on an idle rank sleeps.
    pub(super) fn bedtime(&self, rank: usize) -> Option<u64> {
        self.after.map(|clocks| self.touched[rank] + clocks)
    }

    /// The rank enters power-down, or leaves it.
    pub(super) fn turn(&mut self, rank: usize, asleep: bool, shape: &Shape) {
        self.asleep[rank] = asleep;
        let banks = shape.rank_mask(rank);
        self.banks = if asleep { self.banks | banks } else { self.banks & !banks };
    }
}
