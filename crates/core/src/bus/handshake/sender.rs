//! The sender: offers words.
//!
//! ```text
//!            setup       pace                      pace
//! DATA ==< word |                >==     ACK  ______/‾‾‾‾‾‾‾‾\_____
//! REQ  _________/‾‾‾‾‾‾‾‾\_______        REQ  ‾‾‾‾‾‾‾‾‾‾‾\____________/‾‾   the next word
//!          |<-->|                                   |<-->|    |<----->|
//! ```

use std::collections::VecDeque;

use super::pace::{Rhythm, Willing, after_edge};
use super::wires::Word;
use super::{DataPhase, Options, Pace, PaceError, Pattern, Protocol, pin};
use crate::level::{Drive, Level};
use crate::log::Value;
use crate::sim::{Agent, Cx};
use crate::time::{Span, Time};

/// How a sender drives the bus.
#[derive(Clone, Debug)]
pub struct SenderOptions {
    /// What both ends agree on.
    pub bus: Options,
    /// When it acts.
    pub pace: Pace,
    /// From the data to the request: the delay matched to the data path of bundled data.
    pub setup: Span,
    /// How often it is willing to offer a word.
    pub pattern: Pattern,
    /// In valid/ready it raises VALID only after it saw READY, which it must not: with a receiver that waits for VALID
    /// nothing ever moves.
    pub waits_for_ready: bool,
    /// What goes wrong on purpose.
    pub faults: Vec<Fault>,
}

impl SenderOptions {
    /// A sender without faults that is always willing; bundled data are set up 1 ns before the request.
    pub fn new(bus: Options, pace: Pace) -> SenderOptions {
        let setup = Span::from_ns(1);
        SenderOptions {
            bus,
            pace,
            setup,
            pattern: Pattern::Always,
            waits_for_ready: false,
            faults: Vec::new(),
        }
    }
}

/// Something that goes wrong on purpose, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// With which word, counted from 0.
    pub beat: u64,
    /// What.
    pub kind: FaultKind,
}

/// What can go wrong at the sender. Times count from the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The request is taken back, and the word forgotten, whether it was acknowledged or not. In valid/ready VALID is
    /// taken back at the next clock edge without a transfer.
    Withdraw {
        /// When.
        after: Span,
    },
    /// Bundled data arrive after their request.
    DataLate {
        /// When.
        by: Span,
    },
    /// Bit 0 changes while the word is pending. In valid/ready at the next clock edge without a transfer.
    DataChanges {
        /// When.
        after: Span,
    },
    /// After this word the handshake does not return to zero before the next: the request only dips for 1 ps; dual rails go to
    /// the next word without NULL.
    NoReturnToZero,
    /// Both rails of bit 0 rise.
    IllegalCode,
}

/// The number of a submitted list of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// What became of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Which.
    pub ticket: Ticket,
    /// When the handshake of its last word was over.
    pub at: Time,
}

/// A sender: an agent on the pins of [`pin`].
pub struct Sender {
    options: SenderOptions,
    lines: Lines,
    rhythm: Option<Rhythm>,
    willing: Willing,
    words: VecDeque<u64>,
    /// Tickets, each with the number of words after which it is done.
    tickets: VecDeque<(Ticket, u64)>,
    submitted: u64,
    next_ticket: u64,
    done: Vec<Completion>,
    /// The word that is offered, or will be.
    beat: u64,
    step: Step,
    request: bool,
    /// It does nothing before this.
    not_before: Time,
    clock_high: bool,
}

#[derive(Clone, Copy, Debug)]
struct Lines {
    data: Word,
    rails: (Word, Word),
    mask: u64,
}

/// What the sender waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A word.
    Idle,
    /// ACK at that level.
    Acknowledge(bool),
}

impl Sender {
    /// A sender with nothing to send.
    pub fn new(options: SenderOptions) -> Result<Sender, PaceError> {
        let width = options.bus.width.get();
        let synchronous = options.bus.protocol == Protocol::ValidReady;
        Ok(Sender {
            rhythm: if synchronous { None } else { Some(Rhythm::new(&options.pace, 1)?) },
            willing: Willing::new(options.pattern)?,
            lines: Lines {
                data: Word::data(width),
                rails: (Word::true_rails(width), Word::false_rails(width)),
                mask: options.bus.width.mask(),
            },
            options,
            words: VecDeque::new(),
            tickets: VecDeque::new(),
            submitted: 0,
            next_ticket: 0,
            done: Vec::new(),
            beat: 0,
            step: Step::Idle,
            request: false,
            not_before: Time::ZERO,
            clock_high: false,
        })
    }

    /// Words to send after all submitted before. The bench stops when the handshake of the last is over.
    pub fn submit(&mut self, words: &[u64]) -> Ticket {
        self.words.extend(words);
        self.submitted += words.len() as u64;
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.tickets.push_back((ticket, self.submitted));
        ticket
    }

