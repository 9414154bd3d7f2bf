//! The simulation kernel: a bench of nets and agents.
//!
//! **Order of events.** At one instant: all due drives are applied and resolved; the agents concerned are woken, each
//! seeing the same levels; what they drive without delay is applied in the next delta of the same instant; and so on
//! until nothing changes. Observers see the settled values of an instant as one set. So the order in which agents are
//! added never changes the log, and a run and the file written of it are judged alike.
//!
//! ```
//! use busproof_core::sim::{Agent, Bench, Cx};
//! use busproof_core::{Attach, ChangeLog, Drive, Net, SignalId, Span, Time};
//!
//! struct Blinker(bool);
//! const LED: SignalId = SignalId(0);
//!
//! impl Agent for Blinker {
//!     fn wake(&mut self, cx: &mut Cx<'_>) {
//!         cx.drive(LED, Drive::Strong(self.0));
//!         self.0 = !self.0;
//!         cx.set_alarm(cx.now() + Span::from_ns(10));
//!     }
//!
//!     fn watches(&self) -> u64 {
//!         0
//!     }
//! }
//!
//! let mut bench = Bench::new(1);
//! let led = bench.add_net(Net::wire("led"));
//! bench.add_agent("blinker", Blinker(true), &[Some(Attach::to(led))]);
//! let mut log = bench.new_log();
//! bench.run_until(Time::from_fs(95_000_000), &mut log)?;
//! bench.finish(&mut log);
//! assert_eq!(log.columns()[0].len(), 10);
//! # Ok::<(), busproof_core::sim::SimError>(())
//! ```

mod agent;
mod analog;
mod clock;
mod fabric;

use std::any::Any;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::marker::PhantomData;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

pub use agent::{Agent, AgentId, Cx};
pub use clock::{Clock, ClockError, ClockSpec, Jitter};

use crate::level::{Drive, Level, Resolution};
use crate::log::{Change, ChangeLog, Observer, SignalId, Source};
use crate::net::{Attach, GroupDrive, Net, NetId, NetKind, Resolve};
use crate::time::{Span, Time};
use agent::{Action, PinRef, Route};
use analog::Voltage;
use fabric::{Applied, Fabric, Settled};

pub use analog::{HIGH, LOW};

/// How many deltas an instant may take before it is called a loop.
pub const MAX_DELTAS: u32 = 1_000;

/// Why a run returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An agent asked for it: [`Cx::stop`].
    Requested,
    /// The time given was reached.
    Limit,
    /// Nothing is left to happen.
    Quiet,
}

/// Why a run cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimError {
    /// Agents keep changing each other's inputs without time passing.
    #[error("more than {MAX_DELTAS} deltas at {at}: {} never settle; give one of the agents a delay", .nets.join(", "))]
    DeltaLoop {
        /// The instant.
        at: Time,
        /// The nets that keep changing.
        nets: Vec<String>,
    },
}

/// Something electrical that went wrong on a net.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetTrouble {
    /// What.
    pub kind: TroubleKind,
    /// The net and pin, as the log names them.
    pub net: String,
    /// When it began.
    pub from: Time,
    /// When it was over; [`Time::MAX`] if it is not.
    pub to: Time,
}

/// What can go wrong on a net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// Two strong drivers oppose each other.
    Contention,
    /// The net took the opposite level and went back within one instant.
    ZeroWidthPulse,
}

/// How many troubles are kept; contention between long words would fill memory.
const MAX_TROUBLES: usize = 10_000;

/// Nets, agents and a seed.
///
/// Deterministic: the same nets, agents and seed give the same log, on any machine.
pub struct Bench {
    seed: u64,
    nets: Vec<NetEntry>,
    built: bool,
    agents: Vec<AgentEntry>,
    alarms: Vec<Time>,
    /// Agents that were given work and are woken at the present instant.
    poked: Vec<u32>,
    machines: Vec<Box<dyn Agent>>,
    wires: Fabric<Resolution>,
    groups: Fabric<GroupDrive>,
    wire_info: Vec<NodeInfo>,
    group_info: Vec<NodeInfo>,
    voltages: Vec<Option<Voltage>>,
    routes: Vec<Route>,
    watchers: Vec<Watcher>,
    now: Time,
    deltas: u32,
    queue: BinaryHeap<Reverse<(Time, Token)>>,
    forces: Vec<Force>,
    actions: Vec<Action>,
    /// The actions of the delta that is being applied; swapped with `actions` so that neither is allocated anew.
    applying: Vec<Action>,
    later: Vec<(Time, Action)>,
    woken: Vec<u32>,
    changes: Vec<Change>,
    troubles: Vec<NetTrouble>,
}

