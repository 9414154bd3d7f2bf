//! A file that we wrote is judged as the run that wrote it: the same items, findings, counts and margins.

use std::fmt::Debug;
use std::path::Path;

use busproof_core::bus::{BusInfo, Monitor, handshake, i2c, spi, uart};
use busproof_core::cdc;
use busproof_core::judge::{Jury, Outcome, Said};
use busproof_core::log::Column;
use busproof_core::mapping::find_taps;
use busproof_core::timing::{Param, Params, Quantity, Side};
use busproof_core::{ChangeLog, Source};
use busproof_parts::catalog;
use busproof_testkit::spi::cases::legal;
use busproof_vectors::VectorFile;
use busproof_vectors::format::BusKind;
use busproof_vectors::run::{RunOptions, run_recorded};
use busproof_wave::{Extras, Pick, ReadOptions, Reader, Track, VcdOptions, Window, open_bytes, write_vcd_to};
use proptest::prelude::*;

/// Limits near what the cases do, so that rules are both kept and broken.
fn params(scale: i64) -> Params {
    let mut params = Params::new();
    for (i, info) in spi::rules::PARAMS.iter().enumerate() {
        let fs = match (info.quantity, info.side) {
            (Quantity::Frequency, _) => 40_000_000,
            (Quantity::Time, Side::Min) => 5_000_000,
            (Quantity::Time, Side::Max) => 10_000_000,
        };
        params.set(Param(i as u16), fs * scale, "made up");
    }
    params
}

/// Where the changes come from.
enum Wave<'a> {
    Run(&'a ChangeLog),
    File(Box<Reader>, Vec<Pick>),
}

/// A bus and how it is judged.
struct Judged<'a, F> {
    info: &'static BusInfo,
    monitor: F,
    params: &'a Params,
}

impl<M: Monitor<Item: Debug>, F: Fn(Source) -> M> Judged<'_, F> {
    /// What a jury says of a waveform, as text.
    fn verdict(&self, source: Source, names: &[&str], wave: Wave<'_>) -> String {
        let mut said: Vec<String> = Vec::new();
        let taps = find_taps(self.info, names);
        let monitor = || (self.monitor)(source);
        let mut jury =
            Jury::new(&taps, monitor, self.info.rules, self.params, source, |what: Said<M::Item>| {
                said.push(format!("{what:?}"));
            });
        match wave {
            Wave::Run(log) => log.replay(&mut jury),
            Wave::File(reader, picks) => {
                reader.stream(&picks, Window::ALL, &mut jury).expect("we wrote it");
            }
        }
        let outcome: Outcome = jury.outcome();
        for result in &outcome.report.rules {
            let counts = (result.kept(), result.cannot_tell(), result.broken());
            said.push(format!("{} {:?} {counts:?} {:?}", result.rule.name, result.state, result.margin()));
        }
        said.push(format!("{} items until {}", outcome.items, outcome.end));
        said.join("\n")
    }

    fn of_run(&self, log: &ChangeLog) -> String {
        let names: Vec<&str> = log.columns().iter().map(Column::name).collect();
        self.verdict(log.source(), &names, Wave::Run(log))
    }

    fn of_file(&self, bytes: Vec<u8>) -> String {
        let reader = open_bytes("run.vcd", bytes, &ReadOptions::default()).expect("we wrote it");
        let (picks, source) = (reader.selectable(), reader.source());
        let names: Vec<String> = reader.signals().iter().map(|signal| signal.name.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.verdict(source, &names, Wave::File(Box::new(reader), picks))
    }

    /// Fails unless run and file are judged alike, whatever the file tells beside the wires.
    fn assert_alike(&self, log: &ChangeLog, tracks: &[Track]) -> Result<(), TestCaseError> {
        let run = self.of_run(log);
        let extras = Extras { tracks, curves: &[] };
        let bytes =
            write_vcd_to(Vec::new(), log, &extras, &VcdOptions::default()).expect("a log can be written");
        prop_assert!(run.contains("Exercised"), "a case in which nothing is judged shows nothing");
        prop_assert_eq!(run, self.of_file(bytes));
        Ok(())
    }
}

