//! The timing of I2C, as rows.
//!
//! Names follow UM10204: `tSU;DAT` is the set-up of data before SCL rises, `tHD;STA` the hold of a START before SCL falls.
//! Where a symbol has a minimum and a maximum, the rule about its lesser side ends in `-min` or `-max`. Rules of
//! High-speed mode that share their symbol with the slower modes end in `-Hs`; they hold behind a master code, the
//! others before it.
//!
//! Edges have two ends: a line leaves its level at one threshold and reaches the opposite at the other. Each row says
//! which it means:
//!
//! ```text
//!            leaves High   reaches Low        leaves Low    reaches High
//!  70 % ‾‾‾‾‾‾‾‾‾\ . . . . . . . . . . . . . . . . . . . . . ./‾‾‾‾‾‾‾‾‾
//!                 \                                          /
//!  30 % . . . . . .\______________________________________./. . . . . .
//!                   |<-- tLOW: reaches Low to leaves Low ->|
//! ```
//!
//! That is our reading of the drawing in UM10204 (figure 38); its text does not say it, so the ends are unverified.
//!
//! No row: tSP. Which spikes a receiver swallows happens behind its pin; the monitor uses it as the width of its filter.

use crate::timing::param::params;
use crate::timing::{
    Bound, Classes, EventKind, EventSet, Kind, Needs, Point, ProtocolCheck, Rule, Scope, Term, Unit,
};

params! {
    FSCL "fSCL" Frequency Max "SCL frequency";
    T_HD_STA "tHD;STA" Time Min "hold time of a (repeated) START";
    T_LOW "tLOW" Time Min "low period of SCL";
    T_HIGH "tHIGH" Time Min "high period of SCL";
    T_HIGH_MAX "tHIGH" Time Max "high period of SCL within a transfer (SMBus)";
    T_SU_STA "tSU;STA" Time Min "set-up time of a repeated START";
    T_HD_DAT "tHD;DAT" Time Min "data hold time";
    T_HD_DAT_MAX "tHD;DAT" Time Max "data hold time, where SCL is not stretched";
    T_SU_DAT "tSU;DAT" Time Min "data set-up time";
    T_R "tr" Time Max "rise time of SDA and SCL";
    T_R_MIN "tr" Time Min "rise time of SDA and SCL";
    T_F "tf" Time Max "fall time of SDA and SCL";
    T_F_MIN "tf" Time Min "fall time of SDA and SCL";
    T_SU_STO "tSU;STO" Time Min "set-up time of a STOP";
    T_BUF "tBUF" Time Min "bus free time between a STOP and a START";
    T_VD_DAT "tVD;DAT" Time Max "data valid time, where SCL is not stretched";
    T_VD_DAT_MIN "tVD;DAT" Time Min "data valid time (Ultra-fast mode)";
    T_VD_ACK "tVD;ACK" Time Max "acknowledge valid time, where SCL is not stretched";
    T_SP "tSP" Time Max "width of the spikes that an input filter must swallow; the monitor's filter is as wide (option `spike`)";
    FSCLH "fSCLH" Frequency Max "SCL frequency in High-speed mode";
    T_SU_STA_HS "tSU;STA-Hs" Time Min "set-up time of a repeated START in High-speed mode";
    T_HD_STA_HS "tHD;STA-Hs" Time Min "hold time of a repeated START in High-speed mode";
    T_LOW_HS "tLOW-Hs" Time Min "low period of SCL in High-speed mode";
    T_HIGH_HS "tHIGH-Hs" Time Min "high period of SCL in High-speed mode";
    T_SU_DAT_HS "tSU;DAT-Hs" Time Min "data set-up time in High-speed mode";
    T_HD_DAT_HS "tHD;DAT-Hs" Time Min "data hold time in High-speed mode";
    T_HD_DAT_HS_MAX "tHD;DAT-Hs" Time Max "data hold time in High-speed mode, where SCL is not stretched";
    T_RCL "trCL" Time Max "rise time of SCL in High-speed mode";
    T_RCL_MIN "trCL" Time Min "rise time of SCL in High-speed mode";
    T_RCL1 "trCL1" Time Max "rise time of SCL after a repeated START or an acknowledge in High-speed mode";
    T_RCL1_MIN "trCL1" Time Min "rise time of SCL after a repeated START or an acknowledge in High-speed mode";
    T_FCL "tfCL" Time Max "fall time of SCL in High-speed mode";
    T_FCL_MIN "tfCL" Time Min "fall time of SCL in High-speed mode";
    T_RDA "trDA" Time Max "rise time of SDA in High-speed mode";
    T_RDA_MIN "trDA" Time Min "rise time of SDA in High-speed mode";
    T_FDA "tfDA" Time Max "fall time of SDA in High-speed mode";
    T_FDA_MIN "tfDA" Time Min "fall time of SDA in High-speed mode";
    T_SU_STO_HS "tSU;STO-Hs" Time Min "set-up time of a STOP in High-speed mode";
    FSMB "fSMB" Frequency Min "SCL frequency within a transfer, where SCL is not stretched (SMBus)";
    T_TIMEOUT "tTIMEOUT" Time Max "low period of SCL by which every device has given up (SMBus)";
    T_TIMEOUT_MIN "tTIMEOUT" Time Min "low period of SCL above which a device may give up (SMBus)";
    T_LOW_SEXT "tLOW:SEXT" Time Max "time by which SCL is stretched from a START to its STOP (SMBus)";
    T_LOW_MEXT "tLOW:MEXT" Time Max "time by which SCL is stretched within one byte (SMBus)";
}

