//! The places of a bus, numbered.
//!
//! A rule of scope `Same(n)` keeps what it remembers per *group*: per distinct first `n` levels of a [`Place`]. Groups are
//! numbered from 0 as events name them, so that rules keep flat arrays. Every group has one child that stands for all
//! the places below it which no event has named yet: an event that reaches every place is remembered there, too, and a
//! place named later begins as a copy of it.

use super::event::Place;

/// The levels of a [`Place`].
pub(super) const LEVELS: usize = 4;

/// The number of a group among those of its depth.
pub(super) type GroupId = u32;

const UNNAMED: GroupId = GroupId::MAX;

/// The groups that an event's place belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// The group of each depth, down to `named`.
    pub(super) ids: [GroupId; LEVELS + 1],
    /// How many leading levels are named; below, the event reaches every place.
    pub(super) named: usize,
}

impl Reach {
    /// Every place.
    pub(super) const ALL: Reach = Reach { ids: [0; LEVELS + 1], named: 0 };

    fn down(&mut self, id: GroupId) {
        self.named += 1;
        self.ids[self.named] = id;
    }
}

/// A group that has come into being, as a copy of another of the same depth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Birth {
    pub(super) depth: usize,
    pub(super) like: GroupId,
}

/// One depth of the tree.
#[derive(Clone, Debug, Default)]
struct Level {
    /// Of each group, the groups above it and itself, by depth.
    paths: Vec<[GroupId; LEVELS + 1]>,
    /// Of each group, whether events named all its levels.
    named: Vec<bool>,
    /// Of each group, its children by name; `Place::ALL` names the child of places not yet named.
    children: Vec<[GroupId; 256]>,
    /// Of each group, its children in order of appearance.
    kids: Vec<Vec<GroupId>>,
}

/// All groups of a bus.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    depth: usize,
    levels: [Level; LEVELS + 1],
    births: Vec<Birth>,
}

impl Groups {
    /// Groups of up to `depth` levels; group 0 of each depth is the one of unnamed places.
    pub(super) fn new(depth: usize) -> Groups {
        let mut groups = Groups { depth, levels: Default::default(), births: Vec::new() };
        groups.levels[0].push([0; LEVELS + 1], true);
        for depth in 1..=depth {
            groups.add(depth, 0, Place::ALL);
        }
        groups
    }

    /// The groups of `place`, made if need be; see [`Groups::births`].
    pub(super) fn reach(&mut self, place: Place) -> Reach {
        let mut reach = Reach::ALL;
        for name in self.names(place) {
            let parent = reach.ids[reach.named];
            let child = match self.levels[reach.named].children[parent as usize][name as usize] {
                UNNAMED => self.name(reach.named + 1, parent, name),
                child => child,
            };
            reach.down(child);
        }
        reach
    }

    /// The groups of `place`; those of unnamed places where none has its name.
    pub(super) fn find(&self, place: Place) -> Reach {
        let mut reach = Reach::ALL;
        for name in self.names(place) {
            let children = &self.levels[reach.named].children[reach.ids[reach.named] as usize];
            reach.down(match children[name as usize] {
                UNNAMED => children[Place::ALL as usize],
                child => child,
            });
        }
        reach
    }

    /// The leading levels of `place` that are named, as deep as rules ask.
    fn names(&self, place: Place) -> impl Iterator<Item = u8> + use<> {
        place.0.into_iter().take(self.depth).take_while(|&name| name != Place::ALL)
    }

    /// The groups made since they were last taken, in order of their numbers within each depth.
    pub(super) fn births(&mut self) -> Vec<Birth> {
        std::mem::take(&mut self.births)
    }

