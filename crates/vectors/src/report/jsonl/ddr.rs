//! The lines of items of DDR memories.

use std::fmt::Write as _;

use busproof_core::bus::ddr::pins::{Beat, Order};
use busproof_core::bus::ddr::{Burst, Command, Item, Level, Said};
use busproof_core::{Bits, Time};

/// Prints the lines of items of DDR memories, in the same memory for each.
///
/// ```text
/// {"bus":"ddr","kind":"command","start_fs":42000000,"end_fs":42000000,"rank":0,"command":"ACT","bank_group":0,"bank":2,"row":496}
/// {"bus":"ddr","kind":"data","start_fs":71000000,"end_fs":75000000,"rank":0,"command":"WR","bank_group":0,"bank":2,"row":496,"column":504,"data":["11","22"],"mask":["0","1"]}
/// ```
///
/// `end_fs` is the clock edge from which delays count, or the last sample of the data. `column`, `row`, `register` and `value` are there
/// for the commands that have them; a row also for data, if its activate was seen. `data` has a word for each beat; `unknown` is there if
/// a bit is, `mask` if a byte is left out, a bit for each byte; `incomplete` if strobes did not come, `unknown_address` if an address pin
/// was neither low nor high.
#[derive(Clone, Debug, Default)]
pub struct DdrLines {
    line: String,
}

impl DdrLines {
    /// Calls `print` with the line of an item.
    ///
    /// # Errors
    /// Those of `print`.
    pub fn each<E>(&mut self, item: &Item, mut print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        self.line.clear();
        match item {
            Item::Command(said) => self.command(said),
            Item::Burst(burst) => self.burst(burst),
        }
        self.line.push('}');
        print(&self.line)
    }

    fn begin(&mut self, kind: &str, (start, end): (Time, Time), rank: u8, command: Command) {
        let (start, end) = (start.as_fs(), end.as_fs());
        self.put(format_args!(
            r#"{{"bus":"ddr","kind":"{kind}","start_fs":{start},"end_fs":{end},"rank":{rank},"command":"{command}""#
        ));
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.line.write_fmt(text);
    }

    fn command(&mut self, said: &Said) {
        let order = said.order;
        self.begin("command", (said.start, said.end), said.rank, order.command);
        self.place(&order, said.row);
        if said.unknown_address {
            self.line.push_str(r#","unknown_address":true"#);
        }
    }

    /// What the command carries.
    fn place(&mut self, order: &Order, open: Option<u32>) {
        let Order { command, group, bank, address, register, .. } = *order;
        match command.level() {
            Level::Bank => self.put(format_args!(r#","bank_group":{group},"bank":{bank}"#)),
            Level::Group => self.put(format_args!(r#","bank":{bank}"#)),
            Level::Rank | Level::Channel => {}
        }
        match command {
            Command::Act | Command::Act2 => self.put(format_args!(r#","row":{address}"#)),
            Command::Mrs => self.put(format_args!(r#","register":{register},"value":{address}"#)),
            Command::Mrr => self.put(format_args!(r#","register":{register}"#)),
            _ if command.is_column() => {
                if let Some(row) = open {
                    self.put(format_args!(r#","row":{row}"#));
                }
                self.put(format_args!(r#","column":{address}"#));
            }
            _ => {}
        }
    }

    fn burst(&mut self, burst: &Burst) {
        self.begin("data", (burst.start, burst.end), burst.rank, burst.order.command);
        self.place(&burst.order, burst.row);
        let width = burst.width.min(64);
        self.words("data", &burst.beats, |beat| Bits::new(beat.data, width).to_hex());
        if burst.beats.iter().any(|beat| beat.unknown != 0) {
            self.words("unknown", &burst.beats, |beat| Bits::new(beat.unknown, width).to_hex());
        }
        if burst.beats.iter().any(|beat| beat.mask != 0) {
            let bytes = width.div_ceil(8).min(16);
            self.words("mask", &burst.beats, |beat| Bits::new(beat.mask.into(), bytes).to_hex());
        }
        if burst.incomplete {
            self.line.push_str(r#","incomplete":true"#);
        }
    }

    fn words(&mut self, name: &str, beats: &[Beat], word: impl Fn(&Beat) -> String) {
        let words: Vec<String> = beats.iter().map(|beat| format!(r#""{}""#, word(beat))).collect();
        self.put(format_args!(r#","{name}":[{}]"#, words.join(",")));
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::Span;

    use super::*;

    fn line(item: &Item) -> String {
        let mut text = String::new();
        let print = |line: &str| {
            text.push_str(line);
            Ok::<(), ()>(())
        };
        assert_eq!(DdrLines::default().each(item, print), Ok(()));
        text
    }

    #[test]
    fn commands_and_data_are_json() {
        let said = |order| Said {
            start: Time::from_fs(1),
            end: Time::from_fs(2),
            clock: Span::from_fs(1),
            rank: 1,
            order,
            row: Some(6),
            unknown_address: false,
        };
        let command = |order| line(&Item::Command(said(order)));
        let head = r#"{"bus":"ddr","kind":"command","start_fs":1,"end_fs":2,"rank":1,"command":"#;
        let act = Order::new(Command::Act).at(2, 3).with(9);
        assert_eq!(command(act), format!(r#"{head}"ACT","bank_group":2,"bank":3,"row":9}}"#));
        let mrs = Order::mode(2, 24);
        assert_eq!(command(mrs), format!(r#"{head}"MRS","register":2,"value":24}}"#));
        let same = Order::new(Command::PreSame).at(0, 3);
        assert_eq!(command(same), format!(r#"{head}"PREsb","bank":3}}"#));
        let order = Order::new(Command::Wr).at(2, 3).with(8);
        let beats = vec![Beat::new(0xab), Beat { unknown: 0x0f, mask: 1, ..Beat::new(0x10) }];
        let (start, end) = (Time::from_fs(1), Time::from_fs(2));
        let burst = Burst { start, end, rank: 1, order, row: Some(6), beats, width: 8, incomplete: true };
        let text = line(&Item::Burst(burst));
        let head = head.replace("command\",\"start", "data\",\"start");
        let tail = r#""data":["ab","10"],"unknown":["00","0f"],"mask":["0","1"],"incomplete":true}"#;
        assert_eq!(text, format!(r#"{head}"WR","bank_group":2,"bank":3,"row":6,"column":8,{tail}"#));
    }
}
