//! What an explanation consists of, and how a terminal shows it.

use crate::units::hanging;

/// A piece of an explanation.
pub(super) enum Piece {
    Paragraph(&'static str),
    /// What the inner rows behind it are about: a standard.
    Head(String),
    /// What is said, and of what: the limit, the source.
    Row {
        title: &'static str,
        text: String,
        /// Below a head.
        is_inner: bool,
    },
    /// What parts say: the part, the limit, its source.
    Limits(Vec<[String; 3]>),
}

impl Piece {
    pub(super) fn row(title: &'static str, text: impl Into<String>) -> Piece {
        Piece::Row { title, text: text.into(), is_inner: false }
    }

    pub(super) fn inner(title: &'static str, text: impl Into<String>) -> Piece {
        Piece::Row { title, text: text.into(), is_inner: true }
    }
}

/// Lines of at most 80 columns.
pub(super) fn text(pieces: &[Piece]) -> String {
    // Rows are as wide as the inner ones, if there are any.
    let wide = if pieces.iter().any(|piece| matches!(piece, Piece::Head(_))) { 10 } else { 8 };
    let line = |text: String| text + "\n";
    let show = |piece: &Piece| match piece {
        Piece::Paragraph(text) => line(hanging("", text)),
        Piece::Head(text) => line(text.clone()),
        Piece::Row { title, text, is_inner: true } => line(hanging(&format!("  {title:<8}"), text)),
        Piece::Row { title, text, is_inner: false } => line(hanging(&format!("{title:<wide$}"), text)),
        Piece::Limits(rows) if rows.is_empty() => String::new(),
        Piece::Limits(rows) => {
            let row =
                |[part, limit, cite]: &[String; 3]| line(hanging(&format!("  {part:<22} {limit:<9} "), cite));
            "\nlimits in parts\n".to_owned() + &rows.iter().map(row).collect::<String>()
        }
    };
    pieces.iter().map(show).collect()
}
