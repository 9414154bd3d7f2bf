//! Devices on simulated wires: a controller talks to them, and a monitor that knows their commands says what was said.

use std::sync::Arc;

use busproof_core::bits::Bits;
use busproof_core::bus::spi::{
    Controller, ControllerOptions, Item, Lanes, Monitor, Op, Options, OutputTiming, Peripheral,
    PeripheralOptions, PhaseKind, Rate, Word, rules,
};
use busproof_core::bus::{Diagnostic, Monitor as _};
use busproof_core::log::{Change, ChangeLog, SignalId};
use busproof_core::net::{Attach, Net};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::time::{Span, Time};
use busproof_parts::command::Action;
use busproof_parts::{DeviceOptions, Dummies, Part, Transfer, catalog};

const NAMES: [&str; 6] = ["sck", "mosi", "miso", "io2", "io3", "cs"];

/// A controller of 10 MHz and one part, whose outputs are as slow as its data sheet allows.
struct Wires {
    part: Arc<Part>,
    options: Options,
    bench: Bench,
    host: AgentId<Controller>,
    target: AgentId<Peripheral>,
    log: ChangeLog,
}

impl Wires {
    fn new(name: &str) -> Wires {
        let part = catalog::find(name).expect("the part is ours");
        let options = part.spi_options().expect("an SPI part").clone();
        let device = part.spi_device(&DeviceOptions::default()).expect("the part is simulated");
        let time = |param| part.params().get(param).map_or(Span::ZERO, |p| Span::from_fs(p.value as u64));
        let (valid, hold) = (time(rules::T_CLQV), time(rules::T_CLQX));
        let output = OutputTiming { hold: hold.min(valid), valid, disable: time(rules::T_SHQZ) };
        let peripheral = PeripheralOptions { output, ..PeripheralOptions::new(options.clone()) };

        let mut bench = Bench::new(1);
        let nets: Vec<_> = NAMES.iter().map(|name| bench.add_net(Net::wire(*name))).collect();
        let pins: Vec<_> = nets.iter().map(|net| Some(Attach::at(*net, Span::ZERO))).collect();
        let controller =
            Controller::new(ControllerOptions::new(options.clone(), 1_000_000)).expect("a legal clock");
        let host = bench.add_agent("host", controller, &pins);
        let target = bench.add_agent("target", Peripheral::new(peripheral, device), &pins);
        let log = bench.new_log();
        Wires { part, options, bench, host, target, log }
    }

    /// Runs a transfer between select and deselect.
    fn transfer(&mut self, ops: &[Op]) -> Vec<Bits> {
        let ops = [&[Op::Select(0)], ops, &[Op::Deselect]].concat();
        let ticket = self.bench.agent_mut(self.host).submit(&ops).expect("legal operations");
        self.bench.run_until(Time::from_fs(u64::MAX / 2), &mut self.log).expect("no loop");
        self.bench.agent_mut(self.host).take(ticket).expect("it is done").words
    }

    fn bytes(&mut self, mosi: &[u8]) -> Vec<u8> {
        let ops: Vec<Op> = mosi.iter().map(|byte| write(u64::from(*byte), 8, Lanes::SINGLE)).collect();
        self.transfer(&ops).iter().map(|word| word.to_u64().unwrap_or(0) as u8).collect()
    }

    fn wait(&mut self, span: Span) {
        let ticket = self.bench.agent_mut(self.host).submit(&[Op::Delay(span)]).expect("legal operations");
        self.bench.run_until(Time::from_fs(u64::MAX / 2), &mut self.log).expect("no loop");
        self.bench.agent_mut(self.host).take(ticket).expect("it is done");
    }

    fn remarks(&mut self) -> Vec<Diagnostic> {
        self.bench.agent_mut(self.target).device_mut().take_remarks()
    }

    fn load(&mut self, address: u64, bytes: &[u8]) {
        self.bench.agent_mut(self.target).device_mut().load(address, bytes).expect("inside of memory");
    }

