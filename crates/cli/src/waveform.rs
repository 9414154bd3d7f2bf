//! A waveform file with the signals of a bus found in it.

use busproof_vectors::chart::last_part;
use std::path::Path;

use busproof_core::bus::{BusInfo, Role};
use busproof_core::mapping::{Tap, find_taps};
use busproof_core::{Change, Observer, SignalId, Source, Time};
use busproof_parts::Hint;
use busproof_wave::{Pick, ReadOptions, Reader, Signal, SignalKind, Summary, Window, open};

use crate::args::WaveArgs;
use crate::error::CliError;
use crate::out::Out;
use crate::pipe::Feed;
use crate::signals;

/// An opened file and what of it matters to the bus.
pub(crate) struct Waveform {
    reader: Reader,
    window: Window,
    picks: Vec<Pick>,
    names: Vec<String>,
    /// Which picked signal plays which role, at each point of observation.
    pub(crate) taps: Vec<Tap>,
}

impl Waveform {
    /// Opens `file` and finds the signals of the bus in it: those that were mapped, and those of usual names.
    pub(crate) fn open(
        file: &Path,
        bus: &'static BusInfo,
        args: &WaveArgs,
        out: &mut Out,
    ) -> Result<Waveform, CliError> {
        let reader = open(file, &ReadOptions { sample_rate: args.sample_rate })?;
        for note in reader.notes() {
            out.note(&format!("{}: {note}", reader.name()));
        }
        let maps = args.maps.iter().map(|(role, signal)| mapped(bus, &reader, role, signal));
        let maps: Vec<(&Role, Option<Pick>)> = maps.collect::<Result<_, _>>()?;
        refuse_sharing(&reader, &maps)?;
        let window = Window { from: args.from, to: args.to };
        let (picks, taps) = select(bus, &reader, &maps);
        let names = picks.iter().map(|pick| name_of(&reader, *pick)).collect();
        Ok(Waveform { reader, window, picks, names, taps })
    }

    /// An error that says what is missing, and how to map these roles to the first signals of the file.
    pub(crate) fn unmapped(&self, missing: &str, roles: &[&str]) -> CliError {
        let signals = signals::examples(&self.reader).chain(std::iter::repeat("SIGNAL"));
        let maps: Vec<String> = roles.iter().zip(signals).map(|(r, s)| format!("--map {r}={s}")).collect();
        CliError::Unmapped {
            file: self.reader.name().into(),
            missing: missing.into(),
            signals: signals::list(&self.reader),
            example: maps.join(" "),
        }
    }

    /// Begins to read the signals of the bus.
    pub(crate) fn start(self) -> Passing {
        let numbers = (0..).map(SignalId);
        let picks: Vec<_> = self.picks.iter().copied().zip(numbers).collect();
        let (names, taps) = (self.names, self.taps);
        pass(self.reader, picks, self.window, names, taps)
    }

    /// Begins to read the signals of the first point of observation alone, numbered by their pins.
    pub(crate) fn start_first(self) -> Passing {
        let tap = &self.taps[0];
        let picks = tap.pins.iter().map(|&(signal, pin)| (self.picks[signal.index()], pin)).collect();
        let pins = tap.pins.iter().map(|&(_, pin)| (pin, pin)).collect();
        let taps = vec![Tap { point: tap.point, pins }];
        pass(self.reader, picks, self.window, Vec::new(), taps)
    }
}

fn pass(
    reader: Reader,
    picks: Vec<(Pick, SignalId)>,
    window: Window,
    names: Vec<String>,
    taps: Vec<Tap>,
) -> Passing {
    let (file, source) = (reader.name().to_owned(), reader.source());
    let wires = picks.iter().map(|&(pick, signal)| (signal, wires_of(&reader, pick))).collect();
    Passing { file, source, names, taps, wires, feed: Feed::start(reader, picks, window) }
}

/// A waveform that passes by.
pub(crate) struct Passing {
    /// The file's name as it was given.
    pub(crate) file: String,
    /// Where the changes come from.
    pub(crate) source: Source,
    /// The names of the signals of the bus; empty if they are numbered by their pins.
    pub(crate) names: Vec<String>,
    /// Which of them plays which role, at each point of observation.
    pub(crate) taps: Vec<Tap>,
    /// How many wires each signal has.
    pub(crate) wires: Vec<(SignalId, u32)>,
    /// The changes, of signals numbered by their position in `names` or by their pins.
    pub(crate) feed: Feed,
}

impl Passing {
    /// How many wires play the role of that pin at the first point of observation; 0: nobody does.
    pub(crate) fn wires_on(&self, pin: SignalId) -> u32 {
        let signal = self.taps.first().and_then(|tap| tap.pins.iter().find(|mapped| mapped.1 == pin));
        let wires = |signal| self.wires.iter().find(|known| known.0 == signal).map_or(0, |known| known.1);
        signal.map_or(0, |mapped| wires(mapped.0))
    }

    /// Shows about the first `instants` instants of the first point of observation, as changes of pins.
    pub(crate) fn peek(&mut self, instants: usize, see: impl FnMut(Time, &[Change])) {
        let Some(tap) = self.taps.first() else { return };
        self.feed.peek(instants, &mut Head { tap, see, pins: Vec::new() });
    }
}

/// Shows somebody the pins that a tap has.
struct Head<'a, F> {
    tap: &'a Tap,
    see: F,
    pins: Vec<Change>,
}

