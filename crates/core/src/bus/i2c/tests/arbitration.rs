//! Several controllers on one bus.

use proptest::prelude::*;

use super::*;

/// A Fast-mode controller that may begin at `phase`, with a clock that is wrong by `ppm`.
fn rival(phase: Span, ppm: i64) -> ControllerOptions {
    rival_at(400_000, phase, ppm)
}

fn rival_at(hertz: u64, phase: Span, ppm: i64) -> ControllerOptions {
    let bus = Options::default();
    let mut options = ControllerOptions::new(Options { speed: Some(bus.speed_at(hertz)), ..bus }, hertz);
    options = options.fitted(FAST_WIRE);
    options.clock.phase = phase;
    options.clock.error_ppb = ppm * 1000;
    options
}

/// A device that acknowledges its address and all that follows, and sends nothing but ones.
struct Listener(u8);

impl Device for Listener {
    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        (call.address == Address::Seven(self.0)).then_some(Answer::ACK)
    }

    fn write(&mut self, _: Time, _: u8) -> Answer {
        Answer::ACK
    }

    fn read(&mut self, _: Time) -> Reply {
        Reply { byte: 0xff, hold: Span::ZERO }
    }

    fn stop(&mut self, _: Time) {}
}

/// Runs all work to its end, each list of operations at a controller of its own. Returns what became of it, and the rig.
fn contest(work: &[(ControllerOptions, Vec<Op>)], targets: &[u8]) -> (Vec<Completion>, Rig) {
    let mut rig = Rig::new(FAST_WIRE);
    for address in targets {
        rig.target(&format!("target{address:x}"), TargetOptions::new(fast()), Listener(*address));
    }
    let mut rivals = Vec::new();
    for (i, (options, ops)) in work.iter().enumerate() {
        let id = rig.controller(&format!("host{i}"), options.clone());
        rivals.push((id, rig.bench.agent_mut(id).submit(ops).unwrap()));
    }
    while rig.go(Time::ZERO + us(100_000)) == Stop::Requested {}
    let done = rivals.iter().map(|&(id, ticket)| rig.bench.agent_mut(id).take(ticket).expect("never done"));
    let done = done.collect();
    rig.finish();
    assert_eq!(rig.bench.troubles(), []);
    (done, rig)
}

#[test]
fn the_lowest_address_wins_and_the_others_try_again() {
    let start = |n| us(10) + Span::from_ns(n);
    let work = [
        (rival(start(0), 0), write_to(0x52, &[1])),
        (rival(start(200), 0), write_to(0x51, &[2])),
        (rival(start(550), 0), write_to(0x50, &[3])),
    ];
    let (done, rig) = contest(&work, &[0x50, 0x51, 0x52]);
    assert_eq!(rig.spoken(), "S 50W+ 03+ P S 51W+ 02+ P S 52W+ 01+ P");
    let lost: Vec<u32> = done.iter().map(|d| d.lost).collect();
    assert_eq!(lost, [2, 1, 0]);
    assert!(done.iter().all(|d| d.end == End::Done && d.outcomes == [ACK, ACK]));
}

#[test]
fn what_comes_after_the_hold_time_of_a_start_waits() {
    let work = [(rival(us(10), 0), write_to(0x52, &[1])), (rival(us(11), 0), write_to(0x50, &[3]))];
    let (done, rig) = contest(&work, &[0x50, 0x52]);
    assert_eq!(rig.spoken(), "S 52W+ 01+ P S 50W+ 03+ P");
    assert_eq!([done[0].lost, done[1].lost], [0, 0]);
}

#[test]
fn arbitration_goes_on_into_the_data() {
    let work = [
        (rival(us(10), 0), write_to(0x50, &[0x11, 0x80, 0x33])),
        (rival(us(10), 500), write_to(0x50, &[0x11, 0x7f, 0x33])),
    ];
    let (done, rig) = contest(&work, &[0x50]);
    assert_eq!(rig.spoken(), "S 50W+ 11+ 7f+ 33+ P S 50W+ 11+ 80+ 33+ P");
    assert_eq!([done[0].lost, done[1].lost], [1, 0]);
}

#[test]
fn who_says_the_same_ends_together() {
    let ops = [write_to(0x50, &[0x5a, 0xc3]), read_from(0x50, 0x20, 2)].concat();
    let work =
        [(rival(us(10), 0), ops.clone()), (rival(us(10), -300), ops.clone()), (rival(us(10), 300), ops)];
    let (done, rig) = contest(&work, &[0x50]);
    assert_eq!(rig.spoken(), "S 50W+ 5a+ c3+ P S 50W+ 20+ S 50R+ ff+ ff- P");
    assert!(done.iter().all(|d| d.lost == 0 && d.end == End::Done));
}

#[test]
fn without_retries_a_loss_is_reported() {
    let late = ControllerOptions { retries: 0, ..rival(us(10), 0) };
    let work = [(rival(us(10), 0), write_to(0x50, &[1])), (late, write_to(0x51, &[2]))];
    let (done, rig) = contest(&work, &[0x50, 0x51]);
    assert_eq!((done[1].end, done[1].lost), (End::LostArbitration, 1));
    assert_eq!(done[1].outcomes, []);
    assert_eq!(rig.spoken(), "S 50W+ 01+ P");
}

