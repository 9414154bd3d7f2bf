//! What the state of banks and ranks forbids.

use std::collections::BTreeMap;
use std::fmt;

use busproof_core::bus::ddr::{Command, Level, Standard};
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
    /// A command that the standard does not have.
    NoSuchCommand,
    /// Refreshes of fine granularity that do not add up to whole ones.
    RefreshParts,
}

impl BreachKind {
    /// Every kind.
    pub const ALL: &[BreachKind] = &[
        BreachKind::ClosedBank,
        BreachKind::OtherRow,
        BreachKind::OpenBank,
        BreachKind::BanksNotIdle,
        BreachKind::Asleep,
        BreachKind::NotAsleep,
        BreachKind::SameClock,
        BreachKind::NoSuchPlace,
        BreachKind::NoSuchCommand,
        BreachKind::RefreshParts,
    ];

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
            BreachKind::NoSuchCommand => "ddr::no-such-command",
            BreachKind::RefreshParts => "ddr::refresh-parts",
        }
    }

    /// What it means and what usually causes it, in a few sentences.
    pub const fn explanation(self) -> &'static str {
        match self {
            BreachKind::ClosedBank => {
                "Data are read from and written to the row that is open. Before, the bank must be activated; a precharge, an auto \
                 precharge behind an earlier read or write, or a precharge of all banks has closed it since. The data are lost."
            }
            BreachKind::OtherRow => {
                "A read or write goes to whatever row is open: the command names none. A trace that names another row than the \
                 activate before it has lost a precharge and an activate, or mixes up banks."
            }
            BreachKind::OpenBank => {
                "A bank has one row buffer. Its row must be precharged before another is activated, also if it is the same row."
            }
            BreachKind::BanksNotIdle => {
                "A refresh uses the row buffers of the banks it concerns; self refresh, calibration, and in DDR3 and DDR4 a mode \
                 register set need all banks of the rank precharged."
            }
            BreachKind::Asleep => {
                "A rank in power-down or self refresh ignores commands until it has been woken: first comes the exit, then tXP or \
                 tXS."
            }
            BreachKind::NotAsleep => {
                "An exit from power-down or from self refresh must match the entry before it; the trace has lost the entry, or has \
                 the wrong exit."
            }
            BreachKind::SameClock => {
                "A channel has one command bus: one command can begin in a clock, to whichever rank."
            }
            BreachKind::NoSuchPlace => {
                "The part has fewer ranks, bank groups, banks, rows or columns. Often the trace is of another part, or its columns \
                 are taken for others: name them in the first line."
            }
            BreachKind::NoSuchCommand => {
                "Refreshes of single banks, of the same bank of all groups and of fine granularity, masked writes and others \
                 belong to some standards only. Often the trace is of another part."
            }
            BreachKind::RefreshParts => {
                "Refreshes of fine granularity each do a half (2x) or a quarter (4x) of a refresh. An even number of the former or \
                 a multiple of four of the latter must come before a whole refresh or a change of the rate."
            }
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
            BreachKind::NoSuchCommand => "a command that the standard of the part does not have",
            BreachKind::RefreshParts => {
                "another refresh before those of fine granularity add up to whole ones"
            }
        }
    }
}

impl fmt::Display for BreachKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.summary())
    }
}

/// Whether a rank sleeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sleep {
    #[default]
    Awake,
    PowerDown,
    SelfRefresh,
}

/// What is known of a rank.
#[derive(Clone, Copy, Debug, Default)]
struct RankState {
    sleep: Sleep,
    /// The last refresh of fine granularity, and how many have followed each other.
    fine: Option<(Command, u32)>,
}

impl RankState {
    /// True if refreshes of fine granularity are under way that `next` may not interrupt.
    ///
    /// Source: Alliance AS4C256M16D4 p.41: an even number of `REF2x`, or a multiple of four `REF4x`, before another kind.
    fn is_in_parts(&self, next: Command) -> bool {
        let Some((last, count)) = self.fine.filter(|&(last, _)| last != next) else { return false };
        let whole = if last == Command::Ref2 { 2 } else { 4 };
        count % whole != 0
    }

    fn refreshed(&mut self, command: Command) {
        self.fine = match (command, self.fine) {
            (Command::Ref, _) => None,
            (_, Some((last, count))) if last == command => Some((command, count + 1)),
            _ => Some((command, 1)),
        };
    }
}

