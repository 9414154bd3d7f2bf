//! One verdict engine for every source: a monitor and a checker behind a selection of signals.
//!
//! A [`Jury`] is an [`Observer`]: attached to a running bench, fed from a log or streamed from a file, it says the same.
//!
//! ```text
//!   changes of any signals ──► map to pins ──► monitor ──► items, diagnostics ──► a callback, in order of time
//!                                                 └──► timing events ──► checker ──► findings, margins
//! ```

use crate::bus::{Diagnostic, Monitor, Severity, Sink};
use crate::log::{Change, Observer, SignalId};
use crate::mapping::Tap;
use crate::time::Time;
use crate::timing::{Checker, CheckerOptions, Event, Finding, Params, Report, Rule};

/// What a judge says while the waveform passes by.
#[derive(Clone, Debug, PartialEq)]
pub enum Said<I> {
    /// The bus said something.
    Item(I),
    /// A rule was broken, or may have been; of rules that are [traced](Jury::tracing) all that was measured.
    Finding(Finding),
    /// Something was odd.
    Diagnostic(Diagnostic),
}

/// What a judge found in all.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The rules: counts and margins.
    pub report: Report,
    /// How many items there were.
    pub items: u64,
    /// How many diagnostics of [`Severity::Error`] there were.
    pub errors: u64,
    /// How many of [`Severity::Warning`].
    pub warnings: u64,
    /// When the waveform ended.
    pub end: Time,
}

impl Outcome {
    /// Adds what another judge found in the same waveform at another point of observation: rules add up, items are
    /// those of the one that saw more.
    pub fn merge(&mut self, other: &Outcome) {
        self.report.merge(&other.report);
        self.items = self.items.max(other.items);
        self.errors = self.errors.max(other.errors);
        self.warnings = self.warnings.max(other.warnings);
        self.end = self.end.max(other.end);
    }
}

/// A monitor behind a selection of signals.
#[derive(Clone, Debug)]
struct Post<M> {
    monitor: M,
    /// The monitor's pins for each signal, nearly always one or none.
    pins: Vec<Vec<SignalId>>,
    mapped: Vec<Change>,
}

impl<M: Monitor> Post<M> {
    fn new(monitor: M, tap: &Tap) -> Post<M> {
        let len = tap.pins.iter().map(|p| p.0.index() + 1).max().unwrap_or(0);
        let mut pins = vec![Vec::new(); len];
        for &(signal, pin) in &tap.pins {
            pins[signal.index()].push(pin);
        }
        Post { monitor, pins, mapped: Vec::new() }
    }

    #[inline]
    fn instant(&mut self, t: Time, changes: &[Change], sink: &mut impl Sink<M::Item>) {
        self.mapped.clear();
        for change in changes {
            for &pin in self.pins.get(change.signal.index()).into_iter().flatten() {
                self.mapped.push(Change { signal: pin, value: change.value });
            }
        }
        if !self.mapped.is_empty() {
            self.monitor.instant(t, &self.mapped, sink);
        }
    }
}

/// Hands what was said to a sink and judges nothing: an [`Observer`] for those who only want to know.
///
/// Signals are numbered by the monitor's pins. A sink that leaves [`Sink::event`] as it is pays nothing for the timing
/// events that it does not want.
#[derive(Clone, Debug)]
pub struct Scribe<M, S> {
    monitor: M,
    sink: S,
}

impl<M: Monitor, S: Sink<M::Item>> Scribe<M, S> {
    /// A scribe that tells `sink` what `monitor` hears.
    pub fn new(monitor: M, sink: S) -> Scribe<M, S> {
        Scribe { monitor, sink }
    }

    /// The sink, with all that was said once the waveform has been finished.
    pub fn into_sink(self) -> S {
        self.sink
    }
}

impl<M: Monitor, S: Sink<M::Item>> Observer for Scribe<M, S> {
    #[inline]
    fn instant(&mut self, t: Time, changes: &[Change]) {
        self.monitor.instant(t, changes, &mut self.sink);
    }

