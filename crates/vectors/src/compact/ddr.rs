//! What is done to a DDR memory, as a vector writes it: commands or requests, and the time between.
//!
//! ```text
//! ACT 0 1 2 18, tRCD - 1 nCK, RD 0 1 2 8       rank, bank group, bank, row or column; what is left out is 0
//! R 0x40, W 0x2000, 100 nCK, R 0x40            reads and writes of addresses, for a controller
//! ```
//! Items stand apart by commas or line ends.

use std::fmt;
use std::ops::Range;

use busproof_core::bus::ddr::rules::PARAMS;
use busproof_core::bus::ddr::{Command, Level};

use crate::suggest;

/// An item, and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The bytes of the text.
    pub span: Range<usize>,
    /// What it is.
    pub kind: ItemKind,
}

/// What there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A command.
    Command(Order),
    /// A read of a controller.
    Read(u64),
    /// A write of a controller.
    Write(u64),
    /// Time passes.
    Delay(Delay),
}

/// A command and where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// What.
    pub command: Command,
    /// The rank.
    pub rank: u8,
    /// The bank group in it.
    pub bank_group: u8,
    /// The bank in the group.
    pub bank: u8,
    /// The row, of an activate.
    pub row: Option<u32>,
    /// The column, of a read or write.
    pub column: Option<u32>,
}

/// So many clocks: `17 nCK`, `tRCD`, `tRCD - 1 nCK`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delay {
    /// A rule of the standard, or a number of the part.
    pub name: Option<String>,
    /// Clocks more, or less.
    pub clocks: i64,
}

/// What is wrong, with a way out, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The bytes of the text.
    pub span: Range<usize>,
    /// What.
    pub message: String,
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.clocks) {
            (None, clocks) => write!(f, "{clocks} nCK"),
            (Some(name), 0) => f.write_str(name),
            (Some(name), clocks) if clocks < 0 => write!(f, "{name} - {} nCK", -clocks),
            (Some(name), clocks) => write!(f, "{name} + {clocks} nCK"),
        }
    }
}

/// Reads the text of a step.
pub fn parse(text: &str) -> Result<Vec<Item>, Mistake> {
    let items = text.split([',', '\n']).filter(|item| !item.trim().is_empty());
    items.map(|item| item_of(item, offset(text, item))).collect()
}

/// Where a part of a text begins in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

fn item_of(text: &str, start: usize) -> Result<Item, Mistake> {
    let begin = start + text.len() - text.trim_start().len();
    let text = text.trim();
    let span = begin..begin + text.len();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let command = words.first().and_then(|word| command(word));
    let kind = match (words.as_slice(), command) {
        ([_, numbers @ ..], Some(command)) => order(command, numbers).map(ItemKind::Command),
        (["R", address], _) => number(address).map(ItemKind::Read),
        (["W", address], _) => number(address).map(ItemKind::Write),
        _ => delay(text).map(ItemKind::Delay),
    };
    match kind {
        Ok(kind) => Ok(Item { span, kind }),
        Err(message) => Err(Mistake { span, message }),
    }
}

/// The command of that name, as it is spelt.
pub(crate) fn command(word: &str) -> Option<Command> {
    Command::ALL.iter().copied().find(|command| command.name() == word)
}

fn order(command: Command, words: &[&str]) -> Result<Order, String> {
    let numbers = words.iter().map(|word| number(word)).collect::<Result<Vec<u64>, _>>()?;
    let has_row = command == Command::Act;
    let most = match command.level() {
        Level::Bank if has_row || command.is_column() => 4,
        Level::Bank | Level::Group => 3,
        Level::Rank | Level::Channel => 1,
    };
    if numbers.len() > most {
        let all = ["rank", "bank group", "bank", if has_row { "row" } else { "column" }];
        return Err(format!("{command} has {most} numbers at most: {}", all[..most].join(", ")));
    }
    let at = |index: usize| numbers.get(index).copied().unwrap_or(0);
    let small = |index: usize| u8::try_from(at(index)).ok().filter(|&number| number < u8::MAX);
    let last = numbers.get(3).copied().map(u32::try_from).transpose();
    let (Some(rank), Some(bank_group), Some(bank), Ok(last)) = (small(0), small(1), small(2), last) else {
        return Err("ranks, bank groups and banks are below 255, rows and columns below 2^32".to_owned());
    };
    let (row, column) = if has_row { (last, None) } else { (None, last) };
    Ok(Order { command, rank, bank_group, bank, row, column })
}

