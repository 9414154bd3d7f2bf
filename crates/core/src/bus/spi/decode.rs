//! The monitor: from edges to words.
//!
//! Within one instant chip select comes first, then the clock, then data: a clock edge in the instant of CS becoming
//! active belongs to the transfer, one in the instant of CS becoming inactive does not. Data that change in the instant
//! of a sampling edge are sampled as they were before it if instants are exact (a flip-flop sees the old value), and
//! as they are after it in a sampled recording, where the order within one sample is anybody's guess.

use std::collections::VecDeque;

use bitvec::prelude::{BitVec, Lsb0};

use super::command::{Command, CommandTable, Lanes, PhaseKind, Rate, class};
use super::item::{Direction, Flags, Item, Payload, Word};
use super::rules::event;
use super::{Active, Format, Options, Wires, pin};
use crate::bits::{BitOrder, Bits};
use crate::bus::{Diagnostic, Severity, Sink};
use crate::level::Level;
use crate::log::{Change, SignalId, Source, Value};
use crate::time::{Span, Time};
use crate::timing::{Class, Event, EventKind, Place};

/// The SPI monitor: an implementation of [`crate::bus::Monitor`].
#[derive(Clone, Debug)]
pub struct Monitor {
    options: Options,
    settings: Settings,
    lines: Lines,
    clock: Clock,
    frame: Frame,
    word: Assembly,
    late: Late,
    odd: Odd,
}

/// What never changes during decoding.
#[derive(Clone, Copy, Debug)]
struct Settings {
    exact: bool,
    grid: Span,
    samples_on_rise: bool,
    /// The controller samples MISO that many clock edges after the sampling edge.
    delay: u8,
    shared: bool,
}

/// The levels of the pins.
#[derive(Clone, Copy, Debug)]
struct Lines {
    now: Levels,
    /// As they were before this instant.
    before: Levels,
    /// Pins that have had a value.
    known: u16,
    /// Data lanes that the peripheral drives, a bit each.
    owned: u8,
    /// Some data lane was Z once: the waveform has more than two levels.
    shows_z: bool,
}

/// The level of every pin.
#[derive(Clone, Copy, Debug)]
struct Levels(Value);

/// A set of pins.
#[derive(Clone, Copy, Debug)]
struct Pins(u16);

/// The clock line.
#[derive(Clone, Copy, Debug)]
struct Clock {
    high: Option<bool>,
    edge: Time,
    half: Span,
    sample: Time,
    period: Span,
}

/// The transfer.
#[derive(Clone, Debug)]
struct Frame {
    /// Active chip selects, a bit each.
    active: u8,
    /// The chip select that the words belong to.
    cs: u8,
    open: bool,
    /// It was under way when the waveform began.
    assumed: bool,
    class: Class,
    /// Where in its command the transfer is.
    stage: Stage,
    /// Who drives shared lanes, and whether data edges mean anything; follows the stage at the next shift edge.
    flow: Flow,
    /// The lanes of opcodes.
    opcode_lanes: u8,
    /// A double-rate phase was entered at a first edge: it begins at the second.
    waits: bool,
    /// TI: bits left in the present word.
    ti_left: u32,
}

/// Where in a command a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// There is no command table, or the opcode is not in it: words only.
    Words,
    Opcode {
        left: u32,
    },
    /// Phase `index` of command `command`, with bits (dummy: clocks) left; 0 for words without end.
    Phase {
        command: usize,
        index: usize,
        left: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// MOSI to the peripheral, MISO to the controller.
    Duplex,
    /// Shared lanes to the peripheral, or nobody knows.
    In,
    /// Shared lanes to the controller.
    Out,
    /// Nothing.
    Idle,
}

/// The word that is being put together.
#[derive(Clone, Debug)]
struct Assembly {
    lanes: Lanes,
    kind: Option<PhaseKind>,
    /// Bits that make the present word.
    size: u32,
    count: u32,
    start: Time,
    /// When its last bit so far was sampled.
    last: Time,
    mosi: Register,
    miso: Register,
    opcode: u64,
}

/// Bits as they come in.
#[derive(Clone, Debug, Default)]
struct Register {
    bits: u64,
    unknown: u64,
    count: u32,
    long: BitVec<u64, Lsb0>,
    long_unknown: BitVec<u64, Lsb0>,
}

