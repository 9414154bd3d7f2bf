//! The state of the wires, and what is due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::agent::Route;
use super::drains::Drains;
use super::fabric::{Applied, Fabric, Moment, NOBODY, Settled, Watcher};
use super::relay::Beat;
use super::{NetTrouble, SimError, TroubleKind};
use crate::level::{Drive, Level, Resolution};
use crate::log::{Change, Observer, SignalId};
use crate::net::{GroupDrive, Resolve};
use crate::time::{Span, Time};

/// How many troubles are kept; contention between long words would fill memory.
const MAX_TROUBLES: usize = 10_000;

/// Everything of a bench but its agents.
pub(super) struct Core {
    pub(super) now: Time,
    pub(super) moment: Moment,
    pub(super) wires: Fabric<Resolution>,
    pub(super) groups: Fabric<GroupDrive>,
    pub(super) wire_info: Vec<NodeInfo>,
    pub(super) group_info: Vec<NodeInfo>,
    pub(super) drains: Drains,
    pub(super) routes: Vec<Route>,
    pub(super) watchers: Vec<Watcher>,
    /// Agents to be woken in the next delta.
    pub(super) woken: WakeList,
    /// The agent that last had a word shifted by a clock of its own.
    pub(super) leader: u32,
    /// The agent that last left the clocks of open-drain wires to the bench.
    pub(super) conductor: u32,
    /// How many clocks have been made, and how the last of them went.
    pub(super) relayed: u64,
    pub(super) beat: Beat,
    /// When all will have been woken that are to be woken before the next.
    pub(super) had: Time,
    /// An agent asked to stop.
    pub(super) stop: bool,
    /// When the head of the queue or a crossing is due.
    due: Time,
    queue: BinaryHeap<Reverse<(Time, Token)>>,
    forces: Vec<Force>,
    changes: Vec<Change>,
    troubles: Vec<NetTrouble>,
    /// The first instant has been shown.
    shown: bool,
}

/// What the kernel knows of a node besides its state.
#[derive(Clone, Debug)]
pub(super) struct NodeInfo {
    pub(super) name: String,
    pub(super) width: u32,
    pub(super) signal: SignalId,
    /// What it is when its drivers are at odds.
    pub(super) conflict: TroubleKind,
    /// The trouble of that kind that began here and is not over.
    pub(super) trouble: Option<usize>,
}

/// An agent to be woken, and its pins that changed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Woken {
    pub(super) agent: u32,
    pub(super) changed: u64,
}

/// Agents to be woken, each once, with its pins that changed.
#[derive(Debug, Default)]
pub(super) struct WakeList {
    agents: Vec<u32>,
    /// By agent; none for those that are not in the list, and for those that have been taken out of turn.
    changed: Vec<u64>,
}

impl WakeList {
    /// A list of none of so many agents.
    pub(super) fn of(agents: usize) -> WakeList {
        WakeList { agents: Vec::with_capacity(agents), changed: vec![0; agents] }
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.agents.is_empty()
    }

    #[inline(always)]
    pub(super) fn add(&mut self, agent: u32, pins: u64) {
        let changed = &mut self.changed[agent as usize];
        if *changed == 0 {
            self.agents.push(agent);
        }
        *changed |= pins;
    }

    /// The only one, if there is one.
    #[inline(always)]
    pub(super) fn take_only(&mut self) -> Option<Woken> {
        if self.agents.len() == 1 { self.take() } else { None }
    }

    /// One of those that are left.
    #[inline(always)]
    pub(super) fn take(&mut self) -> Option<Woken> {
        loop {
            let agent = self.agents.pop()?;
            let changed = self.take_changed(agent);
            if changed != 0 {
                return Some(Woken { agent, changed });
            }
        }
    }

    /// Takes an agent out of turn. Returns its pins that changed.
    #[inline(always)]
    pub(super) fn take_changed(&mut self, agent: u32) -> u64 {
        std::mem::take(&mut self.changed[agent as usize])
    }
}

/// What is due at a time, in the order in which it is applied within one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    Wire(u32),
    Group(u32),
    Force(u32),
}

/// A fault: from now on a node is held, or let go.
#[derive(Clone, Copy, Debug)]
struct Force {
    node: u32,
    level: Option<Level>,
}

impl Core {
    pub(super) fn new() -> Core {
        Core {
            now: Time::ZERO,
            moment: Moment { delta: 1, first: 1 },
            wires: Fabric::default(),
            groups: Fabric::default(),
            wire_info: Vec::new(),
            group_info: Vec::new(),
            drains: Drains::default(),
            routes: Vec::new(),
            watchers: Vec::new(),
            woken: WakeList::default(),
            leader: NOBODY,
            conductor: NOBODY,
            relayed: 0,
            beat: Beat::NONE,
            had: Time::ZERO,
            stop: false,
            due: Time::MAX,
            queue: BinaryHeap::new(),
            forces: Vec::new(),
            changes: Vec::new(),
            troubles: Vec::new(),
            shown: false,
        }
    }

