//! The tables of a vector file, as they are written. The comments on the keys are the descriptions in the JSON schema.
//!
//! Nothing is required here, since a case may leave out what the file has said; [`resolve`](super::resolve) knows what
//! a whole vector needs. Buses and devices of each protocol have tables of their own, and stand below the name of the
//! protocol in the tree by then (see [`kinds`](super::kinds)).

pub(super) mod compare;
pub(super) mod crossing;
pub(super) mod ddr;
pub(super) mod handshake;
pub(super) mod i2c;
pub(super) mod spi;
pub(super) mod uart;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use busproof_core::Level;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};

use super::range::{Clocks, Number, RangeText};
use super::scalar::{DeviationText, FrequencyText, HexText, Located, SlackText, SpanText, TimeText};

/// A vector: what is on the bench, what happens, and what must come of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct VectorTable {
    /// The name, in lower-case letters, digits and `-`. Default: the name of the file.
    pub(in crate::format) name: Option<Located<String>>,
    /// What it shows, in a sentence.
    pub(in crate::format) about: Option<String>,
    /// The seed of everything random. Default: 0.
    pub(in crate::format) seed: u64,
    /// The simulated time after which the run is given up. Default: 1 s.
    pub(in crate::format) max_time: Option<SpanText>,
    /// The buses, by name.
    pub(in crate::format) bus: BTreeMap<String, Located<BusTable>>,
    /// The controllers of I2C buses that have several, by name.
    pub(in crate::format) controller: BTreeMap<String, Located<i2c::ControllerTable>>,
    /// The devices, by name.
    pub(in crate::format) device: BTreeMap<String, Located<DeviceTable>>,
    /// What to do, in order.
    pub(in crate::format) step: Vec<Located<StepTable>>,
    /// Links put side by side, instead of buses and steps.
    pub(in crate::format) compare: Option<Located<compare::CompareTable>>,
    /// What must come of it. Default: every expectation is met and no rule is broken.
    pub(in crate::format) check: CheckTable,
}

/// A bus, by its protocol.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum BusTable {
    Spi(Box<spi::SpiBusTable>),
    I2c(Box<i2c::I2cBusTable>),
    Uart(Box<uart::UartBusTable>),
    Handshake(Box<handshake::HandshakeBusTable>),
    Crossing(Box<crossing::CrossingBusTable>),
    Ddr(Box<ddr::DdrBusTable>),
}

/// A device, by the protocol of its bus.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum DeviceTable {
    Spi(Box<spi::SpiDeviceTable>),
    I2c(Box<i2c::I2cDeviceTable>),
    Uart(Box<uart::UartDeviceTable>),
}

/// The schema of what users write: one of several tables, without the name of the protocol in between.
macro_rules! any_of {
    ($type:ty, $name:literal, $($table:ty),*) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let tables = [$(generator.subschema_for::<$table>()),*];
                schemars::json_schema!({ "anyOf": tables })
            }
        }
    };
}

any_of!(
    BusTable,
    "Bus",
    spi::SpiBusTable,
    i2c::I2cBusTable,
    uart::UartBusTable,
    handshake::HandshakeBusTable,
    crossing::CrossingBusTable,
    ddr::DdrBusTable
);
any_of!(DeviceTable, "Device", spi::SpiDeviceTable, i2c::I2cDeviceTable, uart::UartDeviceTable);
any_of!(ClockTable, "Clock", FrequencyText, ClockDetails);

/// The clock of a controller.
#[derive(Clone, Debug, Default)]
pub(in crate::format) struct ClockTable {
    pub(in crate::format) frequency: Option<FrequencyText>,
    pub(in crate::format) details: ClockDetails,
}

/// A clock in detail.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct ClockDetails {
    /// The nominal frequency.
    pub(in crate::format) frequency: Option<FrequencyText>,
    /// How far the true frequency is off. Default: 0 ppm.
    pub(in crate::format) error: Option<DeviationText>,
    /// How much each edge is off.
    pub(in crate::format) jitter: Option<Located<JitterTable>>,
    /// When the clock's first edge comes. Default: 0 s.
    pub(in crate::format) phase: Option<SpanText>,
    /// SPI: how long SCK is high in each period. Default: half of it.
    pub(in crate::format) high: Option<Located<TimeText>>,
}

