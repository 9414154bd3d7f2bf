//! The timing of SPI, as rows.
//!
//! Names follow the data sheets of serial flashes (W25Q128JV table 9.6): C is the clock, S chip select, D data into the
//! peripheral, Q data out of it; H and L are the levels they go to, V valid, X no longer valid, Z released. `tSLCH` is
//! the time from S going low to C going high. C "high" stands for the sampling edge, also in modes where it falls.

use super::command::class;
use crate::timing::param::params;
use crate::timing::{
    Bound, Classes, EventKind, EventSet, Kind, Needs, Point, ProtocolCheck, Rule, Scope, Term,
};

params! {
    FC    "fC"    Frequency Max "clock frequency, all commands but the slow read";
    FR    "fR"    Frequency Max "clock frequency of the slow read (03h)";
    FC_DTR "fC_DTR" Frequency Max "clock frequency of reads at double rate";
    T_CLH "tCLH"  Time Min "clock high time";
    T_CLL "tCLL"  Time Min "clock low time";
    T_SLCH "tSLCH" Time Min "CS active set-up to the clock";
    T_CHSH "tCHSH" Time Min "CS active hold after the clock";
    T_CHSL "tCHSL" Time Min "CS not-active hold after the clock";
    T_SHCH "tSHCH" Time Min "CS not-active set-up to the clock";
    T_SHSL "tSHSL" Time Min "CS high time, any access";
    T_SHSL1 "tSHSL1" Time Min "CS high time after a read";
    T_SHSL2 "tSHSL2" Time Min "CS high time after a program, erase or register write";
    T_DVCH "tDVCH" Time Min "data-in set-up to the clock";
    T_CHDX "tCHDX" Time Min "data-in hold after the clock";
    T_CLQV "tCLQV" Time Max "clock to output valid";
    T_CLQX "tCLQX" Time Min "output hold after the clock";
    T_SHQZ "tSHQZ" Time Max "output disable after CS";
    T_SU_MI "tSU_MI" Time Min "MISO set-up at the controller";
    T_H_MI "tH_MI" Time Min "MISO hold at the controller";
    T_MISO "tMISO" Time Max "time from the shift edge until MISO must be valid at the controller";
}

/// The kinds of timing event on the bus.
pub mod event {
    use crate::timing::{EventKind, EventSet};

    /// The kinds by name, for reports; the position is the number.
    pub const NAMES: &[&str] = &[
        "SELECT",
        "DESELECT",
        "DESELECT_Q",
        "RISE_SAMPLE",
        "FALL_SAMPLE",
        "RISE_SHIFT",
        "FALL_SHIFT",
        "RISE_DOUBLE_SAMPLE",
        "FALL_DOUBLE_SAMPLE",
        "RISE_DOUBLE_SHIFT",
        "FALL_DOUBLE_SHIFT",
        "IDLE_SAMPLE",
        "IDLE_SHIFT",
        "D_CHANGE",
        "D_UNKNOWN",
        "Q_LEAVE",
        "Q_VALID",
        "Q_Z",
        "Q_UNKNOWN",
        "HOST_SAMPLE",
    ];

    /// S goes low: CS becomes active.
    pub const SELECT: EventKind = EventKind(0);
    /// S goes high: CS becomes inactive, while nobody drives Q.
    pub const DESELECT: EventKind = EventKind(1);
    /// S goes high while Q is driven.
    pub const DESELECT_Q: EventKind = EventKind(2);
    /// The clock rises, and that is the sampling edge.
    pub const RISE_SAMPLE: EventKind = EventKind(3);
    /// The clock falls, and that is the sampling edge.
    pub const FALL_SAMPLE: EventKind = EventKind(4);
    /// The clock rises, and that is the shift edge.
    pub const RISE_SHIFT: EventKind = EventKind(5);
    /// The clock falls, and that is the shift edge.
    pub const FALL_SHIFT: EventKind = EventKind(6);
    /// At double rate: the clock rises, where it would sample at single rate.
    pub const RISE_DOUBLE_SAMPLE: EventKind = EventKind(7);
    /// At double rate: the clock falls, where it would sample at single rate.
    pub const FALL_DOUBLE_SAMPLE: EventKind = EventKind(8);
    /// At double rate: the clock rises, where it would shift at single rate.
    pub const RISE_DOUBLE_SHIFT: EventKind = EventKind(9);
    /// At double rate: the clock falls, where it would shift at single rate.
    pub const FALL_DOUBLE_SHIFT: EventKind = EventKind(10);
    /// A sampling edge while CS is inactive.
    pub const IDLE_SAMPLE: EventKind = EventKind(11);
    /// A shift edge while CS is inactive.
    pub const IDLE_SHIFT: EventKind = EventKind(12);
    /// D changes: what the controller sends.
    pub const D_CHANGE: EventKind = EventKind(13);
    /// D is X when it is sampled: it counts as changing in that instant.
    pub const D_UNKNOWN: EventKind = EventKind(14);
    /// Q leaves a valid level.
    pub const Q_LEAVE: EventKind = EventKind(15);
    /// Q reaches a valid level.
    pub const Q_VALID: EventKind = EventKind(16);
    /// Q is released.
    pub const Q_Z: EventKind = EventKind(17);
    /// Q is X when the controller samples it: it counts as changing in that instant.
    pub const Q_UNKNOWN: EventKind = EventKind(18);
    /// The controller samples Q.
    pub const HOST_SAMPLE: EventKind = EventKind(19);

