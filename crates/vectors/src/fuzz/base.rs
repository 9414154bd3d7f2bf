//! The vector that a search begins with, as tables, and the text of what becomes of it.

use std::path::Path;

use toml::{Table, Value};

use super::FuzzError;
use super::case::{Case, Change, Turn};
use super::ideal::idealise;
use crate::compact::link::Takes;
use crate::compact::{Item, Script};
use crate::format::{At, Bus, BusKind, Check, Exit, Step, Vector, VectorFile};

/// A vector as tables.
pub(super) struct Base<'a> {
    /// Where it is from; what it refers to is relative to that.
    pub(super) path: &'a Path,
    /// The vector.
    pub(super) vector: &'a Vector,
    /// Everything but steps and check; paths in it are absolute.
    table: Table,
    /// The steps, as compact strings where they can be.
    steps: Vec<Table>,
    /// The margin that every case must have, if the vector asks for one.
    slack: Option<Value>,
}

/// On which bench a case is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BenchKind {
    /// As the vector and the case have it.
    Stated,
    /// Steady clocks that leave time for everything, and nothing that goes wrong.
    Ideal,
}

impl<'a> Base<'a> {
    /// The vector of that number in `file`, which came from `path`.
    pub(super) fn new(path: &'a Path, file: &'a VectorFile, index: usize) -> Result<Base<'a>, FuzzError> {
        let vector = file.vectors().get(index).ok_or(FuzzError::NoSuchVector(index))?;
        refusal(vector).map_or(Ok(()), |why| Err(FuzzError::Unfit { name: vector.name.clone(), why }))?;
        let mut table = file.tables()?.swap_remove(index);
        for key in ["name", "about", "seed"] {
            table.remove(key);
        }
        let slack = match table.remove("check") {
            Some(Value::Table(mut check)) => check.remove("slack"),
            _ => None,
        };
        let steps = match table.remove("step") {
            Some(Value::Array(steps)) => steps,
            _ => Vec::new(),
        };
        let steps = steps.into_iter().zip(&vector.steps).flat_map(|(value, step)| match value {
            Value::Table(table) => pieces(&table, step, &vector.buses[step.bus.0]),
            _ => Vec::new(),
        });
        let steps = steps.collect();
        anchor(&mut table, path.parent().unwrap_or(Path::new("")));
        Ok(Base { path, vector, table, steps, slack })
    }

    /// The vector's own steps.
    pub(super) fn steps(&self) -> &[Table] {
        &self.steps
    }

    /// True if nothing may come before the vector's own steps, since they have times.
    pub(super) fn has_times(&self) -> bool {
        self.steps.iter().any(|step| step.contains_key("at"))
    }

    /// What stands below these keys.
    pub(super) fn value(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.table.get(*first)?, |value, key| value.get(*key))
    }

    /// The text of a case: a vector file. Of what the vector expects to go wrong, its check names what is in `occurred`.
    pub(super) fn text(&self, case: &Case, bench: BenchKind, occurred: &[&str]) -> String {
        let mut table = self.table.clone();
        if bench == BenchKind::Ideal {
            idealise(&mut table, self.vector);
        }
        let counts = |change: &&Change| bench == BenchKind::Stated || change.is_agreed;
        case.changes.iter().filter(counts).for_each(|change| change.apply(&mut table));
        table.insert("seed".into(), Value::Integer(case.seed.unwrap_or(self.vector.seed) as i64));
        let steps = case.turns.iter().map(|turn| match turn {
            Turn::Own(i) => self.steps[*i].clone(),
            Turn::Made(step) => step.clone(),
        });
        table.insert("step".into(), Value::Array(steps.map(Value::Table).collect()));
        let check = if bench == BenchKind::Stated { self.check(occurred) } else { Table::new() };
        if !check.is_empty() {
            table.insert("check".into(), Value::Table(check));
        }
        table.to_string()
    }

    fn check(&self, occurred: &[&str]) -> Table {
        let slack = self.slack.iter().map(|slack| ("slack".to_owned(), slack.clone()));
        let lists = self.lists().map(|(key, list)| {
            let codes = list.iter().map(|at| at.value.as_str()).filter(|code| occurred.contains(code));
            (key.to_owned(), codes.map(Value::from).collect::<Vec<_>>())
        });
        let lists = lists.into_iter().filter(|(_, codes)| !codes.is_empty());
        slack.chain(lists.map(|(key, codes)| (key, Value::Array(codes)))).collect()
    }

    /// What the vector says itself of what goes wrong, by the keys of its check.
    fn lists(&self) -> [(&'static str, &[At<String>]); 4] {
        let Check { broken, cannot_tell, diagnostics, remarks, .. } = &self.vector.check;
        [("broken", broken), ("cannot_tell", cannot_tell), ("diagnostics", diagnostics), ("remarks", remarks)]
    }

    /// True if the vector says itself that this comes.
    pub(super) fn expects(&self, code: &str) -> bool {
        self.lists().iter().any(|(_, list)| list.iter().any(|at| at.value == code))
    }
}

