//! One controller, one target, nothing wrong.

use super::*;

fn one(rc: Rc) -> (Rig, AgentId<Controller>, AgentId<Target>) {
    let mut rig = Rig::new(rc);
    let host = rig.controller("host", ControllerOptions::new(fast(), 400_000).fitted(rc));
    let target = rig.target("memory", TargetOptions::new(fast()), memory(Address::Seven(0x50)));
    (rig, host, target)
}

#[test]
fn bytes_are_written_and_acknowledged() {
    for rc in [FAST_WIRE, IDEAL_WIRE] {
        let (mut rig, host, target) = one(rc);
        let done = rig.run(host, &write_to(0x50, &[0x10, 0xa5, 0x00, 0xff]));
        assert_eq!((done.end, done.lost), (End::Done, 0));
        assert_eq!(done.outcomes, [ACK; 5]);
        rig.finish();
        assert_eq!(rig.spoken(), "S 50W+ 10+ a5+ 00+ ff+ P");
        assert_eq!(rig.memory(target).bytes[0x10..0x13], [0xa5, 0x00, 0xff]);
        assert_eq!(
            rig.memory(target).said.join(", "),
            "start, call Write, write 10, write a5, write 00, write ff, stop"
        );
    }
}

#[test]
fn bytes_are_read_behind_a_repeated_start() {
    for rc in [FAST_WIRE, IDEAL_WIRE] {
        let (mut rig, host, target) = one(rc);
        let done = rig.run(host, &read_from(0x50, 3, 3));
        assert_eq!(done.outcomes, [ACK, ACK, ACK, byte(21), byte(28), byte(35)]);
        rig.finish();
        assert_eq!(rig.spoken(), "S 50W+ 03+ S 50R+ 15+ 1c+ 23- P");
        assert_eq!(
            rig.memory(target).said.join(", "),
            "start, call Write, write 03, start, call Read, read 15, ack, read 1c, ack, read 23, nack, stop"
        );
    }
}

#[test]
fn a_ten_bit_address_takes_two_bytes_and_to_read_a_repeated_start() {
    let mut rig = Rig::new(FAST_WIRE);
    let host = rig.controller("host", ControllerOptions::new(fast(), 400_000));
    let target = rig.target("memory", TargetOptions::new(fast()), memory(Address::Ten(0x2a5)));
    let mut ops = vec![Op::Start, call_ten(0x2a5, Direction::Write), Op::Write(2), Op::Start];
    ops.extend([call_ten(0x2a5, Direction::Read), Op::Read(Ack::Nack), Op::Stop]);
    assert_eq!(rig.run(host, &ops).outcomes, [ACK, ACK, ACK, byte(14)]);
    // Out of the blue, a read begins as a write.
    let ops = [Op::Start, call_ten(0x2a5, Direction::Read), Op::Read(Ack::Nack), Op::Stop];
    assert_eq!(rig.run(host, &ops).outcomes, [ACK, byte(21)]);
    // Upper bits that nobody has: the second byte is not sent.
    let ops = [Op::Start, call_ten(0x1a5, Direction::Write), Op::Stop];
    assert_eq!(rig.run(host, &ops).outcomes, [NACK]);
    rig.finish();
    assert_eq!(rig.spoken(), "S 7aW+ a5+ 02+ S 7aR+ 0e- P S 7aW+ a5+ S 7aR+ 15- P S 79W- P");
    assert_eq!(rig.memory(target).bytes.len(), 256);
}

