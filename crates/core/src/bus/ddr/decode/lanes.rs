//! Strobes and data: which edge of which lane belongs to which beat of which read or write.
//!
//! A command says when its first edge of DQS is due, by latency and clock. An edge is a beat of the burst whose due time is the nearest,
//! rising edges even beats and falling ones odd: so DQS may be half a clock early or late, and bursts may follow without a gap. A
//! write's data are sampled with the edge, a read's a quarter of a clock behind it.

use std::collections::VecDeque;

use super::levels::{Levels, differences};
use crate::bus::ddr::Standard;
use crate::bus::ddr::item::{Burst, Item, Said};
use crate::bus::ddr::pins::rules::event;
use crate::bus::ddr::pins::{Beat, Shape, pin};
use crate::bus::{Diagnostic, Severity, Sink};
use crate::log::Value;
use crate::time::{Span, Time};
use crate::timing::{Event, EventKind, Place};

/// Lanes of a channel at most.
const LANES: usize = pin::DQS_PINS as usize;

/// Bursts whose data are under way at most; more are never in flight, unless latencies are absurd.
const EXPECTED: usize = 64;

/// A read or write whose data are to come.
#[derive(Clone, Debug)]
struct Expected {
    said: Said,
    writes: bool,
    /// When its first edge is due.
    first: Time,
    clock: Span,
    preamble_clocks: u64,
    beats: Vec<Beat>,
    /// The beats that each lane has brought.
    taken: [u32; LANES],
    start: Option<Time>,
    last: Time,
}

impl Expected {
    /// The beat of an edge at `t`; `None` if it belongs to no beat of this burst.
    fn beat_at(&self, t: Time, rises: bool) -> Option<u32> {
        let phase = if rises { 0 } else { self.clock.scale(1, 2).as_fs() };
        let due = self.first.as_fs() as i128 + phase as i128;
        let clock = i128::from(self.clock.as_fs().max(1));
        let clocks = (t.as_fs() as i128 - due + clock / 2).div_euclid(clock);
        let beat = 2 * clocks + i128::from(!rises);
        u32::try_from(beat).ok().filter(|beat| (*beat as usize) < self.beats.len())
    }

    fn end(&self) -> Time {
        self.first.saturating_add(self.clock.scale(self.beats.len() as u64, 2))
    }

    /// True while the data wires may move for this burst.
    fn is_near(&self, t: Time) -> bool {
        self.first.saturating_sub(self.clock) <= t && t <= self.end().saturating_add(self.clock)
    }

    /// By then all edges have come, or will not come.
    fn deadline(&self) -> Time {
        self.end().saturating_add(self.clock).saturating_add(self.clock)
    }
}

/// A wire is unknown whose byte is not masked.
fn is_unknown(beat: &Beat) -> bool {
    let masked = (0..8).filter(|byte| beat.mask >> byte & 1 != 0);
    let masked = masked.fold(0, |wires, byte| wires | 0xff << (8 * byte));
    beat.unknown & !masked != 0
}

/// A bit for each of 1 to 32 beats.
const fn all(beats: usize) -> u32 {
    u32::MAX >> (32 - beats as u32)
}

/// An edge of a lane that belongs to a burst.
#[derive(Clone, Copy, Debug)]
struct Edge {
    at: Time,
    writes: bool,
    /// The edge before it, of the same burst or of one that it follows without a gap.
    before: Option<Time>,
    /// It is that of the last beat.
    is_last: bool,
    clock: Span,
}

/// What is known of a strobe.
#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    /// The last level that was low or high; none since it was released.
    high: Option<bool>,
    /// Since when it is low.
    low_since: Option<Time>,
    /// Since when it is driven, if it was seen to be released.
    driven_since: Option<Time>,
    edge: Option<Edge>,
}

/// A rising edge whose CK edge is the next one.
#[derive(Clone, Copy, Debug)]
struct Early {
    lane: usize,
    kind: EventKind,
    at: Time,
}

/// A read's beat that is still to be sampled.
#[derive(Clone, Copy, Debug)]
struct Due {
    at: Time,
    lane: usize,
    burst: u64,
    beat: u32,
}

