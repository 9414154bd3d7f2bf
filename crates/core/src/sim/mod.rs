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

#![expect(
    clippy::inline_always,
    reason = "measured: calls between small functions on the way of every edge cost a tenth of a run"
)]

mod agent;
mod analog;
mod clock;
mod drains;
mod exchange;
mod fabric;
mod kernel;
mod oscillator;
mod relay;
mod shift;

use std::any::Any;
use std::marker::PhantomData;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

pub use agent::{Agent, AgentId, Cx};
pub use clock::{Clock, ClockError, ClockSpec, Jitter};
pub use oscillator::Oscillator;
pub(crate) use relay::{Lead, Part, Passed};
pub(crate) use shift::{Shift, ShiftPins};

use crate::level::Level;
use crate::log::{ChangeLog, Observer, SignalId, Source};
use crate::net::{Attach, Net, NetId, NetKind};
use crate::time::{Span, Time};
use agent::{Cause, PinRef, Place, Seat};
use kernel::{Core, NodeInfo, WakeList, Woken};

pub(crate) use analog::Circuit;
pub use analog::{HIGH, LOW, Stretch};

/// How many deltas an instant may take before it is called a loop.
pub const MAX_DELTAS: u32 = 1_000;

/// How many pins an agent may have.
const MAX_PINS: usize = 64;

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
    /// An open-drain net is driven high by a strong driver: nobody else can pull it low any more.
    DrivenHigh,
}

/// Nets, agents and a seed.
///
/// Deterministic: the same nets, agents and seed give the same log, on any machine.
pub struct Bench {
    seed: u64,
    nets: Vec<NetEntry>,
    built: bool,
    agents: Vec<AgentEntry>,
    seats: Vec<Seat>,
    /// The nets that switches join.
    switches: Vec<[NetId; 2]>,
    /// Agents that were given work and are woken at the present instant.
    poked: Vec<u32>,
    /// Somebody is poked, or the agents have not been woken for the first time.
    expectant: bool,
    started: bool,
    /// The agents that are woken in the present delta, and have not been yet.
    rousing: WakeList,
    core: Core,
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
    holds: u64,
}

