use proptest::prelude::*;
use rand_chacha::rand_core::Rng;

use super::*;
use crate::level::Drive;
use crate::log::{Change, Value};
use crate::net::{GroupDrive, Rc};

const A: SignalId = SignalId(0);
const B: SignalId = SignalId(1);

fn ns(n: u64) -> Time {
    Time::ZERO + Span::from_ns(n)
}

/// Drives pin A as a script says.
struct Script(Vec<(Time, Drive)>);

impl Agent for Script {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        while let Some(&(at, drive)) = self.0.first() {
            if at > cx.now() {
                cx.set_alarm(at);
                return;
            }
            cx.drive(A, drive);
            self.0.remove(0);
        }
    }

    fn watches(&self) -> u64 {
        0
    }
}

/// Drives pin B with the inverse of pin A, after a delay.
struct Inverter(Span);

impl Agent for Inverter {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        let drive = cx.level(A).bit().map_or(Drive::Unknown, |bit| Drive::Strong(!bit));
        cx.drive_after(B, self.0, drive);
    }
}

fn levels(log: &ChangeLog, name: &str) -> Vec<(u64, Level)> {
    let column = log.column(log.find(name).unwrap());
    column.iter().map(|(t, v)| (t.as_fs() / 1_000_000, v.level())).collect()
}

fn run(bench: &mut Bench, until: Time) -> ChangeLog {
    let mut log = bench.new_log();
    bench.run_until(until, &mut log).unwrap();
    bench.finish(&mut log);
    log
}

#[test]
fn edges_arrive_a_flight_time_later() {
    let mut bench = Bench::new(0);
    let net = bench.add_net(Net::wire("miso"));
    let script = Script(vec![(ns(0), Drive::Strong(false)), (ns(10), Drive::Strong(true))]);
    bench.add_agent("flash", script, &[Some(Attach::to(net))]);
    bench.add_agent("host", Script(vec![]), &[Some(Attach::at(net, Span::from_ns(4)))]);
    let log = run(&mut bench, ns(100));
    assert_eq!(levels(&log, "miso@flash"), [(0, Level::Low), (10, Level::High)]);
    assert_eq!(levels(&log, "miso@host"), [(0, Level::Z), (4, Level::Low), (14, Level::High)]);
    assert_eq!(log.end(), ns(100));
}

#[test]
fn a_later_drive_forgets_what_it_would_overtake() {
    struct Late;
    impl Agent for Late {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            if cx.is_due() && cx.now() > Time::ZERO {
                cx.drive(A, Drive::Released);
            } else {
                cx.drive_after(A, Span::from_ns(3), Drive::Strong(false));
                cx.drive_after(A, Span::from_ns(6), Drive::Strong(true));
                cx.set_alarm(ns(5));
            }
        }
        fn watches(&self) -> u64 {
            0
        }
    }
    let mut bench = Bench::new(0);
    let net = bench.add_net(Net::wire("q"));
    bench.add_agent("late", Late, &[Some(Attach::to(net))]);
    assert_eq!(levels(&run(&mut bench, ns(20)), "q"), [(0, Level::Z), (3, Level::Low), (5, Level::Z)]);
}

#[test]
fn a_loop_without_delay_is_an_error_that_names_the_nets() {
    let mut bench = Bench::new(0);
    let (a, b) = (bench.add_net(Net::wire("ring.a")), bench.add_net(Net::wire("ring.b")));
    bench.add_agent("start", Script(vec![(ns(0), Drive::Pull(false))]), &[Some(Attach::to(a))]);
    bench.add_agent("one", Inverter(Span::ZERO), &[Some(Attach::to(a)), Some(Attach::to(b))]);
    bench.add_agent("two", Follower, &[Some(Attach::to(b)), Some(Attach::to(a))]);
    let error = bench.run_until(ns(1), &mut ChangeLog::default()).unwrap_err();
    let SimError::DeltaLoop { at, nets } = error;
    assert_eq!((at, nets), (Time::ZERO, vec!["ring.a".to_string(), "ring.b".to_string()]));
}

