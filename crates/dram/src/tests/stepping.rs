//! Jumping over clocks changes nothing.

use std::sync::Arc;

use busproof_parts::memory::{self, Memory};
use proptest::prelude::*;

use super::draw::{requests, setup};
use crate::{Controller, Issued, Options, Request, Stats, Stepping};

fn run(
    part: &Arc<Memory>,
    options: &Options,
    stepping: Stepping,
    requests: &[Request],
) -> (Stats, Vec<Issued>) {
    let options = Options { stepping, ..options.clone() };
    let mut commands = Vec::new();
    let controller = Controller::new(part, &options).unwrap();
    let stats = controller.run_with(requests.iter().copied(), |issued| commands.push(issued));
    (stats, commands)
}

proptest! {
    #[test]
    fn a_controller_that_jumps_issues_what_one_that_visits_each_clock_does(
        (part, options) in setup(), requests in requests(400),
    ) {
        let (jumped, commands) = run(&part, &options, Stepping::Jump, &requests);
        let (stepped, expected) = run(&part, &options, Stepping::EveryClock, &requests);
        let differs = commands.iter().zip(&expected).position(|(a, b)| a != b);
        prop_assert_eq!(differs.map(|at| (commands[at], expected[at])), None);
        prop_assert_eq!(commands.len(), expected.len());
        prop_assert!(jumped.steps <= stepped.steps);
        prop_assert_eq!(Stats { steps: 0, ..jumped }, Stats { steps: 0, ..stepped });
    }
}

#[test]
fn most_clocks_of_a_sparse_trace_are_jumped_over() {
    use crate::synthetic::{Pattern, Trace};
    let requests: Vec<Request> = Trace::new(Pattern::Sparse, 2000).collect();
    let part = memory::find("ddr4-2400u-8gb-x8-ramulator").unwrap();
    let (stats, commands) = run(&part, &Options::default(), Stepping::Jump, &requests);
    assert_eq!(stats.cycles, 200 * 1999);
    // At most one for each command, one behind it to find the next, and one for each request.
    assert!(stats.steps <= 2 * commands.len() as u64 + stats.requests, "{} steps", stats.steps);
}
