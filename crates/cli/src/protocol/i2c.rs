//! I2C and SMBus.

use std::sync::Arc;

use busproof_core::bus::i2c::rules::PARAMS;
use busproof_core::bus::i2c::{Guess, Item, Monitor, Options, Protocol as Spoken, SpeedGuess, pin};
use busproof_core::bus::{self, BusInfo};
use busproof_core::mapping::Tap;
use busproof_core::timing::{Finding, Param, ParamInfo, Params, Quantity, Side};
use busproof_core::{Level, SignalId, Source, Span};
use busproof_parts::{Conditions, Part, catalog};
use busproof_vectors::caption;
use busproof_vectors::report::jsonl;
use busproof_wave::Track;

use super::{Asked, ItemLines, Protocol, Seat, Settled};
use crate::error::CliError;
use crate::waveform::{Passing, Waveform};

mod print;

/// The bus as it was set up on the command line.
#[derive(Clone, Debug)]
pub(crate) struct I2c {
    options: Options,
    seats: Vec<Seat>,
    host: Option<Arc<Part>>,
    conditions: Conditions,
}

impl Protocol for I2c {
    type Item = Item;
    type Monitor = Monitor;
    type Printer = print::Printer;
    type Lines = I2cLines;

    const INFO: &'static BusInfo = &bus::i2c::INFO;

    fn new(asked: &Asked<'_>) -> Result<I2c, CliError> {
        let mut options = Options::default();
        for (key, value) in &asked.sets {
            options.set(key, value)?;
        }
        let seats = asked.seats.to_vec();
        if let Some(seat) = seats.iter().find(|seat| seat.address.is_some_and(|address| address > 0x3ff)) {
            return Err(CliError::Address { seat: seat.to_string() });
        }
        Ok(I2c { options, seats, host: asked.host.cloned(), conditions: asked.conditions })
    }

    fn require(&self, waveform: &Waveform) -> Result<(), CliError> {
        let has = |pin: SignalId| waveform.taps.iter().all(|tap| tap.pins.iter().any(|p| p.1 == pin));
        let (missing, roles): (_, &[&str]) = match (has(pin::SCL), has(pin::SDA)) {
            (true, true) => return Ok(()),
            (false, true) => ("no signal plays role scl, the clock", &["scl"]),
            (true, false) => ("no signal plays role sda, the data", &["sda"]),
            (false, false) => ("no signals play roles scl and sda, which are needed", &["scl", "sda"]),
        };
        Err(waveform.unmapped(missing, roles))
    }

    /// The speed class is guessed from the clock if nobody told it; SMBus has limits of its own.
    fn settle(&self, passing: &mut Passing) -> Settled<I2c> {
        if self.options.speed.is_some() {
            return Settled::sure(self.clone());
        }
        let Some(guess) = guess(passing) else {
            return Settled::sure(self.clone());
        };
        let mut bus = self.clone();
        bus.options.speed = Some(guess.speed);
        let class = guess.speed.name();
        let rate = frequency(guess.period);
        let said = format!("SCL runs at {rate}, so class {class} is judged; `--speed` says another");
        Settled { bus, read: None, judged: (self.options.protocol == Spoken::I2c).then_some(said) }
    }

    fn monitor(&self, source: Source) -> Monitor {
        Monitor::new(&self.options, source)
    }

    /// The limits of the speed class; where a part or the controller states a stricter one, that.
    fn params(&self) -> Params {
        let mut params = self.standard().map(|part| part.params_at(&self.conditions)).unwrap_or_default();
        for part in self.seats.iter().map(|seat| &seat.part).chain(&self.host) {
            let mut own = Params::new();
            part.overlay(&mut own, &self.conditions);
            tighten(&mut params, &own);
        }
        params
    }

    fn more_limits(&self) -> String {
        match self.standard() {
            Some(standard) => format!("{} states none", standard.name()),
            None => "name the speed class with `--speed`".into(),
        }
    }

