//! Independent readers and writers agree with ours.

use std::io::Cursor;

use busproof_core::{ChangeLog, Observer, Time, Value};
use busproof_wave::{Lane, LaneKind, Timescale, VcdOptions, VcdWriter, write_log_to};
use proptest::prelude::*;

use crate::common::{PLAIN, read, show};
use crate::round_trip::logs;

/// Every name, time and value of `log` as `name@time=digits`, sorted.
fn facts(log: &ChangeLog) -> Vec<String> {
    let mut facts: Vec<String> = log
        .columns()
        .iter()
        .flat_map(|c| {
            let digits = |v: Value| (0..c.width()).rev().map(move |i| v.at(i).to_char()).collect::<String>();
            c.iter().map(move |(t, v)| format!("{}@{}={}", c.name(), t.as_fs(), digits(v)))
        })
        .collect();
    facts.sort();
    facts
}

/// The same of a file, read by crate `vcd`; times in units of `unit` femtoseconds.
fn facts_of_vcd(file: &[u8], unit: u64) -> Vec<String> {
    let mut parser = vcd::Parser::new(file);
    let header = parser.parse_header().unwrap();
    let mut names = Vec::new();
    collect(&header.items, "", &mut names);
    let (mut facts, mut now) = (Vec::new(), 0);
    for command in parser {
        let (code, digits) = match command.unwrap() {
            vcd::Command::Timestamp(t) => {
                now = t * unit;
                continue;
            }
            vcd::Command::ChangeScalar(code, v) => (code, v.to_string()),
            vcd::Command::ChangeVector(code, v) => (code, v.iter().map(|v| v.to_string()).collect()),
            _ => continue,
        };
        let name = &names.iter().find(|(c, _)| *c == code).unwrap().1;
        facts.push(format!("{name}@{now}={digits}"));
    }
    facts.sort();
    facts
}

fn collect(items: &[vcd::ScopeItem], prefix: &str, names: &mut Vec<(vcd::IdCode, String)>) {
    for item in items {
        match item {
            vcd::ScopeItem::Var(var) => names.push((var.code, format!("{prefix}{}", var.reference))),
            vcd::ScopeItem::Scope(s) => collect(&s.items, &format!("{prefix}{}.", s.identifier), names),
            _ => {}
        }
    }
}

/// The same of a file, read by crate `wellen`.
fn facts_of_wellen(file: &[u8], unit: u64) -> Vec<String> {
    let mut wave = wellen::simple::read_from_reader(Cursor::new(file.to_vec())).unwrap();
    let vars: Vec<(String, wellen::SignalRef)> = {
        let hierarchy = wave.hierarchy();
        hierarchy.all_vars().map(|v| (hierarchy[v].full_name(hierarchy), hierarchy[v].signal_ref())).collect()
    };
    let refs: Vec<wellen::SignalRef> = vars.iter().map(|v| v.1).collect();
    wave.load_signals(&refs);
    let mut facts = Vec::new();
    for (name, signal) in vars {
        for (index, value) in wave.get_signal(signal).unwrap().iter_changes() {
            let now = wave.time_table()[index as usize] * unit;
            facts.push(format!("{name}@{now}={}", value.to_bit_string().unwrap()));
        }
    }
    facts.sort();
    facts
}

/// A log in which every signal has a name in a scope, as crate `vcd` wants it, and a first change at 0.
fn scoped(log: &ChangeLog) -> ChangeLog {
    let mut copy = ChangeLog::new(log.source());
    for column in log.columns() {
        let name = format!("root.{}", column.name());
        let signal =
            if column.width() == 1 { copy.add_wire(name) } else { copy.add_group(name, column.width()) };
        copy.push(signal, Time::ZERO, Value::known(0)).unwrap();
        for (t, value) in column.iter() {
            copy.push(signal, t, value).unwrap();
        }
    }
    copy
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn all_readers_agree_on_our_files(log in logs()) {
        let log = scoped(&log);
        let options = VcdOptions { timescale: Some(Timescale::FS), ..VcdOptions::default() };
        let file = write_log_to(Vec::new(), &log, &options).unwrap();
        let ours = facts(&read(file.clone()).unwrap().log);
        prop_assert_eq!(&ours, &facts(&log));
        prop_assert_eq!(&ours, &facts_of_vcd(&file, 1));
        prop_assert_eq!(&ours, &facts_of_wellen(&file, 1));
    }

    #[test]
    fn our_bytes_are_those_of_crate_vcd(log in logs()) {
        let log = scoped(&log);
        let options = VcdOptions { timescale: Some(Timescale::FS), ..VcdOptions::default() };
        let ours = write_log_to(Vec::new(), &log, &options).unwrap();
        // Parsed and written again by the crate, nothing changes.
        let mut parser = vcd::Parser::new(ours.as_slice());
        let mut theirs = Vec::new();
        let mut writer = vcd::Writer::new(&mut theirs);
        for command in &mut parser {
            writer.command(&command.unwrap()).unwrap();
        }
        prop_assert_eq!(String::from_utf8(ours).unwrap(), String::from_utf8(theirs).unwrap());
    }
}

#[test]
fn all_readers_agree_on_a_plain_file() {
    let wellen = facts_of_wellen(PLAIN.as_bytes(), 1_000_000);
    assert_eq!(facts(&read(PLAIN).unwrap().log), wellen);
}

#[test]
fn instants_written_one_by_one_equal_a_written_log() {
    let log = read(PLAIN).unwrap().log;
    let lanes: Vec<Lane> = log
        .columns()
        .iter()
        .map(|c| Lane { name: c.name().into(), kind: LaneKind::Wires(c.width()) })
        .collect();
    let options =
        VcdOptions { timescale: Some(Timescale::NS), source: log.source(), ..VcdOptions::default() };
    let mut writer = VcdWriter::new(Vec::new(), &lanes, &options).unwrap();
    let mut instants = log.instants();
    while let Some((t, changes)) = instants.next() {
        writer.instant(t, changes);
    }
    writer.finish(log.end());
    let streamed = writer.close().unwrap();
    assert_eq!(streamed, write_log_to(Vec::new(), &log, &options).unwrap());
    assert_eq!(show(&read(streamed).unwrap().log), show(&log));
}
