//! One stimulus: what is said, and what is otherwise than the vector has it.

use std::fmt;

use toml::{Table, Value};

/// A step of a case.
#[derive(Clone, Debug)]
pub(super) enum Turn {
    /// The vector's own step of that number.
    Own(usize),
    /// A new one.
    Made(Table),
}

/// A key of the vector that gets another value.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// The tables, and the key.
    pub(super) path: Vec<String>,
    /// The value; a list is added to the one that is there.
    pub(super) value: Value,
    /// It is something that both ends agree on, so that it says what legal traffic is.
    pub(super) is_agreed: bool,
}

/// A stimulus.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The steps.
    pub(super) turns: Vec<Turn>,
    /// What is otherwise.
    pub(super) changes: Vec<Change>,
    /// The seed of the run; `None`: that of the vector.
    pub(super) seed: Option<u64>,
}

impl Case {
    /// How many steps and changes there are.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.turns.len(), self.changes.len())
    }
}

impl Change {
    /// A condition of the bench: the value below `path`.
    pub(super) fn condition(path: &[String], key: &str, value: impl Into<Value>) -> Change {
        let path = path.iter().cloned().chain([key.to_owned()]).collect();
        Change { path, value: value.into(), is_agreed: false }
    }

    /// What it says of a transfer, it says of the one before.
    pub(super) fn come_earlier(&mut self) {
        count_down(&mut self.value);
    }

    /// Puts the value in its place.
    pub(super) fn apply(&self, table: &mut Table) {
        put(table, &self.path, &self.value);
    }
}

impl fmt::Display for Change {
    /// As a vector has it: `bus.uart.host.clock.error = "40 ppm"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.path.join("."), self.value)
    }
}

fn count_down(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(count_down),
        Value::Table(table) => {
            if let Some(Value::Integer(transfer)) = table.get_mut("transfer") {
                *transfer = (*transfer - 1).max(0);
            }
        }
        _ => {}
    }
}

fn put(table: &mut Table, path: &[String], value: &Value) {
    match path {
        [] => {}
        [key] => match (table.get_mut(key), value) {
            (Some(Value::Array(there)), Value::Array(more)) => there.extend(more.iter().cloned()),
            _ => drop(table.insert(key.clone(), value.clone())),
        },
        [key, rest @ ..] => {
            let inner = table.entry(key.clone()).or_insert_with(|| Value::Table(Table::new()));
            if let Value::String(frequency) = inner {
                // A clock that is no more than a frequency.
                let frequency = Value::String(std::mem::take(frequency));
                *inner = Value::Table(Table::from_iter([("frequency".into(), frequency)]));
            }
            if let Value::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, path: &str, value: impl Into<Value>) -> String {
        let mut table: Table = text.parse().expect("a table");
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        Change { path, value: value.into(), is_agreed: false }.apply(&mut table);
        table.to_string()
    }

    #[test]
    fn a_clock_that_is_a_frequency_becomes_a_table() {
        let text = changed("[bus.spi]\nclock = \"1 MHz\"", "bus.spi.clock.error", "40 ppm");
        assert_eq!(text, "[bus.spi.clock]\nerror = \"40 ppm\"\nfrequency = \"1 MHz\"\n");
    }

    #[test]
    fn what_happens_in_a_transfer_can_come_earlier() {
        let mut change = Change { path: Vec::new(), value: Value::Integer(3), is_agreed: false };
        let come = |change: &mut Change| {
            change.come_earlier();
            change.value.to_string()
        };
        assert_eq!(come(&mut change), "3", "a number of something else");
        let places: Table = "at = [{ clock = 5, transfer = 1 }, { transfer = 0 }]".parse().expect("a table");
        change.value = places["at"].clone();
        for _ in 0..2 {
            assert_eq!(come(&mut change), "[{ clock = 5, transfer = 0 }, { transfer = 0 }]");
        }
    }

    #[test]
    fn lists_grow_and_all_else_is_replaced() {
        let stretch = Value::Array(vec![Value::Integer(2)]);
        assert_eq!(changed("a = [1]", "a", stretch), "a = [1, 2]\n");
        assert_eq!(changed("a.b = 1", "a.b", 2), "[a]\nb = 2\n");
        assert_eq!(changed("", "a.b.c", true), "[a.b]\nc = true\n");
    }
}
