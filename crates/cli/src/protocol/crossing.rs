//! Crossings from one clock domain to another.

use std::sync::Arc;

use busproof_core::bus::BusInfo;
use busproof_core::bus::handshake::Width;
use busproof_core::cdc::{self, Item, Monitor, Options, Through, pin};
use busproof_core::mapping::Tap;
use busproof_core::timing::{Finding, Params};
use busproof_core::{SignalId, Source};
use busproof_parts::Part;
use busproof_vectors::caption;
use busproof_vectors::report::jsonl::CrossingLines;
use busproof_wave::Track;

use super::{Asked, ItemLines, Protocol, Seat, Settled};
use crate::error::CliError;
use crate::waveform::{Passing, Waveform};

mod print;

/// The crossing as it was set up on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Crossing {
    options: Options,
    /// Nobody said how many bits a word has.
    width_is_open: bool,
    /// Nobody said how deep the FIFO is.
    depth_is_open: bool,
    part: Option<Arc<Part>>,
}

impl Protocol for Crossing {
    type Item = Item;
    type Monitor = Monitor;
    type Printer = print::Printer;
    type Lines = CrossingLines;

    const INFO: &'static BusInfo = &cdc::INFO;

    fn new(asked: &Asked<'_>) -> Result<Crossing, CliError> {
        let part = Seat::only(asked.seats, "a crossing")?.map(|seat| seat.part.clone());
        let mut options = part.as_deref().and_then(Part::crossing_options).copied().unwrap_or_default();
        for (key, value) in &asked.sets {
            options.set(key, value)?;
        }
        let is_open = |option: &str| part.is_none() && asked.sets.iter().all(|(key, _)| key != option);
        Ok(Crossing { options, width_is_open: is_open("width"), depth_is_open: is_open("depth"), part })
    }

    fn require(&self, waveform: &Waveform) -> Result<(), CliError> {
        let missing = missing(waveform, self.options.through);
        if missing.is_empty() {
            return Ok(());
        }
        let (verb, roles) = match missing.as_slice() {
            [one] => ("no signal plays role", (*one).to_owned()),
            several => ("no signals play roles", several.join(", ")),
        };
        let through = self.options.through.name();
        let fitting = Through::ALL.into_iter().find(|other| self::missing(waveform, *other).is_empty());
        let other = fitting.map_or("...", Through::name);
        let what =
            format!("{verb} {roles}, which a {through} has; `--set through={other}` says another crossing");
        Err(waveform.unmapped(&what, &missing))
    }

    /// A word is as wide as the signals that carry it, and a FIFO as deep as its pointers tell, unless somebody said
    /// otherwise.
    fn settle(&self, passing: &mut Passing) -> Settled<Crossing> {
        let mut settled = Settled::sure(self.clone());
        let options = &mut settled.bus.options;
        let data = passing.wires_on(pin::SRC_DATA).max(passing.wires_on(pin::DST_DATA));
        options.width = Width::new(data).filter(|_| self.width_is_open).unwrap_or(options.width);
        if self.options.through == Through::Fifo && self.depth_is_open {
            let bits = passing.wires_on(pin::WPTR).max(passing.wires_on(pin::RPTR));
            match depth_of(bits) {
                Some(depth) => options.depth = depth,
                None => settled.judged = Some(assumed(options.depth)),
            }
        }
        settled
    }

    fn monitor(&self, source: Source) -> Monitor {
        Monitor::new(&self.options, source)
    }

    /// Those of the part: a crossing has none by itself.
    fn params(&self) -> Params {
        self.part.as_deref().map(Part::params).unwrap_or_default()
    }

    fn more_limits(&self) -> String {
        if self.part.is_some() {
            String::new()
        } else {
            "those of a crossing stand in a part file: `--part`".into()
        }
    }

    /// Both clocks, and what the two sides show.
    fn pins_of(_: &Finding, tap: &Tap) -> Vec<SignalId> {
        let all = Through::ALL.iter().flat_map(|through| needed(*through));
        let mut pins: Vec<SignalId> = Vec::new();
        for pin in all.filter(|pin| tap.pins.iter().any(|mapped| mapped.1 == **pin)) {
            if !pins.contains(pin) {
                pins.push(*pin);
            }
        }
        pins.sort_unstable();
        pins
    }

    fn printer(&self) -> print::Printer {
        print::Printer::new(self.options.through)
    }

    fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
        caption::crossing::tracks(scope, items)
    }
}

impl ItemLines<Item> for CrossingLines {
    fn each<E>(&mut self, item: &Item, print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        CrossingLines::each(self, item, print)
    }
}

/// The roles that nobody plays and without which nothing can be read.
fn missing(waveform: &Waveform, through: Through) -> Vec<&'static str> {
    let is_played =
        |pin: SignalId| waveform.taps.iter().all(|tap| tap.pins.iter().any(|mapped| mapped.1 == pin));
    let missing = needed(through).iter().filter(|pin| !is_played(**pin));
    missing.map(|pin| cdc::INFO.roles[pin.index()].name).collect()
}

/// The signals without which nothing can be read.
fn needed(through: Through) -> &'static [SignalId] {
    match through {
        Through::Synchroniser => &[pin::DST_CLK, pin::D, pin::Q],
        Through::PulseSynchroniser => &[pin::SRC_CLK, pin::SRC, pin::DST_CLK, pin::DST],
        Through::ReqAck | Through::Fifo => &[
            pin::SRC_CLK,
            pin::SRC_VALID,
            pin::SRC_READY,
            pin::SRC_DATA,
            pin::DST_CLK,
            pin::DST_VALID,
            pin::DST_READY,
            pin::DST_DATA,
        ],
    }
}

/// A pointer has a bit more than it takes to number the words.
fn depth_of(pointer_bits: u32) -> Option<u32> {
    let depth = 1u32.checked_shl(pointer_bits.checked_sub(1)?)?;
    (2..=Options::MAX_DEPTH).contains(&depth).then_some(depth)
}

fn assumed(depth: u32) -> String {
    format!(
        "taken to be {depth} words deep; `--set depth=...` says another depth, and so does a signal as wptr"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_tell_the_depth() {
        assert_eq!((depth_of(5), depth_of(2), depth_of(17)), (Some(16), Some(2), Some(65_536)));
        assert_eq!((depth_of(0), depth_of(1), depth_of(18), depth_of(64)), (None, None, None, None));
    }
}