/// Drives pin B as pin A is.
struct Follower;

impl Agent for Follower {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        cx.drive(B, cx.level(A).bit().map_or(Drive::Released, Drive::Strong));
    }
}

#[test]
fn a_ring_with_a_delay_oscillates() {
    let mut bench = Bench::new(0);
    let net = bench.add_net(Net::wire("ring"));
    let start = Script(vec![(ns(0), Drive::Strong(false)), (ns(3), Drive::Released)]);
    bench.add_agent("start", start, &[Some(Attach::to(net))]);
    struct Toggle;
    impl Agent for Toggle {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            if cx.now() >= ns(3) {
                let next = !cx.level(A).is_high();
                cx.drive_after(A, Span::from_ns(5), Drive::Strong(next));
            }
        }
    }
    bench.add_agent("toggle", Toggle, &[Some(Attach::to(net))]);
    let seen = levels(&run(&mut bench, ns(20)), "ring");
    assert_eq!(seen, [(0, Level::Low), (3, Level::Z), (8, Level::High), (13, Level::Low), (18, Level::High)]);
}

#[test]
fn contention_is_x_and_reported_from_beginning_to_end() {
    let mut bench = Bench::new(0);
    let net = bench.add_net(Net::wire("d"));
    bench.add_agent("one", Script(vec![(ns(0), Drive::Strong(true))]), &[Some(Attach::to(net))]);
    let two = Script(vec![(ns(5), Drive::Strong(false)), (ns(8), Drive::Released)]);
    bench.add_agent("two", two, &[Some(Attach::to(net))]);
    let log = run(&mut bench, ns(20));
    assert_eq!(levels(&log, "d"), [(0, Level::High), (5, Level::X), (8, Level::High)]);
    let trouble = NetTrouble { kind: TroubleKind::Contention, net: "d".into(), from: ns(5), to: ns(8) };
    assert_eq!(bench.troubles(), [trouble]);
}

#[test]
fn a_pulse_of_no_width_is_not_logged_but_reported() {
    /// Answers a high with a low on the same wire, one delta later.
    struct Snap;
    impl Agent for Snap {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            cx.drive(A, Drive::Strong(cx.now() == ns(5) && cx.is_due()));
            if cx.now() < ns(5) {
                cx.set_alarm(ns(5));
            }
        }
    }
    let mut bench = Bench::new(0);
    let net = bench.add_net(Net::wire("q"));
    bench.add_agent("snap", Snap, &[Some(Attach::to(net))]);
    assert_eq!(levels(&run(&mut bench, ns(9)), "q"), [(0, Level::Low)]);
    let trouble = NetTrouble { kind: TroubleKind::ZeroWidthPulse, net: "q".into(), from: ns(5), to: ns(5) };
    assert_eq!(bench.troubles(), [trouble]);
}

#[test]
fn a_hand_over_within_one_delta_is_no_pulse_whoever_comes_first() {
    for names in [["a", "b"], ["b", "a"]] {
        let mut bench = Bench::new(0);
        let net = bench.add_net(Net::wire("q").pulled(Level::Low));
        let gives = Script(vec![(ns(0), Drive::Strong(true)), (ns(5), Drive::Released)]);
        let takes = Script(vec![(ns(5), Drive::Strong(true))]);
        bench.add_agent(names[0], gives, &[Some(Attach::to(net))]);
        bench.add_agent(names[1], takes, &[Some(Attach::to(net))]);
        assert_eq!(levels(&run(&mut bench, ns(9)), "q"), [(0, Level::High)]);
        assert_eq!(bench.troubles(), []);
    }
}

