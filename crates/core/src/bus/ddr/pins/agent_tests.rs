//! Controller and memory on one bench.

use std::collections::HashMap;

use proptest::prelude::*;

use super::{
    Beat, Channel, Controller, ControllerOptions, Device, DeviceOptions, Job, JobError, Order, PowerUp,
    Reading, Start, wire,
};
use crate::bus::ddr::modes::{Modes, ON_THE_FLY, Setting};
use crate::bus::ddr::{Command, Standard};
use crate::eye::Eye;
use crate::log::{ChangeLog, Instants, Observer, SignalId};
use crate::sim::{AgentId, Bench, Jitter, Stop};
use crate::time::{Span, Time};

const TCK: Span = Span::from_ps(1250);

fn modes(standard: Standard) -> Modes {
    let mut modes = Modes::new(standard);
    let settings: &[(Setting, u8)] = match standard {
        Standard::Ddr3 => &[
            (Setting::CasLatency, 11),
            (Setting::CasWriteLatency, 8),
            (Setting::BurstLength, ON_THE_FLY),
            (Setting::DllReset, 1),
        ],
        Standard::Ddr4 => &[
            (Setting::CasLatency, 11),
            (Setting::CasWriteLatency, 9),
            (Setting::BurstLength, ON_THE_FLY),
            (Setting::DataMask, 1),
            (Setting::Dll, 1),
            (Setting::DllReset, 1),
        ],
        _ => &[(Setting::CasLatency, 24), (Setting::BurstLength, ON_THE_FLY), (Setting::DataMask, 1)],
    };
    for &(setting, value) in settings {
        modes.put(setting, value).unwrap();
    }
    modes
}

struct Rig {
    bench: Bench,
    log: ChangeLog,
    controller: AgentId<Controller>,
    ranks: Vec<AgentId<Device>>,
}

impl Rig {
    fn new(controller: ControllerOptions, change: impl Fn(&mut DeviceOptions)) -> Rig {
        let channel = controller.channel;
        let mut bench = Bench::new(1);
        let nets = channel.add_nets(&mut bench, "");
        let (groups, banks) = match channel.standard {
            Standard::Ddr3 => (1, 8),
            Standard::Ddr4 => (4, 4),
            _ => (8, 4),
        };
        let start = controller.power_up.map_or(Start::Ready(controller.modes), Start::PowerUp);
        let mut device = DeviceOptions::new(channel, groups, banks, start);
        change(&mut device);
        let agent = bench.add_agent("controller", Controller::new(controller), &nets.controller());
        let rank = |rank| (format!("rank{rank}"), nets.rank(rank));
        let ranks = (0..channel.ranks).map(rank);
        let ranks = ranks.map(|(name, pins)| bench.add_agent(&name, Device::new(device), &pins)).collect();
        let log = bench.new_log();
        Rig { bench, log, controller: agent, ranks }
    }

    fn ideal(standard: Standard) -> Rig {
        let channel = Channel::new(standard, 16);
        Rig::new(ControllerOptions::new(channel, TCK, modes(standard)), |_| {})
    }

    fn submit(&mut self, clock: u64, order: Order, beats: Vec<Beat>) {
        self.bench.agent_mut(self.controller).submit(Job { clock, rank: Some(0), order, beats }).unwrap();
    }

    fn run(&mut self) -> Vec<Reading> {
        assert_eq!(
            self.bench.run_until(Time::from_fs(20_000_000_000_000), &mut self.log),
            Ok(Stop::Requested)
        );
        self.bench.agent_mut(self.controller).take_readings()
    }

    fn remarks(&mut self) -> Vec<String> {
        let ranks = self.ranks.clone();
        let remarks = ranks.iter().flat_map(|rank| self.bench.agent_mut(*rank).take_remarks());
        remarks.map(|remark| format!("{}: {}", remark.code, remark.text)).collect()
    }

    /// The changes of a controller's pin, as time in femtoseconds and value.
    fn changes(&mut self, pin: SignalId) -> Vec<(u64, String)> {
        self.bench.finish(&mut self.log);
        let signal = self.bench.signal_at(self.controller, pin).unwrap();
        let column = &self.log.columns()[signal.index()];
        let text =
            |value: crate::log::Value| (0..column.width()).rev().map(|i| value.at(i).to_char()).collect();
        column.iter().map(|(time, value)| (time.as_fs(), text(value))).collect()
    }
}

