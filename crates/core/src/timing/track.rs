//! What a `Between` row remembers: the last events that begin an interval, by group of places.

use super::event::{Class, Event, Place};
use super::groups::{Birth, Groups, Reach};
use super::rule::{Bound, Kind, Rule, Scope};
use crate::time::Time;

/// An event that begins an interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// When.
    pub(super) time: Time,
    /// Its number in the stream, from 1; 0: there is none.
    seq: u64,
    /// Where.
    pub(super) place: Place,
}

impl Mark {
    const NONE: Mark = Mark { time: Time::ZERO, seq: 0, place: Place([0; 4]) };
    const END: Mark = Mark { seq: u64::MAX, ..Mark::NONE };

    /// The mark of the event numbered `seq`.
    pub(super) fn of(event: &Event, seq: u64) -> Mark {
        Mark { time: event.time, seq, place: event.place }
    }
}

/// What an event is to a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Roles {
    /// It ends an interval.
    pub(super) to: bool,
    /// It begins one.
    pub(super) from: bool,
    /// It makes the row forget.
    pub(super) reset: bool,
}

/// The memory of one `Between` row.
///
/// An event of a class in which the row does not hold is none of its events, with one exception: a maximum measures
/// from the *last* `from`, so there a `from` of another class makes the row forget the earlier one.
#[derive(Clone, Debug)]
pub(super) struct Track {
    depth: usize,
    nth: usize,
    others: bool,
    /// A `from` is measured against the first `to` only.
    once: bool,
    rule: &'static Rule,
    /// `nth` marks per group, the last first.
    marks: Vec<Mark>,
    /// Per group, the number of the event before its last `to`: an event can be `to` and then `from`.
    spent: Vec<u64>,
}

impl Track {
    /// The memory of `rule`, or `None` if it is not a `Between` row.
    ///
    /// # Panics
    /// If the row makes no sense: `nth` is 0, a scope has no such level, or `must_come` stands with a minimum, with
    /// `nth` above 1 or with scope `Other`.
    pub(super) fn new(rule: &'static Rule) -> Option<Track> {
        let Kind::Between { nth, scope, must_come, bound, .. } = rule.kind else { return None };
        let minimum = matches!(bound, Bound::Min(_));
        let (depth, others) = match scope {
            Scope::Same(n) => (n as usize, false),
            Scope::Other(n) => (n as usize, true),
        };
        assert!(nth > 0, "rule {}: nth counts from 1", rule.name);
        assert!(depth <= 4 && !(others && depth == 0), "rule {}: no such level", rule.name);
        assert!(!must_come || !minimum && nth == 1 && !others, "rule {}: cannot wait", rule.name);
        let marks = vec![Mark::NONE; nth as usize];
        let once = minimum && nth == 1;
        Some(Track { depth, nth: nth as usize, others, once, rule, marks, spent: vec![0] })
    }

    /// How many levels of a place matter.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// What an event of `kind` can be to this row, whatever its class.
    pub(super) fn roles(&self, kind: super::EventKind) -> Roles {
        let Kind::Between { from, to, reset, .. } = self.rule.kind else { return Roles::default() };
        Roles { to: to.contains(kind), from: from.contains(kind), reset: reset.contains(kind) }
    }

    /// The roles that remain to an event of `class`.
    #[inline]
    pub(super) fn narrow(&self, roles: Roles, class: Class) -> Roles {
        if self.rule.classes.contains(class) {
            roles
        } else if self.rule.class_of_from {
            Roles { from: false, reset: roles.reset || roles.from && self.is_maximum(), ..roles }
        } else {
            Roles { to: false, ..roles }
        }
    }

    fn is_maximum(&self) -> bool {
        matches!(self.rule.bound(), Some(Bound::Max(_)))
    }

    /// Follows the groups as they are made.
    pub(super) fn grow(&mut self, births: &[Birth]) {
        for birth in births.iter().filter(|birth| birth.depth == self.depth) {
            let like = birth.like as usize;
            self.marks.extend_from_within(like * self.nth..(like + 1) * self.nth);
            self.spent.push(self.spent[like]);
        }
    }

    /// An event ends intervals: `visit` sees the mark of each, every mark once.
    #[inline]
    pub(super) fn end(&mut self, groups: &Groups, reach: Reach, seq: u64, mut visit: impl FnMut(&Mark)) {
        if reach.named < self.depth {
            return self.end_many(groups, reach, seq, visit);
        }
        let group = reach.ids[self.depth] as usize;
        if let Some(mark) = self.nth_last(groups, group) {
            visit(mark);
        }
        self.spent[group] = seq - 1;
    }

