//! Where everything stands, in pixels.

use busproof_core::Time;

use crate::chart::Chart;
use crate::diagram::{Lane, Marker};
use crate::text::axis;

pub(crate) const MARGIN: i32 = 24;
/// From one line of text to the next.
pub(crate) const LINE: i32 = 20;
/// The height of a lane's waveform.
pub(super) const LANE: i32 = 22;
/// From one lane to the next.
const PITCH: i32 = 36;
/// Title and subtitle.
const HEAD: i32 = 76;
/// The words of the axis.
const AXIS: i32 = 30;
/// From one finding to the next.
const FINDING: i32 = 24;
/// Room per change.
const CHANGE: usize = 6;
const LEAST: i32 = 800;
const MOST: i32 = 6_000;
/// Where so many changes are to be seen that no width would show them, the picture fits on a screen.
const CROWDED: i32 = 1_600;
/// The names of lanes get no more than this.
const NAMES: i32 = 240;

/// Room per letter.
const LETTER: i32 = 7;

/// About how much room a text takes.
pub(crate) fn words(text: &str) -> i32 {
    // Twelve pixels high; letters of DejaVu Sans, which is wide, have 6.5 on average.
    crate::text::width(text) as i32 * LETTER
}

/// About how much room a text takes in bold letters.
fn bold_words(text: &str) -> i32 {
    words(text) + words(text) / 12
}

/// The text as far as it fits into so many pixels; empty if not even two letters do.
pub(crate) fn fit(text: &str, room: i32) -> String {
    if words(text) <= room {
        return text.to_owned();
    }
    let letters = usize::try_from(room / LETTER - 2).unwrap_or(0);
    if letters < 2 { String::new() } else { text.chars().take(letters).chain(['.', '.']).collect() }
}

/// A title as far as it fits: its end, which tells paths apart. Its letters are larger.
pub(crate) fn fit_title(text: &str, room: i32) -> String {
    let letters = usize::try_from(room / (2 * LETTER)).unwrap_or(0);
    match crate::text::width(text).checked_sub(letters) {
        None | Some(0) => text.to_owned(),
        Some(over) => format!("..{}", text.chars().skip(over + 2).collect::<String>()),
    }
}

/// From instants to pixels.
pub(super) struct Scale {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) left: i32,
    pub(super) wide: i32,
}

impl Scale {
    /// Where an instant is; those outside of the window are at its edges.
    pub(super) fn x(&self, t: Time) -> i32 {
        let (from, to) = (self.from.as_fs(), self.to.as_fs().max(self.from.as_fs().saturating_add(1)));
        let far = u128::from(t.as_fs().clamp(from, to) - from);
        self.left + (far * self.wide as u128 / u128::from((to - from).max(1))) as i32
    }

    pub(super) fn right(&self) -> i32 {
        self.left + self.wide
    }
}

/// Where the words of a finding are, seen from its arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    After,
    Before,
    On,
}

/// A finding and where it stands.
pub(super) struct Arrow<'a> {
    pub(super) from: i32,
    pub(super) to: i32,
    /// Counted from the top.
    pub(super) line: i32,
    /// Where the words begin and end.
    pub(super) words: (i32, i32),
    pub(super) side: Side,
    pub(super) text: std::borrow::Cow<'a, str>,
}

/// Where everything stands.
pub(super) struct Layout<'a> {
    pub(super) scale: Scale,
    pub(super) arrows: Vec<Arrow<'a>>,
    lanes: i32,
    notes: i32,
}

