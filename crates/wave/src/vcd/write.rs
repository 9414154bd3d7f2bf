//! Writing a VCD: the header through crate `vcd`, the value changes by hand into the same sink.

use std::io::{self, Write};
use std::path::Path;

use busproof_core::{Change, ChangeLog, Level, Observer, SignalId, Source, Time, Value};
use vcd::{IdCode, ReferenceIndex, VarType};

use crate::error::WriteError;
use crate::names::{common, token};
use crate::timescale::Timescale;
use crate::track::{Extras, Pen, Prompter, Script};
use crate::whole::write_whole;

use super::origin;

/// The size of the buffer before the sink.
const BUFFER: usize = 1 << 20;
/// Room for any one change: `b`, 64 digits, a blank, an identifier of 7 characters, a line feed, and copying by eights.
const ROOM: usize = 128;

/// Choices of a VCD to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VcdOptions {
    /// The unit of time; if `None`, the coarsest that loses nothing when a log is written, and 1 fs when streaming.
    pub timescale: Option<Timescale>,
    /// Where the changes come from; stated in the file so that our reader knows how exact its times are.
    pub source: Source,
    /// The text of `$date`; none by default, so that equal runs give equal files.
    pub date: Option<String>,
    /// Further text for a `$comment`.
    pub comment: Option<String>,
    /// What kinds of variables the file may have.
    pub profile: Profile,
}

/// What the intended reader of a VCD understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Vectors, text and numbers, for waveform viewers.
    #[default]
    Full,
    /// One-bit variables only, for sigrok: a vector becomes one variable per wire; text and numbers are left out.
    BitsOnly,
}

/// A signal of a VCD to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The full name, scopes separated by dots.
    pub name: String,
    /// What it carries.
    pub kind: LaneKind,
}

/// What a lane carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneKind {
    /// Levels of 1 to 64 wires.
    Wires(u32),
    /// Text, for example decoded items; written with [`VcdWriter::text`].
    Text,
    /// Numbers, for example volts; written with [`VcdWriter::number`].
    Real,
}

impl Lane {
    /// The lanes of all signals of `log`, in its order.
    pub fn of_log(log: &ChangeLog) -> Vec<Lane> {
        let lane =
            |c: &busproof_core::log::Column| Lane { name: c.name().into(), kind: LaneKind::Wires(c.width()) };
        log.columns().iter().map(lane).collect()
    }
}

/// The coarsest timescale in which every time of `log`, and its end, is a whole number; 1 ns if all are zero.
pub fn coarsest_timescale(log: &ChangeLog) -> Timescale {
    let mut scale = 10u64.pow(15);
    let mut all_zero = true;
    let times = log.columns().iter().flat_map(|c| c.iter().map(|(t, _)| t));
    for t in times.chain([log.end()]).map(Time::as_fs).filter(|&fs| fs > 0) {
        all_zero = false;
        while !t.is_multiple_of(scale) {
            scale /= 10;
        }
    }
    let exponent = if all_zero { 6 } else { scale.ilog10() as u8 };
    Timescale::from_exponent(exponent).unwrap_or(Timescale::FS)
}

/// Writes `log` to the file `path`, which appears complete or not at all.
pub fn write_log(path: impl AsRef<Path>, log: &ChangeLog, options: &VcdOptions) -> Result<(), WriteError> {
    write_whole(path, |file| write_log_to(file, log, options).map(drop))
}

/// Writes `log` to `sink` and hands the sink back.
///
/// The source stated in the file is that of the log.
pub fn write_log_to<W: Write>(sink: W, log: &ChangeLog, options: &VcdOptions) -> Result<W, WriteError> {
    write_vcd_to(sink, log, &Extras::default(), options)
}

/// Writes `log` and what is said beside it to `sink` and hands the sink back.
///
/// Times of the extras are rounded down to the timescale: they are for the eye, and whoever reads the file judges by its
/// wires alone. The source stated in the file is that of the log.
pub fn write_vcd_to<W: Write>(
    sink: W,
    log: &ChangeLog,
    extras: &Extras<'_>,
    options: &VcdOptions,
) -> Result<W, WriteError> {
    let timescale = options.timescale.unwrap_or_else(|| coarsest_timescale(log));
    let options = VcdOptions { timescale: Some(timescale), source: log.source(), ..options.clone() };
    let mut writer = VcdWriter::new(sink, &extras.lanes(log), &options)?;
    let script = Script::new(log, extras, timescale.span().as_fs());
    log.replay(&mut Prompter { pen: &mut writer, script });
    writer.close()
}

