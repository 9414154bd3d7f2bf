//! Reads TOML with places: every error points at its line and column, and every key that nobody asked for is one.

use std::cell::RefCell;
use std::ops::Range;

use busproof_core::time::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{FileError, Hint, PartError, Problem};
use crate::quantity;

/// A file's text and name, to turn offsets into places.
#[derive(Clone, Copy)]
pub(crate) struct Doc<'d> {
    pub(crate) origin: &'d str,
    pub(crate) text: &'d str,
}

impl Doc<'_> {
    /// The problem as an error that points at `span`.
    pub(crate) fn error(self, span: Range<usize>, problem: Problem) -> PartError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        PartError::File(Box::new(FileError {
            origin: self.origin.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span,
            problem,
        }))
    }
}

/// A table, and which of its keys have been asked for.
pub(crate) struct Table<'d> {
    doc: Doc<'d>,
    /// As messages call it: `[timing]`.
    place: String,
    entries: &'d DeTable<'d>,
    span: Range<usize>,
    known: RefCell<Vec<String>>,
}

impl<'d> Table<'d> {
    /// The whole document.
    pub(crate) fn root(doc: Doc<'d>, entries: &'d DeTable<'d>) -> Table<'d> {
        Table { doc, place: "the part file".into(), entries, span: 0..0, known: RefCell::default() }
    }

    /// The value of `key`, which is known from now on.
    pub(crate) fn get(&self, key: &str) -> Option<Value<'d>> {
        self.known.borrow_mut().push(key.to_owned());
        self.values().find(|value| value.key == key)
    }

    /// The value of `key`, which must be there.
    pub(crate) fn require(&self, key: &'static str) -> Result<Value<'d>, PartError> {
        self.get(key).ok_or_else(|| self.error(Problem::MissingKey { key, place: self.place.clone() }))
    }

    /// All values, in the order of the file.
    pub(crate) fn in_order(&self) -> Vec<Value<'d>> {
        let mut values: Vec<_> = self.values().collect();
        values.sort_by_key(|value| value.key_span.start);
        values
    }

    fn values(&self) -> impl Iterator<Item = Value<'d>> + '_ {
        self.entries.iter().map(|(key, value)| Value {
            doc: self.doc,
            key: key.get_ref().to_string(),
            key_span: key.span(),
            node: value,
        })
    }

    /// Fails at the first key that [`Table::get`] was never asked for.
    pub(crate) fn finish(&self) -> Result<(), PartError> {
        let known = self.known.borrow();
        let Some(value) = self.in_order().into_iter().find(|value| !known.contains(&value.key)) else {
            return Ok(());
        };
        let hint = Hint::nearest(&value.key, known.iter().map(String::as_str));
        let problem = Problem::UnknownKey { key: value.key.clone(), place: self.place.clone(), hint };
        Err(value.key_error(problem))
    }

    /// A problem with the table as a whole.
    pub(crate) fn error(&self, problem: Problem) -> PartError {
        self.doc.error(self.span.clone(), problem)
    }
}

/// A value, with its key and place.
pub(crate) struct Value<'d> {
    doc: Doc<'d>,
    pub(crate) key: String,
    key_span: Range<usize>,
    node: &'d Spanned<DeValue<'d>>,
}

impl<'d> Value<'d> {
    /// A problem with the value.
    pub(crate) fn error(&self, problem: Problem) -> PartError {
        self.doc.error(self.node.span(), problem)
    }

    /// A problem with the key.
    pub(crate) fn key_error(&self, problem: Problem) -> PartError {
        self.doc.error(self.key_span.clone(), problem)
    }