struct NetEntry {
    net: Net,
    /// The positions at which pins sit, ascending; one node each.
    positions: Vec<Span>,
    first_node: u32,
}

struct AgentEntry {
    name: String,
    attached: Vec<Option<Attach>>,
    watches: u64,
    pins: Vec<PinRef>,
    rng: ChaCha8Rng,
    changed: u64,
    is_woken: bool,
    started: bool,
}

/// What the kernel knows of a node besides its state.
#[derive(Clone, Debug)]
struct NodeInfo {
    name: String,
    width: u32,
    signal: SignalId,
    watchers: (u32, u32),
    /// The trouble that began here and is not over.
    contention: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Watcher {
    agent: u32,
    pin: u64,
}

/// What is due at a time, in the order in which it is applied within one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    Wire(u32),
    Group(u32),
    Crossing(u32),
    Force(u32),
}

#[derive(Clone, Copy, Debug)]
struct Force {
    node: u32,
    level: Option<Level>,
}

impl Bench {
    /// An empty bench; `seed` decides everything that is random in it.
    pub fn new(seed: u64) -> Bench {
        Bench {
            seed,
            nets: Vec::new(),
            built: false,
            agents: Vec::new(),
            alarms: Vec::new(),
            poked: Vec::new(),
            machines: Vec::new(),
            wires: Fabric::default(),
            groups: Fabric::default(),
            wire_info: Vec::new(),
            group_info: Vec::new(),
            voltages: Vec::new(),
            routes: Vec::new(),
            watchers: Vec::new(),
            now: Time::ZERO,
            deltas: 0,
            queue: BinaryHeap::new(),
            forces: Vec::new(),
            actions: Vec::new(),
            applying: Vec::new(),
            later: Vec::new(),
            woken: Vec::new(),
            changes: Vec::new(),
            troubles: Vec::new(),
        }
    }

    /// Adds a net.
    ///
    /// # Panics
    /// After the bench has run.
    pub fn add_net(&mut self, net: Net) -> NetId {
        assert!(!self.built, "nets are added before the first run");
        self.nets.push(NetEntry { net, positions: Vec::new(), first_node: 0 });
        NetId(self.nets.len() as u32 - 1)
    }

    /// Adds an agent whose pin `i` is attached as `pins[i]` says; `None` leaves a pin open.
    ///
    /// Its random numbers come from the bench's seed and its name, so names should differ.
    ///
    /// # Panics
    /// After the bench has run, or with more than 64 pins.
    pub fn add_agent<A: Agent>(&mut self, name: &str, agent: A, pins: &[Option<Attach>]) -> AgentId<A> {
        assert!(!self.built, "agents are added before the first run");
        assert!(pins.len() <= 64, "an agent has at most 64 pins");
        for attach in pins.iter().flatten() {
            let positions = &mut self.nets[attach.net.0 as usize].positions;
            if let Err(i) = positions.binary_search(&attach.position) {
                positions.insert(i, attach.position);
            }
        }
        self.agents.push(AgentEntry {
            name: name.into(),
            attached: pins.to_vec(),
            watches: agent.watches(),
            pins: Vec::new(),
            rng: stream(self.seed, name),
            changed: 0,
            is_woken: false,
            started: false,
        });
        self.machines.push(Box::new(agent));
        self.alarms.push(Time::ZERO);
        AgentId { index: self.agents.len() as u32 - 1, of: PhantomData }
    }

    /// The agent.
    pub fn agent<A: Agent>(&self, id: AgentId<A>) -> &A {
        let agent: &dyn Any = &*self.machines[id.index as usize];
        agent.downcast_ref().expect("the number was handed out for this type")
    }

    /// The agent, to be given work. It is woken at the present instant, whose settled values observers have not seen yet.
    pub fn agent_mut<A: Agent>(&mut self, id: AgentId<A>) -> &mut A {
        if !self.poked.contains(&id.index) {
            self.poked.push(id.index);
        }
        let agent: &mut dyn Any = &mut *self.machines[id.index as usize];
        agent.downcast_mut().expect("the number was handed out for this type")
    }