impl Bench {
    /// An empty bench; `seed` decides everything that is random in it.
    pub fn new(seed: u64) -> Bench {
        Bench {
            seed,
            nets: Vec::new(),
            built: false,
            agents: Vec::new(),
            seats: Vec::new(),
            switches: Vec::new(),
            poked: Vec::new(),
            expectant: true,
            started: false,
            rousing: WakeList::default(),
            core: Core::new(),
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
        assert!(pins.len() <= MAX_PINS, "an agent has at most {MAX_PINS} pins");
        for attach in pins.iter().flatten() {
            let positions = &mut self.nets[attach.net.0 as usize].positions;
            if let Err(i) = positions.binary_search(&attach.position) {
                positions.insert(i, attach.position);
            }
        }
        let (watches, holds) = (agent.watches(), agent.holds());
        self.agents.push(AgentEntry { name: name.into(), attached: pins.to_vec(), watches, holds });
        let id = self.agents.len() as u32 - 1;
        let place = Place::new(id, stream(self.seed, name), pins.len());
        self.seats.push(Seat { agent: Box::new(agent), place });
        AgentId { index: id, of: PhantomData }
    }

    /// The agent.
    pub fn agent<A: Agent>(&self, id: AgentId<A>) -> &A {
        let agent: &dyn Any = &*self.seats[id.index as usize].agent;
        agent.downcast_ref().expect("the number was handed out for this type")
    }

    /// The agent, to be given work. It is woken at the present instant, whose settled values observers have not seen yet.
    pub fn agent_mut<A: Agent>(&mut self, id: AgentId<A>) -> &mut A {
        if !self.poked.contains(&id.index) {
            self.poked.push(id.index);
        }
        self.expectant = true;
        let agent: &mut dyn Any = &mut *self.seats[id.index as usize].agent;
        agent.downcast_mut().expect("the number was handed out for this type")
    }

    /// The present instant.
    pub fn now(&self) -> Time {
        self.core.now
    }

    /// Joins two open-drain nets while `control`, a wire, is High: the pass transistor of a bus multiplexer. Closed, it
    /// makes one net of both, with the pull-ups, the capacitance and the drivers of both; its own resistance is neglected,
    /// and both have the same supply. Open, each goes on from the voltage it has.
    ///
    /// A fault that holds one of the nets is not seen on the other.
    ///
    /// # Panics
    /// After the bench has run, if one of the nets to be joined is not open-drain, and in the first run, if pins sit at
    /// different positions along one of them.
    pub fn add_switch(&mut self, control: NetId, ends: [NetId; 2]) {
        let is_open_drain = |net: NetId| matches!(self.nets[net.0 as usize].net.kind, NetKind::OpenDrain(_));
        assert!(ends.into_iter().all(is_open_drain), "a switch joins open-drain nets");
        let id = self.switches.len() as u32;
        self.switches.push(ends);
        let name = format!("switch {id}");
        self.add_agent(&name, Switch(id), &[Some(Attach::to(control))]);
    }

    /// Holds every pin of a wire at `level` from `from` until `to`: a stuck line, or a glitch if it is short.
    ///
    /// # Panics
    /// For a group.
    pub fn force(&mut self, net: NetId, level: Level, from: Time, to: Time) {
        self.build();
        let entry = &self.nets[net.0 as usize];
        assert!(!matches!(entry.net.kind, NetKind::Group(_)), "a fault holds a wire, not a group");
        for node in entry.first_node..entry.first_node + entry.positions.len() as u32 {
            self.core.force(node, level, from, to);
        }
    }

    /// What went wrong on the nets so far.
    pub fn troubles(&self) -> &[NetTrouble] {
        self.core.troubles()
    }

    /// The signals of this bench's observers: name and width, in order of their numbers.
    pub fn signals(&mut self) -> Vec<(String, u32)> {
        self.build();
        let mut all: Vec<&NodeInfo> = self.core.infos().collect();
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
        match *self.seats[agent.index as usize].place.pins.refs.get(pin.index())? {
            PinRef::Open => None,
            PinRef::Wire { node, .. } | PinRef::FarWire { node, .. } => {
                Some(self.core.wire_info[node as usize].signal)
            }
            PinRef::Group { node, .. } | PinRef::FarGroup { node, .. } => {
                Some(self.core.group_info[node as usize].signal)
            }
        }
    }

    /// The voltage of an open-drain net at its first pin, as a fraction of the supply; `None` for other nets.
    pub fn voltage(&self, net: NetId) -> Option<f64> {
        let entry = self.nets.get(net.0 as usize)?;
        matches!(entry.net.kind, NetKind::OpenDrain(_)).then(|| self.core.voltage(entry.first_node))?
    }

    /// From now on the voltages of all open-drain nets are kept, for [`Bench::stretches`].
    pub fn trace_voltages(&mut self) {
        self.build();
        self.core.drains.trace();
    }

    /// The voltage of an open-drain net at its first pin since [`Bench::trace_voltages`]; empty for other nets.
    pub fn stretches(&self, net: NetId) -> &[Stretch] {
        self.nets.get(net.0 as usize).map_or(&[], |entry| self.core.drains.trail(entry.first_node))
    }

    /// Runs until `limit` has passed, an agent asks to stop, or nothing is left to happen.
    ///
    /// The settled values of the last instant are handed to the observer when time moves on, or by [`Bench::finish`].
    pub fn run_until<O: Observer>(&mut self, limit: Time, observer: &mut O) -> Result<Stop, SimError> {
        self.build();
        self.core.watch::<O>();
        let mut next = if self.expectant { self.core.now } else { self.next_time() };
        while next <= limit && next < Time::MAX {
            if !(self.exchange(next, limit, observer) || self.relay(next, limit, observer)) {
                self.first_delta(next, observer);
            }
            if self.more_deltas() {
                return Err(self.core.delta_loop());
            }
            if self.core.stop {
                self.core.stop = false;
                return Ok(Stop::Requested);
            }
            next = self.next_time();
        }
        if limit > self.core.now && limit < Time::MAX {
            self.core.move_to(limit, observer);
        }
        Ok(if next == Time::MAX { Stop::Quiet } else { Stop::Limit })
    }

    /// Hands the last instant and the end of the waveform to the observer.
    pub fn finish(&mut self, observer: &mut impl Observer) {
        self.build();
        self.core.settle(observer);
        observer.finish(self.core.now);
    }

    /// When something will happen next; [`Time::MAX`] for never.
    #[inline(always)]
    fn next_time(&self) -> Time {
        self.seats.iter().fold(self.core.next_due(), |next, seat| next.min(seat.place.alarm))
    }

    /// The first delta of the instant `t`, which is the present one or lies ahead.
    #[inline(always)]
    fn first_delta(&mut self, t: Time, observer: &mut impl Observer) {
        if t > self.core.now {
            self.core.move_to(t, observer);
        }
        if self.core.next_due() <= self.core.now {
            self.core.apply_due();
        }
        self.core.begin_delta();
        if self.expectant || !self.core.woken.is_empty() {
            self.wake_for_any_cause();
        } else {
            self.wake_due();
        }
    }

    /// All further deltas of the present instant. True if they do not end.
    #[inline(always)]
    fn more_deltas(&mut self) -> bool {
        let mut deltas = 0;
        while !self.core.woken.is_empty() {
            if deltas == MAX_DELTAS {
                return true;
            }
            deltas += 1;
            self.core.begin_delta();
            self.wake_changed();
        }
        false
    }

    /// Wakes the agents whose alarm is due, each with its pins that changed.
    #[inline(always)]
    fn wake_due(&mut self) {
        for (seat, id) in self.seats.iter_mut().zip(0..) {
            if seat.place.alarm <= self.core.now {
                seat.ring(&mut self.core, self.rousing.take_changed(id));
            }
        }
    }

    /// Wakes the agents one of whose pins changed in the delta before.
    #[inline(always)]
    fn wake_changed(&mut self) {
        if let Some(Woken { agent, changed }) = self.core.woken.take_only() {
            self.seats[agent as usize].notice(&mut self.core, changed);
        } else {
            self.wake_several();
        }
    }

    #[inline(never)]
    fn wake_several(&mut self) {
        std::mem::swap(&mut self.rousing, &mut self.core.woken);
        self.wake_rest();
    }

    /// Wakes all that have not been woken in this delta.
    #[inline(always)]
    fn wake_rest(&mut self) {
        while let Some(Woken { agent, changed }) = self.rousing.take() {
            self.seats[agent as usize].notice(&mut self.core, changed);
        }
    }

    /// The first delta of an instant in which not only alarms wake agents: those given work first, those whose alarm is
    /// due next, then those of whom only pins changed.
    #[inline(never)]
    fn wake_for_any_cause(&mut self) {
        std::mem::swap(&mut self.rousing, &mut self.core.woken);
        if self.expectant {
            self.wake_expectant();
        }
        self.wake_due();
        self.wake_rest();
    }

    /// Wakes the agents that were given work, and every agent at the start.
    #[cold]
    fn wake_expectant(&mut self) {
        self.expectant = false;
        let cause = if self.started { Cause::Change } else { Cause::Start };
        let poked = std::mem::take(&mut self.poked);
        for &id in poked.iter().rev() {
            self.wake(id, cause);
        }
        if !std::mem::replace(&mut self.started, true) {
            for id in (0..self.seats.len() as u32).filter(|id| !poked.contains(id)) {
                self.wake(id, cause);
            }
        }
    }

    fn wake(&mut self, id: u32, cause: Cause) {
        let changed = self.rousing.take_changed(id);
        let seat = &mut self.seats[id as usize];
        if cause == Cause::Start {
            seat.place.alarm = Time::MAX;
        }
        seat.wake(&mut self.core, changed, cause);
    }
}

/// The agent that operates a switch: closed while its one pin is High.
struct Switch(u32);

impl Agent for Switch {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        let is_closed = cx.level(SignalId(0)).is_high();
        cx.operate_switch(self.0, is_closed);
    }
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
