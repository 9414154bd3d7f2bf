//! Who can say something new on the buses of a vector, and what: steps like those that people write.

use busproof_core::bus::i2c::{Address, Speed};
use busproof_core::bus::spi::{Command, Lanes, Options as SpiOptions, Phase, PhaseKind, Rate};
use busproof_core::bus::uart::Options as UartOptions;
use busproof_core::{Bits, Span};
use busproof_testkit::spi::items::Word;
use busproof_testkit::uart::items::Said;
use busproof_testkit::{i2c, spi, uart};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use toml::{Table, Value};

use super::base::Base;
use super::case::{Case, Turn};
use super::judge::{Judgement, judge};
use crate::compact::link::Takes;
use crate::format::crossing::{Bus as CrossingBus, Through};
use crate::format::uart::{FlowBy, Side};
use crate::format::{Bus, BusId, BusKind, Device, DeviceKind, Model};
use crate::run;

/// Somebody who can say something.
pub(super) struct Speaker {
    /// The keys of a step that say who it is, and to whom: `bus`, `device`, `by`.
    keys: Table,
    says: Says,
}

/// What can be said.
enum Says {
    /// Words to a peripheral without commands.
    Words(Box<SpiOptions>),
    /// Commands of a peripheral.
    Commands(Vec<Command>),
    /// Bytes to a target, and from it.
    Bytes { address: Address, is_mute: bool, is_part: bool },
    /// Frames.
    Frames { options: Box<UartOptions>, has_xon_xoff: bool },
    /// Words of so many bits.
    Sent(u32),
    /// Levels, each of which lasts so long.
    Levels(Span),
    /// Pulses, with so many cycles between them.
    Pulses(u64),
}

/// Everybody who can say something on the buses of the vector.
pub(super) fn speakers(base: &Base<'_>) -> Vec<Speaker> {
    let mut all = Vec::new();
    for (i, bus) in base.vector.buses.iter().enumerate() {
        let devices: Vec<&Device> = base.vector.devices.iter().filter(|d| d.bus == BusId(i)).collect();
        let mut keys = Table::new();
        if base.vector.buses.len() > 1 {
            keys.insert("bus".into(), bus.name.clone().into());
        }
        all.extend(on_bus(base, bus, &devices, &keys));
    }
    all
}

fn on_bus(base: &Base<'_>, bus: &Bus, devices: &[&Device], keys: &Table) -> Vec<Speaker> {
    let one = |says| vec![Speaker { keys: keys.clone(), says }];
    match &bus.kind {
        BusKind::Spi(spi) if devices.is_empty() => one(Says::Words(Box::new(spi.options.clone()))),
        BusKind::Spi(spi) => devices
            .iter()
            .map(|device| Speaker {
                keys: if devices.len() > 1 { with(keys, "device", &device.name) } else { keys.clone() },
                says: to_peripheral(base, &spi.options, device),
            })
            .collect(),
        BusKind::I2c(i2c) => {
            let keys = match i2c.controllers.first().and_then(|first| first.name.as_ref()) {
                Some(name) => with(keys, "by", name),
                None => keys.clone(),
            };
            let target = |device: &&Device| {
                let says = to_target(base, i2c.speed, device)?;
                Some(Speaker { keys: keys.clone(), says })
            };
            devices.iter().filter_map(target).collect()
        }
        BusKind::Uart(uart) => {
            let has_xon_xoff =
                uart.ends.iter().any(|end| end.flow.as_ref().is_some_and(|flow| flow.by == FlowBy::XonXoff));
            let says = || Says::Frames { options: Box::new(uart.options.clone()), has_xon_xoff };
            let ends = Side::ALL.iter().filter(|side| devices.is_empty() || **side == Side::Host);
            ends.map(|side| Speaker { keys: with(keys, "by", side.name()), says: says() }).collect()
        }
        BusKind::Handshake(handshake) => one(Says::Sent(handshake.options.width.get())),
        BusKind::Crossing(crossing) => one(across(crossing)),
    }
}

