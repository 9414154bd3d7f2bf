//! What to draw.

use busproof_core::{Level, Time};

/// A window of time with lanes in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagram {
    /// Where the window begins.
    pub from: Time,
    /// Where it ends; a window of no length is drawn as one of a femtosecond.
    pub to: Time,
    /// The instant that the axis calls 0.
    pub origin: Time,
    /// The lanes, from top to bottom.
    pub lanes: Vec<Lane>,
    /// The interval to point out.
    pub marker: Option<Marker>,
}

/// A signal, or a row of labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    /// What it is called.
    pub name: String,
    /// When it takes which state, in order of time. The last one at or before the window holds where it begins.
    pub changes: Vec<(Time, State)>,
}

/// What a lane shows from some instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing: not known yet, or between two labels.
    Blank,
    /// A wire at a level.
    Level(Level),
    /// A value or a remark, in words.
    Label(String),
}

impl Lane {
    /// The state at the beginning of a window that starts at `from`, and the changes after that.
    pub(crate) fn seen_from(&self, from: Time) -> (&State, &[(Time, State)]) {
        let later = self.changes.partition_point(|(t, _)| *t <= from);
        let initial = later.checked_sub(1).map_or(&State::Blank, |i| &self.changes[i].1);
        (initial, &self.changes[later..])
    }
}

/// An interval to point out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marker {
    /// Where it begins.
    pub from: Time,
    /// Where it ends.
    pub to: Time,
    /// What to say of it: `3.2 ns`.
    pub label: String,
}
