//! Ramulator's DDR4-2400: RL = CL = 17, WL = CWL = 12, B = 4, no additive latency; and the numbers that a controller does not
//! need.

use std::collections::BTreeSet;

use busproof_core::bus::ddr::Command::{
    Act, Mrs, Pde, Pdx, Pre, PreAll, Rd, Rda, Ref, Ref2, Ref4, Sre, Srx, Wr, Wra, ZqLong, ZqShort,
};

use super::To::{Elsewhere, OtherRank, SameBank, SameGroup};
use super::{Case, Pair, at, broken, two_ranks};
use crate::judge::{Judge, Line};

const PAIRS: &[Pair] = &[
    ("tRCD", Act, Rd, SameBank, 17),
    ("tRCD", Act, Wra, SameBank, 17),
    ("tRAS", Act, Pre, SameBank, 39),
    ("tRAS", Act, PreAll, SameBank, 39),
    ("tRC", Act, Act, SameBank, 56),
    ("tRC_REF", Act, Ref, Elsewhere, 56),
    ("tRC_REF", Act, Sre, Elsewhere, 56),
    ("tRRD_S", Act, Act, Elsewhere, 4),
    ("tRRD_L", Act, Act, SameGroup, 6),
    ("tRP", Pre, Act, SameBank, 17),
    ("tRP", PreAll, Act, SameBank, 17),
    ("tRP_REF", Pre, Ref, Elsewhere, 17),
    ("tRP_REF", PreAll, Mrs, Elsewhere, 17),
    ("tCCD_S", Rd, Rd, Elsewhere, 4),
    ("tCCD_L", Rd, Rda, SameGroup, 6),
    ("tCCD_S_WR", Wr, Wr, Elsewhere, 4),
    ("tCCD_L_WR", Wra, Wr, SameGroup, 6),
    ("tRTW", Rd, Wr, Elsewhere, 17 + 4 + 1 - 12 + 1),
    ("tWTR_S", Wr, Rd, Elsewhere, 12 + 4 + 3),
    ("tWTR_L", Wr, Rd, SameGroup, 12 + 4 + 9),
    ("tRTRS_RD", Rd, Rd, OtherRank, 4 + 2),
    ("tRTRS_WR", Wr, Wr, OtherRank, 4 + 2),
    ("tRTRS_RTW", Rd, Wr, OtherRank, 17 + 4 + 2 - 12 + 1),
    ("tRTRS_WTR", Wr, Rd, OtherRank, 12 + 4 + 2 - 17 + 1),
    ("tRTP", Rd, Pre, SameBank, 9),
    ("tRTP", Rd, PreAll, SameBank, 9),
    ("tWR", Wr, Pre, SameBank, 12 + 4 + 18),
    ("tRTP_AP", Rda, Act, SameBank, 9 + 17),
    ("tDAL", Wra, Act, SameBank, 12 + 4 + 18 + 17),
    ("tRTP_REF", Rda, Ref, Elsewhere, 9 + 17),
    ("tDAL_REF", Wra, Ref, Elsewhere, 12 + 4 + 18 + 17),
    ("tRDSRE", Rda, Sre, Elsewhere, 17 + 4 + 1),
    ("tWRSRE", Wra, Sre, Elsewhere, 12 + 4 + 18 + 1),
    ("tRFC", Ref, Act, Elsewhere, 433),
    ("tRFC", Ref, PreAll, Elsewhere, 433),
    ("tRFC2", Ref2, Act, Elsewhere, 313),
    ("tRFC4", Ref4, Ref4, Elsewhere, 193),
    ("tMRD", Mrs, Mrs, Elsewhere, 8),
    ("tMOD", Mrs, Act, Elsewhere, 24),
    ("tRDPDEN", Rd, Pde, Elsewhere, 17 + 4 + 1),
    ("tWRPDEN", Wr, Pde, Elsewhere, 12 + 4 + 18),
    ("tWRAPDEN", Wra, Pde, Elsewhere, 12 + 4 + 18 + 1),
    ("tACTPDEN", Act, Pde, Elsewhere, 2),
    ("tPD", Pde, Pdx, Elsewhere, 6),
    ("tXP", Pdx, Act, Elsewhere, 8),
    ("tCKE", Pdx, Pde, Elsewhere, 6),
    ("tCKESR", Sre, Srx, Elsewhere, 7),
    ("tXS", Srx, Act, Elsewhere, 445),
    ("tXSDLL", Srx, Rd, Elsewhere, 768),
    ("tZQoper", ZqLong, Act, Elsewhere, 512),
    ("tZQCS", ZqShort, Ref, Elsewhere, 128),
];

