//! Tables of levels: CSV of sigrok, Saleae Logic and others.
//!
//! ```text
//! ; Samplerate: 1 MHz          Time [s],Channel 0,Channel 1      time_us;scl;sda
//! SCL,SDA                      -0.000000125,1,1                  0,5;1;1
//! 1,1                          0.000001250,0,1                   1,25;0;1
//! one row per sample           one row per change                decimal commas
//! ```
//! The separator, the header, the column of times and its unit are found from the first rows; nothing depends on the
//! program that wrote the file, except that sigrok's own time column is corrected (see [`layout`]).

mod layout;
mod number;
mod write;

pub use write::write_csv_to;

use busproof_core::{Level, Observer, Source, Time, Value};

use crate::error::{ReadError, ReadErrorKind};
use crate::input::Input;
use crate::options::ReadOptions;
use crate::reader::{Head, Pick};
use crate::settle::{Flow, Settler, Summary};
use crate::text::{Text, excerpt};

use layout::{Clock, Layout};

/// The rows still to be read.
pub(crate) struct Body {
    text: Text,
    layout: Layout,
}

/// Finds out how the table is laid out and reads up to the first row of values.
pub(crate) fn open(name: &str, input: Input, options: &ReadOptions) -> Result<(Head, Body), ReadError> {
    let mut text = Text::new(name.into(), input);
    text.fill_chunk()?;
    let layout = Layout::find(&text, options)?;
    text.consume(layout.start);
    let source = Source::Recording { grid: layout.grid };
    let head = Head { signals: layout.signals(), source, notes: layout.notes.clone() };
    Ok((head, Body { text, layout }))
}

/// The level that a field shows; `None` if it is none.
fn level(field: &[u8]) -> Option<Level> {
    match field {
        [b'0' | b'l' | b'L'] => Some(Level::Low),
        [b'1' | b'h' | b'H'] => Some(Level::High),
        [b'x' | b'X' | b'u' | b'U' | b'-'] => Some(Level::X),
        [b'z' | b'Z'] => Some(Level::Z),
        word => level_word(word),
    }
}

fn level_word(word: &[u8]) -> Option<Level> {
    let is = |other: &str| word.eq_ignore_ascii_case(other.as_bytes());
    if is("true") || is("high") || is("1.0") {
        Some(Level::High)
    } else if is("false") || is("low") || is("0.0") {
        Some(Level::Low)
    } else {
        None
    }
}

/// The fields of a line with their offsets; quotes around a field are dropped.
fn fields(line: &[u8], separator: u8) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = Some(0);
    std::iter::from_fn(move || {
        let start = at?;
        let end = start + field_length(&line[start..], separator);
        at = (end < line.len()).then_some(end + 1);
        let field = line[start..end].trim_ascii();
        let inner = field.strip_prefix(b"\"").and_then(|f| f.strip_suffix(b"\"")).unwrap_or(field);
        Some((start, inner.trim_ascii()))
    })
}

/// The length up to the separator that is not inside quotes.
fn field_length(rest: &[u8], separator: u8) -> usize {
    let opening = rest.iter().take_while(|&&b| b == b' ').count();
    let quoted = if rest.get(opening) == Some(&b'"') {
        memchr::memchr(b'"', &rest[opening + 1..]).map_or(0, |close| opening + close + 2)
    } else {
        0
    };
    memchr::memchr(separator, &rest[quoted..]).map_or(rest.len(), |at| quoted + at)
}

/// A failure at a byte of the line in hand.
struct Wrong(usize, ReadErrorKind);

impl Wrong {
    fn syntax(at: usize, message: String) -> Wrong {
        Wrong(at, ReadErrorKind::Syntax(message))
    }
}

impl Body {
    /// Delivers the changes of `selection`.
    pub(crate) fn stream<O: Observer + ?Sized>(
        self,
        selection: &[Pick],
        settler: Settler<'_, O>,
    ) -> Result<Summary, ReadError> {
        let mut text = self.text;
        let mut slots = vec![Vec::new(); self.layout.columns.len()];
        for (slot, pick) in selection.iter().enumerate() {
            slots[self.layout.column_of_signal(pick.signal)].push(slot);
        }
        let mut rows = Rows { layout: self.layout, slots, settler, row: 0, pending: Vec::new() };
        let (flow, truncated) = rows.run(&mut text)?;
        let summary = rows.settler.finish(flow).map_err(|e| e.of(text.name()))?;
        Ok(Summary { truncated, ..summary })
    }
}

/// Follows the rows.
struct Rows<'o, O: ?Sized> {
    layout: Layout,
    /// By column: who wants it.
    slots: Vec<Vec<usize>>,
    settler: Settler<'o, O>,
    /// Rows seen.
    row: u64,
    /// What the row in hand sets, kept until the row is known to be whole.
    pending: Vec<(usize, Level)>,
}

