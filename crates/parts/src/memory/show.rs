//! A memory as a sheet of 80 columns.

use std::fmt;

use super::Memory;
use crate::show::{row, source, wrapped};

/// Prints a memory: what it is, its numbers by section with clocks beside times, its source.
#[derive(Clone, Copy, Debug)]
pub struct MemorySheet<'a>(pub &'a Memory);

impl fmt::Display for MemorySheet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let memory = self.0;
        wrapped(f, "", &format!("{}: {}", memory.name(), memory.title()), 2)?;
        if !memory.aliases().is_empty() {
            wrapped(f, "  ", &format!("also called {}", memory.aliases().join(", ")), 2)?;
        }
        let (standard, bytes) = (memory.standard().name(), memory.geometry().bytes());
        wrapped(f, "  ", &format!("bus ddr, standard {standard}, {} MiB on the channel", bytes >> 20), 2)?;
        for section in memory.numbers().chunk_by(|a, b| a.section == b.section) {
            writeln!(f, "\n{}", section[0].section)?;
            for number in section {
                let clocks = memory.delays().iter().find(|delay| delay.info.name == number.name);
                let clocks = clocks.filter(|_| section[0].section == "timing").map(|delay| delay.clocks);
                row(f, &number.name, &with_clocks(&number.value, clocks), &number.cite)?;
            }
        }
        writeln!(f, "\nsource")?;
        source(f, memory.source())
    }
}

/// The clocks beside a value that is more than a plain number of them.
fn with_clocks(value: &str, clocks: Option<u64>) -> String {
    match clocks {
        Some(clocks) if value != format!("min {clocks} nCK") => format!("{value} = {clocks} nCK"),
        _ => value.to_owned(),
    }
}
