//! Shmoo plots as SVG.

use plotters::prelude::*;

use super::{Look, Shmoo, even_step};
use crate::palette::{AMPLE, BARE, FAILS, FAIR, GRID, HATCH, INK, PAPER, THIN, UNKNOWN};
use crate::plain::with_words;
use crate::svg::DrawError;
use crate::waveform::layout::{LINE, MARGIN, fit, words};
use crate::waveform::pen::{self, Pen};

/// Title and subtitle.
const HEAD: i32 = 76;
/// The grid gets about so much room.
const ACROSS: i32 = 760;
const DOWN: i32 = 420;
/// No point is larger than this.
const WIDEST: i32 = 40;
const HIGHEST: i32 = 28;
/// Row labels get no more than this.
const NAMES: i32 = 240;
/// The labels of columns, and what varies across.
const AXIS: i32 = 2 * LINE + 12;
/// A box of the key.
const BOX: i32 = 26;

/// The plot as the text of an SVG file. Margins are shades; what fails is hatched, and a thick line surrounds what passes.
///
/// # Errors
/// [`DrawError::Empty`] if it has no point.
pub fn svg(shmoo: &Shmoo) -> Result<String, DrawError> {
    if shmoo.rows.iter().all(|(_, spots)| spots.is_empty()) {
        return Err(DrawError::Empty);
    }
    let layout = Layout::of(shmoo);
    let mut svg = String::new();
    {
        let size = (layout.width as u32, layout.height as u32);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&PAPER).map_err(pen::refused)?;
        paint(shmoo, &layout, &Pen(&area))?;
        area.present().map_err(pen::refused)?;
    }
    Ok(with_words(&svg, &shmoo.title, &shmoo.words()))
}

/// Where everything stands, in pixels.
struct Layout {
    left: i32,
    top: i32,
    /// The size of a point.
    cell: (i32, i32),
    columns: i32,
    rows: i32,
    /// The key, line by line: where each entry begins.
    key: Vec<(Look, i32, i32)>,
    key_lines: i32,
    width: i32,
    height: i32,
}

impl Layout {
    fn of(shmoo: &Shmoo) -> Layout {
        let columns = shmoo.rows.iter().map(|(_, spots)| spots.len()).max().unwrap_or(0).max(1) as i32;
        let rows = shmoo.rows.len().max(1) as i32;
        let names = shmoo.rows.iter().map(|(label, _)| words(label)).max().unwrap_or(0).min(NAMES);
        let left = MARGIN + names + 10;
        let top = HEAD + if shmoo.down.is_empty() { 0 } else { LINE + 4 };
        let cell = ((ACROSS / columns).clamp(1, WIDEST), (DOWN / rows).clamp(2, HIGHEST));
        let texts = [&shmoo.title, &shmoo.subtitle].into_iter().chain(&shmoo.notes);
        let widest = texts.map(|text| MARGIN + words(text) * 5 / 4).max().unwrap_or(0);
        let width =
            (left + columns * cell.0 + MARGIN).max(widest + MARGIN).max(left + words(&shmoo.across) + MARGIN);
        let width = width.max(640);
        let (key, key_lines) = key(shmoo, width);
        let below = top + rows * cell.1 + AXIS + key_lines * (LINE + 6) + shmoo.notes.len() as i32 * LINE;
        Layout { left, top, cell, columns, rows, key, key_lines, width, height: below + MARGIN }
    }

    fn x(&self, column: i32) -> i32 {
        self.left + column * self.cell.0
    }

    fn y(&self, row: i32) -> i32 {
        self.top + row * self.cell.1
    }

    fn key_top(&self) -> i32 {
        self.y(self.rows) + AXIS
    }
}

/// Where the entries of the key begin: the line, and how far to the right; and how many lines there are.
fn key(shmoo: &Shmoo, width: i32) -> (Vec<(Look, i32, i32)>, i32) {
    let (mut line, mut x) = (0, MARGIN);
    let mut key = Vec::new();
    for look in shmoo.looks() {
        let wide = BOX + 8 + words(look.words()) + 20;
        if x + wide > width && x > MARGIN {
            (line, x) = (line + 1, MARGIN);
        }
        key.push((look, line, x));
        x += wide;
    }
    (key, line + 1)
}

