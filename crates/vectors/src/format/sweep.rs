//! Parameters that vary: `[sweep]` in a file, `--vary PATH=VALUES` on the command line.
//!
//! A run of a sweep is the tree of its vector with other values at some paths. What is put there from the command line has a
//! place beyond the end of the file, by which errors about it are told from those about the file.

use std::borrow::Cow;
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{FormatProblem, Located};
use super::merge::{Expanded, cases, merge, take};
use super::steps::Steps;
use super::{FormatError, MAX_RUNS, Vector, VectorFile};
use crate::suggest;

/// The greatest number of points of one sweep that is drawn.
pub const MAX_POINTS: usize = 10_000;

/// A parameter and its values, as `--vary` has them: `bus.uart.host.clock.error=-8%..8%:0.25%`, or a list
/// `bus.uart.oversampling=ideal,8,16`.
///
/// ```
/// use busproof_vectors::format::Vary;
/// let vary: Vary = "bus.spi.mode=0..3".parse()?;
/// assert_eq!(vary.path(), "bus.spi.mode");
/// assert!("bus.spi.mode=3..0".parse::<Vary>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug)]
pub struct Vary {
    path: Vec<String>,
    values: Values<'static>,
}

impl Vary {
    /// The path of the key.
    pub fn path(&self) -> String {
        self.path.join(".")
    }

    fn axis(&self, span: Range<usize>) -> Axis<'static> {
        Axis { path: self.path.clone(), span, values: self.values.clone() }
    }
}

impl FromStr for Vary {
    type Err = String;

    fn from_str(text: &str) -> Result<Vary, String> {
        const SHAPE: &str = "write PATH=FROM..TO:STEP or PATH=ONE,TWO";
        let (path, values) = text.split_once('=').ok_or(SHAPE)?;
        let path: Vec<String> = path.split('.').map(|key| key.trim().to_owned()).collect();
        if path.iter().any(String::is_empty) {
            return Err(format!("`{}` is no path of keys; {SHAPE}", path.join(".")));
        }
        if let Some(steps) = Steps::read(values) {
            return Ok(Vary { path, values: Values::Steps(steps?) });
        }
        let list: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        if list.iter().any(String::is_empty) {
            return Err(format!("a value of `{}` is empty; {SHAPE}", path.join(".")));
        }
        Ok(Vary { path, values: Values::Texts(list) })
    }
}

/// The values of a parameter.
#[derive(Clone, Debug)]
enum Values<'i> {
    /// As the file has them.
    Written(Vec<Spanned<DeValue<'i>>>),
    /// As the command line has them.
    Texts(Vec<String>),
    /// Evenly spaced.
    Steps(Steps),
}

/// What a sweep varies: the path of a key, and its values.
#[derive(Clone, Debug)]
pub(super) struct Axis<'i> {
    path: Vec<String>,
    /// Where it is written.
    span: Range<usize>,
    values: Values<'i>,
}

impl<'i> Axis<'i> {
    fn name(&self) -> String {
        self.path.join(".")
    }

    fn len(&self) -> usize {
        match &self.values {
            Values::Written(list) => list.len(),
            Values::Texts(list) => list.len(),
            Values::Steps(steps) => steps.len(),
        }
    }

    /// The value at `index`, as people write it.
    fn text(&self, source: &str, index: usize) -> String {
        match &self.values {
            Values::Written(list) => {
                source.get(list[index].span()).unwrap_or_default().trim_matches(['"', '\'']).to_owned()
            }
            Values::Texts(list) => list[index].trim_matches(['"', '\'']).to_owned(),
            Values::Steps(steps) => steps.text(index),
        }
    }

    /// The value at `index`, with its place; `text` is how it is written.
    fn value<'t>(&self, index: usize, text: &'t str) -> Spanned<DeValue<'t>>
    where
        'i: 't,
    {
        match &self.values {
            Values::Written(list) => list[index].clone(),
            Values::Texts(_) | Values::Steps(_) => Spanned::new(self.span.clone(), scalar(text)),
        }
    }
}

