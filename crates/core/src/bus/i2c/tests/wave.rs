//! Waveforms drawn by hand, and what the monitor and the checker say of them.

use super::super::rules::{PARAMS, RULES};
use super::super::*;
use crate::bits::BitOrder;
use crate::bus::{Diagnostic, Monitor as _, Sink};
use crate::level::Level;
use crate::log::{Change, ChangeLog, SignalId, Source, Value};
use crate::time::{Span, Time};
use crate::timing::{
    Checker, CheckerOptions, Event, Finding, Param, Params, Quantity, Report, Side, Verdict,
};

/// A nanosecond in femtoseconds.
pub(super) const NS: u64 = 1_000_000;

/// The intervals of a waveform in femtoseconds, each between the half edges that the specification draws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Intervals {
    pub(super) low: u64,
    pub(super) high: u64,
    pub(super) start_hold: u64,
    pub(super) start_setup: u64,
    pub(super) stop_setup: u64,
    pub(super) free: u64,
    /// From SCL low to SDA leaving its level: in the eight bits, and in the ninth.
    pub(super) hold: u64,
    pub(super) ack_hold: u64,
    /// SCL: behind a START or an acknowledge, and elsewhere.
    pub(super) first_rise: u64,
    pub(super) rise: u64,
    pub(super) fall: u64,
    /// SDA.
    pub(super) data_rise: u64,
    pub(super) data_fall: u64,
}

const NO_INTERVALS: Intervals = Intervals {
    low: 0,
    high: 0,
    start_hold: 0,
    start_setup: 0,
    stop_setup: 0,
    free: 0,
    hold: 0,
    ack_hold: 0,
    first_rise: 0,
    rise: 0,
    fall: 0,
    data_rise: 0,
    data_fall: 0,
};

/// A waveform under construction.
#[derive(Clone, Debug)]
pub(super) struct Wave {
    pub(super) t: Intervals,
    /// When SCL was last low, or SDA high behind a STOP.
    pub(super) now: u64,
    sda: bool,
    pub(super) changes: Vec<(u64, SignalId, Level)>,
}

impl Wave {
    /// Both lines high.
    pub(super) fn idle(t: Intervals) -> Wave {
        let changes = vec![(0, pin::SCL, Level::High), (0, pin::SDA, Level::High)];
        Wave { t, now: 1_000 * NS, sda: true, changes }
    }

    /// What a bench has logged.
    pub(super) fn of_log(log: &ChangeLog) -> Wave {
        let mut wave = Wave::blank(NO_INTERVALS);
        for (name, pin) in [("scl", pin::SCL), ("sda", pin::SDA)] {
            let column = log.column(log.find(name).unwrap());
            wave.changes.extend(column.iter().map(|(t, value)| (t.as_fs(), pin, value.level())));
        }
        wave
    }

    /// Nothing yet.
    pub(super) fn blank(t: Intervals) -> Wave {
        Wave { t, now: 0, sda: true, changes: Vec::new() }
    }

    pub(super) fn set(&mut self, at: u64, line: SignalId, high: bool) -> &mut Wave {
        self.changes.push((at, line, Level::from_bit(high)));
        self
    }

    /// A line leaves its level at `at`. Returns when it has reached the other.
    pub(super) fn edge(&mut self, at: u64, line: SignalId, high: bool, takes: u64) -> u64 {
        if takes > 0 {
            self.changes.push((at, line, Level::X));
        }
        self.set(at + takes, line, high);
        at + takes
    }

    pub(super) fn data(&mut self, at: u64, high: bool) -> u64 {
        if self.sda == high {
            return at;
        }
        self.sda = high;
        let takes = if high { self.t.data_rise } else { self.t.data_fall };
        self.edge(at, pin::SDA, high, takes)
    }

    pub(super) fn clock_falls(&mut self, at: u64) {
        self.now = self.edge(at, pin::SCL, false, self.t.fall);
    }

