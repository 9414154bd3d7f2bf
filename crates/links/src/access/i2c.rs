//! Transfers that write an address and read a word.

use std::collections::VecDeque;

use busproof_core::bus::i2c::{
    Ack, Address, Answer, Call, Controller, ControllerOptions, Device, Direction, End, Op, Outcome, Reply,
    Target, TargetOptions, Ticket,
};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{Span, Time};

use super::busy::Busy;
use super::registers::{Pairs, Registers};
use super::{Channel, Reply as Answered};
use crate::link::{Conditions, Link, LinkError};
use crate::rig::i2c_wires;

/// Two wires, and a controller in which requests wait.
pub(super) struct Transfers {
    bench: Bench,
    controller: AgentId<Controller>,
    /// Tickets under way, with when they were submitted.
    tickets: VecDeque<(Ticket, Time)>,
    /// When the last that was done was over.
    free: Time,
    replies: Vec<Answered>,
    busy: Busy,
}

/// Registers behind the wires.
struct Bridge {
    registers: Registers,
    pairs: Pairs,
    /// The bytes to be sent, the next last.
    bytes: Vec<u8>,
}

const FPGA: Address = Address::Seven(0x50);

impl Device for Bridge {
    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        (call.address == FPGA).then_some(Answer::ACK)
    }

    fn write(&mut self, now: Time, byte: u8) -> Answer {
        if let Some(address) = self.pairs.take(byte) {
            self.registers.ask(now, address);
        }
        Answer::ACK
    }

    fn read(&mut self, now: Time) -> Reply {
        let mut hold = Span::ZERO;
        if self.bytes.is_empty() {
            hold = self.registers.ready().map_or(Span::ZERO, |ready| ready.since(now));
            let word = self.registers.take(Time::MAX).unwrap_or(0);
            self.bytes = word.to_le_bytes().to_vec();
        }
        Reply { byte: self.bytes.pop().unwrap_or(0), hold }
    }

    fn stop(&mut self, _: Time) {
        self.bytes.clear();
    }
}

impl Transfers {
    pub(super) fn new(conditions: &Conditions, access_time: Span) -> Result<Transfers, LinkError> {
        let mut bench = Bench::new(1);
        let (pins, rc, bus) = i2c_wires(conditions, &mut bench);
        let options = ControllerOptions::new(bus.clone(), conditions.hertz(Link::I2c)).fitted(rc);
        let registers = Registers::new(access_time);
        let bridge = Bridge { registers, pairs: Pairs::default(), bytes: Vec::new() };
        let controller = bench.add_agent("host", Controller::new(options)?, &pins);
        bench.add_agent("fpga", Target::new(TargetOptions::new(bus), Box::new(bridge)), &pins);
        let (replies, busy) = (Vec::new(), Busy::default());
        Ok(Transfers { bench, controller, tickets: VecDeque::new(), free: Time::ZERO, replies, busy })
    }
}

/// The word among what a transfer brought.
fn word(outcomes: &[Outcome]) -> Option<u16> {
    let byte = |outcome: &Outcome| if let Outcome::Byte(byte) = outcome { *byte } else { None };
    let bytes: Vec<u8> = outcomes.iter().filter_map(byte).collect();
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

impl Channel for Transfers {
    fn bench(&mut self) -> &mut Bench {
        &mut self.bench
    }

    fn request(&mut self, address: u16) -> Result<(), LinkError> {
        let [upper, lower] = address.to_be_bytes();
        let call = |direction| Op::Call(Call { address: FPGA, direction });
        let ops = [
            Op::Start,
            call(Direction::Write),
            Op::Write(upper),
            Op::Write(lower),
            Op::Start,
            call(Direction::Read),
            Op::Read(Ack::Ack),
            Op::Read(Ack::Nack),
            Op::Stop,
        ];
        let now = self.bench.now();
        let ticket = self.bench.agent_mut(self.controller).submit(&ops)?;
        self.tickets.push_back((ticket, now));
        Ok(())
    }

    fn attend(&mut self) -> Result<Time, LinkError> {
        while let Some(&(ticket, submitted)) = self.tickets.front() {
            let Some(done) = self.bench.agent_mut(self.controller).take(ticket) else { break };
            self.busy.add(submitted.max(self.free), done.at);
            self.free = done.at;
            self.tickets.pop_front();
            let word = if done.end == End::Done { word(&done.outcomes) } else { None };
            self.replies.push(Answered { at: done.at, word });
        }
        Ok(Time::MAX)
    }

    fn take_replies(&mut self) -> Vec<Answered> {
        std::mem::take(&mut self.replies)
    }

    fn busy(&mut self) -> &mut Busy {
        &mut self.busy
    }
}
