//! Whole cases: options, electrical values, clocks and traffic that are legal together.

use busproof_core::bus::spi::{
    Completion, Controller, ControllerOptions, Fill, Format, INFO, Monitor, Options, OutputTiming,
    Peripheral, PeripheralOptions, Rate, Wires,
};
use busproof_core::sim::{Clock, ClockSpec, Jitter};
use busproof_core::{Source, Span};
use proptest::prelude::*;

use super::items::{Draft, Traffic, draft};
use super::options::any_options;
use crate::clocks;
use crate::recording::Recording;
use crate::stage::Stage;

/// A controller and a peripheral that understand each other, the wires between them, and what they say.
///
/// ```
/// use busproof_testkit::{assert_round_trip, spi};
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(20), |(case in spi::cases::legal(20))| {
///     let played = case.play();
///     assert_round_trip(&played.recording, case.monitor(), &case.expected());
///     prop_assert_eq!(played.done.words, case.traffic.received());
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Case {
    /// The controller.
    pub host: ControllerOptions,
    /// The peripheral.
    pub target: PeripheralOptions,
    /// From one end of the wires to the other.
    pub flight: Span,
    /// Whether there is a chip select line.
    pub select: Select,
    /// What they say.
    pub traffic: Traffic,
    /// The seed of the run.
    pub seed: u64,
}

/// Whether a chip select line is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// It is.
    Wired,
    /// It is not: the peripheral is always selected.
    None,
}

/// What became of a case.
#[derive(Clone, Debug)]
pub struct Played {
    /// The waveform.
    pub recording: Recording,
    /// What the controller received.
    pub done: Completion,
}

impl Case {
    /// The roles whose wires are connected.
    pub fn roles(&self) -> Vec<&'static str> {
        let bus = &self.host.bus;
        let mut roles = vec!["sck", "mosi"];
        roles.extend((bus.wires == Wires::Four).then_some("miso"));
        roles.extend(["io2", "io3"].iter().filter(|_| bus.lanes.count == 4));
        roles.extend((self.select == Select::Wired).then_some("cs"));
        roles
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// If the controller refuses the traffic or does not come to an end.
    pub fn play(&self) -> Played {
        let mut stage = Stage::new(&INFO, &self.roles(), self.seed);
        let host = Controller::new(self.host.clone()).expect("the clock of a case is legal");
        let host = stage.add("host", host, Span::ZERO);
        let script = Box::new(self.traffic.script(&self.host.bus));
        stage.add("flash", Peripheral::new(self.target.clone(), script), self.flight);
        let ticket = stage.bench_mut().agent_mut(host).submit(&self.traffic.ops());
        let ticket = ticket.expect("the traffic of a case is legal");
        stage.run_for(Span::MAX).expect("the agents of a case come to an end");
        let done = stage.bench_mut().agent_mut(host).take(ticket).expect("the run ends with the ticket");
        Played { recording: stage.finish(), done }
    }

    /// The monitor of this bus.
    pub fn monitor(&self) -> Monitor {
        Monitor::new(&self.host.bus, Source::Run)
    }

    /// What must be heard. Without a chip select line nobody hears it change.
    pub fn expected(&self) -> Vec<super::Meaning> {
        let mut all = self.traffic.expected(&self.host.bus);
        if self.select == Select::None {
            all.retain(|meaning| matches!(meaning, super::Meaning::Word(_)));
        }
        all
    }
}

/// Shares of what is possible, in thousandths, from which a case is made.
#[derive(Clone, Copy, Debug)]
struct Shares {
    flight: u64,
    valid: u64,
    hold: u64,
    disable: u64,
    offset: i64,
    setup: u64,
    cs_hold: u64,
    inactive: u64,
    gap: u64,
}

/// Legal cases with words of up to `max_bits` bits: what is said in them is heard, by the other end and by a monitor.
///
/// They shrink to a word of one 0 in mode 0, with a steady clock, over wires without flight time.
pub fn legal(max_bits: u32) -> impl Strategy<Value = Case> {
    let clock = clocks::specs(1_000..100_000_000, 50_000_000, 200);
    let shares = (share(), share(), share(), share(), -1_000..=1_000i64);
    let times = (share(), share(), share(), prop_oneof![2 => Just(0), 1 => 1..4_000u64]);
    let rest = (any::<bool>(), any::<bool>(), any::<u64>());
    (any_options(max_bits), clock, draft(3, 4), shares, times, rest).prop_map(
        |(
            bus,
            clock,
            draft,
            (flight, valid, hold, disable, offset),
            (setup, cs_hold, inactive, gap),
            rest,
        )| {
            let shares = Shares { flight, valid, hold, disable, offset, setup, cs_hold, inactive, gap };
            build(bus, clock, &draft, shares, rest)
        },
    )
}

fn share() -> impl Strategy<Value = u64> {
    0..=1_000u64
}