    /// The kind of a clock edge within a transfer: rising or not, sampling or not, at double rate or not.
    pub(crate) const fn edge(rises: bool, samples: bool, double: bool) -> EventKind {
        EventKind(3 + (!rises) as u8 + 2 * (!samples) as u8 + 4 * double as u8)
    }

    /// CS becomes inactive.
    pub const ANY_DESELECT: EventSet = EventSet::of(&[DESELECT, DESELECT_Q]);
    /// CS changes.
    pub const ANY_SELECT: EventSet = EventSet::of(&[SELECT, DESELECT, DESELECT_Q]);
    /// C goes "high": the sampling edge of single rate.
    pub const C_HIGH: EventSet =
        EventSet::of(&[RISE_SAMPLE, FALL_SAMPLE, RISE_DOUBLE_SAMPLE, FALL_DOUBLE_SAMPLE]);
    /// C goes "high", whether CS is active or not.
    pub const ANY_C_HIGH: EventSet = C_HIGH.union(EventSet::of(&[IDLE_SAMPLE]));
    /// Edges at which D is sampled.
    pub const D_SAMPLE: EventSet = C_HIGH.union(EventSet::of(&[RISE_DOUBLE_SHIFT, FALL_DOUBLE_SHIFT]));
    /// Edges after which Q changes.
    pub const Q_SHIFT: EventSet = EventSet::of(&[
        RISE_SHIFT,
        FALL_SHIFT,
        RISE_DOUBLE_SAMPLE,
        FALL_DOUBLE_SAMPLE,
        RISE_DOUBLE_SHIFT,
        FALL_DOUBLE_SHIFT,
    ]);
    /// The clock rises.
    pub const RISE: EventSet =
        EventSet::of(&[RISE_SAMPLE, RISE_SHIFT, RISE_DOUBLE_SAMPLE, RISE_DOUBLE_SHIFT]);
    /// The clock falls.
    pub const FALL: EventSet =
        EventSet::of(&[FALL_SAMPLE, FALL_SHIFT, FALL_DOUBLE_SAMPLE, FALL_DOUBLE_SHIFT]);
}

use event::{
    ANY_C_HIGH, ANY_DESELECT, ANY_SELECT, C_HIGH, D_CHANGE, D_SAMPLE, D_UNKNOWN, DESELECT_Q, FALL,
    FALL_DOUBLE_SAMPLE, FALL_SAMPLE, HOST_SAMPLE, Q_LEAVE, Q_SHIFT, Q_UNKNOWN, Q_VALID, Q_Z, RISE,
    RISE_DOUBLE_SAMPLE, RISE_SAMPLE, SELECT,
};

const W25Q: &str = "W25Q128JV data sheet, table 9.6 and section 9.7 (AC timing diagrams)";
const STM32: &str =
    "STM32F411 data sheet, SPI characteristics: data input set-up and hold time of the master";
const SPI: &str =
    "RM0383 (STM32F411), clock phase and clock polarity: data are captured on the sampling edge";

const FULL_SPEED: Classes = Classes::of(&[class::UNKNOWN, class::READ, class::WRITE]);
const READS: Classes = Classes::of(&[class::READ, class::SLOW_READ, class::DOUBLE_RATE]);

const fn set(kinds: &[EventKind]) -> EventSet {
    EventSet::of(kinds)
}

