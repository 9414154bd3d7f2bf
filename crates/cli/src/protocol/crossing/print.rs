//! What has crossed, for people: a row each, with how long it took.
//!
//! ```text
//!             time         took  word
//!         12.34 ns        25 ns  5a
//!          42.1 ns      27.2 ns  5b
//! ```

use std::io::{self, Write};

use busproof_core::cdc::{Item, ItemKind, Through};

use crate::protocol;
use crate::units::{count, instant, rounded};

/// The columns of the time, and of how long it took.
const TIME: usize = 16;
const TOOK: usize = 11;

/// Prints what has crossed as it comes.
#[derive(Debug)]
pub(crate) struct Printer {
    kind: ItemKind,
    crossed: u64,
}

impl Printer {
    /// A printer of what crosses there.
    pub(crate) fn new(through: Through) -> Printer {
        Printer { kind: ItemKind::of(through), crossed: 0 }
    }
}

impl protocol::Printer<Item> for Printer {
    fn item(&mut self, item: &Item, out: &mut impl Write) -> io::Result<()> {
        if self.crossed == 0 {
            writeln!(out, "{:>TIME$}  {:>TOOK$}  {}", "time", "took", self.kind.name())?;
        }
        self.crossed += 1;
        let took = rounded(item.end.since(item.start).as_fs(), 3);
        writeln!(out, "{:>TIME$}  {took:>TOOK$}  {}", instant(item.start), item.data)
    }

    fn finish(&mut self, _: &mut impl Write) -> io::Result<()> {
        Ok(())
    }

    /// `3 words`.
    fn totals(&self) -> String {
        count(self.crossed, self.kind.name())
    }
}
