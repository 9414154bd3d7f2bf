//! The bench of a vector, and what every bus on it can be asked.

use std::path::Path;

use busproof_core::bus::{Diagnostic, LoadError};
use busproof_core::sim::{Bench, ClockSpec, Jitter as CoreJitter};
use busproof_core::{Bits, ChangeLog, Span, Time};
use busproof_wave::Curve;

use super::bind::{Bound, Unusable};
use super::judge::View;
use super::recording::Heard;
use super::score::Mismatch;
use super::verdict::Advice;
use super::{crossing, handshake, i2c, spi, uart};
use crate::format::{BusId, BusKind, Clock, Content, DeviceId, Jitter, Memory, Step, Until, Vector};

/// A bus on the bench: its nets, its controllers and its devices.
pub(super) trait Line<'a> {
    /// Holds wires that are stuck, once every bus is on the bench.
    fn hold_stuck_wires(&self, bench: &mut Bench);

    /// Hands a step to its controller.
    fn submit(&mut self, bench: &mut Bench, step: &'a Step) -> Result<(), Unusable>;

    /// Takes the results of what is done; true if nothing is under way.
    fn settle(&mut self, bench: &mut Bench) -> bool;

    /// Whether the attempt that was made last has come to what it was made for.
    fn is_met(&self, until: Until) -> bool;

    /// The attempt that was made last is made again: what was read in it does not count.
    fn forgive(&mut self);

    /// How long the bench runs on after the last step, for outputs to be released.
    fn tail(&self) -> Span;

    /// What the devices, and the controllers, have found odd.
    fn take_remarks(&self, bench: &mut Bench) -> Vec<Diagnostic>;

    /// What the memory of a device holds; `None` if it is on another bus.
    fn peek(&self, bench: &Bench, spot: &Spot) -> Option<Result<Vec<u8>, LoadError>>;

    /// The words that the steps have read that count, in order, each step with the place where it stands.
    fn read(&self) -> Vec<(usize, Vec<Bits>)> {
        Vec::new()
    }

    /// What its controllers and its wires show.
    fn look(&self, bench: &mut Bench, log: &ChangeLog) -> Sight;

    /// The voltages of its wires until `end`, if they were traced.
    fn curves(&self, bench: &Bench, end: Time) -> Vec<Curve> {
        let _ = (bench, end);
        Vec::new()
    }

    /// What to say of rules that are broken for reasons that can be computed.
    fn advice(&self) -> Result<Option<Advice>, Unusable>;
}

/// A stretch of the memory of a device.
pub(super) struct Spot {
    pub(super) device: DeviceId,
    pub(super) address: u64,
    pub(super) length: usize,
}

/// What was seen of a bus.
#[derive(Default)]
pub(super) struct Sight {
    /// What was seen from each place.
    pub(super) views: Vec<View>,
    /// What was said.
    pub(super) heard: Vec<Heard>,
    /// What was read and is not as it was expected.
    pub(super) unexpected: Vec<Mismatch>,
    /// What was sent and did not arrive.
    pub(super) garbled: Vec<Mismatch>,
    /// How often controllers lost arbitration.
    pub(super) lost: u64,
}

/// A step as it was done, and what came of it.
pub(super) struct Attempt<'a, R> {
    pub(super) step: &'a Step,
    pub(super) result: R,
    /// Whether what was read counts.
    pub(super) counts: bool,
}

/// What buses are built from.
#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    pub(super) bound: &'a Bound<'a>,
    pub(super) seed: u64,
    /// Files of memory contents are relative to it.
    pub(super) folder: &'a Path,
}

/// A bench, and the buses on it.
pub(super) struct Rig<'a> {
    pub(super) bench: Bench,
    pub(super) lines: Vec<Box<dyn Line<'a> + 'a>>,
    pub(super) log: ChangeLog,
}

impl<'a> Rig<'a> {
    /// Builds the bench.
    pub(super) fn new(plan: Plan<'a>) -> Result<Rig<'a>, Unusable> {
        let mut bench = Bench::new(plan.seed);
        let mut lines: Vec<Box<dyn Line<'a> + 'a>> = Vec::new();
        for (i, bus) in plan.bound.vector.buses.iter().enumerate() {
            let id = BusId(i);
            lines.push(match &bus.kind {
                BusKind::Spi(spi) => Box::new(spi::Spi::new(plan, id, spi, &mut bench)?),
                BusKind::I2c(i2c) => Box::new(i2c::I2c::new(plan, id, i2c, &mut bench)?),
                BusKind::Uart(uart) => Box::new(uart::Uart::new(plan, id, uart, &mut bench)?),
                BusKind::Handshake(bus) => Box::new(handshake::Handshake::new(plan, id, bus, &mut bench)?),
                BusKind::Crossing(bus) => Box::new(crossing::Crossing::new(plan, id, bus, &mut bench)?),
            });
        }
        for line in &lines {
            line.hold_stuck_wires(&mut bench);
        }
        let log = bench.new_log();
        Ok(Rig { bench, lines, log })
    }

    /// Takes the results of what is done; true if nothing is under way on any bus.
    pub(super) fn settle(&mut self) -> bool {
        let mut idle = true;
        for line in &mut self.lines {
            idle &= line.settle(&mut self.bench);
        }
        idle
    }
}

/// What a vector's buses call their nets and controllers: `sck`, or `adc.sck` where there are several buses.
pub(super) fn prefixed(vector: &Vector, bus: BusId, separator: char, name: &str) -> String {
    match vector.buses.as_slice() {
        [_] => name.to_owned(),
        buses => format!("{}{separator}{name}", buses[bus.0].name),
    }
}

/// A clock as the agents take it.
pub(super) fn clock(clock: &Clock) -> ClockSpec {
    ClockSpec {
        hertz: clock.hertz,
        error_ppb: clock.error_ppb,
        phase: clock.phase,
        jitter: match clock.jitter {
            Jitter::None => CoreJitter::None,
            Jitter::Peak(peak) => CoreJitter::Uniform { peak },
            Jitter::Rms(rms) => CoreJitter::Gaussian { rms },
        },
    }
}

/// The bytes of a stretch of memory.
pub(super) fn content(memory: &Memory, folder: &Path) -> Result<Vec<u8>, Unusable> {
    match &memory.content {
        Content::Bytes(bytes) => Ok(bytes.clone()),
        Content::File(name) => {
            let path = folder.join(&name.value);
            if path.exists() && !path.is_file() {
                let message = format!("{} is no file with contents; name a regular file", path.display());
                return Err(Unusable::new(&name.span, message));
            }
            std::fs::read(&path).map_err(|error| {
                Unusable::new(&name.span, format!("cannot read {}: {error}", path.display()))
            })
        }
    }
}
