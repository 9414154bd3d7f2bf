use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::bus::ddr::modes::{Modes, Setting};
use crate::bus::ddr::pins::{Beat, Frame, Order, deselect, encode, pin, pins, rules};
use crate::bus::ddr::rules::T_CK;
use crate::bus::ddr::{Command, Item, Monitor, Options, Standard};
use crate::bus::{Monitor as _, Sink};
use crate::judge::{Jury, Said};
use crate::level::Level;
use crate::log::{Change, Observer, SignalId, Source, Value};
use crate::mapping::Tap;
use crate::time::{Span, Time};
use crate::timing::{Event, Finding, Params};

/// A clock of 1 ns: a quarter of it is 250 ps.
const TCK: u64 = 1_000_000;
const QUARTER: i64 = TCK as i64 / 4;
/// All wires of a group are let go.
const RELEASED: Value = Value { bits: 0, unknown: u64::MAX };

/// A waveform in the making; times in femtoseconds, clock `n` rises at `(n + 1) * TCK`.
#[derive(Clone, Debug, Default)]
struct Wave(BTreeMap<u64, Vec<(SignalId, Value)>>);

/// The rising edge of a clock.
fn edge(clock: u64) -> u64 {
    (clock + 1) * TCK
}

impl Wave {
    /// CK for so many clocks, and no command.
    fn new(standard: Standard, clocks: u64) -> Wave {
        let mut wave = Wave::default();
        wave.level(0, pin::RESET, Level::High);
        wave.set(0, pin::DQS, RELEASED);
        wave.set(0, pin::DQ, RELEASED);
        wave.drive(0, 0, standard, deselect(standard).unwrap());
        for clock in 0..clocks {
            wave.level(edge(clock), pin::CK, Level::High);
            wave.level(edge(clock) + TCK / 2, pin::CK, Level::Low);
        }
        wave
    }

    fn set(&mut self, at: u64, pin: SignalId, value: Value) {
        let changes = self.0.entry(at).or_default();
        changes.retain(|change| change.0 != pin);
        changes.push((pin, value));
    }

    fn level(&mut self, at: u64, pin: SignalId, level: Level) {
        self.set(at, pin, Value::wire(level));
    }

    /// The command pins of a rank.
    fn drive(&mut self, at: u64, rank: u32, standard: Standard, frame: Frame) {
        for wire in pins(standard) {
            let wired = match wire {
                Frame::CS => pin::cs(rank),
                Frame::CKE => pin::cke(rank),
                other => other,
            };
            self.level(at, wired, frame.at(wire));
        }
    }

    /// A command whose first edge is that of `clock`; pins change in the middle of clocks, `late` moves them.
    fn command(&mut self, clock: u64, rank: u32, standard: Standard, order: &Order, late: i64) -> u64 {
        let frames = encode(standard, order).unwrap_or_else(|| panic!("{order}"));
        let middle = |clock: u64| (edge(clock) - TCK / 2).strict_add_signed(late);
        for (clock, frame) in (clock..).zip(frames.iter()) {
            self.drive(middle(clock), rank, standard, *frame);
        }
        let end = clock + frames.len() as u64;
        let idle = deselect(standard).unwrap();
        let cke = frames.last().unwrap().at(Frame::CKE);
        self.drive(middle(end), rank, standard, idle.with(Frame::CKE, cke));
        end - 1
    }

    /// A burst whose first edge is that of `clock`: `strobe` moves DQS, `data` DQ.
    fn burst(&mut self, clock: u64, beats: &[Beat], mask_level: bool, strobe: i64, data: i64) {
        let first = edge(clock).strict_add_signed(strobe);
        self.set(first - TCK, pin::DQS, Value::known(0));
        for (i, beat) in (0u64..).zip(beats) {
            let at = first + i * TCK / 2;
            self.set(at, pin::DQS, Value::known(if i % 2 == 0 { u64::MAX } else { 0 }));
            let dq = (edge(clock) + i * TCK / 2).strict_add_signed(data);
            self.set(dq, pin::DQ, Value { bits: beat.data, unknown: beat.unknown });
            let mask = u64::from(beat.mask);
            self.set(dq, pin::DM, Value::known(if mask_level { mask } else { !mask }));
        }
        let end = first + beats.len() as u64 * TCK / 2;
        self.set(end, pin::DQS, RELEASED);
        let released = (edge(clock) + beats.len() as u64 * TCK / 2).strict_add_signed(data);
        self.set(released, pin::DQ, RELEASED);
    }

