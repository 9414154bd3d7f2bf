//! What the tables of all standards are written in: parameters, sets of commands, and the shapes of a row.
//!
//! Limits are sums of parameters in femtoseconds; a part states them in clocks or in time, and its family's rounding
//! makes whole clocks of them, so that every limit is a multiple of `tCK`.

use super::Command;
use crate::timing::param::params;
use crate::timing::{Bound, Classes, EventKind, EventSet, Kind, Needs, Param, Point, Rule, Scope, Term};

params! {
    T_CK "tCK" Time Min "clock period";
    T_BURST "tBURST" Time Min "length of a burst on the data bus: half its beats, in clocks";
    T_AL "tAL" Time Min "additive latency";
    T_BURST_MAX "tBURST_max" Time Min "length of a burst counted within a bank group (BL/n_max)";
    T_RL "tRL" Time Min "read latency: additive latency and CL";
    T_WL "tWL" Time Min "write latency: additive latency and CWL";
    T_RCD "tRCD" Time Min "activate to read or write";
    T_RP "tRP" Time Min "precharge to activate";
    T_RPAB "tRPab" Time Min "precharge of all banks to activate";
    T_RAS "tRAS" Time Min "activate to precharge";
    T_RAS_MAX "tRASmax" Time Min "how long a row may stay open";
    T_PD_MAX "tPDmax" Time Min "how long power-down may last";
    T_RC "tRC" Time Min "activate to activate of the same bank";
    T_RRD "tRRD" Time Min "activate to activate of another bank";
    T_RRD_S "tRRD_S" Time Min "activate to activate of another bank";
    T_RRD_L "tRRD_L" Time Min "activate to activate of another bank of the same group";
    T_FAW "tFAW" Time Min "window of four activates";
    T_CCD "tCCD" Time Min "column command to column command";
    T_CCDMW "tCCDMW" Time Min "write to masked write of the same bank";
    T_AAD "tAAD" Time Min "first to second half of an activate, at the latest";
    T_CCD_S "tCCD_S" Time Min "column command to column command";
    T_CCD_L "tCCD_L" Time Min "column command to column command in the same bank group";
    T_CCD_L_WR "tCCD_L_WR" Time Min "write to write in the same bank group";
    T_WTR "tWTR" Time Min "end of write data to read";
    T_WTR_S "tWTR_S" Time Min "end of write data to read";
    T_WTR_L "tWTR_L" Time Min "end of write data to read in the same bank group";
    T_RTP "tRTP" Time Min "read to precharge";
    T_WR "tWR" Time Min "end of write data to precharge: write recovery";
    T_WPRE "tWPRE" Time Min "write preamble";
    T_RPRE "tRPRE" Time Min "read preamble";
    T_RPST "tRPST" Time Min "read postamble";
    T_DQSCK "tDQSCK" Time Min "clock to read strobe, in whole clocks";
    T_DQSS "tDQSS" Time Min "write latency to the first strobe, in whole clocks";
    T_DQS2DQ "tDQS2DQ" Time Min "strobe to data, in whole clocks";
    T_RTRS "tRTRS" Time Min "gap on the data bus when the rank changes";
    T_PPD "tPPD" Time Min "precharge to precharge";
    T_REFI "tREFI" Time Min "average period of refresh";
    T_RFC "tRFC" Time Min "refresh of all banks to any command";
    T_RFC2 "tRFC2" Time Min "refresh of fine granularity 2x to any command";
    T_RFC4 "tRFC4" Time Min "refresh of fine granularity 4x to any command";
    T_RFC_PB "tRFCpb" Time Min "refresh of one bank to a command to that bank";
    T_RFC_SB "tRFCsb" Time Min "refresh of the same bank of all groups to a command to those banks";
    T_REFSBRD "tREFSBRD" Time Min "refresh of the same bank of all groups to activate of another bank";
    T_PBR2PBR "tpbR2pbR" Time Min "refresh of one bank to refresh of another";
    T_PBR2ACT "tpbR2ACT" Time Min "refresh of one bank to activate of another";
    T_MRD "tMRD" Time Min "mode register set to mode register set (LPDDR, DDR5: to any other command)";
    T_MRW "tMRW" Time Min "mode register write to mode register write";
    T_MRR "tMRR" Time Min "mode register read to any command";
    T_MOD "tMOD" Time Min "mode register set to any other command";
    T_XP "tXP" Time Min "power-down exit to any command";
    T_PD "tPD" Time Min "least stay in power-down";
    T_XPDLL "tXPDLL" Time Min "power-down exit to a read or write, where the DLL was off (slow exit)";
    T_CKE "tCKE" Time Min "least width of CKE, high or low";
    T_XS "tXS" Time Min "self-refresh exit to a command that needs no locked DLL";
    T_XSDLL "tXSDLL" Time Min "self-refresh exit to a read or write";
    T_CKESR "tCKESR" Time Min "least stay in self refresh";
    T_ACTPDEN "tACTPDEN" Time Min "activate, precharge or refresh to power-down entry";
    T_CMDCKE "tCMDCKE" Time Min "command to power-down entry";
    T_ZQ_CAL "tZQCAL" Time Min "start of calibration to its latch";
    T_ZQ_LATCH "tZQLAT" Time Min "latch of calibration to any command";
    T_ZQ_LONG "tZQoper" Time Min "long calibration to any command";
    T_ZQ_SHORT "tZQCS" Time Min "short calibration to any command";
    // From here on those of the pins: see `pins::rules::param`.
    T_IS "tIS" Time Min "command, address and control set-up to CK";
    T_IH "tIH" Time Min "command, address and control hold after CK";
    T_CH "tCH" Time Min "clock high time";
    T_CL "tCL" Time Min "clock low time";
    T_DS "tDS" Time Min "write data set-up to DQS";
    T_DH "tDH" Time Min "write data hold after DQS";
    T_DQSS_PIN "tDQSS;DQS" Time Max "first write DQS from its CK edge, early or late";
    T_DSS "tDSS" Time Min "write DQS falling edge set-up to CK";
    T_DSH "tDSH" Time Min "write DQS falling edge hold after CK";
    T_DQSH "tDQSH" Time Min "write DQS high time";
    T_DQSL "tDQSL" Time Min "write DQS low time";
    T_DQSCK_PIN "tDQSCK;DQS" Time Max "read DQS from its CK edge, early or late";
    T_QSH "tQSH" Time Min "read DQS high time";
    T_QSL "tQSL" Time Min "read DQS low time";
    T_DQSQ "tDQSQ" Time Max "read DQS to the last data of its lane";
    T_QH "tQH" Time Min "read data hold after DQS";
    T_WPRE_PIN "tWPRE;DQS" Time Min "write preamble of DQS";
    T_WPST "tWPST" Time Min "write postamble of DQS";
    T_RPRE_PIN "tRPRE;DQS" Time Min "read preamble of DQS";
    T_RPST_PIN "tRPST;DQS" Time Min "read postamble of DQS";
}

