//! Comparisons as a picture.

use busproof_core::Span;
use busproof_links::Conditions;
use busproof_links::access::AccessReport;
use busproof_links::compare::{Outcome, Report, TRIED_PPM};
use busproof_links::tolerance::{Bounds, RANGE_PPM};
use busproof_links::uart::{Found, receiver_name};
use busproof_plot::{Bar, Cell, Grid, Panel, Sheet, Tone};

use super::human::{
    bounds, doubt, heading, limits, outcome, percent, percent_off, setting, throughput, time,
};
use super::{Findings, Payload, Registers};
use crate::units::{engineering, rounded};

/// All that was measured on one sheet.
pub(super) fn sheet(findings: &Findings) -> Sheet {
    let mut sheet = Sheet { title: "Links compared".into(), ..Sheet::default() };
    if let Some(registers) = &findings.registers {
        sheet.subtitle = setting(registers, &findings.conditions);
        sheet.panels.extend(accesses(registers));
    }
    if !findings.tolerances.is_empty() {
        sheet.subtitle = "How far the rates of both ends of a UART may differ, in percent".into();
        sheet.panels.extend(tolerances(&findings.tolerances));
    }
    if let Some(payload) = &findings.payload {
        add_payload(payload, &findings.conditions, &mut sheet);
    }
    sheet
}

fn add_payload(payload: &Payload, conditions: &Conditions, sheet: &mut Sheet) {
    sheet.subtitle = heading(payload, conditions);
    let mut panels = costs(payload);
    panels.append(&mut sheet.panels);
    sheet.panels = panels;
    sheet.grids.push(clocks(payload));
    sheet.notes.extend(payload.reports.iter().filter_map(|report| doubt(report, conditions)));
}

/// A panel with a bar for each link.
fn panel(
    payload: &Payload,
    title: &str,
    value: impl Fn(&Report) -> f64,
    words: impl Fn(&Report) -> String,
) -> Panel {
    let bar = |report: &Report| Bar::of(report.link.name(), value(report), words(report));
    Panel { title: title.into(), bars: payload.reports.iter().map(bar).collect() }
}

fn costs(payload: &Payload) -> Vec<Panel> {
    let fs = |span: Option<Span>| span.map_or(f64::NAN, |span| span.as_fs() as f64);
    vec![
        panel(payload, "time to the last byte", |r| fs(r.last_byte), |r| time(r.last_byte, 1)),
        panel(payload, "throughput", |r| r.bits_per_second.unwrap_or(f64::NAN), throughput),
        panel(payload, "time to the first byte", |r| fs(r.first_byte), |r| time(r.first_byte, 1)),
        panel(payload, "bits on the wires for each bit", Report::bits_per_bit, |r| {
            format!("{:.2}", r.bits_per_bit())
        }),
        panel(payload, "edges", |r| r.edges as f64, |r| r.edges.to_string()),
        panel(payload, "energy", Report::joule, |r| engineering(r.joule(), "J", 3)),
        panel(payload, "wires", |r| r.wires as f64, |r| r.wires.to_string()),
        differ(payload),
    ]
}

/// Bars on both sides of zero.
fn differ(payload: &Payload) -> Panel {
    let bar = |report: &Report| {
        let span = report.bounds.map_or((f64::NAN, f64::NAN), |Bounds { slow_ppm, fast_ppm }| {
            (slow_ppm.unwrap_or(-RANGE_PPM) as f64, fast_ppm.unwrap_or(RANGE_PPM) as f64)
        });
        Bar { span, ..Bar::of(report.link.name(), 0.0, bounds(report.bounds)) }
    };
    Panel { title: "how far the clocks may differ".into(), bars: payload.reports.iter().map(bar).collect() }
}

fn clocks(payload: &Payload) -> Grid {
    let cell = |outcome_of: Outcome| Cell {
        text: outcome(outcome_of),
        tone: match outcome_of {
            Outcome::Intact { .. } => Tone::Good,
            Outcome::Corrupts { .. } => Tone::Bad,
            Outcome::Stalls { .. } => Tone::Odd,
        },
    };
    let row = |report: &Report| {
        let cells = report.trials.iter().map(|trial| cell(trial.outcome)).collect();
        (report.link.name().to_owned(), cells)
    };
    Grid {
        title: "the sender's clock is off: how much longer it takes, or how many bytes are bad".into(),
        columns: TRIED_PPM.map(percent_off).to_vec(),
        rows: payload.reports.iter().map(row).collect(),
    }
}

fn accesses(registers: &Registers) -> Vec<Panel> {
    let panel = |title: &str, value: fn(&AccessReport) -> f64, words: fn(&AccessReport) -> String| {
        let label = |report: &AccessReport| format!("{} {}", report.link, report.outstanding);
        let bar = |report: &AccessReport| Bar::of(label(report), value(report), words(report));
        Panel { title: title.into(), bars: registers.reports.iter().map(bar).collect() }
    };
    vec![
        panel(
            "registers each second, by how many are outstanding",
            |r| r.per_second,
            |r| format!("{:.0}", r.per_second),
        ),
        panel("mean latency", |r| r.mean_latency.as_fs() as f64, |r| rounded(r.mean_latency.as_fs(), 1)),
        panel("the link is in use", |r| r.utilisation, |r| percent(r.utilisation)),
        panel("the host waits", |r| r.idle, |r| percent(r.idle)),
    ]
}

fn tolerances(rows: &[[Found; 2]]) -> Vec<Panel> {
    let panel = |title: &str, of: usize| {
        let bar = |row: &[Found; 2]| {
            let found = &row[of];
            let span = (found.limits.slow_ppm as f64, found.limits.fast_ppm as f64);
            let receiver = receiver_name(found.sampling);
            let receiver = receiver.split(',').next().unwrap_or_default().to_owned();
            let label = format!("{} {receiver}", found.frame.name());
            Bar { span, ..Bar::of(label, 0.0, limits(found)) }
        };
        Panel { title: title.into(), bars: rows.iter().map(bar).collect() }
    };
    vec![panel("rates of a uart free of byte errors", 0), panel("... free of noise flags", 1)]
}
