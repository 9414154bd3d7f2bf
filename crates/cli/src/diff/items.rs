//! What was said in one waveform against what was said in the other.

use busproof_vectors::chart::state;
use std::path::Path;

use busproof_core::bus::BusInfo;
use busproof_core::judge::Scribe;
use busproof_core::{Change, Observer, SignalId, Time};
use busproof_plot::{Diagram, Lane, State};
use busproof_wave::{About, Caption, Edit, Track, edits};

use super::args::DiffArgs;
use crate::args::WaveArgs;
use crate::error::CliError;
use crate::out::Out;
use crate::protocol::{Protocol, Seat, Settled};
use crate::waveform::{self, Waveform};

/// What became of what was said.
pub(super) struct Items {
    /// How many items there are on the side that has more.
    pub(super) count: u64,
    pub(super) differences: Vec<ItemDiff>,
    /// The surroundings of the first difference, by the side that shows it.
    pub(super) pictures: Vec<(&'static str, Diagram)>,
}

/// An item that is not the same, or not there.
pub(super) struct ItemDiff {
    /// The lane, without the bus: `items`, `mosi_words`.
    pub(super) lane: String,
    pub(super) a: Option<Caption>,
    pub(super) b: Option<Caption>,
}

impl ItemDiff {
    /// As reports name it.
    pub(super) fn what(&self) -> &'static str {
        match (&self.a, &self.b) {
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "missing",
            _ => "new",
        }
    }

    fn begin(&self) -> Option<Time> {
        self.a.as_ref().or(self.b.as_ref()).map(|caption| caption.from)
    }
}

/// Decodes both and aligns the items of each lane.
pub(super) fn compare<P: Protocol>(
    args: &DiffArgs,
    seats: &[Seat],
    out: &mut Out,
) -> Result<Items, CliError> {
    let bus = P::new(&args.wave.asked(seats))?;
    let wave_b = renamed::<P>(args);
    let a = said(&args.a, &bus, &args.wave, out)?;
    let b = said(&args.b, &bus, &wave_b, out)?;
    let count = [&a, &b].map(|side| side.iter().map(|track| track.captions.len() as u64).sum());
    let mut differences: Vec<ItemDiff> =
        lanes(&a, &b).iter().flat_map(|lane| differing(lane, &a, &b)).collect();
    differences.sort_by_key(ItemDiff::begin);
    let mut pictures = Vec::new();
    if let Some(first) = differences.first() {
        let sides = [("A", &args.a, &args.wave, &a, &first.a), ("B", &args.b, &wave_b, &b, &first.b)];
        // The standard input cannot be looked at again.
        let files = sides.into_iter().filter(|side| side.1.as_os_str() != "-");
        for (side, file, wave, tracks, caption) in files {
            if let Some(caption) = caption {
                pictures.push((side, picture(file, &bus, wave, tracks, caption, out)?));
            }
        }
    }
    Ok(Items { count: count.into_iter().max().unwrap_or(0), differences, pictures })
}

/// The options for the second file, where signals may have other names.
fn renamed<P: Protocol>(args: &DiffArgs) -> WaveArgs {
    let mut wave = args.wave.clone();
    for (a, b) in &args.renames {
        let mapped = wave.maps.iter_mut().find(|(_, signal)| signal == a);
        let alias =
            |role: &&busproof_core::bus::Role| role.aliases.iter().any(|name| name.eq_ignore_ascii_case(a));
        match (mapped, P::INFO.roles.iter().find(alias)) {
            (Some((_, signal)), _) => signal.clone_from(b),
            (None, Some(role)) => wave.maps.push((role.name.to_owned(), b.clone())),
            (None, None) => {}
        }
    }
    wave
}

/// What was said in a file, lane by lane.
fn said<P: Protocol>(file: &Path, bus: &P, wave: &WaveArgs, out: &mut Out) -> Result<Vec<Track>, CliError> {
    let waveform = Waveform::open(file, P::INFO, wave, out)?;
    bus.require(&waveform)?;
    let mut passing = waveform.start_first();
    let Settled { bus, .. } = bus.settle(&mut passing);
    let mut scribe = Scribe::new(bus.monitor(passing.source), Vec::new());
    let summary = passing.feed.stream(&mut scribe)?;
    waveform::remark(&passing.file, &summary, out);
    let tracks = P::tracks(P::INFO.name, &scribe.into_sink());
    Ok(tracks.into_iter().filter(|track| track.about == About::Items).collect())
}

