//! High-speed and Ultra-fast mode, and a bus behind a switch.

use super::*;

fn at(speed: Speed) -> Options {
    Options { speed: Some(speed), ..Options::default() }
}

/// 3.3 V, 100 pF, a current source of 3 mA on SCL.
fn high_speed_rig() -> Rig {
    let rc = Rc { pull_up_ohm: 700.0, farad: 100e-12, on_ohm: 20.0 };
    let mut bench = Bench::new(7);
    let scl = bench.add_net(Net::open_drain("scl", rc).with_current_source(3e-3, 3.3));
    let sda = bench.add_net(Net::open_drain("sda", rc));
    Rig { bench, wires: [scl, sda], log: ChangeLog::default() }
}

#[test]
fn a_master_code_leads_to_high_speed_and_a_stop_leads_back() {
    let mut rig = high_speed_rig();
    let host = rig.controller("host", ControllerOptions::new(at(Speed::High), 3_400_000));
    let target = rig.target("memory", TargetOptions::new(at(Speed::High)), memory(Address::Seven(0x50)));
    let mut ops = vec![Op::Start, Op::MasterCode(1)];
    ops.extend(read_from(0x50, 3, 2));
    ops.extend(write_to(0x50, &[9]));
    assert_eq!(rig.run(host, &ops).outcomes, [NACK, ACK, ACK, ACK, byte(21), byte(28), ACK, ACK]);
    rig.finish();
    assert_eq!(rig.spoken(), "S 04R- S 50W+ 03+ S 50R+ 15+ 1c- P S 50W+ 09+ P");
    assert_eq!(rig.bench.troubles(), []);
    assert_eq!(rig.memory(target).at, 9);
    let rises: Vec<Time> = rig.edges("scl").iter().filter(|e| e.1.is_high()).map(|e| e.0).collect();
    let period = |i: usize| rises[i + 1].since(rises[i]);
    // SCL is high before the first clock, and rises for each of nine clocks of the code.
    assert!(period(2) > us(2));
    // Clocks of the address behind the repeated START: 294 ns and what the edges take.
    let (least, most) = (Span::from_ns(294), Span::from_ns(400));
    assert!((12..17).all(|i| (least..most).contains(&period(i))), "{}", period(13));
    assert!(period(rises.len() - 4) > us(2));
}

#[test]
fn a_current_source_makes_the_clock_rise_faster() {
    let rise = |ampere| {
        let mut rig = high_speed_rig();
        let rc = Rc { pull_up_ohm: 700.0, farad: 100e-12, on_ohm: 20.0 };
        if ampere == 0.0 {
            rig = Rig::new(rc);
        }
        let host = rig.controller("host", ControllerOptions::new(at(Speed::High), 3_400_000));
        rig.run(host, &[&[Op::Start, Op::MasterCode(1)], &write_to(0x50, &[])[..]].concat());
        rig.finish();
        let scl = rig.edges("scl");
        // From Low through X to High.
        let rises = scl.windows(3).filter(|w| w[0].1.is_low() && w[2].1.is_high());
        let rises: Vec<Span> = rises.map(|w| w[2].0.since(w[1].0)).collect();
        (rises[9 + 3], rises[9 + 1])
    };
    let (with, first) = rise(3e-3);
    let (without, _) = rise(0.0);
    assert!(with.as_fs() * 3 < without.as_fs() * 2, "{with} instead of {without}");
    // The first clock of a byte does without: a target may hold SCL.
    assert_eq!(first, without);
}

#[test]
fn high_speed_with_several_controllers_is_decided_in_the_master_code() {
    let mut rig = high_speed_rig();
    rig.target("memory", TargetOptions::new(at(Speed::High)), memory(Address::Seven(0x50)));
    let ids = [1, 2].map(|code| {
        let mut options = ControllerOptions::new(at(Speed::High), 3_400_000);
        options.clock.phase = us(5);
        let id = rig.controller(&format!("host{code}"), options);
        let ops = [&[Op::Start, Op::MasterCode(code)], &write_to(0x50, &[code])[..]].concat();
        rig.bench.agent_mut(id).submit(&ops).unwrap();
        id
    });
    while rig.go(Time::ZERO + us(1000)) == Stop::Requested {}
    let lost = ids.map(|id| rig.bench.agent_mut(id).take_completions().remove(0).lost);
    rig.finish();
    assert_eq!((rig.spoken().as_str(), lost), ("S 04R- S 50W+ 01+ P S 05W- S 50W+ 02+ P", [0, 1]));
}

