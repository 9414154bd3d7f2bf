//! How a value moves over time, as a band: in each stretch of time from its least to its greatest.

use crate::text::{fit_right, width};

/// Rows of the picture in text.
const ROWS: usize = 9;

/// A value over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    /// What it is.
    pub title: String,
    /// The least and the greatest value of each stretch, all of one length; `None` if there was none.
    pub columns: Vec<Option<(f64, f64)>>,
    /// Values to point out, such as a limit, each with its words; a line across is drawn for each.
    pub lines: Vec<(f64, String)>,
    /// The beginning and the end of the time, in words.
    pub ends: (String, String),
}

impl Trend {
    /// The least and the greatest of all that is drawn; both 0 if that is nothing.
    pub(crate) fn range(&self) -> (f64, f64) {
        let values = self.columns.iter().flatten().flat_map(|&(least, greatest)| [least, greatest]);
        let values: Vec<f64> =
            values.chain(self.lines.iter().map(|line| line.0)).filter(|v| v.is_finite()).collect();
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if values.is_empty() { (0.0, 0.0) } else { (least, greatest) }
    }
}

/// The trend in characters, a character for each column.
///
/// ```text
///   3.1 ns |    ######
///          |####      ###
///   limit 0|-------------##
///           0 s        1 ms
/// ```
pub fn draw(trend: &Trend, columns: usize) -> Vec<String> {
    let (least, greatest) = trend.range();
    let place = |value: f64| {
        let part = if greatest > least { (value - least) / (greatest - least) } else { 0.0 };
        (part * (ROWS - 1) as f64).round() as usize
    };
    let gutter = trend.lines.iter().map(|(_, words)| width(words)).max().unwrap_or(0).min(columns / 3);
    let mut lines = Vec::new();
    for row in (0..ROWS).rev() {
        let named = trend.lines.iter().find(|(value, _)| place(*value) == row);
        let words = fit_right(named.map_or("", |(_, words)| words), gutter);
        let pad = gutter.saturating_sub(width(&words));
        let empty = if named.is_some() { '-' } else { ' ' };
        let at = |column: &Option<(f64, f64)>| match column {
            Some((from, to)) if (place(*from)..=place(*to)).contains(&row) => '#',
            _ => empty,
        };
        let drawn: String = trend.columns.iter().map(at).collect();
        lines.push(format!("{:pad$}{words} |{drawn}", "").trim_end().to_owned());
    }
    let (from, to) = &trend.ends;
    let gap = trend.columns.len().saturating_sub(width(from) + width(to)).max(1);
    lines.push(format!("{:gutter$}  {from}{:gap$}{to}", "", ""));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_goes_from_the_least_to_the_greatest() {
        let trend = Trend {
            columns: vec![Some((8.0, 8.0)), Some((2.0, 4.0)), None, Some((-1.0, 0.0))],
            lines: vec![(0.0, "limit".into())],
            ends: ("0 s".into(), "1 s".into()),
            ..Trend::default()
        };
        let drawn = draw(&trend, 80);
        let want = [
            "      |#",
            "      |",
            "      |",
            "      |",
            "      | #",
            "      | #",
            "      |",
            "limit |---#",
            "      |   #",
            "       0 s 1 s",
        ];
        assert_eq!(drawn, want);
    }

    #[test]
    fn a_value_that_does_not_move_is_a_line() {
        let trend = Trend { columns: vec![Some((3.0, 3.0)); 4], ..Trend::default() };
        let drawn = draw(&trend, 80);
        assert_eq!(drawn.iter().filter(|line| line.contains("####")).count(), 1, "{drawn:?}");
        assert_eq!(draw(&Trend::default(), 80).len(), ROWS + 1);
    }
}