/// Writes a VCD as an [`Observer`].
///
/// Calls of an observer cannot fail, so the first error is kept, everything after it ignored, and [`VcdWriter::close`]
/// returns it.
///
/// ```
/// use busproof_core::{Change, Level, Observer, SignalId, Time, Value};
/// use busproof_wave::{Lane, LaneKind, Timescale, VcdOptions, VcdWriter};
///
/// let lanes = [Lane { name: "top.clk".into(), kind: LaneKind::Wires(1) }];
/// let options = VcdOptions { timescale: Some(Timescale::NS), ..VcdOptions::default() };
/// let mut writer = VcdWriter::new(Vec::new(), &lanes, &options)?;
/// writer.instant("5 ns".parse()?, &[Change { signal: SignalId(0), value: Value::wire(Level::High) }]);
/// writer.finish("9 ns".parse()?);
/// let text = String::from_utf8(writer.close()?)?;
/// assert!(text.ends_with("#5\n$dumpvars\n1!\n$end\n#9\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct VcdWriter<W: Write> {
    sink: Sink<W>,
    lanes: Vec<Encoder>,
    /// Femtoseconds per unit.
    unit: u64,
    timescale: Timescale,
    /// The last time stamp written, in femtoseconds.
    last: Option<u64>,
    dumped: bool,
    error: Option<WriteError>,
}

/// How a lane's changes are written.
#[derive(Clone, Debug)]
enum Encoder {
    Wire(WireLines),
    Group { width: u32, id: Id },
    Split { told: Option<Value>, wires: Vec<WireLines> },
    Text(Id),
    Real(Id),
    Nothing,
}

/// The complete lines for the four levels of one wire, all of one length.
#[derive(Clone, Copy, Debug)]
struct WireLines {
    lines: [[u8; 8]; 4],
    length: usize,
}

/// ` !\n`: the end of a vector's or a text's line.
#[derive(Clone, Copy, Debug)]
struct Id {
    tail: [u8; 8],
    length: usize,
}

impl Id {
    fn new(code: IdCode) -> Id {
        let text = format!(" {code}\n");
        let mut tail = [0; 8];
        tail[..text.len()].copy_from_slice(text.as_bytes());
        Id { tail, length: text.len() }
    }
}

impl WireLines {
    fn new(code: IdCode) -> WireLines {
        let line = |level: Level| {
            let text = format!("{level}{code}\n");
            let mut line = [0; 8];
            line[..text.len()].copy_from_slice(text.as_bytes());
            (line, text.len())
        };
        let lines = [Level::Low, Level::High, Level::Z, Level::X].map(line);
        WireLines { lines: lines.map(|l| l.0), length: lines[0].1 }
    }
}

impl<W: Write> VcdWriter<W> {
    /// Writes the header; the changes' signals are the positions in `lanes`.
    pub fn new(sink: W, lanes: &[Lane], options: &VcdOptions) -> Result<VcdWriter<W>, WriteError> {
        let timescale = options.timescale.unwrap_or(Timescale::FS);
        let mut sink = Sink::new(sink);
        let lanes = Header::write(&mut sink, lanes, timescale, options)?;
        Ok(VcdWriter {
            sink,
            lanes,
            unit: timescale.span().as_fs(),
            timescale,
            last: None,
            dumped: false,
            error: None,
        })
    }

    /// At `t` the text lane `lane` shows `text`; an empty text shows an idle line.
    ///
    /// Blanks, control characters, backslashes and what is not ASCII are written as `\x20`, because a viewer stops
    /// loading at a raw blank.
    pub fn text(&mut self, lane: SignalId, t: Time, text: &str) {
        self.guard(|writer| writer.try_text(lane, t, text));
    }

    /// At `t` the lane of numbers `lane` takes `value`; infinite values, and what is no number, become 0.
    pub fn number(&mut self, lane: SignalId, t: Time, value: f64) {
        self.guard(|writer| writer.try_number(lane, t, value));
    }

