//! Timing events that wait for earlier ones.

use super::Item;
use super::rules::class;
use crate::bus::Sink;
use crate::time::Time;
use crate::timing::{Class, Event};

/// Events in order of time. What a line does is known late, so that some come behind later ones of the other line.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    events: Vec<Event>,
    /// The first of SDA's half edges in this low period of SCL: it and what follows wait for SCL to rise.
    pub(super) hold: Option<Time>,
    told: Time,
}

impl Queue {
    /// Enough for anything that a bus does while a line moves; a line that is X for ever fills it.
    pub(super) const FULL: usize = 48;

    pub(super) fn new() -> Queue {
        Queue { events: Vec::with_capacity(2 * Queue::FULL), ..Queue::default() }
    }

    /// How many events wait.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    #[inline]
    pub(super) fn push(&mut self, event: Event) {
        if event.time < self.told {
            return;
        }
        let mut at = self.events.len();
        while at > 0 && self.events[at - 1].time > event.time {
            at -= 1;
        }
        if at == self.events.len() { self.events.push(event) } else { self.events.insert(at, event) }
    }

    /// SDA's half edges that wait belong to a low period that is stretched.
    #[cold]
    pub(super) fn mark_stretched(&mut self) {
        let Some(hold) = self.hold else { return };
        for event in self.events.iter_mut().filter(|event| event.time >= hold) {
            event.class = stretched(event.class);
        }
    }

    /// Tells the events up to `horizon`, before which none can come any more.
    #[inline]
    pub(super) fn release<S: Sink<Item>>(&mut self, horizon: Time, sink: &mut S) {
        let waits = |event: &Event| event.time > horizon || self.hold.is_some_and(|hold| event.time >= hold);
        let ready = self.events.iter().position(waits).unwrap_or(self.events.len());
        self.tell(ready, sink);
    }

    /// Tells everything there is.
    #[cold]
    pub(super) fn flush<S: Sink<Item>>(&mut self, sink: &mut S) {
        self.mark_stretched();
        self.hold = None;
        self.tell(self.events.len(), sink);
    }

    #[inline]
    fn tell<S: Sink<Item>>(&mut self, count: usize, sink: &mut S) {
        if count == 0 {
            return;
        }
        self.told = self.events[count - 1].time;
        self.events.drain(..count).for_each(|event| sink.event(event));
    }
}

/// The class of an event of a low period that is stretched.
pub(super) const fn stretched(class: Class) -> Class {
    match class {
        class::FS => class::FS_STRETCHED,
        class::HS => class::HS_STRETCHED,
        other => other,
    }
}
