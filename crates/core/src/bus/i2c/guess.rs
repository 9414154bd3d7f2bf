//! Which speed class a bus keeps, by its clock.

use super::item::{Ack, Item};
use super::rules::{class, event};
use super::{Monitor, Options, Speed};
use crate::bus::{Monitor as _, Sink};
use crate::log::{Change, Source};
use crate::time::{Span, Time};
use crate::timing::Event;

/// Watches the head of a waveform and says which speed class it is of.
///
/// A class is the slowest whose greatest frequency the clock keeps, give or take a tenth: a clock of 104 kHz belongs to
/// a Standard-mode bus that is a little too fast, not to a slow Fast-mode bus. High speed is known by its master code,
/// Ultra-fast mode by a clock too fast for anything else and by acknowledges that never come.
///
/// ```
/// use busproof_core::bus::i2c::{Speed, SpeedGuess, pin};
/// use busproof_core::{Change, Level, SignalId, Source, Time, Value};
///
/// let mut guess = SpeedGuess::new(Source::Run);
/// let mut set = |us: f64, pin: SignalId, level| {
///     let change = Change { signal: pin, value: Value::wire(level) };
///     guess.instant(Time::from_fs((us * 1e9) as u64), &[change]);
/// };
/// set(0.0, pin::SCL, Level::High);
/// set(0.0, pin::SDA, Level::High);
/// set(1.0, pin::SDA, Level::Low);
/// for clock in 0..9 {
///     set(2.0 + 2.5 * clock as f64, pin::SCL, Level::Low);
///     set(3.5 + 2.5 * clock as f64, pin::SCL, Level::High);
/// }
/// let guess = guess.finish().unwrap();
/// assert_eq!((guess.speed, guess.period.to_string()), (Speed::Fast, "2.5 us".into()));
/// ```
#[derive(Clone, Debug)]
pub struct SpeedGuess {
    monitor: Monitor,
    seen: Seen,
}

/// What the clock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The class.
    pub speed: Speed,
    /// The period of the clock from which it follows: a quarter of the clocks are as fast or faster. At High speed, that
    /// of the slower clocks.
    pub period: Span,
}

/// What matters of what the monitor tells.
#[derive(Clone, Debug, Default)]
struct Seen {
    rise: Option<Time>,
    periods: Vec<Span>,
    high_speed: bool,
    acknowledged: bool,
}

/// As many periods as decide.
const ENOUGH: usize = 4_096;

impl SpeedGuess {
    /// Nothing seen yet of a waveform from `source`.
    pub fn new(source: Source) -> SpeedGuess {
        SpeedGuess { monitor: Monitor::new(&Options::default(), source), seen: Seen::default() }
    }

    /// At `t` the pins of `changes` take new values; as [`crate::bus::Monitor::instant`].
    pub fn instant(&mut self, t: Time, changes: &[Change]) {
        if !self.is_enough() {
            self.monitor.instant(t, changes, &mut self.seen);
        }
    }

    /// More of the waveform would not change the guess.
    pub fn is_enough(&self) -> bool {
        self.seen.periods.len() >= ENOUGH
    }

    /// The guess; `None` if there were no two clocks in a row.
    pub fn finish(mut self) -> Option<Guess> {
        self.monitor.finish(Time::MAX, &mut self.seen);
        self.seen.guess()
    }
}

impl Seen {
    fn guess(mut self) -> Option<Guess> {
        let quarter = self.periods.len().div_ceil(4).checked_sub(1)?;
        let (_, &mut period, _) = self.periods.select_nth_unstable(quarter);
        Some(Guess { speed: self.speed(period), period })
    }

    fn speed(&self, period: Span) -> Speed {
        // A tenth above 100 kHz, 400 kHz and 1 MHz (UM10204 table 10).
        let within = |kilohertz: u64| Span::period_of(kilohertz * 1_100).is_some_and(|least| period >= least);
        match () {
            () if self.high_speed => Speed::High,
            () if within(100) => Speed::Standard,
            () if within(400) => Speed::Fast,
            () if within(1_000) || self.acknowledged => Speed::FastPlus,
            () => Speed::UltraFast,
        }
    }
}

impl Sink<Item> for Seen {
    fn item(&mut self, item: Item) {
        self.acknowledged |= matches!(item, Item::Ack { ack: Ack::Ack, .. });
    }

    fn event(&mut self, event: Event) {
        if event::CONDITIONS.contains(event.kind) {
            self.rise = None;
        }
        if event.kind != event::SCL_HIGH {
            return;
        }
        let period = self.rise.replace(event.time).map(|last| event.time.since(last));
        match event.class {
            class::HS | class::HS_STRETCHED => self.high_speed = true,
            _ if self.periods.len() < ENOUGH => self.periods.extend(period),
            _ => {}
        }
    }
}
