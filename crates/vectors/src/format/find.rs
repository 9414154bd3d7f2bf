//! What names stand for.

use std::ops::Range;

use super::error::{FormatProblem, Located};
use crate::suggest;

/// The number of the one that is named with `key`, or of the only one there is; `span` is where it should have been
/// named.
pub(super) fn find<'a>(
    what: &'static str,
    key: &'static str,
    names: impl Iterator<Item = &'a str> + Clone,
    name: Option<(&str, Range<usize>)>,
    span: &Range<usize>,
) -> Located<usize> {
    if let Some((name, place)) = name {
        return names.clone().position(|n| n == name).ok_or_else(|| {
            let hint = suggest::hint(name, names);
            (place, FormatProblem::UnknownName { what, name: name.to_owned(), hint })
        });
    }
    let mut all = names;
    match (all.next(), all.next()) {
        (Some(_), None) => Ok(0),
        (first, _) => {
            let example = first.unwrap_or_default().to_owned();
            Err((span.clone(), FormatProblem::Ambiguous { what, key, example }))
        }
    }
}
