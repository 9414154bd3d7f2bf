//! The controller of a channel.
//!
//! Each clock the front end may hand over one request; then at most one command is issued:
//!
//! 1. for a request whose row has been opened for it and not used yet (the active ones);
//! 2. else, while a refresh is due, REF once all banks are closed, or PREA once nothing is active;
//! 3. else for a request of the read or the write queue: writes are served from when their queue is four fifths full or
//!    there is no read, until it is below a fifth and there is one.
//!
//! Among the requests of a queue whose next command may be issued now, the scheduler chooses; a row with an active request
//! is not closed.

mod channel;
mod queue;
mod timing;

use std::sync::Arc;

use busproof_core::bus::ddr::Command;
use busproof_core::bus::ddr::rules::{T_BURST, T_REFI, T_RFC, T_RL};
use busproof_core::timing::Param;
use busproof_parts::memory::Memory;

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
    /// The greatest number of waiting reads: 1 to 64.
    pub read_queue: u32,
    /// The greatest number of waiting writes: 1 to 64.
    pub write_queue: u32,
    /// The front end offers a request each so many clocks; at least 1.
    pub request_every: u64,
    /// How time advances.
    pub stepping: Stepping,
    /// Account for what requests wait for.
    pub blame: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            address_map: AddressMap::DEFAULT.to_owned(),
            read_queue: 32,
            write_queue: 32,
            request_every: 1,
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
}

impl Controller {
    /// A controller for a memory.
    pub fn new(memory: &Arc<Memory>, options: &Options) -> Result<Controller, SetupError> {
        check(memory, options)?;
        let map = AddressMap::parse(&options.address_map, memory.geometry(), 1)?;
        let burst = clocks(memory, T_BURST, "tBURST")?;
        let times = Times {
            read: memory.standard().lead(Command::Rd) + clocks(memory, T_RL, "tRL")? + burst,
            refi: clocks(memory, T_REFI, "tREFI")?,
            rfc: clocks(memory, T_RFC, "tRFC")?,
        };
        Ok(Controller { memory: memory.clone(), options: options.clone(), map, times })
    }

    /// Serves the requests, in order, until the last is accepted.
    pub fn run(&self, requests: impl IntoIterator<Item = Request>) -> Stats {
        self.run_observed(requests, &mut Nobody)
    }

    /// Serves the requests, and hands over each command as it is issued.
    pub fn run_with(&self, requests: impl IntoIterator<Item = Request>, issued: impl FnMut(Issued)) -> Stats {
        self.run_observed(requests, &mut Commands(issued))
    }

    /// Serves the requests while somebody watches.
    pub fn run_observed(
        &self,
        requests: impl IntoIterator<Item = Request>,
        observer: &mut impl Observer,
    ) -> Stats {
        Channel::new(self).run(requests.into_iter(), observer)
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

fn clocks(memory: &Memory, param: Param, name: &'static str) -> Result<u64, SetupError> {
    let missing = || SetupError::Missing { part: memory.name().to_owned(), param: name };
    memory.clocks(param).filter(|&clocks| clocks > 0).ok_or_else(missing)
}

fn check(memory: &Memory, options: &Options) -> Result<(), SetupError> {
    let banks = memory.geometry().all_banks();
    if banks > 64 {
        return Err(SetupError::Banks { part: memory.name().to_owned(), banks });
    }
    for (what, value, greatest) in [
        ("the read queue", options.read_queue as u64, POSITIONS as u64),
        ("the write queue", options.write_queue as u64, POSITIONS as u64),
        ("the pace of the front end in clocks", options.request_every, 1 << 32),
    ] {
        if !(1..=greatest).contains(&value) {
            return Err(SetupError::Range { what, value, least: 1, greatest });
        }
    }
    Ok(())
}