    fn finish(&mut self, t: Time) {
        self.monitor.finish(t, &mut self.sink);
    }
}

/// A monitor and a checker behind a selection of signals.
#[derive(Clone, Debug)]
struct Judge<M> {
    post: Post<M>,
    checker: Checker,
    counts: Outcome,
}

impl<M: Monitor> Judge<M> {
    #[inline]
    fn instant(&mut self, t: Time, changes: &[Change], said: &mut impl FnMut(Said<M::Item>)) {
        let mut tee = Tee { checker: &mut self.checker, said, counts: &mut self.counts };
        self.post.instant(t, changes, &mut tee);
    }

    fn finish(mut self, t: Time, said: &mut impl FnMut(Said<M::Item>)) -> Outcome {
        let mut tee = Tee { checker: &mut self.checker, said, counts: &mut self.counts };
        self.post.monitor.finish(t, &mut tee);
        let report = self.checker.finish(t, &mut |finding| said(Said::Finding(finding)));
        Outcome { report, end: t, ..self.counts }
    }
}

/// Sends what the monitor finds to where it belongs.
struct Tee<'a, F> {
    checker: &'a mut Checker,
    said: &'a mut F,
    counts: &'a mut Outcome,
}

impl<I, F: FnMut(Said<I>)> Sink<I> for Tee<'_, F> {
    #[inline]
    fn item(&mut self, item: I) {
        self.counts.items += 1;
        (self.said)(Said::Item(item));
    }

    #[inline]
    fn event(&mut self, event: Event) {
        self.checker.event(event, &mut |finding| (self.said)(Said::Finding(finding)));
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        match diagnostic.severity {
            Severity::Error => self.counts.errors += 1,
            Severity::Warning => self.counts.warnings += 1,
            Severity::Note => {}
        }
        (self.said)(Said::Diagnostic(diagnostic));
    }
}

/// One judge for each point of observation of one waveform.
///
/// Items and diagnostics are those of the first tap, the controller's end; findings come from each.
#[derive(Clone, Debug)]
pub struct Jury<M, F> {
    judges: Vec<Judge<M>>,
    said: F,
    outcome: Outcome,
}

impl<M: Monitor, F: FnMut(Said<M::Item>)> Jury<M, F> {
    /// A judge for each of `taps`: monitors as `monitor` builds them, `rules` with the limits of `params`. Whatever they
    /// find is handed to `said`.
    ///
    /// What is known of the waveform is its [`Source`](crate::Source), or all options of a checker but the point, which is that of each tap.
    pub fn new(
        taps: &[Tap],
        monitor: impl Fn() -> M,
        rules: impl IntoIterator<Item = &'static Rule>,
        params: &Params,
        known: impl Into<CheckerOptions>,
        said: F,
    ) -> Jury<M, F> {
        let known = known.into();
        let rules: Vec<&'static Rule> = rules.into_iter().collect();
        let judge = |tap: &Tap| {
            let options = CheckerOptions { point: tap.point, ..known };
            let checker = Checker::new(rules.iter().copied(), params, &options);
            Judge { post: Post::new(monitor(), tap), checker, counts: Outcome::default() }
        };
        Jury { judges: taps.iter().map(judge).collect(), said, outcome: Outcome::default() }
    }

    /// Tells every measurement of the rules called `name` as a finding, also those that keep the rule.
    #[must_use]
    pub fn tracing(mut self, name: &str) -> Jury<M, F> {
        self.judges.iter_mut().for_each(|judge| judge.checker.trace(name));
        self
    }

    /// What was found in all, once the waveform has been finished.
    pub fn outcome(self) -> Outcome {
        self.outcome
    }
}

impl<M: Monitor, F: FnMut(Said<M::Item>)> Observer for Jury<M, F> {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        let said = &mut self.said;
        for (i, judge) in self.judges.iter_mut().enumerate() {
            judge.instant(t, changes, &mut |what| pass(i, what, said));
        }
    }

    fn finish(&mut self, t: Time) {
        let said = &mut self.said;
        for (i, judge) in self.judges.drain(..).enumerate() {
            let outcome = judge.finish(t, &mut |what| pass(i, what, said));
            self.outcome.merge(&outcome);
        }
    }
}

