//! Sweeps as CSV: a row for each point or limit, below a head.

use busproof_vectors::sweep::Point;
use csv::Writer;

use super::limits::Found;
use super::points::Swept;
use crate::error::CliError;
use crate::out::Out;

/// The vector, the values, the verdict, the least margin in the rule's unit, and what is wrong.
pub(super) fn points(all: &[Swept<'_>], out: &mut Out) -> Result<(), CliError> {
    let mut rows = Rows::new(out);
    for swept in all {
        let paths = swept.sweep.parameters().into_iter().map(|parameter| parameter.path);
        let head = ["vector".to_owned()].into_iter().chain(paths);
        rows.head(head.chain(["verdict", "rule", "slack", "limit", "unit", "failed"].map(str::to_owned)))?;
        for point in &swept.points {
            let verdict = point.verdict().name().to_owned();
            let row = [swept.name.clone()].into_iter().chain(swept.values(point)).chain([verdict]);
            rows.row(row.chain(margin(point)).chain([point.codes().join(" ")]))?;
        }
    }
    rows.finish()
}

/// The rule, the slack, the limit and the unit.
fn margin(point: &Point) -> [String; 4] {
    let Some(tightest) = &point.result.tightest else { return Default::default() };
    let unit = tightest.unit_name().to_owned();
    [tightest.rule.to_owned(), tightest.slack.to_string(), tightest.limit.to_string(), unit]
}

/// The vector, the value of the other parameter, and both sides of the limit.
pub(super) fn limits(all: &[Found<'_>], out: &mut Out) -> Result<(), CliError> {
    let mut rows = Rows::new(out);
    for found in all {
        let path = found.path();
        let ends =
            [format!("{path} passes"), format!("{path} fails"), "failed".to_owned(), "runs".to_owned()];
        rows.head(["vector".to_owned()].into_iter().chain(found.other()).chain(ends))?;
        for limit in &found.limits {
            let value = |point: &Option<Point>| point.as_ref().map_or_else(String::new, |p| found.value(p));
            let failed = limit.fails.as_ref().map(|point| point.codes().join(" ")).unwrap_or_default();
            let ends = [value(&limit.passes), value(&limit.fails), failed, limit.runs.to_string()];
            rows.row([found.name.clone()].into_iter().chain(found.other_value(limit)).chain(ends))?;
        }
    }
    rows.finish()
}

/// Rows below one head, or below several where sweeps vary different things.
struct Rows<'a> {
    writer: Writer<&'a mut Out>,
    head: Vec<String>,
}

impl<'a> Rows<'a> {
    fn new(out: &'a mut Out) -> Rows<'a> {
        let writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
        Rows { writer, head: Vec::new() }
    }

    /// Writes a head, unless it is that of the rows so far.
    fn head(&mut self, cells: impl Iterator<Item = String>) -> Result<(), CliError> {
        let head: Vec<String> = cells.collect();
        if head != self.head {
            self.writer.write_record(&head).map_err(failed)?;
            self.head = head;
        }
        Ok(())
    }

    fn row(&mut self, cells: impl Iterator<Item = String>) -> Result<(), CliError> {
        self.writer.write_record(cells).map_err(failed)
    }

    fn finish(mut self) -> Result<(), CliError> {
        self.writer.flush()?;
        Ok(())
    }
}

/// What goes wrong in writing is the output.
fn failed(error: csv::Error) -> CliError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => CliError::Output(error),
        other => CliError::Output(std::io::Error::other(format!("{other:?}"))),
    }
}
