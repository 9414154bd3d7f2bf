//! `busproof compare`: what links cost, side by side.

mod human;
mod lines;
mod picture;

use std::path::Path;

use busproof_links::access::{AccessReport, Accesses, access};
use busproof_links::compare::{Report, measure};
use busproof_links::uart::{Found, table};
use busproof_links::{Conditions, Fate, Link};
use busproof_plot::svg;

use crate::args::{CompareArgs, ItemFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::json::Lines;
use crate::out::Out;

/// What was measured, as far as it was asked for.
struct Findings {
    conditions: Conditions,
    payload: Option<Payload>,
    registers: Option<Registers>,
    tolerances: Vec<[Found; 2]>,
}

/// One payload over each link.
struct Payload {
    /// As messages call it.
    name: String,
    bytes: usize,
    reports: Vec<Report>,
}

/// Register accesses over each link.
struct Registers {
    accesses: Accesses,
    reports: Vec<AccessReport>,
    /// Links that were asked for and carry none.
    left_out: Vec<Link>,
}

/// Measures what was asked for, prints it, and draws it.
pub(crate) fn run(args: &CompareArgs, out: &mut Out) -> Result<Exit, CliError> {
    let findings = find(args)?;
    match args.format {
        ItemFormat::Human => human::print(&findings, out)?,
        ItemFormat::Json => lines::print(&findings, Lines::in_array(), out)?,
        ItemFormat::Jsonl => lines::print(&findings, Lines::one_a_line(), out)?,
    }
    if let Some(path) = &args.out {
        draw(&findings, path)?;
        if args.format == ItemFormat::Human {
            out.note(&format!("picture: {}", path.display()));
        }
    }
    let arrives = |payload: &Payload| payload.reports.iter().all(|report| report.fate == Fate::Intact);
    Ok(if findings.payload.as_ref().is_none_or(arrives) { Exit::Held } else { Exit::Failed })
}

fn find(args: &CompareArgs) -> Result<Findings, CliError> {
    let conditions = Conditions {
        clock_hertz: args.clock,
        farad: args.capacitance,
        volt: args.vdd,
        pull_up_ohm: args.pull_up,
    };
    Ok(Findings {
        conditions,
        payload: payload(args, &conditions)?,
        registers: args.registers.map(|count| registers(args, count, &conditions)).transpose()?,
        tolerances: if args.uart_tolerance { table()? } else { Vec::new() },
    })
}

fn payload(args: &CompareArgs, conditions: &Conditions) -> Result<Option<Payload>, CliError> {
    let (name, bytes) = match (&args.text, &args.file) {
        (Some(text), _) => (quoted(text), text.clone().into_bytes()),
        (None, Some(path)) => {
            let failed = |source| CliError::Payload { path: path.clone(), source };
            (path.display().to_string(), std::fs::read(path).map_err(failed)?)
        }
        (None, None) => return Ok(None),
    };
    let reports = args.over.iter().map(|&link| measure(link, conditions, &bytes));
    Ok(Some(Payload { name, bytes: bytes.len(), reports: reports.collect::<Result<_, _>>()? }))
}

/// The beginning of a text, in quotation marks.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 32;
    let more = if text.chars().count() > SHOWN { "..." } else { "" };
    format!("{:?}{more}", text.chars().take(SHOWN).collect::<String>())
}

fn registers(args: &CompareArgs, count: u32, conditions: &Conditions) -> Result<Registers, CliError> {
    let CompareArgs { access_time, work, .. } = *args;
    let accesses = Accesses { count, outstanding: 1, access_time, work };
    let (carries, left_out): (Vec<Link>, Vec<Link>) =
        args.over.iter().partition(|&&link| link != Link::ValidReady);
    let mut reports = Vec::new();
    for link in carries {
        for &outstanding in &args.outstanding {
            reports.push(access(link, conditions, &Accesses { outstanding, ..accesses })?);
        }
    }
    Ok(Registers { accesses, reports, left_out })
}

fn draw(findings: &Findings, path: &Path) -> Result<(), CliError> {
    let text = svg::draw(&picture::sheet(findings))?;
    std::fs::write(path, text).map_err(|source| CliError::Write { path: path.to_owned(), source })
}
