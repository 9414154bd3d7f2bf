//! Waveforms made of bytes, and what every monitor must hold to.

use std::fmt::Debug;

use busproof_core::bus::{BusInfo, Diagnostic, Monitor, Sink};
use busproof_core::timing::{Checker, CheckerOptions, Event, Params};
use busproof_core::{Change, Level, SignalId, Source, Span, Time, Value};

/// A waveform.
pub struct Waveform {
    /// The first four bytes: what else there is to choose. The lowest two bits of the first are the source.
    pub seed: [u8; 4],
    /// Where it comes from.
    pub source: Source,
    steps: Vec<(Time, Vec<Change>)>,
    end: Time,
}

impl Waveform {
    /// Behind the seed two bytes make a change: a pin of `pins` and a level, and how many `unit`s of femtoseconds later the
    /// next one comes. The upper two bits of the first byte are spread over all wires of a group but the first. `None`
    /// without a seed.
    pub fn read(bytes: &[u8], pins: &[SignalId], unit: u64) -> Option<Waveform> {
        let (seed, body) = bytes.split_first_chunk::<4>()?;
        let grid = Span::from_fs(3 * unit);
        let source = [
            Source::Run,
            Source::Simulation { grid },
            Source::Recording { grid: Some(grid) },
            Source::Recording { grid: None },
        ][seed[0] as usize & 3];
        let (mut now, mut steps): (u64, Vec<(Time, Vec<Change>)>) = (0, vec![(Time::ZERO, Vec::new())]);
        for pair in body.chunks_exact(2) {
            let signal = pins[(pair[0] as usize & 15) % pins.len()];
            let level = [Level::Low, Level::High, Level::X, Level::Z][pair[0] as usize >> 4 & 3];
            let pattern = u64::from(pair[0] >> 6).wrapping_mul(0x5a3c_96e1_0f78_b42d);
            let value = Value { bits: pattern, unknown: 0 }.with(0, level);
            if pair[1] > 0 {
                now += wait(pair[1]) * unit;
                steps.push((Time::from_fs(now), Vec::new()));
            }
            let (_, instant) = steps.last_mut()?;
            instant.retain(|change| change.signal != signal);
            instant.push(Change { signal, value });
        }
        Some(Waveform { seed: *seed, source, steps, end: Time::from_fs(now + unit) })
    }
}

/// Mostly short, and some long enough for whatever waits.
fn wait(byte: u8) -> u64 {
    if byte < 0xc0 { byte as u64 & 31 } else { (byte as u64 & 31) << 9 }
}

/// What a monitor says, as long as it keeps its promises.
struct Strict<I, F> {
    end: Time,
    last: Time,
    extent: F,
    items: Vec<I>,
    diagnostics: Vec<Diagnostic>,
    events: Vec<Event>,
}

impl<I: Debug, F: Fn(&I) -> (Time, Time)> Sink<I> for Strict<I, F> {
    fn item(&mut self, item: I) {
        let (start, end) = (self.extent)(&item);
        assert!(start <= end && start <= self.end, "{item:?}");
        self.items.push(item);
    }

    fn event(&mut self, event: Event) {
        assert!(self.last <= event.time && event.time <= self.end, "{event:?} after {}", self.last);
        self.last = event.time;
        self.events.push(event);
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        assert!(diagnostic.from <= diagnostic.to, "{diagnostic:?}");
        assert!(!diagnostic.text.is_empty());
        self.diagnostics.push(diagnostic);
    }
}

/// Holds a monitor of `bus` to its contract: items, of which `extent` tells beginning and end, and events lie within the
/// waveform, events come in order, diagnostics end after they begin, and being told more often that time has passed changes
/// nothing. What it says is judged by limits for all parameters.
pub fn check<M: Monitor<Item: Debug>>(
    bus: &'static BusInfo,
    waveform: &Waveform,
    monitor: impl Fn() -> M,
    extent: impl Fn(&M::Item) -> (Time, Time) + Copy,
) {
    let [seldom, often] = [1, 3].map(|often| feed(waveform, monitor(), extent, often));
    assert_eq!(format!("{:?}", seldom.items), format!("{:?}", often.items));
    assert_eq!(seldom.diagnostics, often.diagnostics);
    assert_eq!(seldom.events, often.events);
    judge(bus, waveform, &seldom.events);
}

fn feed<M: Monitor<Item: Debug>, F: Fn(&M::Item) -> (Time, Time)>(
    waveform: &Waveform,
    mut monitor: M,
    extent: F,
    often: u64,
) -> Strict<M::Item, F> {
    let (items, diagnostics, events) = (Vec::new(), Vec::new(), Vec::new());
    let mut sink = Strict { end: waveform.end, last: Time::ZERO, extent, items, diagnostics, events };
    let mut now = Time::ZERO;
    for (at, changes) in &waveform.steps {
        let wait = at.since(now);
        for share in 1..often {
            let between = now.saturating_add(wait.scale(share, often));
            // Nothing is said of an instant before its changes are.
            if now < between && between < *at {
                monitor.advance(between, &mut sink);
            }
        }
        monitor.instant(*at, changes, &mut sink);
        now = *at;
    }
    monitor.finish(waveform.end, &mut sink);
    sink
}

/// Findings name a rule of the bus and lie within the waveform.
fn judge(bus: &'static BusInfo, waveform: &Waveform, events: &[Event]) {
    let mut params = Params::new();
    for i in 0..bus.params.len() {
        params.set(busproof_core::timing::Param(i as u16), 20, "fuzzed");
    }
    let options = CheckerOptions { source: waveform.source, ..CheckerOptions::default() };
    let mut checker = Checker::new(bus.rules, &params, &options);
    let mut findings = Vec::new();
    events.iter().for_each(|event| checker.event(*event, &mut |finding| findings.push(finding)));
    checker.finish(waveform.end, &mut |finding| findings.push(finding));
    for finding in findings {
        assert!(finding.from <= finding.to && finding.to <= waveform.end, "{finding:?}");
    }
}
