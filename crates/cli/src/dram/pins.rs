//! The commands of a run, played on the pins of the memories and written as a waveform.

use std::io::{self, Write as _};
use std::ops::Range;
use std::path::Path;

use busproof_core::bus::ddr::pins::Beat;
use busproof_core::{Change, ChangeLog, Observer, SignalId, Span, Time, Value};
use busproof_dram::Issued;
use busproof_dram::pins::{Came, PinOptions, Pins, Wrong};
use busproof_parts::memory::Memory;
use busproof_vectors::caption;
use busproof_wave::{
    About, Caption, Extras, Output, Track, VcdOptions, WriteError, coarsest_timescale, write_save_file,
    write_waveform,
};

use super::RunArgs;
use super::streams::text;
use crate::error::CliError;
use crate::out::{Out, folded};
use crate::units::{count, instant};

/// A command is shown for so many clocks, if no other comes: one would not hold its words.
const LEGIBLE: u64 = 8;

/// The scope of the wires.
const SCOPE: &str = "ddr";

/// Clocks, as `--clocks` names them: `0..1000`.
pub(super) fn clocks(text: &str) -> Result<Range<u64>, String> {
    let wrong = || "write two clocks, such as 0..1000, the second greater than the first".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong());
    let range = number(from)?..number(to)?;
    if range.is_empty() { Err(wrong()) } else { Ok(range) }
}

/// Plays the commands up to the end of the window, and writes what the wires show in it.
pub(super) fn write(
    path: &Path,
    args: &RunArgs,
    memory: &Memory,
    commands: &[Issued],
) -> Result<Came, CliError> {
    Output::of(path).map_err(|error| unwritten(path, error))?;
    let options = PinOptions { power_up: args.power_up, ..PinOptions::default() };
    let mut pins = Pins::new(memory, &options)?;
    let Range { start, end } = args.clocks.clone();
    let (mut captions, half) = (Vec::new(), Span::from_fs(memory.tck() / 2));
    for issued in commands.iter().take_while(|issued| issued.clock < end) {
        pins.submit(issued)?;
        if issued.clock >= start {
            // Its pins are there half a clock before.
            let from = pins.time(issued.clock).saturating_sub(half);
            let to = pins.time(issued.clock + LEGIBLE).saturating_sub(half);
            captions.push(Caption { from, to, text: text(issued) });
        }
    }
    let from = if start == 0 { Time::ZERO } else { pins.time(start) };
    let mut shown = Shown { log: pins.new_log(), from, to: pins.time(end), before: Vec::new(), begun: false };
    let came = pins.run(&mut shown)?;
    let mut tracks = vec![Track::new(format!("{SCOPE}.commands"), About::Transfers, captions)];
    let odd: Vec<_> =
        came.remarks.iter().filter(|odd| (from..shown.to).contains(&odd.from)).cloned().collect();
    tracks.extend(caption::findings(SCOPE, &[], &odd));
    save(path, memory, &shown.log, &tracks).map_err(|error| unwritten(path, error))?;
    Ok(came)
}

fn unwritten(path: &Path, error: WriteError) -> CliError {
    CliError::Write { path: path.to_owned(), source: io::Error::other(error) }
}

/// Writes the waveform, and beside it the save file of GTKWave.
fn save(path: &Path, memory: &Memory, log: &ChangeLog, tracks: &[Track]) -> Result<(), WriteError> {
    let extras = Extras { tracks, curves: &[] };
    let timescale = coarsest_timescale(log);
    let comment = Some(format!("{} on its pins", memory.name()));
    let options = VcdOptions { comment, timescale: Some(timescale), ..VcdOptions::default() };
    write_waveform(path, log, &extras, &options)?;
    write_save_file(path, SCOPE, log, &extras)
}

