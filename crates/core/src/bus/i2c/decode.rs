//! The monitor: from edges to bytes.
//!
//! ```text
//!   changes ──► two lines: comparator, filter ──► transitions, in order ──► protocol ──► items, diagnostics
//!                                                                             └──► half edges ──► queue ──► events
//! ```
//!
//! A transition is known only when it has stood for the filter's width, and its first half lies further back still. So
//! half edges wait in a queue until no earlier one can come; those of SDA wait until SCL rises, since only then it is
//! known whether SCL was stretched. The queue is short: when a line is X for so long that it is full, what is known is
//! told, and half edges from before are left out.
//!
//! Where both lines change in one instant the legal order is taken: SDA changes behind SCL falling and ahead of SCL
//! rising. So a coincidence is a hold or a set-up of 0, and never a START or a STOP.

use super::item::{Ack, Address, Direction, Item};
use super::lines::{Line, Transition};
use super::odd::Odd;
use super::pec::crc8;
use super::queue::{Queue, stretched};
use super::rules::{class, event};
use super::stretch::{Stretch, Stretches};
use super::{Options, Speed, pin};
use crate::bits::Bits;
use crate::bus::{Diagnostic, Severity, Sink};
use crate::log::{Change, Source};
use crate::time::{Span, Time};
use crate::timing::{Class, Event, EventKind, Place};

/// The I2C monitor: an implementation of [`crate::bus::Monitor`].
#[derive(Clone, Debug)]
pub struct Monitor {
    settings: Settings,
    scl: Line,
    sda: Line,
    clock: Clock,
    frame: Frame,
    byte: Byte,
    message: Message,
    queue: Queue,
    odd: Odd,
    /// SDA has been low since the waveform began, then.
    low_from: Option<Time>,
}

/// What never changes during decoding.
#[derive(Clone, Copy, Debug)]
struct Settings {
    speed: Option<Speed>,
    pec: bool,
    /// Pulses shorter than this are none.
    spike: Span,
    /// The sampling period of a recording.
    sample: Option<Span>,
    /// What changes in one instant may have changed in any order.
    sampled: bool,
    /// The waveform need not begin when the bus is switched on.
    joins: bool,
}

/// What is known of the clock.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    /// The last edge of SCL.
    edge: Option<Time>,
    /// SCL is low since then.
    low: Option<Time>,
    /// The last time that SDA became valid in this low period.
    valid: Option<Time>,
    /// The shortest low period of the transfer.
    shortest: Option<Span>,
}

/// Where in a transfer the bus is.
#[derive(Clone, Copy, Debug)]
struct Frame {
    phase: Phase,
    expects: Expects,
    direction: Direction,
    /// The 10-bit address that was written in this transfer.
    ten: Option<u16>,
    /// A master code was sent: High speed begins with the next repeated START.
    armed: bool,
    high_speed: bool,
    /// The last START, repeated or not.
    begun: Time,
    /// It lies before the waveform, and perhaps bits do, too.
    assumed: bool,
    /// SDA has not moved since then.
    is_still: bool,
    /// The ninth bit of the last byte.
    answer: Option<Ack>,
    /// That a byte follows one that was not acknowledged has been told.
    is_told: bool,
    /// Whole bytes since then, and since the START that was not repeated.
    bytes: u32,
    all_bytes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The lines have had no level yet.
    Blank,
    /// SCL has been low since the beginning: the bus has no power yet, or a transfer is under way.
    Low,
    /// The waveform began in a transfer, who knows where.
    Lost,
    Idle,
    Busy,
}

/// What the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expects {
    Address,
    /// The second byte of a 10-bit address whose first one was this, from then on.
    Lower {
        first: u8,
        start: Time,
    },
    Data,
}

/// The byte that is being put together.
#[derive(Clone, Copy, Debug, Default)]
struct Byte {
    bits: u8,
    unknown: u8,
    /// Bits whose clock is over, without the ninth.
    count: u8,
    start: Time,
    /// What was sampled when SCL rose. It is a bit if SCL falls before SDA changes.
    sample: Option<Sample>,
    /// The last whole byte was one that nobody may acknowledge.
    forbidden: Option<&'static str>,
    /// It was a master code.
    master_code: bool,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Time,
    high: bool,
    known: bool,
}

/// What is summed up from START to STOP.
#[derive(Clone, Copy, Debug, Default)]
struct Message {
    start: Time,
    crc: u8,
    /// The code before the last byte, and that byte.
    before: u8,
    last: u8,
    /// Bytes that are no addresses.
    data: u32,
    /// It has no packet error code, or bytes that are not known.
    exempt: bool,
    stretches: Stretches,
}