/// A bank: channel, rank, bank group, bank.
type Bank = [u8; 4];

/// Open rows and sleeping ranks.
#[derive(Clone, Debug)]
pub(super) struct State {
    geometry: Geometry,
    standard: Standard,
    /// Banks with an open row, and which, if the file said so.
    open: BTreeMap<Bank, Option<u32>>,
    ranks: BTreeMap<[u8; 2], RankState>,
    /// The clock of the last command of each channel.
    last: BTreeMap<u8, u64>,
}

impl State {
    pub(super) fn new(memory: &Memory) -> State {
        State {
            geometry: *memory.geometry(),
            standard: memory.standard(),
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
        if !self.standard.has(line.command) {
            breach(BreachKind::NoSuchCommand);
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
            Command::Pdx => (rank.sleep != Sleep::PowerDown).then_some(BreachKind::NotAsleep),
            Command::Srx => (rank.sleep != Sleep::SelfRefresh).then_some(BreachKind::NotAsleep),
            _ if rank.sleep != Sleep::Awake => Some(BreachKind::Asleep),
            Command::Act => self.open.contains_key(&bank_of(line)).then_some(BreachKind::OpenBank),
            Command::Act2 => (!self.open.contains_key(&bank_of(line))).then_some(BreachKind::ClosedBank),
            command if command.is_column() => self.wrong_row(line),
            command if self.needs_idle(command) && self.any_open(line) => Some(BreachKind::BanksNotIdle),
            command @ (Command::Ref | Command::Ref2 | Command::Ref4) => {
                rank.is_in_parts(command).then_some(BreachKind::RefreshParts)
            }
            _ => None,
        }
    }

    /// True for a command that needs all banks idle that it concerns.
    ///
    /// DDR5 and the LPDDR standards set modes and calibrate while rows are open.
    fn needs_idle(&self, command: Command) -> bool {
        use Command::{Mrs, Ref, Ref2, Ref4, RefBank, RefSame, Sre, ZqLong, ZqShort};
        match command {
            Ref | Ref2 | Ref4 | RefBank | RefSame | Sre | ZqLong | ZqShort => true,
            Mrs => matches!(self.standard, Standard::Ddr3 | Standard::Ddr4),
            _ => false,
        }
    }

    /// True if a bank is open that the command concerns.
    fn any_open(&self, line: &Line) -> bool {
        self.open.keys().any(|bank| concerns(line, *bank))
    }

    fn wrong_row(&self, line: &Line) -> Option<BreachKind> {
        match (self.open.get(&bank_of(line)), line.row) {
            (None, _) => Some(BreachKind::ClosedBank),
            (Some(Some(open)), Some(row)) if *open != row => Some(BreachKind::OtherRow),
            _ => None,
        }
    }

    fn happen(&mut self, line: &Line) {
        let rank = self.ranks.entry(rank_of(line)).or_default();
        match line.command {
            Command::Pde => rank.sleep = Sleep::PowerDown,
            Command::Sre => rank.sleep = Sleep::SelfRefresh,
            Command::Pdx | Command::Srx => rank.sleep = Sleep::Awake,
            Command::Ref | Command::Ref2 | Command::Ref4 => rank.refreshed(line.command),
            Command::Act => {
                self.open.insert(bank_of(line), line.row);
            }
            Command::Pre | Command::PreAll | Command::PreSame => {
                self.open.retain(|bank, _| !concerns(line, *bank));
            }
            command if command.closes() => {
                self.open.remove(&bank_of(line));
            }
            _ => {}
        }
    }
}

/// True if the command concerns the bank.
fn concerns(line: &Line, bank: Bank) -> bool {
    let (same_group, same_number) = (bank[2] == line.bank_group, bank[3] == line.bank);
    bank[..2] == rank_of(line)
        && match line.command.level() {
            Level::Bank => same_group && same_number,
            Level::Group => same_number,
            Level::Rank | Level::Channel => true,
        }
}

fn rank_of(line: &Line) -> [u8; 2] {
    [line.channel, line.rank]
}

fn bank_of(line: &Line) -> Bank {
    debug_assert!(line.command.level() == Level::Bank, "only a command to a bank has one");
    [line.channel, line.rank, line.bank_group, line.bank]
}
