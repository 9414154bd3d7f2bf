//! A judge of `Between` rows written from the definitions: it looks at all pairs of events and keeps no state.
//!
//! An event is a set of places: names 0 and 1 stand for themselves, `ALL` for 0, 1 and two places that no event names.
//! Whatever a row says holds for each of its groups, the first `n` levels of a place.

use std::collections::BTreeSet;

use super::super::*;
use crate::time::Time;

/// How many levels of the places differ.
pub(super) const DEPTH: usize = 2;

type Group = Vec<u8>;

/// One judgement: which event ended the interval (`None`: the end of the stream), where it began, how it was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Judgement {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) verdict: Verdict,
}

/// A row taken apart, with the stream it judges.
pub(super) struct Brute<'a> {
    rule: &'a Rule,
    events: &'a [Event],
    grid: i64,
    row: Row,
}

#[derive(Clone, Copy)]
struct Row {
    from: EventSet,
    to: EventSet,
    reset: EventSet,
    nth: usize,
    level: usize,
    other: bool,
    must_come: bool,
    bound: Bound,
    limit: i64,
}

impl<'a> Brute<'a> {
    pub(super) fn new(rule: &'a Rule, events: &'a [Event], grid: i64) -> Brute<'a> {
        let Kind::Between { from, nth, to, reset, scope, must_come, bound } = rule.kind else {
            panic!("only `Between` rows")
        };
        let (level, other) = match scope {
            Scope::Same(n) => (n as usize, false),
            Scope::Other(n) => (n as usize, true),
        };
        let limit = Params::new().sum(bound.terms()).unwrap();
        let row = Row { from, to, reset, nth: nth as usize, level, other, must_come, bound, limit };
        Brute { rule, events, grid, row }
    }

    /// What event `i` makes known: kept and not kept.
    pub(super) fn at(&self, i: usize) -> Vec<Judgement> {
        let now = self.events[i].time;
        let measured = self.measured(i).into_iter().map(|from| self.judge(from, now));
        let waited = self.given_up(i).into_iter().map(|from| self.judge(from, now));
        let mut all: Vec<Judgement> =
            measured.chain(waited.filter(|judgement| judgement.verdict != Verdict::Kept)).collect();
        all.sort_unstable();
        all
    }

    /// What the end of the stream makes known.
    pub(super) fn at_end(&self, now: Time) -> Vec<Judgement> {
        let n = self.events.len();
        let open = if self.row.must_come { self.waiting(n, &self.all_groups()) } else { BTreeSet::new() };
        let mut all: Vec<Judgement> = open.into_iter().map(|from| self.judge(from, now)).collect();
        all.retain(|judgement| judgement.verdict != Verdict::Kept);
        all.sort_unstable();
        all
    }

    fn judge(&self, from: usize, to: Time) -> Judgement {
        let from = self.events[from].time;
        let measured = (to.as_fs() - from.as_fs()).cast_signed();
        let verdict = Verdict::of(measured, self.grid, &self.row.bound, self.row.limit);
        Judgement { from, to, verdict }
    }

    fn in_class(&self, i: usize) -> bool {
        self.rule.classes.contains(self.events[i].class)
    }

    fn is_from(&self, i: usize) -> bool {
        self.row.from.contains(self.events[i].kind) && (!self.rule.class_of_from || self.in_class(i))
    }

    fn is_to(&self, i: usize) -> bool {
        self.row.to.contains(self.events[i].kind) && (self.rule.class_of_from || self.in_class(i))
    }

    fn is_maximum(&self) -> bool {
        matches!(self.row.bound, Bound::Max(_))
    }

    fn is_reset(&self, i: usize) -> bool {
        let kind = self.events[i].kind;
        let wrong_class = self.rule.class_of_from && !self.in_class(i);
        self.row.reset.contains(kind) || self.is_maximum() && wrong_class && self.row.from.contains(kind)
    }

    fn all_groups(&self) -> Vec<Group> {
        (0..self.row.level).fold(vec![Vec::new()], |groups, _| {
            groups.iter().flat_map(|g| (0..4).map(|name| [g.as_slice(), &[name]].concat())).collect()
        })
    }

    fn touches(&self, i: usize, group: &Group) -> bool {
        let place = self.events[i].place.0;
        group.iter().zip(place).take_while(|&(_, name)| name != Place::ALL).all(|(&g, name)| g == name)
    }

    fn groups(&self, i: usize) -> Vec<Group> {
        self.all_groups().into_iter().filter(|group| self.touches(i, group)).collect()
    }

    fn related(&self, from: &Group, to: &Group) -> bool {
        if !self.row.other {
            return from == to;
        }
        from != to && from[..self.row.level - 1] == to[..self.row.level - 1]
    }

    /// The events before `i` that begin an interval in `group` and are not forgotten there.
    fn alive(&self, i: usize, group: &Group) -> Vec<usize> {
        let forgotten = |from: usize| (from + 1..i).any(|j| self.is_reset(j) && self.touches(j, group));
        (0..i).filter(|&j| self.is_from(j) && self.touches(j, group) && !forgotten(j)).collect()
    }

    /// The beginnings of the intervals that event `i` ends.
    fn measured(&self, i: usize) -> BTreeSet<usize> {
        if !self.is_to(i) {
            return BTreeSet::new();
        }
        self.groups(i).iter().filter_map(|group| self.measured_in(i, group)).collect()
    }

    fn measured_in(&self, i: usize, group: &Group) -> Option<usize> {
        let sources = self.all_groups().into_iter().filter(|other| self.related(other, group));
        let begun: BTreeSet<usize> = sources.flat_map(|source| self.alive(i, &source)).collect();
        let from = begun.into_iter().nth_back(self.row.nth - 1)?;
        let once = self.row.nth == 1 && !self.is_maximum();
        (!once || !self.followed(from, i, group)).then_some(from)
    }

    fn followed(&self, from: usize, before: usize, group: &Group) -> bool {
        (from + 1..before).any(|j| self.is_to(j) && self.touches(j, group))
    }

    /// The beginnings of the waits that event `i` ends without being what was waited for.
    fn given_up(&self, i: usize) -> BTreeSet<usize> {
        if !self.row.must_come || !(self.is_reset(i) || self.is_from(i)) {
            return BTreeSet::new();
        }
        let groups = self.groups(i);
        self.waiting(i, &groups).into_iter().filter(|_| !self.is_to(i)).collect()
    }

    /// The last beginnings before `i` in those of `groups` that were ever named, if nothing followed there.
    fn waiting(&self, i: usize, groups: &[Group]) -> BTreeSet<usize> {
        let seen = (i + 1).min(self.events.len());
        let named = |group: &&Group| {
            (0..seen).any(|j| group.iter().zip(self.events[j].place.0).all(|(&g, name)| g == name))
        };
        let last = |group: &Group| self.alive(i, group).pop().filter(|&from| !self.followed(from, i, group));
        groups.iter().filter(named).filter_map(last).collect()
    }
}