impl Phase {
    /// The bus is known to have power, so that its edges mean something.
    fn is_awake(self) -> bool {
        !matches!(self, Phase::Blank | Phase::Low)
    }
}

/// The wire that an event is about, for those that are about either.
const ON_SCL: Place = Place([0; 4]);
const ON_SDA: Place = Place([1, 0, 0, 0]);

/// The least low period of SCL that a class allows (tLOW; UM10204 tables 10 and 14; table 12 for 400 pF at High speed).
const fn least_low(speed: Speed, high_speed: bool) -> Span {
    match speed {
        _ if high_speed => Span::from_ns(320),
        Speed::Standard => Span::from_ns(4_700),
        Speed::Fast | Speed::High => Span::from_ns(1_300),
        Speed::FastPlus => Span::from_ns(500),
        Speed::UltraFast => Span::from_ns(50),
    }
}

/// The most events that wait when nothing is being told.
#[cfg(test)]
pub(super) const QUEUE_LIMIT: usize = Queue::FULL;

impl Monitor {
    /// How many events wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// A monitor for a bus with the given options, of a waveform from `source`.
    pub fn new(options: &Options, source: Source) -> Monitor {
        let spike = options.spike.or(options.speed.map(Speed::spike)).unwrap_or(Span::ZERO);
        let sampled = !source.instants_are_exact();
        let sample = source.grid().filter(|_| sampled);
        Monitor {
            settings: Settings {
                speed: options.speed,
                pec: options.pec,
                spike,
                sample,
                sampled,
                joins: source != Source::Run,
            },
            scl: Line::default(),
            sda: Line::default(),
            clock: Clock::default(),
            frame: Frame {
                phase: Phase::Blank,
                expects: Expects::Address,
                direction: Direction::Write,
                ten: None,
                armed: false,
                high_speed: false,
                begun: Time::ZERO,
                assumed: false,
                is_still: false,
                answer: None,
                is_told: false,
                bytes: 0,
                all_bytes: 0,
            },
            byte: Byte::default(),
            message: Message::default(),
            queue: Queue::new(),
            odd: Odd::default(),
            low_from: None,
        }
    }

    fn class(&self) -> Class {
        match (self.frame.phase, self.frame.high_speed) {
            (Phase::Busy, false) => class::FS,
            (Phase::Busy, true) => class::HS,
            _ => class::OUTSIDE,
        }
    }

    #[inline]
    fn push(&mut self, time: Time, kind: EventKind, class: Class) {
        self.queue.push(Event { time, kind, class, place: Place::default(), value: 0 });
    }

    fn push_length(&mut self, time: Time, kind: EventKind, place: Place, length: Span) {
        let value = i64::try_from(length.as_fs()).unwrap_or(i64::MAX);
        let class = self.class();
        self.queue.push(Event { time, kind, class, place, value });
    }

