use super::*;
use crate::bits::Bits;
use crate::bus::{Diagnostic, Monitor as _, Severity, Sink};
use crate::level::Level;
use crate::log::{Change, ChangeLog, SignalId, Source, Value};
use crate::net::{Attach, Net};
use crate::sim::{AgentId, Bench, ClockSpec, Oscillator, Stop};
use crate::time::{Span, Time};
use crate::timing::{Checker, CheckerOptions, Event, Params, Verdict};

/// Whether words travel on groups or on wires of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wiring {
    Group,
    Wires,
}

/// A bus with one sender and one receiver.
pub(super) struct Rig {
    pub(super) bench: Bench,
    pub(super) sender: AgentId<Sender>,
    pub(super) receiver: AgentId<Receiver>,
    pub(super) log: ChangeLog,
    bus: Options,
    /// The pin of each signal.
    pins: Vec<SignalId>,
}

/// The pins that a protocol uses.
fn pins(bus: &Options, wiring: Wiring) -> Vec<SignalId> {
    let width = bus.width.get();
    let words: &[fn(u32) -> SignalId] = match bus.protocol {
        Protocol::DualRail => &[pin::true_rail, pin::false_rail],
        _ => &[pin::data],
    };
    let groups: &[SignalId] = match bus.protocol {
        Protocol::DualRail => &[pin::TRUE, pin::FALSE],
        _ => &[pin::DATA],
    };
    let mut pins = match bus.protocol {
        Protocol::FourPhase | Protocol::TwoPhase => vec![pin::REQ, pin::ACK],
        Protocol::DualRail => vec![pin::ACK],
        Protocol::ValidReady => vec![pin::CLK, pin::VALID, pin::READY],
    };
    match wiring {
        Wiring::Group => pins.extend(groups),
        Wiring::Wires => pins.extend(words.iter().flat_map(|word| (0..width).map(word))),
    }
    pins
}

fn is_group(pin: SignalId) -> bool {
    [pin::DATA, pin::TRUE, pin::FALSE].contains(&pin)
}

impl Rig {
    pub(super) fn new(sender: SenderOptions, receiver: ReceiverOptions, wiring: Wiring, seed: u64) -> Rig {
        let bus = sender.bus;
        let mut bench = Bench::new(seed);
        let pins = pins(&bus, wiring);
        let mut attached = vec![None; pin::COUNT];
        for &pin in &pins {
            let name = INFO.roles[pin.index()].name;
            let net = if is_group(pin) { Net::group(name, bus.width.get()) } else { Net::wire(name) };
            attached[pin.index()] = Some(Attach::to(bench.add_net(net)));
        }
        if bus.protocol == Protocol::ValidReady {
            let spec = ClockSpec { phase: Span::from_ns(3), ..ClockSpec::ideal(100_000_000) };
            bench.add_agent("clock", Oscillator::new(&spec).unwrap(), &[attached[pin::CLK.index()]]);
        }
        let sender = bench.add_agent("host", Sender::new(sender).unwrap(), &attached);
        let receiver = bench.add_agent("receiver", Receiver::new(receiver).unwrap(), &attached);
        let log = bench.new_log();
        Rig { bench, sender, receiver, log, bus, pins }
    }

    /// Sends words; true if all of them were sent within `limit`.
    pub(super) fn send(&mut self, words: &[u64], limit: Span) -> bool {
        let ticket = self.bench.agent_mut(self.sender).submit(words);
        let until = self.bench.now() + limit;
        let stop = self.bench.run_until(until, &mut self.log).unwrap();
        let done = self.bench.agent_mut(self.sender).take(ticket);
        assert_eq!(done.is_some(), stop == Stop::Requested);
        done.is_some()
    }

    /// Lets the rest happen, and hands out what the monitor says.
    pub(super) fn finish(&mut self) -> Seen {
        let later = self.bench.now() + Span::from_us(2);
        self.bench.run_until(later, &mut self.log).unwrap();
        self.bench.finish(&mut self.log);
        decode(&self.log, &self.pins, &self.bus)
    }

