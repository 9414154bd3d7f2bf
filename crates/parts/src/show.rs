//! A part as a sheet of 80 columns: all numbers and where they are from.

use std::fmt;

use crate::part::{Number, Part, Source};

/// The greatest width of a line, as far as no single word exceeds it.
const COLUMNS: usize = 80;
/// Where citations begin.
const CITES: usize = 38;

/// Prints a part: what it is, its numbers by section, its source.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a>(pub &'a Part);

impl fmt::Display for Sheet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.0;
        wrapped(f, "", &format!("{}: {}", part.name(), part.title()), 2)?;
        if !part.aliases().is_empty() {
            wrapped(f, "  ", &format!("also called {}", part.aliases().join(", ")), 2)?;
        }
        let simulated = part.model().map_or("no simulated device", |model| model.name());
        wrapped(f, "  ", &format!("bus {}, model {simulated}", part.bus()), 2)?;
        if let Some(standard) = part.standard() {
            wrapped(f, "  ", &format!("limits not stated here are those of {}", standard.name()), 2)?;
        }
        for section in part.numbers().chunk_by(|a, b| a.section == b.section) {
            writeln!(f, "\n{}", section[0].section)?;
            match section[0].section {
                "command" => commands(f, section)?,
                _ => section.iter().try_for_each(|n| row(f, &n.name, &n.value, &n.cite))?,
            }
        }
        writeln!(f, "\nsource")?;
        source(f, part.source())
    }
}

/// The document, and how it was read.
pub(crate) fn source(f: &mut fmt::Formatter<'_>, source: &Source) -> fmt::Result {
    let rev = if source.rev.is_empty() { String::new() } else { format!(" revision {}", source.rev) };
    let title = if source.title.is_empty() { String::new() } else { format!(": {}", source.title) };
    wrapped(f, "  ", &format!("{}{rev}{title}", source.doc), 2)?;
    if source.note.is_empty() { Ok(()) } else { wrapped(f, "  ", &source.note, 2) }
}

/// Name, value and citation in columns.
pub(crate) fn row(f: &mut fmt::Formatter<'_>, name: &str, value: &str, cite: &str) -> fmt::Result {
    let left = format!("  {name:<14} {value:<20} ");
    if left.chars().count() > CITES {
        writeln!(f, "{}", left.trim_end())?;
        return wrapped(f, &" ".repeat(CITES), cite, CITES);
    }
    wrapped(f, &left, cite, CITES)
}

/// Opcode, name and phases in columns, under the citation that they share.
fn commands(f: &mut fmt::Formatter<'_>, numbers: &[Number]) -> fmt::Result {
    for shared in numbers.chunk_by(|a, b| a.cite == b.cite) {
        wrapped(f, "  ", &format!("({})", shared[0].cite), 2)?;
        for number in shared {
            let (opcode, phases) = number.value.split_once(' ').unwrap_or((&number.value, ""));
            wrapped(f, &format!("  {opcode} {:<31} ", number.name), phases, CITES)?;
        }
    }
    Ok(())
}

/// Prints `text` after `left`, broken at blanks; further lines are indented.
pub(crate) fn wrapped(f: &mut fmt::Formatter<'_>, left: &str, text: &str, indent: usize) -> fmt::Result {
    let mut line = left.to_owned();
    let mut fresh = true;
    for word in text.split_whitespace() {
        if !fresh && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            writeln!(f, "{line}")?;
            line = " ".repeat(indent);
            fresh = true;
        }
        if !fresh {
            line.push(' ');
        }
        line.push_str(word);
        fresh = false;
    }
    writeln!(f, "{}", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn sheets_fit_80_columns_and_show_every_number() {
        for part in catalog::list() {
            let sheet = Sheet(part).to_string();
            for line in sheet.lines() {
                assert!(line.chars().count() <= COLUMNS, "{}: {line}", part.name());
            }
            for number in part.numbers() {
                assert!(sheet.contains(&number.name), "{}: {}", part.name(), number.name);
            }
        }
    }

    #[test]
    fn a_number_stands_beside_its_source() {
        let sheet = Sheet(&catalog::find("w25q128jv").unwrap()).to_string();
        assert!(sheet.starts_with("w25q128jv: Winbond W25Q128JV"), "{sheet}");
        let line = sheet.lines().find(|line| line.contains("tCLQV")).unwrap();
        assert_eq!(line, "  tCLQV          max 6 ns             table 9.6");
        let sheet = Sheet(&catalog::find("24lc256").unwrap()).to_string();
        assert!(sheet.contains("\n  limits not stated here are those of i2c-fast\n"), "{sheet}");
    }
}
