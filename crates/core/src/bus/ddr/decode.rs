//! The monitor: commands and data from pins.

mod lanes;
mod levels;
mod rank;
#[cfg(test)]
mod tests;

use super::Options;
use super::item::{Item, Said};
use super::pins::rules::event;
use super::pins::{Heard, Order, Shape, pin};
use crate::bus::{Diagnostic, Severity, Sink};
use crate::log::{Change, SignalId, Source};
use crate::time::{Span, Time};
use crate::timing::{Event, EventKind, Place};

use lanes::Lanes;
use levels::{Levels, differences};
use rank::Rank;

/// Reads commands and data from the pins of a channel.
///
/// ```text
///  CK rises ──► each rank's command decoder ──► items, events of commands ──► which data are due
///  DQS moves ─► beats of the bursts that are due ──► items
///  any pin ───► events of pins
/// ```
/// What changes in the instant of a clock edge or a strobe has changed after it: the level before is sampled.
#[derive(Clone, Debug)]
pub struct Monitor {
    options: Options,
    levels: Levels,
    ranks: Vec<Rank>,
    clock: Clock,
    lanes: Lanes,
    /// Something has been seen.
    begun: bool,
    /// It was said that a latency is not known.
    said_unknown: bool,
}

/// CK.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    high: Option<bool>,
    rise: Option<Time>,
    period: Span,
}

/// The pins that are sampled with each edge of CK.
const CONTROL: u64 = pins(pin::cs(0), pin::odt(pin::RANKS - 1));
/// The pins that are sampled with a command.
const COMMAND: u64 = pins(pin::a(0), pin::WE);

/// Everything of the pins happens on all lanes, and at no rank.
const EVERYWHERE: Place = Place([Place::ALL; 4]);

const fn pins(first: SignalId, last: SignalId) -> u64 {
    ((1 << (last.0 - first.0 + 1)) - 1) << first.0
}

impl Monitor {
    /// A monitor of a channel that has been set up so. Where the waveform is from makes no difference to what is said.
    pub fn new(options: &Options, _: Source) -> Monitor {
        let standard = options.standard;
        let ranks = (0..options.ranks.clamp(1, pin::RANKS)).map(|_| Rank::new(standard)).collect();
        Monitor {
            options: options.clone(),
            levels: Levels::new(standard),
            ranks,
            clock: Clock::default(),
            lanes: Lanes::new(standard, options.width, options.lane),
            begun: false,
            said_unknown: false,
        }
    }

    /// CK rises: each rank samples the levels before.
    fn rise<S: Sink<Item>>(&mut self, t: Time, old: &Levels, sink: &mut S) {
        if let Some(last) = self.clock.rise.replace(t) {
            self.clock.period = t.since(last);
        }
        sink.event(pin_event(t, event::CK_RISE));
        self.lanes.clock(t, sink);
        if old.is_reset() {
            return;
        }
        let mut sampled = false;
        for rank in 0..self.ranks.len() {
            let frame = old.frame(self.options.standard, rank as u32);
            let state = &mut self.ranks[rank];
            if !state.decoder.is_within() {
                state.began = t;
            }
            let heard = state.decoder.edge(frame);
            if !sampled && (heard != Heard::Nothing || state.decoder.is_within()) {
                sampled = true;
                sink.event(pin_event(t, event::SAMPLE));
            }
            self.hear(t, rank, heard, sink);
        }
    }

    fn hear<S: Sink<Item>>(&mut self, t: Time, rank: usize, heard: Heard, sink: &mut S) {
        let mut odd = |code, severity, text: String| {
            let from = self.ranks[rank].began;
            sink.diagnostic(Diagnostic { code, severity, from, to: t, text });
        };
        match heard {
            Heard::Unknown => {
                let text = format!("rank {rank}: a command pin is neither low nor high at a clock edge");
                odd("ddr::unknown-level", Severity::Warning, text);
            }
            // Commands of no timing rule are no fault.
            Heard::Nothing | Heard::Other(Some("MPC" | "RFM")) => {}
            Heard::Other(_) => {
                let standard = self.options.standard.name();
                let text = format!("rank {rank}: the command pins show no command of {standard}");
                odd("ddr::no-command", Severity::Error, text);
            }
            Heard::Order { order, whole } => {
                if !whole {
                    let text = format!("rank {rank}: an address pin of {order} is neither low nor high");
                    odd("ddr::unknown-address", Severity::Error, text);
                }
                self.order(t, rank, order, whole, sink);
            }
        }
    }