    pub(super) fn received(&self) -> Vec<u64> {
        self.bench.agent(self.receiver).received().iter().map(|r| r.data.bits).collect()
    }
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) items: Vec<Item>,
    pub(super) events: Vec<Event>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Seen {
    /// The words that were acknowledged.
    pub(super) fn words(&self) -> Vec<u64> {
        let beat = |item: &Item| if let Item::Beat(beat) = item { beat.data.to_u64() } else { None };
        self.items.iter().filter_map(beat).collect()
    }

    fn codes(&self) -> Vec<&'static str> {
        self.diagnostics.iter().map(|d| d.code).collect()
    }

    /// The rules that these events break, with the given limits in ps.
    fn broken(&self, limits: &[(crate::timing::Param, i64)]) -> Vec<&'static str> {
        let mut params = Params::new();
        for (param, ps) in limits {
            params.set(*param, ps * 1_000, "the test");
        }
        let options = CheckerOptions { checks: rules::CHECKS, ..Source::Run.into() };
        let mut checker = Checker::new(rules::RULES, &params, &options);
        let mut broken = Vec::new();
        let mut note = |finding: crate::timing::Finding| {
            assert_eq!(finding.verdict, Verdict::Broken);
            broken.push(finding.rule.name);
        };
        self.events.iter().for_each(|event| checker.event(*event, &mut note));
        let end = self.events.last().map_or(Time::ZERO, |event| event.time + Span::from_us(1));
        checker.finish(end, &mut note);
        broken
    }
}

impl Sink<Item> for Seen {
    fn item(&mut self, item: Item) {
        self.items.push(item);
    }

