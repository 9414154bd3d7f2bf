//! How do I draw a timing diagram of a transfer?
//!
//! ```text
//! cargo run -p busproof-examples --bin timing_diagram [FILE.svg]
//! ```
//!
//! Runs a transfer and draws its waveform for the terminal, with what was said as a lane of words. With a file's name it is
//! drawn as SVG, too.

use std::error::Error;
use std::path::Path;

use busproof_core::log::Column;
use busproof_core::{ChangeLog, Time};
use busproof_plot::text::{TextOptions, draw};
use busproof_plot::{Chart, Diagram, Lane, State};
use busproof_vectors::VectorFile;
use busproof_vectors::run::{Recording, RunOptions, run_recorded};
use busproof_wave::Track;

const VECTOR: &str = r#"
bus.spi = { kind = "spi", clock = "10 MHz" }
device.flash.part = "w25q128jv"
step = [{ do = "[0x9f r=ef]" }]
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let recording = run()?;
    let diagram = diagram(&recording);
    for line in draw(&diagram, &TextOptions::default()) {
        println!("{line}");
    }
    if let Some(path) = std::env::args().nth(1) {
        let title = "A flash says who made it".to_owned();
        std::fs::write(path, busproof_plot::waveform::draw(&Chart { title, diagram, ..Chart::default() })?)?;
    }
    Ok(())
}

fn run() -> Result<Recording, Box<dyn Error>> {
    let file = VectorFile::parse("transfer", VECTOR)?;
    let vector = file.vectors().first().ok_or("the file has no vector")?;
    let (_, recording) = run_recorded(Path::new("transfer.toml"), &file, vector, &RunOptions::default());
    recording.ok_or_else(|| "the vector cannot be run".into())
}

/// A lane for each wire, and one for each track of words.
fn diagram(recording: &Recording) -> Diagram {
    let log: &ChangeLog = recording.log();
    let wires = log.columns().iter().map(wire);
    let tracks = recording.tracks();
    let words = tracks.iter().map(words);
    Diagram { from: Time::ZERO, to: log.end(), lanes: wires.chain(words).collect(), ..Diagram::default() }
}

fn wire(column: &Column) -> Lane {
    let changes = column.iter().map(|(time, value)| (time, State::Level(value.level())));
    Lane { name: column.name().to_owned(), changes: changes.collect() }
}

fn words(track: &Track) -> Lane {
    let mut changes = Vec::new();
    for caption in &track.captions {
        changes.push((caption.from, State::Label(caption.text.clone())));
        changes.push((caption.to, State::Blank));
    }
    Lane { name: track.name.clone(), changes }
}
