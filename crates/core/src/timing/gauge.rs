//! A limit made ready for judging millions of measurements.

use super::rule::{Bound, Needs, Rule, Unit};
use super::verdict::Verdict;
use crate::log::Source;
use crate::time::Span;

/// Turns measured values into slack and slack into verdicts.
///
/// Equal measurements have equal slack and equal verdicts: the run-length shortcut of the checker rests on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gauge {
    pub(super) limit: i64,
    minimum: bool,
    /// The doubt in a measured value, in the unit of the row.
    grid: i64,
    /// The verdict on two events of one time stamp, where the row asks for that.
    coincidence: Option<Verdict>,
    /// Different time stamps are enough to keep the row.
    order_suffices: bool,
}

impl Gauge {
    /// Judges against `bound`, whose terms amount to `limit`.
    pub(super) fn new(bound: Bound, limit: i64, grid: i64) -> Gauge {
        let minimum = matches!(bound, Bound::Min(_));
        Gauge { limit, minimum, grid, coincidence: None, order_suffices: false }
    }

    /// Takes into account what `source` tells of coincidences, if `rule` needs it.
    pub(super) fn with_instants(mut self, rule: &Rule, source: Source) -> Gauge {
        if rule.needs == Needs::Instants {
            let exact = Gauge { grid: 0, ..self };
            let told = source.instants_are_exact();
            self.coincidence =
                Some(if told { exact.verdict(exact.slack(0), 1) } else { Verdict::CannotTell });
            self.order_suffices = self.minimum && self.limit <= 1;
        }
        self
    }

    /// How much to spare; negative if the limit is missed.
    #[inline]
    pub(super) fn slack(&self, measured: i64) -> i64 {
        if self.minimum { measured.saturating_sub(self.limit) } else { self.limit.saturating_sub(measured) }
    }

    /// The verdict on a measured value whose slack is `slack`, when it is the sum of `parts` measurements.
    pub(super) fn verdict(&self, slack: i64, parts: u32) -> Verdict {
        let grid = self.doubt(parts);
        match grid {
            0 if slack < 0 => Verdict::Broken,
            0 => Verdict::Kept,
            _ if slack <= -grid => Verdict::Broken,
            _ if slack >= grid => Verdict::Kept,
            _ => Verdict::CannotTell,
        }
    }

    /// The verdict on an interval between two events.
    pub(super) fn verdict_between(&self, measured: i64) -> Verdict {
        match self.coincidence {
            Some(verdict) if measured == 0 => verdict,
            Some(_) if self.order_suffices => Verdict::Kept,
            _ => self.verdict(self.slack(measured), 1),
        }
    }

    /// The doubt in the sum of `parts` measurements.
    pub(super) fn doubt(&self, parts: u32) -> i64 {
        self.grid.saturating_mul(parts as i64)
    }
}

/// A duration as a measured value; above 2^63 - 1 fs (2 h 33 min) it counts as that long.
pub(super) fn measured(span: Span) -> i64 {
    i64::try_from(span.as_fs()).unwrap_or(i64::MAX)
}

/// The doubt of `grid` femtoseconds in a value of `unit`, rounded up; `None` if it takes a unit interval to know.
///
/// A part per million is one of a unit interval: a rate is measured over at least that long.
pub(super) fn doubt_in(unit: Unit, grid: Span, unit_interval: Option<Span>) -> Option<i64> {
    let scale = match unit {
        Unit::Count => return Some(0),
        _ if grid.is_zero() => return Some(0),
        Unit::Fs => return Some(measured(grid)),
        Unit::MilliUi => 1_000,
        Unit::Ppm => 1_000_000,
    };
    let interval = unit_interval.filter(|interval| !interval.is_zero())?;
    let doubt = (grid.as_fs() as u128 * scale).div_ceil(interval.as_fs() as u128);
    Some(i64::try_from(doubt).unwrap_or(i64::MAX))
}
