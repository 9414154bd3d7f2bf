//! Any legal sequence of words, driven by the agents, is decoded to the same words: over every option, wires with flight
//! time, outputs as slow as the sampling edge allows, clocks that are off and that jitter.

use std::sync::Arc;

use busproof_core::bus::spi::{
    Command, CommandTable, Controller, ControllerOptions, INFO, Item, Lanes, Monitor, Op, Options,
    OutputTiming, Payload, Peripheral, PeripheralOptions, Phase, PhaseKind, Step, Wires, Word, class,
};
use busproof_core::{Bits, Source, Span};
use busproof_testkit::spi::items::Script;
use busproof_testkit::{Recording, Stage, check_round_trip, spi};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

/// Nothing is kept of a failure: whoever sees one makes a test of it.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// A table of one command: a read of 8-bit opcode on `lanes` lanes.
fn read(lanes: Lanes, dummy: u32) -> Arc<CommandTable> {
    let phase = |kind, length| Phase { kind, length, lanes };
    let mut phases = vec![phase(PhaseKind::Dummy, dummy), phase(PhaseKind::Read, 0)];
    if dummy == 0 {
        phases.remove(0);
    }
    let (name, class) = ("READ".into(), class::READ);
    let command =
        Command { opcode: 0x6b, mask: 0xff, name, class, phases, switches_lanes: None, on_lanes: Vec::new() };
    Arc::new(CommandTable { opcode_bits: 8, commands: vec![command] })
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn what_is_said_is_heard(case in spi::cases::legal(140)) {
        let played = case.play();
        check_round_trip(&played.recording, case.monitor(), &case.expected())?;
        prop_assert_eq!(played.done.words, case.traffic.received());
        let seen = played.recording.decode(case.monitor());
        prop_assert_eq!(seen.codes(), Vec::<&str>::new());
    }

    /// Reads on one, two or four lanes, sampled up to four half periods late: the command table says which words those are.
    #[test]
    fn late_reads_on_shared_lanes_are_heard(
        count in prop::sample::select(vec![1u8, 2, 4]), wires in prop::sample::select(vec![Wires::Four, Wires::Three]),
        mode in spi::options::modes(), delay in 0..=4u8, early in 30..970u64,
        data in prop::collection::vec(any::<u8>(), 1..5), dummy in 0..3u32,
    ) {
        let wires = if count == 1 { wires } else { Wires::Four };
        let lanes = Lanes { count, ..Lanes::SINGLE };
        let bus = Options { mode, wires, sample_delay: delay, commands: Some(read(lanes, dummy)), ..Options::default() };
        let mut ops = vec![Op::Select(0), Op::Write(Bits::new(0x6b, 8), Lanes::SINGLE)];
        let mut steps = vec![Step::input(8)];
        if dummy > 0 {
            ops.push(Op::Dummy(dummy, lanes));
            steps.push(Step::dummy(dummy));
        }
        ops.extend(data.iter().map(|_| Op::Read(8, lanes)));
        ops.push(Op::Deselect);
        steps.extend(data.iter().map(|byte| Step::output(u64::from(*byte), 8).on(lanes)));
        // Half a period is 500 ns: the bits arrive up to 1 us before they are sampled.
        let arrival = (u64::from(delay) + 1) * 500 - early.min(u64::from(delay) * 500 + 470);
        let (flight, valid) = (Span::from_ns(arrival / 4), Span::from_ns(arrival - arrival / 4 * 2));
        let output = OutputTiming { hold: valid, valid, disable: valid };

        let mut stage = Stage::new(&INFO, &["sck", "mosi", "miso", "io2", "io3", "cs"], 1);
        let host = Controller::new(ControllerOptions::new(bus.clone(), 1_000_000)).unwrap();
        let host = stage.add("host", host, Span::ZERO);
        let target = PeripheralOptions { output, ..PeripheralOptions::new(bus.clone()) };
        stage.add("flash", Peripheral::new(target, Box::new(Script::new(steps))), flight);
        let ticket = stage.bench_mut().agent_mut(host).submit(&ops).unwrap();
        stage.run_for(Span::from_ms(1)).unwrap();
        let done = stage.bench_mut().agent_mut(host).take(ticket).unwrap();
        let bytes: Vec<Bits> = data.iter().map(|byte| Bits::new(u64::from(*byte), 8)).collect();
        prop_assert_eq!(&done.words[1..], &bytes[..]);
        let seen = stage.finish().decode(Monitor::new(&bus, Source::Run));
        let heard = seen.items.iter().filter_map(|item| match item {
            Item::Word(Word { payload: Payload::Duplex { miso, .. }, .. }) => miso.clone(),
            Item::Word(Word { payload: Payload::Shared { bits, .. }, .. }) => Some(bits.clone()),
            _ => None,
        });
        prop_assert_eq!(heard.skip(1).collect::<Vec<_>>(), bytes);
        prop_assert_eq!(seen.codes(), Vec::<&str>::new());
    }

    /// Same seed, same waveform; jitter is part of it.
    #[test]
    fn a_run_depends_on_its_seed_alone(case in spi::cases::legal(16)) {
        let (a, b) = (case.play(), case.play());
        prop_assert_eq!(columns(&a.recording), columns(&b.recording));
    }
}

fn columns(recording: &Recording) -> Vec<Vec<(u64, u64, u64)>> {
    let column =
        |c: &busproof_core::log::Column| c.iter().map(|(t, v)| (t.as_fs(), v.bits, v.unknown)).collect();
    recording.log().columns().iter().map(column).collect()
}

#[test]
fn another_seed_jitters_otherwise() {
    use busproof_core::sim::Jitter;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut case = spi::cases::legal(8).new_tree(&mut runner).unwrap().current();
    case.host.clock.jitter = Jitter::Uniform { peak: busproof_core::Span::from_ps(100) };
    case.host.clock.hertz = 1_000_000;
    let [a, b] = [1, 2].map(|seed| columns(&spi::cases::Case { seed, ..case.clone() }.play().recording));
    assert_ne!(a[0], b[0]);
}

#[test]
fn a_mismatch_says_what_and_draws_where() {
    let bus = busproof_core::bus::spi::Options::default();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let case = spi::cases::legal(8).new_tree(&mut runner).unwrap().current();
    let played = case.play();
    let mismatch = check_round_trip(&played.recording, Monitor::new(&bus, Source::Run), &[]).unwrap_err();
    let text = mismatch.to_string();
    assert_eq!(mismatch.index, 0);
    assert!(text.contains("expected  nothing more") && text.contains("sck"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 160), "{text}");
}
