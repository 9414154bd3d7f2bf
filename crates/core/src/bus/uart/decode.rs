//! The monitor: from edges to frames.
//!
//! Each line is filtered first: a pulse shorter than [`Options::glitch`] is no edge. Each bit is then sampled in its
//! middle, counted from the falling edge of the start bit by the nominal rate, as an ideal receiver does. Among filtered
//! edges at most one falls between three points about that middle, so the level in the middle is their majority.
//!
//! A level that changes in the very instant of a sample is sampled as it was before. A line that is not driven (Z) is
//! idle; one that is X keeps its level but for the bits sampled then, which are unknown.

use super::filter::{Filter, Resolved};
use super::guess::{Guess, RateGuess};
use super::item::{Break, Closed, Flags, Frame, Item, Line, MeasuredRate, Packet};
use super::layout::Layout;
use super::lin::Lin;
use super::merge::{Controls, Merge, Out, Told};
use super::rules::event;
use super::sampling::{Goal, Reach};
use super::shared::SharedWire;
use super::{Baud, Options, Packets, pin};
use crate::bits::{BitOrder, Bits};
use crate::bus::{Diagnostic, Severity, Sink};
use crate::level::Level;
use crate::log::{Change, Source};
use crate::time::{Span, Time};
use crate::timing::{Event, EventKind, Place};

/// The UART monitor: an implementation of [`crate::bus::Monitor`].
///
/// Without a given rate it holds back up to [`Monitor::HELD`] changes until it has found one.
#[derive(Clone, Debug)]
pub struct Monitor {
    options: Options,
    source: Source,
    listening: Listening,
    link: Option<Link>,
}

/// What came before the rate was known.
#[derive(Clone, Debug, Default)]
struct Listening {
    guess: RateGuess,
    held: Vec<(Time, Change)>,
}

/// Two lines and their control signals, at a known rate.
#[derive(Clone, Debug)]
struct Link {
    rules: Shared,
    channels: [Channel; 2],
    controls: Controls,
    merge: Merge,
    wire: SharedWire,
}

/// What both lines share and never changes.
#[derive(Clone, Debug)]
struct Shared {
    layout: Layout,
    options: Options,
    grid: Span,
    /// How late an edge may be before it spoils the sample of the bit before; how early the sample of the bit behind; both
    /// in femtoseconds.
    late: i64,
    early: i64,
}

/// One line.
#[derive(Clone, Debug)]
struct Channel {
    line: Line,
    connected: bool,
    inverted: bool,
    filter: Filter,
    /// The filtered level.
    level: Level,
    /// The last filtered level that was Low or High.
    high: bool,
    phase: Phase,
    /// When the phase has something to do without an edge.
    due: Time,
    frame: Assembly,
    /// A frame whose last stop bit the line fell in, until it is known whether that is a start.
    held: Option<Assembly>,
    join: Join,
    /// Since when the line has been idle.
    idle_from: Time,
    /// Something was on the line before.
    spoke: bool,
    /// When the first stop bit of the last frame began, and the length of a bit, both as its transmitter has it.
    stop: Option<(Time, f64)>,
    /// The length of a bit by the last frame that told it well.
    bit: Option<f64>,
    /// The end of the last pulse that was removed.
    glitch: Option<Time>,
    packet: Option<(Time, u64)>,
    lin: Lin,
    rates: Rates,
}

/// What a line is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No level has been seen.
    Unknown,
    Idle,
    /// It fell; the middle of the start bit is still to come.
    Start,
    /// Bits are being sampled.
    Bits,
    /// The stop bit was sampled; the frame lasts on.
    Stop,
    /// The stop bit was sampled Low as all bits before: a frame, or a break if it stays so.
    Zeros,
    /// Low since then, and it is too late for a frame.
    Low(Time),
}

/// How sure it is that a falling edge is a start bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    /// The waveform began with the line Low: only a frame with a stop bit is believed, and the edges are kept until then.
    Searching,
    /// The waveform began with the line High, perhaps within a frame.
    Assumed,
    /// The line has been idle for the length of a frame.
    Sure,
}

/// The frame that is being put together.
#[derive(Clone, Debug, Default)]
struct Assembly {
    start: Time,
    gap: Option<Span>,
    /// The bit to be sampled next.
    next: usize,
    /// Data bits in order of travel, the first in bit 0.
    bits: u16,
    unknown: u16,
    parity: Option<bool>,
    framing_error: bool,
    noise: bool,
    rose: bool,
    fit: Fit,
    /// While searching: the edges behind the start.
    edges: Vec<(Time, Level)>,
}

