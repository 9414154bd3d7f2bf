//! The controller: clocks words out and in.
//!
//! ```text
//!            CPHA 0                                   CPHA 1
//! CS   ‾\_________________________/‾      CS   ‾\_________________________/‾
//! SCK  ______/‾‾\__/‾‾\ ... /‾‾\____      SCK  ______/‾‾\__/‾‾\ ... /‾‾\____
//! MOSI --< b7   >< b6  > ... < b0 >-      MOSI ------< b7 >< b6 > ... < b0 >-
//!       |<->| cs_setup       |  |<->| cs_hold
//! ```

#![expect(clippy::inline_always, reason = "measured: what every edge does costs a quarter more as calls")]

use std::collections::VecDeque;

use bitvec::prelude::{BitVec, Lsb0};

use super::command::{Lanes, Rate};
use super::lanes::Driven;
use super::{Active, Format, Options, Wires, pin};
use crate::bits::{BitOrder, Bits};
use crate::level::{Drive, Level};
use crate::log::SignalId;
use crate::sim::{Agent, Clock, ClockError, ClockSpec, Cx, Shift, ShiftPins};
use crate::time::{Span, Time};

/// How a controller drives the bus.
#[derive(Clone, Debug)]
pub struct ControllerOptions {
    /// What both ends agree on.
    pub bus: Options,
    /// Its clock; the phase is not used, since SCK only runs during words.
    pub clock: ClockSpec,
    /// The length of the first half of each clock period, if the clock is not even.
    pub first_half: Option<Span>,
    /// From CS active to the first clock edge.
    pub cs_setup: Span,
    /// From the last clock edge to CS inactive.
    pub cs_hold: Span,
    /// How long CS stays inactive at least.
    pub cs_inactive: Span,
    /// Between the last clock edge of a word and the first of the next, beyond the half period that is always there.
    pub word_gap: Span,
    /// When MOSI changes, in femtoseconds after the shift edge; negative for early.
    pub output_offset: i64,
    /// What is sent while only reading on one lane.
    pub fill: Fill,
    /// What goes wrong on purpose.
    pub faults: Vec<Fault>,
}

impl ControllerOptions {
    /// A controller of `hertz` with half a period of CS set-up and hold and a period of CS inactive time.
    pub fn new(bus: Options, hertz: u64) -> ControllerOptions {
        let period = Span::period_of(hertz).unwrap_or(Span::ZERO);
        let half = period.scale(1, 2);
        ControllerOptions {
            bus,
            clock: ClockSpec::ideal(hertz),
            first_half: None,
            cs_setup: half,
            cs_hold: half,
            cs_inactive: period,
            word_gap: Span::ZERO,
            output_offset: 0,
            fill: Fill::Low,
            faults: Vec::new(),
        }
    }
}

/// What MOSI carries while there is nothing to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fill {
    /// Zeros.
    #[default]
    Low,
    /// Ones.
    High,
}

/// Something that goes wrong on purpose, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which transfer, counted from 0 by chip selects becoming active.
    pub transfer: u32,
    /// At which clock of the transfer, counted from 0.
    pub bit: u32,
    /// What.
    pub kind: FaultKind,
}

/// What can go wrong at the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A pulse of this width on SCK, a quarter period after the clock's second edge.
    ClockGlitch {
        /// The width.
        width: Span,
    },
    /// The clock is not sent, though the controller believes so.
    MissingClock,
    /// A clock too many follows, of which the controller knows nothing.
    ExtraClock,
    /// CS becomes inactive after the clock, and the controller goes on.
    DropSelect,
}

/// One thing for a controller to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Make a chip select active.
    Select(u8),
    /// Make it inactive.
    Deselect,
    /// Send a word. On one lane of a 4-wire bus, what comes in meanwhile is the word's result.
    Write(Bits, Lanes),
    /// Receive a word of that many bits.
    Read(u32, Lanes),
    /// Clocks that carry nothing.
    Dummy(u32, Lanes),
    /// Wait.
    Delay(Span),
    /// Clocks outside of any word: MOSI stays as it is.
    Clocks(u32),
}

/// The number of a submitted list of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// What became of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Which.
    pub ticket: Ticket,
    /// What came in during each [`Op::Write`] and [`Op::Read`], in order; a write on several lanes or on the one
    /// line of a 3-wire bus has a word without bits.
    pub words: Vec<Bits>,
    /// When the last operation was done.
    pub at: Time,
}

