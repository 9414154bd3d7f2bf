//! The buses, and what holds for every one of them.
//!
//! Each bus is a folder of one anatomy: `mod.rs` (what it is, pins, options, waveform, what is not modelled), `item.rs`
//! (what can be said on it), `decode.rs` (its monitor), the agents, `rules.rs` (its timing rules) and `tests.rs`. A bus
//! never imports another.

pub mod ddr;
pub mod handshake;
pub mod i2c;
pub mod spi;
mod table;
pub mod uart;

pub use table::{Alias, BUSES, BusInfo, CodeInfo, OptionError, OptionInfo, Role, find};

use std::fmt;

use crate::log::Change;
use crate::time::Time;
use crate::timing::Event;

/// Something noteworthy about a waveform that is neither an item nor a timing rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable code for `busproof explain`, such as `spi::cs-mid-word`.
    pub code: &'static str,
    /// Whether it fails a check.
    pub severity: Severity,
    /// Where it begins.
    pub from: Time,
    /// Where it ends.
    pub to: Time,
    /// What happened, in words: a lower-case fragment.
    pub text: String,
}

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know; fails nothing.
    Note,
    /// Suspicious; fails a check under `--strict`.
    Warning,
    /// A breach of the protocol; fails a check.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// Why memory cannot be preset or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The device has none.
    #[error("this device has no memory to load")]
    NoMemory,
    /// Outside of what the device has.
    #[error("{length} bytes from address {address:#x} exceed the memory of {size} bytes")]
    OutOfRange {
        /// The first address.
        address: u64,
        /// The number of bytes.
        length: usize,
        /// The size of the memory.
        size: u64,
    },
}

/// Takes what a monitor finds. Every method does nothing unless overridden, so a sink says only what it cares for.
pub trait Sink<I> {
    /// An item is complete. Items come in order of their ends.
    fn item(&mut self, item: I) {
        let _ = item;
    }

    /// A timing event. Events come in order of time.
    fn event(&mut self, event: Event) {
        let _ = event;
    }

    /// Something is odd.
    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        let _ = diagnostic;
    }
}

/// A sink that keeps the items and forgets the rest.
impl<I> Sink<I> for Vec<I> {
    fn item(&mut self, item: I) {
        self.push(item);
    }
}

/// A passive decoder: changes in; items, timing events and diagnostics out.
///
/// It never fails: a broken waveform is its normal input. It never panics, its memory is bounded by the bus and not by
/// the length of the waveform, and it sees the pins only, never an agent's intention. Run offline on a log or a file it
/// *is* the decoder; attached to a bench it judges the run.
///
/// * Changes are numbered by the bus's pins; a pin never mentioned is not connected.
/// * `instant` is called with settled values, in order of time.
/// * Events come in order of time; a filter may confirm them late, by a bounded lag.
pub trait Monitor {
    /// What can be said on the bus.
    type Item;

    /// At `t` the pins of `changes` take new values.
    fn instant<S: Sink<Self::Item>>(&mut self, t: Time, changes: &[Change], sink: &mut S);

    /// Time has passed until `t` without a change.
    fn advance<S: Sink<Self::Item>>(&mut self, t: Time, sink: &mut S);

    /// The waveform ends at `t`: whatever is unfinished is reported now.
    fn finish<S: Sink<Self::Item>>(&mut self, t: Time, sink: &mut S);
}
