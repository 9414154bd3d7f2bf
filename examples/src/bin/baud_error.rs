//! Is a bit rate that is 3 % off all right?
//!
//! ```text
//! cargo run -p busproof-examples --bin baud_error
//! ```
//!
//! Sends the bytes that are worst for a receiver, at rates that are off by more and more, and says of which receiver they are
//! read: one that takes 16 samples a bit, or 8, by the majority of three. Beside it stands how far the rate may be off by
//! arithmetic.

use std::error::Error;
use std::path::Path;

use busproof_core::bus::uart::{Goal, Options, Sampling};
use busproof_vectors::VectorFile;
use busproof_vectors::run::{RunOptions, run_file};

/// In per cent.
const ERRORS: [i64; 11] = [-6, -5, -4, -3, -2, 0, 2, 3, 4, 5, 6];

fn main() -> Result<(), Box<dyn Error>> {
    let head: String = ERRORS.map(|error| format!("{error:+5} %")).concat();
    println!("receiver      {head}");
    for (name, samples, sampling) in [("16x, 2 of 3", 16, Sampling::X16), ("8x, 2 of 3", 8, Sampling::X8)] {
        let fates = ERRORS.map(|error| fate(samples, error));
        let fates = fates.into_iter().collect::<Result<Vec<_>, _>>()?;
        println!("{name:14}{}", fates.iter().map(|fate| format!("{fate:>7}")).collect::<Vec<_>>().concat());
        let bytes = sampling.tolerance(&Options::default(), Goal::Bytes);
        let samples = sampling.tolerance(&Options::default(), Goal::Samples);
        println!(
            "  bytes are right from {:+.2} to {:+.2} %, all samples from {:+.2} to {:+.2} %",
            percent(bytes.slow_ppm),
            percent(bytes.fast_ppm),
            percent(samples.slow_ppm),
            percent(samples.fast_ppm)
        );
    }
    println!("good: every sample is right; noisy: the bytes are, by majority; wrong: some byte is not");
    Ok(())
}

/// What becomes of frames that follow each other without a gap.
fn fate(samples: u32, error: i64) -> Result<&'static str, Box<dyn Error>> {
    let vector = format!(
        r#"
        bus.uart.kind = "uart"
        bus.uart.baud = 115200
        bus.uart.oversampling = {samples}
        bus.uart.votes = 3
        bus.uart.host.clock.error = "{error} %"
        step = [{{ do = "'UUUUUUUUUUUUUUUU' 0x00 0xff 0x00 0x80 0x7f 0xff" }}]
        "#
    );
    let file = VectorFile::parse("rate", &vector)?;
    let results = run_file(Path::new("rate.toml"), &file, &RunOptions::default());
    let is_said = |code: &str| results.iter().any(|result| result.failures.iter().any(|f| f.code == code));
    Ok(match (is_said("mismatch"), is_said("uart::noise")) {
        (true, _) => "wrong",
        (false, true) => "noisy",
        (false, false) => "good",
    })
}

fn percent(ppm: i64) -> f64 {
    ppm as f64 / 1e4
}
