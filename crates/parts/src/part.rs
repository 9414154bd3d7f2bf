//! A part: what a part file says.

use std::fmt::Write as _;
use std::sync::Arc;

use busproof_core::bits::BitOrder;
use busproof_core::bus::spi::rules::PARAMS;
use busproof_core::bus::spi::{CommandTable, Mode, Options, WordBits};
use busproof_core::time::Span;
use busproof_core::timing::{Param, Params};
use busproof_core::timing::{ParamInfo, Quantity, Side};
use toml::de::DeTable;

use crate::command::Commands;
use crate::devices::{Model, Spec};
use crate::error::{Hint, PartError, Problem};
use crate::reader::{Doc, Table, Value};

/// What a citation says of a number without a known source.
pub const UNVERIFIED: &str = "unverified";

/// A part: a device, a bus standard or a host, with its numbers and where they are from.
#[derive(Clone, Debug)]
pub struct Part {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) title: String,
    pub(crate) source: Source,
    pub(crate) model: Option<Model>,
    pub(crate) options: Options,
    pub(crate) modes: Vec<Mode>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) times: Times,
    pub(crate) spec: Option<Spec>,
    pub(crate) commands: Option<Arc<Commands>>,
    pub(crate) numbers: Numbers,
}

/// Where a part's numbers are from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The document.
    pub doc: String,
    /// Its revision.
    pub rev: String,
    /// Its title.
    pub title: String,
    /// How it was read, which column was taken.
    pub note: String,
}

/// A limit of the bus's timing, as the part file states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The parameter.
    pub param: Param,
    /// What the bus says of it.
    pub info: &'static ParamInfo,
    /// The value in femtoseconds; a frequency is its period, rounded down.
    pub value: i64,
    /// As the file spells it.
    pub text: String,
    /// The citation.
    pub cite: String,
}

/// A number of a part file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The section: `timing`, `times`, `device`, `command`, `register`.
    pub section: &'static str,
    /// Its name.
    pub name: String,
    /// Its value, as the file spells it.
    pub value: String,
    /// Where it is from.
    pub cite: String,
}

impl Number {
    /// True if no source is known for it.
    pub fn is_unverified(&self) -> bool {
        self.cite.contains(UNVERIFIED)
    }
}

/// All numbers of a part file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers(pub(crate) Vec<Number>);

impl Numbers {
    pub(crate) fn add(&mut self, section: &'static str, name: &str, value: String, cite: &str) {
        self.0.push(Number { section, name: name.to_owned(), value, cite: cite.to_owned() });
    }
}

/// Which value of a device time to simulate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pick {
    /// The greatest: what a driver must be ready for.
    #[default]
    Max,
    /// The typical one.
    Typical,
}

/// A time that the device takes for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceTime {
    /// As data sheets call it: `tPP`.
    pub name: String,
    /// Typically.
    pub typical: Option<Span>,
    /// At most.
    pub max: Option<Span>,
}

/// The times that a device takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times(pub(crate) Vec<DeviceTime>);

impl Times {
    /// The time of that name: what was picked, or the other value if only that is stated; none at all for a time
    /// that the part file does not have.
    pub fn get(&self, name: &str, pick: Pick) -> Span {
        let time = self.0.iter().find(|time| time.name == name);
        let (first, second) = match (time, pick) {
            (None, _) => (None, None),
            (Some(time), Pick::Max) => (time.max, time.typical),
            (Some(time), Pick::Typical) => (time.typical, time.max),
        };
        first.or(second).unwrap_or(Span::ZERO)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &DeviceTime> {
        self.0.iter()
    }
}

impl Part {
    /// Reads the text of a part file; `origin` names it in messages.
    pub fn parse(text: &str, origin: &str) -> Result<Part, PartError> {
        let doc = Doc { origin, text };
        let root = DeTable::parse(text).map_err(|error| {
            doc.error(error.span().unwrap_or_default(), Problem::Syntax(error.message().replace('\n', ", ")))
        })?;
        read_part(&Table::root(doc, root.get_ref()))
    }

