//! Running vectors.
//!
//! ```text
//! vector -> parts (`bind`) -> bench (`rig`) -> steps (`play`) -> log -> items, findings (`judge`), scoreboard (`score`)
//!                                                           -> complaints (`verdict`) -> `VectorResult`
//! ```
//!
//! What these must ask a bus of one protocol, they ask a `Line` of `rig.rs`: `spi`, `i2c`, `uart`,
//! `handshake` and `crossing` are its kinds.
//!
//! Vectors share nothing, so they run in parallel; each draws its random numbers from its seed and the names of its
//! agents, so the results are the same on any number of threads.

mod bind;
mod compare;
mod crossing;
mod ddr;
mod evidence;
mod files;
mod handshake;
mod i2c;
mod judge;
mod link;
mod play;
mod recording;
mod rig;
mod score;
mod spi;
#[cfg(test)]
mod tests;
mod timer;
mod uart;
mod verdict;
mod volts;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use busproof_core::bus::{Diagnostic, LoadError, Severity};
use busproof_core::sim::{NetTrouble, TroubleKind};
use busproof_core::{ChangeLog, Level, Span, Time};
use busproof_parts::Part;
use busproof_wave::Output;
use rayon::prelude::*;

use crate::embedded::EMBEDDED;
use crate::format::compare::Compare;
use crate::format::ddr::Bench;
use crate::format::{At, Exit, FormatError, Pin, Vector, VectorFile};
use crate::report::{Evidence, Failure, Outcome, VectorResult};
use bind::{Bound, Unusable};
use play::{Ending, Play};
use recording::{Found, Heard};
use rig::{Plan, Rig, Spot};
use verdict::{Complaint, Seen};

pub use compare::{ComparisonError, comparison};
pub use files::{FilesError, vector_files};
pub use recording::Recording;

/// How vectors are to be run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// The number of threads; `None`: as many as there are processors.
    pub jobs: Option<NonZeroUsize>,
    /// The seed, instead of that of each vector.
    pub seed: Option<u64>,
    /// A limit on the simulated time of each vector; the lower of this and its own counts.
    pub max_time: Option<Span>,
    /// Where waveforms of failed vectors are kept, as VCD; `None`: nowhere.
    pub out: Option<PathBuf>,
    /// Where the waveforms of all vectors are written, instead; `None`: nowhere.
    pub waves: Option<Waves>,
    /// Waveforms tell the voltages of open-drain wires, too.
    pub voltages: bool,
    /// Results have what a report with pictures shows.
    pub evidence: bool,
}

/// Where waveforms are written, and in which format.
#[derive(Clone, Debug)]
pub struct Waves {
    /// The folder.
    pub folder: PathBuf,
    /// The format.
    pub output: Output,
}

/// Why nothing could be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file or folder cannot be read.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The threads cannot be started.
    #[error("cannot start the threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Tells how far a run has come: how many vectors are done, of how many.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Runs every vector of `paths` (files, and folders of them), in parallel; results come in the order of the files and
/// of the cases in them. A file that cannot be used is a result, too.
pub fn run_paths(
    paths: &[PathBuf],
    options: &RunOptions,
    progress: Progress<'_>,
) -> Result<Vec<VectorResult>, RunError> {
    let files = vector_files(paths)?;
    pool(options)?.install(|| {
        let read = files.par_iter().map(|path| (path.as_path(), read(path))).collect::<Vec<_>>();
        Ok(run_files(&read, options, progress))
    })
}

/// Runs the vectors that come with the program.
pub fn run_embedded(options: &RunOptions, progress: Progress<'_>) -> Result<Vec<VectorResult>, RunError> {
    let sources: Vec<(&Path, &str)> = EMBEDDED.iter().map(|e| (Path::new(e.path), e.text)).collect();
    run_sources(&sources, options, progress)
}

/// Runs every vector of files that were read already: where each is from, and its text.
pub fn run_sources(
    sources: &[(&Path, &str)],
    options: &RunOptions,
    progress: Progress<'_>,
) -> Result<Vec<VectorResult>, RunError> {
    pool(options)?.install(|| {
        let read = sources.par_iter().map(|(path, text)| (*path, parse(path, text))).collect::<Vec<_>>();
        Ok(run_files(&read, options, progress))
    })
}

