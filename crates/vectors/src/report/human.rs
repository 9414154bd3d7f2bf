//! For people: one line a vector, then the failures in full, then the totals. No colour, so that it reads the same
//! everywhere; the command line may add some.

use std::fmt::Write as _;

use super::{Failure, Outcome, Totals, VectorResult};

/// Where the margins of vectors begin, so that those of most names end before column 80.
const MARGIN_COLUMN: usize = 46;

/// One line: the verdict, the name, the tightest margin. The margin of a long name stands below it.
///
/// ```text
/// ok      spi/cs-setup/at-the-limit             tightest tSLCH 0 s (0 %)
/// ```
pub fn line(result: &VectorResult) -> String {
    let head = format!("{:<7} {}", result.outcome.word(), result.name);
    let Some(tightest) = &result.tightest else { return head };
    if head.chars().count() < MARGIN_COLUMN {
        format!("{head:<MARGIN_COLUMN$}tightest {tightest}")
    } else {
        format!("{head}\n{:MARGIN_COLUMN$}tightest {tightest}", "")
    }
}

/// What was wrong with a vector, in full; empty if nothing was.
///
/// ```text
/// spi/cs-setup/past-it
///   vectors/spi/cs-setup.toml:14:3: broken tSLCH: CS active set-up to the clock is 2.999999 ns, at least 3 ns
///     from 1.25 us to 1.252999999 us
///   waveform: target/busproof/cs-setup-past-it.vcd
/// ```
pub fn failures(result: &VectorResult) -> String {
    let mut text = String::new();
    if result.failures.is_empty() {
        return text;
    }
    let _ = writeln!(text, "{}", result.name);
    for failure in &result.failures {
        let _ =
            writeln!(text, "  {}:{}:{}: {}", result.path, failure.line, failure.column, headline(failure));
        for line in &failure.detail {
            let _ = writeln!(text, "    {line}");
        }
    }
    for note in &result.notes {
        let _ = writeln!(text, "  note[{}]: {note}", note.code);
    }
    if let Some(waveform) = &result.waveform {
        let _ = writeln!(text, "  waveform: {waveform}");
    }
    text
}

pub(super) fn headline(failure: &Failure) -> String {
    format!("[{}] {}", failure.code, failure.title)
}

/// The last line: `48 vectors: 47 passed, 1 failed`.
pub fn totals<'a>(results: impl IntoIterator<Item = &'a VectorResult>) -> String {
    let totals = Totals::of(results);
    let counts = [
        (totals.passed, "passed"),
        (totals.failed, "failed"),
        (totals.nothing_checked, "checked nothing"),
        (totals.out_of_time, "ran out of time"),
        (totals.unusable, "cannot be used"),
    ];
    let said: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let all = totals.all();
    let noun = if all == 1 { "vector" } else { "vectors" };
    match said.as_slice() {
        [] => format!("0 {noun}"),
        _ => format!("{all} {noun}: {}", said.join(", ")),
    }
}

/// The whole report of a run.
pub fn report(results: &[VectorResult]) -> String {
    let mut text = String::new();
    for result in results {
        let _ = writeln!(text, "{}", line(result));
    }
    for result in results.iter().filter(|result| result.outcome != Outcome::Passed) {
        let _ = write!(text, "\n{}", failures(result));
    }
    let _ = writeln!(text, "\n{}", totals(results));
    text
}