fn beats(data: impl IntoIterator<Item = u64>) -> Vec<Beat> {
    data.into_iter().map(Beat::new).collect()
}

const fn order(command: Command, address: u32) -> Order {
    Order::new(command).at(0, 2).with(address)
}

#[test]
fn what_is_written_is_read_back() {
    for standard in [Standard::Ddr3, Standard::Ddr4, Standard::Ddr5] {
        let mut rig = Rig::ideal(standard);
        let data = if standard == Standard::Ddr5 { beats(100..116) } else { beats(100..108) };
        rig.submit(2, order(Command::Act, 0x5a), Vec::new());
        rig.submit(30, order(Command::Wr, 0x40), data.clone());
        rig.submit(90, order(Command::Rd, 0x40), Vec::new());
        let readings = rig.run();
        assert_eq!(readings.len(), 1, "{standard:?}");
        assert_eq!((readings[0].clock, &readings[0].beats), (90, &data), "{standard:?}");
        assert_eq!(rig.remarks(), [""; 0]);
        assert_eq!(rig.bench.troubles(), []);
        let rank = rig.ranks[0];
        assert_eq!(rig.bench.agent(rank).peek(0, 2, 0x5a, 0x40, 2), data[..2]);
    }
}

/// DDR3-1600 with CL 11 and CWL 8: every edge of a write and a read of two beats' worth is where Micron's model has it.
#[test]
fn bursts_are_where_latencies_say() {
    let mut rig = Rig::ideal(Standard::Ddr3);
    rig.submit(1, order(Command::Act, 0), Vec::new());
    let wr = Order { alternate: true, ..order(Command::Wr, 0) };
    rig.submit(20, wr, beats([1, 2, 3, 4]));
    rig.submit(60, Order { alternate: true, ..order(Command::Rd, 0) }, Vec::new());
    assert_eq!(rig.run()[0].beats, beats([1, 2, 3, 4]));
    // Clock n rises at (n + 1) tCK; half a clock is 625 ps.
    let at = |clock: u64, halves: i64| ((clock + 1) * 1_250_000).saturating_add_signed(halves * 625_000);
    let (wl, rl) = (20 + 8, 60 + 11);
    let strobes = |first: u64| {
        let levels = [(-2, "00"), (0, "11"), (1, "00"), (2, "11"), (3, "00"), (4, "zz")];
        levels.map(|(halves, levels)| (at(first, halves), levels.to_owned()))
    };
    let dqs = rig.changes(wire::DQS);
    assert_eq!(dqs[1..7], strobes(wl));
    assert_eq!(dqs[7..], strobes(rl));
    let dq: Vec<u64> = rig.changes(wire::DQ).iter().map(|change| change.0).collect();
    let quarter = 312_500;
    assert_eq!(dq[1..6], [0, 1, 2, 3, 4].map(|half| at(wl, half) - quarter), "centred");
    assert_eq!(dq[6..], [0, 1, 2, 3, 4].map(|half| at(rl, half)), "with the strobe");
    let cs = rig.changes(wire::cs(0));
    let pulse = |clock| [(at(clock, -1), "0".to_owned()), (at(clock, 1), "1".to_owned())];
    assert_eq!(cs[1..], [pulse(1), pulse(20), pulse(60)].concat(), "half a clock before CK rises");
    let odt = rig.changes(wire::odt(0));
    assert_eq!(odt[1..], [(at(20, -1), "1".to_owned()), (at(24, -1), "0".to_owned())]);
}

#[test]
fn a_command_of_two_clocks_counts_from_the_second() {
    let mut rig = Rig::ideal(Standard::Ddr5);
    rig.submit(2, order(Command::Act, 7), Vec::new());
    rig.submit(40, order(Command::Wr, 0x20), beats(0..16));
    rig.run();
    let first = rig.changes(wire::DQS).into_iter().find(|(_, levels)| levels == "11").unwrap();
    // The write preamble of two clocks has a pulse of its own, a clock before the first beat.
    assert_eq!(first.0, (40 + 22 + 1 - 1) * 1_250_000);
    let cs = rig.changes(wire::cs(0));
    assert_eq!(cs[1].0, 2 * 1_250_000 - 625_000, "the first clock of ACT is clock 1");
}

