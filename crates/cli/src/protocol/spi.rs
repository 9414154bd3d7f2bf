//! SPI.

use std::sync::Arc;

use busproof_core::bus::spi::rules::{PARAMS, event};
use busproof_core::bus::spi::{Item, Monitor, Options, pin};
use busproof_core::bus::{self, BusInfo};
use busproof_core::mapping::Tap;
use busproof_core::timing::{EventKind, EventSet, Finding, Kind, Param, Params};
use busproof_core::{SignalId, Source};
use busproof_parts::Part;
use busproof_vectors::caption;
use busproof_vectors::report::jsonl::SpiLines;
use busproof_wave::Track;

use super::{Asked, ItemLines, Protocol, Seat, Settled};
use crate::error::CliError;
use crate::waveform::{Passing, Waveform};

mod print;

/// The bus as it was set up on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Spi {
    options: Options,
    part: Option<Arc<Part>>,
    host: Option<Arc<Part>>,
}

impl Protocol for Spi {
    type Item = Item;
    type Monitor = Monitor;
    type Printer = print::Printer;
    type Lines = SpiLines;

    const INFO: &'static BusInfo = &bus::spi::INFO;

    /// The options of the part, then those that were set.
    fn new(asked: &Asked<'_>) -> Result<Spi, CliError> {
        let part = Seat::only(asked.seats, "SPI")?.map(|seat| seat.part.clone());
        let stated = part.as_ref().and_then(|part| part.spi_options());
        let mut options = stated.cloned().unwrap_or_default();
        for (key, value) in &asked.sets {
            options.set(key, value)?;
        }
        Ok(Spi { options, part, host: asked.host.cloned() })
    }

    fn require(&self, waveform: &Waveform) -> Result<(), CliError> {
        let has = |pin: SignalId| waveform.taps.iter().all(|tap| tap.pins.iter().any(|p| p.1 == pin));
        let data = has(pin::MOSI) || has(pin::MISO);
        let (missing, roles): (_, &[&str]) = match (has(pin::SCK), data) {
            (true, true) => return Ok(()),
            (false, true) => ("no signal plays role sck, the clock", &["sck"]),
            (true, false) => {
                ("no signal plays role mosi or miso, and one of them is needed", &["mosi", "miso"])
            }
            (false, false) => (
                "no signals play roles sck and mosi or miso, which are needed",
                &["sck", "mosi", "miso", "cs"],
            ),
        };
        Err(waveform.unmapped(missing, roles))
    }

    fn settle(&self, _: &mut Passing) -> Settled<Spi> {
        Settled::sure(self.clone())
    }

    fn monitor(&self, source: Source) -> Monitor {
        Monitor::new(&self.options, source)
    }

    /// The limits of the part and of the controller's part.
    fn params(&self) -> Params {
        let mut params = Params::new();
        for part in [&self.part, &self.host].into_iter().flatten() {
            let its = part.params();
            for param in (0..PARAMS.len()).map(|i| Param(i as u16)) {
                if let Some(value) = its.get(param) {
                    params.set(param, value.value, &value.cite);
                }
            }
        }
        params
    }

    fn more_limits(&self) -> String {
        let more = match (&self.part, &self.host) {
            (None, _) => "name the part with `--part`",
            (Some(_), None) => "the controller's come with `--host`",
            (Some(_), Some(_)) => "",
        };
        more.into()
    }

    fn pins_of(finding: &Finding, tap: &Tap) -> Vec<SignalId> {
        let Kind::Between { from, to, .. } = finding.rule.kind else { return vec![pin::SCK] };
        let both = from.union(to);
        let speaks = |kinds: &[EventKind]| kinds.iter().any(|kind| both.contains(*kind));
        let sets = |set: EventSet| (0..64).any(|i| both.contains(EventKind(i)) && set.contains(EventKind(i)));
        let clock = sets(event::RISE) || sets(event::FALL) || sets(event::ANY_C_HIGH);
        let mut pins = Vec::new();
        if sets(event::ANY_SELECT) {
            pins.extend((0..pin::CS_LINES).map(pin::cs));
        }
        if clock || speaks(&[event::HOST_SAMPLE]) || sets(event::Q_SHIFT) {
            pins.push(pin::SCK);
        }
        if speaks(&[event::D_CHANGE, event::D_UNKNOWN]) {
            pins.push(pin::MOSI);
        }
        if speaks(&[event::Q_LEAVE, event::Q_VALID, event::Q_Z, event::Q_UNKNOWN]) {
            pins.push(pin::MISO);
        }
        pins.retain(|pin| tap.pins.iter().any(|mapped| mapped.1 == *pin));
        pins
    }

    fn printer(&self) -> print::Printer {
        print::Printer::new(self)
    }

    fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
        caption::spi::tracks(scope, items)
    }
}

impl ItemLines<Item> for SpiLines {
    fn each<E>(&mut self, item: &Item, print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        SpiLines::each(self, item, print)
    }
}
