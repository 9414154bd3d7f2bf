//! `dram run --pins`: commands on the pins of memories.
#![expect(clippy::unwrap_used, reason = "a test that unwraps an error has failed, as it should")]

use std::path::Path;
use std::process::{Command, Output};

use busproof_core::{ChangeLog, Time};
use busproof_wave::{ReadOptions, open};

/// Two rows of one bank are written and read; the last read keeps the run going until all others are served.
const TRACE: &str =
    "0: write 0x40\n1: write 0x2000040\n2: read 0x80\n200: read 0x40\n210: read 0x2000040\n900: read 0\n";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    std::fs::write(folder.join("t.stl"), TRACE).unwrap();
    let part = ["dram", "run", "t.stl", "--part", "ddr4-2400t-8gb-x8"];
    Command::new(env!("CARGO_BIN_EXE_busproof"))
        .current_dir(folder)
        .args(part)
        .args(arguments)
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn log(folder: &Path) -> ChangeLog {
    open(folder.join("pins.vcd"), &ReadOptions::default()).unwrap().read_all().unwrap().log
}

fn falls(log: &ChangeLog, signal: &str) -> Vec<u64> {
    let column = log.columns().iter().find(|column| column.name().ends_with(signal)).unwrap();
    column.iter().filter(|(_, value)| value.level().is_low()).map(|(time, _)| time.as_fs()).collect()
}

#[test]
fn what_is_written_through_the_pins_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let text = printed(&run(folder.path(), &["--pins", "pins.vcd"]));
    assert!(text.ends_with("  pins         2 reads as written, 1 of what was never written\n"), "{text}");
    // ACT WR PRE ACT WR ... : of twelve commands each pulls CS# low, half a clock before its edge of CK.
    let selects = falls(&log(folder.path()), "cs_n");
    let commands = text.lines().find(|line| line.contains("commands")).unwrap();
    assert!(commands.contains("ACT 4, PRE 3, RD 3, WR 2"), "{commands}");
    assert_eq!(selects.len(), 12);
    assert!(selects.iter().all(|fs| fs % 833_000 == 416_500), "{selects:?}");
    let words = std::fs::read_to_string(folder.path().join("pins.vcd")).unwrap();
    assert!(words.contains("sACT\\x20r0\\x20g0\\x20b0\\x20row\\x20256 "), "{words}");
    assert!(std::fs::read_to_string(folder.path().join("pins.gtkw")).unwrap().contains("ddr.commands"));
}

#[test]
fn a_window_and_the_power_up_sequence_are_shown_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    printed(&run(folder.path(), &["--pins", "pins.vcd", "--clocks", "200..300"]));
    let later = log(folder.path());
    let first = later.columns().iter().filter_map(|column| column.iter().next()).map(|(time, _)| time).min();
    // Clock 200 of the commands is the second but 200th edge of CK.
    assert_eq!(first, Some(Time::from_fs(202 * 833_000)));
    assert_eq!(later.end(), Time::from_fs(302 * 833_000));
    let json = printed(&run(folder.path(), &["--pins", "pins.vcd", "--power-up", "--format", "json"]));
    assert!(json.contains(r#""pins":{"reads":2,"wrong":0,"unwritten":1,"odd":0}"#), "{json}");
    let reset = log(folder.path());
    let reset = reset.columns().iter().find(|column| column.name().ends_with("reset_n")).unwrap();
    let rises: Vec<u64> = reset.iter().map(|(time, _)| time.as_fs()).collect();
    assert_eq!(rises, [0, 200_000_000_000]);
}

#[test]
fn what_cannot_be_shown_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, text) in [
        (&["--pins", "pins.vcd", "--channels", "2"][..], "--pins shows the pins of one channel"),
        (&["--pins", "pins.txt"], "no format of waveforms is known by the ending"),
        (&["--pins", "pins.vcd", "--clocks", "9..9"], "write two clocks, such as 0..1000"),
        (&["--power-up"], "--pins <FILE>"),
        (&["--pins", "missing/pins.vcd"], "missing/pins.vcd"),
    ] {
        let output = run(folder.path(), arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(text), "{arguments:?}: {told}");
    }
}
