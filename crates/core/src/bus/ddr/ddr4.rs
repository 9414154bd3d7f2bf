//! DDR4, row by row.
//!
//! B is half the burst length, RL = AL + CL, WL = AL + CWL; facts of a controller's own choice (the gap between ranks) are
//! rows like all others.

use super::Command::{Act, Mrs, Pdx, Pre, PreAll, Rd, Rda, Ref, Sre, Srx, Wr, Wra, ZqLong, ZqShort};
use super::rules::{
    ACT, BANK, COLUMN, GROUP, IDLE, OTHER_RANK, PDE, PRE, RANK, RD, T_ACTPDEN, T_AL, T_BURST, T_CCD_L,
    T_CCD_S, T_CK, T_CKE, T_CKESR, T_FAW, T_MOD, T_MRD, T_RAS, T_RAS_MAX, T_RC, T_RCD, T_REFI, T_RFC, T_RL,
    T_RP, T_RPRE, T_RRD_L, T_RRD_S, T_RTP, T_RTRS, T_WL, T_WPRE, T_WR, T_WTR_L, T_WTR_S, T_XP, T_XS, T_XSDLL,
    T_ZQ_LONG, T_ZQ_SHORT, VALID, WR, least, minus, most, p, row, set, window,
};
use crate::timing::{EventSet, Kind, Rule};

const JEDEC: &str = "JESD79-4 timing parameters, formulas as in DRAMSys CheckerDDR4";
const PHY: &str = "turnaround of the data bus as in DRAMSys CheckerDDR4; the gap is the controller's choice";
const REFRESH: &str = "JESD79-4 refresh command, as Alliance AS4C256M16D4 quotes it";

/// What needs all banks idle for long: refresh and self refresh.
const REFRESH_OR_SLEEP: EventSet = set(&[Ref, Sre]);
/// What closes a row.
const CLOSING: EventSet = set(&[Pre, PreAll, Rda, Wra]);
/// Every command but another mode register set.
const AFTER_MRS: EventSet = set(&[Act, Pre, PreAll, Rd, Rda, Wr, Wra, Ref, Sre, ZqLong, ZqShort]);

