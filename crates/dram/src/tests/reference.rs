//! The figures of the reference: Ramulator 2.1 on its DDR4-2400U, a million requests each.

use busproof_core::bus::ddr::Command;
use busproof_parts::memory;

use crate::synthetic::{Pattern, Trace};
use crate::{Controller, Options, Rows, Stats};

const MILLION: u64 = 1_000_000;

fn run(pattern: Pattern, options: &Options) -> Stats {
    let part = memory::find("ddr4-2400u-8gb-x8-ramulator").unwrap();
    Controller::new(&part, options).unwrap().run(Trace::new(pattern, MILLION))
}

fn counts(stats: &Stats) -> [u64; 6] {
    [Command::Act, Command::Pre, Command::PreAll, Command::Rd, Command::Wr, Command::Ref]
        .map(|command| stats.count(command))
}

#[test]
fn a_stream_of_reads() {
    let stats = run(Pattern::Stream, &Options::default());
    assert_eq!(stats.cycles, 5_363_378);
    assert_eq!(counts(&stats), [8_602, 0, 572, 999_968, 0, 572]);
    assert_eq!(stats.rows, Rows { hit: 991_366, miss: 8_602, conflict: 0 });
    assert_eq!(format!("{:.3}", stats.mean_read_latency()), "192.776");
}

#[test]
fn random_reads_and_writes() {
    let stats = run(Pattern::Mixed, &Options::default());
    assert_eq!(stats.cycles, 7_079_740);
    assert_eq!(counts(&stats), [999_908, 993_543, 756, 699_390, 300_569, 756]);
    assert_eq!(stats.rows, Rows { hit: 53, miss: 98_650, conflict: 901_267 });
    assert_eq!(format!("{:.3}", stats.mean_read_latency()), "362.809");
}
