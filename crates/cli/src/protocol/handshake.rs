//! Handshakes.

use std::sync::Arc;

use busproof_core::bus::handshake::rules::event;
use busproof_core::bus::handshake::{Item, Monitor, Options, Protocol as Kind, Width, pin};
use busproof_core::bus::{self, BusInfo};
use busproof_core::mapping::Tap;
use busproof_core::timing::{EventKind, Finding, Kind as RuleKind, Params};
use busproof_core::{SignalId, Source};
use busproof_parts::Part;
use busproof_vectors::caption;
use busproof_vectors::report::jsonl::HandshakeLines;
use busproof_wave::Track;

use super::{Asked, ItemLines, Protocol, Seat, Settled};
use crate::error::CliError;
use crate::waveform::{Passing, Waveform};

mod print;

/// The bus as it was set up on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Handshake {
    options: Options,
    /// Nobody said how many bits a word has.
    width_is_open: bool,
    part: Option<Arc<Part>>,
}

impl Protocol for Handshake {
    type Item = Item;
    type Monitor = Monitor;
    type Printer = print::Printer;
    type Lines = HandshakeLines;

    const INFO: &'static BusInfo = &bus::handshake::INFO;

    fn new(asked: &Asked<'_>) -> Result<Handshake, CliError> {
        let part = Seat::only(asked.seats, "a handshake")?.map(|seat| seat.part.clone());
        let mut options = part.as_deref().and_then(Part::handshake_options).copied().unwrap_or_default();
        for (key, value) in &asked.sets {
            options.set(key, value)?;
        }
        let is_set = asked.sets.iter().any(|(key, _)| key == "width");
        let width_is_open = !is_set && part.is_none();
        Ok(Handshake { options, width_is_open, part })
    }

    fn require(&self, waveform: &Waveform) -> Result<(), CliError> {
        let needed: &[&str] = match self.options.protocol {
            Kind::FourPhase | Kind::TwoPhase => &["req", "ack"],
            Kind::DualRail => &["t", "f", "ack"],
            Kind::ValidReady => &["clk", "valid"],
        };
        let missing: Vec<&str> = needed.iter().copied().filter(|role| !is_played(waveform, role)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (verb, roles) = match missing.as_slice() {
            [one] => ("no signal plays role", (*one).to_owned()),
            several => ("no signals play roles", several.join(", ")),
        };
        let protocol = self.options.protocol.name();
        let what =
            format!("{verb} {roles}, which a {protocol} handshake has; `--set protocol=...` says another");
        Err(waveform.unmapped(&what, &missing))
    }

    /// A word is as wide as the signals that carry it, unless somebody said otherwise.
    fn settle(&self, passing: &mut Passing) -> Settled<Handshake> {
        let (group, wire): (_, fn(u32) -> SignalId) = match self.options.protocol {
            Kind::DualRail => (pin::TRUE, pin::true_rail),
            _ => (pin::DATA, pin::data),
        };
        let single = || (0..pin::WIRES).map(|i| passing.wires_on(wire(i))).sum();
        let wires = Some(passing.wires_on(group)).filter(|wires| *wires > 0).unwrap_or_else(single);
        let width = Width::new(wires).filter(|_| self.width_is_open).unwrap_or(self.options.width);
        Settled::sure(Handshake { options: Options { width, ..self.options }, ..self.clone() })
    }

    fn monitor(&self, source: Source) -> Monitor {
        Monitor::new(&self.options, source)
    }

    /// Those of the part: a handshake has none by itself.
    fn params(&self) -> Params {
        self.part.as_deref().map(Part::params).unwrap_or_default()
    }

    fn more_limits(&self) -> String {
        if self.part.is_some() {
            String::new()
        } else {
            "those of a link stand in a part file: `--part`".into()
        }
    }

    /// The clock, the sender's wires, those of the receiver.
    fn pins_of(finding: &Finding, tap: &Tap) -> Vec<SignalId> {
        let RuleKind::Between { from, to, .. } = finding.rule.kind else { return Vec::new() };
        let both = from.union(to);
        let speaks = |kinds: &[EventKind]| kinds.iter().any(|kind| both.contains(*kind));
        let mut pins = vec![pin::CLK];
        if speaks(&[event::REQUEST, event::REQUEST_OFF, event::DATA_DUE, event::V_CHANGE]) {
            pins.extend([pin::REQ, pin::VALID]);
        }
        if speaks(&[event::D_CHANGE, event::D_UNKNOWN, event::V_CHANGE]) {
            pins.push(pin::DATA);
            pins.extend((0..pin::WIRES).map(pin::data));
        }
        if speaks(&[event::REQUEST, event::REQUEST_OFF, event::FIRST_RAIL]) {
            pins.extend([pin::TRUE, pin::FALSE]);
            pins.extend((0..pin::WIRES).flat_map(|i| [pin::true_rail(i), pin::false_rail(i)]));
        }
        if speaks(&[event::ACKNOWLEDGE, event::ACKNOWLEDGE_OFF, event::DATA_FREE, event::R_CHANGE]) {
            pins.extend([pin::ACK, pin::READY]);
        }
        pins.retain(|pin| tap.pins.iter().any(|mapped| mapped.1 == *pin));
        pins
    }

    fn printer(&self) -> print::Printer {
        print::Printer::default()
    }

    fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
        caption::handshake::tracks(scope, items)
    }
}

