//! Streams of commands as files.
//!
//! * Ours and that of Ramulator 2.1's `CmdTraceRecorder`: CSV whose first line names the columns, among them `clock`, `command`,
//!   `rank`, `bank_group`, `bank`, `row` and `column`.
//! * Ramulator 2's `TraceRecorder`: `clock, CMD, channel, rank, group, bank, row, column`, -1 for what does not apply.
//! * DRAMsim3: `clock command channel rank group bank row column`, with blanks or commas.
//! * A plain list: `clock CMD rank group bank row-or-column`; trailing numbers that do not apply may be left out.

use busproof_core::bus::ddr::{Command, Level};

use crate::trace::{Problem, TraceError};

/// A command of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The clock.
    pub clock: u64,
    /// What.
    pub command: Command,
    /// The channel.
    pub channel: u8,
    /// The rank on it.
    pub rank: u8,
    /// The bank group in the rank; 0 for a command to the whole rank.
    pub bank_group: u8,
    /// The bank in the group; 0 for a command to the whole rank.
    pub bank: u8,
    /// The row, where the file gives one.
    pub row: Option<u32>,
    /// The column, where the file gives one.
    pub column: Option<u32>,
    /// The line in the file, from 1.
    pub number: usize,
}

/// The columns of a file: where each level stands among the words of a line.
#[derive(Clone, Debug)]
struct Columns {
    clock: usize,
    command: usize,
    /// Channel, rank, bank group, bank, row, column.
    levels: [Option<usize>; 6],
    /// The last word is a row or a column, as the command has it.
    last_is_either: bool,
}

/// Reads a stream; `origin` names it in messages. Commands are in order of time.
pub fn parse(text: &str, origin: &str) -> Result<Vec<Line>, TraceError> {
    let mut columns = None;
    let mut lines: Vec<Line> = Vec::new();
    for (index, text) in text.lines().enumerate() {
        let words = words(text);
        let Some(&(_, first)) = words.first() else { continue };
        if first.eq_ignore_ascii_case("clock") || first.eq_ignore_ascii_case("clk") {
            columns = Some(Columns::named(&words));
            continue;
        }
        let before = lines.last().map_or(0, |line| line.clock);
        let line = read(text, &words, columns.as_ref(), index + 1, before);
        let place = |(column, problem)| TraceError::Line {
            origin: origin.to_owned(),
            line: index + 1,
            column,
            problem,
        };
        lines.extend(line.map_err(place)?);
    }
    Ok(lines)
}

/// The words of a line and their columns, without what follows `#`.
fn words(line: &str) -> Vec<(usize, &str)> {
    let text = line.split('#').next().unwrap_or_default();
    let is_gap = |c: char| c.is_whitespace() || c == ',';
    let offset = |word: &str| word.as_ptr() as usize - line.as_ptr() as usize + 1;
    text.split(is_gap).filter(|word| !word.is_empty()).map(|word| (offset(word), word)).collect()
}

impl Columns {
    /// By the names of a header.
    fn named(words: &[(usize, &str)]) -> Columns {
        let plain = |name: &str| name.to_ascii_lowercase().replace(['_', ' '], "");
        let find =
            |wanted: &[&str]| words.iter().position(|(_, word)| wanted.contains(&plain(word).as_str()));
        Columns {
            clock: 0,
            command: find(&["command", "cmd"]).unwrap_or(1),
            levels: [
                find(&["channel"]),
                find(&["rank"]),
                find(&["bankgroup", "group"]),
                find(&["bank"]),
                find(&["row"]),
                find(&["column", "col"]),
            ],
            last_is_either: false,
        }
    }

    /// By the number of words.
    fn counted(words: usize) -> Columns {
        let levels = if words >= 8 {
            [Some(2), Some(3), Some(4), Some(5), Some(6), Some(7)]
        } else {
            [None, Some(2), Some(3), Some(4), Some(5), Some(5)]
        };
        Columns { clock: 0, command: 1, levels, last_is_either: words < 8 }
    }
}