/// Jitter of a clock: one of these keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct JitterTable {
    /// Uniform, at most so far to either side.
    pub(in crate::format) peak: Option<SpanText>,
    /// Normal, with this standard deviation.
    pub(in crate::format) rms: Option<SpanText>,
}

/// A stretch of memory: an address and one of `hex`, `text` and `file`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct MemoryTable {
    /// In `[check]`: the device. Default: the only one.
    pub(in crate::format) device: Option<Located<String>>,
    /// The first address. Default: 0.
    pub(in crate::format) at: u64,
    /// Bytes in hexadecimal.
    pub(in crate::format) hex: Option<HexText>,
    /// A text, as UTF-8.
    pub(in crate::format) text: Option<String>,
    /// A file, relative to the vector file.
    pub(in crate::format) file: Option<Located<String>>,
}

/// A step: `do`, or `delay`, or one transfer of `write`, `read` and `expect`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct StepTable {
    /// A compact string.
    #[serde(rename = "do")]
    pub(in crate::format) compact: Option<Located<String>>,
    /// A pause.
    pub(in crate::format) delay: Option<Located<TimeText>>,
    /// Words to send, in hexadecimal.
    pub(in crate::format) write: Option<Located<String>>,
    /// How many words to read after them.
    #[schemars(range(min = 1))]
    pub(in crate::format) read: Option<Located<i64>>,
    /// What these words must be, in hexadecimal; `x` is a digit that does not matter.
    pub(in crate::format) expect: Option<Located<String>>,
    /// The bus. Default: the only one, or that of the device.
    pub(in crate::format) bus: Option<Located<String>>,
    /// The device to select or to address. Default: the only one of the bus.
    pub(in crate::format) device: Option<Located<String>>,
    /// I2C: the controller that does it. UART: the end that does it, host or peer. Default: the only one of the bus; the host.
    pub(in crate::format) by: Option<Located<String>>,
    /// I2C and UART: when it begins, counted from the start of the run, whatever others do then. Default: when all steps
    /// before it are over.
    pub(in crate::format) at: Option<Located<SpanText>>,
    /// I2C: up to nine clocks until SDA is free, then a STOP. Default: false.
    pub(in crate::format) bus_clear: bool,
    /// UART: hold the line low for so many bits.
    #[schemars(range(min = 1, max = 65535))]
    #[serde(rename = "break")]
    pub(in crate::format) low: Option<Located<i64>>,
    /// UART: a LIN message, or a part of one.
    pub(in crate::format) lin: Option<Located<uart::LinTable>>,
    /// The step is done again until this holds.
    pub(in crate::format) until: Option<Located<UntilKey>>,
    /// With `until`: the pause between two attempts. Default: none.
    pub(in crate::format) every: Option<Located<SpanText>>,
    /// With `until`: how long after the first attempt the last one may begin.
    pub(in crate::format) within: Option<Located<SpanText>>,
}

/// What a step is repeated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum UntilKey {
    /// I2C: its last address is acknowledged.
    Ack,
    /// Everything is as it is expected to be.
    Expected,
}

