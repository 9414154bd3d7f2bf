//! Timing rules as rows, and the verdicts on them.
//!
//! A bus's monitor turns changes into timing [`Event`]s; the bus's [`Rule`]s say how far apart they must be. Rules are
//! `const` tables, so that a misspelt event does not compile and a reader sees a whole bus on one page. The limits are
//! sums of [`Term`]s over named parameters, whose values come from a part file.

mod event;
mod rule;
mod verdict;

pub use event::{Class, Classes, Event, EventKind, EventSet, Place};
pub use rule::{Bound, Kind, Needs, Param, ParamValue, Params, Point, Rule, Scope, Term, Unit};
pub use verdict::{Finding, Verdict};