fn with(keys: &Table, key: &str, value: &str) -> Table {
    let mut keys = keys.clone();
    keys.insert(key.into(), value.into());
    keys
}

fn across(bus: &CrossingBus) -> Says {
    let to = bus.destination.clock.hertz.max(1);
    match (bus.takes(), bus.through) {
        (Takes::Words(width), _) => Says::Sent(width),
        (Takes::Levels, Through::Synchroniser { stages, .. }) => {
            Says::Levels(Span::period_of(to).unwrap_or_default().scale(u64::from(stages) + 4, 1))
        }
        (Takes::Levels, _) => Says::Levels(Span::period_of(to).unwrap_or_default().scale(8, 1)),
        (Takes::Pulses, _) => {
            let from = bus.source.as_ref().map_or(to, |source| source.clock.hertz);
            Says::Pulses((4 * from).div_ceil(to) + 3)
        }
    }
}

// SPI.

/// What can be said to a peripheral: of its commands, those that the vector's bench bears one by one.
fn to_peripheral(base: &Base<'_>, options: &SpiOptions, device: &Device) -> Says {
    let words = || Says::Words(Box::new(options.clone()));
    let Model::Part(name) = &device.model else { return words() };
    let folder = base.path.parent().unwrap_or(std::path::Path::new(""));
    let Some(table) = run::find_part(name, folder).and_then(|part| part.commands()) else { return words() };
    let keys = with(&Table::new(), "device", &device.name);
    let is_plain = |command: &&Command| {
        table.opcode_bits == 8 && command.mask & 0xff == 0xff && command.switches_lanes.is_none()
    };
    let is_sound = |command: &&Command| {
        let step = step(&keys, &transfer(command, 0, &[0, 0]));
        let case = Case { turns: vec![Turn::Made(step)], changes: Vec::new(), seed: None };
        matches!(judge(base, &case), Judgement::Kept)
    };
    Says::Commands(table.commands.iter().filter(is_plain).filter(is_sound).cloned().collect())
}

/// A command as a transfer, with an address and data; as many words are read as data are given.
fn transfer(command: &Command, address: u32, data: &[u8]) -> String {
    let opcode = format!("0x{:02x}", command.opcode);
    let phases = command.phases.iter().map(|phase| on_lanes(phase.lanes, &words(*phase, address, data)));
    let items: Vec<String> = std::iter::once(opcode).chain(phases).collect();
    format!("[{}]", items.join(" "))
}

fn words(phase: Phase, address: u32, data: &[u8]) -> String {
    let bytes = if phase.length == 0 { data.len().max(1) } else { phase.length as usize / 8 };
    let data = || data.iter().copied().chain([0]).cycle().take(bytes).map(|byte| format!("0x{byte:02x}"));
    match phase.kind {
        PhaseKind::Address => {
            let digits = phase.length as usize / 4;
            let mask = (1u64 << phase.length.min(32)) - 1;
            format!("0x{:0digits$x}", u64::from(address) & mask)
        }
        // All ones never begin a continuous read.
        PhaseKind::Mode => format!("0x{}", "f".repeat(phase.length as usize / 4)),
        PhaseKind::Dummy => format!("^:{}", phase.length),
        PhaseKind::Read => format!("r:{bytes}"),
        PhaseKind::Write | PhaseKind::Exchange => data().collect::<Vec<_>>().join(" "),
    }
}

fn on_lanes(lanes: Lanes, words: &str) -> String {
    match (lanes.count, lanes.rate) {
        (1, Rate::Single) => words.to_owned(),
        (count, Rate::Single) => format!("x{count}({words})"),
        (count, Rate::Double) => format!("x{count}d({words})"),
    }
}

fn commands(keys: &Table, commands: &[Command]) -> BoxedStrategy<Vec<Table>> {
    let keys = keys.clone();
    let address = prop_oneof![Just(0), 0..0x100u32, any::<u32>()];
    (select(commands.to_vec()), address, vec(i2c::items::data(), 1..=4))
        .prop_map(move |(command, address, data)| vec![step(&keys, &transfer(&command, address, &data))])
        .boxed()
}

