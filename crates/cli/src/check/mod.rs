//! `busproof check`: was every rule kept, by how much, and what could not be told.

mod bars;
mod between;
mod camera;
mod github;
mod human;
mod junit;
mod ledger;
mod lines;
mod page;
mod trace;
mod verdict;

use std::cell::RefCell;
use std::path::Path;

use busproof_core::Source;
use busproof_core::bus::BusInfo;
use busproof_core::judge::{Jury, Outcome, Said};
use busproof_core::timing::{CheckerOptions, Params, Rule, Verdict};
use busproof_parts::{Hint, catalog};

use crate::args::{CheckArgs, ItemFormat, MarginArgs, ReportFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::json::Lines;
use crate::out::Out;
use crate::protocol::{Asked, Bus, Crossing, Ddr, Handshake, I2c, Protocol, Seat, Settled, Spi, Uart};
use crate::waveform::{self, Passing, Waveform};
use between::Between;
use camera::{Camera, Seen, Shot};
use ledger::Ledger;
use page::Pages;
use trace::{Trace, Traced};

pub(crate) use human::facts;

/// Judges each file; the exit status is that of [`Exit::worst`].
pub(crate) fn run(args: &CheckArgs, out: &mut Out) -> Result<Exit, CliError> {
    judge(args, Report::new(args.format), out)
}

/// Judges each file and shows how far every rule was from its limit.
pub(crate) fn margins(args: &MarginArgs, out: &mut Out) -> Result<Exit, CliError> {
    let lines = match args.format {
        ItemFormat::Human => None,
        ItemFormat::Jsonl => Some(Lines::one_a_line()),
        ItemFormat::Json => Some(Lines::in_array()),
    };
    let report = match (&args.rule, lines) {
        (Some(rule), lines) => Report::Traced(Box::new(Traced::new(rule.clone(), args.out.clone(), lines))),
        (None, None) => Report::Bars(Box::new(bars::Picture::new(args.out.clone()))),
        (None, Some(lines)) => Report::Margins(lines),
    };
    judge(&args.as_check(), report, out)
}

fn judge(args: &CheckArgs, report: Report, out: &mut Out) -> Result<Exit, CliError> {
    let seats = Seat::open_all(&args.wave.parts)?;
    match Bus::find(args.wave.bus.as_deref(), &seats, &args.wave.parts)? {
        Bus::Spi => check_all::<Spi>(args, report, &seats, out),
        Bus::I2c => check_all::<I2c>(args, report, &seats, out),
        Bus::Uart => check_all::<Uart>(args, report, &seats, out),
        Bus::Handshake => check_all::<Handshake>(args, report, &seats, out),
        Bus::Ddr => check_all::<Ddr>(args, report, &seats, out),
        Bus::Crossing => check_all::<Crossing>(args, report, &seats, out),
    }
}

fn check_all<P: Protocol>(
    args: &CheckArgs,
    mut report: Report,
    seats: &[Seat],
    out: &mut Out,
) -> Result<Exit, CliError> {
    let host = args.host.as_deref().map(catalog::open).transpose()?;
    if let Some(host) = host.as_ref().filter(|host| host.bus() != P::INFO.name) {
        return Err(CliError::OtherBus { part: host.name().into(), its: host.bus(), asked: P::INFO.name });
    }
    let bus = P::new(&Asked { host: host.as_ref(), ..args.wave.asked(seats) })?;
    let mut page = args.report.clone().map(|path| Pages::new(path, P::INFO.name));
    let mut exit: Option<Exit> = None;
    for file in &args.files {
        if args.files.len() > 1 {
            report.about(file);
        }
        // One file that cannot be used does not hide what the others say.
        let this = check(file, &bus, args, &mut report, out)
            .and_then(|checked| {
                page.as_mut().map_or(Ok(()), |page| page.add(&checked))?;
                Ok(checked.exit())
            })
            .or_else(|error| {
                report.unusable(file, &error, out)?;
                if let Some(page) = &mut page {
                    page.add_unusable(file, &error);
                }
                Ok::<Exit, CliError>(out.error(&error))
            })?;
        exit = Some(exit.map_or(this, |exit| exit.worst(this)));
    }
    report.finish(out)?;
    let exit = exit.unwrap_or(Exit::Nothing);
    page.map_or(Ok(()), |page| page.finish(exit, out))?;
    Ok(exit)
}

/// All that is known of a file once it has been judged.
pub(crate) struct Checked {
    /// Its name as it was given.
    file: String,
    /// Where its changes come from.
    source: Source,
    /// Counts and margins.
    outcome: Outcome,
    /// The first finding per rule, the oddities.
    ledger: Ledger,
    /// Pictures of the first findings.
    shots: Vec<Shot>,
    /// Its signals.
    signals: Vec<Seen>,
    /// The file was cut off.
    truncated: bool,
    /// What was taken for granted, and how to read what was measured.
    remarks: Vec<String>,
    /// What gives limits to more rules.
    more_limits: String,
    /// What is in doubt fails, too.
    strict: bool,
    /// The measurements of one rule, if they were asked for.
    trace: Option<Trace>,
}

fn check<P: Protocol>(
    file: &Path,
    bus: &P,
    args: &CheckArgs,
    report: &mut Report,
    out: &mut Out,
) -> Result<Checked, CliError> {
    let waveform = Waveform::open(file, P::INFO, &args.wave, out)?;
    bus.require(&waveform)?;
    let mut passing = waveform.start();
    let Settled { bus, read, judged } = bus.settle(&mut passing);
    let Passing { file, source, names, taps, wires, feed } = passing;
    let signals: Vec<Seen> =
        names.into_iter().zip(wires).map(|(name, (_, wires))| Seen { name, wires }).collect();
    let remarks: Vec<String> =
        read.into_iter().chain(judged).chain(bus.caveat(source).map(str::to_owned)).collect();
    for said in remarks.iter().filter(|_| !report.has_remarks()) {
        out.note(&format!("{file}: {said}"));
    }
    let params = bus.params();
    let known = CheckerOptions {
        source,
        unit_interval: bus.unit_interval(),
        point: None,
        checks: P::INFO.checks,
        exact: bus.exact(),
    };
    let rule = report.traced().map(|name| find_rule(name, &bus.rules(), P::INFO)).transpose()?;
    let trace = RefCell::new(rule.map(Trace::of));
    let ledger = RefCell::new(Ledger::default());
    let stream = RefCell::new(report.stream(&params, out));
    let jury = Jury::new(
        &taps,
        || bus.monitor(source),
        bus.rules(),
        &params,
        known,
        |said| {
            if let (Said::Finding(finding), Some(trace)) = (&said, trace.borrow_mut().as_mut()) {
                trace.hear(finding);
                if finding.verdict == Verdict::Kept {
                    return;
                }
            }
            stream.borrow_mut().hear(&said);
            ledger.borrow_mut().hear(said);
        },
    );
    let jury = match rule {
        Some(rule) => jury.tracing(rule.name),
        None => jury,
    };
    let camera = Camera::new(&ledger, &taps, signals.len(), P::pins_of, bus.reach());
    let mut watch = (jury, (camera, Between::new(signals.len(), P::is_between)));
    let summary = feed.stream(&mut watch)?;
    let (jury, (camera, between)) = watch;
    let (mut outcome, shots) = (jury.outcome(), camera.shots());
    if matches!(source, Source::Simulation { .. }) && !between.is_seen() {
        outcome.report.has_two_levels();
    }
    stream.into_inner().end()?;
    let ledger = ledger.into_inner();
    waveform::remark(&file, &summary, out);
    let (truncated, more_limits) = (summary.truncated, bus.more_limits());
    let (strict, trace) = (args.strict, trace.into_inner());
    let checked = Checked {
        file,
        source,
        outcome,
        ledger,
        shots,
        signals,
        truncated,
        more_limits,
        remarks,
        strict,
        trace,
    };
    report.print(&checked, out)?;
    Ok(checked)
}

/// The rule of that name.
fn find_rule(name: &str, rules: &[&'static Rule], bus: &BusInfo) -> Result<&'static Rule, CliError> {
    rules.iter().copied().find(|rule| rule.name == name).ok_or_else(|| CliError::UnknownRule {
        bus: bus.name,
        rule: name.to_owned(),
        hint: Hint::nearest(name, rules.iter().map(|rule| rule.name)),
    })
}

/// A report in the making, over all files.
enum Report {
    Human,
    Github,
    Lines(Lines),
    Junit(Box<junit::Suites>),
    /// Margins as bars, for people.
    Bars(Box<bars::Picture>),
    /// Margins alone.
    Margins(Lines),
    /// One rule, measurement by measurement.
    Traced(Box<Traced>),
}

impl Report {
    fn new(format: ReportFormat) -> Report {
        match format {
            ReportFormat::Human => Report::Human,
            ReportFormat::Github => Report::Github,
            ReportFormat::Jsonl => Report::Lines(Lines::one_a_line()),
            ReportFormat::Json => Report::Lines(Lines::in_array()),
            ReportFormat::Junit => Report::Junit(Box::default()),
        }
    }

    /// Whether it has a place for remarks; else they go where messages go.
    fn has_remarks(&self) -> bool {
        matches!(self, Report::Human | Report::Lines(_))
    }

    /// The rule every measurement of which is wanted.
    fn traced(&self) -> Option<&str> {
        if let Report::Traced(traced) = self { Some(traced.rule()) } else { None }
    }

    /// Where several files are judged, lines say which they are about.
    fn about(&mut self, file: &Path) {
        match self {
            Report::Lines(lines) | Report::Margins(lines) => lines.about(&file.display().to_string()),
            Report::Traced(traced) => traced.about(&file.display().to_string()),
            Report::Human | Report::Github | Report::Junit(_) | Report::Bars(_) => {}
        }
    }

    /// What is printed while the file is read.
    fn stream<'a>(&'a mut self, params: &'a Params, out: &'a mut Out) -> lines::Stream<'a> {
        let lines = if let Report::Lines(lines) = self { Some(lines) } else { None };
        lines::Stream::new(lines, params, out)
    }

    /// What is printed once it has been read.
    fn print(&mut self, checked: &Checked, out: &mut Out) -> Result<(), CliError> {
        match self {
            Report::Human => human::print(checked, out)?,
            Report::Github => github::print(checked, out)?,
            Report::Lines(lines) => lines::print(checked, lines, out)?,
            Report::Junit(suites) => suites.add(checked),
            Report::Bars(picture) => {
                bars::print(checked, out)?;
                picture.add(checked);
            }
            Report::Margins(lines) => lines::margins(checked, lines, out)?,
            Report::Traced(traced) => {
                if let Some(trace) = &checked.trace {
                    traced.print(checked, trace, out)?;
                }
            }
        }
        Ok(())
    }

    /// A file that cannot be used must not be missing in what a CI server reads.
    fn unusable(&mut self, file: &Path, error: &CliError, out: &mut Out) -> Result<(), CliError> {
        let file = file.display().to_string();
        match self {
            Report::Human | Report::Bars(_) => {}
            Report::Traced(traced) => traced.unusable(&error.to_string(), out)?,
            Report::Lines(lines) | Report::Margins(lines) => lines::unusable(&error.to_string(), lines, out)?,
            Report::Github => github::unusable(&file, &error.to_string(), out)?,
            Report::Junit(suites) => suites.add_unusable(&file, &error.to_string()),
        }
        Ok(())
    }

    fn finish(self, out: &mut Out) -> Result<(), CliError> {
        match self {
            Report::Human | Report::Github => {}
            Report::Lines(mut lines) | Report::Margins(mut lines) => lines.finish(out)?,
            Report::Bars(picture) => picture.finish(out)?,
            Report::Traced(traced) => traced.finish(out)?,
            Report::Junit(suites) => suites.print(out)?,
        }
        Ok(())
    }
}
