//! Charts as SVG.
//!
//! A lane is drawn as engineers draw it: levels as lines with upright edges, unknown levels hatched, released wires dashed
//! at half height, values in boxes. Where changes stand closer than pixels can show, a block says how many there are, so a
//! picture never looks calmer than the signal was, and never grows with it either.

mod lane;
pub(crate) mod layout;
pub(crate) mod pen;
#[cfg(test)]
mod tests;

use crate::chart::Chart;
use crate::plain::with_words;
use crate::svg::DrawError;
use layout::{Layout, Side};
use pen::Pen;
use plotters::prelude::*;

/// The chart as the text of an SVG file, wide enough for what changes in it: 960 to about 6,200 pixels.
///
/// # Errors
/// [`DrawError::Empty`] if it has no lane.
pub fn draw(chart: &Chart) -> Result<String, DrawError> {
    if chart.diagram.lanes.is_empty() {
        return Err(DrawError::Empty);
    }
    let layout = Layout::of(chart);
    let mut svg = String::new();
    {
        let size = (layout.width() as u32, layout.height() as u32);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&pen::PAPER).map_err(pen::refused)?;
        paint(chart, &layout, &Pen(&area))?;
        area.present().map_err(pen::refused)?;
    }
    Ok(with_words(&svg, &chart.title, &chart.words()))
}

fn paint<B: DrawingBackend>(chart: &Chart, layout: &Layout<'_>, pen: &Pen<'_, B>) -> Result<(), DrawError> {
    let room = layout.width() - 2 * layout::MARGIN;
    pen.text(&layout::fit_title(&chart.title, room), (layout::MARGIN, layout::MARGIN), pen::TITLE)?;
    pen.text(
        &layout::fit(&chart.subtitle, room),
        (layout::MARGIN, layout::MARGIN + layout::LINE + 2),
        pen::TEXT,
    )?;
    let ticks = layout.ticks(chart.diagram.origin);
    grid(&ticks, layout, pen)?;
    guides(layout, pen)?;
    axis(&ticks, layout, pen)?;
    for (lane, row) in chart.diagram.lanes.iter().zip(0..) {
        let y = layout.lane_top(row);
        let name = layout::fit(&lane.name, layout.gutter());
        pen.text(&name, (layout.left() - 10, y + layout::LANE / 2), pen::TEXT.right())?;
        for piece in lane::pieces(lane, &layout.scale) {
            lane::draw(&piece, y, pen)?;
        }
    }
    for arrow in &layout.arrows {
        finding(arrow, layout, pen)?;
    }
    for (note, i) in chart.notes.iter().zip(0..) {
        pen.text(note, (layout::MARGIN, layout.notes_top() + i * layout::LINE), pen::TEXT)?;
    }
    Ok(())
}

/// Faint upright lines at round instants.
fn grid<B: DrawingBackend>(
    ticks: &[(i32, String)],
    layout: &Layout<'_>,
    pen: &Pen<'_, B>,
) -> Result<(), DrawError> {
    let (top, bottom) = (layout.lane_top(0) - 4, layout.lanes_bottom());
    ticks.iter().try_for_each(|(x, _)| pen.line([(*x, top), (*x, bottom)], pen::GRID, 1))
}

/// The names of these instants below the lanes, over whatever passes there.
fn axis<B: DrawingBackend>(
    ticks: &[(i32, String)],
    layout: &Layout<'_>,
    pen: &Pen<'_, B>,
) -> Result<(), DrawError> {
    let y = layout.lanes_bottom() + layout::LINE / 2 + 2;
    for (x, label) in ticks {
        let half = layout::words(label) / 2;
        pen.block([(x - half, y - 8), (x + half, y + 8)], pen::PAPER)?;
        pen.text(label, (*x, y), pen::TEXT.centre())?;
    }
    Ok(())
}

/// Dashed lines from what is wrong in the lanes to the words about it.
fn guides<B: DrawingBackend>(layout: &Layout<'_>, pen: &Pen<'_, B>) -> Result<(), DrawError> {
    let top = layout.lane_top(0) - 4;
    for arrow in &layout.arrows {
        let bottom = layout.arrow_middle(arrow.line) + 7;
        pen.dashed((arrow.from, top), (arrow.from, bottom), pen::WRONG)?;
        if arrow.to > arrow.from {
            pen.dashed((arrow.to, top), (arrow.to, bottom), pen::WRONG)?;
        }
    }
    Ok(())
}

/// An arrow over the measured interval, and its words.
fn finding<B: DrawingBackend>(
    arrow: &layout::Arrow<'_>,
    layout: &Layout<'_>,
    pen: &Pen<'_, B>,
) -> Result<(), DrawError> {
    let y = layout.arrow_middle(arrow.line);
    let (from, to) = (arrow.from, arrow.to);
    pen.line([(from, y), (to, y)], pen::WRONG, 2)?;
    if to - from >= 3 * HEAD {
        pen.filled(&[(from, y), (from + HEAD, y - HEAD / 2), (from + HEAD, y + HEAD / 2)], pen::WRONG)?;
        pen.filled(&[(to, y), (to - HEAD, y - HEAD / 2), (to - HEAD, y + HEAD / 2)], pen::WRONG)?;
    } else {
        pen.line([(from, y - HEAD / 2), (from, y + HEAD / 2)], pen::WRONG, 2)?;
        pen.line([(to, y - HEAD / 2), (to, y + HEAD / 2)], pen::WRONG, 2)?;
    }
    let (left, right) = arrow.words;
    pen.block([(left, y - 8), (right, y + 8)], pen::PAPER)?;
    // Letters may be narrower than the room for them: the words keep to their arrow.
    match arrow.side {
        Side::After => pen.text(&arrow.text, (left, y), pen::LOUD),
        Side::Before => pen.text(&arrow.text, (right, y), pen::LOUD.right()),
        Side::On => pen.text(&arrow.text, (i32::midpoint(left, right), y), pen::LOUD.centre()),
    }
}

/// The length of an arrow's head.
const HEAD: i32 = 8;
