//! The board that works in simulation and fails in life: the first example of the README.

use std::path::{Path, PathBuf};

use busproof_vectors::VectorFile;
use busproof_vectors::report::{Outcome, VectorResult};
use busproof_vectors::run::{RunOptions, run_file};

fn board() -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/vectors/board.toml");
    let text = std::fs::read_to_string(&path).expect("the example exists");
    (path, text)
}

fn run(text: &str) -> VectorResult {
    let file = VectorFile::parse("board", text).expect("the example can be read");
    run_file(&board().0, &file, &RunOptions::default()).remove(0)
}

#[test]
fn it_fails_and_says_why_and_what_to_do() {
    let result = run(&board().1);
    assert_eq!(result.outcome, Outcome::Failed);
    let codes: Vec<&str> = result.failures.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["tSU_MI", "mismatch"]);
    let said = result.failures[0].detail.join("\n");
    for part in
        ["MISO is back 14 ns after", "half a period, 12.5 ns", "at most 29.4 MHz", "`sample_delay = 1`"]
    {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
}

#[test]
fn both_ways_out_work_and_the_clock_is_the_highest() {
    let text = board().1;
    let at = |clock: &str| run(&text.replace("40 MHz", clock)).outcome;
    assert_eq!(at("29.4 MHz"), Outcome::Passed);
    assert_eq!(at("29.5 MHz"), Outcome::Failed);
    assert_eq!(run(&text.replace("host   =", "sample_delay = 1\nhost   =")).outcome, Outcome::Passed);
}
