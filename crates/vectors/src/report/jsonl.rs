//! JSON lines: an object a line. Fields may be added to them, never changed.
//!
//! ```text
//! {"bus":"spi","line":"mosi","kind":"word","start_fs":0,"end_fs":500000000,"data":"9f","cs":0}
//! {"kind":"finding","rule":"tSLCH","verdict":"broken","from_fs":0,"to_fs":2999999,"measured_fs":2999999,...}
//! ```
//!
//! Data are lower-case hexadecimal, zero-padded to `ceil(bits / 4)` digits; unknown bits are 0 in it, and 1 in a field
//! `unknown` that is there only if one is.

use busproof_core::bus::spi::{Direction, Flags, Item, Payload, Word};
use busproof_core::bus::{Diagnostic, i2c};
use busproof_core::timing::{Finding, Report, RuleReport, RuleState, Unit, Verdict};
use busproof_core::{Bits, Time};
use serde::Serialize;

use super::{Totals, VectorResult, unit_name};

mod crossing;
mod ddr;
mod handshake;
mod uart;

pub use crossing::CrossingLines;
pub use ddr::DdrLines;
pub use handshake::HandshakeLines;
pub use uart::UartLines;

/// Prints the lines of items of SPI, in the same memory for each: a waveform has an item for every word, and what is
/// printed of it is what reading the file costs.
#[derive(Clone, Debug, Default)]
pub struct SpiLines {
    line: String,
    /// The kind and the times of an item, which its lines have in common.
    kind: String,
}

