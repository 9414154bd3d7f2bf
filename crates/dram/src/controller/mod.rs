//! The controller of a channel.
//!
//! Each clock the front end may hand over one request; then at most one command is issued, the first of these that may be:
//!
//! 1. the read or write of a request whose row has been opened for it and not used yet (the active ones);
//! 2. a rank leaves power-down, for a request or a refresh;
//! 3. a refresh that may not be postponed: once its banks are closed, or PREA (PRE for single banks) once none of them has an active
//!    request; meanwhile no request sends commands to these banks;
//! 4. the next command of a request of the read or the write queue: writes are served from when their queue is filled above
//!    the high watermark or there is no read, until it is below the low one and there is one;
//! 5. what nobody waits for: refreshes of idle banks, owed or in advance, rows not used for long, power-down.
//!
//! Among the requests of a queue whose next command may be issued now, the [`Scheduler`] chooses; a row with an active request
//! is not closed.

mod channel;
mod front;
mod pages;
mod plan;
mod policy;
mod power;
mod queue;
mod refresh;
mod timing;

pub use policy::{PagePolicy, Refresh, RefreshReach, Scheduler, WriteDrain};

use std::sync::Arc;

use busproof_core::bus::ddr::Command;
use busproof_core::bus::ddr::rules::{T_BURST, T_REFI, T_RFC, T_RFC_PB, T_RFC_SB, T_RL};
use busproof_core::timing::{EventKind, Kind, Param};
use busproof_parts::memory::Memory;
use rayon::prelude::*;

use crate::blame::Served;
use crate::map::{AddressMap, MapError};
use crate::request::Request;
use crate::stats::Stats;
use channel::Channel;
use queue::POSITIONS;

/// How time advances. Both ways issue the same commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stepping {
    /// To the next instant at which anything can happen.
    #[default]
    Jump,
    /// Clock by clock, asking every request anew.
    EveryClock,
}

/// How a controller works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which bits of an address mean what: [`AddressMap`].
    pub address_map: String,
    /// How many channels there are, a power of two up to 128. Each has a front end of its own, which offers the requests of that channel
    /// in order.
    pub channels: u32,
    /// The greatest number of waiting reads: 1 to 64.
    pub read_queue: u32,
    /// The greatest number of waiting writes: 1 to 64.
    pub write_queue: u32,
    /// The front end offers a request each so many clocks; at least 1.
    pub request_every: u64,
    /// Which of the waiting requests is served next.
    pub scheduler: Scheduler,
    /// When a row that nothing waits for is closed.
    pub page: PagePolicy,
    /// When ranks are refreshed.
    pub refresh: Refresh,
    /// When writes are served.
    pub drain: WriteDrain,
    /// The clocks without a command after which a rank that nothing waits for enters power-down; `None` if it never does.
    pub power_down: Option<u64>,
    /// How time advances.
    pub stepping: Stepping,
    /// Account for what requests wait for.
    pub blame: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            address_map: AddressMap::DEFAULT.to_owned(),
            channels: 1,
            read_queue: 32,
            write_queue: 32,
            request_every: 1,
            scheduler: Scheduler::default(),
            page: PagePolicy::default(),
            refresh: Refresh::default(),
            drain: WriteDrain::default(),
            power_down: None,
            stepping: Stepping::Jump,
            blame: false,
        }
    }
}

/// A command that a controller issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issued {
    /// When.
    pub clock: u64,
    /// What.
    pub command: Command,
    /// The channel.
    pub channel: u8,
    /// The rank.
    pub rank: u8,
    /// The bank group within the rank; 0 for a command to the whole rank.
    pub bank_group: u8,
    /// The bank within the group; 0 for a command to the whole rank.
    pub bank: u8,
    /// The row that ACT opens or a read or write uses; 0 for other commands.
    pub row: u32,
    /// The first column of a read or write, else 0.
    pub column: u32,
}

/// Why a controller cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The address map does not fit.
    #[error(transparent)]
    Map(#[from] MapError),
    /// A parameter is missing in the part file.
    #[error("part `{part}` states no `{param}`, which a controller needs")]
    Missing {
        /// The part.
        part: String,
        /// The parameter.
        param: &'static str,
    },
    /// More banks than a mask has bits.
    #[error("part `{part}` has {banks} banks on a channel; this controller handles at most 64")]
    Banks {
        /// The part.
        part: String,
        /// Its banks.
        banks: u32,
    },
    /// A number of channels that no bits of an address choose among.
    #[error("{0} channels are no power of two, by which bits of an address could choose")]
    Channels(u32),
    /// A refresh that the standard does not have.
    #[error("part `{part}` is {standard} memory, which has no {command}; refresh all banks instead")]
    Command {
        /// The part.
        part: String,
        /// The command.
        command: Command,
        /// The standard.
        standard: &'static str,
    },
    /// A number out of range.
    #[error("{what} is {value}; it must be {least} to {greatest}")]
    Range {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: u64,
        /// The least that will do.
        least: u64,
        /// The greatest that will do.
        greatest: u64,
    },
}

