//! Stops the bench at a time.

use busproof_core::Time;
use busproof_core::sim::{Agent, Cx};

/// An agent that stops the bench at a time.
pub(super) struct Timer(pub(super) Time);

impl Agent for Timer {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if self.0 <= cx.now() {
            self.0 = Time::MAX;
            cx.stop();
        }
        cx.set_alarm(self.0);
    }

    fn watches(&self) -> u64 {
        0
    }
}
