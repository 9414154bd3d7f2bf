use std::sync::Arc;

use busproof_parts::memory::{self, Memory};
use proptest::prelude::*;

use super::draw::{requests, setup};
use crate::synthetic::{Pattern, Trace};
use crate::{Access, Cause, Controller, Observer, Options, Request, Served, Stats};

/// A request that was served, with what it waited for.
#[derive(Debug)]
struct Seen {
    access: Access,
    arrived: u64,
    finished: u64,
    waits: Vec<(Cause, u64)>,
}

/// Keeps who was served.
#[derive(Default)]
struct Witness(Vec<Seen>);

impl Observer for Witness {
    fn served(&mut self, request: Served<'_>) {
        let Served { access, arrived, finished, waits, .. } = request;
        self.0.push(Seen { access, arrived, finished, waits: waits.iter().collect() });
    }
}

fn run(requests: impl IntoIterator<Item = Request>) -> (Stats, Vec<Seen>) {
    let part = memory::find("ddr4-2400u-8gb-x8-ramulator").unwrap();
    run_on(&part, &Options::default(), requests)
}

fn run_on(
    part: &Arc<Memory>,
    options: &Options,
    requests: impl IntoIterator<Item = Request>,
) -> (Stats, Vec<Seen>) {
    let controller = Controller::new(part, &Options { blame: true, ..options.clone() }).unwrap();
    let mut witness = Witness::default();
    let stats = controller.run_observed(requests, &mut witness);
    (stats, witness.0)
}

fn waited(served: &Seen) -> u64 {
    served.waits.iter().map(|&(_, clocks)| clocks).sum()
}

#[test]
fn blame_adds_up_to_the_latency_of_every_request_of_every_pattern() {
    for pattern in Pattern::ALL {
        let (stats, served) = run(Trace::new(pattern, 20_000));
        assert!(served.len() > 19_000, "{}", pattern.name());
        for request in &served {
            assert_eq!(
                waited(request),
                request.finished - request.arrived,
                "{}: {request:?}",
                pattern.name()
            );
        }
        let total: u64 = stats.blame.iter().map(|&(_, clocks)| clocks).sum();
        assert!(total >= served.iter().map(waited).sum(), "{}", pattern.name());
    }
}

proptest! {
    #[test]
    fn blame_adds_up_whatever_is_asked((part, options) in setup(), requests in requests(300)) {
        let (stats, served) = run_on(&part, &options, requests);
        for request in &served {
            prop_assert_eq!(waited(request), request.finished - request.arrived);
        }
        let reads = served.iter().filter(|request| request.access == Access::Read && request.finished <= stats.cycles);
        let latencies: u64 = reads.map(|request| request.finished - request.arrived).sum();
        prop_assert_eq!(u128::from(latencies), stats.read_latency.sum());
    }
}

/// One read after the other of one bank: what each waits for is told by the formulas of DDR4.
#[test]
fn a_conflict_waits_for_its_rules() {
    let requests = [
        Request::read(0),
        Request { at: 1, ..Request::read(1 << 17) },
        Request { at: 500, ..Request::read(0) },
        Request { at: 1000, ..Request::read(0) },
    ];
    let (_, served) = run(requests);
    let waits = |index: usize| -> Vec<(&str, u64)> {
        served[index].waits.iter().map(|(cause, clocks)| (cause.name(), *clocks)).collect()
    };
    // The first: a clock until its ACT, tRCD, then 17 + 4 clocks until its data have come.
    assert_eq!(waits(0), [("queue", 1), ("tRCD", 17), ("data", 21)]);
    // The second arrives in clock 1, as the ACT of the first is issued, whose tRAS forbids the PRE until clock 40.
    assert_eq!(waits(1), [("tRAS", 39), ("tRP", 17), ("tRCD", 17), ("data", 21)]);
}