    /// What somebody sees who looks on.
    fn show(&self, observer: &mut impl Observer) {
        for (at, changes) in &self.0 {
            let changes: Vec<Change> =
                changes.iter().map(|&(signal, value)| Change { signal, value }).collect();
            observer.instant(Time::from_fs(*at), &changes);
        }
        observer.finish(Time::from_fs(self.end()));
    }

    fn end(&self) -> u64 {
        self.0.last_key_value().map_or(0, |last| last.0 + TCK)
    }
}

/// Everything that a monitor says.
#[derive(Default)]
struct All {
    items: Vec<Item>,
    events: Vec<Event>,
    codes: Vec<&'static str>,
}

impl Sink<Item> for All {
    fn item(&mut self, item: Item) {
        self.items.push(item);
    }

    fn event(&mut self, event: Event) {
        assert!(self.events.last().is_none_or(|last| last.time <= event.time));
        self.events.push(event);
    }

    fn diagnostic(&mut self, diagnostic: crate::bus::Diagnostic) {
        self.codes.push(diagnostic.code);
    }
}

fn listen(options: &Options, wave: &Wave) -> All {
    let mut all = All::default();
    let mut monitor = Monitor::new(options, Source::Run);
    for (at, changes) in &wave.0 {
        let changes: Vec<Change> = changes.iter().map(|&(signal, value)| Change { signal, value }).collect();
        monitor.instant(Time::from_fs(*at), &changes, &mut all);
    }
    monitor.finish(Time::from_fs(wave.end()), &mut all);
    all
}

fn options(standard: Standard) -> Options {
    Options { standard, read_latency: Some(11), write_latency: Some(8), ..Options::default() }
}

/// The commands among items: rank, order, and row.
fn commands(items: &[Item]) -> Vec<(u8, Order, Option<u32>)> {
    let said = items.iter().filter_map(|item| match item {
        Item::Command(said) => Some((said.rank, said.order, said.row)),
        Item::Burst(_) => None,
    });
    said.collect()
}

fn beats(count: u64) -> Vec<Beat> {
    (0..count).map(|i| Beat::new(0x11 * (i % 15 + 1))).collect()
}

fn only_burst(all: &All) -> &crate::bus::ddr::Burst {
    let bursts: Vec<_> =
        all.items.iter().filter_map(|item| if let Item::Burst(b) = item { Some(b) } else { None }).collect();
    let [burst] = bursts[..] else { panic!("{:?}", all.items) };
    burst
}

#[test]
fn commands_are_heard_with_their_rows() {
    for standard in [Standard::Ddr3, Standard::Ddr4, Standard::Ddr5, Standard::Lpddr4] {
        let orders = [
            Order::new(Command::Act).at(0, 1).with(0x1234),
            Order::new(Command::Rd).at(0, 1).with(0x40),
            Order::new(Command::PreAll),
            Order::new(Command::Wr).at(0, 1).with(0x40),
        ];
        let mut wave = Wave::new(standard, 40);
        for (i, order) in (0..).zip(&orders) {
            wave.command(2 + 8 * i, 0, standard, order, 0);
        }
        wave.0.get_mut(&0).unwrap().retain(|change| ![pin::DQ, pin::DQS].contains(&change.0));
        let all = listen(&options(standard), &wave);
        let row = Some(0x1234);
        let want = [(0, orders[0], None), (0, orders[1], row), (0, orders[2], None), (0, orders[3], None)];
        assert_eq!(commands(&all.items), want, "{}", standard.name());
        assert_eq!(all.codes, [""; 0], "{}", standard.name());
        let Item::Command(said) = &all.items[0] else { panic!() };
        assert_eq!(said.start, Time::from_fs(edge(2)));
        assert_eq!(said.end, Time::from_fs(edge(1 + standard.length(Command::Act))));
        assert_eq!(said.clock, Span::from_ns(1));
    }
}

#[test]
fn each_rank_hears_its_own_commands() {
    let standard = Standard::Ddr4;
    let mut wave = Wave::new(standard, 20);
    wave.drive(0, 1, standard, deselect(standard).unwrap());
    let order = Order::new(Command::Act).at(3, 2).with(7);
    wave.command(4, 1, standard, &order, 0);
    let all = listen(&Options { ranks: 2, ..options(standard) }, &wave);
    assert_eq!(commands(&all.items), [(1, order, None)]);
}

