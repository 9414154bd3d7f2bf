//! Two waveforms set side by side: which edges are missing, new, moved, or lead elsewhere.
//!
//! ```text
//! A   ____/‾‾‾‾\____/‾‾‾‾\_______
//! B     ____/‾‾‾‾\____/‾‾‾‾‾‾\___      a constant offset is no difference, an edge that moved beyond the tolerance is
//!       |-->| found            ^
//! ```

mod align;
mod edges;
mod sequence;

pub use align::find_offset;
pub use edges::{Difference, DifferenceKind, EdgeOptions, SignalDiff, compare_clocked, compare_edges};
pub use sequence::{Edit, edits};

use busproof_core::Value;
use busproof_core::log::Column;

/// A change of a signal: when, in femtoseconds, and what it became.
pub(crate) type Edge = (i128, Value);

/// The changes of a column; the first is the state that it begins with.
///
/// Where unknown levels do not count, a signal keeps its last known value through them.
pub(crate) fn edges_of(column: &Column, unknown: Unknown) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::with_capacity(column.len());
    for (t, value) in column.iter() {
        let counts = unknown == Unknown::Counts || value.unknown == 0;
        if counts && edges.last().is_none_or(|last| last.1 != value) {
            edges.push((t.as_fs().into(), value));
        }
    }
    edges
}

/// Whether X and Z are values like others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// They are.
    #[default]
    Counts,
    /// A signal keeps its last known value through them.
    Ignored,
}
