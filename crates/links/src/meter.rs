//! Counts what happens on wires.

use busproof_core::sim::Bench;
use busproof_core::{Change, Observer, SignalId, Span, Time, Value};

/// Counts the edges of each signal, and how long its wires are Low.
///
/// Low to High and back are edges, however long the wire is X between; from an unknown state to a known one is none.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    tracks: Vec<Track>,
    /// When the first edge came since the counts began.
    first: Option<Time>,
}

/// One signal.
#[derive(Clone, Debug)]
struct Track {
    width: u32,
    /// What each wire was when it was last known, and whether it ever was.
    high: u64,
    known: u64,
    since: Time,
    count: Count,
}

/// What was counted on one signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Edges of all of its wires.
    pub(crate) edges: u64,
    /// Those that rise.
    pub(crate) rises: u64,
    /// How long wires were Low, added up over them.
    pub(crate) low: Span,
}

impl Meter {
    /// A meter for the signals of a bench.
    pub(crate) fn new(bench: &mut Bench) -> Meter {
        let track = |width| Track { width, high: 0, known: 0, since: Time::ZERO, count: Count::default() };
        let tracks = bench.signals().into_iter().map(|(_, width)| track(width)).collect();
        Meter { tracks, first: None }
    }

    /// Counts from `t` on; what the wires are stays known.
    pub(crate) fn restart(&mut self, t: Time) {
        for track in &mut self.tracks {
            track.count = Count::default();
            track.since = t;
        }
        self.first = None;
    }

    /// What was counted on one signal.
    pub(crate) fn count(&self, signal: SignalId) -> Count {
        self.tracks.get(signal.index()).map_or_else(Count::default, |track| track.count)
    }

    /// What was counted on all signals together.
    pub(crate) fn total(&self) -> Count {
        self.tracks.iter().fold(Count::default(), |sum, track| Count {
            edges: sum.edges + track.count.edges,
            rises: sum.rises + track.count.rises,
            low: sum.low.saturating_add(track.count.low),
        })
    }

    /// The number of wires.
    pub(crate) fn wires(&self) -> u32 {
        self.tracks.iter().map(|track| track.width).sum()
    }

    /// When the first edge came.
    pub(crate) fn first_edge(&self) -> Option<Time> {
        self.first
    }
}

impl Track {
    /// Adds the time since the last look. A wire that is X counts as what it was.
    fn pass(&mut self, now: Time) {
        let low = (self.known & !self.high).count_ones() as u64;
        let span = now.since(self.since).as_fs().saturating_mul(low);
        self.count.low = self.count.low.saturating_add(Span::from_fs(span));
        self.since = now;
    }

    /// Takes a new value; true if there was an edge.
    fn take(&mut self, value: Value) -> bool {
        let mask = if self.width >= 64 { u64::MAX } else { (1 << self.width) - 1 };
        let settled = !value.unknown & mask;
        let turned = (self.high ^ value.bits) & settled & self.known;
        self.count.edges += turned.count_ones() as u64;
        self.count.rises += (turned & value.bits).count_ones() as u64;
        self.high = self.high & !settled | value.bits & settled;
        self.known |= settled;
        turned != 0
    }
}

impl Observer for Meter {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        let mut turned = false;
        for change in changes {
            if let Some(track) = self.tracks.get_mut(change.signal.index()) {
                track.pass(t);
                turned |= track.take(change.value);
            }
        }
        if turned {
            self.first.get_or_insert(t);
        }
    }

    fn finish(&mut self, t: Time) {
        self.tracks.iter_mut().for_each(|track| track.pass(t));
    }
}
