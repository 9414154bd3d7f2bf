//! `busproof fuzz`: random legal traffic, clocks that are off and faults around a vector; what breaks is made as short as it can be.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use busproof_core::Span;
use busproof_parts::Hint;
use busproof_vectors::VectorFile;
use busproof_vectors::fuzz::{self, Found, FuzzError, FuzzOptions, ROUND, Saved, Search};
use clap::{Args as ClapArgs, ValueEnum};
use serde_json::{Value, json};

use crate::args::ItemFormat;
use crate::check::facts;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::{Ink, Out};
use crate::progress::Bar;
use crate::run::KEPT;
use crate::sweep::in_file;
use crate::units::{count, hanging};

const METHOD: &str = "\
Steps of the vector are left out, repeated and mixed with new ones; clocks are
off by up to --clock-error; targets of I2C stretch, and spikes come that filters
take out. The same steps are run with ideal clocks first: what goes wrong there
is no legal traffic and does not count, and what is read there must be read. What
is found is made as short as it can be, and kept as a vector that `busproof run`
fails. Rules that the vector's own check expects to be broken do not count.
The exit status is 0 if nothing was found, 1 if something was, 2 if the file
cannot be used, 3 if no case was legal, 4 if the time ended before the first one.";

#[derive(Debug, ClapArgs)]
#[command(after_help = METHOD)]
pub(crate) struct FuzzArgs {
    /// A vector file; of one with several vectors each is taken in turn
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The vector of the file to look around, by its name or that of its case; all
    /// if absent
    #[arg(long, value_name = "NAME")]
    case: Option<String>,
    /// How many cases to try of each vector
    #[arg(long, value_name = "N", default_value_t = 256)]
    cases: u32,
    /// The seed of the first 32 cases; the next 32 have the number behind it
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Begin no case after so much time, such as 30s, on the clock on the wall
    #[arg(long, value_name = "TIME")]
    max_time: Option<Span>,
    /// What to vary
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    #[arg(default_values_t = [Vary::Traffic, Vary::Clocks, Vary::Faults])]
    vary: Vec<Vary>,
    /// How far each clock is off at most, such as 2%, on top of what the vector
    /// says
    #[arg(long, value_name = "DEVIATION", default_value = "100ppm", value_parser = deviation)]
    clock_error: i64,
    /// How many cases run at once; as many as there are processors if absent
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Where to keep what is found
    #[arg(long, value_name = "DIR", default_value = KEPT)]
    out: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = ItemFormat::Human, value_name = "FORMAT")]
    format: ItemFormat,
}

/// What is varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Vary {
    /// What is said
    Traffic,
    /// How far clocks are off, and when their edges come
    Clocks,
    /// Faults that a sound bus bears
    Faults,
    /// What both ends agree on: modes, bit orders, frame formats; not where a part decides
    Options,
}

impl std::fmt::Display for Vary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_possible_value().map_or(Ok(()), |value| f.write_str(value.get_name()))
    }
}

fn deviation(text: &str) -> Result<i64, String> {
    match busproof_vectors::format::deviation(text)? {
        ppb if ppb < 0 => Err("write it without a sign: clocks are off in both directions".into()),
        ppb => Ok(ppb),
    }
}

/// Looks around every vector of the file, and prints what comes of it.
pub(crate) fn run(args: &FuzzArgs, out: &mut Out) -> Result<Exit, CliError> {
    let file = read(&args.file)?;
    let since = Instant::now();
    let (mut exit, mut objects, mut unfit) = (None, Vec::new(), Vec::new());
    for index in chosen(args, &file)? {
        let options = options(args, since.elapsed());
        let bar = Bar::new();
        let search = fuzz::fuzz(&args.file, &file, index, &options, &|done, total| bar.show(done, total));
        bar.clear();
        match search {
            Err(error @ FuzzError::Unfit { .. }) => unfit.push(error),
            Err(error) => return Err(error.into()),
            Ok(search) => {
                let saved = search.found.as_ref().map(|found| save(args, found)).transpose()?;
                let this = exit_of(&search);
                exit = Some(exit.map_or(this, |exit: Exit| exit.worst(this)));
                match args.format {
                    ItemFormat::Human => human(args, &search, saved.as_ref(), out)?,
                    ItemFormat::Jsonl => writeln!(out, "{}", object(&search, saved.as_ref()))?,
                    ItemFormat::Json => objects.push(object(&search, saved.as_ref())),
                }
            }
        }
    }
    if args.format == ItemFormat::Json {
        writeln!(out, "{:#}", Value::Array(objects))?;
    }
    finish(exit, unfit, out)
}

