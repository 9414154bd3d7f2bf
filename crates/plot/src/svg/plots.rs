//! Plots on a sheet.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::{FAINT, Font, LABEL, LINE, MARGIN, PANEL_HEAD, PITCH, Pen, WIDTH, refused};
use crate::palette::{self, CROWD, GRID, WRONG};
use crate::plot::{Axis, Columns, Parts, Plot, Shade, Shades, Share, percent, ticks};
use crate::svg::DrawError;
use crate::trend::Trend;
use crate::waveform::layout::words;

/// The height of columns.
const HIGH: i32 = 120;
/// The height of a row of shades.
const ROW: i32 = 15;
/// The height of a bar of parts.
const BAR: i32 = 30;
/// From one plot to the next.
const GAP: i32 = 22;
/// The words behind a row of shades.
const MEAN: i32 = 60;
/// The colours of parts, in turn; their words and numbers tell them apart.
const PARTS: [RGBColor; 6] =
    [palette::PLAIN, palette::ODD, palette::GOOD, palette::BAD, palette::CROWD, palette::WORD];

type Done = Result<(), DrawError>;

/// How high a plot is.
pub(super) fn height(plot: &Plot) -> i32 {
    let inner = match plot {
        Plot::Columns(columns) => lines(columns) * LINE + HIGH + LINE,
        Plot::Shades(shades) => shades.rows.len() as i32 * ROW + LINE,
        Plot::Parts(parts) => BAR + 8 + parts.parts.len() as i32 * PITCH,
        Plot::Trend(_) => LINE + HIGH + 2 * LINE,
    };
    PANEL_HEAD + inner + GAP
}

/// Marks stand in as many lines above the columns.
fn lines(columns: &Columns) -> i32 {
    columns.marks.len() as i32
}

/// Where an axis begins and how long it is.
#[derive(Clone, Copy)]
struct Span {
    left: i32,
    wide: i32,
}

impl Span {
    fn place(self, share: f64) -> i32 {
        self.left + (share.clamp(0.0, 1.0) * f64::from(self.wide)).round() as i32
    }

    /// Where the `i`th of so many equal pieces is.
    fn piece(self, i: usize, count: usize) -> (i32, i32) {
        let at = |i: usize| self.place(i as f64 / count.max(1) as f64);
        (at(i), at(i + 1))
    }
}

impl Pen<'_, '_> {
    pub(super) fn plot(&self, plot: &Plot, y: i32) -> Done {
        self.text(plot.title(), (MARGIN, y + LINE / 2), Font::HEAD)?;
        match plot {
            Plot::Columns(columns) => self.columns(columns, y + PANEL_HEAD),
            Plot::Shades(shades) => self.shades(shades, y + PANEL_HEAD),
            Plot::Parts(parts) => self.parts(parts, y + PANEL_HEAD),
            Plot::Trend(trend) => self.trend(trend, y + PANEL_HEAD),
        }
    }

    fn columns(&self, columns: &Columns, y: i32) -> Done {
        let span = Span { left: MARGIN + LABEL, wide: WIDTH - 2 * MARGIN - LABEL };
        let top = y + lines(columns) * LINE;
        let bottom = top + HIGH;
        let most = columns.values.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
        let full = if most > 0.0 { most } else { 1.0 };
        let at = |value: f64| bottom - (value / full * f64::from(HIGH)).round() as i32;
        // Nobody counts halves.
        let steps = if columns.unit.is_empty() { (full.floor() as usize).clamp(1, 4) } else { 4 };
        for (value, label) in ticks(full, steps, &columns.unit) {
            self.line([(span.left, at(value)), (span.left + span.wide, at(value))], GRID)?;
            self.text(&label, (span.left - 8, at(value)), Font::TEXT.at(HPos::Right))?;
        }
        for (i, value) in
            columns.values.iter().enumerate().filter(|(_, value)| **value > 0.0 && value.is_finite())
        {
            let (left, right) = span.piece(i, columns.values.len());
            let (left, right) =
                if right - left > 3 { (left, right - 1) } else { (left, right.max(left + 1)) };
            // What is more than nothing is to be seen.
            self.block([(left, at(*value).min(bottom - 1)), (right, bottom)], palette::PLAIN)?;
        }
        for ((place, label), i) in columns.marks.iter().zip(0..) {
            let x = span.place(place / columns.axis.to);
            let line = y + i * LINE + LINE / 2;
            self.line([(x, line), (x, bottom)], WRONG)?;
            let is_late = x + 6 + words(label) > WIDTH - MARGIN / 2;
            let (at, anchor) = if is_late { (x - 6, HPos::Right) } else { (x + 6, HPos::Left) };
            self.text(label, (at, line), Font::TEXT.at(anchor))?;
        }
        self.axis(&columns.axis, span, bottom)
    }

