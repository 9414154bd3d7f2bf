//! Writing FST, GTKWave's compressed format, through crate `fst-writer`.
//!
//! The crate has bits and numbers only, so text lanes are left out. It panics on values of a wrong width and on changes right
//! behind a flush; neither can be asked of it here.

use std::io::{self, BufWriter, Seek, Write};

use busproof_core::{Change, ChangeLog, Level, Observer, SignalId, Time};
use fst_writer::{
    FstBodyWriter, FstFileType, FstHeaderWriter, FstInfo, FstScopeType, FstSignalId, FstSignalType,
    FstVarDirection, FstVarType, FstWriteError,
};

use crate::error::WriteError;
use crate::names::{self, token};
use crate::track::{Extras, Pen, Prompter, Script};
use crate::vcd::{origin, write::VcdOptions};
use crate::{Lane, LaneKind, Timescale, coarsest_timescale};

/// A block of changes is written when it takes so much memory.
const BLOCK: usize = 128 << 20;

/// Writes `log` to `sink` as FST and hands the sink back. Of `extras` text is left out, of `options` the date and the comment.
pub fn write_fst_to<W: Write + Seek>(
    sink: W,
    log: &ChangeLog,
    extras: &Extras<'_>,
    options: &VcdOptions,
) -> Result<W, WriteError> {
    let timescale = options.timescale.unwrap_or_else(|| coarsest_timescale(log));
    let options = VcdOptions { timescale: Some(timescale), source: log.source(), ..options.clone() };
    let mut writer = FstWriter::new(sink, &extras.lanes(log), &options)?;
    let script = Script::new(log, extras, timescale.span().as_fs());
    log.replay(&mut Prompter { pen: &mut writer, script });
    writer.close()
}

/// Writes an FST as an [`Observer`].
///
/// Calls of an observer cannot fail, so the first error is kept, everything after it ignored, and [`FstWriter::close`]
/// returns it.
///
/// ```
/// use std::io::Cursor;
/// use busproof_core::{Change, Level, Observer, SignalId, Time, Value};
/// use busproof_wave::{FstWriter, Lane, LaneKind, ReadOptions, Timescale, VcdOptions, open_bytes};
///
/// let lanes = [Lane { name: "top.clk".into(), kind: LaneKind::Wires(1) }];
/// let options = VcdOptions { timescale: Some(Timescale::NS), ..VcdOptions::default() };
/// let mut writer = FstWriter::new(Cursor::new(Vec::new()), &lanes, &options)?;
/// writer.instant("5 ns".parse()?, &[Change { signal: SignalId(0), value: Value::wire(Level::High) }]);
/// writer.finish("9 ns".parse()?);
/// let file = writer.close()?.into_inner();
/// let log = open_bytes("clk.fst", file, &ReadOptions::default())?.read_all()?.log;
/// assert_eq!((log.columns()[0].name(), log.end()), ("top.clk", "9 ns".parse::<Time>()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FstWriter<W: Write + Seek> {
    body: FstBodyWriter<BufWriter<W>>,
    lanes: Vec<Target>,
    timescale: Timescale,
    /// The last time written, in femtoseconds.
    last: Option<u64>,
    error: Option<WriteError>,
}

/// What a lane is in the file.
#[derive(Clone, Copy)]
enum Target {
    Wire(FstSignalId),
    Group(FstSignalId, u32),
    Number(FstSignalId),
    /// Text, which the file cannot hold.
    Nothing,
}

impl<W: Write + Seek> FstWriter<W> {
    /// Writes the header; the changes' signals are the positions in `lanes`.
    pub fn new(sink: W, lanes: &[Lane], options: &VcdOptions) -> Result<FstWriter<W>, WriteError> {
        let timescale = options.timescale.unwrap_or(Timescale::FS);
        let info = FstInfo {
            start_time: 0,
            timescale_exponent: timescale.exponent() as i8 - 15,
            version: format!("busproof {}, {}", env!("CARGO_PKG_VERSION"), origin::mark(options.source)),
            date: String::new(),
            file_type: FstFileType::Verilog,
        };
        let mut header = FstHeaderWriter::new(BufWriter::with_capacity(1 << 20, sink), &info)?;
        let lanes = declare(&mut header, lanes)?;
        Ok(FstWriter { body: header.finish()?, lanes, timescale, last: None, error: None })
    }

