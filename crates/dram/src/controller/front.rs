//! Where requests come from.

use crate::map::Location;
use crate::request::Request;

/// The front end's side: what is offered next, and when.
#[derive(Debug)]
pub(super) struct FrontEnd<I> {
    pub(super) requests: I,
    pub(super) next: Option<Offered>,
    /// It has an opportunity each so many clocks.
    every: u64,
    /// The first opportunity that has not passed.
    slot: u64,
}

/// A request on offer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offered {
    pub(super) request: Request,
    pub(super) at: Location,
    /// No write waits for its address: room in its queue is all it needs, since nothing else is accepted before.
    pub(super) needs_room: bool,
}

/// What came of an opportunity to offer a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// It was accepted, and there are more.
    Accepted,
    /// It was accepted, and was the last.
    Last,
    /// There was nothing to offer, or no room.
    None,
}

impl<I> FrontEnd<I> {
    pub(super) fn new(requests: I, every: u64) -> FrontEnd<I> {
        FrontEnd { requests, next: None, every, slot: 0 }
    }

    /// True if the clock is an opportunity. Clocks come in ascending order.
    pub(super) fn has_slot(&mut self, clock: u64) -> bool {
        let is_slot = self.slot_from(clock) == clock;
        if is_slot && self.every > 1 {
            self.slot = clock + self.every;
        }
        is_slot
    }

    /// The first opportunity from the clock on, which is not before `slot` less a period.
    pub(super) fn slot_from(&self, clock: u64) -> u64 {
        if self.every == 1 {
            clock
        } else if clock <= self.slot {
            self.slot
        } else {
            clock.next_multiple_of(self.every)
        }
    }
}
