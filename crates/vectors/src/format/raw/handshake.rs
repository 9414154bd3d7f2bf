//! The tables of handshakes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{ClockTable, LevelKey};
use crate::format::scalar::{Located, PatternText, SpanText, TimeText};

/// A handshake: a sender, a receiver, and the wires between them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct HandshakeBusTable {
    /// The protocol.
    // The tree was asked already; it stands here for the schema.
    kind: Option<HandshakeKind>,
    /// How sender and receiver agree on a word. Default: four-phase.
    pub(in crate::format) protocol: Option<ProtocolKey>,
    /// Bits in a word, 1 to 64. Default: 8.
    #[schemars(range(min = 1, max = 64))]
    pub(in crate::format) width: Option<Located<i64>>,
    /// Four-phase: when the data are valid. Default: early.
    pub(in crate::format) data_phase: Option<Located<DataPhaseKey>>,
    /// A handshake that has begun and does not move for longer is a deadlock. Default: never.
    pub(in crate::format) stall: Option<SpanText>,
    /// How words travel: on a group of wires, or each bit on a wire of its own. Default: group.
    pub(in crate::format) wires: Option<Located<WiresKey>>,
    /// Valid/ready: the clock of both ends.
    pub(in crate::format) clock: Option<ClockTable>,
    /// The part whose limits are kept. Default: none.
    pub(in crate::format) standard: Option<Located<String>>,
    /// Limits to judge by, instead of those of the standard.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(in crate::format) timing: BTreeMap<toml::Spanned<String>, Located<String>>,
    /// How long a step waits for its words to be taken before it gives them up. Default: for ever.
    pub(in crate::format) time_out: Option<SpanText>,
    /// Who offers words.
    pub(in crate::format) sender: SenderTable,
    /// Who takes them.
    pub(in crate::format) receiver: ReceiverTable,
    /// What happens to the wires.
    pub(in crate::format) fault: HandshakeFaultTable,
}

/// Who offers words.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct SenderTable {
    /// How long it takes to act on what it sees; with a clock in common, from that to its outputs. Default: 1 ns.
    pub(in crate::format) delay: Option<Located<TimeText>>,
    /// The most that it takes; each time is drawn between `delay` and this. Default: `delay`.
    pub(in crate::format) delay_most: Option<Located<TimeText>>,
    /// A clock of its own, at whose edges it acts instead.
    pub(in crate::format) clock: Option<Located<ClockTable>>,
    /// With a clock of its own: how many flops the acknowledge passes. Default: 2.
    #[schemars(range(min = 0, max = 255))]
    pub(in crate::format) stages: Option<Located<i64>>,
    /// With a clock of its own: what flops these are. Default: ideal ones.
    pub(in crate::format) flop: Option<Located<FlopTable>>,
    /// Bundled data: from the data to the request. Default: 1 ns.
    pub(in crate::format) setup: Option<Located<TimeText>>,
    /// At which opportunities it offers a word. Default: always.
    pub(in crate::format) pattern: Option<PatternText>,
    /// Valid/ready: it waits for READY, which it must not. Default: false.
    pub(in crate::format) waits_for_ready: bool,
    /// What it does wrong.
    pub(in crate::format) fault: Vec<Located<SenderFaultTable>>,
}

/// Who takes words.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct ReceiverTable {
    /// How long it takes to act on what it sees; with a clock in common, from that to its outputs. Default: 1 ns.
    pub(in crate::format) delay: Option<Located<TimeText>>,
    /// The most that it takes; each time is drawn between `delay` and this. Default: `delay`.
    pub(in crate::format) delay_most: Option<Located<TimeText>>,
    /// A clock of its own, at whose edges it acts instead.
    pub(in crate::format) clock: Option<Located<ClockTable>>,
    /// With a clock of its own: how many flops the request passes. Default: 2.
    #[schemars(range(min = 0, max = 255))]
    pub(in crate::format) stages: Option<Located<i64>>,
    /// With a clock of its own: what flops these are. Default: ideal ones.
    pub(in crate::format) flop: Option<Located<FlopTable>>,
    /// At which opportunities it takes a word: back-pressure. Default: always.
    pub(in crate::format) pattern: Option<PatternText>,
    /// Valid/ready: it raises READY only after VALID, as it may. Default: false.
    pub(in crate::format) waits_for_valid: bool,
    /// What it does wrong.
    pub(in crate::format) fault: Vec<Located<ReceiverFaultTable>>,
}

