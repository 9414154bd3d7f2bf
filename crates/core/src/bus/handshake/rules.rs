//! The timing of handshakes, as rows.
//!
//! Names are ours, since no standard has any: R is the request (or valid, or a complete code word), A the acknowledge (or
//! the transfer), N the return of either to zero. `tRA` is the time from request to acknowledge. Limits come from a part
//! file or the test at hand: a handshake has none by itself but "before" and "after".

use crate::timing::param::params;
use crate::timing::{
    Bound, Class, Classes, EventKind, EventSet, Kind, Needs, Point, ProtocolCheck, Rule, Scope, Term,
};

params! {
    T_SU "tSU;DATA" Time Min "data set-up to the request";
    T_H "tH;DATA" Time Min "data hold after the acknowledge";
    T_RA_MIN "tRA" Time Min "request to acknowledge";
    T_RA_MAX "tRA" Time Max "request to acknowledge, at the latest";
    T_AR "tAR" Time Min "acknowledge to the next request";
    T_AN "tAN" Time Max "acknowledge to the request's return to zero";
    T_NA "tNA" Time Max "the request's return to zero to the acknowledge's";
    T_CYC "tCYC" Time Min "request to request";
    T_SKEW "tSKEW" Time Max "first rail to complete code word";
    F_CLK "fCLK" Frequency Max "clock frequency";
    T_SU_V "tSU;VALID" Time Min "set-up of VALID and data to the clock";
    T_H_V "tH;VALID" Time Min "hold of VALID and data after the clock";
    T_SU_R "tSU;READY" Time Min "set-up of READY to the clock";
    T_H_R "tH;READY" Time Min "hold of READY after the clock";
}

/// The kinds of timing event on the bus.
pub mod event {
    use crate::timing::EventKind;

    /// The kinds by name, for reports; the position is the number.
    pub const NAMES: &[&str] = &[
        "REQUEST",
        "ACKNOWLEDGE",
        "REQUEST_OFF",
        "ACKNOWLEDGE_OFF",
        "DATA_DUE",
        "DATA_FREE",
        "D_CHANGE",
        "D_UNKNOWN",
        "FIRST_RAIL",
        "CLOCK",
        "V_CHANGE",
        "R_CHANGE",
    ];

    /// A word is offered: the request; a complete code word; the first clock edge that sees VALID.
    pub const REQUEST: EventKind = EventKind(0);
    /// It is taken: the acknowledge; the clock edge of the transfer.
    pub const ACKNOWLEDGE: EventKind = EventKind(1);
    /// The request returns to zero; the rails are NULL; VALID is withdrawn.
    pub const REQUEST_OFF: EventKind = EventKind(2);
    /// The acknowledge returns to zero.
    pub const ACKNOWLEDGE_OFF: EventKind = EventKind(3);
    /// Bundled data have to be valid and stable from now on.
    pub const DATA_DUE: EventKind = EventKind(4);
    /// Bundled data may change from now on.
    pub const DATA_FREE: EventKind = EventKind(5);
    /// Bundled data change.
    pub const D_CHANGE: EventKind = EventKind(6);
    /// Bundled data are X when they have to be valid: they count as changing in that instant.
    pub const D_UNKNOWN: EventKind = EventKind(7);
    /// Dual rail: the first rail rises after NULL.
    pub const FIRST_RAIL: EventKind = EventKind(8);
    /// Valid/ready: the clock rises.
    pub const CLOCK: EventKind = EventKind(9);
    /// Valid/ready: VALID changes, or the payload while VALID is up.
    pub const V_CHANGE: EventKind = EventKind(10);
    /// Valid/ready: READY changes.
    pub const R_CHANGE: EventKind = EventKind(11);
}

/// The classes of event: the protocol.
pub mod class {
    use crate::timing::Class;

    /// Four-phase bundled data.
    pub const FOUR_PHASE: Class = Class(1);
    /// Two-phase bundled data.
    pub const TWO_PHASE: Class = Class(2);
    /// Four-phase dual rail.
    pub const DUAL_RAIL: Class = Class(3);
    /// Valid/ready.
    pub const VALID_READY: Class = Class(4);
}

impl super::Protocol {
    /// The class of its events.
    pub(super) const fn class(self) -> Class {
        match self {
            super::Protocol::FourPhase => class::FOUR_PHASE,
            super::Protocol::TwoPhase => class::TWO_PHASE,
            super::Protocol::DualRail => class::DUAL_RAIL,
            super::Protocol::ValidReady => class::VALID_READY,
        }
    }
}

