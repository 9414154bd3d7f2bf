//! One file, several vectors: cases and sweeps, as operations on the tree of the file.
//!
//! Whatever is taken over keeps the place where it was written, so that errors point there.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::MAX_RUNS;
use super::error::{FormatProblem, Located};

/// The tree of one vector, and how it differs from the file.
pub(super) struct Expanded<'i> {
    /// What is added to the file's name.
    pub(super) suffix: String,
    /// Where it begins.
    pub(super) span: Range<usize>,
    /// The tree.
    pub(super) table: DeTable<'i>,
}

/// The vectors of a file: one for each case and run of its sweep.
pub(super) fn expand<'i>(source: &str, mut file: DeTable<'i>) -> Located<Vec<Expanded<'i>>> {
    let cases = match take(&mut file, "case") {
        None => vec![Expanded { suffix: String::new(), span: 0..0, table: file }],
        Some(cases) => expand_cases(&file, cases)?,
    };
    let mut all = Vec::new();
    for case in cases {
        all.extend(expand_sweep(source, case)?);
    }
    Ok(all)
}

fn take<'i>(table: &mut DeTable<'i>, key: &str) -> Option<Spanned<DeValue<'i>>> {
    table.remove(key)
}

fn expand_cases<'i>(file: &DeTable<'i>, cases: Spanned<DeValue<'i>>) -> Located<Vec<Expanded<'i>>> {
    const SHAPE: &str = "cases are tables; write `[[case]]`";
    let span = cases.span();
    let DeValue::Array(cases) = cases.into_inner() else {
        return Err((span, FormatProblem::Choice(SHAPE)));
    };
    let mut names = BTreeSet::new();
    let mut expanded = Vec::new();
    for case in cases {
        let span = case.span();
        let DeValue::Table(mut case) = case.into_inner() else {
            return Err((span, FormatProblem::Choice(SHAPE)));
        };
        let name = case_name(&mut case, &span)?;
        if !names.insert(name.get_ref().clone()) {
            return Err((name.span(), FormatProblem::NameTaken(name.into_inner())));
        }
        let mut table = file.clone();
        merge(&mut table, case);
        expanded.push(Expanded { suffix: format!("/{}", name.get_ref()), span, table });
    }
    Ok(expanded)
}

fn case_name(case: &mut DeTable<'_>, span: &Range<usize>) -> Located<Spanned<String>> {
    let missing = || FormatProblem::Missing("a case has no name".into(), "`name = \"at-the-limit\"`");
    let name = take(case, "name").ok_or_else(|| (span.clone(), missing()))?;
    let text = name.get_ref().as_str().ok_or_else(|| (name.span(), missing()))?;
    super::check_name(text).map_err(|problem| (name.span(), problem))?;
    Ok(Spanned::new(name.span(), text.to_owned()))
}

/// Lays `over` on top of `base`: tables key by key, everything else as a whole.
fn merge<'i>(base: &mut DeTable<'i>, over: DeTable<'i>) {
    for (key, value) in over {
        let inner = match base.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut) {
            Some(DeValue::Table(inner)) if value.get_ref().is_table() => inner,
            _ => {
                // Removed first, so that the key's place is the new one.
                base.remove(key.get_ref().as_ref());
                base.insert(key, value);
                continue;
            }
        };
        if let DeValue::Table(table) = value.into_inner() {
            merge(inner, table);
        }
    }
}

/// What a sweep varies: the path of a key, and its values.
struct Axis<'i> {
    path: Vec<Spanned<DeString<'i>>>,
    values: Vec<Spanned<DeValue<'i>>>,
}

impl Axis<'_> {
    fn name(&self) -> String {
        self.path.iter().map(|key| key.get_ref().as_ref()).collect::<Vec<_>>().join(".")
    }
}

fn expand_sweep<'i>(source: &str, mut case: Expanded<'i>) -> Located<Vec<Expanded<'i>>> {
    let Some(sweep) = take(&mut case.table, "sweep") else { return Ok(vec![case]) };
    let span = sweep.span();
    let mut axes = Vec::new();
    collect_axes(sweep, &mut Vec::new(), &mut axes)?;
    let runs = axes.iter().map(|axis| axis.values.len()).fold(1, usize::saturating_mul);
    if runs > MAX_RUNS {
        return Err((span, FormatProblem::TooManyRuns(runs)));
    }
    Ok((0..runs).map(|run| run_of_sweep(source, &case, &axes, run)).collect())
}

/// Every list below `value`, with its path.
fn collect_axes<'i>(
    value: Spanned<DeValue<'i>>,
    path: &mut Vec<Spanned<DeString<'i>>>,
    axes: &mut Vec<Axis<'i>>,
) -> Located<()> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(values) if !path.is_empty() && !values.is_empty() => {
            axes.push(Axis { path: path.clone(), values: values.into_iter().collect() });
            Ok(())
        }
        DeValue::Table(table) => table.into_iter().try_for_each(|(key, value)| {
            path.push(key);
            collect_axes(value, path, axes)?;
            path.pop();
            Ok(())
        }),
        _ => Err((
            span,
            FormatProblem::Choice(
                "a sweep lists the values of a key; write `bus.spi.mode = [0, 1, 2, 3]` below `[sweep]`",
            ),
        )),
    }
}

/// Run `run` of the product of all axes; the last axis varies fastest.
fn run_of_sweep<'i>(source: &str, case: &Expanded<'i>, axes: &[Axis<'i>], mut run: usize) -> Expanded<'i> {
    let mut table = case.table.clone();
    let mut names = Vec::new();
    for axis in axes.iter().rev() {
        let value = &axis.values[run % axis.values.len()];
        run /= axis.values.len();
        let text = source.get(value.span()).unwrap_or_default();
        names.push(format!("{}={}", axis.name(), text.trim_matches(['"', '\''])));
        merge(&mut table, nest(&axis.path, value.clone()));
    }
    names.reverse();
    Expanded { suffix: format!("{}[{}]", case.suffix, names.join(",")), span: case.span.clone(), table }
}

/// `value` below the keys of `path`.
fn nest<'i>(path: &[Spanned<DeString<'i>>], value: Spanned<DeValue<'i>>) -> DeTable<'i> {
    let mut table = DeTable::new();
    if let [key, rest @ ..] = path {
        let span = value.span();
        let inner = match rest {
            [] => value,
            _ => Spanned::new(span, DeValue::Table(nest(rest, value))),
        };
        table.insert(key.clone(), inner);
    }
    table
}
