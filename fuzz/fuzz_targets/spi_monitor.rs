//! Any waveform for the SPI monitor and its jury: events come in order, items lie within the waveform.
#![no_main]

use busproof_core::bus::spi::{
    Command, CommandTable, Format, Item, Lanes, Mode, Monitor, Options, Phase, PhaseKind, Rate,
};
use busproof_core::bus::spi::{Wires, WordBits, class};
use busproof_core::bus::{Monitor as _, Sink};
use busproof_core::timing::Event;
use busproof_core::{Change, Level, SignalId, Source, Span, Time, Value};
use libfuzzer_sys::fuzz_target;

struct Strict {
    last: Time,
    end: Time,
}

impl Sink<Item> for Strict {
    fn item(&mut self, item: Item) {
        assert!(item.start() <= item.end() && item.start() <= self.end, "{item:?}");
    }

    fn event(&mut self, event: Event) {
        assert!(self.last <= event.time, "{event:?}");
        self.last = event.time;
    }
}

fn table() -> CommandTable {
    let phase = |kind, length, count, rate| Phase { kind, length, lanes: Lanes { count, rate } };
    let command = |opcode, phases| Command {
        opcode,
        mask: 3,
        name: String::new(),
        class: class::READ,
        phases,
        on_lanes: Vec::new(),
        switches_lanes: Some(4),
    };
    let read = vec![
        phase(PhaseKind::Address, 12, 4, Rate::Double),
        phase(PhaseKind::Dummy, 3, 2, Rate::Single),
        phase(PhaseKind::Read, 0, 2, Rate::Double),
    ];
    CommandTable { opcode_bits: 4, commands: vec![command(1, read), command(2, Vec::new())] }
}

fn options(seed: &[u8; 4]) -> Options {
    Options {
        mode: Mode::ALL[seed[0] as usize % 4],
        format: [Format::Motorola, Format::Ti, Format::Microwire][seed[0] as usize / 4 % 3],
        word_bits: WordBits::new(seed[1] as u32 + 1).unwrap_or_default(),
        wires: if seed[2] & 1 == 0 { Wires::Four } else { Wires::Three },
        lanes: [Lanes::SINGLE, Lanes::DUAL, Lanes::QUAD][seed[2] as usize / 2 % 3],
        sample_delay: seed[3] % 5,
        commands: (seed[3] & 0x80 != 0).then(|| table().into()),
        ..Options::default()
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((seed, body)) = bytes.split_first_chunk::<4>() else { return };
    let source =
        if seed[2] & 0x80 == 0 { Source::Run } else { Source::Recording { grid: Some(Span::from_fs(3)) } };
    let mut monitor = Monitor::new(&options(seed), source);
    let end = Time::from_fs(body.len() as u64 * 16);
    let mut sink = Strict { last: Time::ZERO, end };
    let mut now = 0;
    let mut instant: Vec<Change> = Vec::new();
    for pair in body.chunks_exact(2) {
        if pair[1] > 0 {
            monitor.instant(Time::from_fs(now), &instant, &mut sink);
            instant.clear();
            now += pair[1] as u64 % 32;
        }
        let signal = SignalId(pair[0] as u32 & 15);
        let level = [Level::Low, Level::High, Level::X, Level::Z][pair[0] as usize >> 4 & 3];
        instant.retain(|c| c.signal != signal);
        instant.push(Change { signal, value: Value::wire(level) });
    }
    monitor.finish(end, &mut sink);
});
