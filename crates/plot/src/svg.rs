//! Sheets as SVG, with the viewer's own sans-serif font.

mod plots;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::palette::{self, FAINT, INK};
use crate::plain::{plain, with_words};
use crate::sheet::{Bar, Cell, Grid, Panel, Sheet, Tone};
use crate::waveform::layout::fit_title;

/// Why a sheet cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// There is nothing on it.
    #[error("nothing to draw: neither panel nor grid nor lane")]
    Empty,
    /// The drawing library refuses.
    #[error("cannot draw: {0}")]
    Backend(String),
}

/// The sheet as the text of an SVG file; its width is 960 pixels and its height what is on it.
pub fn draw(sheet: &Sheet) -> Result<String, DrawError> {
    if sheet.panels.is_empty() && sheet.grids.is_empty() && sheet.plots.is_empty() {
        return Err(DrawError::Empty);
    }
    let mut svg = String::new();
    {
        let area =
            SVGBackend::with_string(&mut svg, (WIDTH as u32, height(sheet) as u32)).into_drawing_area();
        let pen = Pen(&area);
        pen.sheet(sheet)?;
        area.present().map_err(refused)?;
    }
    Ok(with_words(&svg, &sheet.title, &sheet.words()))
}

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const WIDTH: i32 = 960;
const MARGIN: i32 = 24;
/// From one line of text to the next.
const LINE: i32 = 20;
/// Title and subtitle.
const HEAD: i32 = 68;
/// The title of a panel or grid.
const PANEL_HEAD: i32 = 30;
/// From one bar or row to the next.
const PITCH: i32 = 24;
const BAR: i32 = 16;
const GAP: i32 = 26;
/// The label of a bar or row.
const LABEL: i32 = 108;
/// The words beside a bar.
const WORDS: i32 = 128;

fn colour(tone: Tone) -> RGBColor {
    match tone {
        Tone::Plain => palette::PLAIN,
        Tone::Good => palette::GOOD,
        Tone::Odd => palette::ODD,
        Tone::Bad => palette::BAD,
    }
}

fn refused(error: impl std::fmt::Display) -> DrawError {
    DrawError::Backend(error.to_string())
}

fn height(sheet: &Sheet) -> i32 {
    let panels: i32 =
        sheet.panels.chunks(2).map(|pair| pair.iter().map(panel_height).max().unwrap_or(0)).sum();
    let grids: i32 = sheet.grids.iter().map(grid_height).sum();
    let plots: i32 = sheet.plots.iter().map(plots::height).sum();
    let notes = sheet.notes.len() as i32 * LINE;
    HEAD + panels + plots + grids + notes + MARGIN
}

fn panel_height(panel: &Panel) -> i32 {
    PANEL_HEAD + panel.bars.len() as i32 * PITCH + GAP
}

fn grid_height(grid: &Grid) -> i32 {
    PANEL_HEAD + LINE + grid.rows.len() as i32 * PITCH + GAP
}

/// Draws on a canvas.
struct Pen<'a, 'b>(&'a Canvas<'b>);

/// How text looks, and where it stands.
#[derive(Clone, Copy)]
struct Font {
    /// The height of a line, of which letters take 4/5.
    size: i32,
    color: RGBColor,
    anchor: HPos,
    style: FontStyle,
}

impl Font {
    const TITLE: Font = Font { size: 24, color: INK, anchor: HPos::Left, style: FontStyle::Bold };
    const HEAD: Font = Font { size: 17, color: INK, anchor: HPos::Left, style: FontStyle::Bold };
    const SMALL: Font = Font { size: 13, color: INK, anchor: HPos::Left, style: FontStyle::Normal };
    const TEXT: Font = Font { size: 15, color: INK, anchor: HPos::Left, style: FontStyle::Normal };

    const fn at(self, anchor: HPos) -> Font {
        Font { anchor, ..self }
    }
}