/// Late sampling of MISO: words wait for their last bits.
#[derive(Clone, Debug, Default)]
struct Late {
    /// Bit `i`: MISO is sampled `i + 1` edges from now.
    due: u32,
    /// When the next half period without an edge would be over.
    tick: Option<Time>,
    /// A half period was counted without an edge; an edge before this is that same one.
    swallow: Option<Time>,
    /// Words that wait, and how many bits of MISO they still need.
    waiting: VecDeque<(Word, u32, bool)>,
}

/// What makes a monitor look at the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passing {
    /// Nothing has changed until now.
    Silence,
    /// A pin changes, but not the clock; or the waveform ends.
    Change,
    /// The clock changes.
    Edge,
}

/// Oddities that are summed up rather than reported one by one.
#[derive(Clone, Copy, Debug, Default)]
struct Odd {
    idle_edges: u32,
    idle_from: Time,
    idle_to: Time,
    short_halves: u32,
    short_from: Time,
    short_to: Time,
}

impl Monitor {
    /// A monitor for a bus with the given options, of a waveform from `source`.
    pub fn new(options: &Options, source: Source) -> Monitor {
        let mode = options.mode();
        let settings = Settings {
            exact: source.instants_are_exact(),
            grid: source.grid().unwrap_or(Span::ZERO),
            samples_on_rise: mode.samples_on_rise(),
            delay: options.sample_delay,
            shared: options.wires == Wires::Three,
        };
        let opcode_lanes = options.lanes.count;
        let mut monitor = Monitor {
            settings,
            lines: Lines {
                now: Levels::NONE_DRIVEN,
                before: Levels::NONE_DRIVEN,
                known: 0,
                owned: 0,
                shows_z: false,
            },
            clock: Clock {
                high: None,
                edge: Time::ZERO,
                half: Span::ZERO,
                sample: Time::ZERO,
                period: Span::ZERO,
            },
            frame: Frame {
                active: 0,
                cs: 0,
                open: false,
                assumed: false,
                class: class::UNKNOWN,
                stage: Stage::Words,
                flow: Flow::Duplex,
                opcode_lanes,
                waits: false,
                ti_left: 0,
            },
            word: Assembly {
                lanes: options.lanes,
                kind: None,
                size: options.word_bits.get(),
                count: 0,
                start: Time::ZERO,
                last: Time::ZERO,
                mosi: Register::default(),
                miso: Register::default(),
                opcode: 0,
            },
            late: Late::default(),
            odd: Odd::default(),
            options: options.clone(),
        };
        monitor.begin_command();
        monitor
    }

    fn place(&self) -> Place {
        Place([self.frame.cs, 0, 0, 0])
    }

    #[inline]
    fn emit<S: Sink<Item>>(&self, t: Time, kind: EventKind, sink: &mut S) {
        sink.event(Event { time: t, kind, class: self.frame.class, place: self.place(), value: 0 });
    }

    /// Takes the new levels over; tells which pins have one.
    #[inline]
    fn take(&mut self, changes: &[Change]) -> Pins {
        self.lines.before = self.lines.now;
        let mut set = Pins(0);
        for change in changes.iter().filter(|change| change.signal.index() < pin::COUNT) {
            set.0 |= 1 << change.signal.0;
            self.lines.now.set(change.signal, change.value.level());
        }
        self.lines.known |= set.0;
        self.lines.shows_z |= self.lines.now.released(set.and(Pins::LANES));
        set
    }

    /// Chip selects that are active now.
    fn active(&self) -> u8 {
        let level = match self.options.cs_active() {
            Active::Low => Level::Low,
            Active::High => Level::High,
        };
        (0..pin::CS_LINES)
            .filter(|&i| self.lines.now.at(pin::cs(i)) == level)
            .fold(0, |mask, i| mask | 1 << i)
    }

    /// A chip select line changed.
    fn selects<S: Sink<Item>>(&mut self, t: Time, first: bool, sink: &mut S) {
        let active = self.active();
        let (was, now) = (self.frame.active, active);
        self.frame.active = active;
        if self.frame.open && now >> self.frame.cs & 1 == 0 {
            self.close(t, sink);
        }
        if now.count_ones() > 1 && was.count_ones() <= 1 {
            sink.diagnostic(Diagnostic {
                code: "spi::two-selects",
                severity: Severity::Error,
                from: t,
                to: t,
                text: "more than one chip select is active: the peripherals drive MISO against each other"
                    .into(),
            });
        }
        if !self.frame.open && now != 0 {
            self.open(t, now.trailing_zeros() as u8, first, sink);
        }
    }

