//! Brings what two lines and their control signals say into one order of time, and relates them to each other.

use std::collections::VecDeque;

use super::item::{Item, Line};
use super::rules::event;
use crate::bus::{Diagnostic, Sink};
use crate::level::Level;
use crate::time::Time;
use crate::timing::{Class, Event, EventKind, Place};

/// Something to be told to a sink.
#[derive(Clone, Debug)]
pub(super) enum Told {
    Item(Item),
    Event(Event),
    Diagnostic(Diagnostic),
}

/// What is to be told, in order of time and, at one time, of who tells it; then in the order in which it was told.
#[derive(Clone, Debug, Default)]
pub(super) struct Merge {
    queue: VecDeque<(Time, u8, Told)>,
}

/// Where a line says what it has to say: at once, if it is the only one that speaks.
pub(super) struct Out<'a, S> {
    pub(super) merge: &'a mut Merge,
    pub(super) sink: &'a mut S,
    pub(super) direct: bool,
}

impl<S: Sink<Item>> Out<'_, S> {
    /// True if what can be left out is to be left out.
    pub(super) fn is_crowded(&self) -> bool {
        self.merge.is_crowded()
    }

    /// `who` says something about `at`.
    #[inline]
    pub(super) fn push(&mut self, at: Time, who: u8, told: Told) {
        if self.direct {
            tell_sink(told, self.sink);
        } else {
            self.merge.push(at, who, told);
        }
    }
}

#[inline]
fn tell_sink<S: Sink<Item>>(told: Told, sink: &mut S) {
    match told {
        Told::Item(item) => sink.item(item),
        Told::Event(event) => sink.event(event),
        Told::Diagnostic(diagnostic) => sink.diagnostic(diagnostic),
    }
}

impl Merge {
    /// True if nothing is held back.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// More is not held back: a bound for lines that chatter faster than bits are told apart.
    const MOST: usize = 256;

    /// `who` says something about `at`.
    #[inline]
    pub(super) fn push(&mut self, at: Time, who: u8, told: Told) {
        let mut place = self.queue.len();
        while place > 0 && self.queue.get(place - 1).is_some_and(|&(t, w, _)| (t, w) > (at, who)) {
            place -= 1;
        }
        if place == self.queue.len() {
            self.queue.push_back((at, who, told));
        } else {
            self.queue.insert(place, (at, who, told));
        }
    }

    /// True if something chatters while a line is waited for: what can be left out is to be left out.
    fn is_crowded(&self) -> bool {
        self.queue.len() >= Merge::MOST
    }

    /// A control signal changes.
    fn push_control(&mut self, at: Time, line: Line, kind: EventKind) {
        if !self.is_crowded() {
            self.push(at, CONTROLS, Told::Event(on(line, at, kind, 0)));
        }
    }

    /// Tells everything before `t`: nobody will say anything about that any more.
    #[inline]
    pub(super) fn flush<S: Sink<Item>>(&mut self, t: Time, controls: &mut Controls, sink: &mut S) {
        while self.queue.front().is_some_and(|&(at, ..)| at < t) {
            self.tell_front(controls, sink);
        }
    }

    /// Tells everything.
    pub(super) fn finish<S: Sink<Item>>(&mut self, controls: &mut Controls, sink: &mut S) {
        while !self.queue.is_empty() {
            self.tell_front(controls, sink);
        }
    }

    #[inline]
    fn tell_front<S: Sink<Item>>(&mut self, controls: &mut Controls, sink: &mut S) {
        let Some((.., told)) = self.queue.pop_front() else { return };
        let event = if let Told::Event(event) = &told { Some(*event) } else { None };
        tell_sink(told, sink);
        if let Some(event) = event.filter(|_| controls.connected) {
            controls.follow(&event, sink);
        }
    }
}

/// Comes after both lines at one time.
const CONTROLS: u8 = 2;

fn on(line: Line, time: Time, kind: EventKind, value: i64) -> Event {
    Event { time, kind, class: Class(0), place: Place([line as u8, 0, 0, 0]), value }
}

/// RTS, CTS and DE, related to the frames that they are for.
#[derive(Clone, Debug, Default)]
pub(super) struct Controls {
    connected: bool,
    /// Whether more may be sent on each line, as the pins were last seen.
    flow: [Option<bool>; 2],
    /// Whether the driver of each line is on, as its enable was last seen.
    enabled: [Option<bool>; 2],
    /// Frames that began on each line since it was told to stop; `None`: it may go on.
    stopped: [Option<i64>; 2],
    drivers: [Driver; 2],
}

