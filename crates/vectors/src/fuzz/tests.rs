use std::path::Path;

use super::*;

fn search(text: &str, options: &FuzzOptions) -> Search {
    let file = VectorFile::parse("test", text).unwrap_or_else(|error| panic!("{error}"));
    fuzz(Path::new("test.toml"), &file, 0, options, &|_, _| {}).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn found(text: &str, options: &FuzzOptions) -> Found {
    let search = search(text, options);
    search.found.unwrap_or_else(|| panic!("nothing was found in {} cases: {:?}", search.judged, search.why))
}

fn off_by_percent(percent: i64) -> FuzzOptions {
    FuzzOptions { clock_error_ppb: percent * 10_000_000, cases: 64, ..FuzzOptions::default() }
}

const FAST_CLOCK: &str = r#"
bus.spi = { kind = "spi", clock = "133 MHz", sample_delay = 1 }
device.flash.part = "w25q128jv"
step = [{ do = "[0x9f r:3=ef4018]" }, { do = "[0x0b 0x000000 0xff r:2]" }]
"#;

#[test]
fn a_clock_at_its_limit_is_found_with_the_least_error_and_one_step() {
    let found = found(FAST_CLOCK, &FuzzOptions::default());
    assert_eq!(found.failures[0].code, "fC");
    assert_eq!(found.steps.len(), 1, "{:?}", found.steps);
    assert_eq!(found.changes, ["bus.spi.clock.error = \"1 ppm\""]);
}

const EARLY_SAMPLE: &str = r#"
bus.i2c = { kind = "i2c", speed = "standard", edges = "ideal", fault.early_sample = { clock = 0 } }
device.eeprom = { part = "24lc256", address = 0x50, load = [{ at = 0, text = "proofread" }] }
step = [{ do = "[@50w+ 0x00+ 0x00+ [@50r+ r:9='proofread']" }]
"#;

#[test]
fn a_controller_that_samples_early_is_found_by_a_target_that_stretches() {
    let vary = Vary { clocks: false, ..Vary::default() };
    let found = found(EARLY_SAMPLE, &FuzzOptions { vary, ..FuzzOptions::default() });
    assert!(found.steps.len() == 1, "{:?}", found.steps);
    assert!(found.changes.iter().any(|change| change.contains("stretch")), "{:?}", found.changes);
}

const UART: &str = r#"
bus.uart = { kind = "uart", baud = 115200, oversampling = 16, votes = 3 }
step = [{ do = "'AT\\r'" }, { by = "peer", do = "r='AT\\r' 'OK\\r\\n'" }, { do = "r='OK\\r\\n'" }]
"#;

#[test]
fn a_uart_whose_clocks_may_be_six_percent_apart_is_found_and_one_percent_is_not() {
    let found = found(UART, &off_by_percent(3));
    assert_eq!(found.steps.len(), 1, "{:?}", found.steps);
    let sound = search(UART, &off_by_percent(1));
    assert!(sound.found.is_none(), "{:?}", sound.found);
    assert_eq!((sound.judged, sound.is_cut), (64, false));
}

#[test]
fn the_same_seed_finds_the_same_on_any_number_of_threads_and_its_round_finds_it_alone() {
    let on = |jobs, seed| {
        let options = FuzzOptions { jobs: NonZeroUsize::new(jobs), seed, ..off_by_percent(3) };
        found(UART, &options)
    };
    let (one, two) = (on(1, 7), on(2, 7));
    assert_eq!((&one.text, one.seed), (&two.text, two.seed));
    assert_eq!(on(1, one.seed).text, one.text);
}

/// Files of vectors that bear legal traffic with clocks that are off by 100 ppm, and faults that a sound bus bears.
const SOUND: &[&str] = &[
    "spi/features/frame-formats.toml",
    "spi/features/modes.toml",
    "spi/features/patterns.toml",
    "i2c/features/stretching.toml",
    "i2c/features/transfers.toml",
    "i2c/parts/eeprom.toml",
    "uart/features/frames.toml",
    "uart/parts/registers.toml",
    "handshake/features/clocks.toml",
    "handshake/features/protocols.toml",
    "crossing/features/synchronisers.toml",
    "crossing/features/pulses.toml",
    "crossing/features/words.toml",
];

#[test]
fn nothing_is_found_around_sound_vectors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let options = FuzzOptions { cases: 16, ..FuzzOptions::default() };
    for path in SOUND.iter().map(|name| root.join(name)) {
        let text = std::fs::read_to_string(&path).expect("the vectors are there");
        let file = VectorFile::parse("sound", &text).unwrap_or_else(|error| panic!("{error}"));
        for index in 0..file.vectors().len() {
            match fuzz(&path, &file, index, &options, &|_, _| {}) {
                Ok(Search { found: None, judged: 1.., .. }) | Err(FuzzError::Unfit { .. }) => {}
                other => panic!("{}, {}: {other:#?}", path.display(), file.vectors()[index].name),
            }
        }
    }
}
