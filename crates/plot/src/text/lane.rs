//! One lane.

use busproof_core::Level;

use super::canvas::{self, Scale};
use super::glyphs::Glyphs;
use crate::diagram::{Lane, State};

/// What happens in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell<'a> {
    /// The state holds.
    Holds(&'a State),
    /// One change.
    Edge(&'a State, &'a State),
    /// Several.
    Dense,
}

pub(super) fn draw(lane: &Lane, scale: &Scale, glyphs: &Glyphs) -> String {
    let cells = cells(lane, scale);
    let mut line = String::new();
    let mut column = 0;
    while column < cells.len() {
        match cells[column] {
            Cell::Holds(State::Label(text)) | Cell::Edge(_, State::Label(text)) => {
                let run = 1 + cells[column + 1..].iter().take_while(|c| holds_label(c)).count();
                line.push_str(&label(text, run, glyphs));
                column += run;
            }
            cell => {
                line.push(glyph(cell, glyphs));
                column += 1;
            }
        }
    }
    line
}

fn cells<'a>(lane: &'a Lane, scale: &Scale) -> Vec<Cell<'a>> {
    let (mut state, changes) = lane.seen_from(scale_start(scale));
    let mut cells = Vec::with_capacity(scale.columns);
    let mut rest = changes.iter().filter(|(t, _)| scale.shows(*t)).peekable();
    for column in 0..scale.columns {
        let (before, mut count) = (state, 0);
        while let Some((_, next)) = rest.next_if(|(t, _)| scale.column(*t) == column) {
            state = next;
            count += 1;
        }
        cells.push(match count {
            0 => Cell::Holds(state),
            1 => Cell::Edge(before, state),
            _ => Cell::Dense,
        });
    }
    cells
}

fn scale_start(scale: &Scale) -> busproof_core::Time {
    busproof_core::Time::from_fs(scale.window().0)
}

fn holds_label(cell: &Cell<'_>) -> bool {
    matches!(cell, Cell::Holds(State::Label(_)))
}

fn glyph(cell: Cell<'_>, glyphs: &Glyphs) -> char {
    match cell {
        Cell::Dense => glyphs.dense,
        Cell::Holds(State::Level(level)) => glyphs.level(*level),
        Cell::Edge(State::Level(was), State::Level(now)) => glyphs.edge(*was, *now),
        Cell::Edge(_, State::Level(now)) => glyphs.edge(Level::X, *now),
        Cell::Holds(State::Blank | State::Label(_)) | Cell::Edge(..) => ' ',
    }
}

/// `<9f    >`, cut to `run` columns.
fn label(text: &str, run: usize, glyphs: &Glyphs) -> String {
    match run {
        0 => String::new(),
        1 => glyphs.open.to_string(),
        _ => {
            let text = canvas::fit_left(text, run - 2);
            let pad = run - 2 - canvas::width(&text);
            format!("{}{text}{:pad$}{}", glyphs.open, "", glyphs.close)
        }
    }
}