#[test]
fn written_data_are_sampled_with_the_strobe_and_read_data_behind_it() {
    let standard = Standard::Ddr3;
    for (command, latency, data) in [(Command::Wr, 8, -QUARTER), (Command::Rd, 11, 0)] {
        let mut wave = Wave::new(standard, 40);
        wave.command(2, 0, standard, &Order::new(command), 0);
        wave.burst(2 + latency, &beats(8), true, 0, data);
        let all = listen(&options(standard), &wave);
        let burst = only_burst(&all);
        assert_eq!(burst.beats, beats(8), "{command}");
        assert_eq!(burst.start, Time::from_fs(edge(2 + latency)));
        assert_eq!((burst.incomplete, burst.width, burst.is_write()), (false, 8, command == Command::Wr));
        assert_eq!(all.codes, [""; 0]);
    }
}

#[test]
fn masks_are_high_in_ddr3_and_low_in_ddr4() {
    for (standard, level) in [(Standard::Ddr3, true), (Standard::Ddr4, false)] {
        let mut wave = Wave::new(standard, 40);
        wave.command(2, 0, standard, &Order::new(Command::Wr), 0);
        let mut written = beats(8);
        written[3].mask = 1;
        wave.burst(10, &written, level, 0, -QUARTER);
        assert_eq!(only_burst(&listen(&options(standard), &wave)).beats, written, "{}", standard.name());
    }
}

#[test]
fn latencies_and_burst_lengths_are_those_of_the_mode_registers() {
    let standard = Standard::Ddr3;
    let mut modes = Modes::new(standard);
    modes.put(Setting::CasLatency, 6).unwrap();
    modes.put(Setting::CasWriteLatency, 5).unwrap();
    modes.put(Setting::BurstLength, 4).unwrap();
    let mut wave = Wave::new(standard, 60);
    for (i, &register) in (0..).zip(Modes::registers(standard)) {
        wave.command(2 + 4 * i, 0, standard, &Order::mode(register, modes.opcode(register)), 0);
    }
    wave.command(30, 0, standard, &Order::new(Command::Rd), 0);
    wave.burst(36, &beats(4), true, 0, 0);
    let open = Options { standard, ..Options::default() };
    assert_eq!(only_burst(&listen(&open, &wave)).beats, beats(4));
}

#[test]
fn without_latencies_it_is_said_once_that_data_cannot_be_read() {
    let standard = Standard::Ddr4;
    let mut wave = Wave::new(standard, 60);
    wave.command(2, 0, standard, &Order::new(Command::Rd), 0);
    wave.command(12, 0, standard, &Order::new(Command::Rd), 0);
    wave.burst(40, &beats(8), false, 0, 0);
    assert_eq!(listen(&Options::default(), &wave).codes, ["ddr::unknown-latency"]);
    let assumed = Some(crate::bus::ddr::Latencies { read: 28, write: 8 });
    let part = Options { assumed, ..Options::default() };
    let burst = listen(&part, &wave);
    assert_eq!(burst.codes, ["ddr::no-strobe"], "the second read has no data");
}

#[test]
fn strobes_that_do_not_come_are_missed() {
    let standard = Standard::Ddr4;
    let mut wave = Wave::new(standard, 60);
    wave.command(2, 0, standard, &Order::new(Command::Rd), 0);
    let all = listen(&options(standard), &wave);
    assert_eq!(all.codes, ["ddr::no-strobe"]);
    let burst = only_burst(&all);
    assert!(burst.incomplete);
    assert_eq!(burst.beats, [Beat { unknown: 0xff, ..Beat::default() }; 8]);
}

#[test]
fn a_burst_that_the_end_cuts_off_is_incomplete_and_no_fault() {
    let mut wave = Wave::new(Standard::Ddr3, 12);
    wave.command(2, 0, Standard::Ddr3, &Order::new(Command::Wr), 0);
    wave.burst(10, &beats(8), true, 0, -QUARTER);
    wave.0.split_off(&(edge(12) + TCK / 4));
    let all = listen(&options(Standard::Ddr3), &wave);
    assert_eq!(all.codes, [""; 0]);
    let burst = only_burst(&all);
    assert!(burst.incomplete);
    assert_eq!(burst.beats[..5], beats(8)[..5]);
    assert_eq!(burst.beats[5].unknown, 0xff);
}

