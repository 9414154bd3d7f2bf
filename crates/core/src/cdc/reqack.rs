//! The request/acknowledge crossing, after `OpenTitan`'s `prim_sync_reqack.sv`.
//!
//! ```text
//! two phases (NRZ)                              four phases (RZ)
//! SRC_VALID __/‾‾‾‾‾‾‾‾‾‾‾‾\__/‾‾‾‾             SRC_VALID __/‾‾‾‾‾‾‾‾‾‾‾‾\___/‾‾‾‾‾
//! REQ       ____/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\___            REQ       ____/‾‾‾‾‾‾‾‾‾‾\__________/‾
//! ACK       __________/‾‾‾‾‾‾‾‾‾‾‾‾             ACK       __________/‾‾‾‾‾‾‾‾‾\_______
//! SRC_READY ____________/‾‾\______              SRC_READY ____________/‾‾\___________
//! ```
//!
//! The data cross beside, on wires that are not synchronised: the source holds them from `SRC_VALID` until `SRC_READY`,
//! one cycle before the request until after the acknowledge, so REQ, ACK and `SRC_DATA` are a bundled-data handshake,
//! which the monitor of that bus judges, too.
//!
//! With two flops, two phases and a destination that is ready, a word is taken in the destination's domain 1 source and 2
//! destination cycles after it was offered, and 1 destination and 2 source cycles later in the source's. Four phases have the
//! same latencies and half the throughput. (`OpenTitan`, `prim_sync_reqack.sv`, notes; the cycles are those of the wires, to which the
//! edge at which the other side samples them is to be added.)

use super::flop::{Chain, FlopError, FlopSpec};
use super::pin;
use super::port::{ClockPin, Output};
use crate::log::SignalId;
use crate::sim::{Agent, Cx};
use crate::time::Span;

/// How many transitions of request and acknowledge carry a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phases {
    /// Each transition carries one: no return to zero.
    #[default]
    Two,
    /// Both return to zero.
    Four,
}

/// How the crossing is built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReqAckOptions {
    /// The protocol between the domains.
    pub phases: Phases,
    /// Flops for each of request and acknowledge.
    pub stages: u8,
    /// The flops.
    pub flop: FlopSpec,
}

/// A request/acknowledge crossing: an agent on the pins of [`pin`].
#[derive(Clone, Debug)]
pub struct ReqAck {
    phases: Phases,
    clk_to_q: Span,
    source: Side,
    destination: Side,
    data: Output,
}

/// What is on one clock.
#[derive(Clone, Debug)]
struct Side {
    clock: ClockPin,
    /// Brings the other side's signal into this domain.
    chain: Chain,
    synced: Output,
    /// Two phases: a word is at stake when the other side's signal is at this level. Four phases: what is sent.
    state: bool,
    /// What is sent to the other side.
    sends: bool,
    out: Output,
    /// The handshake on this side: READY at the source, VALID at the destination.
    answer: Output,
}

impl Side {
    fn new(options: &ReqAckOptions, clock: SignalId, outputs: [SignalId; 3]) -> Result<Side, FlopError> {
        let [out, synced, answer] = outputs.map(Output::new);
        let chain = Chain::new(options.flop, options.stages, 1)?;
        let clock = ClockPin::new(clock);
        Ok(Side { clock, chain, synced, state: false, sends: false, out, answer })
    }

    /// What the FSM of this side sees of the other at an edge.
    fn sees(&mut self, cx: &mut Cx<'_>) -> bool {
        let now = cx.now();
        self.chain.sees(now, cx.rng()) != 0
    }

    fn clock_chain(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        self.chain.clock(now, cx.rng());
        self.show(cx);
    }

    fn show(&mut self, cx: &mut Cx<'_>) {
        if let Some(last) = self.chain.stages().checked_sub(1) {
            self.synced.show(&self.chain, last, cx);
        }
    }

    /// The other side's signal changes.
    fn input(&mut self, from: SignalId, cx: &mut Cx<'_>) {
        let (now, value) = (cx.now(), cx.value(from));
        if self.chain.input(now, value, cx.rng()) {
            self.show(cx);
        }
    }

    /// Both outputs as the FSM now has them.
    fn drive(&mut self, answer: bool, delay: Span, cx: &mut Cx<'_>) {
        self.out.put(self.sends as u64, delay, cx);
        self.answer.put(answer as u64, delay, cx);
    }

