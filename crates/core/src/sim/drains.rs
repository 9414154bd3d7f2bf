//! Open-drain nodes in the kernel: their voltages, when each crosses a threshold, and the switches between them.
//!
//! Agents that hold the last level of a wire while it is X are woken when it has become Low or High, and another than it was.
//! Where no observer looks either, such a wire need not become X at all.

use super::analog::{Load, Pull, Stretch, Voltage};
use super::kernel::Core;
use crate::level::Level;
use crate::time::Time;

/// The open-drain nodes.
#[derive(Clone, Debug)]
pub(super) struct Drains {
    voltages: Vec<Voltage>,
    /// The node of each.
    nodes: Vec<u32>,
    /// When the level of each will next change by itself; [`Time::MAX`] for never.
    crossings: Vec<Time>,
    /// The earliest of them, and whose it is.
    due: Time,
    first: usize,
    /// By the number of a node: which voltage it has; [`NONE`] for a node without.
    of_node: Vec<u32>,
    switches: Vec<Switch>,
}

/// A node without a voltage.
const NONE: u32 = u32::MAX;

/// What may join two open-drain nodes.
#[derive(Clone, Copy, Debug)]
struct Switch {
    ends: [u32; 2],
    is_closed: bool,
}

impl Default for Drains {
    fn default() -> Drains {
        Drains {
            voltages: Vec::new(),
            nodes: Vec::new(),
            crossings: Vec::new(),
            due: Time::MAX,
            first: 0,
            of_node: Vec::new(),
            switches: Vec::new(),
        }
    }
}

impl Drains {
    pub(super) fn add(&mut self, node: u32, voltage: Voltage) {
        self.of_node.resize(node as usize + 1, NONE);
        self.of_node[node as usize] = self.voltages.len() as u32;
        self.voltages.push(voltage);
        self.nodes.push(node);
        self.crossings.push(Time::MAX);
    }

    pub(super) fn add_switch(&mut self, ends: [u32; 2]) {
        self.switches.push(Switch { ends, is_closed: false });
    }

    /// Whoever watches the node holds its last level while it is X.
    pub(super) fn hold(&mut self, node: u32) {
        if let Some(i) = self.find(node) {
            self.voltages[i].is_held = true;
        }
    }

    pub(super) fn voltage(&self, node: u32, now: Time) -> Option<f64> {
        Some(self.voltages[self.find(node)?].at(now))
    }

    /// From now on all stretches of all voltages are kept.
    pub(super) fn trace(&mut self) {
        self.voltages.iter_mut().for_each(Voltage::trace);
    }

    /// Stretches are kept.
    pub(super) fn is_traced(&self) -> bool {
        self.voltages.iter().any(Voltage::is_traced)
    }

    /// What has been kept of a node.
    pub(super) fn trail(&self, node: u32) -> &[Stretch] {
        self.find(node).map_or(&[], |i| self.voltages[i].trail())
    }

    /// The wire is between the thresholds at `now`, or was so until then.
    pub(super) fn is_between(&self, node: u32, now: Time) -> bool {
        self.find(node).is_some_and(|i| self.voltages[i].is_between(now))
    }

    /// The level by voltage; X for a node without.
    pub(super) fn level(&self, node: u32) -> Level {
        self.find(node).map_or(Level::X, |i| self.voltages[i].level())
    }

    /// The voltages of two nodes that are joined to no other, if all who watch them hold their levels.
    pub(super) fn pair(&mut self, nodes: [u32; 2]) -> Option<[&mut Voltage; 2]> {
        let [a, b] = nodes.map(|node| self.find(node));
        let pair = self.voltages.get_disjoint_mut([a?, b?]).ok()?;
        (self.switches.is_empty() && pair.iter().all(|voltage| voltage.is_held)).then_some(pair)
    }

    /// When the next level changes by itself.
    pub(super) fn due(&self) -> Time {
        self.due
    }

    fn find(&self, node: u32) -> Option<usize> {
        let i = *self.of_node.get(node as usize)?;
        (i != NONE).then_some(i as usize)
    }

    /// Notes when a level will next change.
    #[inline]
    fn note(&mut self, i: usize) {
        let at = self.voltages[i].next_crossing();
        self.crossings[i] = at;
        if at <= self.due {
            (self.due, self.first) = (at, i);
        } else if self.first == i {
            self.find_first();
        }
    }

