//! The waveforms in `tests/assets`, made by our own simulator or drawn by hand, and written as another simulator or a
//! logic analyser would write them, so that `check` has nothing but the edges. With `BUSPROOF_BLESS=1` they are written anew.

#[path = "common/link.rs"]
mod link;
#[path = "common/pen.rs"]
mod pen;
#[path = "common/serial.rs"]
mod serial;

use std::fmt::Write as _;
use std::path::Path;

use busproof_core::bits::Bits;
use busproof_core::bus::handshake::{
    Fault, FaultKind, Pace, Pattern, Protocol, ReceiverFault, ReceiverFaultKind, ReceiverOptions,
    SenderOptions, Width,
};
use busproof_core::bus::spi::{
    Controller, ControllerOptions, Lanes, Op, OutputTiming, Peripheral, PeripheralFault, PeripheralOptions,
    rules,
};
use busproof_core::log::ChangeLog;
use busproof_core::net::{Attach, Net};
use busproof_core::sim::Bench;
use busproof_core::time::{Span, Time};
use busproof_parts::{DeviceOptions, catalog};
use busproof_vectors::VectorFile;
use busproof_vectors::run::{RunOptions, run_recorded};

const NAMES: [&str; 6] = ["sck", "mosi", "miso", "io2", "io3", "cs_n"];

/// A host of `hertz` asks a flash who it is.
fn jedec_id(hertz: u64, fault: Option<PeripheralFault>) -> ChangeLog {
    let part = catalog::find("w25q128jv").expect("the part is ours");
    let time = |param| part.params().get(param).map_or(Span::ZERO, |p| Span::from_fs(p.value as u64));
    let output =
        OutputTiming { hold: time(rules::T_CLQX), valid: time(rules::T_CLQV), disable: time(rules::T_SHQZ) };
    // A shift register in RTL has no delay.
    let output = if fault.is_some() { OutputTiming::default() } else { output };
    let device = part.spi_device(&DeviceOptions::default()).expect("the part is simulated");
    let options = part.spi_options().expect("an SPI part").clone();
    let mut bench = Bench::new(1);
    let nets: Vec<_> = NAMES.iter().map(|name| bench.add_net(Net::wire(*name))).collect();
    let pins: Vec<_> = nets.iter().map(|net| Some(Attach::at(*net, Span::ZERO))).collect();
    let controller = Controller::new(ControllerOptions::new(options.clone(), hertz)).expect("a legal clock");
    let host = bench.add_agent("host", controller, &pins);
    let peripheral = PeripheralOptions { output, fault, ..PeripheralOptions::new(options) };
    bench.add_agent("flash", Peripheral::new(peripheral, device), &pins);
    let mut log = bench.new_log();
    let send = Op::Write(Bits::new(0x9f, 8), Lanes::SINGLE);
    let receive = Op::Read(8, Lanes::SINGLE);
    let ops = [
        Op::Delay(Span::from_ns(50)),
        Op::Select(0),
        send,
        receive.clone(),
        receive.clone(),
        receive,
        Op::Deselect,
        Op::Delay(Span::from_ns(50)),
    ];
    bench.agent_mut(host).submit(&ops).expect("legal operations");
    bench.run_until(Time::from_fs(u64::MAX / 2), &mut log).expect("no loop");
    bench.finish(&mut log);
    log
}

/// The log as a simulator of hardware description languages dumps it, in picoseconds.
fn vcd(log: &ChangeLog, names: &[&str]) -> String {
    let mut text =
        String::from("$version somebody's simulator $end\n$timescale 1 ps $end\n$scope module tb $end\n");
    let columns: Vec<usize> =
        NAMES.iter().enumerate().filter(|(_, name)| !name.starts_with("io")).map(|(i, _)| i).collect();
    for (id, name) in ('!'..).zip(names) {
        let _ = writeln!(text, "$var wire 1 {id} {name} $end");
    }
    text.push_str("$upscope $end\n$enddefinitions $end\n");
    let signals: Vec<_> = columns.iter().map(|i| log.find(NAMES[*i]).expect("the net is logged")).collect();
    let mut instants = log.instants_of(&signals);
    while let Some((t, changes)) = instants.next() {
        let _ = writeln!(text, "#{}", t.as_fs() / 1000);
        for change in changes {
            let id = char::from(b'!' + change.signal.0 as u8);
            let _ = writeln!(text, "{}{id}", change.value.level());
        }
    }
    let _ = writeln!(text, "#{}", log.end().as_fs() / 1000);
    text
}

