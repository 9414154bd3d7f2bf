//! Any waveform at all: what a monitor must take.

use busproof_core::bus::BusInfo;
use busproof_core::{Change, Level, SignalId, Span, Time, Value};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::recording::Recording;

/// The settled values of an instant, a while after the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The time since the instant before.
    pub wait: Span,
    /// What changes, each pin at most once.
    pub changes: Vec<Change>,
}

/// A sequence of changes that need not make sense.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waves(pub Vec<Step>);

/// Something done to a legal waveform to spoil it; positions wrap around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoil {
    /// An instant is lost.
    Drop(usize),
    /// An instant happens twice.
    Repeat(usize),
    /// Two neighbouring instants fall together.
    Join(usize),
    /// A pin takes another level.
    Set(usize, SignalId, Level),
    /// Time is stretched before an instant.
    Stretch(usize, Span),
}

impl Waves {
    /// What happened at the controller's end of a recording.
    pub fn of(recording: &Recording) -> Waves {
        let (mut steps, mut last) = (Vec::new(), Time::ZERO);
        recording.each_instant(|t, changes| {
            steps.push(Step { wait: t.since(last), changes: changes.to_vec() });
            last = t;
        });
        Waves(steps)
    }

    /// This waveform, spoilt.
    #[must_use]
    pub fn spoil(mut self, spoils: &[Spoil]) -> Waves {
        for spoil in spoils {
            if !self.0.is_empty() {
                self.spoil_once(*spoil);
            }
        }
        self
    }

    fn spoil_once(&mut self, spoil: Spoil) {
        let len = self.0.len();
        match spoil {
            Spoil::Drop(i) => {
                self.0.remove(i % len);
            }
            Spoil::Repeat(i) => {
                let step = self.0[i % len].clone();
                self.0.insert(i % len, step);
            }
            Spoil::Join(i) => {
                let step = self.0.remove(i % len);
                if let Some(into) = self.0.get_mut(i % len) {
                    step.changes.into_iter().for_each(|change| into.set(change));
                }
            }
            Spoil::Set(i, signal, level) => {
                self.0[i % len].set(Change { signal, value: Value::wire(level) });
            }
            Spoil::Stretch(i, by) => {
                let wait = &mut self.0[i % len].wait;
                *wait = wait.saturating_add(by);
            }
        }
    }
}

impl Step {
    /// One change more; of several of one pin the last counts.
    fn set(&mut self, change: Change) {
        self.changes.retain(|c| c.signal != change.signal);
        self.changes.push(change);
    }
}

fn levels() -> impl Strategy<Value = Level> {
    prop::sample::select(vec![Level::Low, Level::High, Level::X, Level::Z])
}

/// Waiting times as they come in practice, and none, and for ever.
fn waits() -> impl Strategy<Value = Span> {
    prop_oneof![
        8 => 1..40u64,
        2 => 40..100_000_000u64,
        1 => Just(u64::MAX / 4),
        1 => Just(u64::MAX),
    ]
    .prop_map(Span::from_fs)
}

fn pins(bus: &BusInfo) -> impl Strategy<Value = SignalId> + use<> {
    // A pin that the bus does not have must do no harm either.
    let mut pins: Vec<SignalId> = bus.roles.iter().map(|role| role.pin).collect();
    pins.push(SignalId(pins.len() as u32));
    pins.push(SignalId(u32::MAX));
    prop::sample::select(pins)
}

/// Waveforms of up to `len` instants on the pins of `bus`, all four levels, any time between.
///
/// ```
/// use busproof_core::Source;
/// use busproof_core::bus::spi;
/// use busproof_testkit::{assert_robust, waves};
/// use proptest::prelude::*;
///
/// let options = spi::Options::default();
/// proptest!(ProptestConfig::with_cases(20), |(waves in waves::any_waves(&spi::INFO, 100))| {
///     assert_robust(|| spi::Monitor::new(&options, Source::Run), &waves);
/// });
/// ```
pub fn any_waves(bus: &BusInfo, len: usize) -> impl Strategy<Value = Waves> + use<> {
    let change = (pins(bus), levels());
    let step = (waits(), vec(change, 1..4)).prop_map(|(wait, changes)| {
        let mut step = Step { wait, changes: Vec::new() };
        for (signal, level) in changes {
            step.set(Change { signal, value: Value::wire(level) });
        }
        step
    });
    vec(step, 0..len).prop_map(Waves)
}

/// Up to `count` ways to spoil a legal waveform.
pub fn spoils(bus: &BusInfo, count: usize) -> impl Strategy<Value = Vec<Spoil>> + use<> {
    let at = || 0..10_000usize;
    let one = prop_oneof![
        at().prop_map(Spoil::Drop),
        at().prop_map(Spoil::Repeat),
        at().prop_map(Spoil::Join),
        (at(), pins(bus), levels()).prop_map(|(i, pin, level)| Spoil::Set(i, pin, level)),
        (at(), waits()).prop_map(|(i, by)| Spoil::Stretch(i, by)),
    ];
    vec(one, 0..count)
}