/// Findings of every tap, the rest of the first.
fn pass<I>(tap: usize, what: Said<I>, said: &mut impl FnMut(Said<I>)) {
    if tap == 0 || matches!(what, Said::Finding(_)) {
        said(what);
    }
}

/// Two observers of one waveform.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        self.0.instant(t, changes);
        self.1.instant(t, changes);
    }

    fn finish(&mut self, t: Time) {
        self.0.finish(t);
        self.1.finish(t);
    }
}

/// Several observers of one waveform.
impl<O: Observer> Observer for Vec<O> {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        for observer in self {
            observer.instant(t, changes);
        }
    }

    fn finish(&mut self, t: Time) {
        for observer in self {
            observer.finish(t);
        }
    }
}

impl<O: Observer> Observer for &mut O {
    fn instant(&mut self, t: Time, changes: &[Change]) {
        (**self).instant(t, changes);
    }

    fn finish(&mut self, t: Time) {
        (**self).finish(t);
    }
}

/// Looks away.
impl Observer for () {
    const BLIND: bool = true;

    fn instant(&mut self, _: Time, _: &[Change]) {}

    fn finish(&mut self, _: Time) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::spi::{Item, Options, Payload, pin};
    use crate::log::{Source, Value};

    /// CS falls, then a data line that follows the clock: eight bits of each.
    fn play(signals: [u32; 3], observer: &mut impl Observer) {
        let [sck, data, cs] = signals;
        let change = |signal, bit| Change { signal: SignalId(signal), value: Value::known(bit) };
        observer.instant(Time::ZERO, &[change(sck, 0), change(data, 1), change(cs, 1)]);
        observer.instant(Time::from_fs(5), &[change(cs, 0)]);
        for i in 1..=16 {
            observer.instant(Time::from_fs(10 * i), &[change(sck, i % 2), change(data, i / 4 % 2)]);
        }
        observer.finish(Time::from_fs(200));
    }

    #[test]
    fn one_signal_may_play_two_roles() {
        let pins = [(0, pin::SCK), (1, pin::MOSI), (1, pin::MISO), (2, pin::CS0)];
        let pins = pins.map(|(signal, pin)| (SignalId(signal), pin)).to_vec();
        let monitor = || crate::bus::spi::Monitor::new(&Options::default(), Source::Run);
        let mut heard = Vec::new();
        let said = |said| {
            if let Said::Item(Item::Word(word)) = said {
                heard.push(word);
            }
        };
        let tap = Tap { point: None, pins };
        play([0, 1, 2], &mut Jury::new(&[tap], monitor, &[], &Params::new(), Source::Run, said));
        let [word] = &heard[..] else { panic!("{heard:?}") };
        let Payload::Duplex { mosi, miso } = &word.payload else { panic!("{word:?}") };
        assert!(mosi.is_some() && mosi == miso, "{word:?}");
    }

    #[test]
    fn a_scribe_hears_what_a_jury_hears() {
        let monitor = || crate::bus::spi::Monitor::new(&Options::default(), Source::Run);
        let mut heard = Vec::new();
        let said = |said| {
            if let Said::Item(item) = said {
                heard.push(item);
            }
        };
        let pins = [(2, pin::SCK), (1, pin::MOSI), (0, pin::CS0)];
        let pins = pins.map(|(signal, pin)| (SignalId(signal), pin)).to_vec();
        let tap = Tap { point: None, pins };
        play([2, 1, 0], &mut Jury::new(&[tap], monitor, &[], &Params::new(), Source::Run, said));
        let mut scribe = Scribe::new(monitor(), Vec::new());
        play([pin::SCK.0, pin::MOSI.0, pin::CS0.0], &mut scribe);
        assert_eq!(scribe.into_sink(), heard);
        assert_eq!(heard.len(), 2, "a select and a word");
    }
}
