//! Reports as one HTML file: what to show.
//!
//! The file needs nothing else, neither network nor script. It reads on a desk and on a phone, in light and in dark, by eye and by
//! screen reader: tables have captions and heads, pictures have words, and no colour says what words do not.

#[cfg(test)]
mod tests;
mod write;

pub use write::write;

use busproof_core::timing::Margin;

use crate::sheet::Tone;

/// A report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// What it is a report of.
    pub title: String,
    /// The verdict, in a word or two, and how it is coloured.
    pub verdict: (Tone, String),
    /// What the verdict rests on, in a sentence.
    pub summary: String,
    /// What is good to know of all of it: names and values, which may have several lines.
    pub facts: Vec<(String, String)>,
    /// Its sections, one below the other.
    pub sections: Vec<Section>,
    /// Who made it.
    pub maker: String,
}

/// A part of a report, with a title.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Its title.
    pub title: String,
    /// What it shows.
    pub parts: Vec<Part>,
}

/// Something in a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A paragraph.
    Text(String),
    /// Rows and columns.
    Table(Table),
    /// Something that is wrong or odd.
    Finding(Finding),
    /// A picture.
    Figure(Figure),
    /// Parts that the reader may open and close.
    Folded(Folded),
}

/// Parts below a line that opens and closes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    /// The line.
    pub line: String,
    /// How they are at first.
    pub state: Fold,
    /// What is to be seen once they are open.
    pub parts: Vec<Part>,
}

/// Whether parts are to be seen at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// They are.
    Open,
    /// They are not.
    Closed,
}

/// A table. The first entry of a row says what the row is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
    /// Its rows, each with as many entries as there are columns.
    pub rows: Vec<Vec<Entry>>,
}

/// An entry of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Words.
    Text(String),
    /// A number with its unit, set to the right.
    Number(String),
    /// A verdict.
    Verdict(Tone, String),
    /// How far something is from its limit; an ornament, since other entries of the row say so in numbers.
    Gauge(Gauge),
}

/// Distances to a limit, as shares of it; negative where it was missed. What is not finite is not drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gauge {
    /// The least: where the bar ends.
    pub worst: f64,
    /// That of one in a hundred, and the median: marks on it.
    pub marks: [f64; 2],
}

impl From<&Margin> for Gauge {
    fn from(margin: &Margin) -> Gauge {
        let share = |slack| margin.share(slack).unwrap_or(f64::NAN);
        Gauge { worst: share(margin.worst), marks: [share(margin.p1), share(margin.median)] }
    }
}

/// Something that is wrong or odd.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// How it is coloured.
    pub tone: Tone,
    /// How bad it is: `error`.
    pub severity: String,
    /// The rule or code.
    pub code: String,
    /// What, in a line.
    pub title: String,
    /// Where.
    pub place: String,
    /// More about it: names and values, which may have several lines.
    pub facts: Vec<(String, String)>,
    /// What it looks like.
    pub figures: Vec<Figure>,
}

/// A picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// It, as [`waveform::draw`](crate::waveform::draw) and [`svg::draw`](crate::svg::draw) give it.
    pub svg: String,
    /// What it shows.
    pub caption: String,
}
