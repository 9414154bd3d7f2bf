//! What a `Budget` row remembers: who has paid how much.

use super::event::{Event, EventKind, EventSet, Place};
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
    pays: &'static [(EventKind, u32)],
    parts: u32,
    depth: usize,
    rest: EventSet,
    wake: EventSet,
    period: i64,
    behind: u32,
    ahead: u32,
    /// When owing began: at the first event of the stream that names a payer or pays.
    start: Option<Time>,
    /// In order of appearance; a bus has few places that pay.
    accounts: Vec<Account>,
    /// The account that was used last.
    last: usize,
}

/// What one place has paid.
#[derive(Clone, Copy, Debug)]
struct Account {
    place: Place,
    /// In parts of a payment.
    paid: u64,
    /// The greatest payment so far, in parts.
    greatest: u32,
    /// When owing began, moved on by the time that the place rested.
    start: Time,
    /// Since when it rests.
    resting: Option<Time>,
}

impl Budget {
    /// The accounts of `rule`; `None` if it is no budget or its period is unknown or not positive.
    pub(super) fn new(rule: &'static Rule, params: &Params) -> Option<Budget> {
        let Kind::Budget { pays, parts, depth, rest, wake, period, behind, ahead } = rule.kind else {
            return None;
        };
        let period = params.sum(period).filter(|&period| period > 0)?;
        let depth = depth as usize;
        let (start, accounts) = (None, Vec::new());
        Some(Budget { pays, parts, depth, rest, wake, period, behind, ahead, start, accounts, last: 0 })
    }

    /// By how much a payment may lag.
    pub(super) fn limit(&self) -> i64 {
        self.period.saturating_mul(self.behind as i64)
    }

    /// An event of any kind: owing begins with the first that names a payer or pays, for every place that is named.
    pub(super) fn see(&mut self, event: &Event) {
        let place = self.payer(event.place);
        let is_named = event.place.0.iter().take(self.depth).all(|&name| name != Place::ALL);
        if is_named || self.worth(event.kind) > 0 {
            self.start.get_or_insert(event.time);
        }
        if is_named {
            let account = self.account(place);
            if self.wake.contains(event.kind) {
                self.accounts[account].wake(event.time);
            }
            if self.rest.contains(event.kind) {
                self.accounts[account].resting.get_or_insert(event.time);
            }
        }
    }

    /// A payment is made.
    pub(super) fn pay(&mut self, kind: EventKind, place: Place, now: Time) -> Payment {
        let parts = self.worth(kind);
        let index = self.account(self.payer(place));
        let payment = self.payment(&self.accounts[index], parts, now);
        let account = &mut self.accounts[index];
        account.paid += parts as u64;
        account.greatest = account.greatest.max(parts);
        payment
    }

    /// The next payment of everyone, as if it came now.
    pub(super) fn owed(&self, now: Time) -> Vec<(Place, Payment)> {
        // A place that has never paid may yet pay in whole.
        let parts = |account: &Account| if account.paid == 0 { self.parts } else { account.greatest };
        let until = |account: &Account| account.resting.map_or(now, |since| since.min(now));
        let next = |account: &Account| self.payment(account, parts(account), until(account));
        self.accounts.iter().map(|account| (account.place, next(account))).collect()
    }

    /// When an event at `place` may pay next at the earliest and must at the latest; `None` before the first event.
    pub(super) fn window(&self, kind: EventKind, place: Place) -> Option<(Time, Time)> {
        let place = self.payer(place);
        let fresh = Account::new(place, self.start?);
        let account = self.accounts.iter().find(|account| account.place == place).unwrap_or(&fresh);
        let (first, due) = self.period_of(account, self.worth(kind));
        let behind = self.behind as i128 * self.period as i128;
        Some((time(first), time(due + behind)))
    }

    /// The parts that an event of `kind` pays.
    fn worth(&self, kind: EventKind) -> u32 {
        self.pays.iter().find(|(payer, _)| *payer == kind).map_or(0, |&(_, parts)| parts)
    }

    /// Who pays for `place`.
    fn payer(&self, place: Place) -> Place {
        let mut payer = place;
        payer.0.iter_mut().skip(self.depth).for_each(|name| *name = Place::ALL);
        payer
    }

    /// The number of the account of `place`, opened if need be.
    fn account(&mut self, place: Place) -> usize {
        if self.accounts.get(self.last).is_none_or(|account| account.place != place) {
            let known = self.accounts.iter().position(|account| account.place == place);
            self.last = known.unwrap_or(self.accounts.len());
            if known.is_none() {
                self.accounts.push(Account::new(place, self.start.unwrap_or_default()));
            }
        }
        self.last
    }

    /// When the next payment of so many parts may be made at the earliest, and when it is due.
    fn period_of(&self, account: &Account, parts: u32) -> (i128, i128) {
        let (start, period) = (account.start.as_fs() as i128, self.period as i128);
        let at = |paid: u64| start + paid as i128 * period / self.parts as i128;
        (at(account.paid) - self.ahead as i128 * period, at(account.paid + parts as u64))
    }

    fn payment(&self, account: &Account, parts: u32, now: Time) -> Payment {
        let (first, due) = self.period_of(account, parts);
        let lag = now.as_fs() as i128 - due;
        let (latest, first) = (self.behind as i128 * self.period as i128, first - due);
        let (slack, limit) = (latest - lag, latest).min((lag - first, first));
        Payment { due: time(due), lag: clamp(lag), limit: clamp(limit), slack: clamp(slack) }
    }
}

impl Account {
    fn new(place: Place, start: Time) -> Account {
        Account { place, paid: 0, greatest: 0, start, resting: None }
    }

    /// What is owed stands as it stood when the rest began.
    fn wake(&mut self, now: Time) {
        if let Some(since) = self.resting.take() {
            self.start = self.start.saturating_add(now.since(since));
        }
    }
}

fn time(fs: i128) -> Time {
    Time::from_fs(fs.clamp(0, u64::MAX as i128) as u64)
}

fn clamp(value: i128) -> i64 {
    value.clamp(i64::MIN as i128, i64::MAX as i128) as i64
}
