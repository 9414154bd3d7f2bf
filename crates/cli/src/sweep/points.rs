//! Every point of a sweep.

use std::io::Write as _;

use busproof_plot::shmoo;
use busproof_vectors::format::Sweep;
use busproof_vectors::report::{VectorResult, exit_status};
use busproof_vectors::sweep::{Point, Verdict, points};

use super::{csv, grid, human, lines, options, refused};
use crate::args::{SweepArgs, SweepFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::json::Lines;
use crate::out::Out;
use crate::progress::Bar;

/// A sweep that was run.
pub(super) struct Swept<'a> {
    pub(super) name: String,
    pub(super) sweep: &'a Sweep<'a>,
    /// The last parameter varies fastest.
    pub(super) points: Vec<Point>,
}

impl Swept<'_> {
    /// How many points ended like that.
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        self.points.iter().filter(|point| point.verdict() == verdict).count()
    }

    /// The values of a point, one for each parameter.
    pub(super) fn values(&self, point: &Point) -> Vec<String> {
        values(self.sweep, point)
    }
}

/// The values of a point, one for each parameter.
pub(super) fn values(sweep: &Sweep<'_>, point: &Point) -> Vec<String> {
    point.at.iter().enumerate().map(|(parameter, &index)| sweep.text(parameter, index)).collect()
}

/// Runs all, prints, and draws. The exit status is that of the runs.
pub(super) fn run(args: &SweepArgs, sweeps: &[Sweep<'_>], out: &mut Out) -> Result<Exit, CliError> {
    let bar = Bar::new();
    let mut all = Vec::new();
    for sweep in sweeps {
        let points = points(&args.file, sweep, &options(args), &|done, total| bar.show(done, total))
            .map_err(|error| refused(&args.file, error))?;
        all.push(Swept { name: sweep.name(), sweep, points });
    }
    bar.clear();
    print(&all, args.format, out)?;
    if let Some(path) = &args.out {
        for (swept, path) in all.iter().zip(super::pictures(path, sweeps)) {
            crate::picture::write(&path, &shmoo::svg(&grid::shmoo(swept))?)?;
            if args.format == SweepFormat::Human {
                out.note(&format!("picture: {}", path.display()));
            }
        }
    }
    let results: Vec<VectorResult> =
        all.into_iter().flat_map(|swept| swept.points).map(|point| point.result).collect();
    Ok(Exit::from_status(exit_status(&results)))
}

fn print(all: &[Swept<'_>], format: SweepFormat, out: &mut Out) -> Result<(), CliError> {
    match format {
        SweepFormat::Human => {
            for (i, swept) in all.iter().enumerate() {
                if i > 0 {
                    writeln!(out)?;
                }
                human::points(swept, out)?;
            }
        }
        SweepFormat::Jsonl => lines::points(all, Lines::one_a_line(), out)?,
        SweepFormat::Json => lines::points(all, Lines::in_array(), out)?,
        SweepFormat::Csv => csv::points(all, out)?,
    }
    Ok(())
}