    fn axis(&self, axis: &Axis, span: Span, y: i32) -> Done {
        self.line([(span.left, y), (span.left + span.wide, y)], FAINT)?;
        for (value, label) in ticks(axis.to, 8, &axis.unit) {
            let x = span.place(value / if axis.to > 0.0 { axis.to } else { 1.0 });
            self.line([(x, y), (x, y + 4)], FAINT)?;
            let x = x.min(WIDTH - MARGIN / 2 - words(&label) / 2);
            self.text(&label, (x, y + 4 + LINE / 2), Font::TEXT.at(HPos::Center))?;
        }
        Ok(())
    }

    fn shades(&self, shades: &Shades, y: i32) -> Done {
        let span = Span { left: MARGIN + LABEL, wide: WIDTH - 2 * MARGIN - LABEL - MEAN };
        for (Shade { name, shares, text }, i) in shades.rows.iter().zip(0..) {
            let top = y + i * ROW;
            let middle = top + ROW / 2;
            self.text(name, (span.left - 8, middle), Font::SMALL.at(HPos::Right))?;
            self.text(text, (span.left + span.wide + 8, middle), Font::SMALL)?;
            self.line([(span.left, top + ROW - 1), (span.left + span.wide, top + ROW - 1)], GRID)?;
            let levels: Vec<RGBColor> = shares.iter().map(|share| shade(*share)).collect();
            let mut begin = 0;
            for same in levels.chunk_by(|one, other| one == other) {
                let (left, right) =
                    (span.piece(begin, levels.len()).0, span.piece(begin + same.len(), levels.len()).0);
                begin += same.len();
                if same[0] != palette::PAPER {
                    self.block([(left, top), (right, top + ROW - 1)], same[0])?;
                }
            }
        }
        self.axis(&shades.axis, span, y + shades.rows.len() as i32 * ROW)
    }

    fn parts(&self, parts: &Parts, y: i32) -> Done {
        let span = Span { left: MARGIN, wide: WIDTH - 2 * MARGIN };
        let (mut begin, legend) = (0.0, y + BAR + 8);
        for (((part, share), colour), i) in parts.shares().zip(PARTS.into_iter().cycle()).zip(0..) {
            let Share { name, text, .. } = part;
            let (left, right) = (span.place(begin), span.place(begin + share));
            begin += share;
            self.block([(left, y), (right, y + BAR)], colour)?;
            self.line([(right, y), (right, y + BAR)], palette::PAPER)?;
            if words(name) + 8 <= right - left {
                self.text(name, (i32::midpoint(left, right), y + BAR / 2), Font::TEXT.at(HPos::Center))?;
            }
            let line = legend + i * PITCH + PITCH / 2;
            self.block([(MARGIN, line - 7), (MARGIN + 14, line + 7)], colour)?;
            self.text(&percent(share), (MARGIN + 82, line), Font::TEXT.at(HPos::Right))?;
            self.text(name, (MARGIN + 92, line), Font::TEXT)?;
            self.text(text, (MARGIN + 92 + LABEL, line), Font::TEXT)?;
        }
        Ok(())
    }

