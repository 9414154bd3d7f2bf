//! What `Between` rows remember: the last events of each sort, by group of places.
//!
//! Rows share their memory. A *slot* holds the last events of some kinds and classes; a row is three slots (its `from`,
//! `to` and `reset`) and a way to compare them. Events are numbered, so "nothing ended or reset this interval" is a
//! comparison of numbers, and an event costs one store per slot it belongs to, however many rows speak of it.

use super::event::{Classes, Event, EventKind, Place};
use super::groups::{Birth, Groups, LEVELS, Reach};
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
    /// Where they are among the marks of a group.
    offset: usize,
}

/// Where the marks of a place are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    reach: Reach,
    /// The first mark of its group of each depth, as far as it is named.
    base: [u32; LEVELS + 1],
}

impl Here {
    /// How many leading levels of the place are named.
    #[inline]
    pub(super) fn named(&self) -> usize {
        self.reach.named
    }
}

/// A slot that an event of some kind goes to, if its class counts.
#[derive(Clone, Copy, Debug)]
struct Store {
    classes: Classes,
    depth: u8,
    keep: u32,
    offset: u32,
}

impl Store {
    /// Stores in each group reached, which `bases` locates.
    #[inline(never)]
    fn put_many(&self, marks: &mut [Mark], bases: &[u32], groups: &Groups, reach: &Reach, mark: Mark) {
        for group in groups.reached(self.depth as usize, reach) {
            let first = (bases[group] + self.offset) as usize;
            let history = &mut marks[first..first + self.keep as usize];
            history.rotate_right(1);
            history[0] = mark;
        }
    }
}

/// The memory of all rows of a table, and the groups of places it is kept by.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    /// The marks of each group side by side: first one that is none, ever, then those of each slot.
    marks: Vec<Mark>,
    /// By depth, how many marks a group has.
    strides: [usize; LEVELS + 1],
    /// By depth and group, where its marks are.
    bases: [Vec<u32>; LEVELS + 1],
    /// By kind.
    stores: Vec<Vec<Store>>,
    groups: Groups,
    place: Place,
    here: Here,
    seq: u64,
}

