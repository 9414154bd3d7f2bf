//! The tables of I2C.

use std::collections::BTreeMap;

use busproof_core::Level;
use busproof_core::bus::i2c;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{ClockTable, GlitchTable, LevelKey, MemoryTable, PlaceTable};
use crate::format::scalar::{
    CapacitanceText, Located, PercentText, PressureText, ResistanceText, SpanText, TemperatureText, TimeText,
    VoltageText,
};

/// A struct with the keys of a controller, which may stand in `[bus.NAME]` and in `[controller.NAME]`, beside its own.
macro_rules! with_controller_keys {
    ($(#[$meta:meta])* struct $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub(in crate::format) struct $name {
            $($own)*
            /// The clock of the controller: a frequency, or a table. Default: 1 % below the highest of the speed class.
            pub(in crate::format) clock: Option<ClockTable>,
            /// How long it holds SCL low in each clock. Default: at least the minimum of the speed class.
            pub(in crate::format) low: Option<Located<TimeText>>,
            /// How long it leaves SCL high in each clock. Default: at least the minimum of the speed class.
            pub(in crate::format) high: Option<Located<TimeText>>,
            /// From SDA falling to SCL falling in a START. Default: at least the minimum of the speed class.
            pub(in crate::format) start_hold: Option<Located<TimeText>>,
            /// From SCL rising to SDA falling in a repeated START. Default: at least the minimum of the speed class.
            pub(in crate::format) start_setup: Option<Located<TimeText>>,
            /// From SCL rising to SDA rising in a STOP. Default: at least the minimum of the speed class.
            pub(in crate::format) stop_setup: Option<Located<TimeText>>,
            /// From a STOP to the next START. Default: at least the minimum of the speed class.
            pub(in crate::format) bus_free: Option<Located<TimeText>>,
            /// From SCL falling to SDA changing. Default: what the speed class allows.
            pub(in crate::format) data_hold: Option<Located<TimeText>>,
            /// The least time from SDA changing to SCL being released, for which SCL stays low if need be. Default: the
            /// minimum of the speed class.
            pub(in crate::format) data_setup: Option<Located<TimeText>>,
            /// How long SCL may be low before it gives up. Default: for ever.
            pub(in crate::format) time_out: Option<SpanText>,
            /// What becomes of a step when a byte is not acknowledged. Default: continue.
            pub(in crate::format) on_nack: Option<OnNackKey>,
            /// How often it tries again after it lost arbitration.
            pub(in crate::format) retries: Option<u32>,
            /// The times that it keeps at High speed instead. Default: those of the speed class.
            pub(in crate::format) high_speed: HighSpeedTable,
            /// What it does wrong, and what happens to the wires.
            pub(in crate::format) fault: I2cFaultTable,
        }

        impl $name {
            pub(in crate::format) fn controller(&self) -> ControllerKeys<'_> {
                ControllerKeys {
                    clock: self.clock.as_ref(),
                    low: self.low.as_ref(),
                    high: self.high.as_ref(),
                    start_hold: self.start_hold.as_ref(),
                    start_setup: self.start_setup.as_ref(),
                    stop_setup: self.stop_setup.as_ref(),
                    bus_free: self.bus_free.as_ref(),
                    data_hold: self.data_hold.as_ref(),
                    data_setup: self.data_setup.as_ref(),
                    time_out: self.time_out,
                    on_nack: self.on_nack,
                    retries: self.retries,
                    high_speed: self.high_speed.keys(),
                    fault: &self.fault,
                }
            }
        }
    };
}

with_controller_keys! {
    /// An I2C bus: its wires, and what all of its controllers have in common.
    struct I2cBusTable {
        /// The protocol.
        // The tree was asked already; it stands here for the schema.
        kind: Option<I2cKind>,
        /// The speed class. Default: standard.
        pub(in crate::format) speed: Option<SpeedKey>,
        /// I2C or SMBus. Default: i2c.
        pub(in crate::format) protocol: Option<ProtocolKey>,
        /// SMBus: each message ends in a packet error code. Default: false.
        pub(in crate::format) pec: bool,
        /// The part file of the standard that is kept. Default: that of the speed class.
        pub(in crate::format) standard: Option<Located<String>>,
        /// The pull-up resistor of each wire. Default: one that suits the speed class.
        pub(in crate::format) pull_up: Option<ResistanceText>,
        /// The capacitance of each wire. Default: 100 pF, or 80 pF in High-speed mode.
        pub(in crate::format) capacitance: Option<CapacitanceText>,
        /// The supply. Default: 3.3 V.
        pub(in crate::format) vdd: Option<VoltageText>,
        /// Whether wires need time to rise and fall. Default: real.
        pub(in crate::format) edges: EdgesKey,
        /// The on-resistance of whoever pulls a wire low. Default: one that lets wires fall as slowly as they must.
        pub(in crate::format) on_resistance: Option<ResistanceText>,
        /// Limits to judge by, instead of those of the standard and the parts.
        #[schemars(with = "BTreeMap<String, String>")]
        pub(in crate::format) timing: BTreeMap<toml::Spanned<String>, Located<String>>,
    }
}

