//! What clock can a flash have that sits 20 cm away?
//!
//! ```text
//! cargo run -p busproof-examples --bin clock_over_wire
//! ```
//!
//! The clock travels to the flash, the flash answers, the answer travels back, and the controller samples: the same vector at
//! different clocks says which is the highest that breaks nothing. Beside it stands the sum of the delays, which must agree.

use std::error::Error;
use std::path::Path;

use busproof_core::Span;
use busproof_core::timing::Side;
use busproof_parts::{PartError, catalog};
use busproof_vectors::VectorFile;
use busproof_vectors::report::Outcome;
use busproof_vectors::run::{RunOptions, run_file};

const FLASH: &str = "w25q128jv";
const HOST: &str = "host-generic";

fn main() -> Result<(), Box<dyn Error>> {
    for centimetres in [0, 10, 20, 40] {
        let flight = flight(centimetres);
        let [found, late] = [0, 1].map(|sample_delay| highest(flight, sample_delay));
        let (found, late, sum) = (found?, late?, by_sum(flight)?);
        println!(
            "{centimetres:3} cm, {flight} one way: {:.1} MHz found, {:.1} MHz by sum; half a period later {:.1} MHz",
            mhz(found),
            mhz(sum),
            mhz(late)
        );
    }
    Ok(())
}

/// How long a signal travels over so many centimetres of an inner layer: the speed of light over the root of a relative
/// permittivity of 4, which is assumed for FR-4.
fn flight(centimetres: u64) -> Span {
    const METRES_PER_SECOND: u64 = 299_792_458;
    Span::from_fs(centimetres * 2 * 10_000_000_000_000 / METRES_PER_SECOND)
}

/// The highest clock in hertz, to 10 kHz, at which reading the identification breaks nothing.
fn highest(flight: Span, sample_delay: u8) -> Result<u64, Box<dyn Error>> {
    let (mut good, mut bad) = (1_000_000u64, 400_000_000);
    while bad - good > 10_000 {
        let middle = good.midpoint(bad);
        if passes(middle, flight, sample_delay)? { good = middle } else { bad = middle }
    }
    Ok(good)
}

fn passes(hertz: u64, flight: Span, sample_delay: u8) -> Result<bool, Box<dyn Error>> {
    let vector = format!(
        r#"
        [bus.spi]
        kind   = "spi"
        clock  = "{hertz} Hz"
        host   = "{HOST}"
        flight = {{ sck = "{flight}", mosi = "{flight}", miso = "{flight}", cs = "{flight}" }}
        sample_delay = {sample_delay}
        [device.flash]
        part = "{FLASH}"
        [[step]]
        do = "[0x9f r:3=ef4018]"
        "#
    );
    let file = VectorFile::parse("board", &vector)?;
    let results = run_file(Path::new("board.toml"), &file, &RunOptions::default());
    Ok(results.iter().all(|result| result.outcome == Outcome::Passed))
}

/// There and back, what the flash takes, and the set-up of the controller: all of that must fit into half a period.
fn by_sum(flight: Span) -> Result<u64, PartError> {
    let time = |part: &str, name, side| -> Result<i64, PartError> {
        Ok(catalog::find(part)?.limit(name, side).map_or(0, |limit| limit.value))
    };
    let valid = time(FLASH, "tCLQV", Side::Max)?;
    let setup = time(HOST, "tSU_MI", Side::Min)?;
    let half = 2 * flight.as_fs() as i64 + valid + setup;
    Ok((1_000_000_000_000_000 / (2 * half)) as u64)
}

fn mhz(hertz: u64) -> f64 {
    hertz as f64 / 1e6
}