/// Why a controller cannot do what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpError {
    /// A word without bits, or a number of bits that the lanes do not divide.
    #[error("a word of {bits} bits does not travel on {lanes} lanes; use a multiple of {lanes}")]
    Bits {
        /// The bits.
        bits: u32,
        /// The lanes.
        lanes: u8,
    },
    /// Not 1, 2 or 4.
    #[error("{0} lanes; there are 1, 2 or 4")]
    Lanes(u8),
    /// No such line.
    #[error("chip select {0}; there are 0 to 7")]
    Select(u8),
    /// Double rate needs the clock to idle at the end of a bit.
    #[error("double rate needs mode 0 or 2 and an even number of transfers per word, not {0} on each lane")]
    DoubleRate(u32),
}

/// An SPI controller: an agent on the pins of [`pin`].
pub struct Controller {
    options: ControllerOptions,
    clock: Clock,
    shifts_first: bool,
    samples_on_rise: bool,
    sample_delay: u8,
    /// The pin that words on one lane come in on.
    input: SignalId,
    /// Faults or frame pulses: edges need a closer look.
    unusual: bool,
    todo: VecDeque<Task>,
    next_ticket: u64,
    done: Vec<Completion>,
    phase: Phase,
    /// No clock edge before this.
    edge_after: Time,
    /// No deselect before this.
    hold_until: Time,
    /// No select before this.
    inactive_until: Time,
    selected: Option<u8>,
    /// The number of selects so far.
    transfers: u32,
    /// Clocks since the last select.
    clocks: u32,
    burst: Burst,
    capture: Capture,
    /// What is driven on the lanes, as far as it was commanded.
    driven: Driven,
    shape: Shape,
}

/// Which lanes carry data, and whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// The controller drives that many.
    Drives(u8),
    /// It leaves that many to the peripheral.
    Releases(u8),
}

/// A step of the work of a ticket.
#[derive(Clone, Debug)]
enum Task {
    Select(u8),
    Deselect,
    Delay(Span),
    Until(Time),
    Chunk(Chunk),
    Complete(Ticket),
}

/// At most 64 bits of a word.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    /// The first bit to travel is the most significant.
    out: u64,
    /// Bits left to clock.
    bits: u32,
    lanes: u8,
    rate: Rate,
    way: Way,
    outcome: Outcome,
    /// A word begins here: a gap may precede it.
    begins: bool,
}

impl Chunk {
    const NONE: Chunk = Chunk {
        out: 0,
        bits: 0,
        lanes: 1,
        rate: Rate::Single,
        way: Way::Idle,
        outcome: Outcome::Nothing,
        begins: false,
    };
}

/// Who drives the lanes of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Out,
    In,
    Idle,
}

/// What the bits that come in during a chunk are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Outcome {
    /// Nothing comes in.
    #[default]
    Nothing,
    /// Bits of a word that goes on.
    Part,
    /// The last bits of a word.
    Word,
    /// Nothing comes in, and a word ends.
    Silence,
}

