//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use busproof_core::{Span, Time};
use busproof_links::Link;
use busproof_parts::{Conditions, si};
use busproof_vectors::format::Vary;
use busproof_vectors::sweep::Extreme;
use busproof_wave::SampleRate;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::bench::BenchArgs;
use crate::convert::ConvertArgs;
use crate::diff::DiffArgs;
use crate::dram::DramArgs;
use crate::error::CliError;
use crate::fuzz::FuzzArgs;
use crate::picture::Picture;
use crate::plot::PlotArgs;
use crate::protocol::{Asked, Handshake, I2c, Protocol as _, Seat, Spi, Uart};
use crate::report::html;
use crate::sweep::Find;

/// Proofread your buses: simulate them, read waveforms, and judge both by data sheets.
#[derive(Debug, Parser)]
#[command(name = "busproof", bin_name = "busproof", version, max_term_width = 80, subcommand_required = true)]
#[command(arg_required_else_help = true, disable_help_subcommand = true, after_help = STATUSES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// When to use colour; it never carries a meaning of its own
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    #[arg(help_heading = "Everywhere", display_order = 100)]
    pub(crate) color: Color,
    /// Draw with ASCII characters only, whatever the locale says
    #[arg(long, global = true, help_heading = "Everywhere", display_order = 101)]
    pub(crate) ascii: bool,
}

const STATUSES: &str = "\
Exit status: 0 all checks held, 1 a check failed, 2 the command line or an
input file cannot be used, 3 nothing was checked, 4 a time budget ended before a
verdict, 101 a bug in busproof.";

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On terminals, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run test vectors
    Run(RunArgs),
    /// Send one line to a simulated part: draw, decode and judge what happens
    Xfer(XferArgs),
    /// Print what was said on a bus
    Decode(DecodeArgs),
    /// Judge waveforms by the timing rules of a bus and the limits of a part
    Check(CheckArgs),
    /// Compare links: what one payload costs over each, and what clocks that
    /// differ do to it
    Compare(CompareArgs),
    /// Run a vector at many values of one or two parameters, or find the limit of one
    Sweep(SweepArgs),
    /// Set two waveforms side by side: what was said, and their edges
    Diff(DiffArgs),
    /// Write a waveform in another format, a part of it, or as a logic analyser
    /// would have seen it
    Convert(ConvertArgs),
    /// Show how far every timing rule was from its limit
    Margin(MarginArgs),
    /// Draw a waveform, with what was said and what was found wrong
    Plot(PlotArgs),
    /// Look for the shortest stimulus around a vector that breaks something
    Fuzz(FuzzArgs),
    /// Simulate and judge DDR memory
    Dram(DramArgs),
    /// Show the parts whose data sheets are known
    Part(PartArgs),
    /// Explain a rule, a diagnostic or a term
    Explain(ExplainArgs),
    /// Begin a test vector, or print the JSON schema of vectors
    New(NewArgs),
    /// Measure how fast simulation, decoding and files are on this machine
    Bench(BenchArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// Which waveform, which bus, which signals.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct WaveArgs {
    /// The bus; a part implies it
    #[arg(long, value_name = "NAME")]
    pub(crate) bus: Option<String>,
    /// Which signal plays a role: exact, without scopes, or with * and ?;
    /// `ROLE=-` leaves the role open. Usual names are found by themselves
    #[arg(long = "map", value_name = "ROLE=SIGNAL", value_parser = pair)]
    pub(crate) maps: Vec<(String, String)>,
    /// An option of the bus, such as `mode=3`, `word_bits=16` or `baud=auto`
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) sets: Vec<(String, String)>,
    /// A part on the bus: a name of `part list`, or a part file; on I2C with
    /// its address, such as `24lc256@0x50`, and several times
    #[arg(long = "part", value_name = "NAME[@ADDRESS]")]
    pub(crate) parts: Vec<String>,
    /// The speed class of I2C: standard, fast, fast-plus, high or ultra-fast;
    /// guessed from the clock if absent
    #[arg(long, value_name = "CLASS")]
    pub(crate) speed: Option<String>,
    #[command(flatten)]
    pub(crate) wires: ConditionArgs,
    /// Where to begin, such as 1.5ms
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<Time>,
    /// Where to end
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<Time>,
    /// The sample rate of the recording, if the file does not tell or lies
    #[arg(long, value_name = "RATE")]
    pub(crate) sample_rate: Option<SampleRate>,
}