    #[inline(never)]
    fn end_many(&mut self, groups: &Groups, reach: Reach, seq: u64, visit: impl FnMut(&Mark)) {
        let marks = groups.reached(self.depth, reach).filter_map(|group| self.nth_last(groups, group));
        each_once(marks, visit);
        for group in groups.reached(self.depth, reach) {
            self.spent[group] = seq - 1;
        }
    }

    /// The mark from which an interval that ends now in the reached groups is the shortest.
    pub(super) fn latest(&self, groups: &Groups, reach: Reach) -> Option<&Mark> {
        let marks = groups.reached(self.depth, reach).filter_map(|group| self.nth_last(groups, group));
        marks.max_by_key(|mark| mark.time)
    }

    /// The mark from which an interval that ends now in the reached groups is the longest, of those nothing ended yet.
    pub(super) fn longest_wait<'a>(&'a self, groups: &'a Groups, reach: Reach) -> Option<&'a Mark> {
        self.waits(groups, reach).min_by_key(|mark| mark.time)
    }

    /// An event begins an interval.
    #[inline]
    pub(super) fn begin(&mut self, groups: &Groups, reach: Reach, mark: Mark) {
        if reach.named >= self.depth {
            return self.push(reach.ids[self.depth] as usize, mark);
        }
        for group in groups.reached(self.depth, reach) {
            self.push(group, mark);
        }
    }

    #[inline]
    fn push(&mut self, group: usize, mark: Mark) {
        let marks = &mut self.marks[group * self.nth..(group + 1) * self.nth];
        if marks.len() > 1 {
            marks.rotate_right(1);
        }
        marks[0] = mark;
    }

    /// An event makes the reached groups forget.
    pub(super) fn clear(&mut self, groups: &Groups, reach: Reach) {
        for group in groups.reached(self.depth, reach) {
            self.marks[group * self.nth..(group + 1) * self.nth].fill(Mark::NONE);
        }
    }

    /// Visits the marks that no event of the named groups has ended, each once.
    pub(super) fn open(&self, groups: &Groups, reach: Reach, visit: impl FnMut(&Mark)) {
        each_once(self.waits(groups, reach), visit);
    }

    fn waits<'a>(&'a self, groups: &'a Groups, reach: Reach) -> impl Iterator<Item = &'a Mark> {
        let named = groups.reached(self.depth, reach).filter(|&group| groups.is_named(self.depth, group));
        named.map(|group| (group, &self.marks[group * self.nth])).filter_map(|(group, mark)| {
            let open = mark.seq > self.spent[group];
            open.then_some(mark)
        })
    }

    /// Marks up to this number are not measured in `group`.
    fn floor(&self, group: usize) -> u64 {
        if self.once { self.spent[group] } else { 0 }
    }

    /// The mark against which an event in `group` is measured.
    #[inline]
    fn nth_last(&self, groups: &Groups, group: usize) -> Option<&Mark> {
        let mark = if self.others {
            self.nth_last_elsewhere(groups, group)?
        } else {
            &self.marks[group * self.nth + self.nth - 1]
        };
        (mark.seq > self.floor(group)).then_some(mark)
    }

    /// The `nth` last distinct mark of the sibling groups: `nth` times the last one before.
    fn nth_last_elsewhere(&self, groups: &Groups, group: usize) -> Option<&Mark> {
        let siblings = groups.siblings(self.depth, group);
        let marks = siblings.flat_map(|group| &self.marks[group * self.nth..(group + 1) * self.nth]);
        (0..self.nth).try_fold(&Mark::END, |before, _| {
            let earlier = marks.clone().filter(|mark| 0 < mark.seq && mark.seq < before.seq);
            earlier.max_by_key(|mark| mark.seq)
        })
    }
}

/// Visits each mark once, in the order of the stream, though several groups may share it.
fn each_once<'a>(marks: impl Iterator<Item = &'a Mark>, visit: impl FnMut(&'a Mark)) {
    let mut marks: Vec<&Mark> = marks.collect();
    marks.sort_unstable_by_key(|mark| mark.seq);
    marks.dedup_by_key(|mark| mark.seq);
    marks.into_iter().for_each(visit);
}