impl Outcome {
    const fn hears(self) -> bool {
        matches!(self, Outcome::Part | Outcome::Word)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The next task may begin.
    Ready,
    /// SCK runs.
    Clocking,
    /// SCK rests until late samples have been taken.
    Tail,
}

/// The clocking of a run of words without gaps.
#[derive(Clone, Copy, Debug)]
struct Burst {
    chunk: Chunk,
    /// SCK as driven.
    high: bool,
    /// The next edge is the second of its clock.
    second: bool,
    /// A double-rate chunk was loaded at a first edge: it begins at the second.
    waits: bool,
    /// Edges that precede the first bit: the frame pulse of the TI format.
    lead_in: u8,
    /// Edges of an extra clock that are still to come.
    extra: u8,
    /// The present clock is swallowed.
    mute: bool,
    /// Bit `i`: a sample is due in `i + 1` half periods.
    samples: u32,
    /// SCK runs for a chunk that sends and hears a bit at each clock, and nothing about it is unusual.
    plain: bool,
}

/// The bits that come in, which with late sampling lag behind those that go out.
#[derive(Clone, Debug, Default)]
struct Capture {
    queue: VecDeque<Expected>,
    now: Expected,
    bits: u64,
    unknown: u64,
    count: u32,
    /// Earlier chunks of a word longer than 64 bits.
    long: BitVec<u64, Lsb0>,
    long_unknown: BitVec<u64, Lsb0>,
    results: Vec<Bits>,
    order: BitOrder,
}

#[derive(Clone, Copy, Debug, Default)]
struct Expected {
    bits: u32,
    lanes: u8,
    outcome: Outcome,
}

impl Controller {
    /// A controller as `options` say.
    pub fn new(options: ControllerOptions) -> Result<Controller, ClockError> {
        let clock = Clock::new(&options.clock)?.with_first_half(options.first_half);
        let burst = Burst {
            chunk: Chunk::NONE,
            high: options.bus.idles_high(),
            second: false,
            waits: false,
            lead_in: 0,
            extra: 0,
            mute: false,
            samples: 0,
            plain: false,
        };
        Ok(Controller {
            clock,
            shifts_first: options.bus.shifts_first(),
            samples_on_rise: options.bus.mode().samples_on_rise(),
            sample_delay: options.bus.sample_delay,
            input: if options.bus.wires == Wires::Three { pin::MOSI } else { pin::MISO },
            unusual: !options.faults.is_empty() || options.bus.format == Format::Ti,
            todo: VecDeque::new(),
            next_ticket: 0,
            done: Vec::new(),
            phase: Phase::Ready,
            edge_after: Time::ZERO,
            hold_until: Time::ZERO,
            // So that whoever watches sees CS inactive before it becomes active.
            inactive_until: Time::ZERO.saturating_add(options.cs_inactive),
            selected: None,
            transfers: 0,
            clocks: 0,
            burst,
            capture: Capture { order: options.bus.bit_order, ..Capture::default() },
            driven: Driven::default(),
            shape: Shape::Releases(4),
            options,
        })
    }

    /// Adds work behind all earlier work. When it is done, the bench stops.
    pub fn submit(&mut self, ops: &[Op]) -> Result<Ticket, OpError> {
        ops.iter().try_for_each(|op| self.check(op))?;
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        for op in ops {
            self.enqueue(op);
        }
        self.todo.push_back(Task::Complete(ticket));
        Ok(ticket)
    }

    /// Takes the result of a ticket, once it is complete.
    pub fn take(&mut self, ticket: Ticket) -> Option<Completion> {
        let i = self.done.iter().position(|c| c.ticket == ticket)?;
        Some(self.done.swap_remove(i))
    }

    /// True if no work is left.
    pub fn is_idle(&self) -> bool {
        self.todo.is_empty() && self.phase == Phase::Ready
    }

    fn check(&self, op: &Op) -> Result<(), OpError> {
        let (bits, lanes) = match op {
            Op::Select(cs) if *cs >= pin::CS_LINES => return Err(OpError::Select(*cs)),
            Op::Write(bits, lanes) => (bits.len() as u32, *lanes),
            Op::Read(bits, lanes) => (*bits, *lanes),
            _ => return Ok(()),
        };
        if !matches!(lanes.count, 1 | 2 | 4) {
            return Err(OpError::Lanes(lanes.count));
        }
        if bits == 0 || !bits.is_multiple_of(lanes.count as u32) {
            return Err(OpError::Bits { bits, lanes: lanes.count });
        }
        let each = bits / lanes.count as u32;
        if lanes.rate == Rate::Double && (self.shifts_first || !each.is_multiple_of(2)) {
            return Err(OpError::DoubleRate(each));
        }
        Ok(())
    }

    fn enqueue(&mut self, op: &Op) {
        match op {
            Op::Select(cs) => self.todo.push_back(Task::Select(*cs)),
            Op::Deselect => self.todo.push_back(Task::Deselect),
            Op::Delay(span) => self.todo.push_back(Task::Delay(*span)),
            Op::Write(bits, lanes) => {
                let wire: Vec<bool> =
                    bits.wire(self.options.bus.bit_order).map(|b| b == Some(true)).collect();
                let hears = lanes.count == 1 && self.options.bus.wires == Wires::Four;
                let outcome = if hears { Outcome::Word } else { Outcome::Silence };
                self.cut(bits.len() as u32, *lanes, Way::Out, outcome, |i| wire[i as usize]);
            }
            Op::Read(bits, lanes) => {
                let high = self.options.fill == Fill::High;
                self.cut(*bits, *lanes, Way::In, Outcome::Word, |_| high);
            }
            Op::Dummy(clocks, lanes) => self.idle(*clocks, lanes.count),
            Op::Clocks(clocks) => self.idle(*clocks, 1),
        }
    }

    fn idle(&mut self, clocks: u32, lanes: u8) {
        let lanes = Lanes { count: lanes, rate: Rate::Single };
        self.cut(clocks * lanes.count as u32, lanes, Way::Idle, Outcome::Nothing, |_| false);
    }

