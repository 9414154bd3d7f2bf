//! The timing of crossings, as rows.

use crate::timing::param::params;
use crate::timing::{Bound, Classes, Kind, Needs, Point, Rule, Term, Unit};

params! {
    T_LAT_MIN "tLATENCY" Time Min "from one domain to the other";
    T_LAT_MAX "tLATENCY" Time Max "from one domain to the other, at the latest";
}

/// The kinds of timing event at a crossing.
pub mod event {
    use crate::timing::EventKind;

    /// The kinds by name, for reports; the position is the number.
    pub const NAMES: &[&str] = &["CROSSED"];

    /// A word, a pulse or a level has crossed; the value is how long it took, in femtoseconds.
    pub const CROSSED: EventKind = EventKind(0);
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