/// The command of a line; `None` for one that does nothing.
fn read(
    text: &str,
    words: &[(usize, &str)],
    columns: Option<&Columns>,
    number: usize,
    before: u64,
) -> Result<Option<Line>, (usize, Problem)> {
    let counted = Columns::counted(words.len());
    let columns = columns.unwrap_or(&counted);
    let word = |index: usize| words.get(index).copied().unwrap_or((text.len() + 1, ""));
    let (at, clock) = word(columns.clock);
    let clock = unsigned(clock).ok_or_else(|| (at, expected("a clock", clock)))?;
    if clock < before {
        return Err((at, Problem::Backwards { clock, before }));
    }
    let (at, name) = word(columns.command);
    if name.is_empty() {
        return Err((at, expected("a command", name)));
    }
    if ["NOP", "DES", "nop", "des"].contains(&name) {
        return Ok(None);
    }
    let command = command(name).ok_or_else(|| (at, Problem::Command(name.to_owned())))?;
    let mut levels = [None; 6];
    for (level, index) in columns.levels.iter().enumerate() {
        levels[level] = index.map(|index| value(word(index))).transpose()?.flatten();
    }
    if columns.last_is_either {
        levels[if command == Command::Act { 5 } else { 4 }] = None;
    }
    line(clock, command, levels, number).map(Some).map_err(|problem| (at, problem))
}

fn line(clock: u64, command: Command, levels: [Option<u32>; 6], number: usize) -> Result<Line, Problem> {
    let [channel, rank, group, bank, row, column] = levels;
    let small = |what, value: Option<u32>| match value.unwrap_or(0) {
        value if value < 255 => Ok(value as u8),
        value => Err(Problem::Outside { what, value: value as u64, count: 255 }),
    };
    let of_bank = command.level() == Level::Bank;
    Ok(Line {
        clock,
        command,
        channel: small("channel", channel)?,
        rank: small("rank", rank)?,
        bank_group: small("bank group", group.filter(|_| of_bank))?,
        bank: small("bank", bank.filter(|_| command.level() >= Level::Group))?,
        row,
        column: column.filter(|_| command.is_column()),
        number,
    })
}

/// A number; `None` for -1 and for nothing.
fn value((at, word): (usize, &str)) -> Result<Option<u32>, (usize, Problem)> {
    if word.is_empty() || word == "-1" || word == "-" {
        return Ok(None);
    }
    let number = unsigned(word).and_then(|number| u32::try_from(number).ok());
    number.map(Some).ok_or_else(|| (at, expected("a number below 2^32", word)))
}

fn unsigned(word: &str) -> Option<u64> {
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    }
}

fn expected(wanted: &'static str, found: &str) -> Problem {
    let found = if found.is_empty() { "the end of the line".to_owned() } else { format!("`{found}`") };
    Problem::Expected { wanted, found }
}

/// The command of that name, as any of the simulators spells it.
fn command(name: &str) -> Option<Command> {
    let lower = name.to_ascii_lowercase();
    let ours = || Command::ALL.iter().copied().find(|command| command.name().eq_ignore_ascii_case(name));
    Some(match lower.as_str() {
        "activate" | "act1" | "act-1" => Command::Act,
        "act-2" => Command::Act2,
        "prepb" | "precharge" => Command::Pre,
        "preab" => Command::PreAll,
        "read" => Command::Rd,
        "read_p" => Command::Rda,
        "write" => Command::Wr,
        "write_p" => Command::Wra,
        "refab" | "refresh" => Command::Ref,
        "refresh_bank" => Command::RefBank,
        "self_refresh" | "self_refresh_enter" => Command::Sre,
        "self_refresh_exit" => Command::Srx,
        "mrw" => Command::Mrs,
        _ => return ours(),
    })
}
