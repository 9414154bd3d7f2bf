//! Limits that a sweep finds by bisection.

use busproof_vectors::format::Sweep;
use busproof_vectors::sweep::{Extreme, Limit, Point, limits};

use super::points::values;
use super::{Find, csv, human, lines, options, refused};
use crate::args::{SweepArgs, SweepFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::json::Lines;
use crate::out::Out;
use crate::progress::Bar;

/// The limits of one parameter, one for each value of the other.
pub(super) struct Found<'a> {
    pub(super) name: String,
    pub(super) sweep: &'a Sweep<'a>,
    /// The parameter whose limits they are.
    pub(super) parameter: usize,
    pub(super) extreme: Extreme,
    pub(super) limits: Vec<Limit>,
}

impl Found<'_> {
    /// The path of the parameter.
    pub(super) fn path(&self) -> String {
        self.sweep.parameters().swap_remove(self.parameter).path
    }

    /// The path of the other one.
    pub(super) fn other(&self) -> Option<String> {
        let mut parameters = self.sweep.parameters();
        parameters.remove(self.parameter);
        parameters.pop().map(|parameter| parameter.path)
    }

    /// The value of the parameter at a point.
    pub(super) fn value(&self, point: &Point) -> String {
        values(self.sweep, point).swap_remove(self.parameter)
    }

    /// The value of the other one.
    pub(super) fn other_value(&self, limit: &Limit) -> Option<String> {
        let mut values = values(self.sweep, limit.passes.as_ref().or(limit.fails.as_ref())?);
        values.remove(self.parameter);
        values.pop()
    }
}

/// Finds all and prints. The exit status is 0 if there is a value that passes everywhere, else that of the first that does not.
pub(super) fn run(
    args: &SweepArgs,
    sweeps: &[Sweep<'_>],
    find: &Find,
    out: &mut Out,
) -> Result<Exit, CliError> {
    let bar = Bar::new();
    let mut all = Vec::new();
    for sweep in sweeps {
        let parameter = find.among(sweep)?;
        let what = (parameter, find.extreme);
        let limits = limits(&args.file, sweep, what, &options(args), &|done, total| bar.show(done, total))
            .map_err(|error| refused(&args.file, error))?;
        all.push(Found { name: sweep.name(), sweep, parameter, extreme: find.extreme, limits });
    }
    bar.clear();
    match args.format {
        SweepFormat::Human => human::limits(&all, out)?,
        SweepFormat::Jsonl => lines::limits(&all, Lines::one_a_line(), out)?,
        SweepFormat::Json => lines::limits(&all, Lines::in_array(), out)?,
        SweepFormat::Csv => csv::limits(&all, out)?,
    }
    let nowhere = all.iter().flat_map(|found| &found.limits).filter(|limit| limit.passes.is_none());
    let statuses = nowhere.filter_map(|limit| Some(limit.fails.as_ref()?.result.outcome.exit_status()));
    Ok(statuses.map(Exit::from_status).fold(Exit::Held, Exit::worst))
}
