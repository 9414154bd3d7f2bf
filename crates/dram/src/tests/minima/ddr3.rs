//! DDR3-1600K, 4 Gb x8: tCK 1.25 ns, RL = CL = 11, WL = CWL = 8, B = 4, no additive latency.

use busproof_core::bus::ddr::Command::{
    Act, Mrs, Pde, Pdx, Pre, PreAll, Rd, Rda, Ref, Sre, Srx, Wr, Wra, ZqLong, ZqShort,
};

use super::To::{Elsewhere, OtherRank, SameBank};
use super::{Case, Pair, two_ranks};

/// Times in clocks: 13.75 ns are 11, 35 ns 28, 48.75 ns 39, 6 ns 5, 7.5 ns 6, 15 ns 12, 260 ns 208, 270 ns 216.
const PAIRS: &[Pair] = &[
    ("tRCD", Act, Rd, SameBank, 11),
    ("tRCD", Act, Wra, SameBank, 11),
    ("tRAS", Act, Pre, SameBank, 28),
    ("tRAS", Act, PreAll, SameBank, 28),
    ("tRC", Act, Act, SameBank, 39),
    ("tRC_REF", Act, Ref, Elsewhere, 39),
    ("tRC_REF", Act, Sre, Elsewhere, 39),
    ("tRRD", Act, Act, Elsewhere, 5),
    ("tRP", Pre, Act, SameBank, 11),
    ("tRP", PreAll, Act, SameBank, 11),
    ("tRP_REF", Pre, Ref, Elsewhere, 11),
    ("tRP_REF", PreAll, Mrs, Elsewhere, 11),
    ("tCCD", Rd, Rd, Elsewhere, 4),
    ("tCCD_WR", Wr, Wra, Elsewhere, 4),
    ("tRTW", Rd, Wr, Elsewhere, 11 + 4 + 2 - 8),
    ("tWTR", Wr, Rd, Elsewhere, 8 + 4 + 6),
    ("tRTRS_RD", Rd, Rd, OtherRank, 4 + 2),
    ("tRTRS_WR", Wr, Wr, OtherRank, 4 + 2),
    ("tRTRS_RTW", Rd, Wr, OtherRank, 11 + 4 + 2 - 8),
    ("tRTRS_WTR", Wr, Rd, OtherRank, 8 + 4 + 2 - 11),
    ("tRTP", Rd, Pre, SameBank, 6),
    ("tRTP", Rd, PreAll, SameBank, 6),
    ("tWR", Wr, Pre, SameBank, 8 + 4 + 12),
    ("tRTP_AP", Rda, Act, SameBank, 6 + 11),
    ("tDAL", Wra, Act, SameBank, 8 + 4 + 12 + 11),
    ("tRTP_REF", Rda, Ref, Elsewhere, 6 + 11),
    ("tDAL_REF", Wra, Ref, Elsewhere, 8 + 4 + 12 + 11),
    ("tRDSRE", Rda, Sre, Elsewhere, 11 + 4 + 1),
    ("tWRSRE", Wra, Sre, Elsewhere, 8 + 4 + 12 + 1),
    ("tRFC", Ref, Act, Elsewhere, 208),
    ("tRFC", Ref, Ref, Elsewhere, 208),
    ("tMRD", Mrs, Mrs, Elsewhere, 4),
    ("tMOD", Mrs, Act, Elsewhere, 12),
    ("tRDPDEN", Rd, Pde, Elsewhere, 11 + 4 + 1),
    ("tRDPDEN", Rda, Pde, Elsewhere, 11 + 4 + 1),
    ("tWRPDEN", Wr, Pde, Elsewhere, 8 + 4 + 12),
    ("tWRAPDEN", Wra, Pde, Elsewhere, 8 + 4 + 12 + 1),
    ("tACTPDEN", Act, Pde, Elsewhere, 1),
    ("tACTPDEN", Ref, Pde, Elsewhere, 1),
    ("tPD", Pde, Pdx, Elsewhere, 4),
    ("tXP", Pdx, Act, Elsewhere, 5),
    ("tXPDLL", Pdx, Rd, Elsewhere, 20),
    ("tCKE", Pdx, Pde, Elsewhere, 4),
    ("tCKESR", Sre, Srx, Elsewhere, 5),
    ("tXS", Srx, Act, Elsewhere, 216),
    ("tXSDLL", Srx, Rd, Elsewhere, 512),
    ("tZQoper", ZqLong, Act, Elsewhere, 256),
    ("tZQCS", ZqShort, Ref, Elsewhere, 64),
];

fn case() -> Case {
    let text = include_str!("../../../../parts/data/ddr/ddr3-1600k-4gb-x8.toml");
    Case {
        // Slow exit from power-down: 24 ns.
        memory: two_ranks(text, &[("tXPDLL", 20)]),
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

/// 30 ns; a bank group is not known.
#[test]
fn windows() {
    case().window(5, 24);
}

/// 70.2 us, nine refresh periods of 6240 clocks.
#[test]
fn maxima() {
    case().at_most("tRASmax", Act, Pre, 56160);
    case().at_most("tPDmax", Pde, Pdx, 56160);
    case().refresh(6240, 9);
}
