//! A transmitter and a receiver on one wire.

use busproof_core::bus::uart::{
    Baud, BaudClock, Heard, Op, Options, Receiver, ReceiverOptions, Sampling, Ticket, Transmitter,
    TransmitterOptions, pin,
};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{Attach, Net, Span, Time};

use crate::link::LinkError;
use crate::meter::Meter;
use crate::passage::{self, Arrival, Offset};

/// 8N1, the receiver at 16 samples a bit.
pub(crate) struct Rig {
    bench: Bench,
    transmitter: AgentId<Transmitter>,
    receiver: AgentId<Receiver>,
    ticket: Option<Ticket>,
    bit_fs: f64,
}

impl Rig {
    pub(crate) fn new(hertz: u64, offset: Offset) -> Result<Rig, LinkError> {
        let baud = Baud::from_hertz(hertz).ok_or(LinkError::Clock(hertz))?;
        let bus = Options { baud: Some(baud), sampling: Sampling::X16, ..Options::default() };
        let mut transmitter = TransmitterOptions::new(bus.clone());
        transmitter.clock = BaudClock::off_by_ppm(offset.ppm);
        let mut receiver = ReceiverOptions::new(bus);
        receiver.clock.clock.phase = phase(baud, offset);
        let mut bench = Bench::new(1);
        let wire = Some(Attach::to(bench.add_net(Net::wire("tx"))));
        let (mut near, mut far) = ([None; pin::COUNT], [None; pin::COUNT]);
        (near[pin::TX.index()], far[pin::RX.index()]) = (wire, wire);
        let transmitter = bench.add_agent("transmitter", Transmitter::new(transmitter)?, &near);
        let receiver = bench.add_agent("receiver", Receiver::new(receiver)?, &far);
        let bit_fs = baud.bit().as_fs() as f64 / (1.0 + offset.ppm as f64 * 1e-6);
        Ok(Rig { bench, transmitter, receiver, ticket: None, bit_fs })
    }
}

/// So that the receiver ticks, by the offset's phase, after the fall of the first start bit, which comes when the payload does.
fn phase(baud: Baud, offset: Offset) -> Span {
    let tick = baud.bits(1, 16);
    // The tick at the very instant of the fall does not see it.
    let seen = offset.submission(baud.bit()) + offset.within(tick).max(Span::from_fs(1));
    let ticks = seen.as_fs() / tick.as_fs() - 1;
    seen.since(Time::ZERO + baud.bits(ticks, 16))
}

impl passage::Rig for Rig {
    fn bench(&mut self) -> &mut Bench {
        &mut self.bench
    }

    fn submit(&mut self, payload: &[u8]) -> Result<(), LinkError> {
        let ops = [Op::Write(payload.to_vec())];
        self.ticket = Some(self.bench.agent_mut(self.transmitter).submit(&ops)?);
        Ok(())
    }

    fn done(&mut self) -> Option<Time> {
        let done = self.bench.agent_mut(self.transmitter).take(self.ticket?)?;
        Some(done.at)
    }

    fn arrivals(&mut self) -> Vec<Arrival> {
        let frame = |heard: &Heard| match *heard {
            Heard::Frame(frame) => {
                Some(Arrival { at: frame.at, byte: frame.data as u8, flawed: frame.framing_error })
            }
            Heard::Break { end, .. } => Some(Arrival { at: end, byte: 0, flawed: true }),
            _ => None,
        };
        self.bench.agent(self.receiver).heard().iter().filter_map(frame).collect()
    }

    fn bits(&self, meter: &Meter, done: Time) -> u64 {
        let Some(first) = meter.first_edge() else { return 0 };
        (done.since(first).as_fs() as f64 / self.bit_fs).round() as u64
    }
}
