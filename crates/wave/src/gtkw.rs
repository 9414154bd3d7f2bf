//! Save files of GTKWave: which signals to show, how, and where to begin.
//!
//! The signals of a bus are a group, first what was said, then its wires, those at a device's end below its name, then
//! what was found. The first finding of each rule has a marker, and the view begins at the first of them.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use busproof_core::{ChangeLog, Span, Time};

use crate::error::WriteError;
use crate::names;
use crate::timescale::Timescale;
use crate::track::{About, Caption, Extras, some_edges};
use crate::whole::write_whole;

/// The size of the window, and how much of it the names take, in pixels.
const WINDOW: (u32, u32) = (1400, 700);
const NAMES: u32 = 300;
/// What is left for waves beside names, values and borders.
const WAVES: f64 = 1040.0;
/// GTKWave counts its zoom in frames of so many pixels.
const FRAME: f64 = 200.0;
/// GTKWave has so many markers with names.
const MARKERS: usize = 26;
/// A finding takes so much of the window at the beginning: one part of this many.
const SHARE: u64 = 4;

/// How traces are shown: bits of the flags of a save file.
const WIRE: &str = "@28";
const GROUP_OF_WIRES: &str = "@22";
const TEXT: &str = "@820";
const NUMBER: &str = "@90420";
const BLANK: &str = "@200";
const MORE_HEIGHT: &str = "@20000";
const BEGIN: &str = "@800200";
const END: &str = "@1000200";

/// The colours of traces, as GTKWave numbers them.
const RED: u8 = 1;
const ORANGE: u8 = 2;
const YELLOW: u8 = 3;
const GREEN: u8 = 4;

/// What a save file is about.
#[derive(Clone, Copy, Debug)]
pub struct SaveFile<'a> {
    /// The waveform file, as seen from where the save file lies.
    pub dump: &'a str,
    /// What signals without a scope belong to, such as the only bus.
    pub title: &'a str,
    /// The wires.
    pub log: &'a ChangeLog,
    /// What the waveform file tells beside them.
    pub extras: &'a Extras<'a>,
    /// The timescale of the waveform file.
    pub timescale: Timescale,
    /// Whether the waveform file holds text.
    pub text: HasText,
}

/// Whether a waveform file can hold text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HasText {
    /// VCD.
    Yes,
    /// FST as we write it.
    No,
}

/// A trace of the view.
struct Trace {
    /// The device whose end of a wire it is; empty for none.
    device: String,
    flags: &'static str,
    color: Option<u8>,
    name: String,
}

impl SaveFile<'_> {
    /// Writes the file, which appears complete or not at all.
    pub fn write(&self, path: &Path) -> Result<(), WriteError> {
        write_whole(path, |file| Ok(file.write_all(self.text().as_bytes())?))
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = self.head();
        for title in self.titles() {
            self.group(&title, &mut text);
        }
        text.push_str("[pattern_trace] 1\n[pattern_trace] 0\n");
        text
    }

    fn head(&self) -> String {
        let (from, to) = self.window();
        let unit = self.unit();
        let ticks = (to.since(from).as_fs() / unit).max(1);
        let zoom = -((ticks as f64) * FRAME / WAVES).log2();
        let found = self.found();
        let primary = found.first().map_or("-1".to_owned(), |first| (first.from.as_fs() / unit).to_string());
        let mut text = format!(
            "[*] written by busproof\n[dumpfile] \"{}\"\n[timestart] {}\n[size] {} {}\n[pos] -1 -1\n*{zoom:.6} {primary}",
            self.dump,
            from.as_fs() / unit,
            WINDOW.0,
            WINDOW.1
        );
        for i in 0..MARKERS {
            let at =
                found.get(i).map_or("-1".to_owned(), |finding| (finding.from.as_fs() / unit).to_string());
            let _ = write!(text, " {at}");
        }
        text.push('\n');
        for (finding, letter) in found.iter().zip('A'..='Z') {
            let _ = writeln!(text, "[markername] {letter}{}", finding.text);
        }
        let _ = writeln!(text, "[sst_width] 20\n[signals_width] {NAMES}\n[sst_expanded] 0");
        text
    }

    fn unit(&self) -> u64 {
        self.timescale.span().as_fs()
    }

    /// What was found, in order of time, of each rule the first; as much of it as has markers.
    fn found(&self) -> Vec<&Caption> {
        let tracks = self.extras.tracks.iter().filter(|track| track.about == About::Findings);
        let mut found: Vec<&Caption> = tracks.flat_map(|track| &track.captions).collect();
        found.sort_by_key(|caption| caption.from);
        let mut rules = HashSet::new();
        found.retain(|caption| rules.insert(caption.text.split(' ').next()));
        found.truncate(MARKERS);
        found
    }

    /// What is seen first: the first finding with its surroundings, or everything.
    fn window(&self) -> (Time, Time) {
        let end = self.log.end();
        let Some(first) = self.found().first().copied() else { return (Time::ZERO, end) };
        let length = first.to.since(first.from).as_fs().max(some_edges(self.log).as_fs());
        let margin = Span::from_fs(length.saturating_mul(SHARE - 1) / 2);
        let from = first.from.saturating_sub(margin);
        (from, first.from.saturating_add(Span::from_fs(length)).saturating_add(margin).min(end).max(from))
    }

    /// The groups, in order of their first signal.
    fn titles(&self) -> Vec<String> {
        let wires = self.log.columns().iter().map(|column| self.title_of(column.name()));
        let tracks = self.extras.tracks.iter().map(|track| self.title_of(&track.name));
        let mut titles: Vec<String> = Vec::new();
        for title in wires.chain(tracks) {
            if !titles.contains(&title) {
                titles.push(title);
            }
        }
        titles
    }

    fn title_of(&self, name: &str) -> String {
        name.split_once('.').map_or(self.title, |(scope, _)| scope).to_owned()
    }

    fn group(&self, title: &str, text: &mut String) {
        let is_here = |name: &str| self.title_of(name) == title;
        let _ = writeln!(text, "{BEGIN}\n-{title}");
        for about in [About::Transfers, About::Items] {
            put(&self.tracks(about, is_here), text);
        }
        put(&self.wires(is_here), text);
        for curve in self.extras.curves.iter().filter(|curve| is_here(&curve.name)) {
            // The blank lines below give the curve its height.
            let name = names::in_viewer(&curve.name, 1);
            let _ = writeln!(text, "[color] {YELLOW}\n{NUMBER}\n{name}\n{MORE_HEIGHT}\n-\n-\n-");
        }
        put(&self.tracks(About::Findings, is_here), text);
        let _ = writeln!(text, "{END}\n-{title}");
    }

    fn tracks(&self, about: About, is_here: impl Fn(&str) -> bool) -> Vec<Trace> {
        let color = match about {
            About::Transfers => GREEN,
            About::Items => YELLOW,
            About::Findings => RED,
        };
        let shown = self.extras.tracks.iter().filter(|_| self.text == HasText::Yes);
        let shown = shown.filter(|track| track.about == about && is_here(&track.name));
        let trace = |name: &str| Trace {
            device: String::new(),
            flags: TEXT,
            color: Some(color),
            name: names::in_viewer(name, 1),
        };
        shown.map(|track| trace(&track.name)).collect()
    }

    /// The wires; those at a device's end behind the others, by device.
    fn wires(&self, is_here: impl Fn(&str) -> bool) -> Vec<Trace> {
        let columns = self.log.columns().iter().filter(|column| is_here(column.name()));
        let mut wires: Vec<Trace> = columns
            .map(|column| Trace {
                device: column.name().split_once('@').map_or("", |(_, device)| device).to_owned(),
                flags: if column.width() == 1 { WIRE } else { GROUP_OF_WIRES },
                color: (column.width() > 1).then_some(ORANGE),
                name: names::in_viewer(column.name(), column.width()),
            })
            .collect();
        wires.sort_by(|a, b| a.device.cmp(&b.device));
        wires
    }
}