impl<O: Observer + ?Sized> Rows<'_, O> {
    /// Reads to the end; whether more was wanted, and whether the file was cut off.
    fn run(&mut self, text: &mut Text) -> Result<(Flow, bool), ReadError> {
        while let Some(length) = text.peek_line()? {
            let line = &text.rest()[..length];
            let last = text.unterminated() && length + 1 == text.rest().len();
            match self.line(line) {
                Ok(Flow::More) => {}
                Ok(Flow::Enough) => return Ok((Flow::Enough, false)),
                Err(_) if last => return Ok((Flow::More, true)),
                Err(Wrong(at, kind)) => return Err(text.error(at, kind)),
            }
            text.consume(length + 1);
        }
        Ok((Flow::More, false))
    }

    fn line(&mut self, line: &[u8]) -> Result<Flow, Wrong> {
        let line = line.trim_ascii_end();
        if line.is_empty() || layout::is_comment(line) {
            return Ok(Flow::More);
        }
        let time = self.fields(line)?;
        let fs = self.time(time)?;
        self.row += 1;
        let Some(fs) = fs else { return Ok(Flow::Enough) };
        if self.settler.advance(fs) == Flow::Enough {
            return Ok(Flow::Enough);
        }
        for &(column, level) in &self.pending {
            for &slot in &self.slots[column] {
                self.settler.set(slot, Value::wire(level));
            }
        }
        Ok(Flow::More)
    }

    /// Reads the fields into `pending`; the field of the clock, if there is one.
    fn fields<'l>(&mut self, line: &'l [u8]) -> Result<&'l [u8], Wrong> {
        self.pending.clear();
        let mut time: &[u8] = b"";
        let mut count = 0;
        for (at, field) in fields(line, self.layout.separator) {
            if self.layout.is_clock(count) {
                time = field;
            } else if self.slots.get(count).is_some_and(|slots| !slots.is_empty()) {
                self.level(at, field, count)?;
            } else if count >= self.slots.len() && !field.is_empty() {
                let message = format!("more fields than the {} columns of the first row", self.slots.len());
                return Err(Wrong::syntax(at, message));
            }
            count += 1;
        }
        if count < self.slots.len() {
            let message = format!("{count} fields, but the first row has {}", self.slots.len());
            return Err(Wrong::syntax(line.len(), message));
        }
        Ok(time)
    }

    /// An empty field leaves the level as it is.
    fn level(&mut self, at: usize, field: &[u8], column: usize) -> Result<(), Wrong> {
        if field.is_empty() {
            return Ok(());
        }
        let Some(level) = level(field) else {
            let message = format!(
                "`{}` in column `{}` is no level; expected 0, 1, x or z",
                excerpt(field),
                self.layout.columns[column].name
            );
            return Err(Wrong::syntax(at, message));
        };
        self.pending.push((column, level));
        Ok(())
    }

    /// The time of the row in femtoseconds; `None` behind the window.
    fn time(&self, field: &[u8]) -> Result<Option<u64>, Wrong> {
        let fs = match self.layout.clock {
            Clock::Rows => self.layout.sample_time(self.row),
            _ => match self.layout.fs_of(field) {
                Some(fs) => fs,
                None => {
                    return Err(Wrong::syntax(
                        0,
                        format!("`{}` in the column of times is no time", excerpt(field)),
                    ));
                }
            },
        };
        let last = self.settler.time();
        match u64::try_from(fs) {
            Ok(fs) if fs < last => {
                let (last, at) = (Time::from_fs(last), Time::from_fs(fs));
                Err(Wrong(0, ReadErrorKind::Backwards { last, at }))
            }
            Ok(fs) => Ok(Some(fs)),
            Err(_) if fs < 0 => {
                let message = format!("time `{}` lies before that of the first row", excerpt(field));
                Err(Wrong::syntax(0, message))
            }
            Err(_) if self.settler.is_bounded() => Ok(None),
            Err(_) => {
                let stamp = if field.is_empty() { format!("of row {}", self.row) } else { excerpt(field) };
                Err(Wrong(0, ReadErrorKind::TimeOverflow { stamp }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_inside_quotes_do_not_separate() {
        let split = |line: &'static str| -> Vec<&str> {
            fields(line.as_bytes(), b',').map(|(_, f)| std::str::from_utf8(f).unwrap()).collect()
        };
        assert_eq!(split("a, b ,\"c, d\",e"), ["a", "b", "c, d", "e"]);
        assert_eq!(split("a,"), ["a", ""]);
        assert_eq!(split("\"open,a"), ["\"open", "a"]);
    }
}
