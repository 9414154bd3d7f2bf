//! Why a command cannot be carried out.

use std::io;
use std::path::PathBuf;

use busproof_core::bus::OptionError;
use busproof_dram::SetupError;
use busproof_dram::pins::PinError;
use busproof_dram::trace::TraceError;
use busproof_links::LinkError;
use busproof_parts::{Hint, PartError};
use busproof_plot::svg::DrawError;
use busproof_vectors::fuzz::{FuzzError, SaveError};
use busproof_vectors::report::junit::JunitError;
use busproof_vectors::run::RunError;
use busproof_wave::ReadError;

/// Why a command cannot be carried out; messages name the thing, the place and a way out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// A waveform cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A part cannot be used.
    #[error(transparent)]
    Part(#[from] PartError),
    /// A trace of requests or commands cannot be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// A controller of memory cannot be set up.
    #[error(transparent)]
    Dram(#[from] SetupError),
    /// A memory cannot be put on pins.
    #[error(transparent)]
    Pins(#[from] PinError),
    /// Pins of several channels.
    #[error("--pins shows the pins of one channel; leave --channels {0} out")]
    Channels(u32),
    /// An option of the bus cannot be set.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// Neither bus nor part.
    #[error("which bus? give it with `--bus`, or a part with `--part`\nthe buses are: {known}")]
    NoBus {
        /// What there is.
        known: String,
    },
    /// No such bus.
    #[error("no bus is called `{name}`{hint}\nthe buses are: {known}")]
    UnknownBus {
        /// What was asked for.
        name: String,
        /// The nearest names.
        hint: Hint,
        /// What there is.
        known: String,
    },
    /// The part sits on another bus.
    #[error("part `{part}` sits on bus {its}, not on {asked}; choose that bus, or another part")]
    OtherBus {
        /// The part.
        part: String,
        /// Its bus.
        its: &'static str,
        /// The bus asked for.
        asked: &'static str,
    },
    /// Several parts on a bus that is judged with one.
    #[error("{bus} is read with one part; leave `--part {second}` out")]
    OnePart {
        /// The bus, as people write it.
        bus: String,
        /// The second.
        second: String,
    },
    /// An address that is none.
    #[error("`{seat}`: an address of I2C has 7 bits or 10, so it is at most 0x3ff")]
    Address {
        /// The part and the address.
        seat: String,
    },
    /// An address where there is none.
    #[error("{bus} has no addresses; write `--part {part}`")]
    NoAddress {
        /// The bus, as people write it.
        bus: String,
        /// The part.
        part: String,
    },
    /// `--map` names a role that the bus does not have.
    #[error("bus {bus} has no role `{role}`{hint}\n{roles}")]
    UnknownRole {
        /// The bus.
        bus: &'static str,
        /// What was asked for.
        role: String,
        /// The nearest names.
        hint: Hint,
        /// What there is.
        roles: String,
    },
    /// `--map` names a signal that the file does not have.
    #[error("{file}: no signal `{pattern}` for role {role}{hint}\n{signals}")]
    UnknownSignal {
        /// The file.
        file: String,
        /// The role.
        role: &'static str,
        /// What was asked for.
        pattern: String,
        /// The nearest names.
        hint: Hint,
        /// What there is.
        signals: String,
    },
    /// A rule that the bus does not have.
    #[error("bus {bus} has no rule `{rule}`{hint}; `busproof explain` lists all rules")]
    UnknownRule {
        /// The bus.
        bus: &'static str,
        /// What was asked for.
        rule: String,
        /// The nearest names.
        hint: Hint,
    },
    /// A signal was asked for that the file does not have.
    #[error("{file}: no signal `{pattern}`{hint}\n{signals}")]
    NoSignal {
        /// The file.
        file: String,
        /// What was asked for.
        pattern: String,
        /// The nearest names.
        hint: Hint,
        /// What there is.
        signals: String,
    },
    /// The standard input would have to be read again.
    #[error("the standard input can be read only once, and {what} reads it twice; save it to a file first")]
    Twice {
        /// What was asked for.
        what: &'static str,
    },
    /// The clock of a comparison is not among the signals that both files have.
    #[error(
        "no wire `{clock}` is in both files, so it cannot be their clock; `--rename` says what it is called in B"
    )]
    NoClock {
        /// What was asked for.
        clock: String,
    },
    /// `--map` names several signals.
    #[error("{file}: `{pattern}` for role {role} fits {count} signals: {some}; write more of the name")]
    Ambiguous {
        /// The file.
        file: String,
        /// The role.
        role: &'static str,
        /// What was asked for.
        pattern: String,
        /// How many fit.
        count: usize,
        /// The first of them.
        some: String,
    },
    /// `--map` names a signal for two roles.
    #[error("{file}: signal `{signal}` is mapped to role {0} and to role {1}; a signal plays one role", roles[0], roles[1])]
    SignalTwice {
        /// The file.
        file: String,
        /// The signal.
        signal: String,
        /// Its roles.
        roles: [&'static str; 2],
    },
    /// `--map` names two signals for a role.
    #[error("{file}: role {role} is mapped twice; leave one `--map {role}=...` out")]
    RoleTwice {
        /// The file.
        file: String,
        /// The role.
        role: &'static str,
    },
    /// A vector where a wire is needed, or one of fewer wires.
    #[error(
        "{file}: signal `{signal}` has {width} wires, and role {role} takes {takes}; map for example `{example}`"
    )]
    Wide {
        /// The file.
        file: String,
        /// The role.
        role: &'static str,
        /// How many wires that is at most.
        takes: u32,
        /// The signal.
        signal: String,
        /// Its width.
        width: u32,
        /// One of its wires.
        example: String,
    },
    /// The bus cannot be read without certain signals.
    #[error("{file}: {missing}\n{signals}\nmap them, for example: {example}")]
    Unmapped {
        /// The file.
        file: String,
        /// What is missing.
        missing: String,
        /// What there is.
        signals: String,
        /// Options to add.
        example: String,
    },
    /// Links cannot be compared.
    #[error(transparent)]
    Links(#[from] LinkError),
    /// A picture cannot be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A payload, or a vector file, cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Payload {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A vector file cannot be used.
    #[error("{path}:{line}:{column}: {problem}", path = path.display())]
    VectorFile {
        /// Which file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// At which character.
        column: usize,
        /// Why, with a way out.
        problem: String,
    },
    /// A vector file has no vector of that name.
    #[error("{path}: no vector is called `{name}`{hint}", path = path.display())]
    UnknownVector {
        /// Which file.
        path: PathBuf,
        /// What was asked for.
        name: String,
        /// The nearest names.
        hint: Hint,
    },
    /// There is nothing to look for.
    #[error(transparent)]
    Fuzz(#[from] FuzzError),
    /// What was found cannot be saved.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// Vectors cannot be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A sweep that cannot be run.
    #[error("{0}")]
    Sweep(String),
    /// A transfer that cannot be sent.
    #[error("{0}")]
    Xfer(String),
    /// `--load` with something that is no content and address.
    #[error(
        "`--load {0}`: write PART=CONTENT@ADDRESS, where CONTENT is a file, hexadecimal digits or 'text'"
    )]
    Load(String),
    /// A report cannot be written.
    #[error(transparent)]
    Junit(#[from] JunitError),
    /// `explain` knows no such code.
    #[error("nothing is called `{code}`{hint}; `busproof explain` lists all codes")]
    UnknownCode {
        /// What was asked for.
        code: String,
        /// The nearest codes.
        hint: Hint,
    },
    /// A vector's name that is none.
    #[error("`{0}` is no name for a vector; use lower-case letters, digits and `-`, such as `jedec-id`")]
    VectorName(String),
    /// A file that would be overwritten.
    #[error("{path} exists already; choose another name", path = .0.display())]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}
