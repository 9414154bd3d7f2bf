//! Shmoo plots drawn with characters.

use super::{Look, Shmoo, even_step};
use crate::text::{Charset, TextOptions, fit_right, width};

/// The fewest columns of points that are drawn.
const NARROWEST: usize = 8;

/// The lines of the picture: the rows, the axis below them, and the key. Where there are more columns than characters, one
/// shows several: the worst of them, so that a picture never looks better than what was measured.
///
/// ```text
/// 16 |..-**********++-....
///  8 |...-*********+-.....
///     '-8 %     '0 %
/// ```
pub fn draw(shmoo: &Shmoo, options: &TextOptions) -> Vec<String> {
    let gutter = shmoo.rows.iter().map(|(label, _)| width(label)).max().unwrap_or(0).min(options.width / 3);
    let room = options.width.saturating_sub(gutter + 2).max(NARROWEST);
    let each = shmoo.columns.len().div_ceil(room).max(1);
    let glyph = |look| glyph(look, options.charset);
    let mut lines = Vec::new();
    if !shmoo.down.is_empty() {
        lines.push(shmoo.down.clone());
    }
    for (label, spots) in &shmoo.rows {
        let label = fit_right(label, gutter);
        let pad = gutter.saturating_sub(width(&label));
        let worst = |several: &[super::Spot]| several.iter().map(|spot| Look::of(*spot)).min();
        let drawn: String = spots.chunks(each).filter_map(worst).map(glyph).collect();
        lines.push(format!("{:pad$}{label} |{drawn}", ""));
    }
    lines.push(format!("{:gutter$}  {}", "", axis(&shmoo.columns, each)).trim_end().to_owned());
    lines.push(format!("{:gutter$}  {}", "", shmoo.across));
    lines.extend(key(shmoo, each, options));
    lines
}

fn glyph(look: Look, charset: Charset) -> char {
    let (ascii, unicode) = match look {
        Look::Ample => ('#', '█'),
        Look::Fair => ('*', '▓'),
        Look::Thin => ('+', '▒'),
        Look::Bare => ('-', '░'),
        Look::Fail => ('.', '.'),
        Look::Unsure => ('?', '?'),
        Look::Absent => ('!', '!'),
    };
    if charset == Charset::Ascii { ascii } else { unicode }
}

/// The values below their columns, at even steps, as many as there is room for.
fn axis(columns: &[String], each: usize) -> String {
    let marks: Vec<String> = columns.iter().step_by(each).map(|text| format!("'{text}")).collect();
    let room: Vec<usize> = marks.iter().map(|mark| width(mark) + 2).collect();
    let step = even_step(&room);
    let mut line = String::new();
    for (column, mark) in marks.iter().enumerate().step_by(step) {
        // The last one may stand out where nothing follows, but not far.
        if column == 0 || column + width(mark) <= marks.len() + 2 {
            let used = width(&line);
            line.push_str(&" ".repeat(column - used));
            line.push_str(mark);
        }
    }
    line
}

/// What the characters mean that occur.
fn key(shmoo: &Shmoo, each: usize, options: &TextOptions) -> Vec<String> {
    let mut said: Vec<String> =
        shmoo.looks().map(|look| format!("{} {}", glyph(look, options.charset), look.words())).collect();
    if each > 1 {
        said.push(format!("a column is the worst of {each} values"));
    }
    let mut lines: Vec<String> = Vec::new();
    for words in said {
        match lines.last_mut() {
            Some(line) if width(line) + 3 + width(&words) <= options.width => {
                line.push_str("   ");
                line.push_str(&words);
            }
            _ => lines.push(words),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::Spot;
    use super::*;

    fn shmoo(columns: usize, rows: &[&str]) -> Shmoo {
        let spot = |c| match c {
            '#' => Spot::Pass(Some(0.5)),
            '*' => Spot::Pass(Some(0.3)),
            '-' => Spot::Pass(Some(0.0)),
            '?' => Spot::Unsure,
            '!' => Spot::Absent,
            _ => Spot::Fail,
        };
        let row = |(i, row): (usize, &&str)| (i.to_string(), row.chars().map(spot).collect());
        Shmoo {
            across: "clock".into(),
            down: "delay".into(),
            columns: (0..columns).map(|i| i.to_string()).collect(),
            rows: rows.iter().enumerate().map(row).collect(),
            ..Shmoo::default()
        }
    }

    fn lines(shmoo: &Shmoo, width: usize) -> Vec<String> {
        draw(shmoo, &TextOptions { width, charset: Charset::Ascii })
    }

    #[test]
    fn a_point_is_a_character() {
        let drawn = lines(&shmoo(12, &["..-*##-...??", "!.........#-"]), 80);
        assert_eq!(
            drawn,
            [
                "delay",
                "0 |..-*##-...??",
                "1 |!.........#-",
                "   '0  '4  '8",
                "   clock",
                "# passes, 50 % of the limit left or more   * passes, 25 to 50 % left",
                "- passes, less than 10 % left   . fails   ? cannot tell   ! cannot be run",
            ]
        );
    }

    #[test]
    fn where_columns_are_scarce_the_worst_is_shown() {
        let row = format!("{}{}{}", "#".repeat(30), ".", "#".repeat(29));
        let drawn = lines(&shmoo(60, &[&row]), 24);
        assert_eq!(drawn[1], format!("0 |{}.{}", "#".repeat(10), "#".repeat(9)));
        assert!(drawn.iter().any(|line| line.contains("a column is the worst of 3 values")), "{drawn:?}");
        assert!(drawn[..4].iter().all(|line| line.len() <= 24), "{drawn:?}");
    }

    #[test]
    fn little_is_drawn_of_little() {
        assert_eq!(lines(&shmoo(1, &["#"]), 80)[..3], ["delay", "0 |#", "   '0"]);
        assert_eq!(lines(&shmoo(0, &[]), 80), ["delay", "", "  clock"]);
    }
}
