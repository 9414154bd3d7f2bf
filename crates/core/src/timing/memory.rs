//! What `Between` rows remember: the last events of each sort, by group of places.
//!
//! Rows share their memory. A *slot* holds the last events of some kinds and classes; a row is three slots (its `from`,
//! `to` and `reset`) and a way to compare them. Events are numbered, so "nothing ended or reset this interval" is a
//! comparison of numbers, and an event costs one store per slot it belongs to, however many rows speak of it.

use super::event::{Classes, Event, EventKind, Place};
use super::groups::{Birth, Groups, Reach};
use super::rule::{Bound, Kind, Rule, Scope};
use crate::time::Time;

/// An event that was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// When.
    pub(super) time: Time,
    /// Its number in the stream, from 1; 0: there was none.
    seq: u64,
    /// Where.
    pub(super) place: Place,
}

impl Mark {
    const NONE: Mark = Mark { time: Time::ZERO, seq: 0, place: Place([0; 4]) };
    const END: Mark = Mark { seq: u64::MAX, ..Mark::NONE };
}

/// For each kind of event, the classes that count.
type Sort = [Classes; 64];

/// The sort that gives each kind the classes that `classes` says.
fn sort(classes: impl Fn(EventKind) -> Classes) -> Sort {
    std::array::from_fn(|kind| classes(EventKind(kind as u8)))
}

/// The last events of a sort.
#[derive(Clone, Debug)]
struct Slot {
    sort: Sort,
    depth: usize,
    /// How many per group.
    keep: usize,
    /// Per group, the last first.
    marks: Vec<Mark>,
}

impl Slot {
    #[inline]
    fn last(&self, group: usize) -> &Mark {
        &self.marks[group * self.keep]
    }

    fn history(&self, group: usize) -> &[Mark] {
        &self.marks[group * self.keep..(group + 1) * self.keep]
    }

    #[inline]
    fn push(&mut self, group: usize, mark: Mark) {
        let first = group * self.keep;
        if self.keep > 1 {
            self.marks.copy_within(first..first + self.keep - 1, first + 1);
        }
        self.marks[first] = mark;
    }

    fn grow(&mut self, birth: Birth) {
        if birth.depth == self.depth {
            let first = birth.like as usize * self.keep;
            self.marks.extend_from_within(first..first + self.keep);
        }
    }
}

/// A slot that an event of some kind goes to, if its class counts.
#[derive(Clone, Copy, Debug)]
struct Store {
    slot: usize,
    classes: Classes,
}

/// The memory of all rows of a table, and the groups of places it is kept by.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    slots: Vec<Slot>,
    /// By kind.
    stores: Vec<Vec<Store>>,
    groups: Groups,
    seq: u64,
}