/// `text` as TOML has it, if that is a number, true or false; else the text itself.
fn scalar(text: &str) -> DeValue<'_> {
    match DeValue::parse(text).map(Spanned::into_inner) {
        Ok(value @ (DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_))) => value,
        _ => DeValue::String(Cow::Borrowed(text)),
    }
}

/// A vector some of whose values vary.
#[derive(Clone, Debug)]
pub(super) struct Swept<'i> {
    suffix: String,
    span: Range<usize>,
    table: DeTable<'i>,
    /// In the order in which they are written.
    axes: Vec<Axis<'i>>,
}

impl<'i> Swept<'i> {
    /// A case of a file, with what its `[sweep]` varies.
    pub(super) fn of(mut case: Expanded<'i>) -> Located<Swept<'i>> {
        let mut axes = Vec::new();
        if let Some(sweep) = take(&mut case.table, "sweep") {
            collect_axes(sweep, &mut Vec::new(), &mut axes)?;
            axes.sort_by_key(|axis| axis.span.start);
        }
        let Expanded { suffix, span, table } = case;
        Ok(Swept { suffix, span, table, axes })
    }

    /// Every run of it, if there are not too many.
    pub(super) fn runs(&self) -> Located<impl Iterator<Item = Vec<usize>>> {
        let lengths: Vec<usize> = self.axes.iter().map(Axis::len).collect();
        let runs = lengths.iter().copied().fold(1, usize::saturating_mul);
        if runs > MAX_RUNS {
            let span = self.axes.iter().map(|axis| axis.span.clone()).min_by_key(|span| span.start);
            return Err((span.unwrap_or_default(), FormatProblem::TooManyRuns(runs, MAX_RUNS)));
        }
        Ok((0..runs).map(move |run| indices(run, &lengths)))
    }

    /// The vector of the run with these values.
    pub(super) fn vector(&self, source: &str, stem: &str, at: &[usize]) -> Result<Vector, FormatError> {
        self.run(source, at, |run| super::vector(stem, source, run))
    }

    /// What `make` makes of the run with these values.
    pub(super) fn run<T>(
        &self,
        source: &str,
        at: &[usize],
        make: impl FnOnce(Expanded<'_>) -> Result<T, FormatError>,
    ) -> Result<T, FormatError> {
        let texts: Vec<String> = self.axes.iter().zip(at).map(|(axis, &i)| axis.text(source, i)).collect();
        let mut table = self.table.clone();
        for ((axis, &i), text) in self.axes.iter().zip(at).zip(&texts) {
            put(&mut table, axis, axis.value(i, text)).map_err(|error| FormatError::new(source, error))?;
        }
        let names: Vec<String> =
            self.axes.iter().zip(&texts).map(|(axis, text)| format!("{}={text}", axis.name())).collect();
        let names = if names.is_empty() { String::new() } else { format!("[{}]", names.join(",")) };
        let suffix = format!("{}{names}", self.suffix);
        make(Expanded { suffix, span: self.span.clone(), table })
    }
}

/// The place of run `run` in the product of lists of these lengths; the last one varies fastest.
fn indices(mut run: usize, lengths: &[usize]) -> Vec<usize> {
    let mut at = vec![0; lengths.len()];
    for (place, &length) in at.iter_mut().zip(lengths).rev() {
        *place = run % length;
        run /= length;
    }
    at
}

/// Every list below `value`, with its path.
fn collect_axes<'i>(
    value: Spanned<DeValue<'i>>,
    path: &mut Vec<String>,
    axes: &mut Vec<Axis<'i>>,
) -> Located<()> {
    const SHAPE: &str = "a sweep lists the values of a key; write `bus.spi.mode = [0, 1, 2, 3]` below `[sweep]`, or a range `\"0..3\"`";
    let span = value.span();
    let values = match value.into_inner() {
        DeValue::Table(table) => {
            return table.into_iter().try_for_each(|(key, value)| {
                path.push(key.into_inner().into_owned());
                collect_axes(value, path, axes)?;
                path.pop();
                Ok(())
            });
        }
        _ if path.is_empty() => return Err((span, FormatProblem::Choice(SHAPE))),
        DeValue::Array(list) if !list.is_empty() => Values::Written(list.into_iter().collect()),
        DeValue::String(text) => match Steps::read(&text) {
            Some(steps) => Values::Steps(steps.map_err(|wrong| (span.clone(), FormatProblem::Range(wrong)))?),
            None => return Err((span, FormatProblem::Choice(SHAPE))),
        },
        _ => return Err((span, FormatProblem::Choice(SHAPE))),
    };
    axes.push(Axis { path: path.clone(), span, values });
    Ok(())
}

/// Puts a value at the end of the axis's path.
fn put<'t>(table: &mut DeTable<'t>, axis: &Axis<'_>, value: Spanned<DeValue<'t>>) -> Located<()> {
    check_named(table, axis)?;
    match axis.path.split_first() {
        Some((key, rest)) => put_at(entry(table, key, &axis.span), rest, axis, value),
        None => Ok(()),
    }
}