/// A straight line through the edges of a frame, and how far they are from where they should be.
#[derive(Clone, Copy, Debug, Default)]
struct Fit {
    last: Time,
    /// The boundary that the last edge is: between bit `k - 1` and bit `k`.
    k: usize,
    n: f64,
    sum_k: f64,
    sum_kk: f64,
    sum_e: f64,
    sum_ke: f64,
    /// The earliest and the latest edge, against its ideal place.
    min: i64,
    max: i64,
}

/// The measured rates of a line's frames.
#[derive(Clone, Copy, Debug, Default)]
struct Rates {
    frames: u64,
    off: u64,
    sum_ppm: i64,
}

impl Monitor {
    /// How many changes are held back at most while the rate is not known.
    pub const HELD: usize = 4_096;

    /// A rate error above this is called wrong settings rather than a poor clock, in parts per million.
    const OFF_PPM: i64 = 30_000;

    /// A monitor for a link with the given options, of a waveform from `source`.
    pub fn new(options: &Options, source: Source) -> Monitor {
        let link = options.baud.map(|baud| Link::new(options, baud, source));
        Monitor { options: options.clone(), source, listening: Listening::default(), link }
    }

    /// The rate at which it decodes; `None` while that is being found.
    pub fn baud(&self) -> Option<Baud> {
        self.link.as_ref().map(|link| link.rules.layout.baud)
    }

    /// Holds changes back until the rate is known.
    fn listen<S: Sink<Item>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        for change in changes.iter().filter(|change| change.signal <= pin::PEER_DE) {
            self.listening.held.push((t, *change));
            for line in Line::ALL.into_iter().filter(|line| line.pin() == change.signal) {
                self.listening.guess.level(line, t, change.value.level());
            }
        }
        if self.listening.guess.is_sure() || self.listening.held.len() >= Monitor::HELD {
            self.settle(sink);
        }
    }

    /// Takes the best guess there is and decodes what was held back.
    fn settle<S: Sink<Item>>(&mut self, sink: &mut S) {
        let Listening { guess, held } = std::mem::take(&mut self.listening);
        let (from, to) = (held.first().map_or(Time::ZERO, |h| h.0), held.last().map_or(Time::ZERO, |h| h.0));
        let baud = told(guess.guess(), from, to, sink);
        let link = self.link.insert(Link::new(&self.options, baud, self.source));
        for of_one_instant in held.chunk_by(|a, b| a.0 == b.0) {
            let changes: Vec<Change> = of_one_instant.iter().map(|h| h.1).collect();
            link.instant(of_one_instant[0].0, &changes, sink);
        }
    }
}

/// Says which rate was found, if one was, and returns the one to decode at.
fn told<S: Sink<Item>>(guess: Option<Guess>, from: Time, to: Time, sink: &mut S) -> Baud {
    let Some(found) = guess else {
        let text = "too few edges to find the bit rate; set `baud`".into();
        let severity = Severity::Warning;
        sink.diagnostic(Diagnostic { code: "uart::rate-unknown", severity, from, to, text });
        return Options::default().baud.unwrap_or(Baud::MIN);
    };
    let Guess { edges, confidence_percent, .. } = found;
    let baud = found.best();
    let text =
        format!("decoded at {baud} baud, found from {edges} edges with {confidence_percent} % confidence");
    sink.diagnostic(Diagnostic { code: "uart::rate-found", severity: Severity::Note, from, to, text });
    baud
}

impl crate::bus::Monitor for Monitor {
    type Item = Item;

    #[inline]
    fn instant<S: Sink<Item>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        match &mut self.link {
            Some(link) => link.instant(t, changes, sink),
            None => self.listen(t, changes, sink),
        }
    }

    fn advance<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if let Some(link) = &mut self.link {
            link.pass(t, sink);
        }
    }

    fn finish<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if self.link.is_none() {
            self.settle(sink);
        }
        if let Some(link) = &mut self.link {
            link.finish(t, sink);
        }
    }
}

impl Link {
    fn new(options: &Options, baud: Baud, source: Source) -> Link {
        let layout = Layout::new(options, baud);
        let Reach { first, last } = options.sampling.reach(Goal::Bytes);
        let sixteenths = |n: u32| layout.bit * n as i64 / 16;
        let channel = |line: Line| {
            let inverted = match line {
                Line::Tx => options.invert_tx,
                Line::Rx => options.invert_rx,
            };
            Channel::new(line, inverted, &layout)
        };
        Link {
            channels: Line::ALL.map(channel),
            controls: Controls::default(),
            merge: Merge::default(),
            wire: SharedWire::new(),
            rules: Shared {
                options: options.clone(),
                grid: source.grid().unwrap_or(Span::ZERO),
                late: sixteenths(first),
                early: sixteenths(16 - last),
                layout,
            },
        }
    }