    /// Takes over, in order, what has stood long enough at `t`.
    #[inline]
    fn settle<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        loop {
            let (scl, sda) = (self.scl.due(self.settings.spike, t), self.sda.due(self.settings.spike, t));
            match (scl, sda) {
                (None, None) => return,
                (Some(scl), None) => self.clock_edge(scl, sink),
                (Some(scl), Some(sda)) if self.clock_goes_first(scl, sda) => self.clock_edge(scl, sink),
                (_, Some(sda)) => self.data_edge(sda, sink),
            }
        }
    }

    fn clock_goes_first(&mut self, scl: Transition, sda: Transition) -> bool {
        if scl.reaches != sda.reaches {
            return scl.reaches < sda.reaches;
        }
        if self.settings.sampled {
            self.odd.coincident.add(scl.reaches, scl.reaches);
        }
        !scl.rises
    }

    #[inline]
    fn clock_edge<S: Sink<Item>>(&mut self, edge: Transition, sink: &mut S) {
        self.scl.settle();
        self.count_half(edge.reaches);
        if edge.rises {
            self.clock_rises(edge);
        } else {
            self.clock_falls(edge, sink);
        }
    }

    /// Tells, half by half, how short the halves of the clock are on a sampling grid.
    fn count_half(&mut self, now: Time) {
        let last = self.clock.edge.replace(now);
        if let (Some(sample), Some(last)) = (self.settings.sample, last)
            && now.since(last) <= sample
        {
            self.odd.short.add(last, now);
        }
    }

    fn clock_rises(&mut self, edge: Transition) {
        let class = self.class();
        let mut reached = class;
        if let Some(low) = self.clock.low.take() {
            reached = self.low_is_over(low, edge, class);
        }
        self.queue.hold = None;
        let moving = self.sda.moving_since().is_some_and(|since| since < edge.reaches);
        let late = self.clock.valid.is_some_and(|valid| valid > edge.leaves);
        if self.frame.phase == Phase::Busy && (moving || late) {
            self.push(edge.leaves, event::SDA_UNSETTLED, class);
        }
        self.push(edge.leaves, event::SCL_LEAVES_LOW, class);
        self.push(edge.reaches, event::SCL_HIGH, reached);
        if edge.leaves < edge.reaches && self.frame.phase.is_awake() {
            let kind = match (self.frame.high_speed, self.byte.count) {
                (false, _) => event::RISE,
                (true, 0) => event::SCL_RISE1_HS,
                (true, _) => event::SCL_RISE_HS,
            };
            self.push_length(edge.reaches, kind, ON_SCL, edge.reaches.since(edge.leaves));
        }
        if self.frame.phase == Phase::Busy {
            if self.byte.count == 8 {
                self.push(edge.reaches, event::NINTH, class);
            }
            let high = self.sda.high().unwrap_or(true);
            self.byte.sample = Some(Sample { at: edge.reaches, high, known: !moving });
        }
    }

    /// SCL was low since `low`. Returns the class of its reaching High.
    fn low_is_over(&mut self, low: Time, edge: Transition, class: Class) -> Class {
        let length = edge.leaves.since(low);
        let twice = |span: Span| span.saturating_add(span);
        let shortest = self.clock.shortest;
        let least = self.settings.speed.map(|speed| least_low(speed, self.frame.high_speed));
        let long = least.or(shortest).is_some_and(|least| length > twice(least));
        if long {
            self.queue.mark_stretched();
        }
        if self.frame.phase != Phase::Busy {
            return class;
        }
        self.clock.shortest = Some(shortest.map_or(length, |shortest| shortest.min(length)));
        match shortest {
            Some(usual) if long && length > twice(usual) => {
                self.message.stretches.add(Stretch { from: low, length, usual, ..self.here() });
                self.push_length(edge.leaves, event::EXTENDED, ON_SCL, length.saturating_sub(usual));
                stretched(class)
            }
            _ => class,
        }
    }

    /// A stretch of no length at this bit.
    fn here(&self) -> Stretch {
        let reads = self.frame.expects == Expects::Data && self.frame.direction == Direction::Read;
        let by_target = reads != (self.byte.count == 8);
        let sender = if by_target { Direction::Read } else { Direction::Write };
        // Behind a byte anything may follow.
        let sender = Some(sender).filter(|_| self.byte.count > 0 || self.frame.bytes == 0);
        Stretch {
            from: Time::ZERO,
            length: Span::ZERO,
            usual: Span::ZERO,
            byte: self.frame.all_bytes,
            bit: self.byte.count,
            sender,
        }
    }

    fn clock_falls<S: Sink<Item>>(&mut self, edge: Transition, sink: &mut S) {
        let class = self.class();
        self.clock.low = Some(edge.reaches);
        self.clock.valid = None;
        self.push(edge.leaves, event::SCL_LEAVES_HIGH, class);
        self.push(edge.reaches, event::SCL_LOW, class);
        if edge.leaves < edge.reaches {
            let kind = if self.frame.high_speed { event::SCL_FALL_HS } else { event::FALL };
            self.push_length(edge.reaches, kind, ON_SCL, edge.reaches.since(edge.leaves));
        }
        match self.frame.phase {
            Phase::Busy => {
                if let Some(sample) = self.byte.sample.take() {
                    let (high, doubt) = (edge.leaves.since(sample.at), self.settings.sample);
                    self.message.stretches.clocked(sample.at, high, doubt.unwrap_or(Span::ZERO), sink);
                    self.bit(sample, edge.reaches, sink);
                }
            }
            Phase::Idle => self.odd.idle_clocks.add(edge.reaches, edge.reaches),
            Phase::Low => self.frame.phase = Phase::Lost,
            Phase::Blank | Phase::Lost => {}
        }
    }

    #[inline]
    fn data_edge<S: Sink<Item>>(&mut self, edge: Transition, sink: &mut S) {
        self.sda.settle();
        self.low_from = None;
        let (awake, was_high_speed) = (self.frame.phase.is_awake(), self.frame.high_speed);
        match self.scl.high() {
            Some(true) if edge.rises => self.stop(edge, sink),
            Some(true) => self.start(edge, sink),
            Some(false) => self.data(edge),
            None => {}
        }
        if edge.leaves < edge.reaches && awake {
            // The edge of a repeated START may begin High speed, that of a STOP ends it.
            let kind = match (was_high_speed || self.frame.high_speed, edge.rises) {
                (false, true) => event::RISE,
                (false, false) => event::FALL,
                (true, true) => event::SDA_RISE_HS,
                (true, false) => event::SDA_FALL_HS,
            };
            self.push_length(edge.reaches, kind, ON_SDA, edge.reaches.since(edge.leaves));
        }
    }

    /// SDA changes while SCL is low. Outside of transfers that means nothing.
    #[inline]
    fn data(&mut self, edge: Transition) {
        if self.frame.phase != Phase::Busy {
            return;
        }
        self.frame.is_still = false;
        let class = self.class();
        let ninth = self.byte.count == 8;
        let (leaves, valid) = if ninth {
            (event::ACK_LEAVES, event::ACK_VALID)
        } else {
            (event::DATA_LEAVES, event::DATA_VALID)
        };
        let early = self.clock.low.is_some_and(|low| edge.leaves < low);
        self.push(edge.leaves, if early { event::SDA_EARLY } else { leaves }, class);
        self.push(edge.reaches, valid, class);
        self.clock.valid = Some(edge.reaches);
        self.queue.hold.get_or_insert(if early { edge.reaches } else { edge.leaves });
    }
}