/// A transfer on I2C, as a compact string, to targets at addresses 50 and 123.
fn transfer() -> impl Strategy<Value = String> {
    let address = prop_oneof![Just("50"), Just("51"), Just("123")];
    let read = (address.clone(), 1..4u8).prop_map(|(address, n)| format!("[@{address}r r:{n}"));
    let write = (address, proptest::collection::vec(any::<u8>(), 0..4)).prop_map(|(address, bytes)| {
        bytes.iter().fold(format!("[@{address}w"), |text, byte| format!("{text} 0x{byte:02x}"))
    });
    let message = prop_oneof![read, write];
    proptest::collection::vec(message, 1..3).prop_map(|messages| messages.concat() + "]")
}

/// A vector of such transfers on wires that may be too slow, with faults that may break bytes.
fn vector() -> impl Strategy<Value = String> {
    let speed = prop_oneof![Just("standard"), Just("fast"), Just("fast-plus")];
    let fault = prop_oneof![
        Just(String::new()),
        (0..20u8, 1..200u8)
            .prop_map(|(clock, ns)| format!("clock_glitch = {{ clock = {clock}, width = '{ns} ns' }}")),
        (0..20u8).prop_map(|clock| format!("stop = {{ clock = {clock} }}")),
    ];
    let steps = proptest::collection::vec(transfer(), 1..4);
    (speed, 500..6_000u32, 20..400u32, 0..20u8, fault, steps).prop_map(
        |(speed, ohm, farad, stretched, fault, steps)| {
            let steps: Vec<String> = steps.iter().map(|step| format!("[[step]]\ndo = '{step}'\n")).collect();
            let steps = steps.concat();
            format!(
                "[bus.i2c]\nkind = 'i2c'\nspeed = '{speed}'\npull_up = '{ohm} Ohm'\ncapacitance = '{farad} pF'\n\
                 fault = {{ {fault} }}\n[device.a]\nreply = '0x5a 0xa5'\naddress = 0x50\n\
                 stretch = [{{ clock = {stretched}, hold = '12 us' }}]\n\
                 [device.b]\nreply = '0x12'\naddress = 0x123\n{steps}"
            )
        },
    )
}

/// A vector of a UART whose host may be off, and damages one of its frames.
fn uart_vector() -> impl Strategy<Value = String> {
    let fault = prop_oneof![
        Just("parity = true".to_owned()),
        Just("stop = true".to_owned()),
        (0..1_500u32).prop_map(|mui| format!("short_stop = {mui}")),
        (1..12u8).prop_map(|bits| format!("truncated = {bits}")),
        (0..12u8, 1..16u8).prop_map(|(bit, n)| format!("noise = {{ bit = {bit}, samples = {n} }}")),
    ];
    let by = prop_oneof![Just("host"), Just("peer")];
    let bytes = proptest::collection::vec(any::<u8>(), 1..6);
    let step = (by, bytes).prop_map(|(by, bytes)| {
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
        format!("[[step]]\nby = '{by}'\ndo = '{}'\n", bytes.join(" "))
    });
    let parity = prop_oneof![Just("none"), Just("odd"), Just("space")];
    let steps = proptest::collection::vec(step, 1..4);
    (50..4_000_000u32, parity, -60_000..60_000i32, fault, 0..4u8, steps).prop_map(
        |(baud, parity, ppm, fault, frame, steps)| {
            format!(
                "max_time = '100 s'\n[bus.uart]\nkind = 'uart'\nbaud = {baud}\nparity = '{parity}'\n\
                 host = {{ clock = {{ error = '{ppm} ppm' }}, fault = [{{ frame = {frame}, {fault} }}] }}\n{}",
                steps.concat()
            )
        },
    )
}

