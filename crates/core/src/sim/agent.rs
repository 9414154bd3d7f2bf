//! Agents: state machines without I/O that live on pins.

use std::any::Any;
use std::marker::PhantomData;

use rand_chacha::ChaCha8Rng;

use super::MAX_PINS;
use super::clock::Clock;
use super::fabric::{NOBODY, Node};
use super::kernel::Core;
use super::relay::{Lead, Part, Passed, Relay};
use super::shift::{Register, Shift, ShiftPins};
use crate::level::{Drive, Level, Resolution};
use crate::log::{SignalId, Value};
use crate::net::GroupDrive;
use crate::time::{Span, Time};

/// A state machine on pins.
///
/// It is woken once at the start, whenever its alarm is due, and whenever a pin that it watches changed. Each wake sees
/// the levels of one delta of one instant; what it drives applies in the next delta, or after a delay. An agent keeps
/// no clock, thread or random source of its own, so it can be tested alone, run on a [`Bench`](super::Bench), or be
/// hosted by another simulator.
pub trait Agent: Any + Send {
    /// Something happened: look at `cx`, act, set the next alarm.
    fn wake(&mut self, cx: &mut Cx<'_>);

    /// The pins whose changes wake it, one bit each; all by default.
    fn watches(&self) -> u64 {
        u64::MAX
    }

    /// The pins at which it holds its last level while an open-drain wire is X, one bit each; none by default. It is woken when
    /// such a wire has become Low or High, and another than it was; between, [`Cx::level`] may tell X or what it was. If
    /// others on the wire want to know of X, it is woken as they are.
    fn holds(&self) -> u64 {
        0
    }
}

/// The number of an agent within its bench, with its type.
#[derive(Debug)]
pub struct AgentId<A> {
    pub(crate) index: u32,
    pub(crate) of: PhantomData<fn() -> A>,
}

impl<A> Clone for AgentId<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for AgentId<A> {}

/// Where a pin of an agent sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PinRef {
    /// Not connected: reads Z, drives nothing.
    Open,
    /// A wire with one node: node and driver.
    Wire { node: u32, driver: u32 },
    /// A wire with several nodes: its own node, and a range of routes.
    FarWire { node: u32, routes: (u32, u32) },
    /// A group with one node.
    Group { node: u32, driver: u32 },
    /// A group with several nodes.
    FarGroup { node: u32, routes: (u32, u32) },
}

/// The short way from a pin to its wire. Where there is none, the numbers are those of nothing, so that the look-up which
/// must be checked anyway also tells that the [`PinRef`] is to be asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Near {
    /// The node to be read.
    pub(super) node: u32,
    /// What drives it, if the wire has no other node.
    pub(super) driver: u32,
}

impl Near {
    /// No driver has this number, and no node says that this one owns it.
    pub(crate) const NONE: Near = Near { node: u32::MAX, driver: NOBODY - 1 };

    pub(crate) fn of(pin: PinRef) -> Near {
        match pin {
            PinRef::Wire { node, driver } => Near { node, driver },
            PinRef::FarWire { node, .. } => Near { node, ..Near::NONE },
            PinRef::Open | PinRef::Group { .. } | PinRef::FarGroup { .. } => Near::NONE,
        }
    }
}

/// From a pin to a node of its net: the driver there and the flight time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) driver: u32,
    pub(crate) flight: Span,
}

/// What an agent sees and does in one wake.
pub struct Cx<'a> {
    pub(super) core: &'a mut Core,
    pub(super) place: &'a mut Place,
    pub(super) changed: u64,
    pub(super) cause: Cause,
}

/// Why an agent is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// For the first time.
    Start,
    /// Its alarm rang.
    Alarm,
    /// A pin changed, or it was given work.
    Change,
}

/// An agent and its place on the bench.
pub(super) struct Seat {
    pub(super) agent: Box<dyn Agent>,
    pub(super) place: Place,
}

/// What an agent has to itself.
pub(super) struct Place {
    /// When it is to be woken; [`Time::MAX`] for never.
    pub(super) alarm: Time,
    /// Its number on the bench.
    id: u32,
    pub(super) register: Register,
    pub(super) relay: Relay,
    pub(super) rng: Box<ChaCha8Rng>,
    pub(super) pins: Pins,
}

