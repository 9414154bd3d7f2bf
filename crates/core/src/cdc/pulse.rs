//! The pulse synchroniser: a pulse becomes a toggle, crosses, and becomes a pulse again.
//!
//! ```text
//! SRC_CLK  _/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_/‾\_
//! SRC      ___/‾‾‾\_____________________    one cycle of the source
//! TOGGLE   _______/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾    changes once for each pulse
//! DST_CLK  __/‾‾‾\___/‾‾‾\___/‾‾‾\___/‾‾
//! SYNC     ______________________|‾‾‾‾‾‾    after n flops
//! DST      ______________________|‾‾‾‾‾‾    one cycle of the destination (here of a further flop)
//! ```
//!
//! Two pulses closer together than a period of the destination cancel each other: both are lost.

use super::flop::{Chain, FlopError, FlopSpec};
use super::port::{ClockPin, Output};
use crate::log::SignalId;
use crate::sim::{Agent, Cx};
use crate::time::Span;

/// The pins of a [`PulseSynchroniser`].
pub mod pin {
    use crate::log::SignalId;

    /// The clock of the source domain.
    pub const SRC_CLK: SignalId = SignalId(0);
    /// Pulses of a cycle of the source; each cycle that is high is one.
    pub const SRC: SignalId = SignalId(1);
    /// What crosses.
    pub const TOGGLE: SignalId = SignalId(2);
    /// The clock of the destination domain.
    pub const DST_CLK: SignalId = SignalId(3);
    /// Pulses of a cycle of the destination.
    pub const DST: SignalId = SignalId(4);
    /// The toggle as the destination sees it.
    pub const SYNC: SignalId = SignalId(5);
    /// The names of the pins, for nets; the position is the number.
    pub const NAMES: [&str; 6] = ["src_clk", "src", "toggle", "dst_clk", "dst", "sync"];
}

/// A pulse synchroniser: an agent on the pins of [`pin`].
#[derive(Clone, Debug)]
pub struct PulseSynchroniser {
    chain: Chain,
    src_clk: ClockPin,
    dst_clk: ClockPin,
    toggle: Output,
    state: bool,
    sync: Output,
    dst: Output,
    /// The synchronised toggle at the last edge, as the flop of the edge detector keeps it.
    last: bool,
}

impl PulseSynchroniser {
    /// With `stages` flops between the domains.
    pub fn new(spec: FlopSpec, stages: u8) -> Result<PulseSynchroniser, FlopError> {
        Ok(PulseSynchroniser {
            chain: Chain::new(spec, stages, 1)?,
            src_clk: ClockPin::new(pin::SRC_CLK),
            dst_clk: ClockPin::new(pin::DST_CLK),
            toggle: Output::new(pin::TOGGLE),
            state: false,
            sync: Output::new(pin::SYNC),
            dst: Output::new(pin::DST),
            last: false,
        })
    }

    fn source_edge(&mut self, cx: &mut Cx<'_>) {
        self.state ^= cx.sampled(pin::SRC).is_high();
        self.toggle.put(self.state as u64, self.chain.spec().clk_to_q, cx);
    }

    fn destination_edge(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        // Two flops take the synchronised toggle: that of the output, and that which remembers it.
        let seen = self.chain.sees(now, cx.rng()) != 0;
        let pulse = seen != self.last;
        self.last = self.chain.sees(now, cx.rng()) != 0;
        self.dst.put(pulse as u64, self.chain.spec().clk_to_q, cx);
        self.chain.clock(now, cx.rng());
        self.show(cx);
    }

    fn show(&mut self, cx: &mut Cx<'_>) {
        if let Some(last) = self.chain.stages().checked_sub(1) {
            self.sync.show(&self.chain, last, cx);
        }
    }

    fn toggled(&mut self, cx: &mut Cx<'_>) {
        let (now, value) = (cx.now(), cx.value(pin::TOGGLE));
        if self.chain.input(now, value, cx.rng()) {
            self.show(cx);
        }
    }
}

impl Agent for PulseSynchroniser {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            for output in [&mut self.toggle, &mut self.dst, &mut self.sync] {
                output.put(0, Span::ZERO, cx);
            }
        } else if cx.changed(pin::TOGGLE) {
            self.toggled(cx);
        }
        if self.src_clk.rises(cx) {
            self.source_edge(cx);
        }
        if self.dst_clk.rises(cx) {
            self.destination_edge(cx);
        }
    }

    fn watches(&self) -> u64 {
        let bit = |pin: SignalId| 1 << pin.0;
        bit(pin::SRC_CLK) | bit(pin::TOGGLE) | bit(pin::DST_CLK)
    }
}