#[test]
fn the_loser_may_be_the_target_that_is_called() {
    // Both ends of a board have a controller and a target; one calls the other while it is about to call a third.
    let work = [(rival(us(10), 0), write_to(0x7f, &[9])), (rival(us(10), 0), write_to(0x31, &[0xaa]))];
    let (done, rig) = contest(&work, &[0x31]);
    assert_eq!(rig.spoken(), "S 31W+ aa+ P S 7fW- 09- P");
    assert_eq!([done[0].lost, done[1].lost], [1, 0]);
}

#[test]
fn what_the_specification_leaves_undefined_is_remarked_upon() {
    let address = call(0x50, Direction::Write);
    let data = |byte| vec![Op::Start, address.clone(), Op::Write(1), Op::Write(byte), Op::Stop];
    let again =
        vec![Op::Start, address.clone(), Op::Write(1), Op::Start, call(0x50, Direction::Read), Op::Stop];
    let short = write_to(0x50, &[1]);
    for (name, one, two) in [
        ("repeated START and 0", &again, &data(0)),
        ("repeated START and 1", &again, &data(0xff)),
        ("STOP and 0", &short, &data(0)),
        ("STOP and repeated START", &short, &again),
    ] {
        let mut rig = Rig::new(FAST_WIRE);
        rig.target("target", TargetOptions::new(fast()), Listener(0x50));
        let ids = [("one", one), ("two", two)].map(|(name, ops)| {
            let id = rig.controller(name, ControllerOptions { time_out: Some(us(1000)), ..rival(us(10), 0) });
            rig.bench.agent_mut(id).submit(ops).unwrap();
            id
        });
        while rig.go(Time::ZERO + us(10_000)) == Stop::Requested {}
        let remarks: Vec<_> = ids.iter().flat_map(|&id| rig.bench.agent_mut(id).take_remarks()).collect();
        assert!(remarks.iter().any(|r| r.code == "i2c::arbitration-undefined"), "{name}");
        rig.finish();
    }
}

/// What one controller of a contest says: a message to one of four addresses, of few different bytes, so that many begin
/// alike; it may go on with a read behind a repeated START. All are equally long up to there, since what arbitration makes
/// of different lengths is undefined.
#[derive(Clone, Debug)]
struct Message {
    address: u8,
    bytes: Vec<u8>,
    reads: bool,
}

impl Message {
    fn ops(&self) -> Vec<Op> {
        let mut ops = write_to(self.address, &self.bytes);
        if self.reads {
            ops.pop();
            ops.extend([Op::Start, call(self.address, Direction::Read), Op::Read(Ack::Nack), Op::Stop]);
        }
        ops
    }

    fn text(&self) -> String {
        let text = format!("S {:02x}W+", self.address);
        let text = self.bytes.iter().fold(text, |text, b| format!("{text} {b:02x}+"));
        if self.reads { format!("{text} S {:02x}R+ ff-", self.address) } else { text }
    }
}

fn messages() -> impl Strategy<Value = Message> {
    let bytes = prop_oneof![Just(0x00), Just(0x40), Just(0xff), any::<u8>()];
    (0x50u8..0x54, proptest::collection::vec(bytes, 2)).prop_map(|(address, bytes)| Message {
        // Who says the same must end the same.
        reads: (address ^ bytes[0] ^ bytes[1]).count_ones() % 2 == 1,
        address,
        bytes,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever controllers begin together, each message is on the wires once as its controller meant it, or together with
    /// one of the same bits; nothing else is, and nobody drives a wire high.
    #[test]
    fn what_survives_is_intact_and_nothing_is_lost(
        hertz in prop_oneof![Just(100_000u64), Just(400_000), Just(1_000_000)],
        rivals in proptest::collection::vec((messages(), 0u64..1000, -20_000i64..20_000), 2..4),
    ) {
        let window = Timing::minima(Options::default().speed_at(hertz), hertz).start_hold;
        let work: Vec<_> = rivals.iter().map(|(message, late, ppm)| {
            // Some within the hold time of the first START, some behind it.
            let phase = us(10) + window.scale(*late, 800);
            (rival_at(hertz, phase, *ppm), message.ops())
        }).collect();
        let (done, rig) = contest(&work, &[0x50, 0x51, 0x52, 0x53]);
        let said = rig.spoken();
        let heard: Vec<&str> = said.split(" P").map(str::trim).filter(|m| !m.is_empty()).collect();
        let meant: Vec<String> = rivals.iter().map(|(message, ..)| message.text()).collect();
        for message in &meant {
            let times = heard.iter().filter(|h| *h == message).count();
            let wanted = meant.iter().filter(|m| *m == message).count();
            prop_assert!((1..=wanted).contains(&times), "{message} in {said}");
        }
        prop_assert!(heard.iter().all(|h| meant.iter().any(|m| m == h)), "{said}");
        for ((message, ..), done) in rivals.iter().zip(&done) {
            prop_assert_eq!(done.end, End::Done);
            prop_assert_eq!(done.outcomes.len(), 3 + 2 * message.reads as usize);
            prop_assert!(!done.outcomes.contains(&NACK));
        }
    }
}
