//! Does my RTL keep the limits of the flash that will be on the board?
//!
//! ```text
//! cargo run -p busproof-examples --bin verilator_vcd [FILE.vcd]
//! ```
//!
//! Reads a dump of Verilator (or any VCD, FST, GHW, sigrok session or CSV), finds the signals of SPI by their usual names, says what
//! was said and which rules of the W25Q128JV are broken. Without a file it takes `waves/host.vcd`, whose controller selects a
//! nanosecond too late. The same from a shell: `busproof check FILE.vcd --part w25q128jv`.

use std::error::Error;
use std::path::{Path, PathBuf};

use busproof_core::Span;
use busproof_core::bus::spi::rules::RULES;
use busproof_core::bus::spi::{INFO, Item, Monitor, Payload};
use busproof_core::judge::{Jury, Said};
use busproof_core::log::Column;
use busproof_core::mapping::find_taps;
use busproof_parts::catalog;
use busproof_wave::{ReadOptions, open};

fn main() -> Result<(), Box<dyn Error>> {
    let here = || Path::new(env!("CARGO_MANIFEST_DIR")).join("waves/host.vcd");
    let path = std::env::args().nth(1).map_or_else(here, PathBuf::from);
    let part = catalog::find("w25q128jv")?;
    let options = part.spi_options().ok_or("the part is no SPI part")?;
    let log = open(&path, &ReadOptions::default())?.read_all()?.log;
    let names: Vec<&str> = log.columns().iter().map(Column::name).collect();
    let taps = find_taps(&INFO, &names);
    let monitor = || Monitor::new(options, log.source());
    let mut jury = Jury::new(&taps, monitor, RULES, &part.params(), log.source(), print);
    log.replay(&mut jury);
    let outcome = jury.outcome();
    println!(
        "{} items, {} rules broken",
        outcome.items,
        outcome.report.rules.iter().filter(|r| r.broken() > 0).count()
    );
    for rule in outcome.report.rules.iter().filter(|rule| rule.broken() > 0) {
        println!("{}: {}; limit of {}", rule.rule.name, rule.rule.cause, rule.cite);
    }
    Ok(())
}

fn print(said: Said<Item>) {
    match said {
        Said::Item(Item::Word(word)) => {
            if let Payload::Duplex { mosi: Some(mosi), miso: Some(miso) } = word.payload {
                println!("at {}: MOSI {mosi}, MISO {miso}", word.start);
            }
        }
        Said::Finding(finding) => {
            let measured = Span::from_fs(finding.measured.unsigned_abs());
            println!("at {}: {} is {measured}, {:?}", finding.from, finding.rule.name, finding.verdict);
        }
        Said::Item(_) | Said::Diagnostic(_) => {}
    }
}