    /// Cuts a word into chunks of at most 64 bits.
    fn cut(&mut self, bits: u32, lanes: Lanes, way: Way, outcome: Outcome, bit: impl Fn(u32) -> bool) {
        let mut at = 0;
        while at < bits {
            let n = (bits - at).min(64);
            let out = (0..n).fold(0, |out, i| out | (bit(at + i) as u64) << (63 - i));
            let outcome = match outcome {
                Outcome::Word if at + n < bits => Outcome::Part,
                Outcome::Silence if at + n < bits => Outcome::Nothing,
                outcome => outcome,
            };
            let (lanes, rate, begins) = (lanes.count, lanes.rate, at == 0);
            self.todo.push_back(Task::Chunk(Chunk { out, bits: n, lanes, rate, way, outcome, begins }));
            at += n;
        }
    }

    /// Works off tasks until one has to wait.
    #[inline(never)]
    fn ready(&mut self, cx: &mut Cx<'_>) {
        while let Some(task) = self.todo.front() {
            let now = cx.now();
            let wait = match task {
                Task::Select(_) => self.inactive_until,
                Task::Deselect => self.hold_until,
                Task::Until(t) => *t,
                _ => now,
            };
            if wait > now {
                return cx.set_alarm(wait);
            }
            match self.todo.pop_front() {
                Some(Task::Select(cs)) => self.select(cs, cx),
                Some(Task::Deselect) => self.deselect(cx),
                Some(Task::Delay(span)) => self.todo.push_front(Task::Until(now.saturating_add(span))),
                Some(Task::Complete(ticket)) => self.complete(ticket, cx),
                Some(Task::Chunk(chunk)) => return self.begin_burst(chunk, cx),
                Some(Task::Until(_)) | None => {}
            }
        }
    }

    fn select(&mut self, cs: u8, cx: &mut Cx<'_>) {
        self.selected = Some(cs);
        self.transfers += 1;
        self.clocks = 0;
        self.edge_after = cx.now().saturating_add(self.options.cs_setup);
        self.drive_select(cs, true, cx);
    }

    fn deselect(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        if let Some(cs) = self.selected.take() {
            self.drive_select(cs, false, cx);
        }
        // Lanes left to the peripheral stay so: it takes a while to let go of them.
        if matches!(self.shape, Shape::Drives(_)) {
            self.drive_lanes(0, 0, Span::ZERO, cx);
        }
        self.inactive_until = now.saturating_add(self.options.cs_inactive);
        self.edge_after = now;
    }

    /// In the TI format the line carries frame pulses instead.
    fn drive_select(&self, cs: u8, active: bool, cx: &mut Cx<'_>) {
        if self.options.bus.format != Format::Ti {
            let high = active == (self.options.bus.cs_active() == Active::High);
            cx.drive(pin::cs(cs), Drive::Strong(high));
        }
    }

    fn complete(&mut self, ticket: Ticket, cx: &mut Cx<'_>) {
        let words = std::mem::take(&mut self.capture.results);
        self.done.push(Completion { ticket, words, at: cx.now() });
        cx.stop();
    }

    fn begin_burst(&mut self, chunk: Chunk, cx: &mut Cx<'_>) {
        self.load(chunk);
        self.phase = Phase::Clocking;
        self.burst.second = false;
        self.burst.waits = false;
        self.burst.lead_in = if self.options.bus.format == Format::Ti { 2 } else { 0 };
        let first_edge = self.edge_after.max(cx.now().saturating_add(self.data_setup()));
        self.clock.restart(first_edge);
        if !self.shifts_first {
            self.shift(Span::ZERO, cx);
        } else if self.options.output_offset < 0 {
            self.shift_before(first_edge, cx);
        }
        self.await_edge(cx);
    }

    /// From driving the first bit of a burst to its first edge, at least: nothing if that edge is to drive it.
    fn data_setup(&self) -> Span {
        if self.shifts_first || self.burst.chunk.way == Way::Idle {
            return Span::ZERO;
        }
        self.clock.half_period().min(self.options.cs_setup)
    }

    /// With a negative offset the first bit, too, precedes the edge that would shift it: the first one, or that after the
    /// frame pulse.
    fn shift_before(&mut self, first_edge: Time, cx: &mut Cx<'_>) {
        let early = Span::from_fs(self.options.output_offset.unsigned_abs());
        let lead_in = self.clock.half_period().scale(self.burst.lead_in as u64, 1);
        let wait = first_edge.since(cx.now()).saturating_add(lead_in);
        self.shift(wait.saturating_sub(early), cx);
    }

