//! What our writer writes, our reader reads back exactly.

use std::fs;

use busproof_core::{Change, ChangeLog, Observer, SignalId, Source, Span, Time, Value};
use busproof_wave::{
    Lane, LaneKind, Profile, ReadOptions, Timescale, VcdOptions, VcdWriter, open_stream, write_log,
    write_log_to,
};
use proptest::prelude::*;

use crate::common::{assert_same, open, read, show};

/// Logs of wires and groups with all four levels, at times with and without a coarse unit.
pub(crate) fn logs() -> impl Strategy<Value = ChangeLog> {
    let widths = proptest::collection::vec(prop_oneof![Just(1u32), 2..=64u32], 1..12);
    let steps = proptest::collection::vec((any::<u16>(), 0..4u64, any::<(u64, u64)>()), 0..60);
    let unit = prop_oneof![Just(1u64), Just(12_500_000), Just(1_000_000)];
    (widths, steps, unit, sources(), 0..3u64).prop_map(|(widths, steps, unit, source, tail)| {
        let mut log = ChangeLog::new(source);
        for (i, &width) in widths.iter().enumerate() {
            let name = format!("{}sig{i}", ["", "top.", "top.sub.", "other."][i % 4]);
            if width == 1 {
                log.add_wire(name)
            } else {
                log.add_group(name, width)
            };
        }
        let mut now = 0;
        for (signal, dt, (bits, unknown)) in steps {
            now += dt * unit;
            let signal = SignalId(u32::from(signal) % widths.len() as u32);
            log.push(signal, Time::from_fs(now), Value { bits, unknown }).unwrap();
        }
        log.extend_to(Time::from_fs(now + tail * unit));
        log
    })
}

fn sources() -> impl Strategy<Value = Source> {
    prop_oneof![
        Just(Source::Run),
        (1..1_000_000u64).prop_map(|fs| Source::Simulation { grid: Span::from_fs(fs) }),
        (1..1_000_000u64).prop_map(|fs| Source::Recording { grid: Some(Span::from_fs(fs)) }),
        Just(Source::Recording { grid: None }),
    ]
}

fn written(log: &ChangeLog, options: &VcdOptions) -> Vec<u8> {
    write_log_to(Vec::new(), log, options).unwrap()
}

/// Hands out one byte per call.
struct Drip(std::io::Cursor<Vec<u8>>);

impl std::io::Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let end = buffer.len().min(1);
        self.0.read(&mut buffer[..end])
    }
}

proptest! {
    #[test]
    fn a_log_survives_being_written_and_read(log in logs()) {
        let file = written(&log, &VcdOptions::default());
        assert_same(&log, &read(file).unwrap().log);
    }

    #[test]
    fn it_does_not_matter_how_the_bytes_arrive(log in logs()) {
        let file = written(&log, &VcdOptions::default());
        let drip = Drip(std::io::Cursor::new(file));
        let reader = open_stream("file", drip, &ReadOptions::default()).unwrap();
        assert_same(&log, &reader.read_all().unwrap().log);
    }

    #[test]
    fn a_finer_timescale_loses_nothing_either(log in logs()) {
        let options = VcdOptions { timescale: Some(Timescale::FS), ..VcdOptions::default() };
        assert_same(&log, &read(written(&log, &options)).unwrap().log);
    }

    #[test]
    fn bits_only_shows_the_same_wires(log in logs()) {
        let options = VcdOptions { profile: Profile::BitsOnly, ..VcdOptions::default() };
        let bits = read(written(&log, &options)).unwrap().log;
        prop_assert!(bits.columns().iter().all(|c| c.width() == 1));
        for column in log.columns().iter().filter(|c| c.width() > 1) {
            for (t, value) in column.iter() {
                for i in 0..column.width() {
                    let wire = bits.find(&format!("{}[{i}]", column.name())).unwrap();
                    prop_assert_eq!(bits.column(wire).value_at(t).unwrap().level(), value.at(i));
                }
            }
        }
    }
}

