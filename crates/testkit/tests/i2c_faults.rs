//! Every fault that the agents and the wires can have shows as what it is: in items, diagnostics and findings.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use busproof_core::bus::i2c::{
    Ack, Address, Controller, ControllerOptions, Direction, End, Fault, FaultKind, INFO, Item, Monitor,
    OnNack, Options, Speed, Stretch, Target, TargetFault, TargetFaultKind, TargetOptions, rules,
};
use busproof_core::timing::Params;
use busproof_core::{BitOrder, Level, Rc, Source, Span, Time};
use busproof_testkit::faults::{self, Held};
use busproof_testkit::i2c::items::Traffic;
use busproof_testkit::i2c::{self, electrical};
use busproof_testkit::{Judged, Seen, Stage, assert_robust, waves};
use proptest::collection::vec;
use proptest::prelude::*;

/// Two bytes written to address 50 at 400 kHz, with ideal edges: SCL falls at 2.1 us and every 2.5 us from there.
struct Scene {
    host: ControllerOptions,
    target: TargetOptions,
    held: Vec<Held>,
    wire: Rc,
}

const OUT: [u8; 2] = [0xb5, 0x0f];
const FINE: &str = "S 50W + b5 + 0f + P";

fn scene() -> Scene {
    let bus = Options { speed: Some(Speed::Fast), ..Options::default() };
    let mut host = ControllerOptions::new(bus.clone(), 400_000);
    host.time_out = Some(Span::from_us(500));
    let wire = Rc { pull_up_ohm: 2_200.0, farad: 0.0, on_ohm: 25.0 };
    Scene { host, target: TargetOptions::new(bus), held: Vec::new(), wire }
}

/// A fault of the controller at the third bit of the first byte behind the address, which is a 1.
fn wrong(kind: FaultKind) -> Scene {
    let mut scene = scene();
    scene.host.faults = vec![Fault { transfer: 0, clock: 11, kind }];
    scene
}

impl Scene {
    fn play(self) -> (Seen<Item>, Judged, End) {
        let bus = self.host.bus.clone();
        let traffic = Traffic::write(0x50, &OUT);
        let mut stage = Stage::with_nets(&INFO, electrical::nets(Speed::Fast, self.wire), 1);
        let host = stage.add("host", Controller::new(self.host).unwrap(), Span::ZERO);
        let script = Box::new(traffic.script(Speed::Fast));
        stage.add("target", Target::new(self.target, script), Span::ZERO);
        self.held.iter().for_each(|held| stage.hold(held));
        let ticket = stage.bench_mut().agent_mut(host).submit(&traffic.ops()).unwrap();
        stage.run_for(Span::from_ms(5)).unwrap();
        let end = stage.bench_mut().agent_mut(host).take(ticket).unwrap().end;
        let recording = stage.finish();
        let monitor = || Monitor::new(&bus, Source::Run);
        (recording.decode(monitor()), recording.judge(monitor, &params()), end)
    }
}

/// Limits of Fast mode (UM10204 table 10).
fn params() -> Params {
    let mut params = Params::new();
    let limits = [
        (rules::FSCL, 2_500),
        (rules::T_HD_STA, 600),
        (rules::T_LOW, 1_300),
        (rules::T_HIGH, 600),
        (rules::T_SU_STA, 600),
        (rules::T_SU_DAT, 100),
        (rules::T_SU_STO, 600),
        (rules::T_BUF, 1_300),
        (rules::T_VD_DAT, 900),
        (rules::T_VD_ACK, 900),
        (rules::T_R, 300),
    ];
    for (param, ns) in limits {
        params.set(param, ns * 1_000_000, "chosen");
    }
    params
}

