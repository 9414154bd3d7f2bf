//! Devices on the simulated wires of I2C: a controller talks to them through pull-ups and capacitance, and a monitor that
//! knows the parts says what was said, from the waveform alone.

use busproof_core::Rc;
use busproof_core::bus::i2c::{
    Ack, Address, Call, Controller, ControllerOptions, Device, Direction, Item, Monitor, Op, Options,
    Outcome, Speed, Target, TargetOptions,
};
use busproof_core::bus::{Diagnostic, Monitor as _};
use busproof_core::level::Level;
use busproof_core::log::{Change, ChangeLog, SignalId};
use busproof_core::net::{Attach, Net, NetId};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::time::Span;
use busproof_parts::{Ambient, DeviceOptions, Dialogue, catalog};

/// 2.2 kOhm on 100 pF: 186 ns of rise time, which suits Fast-mode.
const RC: Rc = Rc { pull_up_ohm: 2200.0, farad: 100e-12, on_ohm: 25.0 };

/// A controller of 400 kHz and some parts.
struct Board {
    bench: Bench,
    wires: [NetId; 2],
    host: AgentId<Controller>,
    targets: Vec<AgentId<Target>>,
    parts: Vec<(&'static str, u8)>,
    log: Option<ChangeLog>,
}

fn fast() -> Options {
    Options { speed: Some(Speed::Fast), ..Options::default() }
}

impl Board {
    fn new() -> Board {
        let mut bench = Bench::new(1);
        let wires = ["scl", "sda"].map(|name| bench.add_net(Net::open_drain(name, RC)));
        let options = ControllerOptions::new(fast(), 400_000).fitted(RC);
        let pins = wires.map(|net| Some(Attach::to(net)));
        let host = bench.add_agent("host", Controller::new(options).expect("a legal clock"), &pins);
        Board { bench, wires, host, targets: Vec::new(), parts: Vec::new(), log: None }
    }

    fn add(&mut self, part: &'static str, address: u8) -> usize {
        self.add_with(part, address, self.wires, &[], Ambient::default())
    }

    /// A part on `wires`, its own pins on `pins`.
    fn add_with(
        &mut self,
        part: &'static str,
        address: u8,
        wires: [NetId; 2],
        pins: &[Option<NetId>],
        ambient: Ambient,
    ) -> usize {
        let options =
            DeviceOptions { address: Some(Address::Seven(address)), ambient, ..DeviceOptions::default() };
        let device = catalog::find(part).map(|part| part.i2c_device(&options).expect("it is simulated"));
        let target = Target::new(TargetOptions::new(fast()), device.expect("the part is ours"));
        let nets = wires.into_iter().map(Some).chain(pins.iter().copied());
        let pins: Vec<Option<Attach>> = nets.map(|net| net.map(Attach::to)).collect();
        self.targets.push(self.bench.add_agent(&format!("{part} {address:02x}"), target, &pins));
        self.parts.push((part, address));
        self.targets.len() - 1
    }

    fn run(&mut self, ops: &[Op]) -> Vec<Outcome> {
        let mut log = self.log.take().unwrap_or_else(|| self.bench.new_log());
        let ticket = self.bench.agent_mut(self.host).submit(ops).expect("legal operations");
        let outcomes = loop {
            let next = self.bench.now() + Span::from_us(100);
            self.bench.run_until(next, &mut log).expect("no loop");
            if let Some(done) = self.bench.agent_mut(self.host).take(ticket) {
                break done.outcomes;
            }
        };
        self.log = Some(log);
        outcomes
    }

    /// True if all was acknowledged.
    fn write(&mut self, address: u8, bytes: &[u8]) -> bool {
        let call = Call { address: Address::Seven(address), direction: Direction::Write };
        let sent = bytes.iter().map(|byte| Op::Write(*byte));
        let ops: Vec<Op> = [Op::Start, Op::Call(call)].into_iter().chain(sent).chain([Op::Stop]).collect();
        self.run(&ops).iter().all(|outcome| *outcome == Outcome::Ack(Ack::Ack))
    }

    fn write_read(&mut self, address: u8, bytes: &[u8], count: usize) -> Vec<u8> {
        let call = |direction| Op::Call(Call { address: Address::Seven(address), direction });
        let mut ops = vec![Op::Start];
        if !bytes.is_empty() {
            ops.push(call(Direction::Write));
            ops.extend(bytes.iter().map(|byte| Op::Write(*byte)));
            ops.push(Op::Start);
        }
        ops.push(call(Direction::Read));
        ops.extend((0..count).map(|i| Op::Read(if i + 1 < count { Ack::Ack } else { Ack::Nack })));
        ops.push(Op::Stop);
        let outcomes = self.run(&ops);
        let byte = |outcome: &Outcome| match outcome {
            Outcome::Byte(byte) => *byte,
            Outcome::Ack(_) | Outcome::Cleared(_) => None,
        };
        outcomes.iter().filter_map(byte).collect()
    }

