//! `busproof xfer`: one compact string against a simulated part.
//!
//! The arguments become a vector of one step, so that a transfer means here what it means in a vector file.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use busproof_core::judge::{Jury, Said};
use busproof_core::log::Column;
use busproof_core::mapping::find_taps;
use busproof_core::timing::Params;
use busproof_core::{ChangeLog, Span, Time};
use busproof_parts::{Conditions, Part};
use busproof_plot::text::{TextOptions, draw};
use busproof_plot::{Diagram, Lane, State};
use busproof_vectors::VectorFile;
use busproof_vectors::compact::Script;
use busproof_vectors::report::{Failure, Outcome, VectorResult, exit_status};
use busproof_vectors::run::{RunOptions, run_recorded};
use busproof_wave::{VcdOptions, write_log};

use crate::args::XferArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::{COLUMNS, Ink, Out, folded};
use crate::protocol::{Asked, Printer as _, Protocol, Seat, Spi};
use crate::units::hanging;

/// What messages call the string.
const ORIGIN: &str = "transfer";

/// Runs the transfer and shows what happened.
pub(crate) fn run(args: &XferArgs, out: &mut Out) -> Result<Exit, CliError> {
    let seats = [Seat::open(&args.part)?];
    let (sets, conditions) = (args.sets.clone(), Conditions::default());
    let spi = Spi::new(&Asked { seats: &seats, host: None, sets, conditions })?;
    Script::parse(&args.script).map_err(|e| refused(&args.script, e.span.start, &e.problem.to_string()))?;
    let text = vector(args, &seats[0])?;
    let file = VectorFile::parse(ORIGIN, &text).map_err(|error| explain(args, &text, &error))?;
    let options = RunOptions { seed: args.seed, max_time: args.max_time, ..RunOptions::default() };
    let (result, log) = run_recorded(Path::new(ORIGIN), &file, &file.vectors()[0], &options);
    if let Some(failure) = result.failures.first().filter(|_| result.outcome == Outcome::Unusable) {
        return Err(match column_in_script(&text, failure.line, failure.column) {
            Some(at) => refused(&args.script, at, &failure.title),
            None => CliError::Xfer(failure.title.clone()),
        });
    }
    if let Some(log) = &log {
        picture(log, out)?;
        decoded(log, &spi, out)?;
    }
    verdict(args, &text, &result, out)?;
    if let Some(log) = &log {
        let path = keep(args, log)?;
        writeln!(out, "waveform: {}", path.display())?;
    }
    Ok(Exit::from_status(exit_status(&[result])))
}

/// The vector file that says the same as the arguments; the transfer is its last line.
fn vector(args: &XferArgs, seat: &Seat) -> Result<String, CliError> {
    let part = &seat.part;
    let mut text = String::new();
    let mut bus = vec![("kind".to_owned(), quoted("spi")), ("clock".to_owned(), quoted(&args.clock))];
    bus.extend(args.host.iter().map(|host| ("host".to_owned(), quoted(&absolute(host)))));
    let numbers = ["mode", "word_bits", "wires", "lanes", "sample_delay"];
    // Other formats fix the mode.
    let fixed =
        args.sets.iter().any(|(key, value)| key == "format" && !value.eq_ignore_ascii_case("motorola"));
    let mode = part.spi_options().map_or(0, |options| options.mode.number());
    let mode = ("mode".to_owned(), mode.to_string());
    let sets = (!fixed).then_some(mode).into_iter().chain(args.sets.iter().cloned());
    for (key, value) in sets {
        bus.retain(|(k, _)| *k != key);
        let value = if numbers.contains(&key.as_str()) { value } else { quoted(&value) };
        bus.push((key, value));
    }
    let _ = writeln!(text, "[bus.spi]");
    for (key, value) in &bus {
        let _ = writeln!(text, "{key} = {value}");
    }
    let _ = writeln!(text, "[device.{}]\npart = {}", device_name(part), quoted(&absolute(&seat.asked)));
    if !args.loads.is_empty() {
        let loads = args.loads.iter().map(|load| memory(load, seat)).collect::<Result<Vec<_>, _>>()?;
        let _ = writeln!(text, "load = [{}]", loads.join(", "));
    }
    // Line ends separate items as blanks do, and a blank keeps the columns.
    let script = args.script.replace(char::is_control, " ");
    let _ = write!(text, "[[step]]\n{PREFIX}{}", &quoted(&script)[1..]);
    Ok(text)
}

/// What stands before the transfer in its line.
const PREFIX: &str = "do = \"";

/// Part files are given relative to where the user is, not to the vector.
fn absolute(name: &str) -> String {
    let path = Path::new(name);
    if path.is_file() {
        std::path::absolute(path).map_or(name.into(), |p| p.display().to_string())
    } else {
        name.into()
    }
}

/// A part's name as the name of a device.
fn device_name(part: &Part) -> String {
    part.name().chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' }).collect()
}