/// At least `limit` from the last `from` to the next `to`, on one chip select, at the peripheral.
const fn at_least(from: EventSet, to: EventSet, reset: EventSet, limit: &'static [Term]) -> Kind {
    let bound = Bound::Min(limit);
    Kind::Between { from, nth: 1, to, reset, scope: Scope::Same(1), must_come: false, bound }
}

/// At most `limit` from the last `from` to every `to` after it.
const fn at_most(from: EventSet, to: EventSet, reset: EventSet, limit: &'static [Term]) -> Kind {
    let bound = Bound::Max(limit);
    Kind::Between { from, nth: 1, to, reset, scope: Scope::Same(1), must_come: false, bound }
}

const fn rule(name: &'static str, summary: &'static str, cause: &'static str, kind: Kind) -> Rule {
    Rule {
        name,
        summary,
        cause,
        kind,
        at: Point::Target,
        classes: Classes::ANY,
        class_of_from: false,
        needs: Needs::Edges,
        source: W25Q,
    }
}

/// The checks of the protocol, by the events that put them to the test: a word that has begun may be cut off.
pub const CHECKS: &[ProtocolCheck] = &[ProtocolCheck::on(
    "spi::cs-mid-word",
    &[RISE_SAMPLE, FALL_SAMPLE, RISE_DOUBLE_SAMPLE, FALL_DOUBLE_SAMPLE],
)];

