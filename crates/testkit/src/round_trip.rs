//! What was said is heard.

use std::fmt::Write as _;

use busproof_core::Time;
use busproof_core::bus::Monitor;

use crate::recording::Recording;
use crate::spoken::Spoken;

/// Why what was heard is not what was said: a message of several lines, with the waveform around the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Mismatch {
    /// The position of the first item that differs.
    pub index: usize,
    text: String,
}

/// Asserts that `monitor` hears exactly `expected` in the recording; see the [crate's example](crate).
///
/// # Panics
/// If it hears anything else. The message names the first difference and draws the waveform around it.
pub fn assert_round_trip<M>(recording: &Recording, monitor: M, expected: &[<M::Item as Spoken>::Meaning])
where
    M: Monitor<Item: Spoken>,
{
    if let Err(mismatch) = check_round_trip(recording, monitor, expected) {
        panic!("{mismatch}");
    }
}

/// As [`assert_round_trip`], for those who want to go on after a difference.
pub fn check_round_trip<M>(
    recording: &Recording,
    monitor: M,
    expected: &[<M::Item as Spoken>::Meaning],
) -> Result<(), Mismatch>
where
    M: Monitor<Item: Spoken>,
{
    let items = recording.decode(monitor).items;
    let seen: Vec<_> = items.iter().map(Spoken::meaning).collect();
    let differs = |i: &usize| seen.get(*i) != expected.get(*i);
    let Some(index) = (0..seen.len().max(expected.len())).find(differs) else { return Ok(()) };
    let text = describe(recording, &items, expected, index);
    Err(Mismatch { index, text })
}

fn describe<I: Spoken>(recording: &Recording, items: &[I], expected: &[I::Meaning], index: usize) -> String {
    let mut text = format!(
        "what was heard is not what was said, from item {} of {} on\n",
        index + 1,
        expected.len().max(items.len())
    );
    let show = |meaning: Option<String>| meaning.unwrap_or_else(|| "nothing more".into());
    let _ = writeln!(text, "  expected  {}", show(expected.get(index).map(|m| format!("{m:?}"))));
    let _ = writeln!(text, "  seen      {}", show(items.get(index).map(|i| format!("{:?}", i.meaning()))));
    let (from, to) = place(recording, items, index);
    for line in recording.draw(from, to).lines() {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// Where the item that differs is, or would be.
fn place<I: Spoken>(recording: &Recording, items: &[I], index: usize) -> (Time, Time) {
    match items.get(index) {
        Some(item) => (item.start(), item.end()),
        None => (items.last().map_or(Time::ZERO, Spoken::start), recording.end()),
    }
}
