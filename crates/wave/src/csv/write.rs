//! Writing a table of levels: one row per instant, as Saleae Logic exports them.

use std::io::{BufWriter, Write};

use busproof_core::{Change, ChangeLog, Observer, Time, Value};

use crate::error::WriteError;

/// Writes `log` to `sink` and hands the sink back: times in seconds, a column for each wire with 0, 1, x or z, a row whenever
/// anything changes, and one at the end.
pub fn write_csv_to<W: Write>(sink: W, log: &ChangeLog) -> Result<W, WriteError> {
    let mut table = Table { sink: BufWriter::new(sink), values: Vec::new(), error: None };
    let names = log.columns().iter().flat_map(|column| match column.width() {
        1 => vec![quoted(column.name())],
        width => (0..width).rev().map(|wire| quoted(&format!("{}[{wire}]", column.name()))).collect(),
    });
    let head = std::iter::once("Time [s]".to_owned()).chain(names).collect::<Vec<_>>().join(",");
    writeln!(table.sink, "{head}")?;
    table.values = log.columns().iter().map(|column| (Value::X, column.width())).collect();
    log.replay(&mut table);
    match table.error {
        Some(error) => Err(error.into()),
        None => table.sink.into_inner().map_err(|error| WriteError::Io(error.into_error())),
    }
}

/// A name that may hold a comma.
fn quoted(name: &str) -> String {
    if name.contains([',', '"', ';', '\t']) {
        format!("\"{}\"", name.replace('"', "'"))
    } else {
        name.to_owned()
    }
}

/// The rows; the first failure is kept, since an observer cannot return it.
struct Table<W: Write> {
    sink: BufWriter<W>,
    /// What each signal is, and how many wires it has.
    values: Vec<(Value, u32)>,
    error: Option<std::io::Error>,
}

impl<W: Write> Table<W> {
    fn row(&mut self, t: Time) {
        if self.error.is_none() {
            self.error = self.try_row(t).err();
        }
    }

    fn try_row(&mut self, t: Time) -> std::io::Result<()> {
        let (seconds, rest) = (t.as_fs() / SECOND, t.as_fs() % SECOND);
        let digits = format!("{rest:015}");
        write!(self.sink, "{seconds}.{:0<9}", digits.trim_end_matches('0'))?;
        for &(value, width) in &self.values {
            for wire in (0..width).rev() {
                write!(self.sink, ",{}", value.at(wire))?;
            }
        }
        writeln!(self.sink)
    }
}

/// In femtoseconds.
const SECOND: u64 = 1_000_000_000_000_000;

impl<W: Write> Observer for Table<W> {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        for change in changes {
            self.values[change.signal.index()].0 = change.value;
        }
        self.row(t);
    }

    fn finish(&mut self, t: Time) {
        self.row(t);
    }
}
