//! `busproof xfer`: one compact string against a simulated part.
//!
//! The arguments become a vector of one step, so that a transfer means here what it means in a vector file.

mod vector;

use busproof_vectors::chart::drawn;
use std::cell::RefCell;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use busproof_core::judge::{Jury, Said};
use busproof_core::log::Column;
use busproof_core::mapping::find_taps;
use busproof_core::timing::Params;
use busproof_core::{ChangeLog, Span, Time};
use busproof_plot::text::{TextOptions, draw};
use busproof_plot::{Diagram, Lane};
use busproof_vectors::VectorFile;
use busproof_vectors::compact::{Script, i2ctransfer};
use busproof_vectors::report::{Failure, Outcome, VectorResult, exit_status};
use busproof_vectors::run::{Recording, RunOptions, run_recorded};
use busproof_wave::Output;

use crate::args::XferArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::{COLUMNS, Ink, Out, folded};
use crate::protocol::{Bus, Handshake, I2c, Printer as _, Protocol, Seat, Spi, Uart};
use crate::units::hanging;

/// What messages call the string.
const ORIGIN: &str = "transfer";

/// Runs the transfer and shows what happened.
pub(crate) fn run(args: &XferArgs, out: &mut Out) -> Result<Exit, CliError> {
    let seats = Seat::open_all(&args.parts)?;
    match Bus::find(Some(&args.bus), &seats, &args.parts)? {
        Bus::Spi => transfer::<Spi>(args, &seats, out),
        Bus::I2c => transfer::<I2c>(args, &seats, out),
        Bus::Uart => transfer::<Uart>(args, &seats, out),
        Bus::Handshake => transfer::<Handshake>(args, &seats, out),
        Bus::Ddr => Err(CliError::Xfer("requests to a memory are a trace: see `busproof dram run`".into())),
        Bus::Crossing => Err(CliError::Xfer(
            "a crossing has two clocks and what lies between; begin a vector with `busproof new --bus crossing`".into(),
        )),
    }
}

fn transfer<P: Protocol>(args: &XferArgs, seats: &[Seat], out: &mut Out) -> Result<Exit, CliError> {
    let bus = P::new(&args.asked(seats))?;
    let script = script(args)?;
    let text = vector::text(P::INFO, args, seats, &script)?;
    let refused = |at: usize, problem: &str| refused(&script, at, problem);
    let file = VectorFile::parse(ORIGIN, &text).map_err(|error| {
        let problem = error.problem.to_string();
        match vector::column_in_script(&text, error.line, error.column) {
            Some(at) => refused(at, &problem),
            None => CliError::Xfer(problem),
        }
    })?;
    let options = RunOptions { seed: args.seed, voltages: args.voltages, ..RunOptions::default() };
    let (result, recording) = run_recorded(Path::new(ORIGIN), &file, &file.vectors()[0], &options);
    if let Some(failure) = result.failures.first().filter(|_| result.outcome == Outcome::Unusable) {
        return Err(match vector::column_in_script(&text, failure.line, failure.column) {
            Some(at) => refused(at, &failure.title),
            None => CliError::Xfer(failure.title.clone()),
        });
    }
    if let Some(recording) = &recording {
        picture(recording.log(), out)?;
        decoded(recording.log(), &bus, out)?;
    }
    verdict(&script, &text, &result, out)?;
    if let Some(recording) = &recording {
        let path = keep(args, &script, recording)?;
        writeln!(out, "waveform: {}", path.display())?;
    }
    Ok(Exit::from_status(exit_status(&[result])))
}

/// The compact string, or that of the messages.
fn script(args: &XferArgs) -> Result<String, CliError> {
    if let Some(script) = &args.script {
        Script::parse(script).map_err(|e| refused(script, e.span.start, &e.problem.to_string()))?;
        return Ok(script.clone());
    }
    if args.bus != "i2c" {
        return Err(CliError::Xfer("messages of i2ctransfer are for I2C; write a compact string".into()));
    }
    let messages = args.messages.join(" ");
    let script =
        i2ctransfer(&messages).map_err(|e| refused(&messages, e.span.start, &e.problem.to_string()))?;
    Ok(script.to_string())
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
    let lane = |column: &Column| Lane { name: column.name().into(), ..drawn(column) };
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
fn verdict(script: &str, text: &str, result: &VectorResult, out: &mut Out) -> io::Result<()> {
    if let Some(tightest) = &result.tightest {
        writeln!(out, "tightest margin: {tightest}")?;
    }
    for failure in &result.failures {
        complain(script, text, failure, out)?;
    }
    for note in &result.notes {
        let code = format!("note[{}]:", note.code);
        let head = folded(&format!("{code} {note}"));
        writeln!(out, "{}", head.replacen(&code, &out.paint().ink(Ink::Note, &code), 1))?;
    }
    match result.outcome {
        Outcome::Passed => Ok(()),
        _ => writeln!(out),
    }
}

fn complain(script: &str, text: &str, failure: &Failure, out: &mut Out) -> io::Result<()> {
    let code = format!("error[{}]:", failure.code);
    // What vectors say in a key is an option here.
    let title = failure.title.replace("`max_time`", "`--max-time`");
    let head = folded(&format!("{code} {title}"));
    writeln!(out, "\n{}", head.replacen(&code, &out.paint().ink(Ink::Bad, &code), 1))?;
    if let Some(at) = vector::column_in_script(text, failure.line, failure.column) {
        let before = script.get(..at).unwrap_or_default().chars().count();
        writeln!(out, "  | {script}\n  | {:before$}^ here", "")?;
    }
    failure.detail.iter().try_for_each(|line| writeln!(out, "{}", hanging("  = ", line)))
}

/// Writes the waveform: into a folder, or to the file that was named.
fn keep(args: &XferArgs, script: &str, recording: &Recording) -> Result<PathBuf, CliError> {
    let asked = args.out.clone().unwrap_or_else(|| "target/busproof".into());
    let is_file = Output::of(&asked).is_ok() && !asked.is_dir();
    let path = if is_file { asked } else { asked.join("xfer.vcd") };
    let failed = |source: io::Error| CliError::Write { path: path.clone(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
    recording.write(&path, &format!("xfer {script}")).map_err(|error| failed(io::Error::other(error)))?;
    Ok(path)
}
