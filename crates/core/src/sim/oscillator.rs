//! A free-running clock on a net.

use super::{Agent, Clock, ClockError, ClockSpec, Cx};
use crate::level::Drive;
use crate::log::SignalId;
use crate::time::Time;

/// Drives its one pin, number 0, with a [`Clock`]: Low until the first edge, which rises.
///
/// ```text
///      |<-phase->|<- half ->|
/// CLK  __________/‾‾‾‾‾‾‾‾‾‾\__________/‾‾‾
/// ```
#[derive(Clone, Debug)]
pub struct Oscillator {
    clock: Clock,
    /// The next edge.
    next: Time,
    high: bool,
}

impl Oscillator {
    /// The pin.
    pub const CLK: SignalId = SignalId(0);

    /// An oscillator that runs as `spec` says.
    pub fn new(spec: &ClockSpec) -> Result<Oscillator, ClockError> {
        Ok(Oscillator { clock: Clock::new(spec)?, next: Time::ZERO, high: false })
    }
}

impl Agent for Oscillator {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            self.next = self.clock.edge(cx.rng());
        }
        // Without a phase the first edge is due at once.
        if self.next <= cx.now() {
            self.high = !self.high;
            self.next = self.clock.edge(cx.rng());
        }
        cx.drive(Self::CLK, Drive::Strong(self.high));
        cx.set_alarm(self.next);
    }

    fn watches(&self) -> u64 {
        0
    }
}
