//! A part: what a part file says.

use std::fmt::Write as _;
use std::sync::Arc;

use busproof_core::bus::spi::CommandTable;
use busproof_core::bus::{BusInfo, handshake, i2c, spi, uart};
use busproof_core::cdc;
use busproof_core::time::Span;
use busproof_core::timing::{Params, Side};
use toml::de::DeTable;

use crate::catalog;
use crate::command::Commands;
use crate::devices::{Model, Spec};
use crate::electrical::Electrical;
use crate::error::{Hint, PartError, Problem};
use crate::limits::{self, Conditions, Limit};
use crate::options::{self, PartOptions};
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
    pub(crate) bus: &'static BusInfo,
    pub(crate) options: PartOptions,
    pub(crate) standard: Option<Arc<Part>>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) electrical: Option<Electrical>,
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

    /// The bus it sits on: `spi`, `i2c`, `handshake`, `crossing`, `uart`.
    pub fn bus(&self) -> &'static str {
        self.bus.name
    }

    /// The bus it sits on, as the table of buses has it.
    pub fn bus_info(&self) -> &'static BusInfo {
        self.bus
    }

    /// Which simulated device it is, if any.
    pub fn model(&self) -> Option<Model> {
        self.model
    }

    /// Where its numbers are from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What it asks of the bus.
    pub fn asks(&self) -> &PartOptions {
        &self.options
    }

    /// What it asks of SPI: the first of its modes, the length of its words, its commands; `None` on another bus.
    pub fn spi_options(&self) -> Option<&spi::Options> {
        match &self.options {
            PartOptions::Spi { options, .. } => Some(options),
            _ => None,
        }
    }

    /// The SPI modes that it works in; empty if the file does not say, and on another bus.
    pub fn spi_modes(&self) -> &[spi::Mode] {
        match &self.options {
            PartOptions::Spi { modes, .. } => modes,
            _ => &[],
        }
    }

    /// What it asks of I2C: the fastest speed class that it keeps up with, and whether it speaks SMBus; `None` on another
    /// bus.
    pub fn i2c_options(&self) -> Option<&i2c::Options> {
        match &self.options {
            PartOptions::I2c { options } => Some(options),
            _ => None,
        }
    }

    /// What it asks of a handshake: the protocol and its words; `None` on another bus.
    pub fn handshake_options(&self) -> Option<&handshake::Options> {
        match &self.options {
            PartOptions::Handshake { options } => Some(options),
            _ => None,
        }
    }

    /// What it says of a crossing from one clock domain to another; `None` of a bus.
    pub fn crossing_options(&self) -> Option<&cdc::Options> {
        match &self.options {
            PartOptions::Crossing { options } => Some(options),
            _ => None,
        }
    }

    /// What it asks of a UART: frames, receiver and kind of line; `None` on another bus.
    pub fn uart_options(&self) -> Option<&uart::Options> {
        match &self.options {
            PartOptions::Uart { options } => Some(options),
            _ => None,
        }
    }

    /// The part whose limits hold where this one states none.
    pub fn standard(&self) -> Option<&Part> {
        self.standard.as_deref()
    }

    /// The limits of its timing that its own file states, in its order.
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// The limit of that name and side, its own or its standard's, with the whole citation.
    pub fn limit(&self, name: &str, side: Side) -> Option<Limit> {
        let own = self.limits.iter().find(|limit| limit.info.name == name && limit.info.side == side);
        match own {
            Some(limit) => Some(Limit { cite: self.full_cite(&limit.cite), ..limit.clone() }),
            None => self.standard()?.limit(name, side),
        }
    }

    /// The limits as the bus's rules take them, each with its citation: its own, then its standard's, under the usual
    /// [`Conditions`].
    pub fn params(&self) -> Params {
        self.params_at(&Conditions::default())
    }

    /// The limits under the conditions given.
    pub fn params_at(&self, conditions: &Conditions) -> Params {
        let mut params = self.standard().map_or_else(Params::new, |standard| standard.params_at(conditions));
        for limit in &self.limits {
            params.set(limit.param, limit.value_at(conditions), self.full_cite(&limit.cite));
        }
        params
    }

    /// Sets the limits that its own file states where they are stricter than those that `params` has: what a device adds to
    /// the standard that its bus keeps.
    pub fn overlay(&self, params: &mut Params, conditions: &Conditions) {
        for limit in &self.limits {
            let value = limit.value_at(conditions);
            let is_stricter =
                params.get(limit.param).is_none_or(|there| limit.is_stricter(value, there.value));
            if is_stricter {
                params.set(limit.param, value, self.full_cite(&limit.cite));
            }
        }
    }

    /// What drivers of its standard can sink and wires may load them with, if it says.
    pub fn electrical(&self) -> Option<&Electrical> {
        self.electrical.as_ref().or_else(|| self.standard()?.electrical())
    }

    /// The times that the device takes for itself.
    pub fn times(&self) -> &Times {
        &self.times
    }

    /// What the opcodes mean, if it has any.
    pub fn commands(&self) -> Option<Arc<CommandTable>> {
        self.spi_options()?.commands.clone()
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
    read_format(root)?;
    let name = read_name(&root.require("part")?)?;
    let bus = read_bus(&root.require("bus")?)?;
    let model = root.get("model").map(|v| read_model(&v, bus)).transpose()?;
    let aliases = root.get("aliases").map(|v| v.str_list()).transpose()?.unwrap_or_default();
    let title = root.require("title")?.str()?.to_owned();
    let source = read_source(&root.require("source")?)?;
    let standard = root.get("standard").map(|v| read_standard(&v, bus)).transpose()?;
    let asked = root.get("options").map(|v| PartOptions::read(&v, bus)).transpose()?;
    let mut options = asked.unwrap_or_else(|| PartOptions::default_for(bus));
    let mut numbers = Numbers::default();
    let limits =
        root.get("timing").map(|v| limits::read(&v, bus, &mut numbers)).transpose()?.unwrap_or_default();
    let electrical = root.get("electrical").map(|v| Electrical::read(&v, &mut numbers)).transpose()?;
    let times =
        root.get("times").map(|v| read_times(&v, model, &mut numbers)).transpose()?.unwrap_or_default();
    let spec = Spec::read(model, root, &options, &mut numbers)?;
    let commands = root.get("command").map(|v| Commands::read(&v, &mut numbers).map(Arc::new)).transpose()?;
    if commands.is_none() && matches!(model, Some(Model::Nor | Model::Sram)) {
        return Err(root.error(Problem::MissingKey { key: "command", place: "the part file".into() }));
    }
    check_command_times(root, commands.as_deref(), &times)?;
    root.finish()?;
    if let PartOptions::Spi { options, .. } = &mut options {
        let of_model = || spec.as_ref()?.command_table();
        options.commands = commands.as_ref().map(|c| c.table.clone()).or_else(of_model);
    }
    Ok(Part {
        name,
        aliases,
        title,
        source,
        model,
        bus,
        options,
        standard,
        limits,
        electrical,
        times,
        spec,
        commands,
        numbers,
    })
}