impl Memory {
    /// The memory of `rules`, nothing in it yet; and for each rule, if it is a `Between` row, its track.
    ///
    /// # Panics
    /// If a row makes no sense: see [`Track`].
    pub(super) fn of(rules: &[&'static Rule]) -> (Memory, Vec<Option<Track>>) {
        let mut slots = Vec::new();
        let tracks: Vec<_> = rules.iter().map(|rule| Track::new(rule, &mut slots)).collect();
        let depth = slots.iter().map(|slot| slot.depth).max().unwrap_or(0);
        let stores = (0..64).map(|kind| stores(&slots, kind)).collect();
        (Memory { slots, stores, groups: Groups::new(depth), seq: 0 }, tracks)
    }

    /// The groups of `place`, made if need be.
    #[inline]
    pub(super) fn reach(&mut self, place: Place) -> Reach {
        let reach = self.groups.reach(place);
        if let Some(births) = self.groups.births() {
            self.grow(&births);
        }
        reach
    }

    /// The groups of `place`; those of unnamed places where none has its name.
    pub(super) fn find(&self, place: Place) -> Reach {
        self.groups.find(place)
    }

    #[cold]
    fn grow(&mut self, births: &[Birth]) {
        for slot in &mut self.slots {
            births.iter().for_each(|&birth| slot.grow(birth));
        }
    }

    /// Remembers an event, after everything was asked about what it ends.
    #[inline]
    pub(super) fn store(&mut self, event: &Event, reach: Reach) {
        self.seq += 1;
        let mark = Mark { time: event.time, seq: self.seq, place: event.place };
        let Some(stores) = self.stores.get(event.kind.0 as usize) else { return };
        for store in stores.iter().filter(|store| store.classes.contains(event.class)) {
            let slot = &mut self.slots[store.slot];
            if reach.named >= slot.depth {
                slot.push(reach.ids[slot.depth] as usize, mark);
            } else {
                self.groups.reached(slot.depth, reach).for_each(|group| slot.push(group, mark));
            }
        }
    }
}

fn stores(slots: &[Slot], kind: usize) -> Vec<Store> {
    let stores = slots.iter().enumerate().map(|(slot, it)| Store { slot, classes: it.sort[kind] });
    stores.filter(|store| store.classes != Classes::NONE).collect()
}

/// How one `Between` row reads the memory.
///
/// Row by row, an event first ends intervals, then makes the row forget, then begins one. In terms of the numbers of
/// events: an interval is alive while its `from` is not older than the last `reset`, and not yet ended while it is not
/// older than the last `to`.
#[derive(Clone, Debug)]
pub(super) struct Track {
    from: usize,
    to: usize,
    reset: usize,
    depth: usize,
    nth: usize,
    others: bool,
    /// A `from` is measured against the first `to` only.
    once: bool,
}

impl Track {
    /// # Panics
    /// If the row makes no sense: `nth` is 0, a scope has no such level, or `must_come` stands with a minimum, with
    /// `nth` above 1 or with scope `Other`.
    fn new(rule: &'static Rule, slots: &mut Vec<Slot>) -> Option<Track> {
        let Kind::Between { nth, scope, must_come, bound, .. } = rule.kind else { return None };
        let (minimum, nth) = (matches!(bound, Bound::Min(_)), nth as usize);
        let (depth, others) = match scope {
            Scope::Same(n) => (n as usize, false),
            Scope::Other(n) => (n as usize, true),
        };
        assert!(nth > 0, "rule {}: nth counts from 1", rule.name);
        assert!(depth <= 4 && !(others && depth == 0), "rule {}: no such level", rule.name);
        assert!(!must_come || !minimum && nth == 1 && !others, "rule {}: cannot wait", rule.name);
        let mut slot = |classes: &dyn Fn(EventKind) -> Classes, keep| slot(slots, sort(classes), depth, keep);
        Some(Track {
            from: slot(&|kind| begins(rule, kind), nth),
            to: slot(&|kind| ends(rule, kind), 1),
            reset: slot(&|kind| forgets(rule, kind), 1),
            depth,
            nth,
            others,
            once: minimum && nth == 1,
        })
    }

    /// True if an event with these groups reaches several that the row tells apart.
    #[inline]
    pub(super) fn tells_apart(&self, reach: Reach) -> bool {
        reach.named < self.depth
    }

    /// The intervals that an event ends: `visit` sees the mark of each, every mark once.
    #[inline]
    pub(super) fn ended(&self, memory: &Memory, reach: Reach, mut visit: impl FnMut(&Mark)) {
        if self.tells_apart(reach) {
            each_once(self.candidates(memory, reach), visit);
        } else if let Some(mark) = self.nth_last(memory, reach.ids[self.depth] as usize) {
            visit(mark);
        }
    }

    /// The mark from which an interval that ends now in the reached groups is the shortest.
    pub(super) fn latest<'a>(&'a self, memory: &'a Memory, reach: Reach) -> Option<&'a Mark> {
        self.candidates(memory, reach).max_by_key(|mark| mark.time)
    }

    /// The mark from which an interval that ends now in the reached groups is the longest, of those nothing ended yet.
    pub(super) fn longest_wait<'a>(&'a self, memory: &'a Memory, reach: Reach) -> Option<&'a Mark> {
        self.waits(memory, reach).min_by_key(|mark| mark.time)
    }

    /// Visits the marks that no event of the named groups has ended, each once.
    pub(super) fn open(&self, memory: &Memory, reach: Reach, visit: impl FnMut(&Mark)) {
        each_once(self.waits(memory, reach), visit);
    }

    fn candidates<'a>(&'a self, memory: &'a Memory, reach: Reach) -> impl Iterator<Item = &'a Mark> {
        memory.groups.reached(self.depth, reach).filter_map(|group| self.nth_last(memory, group))
    }