    #[inline]
    fn instant<S: Sink<Item>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        self.pass(t, sink);
        let is_shared = self.wire.is_in_use(changes);
        if is_shared {
            self.share(t, changes, sink);
        }
        for change in changes {
            let level = change.value.level();
            match change.signal {
                pin::TX | pin::RX if !is_shared => {
                    self.change(t, Line::ALL[change.signal.index()], level, sink);
                }
                pin::RTS => self.controls.flow(t, Line::Rx, level, &mut self.merge),
                pin::CTS => self.controls.flow(t, Line::Tx, level, &mut self.merge),
                pin::DE => self.controls.enable(t, Line::Tx, level, &mut self.merge),
                pin::PEER_DE => self.controls.enable(t, Line::Rx, level, &mut self.merge),
                _ => {}
            }
        }
    }

    #[inline]
    fn change<S: Sink<Item>>(&mut self, t: Time, line: Line, level: Level, sink: &mut S) {
        let mut out = Out { merge: &mut self.merge, sink, direct: false };
        self.channels[line as usize].change(t, level, &self.rules, &mut out);
    }

    /// The changes of a wire that both ends drive.
    #[cold]
    fn share<S: Sink<Item>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        for (line, level) in Line::ALL.into_iter().zip(self.wire.take(changes)) {
            if let Some(level) = level {
                self.change(t, line, level, sink);
            }
        }
        if let Some(collision) = self.wire.overlap(t, false) {
            sink.diagnostic(collision);
        }
    }

    /// Nothing has changed until `t`.
    #[inline]
    fn pass<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let mut floor = t;
        let direct = self.is_alone();
        for channel in self.channels.iter_mut().filter(|channel| channel.connected) {
            let mut out = Out { merge: &mut self.merge, sink, direct };
            floor = floor.min(channel.pass(t, &self.rules, &mut out));
        }
        if !direct {
            self.merge.flush(floor, &mut self.controls, sink);
        }
    }

    /// True if there is one line only: what it says is in order as it is.
    #[inline]
    fn is_alone(&self) -> bool {
        self.channels[0].connected != self.channels[1].connected
            && !self.controls.is_connected()
            && self.merge.is_empty()
    }

    fn finish<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.pass(t, sink);
        for channel in self.channels.iter_mut().filter(|channel| channel.connected) {
            let mut out = Out { merge: &mut self.merge, sink, direct: false };
            channel.finish(t, &self.rules, &mut out);
        }
        self.merge.finish(&mut self.controls, sink);
        if let Some(collision) = self.wire.overlap(t, true) {
            sink.diagnostic(collision);
        }
        for channel in &self.channels {
            channel.sum_up(t, &self.rules, sink);
        }
    }
}

impl Shared {
    /// Low for a frame up to its first stop bit.
    fn is_break(&self, since: Time, until: Time) -> bool {
        until.since(since).as_fs() >= self.layout.bounds[self.layout.stop + 1]
    }
}

impl Channel {
    fn new(line: Line, inverted: bool, layout: &Layout) -> Channel {
        Channel {
            line,
            connected: false,
            inverted,
            filter: Filter::new(Span::from_fs(layout.filter), Level::X),
            level: Level::X,
            high: true,
            phase: Phase::Unknown,
            due: Time::MAX,
            frame: Assembly::default(),
            held: None,
            join: Join::Assumed,
            idle_from: Time::ZERO,
            spoke: false,
            stop: None,
            bit: None,
            glitch: None,
            packet: None,
            lin: Lin::Elsewhere,
            rates: Rates::default(),
        }
    }

    /// The level as a receiver of this line understands it.
    #[inline]
    fn understood(&self, level: Level) -> Level {
        match level {
            Level::Z => Level::High,
            Level::X => Level::X,
            Level::Low | Level::High => Level::from_bit(level.is_high() != self.inverted),
        }
    }

    #[inline]
    fn change<S: Sink<Item>>(&mut self, t: Time, level: Level, rules: &Shared, out: &mut Out<'_, S>) {
        let level = self.understood(level);
        self.connected = true;
        if self.phase == Phase::Unknown {
            return self.begin_waveform(t, level, rules);
        }
        if let Some(Resolved::Glitch(from, to)) = self.filter.change(t, level) {
            self.glitch(from, to, out);
        }
    }

    /// The first level that is known.
    fn begin_waveform(&mut self, t: Time, level: Level, rules: &Shared) {
        self.filter = Filter::new(Span::from_fs(rules.layout.filter), level);
        self.level = level;
        self.idle_from = t;
        match level.bit() {
            Some(true) => self.phase = Phase::Idle,
            Some(false) => (self.phase, self.high, self.join) = (Phase::Low(t), false, Join::Searching),
            None => {}
        }
    }

