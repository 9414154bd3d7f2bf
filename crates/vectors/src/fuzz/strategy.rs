//! Cases around a vector: its own steps with new ones between them, clocks that are off, faults that a sound bus bears.
//!
//! They shrink to the fewest and simplest steps, and to the vector as it is.

use busproof_core::Span;
use busproof_core::bus::i2c::Speed;
use busproof_testkit::clocks::errors;
use busproof_testkit::i2c;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use toml::{Table, Value};

use super::base::Base;
use super::case::{Case, Change, Turn};
use super::traffic::Speaker;
use super::{FuzzOptions, Vary};
use crate::format::handshake::Pace;
use crate::format::i2c as i2c_bus;
use crate::format::{Bus, BusId, BusKind, Clock, Model};

/// A change, or none.
type Maybe = BoxedStrategy<Vec<Change>>;

/// Cases around the vector.
pub(super) fn cases(base: &Base<'_>, speakers: &[Speaker], options: &FuzzOptions) -> BoxedStrategy<Case> {
    let Vary { traffic, clocks: vary_clocks, faults, options: vary_options } = options.vary;
    let mut changes: Vec<Maybe> = Vec::new();
    if vary_clocks {
        changes.extend(all_clocks(base).iter().flat_map(|clock| clock_changes(clock, options)));
    }
    for (i, bus) in base.vector.buses.iter().enumerate() {
        if faults {
            changes.extend(fault_changes(base, BusId(i), bus));
        }
        if vary_options {
            changes.extend(option_changes(base, BusId(i), bus));
        }
    }
    let seed = prop_oneof![Just(None), any::<u32>().prop_map(|seed| Some(u64::from(seed)))];
    let turns = if traffic { turns(base, speakers) } else { Just(own(base)).boxed() };
    (turns, changes, seed)
        .prop_map(|(turns, changes, seed)| Case { turns, changes: changes.concat(), seed })
        .boxed()
}

/// The case, which shrinks to what can be left out of it. With its first step what happens in later transfers comes a transfer
/// earlier.
pub(super) fn parts(case: &Case) -> BoxedStrategy<Case> {
    let yes = proptest::bool::weighted(1.0);
    let all = |n| vec![yes; n];
    let case = case.clone();
    (yes, all(case.turns.len()), all(case.changes.len()))
        .prop_map(move |(has_first, turns, changes)| {
            let (turns, mut changes) = (kept(&case.turns, &turns), kept(&case.changes, &changes));
            let first = usize::from(!has_first).min(turns.len());
            if first > 0 {
                changes.iter_mut().for_each(Change::come_earlier);
            }
            Case { turns: turns[first..].to_vec(), changes, seed: case.seed }
        })
        .boxed()
}

fn kept<T: Clone>(all: &[T], mask: &[bool]) -> Vec<T> {
    all.iter().zip(mask).filter(|(_, is_kept)| **is_kept).map(|(one, _)| one.clone()).collect()
}

/// All of the vector's own steps.
fn own(base: &Base<'_>) -> Vec<Turn> {
    (0..base.steps().len()).map(Turn::Own).collect()
}

/// Most of the vector's own steps in their order, and new ones before and behind them.
fn turns(base: &Base<'_>, speakers: &[Speaker]) -> BoxedStrategy<Vec<Turn>> {
    let own = own(base);
    // More often than not, all of them.
    let mask = vec![proptest::bool::weighted(1.0 - 0.5 / own.len().max(1) as f64); own.len()];
    let before = if base.has_times() { 0 } else { 3 };
    let new = new_turns(&own, speakers);
    (vec(new.clone(), 0..=before), mask, vec(new, 0..=3))
        .prop_map(move |(before, mask, behind)| {
            let own = kept(&own, &mask);
            before.into_iter().flatten().chain(own).chain(behind.into_iter().flatten()).collect()
        })
        .boxed()
}

/// What somebody says, or one of the vector's own steps once more.
fn new_turns(own: &[Turn], speakers: &[Speaker]) -> BoxedStrategy<Vec<Turn>> {
    let made = speakers.iter().filter_map(Speaker::turns);
    let made = made.map(|steps| steps.prop_map(|steps| steps.into_iter().map(Turn::Made).collect()).boxed());
    let mut all: Vec<BoxedStrategy<Vec<Turn>>> = made.collect();
    if !own.is_empty() {
        all.push(select(own.to_vec()).prop_map(|turn| vec![turn]).boxed());
    }
    if all.is_empty() { Just(Vec::new()).boxed() } else { proptest::strategy::Union::new(all).boxed() }
}

