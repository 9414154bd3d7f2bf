//! Words beside the wires: what was said and what was found, as text that viewers show in lanes of their own.

use busproof_core::log::Column;
use busproof_core::{Change, ChangeLog, Observer, SignalId, Span, Time};

use crate::{Lane, LaneKind};

/// Edges that are some.
const EDGES: u64 = 8;

/// A lane of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// The full name, scopes separated by dots: `i2c.transfers`.
    pub name: String,
    /// What the text is about.
    pub about: About,
    /// What it says, in order of the beginnings; a caption is cut short where the next one begins.
    pub captions: Vec<Caption>,
}

/// What the text of a track is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Whole transfers: `write 0x50: 01 00`.
    Transfers,
    /// Single words: `01`.
    Items,
    /// Broken rules and oddities: `tSU;DAT 10 ns < 100 ns`; shown longer than they last if they could not be read otherwise.
    Findings,
}

/// A text and the interval that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// Where it begins.
    pub from: Time,
    /// Where it ends, not before `from`.
    pub to: Time,
    /// What is to be said.
    pub text: String,
}

impl Track {
    /// A track of captions in any order; those that begin at one instant become one.
    pub fn new(name: impl Into<String>, about: About, mut captions: Vec<Caption>) -> Track {
        captions.sort_by_key(|caption| caption.from);
        captions.dedup_by(|next, first| {
            let same = next.from == first.from;
            if same {
                first.to = first.to.max(next.to);
                if !first.text.split("; ").any(|text| text == next.text) {
                    first.text = format!("{}; {}", first.text, next.text);
                }
            }
            same
        });
        Track { name: name.into(), about, captions }
    }

    /// How long a caption about an instant is shown: as long as the shortest other one; `None` if there is no other.
    fn instant_length(&self) -> Option<u64> {
        let lengths = self.captions.iter().map(|c| c.to.as_fs().saturating_sub(c.from.as_fs()));
        lengths.filter(|&length| length > 0).min()
    }

    /// How long a caption is shown at least: what was found must be legible where it is first seen, and may be a matter of
    /// femtoseconds.
    fn least_length(&self, legible: u64) -> u64 {
        if self.about == About::Findings { legible } else { 0 }
    }

    /// When which text appears, in femtoseconds rounded down to multiples of `unit`, up to `end`; an empty text ends one.
    /// `legible` is how long a text must be shown to be read.
    fn marks(&self, unit: u64, legible: u64, end: Time) -> Vec<(u64, &str)> {
        let round = |fs: u64| fs.min(end.as_fs()) / unit * unit;
        let instant = self.instant_length().unwrap_or(u64::MAX);
        let least = self.least_length(legible).max(unit);
        let mut marks: Vec<(u64, &str)> = Vec::new();
        for (i, caption) in self.captions.iter().enumerate() {
            let from = round(caption.from.as_fs());
            let to = if caption.to > caption.from {
                caption.to.as_fs()
            } else {
                caption.from.as_fs().saturating_add(instant)
            };
            let next = self.captions.get(i + 1).map_or(u64::MAX, |next| round(next.from.as_fs()));
            let to = round(round(to).max(from.saturating_add(least)));
            marks.push((from, &caption.text));
            if to < next {
                marks.push((to, ""));
            }
        }
        marks
    }
}

/// What a waveform file tells beyond its wires.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extras<'a> {
    /// Lanes of text; left out of files that cannot hold any.
    pub tracks: &'a [Track],
    /// Lanes of numbers, behind those.
    pub curves: &'a [Curve],
}

impl Extras<'_> {
    /// The lanes of a file: those of the log, then these.
    pub(crate) fn lanes(&self, log: &ChangeLog) -> Vec<Lane> {
        let lane = |name: &str, kind| Lane { name: name.to_owned(), kind };
        let text = self.tracks.iter().map(|track| lane(&track.name, LaneKind::Text));
        let numbers = self.curves.iter().map(|curve| lane(&curve.name, LaneKind::Real));
        Lane::of_log(log).into_iter().chain(text).chain(numbers).collect()
    }
}

/// A lane of numbers, such as the voltage of a wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The full name, scopes separated by dots: `volts.sda`.
    pub name: String,
    /// Points in order of time; the value holds until the next.
    pub points: Vec<(Time, f64)>,
}

/// How long the busiest signal takes for some edges, on average: about a quarter of what one looks at.
pub(crate) fn some_edges(log: &ChangeLog) -> Span {
    let edges = log.columns().iter().map(Column::len).max().unwrap_or(0);
    Span::from_fs(log.end().as_fs() / (edges as u64).max(1) * EDGES)
}

/// What is written beside the changes of a log, in order of time.
pub(crate) struct Script<'a> {
    entries: Vec<Entry<'a>>,
    next: usize,
}

/// Something to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// When.
    pub(crate) at: Time,
    /// On which lane.
    pub(crate) lane: SignalId,
    /// What.
    pub(crate) what: What<'a>,
}

