//! Commands to levels of pins, and back.

use super::frame::{Frame, Frames};
use super::order::Order;
use super::truth::{Field, Line, Means, Row, Table};
use crate::bus::ddr::{Command, Standard};
use crate::level::Level;
use crate::log::SignalId;

/// The levels that carry `order`, one frame for each edge of CK; pins that do not matter are low.
///
/// `None` if the standard has no such command, if its pins are not known here, or if they cannot carry the address. Refreshes of fine
/// granularity go out as REF "on the fly".
pub fn encode(standard: Standard, order: &Order) -> Option<Frames> {
    let table = Table::of(standard).filter(|_| standard.has(order.command))?;
    let does = Means::Does(written_as(order.command));
    let row = table.rows.iter().find(|row| row.means == does)?;
    let mut frames = Frames::NONE;
    for line in row.edges {
        frames.push(drive(table, line, order));
    }
    let carried = read(table, row, &frames, order.command).order;
    (carried == *order).then_some(frames)
}

/// The levels while no command is sent: CS inactive, CKE high.
///
/// `None` if the pins of the standard are not known here.
pub fn deselect(standard: Standard) -> Option<Frame> {
    let table = Table::of(standard)?;
    let row = table.rows.iter().find(|row| row.means == Means::Idle)?;
    row.edges.first().map(|line| drive(table, line, &Order::new(Command::Ref)))
}

/// The pins that carry the standard's commands; CS and CKE are those of a rank. None if they are not known here.
pub fn pins(standard: Standard) -> impl Iterator<Item = SignalId> {
    Table::of(standard).into_iter().flat_map(Table::pins)
}

/// The command in whose row of the truth table it is.
const fn written_as(command: Command) -> Command {
    match command {
        Command::Ref2 | Command::Ref4 => Command::Ref,
        other => other,
    }
}

/// The frame of one line.
fn drive(table: &Table, line: &Line, order: &Order) -> Frame {
    let mut frame = Frame::LOW;
    for pin in table.pins() {
        frame = frame.with(pin, Level::from_bit(line.levels >> pin.0 & 1 != 0));
    }
    for (field, bit, pin) in table.fields(line) {
        let high = order.field(field).checked_shr(bit).unwrap_or(0) & 1 != 0;
        frame = frame.with(pin, Level::from_bit(high));
    }
    frame
}

/// What the pins say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// No command, or not yet all of it.
    Nothing,
    /// A command. `whole` is false if a pin that carries its address is neither low nor high: that bit counts as 0.
    Order {
        /// The command.
        order: Order,
        /// Its address is known.
        whole: bool,
    },
    /// Levels that are no command, or a command of no timing rule, by its name.
    Other(Option<&'static str>),
    /// A pin that tells commands apart is neither low nor high.
    Unknown,
}

/// What refresh commands mean: DDR4's MR3 A8:6 (Alliance AS4C256M16D4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Granularity {
    #[default]
    Normal,
    Fixed(Command),
    OnTheFly(Command),
}

/// Whether the rank takes commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sleep {
    /// CKE has not been high yet.
    Start,
    Awake,
    PowerDown,
    SelfRefresh,
}

/// Follows one rank's pins from edge to edge, and says which commands it receives.
///
/// It is the state machine of a memory's command decoder: it remembers the edges of a command that takes several, CKE of the edge
/// before, and whether the rank sleeps. It checks no timing.
#[derive(Clone, Debug)]
pub struct Decoder {
    standard: Standard,
    cke: Option<bool>,
    sleep: Sleep,
    part: Frames,
    granularity: Granularity,
}

impl Decoder {
    /// A decoder that has seen no edge.
    pub const fn new(standard: Standard) -> Decoder {
        let sleep = if matches!(standard, Standard::Ddr5) { Sleep::Awake } else { Sleep::Start };
        Decoder { standard, cke: None, sleep, part: Frames::NONE, granularity: Granularity::Normal }
    }

    /// RESET# is low: everything is forgotten.
    pub fn reset(&mut self) {
        *self = Decoder::new(self.standard);
    }

    /// True in power-down and self refresh.
    pub const fn is_asleep(&self) -> bool {
        matches!(self.sleep, Sleep::PowerDown | Sleep::SelfRefresh)
    }

    /// True within a command that takes several edges.
    pub const fn is_within(&self) -> bool {
        !self.part.is_empty()
    }

    /// CK rises, and the rank's pins are at these levels.
    ///
    /// Where the standard has no truth table here, nothing is heard.
    pub fn edge(&mut self, frame: Frame) -> Heard {
        let Some(table) = Table::of(self.standard) else { return Heard::Nothing };
        let now = frame.at(Frame::CKE).bit();
        let before = self.cke.or(now);
        self.cke = now;
        if self.sleep == Sleep::Start && (before, now) == (Some(true), Some(true)) {
            self.sleep = Sleep::Awake;
        }
        if self.sleep == Sleep::Start && now.is_none() {
            return Heard::Nothing;
        }
        let level = before.map_or(Level::X, Level::from_bit);
        self.part.push(frame.with(Frame::CKE_BEFORE, level));
        let heard = self.look_up(table);
        if heard.is_some() {
            self.part = Frames::NONE;
        }
        heard.map_or(Heard::Nothing, |heard| self.take(heard))
    }