/// The rules.
pub const RULES: &[Rule] = &[
    row(
        "tRCD",
        "activate to read or write",
        "a column command before its row is open",
        JEDEC,
        least(ACT, COLUMN, BANK, &[p(T_RCD), minus(T_AL)]),
    ),
    row(
        "tRAS",
        "activate to precharge",
        "a row is closed before its cells are restored",
        JEDEC,
        least(ACT, PRE, BANK, &[p(T_RAS)]),
    ),
    row(
        "tRASmax",
        "activate to precharge, at the latest",
        "a row stays open for longer than refresh allows",
        JEDEC,
        most(ACT, CLOSING, BANK, &[p(T_RAS_MAX)]),
    ),
    row(
        "tRC",
        "activate to activate of the same bank",
        "rows of one bank follow each other too fast",
        JEDEC,
        least(ACT, ACT, BANK, &[p(T_RC)]),
    ),
    row(
        "tRC_REF",
        "activate to refresh",
        "a refresh follows an activate of the same rank too soon",
        JEDEC,
        least(ACT, REFRESH_OR_SLEEP, RANK, &[p(T_RC)]),
    ),
    row(
        "tRRD_S",
        "activate to activate of another bank",
        "the controller counts no activates",
        JEDEC,
        least(ACT, ACT, RANK, &[p(T_RRD_S)]),
    ),
    row(
        "tRRD_L",
        "activate to activate in the same bank group",
        "banks of one group are taken for banks of several",
        JEDEC,
        least(ACT, ACT, GROUP, &[p(T_RRD_L)]),
    ),
    row(
        "tFAW",
        "fifth activate after the first",
        "more than four activates in a window: the pumps cannot follow",
        JEDEC,
        window(ACT, 4, ACT, RANK, &[p(T_FAW)]),
    ),
    row(
        "tRP",
        "precharge to activate",
        "a row is opened before the bit lines are precharged",
        JEDEC,
        least(PRE, ACT, BANK, &[p(T_RP)]),
    ),
    row(
        "tRP_REF",
        "precharge to a command that needs idle banks",
        "a refresh or mode register set comes before the last bank is idle",
        JEDEC,
        least(PRE, IDLE, RANK, &[p(T_RP)]),
    ),
    row(
        "tCCD_S",
        "read to read",
        "bursts collide on the data bus",
        JEDEC,
        least(RD, RD, RANK, &[p(T_CCD_S)]),
    ),
    row(
        "tCCD_L",
        "read to read in the same bank group",
        "reads of one bank group follow as fast as those of several",
        JEDEC,
        least(RD, RD, GROUP, &[p(T_CCD_L)]),
    ),
    row(
        "tCCD_S_WR",
        "write to write",
        "bursts collide on the data bus",
        JEDEC,
        least(WR, WR, RANK, &[p(T_CCD_S)]),
    ),
    row(
        "tCCD_L_WR",
        "write to write in the same bank group",
        "writes of one bank group follow as fast as those of several",
        JEDEC,
        least(WR, WR, GROUP, &[p(T_CCD_L)]),
    ),
    row(
        "tRTW",
        "read to write: turnaround of the data bus",
        "write data are driven while read data are still on the bus",
        PHY,
        least(RD, WR, RANK, &[p(T_RL), p(T_BURST), p(T_CK), minus(T_WL), p(T_WPRE)]),
    ),
    row(
        "tWTR_S",
        "write to read",
        "the controller counts from the command and not from the end of the data",
        JEDEC,
        least(WR, RD, RANK, &[p(T_WL), p(T_BURST), p(T_WTR_S), minus(T_AL)]),
    ),
    row(
        "tWTR_L",
        "write to read in the same bank group",
        "the short limit is used within a bank group",
        JEDEC,
        least(WR, RD, GROUP, &[p(T_WL), p(T_BURST), p(T_WTR_L), minus(T_AL)]),
    ),
    row(
        "tRTRS_RD",
        "read to read of another rank",
        "no gap for the strobes when the rank changes",
        PHY,
        least(RD, RD, OTHER_RANK, &[p(T_BURST), p(T_RTRS)]),
    ),
    row(
        "tRTRS_WR",
        "write to write of another rank",
        "no gap for the strobes when the rank changes",
        PHY,
        least(WR, WR, OTHER_RANK, &[p(T_BURST), p(T_RTRS)]),
    ),
    row(
        "tRTRS_RTW",
        "read to write of another rank",
        "no gap for the strobes when the rank changes",
        PHY,
        least(RD, WR, OTHER_RANK, &[p(T_RL), p(T_BURST), p(T_RTRS), minus(T_WL), p(T_WPRE)]),
    ),
    row(
        "tRTRS_WTR",
        "write to read of another rank",
        "no gap for the strobes when the rank changes",
        PHY,
        least(WR, RD, OTHER_RANK, &[p(T_WL), p(T_BURST), p(T_RTRS), minus(T_RL), p(T_RPRE)]),
    ),
    row(
        "tRTP",
        "read to precharge",
        "a row is closed before the read has left it",
        JEDEC,
        least(set(&[Rd]), PRE, BANK, &[p(T_AL), p(T_RTP)]),
    ),
    row(
        "tWR",
        "write to precharge: write recovery",
        "a row is closed before the written data have reached the cells",
        JEDEC,
        least(set(&[Wr]), PRE, BANK, &[p(T_WL), p(T_BURST), p(T_WR)]),
    ),
    row(
        "tRTP_AP",
        "read with auto precharge to activate",
        "the precharge behind the read is not counted",
        JEDEC,
        least(set(&[Rda]), ACT, BANK, &[p(T_AL), p(T_RTP), p(T_RP)]),
    ),
    row(
        "tDAL",
        "write with auto precharge to activate",
        "write recovery and the precharge behind it are not counted",
        JEDEC,
        least(set(&[Wra]), ACT, BANK, &[p(T_WL), p(T_BURST), p(T_WR), p(T_RP)]),
    ),
    row(
        "tRTP_REF",
        "read with auto precharge to a command that needs idle banks",
        "the precharge behind the read is not counted",
        JEDEC,
        least(set(&[Rda]), IDLE, RANK, &[p(T_AL), p(T_RTP), p(T_RP)]),
    ),
    row(
        "tDAL_REF",
        "write with auto precharge to a command that needs idle banks",
        "write recovery and the precharge behind it are not counted",
        JEDEC,
        least(set(&[Wra]), IDLE, RANK, &[p(T_WL), p(T_BURST), p(T_WR), p(T_RP)]),
    ),
    row(
        "tRDSRE",
        "read with auto precharge to self-refresh entry",
        "the memory sleeps before its data are out",
        JEDEC,
        least(set(&[Rda]), set(&[Sre]), RANK, &[p(T_RL), p(T_BURST), p(T_CK)]),
    ),
    row(
        "tWRSRE",
        "write with auto precharge to self-refresh entry",
        "the memory sleeps before its data are in",
        JEDEC,
        least(set(&[Wra]), set(&[Sre]), RANK, &[p(T_WL), p(T_BURST), p(T_WR), p(T_CK)]),
    ),
    row(
        "tRFC",
        "refresh to any command",
        "the memory is still refreshing",
        JEDEC,
        least(set(&[Ref]), VALID, RANK, &[p(T_RFC)]),
    ),
    row(
        "tREFI",
        "refresh at least once a period, on average",
        "refreshes are forgotten, or more are postponed than the standard allows",
        REFRESH,
        Kind::Budget { event: Ref.kind(), period: &[p(T_REFI)], behind: 8, ahead: 8 },
    ),
    row(
        "tMRD",
        "mode register set to mode register set",
        "mode registers are set without the pause between",
        JEDEC,
        least(set(&[Mrs]), set(&[Mrs]), RANK, &[p(T_MRD)]),
    ),
    row(
        "tMOD",
        "mode register set to any other command",
        "a command comes before the new mode holds",
        JEDEC,
        least(set(&[Mrs]), AFTER_MRS, RANK, &[p(T_MOD)]),
    ),
    row(
        "tRDPDEN",
        "read to power-down entry",
        "the memory sleeps before its data are out",
        JEDEC,
        least(RD, PDE, RANK, &[p(T_RL), p(T_BURST), p(T_CK)]),
    ),
    row(
        "tWRPDEN",
        "write to power-down entry",
        "the memory sleeps before its data are in",
        JEDEC,
        least(set(&[Wr]), PDE, RANK, &[p(T_WL), p(T_BURST), p(T_WR)]),
    ),
    row(
        "tWRAPDEN",
        "write with auto precharge to power-down entry",
        "the memory sleeps before its data are in",
        JEDEC,
        least(set(&[Wra]), PDE, RANK, &[p(T_WL), p(T_BURST), p(T_WR), p(T_CK)]),
    ),
    row(
        "tACTPDEN",
        "activate, precharge or refresh to power-down entry",
        "CKE falls in the clock of a command",
        JEDEC,
        least(set(&[Act, Pre, PreAll, Ref]), PDE, RANK, &[p(T_ACTPDEN)]),
    ),
    row(
        "tPD",
        "power-down entry to exit",
        "CKE is low for too short",
        JEDEC,
        least(PDE, set(&[Pdx]), RANK, &[p(T_CKE)]),
    ),
    row(
        "tXP",
        "power-down exit to any command",
        "a command comes before the memory is awake",
        JEDEC,
        least(set(&[Pdx]), VALID, RANK, &[p(T_XP)]),
    ),
    row(
        "tCKE",
        "power-down exit to entry",
        "CKE is high for too short",
        JEDEC,
        least(set(&[Pdx]), PDE, RANK, &[p(T_CKE)]),
    ),
    row(
        "tCKESR",
        "self-refresh entry to exit",
        "self refresh is left too soon",
        JEDEC,
        least(set(&[Sre]), set(&[Srx]), RANK, &[p(T_CKESR)]),
    ),
    row(
        "tXS",
        "self-refresh exit to a command that needs no locked DLL",
        "a command comes before the refresh under way has ended",
        JEDEC,
        least(set(&[Srx]), VALID, RANK, &[p(T_XS)]),
    ),
    row(
        "tXSDLL",
        "self-refresh exit to a read or write",
        "a column command comes before the DLL has locked",
        JEDEC,
        least(set(&[Srx]), COLUMN, RANK, &[p(T_XSDLL)]),
    ),
    row(
        "tZQoper",
        "long calibration to any command",
        "a command comes during calibration",
        JEDEC,
        least(set(&[ZqLong]), VALID, RANK, &[p(T_ZQ_LONG)]),
    ),
    row(
        "tZQCS",
        "short calibration to any command",
        "a command comes during calibration",
        JEDEC,
        least(set(&[ZqShort]), VALID, RANK, &[p(T_ZQ_SHORT)]),
    ),
];
