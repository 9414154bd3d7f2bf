//! A vector, understood: every name resolved, every default filled in, except for what only the part knows.

pub mod compare;
pub mod crossing;
pub mod ddr;
pub mod handshake;
pub mod i2c;
pub mod spi;
pub mod uart;

use std::ops::Range;

use busproof_core::bus::{self, BusInfo};
use busproof_core::cdc;
use busproof_core::timing::Param;
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
    /// Links put side by side, instead of buses and steps.
    pub compare: Option<compare::Compare>,
    /// A DDR memory with what is done to it, instead of buses and steps.
    pub memory: Option<ddr::Bench>,
    /// What must come of it.
    pub check: Check,
}

/// A bus with its controllers and its wires.
#[derive(Clone, Debug)]
pub struct Bus {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub span: Range<usize>,
    /// The part that states the limits of the bus: that of the controller on SPI, the standard on I2C and UART.
    pub part: Option<At<String>>,
    /// Limits instead of its part's, as [`Device::limits`].
    pub limits: Vec<(Param, Span)>,
    /// What is said of its protocol alone.
    pub kind: BusKind,
}

/// A bus of one protocol.
#[derive(Clone, Debug)]
pub enum BusKind {
    /// SPI.
    Spi(Box<spi::Bus>),
    /// I2C or SMBus.
    I2c(Box<i2c::Bus>),
    /// UART.
    Uart(Box<uart::Bus>),
    /// A handshake.
    Handshake(Box<handshake::Bus>),
    /// A crossing from one clock domain to another.
    Crossing(Box<crossing::Bus>),
}

impl Bus {
    /// What the table of buses says of its protocol.
    pub fn info(&self) -> &'static BusInfo {
        match self.kind {
            BusKind::Spi(_) => &bus::spi::INFO,
            BusKind::I2c(_) => &bus::i2c::INFO,
            BusKind::Uart(_) => &bus::uart::INFO,
            BusKind::Handshake(_) => &bus::handshake::INFO,
            BusKind::Crossing(_) => &cdc::INFO,
        }
    }
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

/// Where in the traffic something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// In which transfer, counted from 0 by selects, or by STARTs that are not repeated.
    pub transfer: u32,
    /// At which clock of that transfer, counted from 0.
    pub clock: u32,
}

/// A pulse that should not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glitch {
    /// At which clock.
    pub place: Place,
    /// How long.
    pub width: At<TimeExpr>,
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
    /// What its memory holds when the run begins.
    pub load: Vec<Memory>,
    /// Limits instead of the part's: a time, or the period of a frequency.
    pub limits: Vec<(Param, Span)>,
    /// What is said of its protocol alone.
    pub kind: DeviceKind,
}

/// A device on a bus of one protocol.
#[derive(Clone, Debug)]
pub enum DeviceKind {
    /// An SPI peripheral.
    Spi(spi::Device),
    /// An I2C target.
    I2c(i2c::Device),
    /// The other end of a UART.
    Uart(uart::Device),
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
    /// The device it is for, if it is for one.
    pub device: Option<DeviceId>,
    /// The number of the controller or the end that does it, on a bus with several.
    pub by: usize,
    /// When it begins, whatever other controllers do; `None`: when all steps before it are over.
    pub at: Option<At<Span>>,
    /// As a compact string.
    pub script: compact::Script,
    /// What it means on the bus; the spans are those of the file.
    pub ops: Ops,
    /// When it is done again, if at all.
    pub poll: Option<Poll>,
}

/// The operations of a step.
#[derive(Clone, Debug)]
pub enum Ops {
    /// Those of an SPI controller, whose brackets stand for this chip select line.
    Spi(u8, Vec<compact::spi::Op>),
    /// Those of an I2C controller.
    I2c(Vec<compact::i2c::Op>),
    /// Those of an end of a UART.
    Uart(Vec<compact::uart::Op>),
    /// Those of the source of a handshake or a crossing.
    Link(Vec<compact::link::Op>),
}

impl Ops {
    /// How many of them are expected to come to something.
    pub fn expectations(&self) -> usize {
        match self {
            Ops::Spi(_, ops) => ops.iter().filter(|op| op.kind.expects()).count(),
            Ops::I2c(ops) => ops.iter().filter(|op| op.kind.expects()).count(),
            Ops::Uart(ops) => ops.iter().filter(|op| op.kind.expects()).count(),
            Ops::Link(ops) => ops.iter().filter(|op| op.kind.expects()).count(),
        }
    }
}

/// A step that is repeated until something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// What must hold.
    pub until: Until,
    /// The pause between two attempts.
    pub every: Span,
    /// How long after the first attempt the last one may begin.
    pub within: Span,
}

/// What a step is repeated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Its last address is acknowledged.
    Ack,
    /// Everything is as expected.
    Expected,
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
    /// So often controllers lost arbitration.
    pub lost: Option<u64>,
    /// The least margin of every rule that is not in `broken`.
    pub slack: Option<Slack>,
    /// Exactly these diagnostics of the monitor come.
    pub diagnostics: Vec<At<String>>,
    /// Exactly these remarks of the devices come.
    pub remarks: Vec<At<String>>,
    /// These rules may be broken, and these diagnostics and remarks may come, or not.
    pub allowed: Vec<At<String>>,
    /// What memories hold when the run is over.
    pub memory: Vec<(DeviceId, Memory)>,
    /// The levels of pins when the run is over.
    pub pins: Vec<At<Pin>>,
    /// What must come of each link of a comparison.
    pub links: Vec<compare::LinkCheck>,
    /// How the run ends.
    pub exit: Exit,
}

impl Check {
    /// True if that rule is, or may be, broken or not decided.
    pub fn expects(&self, rule: &str) -> bool {
        let named = self.broken.iter().chain(&self.cannot_tell).chain(&self.allowed);
        named.into_iter().any(|named| named.value == rule)
    }
}

/// A pin of a device, beyond those of its bus, and its level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// The level.
    pub level: Level,
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
