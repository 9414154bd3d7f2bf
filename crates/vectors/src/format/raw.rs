//! The tables of a vector file, as they are written. The comments on the keys are the descriptions in the JSON schema.
//!
//! Nothing is required here, since a case may leave out what the file has said; [`resolve`](super::resolve) knows what
//! a whole vector needs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use busproof_core::BitOrder;
use busproof_core::bus::spi;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};

use super::scalar::{DeviationText, FrequencyText, HexText, Located, SlackText, SpanText, TimeText};

/// A vector: what is on the bench, what happens, and what must come of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct VectorTable {
    /// The name, in lower-case letters, digits and `-`. Default: the name of the file.
    pub(super) name: Option<Located<String>>,
    /// What it shows, in a sentence.
    pub(super) about: Option<String>,
    /// The seed of everything random. Default: 0.
    pub(super) seed: u64,
    /// The simulated time after which the run is given up. Default: 1 s.
    pub(super) max_time: Option<SpanText>,
    /// The buses, by name.
    pub(super) bus: BTreeMap<String, Located<BusTable>>,
    /// The devices, by name.
    pub(super) device: BTreeMap<String, Located<DeviceTable>>,
    /// What to do, in order.
    pub(super) step: Vec<Located<StepTable>>,
    /// What must come of it. Default: every expectation is met and no rule is broken.
    pub(super) check: CheckTable,
}

/// A bus with its controller and its wires.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BusTable {
    /// The protocol.
    pub(super) kind: Option<BusKind>,
    /// The part file of the controller: its own set-up and hold times. Default: none, and they are not judged.
    pub(super) host: Option<Located<String>>,
    /// The clock of the controller: a frequency, or a table.
    pub(super) clock: Option<ClockTable>,
    /// Clock polarity and phase, 0 to 3. Default: 0.
    #[schemars(range(min = 0, max = 3))]
    pub(super) mode: Option<Located<i64>>,
    /// Bits in a word, 1 to 4096. Default: 8.
    #[schemars(range(min = 1, max = 4096))]
    pub(super) word_bits: Option<Located<i64>>,
    /// Which bit of a word travels first. Default: msb.
    pub(super) bit_order: Option<BitOrderKey>,
    /// The level of chip select that selects. Default: low.
    pub(super) cs_active: Option<LevelKey>,
    /// The frame format. Default: motorola.
    pub(super) format: Option<FormatKey>,
    /// 4: MOSI and MISO; 3: one line for both directions. Default: 4.
    #[schemars(range(min = 3, max = 4))]
    pub(super) wires: Option<Located<i64>>,
    /// The lanes of words outside of `x2( )` and `x4( )`: 1, 2 or 4. Default: 1.
    #[schemars(range(min = 1, max = 4))]
    pub(super) lanes: Option<Located<i64>>,
    /// Transfers per clock of words outside of lanes. Default: single.
    pub(super) rate: Option<RateKey>,
    /// How many half periods after the sampling edge the controller samples MISO, 0 to 4. Default: 0.
    #[schemars(range(min = 0, max = 4))]
    pub(super) sample_delay: Option<Located<i64>>,
    /// From chip select becoming active to the first clock edge. Default: half a period.
    pub(super) cs_setup: Option<Located<TimeText>>,
    /// From the last clock edge to chip select becoming inactive. Default: half a period.
    pub(super) cs_hold: Option<Located<TimeText>>,
    /// The least time chip select stays inactive. Default: a period.
    pub(super) cs_inactive: Option<Located<TimeText>>,
    /// The pause between two words. Default: none.
    pub(super) word_gap: Option<Located<TimeText>>,
    /// From the shifting clock edge to the change of what the controller drives. Default: the tCO of the host, or 0 s.
    pub(super) output_delay: Option<Located<TimeText>>,
    /// What MOSI carries while words are only read on one lane. Default: low.
    pub(super) fill: Option<LevelKey>,
    /// Limits of the controller to judge by, instead of the host's: times.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(super) timing: BTreeMap<toml::Spanned<String>, Located<String>>,
    /// How long signals travel from one end of each wire to the other.
    pub(super) flight: FlightTable,
    /// What the controller and the wires do wrong.
    pub(super) fault: BusFaultTable,
}

/// How long signals travel. Default: no time.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FlightTable {
    /// The clock.
    pub(super) sck: Option<SpanText>,
    /// Controller out, peripheral in; lane 0.
    pub(super) mosi: Option<SpanText>,
    /// Controller in, peripheral out; lane 1.
    pub(super) miso: Option<SpanText>,
    /// Lane 2.
    pub(super) io2: Option<SpanText>,
    /// Lane 3.
    pub(super) io3: Option<SpanText>,
    /// Every chip select line.
    pub(super) cs: Option<SpanText>,
}

