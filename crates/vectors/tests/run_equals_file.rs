//! A file that we wrote is judged as the run that wrote it: the same items, findings, counts and margins.

use busproof_core::bus::spi::rules::{PARAMS, RULES};
use busproof_core::bus::spi::{INFO, Item, Monitor};
use busproof_core::judge::{Jury, Outcome, Said};
use busproof_core::log::Column;
use busproof_core::mapping::find_taps;
use busproof_core::timing::{Param, Params};
use busproof_core::timing::{Quantity, Side};
use busproof_core::{ChangeLog, Source};
use busproof_testkit::spi::cases::{Case, legal};
use busproof_wave::{Pick, ReadOptions, Reader, VcdOptions, Window, open_bytes, write_log_to};
use proptest::prelude::*;

/// Limits near what the cases do, so that rules are both kept and broken.
fn params(scale: i64) -> Params {
    let mut params = Params::new();
    for (i, info) in PARAMS.iter().enumerate() {
        let fs = match (info.quantity, info.side) {
            (Quantity::Frequency, _) => 40_000_000,
            (Quantity::Time, Side::Min) => 5_000_000,
            (Quantity::Time, Side::Max) => 10_000_000,
        };
        params.set(Param(i as u16), fs * scale, "made up");
    }
    params
}

/// Where the changes come from.
enum Wave<'a> {
    Run(&'a ChangeLog),
    File(Box<Reader>, Vec<Pick>),
}

/// What a jury says of a waveform, as text.
fn verdict(case: &Case, params: &Params, source: Source, names: &[&str], wave: Wave<'_>) -> String {
    let mut said: Vec<String> = Vec::new();
    let taps = find_taps(&INFO, names);
    let monitor = || Monitor::new(&case.host.bus, source);
    let mut jury =
        Jury::new(&taps, monitor, RULES, params, source, |what: Said<Item>| said.push(format!("{what:?}")));
    match wave {
        Wave::Run(log) => log.replay(&mut jury),
        Wave::File(reader, picks) => {
            reader.stream(&picks, Window::ALL, &mut jury).expect("we wrote it");
        }
    }
    let outcome: Outcome = jury.outcome();
    for result in &outcome.report.rules {
        let counts = (result.kept(), result.cannot_tell(), result.broken());
        said.push(format!("{} {:?} {counts:?} {:?}", result.rule.name, result.state, result.margin()));
    }
    said.push(format!("{} items until {}", outcome.items, outcome.end));
    said.join("\n")
}

fn of_run(case: &Case, params: &Params, log: &ChangeLog) -> String {
    let names: Vec<&str> = log.columns().iter().map(Column::name).collect();
    verdict(case, params, log.source(), &names, Wave::Run(log))
}

fn of_file(case: &Case, params: &Params, bytes: Vec<u8>) -> String {
    let reader = open_bytes("run.vcd", bytes, &ReadOptions::default()).expect("we wrote it");
    let (picks, source) = (reader.selectable(), reader.source());
    let names: Vec<String> = reader.signals().iter().map(|signal| signal.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    verdict(case, params, source, &names, Wave::File(Box::new(reader), picks))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn a_file_that_we_wrote_is_judged_as_its_run(case in legal(40), scale in 1..40i64) {
        let played = case.play();
        let (log, params) = (played.recording.log(), params(scale));
        let run = of_run(&case, &params, log);
        let bytes = write_log_to(Vec::new(), log, &VcdOptions::default()).expect("a log can be written");
        prop_assert!(run.contains("Exercised"), "a case in which nothing is judged shows nothing");
        prop_assert_eq!(run, of_file(&case, &params, bytes));
    }
}
