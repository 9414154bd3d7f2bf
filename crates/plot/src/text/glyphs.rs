//! The characters.

use busproof_core::Level;

/// The characters to draw with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Charset {
    /// `__/~~\__`: shows anywhere.
    #[default]
    Ascii,
    /// `▁▁╱▔▔╲▁▁`: for terminals that show Unicode.
    Unicode,
}

/// What stands for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyphs {
    low: char,
    high: char,
    floating: char,
    unknown: char,
    rise: char,
    fall: char,
    /// A change of which one side is neither low nor high.
    other: char,
    /// Several changes in one column.
    pub(super) dense: char,
    /// The ends of a label.
    pub(super) open: char,
    pub(super) close: char,
}

const ASCII: Glyphs = Glyphs {
    low: '_',
    high: '~',
    floating: '-',
    unknown: 'x',
    rise: '/',
    fall: '\\',
    other: '|',
    dense: '#',
    open: '<',
    close: '>',
};

const UNICODE: Glyphs = Glyphs {
    low: '▁',
    high: '▔',
    floating: '─',
    unknown: '╳',
    rise: '╱',
    fall: '╲',
    other: '│',
    dense: '▒',
    open: '<',
    close: '>',
};

impl Charset {
    pub(super) const fn glyphs(self) -> &'static Glyphs {
        match self {
            Charset::Ascii => &ASCII,
            Charset::Unicode => &UNICODE,
        }
    }
}

impl Glyphs {
    pub(super) const fn level(&self, level: Level) -> char {
        match level {
            Level::Low => self.low,
            Level::High => self.high,
            Level::Z => self.floating,
            Level::X => self.unknown,
        }
    }

    pub(super) const fn edge(&self, was: Level, now: Level) -> char {
        match (was, now) {
            (Level::Low, Level::High) => self.rise,
            (Level::High, Level::Low) => self.fall,
            _ => self.other,
        }
    }
}
