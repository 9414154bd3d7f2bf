//! What a `Budget` row remembers: who has paid how often.

use super::event::Place;
use super::rule::{Kind, Params, Rule};
use crate::time::Time;

/// One payment against its period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payment {
    /// When it was due: the end of its period.
    pub(super) due: Time,
    /// How much later than `due` it came; negative if earlier.
    pub(super) lag: i64,
    /// The limit of `lag` on the narrower side.
    pub(super) limit: i64,
    /// How much to spare on that side.
    pub(super) slack: i64,
}

/// The accounts of one `Budget` row.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    period: i64,
    behind: u32,
    ahead: u32,
    /// When owing began: at the first event of the stream, of any kind.
    start: Option<Time>,
    /// Payments by place, in order of appearance; a bus has few places that pay.
    accounts: Vec<(Place, u64)>,
}

impl Budget {
    /// The accounts of `rule`; `None` if it is no budget or its period is unknown or not positive.
    pub(super) fn new(rule: &'static Rule, params: &Params) -> Option<Budget> {
        let Kind::Budget { period, behind, ahead, .. } = rule.kind else { return None };
        let period = params.sum(period).filter(|&period| period > 0)?;
        Some(Budget { period, behind, ahead, start: None, accounts: Vec::new() })
    }

    /// By how much a payment may lag.
    pub(super) fn limit(&self) -> i64 {
        self.period.saturating_mul(self.behind as i64)
    }

    /// An event of any kind: owing begins with the first.
    pub(super) fn start(&mut self, now: Time) {
        self.start.get_or_insert(now);
    }

    /// A payment is made.
    pub(super) fn pay(&mut self, place: Place, now: Time) -> Payment {
        let number = self.paid(place) + 1;
        match self.accounts.iter_mut().find(|(payer, _)| *payer == place) {
            Some((_, paid)) => *paid = number,
            None => self.accounts.push((place, number)),
        }
        self.payment(number, now)
    }

    /// The next payment of everyone, as if it came now; of nobody in particular if nobody has ever paid.
    pub(super) fn owed(&self, now: Time) -> Vec<(Place, Payment)> {
        match self.accounts.as_slice() {
            _ if self.start.is_none() => Vec::new(),
            [] => vec![(Place::default(), self.payment(1, now))],
            accounts => accounts.iter().map(|&(place, paid)| (place, self.payment(paid + 1, now))).collect(),
        }
    }

    /// When `place` may pay next at the earliest and must at the latest; `None` before the first event.
    pub(super) fn window(&self, place: Place) -> Option<(Time, Time)> {
        let (start, number) = (self.start?.as_fs() as i128, self.paid(place) as i128 + 1);
        let at = |periods: i128| time(start + periods * self.period as i128);
        Some((at(number - 1 - self.ahead as i128), at(number + self.behind as i128)))
    }

    fn paid(&self, place: Place) -> u64 {
        self.accounts.iter().find(|(payer, _)| *payer == place).map_or(0, |&(_, paid)| paid)
    }

    fn payment(&self, number: u64, now: Time) -> Payment {
        let period = self.period as i128;
        let due = self.start.map_or(0, Time::as_fs) as i128 + number as i128 * period;
        let lag = now.as_fs() as i128 - due;
        let (latest, first) = (self.behind as i128 * period, -(self.ahead as i128 + 1) * period);
        let (slack, limit) = (latest - lag, latest).min((lag - first, first));
        Payment { due: time(due), lag: clamp(lag), limit: clamp(limit), slack: clamp(slack) }
    }
}

fn time(fs: i128) -> Time {
    Time::from_fs(fs.clamp(0, u64::MAX as i128) as u64)
}

fn clamp(value: i128) -> i64 {
    value.clamp(i64::MIN as i128, i64::MAX as i128) as i64
}
