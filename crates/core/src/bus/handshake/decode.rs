//! The monitor: from edges to words.
//!
//! Changes of one instant are taken in the order of the protocol: where a request and its acknowledge come at once, the
//! request came first. Data that change in the instant of a request are before it, those that change in the instant of an
//! acknowledge after it; a rule of its own judges the coincidence.
//!
//! In valid/ready everything is sampled at the rising edge as it was before that instant if instants are exact (a flip-flop
//! sees the old value), and as it is after it in a sampled recording.

use super::item::{Beat, Flags, Item};
use super::rules::event;
use super::{DataPhase, Options, Protocol, pin};
use crate::bits::Bits;
use crate::bus::{Diagnostic, Severity, Sink};
use crate::log::{Change, Source, Value};
use crate::time::{Span, Time};
use crate::timing::{Event, EventKind, Place};

/// The handshake monitor: an implementation of [`crate::bus::Monitor`].
#[derive(Clone, Debug)]
pub struct Monitor {
    options: Options,
    /// The doubt in the order of two changes.
    doubt: Span,
    exact: bool,
    lines: Lines,
    moved: Moved,
    open: Option<Open>,
    /// Bundled data have to be stable since then.
    locked: Option<Time>,
    bundle: Bundle,
    rails: Rails,
    synchronous: Synchronous,
    stall: Stall,
}

/// The wires, each as it was when it was last known.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    req: Line,
    ack: Line,
    clk: Line,
    valid: Line,
    ready: Line,
    data: Plane,
    t: Plane,
    f: Plane,
}

#[derive(Clone, Copy, Debug, Default)]
struct Line {
    now: Option<bool>,
    /// As the last instant left it.
    before: Option<bool>,
}

impl Line {
    /// True if it was taken to another level in this instant.
    fn moved(self) -> bool {
        self.before.is_some() && self.now != self.before
    }
}

/// Wires of a word.
#[derive(Clone, Copy, Debug)]
struct Plane {
    now: Value,
    before: Value,
    is_connected: bool,
}

impl Default for Plane {
    fn default() -> Plane {
        Plane { now: Value::known(0), before: Value::known(0), is_connected: false }
    }
}

/// What this instant brought.
#[derive(Clone, Copy, Debug, Default)]
struct Moved {
    data: bool,
    valid: bool,
    ready: bool,
}

/// A word on its way.
#[derive(Clone, Copy, Debug)]
struct Open {
    start: Time,
    data: Value,
    flags: Flags,
}

/// Where a bundled handshake is.
#[derive(Clone, Copy, Debug, Default)]
struct Bundle {
    /// Request and acknowledge as they were followed so far; `None` until both are known.
    at: Option<(bool, bool)>,
    /// The present request was acknowledged.
    taken: bool,
}

/// Which of the two moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mover {
    Request,
    Acknowledge,
}

/// Where a dual-rail handshake is.
#[derive(Clone, Copy, Debug, Default)]
struct Rails {
    t: u64,
    f: u64,
    /// Rails that have risen since NULL.
    seen: (u64, u64),
    ack: Option<bool>,
    complete: bool,
    taken: bool,
}

/// Where a synchronous handshake is.
#[derive(Clone, Copy, Debug, Default)]
struct Synchronous {
    /// READY at the last edge.
    was_ready: bool,
    edges: u64,
    /// Words that were offered while READY had been down at the edge before.
    eager: u64,
    /// Words that were offered only after READY.
    patient: u64,
    /// Edges with both down, and the first.
    idle_unready: u64,
    first_edge: Time,
    last_edge: Time,
    /// Somebody has raised VALID or READY once.
    stirred: bool,
}

/// Whether anything moves.
#[derive(Clone, Copy, Debug, Default)]
struct Stall {
    since: Time,
    reported: bool,
}

/// How many words, and how many idle edges, make a habit.
const HABIT: u64 = 8;
/// How many edges without VALID or READY are worth a word.
const STILL: u64 = 16;