#[test]
fn unknown_data_are_a_fault_of_a_write_unless_masked() {
    for (mask, codes) in [(0, &["ddr::unknown-data"][..]), (1, &[])] {
        let mut wave = Wave::new(Standard::Ddr3, 40);
        wave.command(2, 0, Standard::Ddr3, &Order::new(Command::Wr), 0);
        let mut written = beats(8);
        written[5] = Beat { data: 0, unknown: 0xff, mask };
        wave.burst(10, &written, true, 0, -QUARTER);
        assert_eq!(listen(&options(Standard::Ddr3), &wave).codes, codes, "mask {mask}");
    }
}

#[test]
fn bursts_without_a_gap_are_told_apart() {
    let standard = Standard::Ddr4;
    let mut wave = Wave::new(standard, 60);
    let all: Vec<Beat> = (0..16).map(|i| Beat::new(i * 3)).collect();
    wave.command(2, 0, standard, &Order::new(Command::Wr).with(0), 0);
    wave.command(6, 0, standard, &Order::new(Command::Wr).with(8), 0);
    wave.burst(10, &all, false, QUARTER, -QUARTER / 2);
    let said = listen(&options(standard), &wave);
    let bursts = said.items.iter().filter_map(|item| if let Item::Burst(b) = item { Some(b) } else { None });
    let got: Vec<(u32, Vec<Beat>)> = bursts.map(|b| (b.order.address, b.beats.clone())).collect();
    assert_eq!(got, [(0, all[..8].to_vec()), (8, all[8..].to_vec())]);
}

#[test]
fn a_group_of_wires_is_as_good_as_single_ones_and_a_complement_as_its_true_wire() {
    let standard = Standard::Ddr3;
    let mut wave = Wave::new(standard, 40);
    wave.command(2, 0, standard, &Order::new(Command::Rd).at(0, 5).with(0x2a8), 0);
    wave.burst(13, &beats(8), true, 0, 0);
    let want = listen(&options(standard), &wave);
    let mut other = Wave::default();
    let (mut address, mut banks) = (0, 0);
    for (at, changes) in &wave.0 {
        for &(signal, value) in changes {
            let (bit, high) = (signal.0, value.level() == Level::High);
            match signal {
                SignalId(0..18) => address = address & !(1 << bit) | u64::from(high) << bit,
                SignalId(18..21) => banks = banks & !(1 << (bit - 18)) | u64::from(high) << (bit - 18),
                pin::CK => other.level(*at, pin::CK_C, Level::from_bit(!high)),
                pin::DQS => {
                    let inverse = Value { bits: !value.bits & !value.unknown, unknown: value.unknown };
                    other.level(*at, pin::dqs_c(0), inverse.level());
                }
                pin::DQ => (0..8).for_each(|i| other.level(*at, pin::dq(i), value.at(i))),
                _ => other.set(*at, signal, value),
            }
        }
        other.set(*at, pin::A, Value::known(address));
        other.set(*at, pin::BA, Value::known(banks));
    }
    assert_eq!(listen(&options(standard), &other).items, want.items);
    assert_eq!(want.items.len(), 2);
}

#[test]
fn odd_levels_have_names() {
    let standard = Standard::Ddr4;
    let at = edge(5) - TCK / 4;
    let mut wave = Wave::new(standard, 20);
    wave.command(5, 0, standard, &Order::new(Command::Act).with(1), 0);
    let with = |pin, level| {
        let mut wave = wave.clone();
        wave.level(at, pin, level);
        listen(&options(standard), &wave).codes
    };
    assert_eq!(with(pin::a(3), Level::X), ["ddr::unknown-address"]);
    assert_eq!(with(pin::ACT, Level::X), ["ddr::unknown-level"]);
    let mut reserved = wave.clone();
    for (pin, level) in [(pin::ACT, Level::High), (pin::CAS, Level::High), (pin::WE, Level::High)] {
        reserved.level(at, pin, level);
    }
    assert_eq!(listen(&options(standard), &reserved).codes, ["ddr::no-command"]);
}

