//! Commands and data for people: a row each, data indented below what they belong to as they come.
//!
//! ```text
//!             time  rank  command
//!            42 ns     0  ACT 0.2 row 1f0
//!            56 ns     0  RD 0.2 col 1f8
//!            71 ns     0    RD 0.2 col 1f8: 11 22 33 44 55 66 77 88
//! ```

use std::io::{self, Write};

use busproof_core::bus::ddr::{Burst, Item};
use busproof_vectors::caption::ddr::beat;

use crate::out::COLUMNS;
use crate::protocol;
use crate::units::{count, instant};

/// The columns of the time and of the rank.
const TIME: usize = 16;
const RANK: usize = 4;

/// Prints commands and data as they come.
#[derive(Debug, Default)]
pub(crate) struct Printer {
    headed: bool,
    commands: u64,
    reads: u64,
    writes: u64,
}

impl protocol::Printer<Item> for Printer {
    fn item(&mut self, item: &Item, out: &mut impl Write) -> io::Result<()> {
        if !std::mem::replace(&mut self.headed, true) {
            writeln!(out, "{:>TIME$}  {:>RANK$}  command", "time", "rank")?;
        }
        let time = instant(item.start());
        match item {
            Item::Command(said) => {
                self.commands += 1;
                let odd = if said.unknown_address { " ADDRESS?" } else { "" };
                writeln!(out, "{time:>TIME$}  {:>RANK$}  {}{odd}", said.rank, said.order)
            }
            Item::Burst(burst) => {
                *(if burst.is_write() { &mut self.writes } else { &mut self.reads }) += 1;
                data(&time, burst, out)
            }
        }
    }

    fn finish(&mut self, _: &mut impl Write) -> io::Result<()> {
        Ok(())
    }

    /// `12 commands, data of 3 reads and 1 write`.
    fn totals(&self) -> String {
        let commands = count(self.commands, "command");
        match (self.reads, self.writes) {
            (0, 0) => commands,
            (reads, writes) => {
                format!("{commands}, data of {} and {}", count(reads, "read"), count(writes, "write"))
            }
        }
    }
}

/// Data on as many lines as it takes.
fn data(time: &str, burst: &Burst, out: &mut impl Write) -> io::Result<()> {
    let row = burst.row.map_or(String::new(), |row| format!(" (row {row:x})"));
    let odd = if burst.incomplete { " NO STROBE" } else { "" };
    let mut line = format!("{time:>TIME$}  {:>RANK$}    {}{row}{odd}:", burst.rank, burst.order);
    for one in &burst.beats {
        let word = beat(one, burst.width);
        if line.len() + 1 + word.len() > COLUMNS {
            writeln!(out, "{line}")?;
            line = " ".repeat(TIME + RANK + 7);
        }
        line.push(' ');
        line.push_str(&word);
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use busproof_core::bus::ddr::pins::{Beat, Order};
    use busproof_core::bus::ddr::{Command, Said};
    use busproof_core::{Span, Time};

    use super::*;
    use crate::protocol::Printer as _;

    #[test]
    fn commands_have_rows_and_data_stand_below() {
        let at = |ns: u64| Time::from_fs(ns * 1_000_000);
        let order = Order::new(Command::Wr).at(0, 2).with(0x1f8);
        let said = |ns, order| Said {
            start: at(ns),
            end: at(ns),
            clock: Span::from_ns(1),
            rank: 0,
            order,
            row: None,
            unknown_address: ns == 42,
        };
        let act = Order { command: Command::Act, ..order };
        let beats = vec![
            Beat::new(0x1122_3344_5566_7788),
            Beat { unknown: 0xff00, mask: 0x81, ..Beat::new(0x1122_3344_5566_7788) },
            Beat::new(0),
            Beat::new(u64::MAX),
        ];
        let burst = Burst {
            start: at(71),
            end: at(75),
            rank: 0,
            order,
            row: Some(0x1f0),
            beats,
            width: 64,
            incomplete: false,
        };
        let items = [Item::Command(said(42, act)), Item::Command(said(56, order)), Item::Burst(burst)];
        let (mut printer, mut out) = (Printer::default(), Vec::new());
        items.iter().try_for_each(|item| printer.item(item, &mut out)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|line| line.len() <= COLUMNS), "{text}");
        let rows: Vec<String> =
            text.lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            rows,
            [
                "time rank command",
                "42 ns 0 ACT 0.2 row 1f8 ADDRESS?",
                "56 ns 0 WR 0.2 col 1f8",
                "71 ns 0 WR 0.2 col 1f8 (row 1f0): 1122334455667788",
                "--2233445566xx-- 0000000000000000 ffffffffffffffff",
            ]
        );
        assert_eq!(printer.totals(), "2 commands, data of 0 reads and 1 write");
    }
}
