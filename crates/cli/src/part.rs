//! `busproof part`: the parts whose data sheets are known.

use std::io::Write as _;
use std::sync::Arc;

use busproof_parts::{Lint, Part, Sheet, catalog, lint};

use crate::args::{PartArgs, PartVerb};
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::{COLUMNS, Out};
use crate::units::{count, hanging, wrap};

/// Lists, shows or doubts parts.
pub(crate) fn run(args: &PartArgs, out: &mut Out) -> Result<Exit, CliError> {
    match &args.verb {
        PartVerb::List => list(out),
        PartVerb::Show { name, source } => show(name, *source, out),
        PartVerb::Lint { name, strict } => doubts(name.as_deref(), *strict, out),
    }
}

fn list(out: &mut Out) -> Result<Exit, CliError> {
    let wide = catalog::list().iter().map(|part| part.name().len()).max().unwrap_or(0);
    for part in catalog::list() {
        let title = wrap(part.title(), COLUMNS - wide - 8).join(&format!("\n{:1$}", "", wide + 8));
        writeln!(out, "{:<wide$}  {:<4}  {title}", part.name(), part.bus())?;
    }
    Ok(Exit::Held)
}

fn show(name: &str, source: bool, out: &mut Out) -> Result<Exit, CliError> {
    let part = catalog::open(name)?;
    match catalog::source_text(name).filter(|_| source) {
        Some(text) => write!(out, "{text}")?,
        None => write!(out, "{}", Sheet(&part))?,
    }
    Ok(Exit::Held)
}

/// Numbers that contradict each other fail; what is merely not known fails under `--strict` only.
fn doubts(name: Option<&str>, strict: bool, out: &mut Out) -> Result<Exit, CliError> {
    let parts: Vec<Arc<Part>> = match name {
        Some(name) => vec![catalog::open(name)?],
        None => catalog::list().to_vec(),
    };
    let mut exit = Exit::Held;
    let mut doubts = 0;
    for part in parts {
        for doubt in lint(&part) {
            let fails = strict || matches!(doubt, Lint::Suspicious(_));
            exit = exit.worst(if fails { Exit::Failed } else { Exit::Held });
            doubts += 1;
            writeln!(out, "{}", hanging(&format!("{}: ", part.name()), &doubt.to_string()))?;
        }
    }
    writeln!(out, "{}", if doubts == 0 { "no doubts".into() } else { count(doubts, "doubt") })?;
    Ok(exit)
}
