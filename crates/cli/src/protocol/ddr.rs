//! DDR memory.

use std::sync::Arc;

use busproof_core::bus::ddr::pins::{pin, rules};
use busproof_core::bus::ddr::rules::{T_RL, T_WL};
use busproof_core::bus::ddr::{self, Command, Item, Latencies, Monitor, Options, SLOTS, Standard};
use busproof_core::bus::{BusInfo, OptionError};
use busproof_core::mapping::Tap;
use busproof_core::timing::{EventKind, EventSet, Finding, Params, Rule};
use busproof_core::{Level, SignalId, Source, Span};
use busproof_parts::memory::{self, Memory};
use busproof_vectors::caption;
use busproof_vectors::report::jsonl::DdrLines;
use busproof_wave::Track;

use super::{Asked, ItemLines, Protocol, Settled};
use crate::error::CliError;
use crate::waveform::{Passing, Waveform};

mod print;

/// The channel as it was set up on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Ddr {
    options: Options,
    /// The options that somebody has set.
    set: Vec<String>,
    memory: Option<Arc<Memory>>,
    /// What is exact in a dump whose time step divides the clock.
    exact: EventSet,
}

impl Protocol for Ddr {
    type Item = Item;
    type Monitor = Monitor;
    type Printer = print::Printer;
    type Lines = DdrLines;

    const INFO: &'static BusInfo = &ddr::INFO;

    fn new(asked: &Asked<'_>) -> Result<Ddr, CliError> {
        let memory = match asked.parts {
            [] => None,
            [part] => Some(memory::open(part)?),
            [_, second, ..] => {
                return Err(CliError::OnePart { bus: "a DDR channel".into(), second: second.clone() });
            }
        };
        let mut options = memory.as_deref().map(options_of).unwrap_or_default();
        for (key, value) in &asked.sets {
            options.set(key, value)?;
        }
        if options.standard == Standard::Lpddr5 {
            let (key, values) =
                ("standard", "ddr3, ddr4, ddr5 or lpddr4: the pins of lpddr5 are not known here");
            return Err(OptionError::Value { key, value: options.standard.name().into(), values }.into());
        }
        let set = asked.sets.iter().map(|(key, _)| key.clone()).collect();
        Ok(Ddr { options, set, memory, exact: EventSet::NONE })
    }

    fn require(&self, waveform: &Waveform) -> Result<(), CliError> {
        let has = |pins: &[SignalId]| {
            waveform.taps.iter().all(|tap| tap.pins.iter().any(|mapped| pins.contains(&mapped.1)))
        };
        let missing: Vec<&str> = needed(self.options.standard)
            .iter()
            .filter(|(_, pins)| !has(pins))
            .map(|(role, _)| *role)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (verb, roles) = match missing.as_slice() {
            [one] => ("no signal plays role", (*one).to_owned()),
            several => ("no signals play roles", several.join(", ")),
        };
        let standard = self.options.standard.name();
        let what =
            format!("{verb} {roles}, which {standard} has; `--set standard=...` says another standard");
        Err(waveform.unmapped(&what, &missing))
    }

    /// How many ranks, data wires and strobes there are, the signals tell, unless somebody said otherwise.
    fn settle(&self, passing: &mut Passing) -> Settled<Ddr> {
        let count = |group: SignalId, wire: fn(u32) -> SignalId, most: u32| {
            let single = (0..most).filter(|i| passing.wires_on(wire(*i)) > 0).map(|i| i + 1).max();
            Some(passing.wires_on(group)).filter(|wires| *wires > 0).or(single)
        };
        let mut options = self.options.clone();
        let is_open = |key: &str| self.set.iter().all(|set| set != key);
        if let Some(ranks) = count(pin::CS, pin::cs, pin::RANKS).filter(|_| is_open("ranks")) {
            options.ranks = ranks;
        }
        if let Some(width) = count(pin::DQ, pin::dq, pin::DQ_PINS).filter(|_| is_open("width")) {
            options.width = width;
        }
        let strobes =
            count(pin::DQS, pin::dqs, pin::DQS_PINS).or(count(pin::DQS_C, pin::dqs_c, pin::DQS_PINS));
        if let Some(strobes) = strobes.filter(|_| is_open("lane")) {
            options.lane = lane(options.width, strobes);
        }
        let is_dump = matches!(passing.source, Source::Simulation { .. });
        let period = if is_dump { steady_clock(passing) } else { None };
        let its = self.memory.as_deref().map(|memory| Span::from_fs(memory.tck()));
        let exact = if period.is_some() && period == its { on_clock() } else { EventSet::NONE };
        Settled::sure(Ddr { options, exact, ..self.clone() })
    }