    fn open<S: Sink<Item>>(&mut self, t: Time, cs: u8, assumed: bool, sink: &mut S) {
        self.flush_odd(sink);
        self.frame.cs = cs;
        self.frame.open = true;
        self.frame.assumed = assumed;
        self.begin_command();
        if assumed {
            return;
        }
        sink.item(Item::Select { at: t, cs });
        self.emit(t, event::SELECT, sink);
        let clock = self.lines.now.at(pin::SCK).bit();
        let wrong = clock.is_some_and(|high| high != self.options.idles_high());
        if wrong {
            let (is, mode) = if self.options.idles_high() {
                ("low", self.options.mode.number())
            } else {
                ("high", self.options.mode.number())
            };
            sink.diagnostic(Diagnostic {
                code: "spi::idle-level",
                severity: Severity::Warning,
                from: t,
                to: t,
                text: format!(
                    "SCK is {is} when CS becomes active, which is not its idle level in mode {mode}"
                ),
            });
        }
    }

    fn close<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.drain_late(t, sink);
        let left_over = self.word.count;
        self.cut_word(t, sink);
        let miso = self.lines.known >> pin::MISO.0 & 1 != 0 && self.lines.before.at(pin::MISO) != Level::Z;
        if self.frame.flow == Flow::Duplex && miso {
            self.lines.owned |= 1 << 1;
        }
        // A waveform of two levels never shows whether anybody lets go.
        let drives = self.lines.owned != 0 && self.lines.shows_z;
        self.emit(t, if drives { event::DESELECT_Q } else { event::DESELECT }, sink);
        sink.item(Item::Deselect { at: t, cs: self.frame.cs });
        if left_over > 0 {
            sink.diagnostic(Diagnostic {
                code: "spi::cs-mid-word",
                severity: Severity::Warning,
                from: self.word.start,
                to: t,
                text: format!("CS became inactive {left_over} bits into a word of {}", self.word.size),
            });
        }
        self.frame.open = false;
        self.frame.assumed = false;
        self.frame.class = class::UNKNOWN;
        self.begin_command();
    }

    /// Reports the word that was cut off, if any bit of it came.
    fn cut_word<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if self.word.count == 0 || self.word.kind == Some(PhaseKind::Dummy) {
            self.reset_word();
            return;
        }
        let word = self.build_word(self.end_of_bit(self.word.last).min(t));
        sink.item(Item::Incomplete(word));
        self.reset_word();
    }

    fn reset_word(&mut self) {
        self.word.count = 0;
        self.word.mosi.clear();
        self.word.miso.clear();
    }

    /// The clock line is at a known level that differs from the last.
    #[inline]
    fn clock<S: Sink<Item>>(&mut self, t: Time, high: bool, sink: &mut S) {
        let Some(was) = self.clock.high.replace(high) else {
            self.clock.edge = t;
            return;
        };
        debug_assert_ne!(was, high);
        let half = t.since(self.clock.edge);
        self.clock.edge = t;
        self.clock.half = half;
        if !self.settings.exact && half <= self.settings.grid {
            self.note_short(t, half);
        }
        if self.settings.delay > 0 {
            self.count_late(t, sink);
        }
        let samples = high == self.settings.samples_on_rise;
        if self.options.format == Format::Ti {
            self.ti(t, samples, sink);
        } else if self.frame.open || self.always_open() {
            self.edge(t, high, samples, sink);
        } else {
            self.idle_edge(t, samples, sink);
        }
    }

    /// Without a chip select line every clock counts.
    fn always_open(&self) -> bool {
        self.lines.known >> pin::CS0.index() == 0
    }

    fn note_short(&mut self, t: Time, half: Span) {
        if self.odd.short_halves == 0 {
            self.odd.short_from = t.saturating_sub(half);
        }
        self.odd.short_halves += 1;
        self.odd.short_to = t;
    }

    fn idle_edge<S: Sink<Item>>(&mut self, t: Time, samples: bool, sink: &mut S) {
        if self.odd.idle_edges == 0 {
            self.odd.idle_from = t;
        }
        self.odd.idle_edges += 1;
        self.odd.idle_to = t;
        self.emit(t, if samples { event::IDLE_SAMPLE } else { event::IDLE_SHIFT }, sink);
    }

    /// TI: the pulse on the frame line, sampled with the clock, begins a word.
    fn ti<S: Sink<Item>>(&mut self, t: Time, samples: bool, sink: &mut S) {
        let pulse = self.lines.now.at(pin::CS0).is_high();
        if self.frame.ti_left > 0 {
            self.edge(t, !samples, samples, sink);
            if samples {
                self.frame.ti_left -= 1;
            }
        } else if !samples {
            self.emit(t, event::RISE_SHIFT, sink);
        }
        if samples && pulse && self.frame.ti_left == 0 {
            // Without a part of a word there is nothing to forget; MISO of the word before may still be coming in.
            if self.word.count > 0 {
                self.drain_late(t, sink);
                self.reset_word();
            }
            self.frame.ti_left = self.options.word_bits.get();
        }
    }

    /// A clock edge within a transfer.
    #[inline]
    fn edge<S: Sink<Item>>(&mut self, t: Time, high: bool, samples: bool, sink: &mut S) {
        let double = self.word.lanes.rate == Rate::Double;
        let kind = event::edge(high, samples, double);
        if self.unknown_in() {
            self.emit(t, event::D_UNKNOWN, sink);
        }
        self.emit(t, kind, sink);
        if double {
            if !std::mem::take(&mut self.frame.waits) {
                self.bit(t, samples, sink);
            }
        } else if samples {
            self.bit(t, true, sink);
        }
        if !samples {
            self.frame.flow = self.flow();
            if self.frame.flow == Flow::In {
                self.lines.owned = 0;
            }
        }
    }

    /// The peripheral is about to sample a line that is X.
    #[inline]
    fn unknown_in(&self) -> bool {
        match self.frame.flow {
            Flow::Duplex => self.lines.before.at(pin::MOSI) == Level::X,
            Flow::In => self.lines.before.unknown(Pins::lanes(self.word.lanes.count)),
            Flow::Out | Flow::Idle => false,
        }
    }

    /// A data lane as it is sampled in this instant.
    #[inline]
    fn sampled(&self, lane: usize) -> Level {
        if self.settings.exact { self.lines.before.lane(lane) } else { self.lines.now.lane(lane) }
    }

    /// One bit of each lane.
    #[inline]
    fn bit<S: Sink<Item>>(&mut self, t: Time, samples: bool, sink: &mut S) {
        if samples {
            self.clock.period = t.since(self.clock.sample);
            self.clock.sample = t;
        }
        if self.word.kind == Some(PhaseKind::Dummy) {
            return self.dummy_clock();
        }
        if self.word.count == 0 {
            self.word.start = t;
        }
        self.word.last = t;
        let lanes = self.word.lanes.count;
        if self.reads_late() {
            self.expect_late(t);
        } else if lanes > 1 || self.settings.shared {
            for lane in (0..lanes as usize).rev() {
                let level = self.sampled(lane);
                self.word.mosi.take(level);
            }
            self.host_sample(t, sink);
        } else {
            let level = self.sampled(0);
            self.word.mosi.take(level);
            self.sample_miso(t, sink);
        }
        self.word.count += lanes as u32;
        if matches!(self.frame.stage, Stage::Opcode { .. }) {
            let fresh = self.word.mosi.last(lanes);
            self.word.opcode = self.word.opcode << lanes | fresh;
        }
        if self.word.count >= self.word.size {
            self.complete(t, sink);
        }
        self.progress(lanes as u32, samples);
    }

    /// MISO, now or later.
    #[inline]
    fn sample_miso<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if self.settings.delay > 0 {
            return self.expect_late(t);
        }
        let level = self.sampled(1);
        self.word.miso.take(level);
        self.host_sample(t, sink);
    }

    /// The bit of this edge is sampled later.
    #[inline]
    fn expect_late(&mut self, t: Time) {
        self.late.due |= 1 << (self.settings.delay - 1);
        self.late.tick = Some(t.saturating_add(self.clock.half));
    }

    /// Words on shared lanes that the controller samples late: those that a command says are its to read.
    #[inline]
    fn reads_late(&self) -> bool {
        let shared = self.word.lanes.count > 1 || self.settings.shared;
        shared && self.settings.delay > 0 && self.word.kind == Some(PhaseKind::Read)
    }

    /// The controller takes a sample of what the peripheral drives.
    #[inline]
    fn host_sample<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let unsettled = match self.frame.flow {
            Flow::Duplex => self.lines.before.at(pin::MISO) == Level::X,
            Flow::Out => self.lines.before.unknown(Pins::lanes(self.word.lanes.count)),
            Flow::In | Flow::Idle => return,
        };
        if unsettled {
            self.emit(t, event::Q_UNKNOWN, sink);
        }
        self.emit(t, event::HOST_SAMPLE, sink);
    }

    /// Late sampling: one more edge has passed.
    fn count_late<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if self.late.swallow.take().is_none_or(|until| t > until) {
            self.tick_late(t, sink);
        }
        self.late.tick = (self.late.due != 0).then(|| t.saturating_add(self.clock.half));
    }

    /// Half a period has passed for the samples that are due.
    fn tick_late<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let now = self.late.due & 1 != 0;
        self.late.due >>= 1;
        if !now {
            return;
        }
        self.host_sample(t, sink);
        // The sample belongs to the oldest word that waits, or to the present one.
        let shared = match self.late.waiting.front() {
            Some((word, ..)) => word.payload.shared_lanes(),
            None => self.reads_late().then_some(self.word.lanes.count),
        };
        let lanes = shared.map_or(1..2, |count| 0..count as usize);
        let bits = lanes.len() as u32;
        for lane in lanes.rev() {
            let level = self.sampled(lane);
            self.word.miso.take(level);
        }
        if let Some((_, need, _)) = self.late.waiting.front_mut() {
            *need = need.saturating_sub(bits);
            if *need == 0 {
                self.finish_waiting(sink);
            }
        }
    }

    /// MISO of the oldest waiting word is complete.
    fn finish_waiting<S: Sink<Item>>(&mut self, sink: &mut S) {
        let Some((mut word, _, complete)) = self.late.waiting.pop_front() else { return };
        let has_miso = self.lines.known >> pin::MISO.0 & 1 != 0;
        let heard = self.word.miso.number(self.options.bit_order);
        match &mut word.payload {
            Payload::Duplex { miso, .. } => *miso = has_miso.then_some(heard),
            Payload::Shared { bits, .. } => *bits = heard,
        }
        self.word.miso.clear();
        sink.item(if complete { Item::Word(word) } else { Item::Incomplete(word) });
    }

    /// Time passes: a half period without an edge counts for late samples. An edge that comes a little late is still that
    /// half period's, so silence counts only when no such edge can come any more.
    fn pass<S: Sink<Item>>(&mut self, t: Time, passing: Passing, sink: &mut S) {
        let edge = passing == Passing::Edge;
        while let Some(tick) = self.late.tick.filter(|&tick| tick <= t && !(edge && tick == t)) {
            if passing != Passing::Change && t.since(tick) < self.clock.half.scale(1, 2) {
                return;
            }
            self.tick_late(tick, sink);
            self.late.swallow = Some(tick.saturating_add(self.clock.half.scale(1, 2)));
            self.late.tick = (self.late.due != 0).then(|| tick.saturating_add(self.clock.half));
        }
    }

    /// Whatever late samples are due are taken now.
    fn drain_late<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if self.settings.delay == 0 {
            return;
        }
        while self.late.due != 0 {
            self.tick_late(t, sink);
        }
        self.late = Late::default();
    }

    /// The word has all its bits, as far as MOSI goes.
    #[inline]
    fn complete<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let end = self.end_of_bit(t);
        let duplex = self.word.lanes.count == 1 && !self.settings.shared;
        if self.settings.delay > 0 && (duplex || self.reads_late()) {
            // The sample of the bit that completes the word is still to come, whatever else a broken waveform has brought.
            // If an earlier word waits, the bits that are there are its own.
            let have = if self.late.waiting.is_empty() { self.word.miso.count } else { 0 };
            let need = self.word.size.saturating_sub(have).max(1);
            let word = self.build_word(end);
            self.word.mosi.clear();
            self.late.waiting.push_back((word, need, true));
        } else {
            let word = self.build_word(end);
            self.reset_word();
            sink.item(Item::Word(word));
        }
        self.word.count = 0;
    }

    /// Where the bit sampled at `t` ends, as far as the clock tells.
    fn end_of_bit(&self, t: Time) -> Time {
        let multiple = self.word.count > self.word.lanes.count as u32;
        let bit = match self.word.lanes.rate {
            _ if !multiple => self.clock.half.saturating_add(self.clock.half),
            Rate::Single => self.clock.period,
            Rate::Double => self.clock.half,
        };
        t.saturating_add(bit)
    }

    fn build_word(&self, end: Time) -> Word {
        let order = self.options.bit_order;
        let lanes = self.word.lanes.count;
        let has = |pin: u32| self.lines.known >> pin & 1 != 0;
        let payload = if lanes > 1 || self.settings.shared {
            let direction = match self.word.kind {
                Some(PhaseKind::Read) => Direction::ToController,
                Some(_) => Direction::ToPeripheral,
                None if matches!(self.frame.stage, Stage::Opcode { .. }) => Direction::ToPeripheral,
                None => Direction::Unknown,
            };
            let heard = if self.reads_late() { &self.word.miso } else { &self.word.mosi };
            Payload::Shared { lanes, direction, bits: heard.number(order) }
        } else {
            Payload::Duplex {
                mosi: has(pin::MOSI.0).then(|| self.word.mosi.number(order)),
                miso: has(pin::MISO.0).then(|| self.word.miso.number(order)),
            }
        };
        let double_rate = self.word.lanes.rate == Rate::Double;
        let flags = Flags { assumed_start: self.frame.assumed, double_rate };
        Word { start: self.word.start, end, cs: self.frame.cs, payload, flags }
    }

    /// A data lane changed while a transfer is open, or just after.
    #[inline]
    fn data<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let (before, now) = (self.lines.before, self.lines.now);
        let mut moved = before.differences(now).and(Pins::LANES);
        while let Some(lane) = moved.take_lane() {
            self.data_edge(t, lane, before.lane(lane), now.lane(lane), sink);
        }
    }

    #[inline]
    fn data_edge<S: Sink<Item>>(&mut self, t: Time, lane: usize, was: Level, now: Level, sink: &mut S) {
        let owned = self.lines.owned >> lane & 1 != 0;
        if owned && now == Level::Z {
            self.emit(t, event::Q_Z, sink);
            self.lines.owned &= !(1 << lane);
        }
        let open = self.frame.open || self.always_open() || self.frame.ti_left > 0;
        let output = match self.frame.flow {
            Flow::Duplex => lane == 1,
            Flow::Out => true,
            Flow::In => false,
            Flow::Idle => return,
        };
        if lane >= 2 && self.word.lanes.count < 4 {
            return;
        }
        if !output {
            if open && (lane == 0 || self.frame.flow == Flow::In) {
                self.emit(t, event::D_CHANGE, sink);
            }
            return;
        }
        if !open {
            return;
        }
        // On shared lanes the controller may just have let go: only the peripheral's own bits are held.
        if was.bit().is_some() && (owned || self.frame.flow == Flow::Duplex) {
            self.emit(t, event::Q_LEAVE, sink);
        }
        if now.bit().is_some() {
            self.emit(t, event::Q_VALID, sink);
        }
        if now != Level::Z {
            self.lines.owned |= 1 << lane;
        }
    }

    fn flush_odd<S: Sink<Item>>(&mut self, sink: &mut S) {
        let odd = std::mem::take(&mut self.odd.idle_edges);
        if odd > 0 {
            sink.diagnostic(Diagnostic {
                code: "spi::clock-while-deselected",
                severity: Severity::Note,
                from: self.odd.idle_from,
                to: self.odd.idle_to,
                text: match odd {
                    1 => "a clock edge while no chip select is active".into(),
                    _ => format!("{odd} clock edges while no chip select is active"),
                },
            });
        }
    }
}