/// Puts `value` at the end of `rest` below `place`. Tables on the way are made; in a list the key is the number of an entry.
fn put_at<'t>(
    place: &mut Spanned<DeValue<'t>>,
    rest: &[String],
    axis: &Axis<'_>,
    value: Spanned<DeValue<'t>>,
) -> Located<()> {
    let Some((key, rest)) = rest.split_first() else {
        lay(place, value);
        return Ok(());
    };
    match place.get_mut() {
        DeValue::Table(table) => put_at(entry(table, key, &axis.span), rest, axis, value),
        DeValue::Array(list) => {
            let count = list.len();
            let entry = key.parse().ok().and_then(|i: usize| list.get_mut(i));
            let entry =
                entry.ok_or_else(|| (axis.span.clone(), FormatProblem::NoEntry(key.clone(), count)))?;
            put_at(entry, rest, axis, value)
        }
        _ => Err((axis.span.clone(), FormatProblem::NoKeys(key.clone()))),
    }
}

/// What `key` of `table` stands for; a table yet to be filled if it is not there.
fn entry<'a, 't>(table: &'a mut DeTable<'t>, key: &str, span: &Range<usize>) -> &'a mut Spanned<DeValue<'t>> {
    let key = Spanned::new(span.clone(), Cow::Owned(key.to_owned()));
    let empty = || Spanned::new(span.clone(), DeValue::Table(DeTable::new()));
    table.entry(key).or_insert_with(empty)
}

/// Lays `value` over what is at `place`: tables key by key, everything else as a whole.
fn lay<'t>(place: &mut Spanned<DeValue<'t>>, value: Spanned<DeValue<'t>>) {
    let span = value.span();
    match (place.get_mut(), value.into_inner()) {
        (DeValue::Table(base), DeValue::Table(over)) => merge(base, over),
        (_, value) => *place = Spanned::new(span, value),
    }
}

/// Buses, devices and controllers have names of their own, so one that is not there would be a new one.
fn check_named(table: &DeTable<'_>, axis: &Axis<'_>) -> Located<()> {
    let [kind, name, _, ..] = axis.path.as_slice() else { return Ok(()) };
    let kinds = ["bus", "device", "controller"];
    let Some(what) = kinds.into_iter().find(|known| known == kind) else { return Ok(()) };
    let named = table.get(kind.as_str()).and_then(|named| named.get_ref().as_table());
    if named.is_some_and(|named| named.contains_key(name.as_str())) {
        return Ok(());
    }
    let known = named.into_iter().flat_map(|named| named.keys()).map(|key| key.get_ref().as_ref());
    let hint = suggest::hint(name, known.collect::<Vec<_>>());
    Err((axis.span.clone(), FormatProblem::UnknownName { what, name: name.clone(), hint }))
}

