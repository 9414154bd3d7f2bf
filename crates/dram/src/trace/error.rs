//! Why a trace cannot be read.

use std::path::PathBuf;

use busproof_core::bus::ddr::Command;

/// Why a trace cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The file cannot be read or unpacked.
    #[error("cannot read {path}: {source}", path = path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line says something that cannot be understood.
    #[error("{origin}:{line}:{column}: {problem}")]
    Line {
        /// The file.
        origin: String,
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
        /// What is wrong.
        problem: Problem,
    },
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No format of traces begins like this.
    #[error(
        "`{0}` begins no trace that is known: write `LD 0x1240` (Ramulator 2), `0x1240 READ 200` (DRAMsim3), `200: read \
         0x1240` (DRAMSys) or `200 R 0x1240`"
    )]
    Format(String),
    /// Something else was expected.
    #[error("expected {wanted}, found {found}")]
    Expected {
        /// What should stand here.
        wanted: &'static str,
        /// What stands here.
        found: String,
    },
    /// A number above 64 bits.
    #[error("`{0}` is more than 64 bits hold")]
    Huge(String),
    /// A request before the one above it.
    #[error("clock {clock} lies before {before}, that of the request above; sort the trace by time")]
    Backwards {
        /// The clock of the request.
        clock: u64,
        /// The clock of the one above.
        before: u64,
    },
    /// No command of that name.
    #[error("no command is called `{0}`; there are {names}", names = command_names())]
    Command(String),
    /// A part of a vector that the memory does not have.
    #[error("{what} {value} does not exist: the memory has {count} of them, counted from 0")]
    Outside {
        /// The level.
        what: &'static str,
        /// What was given.
        value: u64,
        /// How many there are.
        count: u64,
    },
}

/// Every command by name.
fn command_names() -> String {
    let names: Vec<&str> = Command::ALL.iter().map(|command| command.name()).collect();
    names.join(", ")
}

impl TraceError {
    /// A problem at an offset of the text.
    pub(crate) fn at(origin: &str, text: &[u8], offset: usize, problem: Problem) -> TraceError {
        let before = &text[..offset.min(text.len())];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        TraceError::Line {
            origin: origin.to_owned(),
            line: before.split(|&byte| byte == b'\n').count(),
            column: before.len() - line_start + 1,
            problem,
        }
    }
}