/// The way through a command.
impl Monitor {
    fn table(&self) -> Option<&CommandTable> {
        self.options.commands.as_deref()
    }

    fn begin_command(&mut self) {
        self.reset_word();
        self.word.opcode = 0;
        self.frame.waits = false;
        let lanes = Lanes { count: self.frame.opcode_lanes, rate: self.options.lanes.rate };
        let (stage, word) = (self.table().map(|t| t.opcode_bits), self.options.word_bits.get());
        self.frame.stage = stage.map_or(Stage::Words, |left| Stage::Opcode { left });
        self.word.size = stage.map_or(word, |bits| bits.min(word));
        self.word.lanes = lanes;
        self.word.kind = None;
        self.frame.flow = self.flow();
    }

    /// Who drives in the present stage.
    #[inline]
    fn flow(&self) -> Flow {
        match self.word.kind {
            Some(PhaseKind::Dummy) => Flow::Idle,
            _ if self.word.lanes.count == 1 && !self.settings.shared => Flow::Duplex,
            Some(PhaseKind::Read) => Flow::Out,
            _ => Flow::In,
        }
    }

    fn dummy_clock(&mut self) {
        self.progress(1, true);
    }

    /// `bits` more bits of the present stage have passed.
    #[inline]
    fn progress(&mut self, bits: u32, samples: bool) {
        match &mut self.frame.stage {
            Stage::Words | Stage::Phase { left: 0, .. } => {}
            Stage::Opcode { left } => {
                *left = left.saturating_sub(bits);
                if *left == 0 {
                    self.begin_phases();
                }
            }
            Stage::Phase { command, index, left } => {
                *left = left.saturating_sub(bits);
                let (command, index, left) = (*command, *index, *left);
                if left == 0 {
                    self.enter(command, index + 1, samples);
                } else if self.word.count == 0 {
                    self.word.size = self.options.word_bits.get().min(left);
                }
            }
        }
    }

