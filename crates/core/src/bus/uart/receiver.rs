//! The receiver: frames in, by its own clock.
//!
//! ```text
//! RX     ‾‾‾‾\_______________X‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾X__________   the ticks of its clock run on, whatever RX does
//! ticks  | | | | | | | | | | | | | | | | | | | | | | | |   the first behind the fall of RX is sample 1 of the start bit
//!              1 2 3 ...     ^ ^ ^           ^ ^ ^        three in the middle of each bit vote
//! ```

use std::collections::VecDeque;

use super::baud::BitTime;
use super::{BaudClock, BaudError, Divider, Options, Oversampling, Sampling, Votes, pin};
use crate::bits::BitOrder;
use crate::bus::{Diagnostic, Severity};
use crate::level::{Drive, Level};
use crate::sim::{Agent, Cx, Jitter};
use crate::time::{Span, Time};

/// How a receiver listens.
#[derive(Clone, Debug)]
pub struct ReceiverOptions {
    /// What both ends agree on; the line is RX. [`Options::sampling`] says how it samples.
    pub bus: Options,
    /// Its clock and divider.
    pub clock: BaudClock,
    /// Where frames wait to be read.
    pub fifo: Fifo,
    /// How it says that it cannot take more.
    pub flow: FlowControl,
    /// How it finds the rate.
    pub auto_baud: AutoBaud,
}

impl ReceiverOptions {
    /// A receiver of exactly the nominal rate whose frames are read at once.
    pub fn new(bus: Options) -> ReceiverOptions {
        ReceiverOptions {
            bus,
            clock: BaudClock::IDEAL,
            fifo: Fifo { depth: 1, read: ReadOut::AtOnce },
            flow: FlowControl::None,
            auto_baud: AutoBaud::Off,
        }
    }
}

/// Where frames wait to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fifo {
    /// How many it holds. One more is lost: an overrun.
    pub depth: usize,
    /// How they are read.
    pub read: ReadOut,
}

/// How frames are read out of the FIFO.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadOut {
    /// Each as soon as it is there.
    #[default]
    AtOnce,
    /// One after each such time, as long as there are any.
    Every(Span),
    /// Not at all.
    Never,
}

/// How a receiver says that it cannot take more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlowControl {
    /// Not at all.
    #[default]
    None,
    /// By RTS, which goes High when the FIFO holds `stop_at` frames and Low when it holds `go_at`.
    Rts {
        /// So many frames are too many.
        stop_at: usize,
        /// So few are few enough.
        go_at: usize,
        /// How long that takes.
        latency: Span,
    },
    /// By XOFF (13h) and XON (11h), sent by the transmitter of the same [`Port`](super::Port).
    XonXoff {
        /// So many frames are too many.
        stop_at: usize,
        /// So few are few enough.
        go_at: usize,
    },
}

/// How a receiver finds the rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AutoBaud {
    /// It does not.
    #[default]
    Off,
    /// From the first byte, which must be 55h: eight bits lie between its first and its fifth falling edge.
    First,
    /// From the sync byte 55h behind each break of at least this many of its bits: LIN, where 11 are usual.
    Break {
        /// The bits.
        bits: u8,
    },
}

/// What a receiver heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A frame, read out of the FIFO.
    Frame(Received),
    /// The line was Low for a frame or longer.
    Break {
        /// When it fell.
        start: Time,
        /// When it rose.
        end: Time,
    },
    /// The line has been idle for the length of a frame.
    Idle {
        /// When that was noticed.
        at: Time,
    },
    /// A frame was lost, since the FIFO was full.
    Overrun {
        /// When its stop bit was sampled.
        at: Time,
    },
    /// The rate was taken over from a sync byte.
    Synchronised {
        /// When.
        at: Time,
        /// The length of its bits from now on.
        bit: Span,
    },
}

/// A frame as it was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// When RX fell.
    pub start: Time,
    /// When the last sample of its stop bit was taken.
    pub at: Time,
    /// The data bits.
    pub data: u16,
    /// The parity bit does not fit the data.
    pub parity_error: bool,
    /// The stop bit was sampled Low.
    pub framing_error: bool,
    /// The samples of some bit did not agree.
    pub noise: bool,
}

