//! A vector, understood: every name resolved, every default filled in, except for what only the part knows.

use std::ops::Range;

use busproof_core::bus::spi;
use busproof_core::{Bits, Level, Span};

pub use super::scalar::Slack;
use crate::compact;
use crate::time_expr::TimeExpr;

/// A value and the bytes of the file that it was written with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Range<usize>,
}

/// The number of a bus in [`Vector::buses`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BusId(pub usize);

/// The number of a device in [`Vector::devices`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(pub usize);

/// What is on the bench, what happens, and what must come of it.
#[derive(Clone, Debug)]
pub struct Vector {
    /// The file's name, then those of the case and of the run of a sweep: `cs-setup/past-it[bus.spi.mode=3]`.
    pub name: String,
    /// What it shows.
    pub about: Option<String>,
    /// The line of the file where it begins, from 1.
    pub line: usize,
    /// The seed of everything random.
    pub seed: u64,
    /// The simulated time after which the run is given up.
    pub max_time: Span,
    /// The buses, in order of their names.
    pub buses: Vec<Bus>,
    /// The devices, in order of their names.
    pub devices: Vec<Device>,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// What must come of it.
    pub check: Check,
}

/// A bus with its controller and its wires.
#[derive(Clone, Debug)]
pub struct Bus {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub span: Range<usize>,
    /// The part of the controller.
    pub host: Option<At<String>>,
    /// What both ends have agreed on. The command table comes with the part.
    pub options: spi::Options,
    /// The clock of the controller.
    pub clock: Clock,
    /// When the controller drives.
    pub drive: ControllerDrive,
    /// What MOSI carries while words are only read.
    pub fill: spi::Fill,
    /// Limits of the controller instead of its part's, as [`Device::limits`].
    pub limits: Vec<(busproof_core::timing::Param, Span)>,
    /// How long signals travel.
    pub flight: Flight,
    /// What goes wrong.
    pub fault: BusFault,
}

/// The clock of a controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The nominal frequency in hertz.
    pub hertz: u64,
    /// How far the true frequency is off, in parts per billion.
    pub error_ppb: i64,
    /// How much each edge is off.
    pub jitter: Jitter,
    /// When the first edge comes.
    pub phase: Span,
    /// How long SCK is high in each period; `None`: half of it.
    pub high: Option<At<TimeExpr>>,
}

/// Jitter of a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jitter {
    /// None.
    #[default]
    None,
    /// Uniform, at most so far to either side.
    Peak(Span),
    /// Normal, with this standard deviation.
    Rms(Span),
}

/// When a controller drives; `None` stands for the controller's own choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControllerDrive {
    /// From chip select becoming active to the first clock edge.
    pub cs_setup: Option<At<TimeExpr>>,
    /// From the last clock edge to chip select becoming inactive.
    pub cs_hold: Option<At<TimeExpr>>,
    /// The least time chip select stays inactive.
    pub cs_inactive: Option<At<TimeExpr>>,
    /// The pause between two words.
    pub word_gap: Option<At<TimeExpr>>,
    /// From the shifting clock edge to the change of what the controller drives.
    pub output_delay: Option<At<TimeExpr>>,
}

/// How long signals travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flight {
    /// The clock.
    pub sck: Span,
    /// The four lanes.
    pub lanes: [Span; 4],
    /// Every chip select line.
    pub cs: Span,
}

/// What a controller and the wires do wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BusFault {
    /// A pulse on the clock.
    pub glitch: Option<Glitch>,
    /// This clock does not come.
    pub missing_clock: Option<Place>,
    /// A clock too many follows this one.
    pub extra_clock: Option<Place>,
    /// Chip select becomes inactive after this clock.
    pub drop_cs: Option<Place>,
    /// Data change later or earlier.
    pub data: Option<DataShift>,
    /// The controller's mode, if it is not that of the bus.
    pub mode: Option<spi::Mode>,
    /// A wire stays at a level.
    pub stuck: Option<Stuck>,
}

