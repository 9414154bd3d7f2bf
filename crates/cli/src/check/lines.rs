//! A report as JSON lines: findings and diagnostics as they come, then margins, then a summary.

use std::io;

use busproof_core::judge::Said;
use busproof_core::timing::{Finding, Params};
use busproof_vectors::report::jsonl;

use super::Checked;
use crate::json::{self, Lines};
use crate::out::Out;

/// Prints findings as they come, if the format has them printed so.
pub(super) struct Stream<'a> {
    lines: Option<&'a mut Lines>,
    params: &'a Params,
    out: &'a mut Out,
    written: io::Result<()>,
}

impl<'a> Stream<'a> {
    pub(super) fn new(lines: Option<&'a mut Lines>, params: &'a Params, out: &'a mut Out) -> Stream<'a> {
        Stream { lines, params, out, written: Ok(()) }
    }

    /// Prints what was said, unless that is an item.
    pub(super) fn hear<I>(&mut self, said: &Said<I>) {
        let line = match said {
            Said::Item(_) => return,
            Said::Finding(_) | Said::Diagnostic(_) if self.lines.is_none() => return,
            Said::Finding(finding) => jsonl::finding(finding, &self.cite(finding)),
            Said::Diagnostic(diagnostic) => jsonl::diagnostic(diagnostic),
        };
        if let Some(lines) = self.lines.as_deref_mut().filter(|_| self.written.is_ok()) {
            self.written = lines.write(&line, self.out);
        }
    }

    fn cite(&self, finding: &Finding) -> String {
        finding.rule.bound().map_or(String::new(), |bound| self.params.cite(bound.terms()))
    }

    /// The first failure to print, if any.
    pub(super) fn end(self) -> io::Result<()> {
        self.written
    }
}

/// A file that cannot be used has a line of its own, for want of a summary.
pub(super) fn unusable(why: &str, lines: &mut Lines, out: &mut Out) -> io::Result<()> {
    lines.write(&format!("{{\"kind\":\"unusable\",\"text\":{}}}", json::text(why)), out)
}

/// Prints margins and summary.
pub(super) fn print(checked: &Checked, lines: &mut Lines, out: &mut Out) -> io::Result<()> {
    for remark in &checked.remarks {
        lines.write(&format!("{{\"kind\":\"remark\",\"text\":{}}}", json::text(remark)), out)?;
    }
    margins(checked, lines, out)?;
    lines.write(&jsonl::summary(checked.outcome.items, &checked.outcome.report), out)
}

/// Prints margins.
pub(super) fn margins(checked: &Checked, lines: &mut Lines, out: &mut Out) -> io::Result<()> {
    let rules = checked.outcome.report.rules.iter();
    rules.filter_map(jsonl::margin).try_for_each(|line| lines.write(&line, out))
}
