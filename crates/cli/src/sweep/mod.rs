//! `busproof sweep`: one vector at many values of one or two parameters, or the limit of one of them.

mod csv;
mod grid;
mod human;
mod limits;
mod lines;
mod points;

use std::path::{Path, PathBuf};

use busproof_vectors::format::{FormatError, Sweep};
use busproof_vectors::run::RunOptions;
use busproof_vectors::sweep::{Extreme, SweepError};

use crate::args::SweepArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;

/// Runs the sweeps of a file and prints what became of every point, or where the limits are.
pub(crate) fn run(args: &SweepArgs, out: &mut Out) -> Result<Exit, CliError> {
    let text = std::fs::read_to_string(&args.file)
        .map_err(|source| CliError::Payload { path: args.file.clone(), source })?;
    let stem = args.file.file_stem().unwrap_or_default().to_string_lossy();
    let sweeps = Sweep::read(&stem, &text, &args.vary, args.case.as_deref())
        .map_err(|error| in_file(&args.file, &error))?;
    if sweeps.is_empty() {
        let file = args.file.display();
        return Err(CliError::Sweep(format!(
            "{file} varies nothing; add `--vary PATH=FROM..TO:STEP`, or a `[sweep]` to the file"
        )));
    }
    sweeps.iter().try_for_each(check_parameters)?;
    match args.find()? {
        Some(find) => limits::run(args, &sweeps, &find, out),
        None => points::run(args, &sweeps, out),
    }
}

/// One parameter makes a row, two a grid, and nobody can look at more.
fn check_parameters(sweep: &Sweep<'_>) -> Result<(), CliError> {
    let parameters = sweep.parameters();
    let name = sweep.name();
    if parameters.len() > 2 {
        let count = parameters.len();
        return Err(CliError::Sweep(format!(
            "{name} varies {count} parameters; choose one or two of them with `--vary`"
        )));
    }
    match parameters.as_slice() {
        [one, other] if one.path == other.path => {
            Err(CliError::Sweep(format!("`{}` is varied twice; leave one `--vary` out", one.path)))
        }
        _ => Ok(()),
    }
}

/// What is wrong with a vector file, and where.
pub(crate) fn in_file(path: &Path, error: &FormatError) -> CliError {
    let FormatError { line, column, problem, .. } = error;
    CliError::VectorFile { path: path.to_owned(), line: *line, column: *column, problem: problem.to_string() }
}

fn refused(path: &Path, error: SweepError) -> CliError {
    match error {
        SweepError::Format(error) => in_file(path, &error),
        SweepError::Parameter { parameter, problem } => {
            CliError::Sweep(format!("{}, with `{parameter}` varied: {problem}", path.display()))
        }
        error => CliError::Sweep(error.to_string()),
    }
}

fn options(args: &SweepArgs) -> RunOptions {
    RunOptions { jobs: args.jobs, seed: args.seed, max_time: args.max_time, ..RunOptions::default() }
}

/// A picture for each sweep.
fn pictures(path: &Path, sweeps: &[Sweep<'_>]) -> Vec<PathBuf> {
    let names: Vec<String> = sweeps.iter().map(Sweep::name).collect();
    crate::picture::names(path, &names)
}

/// What is asked for with `--find`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Find {
    pub(crate) extreme: Extreme,
    /// The path of a parameter, or its end.
    pub(crate) parameter: String,
}

impl Find {
    /// Which parameter of the sweep is meant.
    fn among(&self, sweep: &Sweep<'_>) -> Result<usize, CliError> {
        let end = format!(".{}", self.parameter);
        let parameters = sweep.parameters();
        let meant: Vec<usize> = (0..parameters.len())
            .filter(|&i| parameters[i].path == self.parameter || parameters[i].path.ends_with(&end))
            .collect();
        match meant.as_slice() {
            [one] if parameters[*one].is_range => Ok(*one),
            [one] => Err(CliError::Sweep(format!(
                "a limit lies between two ends, and `{path}` has a list of values; write `--vary {path}=FROM..TO:STEP`",
                path = parameters[*one].path
            ))),
            _ => Err(CliError::Sweep(format!(
                "{} varies {}, and not `{}` alone; say between what to look: `--vary {}=FROM..TO:STEP`",
                sweep.name(),
                listed(parameters.iter().map(|parameter| parameter.path.as_str())),
                self.parameter,
                self.parameter,
            ))),
        }
    }
}

/// `` `a` and `b` ``.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
}