impl Monitor {
    /// A monitor for a bus with the given options, of a waveform from `source`.
    pub fn new(options: &Options, source: Source) -> Monitor {
        let exact = source.instants_are_exact();
        Monitor {
            options: *options,
            exact,
            doubt: if exact { Span::ZERO } else { source.grid().unwrap_or(Span::ZERO) },
            lines: Lines::default(),
            moved: Moved::default(),
            open: None,
            locked: None,
            bundle: Bundle::default(),
            rails: Rails::default(),
            synchronous: Synchronous::default(),
            stall: Stall::default(),
        }
    }

    #[inline]
    fn emit<S: Sink<Item>>(&self, t: Time, kind: EventKind, sink: &mut S) {
        let class = self.options.protocol.class();
        sink.event(Event { time: t, kind, class, place: Place::default(), value: 0 });
    }

    // The wires.

    /// Takes the new levels over.
    fn take(&mut self, changes: &[Change]) {
        self.lines.settle();
        self.moved = Moved::default();
        for change in changes {
            self.lines.set(change, self.options.width.get());
        }
        let Lines { data, valid, ready, .. } = &self.lines;
        self.moved.data = data.now != data.before;
        self.moved.valid = valid.moved();
        self.moved.ready = ready.moved();
    }

    // The word.

    fn begin(&mut self, t: Time) {
        self.open = Some(Open { start: t, data: self.lines.data.now, flags: Flags::default() });
    }

    fn item(&self, open: Open, end: Time) -> Beat {
        let Open { start, data, flags } = open;
        let data = Bits::with_unknown(data.bits, data.unknown, self.options.width.get());
        Beat { start, end, data, flags }
    }