/// The version of the format, which must be ours.
pub(crate) fn read_format(root: &Table<'_>) -> Result<(), PartError> {
    let format = root.require("format")?;
    match format.number(0..=u64::MAX)? {
        1 => Ok(()),
        version => Err(format.error(Problem::Format(version))),
    }
}

fn read_bus(value: &Value<'_>) -> Result<&'static BusInfo, PartError> {
    let buses: Vec<(&str, &'static BusInfo)> = options::BUSES.iter().map(|bus| (bus.name, bus)).collect();
    value.choice("bus", &buses)
}

fn read_model(value: &Value<'_>, bus: &BusInfo) -> Result<Model, PartError> {
    let model = value.choice("model", Model::NAMES)?;
    if model.bus() != bus.name {
        let text = format!("model `{}` sits on bus {}, not on {}", model.name(), model.bus(), bus.name);
        return Err(value.error(Problem::Conflict(text)));
    }
    Ok(model)
}

/// The part that fills in the limits which this one does not state.
fn read_standard(value: &Value<'_>, bus: &BusInfo) -> Result<Arc<Part>, PartError> {
    let known: Vec<(&str, &str)> = catalog::standards(bus).collect();
    let text = value.choice("standard", &known)?;
    Part::parse(text, value.str()?).map(Arc::new)
}

pub(crate) fn read_name(value: &Value<'_>) -> Result<String, PartError> {
    let name = value.str()?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(fits) {
        return Err(value.malformed("a name of lower-case letters, digits and `-`", "w25q128jv"));
    }
    Ok(name.to_owned())
}

pub(crate) fn read_source(value: &Value<'_>) -> Result<Source, PartError> {
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

pub(crate) fn read_cite(table: &Table<'_>, entry: &Value<'_>) -> Result<String, PartError> {
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
