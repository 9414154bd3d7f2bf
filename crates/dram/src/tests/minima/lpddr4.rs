//! LPDDR4-3200, 8 Gb x16: tCK 0.625 ns, RL 28, WL 14, B = 8, tDQSCK 3, tWPRE 2, tRPST 1.
//!
//! Formulas as DRAMSys has them, from first small command to first small command: ACT, reads, writes and mode registers are two
//! small commands of two clocks, and count from the second.

use busproof_core::bus::ddr::Command::{
    Act, Mrr, Mrs, Mwr, Mwra, Pde, Pdx, Pre, PreAll, Rd, Rda, Ref, RefBank, Sre, Srx, Wr, Wra, ZqLatch,
    ZqStart,
};

use super::To::{Elsewhere, OtherRank, SameBank};
use super::{Case, Pair, two_ranks};

const PAIRS: &[Pair] = &[
    ("tCMD_2", Act, Pre, Elsewhere, 4),
    ("tCMD_2", RefBank, Pre, OtherRank, 2),
    ("tCMD_4", Rd, Act, OtherRank, 4),
    ("tCMD_4", Pre, Act, Elsewhere, 2),
    ("tRCD", Act, Rd, SameBank, 29),
    ("tRCD", Act, Mwr, SameBank, 29),
    ("tRAS", Act, Pre, SameBank, 68 + 2),
    ("tRC", Act, Act, SameBank, 97),
    ("tRC_REF", Act, Ref, Elsewhere, 97 + 2),
    ("tRC_pb", Act, RefBank, SameBank, 97 + 2),
    ("tRRD", Act, Act, Elsewhere, 16),
    ("tRP", Pre, Act, SameBank, 29 - 2),
    ("tRPab", PreAll, Act, Elsewhere, 34 - 2),
    ("tRP_REF", Pre, Ref, Elsewhere, 29),
    ("tRPab_REF", PreAll, Ref, Elsewhere, 34),
    ("tRPab_REF", PreAll, RefBank, Elsewhere, 34),
    ("tRP_pb", Pre, RefBank, SameBank, 29),
    ("tPPD", Pre, PreAll, Elsewhere, 4),
    ("tCCD", Rd, Rd, Elsewhere, 8),
    ("tCCD_WR", Wr, Wra, Elsewhere, 8),
    ("tCCDMW", Wr, Mwr, SameBank, 32),
    ("tCCDMW", Mwr, Mwra, SameBank, 32),
    ("tRTW", Rd, Wr, Elsewhere, 28 + 3 + 8 - 14 + 2 + 1),
    ("tWTR", Wr, Rd, Elsewhere, 14 + 1 + 8 + 16),
    ("tRTRS_RD", Rd, Rd, OtherRank, 8 + 1),
    ("tRTRS_WR", Wr, Wr, OtherRank, 8 + 1),
    ("tRTP", Rd, Pre, SameBank, 12 + 8 - 6),
    ("tWR", Wr, Pre, SameBank, 14 + 1 + 8 + 29 + 2),
    ("tWR", Mwr, Pre, SameBank, 14 + 1 + 8 + 29 + 2),
    ("tRTP_AP", Rda, Act, SameBank, 12 + 29 + 8 - 8),
    ("tDAL", Wra, Act, SameBank, 14 + 1 + 8 + 29 + 29),
    ("tRTP_REF", Rda, Ref, Elsewhere, 12 + 8 - 6 + 29),
    ("tDAL_REF", Wra, Ref, Elsewhere, 14 + 1 + 8 + 29 + 2 + 29),
    ("tRTP_pb", Rda, RefBank, SameBank, 12 + 8 - 6 + 29),
    ("tDAL_pb", Mwra, RefBank, SameBank, 14 + 1 + 8 + 29 + 2 + 29),
    ("tRFC", Ref, Act, Elsewhere, 448 - 2),
    ("tRFC", Ref, Pre, Elsewhere, 448),
    ("tRFCpb", RefBank, Act, SameBank, 224 - 2),
    ("tRFCpb", RefBank, RefBank, SameBank, 224),
    ("tRFCpb_REF", RefBank, Ref, Elsewhere, 224),
    ("tpbR2pbR", RefBank, RefBank, Elsewhere, 144),
    ("tpbR2ACT", RefBank, Act, Elsewhere, 16 - 2),
    ("tMRW", Mrs, Mrs, Elsewhere, 16),
    ("tMRD", Mrs, Act, Elsewhere, 23),
    ("tMRR", Mrr, Act, Elsewhere, 8),
    ("tRDPDEN", Rd, Pde, Elsewhere, 3 + 28 + 3 + 8 + 1),
    ("tWRPDEN", Wra, Pde, Elsewhere, 3 + 14 + 1 + 1 + 8 + 29),
    ("tCMDCKE", Act, Pde, Elsewhere, 3 + 2),
    ("tCMDCKE", Pre, Pde, Elsewhere, 3),
    ("tPD", Pde, Pdx, Elsewhere, 12),
    ("tXP", Pdx, Act, Elsewhere, 12 - 2),
    ("tXP", Pdx, Pre, Elsewhere, 12),
    ("tCKE", Pdx, Pde, Elsewhere, 12),
    ("tCKESR", Sre, Srx, Elsewhere, 24),
    ("tXS", Srx, Act, Elsewhere, 460 - 2),
    ("tXS", Srx, Ref, Elsewhere, 460),
    ("tZQCAL", ZqStart, ZqLatch, Elsewhere, 1600),
    ("tZQLAT", ZqLatch, Act, Elsewhere, 48 - 2),
];

fn case() -> Case {
    let text = include_str!("../../../../parts/data/ddr/lpddr4-3200-8gb-x16.toml");
    // Numbers that no source gives.
    let more = [("tDQSS", 1), ("tDQS2DQ", 1), ("tMRR", 8), ("tPDmax", 56217)];
    Case { memory: two_ranks(text, &more), pairs: PAIRS, dominated: &[] }
}

#[test]
fn pairs() {
    case().holds();
    case().is_complete(&["tFAW"]);
}

/// 40 ns are 64 clocks, which four times tRRD already take: a clock less breaks both.
#[test]
fn windows() {
    case().window(16, 64);
}

/// Nine periods of 3.904 us: 56217.6 clocks; the precharge counts two clocks earlier than the activate.
#[test]
fn maxima() {
    case().at_most("tRASmax", Act, Pre, 56217 + 2);
    case().at_most("tPDmax", Pde, Pdx, 56217);
    case().refresh(6247, 9);
}
