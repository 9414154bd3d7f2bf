//! The table of buses: what the command line, the vectors, the documentation and the completeness tests work with.

use crate::log::SignalId;
use crate::timing::{ParamInfo, ProtocolCheck, Rule};

/// Everything that is said of a bus in one place.
#[derive(Clone, Copy, Debug)]
pub struct BusInfo {
    /// As users spell it: `spi`, `i2c`, `uart`.
    pub name: &'static str,
    /// What it is, in a line.
    pub summary: &'static str,
    /// What its pins are for.
    pub roles: &'static [Role],
    /// What both ends agree on.
    pub options: &'static [OptionInfo],
    /// The parameters of its limits.
    pub params: &'static [ParamInfo],
    /// What limits are worked out from the options, in words; their parameters are numbered on from those of `params`.
    pub derived: &'static [&'static str],
    /// Its timing rules.
    pub rules: &'static [Rule],
    /// The names of its timing events; the position is the number.
    pub events: &'static [&'static str],
    /// What its monitor can find odd.
    pub codes: &'static [CodeInfo],
    /// Which of that it looks for when: checks of the protocol that need no limit.
    pub checks: &'static [ProtocolCheck],
}

/// The buses.
pub const BUSES: &[BusInfo] =
    &[super::spi::INFO, super::i2c::INFO, super::uart::INFO, super::handshake::INFO, super::ddr::INFO];

/// The bus of that name.
pub fn find(name: &str) -> Option<&'static BusInfo> {
    BUSES.iter().find(|bus| bus.name.eq_ignore_ascii_case(name))
}

/// What a pin is for.
#[derive(Clone, Copy, Debug)]
pub struct Role {
    /// As `--map` spells it: `sck`.
    pub name: &'static str,
    /// The monitor's pin.
    pub pin: SignalId,
    /// Signals of these names play the role without being told, in order of preference.
    pub aliases: &'static [Alias],
    /// How many wires may play it together: 1, or up to 64 for a group such as a data bus.
    pub wires: u32,
    /// What it is, in a few words.
    pub summary: &'static str,
}

/// A name under which signals are found by themselves, compared without regard to case.
pub type Alias = &'static str;

/// Something both ends of a bus agree on.
#[derive(Clone, Copy, Debug)]
pub struct OptionInfo {
    /// As `--set` spells it: `mode`.
    pub key: &'static str,
    /// The legal values, for people: `0, 1, 2 or 3`.
    pub values: &'static str,
    /// The value if nothing is said.
    pub default: &'static str,
    /// What it is, in a few words.
    pub summary: &'static str,
}

/// Something a monitor can find odd.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// The code: `spi::cs-mid-word`.
    pub code: &'static str,
    /// What it says, in a line.
    pub summary: &'static str,
    /// What it means, what usually causes it, and what to do.
    pub explanation: &'static str,
}

/// Why an option cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// No such option.
    #[error("bus {bus} has no option `{key}`; it has {}", .known.join(", "))]
    Unknown {
        /// The bus.
        bus: &'static str,
        /// What was asked for.
        key: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// Not a value of that option.
    #[error("`{value}` is no value of option `{key}`; use {values}")]
    Value {
        /// The option.
        key: &'static str,
        /// What was given.
        value: String,
        /// The legal values.
        values: &'static str,
    },
}