fn build(
    bus: Options,
    clock: ClockSpec,
    draft: &Draft,
    shares: Shares,
    (no_cs, ones, seed): (bool, bool, u64),
) -> Case {
    let clock = ClockSpec { jitter: steady(clock.jitter, bus.sample_delay), ..clock };
    let half = Clock::new(&clock).map_or(Span::ZERO, |clock| clock.half_period());
    let budget = Budget::of(&bus, half, clock.jitter.peak());
    let (flight, mut output) = budget.wires(shares);
    if bus.format == Format::Ti {
        // The peripheral lets go at the sampling edge of a frame's last bit, and the controller may look later.
        output.disable =
            output.disable.saturating_add(half * u64::from(bus.sample_delay)).saturating_add(budget.guard);
    }
    let select = if no_cs && bus.format == Format::Motorola { Select::None } else { Select::Wired };
    let traffic = draft.fit(&bus);
    let host = ControllerOptions {
        clock,
        cs_setup: (half * 2).saturating_add(half.scale(shares.setup, 500)),
        // An edge in the instant in which CS becomes inactive would belong to nobody.
        cs_hold: half.scale(shares.cs_hold, 500).saturating_add(Span::from_fs(1)),
        cs_inactive: (half * 2).saturating_add(half.scale(shares.inactive, 500)),
        word_gap: half.scale(shares.gap, 1_000),
        output_offset: budget.offset(&bus, shares.offset),
        fill: if ones { Fill::High } else { Fill::Low },
        ..ControllerOptions::new(bus.clone(), clock.hertz)
    };
    let target = PeripheralOptions { output, ..PeripheralOptions::new(bus) };
    Case { host, target, flight, select, traffic, seed }
}

/// Late sampling has less room for jitter: the more steps a monitor has to guess, the less it may be wrong in each.
fn steady(jitter: Jitter, delay: u8) -> Jitter {
    match jitter {
        Jitter::Uniform { peak } if delay > 0 => Jitter::Uniform { peak: peak.scale(1, 5) },
        Jitter::Gaussian { rms } if delay > 0 => Jitter::Gaussian { rms: rms.scale(1, 5) },
        jitter => jitter,
    }
}

/// How much time there is for the way out and back.
///
/// ```text
/// SCK    __/‾‾\__/‾‾\__/‾‾      d half periods after the sampling edge the controller looks:
///          ^ shift   ^ sample + d
///          |-------->|          2 flights and tCLQV must fit in here,
/// MISO     -----< bit k >---
///                      |  and the next bit must not have arrived: at least d - 1 half periods for 2 flights and tCLQX
/// ```
#[derive(Clone, Copy, Debug)]
struct Budget {
    half: Span,
    /// What jitter may take from a half period.
    guard: Span,
    /// Two flights and `valid` are shorter than this.
    most: Span,
    /// Two flights are at least this.
    least: Span,
}

impl Budget {
    fn of(bus: &Options, half: Span, peak: Span) -> Budget {
        let delay = u64::from(bus.sample_delay);
        // Where the peripheral shifts on each edge, or on the sampling edge, the next bit sets out earlier.
        let early = bus.lanes.rate == Rate::Double || bus.format == Format::Microwire;
        let launched = if bus.format == Format::Microwire { 2 } else { 1 };
        // The edges of a bit stray by twice the peak. A monitor that has to guess when a late sample is taken, since no edge
        // marks it, counts the last half period, which is off by twice the peak itself, once for each step.
        let strays = 2 + 2 * delay;
        let guard = Span::from_fs(peak.as_fs() * strays + 3 * delay + 3);
        let next = if early { delay } else { delay.saturating_sub(1) };
        let least = if next == 0 { Span::ZERO } else { (half * next).saturating_add(guard) };
        let most = (half * (launched + delay)).saturating_sub(guard).max(least);
        Budget { half, guard, most, least }
    }

    fn wires(&self, shares: Shares) -> (Span, OutputTiming) {
        let (least, most) = (self.least.as_fs().div_ceil(2), self.most.as_fs() / 2);
        let flight = Span::from_fs(least)
            .saturating_add(Span::from_fs(most - least.min(most)).scale(shares.flight, 1_001));
        let room = self.most.saturating_sub(flight * 2);
        let valid = room.scale(shares.valid, 1_001);
        let hold = valid.scale(shares.hold, 1_000);
        (flight, OutputTiming { hold, valid, disable: self.half.scale(shares.disable, 1_000) })
    }

    /// MOSI may change anywhere between two sampling edges. At double rate, and where the controller must let go of the
    /// line for the peripheral, it changes when the agents say.
    fn offset(&self, bus: &Options, share: i64) -> i64 {
        let shared = bus.lanes.count > 1 || bus.wires == Wires::Three;
        if shared || bus.lanes.rate == Rate::Double {
            return 0;
        }
        let room = self.half.saturating_sub(self.guard).as_fs() / 1_000;
        i64::try_from(room).unwrap_or(0) * share
    }
}
