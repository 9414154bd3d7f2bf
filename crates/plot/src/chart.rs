//! Timing diagrams as a picture: what to draw.

use std::fmt::Write as _;

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

impl Chart {
    /// What the picture shows, in words: the window, the lanes, each finding.
    pub fn words(&self) -> String {
        let Diagram { from, to, lanes, .. } = &self.diagram;
        let names: Vec<&str> = lanes.iter().map(|lane| lane.name.as_str()).collect();
        let mut text = format!("Timing diagram from {from} to {to} of {}.", names.join(", "));
        for Marker { from, to, label } in &self.findings {
            let place = if from == to { format!("At {from}") } else { format!("From {from} to {to}") };
            let _ = write!(text, " {place}: {label}.");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::Time;

    use super::*;
    use crate::diagram::Lane;

    #[test]
    fn a_chart_can_be_told() {
        let lanes = ["scl", "sda"].map(|name| Lane { name: name.into(), ..Lane::default() }).to_vec();
        let (from, to) = (Time::from_fs(1_000_000), Time::from_fs(3_000_000));
        let marker = |to, label: &str| Marker { from, to, label: label.into() };
        let chart = Chart {
            diagram: Diagram { to, lanes, ..Diagram::default() },
            findings: vec![marker(to, "tLOW 2 ns < 5 ns"), marker(from, "SDA-stable: both at once")],
            ..Chart::default()
        };
        assert_eq!(
            chart.words(),
            "Timing diagram from 0 s to 3 ns of scl, sda. From 1 ns to 3 ns: tLOW 2 ns < 5 ns. \
             At 1 ns: SDA-stable: both at once."
        );
    }
}
