//! Diagrams drawn with characters.
//!
//! ```text
//!  sck ______________________/~~~~~~~~~~~~~~~~~~~~~\__________
//! mosi ~~~~~~~~~~~\___________________________________________
//!                 |<-------->| 20 ns
//!      '-20 ns    '0         '+20 ns    '+40 ns    '+60 ns
//! ```
//!
//! A column shows what happens in its share of the window: a level, or the one change in it. Where several changes
//! share a column it says so with a character of its own and shows none of them, so a picture never looks calmer than
//! the signal was.

pub(crate) mod axis;
mod canvas;
mod glyphs;
mod lane;
mod marker;
#[cfg(test)]
mod tests;

use crate::diagram::Diagram;
pub use axis::round_up;
use canvas::Scale;
pub(crate) use canvas::fit_right;
pub use canvas::width;
pub use glyphs::Charset;

/// The least width that is drawn; smaller ones count as this.
pub const MIN_WIDTH: usize = 20;

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// The greatest number of columns of a line, at least [`MIN_WIDTH`].
    pub width: usize,
    /// The characters to draw with.
    pub charset: Charset,
}

impl Default for TextOptions {
    fn default() -> TextOptions {
        TextOptions { width: 80, charset: Charset::Ascii }
    }
}

/// The lines of the picture: one per lane, one for the marker if there is one, one for the axis.
pub fn draw(diagram: &Diagram, options: &TextOptions) -> Vec<String> {
    let total = options.width.max(MIN_WIDTH);
    let gutter = gutter(diagram, total);
    let scale = Scale::new(diagram.from, diagram.to, total - gutter - 1);
    let glyphs = options.charset.glyphs();
    let mut lines: Vec<String> = Vec::new();
    for lane in &diagram.lanes {
        lines.push(row(&canvas::fit_right(&lane.name, gutter), gutter, &lane::draw(lane, &scale, glyphs)));
    }
    if let Some(marker) = &diagram.marker {
        lines.push(row("", gutter, &marker::draw(marker, &scale)));
    }
    lines.push(row("", gutter, &axis::draw(diagram.origin, &scale)));
    lines
}

/// The columns that the names take: at most a third of the width.
fn gutter(diagram: &Diagram, total: usize) -> usize {
    let longest = diagram.lanes.iter().map(|lane| canvas::width(&lane.name)).max().unwrap_or(0);
    longest.min(total / 3)
}

fn row(name: &str, gutter: usize, drawing: &str) -> String {
    let pad = gutter.saturating_sub(canvas::width(name));
    format!("{:pad$}{name} {drawing}", "").trim_end().to_owned()
}
