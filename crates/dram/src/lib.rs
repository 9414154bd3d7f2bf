//! DDR memory beyond its commands: a controller that turns a trace of requests into a stream of commands, and a judge of such
//! streams.
//!
//! ```text
//!  trace ──► AddressMap ──► Controller: queues, scheduler, refresh ──► commands
//!                               │
//!                               └──► Stats: cycles, commands, row hits, latency
//! ```
//! Time advances by jumping to the next instant at which anything can happen; what happens is what a controller that
//! visits each clock would do ([`Stepping::EveryClock`] is one).
//!
//! ```
//! use busproof_dram::synthetic::{Pattern, Trace};
//! use busproof_dram::{Controller, Options};
//! use busproof_parts::memory;
//!
//! let part = memory::find("ddr4-2400u-8gb-x8")?;
//! let controller = Controller::new(&part, &Options::default())?;
//! let stats = controller.run(Trace::new(Pattern::Stream, 1000));
//! assert_eq!(stats.requests, 1000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod blame;
mod controller;
mod energy;
pub mod judge;
mod map;
mod occupancy;
pub mod pins;
mod request;
mod stats;
pub mod synthetic;
pub mod trace;

#[cfg(test)]
mod tests;

pub use blame::{Cause, Served, Waits};
pub use controller::{
    Controller, Issued, Observer, Options, PagePolicy, Refresh, RefreshReach, Scheduler, SetupError,
    Stepping, WriteDrain,
};
pub use energy::{Energy, Meter};
pub use map::{AddressMap, Location, MapError};
pub use occupancy::occupancy;
pub use request::{Access, Request};
pub use stats::{Histogram, Rows, Stats, Timeline};
