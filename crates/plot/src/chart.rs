//! Timing diagrams as a picture: what to draw.

use crate::diagram::{Diagram, Marker};

/// A window of time with a title, and the intervals that were found wrong in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// Its title.
    pub title: String,
    /// A line below the title.
    pub subtitle: String,
    /// The lanes; their marker is drawn like a finding.
    pub diagram: Diagram,
    /// Intervals, each with what is wrong with it: `tSU;DAT 10 ns < 100 ns`.
    pub findings: Vec<Marker>,
    /// Lines at the bottom.
    pub notes: Vec<String>,
}
