//! What `busproof dram run` lets a controller decide.

use busproof_dram::{Options, PagePolicy, Refresh, RefreshReach, Scheduler, WriteDrain};
use clap::{Args as ClapArgs, ValueEnum};

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Policies")]
pub(super) struct Policies {
    /// Which of the waiting requests is served next
    #[arg(long, value_enum, default_value_t = Order::Frfcfs, value_name = "NAME")]
    scheduler: Order,
    /// With `capped`, how many row hits of a bank may overtake an older
    /// request for another of its rows
    #[arg(long, default_value_t = 4, value_name = "N")]
    hit_cap: u32,
    /// When a row is closed that nothing waits for
    #[arg(long, value_enum, default_value_t = Page::Open, value_name = "NAME")]
    page: Page,
    /// With `timeout`, how many clocks after its last command a row is closed
    #[arg(long, default_value_t = 200, value_name = "N")]
    page_timeout: u64,
    /// How much a refresh command refreshes
    #[arg(long, value_enum, default_value_t = Reach::AllBanks, value_name = "NAME")]
    refresh: Reach,
    /// How many refreshes may be postponed while requests wait
    #[arg(long, default_value_t = 0, value_name = "N")]
    postpone: u32,
    /// How many refreshes may be pulled in while none do
    #[arg(long, default_value_t = 0, value_name = "N")]
    pull_in: u32,
    /// Serve writes when their queue is filled above so many percent
    #[arg(long, default_value_t = WriteDrain::default().high, value_name = "N")]
    drain_high: u32,
    /// Serve reads again when it is below so many percent
    #[arg(long, default_value_t = WriteDrain::default().low, value_name = "N")]
    drain_low: u32,
    /// A rank enters power-down after so many clocks without a command
    #[arg(long, value_name = "N")]
    power_down: Option<u64>,
}

/// Which of the waiting requests is served next.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    /// The oldest, and no other
    Fcfs,
    /// The oldest whose next command may be issued now, as Ramulator 2.1 does
    Frfcfs,
    /// Row hits that may be issued now, then the oldest
    RowHitFirst,
    /// The same, but older requests are overtaken only so often
    Capped,
}

/// When a row is closed that nothing waits for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Page {
    /// Not before it must
    Open,
    /// At once, by the last read or write
    Closed,
    /// By what the bank's requests were like
    Adaptive,
    /// After some time
    Timeout,
}

/// How much a refresh command refreshes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reach {
    /// A rank
    AllBanks,
    /// A bank (LPDDR4, LPDDR5)
    PerBank,
    /// The banks of one number in all groups (DDR5)
    SameBank,
}

impl Policies {
    /// Puts them into the options of a controller.
    pub(super) fn apply(&self, options: Options) -> Options {
        Options {
            scheduler: self.scheduler(),
            page: self.page(),
            refresh: Refresh { reach: self.reach(), postpone: self.postpone, pull_in: self.pull_in },
            drain: WriteDrain { high: self.drain_high, low: self.drain_low },
            power_down: self.power_down,
            ..options
        }
    }

    fn scheduler(&self) -> Scheduler {
        match self.scheduler {
            Order::Fcfs => Scheduler::Fcfs,
            Order::Frfcfs => Scheduler::Frfcfs,
            Order::RowHitFirst => Scheduler::RowHitFirst,
            Order::Capped => Scheduler::Capped(self.hit_cap),
        }
    }

    fn page(&self) -> PagePolicy {
        match self.page {
            Page::Open => PagePolicy::Open,
            Page::Closed => PagePolicy::Closed,
            Page::Adaptive => PagePolicy::Adaptive,
            Page::Timeout => PagePolicy::Timeout(self.page_timeout),
        }
    }

    fn reach(&self) -> RefreshReach {
        match self.refresh {
            Reach::AllBanks => RefreshReach::AllBanks,
            Reach::PerBank => RefreshReach::PerBank,
            Reach::SameBank => RefreshReach::SameBank,
        }
    }
}