    fn caveat(&self, source: Source) -> Option<&'static str> {
        matches!(source, Source::Recording { .. }).then_some(ONE_EDGE)
    }

    /// What nobody drives is pulled up: that is High.
    fn is_between(level: Level) -> bool {
        level == Level::X
    }

    /// Both wires: what the clock does tells nothing without the data, and the other way round.
    fn pins_of(_: &Finding, _: &Tap) -> Vec<SignalId> {
        vec![pin::SCL, pin::SDA]
    }

    fn printer(&self) -> print::Printer {
        print::Printer::new(&self.seats)
    }

    fn tracks(scope: &str, items: &[Item]) -> Vec<Track> {
        caption::i2c::tracks(scope, items)
    }
}

/// Items of I2C have a line each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct I2cLines;

impl ItemLines<Item> for I2cLines {
    fn each<E>(&mut self, item: &Item, mut print: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        print(&jsonl::i2c_item(item))
    }
}

impl I2c {
    /// The part with the limits of the speed class; none if that is not known.
    fn standard(&self) -> Option<Arc<Part>> {
        catalog::standard(&self.options)
    }
}

/// UM10204 draws its intervals between two thresholds, and an analyser has one.
const ONE_EDGE: &str = "recorded with one threshold: every interval is measured at the one edge there is, where the \
                        specification means 30 % or 70 % of the supply";

/// Instants that are looked at for a guess: the clocks of some thousand bytes.
const HEAD: usize = 1 << 17;

/// What the head of the waveform says of the speed class.
fn guess(passing: &mut Passing) -> Option<Guess> {
    let mut guess = SpeedGuess::new(passing.source);
    passing.peek(HEAD, |t, changes| guess.instant(t, changes));
    guess.finish()
}

/// The frequency of a period, to about three digits.
fn frequency(period: Span) -> String {
    let hertz = 1e15 / period.as_fs().max(1) as f64;
    match hertz {
        mega if mega >= 1e6 => format!("{:.2} MHz", mega / 1e6),
        kilo => format!("{:.0} kHz", kilo / 1e3),
    }
}

/// Of two limits the one that is harder to keep.
fn tighten(params: &mut Params, more: &Params) {
    for (i, info) in PARAMS.iter().enumerate() {
        let param = Param(i as u16);
        let Some(new) = more.get(param) else { continue };
        if params.get(param).is_none_or(|old| is_stricter(info, new.value, old.value)) {
            params.set(param, new.value, &new.cite);
        }
    }
}

/// The value of a frequency is its period, so the greatest frequency is the least value.
fn is_stricter(info: &ParamInfo, new: i64, old: i64) -> bool {
    match (info.side, info.quantity) {
        (Side::Min, Quantity::Time) | (Side::Max, Quantity::Frequency) => new > old,
        (Side::Max, Quantity::Time) | (Side::Min, Quantity::Frequency) => new < old,
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::bus::i2c::rules;

    use super::*;

    #[test]
    fn the_harder_limit_counts() {
        let params = |limits: &[(Param, i64)]| {
            let mut params = Params::new();
            for (param, value) in limits {
                params.set(*param, *value, "");
            }
            params
        };
        let mut both = params(&[(rules::T_LOW, 1_300), (rules::T_VD_DAT, 900), (rules::FSCL, 2_500)]);
        tighten(&mut both, &params(&[(rules::T_LOW, 1_200), (rules::T_VD_DAT, 800), (rules::FSCL, 10_000)]));
        tighten(&mut both, &params(&[(rules::T_LOW, 1_400), (rules::T_VD_DAT, 850), (rules::T_BUF, 5)]));
        let value = |param| both.get(param).map(|limit| limit.value);
        let limits = [rules::T_LOW, rules::T_VD_DAT, rules::FSCL, rules::T_BUF].map(value);
        assert_eq!(limits, [Some(1_400), Some(800), Some(10_000), Some(5)]);
    }

    #[test]
    fn frequencies_are_rounded() {
        let of = |ns| frequency(Span::from_ns(ns));
        assert_eq!((of(10_000), of(2_750), of(300)), ("100 kHz".into(), "364 kHz".into(), "3.33 MHz".into()));
    }
}
