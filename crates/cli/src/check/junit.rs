//! A report as `JUnit`: a suite per file, a test case per rule and per code that was seen.

use std::io::{self, Write};

use busproof_core::bus::Severity;
use busproof_core::timing::RuleReport;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::Checked;
use super::human::{headline, undecided};
use super::verdict::{Ending, Fate};
use crate::odd::Oddity;
use crate::out::{Out, Paint};
use crate::units::{instant, times};

/// The suites of all files.
pub(super) struct Suites(Report);

impl Default for Suites {
    fn default() -> Suites {
        Suites(Report::new("busproof check"))
    }
}

impl Suites {
    pub(super) fn add(&mut self, checked: &Checked) {
        let mut suite = TestSuite::new(checked.file.as_str());
        for rule in &checked.outcome.report.rules {
            suite.add_test_case(rule_case(checked, rule));
        }
        for odd in checked.ledger.odd.iter().filter(|odd| odd.first.severity > Severity::Note) {
            suite.add_test_case(code_case(checked, odd));
        }
        if checked.ending() == Ending::Nothing {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(super::human::summary(checked, Paint::PLAIN));
            suite.add_test_case(TestCase::new("anything is checked", status));
        }
        self.0.add_test_suite(suite);
    }

    /// A file that cannot be used is an error of its suite.
    pub(super) fn add_unusable(&mut self, file: &str, why: &str) {
        let mut suite = TestSuite::new(file);
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(why);
        suite.add_test_case(TestCase::new("the file can be used", status));
        self.0.add_test_suite(suite);
    }

    pub(super) fn print(&self, out: &mut Out) -> io::Result<()> {
        let text = self.0.to_string().map_err(io::Error::other)?;
        writeln!(out, "{}", text.trim_end())
    }
}

fn rule_case(checked: &Checked, rule: &RuleReport) -> TestCase {
    let broken = checked.ledger.of(rule.rule).and_then(|notes| notes.broken);
    let status = match Fate::of(rule) {
        Fate::Kept => TestCaseStatus::success(),
        Fate::Broken => {
            let text =
                broken.map_or(String::new(), |f| format!("{}, first at {}", headline(&f), instant(f.from)));
            failure(format!("{text}, {} in all", times(rule.broken())))
        }
        Fate::Unsure | Fate::NotVisible(_) if checked.strict => failure(undecided(checked, rule)),
        _ => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(undecided(checked, rule));
            status
        }
    };
    TestCase::new(rule.rule.name, status)
}

fn code_case(checked: &Checked, odd: &Oddity) -> TestCase {
    let fails = odd.first.severity == Severity::Error || checked.strict;
    let status = if fails { failure(odd.line()) } else { TestCaseStatus::success() };
    TestCase::new(odd.first.code, status)
}

fn failure(message: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(message);
    status
}
