//! FST and GHW through crate `wellen`, behind guards.
//!
//! The library panics on many damaged files and allocates what they claim. So sizes are checked against the file before
//! it is handed over ([`fst`], [`ghw`]), panics are caught, and widths are capped before any change is loaded.

mod fst;
mod ghw;

use std::cell::Cell;
use std::io::{BufReader, Seek, SeekFrom};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use busproof_core::{Level, Observer, Source, Span, Value};
use wellen::viewers::{self, ReadBodyContinuation};
use wellen::{Hierarchy, LoadOptions, SignalEncoding, SignalRef, SignalValueRef, Var, VarType};

use crate::error::{ReadError, ReadErrorKind};
use crate::input::{Input, Seekable};
use crate::reader::{Head, Kind, Note, Pick, Signal, SignalKind};
use crate::settle::{Flow, Settler, Summary};
use crate::timescale::Scale;
use crate::vcd::origin;

/// The widest vector that is accepted, in bits.
const WIDTH: u32 = 1 << 20;
/// The largest number of variables.
const VARIABLES: usize = 1 << 23;
/// The memory for all full names together, in bytes.
const NAMES: usize = 1 << 29;

type File = BufReader<Box<dyn Seekable>>;

/// The changes still to be read.
pub(crate) struct Body {
    kind: &'static str,
    hierarchy: Hierarchy,
    changes: ReadBodyContinuation<File>,
    refs: Vec<SignalRef>,
    scale: Scale,
}

/// Checks the file and reads its hierarchy.
pub(crate) fn open(name: &str, kind: Kind, input: Input) -> Result<(Head, Body), ReadError> {
    open_checked(kind, input).map_err(|e| e.of(name))
}

fn open_checked(kind: Kind, input: Input) -> Result<(Head, Body), ReadErrorKind> {
    let (mut seekable, length) = input.into_seekable()?;
    let (kind, check) = match kind {
        Kind::Ghw => ("GHW", ghw::check(&mut seekable, length)),
        _ => ("FST", fst::check(&mut seekable, length)),
    };
    check.map_err(|why| ReadErrorKind::Foreign { kind, why })?;
    seekable.seek(SeekFrom::Start(0))?;
    let options = LoadOptions { multi_thread: false, remove_scopes_with_empty_name: true };
    let header = guard(kind, || viewers::read_header(BufReader::new(seekable), &options))?;
    let header = header.map_err(|e| ReadErrorKind::Foreign { kind, why: e.to_string() })?;
    let (signals, refs) = guard(kind, || signals(&header.hierarchy))??;
    let scale = scale(&header.hierarchy);
    let notes = if scale.is_none() { vec![Note::NoTimescale] } else { Vec::new() };
    let scale = scale.unwrap_or_default();
    let source = own_source(&header.hierarchy);
    let source = source.unwrap_or(Source::Simulation { grid: Span::from_fs(scale.fs) });
    let head = Head { signals, source, notes };
    Ok((head, Body { kind, hierarchy: header.hierarchy, changes: header.body, refs, scale }))
}

/// What a file that we wrote says of its source.
fn own_source(hierarchy: &Hierarchy) -> Option<Source> {
    let (writer, mark) = hierarchy.version().split_once(", ")?;
    origin::parse_mark(mark.trim_end_matches('\0')).filter(|_| writer.starts_with("busproof "))
}

fn scale(hierarchy: &Hierarchy) -> Option<Scale> {
    let timescale = hierarchy.timescale()?;
    Scale::from_exponent(timescale.factor.into(), i32::from(timescale.unit.to_exponent()?) + 15)
}

fn signals(hierarchy: &Hierarchy) -> Result<(Vec<Signal>, Vec<SignalRef>), ReadErrorKind> {
    let (mut signals, mut refs, mut names) = (Vec::new(), Vec::new(), 0);
    for var in hierarchy.all_vars() {
        let var = &hierarchy[var];
        let signal = signal(var, hierarchy);
        names += signal.name.len();
        if signals.len() == VARIABLES || names > NAMES {
            return Err(ReadErrorKind::Limit { what: "the number of variables", limit: VARIABLES as u64 });
        }
        if signal.width > WIDTH {
            return Err(ReadErrorKind::Limit { what: "the width of a variable", limit: WIDTH.into() });
        }
        signals.push(signal);
        refs.push(var.signal_ref());
    }
    Ok((signals, refs))
}

