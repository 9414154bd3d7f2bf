//! Differences as pictures: both sides above each other, the second by the time of the first.

use std::path::Path;

use busproof_core::log::Column;
use busproof_core::{ChangeLog, Span, Time};
use busproof_plot::{Chart, Diagram, Lane, Marker, State, waveform};
use busproof_vectors::chart::{drawn, last_part};
use busproof_wave::{Difference, SignalDiff};

use super::Compared;
use super::args::DiffArgs;
use super::human::{difference, item, later};
use super::items::Items;
use crate::error::CliError;
use crate::out::Out;
use crate::picture;
use crate::units::count;

/// So many differences have an arrow; a note counts the others.
const ARROWS: usize = 12;
/// So many signals that differ are shown.
const SIGNALS: usize = 8;
/// How many edges a picture in a terminal shows on either side of a difference, and one in a file.
const FEW: usize = 3;
const MORE: usize = 12;

/// Draws what is different, if anything is.
pub(super) fn draw(args: &DiffArgs, compared: &Compared, path: &Path, out: &mut Out) -> Result<(), CliError> {
    let said = compared.items.as_ref().and_then(|items| said(args, items));
    let chart = said.or_else(|| compared.edges.as_ref()?.chart.clone());
    let Some(chart) = chart else {
        out.note("there is no difference to draw, so there is no picture");
        return Ok(());
    };
    picture::write(path, &waveform::draw(&chart)?)?;
    out.note(&format!("picture: {}", path.display()));
    Ok(())
}

/// The title and the sides of a chart.
fn titles(args: &DiffArgs, offset: i128) -> (String, String) {
    let title = format!("{} and {}", args.a.display(), args.b.display());
    (title, format!("A and B{}, by the time of A", later(offset)))
}

/// An instant of the second side by the time of the first, if the second is so much later.
fn moved(t: Time, offset: i128) -> Time {
    let fs = i128::from(t.as_fs()).saturating_sub(offset).max(0);
    Time::from_fs(u64::try_from(fs).unwrap_or(u64::MAX))
}

/// Two waveforms of the same signals, in the same order.
pub(super) struct Sides<'a> {
    pub(super) a: &'a ChangeLog,
    pub(super) b: &'a ChangeLog,
    /// By how much the second is later, in femtoseconds.
    pub(super) offset: i128,
}

impl Sides<'_> {
    /// Both sides around a difference: the signal of that name, and the busiest other one.
    pub(super) fn diagram(&self, name: &str, first: &Difference) -> Diagram {
        let (from, to) = self.interval(first);
        let margin = surroundings(self.place(name).map(|i| &self.a.columns()[i]), from, FEW);
        Diagram {
            from: from.saturating_sub(margin),
            to: to.saturating_add(margin),
            origin: Time::ZERO,
            lanes: self.lanes(&[name]),
            marker: Some(Marker { from, to, label: first.kind.name().to_owned() }),
        }
    }

    /// All signals that differ around the first difference, the busiest other one, and what is different.
    pub(super) fn chart(
        &self,
        args: &DiffArgs,
        signals: &[(String, SignalDiff)],
        first: &Difference,
    ) -> Chart {
        let (from, to) = self.interval(first);
        let differs = |(_, diff): &&(String, SignalDiff)| diff.differences.contains(first);
        let column = signals.iter().find(differs).and_then(|(name, _)| self.place(name));
        let margin = surroundings(column.map(|i| &self.a.columns()[i]), from, MORE);
        let (from, to) = (from.saturating_sub(margin), to.saturating_add(margin));
        let mut shown: Vec<&str> = Vec::new();
        let mut findings = Vec::new();
        for (name, diff) in signals {
            let near = diff.differences.iter().map(|diff| (self.interval(diff), diff));
            let near = near.filter(|((begin, end), _)| *end >= from && *begin <= to);
            let near: Vec<Marker> = near.map(|(interval, diff)| marker(name, interval, diff)).collect();
            if !near.is_empty() && shown.len() < SIGNALS {
                shown.push(name);
                findings.extend(near);
            }
        }
        findings.sort_by_key(|marker| (marker.from, marker.to));
        let total: u64 = signals.iter().map(|(_, diff)| diff.total()).sum();
        findings.truncate(ARROWS);
        let more = total.saturating_sub(findings.len() as u64);
        let (title, subtitle) = titles(args, self.offset);
        let diagram = Diagram { from, to, origin: Time::ZERO, lanes: self.lanes(&shown), marker: None };
        let notes =
            (more > 0).then(|| format!("{} beyond these.", count(more, "difference"))).into_iter().collect();
        Chart { title, subtitle, diagram, findings, notes }
    }

    /// Where a difference is, by the time of the first side.
    fn interval(&self, diff: &Difference) -> (Time, Time) {
        let (one, other) = (diff.at_a, moved(diff.at_b, self.offset));
        (one.min(other), one.max(other))
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.a.columns().iter().position(|column| column.name() == name)
    }

    /// These signals, and the busiest other one, each on both sides.
    fn lanes(&self, names: &[&str]) -> Vec<Lane> {
        let columns = self.a.columns();
        let others = columns.iter().filter(|column| !names.contains(&column.name()));
        let busiest = others.max_by_key(|column| column.len()).map(Column::name);
        let shown = names.iter().copied().chain(busiest).filter_map(|name| self.place(name));
        shown
            .flat_map(|i| {
                let name = last_part(columns[i].name());
                let (mut one, mut other) = (drawn(&columns[i]), drawn(&self.b.columns()[i]));
                move_lane(&mut other, self.offset);
                (one.name, other.name) = (format!("A {name}"), format!("B {name}"));
                [one, other]
            })
            .collect()
    }
}

