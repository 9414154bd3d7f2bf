//! How a table is laid out, found from its first rows.
//!
//! sigrok prints a time column in whole units of its period rounded down: at 16 MHz the rows are 62 ns apart instead of
//! 62.5 ns, which adds up to 0.8 %. Its comments tell the rate, so rows are counted by their printed period and timed
//! by the rate (libsigrok `src/output/csv.c`).

use busproof_core::Span;

use crate::error::{ReadError, ReadErrorKind};
use crate::grid;
use crate::options::{ReadOptions, SampleRate};
use crate::reader::{Note, Signal, SignalKind};
use crate::text::{Text, decode, excerpt};

use super::number::{DecimalMark, decimals, scaled};
use super::{fields, level};

/// How many rows are looked at.
const ROWS: usize = 4096;
/// The largest number of columns.
const COLUMNS: usize = 4096;
/// Names of units of time, with their power of ten in femtoseconds.
const UNITS: [(&str, i32); 16] = [
    ("s", 15),
    ("sec", 15),
    ("seconds", 15),
    ("ms", 12),
    ("msec", 12),
    ("milliseconds", 12),
    ("us", 9),
    ("usec", 9),
    ("microseconds", 9),
    ("µs", 9),
    ("ns", 6),
    ("nanoseconds", 6),
    ("ps", 3),
    ("picoseconds", 3),
    ("fs", 0),
    ("femtoseconds", 0),
];

/// Where the time of a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// From its number: one row per sample.
    Rows,
    /// From a column of times, in units of 10^power fs.
    Column { column: usize, power: i32 },
    /// From a column that counts samples, in steps of `step` from `first`.
    Samples { column: usize, first: i128, step: i128 },
}

/// One column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    kind: SignalKind,
}

/// Everything there is to know before the rows.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) separator: u8,
    pub(super) columns: Vec<Column>,
    pub(super) clock: Clock,
    pub(super) grid: Option<Span>,
    pub(super) notes: Vec<Note>,
    /// Where the rows of values start.
    pub(super) start: usize,
    mark: DecimalMark,
    rate: SampleRate,
    /// Femtoseconds added to every time.
    shift: i128,
}

impl Layout {
    /// Looks at the first chunk of `text`.
    pub(super) fn find(text: &Text, options: &ReadOptions) -> Result<Layout, ReadError> {
        let sample = Sample::of(text);
        let Some(&(first_at, first)) = sample.rows.first() else {
            return Err(text.syntax(0, "no row of values"));
        };
        if is_decoded(first) {
            let message = "the table lists decoded items, not levels; export the raw digital samples instead";
            return Err(text.syntax(first_at, message));
        }
        let separator = separator(first);
        let names: Vec<String> = fields(first, separator).map(|(_, f)| decode(f)).collect();
        if names.len() > COLUMNS {
            let kind = ReadErrorKind::Limit { what: "the number of columns", limit: COLUMNS as u64 };
            return Err(text.error(first_at, kind));
        }
        let header = is_header(first, separator);
        let rows = &sample.rows[usize::from(header)..];
        let levels = level_columns(rows, separator, names.len());
        let draft = Draft { sample: &sample, rows, separator, header, names, levels, options };
        let layout = draft.layout(if header { first_at + first.len() } else { first_at });
        if layout.columns.iter().all(|c| c.kind != SignalKind::Bits) {
            return Err(text.error(first_at, ReadErrorKind::UnknownKind));
        }
        Ok(layout)
    }

    /// The signals: all columns but that of the clock.
    pub(super) fn signals(&self) -> Vec<Signal> {
        let signal = |c: &Column| Signal { name: c.name.clone(), width: 1, kind: c.kind, range: None };
        (0..self.columns.len()).filter(|&i| !self.is_clock(i)).map(|i| signal(&self.columns[i])).collect()
    }

    pub(super) fn column_of_signal(&self, signal: usize) -> usize {
        match self.clock_column() {
            Some(column) if signal >= column => signal + 1,
            _ => signal,
        }
    }

    fn clock_column(&self) -> Option<usize> {
        match self.clock {
            Clock::Rows => None,
            Clock::Column { column, .. } | Clock::Samples { column, .. } => Some(column),
        }
    }

    pub(super) fn is_clock(&self, column: usize) -> bool {
        self.clock_column() == Some(column)
    }

    /// When sample `n` was taken, in femtoseconds.
    pub(super) fn sample_time(&self, n: u64) -> i128 {
        i128::from(n) * 1_000_000_000_000_000 / i128::from(self.rate.hz())
    }

    /// The time that a field of the clock's column tells, in femtoseconds.
    pub(super) fn fs_of(&self, field: &[u8]) -> Option<i128> {
        match self.clock {
            Clock::Rows => None,
            Clock::Column { power, .. } => scaled(field, self.mark, power)?.checked_add(self.shift),
            Clock::Samples { first, step, .. } => {
                let n = (scaled(field, self.mark, 0)? - first) / step;
                n.checked_mul(1_000_000_000_000_000).map(|n| n / i128::from(self.rate.hz()))
            }
        }
    }
}

