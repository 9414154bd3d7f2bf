//! A monitor takes any waveform.

use std::fmt::Debug;

use busproof_core::bus::Monitor;
use busproof_core::{Span, Time};

use crate::recording::Seen;
use crate::spoken::Spoken;
use crate::waves::Waves;

/// Asserts the contract of a monitor on a waveform that need not make sense; see [`any_waves`](crate::waves::any_waves).
///
/// * It does not panic.
/// * Its events come in order of time, and neither they nor items lie outside of the waveform: an item begins within it
///   and does not end before it began.
/// * Diagnostics do not end before they begin.
/// * Being told more often that time has passed changes nothing of what it says.
///
/// # Panics
/// If that is not so.
pub fn assert_robust<M>(monitor: impl Fn() -> M, waves: &Waves)
where
    M: Monitor<Item: Spoken>,
{
    let (seen, end) = feed(monitor(), waves, Telling::Changes);
    assert_in_place(&seen, end);
    let (often, _) = feed(monitor(), waves, Telling::Time);
    assert_eq!(
        format!("{:#?}", (&seen.items, &seen.diagnostics)),
        format!("{:#?}", (&often.items, &often.diagnostics)),
        "being told that time passes changes what the monitor says"
    );
    assert_eq!(seen.events, often.events, "being told that time passes changes the events");
}

/// What a monitor is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Telling {
    Changes,
    /// Also that time passes, in between.
    Time,
}

fn feed<M: Monitor>(mut monitor: M, waves: &Waves, telling: Telling) -> (Seen<M::Item>, Time) {
    let (mut seen, mut now) = (Seen::default(), Time::ZERO);
    for step in &waves.0 {
        if telling == Telling::Time {
            for share in [1, 2] {
                let at = now.saturating_add(step.wait.scale(share, 3));
                // Nothing is said of an instant before its changes are.
                if now < at && at < now.saturating_add(step.wait) {
                    monitor.advance(at, &mut seen);
                }
            }
        }
        now = now.saturating_add(step.wait);
        monitor.instant(now, &step.changes, &mut seen);
    }
    monitor.finish(now, &mut seen);
    (seen, now)
}

fn assert_in_place<I: Spoken>(seen: &Seen<I>, end: Time) {
    for pair in seen.events.windows(2) {
        assert!(pair[0].time <= pair[1].time, "events go back in time: {pair:?}");
    }
    if let Some(last) = seen.events.last() {
        assert!(last.time <= end, "{last:?} comes after the end of the waveform at {end}");
    }
    for item in &seen.items {
        assert!(item.start() <= item.end(), "the item ends before it begins: {item:?}");
        assert!(item.start() <= end, "the item begins after the end of the waveform at {end}: {item:?}");
    }
    for odd in &seen.diagnostics {
        assert!(odd.from <= odd.to, "the diagnostic ends before it begins: {odd:?}");
    }
}

/// Asserts that a monitor's memory does not grow with the length of the waveform, as far as its `Debug` form shows it.
///
/// `waves` is repeated until the monitor must have settled and then as often again; what it holds may not be larger in
/// the second half than it was in the first. Times count for nothing, since they get longer.
///
/// # Panics
/// If it grows.
pub fn assert_bounded<M: Monitor + Debug>(mut monitor: M, waves: &Waves) {
    const TIMES: usize = 150;
    let mut now = Time::ZERO;
    let [settled, later] =
        [(); 2].map(|()| (0..TIMES).map(|_| round(&mut monitor, waves, &mut now)).max().unwrap_or(0));
    assert!(later <= settled, "the monitor grows from {settled} to {later} characters: {monitor:?}");
}

/// Feeds the waveform once more; the size of what the monitor holds.
fn round<M: Monitor + Debug>(monitor: &mut M, waves: &Waves, now: &mut Time) -> usize {
    struct Forget;
    impl<I> busproof_core::bus::Sink<I> for Forget {}
    for step in &waves.0 {
        *now = now.saturating_add(step.wait.max(Span::from_fs(1)));
        monitor.instant(*now, &step.changes, &mut Forget);
    }
    size(&format!("{monitor:?}"))
}

/// The number of characters, each number counted as one.
fn size(text: &str) -> usize {
    let mut was_digit = false;
    let new = |c: char| {
        let first = !(c.is_ascii_digit() && was_digit);
        was_digit = c.is_ascii_digit();
        first
    };
    text.chars().map(new).filter(|first| *first).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_counts_as_one_character() {
        assert_eq!(size("Time(123), Time(4)"), size("Time(1), Time(40000)"));
        assert!(size("[1, 2, 3]") > size("[1, 2]"));
    }
}