/// The names of the lanes of both.
fn lanes(a: &[Track], b: &[Track]) -> Vec<String> {
    let mut names: Vec<String> = a.iter().map(|track| track.name.clone()).collect();
    for track in b {
        if !names.contains(&track.name) {
            names.push(track.name.clone());
        }
    }
    names
}

fn captions<'t>(tracks: &'t [Track], name: &str) -> &'t [Caption] {
    tracks.iter().find(|track| track.name == name).map_or(&[], |track| &track.captions)
}

fn differing(name: &str, a: &[Track], b: &[Track]) -> Vec<ItemDiff> {
    let (a, b) = (captions(a, name), captions(b, name));
    let texts = |captions: &[Caption]| captions.iter().map(|c| c.text.clone()).collect::<Vec<_>>();
    let lane = name.split_once('.').map_or(name, |(_, lane)| lane);
    let diff = |edit| {
        let (i, j) = match edit {
            Edit::Changed(i, j) => (Some(i), Some(j)),
            Edit::Missing(i) => (Some(i), None),
            Edit::New(j) => (None, Some(j)),
        };
        ItemDiff { lane: lane.to_owned(), a: i.map(|i| a[i].clone()), b: j.map(|j| b[j].clone()) }
    };
    edits(&texts(a), &texts(b)).into_iter().map(diff).collect()
}

/// The wires around an item, and what was said on them.
fn picture<P: Protocol>(
    file: &Path,
    bus: &P,
    wave: &WaveArgs,
    tracks: &[Track],
    around: &Caption,
    out: &mut Out,
) -> Result<Diagram, CliError> {
    let length = around.to.since(around.from);
    let margin = length.scale(1, 4).max(busproof_core::Span::from_fs(1));
    let (from, to) = (around.from.saturating_sub(margin), around.to.saturating_add(margin));
    let window = WaveArgs { from: Some(from), to: Some(to), ..wave.clone() };
    let waveform = Waveform::open(file, P::INFO, &window, out)?;
    bus.require(&waveform)?;
    let passing = waveform.start_first();
    let shown = |&(pin, wires): &(SignalId, u32)| Shown { pin, wires, changes: Vec::new() };
    let mut seen = Seen { pins: passing.wires.iter().map(shown).collect() };
    passing.feed.stream(&mut seen)?;
    let lane = |seen: Shown| Lane { name: role(P::INFO, seen.pin), changes: seen.changes };
    let mut lanes: Vec<Lane> = seen.pins.into_iter().map(lane).collect();
    lanes.extend(tracks.iter().map(|track| words(track, from, to)));
    Ok(Diagram { from, to, origin: Time::ZERO, lanes, marker: None })
}

fn role(bus: &BusInfo, pin: SignalId) -> String {
    bus.roles.iter().find(|role| role.pin == pin).map_or_else(String::new, |role| role.name.to_owned())
}

/// The captions within a window.
fn words(track: &Track, from: Time, to: Time) -> Lane {
    let mut changes = Vec::new();
    let inside = track.captions.iter().filter(|caption| caption.to >= from && caption.from <= to);
    for caption in inside {
        // Where one ends as the next begins, the next counts.
        changes.pop_if(|(t, _)| *t >= caption.from);
        changes.push((caption.from, State::Label(caption.text.clone())));
        changes.push((caption.to, State::Blank));
    }
    Lane { name: track.name.split_once('.').map_or("", |(_, lane)| lane).to_owned(), changes }
}

/// Keeps what it sees of each pin.
struct Seen {
    pins: Vec<Shown>,
}

/// A pin, how many wires it has, and what it shows.
struct Shown {
    pin: SignalId,
    wires: u32,
    changes: Vec<(Time, State)>,
}

impl Observer for Seen {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        for change in changes {
            if let Some(seen) = self.pins.iter_mut().find(|seen| seen.pin == change.signal) {
                seen.changes.push((t, state(change.value, seen.wires)));
            }
        }
    }

    fn finish(&mut self, _: Time) {}
}