    /// What each transfer was, in words, from the waveform alone.
    fn said(&mut self) -> Vec<String> {
        let later = self.bench.now() + Span::from_us(1);
        self.bench.run_until(later, &mut self.log).expect("no loop");
        self.bench.finish(&mut self.log);
        let columns: Vec<SignalId> = (0..NAMES.len() as u32)
            .map(|i| self.bench.signal_at(self.host, SignalId(i)).expect("all pins are connected"))
            .collect();
        let mut monitor = Monitor::new(&self.options, self.log.source());
        let mut items: Vec<Item> = Vec::new();
        let mut instants = self.log.instants_of(&columns);
        while let Some((t, changes)) = instants.next() {
            let changes: Vec<Change> = changes.to_vec();
            monitor.instant(t, &changes, &mut items);
        }
        monitor.finish(self.log.end(), &mut items);
        let transfers = items.split(|item| matches!(item, Item::Select { .. })).skip(1);
        transfers.map(|items| self.describe(items)).collect()
    }

    fn describe(&self, items: &[Item]) -> String {
        let words = items.iter().filter_map(|item| match item {
            Item::Word(word) | Item::Incomplete(word) => Some(word),
            Item::Select { .. } | Item::Deselect { .. } => None,
        });
        let words: Vec<&Word> = words.collect();
        self.part.describe(&Transfer::from_words(words, self.options.bit_order, Dummies::LeftOut))
    }
}

fn write(value: u64, bits: u32, lanes: Lanes) -> Op {
    Op::Write(Bits::new(value, bits), lanes)
}

#[test]
fn a_flash_is_identified_programmed_and_read() {
    let mut wires = Wires::new("w25q128jv");
    assert_eq!(wires.bytes(&[0x9f, 0, 0, 0])[1..], [0xef, 0x40, 0x18]);
    wires.bytes(&[0x06]);
    wires.bytes(&[0x02, 0x00, 0x10, 0x00, 0xca, 0xfe]);
    assert_eq!(wires.bytes(&[0x05, 0])[1], 0x03);
    wires.wait(Span::from_ms(3));
    assert_eq!(wires.bytes(&[0x03, 0x00, 0x10, 0x00, 0, 0])[4..], [0xca, 0xfe]);
    assert_eq!(wires.bytes(&[0x0b, 0x00, 0x10, 0x00, 0, 0])[5..], [0xca]);
    assert!(wires.remarks().is_empty());
    assert_eq!(
        wires.said(),
        [
            "9f READ JEDEC ID -> ef 40 18 (Winbond W25Q128JV)",
            "06 WRITE ENABLE",
            "02 PAGE PROGRAM @001000 <- ca fe",
            "05 READ STATUS-1 -> 03 (BUSY WEL)",
            "03 READ DATA @001000 -> ca fe",
            "0b FAST READ @001000 -> ca",
        ]
    );
}

#[test]
fn every_read_of_every_flash_travels_on_its_lanes() {
    for name in ["w25q128jv", "w25q128jv-dtr", "n25q128a", "mt25ql256", "m25p80"] {
        let part = catalog::find(name).expect("the part is ours");
        let rows = part.command_rows().expect("a flash has commands");
        for (command, detail) in rows.table.commands.iter().zip(&rows.details) {
            if detail.action != Action::Read {
                continue;
            }
            let mut wires = Wires::new(name);
            wires.load(0x1234, &[0xa5, 0x5a]);
            if detail.needs_quad_enable {
                wires.bytes(&[0x06]);
                wires.bytes(&[0x31, 0x02]);
                wires.wait(Span::from_ms(15));
            }
            let mut ops = vec![write(command.opcode, 8, Lanes::SINGLE)];
            for phase in &command.phases {
                ops.extend(match phase.kind {
                    PhaseKind::Address => vec![write(0x1234, phase.length, phase.lanes)],
                    PhaseKind::Mode => vec![write(0xff, phase.length, phase.lanes)],
                    PhaseKind::Dummy => vec![Op::Dummy(phase.length, phase.lanes)],
                    _ => vec![Op::Read(8, phase.lanes), Op::Read(8, phase.lanes)],
                });
            }
            let words = wires.transfer(&ops);
            let read: Vec<_> = words[words.len() - 2..].iter().map(Bits::to_hex).collect();
            assert_eq!(read, ["a5", "5a"], "{name}: {}", command.name);
            assert!(wires.remarks().is_empty(), "{name}: {}", command.name);
            let address = if detail.phases.contains("32") { "00001234" } else { "001234" };
            let wanted = format!("{:02x} {} @{address} -> a5 5a", command.opcode, command.name);
            assert_eq!(wires.said().last(), Some(&wanted), "{name}");
        }
    }
}

