//! The scoreboard: was read what was expected, and did arrive what was sent?

use std::ops::Range;

use busproof_core::Bits;

/// Something that is other than it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// The item of the script.
    pub(super) span: Range<usize>,
    /// How many words, or transfers.
    pub(super) count: u64,
    /// What, in a line.
    pub(super) title: String,
    /// What may be the reason.
    pub(super) detail: Vec<String>,
}

impl Mismatch {
    /// One word or transfer, for no known reason.
    pub(super) fn new(span: &Range<usize>, title: impl Into<String>) -> Mismatch {
        Mismatch { span: span.clone(), count: 1, title: title.into(), detail: Vec::new() }
    }
}

/// What a word must be, if anything is expected, and what it is.
pub(super) type Pair<'a> = (Option<&'a Bits>, &'a Bits);

/// What was read and is not as expected; words with one place belong to one item of a script.
pub(super) fn unexpected<'a>(words: impl Iterator<Item = (&'a Range<usize>, Pair<'a>)>) -> Vec<Mismatch> {
    let mut groups: Vec<(&Range<usize>, Vec<Pair<'_>>)> = Vec::new();
    for (span, pair) in words {
        match groups.last_mut() {
            Some((last, pairs)) if *last == span => pairs.push(pair),
            _ => groups.push((span, vec![pair])),
        }
    }
    groups.iter().filter_map(|(span, pairs)| compare(span, pairs)).collect()
}

fn compare(span: &Range<usize>, pairs: &[Pair<'_>]) -> Option<Mismatch> {
    let wrong = |(want, got): &&Pair<'_>| want.is_some_and(|want| !matches(want, got));
    let count = pairs.iter().filter(wrong).count() as u64;
    if count == 0 {
        return None;
    }
    let show = |words: Vec<String>| {
        let more = if words.len() > 16 { format!(" ... ({} words)", words.len()) } else { String::new() };
        words.into_iter().take(16).collect::<Vec<_>>().join(" ") + &more
    };
    let want = show(
        pairs
            .iter()
            .map(|(want, got)| want.map_or("x".repeat(got.len().div_ceil(4)), Bits::to_string))
            .collect(),
    );
    let got = show(pairs.iter().map(|(_, got)| got.to_string()).collect());
    Some(Mismatch { count, ..Mismatch::new(span, format!("expected {want}, read {got}")) })
}

/// True if `got` has every bit that `want` knows.
fn matches(want: &Bits, got: &Bits) -> bool {
    want.len() == got.len() && (0..want.len()).all(|i| want.bit(i).is_none_or(|bit| got.bit(i) == Some(bit)))
}
