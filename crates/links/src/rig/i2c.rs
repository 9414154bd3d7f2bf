//! A controller that only writes, and a target that takes everything.

use std::any::Any;

use busproof_core::bus::i2c::{
    Address, Answer, Call, Controller, ControllerOptions, Device, Direction, Op, Options, Reply, Target,
    TargetOptions, Ticket, pin,
};
use busproof_core::sim::{AgentId, Bench};
use busproof_core::{Attach, Net, Rc, SignalId, Span, Time};

use crate::link::{Conditions, Link, LinkError};
use crate::meter::Meter;
use crate::passage::{self, Arrival, Offset};

/// One write to a 7-bit address, whatever it takes.
pub(crate) struct Rig {
    bench: Bench,
    controller: AgentId<Controller>,
    target: AgentId<Target>,
    ticket: Option<Ticket>,
    clock: Option<SignalId>,
}

/// Keeps what it hears.
#[derive(Default)]
struct Listener(Vec<Arrival>);

impl Device for Listener {
    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        (call.address == Address::Seven(ADDRESS) && call.direction == Direction::Write).then_some(Answer::ACK)
    }

    fn write(&mut self, now: Time, byte: u8) -> Answer {
        self.0.push(Arrival { at: now, byte, flawed: false });
        Answer::ACK
    }

    fn takes(&self) -> u32 {
        u32::MAX
    }

    fn read(&mut self, _: Time) -> Reply {
        Reply { byte: 0xff, hold: Span::ZERO }
    }

    fn stop(&mut self, _: Time) {}
}

/// The address of the target; any would do.
const ADDRESS: u8 = 0x50;
/// The on-resistance of drivers: 0.4 V at 20 mA or less (UM10204 table 9, Fast-mode Plus).
const ON_OHM: f64 = 20.0;

/// The two wires, how they behave, and what both ends have agreed on.
pub(crate) fn wires(conditions: &Conditions, bench: &mut Bench) -> (Vec<Option<Attach>>, Rc, Options) {
    let rc = Rc { pull_up_ohm: conditions.pull_up_ohm, farad: conditions.farad, on_ohm: ON_OHM };
    let nets = ["scl", "sda"].map(|name| bench.add_net(Net::open_drain(name, rc)));
    let hertz = conditions.hertz(Link::I2c);
    let bus = Options { speed: Some(Options::default().speed_at(hertz)), ..Options::default() };
    (nets.map(|net| Some(Attach::to(net))).to_vec(), rc, bus)
}

impl Rig {
    pub(crate) fn new(conditions: &Conditions, offset: Offset) -> Result<Rig, LinkError> {
        let mut bench = Bench::new(1);
        let (pins, rc, bus) = wires(conditions, &mut bench);
        let mut options = ControllerOptions::new(bus.clone(), conditions.hertz(Link::I2c)).fitted(rc);
        options.clock.error_ppb = offset.ppb();
        let target = Target::new(TargetOptions::new(bus), Box::<Listener>::default());
        let controller = bench.add_agent("host", Controller::new(options)?, &pins);
        let target = bench.add_agent("target", target, &pins);
        let clock = bench.signal_at(controller, pin::SCL);
        Ok(Rig { bench, controller, target, ticket: None, clock })
    }
}

impl passage::Rig for Rig {
    fn bench(&mut self) -> &mut Bench {
        &mut self.bench
    }

    fn submit(&mut self, payload: &[u8]) -> Result<(), LinkError> {
        let call = Call { address: Address::Seven(ADDRESS), direction: Direction::Write };
        let bytes = payload.iter().map(|&byte| Op::Write(byte));
        let ops: Vec<Op> = [Op::Start, Op::Call(call)].into_iter().chain(bytes).chain([Op::Stop]).collect();
        self.ticket = Some(self.bench.agent_mut(self.controller).submit(&ops)?);
        Ok(())
    }

    fn done(&mut self) -> Option<Time> {
        let done = self.bench.agent_mut(self.controller).take(self.ticket?)?;
        Some(done.at)
    }

    fn arrivals(&mut self) -> Vec<Arrival> {
        let device: &dyn Any = self.bench.agent(self.target).device();
        device.downcast_ref::<Listener>().map_or_else(Vec::new, |listener| listener.0.clone())
    }

    fn bits(&self, meter: &Meter, _: Time) -> u64 {
        self.clock.map_or(0, |clock| meter.count(clock).rises)
    }

    fn is_open_drain(&self) -> bool {
        true
    }
}
