//! Timing diagrams from generic rows: this crate knows no protocol.
//!
//! A [`Diagram`] says what to draw: lanes of levels or labelled values over a window of time, and an interval to point
//! out. [`text::draw`] draws it with characters, for terminals and logs. A [`Chart`] adds a title and what was found wrong;
//! [`waveform::draw`] draws it as SVG.
//! A [`shmoo::Shmoo`] shows what passes and fails where parameters vary.
//! A [`Sheet`] has bars, plots over an axis and grids of words, for reports; [`svg::draw`] draws it.
//! A [`page::Page`] has tables, findings and pictures; [`page::write`] makes one HTML file of it.
//! With the feature `png` any of these pictures can be had as PNG.

mod chart;
mod diagram;
pub mod page;
mod palette;
mod plain;
mod plot;
#[cfg(feature = "png")]
pub mod png;
mod sheet;
pub mod shmoo;
pub mod svg;
pub mod text;
pub mod trend;
pub mod waveform;

pub use chart::Chart;
pub use diagram::{Diagram, Lane, Marker, State};
pub use plot::{Axis, Columns, Parts, Plot, Shade, Shades, Share};
pub use sheet::{Bar, Cell, Grid, Panel, Sheet, Tone};
pub use trend::Trend;
