//! The tables of SPI.

use std::collections::BTreeMap;

use busproof_core::BitOrder;
use busproof_core::bus::spi;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{ClockTable, GlitchTable, LevelKey, MemoryTable, PlaceTable};
use crate::format::scalar::{Located, SpanText, TimeText};

/// An SPI bus with its controller and its wires.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct SpiBusTable {
    /// The protocol.
    // The tree was asked already; it stands here for the schema.
    kind: Option<SpiKind>,
    /// The part file of the controller: its own set-up and hold times. Default: none, and they are not judged.
    pub(in crate::format) host: Option<Located<String>>,
    /// The clock of the controller: a frequency, or a table.
    pub(in crate::format) clock: Option<ClockTable>,
    /// Clock polarity and phase, 0 to 3. Default: 0.
    #[schemars(range(min = 0, max = 3))]
    pub(in crate::format) mode: Option<Located<i64>>,
    /// Bits in a word, 1 to 4096. Default: 8.
    #[schemars(range(min = 1, max = 4096))]
    pub(in crate::format) word_bits: Option<Located<i64>>,
    /// Which bit of a word travels first. Default: msb.
    pub(in crate::format) bit_order: Option<BitOrderKey>,
    /// The level of chip select that selects. Default: low.
    pub(in crate::format) cs_active: Option<LevelKey>,
    /// The frame format. Default: motorola.
    pub(in crate::format) format: Option<FormatKey>,
    /// 4: MOSI and MISO; 3: one line for both directions. Default: 4.
    #[schemars(range(min = 3, max = 4))]
    pub(in crate::format) wires: Option<Located<i64>>,
    /// The lanes of words outside of `x2( )` and `x4( )`: 1, 2 or 4. Default: 1.
    #[schemars(range(min = 1, max = 4))]
    pub(in crate::format) lanes: Option<Located<i64>>,
    /// Transfers per clock of words outside of lanes. Default: single.
    pub(in crate::format) rate: Option<RateKey>,
    /// How many half periods after the sampling edge the controller samples MISO, 0 to 4. Default: 0.
    #[schemars(range(min = 0, max = 4))]
    pub(in crate::format) sample_delay: Option<Located<i64>>,
    /// From chip select becoming active to the first clock edge. Default: half a period.
    pub(in crate::format) cs_setup: Option<Located<TimeText>>,
    /// From the last clock edge to chip select becoming inactive. Default: half a period.
    pub(in crate::format) cs_hold: Option<Located<TimeText>>,
    /// The least time chip select stays inactive. Default: a period.
    pub(in crate::format) cs_inactive: Option<Located<TimeText>>,
    /// The pause between two words. Default: none.
    pub(in crate::format) word_gap: Option<Located<TimeText>>,
    /// From the shifting clock edge to the change of what the controller drives. Default: the tCO of the host, or 0 s.
    pub(in crate::format) output_delay: Option<Located<TimeText>>,
    /// What MOSI carries while words are only read on one lane. Default: low.
    pub(in crate::format) fill: Option<LevelKey>,
    /// Limits of the controller to judge by, instead of the host's: times.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(in crate::format) timing: BTreeMap<toml::Spanned<String>, Located<String>>,
    /// How long signals travel from one end of each wire to the other.
    pub(in crate::format) flight: FlightTable,
    /// What the controller and the wires do wrong.
    pub(in crate::format) fault: SpiFaultTable,
}

/// How long signals travel. Default: no time.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct FlightTable {
    /// The clock.
    pub(in crate::format) sck: Option<SpanText>,
    /// Controller out, peripheral in; lane 0.
    pub(in crate::format) mosi: Option<SpanText>,
    /// Controller in, peripheral out; lane 1.
    pub(in crate::format) miso: Option<SpanText>,
    /// Lane 2.
    pub(in crate::format) io2: Option<SpanText>,
    /// Lane 3.
    pub(in crate::format) io3: Option<SpanText>,
    /// Every chip select line.
    pub(in crate::format) cs: Option<SpanText>,
}

