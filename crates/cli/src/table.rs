//! Tables for people.

use busproof_plot::text::width;

/// Rows of cells, aligned in columns.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    right: &'static [usize],
}

impl Table {
    /// A table whose columns of these numbers are aligned to the right.
    pub(crate) fn new(head: &[&str], right: &'static [usize]) -> Table {
        Table { rows: vec![head.iter().map(|cell| (*cell).to_owned()).collect()], right }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// True if there is a head only.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    /// The width of the widest line, after `indent` blanks.
    pub(crate) fn width(&self, indent: usize) -> usize {
        let widths = self.widths();
        indent + widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)
    }

    /// The lines, each after `indent` blanks.
    pub(crate) fn lines(&self, indent: usize) -> Vec<String> {
        let widths = self.widths();
        let line = |row: &Vec<String>| {
            let cells =
                row.iter().zip(&widths).enumerate().map(|(i, (cell, &wide))| self.cell(i, cell, wide));
            format!("{:indent$}{}", "", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |i: usize| self.rows.iter().filter_map(|row| Some(width(row.get(i)?))).max();
        (0..columns).map(|i| widest(i).unwrap_or(0)).collect()
    }

    fn cell(&self, column: usize, text: &str, wide: usize) -> String {
        let pad = " ".repeat(wide.saturating_sub(width(text)));
        if self.right.contains(&column) { pad + text } else { text.to_owned() + &pad }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["rule", "worst"], &[1]);
        table.row(["tCLH".into(), "1 ns".into()]);
        table.row(["tCHSL".into(), "-20 ps".into()]);
        assert_eq!(table.lines(1), [" rule    worst", " tCLH     1 ns", " tCHSL  -20 ps"]);
        assert_eq!(table.width(1), 14);
    }
}