impl WaveArgs {
    /// What concerns the bus.
    pub(crate) fn asked<'a>(&'a self, seats: &'a [Seat]) -> Asked<'a> {
        let sets = with_speed(self.speed.as_deref(), &self.sets);
        Asked { seats, parts: &self.parts, host: None, sets, conditions: self.wires.conditions() }
    }
}

impl XferArgs {
    /// What concerns the bus.
    pub(crate) fn asked<'a>(&'a self, seats: &'a [Seat]) -> Asked<'a> {
        let sets = with_speed(self.speed.as_deref(), &self.sets);
        Asked { seats, parts: &self.parts, host: None, sets, conditions: self.wires.conditions() }
    }
}

/// `--speed CLASS` is a short form of `--set speed=CLASS`.
fn with_speed(speed: Option<&str>, sets: &[(String, String)]) -> Vec<(String, String)> {
    let speed = speed.map(|class| ("speed".to_owned(), class.to_owned()));
    speed.into_iter().chain(sets.iter().cloned()).collect()
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RunArgs {
    /// Vector files, and folders of them; the vectors that come with the
    /// program if absent
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The seed of everything random, instead of that of each vector
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How many vectors run at once; as many as there are processors if absent
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// A limit on the simulated time of each vector, such as 10ms
    #[arg(long, value_name = "TIME")]
    pub(crate) max_time: Option<Span>,
    /// Where to keep the waveforms of failed vectors, as VCD; target/busproof if
    /// absent
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write the waveform of every vector there, with what was said and found in
    /// words, and a save file of GTKWave for each
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    pub(crate) vcd: Option<PathBuf>,
    /// The same as FST, which is smaller but holds no words
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "vcd"])]
    pub(crate) fst: Option<PathBuf>,
    /// Waveforms tell the voltages of open-drain wires, too
    #[arg(long)]
    pub(crate) voltages: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = ReportFormat::Human, value_name = "FORMAT")]
    pub(crate) format: ReportFormat,
    /// Also write the report as a page: failures with pictures, margins
    #[arg(long, value_name = "FILE.html", value_parser = html)]
    pub(crate) report: Option<PathBuf>,
}

const SYNTAX: &str = "\
The string on SPI: [ and ] select and deselect; 0x9f, 200, 0b101 are words to
send; r:3 reads three; =ef4018 after a word or a read is what must come, x any
digit; 'text' sends characters; d:10us waits; ^:8 clocks that carry nothing;
x2( ) and x4( ) use two and four lanes. Example: \"[0x9f r:3=ef4018]\"

The string on I2C: [ is START, inside of brackets a repeated one, ] is STOP;
@50w and @50r address; + after a byte or an address says that it must be
acknowledged, - that it must not. Example: \"[@50w+ 0x01+ [@50r+ r:5='hello']\".
Behind -- the messages of i2ctransfer do as well: -- w2@0x50 0x01 0x00 r5

The string on a UART: words and texts are frames to send; r:3 waits for three;
^:20 keeps the line idle for 20 bits; --set baud=9600 is the rate, 115200 if
absent. Example: \"'AT\\r' r='OK\\r\\n'\"

The string on a handshake: words to send, as numbers or as text, and with r what
must arrive; no part is needed. Example: \"0x48 'ello' r:5='Hello'\"";

const XFER_USAGE: &str = "\
busproof xfer [OPTIONS] --part <NAME[@ADDRESS]> <BUS> <STRING>
       busproof xfer [OPTIONS] --part <NAME[@ADDRESS]> i2c -- <MESSAGE>...
       busproof xfer [OPTIONS] handshake <STRING>";