    /// A START from idle.
    pub(super) fn start(&mut self) -> &mut Wave {
        let low = self.data(self.now + self.t.free, false);
        self.clock_falls(low + self.t.start_hold);
        self
    }

    pub(super) fn restart(&mut self) -> &mut Wave {
        self.data(self.now + self.t.hold, true);
        let high = self.edge(self.now + self.t.low, pin::SCL, true, self.t.first_rise);
        let low = self.data(high + self.t.start_setup, false);
        self.clock_falls(low + self.t.start_hold);
        self
    }

    pub(super) fn stop(&mut self) -> &mut Wave {
        self.data(self.now + self.t.hold, false);
        let high = self.edge(self.now + self.t.low, pin::SCL, true, self.t.first_rise);
        self.now = self.data(high + self.t.stop_setup, true);
        self
    }

    /// One clock: SDA changes `hold` after SCL is low.
    pub(super) fn clock(&mut self, high: bool, hold: u64, rise: u64) -> &mut Wave {
        self.data(self.now + hold, high);
        let reached = self.edge(self.now + self.t.low, pin::SCL, true, rise);
        self.clock_falls(reached + self.t.high);
        self
    }

    /// The bits of a byte from the `first` on, without the acknowledge.
    pub(super) fn bits(&mut self, byte: u8, bits: std::ops::Range<u8>) -> &mut Wave {
        for i in bits {
            let rise = if i == 0 { self.t.first_rise } else { self.t.rise };
            self.clock(byte << i & 0x80 != 0, self.t.hold, rise);
        }
        self
    }

    pub(super) fn byte(&mut self, byte: u8, ack: Ack) -> &mut Wave {
        let (hold, rise) = (self.t.ack_hold, self.t.rise);
        self.bits(byte, 0..8).clock(ack == Ack::Nack, hold, rise)
    }

    pub(super) fn acked(&mut self, bytes: &[u8]) -> &mut Wave {
        bytes.iter().fold(self, |wave, &byte| wave.byte(byte, Ack::Ack))
    }

    /// This once with other intervals.
    pub(super) fn with(
        &mut self,
        change: impl FnOnce(&mut Intervals),
        draw: impl for<'a> FnOnce(&'a mut Wave) -> &'a mut Wave,
    ) -> &mut Wave {
        let before = self.t;
        change(&mut self.t);
        draw(self);
        self.t = before;
        self
    }

    /// As a sampling analyser has it that looks every `period`.
    pub(super) fn sampled(&self, period: u64) -> Wave {
        let mut changes = self.changes.clone();
        for change in &mut changes {
            change.0 = change.0.div_ceil(period) * period;
        }
        Wave { changes, ..self.clone() }
    }

    /// What the monitor says.
    pub(super) fn seen(&self, options: &Options, source: Source) -> Seen {
        let mut monitor = Monitor::new(options, source);
        let mut seen = Seen::default();
        let mut changes = self.changes.clone();
        changes.sort_by_key(|change| change.0);
        for instant in changes.chunk_by(|a, b| a.0 == b.0) {
            let change =
                |&(_, signal, level): &(u64, SignalId, Level)| Change { signal, value: Value::wire(level) };
            let set: Vec<Change> = instant.iter().map(change).collect();
            monitor.instant(Time::from_fs(instant[0].0), &set, &mut seen);
        }
        let last = changes.last().map_or(0, |change| change.0);
        monitor.finish(Time::from_fs(last + 1_000 * NS), &mut seen);
        seen
    }

    /// What the checker says by the limits of `params`.
    pub(super) fn judged(
        &self,
        options: &Options,
        source: Source,
        params: &Params,
    ) -> (Vec<Finding>, Report) {
        let seen = self.seen(options, source);
        let checked = CheckerOptions { source, ..CheckerOptions::default() };
        let mut checker = Checker::new(RULES, params, &checked);
        let mut findings = Vec::new();
        seen.events.iter().for_each(|event| checker.event(*event, &mut |finding| findings.push(finding)));
        let end = seen.events.last().map_or(Time::ZERO, |event| event.time);
        let report = checker.finish(end, &mut |finding| findings.push(finding));
        (findings, report)
    }
}