impl Place {
    pub(super) fn new(id: u32, rng: ChaCha8Rng, pins: usize) -> Place {
        let pins = Pins { near: [Near::NONE; MAX_PINS], refs: vec![PinRef::Open; pins] };
        Place {
            alarm: Time::ZERO,
            id,
            register: Register::new(),
            relay: Relay::new(),
            rng: Box::new(rng),
            pins,
        }
    }
}

/// The pins of an agent.
pub(super) struct Pins {
    /// Nothing beyond those it has: of fixed length, so that a constant number needs no check.
    pub(super) near: [Near; MAX_PINS],
    pub(super) refs: Vec<PinRef>,
}

impl Seat {
    /// Wakes the agent, whose watched pins `changed`.
    #[inline(always)]
    pub(super) fn wake(&mut self, core: &mut Core, changed: u64, cause: Cause) {
        self.agent.wake(&mut Cx { core, place: &mut self.place, changed, cause });
    }

    /// The alarm rang, and the pins `changed`.
    #[inline(always)]
    pub(super) fn ring(&mut self, core: &mut Core, changed: u64) {
        let Place { alarm, register, pins, .. } = &mut self.place;
        *alarm = Time::MAX;
        if changed != 0 || register.leads.is_none() {
            return self.wake(core, changed, Cause::Alarm);
        }
        if register.lead(core, pins) {
            self.complete(core);
        } else {
            self.await_edge();
        }
    }

    /// The word that it makes the clock of is complete.
    #[inline(always)]
    pub(super) fn complete(&mut self, core: &mut Core) {
        self.place.alarm = Time::MAX;
        self.wake(core, 0, Cause::Alarm);
        self.await_edge();
    }

    /// Sets the alarm to the next edge, if its register makes the clock.
    #[inline(always)]
    pub(super) fn await_edge(&mut self) {
        let Place { alarm, register, rng, .. } = &mut self.place;
        if let Some(next) = register.next_edge(rng) {
            *alarm = next;
        }
    }

    /// The pins `changed`, and that is all.
    #[inline(always)]
    pub(super) fn notice(&mut self, core: &mut Core, changed: u64) {
        let Place { register, pins, .. } = &mut self.place;
        if changed != register.follows || register.follow(core, pins) {
            self.wake(core, changed, Cause::Change);
        }
    }
}

impl Pins {
    /// The node of a wire; none where the pin is no wire.
    #[inline(always)]
    fn wire<'c>(&self, core: &'c Core, pin: SignalId) -> Option<&'c Node<Resolution>> {
        core.wires.nodes.get(self.near.get(pin.index())?.node as usize)
    }

    /// Drives a wire, `near` being its short way.
    #[inline(always)]
    pub(super) fn drive_near(&self, core: &mut Core, near: Near, pin: SignalId, bit: bool) {
        if !core.drive_owned(near.node, near.driver, Drive::Strong(bit)) {
            self.drive_far(core, pin, Span::ZERO, Drive::Strong(bit));
        }
    }

    /// Drives a wire after `delay`.
    #[inline(never)]
    fn drive_far(&self, core: &mut Core, pin: SignalId, delay: Span, drive: Drive) {
        match self.refs.get(pin.index()) {
            Some(&PinRef::Wire { driver, .. }) => core.drive_after(driver, delay, drive.into()),
            Some(&PinRef::FarWire { routes, .. }) => {
                for i in routes.0..routes.1 {
                    let Route { driver, flight } = core.routes[i as usize];
                    core.drive_after(driver, delay.saturating_add(flight), drive.into());
                }
            }
            Some(PinRef::Group { .. } | PinRef::FarGroup { .. } | PinRef::Open) | None => {}
        }
    }
}