/// Prints what came of it.
pub(super) fn human(came: &Came, out: &mut Out) -> io::Result<()> {
    let good = came.reads - came.wrong.len() as u64;
    let unwritten = match came.unwritten {
        0 => String::new(),
        reads => format!(", {reads} of what was never written"),
    };
    writeln!(out, "  pins         {} as written{unwritten}", count(good, "read"))?;
    for Wrong { clock, order, expected, found } in &came.wrong {
        let text = format!("    clock {clock}: {order} gave {}, not {}", words(found), words(expected));
        writeln!(out, "{}", folded(&text))?;
    }
    for odd in &came.remarks {
        writeln!(out, "{}", folded(&format!("    {}: [{}] {}", instant(odd.from), odd.code, odd.text)))?;
    }
    for trouble in &came.troubles {
        let at = instant(trouble.from);
        writeln!(out, "{}", folded(&format!("    {at}: {:?} on {}", trouble.kind, trouble.net)))?;
    }
    Ok(())
}

/// The first beats of a burst.
fn words(beats: &[Beat]) -> String {
    let word = |beat: &Beat| if beat.unknown == 0 { format!("{:x}", beat.data) } else { "x".to_owned() };
    let shown: Vec<String> = beats.iter().take(2).map(word).collect();
    if beats.is_empty() { "nothing".to_owned() } else { format!("{}...", shown.join(" ")) }
}

/// What came of it, as a member of a JSON object.
pub(super) fn json(came: &Came) -> String {
    let (wrong, odd) = (came.wrong.len(), came.remarks.len() + came.troubles.len());
    let Came { reads, unwritten, .. } = came;
    format!(",\"pins\":{{\"reads\":{reads},\"wrong\":{wrong},\"unwritten\":{unwritten},\"odd\":{odd}}}")
}

/// Keeps what the wires show in a window.
struct Shown {
    log: ChangeLog,
    from: Time,
    to: Time,
    /// The last value of each wire before the window.
    before: Vec<Value>,
    begun: bool,
}

impl Shown {
    /// Keeps the last values.
    fn keep(&mut self, changes: &[Change]) {
        self.before.resize(self.log.columns().len(), Value::X);
        for change in changes {
            self.before[change.signal.index()] = change.value;
        }
    }

    /// The window begins with what the wires have come to.
    fn begin(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let change = |(i, value): (u32, &Value)| Change { signal: SignalId(i), value: *value };
        let changes: Vec<Change> = (0..).zip(&self.before).map(change).collect();
        self.log.instant(self.from, &changes);
    }
}

impl Observer for Shown {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        if t <= self.from {
            self.keep(changes);
        } else if t < self.to {
            self.begin();
            self.log.instant(t, changes);
        }
    }

    fn finish(&mut self, t: Time) {
        self.begin();
        self.log.finish(t.clamp(self.from, self.to));
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::Level;

    use super::*;

    #[test]
    fn clocks_are_a_range_that_is_not_empty() {
        assert_eq!(clocks("5..90"), Ok(5..90));
        for wrong in ["", "5", "5..", "..5", "5..5", "9..5", "a..b", "-1..5"] {
            assert!(clocks(wrong).is_err(), "{wrong}");
        }
    }

    /// The window begins with the values of all wires, and ends in time.
    #[test]
    fn a_window_shows_what_wires_have_come_to() {
        let mut log = ChangeLog::default();
        log.add_wire("a");
        log.add_wire("b");
        let (from, to) = (Time::from_fs(10), Time::from_fs(20));
        let mut shown = Shown { log, from, to, before: Vec::new(), begun: false };
        let change = |i, high| Change { signal: SignalId(i), value: Value::wire(Level::from_bit(high)) };
        shown.instant(Time::ZERO, &[change(0, false), change(1, true)]);
        shown.instant(Time::from_fs(8), &[change(0, true)]);
        shown.instant(Time::from_fs(12), &[change(1, false)]);
        shown.instant(Time::from_fs(20), &[change(0, false)]);
        shown.finish(Time::from_fs(30));
        let times = |i: usize| {
            shown.log.columns()[i].iter().map(|(t, v)| (t.as_fs(), v.level().to_char())).collect::<Vec<_>>()
        };
        assert_eq!(times(0), [(10, '1')]);
        assert_eq!(times(1), [(10, '1'), (12, '0')]);
        assert_eq!(shown.log.end(), Time::from_fs(20));
    }
}
