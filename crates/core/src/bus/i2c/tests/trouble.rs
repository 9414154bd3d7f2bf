//! Stretching, faults, and a bus that is stuck.

use super::*;

/// A controller and a memory, options changed.
fn rig_of(
    change: impl FnOnce(&mut ControllerOptions, &mut TargetOptions),
) -> (Rig, AgentId<Controller>, AgentId<Target>) {
    rig_on(FAST_WIRE, change)
}

fn rig_on(
    rc: Rc,
    change: impl FnOnce(&mut ControllerOptions, &mut TargetOptions),
) -> (Rig, AgentId<Controller>, AgentId<Target>) {
    let mut rig = Rig::new(rc);
    let mut host = ControllerOptions::new(fast(), 400_000);
    let mut target = TargetOptions::new(fast());
    change(&mut host, &mut target);
    let host = rig.controller("host", host);
    let target = rig.target("memory", target, memory(Address::Seven(0x50)));
    (rig, host, target)
}

fn fault(clock: u32, kind: FaultKind) -> Fault {
    Fault { transfer: 0, clock, kind }
}

const READ: &str = "S 50W+ 03+ S 50R+ 15+ 1c- P";

#[test]
fn a_target_may_stretch_any_clock() {
    for clock in 0..46 {
        let (mut rig, host, _) = rig_of(|_, target| {
            target.stretches = vec![Stretch { transfer: 0, clock, hold: us(20) }];
        });
        let done = rig.run(host, &read_from(0x50, 3, 2));
        assert_eq!(done.outcomes, [ACK, ACK, ACK, byte(21), byte(28)], "clock {clock}");
        rig.finish();
        assert_eq!(rig.spoken(), READ, "clock {clock}");
        let lows =
            rig.edges("scl").windows(2).filter(|w| w[0].1.is_low() && w[1].0 - w[0].0 > us(19)).count();
        assert_eq!(lows, 1, "clock {clock}");
    }
}

#[test]
fn a_device_may_stretch_every_byte() {
    let mut rig = Rig::new(FAST_WIRE);
    let host = rig.controller("host", ControllerOptions::new(fast(), 400_000));
    let slow = Memory { hold: us(30), ..memory(Address::Seven(0x50)) };
    rig.target("memory", TargetOptions::new(fast()), slow);
    assert_eq!(rig.run(host, &read_from(0x50, 3, 2)).outcomes, [ACK, ACK, ACK, byte(21), byte(28)]);
    rig.finish();
    assert_eq!(rig.spoken(), READ);
    let lows = rig.edges("scl").windows(2).filter(|w| w[0].1.is_low() && w[1].0 - w[0].0 > us(29)).count();
    // Three acknowledges and two bytes that are read.
    assert_eq!(lows, 5);
}

#[test]
fn who_samples_before_the_clock_has_risen_reads_a_stretching_target_wrong() {
    let read = |stretch, faults: &[Fault]| {
        let (mut rig, host, _) = rig_of(|host, target| {
            host.faults = faults.to_vec();
            host.time_out = Some(us(1000));
            target.stretches = vec![Stretch { transfer: 0, clock: 27, hold: stretch }];
        });
        let outcomes = rig.run(host, &read_from(0x50, 3, 2)).outcomes;
        (
            outcomes,
            rig.bench.agent_mut(host).take_remarks().iter().map(|remark| remark.code).collect::<Vec<_>>(),
        )
    };
    let early = [fault(0, FaultKind::EarlySample)];
    let right = [ACK, ACK, ACK, byte(21), byte(28)];
    assert_eq!(read(us(20), &[]), (right.to_vec(), vec![]));
    assert_eq!(read(Span::ZERO, &early), (right.to_vec(), vec![]));
    let (wrong, remarks) = read(us(20), &early);
    assert_ne!(wrong, right);
    assert_eq!(remarks, ["i2c::early-sampling"]);
}

#[test]
fn targets_of_one_address_are_heard_as_the_and_of_both() {
    let mut rig = Rig::new(FAST_WIRE);
    let host = rig.controller("host", ControllerOptions::new(fast(), 400_000));
    rig.target("one", TargetOptions::new(fast()), memory(Address::Seven(0x50)));
    let other = Memory { bytes: vec![0x3c; 256], ..memory(Address::Seven(0x50)) };
    rig.target("two", TargetOptions::new(fast()), other);
    let done = rig.run(host, &read_from(0x50, 3, 2));
    assert_eq!(done.outcomes[3..], [byte(0x15 & 0x3c), byte(0x1c & 0x3c)]);
}

