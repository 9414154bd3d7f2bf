//! Sessions and tables as we write them, read back.

use std::io::Cursor;

use busproof_core::{ChangeLog, Level, Source, Time, Value};
use busproof_wave::{
    Analyser, Extras, ReadOptions, SampleRate, VcdOptions, WriteError, open_bytes, write_csv_to, write_sr_to,
    write_waveform,
};
use proptest::prelude::*;

use crate::common::assert_same;

/// Wires of two levels that change at whole samples of 24 MHz, and a recording of them.
fn recorded() -> impl Strategy<Value = ChangeLog> {
    let edges = proptest::collection::vec((0..9u32, 1..2_000u64), 0..80);
    (1..10u32, edges).prop_map(|(wires, edges)| {
        let rate = SampleRate::from_hz(24_000_000).unwrap();
        let mut log = ChangeLog::new(Source::Recording { grid: Some(rate.period()) });
        let ids: Vec<_> = (0..wires).map(|i| log.add_wire(format!("D{i}"))).collect();
        let mut levels = vec![0u64; ids.len()];
        for id in &ids {
            log.push(*id, Time::ZERO, Value::known(0)).unwrap();
        }
        let mut n = 0;
        for (wire, step) in edges {
            n += step;
            let wire = (wire % wires) as usize;
            levels[wire] ^= 1;
            log.push(ids[wire], rate.time_of(n).unwrap(), Value::known(levels[wire])).unwrap();
        }
        log.extend_to(rate.time_of(n + 3).unwrap());
        log
    })
}

proptest! {
    #[test]
    fn a_recording_survives_a_session(log in recorded()) {
        let rate = SampleRate::from_hz(24_000_000).unwrap();
        let file = write_sr_to(Cursor::new(Vec::new()), &log, rate).unwrap().into_inner();
        let read = open_bytes("a.sr", file, &ReadOptions::default()).unwrap().read_all().unwrap().log;
        assert_same(&log, &read);
    }

    #[test]
    fn a_recording_survives_a_table(log in recorded()) {
        let file = write_csv_to(Vec::new(), &log).unwrap();
        let options = ReadOptions { sample_rate: SampleRate::from_hz(24_000_000) };
        let read = open_bytes("a.csv", file, &options).unwrap().read_all().unwrap().log;
        assert_same(&log, &read);
    }

    /// Whatever is recorded again at the same rate stays as it was.
    #[test]
    fn a_recording_is_recorded_as_it_is(log in recorded(), noise in 0..200u16) {
        let analyser = Analyser { noise, ..Analyser::new(SampleRate::from_hz(24_000_000).unwrap()) };
        assert_same(&log, &analyser.record(&log));
    }
}

#[test]
fn a_table_tells_all_four_levels_of_every_wire() {
    let mut log = ChangeLog::default();
    let (sda, bus) = (log.add_wire("top.sda"), log.add_group("top.bus", 2));
    log.push(sda, Time::ZERO, Value::wire(Level::Z)).unwrap();
    log.push(bus, Time::ZERO, Value { bits: 0b10, unknown: 0b10 }).unwrap();
    log.push(sda, Time::from_fs(1_500_000), Value::wire(Level::Low)).unwrap();
    log.extend_to("1 s".parse().unwrap());
    let table = String::from_utf8(write_csv_to(Vec::new(), &log).unwrap()).unwrap();
    let rows = ["0.000000000,z,x,0", "0.0000000015,0,x,0", "1.000000000,0,x,0"];
    assert_eq!(table, format!("Time [s],top.sda,top.bus[1],top.bus[0]\n{}\n", rows.join("\n")));
}

#[test]
fn what_was_not_sampled_is_no_session() {
    let mut log = ChangeLog::default();
    log.add_wire("a");
    let path = std::env::temp_dir().join("busproof-not-sampled.sr");
    let error = write_waveform(&path, &log, &Extras::default(), &VcdOptions::default()).unwrap_err();
    assert!(matches!(error, WriteError::NotSampled), "{error}");
    assert!(!path.exists());
}
