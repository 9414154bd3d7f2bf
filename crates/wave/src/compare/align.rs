//! The constant offset between two waveforms.

use busproof_core::{ChangeLog, Span};

use super::{Edge, Unknown, edges_of};

/// From each signal so many edges of either side suggest an offset: few signals change at the very same distances.
const FIRST: usize = 24;
/// So many edges of each signal are looked at to judge one.
const JUDGED: usize = 400;
/// So many offsets are judged at most.
const OFFSETS: usize = 20_000;

/// By how much the second is later than the first, in femtoseconds: the offset under which most edges of the paired signals
/// meet within `tolerance`, the least of those if several do; `pairs` are columns of the first and the second.
///
/// Whatever two edges to the same value suggest is tried, and the best is centred on the edges that meet.
pub fn find_offset(
    a: &ChangeLog,
    b: &ChangeLog,
    pairs: &[(usize, usize)],
    unknown: Unknown,
    tolerance: Span,
) -> i128 {
    let signals: Vec<[Vec<Edge>; 2]> = pairs
        .iter()
        .map(|&(i, j)| [edges_of(&a.columns()[i], unknown), edges_of(&b.columns()[j], unknown)])
        // The state that a signal begins with is no edge.
        .map(|sides| sides.map(|edges| edges.into_iter().skip(1).collect()))
        .collect();
    let tolerance = i128::from(tolerance.as_fs());
    let best = offsets(&signals)
        .into_iter()
        .map(|offset| (met(&signals, offset, tolerance).len(), offset))
        .max_by_key(|&(met, offset)| (met, std::cmp::Reverse(offset.abs())));
    best.map_or(0, |(_, offset)| centred(&signals, offset, tolerance))
}

/// The offsets that pairs of edges suggest, and none.
fn offsets(signals: &[[Vec<Edge>; 2]]) -> Vec<i128> {
    let mut offsets = vec![0];
    for [a, b] in signals {
        for (t, value) in a.iter().take(FIRST) {
            let there = b.iter().take(2 * FIRST).filter(|(_, other)| other == value);
            offsets.extend(there.map(|(other, _)| other - t));
        }
    }
    offsets.sort_unstable_by_key(|offset| offset.abs());
    offsets.dedup();
    offsets.truncate(OFFSETS);
    offsets
}

/// How far apart the edges are that meet under an offset.
fn met(signals: &[[Vec<Edge>; 2]], offset: i128, tolerance: i128) -> Vec<i128> {
    let mut distances = Vec::new();
    for [a, b] in signals {
        let mut others = b.iter().peekable();
        for (t, value) in a.iter().take(JUDGED) {
            while others.next_if(|(other, _)| other - offset < t - tolerance).is_some() {}
            if let Some((other, _)) =
                others.next_if(|(other, to)| other - offset <= t + tolerance && to == value)
            {
                distances.push(other - offset - t);
            }
        }
    }
    distances
}

/// The offset in the middle of the distances that are left.
fn centred(signals: &[[Vec<Edge>; 2]], offset: i128, tolerance: i128) -> i128 {
    let distances = met(signals, offset, tolerance);
    match (distances.iter().min(), distances.iter().max()) {
        (Some(least), Some(most)) => offset + (least + most) / 2,
        _ => offset,
    }
}