impl Pen<'_, '_> {
    fn sheet(&self, sheet: &Sheet) -> Result<(), DrawError> {
        self.0.fill(&palette::PAPER).map_err(refused)?;
        self.text(&fit_title(&sheet.title, WIDTH - 2 * MARGIN), (MARGIN, MARGIN), Font::TITLE)?;
        self.text(&sheet.subtitle, (MARGIN, MARGIN + LINE + 2), Font::TEXT)?;
        let mut y = HEAD;
        let half = (WIDTH - 3 * MARGIN) / 2;
        for pair in sheet.panels.chunks(2) {
            for (panel, x) in pair.iter().zip([MARGIN, 2 * MARGIN + half]) {
                self.panel(panel, (x, y), half)?;
            }
            y += pair.iter().map(panel_height).max().unwrap_or(0);
        }
        for plot in &sheet.plots {
            self.plot(plot, y)?;
            y += plots::height(plot);
        }
        for grid in &sheet.grids {
            self.grid(grid, y)?;
            y += grid_height(grid);
        }
        for note in &sheet.notes {
            self.text(note, (MARGIN, y), Font::TEXT)?;
            y += LINE;
        }
        Ok(())
    }

    fn panel(&self, panel: &Panel, (x, y): (i32, i32), width: i32) -> Result<(), DrawError> {
        self.text(&panel.title, (x, y + LINE / 2), Font::HEAD)?;
        let scale = Scale::of(panel, x + LABEL, width - LABEL - WORDS);
        let top = y + PANEL_HEAD;
        for (bar, i) in panel.bars.iter().zip(0..) {
            self.bar(bar, (x, top + i * PITCH + PITCH / 2), &scale)?;
        }
        let zero = scale.place(0.0);
        let bottom = top + panel.bars.len() as i32 * PITCH;
        self.0.draw(&PathElement::new([(zero, top), (zero, bottom)], FAINT)).map_err(refused)
    }

    fn bar(&self, bar: &Bar, (x, y): (i32, i32), scale: &Scale) -> Result<(), DrawError> {
        self.text(&bar.label, (x + LABEL - 8, y), Font::TEXT.at(HPos::Right))?;
        let (from, to) = bar.span;
        let mut end = scale.place(0.0);
        if from.is_finite() && to.is_finite() {
            let (left, right) = (scale.place(from.min(to)), scale.place(from.max(to)));
            let corners = [(left, y - BAR / 2), (right.max(left + 1), y + BAR / 2)];
            self.rectangle(corners, bar.tone)?;
            end = right.max(end);
        }
        for mark in bar.marks.iter().filter(|mark| mark.is_finite()) {
            let x = scale.place(*mark);
            let (top, bottom) = (y - BAR / 2 - 2, y + BAR / 2 + 2);
            self.0.draw(&PathElement::new([(x, top), (x, bottom)], INK.stroke_width(2))).map_err(refused)?;
            end = end.max(x);
        }
        self.text(&bar.text, (end + 6, y), Font::TEXT)
    }

    fn grid(&self, grid: &Grid, y: i32) -> Result<(), DrawError> {
        self.text(&grid.title, (MARGIN, y + LINE / 2), Font::HEAD)?;
        let left = MARGIN + LABEL;
        let wide = (WIDTH - MARGIN - left) / grid.columns.len().max(1) as i32;
        let middle = |i: usize| left + i as i32 * wide + wide / 2;
        let top = y + PANEL_HEAD;
        for (i, head) in grid.columns.iter().enumerate() {
            self.text(head, (middle(i), top + LINE / 2), Font::TEXT.at(HPos::Center))?;
        }
        for ((label, cells), row) in grid.rows.iter().zip(0..) {
            let y = top + LINE + row * PITCH + PITCH / 2;
            self.text(label, (left - 8, y), Font::TEXT.at(HPos::Right))?;
            for (i, cell) in cells.iter().enumerate() {
                self.cell(cell, (middle(i), y), wide)?;
            }
        }
        Ok(())
    }

    fn cell(&self, cell: &Cell, (x, y): (i32, i32), wide: i32) -> Result<(), DrawError> {
        let (w, h) = (wide / 2 - 2, PITCH / 2 - 2);
        self.rectangle([(x - w, y - h), (x + w, y + h)], cell.tone)?;
        self.text(&cell.text, (x, y), Font::TEXT.at(HPos::Center))
    }

    /// One line, its middle at that height.
    fn text(&self, text: &str, at: (i32, i32), font: Font) -> Result<(), DrawError> {
        let style = TextStyle::from(FontDesc::new(FontFamily::SansSerif, font.size as f64, font.style))
            .color(&font.color)
            .pos(Pos::new(font.anchor, VPos::Center));
        self.0.draw(&Text::new(plain(text), at, style)).map_err(refused)
    }