/// The set of `commands`.
pub(super) const fn set(commands: &[Command]) -> EventSet {
    let mut set = EventSet::NONE;
    let mut i = 0;
    while i < commands.len() {
        set = set.union(EventSet::of(&[EventKind(commands[i] as u8)]));
        i += 1;
    }
    set
}

use Command::{
    Act, Act2, Mrr, Mrs, Mwr, Mwra, Pde, Pdx, Pre, PreAll, PreSame, Rd, Rda, Ref, Ref2, Ref4, RefBank,
    RefSame, Sre, Srx, Wr, Wra, ZqLatch, ZqLong, ZqShort, ZqStart,
};

/// The set of what `command` does at each of its banks.
const fn at_banks(command: Command) -> EventSet {
    EventSet::of(&[command.kind_at_banks()])
}

/// Activate.
pub(super) const ACT: EventSet = set(&[Act]);
/// Its second half.
pub(super) const ACT2: EventSet = set(&[Act2]);
/// Reads that leave the row open.
pub(super) const RD_OPEN: EventSet = set(&[Rd]);
/// Reads that close it.
pub(super) const RDA: EventSet = set(&[Rda]);
/// All reads.
pub(super) const RD: EventSet = RD_OPEN.union(RDA);
/// Writes that leave the row open.
pub(super) const WR_OPEN: EventSet = set(&[Wr, Mwr]);
/// Writes that close it.
pub(super) const WRA: EventSet = set(&[Wra, Mwra]);
/// All writes.
pub(super) const WR: EventSet = WR_OPEN.union(WRA);
/// Masked writes.
pub(super) const MWR: EventSet = set(&[Mwr, Mwra]);
/// Reads and writes.
pub(super) const COLUMN: EventSet = RD.union(WR);
/// Precharge of a bank.
pub(super) const PRE_ONE: EventSet = set(&[Pre]);
/// Precharge of all banks.
pub(super) const PRE_ALL: EventSet = set(&[PreAll]);
/// Commands that only precharge, as the rank sees them.
pub(super) const PRE: EventSet = set(&[Pre, PreAll, PreSame]);
/// The same, as a bank sees them.
pub(super) const PRE_BANK: EventSet = set(&[Pre, PreAll]).union(at_banks(PreSame));
/// What closes a row, as a bank sees it.
pub(super) const CLOSING: EventSet = PRE_BANK.union(RDA).union(WRA);
/// Refresh of all banks.
pub(super) const REF: EventSet = set(&[Ref]);
/// Refresh of fine granularity 2x.
pub(super) const REF2: EventSet = set(&[Ref2]);
/// Refresh of fine granularity 4x.
pub(super) const REF4: EventSet = set(&[Ref4]);
/// Refresh of a bank.
pub(super) const REF_BANK: EventSet = set(&[RefBank]);
/// Refresh of the same bank of all groups, as the rank sees it.
pub(super) const REF_SAME: EventSet = set(&[RefSame]);
/// The same, as each of its banks sees it.
pub(super) const REF_SAME_BANK: EventSet = at_banks(RefSame);
/// Self-refresh entry.
pub(super) const SRE: EventSet = set(&[Sre]);
/// Self-refresh exit.
pub(super) const SRX: EventSet = set(&[Srx]);
/// What refreshes the whole rank, now or by itself.
pub(super) const REFRESH_OR_SLEEP: EventSet = set(&[Ref, Ref2, Ref4, Sre]);
/// What asks for all banks of the rank to be idle.
pub(super) const IDLE: EventSet = REFRESH_OR_SLEEP.union(set(&[Mrs, ZqLong, ZqShort]));
/// Mode register set.
pub(super) const MRS: EventSet = set(&[Mrs]);
/// Mode register read.
pub(super) const MRR: EventSet = set(&[Mrr]);
/// Long calibration.
pub(super) const ZQ_LONG: EventSet = set(&[ZqLong]);
/// Short calibration.
pub(super) const ZQ_SHORT: EventSet = set(&[ZqShort]);
/// Start of calibration.
pub(super) const ZQ_START: EventSet = set(&[ZqStart]);
/// Latch of calibration.
pub(super) const ZQ_LATCH: EventSet = set(&[ZqLatch]);
/// Calibration that runs by itself.
pub(super) const ZQ: EventSet = ZQ_START.union(ZQ_LATCH);
/// Every command but power-down entry, which has rows of its own, exits, mode registers, and the second half of an activate.
pub(super) const NOT_MRS: EventSet = ACT
    .union(PRE)
    .union(COLUMN)
    .union(REFRESH_OR_SLEEP)
    .union(REF_BANK)
    .union(REF_SAME)
    .union(set(&[ZqLong, ZqShort, ZqStart]));