/// Lists traces; those of a device below its name.
fn put(traces: &[Trace], text: &mut String) {
    let mut device = "";
    for trace in traces {
        if trace.device != device {
            let _ = writeln!(text, "{BLANK}\n-at {}", trace.device);
            device = &trace.device;
        }
        if let Some(color) = trace.color {
            let _ = writeln!(text, "[color] {color}");
        }
        let _ = writeln!(text, "{}\n{}", trace.flags, trace.name);
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::Value;

    use super::*;
    use crate::track::Track;

    fn caption(from_ns: u64, to_ns: u64, text: &str) -> Caption {
        let at = |ns: u64| Time::from_fs(ns * 1_000_000);
        Caption { from: at(from_ns), to: at(to_ns), text: text.into() }
    }

    fn log() -> ChangeLog {
        let mut log = ChangeLog::default();
        let sck = log.add_wire("sck");
        log.add_wire("miso@flash");
        log.add_group("adc.data", 8);
        for i in 0..100 {
            log.push(sck, Time::from_fs(i * 10_000_000), Value::known(i % 2)).unwrap();
        }
        log.extend_to("1 us".parse().unwrap());
        log
    }

    #[test]
    fn signals_are_grouped_and_findings_marked() {
        let tracks = [
            Track::new("spi.findings", About::Findings, vec![caption(400, 500, "tSU_MI 1 ns < 2 ns")]),
            Track::new("spi.transfers", About::Transfers, vec![caption(0, 900, "9f")]),
        ];
        let extras = Extras { tracks: &tracks, curves: &[] };
        let log = log();
        let file = SaveFile {
            dump: "a.vcd",
            title: "spi",
            log: &log,
            extras: &extras,
            timescale: Timescale::NS,
            text: HasText::Yes,
        };
        let text = file.text();
        let body = text.split_once("[sst_expanded] 0\n").unwrap().1;
        assert_eq!(
            body,
            "@800200\n-spi\n[color] 4\n@820\nspi.transfers\n@28\nsck\n@200\n-at flash\n@28\nmiso@flash\n\
             [color] 1\n@820\nspi.findings\n@1000200\n-spi\n\
             @800200\n-adc\n[color] 2\n@22\nadc.data[7:0]\n@1000200\n-adc\n[pattern_trace] 1\n[pattern_trace] 0\n"
        );
        assert!(text.contains("[timestart] 250\n"), "{text}");
        assert!(
            text.contains(" 400 400 -1 -1") && text.contains("[markername] AtSU_MI 1 ns < 2 ns\n"),
            "{text}"
        );
        let without = SaveFile { text: HasText::No, ..file }.text();
        assert!(!without.contains("spi.transfers") && without.contains("[markername] A"), "{without}");
    }
}