impl<F: FnMut(Time, &[Change])> Observer for Head<'_, F> {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        let pin = |signal: SignalId| self.tap.pins.iter().find(|pin| pin.0 == signal).map(|pin| pin.1);
        let mapped = changes.iter().filter_map(|c| Some(Change { signal: pin(c.signal)?, ..*c }));
        self.pins.clear();
        self.pins.extend(mapped);
        if !self.pins.is_empty() {
            (self.see)(t, &self.pins);
        }
    }

    fn finish(&mut self, _: Time) {}
}

/// Says what was odd about the file that was read.
pub(crate) fn remark(file: &str, summary: &Summary, out: &mut Out) {
    if summary.truncated {
        let end = crate::units::instant(summary.end);
        out.warn(&format!("{file}: the file was cut off; what follows {end} is missing"));
    }
}

/// What `--map` says: the role and its signal, or none for `-`.
fn mapped<'b>(
    bus: &'b BusInfo,
    reader: &Reader,
    role: &str,
    signal: &str,
) -> Result<(&'b Role, Option<Pick>), CliError> {
    let named = bus.roles.iter().find(|known| known.name.eq_ignore_ascii_case(role));
    let alias = |known: &&Role| known.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(role));
    let role = named.or_else(|| bus.roles.iter().find(alias)).ok_or_else(|| unknown_role(bus, role))?;
    if signal == "-" {
        return Ok((role, None));
    }
    signals::find(reader, role, signal).map(|pick| (role, Some(pick)))
}

/// A signal plays one role, and a role is played by one signal.
fn refuse_sharing(reader: &Reader, maps: &[(&Role, Option<Pick>)]) -> Result<(), CliError> {
    for (i, (role, pick)) in maps.iter().enumerate() {
        for (earlier, other) in &maps[..i] {
            let file = reader.name().to_owned();
            if earlier.pin == role.pin {
                return Err(CliError::RoleTwice { file, role: role.name });
            }
            if let Some(pick) = pick.filter(|pick| other.as_ref() == Some(pick)) {
                let signal = name_of(reader, pick);
                return Err(CliError::SignalTwice { file, signal, roles: [earlier.name, role.name] });
            }
        }
    }
    Ok(())
}

fn unknown_role(bus: &BusInfo, role: &str) -> CliError {
    let names = bus.roles.iter().flat_map(|r| [r.name].into_iter().chain(r.aliases.iter().copied()));
    let roles: Vec<String> = bus.roles.chunk_by(|a, b| a.summary == b.summary).map(listed).collect();
    CliError::UnknownRole {
        bus: bus.name,
        role: role.into(),
        hint: Hint::nearest(role, names),
        roles: format!("its roles are:\n{}", roles.join("\n")),
    }
}

/// Roles in a row that are for the same, such as the bits of a word.
fn listed(roles: &[Role]) -> String {
    let [first, rest @ ..] = roles else { return String::new() };
    let names = rest.last().map_or(first.name.to_owned(), |last| format!("{} to {}", first.name, last.name));
    format!("  {names:<5} {}", first.summary)
}

/// The signals to read, and their roles.
fn select(bus: &BusInfo, reader: &Reader, maps: &[(&Role, Option<Pick>)]) -> (Vec<Pick>, Vec<Tap>) {
    let able = able(bus, reader);
    let names: Vec<&str> = able.iter().map(|&i| reader.signals()[i].name.as_str()).collect();
    let mut picks = Vec::new();
    let mut taps = Vec::new();
    for found in find_taps(bus, &names) {
        let own = found.pins.iter().map(|&(signal, pin)| (Pick::from(able[signal.index()]), pin));
        let taken = |pick: &Pick, pin: &SignalId| {
            maps.iter().any(|(role, mapped)| role.pin == *pin || mapped.as_ref() == Some(pick))
        };
        let told = maps.iter().filter_map(|(role, pick)| Some(((*pick)?, role.pin)));
        let pins = own.filter(|(pick, pin)| !taken(pick, pin)).chain(told);
        let pins = pins.map(|(pick, pin)| (SignalId(position(&mut picks, pick)), pin)).collect();
        taps.push(Tap { point: found.point, pins });
    }
    (picks, taps)
}

/// The signals that may play a role without being told: single wires, and groups that are called like a role of groups.
fn able(bus: &BusInfo, reader: &Reader) -> Vec<usize> {
    let fits = |signal: &Signal| {
        let called = |alias: &&str| last_part(&signal.name).eq_ignore_ascii_case(alias);
        let plays = |role: &Role| signal.width <= role.wires && role.aliases.iter().any(called);
        signal.kind == SignalKind::Bits && (signal.width == 1 || bus.roles.iter().any(plays))
    };
    reader.signals().iter().enumerate().filter(|(_, signal)| fits(signal)).map(|(i, _)| i).collect()
}

/// The position of `pick` in `picks`, which it joins if it must.
fn position(picks: &mut Vec<Pick>, pick: Pick) -> u32 {
    let found = picks.iter().position(|known| *known == pick).unwrap_or_else(|| {
        picks.push(pick);
        picks.len() - 1
    });
    found as u32
}

fn wires_of(reader: &Reader, pick: Pick) -> u32 {
    pick.wire.map_or(reader.signals()[pick.signal].width, |_| 1)
}

fn name_of(reader: &Reader, pick: Pick) -> String {
    let signal = &reader.signals()[pick.signal];
    match pick.wire {
        Some(wire) => format!("{}[{}]", signal.name, index_of(signal.range, wire)),
        None => signal.name.clone(),
    }
}

/// The declared index of a wire.
fn index_of(range: Option<(i64, i64)>, wire: u32) -> i64 {
    match range {
        Some((first, last)) if first < last => last - i64::from(wire),
        Some((_, last)) => last + i64::from(wire),
        None => i64::from(wire),
    }
}