pub(crate) fn pool(options: &RunOptions) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    // More threads than a few per processor only wait for each other.
    let most = 4 * std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let jobs = options.jobs.map_or(0, |jobs| jobs.get().min(most));
    rayon::ThreadPoolBuilder::new().num_threads(jobs).build()
}

/// A vector file that was read, or what is wrong with it.
type Read = Result<VectorFile, Box<VectorResult>>;

fn run_files(read: &[(&Path, Read)], options: &RunOptions, progress: Progress<'_>) -> Vec<VectorResult> {
    let work: Vec<Work<'_>> = read.iter().flat_map(|(path, file)| work(path, file)).collect();
    let (done, total) = (AtomicUsize::new(0), work.len());
    let run = |work: Work<'_>| {
        let result = work.run(options);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        result
    };
    work.into_par_iter().map(run).collect()
}

/// Runs every vector of a file; `path` is where it is from, for messages and for what it refers to.
pub fn run_file(path: &Path, file: &VectorFile, options: &RunOptions) -> Vec<VectorResult> {
    file.vectors().iter().map(|vector| run(path, file, vector, options)).collect()
}

/// Something to run, or what is wrong with it.
enum Work<'a> {
    Vector(&'a Path, &'a VectorFile, &'a Vector),
    Unusable(Box<VectorResult>),
}

impl Work<'_> {
    fn run(self, options: &RunOptions) -> VectorResult {
        match self {
            Work::Vector(path, file, vector) => run(path, file, vector, options),
            Work::Unusable(result) => *result,
        }
    }
}

fn work<'a>(path: &'a Path, file: &'a Read) -> Vec<Work<'a>> {
    match file {
        Ok(file) => file.vectors().iter().map(|vector| Work::Vector(path, file, vector)).collect(),
        Err(result) => vec![Work::Unusable(result.clone())],
    }
}

/// The file, or a result that says why it cannot be used.
fn read(path: &Path) -> Read {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(path, &text),
        Err(error) => Err(Box::new(unusable(path, 1, 1, format!("cannot be read: {error}")))),
    }
}

fn parse(path: &Path, text: &str) -> Read {
    let stem = stem(path);
    VectorFile::parse(&stem, text).map_err(|error| Box::new(unreadable(path, &error)))
}

