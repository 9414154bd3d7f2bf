//! Numbers and text for people.

use busproof_core::time::UNITS;
use busproof_core::timing::Unit;
use busproof_core::{Span, Time};
use busproof_plot::text::width;

/// A duration in the largest unit that leaves at least 1 before the point, with at most `digits` behind it.
pub(crate) fn rounded(fs: u64, digits: u32) -> String {
    let unit = UNITS.iter().position(|&(_, scale)| fs >= scale).unwrap_or(0);
    let (name, scale) = UNITS[unit];
    let steps = 10u64.pow(digits.min(scale.ilog10()));
    let count = (u128::from(fs) * u128::from(steps) + u128::from(scale / 2)) / u128::from(scale);
    let (whole, rest) = (count / u128::from(steps), count % u128::from(steps));
    // 999.9996 ns rounds to 1000 ns: that is 1 us.
    if whole >= 1000 && unit > 0 {
        return format!("1 {}", UNITS[unit - 1].0);
    }
    if rest == 0 {
        return format!("{whole} {name}");
    }
    let digits = steps.ilog10() as usize;
    format!("{whole}.{} {name}", format!("{rest:0digits$}").trim_end_matches('0'))
}

/// An instant, to six digits.
pub(crate) fn instant(t: Time) -> String {
    rounded(t.as_fs(), 6)
}

/// A value that a rule measures, exactly.
pub(crate) fn exact(value: i64, unit: Unit) -> String {
    amount(value, unit, |fs| Span::from_fs(fs).to_string())
}

/// A value that a rule measures, with at most so many digits behind the point.
pub(crate) fn about(value: i64, unit: Unit, digits: u32) -> String {
    amount(value, unit, |fs| rounded(fs, digits))
}

fn amount(value: i64, unit: Unit, time: impl Fn(u64) -> String) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    match unit {
        Unit::Fs => format!("{sign}{}", time(size)),
        Unit::MilliUi => format!("{sign}{}.{:03} UI", size / 1000, size % 1000),
        Unit::Ppm => format!("{sign}{size} ppm"),
        Unit::Count => format!("{sign}{size}"),
    }
}

/// A value in its unit, with the prefix that leaves 1 to 999 before the point, and at most so many digits in all.
pub(crate) fn engineering(value: f64, unit: &str, digits: usize) -> String {
    const PREFIXES: [&str; 9] = ["f", "p", "n", "u", "m", "", "k", "M", "G"];
    if value == 0.0 || !value.is_finite() {
        return format!("{value} {unit}");
    }
    // Rounded first: 999.9 kHz in three digits is 1 MHz.
    let rounded: f64 = format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value);
    let power = ((rounded.abs().log10() + 1e-9).floor() as i32).div_euclid(3).clamp(-5, 3);
    let number = rounded / 10f64.powi(3 * power);
    let before = (number.abs().log10() + 1e-9).floor().max(0.0) as usize + 1;
    let text = format!("{number:.*}", digits.saturating_sub(before));
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {}{unit}", PREFIXES[(power + 5) as usize])
}

/// `1 word`, `2 words`.
pub(crate) fn count(n: u64, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

/// `once`, `twice`, `3 times`.
pub(crate) fn times(n: u64) -> String {
    match n {
        1 => "once".into(),
        2 => "twice".into(),
        n => format!("{n} times"),
    }
}

/// Breaks `text` at blanks into lines of at most `columns`; only a longer word makes a longer line.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| width(line));
        if line > 0 && line + 1 + width(word) > columns {
            lines.push(word.to_owned());
        } else if let Some(last) = lines.last_mut() {
            if line > 0 {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

/// `text` after `head`, wrapped to [`COLUMNS`](crate::out::COLUMNS) so that it hangs behind the head.
pub(crate) fn hanging(head: &str, text: &str) -> String {
    let indent = width(head);
    let lines = wrap(text, crate::out::COLUMNS.saturating_sub(indent).max(20));
    let joint = format!("\n{:indent$}", "");
    format!("{head}{}", lines.join(&joint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rounded_to_the_nearest() {
        for (fs, digits, text) in [
            (0, 3, "0 s"),
            (3_383_000, 3, "3.383 ns"),
            (3_383_400, 3, "3.383 ns"),
            (41_666_667, 3, "41.667 ns"),
            (999_999_600, 3, "1 us"),
            (500, 3, "500 fs"),
            (1_500, 3, "1.5 ps"),
            (7_738_380_000_000, 6, "7.73838 ms"),
            (u64::MAX, 6, "18446.744074 s"),
        ] {
            assert_eq!(rounded(fs, digits), text);
        }
        assert_eq!(about(-883_000, Unit::Fs, 3), "-883 ps");
        assert_eq!(exact(1_500, Unit::MilliUi), "1.500 UI");
    }

    #[test]
    fn values_get_a_prefix_and_no_more_digits_than_asked_for() {
        for (value, text) in [
            (806_553.4, "807 kHz"),
            (1e6, "1 MHz"),
            (999_900.0, "1 MHz"),
            (50e-12, "50 pHz"),
            (3.3, "3.3 Hz"),
            (8.167_5e-9, "8.17 nHz"),
            (0.0, "0 Hz"),
            (100e6, "100 MHz"),
            (-1_500.0, "-1.5 kHz"),
        ] {
            assert_eq!(engineering(value, "Hz", 3), text);
        }
    }

    #[test]
    fn text_is_wrapped_and_hangs() {
        assert_eq!(wrap("a bb ccc", 4), ["a bb", "ccc"]);
        assert_eq!(wrap("", 4), [""]);
        let text = hanging("= cause: ", &"word ".repeat(20));
        assert!(text.lines().all(|line| width(line) <= 80) && text.contains("\n         word"), "{text}");
    }
}