/// Conditions: START and STOP.
impl Monitor {
    fn start<S: Sink<Item>>(&mut self, edge: Transition, sink: &mut S) {
        let phase = self.frame.phase;
        let at = edge.reaches;
        let whole = self.cut(at, sink);
        let repeated = phase == Phase::Busy;
        if repeated && whole {
            self.complain_of_end(at, sink);
        }
        if repeated {
            if self.frame.armed {
                self.frame.high_speed = true;
                self.message.stretches.forget_clock();
            }
        } else {
            self.odd.flush_idle(sink);
            self.begin_message(at);
        }
        self.begin_header(at);
        self.frame.phase = Phase::Busy;
        let (leaves, reaches) = match phase {
            Phase::Idle | Phase::Blank | Phase::Low => (event::START_LEAVES, event::START),
            // The waveform began in a transfer that has not ended: the set-up of a repeated START holds.
            Phase::Busy | Phase::Lost => (event::RESTART_LEAVES, event::RESTART),
        };
        let class = self.class();
        self.push(edge.leaves, leaves, class);
        self.push(at, reaches, class);
        sink.item(if repeated { Item::RepeatedStart { at } } else { Item::Start { at, assumed: false } });
    }

    /// The waveform begins with SCL high and SDA low.
    fn assume_start<S: Sink<Item>>(&mut self, at: Time, sink: &mut S) {
        self.begin_message(at);
        self.begin_header(at);
        self.frame.phase = Phase::Busy;
        // Bytes may be missing, and bits.
        self.frame.assumed = self.settings.joins;
        self.message.exempt = self.settings.joins;
        sink.item(Item::Start { at, assumed: true });
    }

    fn begin_message(&mut self, at: Time) {
        self.message = Message { start: at, ..Message::default() };
        self.clock.shortest = None;
        self.frame.all_bytes = 0;
    }

    fn begin_header(&mut self, at: Time) {
        self.frame.begun = at;
        self.frame.assumed = false;
        self.frame.is_still = true;
        self.frame.answer = None;
        self.frame.is_told = false;
        self.byte = Byte::default();
        self.frame.expects = Expects::Address;
        self.frame.direction = Direction::Write;
        self.frame.armed = false;
        self.frame.bytes = 0;
    }

    fn stop<S: Sink<Item>>(&mut self, edge: Transition, sink: &mut S) {
        let at = edge.reaches;
        let class = self.class();
        let whole = self.cut(at, sink);
        if self.frame.phase == Phase::Busy {
            if whole && self.frame.bytes == 0 && !self.frame.assumed {
                self.void(at, sink);
            }
            if whole {
                self.complain_of_end(at, sink);
            }
            self.note_clear(at, sink);
            self.check_pec(at, sink);
            self.message.stretches.flush(sink);
        }
        if self.frame.phase.is_awake() {
            self.push(edge.leaves, event::STOP_LEAVES, class);
            self.push(at, event::STOP, class);
        }
        sink.item(Item::Stop { at });
        self.begin_header(at);
        self.frame.phase = Phase::Idle;
        self.frame.high_speed = false;
        self.frame.ten = None;
    }

