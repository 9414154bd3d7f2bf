//! A monitor of any crossing, on one numbering of pins.

use super::super::item::{Item, ItemKind};
use super::super::options::{Options, Through};
use super::super::{level_pin, pin, pulse_pin};
use super::{
    Crossed, CrossingMonitor, CrossingOptions, Latest, LevelMonitor, LevelOptions, PulseMonitor, PulseOptions,
};
use crate::bits::Bits;
use crate::bus::{Diagnostic, Sink};
use crate::log::{Change, SignalId, Source};
use crate::time::Time;
use crate::timing::Event;

/// Judges whichever crossing its [`Options`] say, on the pins of [`pin`]: as a bus is judged, by its wires alone.
#[derive(Clone, Debug)]
pub struct Monitor {
    options: Options,
    inner: Inner,
    /// The changes of an instant, numbered as the inner monitor has them.
    mapped: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Inner {
    Level(LevelMonitor),
    Pulse(PulseMonitor),
    Words(Box<CrossingMonitor>),
}

impl Monitor {
    /// A monitor of a waveform from `source`.
    pub fn new(options: &Options, source: Source) -> Monitor {
        let Options { stages, clk_to_q, .. } = *options;
        let inner = match options.through {
            Through::Synchroniser => {
                Inner::Level(LevelMonitor::new(LevelOptions { clk_to_q, stages }, source))
            }
            Through::PulseSynchroniser => {
                let latest = options.latest.map_or(Latest::Edges(SPARE + stages as u32), Latest::After);
                Inner::Pulse(PulseMonitor::new(PulseOptions { latest }, source))
            }
            Through::ReqAck => words(CrossingOptions::REQ_ACK, source),
            Through::Fifo => words(CrossingOptions::fifo(options.depth, options.pointers), source),
        };
        Monitor { options: *options, inner, mapped: Vec::new() }
    }

    fn forward<S: Sink<Item>>(
        &mut self,
        sink: &mut S,
        act: impl FnOnce(&mut Inner, &[Change], &mut Naming<'_, S>),
    ) {
        let kind = ItemKind::of(self.options.through);
        let width = if kind == ItemKind::Word { self.options.width.get() } else { 1 };
        act(&mut self.inner, &self.mapped, &mut Naming { sink, kind, width });
    }
}

/// Edges of the destination's clock, beside one for each stage, in which a pulse may arrive.
const SPARE: u32 = 4;

fn words(options: CrossingOptions, source: Source) -> Inner {
    Inner::Words(Box::new(CrossingMonitor::new(options, source)))
}

/// The pin of a level synchroniser that is called `pin` here.
fn of_level(pin: SignalId) -> Option<SignalId> {
    match pin {
        pin::DST_CLK => Some(level_pin::CLK),
        pin::D => Some(level_pin::D),
        pin::Q => Some(level_pin::Q),
        _ => None,
    }
}

/// The pin of a pulse synchroniser that is called `pin` here.
fn of_pulse(pin: SignalId) -> Option<SignalId> {
    match pin {
        pin::SRC_CLK => Some(pulse_pin::SRC_CLK),
        pin::SRC => Some(pulse_pin::SRC),
        pin::DST_CLK => Some(pulse_pin::DST_CLK),
        pin::DST => Some(pulse_pin::DST),
        _ => None,
    }
}

/// Says of what has crossed what it is.
struct Naming<'s, S> {
    sink: &'s mut S,
    kind: ItemKind,
    width: u32,
}

impl<S: Sink<Item>> Sink<Crossed> for Naming<'_, S> {
    fn item(&mut self, Crossed { start, end, data }: Crossed) {
        let data = Bits::with_unknown(data.bits, data.unknown, self.width);
        self.sink.item(Item { kind: self.kind, start, end, data });
    }

    fn event(&mut self, event: Event) {
        self.sink.event(event);
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.sink.diagnostic(diagnostic);
    }
}

impl crate::bus::Monitor for Monitor {
    type Item = Item;

    fn instant<S: Sink<Item>>(&mut self, t: Time, changes: &[Change], sink: &mut S) {
        let own: fn(SignalId) -> Option<SignalId> = match self.inner {
            Inner::Level(_) => of_level,
            Inner::Pulse(_) => of_pulse,
            Inner::Words(_) => Some,
        };
        self.mapped.clear();
        let renamed = changes.iter().filter_map(|c| Some(Change { signal: own(c.signal)?, value: c.value }));
        self.mapped.extend(renamed);
        self.forward(sink, |inner, changes, sink| match inner {
            Inner::Level(monitor) => monitor.instant(t, changes, sink),
            Inner::Pulse(monitor) => monitor.instant(t, changes, sink),
            Inner::Words(monitor) => monitor.instant(t, changes, sink),
        });
    }

    fn advance<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.forward(sink, |inner, _, sink| match inner {
            Inner::Level(monitor) => monitor.advance(t, sink),
            Inner::Pulse(monitor) => monitor.advance(t, sink),
            Inner::Words(monitor) => monitor.advance(t, sink),
        });
    }

    fn finish<S: Sink<Item>>(&mut self, t: Time, sink: &mut S) {
        self.forward(sink, |inner, _, sink| match inner {
            Inner::Level(monitor) => monitor.finish(t, sink),
            Inner::Pulse(monitor) => monitor.finish(t, sink),
            Inner::Words(monitor) => monitor.finish(t, sink),
        });
    }
}
