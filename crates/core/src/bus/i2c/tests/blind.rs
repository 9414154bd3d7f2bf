//! Whether anybody looks makes no difference.

use proptest::prelude::*;

use super::*;
use crate::log::Observer;

/// What became of a contest: the completions of all controllers, and what a memory was told and when.
fn outcome(observer: &mut impl Observer, farad: f64, phases: [u64; 2], stretch: u32, slow: u64) -> String {
    let rc = Rc { pull_up_ohm: 2200.0, farad, on_ohm: 30.0 };
    let mut rig = Rig::new(rc);
    let mut options = TargetOptions::new(fast());
    options.output = Span::from_ns(slow);
    options.stretches = vec![Stretch { transfer: 0, clock: stretch, hold: us(7) }];
    let target = rig.target("memory", options, memory(Address::Seven(0x50)));
    let hosts = [0, 1].map(|i| {
        let mut options = ControllerOptions::new(fast(), 400_000);
        options.clock.phase = us(10) + Span::from_ns(phases[i]);
        options.time_out = Some(us(300));
        let id = rig.controller(&format!("host{i}"), options);
        rig.bench.agent_mut(id).submit(&read_from(0x50, 0x90 + i as u8, 2)).unwrap();
        id
    });
    while rig.bench.run_until(Time::ZERO + us(3000), observer).unwrap() == Stop::Requested {}
    rig.bench.finish(observer);
    let done = hosts.map(|id| rig.bench.agent_mut(id).take_completions());
    let remarks = hosts.map(|id| rig.bench.agent_mut(id).take_remarks());
    format!("{done:?} {remarks:?} {:?}", rig.memory(target).said)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Also where edges are so slow, or answers so late, that bits are not valid in time.
    #[test]
    fn a_run_that_nobody_watches_ends_as_one_that_is_watched(
        picofarad in 0u32..1500, phases in [0u64..800, 0u64..800], stretch in 0u32..40, slow in 0u64..2600,
    ) {
        let farad = f64::from(picofarad) * 1e-12;
        let mut log = {
            let mut rig = Rig::new(FAST_WIRE);
            rig.bench.new_log()
        };
        let watched = outcome(&mut log, farad, phases, stretch, slow);
        prop_assert_eq!(watched, outcome(&mut (), farad, phases, stretch, slow));
    }
}