    fn load(&mut self, chunk: Chunk) {
        self.burst.chunk = chunk;
        self.burst.plain = self.is_plain(&chunk);
        let bits = if chunk.outcome.hears() { chunk.bits } else { 0 };
        self.capture.expect(Expected { bits, lanes: chunk.lanes, outcome: chunk.outcome });
    }

    /// One lane each way, single rate, all edges as they should be, samples and shifts at the edges themselves.
    fn is_plain(&self, chunk: &Chunk) -> bool {
        let duplex = chunk.lanes == 1
            && self.options.bus.wires == Wires::Four
            && chunk.way != Way::Idle
            && chunk.outcome.hears();
        let punctual = self.sample_delay == 0 && self.options.output_offset == 0;
        duplex && punctual && chunk.rate == Rate::Single && !self.unusual
    }

    /// Leaves a plain chunk to the bench.
    fn hand_over(&mut self, cx: &mut Cx<'_>) {
        let Burst { chunk, high, .. } = self.burst;
        let word = Shift {
            out: chunk.out,
            left: chunk.bits,
            bits: self.capture.bits,
            unknown: self.capture.unknown,
            shown: None,
            is_high: high,
            samples_on: self.samples_on_rise,
        };
        let pins = ShiftPins { clock: pin::SCK, input: pin::MISO, output: pin::MOSI };
        self.burst.plain = cx.load(word, pins, Some(self.clock.clone()));
    }

    /// Takes back the clock and the lines that it left to the bench. Returns the word.
    fn take_back(&mut self, cx: &mut Cx<'_>) -> Option<Shift> {
        let (word, clock) = cx.unload()?;
        if let Some(clock) = clock {
            self.clock = clock;
        }
        if let Some(bit) = word.shown {
            self.driven.note(0, Drive::Strong(bit));
        }
        self.burst.high = word.is_high;
        self.burst.second = (word.is_high == self.samples_on_rise) != self.shifts_first;
        Some(word)
    }

    /// Takes back a word that is on its way.
    fn take_back_word(&mut self, cx: &mut Cx<'_>) {
        if let Some(word) = self.take_back(cx) {
            (self.burst.chunk.bits, self.burst.chunk.out) = (word.left, word.out);
            (self.capture.bits, self.capture.unknown) = (word.bits, word.unknown);
            self.capture.count = self.capture.now.bits - word.left;
        }
    }

    /// The last bit of a plain chunk has come in: goes on with the next, if that is another.
    #[inline(always)]
    fn next_plain(&mut self, cx: &mut Cx<'_>) -> bool {
        let Some(word) = cx.complete_word() else { return false };
        self.capture.count = self.capture.now.bits;
        (self.capture.bits, self.capture.unknown) = (word.bits, word.unknown);
        self.capture.finish_chunk();
        self.burst.chunk.bits = 0;
        self.follow_up(self.shifts_first);
        let goes_on = self.burst.plain && self.burst.chunk.bits > 0;
        if goes_on {
            word.reload(self.burst.chunk.out, self.burst.chunk.bits);
        } else {
            self.leave_plain(cx);
        }
        true
    }

    #[inline(never)]
    fn leave_plain(&mut self, cx: &mut Cx<'_>) {
        self.take_back(cx);
        self.go_on(self.shifts_first, cx);
    }

    /// One edge of SCK.
    fn tick(&mut self, cx: &mut Cx<'_>) {
        if self.unusual {
            return self.tick_unusual(cx);
        }
        self.toggle(cx);
        let second = self.next_half();
        self.half(second, cx);
    }

    /// One edge of SCK, with faults and frame pulses.
    #[inline(never)]
    fn tick_unusual(&mut self, cx: &mut Cx<'_>) {
        if self.burst.extra > 0 {
            self.burst.extra -= 1;
            self.toggle(cx);
            return self.await_edge(cx);
        }
        let faults = self.faults_due();
        if !self.burst.mute {
            self.toggle(cx);
        }
        self.fault(&faults, cx);
        let second = self.next_half();
        if self.burst.lead_in == 0 {
            if self.burst.chunk.bits > 0 && second != self.shifts_first {
                self.announce(cx);
            }
            return self.half(second, cx);
        }
        self.burst.lead_in -= 1;
        if !second {
            self.frame(true, cx);
        }
        self.await_edge(cx);
    }

