//! `busproof compare`: what links cost, side by side.

mod human;
mod lines;
mod picture;
mod plan;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use busproof_links::access::{AccessReport, Accesses};
use busproof_links::compare::Report;
use busproof_links::uart::{Found, table};
use busproof_links::{Conditions, Fate, Link};
use busproof_plot::svg;

use crate::args::{CompareArgs, ItemFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::json::Lines;
use crate::out::Out;
use plan::Plan;

/// What was measured, as far as it was asked for.
struct Findings {
    /// The vector that asked for it, if there are several.
    vector: Option<String>,
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

impl Findings {
    /// False if a link does not carry the payload, though the clocks be equal.
    fn arrives(&self) -> bool {
        let reports = self.payload.iter().flat_map(|payload| &payload.reports);
        reports.into_iter().all(|report| report.fate == Fate::Intact)
    }
}

/// Measures what was asked for, prints it, and draws it.
pub(crate) fn run(args: &CompareArgs, out: &mut Out) -> Result<Exit, CliError> {
    let plans = plan::plans(args)?;
    let pictures = args.out.as_deref().map(|path| pictures(path, &plans));
    let tolerances = if args.uart_tolerance { table()? } else { Vec::new() };
    let mut lines = match args.format {
        ItemFormat::Json => Lines::in_array(),
        ItemFormat::Human | ItemFormat::Jsonl => Lines::one_a_line(),
    };
    let mut exit = Exit::Held;
    for (i, plan) in plans.into_iter().enumerate() {
        let findings = find(plan, tolerances.clone())?;
        match args.format {
            ItemFormat::Human if i > 0 => {
                writeln!(out)?;
                human::print(&findings, out)?;
            }
            ItemFormat::Human => human::print(&findings, out)?,
            ItemFormat::Json | ItemFormat::Jsonl => lines::print(&findings, &mut lines, out)?,
        }
        if let Some(path) = pictures.as_ref().and_then(|paths| paths.get(i)) {
            draw(&findings, path)?;
            if args.format == ItemFormat::Human {
                out.note(&format!("picture: {}", path.display()));
            }
        }
        exit = if findings.arrives() { exit } else { Exit::Failed };
    }
    lines.finish(out)?;
    Ok(exit)
}

fn find(plan: Plan, tolerances: Vec<[Found; 2]>) -> Result<Findings, CliError> {
    let Plan { vector, payload_name, comparison } = plan;
    let measured = comparison.measure()?;
    let bytes = comparison.payload.as_ref().map(Vec::len);
    let (accesses, left_out) = (measured.accesses, measured.left_out);
    Ok(Findings {
        vector,
        conditions: comparison.conditions,
        payload: bytes.map(|bytes| Payload { name: payload_name, bytes, reports: measured.links }),
        registers: comparison.registers.map(|registers| Registers {
            accesses: registers.accesses,
            reports: accesses,
            left_out,
        }),
        tolerances,
    })
}

/// A picture for each plan: `path`, or with the names of several vectors before its ending.
fn pictures(path: &Path, plans: &[Plan]) -> Vec<PathBuf> {
    let names: Vec<String> = plans.iter().filter_map(|plan| plan.vector.clone()).collect();
    if names.is_empty() { vec![path.to_owned(); plans.len()] } else { crate::picture::names(path, &names) }
}

fn draw(findings: &Findings, path: &Path) -> Result<(), CliError> {
    crate::picture::write(path, &svg::draw(&picture::sheet(findings))?)
}