/// Where in the traffic something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// In which transfer, counted from 0 by selects.
    pub transfer: u32,
    /// At which clock of that transfer, counted from 0.
    pub clock: u32,
}

/// Data that change at the wrong time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataShift {
    /// Later.
    Late(At<TimeExpr>),
    /// Earlier.
    Early(At<TimeExpr>),
}

/// A wire of an SPI bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// The clock.
    Sck,
    /// A data lane, 0 to 3: MOSI, MISO, IO2, IO3.
    Lane(u8),
    /// Chip select line 0.
    Cs,
}

/// A pulse on the clock that should not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glitch {
    /// A quarter period after the second edge of this clock.
    pub place: Place,
    /// How long.
    pub width: At<TimeExpr>,
}

/// A wire that stays at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The wire.
    pub wire: Wire,
    /// The level.
    pub level: Level,
    /// From when on.
    pub from: Span,
    /// Until when; `None`: the end.
    pub to: Option<Span>,
}

/// A device on a bus.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub span: Range<usize>,
    /// What it is.
    pub model: Model,
    /// The bus it is on.
    pub bus: BusId,
    /// Its chip select line, below 8.
    pub cs: u8,
    /// What its memory holds when the run begins.
    pub load: Vec<Memory>,
    /// From the shifting clock edge to its output being valid; `None`: as the part states.
    pub output_delay: Option<At<TimeExpr>>,
    /// From the shifting clock edge to its old output no longer being valid; `None`: as the part states.
    pub output_hold: Option<At<TimeExpr>>,
    /// From deselection to its output being released; `None`: as the part states.
    pub release_delay: Option<At<TimeExpr>>,
    /// Limits instead of the part's: a time, or the period of a frequency.
    pub limits: Vec<(busproof_core::timing::Param, Span)>,
    /// Its mode, if it is not that of the bus.
    pub mode: Option<spi::Mode>,
    /// What else is wrong with it.
    pub fault: Option<spi::PeripheralFault>,
}

/// What a device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Model {
    /// A part of the library, or of a file.
    Part(At<String>),
    /// It answers these words after each select, then zeros.
    Reply(Vec<Bits>),
}

/// A stretch of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Where it stands in the file.
    pub span: Range<usize>,
    /// The first address.
    pub address: u64,
    /// What it holds.
    pub content: Content,
}

/// What memory holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Those of a file, relative to the vector file.
    File(At<String>),
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it stands.
    pub span: Range<usize>,
    /// The bus.
    pub bus: BusId,
    /// The device it is for, if the bus has any.
    pub device: Option<DeviceId>,
    /// The chip select line of its brackets.
    pub cs: u8,
    /// As a compact string.
    pub script: compact::Script,
    /// What it means on the bus; the spans are those of the file.
    pub ops: Vec<compact::spi::Op>,
}

/// What must come of a run.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// Exactly these rules are broken.
    pub broken: Vec<At<String>>,
    /// Exactly these rules cannot be decided.
    pub cannot_tell: Vec<At<String>>,
    /// These rules are decided at least once.
    pub exercised: Vec<At<String>>,
    /// So many findings there are.
    pub findings: Option<u64>,
    /// So many items there are.
    pub items: Option<u64>,
    /// So many words are other than expected or sent.
    pub mismatches: u64,
    /// The least margin of every rule that is not in `broken`.
    pub slack: Option<Slack>,
    /// Exactly these diagnostics of the monitor come.
    pub diagnostics: Vec<At<String>>,
    /// Exactly these remarks of the devices come.
    pub remarks: Vec<At<String>>,
    /// What memories hold when the run is over.
    pub memory: Vec<(DeviceId, Memory)>,
    /// How the run ends.
    pub exit: Exit,
}

/// How a run ends, before its check is consulted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exit {
    /// It comes to its end, and something was checked.
    #[default]
    Done,
    /// Nothing was checked: no item, or no rule decided.
    Vacuous,
    /// The time budget ended first.
    OutOfTime,
}