    /// What became of a ticket, once it is done; only once.
    pub fn take(&mut self, ticket: Ticket) -> Option<Completion> {
        let i = self.done.iter().position(|done| done.ticket == ticket)?;
        Some(self.done.swap_remove(i))
    }

    /// How many words it has sent, or given up.
    pub fn sent(&self) -> u64 {
        self.beat
    }

    /// How often a flop at its inputs had to guess.
    pub fn upsets(&self) -> u64 {
        self.rhythm.as_ref().map_or(0, Rhythm::upsets)
    }

    fn fault(&self) -> Option<FaultKind> {
        self.options.faults.iter().find(|fault| fault.beat == self.beat).map(|fault| fault.kind)
    }

    /// The handshake of the present word is over.
    fn complete(&mut self, cx: &mut Cx<'_>) {
        self.words.pop_front();
        self.beat += 1;
        self.step = Step::Idle;
        self.complete_tickets(cx);
    }

    fn complete_tickets(&mut self, cx: &mut Cx<'_>) {
        while let Some((ticket, _)) = self.tickets.pop_front_if(|(_, last)| *last <= self.beat) {
            self.done.push(Completion { ticket, at: cx.now() });
            cx.stop();
        }
    }

    // Without a clock in common.

    /// True if there is something to do, given the level of ACK.
    fn wants(&self, ack: bool) -> bool {
        match self.step {
            Step::Idle => !self.words.is_empty(),
            Step::Acknowledge(level) => ack == level,
        }
    }

    /// An opportunity to act, at which ACK is seen at that level.
    fn act(&mut self, ack: bool, cx: &mut Cx<'_>) {
        if !self.wants(ack) || cx.now() < self.not_before {
            return;
        }
        if self.step != Step::Idle {
            self.answer(ack, cx);
        } else if self.willing.is_open(cx.rng()) {
            self.offer(cx);
        }
    }

    fn delay(&self) -> Span {
        self.rhythm.as_ref().map_or(Span::ZERO, Rhythm::output_delay)
    }

    /// Puts the next word out.
    fn offer(&mut self, cx: &mut Cx<'_>) {
        let Some(&word) = self.words.front() else { return };
        let (delay, fault) = (self.delay(), self.fault());
        match self.options.bus.protocol {
            Protocol::DualRail => self.put_rails(word, fault, delay, cx),
            Protocol::FourPhase if self.options.bus.data_phase == DataPhase::Late => {
                self.raise(delay, cx);
            }
            _ => self.put_bundle(word, fault, delay, cx),
        }
        self.step = Step::Acknowledge(match self.options.bus.protocol {
            Protocol::TwoPhase => self.request,
            _ => true,
        });
        if let Some(FaultKind::Withdraw { after }) = fault {
            self.withdraw(delay.saturating_add(self.options.setup).saturating_add(after), cx);
        }
    }

    /// Data, and the request that says so.
    fn put_bundle(&mut self, word: u64, fault: Option<FaultKind>, delay: Span, cx: &mut Cx<'_>) {
        let request = delay.saturating_add(self.options.setup);
        self.put_data(word, fault, delay, cx);
        self.raise(request, cx);
    }

    /// The data of a request that follows after the set-up time.
    fn put_data(&mut self, word: u64, fault: Option<FaultKind>, delay: Span, cx: &mut Cx<'_>) {
        let request = delay.saturating_add(self.options.setup);
        let data = self.lines.data;
        match fault {
            Some(FaultKind::DataLate { by }) => data.drive_after(request.saturating_add(by), word, cx),
            _ => data.drive_after(delay, word, cx),
        }
        if let Some(FaultKind::DataChanges { after }) = fault {
            data.drive_after(request.saturating_add(after), word ^ 1, cx);
        }
    }

    /// The request: rises, or changes.
    fn raise(&mut self, delay: Span, cx: &mut Cx<'_>) {
        const DIP: Span = Span::from_ps(1);
        let two_phase = self.options.bus.protocol == Protocol::TwoPhase;
        if self.request && !two_phase {
            // It did not return to zero after the word before.
            cx.drive_after(pin::REQ, delay, Drive::Strong(false));
            return cx.drive_after(pin::REQ, delay.saturating_add(DIP), Drive::Strong(true));
        }
        self.request = !self.request;
        cx.drive_after(pin::REQ, delay, Drive::Strong(self.request));
    }

    fn put_rails(&mut self, word: u64, fault: Option<FaultKind>, delay: Span, cx: &mut Cx<'_>) {
        let both = (fault == Some(FaultKind::IllegalCode)) as u64;
        let (t, f) = self.lines.rails;
        t.drive_after(delay, word & self.lines.mask | both, cx);
        f.drive_after(delay, !word & self.lines.mask | both, cx);
    }