    /// Writes what is buffered and hands the sink back, or the first error.
    pub fn close(mut self) -> Result<W, WriteError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if self.last.unwrap_or(0) == 0 {
            // The crate takes the first values over when time moves on.
            self.body.time_change(1)?;
        }
        let sink = self.body.finish()?;
        sink.into_inner().map_err(|error| WriteError::Io(error.into_error()))
    }

    fn guard(&mut self, write: impl FnOnce(&mut FstWriter<W>) -> Result<(), WriteError>) {
        if self.error.is_none() {
            self.error = write(self).err();
        }
    }

    fn stamp(&mut self, t: Time) -> Result<(), WriteError> {
        let (fs, unit) = (t.as_fs(), self.timescale.span().as_fs());
        if self.last == Some(fs) {
            return Ok(());
        }
        match self.last.map(Time::from_fs) {
            Some(last) if last > t => return Err(WriteError::Backwards { last, at: t }),
            _ if !fs.is_multiple_of(unit) => {
                return Err(WriteError::TooCoarse { at: t, timescale: self.timescale.span() });
            }
            _ => {}
        }
        if self.body.size() > BLOCK {
            self.body.flush()?;
        }
        self.last = Some(fs);
        Ok(self.body.time_change(fs / unit)?)
    }

    fn change(&mut self, change: Change) -> Result<(), WriteError> {
        let lane = change.signal.index();
        match self.lanes.get(lane) {
            Some(&Target::Wire(id)) => self.body.signal_change(id, &[digit(change.value.level())])?,
            Some(&Target::Group(id, width)) => {
                let mut digits = [b'x'; 64];
                let digits = &mut digits[..width as usize];
                for (i, place) in digits.iter_mut().rev().enumerate() {
                    *place = digit(change.value.at(i as u32));
                }
                self.body.signal_change(id, digits)?;
            }
            Some(Target::Nothing) => {}
            Some(Target::Number(_)) | None => {
                return Err(WriteError::WrongLane { lane, expected: "wires" });
            }
        }
        Ok(())
    }
}

impl<W: Write + Seek> Pen for FstWriter<W> {
    fn text(&mut self, _: SignalId, _: Time, _: &str) {}

    fn number(&mut self, lane: SignalId, t: Time, value: f64) {
        self.guard(|writer| {
            let Some(&Target::Number(id)) = writer.lanes.get(lane.index()) else {
                return Err(WriteError::WrongLane { lane: lane.index(), expected: "numbers" });
            };
            writer.stamp(t)?;
            Ok(writer.body.signal_change(id, &value.to_le_bytes())?)
        });
    }
}

impl<W: Write + Seek> Observer for FstWriter<W> {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        self.guard(|writer| {
            writer.stamp(t)?;
            changes.iter().try_for_each(|change| writer.change(*change))
        });
    }

    fn finish(&mut self, t: Time) {
        self.guard(|writer| writer.stamp(t));
    }
}

fn digit(level: Level) -> u8 {
    match level {
        Level::Low => b'0',
        Level::High => b'1',
        Level::X => b'x',
        Level::Z => b'z',
    }
}

/// Declares the lanes in scopes.
fn declare<W: Write + Seek>(
    header: &mut FstHeaderWriter<W>,
    lanes: &[Lane],
) -> Result<Vec<Target>, WriteError> {
    let mut path: Vec<String> = Vec::new();
    let mut targets = Vec::new();
    for lane in lanes {
        if lane.kind == LaneKind::Text {
            targets.push(Target::Nothing);
            continue;
        }
        let mut scopes: Vec<String> = lane.name.split('.').map(token).collect();
        let name = scopes.pop().unwrap_or_default();
        enter(header, &mut path, &scopes)?;
        targets.push(target(header, lane, &name)?);
    }
    enter(header, &mut path, &[])?;
    Ok(targets)
}

fn target<W: Write + Seek>(
    header: &mut FstHeaderWriter<W>,
    lane: &Lane,
    name: &str,
) -> Result<Target, WriteError> {
    let mut variable =
        |name: &str, signal, kind| header.var(name, signal, kind, FstVarDirection::Implicit, None);
    Ok(match lane.kind {
        LaneKind::Wires(1) => Target::Wire(variable(name, FstSignalType::bit_vec(1), FstVarType::Wire)?),
        LaneKind::Wires(width) if (2..=64).contains(&width) => {
            let ranged = format!("{name} [{}:0]", width - 1);
            Target::Group(variable(&ranged, FstSignalType::bit_vec(width), FstVarType::Wire)?, width)
        }
        LaneKind::Wires(width) => return Err(WriteError::Width { name: lane.name.clone(), width }),
        LaneKind::Real => Target::Number(variable(name, FstSignalType::real(), FstVarType::Real)?),
        LaneKind::Text => Target::Nothing,
    })
}

/// Closes and opens scopes until `wanted` is the current one.
fn enter<W: Write + Seek>(
    header: &mut FstHeaderWriter<W>,
    path: &mut Vec<String>,
    wanted: &[String],
) -> Result<(), WriteError> {
    let common = names::common(path, wanted);
    for _ in common..path.len() {
        header.up_scope()?;
    }
    path.truncate(common);
    for name in &wanted[common..] {
        header.scope(name, "", FstScopeType::Module)?;
        path.push(name.clone());
    }
    Ok(())
}

impl From<FstWriteError> for WriteError {
    fn from(error: FstWriteError) -> WriteError {
        match error {
            FstWriteError::Io(error) => WriteError::Io(error),
            other => WriteError::Io(io::Error::other(other)),
        }
    }
}
