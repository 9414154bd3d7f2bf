//! The eye of data at the edges of their strobe: for how long they are stable before and after each.
//!
//! ```text
//! strobe  ____/‾‾‾‾‾‾‾\_______/‾‾‾‾
//! sample      |→ delay |→      |→        the receiver samples each edge of the strobe, so much later
//! data    --<    ><xx>     ><x>    >--
//!            |<->|   |<->|               set-up: from the last change to the sample; hold: from the sample to the next
//! ```
//! Source-synchronous links (DDR memory, RGMII) send data and strobe along the same way; what differs between the wires, skew and
//! jitter, closes the eye. Data **centred** on the strobe are sampled at its edges. Data that change **with** the strobe are sampled
//! later: the receiver, or the board, delays the strobe by a quarter of its period.
//!
//! ```
//! use busproof_core::eye::Eye;
//! use busproof_core::{Change, Level, Observer, SignalId, Span, Time, Value};
//!
//! let (strobe, data) = (SignalId(0), SignalId(1));
//! let mut eye = Eye::new(strobe, &[data], Span::ZERO);
//! let change = |signal, high| Change { signal, value: Value::wire(Level::from_bit(high)) };
//! eye.instant(Time::ZERO, &[change(strobe, false), change(data, false)]);
//! eye.instant("3 ns".parse()?, &[change(data, true)]);
//! eye.instant("5 ns".parse()?, &[change(strobe, true)]);
//! eye.instant("6 ns".parse()?, &[change(data, false)]);
//! let opening = eye.opening().ok_or("no edge was seen")?;
//! assert_eq!((opening.setup, opening.hold), (Span::from_ns(2), Span::from_ns(1)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::VecDeque;

use crate::level::Level;
use crate::log::{Change, Observer, SignalId, Value};
use crate::time::{Span, Time};

/// Measures the eye of some data wires at the edges of one strobe; observes the signals of a bench or a file.
///
/// Data that are not driven, or not known, at a sample do not count.
#[derive(Clone, Debug)]
pub struct Eye {
    strobe: SignalId,
    level: Option<bool>,
    delay: Span,
    lanes: Vec<Lane>,
}

/// How far an eye is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The least time from a change of data to a sample.
    pub setup: Span,
    /// The sample with that set-up.
    pub setup_at: Time,
    /// The least time from a sample to a change of data.
    pub hold: Span,
    /// The sample with that hold.
    pub hold_at: Time,
    /// How many samples had both.
    pub samples: u64,
}

impl Opening {
    /// The width of the eye.
    pub fn width(&self) -> Span {
        self.setup.saturating_add(self.hold)
    }

    /// Both, as far as they are open.
    fn and(self, other: Opening) -> Opening {
        let [setup, hold] = [other.setup < self.setup, other.hold < self.hold];
        Opening {
            setup: self.setup.min(other.setup),
            setup_at: if setup { other.setup_at } else { self.setup_at },
            hold: self.hold.min(other.hold),
            hold_at: if hold { other.hold_at } else { self.hold_at },
            samples: self.samples + other.samples,
        }
    }
}

/// A wire or a group of wires of data.
#[derive(Clone, Debug)]
struct Lane {
    signal: SignalId,
    value: Value,
    /// Its last change; none before the first.
    since: Option<Time>,
    /// Samples behind which it has not changed yet.
    waiting: VecDeque<Time>,
    opening: Option<Opening>,
}

impl Eye {
    /// The eye of `data`, wires or groups, each sampled `delay` after every edge of `strobe`; of a group the first wire is the strobe.
    pub fn new(strobe: SignalId, data: &[SignalId], delay: Span) -> Eye {
        let lane = |&signal| Lane {
            signal,
            value: Value::wire(Level::X),
            since: None,
            waiting: VecDeque::new(),
            opening: None,
        };
        Eye { strobe, level: None, delay, lanes: data.iter().map(lane).collect() }
    }

    /// The eye of all data together; none if no sample lay between two changes.
    pub fn opening(&self) -> Option<Opening> {
        self.lanes().map(|(_, opening)| opening).reduce(Opening::and)
    }

    /// The eye of each wire or group that has one.
    pub fn lanes(&self) -> impl Iterator<Item = (SignalId, Opening)> {
        self.lanes.iter().filter_map(|lane| Some((lane.signal, lane.opening?)))
    }

    /// The strobe changes: what it samples then.
    fn strobe(&mut self, t: Time, level: Level) {
        let was = std::mem::replace(&mut self.level, level.bit());
        if let (Some(was), Some(is)) = (was, level.bit())
            && was != is
        {
            let sample = t.saturating_add(self.delay);
            self.lanes.iter_mut().for_each(|lane| lane.waiting.push_back(sample));
        }
    }
}