/// A controller before its run.
#[derive(Clone, Debug)]
pub struct Controller {
    memory: Arc<Memory>,
    options: Options,
    map: AddressMap,
    times: Times,
}

/// The delays that a controller itself reckons with, in clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// From RD to the end of its data.
    pub(crate) read: u64,
    /// From refresh to refresh.
    pub(crate) refi: u64,
    /// How long a refresh lasts.
    pub(crate) rfc: u64,
    /// The refresh commands that a rank needs in `refi`.
    pub(crate) parts: u64,
}

/// How a standard counts refreshes.
#[derive(Clone, Copy, Debug, Default)]
struct Budget {
    pays: &'static [(EventKind, u32)],
    parts: u32,
    behind: u32,
    ahead: u32,
}

impl Budget {
    fn of(memory: &Memory) -> Budget {
        let budget = memory.standard().rules().iter().find_map(|rule| match rule.kind {
            Kind::Budget { pays, parts, behind, ahead, .. } => Some(Budget { pays, parts, behind, ahead }),
            _ => None,
        });
        budget.unwrap_or_default()
    }

    /// How many of the command make a whole refresh.
    fn parts(&self, command: Command) -> u64 {
        let paid = self.pays.iter().find(|(kind, _)| *kind == command.kind());
        paid.map_or(1, |&(_, part)| u64::from(self.parts / part.max(1)).max(1))
    }

    /// How many refreshes may be postponed and pulled in together: one may be postponed less than the standard allows, since it
    /// must be over before its deadline. A bank that was refreshed in advance is refreshed again when as many more are
    /// postponed as may be, and all its rows have been open no longer.
    fn movable(&self, memory: &Memory, reach: RefreshReach) -> u64 {
        let geometry = memory.geometry();
        let turns = match reach {
            RefreshReach::AllBanks => 1,
            RefreshReach::PerBank => geometry.banks * geometry.bank_groups,
            RefreshReach::SameBank => geometry.banks,
        };
        let periods = u64::from(turns).div_ceil(self.parts(reach.command()));
        u64::from(self.behind).saturating_sub(periods)
    }
}

impl Controller {
    /// A controller for a memory.
    pub fn new(memory: &Arc<Memory>, options: &Options) -> Result<Controller, SetupError> {
        check(memory, options)?;
        let map = AddressMap::parse(&options.address_map, memory.geometry(), options.channels)?;
        let burst = clocks(memory, T_BURST, "tBURST")?;
        let (param, name) = match options.refresh.reach {
            RefreshReach::AllBanks => (T_RFC, "tRFC"),
            RefreshReach::PerBank => (T_RFC_PB, "tRFCpb"),
            RefreshReach::SameBank => (T_RFC_SB, "tRFCsb"),
        };
        let times = Times {
            read: memory.standard().lead(Command::Rd) + clocks(memory, T_RL, "tRL")? + burst,
            refi: clocks(memory, T_REFI, "tREFI")?,
            rfc: clocks(memory, param, name)?,
            parts: Budget::of(memory).parts(options.refresh.reach.command()),
        };
        Ok(Controller { memory: memory.clone(), options: options.clone(), map, times })
    }

    /// Serves the requests, in order, until the last is accepted; channels together.
    pub fn run(&self, requests: impl IntoIterator<Item = Request>) -> Stats {
        if self.options.channels == 1 {
            return Channel::new(self, 0).run(requests.into_iter(), &mut Nobody);
        }
        let requests: Vec<Request> = requests.into_iter().collect();
        merged(&self.run_channels(&requests))
    }

    /// Serves the requests of each channel, as many channels at a time as there are threads; the figures by channel.
    pub fn run_channels(&self, requests: &[Request]) -> Vec<Stats> {
        self.run_channels_observed(requests, |_| Nobody).into_iter().map(|(stats, _)| stats).collect()
    }