    /// The opcode is complete.
    fn begin_phases(&mut self) {
        let opcode = match (self.options.bit_order, self.table()) {
            (BitOrder::Lsb, Some(table)) => self.word.opcode.reverse_bits() >> (64 - table.opcode_bits),
            _ => self.word.opcode,
        };
        let found =
            self.table().and_then(|t| t.commands.iter().position(|c| (c.opcode ^ opcode) & c.mask == 0));
        let Some(command) = found else {
            self.frame.stage = Stage::Words;
            self.word.size = self.options.word_bits.get();
            return;
        };
        if let Some(entry) = self.command(command) {
            let (class, lanes) = (entry.class, entry.switches_lanes);
            self.frame.class = class;
            self.frame.opcode_lanes = lanes.unwrap_or(self.frame.opcode_lanes);
        }
        self.enter(command, 0, true);
    }

    fn command(&self, i: usize) -> Option<&Command> {
        self.table()?.commands.get(i)
    }

    /// Phase `index` begins; beyond the last phase words go on as they were.
    fn enter(&mut self, command: usize, index: usize, samples: bool) {
        let lanes = self.frame.opcode_lanes;
        let Some(phase) = self.command(command).and_then(|c| c.phases_on(lanes).get(index)).copied() else {
            self.frame.stage = Stage::Words;
            self.word.size = self.options.word_bits.get();
            return;
        };
        let was_single = self.word.lanes.rate == Rate::Single;
        self.frame.stage = Stage::Phase { command, index, left: phase.length };
        self.frame.waits = was_single && samples && phase.lanes.rate == Rate::Double;
        self.word.lanes = phase.lanes;
        self.word.kind = Some(phase.kind);
        let word = self.options.word_bits.get();
        self.word.size = if phase.length == 0 { word } else { word.min(phase.length) };
    }
}