/// Data of a channel.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    standard: Standard,
    /// Data wires, and how many of them a strobe has.
    width: u32,
    lane_width: u32,
    states: [Lane; LANES],
    expected: VecDeque<Expected>,
    /// The number of the first of `expected`, counted from the beginning.
    first: u64,
    due: VecDeque<Due>,
    early: Vec<Early>,
    rise: Option<Time>,
}

impl Lanes {
    pub(super) fn new(standard: Standard, width: u32, lane_width: u32) -> Lanes {
        Lanes {
            standard,
            width: width.clamp(1, pin::DQ_PINS),
            lane_width: lane_width.clamp(4, 64),
            states: [Lane::default(); LANES],
            expected: VecDeque::new(),
            first: 0,
            due: VecDeque::new(),
            early: Vec::new(),
            rise: None,
        }
    }

    fn count(&self) -> usize {
        (self.width.div_ceil(self.lane_width) as usize).min(LANES)
    }

    /// The wires of a lane.
    fn wires(&self, lane: usize) -> u64 {
        let from = lane as u32 * self.lane_width;
        let all = if self.width == 64 { u64::MAX } else { (1 << self.width) - 1 };
        let own = if self.lane_width == 64 { u64::MAX } else { (1 << self.lane_width) - 1 };
        own << from & all
    }

    /// A read or write was said: its data are to come. `false` if too many are under way already.
    pub(super) fn expect(&mut self, said: Said, writes: bool, shape: &Shape) -> bool {
        if self.expected.len() == EXPECTED || said.clock.is_zero() {
            return false;
        }
        let unknown = if self.width == 64 { u64::MAX } else { (1 << self.width) - 1 };
        let blank = Beat { unknown, ..Beat::default() };
        let first = shape.first_edge(said.end, said.clock);
        self.expected.push_back(Expected {
            said,
            writes,
            first,
            clock: said.clock,
            preamble_clocks: shape.preamble.halves().len() as u64 / 2,
            beats: vec![blank; shape.beats.clamp(1, 32) as usize],
            taken: [0; LANES],
            start: None,
            last: first,
        });
        true
    }

    /// Time has passed until shortly before `t`, with the levels as they were.
    pub(super) fn pass<S: Sink<Item>>(&mut self, t: Time, levels: &Levels, sink: &mut S) {
        while let Some(due) = self.due.front().copied().filter(|due| due.at <= t) {
            self.due.pop_front();
            self.sample(due.burst, due.beat, due.lane, due.at, levels);
        }
        while self.front_is_over(t) {
            self.deliver(false, sink);
        }
    }

    fn front_is_over(&self, t: Time) -> bool {
        let Some(front) = self.expected.front() else { return false };
        let complete = self.lacking(&front.taken, front.beats.len()).next().is_none();
        complete && self.due.iter().all(|due| due.burst != self.first) || front.deadline() < t
    }

    /// The first burst is over, or cut off by the end of the waveform: whatever it has brought is said.
    fn deliver<S: Sink<Item>>(&mut self, is_cut: bool, sink: &mut S) {
        let Some(over) = self.expected.pop_front() else { return };
        self.due.retain(|due| due.burst != self.first);
        self.first += 1;
        let incomplete = self.lacking(&over.taken, over.beats.len()).next().is_some();
        let start = over.start.unwrap_or(over.first);
        let Said { rank, order, row, .. } = over.said;
        let (end, beats, width) = (over.last.max(start), over.beats, self.width);
        let mut odd = |code, text: String| {
            sink.diagnostic(Diagnostic { code, severity: Severity::Error, from: start, to: end, text });
        };
        if incomplete && !is_cut {
            let lanes: Vec<String> = self.lacking(&over.taken, beats.len()).collect();
            let (s, list) = (if lanes.len() == 1 { "" } else { "s" }, lanes.join(", "));
            odd("ddr::no-strobe", format!("{order}: DQS did not bring all beats on lane{s} {list}"));
        } else if over.writes && !incomplete && beats.iter().any(is_unknown) {
            odd("ddr::unknown-data", format!("{order}: data are neither low nor high when DQS samples them"));
        }
        sink.item(Item::Burst(Burst { start, end, rank, order, row, beats, width, incomplete }));
    }