#[derive(Debug, ClapArgs)]
#[command(after_help = SYNTAX, override_usage = XFER_USAGE)]
pub(crate) struct XferArgs {
    /// The bus
    #[arg(value_parser = simulated(), value_name = "BUS")]
    pub(crate) bus: String,
    /// What to do, as a compact string
    #[arg(value_name = "STRING", required_unless_present = "messages")]
    pub(crate) script: Option<String>,
    /// I2C: what to do, as messages of i2ctransfer
    #[arg(value_name = "MESSAGE", last = true, conflicts_with = "script")]
    pub(crate) messages: Vec<String>,
    /// The part to talk to: a name of `part list`, or a part file; on I2C with
    /// its address, such as `24lc256@0x50`, and several times
    #[arg(long = "part", value_name = "NAME[@ADDRESS]")]
    #[arg(required_if_eq_any([("bus", "spi"), ("bus", "i2c"), ("bus", "uart")]))]
    pub(crate) parts: Vec<String>,
    /// The frequency of the clock; if absent 1 MHz on SPI, and on I2C what the
    /// speed class allows
    #[arg(long, value_name = "FREQUENCY")]
    pub(crate) clock: Option<String>,
    /// The part that controls the bus: its set-up and hold times
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// The speed class of I2C: standard, fast, fast-plus, high or ultra-fast;
    /// standard if absent
    #[arg(long, value_name = "CLASS")]
    pub(crate) speed: Option<String>,
    /// The pull-up resistor of each wire of I2C, such as 2.2k
    #[arg(long, value_name = "OHM", value_parser = ohm)]
    pub(crate) pull_up: Option<f64>,
    #[command(flatten)]
    pub(crate) wires: ConditionArgs,
    /// An option of the bus, such as `mode=3`
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) sets: Vec<(String, String)>,
    /// What a part's memory holds: a file, hexadecimal digits or 'text',
    /// and the address
    #[arg(long = "load", value_name = "PART=CONTENT@ADDRESS")]
    pub(crate) loads: Vec<String>,
    /// The seed of everything random
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// A limit on the simulated time, such as 10ms; 1 s if absent
    #[arg(long, value_name = "TIME")]
    pub(crate) max_time: Option<Span>,
    /// Where to write the waveform: a folder, for xfer.vcd, or a file that ends in
    /// .vcd or .fst; target/busproof if absent
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
    /// The waveform tells the voltages of open-drain wires, too
    #[arg(long)]
    pub(crate) voltages: bool,
}

/// What edges, and limits with them, depend on.
#[derive(Clone, Copy, Debug, ClapArgs)]
pub(crate) struct ConditionArgs {
    /// The supply of I2C; 3.3V if absent
    #[arg(long, value_name = "VOLT", value_parser = volt)]
    pub(crate) vdd: Option<f64>,
    /// The capacitance of each wire of I2C; 100pF if absent
    #[arg(long, value_name = "FARAD", value_parser = farad)]
    pub(crate) bus_capacitance: Option<f64>,
}

impl ConditionArgs {
    /// With what is usual where nothing was said.
    pub(crate) fn conditions(self) -> Conditions {
        let usual = Conditions::default();
        Conditions { vdd: self.vdd.unwrap_or(usual.vdd), farad: self.bus_capacitance.unwrap_or(usual.farad) }
    }
}

const ROWS: &str = "\
SPI: [ and ] stand for chip select becoming active and inactive, 1d;5 for a word
of which only 5 bits came, x for a digit with unknown bits, < and > for the
direction of words on shared lanes. I2C: | is a repeated START, and NACK stands
behind what was not acknowledged. UART: PARITY, FRAMING and NOISE stand behind
the frame that they were seen in, START? behind one that may have begun earlier,
and + behind the line where a row goes on. Handshakes: NOT TAKEN and UNSTABLE
stand behind the word. DDR: data of a read or write are indented below, with --
for a masked byte. The exit status is 0 if anything was said, else 3.
Decoding judges nothing: see `busproof check`.";

#[derive(Debug, ClapArgs)]
#[command(after_help = ROWS)]
pub(crate) struct DecodeArgs {
    /// A VCD, FST, GHW, sigrok (.sr) or CSV file; - for the standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) wave: WaveArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = ItemFormat::Human, value_name = "FORMAT")]
    pub(crate) format: ItemFormat,
}

/// How items are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ItemFormat {
    /// A table for people
    Human,
    /// One JSON object a line
    Jsonl,
    /// One JSON array of the same objects
    Json,
}

