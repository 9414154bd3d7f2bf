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
pub use standard::Standard;

#[cfg(doc)]
use crate::timing::{Place, Rule};