/// A UART receiver: an agent on the pins RX and RTS of [`pin`].
pub struct Receiver {
    options: ReceiverOptions,
    bit: BitTime,
    sampler: Sampler,
    state: State,
    /// The level of the line; as an idle one, High.
    high: bool,
    /// When it last fell.
    fell: Time,
    shift: Shift,
    /// When the next sample is taken, or a wait is given up.
    sample_due: Time,
    idle_due: Time,
    read_due: Time,
    fifo: VecDeque<Received>,
    heard: Vec<Heard>,
    /// Frames read out so far, and how many are awaited.
    frames: u64,
    awaited: Option<u64>,
    /// The other end was told to stop.
    stopped: bool,
    remarks: Vec<Diagnostic>,
    /// XOFF or XON is to be sent: stop or go.
    request: Option<bool>,
    /// XOFF or XON was heard.
    peer_stops: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// Sampling a frame that began at that time.
    Frame(Time),
    /// Low since then, after a bad stop bit; if all bits were Low, the frame is not yet reported.
    Low(Time, bool),
    /// Waiting for a sync byte, behind a break or at the beginning.
    AwaitSync,
    /// So many falling edges of it have come since the first, at that time.
    Sync(Time, u8),
}

/// The bits of a frame as they come in.
#[derive(Clone, Copy, Debug, Default)]
struct Shift {
    /// Levels in order of travel, the start bit in bit 0.
    bits: u16,
    count: u32,
    /// Samples of the present bit: how many, and how many High.
    votes: u32,
    ones: u32,
    noise: bool,
}

/// Where the samples of a frame lie on the ticks of the clock.
#[derive(Clone, Copy, Debug)]
struct Sampler {
    sampling: Sampling,
    /// The first tick at all, or the fall of the start bit for an ideal receiver.
    phase: Span,
    /// The tick of sample 1.
    first: u64,
    jitter: Jitter,
}

impl Sampler {
    /// How many samples decide.
    fn votes(&self) -> u32 {
        match (self.sampling.oversampling, self.sampling.votes) {
            (Oversampling::Ideal, _) | (_, Votes::One) => 1,
            (_, Votes::Three) => 3,
        }
    }

    /// The line fell.
    fn begin(&mut self, fell: Time, bit: BitTime) {
        if self.sampling.oversampling == Oversampling::Ideal {
            (self.phase, self.first) = (fell.since(Time::ZERO), 1);
        } else {
            self.first = bit.tick_after(fell, self.sampling.ticks(), self.phase);
        }
    }

    /// When vote `vote` of bit `n` is taken, jitter left out.
    fn place(&self, n: u32, vote: u32, bit: BitTime) -> Time {
        let ticks = self.sampling.ticks();
        // Sample 1 is at offset 0: of 16, samples 8, 9 and 10 are at offsets 7, 8 and 9.
        let offset = match self.sampling.oversampling {
            Oversampling::Ideal => 0,
            _ => ticks / 2 + vote as u64 - (self.votes() > 1) as u64,
        };
        bit.tick(self.first + n as u64 * ticks + offset, ticks, self.phase)
    }
}

impl Receiver {
    /// A receiver as `options` say.
    pub fn new(options: ReceiverOptions) -> Result<Receiver, BaudError> {
        let bit = BitTime::new(&options.clock, options.bus.baud)?;
        let clock = options.clock.clock;
        let state = if options.auto_baud == AutoBaud::First { State::AwaitSync } else { State::Idle };
        let sampling = options.bus.sampling;
        Ok(Receiver {
            bit,
            sampler: Sampler { sampling, phase: clock.phase, first: 0, jitter: clock.jitter },
            state,
            high: true,
            fell: Time::ZERO,
            shift: Shift::default(),
            sample_due: Time::MAX,
            idle_due: Time::MAX,
            read_due: Time::MAX,
            fifo: VecDeque::new(),
            heard: Vec::new(),
            frames: 0,
            awaited: None,
            stopped: false,
            remarks: Vec::new(),
            request: None,
            peer_stops: None,
            options,
        })
    }

