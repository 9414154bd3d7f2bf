//! Comparisons of links.

use busproof_core::Span;
use busproof_links::access::AccessReport;
use busproof_links::compare::{Outcome, Report};
use busproof_links::tolerance::RANGE_PPM;
use busproof_links::{Conditions, Fate, Link, Registers};

use super::{At, Memory};
pub use crate::format::range::Range;

/// What is compared.
#[derive(Clone, Debug)]
pub struct Compare {
    /// Where it stands.
    pub span: std::ops::Range<usize>,
    /// At what.
    pub conditions: Conditions,
    /// Which links.
    pub over: Vec<Link>,
    /// What is sent, if anything is.
    pub payload: Option<Memory>,
    /// The registers that are read, if any are.
    pub registers: Option<Registers>,
}

/// What must come of a link.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkCheck {
    /// Which.
    pub link: Link,
    /// What becomes of the payload when clocks are equal.
    pub fate: At<FateWord>,
    /// What becomes of it when the sender's clock is off by so many parts per million.
    pub off: Vec<(i64, At<FateWord>)>,
    /// What figures may be.
    pub figures: Vec<(Figure, At<Range>)>,
    /// The same of register accesses, with so many outstanding.
    pub accesses: Vec<(u32, AccessFigure, At<Range>)>,
}

/// `intact`, `corrupts` or `stalls`.
pub type FateWord = &'static str;

/// The word for a fate.
pub const fn fate_word(fate: Fate) -> FateWord {
    match fate {
        Fate::Intact => "intact",
        Fate::Corrupts { .. } => "corrupts",
        Fate::Stalls { .. } => "stalls",
    }
}

/// The word for an outcome.
pub const fn outcome_word(outcome: Outcome) -> FateWord {
    match outcome {
        Outcome::Intact { .. } => "intact",
        Outcome::Corrupts { .. } => "corrupts",
        Outcome::Stalls { .. } => "stalls",
    }
}

/// A figure of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Time to the first byte.
    FirstByte,
    /// Time to the last byte.
    LastByte,
    /// Payload bits a second.
    Throughput,
    /// Bits on the wires for each bit of the payload.
    Bits,
    /// Wires.
    Wires,
    /// Edges.
    Edges,
    /// Energy.
    Energy,
    /// How slow the sender's clock may be.
    Slow,
    /// How fast.
    Fast,
}

/// A figure of register accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessFigure {
    /// The mean latency.
    Latency,
    /// The worst one.
    Worst,
    /// Accesses a second.
    PerSecond,
    /// The part of the time in which the link is in use.
    InUse,
    /// The part of the time in which the host waits.
    HostWaits,
}

impl Figure {
    /// The key, as it is written.
    pub const fn key(self) -> &'static str {
        match self {
            Figure::FirstByte => "first_byte",
            Figure::LastByte => "last_byte",
            Figure::Throughput => "throughput",
            Figure::Bits => "bits",
            Figure::Wires => "wires",
            Figure::Edges => "edges",
            Figure::Energy => "energy",
            Figure::Slow => "slow",
            Figure::Fast => "fast",
        }
    }

    /// The figure of `report` in the unit of [`Range`]; `None` if it has none.
    pub fn of(self, report: &Report) -> Option<f64> {
        let fs = |span: Option<Span>| span.map(|span| span.as_fs() as f64);
        match self {
            Figure::FirstByte => fs(report.first_byte),
            Figure::LastByte => fs(report.last_byte),
            Figure::Throughput => report.bits_per_second,
            Figure::Bits => Some(report.bits_per_bit() * 1e3),
            Figure::Wires => Some(f64::from(report.wires) * 1e3),
            Figure::Edges => Some(report.edges as f64 * 1e3),
            Figure::Energy => Some(report.joule() * 1e15),
            Figure::Slow => report.bounds.map(|b| b.slow_ppm.unwrap_or(-RANGE_PPM) as f64 * 1e3),
            Figure::Fast => report.bounds.map(|b| b.fast_ppm.unwrap_or(RANGE_PPM) as f64 * 1e3),
        }
    }

    /// The figure of `report` in words.
    pub fn words(self, report: &Report) -> String {
        let Some(value) = self.of(report) else { return "missing: not all bytes arrive".into() };
        match self {
            Figure::FirstByte | Figure::LastByte => time_words(value),
            Figure::Throughput => format!("{value:.0} bit/s"),
            Figure::Bits | Figure::Wires | Figure::Edges => format!("{}", value / 1e3),
            Figure::Energy => format!("{:.3} nJ", value / 1e6),
            Figure::Slow | Figure::Fast => format!("{:+.3} %", value / 1e7),
        }
    }
}

impl AccessFigure {
    /// The key, as it is written.
    pub const fn key(self) -> &'static str {
        match self {
            AccessFigure::Latency => "latency",
            AccessFigure::Worst => "worst",
            AccessFigure::PerSecond => "per_second",
            AccessFigure::InUse => "in_use",
            AccessFigure::HostWaits => "host_waits",
        }
    }

    /// The figure of `report` in the unit of [`Range`].
    pub fn of(self, report: &AccessReport) -> f64 {
        match self {
            AccessFigure::Latency => report.mean_latency.as_fs() as f64,
            AccessFigure::Worst => report.worst_latency.as_fs() as f64,
            AccessFigure::PerSecond => report.per_second * 1e3,
            AccessFigure::InUse => report.utilisation * 1e6,
            AccessFigure::HostWaits => report.idle * 1e6,
        }
    }

    /// The figure of `report` in words.
    pub fn words(self, report: &AccessReport) -> String {
        let value = self.of(report);
        match self {
            AccessFigure::Latency | AccessFigure::Worst => time_words(value),
            AccessFigure::PerSecond => format!("{:.0}", value / 1e3),
            AccessFigure::InUse | AccessFigure::HostWaits => format!("{:.1} %", value / 1e4),
        }
    }
}

fn time_words(fs: f64) -> String {
    Span::from_fs(fs as u64).to_string()
}