/// The clock of a controller.
#[derive(Clone, Debug, Default)]
pub(super) struct ClockTable {
    pub(super) frequency: Option<FrequencyText>,
    pub(super) details: ClockDetails,
}

/// A clock in detail.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ClockDetails {
    /// The nominal frequency.
    pub(super) frequency: Option<FrequencyText>,
    /// How far the true frequency is off. Default: 0 ppm.
    pub(super) error: Option<DeviationText>,
    /// How much each edge is off.
    pub(super) jitter: Option<Located<JitterTable>>,
    /// When the clock's first edge comes. Default: 0 s.
    pub(super) phase: Option<SpanText>,
    /// How long SCK is high in each period. Default: half of it.
    pub(super) high: Option<Located<TimeText>>,
}

/// Jitter of a clock: one of these keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct JitterTable {
    /// Uniform, at most so far to either side.
    pub(super) peak: Option<SpanText>,
    /// Normal, with this standard deviation.
    pub(super) rms: Option<SpanText>,
}

/// A device on a bus: a part, or one that answers what it is told to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DeviceTable {
    /// A part of the library, or the path of a part file.
    pub(super) part: Option<Located<String>>,
    /// Instead of a part: the words it answers after each select, as numbers and texts of a compact string.
    pub(super) reply: Option<Located<String>>,
    /// The bus it is on. Default: the only one.
    pub(super) bus: Option<Located<String>>,
    /// The chip select line, 0 to 7. Default: 0.
    #[schemars(range(min = 0, max = 7))]
    pub(super) cs: Option<Located<i64>>,
    /// What its memory holds when the run begins.
    pub(super) load: Vec<Located<MemoryTable>>,
    /// From the shifting clock edge to its output being valid. Default: the greatest that the part allows.
    pub(super) output_delay: Option<Located<TimeText>>,
    /// From the shifting clock edge to its old output no longer being valid. Default: the least that the part allows.
    pub(super) output_hold: Option<Located<TimeText>>,
    /// From chip select becoming inactive to its output being released. Default: the greatest that the part allows.
    pub(super) release_delay: Option<Located<TimeText>>,
    /// Limits instead of the part's: times, or frequencies where the part states one.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(super) timing: BTreeMap<toml::Spanned<String>, Located<String>>,
    /// What it does wrong.
    pub(super) fault: DeviceFaultTable,
}

/// A stretch of memory: an address and one of `hex`, `text` and `file`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MemoryTable {
    /// In `[check]`: the device. Default: the only one.
    pub(super) device: Option<Located<String>>,
    /// The first address. Default: 0.
    pub(super) at: u64,
    /// Bytes in hexadecimal.
    pub(super) hex: Option<HexText>,
    /// A text, as UTF-8.
    pub(super) text: Option<String>,
    /// A file, relative to the vector file.
    pub(super) file: Option<Located<String>>,
}

/// A step: `do`, or `delay`, or one transfer of `write`, `read` and `expect`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StepTable {
    /// A compact string.
    #[serde(rename = "do")]
    pub(super) compact: Option<Located<String>>,
    /// A pause.
    pub(super) delay: Option<Located<TimeText>>,
    /// Words to send, in hexadecimal.
    pub(super) write: Option<Located<String>>,
    /// How many words to read after them.
    #[schemars(range(min = 1))]
    pub(super) read: Option<Located<i64>>,
    /// What these words must be, in hexadecimal; `x` is a digit that does not matter.
    pub(super) expect: Option<Located<String>>,
    /// The bus. Default: the only one, or that of the device.
    pub(super) bus: Option<Located<String>>,
    /// The device to select. Default: the only one of the bus.
    pub(super) device: Option<Located<String>>,
}

/// What must come of the run. Whatever is not named here must not happen.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CheckTable {
    /// Exactly these rules are broken.
    pub(super) broken: Vec<Located<String>>,
    /// Exactly these rules cannot be decided.
    pub(super) cannot_tell: Vec<Located<String>>,
    /// These rules are decided at least once.
    pub(super) exercised: Vec<Located<String>>,
    /// So many findings there are.
    pub(super) findings: Option<u64>,
    /// So many items there are on all buses: selects, deselects and words, whole or incomplete.
    pub(super) items: Option<u64>,
    /// So many words are other than expected, or other than sent. Default: 0.
    pub(super) mismatches: u64,
    /// The least margin of every rule that is not in `broken`.
    pub(super) slack: Option<SlackText>,
    /// Exactly these diagnostics of the monitor come: warnings and errors.
    pub(super) diagnostics: Vec<Located<String>>,
    /// Exactly these remarks of the devices come: warnings and errors.
    pub(super) remarks: Vec<Located<String>>,
    /// What memories hold when the run is over.
    pub(super) memory: Vec<Located<MemoryTable>>,
    /// The exit status of the run before this table is consulted: 0; 3, nothing was checked; 4, the time ran out.
    /// Default: 0.
    pub(super) exit: Option<Located<i64>>,
}