    /// Counts an edge; true if it is the second of its clock.
    #[inline(always)]
    fn next_half(&mut self) -> bool {
        let second = self.burst.second;
        self.burst.second = !second;
        self.clocks += second as u32;
        second
    }

    /// What an edge brings besides itself.
    #[inline(always)]
    fn half(&mut self, second: bool, cx: &mut Cx<'_>) {
        if self.burst.samples != 0 {
            self.late_sample(cx);
        }
        self.bit(second, cx);
        self.go_on(second, cx);
    }

    /// To the next edge, or to the end.
    #[inline(always)]
    fn go_on(&mut self, second: bool, cx: &mut Cx<'_>) {
        if second && self.burst.chunk.bits == 0 {
            self.end_burst(cx);
        } else {
            self.await_edge(cx);
        }
    }

    #[inline(always)]
    fn await_edge(&mut self, cx: &mut Cx<'_>) {
        let edge = self.clock.edge(cx.rng());
        cx.set_alarm(edge);
    }

    #[inline(always)]
    fn toggle(&mut self, cx: &mut Cx<'_>) {
        self.burst.high = !self.burst.high;
        cx.drive(pin::SCK, Drive::Strong(self.burst.high));
    }

    /// Samples and shifts, as the edge demands.
    #[inline(always)]
    fn bit(&mut self, second: bool, cx: &mut Cx<'_>) {
        if self.burst.chunk.rate == Rate::Double {
            return self.bit_double(second, cx);
        }
        if second == self.shifts_first {
            self.sample(cx);
            self.advance(second);
            if self.options.output_offset < 0 {
                self.shift_early(cx);
            }
        } else if self.burst.chunk.bits > 0 && self.options.output_offset >= 0 {
            self.shift(Span::from_fs(self.options.output_offset as u64), cx);
        }
    }

    /// At double rate each edge ends one transfer and begins the next, which follows a quarter period later, since
    /// what was sampled must hold a while.
    #[inline(never)]
    fn bit_double(&mut self, second: bool, cx: &mut Cx<'_>) {
        if self.burst.waits {
            self.burst.waits = false;
        } else {
            self.sample(cx);
            self.advance(second);
        }
        if self.burst.chunk.bits > 0 {
            self.shift(self.clock.half_period().scale(1, 2), cx);
        }
    }

    /// With a negative offset the next bit follows the sampling edge and precedes the shift edge.
    #[inline(never)]
    fn shift_early(&mut self, cx: &mut Cx<'_>) {
        if self.burst.chunk.bits > 0 {
            let early = Span::from_fs(self.options.output_offset.unsigned_abs());
            self.shift(self.clock.half_period().saturating_sub(early), cx);
        }
    }

    /// TI: the frame pulse of the next word accompanies the last bit of this one.
    #[inline(never)]
    fn announce(&mut self, cx: &mut Cx<'_>) {
        if self.options.bus.format == Format::Ti {
            let last = self.burst.chunk.bits <= self.burst.chunk.lanes as u32;
            let more =
                matches!(self.todo.front(), Some(Task::Chunk(next)) if next.begins && self.is_seamless(next));
            self.frame(last && more, cx);
        }
    }

    /// TI: the frame pulse.
    fn frame(&self, high: bool, cx: &mut Cx<'_>) {
        if let Some(cs) = self.selected {
            cx.drive(pin::cs(cs), Drive::Strong(high));
        }
    }

    fn is_seamless(&self, next: &Chunk) -> bool {
        !next.begins || self.options.word_gap.is_zero()
    }

    /// Takes the samples that are due at this edge or half period.
    #[inline(never)]
    fn late_sample(&mut self, cx: &mut Cx<'_>) {
        if self.burst.samples & 1 != 0 {
            self.listen(cx);
        }
        self.burst.samples >>= 1;
    }

    #[inline(always)]
    fn sample(&mut self, cx: &mut Cx<'_>) {
        if !self.burst.chunk.outcome.hears() {
            return;
        }
        match self.sample_delay {
            0 => self.listen(cx),
            delay => self.burst.samples |= 1 << (delay - 1),
        }
    }

    /// Takes one bit of each lane.
    #[inline(always)]
    fn listen(&mut self, cx: &mut Cx<'_>) {
        let lanes = self.capture.now.lanes;
        if lanes == 1 {
            self.capture.take(cx.sampled(self.input));
        } else {
            (0..lanes).rev().for_each(|i| self.capture.take(cx.sampled(pin::lane(i))));
        }
    }