    fn waits<'a>(&'a self, memory: &'a Memory, reach: Reach) -> impl Iterator<Item = &'a Mark> {
        let groups = memory.groups.reached(self.depth, reach);
        groups.filter(|&group| memory.groups.is_named(self.depth, group)).filter_map(|group| {
            let floor = self.alive_from(memory, group).max(self.last_to(memory, group));
            Some(memory.slots[self.from].last(group)).filter(|mark| mark.seq >= floor)
        })
    }

    /// The mark against which an event in `group` is measured.
    #[inline]
    fn nth_last<'a>(&self, memory: &'a Memory, group: usize) -> Option<&'a Mark> {
        let spent = if self.once { self.last_to(memory, group) } else { 0 };
        if self.others {
            return self.nth_last_elsewhere(memory, group).filter(|mark| mark.seq >= spent);
        }
        let from = &memory.slots[self.from];
        let mark = &from.marks[group * from.keep + self.nth - 1];
        (mark.seq >= spent && mark.seq >= self.alive_from(memory, group)).then_some(mark)
    }

    /// The `nth` last distinct mark of the sibling groups: `nth` times the last one before.
    fn nth_last_elsewhere<'a>(&self, memory: &'a Memory, group: usize) -> Option<&'a Mark> {
        let from = &memory.slots[self.from];
        let marks = memory.groups.siblings(self.depth, group).flat_map(|group| {
            let floor = self.alive_from(memory, group);
            from.history(group).iter().filter(move |mark| mark.seq >= floor)
        });
        (0..self.nth).try_fold(&Mark::END, |before, _| {
            let earlier = marks.clone().filter(|mark| mark.seq < before.seq);
            earlier.max_by_key(|mark| mark.seq)
        })
    }

    /// Marks before this number are forgotten in `group`.
    #[inline]
    fn alive_from(&self, memory: &Memory, group: usize) -> u64 {
        memory.slots[self.reset].last(group).seq.max(1)
    }

    #[inline]
    fn last_to(&self, memory: &Memory, group: usize) -> u64 {
        memory.slots[self.to].last(group).seq
    }
}

/// The slot for `sort`, made if need be.
fn slot(slots: &mut Vec<Slot>, sort: Sort, depth: usize, keep: usize) -> usize {
    let same = |slot: &Slot| slot.depth == depth && slot.sort == sort;
    let index = slots.iter().position(same).unwrap_or_else(|| {
        slots.push(Slot { sort, depth, keep: 0, marks: Vec::new() });
        slots.len() - 1
    });
    let slot = &mut slots[index];
    slot.keep = slot.keep.max(keep);
    slot.marks = vec![Mark::NONE; slot.keep];
    index
}

/// The classes of `kind` that begin an interval of a `Between` row.
pub(super) fn begins(rule: &Rule, kind: EventKind) -> Classes {
    match rule.kind {
        Kind::Between { from, .. } if !from.contains(kind) => Classes::NONE,
        Kind::Between { .. } if rule.class_of_from => rule.classes,
        Kind::Between { .. } => Classes::ANY,
        _ => Classes::NONE,
    }
}

/// The classes of `kind` that end one.
pub(super) fn ends(rule: &Rule, kind: EventKind) -> Classes {
    match rule.kind {
        Kind::Between { to, .. } if !to.contains(kind) => Classes::NONE,
        Kind::Between { .. } if rule.class_of_from => Classes::ANY,
        Kind::Between { .. } => rule.classes,
        _ => Classes::NONE,
    }
}

/// The classes of `kind` that make a `Between` row forget: a maximum measures from the *last* `from`, so there a `from` of
/// another class makes it forget the earlier one.
pub(super) fn forgets(rule: &Rule, kind: EventKind) -> Classes {
    match rule.kind {
        Kind::Between { reset, .. } if reset.contains(kind) => Classes::ANY,
        Kind::Between { from, bound: Bound::Max(_), .. } if rule.class_of_from && from.contains(kind) => {
            rule.classes.complement()
        }
        _ => Classes::NONE,
    }
}

/// Visits each mark once, in the order of the stream, though several groups may share it.
fn each_once<'a>(marks: impl Iterator<Item = &'a Mark>, visit: impl FnMut(&'a Mark)) {
    let mut marks: Vec<&Mark> = marks.collect();
    marks.sort_unstable_by_key(|mark| mark.seq);
    marks.dedup_by_key(|mark| mark.seq);
    marks.into_iter().for_each(visit);
}