/// What a monitor told.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) items: Vec<Item>,
    pub(super) events: Vec<Event>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Sink<Item> for Seen {
    fn item(&mut self, item: Item) {
        assert!(item.start() <= item.end(), "{item:?}");
        assert!(self.items.last().is_none_or(|last| last.end() <= item.end()), "{item:?} comes late");
        self.items.push(item);
    }

    fn event(&mut self, event: Event) {
        assert!(self.events.last().is_none_or(|last| last.time <= event.time), "{event:?} comes late");
        self.events.push(event);
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        assert!(diagnostic.from <= diagnostic.to, "{diagnostic:?}");
        self.diagnostics.push(diagnostic);
    }
}

impl Seen {
    /// `S 50W + 01 + Sr 50R + =15 - P`: what was read has a `=`, what was cut off a `!`, an assumed START a `?`.
    pub(super) fn said(&self) -> String {
        self.items.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn codes(&self) -> Vec<&'static str> {
        self.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
    }

    /// The text of the only diagnostic.
    pub(super) fn remark(&self) -> &str {
        assert_eq!(self.diagnostics.len(), 1, "{:?}", self.diagnostics);
        &self.diagnostics[0].text
    }
}

fn word(item: &Item) -> String {
    let letter = |direction| if direction == Direction::Read { 'R' } else { 'W' };
    match item {
        Item::Start { assumed: true, .. } => "?S".into(),
        Item::Start { .. } => "S".into(),
        Item::RepeatedStart { .. } => "Sr".into(),
        Item::Stop { .. } => "P".into(),
        Item::Address { address: Address::Seven(n), direction, .. } => {
            format!("{n:02x}{}", letter(*direction))
        }
        Item::Address { address: Address::Ten(n), direction, .. } => format!("{n:03x}{}", letter(*direction)),
        Item::Data { byte, direction: Direction::Write, .. } if byte.is_known() => byte.to_hex(),
        Item::Data { byte, .. } if byte.is_known() => format!("={}", byte.to_hex()),
        Item::Data { byte, .. } => byte.to_string(),
        Item::Ack { ack: Ack::Ack, .. } => "+".into(),
        Item::Ack { ack: Ack::Nack, .. } => "-".into(),
        Item::Incomplete { bits, .. } => {
            let digit = |bit: Option<bool>| bit.map_or('x', |bit| if bit { '1' } else { '0' });
            format!("!{}", bits.wire(BitOrder::Msb).map(digit).collect::<String>())
        }
    }
}

/// Limits by name and side; times in nanoseconds, frequencies in kilohertz.
pub(super) fn params(limits: &[(&str, Side, f64)]) -> Params {
    let mut params = Params::new();
    for &(name, side, value) in limits {
        let is_it = |info: &crate::timing::ParamInfo| info.name == name && info.side == side;
        let i = PARAMS.iter().position(is_it).unwrap_or_else(|| panic!("no parameter {name} {side:?}"));
        let fs = match PARAMS[i].quantity {
            Quantity::Time => (value * 1e6).round() as u64,
            Quantity::Frequency => Span::period_of((value * 1e3) as u64).unwrap().as_fs(),
        };
        params.set(Param(i as u16), fs as i64, "facts");
    }
    params
}

/// The names of the rules that were broken, each once, in the order of the table.
pub(super) fn broken(findings: &[Finding]) -> Vec<&'static str> {
    let is_broken = |name: &str| {
        findings.iter().any(|finding| finding.rule.name == name && finding.verdict == Verdict::Broken)
    };
    RULES.iter().map(|rule| rule.name).filter(|name| is_broken(name)).collect()
}
