//! What the state of banks and ranks forbids.

use std::collections::BTreeMap;
use std::fmt;

use busproof_core::bus::ddr::{Command, Level};
use busproof_parts::memory::{Geometry, Memory};

use super::commands::Line;

/// A command that the state of its bank or rank forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The command.
    pub line: Line,
    /// What forbids it.
    pub kind: BreachKind,
}

/// What forbids a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BreachKind {
    /// A read or write of a bank whose rows are all closed.
    ClosedBank,
    /// A read or write that names another row than the open one.
    OtherRow,
    /// An activate of a bank with an open row.
    OpenBank,
    /// A command that needs idle banks, with one open.
    BanksNotIdle,
    /// A command to a rank that sleeps.
    Asleep,
    /// An exit from a sleep that was never entered.
    NotAsleep,
    /// Two commands in one clock of a channel.
    SameClock,
    /// A rank, bank group, bank, row or column that the memory does not have.
    NoSuchPlace,
}

impl BreachKind {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            BreachKind::ClosedBank => "ddr::closed-bank",
            BreachKind::OtherRow => "ddr::other-row",
            BreachKind::OpenBank => "ddr::open-bank",
            BreachKind::BanksNotIdle => "ddr::banks-not-idle",
            BreachKind::Asleep => "ddr::asleep",
            BreachKind::NotAsleep => "ddr::not-asleep",
            BreachKind::SameClock => "ddr::same-clock",
            BreachKind::NoSuchPlace => "ddr::no-such-place",
        }
    }

    /// What happened, in words.
    pub const fn summary(self) -> &'static str {
        match self {
            BreachKind::ClosedBank => "a read or write of a bank without an open row",
            BreachKind::OtherRow => "a read or write of another row than the open one",
            BreachKind::OpenBank => "an activate of a bank whose row is still open",
            BreachKind::BanksNotIdle => "a command that needs all banks idle while a row is open",
            BreachKind::Asleep => "a command to a rank in power-down or self refresh",
            BreachKind::NotAsleep => "an exit from power-down or self refresh that was not entered",
            BreachKind::SameClock => "two commands in the same clock of a channel",
            BreachKind::NoSuchPlace => "a rank, bank group, bank, row or column that the part does not have",
        }
    }
}

impl fmt::Display for BreachKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.summary())
    }
}

/// How a rank is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Rank {
    #[default]
    Awake,
    PowerDown,
    SelfRefresh,
}

/// A bank: channel, rank, bank group, bank.
type Bank = [u8; 4];

/// Open rows and sleeping ranks.
#[derive(Clone, Debug)]
pub(super) struct State {
    geometry: Geometry,
    /// Banks with an open row, and which, if the file said so.
    open: BTreeMap<Bank, Option<u32>>,
    ranks: BTreeMap<[u8; 2], Rank>,
    /// The clock of the last command of each channel.
    last: BTreeMap<u8, u64>,
}

impl State {
    pub(super) fn new(memory: &Memory) -> State {
        State {
            geometry: *memory.geometry(),
            open: BTreeMap::new(),
            ranks: BTreeMap::new(),
            last: BTreeMap::new(),
        }
    }

    /// A command: notes what forbids it, then lets it happen.
    pub(super) fn command(&mut self, line: &Line, breaches: &mut Vec<Breach>) {
        let mut breach = |kind| breaches.push(Breach { line: *line, kind });
        if self.last.insert(line.channel, line.clock) == Some(line.clock) {
            breach(BreachKind::SameClock);
        }
        if !self.exists(line) {
            breach(BreachKind::NoSuchPlace);
        }
        if let Some(kind) = self.forbidden(line) {
            breach(kind);
        }
        self.happen(line);
    }

    fn exists(&self, line: &Line) -> bool {
        let Geometry { ranks, bank_groups, banks, rows, columns, .. } = self.geometry;
        let below = |value: u32, count: u32| value < count;
        let row = if line.command == Command::Act { line.row } else { None };
        below(line.rank.into(), ranks)
            && below(line.bank_group.into(), bank_groups)
            && below(line.bank.into(), banks)
            && row.is_none_or(|row| below(row, rows))
            && line.column.is_none_or(|column| below(column, columns))
    }

    fn forbidden(&self, line: &Line) -> Option<BreachKind> {
        let rank = self.ranks.get(&rank_of(line)).copied().unwrap_or_default();
        match line.command {
            Command::Pdx => (rank != Rank::PowerDown).then_some(BreachKind::NotAsleep),
            Command::Srx => (rank != Rank::SelfRefresh).then_some(BreachKind::NotAsleep),
            _ if rank != Rank::Awake => Some(BreachKind::Asleep),
            Command::Act => self.open.contains_key(&bank_of(line)).then_some(BreachKind::OpenBank),
            Command::Rd | Command::Rda | Command::Wr | Command::Wra => self.wrong_row(line),
            Command::RefBank => self.open.contains_key(&bank_of(line)).then_some(BreachKind::BanksNotIdle),
            Command::RefSame => {
                let same = |bank: &Bank| bank[..2] == rank_of(line) && bank[3] == line.bank;
                self.open.keys().any(same).then_some(BreachKind::BanksNotIdle)
            }
            Command::Ref | Command::Sre | Command::Mrs | Command::ZqLong | Command::ZqShort => {
                self.open.keys().any(|bank| bank[..2] == rank_of(line)).then_some(BreachKind::BanksNotIdle)
            }
            Command::Pre | Command::PreAll | Command::Pde => None,
        }
    }

    fn wrong_row(&self, line: &Line) -> Option<BreachKind> {
        match (self.open.get(&bank_of(line)), line.row) {
            (None, _) => Some(BreachKind::ClosedBank),
            (Some(Some(open)), Some(row)) if *open != row => Some(BreachKind::OtherRow),
            _ => None,
        }
    }

    fn happen(&mut self, line: &Line) {
        let rank = rank_of(line);
        match line.command {
            Command::Act => {
                self.open.insert(bank_of(line), line.row);
            }
            Command::Pre | Command::Rda | Command::Wra => {
                self.open.remove(&bank_of(line));
            }
            Command::PreAll => self.open.retain(|bank, _| bank[..2] != rank),
            Command::Pde => {
                self.ranks.insert(rank, Rank::PowerDown);
            }
            Command::Sre => {
                self.ranks.insert(rank, Rank::SelfRefresh);
            }
            Command::Pdx | Command::Srx => {
                self.ranks.insert(rank, Rank::Awake);
            }
            _ => {}
        }
    }
}

fn rank_of(line: &Line) -> [u8; 2] {
    [line.channel, line.rank]
}

fn bank_of(line: &Line) -> Bank {
    debug_assert!(line.command.level() == Level::Bank, "only a command to a bank has one");
    [line.channel, line.rank, line.bank_group, line.bank]
}
