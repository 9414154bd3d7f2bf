//! What is said of a measured interval.

use super::event::Place;
use super::rule::{Bound, Rule};
use crate::time::{Span, Time};

/// The verdict on one measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Held, whatever the doubt.
    Kept,
    /// The doubt of the sampling grid spans the limit.
    CannotTell,
    /// Broken, whatever the doubt.
    Broken,
}

impl Verdict {
    /// Judges a measured value against a limit when each may be off by less than `grid`: the true value lies in
    /// `(measured - grid, measured + grid)`.
    ///
    /// With a grid of 0 a minimum is broken iff `measured < limit`, a maximum iff `measured > limit`. Otherwise a
    /// minimum is broken if `measured + grid <= limit` and kept if `measured - grid >= limit`; a maximum is broken if
    /// `measured - grid >= limit` and kept if `measured + grid <= limit`; else nobody can tell.
    pub fn of(measured: i64, grid: i64, bound: &Bound, limit: i64) -> Verdict {
        // Distance by which the limit is kept, in 128 bits so that nothing overflows.
        let slack = match bound {
            Bound::Min(_) => measured as i128 - limit as i128,
            Bound::Max(_) => limit as i128 - measured as i128,
        };
        match grid as i128 {
            0 if slack < 0 => Verdict::Broken,
            0 => Verdict::Kept,
            grid if slack <= -grid => Verdict::Broken,
            grid if slack >= grid => Verdict::Kept,
            _ => Verdict::CannotTell,
        }
    }
}

/// A rule that was broken, or perhaps broken, with the place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// [`Verdict::Broken`] or [`Verdict::CannotTell`].
    pub verdict: Verdict,
    /// Where the measured interval begins; for a payment of a budget, when it was due.
    pub from: Time,
    /// Where it ends.
    pub to: Time,
    /// What was measured, in the rule's unit; for a payment of a budget, by how much it lags behind its due time,
    /// negative if it came too early.
    pub measured: i64,
    /// The limit, in the rule's unit; for a payment that came too early, the least it must lag, which is negative.
    pub limit: i64,
    /// The doubt in each time.
    pub grid: Span,
    /// Where in the hierarchy: the place of the event that ends the interval, or of the one that begins it where the end
    /// reaches several places or never came.
    pub place: Place,
}