/// The power-up sequence of a memory of 4 Gb at 1.25 ns.
fn power_up(standard: Standard) -> PowerUp {
    PowerUp::of(standard, TCK, Span::from_ns(260), 597, [8, 24])
}

fn powered(standard: Standard, wants: PowerUp, does: PowerUp) -> Rig {
    let channel = Channel::new(standard, 8);
    let options =
        ControllerOptions { power_up: Some(does), ..ControllerOptions::new(channel, TCK, modes(standard)) };
    let mut rig = Rig::new(options, |device| device.start = Start::PowerUp(wants));
    let ready = rig.bench.agent(rig.controller).ready();
    let burst = if standard == Standard::Ddr5 { 16 } else { 8 };
    rig.submit(ready + 2, order(Command::Act, 3), Vec::new());
    rig.submit(ready + 30, order(Command::Wr, 0), beats(0..burst));
    rig.submit(ready + 90, order(Command::Rd, 0), Vec::new());
    rig
}

#[test]
fn a_memory_is_ready_after_its_power_up_sequence() {
    for standard in [Standard::Ddr3, Standard::Ddr4, Standard::Ddr5] {
        let times = power_up(standard);
        let mut rig = powered(standard, times, times);
        let readings = rig.run();
        assert_eq!(rig.remarks(), [""; 0], "{standard:?}");
        assert_eq!(readings[0].beats[7], Beat::new(7), "{standard:?}");
        let rank = rig.ranks[0];
        assert_eq!(*rig.bench.agent(rank).modes(), modes(standard));
        let reset = rig.changes(wire::RESET);
        assert_eq!(reset[1], (200_000_000_000, "1".into()));
    }
    // CKE rises half a clock before the edge that samples it.
    let times = power_up(Standard::Ddr3);
    let mut rig = powered(Standard::Ddr3, times, times);
    rig.run();
    assert_eq!(rig.changes(wire::cke(0))[1], (700_000_000_000 - 625_000, "1".into()));
}

/// A controller that does one step a clock, or a picosecond, too short is told so, and nothing else.
#[test]
fn each_step_of_the_power_up_sequence_is_watched() {
    let wants = power_up(Standard::Ddr4);
    let ps = Span::from_ps(1);
    let cases: [(PowerUp, &str); 6] = [
        (PowerUp { reset: wants.reset.saturating_sub(ps), ..wants }, "RESET# was low for"),
        (PowerUp { settle: wants.settle.saturating_sub(ps), ..wants }, "CKE is high"),
        (PowerUp { stable: wants.stable - 1, ..wants }, "CK has run for 7 clocks"),
        (PowerUp { wake: wants.wake - 1, ..wants }, "the first command comes 215 clocks"),
        (PowerUp { calibration: 900, ..wants }, "ACT comes 902 clocks after the first calibration"),
        (PowerUp { dll: 2000, calibration: 1024, ..wants }, ""),
    ];
    for (does, text) in cases {
        let mut rig = powered(Standard::Ddr4, wants, does);
        rig.run();
        let remarks = rig.remarks();
        if text.is_empty() {
            assert_eq!(remarks, [""; 0]);
        } else {
            assert_eq!(remarks.len(), 1, "{remarks:?}");
            assert!(remarks[0].starts_with(&format!("ddr::power-up: {text}")), "{remarks:?}");
        }
    }
    let wants = PowerUp { dll: 1200, ..wants };
    let mut rig = powered(Standard::Ddr4, wants, PowerUp { dll: 597, ..wants });
    rig.run();
    assert!(rig.remarks()[0].contains("(tDLLK)"));
}

