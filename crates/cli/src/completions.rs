//! `busproof completions`: scripts for shells.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::args::{Args, CompletionsArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;

/// Prints the script for a shell.
pub(crate) fn run(args: &CompletionsArgs, out: &mut Out) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "busproof", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Held)
}
