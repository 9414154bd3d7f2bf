//! LPDDR4, row by row.
//!
//! A command counts from the last of the small commands it is made of; the burst in clocks is half its beats, and is one of 16.
//! Where Micron's and JEDEC's tables count from the first small command, they add or subtract the two clocks between.

use super::Command::{Ref, RefBank};
use super::rules::{
    ACT, BANK, BEFORE_PDE, CHANNEL, CLOSING, COLUMN, MRR, MRS, MWR, NOT_MRS, OTHER_RANK, PDE, PDX, PRE,
    PRE_ALL, PRE_BANK, PRE_ONE, RANK, RD, RD_OPEN, RDA, REF, REF_BANK, REFRESH_OR_SLEEP, SRE, SRX, VALID, WR,
    WR_OPEN, WRA, ZQ, ZQ_LATCH, ZQ_START, least, most, refresh, rules, term, window,
};
use crate::timing::{EventKind, EventSet};

const CA: &str = "command truth table of JESD209-4: small commands of two clocks, alone or in pairs";
const JEDEC: &str = "JESD209-4 timing parameters, formulas as in DRAMSys CheckerLPDDR4";
const PHY: &str = "occupation of the data bus; the gap is the controller's choice";
const REFRESH: &str = "JESD209-4 refresh: eight may be postponed or pulled in (unverified)";

/// One small command.
const TWO: EventSet = PRE.union(REFRESHES).union(SRX).union(ZQ);
/// Two small commands.
const FOUR: EventSet = ACT.union(COLUMN).union(MRS).union(MRR);
/// All commands on the command bus; power-down is on CKE.
const ANY: EventSet = TWO.union(FOUR);
/// Refreshes of all banks, and of one.
const REFRESHES: EventSet = REFRESH_OR_SLEEP.union(REF_BANK);
/// What may follow at a bank that was refreshed by itself.
const NEXT_AT_BANK: EventSet = ACT.union(REF_BANK);
/// What a refresh pays.
const PAYS: &[(EventKind, u32)] = &[(Ref.kind(), 8), (RefBank.kind(), 1)];

