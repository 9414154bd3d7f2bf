//! FST as we write it: read back by ourselves, and converted by GTKWave's own tools.

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use busproof_core::{ChangeLog, Time, Value};
use busproof_wave::{
    About, Caption, Curve, Extras, ReadOptions, Reader, SignalKind, Track, VcdOptions, Window,
    coarsest_timescale, open, open_bytes, write_fst_to, write_log,
};
use proptest::prelude::*;

use crate::common::assert_same;
use crate::round_trip::logs;

fn written(log: &ChangeLog, extras: &Extras<'_>) -> Vec<u8> {
    write_fst_to(Cursor::new(Vec::new()), log, extras, &VcdOptions::default()).unwrap().into_inner()
}

/// Of what an FST cannot tell: a signal without a value is X from the beginning, and a file has a length.
fn as_fst_has_it(log: &ChangeLog) -> ChangeLog {
    let mut told = ChangeLog::new(log.source());
    for column in log.columns() {
        let width = column.width();
        let signal =
            if width == 1 { told.add_wire(column.name()) } else { told.add_group(column.name(), width) };
        if column.is_empty() || column.get(0).0 > Time::ZERO {
            told.push(signal, Time::ZERO, Value::X).unwrap();
        }
        for (t, value) in column.iter() {
            told.push(signal, t, value).unwrap();
        }
    }
    let unit = coarsest_timescale(log).span();
    told.extend_to(log.end().max(Time::ZERO + unit));
    told
}

proptest! {
    #[test]
    fn a_log_survives_being_written_as_fst_and_read(log in logs()) {
        let file = written(&log, &Extras::default());
        let reader = open_bytes("a.fst", file, &ReadOptions::default()).unwrap();
        assert_same(&as_fst_has_it(&log), &in_order_of(&log, reader));
    }
}

#[test]
fn numbers_are_kept_and_text_is_left_out() {
    let mut log = ChangeLog::default();
    log.add_wire("top.sda");
    log.extend_to(Time::from_fs(10));
    let caption = Caption { from: Time::ZERO, to: Time::from_fs(5), text: "START".into() };
    let tracks = [Track::new("i2c.items", About::Items, vec![caption])];
    let curves =
        [Curve { name: "volts.sda".into(), points: vec![(Time::ZERO, 3.3), (Time::from_fs(4), 1.5)] }];
    let file = written(&log, &Extras { tracks: &tracks, curves: &curves });
    let reader = open_bytes("a.fst", file, &ReadOptions::default()).unwrap();
    let signals: Vec<_> = reader.signals().iter().map(|s| (s.name.as_str(), s.kind)).collect();
    assert_eq!(signals, [("top.sda", SignalKind::Bits), ("volts.sda", SignalKind::Real)]);
}

/// The signals of a log, read in its order: a file lists scope by scope.
fn in_order_of(log: &ChangeLog, reader: Reader) -> ChangeLog {
    let picks: Vec<_> = log.columns().iter().map(|column| reader.find(column.name()).unwrap()).collect();
    reader.read(&picks, Window::ALL).unwrap().log
}

/// What a program of GTKWave's makes of a file; `None` if the program is not there.
fn converted(program: &str, arguments: &[&Path], to: &Path) -> Option<()> {
    let Ok(output) = Command::new(program).args(arguments).output() else {
        // Said where people see it: a test that looks at nothing must not look like one that passed.
        eprintln!("skipped: no {program}; it comes with GTKWave");
        return None;
    };
    assert!(to.exists(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

#[test]
fn gtkwaves_own_tools_make_the_same_of_our_fst_and_of_our_vcd() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut log = ChangeLog::default();
    let (clk, bus) = (log.add_wire("top.clk"), log.add_group("top.sub.bus", 12));
    for i in 0..200u64 {
        let value = Value { bits: i * 37, unknown: if i % 7 == 0 { 0xf0 } else { 0 } };
        log.push(clk, Time::from_fs(i * 2_500_000), Value::known(i % 2)).unwrap();
        log.push(bus, Time::from_fs(i * 2_500_000), value.masked(12)).unwrap();
    }
    log.extend_to(Time::from_fs(600_000_000));
    std::fs::write(at("ours.fst"), written(&log, &Extras::default())).unwrap();
    write_log(at("ours.vcd"), &log, &VcdOptions::default()).unwrap();
    let both = converted(
        "fst2vcd",
        &[Path::new("-o"), &at("back.vcd"), Path::new("-f"), &at("ours.fst")],
        &at("back.vcd"),
    )
    .and_then(|()| converted("vcd2fst", &[&at("ours.vcd"), &at("theirs.fst")], &at("theirs.fst")));
    if both.is_none() {
        return;
    }
    for name in ["back.vcd", "theirs.fst"] {
        let reader = open(at(name), &ReadOptions::default()).unwrap();
        let read = in_order_of(&log, reader);
        let columns =
            |log: &ChangeLog| log.columns().iter().map(|c| c.iter().collect::<Vec<_>>()).collect::<Vec<_>>();
        assert_eq!((columns(&log), log.end()), (columns(&read), read.end()), "{name}");
    }
}