/// The RS-485 driver of a line, in order of time.
#[derive(Clone, Debug, Default)]
struct Driver {
    on_since: Option<Time>,
    /// The start of the present frame.
    frame: Option<Time>,
    /// The driver was off at its start and still is.
    owes_lead: bool,
    /// When the driver went off within it.
    cut: Option<Time>,
    /// The end of the last frame, whose driver is still on.
    ended: Option<Time>,
}

impl Controls {
    /// True once a control signal was seen.
    #[inline]
    pub(super) fn is_connected(&self) -> bool {
        self.connected
    }

    /// The pin that says whether more may be sent on `line`: active Low.
    pub(super) fn flow(&mut self, t: Time, line: Line, level: Level, out: &mut Merge) {
        let Some(go) = level.bit().map(|high| !high) else { return };
        let was = self.flow[line as usize].replace(go);
        self.connected = true;
        if was != Some(go) && (was.is_some() || !go) {
            out.push_control(t, line, if go { event::FLOW_ON } else { event::FLOW_OFF });
        }
    }

    /// The enable of the driver of `line`: active High.
    pub(super) fn enable(&mut self, t: Time, line: Line, level: Level, out: &mut Merge) {
        let Some(on) = level.bit() else { return };
        let was = self.enabled[line as usize].replace(on);
        self.connected = true;
        if was != Some(on) && (was.is_some() || on) {
            out.push_control(t, line, if on { event::DE_ON } else { event::DE_OFF });
        }
    }

    /// Derives what follows from an event of all those in order of time.
    #[cold]
    fn follow<S: Sink<Item>>(&mut self, seen: &Event, sink: &mut S) {
        self.follow_flow(seen, sink);
        let line = seen.place.0[0] as usize % 2;
        if self.enabled[line].is_some() {
            self.drivers[line].follow(seen, sink);
        }
    }

    fn follow_flow<S: Sink<Item>>(&mut self, seen: &Event, sink: &mut S) {
        let stopped = &mut self.stopped[seen.place.0[0] as usize % 2];
        let frames = match (seen.kind, *stopped) {
            (event::FLOW_OFF, _) => {
                *stopped = Some(0);
                return;
            }
            (event::START, Some(frames)) => {
                *stopped = Some(frames + 1);
                frames + 1
            }
            (event::FLOW_ON, Some(frames)) => {
                *stopped = None;
                if frames > 0 {
                    return;
                }
                0
            }
            _ => return,
        };
        sink.event(Event { kind: event::FLOW_FRAMES, value: frames, ..*seen });
    }
}

impl Driver {
    fn follow<S: Sink<Item>>(&mut self, seen: &Event, sink: &mut S) {
        let t = seen.time;
        match seen.kind {
            event::DE_ON => {
                self.on_since = Some(t);
                self.ended = None;
                if std::mem::take(&mut self.owes_lead) {
                    tell(event::DE_LEAD, self.frame.unwrap_or(t), t, seen, sink);
                }
            }
            event::DE_OFF => {
                self.on_since = None;
                if self.frame.is_some() {
                    self.cut.get_or_insert(t);
                } else if let Some(end) = self.ended.take() {
                    tell(event::DE_TAIL, t, end, seen, sink);
                }
            }
            event::START => self.start(t, seen, sink),
            event::END | event::BREAK_END => self.end(t, seen, sink),
            _ => {}
        }
    }

    fn start<S: Sink<Item>>(&mut self, t: Time, seen: &Event, sink: &mut S) {
        (self.frame, self.cut, self.ended) = (Some(t), None, None);
        self.owes_lead = self.on_since.is_none();
        if let Some(on) = self.on_since {
            tell(event::DE_LEAD, t, on, seen, sink);
        }
    }

    fn end<S: Sink<Item>>(&mut self, t: Time, seen: &Event, sink: &mut S) {
        let start = self.frame.take().unwrap_or(t);
        if std::mem::take(&mut self.owes_lead) {
            tell(event::DE_LEAD, start, t, seen, sink);
        }
        match self.cut.take() {
            Some(off) => tell(event::DE_TAIL, off, t, seen, sink),
            None => self.ended = self.on_since.map(|_| t),
        }
    }
}

/// Tells by how much `later` is behind `earlier`; negative if it is not.
fn tell<S: Sink<Item>>(kind: EventKind, later: Time, earlier: Time, seen: &Event, sink: &mut S) {
    let value = later.as_fs().wrapping_sub(earlier.as_fs()).cast_signed();
    sink.event(Event { kind, value, ..*seen });
}
