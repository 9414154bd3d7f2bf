//! A handshake each way.

use std::collections::VecDeque;

use busproof_core::bus::handshake::{
    Pace, Protocol, Receiver, ReceiverOptions, Sender, SenderOptions, Ticket,
};
use busproof_core::sim::{Agent, AgentId, Bench, ClockSpec, Cx};
use busproof_core::{Span, Time};

use super::busy::Busy;
use super::registers::{Pairs, Registers};
use super::{Channel, Reply};
use crate::link::{Conditions, Link, LinkError};
use crate::rig::{bundle, handshake_options};

/// Two channels, and a clock at each end.
pub(super) struct Wires {
    bench: Bench,
    there: Direction,
    back: Direction,
    registers: Registers,
    replies: Vec<Reply>,
    busy: Busy,
}

/// A receiver at whose words the bench stops.
struct Doorbell {
    receiver: Receiver,
    rung: usize,
}

impl Agent for Doorbell {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        self.receiver.wake(cx);
        let words = self.receiver.received().len();
        if words > self.rung {
            cx.stop();
        }
        self.rung = words;
    }

    fn watches(&self) -> u64 {
        self.receiver.watches()
    }
}

/// Words one way.
struct Direction {
    sender: AgentId<Sender>,
    receiver: AgentId<Doorbell>,
    /// Tickets under way, with when they were submitted.
    tickets: VecDeque<(Ticket, Time)>,
    /// When the last that was done was over.
    free: Time,
    pairs: Pairs,
}

impl Direction {
    fn send(&mut self, bench: &mut Bench, word: u16) {
        let now = bench.now();
        let bytes = word.to_be_bytes().map(u64::from);
        let ticket = bench.agent_mut(self.sender).submit(&bytes);
        self.tickets.push_back((ticket, now));
    }

    /// The messages that have come since the last call, with when they were complete.
    fn take(&mut self, bench: &mut Bench, busy: &mut Busy) -> Vec<(Time, u16)> {
        while let Some(&(ticket, submitted)) = self.tickets.front() {
            let Some(done) = bench.agent_mut(self.sender).take(ticket) else { break };
            busy.add(submitted.max(self.free), done.at);
            self.free = done.at;
            self.tickets.pop_front();
        }
        let doorbell = bench.agent_mut(self.receiver);
        doorbell.rung = 0;
        let words = doorbell.receiver.take_received();
        words.iter().filter_map(|word| Some((word.at, self.pairs.take(word.data.bits as u8)?))).collect()
    }
}

impl Wires {
    pub(super) fn new(
        protocol: Protocol,
        conditions: &Conditions,
        link: Link,
        access_time: Span,
    ) -> Result<Wires, LinkError> {
        let (hertz, period) = (conditions.hertz(link), conditions.period(link));
        let clock = |num| ClockSpec { phase: period.scale(num, 8), ..ClockSpec::ideal(hertz) };
        let (host, fpga) = (Pace::clocked(clock(1)), Pace::clocked(clock(5)));
        let setup = period.scale(1, 16);
        let mut bench = Bench::new(1);
        let mut direction = |name: &str, from, to| -> Result<Direction, LinkError> {
            let pins = bundle(protocol, name, &mut bench).pins;
            let bus = handshake_options(protocol);
            let sender = Sender::new(SenderOptions { setup, ..SenderOptions::new(bus, from) })?;
            let receiver = Receiver::new(ReceiverOptions::new(bus, to))?;
            Ok(Direction {
                sender: bench.add_agent(&format!("{name}sender"), sender, &pins),
                receiver: bench.add_agent(&format!("{name}receiver"), Doorbell { receiver, rung: 0 }, &pins),
                tickets: VecDeque::new(),
                free: Time::ZERO,
                pairs: Pairs::default(),
            })
        };
        let (there, back) = (direction("request_", host, fpga)?, direction("reply_", fpga, host)?);
        let registers = Registers::new(access_time);
        Ok(Wires { bench, there, back, registers, replies: Vec::new(), busy: Busy::default() })
    }
}

impl Channel for Wires {
    fn bench(&mut self) -> &mut Bench {
        &mut self.bench
    }

    fn request(&mut self, address: u16) -> Result<(), LinkError> {
        self.there.send(&mut self.bench, address);
        Ok(())
    }

    fn attend(&mut self) -> Result<Time, LinkError> {
        for (at, address) in self.there.take(&mut self.bench, &mut self.busy) {
            self.registers.ask(at, address);
        }
        while let Some(word) = self.registers.take(self.bench.now()) {
            self.back.send(&mut self.bench, word);
        }
        for (at, word) in self.back.take(&mut self.bench, &mut self.busy) {
            self.replies.push(Reply { at, word: Some(word) });
        }
        Ok(self.registers.ready().unwrap_or(Time::MAX))
    }

    fn take_replies(&mut self) -> Vec<Reply> {
        std::mem::take(&mut self.replies)
    }

    fn busy(&mut self) -> &mut Busy {
        &mut self.busy
    }
}