const VERDICTS: &str = "\
The exit status is 0 if all rules held, 1 if one was broken, 2 if a file cannot
be used, 3 if nothing was said on the bus, or no rule could be decided and no
check of the protocol made. Without a part SPI is judged by the rules that need
no limit from a data sheet, and I2C by those of its speed class; parts on I2C
add what they are stricter about. UART is judged by what its frame format and
its receiver can bear, a handshake by the order of its phases, and by the limits
of a part, DDR memory by those of its part.";

#[derive(Debug, ClapArgs)]
#[command(after_help = VERDICTS)]
pub(crate) struct CheckArgs {
    /// VCD, FST, GHW, sigrok (.sr) or CSV files; - for the standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) wave: WaveArgs,
    /// The part that controls the bus: its set-up and hold times
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// Also fail on warnings and on what cannot be told or seen
    #[arg(long)]
    pub(crate) strict: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = ReportFormat::Human, value_name = "FORMAT")]
    pub(crate) format: ReportFormat,
    /// Also write the report as a page: findings with pictures, margins
    #[arg(long, value_name = "FILE.html", value_parser = html)]
    pub(crate) report: Option<PathBuf>,
}

const BARS: &str = "\
A bar goes from the limit to the least distance that was measured, on a scale of
the limit itself: half of it below, all of it above. The exit status is that of
`busproof check`.";

#[derive(Debug, ClapArgs)]
#[command(after_help = BARS)]
pub(crate) struct MarginArgs {
    /// VCD, FST, GHW, sigrok (.sr) or CSV files; - for the standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) wave: WaveArgs,
    /// The part that controls the bus: its set-up and hold times
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ItemFormat::Human, value_name = "FORMAT")]
    pub(crate) format: ItemFormat,
    /// Show one rule: how often it was kept by how much, and how that moves over
    /// time
    #[arg(long, value_name = "NAME")]
    pub(crate) rule: Option<String>,
    /// Draw it: an SVG or PNG file
    #[arg(short, long, value_name = "FILE.svg", value_parser = picture)]
    pub(crate) out: Option<PathBuf>,
}

impl MarginArgs {
    /// The same as a check.
    pub(crate) fn as_check(&self) -> CheckArgs {
        CheckArgs {
            files: self.files.clone(),
            wave: self.wave.clone(),
            host: self.host.clone(),
            strict: false,
            format: ReportFormat::Human,
            report: None,
        }
    }
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Human,
    /// One JSON object a line
    Jsonl,
    /// One JSON array of the same objects
    Json,
    /// `JUnit` XML, for CI servers
    Junit,
    /// Annotations of GitHub workflows
    Github,
}

const LINKS: &str = "\
Links: uart (8N1, 16 samples a bit, two of three), spi (mode 0), i2c, handshake4
and handshake2 (four and two phases, 8 wires of data), dualrail, validready.
Ends with a clock of their own take inputs in through two flops. The clock is the
bit rate of serial links and the clock of both ends of the others; i2c stays at
1 MHz. Every figure is simulated. The exit status is 1 if a link does not carry
the payload, though the clocks be equal.";

const COMPARE_USAGE: &str = "\
busproof compare [OPTIONS] <TEXT>
       busproof compare [OPTIONS] <VECTORS.toml>
       busproof compare [OPTIONS] --file <FILE>
       busproof compare [OPTIONS] --registers <N>
       busproof compare [OPTIONS] --uart-tolerance";