fn paint<B: DrawingBackend>(shmoo: &Shmoo, layout: &Layout, pen: &Pen<'_, B>) -> Result<(), DrawError> {
    pen.text(&shmoo.title, (MARGIN, MARGIN), pen::TITLE)?;
    pen.text(&shmoo.subtitle, (MARGIN, MARGIN + LINE + 2), pen::TEXT)?;
    if !shmoo.down.is_empty() {
        pen.text(&shmoo.down, (MARGIN, HEAD + 4), pen::TEXT)?;
    }
    let looks: Vec<Vec<Look>> =
        shmoo.rows.iter().map(|(_, spots)| spots.iter().map(|spot| Look::of(*spot)).collect()).collect();
    for (row, y) in looks.iter().zip(0..) {
        points(row, y, layout, pen)?;
    }
    boundary(&looks, layout, pen)?;
    labels(shmoo, layout, pen)?;
    for &(look, line, x) in &layout.key {
        let top = layout.key_top() + line * (LINE + 6);
        fill(look, [(x, top), (x + BOX, top + LINE - 4)], pen)?;
        pen.text(look.words(), (x + BOX + 8, top + LINE / 2 - 2), pen::TEXT)?;
    }
    let notes = layout.key_top() + layout.key_lines * (LINE + 6) + LINE / 2;
    for (note, i) in shmoo.notes.iter().zip(0..) {
        pen.text(note, (MARGIN, notes + i * LINE), pen::TEXT)?;
    }
    Ok(())
}

/// A row; neighbours that look the same are one rectangle.
fn points<B: DrawingBackend>(
    row: &[Look],
    y: i32,
    layout: &Layout,
    pen: &Pen<'_, B>,
) -> Result<(), DrawError> {
    let mut from = 0;
    for same in row.chunk_by(|one, next| one == next) {
        let to = from + same.len() as i32;
        fill(same[0], [(layout.x(from), layout.y(y)), (layout.x(to), layout.y(y + 1))], pen)?;
        from = to;
    }
    Ok(())
}

fn fill<B: DrawingBackend>(look: Look, corners: [(i32, i32); 2], pen: &Pen<'_, B>) -> Result<(), DrawError> {
    let shade = match look {
        Look::Ample => AMPLE,
        Look::Fair => FAIR,
        Look::Thin => THIN,
        Look::Bare => BARE,
        Look::Fail => return pen.block(corners, FAILS).and_then(|()| pen.hatched(corners, HATCH)),
        Look::Unsure => return pen.hatched(corners, UNKNOWN),
        Look::Absent => return pen.outline(&rectangle(corners), GRID),
    };
    pen.block(corners, shade)
}

fn rectangle([(left, top), (right, bottom)]: [(i32, i32); 2]) -> [(i32, i32); 4] {
    [(left, top), (right, top), (right, bottom), (left, bottom)]
}

/// A thick line between what passes and what does not.
fn boundary<B: DrawingBackend>(
    looks: &[Vec<Look>],
    layout: &Layout,
    pen: &Pen<'_, B>,
) -> Result<(), DrawError> {
    let passes = |row: i32, column: i32| {
        let row = usize::try_from(row).ok().and_then(|row| looks.get(row));
        let look = row.and_then(|row| row.get(usize::try_from(column).ok()?));
        look.map(|look| *look >= Look::Bare)
    };
    let differ = |one: Option<bool>, other: Option<bool>| one.is_some() && other.is_some() && one != other;
    for row in 0..layout.rows {
        for column in 0..layout.columns {
            let (x, y) = (layout.x(column), layout.y(row));
            if differ(passes(row, column - 1), passes(row, column)) {
                pen.line([(x, y), (x, layout.y(row + 1))], INK, 3)?;
            }
            if differ(passes(row - 1, column), passes(row, column)) {
                pen.line([(x, y), (layout.x(column + 1), y)], INK, 3)?;
            }
        }
    }
    Ok(())
}

