//! The timing of crossings, as rows.

use crate::timing::param::params;
use crate::timing::{Bound, Class, Classes, Kind, Needs, Point, ProtocolCheck, Rule, Term, Unit};

params! {
    T_LAT_MIN "tLATENCY" Time Min "from one domain to the other";
    T_LAT_MAX "tLATENCY" Time Max "from one domain to the other, at the latest";
}

/// The kinds of timing event at a crossing.
pub mod event {
    use crate::timing::EventKind;

    /// The kinds by name, for reports; the position is the number.
    pub const NAMES: &[&str] = &["CROSSED", "POINTER"];

    /// A word, a pulse or a level has crossed; the value is how long it took, in femtoseconds.
    pub const CROSSED: EventKind = EventKind(0);
    /// A pointer of a FIFO steps.
    pub const POINTER: EventKind = EventKind(1);
}

/// The classes of event: what crosses.
pub mod class {
    use crate::timing::Class;

    /// A level.
    pub const LEVEL: Class = Class(1);
    /// A pulse.
    pub const PULSE: Class = Class(2);
    /// A word.
    pub const WORD: Class = Class(3);
}

const SOURCE: &str = "OpenTitan, prim_cdc_rand_delay.sv: seen at the first edge at or after the change, each stage one more, at random one more";

const fn latency(name: &'static str, summary: &'static str, cause: &'static str, bound: Bound) -> Rule {
    Rule {
        name,
        summary,
        cause,
        kind: Kind::Measure { quantity: event::CROSSED, unit: Unit::Fs, bound },
        at: Point::Target,
        classes: Classes::ANY,
        class_of_from: false,
        needs: Needs::Edges,
        source: SOURCE,
    }
}

const fn check(code: &'static str, class: Class) -> ProtocolCheck {
    ProtocolCheck::on(code, &[event::CROSSED]).of(&[class])
}

const fn pointers(code: &'static str) -> ProtocolCheck {
    ProtocolCheck::on(code, &[event::POINTER])
}

/// The checks that have no limit, by the events that put them to the test: what has crossed might have been lost.
pub const CHECKS: &[ProtocolCheck] = &[
    check("cdc::lost", class::WORD),
    check("cdc::doubled", class::WORD),
    check("cdc::corrupt", class::WORD),
    pointers("cdc::gray-jump"),
    pointers("cdc::overflow"),
    pointers("cdc::underflow"),
    check("cdc::pulse-lost", class::PULSE),
    check("cdc::pulse-invented", class::PULSE),
    check("cdc::unsynchronised", class::LEVEL),
    check("cdc::metastable", class::LEVEL),
    check("cdc::level-lost", class::LEVEL),
];

/// Every rule of crossings.
pub const RULES: &[Rule] = &[
    latency(
        "tLATENCY-min",
        "from one domain to the other",
        "there are fewer flops than promised; without any, metastability reaches the logic",
        Bound::Min(&[Term::of(T_LAT_MIN)]),
    ),
    latency(
        "tLATENCY-max",
        "from one domain to the other, at the latest",
        "back-pressure of the destination, or more flops than promised",
        Bound::Max(&[Term::of(T_LAT_MAX)]),
    ),
];
