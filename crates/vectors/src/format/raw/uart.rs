//! The tables of UART.

use std::collections::BTreeMap;

use busproof_core::bus::uart;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{ClockTable, LevelKey, MemoryTable};
use crate::format::scalar::{DeviationText, Located, SettingText, SpanText, TimeText};

/// A UART: two ends, and a line in each direction.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct UartBusTable {
    /// The protocol.
    // The tree was asked already; it stands here for the schema.
    kind: Option<UartKind>,
    /// Bits per second, with up to three decimals.
    baud: Option<Located<SettingText>>,
    /// Data bits of a frame, 5 to 9. Default: 8.
    data_bits: Option<Located<SettingText>>,
    /// The parity bit: none, odd, even, mark or space. Default: none.
    parity: Option<Located<SettingText>>,
    /// The stop bits: 1, 1.5 or 2. Default: 1.
    stop_bits: Option<Located<SettingText>>,
    /// Which data bit travels first: lsb or msb. Default: lsb.
    bit_order: Option<Located<SettingText>>,
    /// What the host sends idles low. Default: false.
    invert_tx: Option<Located<SettingText>>,
    /// What the peer sends idles low. Default: false.
    invert_rx: Option<Located<SettingText>>,
    /// RS-485: drivers are on only while they send. Default: false.
    rs485: Option<Located<SettingText>>,
    /// LIN: behind a break come a sync byte and an identifier. Default: false.
    lin: Option<Located<SettingText>>,
    /// Samples per bit of both receivers, and of the one that is judged for: ideal, 8 or 16. Default: ideal.
    oversampling: Option<Located<SettingText>>,
    /// Samples that decide about a bit: 1 or 3. Default: 1.
    votes: Option<Located<SettingText>>,
    /// What makes frames a packet: none, delimiter:HEX, length:FRAMES or gap:BITS. Default: none.
    packets: Option<Located<SettingText>>,
    /// Pulses shorter than so many thousandths of a bit are no edges, 0 to 400. Default: 250.
    glitch: Option<Located<SettingText>>,
    /// 2: a line in each direction; 1: both ends share one. Default: 2.
    #[schemars(range(min = 1, max = 2))]
    pub(in crate::format) wires: Option<Located<i64>>,
    /// The part whose limits are kept, and whose receiver is judged for. Default: none.
    pub(in crate::format) standard: Option<Located<String>>,
    /// Limits to judge by, instead of those of the standard.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(in crate::format) timing: BTreeMap<toml::Spanned<String>, Located<String>>,
    /// The end whose TX is the line `tx`.
    pub(in crate::format) host: EndTable,
    /// The end whose TX is the line `rx`.
    pub(in crate::format) peer: EndTable,
    /// What happens to the wires.
    pub(in crate::format) fault: UartFaultTable,
}

impl UartBusTable {
    /// The options of the bus that are written, by their names in the table of buses.
    pub(in crate::format) fn settings(&self) -> impl Iterator<Item = (&'static str, &Located<SettingText>)> {
        [
            ("baud", &self.baud),
            ("data_bits", &self.data_bits),
            ("parity", &self.parity),
            ("stop_bits", &self.stop_bits),
            ("bit_order", &self.bit_order),
            ("invert_tx", &self.invert_tx),
            ("invert_rx", &self.invert_rx),
            ("rs485", &self.rs485),
            ("lin", &self.lin),
            ("oversampling", &self.oversampling),
            ("votes", &self.votes),
            ("packets", &self.packets),
            ("glitch", &self.glitch),
        ]
        .into_iter()
        .filter_map(|(key, setting)| Some((key, setting.as_ref()?)))
    }

    /// The rate, if it is written.
    pub(in crate::format) fn baud(&self) -> Option<&Located<SettingText>> {
        self.baud.as_ref()
    }
}