/// A transfer of words; every other one is only read, as the seed of what would come back has it.
fn exchanges(keys: &Table, options: &SpiOptions) -> BoxedStrategy<Vec<Table>> {
    let (keys, options) = (keys.clone(), options.clone());
    spi::items::draft(1, 6)
        .prop_map(move |draft| {
            let traffic = draft.fit(&options);
            let words = traffic.transfers.iter().flatten().map(|word| match word {
                Word::Both { out, back } if back.bit(0) == Some(false) => number(out),
                Word::Out(out) => number(out),
                Word::Both { .. } | Word::Back(_) => "r".to_owned(),
            });
            vec![step(&keys, &format!("[{}]", words.collect::<Vec<_>>().join(" ")))]
        })
        .boxed()
}

/// A number of as many bits.
fn number(bits: &Bits) -> String {
    if bits.len().is_multiple_of(4) { format!("0x{bits}") } else { format!("0x{bits};{}", bits.len()) }
}

// I2C.

fn to_target(base: &Base<'_>, speed: Speed, device: &Device) -> Option<Says> {
    let DeviceKind::I2c(i2c) = &device.kind else { return None };
    let folder = base.path.parent().unwrap_or(std::path::Path::new(""));
    let usual = || match &device.model {
        Model::Part(name) => run::find_part(name, folder)?.i2c_addresses().first().copied(),
        Model::Reply(_) => None,
    };
    if i2c.behind.is_some() {
        return None;
    }
    let address = i2c.address.as_ref().map(|address| address.value).or_else(usual)?;
    let is_part = matches!(device.model, Model::Part(_));
    Some(Says::Bytes { address, is_mute: speed == Speed::UltraFast, is_part })
}

/// A write, a read, or one behind the other. A part may be busy behind a write, so it is asked until it answers.
fn bytes(keys: &Table, address: Address, is_mute: bool, is_part: bool) -> BoxedStrategy<Vec<Table>> {
    let keys = keys.clone();
    let address = match address {
        Address::Seven(address) => format!("@{address:02x}"),
        Address::Ten(address) => format!("@{address:03x}"),
    };
    (vec(i2c::items::data(), 0..=3), 0..=3usize)
        .prop_map(move |(written, read)| {
            let ack = if is_mute { "" } else { "+" };
            let bytes = written.iter().map(|byte| format!("0x{byte:02x}{ack}"));
            let write: Vec<String> = std::iter::once(format!("[{address}w{ack}")).chain(bytes).collect();
            let write = (!written.is_empty() || read == 0).then(|| write.join(" "));
            let read = (read > 0 && !is_mute).then(|| format!("[{address}r+ r:{read}"));
            let text = write.into_iter().chain(read).collect::<Vec<_>>().join(" ");
            let waits = is_part && !is_mute && !written.is_empty();
            let wait = waits.then(|| until_answered(&keys, &address));
            std::iter::once(step(&keys, &format!("{text}]"))).chain(wait).collect()
        })
        .boxed()
}

fn until_answered(keys: &Table, address: &str) -> Table {
    let mut step = step(keys, &format!("[{address}w]"));
    for (key, value) in [("until", "ack"), ("every", "500 us"), ("within", "20 ms")] {
        step.insert(key.into(), value.into());
    }
    step
}

// UART.

fn frames(keys: &Table, options: &UartOptions, has_xon_xoff: bool) -> BoxedStrategy<Vec<Table>> {
    let (keys, options) = (keys.clone(), options.clone());
    uart::items::draft(6)
        .prop_map(move |draft| {
            let said = draft.fit(&options).said;
            // A frame that stands for XON or XOFF is left out where these mean something.
            let is_frame = |said: &&Said| !has_xon_xoff || !matches!(said, Said::Frame(0x11 | 0x13));
            let said: Vec<Said> = said.iter().filter(is_frame).copied().collect();
            let runs = said.chunk_by(|a, b| is_plain(*a, &options) && is_plain(*b, &options));
            runs.map(|run| line(&keys, run, &options)).collect()
        })
        .boxed()
}

