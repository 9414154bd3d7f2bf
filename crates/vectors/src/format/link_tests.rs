//! Handshakes and crossings in vector files: defaults, and what is wrong with them.

use busproof_core::bus::handshake::{Options, Pattern, Protocol, pin};
use busproof_core::cdc::{FlopSpec, PointerCode};
use busproof_core::{Level, Span};

use super::vector::{BusKind, crossing, handshake};
use super::*;

/// A file with one bus and one step.
fn text(kind: &str, keys: &str, step: &str) -> String {
    format!("bus.it = {{ kind = \"{kind}\", {keys} }}\nstep = [{{ {step} }}]\n")
}

fn link(keys: &str) -> handshake::Bus {
    let text = text("handshake", keys, "do = \"1\"");
    let file = VectorFile::parse("file", &text).unwrap_or_else(|error| panic!("{text}: {error}"));
    match &file.vectors()[0].buses[0].kind {
        BusKind::Handshake(bus) => (**bus).clone(),
        other => panic!("{other:?}"),
    }
}

fn cross(keys: &str) -> crossing::Bus {
    let text = text("crossing", keys, "do = \"1\"");
    let file = VectorFile::parse("file", &text).unwrap_or_else(|error| panic!("{text}: {error}"));
    match &file.vectors()[0].buses[0].kind {
        BusKind::Crossing(bus) => (**bus).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_handshake_has_defaults_for_everything() {
    let bus = link("");
    assert_eq!((bus.options, bus.wires, bus.time_out), (Options::default(), handshake::Wires::Group, None));
    assert_eq!((bus.sender.pattern, bus.receiver.pattern), (Pattern::Always, Pattern::Always));
    assert!(matches!(bus.sender.pace, handshake::Pace::Delays(None, None)));
}

#[test]
fn a_handshake_is_read_in_full() {
    let bus = link(
        "protocol = \"dual-rail\", width = 4, wires = \"single\", stall = \"1 us\", sender.clock = \"10 MHz\", \
         sender.stages = 3, receiver.pattern = \"bursts:4/2\", sender.fault = [{ word = 2, illegal_code = true }], \
         fault.stuck = [{ net = \"t3\", level = \"high\", from = \"1 ns\" }]",
    );
    assert_eq!((bus.options.protocol, bus.options.stall), (Protocol::DualRail, Some(Span::from_us(1))));
    assert_eq!(bus.receiver.pattern, Pattern::Bursts { open: 4, shut: 2 });
    let handshake::Pace::Clocked { clock, stages: 3, flop: FlopSpec::IDEAL } = &bus.sender.pace else {
        panic!("{:?}", bus.sender.pace)
    };
    assert_eq!((clock.hertz, bus.sender.faults.len()), (10_000_000, 1));
    let stuck = bus.stuck[0];
    assert_eq!((stuck.pin, stuck.level, stuck.to), (pin::true_rail(3), Level::High, None));
}

const CLOCKS: &str = "source.clock = \"100 MHz\", destination.clock = \"70 MHz\"";

#[test]
fn a_crossing_is_what_lies_between_two_clocks() {
    let fifo = cross(&format!("through = \"fifo\", {CLOCKS}"));
    let crossing::Through::Fifo(options) = fifo.through else { panic!("{:?}", fifo.through) };
    assert_eq!((options.depth, options.stages, options.code), (16, 2, PointerCode::Gray));
    let pulses = cross(&format!("through = \"pulse-synchroniser\", stages = 3, {CLOCKS}"));
    let crossing::Through::PulseSynchroniser { latest, .. } = pulses.through else {
        panic!("{:?}", pulses.through)
    };
    assert_eq!(latest, Span::period_of(70_000_000).unwrap() * 7);
    let level = cross("through = \"synchroniser\", stages = 0, destination.clock = \"70 MHz\"");
    assert!(level.source.is_none());
}

#[test]
fn what_is_wrong_with_a_handshake_is_said_with_a_way_out() {
    let word = "do = \"1\"";
    for (keys, step, wanted) in [
        ("protocol = \"valid-ready\"", word, "`it` has no clock; write `clock = \"100 MHz\"`"),
        ("clock = \"1 MHz\"", word, "only valid/ready has a clock in common"),
        ("width = 65", word, "`width` is 65; it must be 1 to 64"),
        ("width = 17, wires = \"single\"", word, "more than 16 bits"),
        ("protocol = \"two-phase\", data_phase = \"late\"", word, "remove `data_phase`"),
        ("sender.stages = 2", word, "flops have a clock"),
        ("sender = { clock = \"1 MHz\", delay = \"1 ns\" }", word, "acts at its edges"),
        ("sender.pattern = \"every:0\"", word, "`every:0` is no pattern"),
        ("sender.pattern = 3", word, "write `\"every:3\"`"),
        ("sender.fault = [{ word = 1 }]", word, "a fault is one thing"),
        ("sender.fault = [{ illegal_code = true }]", word, "cannot go wrong in this protocol"),
        (
            "fault.stuck = [{ net = \"rqe\", level = \"low\" }]",
            word,
            "there is no wire `rqe`; did you mean `req`?",
        ),
        ("fault.stuck = [{ net = \"d0\", level = \"low\" }]", word, "there is no wire `d0`"),
        ("receiver = { clock = \"1 MHz\", flop = { metastability = \"resolves\" } }", word, "needs both"),
        (
            "receiver = { clock = \"1 MHz\", flop = { hold = \"1 ns\", metastability = \"one-cycle\" } }",
            word,
            "raise clk_to_q",
        ),
        ("", "do = \"[1]\"", "no transfers that start and stop"),
        ("", "do = \"256\"", "does not fit into a word of 8 bits"),
        ("", "do = \"1\", by = \"host\"", "remove `by`"),
        ("", "do = \"r=01\", until = \"expected\", within = \"1 ms\"", "remove `until`"),
        ("timing = { tRB = \"1 ns\" }", word, "there is no limit `tRB`"),
    ] {
        let text = text("handshake", keys, step);
        let said = VectorFile::parse("file", &text).expect_err(&text).problem.to_string();
        assert!(said.contains(wanted), "{text}: {said}");
    }
}

#[test]
fn what_is_wrong_with_a_crossing_is_said_with_a_way_out() {
    for (keys, wanted) in [
        (CLOCKS.to_owned(), "what lies between the domains of `it`?"),
        ("through = \"fifo\", destination.clock = \"1 MHz\"".to_owned(), "`source` has no clock"),
        (format!("through = \"fifo\", depth = 12, {CLOCKS}"), "powers of two only"),
        (format!("through = \"fifo\", phases = 4, {CLOCKS}"), "belongs to another kind of crossing"),
        (format!("through = \"req-ack\", phases = 3, {CLOCKS}"), "`phases` is 3; it must be 2"),
        (format!("through = \"synchroniser\", {CLOCKS}"), "remove `source`"),
    ] {
        let text = text("crossing", &keys, "do = \"1\"");
        let said = VectorFile::parse("file", &text).expect_err(&text).problem.to_string();
        assert!(said.contains(wanted), "{text}: {said}");
    }
    let device = "bus.it = { kind = \"handshake\" }\ndevice.a.reply = \"0x11\"\nstep = [{ do = \"1\" }]\n";
    let said = VectorFile::parse("file", device).expect_err(device).problem.to_string();
    assert!(said.contains("have no devices"), "{said}");
}