    /// Takes the request back after `delay`, and forgets the word.
    fn withdraw(&mut self, delay: Span, cx: &mut Cx<'_>) {
        if self.options.bus.protocol == Protocol::DualRail {
            let (t, f) = self.lines.rails;
            t.drive_after(delay, 0, cx);
            f.drive_after(delay, 0, cx);
        } else {
            self.request = !self.request;
            cx.drive_after(pin::REQ, delay, Drive::Strong(self.request));
        }
        self.not_before = cx.now().saturating_add(delay);
        self.complete(cx);
    }

    /// ACK is as expected.
    fn answer(&mut self, ack: bool, cx: &mut Cx<'_>) {
        if self.options.bus.protocol == Protocol::TwoPhase || !ack {
            return self.complete(cx);
        }
        if self.fault() == Some(FaultKind::NoReturnToZero) {
            return self.complete(cx);
        }
        self.return_to_zero(cx);
        self.step = Step::Acknowledge(false);
    }

    fn return_to_zero(&mut self, cx: &mut Cx<'_>) {
        let mut delay = self.delay();
        if self.options.bus.protocol == Protocol::DualRail {
            let (t, f) = self.lines.rails;
            t.drive_after(delay, 0, cx);
            return f.drive_after(delay, 0, cx);
        }
        if self.options.bus.data_phase == DataPhase::Late
            && let Some(&word) = self.words.front()
        {
            self.put_data(word, self.fault(), delay, cx);
            delay = delay.saturating_add(self.options.setup);
        }
        self.request = false;
        cx.drive_after(pin::REQ, delay, Drive::Strong(false));
    }

    fn wake_alone(&mut self, cx: &mut Cx<'_>) {
        let level = Value::wire(cx.level(pin::ACK));
        let Some(rhythm) = &mut self.rhythm else { return };
        if let Some(seen) = rhythm.wake(level, cx) {
            self.act(seen != 0, cx);
        }
        let Some(rhythm) = &mut self.rhythm else { return };
        let (ack, from) = (rhythm.held() != 0, self.not_before);
        if self.wants(ack)
            && let Some(rhythm) = &mut self.rhythm
        {
            rhythm.expect(from, cx);
        }
    }

    // On the clock of both.

    fn wake_clocked(&mut self, cx: &mut Cx<'_>) {
        let Some(high) = cx.level(pin::CLK).bit() else { return };
        if std::mem::replace(&mut self.clock_high, high) || !high {
            return;
        }
        let ready = !cx.is_connected(pin::READY) || cx.sampled(pin::READY) == Level::High;
        if self.step != Step::Idle {
            self.offered(ready, cx);
        }
        if self.step == Step::Idle && !self.words.is_empty() && cx.now() >= self.not_before {
            self.may_offer(ready, cx);
        }
        let valid = self.step != Step::Idle;
        if valid != self.request {
            self.request = valid;
            let delay = after_edge(&self.options.pace, cx.rng());
            cx.drive_after(pin::VALID, delay, Drive::Strong(valid));
        }
    }

    /// A clock edge with VALID up.
    fn offered(&mut self, ready: bool, cx: &mut Cx<'_>) {
        if ready {
            return self.complete(cx);
        }
        match self.fault() {
            Some(FaultKind::Withdraw { .. }) => {
                self.not_before = cx.now().saturating_add(Span::from_fs(1));
                self.complete(cx);
            }
            Some(FaultKind::DataChanges { .. }) => {
                let word = self.words.front().map_or(0, |word| word ^ 1);
                let delay = after_edge(&self.options.pace, cx.rng());
                self.lines.data.drive_after(delay, word, cx);
            }
            _ => {}
        }
    }

    fn may_offer(&mut self, ready: bool, cx: &mut Cx<'_>) {
        if self.options.waits_for_ready && !ready || !self.willing.is_open(cx.rng()) {
            return;
        }
        let Some(&word) = self.words.front() else { return };
        self.step = Step::Acknowledge(true);
        let delay = after_edge(&self.options.pace, cx.rng());
        self.lines.data.drive_after(delay, word, cx);
    }

    /// Everything Low.
    fn reset(&self, cx: &mut Cx<'_>) {
        let low = Drive::Strong(false);
        match self.options.bus.protocol {
            Protocol::DualRail => {
                let (t, f) = self.lines.rails;
                t.drive_after(Span::ZERO, 0, cx);
                f.drive_after(Span::ZERO, 0, cx);
            }
            Protocol::ValidReady => cx.drive(pin::VALID, low),
            _ => cx.drive(pin::REQ, low),
        }
        if self.options.bus.protocol != Protocol::DualRail {
            self.lines.data.drive_after(Span::ZERO, 0, cx);
        }
    }
}

impl Agent for Sender {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            self.reset(cx);
        }
        self.complete_tickets(cx);
        if self.rhythm.is_some() { self.wake_alone(cx) } else { self.wake_clocked(cx) }
    }

    fn watches(&self) -> u64 {
        1 << if self.rhythm.is_some() { pin::ACK.0 } else { pin::CLK.0 }
    }
}
