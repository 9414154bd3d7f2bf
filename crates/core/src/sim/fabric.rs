//! Nodes and drivers: the part of the kernel that is the same for wires and groups.
//!
//! A *node* is a place where a net can be observed: a net has one for each position at which a pin sits. A *driver* is
//! what one pin does to one node. A pin of a net with flight time thus has a driver on every node of its net, each with
//! the delay between the two positions.
//!
//! A drive without delay changes its node at once, yet shows in the next delta only: a node that has changed in the
//! present delta remembers what it was before, and that is what agents read ([`Node::seen`]). So all agents of a delta
//! see the same levels whoever is woken first, and what they drive need not be kept until the last of them is done.

use std::collections::VecDeque;

use crate::net::Resolve;
use crate::time::Time;

/// What one pin does to one node.
#[derive(Clone, Copy, Debug)]
struct Driver<R> {
    node: u32,
    drive: R,
}

/// A place where a net can be observed: what every change of it touches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<R: Resolve> {
    pub(crate) state: R::State,
    /// The state before the delta of the last change.
    earlier: R::State,
    /// The state before the instant of the last change.
    before: R::State,
    /// It took the opposite of its earlier level in the instant of the last change, and left it again.
    flipped: bool,
    /// In which delta the state last changed.
    delta: u64,
    /// The driver that decides alone: all others are released, there is no pull and no fault, and no voltage to follow.
    /// Whatever this driver does is the node's state; a drive of any other is resolved, which may change the owner.
    pub(crate) owner: u32,
    /// What the owner drives; its entry among the drivers is brought up to date when it loses the node.
    pub(super) held: R,
    /// The first of those who watch it.
    pub(crate) watcher: Watcher,
}

impl<R: Resolve> Node<R> {
    /// The state as agents see it in `delta`: what is driven in a delta shows in the next.
    #[inline(always)]
    pub(crate) fn seen(&self, delta: u64) -> R::State {
        if self.delta == delta { self.earlier } else { self.state }
    }

    /// The state as the last instant left it; `first` is the first delta of this one.
    #[inline(always)]
    pub(crate) fn sampled(&self, first: u64) -> R::State {
        if self.delta >= first { self.before } else { self.state }
    }
}

/// An agent that is woken by a node, and its pin there as a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Watcher {
    pub(crate) agent: u32,
    /// The next watcher of the same node, by the kernel's numbers; none if there is no such number.
    pub(crate) next: u32,
    /// Never 0 but where nobody watches.
    pub(crate) pin: u64,
}

impl Watcher {
    /// Nobody watches.
    pub(crate) const NONE: Watcher = Watcher { agent: NOBODY, next: NOBODY, pin: 0 };
}

/// The deltas of a run are numbered from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The present delta.
    pub(crate) delta: u64,
    /// The first of the present instant.
    pub(crate) first: u64,
}

/// What resolving a node needs besides.
#[derive(Clone, Copy, Debug)]
struct Circuit<R: Resolve> {
    /// Its drivers: a range of the fabric's, since they are sorted by node.
    drivers: (u32, u32),
    /// The drive that is always there: a pull resistor.
    idle: R,
    /// A fault that holds the node, whatever its drivers do.
    forced: Option<R::State>,
    /// Strong drivers oppose each other; at an open-drain node: one drives it high.
    contends: bool,
    /// They did when the last instant settled.
    contended: bool,
    /// Its level follows a voltage.
    analog: bool,
}

/// No driver, or no agent: the owner of a node that has none.
pub(crate) const NOBODY: u32 = u32::MAX;

/// All nodes and drivers of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Fabric<R: Resolve> {
    pub(crate) nodes: Vec<Node<R>>,
    /// As many as there are nodes.
    circuits: Vec<Circuit<R>>,
    drivers: Vec<Driver<R>>,
    /// Per driver, the drives that are still under way, in order of time.
    pending: Vec<VecDeque<(Time, R)>>,
    /// How many drivers have drives under way.
    pub(crate) waiting: u32,
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
            circuits: Vec::new(),
            drivers: Vec::new(),
            pending: Vec::new(),
            waiting: 0,
            touched: Vec::new(),
            watched: true,
        }
    }
}

impl<R: Resolve> Circuit<R> {
    /// Nothing but its drivers decides on its state.
    fn is_bare(&self) -> bool {
        self.idle == R::default() && self.forced.is_none() && !self.analog
    }
}

/// What an applied drive did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// Nobody is to be woken.
    Nothing,
    /// The node's state changed.
    State,
    /// The drivers of a node changed; its state follows its voltage.
    Analog,
}