/// A handshake of any protocol, with delays that may be too long or too short, and now and then a word that is withdrawn.
fn link() -> impl Strategy<Value = String> {
    let protocol = prop_oneof![Just("four-phase"), Just("two-phase"), Just("dual-rail"), Just("valid-ready")];
    let wires = prop_oneof![Just("group"), Just("single")];
    let words = proptest::collection::vec(any::<u16>(), 1..12);
    (protocol, wires, 1..16u32, 1..8u32, 1..8u32, 0..20u8, words).prop_map(
        |(protocol, wires, width, sender, receiver, withdrawn, words)| {
            let word = |word: &u16| format!("{}", u32::from(*word) & ((1 << width) - 1));
            let words: Vec<String> = words.iter().map(word).collect();
            let clock = if protocol == "valid-ready" { "clock = '100 MHz'" } else { "" };
            format!(
                "[bus.link]\nkind = 'handshake'\nprotocol = '{protocol}'\nwires = '{wires}'\nwidth = {width}\n{clock}\n\
                 receiver.delay = '{receiver} ns'\n[bus.link.sender]\ndelay = '{sender} ns'\n\
                 fault = [{{ word = {withdrawn}, withdraw = '1 ns' }}]\n[[step]]\ndo = '{}'\n",
                words.join(" ")
            )
        },
    )
}

