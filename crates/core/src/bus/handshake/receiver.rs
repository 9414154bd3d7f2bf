//! The receiver: takes words.
//!
//! ```text
//!        pace            pace
//! REQ  __/‾‾‾‾‾‾‾‾‾‾‾‾\___________       the word is latched with the acknowledge; where data are late,
//! ACK  _______/‾‾‾‾‾‾‾‾‾‾‾‾‾\_____       when the acknowledge returns to zero
//!        |<-->|       |<--->|
//! ```

use super::pace::{Rhythm, Willing, after_edge};
use super::wires::Word;
use super::{DataPhase, Options, Pace, PaceError, Pattern, Protocol, pin};
use crate::level::{Drive, Level};
use crate::log::Value;
use crate::sim::{Agent, Cx};
use crate::time::{Span, Time};

/// How a receiver answers.
#[derive(Clone, Debug)]
pub struct ReceiverOptions {
    /// What both ends agree on.
    pub bus: Options,
    /// When it acts.
    pub pace: Pace,
    /// How often it is willing to take a word: back-pressure.
    pub pattern: Pattern,
    /// In valid/ready it raises READY only after it saw VALID, as it may.
    pub waits_for_valid: bool,
    /// What goes wrong on purpose.
    pub faults: Vec<ReceiverFault>,
}

impl ReceiverOptions {
    /// A receiver without faults that is always willing.
    pub fn new(bus: Options, pace: Pace) -> ReceiverOptions {
        ReceiverOptions { bus, pace, pattern: Pattern::Always, waits_for_valid: false, faults: Vec::new() }
    }
}

/// Something that goes wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiverFault {
    /// With which word, counted from 0.
    pub beat: u64,
    /// What.
    pub kind: ReceiverFaultKind,
}

/// What can go wrong at the receiver. Times count from the acknowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiverFaultKind {
    /// The word is acknowledged a second time: ACK goes back after `width`, and once more after another.
    DoubleAcknowledge {
        /// The width of the pulses.
        width: Span,
    },
    /// ACK returns to zero after `width`, though the request has not.
    EarlyReturn {
        /// The width of the acknowledge.
        width: Span,
    },
    /// A pulse of `width` on ACK, that much after the handshake is over, with no request.
    SpuriousAcknowledge {
        /// The width of the pulse, and of the pause before it.
        width: Span,
    },
    /// Neither this word nor a later one is acknowledged.
    NeverAcknowledge,
}

/// A word that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// When.
    pub at: Time,
    /// The word as it was latched.
    pub data: Value,
}

/// A receiver: an agent on the pins of [`pin`].
pub struct Receiver {
    options: ReceiverOptions,
    data: Word,
    rails: (Word, Word),
    mask: u64,
    rhythm: Option<Rhythm>,
    willing: Willing,
    received: Vec<Received>,
    beat: u64,
    /// What it drives: ACK, or READY.
    answer: bool,
    clock_high: bool,
}

/// The widest word of dual rails that a receiver takes: 64 wires.
const MAX_RAILS: u32 = 32;

/// What a receiver without a clock in common sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// A word to be acknowledged.
    Word,
    /// The end of its handshake.
    End,
    /// Nothing to do.
    Nothing,
}

impl Receiver {
    /// A receiver that has seen nothing.
    pub fn new(options: ReceiverOptions) -> Result<Receiver, PaceError> {
        let width = options.bus.width.get();
        let inputs = match options.bus.protocol {
            Protocol::DualRail if width > MAX_RAILS => return Err(PaceError::Rails(width)),
            Protocol::DualRail => 2 * width,
            _ => 1,
        };
        let synchronous = options.bus.protocol == Protocol::ValidReady;
        Ok(Receiver {
            data: Word::data(width),
            rails: (Word::true_rails(width), Word::false_rails(width)),
            mask: options.bus.width.mask(),
            rhythm: if synchronous { None } else { Some(Rhythm::new(&options.pace, inputs)?) },
            willing: Willing::new(options.pattern)?,
            options,
            received: Vec::new(),
            beat: 0,
            answer: false,
            clock_high: false,
        })
    }

    /// The words taken so far and not fetched yet.
    pub fn received(&self) -> &[Received] {
        &self.received
    }

    /// Fetches the words taken since the last call.
    pub fn take_received(&mut self) -> Vec<Received> {
        std::mem::take(&mut self.received)
    }

    /// How often a flop at its inputs had to guess.
    pub fn upsets(&self) -> u64 {
        self.rhythm.as_ref().map_or(0, Rhythm::upsets)
    }

    fn fault(&self) -> Option<ReceiverFaultKind> {
        let here = |fault: &&ReceiverFault| {
            fault.beat == self.beat
                || fault.kind == ReceiverFaultKind::NeverAcknowledge && fault.beat < self.beat
        };
        self.options.faults.iter().find(here).map(|fault| fault.kind)
    }

    fn is_late(&self) -> bool {
        let Options { protocol, data_phase, .. } = self.options.bus;
        protocol == Protocol::FourPhase && data_phase == DataPhase::Late
    }

    // Without a clock in common.

    /// What the request wire, or the rails (true in the low half), mean now.
    fn look(&self, inputs: u64) -> Sight {
        let (begins, ends) = match self.options.bus.protocol {
            Protocol::TwoPhase => ((inputs & 1 != 0) != self.answer, false),
            Protocol::DualRail => {
                let width = self.options.bus.width.get();
                let rails = inputs & self.mask | inputs >> width & self.mask;
                (rails == self.mask, inputs == 0)
            }
            _ => (inputs & 1 != 0, inputs & 1 == 0),
        };
        match self.options.bus.protocol {
            Protocol::TwoPhase if begins => Sight::Word,
            Protocol::TwoPhase => Sight::Nothing,
            _ if begins && !self.answer => Sight::Word,
            _ if ends && self.answer => Sight::End,
            _ => Sight::Nothing,
        }
    }

