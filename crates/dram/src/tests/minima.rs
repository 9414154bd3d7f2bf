//! The least distance of two commands, rule by rule, written down from the formulas of the standards and not taken from the rows.
//!
//! One clock less breaks the rule by name; the distance itself does not.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use busproof_core::bus::ddr::Command::{
    self, Act, Mrs, Pde, Pdx, Pre, PreAll, Rd, Rda, Ref, Sre, Srx, Wr, Wra, ZqLong, ZqShort,
};
use busproof_core::timing::Bound;
use busproof_parts::memory::Memory;

use crate::judge::{Judge, Line};

/// The banks of the two commands.
#[derive(Clone, Copy, Debug)]
enum Where {
    SameBank,
    SameGroup,
    OtherGroup,
    OtherRank,
}

use Where::{OtherGroup, OtherRank, SameBank, SameGroup};

/// The reference with a second rank, and the numbers that a controller does not need: RL 17, WL 12, B 4.
fn ddr4() -> Arc<Memory> {
    let text = include_str!("../../../parts/data/ddr/ddr4-2400u-8gb-x8-ramulator.toml");
    let mut text = text.replace("ranks         = 1", "ranks         = 2");
    for (name, clocks) in [
        ("tRASmax", 84276),
        ("tRPRE", 1),
        ("tRTRS", 2),
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
    ] {
        let _ = writeln!(text, "{name} = {{ min = \"{clocks} nCK\", cite = \"for this test\" }}");
    }
    Arc::new(Memory::parse(&text, "two ranks").unwrap())
}

/// JESD79-4 as the facts of the project give it: `B` = 4, RL = CL = 17, WL = CWL = 12, no additive latency.
const DDR4: &[(&str, Command, Command, Where, u64)] = &[
    ("tRCD", Act, Rd, SameBank, 17),
    ("tRCD", Act, Wra, SameBank, 17),
    ("tRAS", Act, Pre, SameBank, 39),
    ("tRAS", Act, PreAll, SameBank, 39),
    ("tRC", Act, Act, SameBank, 56),
    ("tRC_REF", Act, Ref, OtherGroup, 56),
    ("tRC_REF", Act, Sre, OtherGroup, 56),
    ("tRRD_S", Act, Act, OtherGroup, 4),
    ("tRRD_L", Act, Act, SameGroup, 6),
    ("tRP", Pre, Act, SameBank, 17),
    ("tRP", PreAll, Act, SameBank, 17),
    ("tRP_REF", Pre, Ref, OtherGroup, 17),
    ("tRP_REF", PreAll, Mrs, OtherGroup, 17),
    ("tCCD_S", Rd, Rd, OtherGroup, 4),
    ("tCCD_L", Rd, Rda, SameGroup, 6),
    ("tCCD_S_WR", Wr, Wr, OtherGroup, 4),
    ("tCCD_L_WR", Wra, Wr, SameGroup, 6),
    ("tRTW", Rd, Wr, OtherGroup, 17 + 4 + 1 - 12 + 1),
    ("tWTR_S", Wr, Rd, OtherGroup, 12 + 4 + 3),
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
    ("tRTP_REF", Rda, Ref, OtherGroup, 9 + 17),
    ("tDAL_REF", Wra, Ref, OtherGroup, 12 + 4 + 18 + 17),
    ("tRDSRE", Rda, Sre, OtherGroup, 17 + 4 + 1),
    ("tWRSRE", Wra, Sre, OtherGroup, 12 + 4 + 18 + 1),
    ("tRFC", Ref, Act, OtherGroup, 433),
    ("tRFC", Ref, PreAll, OtherGroup, 433),
    ("tMRD", Mrs, Mrs, OtherGroup, 8),
    ("tMOD", Mrs, Act, OtherGroup, 24),
    ("tRDPDEN", Rd, Pde, OtherGroup, 17 + 4 + 1),
    ("tWRPDEN", Wr, Pde, OtherGroup, 12 + 4 + 18),
    ("tWRAPDEN", Wra, Pde, OtherGroup, 12 + 4 + 18 + 1),
    ("tACTPDEN", Act, Pde, OtherGroup, 2),
    ("tPD", Pde, Pdx, OtherGroup, 6),
    ("tXP", Pdx, Act, OtherGroup, 8),
    ("tCKE", Pdx, Pde, OtherGroup, 6),
    ("tCKESR", Sre, Srx, OtherGroup, 7),
    ("tXS", Srx, Act, OtherGroup, 445),
    ("tXSDLL", Srx, Rd, OtherGroup, 768),
    ("tZQoper", ZqLong, Act, OtherGroup, 512),
    ("tZQCS", ZqShort, Ref, OtherGroup, 128),
];

fn at(clock: u64, command: Command, [rank, bank_group, bank]: [u8; 3]) -> Line {
    let number = clock as usize + 1;
    Line { clock, command, channel: 0, rank, bank_group, bank, row: None, column: None, number }
}

fn broken(judge: &Judge, lines: &[Line]) -> BTreeSet<&'static str> {
    judge.judge(lines).findings.iter().map(|finding| finding.rule.name).collect()
}

fn hold(memory: &Arc<Memory>, table: &[(&str, Command, Command, Where, u64)]) {
    let judge = Judge::new(memory);
    for &(rule, from, to, place, clocks) in table {
        let second = match place {
            SameBank => [0, 0, 0],
            SameGroup => [0, 0, 1],
            OtherGroup => [0, 1, 0],
            OtherRank => [1, 0, 0],
        };
        let pair = |distance| [at(0, from, [0, 0, 0]), at(distance, to, second)];
        let early = broken(&judge, &pair(clocks - 1));
        assert!(early.contains(rule), "{rule}: {from} {to} after {} clocks breaks {early:?}", clocks - 1);
        let late = broken(&judge, &pair(clocks));
        assert!(!late.contains(rule), "{rule}: {from} {to} after {clocks} clocks breaks {late:?}");
    }
}

#[test]
fn ddr4_pairs() {
    hold(&ddr4(), DDR4);
}

/// No row is left out; windows, maxima and budgets have tests of their own.
#[test]
fn every_minimum_of_ddr4_is_in_the_table() {
    for rule in ddr4().standard().rules() {
        if rule.name != "tFAW" && matches!(rule.bound(), Some(Bound::Min(_))) {
            assert!(DDR4.iter().any(|row| row.0 == rule.name), "{} is not tested", rule.name);
        }
    }
}

/// tFAW is 26 clocks: the fifth activate against the first, in any bank of the rank.
#[test]
fn the_fifth_activate_waits_for_the_first() {
    let judge = Judge::new(&ddr4());
    let banks = [[0, 0, 0], [0, 1, 0], [0, 2, 0], [0, 3, 0]];
    let mut lines: Vec<Line> = (0u64..).zip(banks).map(|(i, bank)| at(6 * i, Act, bank)).collect();
    lines.push(at(25, Act, [0, 0, 1]));
    assert_eq!(broken(&judge, &lines), BTreeSet::from(["tFAW"]));
    lines[4].clock = 26;
    assert_eq!(broken(&judge, &lines), BTreeSet::new());
}

#[test]
fn a_row_stays_open_for_nine_refresh_periods_at_most() {
    let judge = Judge::new(&ddr4());
    let pair = |clock| [at(0, Act, [0, 0, 0]), at(clock, Pre, [0, 0, 0])];
    assert!(!broken(&judge, &pair(84276)).contains("tRASmax"));
    assert!(broken(&judge, &pair(84277)).contains("tRASmax"));
}
