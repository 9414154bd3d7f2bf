//! The cycle-accurate core of busproof: time, levels, waveforms, the simulation kernel, timing rules and the buses.
//!
//! Nothing in here does I/O, reads a clock, starts a thread or keeps global state: the same inputs give the same log on
//! any machine. Files, data sheets and reports live in the crates around it.

pub mod align;
pub mod bits;
pub mod bus;
pub mod cdc;
pub mod eye;
pub mod judge;
pub mod level;
pub mod log;
pub mod mapping;
pub mod net;
pub mod sim;
pub mod time;
pub mod timing;

pub use bits::{BitOrder, Bits};
pub use level::{Drive, Level, Resolution};
pub use log::{Change, ChangeLog, Instants, Observer, SignalId, Source, Value};
pub use net::{Attach, GroupDrive, Net, NetId, Rc};
pub use time::{Span, Time};
