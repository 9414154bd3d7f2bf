//! DDR4, row by row.
//!
//! RL = AL + CL, WL = AL + CWL, the burst in clocks is half its beats; facts of a controller's own choice (the gap between
//! ranks) are rows like all others. Write CRC is off.

use super::Command::{Ref, Ref2, Ref4};
use super::rules::{
    ACT, BANK, BEFORE_PDE, CLOSING, COLUMN, GROUP, IDLE, MRS, NOT_MRS, OTHER_RANK, PDE, PDX, PRE, PRE_BANK,
    RANK, RD, RD_OPEN, RDA, REF, REF2, REF4, REFRESH_OR_SLEEP, SRE, SRX, VALID, WR, WR_OPEN, WRA, ZQ_LONG,
    ZQ_SHORT, least, most, refresh, rules, term, window,
};
use crate::timing::EventKind;

const JEDEC: &str = "JESD79-4 timing parameters, formulas as in DRAMSys CheckerDDR4";
const PHY: &str = "turnaround of the data bus as in DRAMSys CheckerDDR4; the gap is the controller's choice";
const REFRESH: &str = "JESD79-4 refresh command, as Alliance AS4C256M16D4 quotes it";
const AT_ONCE: &str = "refresh command: at most 16 in two periods (unverified)";

/// Refreshes of fine granularity pay a half and a quarter: 16 or 32 of them may be postponed.
const PAYS: &[(EventKind, u32)] = &[(Ref.kind(), 4), (Ref2.kind(), 2), (Ref4.kind(), 1)];

rules! {
    RCD      JEDEC    least(ACT, COLUMN, BANK)           [T_RCD - T_AL];
    RAS      JEDEC    least(ACT, PRE_BANK, BANK)         [T_RAS];
    RAS_MAX  JEDEC    most(ACT, CLOSING, BANK)           [T_RAS_MAX];
    RC       JEDEC    least(ACT, ACT, BANK)              [T_RC];
    RC_REF   JEDEC    least(ACT, REFRESH_OR_SLEEP, RANK) [T_RC];
    RRD_S    JEDEC    least(ACT, ACT, RANK)              [T_RRD_S];
    RRD_L    JEDEC    least(ACT, ACT, GROUP)             [T_RRD_L];
    FAW      JEDEC    window(ACT, 4, ACT, RANK)          [T_FAW];
    RP       JEDEC    least(PRE_BANK, ACT, BANK)         [T_RP];
    RP_REF   JEDEC    least(PRE, IDLE, RANK)             [T_RP];
    CCD_S    JEDEC    least(RD, RD, RANK)                [T_CCD_S];
    CCD_L    JEDEC    least(RD, RD, GROUP)               [T_CCD_L];
    CCD_S_WR JEDEC    least(WR, WR, RANK)                [T_CCD_S];
    CCD_L_WR JEDEC    least(WR, WR, GROUP)               [T_CCD_L];
    RTW      PHY      least(RD, WR, RANK)                [T_RL + T_BURST + 1 - T_WL + T_WPRE];
    WTR_S    JEDEC    least(WR, RD, RANK)                [T_WL + T_BURST + T_WTR_S - T_AL];
    WTR_L    JEDEC    least(WR, RD, GROUP)               [T_WL + T_BURST + T_WTR_L - T_AL];
    RTRS_RD  PHY      least(RD, RD, OTHER_RANK)          [T_BURST + T_RTRS];
    RTRS_WR  PHY      least(WR, WR, OTHER_RANK)          [T_BURST + T_RTRS];
    RTRS_RTW PHY      least(RD, WR, OTHER_RANK)          [T_RL + T_BURST + T_RTRS - T_WL + T_WPRE];
    RTRS_WTR PHY      least(WR, RD, OTHER_RANK)          [T_WL + T_BURST + T_RTRS - T_RL + T_RPRE];
    RTP      JEDEC    least(RD_OPEN, PRE_BANK, BANK)     [T_AL + T_RTP];
    WR       JEDEC    least(WR_OPEN, PRE_BANK, BANK)     [T_WL + T_BURST + T_WR];
    RTP_AP   JEDEC    least(RDA, ACT, BANK)              [T_AL + T_RTP + T_RP];
    DAL      JEDEC    least(WRA, ACT, BANK)              [T_WL + T_BURST + T_WR + T_RP];
    RTP_REF  JEDEC    least(RDA, IDLE, RANK)             [T_AL + T_RTP + T_RP];
    DAL_REF  JEDEC    least(WRA, IDLE, RANK)             [T_WL + T_BURST + T_WR + T_RP];
    RDSRE    JEDEC    least(RDA, SRE, RANK)              [T_RL + T_BURST + 1];
    WRSRE    JEDEC    least(WRA, SRE, RANK)              [T_WL + T_BURST + T_WR + 1];
    RFC      JEDEC    least(REF, VALID, RANK)            [T_RFC];
    RFC2     JEDEC    least(REF2, VALID, RANK)           [T_RFC2];
    RFC4     JEDEC    least(REF4, VALID, RANK)           [T_RFC4];
    REFI     REFRESH  refresh(PAYS, 4, 8, 8)             [T_REFI];
    REF_RATE AT_ONCE  window(REF, 16, REF, RANK)         [T_REFI + T_REFI];
    MRD      JEDEC    least(MRS, MRS, RANK)              [T_MRD];
    MOD      JEDEC    least(MRS, NOT_MRS, RANK)          [T_MOD];
    RDPDEN   JEDEC    least(RD, PDE, RANK)               [T_RL + T_BURST + 1];
    WRPDEN   JEDEC    least(WR_OPEN, PDE, RANK)          [T_WL + T_BURST + T_WR];
    WRAPDEN  JEDEC    least(WRA, PDE, RANK)              [T_WL + T_BURST + T_WR + 1];
    ACTPDEN  JEDEC    least(BEFORE_PDE, PDE, RANK)       [T_ACTPDEN];
    PD       JEDEC    least(PDE, PDX, RANK)              [T_CKE];
    PD_MAX   JEDEC    most(PDE, PDX, RANK)               [T_PD_MAX];
    XP       JEDEC    least(PDX, VALID, RANK)            [T_XP];
    CKE      JEDEC    least(PDX, PDE, RANK)              [T_CKE];
    CKESR    JEDEC    least(SRE, SRX, RANK)              [T_CKESR];
    XS       JEDEC    least(SRX, VALID, RANK)            [T_XS];
    XSDLL    JEDEC    least(SRX, COLUMN, RANK)           [T_XSDLL];
    ZQ_LONG  JEDEC    least(ZQ_LONG, VALID, RANK)        [T_ZQ_LONG];
    ZQ_SHORT JEDEC    least(ZQ_SHORT, VALID, RANK)       [T_ZQ_SHORT];
}