#[test]
fn a_file_is_larger_than_a_chunk_and_still_exact() {
    let mut log = ChangeLog::new(Source::Run);
    let wire = log.add_wire("top.w");
    let group = log.add_group("top.g", 33);
    for n in 0..200_000u64 {
        log.push(wire, Time::from_fs(n * 5_000), Value::known(n & 1)).unwrap();
        log.push(
            group,
            Time::from_fs(n * 5_000),
            Value { bits: n.wrapping_mul(0x9e37_79b9_7f4a_7c15), unknown: n >> 9 },
        )
        .unwrap();
    }
    let file = written(&log, &VcdOptions::default());
    assert!(file.len() > 3 << 20);
    assert_same(&log, &read(file).unwrap().log);
}

#[test]
fn the_file_appears_complete_and_with_ordinary_permissions() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.vcd");
    let mut log = ChangeLog::new(Source::Run);
    let wire = log.add_wire("w");
    log.push(wire, Time::ZERO, Value::known(1)).unwrap();
    fs::write(&path, "an older file").unwrap();
    write_log(&path, &log, &VcdOptions::default()).unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    let reader = busproof_wave::open(&path, &ReadOptions::default()).unwrap();
    assert_same(&log, &reader.read_all().unwrap().log);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o600, 0o600);
        let plain = directory.path().join("plain");
        fs::write(&plain, "").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions(), fs::metadata(&plain).unwrap().permissions());
    }
    let nowhere = directory.path().join("no/such/place.vcd");
    assert!(write_log(nowhere, &log, &VcdOptions::default()).is_err());
}

#[test]
fn text_is_written_as_one_token_that_viewers_load() {
    let lanes = [
        Lane { name: "items.spi".into(), kind: LaneKind::Text },
        Lane { name: "top.odd name".into(), kind: LaneKind::Wires(1) },
    ];
    let options = VcdOptions { timescale: Some(Timescale::NS), ..VcdOptions::default() };
    let mut writer = VcdWriter::new(Vec::new(), &lanes, &options).unwrap();
    writer.instant(Time::ZERO, &[Change { signal: SignalId(1), value: Value::known(0) }]);
    writer.text(SignalId(0), Time::from_fs(5_000_000), "read id ef4018");
    writer.text(SignalId(0), Time::from_fs(9_000_000), "");
    writer.finish(Time::from_fs(9_000_000));
    let text = String::from_utf8(writer.close().unwrap()).unwrap();
    let body = text.split_once("$enddefinitions $end\n").unwrap().1;
    assert_eq!(body, "#0\n$dumpvars\n0\"\n$end\n#5\nsread\\x20id\\x20ef4018 !\n#9\ns !\n");
    assert!(text.contains("$var string 1 ! spi $end") && text.contains("odd_name"));
    assert_eq!(show(&read(text).unwrap().log), "0: top.odd_name=0\n9000000.\n");
}

#[test]
fn misuse_is_reported_when_the_writer_is_closed() {
    let lanes = [Lane { name: "w".into(), kind: LaneKind::Wires(1) }];
    let options = VcdOptions { timescale: Some(Timescale::NS), ..VcdOptions::default() };
    let error = |calls: &dyn Fn(&mut VcdWriter<Vec<u8>>)| {
        let mut writer = VcdWriter::new(Vec::new(), &lanes, &options).unwrap();
        calls(&mut writer);
        writer.close().unwrap_err().to_string()
    };
    let change = [Change { signal: SignalId(0), value: Value::known(0) }];
    let coarse = error(&|w| w.instant(Time::from_fs(1_500_000), &change));
    assert_eq!(coarse, "time 1.5 ns is no multiple of the timescale 1 ns; choose a finer one");
    let backwards = error(&|w| {
        w.instant(Time::from_fs(2_000_000), &change);
        w.instant(Time::from_fs(1_000_000), &change);
    });
    assert_eq!(backwards, "time goes backwards from 2 ns to 1 ns");
    let lane = error(&|w| w.text(SignalId(0), Time::ZERO, "text"));
    assert_eq!(lane, "change of lane 0, which was not declared as text");
    let wide = [Lane { name: "w".into(), kind: LaneKind::Wires(65) }];
    assert!(VcdWriter::new(Vec::new(), &wide, &options).is_err());
}

#[test]
fn our_files_tell_that_their_times_are_exact() {
    let mut log = ChangeLog::new(Source::Run);
    log.add_wire("top.a");
    let file = written(&log, &VcdOptions { date: Some("today".into()), ..VcdOptions::default() });
    assert_eq!(open(file).unwrap().source(), Source::Run);
}