    /// Nothing has changed until `t`. Returns the time before which the line will say no more.
    #[inline]
    fn pass<S: Sink<Item>>(&mut self, t: Time, rules: &Shared, out: &mut Out<'_, S>) -> Time {
        while let Some(resolved) = self.filter.pass(t) {
            match resolved {
                Resolved::Edge(at, level) => {
                    self.run(at, rules, out);
                    self.edge(at, level, rules, out);
                }
                Resolved::Glitch(from, to) => self.glitch(from, to, out),
            }
        }
        let known = self.filter.open_since().unwrap_or(t);
        self.run(known, rules, out);
        match self.phase {
            Phase::Start => known.min(self.frame.start),
            Phase::Bits | Phase::Stop | Phase::Zeros if self.join == Join::Searching => {
                known.min(self.frame.start)
            }
            _ => known,
        }
    }

    /// Does what is due until `t`; the filtered level has not changed since the last edge.
    #[inline]
    fn run<S: Sink<Item>>(&mut self, t: Time, rules: &Shared, out: &mut Out<'_, S>) {
        // `Time::MAX` stands for never, also where the waveform reaches it.
        while self.due <= t && self.due < Time::MAX {
            match self.phase {
                Phase::Start | Phase::Bits => self.sample(rules, out),
                Phase::Stop => self.close(self.due, None, rules, out),
                Phase::Zeros => {
                    self.phase = Phase::Low(self.frame.start);
                    self.due = Time::MAX;
                }
                Phase::Idle => self.close_packet(self.due, Closed::Gap, out),
                Phase::Unknown | Phase::Low(_) => self.due = Time::MAX,
            }
        }
    }

    /// A pulse from `from` to `to` was removed.
    fn glitch<S: Sink<Item>>(&mut self, from: Time, to: Time, out: &mut Out<'_, S>) {
        self.glitch = Some(to);
        self.frame.noise |= self.phase != Phase::Idle && from >= self.frame.start;
        // A pulse within an edge that is still open is not one of the idle line.
        let apart = self.filter.open_since().is_none_or(|open| open >= to);
        if self.phase == Phase::Idle && apart && !out.is_crowded() {
            self.false_start(from, to, out);
        }
    }

    fn false_start<S: Sink<Item>>(&self, from: Time, to: Time, out: &mut Out<'_, S>) {
        let (line, length) = (self.line.name(), to.since(from));
        let text = format!("{line} is Low for {length} while idle: too short for a start bit");
        let severity = Severity::Note;
        self.diagnose(Diagnostic { code: "uart::false-start", severity, from, to, text }, out);
    }

    #[inline]
    fn tell<S: Sink<Item>>(&self, at: Time, told: Told, out: &mut Out<'_, S>) {
        out.push(at, self.line as u8, told);
    }

    #[inline]
    fn event<S: Sink<Item>>(&self, time: Time, kind: EventKind, value: i64, out: &mut Out<'_, S>) {
        let place = Place([self.line as u8, 0, 0, 0]);
        let event = Event { time, kind, class: crate::timing::Class(0), place, value };
        self.tell(time, Told::Event(event), out);
    }

    /// The filtered line goes to `to`.
    #[inline]
    fn edge<S: Sink<Item>>(&mut self, at: Time, to: Level, rules: &Shared, out: &mut Out<'_, S>) {
        self.level = to;
        let Some(high) = to.bit().filter(|&high| high != self.high) else {
            if self.phase == Phase::Unknown {
                self.begin_waveform(at, to, rules);
            }
            return;
        };
        self.high = high;
        match self.phase {
            Phase::Idle if !high => self.begin(at, rules),
            Phase::Start | Phase::Bits => self.frame_edge(at, to, rules),
            Phase::Stop | Phase::Zeros => self.stop_edge(at, to, rules, out),
            Phase::Low(since) if high => self.rise(since, at, rules, out),
            _ => {}
        }
    }

    /// An edge among the bits.
    #[inline]
    fn frame_edge(&mut self, at: Time, to: Level, rules: &Shared) {
        self.frame.rose = true;
        if self.join == Join::Searching {
            self.frame.edges.push((at, to));
        }
        self.frame.noise |= !self.frame.fit.add(at, self.frame.start, &rules.layout);
    }

    /// An edge behind the middle of the stop bit.
    #[inline]
    fn stop_edge<S: Sink<Item>>(&mut self, at: Time, to: Level, rules: &Shared, out: &mut Out<'_, S>) {
        if to.is_low() {
            if self.frame.framing_error || self.join == Join::Searching {
                self.close(at, Some(at), rules, out);
                return self.after_close(at, rules, out);
            }
            self.held = Some(std::mem::take(&mut self.frame));
            return self.begin(at, rules);
        }
        self.frame_edge(at, to, rules);
        if self.phase == Phase::Zeros {
            self.phase = Phase::Stop;
            self.due = self.frame.start.saturating_add(Span::from_fs(rules.layout.end));
        }
    }

