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
///
/// Its time is the clock in which the memory has received it: the last of those that it takes on the command bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// Activate: open a row.
    Act,
    /// The second half of an activate, where that is a command of its own.
    Act2,
    /// Precharge: close the row of a bank.
    Pre,
    /// Precharge all banks of a rank.
    PreAll,
    /// Precharge the banks of one number in all bank groups.
    PreSame,
    /// Read.
    Rd,
    /// Read, then precharge.
    Rda,
    /// Write.
    Wr,
    /// Write, then precharge.
    Wra,
    /// Masked write.
    Mwr,
    /// Masked write, then precharge.
    Mwra,
    /// Refresh all banks of a rank.
    Ref,
    /// Refresh half as much of a rank: fine granularity 2x.
    Ref2,
    /// Refresh a quarter as much of a rank: fine granularity 4x.
    Ref4,
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
    /// Mode register read.
    Mrr,
    /// Long calibration.
    ZqLong,
    /// Short calibration.
    ZqShort,
    /// Start of a calibration that runs by itself.
    ZqStart,
    /// Take over what a calibration found.
    ZqLatch,
}

use Command::{
    Act, Act2, Mrr, Mrs, Mwr, Mwra, Pde, Pdx, Pre, PreAll, PreSame, Rd, Rda, Ref, Ref2, Ref4, RefBank,
    RefSame, Sre, Srx, Wr, Wra, ZqLatch, ZqLong, ZqShort, ZqStart,
};

impl Command {
    /// Every command, in the order of its number.
    pub const ALL: &[Command] = &[
        Act, Act2, Pre, PreAll, PreSame, Rd, Rda, Wr, Wra, Mwr, Mwra, Ref, Ref2, Ref4, RefBank, RefSame, Pde,
        Pdx, Sre, Srx, Mrs, Mrr, ZqLong, ZqShort, ZqStart, ZqLatch,
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
            Act2 => "ACT2",
            Pre => "PRE",
            PreAll => "PREA",
            PreSame => "PREsb",
            Rd => "RD",
            Rda => "RDA",
            Wr => "WR",
            Wra => "WRA",
            Mwr => "MWR",
            Mwra => "MWRA",
            Ref => "REF",
            Ref2 => "REF2x",
            Ref4 => "REF4x",
            RefBank => "REFpb",
            RefSame => "REFsb",
            Pde => "PDE",
            Pdx => "PDX",
            Sre => "SRE",
            Srx => "SRX",
            Mrs => "MRS",
            Mrr => "MRR",
            ZqLong => "ZQCL",
            ZqShort => "ZQCS",
            ZqStart => "ZQST",
            ZqLatch => "ZQLAT",
        }
    }

    /// What it is, in a few words.
    pub const fn summary(self) -> &'static str {
        match self {
            Act => "activate",
            Act2 => "second half of an activate",
            Pre => "precharge",
            PreAll => "precharge all",
            PreSame => "precharge of the same bank of all groups",
            Rd => "read",
            Rda => "read with auto precharge",
            Wr => "write",
            Wra => "write with auto precharge",
            Mwr => "masked write",
            Mwra => "masked write with auto precharge",
            Ref => "refresh",
            Ref2 => "refresh, fine granularity 2x",
            Ref4 => "refresh, fine granularity 4x",
            RefBank => "refresh of a bank",
            RefSame => "refresh of the same bank of all groups",
            Pde => "power-down entry",
            Pdx => "power-down exit",
            Sre => "self-refresh entry",
            Srx => "self-refresh exit",
            Mrs => "mode register set",
            Mrr => "mode register read",
            ZqLong => "long calibration",
            ZqShort => "short calibration",
            ZqStart => "start of calibration",
            ZqLatch => "latch of calibration",
        }
    }

    /// How much of a channel it concerns.
    pub const fn level(self) -> Level {
        match self {
            Act | Act2 | Pre | Rd | Rda | Wr | Wra | Mwr | Mwra | RefBank => Level::Bank,
            PreSame | RefSame => Level::Group,
            PreAll | Ref | Ref2 | Ref4 | Pde | Pdx | Sre | Srx | Mrs | Mrr | ZqLong | ZqShort | ZqStart
            | ZqLatch => Level::Rank,
        }
    }

    /// True for reads and writes.
    pub const fn is_column(self) -> bool {
        matches!(self, Rd | Rda | Wr | Wra | Mwr | Mwra)
    }

    /// True for writes.
    pub const fn writes(self) -> bool {
        matches!(self, Wr | Wra | Mwr | Mwra)
    }

    /// True for reads and writes that close their row.
    pub const fn closes(self) -> bool {
        matches!(self, Rda | Wra | Mwra)
    }

    /// The kind of what it does to each of its banks, for a command to the banks of one number in all groups.
    pub const fn kind_at_banks(self) -> EventKind {
        match self {
            PreSame => EventKind(62),
            RefSame => EventKind(63),
            _ => self.kind(),
        }
    }

    /// The command at `bank` as timing rules see it: what concerns a whole rank reaches all its banks; what concerns the
    /// banks of one number is an event of the rank and then one at each of these banks, in `groups` bank groups.
    pub fn events(self, time: Time, bank: Place, groups: u8) -> impl Iterator<Item = Event> {
        let Place([channel, rank, group, number]) = bank;
        let at = move |kind, place| Event { place: Place(place), ..Event::new(time, kind) };
        let (first, banks) = match self.level() {
            Level::Bank => ([channel, rank, group, number], 0),
            Level::Group => ([channel, rank, Place::ALL, Place::ALL], groups),
            _ => ([channel, rank, Place::ALL, Place::ALL], 0),
        };
        let each = (0..banks).map(move |group| at(self.kind_at_banks(), [channel, rank, group, number]));
        std::iter::once(at(self.kind(), first)).chain(each)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
