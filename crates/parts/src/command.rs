//! The `[[command]]` rows of a part file.
//!
//! ```toml
//! [[command]]
//! opcode = 0xeb
//! name   = "FAST READ QUAD I/O"
//! phases = "address x4, mode 8 x4, dummy 4, read x4"
//! action = "read"
//! needs  = "quad-enable"
//! cite   = "document, table"
//! ```
//!
//! Phases are separated by commas: what the phase carries (`address`, `mode`, `dummy`, `read`, `write`, `exchange`), how
//! many bits (clocks, for `dummy`), on how many lanes (`x2`, `x4`; one unless stated), and `dtr` for double rate.
//! `address` without a number has 24 bits, or 32 while the part is in its 4-byte address mode. Data phases without a
//! number last until CS becomes inactive.
//!
//! Some commands make opcodes travel on two or four lanes (QPI, SDI, SQI). `x2 = ` and `x4 = ` state the phases that a
//! command has then.

use std::sync::Arc;

use busproof_core::bus::spi::{Command, CommandTable, Lanes, Phase, PhaseKind, Rate, class};
use busproof_core::timing::Class;

use crate::error::{PartError, Problem};
use crate::part::Numbers;
use crate::quantity;
use crate::reader::{Table, Value};

/// What a command makes the part do. Models ignore the actions that they do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing that is simulated.
    None,
    /// Reads memory.
    Read,
    /// Writes memory at once.
    Write,
    /// Programs a page: bits go from 1 to 0.
    Program,
    /// Erases the block of so many bytes around the address.
    Erase(u64),
    /// Erases everything.
    EraseChip,
    /// Sets the write enable latch.
    WriteEnable,
    /// Clears it.
    WriteDisable,
    /// Lets the next status register write change the volatile bits only.
    VolatileWriteEnable,
    /// Reads status register 1, 2 or 3.
    ReadStatus(u8),
    /// Writes status register 1, 2 or 3.
    WriteStatus(u8),
    /// Reads the flag status register of Micron parts, whose bit 7 says "ready".
    ReadFlagStatus,
    /// Reads the JEDEC identification.
    ReadJedecId,
    /// Reads manufacturer and device identification.
    ReadManufacturerId,
    /// Reads the unique identification.
    ReadUniqueId,
    /// Reads the serial flash discoverable parameters.
    ReadSfdp,
    /// Powers down.
    PowerDown,
    /// Releases power-down; reads the device identification if clocks follow.
    Release,
    /// Suspends a program or erase.
    Suspend,
    /// Resumes it.
    Resume,
    /// Arms the reset.
    EnableReset,
    /// Resets, if armed by the command before.
    Reset,
    /// Opcodes and everything else travel on 4 lanes from now on (Winbond's QPI, Microchip's SQI).
    EnterQuad,
    /// On 2 lanes (Microchip's SDI).
    EnterDual,
    /// On 1 lane again.
    ExitLanes,
    /// Addresses have 4 bytes from now on.
    EnterFourByte,
    /// Addresses have 3 bytes again.
    ExitFourByte,
    /// Reads the mode register of a serial SRAM.
    ReadMode,
    /// Writes it.
    WriteMode,
}

const ACTIONS: &[(&str, Action)] = &[
    ("none", Action::None),
    ("read", Action::Read),
    ("write", Action::Write),
    ("program", Action::Program),
    ("erase chip", Action::EraseChip),
    ("write-enable", Action::WriteEnable),
    ("write-disable", Action::WriteDisable),
    ("volatile-write-enable", Action::VolatileWriteEnable),
    ("read-status 1", Action::ReadStatus(1)),
    ("read-status 2", Action::ReadStatus(2)),
    ("read-status 3", Action::ReadStatus(3)),
    ("write-status 1", Action::WriteStatus(1)),
    ("write-status 2", Action::WriteStatus(2)),
    ("write-status 3", Action::WriteStatus(3)),
    ("read-flag-status", Action::ReadFlagStatus),
    ("read-jedec-id", Action::ReadJedecId),
    ("read-manufacturer-id", Action::ReadManufacturerId),
    ("read-unique-id", Action::ReadUniqueId),
    ("read-sfdp", Action::ReadSfdp),
    ("power-down", Action::PowerDown),
    ("release", Action::Release),
    ("suspend", Action::Suspend),
    ("resume", Action::Resume),
    ("enable-reset", Action::EnableReset),
    ("reset", Action::Reset),
    ("enter-quad", Action::EnterQuad),
    ("enter-dual", Action::EnterDual),
    ("exit-lanes", Action::ExitLanes),
    ("enter-4-byte", Action::EnterFourByte),
    ("exit-4-byte", Action::ExitFourByte),
    ("read-mode", Action::ReadMode),
    ("write-mode", Action::WriteMode),
];