#[test]
fn an_open_drain_net_rises_slowly_through_x() {
    let mut bench = Bench::new(0);
    let rc = Rc { pull_up_ohm: 4700.0, farad: 120e-12, on_ohm: 47.0 };
    let net = bench.add_net(Net::open_drain("sda", rc));
    let script = Script(vec![(ns(100), Drive::Strong(false)), (ns(1000), Drive::Released)]);
    bench.add_agent("target", script, &[Some(Attach::to(net))]);
    let log = run(&mut bench, ns(3000));
    let column = log.column(log.find("sda").unwrap());
    let seen: Vec<(Time, Level)> = column.iter().map(|(t, v)| (t, v.level())).collect();
    let order: Vec<Level> = seen.iter().map(|s| s.1).collect();
    assert_eq!(order, [Level::High, Level::X, Level::Low, Level::X, Level::High]);
    let rise = (seen[4].0 - seen[3].0).as_fs() as f64 / 1e6;
    assert!((rise - 477.876).abs() < 0.01, "{rise} ns");
    assert!(bench.voltage(net).unwrap() > 0.95);
}

#[test]
fn who_drives_an_open_drain_net_high_is_reported() {
    let mut bench = Bench::new(0);
    let net = bench.add_net(Net::open_drain("sda", Rc { pull_up_ohm: 4700.0, farad: 0.0, on_ohm: 47.0 }));
    let script =
        Script(vec![(ns(1), Drive::Strong(false)), (ns(5), Drive::Strong(true)), (ns(8), Drive::Released)]);
    bench.add_agent("push-pull", script, &[Some(Attach::to(net))]);
    run(&mut bench, ns(20));
    let trouble = NetTrouble { kind: TroubleKind::DrivenHigh, net: "sda".into(), from: ns(5), to: ns(8) };
    assert_eq!(bench.troubles(), [trouble]);
}

/// Two nets of equal capacitance with a switch between them; `left` and `right` drive their ends, `control` the switch.
fn switched(
    left: Vec<(Time, Drive)>,
    right: Vec<(Time, Drive)>,
    control: Vec<(Time, Drive)>,
) -> (Bench, [NetId; 2]) {
    let rc = Rc { pull_up_ohm: 2000.0, farad: 50e-12, on_ohm: 20.0 };
    let mut bench = Bench::new(0);
    let ends = ["left", "right"].map(|name| bench.add_net(Net::open_drain(name, rc)));
    let wire = bench.add_net(Net::wire("control"));
    bench.add_switch(wire, ends);
    let scripts = [("l", left, ends[0]), ("r", right, ends[1]), ("c", control, wire)];
    for (name, script, net) in scripts {
        bench.add_agent(name, Script(script), &[Some(Attach::to(net))]);
    }
    (bench, ends)
}

#[test]
fn a_closed_switch_makes_one_net_of_two() {
    use Drive::{Released, Strong};
    let on = vec![(ns(0), Strong(true)), (ns(8000), Strong(false))];
    let left = vec![(ns(1000), Strong(false)), (ns(2000), Released), (ns(9000), Strong(false))];
    let right = vec![
        (ns(3000), Strong(false)),
        (ns(4000), Released),
        (ns(5000), Strong(false)),
        (ns(7000), Released),
    ];
    let (mut bench, _) = switched(left, right, on);
    let log = run(&mut bench, ns(12_000));
    let (left, right) = (levels(&log, "left"), levels(&log, "right"));
    // Both sides see what either does, and at once; both are let go again, so nothing latches.
    let until = |levels: &[(u64, Level)]| levels.iter().filter(|l| l.0 < 8000).copied().collect::<Vec<_>>();
    assert_eq!(until(&left), until(&right));
    let lows = |levels: &[(u64, Level)]| levels.iter().filter(|l| l.1 == Level::Low).count();
    assert_eq!((lows(&left), lows(&right)), (4, 3));
    // Twice the capacitance and half the resistance: 100 ns as ever, times ln(0.98 / 0.3), since 20 Ohm hold 2 %.
    let rise = |l: &[(u64, Level)]| l.iter().find(|l| l.0 > 2000 && l.1 == Level::High).unwrap().0 - 2000;
    assert_eq!(rise(&left), 118);
}

