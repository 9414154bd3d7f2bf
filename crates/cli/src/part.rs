//! `busproof part`: the parts whose data sheets are known.

use std::io::{self, Write as _};
use std::sync::Arc;

use busproof_parts::memory::{self, MemorySheet};
use busproof_parts::{Lint, Number, Part, PartError, Sheet, catalog, lint};

use crate::args::{PartArgs, PartVerb};
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::{COLUMNS, Out};
use crate::table::Table;
use crate::units::{count, hanging, wrap};

/// Lists, shows or doubts parts.
pub(crate) fn run(args: &PartArgs, out: &mut Out) -> Result<Exit, CliError> {
    match &args.verb {
        PartVerb::List => list(out),
        PartVerb::Show { name, source } => show(name, *source, out),
        PartVerb::Diff { one, other } => diff(one, other, out),
        PartVerb::Lint { name, strict } => doubts(name.as_deref(), *strict, out),
    }
}

fn list(out: &mut Out) -> Result<Exit, CliError> {
    list_rows(catalog::list().iter().map(|part| (part.name(), part.bus(), part.title())), out)?;
    list_rows(memory::list().iter().map(|memory| (memory.name(), "ddr", memory.title())), out)?;
    Ok(Exit::Held)
}

/// Name, bus and title of parts, in columns.
fn list_rows<'p>(
    parts: impl Iterator<Item = (&'p str, &'p str, &'p str)> + Clone,
    out: &mut Out,
) -> io::Result<()> {
    let wide = parts.clone().map(|(name, ..)| name.len()).max().unwrap_or(0);
    for (name, bus, title) in parts {
        let title = wrap(title, COLUMNS - wide - 8).join(&format!("\n{:1$}", "", wide + 8));
        writeln!(out, "{name:<wide$}  {bus:<4}  {title}")?;
    }
    Ok(())
}

fn show(name: &str, source: bool, out: &mut Out) -> Result<Exit, CliError> {
    if memory::is_one(name) {
        match memory::source_text(name).filter(|_| source) {
            Some(text) => write!(out, "{text}")?,
            None => write!(out, "{}", MemorySheet(&*memory::open(name)?))?,
        }
        return Ok(Exit::Held);
    }
    let part = catalog::open(name)?;
    match catalog::source_text(name).filter(|_| source) {
        Some(text) => write!(out, "{text}")?,
        None => write!(out, "{}", Sheet(&part))?,
    }
    Ok(Exit::Held)
}

/// All numbers of a part.
fn numbers(name: &str) -> Result<Vec<Number>, PartError> {
    if memory::is_one(name) {
        return Ok(memory::open(name)?.numbers().to_vec());
    }
    Ok(catalog::open(name)?.numbers().to_vec())
}

/// The numbers in which two parts differ, side by side; their citations are not compared.
fn diff(one: &str, other: &str, out: &mut Out) -> Result<Exit, CliError> {
    let (left, right) = (numbers(one)?, numbers(other)?);
    let same = |a: &Number, b: &Number| (a.section, &a.name) == (b.section, &b.name);
    let mut table = Table::new(&["section", "name", one, other], &[]);
    let nothing = || "-".to_owned();
    for number in &left {
        let there = right.iter().find(|there| same(number, there)).map(|there| there.value.clone());
        if there.as_ref() != Some(&number.value) {
            let cells = [number.section.to_owned(), number.name.clone(), number.value.clone()];
            table.row(cells.into_iter().chain([there.unwrap_or_else(nothing)]));
        }
    }
    for number in right.iter().filter(|number| !left.iter().any(|there| same(there, number))) {
        table.row([number.section.to_owned(), number.name.clone(), nothing(), number.value.clone()]);
    }
    if table.is_empty() {
        writeln!(out, "no difference")?;
    } else {
        table.lines(0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(Exit::Held)
}

/// Numbers that contradict each other fail; what is merely not known fails under `--strict` only.
fn doubts(name: Option<&str>, strict: bool, out: &mut Out) -> Result<Exit, CliError> {
    let mut exit = Exit::Held;
    let mut doubts = 0;
    for (part, doubt) in all_doubts(name)? {
        let fails = strict || matches!(doubt, Lint::Suspicious(_));
        exit = exit.worst(if fails { Exit::Failed } else { Exit::Held });
        doubts += 1;
        writeln!(out, "{}", hanging(&format!("{part}: "), &doubt.to_string()))?;
    }
    writeln!(out, "{}", if doubts == 0 { "no doubts".into() } else { count(doubts, "doubt") })?;
    Ok(exit)
}

/// Each doubt with the name of its part.
fn all_doubts(name: Option<&str>) -> Result<Vec<(String, Lint)>, PartError> {
    let memories = match name {
        Some(name) if memory::is_one(name) => vec![memory::open(name)?],
        Some(_) => Vec::new(),
        None => memory::list().to_vec(),
    };
    let parts: Vec<Arc<Part>> = match name {
        Some(name) if memories.is_empty() => vec![catalog::open(name)?],
        Some(_) => Vec::new(),
        None => catalog::list().to_vec(),
    };
    let of_parts =
        parts.iter().flat_map(|part| lint(part).into_iter().map(|doubt| (part.name().to_owned(), doubt)));
    let of_memories = memories
        .iter()
        .flat_map(|memory| memory::lint(memory).into_iter().map(|doubt| (memory.name().to_owned(), doubt)));
    Ok(of_parts.chain(of_memories).collect())
}