    /// The lanes that have not brought all of so many beats.
    fn lacking<'a>(&'a self, taken: &'a [u32; LANES], beats: usize) -> impl Iterator<Item = String> + 'a {
        (0..self.count()).filter(move |lane| taken[*lane] != all(beats)).map(|lane| lane.to_string())
    }

    /// The waveform ends: what is unfinished is said.
    pub(super) fn finish<S: Sink<Item>>(&mut self, t: Time, levels: &Levels, sink: &mut S) {
        self.pass(t, levels, sink);
        while let Some(front) = self.expected.front().filter(|front| front.first <= t) {
            let is_cut = front.end() > t;
            self.deliver(is_cut, sink);
        }
    }

    /// A beat of a lane is taken.
    fn sample(&mut self, burst: u64, beat: u32, lane: usize, at: Time, levels: &Levels) {
        let wires = self.wires(lane);
        let byte = 1u16 << (lane as u32 * self.lane_width / 8).min(15);
        let standard = self.standard;
        let Some(index) = burst.checked_sub(self.first) else { return };
        let Some(expected) = self.expected.get_mut(index as usize) else { return };
        let taken = &mut expected.beats[beat as usize];
        let Value { bits, unknown } = levels.dq;
        taken.data = taken.data & !wires | bits & !unknown & wires;
        taken.unknown = taken.unknown & !wires | unknown & wires;
        if expected.writes {
            taken.mask = taken.mask & !byte | levels.masked(standard) & byte;
        }
        expected.taken[lane] |= 1 << beat;
        expected.last = expected.last.max(at);
    }

