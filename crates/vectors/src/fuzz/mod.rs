//! A search for trouble around a vector: random legal traffic, clocks that are off, faults that a sound bus bears.
//!
//! ```text
//! vector -> tables (`base`) ─┬─► cases (`strategy`, `traffic`) -> judged (`judge`) ─┬─► nothing found
//!                            └──── on an ideal bench (`ideal`): is it legal? ──────┘└─► shrunk -> a vector (`found`)
//! ```
//!
//! A case is the vector with other steps and some keys changed, written as a vector file and run like any other: what is found
//! is what is saved. The same steps are run on an ideal bench first, with steady, slow clocks and no faults. What goes wrong
//! even there is no legal traffic, and what is read there is what must be read.
//!
//! Cases come in rounds of [`ROUND`], each with a seed of its own, so that rounds run in parallel and one of them can be
//! repeated alone.

mod base;
mod case;
mod found;
mod ideal;
mod judge;
mod strategy;
#[cfg(test)]
mod tests;
mod traffic;

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proptest::strategy::BoxedStrategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rayon::prelude::*;

use crate::format::{FormatError, VectorFile};
use crate::report::{Outcome, VectorResult};
use crate::run::{Progress, RunOptions, run};
use base::Base;
use case::Case;
use judge::{Judgement, judge};
use traffic::Speaker;

pub use found::{Found, SaveError, Saved};

/// The cases of a round.
pub const ROUND: u32 = 32;

/// How often a case may be made simpler, and that be looked at.
const SHRINKS: u32 = 4_096;

/// How long a case may be made simpler, in milliseconds.
const SHRINK_TIME: u32 = 20_000;

/// Where to look, and for how long.
#[derive(Clone, Debug)]
pub struct FuzzOptions {
    /// How many cases.
    pub cases: u32,
    /// After how long the search ends, whatever is left to do; a case that was found is still made simpler.
    pub max_time: Option<Duration>,
    /// The seed of the first round; the next ones have the numbers behind it.
    pub seed: u64,
    /// The number of threads; `None`: as many as there are processors.
    pub jobs: Option<NonZeroUsize>,
    /// What is varied.
    pub vary: Vary,
    /// How far clocks are off at most, in parts per billion, on top of what the vector says.
    pub clock_error_ppb: i64,
}

impl Default for FuzzOptions {
    fn default() -> FuzzOptions {
        FuzzOptions {
            cases: 256,
            max_time: None,
            seed: 0,
            jobs: None,
            vary: Vary::default(),
            clock_error_ppb: 100_000,
        }
    }
}

/// What is varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vary {
    /// What is said.
    pub traffic: bool,
    /// How far clocks are off, and when their edges come.
    pub clocks: bool,
    /// Faults that a sound bus bears: targets that stretch, spikes that filters take out.
    pub faults: bool,
    /// What both ends agree on: modes, bit orders, frame formats.
    pub options: bool,
}

impl Default for Vary {
    /// All but options.
    fn default() -> Vary {
        Vary { traffic: true, clocks: true, faults: true, options: false }
    }
}

/// Why there is nothing to look for.
#[derive(Debug, thiserror::Error)]
pub enum FuzzError {
    /// The file has fewer vectors.
    #[error("the file has no vector number {0}")]
    NoSuchVector(usize),
    /// The vector is of no use here.
    #[error("nothing can be looked for around `{name}`: {why}")]
    Unfit {
        /// Its name.
        name: String,
        /// Why, with a way out.
        why: &'static str,
    },
    /// The file, or a part that it names, cannot be used.
    #[error("{}:{}:{}: {}", .0.path, .0.failures[0].line, .0.failures[0].column, .0.failures[0].title)]
    Unusable(Box<VectorResult>),
    /// The file cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The threads cannot be started.
    #[error("cannot start the threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// What came of a search.
#[derive(Debug)]
pub struct Search {
    /// The name of the vector.
    pub name: String,
    /// How many cases were judged, those not counted by which one was made simpler.
    pub judged: u32,
    /// How many were no legal traffic.
    pub illegal: u32,
    /// Why the first of these was not.
    pub why: Option<String>,
    /// The time ended before the last case.
    pub is_cut: bool,
    /// What was found.
    pub found: Option<Found>,
}

/// Looks for trouble around vector `index` of `file`, which came from `path`.
pub fn fuzz(
    path: &Path,
    file: &VectorFile,
    index: usize,
    options: &FuzzOptions,
    progress: Progress<'_>,
) -> Result<Search, FuzzError> {
    let base = Base::new(path, file, index)?;
    let result = run(path, file, base.vector, &RunOptions::default());
    if result.outcome == Outcome::Unusable {
        return Err(FuzzError::Unusable(Box::new(result)));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.map_or(0, NonZeroUsize::get));
    let speakers = traffic::speakers(&base);
    let hunt = Hunt { base: &base, speakers: &speakers, options, since: Instant::now() };
    let rounds = pool.build()?.install(|| hunt.rounds(progress));
    let first = rounds.iter().position(|round| round.found.is_some());
    let counted = &rounds[..first.map_or(rounds.len(), |first| first + 1)];
    Ok(Search {
        name: base.vector.name.clone(),
        judged: counted.iter().map(|round| round.judged).sum(),
        illegal: counted.iter().map(|round| round.illegal).sum(),
        why: counted.iter().find_map(|round| round.why.clone()),
        is_cut: counted.iter().any(|round| round.is_cut),
        found: counted.last().and_then(|round| Found::new(&base, round.found.as_ref()?, round.seed)),
    })
}

/// A search under way.
struct Hunt<'a> {
    base: &'a Base<'a>,
    speakers: &'a [Speaker],
    options: &'a FuzzOptions,
    since: Instant,
}

