//! DDR3, row by row.
//!
//! RL = AL + CL, WL = AL + CWL, the burst in clocks is half its beats; facts of a controller's own choice (the gap between
//! ranks) are rows like all others. A part whose mode registers choose the slow exit from power-down states `tXPDLL`.

use super::Command::Ref;
use super::rules::{
    ACT, BANK, BEFORE_PDE, CLOSING, COLUMN, IDLE, MRS, NOT_MRS, OTHER_RANK, PDE, PDX, PRE, PRE_BANK, RANK,
    RD, RD_OPEN, RDA, REF, REFRESH_OR_SLEEP, SRE, SRX, VALID, WR, WR_OPEN, WRA, ZQ_LONG, ZQ_SHORT, least,
    most, refresh, rules, term, window,
};
use crate::timing::EventKind;

const JEDEC: &str = "JESD79-3 timing parameters, formulas as in DRAMSys CheckerDDR3 and Micron's DDR3 model";
const PHY: &str = "turnaround of the data bus as in DRAMSys CheckerDDR3; the gap is the controller's choice";
const REFRESH: &str =
    "JESD79-3 refresh command, as Winbond W632GU6NB p.66 and Nanya NT5CB128M16J p.58 quote it";
const AT_ONCE: &str = "refresh command: at most 16 in two periods (unverified)";

/// There is one kind of refresh.
const PAYS: &[(EventKind, u32)] = &[(Ref.kind(), 1)];

rules! {
    RCD      JEDEC    least(ACT, COLUMN, BANK)           [T_RCD - T_AL];
    RAS      JEDEC    least(ACT, PRE_BANK, BANK)         [T_RAS];
    RAS_MAX  JEDEC    most(ACT, CLOSING, BANK)           [T_RAS_MAX];
    RC       JEDEC    least(ACT, ACT, BANK)              [T_RC];
    RC_REF   JEDEC    least(ACT, REFRESH_OR_SLEEP, RANK) [T_RC];
    RRD      JEDEC    least(ACT, ACT, RANK)              [T_RRD];
    FAW      JEDEC    window(ACT, 4, ACT, RANK)          [T_FAW];
    RP       JEDEC    least(PRE_BANK, ACT, BANK)         [T_RP];
    RP_REF   JEDEC    least(PRE, IDLE, RANK)             [T_RP];
    CCD      JEDEC    least(RD, RD, RANK)                [T_CCD];
    CCD_WR   JEDEC    least(WR, WR, RANK)                [T_CCD];
    RTW      PHY      least(RD, WR, RANK)                [T_RL + T_BURST + 2 - T_WL];
    WTR      JEDEC    least(WR, RD, RANK)                [T_WL + T_BURST + T_WTR - T_AL];
    RTRS_RD  PHY      least(RD, RD, OTHER_RANK)          [T_BURST + T_RTRS];
    RTRS_WR  PHY      least(WR, WR, OTHER_RANK)          [T_BURST + T_RTRS];
    RTRS_RTW PHY      least(RD, WR, OTHER_RANK)          [T_RL + T_BURST + T_RTRS - T_WL];
    RTRS_WTR PHY      least(WR, RD, OTHER_RANK)          [T_WL + T_BURST + T_RTRS - T_RL];
    RTP      JEDEC    least(RD_OPEN, PRE_BANK, BANK)     [T_AL + T_RTP];
    WR       JEDEC    least(WR_OPEN, PRE_BANK, BANK)     [T_WL + T_BURST + T_WR];
    RTP_AP   JEDEC    least(RDA, ACT, BANK)              [T_AL + T_RTP + T_RP];
    DAL      JEDEC    least(WRA, ACT, BANK)              [T_WL + T_BURST + T_WR + T_RP];
    RTP_REF  JEDEC    least(RDA, IDLE, RANK)             [T_AL + T_RTP + T_RP];
    DAL_REF  JEDEC    least(WRA, IDLE, RANK)             [T_WL + T_BURST + T_WR + T_RP];
    RDSRE    JEDEC    least(RDA, SRE, RANK)              [T_RL + T_BURST + 1];
    WRSRE    JEDEC    least(WRA, SRE, RANK)              [T_WL + T_BURST + T_WR + 1];
    RFC      JEDEC    least(REF, VALID, RANK)            [T_RFC];
    REFI     REFRESH  refresh(PAYS, 1, 8, 8)             [T_REFI];
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
    XPDLL    JEDEC    least(PDX, COLUMN, RANK)           [T_XPDLL];
    CKE      JEDEC    least(PDX, PDE, RANK)              [T_CKE];
    CKESR    JEDEC    least(SRE, SRX, RANK)              [T_CKESR];
    XS       JEDEC    least(SRX, VALID, RANK)            [T_XS];
    XSDLL    JEDEC    least(SRX, COLUMN, RANK)           [T_XSDLL];
    ZQ_LONG  JEDEC    least(ZQ_LONG, VALID, RANK)        [T_ZQ_LONG];
    ZQ_SHORT JEDEC    least(ZQ_SHORT, VALID, RANK)       [T_ZQ_SHORT];
}
