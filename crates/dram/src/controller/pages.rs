//! When rows are closed that nothing waits for.

use super::policy::PagePolicy;
use super::timing::BANKS;

/// The greatest count of a habit.
const STRONG: u8 = 3;

/// What a page policy remembers.
#[derive(Clone, Debug)]
pub(super) struct Pages {
    policy: PagePolicy,
    /// By bank, the row that was last opened; nothing before the first.
    last_row: Vec<Option<u32>>,
    /// By bank, how often the last row is wanted again: 0 to 3.
    habit: Vec<u8>,
    /// By bank, the clock of the last ACT, RD or WR.
    used: Vec<u64>,
}

impl Pages {
    pub(super) fn new(policy: PagePolicy) -> Pages {
        Pages { policy, last_row: vec![None; BANKS], habit: vec![STRONG; BANKS], used: vec![0; BANKS] }
    }

    /// A request for a row of the bank gets its first command.
    #[inline]
    pub(super) fn learn(&mut self, bank: usize, row: u32) {
        if self.policy != PagePolicy::Adaptive {
            return;
        }
        let habit = &mut self.habit[bank];
        *habit = match self.last_row[bank] {
            Some(last) if last == row => (*habit + 1).min(STRONG),
            Some(_) => habit.saturating_sub(1),
            None => *habit,
        };
        self.last_row[bank] = Some(row);
    }

    /// The bank is used.
    #[inline]
    pub(super) fn touch(&mut self, bank: usize, clock: u64) {
        self.used[bank % BANKS] = clock;
    }

    /// True if a row of the bank is closed by the last read or write that waits for it.
    #[inline]
    pub(super) fn closes(&self, bank: usize) -> bool {
        match self.policy {
            PagePolicy::Open | PagePolicy::Timeout(_) => false,
            PagePolicy::Closed => true,
            PagePolicy::Adaptive => self.habit[bank] <= STRONG / 2,
        }
    }

    /// The clock from which on a row of the bank is closed for not being used.
    pub(super) fn closing_time(&self, bank: usize) -> Option<u64> {
        match self.policy {
            PagePolicy::Timeout(clocks) => Some(self.used[bank] + clocks),
            _ => None,
        }
    }
}
