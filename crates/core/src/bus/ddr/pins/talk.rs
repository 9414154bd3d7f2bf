//! Bursts on the data pins, half clock by half clock, as an end drives them and as the other takes them.
//!
//! Half clocks are numbered by the edges of CK that begin them: clock `n` rises with half clock `2n` and falls with `2n + 1`.

use std::collections::VecDeque;

use super::{Beat, Preamble};
use crate::time::Span;

/// What the data pins show in a half clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Half {
    /// The level of DQS; released if none.
    pub(super) strobe: Option<bool>,
    /// What is on DQ and DM; released if none.
    pub(super) beat: Option<Beat>,
}

/// The bursts that an end drives.
#[derive(Clone, Debug, Default)]
pub(super) struct Talk(VecDeque<Burst>);

#[derive(Clone, Debug)]
struct Burst {
    /// The half clock of the first beat.
    first: u64,
    preamble: &'static [bool],
    beats: Vec<Beat>,
}

impl Talk {
    /// A burst whose first beat belongs to half clock `first`. Bursts come in order.
    pub(super) fn push(&mut self, first: u64, preamble: Preamble, beats: Vec<Beat>) {
        self.0.push_back(Burst { first, preamble: preamble.halves(), beats });
    }

    /// What is driven in half clock `half`. These come in order, and what is over is forgotten.
    ///
    /// A burst drives DQS low for a last half clock: the postamble. Where the next burst follows at once, its preamble gives way to
    /// the beats of this one.
    pub(super) fn half(&mut self, half: u64) -> Half {
        while self.0.front().is_some_and(|burst| burst.first + burst.beats.len() as u64 <= half) {
            self.0.pop_front();
        }
        let beat = self.0.front().and_then(|burst| burst.beat(half));
        Half {
            strobe: beat.map(|(strobe, _)| strobe).or_else(|| self.preamble(half)),
            beat: beat.map(|b| b.1),
        }
    }

    fn preamble(&self, half: u64) -> Option<bool> {
        self.0.front().and_then(|burst| {
            let left = burst.first.checked_sub(half)? as usize;
            let of = burst.preamble;
            of.get(of.len().checked_sub(left)?).copied()
        })
    }

    /// True if nothing is left to be driven.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing is driven any more.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Burst {
    /// The level of DQS and the beat, from the first beat on.
    fn beat(&self, half: u64) -> Option<(bool, Beat)> {
        let index = half.checked_sub(self.first)?;
        self.beats.get(index as usize).map(|beat| (index % 2 == 0, *beat))
    }
}

/// The bursts that an end waits for; `T` says what for.
#[derive(Clone, Debug)]
pub(super) struct Listen<T> {
    expected: VecDeque<Expected<T>>,
    taken: Vec<Beat>,
    /// The half clock that has begun.
    now: u64,
}

#[derive(Clone, Debug)]
struct Expected<T> {
    first: u64,
    beats: usize,
    what: T,
}

/// A burst that came, or did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrival<T> {
    pub(super) what: T,
    /// Fewer than expected if edges of DQS were missing.
    pub(super) beats: Vec<Beat>,
    pub(super) expected: usize,
}

impl<T> Default for Listen<T> {
    fn default() -> Listen<T> {
        Listen { expected: VecDeque::new(), taken: Vec::new(), now: 0 }
    }
}

impl<T> Listen<T> {
    /// For so many clocks after its last beat a burst may be late.
    const PATIENCE: u64 = 4;

    /// A burst is expected whose first beat belongs to half clock `first`. Bursts come in order.
    pub(super) fn expect(&mut self, first: u64, beats: usize, what: T) {
        self.expected.push_back(Expected { first, beats, what });
    }

    /// A half clock begins. Returns a burst of which not all has come.
    pub(super) fn half(&mut self, half: u64) -> Option<Arrival<T>> {
        self.now = half;
        let over = |burst: &mut Expected<T>| burst.first + burst.beats as u64 + Self::PATIENCE <= half;
        let burst = self.expected.pop_front_if(over)?;
        Some(self.arrived(burst))
    }

    /// True while an edge of DQS would be taken: from half a clock before the first beat on.
    pub(super) fn is_open(&self) -> bool {
        self.expected.front().is_some_and(|burst| burst.first <= self.now + 1)
    }

    /// DQS became high or low; `beat` is what DQ and DM are. Returns the burst with its last beat.
    pub(super) fn edge(&mut self, high: bool, beat: Beat) -> Option<Arrival<T>> {
        let is_next = high == self.taken.len().is_multiple_of(2);
        if !self.is_open() || !is_next {
            return None;
        }
        self.taken.push(beat);
        let burst = self.expected.pop_front_if(|burst| burst.beats == self.taken.len())?;
        Some(self.arrived(burst))
    }

