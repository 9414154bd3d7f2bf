//! An opened waveform: what it holds, and how to get at it.

use std::fmt;

use busproof_core::{ChangeLog, Observer, Source};

use crate::error::{ReadError, ReadErrorKind};
use crate::input::Input;
use crate::options::{ReadOptions, Window};
use crate::settle::{Settler, Summary};
use crate::{csv, foreign, sr, vcd};

/// The formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Value change dump, four-state or extended (EVCD).
    Vcd,
    /// A session of sigrok or `PulseView` (.sr).
    Sigrok,
    /// Comma-separated values of sigrok, Saleae Logic and others.
    Csv,
    /// GTKWave's compressed format.
    Fst,
    /// GHDL's format.
    Ghw,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Vcd => "VCD",
            Kind::Sigrok => "sigrok session",
            Kind::Csv => "CSV",
            Kind::Fst => "FST",
            Kind::Ghw => "GHW",
        })
    }
}

/// What a signal carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalKind {
    /// Levels of wires: the only kind that can be selected.
    Bits,
    /// A floating-point number.
    Real,
    /// Text.
    Text,
    /// A named event, which happens but has no level.
    Event,
}

/// One signal of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The full name, scopes separated by dots: `top.flash.miso`.
    pub name: String,
    /// The number of wires; of other kinds than bits what the file says.
    pub width: u32,
    /// What it carries.
    pub kind: SignalKind,
    /// The declared indices of the first and last wire, `[msb:lsb]`.
    pub range: Option<(i64, i64)>,
}

impl Signal {
    /// The wire with declared index `index`, counted from the last wire; without a declared range `[width-1:0]` holds.
    pub fn wire_at(&self, index: i64) -> Option<u32> {
        let (msb, lsb) = self.range.unwrap_or((i64::from(self.width) - 1, 0));
        let (low, high) = (msb.min(lsb), msb.max(lsb));
        if self.kind != SignalKind::Bits || index < low || index > high {
            return None;
        }
        let wire = u32::try_from(index.abs_diff(lsb)).ok()?;
        (wire < self.width).then_some(wire)
    }
}

/// A signal, or one wire of it, chosen to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pick {
    /// The position in [`Reader::signals`].
    pub signal: usize,
    /// Which wire, counted from the last one; all of them if `None`.
    pub wire: Option<u32>,
}

impl From<usize> for Pick {
    fn from(signal: usize) -> Pick {
        Pick { signal, wire: None }
    }
}

/// Something odd in a file that does not keep it from being read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// A VCD without timescale; 1 ns is assumed.
    NoTimescale,
    /// Samples without a rate: each counts as 1 ns, and timing rules are not visible.
    NoSampleRate,
    /// Times before zero: everything was moved so that the first is at zero.
    Shifted {
        /// The first time as the file writes it.
        first: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::NoTimescale => f.write_str("the file has no timescale; 1 ns is assumed"),
            Note::NoSampleRate => f.write_str(
                "the file states no sample rate, so timing rules are not visible; give it with `--sample-rate`",
            ),
            Note::Shifted { first } => {
                write!(f, "the first time is {first}; all times were moved so that it is at zero")
            }
        }
    }
}

/// A whole waveform in memory.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The signals selected, in that order.
    pub log: ChangeLog,
    /// What was read.
    pub summary: Summary,
}

/// An opened waveform whose header has been read.
pub struct Reader {
    name: String,
    kind: Kind,
    head: Head,
    body: Body,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

/// What every format tells before its changes.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) signals: Vec<Signal>,
    pub(crate) source: Source,
    pub(crate) notes: Vec<Note>,
}

enum Body {
    Vcd(vcd::Body),
    Sigrok(sr::Body),
    Csv(Box<csv::Body>),
    Foreign(Box<foreign::Body>),
}

impl Reader {
    pub(crate) fn new(
        name: String,
        kind: Kind,
        input: Input,
        options: &ReadOptions,
    ) -> Result<Reader, ReadError> {
        let (head, body) = match kind {
            Kind::Vcd => {
                let (head, body) = vcd::open(&name, input, options)?;
                (head, Body::Vcd(body))
            }
            Kind::Sigrok => {
                let (head, body) = sr::open(&name, input, options)?;
                (head, Body::Sigrok(body))
            }
            Kind::Csv => {
                let (head, body) = csv::open(&name, input, options)?;
                (head, Body::Csv(Box::new(body)))
            }
            Kind::Fst | Kind::Ghw => {
                let (head, body) = foreign::open(&name, kind, input)?;
                (head, Body::Foreign(Box::new(body)))
            }
        };
        Ok(Reader { name, kind, head, body })
    }

    /// The file's name as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The format.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// All signals in order of the file, also those that cannot be selected.
    pub fn signals(&self) -> &[Signal] {
        &self.head.signals
    }

