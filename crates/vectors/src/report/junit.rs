//! `JUnit` XML: a suite for each file, a case for each vector. There are no times and dates in it, so the same results give
//! the same bytes.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Failure, Outcome, VectorResult, human};

/// Why the XML cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the JUnit report cannot be written: {0}")]
pub struct JunitError(#[from] quick_junit::SerializeError);

/// The report of a run, as XML.
pub fn report(results: &[VectorResult]) -> Result<String, JunitError> {
    let mut report = Report::new("busproof");
    for suite in results.chunk_by(|a, b| a.path == b.path) {
        let mut test_suite = TestSuite::new(suite[0].path.as_str());
        test_suite.add_test_cases(suite.iter().map(case));
        report.add_test_suite(test_suite);
    }
    Ok(report.to_string()?)
}

fn case(result: &VectorResult) -> TestCase {
    let mut case = TestCase::new(result.name.as_str(), status(result));
    case.set_classname(result.path.as_str());
    if let Some(tightest) = &result.tightest {
        case.add_property(("tightest", tightest.to_string().as_str()));
    }
    if let Some(waveform) = &result.waveform {
        case.add_property(("waveform", waveform.as_str()));
    }
    case
}

fn status(result: &VectorResult) -> TestCaseStatus {
    let kind = match result.outcome {
        Outcome::Passed => return TestCaseStatus::success(),
        Outcome::Failed => NonSuccessKind::Failure,
        Outcome::NothingChecked | Outcome::OutOfTime | Outcome::Unusable => NonSuccessKind::Error,
    };
    let mut status = TestCaseStatus::non_success(kind);
    let first = result.failures.first();
    status.set_type(first.map_or(result.outcome.word(), |failure| failure.code.as_str()));
    status.set_message(first.map_or(result.outcome.word(), |failure| failure.title.as_str()));
    status.set_description(result.failures.iter().map(paragraph).collect::<Vec<_>>().join("\n"));
    status
}

fn paragraph(failure: &Failure) -> String {
    let place = format!("{}:{}: {}", failure.line, failure.column, human::headline(failure));
    std::iter::once(place)
        .chain(failure.detail.iter().map(|line| format!("  {line}")))
        .collect::<Vec<_>>()
        .join("\n")
}