    /// The falling edge that closed a frame is a start; or else, if that was no frame and has been read again, whatever
    /// came of it decides.
    #[inline]
    fn after_close<S: Sink<Item>>(&mut self, at: Time, rules: &Shared, out: &mut Out<'_, S>) {
        if self.phase == Phase::Idle {
            return self.begin(at, rules);
        }
        self.run(at, rules, out);
        self.high = true;
        self.edge(at, Level::Low, rules, out);
    }

    /// The line fell while idle.
    #[inline]
    fn begin(&mut self, at: Time, rules: &Shared) {
        let idle = at.since(self.idle_from);
        if idle.as_fs() >= rules.layout.end && self.held.is_none() {
            self.join = Join::Sure;
        }
        let mut edges = std::mem::take(&mut self.frame.edges);
        edges.clear();
        self.frame = Assembly {
            start: at,
            gap: if self.held.is_some() { Some(Span::ZERO) } else { self.spoke.then_some(idle) },
            // A pulse within the edge, or so close before it that the edge may have been there.
            noise: self
                .glitch
                .is_some_and(|glitch| glitch.as_fs().saturating_add(rules.layout.filter) > at.as_fs()),
            fit: Fit::new(at),
            edges,
            ..Assembly::default()
        };
        self.phase = Phase::Start;
        self.due = at.saturating_add(Span::from_fs(rules.layout.middles[0]));
    }

    /// The middle of a bit.
    #[inline]
    fn sample<S: Sink<Item>>(&mut self, rules: &Shared, out: &mut Out<'_, S>) {
        let layout = &rules.layout;
        let (at, i) = (self.due, self.frame.next);
        self.frame.next += 1;
        self.due = self.frame.start.saturating_add(Span::from_fs(layout.middles[i + 1]));
        if i == 0 {
            self.validate(at, rules, out);
        } else if i <= layout.data {
            self.frame.bits |= (self.level.is_high() as u16) << (i - 1);
            self.frame.unknown |= ((self.level == Level::X) as u16) << (i - 1);
        } else if i < layout.stop {
            self.frame.parity = self.level.bit();
        } else {
            self.sample_stop(rules);
        }
    }

    /// The middle of the start bit: is it one?
    #[inline]
    fn validate<S: Sink<Item>>(&mut self, at: Time, rules: &Shared, out: &mut Out<'_, S>) {
        if let Some(held) = self.held.take() {
            let start = self.level.is_low();
            let until = if start { self.frame.start } else { at };
            self.close_held(held, start, until, rules, out);
        }
        if self.level.is_low() {
            self.phase = Phase::Bits;
            if self.join != Join::Searching {
                self.announce(out);
            }
            return;
        }
        self.phase = if self.high { Phase::Idle } else { Phase::Low(self.frame.start) };
        let end = if self.high { self.frame.fit.last } else { at };
        self.false_start(self.frame.start, end, out);
        self.due = self.gap_due(rules);
    }

    /// The frame before is over: at the start of this one, or, disturbed in its stop bit by what is no start, by its length
    /// or when that is known.
    fn close_held<S: Sink<Item>>(
        &mut self,
        mut held: Assembly,
        start: bool,
        until: Time,
        rules: &Shared,
        out: &mut Out<'_, S>,
    ) {
        held.framing_error = !start;
        let end = until.min(held.start.saturating_add(Span::from_fs(rules.layout.end)));
        let next = start.then_some(end);
        let (phase, due) = (self.phase, self.due);
        let frame = std::mem::replace(&mut self.frame, held);
        self.close(end, next, rules, out);
        (self.frame, self.phase, self.due) = (frame, phase, due);
    }

    /// The frame has begun.
    #[inline]
    fn announce<S: Sink<Item>>(&mut self, out: &mut Out<'_, S>) {
        let start = self.frame.start;
        if let Some((begin, bit)) = self.stop.take() {
            let value = (start.since(begin).as_fs() as f64 / bit * 1_000.0).round() as i64;
            self.event(start, event::STOP, value, out);
        }
        if let (Some(gap), Some(_)) = (self.frame.gap, self.packet) {
            self.event(start, event::GAP, gap.as_fs() as i64, out);
        }
        self.event(start, event::START, 0, out);
    }

    /// The middle of the first stop bit.
    #[inline]
    fn sample_stop(&mut self, rules: &Shared) {
        let layout = &rules.layout;
        self.frame.framing_error = !self.level.is_high();
        let ends = if self.frame.framing_error && !self.frame.rose {
            self.phase = Phase::Zeros;
            layout.bounds[layout.stop + 1]
        } else {
            self.phase = Phase::Stop;
            layout.end
        };
        self.due = self.frame.start.saturating_add(Span::from_fs(ends));
    }

