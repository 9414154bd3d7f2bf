//! What can go wrong, said so that the reader of the message knows where and what to do.

use std::fmt;
use std::io;

use busproof_core::{Span, Time};

/// A position in a text file; both count from 1, columns in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The byte within the line.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A file cannot be read: which, where and why.
#[derive(Debug)]
pub struct ReadError {
    /// The file's name as it was given.
    pub file: String,
    /// Where in the file, if it is text.
    pub place: Option<Place>,
    /// What is wrong.
    pub kind: ReadErrorKind,
}

impl fmt::Display for ReadError {
    /// `name:line:column: what is wrong`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(f, "{}:{place}: {}", self.file, self.kind),
            None => write!(f, "{}: {}", self.file, self.kind),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ReadErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The operating system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// No byte in it.
    #[error("the file is empty")]
    Empty,
    /// Neither magic bytes nor text that looks like a waveform.
    #[error("not a waveform of a known kind; expected VCD, FST, GHW, a sigrok session (.sr) or CSV")]
    UnknownKind,
    /// A wrapper we do not look into.
    #[error("the file is compressed with {program}; unpack it first, for example with `{program} -d`")]
    Compressed {
        /// The program that unpacks it.
        program: &'static str,
    },
    /// Text in two-byte characters.
    #[error("the text is UTF-16; save it as UTF-8 or ASCII")]
    Utf16,
    /// Something in the text that the format does not allow here.
    #[error("{0}")]
    Syntax(String),
    /// The header ends with the file.
    #[error("the file ends inside its header; it was cut off, so copy or record it again")]
    HeaderCut,
    /// A cap against hostile or broken files.
    #[error("{what} exceeds the limit of {limit}; the file is broken, or made to exhaust memory")]
    Limit {
        /// What is too large.
        what: &'static str,
        /// The largest value accepted.
        limit: u64,
    },
    /// A value change for an identifier nobody declared.
    #[error("identifier `{0}` was not declared by any `$var` in the header")]
    Undeclared(String),
    /// Time decreases.
    #[error("time goes backwards from {last} to {at}; the file is damaged or joined from several runs")]
    Backwards {
        /// The time stamp before.
        last: Time,
        /// The offending time stamp.
        at: Time,
    },
    /// Beyond [`Time::MAX`].
    #[error(
        "time stamp {stamp} exceeds 2^64 fs (5 h 7 min); read a window with `--from` and `--to`, or correct the \
         time base with `--sample-rate` if the file states a wrong one"
    )]
    TimeOverflow {
        /// The time stamp as the file counts.
        stamp: String,
    },
    /// The window starts behind the end.
    #[error("the waveform ends at {end}, before the window starts at {from}; choose an earlier `--from`")]
    WindowBehindEnd {
        /// Where the waveform ends.
        end: Time,
        /// Where the window starts.
        from: Time,
    },
    /// The window ends before it starts.
    #[error("the window ends at {to}, before it starts at {from}; exchange `--from` and `--to`")]
    WindowReversed {
        /// The start asked for.
        from: Time,
        /// The end asked for.
        to: Time,
    },
    /// A signal that carries no levels, or more than fit.
    #[error("signal `{signal}` {why}")]
    NotMappable {
        /// The signal's full name.
        signal: String,
        /// What it is instead, and what to select.
        why: String,
    },
    /// A member of an archive is damaged, absent or of a kind we do not read.
    #[error("member `{member}`: {why}")]
    Member {
        /// Its name in the archive.
        member: String,
        /// What is wrong with it.
        why: String,
    },
    /// An archive without a usable directory.
    #[error("not a complete zip archive ({0}); it was cut off or damaged, so copy or record it again")]
    Archive(String),
    /// A library refuses the file.
    #[error(
        "{kind} file cannot be read: {why}; convert it to VCD, for example with `fst2vcd` or your simulator"
    )]
    Foreign {
        /// `FST` or `GHW`.
        kind: &'static str,
        /// The library's own words.
        why: String,
    },
}

impl ReadErrorKind {
    /// This error in a file, at no particular place.
    pub(crate) fn of(self, file: &str) -> ReadError {
        ReadError { file: file.into(), place: None, kind: self }
    }

    /// This error at a place of a file.
    pub(crate) fn at(self, file: &str, place: Place) -> ReadError {
        ReadError { file: file.into(), place: Some(place), kind: self }
    }
}

/// A waveform cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The operating system refuses.
    #[error("cannot write the waveform: {0}")]
    Io(#[from] io::Error),
    /// A time between two ticks of the file.
    #[error("time {at} is no multiple of the timescale {timescale}; choose a finer one")]
    TooCoarse {
        /// The time that would be rounded.
        at: Time,
        /// The timescale of the file.
        timescale: Span,
    },
    /// Calls came out of order.
    #[error("time goes backwards from {last} to {at}")]
    Backwards {
        /// The latest time written.
        last: Time,
        /// The offending time.
        at: Time,
    },
    /// A change of a lane that was not declared, or of the other kind.
    #[error("change of lane {lane}, which was not declared as {expected}")]
    WrongLane {
        /// The number of the lane.
        lane: usize,
        /// What the call needs.
        expected: &'static str,
    },
    /// The name of the file does not say in which format to write.
    #[error("no format of waveforms is known by the ending of `{file}`; write .vcd, .fst, .sr or .csv")]
    Extension {
        /// The file.
        file: String,
    },
    /// A session of samples is to be written of a waveform that has none.
    #[error(
        "a sigrok session holds samples, and the waveform was not sampled; say how often with `--resample RATE`"
    )]
    NotSampled,
    /// A width outside 1 to 64.
    #[error("lane `{name}` has {width} wires; a lane has 1 to 64")]
    Width {
        /// The lane's name.
        name: String,
        /// The width asked for.
        width: u32,
    },
}
