//! How do I add a rule of my own, which no data sheet has?
//!
//! ```text
//! cargo run -p busproof-examples --bin own_rule
//! ```
//!
//! Our controller's driver promises to leave the bus alone for 2 us between two transfers, so that another can have it. A rule
//! is a row: from which event to which, and the limit. The same row judges a run, a dump of an RTL simulator and a recording.

use std::error::Error;
use std::path::Path;

use busproof_core::bus::spi::rules::event;
use busproof_core::bus::spi::{INFO, Monitor, Options};
use busproof_core::judge::{Jury, Said};
use busproof_core::mapping::find_taps;
use busproof_core::timing::{Bound, Classes, EventSet, Kind, Needs, Params, Point, Rule, Scope, Term};
use busproof_core::{ChangeLog, Span};
use busproof_vectors::VectorFile;
use busproof_vectors::run::{RunOptions, run_recorded};

/// 2 us in femtoseconds.
const QUIET: i64 = 2_000_000_000;

/// All our rules: one.
static RULES: [Rule; 1] = [Rule {
    name: "tQUIET",
    summary: "the bus is left alone between two transfers",
    cause: "the driver does not wait before it selects again",
    kind: Kind::Between {
        from: event::ANY_DESELECT,
        nth: 1,
        to: EventSet::of(&[event::SELECT]),
        reset: EventSet::NONE,
        // Whichever device is selected: anywhere on the bus.
        scope: Scope::Same(0),
        must_come: false,
        bound: Bound::Min(&[Term::Fixed(QUIET)]),
    },
    at: Point::Controller,
    classes: Classes::ANY,
    class_of_from: false,
    needs: Needs::Edges,
    source: "our driver's manual, section 3",
}];

/// A driver that waits long enough once, and not the second time.
const VECTOR: &str = r#"
bus.spi = { kind = "spi", clock = "10 MHz" }
device.flash.part = "w25q128jv"
step = [{ do = "[0x9f r:3] d:2us [0x05 r] d:1.5us [0x05 r]" }]
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let log = run()?;
    let names: Vec<&str> = log.columns().iter().map(busproof_core::log::Column::name).collect();
    let taps = find_taps(&INFO, &names);
    let monitor = || Monitor::new(&Options::default(), log.source());
    let said = |said| {
        if let Said::Finding(finding) = said {
            let [measured, limit] = [finding.measured, finding.limit].map(|fs| Span::from_fs(fs as u64));
            println!("broken {}: {measured} from {} on, at least {limit}", finding.rule.name, finding.from);
        }
    };
    let mut jury = Jury::new(&taps, monitor, &RULES, &Params::new(), log.source(), said);
    log.replay(&mut jury);
    for rule in &jury.outcome().report.rules {
        println!(
            "{}: {}; measured {} times, kept {}",
            rule.rule.name,
            rule.rule.summary,
            rule.measured(),
            rule.kept()
        );
    }
    Ok(())
}

/// The waveform; one read from a file would do as well.
fn run() -> Result<ChangeLog, Box<dyn Error>> {
    let file = VectorFile::parse("driver", VECTOR)?;
    let vector = file.vectors().first().ok_or("the file has no vector")?;
    let (_, recording) = run_recorded(Path::new("driver.toml"), &file, vector, &RunOptions::default());
    Ok(recording.ok_or("the vector cannot be run")?.log().clone())
}
