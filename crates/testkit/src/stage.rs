//! A bench with the nets of a bus.

use busproof_core::bus::{BusInfo, Role};
use busproof_core::sim::{Agent, AgentId, Bench, SimError, Stop};
use busproof_core::{Attach, ChangeLog, Net, NetId, SignalId, Span, Time};

use crate::faults::Held;
use crate::recording::Recording;

/// A bench with one net for each role of a bus, named after it, and a log of the run.
///
/// Agents sit on the bus's pins, as the bus numbers them. Call the agent that controls the bus `host`: rules about its
/// end of the wires are then judged there (see [`busproof_core::mapping::find_taps`]).
///
/// See the [crate's example](crate).
pub struct Stage {
    bus: &'static BusInfo,
    bench: Bench,
    /// The net of each pin.
    nets: Vec<Option<NetId>>,
    log: Option<ChangeLog>,
}

impl Stage {
    /// A stage with a push-pull wire for each of `roles`; `seed` decides everything that is random in the run.
    ///
    /// # Panics
    /// If the bus has no such role.
    pub fn new(bus: &'static BusInfo, roles: &[&str], seed: u64) -> Stage {
        Stage::with_nets(bus, roles.iter().map(|role| (*role, Net::wire(*role))), seed)
    }

    /// A stage with a net of your own for each role: pulled, or open-drain.
    ///
    /// ```
    /// use busproof_core::bus::spi;
    /// use busproof_core::{Level, Net};
    /// use busproof_testkit::Stage;
    ///
    /// let miso = Net::wire("miso").pulled(Level::High);
    /// let stage = Stage::with_nets(&spi::INFO, [("sck", Net::wire("sck")), ("miso", miso)], 1);
    /// assert!(stage.net("miso").is_some() && stage.net("mosi").is_none());
    /// ```
    ///
    /// # Panics
    /// If the bus has no such role.
    pub fn with_nets<'a>(
        bus: &'static BusInfo,
        nets: impl IntoIterator<Item = (&'a str, Net)>,
        seed: u64,
    ) -> Stage {
        let pins = bus.roles.iter().map(|role| role.pin.index() + 1).max().unwrap_or(0);
        let mut stage = Stage { bus, bench: Bench::new(seed), nets: vec![None; pins], log: None };
        for (role, net) in nets {
            let pin = role_of(bus, role).pin;
            stage.nets[pin.index()] = Some(stage.bench.add_net(net));
        }
        stage
    }

    /// Adds an agent whose pins are those of the bus, all of them `position` along the wires.
    pub fn add<A: Agent>(&mut self, name: &str, agent: A, position: Span) -> AgentId<A> {
        let pins: Vec<Option<Attach>> =
            self.nets.iter().map(|net| net.map(|net| Attach::at(net, position))).collect();
        self.bench.add_agent(name, agent, &pins)
    }

    /// Adds an agent whose pin `i` is on the wire of the bus's role `roles[i]`, at its beginning: the far end of a link, whose
    /// output is the near end's input. `None`, and a role that is not connected, leave a pin open.
    ///
    /// ```
    /// use busproof_core::bus::uart::{INFO, Options, Receiver, ReceiverOptions};
    /// use busproof_testkit::Stage;
    ///
    /// let mut stage = Stage::new(&INFO, &["tx", "rx"], 1);
    /// let receiver = Receiver::new(ReceiverOptions::new(Options::default().crossed()))?;
    /// stage.add_on("far", receiver, &[Some("rx"), Some("tx")]);
    /// # Ok::<(), busproof_core::bus::uart::BaudError>(())
    /// ```
    ///
    /// # Panics
    /// If the bus has no such role.
    pub fn add_on<A: Agent>(&mut self, name: &str, agent: A, roles: &[Option<&str>]) -> AgentId<A> {
        let pins: Vec<Option<Attach>> =
            roles.iter().map(|role| role.and_then(|role| self.net(role)).map(Attach::to)).collect();
        self.bench.add_agent(name, agent, &pins)
    }

    /// The net of a role, if it is connected.
    ///
    /// # Panics
    /// If the bus has no such role.
    pub fn net(&self, role: &str) -> Option<NetId> {
        self.nets[role_of(self.bus, role).pin.index()]
    }

    /// The bench: to give agents work, and to take their results.
    pub fn bench_mut(&mut self) -> &mut Bench {
        &mut self.bench
    }

    /// Lets a fault hold a wire; one on a role that is not connected does nothing.
    ///
    /// # Panics
    /// If the bus has no such role.
    pub fn hold(&mut self, held: &Held) {
        if let Some(net) = self.net(held.role) {
            self.bench.force(net, held.level, held.from, held.to);
        }
    }

    /// Runs for `span`, or until an agent asks to stop or nothing is left to happen.
    pub fn run_for(&mut self, span: Span) -> Result<Stop, SimError> {
        let log = self.log.get_or_insert_with(|| self.bench.new_log());
        let limit = self.bench.now().saturating_add(span);
        self.bench.run_until(limit, log)
    }

    /// Ends the run after whatever is under way has had another microsecond to arrive.
    ///
    /// # Panics
    /// If agents change each other's inputs without end.
    pub fn finish(mut self) -> Recording {
        let until = self.bench.now().saturating_add(Span::from_us(1));
        while self.bench.now() < until {
            let rest = until.since(self.bench.now());
            match self.run_for(rest) {
                Ok(Stop::Requested) => {}
                Ok(Stop::Limit | Stop::Quiet) => break,
                Err(error) => panic!("the run cannot end: {error}"),
            }
        }
        let mut log = self.log.take().unwrap_or_else(|| self.bench.new_log());
        self.bench.finish(&mut log);
        Recording::new(self.bus, log).with_troubles(self.bench.troubles())
    }
}

/// The pin of a role.
fn role_of(bus: &'static BusInfo, name: &str) -> &'static Role {
    let names = || bus.roles.iter().map(|role| role.name).collect::<Vec<_>>().join(", ");
    let found = bus.roles.iter().find(|role| role.name == name);
    found.unwrap_or_else(|| panic!("bus {} has no role `{name}`; it has {}", bus.name, names()))
}

/// The name of the role that uses a pin.
pub(crate) fn role_name(bus: &BusInfo, pin: SignalId) -> &'static str {
    bus.roles.iter().find(|role| role.pin == pin).map_or("?", |role| role.name)
}

/// The start of a run: what a fault that lasts for all of it begins with.
pub(crate) const START: Time = Time::ZERO;