    /// The word is taken.
    fn taken<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if let Some(open) = self.open.take() {
            sink.item(Item::Beat(self.item(open, t)));
        }
    }

    /// The word will not be taken any more.
    fn dropped<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.locked = None;
        if let Some(open) = self.open.take() {
            sink.item(Item::Incomplete(self.item(open, t)));
        }
    }

    // Bundled data.

    /// Follows REQ, ACK and DATA in the order of the protocol.
    fn bundle<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let mut data_moves = self.moved.data && self.lines.data.is_connected;
        while let Some(mover) = self.next_mover(t) {
            if data_moves && self.locked.is_none() {
                self.data_change(t, sink);
                data_moves = false;
            }
            self.step(t, mover, sink);
        }
        if data_moves {
            self.data_change(t, sink);
        }
    }

    /// Which of REQ and ACK moves next; of both, the one whose turn it is.
    fn next_mover(&mut self, t: Time) -> Option<Mover> {
        let now = (self.lines.req.now?, self.lines.ack.now?);
        let Some(at) = self.bundle.at else {
            self.enter(t, now);
            return None;
        };
        let turn = match self.options.protocol {
            Protocol::TwoPhase => at.0 == at.1,
            _ if at == (true, true) => self.bundle.taken,
            _ => at == (false, false),
        };
        let (request, acknowledge) = (at.0 != now.0, at.1 != now.1);
        if request && (turn || !acknowledge) {
            return Some(Mover::Request);
        }
        acknowledge.then_some(Mover::Acknowledge)
    }

    /// The levels with which the waveform begins: perhaps in the middle of a word.
    fn enter(&mut self, t: Time, now: (bool, bool)) {
        self.bundle.at = Some(now);
        self.stall.since = t;
        let pending = match self.options.protocol {
            Protocol::TwoPhase => now.0 != now.1,
            _ => now == (true, false),
        };
        if pending {
            self.begin(t);
            self.assume_start();
        }
        self.bundle.taken = now == (true, true);
    }

    fn assume_start(&mut self) {
        if let Some(open) = &mut self.open {
            open.flags.assumed_start = true;
        }
    }

    fn step<S: Sink<Item>>(&mut self, t: Time, mover: Mover, sink: &mut S) {
        let Some((req, ack)) = self.bundle.at else { return };
        self.stall = Stall { since: t, reported: false };
        let at = match mover {
            Mover::Request => (!req, ack),
            Mover::Acknowledge => (req, !ack),
        };
        self.bundle.at = Some(at);
        if self.options.protocol == Protocol::TwoPhase {
            self.step_two(t, req == ack, mover, sink);
        } else {
            self.step_four(t, (req, ack), mover, sink);
        }
    }

    fn step_two<S: Sink<Item>>(&mut self, t: Time, idle: bool, mover: Mover, sink: &mut S) {
        match (idle, mover) {
            (true, Mover::Request) => self.request(t, sink),
            (false, Mover::Acknowledge) if self.open.is_some() => self.acknowledge(t, sink),
            (true, Mover::Acknowledge) => no_request(t, sink),
            (false, Mover::Request) if self.open.is_some() => self.withdrawn(t, sink),
            // The way back from an acknowledge that nobody asked for.
            (false, _) => {}
        }
    }

    fn step_four<S: Sink<Item>>(&mut self, t: Time, at: (bool, bool), mover: Mover, sink: &mut S) {
        match (at, mover) {
            ((false, false), Mover::Request) => self.request(t, sink),
            ((true, false), Mover::Acknowledge) if self.bundle.taken => double(t, sink),
            ((true, false), Mover::Acknowledge) => self.acknowledge(t, sink),
            ((false, true), Mover::Acknowledge) => self.acknowledge_off(t, sink),
            ((false, false), Mover::Acknowledge) => no_request(t, sink),
            ((true, _), Mover::Request) if self.bundle.taken => self.request_off(t, sink),
            ((true, _), Mover::Request) => self.withdrawn(t, sink),
            ((true, true), Mover::Acknowledge) if self.bundle.taken => self.early_return(t, sink),
            // The acknowledge of the word before returns to zero at last.
            ((true, true), Mover::Acknowledge) => self.emit(t, event::ACKNOWLEDGE_OFF, sink),
            ((false, true), Mover::Request) => self.no_return(t, sink),
        }
    }

    fn request<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.bundle.taken = false;
        self.begin(t);
        self.emit(t, event::REQUEST, sink);
        if !self.is_late() {
            self.data_due(t, sink);
        }
    }

    fn acknowledge<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.bundle.taken = true;
        self.emit(t, event::ACKNOWLEDGE, sink);
        let is_four = self.options.protocol == Protocol::FourPhase;
        if !is_four || self.options.data_phase == DataPhase::Early {
            self.data_free(t, sink);
        }
        if !self.is_late() {
            self.taken(t, sink);
        }
    }

    fn request_off<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.emit(t, event::REQUEST_OFF, sink);
        if self.is_late() {
            self.data_due(t, sink);
        }
    }

    fn acknowledge_off<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.emit(t, event::ACKNOWLEDGE_OFF, sink);
        self.data_free(t, sink);
        self.taken(t, sink);
    }

    fn is_late(&self) -> bool {
        self.options.protocol == Protocol::FourPhase && self.options.data_phase == DataPhase::Late
    }

    /// The data have to be valid from now on.
    fn data_due<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let data = self.lines.data.now;
        if let Some(open) = &mut self.open {
            open.data = data;
        }
        if self.lines.data.is_connected && data.unknown != 0 {
            self.emit(t, event::D_UNKNOWN, sink);
            unknown_data(t, sink);
        }
        self.emit(t, event::DATA_DUE, sink);
        self.locked = Some(t);
    }

    /// The data may change from now on.
    fn data_free<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if self.locked.take().is_some() {
            self.emit(t, event::DATA_FREE, sink);
        }
    }

    fn data_change<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.emit(t, event::D_CHANGE, sink);
        let Some(due) = self.locked else { return };
        if let Some(open) = &mut self.open {
            open.flags.unstable = true;
        }
        sink.diagnostic(Diagnostic {
            code: "handshake::data-changed",
            severity: if t.since(due) <= self.doubt { Severity::Warning } else { Severity::Error },
            from: due,
            to: t,
            text: format!("the data change {} after they had to be valid, before they may", t.since(due)),
        });
    }

    fn withdrawn<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.emit(t, event::REQUEST_OFF, sink);
        let from = self.open.map_or(t, |open| open.start);
        sink.diagnostic(Diagnostic {
            code: "handshake::request-withdrawn",
            severity: Severity::Error,
            from,
            to: t,
            text: format!("the request is taken back after {} without an acknowledge", t.since(from)),
        });
        self.dropped(t, sink);
    }

    fn early_return<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.emit(t, event::ACKNOWLEDGE_OFF, sink);
        sink.diagnostic(Diagnostic {
            code: "handshake::early-return",
            severity: Severity::Error,
            from: t,
            to: t,
            text: "ACK returns to zero before the request has".into(),
        });
    }

    fn no_return<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        sink.diagnostic(Diagnostic {
            code: "handshake::no-return-to-zero",
            severity: Severity::Error,
            from: t,
            to: t,
            text: "the next request comes while ACK has not returned to zero".into(),
        });
        self.dropped(t, sink);
        self.request(t, sink);
    }

    // Dual rail.

    /// Follows the rails and ACK, the one whose turn it is first.
    fn rails<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if self.rails.ack.is_none() {
            self.enter_rails(t);
            return;
        }
        let acknowledges_first = if self.rails.ack == Some(true) {
            self.rails.t | self.rails.f == 0
        } else {
            self.rails.complete && !self.rails.taken
        };
        if acknowledges_first {
            self.rails_ack(t, sink);
            self.rails_move(t, sink);
        } else {
            self.rails_move(t, sink);
            self.rails_ack(t, sink);
        }
    }

    /// The levels with which the waveform begins.
    fn enter_rails(&mut self, t: Time) {
        let Some(ack) = self.lines.ack.now else { return };
        let (now, mask) = (self.rails_now(), self.options.width.mask());
        self.rails = Rails { t: now.0, f: now.1, seen: now, ack: Some(ack), ..Rails::default() };
        self.stall.since = t;
        self.rails.complete = now.0 | now.1 == mask;
        self.rails.taken = self.rails.complete && ack;
        if now.0 | now.1 != 0 && !ack {
            self.begin(t);
            self.assume_start();
            self.set_data(now.0);
        }
    }

    fn set_data(&mut self, bits: u64) {
        if let Some(open) = &mut self.open {
            open.data = Value::known(bits);
        }
    }

    /// The rails, each as it was when it was last known.
    fn rails_now(&self) -> (u64, u64) {
        let mask = self.options.width.mask();
        let hold =
            |was: u64, plane: &Plane| (was & plane.now.unknown | plane.now.bits & !plane.now.unknown) & mask;
        (hold(self.rails.t, &self.lines.t), hold(self.rails.f, &self.lines.f))
    }

    fn rails_move<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let (now, was) = (self.rails_now(), (self.rails.t, self.rails.f));
        if now == was {
            return;
        }
        self.stall = Stall { since: t, reported: false };
        let risen = (now.0 & !was.0, now.1 & !was.1);
        let fallen = was.0 & !now.0 | was.1 & !now.1;
        (self.rails.t, self.rails.f) = now;
        if fallen != 0 {
            self.rails_fall(t, sink);
        }
        if risen.0 | risen.1 != 0 {
            self.rails_rise(t, was, risen, sink);
        }
    }

    fn rails_fall<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let is_null = self.rails.t | self.rails.f == 0;
        if !self.rails.taken && self.open.is_some() {
            let from = self.open.map_or(t, |open| open.start);
            sink.diagnostic(Diagnostic {
                code: "handshake::rail-withdrawn",
                severity: Severity::Error,
                from,
                to: t,
                text: "a rail falls before the word is acknowledged".into(),
            });
            self.emit(t, event::REQUEST_OFF, sink);
            self.dropped(t, sink);
        } else if is_null && self.rails.complete {
            self.emit(t, event::REQUEST_OFF, sink);
        }
        if is_null {
            self.rails.seen = (0, 0);
            self.rails.complete = false;
        }
    }

    fn rails_rise<S: Sink<Item>>(&mut self, t: Time, was: (u64, u64), risen: (u64, u64), sink: &mut S) {
        let first = self.rails.seen == (0, 0);
        let other = risen.0 & self.rails.seen.1 | risen.1 & self.rails.seen.0;
        self.rails.seen = (self.rails.seen.0 | risen.0, self.rails.seen.1 | risen.1);
        if first {
            self.first_rail(t, sink);
        }
        self.judge_code(t, was, other, sink);
        let up = self.rails.t | self.rails.f;
        if !self.rails.complete && up == self.options.width.mask() {
            self.rails.complete = true;
            self.set_data(self.rails.t);
            self.emit(t, event::REQUEST, sink);
        }
    }

    fn first_rail<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.rails.taken = false;
        self.begin(t);
        self.set_data(self.rails.t);
        self.emit(t, event::FIRST_RAIL, sink);
        if self.rails.ack == Some(true) {
            sink.diagnostic(Diagnostic {
                code: "handshake::early-data",
                severity: Severity::Error,
                from: t,
                to: t,
                text: "a rail rises while ACK has not returned to zero after the word before".into(),
            });
        }
    }

    /// Bits with both rails up, or whose other rail has been up since NULL (`other`).
    fn judge_code<S: Sink<Item>>(&mut self, t: Time, was: (u64, u64), other: u64, sink: &mut S) {
        let both = self.rails.t & self.rails.f & !(was.0 & was.1);
        if both | other == 0 {
            return;
        }
        if let Some(open) = &mut self.open {
            open.flags.unstable = true;
        }
        sink.diagnostic(if both != 0 { illegal_code(t, both) } else { two_rails(t, other) });
    }

    fn rails_ack<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let (Some(was), Some(now)) = (self.rails.ack, self.lines.ack.now) else { return };
        if was == now {
            return;
        }
        self.rails.ack = Some(now);
        self.stall = Stall { since: t, reported: false };
        let is_null = self.rails.t | self.rails.f == 0;
        match (now, self.rails.complete, self.rails.taken) {
            (true, true, false) => {
                self.rails.taken = true;
                self.emit(t, event::ACKNOWLEDGE, sink);
                self.taken(t, sink);
            }
            (true, true, true) => double(t, sink),
            (true, false, _) if is_null => no_request(t, sink),
            (true, false, _) => early_acknowledge(t, sink),
            (false, ..) if is_null => self.emit(t, event::ACKNOWLEDGE_OFF, sink),
            // The acknowledge of the word before returns to zero at last.
            (false, _, false) => self.emit(t, event::ACKNOWLEDGE_OFF, sink),
            (false, ..) => self.early_return(t, sink),
        }
    }

    // Valid/ready.

    fn synchronous<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let rises = self.lines.clk.moved() && self.lines.clk.now == Some(true);
        if !self.exact {
            self.outputs(t, sink);
        }
        if rises {
            self.edge(t, sink);
        }
        if self.exact {
            self.outputs(t, sink);
        }
    }

    /// Changes of VALID, the payload and READY.
    fn outputs<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        if self.moved.valid || self.moved.data && self.lines.valid.now == Some(true) {
            self.emit(t, event::V_CHANGE, sink);
        }
        if self.moved.ready {
            self.emit(t, event::R_CHANGE, sink);
        }
    }

    /// A rising edge of the clock.
    fn edge<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.emit(t, event::CLOCK, sink);
        let exact = self.exact;
        let level = |line: &Line| if exact { line.before } else { line.now };
        let valid = level(&self.lines.valid) == Some(true);
        // Without READY the receiver takes everything.
        let ready = level(&self.lines.ready).unwrap_or(true);
        let data = if exact { self.lines.data.before } else { self.lines.data.now };
        self.keep_habits(t, valid, ready);
        if self.open.is_some() {
            self.judge_waiting(t, valid, data, sink);
        }
        if valid && self.open.is_none() {
            self.offered(t, data, sink);
        }
        if valid && ready {
            self.emit(t, event::ACKNOWLEDGE, sink);
            self.taken(t, sink);
            self.stall.reported = false;
        }
    }

    fn offered<S: Sink<Item>>(&mut self, t: Time, data: Value, sink: &mut S) {
        self.begin(t);
        self.stall = Stall { since: t, reported: false };
        if let Some(open) = &mut self.open {
            open.data = data;
        }
        self.emit(t, event::REQUEST, sink);
        if self.lines.data.is_connected && data.unknown != 0 {
            unknown_data(t, sink);
        }
    }

    /// A word was offered at the last edge, and not taken.
    fn judge_waiting<S: Sink<Item>>(&mut self, t: Time, valid: bool, data: Value, sink: &mut S) {
        let Some(open) = &mut self.open else { return };
        let from = open.start;
        if !valid {
            sink.diagnostic(Diagnostic {
                code: "handshake::valid-withdrawn",
                severity: Severity::Error,
                from,
                to: t,
                text: "VALID is taken back without a transfer".into(),
            });
            self.emit(t, event::REQUEST_OFF, sink);
            return self.dropped(t, sink);
        }
        if data != open.data {
            open.data = data;
            open.flags.unstable = true;
            sink.diagnostic(Diagnostic {
                code: "handshake::payload-changed",
                severity: Severity::Error,
                from,
                to: t,
                text: "the payload changes while VALID waits for READY".into(),
            });
        }
    }

    /// Who waits for whom.
    fn keep_habits(&mut self, t: Time, valid: bool, ready: bool) {
        let begins = valid && self.open.is_none();
        let habits = &mut self.synchronous;
        if habits.edges == 0 {
            habits.first_edge = t;
        }
        if begins && habits.edges > 0 {
            if habits.was_ready { habits.patient += 1 } else { habits.eager += 1 }
        }
        habits.idle_unready += (!valid && !ready) as u64;
        habits.stirred |= valid || ready;
        habits.edges += 1;
        habits.last_edge = t;
        habits.was_ready = ready;
    }

    fn judge_habits<S: Sink<Item>>(&self, sink: &mut S) {
        let Synchronous { first_edge: from, last_edge: to, .. } = self.synchronous;
        let Synchronous { eager, patient, idle_unready, edges, stirred, .. } = self.synchronous;
        if eager == 0 && patient >= HABIT && idle_unready >= HABIT {
            sink.diagnostic(Diagnostic {
                code: "handshake::waits-for-ready",
                severity: Severity::Note,
                from,
                to,
                text: format!(
                    "all {patient} words were offered only after READY was up, though it was down at {idle_unready} idle edges"
                ),
            });
        }
        let is_there = self.lines.valid.now.is_some() && self.lines.ready.now.is_some();
        if edges >= STILL && !stirred && is_there {
            sink.diagnostic(Diagnostic {
                code: "handshake::nobody-begins",
                severity: Severity::Warning,
                from,
                to,
                text: format!(
                    "VALID and READY stay down for {edges} clocks: each may be waiting for the other"
                ),
            });
        }
    }

    // Time.

    /// True if a handshake has begun and is not over.
    fn is_busy(&self) -> bool {
        match self.options.protocol {
            Protocol::FourPhase => self.bundle.at.is_some_and(|at| at != (false, false)),
            Protocol::TwoPhase => self.bundle.at.is_some_and(|at| at.0 != at.1),
            Protocol::DualRail => self.rails.t | self.rails.f != 0 || self.rails.ack == Some(true),
            Protocol::ValidReady => self.open.is_some(),
        }
    }

    /// Nothing has moved until `t`.
    fn pass<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        let Some(limit) = self.options.stall else { return };
        let Stall { since, reported } = self.stall;
        if reported || t.since(since) <= limit || !self.is_busy() {
            return;
        }
        self.stall.reported = true;
        sink.diagnostic(Diagnostic {
            code: "handshake::deadlock",
            severity: Severity::Error,
            from: since,
            to: since.saturating_add(limit),
            text: format!("a handshake has begun and does not move for more than {limit}"),
        });
    }
}