/// A device on an SPI bus: a part, or one that answers what it is told to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct SpiDeviceTable {
    /// A part of the library, or the path of a part file.
    pub(in crate::format) part: Option<Located<String>>,
    /// Instead of a part: the words it answers after each select, as numbers and texts of a compact string.
    pub(in crate::format) reply: Option<Located<String>>,
    /// The bus it is on. Default: the only one.
    pub(in crate::format) bus: Option<Located<String>>,
    /// The chip select line, 0 to 7. Default: 0.
    #[schemars(range(min = 0, max = 7))]
    pub(in crate::format) cs: Option<Located<i64>>,
    /// What its memory holds when the run begins.
    pub(in crate::format) load: Vec<Located<MemoryTable>>,
    /// From the shifting clock edge to its output being valid. Default: the greatest that the part allows.
    pub(in crate::format) output_delay: Option<Located<TimeText>>,
    /// From the shifting clock edge to its old output no longer being valid. Default: the least that the part allows.
    pub(in crate::format) output_hold: Option<Located<TimeText>>,
    /// From chip select becoming inactive to its output being released. Default: the greatest that the part allows.
    pub(in crate::format) release_delay: Option<Located<TimeText>>,
    /// Limits instead of the part's: times, or frequencies where the part states one.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(in crate::format) timing: BTreeMap<toml::Spanned<String>, Located<String>>,
    /// What it does wrong.
    pub(in crate::format) fault: PeripheralFaultTable,
}

/// What a controller and the wires do wrong.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct SpiFaultTable {
    /// A pulse on the clock, a quarter period after the second edge of that clock.
    pub(in crate::format) glitch: Option<GlitchTable>,
    /// That clock does not come.
    pub(in crate::format) missing_clock: Option<PlaceTable>,
    /// A clock too many follows that clock.
    pub(in crate::format) extra_clock: Option<PlaceTable>,
    /// Chip select becomes inactive after that clock.
    pub(in crate::format) drop_cs: Option<PlaceTable>,
    /// Data change later by so much.
    pub(in crate::format) late_data: Option<Located<TimeText>>,
    /// Data change earlier by so much.
    pub(in crate::format) early_data: Option<Located<TimeText>>,
    /// The controller uses this mode; everybody else that of the bus.
    #[schemars(range(min = 0, max = 3))]
    pub(in crate::format) wrong_mode: Option<Located<i64>>,
    /// A wire stays at a level, whatever drives it.
    pub(in crate::format) stuck: Option<StuckTable>,
}

/// What a device does wrong.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct PeripheralFaultTable {
    /// The device uses this mode; everybody else that of the bus.
    #[schemars(range(min = 0, max = 3))]
    pub(in crate::format) wrong_mode: Option<Located<i64>>,
    /// It changes its output on the sampling edge instead of the shifting edge. Default: false.
    pub(in crate::format) shifts_on_sampling_edge: bool,
}

/// A wire that stays at a level.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct StuckTable {
    /// The wire.
    pub(in crate::format) net: NetKey,
    /// The level.
    pub(in crate::format) level: LevelKey,
    /// From when on. Default: the start.
    #[serde(default)]
    pub(in crate::format) from: Option<SpanText>,
    /// Until when. Default: the end.
    #[serde(default)]
    pub(in crate::format) to: Option<SpanText>,
}

/// `spi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum SpiKind {
    /// SPI.
    Spi,
}

/// Which bit travels first.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum BitOrderKey {
    /// The most significant.
    Msb,
    /// The least significant.
    Lsb,
}

/// A frame format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum FormatKey {
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
pub(in crate::format) enum RateKey {
    /// One.
    Single,
    /// Two.
    Double,
}

/// A wire of an SPI bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum NetKey {
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