/// In which part of a transfer an event happens.
pub mod class {
    use crate::timing::Class;

    /// Between a STOP and a START, or the waveform began in a transfer and no START has come yet.
    pub const OUTSIDE: Class = Class(0);
    /// In a transfer, at the speed of Standard, Fast, Fast-plus or Ultra-fast mode.
    pub const FS: Class = Class(1);
    /// As [`FS`], where SCL is held low for long: the maxima of data do not hold.
    pub const FS_STRETCHED: Class = Class(2);
    /// In a transfer, at High speed: behind a master code and the next repeated START, until STOP.
    pub const HS: Class = Class(3);
    /// As [`HS`], where SCL is held low for long.
    pub const HS_STRETCHED: Class = Class(4);
}

/// The kinds of timing event on the bus.
pub mod event {
    use crate::timing::{EventKind, EventSet};

    /// The kinds by name, for reports; the position is the number.
    pub const NAMES: &[&str] = &[
        "SCL_LEAVES_LOW",
        "SCL_HIGH",
        "SCL_LEAVES_HIGH",
        "SCL_LOW",
        "START_LEAVES",
        "START",
        "RESTART_LEAVES",
        "RESTART",
        "STOP_LEAVES",
        "STOP",
        "DATA_LEAVES",
        "DATA_VALID",
        "ACK_LEAVES",
        "ACK_VALID",
        "SDA_EARLY",
        "SDA_UNSETTLED",
        "NINTH",
        "EXTENDED",
        "RISE",
        "FALL",
        "SCL_RISE_HS",
        "SCL_RISE1_HS",
        "SCL_FALL_HS",
        "SDA_RISE_HS",
        "SDA_FALL_HS",
    ];

