//! Bars and grids on a sheet: what to draw.

use crate::plot::Plot;

/// A sheet with panels of bars, two in a row, then plots, then grids, one below the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Its title.
    pub title: String,
    /// A line below the title.
    pub subtitle: String,
    /// Panels of bars.
    pub panels: Vec<Panel>,
    /// Plots over an axis.
    pub plots: Vec<Plot>,
    /// Grids of words.
    pub grids: Vec<Grid>,
    /// Lines at the bottom.
    pub notes: Vec<String>,
}

impl Sheet {
    /// What the picture shows, in words: every bar and every part with its value; what grids have can be read in the picture.
    pub fn words(&self) -> String {
        let mut sentences: Vec<String> =
            [&self.subtitle].into_iter().filter(|text| !text.is_empty()).cloned().collect();
        for Panel { title, bars } in &self.panels {
            let bars: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.label, bar.text)).collect();
            sentences.push(format!("{title}: {}", bars.join(", ")));
        }
        sentences.extend(self.plots.iter().map(Plot::words));
        sentences
            .extend(self.grids.iter().map(|grid| format!("{}: {}", grid.title, grid.columns.join(", "))));
        sentences.extend(self.notes.iter().cloned());
        let ended = sentences.iter().map(|text| format!("{}.", text.trim_end_matches('.')));
        ended.collect::<Vec<_>>().join(" ")
    }
}

/// Bars with a zero line in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// What the bars show, with its unit.
    pub title: String,
    /// One below the other.
    pub bars: Vec<Bar>,
}

/// A bar, which may be on both sides of zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Whose it is.
    pub label: String,
    /// Where it begins and ends. What is not finite is not drawn.
    pub span: (f64, f64),
    /// Its value in words, beside it.
    pub text: String,
    /// Its colour.
    pub tone: Tone,
    /// Values to mark on it with a line across.
    pub marks: Vec<f64>,
}

impl Bar {
    /// A bar from zero.
    pub fn of(label: impl Into<String>, value: f64, text: impl Into<String>) -> Bar {
        Bar {
            label: label.into(),
            span: (0.0, value),
            text: text.into(),
            tone: Tone::Plain,
            marks: Vec::new(),
        }
    }
}

/// Words in rows and columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// What it shows.
    pub title: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
    /// Its rows, each with a label and as many cells as there are columns.
    pub rows: Vec<(String, Vec<Cell>)>,
}

/// A word in a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The word.
    pub text: String,
    /// The colour behind it.
    pub tone: Tone,
}

/// Colours, which carry no meaning that words lack. They are told apart by those who do not see red and green, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// A value.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Odd.
    Odd,
    /// Wrong.
    Bad,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::{Columns, Parts, Shade, Shades, Share};

    #[test]
    fn a_sheet_can_be_told() {
        let share = |name: &str, value| Share { name: name.into(), value, text: String::new() };
        let shade = Shade { name: "b0".into(), text: "94 %".into(), ..Shade::default() };
        let marks = vec![(39.0, "half: 39 clocks".to_owned())];
        let sheet = Sheet {
            subtitle: "2 bytes".into(),
            panels: vec![Panel {
                title: "time".into(),
                bars: vec![Bar::of("spi", 1.0, "16 us"), Bar::of("uart", 2.0, "174 us")],
            }],
            plots: vec![
                Plot::Columns(Columns { title: "latency".into(), marks, ..Columns::default() }),
                Plot::Parts(Parts {
                    title: "waits".into(),
                    parts: vec![share("queue", 3.0), share("data", 1.0)],
                }),
                Plot::Shades(Shades { title: "open".into(), rows: vec![shade], ..Shades::default() }),
            ],
            grids: vec![Grid {
                title: "clocks".into(),
                columns: vec!["-1 %".into(), "0 %".into()],
                ..Grid::default()
            }],
            notes: vec!["The end.".into()],
            ..Sheet::default()
        };
        assert_eq!(
            sheet.words(),
            "2 bytes. time: spi 16 us, uart 174 us. latency: half: 39 clocks. waits: queue 75.0 %, data 25.0 %. \
             open: b0 94 %. clocks: -1 %, 0 %. The end."
        );
    }
}