/// Two bytes are read from register 0 of device 50h, and the bus is free for a while; then it is asked again, and the
/// second time it does not answer.
fn register_read(times: pen::Times) -> pen::Pen {
    let mut pen = pen::Pen::new(times);
    pen.wait(1_000).start().byte(0xa0, false).byte(0x00, false);
    pen.start().byte(0xa1, false).byte(0xa5, false).byte(0x3c, true).stop();
    pen.start().byte(0xa0, true).stop();
    pen
}

/// A clock of 3.3 MHz on a bus of Fast mode, and a controller in a hurry.
const HASTY: pen::Times =
    pen::Times { low: 200, high: 100, data_setup: 100, stop_setup: 20, bus_free: 50, ..pen::FAST };

/// Somebody is greeted and answers, at 115200 baud.
fn greeting() -> serial::Serial {
    let mut lines = serial::Serial::new(8_680);
    lines.idle(20).text(0, "hello\r\n").idle(30).text(1, "ok, and how are you?\r\n").idle(20);
    lines
}

/// The same with a damaged bit, a stop bit that is none, a break, and an answer whose clock is 6 % slow.
fn noisy_greeting() -> serial::Serial {
    let mut lines = serial::Serial::new(8_680);
    lines.idle(20).text(0, "he").frame(0, b'l', true, true).text(0, "lo").idle(30);
    lines.frame(0, b'!', false, false).low(0, 0).idle(30).low(0, 26).idle(20);
    lines.bit(9_234).text(1, "ok").idle(20);
    lines
}

/// A sender that needs 3 ns to answer, and a receiver that needs 2 ns.
fn ends(protocol: Protocol) -> (SenderOptions, ReceiverOptions) {
    let bus = link::bus(protocol);
    let sender = SenderOptions::new(bus, Pace::after(Span::from_ns(3)));
    (sender, ReceiverOptions::new(bus, Pace::after(Span::from_ns(2))))
}

fn handshake(protocol: Protocol) -> String {
    let (sender, receiver) = ends(protocol);
    link::vcd(&link::run(sender, receiver, &HELLO))
}

/// The matched delay is missing, so that data and request leave at once; a word changes when it must not, and a request
/// is taken back; the receiver acknowledges twice, and at last not at all.
fn hasty_handshake() -> String {
    let (sender, receiver) = ends(Protocol::FourPhase);
    let after = Span::from_ps(500);
    let faults = vec![
        Fault { beat: 1, kind: FaultKind::DataChanges { after } },
        Fault { beat: 2, kind: FaultKind::Withdraw { after } },
    ];
    let width = Span::from_ps(200);
    let answers = vec![
        ReceiverFault { beat: 2, kind: ReceiverFaultKind::DoubleAcknowledge { width } },
        ReceiverFault { beat: 3, kind: ReceiverFaultKind::NeverAcknowledge },
    ];
    let sender = SenderOptions { setup: Span::ZERO, faults, ..sender };
    link::vcd(&link::run(sender, ReceiverOptions { faults: answers, ..receiver }, &HELLO))
}

/// Words of 16 bits on a clock, a receiver that is ready now and then, and a sender that does not hold one of them.
fn stream(faults: Vec<Fault>) -> String {
    let (sender, receiver) = ends(Protocol::ValidReady);
    let bus =
        busproof_core::bus::handshake::Options { width: Width::new(16).expect("a width"), ..sender.bus };
    let sender = SenderOptions { bus, faults, ..sender };
    let receiver = ReceiverOptions { bus, pattern: Pattern::Every(3), ..receiver };
    link::vcd(&link::run(sender, receiver, &[0x1234, 0x5678, 0x9abc, 0xdef0]))
}

