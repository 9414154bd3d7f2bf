//! What can be said about a comparison on the command line.

use busproof_vectors::chart::last_part;
use std::path::PathBuf;

use busproof_core::Span;
use busproof_wave::Unknown;
use clap::Args as ClapArgs;

use crate::args::{ItemFormat, WaveArgs};

const LEVELS: &str = "\
With a bus (--bus, or a part) what was said is compared, item by item, whenever
it was said. Without one, and with --edges or --tolerance, edges are compared, of
signals with the same name, or the same name without scopes. A constant offset
between the files is found by itself and is no difference; --offset 0s insists on
the times as they are. With --clock values are compared as flip-flops would take
them, edge by edge. The exit status is 0 if there is no difference, 1 if there is
one, 3 if there is nothing to compare.";

#[derive(Debug, ClapArgs)]
#[command(after_help = LEVELS)]
pub(crate) struct DiffArgs {
    /// A VCD, FST, GHW, sigrok (.sr) or CSV file
    #[arg(value_name = "A")]
    pub(super) a: PathBuf,
    /// Another
    #[arg(value_name = "B")]
    pub(super) b: PathBuf,
    #[command(flatten)]
    pub(super) wave: WaveArgs,
    /// Compare edges, even if a bus is given
    #[arg(long)]
    pub(super) edges: bool,
    /// By how much edges may have moved: all, or those of one signal
    #[arg(long = "tolerance", value_name = "[SIGNAL=]TIME", value_parser = tolerance)]
    pub(super) tolerances: Vec<Tolerance>,
    /// A signal of A has another name in B
    #[arg(long = "rename", value_name = "A=B", value_parser = crate::args::pair)]
    pub(super) renames: Vec<(String, String)>,
    /// A signal to compare: exact, without scopes, or with * and ?; all of them
    /// if absent
    #[arg(long = "signal", value_name = "SIGNAL")]
    pub(super) signals: Vec<String>,
    /// Signals keep their last known level through X and Z
    #[arg(long)]
    pub(super) ignore_x: bool,
    /// By how much B is later than A; found if absent
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = offset)]
    pub(super) offset: Option<i128>,
    /// Compare what flip-flops take at the rising edges of this signal, or at
    /// the falling ones of !SIGNAL
    #[arg(long, value_name = "[!]SIGNAL", conflicts_with_all = ["tolerances", "offset"])]
    pub(super) clock: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ItemFormat::Human, value_name = "FORMAT")]
    pub(super) format: ItemFormat,
    /// Draw both around the first difference: an SVG or PNG file
    #[arg(short, long, value_name = "FILE.svg", value_parser = crate::args::picture)]
    pub(super) out: Option<PathBuf>,
}

impl DiffArgs {
    /// Whether something was asked for that concerns edges only.
    pub(super) fn wants_edges(&self) -> bool {
        self.edges || !self.tolerances.is_empty() || self.offset.is_some() || self.clock.is_some()
    }

    /// Whether X and Z count.
    pub(super) fn unknown(&self) -> Unknown {
        if self.ignore_x { Unknown::Ignored } else { Unknown::Counts }
    }

    /// By how much an edge of that signal may have moved: what was said last of it by name, else last of all.
    pub(super) fn tolerance_of(&self, name: &str) -> Span {
        let last = |fits: &dyn Fn(&Tolerance) -> bool| self.tolerances.iter().rev().find(|t| fits(t));
        let short = last_part(name);
        let own = last(&|t| t.signal.as_deref().is_some_and(|signal| signal == name || signal == short));
        own.or_else(|| last(&|t| t.signal.is_none())).map_or(Span::ZERO, |t| t.span)
    }
}

/// By how much edges may have moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tolerance {
    /// Those of this signal; `None`: all others.
    pub(super) signal: Option<String>,
    pub(super) span: Span,
}

fn tolerance(text: &str) -> Result<Tolerance, String> {
    let (signal, time) = match text.rsplit_once('=') {
        Some((signal, time)) => (Some(signal.trim().to_owned()), time),
        None => (None, text),
    };
    let span = time.trim().parse::<Span>().map_err(|error| error.to_string())?;
    Ok(Tolerance { signal, span })
}

/// In femtoseconds, with a sign.
fn offset(text: &str) -> Result<i128, String> {
    let text = text.trim();
    let (sign, size) = match text.strip_prefix('-') {
        Some(size) => (-1, size),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let span = size.trim().parse::<Span>().map_err(|error| error.to_string())?;
    Ok(sign * i128::from(span.as_fs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_have_signs_and_tolerances_may_name_a_signal() {
        assert_eq!(
            (offset("-3.7us"), offset("+1 ns"), offset("0s")),
            (Ok(-3_700_000_000), Ok(1_000_000), Ok(0))
        );
        let named = tolerance("top.sda = 5ns");
        assert_eq!(named, Ok(Tolerance { signal: Some("top.sda".into()), span: Span::from_ns(5) }));
        assert!(tolerance("5").is_err() && offset("later").is_err());
    }
}