    /// The frame is over: by its length, or because the next one starts.
    #[inline]
    fn close<S: Sink<Item>>(&mut self, end: Time, next: Option<Time>, rules: &Shared, out: &mut Out<'_, S>) {
        if self.join == Join::Searching {
            if self.frame.framing_error {
                return self.search_on(rules, out);
            }
            self.join = Join::Assumed;
            self.announce(out);
        }
        let layout = &rules.layout;
        if let Some(next) = next.filter(|_| !self.frame.framing_error) {
            let nominal = self.frame.start.as_fs().wrapping_add(layout.bounds[layout.stop + 1]);
            let early = next.as_fs().wrapping_sub(nominal).cast_signed();
            self.frame.fit.min = self.frame.fit.min.min(early);
        }
        let rate = self.frame.fit.rate(layout);
        let margin = self.frame.fit.margin(rules);
        self.follow_rate(rate, layout);
        self.measure(end, rate, margin, layout, out);
        self.report(end, rate, margin, rules, out);
        self.event(end, event::END, 0, out);
        self.after_frame(end, next, rules, out);
    }

    /// What follows a frame.
    #[inline]
    fn after_frame<S: Sink<Item>>(
        &mut self,
        end: Time,
        next: Option<Time>,
        rules: &Shared,
        out: &mut Out<'_, S>,
    ) {
        self.idle_from = end;
        self.spoke = true;
        self.due = Time::MAX;
        let low = !self.high && next.is_none();
        self.phase = if low { Phase::Low(self.frame.fit.last) } else { Phase::Idle };
        self.count_frame(end, rules, out);
    }

    /// Where the stop bit began, as the transmitter has it, and how long its bits are.
    #[inline]
    fn follow_rate(&mut self, rate: Option<MeasuredRate>, layout: &Layout) {
        if let Some(rate) = rate.filter(|rate| 2 * rate.bits as usize > layout.stop) {
            self.bit = Some(rate.bit.as_fs() as f64);
            self.rates.add(rate.error_ppm);
        }
        let bit = self.bit.unwrap_or(layout.bit as f64);
        let behind = layout.stop.saturating_sub(self.frame.fit.k) as f64 * bit;
        let begin = self.frame.fit.last.saturating_add(Span::from_fs(behind.round() as u64));
        self.stop = (!self.frame.framing_error && self.frame.fit.k <= layout.stop).then_some((begin, bit));
    }

    /// The timing of the frame.
    #[inline]
    fn measure<S: Sink<Item>>(
        &self,
        end: Time,
        rate: Option<MeasuredRate>,
        margin: Option<i64>,
        layout: &Layout,
        out: &mut Out<'_, S>,
    ) {
        if let Some(rate) = rate.filter(|rate| 2 * rate.bits as usize > layout.stop) {
            self.event(end, event::RATE, rate.error_ppm, out);
        }
        if let Some(margin) = margin {
            self.event(end, event::MARGIN, margin, out);
        }
    }

    /// The frame as an item, and what is wrong with it.
    #[inline]
    fn report<S: Sink<Item>>(
        &mut self,
        end: Time,
        rate: Option<MeasuredRate>,
        margin_mui: Option<i64>,
        rules: &Shared,
        out: &mut Out<'_, S>,
    ) {
        let data = self.data(rules);
        let wanted = rules.options.parity.bit(data.to_u64().unwrap_or(0) as u16);
        let known = data.is_known() && self.frame.parity.is_some();
        let flags = Flags {
            parity_error: wanted.is_some() && (!known || wanted != self.frame.parity),
            framing_error: self.frame.framing_error,
            noise: self.frame.noise || self.frame.fit.strays(&rules.layout),
            assumed_start: self.join != Join::Sure,
        };
        let start = self.frame.start;
        if flags.parity_error || flags.framing_error || rules.options.lin {
            self.remark(start, end, &data, flags, rules, out);
        }
        let (line, gap) = (self.line, self.frame.gap);
        let bit = Span::from_fs(self.bit.unwrap_or(rules.layout.bit as f64) as u64);
        let frame = Frame { line, start, end, data, bit, flags, gap, rate, margin_mui };
        self.tell(end, Told::Item(Item::Frame(frame)), out);
    }

    /// The data bits as a number.
    #[inline]
    fn data(&self, rules: &Shared) -> Bits {
        let n = rules.layout.data as u32;
        let number = |bits: u16| match rules.options.bit_order {
            BitOrder::Lsb => bits,
            BitOrder::Msb => bits.reverse_bits() >> (16 - n),
        };
        Bits::with_unknown(number(self.frame.bits) as u64, number(self.frame.unknown) as u64, n)
    }