    /// The bits of this edge are done.
    #[inline(always)]
    fn advance(&mut self, second: bool) {
        let chunk = &mut self.burst.chunk;
        chunk.bits -= (chunk.lanes as u32).min(chunk.bits);
        if chunk.bits == 0 {
            self.follow_up(second);
        }
    }

    /// The next chunk, if it follows without a gap.
    #[inline(never)]
    fn follow_up(&mut self, second: bool) {
        if let Some(&Task::Chunk(next)) = self.todo.front()
            && self.is_seamless(&next)
        {
            self.todo.pop_front();
            self.load(next);
            self.burst.waits = next.rate == Rate::Double && !second;
        }
    }

    /// Puts the next bits on the lanes.
    #[inline(always)]
    fn shift(&mut self, delay: Span, cx: &mut Cx<'_>) {
        let four = self.options.bus.wires == Wires::Four;
        let Chunk { way, lanes, out, .. } = self.burst.chunk;
        match (way, lanes) {
            (Way::Out, 1) => self.drive_lanes(1, out >> 63, delay, cx),
            (Way::In, 1) if four => self.drive_lanes(1, out >> 63, delay, cx),
            (Way::Idle, 1) if four => {}
            (Way::Out, n) => self.drive_lanes(n, out >> (64 - n), delay, cx),
            (Way::In | Way::Idle, _) => self.release_lanes(delay, cx),
        }
        self.burst.chunk.out <<= lanes;
    }

    /// Drives the low `count` lanes with `bits`. Unless all four carry data, lanes 2 and 3 are held high, as flashes
    /// want their write-protect and hold pins; what else is not driven is released.
    #[inline(always)]
    fn drive_lanes(&mut self, count: u8, bits: u64, delay: Span, cx: &mut Cx<'_>) {
        for i in 0..count {
            self.driven.drive(i, Drive::Strong(bits >> i & 1 != 0), delay, cx);
        }
        if self.shape != Shape::Drives(count) {
            self.shape = Shape::Drives(count);
            self.rest_lanes(count, delay, cx);
        }
    }

    /// Lets go of the lanes that data come in on.
    #[inline(never)]
    fn release_lanes(&mut self, delay: Span, cx: &mut Cx<'_>) {
        let lanes = self.burst.chunk.lanes;
        if self.shape != Shape::Releases(lanes) {
            self.shape = Shape::Releases(lanes);
            (0..lanes).for_each(|i| self.driven.drive(i, Drive::Released, delay, cx));
            self.rest_lanes(lanes, delay, cx);
        }
    }

    /// The lanes from `first` on carry no data.
    #[inline(never)]
    fn rest_lanes(&mut self, first: u8, delay: Span, cx: &mut Cx<'_>) {
        for i in first..4 {
            let drive = if i < 2 { Drive::Released } else { Drive::Strong(true) };
            self.driven.drive(i, drive, delay, cx);
        }
    }

    #[inline(never)]
    fn end_burst(&mut self, cx: &mut Cx<'_>) {
        self.burst.plain = false;
        let now = cx.now();
        if self.options.bus.format == Format::Ti {
            self.frame(false, cx);
        }
        self.edge_after = now.saturating_add(self.clock.half_period()).saturating_add(self.options.word_gap);
        self.hold_until = now.saturating_add(self.options.cs_hold);
        self.burst.mute = false;
        if self.burst.samples == 0 {
            self.phase = Phase::Ready;
            self.ready(cx);
        } else {
            self.phase = Phase::Tail;
            self.await_edge(cx);
        }
    }

    /// Half a period without an edge, for the sake of late samples.
    #[inline(never)]
    fn tail(&mut self, cx: &mut Cx<'_>) {
        self.late_sample(cx);
        if self.burst.samples == 0 {
            self.phase = Phase::Ready;
            self.ready(cx);
        } else {
            self.await_edge(cx);
        }
    }

    /// What goes wrong at this edge on purpose.
    fn faults_due(&mut self) -> Vec<FaultKind> {
        let here = (self.transfers.wrapping_sub(1), self.clocks);
        let due: Vec<FaultKind> =
            self.options.faults.iter().filter(|f| (f.transfer, f.bit) == here).map(|f| f.kind).collect();
        if !self.burst.second {
            self.burst.mute = due.contains(&FaultKind::MissingClock);
        }
        due
    }

