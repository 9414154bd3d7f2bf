//! A sender and a receiver with request and acknowledge, or valid and ready, between.

use busproof_core::bus::handshake::{
    Options, Pace, Protocol, Receiver, ReceiverOptions, Sender, SenderOptions, Ticket, Width, pin,
};
use busproof_core::sim::{AgentId, Bench, ClockSpec, Oscillator};
use busproof_core::{Attach, Net, SignalId, Span, Time};

use crate::link::LinkError;
use crate::meter::Meter;
use crate::passage::{self, Arrival, Offset};

/// A word is a byte.
const WIDTH: u32 = 8;

/// Both ends on clocks of their own with two flops at each input, or on one clock for valid/ready.
pub(crate) struct Rig {
    bench: Bench,
    sender: AgentId<Sender>,
    receiver: AgentId<Receiver>,
    ticket: Option<Ticket>,
    protocol: Protocol,
    /// Where request, acknowledge, valid and ready travel; where words do.
    control: Vec<SignalId>,
    data: Vec<SignalId>,
}

/// The wires of a protocol, with the role of each.
#[derive(Clone, Debug)]
pub(crate) struct Bundle {
    /// For both ends.
    pub(crate) pins: Vec<Option<Attach>>,
    control: Vec<SignalId>,
    data: Vec<SignalId>,
}

/// A pin, and what its wires are called.
type Role = (SignalId, &'static str);

/// Adds the wires of `protocol` to a bench, their names behind `prefix`.
pub(crate) fn bundle(protocol: Protocol, prefix: &str, bench: &mut Bench) -> Bundle {
    let (control, data): (&[Role], &[Role]) = match protocol {
        Protocol::FourPhase | Protocol::TwoPhase => {
            (&[(pin::REQ, "req"), (pin::ACK, "ack")], &[(pin::DATA, "data")])
        }
        Protocol::DualRail => (&[(pin::ACK, "ack")], &[(pin::TRUE, "t"), (pin::FALSE, "f")]),
        Protocol::ValidReady => {
            (&[(pin::CLK, "clk"), (pin::VALID, "valid"), (pin::READY, "ready")], &[(pin::DATA, "data")])
        }
    };
    let mut pins = vec![None; pin::COUNT];
    for &(at, name) in control {
        pins[at.index()] = Some(Attach::to(bench.add_net(Net::wire(format!("{prefix}{name}")))));
    }
    for &(at, name) in data {
        pins[at.index()] = Some(Attach::to(bench.add_net(Net::group(format!("{prefix}{name}"), WIDTH))));
    }
    let roles = |wires: &[Role]| wires.iter().map(|&(at, _)| at).collect();
    Bundle { pins, control: roles(control), data: roles(data) }
}

/// What both ends have agreed on.
pub(crate) fn options(protocol: Protocol) -> Options {
    Options { width: Width::new(WIDTH).unwrap_or_default(), ..Options::of(protocol) }
}

impl Rig {
    pub(crate) fn new(
        protocol: Protocol,
        period: Span,
        hertz: u64,
        offset: Offset,
    ) -> Result<Rig, LinkError> {
        let mut bench = Bench::new(1);
        let Bundle { pins, control, data } = bundle(protocol, "", &mut bench);
        let sender_clock = ClockSpec { error_ppb: offset.ppb(), ..ClockSpec::ideal(hertz) };
        let receiver_clock = ClockSpec { phase: offset.of(period), ..ClockSpec::ideal(hertz) };
        let (near, far) = match protocol {
            Protocol::ValidReady => {
                bench.add_agent(
                    "clock",
                    Oscillator::new(&sender_clock)?,
                    &pins[pin::CLK.index()..=pin::CLK.index()],
                );
                let pace = Pace::after(period.scale(1, 16));
                (pace, pace)
            }
            _ => (Pace::clocked(sender_clock), Pace::clocked(receiver_clock)),
        };
        let near =
            SenderOptions { setup: period.scale(1, 16), ..SenderOptions::new(options(protocol), near) };
        let far = ReceiverOptions::new(options(protocol), far);
        let sender = bench.add_agent("sender", Sender::new(near)?, &pins);
        let receiver = bench.add_agent("receiver", Receiver::new(far)?, &pins);
        let mut signals = |roles: Vec<SignalId>| -> Vec<SignalId> {
            let counted = roles.into_iter().filter(|role| *role != pin::CLK);
            counted.filter_map(|role| bench.signal_at(sender, role)).collect()
        };
        let (control, data) = (signals(control), signals(data));
        Ok(Rig { bench, sender, receiver, ticket: None, protocol, control, data })
    }
}

impl passage::Rig for Rig {
    fn bench(&mut self) -> &mut Bench {
        &mut self.bench
    }

    fn submit(&mut self, payload: &[u8]) -> Result<(), LinkError> {
        let words: Vec<u64> = payload.iter().map(|&byte| byte as u64).collect();
        self.ticket = Some(self.bench.agent_mut(self.sender).submit(&words));
        Ok(())
    }

    fn done(&mut self) -> Option<Time> {
        let done = self.bench.agent_mut(self.sender).take(self.ticket?)?;
        Some(done.at)
    }

    fn arrivals(&mut self) -> Vec<Arrival> {
        let received = self.bench.agent(self.receiver).received().iter();
        received
            .map(|word| Arrival { at: word.at, byte: word.data.bits as u8, flawed: word.data.unknown != 0 })
            .collect()
    }

    fn bits(&self, meter: &Meter, _: Time) -> u64 {
        let edges = |signals: &[SignalId]| -> u64 { signals.iter().map(|&s| meter.count(s).edges).sum() };
        let words = match self.protocol {
            // A rail of each bit goes up and down again.
            Protocol::DualRail => edges(&self.data),
            _ => self.bench.agent(self.sender).sent() * WIDTH as u64,
        };
        edges(&self.control) + words
    }
}
