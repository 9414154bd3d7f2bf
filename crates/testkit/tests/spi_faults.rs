//! Every fault that the agents and the wires can have shows as what it is: in items, diagnostics and findings.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use busproof_core::bus::spi::{
    Controller, ControllerOptions, Fault, FaultKind, INFO, Item, Monitor, Op, Options, Payload, Peripheral,
    PeripheralFault, PeripheralOptions, rules,
};
use busproof_core::sim::ClockSpec;
use busproof_core::timing::Params;
use busproof_core::{Level, Source, Span, Time};
use busproof_testkit::faults::{self, Held};
use busproof_testkit::spi::items::{Script, Traffic, Word};
use busproof_testkit::{Judged, Seen, Stage, assert_robust, spi, waves};
use proptest::prelude::*;

/// A transfer of two bytes each way at 1 MHz, with CS active from 1 us on.
struct Scene {
    host: ControllerOptions,
    target: PeripheralOptions,
    held: Vec<Held>,
    then: Vec<Op>,
}

const OUT: [u64; 2] = [0xb5, 0x0f];
const BACK: [u64; 2] = [0xa6, 0x33];

fn scene() -> Scene {
    let bus = Options::default();
    let host = ControllerOptions::new(bus.clone(), 1_000_000);
    Scene { host, target: PeripheralOptions::new(bus), held: Vec::new(), then: Vec::new() }
}

impl Scene {
    fn with_fault(kind: FaultKind) -> Scene {
        let mut scene = scene();
        scene.host.faults = vec![Fault { transfer: 0, bit: 2, kind }];
        scene
    }

    fn with_held(held: Held) -> Scene {
        Scene { held: vec![held], ..scene() }
    }

    fn play(self) -> (Seen<Item>, Judged) {
        let bus = self.host.bus.clone();
        let traffic = Traffic::duplex(8, &[(OUT[0], BACK[0]), (OUT[1], BACK[1])]);
        let mut stage = Stage::new(&INFO, &["sck", "mosi", "miso", "cs"], 1);
        let host = stage.add("host", Controller::new(self.host).unwrap(), Span::ZERO);
        let script: Script = traffic.script(&bus);
        stage.add("flash", Peripheral::new(self.target, Box::new(script)), Span::ZERO);
        self.held.iter().for_each(|held| stage.hold(held));
        let ops = [traffic.ops(), self.then].concat();
        stage.bench_mut().agent_mut(host).submit(&ops).unwrap();
        stage.run_for(Span::from_ms(1)).unwrap();
        let recording = stage.finish();
        let monitor = || Monitor::new(&bus, Source::Run);
        (recording.decode(monitor()), recording.judge(monitor, &params()))
    }
}

fn params() -> Params {
    let mut params = Params::new();
    let limits = [
        (rules::T_CLH, 200),
        (rules::T_CLL, 200),
        (rules::FC, 900),
        (rules::T_DVCH, 100),
        (rules::T_CHDX, 100),
        (rules::T_CLQV, 50),
        (rules::T_SU_MI, 50),
        (rules::T_H_MI, 50),
        (rules::T_SHCH, 500),
        (rules::T_SHQZ, 50),
    ];
    for (param, ns) in limits {
        params.set(param, ns * 1_000_000, "chosen");
    }
    params
}

/// The words as `mosi/miso`, cut ones in brackets.
fn words(seen: &Seen<Item>) -> String {
    let line =
        |bits: &Option<busproof_core::Bits>| bits.as_ref().map_or("?".into(), |bits| format!("{bits:?}"));
    let text = |payload: &Payload| match payload {
        Payload::Duplex { mosi, miso } => format!("{}/{}", line(mosi), line(miso)),
        Payload::Shared { bits, .. } => format!("{bits:?}"),
    };
    let all = seen.items.iter().filter_map(|item| match item {
        Item::Word(word) => Some(text(&word.payload)),
        Item::Incomplete(word) => Some(format!("[{}]", text(&word.payload))),
        Item::Select { .. } | Item::Deselect { .. } => None,
    });
    all.collect::<Vec<_>>().join(" ")
}

