//! The vectors of this repository, run as `busproof run vectors/` runs them.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use busproof_core::bus::ddr::ddr4;
use busproof_core::bus::spi::rules::RULES;
use busproof_vectors::VectorFile;
use busproof_vectors::format::At;
use busproof_vectors::report::{Outcome, VectorResult, exit_status, human, jsonl};
use busproof_vectors::run::{RunOptions, Waves, run_paths, vector_files};
use busproof_wave::{Output, ReadOptions, open};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn run(jobs: usize) -> Vec<VectorResult> {
    let options = RunOptions { jobs: NonZeroUsize::new(jobs), ..RunOptions::default() };
    run_paths(&[folder()], &options, &|_, _| ()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_vector_passes() {
    let results = run(2);
    assert!(results.iter().all(|r| r.outcome == Outcome::Passed), "\n{}", human::report(&results));
    let of = |bus: &str| results.iter().filter(|r| r.path.contains(&format!("/{bus}/"))).count();
    assert!(of("spi") >= 100, "only {} vectors of SPI", of("spi"));
    assert!(of("i2c") >= 230, "only {} vectors of I2C", of("i2c"));
    assert!(of("handshake") >= 60, "only {} vectors of handshakes", of("handshake"));
    assert!(of("crossing") >= 30, "only {} vectors of crossings", of("crossing"));
    assert!(of("links") >= 4, "only {} vectors of links", of("links"));
    assert!(of("ddr") >= 150, "only {} vectors of DDR", of("ddr"));
    assert!(of("uart") >= 120, "only {} vectors of UART", of("uart"));
}

#[test]
fn the_readme_does_not_boast() {
    let page = include_str!("../../../README.md");
    let (_, behind) =
        page.split_once("the main job: over ").expect("README.md says how many vectors there are");
    let said: usize =
        behind.split_once(" vectors").and_then(|(number, _)| number.parse().ok()).expect("a number");
    let there = run(2).len();
    assert!((said..said + 100).contains(&there), "README.md says over {said} vectors, and there are {there}");
}

#[test]
fn the_same_bytes_come_out_on_any_number_of_threads() {
    let bytes = |jobs| jsonl::document(&run(jobs));
    let one = bytes(1);
    assert_eq!(one, bytes(2));
    assert_eq!(one, bytes(7));
}

/// The rules that another one always exceeds, so that no vector can be at their limit.
const DOMINATED: [&str; 2] = ["tRDSRE", "tWRSRE"];

#[test]
fn every_rule_of_spi_and_ddr4_has_a_vector_at_its_limit_and_one_past_it() {
    let files = vector_files(&[folder()]).unwrap_or_else(|error| panic!("{error}"));
    let mut at_the_limit = BTreeSet::new();
    let mut past_it = BTreeSet::new();
    for path in files {
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file =
            VectorFile::parse("file", &text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for vector in file.vectors() {
            let names = |list: &[At<String>]| list.iter().map(|name| name.value.clone()).collect::<Vec<_>>();
            match vector.name.rsplit('/').next() {
                Some("at-the-limit") => at_the_limit.extend(names(&vector.check.exercised)),
                Some("past-it") => past_it.extend(names(&vector.check.broken)),
                _ => {}
            }
        }
    }
    let of_memory = ddr4::RULES.iter().filter(|rule| !DOMINATED.contains(&rule.name));
    for rule in RULES.iter().chain(of_memory) {
        assert!(at_the_limit.contains(rule.name), "no vector is at the limit of {}", rule.name);
        assert!(past_it.contains(rule.name), "no vector is past the limit of {}", rule.name);
    }
}

#[test]
fn a_file_that_cannot_be_used_is_a_result_with_its_place() {
    let file = tempfile("[bus.spi]\nkind = \"spi\"\nclock = \"1 MHz\"\nmdoe = 1\n");
    let results = run_paths(&[file.to_path_buf()], &RunOptions::default(), &|_, _| ())
        .unwrap_or_else(|e| panic!("{e}"));
    let [result] = results.as_slice() else { panic!("{results:?}") };
    assert_eq!(result.outcome, Outcome::Unusable);
    assert_eq!((result.failures[0].line, result.failures[0].column), (4, 1));
    assert_eq!(result.failures[0].title, "unknown key `mdoe`; did you mean `mode`?");
    assert_eq!(exit_status(&results), 2);
}

#[test]
fn the_waveform_of_a_failure_is_kept() {
    let file = tempfile(
        "bus.spi = { kind = \"spi\", clock = \"1 MHz\" }\ndevice.flash.part = \"w25q128jv\"\n\
         step = [{ do = \"[0x9f r=ff]\" }]\n",
    );
    let out = file.with_extension("out");
    let options = RunOptions { out: Some(out.clone()), ..RunOptions::default() };
    let results = run_paths(&[file.to_path_buf()], &options, &|_, _| ()).unwrap_or_else(|e| panic!("{e}"));
    let kept = results[0].waveform.clone().unwrap_or_default();
    let waveform = std::fs::read_to_string(&kept).unwrap_or_else(|e| panic!("{kept}: {e}"));
    assert!(waveform.contains("miso"), "{waveform}");
    std::fs::remove_dir_all(out).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn every_vector_has_a_waveform_and_a_save_file_that_names_its_signals() {
    let out = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let options = RunOptions {
        waves: Some(Waves { folder: out.path().to_owned(), output: Output::Vcd }),
        voltages: true,
        ..RunOptions::default()
    };
    let results = run_paths(&[folder()], &options, &|_, _| ()).unwrap_or_else(|e| panic!("{e}"));
    let mut files = BTreeSet::new();
    for result in &results {
        assert_eq!(result.outcome, Outcome::Passed, "{}: {:?}", result.name, result.failures);
        // A comparison of links is many benches and has no waveform.
        let Some(path) = result.waveform.as_deref().map(PathBuf::from) else { continue };
        assert_shows(&path, &path.with_extension("gtkw"));
        assert!(files.insert(path), "{} shares a file", result.name);
    }
    assert!(files.len() > 600, "only {} waveforms", files.len());
}

/// Fails unless the save file shows every signal of the waveform, and no other.
fn assert_shows(waveform: &Path, save: &Path) {
    let reader = open(waveform, &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let signals: BTreeSet<String> = reader.signals().iter().map(|signal| signal.name.clone()).collect();
    let text = std::fs::read_to_string(save).unwrap_or_else(|e| panic!("{}: {e}", save.display()));
    let is_signal = |line: &&str| !line.starts_with(['@', '[', '*', '-']);
    let bare = |line: &str| line.split('[').next().unwrap_or_default().to_owned();
    let shown: BTreeSet<String> = text.lines().filter(is_signal).map(bare).collect();
    assert_eq!(shown, signals, "{}", save.display());
    let name = waveform.file_name().unwrap_or_default().to_string_lossy();
    assert!(text.contains(&format!("[dumpfile] \"{name}\"\n")), "{text}");
}

/// A vector file that goes away with the value.
fn tempfile(text: &str) -> tempfile::TempPath {
    use std::io::Write;
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap_or_else(|e| panic!("{e}"));
    file.write_all(text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
    file.into_temp_path()
}
