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
    T_RL "tRL" Time Min "read latency: additive latency and CL";
    T_WL "tWL" Time Min "write latency: additive latency and CWL";
    T_RCD "tRCD" Time Min "activate to read or write";
    T_RP "tRP" Time Min "precharge to activate";
    T_RPAB "tRPab" Time Min "precharge of all banks to activate";
    T_RAS "tRAS" Time Min "activate to precharge";
    T_RAS_MAX "tRASmax" Time Min "how long a row may stay open";
    T_RC "tRC" Time Min "activate to activate of the same bank";
    T_RRD_S "tRRD_S" Time Min "activate to activate of another bank";
    T_RRD_L "tRRD_L" Time Min "activate to activate of another bank of the same group";
    T_FAW "tFAW" Time Min "window of four activates";
    T_CCD_S "tCCD_S" Time Min "column command to column command";
    T_CCD_L "tCCD_L" Time Min "column command to column command in the same bank group";
    T_CCD_L_WR "tCCD_L_WR" Time Min "write to write in the same bank group";
    T_WTR_S "tWTR_S" Time Min "end of write data to read";
    T_WTR_L "tWTR_L" Time Min "end of write data to read in the same bank group";
    T_RTP "tRTP" Time Min "read to precharge";
    T_WR "tWR" Time Min "end of write data to precharge: write recovery";
    T_WPRE "tWPRE" Time Min "write preamble";
    T_RPRE "tRPRE" Time Min "read preamble";
    T_RPST "tRPST" Time Min "read postamble";
    T_DQSCK "tDQSCK" Time Min "clock to read strobe, in whole clocks";
    T_RTRS "tRTRS" Time Min "gap on the data bus when the rank changes";
    T_PPD "tPPD" Time Min "precharge to precharge";
    T_REFI "tREFI" Time Min "average period of refresh";
    T_RFC "tRFC" Time Min "refresh of all banks to any command";
    T_RFC_PB "tRFCpb" Time Min "refresh of one bank to a command to that bank";
    T_RFC_SB "tRFCsb" Time Min "refresh of the same bank of all groups to a command to those banks";
    T_REFSBRD "tREFSBRD" Time Min "refresh of the same bank of all groups to activate of another bank";
    T_PBR2PBR "tpbR2pbR" Time Min "refresh of one bank to refresh of another";
    T_PBR2ACT "tpbR2ACT" Time Min "refresh of one bank to activate of another";
    T_MRD "tMRD" Time Min "mode register set to mode register set";
    T_MOD "tMOD" Time Min "mode register set to any other command";
    T_XP "tXP" Time Min "power-down exit to any command";
    T_CKE "tCKE" Time Min "least width of CKE, high or low";
    T_XS "tXS" Time Min "self-refresh exit to a command that needs no locked DLL";
    T_XSDLL "tXSDLL" Time Min "self-refresh exit to a read or write";
    T_CKESR "tCKESR" Time Min "least stay in self refresh";
    T_ACTPDEN "tACTPDEN" Time Min "activate, precharge or refresh to power-down entry";
    T_ZQ_LONG "tZQoper" Time Min "long calibration to any command";
    T_ZQ_SHORT "tZQCS" Time Min "short calibration to any command";
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

use Command::{Act, Mrs, Pde, Pre, PreAll, Rd, Rda, Ref, RefBank, RefSame, Sre, Wr, Wra, ZqLong, ZqShort};

/// Activate.
pub(super) const ACT: EventSet = set(&[Act]);
/// Reads that leave the row open, and those that do not.
pub(super) const RD: EventSet = set(&[Rd, Rda]);
/// Writes that leave the row open, and those that do not.
pub(super) const WR: EventSet = set(&[Wr, Wra]);
/// Reads and writes.
pub(super) const COLUMN: EventSet = RD.union(WR);
/// What closes rows by itself.
pub(super) const PRE: EventSet = set(&[Pre, PreAll]);
/// What asks for all banks of the rank to be idle.
pub(super) const IDLE: EventSet = set(&[Ref, Sre, Mrs, ZqLong, ZqShort]);
/// Everything but power-down entry, which has rows of its own, and exits.
pub(super) const VALID: EventSet =
    set(&[Act, Pre, PreAll, Rd, Rda, Wr, Wra, Ref, RefBank, RefSame, Sre, Mrs, ZqLong, ZqShort]);
/// Power-down entry.
pub(super) const PDE: EventSet = set(&[Pde]);

/// Anywhere in the rank.
pub(super) const RANK: Scope = Scope::Same(2);
/// In the same bank group.
pub(super) const GROUP: Scope = Scope::Same(3);
/// In the same bank.
pub(super) const BANK: Scope = Scope::Same(4);
/// In another rank of the channel.
pub(super) const OTHER_RANK: Scope = Scope::Other(2);

/// The parameter itself.
pub(super) const fn p(param: Param) -> Term {
    Term::of(param)
}

/// The parameter, subtracted.
pub(super) const fn minus(param: Param) -> Term {
    times(-1, param)
}

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

/// At most `limit` from a command of `from` to one of `to`.
pub(super) const fn most(from: EventSet, to: EventSet, scope: Scope, limit: &'static [Term]) -> Kind {
    let (reset, bound) = (EventSet::NONE, Bound::Max(limit));
    Kind::Between { from, nth: 1, to, reset, scope, must_come: false, bound }
}

/// A row; `source` defines it.
pub(super) const fn row(
    name: &'static str,
    summary: &'static str,
    cause: &'static str,
    source: &'static str,
    kind: Kind,
) -> Rule {
    Rule {
        name,
        summary,
        cause,
        kind,
        at: Point::Target,
        classes: Classes::ANY,
        class_of_from: false,
        needs: Needs::Edges,
        source,
    }
}