#[test]
fn ultra_fast_mode_is_push_pull_and_nobody_answers() {
    let mut bench = Bench::new(7);
    let wires = ["scl", "sda"].map(|name| bench.add_net(Net::wire(name)));
    let mut rig = Rig { bench, wires, log: ChangeLog::default() };
    let bus = at(Speed::UltraFast);
    let host = rig.controller("host", ControllerOptions::new(bus.clone(), 5_000_000));
    let slow = Memory { hold: us(1), ..memory(Address::Seven(0x50)) };
    let target = rig.target("memory", TargetOptions::new(bus), slow);
    let done = rig.run(host, &write_to(0x50, &[3, 0xab]));
    assert_eq!((done.end, &done.outcomes[..]), (End::Done, &[NACK; 3][..]));
    assert_eq!(rig.bench.troubles(), []);
    rig.finish();
    assert_eq!(rig.spoken(), "S 50W- 03- ab- P");
    assert_eq!(rig.memory(target).said, ["start", "call Write", "write 03", "write ab", "stop"]);
    let rises: Vec<Time> = rig.edges("scl").iter().filter(|e| e.1.is_high()).map(|e| e.0).collect();
    assert_eq!(rises[5].since(rises[4]), Span::from_ns(200));
}

#[test]
fn ultra_fast_mode_has_ten_bit_addresses_without_an_answer_to_their_first_byte() {
    let mut bench = Bench::new(7);
    let wires = ["scl", "sda"].map(|name| bench.add_net(Net::wire(name)));
    let mut rig = Rig { bench, wires, log: ChangeLog::default() };
    let bus = at(Speed::UltraFast);
    let options =
        ControllerOptions { on_nack: OnNack::Stop, ..ControllerOptions::new(bus.clone(), 5_000_000) };
    let host = rig.controller("host", options);
    let target = rig.target("memory", TargetOptions::new(bus), memory(Address::Ten(0x2a5)));
    let ops = [Op::Start, call_ten(0x2a5, Direction::Write), Op::Write(3), Op::Write(0xab), Op::Stop];
    let done = rig.run(host, &ops);
    assert_eq!((done.end, &done.outcomes[..]), (End::Done, &[NACK; 3][..]));
    rig.finish();
    assert_eq!(rig.spoken(), "S 7aW- a5- 03- ab- P");
    assert_eq!(rig.memory(target).bytes[3], 0xab);
}

/// A device that opens and closes the way to another bus: a byte written to it is its control register, which counts
/// from the STOP on.
struct Gate {
    register: u8,
    is_open: bool,
}

impl Device for Gate {
    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        (call.address == Address::Seven(0x70)).then_some(Answer::ACK)
    }

    fn write(&mut self, _: Time, byte: u8) -> Answer {
        self.register = byte;
        Answer::ACK
    }

    fn read(&mut self, _: Time) -> Reply {
        Reply { byte: self.register, hold: Span::ZERO }
    }

    fn stop(&mut self, _: Time) {
        self.is_open = self.register & 1 != 0;
    }

    fn pins(&self) -> &'static [&'static str] {
        &["channel0"]
    }

    fn drives(&self, _: usize) -> Drive {
        Drive::Strong(self.is_open)
    }
}

#[test]
fn a_bus_behind_a_bus_is_reached_while_the_switch_is_closed() {
    let mut rig = Rig::new(FAST_WIRE);
    let host = rig.controller("host", ControllerOptions::new(fast(), 400_000));
    let behind = ["scl0", "sda0"].map(|name| rig.bench.add_net(Net::open_drain(name, FAST_WIRE)));
    let channel = rig.bench.add_net(Net::wire("channel0"));
    for (front, back) in rig.wires.into_iter().zip(behind) {
        rig.bench.add_switch(channel, [front, back]);
    }
    let mut pins = rig.pins().to_vec();
    pins.push(Some(Attach::to(channel)));
    let gate = Target::new(TargetOptions::new(fast()), Box::new(Gate { register: 0, is_open: false }));
    rig.bench.add_agent("gate", gate, &pins);
    let sensor = Target::new(
        TargetOptions {
            stretches: vec![Stretch { transfer: 1, clock: 12, hold: us(20) }],
            ..TargetOptions::new(fast())
        },
        Box::new(memory(Address::Seven(0x50))),
    );
    rig.bench.add_agent("sensor", sensor, &behind.map(|net| Some(Attach::to(net))));
    assert_eq!(rig.run(host, &write_to(0x50, &[1])).outcomes, [NACK; 2]);
    assert_eq!(rig.run(host, &write_to(0x70, &[1])).outcomes, [ACK; 2]);
    // A device behind the switch acknowledges, sends and stretches as one in front of it.
    assert_eq!(rig.run(host, &read_from(0x50, 3, 2)).outcomes, [ACK, ACK, ACK, byte(21), byte(28)]);
    assert_eq!(rig.run(host, &read_from(0x50, 3, 2)).outcomes, [ACK, ACK, ACK, byte(21), byte(28)]);
    assert_eq!(rig.run(host, &write_to(0x70, &[0])).outcomes, [ACK; 2]);
    assert_eq!(rig.run(host, &write_to(0x50, &[1])).outcomes, [NACK; 2]);
    assert_eq!(rig.bench.troubles(), []);
}