/// Every rule of the bus, in the order of a data sheet's table.
pub const RULES: &[Rule] = &[
    Rule {
        classes: FULL_SPEED,
        ..rule(
            "fC",
            "clock period, all commands but the slow read",
            "the clock is faster than the part allows",
            at_least(C_HIGH, C_HIGH, ANY_SELECT, &[Term::of(FC)]),
        )
    },
    Rule {
        classes: Classes::of(&[class::SLOW_READ]),
        ..rule(
            "fR",
            "clock period of the slow read (03h)",
            "read 03h has a lower limit than the other commands; use the fast read 0Bh",
            at_least(C_HIGH, C_HIGH, ANY_SELECT, &[Term::of(FR)]),
        )
    },
    Rule {
        classes: Classes::of(&[class::DOUBLE_RATE]),
        ..rule(
            "fC_DTR",
            "clock period of reads at double rate",
            "double-rate reads have a lower limit than the others",
            at_least(C_HIGH, C_HIGH, ANY_SELECT, &[Term::of(FC_DTR)]),
        )
    },
    rule(
        "tCLH",
        "clock high time",
        "the clock is too fast, or its duty cycle is uneven (odd dividers), or a glitch looks like a clock",
        at_least(RISE, FALL, ANY_SELECT, &[Term::of(T_CLH)]),
    ),
    rule(
        "tCLL",
        "clock low time",
        "the clock is too fast, or its duty cycle is uneven (odd dividers), or a glitch looks like a clock",
        at_least(FALL, RISE, ANY_SELECT, &[Term::of(T_CLL)]),
    ),
    rule(
        "tSLCH",
        "CS active set-up to the clock",
        "the clock starts too soon after CS; many controllers have a CS-to-clock delay to raise",
        at_least(set(&[SELECT]), C_HIGH, ANY_DESELECT, &[Term::of(T_SLCH)]),
    ),
    rule(
        "tCHSH",
        "CS active hold after the clock",
        "CS is taken away too soon after the last clock, often because software drives it without waiting for the end",
        at_least(C_HIGH, ANY_DESELECT, set(&[SELECT]), &[Term::of(T_CHSH)]),
    ),
    rule(
        "tCHSL",
        "CS not-active hold after the clock",
        "the clock runs for another peripheral until just before CS becomes active",
        at_least(ANY_C_HIGH, set(&[SELECT]), EventSet::NONE, &[Term::of(T_CHSL)]),
    ),
    rule(
        "tSHCH",
        "CS not-active set-up to the clock",
        "the clock goes on for another peripheral right after CS became inactive",
        at_least(ANY_DESELECT, ANY_C_HIGH, set(&[SELECT]), &[Term::of(T_SHCH)]),
    ),
    rule(
        "tSHSL",
        "CS high time",
        "the next transfer follows too soon",
        at_least(ANY_DESELECT, set(&[SELECT]), EventSet::NONE, &[Term::of(T_SHSL)]),
    ),
    Rule {
        classes: READS,
        class_of_from: true,
        ..rule(
            "tSHSL1",
            "CS high time after a read",
            "the next transfer follows too soon",
            at_least(ANY_DESELECT, set(&[SELECT]), EventSet::NONE, &[Term::of(T_SHSL1)]),
        )
    },
    Rule {
        classes: Classes::of(&[class::WRITE]),
        class_of_from: true,
        ..rule(
            "tSHSL2",
            "CS high time after a program, erase or register write",
            "the status is polled too soon after a write; it needs more time than after a read",
            at_least(ANY_DESELECT, set(&[SELECT]), EventSet::NONE, &[Term::of(T_SHSL2)]),
        )
    },
    rule(
        "tDVCH",
        "data-in set-up to the clock",
        "MOSI changes too late for the sampling edge: wrong mode, a slow output, or a longer trace than the clock's",
        at_least(set(&[D_CHANGE, D_UNKNOWN]), D_SAMPLE, ANY_DESELECT, &[Term::of(T_DVCH)]),
    ),
    rule(
        "tCHDX",
        "data-in hold after the clock",
        "MOSI changes too soon after the sampling edge: wrong mode, or the clock arrives later than the data",
        at_least(D_SAMPLE, set(&[D_CHANGE]), ANY_SELECT, &[Term::of(T_CHDX)]),
    ),
    Rule {
        needs: Needs::Instants,
        source: SPI,
        ..rule(
            "MOSI-stable",
            "MOSI does not change in the instant in which it is sampled",
            "MOSI is driven on the sampling edge instead of the shift edge: wrong mode (CPHA)",
            at_least(D_SAMPLE, set(&[D_CHANGE]), ANY_SELECT, &[Term::Fixed(1)]),
        )
    },
    rule(
        "tCLQV",
        "clock to output valid",
        "the peripheral's output is slower than its data sheet promises, or its load is heavier",
        at_most(Q_SHIFT, set(&[Q_VALID]), ANY_SELECT, &[Term::of(T_CLQV)]),
    ),
    rule(
        "tCLQX",
        "output hold after the clock",
        "the peripheral's output changes sooner than its data sheet promises",
        at_least(Q_SHIFT, set(&[Q_LEAVE]), ANY_SELECT, &[Term::of(T_CLQX)]),
    ),
    Rule {
        needs: Needs::FourStates,
        ..rule(
            "tSHQZ",
            "output disable after CS",
            "the peripheral keeps driving MISO while the next one may start",
            Kind::Between {
                from: set(&[DESELECT_Q]),
                nth: 1,
                to: set(&[Q_Z]),
                reset: set(&[SELECT, Q_Z]),
                scope: Scope::Same(1),
                must_come: true,
                bound: Bound::Max(&[Term::of(T_SHQZ)]),
            },
        )
    },
    Rule {
        at: Point::Controller,
        source: STM32,
        ..rule(
            "tSU_MI",
            "MISO set-up at the controller",
            "MISO settles too late for the sampling edge; slow the clock down or sample late",
            at_least(
                set(&[Q_VALID, Q_LEAVE, Q_UNKNOWN]),
                set(&[HOST_SAMPLE]),
                ANY_SELECT,
                &[Term::of(T_SU_MI)],
            ),
        )
    },
    Rule {
        at: Point::Controller,
        source: STM32,
        ..rule(
            "tH_MI",
            "MISO hold at the controller",
            "MISO changes too soon after it is sampled; sample earlier",
            at_least(set(&[HOST_SAMPLE]), set(&[Q_LEAVE]), ANY_SELECT, &[Term::of(T_H_MI)]),
        )
    },
    Rule {
        at: Point::Controller,
        needs: Needs::Instants,
        source: SPI,
        ..rule(
            "MISO-stable",
            "MISO does not change in the instant in which it is sampled",
            "the peripheral shifts its output on the sampling edge instead of the other one: wrong mode (CPHA), or a bug in its shift register",
            at_least(set(&[HOST_SAMPLE]), set(&[Q_LEAVE]), ANY_SELECT, &[Term::Fixed(1)]),
        )
    },
    Rule {
        at: Point::Controller,
        source: "sampling budget: the round trip of clock and data fits between shift edge and sampling edge",
        ..rule(
            "tMISO",
            "MISO round trip: shift edge to valid data at the controller",
            "clock out, clock-to-output and data back take longer than the controller waits; slow the clock down, or sample late",
            at_most(Q_SHIFT, set(&[Q_VALID]), ANY_SELECT, &[Term::of(T_MISO)]),
        )
    },
];