/// What a fault must show as: the words, the codes of diagnostics, the broken rules.
fn assert_shows(scene: Scene, want: &str, codes: &[&str], broken: &[&str]) {
    let (seen, judged) = scene.play();
    assert_eq!(words(&seen), want);
    assert_eq!(seen.codes(), codes);
    assert_eq!(judged.broken(), broken);
}

const FINE: &str = "8'hb5/8'ha6 8'h0f/8'h33";

#[test]
fn without_a_fault_all_is_well() {
    assert_shows(scene(), FINE, &[], &[]);
}

#[test]
fn a_missing_clock_shifts_the_rest_and_leaves_a_word_incomplete() {
    // Bit 2 of MOSI is lost to everyone, and its neighbours move up.
    let scene = Scene::with_fault(FaultKind::MissingClock);
    assert_shows(scene, "8'haa/8'ha6 [7'h0f/7'h19]", &["spi::cs-mid-word"], &[]);
}

#[test]
fn an_extra_clock_is_one_bit_too_many() {
    // MOSI already carries the bit after bit 2, which is sampled twice; the peripheral is a bit ahead from then on.
    let scene = Scene::with_fault(FaultKind::ExtraClock);
    assert_shows(scene, "8'hba/8'ha6 8'h87/8'h33 [1'h1/1'hx]", &["spi::cs-mid-word"], &[]);
}

#[test]
fn a_glitch_of_the_clock_is_a_clock_too_many_and_too_short() {
    let scene = Scene::with_fault(FaultKind::ClockGlitch { width: Span::from_ns(20) });
    let (seen, judged) = scene.play();
    assert_eq!(seen.codes(), ["spi::cs-mid-word"]);
    assert!(judged.broken().contains(&"tCLH") && judged.broken().contains(&"fC"), "{:?}", judged.broken());
}

#[test]
fn a_select_that_drops_cuts_the_word() {
    let scene = Scene::with_fault(FaultKind::DropSelect);
    assert_shows(scene, "[3'h5/3'h5]", &["spi::cs-mid-word", "spi::clock-while-deselected"], &[]);
}

#[test]
fn a_peripheral_that_shifts_on_the_sampling_edge_changes_what_is_being_sampled() {
    let mut wrong = scene();
    wrong.target.fault = Some(PeripheralFault::ShiftsOnSamplingEdge);
    let (seen, judged) = wrong.play();
    assert_eq!(seen.codes(), Vec::<&str>::new());
    assert_eq!(judged.broken(), ["MISO-stable", "tCLQV", "tH_MI"]);
}

#[test]
fn stuck_lines_read_as_they_are() {
    let stuck = |role, level| Scene::with_held(Held::stuck(role, level));
    assert_shows(stuck("mosi", Level::Low), "8'h00/8'ha6 8'h00/8'h33", &[], &[]);
    assert_shows(stuck("mosi", Level::High), "8'hff/8'ha6 8'hff/8'h33", &[], &[]);
    // Nobody lets go of MISO after the transfer.
    assert_shows(stuck("miso", Level::High), "8'hb5/8'hff 8'h0f/8'hff", &[], &["tSHQZ"]);
    assert_shows(stuck("miso", Level::Z), "8'hb5/8'hxx 8'h0f/8'hxx", &[], &[]);
    assert_shows(stuck("sck", Level::Low), "", &[], &[]);
    assert_shows(stuck("cs", Level::High), "", &["spi::clock-while-deselected"], &[]);
}

#[test]
fn an_unknown_line_is_never_set_up() {
    let stuck = |role| Scene::with_held(Held::stuck(role, Level::X));
    assert_shows(stuck("miso"), "8'hb5/8'hxx 8'h0f/8'hxx", &[], &["tSHQZ", "tSU_MI"]);
    assert_shows(stuck("mosi"), "8'hxx/8'ha6 8'hxx/8'h33", &[], &["tDVCH"]);
}

