//! Flow control, FIFO, driver enable, LIN, auto-baud: what agents do beyond sending and sampling.

use super::*;

fn bit() -> Span {
    Options::default().baud.unwrap().bit()
}

fn bytes(range: std::ops::Range<u16>) -> Vec<Op> {
    range.map(Op::Send).collect()
}

#[test]
fn real_dividers_have_their_error_on_the_wire() {
    // 16 MHz / (16 x 9) is 3.55 % below 115200, / (8 x 17) is 2.12 % above, / 139 is 0.08 % below.
    for (divider, ppm) in [
        (Divider::nearest_by16(16_000_000, Baud::from_hertz(115_200).unwrap()), -35_494),
        (Divider::By8(17), 21_242),
        (Divider::Clocks(139), -799),
    ] {
        let bus = Options::default();
        let clock = BaudClock::divided(16_000_000, divider);
        let tx = TransmitterOptions { clock, ..TransmitterOptions::new(bus.clone()) };
        let mut link = OneWay::new(tx, ReceiverOptions::new(bus.clone()));
        link.run(&[Op::Write(vec![0x55, 0x00])]);
        let seen = link.decode(&bus);
        for frame in seen.frames(Line::Tx) {
            assert!((frame.rate.unwrap().error_ppm - ppm).abs() <= 1, "{divider:?} {:?}", frame.rate);
        }
    }
}

#[test]
fn a_fifo_overruns_when_it_is_not_read() {
    let bus = Options::default();
    let mut rx = ReceiverOptions::new(bus.clone());
    rx.fifo = Fifo { depth: 3, read: ReadOut::Every(bit() * 200) };
    let mut link = OneWay::new(TransmitterOptions::new(bus), rx);
    link.run(&bytes(0x30..0x36));
    link.link.run_for(bit() * 1_000);
    assert_eq!(link.data(), [0x30, 0x31, 0x32], "the old are kept, the new are lost");
    assert_eq!(link.heard().iter().filter(|h| matches!(h, Heard::Overrun { .. })).count(), 3);
}

#[test]
fn rts_stops_the_transmitter_before_the_fifo_overruns() {
    // The transmitter knows of CTS a frame late: beside the frame under way one more may come.
    for (room, overruns) in [(2, false), (0, true)] {
        let bus = Options::default();
        let mut rx = ReceiverOptions::new(bus.clone());
        rx.fifo = Fifo { depth: 4 + room, read: ReadOut::Every(bit() * 25) };
        rx.flow = FlowControl::Rts { stop_at: 4, go_at: 1, latency: bit() };
        let mut tx = TransmitterOptions::new(bus.clone());
        tx.cts_latency = bit() * 10;
        let mut link = OneWay::new(tx, rx);
        link.run(&bytes(0..40));
        link.link.run_for(bit() * 1_000);
        let lost = link.heard().iter().filter(|h| matches!(h, Heard::Overrun { .. })).count();
        assert_eq!(lost > 0, overruns, "room for {room}");
        assert_eq!(link.data() == (0..40).collect::<Vec<_>>(), !overruns);
        let frames = link.decode(&bus).values(super::super::rules::event::FLOW_FRAMES);
        assert_eq!(frames.iter().max(), Some(&1), "{frames:?}");
    }
}

#[test]
fn xoff_stops_the_other_end_and_xon_lets_it_go_on() {
    let bus = Options::default();
    let mut link = Link::new(3);
    let port = |fifo, flow, bus: Options| {
        let mut rx = ReceiverOptions::new(bus.clone());
        (rx.fifo, rx.flow) = (fifo, flow);
        Port::new(TransmitterOptions::new(bus), rx).unwrap()
    };
    let eager = Fifo { depth: 1, read: ReadOut::AtOnce };
    let slow = Fifo { depth: 6, read: ReadOut::Every(bit() * 30) };
    let flow = FlowControl::XonXoff { stop_at: 3, go_at: 1 };
    let near = link.near("near", port(eager, flow, bus.clone()));
    let far = link.far("far", port(slow, flow, bus.crossed()));
    link.bench.agent_mut(near).transmitter_mut().submit(&bytes(0x40..0x60)).unwrap();
    link.bench.agent_mut(far).transmitter_mut().submit(&bytes(0x60..0x64)).unwrap();
    link.run_for(bit() * 2_000);
    assert_eq!(link.bench.agent(far).receiver().data(), (0x40..0x60).collect::<Vec<_>>());
    assert_eq!(link.bench.agent(near).receiver().data(), [0x60, 0x61, 0x62, 0x63]);
    let seen = decode(link.finish(), &bus);
    let back = seen.data(Line::Rx);
    assert!(back.contains(&0x13) && back.contains(&0x11), "{back:02x?}");
    // Without flow control the same FIFO overruns.
    let mut rx = ReceiverOptions::new(bus.clone());
    rx.fifo = slow;
    let mut plain = OneWay::new(TransmitterOptions::new(bus), rx);
    plain.run(&bytes(0x40..0x60));
    assert!(plain.heard().iter().any(|h| matches!(h, Heard::Overrun { .. })));
}