#[test]
fn nets_that_meet_share_their_charge() {
    use Drive::{Released, Strong};
    let left = vec![(ns(0), Strong(false)), (ns(1000), Released)];
    let (mut bench, ends) = switched(left, vec![], vec![(ns(0), Strong(false)), (ns(1000), Strong(true))]);
    bench.run_until(ns(999), &mut ()).unwrap();
    let [left, right] = ends.map(|net| bench.voltage(net).unwrap());
    assert!(left < 0.02 && right > 0.98, "{left} and {right}");
    bench.run_until(ns(1000), &mut ()).unwrap();
    for net in ends {
        let volts = bench.voltage(net).unwrap();
        assert!((volts - 0.505).abs() < 0.001, "{volts}");
    }
}

#[test]
fn a_fault_holds_a_net_for_a_while() {
    let mut bench = Bench::new(0);
    let net = bench.add_net(Net::wire("q"));
    bench.add_agent("a", Script(vec![(ns(0), Drive::Strong(true))]), &[Some(Attach::to(net))]);
    bench.force(net, Level::Low, ns(5), ns(7));
    assert_eq!(levels(&run(&mut bench, ns(9)), "q"), [(0, Level::High), (5, Level::Low), (7, Level::High)]);
}

#[test]
fn groups_are_driven_and_seen_as_one() {
    struct Writer;
    impl Agent for Writer {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            cx.drive_group_after(A, Span::from_ns(2), GroupDrive::strong(0x5a).on(0xff));
        }
    }
    struct Reader(Value);
    impl Agent for Reader {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            self.0 = cx.value(A);
        }
    }
    let mut bench = Bench::new(0);
    let net = bench.add_net(Net::group("dq", 8));
    bench.add_agent("writer", Writer, &[Some(Attach::to(net))]);
    let reader = bench.add_agent("reader", Reader(Value::X), &[Some(Attach::at(net, Span::from_ns(1)))]);
    let log = run(&mut bench, ns(10));
    let far = log.column(log.find("dq@reader").unwrap());
    assert_eq!(far.iter().last(), Some((ns(3), Value::known(0x5a))));
    assert_eq!(bench.agent(reader).0.masked(8), Value::known(0x5a));
}

#[test]
fn a_bench_goes_on_after_a_stop_without_splitting_the_instant() {
    struct Once(u32);
    impl Agent for Once {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            if self.0 > 0 {
                self.0 -= 1;
                cx.drive(A, Drive::Strong(self.0 % 2 == 1));
                cx.stop();
            }
        }
        fn watches(&self) -> u64 {
            0
        }
    }
    struct Count(Vec<Time>);
    impl Observer for Count {
        fn instant(&mut self, t: Time, _: &[Change]) {
            self.0.push(t);
        }
        fn finish(&mut self, _: Time) {}
    }
    let mut bench = Bench::new(0);
    let net = bench.add_net(Net::wire("q"));
    let id = bench.add_agent("once", Once(1), &[Some(Attach::to(net))]);
    let mut count = Count(Vec::new());
    assert_eq!(bench.run_until(ns(10), &mut count), Ok(Stop::Requested));
    bench.agent_mut(id).0 = 2;
    assert_eq!(bench.run_until(ns(10), &mut count), Ok(Stop::Requested));
    assert_eq!(bench.run_until(ns(10), &mut count), Ok(Stop::Quiet));
    bench.finish(&mut count);
    assert_eq!(count.0, [Time::ZERO]);
    assert_eq!(bench.now(), ns(10));
}

/// Counts its wakes, and notes which of its pins had changed.
struct Tally(Vec<u64>);

impl Agent for Tally {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        self.0.push((0..64).filter(|&i| cx.changed(SignalId(i))).fold(0, |pins, i| pins | 1 << i));
    }
}

