//! Random requests that meet: few rows and columns, so that hits, conflicts, forwarding and merging occur; memories; policies.

use std::sync::Arc;

use busproof_core::bus::ddr::Command;
use busproof_parts::memory::{self, Memory};
use proptest::prelude::*;

use crate::{Access, Options, PagePolicy, Refresh, RefreshReach, Request, Scheduler, WriteDrain};

/// Up to `count` requests to four rows of all banks; now and then a pause, rarely a long one.
pub(super) fn requests(count: usize) -> impl Strategy<Value = Vec<Request>> {
    let pause = prop_oneof![180 => Just(0u64), 18 => 0u64..3000, 2 => 0u64..40_000];
    let one = (0u64..4, 0u64..64, 0u64..4, any::<bool>(), pause);
    prop::collection::vec(one, 1..count).prop_map(|parts| {
        let mut at = 0;
        let request = |(row, bank, column, write, pause): (u64, u64, u64, bool, u64)| {
            at += pause;
            let access = if write { Access::Write } else { Access::Read };
            Request { address: row << 20 | bank << 13 | column << 6, at, access }
        };
        parts.into_iter().map(request).collect()
    })
}

/// Any of the memories that come with the program, on one or two ranks.
pub(super) fn part() -> impl Strategy<Value = Arc<Memory>> {
    (prop::sample::select(memory::list()), any::<bool>()).prop_map(|(part, twice)| {
        let text = memory::source_text(part.name()).unwrap().replace("ranks         = 1", "ranks = 2");
        if twice { Arc::new(Memory::parse(&text, "two ranks").unwrap()) } else { part }
    })
}

fn scheduler() -> impl Strategy<Value = Scheduler> {
    prop_oneof![
        Just(Scheduler::Fcfs),
        Just(Scheduler::Frfcfs),
        Just(Scheduler::RowHitFirst),
        (1u32..6).prop_map(Scheduler::Capped),
    ]
}

fn page() -> impl Strategy<Value = PagePolicy> {
    prop_oneof![
        Just(PagePolicy::Open),
        Just(PagePolicy::Closed),
        Just(PagePolicy::Adaptive),
        (1u64..500).prop_map(PagePolicy::Timeout),
    ]
}

/// What the standard of a memory allows.
fn refresh(part: &Memory) -> impl Strategy<Value = Refresh> + use<> {
    let standard = part.standard();
    let mut reaches = vec![RefreshReach::AllBanks];
    reaches.extend(standard.has(Command::RefBank).then_some(RefreshReach::PerBank));
    reaches.extend(standard.has(Command::RefSame).then_some(RefreshReach::SameBank));
    let most: u32 = match standard.name() {
        "ddr5" => 3,
        // Two periods until all banks have had their turn.
        "lpddr5" => 6,
        _ => 7,
    };
    let counts = (0..=most)
        .prop_flat_map(move |together| (0..=together).prop_map(move |some| (some, together - some)));
    (prop::sample::select(reaches), prop_oneof![Just((0u32, 0u32)), counts])
        .prop_map(|(reach, (postpone, pull_in))| Refresh { reach, postpone, pull_in })
}

/// A memory and the options of a controller for it.
pub(super) fn setup() -> impl Strategy<Value = (Arc<Memory>, Options)> {
    let queues = (1u32..=64, 1u32..=64, prop_oneof![3 => Just(1u64), 1 => 2u64..50]);
    let drain = (1u32..=100).prop_flat_map(|low| (low..=100).prop_map(move |high| WriteDrain { high, low }));
    let power_down = prop_oneof![Just(None), (1u64..2000).prop_map(Some)];
    part().prop_flat_map(move |part| {
        let policies =
            (scheduler(), page(), refresh(&part), drain.clone(), power_down.clone(), queues.clone());
        policies.prop_map(move |(scheduler, page, refresh, drain, power_down, queues)| {
            let (read_queue, write_queue, request_every) = queues;
            let options = Options { read_queue, write_queue, request_every, ..Options::default() };
            (part.clone(), Options { scheduler, page, refresh, drain, power_down, ..options })
        })
    })
}
