//! `diff`: a run against itself, later and shaken, and against one in which a bit is different.
#![expect(clippy::unwrap_used, reason = "a test that unwraps an error has failed, as it should")]

use std::path::Path;
use std::process::{Command, Output};

use busproof_core::{ChangeLog, SignalId, Span, Time};
use busproof_wave::{ReadOptions, VcdOptions, open, write_log};

fn busproof(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_busproof")).current_dir(folder).args(arguments).output().unwrap()
}

/// The waveform of a transfer to an EEPROM on I2C.
fn transfer(folder: &Path, script: &str, file: &str) {
    let output = busproof(folder, &["xfer", "i2c", script, "--part", "24lc256@0x50", "--out", file]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The same waveform later, and each edge another few nanoseconds off, up to `jitter`.
fn shaken(folder: &Path, from: &str, to: &str, later: Span, jitter: Span) {
    let log = open(folder.join(from), &ReadOptions::default()).unwrap().read_all().unwrap().log;
    let mut shaken = ChangeLog::new(log.source());
    let mut random = 1u64;
    for (i, column) in log.columns().iter().enumerate() {
        shaken.add_wire(column.name());
        for (t, value) in column.iter() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let off = Span::from_fs((random >> 33) % (2 * jitter.as_fs() + 1));
            let at = if t == Time::ZERO { t } else { (t + later + off).saturating_sub(jitter) };
            shaken.push(SignalId(i as u32), at, value).unwrap();
        }
    }
    shaken.extend_to(log.end() + later + jitter);
    write_log(folder.join(to), &shaken, &VcdOptions::default()).unwrap();
}

fn stdout(output: &Output) -> String {
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

const LATER: Span = Span::from_ns(3_700);
const JITTER: Span = Span::from_ns(2);
const AS_RUN: [&str; 7] = ["diff", "run.vcd", "b.vcd", "--bus", "i2c", "--tolerance", "5ns"];

#[test]
fn a_run_that_is_later_and_jittered_is_the_same_within_the_tolerance() {
    let folder = tempfile::tempdir().unwrap();
    transfer(folder.path(), "[@50w+ 0x01+ 0x00+ 0x5a+]", "run.vcd");
    shaken(folder.path(), "run.vcd", "b.vcd", LATER, JITTER);
    let same = busproof(folder.path(), &AS_RUN);
    let told = stdout(&same);
    assert_eq!(same.status.code(), Some(0), "{told}");
    assert!(told.contains("us later") && told.contains("items: no difference"), "{told}");
    let tight = busproof(folder.path(), &["diff", "run.vcd", "b.vcd", "--tolerance", "1ns"]);
    assert_eq!(tight.status.code(), Some(1), "jitter of 2 ns is more than 1 ns");
    let as_it_is =
        busproof(folder.path(), &["diff", "run.vcd", "b.vcd", "--tolerance", "5ns", "--offset", "0s"]);
    assert_eq!(as_it_is.status.code(), Some(1), "what must not be later is");
}

#[test]
fn with_one_bit_flipped_exactly_that_item_is_named() {
    let folder = tempfile::tempdir().unwrap();
    transfer(folder.path(), "[@50w+ 0x01+ 0x00+ 0x5a+]", "run.vcd");
    transfer(folder.path(), "[@50w+ 0x01+ 0x00+ 0x52+]", "flipped.vcd");
    shaken(folder.path(), "flipped.vcd", "b.vcd", LATER, JITTER);
    let flipped = busproof(folder.path(), &[&AS_RUN[..], &["--format", "jsonl"]].concat());
    let told = stdout(&flipped);
    assert_eq!(flipped.status.code(), Some(1), "{told}");
    let lines: Vec<serde_json::Value> =
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
    let [item] = of("item-difference")[..] else { panic!("{told}") };
    assert_eq!((&item["what"], &item["a"], &item["b"]), (&"changed".into(), &"5a".into(), &"52".into()));
    let (a, b) = (item["a_start_fs"].as_u64().unwrap(), item["b_start_fs"].as_u64().unwrap());
    assert!((b - a).abs_diff(LATER.as_fs()) <= 2 * JITTER.as_fs(), "{item}");
    // The bit's high pulse is gone from SDA, and SCL is as it was.
    let edges = of("edge-difference");
    assert!(!edges.is_empty() && edges.iter().all(|edge| edge["signal"] == "sda"), "{told}");
}

#[test]
fn one_side_may_come_through_a_pipe_and_is_then_not_drawn() {
    let folder = tempfile::tempdir().unwrap();
    transfer(folder.path(), "[@50w+ 0x01+ 0x00+ 0x5a+]", "run.vcd");
    transfer(folder.path(), "[@50w+ 0x01+ 0x00+ 0x52+]", "b.vcd");
    let piped = |arguments: &[&str]| {
        let input = std::fs::File::open(folder.path().join("b.vcd")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_busproof"));
        command.current_dir(folder.path()).args(arguments).stdin(input).output().unwrap()
    };
    let output = piped(&["diff", "run.vcd", "-", "--bus", "i2c"]);
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("5a at") && told.contains("\nA\n") && !told.contains("\nB\n"), "{told}");
    let twice = piped(&["diff", "run.vcd", "-", "--bus", "i2c", "--edges"]);
    assert_eq!(twice.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&twice.stderr).contains("save it to a file first"));
}

#[test]
fn values_on_a_clock_are_compared_whenever_the_clock_runs() {
    let folder = tempfile::tempdir().unwrap();
    let xfer = |script: &str, clock: &str, file: &str| {
        let asked = ["xfer", "spi", script, "--part", "w25q128jv", "--clock", clock, "--out", file];
        assert!(busproof(folder.path(), &asked).status.success());
    };
    xfer("[0x9f r:3=ef4018]", "1MHz", "run.vcd");
    xfer("[0x9f r:3=ef4018]", "8MHz", "fast.vcd");
    xfer("[0x90 0 0 0]", "8MHz", "other.vcd");
    let diff = |b: &str| {
        let asked = ["diff", "run.vcd", b, "--clock", "sck", "--signal", "mosi", "--format", "jsonl"];
        busproof(folder.path(), &asked)
    };
    assert_eq!(diff("fast.vcd").status.code(), Some(0), "{}", stdout(&diff("fast.vcd")));
    let other = diff("other.vcd");
    let told = stdout(&other);
    assert_eq!(other.status.code(), Some(1), "{told}");
    assert_eq!(
        told.lines().filter(|line| line.contains("\"what\":\"value\"")).count(),
        4,
        "0x9f and 0x90: {told}"
    );
}

#[test]
fn signals_of_other_names_are_compared_when_told_and_nothing_in_common_is_nothing_compared() {
    let folder = tempfile::tempdir().unwrap();
    transfer(folder.path(), "[@50w+ 0x01+]", "run.vcd");
    let run = std::fs::read_to_string(folder.path().join("run.vcd")).unwrap();
    let renamed = run.replace(" scl $end", " D0 $end").replace(" sda $end", " D1 $end");
    std::fs::write(folder.path().join("b.vcd"), renamed).unwrap();
    let told =
        ["diff", "run.vcd", "b.vcd", "--bus", "i2c", "--edges", "--rename", "scl=D0", "--rename", "sda=D1"];
    let same = busproof(folder.path(), &told);
    assert_eq!(same.status.code(), Some(0), "{}", stdout(&same));
    assert_eq!(
        busproof(folder.path(), &["diff", "run.vcd", "b.vcd", "--signal", "s??"]).status.code(),
        Some(3)
    );
    let unknown = busproof(folder.path(), &["diff", "run.vcd", "b.vcd", "--signal", "sdaa"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `sda`?"));
}

#[test]
fn differences_are_drawn_with_both_sides_and_their_words() {
    let folder = tempfile::tempdir().unwrap();
    transfer(folder.path(), "[@50w+ 0x01+ 0x00+ 0x5a+]", "run.vcd");
    transfer(folder.path(), "[@50w+ 0x01+ 0x00+ 0x52+]", "flipped.vcd");
    shaken(folder.path(), "flipped.vcd", "b.vcd", LATER, Span::ZERO);
    let drawn = |more: &[&str]| {
        let output =
            busproof(folder.path(), &[&["diff", "run.vcd", "b.vcd", "-o", "diff.svg"], more].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains("picture: diff.svg"));
        std::fs::read_to_string(folder.path().join("diff.svg")).unwrap()
    };
    let edges = drawn(&["--tolerance", "5ns"]);
    for word in ["\nA sda\n", "\nB sda\n", "\nA scl\n", "3.7 us later", "\nsda: the edge to 0 at "] {
        assert!(edges.contains(word), "{word} is missing in {edges}");
    }
    let items = drawn(&["--bus", "i2c"]);
    for word in ["\nA items\n", "\nB items\n", "\nB sda\n", "\nitems: 5a at ", " became 52 at "] {
        assert!(items.contains(word), "{word} is missing in {items}");
    }
    std::fs::remove_file(folder.path().join("diff.svg")).unwrap();
    let same = busproof(folder.path(), &["diff", "run.vcd", "run.vcd", "-o", "diff.svg"]);
    assert_eq!(same.status.code(), Some(0));
    assert!(!folder.path().join("diff.svg").exists());
    assert!(String::from_utf8_lossy(&same.stderr).contains("no difference to draw"));
}