/// The first place that is not in the file.
fn beyond(source: &str) -> usize {
    source.len() + 1
}

/// The case of that name; all of them without one.
fn choose<'i>(cases: Vec<Expanded<'i>>, name: Option<&str>) -> Located<Vec<Expanded<'i>>> {
    let Some(name) = name else { return Ok(cases) };
    let of = |case: &Expanded<'_>| case.suffix.trim_start_matches('/').to_owned();
    let names: Vec<String> = cases.iter().map(of).collect();
    let case = cases.into_iter().find(|case| of(case) == name);
    case.map(|case| vec![case]).ok_or_else(|| {
        let hint = suggest::hint(name, names.iter().map(String::as_str));
        (0..0, FormatProblem::UnknownName { what: "case", name: name.to_owned(), hint })
    })
}

/// A parameter of a sweep, for those who print it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The path of its key.
    pub path: String,
    /// How many values it takes.
    pub count: usize,
    /// They lie between two ends, in ascending order.
    pub is_range: bool,
}

/// A vector with one or two parameters that vary: each point of the product is a vector of its own.
#[derive(Debug)]
pub struct Sweep<'i> {
    file: VectorFile,
    stem: String,
    swept: Swept<'i>,
}

impl<'i> Sweep<'i> {
    /// The sweeps of a file, one for each case that has any: over what its `[sweep]` says, or instead over `vary`. `case`
    /// chooses one.
    pub fn read(
        stem: &str,
        source: &'i str,
        vary: &[Vary],
        case: Option<&str>,
    ) -> Result<Vec<Sweep<'i>>, FormatError> {
        let located = |error| FormatError::new(source, error);
        let tree = DeTable::parse(source).map_err(|e| FormatError::toml(source, &e))?;
        let mut all = Vec::new();
        let cases = cases(tree.into_inner()).and_then(|cases| choose(cases, case)).map_err(located)?;
        for one in cases {
            let mut swept = Swept::of(one).map_err(located)?;
            if !vary.is_empty() {
                let place = |i| beyond(source) + i..beyond(source) + i;
                swept.axes = vary.iter().enumerate().map(|(i, vary)| vary.axis(place(i))).collect();
            }
            let file = VectorFile { source: source.to_owned(), vectors: Vec::new() };
            all.push(Sweep { file, stem: stem.to_owned(), swept });
        }
        all.retain(|sweep| !sweep.swept.axes.is_empty());
        Ok(all)
    }

    /// The name of the vector.
    pub fn name(&self) -> String {
        let name = self.swept.table.get("name").and_then(|name| name.get_ref().as_str());
        format!("{}{}", name.unwrap_or(&self.stem), self.swept.suffix)
    }

    /// The text of the file, without vectors.
    pub fn file(&self) -> &VectorFile {
        &self.file
    }

    /// What varies.
    pub fn parameters(&self) -> Vec<Parameter> {
        let of = |axis: &Axis<'_>| Parameter {
            path: axis.name(),
            count: axis.len(),
            is_range: matches!(axis.values, Values::Steps(_)),
        };
        self.swept.axes.iter().map(of).collect()
    }

    /// The value at `index` of a parameter, as people write it.
    pub fn text(&self, parameter: usize, index: usize) -> String {
        self.swept.axes[parameter].text(self.file.source(), index)
    }

    /// The vector whose parameters have the values at these indices, one for each.
    pub fn vector(&self, at: &[usize]) -> Result<Vector, FormatError> {
        self.swept.vector(self.file.source(), &self.stem, at)
    }

    /// The parameter of the command line that `error` is about; `None` if it is about the file.
    pub fn parameter_of(&self, error: &FormatError) -> Option<String> {
        let number = error.span.start.checked_sub(beyond(self.file.source()))?;
        self.swept.axes.get(number).map(Axis::name)
    }
}
