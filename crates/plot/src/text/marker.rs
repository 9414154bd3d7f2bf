//! The interval that is pointed out: `|<-- 3.2 ns -->|`, or `|<>| 3.2 ns` where it is short, or `^ 0 s`.

use super::canvas::{self, Scale};
use crate::diagram::Marker;

pub(super) fn draw(marker: &Marker, scale: &Scale) -> String {
    let (a, b) = (scale.column(marker.from.min(marker.to)), scale.column(marker.from.max(marker.to)));
    let label = canvas::fit_left(&marker.label, scale.columns);
    let inner = (b - a).saturating_sub(1);
    if inner >= canvas::width(&label) + 6 {
        return format!("{:a$}|{}|", "", arrows(&label, inner));
    }
    beside(&bar(b - a + 1), &label, a, scale.columns)
}

/// `<-- 3.2 ns -->` over `columns`.
fn arrows(label: &str, columns: usize) -> String {
    let dashes = columns - canvas::width(label) - 4;
    let (left, right) = (dashes / 2, dashes - dashes / 2);
    format!("<{} {label} {}>", "-".repeat(left), "-".repeat(right))
}

/// The interval alone.
fn bar(columns: usize) -> String {
    match columns {
        0 | 1 => "^".into(),
        2 => "||".into(),
        3 => "|-|".into(),
        n => format!("|<{}>|", "-".repeat(n - 4)),
    }
}

/// The bar with its label to the right of it, else to the left, else cut.
fn beside(bar: &str, label: &str, at: usize, columns: usize) -> String {
    let (bar_width, label_width) = (canvas::width(bar), canvas::width(label));
    if at + bar_width + 1 + label_width <= columns {
        return format!("{:at$}{bar} {label}", "");
    }
    if label_width < at {
        let pad = at - label_width - 1;
        return format!("{:pad$}{label} {bar}", "");
    }
    let room = columns.saturating_sub(at + bar_width + 1);
    format!("{:at$}{bar} {}", "", canvas::fit_left(label, room)).trim_end().to_owned()
}