#[test]
fn the_driver_is_on_from_set_up_to_hold() {
    let bus = options(&[("rs485", "true")]);
    let mut tx = TransmitterOptions::new(bus.clone());
    tx.enable = Enable { setup: bit() * 3, hold: bit() * 2 };
    let mut link = OneWay::new(tx, ReceiverOptions::new(bus.clone()));
    link.run(&[Op::Write(b"ab".to_vec()), Op::Idle(bit() * 40), Op::Send(0x63)]);
    assert_eq!(link.data(), [0x61, 0x62, 0x63]);
    let seen = link.decode(&bus);
    let near =
        |values: Vec<i64>, bits: i64| values.iter().all(|v| (v - bits * bit().as_fs() as i64).abs() < 3);
    use super::super::rules::event;
    let (lead, tail) = (seen.values(event::DE_LEAD), seen.values(event::DE_TAIL));
    assert_eq!((lead.len(), tail.len()), (3, 2), "the driver stays on between frames");
    assert!(near(vec![lead[0], lead[2]], 3) && near(tail, 2));
    // While it is off nobody drives the shared line but its bias.
    let de = link.link.log.column(link.link.log.find("de").unwrap());
    assert_eq!(de.len(), 4, "on from the beginning, off, on, off");
}

#[test]
fn two_drivers_on_a_shared_line_collide_and_the_monitor_sees_x() {
    let bus = options(&[("rs485", "true"), ("baud", "9600")]);
    let mut bench = Bench::new(1);
    let line = bench.add_net(Net::wire("tx"));
    let agents: Vec<_> = (0..2)
        .map(|i| {
            let options = TransmitterOptions::new(bus.clone());
            let agent = Transmitter::new(options).unwrap();
            bench.add_agent(&format!("tx{i}"), agent, &[Some(Attach::to(line))])
        })
        .collect();
    bench.agent_mut(agents[0]).submit(&[Op::Send(0x0f)]).unwrap();
    bench.agent_mut(agents[1]).submit(&[Op::Send(0x3f)]).unwrap();
    let mut log = bench.new_log();
    for _ in 0..3 {
        bench.run_until(Time::ZERO + Span::from_ms(5), &mut log).unwrap();
    }
    bench.finish(&mut log);
    assert!(!bench.troubles().is_empty(), "strong drivers oppose each other");
    let seen = decode(&log, &bus);
    assert_eq!(seen.frames(Line::Tx).len(), 1);
    assert_eq!(format!("{:?}", seen.frames(Line::Tx)[0].data), "8'hxf");
}

#[test]
fn a_lin_header_sets_the_rate_of_a_receiver_that_is_14_percent_off() {
    let bus = options(&[("baud", "19200"), ("lin", "true"), ("oversampling", "16"), ("votes", "3")]);
    for (ppm, divider) in
        [(140_000, Divider::Exact), (-140_000, Divider::By16(26)), (90_000, Divider::Clocks(417))]
    {
        let mut rx = ReceiverOptions::new(bus.clone());
        rx.clock = BaudClock { divider, ..BaudClock::divided(8_000_000, divider) };
        rx.clock.clock.error_ppb = ppm * 1_000;
        rx.auto_baud = AutoBaud::Break { bits: 11 };
        let mut link = OneWay::new(TransmitterOptions::new(bus.clone()), rx);
        link.run(&[Op::LinHeader(0x2a), Op::Write(vec![0x12, 0x00, 0xff, 0x80, 0x03])]);
        let nominal = bus.baud.unwrap().bit().as_fs();
        let synchronised = link.heard().iter().find_map(|heard| match heard {
            Heard::Synchronised { bit, .. } => Some(bit.as_fs()),
            _ => None,
        });
        let off = synchronised.unwrap().abs_diff(nominal) * 1_000 / nominal;
        assert!(off <= 20, "{divider:?}: {off} thousandths off");
        assert_eq!(link.data(), [lin_id(0x2a) as u16, 0x12, 0x00, 0xff, 0x80, 0x03], "{ppm} {divider:?}");
        let seen = link.decode(&bus);
        assert_eq!(seen.codes(), ["uart::break"]);
        assert!(matches!(&seen.items[0], Item::Break(_)));
        assert_eq!(seen.data(Line::Tx)[..2], [0x55, lin_id(0x2a) as u64]);
    }
}

#[test]
fn the_first_byte_sets_the_rate_of_a_receiver_that_knows_nothing() {
    let mut far = options(&[("oversampling", "16"), ("votes", "3")]);
    far.baud = Baud::from_hertz(9_600);
    for rate in ["4800", "57600", "230400"] {
        let bus = options(&[("baud", rate)]);
        let mut rx = ReceiverOptions::new(far.clone());
        rx.auto_baud = AutoBaud::First;
        let mut link = OneWay::new(TransmitterOptions::new(bus), rx);
        link.run(&[Op::Write(b"Uhello".to_vec())]);
        assert_eq!(link.data(), b"hello".map(u16::from), "{rate}");
    }
}

#[test]
fn an_idle_line_is_noticed_once_after_each_burst() {
    let bus = Options::default();
    let mut link = OneWay::simple(&bus);
    link.run(&[Op::Write(b"ab".to_vec()), Op::Idle(bit() * 25), Op::Send(0x63)]);
    let kinds: String = link
        .heard()
        .iter()
        .map(|heard| match heard {
            Heard::Frame(frame) => frame.data as u8 as char,
            Heard::Idle { .. } => '.',
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, "ab.c.");
}

#[test]
fn a_bench_stops_when_the_awaited_frames_are_there() {
    let bus = Options::default();
    let mut link = OneWay::simple(&bus);
    link.link.bench.agent_mut(link.rx).await_frames(2);
    link.link.bench.agent_mut(link.tx).submit(&[Op::Write(b"abcd".to_vec())]).unwrap();
    let mut log = link.link.bench.new_log();
    let stop = link.link.bench.run_until(Time::from_fs(u64::MAX / 2), &mut log).unwrap();
    assert_eq!((stop, link.data()), (crate::sim::Stop::Requested, vec![0x61, 0x62]));
}