/// Why nothing can be looked for around a vector.
fn refusal(vector: &Vector) -> Option<&'static str> {
    if vector.compare.is_some() || vector.memory.is_some() {
        Some("it has no bus with steps; give a vector of SPI, I2C, UART, a handshake or a crossing")
    } else if vector.check.mismatches > 0 || vector.check.exit != Exit::Done {
        Some("it goes wrong on purpose; give one whose check expects neither mismatches nor a bad end")
    } else {
        None
    }
}

/// The step as compact strings, whatever it was written as: each of its transfers, or whatever else can stand alone. Steps
/// that are no compact strings stay as they are, and so do those that are repeated or have a time.
///
/// Levels and pulses come in a rhythm, so they stay together.
fn pieces(table: &Table, step: &Step, bus: &Bus) -> Vec<Table> {
    if step.script.nodes.is_empty() {
        return vec![table.clone()];
    }
    let mut rest = table.clone();
    for key in ["write", "read", "expect", "delay"] {
        rest.remove(key);
    }
    let has_rhythm = matches!(&bus.kind, BusKind::Crossing(bus) if !matches!(bus.takes(), Takes::Words(_)));
    let is_whole = has_rhythm || step.poll.is_some() || step.at.is_some();
    let scripts = if is_whole { vec![step.script.clone()] } else { alone(&step.script) };
    let with = |script: &Script| {
        let mut table = rest.clone();
        table.insert("do".into(), Value::String(script.to_string()));
        table
    };
    scripts.iter().map(with).collect()
}

/// What can stand alone: from a bracket to the one that closes it, or an item outside of brackets.
fn alone(script: &Script) -> Vec<Script> {
    let mut scripts: Vec<Script> = Vec::new();
    let mut is_open = false;
    for node in &script.nodes {
        match scripts.last_mut().filter(|_| is_open) {
            Some(last) => last.nodes.push(node.clone()),
            None => scripts.push(Script { nodes: vec![node.clone()] }),
        }
        match node.item {
            Item::Start => is_open = true,
            Item::Stop => is_open = false,
            _ => {}
        }
    }
    scripts
}

/// Makes the paths of part files and memory contents absolute, so that the text can stand anywhere.
fn anchor(table: &mut Table, folder: &Path) {
    let whole = |text: &mut String| {
        if let Ok(path) = std::path::absolute(folder.join(&*text)) {
            *text = path.to_string_lossy().into_owned();
        }
    };
    for (key, value) in table.iter_mut() {
        match value {
            Value::String(text) if key == "file" => whole(text),
            Value::String(text) if names_part_file(key, text) => whole(text),
            Value::Table(inner) => anchor(inner, folder),
            Value::Array(values) => {
                values.iter_mut().filter_map(Value::as_table_mut).for_each(|inner| anchor(inner, folder));
            }
            _ => {}
        }
    }
}

fn names_part_file(key: &str, text: &str) -> bool {
    let is_toml = Path::new(text).extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    matches!(key, "part" | "host" | "standard") && is_toml
}
