//! One lane: its pieces, and how each is drawn.

use busproof_core::Level;
use plotters::prelude::DrawingBackend;

use super::layout::{LANE, Scale, fit, words};
use super::pen::{self, Pen};
use crate::diagram::{Lane, State};
use crate::svg::DrawError;

/// What is narrower than this many pixels is not shown on its own.
const NARROW: i32 = 3;

/// A part of a lane, from pixel to pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) from: i32,
    pub(super) to: i32,
    pub(super) shows: Shows<'a>,
}

/// What is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shows<'a> {
    /// A state, and the one that it began after.
    State { now: &'a State, before: Option<&'a State> },
    /// So many states that are too short to be seen.
    Crowd(u64),
}

/// The pieces of a lane, side by side; no more of them than pixels.
pub(super) fn pieces<'a>(lane: &'a Lane, scale: &Scale) -> Vec<Piece<'a>> {
    let (mut now, changes) = lane.seen_from(scale.from);
    let inside = changes.partition_point(|(t, _)| *t <= scale.to);
    let mut pieces = Vec::new();
    let (mut before, mut begin) = (None, scale.left);
    for (t, next) in changes[..inside].iter().filter(|(t, _)| *t > scale.from) {
        // The same word twice is two words.
        if next == now && !matches!(next, State::Label(_)) {
            continue;
        }
        let x = scale.x(*t);
        add(&mut pieces, Piece { from: begin, to: x, shows: Shows::State { now, before } });
        (before, now, begin) = (Some(now), next, x);
    }
    add(&mut pieces, Piece { from: begin, to: scale.right(), shows: Shows::State { now, before } });
    pieces
}

/// Adds a piece; narrow ones join to a crowd.
fn add<'a>(pieces: &mut Vec<Piece<'a>>, piece: Piece<'a>) {
    let is_blank = matches!(piece.shows, Shows::State { now: State::Blank, .. });
    if piece.to - piece.from >= NARROW || (is_blank && pieces.is_empty()) {
        pieces.push(piece);
        return;
    }
    match pieces.last_mut() {
        Some(Piece { to, shows: Shows::Crowd(count), .. }) => {
            *to = piece.to;
            *count += 1;
        }
        // A gap between two words needs no room.
        Some(_) | None if is_blank => pieces.push(piece),
        Some(_) | None => pieces.push(Piece { shows: Shows::Crowd(1), ..piece }),
    }
}

/// Draws a piece of a lane whose top is at `top`.
pub(super) fn draw<B: DrawingBackend>(
    piece: &Piece<'_>,
    top: i32,
    pen: &Pen<'_, B>,
) -> Result<(), DrawError> {
    let bottom = top + LANE;
    match &piece.shows {
        Shows::Crowd(states) => crowd(piece, *states, top, pen),
        Shows::State { now: State::Blank, .. } => Ok(()),
        Shows::State { now: State::Label(text), .. } => label(piece, text, top, pen),
        Shows::State { now: State::Level(Level::X), .. } => {
            pen.hatched([(piece.from, top), (piece.to, bottom)], pen::UNKNOWN)
        }
        Shows::State { now: State::Level(level), before } => {
            let y = height(*level, top);
            if *level == Level::Z {
                pen.dashed((piece.from, y), (piece.to, y), pen::WIRE)?;
            } else {
                pen.line([(piece.from, y), (piece.to, y)], pen::WIRE, 2)?;
            }
            match before {
                Some(State::Level(earlier)) if *earlier != Level::X => {
                    pen.line([(piece.from, height(*earlier, top)), (piece.from, y)], pen::WIRE, 2)
                }
                _ => Ok(()),
            }
        }
    }
}

/// Where the line of a level is.
fn height(level: Level, top: i32) -> i32 {
    match level {
        Level::Low => top + LANE,
        Level::High => top,
        Level::Z | Level::X => top + LANE / 2,
    }
}

fn crowd<B: DrawingBackend>(
    piece: &Piece<'_>,
    states: u64,
    top: i32,
    pen: &Pen<'_, B>,
) -> Result<(), DrawError> {
    // One that is too short to be seen is a line, so that nobody misses it.
    let right = piece.to.max(piece.from + 1);
    pen.block([(piece.from, top), (right, top + LANE)], if states == 1 { pen::WIRE } else { pen::CROWD })?;
    let text = format!("{states} changes");
    if states > 1 && words(&text) <= piece.to - piece.from - 4 {
        pen.text(&text, (i32::midpoint(piece.from, piece.to), top + LANE / 2), pen::TEXT.centre())?;
    }
    Ok(())
}

/// A box that comes to a point on both sides, with a text as far as it fits.
fn label<B: DrawingBackend>(
    piece: &Piece<'_>,
    text: &str,
    top: i32,
    pen: &Pen<'_, B>,
) -> Result<(), DrawError> {
    let (from, to, middle, bottom) = (piece.from, piece.to, top + LANE / 2, top + LANE);
    let tip = ((to - from) / 2).min(4);
    let corners = [
        (from, middle),
        (from + tip, top),
        (to - tip, top),
        (to, middle),
        (to - tip, bottom),
        (from + tip, bottom),
    ];
    pen.filled(&corners, pen::WORD)?;
    pen.outline(&corners, pen::WIRE)?;
    let text = fit(text, to - from - 8);
    pen.text(&text, (i32::midpoint(from, to), middle), pen::TEXT.centre())
}