    /// The value as the file spells it.
    pub(crate) fn source(&self) -> &'d str {
        self.doc.text.get(self.node.span()).unwrap_or_default()
    }

    fn wrong_type(&self, wanted: &'static str) -> PartError {
        let found = match self.node.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.error(Problem::WrongType { key: self.key.clone(), wanted, found })
    }

    /// True for a table.
    pub(crate) fn is_table(&self) -> bool {
        self.node.get_ref().is_table()
    }

    /// True for a number, whole or not.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self.node.get_ref(), DeValue::Integer(_) | DeValue::Float(_))
    }

    /// The text.
    pub(crate) fn str(&self) -> Result<&'d str, PartError> {
        self.node.get_ref().as_str().ok_or_else(|| self.wrong_type("a text"))
    }

    /// A number from `range`.
    pub(crate) fn number(&self, range: std::ops::RangeInclusive<u64>) -> Result<u64, PartError> {
        let integer = self.node.get_ref().as_integer().ok_or_else(|| self.wrong_type("a whole number"))?;
        let value = u64::from_str_radix(integer.as_str(), integer.radix())
            .map_err(|_| self.wrong_type("a whole number from 0 to 2^64 - 1"))?;
        if range.contains(&value) {
            return Ok(value);
        }
        let (least, greatest) = range.into_inner();
        Err(self.error(Problem::Range { key: self.key.clone(), value, least, greatest }))
    }

    /// The table, called `place` in messages.
    pub(crate) fn table(&self, place: impl Into<String>) -> Result<Table<'d>, PartError> {
        let entries = self.node.get_ref().as_table().ok_or_else(|| self.wrong_type("a table"))?;
        // A table from a `[header]` spans its header or its lines; the key is the better place to point at.
        let span = if self.source().starts_with('{') { self.node.span() } else { self.key_span.clone() };
        Ok(Table { doc: self.doc, place: place.into(), entries, span, known: RefCell::default() })
    }

    /// A number from `range`, which may be negative.
    pub(crate) fn integer(&self, range: std::ops::RangeInclusive<i64>) -> Result<i64, PartError> {
        let integer = self.node.get_ref().as_integer().ok_or_else(|| self.wrong_type("a whole number"))?;
        let value = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        value.filter(|value| range.contains(value)).ok_or_else(|| {
            let (key, least, greatest) = (&self.key, range.start(), range.end());
            let text = format!("`{key}` is {integer}, which is outside of {least} to {greatest}");
            self.error(Problem::Conflict(text))
        })
    }

    /// The elements of the list.
    pub(crate) fn list(&self) -> Result<Vec<Value<'d>>, PartError> {
        let list = self.node.get_ref().as_array().ok_or_else(|| self.wrong_type("a list"))?;
        let element = |value: &'d Spanned<DeValue<'d>>| Value {
            doc: self.doc,
            key: self.key.clone(),
            key_span: value.span(),
            node: value,
        };
        Ok(list.iter().map(element).collect())
    }

    /// The texts of the list.
    pub(crate) fn str_list(&self) -> Result<Vec<String>, PartError> {
        self.list()?.iter().map(|value| Ok(value.str()?.to_owned())).collect()
    }

    /// A time with its unit.
    pub(crate) fn span(&self) -> Result<Span, PartError> {
        self.str_with_unit("time", "ns")?.parse().map_err(|error| self.error(Problem::Time(error)))
    }

    /// The period in femtoseconds of a frequency with its unit.
    pub(crate) fn period(&self) -> Result<u64, PartError> {
        let text = self.str_with_unit("frequency", "MHz")?;
        quantity::period(text).ok_or_else(|| self.malformed("a frequency", "133 MHz"))
    }

    /// A size in bytes.
    pub(crate) fn size(&self) -> Result<u64, PartError> {
        let text = self.str_with_unit("size", "KiB")?;
        quantity::size(text).ok_or_else(|| self.malformed("a size", "16 MiB"))
    }

    /// A size that is a power of two, at most `greatest`.
    pub(crate) fn power_of_two(&self, greatest: u64) -> Result<u64, PartError> {
        let size = self.size()?;
        let fits = size.is_power_of_two() && size <= greatest;
        if fits { Ok(size) } else { Err(self.malformed("a power of two of fitting size", "16 MiB")) }
    }

    /// Bytes in hexadecimal.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, PartError> {
        quantity::bytes(self.str()?).ok_or_else(|| self.malformed("a string of bytes", "ef 40 18"))
    }

    /// Exactly `N` bytes in hexadecimal.
    pub(crate) fn byte_array<const N: usize>(&self) -> Result<[u8; N], PartError> {
        let example = &"ef 40 18 00 00 00 00 00"[..N * 3 - 1];
        <[u8; N]>::try_from(self.bytes()?).map_err(|_| self.malformed("the right number of bytes", example))
    }

    /// One of `choices`, by its name; `what` says what the name stands for.
    pub(crate) fn choice<T: Copy>(&self, what: &str, choices: &[(&str, T)]) -> Result<T, PartError> {
        let name = self.str()?;
        choices.iter().find(|(known, _)| *known == name).map(|(_, choice)| *choice).ok_or_else(|| {
            let hint = Hint::nearest(name, choices.iter().map(|(known, _)| *known));
            self.error(Problem::UnknownName { what: what.to_owned(), name: name.to_owned(), hint })
        })
    }

    /// Reports the text as not being what is wanted.
    pub(crate) fn malformed(&self, wanted: &'static str, example: &'static str) -> PartError {
        let text = self.str().unwrap_or_else(|_| self.source()).to_owned();
        self.error(Problem::Malformed { text, wanted, example })
    }

    fn str_with_unit(&self, what: &'static str, unit: &'static str) -> Result<&'d str, PartError> {
        let bare = self.is_number() || self.str().is_ok_and(|text| text.trim().parse::<f64>().is_ok());
        if !bare {
            return self.str();
        }
        let number = self.source().trim_matches(['"', '\'', ' ']).to_owned();
        Err(self.error(Problem::NoUnit { what, number, unit }))
    }
}
