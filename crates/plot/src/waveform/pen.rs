//! Draws on a canvas of whole pixels.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

pub(crate) use crate::palette::{CROWD, GRID, INK, PAPER, UNKNOWN, WIRE, WORD, WRONG};
use crate::plain::plain;
use crate::svg::DrawError;

/// How text looks, and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Font {
    /// The height of a line, of which letters take 4/5.
    size: f64,
    color: RGBColor,
    anchor: HPos,
    style: FontStyle,
}

pub(crate) const TITLE: Font = Font { size: 24.0, color: INK, anchor: HPos::Left, style: FontStyle::Bold };
pub(crate) const TEXT: Font = Font { size: 15.0, color: INK, anchor: HPos::Left, style: FontStyle::Normal };
pub(crate) const LOUD: Font = Font { color: WRONG, style: FontStyle::Bold, ..TEXT };

impl Font {
    /// Ends where it is put.
    pub(crate) const fn right(self) -> Font {
        Font { anchor: HPos::Right, ..self }
    }

    /// Stands around where it is put.
    pub(crate) const fn centre(self) -> Font {
        Font { anchor: HPos::Center, ..self }
    }
}

pub(crate) fn refused(error: impl std::fmt::Display) -> DrawError {
    DrawError::Backend(error.to_string())
}

type Spot = (i32, i32);

/// Draws on any canvas.
pub(crate) struct Pen<'a, B: DrawingBackend>(pub(crate) &'a DrawingArea<B, Shift>);

impl<B: DrawingBackend> Pen<'_, B> {
    /// One line of text, its middle at that height.
    pub(crate) fn text(&self, text: &str, at: Spot, font: Font) -> Result<(), DrawError> {
        let style = TextStyle::from(FontDesc::new(FontFamily::SansSerif, font.size, font.style))
            .color(&font.color)
            .pos(Pos::new(font.anchor, VPos::Center));
        self.0.draw(&Text::new(plain(text), at, style)).map_err(refused)
    }

    pub(crate) fn line(&self, ends: [Spot; 2], color: RGBColor, thick: u32) -> Result<(), DrawError> {
        self.0.draw(&PathElement::new(ends, color.stroke_width(thick))).map_err(refused)
    }

    /// A line across or down, of dashes.
    pub(crate) fn dashed(&self, from: Spot, to: Spot, color: RGBColor) -> Result<(), DrawError> {
        const DASH: i32 = 4;
        let length = (to.0 - from.0).max(to.1 - from.1);
        let on = |far: i32| if to.0 > from.0 { (from.0 + far, from.1) } else { (from.0, from.1 + far) };
        for begin in (0..length).step_by(2 * DASH as usize) {
            self.line([on(begin), on((begin + DASH).min(length))], color, 1)?;
        }
        Ok(())
    }

    pub(crate) fn block(&self, corners: [Spot; 2], color: RGBColor) -> Result<(), DrawError> {
        self.0.draw(&Rectangle::new(corners, color.filled())).map_err(refused)
    }

    pub(crate) fn filled(&self, corners: &[Spot], color: RGBColor) -> Result<(), DrawError> {
        self.0.draw(&Polygon::new(corners.to_vec(), color.filled())).map_err(refused)
    }

    /// The outline through these corners and back to the first.
    pub(crate) fn outline(&self, corners: &[Spot], color: RGBColor) -> Result<(), DrawError> {
        let closed: Vec<Spot> = corners.iter().chain(corners.first()).copied().collect();
        self.0.draw(&PathElement::new(closed, color.stroke_width(1))).map_err(refused)
    }

    /// A rectangle of slanted lines.
    pub(crate) fn hatched(
        &self,
        [(left, top), (right, bottom)]: [Spot; 2],
        color: RGBColor,
    ) -> Result<(), DrawError> {
        const PITCH: usize = 6;
        let high = bottom - top;
        for foot in (left - high..right).step_by(PITCH) {
            let (begin, end) = ((left - foot).max(0), (right - foot).min(high));
            if begin < end {
                self.line([(foot + begin, bottom - begin), (foot + end, bottom - end)], color, 1)?;
            }
        }
        self.outline(&[(left, top), (right, top), (right, bottom), (left, bottom)], color)
    }
}
