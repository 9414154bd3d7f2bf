//! Recordings of real UARTs, if they are at hand, read and decoded as their tables say.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use busproof_core::bus::Monitor as _;
use busproof_core::bus::uart::{Item, Monitor, Options, pin};
use busproof_core::{Change, ChangeLog, SignalId};
use busproof_wave::{ReadOptions, open};

use crate::captures::captures;

/// What is said on each line: the data of frames in order, and how many of each kind of error and break there are.
#[derive(Debug, Default, PartialEq, Eq)]
struct Spoken {
    frames: BTreeMap<String, Vec<u64>>,
    odd: BTreeMap<(String, String), usize>,
}

impl Spoken {
    fn add(&mut self, line: &str, kind: &str, data: u64) {
        if kind == "frame" {
            self.frames.entry(line.into()).or_default().push(data);
        } else {
            *self.odd.entry((line.into(), kind.into())).or_default() += 1;
        }
    }
}

/// The pairs of a section of `settings.toml`, which has nothing but strings.
fn section(text: &str, name: &str) -> BTreeMap<String, String> {
    let head = format!("[{name}]");
    let lines = text.lines().skip_while(|line| !line.starts_with(&head)).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().into(), value.trim().trim_matches('"').into()))
        .collect()
}

fn options(settings: &str) -> Options {
    let mut options = Options::default();
    for (key, value) in section(settings, "options") {
        let key = if key == "baudrate" { "baud" } else { &key };
        let value = if value == "yes" { "true" } else { &value };
        options.set(key, value).unwrap();
    }
    options
}

fn expected(folder: &Path) -> Spoken {
    let mut spoken = Spoken::default();
    for row in fs::read_to_string(folder.join("expected.tsv")).unwrap().lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        spoken.add(cells[2], cells[3], u64::from_str_radix(cells[4], 16).unwrap_or(0));
    }
    spoken
}

/// The items of the channels that play the roles.
fn decoded(log: &ChangeLog, settings: &str, options: &Options) -> Vec<Item> {
    let pins = section(settings, "pins");
    let signal = |role: &str| pins.get(role).map(|name| log.find(name).expect("the channel is recorded"));
    let roles = [("tx", pin::TX), ("rx", pin::RX)];
    let (columns, pins): (Vec<SignalId>, Vec<SignalId>) =
        roles.into_iter().filter_map(|(role, pin)| Some((signal(role)?, pin))).unzip();
    let mut monitor = Monitor::new(options, log.source());
    let mut items = Vec::new();
    let mut instants = log.instants_of(&columns);
    while let Some((t, changes)) = instants.next() {
        let changes: Vec<Change> =
            changes.iter().map(|c| Change { signal: pins[c.signal.index()], value: c.value }).collect();
        monitor.instant(t, &changes, &mut items);
    }
    monitor.finish(log.end(), &mut items);
    items
}

fn spoken(items: &[Item]) -> Spoken {
    let mut spoken = Spoken::default();
    for item in items {
        let line = item.line().name();
        match item {
            Item::Frame(frame) => {
                spoken.add(line, "frame", frame.data.to_u64().unwrap());
                let errors = frame.flags.names().filter(|name| name.ends_with("-error"));
                errors.for_each(|error| spoken.add(line, error, 0));
            }
            Item::Break(_) => spoken.add(line, "break", 0),
            Item::Packet(_) => {}
        }
    }
    spoken
}

#[test]
fn recorded_uarts_say_what_they_said() {
    let Some(directory) = captures() else {
        eprintln!("SKIPPED: no recordings found; set BUSPROOF_CAPTURES to the folder that holds them");
        return;
    };
    let mut recordings = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("uart-") {
            continue;
        }
        let settings = fs::read_to_string(folder.join("settings.toml")).unwrap();
        let log = open(folder.join("capture.sr"), &ReadOptions::default()).unwrap().read_all().unwrap().log;
        let given = options(&settings);
        let items = decoded(&log, &settings, &given);
        assert!(items.is_sorted_by_key(Item::end), "{name}");
        assert_eq!(spoken(&items), expected(&folder), "{name}");
        if spoken(&items).frames.values().map(Vec::len).max() >= Some(40) {
            let auto = Options { baud: None, ..given };
            assert_eq!(spoken(&decoded(&log, &settings, &auto)), expected(&folder), "{name}, rate found");
        }
        recordings += 1;
    }
    eprintln!("decoded {recordings} recordings of UARTs");
    assert!(recordings > 0, "the folder of recordings holds none of a UART");
}