#[test]
fn a_memory_that_nobody_started_says_what_is_missing() {
    let channel = Channel::new(Standard::Ddr3, 8);
    let options = ControllerOptions::new(channel, TCK, modes(Standard::Ddr3));
    let mut rig = Rig::new(options, |device| device.start = Start::PowerUp(power_up(Standard::Ddr3)));
    rig.submit(5, order(Command::Act, 3), Vec::new());
    rig.submit(9, order(Command::Pre, 0), Vec::new());
    rig.run();
    let remarks = rig.remarks();
    assert!(remarks[0].contains("CKE is high before RESET#"), "{remarks:?}");
    let missing = "PRE before the power-up sequence is over: MR2 is not set, MR3 is not set, MR1 is not set, \
                   MR0 is not set, the DLL is not reset, ZQ is not calibrated";
    assert!(remarks[1].contains("the first command comes 5 clocks after CKE is high"), "{remarks:?}");
    assert_eq!(remarks[2], format!("ddr::power-up: {missing}"));
}

#[test]
fn what_a_memory_leaves_undefined_is_refused() {
    let mut rig = Rig::ideal(Standard::Ddr4);
    rig.submit(2, order(Command::Rd, 0), Vec::new());
    rig.submit(10, order(Command::Act, 0x1f), Vec::new());
    rig.submit(20, order(Command::Act, 0x20), Vec::new());
    rig.submit(30, Order::new(Command::Ref), Vec::new());
    rig.submit(40, Order::mode(0, 0), Vec::new());
    rig.submit(60, order(Command::Wra, 0), beats(0..8));
    rig.submit(100, order(Command::Rd, 0), Vec::new());
    let readings = rig.run();
    assert!(readings.iter().all(|reading| reading.beats.is_empty()));
    assert_eq!(
        rig.remarks(),
        [
            "ddr::closed-bank: RD 0.2 col 0 is ignored: no row of that bank is open",
            "ddr::open-bank: ACT 0.2 row 20 is ignored: row 1f of that bank is open",
            "ddr::banks-not-idle: REF is ignored: a bank has an open row",
            "ddr::banks-not-idle: MRS 0 = 0000 is ignored: a bank has an open row",
            "ddr::closed-bank: RD 0.2 col 0 is ignored: no row of that bank is open",
        ]
    );
}

/// A strobe a whole clock late: the first beats are lost, and what is missing is unknown.
#[test]
fn write_data_that_do_not_come_are_unknown() {
    let channel = Channel::new(Standard::Ddr3, 16);
    let mut options = ControllerOptions::new(channel, TCK, modes(Standard::Ddr3));
    options.dqss = 10 * 1_250_000;
    let mut rig = Rig::new(options, |_| {});
    rig.submit(2, order(Command::Act, 0), Vec::new());
    rig.submit(30, order(Command::Wr, 0), beats(0..8));
    rig.submit(90, order(Command::Rd, 0), Vec::new());
    let readings = rig.run();
    assert_eq!(rig.remarks(), ["ddr::no-write-data: 0 beats of write data came, 8 are expected"]);
    assert!(readings[0].beats.iter().all(|beat| beat.unknown == 0xffff));
}

#[test]
fn ranks_are_apart() {
    let channel = Channel { ranks: 2, ..Channel::new(Standard::Ddr4, 16) };
    let mut rig = Rig::new(ControllerOptions::new(channel, TCK, modes(Standard::Ddr4)), |_| {});
    let at = |clock, rank, order, beats| Job { clock, rank: Some(rank), order, beats };
    for job in [
        at(2, 0, order(Command::Act, 1), Vec::new()),
        at(3, 1, order(Command::Act, 1), Vec::new()),
        at(30, 0, order(Command::Wr, 8), beats(0..8)),
        at(40, 1, order(Command::Wr, 8), beats(10..18)),
        at(80, 0, order(Command::Rd, 8), Vec::new()),
        at(86, 1, order(Command::Rd, 8), Vec::new()),
    ] {
        rig.bench.agent_mut(rig.controller).submit(job).unwrap();
    }
    let readings = rig.run();
    assert_eq!(readings[0].beats, beats(0..8));
    assert_eq!(readings[1].beats, beats(10..18));
    assert_eq!((rig.remarks(), rig.bench.troubles()), (vec![], &[][..]));
    let none = at(99, 2, order(Command::Pre, 0), Vec::new());
    let told = rig.bench.agent_mut(rig.controller).submit(none).unwrap_err();
    assert_eq!(told, JobError::NoRank { rank: 2, ranks: 2 });
}