    /// What is wrong with a frame.
    fn remark<S: Sink<Item>>(
        &mut self,
        from: Time,
        to: Time,
        data: &Bits,
        flags: Flags,
        rules: &Shared,
        out: &mut Out<'_, S>,
    ) {
        let (line, severity) = (self.line.name(), Severity::Error);
        if flags.framing_error {
            let text = format!("the stop bit of {data} on {line} is Low, or not High for all of its length");
            self.diagnose(Diagnostic { code: "uart::framing-error", severity, from, to, text }, out);
        }
        if flags.parity_error {
            let text = format!("the parity bit of {data} on {line} is wrong");
            self.diagnose(Diagnostic { code: "uart::parity-error", severity, from, to, text }, out);
        }
        if rules.options.lin {
            self.follow_lin(from, to, data, out);
        }
    }

    /// LIN: behind a break come the sync byte, the protected identifier and a response.
    fn follow_lin<S: Sink<Item>>(&mut self, from: Time, to: Time, data: &Bits, out: &mut Out<'_, S>) {
        if let Some(wrong) = self.lin.frame(data, from, to) {
            self.diagnose(wrong, out);
        }
    }

    /// LIN: a message is over, and `next` is what comes.
    fn end_lin<S: Sink<Item>>(&mut self, at: Time, next: Lin, rules: &Shared, out: &mut Out<'_, S>) {
        if let Some(wrong) = self.lin.end(self.line, next).filter(|_| rules.options.lin) {
            self.tell(at, Told::Diagnostic(wrong), out);
        }
    }

    #[inline]
    fn diagnose<S: Sink<Item>>(&self, diagnostic: Diagnostic, out: &mut Out<'_, S>) {
        self.tell(diagnostic.to, Told::Diagnostic(diagnostic), out);
    }

    /// What looked like a frame was none: its edges are read again, from the next falling one on.
    #[cold]
    fn search_on<S: Sink<Item>>(&mut self, rules: &Shared, out: &mut Out<'_, S>) {
        let edges = std::mem::take(&mut self.frame.edges);
        let high = self.high;
        (self.phase, self.high, self.due) = (Phase::Low(self.frame.start), false, Time::MAX);
        for (at, to) in edges {
            self.run(at, rules, out);
            self.edge(at, to, rules, out);
        }
        self.high = high;
    }

    /// The line rises after having been Low since `since`, too late for a frame.
    fn rise<S: Sink<Item>>(&mut self, since: Time, at: Time, rules: &Shared, out: &mut Out<'_, S>) {
        if rules.is_break(since, at) {
            let value = rules.layout.mui(i64::try_from(at.since(since).as_fs()).unwrap_or(i64::MAX));
            self.event(at, event::BREAK, value, out);
            self.report_break(since, at, out);
            self.event(at, event::BREAK_END, 0, out);
            self.end_lin(at, Lin::Sync, rules, out);
        }
        self.idle_from = at;
        self.spoke = true;
        self.phase = Phase::Idle;
        self.due = self.gap_due(rules);
    }

    fn report_break<S: Sink<Item>>(&mut self, start: Time, end: Time, out: &mut Out<'_, S>) {
        let line = self.line;
        self.tell(end, Told::Item(Item::Break(Break { line, start, end })), out);
        let text = format!("{} is Low for {}", line.name(), end.since(start));
        let severity = Severity::Note;
        self.diagnose(Diagnostic { code: "uart::break", severity, from: start, to: end, text }, out);
        self.close_packet(end, Closed::Break, out);
        self.stop = None;
    }

    /// A frame counts for the packet it is in.
    #[inline]
    fn count_frame<S: Sink<Item>>(&mut self, end: Time, rules: &Shared, out: &mut Out<'_, S>) {
        if rules.options.packets == Packets::None {
            return;
        }
        let (_, frames) = self.packet.get_or_insert((self.frame.start, 0));
        *frames += 1;
        let frames = *frames;
        match rules.options.packets {
            Packets::Delimiter(delimiter) if self.data(rules).to_u64() == Some(delimiter as u64) => {
                self.close_packet(end, Closed::Delimiter, out);
            }
            Packets::Length(length) if frames >= length as u64 => {
                self.close_packet(end, Closed::Length, out);
            }
            _ => self.due = self.gap_due(rules),
        }
    }

    /// When the line has been idle for so long that a packet is over.
    fn gap_due(&self, rules: &Shared) -> Time {
        match rules.options.packets {
            Packets::Gap(bits) if self.packet.is_some() => {
                self.idle_from.saturating_add(rules.layout.baud.bits(bits as u64, 1))
            }
            _ => Time::MAX,
        }
    }

    fn close_packet<S: Sink<Item>>(&mut self, end: Time, closed: Closed, out: &mut Out<'_, S>) {
        self.due = Time::MAX;
        if let Some((start, frames)) = self.packet.take() {
            let packet = Packet { line: self.line, start, end, frames, closed };
            self.tell(end, Told::Item(Item::Packet(packet)), out);
        }
    }

