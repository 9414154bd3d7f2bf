//! What the opcodes of a peripheral mean: which lanes the phases of a command use, and which limits hold.

use crate::timing::Class;

/// Classes of access that limits depend on.
pub mod class {
    use crate::timing::Class;

    /// Not known: no command table, or before the opcode is complete.
    pub const UNKNOWN: Class = Class(0);
    /// Reads at full clock frequency (fC, tSHSL1).
    pub const READ: Class = Class(1);
    /// The slow read, opcode 03h (fR, tSHSL1).
    pub const SLOW_READ: Class = Class(2);
    /// Programs, erases and register writes (tSHSL2).
    pub const WRITE: Class = Class(3);
    /// Reads at double rate (fC of DTR, tSHSL1).
    pub const DOUBLE_RATE: Class = Class(4);
}

/// Transfers per clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rate {
    /// One bit per lane and clock.
    #[default]
    Single,
    /// One bit per lane and clock edge (DTR).
    Double,
}

/// How bits travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lanes {
    /// The number of lanes: 1, 2 or 4.
    pub count: u8,
    /// Transfers per clock.
    pub rate: Rate,
}

impl Default for Lanes {
    fn default() -> Lanes {
        Lanes::SINGLE
    }
}

impl Lanes {
    /// MOSI and MISO.
    pub const SINGLE: Lanes = Lanes { count: 1, rate: Rate::Single };
    /// Two lanes.
    pub const DUAL: Lanes = Lanes { count: 2, rate: Rate::Single };
    /// Four lanes.
    pub const QUAD: Lanes = Lanes { count: 4, rate: Rate::Single };
}

/// What a phase of a command carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhaseKind {
    /// Address bits, to the peripheral.
    Address,
    /// Mode bits (continuous read), to the peripheral.
    Mode,
    /// Clocks that carry nothing; the lines turn around.
    Dummy,
    /// Data to the peripheral.
    Write,
    /// Data from the peripheral.
    Read,
    /// Data in both directions at once.
    Exchange,
}

/// A phase of a command after its opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Phase {
    /// What it carries.
    pub kind: PhaseKind,
    /// How many bits, or clocks for [`PhaseKind::Dummy`]; 0: words until CS becomes inactive, always the last phase.
    pub length: u32,
    /// How they travel.
    pub lanes: Lanes,
}

/// A command of a peripheral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The opcode.
    pub opcode: u64,
    /// The bits of the opcode that matter: all ones unless part of the word is an operand.
    pub mask: u64,
    /// As the data sheet names it: `READ JEDEC ID`.
    pub name: String,
    /// Which limits hold.
    pub class: Class,
    /// What follows the opcode.
    pub phases: Vec<Phase>,
    /// The number of lanes of later opcodes, if this command changes it (QPI on: 4, off: 1).
    pub switches_lanes: Option<u8>,
    /// What follows the opcode while opcodes travel on that many lanes (2 or 4), where it is not `phases`.
    pub on_lanes: Vec<(u8, Vec<Phase>)>,
}

impl Command {
    /// What follows an opcode that travelled on `lanes` lanes.
    pub fn phases_on(&self, lanes: u8) -> &[Phase] {
        self.on_lanes.iter().find(|(count, _)| *count == lanes).map_or(&self.phases, |(_, phases)| phases)
    }
}

/// The commands of a peripheral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandTable {
    /// The length of an opcode in bits, 1 to 64.
    pub opcode_bits: u32,
    /// The commands; the first that fits counts.
    pub commands: Vec<Command>,
}

impl CommandTable {
    /// The command of that opcode.
    pub fn find(&self, opcode: u64) -> Option<&Command> {
        self.commands.iter().find(|c| (c.opcode ^ opcode) & c.mask == 0)
    }
}
