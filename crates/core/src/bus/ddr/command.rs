//! Commands.

use std::fmt;

use crate::time::Time;
use crate::timing::{Event, EventKind, Place};

/// The number of commands: tables by [`Command::slot`] have so many entries.
pub const SLOTS: usize = Command::ALL.len();

/// How much of a channel a command concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// All of it.
    Channel = 1,
    /// A rank.
    Rank = 2,
    /// A bank group, or the banks of one number in all groups.
    Group = 3,
    /// A bank.
    Bank = 4,
}

/// A command of a DDR memory; what a standard lacks never occurs in its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// Activate: open a row.
    Act,
    /// Precharge: close the row of a bank.
    Pre,
    /// Precharge all banks of a rank.
    PreAll,
    /// Read.
    Rd,
    /// Read, then precharge.
    Rda,
    /// Write.
    Wr,
    /// Write, then precharge.
    Wra,
    /// Refresh all banks of a rank.
    Ref,
    /// Refresh one bank.
    RefBank,
    /// Refresh the banks of one number in all bank groups.
    RefSame,
    /// Power-down entry.
    Pde,
    /// Power-down exit.
    Pdx,
    /// Self-refresh entry.
    Sre,
    /// Self-refresh exit.
    Srx,
    /// Mode register set.
    Mrs,
    /// Long calibration.
    ZqLong,
    /// Short calibration.
    ZqShort,
}

use Command::{
    Act, Mrs, Pde, Pdx, Pre, PreAll, Rd, Rda, Ref, RefBank, RefSame, Sre, Srx, Wr, Wra, ZqLong, ZqShort,
};

impl Command {
    /// Every command, in the order of its number.
    pub const ALL: &[Command] = &[
        Act, Pre, PreAll, Rd, Rda, Wr, Wra, Ref, RefBank, RefSame, Pde, Pdx, Sre, Srx, Mrs, ZqLong, ZqShort,
    ];

    /// Its number.
    pub const fn slot(self) -> usize {
        self as usize
    }

    /// The kind of its event.
    pub const fn kind(self) -> EventKind {
        EventKind(self as u8)
    }

    /// The command of an event's kind; `None` if there is none.
    pub fn of(kind: EventKind) -> Option<Command> {
        Command::ALL.get(kind.0 as usize).copied()
    }

    /// As data sheets spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Act => "ACT",
            Pre => "PRE",
            PreAll => "PREA",
            Rd => "RD",
            Rda => "RDA",
            Wr => "WR",
            Wra => "WRA",
            Ref => "REF",
            RefBank => "REFpb",
            RefSame => "REFsb",
            Pde => "PDE",
            Pdx => "PDX",
            Sre => "SRE",
            Srx => "SRX",
            Mrs => "MRS",
            ZqLong => "ZQCL",
            ZqShort => "ZQCS",
        }
    }

    /// What it is, in a few words.
    pub const fn summary(self) -> &'static str {
        match self {
            Act => "activate",
            Pre => "precharge",
            PreAll => "precharge all",
            Rd => "read",
            Rda => "read with auto precharge",
            Wr => "write",
            Wra => "write with auto precharge",
            Ref => "refresh",
            RefBank => "refresh of a bank",
            RefSame => "refresh of the same bank of all groups",
            Pde => "power-down entry",
            Pdx => "power-down exit",
            Sre => "self-refresh entry",
            Srx => "self-refresh exit",
            Mrs => "mode register set",
            ZqLong => "long calibration",
            ZqShort => "short calibration",
        }
    }

    /// How much of a channel it concerns.
    pub const fn level(self) -> Level {
        match self {
            Act | Pre | Rd | Rda | Wr | Wra | RefBank => Level::Bank,
            RefSame => Level::Group,
            PreAll | Ref | Pde | Pdx | Sre | Srx | Mrs | ZqLong | ZqShort => Level::Rank,
        }
    }

    /// True for reads and writes.
    pub const fn is_column(self) -> bool {
        matches!(self, Rd | Rda | Wr | Wra)
    }

    /// The command at `bank` of the place as timing rules see it: what concerns a whole rank reaches all its banks.
    pub const fn event(self, time: Time, bank: Place) -> Event {
        let Place([channel, rank, ..]) = bank;
        let place = match self.level() {
            Level::Bank => bank,
            _ => Place([channel, rank, Place::ALL, Place::ALL]),
        };
        Event { place, ..Event::new(time, self.kind()) }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