    /// The waveform ends at `t`.
    fn finish<S: Sink<Item>>(&mut self, t: Time, rules: &Shared, out: &mut Out<'_, S>) {
        if let Some((at, level)) = self.filter.take_open() {
            self.edge(at, level, rules, out);
            self.run(t, rules, out);
        }
        if let Some(held) = self.held.take() {
            self.close_held(held, true, self.frame.start, rules, out);
        }
        match self.phase {
            Phase::Stop | Phase::Zeros => self.close(t, None, rules, out),
            Phase::Bits if self.join != Join::Searching => {
                let line = self.line.name();
                let text = format!("the waveform ends within a frame on {line}");
                let (from, severity) = (self.frame.start, Severity::Note);
                self.diagnose(Diagnostic { code: "uart::cut-off", severity, from, to: t, text }, out);
            }
            Phase::Low(since) if rules.is_break(since, t) => self.report_break(since, t, out),
            _ => {}
        }
        self.close_packet(t, Closed::End, out);
        self.end_lin(t, Lin::Elsewhere, rules, out);
    }

    /// What is said of the line as a whole.
    fn sum_up<S: Sink<Item>>(&self, t: Time, rules: &Shared, sink: &mut S) {
        let Rates { frames, off, sum_ppm } = self.rates;
        let (line, from, to) = (self.line.name(), Time::ZERO, t);
        if frames >= Rates::ENOUGH && off > frames / 2 {
            let text = format!(
                "frames on {line} are {:+.1} % off the rate of {} baud: is that the right one?",
                sum_ppm as f64 / frames as f64 / 10_000.0,
                rules.layout.baud
            );
            let severity = Severity::Warning;
            sink.diagnostic(Diagnostic { code: "uart::rate-off", severity, from, to, text });
        }
        if self.spoke && rules.grid.as_fs() * 4 > rules.layout.bit.cast_unsigned() {
            let text =
                format!("a bit on {line} is less than four samples long: record faster to be sure of it");
            let severity = Severity::Note;
            sink.diagnostic(Diagnostic { code: "uart::under-sampled", severity, from, to, text });
        }
    }
}

impl Fit {
    fn new(start: Time) -> Fit {
        Fit { last: start, n: 1.0, ..Fit::default() }
    }

    /// One more edge. False if it is too close to the last to be at the border of a bit.
    #[inline]
    fn add(&mut self, at: Time, start: Time, layout: &Layout) -> bool {
        let offset = at.since(start).as_fs();
        let step = layout.bits_in(at.since(self.last).as_fs());
        self.last = at;
        if step == 0 {
            self.k = layout.bits_in(offset);
            return false;
        }
        self.k = (self.k + step).min(super::layout::MOST);
        let stray = offset.cast_signed() - layout.bounds[self.k].cast_signed();
        self.min = self.min.min(stray);
        self.max = self.max.max(stray);
        let (k, e) = (self.k as f64, offset as f64);
        self.n += 1.0;
        self.sum_k += k;
        self.sum_kk += k * k;
        self.sum_e += e;
        self.sum_ke += k * e;
        true
    }

    /// The length of a bit, by least squares.
    #[inline]
    fn rate(&self, layout: &Layout) -> Option<MeasuredRate> {
        let below = self.n * self.sum_kk - self.sum_k * self.sum_k;
        if self.n < 2.0 || below <= 0.0 {
            return None;
        }
        let bit = (self.n * self.sum_ke - self.sum_k * self.sum_e) / below;
        if bit < 1.0 {
            return None;
        }
        let error_ppm = ((layout.bit as f64 / bit - 1.0) * 1e6).round() as i64;
        Some(MeasuredRate { bit: Span::from_fs(bit.round() as u64), error_ppm, bits: self.k as u8 })
    }

    /// How far the edges stay from the samples that they must not reach, in thousandths of a bit.
    #[inline]
    fn margin(&self, rules: &Shared) -> Option<i64> {
        let least = (rules.late - self.max).min(self.min + rules.early);
        (self.n >= 2.0).then(|| rules.layout.mui(least))
    }

    /// An edge falls between three points about the middle of a bit.
    fn strays(&self, layout: &Layout) -> bool {
        let most = layout.bit / 2 - layout.aside.cast_signed();
        self.max > most || self.min < -most
    }
}

impl Rates {
    /// So many frames tell whether the rate is right.
    const ENOUGH: u64 = 4;

    fn add(&mut self, ppm: i64) {
        self.frames += 1;
        self.off += (ppm.abs() > Monitor::OFF_PPM) as u64;
        self.sum_ppm = self.sum_ppm.saturating_add(ppm);
    }
}