    /// A START or a STOP ends whatever byte is under way. Returns whether there was none.
    fn cut<S: Sink<Item>>(&mut self, at: Time, sink: &mut S) -> bool {
        if self.frame.phase != Phase::Busy {
            return true;
        }
        let count = self.byte.count;
        if count == 0 {
            self.cut_address(at, sink);
            return !matches!(self.frame.expects, Expects::Lower { .. });
        }
        if count < 8 {
            sink.item(self.incomplete(count, at));
        }
        self.complain_of_cut(at, count, sink);
        false
    }

    /// The first byte of a 10-bit address without the second.
    fn cut_address<S: Sink<Item>>(&mut self, at: Time, sink: &mut S) {
        if let Expects::Lower { first, start } = self.frame.expects {
            sink.item(Item::Incomplete { start, end: at, bits: Bits::new(first as u64, 8) });
        }
    }

    fn incomplete(&self, count: u8, end: Time) -> Item {
        let Byte { bits, unknown, start, .. } = self.byte;
        let bits = Bits::with_unknown(bits as u64, unknown as u64, count as u32);
        Item::Incomplete { start, end, bits }
    }

    fn complain_of_cut<S: Sink<Item>>(&self, at: Time, count: u8, sink: &mut S) {
        let what = if self.frame.expects == Expects::Address { "an address" } else { "a byte" };
        let place = match count {
            8 => "before the acknowledge".to_owned(),
            1 => format!("1 bit into {what}"),
            _ => format!("{count} bits into {what}"),
        };
        // Where nobody saw the START, the bits may be counted from anywhere.
        let (severity, doubt) = if self.frame.assumed {
            (Severity::Note, "; the waveform began in this transfer, perhaps in a byte")
        } else {
            (Severity::Error, "")
        };
        let from = self.byte.start;
        sink.diagnostic(if self.sda.high() == Some(true) {
            let still =
                if self.frame.is_still { "; it had been low since the START, as if held" } else { "" };
            let text = format!("STOP {place}: SDA rose while SCL was high{still}{doubt}");
            Diagnostic { code: "i2c::stop-in-byte", severity, from, to: at, text }
        } else {
            let text = format!("START {place}: SDA fell while SCL was high{doubt}");
            Diagnostic { code: "i2c::start-in-byte", severity, from, to: at, text }
        });
    }

    fn void<S: Sink<Item>>(&self, at: Time, sink: &mut S) {
        sink.diagnostic(Diagnostic {
            code: "i2c::void-message",
            severity: Severity::Warning,
            from: self.frame.begun,
            to: at,
            text: "STOP right behind a START: no byte between them".into(),
        });
    }

    /// What a controller may not do at the end of what it reads: acknowledge it (UM10204 section 3.1.10).
    fn complain_of_end<S: Sink<Item>>(&self, at: Time, sink: &mut S) {
        let Frame { expects, direction, answer, bytes, .. } = self.frame;
        let has_read = expects == Expects::Data && direction == Direction::Read && bytes > 1;
        if has_read && answer == Some(Ack::Ack) {
            sink.diagnostic(Diagnostic {
                code: "i2c::acknowledged-last",
                severity: self.unless_assumed(Severity::Warning),
                from: self.frame.begun,
                to: at,
                text: "the last byte that is read is acknowledged: the target may go on, and hold SDA low"
                    .into(),
            });
        }
    }

    /// SDA was low from START to STOP.
    fn note_clear<S: Sink<Item>>(&self, at: Time, sink: &mut S) {
        let Frame { is_still, bytes, begun, .. } = self.frame;
        if is_still && bytes > 0 {
            let clocks = 9 * u64::from(bytes) + u64::from(self.byte.count);
            sink.diagnostic(Diagnostic {
                code: "i2c::bus-clear",
                severity: Severity::Warning,
                from: begun,
                to: at,
                text: format!(
                    "SDA is low from START to STOP, over {clocks} clocks: these are to free a wire that is stuck, rather \
                     than a general call"
                ),
            });
        }
    }

    /// Where nobody saw the START, bits may be counted from anywhere.
    fn unless_assumed(&self, severity: Severity) -> Severity {
        if self.frame.assumed { Severity::Note } else { severity }
    }

    fn check_pec<S: Sink<Item>>(&self, at: Time, sink: &mut S) {
        let Message { start, crc, before, last, data, exempt, .. } = self.message;
        if !self.settings.pec || exempt || data == 0 || crc == 0 {
            return;
        }
        sink.diagnostic(Diagnostic {
            code: "i2c::pec",
            severity: Severity::Error,
            from: start,
            to: at,
            text: format!("the message ends in {last:02x}, and its packet error code would be {before:02x}"),
        });
    }
}

