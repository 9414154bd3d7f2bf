//! Nodes and drivers: the part of the kernel that is the same for wires and groups.
//!
//! A *node* is a place where a net can be observed: a net has one for each position at which a pin sits. A *driver* is
//! what one pin does to one node. A pin of a net with flight time thus has a driver on every node of its net, each with
//! the delay between the two positions.

use std::collections::VecDeque;

use crate::net::Resolve;
use crate::time::Time;

/// What one pin does to one node.
#[derive(Clone, Copy, Debug)]
struct Driver<R> {
    node: u32,
    drive: R,
    /// Drives are still under way: see [`Fabric::pending`].
    waits: bool,
}

/// A place where a net can be observed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<R: Resolve> {
    pub(crate) state: R::State,
    /// The state before the instant of the last change.
    before: R::State,
    /// When the state last changed.
    at: Time,
    /// Who watches it: a range of the kernel's.
    pub(crate) watchers: (u32, u32),
    /// Its drivers: a range of the fabric's, since they are sorted by node.
    drivers: (u32, u32),
    /// How many of its drivers drive.
    active: u32,
    /// It took the opposite of its earlier level in the instant of the last change.
    flipped: bool,
    /// Its state is not simply that of its only active driver.
    special: bool,
    /// The drive that is always there: a pull resistor.
    idle: R,
    /// A fault that holds the node, whatever its drivers do.
    forced: Option<R::State>,
    /// Strong drivers oppose each other.
    contends: bool,
    /// They did when the last instant settled.
    contended: bool,
    /// Its level follows a voltage.
    pub(crate) analog: bool,
}

/// All nodes and drivers of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Fabric<R: Resolve> {
    pub(crate) nodes: Vec<Node<R>>,
    drivers: Vec<Driver<R>>,
    /// Per driver, the drives that are still under way, in order of time.
    pending: Vec<VecDeque<(Time, R)>>,
    /// Nodes that changed in this instant, in order of touching: all of them where somebody watches, else those that
    /// may be in trouble.
    touched: Vec<u32>,
    /// Somebody wants to know of every change.
    pub(crate) watched: bool,
}

impl<R: Resolve> Default for Fabric<R> {
    fn default() -> Fabric<R> {
        Fabric {
            nodes: Vec::new(),
            drivers: Vec::new(),
            pending: Vec::new(),
            touched: Vec::new(),
            watched: true,
        }
    }
}

/// What an applied drive did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// Nothing to see.
    Nothing,
    /// The node's state changed.
    State,
    /// The node's drivers changed; its state follows its voltage.
    Analog,
}

impl<R: Resolve> Fabric<R> {
    pub(crate) fn add_node(&mut self, idle: R, analog: bool) -> u32 {
        let state = idle.state();
        self.nodes.push(Node {
            state,
            before: state,
            at: Time::MAX,
            watchers: (0, 0),
            drivers: (0, 0),
            active: 0,
            flipped: false,
            special: analog || idle != R::default(),
            idle,
            forced: None,
            contends: false,
            contended: false,
            analog,
        });
        self.nodes.len() as u32 - 1
    }

    /// Adds a driver to the youngest nodes; drivers come in order of their nodes.
    pub(crate) fn add_driver(&mut self, node: u32) -> u32 {
        let id = self.drivers.len() as u32;
        self.drivers.push(Driver { node, drive: R::default(), waits: false });
        self.pending.push(VecDeque::new());
        let range = &mut self.nodes[node as usize].drivers;
        if range.0 == range.1 {
            *range = (id, id);
        }
        debug_assert_eq!(range.1, id, "drivers are added node by node");
        range.1 = id + 1;
        id
    }

    /// Forgets whatever of a driver is still under way.
    #[inline]
    pub(crate) fn overtake(&mut self, driver: u32) {
        if self.drivers[driver as usize].waits {
            self.forget(driver);
        }
    }

    /// The drive arrives at its node at `now`. Returns the node.
    #[inline]
    pub(crate) fn apply(&mut self, driver: u32, drive: R, now: Time) -> (u32, Applied) {
        let entry = &mut self.drivers[driver as usize];
        let id = entry.node;
        if entry.drive == drive {
            return (id, Applied::Nothing);
        }
        let idle = R::default();
        let (was, is) = (entry.drive != idle, drive != idle);
        entry.drive = drive;
        let node = &mut self.nodes[id as usize];
        node.active = node.active + is as u32 - was as u32;
        if node.special || node.active > is as u32 || node.contends {
            return (id, self.resolve(id, now));
        }
        (id, self.set(id, drive.state(), now))
    }

