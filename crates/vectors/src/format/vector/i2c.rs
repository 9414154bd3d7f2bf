//! What a vector says of I2C alone.

use std::ops::Range;

use busproof_core::bus::i2c::{Address, OnNack, Options, Speed};
use busproof_core::{Level, Rc, Span};
use busproof_parts::{Ambient, Conditions};

use super::{At, Clock, DeviceId, Glitch, Place};
use crate::time_expr::TimeExpr;

/// The wires and their controllers.
#[derive(Clone, Debug)]
pub struct Bus {
    /// The speed class; which limits hold follows from it.
    pub speed: Speed,
    /// What all have agreed on; it names the speed.
    pub options: Options,
    /// The resistors, capacitors and drivers.
    pub electrical: Electrical,
    /// What happens to the wires.
    pub wires: Vec<Stuck>,
    /// The controllers, in order of their names; at least one.
    pub controllers: Vec<Controller>,
}

/// What edges look like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Electrical {
    /// The pull-up resistor of each wire, in ohm.
    pub pull_up_ohm: f64,
    /// The capacitance of each wire, in farad.
    pub farad: f64,
    /// Whether the wires show it.
    pub edges: Edges,
    /// The supply, in volt.
    pub vdd: f64,
    /// The on-resistance of each driver, in ohm.
    pub on_ohm: f64,
    /// Drivers control their slope: a wire falls as with one of them, however many pull.
    pub controls_slope: bool,
}

/// Whether wires need time to rise and fall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edges {
    /// As resistances and capacitance let them.
    #[default]
    Real,
    /// None, so that what is measured is what was driven. Limits that depend on the capacitance still do.
    Ideal,
}

impl Electrical {
    /// What limits depend on.
    pub fn conditions(&self) -> Conditions {
        Conditions { vdd: self.vdd, farad: self.farad }
    }

    /// What the wires are made of.
    pub fn rc(&self) -> Rc {
        let farad = match self.edges {
            Edges::Real => self.farad,
            Edges::Ideal => 0.0,
        };
        Rc { pull_up_ohm: self.pull_up_ohm, farad, on_ohm: self.on_ohm }
    }
}

/// A controller.
#[derive(Clone, Debug)]
pub struct Controller {
    /// Its name; `None`: the only one, which needs none.
    pub name: Option<String>,
    /// Where it stands.
    pub span: Range<usize>,
    /// Its clock.
    pub clock: Clock,
    /// When it drives.
    pub drive: Drive,
    /// The same behind a master code and a repeated START, on a bus of speed `high`.
    pub high_speed: Drive,
    /// From a STOP to the next START; `None`: its own choice.
    pub bus_free: Option<At<TimeExpr>>,
    /// How long SCL may be low; `None`: for ever.
    pub time_out: Option<Span>,
    /// What becomes of a step when a byte is not acknowledged.
    pub on_nack: OnNack,
    /// How often it tries again after it lost arbitration; `None`: as often as the controller does by itself.
    pub retries: Option<u32>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// When a controller drives; `None` stands for the controller's own choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drive {
    /// How long it holds SCL low in each clock.
    pub low: Option<At<TimeExpr>>,
    /// How long it leaves SCL high in each clock.
    pub high: Option<At<TimeExpr>>,
    /// From SDA falling to SCL falling in a START.
    pub start_hold: Option<At<TimeExpr>>,
    /// From SCL rising to SDA falling in a repeated START.
    pub start_setup: Option<At<TimeExpr>>,
    /// From SCL rising to SDA rising in a STOP.
    pub stop_setup: Option<At<TimeExpr>>,
    /// From SCL falling to SDA changing.
    pub data_hold: Option<At<TimeExpr>>,
    /// The least time from SDA changing to SCL being released.
    pub data_setup: Option<At<TimeExpr>>,
}

/// Something that a controller does wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A pulse on SCL while it is high.
    ClockGlitch(Glitch),
    /// A pulse on SDA while SCL is high.
    DataGlitch(Glitch),
    /// SDA changes while SCL is high, and changes back.
    DataWhileHigh(Place),
    /// A START in place of a clock.
    Start(Place),
    /// A STOP in place of a clock.
    Stop(Place),
    /// From that clock on SDA is read before SCL has risen.
    EarlySample(Place),
}

/// A wire that is held at a level by something from outside.
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

/// A wire of an I2C bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// The clock.
    Scl,
    /// The data.
    Sda,
}

/// A target.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its address; `None`: the part's own.
    pub address: Option<At<Address>>,
    /// From SCL being low to the change of what it drives; `None`: the target's own choice.
    pub output_delay: Option<At<TimeExpr>>,
    /// The channel of a bus switch that it is on; `None`: it is on the bus itself.
    pub behind: Option<Behind>,
    /// What is around a sensor.
    pub ambient: Ambient,
    /// The levels to which pins are pulled that it has beyond SCL and SDA.
    pub pins: Vec<(At<String>, Level)>,
    /// When it holds SCL low.
    pub stretch: Vec<Stretch>,
    /// Which bytes it does not acknowledge, whatever they are.
    pub nacks: Vec<Byte>,
    /// Which bytes it believes to have acknowledged.
    pub lost_acks: Vec<Byte>,
}

/// A channel of a bus switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// Where it stands.
    pub span: Range<usize>,
    /// The switch.
    pub device: DeviceId,
    /// The channel.
    pub channel: u8,
}

/// A clock before which a target holds SCL low.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Which clock.
    pub place: Place,
    /// For how long.
    pub hold: At<TimeExpr>,
}

/// A byte of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Byte {
    /// In which transfer, counted from 0 by STARTs that are not repeated.
    pub transfer: u32,
    /// Which byte of that transfer, counted from 0; addresses count.
    pub byte: u32,
}