impl SpiLines {
    /// Calls `print` with each line of an item: a word that travelled both ways has one for each data line.
    ///
    /// # Errors
    /// Those of `print`; lines that follow are then not printed.
    pub fn each<E>(&mut self, item: &Item, mut print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        let (kind, word) = match item {
            Item::Select { at, cs } => return print(self.event("select", *at, *cs)),
            Item::Deselect { at, cs } => return print(self.event("deselect", *at, *cs)),
            Item::Word(word) => ("word", word),
            Item::Incomplete(word) => ("incomplete", word),
        };
        self.set_kind(kind, word.start, word.end);
        let cut = matches!(item, Item::Incomplete(_));
        match &word.payload {
            Payload::Duplex { mosi, miso } => {
                let lines = [(r#","line":"mosi""#, mosi), (r#","line":"miso""#, miso)];
                lines.into_iter().try_for_each(|(line, bits)| match bits {
                    Some(bits) => print(self.word(line, bits, word, cut)),
                    None => Ok(()),
                })
            }
            Payload::Shared { lanes, bits, .. } => {
                print(self.word(&format!(r#","line":"io","lanes":{lanes}"#), bits, word, cut))
            }
        }
    }

    fn set_kind(&mut self, kind: &str, start: Time, end: Time) {
        let mut digits = itoa::Buffer::new();
        self.kind.clear();
        self.kind.push_str(r#","kind":""#);
        self.kind.push_str(kind);
        self.kind.push_str(r#"","start_fs":"#);
        self.kind.push_str(digits.format(start.as_fs()));
        self.kind.push_str(r#","end_fs":"#);
        self.kind.push_str(digits.format(end.as_fs()));
    }

    fn event(&mut self, kind: &str, at: Time, cs: u8) -> &str {
        self.set_kind(kind, at, at);
        self.begin("");
        self.cs(cs);
        self.line.push('}');
        &self.line
    }

    /// The line of a word on the wires that `line` names; one that was `cut` off tells how many bits it has.
    fn word(&mut self, line: &str, bits: &Bits, word: &Word, cut: bool) -> &str {
        self.begin(line);
        self.line.push_str(r#","data":""#);
        self.line.extend(bits.hex_digits());
        self.line.push('"');
        if !bits.is_known() || cut {
            self.oddities(bits, cut);
        }
        self.line.push_str(match word.payload {
            Payload::Shared { direction: Direction::ToPeripheral, .. } => r#","direction":"to-peripheral""#,
            Payload::Shared { direction: Direction::ToController, .. } => r#","direction":"to-controller""#,
            Payload::Shared { direction: Direction::Unknown, .. } | Payload::Duplex { .. } => "",
        });
        self.cs(word.cs);
        self.line.push_str(flags(word.flags));
        self.line.push('}');
        &self.line
    }

    fn begin(&mut self, line: &str) {
        self.line.clear();
        self.line.push_str(r#"{"bus":"spi""#);
        self.line.push_str(line);
        self.line.push_str(&self.kind);
    }

    #[cold]
    fn oddities(&mut self, bits: &Bits, cut: bool) {
        if !bits.is_known() {
            self.line.push_str(r#","unknown":""#);
            self.line.push_str(&bits.unknown_to_hex());
            self.line.push('"');
        }
        if cut {
            self.line.push_str(r#","bits":"#);
            self.line.push_str(itoa::Buffer::new().format(bits.len()));
        }
    }

    fn cs(&mut self, cs: u8) {
        self.line.push_str(r#","cs":"#);
        self.line.push_str(itoa::Buffer::new().format(cs));
    }
}

/// The field of what is odd about a word.
fn flags(flags: Flags) -> &'static str {
    match (flags.assumed_start, flags.double_rate) {
        (false, false) => "",
        (true, false) => r#","flags":["assumed-start"]"#,
        (false, true) => r#","flags":["double-rate"]"#,
        (true, true) => r#","flags":["assumed-start","double-rate"]"#,
    }
}

#[derive(Serialize)]
struct I2cLine<'a> {
    bus: &'a str,
    kind: &'a str,
    start_fs: u64,
    end_fs: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<&'a str>,
}

/// The line of an item of I2C.
///
/// ```text
/// {"bus":"i2c","kind":"address","start_fs":0,"end_fs":70000000000,"data":"50","bits":7,"read":false}
/// ```
pub fn i2c_item(item: &i2c::Item) -> String {
    to_line(&match item {
        i2c::Item::Start { assumed: true, .. } => {
            I2cLine { flags: vec!["assumed"], ..i2c_line("start", item) }
        }
        i2c::Item::Start { .. } => i2c_line("start", item),
        i2c::Item::RepeatedStart { .. } => i2c_line("repeated-start", item),
        i2c::Item::Stop { .. } => i2c_line("stop", item),
        i2c::Item::Address { address, direction, .. } => {
            let (bits, data) = match address {
                i2c::Address::Seven(address) => (7, format!("{address:02x}")),
                i2c::Address::Ten(address) => (10, format!("{address:03x}")),
            };
            let line = i2c_line("address", item);
            I2cLine { data: Some(data), bits: Some(bits), read: Some(is_read(*direction)), ..line }
        }
        i2c::Item::Data { byte, direction, .. } => {
            I2cLine { read: Some(is_read(*direction)), ..i2c_bits("data", item, byte) }
        }
        i2c::Item::Ack { ack: i2c::Ack::Ack, .. } => i2c_line("ack", item),
        i2c::Item::Ack { ack: i2c::Ack::Nack, .. } => i2c_line("nack", item),
        i2c::Item::Incomplete { bits, .. } => {
            I2cLine { bits: Some(bits.len()), ..i2c_bits("incomplete", item, bits) }
        }
    })
}

fn i2c_line<'a>(kind: &'a str, item: &i2c::Item) -> I2cLine<'a> {
    I2cLine {
        bus: "i2c",
        kind,
        start_fs: item.start().as_fs(),
        end_fs: item.end().as_fs(),
        data: None,
        unknown: None,
        bits: None,
        read: None,
        flags: Vec::new(),
    }
}

fn i2c_bits<'a>(kind: &'a str, item: &i2c::Item, bits: &Bits) -> I2cLine<'a> {
    let unknown = (!bits.is_known()).then(|| bits.unknown_to_hex());
    I2cLine { data: Some(bits.to_hex()), unknown, ..i2c_line(kind, item) }
}

fn is_read(direction: i2c::Direction) -> bool {
    direction == i2c::Direction::Read
}

#[derive(Serialize)]
struct FindingLine<'a> {
    kind: &'a str,
    rule: &'a str,
    verdict: &'a str,
    from_fs: u64,
    to_fs: u64,
    #[serde(flatten)]
    values: FindingValues<'a>,
    grid_fs: u64,
    source: &'a str,
}

/// What was measured: in femtoseconds, or in another unit that is then named.
#[derive(Serialize)]
#[serde(untagged)]
enum FindingValues<'a> {
    Time { measured_fs: i64, limit_fs: i64 },
    Other { measured: i64, limit: i64, unit: &'a str },
}

/// The line of a finding. `cite` is where its limit is from; if that is empty, the rule's own source is given.
pub fn finding(finding: &Finding, cite: &str) -> String {
    to_line(&FindingLine {
        kind: "finding",
        rule: finding.rule.name,
        verdict: match finding.verdict {
            Verdict::Kept => "kept",
            Verdict::CannotTell => "cannot-tell",
            Verdict::Broken => "broken",
        },
        from_fs: finding.from.as_fs(),
        to_fs: finding.to.as_fs(),
        values: match finding.rule.unit() {
            Unit::Fs => FindingValues::Time { measured_fs: finding.measured, limit_fs: finding.limit },
            unit => FindingValues::Other {
                measured: finding.measured,
                limit: finding.limit,
                unit: unit_name(unit),
            },
        },
        grid_fs: finding.grid.as_fs(),
        source: if cite.is_empty() { finding.rule.source } else { cite },
    })
}

#[derive(Serialize)]
struct DiagnosticLine<'a> {
    kind: &'a str,
    code: &'a str,
    severity: String,
    from_fs: u64,
    to_fs: u64,
    text: &'a str,
}

/// The line of a diagnostic, or of a device's remark.
pub fn diagnostic(diagnostic: &Diagnostic) -> String {
    to_line(&DiagnosticLine {
        kind: "diagnostic",
        code: diagnostic.code,
        severity: diagnostic.severity.to_string(),
        from_fs: diagnostic.from.as_fs(),
        to_fs: diagnostic.to.as_fs(),
        text: &diagnostic.text,
    })
}

#[derive(Serialize)]
struct MarginLine<'a> {
    kind: &'a str,
    rule: &'a str,
    #[serde(flatten)]
    values: MarginValues<'a>,
    count: u64,
    worst_at_fs: u64,
}

#[derive(Serialize)]
#[serde(untagged)]
enum MarginValues<'a> {
    Time { worst_fs: i64, p1_fs: i64, median_fs: i64, limit_fs: i64 },
    Other { worst: i64, p1: i64, median: i64, limit: i64, unit: &'a str },
}

/// The line of a rule's margin; `None` if nothing was measured.
pub fn margin(result: &RuleReport) -> Option<String> {
    let margin = result.margin()?;
    let (worst, p1, median, limit) = (margin.worst, margin.p1, margin.median, margin.limit);
    Some(to_line(&MarginLine {
        kind: "margin",
        rule: result.rule.name,
        values: match result.rule.unit() {
            Unit::Fs => MarginValues::Time { worst_fs: worst, p1_fs: p1, median_fs: median, limit_fs: limit },
            unit => MarginValues::Other { worst, p1, median, limit, unit: unit_name(unit) },
        },
        count: margin.count,
        worst_at_fs: margin.worst_at.0.as_fs(),
    }))
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    kind: &'a str,
    items: u64,
    broken: u64,
    cannot_tell: u64,
    exercised: Vec<&'a str>,
    never_exercised: Vec<&'a str>,
    not_visible: Vec<&'a str>,
    no_limit: Vec<&'a str>,
    protocol_checks: Vec<&'a str>,
}

/// The last line: what was seen and judged.
pub fn summary(items: u64, report: &Report) -> String {
    to_line(&SummaryLine {
        kind: "summary",
        items,
        broken: report.broken(),
        cannot_tell: report.cannot_tell(),
        exercised: report.exercised().map(|r| r.rule.name).collect(),
        never_exercised: report.never_exercised().map(|r| r.rule.name).collect(),
        not_visible: rules(report, |state| matches!(state, RuleState::NotVisible(_))),
        no_limit: rules(report, |state| state == RuleState::NoLimit),
        protocol_checks: report.checks.iter().map(|check| check.code).collect(),
    })
}

/// The names of the rules in a state.
fn rules(report: &Report, fits: impl Fn(RuleState) -> bool) -> Vec<&str> {
    report.rules.iter().filter(|result| fits(result.state)).map(|result| result.rule.name).collect()
}

#[derive(Serialize)]
struct VectorLine<'a> {
    kind: &'a str,
    #[serde(flatten)]
    result: &'a VectorResult,
}

/// The line of a vector.
pub fn vector(result: &VectorResult) -> String {
    to_line(&VectorLine { kind: "vector", result })
}

#[derive(Serialize)]
struct TotalsLine<'a> {
    kind: &'a str,
    #[serde(flatten)]
    totals: Totals,
}

/// The last line of a run.
pub fn totals(results: &[VectorResult]) -> String {
    to_line(&TotalsLine { kind: "totals", totals: Totals::of(results) })
}

/// A run as one JSON array of its lines.
pub fn document(results: &[VectorResult]) -> String {
    let lines: Vec<String> = results.iter().map(vector).chain([totals(results)]).collect();
    format!("[\n{}\n]", lines.join(",\n"))
}

fn to_line(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("numbers and texts are always JSON")
}
