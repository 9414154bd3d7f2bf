//! "Did you mean": the nearest of the names that would have been right.

/// The name of `known` that is nearest to `found`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = found.chars().count().div_ceil(3).max(1);
    let distances = known.into_iter().map(|name| (distance(found, name), name));
    distances.filter(|&(d, _)| d <= limit).min_by_key(|&(d, _)| d).map(|(_, name)| name)
}

/// ``; did you mean `mode`?``, or all that would have been right.
pub(crate) fn hint<'a>(found: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    // What has no name cannot be meant.
    let known = known.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>();
    if let Some(name) = nearest(found, known.iter().copied()) {
        return format!("; did you mean `{name}`?");
    }
    let all: Vec<String> = known.into_iter().map(|name| format!("`{name}`")).collect();
    match all.as_slice() {
        [] => String::new(),
        [one] => format!("; only {one} is known here"),
        _ => format!("; known here are {}", all.join(", ")),
    }
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour; upper and lower case are one.
fn distance(a: &str, b: &str) -> usize {
    let letters = |s: &str| s.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (a, b) = (letters(a), letters(b));
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_listed() {
        let known = ["mode", "word_bits", "tCLQV"];
        assert_eq!(nearest("mdoe", known), Some("mode"));
        assert_eq!(nearest("word-bits", known), Some("word_bits"));
        assert_eq!(nearest("tclqv", known), Some("tCLQV"));
        assert_eq!(nearest("baud", known), None);
        assert_eq!(hint("mod", known), "; did you mean `mode`?");
        assert_eq!(hint("baud", known), "; known here are `mode`, `word_bits`, `tCLQV`");
        assert_eq!((hint("baud", []), hint("x", [""])), (String::new(), String::new()));
    }
}