const CLASSES: &[(&str, Class)] = &[
    ("read", class::READ),
    ("slow-read", class::SLOW_READ),
    ("write", class::WRITE),
    ("double-rate", class::DOUBLE_RATE),
];

const PHASE_KINDS: &[(&str, PhaseKind)] = &[
    ("address", PhaseKind::Address),
    ("mode", PhaseKind::Mode),
    ("dummy", PhaseKind::Dummy),
    ("read", PhaseKind::Read),
    ("write", PhaseKind::Write),
    ("exchange", PhaseKind::Exchange),
];

/// The bits of an address whose phase does not state them.
pub(crate) const SHORT_ADDRESS: u32 = 24;

impl Action {
    /// True if it changes memory or registers and takes time for it.
    pub(crate) const fn changes(self) -> bool {
        matches!(
            self,
            Action::Program
                | Action::Erase(_)
                | Action::EraseChip
                | Action::WriteStatus(_)
                | Action::Write
                | Action::WriteMode
        )
    }

    /// The number of lanes of later opcodes, if it changes them.
    const fn switches_lanes(self) -> Option<u8> {
        match self {
            Action::EnterQuad => Some(4),
            Action::EnterDual => Some(2),
            Action::ExitLanes => Some(1),
            _ => None,
        }
    }

    fn read(value: &Value<'_>) -> Result<Action, PartError> {
        match value.str()?.strip_prefix("erase ") {
            Some(size) if size != "chip" => quantity::size(size)
                .filter(|size| size.is_power_of_two())
                .map(Action::Erase)
                .ok_or_else(|| value.malformed("`erase` and a power of two", "erase 4 KiB")),
            _ => value.choice("action", ACTIONS),
        }
    }
}

/// What a part file says of a command beyond what the bus needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What it does.
    pub action: Action,
    /// The name of the device time that it takes.
    pub time: Option<String>,
    /// It is refused while quad mode is not enabled.
    pub needs_quad_enable: bool,
    /// Its address has 32 bits in the 4-byte address mode.
    pub address_grows: bool,
    /// The names of the bits of the byte it reads or writes, bit 0 first; `-` for a bit without name.
    pub bits: Vec<String>,
    /// The phases as the file spells them.
    pub phases: String,
}

/// The commands of a part: what the bus knows of them and, row by row, what the device does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commands {
    /// For the monitor and the agents.
    pub table: Arc<CommandTable>,
    /// One for each row of the table.
    pub details: Vec<Detail>,
}

impl Commands {
    /// The row of that opcode.
    pub fn find(&self, opcode: u64) -> Option<usize> {
        self.table.commands.iter().position(|c| (c.opcode ^ opcode) & c.mask == 0)
    }

    /// True if the part file states what a row's command is while opcodes travel on `lanes` lanes.
    pub(crate) fn is_stated_on(&self, row: usize, lanes: u8) -> bool {
        let command = self.table.commands.get(row);
        command.is_some_and(|command| lanes == 1 || command.on_lanes.iter().any(|(count, _)| *count == lanes))
    }

    /// Reads the rows.
    pub(crate) fn read(value: &Value<'_>, numbers: &mut Numbers) -> Result<Commands, PartError> {
        let mut commands = Vec::new();
        let mut details = Vec::new();
        for row in value.list()? {
            let table = row.table("[[command]]")?;
            let (command, detail) = read_row(&table, numbers)?;
            if commands.iter().any(|earlier: &Command| earlier.opcode == command.opcode) {
                return Err(row.error(Problem::Twice { what: "opcode", number: command.opcode }));
            }
            commands.push(command);
            details.push(detail);
        }
        Ok(Commands { table: Arc::new(CommandTable { opcode_bits: 8, commands }), details })
    }
}

fn read_row(table: &Table<'_>, numbers: &mut Numbers) -> Result<(Command, Detail), PartError> {
    let opcode = table.require("opcode")?.number(0..=0xff)?;
    let name = table.require("name")?.str()?.to_owned();
    let detail = read_detail(table)?;
    let phases = table.get("phases").map_or(Ok(Vec::new()), |v| read_phases(&v))?;
    let class = table.get("class").map(|v| v.choice("class", CLASSES)).transpose()?;
    let class = class.unwrap_or_else(|| default_class(detail.action, &phases));
    let switches_lanes = detail.action.switches_lanes();
    let on_lanes = read_on_lanes(table)?;
    let cite = read_row_cite(table, opcode)?;
    table.finish()?;
    numbers.add("command", &name, format!("{opcode:02x}h {}", spelled(table, &detail)), &cite);
    Ok((Command { opcode, mask: u64::MAX, name, class, phases, switches_lanes, on_lanes }, detail))
}