/// What the pin rules find, by name, with one parameter at `limit` picoseconds.
fn findings(wave: &Wave, standard: Standard, name: &str, limit: i64) -> Vec<Finding> {
    let param = if name == "tCK" { T_CK } else { rules::param(name).unwrap().0 };
    let mut params = Params::new();
    params.set(param, limit * 1000, "test");
    let signals: Vec<SignalId> = (0..200).map(SignalId).collect();
    let tap = Tap { point: None, pins: signals.iter().map(|signal| (*signal, *signal)).collect() };
    let mut found = Vec::new();
    let monitor = || Monitor::new(&options(standard), Source::Run);
    let said = |said| {
        if let Said::Finding(finding) = said {
            found.push(finding);
        }
    };
    wave.show(&mut Jury::new(&[tap], monitor, rules::RULES, &params, Source::Run, said));
    found
}

/// The rule measures exactly `length` picoseconds at worst: kept with that as its limit, broken with one more (or less).
fn assert_measures(wave: &Wave, rule: &str, length: i64) {
    let (param, most) = (rule.split(';').next().unwrap(), ["tDQSS", "tDQSCK", "tDQSQ"].contains(&rule));
    let names = |limit: i64| -> Vec<&str> {
        let found = findings(wave, Standard::Ddr3, param, limit);
        found.iter().map(|finding| finding.rule.name).filter(|name| *name == rule).collect()
    };
    assert_eq!(names(length), [""; 0], "{rule} at {length} ps");
    let beyond = if most { length - 1 } else { length + 1 };
    assert!(!names(beyond).is_empty(), "{rule} at {beyond} ps");
}

fn writing(strobe: i64, data: i64) -> Wave {
    let mut wave = Wave::new(Standard::Ddr3, 40);
    wave.command(2, 0, Standard::Ddr3, &Order::new(Command::Wr), 0);
    wave.burst(10, &beats(8), true, strobe, data);
    wave
}

fn reading(strobe: i64, data: i64) -> Wave {
    let mut wave = Wave::new(Standard::Ddr3, 40);
    wave.command(2, 0, Standard::Ddr3, &Order::new(Command::Rd), 0);
    wave.burst(13, &beats(8), true, strobe, data);
    wave
}

#[test]
fn clock_rules_measure_periods_and_halves() {
    let mut wave = Wave::new(Standard::Ddr3, 10);
    for (rule, length) in [("tCK", 1000), ("tCH", 500), ("tCL", 500)] {
        assert_measures(&wave, rule, length);
    }
    // One falling edge comes 30 ps early.
    let fall = edge(5) + TCK / 2;
    let changes = wave.0.remove(&fall).unwrap();
    wave.0.insert(fall - 30_000, changes);
    assert_measures(&wave, "tCH", 470);
    assert_measures(&wave, "tCL", 500);
}

#[test]
fn t_is_and_t_ih_measure_command_pins_around_the_edge_that_samples_them() {
    for (late, set_up, hold) in [(0, 500, 500), (100, 400, 600), (-150, 650, 350)] {
        let mut wave = Wave::new(Standard::Ddr3, 12);
        wave.command(4, 0, Standard::Ddr3, &Order::new(Command::Act).at(0, 7).with(0x55), late * 1000);
        for (rule, length) in [("tIS", set_up), ("tIH", hold), ("tIS;CTRL", set_up), ("tIH;CTRL", hold)] {
            assert_measures(&wave, rule, length);
        }
    }
}

#[test]
fn t_ds_and_t_dh_measure_written_data_around_their_strobe() {
    assert_measures(&writing(0, -QUARTER), "tDS", 250);
    assert_measures(&writing(0, -QUARTER), "tDH", 250);
    assert_measures(&writing(0, -QUARTER + 60_000), "tDS", 190);
    assert_measures(&writing(0, -QUARTER - 60_000), "tDH", 190);
}

#[test]
fn t_dqss_t_dss_and_t_dsh_measure_the_write_strobe_against_the_clock() {
    for (strobe, dqss, dss, dsh) in [(0, 0, 500, 500), (120, 120, 380, 620), (-130, 130, 630, 370)] {
        let wave = writing(strobe * 1000, -QUARTER);
        for (rule, length) in [("tDQSS", dqss), ("tDSS", dss), ("tDSH", dsh)] {
            assert_measures(&wave, rule, length);
        }
    }
}

#[test]
fn t_dqsck_measures_the_read_strobe_against_the_clock() {
    for (strobe, length) in [(0, 0), (225, 225), (-225, 225)] {
        assert_measures(&reading(strobe * 1000, strobe * 1000), "tDQSCK", length);
    }
}

