//! Two shift registers on one clock: the shortest way from edge to edge.
//!
//! Where the edges of a clock concern nobody but two agents' [shift registers](super::shift), there is nothing to look up
//! from edge to edge: who is woken, who else drives, what else is due. Then they are made in a loop of their own, with the
//! same result as by the way that all other events take; a property test of SPI's agents holds the two equal.

use super::Bench;
use super::agent::{Cause, Near, Place, Seat};
use super::fabric::{NOBODY, Watcher};
use super::kernel::Core;
use super::shift::Register;
use crate::level::{Drive, Level};
use crate::log::{Change, Observer, SignalId, Value};
use crate::time::{Span, Time};

impl Bench {
    /// Makes edges while nothing else happens, beginning at `next` if that is one, up to the one that completes a word, and not
    /// after `limit`. False if there are none; else the last of their instants may go on with more deltas.
    #[inline]
    pub(super) fn exchange<O: Observer>(&mut self, next: Time, limit: Time, observer: &mut O) -> bool {
        let leader = self.core.leader;
        if leader == NOBODY || self.expectant {
            return false;
        }
        let rivals = self.seats.iter().zip(0..).filter(|&(_, id)| id != leader);
        let horizon = rivals.fold(self.core.next_due(), |next, (seat, _)| next.min(seat.place.alarm));
        if next >= horizon || next == self.core.now {
            return false;
        }
        let Some(mut pair) = Pair::of(&mut self.seats, &mut self.core) else { return false };
        pair.run(next, horizon.min(limit.saturating_add(Span::from_fs(1))), observer);
        true
    }

    /// True if the short way is open to the next edge, should nothing be due before.
    #[cfg(test)]
    pub(crate) fn has_pair(&mut self) -> bool {
        Pair::of(&mut self.seats, &mut self.core).is_some()
    }
}

/// Two agents whose registers exchange words over wires that concern nobody else. One of them makes the clock.
struct Pair<'a> {
    lead: &'a mut Seat,
    follow: &'a mut Seat,
    follower: Watcher,
    core: &'a mut Core,
}

impl<'a> Pair<'a> {
    /// The leader and the one that follows it, if an edge concerns nobody else.
    fn of(seats: &'a mut [Seat], core: &'a mut Core) -> Option<Pair<'a>> {
        let leader = core.leader as usize;
        let clock = seats.get(leader)?.place.register.clock;
        let follower = core.wires.nodes.get(clock.node as usize)?.watcher;
        if core.watchers.get(follower.next as usize).is_some() {
            return None;
        }
        let [lead, follow] = seats.get_disjoint_mut([leader, follower.agent as usize]).ok()?;
        let pair = Pair { lead, follow, follower, core };
        pair.is_alone().then_some(pair)
    }

    /// Each drives its wires alone, what one says is what the other hears and nobody else, and both know the clock as it is.
    fn is_alone(&self) -> bool {
        let (lead, follow) = (&self.lead.place.register, &self.follow.place.register);
        let wires = &self.core.wires;
        let node = |near: Near| &wires.nodes[near.node as usize];
        let owns = |near: Near| node(near).owner == near.driver;
        let is_data = |near: Near| near.node != lead.clock.node && node(near).watcher.pin == 0;
        let is_high = lead.shift.is_high;
        lead.leads.is_some()
            && follow.follows == self.follower.pin
            && lead.clock.node == follow.clock.node
            && lead.input.node == follow.output.node
            && follow.input.node == lead.output.node
            && [lead.clock, lead.output, follow.output].into_iter().all(owns)
            && [lead.output, follow.output].into_iter().all(is_data)
            && follow.shift.is_high == is_high
            && node(lead.clock).state == Level::from_bit(is_high)
            && wires.waiting == 0
    }

    /// Makes edges until one completes a word, or the next is not due before `end`.
    fn run<O: Observer>(&mut self, next: Time, end: Time, observer: &mut O) {
        let (last, then) = self.make_quiet_edges(next, end, observer);
        self.core.move_to(last, observer);
        if let (false, Some(then)) = (self.edge(), then) {
            self.lead.place.alarm = then;
        }
    }

    /// Makes all edges but the one that completes a word, or after which the next is not due before `end`. Returns when that one is
    /// due, and in the second case when that next one is.
    ///
    /// What is seen of these edges are their changes: time moves on after each, so deltas and the states before them are
    /// nobody's concern any more.
    #[inline(always)]
    fn make_quiet_edges<O: Observer>(
        &mut self,
        mut at: Time,
        end: Time,
        observer: &mut O,
    ) -> (Time, Option<Time>) {
        self.core.settle(observer);
        let Place { register: lead, rng, .. } = &mut self.lead.place;
        let follow = &mut self.follow.place.register;
        let mut lines = Lines::of(self.core, [lead.clock, lead.output, follow.output]);
        let mut then = None;
        for _ in 0..lead.shift.edges_before_last().min(follow.shift.edges_before_last()) {
            let next = lead.next_edge(rng).unwrap_or(Time::MAX);
            if next >= end {
                then = Some(next);
                break;
            }
            let was = lines.levels;
            let is_high = !lead.shift.is_high;
            lines.put(0, Some(is_high));
            lines.put(1, lead.shift.edge(is_high, was[2]));
            lines.put(2, follow.shift.edge(is_high, was[1]));
            if !O::BLIND {
                lines.show(at, was, observer);
            }
            at = next;
        }
        let bits = [Some(lead.shift.is_high), lead.shift.shown, follow.shift.shown];
        for (near, bit) in lines.nodes.into_iter().zip(bits) {
            if let Some(bit) = bit {
                self.core.hold(near, bit);
            }
        }
        (at, then)
    }

    /// The leader drives in the first delta of the instant, the follower in the second. Both sample what was there before. True if
    /// a word is complete: then all is done that there is to do, but for further deltas.
    #[inline(always)]
    fn edge(&mut self) -> bool {
        let registers = [&self.lead.place.register, &self.follow.place.register];
        let inputs = registers.map(|r| self.core.wires.nodes[r.input.node as usize].state);
        let high = !registers[0].shift.is_high;
        self.core.begin_delta();
        self.core.put(registers[0].clock, high);
        let is_lead_done = self.core.shift(&mut self.lead.place.register, high, inputs[0]);
        if is_lead_done {
            self.lead.complete(self.core);
            if !self.core.woken.is_empty() {
                self.core.woken.add(self.follower.agent, self.follower.pin);
                return true;
            }
        }
        self.core.begin_delta();
        let is_follow_done = self.core.shift(&mut self.follow.place.register, high, inputs[1]);
        if is_follow_done {
            self.follow.wake(self.core, self.follower.pin, Cause::Change);
            if !is_lead_done {
                self.lead.await_edge();
            }
        }
        is_lead_done || is_follow_done
    }
}