#[test]
fn of_targets_that_give_way_the_lowest_byte_wins() {
    let mut rig = Rig::new(FAST_WIRE);
    let host = rig.controller("host", ControllerOptions::new(fast(), 400_000));
    for (name, value) in [("one", 0x59), ("two", 0x6a)] {
        let options = TargetOptions { gives_way: true, ..TargetOptions::new(fast()) };
        let device = Memory { bytes: vec![value; 256], ..memory(Address::Seven(0x0c)) };
        rig.target(name, options, device);
    }
    let ops = [Op::Start, call(0x0c, Direction::Read), Op::Read(Ack::Nack), Op::Stop];
    assert_eq!(rig.run(host, &ops).outcomes, [ACK, byte(0x59)]);
}

#[test]
fn bytes_may_be_refused_and_acknowledges_go_missing() {
    let with = |byte, kind| {
        let (mut rig, host, target) = rig_of(|_, target| {
            target.faults = vec![TargetFault { transfer: 0, byte, kind }];
        });
        rig.run(host, &write_to(0x50, &[3, 0xab, 0xcd]));
        rig.finish();
        (rig.spoken(), rig.memory(target).bytes[3..5].to_vec())
    };
    let old = (21, 28);
    assert_eq!(with(0, TargetFaultKind::Nack), ("S 50W- 03- ab- cd- P".into(), vec![old.0, old.1]));
    assert_eq!(with(2, TargetFaultKind::Nack), ("S 50W+ 03+ ab- cd- P".into(), vec![old.0, old.1]));
    assert_eq!(with(2, TargetFaultKind::MissingAck), ("S 50W+ 03+ ab- cd+ P".into(), vec![0xab, 0xcd]));
}

#[test]
fn a_spike_shorter_than_the_filter_does_no_harm_and_a_longer_one_does() {
    // On a wire with capacitance a pulse is as long as the wire takes to rise behind it.
    let with = |kind: fn(Span) -> FaultKind, width| {
        let (mut rig, host, target) = rig_on(IDEAL_WIRE, |host, _| {
            host.faults = vec![fault(12, kind(Span::from_ns(width)))];
            host.time_out = Some(us(1000));
        });
        rig.run(host, &write_to(0x50, &[3, 0xab]));
        rig.memory(target).said.clone()
    };
    let clock = |width| FaultKind::ClockGlitch { width };
    let data = |width| FaultKind::DataGlitch { width };
    let right = ["start", "call Write", "write 03", "write ab", "stop"];
    assert_eq!(with(clock, 20), right);
    assert_eq!(with(data, 20), right);
    assert_ne!(with(clock, 200), right);
    assert_ne!(with(data, 200), right);
}

#[test]
fn data_that_changes_while_the_clock_is_high_is_a_condition() {
    // Clock 9 is a 1 of the second byte: SDA falls and rises again.
    let (mut rig, host, target) = rig_of(|host, _| host.faults = vec![fault(9, FaultKind::DataWhileHigh)]);
    rig.run(host, &write_to(0x50, &[0x83]));
    assert_eq!(rig.memory(target).said, ["start", "call Write", "start", "stop"]);
}

#[test]
fn a_start_or_stop_inside_of_a_byte_resets_the_target() {
    for (kind, said) in [
        (FaultKind::Start, vec!["start", "call Write", "start", "stop"]),
        (FaultKind::Stop, vec!["start", "call Write", "stop"]),
    ] {
        let (mut rig, host, target) = rig_of(|host, _| host.faults = vec![fault(13, kind)]);
        assert_eq!(rig.run(host, &write_to(0x50, &[0x83])).end, End::Done);
        assert_eq!(rig.memory(target).said, said, "{kind:?}");
        rig.finish();
        assert!(rig.edges("scl").last().unwrap().1.is_high() && rig.edges("sda").last().unwrap().1.is_high());
    }
}

#[test]
fn nine_clocks_free_a_target_that_was_left_in_the_middle_of_a_byte() {
    let (mut rig, host, target) = rig_of(|_, _| {});
    rig.bench.agent_mut(target).device_mut();
    // A byte of zeros, of which only three bits are clocked: the controller is replaced by one that knows nothing.
    let half =
        [Op::Start, call(0x50, Direction::Write), Op::Write(0), Op::Start, call(0x50, Direction::Read)];
    rig.run(host, &[&half[..], &[Op::Clocks(3)]].concat());
    let done = rig.run(host, &[Op::BusClear]);
    assert_eq!((done.end, &done.outcomes[..]), (End::Done, &[Outcome::Cleared(true)][..]));
    assert_eq!(rig.run(host, &write_to(0x50, &[1, 2])).outcomes, [ACK; 3]);
}