/// Lines that start with `;`, `#` or `//`.
pub(super) fn is_comment(line: &[u8]) -> bool {
    matches!(line, [b';' | b'#', ..] | [b'/', b'/', ..])
}

/// The first lines, comments apart.
struct Sample<'t> {
    comments: Vec<&'t [u8]>,
    /// With their offsets in the text.
    rows: Vec<(usize, &'t [u8])>,
}

impl<'t> Sample<'t> {
    fn of(text: &'t Text) -> Sample<'t> {
        let mut sample = Sample { comments: Vec::new(), rows: Vec::new() };
        let mut at = if text.rest().starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let rest = text.rest();
        // The last line of the chunk may be incomplete.
        while let Some(length) = memchr::memchr(b'\n', &rest[at..])
            && sample.rows.len() + sample.comments.len() < ROWS
        {
            let line = rest[at..at + length].trim_ascii_end();
            if is_comment(line) {
                sample.comments.push(line);
            } else if !line.is_empty() {
                sample.rows.push((at, line));
            }
            at += length + 1;
        }
        sample
    }

    /// What follows `key` in the comments.
    fn comment(&self, key: &str) -> Option<String> {
        let find = |line: &&[u8]| decode(line).split_once(key).map(|(_, value)| value.trim().to_string());
        self.comments.iter().find_map(find)
    }

    /// The rate that sigrok states.
    fn rate(&self) -> Option<SampleRate> {
        let rate = self.comment("Samplerate:").or_else(|| self.comment(" at "));
        rate?.trim_end_matches('\'').parse().ok()
    }

    /// The names in sigrok's `Channels (2/8): SCL, SDA`.
    fn channels(&self) -> Vec<String> {
        let list =
            self.comment("Channels (").and_then(|c| c.split_once("):").map(|(_, list)| list.to_string()));
        list.iter().flat_map(|list| list.split(',')).map(|name| name.trim().to_string()).collect()
    }
}

/// A tab wins over a semicolon, and that over a comma, which may also stand in numbers.
fn separator(line: &[u8]) -> u8 {
    [b'\t', b';'].into_iter().find(|separator| line.contains(separator)).unwrap_or(b',')
}

/// True for a table of decoded items, as Saleae's analysers export it.
fn is_decoded(line: &[u8]) -> bool {
    let text = decode(line).to_ascii_lowercase();
    text.starts_with("name,type,start_time") || text.contains("packet id") || text.contains("\"start_time\"")
}

fn is_value(field: &[u8], mark: DecimalMark) -> bool {
    field.is_empty() || level(field).is_some() || scaled(field, mark, 0).is_some()
}

fn mark_of(separator: u8) -> DecimalMark {
    if separator == b',' { DecimalMark::Point } else { DecimalMark::Comma }
}

/// True if a row names columns: a field is no value, or channels are numbered 0, 1, 2.
fn is_header(row: &[u8], separator: u8) -> bool {
    let all: Vec<&[u8]> = fields(row, separator).map(|(_, f)| f).collect();
    let numbered = all.iter().enumerate().all(|(i, f)| *f == i.to_string().as_bytes());
    all.iter().any(|f| !is_value(f, mark_of(separator))) || all.len() > 2 && numbered
}

/// Which of `count` columns hold levels, in the rows at hand: the first, which may be of times, if it holds nothing else;
/// any other if most of its fields are levels, so that a single odd one is an error with a place and no missing column.
fn level_columns(rows: &[(usize, &[u8])], separator: u8, count: usize) -> Vec<bool> {
    let mut odd = vec![0; count];
    for (_, row) in rows {
        for (odd, (_, field)) in odd.iter_mut().zip(fields(row, separator)) {
            *odd += usize::from(!field.is_empty() && level(field).is_none());
        }
    }
    let few = |(column, odd): (usize, usize)| odd == 0 || (column > 0 && odd * 10 <= rows.len());
    odd.into_iter().enumerate().map(few).collect()
}

/// What a column's name says about time.
enum Timing {
    Time(i32),
    Unknown,
    Samples,
    No,
}

fn timing(name: &str) -> Timing {
    let lower = name.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let unit = |word: &&str| UNITS.iter().find(|(name, _)| name == word).map(|&(_, power)| power);
    match (words.first(), words.last()) {
        (Some(&("time" | "timestamp" | "t" | "timestamps")), Some(last)) => {
            unit(last).map_or(Timing::Unknown, Timing::Time)
        }
        (Some(&("sample" | "samples" | "index" | "nr")), _) => Timing::Samples,
        (Some(only), _) if words.len() == 1 && only.len() > 2 => unit(only).map_or(Timing::No, Timing::Time),
        _ => Timing::No,
    }
}

struct Draft<'s, 't> {
    sample: &'s Sample<'t>,
    rows: &'s [(usize, &'t [u8])],
    separator: u8,
    header: bool,
    names: Vec<String>,
    /// By column: whether it holds levels only.
    levels: Vec<bool>,
    options: &'s ReadOptions,
}