impl Levels {
    /// As it is before anything is known.
    const NONE_DRIVEN: Levels = Levels(Value { bits: 0, unknown: u64::MAX });

    #[inline]
    fn at(self, pin: SignalId) -> Level {
        self.0.at(pin.0)
    }

    #[inline]
    fn lane(self, lane: usize) -> Level {
        self.0.at(pin::MOSI.0 + lane as u32)
    }

    #[inline]
    fn set(&mut self, pin: SignalId, level: Level) {
        self.0 = self.0.with(pin.0, level);
    }

    /// True if one of `pins` is X.
    #[inline]
    fn unknown(self, pins: Pins) -> bool {
        self.0.unknown & self.0.bits & u64::from(pins.0) != 0
    }

    /// True if one of `pins` is Z.
    #[inline]
    fn released(self, pins: Pins) -> bool {
        self.0.unknown & !self.0.bits & u64::from(pins.0) != 0
    }

    /// The pins that differ.
    #[inline]
    fn differences(self, other: Levels) -> Pins {
        Pins(((self.0.bits ^ other.0.bits) | (self.0.unknown ^ other.0.unknown)) as u16)
    }
}

impl Pins {
    const CLOCK: Pins = Pins(1 << pin::SCK.0);
    const LANES: Pins = Pins::lanes(4);
    const SELECTS: Pins = Pins(((1 << pin::CS_LINES) - 1) << pin::CS0.0);