#[test]
fn a_memory_asleep_hears_nothing_until_it_is_woken() {
    let mut rig = Rig::ideal(Standard::Ddr3);
    rig.submit(2, Order::new(Command::Pde), Vec::new());
    rig.submit(20, Order::new(Command::Pdx), Vec::new());
    rig.submit(30, order(Command::Act, 1), Vec::new());
    rig.submit(50, order(Command::Wr, 0), beats(0..8));
    rig.submit(90, order(Command::Rd, 0), Vec::new());
    assert_eq!(rig.run()[0].beats, beats(0..8));
    let cke: Vec<u64> = rig.changes(wire::cke(0)).iter().map(|change| change.0 / 625_000).collect();
    assert_eq!(cke[1..], [2 * 3 - 1, 2 * 21 - 1]);
}

#[test]
fn commands_that_cannot_be_played_are_refused() {
    let mut rig = Rig::ideal(Standard::Ddr4);
    rig.submit(5, order(Command::Act, 1), Vec::new());
    let controller = rig.bench.agent_mut(rig.controller);
    let mut told = |clock, order, beats| {
        controller.submit(Job { clock, rank: None, order, beats }).unwrap_err().to_string()
    };
    assert_eq!(
        told(5, order(Command::Pre, 0), vec![]),
        "PRE 0.2 begins in clock 5, when the command pins are free from clock 6 on"
    );
    assert_eq!(told(9, order(Command::Mwr, 0), vec![]), "MWR 0.2 col 0 cannot be put on the pins of ddr4");
    assert_eq!(told(9, order(Command::Wr, 0), beats(0..4)), "WR 0.2 col 0 carries 8 beats, not 4");
    assert_eq!(told(9, order(Command::Rd, 0), beats(0..8)), "RD 0.2 col 0 carries 0 beats, not 8");
}

/// One access of the property below.
#[derive(Clone, Copy, Debug)]
struct Access {
    writes: bool,
    group: u8,
    bank: u8,
    row: u32,
    column: u32,
    alternate: bool,
    closes: bool,
    mask: u16,
    seed: u64,
}

fn accesses() -> impl Strategy<Value = Vec<Access>> {
    let place = (0..2u8, 0..4u8, 0..3u32, 0..4u32, 0..8u32);
    let one = (any::<bool>(), place, any::<bool>(), any::<bool>(), 0..4u16, any::<u64>());
    let access =
        one.prop_map(|(writes, (group, bank, row, block, start), alternate, closes, mask, seed)| Access {
            writes,
            group,
            bank,
            row: row * 0x77,
            column: block * 0x10 + start,
            alternate,
            closes,
            mask,
            seed,
        });
    prop::collection::vec(access, 1..30)
}

impl Access {
    fn order(&self, command: Command, address: u32) -> Order {
        Order { alternate: self.alternate && command.is_column(), ..Order::new(command) }
            .at(self.group, self.bank)
            .with(address)
    }