/// What a lane shows from some instant on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What<'a> {
    Text(&'a str),
    Number(f64),
}

impl<'a> Script<'a> {
    /// What `extras` say beside `log`, at multiples of `unit` femtoseconds; their lanes follow those of the log.
    pub(crate) fn new(log: &ChangeLog, extras: &Extras<'a>, unit: u64) -> Script<'a> {
        let mut entries = Vec::new();
        let legible = some_edges(log).as_fs();
        let mut lanes = (log.columns().len() as u32..).map(SignalId);
        for (track, lane) in extras.tracks.iter().zip(&mut lanes) {
            let marks = std::iter::once((0, "")).chain(track.marks(unit, legible, log.end()));
            entries.extend(marks.map(|(fs, text)| Entry {
                at: Time::from_fs(fs),
                lane,
                what: What::Text(text),
            }));
        }
        for (curve, lane) in extras.curves.iter().zip(&mut lanes) {
            let inside = curve.points.iter().filter(|(t, _)| *t <= log.end());
            entries.extend(inside.map(|&(t, value)| Entry {
                at: Time::from_fs(t.as_fs() / unit * unit),
                lane,
                what: What::Number(value),
            }));
        }
        entries.sort_by_key(|entry| entry.at);
        Script { entries, next: 0 }
    }

    /// The next entry, if it is due before `t`; any if there is no `t`.
    pub(crate) fn before(&mut self, t: Option<Time>) -> Option<Entry<'a>> {
        let entry = self.entries.get(self.next).filter(|entry| t.is_none_or(|t| entry.at < t))?;
        self.next += 1;
        Some(*entry)
    }
}

/// Who writes a file with lanes of text and numbers.
pub(crate) trait Pen: Observer {
    /// From `t` on the lane shows that text.
    fn text(&mut self, lane: SignalId, t: Time, text: &str);

    /// From `t` on the lane has that value.
    fn number(&mut self, lane: SignalId, t: Time, value: f64);
}

/// Writes what stands in a script between the changes.
pub(crate) struct Prompter<'p, 'a, P> {
    pub(crate) pen: &'p mut P,
    pub(crate) script: Script<'a>,
}

impl<P: Pen> Prompter<'_, '_, P> {
    fn prompt(&mut self, before: Option<Time>) {
        while let Some(Entry { at, lane, what }) = self.script.before(before) {
            match what {
                What::Text(text) => self.pen.text(lane, at, text),
                What::Number(value) => self.pen.number(lane, at, value),
            }
        }
    }
}

impl<P: Pen> Observer for Prompter<'_, '_, P> {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        self.prompt(Some(t));
        self.pen.instant(t, changes);
    }

    fn finish(&mut self, t: Time) {
        self.prompt(None);
        self.pen.finish(t);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(fs: u64) -> Time {
        Time::from_fs(fs)
    }

    fn caption(from: u64, to: u64, text: &str) -> Caption {
        Caption { from: at(from), to: at(to), text: text.into() }
    }

    #[test]
    fn a_caption_ends_where_the_next_begins_and_an_instant_is_shown_as_long_as_the_shortest() {
        let captions = vec![caption(10, 10, "START"), caption(40, 80, "50"), caption(70, 90, "ACK")];
        let track = Track::new("i2c.items", About::Items, captions);
        assert_eq!(track.marks(1, 0, at(85)), [(10, "START"), (30, ""), (40, "50"), (70, "ACK"), (85, "")]);
        let alone = Track::new("a", About::Items, vec![caption(3, 3, "STOP")]);
        assert_eq!(alone.marks(1, 0, at(9)), [(3, "STOP"), (9, "")]);
    }

    #[test]
    fn what_was_found_is_shown_long_enough_to_be_read() {
        let captions =
            vec![caption(10, 12, "tSU 2 fs < 3 fs"), caption(30, 31, "tH"), caption(35, 80, "tLOW")];
        let track = Track::new("f", About::Findings, captions);
        let marks = [(10, "tSU 2 fs < 3 fs"), (20, ""), (30, "tH"), (35, "tLOW"), (80, "")];
        assert_eq!(track.marks(1, 10, at(99)), marks);
    }

    #[test]
    fn what_begins_together_is_said_together() {
        let captions = vec![caption(5, 6, "b"), caption(1, 9, "a"), caption(5, 8, "c"), caption(5, 5, "c")];
        let track = Track::new("f", About::Findings, captions);
        assert_eq!(track.captions, [caption(1, 9, "a"), caption(5, 8, "b; c")]);
    }

    #[test]
    fn times_are_rounded_to_the_unit_and_nothing_is_too_short_to_be_seen() {
        let track =
            Track::new("a", About::Items, vec![caption(1_234, 1_239, "x"), caption(2_999, 2_999, "y")]);
        assert_eq!(track.marks(100, 0, at(5_000)), [(1_200, "x"), (1_300, ""), (2_900, "y"), (3_000, "")]);
    }
}
