//! `busproof convert`: a waveform in another format, a part of it, or as a logic analyser would have seen it.

pub(crate) mod words;

use std::io::{self, Write as _};
use std::path::PathBuf;

use busproof_core::log::Column;
use busproof_core::{ChangeLog, SignalId, Span, Time};
use busproof_wave::{
    Analyser, Extras, Output, Pick, Profile, ReadOptions, Reader, SampleRate, VcdOptions, Window, WriteError,
    open, write_save_file, write_waveform,
};
use clap::Args as ClapArgs;

use crate::args::WaveArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;
use crate::signals;
use crate::units::{count, instant};
use crate::waveform::remark;

const FORMATS: &str = "\
The ending of OUT decides: .vcd, .fst, .sr (a sigrok session) or .csv (a table in
Saleae's manner). Times are kept, except in a session, which has none and begins
with the window. With a bus (--bus, or a part) a VCD tells in words what was said
and found, and a save file of GTKWave lies beside it. --resample is a logic
analyser: one threshold, a sample every so often; with --noise the slow edges of
open-drain wires are doubled, as they are on the bench.";

#[derive(Debug, ClapArgs)]
#[command(after_help = FORMATS)]
pub(crate) struct ConvertArgs {
    /// A VCD, FST, GHW, sigrok (.sr) or CSV file; - for the standard input
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The file to write
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// A signal: exact, without scopes, or with * and ?; all of them if absent
    #[arg(long = "signal", value_name = "SIGNAL")]
    signals: Vec<String>,
    #[command(flatten)]
    wave: WaveArgs,
    /// Record it as a logic analyser of that rate would have
    #[arg(long, value_name = "RATE")]
    resample: Option<SampleRate>,
    /// The analyser's threshold, in percent of the supply
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value = "50%", requires = "resample")]
    threshold: u16,
    /// The peak of the noise at its inputs, in percent of the supply
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value = "0%", requires = "resample")]
    noise: u16,
    /// The seed of the noise
    #[arg(long, value_name = "N", default_value_t = 0, requires = "resample")]
    seed: u64,
    /// VCD with single wires only, as sigrok reads it
    #[arg(long)]
    bits_only: bool,
}

/// Thousandths: `50%`, `2.5 %`.
fn percent(text: &str) -> Result<u16, String> {
    let number = text.trim().trim_end_matches('%').trim_end();
    let value = number.parse::<f64>().ok().filter(|value| (0.0..=100.0).contains(value));
    value.map(|value| (value * 10.0).round() as u16).ok_or("write 0 to 100, such as 50%".into())
}

/// Reads, cuts, resamples and writes.
pub(crate) fn run(args: &ConvertArgs, out: &mut Out) -> Result<Exit, CliError> {
    let output = Output::of(&args.output).map_err(|error| refused(args, error))?;
    let reader = open(&args.input, &ReadOptions { sample_rate: args.wave.sample_rate })?;
    for note in reader.notes() {
        out.note(&format!("{}: {note}", reader.name()));
    }
    let (file, picks) = (reader.name().to_owned(), picks(&reader, &args.signals)?);
    let read = reader.read(&picks, Window { from: args.wave.from, to: args.wave.to })?;
    remark(&file, &read.summary, out);
    let mut log = read.log;
    if output == Output::Sigrok {
        log = moved(&log, args.wave.from.unwrap_or(Time::ZERO).since(Time::ZERO));
    }
    if let Some(rate) = args.resample {
        let (threshold, noise, seed) = (args.threshold, args.noise, args.seed);
        log = Analyser { rate, threshold, noise, seed }.record(&log);
    }
    let profile = if args.bits_only { Profile::BitsOnly } else { Profile::Full };
    let options = VcdOptions { profile, ..VcdOptions::default() };
    let words::Told { bus: title, tracks, .. } =
        words::told("`convert` with a bus", &args.input, &args.wave, out)?.unwrap_or_default();
    let extras = Extras { tracks: &tracks, curves: &[] };
    write_waveform(&args.output, &log, &extras, &options).map_err(|error| refused(args, error))?;
    if !tracks.is_empty() {
        write_save_file(&args.output, title, &log, &extras).map_err(|error| refused(args, error))?;
    }
    let changes: usize = log.columns().iter().map(Column::len).sum();
    let (signals, changes) = (count(log.columns().len() as u64, "signal"), count(changes as u64, "change"));
    writeln!(out, "{}: {signals}, {changes}, until {}", args.output.display(), instant(log.end()))?;
    Ok(Exit::Held)
}

fn refused(args: &ConvertArgs, error: WriteError) -> CliError {
    let source = match error {
        WriteError::Io(error) => error,
        other => io::Error::other(other),
    };
    CliError::Write { path: args.output.clone(), source }
}

/// The signals that were asked for, or all.
fn picks(reader: &Reader, patterns: &[String]) -> Result<Vec<Pick>, CliError> {
    if patterns.is_empty() {
        return Ok(reader.selectable());
    }
    let mut picks: Vec<Pick> = Vec::new();
    for pattern in patterns {
        for pick in signals::all(reader, pattern)? {
            if !picks.contains(&pick) {
                picks.push(pick);
            }
        }
    }
    Ok(picks)
}

/// The same with everything earlier; what was before is at the beginning.
fn moved(log: &ChangeLog, by: Span) -> ChangeLog {
    let mut earlier = ChangeLog::new(log.source());
    for (i, column) in log.columns().iter().enumerate() {
        match column.width() {
            1 => earlier.add_wire(column.name()),
            width => earlier.add_group(column.name(), width),
        };
        for (t, value) in column.iter() {
            // Order of time is kept.
            let _ = earlier.push(SignalId(i as u32), t.saturating_sub(by), value);
        }
    }
    earlier.extend_to(log.end().saturating_sub(by));
    earlier
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percent() {
        assert_eq!((percent("50%"), percent("2.5 %"), percent("0")), (Ok(500), Ok(25), Ok(0)));
        assert!(percent("101%").is_err() && percent("half").is_err());
    }
}