    /// Resolves a node anew, from everything that drives it.
    #[cold]
    fn resolve(&mut self, id: u32, now: Time) -> Applied {
        let node = &self.nodes[id as usize];
        if node.analog {
            return Applied::Analog;
        }
        let all = self.drives(id).fold(node.idle, R::union);
        let node = &mut self.nodes[id as usize];
        let state = node.forced.unwrap_or_else(|| all.state());
        if node.contends != all.contends() {
            node.contends = !node.contends;
            self.touch(id, now);
            self.touched.push(id);
        }
        self.set(id, state, now)
    }

    /// The drives on a node, one per driver.
    pub(crate) fn drives(&self, id: u32) -> impl Iterator<Item = R> + '_ {
        let (first, last) = self.nodes[id as usize].drivers;
        self.drivers[first as usize..last as usize].iter().map(|d| d.drive)
    }

    /// Gives a node a state.
    #[inline]
    pub(crate) fn set(&mut self, id: u32, state: R::State, now: Time) -> Applied {
        let node = &mut self.nodes[id as usize];
        if node.state == state {
            return Applied::Nothing;
        }
        if node.at == now {
            node.flipped |= R::opposes(node.before, state);
            if state == node.before {
                self.touched.push(id);
            }
        } else {
            node.at = now;
            node.before = node.state;
            node.flipped = R::opposes(node.state, state);
            if self.watched {
                self.touched.push(id);
            }
        }
        node.state = state;
        Applied::State
    }

    /// Remembers the state before this instant.
    #[inline]
    fn touch(&mut self, id: u32, now: Time) {
        let node = &mut self.nodes[id as usize];
        if node.at != now {
            node.at = now;
            node.before = node.state;
            node.flipped = false;
        }
    }

    /// Holds a node at a state, or lets it go.
    pub(crate) fn force(&mut self, id: u32, state: Option<R::State>, now: Time) -> Applied {
        self.nodes[id as usize].forced = state;
        self.nodes[id as usize].special = true;
        self.resolve(id, now)
    }

    /// The node's forced state, if a fault holds it.
    pub(crate) fn forced(&self, id: u32) -> Option<R::State> {
        self.nodes[id as usize].forced
    }

    /// A drive sets out to arrive at `at`. It overtakes nothing: what was due at that time or later is forgotten.
    pub(crate) fn schedule(&mut self, driver: u32, at: Time, drive: R) {
        let pending = &mut self.pending[driver as usize];
        while pending.back().is_some_and(|&(t, _)| t >= at) {
            pending.pop_back();
        }
        pending.push_back((at, drive));
        self.drivers[driver as usize].waits = true;
    }

    #[cold]
    fn forget(&mut self, driver: u32) {
        self.pending[driver as usize].clear();
        self.drivers[driver as usize].waits = false;
    }

    /// The drive of `driver` that arrives at `now`, unless it was forgotten on the way.
    pub(crate) fn arrive(&mut self, driver: u32, now: Time) -> Option<R> {
        let pending = &mut self.pending[driver as usize];
        let (_, drive) = pending.pop_front_if(|&mut (t, _)| t == now)?;
        self.drivers[driver as usize].waits = !pending.is_empty();
        Some(drive)
    }

    /// Hands out the nodes that changed in the instant that has settled, and forgets them.
    pub(crate) fn settle(&mut self, mut each: impl FnMut(Settled<R>)) {
        self.touched.sort_unstable();
        self.touched.dedup();
        for &id in &self.touched {
            let node = &mut self.nodes[id as usize];
            let changed = node.state != node.before;
            let turned = node.contends != node.contended;
            node.contended = node.contends;
            let contention = if turned { Some(node.contends) } else { None };
            each(Settled {
                node: id,
                changed,
                now: node.state,
                pulsed: node.flipped && !changed,
                contention,
            });
        }
        self.touched.clear();
    }

    /// True if nothing changed since the last settled instant.
    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        self.touched.is_empty()
    }
}

/// A node that changed in an instant, if only to change back.
pub(crate) struct Settled<R: Resolve> {
    pub(crate) node: u32,
    pub(crate) changed: bool,
    pub(crate) now: R::State,
    /// It took the opposite level and came back.
    pub(crate) pulsed: bool,
    /// Contention began (`true`) or ended.
    pub(crate) contention: Option<bool>,
}
