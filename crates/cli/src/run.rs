//! `busproof run`: test vectors.

use std::io::Write as _;

use busproof_plot::page::Page;
use busproof_vectors::report::{exit_status, github, human, jsonl, junit, page};
use busproof_vectors::run::{RunOptions, Waves, run_embedded, run_paths};
use busproof_wave::Output;

use crate::args::{ReportFormat, RunArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::{Out, folded};
use crate::progress::Bar;
use crate::report;

/// Where waveforms of failed vectors are kept unless told otherwise.
pub(crate) const KEPT: &str = "target/busproof";

/// Runs vectors in parallel and prints what became of them, in the order of the files.
pub(crate) fn run(args: &RunArgs, out: &mut Out) -> Result<Exit, CliError> {
    let folder = args.out.clone().unwrap_or_else(|| KEPT.into());
    let options = RunOptions {
        jobs: args.jobs,
        seed: args.seed,
        max_time: args.max_time,
        out: Some(folder),
        waves: waves(args),
        voltages: args.voltages,
        evidence: args.report.is_some(),
    };
    let bar = Bar::new();
    let results = if args.paths.is_empty() {
        run_embedded(&options, &|done, total| bar.show(done, total))?
    } else {
        run_paths(&args.paths, &options, &|done, total| bar.show(done, total))?
    };
    bar.clear();
    match args.format {
        ReportFormat::Human => {
            human::report(&results).lines().try_for_each(|line| writeln!(out, "{}", folded(line)))?;
        }
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
    let exit = Exit::from_status(exit_status(&results));
    if let Some(path) = &args.report {
        let page = Page { verdict: report::verdict(exit), maker: report::maker(), ..page::page(&results)? };
        report::write(path, &page, out)?;
    }
    Ok(exit)
}

/// Where the waveforms of all vectors go.
fn waves(args: &RunArgs) -> Option<Waves> {
    let vcd = args.vcd.as_ref().map(|folder| (folder, Output::Vcd));
    let (folder, output) = vcd.or(args.fst.as_ref().map(|folder| (folder, Output::Fst)))?;
    Some(Waves { folder: folder.clone(), output })
}
