//! Whole cases: options, electrical values, clocks, stretching and traffic that are legal together.

use std::any::Any;

use busproof_core::bus::i2c::{
    Completion, Controller, ControllerOptions, INFO, Monitor, Options, Speed, Stretch, Target, TargetOptions,
};
use busproof_core::sim::ClockSpec;
use busproof_core::{Rc, Source, Span};
use proptest::collection::vec;
use proptest::prelude::*;

use super::items::{Draft, Script, Told, Traffic, draft};
use super::{Meaning, electrical, faults, options};
use crate::clocks;
use crate::recording::Recording;
use crate::stage::Stage;

/// A controller, targets, the wires between them, and what they say.
///
/// All targets are one agent with a [`Script`] for a device.
///
/// ```
/// use busproof_testkit::{assert_round_trip, i2c};
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(20), |(case in i2c::cases::legal())| {
///     let played = case.play();
///     assert_round_trip(&played.recording, case.monitor(), &case.expected());
///     prop_assert_eq!(played.done.outcomes, case.traffic.outcomes(case.speed()));
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Case {
    /// The controller.
    pub host: ControllerOptions,
    /// The targets.
    pub target: TargetOptions,
    /// How long the targets hold SCL low before each of their answers, in turn.
    pub holds: Vec<Span>,
    /// Both wires; edges are ideal in Ultra-fast mode.
    pub wire: Rc,
    /// What they say.
    pub traffic: Traffic,
    /// The seed of the run.
    pub seed: u64,
}

/// What became of a case.
#[derive(Clone, Debug)]
pub struct Played {
    /// The waveform.
    pub recording: Recording,
    /// What the controller reports.
    pub done: Completion,
    /// What the device was told.
    pub told: Vec<Told>,
}

impl Case {
    /// The speed class of the bus.
    pub fn speed(&self) -> Speed {
        self.host.bus.speed_at(self.host.clock.hertz)
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// If the controller refuses the traffic or does not come to an end.
    pub fn play(&self) -> Played {
        let speed = self.speed();
        let mut stage = Stage::with_nets(&INFO, electrical::nets(speed, self.wire), self.seed);
        let host = Controller::new(self.host.clone()).expect("the clock of a case is legal");
        let host = stage.add("host", host, Span::ZERO);
        let script = Box::new(self.traffic.script(speed).with_holds(self.holds.clone()));
        let target = stage.add("target", Target::new(self.target.clone(), script), Span::ZERO);
        let ticket = stage.bench_mut().agent_mut(host).submit(&self.traffic.ops());
        let ticket = ticket.expect("the traffic of a case is legal");
        stage.run_for(Span::MAX).expect("the agents of a case come to an end");
        let done = stage.bench_mut().agent_mut(host).take(ticket).expect("the run ends with the ticket");
        // The target sees the last edge when its filter has let it through.
        stage.run_for(Span::from_us(1)).expect("the agents of a case come to an end");
        let device: &dyn Any = stage.bench_mut().agent(target).device();
        let told = device.downcast_ref::<Script>().map(|script| script.told().to_vec()).unwrap_or_default();
        Played { recording: stage.finish(), done, told }
    }

    /// The monitor of this bus.
    pub fn monitor(&self) -> Monitor {
        Monitor::new(&self.host.bus, Source::Run)
    }

    /// What must be heard.
    pub fn expected(&self) -> Vec<Meaning> {
        self.traffic.expected(self.speed())
    }
}

/// What a legal case is made of, before it is known what fits together.
#[derive(Clone, Debug)]
struct Parts {
    speed: Speed,
    clock: ClockSpec,
    wire: Rc,
    draft: Draft,
    /// From the fall of SCL to the targets' data, in thousandths of what the low time has room for.
    output: u64,
    stretches: Vec<Stretch>,
    holds: Vec<Span>,
    is_fitted: bool,
    seed: u64,
}

/// Legal cases of any speed class: what is said in them is heard, by the other end and by a monitor.
///
/// Clocks are off by up to 5 % and jitter by up to 4 % of their period. They shrink to an address written at the slowest
/// frequency of Standard mode, by a steady clock, on wires with ideal edges, without stretching.
pub fn legal() -> impl Strategy<Value = Case> {
    options::speeds().prop_flat_map(legal_at)
}

/// As [`legal`], of one speed class.
pub fn legal_at(speed: Speed) -> impl Strategy<Value = Case> {
    let clock =
        options::frequencies(speed).prop_flat_map(|hertz| clocks::specs(hertz..hertz + 1, 50_000_000, 80));
    let hold = Span::from_us(30);
    let times = (0..=1_000u64, vec(faults::stretches(2, 40, hold), 0..3), vec(holds(hold), 0..4));
    let rest = (any::<bool>(), any::<u64>());
    (clock, electrical::wires(speed), draft(3, 3, 4), times, rest).prop_map(
        move |(clock, wire, draft, (output, stretches, holds), (is_fitted, seed))| {
            build(Parts { speed, clock, wire, draft, output, stretches, holds, is_fitted, seed })
        },
    )
}

fn holds(most: Span) -> impl Strategy<Value = Span> {
    prop_oneof![2 => Just(0), 1 => 0..=most.as_fs()].prop_map(Span::from_fs)
}

fn build(parts: Parts) -> Case {
    let Parts { speed, clock, wire, .. } = parts;
    let bus = Options { speed: Some(speed), ..Options::default() };
    let traffic = parts.draft.fit(&bus);
    let host = ControllerOptions { clock, ..ControllerOptions::new(bus.clone(), clock.hertz) };
    let host = if parts.is_fitted { host.fitted(wire) } else { host };
    // At High speed only the first clock behind an acknowledge may be held (UM10204 section 5.3.1), in Ultra-fast mode none.
    let may_stretch = !matches!(speed, Speed::High | Speed::UltraFast);
    let target = TargetOptions {
        output: room(host.timing.low, speed, clock).scale(parts.output, 1_000),
        high_speed_output: room(host.high_speed.low, speed, clock).scale(parts.output, 1_000),
        stretches: if may_stretch { parts.stretches } else { Vec::new() },
        ..TargetOptions::new(bus)
    };
    let holds = if may_stretch { parts.holds } else { Vec::new() };
    Case { host, target, holds, wire, traffic, seed: parts.seed }
}

/// How late a target may change SDA: behind the low time are the longest rise and what the filter, the clock's error and its
/// jitter may take.
fn room(low: Span, speed: Speed, clock: ClockSpec) -> Span {
    let rise = electrical::longest_rise(speed).scale(3, 2);
    let low = low.scale(9, 10).saturating_sub(clock.jitter.peak());
    low.saturating_sub(rise).saturating_sub(speed.spike())
}