use event::{
    ACKNOWLEDGE, ACKNOWLEDGE_OFF, CLOCK, D_CHANGE, D_UNKNOWN, DATA_DUE, DATA_FREE, FIRST_RAIL, R_CHANGE,
    REQUEST, REQUEST_OFF, V_CHANGE,
};

const TUW: &str = "TU Wien, Advanced Digital Design: four- and two-phase bundled data, dual rail";
const BUNDLING: &str = "bundling constraint: data settle at the receiver before the request arrives (common; wording unverified)";
const SYNC: &str =
    "Intel 683397, Data Exchange: a transfer takes place at a rising clock edge with VALID and READY";

const RETURNS: Classes = Classes::of(&[class::FOUR_PHASE, class::DUAL_RAIL]);
const RAILS: Classes = Classes::of(&[class::DUAL_RAIL]);

const fn set(kinds: &[crate::timing::EventKind]) -> EventSet {
    EventSet::of(kinds)
}

/// At least `limit` from the last `from` to the next `to`.
const fn at_least(from: EventSet, to: EventSet, reset: EventSet, limit: &'static [Term]) -> Kind {
    let bound = Bound::Min(limit);
    Kind::Between { from, nth: 1, to, reset, scope: Scope::Same(0), must_come: false, bound }
}

/// At most `limit` from each `from` to its `to`, which must come.
const fn within(from: EventSet, to: EventSet, reset: EventSet, limit: &'static [Term]) -> Kind {
    let bound = Bound::Max(limit);
    Kind::Between { from, nth: 1, to, reset, scope: Scope::Same(0), must_come: true, bound }
}

const fn rule(name: &'static str, summary: &'static str, cause: &'static str, at: Point, kind: Kind) -> Rule {
    Rule {
        name,
        summary,
        cause,
        kind,
        at,
        classes: Classes::ANY,
        class_of_from: false,
        needs: Needs::Edges,
        source: TUW,
    }
}

const FOUR: &[Class] = &[class::FOUR_PHASE];
const DUAL: &[Class] = &[class::DUAL_RAIL];
const CLOCKED: &[Class] = &[class::VALID_READY];
const BUNDLED: &[Class] = &[class::FOUR_PHASE, class::TWO_PHASE];
const RETURNING: &[Class] = &[class::FOUR_PHASE, class::DUAL_RAIL];
const PHASES: &[Class] = &[class::FOUR_PHASE, class::TWO_PHASE, class::DUAL_RAIL];

const fn check(code: &'static str, on: EventKind, classes: &[Class]) -> ProtocolCheck {
    ProtocolCheck::on(code, &[on]).of(classes)
}

/// The checks of the protocol, by the events that put them to the test.
pub const CHECKS: &[ProtocolCheck] = &[
    check("handshake::data-changed", DATA_DUE, BUNDLED),
    check("handshake::unknown-data", REQUEST, &[class::FOUR_PHASE, class::TWO_PHASE, class::VALID_READY]),
    check("handshake::ack-without-request", ACKNOWLEDGE, PHASES),
    check("handshake::request-withdrawn", REQUEST, BUNDLED),
    check("handshake::double-acknowledge", ACKNOWLEDGE, RETURNING),
    check("handshake::early-return", ACKNOWLEDGE, RETURNING),
    check("handshake::no-return-to-zero", REQUEST_OFF, FOUR),
    check("handshake::rail-withdrawn", REQUEST, DUAL),
    check("handshake::two-rails", REQUEST, DUAL),
    check("handshake::illegal-code", FIRST_RAIL, DUAL),
    check("handshake::early-data", ACKNOWLEDGE_OFF, DUAL),
    check("handshake::early-acknowledge", ACKNOWLEDGE, DUAL),
    check("handshake::valid-withdrawn", REQUEST, CLOCKED),
    check("handshake::payload-changed", REQUEST, CLOCKED),
];