    fn arrived(&mut self, burst: Expected<T>) -> Arrival<T> {
        let beats = std::mem::replace(&mut self.taken, Vec::with_capacity(burst.beats));
        Arrival { what: burst.what, beats, expected: burst.beats }
    }

    /// True if no burst is expected.
    pub(super) fn is_empty(&self) -> bool {
        self.expected.is_empty()
    }

    /// Nothing is expected any more.
    pub(super) fn clear(&mut self) {
        self.expected.clear();
        self.taken.clear();
    }
}

/// A shift against the edges of CK: so many half clocks ahead, and then a delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lag {
    pub(super) ahead: u64,
    pub(super) delay: Span,
}

impl Lag {
    /// The shift by `fs` femtoseconds, where a half clock lasts `half`.
    pub(super) fn of(fs: i64, half: Span) -> Lag {
        let half = half.as_fs().max(1);
        let ahead = if fs < 0 { fs.unsigned_abs().div_ceil(half) } else { 0 };
        Lag { ahead, delay: Span::from_fs((ahead * half).saturating_add_signed(fs)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(data: impl IntoIterator<Item = u64>) -> Vec<Beat> {
        data.into_iter().map(Beat::new).collect()
    }

    /// DQS and DQ as a picture: a column each half clock, `-` released.
    fn picture(talk: &mut Talk, halves: std::ops::Range<u64>) -> (String, String) {
        let level = |strobe: Option<bool>| strobe.map_or('-', |high| if high { '1' } else { '0' });
        let digit =
            |beat: Option<Beat>| beat.and_then(|b| char::from_digit(b.data as u32, 10)).unwrap_or('-');
        let all: Vec<Half> = halves.map(|half| talk.half(half)).collect();
        (all.iter().map(|h| level(h.strobe)).collect(), all.iter().map(|h| digit(h.beat)).collect())
    }

    #[test]
    fn a_burst_has_preamble_beats_and_postamble() {
        let mut talk = Talk::default();
        talk.push(6, Preamble::One, beats(1..5));
        assert_eq!(picture(&mut talk, 0..12), ("----001010--".into(), "------1234--".into()));
        assert!(talk.is_empty());
    }

    #[test]
    fn bursts_that_follow_at_once_share_one_preamble() {
        let mut talk = Talk::default();
        talk.push(6, Preamble::Two, beats(1..5));
        talk.push(10, Preamble::Two, beats(5..9));
        assert_eq!(picture(&mut talk, 0..16), ("--001010101010--".into(), "------12345678--".into()));
    }

    /// One clock between the bursts: the second preamble is what fits.
    #[test]
    fn a_preamble_gives_way_to_the_burst_before() {
        let mut talk = Talk::default();
        talk.push(2, Preamble::One, beats(1..5));
        talk.push(8, Preamble::Two, beats(5..7));
        assert_eq!(picture(&mut talk, 0..12), ("0010101010--".into(), "--1234--56--".into()));
    }

    #[test]
    fn a_listener_takes_the_edges_of_its_burst() {
        let mut listen = Listen::default();
        listen.expect(6, 2, 'a');
        assert_eq!(listen.half(4), None);
        assert_eq!(listen.edge(true, Beat::new(9)), None, "a clock early: that is the preamble");
        assert_eq!(listen.half(5), None);
        assert_eq!(listen.edge(false, Beat::new(9)), None, "a burst begins with a rising edge");
        assert_eq!(listen.edge(true, Beat::new(1)), None);
        let arrival = Arrival { what: 'a', beats: beats([1, 2]), expected: 2 };
        assert_eq!(listen.edge(false, Beat::new(2)), Some(arrival));
        assert!(listen.is_empty() && !listen.is_open());
    }

    #[test]
    fn a_burst_that_does_not_come_is_told() {
        let mut listen = Listen::default();
        listen.expect(6, 4, ());
        assert_eq!(listen.half(6), None);
        assert_eq!(listen.edge(true, Beat::new(1)), None);
        assert_eq!(listen.half(13), None);
        assert_eq!(listen.half(14), Some(Arrival { what: (), beats: beats([1]), expected: 4 }));
    }

    #[test]
    fn shifts_are_half_clocks_and_a_delay() {
        let half = Span::from_fs(500);
        let lag = |fs| {
            let Lag { ahead, delay } = Lag::of(fs, half);
            (ahead, delay.as_fs())
        };
        assert_eq!(lag(0), (0, 0));
        assert_eq!(lag(700), (0, 700));
        assert_eq!(lag(-1), (1, 499));
        assert_eq!(lag(-500), (1, 0));
        assert_eq!(lag(-501), (2, 499));
    }
}
