//! A handshake between two of our agents, and its waveform as another simulator would dump it, buses as vectors.

use std::fmt::Write as _;

use busproof_core::bus::handshake::{
    INFO, Options, Protocol, Receiver, ReceiverOptions, Sender, SenderOptions, pin,
};
use busproof_core::log::ChangeLog;
use busproof_core::net::{Attach, Net};
use busproof_core::sim::{Bench, ClockSpec, Oscillator};
use busproof_core::time::{Span, Time};

/// The words travel from the sender to the receiver; what is still under way after 2 us stays so.
pub(crate) fn run(sender: SenderOptions, receiver: ReceiverOptions, words: &[u64]) -> ChangeLog {
    let bus = sender.bus;
    let mut bench = Bench::new(1);
    let mut pins = vec![None; pin::COUNT];
    for pin in wires(bus.protocol) {
        let role = &INFO.roles[pin.index()];
        let width = if role.wires > 1 { bus.width.get() } else { 1 };
        let net = if role.wires > 1 { Net::group(role.name, width) } else { Net::wire(role.name) };
        pins[pin.index()] = Some(Attach::to(bench.add_net(net)));
    }
    if bus.protocol == Protocol::ValidReady {
        let spec = ClockSpec { phase: Span::from_ns(3), ..ClockSpec::ideal(100_000_000) };
        let clock = Oscillator::new(&spec).expect("a legal clock");
        bench.add_agent("clock", clock, &[pins[pin::CLK.index()]]);
    }
    let host = bench.add_agent("host", Sender::new(sender).expect("a legal sender"), &pins);
    bench.add_agent("receiver", Receiver::new(receiver).expect("a legal receiver"), &pins);
    let mut log = bench.new_log();
    bench.agent_mut(host).submit(words);
    bench.run_until(Time::ZERO + Span::from_us(2), &mut log).expect("no loop");
    let after = bench.now() + Span::from_ns(50);
    bench.run_until(after, &mut log).expect("no loop");
    bench.finish(&mut log);
    log
}

fn wires(protocol: Protocol) -> Vec<busproof_core::SignalId> {
    match protocol {
        Protocol::FourPhase | Protocol::TwoPhase => vec![pin::REQ, pin::ACK, pin::DATA],
        Protocol::DualRail => vec![pin::TRUE, pin::FALSE, pin::ACK],
        Protocol::ValidReady => vec![pin::CLK, pin::VALID, pin::READY, pin::DATA],
    }
}

/// A word of bits after delays of the default bus.
pub(crate) fn bus(protocol: Protocol) -> Options {
    Options::of(protocol)
}

/// The log in picoseconds.
pub(crate) fn vcd(log: &ChangeLog) -> String {
    let mut text =
        String::from("$version somebody's simulator $end\n$timescale 1 ps $end\n$scope module tb $end\n");
    for (id, column) in ('!'..).zip(log.columns()) {
        let (name, width) = (column.name(), column.width());
        let range = if width > 1 { format!(" [{}:0]", width - 1) } else { String::new() };
        let _ = writeln!(text, "$var wire {width} {id} {name}{range} $end");
    }
    text.push_str("$upscope $end\n$enddefinitions $end\n");
    let mut instants = log.instants();
    while let Some((t, changes)) = instants.next() {
        let _ = writeln!(text, "#{}", t.as_fs() / 1000);
        for change in changes {
            let id = char::from(b'!' + change.signal.0 as u8);
            let width = log.column(change.signal).width();
            let levels: String = (0..width).rev().map(|i| change.value.at(i).to_string()).collect();
            let _ = if width > 1 { writeln!(text, "b{levels} {id}") } else { writeln!(text, "{levels}{id}") };
        }
    }
    let _ = writeln!(text, "#{}", log.end().as_fs() / 1000);
    text
}
