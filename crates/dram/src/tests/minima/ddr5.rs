//! DDR5-4800AN, 16 Gb x8: tCK 0.416 ns, RL = CL = 34, WL = CWL = 32, B = 8.
//!
//! A command of two clocks (ACT, reads, writes, mode registers) counts from its second: a clock more is needed after it, a clock
//! less before it.

use busproof_core::bus::ddr::Command::{
    Act, Mrr, Mrs, Pde, Pdx, Pre, PreAll, PreSame, Rd, Rda, Ref, RefSame, Sre, Srx, Wr, Wra, ZqLatch, ZqStart,
};

use super::To::{Elsewhere, OtherRank, SameBank, SameGroup};
use super::{Case, Pair, two_ranks};

/// Times in clocks, 0.3 % taken off: 32 ns are 77, 5 ns 12, 20 ns 48, 2.5 ns 6, 10 ns 24, 7.5 ns 18, 30 ns 72, 295 ns 708, 130 ns
/// 312, 14 ns 34, 1 us 2397.
const PAIRS: &[Pair] = &[
    ("tCMD", Act, Pre, Elsewhere, 2),
    ("tCMD", Pre, RefSame, OtherRank, 1),
    ("tCMD_2", Rd, Act, OtherRank, 2),
    ("tCMD_2", Ref, Act, OtherRank, 1),
    ("tRCD", Act, Rd, SameBank, 34),
    ("tRCD", Act, Wra, SameBank, 34),
    ("tRAS", Act, Pre, SameBank, 77 + 1),
    ("tRAS", Act, PreSame, SameBank, 77 + 1),
    ("tRC", Act, Act, SameBank, 111),
    ("tRC_REF", Act, Ref, Elsewhere, 111 + 1),
    ("tRC_pb", Act, RefSame, SameBank, 111 + 1),
    ("tRRD_S", Act, Act, Elsewhere, 8),
    ("tRRD_L", Act, Act, SameGroup, 12),
    ("tRP", Pre, Act, SameBank, 34 - 1),
    ("tRP", PreSame, Act, SameBank, 34 - 1),
    ("tRP_REF", PreAll, Ref, Elsewhere, 34),
    ("tRP_pb", Pre, RefSame, SameBank, 34),
    ("tPPD", Pre, PreAll, Elsewhere, 2),
    ("tPPD", PreSame, Pre, SameGroup, 2),
    ("tCCD_S", Rd, Rd, Elsewhere, 8),
    ("tCCD_L", Rd, Rda, SameGroup, 12),
    ("tCCD_S_WR", Wr, Wr, Elsewhere, 8),
    ("tCCD_L_WR", Wra, Wr, SameGroup, 48),
    ("tRTW", Rd, Wr, Elsewhere, 34 + 8 + 2 - 32 + 2),
    ("tWTR_S", Wr, Rd, Elsewhere, 32 + 8 + 6),
    ("tWTR_L", Wr, Rd, SameGroup, 32 + 8 + 24),
    ("tRTRS_RD", Rd, Rd, OtherRank, 8 + 2),
    ("tRTRS_WR", Wr, Wr, OtherRank, 8 + 2),
    ("tRTRS_RTW", Rd, Wr, OtherRank, 34 + 8 + 2 - 32 + 2),
    ("tRTRS_WTR", Wr, Rd, OtherRank, 32 + 8 + 2 - 34 + 1),
    ("tRTP", Rd, Pre, SameBank, 18 + 1),
    ("tRTP", Rd, PreAll, SameBank, 18 + 1),
    ("tWR", Wr, Pre, SameBank, 32 + 8 + 72 + 1),
    ("tRTP_AP", Rda, Act, SameBank, 18 + 34),
    ("tDAL", Wra, Act, SameBank, 32 + 8 + 72 + 34),
    ("tRTP_REF", Rda, Ref, Elsewhere, 18 + 34 + 1),
    ("tDAL_REF", Wra, Ref, Elsewhere, 32 + 8 + 72 + 34 + 1),
    ("tRTP_pb", Rda, RefSame, SameBank, 18 + 34 + 1),
    ("tDAL_pb", Wra, RefSame, SameBank, 32 + 8 + 72 + 34 + 1),
    ("tRDSRE", Rda, Sre, Elsewhere, 34 + 8 + 1 + 1),
    ("tWRSRE", Wra, Sre, Elsewhere, 32 + 8 + 72 + 1 + 1),
    ("tRFC", Ref, Act, Elsewhere, 708 - 1),
    ("tRFC", Ref, PreAll, Elsewhere, 708),
    ("tRFCsb", RefSame, Act, SameBank, 312 - 1),
    ("tRFCsb", RefSame, RefSame, SameBank, 312),
    ("tRFCsb_REF", RefSame, Ref, Elsewhere, 312),
    ("tREFSBRD", RefSame, Act, SameGroup, 70 - 1),
    ("tMRW", Mrs, Mrs, Elsewhere, 12),
    ("tMRD", Mrs, Act, Elsewhere, 34),
    ("tMRR", Mrr, Pre, Elsewhere, 34 + 1),
    ("tRDPDEN", Rd, Pde, Elsewhere, 34 + 8 + 1 + 1),
    ("tWRPDEN", Wr, Pde, Elsewhere, 32 + 8 + 72 + 1),
    ("tWRAPDEN", Wra, Pde, Elsewhere, 32 + 8 + 72 + 1 + 1),
    ("tACTPDEN", Act, Pde, Elsewhere, 2 + 1),
    ("tACTPDEN", RefSame, Pde, Elsewhere, 2),
    ("tPD", Pde, Pdx, Elsewhere, 18),
    ("tXP", Pdx, Act, Elsewhere, 18 - 1),
    ("tXP", Pdx, Ref, Elsewhere, 18),
    ("tCKESR", Sre, Srx, Elsewhere, 24),
    ("tXS", Srx, Act, Elsewhere, 708 - 1),
    ("tXSDLL", Srx, Rd, Elsewhere, 2000 - 1),
    ("tZQCAL", ZqStart, ZqLatch, Elsewhere, 2397),
    ("tZQLAT", ZqLatch, Pre, Elsewhere, 72),
];

fn case() -> Case {
    let text = include_str!("../../../../parts/data/ddr/ddr5-4800an-16gb-x8.toml");
    // Numbers that no source gives.
    let more =
        [("tREFSBRD", 70), ("tACTPDEN", 2), ("tPD", 18), ("tPDmax", 46875), ("tCKESR", 24), ("tXSDLL", 2000)];
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
    case().is_complete(&["tFAW"]);
}

/// 32 clocks, which four times `tRRD_S` already take: a clock less breaks both.
#[test]
fn windows() {
    case().window(8, 32);
}

/// 19.5 us and 3.9 us: five periods, and 0.3 % off what is rounded up.
#[test]
fn maxima() {
    case().at_most("tRASmax", Act, Pre, 46875 + 1);
    case().at_most("tPDmax", Pde, Pdx, 46875);
    case().refresh(9347, 5);
}