/// Every rule of the bus.
pub const RULES: &[Rule] = &[
    Rule {
        source: BUNDLING,
        ..rule(
            "tSU;DATA",
            "data set-up to the request",
            "the delay matched to the data path is too short: the request overtakes the slowest bit",
            Point::Target,
            at_least(set(&[D_CHANGE, D_UNKNOWN]), set(&[DATA_DUE]), EventSet::NONE, &[Term::of(T_SU)]),
        )
    },
    Rule {
        source: BUNDLING,
        needs: Needs::Instants,
        ..rule(
            "DATA-bundled",
            "data do not change in the instant in which they have to be valid",
            "request and data leave the same register at once; delay the request",
            Point::Target,
            at_least(set(&[D_CHANGE]), set(&[DATA_DUE]), EventSet::NONE, &[Term::Fixed(1)]),
        )
    },
    Rule {
        source: BUNDLING,
        ..rule(
            "tH;DATA",
            "data hold after the acknowledge",
            "the sender changes data faster than the receiver's latch closes",
            Point::Target,
            at_least(set(&[DATA_FREE]), set(&[D_CHANGE]), set(&[DATA_DUE]), &[Term::of(T_H)]),
        )
    },
    rule(
        "tRA-min",
        "request to acknowledge",
        "the receiver acknowledges before it can have latched the word",
        Point::Target,
        at_least(set(&[REQUEST]), set(&[ACKNOWLEDGE]), set(&[REQUEST_OFF]), &[Term::of(T_RA_MIN)]),
    ),
    rule(
        "tRA-max",
        "request to acknowledge, at the latest",
        "the receiver is busy, full or stuck; or it waits for something that waits for this word",
        Point::Target,
        within(set(&[REQUEST]), set(&[ACKNOWLEDGE]), set(&[REQUEST_OFF]), &[Term::of(T_RA_MAX)]),
    ),
    rule(
        "tAR",
        "acknowledge to the next request",
        "the sender asks again before the receiver's control has settled",
        Point::Controller,
        at_least(set(&[ACKNOWLEDGE, ACKNOWLEDGE_OFF]), set(&[REQUEST]), EventSet::NONE, &[Term::of(T_AR)]),
    ),
    Rule {
        classes: RETURNS,
        ..rule(
            "tAN",
            "acknowledge to the request's return to zero",
            "the sender is slow to take the request back, or does not see the acknowledge",
            Point::Controller,
            within(set(&[ACKNOWLEDGE]), set(&[REQUEST_OFF]), EventSet::NONE, &[Term::of(T_AN)]),
        )
    },
    Rule {
        classes: RETURNS,
        ..rule(
            "tNA",
            "the request's return to zero to the acknowledge's",
            "the receiver is slow to take the acknowledge back, or does not see the request fall",
            Point::Target,
            within(set(&[REQUEST_OFF]), set(&[ACKNOWLEDGE_OFF]), set(&[REQUEST]), &[Term::of(T_NA)]),
        )
    },
    rule(
        "tCYC",
        "request to request",
        "words follow each other faster than the receiver is specified for",
        Point::Controller,
        at_least(set(&[REQUEST]), set(&[REQUEST]), EventSet::NONE, &[Term::of(T_CYC)]),
    ),
    Rule {
        classes: RAILS,
        ..rule(
            "tSKEW",
            "first rail to complete code word",
            "one bit is much slower than the others, or never comes: a broken rail",
            Point::Target,
            within(set(&[FIRST_RAIL]), set(&[REQUEST]), EventSet::NONE, &[Term::of(T_SKEW)]),
        )
    },
    Rule {
        source: SYNC,
        ..rule(
            "fCLK",
            "clock period",
            "the clock is faster than the part allows",
            Point::Target,
            at_least(set(&[CLOCK]), set(&[CLOCK]), EventSet::NONE, &[Term::of(F_CLK)]),
        )
    },
    Rule {
        source: SYNC,
        ..rule(
            "tSU;VALID",
            "set-up of VALID and data to the clock",
            "the sender's outputs are too slow for the clock",
            Point::Target,
            at_least(set(&[V_CHANGE]), set(&[CLOCK]), EventSet::NONE, &[Term::of(T_SU_V)]),
        )
    },
    Rule {
        source: SYNC,
        ..rule(
            "tH;VALID",
            "hold of VALID and data after the clock",
            "the clock reaches the receiver later than the data do",
            Point::Target,
            at_least(set(&[CLOCK]), set(&[V_CHANGE]), EventSet::NONE, &[Term::of(T_H_V)]),
        )
    },
    Rule {
        source: SYNC,
        ..rule(
            "tSU;READY",
            "set-up of READY to the clock",
            "the receiver's output is too slow for the clock; register READY",
            Point::Controller,
            at_least(set(&[R_CHANGE]), set(&[CLOCK]), EventSet::NONE, &[Term::of(T_SU_R)]),
        )
    },
    Rule {
        source: SYNC,
        ..rule(
            "tH;READY",
            "hold of READY after the clock",
            "the clock reaches the sender later than READY does",
            Point::Controller,
            at_least(set(&[CLOCK]), set(&[R_CHANGE]), EventSet::NONE, &[Term::of(T_H_R)]),
        )
    },
];