impl Lines {
    /// What is now was before.
    fn settle(&mut self) {
        let Lines { req, ack, clk, valid, ready, data, t, f } = self;
        for line in [req, ack, clk, valid, ready] {
            line.before = line.now;
        }
        for plane in [data, t, f] {
            plane.before = plane.now;
        }
    }

    fn set(&mut self, change: &Change, width: u32) {
        let line = match change.signal {
            pin::REQ => &mut self.req,
            pin::ACK => &mut self.ack,
            pin::CLK => &mut self.clk,
            pin::VALID => &mut self.valid,
            pin::READY => &mut self.ready,
            _ => return self.set_plane(change, width),
        };
        line.now = change.value.level().bit().or(line.now);
    }

    fn set_plane(&mut self, change: &Change, width: u32) {
        let number = change.signal.0;
        let (plane, wire) = match change.signal {
            pin::DATA => (&mut self.data, None),
            pin::TRUE => (&mut self.t, None),
            pin::FALSE => (&mut self.f, None),
            _ if change.signal.index() >= pin::COUNT => return,
            _ => {
                let plane = match (number - 8) / pin::WIRES {
                    0 => &mut self.data,
                    1 => &mut self.t,
                    _ => &mut self.f,
                };
                (plane, Some((number - 8) % pin::WIRES))
            }
        };
        plane.is_connected = true;
        plane.now = match wire {
            None => change.value.masked(width),
            Some(i) => plane.now.with(i, change.value.level()).masked(width),
        };
    }
}