    fn reset(&mut self, cx: &mut Cx<'_>) {
        for output in [&mut self.out, &mut self.synced, &mut self.answer] {
            output.put(0, Span::ZERO, cx);
        }
    }
}

impl ReqAck {
    /// A crossing as `options` say.
    pub fn new(options: &ReqAckOptions) -> Result<ReqAck, FlopError> {
        let source = [pin::REQ, pin::ACK_SYNC, pin::SRC_READY];
        let destination = [pin::ACK, pin::REQ_SYNC, pin::DST_VALID];
        Ok(ReqAck {
            phases: options.phases,
            clk_to_q: options.flop.clk_to_q,
            source: Side::new(options, pin::SRC_CLK, source)?,
            destination: Side::new(options, pin::DST_CLK, destination)?,
            data: Output::new(pin::DST_DATA),
        })
    }

    /// How often a flop had to guess: failures of the synchronisers.
    pub fn upsets(&self) -> u64 {
        self.source.chain.upsets() + self.destination.chain.upsets()
    }

    fn source_edge(&mut self, cx: &mut Cx<'_>) {
        let side = &mut self.source;
        let valid = cx.sampled(pin::SRC_VALID).is_high();
        let ack = side.sees(cx);
        match self.phases {
            Phases::Two => {
                side.sends = valid != side.state;
                side.state ^= valid && ack != side.state;
            }
            // `OpenTitan`'s LoSt and HiSt.
            Phases::Four if side.sends => side.sends = valid && !ack,
            Phases::Four => side.sends = valid && !ack,
        }
        side.clock_chain(cx);
        self.show_ready(self.clk_to_q, cx);
    }

    /// The source's READY follows the synchronised acknowledge.
    fn show_ready(&mut self, delay: Span, cx: &mut Cx<'_>) {
        let side = &mut self.source;
        let ack = side.chain.settled() != 0;
        let ready = match self.phases {
            Phases::Two => ack != side.state,
            Phases::Four => side.sends && ack,
        };
        side.drive(ready, delay, cx);
    }

    fn destination_edge(&mut self, cx: &mut Cx<'_>) {
        let side = &mut self.destination;
        let ready = cx.sampled(pin::DST_READY).is_high();
        let req = side.sees(cx);
        match self.phases {
            Phases::Two => {
                let taken = ready && req != side.state;
                side.sends = taken != side.state;
                side.state ^= taken;
            }
            Phases::Four if side.sends => side.sends = req,
            Phases::Four => side.sends = req && ready,
        }
        side.clock_chain(cx);
        self.show_valid(self.clk_to_q, cx);
    }

    /// The destination's VALID follows the synchronised request.
    fn show_valid(&mut self, delay: Span, cx: &mut Cx<'_>) {
        let side = &mut self.destination;
        let req = side.chain.settled() != 0;
        let valid = match self.phases {
            Phases::Two => req != side.state,
            Phases::Four => !side.sends && req,
        };
        side.drive(valid, delay, cx);
        if valid {
            self.data.put(cx.sampled_value(pin::SRC_DATA).bits, delay, cx);
        }
    }

    /// REQ or ACK changed on the way.
    fn inputs(&mut self, cx: &mut Cx<'_>) {
        if cx.changed(pin::ACK) {
            self.source.input(pin::ACK, cx);
            if self.source.chain.stages() == 0 {
                self.show_ready(Span::ZERO, cx);
            }
        }
        if cx.changed(pin::REQ) {
            self.destination.input(pin::REQ, cx);
            if self.destination.chain.stages() == 0 {
                self.show_valid(Span::ZERO, cx);
            }
        }
    }
}

impl Agent for ReqAck {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            self.source.reset(cx);
            self.destination.reset(cx);
            self.data.put(0, Span::ZERO, cx);
        } else {
            self.inputs(cx);
        }
        if self.source.clock.rises(cx) {
            self.source_edge(cx);
        }
        if self.destination.clock.rises(cx) {
            self.destination_edge(cx);
        }
    }

    fn watches(&self) -> u64 {
        let bit = |pin: SignalId| 1 << pin.0;
        bit(pin::SRC_CLK) | bit(pin::DST_CLK) | bit(pin::REQ) | bit(pin::ACK)
    }
}
