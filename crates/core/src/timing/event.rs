//! What a monitor saw happen, as timing rules speak of it.

use crate::time::Time;

/// The kind of an event: a number below 64, given a meaning by its bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKind(pub u8);

/// A set of kinds of event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventSet(u64);

impl EventSet {
    /// No kind at all.
    pub const NONE: EventSet = EventSet(0);

    /// The set of `kinds`.
    ///
    /// # Panics
    /// If a kind is 64 or above; in a `const` this fails to compile.
    pub const fn of(kinds: &[EventKind]) -> EventSet {
        let (mut set, mut i) = (0, 0);
        while i < kinds.len() {
            assert!(kinds[i].0 < 64, "a bus has at most 64 kinds of event");
            set |= 1 << kinds[i].0;
            i += 1;
        }
        EventSet(set)
    }

    /// True if `kind` is in the set; a kind of 64 or above is in none.
    pub const fn contains(self, kind: EventKind) -> bool {
        kind.0 < 64 && self.0 >> kind.0 & 1 != 0
    }

    /// The kinds in either set.
    #[must_use]
    pub const fn union(self, other: EventSet) -> EventSet {
        EventSet(self.0 | other.0)
    }

    /// The kinds in both sets.
    #[must_use]
    pub const fn intersection(self, other: EventSet) -> EventSet {
        EventSet(self.0 & other.0)
    }

    /// The set with `kind`, unless that is 64 or above.
    #[must_use]
    pub const fn with(self, kind: EventKind) -> EventSet {
        if kind.0 < 64 { EventSet(self.0 | 1 << kind.0) } else { self }
    }

    /// True for the empty set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The class of access an event belongs to, where a limit depends on it (tSHSL after a read and after a program):
/// a number below 16, given a meaning by its bus. Class 0 is "not known".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Class(pub u8);

/// A set of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Classes(u16);

impl Classes {
    /// Every class, also the one not known.
    pub const ANY: Classes = Classes(u16::MAX);

    /// No class at all.
    pub const NONE: Classes = Classes(0);

    /// The set of `classes`.
    ///
    /// # Panics
    /// If a class is 16 or above; in a `const` this fails to compile.
    pub const fn of(classes: &[Class]) -> Classes {
        let (mut set, mut i) = (0, 0);
        while i < classes.len() {
            assert!(classes[i].0 < 16, "a bus has at most 16 classes");
            set |= 1 << classes[i].0;
            i += 1;
        }
        Classes(set)
    }

    /// True if `class` is in the set; a class of 16 or above is in none.
    pub const fn contains(self, class: Class) -> bool {
        class.0 < 16 && self.0 >> class.0 & 1 != 0
    }

    /// The classes that are not in the set.
    #[must_use]
    pub const fn complement(self) -> Classes {
        Classes(!self.0)
    }

    /// The classes in both sets.
    #[must_use]
    pub const fn intersection(self, other: Classes) -> Classes {
        Classes(self.0 & other.0)
    }

    /// The classes in either set.
    #[must_use]
    pub const fn union(self, other: Classes) -> Classes {
        Classes(self.0 | other.0)
    }
}

/// Where in the bus's hierarchy an event happens, outermost level first; levels that a bus lacks are 0.
///
/// SPI: `[chip select line, 0, 0, 0]`. DDR: `[channel, rank, bank group, bank]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub [u8; 4]);

impl Place {
    /// Stands for every place at its level and below: a precharge of all banks has `ALL` as bank.
    pub const ALL: u8 = u8::MAX;
}

/// Something a timing rule can speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When; monotone within one monitor.
    pub time: Time,
    /// What.
    pub kind: EventKind,
    /// Within which kind of access.
    pub class: Class,
    /// Where in the hierarchy.
    pub place: Place,
    /// The measured value of an event that a [`Measure`](super::Kind::Measure) row judges, in that row's unit; else 0.
    pub value: i64,
}

impl Event {
    /// An event of no particular class, place or value.
    pub const fn new(time: Time, kind: EventKind) -> Event {
        Event { time, kind, class: Class(0), place: Place([0; 4]), value: 0 }
    }
}
