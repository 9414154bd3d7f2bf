//! Names of signals as waveform files and viewers take them.

/// A name as a viewer can load it: one token that is no keyword.
///
/// Blanks and control characters become `_`, as do an empty name and a leading `$`.
pub(crate) fn token(name: &str) -> String {
    let clean: String =
        name.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect();
    match clean.strip_prefix('$') {
        Some(rest) => format!("_{rest}"),
        None if clean.is_empty() => "_".into(),
        None => clean,
    }
}

/// A full name as a viewer calls the signal that we write so: `adc.data[7:0]`.
pub(crate) fn in_viewer(name: &str, width: u32) -> String {
    let whole = name.split('.').map(token).collect::<Vec<_>>().join(".");
    if width > 1 { format!("{whole}[{}:0]", width - 1) } else { whole }
}

/// How many scopes two paths have in common.
pub(crate) fn common(a: &[String], b: &[String]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_token() {
        for (name, expected) in [("miso@host", "miso@host"), ("a b\tc", "a_b_c"), ("$end", "_end"), ("", "_")]
        {
            assert_eq!(token(name), expected);
        }
        assert_eq!(in_viewer("top.a b", 8), "top.a_b[7:0]");
    }
}