/// What must come of the run. Whatever is not named here must not happen.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct CheckTable {
    /// Exactly these rules are broken.
    pub(in crate::format) broken: Vec<Located<String>>,
    /// Exactly these rules cannot be decided.
    pub(in crate::format) cannot_tell: Vec<Located<String>>,
    /// These rules are decided at least once.
    pub(in crate::format) exercised: Vec<Located<String>>,
    /// So many findings there are.
    pub(in crate::format) findings: Option<u64>,
    /// So many items there are on all buses: selects, deselects and words, STARTs, STOPs, addresses, bytes and
    /// acknowledges, whole or incomplete; frames, breaks and packets; words of handshakes, and what has crossed.
    pub(in crate::format) items: Option<u64>,
    /// So many words are other than expected, or other than sent. Default: 0.
    pub(in crate::format) mismatches: u64,
    /// So often controllers lost arbitration, all together.
    pub(in crate::format) lost: Option<u64>,
    /// The least margin of every rule that is not in `broken`.
    pub(in crate::format) slack: Option<SlackText>,
    /// Exactly these diagnostics of the monitor come: warnings and errors.
    pub(in crate::format) diagnostics: Vec<Located<String>>,
    /// Exactly these remarks of the devices come: warnings and errors.
    pub(in crate::format) remarks: Vec<Located<String>>,
    /// These rules may be broken, and these diagnostics and remarks may come, or not.
    pub(in crate::format) allowed: Vec<Located<String>>,
    /// What memories hold when the run is over.
    pub(in crate::format) memory: Vec<Located<MemoryTable>>,
    /// What must come of the links of a comparison, by their names.
    #[schemars(with = "BTreeMap<String, compare::LinkCheckTable>")]
    pub(in crate::format) link: BTreeMap<toml::Spanned<String>, compare::LinkCheckTable>,
    /// DDR: exactly these commands, in order: `ACT RD RD PRE`.
    pub(in crate::format) commands: Option<Located<String>>,
    /// DDR: how far commands are apart.
    pub(in crate::format) distance: Vec<Located<ddr::DistanceTable>>,
    /// DDR: how long reads take.
    pub(in crate::format) latency: ddr::LatencyTable,
    /// DDR: what requests waited for, all together, by rule, or `queue`, `refresh` and `data`.
    #[schemars(with = "BTreeMap<String, RangeText<Clocks>>")]
    pub(in crate::format) blame: BTreeMap<toml::Spanned<String>, Located<RangeText<Clocks>>>,
    /// DDR: what the first command of each request found.
    pub(in crate::format) rows: ddr::RowsTable,
    /// DDR: so many reads give what was written last, when the commands are played on the pins of memories that store data.
    pub(in crate::format) read_back: Option<Located<RangeText<Number>>>,
    /// The levels of pins of devices when the run is over.
    pub(in crate::format) pins: Vec<Located<PinTable>>,
    /// The exit status of the run before this table is consulted: 0; 3, nothing was checked; 4, the time ran out.
    /// Default: 0.
    pub(in crate::format) exit: Option<Located<i64>>,
}

/// A pin of a device, beyond those of its bus.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct PinTable {
    /// The device. Default: the only one.
    #[serde(default)]
    pub(in crate::format) device: Option<Located<String>>,
    /// The pin.
    pub(in crate::format) pin: String,
    /// Its level.
    pub(in crate::format) level: LevelKey,
}

/// Where in the traffic of a bus something happens.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct PlaceTable {
    /// In which transfer, counted from 0. Default: 0.
    pub(in crate::format) transfer: u32,
    /// At which clock of that transfer, counted from 0. Default: 0.
    pub(in crate::format) clock: u32,
}

/// A pulse that should not be.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct GlitchTable {
    /// In which transfer, counted from 0. Default: 0.
    #[serde(default)]
    pub(in crate::format) transfer: u32,
    /// At which clock of that transfer, counted from 0. Default: 0.
    #[serde(default)]
    pub(in crate::format) clock: u32,
    /// How long it lasts.
    pub(in crate::format) width: Located<TimeText>,
}

/// A level.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum LevelKey {
    /// A logic 0.
    Low,
    /// A logic 1.
    High,
}

impl From<LevelKey> for Level {
    fn from(key: LevelKey) -> Level {
        match key {
            LevelKey::Low => Level::Low,
            LevelKey::High => Level::High,
        }
    }
}

struct ClockVisitor;

impl<'de> Visitor<'de> for ClockVisitor {
    type Value = ClockTable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frequency such as `16 MHz`, or a table with `frequency`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ClockTable, E> {
        use super::scalar::Scalar as _;
        let frequency = FrequencyText::read(text).map_err(E::custom)?;
        Ok(ClockTable { frequency: Some(frequency), details: ClockDetails::default() })
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<ClockTable, E> {
        use super::scalar::Scalar as _;
        Err(E::custom(FrequencyText::bare(&number.to_string())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ClockTable, A::Error> {
        let details = ClockDetails::deserialize(MapAccessDeserializer::new(map))?;
        Ok(ClockTable { frequency: details.frequency, details })
    }
}

impl<'de> Deserialize<'de> for ClockTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ClockVisitor)
    }
}
