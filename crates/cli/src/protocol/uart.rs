//! UART.

use std::sync::Arc;

use busproof_core::bus::uart::rules::{event, limits};
use busproof_core::bus::uart::{Baud, Guess, Item, Line, Monitor, Options, Packets, RateGuess, pin};
use busproof_core::bus::{self, BusInfo};
use busproof_core::mapping::Tap;
use busproof_core::timing::{EventKind, Finding, Kind, Params, Rule};
use busproof_core::{SignalId, Source, Span};
use busproof_parts::{Conditions, Part};
use busproof_vectors::caption;
use busproof_vectors::report::jsonl::UartLines;
use busproof_wave::Track;

use super::{Asked, ItemLines, Protocol, Seat, Settled};
use crate::error::CliError;
use crate::waveform::{Passing, Waveform};

mod print;

/// The bus as it was set up on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Uart {
    options: Options,
    part: Option<Arc<Part>>,
}

impl Protocol for Uart {
    type Item = Item;
    type Monitor = Monitor;
    type Printer = print::Printer;
    type Lines = UartLines;

    const INFO: &'static BusInfo = &bus::uart::INFO;

    fn new(asked: &Asked<'_>) -> Result<Uart, CliError> {
        let part = Seat::only(asked.seats, "a UART")?.map(|seat| seat.part.clone());
        let mut options = part.as_deref().and_then(Part::uart_options).cloned().unwrap_or_default();
        for (key, value) in &asked.sets {
            options.set(key, value)?;
        }
        Ok(Uart { options, part })
    }

    fn require(&self, waveform: &Waveform) -> Result<(), CliError> {
        let line = |p: &(SignalId, SignalId)| p.1 == pin::TX || p.1 == pin::RX;
        if waveform.taps.iter().all(|tap| tap.pins.iter().any(line)) {
            return Ok(());
        }
        Err(waveform.unmapped("no signal plays role tx or rx, and one of them is needed", &["tx", "rx"]))
    }

    /// The bit rate is guessed from the edges if it was left open.
    fn settle(&self, passing: &mut Passing) -> Settled<Uart> {
        let guess = if self.options.baud.is_none() { guess(passing) } else { None };
        let Some(found) = guess else {
            return Settled::sure(self.clone());
        };
        let baud = found.best();
        let Guess { edges, confidence_percent, .. } = found;
        let said = format!(
            "read at {baud} baud, found from {edges} edges with {confidence_percent} % confidence; \
             `--set baud=RATE` says another"
        );
        let options = Options { baud: Some(baud), ..self.options.clone() };
        Settled { read: Some(said), ..Settled::sure(Uart { options, ..self.clone() }) }
    }

    fn monitor(&self, source: Source) -> Monitor {
        Monitor::new(&self.options, source)
    }

    /// What follows from the frame format and the receiver, or what the part asks for beyond that.
    fn params(&self) -> Params {
        let mut params = limits(&self.options);
        if let Some(part) = &self.part {
            part.overlay(&mut params, &Conditions::default());
        }
        params
    }

    fn more_limits(&self) -> String {
        String::new()
    }

    fn unit_interval(&self) -> Option<Span> {
        self.options.baud.or(Options::default().baud).map(Baud::bit)
    }

    /// A frame, at whose end it is known how good it was.
    fn reach(&self) -> Span {
        let baud = self.options.baud.or(Options::default().baud);
        baud.map_or(Span::ZERO, |baud| self.options.frame_time(baud))
    }

    /// The line, and the wire that controls it where the rule is about that.
    fn pins_of(finding: &Finding, tap: &Tap) -> Vec<SignalId> {
        let is_shared = tap.pins.iter().any(|mapped| mapped.1 == pin::PEER_DE);
        let line = if finding.place.0[0] == Line::Rx as u8 { Line::Rx } else { Line::Tx };
        let speaks = |kinds: &[EventKind]| kinds.iter().any(|kind| is_about(finding.rule, *kind));
        if speaks(&[event::DE_LEAD, event::DE_TAIL]) {
            vec![if line == Line::Rx { pin::PEER_DE } else { pin::DE }, pin::TX]
        } else if speaks(&[event::FLOW_OFF, event::FLOW_FRAMES]) {
            let control = if line == Line::Rx { pin::RTS } else { pin::CTS };
            vec![control, line.pin()]
        } else if speaks(&[event::BREAK_END]) && speaks(&[event::END]) {
            if is_shared { vec![pin::DE, pin::PEER_DE, pin::TX] } else { vec![pin::TX, pin::RX] }
        } else {
            vec![if is_shared { pin::TX } else { line.pin() }]
        }
    }

    fn printer(&self) -> print::Printer {
        print::Printer::new(self.options.packets != Packets::None, self.part.as_deref())
    }

    fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
        caption::uart::tracks(scope, items)
    }
}

impl ItemLines<Item> for UartLines {
    fn each<E>(&mut self, item: &Item, print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        UartLines::each(self, item, print)
    }
}

/// True if `rule` measures from, to or at events of that kind.
fn is_about(rule: &Rule, kind: EventKind) -> bool {
    match rule.kind {
        Kind::Between { from, to, .. } => from.union(to).contains(kind),
        Kind::Measure { quantity, .. } => quantity == kind,
        Kind::Sum { .. } | Kind::Budget { .. } => false,
    }
}

/// What the head of the waveform says of the bit rate, both lines together.
fn guess(passing: &mut Passing) -> Option<Guess> {
    let mut guess = RateGuess::default();
    passing.peek(Monitor::HELD, |t, changes| {
        for change in changes {
            if let Some(line) = Line::ALL.into_iter().find(|line| line.pin() == change.signal) {
                guess.level(line, t, change.value.level());
            }
        }
    });
    guess.guess()
}

#[cfg(test)]
mod tests {
    use busproof_core::Time;
    use busproof_core::timing::{Place, Verdict};

    use super::*;

    #[test]
    fn a_finding_is_about_its_line_and_what_controls_it() {
        let pins = |name: &str, line: Line| {
            let rule = bus::uart::rules::RULES.iter().find(|rule| rule.name == name).unwrap();
            let place = Place([line as u8, 0, 0, 0]);
            let (from, to, grid) = (Time::ZERO, Time::ZERO, Span::ZERO);
            let finding =
                Finding { rule, verdict: Verdict::Broken, from, to, measured: 0, limit: 0, grid, place };
            Uart::pins_of(&finding, &Tap { point: None, pins: Vec::new() })
        };
        assert_eq!(pins("sampling", Line::Rx), [pin::RX]);
        assert_eq!(pins("tBDEL", Line::Tx), [pin::TX]);
        assert_eq!(pins("tRTS", Line::Tx), [pin::CTS, pin::TX]);
        assert_eq!(pins("RTS-frames", Line::Rx), [pin::RTS, pin::RX]);
        assert_eq!(pins("tDE-tail", Line::Tx), [pin::DE, pin::TX]);
        assert_eq!(pins("tTURN", Line::Rx), [pin::TX, pin::RX]);
    }
}