/// The same with mode registers.
pub(super) const VALID: EventSet = NOT_MRS.union(MRS).union(MRR);
/// Power-down entry.
pub(super) const PDE: EventSet = set(&[Pde]);
/// Power-down exit.
pub(super) const PDX: EventSet = set(&[Pdx]);
/// Commands whose clock may not be that of power-down entry.
pub(super) const BEFORE_PDE: EventSet =
    ACT.union(PRE).union(set(&[Ref, Ref2, Ref4])).union(REF_BANK).union(REF_SAME);

/// Anywhere on the channel.
pub(super) const CHANNEL: Scope = Scope::Same(1);
/// Anywhere in the rank.
pub(super) const RANK: Scope = Scope::Same(2);
/// In the same bank group.
pub(super) const GROUP: Scope = Scope::Same(3);
/// In the same bank.
pub(super) const BANK: Scope = Scope::Same(4);
/// In another rank of the channel.
pub(super) const OTHER_RANK: Scope = Scope::Other(2);

/// So many times the parameter.
pub(super) const fn times(num: i64, param: Param) -> Term {
    Term::Scaled { num, den: 1, param }
}

/// At least `limit` from a command of `from` to one of `to`.
pub(super) const fn least(from: EventSet, to: EventSet, scope: Scope, limit: &'static [Term]) -> Kind {
    window(from, 1, to, scope, limit)
}