impl Cx<'_> {
    /// The instant.
    #[inline(always)]
    pub fn now(&self) -> Time {
        self.core.now
    }

    /// True in the first wake of the agent's life.
    pub fn is_start(&self) -> bool {
        self.cause == Cause::Start
    }

    /// True if the alarm rang, and in the first wake.
    #[inline(always)]
    pub fn is_due(&self) -> bool {
        self.cause != Cause::Change
    }

    /// True if the pin changed in the delta before this one. At the first wake nothing has.
    #[inline(always)]
    pub fn changed(&self, pin: SignalId) -> bool {
        self.changed >> pin.0 & 1 != 0
    }

    /// The level of a wire at this agent's pin; Z where nothing is connected.
    #[inline(always)]
    pub fn level(&self, pin: SignalId) -> Level {
        match self.wire(pin) {
            Some(node) => node.seen(self.core.moment.delta),
            None => self.group(pin).map_or(Level::Z, |node| node.seen(self.core.moment.delta).level()),
        }
    }

    /// The level of a wire at this agent's pin as the last instant left it: what a flip-flop samples whose clock
    /// changes in this instant, even if the wire changes in it, too. Z where nothing is connected.
    #[inline(always)]
    pub fn sampled(&self, pin: SignalId) -> Level {
        match self.wire(pin) {
            Some(node) => node.sampled(self.core.moment.first),
            None => self.group(pin).map_or(Level::Z, |node| node.sampled(self.core.moment.first).level()),
        }
    }

    /// An open-drain wire is between the thresholds at this agent's pin, or was so until it changed in this instant. Unlike
    /// [`Cx::level`], this also tells agents that [hold](Agent::holds) the level of the pin.
    pub fn is_between(&self, pin: SignalId) -> bool {
        self.place
            .pins
            .near
            .get(pin.index())
            .is_some_and(|near| self.core.drains.is_between(near.node, self.core.now))
    }

    /// The value of a group at this agent's pin.
    pub fn value(&self, pin: SignalId) -> Value {
        match self.group(pin) {
            Some(node) => node.seen(self.core.moment.delta),
            None => Value::wire(self.level(pin)),
        }
    }

    #[inline(always)]
    fn wire(&self, pin: SignalId) -> Option<&Node<Resolution>> {
        self.place.pins.wire(self.core, pin)
    }

    #[inline(never)]
    fn group(&self, pin: SignalId) -> Option<&Node<GroupDrive>> {
        match *self.place.pins.refs.get(pin.index())? {
            PinRef::Group { node, .. } | PinRef::FarGroup { node, .. } => {
                Some(&self.core.groups.nodes[node as usize])
            }
            PinRef::Open | PinRef::Wire { .. } | PinRef::FarWire { .. } => None,
        }
    }

    /// The value of a wire or a group at this agent's pin as the last instant left it; see [`Cx::sampled`].
    pub fn sampled_value(&self, pin: SignalId) -> Value {
        match self.place.pins.refs.get(pin.index()) {
            Some(&(PinRef::Group { node, .. } | PinRef::FarGroup { node, .. })) => {
                self.core.groups.nodes[node as usize].sampled(self.core.moment.first)
            }
            _ => Value::wire(self.sampled(pin)),
        }
    }

    /// True if the pin is connected to a net.
    pub fn is_connected(&self, pin: SignalId) -> bool {
        self.place.pins.refs.get(pin.index()).is_some_and(|p| *p != PinRef::Open)
    }

    /// Drives a wire from the next delta on. What this agent still has under way on the pin is forgotten.
    #[inline(always)]
    pub fn drive(&mut self, pin: SignalId, drive: Drive) {
        let Some(&Near { node, driver }) = self.place.pins.near.get(pin.index()) else { return };
        if !self.core.drive_owned(node, driver, drive) {
            self.place.pins.drive_far(self.core, pin, Span::ZERO, drive);
        }
    }

    /// Drives a wire after `delay`. A drive overtakes nothing: what this agent has under way on the pin for that time
    /// or later is forgotten.
    pub fn drive_after(&mut self, pin: SignalId, delay: Span, drive: Drive) {
        self.place.pins.drive_far(self.core, pin, delay, drive);
    }

    /// Drives a group after `delay`; see [`Cx::drive_after`].
    pub fn drive_group_after(&mut self, pin: SignalId, delay: Span, drive: GroupDrive) {
        match self.place.pins.refs.get(pin.index()) {
            Some(&PinRef::Group { driver, .. }) => self.core.drive_group_after(driver, delay, drive),
            Some(&PinRef::FarGroup { routes, .. }) => {
                for i in routes.0..routes.1 {
                    let Route { driver, flight } = self.core.routes[i as usize];
                    self.core.drive_group_after(driver, delay.saturating_add(flight), drive);
                }
            }
            Some(PinRef::Wire { .. } | PinRef::FarWire { .. } | PinRef::Open) | None => {}
        }
    }

    /// Opens or closes a switch between two nets.
    pub(super) fn operate_switch(&mut self, switch: u32, is_closed: bool) {
        self.core.operate_switch(switch, is_closed);
    }

    /// Drives a wire or a group after `delay`: strongly where `value` is known, to a level not known where it is X; Z
    /// releases. See [`Cx::drive_after`].
    pub fn drive_value_after(&mut self, pin: SignalId, delay: Span, value: Value) {
        match self.place.pins.refs.get(pin.index()) {
            Some(PinRef::Wire { .. } | PinRef::FarWire { .. }) => {
                let drive = match value.level() {
                    Level::Low => Drive::Strong(false),
                    Level::High => Drive::Strong(true),
                    Level::X => Drive::Unknown,
                    Level::Z => Drive::Released,
                };
                self.drive_after(pin, delay, drive);
            }
            _ => self.drive_group_after(pin, delay, GroupDrive::of_value(value)),
        }
    }

    /// Sets the alarm to an instant, replacing what it was set to; one in the past rings at once.
    #[inline(always)]
    pub fn set_alarm(&mut self, at: Time) {
        self.place.alarm = at.max(self.core.now);
    }

    /// No alarm any more.
    pub fn clear_alarm(&mut self) {
        self.place.alarm = Time::MAX;
    }

    /// Leaves a word to the bench, to travel through `of`. With a clock the bench makes its edges, too, the next of them at
    /// the alarm; without one the clock's pin must be watched. False if one of the pins is no wire: then nothing is done.
    ///
    /// The edge with which the last bit comes in wakes the agent; there it may [reload](Shift::reload) the word. Whatever else
    /// wakes it does so as ever, but unless that is nothing but new work, it has to [take the word back](Cx::unload) and
    /// deal with an edge that is due in the same wake.
    pub(crate) fn load(&mut self, word: Shift, of: ShiftPins, clock: Option<Clock>) -> bool {
        let Place { register, pins, id, .. } = &mut *self.place;
        let are_wires = [of.clock, of.input, of.output].map(|pin| pins.wire(self.core, pin).is_some());
        if are_wires != [true; 3] {
            return false;
        }
        if clock.is_some() {
            self.core.leader = *id;
        }
        register.load(word, of, clock, pins);
        true
    }

    /// The word that is left to the bench, and is complete.
    #[inline(always)]
    pub(crate) fn complete_word(&mut self) -> Option<&mut Shift> {
        self.place.register.loaded().filter(|word| word.left == 0)
    }

    /// Takes back the word that was left to the bench, as it is now, and the clock.
    pub(crate) fn unload(&mut self) -> Option<(Shift, Option<Clock>)> {
        self.place.register.unload()
    }

    /// Leaves its part in the clocks ahead to the bench: on the open-drain wires at `pins`, clock and data, both of which it has to
    /// watch and [hold](Agent::holds). One who leads makes the clock, and the alarm is set to what he does next.
    ///
    /// Whatever wakes it, it has to ask first [what has passed](Cx::take_clocks), and to [stop](Cx::stop_clocks) or leave a new part
    /// before it returns, unless nothing has passed and its part is the same as before.
    #[inline]
    pub(crate) fn leave_clocks(&mut self, part: Part, lead: Option<Lead>, pins: [SignalId; 2]) {
        let Place { relay, pins: Pins { near, .. }, id, .. } = &mut *self.place;
        relay.load(part, pins, near);
        if let Some(lead) = lead {
            relay.lead(lead);
            self.core.conductor = *id;
        } else if self.core.conductor == *id {
            self.core.conductor = NOBODY;
        }
    }

    /// The clocks that the bench has made since a part was left to it, if it made any, with what is left of the parts.
    #[inline]
    pub(crate) fn take_clocks(&mut self) -> Option<(Passed, &Part, &Lead)> {
        self.place.relay.take()
    }

    /// Its part is its own again.
    #[inline]
    pub(crate) fn stop_clocks(&mut self) {
        self.place.relay.stop();
    }

    /// The bench returns from its run when this instant's deltas are done: something is complete that the caller waits for.
    pub fn stop(&mut self) {
        self.core.stop = true;
    }

    /// The agent's own stream of random numbers, seeded from the run's seed and the agent's name.
    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.place.rng
    }
}