impl<'a> Layout<'a> {
    pub(super) fn of(chart: &'a Chart) -> Layout<'a> {
        let diagram = &chart.diagram;
        let names = diagram.lanes.iter().map(|lane| words(&lane.name)).max().unwrap_or(0).min(NAMES);
        let seen = |lane: &Lane| {
            let changes = lane.seen_from(diagram.from).1;
            changes.partition_point(|(t, _)| *t <= diagram.to)
        };
        let most = diagram.lanes.iter().map(seen).max().unwrap_or(0);
        let left = MARGIN + names.max(60) + 10;
        let wide = wide_enough(most);
        let scale = |wide| Scale { from: diagram.from, to: diagram.to, left, wide };
        let findings = || diagram.marker.iter().chain(&chart.findings);
        let longest = findings().map(|finding| bold_words(&finding.label)).max().unwrap_or(0);
        let (mut scale, wider) = (scale(wide), scale(wide.max(wide_enough_for(longest))));
        let mut arrows = stacked(findings(), &scale);
        if arrows.iter().zip(findings()).any(|(arrow, finding)| arrow.text != finding.label) {
            scale = wider;
            arrows = stacked(findings(), &scale);
        }
        Layout { scale, arrows, lanes: diagram.lanes.len() as i32, notes: chart.notes.len() as i32 }
    }

    pub(super) fn width(&self) -> i32 {
        self.scale.right() + 2 * MARGIN
    }

    pub(super) fn height(&self) -> i32 {
        self.notes_top() + self.notes * LINE + MARGIN / 2
    }

    pub(super) fn left(&self) -> i32 {
        self.scale.left
    }

    /// The room for names of lanes.
    pub(super) fn gutter(&self) -> i32 {
        self.scale.left - MARGIN - 10
    }

    pub(super) fn lane_top(&self, row: i32) -> i32 {
        debug_assert!(row < self.lanes);
        HEAD + row * PITCH
    }

    pub(super) fn lanes_bottom(&self) -> i32 {
        HEAD + self.lanes * PITCH
    }

    pub(super) fn arrow_middle(&self, line: i32) -> i32 {
        self.lanes_bottom() + AXIS + line * FINDING + FINDING / 2
    }

    pub(super) fn notes_top(&self) -> i32 {
        let lines = self.arrows.iter().map(|arrow| arrow.line + 1).max().unwrap_or(0);
        self.lanes_bottom() + AXIS + lines * FINDING + LINE
    }

    /// Round instants with their names, as many as stand side by side.
    pub(super) fn ticks(&self, origin: Time) -> Vec<(i32, String)> {
        const APART: u64 = 100;
        let (from, to) = (self.scale.from.as_fs(), self.scale.to.as_fs());
        let step = axis::round_up(u128::from(to - from) * u128::from(APART) / self.scale.wide as u128);
        let mut ticks: Vec<(i32, String)> = Vec::new();
        let mut free = i32::MIN;
        for t in axis::ticks(origin, (from, to), step) {
            let (x, label) = (self.scale.x(Time::from_fs(t)), axis::offset(origin, t));
            let half = words(&label) / 2;
            if x - half >= free && x + half <= self.width() {
                free = x + half + 8;
                ticks.push((x, label));
            }
        }
        ticks
    }
}

/// The width that shows so many changes in a lane.
fn wide_enough(changes: usize) -> i32 {
    let room = i32::try_from(changes.saturating_mul(CHANGE)).unwrap_or(i32::MAX);
    if room > 2 * MOST { CROWDED } else { room.clamp(LEAST, MOST) }
}

/// The width in which words of that length have room before, after or on every arrow, unless they are very long.
fn wide_enough_for(words: i32) -> i32 {
    (3 * words + 100).min(MOST)
}

/// Each finding in the first line where neither its arrow nor its words touch another's.
fn stacked<'a>(findings: impl Iterator<Item = &'a Marker>, scale: &Scale) -> Vec<Arrow<'a>> {
    const GAP: i32 = 14;
    let mut lines: Vec<Vec<(i32, i32)>> = Vec::new();
    let mut arrows = Vec::new();
    for finding in findings {
        let mut arrow = placed(finding, scale);
        let (from, to) = (arrow.from.min(arrow.words.0) - GAP, arrow.to.max(arrow.words.1) + GAP);
        let is_free = |taken: &Vec<(i32, i32)>| taken.iter().all(|&(a, b)| to <= a || b <= from);
        let line = lines.iter().position(is_free).unwrap_or(lines.len());
        if line == lines.len() {
            lines.push(Vec::new());
        }
        lines[line].push((from, to));
        arrow.line = line as i32;
        arrows.push(arrow);
    }
    arrows
}

/// A finding with its words on the right of it, on its left, or, if it is long, on it.
fn placed<'a>(finding: &'a Marker, scale: &Scale) -> Arrow<'a> {
    const GAP: i32 = 8;
    let (from, to) = (scale.x(finding.from), scale.x(finding.to));
    let wide = bold_words(&finding.label);
    let (after, before, on) = (scale.right() - to - GAP, from - scale.left - GAP, to - from - 6 * GAP);
    let (side, room) = if wide <= after || after >= before.max(on) {
        (Side::After, after)
    } else if wide <= before || before >= on {
        (Side::Before, before)
    } else {
        (Side::On, on)
    };
    // Letters are cut only where there is no room at all, which bold ones take a little more of.
    let text = if wide <= room { finding.label.clone() } else { fit(&finding.label, room * 12 / 13) };
    let wide = bold_words(&text);
    let begin = match side {
        Side::After => to + GAP,
        Side::Before => from - GAP - wide,
        Side::On => i32::midpoint(from, to) - wide / 2,
    };
    Arrow { from, to, line: 0, words: (begin, begin + wide), side, text: text.into() }
}