    /// The inputs as they are now.
    fn inputs(&self, cx: &Cx<'_>) -> Value {
        if self.options.bus.protocol != Protocol::DualRail {
            return Value::wire(cx.level(pin::REQ));
        }
        let (t, f) = (self.rails.0.value(cx), self.rails.1.value(cx));
        let width = self.options.bus.width.get();
        Value { bits: join(t.bits, f.bits, width), unknown: join(t.unknown, f.unknown, width) }
    }

    /// An opportunity to act on `inputs`.
    fn act(&mut self, inputs: u64, cx: &mut Cx<'_>) {
        match self.look(inputs) {
            Sight::Word if self.fault() == Some(ReceiverFaultKind::NeverAcknowledge) => {}
            Sight::Word if self.willing.is_open(cx.rng()) => self.acknowledge(inputs, cx),
            Sight::End => self.end(cx),
            Sight::Word | Sight::Nothing => {}
        }
    }

    fn delay(&self) -> Span {
        self.rhythm.as_ref().map_or(Span::ZERO, Rhythm::output_delay)
    }

    fn acknowledge(&mut self, inputs: u64, cx: &mut Cx<'_>) {
        let delay = self.delay();
        self.answer = !self.answer;
        cx.drive_after(pin::ACK, delay, Drive::Strong(self.answer));
        match self.fault() {
            Some(ReceiverFaultKind::DoubleAcknowledge { width }) => self.pulse(delay, width, cx),
            Some(ReceiverFaultKind::EarlyReturn { width }) => {
                cx.drive_after(pin::ACK, delay.saturating_add(width), Drive::Strong(!self.answer));
            }
            _ => {}
        }
        if self.options.bus.protocol == Protocol::DualRail {
            self.latch(Value::known(inputs & self.mask), cx);
        } else if !self.is_late() {
            self.latch(self.data.sampled(cx), cx);
        }
        if self.options.bus.protocol == Protocol::TwoPhase {
            self.over(delay, cx);
        }
    }

    /// The handshake returns to zero.
    fn end(&mut self, cx: &mut Cx<'_>) {
        let delay = self.delay();
        if self.is_late() {
            self.latch(self.data.sampled(cx), cx);
        }
        self.answer = false;
        cx.drive_after(pin::ACK, delay, Drive::Strong(false));
        self.over(delay, cx);
    }

    fn latch(&mut self, data: Value, cx: &Cx<'_>) {
        self.received.push(Received { at: cx.now(), data });
    }

    /// The handshake of a word is over, but for the delay of the output.
    fn over(&mut self, delay: Span, cx: &mut Cx<'_>) {
        if let Some(ReceiverFaultKind::SpuriousAcknowledge { width }) = self.fault() {
            self.pulse(delay, width, cx);
        }
        self.beat += 1;
    }

    /// ACK leaves its level for `width`, that much after `delay`.
    fn pulse(&self, delay: Span, width: Span, cx: &mut Cx<'_>) {
        let (away, back) = (delay.saturating_add(width), delay.saturating_add(width).saturating_add(width));
        cx.drive_after(pin::ACK, away, Drive::Strong(!self.answer));
        cx.drive_after(pin::ACK, back, Drive::Strong(self.answer));
    }

    fn wake_alone(&mut self, cx: &mut Cx<'_>) {
        let inputs = self.inputs(cx);
        let Some(rhythm) = &mut self.rhythm else { return };
        if let Some(seen) = rhythm.wake(inputs, cx) {
            self.act(seen, cx);
        }
        let held = self.rhythm.as_ref().map_or(0, Rhythm::held);
        let refuses = self.fault() == Some(ReceiverFaultKind::NeverAcknowledge);
        if self.look(held) != Sight::Nothing
            && !refuses
            && let Some(rhythm) = &mut self.rhythm
        {
            rhythm.expect(Time::ZERO, cx);
        }
    }

    // On the clock of both.

    fn wake_clocked(&mut self, cx: &mut Cx<'_>) {
        let Some(high) = cx.level(pin::CLK).bit() else { return };
        if std::mem::replace(&mut self.clock_high, high) || !high {
            return;
        }
        let valid = cx.sampled(pin::VALID) == Level::High;
        let taken = valid && self.answer;
        if taken {
            self.latch(self.data.sampled(cx), cx);
            self.beat += 1;
        }
        let refuses = self.fault() == Some(ReceiverFaultKind::NeverAcknowledge);
        let sees_word = !self.options.waits_for_valid || valid && !taken;
        let ready = !refuses && sees_word && self.willing.is_open(cx.rng());
        if ready != self.answer {
            self.answer = ready;
            let delay = after_edge(&self.options.pace, cx.rng());
            cx.drive_after(pin::READY, delay, Drive::Strong(ready));
        }
    }
}

/// True rails in the low wires, false rails above: up to 32 of each.
const fn join(t: u64, f: u64, width: u32) -> u64 {
    t | f << width
}

impl Agent for Receiver {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            let answer = if self.rhythm.is_some() { pin::ACK } else { pin::READY };
            cx.drive(answer, Drive::Strong(false));
        }
        if self.rhythm.is_some() { self.wake_alone(cx) } else { self.wake_clocked(cx) }
    }

    fn watches(&self) -> u64 {
        match self.options.bus.protocol {
            Protocol::ValidReady => 1 << pin::CLK.0,
            Protocol::DualRail => self.rails.0.pins() | self.rails.1.pins(),
            _ => 1 << pin::REQ.0,
        }
    }
}
