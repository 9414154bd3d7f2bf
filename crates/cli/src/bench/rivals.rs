//! Other programs on the same SPI transfer, where they are installed: simulators make it, sigrok decodes it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use busproof_benches as work;
use busproof_wave::{VcdOptions, write_log_to};
use tempfile::TempDir;

use super::stopwatch::{each, fastest, time};
use crate::error::CliError;

/// The transfer for simulators in Verilog.
const MODEL: &str = include_str!("spi.v");

/// Two lengths of the transfer: what is more in the second is not start-up.
const FEW: usize = 1_000;
/// The second.
const MANY: usize = 21_000;

/// How often each program runs; the fastest run counts.
const RUNS: usize = 3;

/// A program, and its figure beside ours.
pub(super) struct Rival {
    /// Its name.
    pub(super) program: String,
    /// What it does.
    pub(super) job: &'static str,
    /// Nanoseconds a byte; `None` if it is not installed or does not work.
    pub(super) theirs: Option<f64>,
    /// Nanoseconds that we take for a byte.
    pub(super) ours: f64,
    /// Why there is no figure.
    why: String,
}

impl Rival {
    /// What to say if there is no figure.
    pub(super) fn excuse(&self) -> Option<String> {
        self.theirs.is_none().then(|| format!("{}: {}", self.program, self.why))
    }
}

/// Why a program has no figure.
enum Trouble {
    Missing,
    Failed(String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Failed(error.to_string())
    }
}

/// All programs.
pub(super) fn measure(budget: Duration) -> Result<Vec<Rival>, CliError> {
    let failed = |source| CliError::Write { path: std::env::temp_dir(), source };
    let folder = TempDir::new().map_err(failed)?;
    let mut run = || {
        let mut run = work::spi_bench(FEW);
        time(|| run.go())
    };
    let simulated = each(fastest(budget, [&mut run])[0], FEW as u64);
    let decoded = decoding(budget);
    let rival = |program: &str, job, ours, theirs: Result<f64, Trouble>| {
        let why = match &theirs {
            Ok(_) => String::new(),
            Err(Trouble::Missing) => "not installed".to_owned(),
            Err(Trouble::Failed(why)) => why.clone(),
        };
        Rival { program: program.to_owned(), job, ours, theirs: theirs.ok(), why }
    };
    Ok(vec![
        rival("Icarus Verilog", "simulate", simulated, icarus(folder.path())),
        rival("Verilator", "simulate", simulated, verilator(folder.path())),
        rival("sigrok-cli", "decode VCD", decoded, sigrok(folder.path())),
    ])
}

/// What it takes us to read a VCD file and decode it, for each byte.
fn decoding(budget: Duration) -> f64 {
    let (log, pins, _) = work::bus_log(FEW);
    let file = write_log_to(Vec::new(), &log, &VcdOptions::default()).unwrap_or_default();
    let file: std::sync::Arc<[u8]> = file.into();
    let mut run = || time(|| (work::wave::read_vcd(&file), work::decode(&log, &pins)));
    each(fastest(budget, [&mut run])[0], FEW as u64)
}

fn icarus(folder: &Path) -> Result<f64, Trouble> {
    let (model, image) = (folder.join("spi.v"), folder.join("spi.vvp"));
    std::fs::write(&model, MODEL)?;
    succeed(Command::new("iverilog").arg("-o").arg(&image).arg(&model))?;
    per_byte(|bytes| {
        let mut run = Command::new("vvp");
        run.arg(&image).arg(format!("+BYTES={bytes}"));
        Ok(Job { run, is_right: has_heard })
    })
}

fn verilator(folder: &Path) -> Result<f64, Trouble> {
    let (model, out) = (folder.join("spi.v"), folder.join("verilated"));
    std::fs::write(&model, MODEL)?;
    let mut build = Command::new("verilator");
    build.args(["--binary", "--timing", "-Wno-fatal", "-O3", "--top-module", "spi", "--Mdir"]);
    succeed(build.arg(&out).arg(&model))?;
    per_byte(|bytes| {
        let mut run = Command::new(out.join("Vspi"));
        run.arg(format!("+BYTES={bytes}"));
        Ok(Job { run, is_right: has_heard })
    })
}

fn sigrok(folder: &Path) -> Result<f64, Trouble> {
    per_byte(|bytes| {
        let (log, _, _) = work::bus_log(bytes);
        let file = write_log_to(Vec::new(), &log, &VcdOptions::default()).unwrap_or_default();
        let path = folder.join(format!("spi-{bytes}.vcd"));
        std::fs::write(&path, file)?;
        let mut run = Command::new("sigrok-cli");
        // A sample for each half period of the clock, the least that it can do with.
        run.args(["-I", &format!("vcd:downsample={}", downsample(&path)?), "-i"]).arg(&path);
        run.args(["-P", "spi:clk=sck:mosi=mosi:miso=miso:cs=cs", "-A", "spi=mosi-data"]);
        Ok(Job { run, is_right: |text, bytes| text.lines().count() == bytes })
    })
}

/// How many time steps of the file are half a period of the clock of 10 MHz.
fn downsample(path: &Path) -> Result<u64, Trouble> {
    let text = std::fs::read_to_string(path)?;
    let scale = text.split_once("$timescale").map(|(_, rest)| rest).unwrap_or_default();
    let scale = scale.split("$end").next().unwrap_or_default().replace(char::is_whitespace, "");
    let step: busproof_core::Span = scale.parse().map_err(|_| Trouble::Failed("no timescale".into()))?;
    Ok(50_000_000 / step.as_fs().max(1))
}

/// A program, and what it prints if all is well.
struct Job {
    run: Command,
    is_right: fn(&str, usize) -> bool,
}

/// What the model in Verilog says at its end.
fn has_heard(text: &str, bytes: usize) -> bool {
    text.contains(&format!("bytes {bytes} wrong 0"))
}

/// What the jobs take for each byte, without start-up, if they print what they should.
fn per_byte(mut make: impl FnMut(usize) -> Result<Job, Trouble>) -> Result<f64, Trouble> {
    let mut seconds = [0.0; 2];
    for (seconds, bytes) in seconds.iter_mut().zip([FEW, MANY]) {
        let mut job = make(bytes)?;
        let mut best = Duration::MAX;
        for _ in 0..RUNS {
            let begun = Instant::now();
            let text = succeed(&mut job.run)?;
            best = best.min(begun.elapsed());
            if !(job.is_right)(&text, bytes) {
                return Err(Trouble::Failed("it does not say what it should".into()));
            }
        }
        *seconds = best.as_secs_f64();
    }
    Ok((seconds[1] - seconds[0]).max(0.0) * 1e9 / (MANY - FEW) as f64)
}

/// Runs a program; what it prints.
fn succeed(command: &mut Command) -> Result<String, Trouble> {
    let output = match command.stdin(Stdio::null()).output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Trouble::Missing),
        other => other?,
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(Trouble::Failed(text.lines().next().unwrap_or("it failed").to_owned()))
}