#[derive(Debug, ClapArgs)]
#[command(after_help = LINKS, override_usage = COMPARE_USAGE)]
#[command(group(ArgGroup::new("what").required(true).multiple(true)))]
pub(crate) struct CompareArgs {
    /// The payload, as text; or a vector file with `[compare]`, on top of which
    /// the options come
    #[arg(value_name = "TEXT", group = "what")]
    pub(crate) text: Option<String>,
    /// A file as payload
    #[arg(long, value_name = "FILE", group = "what", conflicts_with = "text")]
    pub(crate) file: Option<PathBuf>,
    /// Read so many registers of an FPGA, waiting for each or not
    #[arg(long, value_name = "N", group = "what")]
    pub(crate) registers: Option<u32>,
    /// How far a UART's clocks may differ, for frames of 7 to 11 bits
    #[arg(long, group = "what")]
    pub(crate) uart_tolerance: bool,
    /// The links [default: uart,spi,i2c,handshake4,handshake2]
    #[arg(long, value_name = "LINK,...", value_delimiter = ',')]
    pub(crate) over: Vec<Link>,
    /// The clock [default: 1MHz]
    #[arg(long, value_name = "FREQUENCY", value_parser = hertz)]
    pub(crate) clock: Option<u64>,
    /// The capacitance of each wire [default: 50pF]
    #[arg(long, value_name = "FARAD", value_parser = farad)]
    pub(crate) capacitance: Option<f64>,
    /// The supply [default: 3.3V]
    #[arg(long, value_name = "VOLT", value_parser = volt)]
    pub(crate) vdd: Option<f64>,
    /// The pull-up resistor of each wire of I2C [default: 1k]
    #[arg(long, value_name = "OHM", value_parser = ohm)]
    pub(crate) pull_up: Option<f64>,
    /// How many registers the host asks for before it waits [default: 1,4,16]
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    pub(crate) outstanding: Vec<u32>,
    /// How long the FPGA takes for a register [default: 5us]
    #[arg(long, value_name = "TIME")]
    pub(crate) access_time: Option<Span>,
    /// How long the host takes to use what it has read [default: 10us]
    #[arg(long, value_name = "TIME")]
    pub(crate) work: Option<Span>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ItemFormat::Human, value_name = "FORMAT")]
    pub(crate) format: ItemFormat,
    /// Draw it: an SVG or PNG file
    #[arg(short, long, value_name = "FILE.svg", value_parser = picture)]
    pub(crate) out: Option<PathBuf>,
}

const SWEEPING: &str = "\
PATH is where the key stands in the vector file, such as bus.spi.clock or
bus.uart.host.clock.error; step.0.delay is in the first step. Values are from one
to another in steps, -8%..8%:0.25%, or listed, ideal,8,16. The first parameter
goes across, the second upwards. The exit status is that of the runs, as for
`busproof run`; with --find it is 0 if a value passes.";

#[derive(Debug, ClapArgs)]
#[command(after_help = SWEEPING)]
pub(crate) struct SweepArgs {
    /// A vector file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What varies, instead of the `[sweep]` of the file; twice at most
    #[arg(long, value_name = "PATH=FROM..TO:STEP", allow_hyphen_values = true)]
    pub(crate) vary: Vec<Vary>,
    /// Find by bisection the greatest, or the least, value of a parameter that
    /// passes, for each value of the other one
    #[arg(long, num_args = 2, value_names = ["max|min", "PATH"])]
    find: Vec<String>,
    /// The case of the file; all that vary if absent
    #[arg(long, value_name = "NAME")]
    pub(crate) case: Option<String>,
    /// The seed of everything random, instead of that of the vector
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How many points run at once; as many as there are processors if absent
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// A limit on the simulated time of each run, such as 10ms
    #[arg(long, value_name = "TIME")]
    pub(crate) max_time: Option<Span>,
    /// How to print
    #[arg(long, value_enum, default_value_t = SweepFormat::Human, value_name = "FORMAT")]
    pub(crate) format: SweepFormat,
    /// Draw it: an SVG or PNG file
    #[arg(short, long, value_name = "FILE.svg", value_parser = picture, conflicts_with = "find")]
    pub(crate) out: Option<PathBuf>,
}

impl SweepArgs {
    /// What is to be found.
    pub(crate) fn find(&self) -> Result<Option<Find>, CliError> {
        let [which, parameter] = self.find.as_slice() else { return Ok(None) };
        let extreme = match which.as_str() {
            "max" => Extreme::Max,
            "min" => Extreme::Min,
            _ => return Err(CliError::Sweep(format!("`--find {which}`: write `--find max PATH`, or min"))),
        };
        Ok(Some(Find { extreme, parameter: parameter.clone() }))
    }
}