    /// Writes what is buffered and hands the sink back, or the first error.
    pub fn close(mut self) -> Result<W, WriteError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.sink.flush()?;
        Ok(self.sink.inner)
    }

    fn guard(&mut self, write: impl FnOnce(&mut VcdWriter<W>) -> Result<(), WriteError>) {
        if self.error.is_none() {
            self.error = write(self).err();
        }
    }

    fn try_text(&mut self, lane: SignalId, t: Time, text: &str) -> Result<(), WriteError> {
        match self.lanes.get(lane.index()) {
            Some(&Encoder::Text(id)) => {
                self.stamp(t)?;
                let line = [b"s", escape(text).as_bytes(), &id.tail[..id.length]].concat();
                Ok(self.sink.write_all(&line)?)
            }
            Some(Encoder::Nothing) => Ok(()),
            _ => Err(WriteError::WrongLane { lane: lane.index(), expected: "text" }),
        }
    }

    fn try_number(&mut self, lane: SignalId, t: Time, value: f64) -> Result<(), WriteError> {
        match self.lanes.get(lane.index()) {
            Some(&Encoder::Real(id)) => {
                self.stamp(t)?;
                let value = if value.is_finite() { value } else { 0.0 };
                // In scientific notation, since other numbers may have hundreds of digits.
                let line = [format!("r{value:e}").as_bytes(), &id.tail[..id.length]].concat();
                Ok(self.sink.write_all(&line)?)
            }
            Some(Encoder::Nothing) => Ok(()),
            _ => Err(WriteError::WrongLane { lane: lane.index(), expected: "numbers" }),
        }
    }

    #[inline]
    fn stamp(&mut self, t: Time) -> Result<(), WriteError> {
        let fs = t.as_fs();
        if self.last == Some(fs) {
            return Ok(());
        }
        let ticks = fs / self.unit;
        if ticks * self.unit != fs || self.last.is_some_and(|last| last > fs) {
            return Err(self.refuse(t));
        }
        self.last = Some(fs);
        Ok(self.sink.stamp(ticks)?)
    }

    #[cold]
    fn refuse(&self, at: Time) -> WriteError {
        match self.last.map(Time::from_fs) {
            Some(last) if last > at => WriteError::Backwards { last, at },
            _ => WriteError::TooCoarse { at, timescale: self.timescale.span() },
        }
    }

    fn try_instant(&mut self, t: Time, changes: &[Change]) -> Result<(), WriteError> {
        self.stamp(t)?;
        if self.dumped {
            return self.write_changes(changes);
        }
        self.dumped = true;
        self.sink.write_all(b"$dumpvars\n")?;
        self.write_changes(changes)?;
        Ok(self.sink.write_all(b"$end\n")?)
    }

    #[inline]
    fn write_changes(&mut self, changes: &[Change]) -> Result<(), WriteError> {
        for change in changes {
            self.write_change(*change)?;
        }
        Ok(())
    }

    #[inline]
    fn write_change(&mut self, change: Change) -> Result<(), WriteError> {
        self.sink.reserve()?;
        match self.lanes.get_mut(change.signal.index()) {
            Some(Encoder::Wire(wire)) => self.sink.wire(wire, change.value.level()),
            Some(Encoder::Group { width, id }) => self.sink.group(*width, id, change.value),
            Some(Encoder::Split { told, wires }) => {
                let changed = told.map_or(u64::MAX, |told| differing(told, change.value));
                for (i, wire) in wires.iter().enumerate().filter(|(i, _)| changed >> i & 1 != 0) {
                    self.sink.reserve()?;
                    self.sink.wire(wire, change.value.at(i as u32));
                }
                *told = Some(change.value);
            }
            Some(Encoder::Nothing) => {}
            Some(Encoder::Text(_) | Encoder::Real(_)) | None => {
                let lane = change.signal.index();
                return Err(WriteError::WrongLane { lane, expected: "wires" });
            }
        }
        Ok(())
    }

    fn try_finish(&mut self, t: Time) -> Result<(), WriteError> {
        if self.last.is_some() || t > Time::ZERO {
            self.stamp(t)?;
        }
        Ok(self.sink.flush()?)
    }
}

impl<W: Write> Pen for VcdWriter<W> {
    fn text(&mut self, lane: SignalId, t: Time, text: &str) {
        VcdWriter::text(self, lane, t, text);
    }

    fn number(&mut self, lane: SignalId, t: Time, value: f64) {
        VcdWriter::number(self, lane, t, value);
    }
}

impl<W: Write> Observer for VcdWriter<W> {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        self.guard(|writer| writer.try_instant(t, changes));
    }

    fn finish(&mut self, t: Time) {
        self.guard(|writer| writer.try_finish(t));
    }
}

/// A buffer before a sink, with room for one change always at hand.
#[derive(Debug)]
struct Sink<W> {
    inner: W,
    buffer: Vec<u8>,
    filled: usize,
}

impl<W: Write> Sink<W> {
    fn new(inner: W) -> Sink<W> {
        Sink { inner, buffer: vec![0; BUFFER], filled: 0 }
    }

    #[inline]
    fn reserve(&mut self) -> io::Result<()> {
        if self.filled + ROOM > BUFFER { self.drain() } else { Ok(()) }
    }