/// A crossing between 100 MHz and 70 MHz, as a vector has it.
fn crossing(through: &str, keys: &str, step: &str) -> String {
    let text = format!(
        "[bus.cross]\nkind = \"crossing\"\nthrough = \"{through}\"\nsource.clock = \"100 MHz\"\n\
         destination = {{ clock = {{ frequency = \"70 MHz\", phase = \"3 ns\" }} }}\n\
         flop = {{ setup = \"300 ps\", hold = \"100 ps\", clk_to_q = \"200 ps\", metastability = \"one-cycle\" }}\n\
         {keys}\n[[step]]\ndo = \"{step}\"\n"
    );
    let file = VectorFile::parse("crossing", &text).expect("a vector");
    let (_, log) = run_recorded(Path::new(""), &file, &file.vectors()[0], &RunOptions::default());
    link::vcd(log.expect("it can be run").log())
}

const HELLO: [u64; 5] = [0x68, 0x65, 0x6c, 0x6c, 0x6f];

const USUAL: [&str; 4] = ["sck", "mosi", "miso", "cs_n"];
const UNUSUAL: [&str; 4] = ["D0", "D1", "D2", "D3"];

fn made() -> Vec<(&'static str, String)> {
    let good = jedec_id(20_000_000, None);
    let early = jedec_id(20_000_000, Some(PeripheralFault::ShiftsOnSamplingEdge));
    let whole = vcd(&good, &USUAL);
    let changed = Fault { beat: 2, kind: FaultKind::DataChanges { after: Span::ZERO } };
    let header = whole.split("$enddefinitions").next().unwrap_or_default();
    vec![
        ("good.vcd", whole.clone()),
        ("early-miso.vcd", vcd(&early, &USUAL)),
        ("fast.vcd", vcd(&jedec_id(160_000_000, None), &USUAL)),
        ("other-names.vcd", vcd(&good, &UNUSUAL)),
        ("silent.vcd", format!("{header}$enddefinitions $end\n#0\n0!\n0\"\n0#\n1$\n#1000\n")),
        ("cut.vcd", whole[..whole.len() * 2 / 3].to_owned()),
        ("cut-header.vcd", whole[..60].to_owned()),
        ("i2c-standard.vcd", register_read(pen::STANDARD).vcd()),
        ("i2c-late-data.vcd", register_read(pen::Times { data_setup: 10, ..pen::FAST }).vcd()),
        ("i2c-hasty.vcd", register_read(HASTY).vcd()),
        ("uart.vcd", greeting().vcd()),
        ("uart-noisy.vcd", noisy_greeting().vcd()),
        ("handshake.vcd", handshake(Protocol::FourPhase)),
        ("handshake-rails.vcd", handshake(Protocol::DualRail)),
        ("handshake-hasty.vcd", hasty_handshake()),
        ("handshake-stream.vcd", stream(vec![changed])),
        ("handshake-steady.vcd", stream(Vec::new())),
        ("crossing-fifo.vcd", crossing("fifo", "depth = 8\nwidth = 12", "0x123 0x456 0x789 0xabc 0xdef")),
        (
            "crossing-binary.vcd",
            crossing("fifo", "depth = 8\npointers = \"binary\"", &"'over and out' ".repeat(8)),
        ),
        ("crossing-pulses.vcd", crossing("pulse-synchroniser", "", "1 ^:9 1 ^:9 1 1 1 ^:9 1 ^:9")),
        ("i2c-hasty.csv", register_read(HASTY).csv(10)),
    ]
}

#[test]
fn the_assets_are_what_the_simulator_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assets");
    for (name, text) in made() {
        let path = folder.join(name);
        if std::env::var_os("BUSPROOF_BLESS").is_some() {
            std::fs::write(&path, &text).expect("the folder is there");
        }
        let kept = std::fs::read_to_string(&path).expect("run once with BUSPROOF_BLESS=1");
        assert!(kept == text, "{name} differs; is that meant? run with BUSPROOF_BLESS=1");
    }
}