#[test]
fn what_nobody_acknowledges_ends_there_if_so_asked() {
    let mut rig = Rig::new(FAST_WIRE);
    let options = ControllerOptions { on_nack: OnNack::Stop, ..ControllerOptions::new(fast(), 400_000) };
    let host = rig.controller("host", options);
    rig.target(
        "memory",
        TargetOptions::new(fast()),
        Memory { refuse: Some(0xee), ..memory(Address::Seven(0x50)) },
    );
    let done = rig.run(host, &write_to(0x51, &[1, 2]));
    assert_eq!((done.end, &done.outcomes[..]), (End::Nack, &[NACK][..]));
    let done = rig.run(host, &write_to(0x50, &[1, 0xee, 3]));
    assert_eq!((done.end, &done.outcomes[..]), (End::Nack, &[ACK, ACK, NACK][..]));
    rig.finish();
    assert_eq!(rig.spoken(), "S 51W- P S 50W+ 01+ ee- P");
}

#[test]
fn the_clock_is_as_fast_as_asked_if_the_edges_allow_it() {
    // Rise times of 186 ns and 280 ns; 400 kHz leaves 600 ns for all edges. The last wire takes 1593 ns.
    for (rc, hertz) in [
        (FAST_WIRE, 400e3),
        (Rc { farad: 150e-12, ..FAST_WIRE }, 400e3),
        (IDEAL_WIRE, 400e3),
        (Rc { farad: 600e-12, ..FAST_WIRE }, 286.3e3),
    ] {
        let (mut rig, host, _) = one(rc);
        rig.run(host, &write_to(0x50, &[0x55]));
        rig.finish();
        let rises: Vec<Time> = rig.edges("scl").iter().filter(|e| e.1.is_high()).map(|e| e.0).collect();
        // The first byte: no stretch, no STOP.
        let period = rises[8].since(rises[1]).scale(1, 7).as_fs() as f64 / 1e15;
        let error = 1.0 / period / hertz - 1.0;
        assert!(error.abs() < 0.002, "{} Hz with {rc:?}", 1.0 / period);
    }
}

#[test]
fn every_minimum_of_the_class_is_kept() {
    for (speed, hertz) in [(Speed::Standard, 100_000), (Speed::Fast, 400_000), (Speed::FastPlus, 1_000_000)] {
        let bus = Options { speed: Some(speed), ..Options::default() };
        let mut rig = Rig::new(Rc { pull_up_ohm: 1000.0, farad: 100e-12, on_ohm: 20.0 });
        let host = rig.controller("host", ControllerOptions::new(bus.clone(), hertz));
        rig.target("memory", TargetOptions::new(bus), memory(Address::Seven(0x50)));
        rig.run(host, &read_from(0x50, 0, 2));
        rig.run(host, &write_to(0x50, &[0, 0xaa]));
        rig.finish();
        let least = Timing::minima(speed, hertz);
        let scl = rig.edges("scl");
        for pair in scl.windows(2) {
            let width = pair[1].0.since(pair[0].0);
            match pair[0].1 {
                Level::Low => assert!(width >= least.low, "{speed:?}: low {width}"),
                Level::High => assert!(width >= least.high, "{speed:?}: high {width}"),
                _ => {}
            }
        }
    }
}

#[test]
fn a_ticket_without_a_stop_is_gone_on_with_by_the_next() {
    let (mut rig, host, _) = one(FAST_WIRE);
    rig.run(host, &[Op::Start, call(0x50, Direction::Write), Op::Write(9)]);
    let pause = rig.bench.now() + us(50);
    rig.go(pause);
    let done = rig.run(
        host,
        &[Op::Start, call(0x50, Direction::Read), Op::Read(Ack::Nack), Op::Delay(us(5)), Op::Stop],
    );
    assert_eq!(done.outcomes, [ACK, byte(63)]);
    rig.finish();
    assert_eq!(rig.spoken(), "S 50W+ 09+ S 50R+ 3f- P");
}

#[test]
fn the_same_work_gives_the_same_waveform() {
    let waveform = || {
        let (mut rig, host, _) = one(FAST_WIRE);
        rig.run(host, &read_from(0x50, 3, 3));
        rig.finish();
        (rig.edges("scl"), rig.edges("sda"))
    };
    assert_eq!(waveform(), waveform());
}
