//! How far every rule was from its limit, as bars.

use std::io::{self, Write as _};
use std::path::PathBuf;

use busproof_core::timing::{Margin, Needs, RuleReport};
use busproof_plot::{Bar, Cell, Grid, Panel, Sheet, Tone, svg};

use super::Checked;
use super::human::summary;
use super::verdict::{Fate, sign};
use crate::error::CliError;
use crate::out::{COLUMNS, Out};
use crate::table::Table;
use crate::units::{about, wrap};

/// What bars show on either side of the limit, as a share of it; what lies beyond is drawn at the edge.
const LEAST: f64 = -0.5;
const MOST: f64 = 1.0;
/// The fewest columns of a bar.
const NARROWEST: usize = 16;

const RIGHT: &[usize] = &[1, 2, 3];

/// Prints a bar for every rule that was measured, and the verdict.
pub(super) fn print(checked: &Checked, out: &mut Out) -> io::Result<()> {
    let measured: Vec<(&RuleReport, Margin)> = measured(checked).collect();
    if !measured.is_empty() {
        writeln!(
            out,
            "=== to the least distance, 1 what 1 in 100 does not exceed, m median;\n< > beyond -50 % or +100 % of the limit"
        )?;
        table(&measured).lines(0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        writeln!(out)?;
    }
    let line = summary(checked, out.paint());
    writeln!(out, "{}", wrap(&line, COLUMNS - 2).join("\n  "))
}

/// The rules with a distance; a coincidence has none.
pub(super) fn measured(checked: &Checked) -> impl Iterator<Item = (&RuleReport, Margin)> {
    let rules = checked.rules(|fate| matches!(fate, Fate::Broken | Fate::Unsure | Fate::Kept));
    rules.filter(|rule| rule.rule.needs != Needs::Instants).filter_map(|rule| Some((rule, rule.margin()?)))
}

fn table(measured: &[(&RuleReport, Margin)]) -> Table {
    let rows = |columns: Option<usize>| {
        let axis = columns.map_or(String::new(), axis);
        let mut table = Table::new(&["rule", "limit", "worst", "median", &axis], RIGHT);
        for (rule, margin) in measured {
            let unit = rule.rule.unit();
            table.row([
                rule.rule.name.to_owned(),
                format!("{} {}", sign(rule.rule.bound()), about(margin.limit, unit, 3)),
                about(margin.worst, unit, 3),
                about(margin.median, unit, 3),
                columns.map_or(String::new(), |columns| bar(margin, columns)),
            ]);
        }
        table
    };
    let rest = COLUMNS.saturating_sub(rows(None).width(0));
    rows(Some(rest.max(NARROWEST)))
}

/// The column that shows this share of the limit.
fn column(share: f64, columns: usize) -> usize {
    let part = (share.clamp(LEAST, MOST) - LEAST) / (MOST - LEAST);
    (part * (columns - 1) as f64).round() as usize
}

/// The head of the bars: where the limit is.
fn axis(columns: usize) -> String {
    let zero = column(0.0, columns);
    format!("{:>width$}", "limit", width = zero + 1).chars().take(columns).collect()
}

/// From the limit to the worst, and the median.
fn bar(margin: &Margin, columns: usize) -> String {
    let mut line = vec![' '; columns];
    let zero = column(0.0, columns);
    if let (Some(worst), Some(median)) = (margin.share(margin.worst), margin.share(margin.median)) {
        let (end, middle) = (column(worst, columns), column(median, columns));
        line[zero.min(end)..=zero.max(end)].fill('=');
        if let Some(p1) = margin.share(margin.p1).map(|share| column(share, columns)).filter(|at| *at != end)
        {
            line[p1] = '1';
        }
        line[middle] = 'm';
        for (share, at) in [(worst, end), (median, middle)] {
            if share > MOST {
                line[at] = '>';
            } else if share < LEAST {
                line[at] = '<';
            }
        }
    }
    line[zero] = '|';
    line.into_iter().collect::<String>().trim_end().to_owned()
}

/// The bars of all files as a picture, where one was asked for.
#[derive(Default)]
pub(super) struct Picture {
    path: Option<PathBuf>,
    sheet: Sheet,
}

impl Picture {
    /// A picture to be written there.
    pub(super) fn new(path: Option<PathBuf>) -> Picture {
        let title = "Margins".into();
        let subtitle = "Distance of every rule to its limit; negative where it was missed; lines mark 1 in 100 and the median".into();
        Picture { path, sheet: Sheet { title, subtitle, ..Sheet::default() } }
    }

    /// Adds what was measured in a file.
    pub(super) fn add(&mut self, checked: &Checked) {
        if let Some((panel, grid)) = drawing(checked).filter(|_| self.path.is_some()) {
            self.sheet.panels.push(panel);
            self.sheet.grids.push(grid);
        }
    }

    /// Writes it, unless there is nothing on it.
    pub(super) fn finish(self, out: &mut Out) -> Result<(), CliError> {
        let Some(path) = self.path.filter(|_| !self.sheet.grids.is_empty()) else { return Ok(()) };
        crate::picture::write(&path, &svg::draw(&self.sheet)?)?;
        out.note(&format!("picture: {}", path.display()));
        Ok(())
    }
}

/// Bars, and all figures.
fn drawing(checked: &Checked) -> Option<(Panel, Grid)> {
    let measured: Vec<(&RuleReport, Margin)> = measured(checked).collect();
    let bars = measured.iter().map(|(rule, margin)| drawn(rule, margin)).collect();
    let rows = measured.iter().map(|(rule, margin)| (rule.rule.name.to_owned(), cells(rule, margin)));
    let file = checked.file.rsplit('/').next().unwrap_or_default();
    let panel = Panel { title: format!("{file}: worst, % of the limit, to 200 %"), bars };
    let columns = ["limit", "worst", "1 in 100", "median", "count"].map(str::to_owned).to_vec();
    let grid = Grid { title: checked.file.clone(), columns, rows: rows.collect() };
    (!measured.is_empty()).then_some((panel, grid))
}

fn tone(slack: i64) -> Tone {
    if slack < 0 { Tone::Bad } else { Tone::Good }
}

fn drawn(rule: &RuleReport, margin: &Margin) -> Bar {
    let percent = margin.share(margin.worst).map_or(f64::NAN, |share| share * 100.0);
    let text =
        if percent.is_nan() { about(margin.worst, rule.rule.unit(), 3) } else { format!("{percent:.0} %") };
    let mark = |slack| margin.share(slack).map(|share| (share * 100.0).clamp(-200.0, 200.0));
    let marks = [margin.p1, margin.median].into_iter().filter_map(mark).collect();
    Bar { tone: tone(margin.worst), marks, ..Bar::of(rule.rule.name, percent.clamp(-200.0, 200.0), text) }
}

fn cells(rule: &RuleReport, margin: &Margin) -> Vec<Cell> {
    let unit = rule.rule.unit();
    let good = |text: String| Cell { text, tone: Tone::Good };
    let distance = |slack| Cell { text: about(slack, unit, 3), tone: tone(slack) };
    vec![
        good(format!("{} {}", sign(rule.rule.bound()), about(margin.limit, unit, 3))),
        distance(margin.worst),
        distance(margin.p1),
        distance(margin.median),
        good(margin.count.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use busproof_core::Time;

    use super::*;

    fn margin(worst: i64, median: i64) -> Margin {
        let worst_at = (Time::ZERO, Time::ZERO);
        Margin { worst, p1: worst, median, count: 1, worst_at, limit: 100 }
    }

    #[test]
    fn bars_go_from_the_limit_to_the_worst() {
        // A column is a tenth of the limit; the limit stands in the sixth.
        assert_eq!(bar(&margin(50, 80), 16), "     |=====  m");
        assert_eq!(bar(&margin(-30, 20), 16), "  ===| m");
        assert_eq!(bar(&margin(0, 0), 16), "     |");
        assert_eq!(bar(&margin(150, 900), 16), "     |=========>");
        assert_eq!(bar(&margin(-90, 10), 16), "<====|m");
        assert_eq!(bar(&Margin { p1: 60, ..margin(30, 90) }, 16), "     |===  1  m");
        assert_eq!(bar(&Margin { p1: -10, ..margin(-30, 20) }, 16), "  ==1| m");
        assert_eq!(axis(16), " limit");
    }

    #[test]
    fn a_limit_of_nothing_has_no_share() {
        assert_eq!(bar(&Margin { limit: 0, ..margin(50, 80) }, 16), "     |");
    }
}
