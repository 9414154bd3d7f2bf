//! The tables of comparisons of links.

use std::collections::BTreeMap;

use busproof_links::Link;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::format::range::{Deviation, Duration, Energy, Number, RangeText, Rate, Share};
use crate::format::scalar::{
    CapacitanceText, FrequencyText, HexText, Located, ResistanceText, SpanText, VoltageText,
};

/// Links put side by side: what they carry, and at what.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct CompareTable {
    /// The payload, as text.
    pub(in crate::format) text: Option<String>,
    /// The payload, in hexadecimal.
    pub(in crate::format) hex: Option<HexText>,
    /// The payload: a file, relative to the vector file.
    pub(in crate::format) file: Option<Located<String>>,
    /// The links. Default: uart, spi, i2c, handshake4 and handshake2.
    pub(in crate::format) over: Option<Located<Vec<Located<LinkKey>>>>,
    /// Bits per second of the serial links, and the clocks of both ends of the others, 1 kHz to 100 MHz. Default: 1 MHz.
    pub(in crate::format) clock: Option<Located<FrequencyText>>,
    /// The capacitance of each wire. Default: 50 pF.
    pub(in crate::format) capacitance: Option<CapacitanceText>,
    /// The supply. Default: 3.3 V.
    pub(in crate::format) vdd: Option<VoltageText>,
    /// The pull-up of each wire of I2C. Default: 1 kOhm.
    pub(in crate::format) pull_up: Option<ResistanceText>,
    /// Registers of an FPGA that a host reads over each link.
    pub(in crate::format) registers: Option<Located<RegistersTable>>,
}

/// Registers of an FPGA that a host reads over each link.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct RegistersTable {
    /// How many.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(in crate::format) count: Option<Located<i64>>,
    /// How many the host asks for before it waits: a list of numbers, each 1 to 1024. Default: 1, 4 and 16.
    pub(in crate::format) outstanding: Option<Vec<Located<i64>>>,
    /// How long the FPGA takes for each. Default: 5 us.
    pub(in crate::format) access_time: Option<SpanText>,
    /// How long the host takes to use what it has read. Default: 10 us.
    pub(in crate::format) work: Option<SpanText>,
}

/// A link.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum LinkKey {
    /// 8N1; the receiver takes 16 samples a bit and believes two of three.
    Uart,
    /// Mode 0.
    Spi,
    /// A write to a 7-bit address.
    I2c,
    /// Four-phase bundled data.
    Handshake4,
    /// Two-phase bundled data.
    Handshake2,
    /// Four-phase dual rail.
    DualRail,
    /// Valid and ready on one clock.
    ValidReady,
}

impl From<LinkKey> for Link {
    fn from(key: LinkKey) -> Link {
        match key {
            LinkKey::Uart => Link::Uart,
            LinkKey::Spi => Link::Spi,
            LinkKey::I2c => Link::I2c,
            LinkKey::Handshake4 => Link::FourPhase,
            LinkKey::Handshake2 => Link::TwoPhase,
            LinkKey::DualRail => Link::DualRail,
            LinkKey::ValidReady => Link::ValidReady,
        }
    }
}

/// What becomes of a payload.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum FateKey {
    /// It arrives.
    Intact,
    /// Bytes are wrong, lost or invented.
    Corrupts,
    /// What arrives is right, but it is not all.
    Stalls,
}

impl FateKey {
    /// As it is written.
    pub(in crate::format) const fn word(self) -> &'static str {
        match self {
            FateKey::Intact => "intact",
            FateKey::Corrupts => "corrupts",
            FateKey::Stalls => "stalls",
        }
    }
}

/// What must come of a link.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct LinkCheckTable {
    /// What becomes of the payload when clocks are equal. Default: intact.
    pub(in crate::format) fate: Option<Located<FateKey>>,
    /// What becomes of it when the sender's clock is off, by deviation: `-5 %`, `-3 %`, `-1 %`, `+1 %`, `+3 %` or `+5 %`.
    #[schemars(with = "BTreeMap<String, FateKey>")]
    pub(in crate::format) off: BTreeMap<toml::Spanned<String>, FateKey>,
    /// From handing the payload over until the receiver has the first byte.
    pub(in crate::format) first_byte: Option<Located<RangeText<Duration>>>,
    /// The same of the last byte.
    pub(in crate::format) last_byte: Option<Located<RangeText<Duration>>>,
    /// Payload bits a second.
    pub(in crate::format) throughput: Option<Located<RangeText<Rate>>>,
    /// Bits on the wires for each bit of the payload.
    pub(in crate::format) bits: Option<Located<RangeText<Number>>>,
    /// Wires.
    pub(in crate::format) wires: Option<Located<RangeText<Number>>>,
    /// Edges on all of them.
    pub(in crate::format) edges: Option<Located<RangeText<Number>>>,
    /// What wires and pull-ups take.
    pub(in crate::format) energy: Option<Located<RangeText<Energy>>>,
    /// How slow the sender's clock may be; -50 % if it may be slower still.
    pub(in crate::format) slow: Option<Located<RangeText<Deviation>>>,
    /// How fast the sender's clock may be; +50 % if it may be faster still.
    pub(in crate::format) fast: Option<Located<RangeText<Deviation>>>,
    /// What must come of register accesses, by how many may be outstanding.
    #[schemars(with = "BTreeMap<String, AccessCheckTable>")]
    pub(in crate::format) outstanding: BTreeMap<toml::Spanned<String>, AccessCheckTable>,
}

/// What must come of register accesses.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct AccessCheckTable {
    /// From request to reply, on average.
    pub(in crate::format) latency: Option<Located<RangeText<Duration>>>,
    /// The longest.
    pub(in crate::format) worst: Option<Located<RangeText<Duration>>>,
    /// Accesses a second.
    pub(in crate::format) per_second: Option<Located<RangeText<Number>>>,
    /// For what part of the time the link is in use.
    pub(in crate::format) in_use: Option<Located<RangeText<Share>>>,
    /// For what part of the time the host has nothing to do.
    pub(in crate::format) host_waits: Option<Located<RangeText<Share>>>,
}
