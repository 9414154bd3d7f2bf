//! The level synchroniser: n flops in a row.
//!
//! ```text
//! n = 2                 ┌───┐       ┌───┐
//!               D ─────►│   ├─ S1 ─►│   ├──► Q
//!                       └─^─┘       └─^─┘
//!             CLK ────────┴───────────┘
//!
//! CLK  ___/‾‾\__/‾‾\__/‾‾\__/‾‾
//! D    _____/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾
//! S1   _________|‾‾‾‾‾‾‾‾‾‾‾‾‾‾    the first edge that sees the change
//! Q    _______________|‾‾‾‾‾‾‾‾    one edge for each stage more
//! ```
//!
//! A level must last for an edge at least, with its set-up and hold time. Several wires may pass side by side only if
//! one of them changes at a time, as in gray code: each has its own luck (Cummings, SNUG 2002).

use super::flop::{Chain, FlopError, FlopSpec};
use super::port::{ClockPin, Output};
use crate::log::SignalId;
use crate::sim::{Agent, Cx};

/// The pins of a [`Synchroniser`].
pub mod pin {
    use crate::log::SignalId;

    /// The clock of the domain that is entered.
    pub const CLK: SignalId = SignalId(0);
    /// What comes from elsewhere; a wire, or a group.
    pub const D: SignalId = SignalId(1);
    /// What the domain sees.
    pub const Q: SignalId = SignalId(2);

    /// The output of stage `i`, counted from 1, where that is not the last: for waveforms.
    pub const fn stage(i: u8) -> SignalId {
        SignalId(Q.0 + i as u32)
    }
}

/// A level synchroniser: an agent on the pins of [`pin`]. Without a stage it is a plain wire.
#[derive(Clone, Debug)]
pub struct Synchroniser {
    chain: Chain,
    clock: ClockPin,
    /// The output of each stage; Q is the last.
    outputs: Vec<Output>,
    samples: u64,
    unresolved: u64,
}

impl Synchroniser {
    /// `stages` flops in a row for each of `width` wires.
    pub fn new(spec: FlopSpec, stages: u8, width: u32) -> Result<Synchroniser, FlopError> {
        let inner = (1..stages).map(|i| Output::new(pin::stage(i)));
        let outputs = inner.chain([Output::new(pin::Q)]).collect();
        let chain = Chain::new(spec, stages, width)?;
        Ok(Synchroniser { chain, clock: ClockPin::new(pin::CLK), outputs, samples: 0, unresolved: 0 })
    }

    /// How many edges there were, and at how many of them the output was unresolved when the set-up time of a flop
    /// behind it began: failures.
    pub fn failures(&self) -> (u64, u64) {
        (self.samples, self.unresolved)
    }

    fn edge(&mut self, cx: &mut Cx<'_>) {
        self.samples += 1;
        self.unresolved += self.chain.is_unresolved(cx.now()) as u64;
        let now = cx.now();
        self.chain.clock(now, cx.rng());
        self.show(cx);
    }

    fn show(&mut self, cx: &mut Cx<'_>) {
        for i in 0..self.chain.stages() {
            self.outputs[i].show(&self.chain, i, cx);
        }
    }

    fn input(&mut self, cx: &mut Cx<'_>) {
        let (now, value) = (cx.now(), cx.value(pin::D));
        if self.chain.input(now, value, cx.rng()) {
            self.show(cx);
        }
        if self.chain.stages() == 0 {
            self.outputs[0].follow(value, cx);
        }
    }
}

impl Agent for Synchroniser {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() && self.chain.stages() > 0 {
            self.outputs.iter_mut().for_each(|output| output.put(0, crate::Span::ZERO, cx));
        }
        if cx.changed(pin::D) || cx.is_start() {
            self.input(cx);
        }
        if self.clock.rises(cx) {
            self.edge(cx);
        }
    }

    fn watches(&self) -> u64 {
        let bit = |pin: SignalId| 1 << pin.0;
        bit(pin::CLK) | bit(pin::D)
    }
}