fn number(word: &str) -> Result<u64, String> {
    let number = match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    };
    number.ok_or_else(|| format!("`{word}` is no number; write such as `18` or `0x12`"))
}

/// `17 nCK`, `tRCD` or `tRCD - 1 nCK`.
pub(crate) fn delay(text: &str) -> Result<Delay, String> {
    let text = text.trim();
    if let Some(clocks) = clocks(text) {
        return Ok(Delay { name: None, clocks });
    }
    let at = text.find(['+', '-']).unwrap_or(text.len());
    let (name, rest) = (text[..at].trim_end(), &text[at..]);
    let clocks = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
        (Some(more), _) => clocks(more),
        (_, Some(less)) => clocks(less).map(|clocks| -clocks),
        _ => Some(0),
    };
    match clocks.filter(|_| is_name(name)) {
        Some(clocks) => Ok(Delay { name: Some(name.to_owned()), clocks }),
        None => Err(no_item(text)),
    }
}

/// `17 nCK`.
fn clocks(text: &str) -> Option<i64> {
    let number = text.trim().strip_suffix("nCK")?.trim_end();
    let digits = number.bytes().all(|digit| digit.is_ascii_digit());
    number.parse().ok().filter(|_| digits)
}

fn is_name(text: &str) -> bool {
    text.starts_with('t') && text.len() > 1 && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

/// What to say of a text that is nothing.
fn no_item(text: &str) -> String {
    let first = text.split_ascii_whitespace().next().unwrap_or_default();
    let commands = Command::ALL.iter().map(|command| command.name());
    let known = commands.chain(PARAMS.iter().map(|info| info.name));
    match suggest::nearest(first, known) {
        Some(name) if name != first => {
            format!("`{text}` is neither a command nor a time; did you mean `{name}`?")
        }
        _ => format!(
            "`{text}` is neither a command nor a time; write `ACT 0 1 2 18`, `R 0x40`, `17 nCK` or `tRCD - 1 nCK`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<ItemKind> {
        parse(text).unwrap().into_iter().map(|item| item.kind).collect()
    }

    #[test]
    fn commands_have_a_place_and_a_row_or_a_column() {
        let order = |command, place: [u8; 3], row, column| {
            let [rank, bank_group, bank] = place;
            ItemKind::Command(Order { command, rank, bank_group, bank, row, column })
        };
        assert_eq!(
            kinds("ACT 0 1 2 0x12, RD 0 1 2 8\n  PREA\nREFsb 1 0 3"),
            [
                order(Command::Act, [0, 1, 2], Some(18), None),
                order(Command::Rd, [0, 1, 2], None, Some(8)),
                order(Command::PreAll, [0, 0, 0], None, None),
                order(Command::RefSame, [1, 0, 3], None, None),
            ]
        );
    }

    #[test]
    fn requests_and_delays_are_told_apart() {
        let delay =
            |name: Option<&str>, clocks| ItemKind::Delay(Delay { name: name.map(str::to_owned), clocks });
        assert_eq!(kinds("R 0x40, W 64"), [ItemKind::Read(64), ItemKind::Write(64)]);
        assert_eq!(
            kinds("17 nCK, tRCD, tRC_pb-1nCK, tXS + 2 nCK"),
            [delay(None, 17), delay(Some("tRCD"), 0), delay(Some("tRC_pb"), -1), delay(Some("tXS"), 2),]
        );
        for text in ["17 nCK", "tRCD", "tRCD - 1 nCK", "tRCD + 2 nCK"] {
            assert_eq!(super::delay(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn mistakes_have_a_place_and_a_way_out() {
        let mistake = |text: &str| parse(text).unwrap_err();
        assert_eq!(mistake("ACT 0 0 0 1, RDD 0").span, 13..18);
        assert!(mistake("RDD 0").message.contains("did you mean `RD`?"), "{}", mistake("RDD 0").message);
        assert!(mistake("17").message.contains("`17 nCK`"));
        assert!(mistake("tRCD - 1").message.contains("neither a command nor a time"));
        assert_eq!(mistake("PREA 0 1").message, "PREA has 1 numbers at most: rank");
        assert_eq!(mistake("R 0xzz").message, "`0xzz` is no number; write such as `18` or `0x12`");
        assert!(mistake("ACT 300").message.contains("below 255"));
    }
}
