//! Commands of the controller, played on pins.

use std::sync::Arc;

use busproof_core::Source;
use busproof_core::bus::ddr::pins::Order;
use busproof_core::bus::ddr::rules::{T_RL, T_WL};
use busproof_core::bus::ddr::{self, Burst, Command, Latencies, Standard};
use busproof_core::judge::{Jury, Said};
use busproof_core::mapping::find_taps;
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

/// What the monitor says of a channel, told nothing but names of wires and the part.
#[derive(Debug, Default)]
struct Heard {
    orders: Vec<(u8, Order)>,
    bursts: Vec<Burst>,
    odd: Vec<String>,
}

/// Plays the commands of requests on pins, lets the monitor and the rules judge the wires, and says what they make of it beside what
/// was sent.
fn judged(part: &str, ranks: u32, options: &PinOptions, requests: Vec<Request>) -> (Vec<(u8, Order)>, Heard) {
    let part = Arc::new(memory::find(part).unwrap().with_ranks(ranks).unwrap());
    let mut pins = Pins::new(&part, options).unwrap();
    let mut sent = Vec::new();
    Controller::new(&part, &Options::default()).unwrap().run_with(requests, |issued| {
        let order = pins.submit(&issued).unwrap();
        sent.push((issued.rank, order));
    });
    let mut log = pins.new_log();
    pins.run(&mut log).unwrap();
    let names: Vec<&str> = log.columns().iter().map(busproof_core::log::Column::name).collect();
    let geometry = part.geometry();
    let monitor = ddr::Options {
        standard: part.standard(),
        ranks,
        width: geometry.channel_width,
        lane: geometry.device_width.min(8),
        groups: geometry.bank_groups as u8,
        assumed: part
            .clocks(T_RL)
            .zip(part.clocks(T_WL))
            .map(|(read, write)| Latencies { read: read as u32, write: write as u32 }),
        ..ddr::Options::default()
    };
    let rules = ddr::pins::rules::RULES.iter().chain(part.standard().rules());
    let mut heard = Heard::default();
    let said = |said| match said {
        Said::Item(ddr::Item::Command(said)) => heard.orders.push((said.rank, said.order)),
        Said::Item(ddr::Item::Burst(burst)) => heard.bursts.push(burst),
        Said::Finding(finding) => {
            heard.odd.push(format!("{} {} fs at {}", finding.rule.name, finding.measured, finding.to));
        }
        Said::Diagnostic(odd) => heard.odd.push(format!("{} at {}", odd.text, odd.from)),
    };
    let taps = find_taps(&ddr::INFO, &names);
    let monitor = || ddr::Monitor::new(&monitor, Source::Run);
    log.replay(&mut Jury::new(&taps, monitor, rules, &part.params(), Source::Run, said));
    (sent, heard)
}

/// The monitor, which sees wires only, hears the controller's commands and the data of each; and the timing rules of commands and of pins
/// find nothing.
#[test]
fn the_monitor_hears_what_the_controller_sends_and_the_rules_are_kept() {
    for (part, ranks) in [
        ("ddr3-1600k-2gb-x8", 1),
        ("ddr4-2400t-8gb-x8", 2),
        ("ddr4-3200aa-8gb-x4", 1),
        ("ddr5-4800an-16gb-x8", 1),
    ] {
        let near = |request: Request| Request { address: (request.address % 61 * 0x2040) & !0x3f, ..request };
        let requests: Vec<Request> = Trace::new(Pattern::Mixed, 400).map(near).collect();
        let (sent, heard) = judged(part, ranks, &PinOptions::default(), requests);
        assert_eq!(heard.odd, Vec::<String>::new(), "{part}");
        assert_eq!(heard.orders, sent, "{part}");
        let columns =
            |orders: &[(u8, Order)]| orders.iter().filter(|(_, order)| order.command.is_column()).count();
        // The run ends before the last burst or within it. Reads of what was never written are unknown; what is written is known.
        assert!((0..=1).contains(&(columns(&sent) - heard.bursts.len())), "{part}");
        for burst in heard.bursts.iter().rev().skip(1) {
            assert!(!burst.incomplete && burst.row.is_some(), "{part}: {burst:?}");
            assert!(
                !burst.is_write() || burst.beats.iter().all(|beat| beat.unknown == 0),
                "{part}: {burst:?}"
            );
        }
        assert!(heard.bursts.len() > 100, "{part}");
    }
}

/// Latencies and burst lengths come from the mode registers of the power-up sequence.
#[test]
fn the_monitor_reads_the_mode_registers_of_power_up() {
    let requests = vec![
        Request::write(0x40),
        Request { at: 300, ..Request::read(0x40) },
        Request { at: 4000, ..Request::read(0) },
    ];
    let options = PinOptions { power_up: true, ..PinOptions::default() };
    for part in ["ddr3-1600k-2gb-x8", "ddr4-2400t-8gb-x8", "ddr5-4800an-16gb-x8"] {
        let (sent, heard) = judged(part, 1, &options, requests.clone());
        assert_eq!(heard.odd, Vec::<String>::new(), "{part}");
        let (powered, played) = heard.orders.split_at(heard.orders.len() - sent.len());
        assert_eq!(played, sent, "{part}");
        assert!(powered.iter().any(|(_, order)| order.command == Command::Mrs), "{part}: {powered:?}");
        let beats = |burst: &Burst| burst.beats.clone();
        let [written, read, ..] = &heard.bursts[..] else { panic!("{part}: {:?}", heard.bursts) };
        assert_eq!((written.is_write(), read.is_write()), (true, false), "{part}");
        assert_eq!(beats(written), beats(read), "{part}");
    }
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
