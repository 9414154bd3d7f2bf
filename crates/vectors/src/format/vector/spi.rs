//! What a vector says of SPI alone.

use busproof_core::bus::spi::{Fill, Mode, Options, PeripheralFault};
use busproof_core::{Level, Span};

use super::{At, Clock, Glitch, Place};
use crate::time_expr::TimeExpr;

/// The controller and the wires.
#[derive(Clone, Debug)]
pub struct Bus {
    /// What both ends have agreed on. The command table comes with the part.
    pub options: Options,
    /// The clock of the controller.
    pub clock: Clock,
    /// How long SCK is high in each period; `None`: half of it.
    pub high: Option<At<TimeExpr>>,
    /// When the controller drives.
    pub drive: ControllerDrive,
    /// What MOSI carries while words are only read.
    pub fill: Fill,
    /// How long signals travel.
    pub flight: Flight,
    /// What goes wrong.
    pub fault: BusFault,
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
    /// A pulse on the clock, a quarter period after the second edge of that clock.
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
    pub mode: Option<Mode>,
    /// A wire stays at a level.
    pub stuck: Option<Stuck>,
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

/// A peripheral.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its chip select line, below 8.
    pub cs: u8,
    /// From the shifting clock edge to its output being valid; `None`: as the part states.
    pub output_delay: Option<At<TimeExpr>>,
    /// From the shifting clock edge to its old output no longer being valid; `None`: as the part states.
    pub output_hold: Option<At<TimeExpr>>,
    /// From deselection to its output being released; `None`: as the part states.
    pub release_delay: Option<At<TimeExpr>>,
    /// Its mode, if it is not that of the bus.
    pub mode: Option<Mode>,
    /// What else is wrong with it.
    pub fault: Option<PeripheralFault>,
}