fn case() -> Case {
    let text = include_str!("../../../../parts/data/ddr/ddr4-2400u-8gb-x8-ramulator.toml");
    let more = [
        ("tRASmax", 84276),
        ("tPDmax", 84276),
        ("tRPRE", 1),
        ("tRTRS", 2),
        ("tRFC2", 313),
        ("tRFC4", 193),
        ("tMRD", 8),
        ("tMOD", 24),
        ("tXP", 8),
        ("tCKE", 6),
        ("tXS", 445),
        ("tXSDLL", 768),
        ("tCKESR", 7),
        ("tACTPDEN", 2),
        ("tZQoper", 512),
        ("tZQCS", 128),
    ];
    Case {
        memory: two_ranks(text, &more),
        pairs: PAIRS,
        dominated: &[
            ("tRDSRE", "tRTP_REF", "the precharge takes longer than the data"),
            ("tWRSRE", "tDAL_REF", "the precharge takes more than the one clock"),
        ],
    }
}

#[test]
fn pairs() {
    case().holds();
    case().is_complete(&["tFAW", "tREFI_16"]);
}

/// Four activates in 26 clocks, 16 refreshes in two periods of 9364.
#[test]
fn windows() {
    case().window(6, 26);
    let judge = Judge::new(&case().memory);
    let refreshes = |last| -> Vec<Line> {
        let mut lines = vec![at(0, Pre, [0, 0, 0])];
        // Some are made up for, some are pulled in.
        lines.extend((0..16).map(|i| at(80_000 + 433 * i, Ref, [0, 0, 0])));
        lines.push(at(last, Ref, [0, 0, 0]));
        lines
    };
    assert_eq!(broken(&judge, &refreshes(80_000 + 2 * 9364)), BTreeSet::new());
    assert_eq!(broken(&judge, &refreshes(80_000 + 2 * 9364 - 1)), BTreeSet::from(["tREFI_16"]));
}

#[test]
fn maxima() {
    case().at_most("tRASmax", Act, Pre, 84276);
    case().at_most("tPDmax", Pde, Pdx, 84276);
    case().refresh(9364, 9);
}

/// Eight and a quarter periods: 33 quarters.
#[test]
fn refreshes_of_fine_granularity_pay_their_part() {
    let judge = Judge::new(&case().memory);
    let two = |clock, command| [at(0, Pre, [0, 0, 0]), at(clock, command, [0, 0, 0])];
    let is_late = |clock, command| broken(&judge, &two(clock, command)).contains("tREFI");
    assert!(!is_late(33 * 9364 / 4, Ref4) && is_late(33 * 9364 / 4 + 1, Ref4));
    assert!(!is_late(17 * 9364 / 2, Ref2) && is_late(17 * 9364 / 2 + 1, Ref2));
}

/// A rank that sleeps refreshes itself, and owes afterwards what it owed before.
#[test]
fn self_refresh_owes_nothing() {
    let judge = Judge::new(&case().memory);
    let slept = |exit: u64, next| {
        let commands = [(0, Pre), (9364, Sre), (exit, Srx), (next, Ref)];
        broken(&judge, &commands.map(|(clock, command)| at(clock, command, [0, 0, 0])))
    };
    assert_eq!(slept(1_000_000, 1_000_000 + 8 * 9364), BTreeSet::new());
    assert_eq!(slept(1_000_000, 1_000_001 + 8 * 9364), BTreeSet::from(["tREFI"]));
}

/// One rank is refreshed in time, the other never.
#[test]
fn each_rank_owes_its_own_refreshes() {
    let judge = Judge::new(&case().memory);
    let mut lines = vec![at(0, Pre, [0, 0, 0]), at(1, Pre, [1, 0, 0])];
    lines.extend((1..=10).map(|i| at(9364 * i, Ref, [0, 0, 0])));
    let judged = judge.judge(&lines);
    let places: Vec<[u8; 4]> = judged.findings.iter().map(|broken| broken.finding.place.0).collect();
    assert_eq!(places, [[0, 1, 255, 255]]);
    assert_eq!(judged.findings[0].rule().name, "tREFI");
    lines.truncate(11);
    assert_eq!(broken(&judge, &lines), BTreeSet::new());
}
