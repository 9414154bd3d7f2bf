//! A report as annotations of GitHub workflows.

use std::io::{self, Write};

use busproof_core::bus::Severity;

use super::Checked;
use super::human::headline;
use super::verdict::Fate;
use crate::odd::Oddity;
use crate::out::Out;
use crate::units::{instant, times};

/// One annotation per broken or undecided rule and per oddity, then the summary as text.
pub(super) fn print(checked: &Checked, out: &mut Out) -> io::Result<()> {
    for rule in checked.rules(|fate| matches!(fate, Fate::Broken | Fate::Unsure)) {
        let Some(notes) = checked.ledger.of(rule.rule) else { continue };
        let (level, finding, count) = match (&notes.broken, &notes.unsure) {
            (Some(broken), _) => ("error", broken, rule.broken()),
            (None, Some(unsure)) => ("notice", unsure, rule.cannot_tell()),
            (None, None) => continue,
        };
        let text =
            format!("{}, first at {}, {} in all", headline(finding), instant(finding.from), times(count));
        annotate(level, &checked.file, rule.rule.name, &text, out)?;
    }
    for Oddity { first, count } in checked.ledger.odd.iter() {
        let level = match first.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let text = format!("{}, first at {}, {} in all", first.text, instant(first.from), times(*count));
        annotate(level, &checked.file, first.code, &text, out)?;
    }
    writeln!(out, "{}", super::human::summary(checked, out.paint()))
}

/// An annotation of a file that cannot be used.
pub(super) fn unusable(file: &str, why: &str, out: &mut Out) -> io::Result<()> {
    annotate("error", file, "unusable", why, out)
}

fn annotate(level: &str, file: &str, title: &str, text: &str, out: &mut Out) -> io::Result<()> {
    let (file, title) = (escape_property(file), escape_property(title));
    writeln!(out, "::{level} file={file},title={title}::{}", escape(text))
}

/// What must not stand in a message.
fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What must not stand in a property.
fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}