/// Bits and bytes.
impl Monitor {
    /// A clock is over.
    #[inline]
    fn bit<S: Sink<Item>>(&mut self, sample: Sample, end: Time, sink: &mut S) {
        if self.byte.count == 8 {
            return self.ninth(sample, end, sink);
        }
        self.take(sample);
        if self.byte.count == 8 {
            self.whole(end, sink);
        }
    }

    #[inline]
    fn take(&mut self, sample: Sample) {
        let byte = &mut self.byte;
        if byte.count == 0 {
            byte.start = sample.at;
        }
        byte.bits = byte.bits << 1 | sample.high as u8;
        byte.unknown = byte.unknown << 1 | !sample.known as u8;
        byte.count += 1;
    }

    /// Eight bits are there.
    fn whole<S: Sink<Item>>(&mut self, end: Time, sink: &mut S) {
        self.count_code();
        self.complain_of_nack(end, sink);
        match self.frame.expects {
            Expects::Data => self.data_byte(end, sink),
            _ if self.byte.unknown != 0 => self.data_byte(end, sink),
            Expects::Address => self.address(end, sink),
            Expects::Lower { first, start } => self.lower(first, start, end, sink),
        }
    }

    /// A byte follows one that was not acknowledged, where only a STOP or a repeated START may (UM10204 section 3.1.6).
    #[inline]
    fn complain_of_nack<S: Sink<Item>>(&mut self, end: Time, sink: &mut S) {
        if self.frame.answer != Some(Ack::Nack) || self.frame.is_told {
            return;
        }
        self.frame.is_told = true;
        let what = if self.frame.bytes == 1 { "the address" } else { "the byte before" };
        sink.diagnostic(Diagnostic {
            code: "i2c::data-after-nack",
            severity: self.unless_assumed(Severity::Warning),
            from: self.byte.start,
            to: end,
            text: format!("a byte follows, though {what} was not acknowledged"),
        });
    }

    fn count_code(&mut self) {
        let Byte { bits, unknown, .. } = self.byte;
        let message = &mut self.message;
        (message.before, message.last) = (message.crc, bits);
        message.crc = crc8(message.crc, bits);
        message.exempt |= unknown != 0;
        message.data += (self.frame.expects == Expects::Data) as u32;
    }

    fn data_byte<S: Sink<Item>>(&self, end: Time, sink: &mut S) {
        let Byte { bits, unknown, start, .. } = self.byte;
        let byte = Bits::with_unknown(bits as u64, unknown as u64, 8);
        sink.item(Item::Data { start, end, byte, direction: self.frame.direction });
    }

    fn address<S: Sink<Item>>(&mut self, end: Time, sink: &mut S) {
        let Byte { bits, start, .. } = self.byte;
        let direction = if bits & 1 == 0 { Direction::Write } else { Direction::Read };
        self.frame.direction = direction;
        let upper = (bits >> 1 & 3) as u16;
        if bits & 0xf8 == 0xf0 {
            if direction == Direction::Write {
                return;
            }
            // A read repeats the upper bits only: the lower ones are those that were written.
            if let Some(ten) = self.frame.ten.filter(|ten| ten >> 8 == upper) {
                return sink.item(Item::Address { start, end, address: Address::Ten(ten), direction });
            }
        }
        self.frame.ten = None;
        let address = Address::Seven(bits >> 1);
        sink.item(Item::Address { start, end, address, direction });
        self.note_reserved(end, sink);
        // SMBus: a message to the host has no packet error code.
        self.message.exempt |= bits == HOST_NOTIFY;
    }

    fn lower<S: Sink<Item>>(&mut self, first: u8, start: Time, end: Time, sink: &mut S) {
        let ten = ((first >> 1 & 3) as u16) << 8 | self.byte.bits as u16;
        self.frame.ten = Some(ten);
        sink.item(Item::Address { start, end, address: Address::Ten(ten), direction: Direction::Write });
    }

    fn note_reserved<S: Sink<Item>>(&mut self, end: Time, sink: &mut S) {
        let Byte { bits, start, .. } = self.byte;
        let ultra_fast = self.settings.speed == Some(Speed::UltraFast);
        if ultra_fast && bits & 1 != 0 && bits != START_BYTE {
            complain_of_ultra_fast("a read", start, end, sink);
        }
        let Some((what, forbidden)) = reserved(bits) else { return };
        self.byte.forbidden = Some(what).filter(|_| forbidden);
        self.byte.master_code = bits & 0xf8 == 0x08;
        sink.diagnostic(Diagnostic {
            code: "i2c::reserved-address",
            severity: Severity::Note,
            from: start,
            to: end,
            text: format!("{bits:08b} is {what}"),
        });
    }