    /// Keeps a watcher that is not the first of its node. Returns its number.
    pub(super) fn add_watcher(&mut self, watcher: Watcher) -> u32 {
        if watcher == Watcher::NONE {
            return watcher.next;
        }
        self.watchers.push(watcher);
        self.watchers.len() as u32 - 1
    }

    /// A drive that shows in the next delta, if it comes from the node's owner. Else false, and all that is done is that
    /// what the driver has under way is forgotten.
    #[inline(always)]
    pub(super) fn drive_owned(&mut self, node: u32, driver: u32, drive: Drive) -> bool {
        let (level, moment) = (drive.level(), self.moment);
        self.wires.overtake(driver);
        let Some(applied) = self.wires.apply_owned(node, driver, drive.into(), level, moment) else {
            return false;
        };
        self.follow(node, applied);
        true
    }

    /// A drive that shows in the next delta.
    fn drive(&mut self, driver: u32, drive: Resolution) {
        self.wires.overtake(driver);
        self.apply(driver, drive);
    }

    /// A drive that applies after a delay; one after the end of time never happens.
    pub(super) fn drive_after(&mut self, driver: u32, delay: Span, drive: Resolution) {
        if delay.is_zero() {
            self.drive(driver, drive);
        } else if let Some(at) = self.now.checked_add(delay) {
            self.wires.schedule(driver, at, drive);
            self.enqueue(at, Token::Wire(driver));
        }
    }

    /// As [`Core::drive_after`], for a group.
    pub(super) fn drive_group_after(&mut self, driver: u32, delay: Span, drive: GroupDrive) {
        if delay.is_zero() {
            self.groups.overtake(driver);
            self.apply_group(driver, drive);
        } else if let Some(at) = self.now.checked_add(delay) {
            self.groups.schedule(driver, at, drive);
            self.enqueue(at, Token::Group(driver));
        }
    }

    pub(super) fn force(&mut self, node: u32, level: Level, from: Time, to: Time) {
        for (at, level) in [(from, Some(level)), (to, None)] {
            self.enqueue(at, Token::Force(self.forces.len() as u32));
            self.forces.push(Force { node, level });
        }
    }

    pub(super) fn troubles(&self) -> &[NetTrouble] {
        &self.troubles
    }

    pub(super) fn infos(&self) -> impl Iterator<Item = &NodeInfo> {
        self.wire_info.iter().chain(&self.group_info)
    }

    pub(super) fn voltage(&self, node: u32) -> Option<f64> {
        self.drains.voltage(node, self.now)
    }

    /// When the next delayed drive, crossing or fault is due.
    #[inline]
    pub(super) fn next_due(&self) -> Time {
        self.due
    }

    fn enqueue(&mut self, at: Time, token: Token) {
        self.queue.push(Reverse((at, token)));
        self.due = self.due.min(at);
    }

    /// Prepares for a run with that observer.
    pub(super) fn watch<O: Observer>(&mut self) {
        self.wires.watched = !O::BLIND;
        self.groups.watched = !O::BLIND;
        self.watch_drains(O::BLIND);
        self.beat = Beat::NONE;
    }

    /// Time moves on: what has settled is shown.
    #[inline(always)]
    pub(super) fn move_to(&mut self, t: Time, observer: &mut impl Observer) {
        self.settle(observer);
        self.now = t;
        self.moment.delta += 1;
        self.moment.first = self.moment.delta;
    }

    /// Applies everything in the queue that is due now.
    #[inline(never)]
    pub(super) fn apply_due(&mut self) {
        while self.due <= self.now {
            if self.drains.due() <= self.now && !self.is_queue_due() {
                self.apply_crossing();
            } else if let Some(Reverse((_, token))) = self.queue.pop() {
                self.find_due();
                self.apply_token(token);
            }
        }
    }

    fn is_queue_due(&self) -> bool {
        self.queue.peek().is_some_and(|Reverse((at, _))| *at <= self.now)
    }

    #[inline]
    pub(super) fn find_due(&mut self) {
        let queued = self.queue.peek().map_or(Time::MAX, |Reverse((at, _))| *at);
        self.due = queued.min(self.drains.due());
    }

    fn apply_token(&mut self, token: Token) {
        match token {
            Token::Wire(driver) => {
                if let Some(drive) = self.wires.arrive(driver, self.now) {
                    self.apply(driver, drive);
                }
            }
            Token::Group(driver) => {
                if let Some(drive) = self.groups.arrive(driver, self.now) {
                    self.apply_group(driver, drive);
                }
            }
            Token::Force(force) => {
                let Force { node, level } = self.forces[force as usize];
                let applied = self.wires.force(node, level, self.moment);
                self.follow(node, applied);
            }
        }
    }

    /// A drive of a wire arrives.
    fn apply(&mut self, driver: u32, drive: Resolution) {
        let (node, applied) = self.wires.apply(driver, drive, self.moment);
        self.follow(node, applied);
    }

    /// A drive of a group arrives.
    fn apply_group(&mut self, driver: u32, drive: GroupDrive) {
        let (node, applied) = self.groups.apply(driver, drive, self.moment);
        if applied == Applied::State {
            self.notify(self.groups.nodes[node as usize].watcher);
        }
    }

