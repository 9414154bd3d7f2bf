//! `busproof run`: test vectors.

use std::io::Write as _;

use busproof_vectors::report::{exit_status, github, human, jsonl, junit};
use busproof_vectors::run::{RunOptions, run_paths};

use crate::args::{ReportFormat, RunArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;

/// Runs vectors in parallel and prints what became of them, in the order of the files.
pub(crate) fn run(args: &RunArgs, out: &mut Out) -> Result<Exit, CliError> {
    let options =
        RunOptions { jobs: args.jobs, seed: args.seed, max_time: args.max_time, out: args.out.clone() };
    let results = run_paths(&args.paths, &options)?;
    match args.format {
        ReportFormat::Human => write!(out, "{}", human::report(&results))?,
        ReportFormat::Json => writeln!(out, "{}", jsonl::document(&results))?,
        ReportFormat::Jsonl => {
            results.iter().try_for_each(|result| writeln!(out, "{}", jsonl::vector(result)))?;
            writeln!(out, "{}", jsonl::totals(&results))?;
        }
        ReportFormat::Junit => writeln!(out, "{}", junit::report(&results)?.trim_end())?,
        ReportFormat::Github => {
            write!(out, "{}", github::annotations(&results))?;
            writeln!(out, "{}", human::totals(&results))?;
        }
    }
    Ok(Exit::from_status(exit_status(&results)))
}