/// The phases as the file spells them, also those on several lanes.
fn spelled(table: &Table<'_>, detail: &Detail) -> String {
    let on_lanes = ["x2", "x4"].into_iter().filter_map(|key| Some((key, table.get(key)?.str().ok()?)));
    let more = on_lanes
        .filter(|(_, phases)| !phases.is_empty())
        .map(|(key, phases)| format!("; on {key}: {phases}"));
    detail.phases.clone() + &more.collect::<String>()
}

fn read_detail(table: &Table<'_>) -> Result<Detail, PartError> {
    let text = |key| table.get(key).map(|v: Value<'_>| v.str().map(str::to_owned)).transpose();
    let phases = text("phases")?.unwrap_or_default();
    let needs = table.get("needs").map(|v| v.choice("condition", &[("quad-enable", ())])).transpose()?;
    Ok(Detail {
        action: table.get("action").map_or(Ok(Action::None), |v| Action::read(&v))?,
        time: text("time")?,
        needs_quad_enable: needs.is_some(),
        address_grows: phases.split(',').any(has_unstated_address),
        bits: text("bits")?.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        phases,
    })
}

fn read_on_lanes(table: &Table<'_>) -> Result<Vec<(u8, Vec<Phase>)>, PartError> {
    let mut on_lanes = Vec::new();
    for (key, lanes) in [("x2", 2), ("x4", 4)] {
        if let Some(value) = table.get(key) {
            on_lanes.push((lanes, read_phases(&value)?));
        }
    }
    Ok(on_lanes)
}

fn read_row_cite(table: &Table<'_>, opcode: u64) -> Result<String, PartError> {
    match table.get("cite") {
        Some(cite) => cite.str().map(str::to_owned),
        None => Err(table.error(Problem::NoCite(format!("command {opcode:02x}")))),
    }
}

/// True for an address phase without a number.
fn has_unstated_address(phase: &str) -> bool {
    let mut words = phase.split_whitespace();
    words.next() == Some("address")
        && !words.next().is_some_and(|w| w.starts_with(|c: char| c.is_ascii_digit()))
}

/// The class of a command that states none.
fn default_class(action: Action, phases: &[Phase]) -> Class {
    if action.changes() {
        class::WRITE
    } else if phases.iter().any(|p| p.lanes.rate == Rate::Double) {
        class::DOUBLE_RATE
    } else {
        class::READ
    }
}

/// Reads a list of phases.
fn read_phases(value: &Value<'_>) -> Result<Vec<Phase>, PartError> {
    let text = value.str()?;
    let words: Vec<&str> = text.split(',').map(str::trim).filter(|phase| !phase.is_empty()).collect();
    let last = words.len().saturating_sub(1);
    let mut list = Vec::new();
    for (i, phase) in words.iter().enumerate() {
        let fail = |reason| value.error(Problem::Phase { phase: (*phase).to_owned(), reason });
        let read = read_phase(phase).map_err(fail)?;
        if read.length == 0 && i != last {
            return Err(fail("only the last phase can last until CS becomes inactive"));
        }
        list.push(read);
    }
    Ok(list)
}

fn read_phase(text: &str) -> Result<Phase, &'static str> {
    let mut words = text.split_whitespace().peekable();
    let name = words.next().unwrap_or_default();
    let kind = PHASE_KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    let kind = kind.ok_or("a phase is an `address`, `mode`, `dummy`, `read`, `write` or `exchange`")?;
    let stated: Option<u32> = words
        .next_if(|w| w.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::parse)
        .transpose()
        .map_err(|_| "the number of bits or clocks is not a number")?;
    let count = match words.next_if(|w| w.starts_with('x')) {
        None | Some("x1") => 1,
        Some("x2") => 2,
        Some("x4") => 4,
        Some(_) => return Err("there are 1, 2 or 4 lanes"),
    };
    let rate = if words.next_if_eq(&"dtr").is_some() { Rate::Double } else { Rate::Single };
    if words.next().is_some() {
        return Err("what follows is a number, `x2` or `x4`, and `dtr`, in this order");
    }
    let length = phase_length(kind, stated)?;
    if kind != PhaseKind::Dummy && length % u32::from(count) != 0 {
        return Err("the bits do not divide among the lanes");
    }
    Ok(Phase { kind, length, lanes: Lanes { count, rate } })
}

fn phase_length(kind: PhaseKind, stated: Option<u32>) -> Result<u32, &'static str> {
    match (kind, stated) {
        (_, Some(length)) if !(1..=64).contains(&length) => Err("a phase has 1 to 64 bits or clocks"),
        (_, Some(length)) => Ok(length),
        (PhaseKind::Address, None) => Ok(SHORT_ADDRESS),
        (PhaseKind::Mode | PhaseKind::Dummy, None) => Err("the number of bits or clocks is missing"),
        (PhaseKind::Read | PhaseKind::Write | PhaseKind::Exchange, None) => Ok(0),
    }
}
