//! Sweeps: one vector, run at every value of one or two of its parameters, or at those that find a limit.
//!
//! ```
//! use std::path::Path;
//! use busproof_vectors::format::Sweep;
//! use busproof_vectors::run::RunOptions;
//! use busproof_vectors::sweep::{Verdict, points};
//!
//! let text = r#"
//!     bus.spi = { kind = "spi", clock = "16 MHz" }
//!     device.flash.part = "w25q128jv"
//!     step = [{ do = "[0x03 0x000000 r:4]" }]
//! "#;
//! // The flash reads at up to 50 MHz with this command.
//! let vary = ["bus.spi.clock=40MHz..60MHz:10MHz".parse()?];
//! let sweep = &Sweep::read("read", text, &vary, None)?[0];
//! let points = points(Path::new("read.toml"), sweep, &RunOptions::default(), &|_, _| ())?;
//! let verdicts: Vec<Verdict> = points.iter().map(|point| point.verdict()).collect();
//! assert_eq!(verdicts, [Verdict::Pass, Verdict::Pass, Verdict::Fail]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use busproof_links::tolerance::last_that_works;
use rayon::prelude::*;

use crate::format::{FormatError, FormatProblem, MAX_POINTS, Sweep};
use crate::report::{Outcome, VectorResult};
use crate::run::{self, Progress, RunOptions};

/// What became of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// All is as the vector's check says.
    Pass,
    /// Something is not.
    Fail,
    /// Nothing was checked, or the time ran out.
    CannotTell,
    /// The bench cannot be built with these values.
    Unusable,
}

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "FAIL",
            Verdict::CannotTell => "cannot tell",
            Verdict::Unusable => "cannot run",
        }
    }

    /// How JSON and CSV spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::CannotTell => "cannot-tell",
            Verdict::Unusable => "unusable",
        }
    }
}

/// One run of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Which value each parameter has.
    pub at: Vec<usize>,
    /// What became of it.
    pub result: VectorResult,
}

impl Point {
    /// What became of it.
    pub const fn verdict(&self) -> Verdict {
        match self.result.outcome {
            Outcome::Passed => Verdict::Pass,
            Outcome::Failed => Verdict::Fail,
            Outcome::NothingChecked | Outcome::OutOfTime => Verdict::CannotTell,
            Outcome::Unusable => Verdict::Unusable,
        }
    }

    /// The codes of what was not as it should be, each once.
    pub fn codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = Vec::new();
        for failure in &self.result.failures {
            if !codes.contains(&failure.code.as_str()) {
                codes.push(&failure.code);
            }
        }
        codes
    }
}

/// Which limit of a parameter is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extreme {
    /// The greatest value that passes, up from the least.
    Max,
    /// The least value that passes, down from the greatest.
    Min,
}

/// A limit, between two values that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The last that passes; `None`: the very first does not.
    pub passes: Option<Point>,
    /// The first that does not pass; `None`: all of them do.
    pub fails: Option<Point>,
    /// How many runs it took.
    pub runs: usize,
}

/// Why a sweep cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// Too many points.
    #[error(
        "the sweep has {0} points; at most {MAX_POINTS} are run, so take larger steps, or find a limit with `--find`"
    )]
    TooManyPoints(usize),
    /// A parameter cannot have such a value.
    #[error("`{parameter}`: {problem}")]
    Parameter {
        /// The path of its key.
        parameter: String,
        /// Why, with a way out.
        problem: FormatProblem,
    },
    /// The file cannot be used.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The threads cannot be started.
    #[error("cannot start the threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Runs every point in parallel; the last parameter varies fastest. `path` is where the file is from.
///
/// # Errors
/// Nothing is run if there are too many points, or if a parameter cannot have one of its values.
pub fn points(
    path: &Path,
    sweep: &Sweep<'_>,
    options: &RunOptions,
    progress: Progress<'_>,
) -> Result<Vec<Point>, SweepError> {
    let counts: Vec<usize> = sweep.parameters().iter().map(|parameter| parameter.count).collect();
    let total = bounded(&counts)?;
    check_values(sweep, &counts)?;
    let done = AtomicUsize::new(0);
    let one = |number: usize| {
        let point = point(path, sweep, place(number, &counts), options);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        point
    };
    Ok(run::pool(options)?.install(|| (0..total).into_par_iter().map(one).collect()))
}

/// Finds the limit of a parameter by bisection, at every value of the others, in parallel. Limits come in the order of the
/// points that [`points`] would run.
///
/// Bisection takes what passes to be all on one side of the limit.
///
/// # Errors
/// Nothing is run if there are too many limits to be found, or if a parameter cannot have a value at one of its ends.
pub fn limits(
    path: &Path,
    sweep: &Sweep<'_>,
    (parameter, extreme): (usize, Extreme),
    options: &RunOptions,
    progress: Progress<'_>,
) -> Result<Vec<Limit>, SweepError> {
    let all: Vec<usize> = sweep.parameters().iter().map(|parameter| parameter.count).collect();
    let mut others = all.clone();
    others[parameter] = 1;
    let total = bounded(&others)?;
    check_values(sweep, &others)?;
    check_ends(sweep, &all, parameter)?;
    let done = AtomicUsize::new(0);
    let one = |number: usize| {
        let count = all[parameter];
        let limit = limit(count, extreme, |value| {
            let mut at = place(number, &others);
            at[parameter] = value;
            point(path, sweep, at, options)
        });
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        limit
    };
    Ok(run::pool(options)?.install(|| (0..total).into_par_iter().map(one).collect()))
}

