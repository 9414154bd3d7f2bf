//! Transfers of a controller that also gets its answers in them.

use std::any::Any;
use std::collections::VecDeque;

use busproof_core::bits::Bits;
use busproof_core::bus::spi::{
    Completion, Controller, ControllerOptions, Device, Lanes, Op, Options, Peripheral, PeripheralOptions,
    Step, Ticket, pin,
};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{Attach, Net, Time};

use super::busy::Busy;
use super::registers::Registers;
use super::{Accesses, Channel, Reply};
use crate::link::LinkError;

/// Four wires.
pub(super) struct Transfers {
    bench: Bench,
    controller: AgentId<Controller>,
    peripheral: AgentId<Peripheral>,
    /// How many transfers behind its address a word comes; 0: in the same.
    lag: u32,
    /// Addresses that no transfer has carried yet.
    waiting: VecDeque<u16>,
    /// Transfers begun so far.
    begun: u32,
    state: State,
    replies: Vec<Reply>,
    busy: Busy,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Idle,
    /// An address goes out, and chip select stays active behind it; since when.
    Asks(Ticket, Time),
    /// The word is awaited, chip select being active since then.
    Waits(Time),
    /// The transfer's last word travels, chip select being active since then.
    Ends(Ticket, Time),
}

/// Two transfers behind its address a word has had a whole transfer to become ready, and more would only come later.
const MOST_LAG: u32 = 2;

/// An address that is none: a transfer for the sake of its answer.
const NONE: u16 = 0xffff;

/// Registers behind the wires.
struct Bridge {
    registers: Registers,
    lag: u32,
    transfers: u32,
    /// The address of the present transfer has come.
    is_asked: bool,
    /// When the word is ready that was asked for last.
    promised: Time,
}

impl Bridge {
    fn ask(&mut self, now: Time, input: u64) {
        let address = input as u16;
        if address != NONE {
            self.promised = self.registers.ask(now, address);
        }
    }
}

impl Device for Bridge {
    fn select(&mut self, now: Time) -> Step {
        self.is_asked = false;
        self.transfers += 1;
        if self.lag == 0 {
            return Step::input(16);
        }
        let word = if self.transfers > self.lag { self.registers.take(now) } else { None };
        Step::exchange(word.unwrap_or(0) as u64, 16)
    }

    fn step(&mut self, now: Time, input: u64) -> Step {
        if std::mem::replace(&mut self.is_asked, true) {
            return Step::dummy(1);
        }
        self.ask(now, input);
        match self.lag {
            // The controller waits until it is ready.
            0 => Step::output(self.registers.take(Time::MAX).unwrap_or(0) as u64, 16),
            _ => Step::dummy(1),
        }
    }

    fn deselect(&mut self, _: Time, _: u32) {}
}

impl Transfers {
    pub(super) fn new(hertz: u64, accesses: &Accesses) -> Result<Transfers, LinkError> {
        let lag = (accesses.outstanding / 2).min(MOST_LAG);
        let mut bench = Bench::new(1);
        let mut pins = [None; pin::COUNT];
        for (at, name) in [(pin::SCK, "sck"), (pin::MOSI, "mosi"), (pin::MISO, "miso"), (pin::CS0, "cs")] {
            pins[at.index()] = Some(Attach::to(bench.add_net(Net::wire(name))));
        }
        let registers = Registers::new(accesses.access_time);
        let bridge = Box::new(Bridge { registers, lag, transfers: 0, is_asked: false, promised: Time::ZERO });
        let controller = Controller::new(ControllerOptions::new(Options::default(), hertz))?;
        let controller = bench.add_agent("host", controller, &pins);
        let peripheral = Peripheral::new(PeripheralOptions::new(Options::default()), bridge);
        let peripheral = bench.add_agent("fpga", peripheral, &pins);
        Ok(Transfers {
            bench,
            controller,
            peripheral,
            lag,
            waiting: VecDeque::new(),
            begun: 0,
            state: State::Idle,
            replies: Vec::new(),
            busy: Busy::default(),
        })
    }

    fn bridge(&self) -> Option<&Bridge> {
        let device: &dyn Any = self.bench.agent(self.peripheral).device();
        device.downcast_ref()
    }

    fn submit(&mut self, ops: &[Op]) -> Result<Ticket, LinkError> {
        Ok(self.bench.agent_mut(self.controller).submit(ops)?)
    }

    fn done(&mut self, ticket: Ticket) -> Option<Completion> {
        self.bench.agent_mut(self.controller).take(ticket)
    }

    /// Begins the next transfer if it may. Returns when it may.
    fn begin(&mut self) -> Result<Time, LinkError> {
        let now = self.bench.now();
        let brings = self.lag > 0 && self.begun >= self.lag;
        if self.waiting.is_empty() {
            return Ok(Time::MAX);
        }
        let ready = self.bridge().and_then(|bridge| bridge.registers.ready());
        if let Some(ready) = ready.filter(|&ready| brings && ready > now) {
            return Ok(ready);
        }
        let Some(address) = self.waiting.pop_front() else { return Ok(Time::MAX) };
        let write = Op::Write(Bits::new(address as u64, 16), Lanes::SINGLE);
        self.begun += 1;
        self.state = if self.lag == 0 {
            State::Asks(self.submit(&[Op::Select(0), write])?, now)
        } else {
            State::Ends(self.submit(&[Op::Select(0), write, Op::Deselect])?, now)
        };
        Ok(Time::MAX)
    }

    /// The rest of a transfer that brings its own word.
    fn read(&mut self, since: Time) -> Result<Time, LinkError> {
        let ready = self.bridge().map_or(Time::ZERO, |bridge| bridge.promised);
        if ready > self.bench.now() {
            return Ok(ready);
        }
        let ops = [Op::Read(16, Lanes::SINGLE), Op::Deselect];
        self.state = State::Ends(self.submit(&ops)?, since);
        Ok(Time::MAX)
    }

    fn end(&mut self, done: &Completion, since: Time) {
        self.busy.add(since, done.at);
        self.state = State::Idle;
        if self.begun > self.lag {
            let word = done.words.first().and_then(Bits::to_u64).map(|word| word as u16);
            self.replies.push(Reply { at: done.at, word });
        }
    }
}

impl Channel for Transfers {
    fn bench(&mut self) -> &mut Bench {
        &mut self.bench
    }

    fn request(&mut self, address: u16) -> Result<(), LinkError> {
        self.waiting.push_back(address);
        Ok(())
    }

    fn close(&mut self) {
        self.waiting.extend((0..self.lag).map(|_| NONE));
    }

    fn attend(&mut self) -> Result<Time, LinkError> {
        match self.state {
            State::Asks(ticket, since) => {
                if self.done(ticket).is_some() {
                    self.state = State::Waits(since);
                }
            }
            State::Ends(ticket, since) => {
                if let Some(done) = self.done(ticket) {
                    self.end(&done, since);
                }
            }
            State::Idle | State::Waits(_) => {}
        }
        match self.state {
            State::Idle => self.begin(),
            State::Waits(since) => self.read(since),
            State::Asks(..) | State::Ends(..) => Ok(Time::MAX),
        }
    }

    fn take_replies(&mut self) -> Vec<Reply> {
        std::mem::take(&mut self.replies)
    }

    fn busy(&mut self) -> &mut Busy {
        &mut self.busy
    }
}