#[test]
fn double_rate_is_among_the_reads() {
    let part = catalog::find("w25q128jv-dtr").expect("the part is ours");
    let double = |opcode| {
        let table = part.commands().expect("a flash has commands");
        table.find(opcode).is_some_and(|c| c.phases.iter().any(|p| p.lanes.rate == Rate::Double))
    };
    assert!([0x0d, 0xbd, 0xed].into_iter().all(double));
}

#[test]
fn an_sram_works_on_four_lanes() {
    let mut wires = Wires::new("23lc1024");
    wires.bytes(&[0x38]);
    wires.transfer(&[
        write(0x02, 8, Lanes::QUAD),
        write(0x0123, 24, Lanes::QUAD),
        write(0xbe, 8, Lanes::QUAD),
        write(0xef, 8, Lanes::QUAD),
    ]);
    let words = wires.transfer(&[
        write(0x03, 8, Lanes::QUAD),
        write(0x0123, 24, Lanes::QUAD),
        Op::Dummy(2, Lanes::QUAD),
        Op::Read(8, Lanes::QUAD),
        Op::Read(8, Lanes::QUAD),
    ]);
    assert_eq!(words[2..].iter().map(Bits::to_hex).collect::<Vec<_>>(), ["be", "ef"]);
    wires.transfer(&[write(0xff, 8, Lanes::QUAD)]);
    assert_eq!(wires.bytes(&[0x05, 0])[1], 0x40);
    assert!(wires.remarks().is_empty());
    assert_eq!(
        wires.said(),
        [
            "38 ENTER QUAD I/O",
            "02 WRITE @000123 <- be ef",
            "03 READ @000123 -> be ef",
            "ff RESET I/O",
            "05 READ MODE REGISTER -> 40 (SEQUENTIAL)",
        ]
    );
}

#[test]
fn qpi_is_entered_used_and_left() {
    let mut wires = Wires::new("w25q128jv-dtr");
    wires.load(0x40, &[0x77]);
    wires.bytes(&[0x06]);
    wires.bytes(&[0x31, 0x02]);
    wires.wait(Span::from_ms(15));
    wires.bytes(&[0x38]);
    wires.transfer(&[write(0x05, 8, Lanes::QUAD), Op::Read(8, Lanes::QUAD)]);
    let words = wires.transfer(&[
        write(0x0b, 8, Lanes::QUAD),
        write(0x40, 24, Lanes::QUAD),
        Op::Dummy(2, Lanes::QUAD),
        Op::Read(8, Lanes::QUAD),
    ]);
    assert_eq!(words[2].to_hex(), "77");
    wires.transfer(&[write(0xff, 8, Lanes::QUAD)]);
    assert!(wires.remarks().is_empty());
    assert_eq!(
        wires.said()[2..],
        ["38 ENTER QPI", "05 READ STATUS-1 -> 00 (-)", "0b FAST READ @000040 -> 77", "ff EXIT QPI"]
    );
}

#[test]
fn a_converter_answers_three_bytes() {
    let mut wires = Wires::new("mcp3008");
    let miso = wires.bytes(&[0x01, 0xb0, 0x00]);
    assert_eq!(u16::from(miso[1] & 3) << 8 | u16::from(miso[2]), 438);
    assert_eq!(wires.said(), ["CH3 single-ended -> 438"]);
}

#[test]
fn registers_are_written_and_read() {
    let mut wires = Wires::new("spi-register-file");
    wires.bytes(&[0x02, 0x10, 0xde, 0xad, 0xbe, 0xef]);
    assert_eq!(wires.bytes(&[0x03, 0x10, 0, 0, 0, 0, 0])[3..], [0xde, 0xad, 0xbe, 0xef]);
    assert!(wires.remarks().is_empty());
    assert_eq!(wires.said(), ["WRITE reg 0x10 <- 0xdeadbeef", "READ reg 0x10 -> 0xdeadbeef"]);
}

#[test]
fn an_echo_comes_back() {
    let mut wires = Wires::new("spi-loopback");
    assert_eq!(wires.bytes(&[0x12, 0x34, 0x56]), [0x00, 0x12, 0x34]);
    assert_eq!(wires.said(), ["exchange <- 12 34 56 -> 00 12 34"]);
}