    /// Its name: lower-case letters, digits and `-`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Other names under which it is found.
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// What it is, in a line.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The bus it sits on: `spi`.
    pub fn bus(&self) -> &'static str {
        "spi"
    }

    /// Which simulated device it is, if any.
    pub fn model(&self) -> Option<Model> {
        self.model
    }

    /// Where its numbers are from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What it asks of the bus: the first of its modes, the length of its words, its commands.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The modes that it works in; empty if the file does not say.
    pub fn modes(&self) -> &[Mode] {
        &self.modes
    }

    /// The limits of its timing, in the order of the file.
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// The limits as the bus's rules take them, each with its citation.
    pub fn params(&self) -> Params {
        let mut params = Params::new();
        for limit in &self.limits {
            params.set(limit.param, limit.value, self.full_cite(&limit.cite));
        }
        params
    }

    /// The times that the device takes for itself.
    pub fn times(&self) -> &Times {
        &self.times
    }

    /// What the opcodes mean, if it has any.
    pub fn commands(&self) -> Option<Arc<CommandTable>> {
        self.options.commands.clone()
    }

    /// The rows of the command table with what the device does, if the part file states commands.
    pub fn command_rows(&self) -> Option<&Arc<Commands>> {
        self.commands.as_ref()
    }

    /// What the simulated device needs to know.
    pub fn spec(&self) -> Option<&Spec> {
        self.spec.as_ref()
    }

    /// Every number of the file and where it is from, in the order of the file.
    pub fn numbers(&self) -> &[Number] {
        &self.numbers.0
    }

    /// The citation with its document, unless it names one itself.
    fn full_cite(&self, cite: &str) -> String {
        let mut text = String::new();
        if cite.starts_with("table") || cite.starts_with("section") || cite.starts_with("figure") {
            let _ = write!(text, "{} ", self.source.doc);
        }
        text + cite
    }
}

fn read_part(root: &Table<'_>) -> Result<Part, PartError> {
    let format = root.require("format")?;
    let version = format.number(0..=u64::MAX)?;
    if version != 1 {
        return Err(format.error(Problem::Format(version)));
    }
    let name = read_name(&root.require("part")?)?;
    root.require("bus")?.choice("bus", &[("spi", ())])?;
    let model = root.get("model").map(|v| v.choice("model", Model::NAMES)).transpose()?;
    let aliases = root.get("aliases").map(|v| v.str_list()).transpose()?.unwrap_or_default();
    let title = root.require("title")?.str()?.to_owned();
    let source = read_source(&root.require("source")?)?;
    let asked = root.get("options").map(|v| read_options(&v)).transpose()?;
    let (mut options, modes) = asked.unwrap_or_default();
    let mut numbers = Numbers::default();
    let limits = root.get("timing").map(|v| read_limits(&v, &mut numbers)).transpose()?.unwrap_or_default();
    let times =
        root.get("times").map(|v| read_times(&v, model, &mut numbers)).transpose()?.unwrap_or_default();
    let spec = Spec::read(model, root, &options, &mut numbers)?;
    let commands = root.get("command").map(|v| Commands::read(&v, &mut numbers).map(Arc::new)).transpose()?;
    if commands.is_none() && matches!(model, Some(Model::Nor | Model::Sram)) {
        return Err(root.error(Problem::MissingKey { key: "command", place: "the part file".into() }));
    }
    check_command_times(root, commands.as_deref(), &times)?;
    root.finish()?;
    options.commands = commands.as_ref().map(|c| c.table.clone()).or_else(|| spec.as_ref()?.command_table());
    Ok(Part { name, aliases, title, source, model, options, modes, limits, times, spec, commands, numbers })
}

fn read_name(value: &Value<'_>) -> Result<String, PartError> {
    let name = value.str()?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(fits) {
        return Err(value.malformed("a name of lower-case letters, digits and `-`", "w25q128jv"));
    }
    Ok(name.to_owned())
}