    /// The column of each beat; written down by hand for the one way that this property uses.
    fn columns(column: u32, beats: u32) -> Vec<u32> {
        (0..beats).map(|beat| (column & !3 ^ beat & !3) | (column + beat) & 3).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is written is read back through the pins: addresses, masks, burst lengths, strobes that stray, flight time.
    #[test]
    fn a_channel_is_a_memory(
        which in 0..3usize,
        accesses in accesses(),
        dqss in -300_000i64..300_000,
        dqsck in -225_000i64..225_000,
        jitter in 0..60u64,
        flight in 0..3_000u64,
    ) {
        let standard = [Standard::Ddr3, Standard::Ddr4, Standard::Ddr5][which];
        let modes = modes(standard);
        let channel = Channel { flight: Span::from_ps(flight), ..Channel::new(standard, 16) };
        let mut options = ControllerOptions::new(channel, TCK, modes);
        options.dqss = dqss;
        options.jitter = Jitter::Uniform { peak: Span::from_ps(jitter) };
        let mut rig = Rig::new(options, |device| device.dqsck = dqsck);
        let mut cells: HashMap<(u8, u8, u32, u32), [Option<u8>; 2]> = HashMap::new();
        let (mut clock, mut expected) = (3, Vec::new());
        for (gap, access) in (0..).zip(&accesses) {
            let group = if standard == Standard::Ddr3 { 0 } else { access.group };
            // Writes begin at a multiple of the burst; DDR5 reads at a multiple of four.
            let access = Access { group, ..*access };
            let length = modes.beats(access.alternate);
            let step = if standard == Standard::Ddr5 { 4 } else { 1 };
            let column = if access.writes { access.column / length * length } else { access.column / step * step };
            rig.submit(clock, access.order(Command::Act, access.row), vec![]);
            clock += 14 + gap % 3;
            let columns = Access::columns(column, length);
            let place = |column: &u32| (group, access.bank, access.row, *column);
            let (open, shut) = if access.writes { (Command::Wr, Command::Wra) } else { (Command::Rd, Command::Rda) };
            let command = if access.closes { shut } else { open };
            let beat = |i: u64| Beat { mask: access.mask, ..Beat::new(access.seed.rotate_left(i as u32) & 0xffff) };
            let data: Vec<Beat> = if access.writes { (0..u64::from(length)).map(beat).collect() } else { vec![] };
            if access.writes {
                for (column, beat) in columns.iter().zip(&data) {
                    let cell = cells.entry(place(column)).or_default();
                    for byte in (0..2).filter(|byte| beat.mask >> byte & 1 == 0) {
                        cell[byte] = Some((beat.data >> (8 * byte)) as u8);
                    }
                }
            } else {
                let cell = |column: &u32| cells.get(&place(column)).copied().unwrap_or_default();
                expected.push(columns.iter().map(cell).collect::<Vec<_>>());
            }
            rig.submit(clock, access.order(command, column), data);
            clock += 50;
            if !access.closes {
                rig.submit(clock, access.order(Command::Pre, 0), vec![]);
                clock += 3;
            }
        }
        let readings = rig.run();
        let byte = |beat: &Beat, byte: usize| {
            let unknown = (beat.unknown >> (8 * byte)) as u8;
            (unknown == 0).then_some((beat.data >> (8 * byte)) as u8)
        };
        let read: Vec<Vec<[Option<u8>; 2]>> = readings
            .iter()
            .map(|reading| reading.beats.iter().map(|beat| [byte(beat, 0), byte(beat, 1)]).collect())
            .collect();
        prop_assert_eq!(read, expected);
        prop_assert_eq!(rig.remarks(), Vec::<String>::new());
        prop_assert!(rig.bench.troubles().is_empty(), "{:?}", rig.bench.troubles());
    }
}

/// What is left of a quarter of a clock on both sides of DQS: all of it, or less where data or strobe are late.
#[test]
fn data_are_where_the_strobe_samples_them() {
    let quarter = TCK.as_fs() / 4;
    let eyes = |lead: Option<Span>, dqsq: Span| {
        let channel = Channel::new(Standard::Ddr3, 16);
        let options =
            ControllerOptions { lead, ..ControllerOptions::new(channel, TCK, modes(Standard::Ddr3)) };
        let mut rig = Rig::new(options, |device| device.dqsq = dqsq);
        rig.submit(2, order(Command::Act, 0), Vec::new());
        rig.submit(30, order(Command::Wr, 0), beats(0..8));
        rig.submit(90, order(Command::Rd, 0), Vec::new());
        rig.run();
        let signal = |pin| rig.bench.signal_at(rig.controller, pin).unwrap();
        let [dqs, dq] = [wire::DQS, wire::DQ].map(signal);
        let eye = |delay, from: u64, to: u64| {
            let mut eye = Eye::new(dqs, &[dq], delay);
            let mut instants = Instants::new(rig.log.columns());
            while let Some((t, changes)) = instants.next() {
                if (from * TCK.as_fs()..to * TCK.as_fs()).contains(&t.as_fs()) {
                    eye.instant(t, changes);
                }
            }
            let opening = eye.opening().unwrap();
            (opening.setup.as_fs(), opening.hold.as_fs())
        };
        (eye(Span::ZERO, 0, 80), eye(TCK.scale(1, 4), 80, 200))
    };
    assert_eq!(eyes(None, Span::ZERO), ((quarter, quarter), (quarter, quarter)));
    let late = Span::from_ps(100);
    assert_eq!(eyes(Some(late), Span::ZERO).0, (late.as_fs(), 2 * quarter - late.as_fs()));
    assert_eq!(eyes(None, late).1, (quarter - late.as_fs(), quarter));
}