#[test]
fn a_glitch_of_data_counts_where_it_is_sampled() {
    // CS falls at 1 us and the first sampling edge comes half a period later: 1.5 us, then every microsecond.
    let glitch = |role, ns: u64, width| {
        Scene::with_held(Held::glitch(role, Level::Low, Time::ZERO + Span::from_ns(ns), Span::from_ns(width)))
    };
    // Far from every edge: nothing but the bits' own levels count.
    assert_shows(glitch("mosi", 3_700, 10), FINE, &[], &[]);
    // Over the sampling edge of bit 7: another word, and it changed just before and after.
    assert_shows(glitch("mosi", 1_490, 20), "8'h35/8'ha6 8'h0f/8'h33", &[], &["tCHDX", "tDVCH"]);
    assert_shows(glitch("miso", 1_490, 20), "8'hb5/8'h26 8'h0f/8'h33", &[], &["tH_MI", "tSU_MI"]);
}

#[test]
fn a_select_in_a_glitch_ends_the_transfer() {
    let at = Time::ZERO + Span::from_ns(6_100);
    let scene = Scene::with_held(Held::glitch("cs", Level::High, at, Span::from_ns(100)));
    let (seen, _) = scene.play();
    assert_eq!(seen.codes(), ["spi::cs-mid-word", "spi::cs-mid-word"]);
    let selects = seen.items.iter().filter(|item| matches!(item, Item::Select { .. })).count();
    assert_eq!(selects, 2);
}

#[test]
fn a_clock_at_rest_on_the_wrong_level_is_told() {
    let wrong = Options { mode: busproof_core::bus::spi::Mode::Mode3, ..Options::default() };
    let mut stage = Stage::new(&INFO, &["sck", "mosi", "miso", "cs"], 1);
    let host = ControllerOptions::new(Options::default(), 1_000_000);
    let host = stage.add("host", Controller::new(host).unwrap(), Span::ZERO);
    let ops = Traffic::duplex(8, &[(0x9f, 0)]).ops();
    stage.bench_mut().agent_mut(host).submit(&ops).unwrap();
    stage.run_for(Span::from_ms(1)).unwrap();
    let seen = stage.finish().decode(Monitor::new(&wrong, Source::Run));
    assert_eq!(seen.codes(), ["spi::idle-level"]);
}

#[test]
fn clocks_after_the_transfer_are_told_of() {
    let mut late = scene();
    late.then = vec![Op::Clocks(3)];
    assert_shows(late, FINE, &["spi::clock-while-deselected"], &["tSHCH"]);
}

/// Faults hit whatever they hit; what a monitor makes of it keeps its contract, and the run comes to an end.
fn any_plan() -> impl Strategy<Value = (Vec<Fault>, Vec<Held>, Option<PeripheralFault>)> {
    let fault = spi::faults::controller(1, 17, Span::from_ns(400));
    let when = Time::ZERO..Time::ZERO + Span::from_us(20);
    let held = faults::plans(&INFO, when, Span::from_us(2), 3);
    (prop::collection::vec(fault, 0..3), held, spi::faults::peripheral())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn any_plan_of_faults_is_survived((faults, held, fault) in any_plan(), error in -1_000_000..1_000_000i64) {
        let mut wrong = scene();
        wrong.host.faults = faults;
        wrong.host.clock = ClockSpec { error_ppb: error, ..wrong.host.clock };
        wrong.target.fault = fault;
        wrong.held = held;
        let (seen, judged) = wrong.play();
        prop_assert!(seen.items.iter().all(|item| item.start() <= item.end()));
        let waves = waves::Waves::of(&judged.recording);
        assert_robust(|| Monitor::new(&Options::default(), Source::Run), &waves);
    }
}

#[test]
fn traffic_can_be_written_by_hand() {
    let traffic = Traffic::duplex(8, &[(0x9f, 0), (0, 0xef)]);
    assert!(matches!(&traffic.transfers[0][1], Word::Both { back, .. } if back.to_hex() == "ef"));
}