    /// A band from the least to the greatest of each stretch, and lines across.
    fn trend(&self, trend: &Trend, y: i32) -> Done {
        let span = Span { left: MARGIN + LABEL, wide: WIDTH - 2 * MARGIN - LABEL };
        let right = span.left + span.wide;
        let bottom = y + LINE / 2 + HIGH;
        let (least, greatest) = trend.range();
        let at = |value: f64| {
            let part = if greatest > least { (value - least) / (greatest - least) } else { 0.0 };
            bottom - (part * f64::from(HIGH)).round() as i32
        };
        for (i, (least, greatest)) in
            trend.columns.iter().enumerate().filter_map(|(i, column)| Some((i, (*column)?)))
        {
            let (from, to) = span.piece(i, trend.columns.len());
            self.block([(from, at(greatest) - 1), (to.max(from + 1), at(least) + 1)], palette::PLAIN)?;
        }
        let mut taken: Vec<i32> = Vec::new();
        for (value, words) in &trend.lines {
            let y = at(*value);
            self.line([(span.left, y), (right, y)], FAINT)?;
            if taken.iter().all(|taken| (taken - y).abs() >= LINE) {
                self.text(words, (span.left - 8, y), Font::TEXT.at(HPos::Right))?;
                taken.push(y);
            }
        }
        self.text(&trend.ends.0, (span.left, bottom + LINE), Font::TEXT)?;
        self.text(&trend.ends.1, (right, bottom + LINE), Font::TEXT.at(HPos::Right))
    }

    fn line(&self, ends: [(i32, i32); 2], colour: RGBColor) -> Done {
        self.0.draw(&PathElement::new(ends, colour)).map_err(refused)
    }

    fn block(&self, corners: [(i32, i32); 2], colour: RGBColor) -> Done {
        self.0.draw(&Rectangle::new(corners, colour.filled())).map_err(refused)
    }
}