rules! {
    CMD2       CA       least(ANY, TWO, CHANNEL)                [2];
    CMD4       CA       least(ANY, FOUR, CHANNEL)               [4];
    RCD        JEDEC    least(ACT, COLUMN, BANK)                [T_RCD];
    RAS        JEDEC    least(ACT, PRE_BANK, BANK)              [T_RAS];
    RAS_MAX    JEDEC    most(ACT, CLOSING, BANK)                [T_RAS_MAX];
    RC         JEDEC    least(ACT, ACT, BANK)                   [T_RC];
    RC_REF     JEDEC    least(ACT, REFRESH_OR_SLEEP, RANK)      [T_RC];
    RC_PB      JEDEC    least(ACT, REF_BANK, BANK)              [T_RC];
    RRD        JEDEC    least(ACT, ACT, RANK)                   [T_RRD];
    FAW        JEDEC    window(ACT, 4, ACT, RANK)               [T_FAW];
    RP         JEDEC    least(PRE_ONE, ACT, BANK)               [T_RP];
    RP_AB      JEDEC    least(PRE_ALL, ACT, RANK)               [T_RPAB];
    RP_REF     JEDEC    least(PRE_ONE, REFRESH_OR_SLEEP, RANK)  [T_RP];
    RPAB_REF   JEDEC    least(PRE_ALL, REFRESHES, RANK)         [T_RPAB];
    RP_PB      JEDEC    least(PRE_ONE, REF_BANK, BANK)          [T_RP];
    PPD        JEDEC    least(PRE, PRE, RANK)                   [T_PPD];
    CCD        JEDEC    least(RD, RD, RANK)                     [T_CCD];
    CCD_WR     JEDEC    least(WR, WR, RANK)                     [T_CCD];
    CCDMW      JEDEC    least(WR, MWR, BANK)                    [T_CCDMW];
    RTW        JEDEC    least(RD, WR, RANK)                     [T_RL + T_DQSCK + T_BURST - T_WL + T_WPRE + T_RPST];
    WTR        JEDEC    least(WR, RD, RANK)                     [T_WL + 1 + T_BURST + T_WTR];
    RTRS_RD    PHY      least(RD, RD, OTHER_RANK)               [T_BURST + T_RTRS];
    RTRS_WR    PHY      least(WR, WR, OTHER_RANK)               [T_BURST + T_RTRS];
    RTP        JEDEC    least(RD_OPEN, PRE_BANK, BANK)          [T_RTP + T_BURST - 8];
    WR         JEDEC    least(WR_OPEN, PRE_BANK, BANK)          [T_WL + 1 + T_BURST + T_WR];
    RTP_AP     JEDEC    least(RDA, ACT, BANK)                   [T_RTP + T_BURST - 8 + T_RP];
    DAL        JEDEC    least(WRA, ACT, BANK)                   [T_WL + 1 + T_BURST + T_WR + T_RP];
    RTP_REF    JEDEC    least(RDA, REFRESH_OR_SLEEP, RANK)      [T_RTP + T_BURST - 8 + T_RP];
    DAL_REF    JEDEC    least(WRA, REFRESH_OR_SLEEP, RANK)      [T_WL + 1 + T_BURST + T_WR + T_RP];
    RTP_PB     JEDEC    least(RDA, REF_BANK, BANK)              [T_RTP + T_BURST - 8 + T_RP];
    DAL_PB     JEDEC    least(WRA, REF_BANK, BANK)              [T_WL + 1 + T_BURST + T_WR + T_RP];
    RFC        JEDEC    least(REF, VALID, RANK)                 [T_RFC];
    RFC_PB     JEDEC    least(REF_BANK, NEXT_AT_BANK, BANK)     [T_RFC_PB];
    RFC_PB_REF JEDEC    least(REF_BANK, REFRESH_OR_SLEEP, RANK) [T_RFC_PB];
    PBR2PBR    JEDEC    least(REF_BANK, REF_BANK, RANK)         [T_PBR2PBR];
    PBR2ACT    JEDEC    least(REF_BANK, ACT, RANK)              [T_RRD];
    REFI       REFRESH  refresh(PAYS, 8, 8, 8)                  [T_REFI];
    MRW        JEDEC    least(MRS, MRS, RANK)                   [T_MRW];
    MRW_TO_ANY JEDEC    least(MRS, NOT_MRS, RANK)               [T_MRD];
    MRR        JEDEC    least(MRR, VALID, RANK)                 [T_MRR];
    RDPDEN     JEDEC    least(RD, PDE, RANK)                    [T_RL + T_DQSCK + T_BURST + T_RPST + 1];
    WRPDEN     JEDEC    least(WR, PDE, RANK)                    [T_WL + T_DQSS + T_DQS2DQ + T_BURST + T_WR + 1];
    CMDCKE     JEDEC    least(BEFORE_PDE, PDE, RANK)            [T_CMDCKE];
    PD         JEDEC    least(PDE, PDX, RANK)                   [T_CKE];
    PD_MAX     JEDEC    most(PDE, PDX, RANK)                    [T_PD_MAX];
    XP         JEDEC    least(PDX, VALID, RANK)                 [T_XP];
    CKE        JEDEC    least(PDX, PDE, RANK)                   [T_CKE];
    CKESR      JEDEC    least(SRE, SRX, RANK)                   [T_CKESR];
    XS         JEDEC    least(SRX, VALID, RANK)                 [T_XS];
    ZQ_CAL     JEDEC    least(ZQ_START, ZQ_LATCH, RANK)         [T_ZQ_CAL];
    ZQ_LATCH   JEDEC    least(ZQ_LATCH, VALID, RANK)            [T_ZQ_LATCH];
}