/// The values of rows and columns, as many as there is room for.
fn labels<B: DrawingBackend>(shmoo: &Shmoo, layout: &Layout, pen: &Pen<'_, B>) -> Result<(), DrawError> {
    let mut free = i32::MIN;
    for ((label, _), row) in shmoo.rows.iter().zip(0..) {
        let y = layout.y(row) + layout.cell.1 / 2;
        if y - LINE / 2 >= free {
            let name = fit(label, layout.left - MARGIN - 10);
            pen.text(&name, (layout.left - 8, y), pen::TEXT.right())?;
            free = y + LINE / 2;
        }
    }
    let bottom = layout.y(layout.rows);
    for (label, x) in ticks(shmoo, layout) {
        pen.line([(x, bottom), (x, bottom + 5)], INK, 1)?;
        pen.text(label, (x, bottom + LINE / 2 + 8), pen::TEXT.centre())?;
    }
    let middle = layout.left + layout.columns * layout.cell.0 / 2;
    let half = words(&shmoo.across) / 2;
    let middle = middle
        .clamp((MARGIN + half).min(layout.width / 2), (layout.width - MARGIN - half).max(layout.width / 2));
    pen.text(&shmoo.across, (middle, bottom + LINE + LINE / 2 + 8), pen::TEXT.centre())
}

/// The values of columns, and where: at even steps, as many as there is room for.
fn ticks<'a>(shmoo: &'a Shmoo, layout: &Layout) -> Vec<(&'a str, i32)> {
    let room = |text: &String| ((words(text) + 16) / layout.cell.0 + 1) as usize;
    let step = even_step(&shmoo.columns.iter().map(room).collect::<Vec<_>>());
    let middle = layout.cell.0 / 2;
    let columns = shmoo.columns.iter().zip(0..).step_by(step);
    columns.map(|(text, column)| (text.as_str(), layout.x(column) + middle)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Spot;
    use super::*;

    fn shmoo(spots: &[&[Spot]]) -> Shmoo {
        Shmoo {
            title: "rate <&>".into(),
            across: "error".into(),
            down: "samples".into(),
            columns: (0..spots[0].len()).map(|i| format!("{i} %")).collect(),
            rows: spots.iter().map(|row| ("16".to_owned(), row.to_vec())).collect(),
            ..Shmoo::default()
        }
    }

    #[test]
    fn a_thick_line_lies_between_what_passes_and_what_does_not() {
        let pass = Spot::Pass(Some(0.6));
        let thick = |spots: &[&[Spot]]| svg(&shmoo(spots)).unwrap().matches("stroke-width=\"3\"").count();
        assert_eq!(thick(&[&[pass, pass]]), 0);
        assert_eq!(thick(&[&[Spot::Fail, pass, pass, Spot::Unsure]]), 2);
        assert_eq!(thick(&[&[Spot::Fail, pass], &[Spot::Fail, Spot::Fail]]), 2);
    }

    #[test]
    fn neighbours_that_look_the_same_are_one_rectangle() {
        let blocks = |spots: &[Spot]| svg(&shmoo(&[spots])).unwrap().matches("<rect").count();
        let one = Spot::Pass(Some(0.6));
        assert_eq!(blocks(&[one; 50]), blocks(&[one]));
        assert_eq!(blocks(&[one, Spot::Pass(Some(0.0))]), blocks(&[one]) + 2);
    }

    #[test]
    fn what_occurs_is_in_the_key_and_words_are_escaped() {
        let drawn = svg(&shmoo(&[&[Spot::Fail, Spot::Pass(Some(0.2))]])).unwrap();
        for words in ["fails", "10 to 25 %", "rate &lt;&amp;&gt;", "error", "samples", "1 %"] {
            assert!(drawn.contains(words), "{words}: {drawn}");
        }
        assert!(!drawn.contains("cannot tell"), "{drawn}");
    }

    #[test]
    fn nothing_is_refused() {
        assert_eq!(svg(&Shmoo::default()), Err(DrawError::Empty));
        let rows = vec![(String::new(), Vec::new())];
        assert_eq!(svg(&Shmoo { rows, ..Shmoo::default() }), Err(DrawError::Empty));
    }
}