    /// The bench stops when that many frames have been read since the beginning.
    pub fn await_frames(&mut self, frames: u64) {
        self.awaited = Some(frames);
    }

    /// What was heard and not yet taken, in order of time.
    pub fn heard(&self) -> &[Heard] {
        &self.heard
    }

    /// Takes what was heard.
    pub fn take_heard(&mut self) -> Vec<Heard> {
        std::mem::take(&mut self.heard)
    }

    /// Takes what was wrong with frames since the last call: what a driver would find in the status register.
    pub fn take_remarks(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.remarks)
    }

    /// The data of the frames among what was heard.
    pub fn data(&self) -> Vec<u16> {
        let data = |heard: &Heard| if let Heard::Frame(frame) = heard { Some(frame.data) } else { None };
        self.heard.iter().filter_map(data).collect()
    }

    /// The length of its bits, by its own clock.
    pub fn bit(&self) -> Span {
        self.bit.span(1, 1)
    }

    /// XOFF (`true`) or XON is to be sent.
    pub(super) fn take_request(&mut self) -> Option<bool> {
        self.request.take()
    }

    /// XOFF (`true`) or XON was heard.
    pub(super) fn take_peer_stops(&mut self) -> Option<bool> {
        self.peer_stops.take()
    }

    /// When it wants to be woken.
    pub(super) fn due(&self) -> Time {
        self.sample_due.min(self.idle_due).min(self.read_due)
    }

    /// Looks at RX and does what is due. A sample sees the line as it was before this instant.
    pub(super) fn poll(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            cx.drive(pin::RTS, Drive::Strong(false));
        }
        let now = cx.now();
        if self.sample_due <= now {
            self.sample(cx);
        }
        if self.idle_due <= now {
            self.idle_due = Time::MAX;
            self.heard.push(Heard::Idle { at: now });
        }
        if self.read_due <= now {
            self.read_timed(cx);
        }
        self.look(cx);
    }

    /// A level of the line; `None` keeps what it was.
    fn understood(&self, level: Level) -> Option<bool> {
        match level {
            Level::Z => Some(true),
            level => level.bit().map(|high| high != self.options.bus.invert_rx),
        }
    }

    /// Has RX changed?
    fn look(&mut self, cx: &mut Cx<'_>) {
        let Some(high) = self.understood(cx.level(pin::RX)).filter(|&high| high != self.high) else { return };
        self.high = high;
        let now = cx.now();
        if high { self.rise(now, cx) } else { self.fall(now, cx) }
    }

    fn fall(&mut self, now: Time, cx: &mut Cx<'_>) {
        self.fell = now;
        self.idle_due = Time::MAX;
        match self.state {
            State::Idle => self.begin(now, cx),
            State::AwaitSync => {
                self.state = State::Sync(now, 0);
                if self.options.auto_baud != AutoBaud::First {
                    self.sample_due = now.saturating_add(self.bit.span(12, 1));
                }
            }
            State::Sync(first, 3) => self.synchronise(first, now),
            State::Sync(first, n) => self.state = State::Sync(first, n + 1),
            State::Frame(_) | State::Low(..) => {}
        }
    }

    fn rise(&mut self, now: Time, cx: &mut Cx<'_>) {
        let State::Low(since, zeros) = self.state else { return };
        self.state = State::Idle;
        self.idle_due = now.saturating_add(self.frame_time());
        let low = now.since(since);
        if low < self.bit.span(self.options.bus.sampled_bits() as u64, 1) {
            if zeros {
                let frame = self.frame(since, now);
                self.keep(frame, cx);
            }
            return;
        }
        self.heard.push(Heard::Break { start: since, end: now });
        if let AutoBaud::Break { bits } = self.options.auto_baud
            && low >= self.bit.span(bits as u64, 1)
        {
            self.state = State::AwaitSync;
        }
    }

    fn frame_time(&self) -> Span {
        self.bit.span(self.options.bus.frame_halves() as u64, 2)
    }

    /// A start bit, it seems.
    fn begin(&mut self, fell: Time, cx: &mut Cx<'_>) {
        self.state = State::Frame(fell);
        self.shift = Shift::default();
        self.sampler.begin(fell, self.bit);
        self.schedule(cx);
    }

    /// The next sample.
    fn schedule(&mut self, cx: &mut Cx<'_>) {
        let place = self.sampler.place(self.shift.count, self.shift.votes, self.bit);
        self.sample_due = match self.sampler.jitter {
            Jitter::None => place,
            jitter => Time::from_fs(place.as_fs().saturating_add_signed(jitter.draw(cx.rng()))),
        };
    }

    /// A sample is due, or the wait for a sync byte is over.
    fn sample(&mut self, cx: &mut Cx<'_>) {
        let State::Frame(start) = self.state else {
            self.state = if self.high { State::Idle } else { State::Low(self.fell, false) };
            self.sample_due = Time::MAX;
            return;
        };
        let high = self.understood(cx.sampled(pin::RX)).unwrap_or(self.high);
        self.shift.votes += 1;
        self.shift.ones += high as u32;
        if self.shift.votes == self.sampler.votes() {
            self.decide(start, cx);
        }
        if let State::Frame(_) = self.state {
            self.schedule(cx);
        }
    }

    /// All samples of a bit are there.
    fn decide(&mut self, start: Time, cx: &mut Cx<'_>) {
        let Shift { votes, ones, count, .. } = self.shift;
        let high = 2 * ones > votes;
        self.shift.noise |= ones != 0 && ones != votes;
        self.shift.bits |= (high as u16) << count;
        (self.shift.votes, self.shift.ones, self.shift.count) = (0, 0, count + 1);
        if count == 0 && high {
            return self.resume(cx);
        }
        if self.shift.count == self.options.bus.sampled_bits() {
            self.finish(start, high, cx);
        }
    }

    /// The stop bit was sampled.
    fn finish(&mut self, start: Time, stop: bool, cx: &mut Cx<'_>) {
        let zeros = self.shift.bits == 0;
        if !zeros || self.high {
            let frame = self.frame(start, cx.now());
            self.keep(frame, cx);
        }
        if stop || self.high {
            self.idle_due = cx.now().saturating_add(self.frame_time());
            self.resume(cx);
        } else {
            self.sample_due = Time::MAX;
            self.state = State::Low(if zeros { start } else { self.fell }, zeros);
        }
    }

    /// Waits for the next start, which may have come while the last samples were taken.
    fn resume(&mut self, cx: &mut Cx<'_>) {
        self.sample_due = Time::MAX;
        self.state = State::Idle;
        if !self.high {
            self.idle_due = Time::MAX;
            self.begin(self.fell, cx);
        }
    }

    /// The frame that was shifted in.
    fn frame(&self, start: Time, at: Time) -> Received {
        let bus = &self.options.bus;
        let n = bus.data_bits.get();
        let travelled = self.shift.bits >> 1 & bus.data_bits.mask();
        let data = match bus.bit_order {
            BitOrder::Lsb => travelled,
            BitOrder::Msb => travelled.reverse_bits() >> (16 - n),
        };
        let bit = |i: u32| self.shift.bits >> i & 1 != 0;
        Received {
            start,
            at,
            data,
            parity_error: bus.parity.bit(data).is_some_and(|parity| parity != bit(n + 1)),
            framing_error: !bit(bus.sampled_bits() - 1),
            noise: self.shift.noise,
        }
    }

    /// A frame goes into the FIFO, unless it is XON or XOFF.
    fn keep(&mut self, frame: Received, cx: &mut Cx<'_>) {
        self.remark_on(&frame);
        let controls = matches!(self.options.flow, FlowControl::XonXoff { .. });
        if controls && !frame.framing_error && matches!(frame.data, XON | XOFF) {
            self.peer_stops = Some(frame.data == XOFF);
            return;
        }
        if self.options.fifo.read == ReadOut::AtOnce {
            return self.read(frame, cx);
        }
        if self.fifo.len() >= self.options.fifo.depth {
            self.heard.push(Heard::Overrun { at: frame.at });
            let text = format!("a frame of {:02x} is lost: the FIFO is full", frame.data);
            self.remark("uart::overrun", Severity::Error, &frame, text);
            return;
        }
        self.fifo.push_back(frame);
        if let (ReadOut::Every(span), Time::MAX) = (self.options.fifo.read, self.read_due) {
            self.read_due = cx.now().saturating_add(span);
        }
        self.control(cx);
    }

    fn remark_on(&mut self, frame: &Received) {
        let data = frame.data;
        if frame.framing_error {
            let text = format!("the stop bit of {data:02x} was sampled Low");
            self.remark("uart::framing-error", Severity::Error, frame, text);
        }
        if frame.parity_error {
            let text = format!("{data:02x} came with the wrong parity bit");
            self.remark("uart::parity-error", Severity::Error, frame, text);
        }
        if frame.noise {
            let text = format!("the samples of a bit of {data:02x} did not agree");
            self.remark("uart::noise", Severity::Warning, frame, text);
        }
    }

    fn remark(&mut self, code: &'static str, severity: Severity, frame: &Received, text: String) {
        self.remarks.push(Diagnostic { code, severity, from: frame.start, to: frame.at, text });
    }

    /// The next frame is read from the FIFO.
    fn read_timed(&mut self, cx: &mut Cx<'_>) {
        self.read_due = Time::MAX;
        if let Some(frame) = self.fifo.pop_front() {
            self.read(frame, cx);
        }
        if let (ReadOut::Every(span), false) = (self.options.fifo.read, self.fifo.is_empty()) {
            self.read_due = cx.now().saturating_add(span);
        }
        self.control(cx);
    }

    fn read(&mut self, frame: Received, cx: &mut Cx<'_>) {
        self.heard.push(Heard::Frame(frame));
        self.frames += 1;
        if self.awaited == Some(self.frames) {
            cx.stop();
        }
    }

    /// Tells the other end to stop or to go on, as the FIFO fills and empties.
    fn control(&mut self, cx: &mut Cx<'_>) {
        let (stop_at, go_at) = match self.options.flow {
            FlowControl::None => return,
            FlowControl::Rts { stop_at, go_at, .. } | FlowControl::XonXoff { stop_at, go_at } => {
                (stop_at, go_at)
            }
        };
        let held = self.fifo.len();
        let stop = if self.stopped { held > go_at } else { held >= stop_at };
        if stop == self.stopped {
            return;
        }
        self.stopped = stop;
        match self.options.flow {
            FlowControl::Rts { latency, .. } => cx.drive_after(pin::RTS, latency, Drive::Strong(stop)),
            _ => self.request = Some(stop),
        }
    }

    /// The fifth falling edge of a sync byte: eight bits behind the first, counted by its own clock.
    fn synchronise(&mut self, first: Time, now: Time) {
        let eight = now.since(first).as_fs() as u128;
        self.bit = match self.options.clock.divider {
            Divider::Exact => BitTime::of_fs(eight, 8),
            divider => self.counted(eight, divider),
        };
        self.sample_due = Time::MAX;
        self.state = State::Low(now, false);
        self.heard.push(Heard::Synchronised { at: now, bit: self.bit() });
    }

    /// The bit that its divider can make closest to an eighth of `eight` femtoseconds.
    fn counted(&self, eight: u128, divider: Divider) -> BitTime {
        /// A second in femtoseconds times a billion parts.
        const SECOND_PPB: u128 = 1_000_000_000_000_000 * 1_000_000_000;
        let clock = self.options.clock.clock;
        let speed = clock.hertz as u128 * (1_000_000_000 + clock.error_ppb) as u128;
        let step = match divider {
            Divider::By16(_) => 16,
            Divider::By8(_) => 8,
            Divider::Clocks(_) | Divider::Exact => 1,
        };
        let clocks = eight * speed / SECOND_PPB;
        let steps = ((clocks + 4 * step) / (8 * step)).max(1);
        BitTime::of_fs(steps * step * SECOND_PPB, speed)
    }
}

/// DC1: go on.
pub(super) const XON: u16 = 0x11;
/// DC3: stop.
pub(super) const XOFF: u16 = 0x13;

impl Agent for Receiver {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        self.poll(cx);
        cx.set_alarm(self.due());
    }

    fn watches(&self) -> u64 {
        1 << pin::RX.0
    }
}
