//! Which refreshes are owed.

use busproof_core::bus::ddr::Command;

use super::policy::{Refresh, RefreshReach};
use super::timing::Shape;

/// What the ranks of a channel owe.
#[derive(Clone, Debug)]
pub(super) struct Refreshes {
    policy: Refresh,
    shape: Shape,
    /// Clocks of a period.
    period: u64,
    /// Commands that a rank needs in a period.
    parts: u64,
    /// Parts that have fallen due so far.
    due: u64,
    /// When the next part falls due.
    next: u64,
    ranks: Vec<Owing>,
}

/// What a rank owes.
#[derive(Clone, Copy, Debug, Default)]
struct Owing {
    /// In parts; negative in advance.
    owed: i64,
    /// Which banks are next.
    turn: usize,
}

impl Refreshes {
    /// Refreshes in `parts` a `period`, in clocks.
    pub(super) fn new(policy: Refresh, shape: Shape, period: u64, parts: u64) -> Refreshes {
        let ranks = vec![Owing::default(); shape.ranks];
        Refreshes { policy, shape, period, parts, due: 0, next: period / parts, ranks }
    }

    /// When the next refresh falls due.
    #[inline]
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// Time has come to it: each rank owes a part more.
    pub(super) fn fall_due(&mut self) {
        self.due += 1;
        self.next = ((self.due + 1) as u128 * self.period as u128 / self.parts as u128) as u64;
        self.ranks.iter_mut().for_each(|rank| rank.owed += 1);
    }

    /// How much a command refreshes.
    pub(super) const fn reach(&self) -> RefreshReach {
        self.policy.reach
    }

    /// The command that refreshes.
    pub(super) const fn command(&self) -> Command {
        self.policy.reach.command()
    }

    /// True if a refresh of the rank comes before requests.
    pub(super) fn is_forced(&self, rank: usize) -> bool {
        self.ranks[rank].owed > self.policy.postpone as i64 * self.parts as i64
    }

    /// The ranks with a refresh that comes before requests.
    pub(super) fn forced(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.ranks.len()).filter(|&rank| self.is_forced(rank))
    }

    /// The banks that wait for such a refresh.
    pub(super) fn blocked(&self) -> u64 {
        self.forced().fold(0, |banks, rank| banks | self.banks(rank))
    }

    /// True if the rank owes a refresh.
    pub(super) fn is_owed(&self, rank: usize) -> bool {
        self.ranks[rank].owed > 0
    }

    /// True if the rank may be refreshed in advance.
    pub(super) fn may_pull_in(&self, rank: usize) -> bool {
        self.ranks[rank].owed > -(self.policy.pull_in as i64 * self.parts as i64)
    }

    /// The banks that the next refresh of a rank concerns.
    pub(super) fn banks(&self, rank: usize) -> u64 {
        let turn = self.ranks[rank].turn;
        match self.policy.reach {
            RefreshReach::AllBanks => self.shape.rank_mask(rank),
            RefreshReach::PerBank => 1 << (self.shape.first_bank(rank) + turn),
            RefreshReach::SameBank => self.shape.same_banks(self.shape.first_bank(rank) + turn),
        }
    }

    /// The next refresh of a rank is done.
    pub(super) fn pay(&mut self, rank: usize) {
        let turns = match self.policy.reach {
            RefreshReach::AllBanks => 1,
            RefreshReach::PerBank => self.shape.banks / self.shape.ranks,
            RefreshReach::SameBank => self.shape.banks_of_group(),
        };
        let owing = &mut self.ranks[rank];
        owing.owed -= 1;
        owing.turn = if owing.turn + 1 == turns { 0 } else { owing.turn + 1 };
    }
}