    #[cold]
    fn drain(&mut self) -> io::Result<()> {
        self.inner.write_all(&self.buffer[..self.filled])?;
        self.filled = 0;
        Ok(())
    }

    /// Copies eight bytes of which `length` count; there must be room.
    #[inline]
    fn push(&mut self, bytes: [u8; 8], length: usize) {
        if let Some(room) = self.buffer.get_mut(self.filled..self.filled + 8) {
            room.copy_from_slice(&bytes);
        }
        self.filled += length;
    }

    #[inline]
    fn wire(&mut self, wire: &WireLines, level: Level) {
        self.push(wire.lines[level as usize], wire.length);
    }

    #[inline]
    fn group(&mut self, width: u32, id: &Id, value: Value) {
        self.push(*b"b\0\0\0\0\0\0\0", 1);
        let odd = width % 8;
        let mut shift = width - odd;
        if odd > 0 {
            let digits = u64::from_be_bytes(digits_at(value, shift));
            self.push((digits << (8 * (8 - odd))).to_be_bytes(), odd as usize);
        }
        while shift > 0 {
            shift -= 8;
            self.push(digits_at(value, shift), 8);
        }
        self.push(id.tail, id.length);
    }

    #[inline]
    fn stamp(&mut self, ticks: u64) -> io::Result<()> {
        self.reserve()?;
        let mut decimal = itoa::Buffer::new();
        let digits = decimal.format(ticks).as_bytes();
        self.buffer[self.filled] = b'#';
        let end = self.filled + 1 + digits.len();
        self.buffer[self.filled + 1..end].copy_from_slice(digits);
        self.buffer[end] = b'\n';
        self.filled = end + 1;
        Ok(())
    }
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.filled + bytes.len() > BUFFER {
            self.drain()?;
        }
        if bytes.len() > BUFFER {
            return self.inner.write(bytes);
        }
        self.buffer[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.drain()?;
        self.inner.flush()
    }
}

/// The wires in which two values differ.
fn differing(a: Value, b: Value) -> u64 {
    (a.bits ^ b.bits) | (a.unknown ^ b.unknown)
}

/// The digits of the eight wires from `shift` up, most significant first.
#[inline]
fn digits_at(value: Value, shift: u32) -> [u8; 8] {
    let (bits, unknown) = ((value.bits >> shift) as u8, (value.unknown >> shift) as u8);
    let digits = u64::from_be_bytes(DIGITS[bits as usize]);
    if unknown == 0 { digits.to_be_bytes() } else { unknown_digits(digits, unknown) }
}

/// Turns the digits whose bit is set in `unknown` from `1` to `x` and from `0` to `z`.
fn unknown_digits(digits: u64, unknown: u8) -> [u8; 8] {
    let mut digits = digits.to_be_bytes();
    for (i, digit) in digits.iter_mut().enumerate() {
        if unknown >> (7 - i) & 1 != 0 {
            *digit = if *digit == b'1' { b'x' } else { b'z' };
        }
    }
    digits
}

/// The binary digits of every byte.
const DIGITS: [[u8; 8]; 256] = {
    let mut table = [[b'0'; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut i = 0;
        while i < 8 {
            table[byte][i] = b'0' + (byte >> (7 - i) & 1) as u8;
            i += 1;
        }
        byte += 1;
    }
    table
};

/// A text as one token.
fn escape(text: &str) -> String {
    let mut token = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        match byte {
            b'\\' | ..=b' ' | 127.. => token.extend(["\\x".into(), format!("{byte:02x}")]),
            _ => token.push(byte.into()),
        }
    }
    token
}

/// Writes the declarations and hands out identifier codes.
struct Header<'s, W: Write> {
    writer: vcd::Writer<&'s mut Sink<W>>,
    /// The open scopes.
    path: Vec<String>,
    code: IdCode,
    profile: Profile,
}

impl<'s, W: Write> Header<'s, W> {
    fn write(
        sink: &'s mut Sink<W>,
        lanes: &[Lane],
        timescale: Timescale,
        options: &VcdOptions,
    ) -> Result<Vec<Encoder>, WriteError> {
        let mut writer = vcd::Writer::new(sink);
        preamble(&mut writer, timescale, options)?;
        let mut header = Header { writer, path: Vec::new(), code: IdCode::FIRST, profile: options.profile };
        let encoders = lanes.iter().map(|lane| header.lane(lane)).collect::<Result<_, _>>()?;
        header.enter(&[])?;
        header.writer.enddefinitions()?;
        Ok(encoders)
    }

