//! Every program runs, and says what it is there to say.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The programs, and what their output must contain.
const PROGRAMS: &[(&str, &str, &[&str])] = &[
    (
        "own_agent",
        env!("CARGO_BIN_EXE_own_agent"),
        &["expected  Word", "seen      Word", "sck ", "every word as it should be"],
    ),
    (
        "driver_against_flash",
        env!("CARGO_BIN_EXE_driver_against_flash"),
        &["ef 40 18", "\"proofread\"", "spi-nor::not-write-enabled", "broken: tSHSL2"],
    ),
    (
        "crossings",
        env!("CARGO_BIN_EXE_crossings"),
        &[
            "gray FIFO            20000 of 20000 words",
            "broken on purpose",
            "none lost, none doubled, in order",
            "x cdc::underflow",
            "x cdc::lost",
            "standard errors",
        ],
    ),
    (
        "verilator_vcd",
        env!("CARGO_BIN_EXE_verilator_vcd"),
        &["MOSI 00, MISO ef", "tSLCH is 2 ns, Broken", "1 rules broken"],
    ),
    ("clock_over_wire", env!("CARGO_BIN_EXE_clock_over_wire"), &["20 cm"]),
    (
        "baud_error",
        env!("CARGO_BIN_EXE_baud_error"),
        &["16x, 2 of 3", "bytes are right from -5.26 to +4.58 %"],
    ),
    ("ramulator_trace", env!("CARGO_BIN_EXE_ramulator_trace"), &["tRCD", "does not hold"]),
    ("own_rule", env!("CARGO_BIN_EXE_own_rule"), &["broken tQUIET: 1.", "at least 2 us"]),
    ("timing_diagram", env!("CARGO_BIN_EXE_timing_diagram"), &["sck", "9f"]),
    (
        "links",
        env!("CARGO_BIN_EXE_links"),
        &["uart         1 wires", "corrupts if clocks differ", "handshake2  10 wires", "four ahead"],
    ),
    (
        "rgmii",
        env!("CARGO_BIN_EXE_rgmii"),
        // Set-up 2.0 - 0.5 ns, hold 3.6 - 2.0 - 0.5 ns.
        &["0.00 ns    broken", "2.00 ns    whole     1.50     1.10     +0.50 / +0.10 ns", "jitter of 100 ps"],
    ),
];

#[test]
fn every_program_runs_and_says_what_it_should() {
    for (name, path, wanted) in PROGRAMS {
        let output = Command::new(path).output().expect("the program was built with this test");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {text}{}", String::from_utf8_lossy(&output.stderr));
        for want in *wanted {
            assert!(text.contains(want), "{name} does not say `{want}`:\n{text}");
        }
        if *name == "crossings" {
            assert_page_shows_failures(&text);
        }
    }
}

/// What the page about links shows is what the program counted.
fn assert_page_shows_failures(text: &str) {
    let (_, table) = text.split_once("mean time between failures").expect("there is a table");
    let page = include_str!("../../docs/links.md");
    assert!(page.contains(table.trim_end()), "docs/links.md does not show:\n{table}");
}

#[test]
fn every_program_is_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let files = std::fs::read_dir(folder).expect("the programs are there");
    let name = |file: std::io::Result<std::fs::DirEntry>| {
        let path = file.expect("a folder can be listed").path();
        path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    };
    let there: BTreeSet<String> = files.map(name).collect();
    let run: BTreeSet<String> = PROGRAMS.iter().map(|p| p.0.to_string()).collect();
    assert_eq!(there, run);
}
