//! Text from outside, such as the name of a file or signal, as pictures and pages can hold it.

/// The text with `?` for what XML cannot hold, and for what would make it look like another text: controls, and the marks that
/// turn the direction of writing.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) { c } else { '?' }).collect()
}

fn is_plain(c: char) -> bool {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !turns && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// A picture says what it is to those who do not see it, in one line and in several.
pub(crate) fn with_words(svg: &str, title: &str, about: &str) -> String {
    let escaped = |text: &str| plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (title, about) = (escaped(title), escaped(about));
    let words = format!(">\n<title>{title}</title>\n<desc>{about}</desc>\n");
    svg.replacen("<svg ", "<svg role=\"img\" ", 1).replacen(">\n", &words, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_breaks_is_shown_as_a_question_mark() {
        assert_eq!(plain("a\0b\u{1b}[31m\u{85}\u{ffff}\u{202e}gnp.c"), "a?b?[31m???gnp.c");
        assert_eq!(plain("Grüße <&> \u{1f600} 10 µs"), "Grüße <&> \u{1f600} 10 µs");
    }
}
