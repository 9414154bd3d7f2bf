//! Values over an axis: what to draw.

use crate::trend::Trend;

/// A picture that takes the width of a [`Sheet`](crate::Sheet).
#[derive(Clone, Debug, PartialEq)]
pub enum Plot {
    /// Columns.
    Columns(Columns),
    /// Rows of shades.
    Shades(Shades),
    /// A bar of parts.
    Parts(Parts),
    /// A value over time.
    Trend(Trend),
}

impl Plot {
    /// What it shows.
    pub fn title(&self) -> &str {
        match self {
            Plot::Columns(columns) => &columns.title,
            Plot::Shades(shades) => &shades.title,
            Plot::Parts(parts) => &parts.title,
            Plot::Trend(trend) => &trend.title,
        }
    }

    /// The title, and what can be said of it in words: marks, means, shares.
    pub(crate) fn words(&self) -> String {
        let told: Vec<String> = match self {
            Plot::Columns(columns) => columns.marks.iter().map(|mark| mark.1.clone()).collect(),
            Plot::Shades(shades) => {
                shades.rows.iter().map(|row| format!("{} {}", row.name, row.text)).collect()
            }
            Plot::Parts(parts) => {
                parts.shares().map(|(part, share)| format!("{} {}", part.name, percent(share))).collect()
            }
            Plot::Trend(Trend { lines, ends, .. }) => {
                let time = format!("{} to {}", ends.0, ends.1);
                lines.iter().map(|line| line.1.clone()).chain([time]).collect()
            }
        };
        format!("{}: {}", self.title(), told.join(", ")).trim_end_matches(": ").to_owned()
    }
}

/// `27.8 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Values at equal distances along an axis: something over time, a histogram.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// What the columns show.
    pub title: String,
    /// Their values, at least 0. What is not finite is not drawn.
    pub values: Vec<f64>,
    /// The unit of the values; empty for counts.
    pub unit: String,
    /// What they stand over.
    pub axis: Axis,
    /// Places on the axis to point out, each with what is there.
    pub marks: Vec<(f64, String)>,
}

/// An axis that begins with 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// Where it ends.
    pub to: f64,
    /// The unit.
    pub unit: String,
}

/// Rows of shares from 0 to 1 at equal distances along an axis: the darker, the more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shades {
    /// What the shades show.
    pub title: String,
    /// The rows, from top to bottom, each with its name and its mean in words.
    pub rows: Vec<Shade>,
    /// What they stand over.
    pub axis: Axis,
}

/// A row of shades.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shade {
    /// Its name.
    pub name: String,
    /// Its shares, 0 to 1.
    pub shares: Vec<f64>,
    /// All of it in words.
    pub text: String,
}

/// Parts of a whole, side by side, and named below.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// What the whole is.
    pub title: String,
    /// The parts, the first on the left: how it is called, how much it is, what it means.
    pub parts: Vec<Share>,
}

impl Parts {
    /// The parts, each with its share of the whole, 0 to 1.
    pub(crate) fn shares(&self) -> impl Iterator<Item = (&Share, f64)> {
        let total: f64 = self.parts.iter().map(|part| part.value.max(0.0)).sum();
        self.parts.iter().map(move |part| (part, if total > 0.0 { part.value.max(0.0) / total } else { 0.0 }))
    }
}

/// A part of a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Share {
    /// How it is called.
    pub name: String,
    /// How much it is, at least 0.
    pub value: f64,
    /// More about it.
    pub text: String,
}

/// The next of 1, 2, 5, 10, ... that is not below `value`; 1 for what is not above 0.
pub(crate) fn round_up(value: f64) -> f64 {
    if !(value > 0.0 && value.is_finite()) {
        return 1.0;
    }
    let decade = 10f64.powf(value.log10().floor());
    let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| digit * decade >= value * (1.0 - 1e-9));
    digit.unwrap_or(10.0) * decade
}

/// Round values from 0 up to `to`, about so many, with their words.
pub(crate) fn ticks(to: f64, count: usize, unit: &str) -> Vec<(f64, String)> {
    let step = round_up(to / count.max(1) as f64);
    let values = (0..=2 * count).map(|i| i as f64 * step).take_while(|value| *value <= to * (1.0 + 1e-9));
    values.map(|value| (value, number(value, step, unit))).collect()
}

/// A value with as many digits as steps of that size need.
fn number(value: f64, step: f64, unit: &str) -> String {
    let digits = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.digits$}");
    if unit.is_empty() { text } else { format!("{text} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        for (value, round) in
            [(0.3, 0.5), (1.0, 1.0), (1.01, 2.0), (5.1, 10.0), (999.0, 1_000.0), (0.0, 1.0), (f64::NAN, 1.0)]
        {
            assert!((round_up(value) - round).abs() < 1e-12 * round, "{value}: {}", round_up(value));
        }
    }

    #[test]
    fn ticks_go_from_zero_to_the_end_in_as_many_digits_as_they_need() {
        let words =
            |to, count, unit| ticks(to, count, unit).into_iter().map(|tick| tick.1).collect::<Vec<_>>();
        assert_eq!(words(1.9, 4, "GB/s"), ["0.0 GB/s", "0.5 GB/s", "1.0 GB/s", "1.5 GB/s"]);
        assert_eq!(words(750.0, 4, "ns"), ["0 ns", "200 ns", "400 ns", "600 ns"]);
        assert_eq!(words(2.0, 2, ""), ["0", "1", "2"]);
        assert_eq!(words(0.0, 4, "s"), ["0 s"]);
    }
}
