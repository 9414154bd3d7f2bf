//! Whole cases: two ports that talk to each other at once, with clocks of their own.

use busproof_core::bus::uart::{
    BaudClock, Fault, Goal, Heard as PortHeard, INFO, Line, Monitor, Options, Port, ReceiverOptions,
    TransmitterOptions,
};
use busproof_core::sim::{AgentId, Jitter, Stop};
use busproof_core::{Source, Span};
use proptest::prelude::*;

use super::Meaning;
use super::items::{Draft, Heard, Traffic, draft};
use super::options::any_options;
use crate::recording::Recording;
use crate::stage::Stage;

/// A near and a far port, and what they say. TX is what the near one says.
///
/// ```
/// use busproof_core::bus::uart::Line;
/// use busproof_testkit::uart;
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(20), |(case in uart::cases::legal())| {
///     let played = case.play();
///     prop_assert_eq!(played.heard(Line::Tx, case.monitor()), case.expected(Line::Tx));
///     prop_assert_eq!(played.far, case.near.heard());
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Case {
    /// What both have agreed on, as the near port has it.
    pub bus: Options,
    /// The clocks of the near and the far port.
    pub clocks: [BaudClock; 2],
    /// Idle line behind each frame, beyond the stop bits.
    pub gap: Span,
    /// What the near port says.
    pub near: Traffic,
    /// What the far port says.
    pub far: Traffic,
    /// What goes wrong at the near transmitter on purpose: nothing in a legal case.
    pub faults: Vec<Fault>,
    /// The seed of the run.
    pub seed: u64,
}

/// What became of a case.
#[derive(Clone, Debug)]
pub struct Played {
    /// The waveform.
    pub recording: Recording,
    /// What the near port heard.
    pub near: Vec<Heard>,
    /// What the far port heard.
    pub far: Vec<Heard>,
}

impl Case {
    /// Runs it until both are done.
    ///
    /// # Panics
    /// If a port refuses the traffic.
    pub fn play(&self) -> Played {
        let mut stage = Stage::new(&INFO, &["tx", "rx", "rts", "cts", "de"], self.seed);
        let crossed = [Some("rx"), Some("tx"), Some("cts"), Some("rts"), None];
        let near = self.port(self.bus.clone(), self.clocks[0], &self.faults);
        let far = self.port(self.bus.crossed(), self.clocks[1], &[]);
        let near = stage.add("near", near, Span::ZERO);
        let far = stage.add_on("far", far, &crossed);
        for (port, traffic) in [(near, &self.near), (far, &self.far)] {
            let transmitter = stage.bench_mut().agent_mut(port).transmitter_mut();
            transmitter.submit(&traffic.ops(&self.bus)).expect("the traffic of a case is legal");
        }
        while stage.run_for(Span::MAX).expect("ports come to an end") == Stop::Requested {}
        let [near, far] = [near, far].map(|port| heard(&mut stage, port));
        Played { recording: stage.finish(), near, far }
    }

    fn port(&self, bus: Options, clock: BaudClock, faults: &[Fault]) -> Port {
        let (gap, faults) = (self.gap, faults.to_vec());
        let transmitter = TransmitterOptions { clock, gap, faults, ..TransmitterOptions::new(bus.clone()) };
        let receiver = ReceiverOptions { clock, ..ReceiverOptions::new(bus) };
        Port::new(transmitter, receiver).expect("the clocks of a case are legal")
    }

    /// The monitor of this link.
    pub fn monitor(&self) -> Monitor {
        Monitor::new(&self.bus, Source::Run)
    }

    /// What must be heard on a line.
    pub fn expected(&self, line: Line) -> Vec<Meaning> {
        let traffic = if line == Line::Tx { &self.near } else { &self.far };
        traffic.expected(line, &self.bus)
    }
}

impl Played {
    /// What a monitor hears on a line.
    pub fn heard(&self, line: Line, monitor: Monitor) -> Vec<Meaning> {
        let items = self.recording.decode(monitor).items;
        items.iter().map(crate::spoken::Spoken::meaning).filter(|meaning| meaning.line() == line).collect()
    }
}

/// What a port heard; a frame with an error is one whose data cannot be.
fn heard(stage: &mut Stage, port: AgentId<Port>) -> Vec<Heard> {
    let heard = |heard: PortHeard| match heard {
        PortHeard::Frame(frame) if frame.parity_error || frame.framing_error => Some(Heard::Frame(u16::MAX)),
        PortHeard::Frame(frame) => Some(Heard::Frame(frame.data)),
        PortHeard::Break { .. } => Some(Heard::Break),
        PortHeard::Idle { .. } | PortHeard::Overrun { .. } | PortHeard::Synchronised { .. } => None,
    };
    stage.bench_mut().agent_mut(port).receiver_mut().take_heard().into_iter().filter_map(heard).collect()
}

/// Legal cases: what is said in them is heard, by the other port and by a monitor.
///
/// The clocks of both ports are off by up to four tenths of what their receivers tolerate, and jitter by up to a hundredth
/// of a bit. They shrink to ports that say nothing, with steady and equal clocks.
pub fn legal() -> impl Strategy<Value = Case> {
    let clock = || (-400..=400i64, 0..1_000u64, 0..=10u64);
    let rest = (0..3_000u64, any::<u64>());
    (any_options(), [draft(8), draft(8)], [clock(), clock()], rest)
        .prop_map(|(bus, drafts, shares, (gap, seed))| build(bus, &drafts, shares, gap, seed))
}

fn build(bus: Options, drafts: &[Draft; 2], shares: [(i64, u64, u64); 2], gap: u64, seed: u64) -> Case {
    let bit = bus.baud.map_or(Span::ZERO, busproof_core::bus::uart::Baud::bit);
    let tolerance = bus.sampling.tolerance(&bus, Goal::Bytes);
    let least = tolerance.fast_ppm.min(-tolerance.slow_ppm);
    let clocks = shares.map(|(share, phase, jitter)| {
        let mut clock = BaudClock::off_by_ppm(least * share / 1_000);
        clock.clock.phase = bit.scale(phase, 1_000);
        let peak = bit.scale(jitter, 1_000);
        clock.clock.jitter = if peak.is_zero() { Jitter::None } else { Jitter::Uniform { peak } };
        clock
    });
    let [near, far] = [0, 1].map(|end| drafts[end].fit(&bus));
    // Less than any gap between packets.
    Case { clocks, gap: bit.scale(gap, 1_000), near, far, faults: Vec::new(), seed, bus }
}