/// What came of a round.
#[derive(Default)]
struct Round {
    seed: u64,
    judged: u32,
    illegal: u32,
    why: Option<String>,
    is_cut: bool,
    found: Option<Catch>,
}

/// A case that breaks something.
struct Catch {
    /// The simplest one.
    case: Case,
    /// The steps and the changes of the first one.
    was: (usize, usize),
}

impl Hunt<'_> {
    /// All rounds up to the first one that has found something; which that is does not depend on the number of threads.
    fn rounds(&self, progress: Progress<'_>) -> Vec<Round> {
        let count = self.options.cases.div_ceil(ROUND);
        let (first, done) = (AtomicUsize::new(usize::MAX), AtomicUsize::new(0));
        let one = |i: u32| {
            if first.load(Ordering::Relaxed) < i as usize {
                return Round::default();
            }
            let cases = ROUND.min(self.options.cases - i * ROUND);
            let round = self.round(self.options.seed.wrapping_add(u64::from(i)), cases);
            if round.found.is_some() {
                first.fetch_min(i as usize, Ordering::Relaxed);
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, count as usize);
            round
        };
        (0..count).into_par_iter().with_max_len(1).map(one).collect()
    }

    fn is_over(&self) -> bool {
        self.options.max_time.is_some_and(|limit| self.since.elapsed() >= limit)
    }

    fn round(&self, seed: u64, cases: u32) -> Round {
        let round = RefCell::new(Round { seed, ..Round::default() });
        let aim = Aim::default();
        let first = strategy::cases(self.base, self.speakers, self.options);
        let test = |case: Case| self.test(&case, &aim, &mut round.borrow_mut());
        let mut simplest = shrunk(&first, cases, seed, test);
        // What the simpler numbers made superfluous, as long as there is something.
        while let Some(case) = simplest.take() {
            let size = case.size();
            simplest = shrunk(&strategy::parts(&case), 1, seed, test);
            if simplest.as_ref().is_none_or(|simplest| simplest.size() == size) {
                round.borrow_mut().found = Some(Catch { case, was: aim.was.get() });
                break;
            }
        }
        round.into_inner()
    }

    fn test(&self, case: &Case, aim: &Aim, round: &mut Round) -> Result<(), TestCaseError> {
        let is_first = aim.code.borrow().is_none();
        if is_first && self.is_over() {
            round.is_cut = true;
            return Ok(());
        }
        let judgement = judge(self.base, case);
        match judgement {
            Judgement::Kept => {
                round.judged += u32::from(is_first);
                Ok(())
            }
            Judgement::Illegal(why) => {
                round.illegal += u32::from(is_first);
                round.why.get_or_insert(why.clone());
                Err(TestCaseError::reject(why))
            }
            Judgement::Broken(codes) => {
                round.judged += u32::from(is_first);
                aim.hit(case, &codes)
            }
        }
    }
}

/// What the simpler cases must break, too: what the first one broke first.
#[derive(Default)]
struct Aim {
    code: RefCell<Option<String>>,
    was: Cell<(usize, usize)>,
}

impl Aim {
    fn hit(&self, case: &Case, codes: &[String]) -> Result<(), TestCaseError> {
        let mut code = self.code.borrow_mut();
        if code.is_none() {
            self.was.set(case.size());
            code.clone_from(&codes.first().cloned());
        }
        match code.as_ref() {
            Some(code) if codes.contains(code) => Err(TestCaseError::fail(code.clone())),
            _ => Ok(()),
        }
    }
}

/// The simplest case that fails `test`, if one of so many does.
fn shrunk(
    strategy: &BoxedStrategy<Case>,
    cases: u32,
    seed: u64,
    test: impl Fn(Case) -> Result<(), TestCaseError>,
) -> Option<Case> {
    let config = Config {
        cases,
        max_global_rejects: cases.saturating_mul(16),
        max_shrink_iters: SHRINKS,
        max_shrink_time: SHRINK_TIME,
        failure_persistence: None,
        ..Config::default()
    };
    match TestRunner::new_with_rng(config, rng(seed)).run(strategy, test) {
        Err(TestError::Fail(_, case)) => Some(case),
        Ok(()) | Err(TestError::Abort(_)) => None,
    }
}

/// The random numbers of a round.
fn rng(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}