    fn order<S: Sink<Item>>(&mut self, t: Time, rank: usize, order: Order, whole: bool, sink: &mut S) {
        let state = &mut self.ranks[rank];
        let said = Said {
            start: state.began,
            end: t,
            clock: self.clock.period,
            rank: rank as u8,
            order,
            row: state.row(&order),
            unknown_address: !whole,
        };
        state.happen(&order);
        let place = Place([0, rank as u8, order.group, order.bank]);
        order.command.events(t, place, self.options.groups).for_each(|event| sink.event(event));
        sink.item(Item::Command(said));
        if order.command.is_column() && self.levels.has_data() {
            self.expect(said, sink);
        }
    }

    /// Data are to follow.
    fn expect<S: Sink<Item>>(&mut self, said: Said, sink: &mut S) {
        let rank = &self.ranks[usize::from(said.rank)];
        let writes = said.order.command.writes();
        let Some(latency) = self.latency(rank, writes) else {
            if !std::mem::replace(&mut self.said_unknown, true) {
                sink.diagnostic(Diagnostic {
                    code: "ddr::unknown-latency",
                    severity: Severity::Note,
                    from: said.start,
                    to: said.end,
                    text: "data are not read: no mode register was seen to set the latency".into(),
                });
            }
            return;
        };
        let beats = self.options.beats.unwrap_or_else(|| rank.beats(&said.order));
        let shape = Shape { latency, beats, preamble: rank.preamble(writes) };
        self.lanes.expect(said, writes, &shape);
    }

    /// As it was set, as the mode registers say, or as the part has it.
    fn latency(&self, rank: &Rank, writes: bool) -> Option<u32> {
        let Options { read_latency, write_latency, assumed, .. } = self.options;
        let (told, modes, part) = if writes {
            (write_latency, rank.writes_set.then(|| rank.modes.write_latency()), assumed.map(|a| a.write))
        } else {
            (read_latency, rank.reads_set.then(|| rank.modes.read_latency()), assumed.map(|a| a.read))
        };
        told.or(modes.and_then(|clocks| u32::try_from(clocks).ok())).or(part)
    }

    /// The pins go from `old` to what they are now.
    fn moved<S: Sink<Item>>(&mut self, t: Time, old: &Levels, sink: &mut S) {
        let high = self.levels.clock();
        if let Some(high) = high
            && let Some(before) = self.clock.high.replace(high)
            && before != high
        {
            if high {
                self.rise(t, old, sink);
            } else {
                sink.event(pin_event(t, event::CK_FALL));
            }
        }
        if self.levels.is_reset() {
            self.ranks.iter_mut().for_each(Rank::reset);
        } else if self.begun {
            let pins = differences(old.command, self.levels.command);
            for (mask, kind) in [(CONTROL, event::CONTROL_CHANGE), (COMMAND, event::COMMAND_CHANGE)] {
                if pins & mask != 0 {
                    sink.event(pin_event(t, kind));
                }
            }
        }
        self.lanes.instant(t, old, &self.levels, sink);
        self.begun = true;
    }
}

const fn pin_event(t: Time, kind: EventKind) -> Event {
    Event { place: EVERYWHERE, ..Event::new(t, kind) }
}

impl crate::bus::Monitor for Monitor {
    type Item = Item;

    fn instant<S: Sink<Item>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        self.lanes.pass(t, &self.levels, sink);
        let old = self.levels;
        self.levels.take(changes);
        self.moved(t, &old, sink);
    }

    fn advance<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.lanes.pass(t, &self.levels, sink);
    }

    fn finish<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.lanes.finish(t, &self.levels, sink);
    }
}