    fn rectangle(&self, corners: [(i32, i32); 2], tone: Tone) -> Result<(), DrawError> {
        self.0.draw(&Rectangle::new(corners, colour(tone).filled())).map_err(refused)
    }
}

/// From values to pixels.
struct Scale {
    left: i32,
    width: i32,
    least: f64,
    most: f64,
}

impl Scale {
    /// So that all bars of a panel fit into `width` pixels from `left` on, and zero is among them.
    fn of(panel: &Panel, left: i32, width: i32) -> Scale {
        let ends = || {
            let ends = |bar: &Bar| [bar.span.0, bar.span.1].into_iter().chain(bar.marks.clone());
            panel.bars.iter().flat_map(ends).filter(|end| end.is_finite())
        };
        let (least, most) = (ends().fold(0.0, f64::min), ends().fold(0.0, f64::max));
        Scale { left, width, least, most }
    }

    fn place(&self, value: f64) -> i32 {
        let range = self.most - self.least;
        let part = if range > 0.0 { (value - self.least) / range } else { 0.0 };
        self.left + (part * self.width as f64).round() as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let bars =
            vec![Bar::of("uart", 2.0, "2 us"), Bar { span: (-1.0, 1.0), ..Bar::of("spi <&>", 0.0, "both") }];
        let cell = Cell { text: "4 bad".into(), tone: Tone::Bad };
        let rows = vec![("uart".to_owned(), vec![cell.clone(), cell])];
        Sheet {
            title: "Links".into(),
            panels: vec![Panel { title: "time".into(), bars }],
            grids: vec![Grid { title: "clocks".into(), columns: vec!["-1 %".into(), "+1 %".into()], rows }],
            ..Sheet::default()
        }
    }

    /// The horizontal extent of the rectangles, the background left out.
    fn extents(svg: &str) -> Vec<(i32, i32)> {
        let number = |line: &str, key: &str| -> i32 {
            let rest = line.split_once(&format!(" {key}=\"")).unwrap().1;
            rest.split_once('"').unwrap().0.parse().unwrap()
        };
        let rectangles = svg.lines().filter(|line| line.starts_with("<rect")).skip(1);
        rectangles.map(|line| (number(line, "x"), number(line, "width"))).collect()
    }

    #[test]
    fn bars_are_as_long_as_their_values_and_share_their_zero() {
        let svg = draw(&sheet()).unwrap();
        let [(zero, two), (minus, both), ..] = extents(&svg)[..] else { panic!("{svg}") };
        // To the nearest pixel.
        assert!((minus + both / 2 - zero).abs() <= 1, "{minus} {both} {zero}");
        assert!((two - both).abs() <= 1, "{two} {both}");
    }

    #[test]
    fn words_are_there_and_escaped_and_need_no_font_of_ours() {
        let svg = draw(&sheet()).unwrap();
        for word in ["Links", "spi &lt;&amp;&gt;", "4 bad", "+1 %", "font-family=\"sans-serif\""] {
            assert!(svg.contains(word), "{word} is missing in {svg}");
        }
    }

    #[test]
    fn values_that_are_none_leave_their_words() {
        let bars = vec![Bar::of("i2c", f64::NAN, "never"), Bar::of("spi", 0.0, "0")];
        let panels = vec![Panel { title: String::new(), bars }];
        let svg = draw(&Sheet { panels, ..Sheet::default() }).unwrap();
        assert!(svg.contains("never") && extents(&svg).len() == 1, "{svg}");
    }

    #[test]
    fn marks_are_lines_across_a_bar_and_lie_on_its_scale() {
        let bar = Bar { marks: vec![1.0, 4.0, f64::NAN], ..Bar::of("tCLH", 2.0, "2 ns") };
        let panels = vec![Panel { title: String::new(), bars: vec![bar] }];
        let svg = draw(&Sheet { panels, ..Sheet::default() }).unwrap();
        let marks: Vec<i32> = svg
            .lines()
            .filter(|line| line.starts_with("<polyline") && line.contains("stroke-width=\"2\""))
            .map(|line| line.split("points=\"").nth(1).unwrap().split(',').next().unwrap().parse().unwrap())
            .collect();
        let [(zero, two)] = extents(&svg)[..] else { panic!("{svg}") };
        assert_eq!(marks, [zero + two / 2, zero + 2 * two]);
    }

    #[test]
    fn an_empty_sheet_is_refused() {
        assert_eq!(draw(&Sheet::default()), Err(DrawError::Empty));
    }
}