// Clocks.

/// A clock of the vector, and the keys that lead to it.
struct Place<'a> {
    path: Vec<String>,
    clock: &'a Clock,
    /// When its edges come matters to somebody with another clock.
    is_one_of_two: bool,
}

fn all_clocks<'a>(base: &Base<'a>) -> Vec<Place<'a>> {
    let mut all = Vec::new();
    for bus in &base.vector.buses {
        let mut add = |path: &[&str], clock: &'a Clock, is_one_of_two| {
            let path = path.iter().chain(&["clock"]).map(|key| (*key).to_owned()).collect();
            all.push(Place { path, clock, is_one_of_two });
        };
        let name = bus.name.as_str();
        match &bus.kind {
            BusKind::Spi(spi) => add(&["bus", name], &spi.clock, false),
            BusKind::I2c(i2c) => i2c.controllers.iter().for_each(|controller| match &controller.name {
                Some(own) => add(&["controller", own], &controller.clock, false),
                None => add(&["bus", name], &controller.clock, false),
            }),
            BusKind::Uart(uart) => {
                for (end, key) in uart.ends.iter().zip(["host", "peer"]) {
                    add(&["bus", name, key], &end.clock, false);
                }
            }
            BusKind::Handshake(link) => {
                if let Some(clock) = &link.clock {
                    add(&["bus", name], clock, false);
                }
                for (pace, key) in [(&link.sender.pace, "sender"), (&link.receiver.pace, "receiver")] {
                    if let Pace::Clocked { clock, .. } = pace {
                        add(&["bus", name, key], clock, true);
                    }
                }
            }
            BusKind::Crossing(link) => {
                if let Some(from) = &link.source {
                    add(&["bus", name, "source"], &from.clock, true);
                }
                add(&["bus", name, "destination"], &link.destination.clock, true);
            }
        }
    }
    all
}

fn clock_changes(place: &Place<'_>, options: &FuzzOptions) -> Vec<Maybe> {
    let (path, old) = (place.path.clone(), place.clock.error_ppb);
    let ppm = options.clock_error_ppb / 1_000;
    let error = errors(ppm).prop_map(move |ppm| {
        maybe(ppm != 0, || Change::condition(&path, "error", deviation(old + ppm * 1_000)))
    });
    let mut all = vec![error.boxed()];
    if place.is_one_of_two {
        let (path, period) = (place.path.clone(), Span::period_of(place.clock.hertz).unwrap_or_default());
        let phase = (0..1_000u64).prop_map(move |share| {
            let phase = period.scale(share, 1_000);
            maybe(!phase.is_zero(), || Change::condition(&path, "phase", phase.to_string()))
        });
        all.push(phase.boxed());
    }
    all
}

fn maybe(is_one: bool, change: impl FnOnce() -> Change) -> Vec<Change> {
    if is_one { vec![change()] } else { Vec::new() }
}

/// Parts per billion, as a vector has them.
fn deviation(ppb: i64) -> String {
    let sign = if ppb < 0 { "-" } else { "" };
    let (whole, rest) = (ppb.unsigned_abs() / 1_000, ppb.unsigned_abs() % 1_000);
    if rest == 0 { format!("{sign}{whole} ppm") } else { format!("{sign}{whole}.{rest:03} ppm") }
}

// Faults that a sound bus bears.

fn fault_changes(base: &Base<'_>, id: BusId, bus: &Bus) -> Vec<Maybe> {
    match &bus.kind {
        BusKind::I2c(i2c) => {
            let may_stretch = !matches!(i2c.speed, Speed::High | Speed::UltraFast);
            let targets = base.vector.devices.iter().filter(|device| may_stretch && device.bus == id);
            let mut all: Vec<Maybe> = targets.map(|device| stretches(&device.name)).collect();
            all.extend(spikes(base, bus, i2c));
            all
        }
        BusKind::Spi(_) | BusKind::Uart(_) | BusKind::Handshake(_) | BusKind::Crossing(_) => Vec::new(),
    }
}

