//! The tables of DDR memories.

use busproof_dram::{PagePolicy, RefreshReach, Scheduler};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::format::range::{Clocks, Number, RangeText};
use crate::format::scalar::{DelayText, Located};

/// A DDR memory, with a controller if requests are made of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct DdrBusTable {
    /// The kind.
    // The tree was asked already; it stands here for the schema.
    kind: Option<DdrKind>,
    /// The memory: a part of the library, or the path of a part file.
    pub(in crate::format) part: Option<Located<String>>,
    /// Which bits of an address mean what. Default: `RoBaRaCoCh`.
    pub(in crate::format) address_map: Option<Located<String>>,
    /// How many ranks are on the channel: 1, 2, 4 or 8. Default: what the part says.
    pub(in crate::format) ranks: Option<Located<i64>>,
    /// Which of the waiting requests is served next. Default: frfcfs.
    pub(in crate::format) scheduler: Option<SchedulerKey>,
    /// When a row that nothing waits for is closed. Default: open, not before it must.
    pub(in crate::format) page: Option<PageKey>,
    /// How much a refresh of the controller refreshes. Default: all-banks.
    pub(in crate::format) refresh: Option<RefreshKey>,
    /// How many reads may wait. Default: 32.
    #[schemars(range(min = 1, max = 64))]
    pub(in crate::format) read_queue: Option<Located<i64>>,
    /// How many writes may wait. Default: 32.
    #[schemars(range(min = 1, max = 64))]
    pub(in crate::format) write_queue: Option<Located<i64>>,
}

/// How far two commands are apart.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct DistanceTable {
    /// The first command: `ACT`.
    pub(in crate::format) from: Option<Located<String>>,
    /// Which of them, counted from 0. Default: 0.
    pub(in crate::format) nth: u64,
    /// The next of these commands behind it.
    pub(in crate::format) to: Option<Located<String>>,
    /// Exactly so far.
    pub(in crate::format) equals: Option<Located<DelayText>>,
    /// At least so far.
    pub(in crate::format) at_least: Option<Located<DelayText>>,
    /// At most so far.
    pub(in crate::format) at_most: Option<Located<DelayText>>,
}

/// How long reads take, from their arrival to the end of their data.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct LatencyTable {
    /// The average.
    pub(in crate::format) mean: Option<Located<RangeText<Clocks>>>,
    /// The shortest.
    pub(in crate::format) min: Option<Located<RangeText<Clocks>>>,
    /// What half of the reads do not exceed.
    pub(in crate::format) p50: Option<Located<RangeText<Clocks>>>,
    /// What nine of ten reads do not exceed.
    pub(in crate::format) p90: Option<Located<RangeText<Clocks>>>,
    /// The longest.
    pub(in crate::format) max: Option<Located<RangeText<Clocks>>>,
}

/// What the first command of each request found.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct RowsTable {
    /// Its row open.
    pub(in crate::format) hit: Option<Located<RangeText<Number>>>,
    /// The bank closed.
    pub(in crate::format) miss: Option<Located<RangeText<Number>>>,
    /// Another row open.
    pub(in crate::format) conflict: Option<Located<RangeText<Number>>>,
}

/// Which of the waiting requests is served next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::format) enum SchedulerKey {
    /// The oldest, only.
    Fcfs,
    /// The oldest whose command may be issued now.
    Frfcfs,
    /// Row hits that may be issued now, then the oldest other one.
    RowHitFirst,
}

impl From<SchedulerKey> for Scheduler {
    fn from(key: SchedulerKey) -> Scheduler {
        match key {
            SchedulerKey::Fcfs => Scheduler::Fcfs,
            SchedulerKey::Frfcfs => Scheduler::Frfcfs,
            SchedulerKey::RowHitFirst => Scheduler::RowHitFirst,
        }
    }
}

/// When a row that nothing waits for is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::format) enum PageKey {
    /// Not before it must.
    Open,
    /// Behind the last read or write that waits.
    Closed,
    /// As the bank's habit has it.
    Adaptive,
}

impl From<PageKey> for PagePolicy {
    fn from(key: PageKey) -> PagePolicy {
        match key {
            PageKey::Open => PagePolicy::Open,
            PageKey::Closed => PagePolicy::Closed,
            PageKey::Adaptive => PagePolicy::Adaptive,
        }
    }
}

/// How much a refresh of the controller refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::format) enum RefreshKey {
    /// All banks of a rank.
    AllBanks,
    /// One bank after the other: LPDDR.
    PerBank,
    /// The banks of one number in all groups: DDR5.
    SameBank,
}

impl From<RefreshKey> for RefreshReach {
    fn from(key: RefreshKey) -> RefreshReach {
        match key {
            RefreshKey::AllBanks => RefreshReach::AllBanks,
            RefreshKey::PerBank => RefreshReach::PerBank,
            RefreshKey::SameBank => RefreshReach::SameBank,
        }
    }
}

/// `ddr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum DdrKind {
    /// DDR memory.
    Ddr,
}
