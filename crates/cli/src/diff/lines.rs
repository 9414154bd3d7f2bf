//! Comparisons for programs.

use std::io::{self, Write as _};

use busproof_core::Value;
use busproof_wave::{Caption, Difference};
use serde_json::{Map, Value as Json, json};

use super::Compared;
use super::human::shown;
use super::items::ItemDiff;
use crate::args::ItemFormat;
use crate::json::Lines;
use crate::out::Out;

/// A line for each difference, and a summary.
pub(super) fn report(format: ItemFormat, compared: &Compared, out: &mut Out) -> io::Result<()> {
    let mut lines = match format {
        ItemFormat::Json => Lines::in_array(),
        _ => Lines::one_a_line(),
    };
    for diff in compared.items.iter().flat_map(|items| &items.differences) {
        lines.write(&item(diff).to_string(), out)?;
    }
    for (name, diff) in compared.edges.iter().flat_map(|edges| &edges.signals) {
        for difference in &diff.differences {
            lines.write(&edge(name, difference).to_string(), out)?;
        }
    }
    lines.write(&summary(compared).to_string(), out)?;
    lines.finish(out)?;
    out.flush()
}

fn item(diff: &ItemDiff) -> Json {
    let mut line = Map::new();
    line.insert("kind".into(), "item-difference".into());
    line.insert("what".into(), diff.what().into());
    line.insert("lane".into(), diff.lane.as_str().into());
    let mut side = |name: &str, caption: &Option<Caption>| {
        if let Some(caption) = caption {
            line.insert(name.into(), caption.text.as_str().into());
            line.insert(format!("{name}_start_fs"), caption.from.as_fs().into());
            line.insert(format!("{name}_end_fs"), caption.to.as_fs().into());
        }
    };
    side("a", &diff.a);
    side("b", &diff.b);
    Json::Object(line)
}

fn edge(signal: &str, diff: &Difference) -> Json {
    let value = |value: Option<Value>| value.map(shown);
    json!({
        "kind": "edge-difference", "what": diff.kind.name(), "signal": signal,
        "a": value(diff.a), "a_fs": diff.at_a.as_fs(), "b": value(diff.b), "b_fs": diff.at_b.as_fs(),
    })
}

fn summary(compared: &Compared) -> Json {
    let mut line = Map::new();
    line.insert("kind".into(), "summary".into());
    line.insert("differences".into(), compared.differences().into());
    if let Some(items) = &compared.items {
        line.insert("items".into(), items.count.into());
        line.insert("item_differences".into(), items.differences.len().into());
    }
    if let Some(edges) = &compared.edges {
        let matched: u64 = edges.signals.iter().map(|(_, diff)| diff.matched).sum();
        line.insert("edges_alike".into(), matched.into());
        line.insert("edge_differences".into(), edges.total().into());
        line.insert("offset_fs".into(), i64::try_from(edges.offset).unwrap_or(i64::MAX).into());
    }
    Json::Object(line)
}
