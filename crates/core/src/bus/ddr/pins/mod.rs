//! The pins of DDR memories: commands as levels at clock edges, and data with their strobes.
//!
//! ```text
//!  CK     ‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾
//!  CS#    ‾‾‾\__/‾‾‾‾‾‾‾‾‾\__/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾
//!  RAS# CAS# WE# A BA ...
//!         ---<ACT>---------<RD >-----------------------------------
//!               └── tRCD ───┘ └───── RL ──────┐
//!  DQS    -------------------------------\____/‾\_/‾\_/‾\_/‾\_/-----
//!  DQ     ------------------------------------<0><1><2><3><4><5>----
//! ```
//! [`encode`] makes [`Frame`]s of an [`Order`], a [`Decoder`] makes orders of frames: both by one truth table for each standard, as
//! data sheets print them. [`Shape`] says when data are on the wires.
//!
//! | standard | command pins | edges of CK per command |
//! |---|---|---|
//! | DDR3 | CKE, CS#, RAS#, CAS#, WE#, BA0-2, A0-15 | 1 |
//! | DDR4 | CKE, CS#, ACT#, RAS#/A16, CAS#/A15, WE#/A14, BG0-1, BA0-1, A0-13, A17 | 1 |
//! | DDR5 | CS#, CA0-13 | 1 or 2 |
//! | LPDDR4 | CKE, CS, CA0-5 | 2 or 4 |
//!
//! A [`Controller`] and a [`Device`] are the agents of a [`Channel`]: commands and data in, data out, what is odd as remarks. They start
//! with the power-up sequence, or long after it.
//!
//! # Not modelled
//! The pins of LPDDR5; parity, alert, and chip IDs of stacked memories; voltages: reference levels, termination, slopes.

mod burst;
mod cells;
mod coding;
mod controller;
mod device;
mod frame;
mod order;
mod power;
pub mod remarks;
pub mod rules;
mod talk;
mod truth;
mod wires;

#[cfg(test)]
mod agent_tests;
#[cfg(test)]
mod tests;

pub use burst::{Beat, Preamble, Shape};
pub use coding::{Decoder, Heard, deselect, encode, pins};
pub use controller::{Controller, ControllerOptions, Job, JobError, Reading};
pub use device::{Device, DeviceOptions, Start};
pub use frame::{Frame, Frames};
pub use order::Order;
pub use power::PowerUp;
pub use wires::{Channel, Nets, wire};

/// The pins of a channel, as its monitor and its agents number them.
///
/// Those that carry commands come first, so that 64 bits hold their levels. DDR5 and LPDDR4 call the addresses CA.
pub mod pin {
    use crate::log::SignalId;

    /// Addresses, or CA.
    pub const A_PINS: u32 = 18;
    /// Bank addresses.
    pub const BA_PINS: u32 = 3;
    /// Bank groups.
    pub const BG_PINS: u32 = 2;
    /// Ranks, with a CS, a CKE and an ODT each.
    pub const RANKS: u32 = 4;
    /// Data wires.
    pub const DQ_PINS: u32 = 64;
    /// Strobes, and masks: one for four or more data wires.
    pub const DQS_PINS: u32 = 16;

    /// Activate, active low; DDR4.
    pub const ACT: SignalId = SignalId(23);
    /// Row address strobe, active low; A16 in DDR4.
    pub const RAS: SignalId = SignalId(24);
    /// Column address strobe, active low; A15 in DDR4.
    pub const CAS: SignalId = SignalId(25);
    /// Write enable, active low; A14 in DDR4.
    pub const WE: SignalId = SignalId(26);
    /// Reset, active low.
    pub const RESET: SignalId = SignalId(39);
    /// The clock's true wire: commands are sampled when it rises.
    pub const CK: SignalId = SignalId(40);
    /// The clock's complement.
    pub const CK_C: SignalId = SignalId(41);

    /// Address `i`, or CA.
    ///
    /// # Panics
    /// If `i` is not below [`A_PINS`].
    pub const fn a(i: u32) -> SignalId {
        nth(0, i, A_PINS)
    }

    /// Bank address `i`.
    ///
    /// # Panics
    /// If `i` is not below [`BA_PINS`].
    pub const fn ba(i: u32) -> SignalId {
        nth(18, i, BA_PINS)
    }

    /// Bank group address `i`.
    ///
    /// # Panics
    /// If `i` is not below [`BG_PINS`].
    pub const fn bg(i: u32) -> SignalId {
        nth(21, i, BG_PINS)
    }

    /// Chip select of rank `rank`: active low, but in LPDDR4.
    ///
    /// # Panics
    /// If `rank` is not below [`RANKS`].
    pub const fn cs(rank: u32) -> SignalId {
        nth(27, rank, RANKS)
    }

    /// Clock enable of rank `rank`; not in DDR5.
    ///
    /// # Panics
    /// If `rank` is not below [`RANKS`].
    pub const fn cke(rank: u32) -> SignalId {
        nth(31, rank, RANKS)
    }

    /// On-die termination of rank `rank`.
    ///
    /// # Panics
    /// If `rank` is not below [`RANKS`].
    pub const fn odt(rank: u32) -> SignalId {
        nth(35, rank, RANKS)
    }

    /// Data wire `i`.
    ///
    /// # Panics
    /// If `i` is not below [`DQ_PINS`].
    pub const fn dq(i: u32) -> SignalId {
        nth(64, i, DQ_PINS)
    }

    /// The true wire of strobe `i`.
    ///
    /// # Panics
    /// If `i` is not below [`DQS_PINS`].
    pub const fn dqs(i: u32) -> SignalId {
        nth(128, i, DQS_PINS)
    }

    /// The complement of strobe `i`.
    ///
    /// # Panics
    /// If `i` is not below [`DQS_PINS`].
    pub const fn dqs_c(i: u32) -> SignalId {
        nth(144, i, DQS_PINS)
    }

    /// Data mask `i`: high masks in DDR3 and LPDDR4, low in DDR4 and DDR5.
    ///
    /// # Panics
    /// If `i` is not below [`DQS_PINS`].
    pub const fn dm(i: u32) -> SignalId {
        nth(160, i, DQS_PINS)
    }

    /// The addresses, or CA, as a group.
    pub const A: SignalId = SignalId(176);
    /// The bank addresses as a group.
    pub const BA: SignalId = SignalId(177);
    /// The bank group addresses as a group.
    pub const BG: SignalId = SignalId(178);
    /// The chip selects as a group.
    pub const CS: SignalId = SignalId(179);
    /// The clock enables as a group.
    pub const CKE: SignalId = SignalId(180);
    /// The terminations as a group.
    pub const ODT: SignalId = SignalId(181);
    /// The data wires as a group.
    pub const DQ: SignalId = SignalId(182);
    /// The strobes' true wires as a group.
    pub const DQS: SignalId = SignalId(183);
    /// The strobes' complements as a group.
    pub const DQS_C: SignalId = SignalId(184);
    /// The data masks as a group.
    pub const DM: SignalId = SignalId(185);

    const fn nth(first: u32, i: u32, count: u32) -> SignalId {
        assert!(i < count, "there are no more such pins");
        SignalId(first + i)
    }
}