    fn monitor(&self, source: Source) -> Monitor {
        Monitor::new(&self.options, source)
    }

    /// Those of the pins, and those of the standard.
    fn rules(&self) -> Vec<&'static Rule> {
        rules::RULES.iter().chain(self.options.standard.rules()).collect()
    }

    /// Those of the part: a standard has none by itself.
    fn params(&self) -> Params {
        self.memory.as_deref().map(Memory::params).unwrap_or_default()
    }

    fn more_limits(&self) -> String {
        match &self.memory {
            Some(_) => String::new(),
            None => "those of a memory stand in a part file: `--part ddr4-2400t-8gb-x8`".into(),
        }
    }

    fn exact(&self) -> EventSet {
        self.exact
    }

    /// The clock, and the pins whose edges the rule measures.
    fn pins_of(finding: &Finding, tap: &Tap) -> Vec<SignalId> {
        let kinds = finding.rule.events();
        let commands = (0..SLOTS as u8).any(|slot| kinds.contains(EventKind(slot)));
        let speaks = |of: &[EventKind]| of.iter().any(|kind| kinds.contains(*kind));
        let mut pins = vec![pin::CK];
        if commands || speaks(&[CONTROL_CHANGE, SAMPLE]) {
            let ranks = (0..pin::RANKS).flat_map(|rank| [pin::cs(rank), pin::cke(rank), pin::odt(rank)]);
            pins.extend([pin::CS, pin::CKE, pin::ODT].into_iter().chain(ranks));
        }
        if commands || speaks(&[COMMAND_CHANGE, SAMPLE]) {
            pins.extend([pin::ACT, pin::RAS, pin::CAS, pin::WE, pin::BG, pin::BA, pin::A]);
        }
        if !commands
            && !speaks(&[CK_FALL, CONTROL_CHANGE, COMMAND_CHANGE, SAMPLE])
            && finding.rule.name != "tCK"
        {
            let lane = u32::from(finding.place.0[0]);
            pins.extend([pin::DQS]);
            pins.extend((lane < pin::DQS_PINS).then(|| pin::dqs(lane)));
        }
        if speaks(&[D_CHANGE, DQSQ, QH]) {
            pins.extend([pin::DQ, pin::DM]);
        }
        pins.retain(|pin| tap.pins.iter().any(|mapped| mapped.1 == *pin));
        pins
    }

    fn printer(&self) -> print::Printer {
        print::Printer::default()
    }

    fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
        caption::ddr::tracks(scope, items)
    }
}

use rules::event::{CK_FALL, COMMAND_CHANGE, CONTROL_CHANGE, D_CHANGE, DQSQ, QH, SAMPLE};

impl ItemLines<Item> for DdrLines {
    fn each<E>(&mut self, item: &Item, print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        DdrLines::each(self, item, print)
    }
}

/// What the part says of its channel.
fn options_of(memory: &Memory) -> Options {
    let geometry = memory.geometry();
    let clocks = |param| memory.clocks(param).and_then(|clocks| u32::try_from(clocks).ok());
    let assumed = clocks(T_RL).zip(clocks(T_WL)).map(|(read, write)| Latencies { read, write });
    Options {
        standard: memory.standard(),
        groups: u8::try_from(geometry.bank_groups).unwrap_or(8),
        lane: if geometry.device_width == 4 { 4 } else { 8 },
        assumed,
        ..Options::default()
    }
}

/// Data wires of one strobe.
fn lane(width: u32, strobes: u32) -> u32 {
    width.div_ceil(strobes.max(1)).next_power_of_two().clamp(4, 64)
}