    /// SCL begins to rise.
    pub const SCL_LEAVES_LOW: EventKind = EventKind(0);
    /// SCL is high.
    pub const SCL_HIGH: EventKind = EventKind(1);
    /// SCL begins to fall.
    pub const SCL_LEAVES_HIGH: EventKind = EventKind(2);
    /// SCL is low.
    pub const SCL_LOW: EventKind = EventKind(3);
    /// SDA begins to fall while SCL is high, behind a STOP.
    pub const START_LEAVES: EventKind = EventKind(4);
    /// SDA is low: START.
    pub const START: EventKind = EventKind(5);
    /// SDA begins to fall while SCL is high, within a transfer.
    pub const RESTART_LEAVES: EventKind = EventKind(6);
    /// SDA is low: repeated START.
    pub const RESTART: EventKind = EventKind(7);
    /// SDA begins to rise while SCL is high.
    pub const STOP_LEAVES: EventKind = EventKind(8);
    /// SDA is high: STOP.
    pub const STOP: EventKind = EventKind(9);
    /// In a transfer, SDA leaves its level while SCL is low, for one of the eight bits of a byte, a repeated START or a STOP.
    pub const DATA_LEAVES: EventKind = EventKind(10);
    /// SDA reaches its level while SCL is low, for the same.
    pub const DATA_VALID: EventKind = EventKind(11);
    /// SDA leaves its level while SCL is low, for the ninth bit.
    pub const ACK_LEAVES: EventKind = EventKind(12);
    /// SDA reaches its level while SCL is low, for the ninth bit.
    pub const ACK_VALID: EventKind = EventKind(13);
    /// SDA leaves its level before SCL has reached Low, and reaches the other one after it: too early, yet no START or
    /// STOP for a receiver.
    pub const SDA_EARLY: EventKind = EventKind(14);
    /// SDA has not reached its level when SCL begins to rise: it counts as becoming valid in that instant.
    pub const SDA_UNSETTLED: EventKind = EventKind(15);
    /// SCL is high for the ninth bit: the byte and its acknowledge are over.
    pub const NINTH: EventKind = EventKind(16);
    /// SCL was stretched; the value is by how much.
    pub const EXTENDED: EventKind = EventKind(17);
    /// A line has risen; the value is how long it took. Outside of High speed.
    pub const RISE: EventKind = EventKind(18);
    /// A line has fallen; the value is how long it took. Outside of High speed.
    pub const FALL: EventKind = EventKind(19);
    /// SCL has risen at High speed, within a byte; the value is how long it took.
    pub const SCL_RISE_HS: EventKind = EventKind(20);
    /// SCL has risen at High speed, after a repeated START or an acknowledge; the value is how long it took.
    pub const SCL_RISE1_HS: EventKind = EventKind(21);
    /// SCL has fallen at High speed; the value is how long it took.
    pub const SCL_FALL_HS: EventKind = EventKind(22);
    /// SDA has risen at High speed; the value is how long it took.
    pub const SDA_RISE_HS: EventKind = EventKind(23);
    /// SDA has fallen at High speed; the value is how long it took.
    pub const SDA_FALL_HS: EventKind = EventKind(24);

    /// START or repeated START.
    pub const ANY_START: EventSet = EventSet::of(&[START, RESTART]);
    /// What makes the next period of SCL none of a clock.
    pub const CONDITIONS: EventSet = EventSet::of(&[START, RESTART, STOP]);
    /// SDA leaves its level while SCL is low.
    pub const SDA_LEAVES: EventSet = EventSet::of(&[DATA_LEAVES, ACK_LEAVES]);
    /// SDA is valid, or counts as becoming so.
    pub const SDA_VALID: EventSet = EventSet::of(&[DATA_VALID, ACK_VALID, SDA_UNSETTLED]);
    /// What ends a byte for the cumulative stretching of a controller.
    pub const BYTE_ENDS: EventSet = EventSet::of(&[START, RESTART, NINTH, STOP]);
    /// What ends a message for the cumulative stretching of a target.
    pub const MESSAGE_ENDS: EventSet = EventSet::of(&[START, STOP]);
}

use event::{
    ACK_VALID, ANY_START, BYTE_ENDS, CONDITIONS, DATA_VALID, EXTENDED, FALL, MESSAGE_ENDS, RESTART_LEAVES,
    RISE, SCL_FALL_HS, SCL_HIGH, SCL_LEAVES_HIGH, SCL_LEAVES_LOW, SCL_LOW, SCL_RISE_HS, SCL_RISE1_HS,
    SDA_EARLY, SDA_FALL_HS, SDA_LEAVES, SDA_RISE_HS, SDA_VALID, START_LEAVES, STOP, STOP_LEAVES,
};

const UM: &str =
    "UM10204 rev. 6, table 10 (SDA and SCL characteristics; table 14 for Ultra-fast mode) and figure 38";
const UM_HS: &str = "UM10204 rev. 6, tables 11 and 12 (characteristics in High-speed mode)";
const UM_UFM: &str = "UM10204 rev. 6, table 14 (characteristics in Ultra-fast mode)";
const UM_STABLE: &str =
    "UM10204 rev. 6, section 3.1.3: SDA must be stable while SCL is high; table 10, note 3";
const SMBUS: &str =
    "SMBus; bq78350-R1 technical reference and Intel 6-series chipset data sheet, SMBus timing";
const SMBUS_TIMEOUTS: &str = "SMBus; RM0367 (STM32L0), table of SMBus timeouts";

