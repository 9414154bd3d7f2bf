//! Timing diagrams from generic rows: this crate knows no protocol.
//!
//! A [`Diagram`] says what to draw: lanes of levels or labelled values over a window of time, and an interval to point
//! out. [`text::draw`] draws it with characters, for terminals and logs.

mod diagram;
pub mod text;

pub use diagram::{Diagram, Lane, Marker, State};