#[test]
fn an_agent_given_work_before_the_start_is_woken_once_at_the_start() {
    let mut bench = Bench::new(0);
    let [idle, busy] = ["idle", "busy"].map(|name| bench.add_agent(name, Tally(vec![]), &[]));
    bench.agent_mut(busy);
    assert_eq!(bench.run_until(ns(1), &mut ()), Ok(Stop::Quiet));
    assert_eq!((bench.agent(idle).0.len(), bench.agent(busy).0.len()), (1, 1));
    bench.agent_mut(busy);
    assert_eq!(bench.run_until(ns(2), &mut ()), Ok(Stop::Quiet));
    assert_eq!((bench.agent(idle).0.len(), bench.agent(busy).0.len()), (1, 2));
}

#[test]
fn pins_that_change_in_one_delta_wake_an_agent_once() {
    struct Both;
    impl Agent for Both {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            cx.drive(A, Drive::Strong(true));
            cx.drive(B, Drive::Strong(true));
        }
        fn watches(&self) -> u64 {
            0
        }
    }
    let mut bench = Bench::new(0);
    let pins = ["a", "b"].map(|name| Some(Attach::to(bench.add_net(Net::wire(name)))));
    let tallies = ["one", "two"].map(|name| bench.add_agent(name, Tally(vec![]), &pins));
    bench.add_agent("both", Both, &pins);
    bench.run_until(ns(1), &mut ()).unwrap();
    for tally in tallies {
        assert_eq!(bench.agent(tally).0, [0, 0b11]);
    }
}

#[test]
fn a_pin_that_changes_as_the_alarm_rings_wakes_an_agent_once() {
    struct Early;
    impl Agent for Early {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            cx.drive_after(A, Span::from_ns(5), Drive::Strong(true));
        }
        fn watches(&self) -> u64 {
            0
        }
    }
    struct Alarmed(Tally);
    impl Agent for Alarmed {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            self.0.wake(cx);
            if cx.is_start() {
                cx.set_alarm(ns(5));
            }
        }
    }
    let mut bench = Bench::new(0);
    let pins = [Some(Attach::to(bench.add_net(Net::wire("a"))))];
    bench.add_agent("early", Early, &pins);
    let alarmed = bench.add_agent("alarmed", Alarmed(Tally(vec![])), &pins);
    bench.run_until(ns(9), &mut ()).unwrap();
    assert_eq!(bench.agent(alarmed).0.0, [0, 1]);
}

/// Drives its own pin at random, and echoes what it sees on the others with random delays.
struct Noise {
    outputs: Vec<SignalId>,
    inputs: Vec<SignalId>,
    left: u32,
}

impl Agent for Noise {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let seen = self.inputs.iter().fold(0u64, |n, &pin| n << 2 | cx.level(pin) as u64);
        for &pin in &self.outputs {
            let dice = cx.rng().next_u64() ^ seen;
            let drive = [Drive::Released, Drive::Pull(true), Drive::Strong(false), Drive::Strong(true)]
                [(dice & 3) as usize];
            cx.drive_after(pin, Span::from_ns(dice >> 2 & 3), drive);
        }
        let wait = cx.rng().next_u64() % 7;
        cx.set_alarm(cx.now() + Span::from_ns(wait + 1));
    }
}

/// Nets with and without flight time and resistance, agents in the order of `order`.
fn noisy(order: &[usize], seed: u64) -> (Vec<String>, Vec<NetTrouble>) {
    let mut bench = noisy_bench(order, seed);
    let log = run(&mut bench, ns(400));
    let lines =
        log.columns().iter().map(|c| format!("{} {:?}", c.name(), c.iter().collect::<Vec<_>>())).collect();
    (lines, sorted_troubles(&bench))
}

