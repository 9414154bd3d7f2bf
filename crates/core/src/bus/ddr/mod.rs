//! DDR memory: commands, and the rules of their timing.
//!
//! A channel carries one command a clock. Its hierarchy is that of every [`Place`]: `[channel, rank, bank group, bank]`;
//! a bank holds one open row at most.
//!
//! ```text
//!  CK       0    1    2  ...  17   18 ...      34        39
//!  command  ACT ── tRCD ────► RD ──── CL ─────► data
//!           │                  └───── tRTP ────────► PRE
//!           └──────────────────────── tRAS ────────► PRE ── tRP ──► ACT
//! ```
//!
//! All delays count from command clock to command clock. Every standard is a table of [`Rule`]s in one file, by which a
//! controller plans ([`Earliest`](crate::timing::Earliest)) and a judge judges ([`Checker`](crate::timing::Checker)).
//! Events are commands: [`Command::events`] places them.
//!
//! What carries commands and data is in [`pins`].

mod command;
pub mod ddr3;
pub mod ddr4;
pub mod ddr5;
mod decode;
mod info;
mod item;
pub mod lpddr4;
pub mod lpddr5;
pub mod modes;
mod names;
pub mod pins;
pub mod rules;
mod standard;

#[cfg(test)]
mod tests;

pub use command::{Command, Level, SLOTS};
pub use decode::Monitor;
pub use info::INFO;
pub use item::{Burst, Item, Said};
pub use standard::Standard;

/// What is known of a channel before its pins are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whose commands are read.
    pub standard: Standard,
    /// Ranks, 1 to 4.
    pub ranks: u32,
    /// Data wires, 1 to 64.
    pub width: u32,
    /// Data wires of one strobe: 8, or 4 for memories of four data wires.
    pub lane: u32,
    /// RL in clocks; `None`: as the mode registers say.
    pub read_latency: Option<u32>,
    /// WL in clocks; `None`: as the mode registers say.
    pub write_latency: Option<u32>,
    /// Beats of a burst; `None`: as the mode registers say.
    pub beats: Option<u32>,
    /// What holds until a mode register says something else: what is usual for the part.
    pub assumed: Option<Latencies>,
    /// Bank groups, for commands to the banks of one number in all of them.
    pub groups: u8,
}

impl Default for Options {
    /// One rank of DDR4 with eight data wires, latencies by mode registers.
    fn default() -> Options {
        Options {
            standard: Standard::Ddr4,
            ranks: 1,
            width: 8,
            lane: 8,
            read_latency: None,
            write_latency: None,
            beats: None,
            assumed: None,
            groups: 8,
        }
    }
}

/// From a command to its first data, in clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latencies {
    /// RL.
    pub read: u32,
    /// WL.
    pub write: u32,
}

#[cfg(doc)]
use crate::timing::{Place, Rule};