/// The result that says what is wrong with a file.
pub(crate) fn unreadable(path: &Path, error: &FormatError) -> VectorResult {
    unusable(path, error.line, error.column, error.problem.to_string())
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn unusable(path: &Path, line: usize, column: usize, title: String) -> VectorResult {
    VectorResult {
        name: stem(path),
        path: shown(path),
        line,
        outcome: Outcome::Unusable,
        tightest: None,
        failures: vec![Failure { code: "vector-file".into(), line, column, title, detail: Vec::new() }],
        notes: Vec::new(),
        waveform: None,
        evidence: Evidence::default(),
    }
}

/// The part that a vector in `folder` names, if it is there.
pub(crate) fn find_part(name: &At<String>, folder: &Path) -> Option<Arc<Part>> {
    bind::part(name, folder).ok()
}

/// A path as reports show it: the same on every system.
fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// Runs one vector of `file`.
pub fn run(path: &Path, file: &VectorFile, vector: &Vector, options: &RunOptions) -> VectorResult {
    run_recorded(path, file, vector, options).0
}

/// Runs one vector of `file`, and hands out its waveform, too; `None` if nothing could be run.
pub fn run_recorded(
    path: &Path,
    file: &VectorFile,
    vector: &Vector,
    options: &RunOptions,
) -> (VectorResult, Option<Recording>) {
    let folder = path.parent().unwrap_or(Path::new(""));
    if let Some(comparison) = &vector.compare {
        return (compared_links(path, file, vector, comparison), None);
    }
    if let Some(bench) = &vector.memory {
        return (remembered(path, file, vector, bench, options), None);
    }
    match simulate(folder, vector, options) {
        Ok((seen, mut complaints, mut recording)) => {
            complaints.extend(verdict::complaints(vector, &seen));
            let outcome = outcome(vector, &seen, &complaints);
            let (tightest, notes) = (seen.tightest(), verdict::notes(&seen.notes));
            let mut evidence = Evidence::default();
            if options.evidence {
                evidence.rules = evidence::rules(vector, &seen);
            }
            (recording.found, recording.odd) = found(vector, seen);
            if options.evidence && outcome != Outcome::Passed {
                evidence.charts = evidence::charts(vector, &complaints, &recording);
            }
            let waveform = kept(path, vector, outcome, options)
                .and_then(|kept| keep(&kept, vector, &recording, &mut complaints));
            let result = result(path, file, vector, outcome, complaints);
            (VectorResult { tightest, notes, waveform, evidence, ..result }, Some(recording))
        }
        Err(problem) => (refused(path, file, vector, problem), None),
    }
}

/// Measures the links of a comparison, and says what is not as the vector's check says.
fn compared_links(path: &Path, file: &VectorFile, vector: &Vector, comparison: &Compare) -> VectorResult {
    let folder = path.parent().unwrap_or(Path::new(""));
    match compare::complaints(comparison, &vector.check.links, folder) {
        Ok(complaints) => {
            let outcome = if complaints.is_empty() { Outcome::Passed } else { Outcome::Failed };
            result(path, file, vector, outcome, complaints)
        }
        Err(problem) => refused(path, file, vector, problem),
    }
}

/// Does to a memory what is to be done, and says what is not as the vector's check says.
fn remembered(
    path: &Path,
    file: &VectorFile,
    vector: &Vector,
    bench: &Bench,
    options: &RunOptions,
) -> VectorResult {
    let folder = path.parent().unwrap_or(Path::new(""));
    match ddr::run(bench, folder) {
        Ok(ddr::Outcome { mut seen, mut complaints }) => {
            seen.exit = if seen.is_vacuous() { Exit::Vacuous } else { Exit::Done };
            complaints.extend(verdict::complaints(vector, &seen));
            let outcome = outcome(vector, &seen, &complaints);
            let tightest = seen.tightest();
            let rules = if options.evidence { evidence::rules(vector, &seen) } else { Vec::new() };
            let evidence = Evidence { rules, charts: Vec::new() };
            VectorResult { tightest, evidence, ..result(path, file, vector, outcome, complaints) }
        }
        Err(problem) => refused(path, file, vector, problem),
    }
}

/// The result of a vector that cannot be run.
fn refused(path: &Path, file: &VectorFile, vector: &Vector, problem: Unusable) -> VectorResult {
    let Unusable { span, message } = problem;
    let complaint =
        Complaint { span: Some(span), code: "vector-file".into(), title: message, detail: Vec::new() };
    result(path, file, vector, Outcome::Unusable, vec![complaint])
}

/// What was found on each bus, and what wires and devices have found odd.
fn found(vector: &Vector, seen: Seen) -> (Vec<Found>, Vec<Diagnostic>) {
    let mut views = seen.views.into_iter();
    let buses = vector.buses.iter().zip(seen.places);
    let found = buses
        .map(|(bus, places)| Found { scope: bus.name.clone(), views: views.by_ref().take(places).collect() });
    let found = found.collect();
    (found, seen.troubles.into_iter().chain(seen.remarks).collect())
}

fn outcome(vector: &Vector, seen: &Seen, complaints: &[Complaint]) -> Outcome {
    match seen.exit {
        _ if complaints.is_empty() => Outcome::Passed,
        exit if exit == vector.check.exit => Outcome::Failed,
        Exit::Done => Outcome::Failed,
        // What was seen before the end of the time still counts.
        Exit::Vacuous | Exit::OutOfTime if complaints.len() > 1 => Outcome::Failed,
        Exit::Vacuous => Outcome::NothingChecked,
        Exit::OutOfTime => Outcome::OutOfTime,
    }
}

fn result(
    path: &Path,
    file: &VectorFile,
    vector: &Vector,
    outcome: Outcome,
    complaints: Vec<Complaint>,
) -> VectorResult {
    let failure = |complaint: Complaint| {
        // What a sweep puts in from the command line stands nowhere in the file.
        let span = complaint.span.filter(|span| span.start <= file.source().len());
        let (line, column) = span.map_or((vector.line, 1), |span| file.position(span.start));
        Failure { code: complaint.code, line, column, title: complaint.title, detail: complaint.detail }
    };
    VectorResult {
        name: vector.name.clone(),
        path: shown(path),
        line: vector.line,
        outcome,
        tightest: None,
        failures: complaints.into_iter().map(failure).collect(),
        notes: Vec::new(),
        waveform: None,
        evidence: Evidence::default(),
    }
}

/// Where the waveform of a vector is written, if it is.
fn kept(path: &Path, vector: &Vector, outcome: Outcome, options: &RunOptions) -> Option<PathBuf> {
    let (folder, output) = match &options.waves {
        Some(Waves { folder, output }) => (folder, *output),
        None => (options.out.as_ref().filter(|_| outcome != Outcome::Passed)?, Output::Vcd),
    };
    Some(folder.join(format!("{}.{output}", kept_name(path, vector))))
}

/// The name of a vector's waveform without ending: its file's folders and its own name, so that no two vectors share one.
fn kept_name(path: &Path, vector: &Vector) -> String {
    let folder = path.parent().map(shown).unwrap_or_default();
    let whole = format!("{folder}/{}", vector.name);
    let whole = whole.trim_start_matches(['/', '.']);
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '=') { c } else { '_' };
    whole.chars().map(plain).collect()
}