with_controller_keys! {
    /// One of several controllers of an I2C bus: what differs from what the bus says.
    struct ControllerTable {
        /// The bus it is on. Default: the only one of I2C.
        pub(in crate::format) bus: Option<Located<String>>,
    }
}

/// The keys of a controller, wherever they stand.
#[derive(Clone, Copy)]
pub(in crate::format) struct ControllerKeys<'a> {
    pub(in crate::format) clock: Option<&'a ClockTable>,
    pub(in crate::format) low: Option<&'a Located<TimeText>>,
    pub(in crate::format) high: Option<&'a Located<TimeText>>,
    pub(in crate::format) start_hold: Option<&'a Located<TimeText>>,
    pub(in crate::format) start_setup: Option<&'a Located<TimeText>>,
    pub(in crate::format) stop_setup: Option<&'a Located<TimeText>>,
    pub(in crate::format) bus_free: Option<&'a Located<TimeText>>,
    pub(in crate::format) data_hold: Option<&'a Located<TimeText>>,
    pub(in crate::format) data_setup: Option<&'a Located<TimeText>>,
    pub(in crate::format) time_out: Option<SpanText>,
    pub(in crate::format) on_nack: Option<OnNackKey>,
    pub(in crate::format) retries: Option<u32>,
    pub(in crate::format) high_speed: HighSpeedKeys<'a>,
    /// These are its own and not those of the bus.
    pub(in crate::format) fault: &'a I2cFaultTable,
}

impl<'a> ControllerKeys<'a> {
    /// These keys, or where one is missing that of the `bus`; faults are not inherited.
    pub(in crate::format) fn over(self, bus: ControllerKeys<'a>) -> ControllerKeys<'a> {
        ControllerKeys {
            clock: self.clock.or(bus.clock),
            low: self.low.or(bus.low),
            high: self.high.or(bus.high),
            start_hold: self.start_hold.or(bus.start_hold),
            start_setup: self.start_setup.or(bus.start_setup),
            stop_setup: self.stop_setup.or(bus.stop_setup),
            bus_free: self.bus_free.or(bus.bus_free),
            data_hold: self.data_hold.or(bus.data_hold),
            data_setup: self.data_setup.or(bus.data_setup),
            time_out: self.time_out.or(bus.time_out),
            on_nack: self.on_nack.or(bus.on_nack),
            retries: self.retries.or(bus.retries),
            high_speed: self.high_speed.over(bus.high_speed),
            fault: self.fault,
        }
    }
}

/// The times of a controller behind a master code and a repeated START.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct HighSpeedTable {
    /// How long it holds SCL low in each clock.
    low: Option<Located<TimeText>>,
    /// How long it leaves SCL high in each clock.
    high: Option<Located<TimeText>>,
    /// From SDA falling to SCL falling in a repeated START.
    start_hold: Option<Located<TimeText>>,
    /// From SCL rising to SDA falling in a repeated START.
    start_setup: Option<Located<TimeText>>,
    /// From SCL rising to SDA rising in a STOP.
    stop_setup: Option<Located<TimeText>>,
    /// From SCL falling to SDA changing.
    data_hold: Option<Located<TimeText>>,
    /// The least time from SDA changing to SCL being released.
    data_setup: Option<Located<TimeText>>,
}

impl HighSpeedTable {
    fn keys(&self) -> HighSpeedKeys<'_> {
        HighSpeedKeys {
            low: self.low.as_ref(),
            high: self.high.as_ref(),
            start_hold: self.start_hold.as_ref(),
            start_setup: self.start_setup.as_ref(),
            stop_setup: self.stop_setup.as_ref(),
            data_hold: self.data_hold.as_ref(),
            data_setup: self.data_setup.as_ref(),
        }
    }
}