/// One end of a UART: a transmitter and a receiver with a clock of their own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct EndTable {
    /// Its clock: a frequency, or a table. Default: 16 MHz.
    pub(in crate::format) clock: Option<ClockTable>,
    /// How it makes its bit rate of that clock. Default: exactly.
    pub(in crate::format) divider: Option<Located<DividerTable>>,
    /// The bit rate that it believes in. Default: that of the bus.
    pub(in crate::format) baud: Option<Located<SettingText>>,
    /// The samples per bit of its receiver: ideal, 8 or 16. Default: as the bus says.
    pub(in crate::format) oversampling: Option<Located<SettingText>>,
    /// The samples that decide about a bit: 1 or 3. Default: as the bus says.
    pub(in crate::format) votes: Option<Located<SettingText>>,
    /// How its receiver finds the rate: off, first, or break:BITS. Default: off.
    pub(in crate::format) auto_baud: Option<Located<String>>,
    /// Idle line behind each frame that it sends. Default: none.
    pub(in crate::format) gap: Option<Located<TimeText>>,
    /// Where frames that it received wait to be read.
    pub(in crate::format) fifo: FifoTable,
    /// How it says that it cannot take more. Default: not at all.
    pub(in crate::format) flow: Option<Located<FlowTable>>,
    /// How old what it knows of its CTS is. Default: not at all.
    pub(in crate::format) cts_latency: Option<Located<TimeText>>,
    /// RS-485: when its driver is on.
    pub(in crate::format) enable: EnableTable,
    /// How long a step waits for each frame that it reads. Default: the time of 100 frames.
    pub(in crate::format) time_out: Option<SpanText>,
    /// What it does wrong.
    pub(in crate::format) fault: Vec<Located<FrameFaultTable>>,
}

/// A bit rate out of a clock.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct DividerTable {
    /// Clocks per step of the divider: 1, 8 or 16.
    #[schemars(range(min = 1, max = 16))]
    pub(in crate::format) by: Located<i64>,
    /// Steps per bit. Default: as many as come closest to the rate.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub(in crate::format) n: Option<Located<i64>>,
}

/// Where frames wait to be read.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct FifoTable {
    /// How many there is room for. Default: 1.
    #[schemars(range(min = 1, max = 65536))]
    pub(in crate::format) depth: Option<Located<i64>>,
    /// The time after which one is read, as long as there are any. Default: each is read as soon as it is there.
    pub(in crate::format) every: Option<Located<SpanText>>,
}

/// How an end says that it cannot take more.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct FlowTable {
    /// By its RTS, or by XOFF and XON.
    pub(in crate::format) by: FlowKey,
    /// So many frames in the FIFO are too many.
    #[schemars(range(min = 1, max = 65536))]
    pub(in crate::format) stop_at: Located<i64>,
    /// So few are few enough.
    #[schemars(range(min = 0, max = 65536))]
    pub(in crate::format) go_at: Located<i64>,
    /// How long RTS takes. Default: no time.
    #[serde(default)]
    pub(in crate::format) latency: Option<Located<TimeText>>,
}

/// A kind of flow control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::format) enum FlowKey {
    /// A wire: its RTS is the other end's CTS.
    Rts,
    /// The characters 13h and 11h.
    XonXoff,
}

/// When a driver is on.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct EnableTable {
    /// From driver enable to the first start bit. Default: a bit.
    pub(in crate::format) setup: Option<Located<TimeText>>,
    /// From the end of the last stop bit to driver disable. Default: a bit.
    pub(in crate::format) hold: Option<Located<TimeText>>,
}

