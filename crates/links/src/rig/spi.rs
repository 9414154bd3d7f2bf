//! A controller that only sends, and a peripheral that only listens.

use std::any::Any;

use busproof_core::bits::Bits;
use busproof_core::bus::spi::{
    Controller, ControllerOptions, Device, Lanes, Op, Options, Peripheral, PeripheralOptions, Step, Ticket,
    pin,
};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{Attach, Net, SignalId, Time};

use crate::link::LinkError;
use crate::meter::Meter;
use crate::passage::{self, Arrival, Offset};

/// Mode 0, 8 bits a word, everything in one transfer.
pub(crate) struct Rig {
    bench: Bench,
    controller: AgentId<Controller>,
    peripheral: AgentId<Peripheral>,
    ticket: Option<Ticket>,
    clock: Option<SignalId>,
}

/// Keeps what it hears.
#[derive(Default)]
struct Listener(Vec<Arrival>);

impl Device for Listener {
    fn select(&mut self, _: Time) -> Step {
        Step::input(8)
    }

    fn step(&mut self, now: Time, input: u64) -> Step {
        self.0.push(Arrival { at: now, byte: input as u8, flawed: false });
        Step::input(8)
    }

    fn deselect(&mut self, _: Time, _: u32) {}
}

impl Rig {
    pub(crate) fn new(hertz: u64, offset: Offset) -> Result<Rig, LinkError> {
        let mut options = ControllerOptions::new(Options::default(), hertz);
        options.clock.error_ppb = offset.ppb();
        let mut bench = Bench::new(1);
        let mut pins = [None; pin::COUNT];
        for (at, name) in [(pin::SCK, "sck"), (pin::MOSI, "mosi"), (pin::CS0, "cs")] {
            pins[at.index()] = Some(Attach::to(bench.add_net(Net::wire(name))));
        }
        let listener =
            Peripheral::new(PeripheralOptions::new(Options::default()), Box::<Listener>::default());
        let controller = bench.add_agent("host", Controller::new(options)?, &pins);
        let peripheral = bench.add_agent("peripheral", listener, &pins);
        let clock = bench.signal_at(controller, pin::SCK);
        Ok(Rig { bench, controller, peripheral, ticket: None, clock })
    }
}

impl passage::Rig for Rig {
    fn bench(&mut self) -> &mut Bench {
        &mut self.bench
    }

    fn submit(&mut self, payload: &[u8]) -> Result<(), LinkError> {
        let words = payload.iter().map(|&byte| Op::Write(Bits::new(byte as u64, 8), Lanes::SINGLE));
        let ops: Vec<Op> = [Op::Select(0)].into_iter().chain(words).chain([Op::Deselect]).collect();
        self.ticket = Some(self.bench.agent_mut(self.controller).submit(&ops)?);
        Ok(())
    }

    fn done(&mut self) -> Option<Time> {
        let done = self.bench.agent_mut(self.controller).take(self.ticket?)?;
        Some(done.at)
    }

    fn arrivals(&mut self) -> Vec<Arrival> {
        let device: &dyn Any = self.bench.agent(self.peripheral).device();
        device.downcast_ref::<Listener>().map_or_else(Vec::new, |listener| listener.0.clone())
    }

    fn bits(&self, meter: &Meter, _: Time) -> u64 {
        self.clock.map_or(0, |clock| meter.count(clock).rises)
    }
}