impl<R: Resolve> Fabric<R> {
    pub(crate) fn add_node(&mut self, idle: R, analog: bool) -> u32 {
        let state = idle.state();
        self.nodes.push(Node {
            state,
            earlier: state,
            before: state,
            flipped: false,
            delta: 0,
            owner: NOBODY,
            held: R::default(),
            watcher: Watcher::NONE,
        });
        self.circuits.push(Circuit {
            drivers: (0, 0),
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
        self.drivers.push(Driver { node, drive: R::default() });
        self.pending.push(VecDeque::new());
        let range = &mut self.circuits[node as usize].drivers;
        if range.0 == range.1 {
            *range = (id, id);
        }
        debug_assert_eq!(range.1, id, "drivers are added node by node");
        range.1 = id + 1;
        id
    }

    /// Forgets whatever of a driver is still under way.
    #[inline(always)]
    pub(crate) fn overtake(&mut self, driver: u32) {
        if self.waiting > 0 {
            self.forget(driver);
        }
    }

    /// The drive of the owner of a node, which is all that counts; `None` if that is not `driver`.
    #[inline(always)]
    pub(crate) fn apply_owned(
        &mut self,
        id: u32,
        driver: u32,
        drive: R,
        state: R::State,
        moment: Moment,
    ) -> Option<Applied> {
        let node = self.nodes.get_mut(id as usize)?;
        if node.owner != driver {
            return None;
        }
        node.held = drive;
        Some(self.set(id, state, moment))
    }

    /// The drive arrives at its node.
    pub(crate) fn apply(&mut self, driver: u32, drive: R, moment: Moment) -> (u32, Applied) {
        let Driver { node, drive: was } = self.drivers[driver as usize];
        if let Some(applied) = self.apply_owned(node, driver, drive, drive.state(), moment) {
            return (node, applied);
        }
        self.drivers[driver as usize].drive = drive;
        if was == drive {
            (node, Applied::Nothing)
        } else if self.circuits[node as usize].analog {
            (node, Applied::Analog)
        } else {
            (node, self.resolve(node, moment))
        }
    }

    /// Resolves a node anew, from everything that drives it.
    #[cold]
    #[inline(never)]
    fn resolve(&mut self, id: u32, moment: Moment) -> Applied {
        if self.circuits[id as usize].analog {
            return Applied::Analog;
        }
        self.change_owner(id);
        let circuit = &self.circuits[id as usize];
        let all = self.drives(id).fold(circuit.idle, R::union);
        let state = circuit.forced.unwrap_or_else(|| all.state());
        self.set_conflict(id, all.contends(), moment);
        self.set(id, state, moment)
    }

    /// Notes whether drivers of a node are at odds.
    pub(crate) fn set_conflict(&mut self, id: u32, contends: bool, moment: Moment) {
        if self.circuits[id as usize].contends != contends {
            self.circuits[id as usize].contends = contends;
            self.touch(id, moment);
            self.touched.push(id);
        }
    }

    #[inline]
    fn change_owner(&mut self, id: u32) {
        let Node { owner, held, .. } = self.nodes[id as usize];
        if let Some(driver) = self.drivers.get_mut(owner as usize) {
            driver.drive = held;
        }
        let owner = self.find_owner(id);
        let node = &mut self.nodes[id as usize];
        node.owner = owner;
        if let Some(driver) = self.drivers.get(owner as usize) {
            node.held = driver.drive;
        }
    }

    /// The driver that decides alone from now on.
    fn find_owner(&self, id: u32) -> u32 {
        let circuit = &self.circuits[id as usize];
        let (first, last) = circuit.drivers;
        let mut driving = (first..last).filter(|&d| self.drivers[d as usize].drive != R::default());
        match (driving.next(), driving.next()) {
            (Some(one), None) if circuit.is_bare() => one,
            _ => NOBODY,
        }
    }

    /// The drives on a node without owner, one per driver.
    pub(crate) fn drives(&self, id: u32) -> impl Iterator<Item = R> + '_ {
        let (first, last) = self.circuits[id as usize].drivers;
        self.drivers[first as usize..last as usize].iter().map(|d| d.drive)
    }

    /// A node has that state already, and no fault has decided so.
    #[inline]
    pub(crate) fn is(&self, id: u32, state: R::State) -> bool {
        self.nodes[id as usize].state == state && self.circuits[id as usize].forced.is_none()
    }

    /// Gives a node a state.
    #[inline(always)]
    pub(crate) fn set(&mut self, id: u32, state: R::State, moment: Moment) -> Applied {
        let node = &mut self.nodes[id as usize];
        let wakes = node.watcher.pin != 0;
        // Where nobody takes notice, a state that stays is set like any other: data are random, and guessing whether the
        // next bit differs would cost more.
        if (wakes || self.watched) && node.state == state {
            return Applied::Nothing;
        }
        if node.delta >= moment.first {
            return self.set_again(id, state, moment);
        }
        node.before = node.state;
        node.earlier = node.state;
        node.flipped = false;
        node.delta = moment.delta;
        node.state = state;
        if self.watched {
            self.touched.push(id);
        }
        if wakes { Applied::State } else { Applied::Nothing }
    }

    /// The drive of the owner of a node that has not changed in this instant, and whose watchers know already.
    #[inline(always)]
    pub(crate) fn put(&mut self, id: u32, drive: R, state: R::State, delta: u64) {
        let node = &mut self.nodes[id as usize];
        node.held = drive;
        if self.watched {
            if node.state == state {
                return;
            }
            self.touched.push(id);
        }
        node.before = node.state;
        node.earlier = node.state;
        node.flipped = false;
        node.delta = delta;
        node.state = state;
    }

    /// Gives a node another state that has changed in this instant already.
    #[inline(never)]
    fn set_again(&mut self, id: u32, state: R::State, moment: Moment) -> Applied {
        let node = &mut self.nodes[id as usize];
        if node.state == state {
            return Applied::Nothing;
        }
        // What the node leaves again decides whether it pulsed, if it lasted to the end of its delta: what several
        // drivers make of a node on the way through one delta is nothing.
        node.flipped |= node.delta < moment.delta && R::opposes(node.before, node.state);
        if state == node.before {
            self.touched.push(id);
        }
        if node.delta < moment.delta {
            node.earlier = node.state;
            node.delta = moment.delta;
        }
        node.state = state;
        Applied::State
    }

    /// Remembers the state before this instant.
    #[inline]
    fn touch(&mut self, id: u32, moment: Moment) {
        let node = &mut self.nodes[id as usize];
        if node.delta < moment.first {
            node.before = node.state;
            node.earlier = node.state;
            node.flipped = false;
            node.delta = moment.delta;
        }
    }

    /// Holds a node at a state, or lets it go.
    pub(crate) fn force(&mut self, id: u32, state: Option<R::State>, moment: Moment) -> Applied {
        self.circuits[id as usize].forced = state;
        self.resolve(id, moment)
    }

    /// The node's forced state, if a fault holds it.
    pub(crate) fn forced(&self, id: u32) -> Option<R::State> {
        self.circuits[id as usize].forced
    }

    /// What a driver drives by now at a node without owner, whose state is seen to elsewhere.
    #[inline]
    pub(crate) fn leave_drive(&mut self, driver: u32, drive: R) {
        if let Some(driver) = self.drivers.get_mut(driver as usize) {
            driver.drive = drive;
        }
    }

    /// A drive sets out to arrive at `at`. It overtakes nothing: what was due at that time or later is forgotten.
    pub(crate) fn schedule(&mut self, driver: u32, at: Time, drive: R) {
        let pending = &mut self.pending[driver as usize];
        self.waiting += pending.is_empty() as u32;
        while pending.back().is_some_and(|&(t, _)| t >= at) {
            pending.pop_back();
        }
        pending.push_back((at, drive));
    }

    #[inline(never)]
    fn forget(&mut self, driver: u32) {
        let Some(pending) = self.pending.get_mut(driver as usize) else { return };
        self.waiting -= !pending.is_empty() as u32;
        pending.clear();
    }

    /// The drive of `driver` that arrives at `now`, unless it was forgotten on the way.
    pub(crate) fn arrive(&mut self, driver: u32, now: Time) -> Option<R> {
        let pending = &mut self.pending[driver as usize];
        let (_, drive) = pending.pop_front_if(|&mut (t, _)| t == now)?;
        self.waiting -= pending.is_empty() as u32;
        Some(drive)
    }

    /// Hands out the nodes that changed in the instant that has settled, and forgets them.
    pub(crate) fn settle(&mut self, mut each: impl FnMut(Settled<R>)) {
        if self.touched.len() > 1 {
            self.touched.sort_unstable();
            self.touched.dedup();
        }
        for &id in &self.touched {
            let node = &self.nodes[id as usize];
            let circuit = &mut self.circuits[id as usize];
            let changed = node.state != node.before;
            let turned = circuit.contends != circuit.contended;
            circuit.contended = circuit.contends;
            let contention = if turned { Some(circuit.contends) } else { None };
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