    /// What a change of a wire brings about.
    #[inline(always)]
    pub(super) fn follow(&mut self, node: u32, applied: Applied) {
        match applied {
            Applied::Nothing => {}
            Applied::State => self.notify(self.wires.nodes[node as usize].watcher),
            Applied::Analog => self.retarget(node),
        }
    }

    /// Marks the agents that watch a node, beginning with its first watcher.
    #[inline(always)]
    fn notify(&mut self, first: Watcher) {
        if first.pin == 0 {
            return;
        }
        self.woken.add(first.agent, first.pin);
        let mut next = first.next;
        while let Some(&watcher) = self.watchers.get(next as usize) {
            self.woken.add(watcher.agent, watcher.pin);
            next = watcher.next;
        }
    }

    /// The next delta: what has been driven so far shows from here on.
    #[inline(always)]
    pub(super) fn begin_delta(&mut self) {
        self.moment.delta += 1;
    }

    /// The error that names the nets that do not settle.
    #[cold]
    #[inline(never)]
    pub(super) fn delta_loop(&mut self) -> SimError {
        let mut nets = Vec::new();
        self.wires.settle(|s| nets.push(self.wire_info[s.node as usize].name.clone()));
        self.groups.settle(|s| nets.push(self.group_info[s.node as usize].name.clone()));
        nets.sort();
        SimError::DeltaLoop { at: self.now, nets }
    }

    /// Hands the settled values of the present instant to the observer.
    #[inline(always)]
    pub(super) fn settle<O: Observer>(&mut self, observer: &mut O) {
        if !self.shown {
            return self.show_all(observer);
        }
        if !(self.wires.is_settled() && self.groups.is_settled()) {
            self.show_changes(observer);
        }
    }

    #[inline(never)]
    fn show_changes<O: Observer>(&mut self, observer: &mut O) {
        let now = self.now;
        self.changes.clear();
        let mut show =
            Show { now, blind: O::BLIND, changes: &mut self.changes, troubles: &mut self.troubles };
        self.wires.settle(|s| show.node(&s, &mut self.wire_info));
        self.groups.settle(|s| show.node(&s, &mut self.group_info));
        if !self.changes.is_empty() {
            if self.changes.len() > 1 {
                self.changes.sort_unstable_by_key(|c| c.signal);
            }
            observer.instant(now, &self.changes);
        }
    }

    /// The first instant shows every signal.
    #[cold]
    fn show_all(&mut self, observer: &mut impl Observer) {
        self.shown = true;
        let now = self.now;
        let mut changes = Vec::new();
        let mut show = Show { now, blind: true, changes: &mut self.changes, troubles: &mut self.troubles };
        self.wires.settle(|s| show.node(&s, &mut self.wire_info));
        self.groups.settle(|s| show.node(&s, &mut self.group_info));
        let value = |info: &NodeInfo, value: crate::log::Value| Change {
            signal: info.signal,
            value: value.masked(info.width),
        };
        changes.extend(
            self.wires.nodes.iter().zip(&self.wire_info).map(|(n, i)| value(i, Resolution::value(n.state))),
        );
        changes.extend(
            self.groups.nodes.iter().zip(&self.group_info).map(|(n, i)| value(i, GroupDrive::value(n.state))),
        );
        changes.sort_unstable_by_key(|c| c.signal);
        if !changes.is_empty() {
            observer.instant(now, &changes);
        }
    }
}

/// What becomes of the nodes that changed.
struct Show<'a> {
    now: Time,
    /// Nobody looks at the changes.
    blind: bool,
    changes: &'a mut Vec<Change>,
    troubles: &'a mut Vec<NetTrouble>,
}

impl Show<'_> {
    #[inline]
    fn node<R: Resolve>(&mut self, settled: &Settled<R>, infos: &mut [NodeInfo]) {
        if settled.changed && !self.blind {
            let info = &infos[settled.node as usize];
            self.changes
                .push(Change { signal: info.signal, value: R::value(settled.now).masked(info.width) });
        }
        if settled.pulsed || settled.contention.is_some() {
            self.trouble(settled.pulsed, settled.contention, &mut infos[settled.node as usize]);
        }
    }

    #[cold]
    fn trouble(&mut self, pulsed: bool, contention: Option<bool>, info: &mut NodeInfo) {
        if pulsed {
            self.note(TroubleKind::ZeroWidthPulse, &info.name, self.now);
        }
        match contention {
            Some(true) => info.trouble = self.note(info.conflict, &info.name, Time::MAX),
            Some(false) => {
                if let Some(i) = info.trouble.take() {
                    self.troubles[i].to = self.now;
                }
            }
            None => {}
        }
    }

    fn note(&mut self, kind: TroubleKind, net: &str, to: Time) -> Option<usize> {
        if self.troubles.len() == MAX_TROUBLES {
            return None;
        }
        self.troubles.push(NetTrouble { kind, net: net.into(), from: self.now, to });
        Some(self.troubles.len() - 1)
    }
}
