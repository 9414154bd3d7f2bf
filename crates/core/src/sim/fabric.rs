//! Nodes and drivers: the part of the kernel that is the same for wires and groups.
//!
//! A *node* is a place where a net can be observed: a net has one for each position at which a pin sits. A *driver* is
//! what one pin does to one node. A pin of a net with flight time thus has a driver on every node of its net, each with
//! the delay between the two positions.

use std::collections::VecDeque;

use crate::net::Resolve;
use crate::time::Time;

/// What one pin does to one node.
#[derive(Clone, Debug)]
pub(crate) struct Driver<R> {
    pub(crate) node: u32,
    drive: R,
    /// Drives that are still under way, in order of time.
    pending: VecDeque<(Time, R)>,
}

/// A place where a net can be observed.
#[derive(Clone, Debug)]
pub(crate) struct Node<R: Resolve> {
    pub(crate) state: R::State,
    /// The state as the observers last saw it; `None` before the first instant.
    seen: Option<R::State>,
    touched: bool,
    /// It took a level opposite to the one last seen within this instant.
    flipped: bool,
    /// Its drivers: a range of the fabric's, since they are sorted by node.
    drivers: (u32, u32),
    /// The drive that is always there: a pull resistor.
    idle: R,
    /// A fault that holds the node, whatever its drivers do.
    forced: Option<R::State>,
    /// Since when strong drivers oppose each other.
    contends: bool,
    /// Its level follows a voltage.
    pub(crate) analog: bool,
}

/// All nodes and drivers of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Fabric<R: Resolve> {
    pub(crate) nodes: Vec<Node<R>>,
    pub(crate) drivers: Vec<Driver<R>>,
    /// Nodes whose state changed in this instant, in order of touching.
    touched: Vec<u32>,
}

impl<R: Resolve> Default for Fabric<R> {
    fn default() -> Fabric<R> {
        Fabric { nodes: Vec::new(), drivers: Vec::new(), touched: Vec::new() }
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
        self.nodes.push(Node {
            state: idle.state(),
            seen: None,
            touched: true,
            flipped: false,
            drivers: (0, 0),
            idle,
            forced: None,
            contends: false,
            analog,
        });
        let id = self.nodes.len() as u32 - 1;
        self.touched.push(id);
        id
    }

    /// Adds a driver to the youngest nodes; drivers come in order of their nodes.
    pub(crate) fn add_driver(&mut self, node: u32) -> u32 {
        let id = self.drivers.len() as u32;
        self.drivers.push(Driver { node, drive: R::default(), pending: VecDeque::new() });
        let range = &mut self.nodes[node as usize].drivers;
        if range.0 == range.1 {
            *range = (id, id);
        }
        debug_assert_eq!(range.1, id, "drivers are added node by node");
        range.1 = id + 1;
        id
    }

    /// The drive arrives at its node.
    #[inline]
    pub(crate) fn apply(&mut self, driver: u32, drive: R) -> Applied {
        let entry = &mut self.drivers[driver as usize];
        if entry.drive == drive {
            return Applied::Nothing;
        }
        entry.drive = drive;
        let node = entry.node;
        self.resolve(node)
    }

    /// Resolves a node anew after one of its drivers changed.
    #[inline]
    fn resolve(&mut self, id: u32) -> Applied {
        let node = &self.nodes[id as usize];
        if node.analog {
            return Applied::Analog;
        }
        let all = self.union(id);
        let node = &mut self.nodes[id as usize];
        node.contends = all.contends();
        let state = node.forced.unwrap_or_else(|| all.state());
        self.set(id, state)
    }

    /// The union of everything that drives a node.
    #[inline]
    pub(crate) fn union(&self, id: u32) -> R {
        let node = &self.nodes[id as usize];
        let (first, last) = node.drivers;
        self.drivers[first as usize..last as usize].iter().fold(node.idle, |all, d| all.union(d.drive))
    }

    /// The drives on a node, one per driver.
    pub(crate) fn drives(&self, id: u32) -> impl Iterator<Item = R> + '_ {
        let (first, last) = self.nodes[id as usize].drivers;
        self.drivers[first as usize..last as usize].iter().map(|d| d.drive)
    }

    /// Gives a node a state.
    #[inline]
    pub(crate) fn set(&mut self, id: u32, state: R::State) -> Applied {
        let node = &mut self.nodes[id as usize];
        if node.state == state {
            return Applied::Nothing;
        }
        node.state = state;
        node.flipped |= node.seen.is_some_and(|seen| R::opposes(seen, state));
        if !node.touched {
            node.touched = true;
            self.touched.push(id);
        }
        Applied::State
    }

    /// Holds a node at a state, or lets it go.
    pub(crate) fn force(&mut self, id: u32, state: Option<R::State>) -> Applied {
        self.nodes[id as usize].forced = state;
        self.resolve(id)
    }

    /// The node's forced state, if a fault holds it.
    pub(crate) fn forced(&self, id: u32) -> Option<R::State> {
        self.nodes[id as usize].forced
    }

    /// A drive sets out to arrive at `at`. It overtakes nothing: what was due at that time or later is forgotten.
    pub(crate) fn schedule(&mut self, driver: u32, at: Time, drive: R) {
        let pending = &mut self.drivers[driver as usize].pending;
        while pending.back().is_some_and(|&(t, _)| t >= at) {
            pending.pop_back();
        }
        pending.push_back((at, drive));
    }

    /// Forgets whatever of a driver is still under way.
    #[inline]
    pub(crate) fn overtake(&mut self, driver: u32) {
        self.drivers[driver as usize].pending.clear();
    }

    /// The drive of `driver` that arrives at `now`, unless it was forgotten on the way.
    pub(crate) fn arrive(&mut self, driver: u32, now: Time) -> Option<R> {
        let pending = &mut self.drivers[driver as usize].pending;
        let (_, drive) = pending.pop_front_if(|&mut (t, _)| t == now)?;
        Some(drive)
    }

    /// Hands out the nodes touched in the instant that has settled, with what the observers saw before and whether
    /// strong drivers oppose each other, and forgets them.
    pub(crate) fn settle(&mut self, mut each: impl FnMut(Settled<R>)) {
        for &id in &self.touched {
            let node = &mut self.nodes[id as usize];
            node.touched = false;
            let flipped = std::mem::take(&mut node.flipped);
            each(Settled { node: id, before: node.seen, now: node.state, flipped, contends: node.contends });
            node.seen = Some(node.state);
        }
        self.touched.clear();
    }

    /// True if nothing was touched since the last settled instant.
    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        self.touched.is_empty()
    }
}

/// A node that was touched in an instant.
pub(crate) struct Settled<R: Resolve> {
    pub(crate) node: u32,
    pub(crate) before: Option<R::State>,
    pub(crate) now: R::State,
    pub(crate) flipped: bool,
    pub(crate) contends: bool,
}
