//! `convert`: what goes in comes out, in another format, a part of it, or as an analyser would have seen it.
#![expect(clippy::unwrap_used, reason = "a test that unwraps an error has failed, as it should")]

use std::path::Path;
use std::process::{Command, Output};

use busproof_core::{ChangeLog, Source, Span, Time};
use busproof_wave::{ReadOptions, SignalKind, open};

fn busproof(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_busproof")).current_dir(folder).args(arguments).output().unwrap()
}

fn told(folder: &Path, arguments: &[&str]) -> String {
    let output = busproof(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The folder of a run: a transfer to an EEPROM on I2C.
fn run() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let script = "[@50w+ 0x01+ 0x00+ 0x5a+]";
    told(folder.path(), &["xfer", "i2c", script, "--part", "24lc256@0x50", "--out", "run.vcd"]);
    folder
}

fn log(folder: &Path, file: &str) -> ChangeLog {
    open(folder.join(file), &ReadOptions::default()).unwrap().read_all().unwrap().log
}

fn changes(log: &ChangeLog, signal: &str) -> Vec<(Time, busproof_core::Value)> {
    log.columns().iter().find(|column| column.name() == signal).unwrap().iter().collect()
}

#[test]
fn a_run_survives_every_format_that_holds_four_levels() {
    let folder = run();
    let folder = folder.path();
    told(folder, &["convert", "run.vcd", "a.fst"]);
    told(folder, &["convert", "a.fst", "b.csv"]);
    let (first, fst, csv) = (log(folder, "run.vcd"), log(folder, "a.fst"), log(folder, "b.csv"));
    assert_eq!((fst.source(), fst.end()), (Source::Run, first.end()));
    for signal in ["scl", "sda"] {
        assert_eq!(changes(&fst, signal), changes(&first, signal));
        assert_eq!(changes(&csv, signal), changes(&first, signal));
    }
}

#[test]
fn a_window_of_some_signals_keeps_its_times_and_a_session_begins_with_it() {
    let folder = run();
    let folder = folder.path();
    let window = ["--signal", "s?a", "--from", "100us", "--to", "200us"];
    told(folder, &[&["convert", "run.vcd", "part.vcd"], &window[..]].concat());
    let part = log(folder, "part.vcd");
    assert_eq!(part.columns().len(), 1);
    assert_eq!(part.end(), Time::ZERO + Span::from_us(200));
    assert_eq!(part.columns()[0].get(0).0, Time::ZERO + Span::from_us(100));
    told(folder, &[&["convert", "run.vcd", "part.sr", "--resample", "20MHz"], &window[..]].concat());
    let session = log(folder, "part.sr");
    assert_eq!(session.source(), Source::Recording { grid: Some(Span::from_ns(50)) });
    assert_eq!(session.end(), Time::ZERO + Span::from_us(100));
}

#[test]
fn noise_doubles_slow_edges_and_the_bus_still_says_the_same() {
    let folder = run();
    let folder = folder.path();
    told(folder, &["convert", "run.vcd", "quiet.sr", "--resample", "24MHz"]);
    told(folder, &["convert", "run.vcd", "noisy.sr", "--resample", "24MHz", "--noise", "10%", "--seed", "3"]);
    let edges = |file: &str| changes(&log(folder, file), "sda").len();
    assert!(edges("noisy.sr") > edges("quiet.sr"), "{} {}", edges("noisy.sr"), edges("quiet.sr"));
    assert!(told(folder, &["decode", "quiet.sr", "--bus", "i2c"]).contains("write 0x50: 01 00 5a"));
}

#[test]
fn with_a_bus_a_vcd_tells_what_was_said_and_is_judged_as_before() {
    let folder = run();
    let folder = folder.path();
    told(folder, &["convert", "run.vcd", "words.vcd", "--bus", "i2c"]);
    let reader = open(folder.join("words.vcd"), &ReadOptions::default()).unwrap();
    let words = reader.signals().iter().filter(|signal| signal.kind == SignalKind::Text);
    let words: Vec<&str> = words.map(|signal| signal.name.as_str()).collect();
    assert_eq!(words, ["i2c.transfers", "i2c.items"], "nothing was found");
    let text = std::fs::read_to_string(folder.join("words.vcd")).unwrap();
    assert!(text.contains("swrite\\x200x50:\\x2001\\x2000\\x205a "), "{text}");
    let save = std::fs::read_to_string(folder.join("words.gtkw")).unwrap();
    assert!(save.contains("i2c.transfers\n") && save.contains("\nscl\n"), "{save}");
    let judged = |file: &str| told(folder, &["check", file, "--bus", "i2c"]).replace(file, "");
    assert_eq!(judged("words.vcd"), judged("run.vcd"));
}

#[test]
fn what_cannot_be_written_is_refused_with_a_way_out() {
    let folder = run();
    let refused = |arguments: &[&str]| {
        let output = busproof(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(refused(&["convert", "run.vcd", "a.txt"]).contains("write .vcd, .fst, .sr or .csv"));
    assert!(refused(&["convert", "run.vcd", "a.sr"]).contains("say how often with `--resample RATE`"));
    assert!(refused(&["convert", "run.vcd", "a.vcd", "--signal", "scll"]).contains("did you mean `scl`?"));
    assert!(!folder.path().join("a.sr").exists());
}