    /// Where the changes come from, which decides how exact their times are.
    pub fn source(&self) -> Source {
        self.head.source
    }

    /// What is odd about the file.
    pub fn notes(&self) -> &[Note] {
        &self.head.notes
    }

    /// The signal of that full name, or one wire of a vector by its declared index: `top.bus[3]`.
    pub fn find(&self, name: &str) -> Option<Pick> {
        let by_name = |name: &str| self.head.signals.iter().position(|s| s.name == name);
        if let Some(signal) = by_name(name) {
            return Some(signal.into());
        }
        let (base, index) = name.strip_suffix(']')?.rsplit_once('[')?;
        let signal = by_name(base)?;
        let wire = self.head.signals[signal].wire_at(index.trim().parse().ok()?)?;
        Some(Pick { signal, wire: Some(wire) })
    }

    /// Every signal that can be selected as a whole: bits of at most 64 wires.
    pub fn selectable(&self) -> Vec<Pick> {
        let whole = |s: &Signal| s.kind == SignalKind::Bits && (1..=64).contains(&s.width);
        (0..self.head.signals.len()).filter(|&i| whole(&self.head.signals[i])).map(Pick::from).collect()
    }

    /// Streams the selected signals, numbered by their position in `selection`, into `observer`.
    ///
    /// ```text
    /// file     #0 0!   #5 1! 1"   #7 0" 1" 0!     #9
    /// observer instant(0, [!=0])  instant(5, [!=1, "=1])  instant(7, [!=0])  finish(9)
    /// ```
    pub fn stream(
        self,
        selection: &[Pick],
        window: Window,
        observer: &mut (impl Observer + ?Sized),
    ) -> Result<Summary, ReadError> {
        let Reader { name, head, body, .. } = self;
        window.check().map_err(|e| e.of(&name))?;
        for &pick in selection {
            check_pick(&head.signals, pick).map_err(|e| e.of(&name))?;
        }
        let settler = Settler::new(observer, selection.len(), window);
        let summary = match body {
            Body::Vcd(body) => body.stream(selection, settler),
            Body::Sigrok(body) => body.stream(&name, selection, settler),
            Body::Csv(body) => body.stream(selection, settler),
            Body::Foreign(body) => body.stream(&name, &head.signals, selection, settler),
        }?;
        Ok(summary)
    }

    /// Reads the selected signals into a log.
    pub fn read(self, selection: &[Pick], window: Window) -> Result<Recorded, ReadError> {
        let mut log = ChangeLog::new(self.source());
        for &pick in selection {
            check_pick(&self.head.signals, pick).map_err(|e| e.of(&self.name))?;
            self.declare(pick, &mut log);
        }
        let summary = self.stream(selection, window, &mut log)?;
        Ok(Recorded { log, summary })
    }

    /// Reads every selectable signal into a log.
    pub fn read_all(self) -> Result<Recorded, ReadError> {
        let all = self.selectable();
        self.read(&all, Window::ALL)
    }

    fn declare(&self, pick: Pick, log: &mut ChangeLog) {
        let signal = &self.head.signals[pick.signal];
        match (pick.wire, signal.width) {
            (Some(wire), _) => log.add_wire(format!("{}[{}]", signal.name, signal.index_of(wire))),
            (None, 1) => log.add_wire(&signal.name),
            (None, width) => log.add_group(&signal.name, width),
        };
    }
}

impl Signal {
    /// The declared index of `wire`.
    fn index_of(&self, wire: u32) -> i64 {
        match self.range {
            Some((msb, lsb)) if msb < lsb => lsb.saturating_sub(i64::from(wire)),
            Some((_, lsb)) => lsb.saturating_add(i64::from(wire)),
            None => i64::from(wire),
        }
    }
}

fn check_pick(signals: &[Signal], pick: Pick) -> Result<(), ReadErrorKind> {
    let Some(signal) = signals.get(pick.signal) else {
        let why = format!("does not exist; the file has {} signals", signals.len());
        return Err(ReadErrorKind::NotMappable { signal: format!("number {}", pick.signal), why });
    };
    let why = match (signal.kind, pick.wire, signal.width) {
        (SignalKind::Real, ..) => "carries floating-point numbers, not levels".into(),
        (SignalKind::Text, ..) => "carries text, not levels".into(),
        (SignalKind::Event, ..) => "is a named event and has no level".into(),
        (_, _, 0) => "has no wires".into(),
        (_, Some(wire), width) if wire >= width => format!("has {width} wires, so there is no wire {wire}"),
        (_, None, width) if width > 64 => {
            format!("has {width} wires, more than 64; select single wires such as `{}[0]`", signal.name)
        }
        _ => return Ok(()),
    };
    Err(ReadErrorKind::NotMappable { signal: signal.name.clone(), why })
}