/// Something that goes wrong in one frame: the frame, and one of the other keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct FrameFaultTable {
    /// In which frame that it sends, counted from 0; breaks do not count. Default: 0.
    pub(in crate::format) frame: u64,
    /// The parity bit is the wrong one. Default: false.
    pub(in crate::format) parity: bool,
    /// The stop bits are low. Default: false.
    pub(in crate::format) stop: bool,
    /// The stop bits are so many thousandths of a bit long.
    #[schemars(range(min = 0, max = 2000))]
    pub(in crate::format) short_stop: Option<Located<i64>>,
    /// A low pulse of this width, a bit before the frame starts.
    pub(in crate::format) start_glitch: Option<SpanText>,
    /// The line is inverted about the middle of a bit.
    pub(in crate::format) noise: Option<NoiseTable>,
    /// By how much the rate changes from the start of the frame to its end.
    pub(in crate::format) drift: Option<DeviationText>,
    /// The line goes idle after so many bits, the start bit counted.
    #[schemars(range(min = 1, max = 12))]
    pub(in crate::format) truncated: Option<Located<i64>>,
    /// The line stays low for so many bits, and the data are lost.
    #[schemars(range(min = 1, max = 255))]
    #[serde(rename = "break")]
    pub(in crate::format) low: Option<Located<i64>>,
}

/// Noise in a bit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct NoiseTable {
    /// The bit, counted from the start bit, which is 0.
    #[schemars(range(min = 0, max = 12))]
    pub(in crate::format) bit: Located<i64>,
    /// For how many sixteenths of it, 1 to 15.
    #[schemars(range(min = 1, max = 15))]
    pub(in crate::format) samples: Located<i64>,
}

/// What happens to the wires.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct UartFaultTable {
    /// Wires that are held at a level by something from outside, for long or for a moment.
    pub(in crate::format) stuck: Vec<UartStuckTable>,
}

/// A wire that is held at a level.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct UartStuckTable {
    /// The wire.
    pub(in crate::format) net: UartNetKey,
    /// The level.
    pub(in crate::format) level: LevelKey,
    /// From when on. Default: the start.
    #[serde(default)]
    pub(in crate::format) from: Option<SpanText>,
    /// Until when. Default: the end.
    #[serde(default)]
    pub(in crate::format) to: Option<SpanText>,
}

/// A wire of a UART.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum UartNetKey {
    /// What the host sends; the one line of a bus with one wire.
    Tx,
    /// What the peer sends.
    Rx,
    /// The host can take more.
    Rts,
    /// The peer can take more.
    Cts,
}

/// A device at the other end of a UART: a part, or one that answers what it is told to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::format) struct UartDeviceTable {
    /// A part of the library, or the path of a part file.
    pub(in crate::format) part: Option<Located<String>>,
    /// Instead of a part: it answers these frames whenever the line is idle behind something that it heard.
    pub(in crate::format) reply: Option<Located<String>>,
    /// The bus it is on. Default: the only one.
    pub(in crate::format) bus: Option<Located<String>>,
    /// What its memory holds when the run begins.
    pub(in crate::format) load: Vec<Located<MemoryTable>>,
    /// Limits instead of the part's.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(in crate::format) timing: BTreeMap<toml::Spanned<String>, Located<String>>,
}

/// A LIN message, or a part of one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::format) struct LinTable {
    /// The identifier, 0 to 63, without its parity bits.
    #[schemars(range(min = 0, max = 63))]
    pub(in crate::format) id: Located<i64>,
    /// Whether break, sync byte and identifier are sent. Default: true.
    #[serde(default = "yes")]
    pub(in crate::format) header: bool,
    /// The data of the response, in hexadecimal; its checksum follows. Default: no response.
    #[serde(default)]
    pub(in crate::format) data: Option<Located<String>>,
    /// Over what the checksum is taken. Default: enhanced, but classic for identifiers 60 and 61.
    #[serde(default)]
    pub(in crate::format) checksum: Option<ChecksumKey>,
}

const fn yes() -> bool {
    true
}

/// Over what the checksum of a LIN response is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum ChecksumKey {
    /// The data.
    Classic,
    /// The data and the identifier.
    Enhanced,
}

/// `uart`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::format) enum UartKind {
    /// UART.
    Uart,
}

impl From<UartNetKey> for busproof_core::SignalId {
    fn from(key: UartNetKey) -> busproof_core::SignalId {
        match key {
            UartNetKey::Tx => uart::pin::TX,
            UartNetKey::Rx => uart::pin::RX,
            UartNetKey::Rts => uart::pin::RTS,
            UartNetKey::Cts => uart::pin::CTS,
        }
    }
}