    fn wait(&mut self, span: Span) {
        self.run(&[Op::Delay(span)]);
    }

    fn device(&mut self, index: usize) -> &mut dyn Device {
        self.bench.agent_mut(self.targets[index]).device_mut()
    }

    fn remarks(&mut self) -> Vec<Diagnostic> {
        (0..self.targets.len()).flat_map(|i| self.device(i).take_remarks()).collect()
    }

    /// The level of a wire, by name.
    fn level(&self, name: &str) -> Level {
        let log = self.log.as_ref().expect("it ran");
        let column = log.find(name).map(|signal| log.column(signal)).expect("a wire");
        column.value_at(self.bench.now()).map_or(Level::X, |value| value.at(0))
    }

    /// What was said to the parts, in order of the transfers' ends.
    fn said(&mut self) -> Vec<String> {
        let mut log = self.log.take().expect("it ran");
        self.bench.finish(&mut log);
        let columns: Vec<SignalId> =
            (0..2).map(|i| self.bench.signal_at(self.host, SignalId(i)).expect("connected")).collect();
        let mut monitor = Monitor::new(&fast(), log.source());
        let mut items: Vec<Item> = Vec::new();
        let mut instants = log.instants_of(&columns);
        while let Some((t, changes)) = instants.next() {
            let changes: Vec<Change> = changes.to_vec();
            monitor.instant(t, &changes, &mut items);
        }
        monitor.finish(log.end(), &mut items);
        let dialogue = |(part, address): &(&str, u8)| {
            let part = catalog::find(part).expect("the part is ours");
            Dialogue::new(&part, Address::Seven(*address)).expect("a device")
        };
        let mut dialogues: Vec<Dialogue> = self.parts.iter().map(dialogue).collect();
        let mut said = Vec::new();
        for item in &items {
            said.extend(
                dialogues.iter_mut().filter_map(|dialogue| dialogue.item(item)).map(|said| said.text),
            );
        }
        said
    }
}

#[test]
fn a_memory_is_written_polled_and_read() {
    let mut board = Board::new();
    let memory = board.add("24lc256", 0x50);
    assert!(board.write(0x50, &[0x01, 0x00, 0xca, 0xfe]));
    let written = board.bench.now();
    assert!(!board.write(0x50, &[]));
    while !board.write(0x50, &[]) {}
    let took = board.bench.now().since(written);
    // The run is looked at every 100 us, and a try takes 30.
    assert!((Span::from_us(4800)..Span::from_us(5300)).contains(&took), "{took}");
    assert_eq!(board.write_read(0x50, &[0x01, 0x00], 2), [0xca, 0xfe]);
    assert_eq!(board.device(memory).peek(0x100, 2), Ok(vec![0xca, 0xfe]));
    let codes: Vec<&str> = board.remarks().iter().map(|remark| remark.code).collect();
    assert_eq!(codes, ["i2c-eeprom::busy"]);
    let said = board.said();
    assert_eq!(said[0], "MEMORY WRITE 0x0100 <- ca fe");
    assert_eq!(said[1], "CALL TO WRITE: not acknowledged");
    assert_eq!(said[said.len() - 2..], ["CALL TO WRITE: acknowledged", "MEMORY READ 0x0100 -> ca fe"]);
}

#[test]
fn write_protect_is_a_pin() {
    let mut board = Board::new();
    let wp = board.bench.add_net(Net::wire("wp").pulled(Level::High));
    let wires = board.wires;
    let memory = board.add_with("24lc256", 0x50, wires, &[Some(wp)], Ambient::default());
    assert!(board.write(0x50, &[0, 0, 1]));
    assert_eq!(board.device(memory).peek(0, 1), Ok(vec![0xff]));
    assert_eq!(board.remarks()[0].code, "i2c-eeprom::protected");
}

#[test]
fn sensors_and_clocks_share_a_bus() {
    let mut board = Board::new();
    let wires = board.wires;
    let ambient = Ambient { milli_celsius: Some(21_500), ..Ambient::default() };
    board.add_with("lm75", 0x4f, wires, &[], ambient);
    board.add_with("tmp102", 0x48, wires, &[], ambient);
    board.add("ds3231", 0x68);
    board.wait(Span::from_ms(200));
    assert_eq!(board.write_read(0x4f, &[0], 2), [21, 0x80]);
    assert_eq!(board.write_read(0x48, &[0], 2), [21, 0x80]);
    assert!(board.write(0x68, &[0, 0x58, 0x59, 0x23, 4, 0x28, 0x02, 0x24]));
    board.wait(Span::from_ms(2500));
    assert_eq!(board.write_read(0x68, &[0], 7), [0, 0, 0, 5, 0x29, 0x02, 0x24]);
    assert!(board.remarks().is_empty());
    assert_eq!(
        board.said(),
        [
            "READ TEMPERATURE -> 15 80 (21.5 C)",
            "READ TEMPERATURE -> 15 80 (21.5 C)",
            "WRITE SECONDS to YEAR <- 58 59 23 04 28 02 24 (24-02-28 23:59:58)",
            "READ SECONDS to YEAR -> 00 00 00 05 29 02 24 (24-02-29 00:00:00)",
        ]
    );
}

#[test]
fn an_alarm_pulls_its_pin_while_nobody_talks() {
    let mut board = Board::new();
    let int = board.bench.add_net(Net::wire("int").pulled(Level::High));
    let wires = board.wires;
    board.add_with("ds3231", 0x68, wires, &[Some(int)], Ambient::default());
    board.write(0x68, &[0, 0x00]);
    board.write(0x68, &[0x07, 0x02, 0x80, 0x80, 0x80]);
    board.write(0x68, &[0x0e, 0x05, 0x00]);
    board.wait(Span::from_ms(1900));
    assert_eq!(board.level("int"), Level::High);
    board.wait(Span::from_ms(200));
    assert_eq!(board.level("int"), Level::Low);
    board.write(0x68, &[0x0f, 0x00]);
    assert_eq!(board.level("int"), Level::High);
}

/// One expander drives pins that another reads, and is interrupted by.
#[test]
fn ports_are_wires_of_the_bench() {
    let mut board = Board::new();
    let wires = board.wires;
    let port: Vec<NetId> = (0..8).map(|i| board.bench.add_net(Net::wire(format!("p{i}")))).collect();
    let int = board.bench.add_net(Net::wire("int").pulled(Level::High));
    let pins: Vec<Option<NetId>> = port.iter().copied().map(Some).collect();
    board.add_with("mcp23017", 0x20, wires, &pins, Ambient::default());
    let pins: Vec<Option<NetId>> = pins.iter().copied().chain([Some(int)]).collect();
    board.add_with("pcf8574", 0x21, wires, &pins, Ambient::default());

    assert!(board.write(0x20, &[0x14, 0xa5]) && board.write(0x20, &[0x00, 0x00]));
    assert_eq!(board.level("p1"), Level::Low);
    assert_eq!(board.level("int"), Level::Low);
    assert_eq!(board.write_read(0x21, &[], 1), [0xa5]);
    assert_eq!(board.level("int"), Level::High);
    assert!(board.write(0x20, &[0x14, 0xa4]));
    assert_eq!(board.level("int"), Level::Low);
    assert_eq!(board.write_read(0x21, &[], 1), [0xa4]);
    assert!(board.bench.troubles().is_empty(), "{:?}", board.bench.troubles());
}

#[test]
fn two_sensors_of_one_address_live_behind_a_switch() {
    let mut board = Board::new();
    let wires = board.wires;
    let channels = ["ch0", "ch1"].map(|name| board.bench.add_net(Net::wire(name)));
    board.add_with(
        "tca9548a",
        0x70,
        wires,
        &[None, Some(channels[0]), Some(channels[1])],
        Ambient::default(),
    );
    for (control, milli) in channels.into_iter().zip([10_000, 30_000]) {
        let behind =
            ["scl", "sda"].map(|name| board.bench.add_net(Net::open_drain(format!("{name}-{milli}"), RC)));
        for (near, far) in wires.into_iter().zip(behind) {
            board.bench.add_switch(control, [near, far]);
        }
        let ambient = Ambient { milli_celsius: Some(milli), ..Ambient::default() };
        board.add_with("lm75", 0x48, behind, &[], ambient);
    }
    board.wait(Span::from_ms(200));
    assert!(!board.write(0x48, &[0]), "no channel is connected");
    for (channel, degrees) in [(0x01, 0x0a), (0x02, 0x1e)] {
        assert!(board.write(0x70, &[channel]));
        assert_eq!(board.write_read(0x48, &[0], 2), [degrees, 0]);
    }
    assert!(board.write(0x70, &[0x03]));
    assert_eq!(board.write_read(0x48, &[0], 1), [0x0a & 0x1e], "both answer, and Low wins");
}

#[test]
fn a_driver_measures_with_a_bme280() {
    let mut board = Board::new();
    board.add("bme280", 0x76);
    board.wait(Span::from_ms(2));
    assert_eq!(board.write_read(0x76, &[0xd0], 1), [0x60]);
    assert!(board.write(0x76, &[0xf2, 0x01, 0xf4, 0x25]));
    while board.write_read(0x76, &[0xf3], 1) != [0x00] {}
    let data = board.write_read(0x76, &[0xf7], 8);
    assert_ne!(data[..3], [0x80, 0, 0]);
    assert!(board.remarks().is_empty());
    assert_eq!(board.said()[1], "WRITE CTRL_HUM <- 01, CTRL_MEAS <- 25");
}
