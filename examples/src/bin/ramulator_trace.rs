//! Does another simulator's memory controller keep the timing rules?
//!
//! ```text
//! cargo run -p busproof-examples --bin ramulator_trace [FILE]
//! ```
//!
//! Judges a stream of commands as Ramulator 2's `TraceRecorder` writes it: clock, command, channel, rank, bank group, bank, row,
//! column, and -1 for what does not apply. Without a file it judges one in which a read comes a clock too early and a bank is
//! opened twice.

use std::error::Error;

use busproof_dram::judge::{Judge, parse};
use busproof_parts::memory;

/// The memory whose limits count.
const PART: &str = "ddr4-2400u-8gb-x8";

/// The second activate of bank 1 has no precharge before it, and its read is a clock early.
const TRACE: &str = "\
0, ACT, 0, 0, 0, 0, 18, -1
18, RD, 0, 0, 0, 0, 18, 5
40, ACT, 0, 0, 0, 1, 7, -1
56, RD, 0, 0, 0, 1, 7, 0
120, ACT, 0, 0, 0, 1, 8, -1
";

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1);
    let (name, text) = match &file {
        Some(path) => (path.as_str(), std::fs::read_to_string(path)?),
        None => ("the trace in this program", TRACE.to_owned()),
    };
    let judge = Judge::new(&memory::find(PART)?);
    let judged = judge.judge(&parse(&text, name)?);
    for broken in &judged.findings {
        let at = broken.line.map_or("the end".to_owned(), |line| format!("line {}", line.number));
        let clocks = |fs: i64| fs.cast_unsigned().div_ceil(judge.memory().tck());
        let (measured, limit) = (clocks(broken.finding.measured), clocks(broken.finding.limit));
        println!("{name}, {at}: {} is {measured} clocks, at least {limit}", broken.rule().name);
    }
    for breach in &judged.breaches {
        println!("{name}, line {}: {}", breach.line.number, breach.kind);
    }
    let verdict = if judged.holds() { "holds" } else { "does not hold" };
    println!("{} commands by {PART}: {verdict}", judged.commands);
    Ok(())
}