    /// The faults that follow a clock.
    fn fault(&mut self, due: &[FaultKind], cx: &mut Cx<'_>) {
        for kind in due.iter().filter(|_| self.burst.second) {
            match *kind {
                FaultKind::MissingClock => {}
                FaultKind::ExtraClock => self.burst.extra = 2,
                FaultKind::DropSelect => {
                    if let Some(cs) = self.selected {
                        self.drive_select(cs, false, cx);
                    }
                }
                FaultKind::ClockGlitch { width } => self.glitch(width, cx),
            }
        }
    }

    /// A pulse a quarter period after the edge that SCK has just made.
    fn glitch(&self, width: Span, cx: &mut Cx<'_>) {
        let quarter = self.clock.half_period().scale(1, 2);
        cx.drive_after(pin::SCK, quarter, Drive::Strong(!self.burst.high));
        cx.drive_after(pin::SCK, quarter.saturating_add(width), Drive::Strong(self.burst.high));
    }

    /// Lines as they are before the first transfer.
    #[inline(never)]
    fn rest(&mut self, cx: &mut Cx<'_>) {
        cx.drive(pin::SCK, Drive::Strong(self.burst.high));
        let inactive = self.options.bus.cs_active() == Active::Low && self.options.bus.format != Format::Ti;
        for cs in 0..pin::CS_LINES {
            cx.drive(pin::cs(cs), Drive::Strong(inactive));
        }
        self.drive_lanes(0, 0, Span::ZERO, cx);
    }
}

impl Agent for Controller {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if !self.next_plain(cx) {
            self.wake_with_care(cx);
        }
    }

    fn watches(&self) -> u64 {
        0
    }
}

impl Controller {
    #[inline(never)]
    fn wake_with_care(&mut self, cx: &mut Cx<'_>) {
        self.take_back_word(cx);
        match self.phase {
            Phase::Clocking if cx.is_due() => self.tick(cx),
            Phase::Tail if cx.is_due() => self.tail(cx),
            Phase::Ready => {
                if cx.is_start() {
                    self.rest(cx);
                }
                self.ready(cx);
            }
            _ => {}
        }
        if self.burst.plain && self.burst.chunk.bits > 0 && self.shape == Shape::Drives(1) {
            self.hand_over(cx);
        }
    }
}

impl Capture {
    /// Bits will come in, after those expected already.
    fn expect(&mut self, expected: Expected) {
        if self.now.bits == 0 && self.queue.is_empty() {
            self.now = expected;
            self.skip_silence();
        } else {
            self.queue.push_back(expected);
        }
    }

    /// What expects no bits is complete as soon as its turn comes.
    fn skip_silence(&mut self) {
        while self.now.bits == 0 {
            if self.now.outcome == Outcome::Silence {
                self.results.push(Bits::new(0, 0));
            }
            self.now.outcome = Outcome::Nothing;
            match self.queue.pop_front() {
                Some(next) => self.now = next,
                None => return,
            }
        }
    }

    /// One bit came in.
    #[inline(always)]
    fn take(&mut self, level: Level) {
        self.push(level);
        self.count += 1;
        if self.count >= self.now.bits {
            self.finish_chunk();
        }
    }

    #[inline(always)]
    fn push(&mut self, level: Level) {
        let level = level as u64;
        self.bits = self.bits << 1 | level & 1;
        self.unknown = self.unknown << 1 | level >> 1;
    }

    #[inline(never)]
    fn finish_chunk(&mut self) {
        let order = self.order;
        if self.now.outcome == Outcome::Word && self.long.is_empty() {
            let flip = |bits: u64| {
                if order == BitOrder::Msb { bits } else { bits.reverse_bits() >> (64 - self.count) }
            };
            self.results.push(Bits::with_unknown(flip(self.bits), flip(self.unknown), self.count));
        } else {
            let (bits, unknown, n) = (self.bits, self.unknown, self.count);
            self.long.extend((0..n).rev().map(|i| bits >> i & 1 != 0));
            self.long_unknown.extend((0..n).rev().map(|i| unknown >> i & 1 != 0));
            if self.now.outcome == Outcome::Word {
                self.results.push(Bits::from_wire_with_unknown(&self.long, &self.long_unknown, order));
                self.long.clear();
                self.long_unknown.clear();
            }
        }
        (self.bits, self.unknown, self.count) = (0, 0, 0);
        self.now = self.queue.pop_front().unwrap_or_default();
        self.skip_silence();
    }
}
