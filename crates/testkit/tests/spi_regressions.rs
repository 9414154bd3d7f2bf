//! What the properties found, each as the shortest case that showed it.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use busproof_core::bus::spi::{
    Controller, ControllerOptions, Format, INFO, Item, Lanes, Mode, Monitor, Op, Options, OutputTiming,
    Peripheral, PeripheralOptions, Rate, WordBits,
};
use busproof_core::bus::{Monitor as _, Sink};
use busproof_core::{Bits, Change, Level, SignalId, Source, Span, Time, Value};
use busproof_testkit::spi::items::{Traffic, Word};
use busproof_testkit::{Recording, Stage, assert_robust, assert_round_trip, waves};

fn play(
    host: ControllerOptions,
    output: OutputTiming,
    flight: Span,
    traffic: &Traffic,
    ops: &[Op],
) -> Recording {
    let bus = host.bus.clone();
    let mut stage = Stage::new(&INFO, &["sck", "mosi", "miso", "cs"], 1);
    let host = stage.add("host", Controller::new(host).unwrap(), Span::ZERO);
    let target = PeripheralOptions { output, ..PeripheralOptions::new(bus.clone()) };
    stage.add("flash", Peripheral::new(target, Box::new(traffic.script(&bus))), flight);
    stage.bench_mut().agent_mut(host).submit(ops).unwrap();
    stage.run_for(Span::from_ms(100)).unwrap();
    stage.finish()
}

fn assert_heard(host: ControllerOptions, output: OutputTiming, flight: Span, traffic: &Traffic) {
    let bus = host.bus.clone();
    let recording = play(host, output, flight, traffic, &traffic.ops());
    assert_round_trip(&recording, Monitor::new(&bus, Source::Run), &traffic.expected(&bus));
}

const AT_ONCE: OutputTiming = OutputTiming { hold: Span::ZERO, valid: Span::ZERO, disable: Span::ZERO };

#[test]
fn a_negative_offset_moves_the_first_bit_too_where_the_first_edge_shifts() {
    for (mode, format) in
        [(Mode::Mode1, Format::Motorola), (Mode::Mode3, Format::Motorola), (Mode::Mode0, Format::Ti)]
    {
        let bus = Options { mode, format, ..Options::default() };
        let host =
            ControllerOptions { output_offset: -100_000_000, ..ControllerOptions::new(bus, 1_000_000) };
        assert_heard(host, AT_ONCE, Span::ZERO, &Traffic::duplex(8, &[(0xa5, 0), (0x5a, 0)]));
    }
}

#[test]
fn the_first_bit_after_a_pause_is_set_up_before_its_edge() {
    let bus = Options::default();
    let traffic = Traffic::duplex(8, &[(0xff, 0), (0x7f, 0)]);
    let mut ops = traffic.ops();
    ops.insert(2, Op::Delay(Span::from_us(3)));
    let recording = play(ControllerOptions::new(bus.clone(), 1_000_000), AT_ONCE, Span::ZERO, &traffic, &ops);
    assert_round_trip(&recording, Monitor::new(&bus, Source::Run), &traffic.expected(&bus));
}

#[test]
fn late_samples_of_a_word_are_not_lost_to_the_next_frame_pulse() {
    let bus = Options { format: Format::Ti, sample_delay: 1, ..Options::default() };
    let disable = Span::from_us(1);
    let traffic = Traffic::duplex(8, &[(0, 0xa5), (0, 0x5a)]);
    assert_heard(
        ControllerOptions::new(bus, 1_000_000),
        OutputTiming { disable, ..AT_ONCE },
        Span::ZERO,
        &traffic,
    );
}

#[test]
fn two_short_words_can_wait_for_their_late_samples() {
    let double = Lanes { rate: Rate::Double, ..Lanes::SINGLE };
    let bus = Options {
        lanes: double,
        sample_delay: 3,
        word_bits: WordBits::new(2).unwrap(),
        ..Options::default()
    };
    let words = [1, 2, 3].map(|n| Word::Both { out: Bits::new(0, 2), back: Bits::new(n, 2) });
    let traffic = Traffic { transfers: vec![words.to_vec()], lanes: double };
    assert_heard(ControllerOptions::new(bus, 1_000_000), AT_ONCE, Span::from_ns(760), &traffic);
}

/// Pins 0 (clock) and 5 (chip select) take levels after a while.
fn wave(steps: &[(u64, &[(u32, Level)])]) -> waves::Waves {
    let change =
        |&(signal, level): &(u32, Level)| Change { signal: SignalId(signal), value: Value::wire(level) };
    let step = |&(wait, changes): &(u64, &[(u32, Level)])| waves::Step {
        wait: Span::from_fs(wait),
        changes: changes.iter().map(change).collect(),
    };
    waves::Waves(steps.iter().map(step).collect())
}

use Level::{High, Low};

#[test]
fn a_clock_that_rests_for_hours_does_no_harm() {
    let waves =
        wave(&[(0, &[(0, Low), (5, Low), (1, Low)]), (u64::MAX / 2 + 9, &[(0, High)]), (1, &[(5, High)])]);
    assert_robust(|| Monitor::new(&Options::default(), Source::Run), &waves);
}

#[test]
fn a_word_cut_after_its_first_edge_at_double_rate_does_not_end_before_it_begins() {
    let double = Lanes { rate: Rate::Double, ..Lanes::SINGLE };
    let bus = Options { lanes: double, word_bits: WordBits::new(4).unwrap(), ..Options::default() };
    // The clock is first seen while CS is active, and falls: an edge that samples at double rate only.
    let waves = wave(&[
        (100, &[(1, Low), (5, High)]),
        (100, &[(5, Low)]),
        (100, &[(0, High)]),
        (1, &[(0, Low)]),
        (9, &[(5, High)]),
    ]);
    assert_robust(|| Monitor::new(&bus, Source::Run), &waves);
}

#[test]
fn a_clock_that_is_told_its_level_again_is_no_edge() {
    let bus = Options { sample_delay: 1, word_bits: WordBits::new(1).unwrap(), ..Options::default() };
    let waves = wave(&[
        (1, &[(0, Low), (5, Low), (1, High)]),
        (100, &[(0, High)]),
        (101, &[(0, High), (1, Low)]),
        (1, &[(0, High)]),
    ]);
    assert_robust(|| Monitor::new(&bus, Source::Run), &waves);
}

#[test]
fn silence_within_a_quarter_period_is_no_missing_edge() {
    struct Samples(Vec<Time>);
    impl Sink<Item> for Samples {
        fn event(&mut self, event: busproof_core::timing::Event) {
            if event.kind == busproof_core::bus::spi::rules::event::HOST_SAMPLE {
                self.0.push(event.time);
            }
        }
    }
    let bus = Options { sample_delay: 1, ..Options::default() };
    let told = |advance: bool| {
        let (mut monitor, mut seen) = (Monitor::new(&bus, Source::Run), Samples(Vec::new()));
        let mut at = |t, pin, level| {
            if advance && t == 210 {
                monitor.advance(Time::from_fs(205), &mut seen);
            }
            let change = Change { signal: SignalId(pin), value: Value::wire(level) };
            monitor.instant(Time::from_fs(t), &[change], &mut seen);
        };
        for (t, pin, level) in [(0, 0, Low), (0, 5, Low), (0, 2, High), (100, 0, High), (210, 0, Low)] {
            at(t, pin, level);
        }
        seen.0
    };
    assert_eq!(told(false), [Time::from_fs(210)]);
    assert_eq!(told(true), told(false));
}