/// The roles without which no command can be read.
fn needed(standard: Standard) -> &'static [(&'static str, &'static [SignalId])] {
    const CK: (&str, &[SignalId]) = ("ck", &[pin::CK, pin::CK_C]);
    const CS: (&str, &[SignalId]) = ("cs", &[pin::CS, pin::cs(0)]);
    const A: (&str, &[SignalId]) = ("a", &[pin::A, pin::a(0)]);
    const RAS: &[SignalId] = &[pin::RAS, pin::A, pin::a(16)];
    const CAS: &[SignalId] = &[pin::CAS, pin::A, pin::a(15)];
    const WE: &[SignalId] = &[pin::WE, pin::A, pin::a(14)];
    match standard {
        Standard::Ddr3 => &[CK, CS, ("ras", &[pin::RAS]), ("cas", &[pin::CAS]), ("we", &[pin::WE]), A],
        Standard::Ddr4 => &[CK, CS, ("act", &[pin::ACT]), ("ras", RAS), ("cas", CAS), ("we", WE), A],
        Standard::Ddr5 | Standard::Lpddr4 | Standard::Lpddr5 => &[CK, CS, A],
    }
}

/// How many instants are looked at to know the clock.
const LOOK: usize = 4_000;

/// The period of CK, if the first clocks are all alike: a period that is no whole number of time steps would show as one step more now
/// and then.
fn steady_clock(passing: &mut Passing) -> Option<Span> {
    let (mut last, mut rise, mut period, mut is_steady) = (None, None, None, true);
    passing.peek(LOOK, |t, changes| {
        let Some(clock) = changes.iter().find(|change| [pin::CK, pin::CK_C].contains(&change.signal)) else {
            return;
        };
        let high = clock.value.level() == Level::High;
        let rises = last.replace(high) == Some(false) && high;
        if rises && let Some(before) = rise.replace(t) {
            is_steady &= *period.get_or_insert(t.since(before)) == t.since(before);
        }
    });
    period.filter(|_| is_steady)
}

/// Commands, and the edges of CK with which they come.
fn on_clock() -> EventSet {
    let commands = Command::ALL.iter().flat_map(|command| [command.kind(), command.kind_at_banks()]);
    commands.fold(EventSet::NONE.with(rules::event::CK_RISE), EventSet::with)
}

#[cfg(test)]
mod tests {
    use busproof_core::Time;
    use busproof_core::timing::{Place, Verdict};

    use super::*;

    #[test]
    fn strobes_tell_how_many_data_wires_each_has() {
        assert_eq!([lane(8, 1), lane(64, 8), lane(64, 16), lane(72, 9)], [8, 8, 4, 8]);
        assert_eq!([lane(16, 1), lane(8, 0), lane(1, 1)], [16, 8, 4]);
    }

    #[test]
    fn a_finding_is_about_the_pins_that_its_rule_measures() {
        let all = [pin::CK, pin::CS, pin::RAS, pin::A, pin::DQS, pin::DQ];
        let pins = all.iter().enumerate().map(|(i, pin)| (SignalId(i as u32), *pin)).collect();
        let tap = Tap { point: None, pins };
        let about = |rule: &'static Rule| {
            let (from, to, grid) = (Time::ZERO, Time::ZERO, Span::ZERO);
            let place = Place::default();
            let finding =
                Finding { rule, verdict: Verdict::Broken, from, to, measured: 0, limit: 0, grid, place };
            Ddr::pins_of(&finding, &tap)
        };
        let named = |name: &str| {
            let of_standard = Standard::Ddr4.rules();
            about(rules::RULES.iter().chain(of_standard).find(|rule| rule.name == name).unwrap())
        };
        assert_eq!(named("tCK"), [pin::CK]);
        assert_eq!(named("tCH"), [pin::CK]);
        assert_eq!(named("tRCD"), [pin::CK, pin::CS, pin::RAS, pin::A]);
        assert_eq!(named("tIS"), [pin::CK, pin::CS, pin::RAS, pin::A]);
        assert_eq!(named("tIH;CTRL"), [pin::CK, pin::CS]);
        assert_eq!(named("tDQSS"), [pin::CK, pin::DQS]);
        assert_eq!(named("tDSH"), [pin::CK, pin::DQS]);
        assert_eq!(named("tDS"), [pin::CK, pin::DQS, pin::DQ]);
        assert_eq!(named("tREFI"), [pin::CK, pin::CS, pin::RAS, pin::A]);
    }
}
