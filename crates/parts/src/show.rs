//! A part as a sheet of 80 columns: all numbers and where they are from.

use std::fmt;

use crate::part::{Number, Part};

/// The greatest width of a line, as far as no single word exceeds it.
const COLUMNS: usize = 80;

/// Prints a part: what it is, its numbers by section, its source.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a>(pub &'a Part);

impl fmt::Display for Sheet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.0;
        wrapped(f, &format!("{}: {}", part.name(), part.title()), 0)?;
        if !part.aliases().is_empty() {
            wrapped(f, &format!("also called {}", part.aliases().join(", ")), 2)?;
        }
        let simulated = part.model().map_or("no simulated device", |model| model.name());
        wrapped(f, &format!("bus {}, model {simulated}", part.bus()), 2)?;
        let mut section = "";
        for number in part.numbers() {
            if number.section != section {
                section = number.section;
                writeln!(f, "\n{section}")?;
            }
            row(f, number)?;
        }
        let source = part.source();
        writeln!(f, "\nsource")?;
        let rev = if source.rev.is_empty() { String::new() } else { format!(" revision {}", source.rev) };
        let title = if source.title.is_empty() { String::new() } else { format!(": {}", source.title) };
        wrapped(f, &format!("{}{rev}{title}", source.doc), 2)?;
        if source.note.is_empty() { Ok(()) } else { wrapped(f, &source.note, 2) }
    }
}

/// Name, value and citation in columns; on lines of their own where they do not fit.
fn row(f: &mut fmt::Formatter<'_>, number: &Number) -> fmt::Result {
    let line = format!("{:<14} {:<20} {}", number.name, number.value, number.cite);
    if line.chars().count() + 2 <= COLUMNS {
        return writeln!(f, "  {}", line.trim_end());
    }
    wrapped(f, &format!("{}  {}", number.name, number.value), 2)?;
    wrapped(f, &number.cite, 17)
}

/// Breaks `text` at blanks and indents it.
fn wrapped(f: &mut fmt::Formatter<'_>, text: &str, indent: usize) -> fmt::Result {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && indent + line.chars().count() + 1 + word.chars().count() > COLUMNS {
            writeln!(f, "{:indent$}{line}", "")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(f, "{:indent$}{line}", "")
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
    }
}