    /// The clock of the ninth bit is over.
    fn ninth<S: Sink<Item>>(&mut self, sample: Sample, end: Time, sink: &mut S) {
        let (start, ack) = (sample.at, if sample.high { Ack::Nack } else { Ack::Ack });
        match self.settings.speed {
            Some(Speed::UltraFast) if ack == Ack::Ack => {
                complain_of_ultra_fast("an acknowledge", start, end, sink);
            }
            Some(Speed::UltraFast) => {}
            _ => {
                self.frame.answer = Some(ack);
                sink.item(Item::Ack { start, end, ack });
            }
        }
        if let Some(what) = self.byte.forbidden.filter(|_| ack == Ack::Ack) {
            sink.diagnostic(Diagnostic {
                code: "i2c::reserved-acknowledged",
                severity: self.unless_assumed(Severity::Warning),
                from: start,
                to: end,
                text: format!("{what} is acknowledged, which nobody may do"),
            });
        }
        let can_switch = matches!(self.settings.speed, None | Some(Speed::High));
        self.frame.armed = can_switch && self.byte.master_code && ack == Ack::Nack;
        self.next_byte();
    }

    fn next_byte(&mut self) {
        let Byte { bits, start, .. } = self.byte;
        let begins_ten =
            self.frame.expects == Expects::Address && bits & 0xf9 == 0xf0 && self.byte.unknown == 0;
        self.frame.expects = if begins_ten { Expects::Lower { first: bits, start } } else { Expects::Data };
        self.frame.bytes = self.frame.bytes.saturating_add(1);
        self.frame.all_bytes = self.frame.all_bytes.saturating_add(1);
        self.byte = Byte::default();
    }
}

const START_BYTE: u8 = 0b0000_0001;
/// The address byte of SMBus's host, written to.
const HOST_NOTIFY: u8 = 0x08 << 1;

fn complain_of_ultra_fast<S: Sink<Item>>(what: &str, from: Time, to: Time, sink: &mut S) {
    sink.diagnostic(Diagnostic {
        code: "i2c::ultra-fast",
        severity: Severity::Error,
        from,
        to,
        text: format!("{what}, which Ultra-fast mode does not have"),
    });
}

/// What a reserved address byte is, and whether nobody may acknowledge it (UM10204 table 3).
fn reserved(byte: u8) -> Option<(&'static str, bool)> {
    Some(match byte {
        0x00 => ("the general call", false),
        START_BYTE => ("a START byte", true),
        0x02..=0x03 => ("a CBUS address", true),
        0x04..=0x05 => ("reserved for another bus format", false),
        0x06..=0x07 => ("reserved for the future", false),
        0x08..=0x0f => ("a High-speed master code", true),
        0xf0..=0xf7 => ("the first byte of a 10-bit address that was not written before", false),
        0xf8..=0xff => ("the Device ID", false),
        _ => return None,
    })
}