/// Writes the waveform; that it cannot be written is one more complaint.
fn keep(
    path: &Path,
    vector: &Vector,
    recording: &Recording,
    complaints: &mut Vec<Complaint>,
) -> Option<String> {
    let out = path.parent().unwrap_or(Path::new(""));
    let comment = format!("vector {}", vector.name);
    let written = std::fs::create_dir_all(out)
        .map_err(|error| error.to_string())
        .and_then(|()| recording.write(path, &comment).map_err(|error| error.to_string()));
    match written {
        Ok(()) => Some(shown(path)),
        Err(error) => {
            let title = format!("the waveform cannot be kept as {}: {error}", shown(path));
            complaints.push(Complaint { span: None, code: "waveform".into(), title, detail: Vec::new() });
            None
        }
    }
}

/// Runs the bench and looks at what it did.
fn simulate(
    folder: &Path,
    vector: &Vector,
    options: &RunOptions,
) -> Result<(Seen, Vec<Complaint>, Recording), Unusable> {
    let seed = options.seed.unwrap_or(vector.seed);
    let limit = options.max_time.map_or(vector.max_time, |limit| limit.min(vector.max_time));
    let bound = Bound::new(vector, folder)?;
    let mut rig = Rig::new(Plan { bound: &bound, seed, folder })?;
    if options.voltages {
        rig.bench.trace_voltages();
    }
    let play = Play::new(&mut rig, Time::ZERO.saturating_add(limit)).steps(&vector.steps)?;
    rig.bench.finish(&mut rig.log);
    let mut complaints = play.complaints;
    complaints.extend(memory(vector, &rig, folder)?);
    complaints.extend(pins(vector, &rig.log)?);
    let (seen, heard) = seen(&mut rig)?;
    let mut seen = Seen { compared: compared(vector), ..seen };
    seen.exit = match play.ending {
        Ending::OutOfTime => Exit::OutOfTime,
        Ending::Done if seen.is_vacuous() => Exit::Vacuous,
        Ending::Done => Exit::Done,
    };
    let curves = rig.lines.iter().flat_map(|line| line.curves(&rig.bench, rig.log.end())).collect();
    let read = rig.lines.iter().flat_map(|line| line.read()).collect();
    Ok((seen, complaints, Recording::new(rig.log, heard, curves, read)))
}