/// The keys of a [`HighSpeedTable`], wherever they stand.
#[derive(Clone, Copy)]
pub(in crate::format) struct HighSpeedKeys<'a> {
    pub(in crate::format) low: Option<&'a Located<TimeText>>,
    pub(in crate::format) high: Option<&'a Located<TimeText>>,
    pub(in crate::format) start_hold: Option<&'a Located<TimeText>>,
    pub(in crate::format) start_setup: Option<&'a Located<TimeText>>,
    pub(in crate::format) stop_setup: Option<&'a Located<TimeText>>,
    pub(in crate::format) data_hold: Option<&'a Located<TimeText>>,
    pub(in crate::format) data_setup: Option<&'a Located<TimeText>>,
}

impl<'a> HighSpeedKeys<'a> {
    /// These keys, or where one is missing that of the `bus`.
    fn over(self, bus: HighSpeedKeys<'a>) -> HighSpeedKeys<'a> {
        HighSpeedKeys {
            low: self.low.or(bus.low),
            high: self.high.or(bus.high),
            start_hold: self.start_hold.or(bus.start_hold),
            start_setup: self.start_setup.or(bus.start_setup),
            stop_setup: self.stop_setup.or(bus.stop_setup),
            data_hold: self.data_hold.or(bus.data_hold),
            data_setup: self.data_setup.or(bus.data_setup),
        }
    }
}

/// What a controller does wrong, and what happens to the wires.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct I2cFaultTable {
    /// A pulse on SCL: low while it is high.
    pub(in crate::format) clock_glitch: Option<GlitchTable>,
    /// A pulse on SDA while SCL is high.
    pub(in crate::format) data_glitch: Option<GlitchTable>,
    /// SDA changes while SCL is high, and changes back.
    pub(in crate::format) data_while_high: Option<PlaceTable>,
    /// A START in place of that clock.
    pub(in crate::format) start: Option<PlaceTable>,
    /// A STOP in place of that clock.
    pub(in crate::format) stop: Option<PlaceTable>,
    /// From that clock on the controller reads SDA half a clock after it released SCL, whether SCL has risen or not.
    pub(in crate::format) early_sample: Option<PlaceTable>,
    /// Wires that are held at a level by something from outside, for long or for a moment.
    pub(in crate::format) stuck: Vec<I2cStuckTable>,
}

/// A device on an I2C bus: a part, or one that answers what it is told to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct I2cDeviceTable {
    /// A part of the library, or the path of a part file.
    pub(in crate::format) part: Option<Located<String>>,
    /// Instead of a part: it acknowledges everything, and answers these bytes whenever it is addressed for reading.
    pub(in crate::format) reply: Option<Located<String>>,
    /// The bus it is on. Default: the only one.
    pub(in crate::format) bus: Option<Located<String>>,
    /// Its address, without the direction bit. Default: that of the part.
    #[schemars(range(min = 0, max = 1023))]
    pub(in crate::format) address: Option<Located<i64>>,
    /// The bits of its address: 7 or 10. Default: 7, or 10 for an address above 0x7f.
    #[schemars(range(min = 7, max = 10))]
    pub(in crate::format) address_bits: Option<Located<i64>>,
    /// Behind which bus switch it is, instead of on the bus itself.
    pub(in crate::format) behind: Option<Located<BehindTable>>,
    /// What is around a sensor. Default: what the part file says.
    pub(in crate::format) ambient: AmbientTable,
    /// What its memory holds when the run begins.
    pub(in crate::format) load: Vec<Located<MemoryTable>>,
    /// The levels to which pins are pulled that it has beyond SCL and SDA. Default: they are open.
    #[schemars(with = "BTreeMap<String, LevelKey>")]
    pub(in crate::format) pins: BTreeMap<toml::Spanned<String>, LevelKey>,
    /// From SCL being low to the change of what it drives. Default: 300 ns, or what the speed class has time for.
    pub(in crate::format) output_delay: Option<Located<TimeText>>,
    /// Clocks before which it holds SCL low.
    pub(in crate::format) stretch: Vec<StretchTable>,
    /// Bytes that it does not acknowledge, whatever they are.
    pub(in crate::format) nack_at: Vec<ByteTable>,
    /// Bytes whose acknowledge does not reach the bus, while it believes that it did.
    pub(in crate::format) lost_ack_at: Vec<ByteTable>,
    /// Limits instead of the part's: times, or frequencies where the part states one.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(in crate::format) timing: BTreeMap<toml::Spanned<String>, Located<String>>,
}

