//! LPDDR5-6400, 16 Gb x16, bank-group mode: tCK 1.25 ns, RL 17, WL 9, `BL/n_min` 2, `BL/n_max` 4.

use busproof_core::bus::ddr::Command::{
    Act, Act2, Mrr, Mrs, Pde, Pdx, Pre, PreAll, Rd, Rda, Ref, RefBank, Sre, Srx, Wr, Wra, ZqLatch, ZqStart,
};

use super::To::{Elsewhere, OtherRank, SameBank, SameGroup};
use super::{Case, Pair, two_ranks};

/// Times in clocks: 18 ns are 15, 21 ns 17, 42 ns 34, 34 ns 28, 6.25 ns 5, 12 ns 10, 280 ns 224, 140 ns 112, 90 ns 72, 7.5 ns 6, 7 ns
/// 6, 287.5 ns 230.
const PAIRS: &[Pair] = &[
    ("tCMD", Act, Pre, OtherRank, 1),
    ("tRCD", Act, Rd, SameBank, 15),
    ("tRAS", Act, Pre, SameBank, 34),
    ("tRC", Act, Act, SameBank, 49),
    ("tRC_REF", Act, Ref, Elsewhere, 49),
    ("tRC_pb", Act, RefBank, SameBank, 49),
    ("tRRD", Act, Act, Elsewhere, 4),
    ("tRP", Pre, Act, SameBank, 15),
    ("tRPab", PreAll, Act, Elsewhere, 17),
    ("tRP_REF", Pre, Ref, Elsewhere, 15),
    ("tRPab_REF", PreAll, Ref, Elsewhere, 17),
    ("tRP_pb", Pre, RefBank, SameBank, 15),
    ("tPPD", Pre, Pre, Elsewhere, 2),
    ("tCCD_S", Rd, Rd, Elsewhere, 2),
    ("tCCD_L", Rd, Rd, SameGroup, 4),
    ("tCCD_S_WR", Wr, Wr, Elsewhere, 2),
    ("tCCD_L_WR", Wr, Wra, SameGroup, 4),
    ("tRTW", Rd, Wr, Elsewhere, 17 + 2 + 2 - 9),
    ("tWTR_S", Wr, Rd, Elsewhere, 9 + 2 + 5),
    ("tWTR_L", Wr, Rd, SameGroup, 9 + 4 + 10),
    ("tRTRS_RD", Rd, Rd, OtherRank, 2 + 2),
    ("tRTRS_WR", Wr, Wr, OtherRank, 2 + 2),
    ("tRTP", Rd, Pre, SameBank, 8),
    ("tWR", Wr, Pre, SameBank, 9 + 2 + 28),
    ("tRTP_AP", Rda, Act, SameBank, 8 + 15),
    ("tDAL", Wra, Act, SameBank, 9 + 2 + 28 + 15),
    ("tRTP_REF", Rda, Ref, Elsewhere, 8 + 15),
    ("tDAL_REF", Wra, Ref, Elsewhere, 9 + 2 + 28 + 15),
    ("tRTP_pb", Rda, RefBank, SameBank, 8 + 15),
    ("tDAL_pb", Wra, RefBank, SameBank, 9 + 2 + 28 + 15),
    ("tRFC", Ref, Act, Elsewhere, 224),
    ("tRFCpb", RefBank, Act, SameBank, 112),
    ("tRFCpb_REF", RefBank, Ref, Elsewhere, 112),
    ("tpbR2pbR", RefBank, RefBank, Elsewhere, 72),
    ("tpbR2ACT", RefBank, Act, Elsewhere, 6),
    ("tMRW", Mrs, Mrs, Elsewhere, 5),
    ("tMRD", Mrs, Act, Elsewhere, 12),
    ("tMRR", Mrr, Act, Elsewhere, 8),
    ("tXP", Pdx, Act, Elsewhere, 6),
    ("tCKESR", Sre, Srx, Elsewhere, 12),
    ("tXS", Srx, Act, Elsewhere, 230),
    ("tZQCAL", ZqStart, ZqLatch, Elsewhere, 800),
    ("tZQLAT", ZqLatch, Act, Elsewhere, 24),
];

fn case() -> Case {
    let text = include_str!("../../../../parts/data/ddr/lpddr5-6400-16gb-x16.toml");
    // Numbers that no source gives.
    let more = [
        ("tRASmax", 28124),
        ("tPDmax", 28124),
        ("tMRW", 5),
        ("tMRD", 12),
        ("tMRR", 8),
        ("tCKESR", 12),
        ("tZQCAL", 800),
        ("tZQLAT", 24),
    ];
    Case { memory: two_ranks(text, &more), pairs: PAIRS, dominated: &[] }
}

#[test]
fn pairs() {
    case().holds();
    case().is_complete(&["tFAW"]);
}

/// 20 ns are 16 clocks, which four times tRRD already take: a clock less breaks both.
#[test]
fn windows() {
    case().window(4, 16);
}

#[test]
fn maxima() {
    case().at_most("tAAD", Act, Act2, 8);
    case().at_most("tRASmax", Act, Pre, 28124);
    case().at_most("tPDmax", Pde, Pdx, 28124);
    case().refresh(3125, 9);
}