/// At least `limit` from the `nth` last command of `from` to one of `to`.
pub(super) const fn window(
    from: EventSet,
    nth: u8,
    to: EventSet,
    scope: Scope,
    limit: &'static [Term],
) -> Kind {
    let (reset, bound) = (EventSet::NONE, Bound::Min(limit));
    Kind::Between { from, nth, to, reset, scope, must_come: false, bound }
}

/// At most `limit` from a command of `from` to the first of `to` behind it: a row that is closed does not stay open.
pub(super) const fn most(from: EventSet, to: EventSet, scope: Scope, limit: &'static [Term]) -> Kind {
    Kind::Between { from, nth: 1, to, reset: to, scope, must_come: false, bound: Bound::Max(limit) }
}

/// Each rank owes a refresh once a `period`, which `pays` pays in `parts`; it may postpone or pull in so many.
pub(super) const fn refresh(
    pays: &'static [(EventKind, u32)],
    parts: u32,
    postponed: u32,
    pulled_in: u32,
    period: &'static [Term],
) -> Kind {
    let (depth, rest, wake, behind, ahead) = (2, SRE, SRX, postponed, pulled_in);
    Kind::Budget { pays, parts, depth, rest, wake, period, behind, ahead }
}

/// What a rule is called, what it asks, and what usually breaks it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wording {
    /// As data sheets call it.
    pub(super) name: &'static str,
    /// What it asks.
    pub(super) summary: &'static str,
    /// What usually breaks it.
    pub(super) cause: &'static str,
}

/// A row; `source` defines it.
pub(super) const fn row(name: Wording, source: &'static str, kind: Kind) -> Rule {
    let Wording { name, summary, cause } = name;
    let (at, classes, class_of_from, needs) = (Point::Target, Classes::ANY, false, Needs::Edges);
    Rule { name, summary, cause, kind, at, classes, class_of_from, needs, source }
}

/// The table of a standard's rules, a row a line: its name, its source, what is measured, and the limit as a sum of
/// parameters and clocks.
///
/// ```text
/// rules! {
///     RCD   JEDEC  least(ACT, COLUMN, BANK)  [T_RCD - T_AL];
/// }
/// ```
macro_rules! rules {
    ($($name:ident $source:ident $kind:ident($($what:expr),*) [$first:tt $($sign:tt $more:tt)*];)*) => {
        /// The rules.
        pub const RULES: &[$crate::timing::Rule] = &[$($crate::bus::ddr::rules::row(
            $crate::bus::ddr::names::$name,
            $source,
            $kind($($what,)* &[term!(+ $first) $(, term!($sign $more))*]),
        )),*];
    };
}
pub(super) use rules;

/// A summand of a limit: a parameter, or a number of clocks.
macro_rules! term {
    (+ $clocks:literal) => {
        $crate::bus::ddr::rules::times($clocks, $crate::bus::ddr::rules::T_CK)
    };
    (- $clocks:literal) => {
        $crate::bus::ddr::rules::times(-$clocks, $crate::bus::ddr::rules::T_CK)
    };
    (+ $param:ident) => {
        $crate::bus::ddr::rules::times(1, $crate::bus::ddr::rules::$param)
    };
    (- $param:ident) => {
        $crate::bus::ddr::rules::times(-1, $crate::bus::ddr::rules::$param)
    };
}
pub(super) use term;
