//! DDR5, row by row.
//!
//! A command counts from the last of its clocks; the burst in clocks is half its beats. `tCCD_L_WR` takes every write for one that
//! reads and modifies first. Refresh of the same bank pays a quarter of a refresh: a bank group of four banks is
//! assumed.

use super::Command::{Ref, RefSame};
use super::rules::{
    ACT, BANK, BEFORE_PDE, CHANNEL, CLOSING, COLUMN, GROUP, MRR, MRS, NOT_MRS, OTHER_RANK, PDE, PDX, PRE,
    PRE_BANK, RANK, RD, RD_OPEN, RDA, REF, REF_SAME, REF_SAME_BANK, REFRESH_OR_SLEEP, SRE, SRX, VALID, WR,
    WR_OPEN, WRA, ZQ, ZQ_LATCH, ZQ_START, least, most, refresh, rules, term, window,
};
use crate::timing::{EventKind, EventSet};

const CA: &str = "command truth table of JESD79-5: commands of one and two clocks";
const JEDEC: &str =
    "JESD79-5 timing parameters, formulas as in Ramulator 2.1 ddr5.py and gem5 DRAMInterface.py";
const PHY: &str =
    "turnaround of the data bus as in Ramulator 2.1 ddr5.py; the gap is the controller's choice";
const REFRESH: &str = "JESD79-5 refresh: four may be postponed (unverified)";

/// Commands of one clock.
const ONE: EventSet = PRE.union(REFRESH_OR_SLEEP).union(REF_SAME).union(SRX).union(PDE).union(PDX).union(ZQ);
/// Commands of two clocks.
const TWO: EventSet = ACT.union(COLUMN).union(MRS).union(MRR);
/// All commands.
const ANY: EventSet = ONE.union(TWO);
/// What may follow at a bank that was refreshed with the same bank of all groups.
const NEXT_AT_BANK: EventSet = ACT.union(REF_SAME_BANK);
/// What a refresh pays.
const PAYS: &[(EventKind, u32)] = &[(Ref.kind(), 4), (RefSame.kind(), 1)];

