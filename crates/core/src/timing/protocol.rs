//! Checks of the protocol, which have no limit: whether there was occasion for them.
//!
//! A monitor finds breaches of the protocol by itself and reports them as diagnostics. That it finds none says something only
//! if there was something to look at; a table of [`ProtocolCheck`]s says which timing events that is.

use super::event::{Class, Classes, Event, EventKind, EventSet};

/// A check of the protocol: its breach is a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolCheck {
    /// The code of the diagnostic.
    pub code: &'static str,
    /// Events that put it to the test.
    pub on: EventSet,
    /// The classes of events in which there is such a check.
    pub classes: Classes,
}

impl ProtocolCheck {
    /// A check that any of `kinds` puts to the test, whatever its class.
    pub const fn on(code: &'static str, kinds: &[EventKind]) -> ProtocolCheck {
        ProtocolCheck { code, on: EventSet::of(kinds), classes: Classes::ANY }
    }

    /// The same for events of `classes` only.
    #[must_use]
    pub const fn of(self, classes: &[Class]) -> ProtocolCheck {
        ProtocolCheck { classes: Classes::of(classes), ..self }
    }
}

/// The kinds of event that occurred, by class.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Occurred([EventSet; 16]);

impl Occurred {
    /// Takes note of an event; classes of 16 and above are in no set.
    #[inline]
    pub(super) fn note(&mut self, event: &Event) {
        if let Some(kinds) = self.0.get_mut(event.class.0 as usize) {
            *kinds = kinds.with(event.kind);
        }
    }

    /// Whether `check` was put to the test.
    pub(super) fn exercises(&self, check: &ProtocolCheck) -> bool {
        let is_held = |(class, kinds): (u8, &EventSet)| {
            check.classes.contains(Class(class)) && !kinds.intersection(check.on).is_empty()
        };
        (0..).zip(&self.0).any(is_held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;

    const CHECK: ProtocolCheck = ProtocolCheck::on("bus::odd", &[EventKind(3), EventKind(5)]).of(&[Class(2)]);

    fn exercised(class: u8, kind: u8) -> bool {
        let mut occurred = Occurred::default();
        occurred.note(&Event { class: Class(class), ..Event::new(Time::ZERO, EventKind(kind)) });
        occurred.exercises(&CHECK)
    }

    #[test]
    fn a_check_is_put_to_the_test_by_its_events_in_its_classes() {
        assert!(exercised(2, 3) && exercised(2, 5));
        assert!(!exercised(2, 4) && !exercised(1, 3) && !exercised(0, 3));
    }

    #[test]
    fn kinds_and_classes_out_of_range_put_nothing_to_the_test() {
        assert!(!exercised(2, 64 + 3) && !exercised(16 + 2, 3));
    }
}
