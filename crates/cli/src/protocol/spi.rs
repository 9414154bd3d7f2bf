//! SPI.

use std::sync::Arc;

use busproof_core::bus::spi::rules::{PARAMS, event};
use busproof_core::bus::spi::{Item, Monitor, Options, Payload, Word, pin};
use busproof_core::mapping::Tap;
use busproof_core::timing::{EventKind, EventSet, Kind, Param, Params, Rule};
use busproof_core::{Bits, SignalId, Source};
use busproof_parts::Part;
use serde::Serialize;

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
        let (missing, example) = match (has(pin::SCK), data) {
            (true, true) => return Ok(()),
            (false, true) => ("no signal plays role sck, the clock", "--map sck=SIGNAL"),
            (true, false) => (
                "no signal plays role mosi or miso, and one of them is needed",
                "--map mosi=SIGNAL --map miso=SIGNAL",
            ),
            (false, false) => (
                "no signals play roles sck and mosi or miso, which are needed",
                "--map sck=SIGNAL --map mosi=SIGNAL --map miso=SIGNAL --map cs=SIGNAL",
            ),
        };
        Err(CliError::Unmapped {
            file: waveform.file().into(),
            missing: missing.into(),
            signals: waveform.signal_list(),
            example: example.into(),
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

/// A line of JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    bus: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lanes: Option<u8>,
    kind: &'static str,
    start_fs: u64,
    end_fs: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
    cs: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<&'static str>,
}

/// The lines of JSON for an item: one for each line of the bus that carried bits.
pub(crate) fn records(item: &Item) -> Vec<Record> {
    match item {
        Item::Select { cs, .. } => vec![record(item, "select", *cs)],
        Item::Deselect { cs, .. } => vec![record(item, "deselect", *cs)],
        Item::Word(word) => word_records(item, "word", word),
        Item::Incomplete(word) => word_records(item, "incomplete", word),
    }
}

fn record(item: &Item, kind: &'static str, cs: u8) -> Record {
    Record {
        bus: "spi",
        line: None,
        lanes: None,
        kind,
        start_fs: item.start().as_fs(),
        end_fs: item.end().as_fs(),
        bits: None,
        data: None,
        unknown: None,
        cs,
        flags: Vec::new(),
    }
}

fn word_records(item: &Item, kind: &'static str, word: &Word) -> Vec<Record> {
    let mut flags = Vec::new();
    if word.flags.assumed_start {
        flags.push("assumed-start");
    }
    if word.flags.double_rate {
        flags.push("double-rate");
    }
    let one = |line, lanes, bits: &Bits| Record {
        line: Some(line),
        lanes,
        bits: (kind == "incomplete").then(|| bits.len()),
        data: Some(bits.to_hex()),
        unknown: (!bits.is_known()).then(|| bits.unknown_to_hex()),
        flags: flags.clone(),
        ..record(item, kind, word.cs)
    };
    match &word.payload {
        Payload::Shared { lanes, bits, .. } => vec![one("io", Some(*lanes), bits)],
        Payload::Duplex { mosi, miso } => {
            let mosi = mosi.iter().map(|bits| one("mosi", None, bits));
            mosi.chain(miso.iter().map(|bits| one("miso", None, bits))).collect()
        }
    }
}