    /// The groups at `depth` that are reached.
    pub(super) fn reached(&self, depth: usize, reach: &Reach) -> impl Iterator<Item = usize> + '_ {
        let above = reach.named.min(depth);
        let id = reach.ids[above];
        let candidates =
            if above == depth { id as usize..id as usize + 1 } else { 0..self.levels[depth].paths.len() };
        candidates.filter(move |&group| self.levels[depth].paths[group][above] == id)
    }

    /// The groups at `depth` with the same parent as `group`, without itself; the unnamed places of a parent are many, and
    /// so are siblings of each other.
    pub(super) fn siblings(&self, depth: usize, group: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        let parent = self.levels[depth].paths[group][depth - 1];
        let unnamed = self.unnamed_below(depth - 1, parent) as usize;
        let kids = self.levels[depth - 1].kids[parent as usize].iter().map(|&id| id as usize);
        kids.filter(move |&id| id != group || id == unnamed)
    }

    /// True if events named every level of the group.
    pub(super) fn is_named(&self, depth: usize, group: usize) -> bool {
        self.levels[depth].named[group]
    }

    fn name(&mut self, depth: usize, parent: GroupId, name: u8) -> GroupId {
        let mut like = self.unnamed_below(depth - 1, parent);
        let id = self.born(depth, parent, name, like);
        let mut above = id;
        for depth in depth + 1..=self.depth {
            like = self.unnamed_below(depth - 1, like);
            above = self.born(depth, above, Place::ALL, like);
        }
        id
    }

    fn unnamed_below(&self, depth: usize, group: GroupId) -> GroupId {
        self.levels[depth].children[group as usize][Place::ALL as usize]
    }

    fn born(&mut self, depth: usize, parent: GroupId, name: u8, like: GroupId) -> GroupId {
        self.births.push(Birth { depth, like });
        self.add(depth, parent, name)
    }

    fn add(&mut self, depth: usize, parent: GroupId, name: u8) -> GroupId {
        let id = self.levels[depth].paths.len() as GroupId;
        let above = &mut self.levels[depth - 1];
        above.children[parent as usize][name as usize] = id;
        above.kids[parent as usize].push(id);
        let named = above.named[parent as usize] && name != Place::ALL;
        let mut path = above.paths[parent as usize];
        path[depth] = id;
        self.levels[depth].push(path, named);
        id
    }
}

impl Level {
    fn push(&mut self, path: [GroupId; LEVELS + 1], named: bool) {
        self.paths.push(path);
        self.named.push(named);
        self.children.push([UNNAMED; 256]);
        self.kids.push(Vec::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: u8 = Place::ALL;

    fn ids(groups: &Groups, depth: usize, reach: &Reach) -> Vec<usize> {
        groups.reached(depth, reach).collect()
    }

    #[test]
    fn a_place_keeps_its_group() {
        let mut groups = Groups::new(2);
        let a = groups.reach(Place([1, 2, 0, 0]));
        let b = groups.reach(Place([1, 3, 0, 0]));
        assert_eq!(a.ids[1], b.ids[1]);
        assert_ne!(a.ids[2], b.ids[2]);
        assert_eq!(groups.reach(Place([1, 2, 9, 9])).ids, a.ids);
        assert_eq!(groups.find(Place([1, 2, 0, 0])).ids, a.ids);
    }

    #[test]
    fn all_reaches_the_named_and_the_unnamed_below_it_only() {
        let mut groups = Groups::new(2);
        let a = groups.reach(Place([1, 2, 0, 0])).ids[2] as usize;
        let b = groups.reach(Place([1, 3, 0, 0])).ids[2] as usize;
        let c = groups.reach(Place([7, 2, 0, 0])).ids[2] as usize;
        let all = groups.reach(Place([1, ALL, 0, 0]));
        let reached = ids(&groups, 2, &all);
        assert!(reached.contains(&a) && reached.contains(&b) && !reached.contains(&c));
        assert_eq!(reached.iter().filter(|&&id| !groups.is_named(2, id)).count(), 1);
        assert_eq!(ids(&groups, 1, &all).len(), 1);
    }

    #[test]
    fn a_place_not_yet_named_is_found_among_the_unnamed_of_its_parent() {
        let mut groups = Groups::new(2);
        groups.reach(Place([1, 2, 0, 0]));
        let found = groups.find(Place([1, 9, 0, 0]));
        assert!(!groups.is_named(2, found.ids[2] as usize));
        assert_eq!(groups.reached(2, &found).count(), 1);
        groups.births();
        let named = groups.reach(Place([1, 9, 0, 0]));
        let births = groups.births();
        assert_eq!((births.len(), births[0].depth, births[0].like), (1, 2, found.ids[2]));
        assert_ne!(named.ids[2], found.ids[2]);
    }

    #[test]
    fn siblings_share_the_parent() {
        let mut groups = Groups::new(2);
        let a = groups.reach(Place([1, 2, 0, 0])).ids[2] as usize;
        let b = groups.reach(Place([1, 3, 0, 0])).ids[2] as usize;
        groups.reach(Place([7, 2, 0, 0]));
        let siblings: Vec<usize> = groups.siblings(2, a).collect();
        assert!(siblings.contains(&b) && !siblings.contains(&a));
        assert_eq!(siblings.len(), 2, "the other named one and the unnamed");
        let unnamed = groups.find(Place([1, 9, 0, 0])).ids[2] as usize;
        assert!(groups.siblings(2, unnamed).any(|id| id == unnamed));
    }
}
