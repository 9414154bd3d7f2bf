//! Columns: from time to place, and how wide text is.

use busproof_core::Time;

/// Shares a window of time out among columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: u64,
    span: u64,
    pub(super) columns: usize,
}

impl Scale {
    pub(super) fn new(from: Time, to: Time, columns: usize) -> Scale {
        Scale { from: from.as_fs(), span: to.since(from).as_fs().max(1), columns }
    }

    /// The column of `t`; the first or the last for what lies outside.
    pub(super) fn column(&self, t: Time) -> usize {
        let offset = u128::from(t.as_fs().saturating_sub(self.from));
        let column = offset * self.columns as u128 / u128::from(self.span);
        (column as usize).min(self.columns - 1)
    }

    /// True if `t` lies in the window.
    pub(super) fn shows(&self, t: Time) -> bool {
        t.as_fs() >= self.from && t.as_fs() - self.from <= self.span
    }

    /// The window in femtoseconds.
    pub(super) fn window(&self) -> (u64, u64) {
        (self.from, self.from.saturating_add(self.span))
    }

    /// The femtoseconds of a window.
    pub(super) fn span(&self) -> u64 {
        self.span
    }
}

/// How many columns a character takes; East Asian ones two.
fn width_of(c: char) -> usize {
    match c {
        '\u{2500}'..='\u{259f}' => 1,
        c if (c as u32) < 0x1100 => 1,
        '\u{2010}'..='\u{2027}' => 1,
        _ => 2,
    }
}

/// How many columns `text` takes.
pub fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// `text` without control characters, cut at its end to `columns`.
pub(super) fn fit_left(text: &str, columns: usize) -> String {
    let mut left = columns;
    let fits = |c: &char| {
        let enough = width_of(*c) <= left;
        left = left.saturating_sub(width_of(*c));
        enough
    };
    text.chars().map(printable).take_while(fits).collect()
}

/// `text` without control characters, cut at its beginning to `columns`: the end of a signal's name tells most.
pub(crate) fn fit_right(text: &str, columns: usize) -> String {
    let backwards: String = text.chars().rev().collect();
    fit_left(&backwards, columns).chars().rev().collect()
}

fn printable(c: char) -> char {
    if c.is_control() { '?' } else { c }
}
