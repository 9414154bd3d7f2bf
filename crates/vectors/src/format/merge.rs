//! One file, several vectors: its cases, as operations on the tree of the file.
//!
//! Whatever is taken over keeps the place where it was written, so that errors point there.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

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

/// The cases of a file, or the file itself; their sweeps are yet to be expanded.
pub(super) fn cases(mut file: DeTable<'_>) -> Located<Vec<Expanded<'_>>> {
    match take(&mut file, "case") {
        None => Ok(vec![Expanded { suffix: String::new(), span: 0..0, table: file }]),
        Some(cases) => expand_cases(&file, cases),
    }
}

pub(super) fn take<'i>(table: &mut DeTable<'i>, key: &str) -> Option<Spanned<DeValue<'i>>> {
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
pub(super) fn merge<'i>(base: &mut DeTable<'i>, over: DeTable<'i>) {
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