#[test]
fn t_dqsq_and_t_qh_measure_read_data_against_their_strobe() {
    assert_measures(&reading(0, 70_000), "tDQSQ", 70);
    assert_measures(&reading(0, 0), "tQH", 500);
    assert_measures(&reading(0, -80_000), "tQH", 420);
}

#[test]
fn strobes_are_measured_from_their_preamble_to_their_postamble() {
    for (wave, rules) in [
        (writing(0, -QUARTER), ["tWPRE", "tWPST", "tDQSH", "tDQSL"]),
        (reading(0, 0), ["tRPRE", "tRPST", "tQSH", "tQSL"]),
    ] {
        for (rule, length) in rules.into_iter().zip([1000, 500, 500, 500]) {
            assert_measures(&wave, rule, length);
        }
    }
    // The preamble begins 120 ps late.
    let mut wave = writing(0, -QUARTER);
    let changes = wave.0.get_mut(&(edge(10) - TCK)).unwrap();
    changes.retain(|change| change.0 != pin::DQS);
    wave.set(edge(10) - TCK + 120_000, pin::DQS, Value::known(0));
    assert_measures(&wave, "tWPRE", 880);
}

fn any_command() -> impl Strategy<Value = (Command, u8, u8, u32)> {
    use Command::{Act, Mrs, Pre, PreAll, Rd, Rda, Ref, Wr, Wra};
    let commands = vec![Act, Pre, PreAll, Rd, Rda, Wr, Wra, Ref, Mrs];
    (proptest::sample::select(commands), 0..4u8, 0..4u8, 0..128u32)
}

/// The order with what the command carries.
fn order((command, group, bank, number): (Command, u8, u8, u32), standard: Standard) -> Order {
    let group = if standard == Standard::Ddr4 || standard == Standard::Ddr5 { group } else { 0 };
    let at = Order::new(command).at(group, bank);
    match command {
        Command::PreAll | Command::Ref => Order::new(command),
        // A register that sets no latency.
        Command::Mrs => Order::mode(3, 0),
        Command::Pre => at,
        _ => at.with(number * 8),
    }
}

proptest! {
    /// What goes out on the pins is what the monitor hears, data included.
    #[test]
    fn pins_give_back_commands_and_data(
        which in 0..4usize,
        raw in proptest::collection::vec((any_command(), any::<[u8; 16]>(), -200_000..200_000i64), 1..20),
    ) {
        let standard = [Standard::Ddr3, Standard::Ddr4, Standard::Ddr5, Standard::Lpddr4][which];
        let set = Options { beats: Some(8), ..options(standard) };
        let mut wave = Wave::new(standard, 40 * raw.len() as u64 + 40);
        let (mut said, mut written) = (Vec::new(), Vec::new());
        for (i, (command, data, skew)) in (0..).zip(raw) {
            let order = order(command, standard);
            let last = wave.command(40 * i + 2, 0, standard, &order, 0);
            said.push(order);
            if order.command.is_column() {
                let (latency, data_skew) = if order.command.writes() { (8, -QUARTER) } else { (11, 0) };
                let (values, masks) = data.split_at(8);
                let mask = |i: usize| u16::from(order.command.writes() && masks[i] & 1 != 0);
                let beats: Vec<Beat> = (0..8).map(|i| Beat { mask: mask(i), ..Beat::new(values[i].into()) }).collect();
                let active_high = matches!(standard, Standard::Ddr3 | Standard::Lpddr4);
                wave.burst(last + latency, &beats, active_high, skew, skew + data_skew);
                written.push(beats);
            }
        }
        let all = listen(&set, &wave);
        prop_assert_eq!(&all.codes, &[""; 0]);
        let heard: Vec<Order> = commands(&all.items).into_iter().map(|(_, order, _)| order).collect();
        prop_assert_eq!(heard, said);
        let bursts = all.items.iter().filter_map(|item| if let Item::Burst(b) = item { Some(b.beats.clone()) } else { None });
        prop_assert_eq!(bursts.collect::<Vec<_>>(), written);
        // Events of commands are those that the timing rules of the standard speak of.
        let acts = all.events.iter().filter(|event| event.kind == Command::Act.kind()).count();
        prop_assert_eq!(acts, all.items.iter().filter(|item| matches!(item, Item::Command(s) if s.order.command == Command::Act)).count());
    }
}