/// The wires that an edge may change: the clock, what the leader says, and what the follower says.
struct Lines {
    nodes: [Near; 3],
    levels: [Level; 3],
    /// The wires' signals, with their places in these lists, ascending.
    signals: [(SignalId, usize); 3],
}

impl Lines {
    #[inline(always)]
    fn of(core: &Core, nodes: [Near; 3]) -> Lines {
        let levels = nodes.map(|near| core.wires.nodes[near.node as usize].state);
        let mut signals = [0, 1, 2].map(|i| (core.wire_info[nodes[i].node as usize].signal, i));
        signals.sort_unstable();
        Lines { nodes, levels, signals }
    }

    #[inline(always)]
    fn put(&mut self, i: usize, bit: Option<bool>) {
        if let Some(bit) = bit {
            self.levels[i] = Level::from_bit(bit);
        }
    }

    /// Shows what differs from what was.
    #[inline(always)]
    fn show<O: Observer>(&self, now: Time, was: [Level; 3], observer: &mut O) {
        let mut changes = [Change { signal: SignalId(0), value: Value::wire(Level::X) }; 3];
        let mut count = 0;
        for (signal, i) in self.signals {
            if self.levels[i] != was[i] {
                changes[count] = Change { signal, value: Value::wire(self.levels[i]) };
                count += 1;
            }
        }
        observer.instant(now, &changes[..count]);
    }
}

impl Core {
    /// What the owner of a node drives by now.
    #[inline(always)]
    fn hold(&mut self, near: Near, bit: bool) {
        let node = &mut self.wires.nodes[near.node as usize];
        node.held = Drive::Strong(bit).into();
        node.state = Level::from_bit(bit);
    }

    /// The clock of a register changes. True if its word is complete.
    #[inline(always)]
    fn shift(&mut self, register: &mut Register, high: bool, input: Level) -> bool {
        match register.shift.edge(high, input) {
            None => register.shift.left == 0,
            Some(bit) => {
                self.put(register.output, bit);
                false
            }
        }
    }

    /// A drive of the owner of a node that has not changed in this instant, and whose watchers know already.
    #[inline(always)]
    fn put(&mut self, near: Near, bit: bool) {
        let drive = Drive::Strong(bit);
        self.wires.put(near.node, drive.into(), drive.level(), self.moment.delta);
    }
}