/// The shade of a share: one of five, so that they are told apart.
fn shade(share: f64) -> RGBColor {
    const LEVELS: [RGBColor; 5] = [palette::PAPER, palette::WORD, CROWD, palette::PLAIN, palette::WIRE];
    let level = if share > 0.0 { 1 + (share * 4.0 - 1e-9).clamp(0.0, 3.0) as usize } else { 0 };
    LEVELS[level.min(4)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sheet, svg};

    fn drawn(plot: Plot) -> String {
        svg::draw(&Sheet { plots: vec![plot], ..Sheet::default() }).unwrap()
    }

    /// The rectangles of a colour: x, y, width and height.
    fn blocks(svg: &str, RGBColor(r, g, b): RGBColor) -> Vec<[i32; 4]> {
        let number = |line: &str, key: &str| -> i32 {
            let rest = line.split_once(&format!(" {key}=\"")).unwrap().1;
            rest.split_once('"').unwrap().0.parse().unwrap()
        };
        let colour = format!("fill=\"#{r:02X}{g:02X}{b:02X}\"");
        let lines = svg.lines().filter(|line| line.starts_with("<rect") && line.contains(&colour));
        lines.map(|line| ["x", "y", "width", "height"].map(|key| number(line, key))).collect()
    }

    fn axis(to: f64) -> Axis {
        Axis { to, unit: "us".into() }
    }

    #[test]
    fn columns_are_as_high_as_their_values_and_end_on_the_axis() {
        let values = vec![2.0, 0.0, 1.0, f64::NAN, 0.001];
        let marks = vec![(2.5, "half".to_owned())];
        let svg = drawn(Plot::Columns(Columns {
            values,
            marks,
            axis: axis(5.0),
            unit: "GB/s".into(),
            ..Columns::default()
        }));
        let blocks = blocks(&svg, palette::PLAIN);
        assert_eq!(blocks.iter().map(|block| block[3]).collect::<Vec<_>>(), [HIGH, HIGH / 2, 1]);
        assert!(blocks.iter().all(|block| block[1] + block[3] == blocks[0][1] + HIGH), "{blocks:?}");
        let wide = f64::from(WIDTH - 2 * MARGIN - LABEL);
        let begin = |share: f64| MARGIN + LABEL + (share * wide).round() as i32;
        assert_eq!(blocks.iter().map(|block| block[0]).collect::<Vec<_>>(), [0.0, 0.4, 0.8].map(begin));
        for word in ["half", "2.0 GB/s", "0.5 GB/s", "5 us"] {
            assert!(svg.contains(&format!("\n{word}\n")), "{word} is missing in {svg}");
        }
    }

    #[test]
    fn counts_have_whole_ticks() {
        let svg = drawn(Plot::Columns(Columns { values: vec![1.0], axis: axis(1.0), ..Columns::default() }));
        assert!(svg.contains("\n1\n") && !svg.contains("\n0.5\n"), "{svg}");
    }

    #[test]
    fn shades_are_told_apart_by_quarters() {
        let shares = vec![0.0, 0.01, 0.25, 0.26, 0.75, 0.76, 1.0];
        let levels: Vec<RGBColor> = shares.iter().map(|share| shade(*share)).collect();
        let [never, some, half, most, all] =
            [palette::PAPER, palette::WORD, CROWD, palette::PLAIN, palette::WIRE];
        assert_eq!(levels, [never, some, some, half, most, all, all]);
        let row = Shade { name: "b0".into(), shares, text: "43 %".into() };
        let svg = drawn(Plot::Shades(Shades { rows: vec![row], axis: axis(7.0), ..Shades::default() }));
        let [all, half] = [palette::WIRE, CROWD].map(|level| blocks(&svg, level));
        // Equal ones that touch are one.
        assert_eq!((all.len(), half.len(), all[0][2] / half[0][2]), (1, 1, 2));
        assert!(svg.contains("\nb0\n") && svg.contains("\n43 %\n"));
    }

    #[test]
    fn parts_share_the_bar_and_each_is_named_with_its_share() {
        let part = |name: &str, value| Share { name: name.into(), value, text: format!("{name}!") };
        let parts = vec![part("queue", 3.0), part("data", 1.0), part("none", 0.0), part("odd", -5.0)];
        let svg = drawn(Plot::Parts(Parts { title: "waits".into(), parts }));
        let bar = |colour| blocks(&svg, colour).into_iter().find(|block| block[3] == BAR).unwrap();
        let (first, second) = (bar(PARTS[0]), bar(PARTS[1]));
        assert_eq!((first[2], second[2]), (3 * (WIDTH - 2 * MARGIN) / 4, (WIDTH - 2 * MARGIN) / 4));
        assert_eq!(first[0] + first[2], second[0]);
        for word in ["75.0 %", "25.0 %", "queue", "data!", "none"] {
            assert!(svg.contains(&format!("\n{word}\n")), "{word} is missing in {svg}");
        }
        assert_eq!(svg.matches("\n0.0 %\n").count(), 2);
    }

    #[test]
    fn plots_of_nothing_are_drawn_nevertheless() {
        for plot in [
            Plot::Columns(Columns { marks: vec![(f64::NAN, "x".into())], ..Columns::default() }),
            Plot::Shades(Shades::default()),
            Plot::Parts(Parts::default()),
        ] {
            assert!(drawn(plot).contains("</svg>"));
        }
    }

    #[test]
    fn a_trend_is_a_band_with_lines_across() {
        let trend = Trend {
            title: "slack".into(),
            columns: vec![Some((1.0, 2.0)), None, Some((1.0, 1.0))],
            lines: vec![(0.0, "limit".into())],
            ends: ("0 s".into(), "1 ms".into()),
        };
        let svg = drawn(Plot::Trend(trend));
        let [first, last] = blocks(&svg, palette::PLAIN)[..] else { panic!("{svg}") };
        // From 1 to 2 of a picture from 0 to 2, and a thin one at 1.
        assert_eq!((first[1] + HIGH / 2, first[3], last[3]), (last[1], HIGH / 2 + 2, 2));
        for words in ["slack", "limit", "0 s", "1 ms"] {
            assert!(svg.contains(words), "{words}: {svg}");
        }
    }
}