    /// The present instant.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Holds every pin of a wire at `level` from `from` until `to`: a stuck line, or a glitch if it is short.
    ///
    /// # Panics
    /// For a group.
    pub fn force(&mut self, net: NetId, level: Level, from: Time, to: Time) {
        self.build();
        let entry = &self.nets[net.0 as usize];
        assert!(!matches!(entry.net.kind, NetKind::Group(_)), "a fault holds a wire, not a group");
        let nodes = entry.first_node..entry.first_node + entry.positions.len() as u32;
        for node in nodes {
            for (at, level) in [(from, Some(level)), (to, None)] {
                self.queue.push(Reverse((at, Token::Force(self.forces.len() as u32))));
                self.forces.push(Force { node, level });
            }
        }
    }

    /// What went wrong on the nets so far.
    pub fn troubles(&self) -> &[NetTrouble] {
        &self.troubles
    }

    /// The signals of this bench's observers: name and width, in order of their numbers.
    pub fn signals(&mut self) -> Vec<(String, u32)> {
        self.build();
        let mut all: Vec<&NodeInfo> = self.wire_info.iter().chain(&self.group_info).collect();
        all.sort_by_key(|info| info.signal);
        all.iter().map(|info| (info.name.clone(), info.width)).collect()
    }

    /// An empty log with the signals of this bench, to be used as observer.
    pub fn new_log(&mut self) -> ChangeLog {
        let mut log = ChangeLog::new(Source::Run);
        for (name, width) in self.signals() {
            match width {
                1 => log.add_wire(name),
                _ => log.add_group(name, width),
            };
        }
        log
    }

    /// The signal at the pin of an agent.
    pub fn signal_at<A>(&mut self, agent: AgentId<A>, pin: SignalId) -> Option<SignalId> {
        self.build();
        match *self.agents[agent.index as usize].pins.get(pin.index())? {
            PinRef::Open => None,
            PinRef::Wire { node, .. } | PinRef::FarWire { node, .. } => {
                Some(self.wire_info[node as usize].signal)
            }
            PinRef::Group { node, .. } | PinRef::FarGroup { node, .. } => {
                Some(self.group_info[node as usize].signal)
            }
        }
    }

    /// Runs until `limit` has passed, an agent asks to stop, or nothing is left to happen.
    ///
    /// The settled values of the last instant are handed to the observer when time moves on, or by [`Bench::finish`].
    pub fn run_until(&mut self, limit: Time, observer: &mut impl Observer) -> Result<Stop, SimError> {
        self.build();
        loop {
            let next = self.next_time();
            if next > limit || next == Time::MAX {
                let stop = if next == Time::MAX { Stop::Quiet } else { Stop::Limit };
                if limit > self.now && limit < Time::MAX {
                    self.settle(observer);
                    self.now = limit;
                }
                return Ok(stop);
            }
            if next > self.now {
                self.settle(observer);
                self.now = next;
                self.deltas = 0;
            }
            if self.instant()? {
                return Ok(Stop::Requested);
            }
        }
    }

    /// Hands the last instant and the end of the waveform to the observer.
    pub fn finish(&mut self, observer: &mut impl Observer) {
        self.build();
        self.settle(observer);
        observer.finish(self.now);
    }

    /// When something will happen next; [`Time::MAX`] for never.
    #[inline]
    fn next_time(&self) -> Time {
        if !self.poked.is_empty() {
            return self.now;
        }
        let alarm = self.alarms.iter().copied().min().unwrap_or(Time::MAX);
        match self.queue.peek() {
            Some(Reverse((at, _))) => alarm.min(*at),
            None => alarm,
        }
    }

    /// All deltas of the present instant. True if an agent asked to stop.
    fn instant(&mut self) -> Result<bool, SimError> {
        self.apply_due();
        self.wake_due();
        self.wake_changed();
        let mut stop = false;
        loop {
            stop |= self.apply_actions();
            if self.woken.is_empty() {
                return Ok(stop);
            }
            self.deltas += 1;
            if self.deltas > MAX_DELTAS {
                return Err(self.delta_loop());
            }
            self.wake_changed();
        }
    }

    /// Applies everything in the queue that is due now.
    #[inline]
    fn apply_due(&mut self) {
        while let Some(&Reverse((at, token))) = self.queue.peek() {
            if at > self.now {
                break;
            }
            self.queue.pop();
            match token {
                Token::Wire(driver) => {
                    if let Some(drive) = self.wires.arrive(driver, self.now) {
                        self.apply_wire(driver, drive);
                    }
                }
                Token::Group(driver) => {
                    if let Some(drive) = self.groups.arrive(driver, self.now) {
                        self.apply_group(driver, drive);
                    }
                }
                Token::Crossing(node) => self.cross(node),
                Token::Force(force) => self.apply_force(force),
            }
        }
    }