fn marker(name: &str, (from, to): (Time, Time), diff: &Difference) -> Marker {
    Marker { from, to, label: format!("{}: {}", last_part(name), difference(diff)) }
}

/// What comes before the beginning of time comes at it.
fn move_lane(lane: &mut Lane, offset: i128) {
    for (t, _) in &mut lane.changes {
        *t = moved(*t, offset);
    }
    lane.changes.sort_by_key(|(t, _)| *t);
}

/// How much to show on either side: so many edges of the signal.
fn surroundings(column: Option<&Column>, around: Time, edges: usize) -> Span {
    let times = column.into_iter().flat_map(Column::iter);
    let distances = times.map(|(t, _)| t.as_fs().abs_diff(around.as_fs())).filter(|d| *d > 0);
    let mut nearest: Vec<u64> = distances.collect();
    nearest.sort_unstable();
    let last = nearest.get(edges).or(nearest.last()).copied().unwrap_or(1_000_000);
    Span::from_fs(last.saturating_add(last / 8).max(1))
}

/// What was said on both sides around the first item that is not the same, the sides put so that it begins together.
fn said(args: &DiffArgs, items: &Items) -> Option<Chart> {
    let first = items.differences.first()?;
    let begin = |caption: &busproof_wave::Caption| i128::from(caption.from.as_fs());
    let offset = match (&first.a, &first.b) {
        (Some(a), Some(b)) => begin(b) - begin(a),
        _ => 0,
    };
    let caption = first.a.as_ref().or(first.b.as_ref())?;
    let mut diagram = Diagram { from: Time::MAX, ..Diagram::default() };
    for (side, seen) in &items.pictures {
        let offset = if *side == "B" && first.a.is_some() { offset } else { 0 };
        diagram.from = diagram.from.min(moved(seen.from, offset));
        diagram.to = diagram.to.max(moved(seen.to, offset));
        for lane in &seen.lanes {
            let mut lane = Lane { name: format!("{side} {}", lane.name.replace('_', " ")), ..lane.clone() };
            // What comes later was not looked at.
            lane.changes.retain(|(t, _)| *t <= seen.to);
            lane.changes.push((seen.to, State::Blank));
            move_lane(&mut lane, offset);
            diagram.lanes.push(lane);
        }
    }
    let label = item(first);
    let findings = vec![Marker { from: caption.from, to: caption.to, label }];
    let (title, subtitle) = titles(args, offset);
    let more = items.differences.len() as u64 - 1;
    let notes =
        (more > 0).then(|| format!("{} beyond this one.", count(more, "difference"))).into_iter().collect();
    (!diagram.lanes.is_empty()).then_some(Chart { title, subtitle, diagram, findings, notes })
}
