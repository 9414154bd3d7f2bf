//! Clock-domain crossings: what lies between two clocks that know nothing of each other.
//!
//! A library of models beside the buses. All are agents on nets, so waveforms show them, and each has a monitor that
//! judges it by its wires alone, whether they come from a run, an RTL simulator or a recording.
//!
//! | crossing | for | agent | monitor |
//! |---|---|---|---|
//! | n flops in a row | a level, or gray code | [`Synchroniser`] | [`LevelMonitor`] |
//! | toggle, n flops, edge detector | a pulse | [`PulseSynchroniser`] | [`PulseMonitor`] |
//! | request and acknowledge, two- or four-phase | a word now and then | [`ReqAck`] | [`CrossingMonitor`] |
//! | FIFO with gray pointers | a word each cycle | [`Fifo`] | [`CrossingMonitor`] |
//!
//! The last two have the same interface on both sides, valid/ready, and the same pins ([`pin`]):
//!
//! ```text
//!            source domain   ┌──────────┐   destination domain
//!  SRC_CLK   ───────────────►│          │◄─────────────── DST_CLK
//!  SRC_VALID ───────────────►│          ├───────────────► DST_VALID
//!  SRC_READY ◄───────────────┤ crossing │◄─────────────── DST_READY
//!  SRC_DATA  ═══════════════►│          ╞═══════════════► DST_DATA
//!                            └──────────┘
//!        inside, on nets of their own: REQ and ACK, or the pointers WPTR and RPTR
//! ```
//!
//! [`Monitor`] is any of these monitors, by its [`Options`], and speaks of [`Item`]s; it serves whoever reads waveforms.
//!
//! Flops become metastable as [`flop`] tells, or take a change a cycle late at random, or neither. [`mtbf`] computes how
//! often a synchroniser fails, and measures it.
//!
//! Not modelled: resets (both sides start reset), pausible clocks, arbiters, credit-based links.

mod fifo;
pub mod flop;
mod info;
mod item;
mod monitor;
pub mod mtbf;
mod options;
mod port;
mod pulse;
mod reqack;
pub mod rules;
mod synchroniser;
#[cfg(test)]
mod tests;

pub use fifo::{Fifo, FifoError, FifoOptions, PointerCode, bin_to_gray, gray_to_bin};
pub use flop::{Chain, FlopError, FlopSpec, Metastability, Resolution};
pub use info::INFO;
pub use item::{Item, ItemKind};
pub use monitor::{
    CODES, Crossed, CrossingMonitor, CrossingOptions, Enters, Latest, LevelMonitor, LevelOptions, Monitor,
    Pointers, PulseMonitor, PulseOptions,
};
pub use options::{Options, Through};
pub use pulse::{PulseSynchroniser, pin as pulse_pin};
pub use reqack::{Phases, ReqAck, ReqAckOptions};
pub use synchroniser::{Synchroniser, pin as level_pin};

/// The pins of [`ReqAck`] and [`Fifo`], and of their monitor; some more for a [`Monitor`] of any crossing.
pub mod pin {
    use crate::log::SignalId;

    /// The clock of the source domain.
    pub const SRC_CLK: SignalId = SignalId(0);
    /// A word is offered.
    pub const SRC_VALID: SignalId = SignalId(1);
    /// The crossing takes it at this edge.
    pub const SRC_READY: SignalId = SignalId(2);
    /// The word; a group, or a wire.
    pub const SRC_DATA: SignalId = SignalId(3);
    /// The clock of the destination domain.
    pub const DST_CLK: SignalId = SignalId(4);
    /// The crossing offers a word.
    pub const DST_VALID: SignalId = SignalId(5);
    /// It is taken at this edge.
    pub const DST_READY: SignalId = SignalId(6);
    /// The word; a group, or a wire.
    pub const DST_DATA: SignalId = SignalId(7);
    /// Request, from source to destination; of [`super::ReqAck`].
    pub const REQ: SignalId = SignalId(8);
    /// Acknowledge, from destination to source; of [`super::ReqAck`].
    pub const ACK: SignalId = SignalId(9);
    /// The request as the destination sees it.
    pub const REQ_SYNC: SignalId = SignalId(10);
    /// The acknowledge as the source sees it.
    pub const ACK_SYNC: SignalId = SignalId(11);
    /// The write pointer as it crosses; of [`super::Fifo`].
    pub const WPTR: SignalId = SignalId(12);
    /// The read pointer as it crosses; of [`super::Fifo`].
    pub const RPTR: SignalId = SignalId(13);
    /// The write pointer as the destination sees it.
    pub const WPTR_SYNC: SignalId = SignalId(14);
    /// The read pointer as the source sees it.
    pub const RPTR_SYNC: SignalId = SignalId(15);
    /// What a level synchroniser takes in; its clock is [`DST_CLK`].
    pub const D: SignalId = SignalId(16);
    /// What it gives out.
    pub const Q: SignalId = SignalId(17);
    /// What a pulse synchroniser takes in.
    pub const SRC: SignalId = SignalId(18);
    /// What it gives out.
    pub const DST: SignalId = SignalId(19);
    /// The number of pins of crossings for words, which come first.
    pub const COUNT: usize = 16;
    /// Their names, for nets; the position is the number.
    pub const NAMES: [&str; COUNT] = [
        "src_clk",
        "src_valid",
        "src_ready",
        "src_data",
        "dst_clk",
        "dst_valid",
        "dst_ready",
        "dst_data",
        "req",
        "ack",
        "req_sync",
        "ack_sync",
        "wptr",
        "rptr",
        "wptr_sync",
        "rptr_sync",
    ];
}
