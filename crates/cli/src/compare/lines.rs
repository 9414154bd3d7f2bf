//! Comparisons as JSON.

use std::io;

use busproof_core::Span;
use busproof_core::bus::uart::Goal;
use busproof_links::Fate;
use busproof_links::access::AccessReport;
use busproof_links::compare::{Outcome, Report, Trial};
use busproof_links::uart::{Found, STEP_PPM, receiver_name};
use serde_json::{Value, json};

use super::{Findings, Registers};
use crate::json::Lines;
use crate::out::Out;

/// Prints an object for each row of each table.
pub(super) fn print(findings: &Findings, lines: &mut Lines, out: &mut Out) -> io::Result<()> {
    let links = findings.payload.iter().flat_map(|payload| &payload.reports).map(link);
    let accesses = findings
        .registers
        .iter()
        .flat_map(|registers| registers.reports.iter().map(|report| access(report, registers)));
    let tolerances = findings.tolerances.iter().flatten().map(tolerance);
    for mut object in links.chain(accesses).chain(tolerances) {
        if let Some(vector) = &findings.vector {
            object["vector"] = vector.as_str().into();
        }
        lines.write(&object.to_string(), out)?;
    }
    Ok(())
}

fn fs(span: Option<Span>) -> Value {
    span.map_or(Value::Null, |span| span.as_fs().into())
}

fn link(report: &Report) -> Value {
    json!({
        "kind": "link",
        "link": report.link.name(),
        "clock_hz": report.clock_hertz,
        "payload_bytes": report.payload_bytes,
        "fate": fate(report.fate),
        "first_byte_fs": fs(report.first_byte),
        "last_byte_fs": fs(report.last_byte),
        "bits_per_second": report.bits_per_second,
        "bits": report.bits,
        "wires": report.wires,
        "edges": report.edges,
        "switching_joule": report.switching_joule,
        "pull_up_joule": report.pull_up_joule,
        "slow_ppm": report.bounds.and_then(|bounds| bounds.slow_ppm),
        "fast_ppm": report.bounds.and_then(|bounds| bounds.fast_ppm),
        "trial_bytes": report.trial_bytes,
        "trials": report.trials.iter().map(trial).collect::<Vec<_>>(),
    })
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Intact => "intact",
        Fate::Corrupts { .. } => "corrupts",
        Fate::Stalls { .. } => "stalls",
    }
}

fn trial(trial: &Trial) -> Value {
    let ppm = trial.ppm;
    match trial.outcome {
        Outcome::Intact { longer } => json!({ "ppm": ppm, "outcome": "intact", "longer": longer }),
        Outcome::Corrupts { wrong, noticed, .. } => {
            json!({ "ppm": ppm, "outcome": "corrupts", "wrong": wrong, "noticed": noticed })
        }
        Outcome::Stalls { after } => json!({ "ppm": ppm, "outcome": "stalls", "after": after }),
    }
}

fn access(report: &AccessReport, registers: &Registers) -> Value {
    let accesses = registers.accesses;
    json!({
        "kind": "access",
        "link": report.link.name(),
        "registers": accesses.count,
        "outstanding": report.outstanding,
        "access_fs": accesses.access_time.as_fs(),
        "work_fs": accesses.work.as_fs(),
        "mean_latency_fs": report.mean_latency.as_fs(),
        "worst_latency_fs": report.worst_latency.as_fs(),
        "total_fs": report.total.as_fs(),
        "per_second": report.per_second,
        "utilisation": report.utilisation,
        "idle": report.idle,
    })
}

fn tolerance(found: &Found) -> Value {
    let closed = found.closed_form();
    json!({
        "kind": "uart-tolerance",
        "frame": found.frame.name(),
        "frame_bits": found.frame.bits(),
        "receiver": receiver_name(found.sampling),
        "free_of": if found.goal == Goal::Bytes { "byte-errors" } else { "noise-flags" },
        "slow_ppm": found.limits.slow_ppm,
        "fast_ppm": found.limits.fast_ppm,
        "closed_slow_ppm": closed.slow_ppm,
        "closed_fast_ppm": closed.fast_ppm,
        "step_ppm": STEP_PPM,
    })
}