/// Vectors of which nothing can be found are worth a note, and an error if there are no others.
fn finish(exit: Option<Exit>, unfit: Vec<FuzzError>, out: &mut Out) -> Result<Exit, CliError> {
    match exit {
        Some(exit) => {
            for error in unfit {
                out.note(&error.to_string());
            }
            Ok(exit)
        }
        None => unfit.into_iter().next().map_or(Ok(Exit::Nothing), |error| Err(error.into())),
    }
}

fn read(path: &Path) -> Result<VectorFile, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| CliError::Payload { path: path.to_owned(), source })?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    VectorFile::parse(&stem, &text).map_err(|error| in_file(path, &error))
}

/// The numbers of the vectors that are asked for.
fn chosen(args: &FuzzArgs, file: &VectorFile) -> Result<Vec<usize>, CliError> {
    let names = || file.vectors().iter().map(|vector| vector.name.as_str());
    let Some(case) = &args.case else { return Ok((0..file.vectors().len()).collect()) };
    let is_meant = |name: &str| name == case || name.split_once('/').is_some_and(|(_, own)| own == case);
    let found: Vec<usize> = names().enumerate().filter(|(_, name)| is_meant(name)).map(|(i, _)| i).collect();
    if found.is_empty() {
        let hint = Hint::nearest(case, names());
        return Err(CliError::UnknownVector { path: args.file.clone(), name: case.clone(), hint });
    }
    Ok(found)
}

fn options(args: &FuzzArgs, spent: Duration) -> FuzzOptions {
    let varies = |what| args.vary.contains(&what);
    let limit = args.max_time.map(|limit| Duration::from_nanos(limit.as_fs() / 1_000_000));
    FuzzOptions {
        cases: args.cases,
        max_time: limit.map(|limit| limit.saturating_sub(spent)),
        seed: args.seed,
        jobs: args.jobs,
        vary: fuzz::Vary {
            traffic: varies(Vary::Traffic),
            clocks: varies(Vary::Clocks),
            faults: varies(Vary::Faults),
            options: varies(Vary::Options),
        },
        clock_error_ppb: args.clock_error,
    }
}

fn exit_of(search: &Search) -> Exit {
    match search {
        Search { found: Some(_), .. } => Exit::Failed,
        Search { judged: 0, is_cut: true, .. } => Exit::OutOfTime,
        Search { judged: 0, .. } => Exit::Nothing,
        Search { .. } => Exit::Held,
    }
}

fn save(args: &FuzzArgs, found: &Found) -> Result<Saved, CliError> {
    let first = found.failures.first().map(|failure| format!("{}: {}", failure.code, failure.title));
    let origin = format!("Found by `{}`:\n{}", again(args, found), first.unwrap_or_default());
    Ok(found.save(&args.out, &origin)?)
}

/// The command that finds it again, at once.
fn again(args: &FuzzArgs, found: &Found) -> String {
    let mut words = vec![format!("busproof fuzz {}", args.file.display())];
    words.extend(args.case.as_ref().map(|case| format!("--case {case}")));
    words.push(format!("--seed {} --cases {}", found.seed, args.cases.min(ROUND)));
    if args.clock_error != FuzzOptions::default().clock_error_ppb {
        words.push(format!("--clock-error {}ppm", args.clock_error as f64 / 1e3));
    }
    if args.vary != [Vary::Traffic, Vary::Clocks, Vary::Faults] {
        let vary = args.vary.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        words.push(format!("--vary {vary}"));
    }
    words.join(" ")
}

// For people.