    /// What the frames so far say; `None` if that is not all of a command yet.
    fn look_up(&self, table: &Table) -> Option<Heard> {
        let fits = |row: &&Row| row.edges.len() >= self.part.len() && covers(row, &self.part);
        let whole = |row: &&Row| row.edges.len() == self.part.len();
        let wakes = |row: &&Row| self.sleep != Sleep::SelfRefresh || row.means == Means::Does(Command::Srx);
        let rows = || table.rows.iter().filter(fits);
        let complete = || rows().filter(whole);
        match complete().find(wakes).or_else(|| complete().next()) {
            Some(row) => Some(self.meaning(table, row)),
            None if rows().next().is_some() => None,
            None => Some(if is_unknown(table, &self.part) { Heard::Unknown } else { Heard::Other(None) }),
        }
    }

    fn meaning(&self, table: &Table, row: &Row) -> Heard {
        match row.means {
            Means::Idle => Heard::Nothing,
            Means::Other(name) => Heard::Other(Some(name)),
            Means::Does(command) => {
                let Read { order, whole, fine } = read(table, row, &self.part, command);
                let command = if command == Command::Ref { self.refresh(fine) } else { command };
                Heard::Order { order: Order { command, ..order }, whole }
            }
        }
    }

    const fn refresh(&self, fine: bool) -> Command {
        match self.granularity {
            Granularity::Fixed(command) => command,
            Granularity::OnTheFly(command) if fine => command,
            _ => Command::Ref,
        }
    }

    /// What it does to the rank.
    fn take(&mut self, heard: Heard) -> Heard {
        let Heard::Order { order, .. } = heard else { return heard };
        let exits = matches!(order.command, Command::Pdx | Command::Srx);
        // LPDDR4 leaves self refresh by a command, and may be in power-down within it.
        let commands_exit = self.standard == Standard::Lpddr4;
        match order.command {
            Command::Pde if self.sleep == Sleep::Awake => self.sleep = Sleep::PowerDown,
            Command::Sre if !commands_exit && self.sleep == Sleep::Awake => self.sleep = Sleep::SelfRefresh,
            Command::Pdx | Command::Srx if matches!(self.sleep, Sleep::PowerDown | Sleep::SelfRefresh) => {
                self.sleep = Sleep::Awake;
            }
            Command::Srx if commands_exit => {}
            Command::Mrs => self.set_mode(&order),
            _ if exits => {
                self.sleep = Sleep::Awake;
                return Heard::Nothing;
            }
            _ if self.sleep != Sleep::Awake => return Heard::Nothing,
            _ => {}
        }
        heard
    }

    fn set_mode(&mut self, order: &Order) {
        if (self.standard, order.register) != (Standard::Ddr4, 3) {
            return;
        }
        self.granularity = match order.address >> 6 & 7 {
            0b001 => Granularity::Fixed(Command::Ref2),
            0b010 => Granularity::Fixed(Command::Ref4),
            0b101 => Granularity::OnTheFly(Command::Ref2),
            0b110 => Granularity::OnTheFly(Command::Ref4),
            _ => Granularity::Normal,
        };
    }
}

/// True if the frames are as the row begins.
fn covers(row: &Row, frames: &Frames) -> bool {
    row.edges.iter().zip(frames.iter()).all(|(line, frame)| {
        let levels = frame.levels();
        (levels.bits ^ line.levels | levels.unknown) & line.mask == 0
    })
}

/// True if a pin that tells a command apart is neither low nor high.
fn is_unknown(table: &Table, frames: &Frames) -> bool {
    let unknown = frames.iter().fold(0, |unknown, frame| unknown | frame.levels().unknown);
    table.rows.iter().flat_map(|row| row.edges).any(|line| line.mask & unknown != 0)
}

/// What a row's address pins carry.
struct Read {
    order: Order,
    whole: bool,
    fine: bool,
}

fn read(table: &Table, row: &Row, frames: &Frames, command: Command) -> Read {
    let (mut order, mut whole) = (Order::new(command), true);
    let mut fine = false;
    for (line, frame) in row.edges.iter().zip(frames.iter()) {
        for (field, bit, pin) in table.fields(line) {
            let high = frame.at(pin).bit();
            whole &= high.is_some();
            match (field, high.unwrap_or(false)) {
                (Field::Fine, high) => fine = high,
                (field, high) => order.set(field, bit, high),
            }
        }
    }
    Read { order, whole, fine }
}

impl Order {
    /// The bits of a field.
    const fn field(&self, field: Field) -> u32 {
        match field {
            Field::Row | Field::Column | Field::Value => self.address,
            Field::Group => self.group as u32,
            Field::Bank => self.bank as u32,
            Field::Register => self.register as u32,
            Field::Usual => !self.alternate as u32,
            Field::Alternate => self.alternate as u32,
            Field::Fine => matches!(self.command, Command::Ref2 | Command::Ref4) as u32,
            Field::Whole => 1,
        }
    }

    /// Sets a bit of a field.
    const fn set(&mut self, field: Field, bit: u32, high: bool) {
        let one = (high as u32) << bit;
        match field {
            Field::Row | Field::Column | Field::Value => self.address |= one,
            Field::Group => self.group |= one as u8,
            Field::Bank => self.bank |= one as u8,
            Field::Register => self.register |= one as u8,
            Field::Usual => self.alternate = !high,
            Field::Alternate => self.alternate = high,
            Field::Fine | Field::Whole => {}
        }
    }
}
