//! Sweeps as JSON.

use std::io;

use busproof_vectors::format::Sweep;
use busproof_vectors::sweep::{Extreme, Limit, Point, Verdict};
use serde_json::{Map, Value, json};

use super::limits::Found;
use super::points::{Swept, values};
use crate::json::Lines;
use crate::out::Out;

/// An object for each point, and one for each sweep.
pub(super) fn points(all: &[Swept<'_>], mut lines: Lines, out: &mut Out) -> io::Result<()> {
    for swept in all {
        for at in &swept.points {
            let mut object = point(swept.sweep, at);
            object["kind"] = "point".into();
            object["vector"] = swept.name.as_str().into();
            lines.write(&object.to_string(), out)?;
        }
        let totals = json!({
            "kind": "sweep",
            "vector": swept.name,
            "points": swept.points.len(),
            "pass": swept.count(Verdict::Pass),
            "fail": swept.count(Verdict::Fail),
            "cannot_tell": swept.count(Verdict::CannotTell),
            "unusable": swept.count(Verdict::Unusable),
        });
        lines.write(&totals.to_string(), out)?;
    }
    lines.finish(out)
}

/// An object for each limit.
pub(super) fn limits(all: &[Found<'_>], mut lines: Lines, out: &mut Out) -> io::Result<()> {
    for found in all {
        for limit in &found.limits {
            lines.write(&bracket(found, limit).to_string(), out)?;
        }
    }
    lines.finish(out)
}

fn bracket(found: &Found<'_>, limit: &Limit) -> Value {
    json!({
        "kind": "limit",
        "vector": found.name,
        "find": match found.extreme { Extreme::Max => "max", Extreme::Min => "min" },
        "parameter": found.path(),
        "passes": limit.passes.as_ref().map(|at| point(found.sweep, at)),
        "fails": limit.fails.as_ref().map(|at| point(found.sweep, at)),
        "runs": limit.runs,
    })
}

/// Where it is, its verdict, what is wrong, and the least margin.
fn point(sweep: &Sweep<'_>, point: &Point) -> Value {
    let paths = sweep.parameters().into_iter().map(|parameter| parameter.path);
    let at: Map<String, Value> = paths.zip(values(sweep, point).into_iter().map(Value::from)).collect();
    let failures = point.result.failures.iter();
    let failures: Vec<Value> =
        failures.map(|failure| json!({ "code": failure.code, "title": failure.title })).collect();
    json!({
        "at": at,
        "verdict": point.verdict().name(),
        "failures": failures,
        "tightest": point.result.tightest,
    })
}