/// As a TOML string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `PART=FILE|hex|'text'@ADDRESS` as a table of a memory.
fn memory(load: &str, seat: &Seat) -> Result<String, CliError> {
    let wrong = || CliError::Load(load.into());
    let (name, what) = load.split_once('=').ok_or_else(wrong)?;
    if !seat.answers_to(name) {
        let there = seat.part.name();
        return Err(CliError::Xfer(format!(
            "`--load {load}`: no part `{name}` is on the bus; it is `{there}`"
        )));
    }
    let (content, address) = what.rsplit_once('@').unwrap_or((what, "0"));
    let at = address.strip_prefix("0x").map_or_else(|| address.parse(), |hex| u64::from_str_radix(hex, 16));
    let at = at.map_err(|_| wrong())?;
    let text = content.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let is_hex = !content.is_empty()
        && content.len().is_multiple_of(2)
        && content.chars().all(|c| c.is_ascii_hexdigit());
    let (key, value) = match text {
        Some(text) => ("text", text.to_owned()),
        None if Path::new(content).is_file() => ("file", absolute(content)),
        None if is_hex => ("hex", content.to_owned()),
        None => return Err(wrong()),
    };
    Ok(format!("{{ at = {at}, {key} = {} }}", quoted(&value)))
}

/// An error in the vector: one in the string points there, any other speaks for itself.
fn explain(args: &XferArgs, text: &str, error: &busproof_vectors::FormatError) -> CliError {
    let problem = error.problem.to_string();
    match column_in_script(text, error.line, error.column) {
        Some(at) => refused(&args.script, at, &problem),
        None => CliError::Xfer(problem),
    }
}

/// The position in the string of a place in the vector, if it lies there.
fn column_in_script(text: &str, line: usize, column: usize) -> Option<usize> {
    (line == text.lines().count()).then(|| column.checked_sub(PREFIX.len() + 1))?
}

/// The string with a mark below the place.
fn refused(script: &str, at: usize, problem: &str) -> CliError {
    let before = script.get(..at).unwrap_or(script).chars().count();
    CliError::Xfer(format!("{problem}\n  | {script}\n  | {:before$}^ column {}", "", before + 1))
}

/// The waveform from a little before the first change to a little after the last.
fn picture(log: &ChangeLog, out: &mut Out) -> io::Result<()> {
    let edges = log.columns().iter().flat_map(Column::iter).map(|(t, _)| t).filter(|t| *t > Time::ZERO);
    let (first, last) = edges.fold((Time::MAX, Time::ZERO), |(a, b), t| (a.min(t), b.max(t)));
    if first > last {
        return Ok(());
    }
    let margin = Span::from_fs((last - first).as_fs() / 40);
    let lane = |column: &Column| Lane {
        name: column.name().into(),
        changes: column.iter().map(|(t, value)| (t, State::Level(value.level()))).collect(),
    };
    let diagram = Diagram {
        from: first.saturating_sub(margin),
        to: last.saturating_add(margin),
        origin: Time::ZERO,
        lanes: log.columns().iter().filter(|c| c.len() > 1).map(lane).collect(),
        marker: None,
    };
    for line in draw(&diagram, &TextOptions { width: COLUMNS, charset: out.charset() }) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)
}

/// What was said, as `decode` prints it.
fn decoded<P: Protocol>(log: &ChangeLog, bus: &P, out: &mut Out) -> io::Result<()> {
    let names: Vec<&str> = log.columns().iter().map(Column::name).collect();
    let taps: Vec<_> = find_taps(P::INFO, &names).into_iter().take(1).collect();
    let mut printer = bus.printer();
    let written = RefCell::new(Ok(()));
    let mut jury = Jury::new(
        &taps,
        || bus.monitor(log.source()),
        &[],
        &Params::new(),
        log.source(),
        |said| {
            if let Said::Item(item) = said
                && written.borrow().is_ok()
            {
                *written.borrow_mut() = printer.item(&item, out);
            }
        },
    );
    log.replay(&mut jury);
    drop(jury);
    written.into_inner()?;
    printer.finish(out)?;
    writeln!(out)
}

/// The tightest margin, and what is wrong.
fn verdict(args: &XferArgs, text: &str, result: &VectorResult, out: &mut Out) -> io::Result<()> {
    if let Some(tightest) = &result.tightest {
        writeln!(out, "tightest margin: {tightest}")?;
    }
    for failure in &result.failures {
        complain(args, text, failure, out)?;
    }
    match result.outcome {
        Outcome::Passed => Ok(()),
        _ => writeln!(out),
    }
}

fn complain(args: &XferArgs, text: &str, failure: &Failure, out: &mut Out) -> io::Result<()> {
    let code = format!("error[{}]:", failure.code);
    let head = folded(&format!("{code} {}", failure.title));
    writeln!(out, "\n{}", head.replacen(&code, &out.paint().ink(Ink::Bad, &code), 1))?;
    if let Some(at) = column_in_script(text, failure.line, failure.column) {
        let before = args.script.get(..at).unwrap_or_default().chars().count();
        writeln!(out, "  | {}\n  | {:before$}^ here", args.script, "")?;
    }
    failure.detail.iter().try_for_each(|line| writeln!(out, "{}", hanging("  = ", line)))
}

/// Writes the waveform.
fn keep(args: &XferArgs, log: &ChangeLog) -> Result<PathBuf, CliError> {
    let folder = args.out.clone().unwrap_or_else(|| "target/busproof".into());
    let path = folder.join("xfer.vcd");
    let failed = |source: io::Error| CliError::Write { path: path.clone(), source };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let options = VcdOptions { comment: Some(format!("xfer {}", args.script)), ..VcdOptions::default() };
    write_log(&path, log, &options).map_err(|error| failed(io::Error::other(error)))?;
    Ok(path)
}
