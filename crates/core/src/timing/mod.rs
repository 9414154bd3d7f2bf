//! Timing rules as rows, and the verdicts on them.
//!
//! A bus's monitor turns changes into timing [`Event`]s; the bus's [`Rule`]s say how far apart they must be. Rules are
//! `const` tables, so that a misspelt event does not compile and a reader sees a whole bus on one page. The limits are
//! sums of [`Term`]s over named parameters, whose values come from a part file.
//!
//! Rows compile to two evaluators: a [`Checker`] judges any stream of events, an [`Earliest`] tells a controller when it
//! may issue a command. Both remember the last events per row and place; a test holds them equal.

mod budget;
mod checker;
mod earliest;
mod event;
mod gauge;
mod groups;
mod memory;
pub(crate) mod param;
mod protocol;
mod report;
mod rule;
mod slacks;
mod tally;
mod verdict;

#[cfg(test)]
mod tests;

pub use checker::{Checker, CheckerOptions};
pub use earliest::Earliest;
pub use event::{Class, Classes, Event, EventKind, EventSet, Place};
pub use param::{ParamInfo, Quantity, Side};
pub use protocol::ProtocolCheck;
pub use report::{Hidden, Report, RuleReport, RuleState};
pub use rule::{Bound, Kind, Needs, Param, ParamValue, Params, Point, Rule, Scope, Term, Unit};
pub use tally::Margin;
pub use verdict::{Finding, Verdict};