/// A flip-flop whose input may change when it must not.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct FlopTable {
    /// How long before the clock edge the input must not change. Default: 0 s.
    pub(in crate::format) setup: Option<SpanText>,
    /// How long after it. Default: 0 s.
    pub(in crate::format) hold: Option<SpanText>,
    /// From the clock edge to the output. Default: 0 s.
    pub(in crate::format) clk_to_q: Option<SpanText>,
    /// What happens if the input changes all the same. Default: never.
    pub(in crate::format) metastability: MetastabilityKey,
    /// With `resolves`: the time constant.
    pub(in crate::format) tau: Option<SpanText>,
    /// With `resolves`: the aperture without time to resolve.
    pub(in crate::format) t0: Option<SpanText>,
}

/// What happens to a flop whose input changes when it must not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::format) enum MetastabilityKey {
    /// It takes what was there before the edge.
    #[default]
    Never,
    /// It takes the change, or misses it by a cycle, at random.
    OneCycle,
    /// It is unknown for a random time, and then takes either level at random.
    Resolves,
}

/// Something that goes wrong with one word: the word, and one of the other keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct SenderFaultTable {
    /// With which word, counted from 0. Default: 0.
    pub(in crate::format) word: u64,
    /// The request is taken back that long after it; VALID at the next edge without a transfer, whatever the time.
    pub(in crate::format) withdraw: Option<SpanText>,
    /// Bundled data come that long after their request.
    pub(in crate::format) late_data: Option<SpanText>,
    /// Bit 0 changes that long after the request; in valid/ready at the next edge without a transfer.
    pub(in crate::format) changed_data: Option<SpanText>,
    /// The handshake does not return to zero before the next. Default: false.
    pub(in crate::format) no_return: bool,
    /// Dual rail: both rails of bit 0 rise. Default: false.
    pub(in crate::format) illegal_code: bool,
}

/// Something that goes wrong with one word: the word, and one of the other keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct ReceiverFaultTable {
    /// With which word, counted from 0. Default: 0.
    pub(in crate::format) word: u64,
    /// The acknowledge goes back after that time, and comes once more after another.
    pub(in crate::format) double_acknowledge: Option<SpanText>,
    /// The acknowledge returns to zero after that time, though the request has not.
    pub(in crate::format) early_return: Option<SpanText>,
    /// A pulse of that width on the acknowledge, that much after the handshake, with no request.
    pub(in crate::format) spurious_acknowledge: Option<SpanText>,
    /// Neither this word nor a later one is acknowledged. Default: false.
    pub(in crate::format) never_acknowledge: bool,
}

/// What happens to the wires.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct HandshakeFaultTable {
    /// Wires that are held at a level by something from outside, for long or for a moment.
    pub(in crate::format) stuck: Vec<Located<HandshakeStuckTable>>,
}

/// A wire that is held at a level.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct HandshakeStuckTable {
    /// The wire: req, ack, clk, valid or ready, or a wire of a bit, such as d0, t3 or f3.
    pub(in crate::format) net: Located<String>,
    /// The level.
    pub(in crate::format) level: LevelKey,
    /// From when on. Default: the start.
    #[serde(default)]
    pub(in crate::format) from: Option<SpanText>,
    /// Until when. Default: the end.
    #[serde(default)]
    pub(in crate::format) to: Option<SpanText>,
}

/// How sender and receiver agree on a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::format) enum ProtocolKey {
    /// Request and acknowledge that return to zero, beside bundled data.
    #[default]
    FourPhase,
    /// Each change of request and acknowledge counts, beside bundled data.
    TwoPhase,
    /// Two rails for each bit, and acknowledge.
    DualRail,
    /// Valid and ready on a clock.
    ValidReady,
}

/// When the data of a four-phase handshake are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum DataPhaseKey {
    /// From the rising request to the rising acknowledge.
    Early,
    /// From the rising request to the falling acknowledge.
    Broad,
    /// From the falling request to the falling acknowledge.
    Late,
}

/// How words travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum WiresKey {
    /// On a group of wires, of which a waveform shows the word.
    Group,
    /// Each bit on a wire of its own: up to 16.
    Single,
}

/// `handshake`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum HandshakeKind {
    /// A handshake.
    Handshake,
}