impl Lane {
    /// The data change: what was sampled before has its hold.
    fn change(&mut self, t: Time, value: Value) {
        while let Some(sample) = self.waiting.pop_front_if(|sample| *sample <= t) {
            let Some(since) = self.since.filter(|_| self.value.unknown == 0) else { continue };
            let [setup, hold] = [sample.since(since), t.since(sample)];
            let one = Opening { setup, setup_at: sample, hold, hold_at: sample, samples: 1 };
            self.opening = Some(self.opening.map_or(one, |all| all.and(one)));
        }
        // What a wire is at first is no change.
        let is_first = self.since.is_none() && self.value == Value::wire(Level::X);
        self.since = if is_first { None } else { Some(t) };
        self.value = value;
    }
}

impl Observer for Eye {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        // Data that change as they are sampled are held for no time.
        let strobe = self.strobe;
        for change in changes.iter().filter(|change| change.signal == strobe) {
            self.strobe(t, change.value.level());
        }
        for change in changes {
            for lane in self.lanes.iter_mut().filter(|lane| lane.signal == change.signal) {
                lane.change(t, change.value);
            }
        }
    }

    fn finish(&mut self, _: Time) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const STROBE: SignalId = SignalId(0);
    const DATA: [SignalId; 2] = [SignalId(1), SignalId(2)];

    fn eye(delay: u64, edges: &[(u64, u32, char)]) -> Eye {
        let mut eye = Eye::new(STROBE, &DATA, Span::from_fs(delay));
        for &(t, signal, level) in edges {
            let level = match level {
                '0' => Level::Low,
                '1' => Level::High,
                'z' => Level::Z,
                _ => Level::X,
            };
            eye.instant(Time::from_fs(t), &[Change { signal: SignalId(signal), value: Value::wire(level) }]);
        }
        eye
    }

    /// Both edges sample, each wire has an eye of its own, and the worst of each side counts.
    #[test]
    fn the_eye_is_what_all_samples_leave() {
        let start = [(0, 0, '0'), (0, 1, '0'), (0, 2, '0')];
        let edges = [
            (10, 1, '1'),
            (12, 2, '1'),
            (20, 0, '1'),
            (29, 1, '0'),
            (31, 2, '0'),
            (40, 0, '0'),
            (47, 2, '1'),
            (50, 1, '1'),
        ];
        let eye = eye(0, &[&start[..], &edges].concat());
        let spans: Vec<_> = eye.lanes().map(|(_, o)| (o.setup.as_fs(), o.hold.as_fs(), o.samples)).collect();
        assert_eq!(spans, [(10, 9, 2), (8, 7, 2)]);
        let all = eye.opening().unwrap();
        assert_eq!((all.setup.as_fs(), all.setup_at.as_fs()), (8, 20));
        assert_eq!((all.hold.as_fs(), all.hold_at.as_fs()), (7, 40));
        assert_eq!((all.width().as_fs(), all.samples), (15, 4));
    }

    #[test]
    fn data_that_change_with_the_strobe_are_sampled_later() {
        let edges =
            [(0, 0, '0'), (0, 1, '0'), (10, 1, '1'), (10, 0, '1'), (20, 1, '0'), (20, 0, '0'), (30, 1, '1')];
        let spans = |delay| eye(delay, &edges).opening().map(|o| (o.setup.as_fs(), o.hold.as_fs()));
        assert_eq!(spans(3), Some((3, 7)));
        assert_eq!(spans(0), Some((0, 10)), "the strobe is told behind the data here");
    }

    #[test]
    fn in_one_instant_the_old_data_are_sampled_and_held_for_no_time() {
        let mut eye = Eye::new(STROBE, &DATA[..1], Span::ZERO);
        let change = |signal, high| Change { signal, value: Value::wire(Level::from_bit(high)) };
        for (t, high) in [(0, false), (10, true), (20, false)] {
            eye.instant(Time::from_fs(t), &[change(STROBE, high), change(DATA[0], high)]);
        }
        let opening = eye.opening().unwrap();
        assert_eq!((opening.setup.as_fs(), opening.hold.as_fs(), opening.samples), (10, 0, 1));
    }

    #[test]
    fn what_is_not_driven_has_no_eye() {
        let edges = [
            (0, 0, '0'),
            (0, 1, '0'),
            (5, 1, 'z'),
            (10, 0, '1'),
            (15, 1, 'x'),
            (20, 0, '0'),
            (25, 1, '1'),
            (30, 0, 'z'),
            (35, 1, '0'),
        ];
        assert_eq!(eye(0, &edges).opening(), None);
    }
}