    /// Declares one lane.
    fn lane(&mut self, lane: &Lane) -> Result<Encoder, WriteError> {
        let mut scopes: Vec<String> = lane.name.split('.').map(token).collect();
        let name = scopes.pop().unwrap_or_default();
        match (lane.kind, self.profile) {
            (LaneKind::Text | LaneKind::Real, Profile::BitsOnly) => return Ok(Encoder::Nothing),
            (LaneKind::Wires(width), _) if !(1..=64).contains(&width) => {
                return Err(WriteError::Width { name: lane.name.clone(), width });
            }
            _ => self.enter(&scopes)?,
        }
        match (lane.kind, self.profile) {
            (LaneKind::Text, _) => Ok(Encoder::Text(Id::new(self.variable(VarType::String, 1, &name)?))),
            (LaneKind::Real, _) => Ok(Encoder::Real(Id::new(self.variable(VarType::Real, 64, &name)?))),
            (LaneKind::Wires(1), _) => {
                Ok(Encoder::Wire(WireLines::new(self.variable(VarType::Wire, 1, &name)?)))
            }
            (LaneKind::Wires(width), Profile::Full) => {
                let id = Id::new(self.variable(VarType::Wire, width, &name)?);
                Ok(Encoder::Group { width, id })
            }
            (LaneKind::Wires(width), Profile::BitsOnly) => self.split(width, &name),
        }
    }

    fn split(&mut self, width: u32, name: &str) -> Result<Encoder, WriteError> {
        let mut wire = |i| Ok(WireLines::new(self.variable(VarType::Wire, 1, &format!("{name}[{i}]"))?));
        let wires = (0..width).map(&mut wire).collect::<io::Result<_>>()?;
        Ok(Encoder::Split { told: None, wires })
    }

    /// Closes and opens scopes until `path` is the current one.
    fn enter(&mut self, path: &[String]) -> io::Result<()> {
        let common = common(&self.path, path);
        for _ in common..self.path.len() {
            self.writer.upscope()?;
        }
        self.path.truncate(common);
        for name in &path[common..] {
            self.writer.add_module(name)?;
            self.path.push(name.clone());
        }
        Ok(())
    }

    fn variable(&mut self, kind: VarType, width: u32, name: &str) -> io::Result<IdCode> {
        let code = self.code;
        self.code = code.next();
        let index =
            (width > 1 && kind == VarType::Wire).then_some(ReferenceIndex::Range(width.cast_signed() - 1, 0));
        if self.path.is_empty() {
            // Crate `vcd` insists on a scope; a name without a dot has none.
            let index = index.map(|i| format!(" {i}")).unwrap_or_default();
            writeln!(self.writer.writer(), "$var {kind} {width} {code} {name}{index} $end")?;
        } else {
            self.writer.var_def(kind, width, code, name, index)?;
        }
        Ok(code)
    }
}

/// Everything before the declarations.
fn preamble<W: Write>(
    writer: &mut vcd::Writer<W>,
    timescale: Timescale,
    options: &VcdOptions,
) -> io::Result<()> {
    let one_line = |text: &String| text.replace("$end", "end");
    if let Some(date) = &options.date {
        writer.date(&one_line(date))?;
    }
    writer.version(concat!("busproof ", env!("CARGO_PKG_VERSION")))?;
    writer.comment(&origin::mark(options.source))?;
    if let Some(comment) = &options.comment {
        writer.comment(&one_line(comment))?;
    }
    let (factor, unit) = timescale.parts();
    writer.timescale(factor, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_unknown_wires() {
        let value = Value { bits: 0b1010_0001, unknown: 0b0110_0000 };
        assert_eq!(&digits_at(value, 0), b"1zx00001");
    }

    #[test]
    fn text_becomes_one_token() {
        assert_eq!(escape("read 9f\\é"), "read\\x209f\\x5c\\xc3\\xa9");
    }

    #[test]
    fn the_coarsest_timescale_loses_nothing() {
        let scale = |times: &[u64]| {
            let mut log = ChangeLog::default();
            let a = log.add_group("a", 8);
            for (i, &fs) in times.iter().enumerate() {
                log.push(a, Time::from_fs(fs), Value::known(i as u64)).unwrap();
            }
            coarsest_timescale(&log).to_string()
        };
        assert_eq!(scale(&[0]), "1 ns");
        assert_eq!(scale(&[0, 12_500_000]), "100 ps");
        assert_eq!(scale(&[0, 312_500]), "100 fs");
        assert_eq!(scale(&[0, 5_000_000_000_000_000]), "1 s");
        assert_eq!(scale(&[1, 10]), "1 fs");
    }
}
