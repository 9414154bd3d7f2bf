//! Jumping over clocks changes nothing.

use busproof_parts::memory;
use proptest::prelude::*;

use super::draw::requests;
use crate::{Controller, Issued, Options, Request, Stats, Stepping};

fn run(options: &Options, stepping: Stepping, requests: &[Request]) -> (Stats, Vec<Issued>) {
    let part = memory::find("ddr4-2400u-8gb-x8-ramulator").unwrap();
    let options = Options { stepping, ..options.clone() };
    let mut commands = Vec::new();
    let controller = Controller::new(&part, &options).unwrap();
    let stats = controller.run_with(requests.iter().copied(), |issued| commands.push(issued));
    (stats, commands)
}

proptest! {
    #[test]
    fn a_controller_that_jumps_issues_what_one_that_visits_each_clock_does(
        requests in requests(400),
        request_every in prop_oneof![3 => Just(1u64), 1 => 2u64..50],
        read_queue in 1u32..=64,
        write_queue in 1u32..=64,
    ) {
        let options = Options { request_every, read_queue, write_queue, ..Options::default() };
        let (jumped, commands) = run(&options, Stepping::Jump, &requests);
        let (stepped, expected) = run(&options, Stepping::EveryClock, &requests);
        prop_assert_eq!(&commands, &expected);
        prop_assert!(jumped.steps <= stepped.steps);
        prop_assert_eq!(Stats { steps: 0, ..jumped }, Stats { steps: 0, ..stepped });
    }
}

#[test]
fn most_clocks_of_a_sparse_trace_are_jumped_over() {
    use crate::synthetic::{Pattern, Trace};
    let requests: Vec<Request> = Trace::new(Pattern::Sparse, 2000).collect();
    let (stats, commands) = run(&Options::default(), Stepping::Jump, &requests);
    assert_eq!(stats.cycles, 200 * 1999);
    // At most one for each command, one behind it to find the next, and one for each request.
    assert!(stats.steps <= 2 * commands.len() as u64 + stats.requests, "{} steps", stats.steps);
}