#[test]
fn a_stuck_data_line_is_not_cleared() {
    let (mut rig, host, _) = rig_of(|host, _| host.time_out = Some(us(500)));
    let sda = rig.wires[1];
    rig.bench.force(sda, Level::Low, Time::ZERO + us(1), Time::ZERO + us(2000));
    rig.go(Time::ZERO + us(5));
    assert_eq!(rig.run(host, &[Op::BusClear]).outcomes, [Outcome::Cleared(false)]);
    rig.finish();
    let falls = rig.edges("scl").iter().filter(|e| e.1.is_low()).count();
    assert_eq!(falls, 10);
    assert_eq!(rig.run(host, &write_to(0x50, &[1])).end, End::TimeOut);
    rig.go(Time::ZERO + us(3000));
    assert_eq!(rig.run(host, &write_to(0x50, &[1])).end, End::Done);
}

#[test]
fn a_stuck_clock_ends_in_a_time_out() {
    let (mut rig, host, _) = rig_of(|host, _| host.time_out = Some(us(500)));
    let scl = rig.wires[0];
    rig.bench.force(scl, Level::Low, Time::ZERO + us(50), Time::ZERO + us(2000));
    let done = rig.run(host, &write_to(0x50, &[1, 2, 3, 4, 5]));
    assert_eq!(done.end, End::TimeOut);
    // SCL was low for a part of a clock when it was seized.
    let waited = done.at.since(Time::ZERO + us(50));
    assert!(waited > us(497) && waited <= us(503), "{waited}");
}

#[test]
fn wires_that_never_fall_end_in_a_time_out() {
    for wire in 0..2 {
        let (mut rig, host, _) = rig_of(|host, _| host.time_out = Some(us(500)));
        let held = rig.wires[wire];
        rig.bench.force(held, Level::High, Time::ZERO, Time::ZERO + us(2000));
        let done = rig.run(host, &write_to(0x50, &[1]));
        assert_eq!(done.end, End::TimeOut);
        assert!(done.at > Time::ZERO + us(500) && done.at < Time::ZERO + us(510), "{}", done.at);
        rig.go(Time::ZERO + us(3000));
        assert_eq!(rig.run(host, &write_to(0x50, &[1])).end, End::Done);
    }
}

#[test]
fn a_ticket_may_be_aborted() {
    for ops in [write_to(0x50, &[1, 2, 3, 4]), read_from(0x50, 0, 40)] {
        let (mut rig, host, _) = rig_of(|_, _| {});
        let first = rig.bench.agent_mut(host).submit(&ops).unwrap();
        let second = rig.bench.agent_mut(host).submit(&write_to(0x50, &[7])).unwrap();
        rig.go(Time::ZERO + us(80));
        rig.bench.agent_mut(host).abort();
        assert_eq!(rig.go(Time::ZERO + us(300)), Stop::Requested);
        let aborted = rig.bench.agent_mut(host).take(first).unwrap();
        assert_eq!(aborted.end, End::Aborted);
        assert!(aborted.at < Time::ZERO + us(130));
        rig.go(Time::ZERO + us(1000));
        assert_eq!(rig.bench.agent_mut(host).take(second).unwrap().outcomes, [ACK; 2]);
    }
}

#[test]
fn the_general_call_and_the_start_byte_are_heard_as_such() {
    let mut rig = Rig::new(FAST_WIRE);
    let host = rig.controller("host", ControllerOptions::new(fast(), 400_000));
    rig.target("memory", TargetOptions::new(fast()), memory(Address::Seven(0)));
    let ops = [Op::Start, Op::StartByte, Op::Start, call(0, Direction::Write), Op::Write(6), Op::Stop];
    assert_eq!(rig.run(host, &ops).outcomes, [NACK, ACK, ACK]);
    rig.finish();
    assert_eq!(rig.spoken(), "S 00R- S 00W+ 06+ P");
}

#[test]
fn what_cannot_be_is_refused() {
    let refusal = |speed, op: Op| {
        let bus = Options { speed: Some(speed), ..Options::default() };
        Controller::new(ControllerOptions::new(bus, 100_000)).unwrap().submit(&[op])
    };
    assert_eq!(refusal(Speed::Fast, call(0x80, Direction::Write)), Err(OpError::Seven(0x80)));
    assert_eq!(refusal(Speed::Fast, call_ten(0x400, Direction::Write)), Err(OpError::Ten(0x400)));
    assert_eq!(refusal(Speed::Fast, Op::MasterCode(1)), Err(OpError::NotHigh(Speed::Fast)));
    assert_eq!(refusal(Speed::High, Op::MasterCode(8)), Err(OpError::MasterCode(8)));
    assert_eq!(refusal(Speed::UltraFast, Op::Read(Ack::Ack)), Err(OpError::WriteOnly));
    assert_eq!(refusal(Speed::UltraFast, call(1, Direction::Read)), Err(OpError::WriteOnly));
    assert!(refusal(Speed::Fast, call(0x7f, Direction::Write)).is_ok());
}