    fn event(&mut self, event: Event) {
        let last = self.events.last();
        assert!(last.is_none_or(|last| last.time <= event.time), "{event:?} after {last:?}");
        self.events.push(event);
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

fn decode(log: &ChangeLog, pins: &[SignalId], options: &Options) -> Seen {
    let mut monitor = Monitor::new(options, log.source());
    let mut seen = Seen::default();
    let mut instants = log.instants();
    while let Some((t, changes)) = instants.next() {
        let pin = |c: &Change| Change { signal: pins[c.signal.index()], value: c.value };
        let changes: Vec<Change> = changes.iter().map(pin).collect();
        monitor.instant(t, &changes, &mut seen);
    }
    monitor.finish(log.end(), &mut seen);
    seen
}

/// A waveform by hand: (ps, pin, value), in order of time.
fn judge(bus: &Options, source: Source, wave: &[(u64, SignalId, u64)]) -> Seen {
    let mut monitor = Monitor::new(bus, source);
    let mut seen = Seen::default();
    let mut rest = wave;
    while let Some(&(ps, ..)) = rest.first() {
        let count = rest.iter().take_while(|step| step.0 == ps).count();
        let changes: Vec<Change> = rest[..count]
            .iter()
            .map(|&(_, signal, bits)| Change { signal, value: Value::known(bits) })
            .collect();
        monitor.instant(at(ps), &changes, &mut seen);
        rest = &rest[count..];
    }
    monitor.finish(at(wave.last().map_or(0, |step| step.0 + 1_000)), &mut seen);
    seen
}

fn at(ps: u64) -> Time {
    Time::ZERO + Span::from_ps(ps)
}

const NS: Span = Span::from_ns(1);
const LIMIT: Span = Span::from_us(20);

fn sender(bus: Options) -> SenderOptions {
    SenderOptions::new(bus, Pace::after(NS * 3))
}

fn receiver(bus: Options) -> ReceiverOptions {
    ReceiverOptions::new(bus, Pace::after(NS * 2))
}

/// Every protocol, and four phases with data early, broad and late.
pub(super) fn buses() -> Vec<Options> {
    let mut buses: Vec<Options> = Protocol::ALL.map(Options::of).to_vec();
    for data_phase in [DataPhase::Broad, DataPhase::Late] {
        buses.push(Options { data_phase, ..Options::default() });
    }
    buses
}

#[test]
fn words_arrive_in_every_protocol_and_nothing_is_odd() {
    for bus in buses() {
        for wiring in [Wiring::Group, Wiring::Wires] {
            let mut rig = Rig::new(sender(bus), receiver(bus), wiring, 1);
            let words = [0x00, 0xff, 0x5a, 0x5a, 0x01, 0x80];
            assert!(rig.send(&words, LIMIT), "{bus:?}");
            let seen = rig.finish();
            assert_eq!(rig.received(), words, "{bus:?}");
            assert_eq!(seen.words(), words, "{bus:?}");
            assert_eq!(seen.items.len(), words.len());
            assert_eq!(seen.codes(), [""; 0], "{bus:?}");
            assert_eq!(seen.broken(&[]), [""; 0], "{bus:?}");
            assert_eq!(rig.bench.troubles(), []);
        }
    }
}

/// Edges at the very beginning see wires that nobody drives yet: both ends start reset all the same.
#[test]
fn clocks_that_begin_at_once_see_no_word_that_was_not_sent() {
    let flop = crate::cdc::FlopSpec {
        setup: Span::from_ps(300),
        hold: Span::from_ps(100),
        clk_to_q: Span::from_ps(200),
        metastability: crate::cdc::Metastability::OneCycle,
    };
    let pace = |hertz| Pace::Clocked { clock: ClockSpec::ideal(hertz), stages: 2, flop };
    for bus in buses() {
        for seed in 0..20 {
            let sender = SenderOptions::new(bus, pace(203_000_000));
            let receiver = ReceiverOptions::new(bus, pace(151_000_000));
            let mut rig = Rig::new(sender, receiver, Wiring::Group, seed);
            assert!(rig.send(&[1, 2, 3, 4], LIMIT), "{bus:?}");
            assert_eq!(
                (rig.finish().words(), rig.received()),
                (vec![1, 2, 3, 4], vec![1, 2, 3, 4]),
                "{bus:?}"
            );
        }
    }
}

/// 100 MHz on both ends, the receiver half a period behind: the request goes out with a rising edge of the sender, passes two
/// flops and is answered with the third edge of the receiver; the acknowledge comes back likewise, and the next word follows an edge later.
#[test]
fn an_end_with_a_clock_acts_once_in_its_period() {
    let bus = Options::of(Protocol::TwoPhase);
    let clock = |phase| Pace::clocked(ClockSpec { phase, ..ClockSpec::ideal(100_000_000) });
    let sender = SenderOptions::new(bus, clock(NS * 10));
    let receiver = ReceiverOptions::new(bus, clock(NS * 5));
    let mut rig = Rig::new(sender, receiver, Wiring::Group, 1);
    assert!(rig.send(&[1, 2, 3], LIMIT));
    let seen = rig.finish();
    let spans: Vec<_> = seen.items.iter().map(|item| (item.start(), item.end())).collect();
    let beat = |from: u64, to: u64| (at(from * 1_000), at(to * 1_000));
    assert_eq!(spans, [beat(11, 35), beat(71, 95), beat(131, 155)]);
}

#[test]
fn a_beat_lasts_from_request_to_acknowledge() {
    let mut rig = Rig::new(sender(Options::default()), receiver(Options::default()), Wiring::Group, 1);
    assert!(rig.send(&[0xa5], LIMIT));
    let seen = rig.finish();
    // Data after the sender's 3 ns, the request 1 ns later, the acknowledge after the receiver's 2 ns.
    let (start, end) = (at(4_000), at(6_000));
    let flags = Flags::default();
    assert_eq!(seen.items, [Item::Beat(Beat { start, end, data: Bits::new(0xa5, 8), flags })]);
}

/// (bus, fault of the sender, codes that the monitor gives)
#[test]
fn what_the_sender_does_wrong_is_told() {
    use FaultKind::*;
    let four = Options::default();
    let [_, two, dual, valid] = Protocol::ALL.map(Options::of);
    let broad = Options { data_phase: DataPhase::Broad, ..four };
    let late = Options { data_phase: DataPhase::Late, ..four };
    let ps = Span::from_ps;
    let cases: &[(Options, FaultKind, &[&str])] = &[
        (four, Withdraw { after: NS }, &["handshake::request-withdrawn"]),
        (two, Withdraw { after: NS }, &["handshake::request-withdrawn"]),
        (dual, Withdraw { after: ps(500) }, &["handshake::rail-withdrawn"]),
        (valid, Withdraw { after: NS }, &["handshake::valid-withdrawn"]),
        (four, DataLate { by: NS }, &["handshake::data-changed"]),
        (two, DataLate { by: NS }, &["handshake::data-changed"]),
        (broad, DataLate { by: NS }, &["handshake::data-changed"]),
        (late, DataLate { by: NS }, &["handshake::data-changed"]),
        (four, DataChanges { after: NS }, &["handshake::data-changed"]),
        // The acknowledge comes 2 ns after the request: early data may change after it, broad data may not.
        (four, DataChanges { after: NS * 3 }, &[]),
        (broad, DataChanges { after: NS * 3 }, &["handshake::data-changed"]),
        (valid, DataChanges { after: NS }, &["handshake::payload-changed"]),
        // It takes the old acknowledge for a new one, and takes the request back.
        (four, NoReturnToZero, &["handshake::no-return-to-zero", "handshake::request-withdrawn"]),
        (dual, NoReturnToZero, &["handshake::two-rails"]),
        (dual, IllegalCode, &["handshake::illegal-code"]),
    ];
    for &(bus, kind, codes) in cases {
        let mut options = sender(bus);
        options.faults = vec![Fault { beat: 1, kind }];
        let mut receiver = receiver(bus);
        receiver.waits_for_valid = true;
        let mut rig = Rig::new(options, receiver, Wiring::Group, 1);
        rig.send(&[0x11, 0x22, 0x44, 0x88], LIMIT);
        let seen = rig.finish();
        assert_eq!(seen.codes(), codes, "{bus:?} with {kind:?}: {:?}", seen.items);
        assert!(seen.diagnostics.iter().all(|d| d.severity == Severity::Error));
    }
}

#[test]
fn a_word_that_is_withdrawn_is_incomplete_and_the_next_arrive() {
    for protocol in Protocol::ALL {
        let bus = Options::of(protocol);
        let mut options = sender(bus);
        options.faults = vec![Fault { beat: 1, kind: FaultKind::Withdraw { after: Span::from_ps(500) } }];
        let mut receiver = receiver(bus);
        receiver.waits_for_valid = true;
        let mut rig = Rig::new(options, receiver, Wiring::Group, 1);
        assert!(rig.send(&[1, 2, 3], LIMIT), "{protocol:?}");
        let seen = rig.finish();
        assert_eq!(seen.words(), [1, 3], "{protocol:?}: {:?}", seen.items);
        assert!(matches!(&seen.items[1], Item::Incomplete(beat) if beat.data.to_u64() == Some(2)));
    }
}

#[test]
fn what_the_receiver_does_wrong_is_told() {
    use ReceiverFaultKind::*;
    let four = Options::default();
    let [_, two, dual, valid] = Protocol::ALL.map(Options::of);
    let width = Span::from_ps(300);
    let cases: &[(Options, ReceiverFaultKind, &[&str])] = &[
        (four, DoubleAcknowledge { width }, &["handshake::early-return", "handshake::double-acknowledge"]),
        (dual, DoubleAcknowledge { width }, &["handshake::early-return", "handshake::double-acknowledge"]),
        (two, DoubleAcknowledge { width }, &["handshake::ack-without-request"]),
        (four, EarlyReturn { width }, &["handshake::early-return", "handshake::deadlock"]),
        (dual, EarlyReturn { width }, &["handshake::early-return", "handshake::deadlock"]),
        (four, SpuriousAcknowledge { width }, &["handshake::ack-without-request"]),
        (dual, SpuriousAcknowledge { width }, &["handshake::ack-without-request"]),
        (four, NeverAcknowledge, &["handshake::deadlock"]),
        (two, NeverAcknowledge, &["handshake::deadlock"]),
        (dual, NeverAcknowledge, &["handshake::deadlock"]),
        (valid, NeverAcknowledge, &["handshake::deadlock"]),
    ];
    for &(bus, kind, codes) in cases {
        let bus = Options { stall: Some(Span::from_us(1)), ..bus };
        let mut options = receiver(bus);
        options.faults = vec![ReceiverFault { beat: 1, kind }];
        let mut rig = Rig::new(sender(bus), options, Wiring::Group, 1);
        rig.send(&[0x11, 0x22, 0x44], LIMIT);
        let seen = rig.finish();
        assert_eq!(seen.codes(), codes, "{bus:?} with {kind:?}: {:?}", seen.items);
    }
}

#[test]
fn a_deadlock_is_said_once_and_where_it_began() {
    let bus = Options { stall: Some(Span::from_ns(50)), ..Options::default() };
    let wave = [(0, pin::REQ, 0), (0, pin::ACK, 0), (1_000, pin::REQ, 1)];
    let mut monitor = Monitor::new(&bus, Source::Run);
    let mut seen = Seen::default();
    for (ps, signal, bits) in wave {
        monitor.instant(at(ps), &[Change { signal, value: Value::known(bits) }], &mut seen);
    }
    monitor.advance(at(51_000), &mut seen);
    assert_eq!(seen.codes(), [""; 0], "exactly at the limit");
    monitor.advance(at(51_001), &mut seen);
    monitor.advance(at(90_000), &mut seen);
    monitor.finish(at(99_000), &mut seen);
    assert_eq!(seen.codes(), ["handshake::deadlock"]);
    assert_eq!((seen.diagnostics[0].from, seen.diagnostics[0].to), (at(1_000), at(51_000)));
}

/// A four-phase word on bundled data, whose instants are, in ps: data, request, acknowledge, request off,
/// acknowledge off, next data, next request.
fn bundle(times: [u64; 7]) -> Vec<(u64, SignalId, u64)> {
    let [data, req, ack, req_off, ack_off, next, again] = times;
    let mut wave = vec![
        (0, pin::REQ, 0),
        (0, pin::ACK, 0),
        (0, pin::DATA, 0),
        (data, pin::DATA, 0x5a),
        (req, pin::REQ, 1),
        (ack, pin::ACK, 1),
        (req_off, pin::REQ, 0),
        (ack_off, pin::ACK, 0),
        (next, pin::DATA, 0xa5),
        (again, pin::REQ, 1),
        (again + 2_000, pin::ACK, 1),
        (again + 4_000, pin::REQ, 0),
        (again + 6_000, pin::ACK, 0),
    ];
    wave.sort_by_key(|step| step.0);
    wave
}

/// Each rule at its limit and 1 ps past it; what the limits are is written here, not taken from the rules.
#[test]
fn both_sides_of_every_limit_of_bundled_data() {
    use rules::{T_AN, T_AR, T_CYC, T_H, T_NA, T_RA_MAX, T_RA_MIN, T_SU};
    let good = [5_000, 10_000, 14_000, 20_000, 24_000, 30_000, 40_000];
    // (rule, parameter, limit in ps, which instant moves and to where: at the limit, past it)
    let cases = [
        ("tSU;DATA", T_SU, 3_000, 0, 7_000, 7_001),
        ("tH;DATA", T_H, 3_000, 5, 17_000, 16_999),
        ("tRA-min", T_RA_MIN, 1_500, 2, 11_500, 11_499),
        ("tRA-max", T_RA_MAX, 5_000, 2, 15_000, 15_001),
        ("tAR", T_AR, 9_000, 6, 33_000, 32_999),
        ("tAN", T_AN, 9_000, 3, 23_000, 23_001),
        ("tNA", T_NA, 9_500, 4, 29_500, 29_501),
        ("tCYC", T_CYC, 22_000, 6, 32_000, 31_999),
    ];
    let bus = Options::default();
    for (rule, param, limit, moves, kept, broken) in cases {
        for (to, want) in [(kept, vec![]), (broken, vec![rule])] {
            let mut times = good;
            times[moves] = to;
            let seen = judge(&bus, Source::Run, &bundle(times));
            assert_eq!(seen.broken(&[(param, limit)]), want, "{rule} with {to} ps");
            assert_eq!(seen.words(), [0x5a, 0xa5]);
            assert_eq!(seen.codes(), [""; 0]);
        }
    }
}

#[test]
fn data_that_change_with_the_request_are_not_bundled() {
    let mut times = [5_000, 10_000, 14_000, 20_000, 24_000, 30_000, 40_000];
    times[0] = 9_999;
    assert_eq!(judge(&Options::default(), Source::Run, &bundle(times)).broken(&[]), [""; 0]);
    times[0] = 10_000;
    let seen = judge(&Options::default(), Source::Run, &bundle(times));
    assert_eq!(seen.broken(&[]), ["DATA-bundled"]);
    assert_eq!(seen.words(), [0x5a, 0xa5], "a receiver sees what is there with the request");
}

#[test]
fn data_that_change_with_the_acknowledge_are_in_time() {
    let mut times = [5_000, 10_000, 14_000, 20_000, 24_000, 30_000, 40_000];
    times[5] = 14_000;
    assert_eq!(judge(&Options::default(), Source::Run, &bundle(times)).codes(), [""; 0]);
    times[5] = 13_999;
    assert_eq!(judge(&Options::default(), Source::Run, &bundle(times)).codes(), ["handshake::data-changed"]);
}

#[test]
fn within_one_sample_of_a_recording_nobody_can_tell() {
    let recording = Source::Recording { grid: Some(Span::from_ns(2)) };
    let severity = |data| {
        let mut times = [5_000, 10_000, 20_000, 30_000, 34_000, 40_000, 50_000];
        times[0] = data;
        let seen = judge(&Options::default(), recording, &bundle(times));
        seen.diagnostics.iter().map(|d| d.severity).collect::<Vec<_>>()
    };
    assert_eq!(severity(12_000), [Severity::Warning]);
    assert_eq!(severity(14_000), [Severity::Error]);
}

#[test]
fn a_dual_rail_word_is_complete_when_every_bit_has_a_rail_up() {
    let bus = Options { width: Width::new(2).unwrap(), ..Options::of(Protocol::DualRail) };
    let rails = |second| {
        [
            (0, pin::ACK, 0),
            (0, pin::TRUE, 0b00),
            (0, pin::FALSE, 0b00),
            (1_000, pin::TRUE, 0b01),
            (second, pin::FALSE, 0b10),
            (9_000, pin::ACK, 1),
            (10_000, pin::TRUE, 0),
            (11_000, pin::FALSE, 0),
            (12_000, pin::ACK, 0),
        ]
    };
    let skew = (rules::T_SKEW, 2_000);
    for (second, want) in [(3_000, vec![]), (3_001, vec!["tSKEW"])] {
        let seen = judge(&bus, Source::Run, &rails(second));
        assert_eq!(seen.broken(&[skew]), want);
        assert_eq!(seen.words(), [0b01]);
        assert_eq!((seen.items[0].start(), seen.items[0].end()), (at(1_000), at(9_000)));
        assert_eq!(seen.codes(), [""; 0]);
    }
    let mut early = rails(9_500);
    early.sort_by_key(|step| step.0);
    assert_eq!(judge(&bus, Source::Run, &early).codes()[0], "handshake::early-acknowledge");
}

#[test]
fn dual_rails_raise_one_rail_each_and_wait_for_the_acknowledge() {
    let bus = Options { width: Width::new(1).unwrap(), ..Options::of(Protocol::DualRail) };
    let codes = |wave: &[(u64, SignalId, u64)]| {
        let start = [(0, pin::ACK, 0), (0, pin::TRUE, 0), (0, pin::FALSE, 0)];
        let wave: Vec<_> = start.iter().chain(wave).copied().collect();
        judge(&bus, Source::Run, &wave).codes()
    };
    let word = [(1_000, pin::TRUE, 1), (2_000, pin::ACK, 1), (3_000, pin::TRUE, 0)];
    assert_eq!(codes(&[word[0], (1_500, pin::FALSE, 1), word[1]]), ["handshake::illegal-code"]);
    assert_eq!(codes(&[word[0], word[1], word[2], (4_000, pin::FALSE, 1)]), ["handshake::early-data"]);
    assert_eq!(codes(&[word[0], word[1], (2_500, pin::ACK, 0)]), ["handshake::early-return"]);
    assert_eq!(codes(&[(1_000, pin::ACK, 1)]), ["handshake::ack-without-request"]);
}

/// Valid/ready by hand: levels at the rising edges of a clock of 10 ns, changed 2 ns after the edge before.
fn clocked(steps: &[(u64, u64, u64)]) -> Vec<(u64, SignalId, u64)> {
    let mut wave = vec![(0, pin::CLK, 0)];
    for (i, &(valid, ready, data)) in steps.iter().enumerate() {
        let t = i as u64 * 10_000;
        let levels = [(pin::VALID, valid), (pin::READY, ready), (pin::DATA, data)];
        wave.extend(levels.map(|(pin, level)| (t + 2_000, pin, level)));
        wave.extend([(t + 5_000, pin::CLK, 1), (t + 10_000, pin::CLK, 0)]);
    }
    wave
}

#[test]
fn a_transfer_takes_place_at_an_edge_with_valid_and_ready() {
    let bus = Options::of(Protocol::ValidReady);
    let steps = [(0, 0, 0), (1, 0, 7), (1, 0, 7), (1, 1, 7), (1, 1, 8), (0, 1, 0), (0, 0, 0)];
    let seen = judge(&bus, Source::Run, &clocked(&steps));
    assert_eq!(seen.words(), [7, 8]);
    let when: Vec<_> = seen.items.iter().map(|i| (i.start(), i.end())).collect();
    assert_eq!(when, [(at(15_000), at(35_000)), (at(45_000), at(45_000))]);
    assert_eq!(seen.codes(), [""; 0]);
    // Edges are 10 ns apart; outputs change 3 ns before them and 7 ns after.
    for (param, limit, rule) in [
        (rules::F_CLK, 10_000, "fCLK"),
        (rules::T_SU_V, 3_000, "tSU;VALID"),
        (rules::T_H_V, 7_000, "tH;VALID"),
        (rules::T_SU_R, 3_000, "tSU;READY"),
        (rules::T_H_R, 7_000, "tH;READY"),
    ] {
        assert_eq!(seen.broken(&[(param, limit)]), [""; 0], "{rule} at the limit");
        let broken = seen.broken(&[(param, limit + 1)]);
        assert!(!broken.is_empty() && broken.iter().all(|name| *name == rule), "{rule}: {broken:?}");
    }
}

#[test]
fn habits_of_waiting_are_told() {
    let bus = Options::of(Protocol::ValidReady);
    let mut still = vec![(0, 0, 0); 16];
    assert_eq!(judge(&bus, Source::Run, &clocked(&still)).codes(), ["handshake::nobody-begins"]);
    still.pop();
    assert_eq!(judge(&bus, Source::Run, &clocked(&still)).codes(), [""; 0]);

    let patient = [(0, 0, 0), (0, 1, 0), (1, 1, 5)].repeat(8);
    let seen = judge(&bus, Source::Run, &clocked(&patient));
    assert_eq!(seen.codes(), ["handshake::waits-for-ready"]);
    assert_eq!(seen.diagnostics[0].severity, Severity::Note);
    let mut eager = patient.clone();
    eager.extend([(0, 0, 0), (1, 0, 5), (1, 1, 5)]);
    assert_eq!(judge(&bus, Source::Run, &clocked(&eager)).codes(), [""; 0]);
}

#[test]
fn a_sender_that_waits_for_ready_and_a_receiver_that_waits_for_valid_never_move() {
    let bus = Options::of(Protocol::ValidReady);
    for (waits_for_ready, waits_for_valid) in [(true, true), (true, false), (false, true)] {
        let mut rig = Rig::new(
            SenderOptions { waits_for_ready, ..sender(bus) },
            ReceiverOptions { waits_for_valid, ..receiver(bus) },
            Wiring::Group,
            1,
        );
        let both = waits_for_ready && waits_for_valid;
        assert_eq!(rig.send(&[1, 2, 3], LIMIT), !both);
        let codes: &[&str] = if both { &["handshake::nobody-begins"] } else { &[] };
        assert_eq!(rig.finish().codes(), codes);
    }
}

#[test]
fn a_waveform_that_begins_inside_a_word_says_so() {
    for protocol in [Protocol::FourPhase, Protocol::TwoPhase] {
        let wave = [(0, pin::REQ, 1), (0, pin::ACK, 0), (0, pin::DATA, 9), (5_000, pin::ACK, 1)];
        let seen = judge(&Options::of(protocol), Source::Run, &wave);
        assert_eq!(seen.words(), [9]);
        assert!(seen.items[0].beat().flags.assumed_start);
        assert_eq!(seen.codes(), [""; 0]);
    }
}

#[test]
fn unknown_data_are_told_and_kept_as_unknown() {
    let bus = Options::default();
    let mut monitor = Monitor::new(&bus, Source::Run);
    let mut seen = Seen::default();
    let mut put = |ps, signal, value| monitor.instant(at(ps), &[Change { signal, value }], &mut seen);
    put(0, pin::REQ, Value::known(0));
    put(0, pin::ACK, Value::known(0));
    put(1_000, pin::DATA, Value::known(0x0f).with(7, Level::X));
    put(2_000, pin::REQ, Value::known(1));
    put(3_000, pin::ACK, Value::known(1));
    assert_eq!(seen.codes(), ["handshake::unknown-data"]);
    assert_eq!(seen.items[0].beat().data.to_string(), "xf");
    assert_eq!(seen.broken(&[(rules::T_SU, 1)]), ["tSU;DATA"], "unknown data have no set-up time");
}

#[test]
fn a_stuck_line_is_a_deadlock() {
    let bus = Options { stall: Some(Span::from_us(1)), ..Options::default() };
    let mut rig = Rig::new(sender(bus), receiver(bus), Wiring::Group, 1);
    let ack = crate::net::NetId(1);
    rig.bench.force(ack, Level::Low, at(20_000), Time::MAX);
    assert!(!rig.send(&[1, 2, 3, 4, 5], LIMIT));
    assert_eq!(rig.finish().codes().last(), Some(&"handshake::deadlock"));
}

#[test]
fn dual_rail_words_of_more_than_32_bits_are_refused_by_receivers() {
    let bus = |bits| Options { width: Width::new(bits).unwrap(), ..Options::of(Protocol::DualRail) };
    assert!(Receiver::new(receiver(bus(32))).is_ok());
    assert_eq!(Receiver::new(receiver(bus(33))).err(), Some(PaceError::Rails(33)));
}