/// True for what a compact string can say.
fn is_plain(said: Said, options: &UartOptions) -> bool {
    match said {
        Said::Frame(_) | Said::Idle(_) => true,
        Said::LinHeader(_) => !options.lin,
        Said::Break(_) => false,
    }
}

/// Several frames and pauses, a break, or a LIN header.
fn line(keys: &Table, run: &[Said], options: &UartOptions) -> Table {
    let digits = options.data_bits.get().div_ceil(4) as usize;
    let special = |key: &str, value: Value| {
        let mut step = keys.clone();
        step.insert(key.into(), value);
        step
    };
    match run {
        [Said::Break(bits)] => special("break", Value::Integer(i64::from(*bits))),
        [Said::LinHeader(id)] if options.lin => {
            let header = Table::from_iter([("id".to_owned(), Value::Integer(i64::from(*id)))]);
            special("lin", Value::Table(header))
        }
        _ => {
            let words = run.iter().map(|said| match said {
                Said::Frame(data) => format!("0x{data:0digits$x}"),
                Said::LinHeader(id) => format!("0x{id:0digits$x}"),
                Said::Idle(bits) | Said::Break(bits) => format!("^:{}", (*bits).max(1)),
            });
            step(keys, &words.collect::<Vec<_>>().join(" "))
        }
    }
}

// Handshakes and crossings.

fn sent(keys: &Table, width: u32) -> BoxedStrategy<Vec<Table>> {
    let keys = keys.clone();
    let digits = width.div_ceil(4) as usize;
    let mask = if width >= 64 { u64::MAX } else { (1 << width) - 1 };
    let word = prop_oneof![Just(0), Just(u64::MAX), any::<u64>()];
    vec(word, 1..=8)
        .prop_map(move |words| {
            let words = words.iter().map(|word| format!("0x{:0digits$x}", word & mask));
            vec![step(&keys, &words.collect::<Vec<_>>().join(" "))]
        })
        .boxed()
}

fn levels(keys: &Table, hold: Span) -> BoxedStrategy<Vec<Table>> {
    let keys = keys.clone();
    vec((any::<bool>(), 0..=2_000u64), 1..=6)
        .prop_map(move |levels| {
            let level = |&(level, more): &(bool, u64)| {
                let hold = hold.scale(1_000 + more, 1_000).to_string().replace(' ', "");
                format!("{} d:{hold}", u8::from(level))
            };
            vec![step(&keys, &levels.iter().map(level).collect::<Vec<_>>().join(" "))]
        })
        .boxed()
}

fn pulses(keys: &Table, gap: u64) -> BoxedStrategy<Vec<Table>> {
    let keys = keys.clone();
    vec(gap..=2 * gap, 1..=6)
        .prop_map(move |gaps| {
            let pulses = gaps.iter().map(|gap| format!("1 ^:{gap}"));
            vec![step(&keys, &pulses.collect::<Vec<_>>().join(" "))]
        })
        .boxed()
}

fn step(keys: &Table, text: &str) -> Table {
    with(keys, "do", text)
}

impl Speaker {
    /// What it may say: a step, or a few that belong together; `None` if there is nothing.
    pub(super) fn turns(&self) -> Option<BoxedStrategy<Vec<Table>>> {
        let Speaker { keys, says } = self;
        Some(match says {
            Says::Words(options) => exchanges(keys, options),
            Says::Commands(all) if all.is_empty() => return None,
            Says::Commands(all) => commands(keys, all),
            Says::Bytes { address, is_mute, is_part } => bytes(keys, *address, *is_mute, *is_part),
            Says::Frames { options, has_xon_xoff } => frames(keys, options, *has_xon_xoff),
            Says::Sent(width) => sent(keys, *width),
            Says::Levels(hold) => levels(keys, *hold),
            Says::Pulses(gap) => pulses(keys, *gap),
        })
    }
}