/// Everything but High speed.
const SLOW: Classes = Classes::of(&[class::OUTSIDE, class::FS, class::FS_STRETCHED]);
/// Within a transfer, outside of High speed, where SCL is not stretched.
///
/// UM10204 table 10, note 4: tVD;DAT and tVD;ACK, and with them the maximum of tHD;DAT, must only be met by a device that
/// does not stretch the low period of SCL. One that does must have its data valid tSU;DAT before SCL rises, which is a
/// row of its own. (A Fast-mode device that stretches in a Standard-mode system owes 250 ns and the rise time on top,
/// note 5: that is the tSU;DAT of a Standard-mode part file.)
const SLOW_UNSTRETCHED: Classes = Classes::of(&[class::FS]);
/// Within a transfer, outside of High speed.
const IN_TRANSFER: Classes = Classes::of(&[class::FS, class::FS_STRETCHED]);
/// High speed.
const HIGH: Classes = Classes::of(&[class::HS, class::HS_STRETCHED]);
/// High speed, where SCL is not stretched.
const HIGH_UNSTRETCHED: Classes = Classes::of(&[class::HS]);

const fn set(kinds: &[EventKind]) -> EventSet {
    EventSet::of(kinds)
}

const fn between(from: EventSet, to: EventSet, reset: EventSet, bound: Bound) -> Kind {
    Kind::Between { from, nth: 1, to, reset, scope: Scope::Same(0), must_come: false, bound }
}

/// At least `limit` from the last `from` to the next `to`.
const fn at_least(from: EventSet, to: EventSet, limit: &'static [Term]) -> Kind {
    between(from, to, EventSet::NONE, Bound::Min(limit))
}

/// At most `limit` from the last `from` to every `to` after it.
const fn at_most(from: EventSet, to: EventSet, limit: &'static [Term]) -> Kind {
    between(from, to, EventSet::NONE, Bound::Max(limit))
}

/// At most `limit` from a `from` to its `to`, unless `reset` comes first; if none comes at all, that counts, too.
const fn comes_within(from: EventKind, to: EventKind, reset: EventSet, limit: &'static [Term]) -> Kind {
    Kind::Between {
        from: EventSet::of(&[from]),
        nth: 1,
        to: EventSet::of(&[to]),
        reset,
        scope: Scope::Same(0),
        must_come: true,
        bound: Bound::Max(limit),
    }
}

/// The time that an edge takes.
const fn edge(quantity: EventKind, bound: Bound) -> Kind {
    Kind::Measure { quantity, unit: Unit::Fs, bound }
}

/// A row of table 10, outside of High speed.
const fn rule(name: &'static str, summary: &'static str, cause: &'static str, kind: Kind) -> Rule {
    Rule {
        name,
        summary,
        cause,
        kind,
        at: Point::Target,
        classes: SLOW,
        class_of_from: false,
        needs: Needs::Edges,
        source: UM,
    }
}

/// A row of tables 11 and 12.
const fn hs(name: &'static str, summary: &'static str, cause: &'static str, kind: Kind) -> Rule {
    Rule { classes: HIGH, source: UM_HS, ..rule(name, summary, cause, kind) }
}

/// A row about the time that an edge takes: a recording of two levels does not show it.
const fn slope(rule: Rule) -> Rule {
    Rule { classes: Classes::ANY, needs: Needs::FourStates, ..rule }
}

/// A row of SMBus.
const fn smbus(name: &'static str, summary: &'static str, cause: &'static str, kind: Kind) -> Rule {
    Rule { classes: Classes::ANY, source: SMBUS, ..rule(name, summary, cause, kind) }
}

const SLOW_RISE: &str =
    "the pull-up is too weak for the capacitance of the bus, or a part is powered down and loads it";
const FAST_RISE: &str =
    "the pull-up is stronger than the bus needs; expect overshoot and crosstalk, and check the drivers' VOL";
const SLOW_FALL: &str =
    "the output that pulls low is too weak for the bus: too strong a pull-up or too much capacitance";
const FAST_FALL: &str = "the output has no slope control; expect undershoot and crosstalk on long wires";
const LATE_DATA: &str =
    "the sender's output is slower than its mode allows, or the rise time eats the budget";

/// The checks of the protocol, by the events that put them to the test: a byte that has begun may be cut off, one that was
/// answered may be followed by another.
pub const CHECKS: &[ProtocolCheck] = &[
    ProtocolCheck::on("i2c::start-in-byte", &[DATA_VALID]),
    ProtocolCheck::on("i2c::stop-in-byte", &[DATA_VALID]),
    ProtocolCheck::on("i2c::data-after-nack", &[ACK_VALID]),
];

