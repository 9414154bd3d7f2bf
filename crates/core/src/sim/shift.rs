//! Shift registers: words that travel bit by bit without waking their agents.
//!
//! An agent that exchanges a word at the edges of a clock does the same few things in wake after wake. It may leave them to
//! the bench, which does them at the very points of the order of events where it would have woken the agent:
//!
//! ```text
//! clock  __/‾‾\__/‾‾\__/‾‾\__/‾‾\__
//!          s  o  s  o  s  o  s        s: a bit comes in, o: the next bit goes out
//!                            |
//!                            the last bit has come in: the agent is woken
//! ```
//!
//! Whatever else wakes the agent does so as ever. It finds the word as the last edge left it, and has to deal with an
//! edge that comes in the same instant itself.

use rand_chacha::ChaCha8Rng;

use super::agent::{Near, Pins};
use super::clock::Clock;
use super::kernel::Core;
use crate::level::Level;
use crate::log::SignalId;
use crate::time::Time;

/// A word on its way in and out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shift {
    /// What is to go out, the next bit most significant.
    pub(crate) out: u64,
    /// How many bits are still to come in.
    pub(crate) left: u32,
    /// What came in, the last bit least significant: values as in [`Level::planes`].
    pub(crate) bits: u64,
    /// What came in as no bit.
    pub(crate) unknown: u64,
    /// The bit that went out last, if any did.
    pub(crate) shown: Option<bool>,
    /// The clock as it is.
    pub(crate) is_high: bool,
    /// The clock after the edges at which bits come in; at the others they go out.
    pub(crate) samples_on: bool,
}

/// The pins of an agent through which a word travels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShiftPins {
    pub(crate) clock: SignalId,
    pub(crate) input: SignalId,
    pub(crate) output: SignalId,
}

/// The shift register of an agent.
#[derive(Debug)]
pub(super) struct Register {
    pub(super) shift: Shift,
    /// The clock's pin as a bit while the register follows a clock that others make, else 0.
    pub(super) follows: u64,
    pins: ShiftPins,
    pub(super) clock: Near,
    pub(super) input: Near,
    pub(super) output: Near,
    /// The clock while the register makes it.
    pub(super) leads: Option<Clock>,
}

impl Shift {
    /// A word of `left` bits follows the last, which is complete.
    #[inline(always)]
    pub(crate) fn reload(&mut self, out: u64, left: u32) {
        (self.out, self.left, self.bits, self.unknown) = (out, left, 0, 0);
    }

    /// The clock changes while `input` is there: takes a bit in, or says which one goes out.
    #[inline(always)]
    pub(super) fn edge(&mut self, high: bool, input: Level) -> Option<bool> {
        self.is_high = high;
        if high == self.samples_on {
            let input = input as u64;
            self.bits = self.bits << 1 | input & 1;
            self.unknown = self.unknown << 1 | input >> 1;
            self.left -= 1;
            return None;
        }
        let bit = self.out >> 63 != 0;
        self.out <<= 1;
        self.shown = Some(bit);
        self.shown
    }

    /// How many edges pass before the one that completes the word.
    #[inline(always)]
    pub(super) fn edges_before_last(&self) -> u32 {
        let samples_next = self.is_high != self.samples_on;
        (2 * self.left).saturating_sub(1 + samples_next as u32)
    }
}

impl Register {
    /// A register that rests.
    pub(super) const fn new() -> Register {
        const PIN: SignalId = SignalId(0);
        let shift =
            Shift { out: 0, left: 0, bits: 0, unknown: 0, shown: None, is_high: false, samples_on: false };
        Register {
            shift,
            follows: 0,
            pins: ShiftPins { clock: PIN, input: PIN, output: PIN },
            clock: Near::NONE,
            input: Near::NONE,
            output: Near::NONE,
            leads: None,
        }
    }

    /// Takes a word over: with a clock to make, whose next edge the alarm is set to, or without.
    pub(super) fn load(&mut self, shift: Shift, of: ShiftPins, leads: Option<Clock>, pins: &Pins) {
        let near = |pin: SignalId| pins.near[pin.index()];
        self.follows = if leads.is_some() { 0 } else { 1 << of.clock.0 };
        (self.clock, self.input, self.output) = (near(of.clock), near(of.input), near(of.output));
        (self.shift, self.pins, self.leads) = (shift, of, leads);
    }

    /// The word, if there is one.
    #[inline(always)]
    pub(super) fn loaded(&mut self) -> Option<&mut Shift> {
        (self.follows != 0 || self.leads.is_some()).then_some(&mut self.shift)
    }

    /// Hands back what it was loaded with, as it is now.
    pub(super) fn unload(&mut self) -> Option<(Shift, Option<Clock>)> {
        let shift = *self.loaded()?;
        self.follows = 0;
        Some((shift, self.leads.take()))
    }

    /// The alarm rang that was set for an edge: makes it. True if the word is complete.
    #[inline(always)]
    pub(super) fn lead(&mut self, core: &mut Core, pins: &Pins) -> bool {
        let high = !self.shift.is_high;
        pins.drive_near(core, self.clock, self.pins.clock, high);
        self.edge(high, core, pins)
    }

    /// When it makes the next edge, if it does.
    #[inline(always)]
    pub(super) fn next_edge(&mut self, rng: &mut ChaCha8Rng) -> Option<Time> {
        self.leads.as_mut().map(|clock| clock.edge(rng))
    }

    /// The clock that it follows changed. True if the word is complete.
    #[inline(always)]
    pub(super) fn follow(&mut self, core: &mut Core, pins: &Pins) -> bool {
        let level = core.wires.nodes[self.clock.node as usize].seen(core.moment.delta);
        match level.bit() {
            Some(high) if high != self.shift.is_high => self.edge(high, core, pins),
            _ => false,
        }
    }

    #[inline(always)]
    fn edge(&mut self, high: bool, core: &mut Core, pins: &Pins) -> bool {
        let input = core.wires.nodes[self.input.node as usize].sampled(core.moment.first);
        match self.shift.edge(high, input) {
            None => self.shift.left == 0,
            Some(bit) => {
                pins.drive_near(core, self.output, self.pins.output, bit);
                false
            }
        }
    }
}