fn human(args: &FuzzArgs, search: &Search, saved: Option<&Saved>, out: &mut Out) -> io::Result<()> {
    if let (Some(found), Some(saved)) = (&search.found, saved) {
        finding(args, found, saved, out)?;
    }
    let cases = count(u64::from(search.judged), "case");
    let (verdict, line) = match exit_of(search) {
        Exit::Failed => ("FOUND", format!("in case {}", search.judged)),
        Exit::Held => ("ok", format!("nothing in {cases}")),
        _ => ("NOTHING CHECKED", cases),
    };
    let illegal = match search.illegal {
        0 => String::new(),
        1 => " (1 more was no legal traffic)".to_owned(),
        more => format!(" ({more} more were no legal traffic)"),
    };
    let cut = if search.is_cut { "; the time is up" } else { "" };
    let line = format!("{}: {line}{illegal}{cut}", search.name);
    writeln!(out, "{}", hanging(&format!("{verdict:<7} "), &line))?;
    if let (0, Some(why)) = (search.judged, &search.why) {
        writeln!(out, "{}", hanging("        ", &format!("not legal even with ideal clocks: {why}")))?;
    }
    Ok(())
}

/// What was found, as a compiler would say it.
fn finding(args: &FuzzArgs, found: &Found, saved: &Saved, out: &mut Out) -> io::Result<()> {
    let (Some(failure), paint) = (found.failures.first(), out.paint()) else { return Ok(()) };
    let code = format!("error[{}]", failure.code);
    let head = hanging(&format!("{code}: "), &failure.title);
    writeln!(out, "{}", head.replacen(&code, &paint.ink(Ink::Bad, &code), 1))?;
    writeln!(out, "{} {}", paint.ink(Ink::Frame, "  -->"), shown(&saved.vector))?;
    let bar = paint.ink(Ink::Frame, "   |");
    writeln!(out, "{bar}")?;
    for step in &found.steps {
        writeln!(out, "{bar} {step}")?;
    }
    writeln!(out, "{bar}")?;
    facts(&facts_of(args, found, saved), out)?;
    writeln!(out)
}

fn facts_of(args: &FuzzArgs, found: &Found, saved: &Saved) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = Vec::new();
    all.extend(found.changes.iter().map(|change| ("with", change.clone())));
    let details = found.failures.first().map(|failure| failure.detail.as_slice()).unwrap_or_default();
    all.extend(details.iter().map(|line| labelled(line)));
    let also: Vec<&str> = found.failures.iter().skip(1).map(|failure| failure.code.as_str()).collect();
    if !also.is_empty() {
        all.push(("also", also.join(", ")));
    }
    let steps = count(found.was_steps as u64, "step");
    let changes = count(found.was_changes as u64, "change");
    all.push(("was", format!("{steps} and {changes}, before it was made short")));
    all.push(("wave", shown(&saved.waveform)));
    all.push(("run", format!("busproof run {}", shown(&saved.vector))));
    all.push(("again", again(args, found)));
    all
}

/// A line of detail with its label: `limit: UM10204 table 10`.
fn labelled(line: &str) -> (&'static str, String) {
    let with = |label, prefix| Some((label, line.strip_prefix(prefix)?.to_owned()));
    with("limit", "limit: ").or_else(|| with("cause", "usual cause: ")).unwrap_or(("seen", line.to_owned()))
}

/// A path as reports show it: the same on every system.
fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

// For programs.

fn object(search: &Search, saved: Option<&Saved>) -> Value {
    let found = search.found.as_ref().zip(saved).map(|(found, saved)| {
        let failure = |failure: &busproof_vectors::report::Failure| json!({ "code": failure.code, "title": failure.title });
        json!({
            "failures": found.failures.iter().map(failure).collect::<Vec<_>>(),
            "steps": found.steps,
            "changes": found.changes,
            "seed": found.seed,
            "vector": shown(&saved.vector),
            "waveform": shown(&saved.waveform),
        })
    });
    json!({
        "kind": "fuzz",
        "vector": search.name,
        "cases": search.judged,
        "illegal": search.illegal,
        "out_of_time": search.is_cut,
        "found": found,
    })
}
