//! Commands of the controller, played on pins.

use busproof_core::bus::ddr::Standard;
use busproof_core::sim::NetTrouble;
use busproof_parts::memory;
use proptest::prelude::*;

use crate::pins::{Came, PinOptions, Pins};
use crate::synthetic::{Pattern, Trace};
use crate::{Access, Controller, Options, Request};

/// Serves the requests, plays the commands, and says what came of it.
fn played(part: &str, ranks: u32, options: &PinOptions, requests: Vec<Request>) -> Came {
    let part = memory::find(part).unwrap();
    let part = std::sync::Arc::new(part.with_ranks(ranks).unwrap());
    let mut pins = Pins::new(&part, options).unwrap();
    let controller = Controller::new(&part, &Options::default()).unwrap();
    controller.run_with(requests, |issued| {
        pins.submit(&issued).unwrap();
    });
    let mut log = pins.new_log();
    pins.run(&mut log).unwrap()
}

/// Every part that has pins starts with its power-up sequence, and gives back what it was given.
#[test]
fn each_part_stores_what_it_is_given() {
    let mut parts = 0;
    for part in memory::list() {
        if matches!(part.standard(), Standard::Lpddr4 | Standard::Lpddr5) {
            let refused = Pins::new(part, &PinOptions::default()).err().unwrap();
            assert!(refused.to_string().contains("are not simulated"), "{refused}");
            continue;
        }
        let requests = (0..12u64).flat_map(|i| {
            let address = (i * 0x1240) & !0x3f;
            let read = Request { at: 300 + i, ..Request::read(address) };
            [Request { at: i, ..Request::write(address) }, read]
        });
        let mut requests: Vec<Request> = requests.collect();
        requests.sort_by_key(|request| request.at);
        requests.push(Request { at: 3000, ..Request::read(0) });
        let came = played(part.name(), 1, &PinOptions { power_up: true, ..PinOptions::default() }, requests);
        assert!(came.holds() && came.reads == 12, "{}: {came:?}", part.name());
        parts += 1;
    }
    assert!(parts > 30);
}

#[test]
fn ranks_and_refreshes_get_along_on_one_channel() {
    // Bit 13 of an address is the rank.
    let near = |request: Request| Request { address: (request.address % 61 * 0x2040) & !0x3f, ..request };
    let requests: Vec<Request> = Trace::new(Pattern::Mixed, 3000).map(near).collect();
    let came = played("ddr4-2400t-8gb-x8", 2, &PinOptions::default(), requests);
    assert_eq!(came.troubles, Vec::<NetTrouble>::new());
    assert!(came.holds() && came.reads > 100, "{came:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the controller does, its commands work on the pins: no two drivers meet, and reads give what was written.
    #[test]
    fn the_controller_reads_what_it_wrote(
        part in prop::sample::select(vec!["ddr3-1600k-2gb-x8", "ddr4-3200aa-8gb-x16", "ddr5-4800an-16gb-x8"]),
        accesses in prop::collection::vec((0..64u64, any::<bool>(), 0..40u64), 1..80),
    ) {
        let mut at = 0;
        let request = |(block, writes, wait)| {
            at += wait;
            let access = if writes { Access::Write } else { Access::Read };
            Request { address: (block * 0x2040) & !0x3f, at, access }
        };
        let mut requests: Vec<Request> = accesses.into_iter().map(request).collect();
        requests.push(Request { at: at + 5000, ..Request::read(0) });
        let came = played(part, 1, &PinOptions::default(), requests);
        prop_assert!(came.holds(), "{:?}", came);
    }
}