    /// CK rises.
    pub(super) fn clock<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.rise = Some(t);
        for Early { lane, kind, at } in self.early.drain(..) {
            measure(t, kind, lane, t.since(at), sink);
        }
    }

    /// Strobes and data go from `old` to `new` at `t`.
    pub(super) fn instant<S: Sink<Item>>(&mut self, t: Time, old: &Levels, new: &Levels, sink: &mut S) {
        let strobes = differences(old.dqs, new.dqs);
        for lane in 0..self.count() {
            if strobes >> lane & 1 != 0 {
                self.strobe(t, lane, old, new, sink);
            }
        }
        let wires = differences(old.dq, new.dq);
        let masks = differences(old.dm, new.dm);
        if wires | masks != 0 && !self.expected.is_empty() {
            self.data(t, wires, masks, new, sink);
        }
    }

    fn strobe<S: Sink<Item>>(&mut self, t: Time, lane: usize, old: &Levels, new: &Levels, sink: &mut S) {
        let (was, now) = (old.dqs.at(lane as u32), new.dqs.at(lane as u32));
        if now == crate::Level::Z {
            self.release(t, lane, sink);
            return;
        }
        if was == crate::Level::Z {
            self.states[lane].driven_since = Some(t);
        }
        let Some(high) = now.bit() else { return };
        let before = self.states[lane].high.replace(high);
        if before == Some(!high) {
            self.edge(t, lane, high, old, sink);
        }
        self.states[lane].low_since = if high { None } else { Some(t) };
    }

    /// A strobe is let go.
    fn release<S: Sink<Item>>(&mut self, t: Time, lane: usize, sink: &mut S) {
        let state = std::mem::take(&mut self.states[lane]);
        let Some(edge) = state.edge.filter(|edge| edge.is_last) else { return };
        let kind = if edge.writes { event::WPST } else { event::RPST };
        measure(t, kind, lane, t.since(edge.at), sink);
        self.states[lane].edge = Some(Edge { is_last: false, ..edge });
    }

    /// A strobe rises or falls.
    fn edge<S: Sink<Item>>(&mut self, t: Time, lane: usize, rises: bool, old: &Levels, sink: &mut S) {
        let beats = self.expected.iter().map(|expected| expected.beat_at(t, rises));
        let Some((index, beat)) = beats.enumerate().find_map(|(i, beat)| Some((i, beat?))) else { return };
        let burst = self.first + index as u64;
        let expected = &mut self.expected[index];
        let (writes, clock, clocks) = (expected.writes, expected.clock, expected.preamble_clocks);
        let is_last = beat as usize + 1 == expected.beats.len();
        expected.start = Some(expected.start.unwrap_or(t));
        let before = self.states[lane].edge.filter(|edge| t.since(edge.at) < edge.clock).map(|edge| edge.at);
        let (rise, fall) =
            if writes { (event::WDQS_RISE, event::WDQS_FALL) } else { (event::RDQS_RISE, event::RDQS_FALL) };
        sink.event(at_lane(t, if rises { rise } else { fall }, lane));
        if beat == 0 && before.is_none() {
            self.preamble(t, lane, writes, clocks, sink);
        }
        if rises && (beat == 0 || !writes) {
            self.against_clock(t, lane, if writes { event::DQSS } else { event::DQSCK }, clock, sink);
        }
        self.states[lane].edge = Some(Edge { at: t, writes, before, is_last, clock });
        if writes {
            self.sample(burst, beat, lane, t, old);
        } else {
            let at = t.saturating_add(clock.scale(1, 4));
            let at = self.due.back().map_or(at, |last| last.at.max(at));
            self.due.push_back(Due { at, lane, burst, beat });
        }
    }

    /// The first edge of a burst: how long the strobe was driven before, for each clock of its preamble.
    fn preamble<S: Sink<Item>>(&self, t: Time, lane: usize, writes: bool, clocks: u64, sink: &mut S) {
        let state = self.states[lane];
        let since = if clocks == 1 { state.low_since } else { state.driven_since };
        let kind = if writes { event::WPRE } else { event::RPRE };
        if let Some(since) = since {
            measure(t, kind, lane, t.since(since).scale(1, clocks.max(1)), sink);
        }
    }

    /// The distance of a rising edge from the edge of CK next to it.
    fn against_clock<S: Sink<Item>>(
        &mut self,
        t: Time,
        lane: usize,
        kind: EventKind,
        clock: Span,
        sink: &mut S,
    ) {
        match self.rise.map(|rise| t.since(rise)).filter(|late| *late <= clock.scale(1, 2)) {
            Some(late) => measure(t, kind, lane, late, sink),
            None if self.early.len() < LANES => self.early.push(Early { lane, kind, at: t }),
            None => {}
        }
    }

    /// Data wires or masks change while bursts are under way.
    fn data<S: Sink<Item>>(&self, t: Time, wires: u64, masks: u64, new: &Levels, sink: &mut S) {
        let Some(near) = self.expected.iter().find(|expected| expected.is_near(t)) else { return };
        for lane in 0..self.count() {
            let own = self.wires(lane);
            let masked = masks >> (lane as u32 * self.lane_width / 8).min(63) & 1 != 0;
            if near.writes && (wires & own != 0 || masked) {
                sink.event(at_lane(t, event::D_CHANGE, lane));
            } else if !near.writes && wires & own != 0 {
                let all_known = new.dq.unknown & wires & own == 0;
                self.read_data(t, lane, all_known, sink);
            }
        }
    }

    /// Data of a read change: late behind their own edge, or early before the next one.
    fn read_data<S: Sink<Item>>(&self, t: Time, lane: usize, valid: bool, sink: &mut S) {
        let Some(edge) = self.states[lane].edge.filter(|edge| !edge.writes) else { return };
        let late = t.since(edge.at);
        if late < edge.clock.scale(1, 4) {
            if valid {
                measure(t, event::DQSQ, lane, late, sink);
            }
            if let Some(before) = edge.before {
                measure(t, event::QH, lane, t.since(before), sink);
            }
        } else if late < edge.clock {
            measure(t, event::QH, lane, late, sink);
        }
    }
}

/// An event of a lane's pins.
const fn at_lane(t: Time, kind: EventKind, lane: usize) -> Event {
    let place = Place([lane as u8, Place::ALL, Place::ALL, Place::ALL]);
    Event { place, ..Event::new(t, kind) }
}

/// A length that was measured.
fn measure<S: Sink<Item>>(t: Time, kind: EventKind, lane: usize, length: Span, sink: &mut S) {
    let value = i64::try_from(length.as_fs()).unwrap_or(i64::MAX);
    sink.event(Event { value, ..at_lane(t, kind, lane) });
}