impl Draft<'_, '_> {
    fn layout(self, start: usize) -> Layout {
        let stated = self.options.sample_rate.or_else(|| self.sample.rate());
        let clock = self.clock();
        let mut layout = Layout {
            separator: self.separator,
            columns: self.columns(clock),
            clock,
            grid: stated.map(SampleRate::period),
            notes: Vec::new(),
            start,
            mark: mark_of(self.separator),
            rate: stated.unwrap_or(SampleRate::NOMINAL),
            shift: 0,
        };
        match clock {
            Clock::Column { column, power } => self.time_column(&mut layout, column, power),
            _ if stated.is_none() => layout.notes.push(Note::NoSampleRate),
            _ => {}
        }
        layout
    }

    /// The fields of a column in the rows at hand.
    fn column(&self, column: usize) -> impl Iterator<Item = &[u8]> {
        self.rows.iter().filter_map(move |(_, row)| fields(row, self.separator).nth(column).map(|(_, f)| f))
    }

    fn clock(&self) -> Clock {
        if !self.header {
            let times = self.names.len() > 1 && !self.levels[0];
            return if times { Clock::Column { column: 0, power: 15 } } else { Clock::Rows };
        }
        for (column, name) in self.names.iter().enumerate() {
            match timing(name) {
                Timing::No => {}
                Timing::Samples => return self.samples(column, 1),
                Timing::Time(power) => return self.sigrok(column).unwrap_or(Clock::Column { column, power }),
                Timing::Unknown => return self.sigrok(column).unwrap_or(Clock::Column { column, power: 15 }),
            }
        }
        Clock::Rows
    }

    /// sigrok's own time column counts rounded periods.
    fn sigrok(&self, column: usize) -> Option<Clock> {
        let rate = self.sample.rate()?.hz();
        let thousands = (0..7).map(|i| 1000u64.saturating_pow(i)).find(|&power| power >= rate)?;
        Some(self.samples(column, i128::from((thousands / rate).max(1))))
    }

    fn samples(&self, column: usize, step: i128) -> Clock {
        let first =
            self.column(column).next().and_then(|f| scaled(f, mark_of(self.separator), 0)).unwrap_or(0);
        Clock::Samples { column, first, step }
    }

    fn columns(&self, clock: Clock) -> Vec<Column> {
        let is_clock = |column: usize| match clock {
            Clock::Rows => false,
            Clock::Column { column: c, .. } | Clock::Samples { column: c, .. } => c == column,
        };
        let mut levels = 0;
        let mut columns = Vec::new();
        for column in 0..self.names.len() {
            let kind =
                if self.levels[column] && !is_clock(column) { SignalKind::Bits } else { SignalKind::Real };
            columns.push(Column { name: self.name(column, levels), kind });
            levels += usize::from(!is_clock(column));
        }
        self.name_channels(&mut columns, is_clock);
        columns
    }

    fn name(&self, column: usize, levels: usize) -> String {
        if self.header { self.names[column].clone() } else { levels.to_string() }
    }

    /// sigrok's header says `logic` for every channel and lists the names in a comment.
    fn name_channels(&self, columns: &mut [Column], is_clock: impl Fn(usize) -> bool) {
        let channels = self.sample.channels();
        let named: Vec<usize> = (0..columns.len()).filter(|&c| !is_clock(c)).collect();
        let anonymous = self.header && named.iter().all(|&c| columns[c].name == "logic");
        if !self.header || anonymous {
            for (i, &column) in named.iter().enumerate() {
                let known = channels.get(i).filter(|_| channels.len() == named.len());
                columns[column].name = known.cloned().unwrap_or_else(|| i.to_string());
            }
        }
    }

    /// Finds the shift and the grid of a column of times.
    fn time_column(&self, layout: &mut Layout, column: usize, power: i32) {
        let times = || self.column(column).filter_map(|f| scaled(f, layout.mark, power));
        if let Some(first) = times().next().filter(|&first| first < 0) {
            layout.shift = -first;
            let text = self.column(column).next().map(excerpt).unwrap_or_default();
            layout.notes.push(Note::Shifted { first: text });
        }
        if layout.grid.is_none() {
            // The finest decimal in use is the unit in which the times were rounded.
            let most = self.column(column).filter_map(|f| decimals(f, layout.mark)).max().unwrap_or(0);
            let unit = 10u64.pow((power - most).clamp(0, 15) as u32);
            let stamps: Vec<u64> =
                times().filter_map(|t| u64::try_from(t + layout.shift).ok()).map(|t| t / unit).collect();
            layout.grid = grid::of_stamps(&stamps, unit);
        }
    }
}
