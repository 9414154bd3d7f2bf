//! What a controller decides for itself.

use std::fmt;

use busproof_core::bus::ddr::Command;

/// Which of the waiting requests is served next.
///
/// Each request needs one command next: ACT if its bank is closed, RD or WR if its row is open, PRE if another one is. A request
/// whose row has been opened for it comes before all others, whatever the scheduler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scheduler {
    /// First come, first served: only the oldest request gets commands.
    Fcfs,
    /// The oldest request whose command may be issued now, as Ramulator 2.1 does: a ready PRE of an older request comes
    /// before a row hit.
    #[default]
    Frfcfs,
    /// Row hits that may be issued now, the oldest first; then the oldest other one.
    RowHitFirst,
    /// As [`RowHitFirst`](Scheduler::RowHitFirst), but no more than so many row hits of a bank may overtake an older request for
    /// another of its rows.
    Capped(u32),
}

impl Scheduler {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Scheduler::Fcfs => "fcfs",
            Scheduler::Frfcfs => "frfcfs",
            Scheduler::RowHitFirst => "row-hit-first",
            Scheduler::Capped(_) => "capped",
        }
    }

    /// The row hits of a bank that may overtake an older request.
    pub(crate) const fn cap(self) -> u32 {
        match self {
            Scheduler::Capped(hits) => hits,
            _ => u32::MAX,
        }
    }

    /// True if row hits come first.
    pub(crate) const fn prefers_hits(self) -> bool {
        matches!(self, Scheduler::RowHitFirst | Scheduler::Capped(_))
    }
}

impl fmt::Display for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// When a row that nothing waits for is closed.
///
/// Whatever the policy, a row is closed when a request for another row of its bank is to be served, and for a refresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PagePolicy {
    /// Not before it must.
    #[default]
    Open,
    /// At once: the last read or write closes it (auto precharge).
    Closed,
    /// By the habit of the bank: a counter of two bits goes up when a request finds the row that was last open wanted again, and down when
    /// not; in its lower half, the last read or write closes the row.
    Adaptive,
    /// By a PRE, so many clocks after its last command.
    Timeout(u64),
}

impl PagePolicy {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            PagePolicy::Open => "open",
            PagePolicy::Closed => "closed",
            PagePolicy::Adaptive => "adaptive",
            PagePolicy::Timeout(_) => "timeout",
        }
    }

    /// The clocks of a time-out; 1 of other policies.
    pub(crate) const fn clocks(self) -> u64 {
        match self {
            PagePolicy::Timeout(clocks) => clocks,
            _ => 1,
        }
    }
}

impl fmt::Display for PagePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How much a refresh command refreshes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RefreshReach {
    /// All banks of a rank.
    #[default]
    AllBanks,
    /// One bank after the other (LPDDR4, LPDDR5): the others go on.
    PerBank,
    /// The banks of one number in all bank groups (DDR5): the others go on.
    SameBank,
}

impl RefreshReach {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            RefreshReach::AllBanks => "all-banks",
            RefreshReach::PerBank => "per-bank",
            RefreshReach::SameBank => "same-bank",
        }
    }

    /// The command that refreshes.
    pub(crate) const fn command(self) -> Command {
        match self {
            RefreshReach::AllBanks => Command::Ref,
            RefreshReach::PerBank => Command::RefBank,
            RefreshReach::SameBank => Command::RefSame,
        }
    }
}

impl fmt::Display for RefreshReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// When a rank is refreshed.
///
/// Each period of tREFI a rank owes a refresh of all its banks, in one command or in parts. As long as no more than `postpone`
/// periods are owed, requests come first, and what is owed is made up for when nothing waits for the banks concerned. With
/// `pull_in`, idle banks are refreshed in advance, once their rank has had no command for as long as a refresh takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Refresh {
    /// How much a command refreshes.
    pub reach: RefreshReach,
    /// Periods that may be owed.
    pub postpone: u32,
    /// Periods that may be refreshed in advance. Both together are less than what the standard lets be postponed, since the last
    /// refresh must be over before its deadline, and rows may not stay open for longer than that.
    pub pull_in: u32,
}

/// When waiting writes are served, in percent of the write queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WriteDrain {
    /// Above it writes are served; also if no read waits.
    pub high: u32,
    /// Below it reads are served again, if there are any.
    pub low: u32,
}

impl Default for WriteDrain {
    fn default() -> WriteDrain {
        WriteDrain { high: 80, low: 20 }
    }
}