fn sorted_troubles(bench: &Bench) -> Vec<NetTrouble> {
    let mut troubles = bench.troubles().to_vec();
    troubles.sort_by(|a, b| (a.from, &a.net).cmp(&(b.from, &b.net)));
    troubles
}

fn noisy_bench(order: &[usize], seed: u64) -> Bench {
    let mut bench = Bench::new(seed);
    let nets = [
        bench.add_net(Net::wire("a")),
        bench.add_net(Net::wire("b").pulled(Level::High)),
        bench.add_net(Net::open_drain("c", Rc { pull_up_ohm: 1000.0, farad: 5e-12, on_ohm: 50.0 })),
    ];
    for &i in order {
        let pins: Vec<_> = nets.iter().map(|&n| Some(Attach::at(n, Span::from_ns((i % 2) as u64)))).collect();
        let agent =
            Noise { outputs: vec![SignalId(i as u32 % 3), SignalId(2)], inputs: vec![A, B], left: 40 };
        bench.add_agent(&format!("agent{i}"), agent, &pins);
    }
    bench
}

proptest! {
    #[test]
    fn the_order_of_agents_never_changes_the_log(order in Just([0usize, 1, 2, 3, 4]).prop_shuffle(), seed in any::<u64>()) {
        prop_assert_eq!(noisy(&[0, 1, 2, 3, 4], seed), noisy(&order, seed));
    }

    /// Who owns a node is forgotten and found again; what is seen is always what all drives together make of it.
    #[test]
    fn a_node_is_what_all_its_drivers_and_faults_make_of_it(
        pulled in any::<bool>(),
        steps in proptest::collection::vec((0..4usize, 0..6usize, any::<bool>()), 0..60),
    ) {
        let drives = [Drive::Released, Drive::Pull(true), Drive::Strong(false), Drive::Strong(true), Drive::Unknown, Drive::Released];
        let idle = if pulled { Drive::Pull(false) } else { Drive::Released };
        let mut fabric = fabric::Fabric::<crate::level::Resolution>::default();
        let node = fabric.add_node(idle.into(), false);
        let drivers = [0, 1, 2].map(|_| fabric.add_driver(node));
        let (mut moment, mut all, mut fault) = (fabric::Moment { delta: 1, first: 1 }, [Drive::Released; 3], None);
        for (who, what, time_passes) in steps {
            if time_passes {
                moment.first = moment.delta + 1;
            }
            moment.delta += 1;
            let was = fabric.nodes[node as usize].state;
            if who < 3 {
                all[who] = drives[what];
                let drive: crate::level::Resolution = drives[what].into();
                fabric.apply(drivers[who], drive, moment);
            } else {
                fault = (what < 2).then_some(Level::Low);
                fabric.force(node, fault, moment);
            }
            let resolved = crate::level::Resolution::of(all.into_iter().chain([idle])).level();
            let now = &fabric.nodes[node as usize];
            prop_assert_eq!(now.state, fault.unwrap_or(resolved));
            prop_assert_eq!((now.seen(moment.delta), now.seen(moment.delta + 1)), (was, now.state));
        }
    }

    #[test]
    fn what_goes_wrong_is_reported_whether_or_not_anybody_watches(seed in any::<u64>()) {
        let mut watched = noisy_bench(&[0, 1, 2, 3, 4], seed);
        run(&mut watched, ns(400));
        let mut blind = noisy_bench(&[0, 1, 2, 3, 4], seed);
        blind.run_until(ns(400), &mut ()).unwrap();
        blind.finish(&mut ());
        prop_assert_eq!(sorted_troubles(&blind), sorted_troubles(&watched));
    }

    #[test]
    fn the_same_seed_gives_the_same_log_on_any_thread(seed in any::<u64>()) {
        let here = noisy(&[0, 1, 2, 3], seed);
        let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(move || noisy(&[0, 1, 2, 3], seed))).collect();
        for thread in threads {
            prop_assert_eq!(&here, &thread.join().unwrap());
        }
    }
}