    /// The first `count` data lanes.
    #[inline]
    const fn lanes(count: u8) -> Pins {
        Pins(((1 << count) - 1) << pin::MOSI.0)
    }

    #[inline]
    const fn and(self, other: Pins) -> Pins {
        Pins(self.0 & other.0)
    }

    #[inline]
    const fn any(self, of: Pins) -> bool {
        self.0 & of.0 != 0
    }

    /// Takes the lowest of them, which are all data lanes.
    #[inline]
    fn take_lane(&mut self) -> Option<usize> {
        let lane = self.0.trailing_zeros().checked_sub(pin::MOSI.0)? as usize;
        (self.0 != 0).then(|| {
            self.0 &= self.0 - 1;
            lane
        })
    }
}

impl Register {
    #[inline]
    fn take(&mut self, level: Level) {
        if self.count > 0 && self.count.is_multiple_of(64) {
            self.spill();
        }
        let (bit, unknown) = (level.is_high(), level.bit().is_none());
        self.bits = self.bits << 1 | bit as u64;
        self.unknown = self.unknown << 1 | unknown as u64;
        self.count += 1;
    }

    /// The last `n` bits.
    fn last(&self, n: u8) -> u64 {
        self.bits & ((1 << n) - 1)
    }

    /// Words longer than 64 bits go on in the long form.
    fn spill(&mut self) {
        let held = if self.count.is_multiple_of(64) { 64 } else { self.count % 64 };
        let (bits, unknown) = (self.bits, self.unknown);
        self.long.extend((0..held).rev().map(|i| bits >> i & 1 != 0));
        self.long_unknown.extend((0..held).rev().map(|i| unknown >> i & 1 != 0));
        (self.bits, self.unknown) = (0, 0);
    }