/// A channel of a bus switch: a bus of its own with the same resistors and capacitance.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct BehindTable {
    /// The switch.
    pub(in crate::format) device: Located<String>,
    /// The channel. Default: 0.
    #[serde(default)]
    pub(in crate::format) channel: u8,
}

/// What is around a sensor.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct AmbientTable {
    /// The temperature.
    pub(in crate::format) temperature: Option<TemperatureText>,
    /// The air pressure.
    pub(in crate::format) pressure: Option<PressureText>,
    /// The relative humidity.
    pub(in crate::format) humidity: Option<PercentText>,
}

/// A clock before which a target holds SCL low.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct StretchTable {
    /// In which transfer, counted from 0 by STARTs that are not repeated. Default: 0.
    #[serde(default)]
    pub(in crate::format) transfer: u32,
    /// At which clock of that transfer, counted from 0. Default: 0.
    #[serde(default)]
    pub(in crate::format) clock: u32,
    /// For how long.
    pub(in crate::format) hold: Located<TimeText>,
}

/// A byte of a transfer.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct ByteTable {
    /// In which transfer, counted from 0 by STARTs that are not repeated. Default: 0.
    pub(in crate::format) transfer: u32,
    /// Which byte of that transfer, counted from 0; addresses count. Default: 0.
    pub(in crate::format) byte: u32,
}

/// A wire that is held at a level.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct I2cStuckTable {
    /// The wire.
    pub(in crate::format) net: I2cNetKey,
    /// The level.
    pub(in crate::format) level: I2cStuckLevel,
    /// From when on. Default: the start.
    #[serde(default)]
    pub(in crate::format) from: Option<SpanText>,
    /// Until when. Default: the end.
    #[serde(default)]
    pub(in crate::format) to: Option<SpanText>,
}

/// A wire of an I2C bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum I2cNetKey {
    /// The clock.
    Scl,
    /// The data.
    Sda,
}

/// What a wire is held at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum I2cStuckLevel {
    /// A logic 0.
    Low,
    /// A logic 1.
    High,
    /// Neither: between the thresholds.
    X,
}

/// Whether wires need time to rise and fall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum EdgesKey {
    /// As the resistances and the capacitance let them.
    #[default]
    Real,
    /// None.
    Ideal,
}

/// `i2c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum I2cKind {
    /// I2C or SMBus.
    I2c,
}

/// A speed class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::format) enum SpeedKey {
    /// Up to 100 kHz.
    Standard,
    /// Up to 400 kHz.
    Fast,
    /// Up to 1 MHz.
    FastPlus,
    /// Up to 3.4 MHz behind a master code.
    High,
    /// Up to 5 MHz, push-pull, write only.
    UltraFast,
}

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum ProtocolKey {
    /// I2C.
    I2c,
    /// SMBus, which has time-outs.
    SmBus,
}

/// What becomes of a step when a byte is not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum OnNackKey {
    /// It goes on.
    Continue,
    /// A STOP follows at once.
    Stop,
}

impl From<I2cStuckLevel> for Level {
    fn from(key: I2cStuckLevel) -> Level {
        match key {
            I2cStuckLevel::Low => Level::Low,
            I2cStuckLevel::High => Level::High,
            I2cStuckLevel::X => Level::X,
        }
    }
}

impl From<SpeedKey> for i2c::Speed {
    fn from(key: SpeedKey) -> i2c::Speed {
        match key {
            SpeedKey::Standard => i2c::Speed::Standard,
            SpeedKey::Fast => i2c::Speed::Fast,
            SpeedKey::FastPlus => i2c::Speed::FastPlus,
            SpeedKey::High => i2c::Speed::High,
            SpeedKey::UltraFast => i2c::Speed::UltraFast,
        }
    }
}

impl From<ProtocolKey> for i2c::Protocol {
    fn from(key: ProtocolKey) -> i2c::Protocol {
        match key {
            ProtocolKey::I2c => i2c::Protocol::I2c,
            ProtocolKey::SmBus => i2c::Protocol::SmBus,
        }
    }
}

impl From<OnNackKey> for i2c::OnNack {
    fn from(key: OnNackKey) -> i2c::OnNack {
        match key {
            OnNackKey::Continue => i2c::OnNack::Continue,
            OnNackKey::Stop => i2c::OnNack::Stop,
        }
    }
}