rules! {
    CMD1       CA       least(ANY, ONE, CHANNEL)                 [1];
    CMD2       CA       least(ANY, TWO, CHANNEL)                 [2];
    RCD        JEDEC    least(ACT, COLUMN, BANK)                 [T_RCD];
    RAS        JEDEC    least(ACT, PRE_BANK, BANK)               [T_RAS];
    RAS_MAX    JEDEC    most(ACT, CLOSING, BANK)                 [T_RAS_MAX];
    RC         JEDEC    least(ACT, ACT, BANK)                    [T_RC];
    RC_REF     JEDEC    least(ACT, REFRESH_OR_SLEEP, RANK)       [T_RC];
    RC_PB      JEDEC    least(ACT, REF_SAME_BANK, BANK)          [T_RC];
    RRD_S      JEDEC    least(ACT, ACT, RANK)                    [T_RRD_S];
    RRD_L      JEDEC    least(ACT, ACT, GROUP)                   [T_RRD_L];
    FAW        JEDEC    window(ACT, 4, ACT, RANK)                [T_FAW];
    RP         JEDEC    least(PRE_BANK, ACT, BANK)               [T_RP];
    RP_REF     JEDEC    least(PRE, REFRESH_OR_SLEEP, RANK)       [T_RP];
    RP_PB      JEDEC    least(PRE_BANK, REF_SAME_BANK, BANK)     [T_RP];
    PPD        JEDEC    least(PRE, PRE, RANK)                    [T_PPD];
    CCD_S      JEDEC    least(RD, RD, RANK)                      [T_CCD_S];
    CCD_L      JEDEC    least(RD, RD, GROUP)                     [T_CCD_L];
    CCD_S_WR   JEDEC    least(WR, WR, RANK)                      [T_CCD_S];
    CCD_L_WR   JEDEC    least(WR, WR, GROUP)                     [T_CCD_L_WR];
    RTW        PHY      least(RD, WR, RANK)                      [T_RL + T_BURST + 2 - T_WL + T_WPRE];
    WTR_S      JEDEC    least(WR, RD, RANK)                      [T_WL + T_BURST + T_WTR_S];
    WTR_L      JEDEC    least(WR, RD, GROUP)                     [T_WL + T_BURST + T_WTR_L];
    RTRS_RD    PHY      least(RD, RD, OTHER_RANK)                [T_BURST + T_RTRS];
    RTRS_WR    PHY      least(WR, WR, OTHER_RANK)                [T_BURST + T_RTRS];
    RTRS_RTW   PHY      least(RD, WR, OTHER_RANK)                [T_RL + T_BURST + T_RTRS - T_WL + T_WPRE];
    RTRS_WTR   PHY      least(WR, RD, OTHER_RANK)                [T_WL + T_BURST + T_RTRS - T_RL + T_RPRE];
    RTP        JEDEC    least(RD_OPEN, PRE_BANK, BANK)           [T_RTP];
    WR         JEDEC    least(WR_OPEN, PRE_BANK, BANK)           [T_WL + T_BURST + T_WR];
    RTP_AP     JEDEC    least(RDA, ACT, BANK)                    [T_RTP + T_RP];
    DAL        JEDEC    least(WRA, ACT, BANK)                    [T_WL + T_BURST + T_WR + T_RP];
    RTP_REF    JEDEC    least(RDA, REFRESH_OR_SLEEP, RANK)       [T_RTP + T_RP];
    DAL_REF    JEDEC    least(WRA, REFRESH_OR_SLEEP, RANK)       [T_WL + T_BURST + T_WR + T_RP];
    RTP_PB     JEDEC    least(RDA, REF_SAME_BANK, BANK)          [T_RTP + T_RP];
    DAL_PB     JEDEC    least(WRA, REF_SAME_BANK, BANK)          [T_WL + T_BURST + T_WR + T_RP];
    RDSRE      JEDEC    least(RDA, SRE, RANK)                    [T_RL + T_BURST + 1];
    WRSRE      JEDEC    least(WRA, SRE, RANK)                    [T_WL + T_BURST + T_WR + 1];
    RFC        JEDEC    least(REF, VALID, RANK)                  [T_RFC];
    RFC_SB     JEDEC    least(REF_SAME_BANK, NEXT_AT_BANK, BANK) [T_RFC_SB];
    RFC_SB_REF JEDEC    least(REF_SAME, REFRESH_OR_SLEEP, RANK)  [T_RFC_SB];
    REFSBRD    JEDEC    least(REF_SAME, ACT, RANK)               [T_REFSBRD];
    REFI       REFRESH  refresh(PAYS, 4, 4, 4)                   [T_REFI];
    MRW        JEDEC    least(MRS, MRS, RANK)                    [T_MRW];
    MRW_TO_ANY JEDEC    least(MRS, NOT_MRS, RANK)                [T_MRD];
    MRR        JEDEC    least(MRR, VALID, RANK)                  [T_MRR];
    RDPDEN     JEDEC    least(RD, PDE, RANK)                     [T_RL + T_BURST + 1];
    WRPDEN     JEDEC    least(WR_OPEN, PDE, RANK)                [T_WL + T_BURST + T_WR];
    WRAPDEN    JEDEC    least(WRA, PDE, RANK)                    [T_WL + T_BURST + T_WR + 1];
    ACTPDEN    JEDEC    least(BEFORE_PDE, PDE, RANK)             [T_ACTPDEN];
    PD         JEDEC    least(PDE, PDX, RANK)                    [T_PD];
    PD_MAX     JEDEC    most(PDE, PDX, RANK)                     [T_PD_MAX];
    XP         JEDEC    least(PDX, VALID, RANK)                  [T_XP];
    CKESR      JEDEC    least(SRE, SRX, RANK)                    [T_CKESR];
    XS         JEDEC    least(SRX, VALID, RANK)                  [T_XS];
    XSDLL      JEDEC    least(SRX, COLUMN, RANK)                 [T_XSDLL];
    ZQ_CAL     JEDEC    least(ZQ_START, ZQ_LATCH, RANK)          [T_ZQ_CAL];
    ZQ_LATCH   JEDEC    least(ZQ_LATCH, VALID, RANK)             [T_ZQ_LATCH];
}