    /// Wakes the agents whose alarm rings, and those that were given work.
    #[inline]
    fn wake_due(&mut self) {
        while let Some(agent) = self.poked.pop() {
            self.wake(agent, false);
        }
        for i in 0..self.alarms.len() {
            if self.alarms[i] <= self.now {
                self.alarms[i] = Time::MAX;
                self.wake(i as u32, true);
            }
        }
    }

    /// Wakes the agents one of whose pins changed and that were not woken by their alarm since.
    #[inline]
    fn wake_changed(&mut self) {
        for i in 0..self.woken.len() {
            let agent = self.woken[i];
            if self.agents[agent as usize].is_woken {
                self.wake(agent, false);
            }
        }
        self.woken.clear();
    }

    #[inline]
    fn wake(&mut self, agent: u32, due: bool) {
        let entry = &mut self.agents[agent as usize];
        let mut cx = Cx {
            now: self.now,
            changed: std::mem::take(&mut entry.changed),
            alarm: self.alarms[agent as usize],
            due,
            start: !std::mem::replace(&mut entry.started, true),
            pins: &entry.pins,
            routes: &self.routes,
            wires: &self.wires,
            groups: &self.groups,
            actions: &mut self.actions,
            later: &mut self.later,
            rng: &mut entry.rng,
        };
        entry.is_woken = false;
        self.machines[agent as usize].wake(&mut cx);
        self.alarms[agent as usize] = cx.alarm;
    }

    /// Applies what the agents did in the delta before. True if one asked to stop.
    #[inline]
    fn apply_actions(&mut self) -> bool {
        let mut stop = false;
        std::mem::swap(&mut self.actions, &mut self.applying);
        for i in 0..self.applying.len() {
            match self.applying[i] {
                Action::Wire(driver, drive) => {
                    self.wires.overtake(driver);
                    self.apply_wire(driver, drive);
                }
                Action::Group(driver, drive) => {
                    self.groups.overtake(driver);
                    self.apply_group(driver, drive);
                }
                Action::Stop => stop = true,
            }
        }
        self.applying.clear();
        self.schedule_later();
        stop
    }

    #[inline]
    fn schedule_later(&mut self) {
        for (at, action) in self.later.drain(..) {
            match action {
                Action::Wire(driver, drive) => {
                    self.wires.schedule(driver, at, drive);
                    self.queue.push(Reverse((at, Token::Wire(driver))));
                }
                Action::Group(driver, drive) => {
                    self.groups.schedule(driver, at, drive);
                    self.queue.push(Reverse((at, Token::Group(driver))));
                }
                Action::Stop => {}
            }
        }
    }

    #[inline]
    fn apply_wire(&mut self, driver: u32, drive: Resolution) {
        let applied = self.wires.apply(driver, drive);
        let node = self.wires.drivers[driver as usize].node;
        self.follow_wire(node, applied);
    }

    #[inline]
    fn apply_group(&mut self, driver: u32, drive: GroupDrive) {
        if self.groups.apply(driver, drive) == Applied::State {
            let node = self.groups.drivers[driver as usize].node;
            self.notify(self.group_info[node as usize].watchers);
        }
    }

    fn apply_force(&mut self, force: u32) {
        let Force { node, level } = self.forces[force as usize];
        let applied = self.wires.force(node, level);
        self.follow_wire(node, applied);
    }

    #[inline]
    fn follow_wire(&mut self, node: u32, applied: Applied) {
        match applied {
            Applied::Nothing => {}
            Applied::State => self.notify(self.wire_info[node as usize].watchers),
            Applied::Analog => self.retarget(node),
        }
    }

    /// Marks the agents that watch a node as woken.
    #[inline]
    fn notify(&mut self, watchers: (u32, u32)) {
        for watcher in &self.watchers[watchers.0 as usize..watchers.1 as usize] {
            let entry = &mut self.agents[watcher.agent as usize];
            entry.changed |= watcher.pin;
            if !entry.is_woken {
                entry.is_woken = true;
                self.woken.push(watcher.agent);
            }
        }
    }