fn read_source(value: &Value<'_>) -> Result<Source, PartError> {
    let table = value.table("`source`")?;
    let text = |key| table.get(key).map_or(Ok(String::new()), |v: Value<'_>| v.str().map(str::to_owned));
    let source = Source {
        doc: table.require("doc")?.str()?.to_owned(),
        rev: text("rev")?,
        title: text("title")?,
        note: text("note")?,
    };
    table.finish()?;
    Ok(source)
}

/// What the part asks of the bus, and all modes that it works in.
fn read_options(value: &Value<'_>) -> Result<(Options, Vec<Mode>), PartError> {
    let table = value.table("[options]")?;
    let modes = table.get("modes").map(|v| v.list()).transpose()?.unwrap_or_default();
    let modes = modes.iter().map(read_mode).collect::<Result<Vec<Mode>, PartError>>()?;
    let mut options = Options { mode: modes.first().copied().unwrap_or_default(), ..Options::default() };
    if let Some(bits) = table.get("word_bits") {
        options.word_bits = WordBits::new(bits.number(1..=WordBits::MAX.into())? as u32).unwrap_or_default();
    }
    if let Some(order) = table.get("bit_order") {
        options.bit_order = order.choice("bit order", &[("msb", BitOrder::Msb), ("lsb", BitOrder::Lsb)])?;
    }
    table.finish()?;
    Ok((options, modes))
}

fn read_mode(value: &Value<'_>) -> Result<Mode, PartError> {
    let number = value.number(0..=3)?;
    Ok(Mode::from_number(number as u8).unwrap_or_default())
}

fn read_limits(value: &Value<'_>, numbers: &mut Numbers) -> Result<Vec<Limit>, PartError> {
    let table = value.table("[timing]")?;
    table.in_order().iter().map(|entry| read_limit(entry, numbers)).collect()
}

fn read_limit(entry: &Value<'_>, numbers: &mut Numbers) -> Result<Limit, PartError> {
    let name = entry.key.as_str();
    let Some(index) = PARAMS.iter().position(|info| info.name == name) else {
        let hint = Hint::nearest(name, PARAMS.iter().map(|info| info.name));
        let what = "timing parameter of spi".to_owned();
        return Err(entry.key_error(Problem::UnknownName { what, name: name.to_owned(), hint }));
    };
    let info = &PARAMS[index];
    let table = entry.table(format!("`{name}`"))?;
    let (wanted, other) = match info.side {
        Side::Min => ("min", "max"),
        Side::Max => ("max", "min"),
    };
    if let Some(stated) = table.get(other) {
        let name = name.to_owned();
        return Err(stated.key_error(Problem::WrongSide { name, stated: other, wanted }));
    }
    let number = table.require(wanted)?;
    let value = match info.quantity {
        Quantity::Time => number.span()?.as_fs(),
        Quantity::Frequency => number.period()?,
    };
    let cite = read_cite(&table, entry)?;
    table.finish()?;
    let text = number.str()?.to_owned();
    numbers.add("timing", name, format!("{wanted} {text}"), &cite);
    Ok(Limit {
        param: Param(index as u16),
        info,
        value: i64::try_from(value).unwrap_or(i64::MAX),
        text,
        cite,
    })
}

fn read_times(value: &Value<'_>, model: Option<Model>, numbers: &mut Numbers) -> Result<Times, PartError> {
    let known = model.map_or(&[] as &[&str], Model::times);
    let table = value.table("[times]")?;
    let mut times = Vec::new();
    for entry in table.in_order() {
        if !known.contains(&entry.key.as_str()) {
            let hint = Hint::nearest(&entry.key, known.iter().copied());
            let what = "device time of this model".to_owned();
            return Err(entry.key_error(Problem::UnknownName { what, name: entry.key.clone(), hint }));
        }
        times.push(read_time(&entry, numbers)?);
    }
    Ok(Times(times))
}

fn read_time(entry: &Value<'_>, numbers: &mut Numbers) -> Result<DeviceTime, PartError> {
    let table = entry.table(format!("`{}`", entry.key))?;
    let (typical, max) = (table.get("typ"), table.get("max"));
    if typical.is_none() && max.is_none() {
        return Err(table.error(Problem::MissingKey { key: "max", place: format!("`{}`", entry.key) }));
    }
    let own_cite = table.get("typ_cite").map(|v| v.str()).transpose()?;
    let cite = read_cite(&table, entry)?;
    table.finish()?;
    for (side, value) in [("typ", &typical), ("max", &max)] {
        if let Some(value) = value {
            let cite = own_cite.filter(|_| side == "typ").unwrap_or(&cite);
            numbers.add("times", &entry.key, format!("{side} {}", value.str()?), cite);
        }
    }
    let span = |value: Option<Value<'_>>| value.map(|v| v.span()).transpose();
    Ok(DeviceTime { name: entry.key.clone(), typical: span(typical)?, max: span(max)? })
}

fn read_cite(table: &Table<'_>, entry: &Value<'_>) -> Result<String, PartError> {
    match table.get("cite") {
        Some(cite) => Ok(cite.str()?.to_owned()),
        None => Err(entry.key_error(Problem::NoCite(entry.key.clone()))),
    }
}

/// Every `time = ` of a command must be a device time that the file states.
fn check_command_times(
    root: &Table<'_>,
    commands: Option<&Commands>,
    times: &Times,
) -> Result<(), PartError> {
    let Some(commands) = commands else { return Ok(()) };
    let known: Vec<&str> = times.iter().map(|time| time.name.as_str()).collect();
    for (i, detail) in commands.details.iter().enumerate() {
        let Some(name) = detail.time.as_deref().filter(|name| !known.contains(name)) else { continue };
        let hint = Hint::nearest(name, known.iter().copied());
        let problem = Problem::UnknownName { what: "device time".into(), name: name.into(), hint };
        let rows = root.require("command")?.list()?;
        return Err(match rows.get(i) {
            Some(row) => row.table("[[command]]")?.require("time")?.error(problem),
            None => root.error(problem),
        });
    }
    Ok(())
}

/// A section in which values stand bare, with the section's citation, or as `{ value = ..., cite = "..." }`.
pub(crate) struct Section<'d, 'n> {
    pub(crate) table: Table<'d>,
    name: &'static str,
    cite: Option<&'d str>,
    numbers: &'n mut Numbers,
}

impl<'d, 'n> Section<'d, 'n> {
    pub(crate) fn open(
        value: &Value<'d>,
        name: &'static str,
        numbers: &'n mut Numbers,
    ) -> Result<Section<'d, 'n>, PartError> {
        let table = value.table(format!("[{name}]"))?;
        let cite = table.get("cite").map(|v| v.str()).transpose()?;
        Ok(Section { table, name, cite, numbers })
    }

    /// A cited value, if it is there.
    pub(crate) fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Value<'d>) -> Result<T, PartError>,
    ) -> Result<Option<T>, PartError> {
        let Some(entry) = self.table.get(key) else { return Ok(None) };
        let (value, cite) = if entry.is_table() {
            let table = entry.table(format!("`{key}`"))?;
            let (value, cite) = (table.require("value")?, table.get("cite").map(|v| v.str()).transpose()?);
            table.finish()?;
            (value, cite.or(self.cite))
        } else {
            (self.table.require(key)?, self.cite)
        };
        let cite = cite.ok_or_else(|| entry.key_error(Problem::NoCite(key.to_owned())))?;
        self.numbers.add(self.name, key, value.source().trim_matches('"').to_owned(), cite);
        read(&value).map(Some)
    }

    /// A cited value that must be there.
    pub(crate) fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Value<'d>) -> Result<T, PartError>,
    ) -> Result<T, PartError> {
        match self.optional(key, read)? {
            Some(value) => Ok(value),
            None => Err(self.table.error(Problem::MissingKey { key, place: format!("[{}]", self.name) })),
        }
    }

    /// Notes a number that stands elsewhere and shares the section's citation.
    pub(crate) fn note(&mut self, section: &'static str, name: &str, value: String) -> Result<(), PartError> {
        let cite = self.cite.ok_or_else(|| self.table.error(Problem::NoCite(name.to_owned())))?;
        self.numbers.add(section, name, value, cite);
        Ok(())
    }

    /// A text that needs no source.
    pub(crate) fn text(&self, key: &'static str) -> Result<String, PartError> {
        self.table.require(key)?.str().map(str::to_owned)
    }
}