/// `S 50W + b5 - Sr 50R + =a6 - P`: what was read has a `=`, what was cut off a `!`.
fn said(seen: &Seen<Item>) -> String {
    seen.items.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn word(item: &Item) -> String {
    let letter = |direction: &Direction| if *direction == Direction::Read { 'R' } else { 'W' };
    match item {
        Item::Start { .. } => "S".into(),
        Item::RepeatedStart { .. } => "Sr".into(),
        Item::Stop { .. } => "P".into(),
        Item::Address { address: Address::Seven(n), direction, .. } => {
            format!("{n:02x}{}", letter(direction))
        }
        Item::Address { address: Address::Ten(n), direction, .. } => format!("{n:03x}{}", letter(direction)),
        Item::Data { byte, direction: Direction::Write, .. } => byte.to_hex(),
        Item::Data { byte, .. } => format!("={}", byte.to_hex()),
        Item::Ack { ack: Ack::Ack, .. } => "+".into(),
        Item::Ack { ack: Ack::Nack, .. } => "-".into(),
        Item::Incomplete { bits, .. } => {
            let digit = |bit: Option<bool>| bit.map_or('x', |bit| if bit { '1' } else { '0' });
            format!("!{}", bits.wire(BitOrder::Msb).map(digit).collect::<String>())
        }
    }
}

/// What a fault must show as: the items, the codes of diagnostics, the broken rules.
fn assert_shows(scene: Scene, want: &str, codes: &[&str], broken: &[&str]) {
    let (seen, judged, _) = scene.play();
    assert_eq!(said(&seen), want);
    assert_eq!(seen.codes(), codes);
    assert_eq!(judged.broken(), broken);
}

#[test]
fn without_a_fault_all_is_well() {
    assert_shows(scene(), FINE, &[], &[]);
}

#[test]
fn glitches_shorter_than_the_filter_are_told_and_do_no_harm() {
    let width = Span::from_ns(20);
    for kind in [FaultKind::ClockGlitch { width }, FaultKind::DataGlitch { width }] {
        assert_shows(wrong(kind), FINE, &["i2c::spike"], &[]);
    }
}

#[test]
fn a_longer_glitch_of_the_clock_is_a_clock_too_many_and_too_short() {
    // The bit is there twice, and the target acknowledges a clock too early: where the controller sends a 1, so that it takes
    // the acknowledge for another controller, and waits for a STOP that never comes.
    let scene = wrong(FaultKind::ClockGlitch { width: Span::from_ns(200) });
    let (seen, judged, end) = scene.play();
    assert_eq!(said(&seen), "S 50W + ba +");
    assert_eq!(judged.broken(), ["fSCL", "tHIGH", "tLOW"]);
    assert_eq!(end, End::TimeOut);
}

#[test]
fn a_longer_glitch_of_data_is_a_start_and_a_stop() {
    let codes = ["i2c::start-in-byte", "i2c::void-message", "i2c::idle-clock"];
    let glitch = wrong(FaultKind::DataGlitch { width: Span::from_ns(200) });
    assert_shows(glitch, "S 50W + !10 Sr P P", &codes, &["tHD;STA", "tSU;STA", "tSU;STO"]);
    // Half of the high time is long enough for a STOP.
    let change = wrong(FaultKind::DataWhileHigh);
    assert_shows(change, "S 50W + !10 Sr P P", &codes, &["tHD;STA", "tSU;STA"]);
}

#[test]
fn conditions_inside_of_a_byte_cut_it() {
    // Behind the START what is left of both bytes is an address and a part of a byte: 10101 0000 1111.
    let codes = ["i2c::start-in-byte", "i2c::stop-in-byte"];
    assert_shows(wrong(FaultKind::Start), "S 50W + !10 Sr 56W + !011111 P", &codes, &[]);
    assert_shows(wrong(FaultKind::Stop), "S 50W + !10 P P", &["i2c::stop-in-byte", "i2c::idle-clock"], &[]);
}

#[test]
fn stretching_is_no_fault_but_for_a_controller_that_does_not_look() {
    let stretched = |scene: Scene| {
        let stretches = vec![Stretch { transfer: 0, clock: 13, hold: Span::from_us(20) }];
        Scene { target: TargetOptions { stretches, ..scene.target }, ..scene }
    };
    assert_shows(stretched(scene()), FINE, &["i2c::stretch"], &[]);
    assert_shows(wrong(FaultKind::EarlySample), FINE, &[], &[]);
    let (seen, ..) = stretched(wrong(FaultKind::EarlySample)).play();
    assert_eq!(said(&seen), "S 50W + b7 + !1 P", "clocks are lost while SCL is held");
    assert!(seen.codes().contains(&"i2c::stretch") && seen.codes().contains(&"i2c::stop-in-byte"));
}

#[test]
fn refused_bytes_and_lost_acknowledges_look_alike() {
    for kind in [TargetFaultKind::Nack, TargetFaultKind::MissingAck] {
        for (byte, want) in [(0, "S 50W - P"), (1, "S 50W + b5 - P"), (2, "S 50W + b5 + 0f - P")] {
            let mut scene = scene();
            scene.host.on_nack = OnNack::Stop;
            scene.target.faults = vec![TargetFault { transfer: 0, byte, kind }];
            let (seen, judged, end) = scene.play();
            assert_eq!((said(&seen).as_str(), end), (want, End::Nack), "{kind:?}");
            assert_eq!(judged.broken(), [""; 0]);
        }
    }
}

/// Whatever is stuck, the controller gives up when its patience ends.
#[test]
fn stuck_lines_end_in_a_time_out() {
    let stuck = [
        // SCL never falls, or never rises.
        ("scl", Level::High, "S P"),
        ("scl", Level::Z, "S P"),
        ("scl", Level::Low, ""),
        ("scl", Level::X, ""),
        // SDA never falls, or is low from the beginning.
        ("sda", Level::High, ""),
        ("sda", Level::Z, ""),
        ("sda", Level::X, ""),
        ("sda", Level::Low, "S"),
    ];
    for (role, level, want) in stuck {
        let (seen, _, end) = Scene { held: vec![Held::stuck(role, level)], ..scene() }.play();
        assert_eq!((said(&seen).as_str(), end), (want, End::TimeOut), "{role} {level:?}");
    }
}

#[test]
fn a_weak_pull_up_rises_slowly() {
    // 2.2 kOhm and 300 pF: 559 ns; the target's bit needs 792 ns behind its 300 ns to be High.
    let mut slow = scene();
    slow.wire.farad = 300e-12;
    assert_shows(slow, FINE, &[], &["tVD;DAT", "tr"]);
}

/// Faults hit whatever they hit; the controller comes to an end, and what a monitor makes of it keeps its contract.
fn any_plan() -> impl Strategy<Value = (Vec<Fault>, Vec<TargetFault>, Vec<Stretch>, Vec<Held>)> {
    let when = Time::ZERO..Time::ZERO + Span::from_us(80);
    (
        vec(i2c::faults::controller(1, 28, Span::from_us(1)), 0..3),
        vec(i2c::faults::target(1, 3), 0..2),
        vec(i2c::faults::stretches(1, 28, Span::from_us(20)), 0..3),
        faults::plans(&INFO, when, Span::from_us(10), 3),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn any_plan_of_faults_is_survived(
        (wrong, refused, stretches, held) in any_plan(), wire in electrical::wires(Speed::Fast),
        error in -50_000_000..=50_000_000i64,
    ) {
        let mut scene = Scene { held, wire, ..scene() };
        scene.host.faults = wrong;
        scene.host.clock.error_ppb = error;
        (scene.target.faults, scene.target.stretches) = (refused, stretches);
        let (seen, judged, _) = scene.play();
        prop_assert!(seen.items.is_sorted_by_key(Item::end));
        prop_assert_eq!(judged.recording.troubles(), &[]);
        let bus = Options { speed: Some(Speed::Fast), ..Options::default() };
        assert_robust(|| Monitor::new(&bus, Source::Run), &waves::Waves::of(&judged.recording));
    }
}