/// The product of `counts`, if it is not too great.
fn bounded(counts: &[usize]) -> Result<usize, SweepError> {
    let total = counts.iter().copied().fold(1, usize::saturating_mul);
    if total > MAX_POINTS { Err(SweepError::TooManyPoints(total)) } else { Ok(total) }
}

/// The indices of point `number`; the last one varies fastest.
fn place(mut number: usize, counts: &[usize]) -> Vec<usize> {
    let mut at = vec![0; counts.len()];
    for (index, count) in at.iter_mut().zip(counts).rev() {
        *index = number % count;
        number /= count;
    }
    at
}

/// Tries each value of each parameter, with the first of the others.
fn check_values(sweep: &Sweep<'_>, counts: &[usize]) -> Result<(), SweepError> {
    for (parameter, &count) in counts.iter().enumerate() {
        (0..count).try_for_each(|value| check(sweep, counts.len(), parameter, value))?;
    }
    Ok(())
}

fn check_ends(sweep: &Sweep<'_>, counts: &[usize], parameter: usize) -> Result<(), SweepError> {
    [0, counts[parameter] - 1].into_iter().try_for_each(|value| check(sweep, counts.len(), parameter, value))
}

fn check(sweep: &Sweep<'_>, parameters: usize, parameter: usize, value: usize) -> Result<(), SweepError> {
    let mut at = vec![0; parameters];
    at[parameter] = value;
    sweep.vector(&at).map(drop).map_err(|error| match sweep.parameter_of(&error) {
        Some(parameter) => SweepError::Parameter { parameter, problem: error.problem },
        None => SweepError::Format(error),
    })
}

fn point(path: &Path, sweep: &Sweep<'_>, at: Vec<usize>, options: &RunOptions) -> Point {
    let result = match sweep.vector(&at) {
        Ok(vector) => run::run(path, sweep.file(), &vector, options),
        // Values that are fine by themselves need not be so together.
        Err(error) => run::unreadable(path, &error),
    };
    Point { at, result }
}

/// Bisects between the values `0..count` of a parameter.
fn limit(count: usize, extreme: Extreme, run: impl Fn(usize) -> Point) -> Limit {
    let value = |step: usize| match extreme {
        Extreme::Max => step,
        Extreme::Min => count - 1 - step,
    };
    let mut seen: BTreeMap<usize, Point> = BTreeMap::new();
    let mut passes = |step: usize| {
        let point = seen.entry(step).or_insert_with(|| run(value(step)));
        point.verdict() == Verdict::Pass
    };
    let last = if passes(0) {
        let end = count as i64 - 1;
        let Ok(found) = last_that_works(end, 1, |step| Ok::<bool, Infallible>(passes(step as usize)));
        Some(found.unwrap_or(end) as usize)
    } else {
        None
    };
    let runs = seen.len();
    let first_failing = last.map_or(0, |last| last + 1);
    Limit { passes: last.and_then(|last| seen.remove(&last)), fails: seen.remove(&first_failing), runs }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::Evidence;

    /// A point that passes or fails.
    fn made(value: usize, passes: bool) -> Point {
        let outcome = if passes { Outcome::Passed } else { Outcome::Failed };
        let result = VectorResult {
            name: String::new(),
            path: String::new(),
            line: 1,
            outcome,
            tightest: None,
            failures: Vec::new(),
            notes: Vec::new(),
            waveform: None,
            evidence: Evidence::default(),
        };
        Point { at: vec![value], result }
    }

    proptest! {
        /// Bisection finds the two neighbours that a search from end to end finds, in far fewer runs.
        #[test]
        fn a_limit_lies_between_neighbours(count in 1usize..3_000, passing in 0usize..3_001, is_max in any::<bool>()) {
            let passing = passing.min(count);
            let extreme = if is_max { Extreme::Max } else { Extreme::Min };
            let passes = |value: usize| if is_max { value < passing } else { count - 1 - value < passing };
            let limit = limit(count, extreme, |value| made(value, passes(value)));
            let value = |step: usize| if is_max { step } else { count - 1 - step };
            let last = passing.checked_sub(1).map(value);
            let first = (passing < count).then(|| value(passing));
            prop_assert_eq!(limit.passes.map(|point| point.at[0]), last);
            prop_assert_eq!(limit.fails.map(|point| point.at[0]), first);
            prop_assert!(limit.runs <= 14, "{} runs", limit.runs);
        }
    }
}