    fn find_first(&mut self) {
        (self.due, self.first) = (Time::MAX, 0);
        for (i, &at) in self.crossings.iter().enumerate() {
            if at < self.due {
                (self.due, self.first) = (at, i);
            }
        }
    }

    /// The nodes that closed switches join to this one, itself included, in order: sums of fractions depend on it.
    fn joined(&self, node: u32) -> Vec<u32> {
        let mut nodes = vec![node];
        let mut i = 0;
        while let Some(&here) = nodes.get(i) {
            for switch in self.switches.iter().filter(|s| s.is_closed && s.ends.contains(&here)) {
                for end in switch.ends {
                    if !nodes.contains(&end) {
                        nodes.push(end);
                    }
                }
            }
            i += 1;
        }
        nodes.sort_unstable();
        nodes
    }

    /// Capacitances that meet share their charge at once. Where there is none, what pulls decides.
    fn share_charge(&mut self, nodes: &[u32], now: Time) {
        let members: Vec<usize> = nodes.iter().filter_map(|&node| self.find(node)).collect();
        let (mut charge, mut farad) = (0.0, 0.0);
        for voltage in members.iter().map(|&i| &self.voltages[i]) {
            charge += voltage.at(now) * voltage.circuit().rc.farad;
            farad += voltage.circuit().rc.farad;
        }
        if farad > 0.0 {
            for i in members {
                self.voltages[i].jump(now, charge / farad);
            }
        }
    }
}

impl Core {
    /// The drivers of an open-drain node changed: its voltage turns around, and that of all nodes joined to it.
    #[inline(never)]
    pub(super) fn retarget(&mut self, node: u32) {
        let pull = self.pull(node);
        self.wires.set_conflict(node, pull.high() > 0, self.moment);
        let Some(i) = self.drains.find(node) else { return };
        if self.drains.switches.is_empty() {
            let voltage = &mut self.drains.voltages[i];
            voltage.pull(self.now, pull);
            if self.wires.is(node, voltage.level()) {
                self.drains.note(i);
                return self.find_due();
            }
            return self.follow_voltage(i);
        }
        let joined: Vec<usize> =
            self.drains.joined(node).iter().filter_map(|&node| self.drains.find(node)).collect();
        let load = joined.iter().fold(Load::default(), |sum, &i| sum.join(self.load(i)));
        for i in joined {
            self.drains.voltages[i].retarget(self.now, &load);
            self.follow_voltage(i);
        }
    }

    /// What agents do to an open-drain node.
    #[inline]
    fn pull(&self, node: u32) -> Pull {
        self.wires.drives(node).fold(Pull::default(), |pull, drive| pull.and(Pull::of(drive)))
    }

    /// What pulls at a net by itself.
    fn load(&self, i: usize) -> Load {
        Load::of(self.drains.voltages[i].circuit(), self.pull(self.drains.nodes[i]))
    }

    /// Opens or closes a switch.
    pub(super) fn operate_switch(&mut self, id: u32, is_closed: bool) {
        let Switch { ends: [a, b], is_closed: was } = self.drains.switches[id as usize];
        if was == is_closed {
            return;
        }
        let sides = [self.drains.joined(a), self.drains.joined(b)];
        self.drains.switches[id as usize].is_closed = is_closed;
        if is_closed && !sides[0].contains(&b) {
            self.drains.share_charge(&sides.concat(), self.now);
        }
        self.retarget(a);
        if !is_closed {
            self.retarget(b);
        }
    }

    /// The first of the levels that change by themselves does so.
    pub(super) fn apply_crossing(&mut self) {
        let i = self.drains.first;
        self.drains.voltages[i].cross();
        self.follow_voltage(i);
    }

    /// Takes the level over from the voltage, and notes when it will change next.
    fn follow_voltage(&mut self, i: usize) {
        self.drains.note(i);
        self.find_due();
        let node = self.drains.nodes[i];
        let voltage = &mut self.drains.voltages[i];
        let level = self.wires.forced(node).unwrap_or(voltage.level());
        let is_news = voltage.is_news(level);
        let applied = self.wires.set(node, level, self.moment);
        if is_news {
            self.follow(node, applied);
        }
    }

    /// Before a run with an observer, or without one.
    pub(super) fn watch_drains(&mut self, is_blind: bool) {
        for i in 0..self.drains.voltages.len() {
            self.drains.voltages[i].set_quiet(is_blind);
            self.drains.note(i);
        }
        self.find_due();
    }
}