/// Every rule of the bus, in the order of the tables.
pub const RULES: &[Rule] = &[
    rule(
        "fSCL",
        "clock period",
        "the clock is faster than the speed class allows: a wrong divider, a target of a slower class, or a clock cut short behind a stretch",
        between(set(&[SCL_HIGH]), set(&[SCL_HIGH]), CONDITIONS, Bound::Min(&[Term::of(FSCL)])),
    ),
    rule(
        "tHD;STA",
        "hold of a (repeated) START before SCL falls",
        "the controller starts its clock too soon after SDA fell",
        at_least(ANY_START, set(&[SCL_LEAVES_HIGH]), &[Term::of(T_HD_STA)]),
    ),
    rule(
        "tLOW",
        "low period of SCL",
        "the clock is too fast or its duty cycle even where the class asks for a longer low; or a glitch looks like a clock",
        at_least(set(&[SCL_LOW]), set(&[SCL_LEAVES_LOW]), &[Term::of(T_LOW)]),
    ),
    rule(
        "tHIGH",
        "high period of SCL",
        "the clock is too fast, or the controller does not wait for SCL to be high: a slow rise, or a target that stretches, eats its high period",
        at_least(set(&[SCL_HIGH]), set(&[SCL_LEAVES_HIGH]), &[Term::of(T_HIGH)]),
    ),
    rule(
        "tSU;STA",
        "set-up of a repeated START after SCL rose",
        "the controller pulls SDA low too soon after it released SCL, often because it does not wait for SCL to be high",
        at_least(set(&[SCL_HIGH]), set(&[RESTART_LEAVES]), &[Term::of(T_SU_STA)]),
    ),
    // Note 3: a device must hold SDA for 300 ns of its own to bridge the falling edge of SCL, seen from VIH(min). The bus
    // shows the hold from SCL being low, whose minimum is 0.
    rule(
        "tHD;DAT",
        "data hold after SCL fell",
        "the sender changes SDA on the falling edge of SCL without a delay of its own",
        at_least(set(&[SCL_LOW]), SDA_LEAVES, &[Term::of(T_HD_DAT)]),
    ),
    Rule {
        classes: SLOW_UNSTRETCHED,
        ..rule(
            "tHD;DAT-max",
            "data hold after SCL fell, at most",
            LATE_DATA,
            at_most(set(&[SCL_LOW]), SDA_LEAVES, &[Term::of(T_HD_DAT_MAX)]),
        )
    },
    // Less than no hold at all: a change that begins before SCL is low and ends after it. In a recording of two levels
    // that is a START or a STOP.
    Rule {
        classes: Classes::ANY,
        needs: Needs::FourStates,
        source: UM_STABLE,
        ..rule(
            "SDA-stable",
            "SDA does not leave its level before SCL is low",
            "the sender reacts to SCL leaving High; it must hold SDA until SCL is surely low",
            between(set(&[SDA_EARLY]), set(&[SCL_LOW]), set(&[SCL_LOW]), Bound::Max(&[Term::Fixed(0)])),
        )
    },
    rule(
        "tSU;DAT",
        "data set-up before SCL rises",
        "SDA changes too late in the low period: a slow sender, a slow rise of SDA, or a stretch that ends too soon after the data",
        at_least(SDA_VALID, set(&[SCL_LEAVES_LOW]), &[Term::of(T_SU_DAT)]),
    ),
    slope(rule("tr", "rise time of SDA and SCL", SLOW_RISE, edge(RISE, Bound::Max(&[Term::of(T_R)])))),
    slope(rule(
        "tr-min",
        "rise time of SDA and SCL, at least",
        FAST_RISE,
        edge(RISE, Bound::Min(&[Term::of(T_R_MIN)])),
    )),
    slope(rule("tf", "fall time of SDA and SCL", SLOW_FALL, edge(FALL, Bound::Max(&[Term::of(T_F)])))),
    slope(rule(
        "tf-min",
        "fall time of SDA and SCL, at least",
        FAST_FALL,
        edge(FALL, Bound::Min(&[Term::of(T_F_MIN)])),
    )),
    rule(
        "tSU;STO",
        "set-up of a STOP after SCL rose",
        "the controller releases SDA too soon after SCL, often because it does not wait for SCL to be high",
        at_least(set(&[SCL_HIGH]), set(&[STOP_LEAVES]), &[Term::of(T_SU_STO)]),
    ),
    rule(
        "tBUF",
        "bus free time between STOP and START",
        "the next transfer starts too soon; back-to-back transfers need a delay or a repeated START",
        at_least(set(&[STOP]), set(&[START_LEAVES]), &[Term::of(T_BUF)]),
    ),
    Rule {
        classes: SLOW_UNSTRETCHED,
        ..rule(
            "tVD;DAT",
            "SCL low to valid data, where SCL is not stretched",
            LATE_DATA,
            at_most(set(&[SCL_LOW]), set(&[DATA_VALID]), &[Term::of(T_VD_DAT)]),
        )
    },
    Rule {
        source: UM_UFM,
        ..rule(
            "tVD;DAT-min",
            "SCL low to valid data, at least",
            "the sender changes SDA on the falling edge of SCL without a delay of its own",
            at_least(set(&[SCL_LOW]), set(&[DATA_VALID]), &[Term::of(T_VD_DAT_MIN)]),
        )
    },
    Rule {
        classes: SLOW_UNSTRETCHED,
        ..rule(
            "tVD;ACK",
            "SCL low to a valid acknowledge, where SCL is not stretched",
            "the receiver pulls SDA low too late, or the rise time of a released SDA eats the budget",
            at_most(set(&[SCL_LOW]), set(&[ACK_VALID]), &[Term::of(T_VD_ACK)]),
        )
    },
    hs(
        "fSCLH",
        "clock period in High-speed mode",
        "the clock is faster than High-speed mode allows at this bus capacitance",
        between(set(&[SCL_HIGH]), set(&[SCL_HIGH]), CONDITIONS, Bound::Min(&[Term::of(FSCLH)])),
    ),
    hs(
        "tSU;STA-Hs",
        "set-up of a repeated START in High-speed mode",
        "the controller pulls SDA low too soon after it released SCL",
        at_least(set(&[SCL_HIGH]), set(&[RESTART_LEAVES]), &[Term::of(T_SU_STA_HS)]),
    ),
    hs(
        "tHD;STA-Hs",
        "hold of a repeated START in High-speed mode",
        "the controller starts its clock too soon after SDA fell",
        at_least(ANY_START, set(&[SCL_LEAVES_HIGH]), &[Term::of(T_HD_STA_HS)]),
    ),
    hs(
        "tLOW-Hs",
        "low period of SCL in High-speed mode",
        "High-speed mode asks for a ratio of 1 to 2 of high and low period; an even duty cycle makes the low too short",
        at_least(set(&[SCL_LOW]), set(&[SCL_LEAVES_LOW]), &[Term::of(T_LOW_HS)]),
    ),
    hs(
        "tHIGH-Hs",
        "high period of SCL in High-speed mode",
        "the clock is too fast, or the current source rises too slowly for this capacitance",
        at_least(set(&[SCL_HIGH]), set(&[SCL_LEAVES_HIGH]), &[Term::of(T_HIGH_HS)]),
    ),
    hs(
        "tSU;DAT-Hs",
        "data set-up before SCL rises in High-speed mode",
        "SDA changes too late in the low period; its rise is not helped by a current source as that of SCL",
        at_least(SDA_VALID, set(&[SCL_LEAVES_LOW]), &[Term::of(T_SU_DAT_HS)]),
    ),
    hs(
        "tHD;DAT-Hs",
        "data hold after SCL fell in High-speed mode",
        "the sender changes SDA on the falling edge of SCL without a delay of its own",
        at_least(set(&[SCL_LOW]), SDA_LEAVES, &[Term::of(T_HD_DAT_HS)]),
    ),
    Rule {
        classes: HIGH_UNSTRETCHED,
        ..hs(
            "tHD;DAT-Hs-max",
            "data hold after SCL fell in High-speed mode, at most",
            LATE_DATA,
            at_most(set(&[SCL_LOW]), SDA_LEAVES, &[Term::of(T_HD_DAT_HS_MAX)]),
        )
    },
    slope(hs(
        "trCL",
        "rise time of SCL in High-speed mode",
        SLOW_RISE,
        edge(SCL_RISE_HS, Bound::Max(&[Term::of(T_RCL)])),
    )),
    slope(hs(
        "trCL-min",
        "rise time of SCL in High-speed mode, at least",
        FAST_RISE,
        edge(SCL_RISE_HS, Bound::Min(&[Term::of(T_RCL_MIN)])),
    )),
    slope(hs(
        "trCL1",
        "rise time of SCL after a repeated START or an acknowledge in High-speed mode",
        SLOW_RISE,
        edge(SCL_RISE1_HS, Bound::Max(&[Term::of(T_RCL1)])),
    )),
    slope(hs(
        "trCL1-min",
        "rise time of SCL after a repeated START or an acknowledge in High-speed mode, at least",
        FAST_RISE,
        edge(SCL_RISE1_HS, Bound::Min(&[Term::of(T_RCL1_MIN)])),
    )),
    slope(hs(
        "tfCL",
        "fall time of SCL in High-speed mode",
        SLOW_FALL,
        edge(SCL_FALL_HS, Bound::Max(&[Term::of(T_FCL)])),
    )),
    slope(hs(
        "tfCL-min",
        "fall time of SCL in High-speed mode, at least",
        FAST_FALL,
        edge(SCL_FALL_HS, Bound::Min(&[Term::of(T_FCL_MIN)])),
    )),
    slope(hs(
        "trDA",
        "rise time of SDA in High-speed mode",
        SLOW_RISE,
        edge(SDA_RISE_HS, Bound::Max(&[Term::of(T_RDA)])),
    )),
    slope(hs(
        "trDA-min",
        "rise time of SDA in High-speed mode, at least",
        FAST_RISE,
        edge(SDA_RISE_HS, Bound::Min(&[Term::of(T_RDA_MIN)])),
    )),
    slope(hs(
        "tfDA",
        "fall time of SDA in High-speed mode",
        SLOW_FALL,
        edge(SDA_FALL_HS, Bound::Max(&[Term::of(T_FDA)])),
    )),
    slope(hs(
        "tfDA-min",
        "fall time of SDA in High-speed mode, at least",
        FAST_FALL,
        edge(SDA_FALL_HS, Bound::Min(&[Term::of(T_FDA_MIN)])),
    )),
    hs(
        "tSU;STO-Hs",
        "set-up of a STOP in High-speed mode",
        "the controller releases SDA too soon after SCL",
        at_least(set(&[SCL_HIGH]), set(&[STOP_LEAVES]), &[Term::of(T_SU_STO_HS)]),
    ),
    Rule {
        classes: SLOW_UNSTRETCHED,
        ..smbus(
            "fSMB-min",
            "clock period within a transfer, at most, where SCL is not stretched",
            "the clock is slower than SMBus allows; use I2C rules for a slow bit-banged bus",
            between(set(&[SCL_HIGH]), set(&[SCL_HIGH]), CONDITIONS, Bound::Max(&[Term::of(FSMB)])),
        )
    },
    Rule {
        classes: IN_TRANSFER,
        class_of_from: true,
        ..smbus(
            "tHIGH-max",
            "high period of SCL within a transfer",
            "the controller pauses with SCL high: others take the bus for free after this long",
            comes_within(SCL_HIGH, SCL_LEAVES_HIGH, set(&[STOP]), &[Term::of(T_HIGH_MAX)]),
        )
    },
    Rule {
        source: SMBUS_TIMEOUTS,
        ..smbus(
            "tTIMEOUT",
            "low period of SCL by which every device has given up",
            "somebody holds SCL low, stuck or lost in a transfer; a recording does not tell who",
            comes_within(SCL_LOW, SCL_LEAVES_LOW, EventSet::NONE, &[Term::of(T_TIMEOUT)]),
        )
    },
    Rule {
        source: SMBUS_TIMEOUTS,
        ..smbus(
            "tTIMEOUT-min",
            "low period of SCL above which a device may give up",
            "somebody holds SCL low for so long that others may reset in the middle of the transfer",
            comes_within(SCL_LOW, SCL_LEAVES_LOW, EventSet::NONE, &[Term::of(T_TIMEOUT_MIN)]),
        )
    },
    Rule {
        source: SMBUS_TIMEOUTS,
        ..smbus(
            "tLOW:SEXT",
            "stretching from a START to its STOP in all",
            "a target stretches for too long; or it is the controller that pauses: a recording does not tell who holds SCL",
            Kind::Sum { of: EXTENDED, within: MESSAGE_ENDS, max: &[Term::of(T_LOW_SEXT)] },
        )
    },
    Rule {
        source: SMBUS_TIMEOUTS,
        ..smbus(
            "tLOW:MEXT",
            "stretching within one byte in all",
            "the controller pauses for too long; or it is a target that stretches: a recording does not tell who holds SCL",
            Kind::Sum { of: EXTENDED, within: BYTE_ENDS, max: &[Term::of(T_LOW_MEXT)] },
        )
    },
];
