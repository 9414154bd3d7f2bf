//! Words of handshakes for people: a row each, with what the receiver took to have it.
//!
//! ```text
//!             time         took  word
//!         12.34 ns         5 ns  5a
//!          42.1 ns       7.2 ns  5b UNSTABLE
//!            80 ns        20 ns  5c NOT TAKEN
//! ```

use std::io::{self, Write};

use busproof_core::bus::handshake::{Beat, Item};

use crate::protocol;
use crate::units::{count, instant, rounded};

/// The columns of the time, and of how long it took.
const TIME: usize = 16;
const TOOK: usize = 11;

/// Prints words as they come.
#[derive(Debug, Default)]
pub(crate) struct Printer {
    headed: bool,
    words: u64,
    dropped: u64,
    unstable: u64,
}

impl protocol::Printer<Item> for Printer {
    fn item(&mut self, item: &Item, out: &mut impl Write) -> io::Result<()> {
        let beat = item.beat();
        let taken = matches!(item, Item::Beat(_));
        if taken {
            self.words += 1;
        } else {
            self.dropped += 1;
        }
        self.unstable += u64::from(beat.flags.unstable);
        if !std::mem::replace(&mut self.headed, true) {
            writeln!(out, "{:>TIME$}  {:>TOOK$}  word", "time", "took")?;
        }
        writeln!(out, "{}", row(beat, taken))
    }

    fn finish(&mut self, _: &mut impl Write) -> io::Result<()> {
        Ok(())
    }

    /// `3 words, 1 not taken, 1 unstable`.
    fn totals(&self) -> String {
        let odd = [(self.dropped, "not taken"), (self.unstable, "unstable")];
        let odd = odd.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}"));
        count(self.words, "word") + &odd.collect::<String>()
    }
}

fn row(beat: &Beat, taken: bool) -> String {
    let (time, took) = (instant(beat.start), rounded(beat.end.since(beat.start).as_fs(), 3));
    let odd =
        [(!taken, " NOT TAKEN"), (beat.flags.unstable, " UNSTABLE"), (beat.flags.assumed_start, " START?")];
    let odd: String = odd.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
    format!("{time:>TIME$}  {took:>TOOK$}  {}{odd}", beat.data)
}

#[cfg(test)]
mod tests {
    use busproof_core::bus::handshake::Flags;
    use busproof_core::{Bits, Time};

    use super::*;
    use crate::protocol::Printer as _;

    #[test]
    fn words_have_rows_and_what_is_odd_stands_behind_them() {
        let beat = |start_ns: u64, data: Bits, flags| {
            let at = |ns: u64| Time::from_fs(ns * 1_000_000);
            Beat { start: at(start_ns), end: at(start_ns + 5), data, flags }
        };
        let plain = Flags::default();
        let items = [
            Item::Beat(beat(12, Bits::new(0x5a, 8), plain)),
            Item::Beat(beat(30, Bits::with_unknown(0x50, 0x0f, 8), Flags { unstable: true, ..plain })),
            Item::Incomplete(beat(60, Bits::new(0x1, 8), Flags { assumed_start: true, ..plain })),
        ];
        let (mut printer, mut out) = (Printer::default(), Vec::new());
        items.iter().try_for_each(|item| printer.item(item, &mut out)).unwrap();
        let text = String::from_utf8(out).unwrap();
        let rows: Vec<String> =
            text.lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            rows,
            ["time took word", "12 ns 5 ns 5a", "30 ns 5 ns 5x UNSTABLE", "60 ns 5 ns 01 NOT TAKEN START?"]
        );
        assert_eq!(printer.totals(), "2 words, 1 not taken, 1 unstable");
    }
}
