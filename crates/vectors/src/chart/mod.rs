//! A waveform with what was said and found on it, as a chart to draw: the words above their wires, the findings as arrows.

mod window;

use busproof_core::log::{Column, Value};
use busproof_core::{Bits, ChangeLog, Time};
use busproof_plot::{Chart, Diagram, Lane, Marker, State};
use busproof_wave::{About, Track};

use crate::caption::Found;
use window::Shown;

/// So many findings have an arrow; a note counts the others.
const ARROWS: usize = 12;

/// A waveform, and what was said and found on it.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What it is called.
    pub title: &'a str,
    /// The bus; empty if there is none, so that nothing can have been found.
    pub bus: &'a str,
    /// The wires, from top to bottom.
    pub log: &'a ChangeLog,
    /// What was said; tracks of findings are left out.
    pub tracks: &'a [Track],
    /// What was found, in order of the beginnings.
    pub found: &'a [Found],
}

/// Which part of a waveform to draw.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// Between these instants; from the beginning or to the end if one is not given.
    Window(Option<Time>, Option<Time>),
    /// A finding and some edges on either side of it.
    Around(&'a Found),
}

impl Part<'_> {
    /// From the beginning to the end.
    pub const WHOLE: Part<'static> = Part::Window(None, None);
}

impl Scene<'_> {
    /// The chart of a part of it.
    pub fn chart(&self, part: Part<'_>) -> Chart {
        let shown = Shown::of(self.log, part);
        let near: Vec<&Found> = self.found.iter().filter(|found| shown.has(&found.caption)).collect();
        let diagram = Diagram {
            from: shown.from,
            to: shown.to,
            origin: shown.origin,
            lanes: self.lanes(&shown),
            marker: None,
        };
        Chart {
            title: self.title.to_owned(),
            subtitle: self.subtitle(&shown),
            diagram,
            findings: pointed_out(&near).into_iter().map(marker).collect(),
            notes: notes(near.len(), self.found.len()),
        }
    }

    fn subtitle(&self, shown: &Shown) -> String {
        let mut parts = Vec::new();
        if !self.bus.is_empty() {
            parts.push(self.bus.to_uppercase());
            parts.push(match self.found.len() {
                0 => "nothing found wrong".into(),
                n => findings(n),
            });
        }
        if shown.origin.as_fs() > 0 {
            parts.push(format!("0 is at {}", shown.origin));
        }
        parts.join("; ")
    }

    /// What was said, each line of words above its wire where there is one called so, and the wires.
    fn lanes(&self, shown: &Shown) -> Vec<Lane> {
        let wires = || self.log.columns().iter().map(|column| last_part(column.name()));
        let is_seen = |track: &&Track| track.captions.iter().any(|caption| shown.has(caption));
        let said = || self.tracks.iter().filter(|track| track.about != About::Findings).filter(is_seen);
        let is_of = |track: &Track, wire: &str| {
            last_part(&track.name).trim_end_matches("_words").eq_ignore_ascii_case(wire)
        };
        let mut lanes: Vec<Lane> =
            said().filter(|track| !wires().any(|wire| is_of(track, wire))).map(spoken).collect();
        for column in self.log.columns() {
            let wire = last_part(column.name());
            lanes.extend(said().filter(|track| is_of(track, wire)).map(spoken));
            lanes.push(drawn(column));
        }
        lanes
    }
}

/// The first finding of each kind, and as many others as have room, in order of time.
fn pointed_out<'a>(near: &[&'a Found]) -> Vec<&'a Found> {
    let is_first = |i: usize| near[..i].iter().all(|earlier| earlier.code != near[i].code);
    let (mut chosen, others): (Vec<usize>, Vec<usize>) = (0..near.len()).partition(|&i| is_first(i));
    chosen.extend(others);
    chosen.truncate(ARROWS);
    chosen.sort_unstable();
    chosen.into_iter().map(|i| near[i]).collect()
}

/// What the arrows leave out.
fn notes(near: usize, found: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if near > ARROWS {
        notes.push(format!("{} more in this window.", findings(near - ARROWS)));
    }
    if found > near {
        notes.push(format!("{} outside of this window.", findings(found - near)));
    }
    notes
}

/// `1 finding`, `2 findings`.
fn findings(count: usize) -> String {
    if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") }
}

fn marker(found: &Found) -> Marker {
    let caption = &found.caption;
    Marker { from: caption.from, to: caption.to, label: caption.text.clone() }
}

/// A signal as a lane, without its scopes.
pub fn drawn(column: &Column) -> Lane {
    let changes = column.iter().map(|(t, value)| (t, state(value, column.width()))).collect();
    Lane { name: last_part(column.name()).to_owned(), changes }
}

/// The captions of a track; each ends where the next one begins, if it would last longer.
fn spoken(track: &Track) -> Lane {
    let mut changes = Vec::with_capacity(2 * track.captions.len());
    for (i, caption) in track.captions.iter().enumerate() {
        changes.push((caption.from, State::Label(caption.text.clone())));
        if track.captions.get(i + 1).is_none_or(|next| caption.to < next.from) {
            changes.push((caption.to, State::Blank));
        }
    }
    Lane { name: last_part(&track.name).replace('_', " "), changes }
}

/// What a picture shows of a signal: a wire has a level, a group a word.
pub fn state(value: Value, wires: u32) -> State {
    match wires {
        1 => State::Level(value.level()),
        _ => State::Label(Bits::with_unknown(value.bits, value.unknown, wires).to_string()),
    }
}

/// The name of a signal without its scopes.
pub fn last_part(name: &str) -> &str {
    name.rsplit(['.', '/']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use busproof_wave::Caption;

    use super::*;

    fn found(code: &'static str, from: u64) -> Found {
        let t = Time::from_fs(from);
        Found { code, caption: Caption { from: t, to: t, text: code.to_owned() } }
    }

    #[test]
    fn every_rule_has_an_arrow_before_one_has_two() {
        let all: Vec<Found> = (0..20)
            .map(|t| found("tLOW", t))
            .chain([found("tHIGH", 30), found("tSU;DAT", 31), found("tHIGH", 32)])
            .collect();
        let near: Vec<&Found> = all.iter().collect();
        let shown: Vec<(&str, u64)> =
            pointed_out(&near).iter().map(|found| (found.code, found.caption.from.as_fs())).collect();
        let lows = (0..10).map(|t| ("tLOW", t));
        assert_eq!(shown, lows.chain([("tHIGH", 30), ("tSU;DAT", 31)]).collect::<Vec<_>>());
        assert_eq!(
            notes(near.len(), 24),
            ["11 findings more in this window.", "1 finding outside of this window."]
        );
    }

    #[test]
    fn a_few_findings_all_have_arrows_in_order_of_time() {
        let all = [found("tLOW", 1), found("tLOW", 2), found("tHIGH", 3)];
        let near: Vec<&Found> = all.iter().collect();
        let shown: Vec<u64> = pointed_out(&near).iter().map(|found| found.caption.from.as_fs()).collect();
        assert_eq!(shown, [1, 2, 3]);
    }
}
