//! Channels: each serves its own requests, whatever the others do.

use busproof_core::bus::ddr::Command;
use busproof_parts::memory;
use proptest::prelude::*;

use super::draw::requests;
use crate::synthetic::{Pattern, Trace};
use crate::{AddressMap, Controller, Options, Request, SetupError, Stats};

fn controller(channels: u32) -> Controller {
    let part = memory::find("ddr4-2400t-8gb-x8").unwrap();
    Controller::new(&part, &Options { channels, blame: true, ..Options::default() }).unwrap()
}

proptest! {
    /// A channel of two does what a single one does with the same requests, and both together are their sum.
    #[test]
    fn channels_are_independent(requests in requests(300)) {
        let two = controller(2);
        let by_channel = two.run_channels(&requests);
        for (number, stats) in by_channel.iter().enumerate() {
            // The channel is the lowest bit above a burst of 64 bytes.
            let own = requests.iter().filter(|request| request.address >> 6 & 1 == number as u64);
            let alone = own.map(|request| Request { address: request.address >> 7 << 6, ..*request });
            prop_assert_eq!(stats, &controller(1).run(alone));
        }
        let together = two.run(requests.iter().copied());
        prop_assert_eq!(together.requests, requests.len() as u64);
        let sum = |figure: fn(&Stats) -> u64| by_channel.iter().map(figure).sum::<u64>();
        prop_assert_eq!(together.read_latency.count(), sum(|stats| stats.read_latency.count()));
        prop_assert_eq!(together.count(Command::Act), sum(|stats| stats.count(Command::Act)));
        prop_assert_eq!(together.cycles, by_channel.iter().map(|stats| stats.cycles).max().unwrap());
        let waited = |stats: &Stats| stats.blame.iter().map(|(_, clocks)| clocks).sum::<u64>();
        prop_assert_eq!(waited(&together), sum(|stats| stats.blame.iter().map(|(_, clocks)| clocks).sum()));
    }
}

#[test]
fn a_number_of_channels_is_a_power_of_two() {
    let part = memory::find("ddr4-2400t-8gb-x8").unwrap();
    let error = Controller::new(&part, &Options { channels: 3, ..Options::default() }).unwrap_err();
    assert_eq!(error, SetupError::Channels(3));
    assert_eq!(error.to_string(), "3 channels are no power of two, by which bits of an address could choose");
    assert!(AddressMap::parse("RoBaRaCoCh", part.geometry(), 4).is_ok());
}

/// What is counted by bank, over time, and in queues adds up to the totals.
#[test]
fn figures_add_up() {
    let stats = controller(1).run(Trace::new(Pattern::Mixed, 20_000));
    for (command, count) in stats.commands() {
        assert_eq!((0..stats.banks()).map(|bank| stats.of_bank(command, bank)).sum::<u64>(), count);
        assert_eq!((0..stats.ranks()).map(|rank| stats.of_rank(command, rank)).sum::<u64>(), count);
    }
    let bursts = stats.count(Command::Rd) + stats.count(Command::Wr);
    assert_eq!(stats.bursts.counts().iter().sum::<u64>(), bursts);
    let windows = stats.bursts.counts().len() as u64;
    assert!((windows - 1) * stats.bursts.window() <= stats.cycles && windows <= 64);
    // A queue of 32 is never fuller; a trace that is offered as fast as it goes keeps one of them filled.
    let mean = |queue: usize| stats.waiting[queue] as f64 / stats.cycles as f64;
    assert!(mean(0) <= 32.0 && mean(1) <= 32.0 && mean(0) + mean(1) > 32.0, "{} {}", mean(0), mean(1));
}

/// Requests wait in their queue from their arrival until their row is opened: one request, one clock.
#[test]
fn a_request_that_waits_is_counted_while_it_does() {
    let stats = controller(1).run([Request::read(0), Request { at: 100, ..Request::read(0x40) }]);
    assert_eq!(stats.waiting, [1, 0]);
}
