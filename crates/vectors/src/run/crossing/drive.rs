//! Who drives what a crossing for levels or pulses takes in.

use std::collections::VecDeque;

use busproof_core::sim::{Agent, Cx};
use busproof_core::{Drive, SignalId, Span};

use crate::run::link::Source;

/// Where it drives.
pub(super) const OUT: SignalId = SignalId(0);
/// Its clock; a driver of levels has none.
pub(super) const CLK: SignalId = SignalId(1);

/// Drives a wire: to a level as soon as it is told to, or, with a clock, to the next one at each of its edges.
pub(super) struct Driver {
    /// From an edge to the wire; `None`: there is no clock.
    after_edge: Option<Span>,
    words: VecDeque<u64>,
    high: bool,
    submitted: u64,
    sent: u64,
}

impl Driver {
    /// A driver of levels.
    pub(super) fn of_levels() -> Driver {
        Driver { after_edge: None, words: VecDeque::new(), high: false, submitted: 0, sent: 0 }
    }

    /// A driver of pulses, `delay` after the edges of its clock.
    pub(super) fn of_pulses(delay: Span) -> Driver {
        Driver { after_edge: Some(delay), ..Driver::of_levels() }
    }

    fn next(&mut self, delay: Span, cx: &mut Cx<'_>) {
        let Some(word) = self.words.pop_front() else {
            // A pulse is over when the next cycle begins.
            if self.after_edge.is_some() {
                cx.drive_after(OUT, delay, Drive::Strong(false));
            }
            return;
        };
        cx.drive_after(OUT, delay, Drive::Strong(word != 0));
        self.sent += 1;
        if self.words.is_empty() {
            cx.stop();
        }
    }

    /// True if the clock has risen since this was last asked.
    fn rises(&mut self, cx: &Cx<'_>) -> bool {
        let Some(high) = cx.level(CLK).bit() else { return false };
        !std::mem::replace(&mut self.high, high) && high
    }
}

impl Agent for Driver {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            cx.drive(OUT, Drive::Strong(false));
        }
        let Some(delay) = self.after_edge else {
            while !self.words.is_empty() {
                self.next(Span::ZERO, cx);
            }
            return;
        };
        if self.rises(cx) {
            self.next(delay, cx);
        }
    }

    fn watches(&self) -> u64 {
        if self.after_edge.is_some() { 1 << CLK.0 } else { 0 }
    }
}

impl Source for Driver {
    /// How many words are sent by then.
    type Ticket = u64;

    fn submit(&mut self, words: &[u64]) -> u64 {
        self.words.extend(words);
        self.submitted += words.len() as u64;
        self.submitted
    }

    fn is_sent(&mut self, ticket: u64) -> bool {
        self.sent >= ticket
    }
}