impl Memory {
    /// The memory of `rules`, nothing in it yet; and for each rule, if it is a `Between` row, its track.
    ///
    /// # Panics
    /// If a row makes no sense: see [`Track`].
    pub(super) fn of(rules: &[&'static Rule]) -> (Memory, Vec<Option<Track>>) {
        let mut slots = Vec::new();
        let mut tracks: Vec<_> = rules.iter().map(|rule| Track::new(rule, &mut slots)).collect();
        let depth = slots.iter().map(|slot| slot.depth).max().unwrap_or(0);
        let strides = std::array::from_fn(|depth| lay_out(&mut slots, depth));
        for track in tracks.iter_mut().flatten() {
            track.settle(&slots);
        }
        let stores = (0..64).map(|kind| stores(&slots, kind)).collect();
        (Memory::empty(strides, stores, Groups::new(depth)), tracks)
    }

    fn empty(strides: [usize; LEVELS + 1], stores: Vec<Vec<Store>>, groups: Groups) -> Memory {
        let starts = |depth: usize| strides[..depth].iter().sum::<usize>() as u32;
        let marks = vec![Mark::NONE; strides.iter().sum()];
        let bases = std::array::from_fn(|depth| vec![starts(depth)]);
        let here = Here { reach: Reach::ALL, base: [0; LEVELS + 1] };
        Memory { marks, strides, bases, stores, groups, place: Place([Place::ALL; LEVELS]), here, seq: 0 }
    }

    /// Turns to `place`, making its groups if need be.
    #[inline]
    pub(super) fn turn_to(&mut self, place: Place) {
        if place != self.place {
            self.place = place;
            let reach = self.groups.reach(place);
            self.grow();
            self.here = self.locate(reach);
        }
    }

    /// The place turned to.
    #[inline]
    pub(super) fn here(&self) -> &Here {
        &self.here
    }

    /// Every place.
    pub(super) fn everywhere(&self) -> Here {
        self.locate(Reach::ALL)
    }

    /// The groups of `place`; those of unnamed places where none has its name.
    pub(super) fn find(&self, place: Place) -> Here {
        self.locate(self.groups.find(place))
    }

    fn locate(&self, reach: Reach) -> Here {
        let base =
            |depth: usize| if depth > reach.named { 0 } else { self.bases[depth][reach.ids[depth] as usize] };
        Here { reach, base: std::array::from_fn(base) }
    }

    fn grow(&mut self) {
        for Birth { depth, like } in self.groups.births() {
            let first = self.bases[depth][like as usize] as usize;
            self.bases[depth].push(self.marks.len() as u32);
            self.marks.extend_from_within(first..first + self.strides[depth]);
        }
    }

    /// The marks of a group.
    fn group(&self, depth: usize, group: usize) -> &[Mark] {
        &self.marks[self.bases[depth][group] as usize..][..self.strides[depth]]
    }

    /// Remembers an event at the place turned to, after everything was asked about what it ends.
    #[inline]
    pub(super) fn store(&mut self, event: &Event) {
        self.seq += 1;
        let mark = Mark { time: event.time, seq: self.seq, place: event.place };
        let Memory { marks, stores, groups, bases, here, .. } = self;
        let Some(stores) = stores.get(event.kind.0 as usize) else { return };
        for store in stores.iter().filter(|store| store.classes.contains(event.class)) {
            if store.keep == 1 && here.reach.named >= store.depth as usize {
                marks[(here.base[store.depth as usize] + store.offset) as usize] = mark;
            } else {
                store.put_many(marks, &bases[store.depth as usize], groups, &here.reach, mark);
            }
        }
    }
}

/// Gives the slots of `depth` their offsets: how many marks a group has.
fn lay_out(slots: &mut [Slot], depth: usize) -> usize {
    let mut stride = 1;
    for slot in slots.iter_mut().filter(|slot| slot.depth == depth) {
        slot.offset = stride;
        stride += slot.keep;
    }
    stride
}

/// Where an event of `kind` goes.
fn stores(slots: &[Slot], kind: usize) -> Vec<Store> {
    let store = |slot: &Slot| {
        let Slot { sort, depth, keep, offset } = slot;
        Store { classes: sort[kind], depth: *depth as u8, keep: *keep as u32, offset: *offset as u32 }
    };
    slots.iter().map(store).filter(|store| store.classes != Classes::NONE).collect()
}

/// How one `Between` row reads the memory.
///
/// Row by row, an event first ends intervals, then makes the row forget, then begins one. In terms of the numbers of
/// events: an interval is alive while its `from` is not older than the last `reset`, and not yet ended while it is not
/// older than the last `to`.
#[derive(Clone, Debug)]
pub(super) struct Track {
    /// The slots, as offsets among the marks of a group: `nth` back in `from`, ...
    from: usize,
    /// ... the last event that ends intervals for good, if one does, ...
    spent: usize,
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
            spent: 0,
            to: slot(&|kind| ends(rule, kind), 1),
            reset: slot(&|kind| forgets(rule, kind), 1),
            depth,
            nth,
            others,
            once: minimum && nth == 1,
        })
    }

    /// Turns the numbers of slots into offsets, once they are known.
    fn settle(&mut self, slots: &[Slot]) {
        for slot in [&mut self.from, &mut self.to, &mut self.reset] {
            *slot = slots[*slot].offset;
        }
        self.spent = if self.once { self.to } else { 0 };
    }

    /// How this row looks at an event whose place is named as deep as the row asks; `None` if it must look further.
    pub(super) fn glance(&self) -> Option<Glance> {
        let offsets = (self.from + self.nth - 1, self.spent, self.reset);
        let (from, spent, reset) = (offsets.0 as u32, offsets.1 as u32, offsets.2 as u32);
        (!self.others).then_some(Glance { depth: self.depth as u8, from, spent, reset })
    }

    /// The intervals that an event ends: `visit` sees the mark of each, every mark once.
    pub(super) fn ended(&self, memory: &Memory, here: &Here, mut visit: impl FnMut(&Mark)) {
        if self.tells_apart(here) {
            each_once(self.candidates(memory, here), visit);
        } else if let Some(mark) = self.nth_last(memory, here.reach.ids[self.depth] as usize) {
            visit(mark);
        }
    }

    /// True if an event at this place reaches several groups that the row tells apart.
    pub(super) fn tells_apart(&self, here: &Here) -> bool {
        here.reach.named < self.depth
    }

    /// The mark from which an interval that ends now in the reached groups is the shortest.
    pub(super) fn latest<'a>(&'a self, memory: &'a Memory, here: &Here) -> Option<&'a Mark> {
        self.candidates(memory, here).max_by_key(|mark| mark.time)
    }

    /// The mark from which an interval that ends now in the reached groups is the longest, of those nothing ended yet.
    pub(super) fn longest_wait<'a>(&'a self, memory: &'a Memory, here: &Here) -> Option<&'a Mark> {
        self.waits(memory, here).min_by_key(|mark| mark.time)
    }

    /// Visits the marks that no event of the named groups has ended, each once.
    pub(super) fn open(&self, memory: &Memory, here: &Here, visit: impl FnMut(&Mark)) {
        each_once(self.waits(memory, here), visit);
    }

    fn candidates<'a>(&'a self, memory: &'a Memory, here: &Here) -> impl Iterator<Item = &'a Mark> {
        memory.groups.reached(self.depth, &here.reach).filter_map(|group| self.nth_last(memory, group))
    }

    fn waits<'a>(&'a self, memory: &'a Memory, here: &Here) -> impl Iterator<Item = &'a Mark> {
        let groups = memory.groups.reached(self.depth, &here.reach);
        groups.filter(|&group| memory.groups.is_named(self.depth, group)).filter_map(|group| {
            let marks = memory.group(self.depth, group);
            let floor = self.alive_from(marks).max(marks[self.to].seq);
            Some(&marks[self.from]).filter(|mark| mark.seq >= floor)
        })
    }

    /// The mark against which an event in `group` is measured.
    fn nth_last<'a>(&self, memory: &'a Memory, group: usize) -> Option<&'a Mark> {
        let marks = memory.group(self.depth, group);
        let spent = marks[self.spent].seq;
        if self.others {
            return self.nth_last_elsewhere(memory, group).filter(|mark| mark.seq >= spent);
        }
        Some(&marks[self.from + self.nth - 1]).filter(|mark| mark.seq >= spent.max(self.alive_from(marks)))
    }

    /// The `nth` last distinct mark of the sibling groups: `nth` times the last one before.
    fn nth_last_elsewhere<'a>(&self, memory: &'a Memory, group: usize) -> Option<&'a Mark> {
        let marks = memory.groups.siblings(self.depth, group).flat_map(|group| {
            let marks = memory.group(self.depth, group);
            let floor = self.alive_from(marks);
            marks[self.from..][..self.nth].iter().filter(move |mark| mark.seq >= floor)
        });
        (0..self.nth).try_fold(&Mark::END, |before, _| {
            let earlier = marks.clone().filter(|mark| mark.seq < before.seq);
            earlier.max_by_key(|mark| mark.seq)
        })
    }

    /// Marks before this number are forgotten in the group of these `marks`.
    fn alive_from(&self, marks: &[Mark]) -> u64 {
        marks[self.reset].seq.max(1)
    }
}

/// A track reduced to what most events need: offsets among the marks of one group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glance {
    pub(super) depth: u8,
    from: u32,
    spent: u32,
    reset: u32,
}

impl Glance {
    /// The interval that ends at `to` begins here; `None` if none does. Valid at places named at least as deep as `depth`.
    #[inline]
    pub(super) fn begin(&self, memory: &Memory, here: &Here) -> Option<Time> {
        let base = here.base[self.depth as usize];
        let mark = |offset: u32| &memory.marks[(base + offset) as usize];
        let from = mark(self.from);
        (from.seq >= mark(self.spent).seq.max(mark(self.reset).seq).max(1)).then_some(from.time)
    }
}

/// The slot for `sort`, made if need be.
fn slot(slots: &mut Vec<Slot>, sort: Sort, depth: usize, keep: usize) -> usize {
    let same = |slot: &Slot| slot.depth == depth && slot.sort == sort;
    let index = slots.iter().position(same).unwrap_or_else(|| {
        slots.push(Slot { sort, depth, keep, offset: 0 });
        slots.len() - 1
    });
    slots[index].keep = slots[index].keep.max(keep);
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