/// A target holds SCL low for up to 100 us, before one clock or two.
fn stretches(device: &str) -> Maybe {
    let path = ["device", device].map(str::to_owned);
    vec(i2c::faults::stretches(4, 36, Span::from_us(100)), 0..=2)
        .prop_map(move |stretches| {
            let of = |stretch: &busproof_core::bus::i2c::Stretch| {
                place(stretch.transfer, stretch.clock, "hold", stretch.hold)
            };
            let holds = stretches.iter().filter(|stretch| !stretch.hold.is_zero()).map(of);
            let holds: Vec<Value> = holds.map(Value::Table).collect();
            maybe(!holds.is_empty(), || Change::condition(&path, "stretch", Value::Array(holds)))
        })
        .boxed()
}

/// Spikes that an input filter takes out (tSP), where the class has one and the vector has none of its own.
///
/// A wire that was pulled low for a moment needs 1.2 RC, ln(1 / 0.3), to be high again: all of that must be shorter.
fn spikes(base: &Base<'_>, bus: &Bus, i2c: &i2c_bus::Bus) -> Vec<Maybe> {
    let is_named = i2c.controllers.iter().any(|controller| controller.name.is_some());
    let wire = i2c.electrical.rc();
    let recovery = Span::from_fs((1.204 * wire.pull_up_ohm * wire.farad * 1e15) as u64);
    let most = i2c.speed.spike().as_fs().saturating_sub(recovery.as_fs() + 1) / Span::from_ns(1).as_fs();
    let has_own = |key| base.value(&["bus", &bus.name, "fault", key]).is_some();
    let wires = ["clock_glitch", "data_glitch"].into_iter();
    let wires = wires.filter(|key| !is_named && most > 0 && !has_own(key));
    let path = ["bus", &bus.name, "fault"].map(str::to_owned);
    let spike = |key: &'static str| {
        let path = path.clone();
        (0..4u32, 0..36u32, 0..=most)
            .prop_map(move |(transfer, clock, ns)| {
                let pulse = || Value::Table(place(transfer, clock, "width", Span::from_ns(ns)));
                maybe(ns > 0, || Change::condition(&path, key, pulse()))
            })
            .boxed()
    };
    wires.map(spike).collect()
}

/// Where something happens, and for how long.
fn place(transfer: u32, clock: u32, key: &str, time: Span) -> Table {
    let number = |n: u32| Value::Integer(i64::from(n));
    Table::from_iter([
        ("transfer".to_owned(), number(transfer)),
        ("clock".to_owned(), number(clock)),
        (key.to_owned(), Value::String(time.to_string())),
    ])
}

// What both ends agree on.

fn option_changes(base: &Base<'_>, id: BusId, bus: &Bus) -> Vec<Maybe> {
    let has_part = base.vector.devices.iter().any(|d| d.bus == id && matches!(d.model, Model::Part(_)));
    if has_part {
        return Vec::new();
    }
    let path = ["bus", &bus.name].map(str::to_owned);
    let words = |key, words: &'static [&'static str]| agreed(&path, key, select(words).prop_map(Value::from));
    match &bus.kind {
        BusKind::Spi(_) => {
            let mode = agreed(&path, "mode", (0..=3i64).prop_map(Value::Integer));
            vec![mode, words("bit_order", &["msb", "lsb"])]
        }
        BusKind::Uart(_) => vec![
            agreed(&path, "data_bits", (5..=9i64).prop_map(Value::Integer)),
            words("parity", &["none", "odd", "even", "mark", "space"]),
            words("stop_bits", &["1", "1.5", "2"]),
            words("bit_order", &["lsb", "msb"]),
        ],
        BusKind::I2c(_) | BusKind::Handshake(_) | BusKind::Crossing(_) => Vec::new(),
    }
}

/// The option as the vector has it, or another value.
fn agreed(path: &[String], key: &'static str, values: impl Strategy<Value = Value> + 'static) -> Maybe {
    let path = path.to_vec();
    proptest::option::of(values)
        .prop_map(move |value| {
            let change =
                value.map(|value| Change { is_agreed: true, ..Change::condition(&path, key, value) });
            change.into_iter().collect()
        })
        .boxed()
}
