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
}

impl Bar {
    /// A bar from zero.
    pub fn of(label: impl Into<String>, value: f64, text: impl Into<String>) -> Bar {
        Bar { label: label.into(), span: (0.0, value), text: text.into(), tone: Tone::Plain }
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