    /// The same, each channel with an observer of its own, which is handed back.
    pub fn run_channels_observed<O: Observer + Send>(
        &self,
        requests: &[Request],
        observer: impl Fn(u32) -> O + Sync,
    ) -> Vec<(Stats, O)> {
        let run = |number| {
            let mut observer = observer(number);
            (Channel::new(self, number).run(self.of_channel(requests, number), &mut observer), observer)
        };
        (0..self.options.channels).into_par_iter().map(run).collect()
    }

    /// The requests of a channel.
    fn of_channel<'a>(&'a self, requests: &'a [Request], number: u32) -> impl Iterator<Item = Request> + 'a {
        let is_its = move |request: &Request| self.map.channel(request.address) == number;
        requests.iter().copied().filter(is_its)
    }

    /// Serves the requests, and hands over each command as it is issued; of several channels, one after the other.
    pub fn run_with(&self, requests: impl IntoIterator<Item = Request>, issued: impl FnMut(Issued)) -> Stats {
        self.run_observed(requests, &mut Commands(issued))
    }

    /// Serves the requests while somebody watches; of several channels, one after the other.
    pub fn run_observed(
        &self,
        requests: impl IntoIterator<Item = Request>,
        observer: &mut impl Observer,
    ) -> Stats {
        if self.options.channels == 1 {
            return Channel::new(self, 0).run(requests.into_iter(), observer);
        }
        let requests: Vec<Request> = requests.into_iter().collect();
        let run = |number| Channel::new(self, number).run(self.of_channel(&requests, number), observer);
        merged(&(0..self.options.channels).map(run).collect::<Vec<Stats>>())
    }

    /// Which bits of an address mean what.
    pub fn map(&self) -> &AddressMap {
        &self.map
    }
}

/// Watches a controller at work. Every method does nothing unless overridden.
pub trait Observer {
    /// A command is issued.
    fn command(&mut self, issued: Issued) {
        let _ = issued;
    }

    /// A request is served; told only with [`Options::blame`]. A read is told when it is issued, with the time at which its
    /// data will end.
    fn served(&mut self, request: Served<'_>) {
        let _ = request;
    }
}

struct Nobody;

impl Observer for Nobody {}

/// Takes commands only.
struct Commands<F>(F);

impl<F: FnMut(Issued)> Observer for Commands<F> {
    fn command(&mut self, issued: Issued) {
        (self.0)(issued);
    }
}

/// The figures of channels together.
fn merged(channels: &[Stats]) -> Stats {
    let mut all = Stats::default();
    for stats in channels {
        all.merge(stats);
    }
    all
}

fn clocks(memory: &Memory, param: Param, name: &'static str) -> Result<u64, SetupError> {
    let missing = || SetupError::Missing { part: memory.name().to_owned(), param: name };
    memory.clocks(param).filter(|&clocks| clocks > 0).ok_or_else(missing)
}

fn check(memory: &Memory, options: &Options) -> Result<(), SetupError> {
    let banks = memory.geometry().all_banks();
    if banks > 64 {
        return Err(SetupError::Banks { part: memory.name().to_owned(), banks });
    }
    if !options.channels.is_power_of_two() {
        return Err(SetupError::Channels(options.channels));
    }
    let (standard, refresh, drain) = (memory.standard(), options.refresh, options.drain);
    if !standard.has(refresh.reach.command()) {
        let (part, command) = (memory.name().to_owned(), refresh.reach.command());
        return Err(SetupError::Command { part, command, standard: standard.name() });
    }
    let (budget, moved) = (Budget::of(memory), u64::from(refresh.postpone) + u64::from(refresh.pull_in));
    for (what, value, least, greatest) in [
        ("the number of channels", options.channels as u64, 1, 128),
        ("the read queue", options.read_queue as u64, 1, POSITIONS as u64),
        ("the write queue", options.write_queue as u64, 1, POSITIONS as u64),
        ("the pace of the front end in clocks", options.request_every, 1, 1 << 32),
        ("the cap of row hits", options.scheduler.cap() as u64, 1, u32::MAX as u64),
        ("the time-out of pages in clocks", options.page.clocks(), 1, 1 << 32),
        ("the idle time before power-down in clocks", options.power_down.unwrap_or(1), 1, 1 << 32),
        ("the number of refreshes pulled in", refresh.pull_in as u64, 0, budget.ahead as u64),
        ("the number of refreshes postponed and pulled in", moved, 0, budget.movable(memory, refresh.reach)),
        ("the high watermark of writes in percent", drain.high as u64, 1, 100),
        ("the low watermark of writes in percent", drain.low as u64, 1, drain.high as u64),
    ] {
        if !(least..=greatest).contains(&value) {
            return Err(SetupError::Range { what, value, least, greatest });
        }
    }
    Ok(())
}