fn unknown_data<I, S: Sink<I>>(t: Time, sink: &mut S) {
    sink.diagnostic(Diagnostic {
        code: "handshake::unknown-data",
        severity: Severity::Warning,
        from: t,
        to: t,
        text: "some bits of the word are X or Z when they have to be valid".into(),
    });
}

fn no_request<I, S: Sink<I>>(t: Time, sink: &mut S) {
    sink.diagnostic(Diagnostic {
        code: "handshake::ack-without-request",
        severity: Severity::Error,
        from: t,
        to: t,
        text: "ACK moves though nothing is requested".into(),
    });
}

fn double<I, S: Sink<I>>(t: Time, sink: &mut S) {
    sink.diagnostic(Diagnostic {
        code: "handshake::double-acknowledge",
        severity: Severity::Error,
        from: t,
        to: t,
        text: "one request is acknowledged a second time".into(),
    });
}

fn illegal_code(t: Time, bits: u64) -> Diagnostic {
    Diagnostic {
        code: "handshake::illegal-code",
        severity: Severity::Error,
        from: t,
        to: t,
        text: format!("bit {} has both rails up, which is no code", bits.trailing_zeros()),
    }
}

fn two_rails(t: Time, bits: u64) -> Diagnostic {
    Diagnostic {
        code: "handshake::two-rails",
        severity: Severity::Error,
        from: t,
        to: t,
        text: format!("bit {} raises its other rail without NULL between", bits.trailing_zeros()),
    }
}

fn early_acknowledge<I, S: Sink<I>>(t: Time, sink: &mut S) {
    sink.diagnostic(Diagnostic {
        code: "handshake::early-acknowledge",
        severity: Severity::Error,
        from: t,
        to: t,
        text: "ACK rises before every bit has a rail up".into(),
    });
}

impl crate::bus::Monitor for Monitor {
    type Item = Item;

    #[inline]
    fn instant<S: Sink<Item>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        self.pass(t, sink);
        self.take(changes);
        match self.options.protocol {
            Protocol::FourPhase | Protocol::TwoPhase => self.bundle(t, sink),
            Protocol::DualRail => self.rails(t, sink),
            Protocol::ValidReady => self.synchronous(t, sink),
        }
    }

    fn advance<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.pass(t, sink);
    }

    fn finish<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.pass(t, sink);
        if self.options.protocol == Protocol::ValidReady {
            self.judge_habits(sink);
        }
        self.dropped(t, sink);
    }
}