    /// The number that came in.
    fn number(&self, order: BitOrder) -> Bits {
        if self.count <= 64 {
            let n = self.count;
            let flip = |bits: u64| match order {
                BitOrder::Lsb if n > 0 => bits.reverse_bits() >> (64 - n),
                _ => bits,
            };
            return Bits::with_unknown(flip(self.bits), flip(self.unknown), n);
        }
        let mut whole = self.clone();
        whole.spill();
        Bits::from_wire_with_unknown(&whole.long, &whole.long_unknown, order)
    }

    fn clear(&mut self) {
        (self.bits, self.unknown, self.count) = (0, 0, 0);
        if !self.long.is_empty() {
            self.long.clear();
            self.long_unknown.clear();
        }
    }
}

impl crate::bus::Monitor for Monitor {
    type Item = Item;

    #[inline]
    fn instant<S: Sink<Item>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        let first = self.lines.known == 0;
        if self.late.tick.is_some() {
            let level = changes.iter().rfind(|c| c.signal == pin::SCK).and_then(|c| c.value.level().bit());
            let clock = level.is_some() && self.clock.high.is_some() && level != self.clock.high;
            self.lines.before = self.lines.now;
            self.pass(t, if clock { Passing::Edge } else { Passing::Change }, sink);
        }
        let set = self.take(changes);
        if set.any(Pins::SELECTS) && self.options.format != Format::Ti {
            self.selects(t, first, sink);
        }
        if set.any(Pins::CLOCK)
            && let Some(high) = self.lines.now.at(pin::SCK).bit()
            && self.clock.high != Some(high)
        {
            self.clock(t, high, sink);
        }
        if set.any(Pins::LANES) && !first {
            self.data(t, sink);
        }
    }

    fn advance<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.lines.before = self.lines.now;
        self.pass(t, Passing::Silence, sink);
    }

    fn finish<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.lines.before = self.lines.now;
        self.pass(t, Passing::Change, sink);
        self.drain_late(t, sink);
        self.cut_word(t, sink);
        self.flush_odd(sink);
        if self.odd.short_halves > 0 {
            sink.diagnostic(Diagnostic {
                code: "spi::under-sampled",
                severity: Severity::Note,
                from: self.odd.short_from,
                to: self.odd.short_to,
                text: format!(
                    "{} halves of the clock are a single sample long: edges may have been missed; record faster",
                    self.odd.short_halves
                ),
            });
        }
    }
}