fn signal(var: &Var, hierarchy: &Hierarchy) -> Signal {
    let (kind, width) = match (var.var_type(), var.signal_encoding(hierarchy)) {
        (VarType::Event, _) => (SignalKind::Event, 1),
        (_, SignalEncoding::BitVector(width)) => (SignalKind::Bits, width),
        (_, SignalEncoding::Real) => (SignalKind::Real, 64),
        (_, SignalEncoding::String) => (SignalKind::Text, 0),
    };
    let name = var.full_name(hierarchy);
    let range = var.index().map(|index| (index.msb(), index.lsb()));
    match range {
        // A single index belongs to the name, as in our reading of VCD.
        Some((msb, lsb)) if msb == lsb && width == 1 => {
            Signal { name: format!("{name}[{msb}]"), width, kind, range: None }
        }
        Some((msb, lsb)) if msb.abs_diff(lsb).checked_add(1) != Some(width.into()) => {
            Signal { name, width, kind, range: None }
        }
        _ => Signal { name, width, kind, range },
    }
}

thread_local! {
    /// True while a panic of this thread is expected and will be caught.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` and turns a panic into an error.
///
/// Such a panic prints nothing: a hook, installed once, passes on all others.
fn guard<T>(kind: &'static str, work: impl FnOnce() -> T) -> Result<T, ReadErrorKind> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                next(info);
            }
        }));
    });
    QUIET.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    result.map_err(|_| ReadErrorKind::Foreign { kind, why: "it is damaged".into() })
}

/// A change: time stamp, slot and value.
type Event = (u64, u32, Value);

impl Body {
    /// Delivers the changes of `selection`.
    pub(crate) fn stream<O: Observer + ?Sized>(
        self,
        name: &str,
        signals: &[Signal],
        selection: &[Pick],
        settler: Settler<'_, O>,
    ) -> Result<Summary, ReadError> {
        let scale = self.scale;
        self.load(signals, selection)
            .and_then(|(events, end)| deliver(&events, end, scale, settler))
            .map_err(|e| e.of(name))
    }

    /// All changes in order of time, and the last time stamp.
    fn load(self, signals: &[Signal], selection: &[Pick]) -> Result<(Vec<Event>, u64), ReadErrorKind> {
        let Body { kind, hierarchy, changes, refs, .. } = self;
        guard(kind, move || {
            let body = viewers::read_body(changes, &hierarchy, None)
                .map_err(|e| ReadErrorKind::Foreign { kind, why: e.to_string() })?;
            let (mut source, times) = (body.source, body.time_table);
            let mut wanted: Vec<SignalRef> = selection.iter().map(|pick| refs[pick.signal]).collect();
            wanted.sort_unstable();
            wanted.dedup();
            let loaded = source.load_signals(&wanted, &hierarchy, false);
            let mut events = Vec::new();
            for (slot, pick) in selection.iter().enumerate() {
                let signal = loaded.iter().find(|s| s.signal_ref() == refs[pick.signal]);
                for (index, value) in signal.into_iter().flat_map(wellen::Signal::iter_changes) {
                    let value = value_of(value, pick.wire, signals[pick.signal].width);
                    events.push((times[index as usize], slot as u32, value));
                }
            }
            // Runs of one signal are in order, which a stable sort makes use of.
            events.sort_by_key(|&(time, ..)| time);
            Ok((events, times.last().copied().unwrap_or(0)))
        })?
    }
}

fn value_of(value: SignalValueRef<'_>, wire: Option<u32>, width: u32) -> Value {
    let SignalValueRef::BitVec(bits) = value else { return Value::X.masked(width) };
    match wire {
        Some(wire) => Value::wire(level_of(bits.get_bit(wire).as_ascii())),
        None => bits.iter_msb_to_lsb().fold(Value::known(0), |value, bit| {
            let shifted = Value { bits: value.bits << 1, unknown: value.unknown << 1 };
            shifted.with(0, level_of(bit.as_ascii()))
        }),
    }
}

fn level_of(state: char) -> Level {
    match state {
        '0' | 'l' => Level::Low,
        '1' | 'h' => Level::High,
        'z' => Level::Z,
        _ => Level::X,
    }
}

fn deliver<O: Observer + ?Sized>(
    events: &[Event],
    end: u64,
    scale: Scale,
    mut settler: Settler<'_, O>,
) -> Result<Summary, ReadErrorKind> {
    for &(stamp, slot, value) in events {
        if advance(stamp, scale, &mut settler)? == Flow::Enough {
            return settler.finish(Flow::Enough);
        }
        settler.set(slot as usize, value);
    }
    let flow = advance(end, scale, &mut settler)?;
    settler.finish(flow)
}

fn advance<O: Observer + ?Sized>(
    stamp: u64,
    scale: Scale,
    settler: &mut Settler<'_, O>,
) -> Result<Flow, ReadErrorKind> {
    match scale.fs_of(stamp) {
        Some(fs) => Ok(settler.advance(fs)),
        None if settler.is_bounded() => Ok(Flow::Enough),
        None => Err(ReadErrorKind::TimeOverflow { stamp: stamp.to_string() }),
    }
}
