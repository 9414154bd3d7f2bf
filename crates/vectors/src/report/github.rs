//! Annotations of GitHub Actions: `::error file=F,line=L,col=C,title=T::message`.

use std::fmt::Write as _;

use super::{Failure, VectorResult, human};

/// An annotation for each failure, a line each.
pub fn annotations(results: &[VectorResult]) -> String {
    let mut text = String::new();
    for result in results {
        for failure in &result.failures {
            let _ = writeln!(text, "{}", annotation(result, failure));
        }
    }
    text
}

fn annotation(result: &VectorResult, failure: &Failure) -> String {
    let message = std::iter::once(human::headline(failure)).chain(failure.detail.iter().cloned());
    format!(
        "::error file={},line={},col={},title={}::{}",
        property(&result.path),
        failure.line,
        failure.column,
        property(&result.name),
        data(&message.collect::<Vec<_>>().join("\n")),
    )
}

/// Escapes a message: it ends at the line's end.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property: it ends at a comma or colon, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
