//! SPI.

use std::sync::Arc;

use busproof_core::bus::spi::rules::{PARAMS, event};
use busproof_core::bus::spi::{Monitor, Options, pin};
use busproof_core::mapping::Tap;
use busproof_core::timing::{EventKind, EventSet, Kind, Param, Params, Rule};
use busproof_core::{SignalId, Source};
use busproof_parts::Part;

use crate::error::CliError;
use crate::waveform::Waveform;

mod print;

pub(crate) use print::Printer;

/// The bus as it was set up on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Spi {
    pub(crate) options: Options,
    pub(crate) part: Option<Arc<Part>>,
}

impl Spi {
    /// The options of the part, then those that were set.
    pub(crate) fn new(part: Option<Arc<Part>>, sets: &[(String, String)]) -> Result<Spi, CliError> {
        let mut options = part.as_ref().map(|part| part.options().clone()).unwrap_or_default();
        for (key, value) in sets {
            options.set(key, value)?;
        }
        Ok(Spi { options, part })
    }

    /// A monitor for a waveform from `source`.
    pub(crate) fn monitor(&self, source: Source) -> Monitor {
        Monitor::new(&self.options, source)
    }

    /// The limits of the part and of the controller's part.
    pub(crate) fn params(&self, host: Option<&Part>) -> Params {
        let mut params = Params::new();
        for part in self.part.as_deref().into_iter().chain(host) {
            let its = part.params();
            for param in (0..PARAMS.len()).map(|i| Param(i as u16)) {
                if let Some(value) = its.get(param) {
                    params.set(param, value.value, &value.cite);
                }
            }
        }
        params
    }

    /// An error unless the clock and a data line are there.
    pub(crate) fn require(waveform: &Waveform) -> Result<(), CliError> {
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
        Err(CliError::Unmapped {
            file: waveform.file().into(),
            missing: missing.into(),
            signals: waveform.signal_list(),
            example: waveform.example(roles),
        })
    }

    /// The pins whose edges `rule` speaks of, the clock first.
    pub(crate) fn pins_of(rule: &Rule, tap: &Tap) -> Vec<SignalId> {
        let Kind::Between { from, to, .. } = rule.kind else { return vec![pin::SCK] };
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
}