    /// The drivers of an open-drain node changed: its voltage turns around.
    fn retarget(&mut self, node: u32) {
        let strong = |bit| {
            let wanted = Resolution::from(Drive::Strong(bit));
            self.wires.drives(node).filter(|d| *d == wanted).count() as u32
        };
        let (low, high) = (strong(false), strong(true));
        if let Some(voltage) = &mut self.voltages[node as usize] {
            voltage.retarget(self.now, low, high);
        }
        self.follow_voltage(node);
    }

    /// A threshold may have been reached.
    fn cross(&mut self, node: u32) {
        if let Some(voltage) = &mut self.voltages[node as usize]
            && let Some((at, to)) = voltage.next_crossing(self.now)
            && at <= self.now
        {
            voltage.cross(to);
            self.follow_voltage(node);
        }
    }

    /// Takes the level over from the voltage, and notes when it will change next. Notes of crossings that never come
    /// to pass are found out when they are due.
    fn follow_voltage(&mut self, node: u32) {
        let Some(voltage) = &self.voltages[node as usize] else { return };
        let level = self.wires.forced(node).unwrap_or(voltage.level());
        if let Some((at, _)) = voltage.next_crossing(self.now) {
            self.queue.push(Reverse((at, Token::Crossing(node))));
        }
        if self.wires.set(node, level) == Applied::State {
            self.notify(self.wire_info[node as usize].watchers);
        }
    }

    /// The voltage of an open-drain net at its first pin, as a fraction of the supply; `None` for other nets.
    pub fn voltage(&self, net: NetId) -> Option<f64> {
        let entry = self.nets.get(net.0 as usize)?;
        let voltage = self.voltages.get(entry.first_node as usize)?.as_ref()?;
        matches!(entry.net.kind, NetKind::OpenDrain(_)).then(|| voltage.at(self.now))
    }

    /// Hands the settled values of the present instant to the observer.
    #[inline]
    fn settle(&mut self, observer: &mut impl Observer) {
        if self.wires.is_settled() && self.groups.is_settled() {
            return;
        }
        self.changes.clear();
        let now = self.now;
        let (changes, troubles) = (&mut self.changes, &mut self.troubles);
        self.wires.settle(|s| settle_node(now, &s, &mut self.wire_info[s.node as usize], changes, troubles));
        self.groups
            .settle(|s| settle_node(now, &s, &mut self.group_info[s.node as usize], changes, troubles));
        if !self.changes.is_empty() {
            self.changes.sort_unstable_by_key(|c| c.signal);
            observer.instant(now, &self.changes);
        }
    }

    fn delta_loop(&mut self) -> SimError {
        let mut nets = Vec::new();
        self.wires.settle(|s| nets.push(self.wire_info[s.node as usize].name.clone()));
        self.groups.settle(|s| nets.push(self.group_info[s.node as usize].name.clone()));
        nets.sort();
        SimError::DeltaLoop { at: self.now, nets }
    }
}

/// Notes what the settled node shows and what went wrong on it.
#[inline]
fn settle_node<R: Resolve>(
    now: Time,
    settled: &Settled<R>,
    info: &mut NodeInfo,
    changes: &mut Vec<Change>,
    troubles: &mut Vec<NetTrouble>,
) {
    if settled.before == Some(settled.now) {
        if settled.flipped {
            note(troubles, TroubleKind::ZeroWidthPulse, &info.name, now, now);
        }
    } else {
        changes.push(Change { signal: info.signal, value: R::value(settled.now).masked(info.width) });
    }
    match (settled.contends, info.contention) {
        (true, None) => info.contention = note(troubles, TroubleKind::Contention, &info.name, now, Time::MAX),
        (false, Some(i)) => {
            troubles[i].to = now;
            info.contention = None;
        }
        _ => {}
    }
}

fn note(troubles: &mut Vec<NetTrouble>, kind: TroubleKind, net: &str, from: Time, to: Time) -> Option<usize> {
    if troubles.len() == MAX_TROUBLES {
        return None;
    }
    troubles.push(NetTrouble { kind, net: net.into(), from, to });
    Some(troubles.len() - 1)
}

/// An agent's stream of random numbers: seeded from the run's seed and the agent's name, and from nothing else.
fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    // FNV-1a spreads the name over 64 bits; the generator does the rest.
    let hash =
        name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ b as u64).wrapping_mul(0x0100_0000_01b3));
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&hash.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

mod build;

#[cfg(test)]
mod tests;