/// A crossing of any kind, right or wrong, and what its monitor is to know of it.
fn crossing() -> impl Strategy<Value = (String, cdc::Options)> {
    let through = prop_oneof![
        Just(cdc::Through::Synchroniser),
        Just(cdc::Through::PulseSynchroniser),
        Just(cdc::Through::ReqAck),
        Just(cdc::Through::Fifo)
    ];
    let pointers = prop_oneof![3 => Just("gray"), 1 => Just("binary")];
    let clocks = (40..300u32, 40..300u32, 0..9_000u32);
    let words = proptest::collection::vec(any::<u16>(), 1..20);
    (through, 0..4u8, pointers, 1..5u32, 1..17u32, clocks, 1..30u32, words).prop_map(
        |(through, stages, pointers, depth, width, (source, destination, phase), pause, words)| {
            let mut options = cdc::Options { through, stages, depth: 1 << depth, ..cdc::Options::default() };
            options.set("pointers", pointers).expect("a code");
            options.set("width", &width.to_string()).expect("a width");
            options.clk_to_q = "200 ps".parse().expect("a time");
            let own = match through {
                cdc::Through::Synchroniser | cdc::Through::PulseSynchroniser => String::new(),
                cdc::Through::ReqAck => format!("width = {width}"),
                cdc::Through::Fifo => format!("width = {width}\ndepth = {}\npointers = '{pointers}'", 1 << depth),
            };
            let clock = match through {
                cdc::Through::Synchroniser => String::new(),
                _ => format!("source.clock = '{source} MHz'"),
            };
            let word = |word: &u16| match through {
                cdc::Through::Synchroniser => format!("{} d:{pause}ns", word & 1),
                cdc::Through::PulseSynchroniser => format!("{} ^:{pause}", word & 1),
                _ => (u32::from(*word) & ((1 << width) - 1)).to_string(),
            };
            let words: Vec<String> = words.iter().map(word).collect();
            let text = format!(
                "[bus.cross]\nkind = 'crossing'\nthrough = '{}'\nstages = {stages}\n{own}\n{clock}\n\
                 destination.clock = {{ frequency = '{destination} MHz', phase = '{phase} ps' }}\n\
                 flop = {{ setup = '300 ps', hold = '100 ps', clk_to_q = '200 ps', metastability = 'one-cycle' }}\n\
                 [[step]]\ndo = '{}'\n",
                through.name(),
                words.join(" ")
            );
            (text, options)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn a_file_that_we_wrote_is_judged_as_its_run(case in legal(40), scale in 1..40i64) {
        let played = case.play();
        let monitor = |source| spi::Monitor::new(&case.host.bus, source);
        let params = params(scale);
        let judged = Judged { info: &spi::INFO, monitor, params: &params };
        judged.assert_alike(played.recording.log(), &[])?;
    }

    #[test]
    fn so_is_one_of_i2c(text in vector()) {
        let file = VectorFile::parse("case", &text).expect(&text);
        let (result, run) = run_recorded(Path::new("case.toml"), &file, &file.vectors()[0], &RunOptions::default());
        let run = run.ok_or_else(|| TestCaseError::fail(format!("{text}\n{result:?}")))?;
        let BusKind::I2c(bus) = &file.vectors()[0].buses[0].kind else { panic!("{text}") };
        let standard = catalog::standard(&bus.options).expect("every speed class has its part");
        let monitor = |source| i2c::Monitor::new(&bus.options, source);
        let params = standard.params_at(&bus.electrical.conditions());
        Judged { info: &i2c::INFO, monitor, params: &params }.assert_alike(run.log(), &run.tracks())?;
    }

    #[test]
    fn so_is_one_of_a_uart(text in uart_vector()) {
        let file = VectorFile::parse("case", &text).expect(&text);
        let (result, run) = run_recorded(Path::new("case.toml"), &file, &file.vectors()[0], &RunOptions::default());
        let run = run.ok_or_else(|| TestCaseError::fail(format!("{text}\n{result:?}")))?;
        let BusKind::Uart(bus) = &file.vectors()[0].buses[0].kind else { panic!("{text}") };
        let monitor = |source| uart::Monitor::new(&bus.options, source);
        let params = uart::rules::limits(&bus.options);
        Judged { info: &uart::INFO, monitor, params: &params }.assert_alike(run.log(), &run.tracks())?;
    }

    /// What has crossed and what was lost on the way, with limits that the traffic keeps or breaks.
    #[test]
    fn so_is_a_crossing((text, options) in crossing()) {
        let file = VectorFile::parse("case", &text).expect(&text);
        let (result, run) = run_recorded(Path::new("case.toml"), &file, &file.vectors()[0], &RunOptions::default());
        let recording = run.ok_or_else(|| TestCaseError::fail(format!("{text}\n{result:?}")))?;
        let log = recording.log();
        let monitor = |source| cdc::Monitor::new(&options, source);
        let mut params = Params::new();
        for (i, info) in cdc::rules::PARAMS.iter().enumerate() {
            params.set(Param(i as u16), if info.side == Side::Min { 8_000_000 } else { 30_000_000 }, "made up");
        }
        let judged = Judged { info: &cdc::INFO, monitor, params: &params };
        let run = judged.of_run(log);
        let extras = Extras { tracks: &recording.tracks(), curves: &[] };
        let bytes =
            write_vcd_to(Vec::new(), log, &extras, &VcdOptions::default()).expect("a log can be written");
        prop_assert_eq!(&run, &judged.of_file(bytes), "{}", text);
        // What the vector says of its own monitor is what anybody's says, but for pulses, whose time there is counted.
        if options.through != cdc::Through::PulseSynchroniser {
            for failure in result.failures.iter().filter(|failure| failure.code.starts_with("cdc::")) {
                prop_assert!(run.contains(&failure.code), "{} is not in\n{run}", failure.code);
            }
        }
    }

    /// Words on groups and on wires of their own; limits that the traffic keeps or breaks.
    #[test]
    fn so_is_a_handshake(text in link()) {
        let file = VectorFile::parse("case", &text).expect(&text);
        let (result, run) = run_recorded(Path::new("case.toml"), &file, &file.vectors()[0], &RunOptions::default());
        let run = run.ok_or_else(|| TestCaseError::fail(format!("{text}\n{result:?}")))?;
        let BusKind::Handshake(bus) = &file.vectors()[0].buses[0].kind else { panic!("{text}") };
        let monitor = |source| handshake::Monitor::new(&bus.options, source);
        let mut params = Params::new();
        for (i, info) in handshake::rules::PARAMS.iter().enumerate() {
            params.set(Param(i as u16), if info.side == Side::Min { 3_000_000 } else { 4_000_000 }, "made up");
        }
        Judged { info: &handshake::INFO, monitor, params: &params }.assert_alike(run.log(), &run.tracks())?;
    }
}
