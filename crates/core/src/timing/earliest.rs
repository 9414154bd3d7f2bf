//! When a command may be issued.

use super::budget::Budget;
use super::event::{Class, Event, EventKind, Place};
use super::groups::{Groups, Reach};
use super::rule::{Bound, Kind, Params, Rule};
use super::track::{Mark, Track};
use crate::time::{Span, Time};

/// Ready times, by the rules that a [`Checker`](super::Checker) judges by: what a controller asks before it issues a
/// command.
///
/// Compiled from the same rows, which thus hold twice: an event issued at `earliest` or later breaks no minimum, one
/// issued before it breaks the rule that is blamed. Rows without a known limit and rows of other kinds than `Between`
/// and `Budget` constrain nothing.
#[derive(Clone, Debug)]
pub struct Earliest {
    minima: Vec<Timed>,
    maxima: Vec<Timed>,
    budgets: Vec<(&'static Rule, EventKind, Budget)>,
    groups: Groups,
    seq: u64,
    started: bool,
}

/// A `Between` row with its limit.
#[derive(Clone, Debug)]
struct Timed {
    rule: &'static Rule,
    limit: i64,
    track: Track,
}

impl Earliest {
    /// Ready times by `rules`, with the limits that follow from `params`.
    ///
    /// # Panics
    /// As [`Checker::new`](super::Checker::new) does, if a row makes no sense.
    pub fn new(rules: impl IntoIterator<Item = &'static Rule>, params: &Params) -> Earliest {
        let rules: Vec<&'static Rule> = rules.into_iter().collect();
        let timed: Vec<Timed> = rules.iter().filter_map(|rule| Timed::new(rule, params)).collect();
        let depth = timed.iter().map(|row| row.track.depth()).max().unwrap_or(0);
        let (minima, maxima) =
            timed.into_iter().partition(|row| matches!(row.rule.bound(), Some(Bound::Min(_))));
        let budgets = rules.iter().filter_map(|rule| match rule.kind {
            Kind::Budget { event, .. } => Some((*rule, event, Budget::new(rule, params)?)),
            _ => None,
        });
        let budgets = budgets.collect();
        Earliest { minima, maxima, budgets, groups: Groups::new(depth), seq: 0, started: false }
    }

    /// The first instant at which the event may happen, and the rule that forbids any earlier one, the first of the table
    /// if several do; `Time::ZERO` and `None` if nothing forbids anything.
    ///
    /// `class` is the event's own. An instant past [`Time::MAX`] is given as that.
    pub fn earliest(&self, kind: EventKind, class: Class, place: Place) -> (Time, Option<&'static Rule>) {
        let reach = self.groups.find(place);
        let minima = self
            .minima
            .iter()
            .filter_map(|row| Some((row.ready(&self.groups, kind, class, reach)?, row.rule)));
        let budgets = self.windows(kind, class, place).map(|((first, _), rule)| (first, rule));
        let later =
            |best: (Time, Option<_>), (time, rule)| if time > best.0 { (time, Some(rule)) } else { best };
        minima.chain(budgets).fold((Time::ZERO, None), later)
    }

    /// The last instant at which the event must happen, and the rule that demands it; `None` if nothing does.
    ///
    /// Considers maxima that must come and budgets.
    pub fn deadline(&self, kind: EventKind, class: Class, place: Place) -> Option<(Time, &'static Rule)> {
        let reach = self.groups.find(place);
        let maxima =
            self.maxima.iter().filter_map(|row| Some((row.due(&self.groups, kind, class, reach)?, row.rule)));
        let budgets = self.windows(kind, class, place).map(|((_, last), rule)| (last, rule));
        maxima.chain(budgets).min_by_key(|&(time, _)| time)
    }

    /// The event happens.
    pub fn issue(&mut self, event: Event) {
        self.seq += 1;
        let reach = self.groups.reach(event.place);
        let births = self.groups.births().unwrap_or_default();
        for row in self.minima.iter_mut().chain(&mut self.maxima) {
            row.track.grow(&births);
            row.issue(&self.groups, reach, &event, self.seq);
        }
        for (rule, payment, budget) in &mut self.budgets {
            if !self.started {
                budget.start(event.time);
            }
            if *payment == event.kind && rule.classes.contains(event.class) {
                budget.pay(event.place, event.time);
            }
        }
        self.started = true;
    }

    /// First and last instant of the next payments that the event makes.
    fn windows(
        &self,
        kind: EventKind,
        class: Class,
        place: Place,
    ) -> impl Iterator<Item = ((Time, Time), &'static Rule)> + '_ {
        let paid = self
            .budgets
            .iter()
            .filter(move |(rule, event, _)| *event == kind && rule.classes.contains(class));
        paid.filter_map(move |(rule, _, budget)| Some((budget.window(place)?, *rule)))
    }
}

impl Timed {
    /// The row, if it is of the kind, its limit is known and it constrains when a command may be issued.
    fn new(rule: &'static Rule, params: &Params) -> Option<Timed> {
        let Kind::Between { bound, must_come, .. } = rule.kind else { return None };
        let counts = must_come || matches!(bound, Bound::Min(_));
        let limit = params.sum(bound.terms()).filter(|_| counts)?;
        Some(Timed { rule, limit, track: Track::new(rule)? })
    }

    fn ready(&self, groups: &Groups, kind: EventKind, class: Class, reach: Reach) -> Option<Time> {
        let ends = self.track.narrow(self.track.roles(kind), class).to;
        let mark = ends.then(|| self.track.latest(groups, reach))??;
        Some(self.after(mark))
    }

    fn due(&self, groups: &Groups, kind: EventKind, class: Class, reach: Reach) -> Option<Time> {
        let ends = self.track.narrow(self.track.roles(kind), class).to;
        let mark = ends.then(|| self.track.longest_wait(groups, reach))??;
        Some(self.after(mark))
    }

    fn after(&self, mark: &Mark) -> Time {
        let span = Span::from_fs(self.limit.unsigned_abs());
        if self.limit < 0 { mark.time.saturating_sub(span) } else { mark.time.saturating_add(span) }
    }

    fn issue(&mut self, groups: &Groups, reach: Reach, event: &Event, seq: u64) {
        let roles = self.track.narrow(self.track.roles(event.kind), event.class);
        if roles.to {
            self.track.end(groups, reach, seq, |_| ());
        }
        if roles.reset {
            self.track.clear(groups, reach);
        }
        if roles.from {
            self.track.begin(groups, reach, Mark::of(event, seq));
        }
    }
}
