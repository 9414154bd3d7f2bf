//! The tables of crossings from one clock domain to another.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ClockTable;
use super::handshake::FlopTable;
use crate::format::scalar::{Located, PatternText, SpanText, TimeText};

/// A crossing from one clock domain to another.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct CrossingBusTable {
    /// The kind.
    // The tree was asked already; it stands here for the schema.
    kind: Option<CrossingKind>,
    /// What lies between the domains.
    pub(in crate::format) through: Option<Located<ThroughKey>>,
    /// Bits in a word of a req-ack or a fifo, 1 to 64. Default: 8.
    #[schemars(range(min = 1, max = 64))]
    pub(in crate::format) width: Option<Located<i64>>,
    /// Flops that each wire passes on its way. Default: 2.
    #[schemars(range(min = 0, max = 255))]
    pub(in crate::format) stages: Option<Located<i64>>,
    /// What flops these are. Default: ideal ones.
    pub(in crate::format) flop: Option<Located<FlopTable>>,
    /// Of a req-ack: 2, each transition carries a word; 4, both wires return to zero. Default: 2.
    pub(in crate::format) phases: Option<Located<i64>>,
    /// Of a fifo: how many words it holds besides that of its output, a power of two. Default: 16.
    #[schemars(range(min = 2, max = 65536))]
    pub(in crate::format) depth: Option<Located<i64>>,
    /// Of a fifo: how its pointers cross. Default: gray.
    pub(in crate::format) pointers: Option<Located<PointersKey>>,
    /// Of a fifo: how much later the last wire of a pointer arrives than the first. Default: 0 s.
    pub(in crate::format) skew: Option<Located<SpanText>>,
    /// Of a pulse synchroniser: a pulse that takes longer is lost. Default: stages + 4 periods of the destination.
    pub(in crate::format) latest: Option<Located<SpanText>>,
    /// How long a step waits for the source to be rid of its words before it gives them up. Default: for ever.
    pub(in crate::format) time_out: Option<SpanText>,
    /// Limits to judge by.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(in crate::format) timing: BTreeMap<toml::Spanned<String>, Located<String>>,
    /// The domain that words, pulses or levels come from.
    pub(in crate::format) source: Option<Located<DomainTable>>,
    /// The domain that they go to.
    pub(in crate::format) destination: Option<Located<DomainTable>>,
}

/// A clock domain, and who sits in it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct DomainTable {
    /// Its clock: a frequency, or a table.
    pub(in crate::format) clock: Option<ClockTable>,
    /// From the clock to the outputs of who sits in it. Default: 200 ps.
    pub(in crate::format) delay: Option<Located<TimeText>>,
    /// At which edges words are offered, or taken. Default: always.
    pub(in crate::format) pattern: Option<PatternText>,
}

/// What lies between the domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::format) enum ThroughKey {
    /// Flops in a row, for a level.
    Synchroniser,
    /// A toggle, flops and an edge detector, for pulses.
    PulseSynchroniser,
    /// Request and acknowledge, for words.
    ReqAck,
    /// A FIFO with two clocks, for words.
    Fifo,
}

/// How the pointers of a FIFO cross.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum PointersKey {
    /// In gray code, as it has to be.
    Gray,
    /// As plain numbers: wrong on purpose.
    Binary,
}

/// `crossing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum CrossingKind {
    /// A crossing.
    Crossing,
}
