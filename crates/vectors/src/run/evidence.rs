//! What a report with pictures shows of a run: the rules that were measured, and what its failures look like.

use busproof_core::log::Column;
use busproof_plot::Chart;

use super::recording::Recording;
use super::verdict::{Complaint, Seen};
use crate::caption::Found;
use crate::chart::{Part, Scene};
use crate::format::Vector;
use crate::report::Measured;

/// So many pictures a vector gets at most.
const PICTURES: usize = 3;
/// More changes than these are no picture that anybody could read.
const READABLE: usize = 20_000;

/// The rules that were measured and whose margin says something of the design, each with the place where it was least.
pub(super) fn rules(vector: &Vector, seen: &Seen) -> Vec<Measured> {
    let mut all: Vec<Measured> = Vec::new();
    for (result, margin) in seen.margins() {
        let is_expected = vector.check.expects(result.rule.name);
        let measured = Measured { rule: result.rule, margin, is_expected };
        match all.iter_mut().find(|known| known.rule == result.rule) {
            Some(known) if known.margin.worst <= margin.worst => {}
            Some(known) => *known = measured,
            None => all.push(measured),
        }
    }
    all
}

/// What was complained of, with its surroundings: the first of each kind that is not to be seen in an earlier picture; all of
/// the waveform if nothing that was complained of has a place in it.
pub(super) fn charts(vector: &Vector, complaints: &[Complaint], recording: &Recording) -> Vec<Chart> {
    let mut found = recording.found();
    found.retain(|found| complaints.iter().any(|complaint| complaint.code == found.code));
    let tracks = recording.tracks();
    let bus = match vector.buses.as_slice() {
        [only] if !found.is_empty() => only.info().name,
        _ => "",
    };
    let scene = Scene { title: &vector.name, bus, log: recording.log(), tracks: &tracks, found: &found };
    let mut charts: Vec<Chart> = Vec::new();
    for (i, first) in found.iter().enumerate() {
        let is_new = found[..i].iter().all(|earlier| earlier.code != first.code);
        let is_shown = charts.iter().any(|chart| shows(chart, first));
        if is_new && !is_shown && charts.len() < PICTURES {
            charts.push(scene.chart(Part::Around(first)));
        }
    }
    let changes: usize = recording.log().columns().iter().map(Column::len).sum();
    if charts.is_empty() && changes <= READABLE {
        charts.push(scene.chart(Part::WHOLE));
    }
    charts
}

/// Whether a chart has an arrow for it.
fn shows(chart: &Chart, found: &Found) -> bool {
    chart
        .findings
        .iter()
        .any(|marker| (marker.from, &marker.label) == (found.caption.from, &found.caption.text))
}
