//! When a command may be issued.

use super::budget::Budget;
use super::event::{Class, Event, EventKind, Place};
use super::memory::{Here, Mark, Memory, Track, ends};
use super::rule::{Bound, Kind, Params, Rule};
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
    budgets: Vec<(&'static Rule, Budget)>,
    memory: Memory,
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
        let (memory, tracks) = Memory::of(&rules);
        let timed = rules.iter().zip(tracks).filter_map(|(rule, track)| Timed::new(rule, track?, params));
        let (minima, maxima) = timed.partition(|row| matches!(row.rule.bound(), Some(Bound::Min(_))));
        let budgets = rules.iter().filter_map(|rule| Some((*rule, Budget::new(rule, params)?))).collect();
        Earliest { minima, maxima, budgets, memory }
    }

    /// The first instant at which the event may happen, and the rule that forbids any earlier one, the first of the table
    /// if several do; `Time::ZERO` and `None` if nothing forbids anything.
    ///
    /// `class` is the event's own. An instant past [`Time::MAX`] is given as that.
    pub fn earliest(&self, kind: EventKind, class: Class, place: Place) -> (Time, Option<&'static Rule>) {
        let here = self.memory.find(place);
        let minima = self
            .minima
            .iter()
            .filter_map(|row| Some((row.ready(&self.memory, kind, class, &here)?, row.rule)));
        let budgets = self.windows(kind, class, place).map(|((first, _), rule)| (first, rule));
        let later =
            |best: (Time, Option<_>), (time, rule)| if time > best.0 { (time, Some(rule)) } else { best };
        minima.chain(budgets).fold((Time::ZERO, None), later)
    }

    /// The last instant at which the event must happen, and the rule that demands it; `None` if nothing does.
    ///
    /// Considers maxima that must come and budgets.
    pub fn deadline(&self, kind: EventKind, class: Class, place: Place) -> Option<(Time, &'static Rule)> {
        let here = self.memory.find(place);
        let maxima =
            self.maxima.iter().filter_map(|row| Some((row.due(&self.memory, kind, class, &here)?, row.rule)));
        let budgets = self.windows(kind, class, place).map(|((_, last), rule)| (last, rule));
        maxima.chain(budgets).min_by_key(|&(time, _)| time)
    }

    /// The event happens.
    pub fn issue(&mut self, event: Event) {
        self.memory.turn_to(event.place);
        self.memory.store(&event);
        for (rule, budget) in &mut self.budgets {
            budget.see(&event);
            if pays(rule, event.kind, event.class) {
                budget.pay(event.kind, event.place, event.time);
            }
        }
    }

    /// First and last instant of the next payments that the event makes.
    fn windows(
        &self,
        kind: EventKind,
        class: Class,
        place: Place,
    ) -> impl Iterator<Item = ((Time, Time), &'static Rule)> + '_ {
        let paid = self.budgets.iter().filter(move |(rule, _)| pays(rule, kind, class));
        paid.filter_map(move |(rule, budget)| Some((budget.window(kind, place)?, *rule)))
    }
}

impl Timed {
    /// The row, if its limit is known and it constrains when a command may be issued.
    fn new(rule: &'static Rule, track: Track, params: &Params) -> Option<Timed> {
        let bound = rule.bound()?;
        let counts = rule.must_come() || matches!(bound, Bound::Min(_));
        let limit = params.sum(bound.terms()).filter(|_| counts)?;
        Some(Timed { rule, limit, track })
    }

    fn ready(&self, memory: &Memory, kind: EventKind, class: Class, here: &Here) -> Option<Time> {
        let ends = ends(self.rule, kind).contains(class);
        ends.then(|| self.track.latest(memory, here)).flatten().map(|mark| self.after(mark))
    }

    fn due(&self, memory: &Memory, kind: EventKind, class: Class, here: &Here) -> Option<Time> {
        let ends = ends(self.rule, kind).contains(class);
        ends.then(|| self.track.longest_wait(memory, here)).flatten().map(|mark| self.after(mark))
    }

    fn after(&self, mark: &Mark) -> Time {
        let span = Span::from_fs(self.limit.unsigned_abs());
        if self.limit < 0 { mark.time.saturating_sub(span) } else { mark.time.saturating_add(span) }
    }
}

/// True if an event of that kind and class is a payment of the row.
fn pays(rule: &Rule, kind: EventKind, class: Class) -> bool {
    let Kind::Budget { pays, .. } = rule.kind else { return false };
    rule.classes.contains(class) && pays.iter().any(|&(payer, _)| payer == kind)
}
