//! The `busproof` program: reads the command line, calls the libraries, prints.
//!
//! Data go to the standard output, messages to the standard error. The exit status is that of [`exit::Exit`].

mod args;
mod bench;
mod check;
mod compare;
mod completions;
mod convert;
mod decode;
mod diff;
mod dram;
mod error;
mod exit;
mod explain;
mod fuzz;
mod json;
mod odd;
mod out;
mod part;
mod picture;
mod pipe;
mod plot;
mod progress;
mod protocol;
mod report;
mod run;
mod signals;
mod starter;
mod sweep;
mod table;
mod units;
mod waveform;
mod xfer;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Verb};
use error::CliError;
use exit::Exit;
use out::Out;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(report_bug));
    let args = Args::parse();
    let mut out = Out::new(args.color, args.ascii);
    let exit = carry_out(&args.verb, &mut out).unwrap_or_else(|error| out.error(&error));
    exit.into()
}

fn carry_out(verb: &Verb, out: &mut Out) -> Result<Exit, CliError> {
    let exit = match verb {
        Verb::Run(args) => run::run(args, out),
        Verb::Xfer(args) => xfer::run(args, out),
        Verb::Decode(args) => decode::run(args, out),
        Verb::Check(args) => check::run(args, out),
        Verb::Compare(args) => compare::run(args, out),
        Verb::Sweep(args) => sweep::run(args, out),
        Verb::Diff(args) => diff::run(args, out),
        Verb::Convert(args) => convert::run(args, out),
        Verb::Margin(args) => check::margins(args, out),
        Verb::Plot(args) => plot::run(args, out),
        Verb::Fuzz(args) => fuzz::run(args, out),
        Verb::Dram(args) => dram::run(args, out),
        Verb::Part(args) => part::run(args, out),
        Verb::Explain(args) => explain::run(args, out),
        Verb::New(args) => starter::run(args, out),
        Verb::Bench(args) => bench::run(args, out),
        Verb::Completions(args) => completions::run(args, out),
    }?;
    out.flush()?;
    Ok(exit)
}

/// A panic is a bug of ours: say so, and what to do. The exit status is then 101.
fn report_bug(panic: &std::panic::PanicHookInfo<'_>) {
    eprintln!("error: this is a bug in busproof: {panic}");
    eprintln!("Please report it at {}/issues", env!("CARGO_PKG_REPOSITORY"));
    eprintln!("with the command line and, if you can share it, the input file.");
}
