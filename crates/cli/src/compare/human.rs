//! Comparisons as tables.

use std::io::{self, Write as _};

use busproof_core::Span;
use busproof_links::access::AccessReport;
use busproof_links::compare::{Character, Outcome, Report, TRIED_PPM};
use busproof_links::tolerance::{Bounds, RANGE_PPM};
use busproof_links::uart::{Found, receiver_name};
use busproof_links::{Conditions, Fate, Link, STILL};

use super::{Findings, Payload, Registers};
use crate::out::{COLUMNS, Out};
use crate::table::Table;
use crate::units::{count, engineering, rounded, wrap};

/// Prints what was measured, one table below the other.
pub(super) fn print(findings: &Findings, out: &mut Out) -> io::Result<()> {
    let mut blocks: Vec<Block> = findings.vector.iter().map(|vector| vec![format!("{vector}:")]).collect();
    if let Some(payload) = &findings.payload {
        blocks.extend(costs(payload, &findings.conditions));
        blocks.extend(clocks(payload));
    }
    if let Some(registers) = &findings.registers {
        blocks.extend(accesses(registers, &findings.conditions));
    }
    if !findings.tolerances.is_empty() {
        blocks.extend(tolerances(&findings.tolerances));
    }
    // Between two blocks there is an empty line.
    for (i, lines) in blocks.iter().enumerate() {
        let before = if i > 0 { "\n" } else { "" };
        writeln!(out, "{before}{}", lines.join("\n"))?;
    }
    Ok(())
}

/// Lines that belong together.
type Block = Vec<String>;

fn text(words: &str) -> Block {
    wrap(words, COLUMNS)
}

/// What all figures hold for.
pub(super) fn heading(payload: &Payload, conditions: &Conditions) -> String {
    let Conditions { clock_hertz, farad, volt, pull_up_ohm } = *conditions;
    format!(
        "{}, {}, at {}: {} on each wire, {}, pull-ups of {}",
        payload.name,
        count(payload.bytes as u64, "byte"),
        engineering(clock_hertz as f64, "Hz", 6),
        engineering(farad, "F", 3),
        engineering(volt, "V", 3),
        engineering(pull_up_ohm, "Ohm", 3),
    )
}

fn costs(payload: &Payload, conditions: &Conditions) -> Vec<Block> {
    let head = ["link", "first byte", "last byte", "throughput", "bits", "wires", "edges", "energy"];
    let mut table = Table::new(&head, &[1, 2, 3, 4, 5, 6, 7]);
    for report in &payload.reports {
        table.row([
            report.link.to_string(),
            time(report.first_byte, 2),
            time(report.last_byte, 2),
            throughput(report),
            format!("{:.2}", report.bits_per_bit()),
            report.wires.to_string(),
            report.edges.to_string(),
            engineering(report.joule(), "J", 3),
        ]);
    }
    let mut notes = vec![
        "bits: on the wires for each bit of the payload. energy: C V^2 / 2 for each edge, and V^2 / R while a \
         pull-up's wire is Low."
            .to_owned(),
    ];
    notes.extend(payload.reports.iter().filter_map(|report| doubt(report, conditions)));
    let notes = notes.iter().flat_map(|note| text(note)).collect();
    vec![text(&heading(payload, conditions)), table.lines(0), notes]
}

/// What is to be known of a link's row.
pub(super) fn doubt(report: &Report, conditions: &Conditions) -> Option<String> {
    match report.fate {
        Fate::Corrupts { wrong, .. } => Some(format!(
            "{}: {} wrong, though the clocks are equal.",
            report.link,
            count(wrong as u64, "byte")
        )),
        Fate::Stalls { after } => Some(format!(
            "{}: stalls after {}: nothing moved for {STILL} periods of the clock.",
            report.link,
            count(after as u64, "byte")
        )),
        Fate::Intact if report.clock_hertz != conditions.clock_hertz => Some(slower(report.clock_hertz)),
        Fate::Intact => None,
    }
}

/// Fast-mode Plus is as fast as I2C goes on two open-drain wires.
fn slower(hertz: u64) -> String {
    format!("i2c runs at {}, the most of Fast-mode Plus.", engineering(hertz as f64, "Hz", 3))
}

pub(super) fn time(span: Option<Span>, digits: u32) -> String {
    span.map_or_else(|| "never".into(), |span| rounded(span.as_fs(), digits))
}

pub(super) fn throughput(report: &Report) -> String {
    report.bits_per_second.map_or_else(|| "-".into(), |rate| engineering(rate, "bit/s", 3))
}

fn clocks(payload: &Payload) -> Vec<Block> {
    let errors = TRIED_PPM.map(percent_off);
    let head: Vec<&str> =
        ["link", "may differ by"].into_iter().chain(errors.iter().map(String::as_str)).collect();
    let mut table = Table::new(&head, &[2, 3, 4, 5, 6, 7]);
    for report in &payload.reports {
        let outcomes = report.trials.iter().map(|trial| outcome(trial.outcome));
        table.row([report.link.to_string(), bounds(report.bounds)].into_iter().chain(outcomes));
    }
    let tried = payload.reports.first().map_or(0, |report| report.trial_bytes);
    let what = format!(
        "When the sender's clock is off: how far it may be, and what becomes of the {} at the worst phase: how \
         much longer it takes, or how many bytes are bad.",
        if tried == payload.bytes {
            "payload".into()
        } else {
            format!("first {}", count(tried as u64, "byte"))
        }
    );
    vec![text(&what), table.lines(0), characters(&payload.reports)]
}