/// How a sweep is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SweepFormat {
    /// A picture and a table for people
    Human,
    /// One JSON object a line
    Jsonl,
    /// One JSON array of the same objects
    Json,
    /// A row for each point
    Csv,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PartArgs {
    #[command(subcommand)]
    pub(crate) verb: PartVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PartVerb {
    /// List the parts
    List,
    /// Show a part: every number and where it is from
    Show {
        /// A part's name, or a part file
        name: String,
        /// Print the part file itself, as a start for your own
        #[arg(long)]
        source: bool,
    },
    /// List the numbers in which two parts differ
    Diff {
        /// A part's name, or a part file
        one: String,
        /// Another
        other: String,
    },
    /// List what is doubtful: numbers without source, missing limits
    Lint {
        /// A part's name, or a part file; all parts if absent
        name: Option<String>,
        /// Fail if anything is doubtful
        #[arg(long)]
        strict: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// A rule (`tCLH`), a diagnostic (`spi::cs-mid-word`) or a term; all if absent
    pub(crate) code: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NewArgs {
    /// Write NAME.toml instead of printing
    pub(crate) name: Option<String>,
    /// The bus; that which NAME begins with, such as `i2c-probe`, or SPI if absent
    #[arg(long, value_parser = begun(), value_name = "BUS")]
    pub(crate) bus: Option<String>,
    /// Print the JSON schema of vector files, for editors
    #[arg(long, conflicts_with = "name")]
    pub(crate) schema: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// The buses of transfers.
fn simulated() -> impl TypedValueParser<Value = String> {
    among(&[Spi::INFO.name, I2c::INFO.name, Uart::INFO.name, Handshake::INFO.name])
}

/// What there are vectors to begin with of.
fn begun() -> impl TypedValueParser<Value = String> {
    among(&[Spi::INFO.name, I2c::INFO.name, Uart::INFO.name, Handshake::INFO.name, "crossing"])
}

fn among(names: &[&'static str]) -> impl TypedValueParser<Value = String> + use<> {
    PossibleValuesParser::new(names.iter().copied().map(PossibleValue::new))
}

/// The name of a picture.
pub(crate) fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match Picture::of(&path) {
        Some(_) => Ok(path),
        None => Err("pictures are SVG or PNG; write a name that ends in .svg or .png".into()),
    }
}

fn ohm(text: &str) -> Result<f64, String> {
    quantity(text, "Ohm", "2.2k")
}

fn hertz(text: &str) -> Result<u64, String> {
    quantity(text, "Hz", "400kHz").map(|hertz| hertz.round() as u64)
}

fn volt(text: &str) -> Result<f64, String> {
    quantity(text, "V", "3.3V")
}

fn farad(text: &str) -> Result<f64, String> {
    // Nobody means whole farads.
    let bare = text.trim().parse::<f64>().is_ok();
    quantity(if bare { "" } else { text }, "F", "120pF")
}

/// A number above zero with a prefix such as k or p; the unit itself may be left out.
fn quantity(text: &str, unit: &str, example: &str) -> Result<f64, String> {
    let number = text.trim();
    let number = number.strip_suffix(unit).unwrap_or(number);
    let value = si(&format!("{number}{unit}"), unit).filter(|value| *value > 0.0);
    value.ok_or_else(|| format!("write it as a number above 0 with a unit, such as {example}"))
}

/// `KEY=VALUE`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_end_in_svg_or_png() {
        assert_eq!(picture("links.SVG"), Ok(PathBuf::from("links.SVG")));
        assert!(picture("links.png").is_ok() && picture("links.jpg").is_err() && picture("svg").is_err());
    }

    #[test]
    fn electrical_values_need_no_unit_but_their_own() {
        for text in ["2.2k", "2.2kOhm", "2.2 kOhm", "2200"] {
            assert_eq!(ohm(text), Ok(2_200.0), "{text}");
        }
        assert_eq!((volt("1.8"), volt("1800 mV")), (Ok(1.8), Ok(1.8)));
        assert_eq!((hertz("1MHz"), hertz("115200")), (Ok(1_000_000), Ok(115_200)));
        assert_eq!(farad("120pF"), Ok(120e-12));
        assert!(farad("120").is_err() && farad("1e-10").is_err(), "of what?");
        for text in ["0", "-1k", "k", "2,2k", "1e400"] {
            assert!(ohm(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }
}