/// The ends of the waveform.
impl Monitor {
    /// Both lines have a level for the first time.
    #[cold]
    fn begin<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if self.scl.high().is_some() && self.sda.high().is_some() {
            self.scl.begin();
            self.sda.begin();
            self.low_from = Some(t).filter(|_| self.sda.high() == Some(false));
        }
        match (self.scl.high(), self.sda.high()) {
            (Some(true), Some(true)) => self.frame.phase = Phase::Idle,
            (Some(true), Some(false)) => self.assume_start(t, sink),
            (Some(false), Some(_)) => (self.frame.phase, self.frame.begun) = (Phase::Low, t),
            _ => {}
        }
    }

    /// Wires that stay low up to the end of the waveform.
    fn report_stuck<S: Sink<Item>>(&self, t: Time, sink: &mut S) {
        if let Some(stuck) = self.stuck_clock(t).or_else(|| self.stuck_data(t)) {
            sink.diagnostic(stuck);
        }
    }

    fn stuck_clock(&self, t: Time) -> Option<Diagnostic> {
        if self.scl.high() != Some(false) {
            return None;
        }
        let throughout = (self.frame.phase == Phase::Low).then_some(self.frame.begun);
        let from = throughout.or(self.clock.low).filter(|from| self.is_for_good(t.since(*from)))?;
        // Behind a STOP nobody is kept from anything yet.
        let rests = throughout.is_none() && self.frame.phase == Phase::Idle;
        let severity = if rests { Severity::Note } else { Severity::Warning };
        let text = match (throughout, self.low_from) {
            _ if rests => format!(
                "SCL stays low for the last {}, behind a STOP: a controller that rests so or lost its power, or something \
                 holds it",
                t.since(from)
            ),
            (Some(_), Some(_)) => {
                "SCL and SDA are low throughout: the bus has no power, or something holds them".into()
            }
            (Some(_), None) => "SCL is low throughout: something holds it, and no clock can come".into(),
            (None, _) => {
                format!(
                    "SCL stays low for the last {}: something holds it, and no clock can come",
                    t.since(from)
                )
            }
        };
        Some(Diagnostic { code: "i2c::scl-stuck", severity, from, to: t, text })
    }

    fn stuck_data(&self, t: Time) -> Option<Diagnostic> {
        let rests = self.frame.phase == Phase::Busy
            && (self.scl.high(), self.sda.high()) == (Some(true), Some(false));
        let last = self.clock.edge.map_or(self.frame.begun, |edge| edge.max(self.frame.begun));
        let rests = rests.then_some(last).filter(|last| self.is_for_good(t.since(*last)));
        let (from, text) = match (self.low_from, self.clock.edge, rests) {
            (Some(from), Some(_), _) if self.frame.bytes > 0 => (
                from,
                "SDA is low throughout, over all clocks: something holds it, and what is read is nothing"
                    .into(),
            ),
            (Some(from), None, Some(_)) => {
                (from, "SDA is low throughout, and SCL high: something holds it".into())
            }
            (_, _, Some(last)) => {
                let length = t.since(last);
                (
                    last,
                    format!(
                        "SDA is low and SCL high for the last {length}: something holds SDA, or a controller has \
                                left a transfer"
                    ),
                )
            }
            _ => return None,
        };
        Some(Diagnostic { code: "i2c::sda-stuck", severity: Severity::Warning, from, to: t, text })
    }

    /// A hundred times as long as SCL is low in a clock: no pause, and no stretch that leaves the bus of use.
    fn is_for_good(&self, length: Span) -> bool {
        let class = || least_low(self.settings.speed.unwrap_or_default(), self.frame.high_speed);
        length > self.clock.shortest.unwrap_or_else(class).scale(100, 1)
    }

    /// Tells what no earlier event can precede any more.
    #[inline]
    fn release<S: Sink<Item>>(&mut self, now: Time, sink: &mut S) {
        let moving = [self.scl.moving_since(), self.sda.moving_since()];
        let horizon = moving.into_iter().flatten().fold(now, Time::min);
        self.queue.release(horizon, sink);
        if self.queue.len() > Queue::FULL {
            self.queue.flush(sink);
        }
    }

    /// The byte that the end of the waveform cuts off.
    fn finish_byte<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if self.frame.phase != Phase::Busy {
            return;
        }
        match self.byte.sample.take() {
            Some(sample) if self.byte.count == 8 => return self.ninth(sample, t, sink),
            Some(sample) => self.take(sample),
            None => {}
        }
        if self.byte.count > 0 && (self.byte.count < 8 || self.scl.high() == Some(true)) {
            sink.item(self.incomplete(self.byte.count, t));
        } else if self.byte.count == 0 {
            self.cut_address(t, sink);
        }
    }
}

impl crate::bus::Monitor for Monitor {
    type Item = Item;

    #[inline]
    fn instant<S: Sink<Item>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        self.settle(t, sink);
        for change in changes {
            let (line, i) = match change.signal {
                pin::SCL => (&mut self.scl, 0),
                pin::SDA => (&mut self.sda, 1),
                _ => continue,
            };
            if let Some(width) = line.input(t, change.value.level()) {
                self.odd.spike(i, width, t);
            }
        }
        if self.frame.phase == Phase::Blank {
            self.begin(t, sink);
        }
        if self.settings.spike.is_zero() {
            self.settle(t, sink);
        }
        self.release(t, sink);
    }

    fn advance<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.settle(t, sink);
        self.release(t, sink);
    }

    fn finish<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        // What has not stood for long enough has not come back either.
        self.settle(Time::MAX, sink);
        self.queue.flush(sink);
        self.finish_byte(t, sink);
        self.message.stretches.flush(sink);
        self.odd.flush_idle(sink);
        self.report_stuck(t, sink);
        self.odd.report(self.settings.spike, sink);
    }
}
