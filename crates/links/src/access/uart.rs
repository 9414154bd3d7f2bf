//! A UART each way.

use busproof_core::bus::uart::{
    Baud, Heard, Op, Options, Port, Received, ReceiverOptions, Sampling, TransmitterOptions, pin,
};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{Attach, Net, Span, Time};

use super::busy::Busy;
use super::registers::{Pairs, Registers};
use super::{Channel, Reply};
use crate::link::LinkError;

/// Two ports, wired crosswise.
pub(super) struct Lines {
    bench: Bench,
    host: End,
    fpga: End,
    registers: Registers,
    replies: Vec<Reply>,
    busy: Busy,
    frame: Span,
}

struct End {
    port: AgentId<Port>,
    frames: u64,
    pairs: Pairs,
}

impl End {
    /// The frames that have come since the last call. The bench stops at the next.
    fn take(&mut self, bench: &mut Bench) -> Vec<Received> {
        let receiver = bench.agent_mut(self.port).receiver_mut();
        let frame = |heard| if let Heard::Frame(frame) = heard { Some(frame) } else { None };
        let frames: Vec<Received> = receiver.take_heard().into_iter().filter_map(frame).collect();
        self.frames += frames.len() as u64;
        receiver.await_frames(self.frames + 1);
        frames
    }
}

impl Lines {
    pub(super) fn new(hertz: u64, access_time: Span) -> Result<Lines, LinkError> {
        let baud = Baud::from_hertz(hertz).ok_or(LinkError::Clock(hertz))?;
        let bus = Options { baud: Some(baud), sampling: Sampling::X16, ..Options::default() };
        let mut bench = Bench::new(1);
        let [there, back] = ["request", "reply"].map(|name| Some(Attach::to(bench.add_net(Net::wire(name)))));
        let mut end = |name, tx, rx, phase| -> Result<End, LinkError> {
            let mut receiver = ReceiverOptions::new(bus.clone());
            receiver.clock.clock.phase = baud.bits(phase, 64);
            let mut pins = [None; pin::COUNT];
            (pins[pin::TX.index()], pins[pin::RX.index()]) = (tx, rx);
            let port = Port::new(TransmitterOptions::new(bus.clone()), receiver)?;
            Ok(End { port: bench.add_agent(name, port, &pins), frames: 0, pairs: Pairs::default() })
        };
        let (host, fpga) = (end("host", there, back, 1)?, end("fpga", back, there, 2)?);
        let registers = Registers::new(access_time);
        let frame = bus.frame_time(baud);
        Ok(Lines { bench, host, fpga, registers, replies: Vec::new(), busy: Busy::default(), frame })
    }

    /// Requests come in.
    fn hear_requests(&mut self) {
        for frame in self.fpga.take(&mut self.bench) {
            self.busy.add(frame.start, frame.start + self.frame);
            if let Some(address) = self.fpga.pairs.take(frame.data as u8) {
                self.registers.ask(frame.at, address);
            }
        }
    }

    fn hear_replies(&mut self) {
        for frame in self.host.take(&mut self.bench) {
            self.busy.add(frame.start, frame.start + self.frame);
            if let Some(word) = self.host.pairs.take(frame.data as u8) {
                self.replies.push(Reply { at: frame.at, word: Some(word) });
            }
        }
    }

    fn send(&mut self, from: AgentId<Port>, word: u16) -> Result<(), LinkError> {
        let ops = [Op::Write(word.to_be_bytes().to_vec())];
        self.bench.agent_mut(from).transmitter_mut().submit(&ops)?;
        Ok(())
    }
}

impl Channel for Lines {
    fn bench(&mut self) -> &mut Bench {
        &mut self.bench
    }

    fn request(&mut self, address: u16) -> Result<(), LinkError> {
        self.send(self.host.port, address)
    }

    fn attend(&mut self) -> Result<Time, LinkError> {
        self.hear_requests();
        while let Some(word) = self.registers.take(self.bench.now()) {
            self.send(self.fpga.port, word)?;
        }
        self.hear_replies();
        Ok(self.registers.ready().unwrap_or(Time::MAX))
    }

    fn take_replies(&mut self) -> Vec<Reply> {
        std::mem::take(&mut self.replies)
    }

    fn busy(&mut self) -> &mut Busy {
        &mut self.busy
    }
}