/// `-5 %`.
pub(super) fn percent_off(ppm: i64) -> String {
    format!("{:+} %", ppm / 10_000)
}

/// `+4.2 %`, `5 bad`, `stalls`.
pub(super) fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Intact { longer } => format!("{:+.1} %", longer * 100.0),
        Outcome::Corrupts { wrong, .. } => format!("{wrong} bad"),
        Outcome::Stalls { .. } => "stalls".into(),
    }
}

/// `-5.26 to +4.58 %`.
pub(super) fn bounds(bounds: Option<Bounds>) -> String {
    let Some(bounds) = bounds else { return "-".into() };
    let end = |ppm: Option<i64>| ppm.map(|ppm| format!("{:+.2}", ppm as f64 / 10_000.0));
    match (end(bounds.slow_ppm), end(bounds.fast_ppm)) {
        (Some(slow), Some(fast)) => format!("{slow} {fast} %"),
        (None, None) => format!("{} % and more", RANGE_PPM / 10_000),
        (Some(slow), None) => format!("{slow} % down"),
        (None, Some(fast)) => format!("{fast} % up"),
    }
}

/// Who corrupts, who stalls, who does not care.
fn characters(reports: &[Report]) -> Block {
    let names = |character| -> Vec<&str> {
        reports.iter().filter(|r| r.character() == character).map(|r| r.link.name()).collect()
    };
    let line = |character, what: &str| {
        let names = names(character);
        (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")))
    };
    [
        line(Character::Corrupts, "corrupts:     "),
        line(Character::Stalls, "stalls:       "),
        line(Character::DoesNotCare, "does not care:"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What register accesses hold for.
pub(super) fn setting(registers: &Registers, conditions: &Conditions) -> String {
    let accesses = registers.accesses;
    format!(
        "{} read at {}: the FPGA takes {} for each, the host {} to use it",
        count(accesses.count as u64, "register"),
        engineering(conditions.clock_hertz as f64, "Hz", 6),
        rounded(accesses.access_time.as_fs(), 3),
        rounded(accesses.work.as_fs(), 3),
    )
}

fn accesses(registers: &Registers, conditions: &Conditions) -> Vec<Block> {
    let head = ["link", "outstanding", "latency", "worst", "each second", "in use", "host waits"];
    let mut table = Table::new(&head, &[1, 2, 3, 4, 5, 6]);
    let mut last: Option<Link> = None;
    for report in &registers.reports {
        let is_first = last.replace(report.link) != Some(report.link);
        table.row(access_row(report, if is_first { report.link.name() } else { "" }));
    }
    let mut notes = text(
        "outstanding: 1 waits for each reply, more ask on. latency: from request to reply. host waits: the part \
         of the time in which it has nothing to do.",
    );
    if conditions.hertz(Link::I2c) != conditions.clock_hertz {
        notes.extend(text(&slower(conditions.hertz(Link::I2c))));
    }
    let left_out: Vec<&str> = registers.left_out.iter().map(|link| link.name()).collect();
    if !left_out.is_empty() {
        notes.extend(text(&format!("left out: {}, which goes one way.", left_out.join(", "))));
    }
    vec![text(&setting(registers, conditions)), table.lines(0), notes]
}

fn access_row(report: &AccessReport, name: &str) -> [String; 7] {
    [
        name.to_owned(),
        report.outstanding.to_string(),
        rounded(report.mean_latency.as_fs(), 1),
        rounded(report.worst_latency.as_fs(), 1),
        format!("{:.0}", report.per_second),
        percent(report.utilisation),
        percent(report.idle),
    ]
}

pub(super) fn percent(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}

fn tolerances(rows: &[[Found; 2]]) -> Vec<Block> {
    let head = ["frame", "receiver", "free of byte errors", "free of noise flags", "closed form"];
    let mut table = Table::new(&head, &[]);
    for [bytes, samples] in rows {
        let deviation = bytes.deviation_ppm().max(samples.deviation_ppm());
        table.row([
            bytes.frame.name(),
            receiver_name(bytes.sampling),
            limits(bytes),
            limits(samples),
            format!("within {deviation} ppm"),
        ]);
    }
    let what = "How far the transmitter's rate may be off, found by bisection at the worst phase of the receiver's \
                clock, frames back to back; and how far that is from the closed form. What a parity bit does, one \
                more data bit does, too: 8E1 is as 9N1.";
    vec![text(what), table.lines(0)]
}

pub(super) fn limits(found: &Found) -> String {
    let percent = |ppm: i64| format!("{:+.2}", ppm as f64 / 10_000.0);
    format!("{} to {} %", percent(found.limits.slow_ppm), percent(found.limits.fast_ppm))
}