/// Where in the traffic of a bus something happens.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PlaceTable {
    /// In which transfer (select), counted from 0. Default: 0.
    pub(super) transfer: u32,
    /// At which clock of that transfer, counted from 0. Default: 0.
    pub(super) clock: u32,
}

/// What a controller and the wires do wrong.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BusFaultTable {
    /// A pulse on the clock, a quarter period after the second edge of that clock.
    pub(super) glitch: Option<GlitchTable>,
    /// That clock does not come.
    pub(super) missing_clock: Option<PlaceTable>,
    /// A clock too many follows that clock.
    pub(super) extra_clock: Option<PlaceTable>,
    /// Chip select becomes inactive after that clock.
    pub(super) drop_cs: Option<PlaceTable>,
    /// Data change later by so much.
    pub(super) late_data: Option<Located<TimeText>>,
    /// Data change earlier by so much.
    pub(super) early_data: Option<Located<TimeText>>,
    /// The controller uses this mode; everybody else that of the bus.
    #[schemars(range(min = 0, max = 3))]
    pub(super) wrong_mode: Option<Located<i64>>,
    /// A wire stays at a level, whatever drives it.
    pub(super) stuck: Option<StuckTable>,
}

/// What a device does wrong.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DeviceFaultTable {
    /// The device uses this mode; everybody else that of the bus.
    #[schemars(range(min = 0, max = 3))]
    pub(super) wrong_mode: Option<Located<i64>>,
    /// It changes its output on the sampling edge instead of the shifting edge. Default: false.
    pub(super) shifts_on_sampling_edge: bool,
}

/// A pulse that should not be.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GlitchTable {
    /// In which transfer (select), counted from 0. Default: 0.
    #[serde(default)]
    pub(super) transfer: u32,
    /// At which clock of that transfer, counted from 0. Default: 0.
    #[serde(default)]
    pub(super) clock: u32,
    /// How long it lasts.
    pub(super) width: Located<TimeText>,
}

/// A wire that stays at a level.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StuckTable {
    /// The wire.
    pub(super) net: NetKey,
    /// The level.
    pub(super) level: LevelKey,
    /// From when on. Default: the start.
    #[serde(default)]
    pub(super) from: Option<SpanText>,
    /// Until when. Default: the end.
    #[serde(default)]
    pub(super) to: Option<SpanText>,
}

/// The protocol of a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum BusKind {
    /// SPI.
    Spi,
}

/// Which bit travels first.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum BitOrderKey {
    /// The most significant.
    Msb,
    /// The least significant.
    Lsb,
}

/// A level.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum LevelKey {
    /// A logic 0.
    Low,
    /// A logic 1.
    High,
}

/// A frame format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FormatKey {
    /// Chip select frames the transfer.
    Motorola,
    /// TI synchronous serial: a pulse precedes each word.
    Ti,
    /// Microwire: chip select active high, mode 0.
    Microwire,
}

/// Transfers per clock.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RateKey {
    /// One.
    Single,
    /// Two.
    Double,
}

/// A wire of an SPI bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum NetKey {
    /// The clock.
    Sck,
    /// Controller out, peripheral in; lane 0.
    Mosi,
    /// Controller in, peripheral out; lane 1.
    Miso,
    /// Lane 2.
    Io2,
    /// Lane 3.
    Io3,
    /// Chip select line 0.
    Cs,
}

impl From<BitOrderKey> for BitOrder {
    fn from(key: BitOrderKey) -> BitOrder {
        match key {
            BitOrderKey::Msb => BitOrder::Msb,
            BitOrderKey::Lsb => BitOrder::Lsb,
        }
    }
}

impl From<LevelKey> for spi::Active {
    fn from(key: LevelKey) -> spi::Active {
        match key {
            LevelKey::Low => spi::Active::Low,
            LevelKey::High => spi::Active::High,
        }
    }
}

impl From<FormatKey> for spi::Format {
    fn from(key: FormatKey) -> spi::Format {
        match key {
            FormatKey::Motorola => spi::Format::Motorola,
            FormatKey::Ti => spi::Format::Ti,
            FormatKey::Microwire => spi::Format::Microwire,
        }
    }
}

impl From<RateKey> for spi::Rate {
    fn from(key: RateKey) -> spi::Rate {
        match key {
            RateKey::Single => spi::Rate::Single,
            RateKey::Double => spi::Rate::Double,
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

impl JsonSchema for ClockTable {
    fn schema_name() -> Cow<'static, str> {
        "Clock".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let frequency = generator.subschema_for::<FrequencyText>();
        let details = generator.subschema_for::<ClockDetails>();
        schemars::json_schema!({ "anyOf": [frequency, details] })
    }
}