/// What was seen of all buses, and what was said on them.
fn seen(rig: &mut Rig<'_>) -> Result<(Seen, Vec<Heard>), Unusable> {
    let Rig { bench, lines, log } = rig;
    let mut seen = Seen::default();
    let mut heard = Vec::new();
    let mut garbled = Vec::new();
    for line in lines {
        seen.remarks.extend(line.take_remarks(bench));
        let sight = line.look(bench, log);
        seen.places.push(sight.views.len());
        seen.views.extend(sight.views);
        heard.extend(sight.heard);
        seen.mismatches.extend(sight.unexpected);
        garbled.extend(sight.garbled);
        seen.lost += sight.lost;
        seen.advice.extend(line.advice()?);
    }
    seen.mismatches.extend(garbled);
    let remarks = std::mem::take(&mut seen.remarks);
    (seen.notes, seen.remarks) = remarks.into_iter().partition(|remark| remark.severity == Severity::Note);
    seen.diagnostics = seen.views.iter().flat_map(|view| view.diagnostics.iter().cloned()).collect();
    seen.troubles = bench.troubles().iter().map(trouble).collect();
    seen.diagnostics.extend(seen.troubles.iter().cloned());
    Ok((seen, heard))
}

/// How many words are expected to be something.
fn compared(vector: &Vector) -> u64 {
    let expectations: usize = vector.steps.iter().map(|step| step.ops.expectations()).sum();
    (expectations + vector.check.memory.len() + vector.check.pins.len()) as u64
}

fn trouble(trouble: &NetTrouble) -> Diagnostic {
    let (code, severity, what) = match trouble.kind {
        TroubleKind::Contention => ("net::contention", Severity::Error, "two drivers oppose each other"),
        TroubleKind::ZeroWidthPulse => ("net::zero-width-pulse", Severity::Warning, "a pulse of no width"),
        TroubleKind::DrivenHigh => ("net::driven-high", Severity::Error, "an open-drain wire is driven high"),
    };
    let text = format!("{what} on {}", trouble.net);
    Diagnostic { code, severity, from: trouble.from, to: trouble.to, text }
}

/// What memories hold and should not.
fn memory(vector: &Vector, rig: &Rig<'_>, folder: &Path) -> Result<Vec<Complaint>, Unusable> {
    let mut complaints = Vec::new();
    for (device, memory) in &vector.check.memory {
        let wanted = rig::content(memory, folder)?;
        let spot = Spot { device: *device, address: memory.address, length: wanted.len() };
        let found = rig.lines.iter().find_map(|line| line.peek(&rig.bench, &spot));
        let found = found.unwrap_or(Err(LoadError::NoMemory));
        let found = found.map_err(|error| Unusable::new(&memory.span, error.to_string()))?;
        if let Some(i) = wanted.iter().zip(&found).position(|(wanted, found)| wanted != found) {
            let address = memory.address + i as u64;
            let title = format!("memory at {address:#x} is {:02x}, expected {:02x}", found[i], wanted[i]);
            let span = Some(memory.span.clone());
            complaints.push(Complaint { span, code: "memory".into(), title, detail: Vec::new() });
        }
    }
    Ok(complaints)
}

/// Which pins of devices end at another level.
fn pins(vector: &Vector, log: &ChangeLog) -> Result<Vec<Complaint>, Unusable> {
    let mut complaints = Vec::new();
    for At { value: Pin { device, name, level }, span } in &vector.check.pins {
        let device = &vector.devices[device.0].name;
        let signal = format!("{device}.{name}");
        let Some(column) = log.columns().iter().find(|column| column.name() == signal) else {
            return Err(Unusable::new(
                span,
                format!("`{device}` has no pin `{name}` besides those of its bus"),
            ));
        };
        let last = column.iter().last().map_or(Level::X, |(_, value)| value.level());
        if last != *level {
            let title = format!("{signal} is {last}, expected {level}");
            complaints.push(Complaint {
                span: Some(span.clone()),
                code: "pin".into(),
                title,
                detail: Vec::new(),
            });
        }
    }
    Ok(complaints)
}