impl ItemLines<Item> for HandshakeLines {
    fn each<E>(&mut self, item: &Item, print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        HandshakeLines::each(self, item, print)
    }
}

/// True if the signal is there at each point of observation; a single rail will do for a group of them.
fn is_played(waveform: &Waveform, role: &str) -> bool {
    let pins: &[SignalId] = match role {
        "req" => &[pin::REQ],
        "ack" => &[pin::ACK],
        "t" => &[pin::TRUE, pin::true_rail(0)],
        "f" => &[pin::FALSE, pin::false_rail(0)],
        "clk" => &[pin::CLK],
        _ => &[pin::VALID],
    };
    waveform.taps.iter().all(|tap| tap.pins.iter().any(|mapped| pins.contains(&mapped.1)))
}

#[cfg(test)]
mod tests {
    use busproof_core::timing::{Place, Verdict};
    use busproof_core::{Span, Time};

    use super::*;

    #[test]
    fn a_finding_is_about_the_wires_of_its_protocol() {
        let tap = |pins: &[SignalId]| Tap {
            point: None,
            pins: pins.iter().enumerate().map(|(i, pin)| (SignalId(i as u32), *pin)).collect(),
        };
        let bundled = tap(&[pin::REQ, pin::ACK, pin::DATA]);
        let rails = tap(&[pin::ACK, pin::true_rail(0), pin::false_rail(0)]);
        let clocked = tap(&[pin::VALID, pin::READY, pin::CLK, pin::data(0)]);
        let pins = |name: &str, tap: &Tap| {
            let rule = bus::handshake::rules::RULES.iter().find(|rule| rule.name == name).unwrap();
            let (from, to, grid) = (Time::ZERO, Time::ZERO, Span::ZERO);
            let place = Place::default();
            let finding =
                Finding { rule, verdict: Verdict::Broken, from, to, measured: 0, limit: 0, grid, place };
            Handshake::pins_of(&finding, tap)
        };
        assert_eq!(pins("tSU;DATA", &bundled), [pin::REQ, pin::DATA]);
        assert_eq!(pins("tRA-max", &bundled), [pin::REQ, pin::ACK]);
        assert_eq!(pins("tH;DATA", &bundled), [pin::DATA, pin::ACK]);
        assert_eq!(pins("tSKEW", &rails), [pin::true_rail(0), pin::false_rail(0)]);
        assert_eq!(pins("tSU;VALID", &clocked), [pin::CLK, pin::VALID, pin::data(0)]);
        assert_eq!(pins("tH;READY", &clocked), [pin::CLK, pin::READY]);
    }
}
