//! The controller: clocks bytes out and in, and gives way to others.
//!
//! ```text
//!            Low            Rising        High         Falling        each clock
//! SCL  ‾‾\________________________/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\___
//!         |<- own low time ->|    |<- own high time ->|
//!         fell               let go  seen high, by all  pulled; or another pulled first
//! ```
//!
//! * It acts on what it sees at its pins alone. A clock goes on when SCL is seen high, whoever held it low; SDA is read
//!   then. When SCL falls, its low time begins, whoever pulled (UM10204 section 3.1.7).
//! * A bit of its own that is low where it let go means that another controller sends something else: it lets go of both
//!   wires and begins the transfer again when the bus is free (3.1.8).
//! * It never drives a wire high, but in Ultra-fast mode, and SCL by a current source in High-speed mode.
//! * It is no target: one that is addressed by whoever wins is a [`Target`](super::Target) on the same wires beside it.

use std::collections::VecDeque;

use super::ears::{Ear, Ears, Heard};
use super::pace::{self, Timing};
use super::work::{Byte, Completion, End, Job, Op, OpError, Outcome, Role, Ticket};
use super::{Address, Call, Direction, Options, Speed, pin};
use crate::bus::{Diagnostic, Severity};
use crate::level::Drive;
use crate::log::SignalId;
use crate::net::Rc;
use crate::sim::{Agent, Clock, ClockError, ClockSpec, Cx, Jitter, Lead, Part};
use crate::time::{Span, Time};

/// SCL and SDA.
const WIRES: [SignalId; 2] = [pin::SCL, pin::SDA];

/// How many bytes behind the present one are left to the bench: with it, no more bits than there are in a word.
const BYTES_LEFT: usize = 6;

/// The code of the remark that a controller met what UM10204 section 3.1.8 leaves undefined.
const UNDEFINED: &str = "i2c::arbitration-undefined";

/// The code of the remark that a controller read SDA while somebody held SCL.
const EARLY: &str = "i2c::early-sampling";

/// How a controller drives the bus.
#[derive(Clone, Debug)]
pub struct ControllerOptions {
    /// What all who share the bus have agreed on.
    pub bus: Options,
    /// Its clock. Error and jitter are those of all times that it counts, and no transfer begins before the phase. The
    /// frequency is that of SCL, and has been turned into low and high times by [`ControllerOptions::new`].
    pub clock: ClockSpec,
    /// The times it keeps.
    pub timing: Timing,
    /// The times it keeps behind a master code and repeated START, on a bus of speed `high`.
    pub high_speed: Timing,
    /// From a STOP to the next START (tBUF).
    pub bus_free: Span,
    /// A START of another does not keep it from starting, too, for this long. UM10204 section 3.1.8 allows for the hold
    /// time of the START; zero for a controller that gives way to every START it has seen.
    pub join: Span,
    /// How long SCL may be low, a wire not fall that it pulls, or the bus be busy, before it gives up; `None`: for ever.
    pub time_out: Option<Span>,
    /// What becomes of the rest of a ticket when a byte is not acknowledged.
    pub on_nack: OnNack,
    /// How often a transfer is tried again that lost arbitration.
    pub retries: u32,
    /// What goes wrong on purpose.
    pub faults: Vec<Fault>,
}

impl ControllerOptions {
    /// A controller of `hertz` on wires whose edges take no time: low and high time take a period together, and keep, as
    /// all other times do, the minima of the speed class. On real wires SCL is slower by its edges; see
    /// [`ControllerOptions::fitted`].
    ///
    /// On a bus of speed `high`, `hertz` is the frequency behind the master code; what comes before runs at 400 kHz.
    pub fn new(bus: Options, hertz: u64) -> ControllerOptions {
        let speed = bus.speed_at(hertz);
        let entry = if speed == Speed::High { (Speed::Fast, hertz.min(400_000)) } else { (speed, hertz) };
        let timing = Timing::minima(entry.0, entry.1).at(entry.1, Span::ZERO);
        ControllerOptions {
            bus,
            clock: ClockSpec::ideal(hertz),
            high_speed: Timing::minima(Speed::High, hertz).at(hertz, Span::ZERO),
            bus_free: pace::bus_free(speed),
            join: timing.start_hold,
            timing,
            time_out: None,
            on_nack: OnNack::default(),
            retries: 100,
            faults: Vec::new(),
        }
    }

    /// With low and high times chosen anew, so that together with the edges of SCL on such a wire they take the period
    /// of the clock; where the minima of the speed class do not allow it, the clock is as fast as they do.
    #[must_use]
    pub fn fitted(self, rc: Rc) -> ControllerOptions {
        let hertz = self.clock.hertz;
        let (edges, speed) = (pace::edges(rc), self.bus.speed_at(hertz));
        let entry = if speed == Speed::High { (Speed::Fast, hertz.min(400_000)) } else { (speed, hertz) };
        let fit = |(speed, hertz)| Timing::minima(speed, hertz).at(hertz, edges);
        let (slow, high) = (fit(entry), Timing::minima(Speed::High, hertz).at(hertz, Span::ZERO));
        ControllerOptions {
            timing: Timing { low: slow.low, high: slow.high, ..self.timing },
            high_speed: Timing { low: high.low, high: high.high, ..self.high_speed },
            ..self
        }
    }

    /// The least period of SCL on such a wire with these times, if nobody else holds it. That of High speed leaves its edges
    /// out: a current source makes them.
    pub fn period(&self, rc: Rc) -> Span {
        let (timing, edges) = match self.bus.speed_at(self.clock.hertz) {
            Speed::High => (&self.high_speed, Span::ZERO),
            Speed::UltraFast => (&self.timing, Span::ZERO),
            _ => (&self.timing, pace::edges(rc)),
        };
        timing.low.saturating_add(timing.high).saturating_add(edges)
    }
}

/// What becomes of the rest of a ticket when a byte that was sent is not acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnNack {
    /// It goes on as if nothing had happened.
    #[default]
    Continue,
    /// A STOP follows at once.
    Stop,
}

/// Something that goes wrong on purpose, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which transfer, counted from 0 by STARTs that are not repeated.
    pub transfer: u32,
    /// At which clock of the transfer, counted from 0: nine for each byte, none for a repeated START or a STOP.
    pub clock: u32,
    /// What.
    pub kind: FaultKind,
}

/// What can go wrong at the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A pulse of this width on SCL: low in the middle of its high time. The controller itself takes no notice.
    ClockGlitch {
        /// The width.
        width: Span,
    },
    /// A pulse of this width on SDA in the middle of the high time of SCL: low where SDA was released, and released where
    /// it was low.
    DataGlitch {
        /// The width.
        width: Span,
    },
    /// SDA changes a quarter into the high time of SCL, and changes back a quarter before its end.
    DataWhileHigh,
    /// A START in place of this clock; the rest of the byte follows.
    Start,
    /// A STOP in place of this clock; the rest of the byte follows.
    Stop,
    /// From this clock on the controller goes by its own time alone: it reads SDA half a high time after it released
    /// SCL, and pulls SCL low a high time after, whether it has risen or not.
    EarlySample,
}

/// An I2C controller: an agent on the pins of [`pin`].
pub struct Controller {
    options: ControllerOptions,
    speed: Speed,
    ears: Ears,
    phase: Phase,
    slot: Slot,
    byte: Byte,
    /// SCL and SDA as driven.
    scl: Wire,
    sda: Wire,
    /// When SCL was seen to fall last.
    fell: Time,
    /// How long SCL stays high in this slot.
    stay: Span,
    /// How it makes its clocks, if all of them are alike.
    plain: Option<Lead>,
    bus: Bus,
    /// A transfer is under way, and this controller holds SCL between clocks.
    in_transfer: bool,
    /// Behind master code and repeated START.
    is_fast: bool,
    /// Behind the master code.
    is_armed: bool,
    /// The 10-bit address that was written to in this transfer.
    ten: Option<u16>,
    /// The number of STARTs so far that were not repeated.
    transfers: u32,
    /// Clocks since the last of them.
    clocks: u32,
    fault: Mischief,
    queue: VecDeque<Job>,
    job: Option<Job>,
    /// What is left of the present operation.
    steps: VecDeque<Step>,
    /// The job ends so, and not done.
    ending: Option<End>,
    is_aborting: bool,
    next_ticket: u64,
    done: Vec<Completion>,
    remarks: Vec<Diagnostic>,
}

/// What faults do at present.
#[derive(Clone, Copy, Debug, Default)]
struct Mischief {
    /// In the present clock.
    glitch: Option<FaultKind>,
    /// What is heard while SCL is high is its own doing.
    is_deaf: bool,
    /// [`FaultKind::EarlySample`] has begun.
    is_early: bool,
    /// That it read SDA while SCL was low has been told of this transfer.
    is_told: bool,
}

/// What is known of the bus from watching it.
#[derive(Clone, Copy, Debug)]
struct Bus {
    /// A START was seen and no STOP.
    is_busy: bool,
    /// When the last START was seen that was not repeated.
    started: Time,
    /// Since when nobody has used the bus, if it is not busy.
    free: Time,
}

/// A wire as driven, with what it becomes when nothing pulls it.
#[derive(Clone, Copy, Debug)]
struct Wire {
    pin: SignalId,
    is_low: bool,
    /// What lets go of it.
    high: Drive,
}

/// A part of an operation.
#[derive(Clone, Copy, Debug)]
enum Step {
    Start,
    Stop,
    Byte(Byte),
    Clocks(u32),
    /// Clocks left to free SDA.
    Clear(u32),
    Delay(Span),
}

/// One rise and fall of SCL, or what else it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    kind: Kind,
    /// SDA is released.
    high: bool,
    /// Another that pulls SDA low meanwhile has won.
    own: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The first START: SCL only falls.
    Start,
    Bit,
    Clock,
    Clear,
    Restart,
    Stop,
    /// START or STOP in place of a clock, which ask nothing.
    FaultyStart,
    FaultyStop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Between two steps.
    Rest,
    /// Waiting because it was told to.
    Delay(Time),
    /// Waiting for the bus to be free, since that time.
    Queue(Time),
    /// SDA was pulled low at that time, SCL is still high.
    StartHold(Time),
    /// SCL is pulled since then, and not yet low.
    Falling(Time),
    /// SCL is held low; when SDA changes, and when SCL is released.
    Low { data: Time, release: Time },
    /// SCL is released and not yet high.
    Rising,
    /// SCL is high until then.
    High(Time),
    /// SCL was released; it is assumed to be high until then. When SDA is read.
    Blind { read: Time, until: Time },
    /// SDA was released at the end of a STOP, at that time, and is not yet high.
    Stopping(Time),
}

impl Controller {
    /// A controller as `options` say.
    pub fn new(options: ControllerOptions) -> Result<Controller, ClockError> {
        Clock::new(&options.clock)?;
        let speed = options.bus.speed_at(options.clock.hertz);
        let high = if speed == Speed::UltraFast { Drive::Strong(true) } else { Drive::Released };
        let wire = |pin| Wire { pin, is_low: false, high };
        let mut controller = Controller {
            speed,
            ears: Ears::new(&options.bus),
            phase: Phase::Rest,
            slot: Slot { kind: Kind::Start, high: true, own: false },
            byte: Byte::default(),
            scl: wire(pin::SCL),
            sda: wire(pin::SDA),
            fell: Time::ZERO,
            stay: Span::ZERO,
            plain: None,
            bus: Bus { is_busy: false, started: Time::ZERO, free: Time::ZERO },
            in_transfer: false,
            is_fast: false,
            is_armed: false,
            ten: None,
            transfers: 0,
            clocks: 0,
            fault: Mischief::default(),
            queue: VecDeque::new(),
            job: None,
            steps: VecDeque::new(),
            ending: None,
            is_aborting: false,
            next_ticket: 0,
            done: Vec::new(),
            remarks: Vec::new(),
            options,
        };
        controller.set_fast(false);
        controller.plain = controller.plain_clocks();
        Ok(controller)
    }

    /// Adds work behind all earlier work. When it is done, the bench stops.
    ///
    /// A ticket may end without a STOP: SCL stays low, and the next ticket goes on there.
    pub fn submit(&mut self, ops: &[Op]) -> Result<Ticket, OpError> {
        ops.iter().try_for_each(|op| op.check(self.speed))?;
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.queue.push_back(Job::new(ticket, ops));
        Ok(ticket)
    }

    /// Takes the result of a ticket, once it is complete.
    pub fn take(&mut self, ticket: Ticket) -> Option<Completion> {
        let i = self.done.iter().position(|c| c.ticket == ticket)?;
        Some(self.done.swap_remove(i))
    }

    /// Takes the results of all tickets that are complete, in the order in which they became so.
    pub fn take_completions(&mut self) -> Vec<Completion> {
        std::mem::take(&mut self.done)
    }

    /// Takes what it found odd since the last call: arbitration that the specification leaves undefined, bits that were read
    /// too early.
    pub fn take_remarks(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.remarks)
    }

    /// True if no work is left.
    pub fn is_idle(&self) -> bool {
        self.job.is_none() && self.queue.is_empty()
    }

    /// Ends the ticket that is under way, if any, with a STOP behind the present byte; one that is being received is not
    /// acknowledged, since a target that goes on sending would not let the STOP be.
    pub fn abort(&mut self) {
        if self.job.is_some() {
            self.is_aborting = true;
            if self.byte.left > 0 {
                self.byte.refuse();
            }
        }
    }

    fn timing(&self) -> &Timing {
        if self.is_fast { &self.options.high_speed } else { &self.options.timing }
    }

    /// As this controller's clock counts it.
    fn counted(&self, span: Span, cx: &mut Cx<'_>) -> Span {
        let span = exact(span, &self.options.clock);
        match self.options.clock.jitter {
            Jitter::None => span,
            jitter => Span::from_fs(span.as_fs().saturating_add_signed(jitter.draw(cx.rng()))),
        }
    }

    /// How it makes its clocks, unless some may differ.
    fn plain_clocks(&self) -> Option<Lead> {
        let ControllerOptions { clock, timing, faults, time_out, .. } = &self.options;
        let is_plain = clock.jitter == Jitter::None && faults.is_empty() && self.speed != Speed::UltraFast;
        is_plain.then(|| Lead {
            own: 0,
            asks: 0,
            fell: Time::ZERO,
            release: Time::MAX,
            low: exact(timing.low, clock),
            high: exact(timing.high, clock).max(self.ears.spike),
            setup: timing.data_setup,
            patience: time_out.unwrap_or(Span::from_fs(u64::MAX)),
        })
    }

    /// Enters or leaves High-speed mode: times and filter change.
    fn set_fast(&mut self, is_fast: bool) {
        self.is_fast = is_fast;
        self.is_armed = false;
        if self.speed == Speed::High {
            self.scl.high = Drive::Released;
            let spike = if is_fast { Speed::High } else { Speed::Fast }.spike();
            self.ears.spike = self.options.bus.spike.unwrap_or(spike);
        }
    }
}

/// Work: from tickets to steps, and from steps to slots.
impl Controller {
    /// Goes on with the work. False if it has to wait for some.
    fn begin(&mut self, cx: &mut Cx<'_>) -> bool {
        if self.byte.left > 0 {
            self.begin_bit(cx);
            return true;
        }
        if self.is_aborting {
            self.obey_abort();
        }
        match self.steps.pop_front() {
            Some(step) => self.begin_step(step, cx),
            None => return self.begin_op(cx),
        }
        true
    }

    fn obey_abort(&mut self) {
        self.is_aborting = false;
        self.end_early(End::Aborted);
    }

    /// A STOP is all that is left of the job, or nothing outside of a transfer.
    fn end_early(&mut self, end: End) {
        self.ending = Some(end);
        self.steps.clear();
        if self.in_transfer {
            self.steps.push_back(Step::Stop);
        }
    }

    fn begin_op(&mut self, cx: &mut Cx<'_>) -> bool {
        let Some(job) = &mut self.job else {
            self.job = self.queue.pop_front();
            return self.job.is_some();
        };
        match job.next() {
            _ if self.ending.is_some() => self.complete(End::Done, cx),
            Some(op) => self.plan(&op),
            None => self.complete(End::Done, cx),
        }
        true
    }

    fn complete(&mut self, end: End, cx: &mut Cx<'_>) {
        let end = self.ending.take().unwrap_or(end);
        self.is_aborting = false;
        if let Some(job) = self.job.take() {
            self.done.push(job.complete(end, cx.now()));
            cx.stop();
        }
    }

    /// Takes an operation apart.
    fn plan(&mut self, op: &Op) {
        let mut send = |byte, role| self.steps.push_back(Step::Byte(Byte::send(byte, role)));
        match *op {
            Op::Start => self.steps.push_back(Step::Start),
            Op::Stop => self.steps.push_back(Step::Stop),
            Op::Call(call) => self.plan_call(call),
            Op::Write(byte) => send(byte, Role::Sent),
            Op::MasterCode(code) => send(0x08 | code, Role::Code),
            Op::StartByte => send(0x01, Role::Code),
            Op::Read(ack) => self.steps.push_back(Step::Byte(Byte::receive(ack))),
            Op::Delay(span) => self.steps.push_back(Step::Delay(span)),
            Op::Clocks(n) => self.steps.push_back(Step::Clocks(n)),
            Op::BusClear => self.steps.push_back(Step::Clear(9)),
        }
    }

    fn plan_call(&mut self, call: Call) {
        let read = (call.direction == Direction::Read) as u8;
        let byte = |byte, role| Step::Byte(Byte::send(byte, role));
        match call.address {
            Address::Seven(address) => {
                self.ten = None;
                self.steps.push_back(byte(address << 1 | read, Role::Sent));
            }
            Address::Ten(address) => {
                let first = 0xf0 | (address >> 7) as u8 & 0x06;
                let last = |role| byte(address as u8, role);
                let write_first = byte(first, Role::Prefix);
                if read == 0 {
                    self.steps.extend([write_first, last(Role::Sent)]);
                } else {
                    if self.ten != Some(address) {
                        self.steps.extend([write_first, last(Role::Prefix), Step::Start]);
                    }
                    self.steps.push_back(byte(first | 1, Role::Sent));
                }
                self.ten = Some(address);
            }
        }
    }

    fn begin_step(&mut self, step: Step, cx: &mut Cx<'_>) {
        match step {
            Step::Start if !self.in_transfer => {
                if let Some(job) = &mut self.job {
                    job.begin_transfer();
                }
                self.phase = Phase::Queue(cx.now());
            }
            Step::Start => self.begin_slot(Slot { kind: Kind::Restart, high: true, own: true }, cx),
            Step::Stop => self.begin_slot(Slot { kind: Kind::Stop, high: false, own: false }, cx),
            Step::Byte(byte) => {
                self.byte = byte;
                self.begin_bit(cx);
            }
            Step::Clocks(0) => {}
            Step::Clocks(n) => {
                self.steps.push_front(Step::Clocks(n - 1));
                self.begin_slot(Slot { kind: Kind::Clock, high: true, own: false }, cx);
            }
            Step::Clear(left) => self.clear(left, cx),
            Step::Delay(span) => self.phase = Phase::Delay(cx.now().saturating_add(span)),
        }
    }

    /// Clocks until SDA is high, and a STOP then.
    fn clear(&mut self, left: u32, cx: &mut Cx<'_>) {
        if self.ears.sda.seen {
            self.note(Outcome::Cleared(true));
            self.steps.push_front(Step::Stop);
        } else if left > 0 {
            self.steps.push_front(Step::Clear(left - 1));
            self.begin_slot(Slot { kind: Kind::Clear, high: true, own: false }, cx);
        } else {
            self.note(Outcome::Cleared(false));
            self.leave(cx);
        }
    }

    fn note(&mut self, outcome: Outcome) {
        if let Some(job) = &mut self.job {
            job.outcomes.push(outcome);
        }
    }

    /// The next bit of a byte, unless a fault takes its place.
    #[inline]
    fn begin_bit(&mut self, cx: &mut Cx<'_>) {
        let (high, own) = self.byte.bit();
        let slot = Slot { kind: Kind::Bit, high, own: own && self.arbitrates() };
        let slot =
            if self.options.faults.is_empty() || !self.scl.is_low { slot } else { self.with_faults(slot) };
        self.begin_slot(slot, cx);
    }

    fn arbitrates(&self) -> bool {
        self.speed != Speed::UltraFast && !self.is_fast
    }

    #[inline(never)]
    fn with_faults(&mut self, slot: Slot) -> Slot {
        let here = (self.transfers.wrapping_sub(1), self.clocks);
        let due = self.options.faults.iter().filter(|f| (f.transfer, f.clock) == here).map(|f| f.kind);
        let mut result = slot;
        for kind in due {
            match kind {
                FaultKind::Start => result = Slot { kind: Kind::FaultyStart, high: true, own: false },
                FaultKind::Stop => result = Slot { kind: Kind::FaultyStop, high: false, own: false },
                FaultKind::EarlySample => self.fault.is_early = true,
                glitch => self.fault.glitch = Some(glitch),
            }
        }
        if result.kind != Kind::Bit {
            self.byte.take(slot.high, false);
            self.clocks += 1;
        }
        result
    }

    /// SCL is low, or is to become so.
    #[inline]
    fn begin_slot(&mut self, slot: Slot, cx: &mut Cx<'_>) {
        self.slot = slot;
        if self.scl.is_low {
            self.enter_low(cx);
        } else {
            // Outside of a transfer: whatever follows begins with a falling edge that is no part of it.
            self.slot.kind = Kind::Start;
            self.restore(slot);
            self.scl.pull(cx);
            self.phase = Phase::Falling(cx.now());
        }
    }

    /// Puts a slot back to be begun when SCL is low.
    fn restore(&mut self, slot: Slot) {
        match slot.kind {
            Kind::Stop => self.steps.push_front(Step::Stop),
            Kind::Restart => self.steps.push_front(Step::Start),
            Kind::Clear | Kind::Clock => {
                if let Some(Step::Clear(n) | Step::Clocks(n)) = self.steps.front_mut() {
                    *n += 1;
                }
            }
            _ => {}
        }
    }

    #[inline]
    fn enter_low(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        let &Timing { low, data_hold, data_setup, .. } = self.timing();
        let mut release = self.fell.saturating_add(self.counted(low, cx)).max(now);
        let mut data = Time::MAX;
        if self.slot.high == self.sda.is_low {
            data = self.fell.saturating_add(self.counted(data_hold, cx)).max(now);
            release = release.max(data.saturating_add(data_setup));
        }
        self.phase = Phase::Low { data, release };
    }
}

/// The wires: from slot to slot.
impl Controller {
    /// It holds SCL low, and whatever happens on SDA is of no concern.
    #[inline]
    fn is_deaf(&self) -> bool {
        matches!(self.phase, Phase::Low { .. }) && self.ears.is_clock_low()
    }

    /// All that is confirmed by now.
    #[inline]
    fn attend(&mut self, cx: &mut Cx<'_>) {
        while let Some(heard) = self.ears.next(cx.now()) {
            self.hear(heard, cx);
        }
    }

    /// Something was heard.
    #[inline]
    fn hear(&mut self, heard: Heard, cx: &mut Cx<'_>) {
        match heard {
            Heard::Rose(at) => self.rose(at, cx),
            Heard::Fell(at) => self.fell(at, cx),
            Heard::Start(_) | Heard::Stop(_) if self.fault.is_deaf => {}
            Heard::Start(at) => self.saw_start(at, cx),
            Heard::Stop(at) => self.saw_stop(at, cx),
        }
    }

    #[inline]
    fn rose(&mut self, at: Time, cx: &mut Cx<'_>) {
        if !self.bus.is_busy {
            self.bus.free = at;
        }
        if self.phase != Phase::Rising {
            return;
        }
        self.phase = Phase::High(at.saturating_add(self.stay));
        let high = self.ears.sda.seen;
        match self.slot.kind {
            Kind::Bit if self.slot.own && self.slot.high && !high => self.lose(cx),
            Kind::Bit => self.byte.take(high, Ears::is_data_murky(cx)),
            Kind::Restart if !high => self.undefined("a repeated START meets a data bit of another", cx),
            _ => {}
        }
        if self.fault.glitch.is_some() {
            self.glitch(cx);
        }
    }

    /// Another has pulled SCL, or this controller and it is down.
    fn fell(&mut self, at: Time, cx: &mut Cx<'_>) {
        match self.phase {
            Phase::High(_) if self.fault.is_deaf => {}
            Phase::High(_) if matches!(self.slot.kind, Kind::Restart | Kind::Stop) => {
                self.undefined("another goes on with a clock where this one ends its transfer", cx);
            }
            Phase::Stopping(_) => self.undefined("a STOP meets a data bit of another", cx),
            Phase::High(_) | Phase::StartHold(_) | Phase::Falling(_) => self.fall(at, cx),
            _ => {}
        }
    }

    /// SCL is low since `at`: the slot is over.
    #[inline]
    fn fall(&mut self, at: Time, cx: &mut Cx<'_>) {
        if !self.scl.is_low {
            self.scl.pull(cx);
        }
        self.fell = at;
        self.phase = Phase::Rest;
        self.fault.is_deaf = false;
        match self.slot.kind {
            Kind::Bit => {
                self.clocks += 1;
                if self.byte.left == 0 {
                    self.end_byte();
                } else {
                    self.begin_bit(cx);
                }
            }
            Kind::Clock => self.clocks += 1,
            _ => {}
        }
    }

    fn end_byte(&mut self) {
        let (outcome, is_refused) = self.byte.outcome(self.speed);
        if let Some(outcome) = outcome {
            self.note(outcome);
        }
        if is_refused {
            // The rest of the address is not sent.
            self.steps.clear();
            if self.options.on_nack == OnNack::Stop {
                self.end_early(End::Nack);
            }
        }
        self.is_armed |= self.byte.is_master_code();
    }

    fn saw_start(&mut self, at: Time, cx: &mut Cx<'_>) {
        // A repeated START is nobody's to join.
        if !self.bus.is_busy {
            self.bus = Bus { is_busy: true, started: at, ..self.bus };
        }
        match (self.phase, self.slot.kind) {
            (Phase::High(_), Kind::Bit) => self.undefined("a START of another meets a data bit", cx),
            // The other was quicker, and means the same.
            (Phase::High(_), Kind::Restart) => self.pull_start(cx),
            _ => {}
        }
    }

    fn saw_stop(&mut self, at: Time, cx: &mut Cx<'_>) {
        self.bus.is_busy = false;
        self.bus.free = at;
        match (self.phase, self.slot.kind) {
            (Phase::Stopping(_), _) => {
                self.end_transfer();
                self.phase = Phase::Rest;
            }
            (Phase::High(_), Kind::Bit) => self.undefined("a STOP of another meets a data bit", cx),
            _ => {}
        }
    }

    fn end_transfer(&mut self) {
        self.in_transfer = false;
        self.ten = None;
        self.set_fast(false);
    }

    /// What is due now. True if there may be more.
    #[inline]
    fn proceed(&mut self, cx: &mut Cx<'_>) -> bool {
        let now = cx.now();
        match self.phase {
            Phase::Rest => return self.begin(cx),
            Phase::Delay(_) | Phase::Queue(_) if self.is_aborting => self.phase = Phase::Rest,
            Phase::Delay(until) if until <= now => self.phase = Phase::Rest,
            Phase::Queue(_) if self.start_due(now) <= now => self.start(cx),
            Phase::StartHold(pulled) if self.start_held(pulled) <= now => return self.pull_clock(cx),
            Phase::Falling(_) if !self.ears.scl.raw => self.trust_fall(cx),
            Phase::Low { data, release } => return self.hold_low(data, release, cx),
            Phase::High(until) if until <= now => return self.end_high(cx),
            Phase::Blind { read, until } => return self.go_blind(read, until, cx),
            _ if self.deadline() <= now => self.give_up(cx),
            _ => return false,
        }
        true
    }

    /// SCL is down that this controller pulls: that is no spike. If it was down already, it fell when it fell.
    #[inline]
    fn trust_fall(&mut self, cx: &mut Cx<'_>) {
        let at = if self.ears.scl.seen { self.ears.scl.since } else { cx.now() };
        self.ears.scl.seen = false;
        self.fall(at, cx);
    }

    #[inline]
    fn hold_low(&mut self, data: Time, release: Time, cx: &mut Cx<'_>) -> bool {
        let now = cx.now();
        if data <= now {
            self.sda.set(self.slot.high, cx);
            self.phase = Phase::Low { data: Time::MAX, release };
        }
        if release > now {
            return false;
        }
        self.release_clock(cx);
        false
    }

    #[inline]
    fn release_clock(&mut self, cx: &mut Cx<'_>) {
        let timing = self.timing();
        let stay = match self.slot.kind {
            Kind::Restart | Kind::FaultyStart => timing.start_setup,
            Kind::Stop | Kind::FaultyStop => timing.stop_setup,
            _ => timing.high,
        };
        self.stay = self.counted(stay, cx);
        if self.is_fast {
            self.scl.high = self.fast_release();
        }
        self.scl.let_go(cx);
        self.phase = Phase::Rising;
        if self.fault.is_early && self.slot.kind == Kind::Bit {
            let after = |span| cx.now().saturating_add(span);
            self.phase = Phase::Blind { read: after(self.stay.scale(1, 2)), until: after(self.stay) };
        }
    }

    /// In High-speed mode a current source helps SCL up, but not in the first clock of a byte, in which targets may still
    /// hold it (UM10204 section 5.3.1).
    fn fast_release(&self) -> Drive {
        let is_plain = self.slot.kind == Kind::Bit && !self.byte.is_first();
        if is_plain { Drive::Pull(true) } else { Drive::Released }
    }

    /// The high time is over: SCL falls again, or SDA makes its condition. True if there may be more to do.
    #[inline]
    fn end_high(&mut self, cx: &mut Cx<'_>) -> bool {
        match self.slot.kind {
            Kind::Restart | Kind::FaultyStart => self.pull_start(cx),
            Kind::Stop | Kind::FaultyStop => {
                self.sda.let_go(cx);
                self.phase = Phase::Stopping(cx.now());
            }
            _ => return self.pull_clock(cx),
        }
        false
    }

    /// Pulls SCL low. True if it is low already.
    #[inline]
    fn pull_clock(&mut self, cx: &mut Cx<'_>) -> bool {
        self.scl.pull(cx);
        self.phase = Phase::Falling(cx.now());
        !self.ears.scl.raw
    }

    fn go_blind(&mut self, read: Time, until: Time, cx: &mut Cx<'_>) -> bool {
        let now = cx.now();
        if read <= now {
            if !self.ears.scl.raw {
                self.admit_haste(now);
            }
            self.byte.take(self.ears.sda.raw, Ears::is_data_murky(cx));
            self.phase = Phase::Blind { read: Time::MAX, until };
        }
        if until > now {
            return false;
        }
        self.scl.pull(cx);
        self.ears.scl.seen = false;
        self.fall(now, cx);
        true
    }

    /// SDA is read while SCL is low: nobody has put this bit there yet.
    #[cold]
    fn admit_haste(&mut self, now: Time) {
        if std::mem::replace(&mut self.fault.is_told, true) {
            return;
        }
        let text = "SDA is read while SCL is held low: the controller does not wait for a target that stretches, and what \
                    it reads is not on the wires yet";
        self.remarks.push(Diagnostic {
            code: EARLY,
            severity: Severity::Warning,
            from: now,
            to: now,
            text: text.into(),
        });
    }

    fn glitch(&mut self, cx: &mut Cx<'_>) {
        let (wire, width) = match self.fault.glitch.take() {
            Some(FaultKind::ClockGlitch { width }) => (self.scl, width),
            Some(FaultKind::DataGlitch { width }) => (self.sda, width),
            Some(FaultKind::DataWhileHigh) => (self.sda, self.stay.scale(1, 2)),
            _ => return,
        };
        let Phase::High(until) = self.phase else { return };
        let begin = until.since(cx.now()).saturating_sub(width).scale(1, 2);
        let (there, back) = (wire.toggled(), wire.drive());
        cx.drive_after(wire.pin, begin, there);
        cx.drive_after(wire.pin, begin.saturating_add(width), back);
        self.fault.is_deaf = true;
    }
}

/// The bus: beginning, winning, losing and giving up.
impl Controller {
    /// When it may START, as things are at `now`: when the bus has been free for long enough, or at once if another has
    /// begun so shortly ago that this one may join.
    fn start_due(&self, now: Time) -> Time {
        let Ears { scl, sda, .. } = self.ears;
        let phase = self.phase_of_clock();
        let is_joinable = !sda.raw && phase.max(now) < self.bus.started.saturating_add(self.options.join);
        let is_free = sda.raw || sda.is_pending();
        if !scl.raw {
            Time::MAX
        } else if self.bus.is_busy {
            if is_joinable { phase } else { Time::MAX }
        } else if is_free {
            self.bus.free.saturating_add(self.options.bus_free).max(phase)
        } else {
            Time::MAX
        }
    }

    fn phase_of_clock(&self) -> Time {
        Time::ZERO.saturating_add(self.options.clock.phase)
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        self.in_transfer = true;
        self.transfers += 1;
        self.clocks = 0;
        self.fault.is_told = false;
        self.slot = Slot { kind: Kind::Start, high: false, own: false };
        if !self.bus.is_busy {
            self.bus = Bus { is_busy: true, started: cx.now(), ..self.bus };
        }
        self.sda.pull(cx);
        self.phase = Phase::StartHold(cx.now());
    }

    /// A repeated START.
    fn pull_start(&mut self, cx: &mut Cx<'_>) {
        self.sda.pull(cx);
        if self.is_armed {
            self.set_fast(true);
        }
        self.phase = Phase::StartHold(cx.now());
    }

    /// When a START has been held long enough.
    fn start_held(&self, pulled: Time) -> Time {
        if self.ears.sda.raw {
            return Time::MAX;
        }
        self.ears.sda.since.max(pulled).saturating_add(self.timing().start_hold)
    }

    /// Another has won.
    #[inline(never)]
    fn lose(&mut self, cx: &mut Cx<'_>) {
        self.leave(cx);
        self.steps.clear();
        self.byte.left = 0;
        self.fault = Mischief { is_early: self.fault.is_early, ..Mischief::default() };
        let Some(job) = &mut self.job else { return };
        let may_retry = job.lost < self.options.retries && job.rewind();
        job.lost += 1;
        if self.is_aborting || self.ending.is_some() {
            self.obey_abort();
        } else if !may_retry {
            self.complete(End::LostArbitration, cx);
        }
    }

    /// Something is heard that cannot be of a controller that sends the same.
    #[inline(never)]
    fn undefined(&mut self, what: &str, cx: &mut Cx<'_>) {
        let now = cx.now();
        let text = format!("{what} (UM10204 section 3.1.8)");
        self.remarks.push(Diagnostic {
            code: UNDEFINED,
            severity: Severity::Error,
            from: now,
            to: now,
            text,
        });
        self.lose(cx);
    }

    /// Lets go of the bus.
    fn leave(&mut self, cx: &mut Cx<'_>) {
        self.end_transfer();
        self.scl.let_go(cx);
        self.sda.let_go(cx);
        self.phase = Phase::Rest;
    }

    /// When patience ends.
    fn deadline(&self) -> Time {
        let Some(patience) = self.options.time_out else { return Time::MAX };
        let since = match self.phase {
            // A wire that does not follow: shorted to the supply.
            Phase::StartHold(since) if self.ears.sda.raw => since,
            Phase::Queue(since) | Phase::Stopping(since) | Phase::Falling(since) => since,
            Phase::Rising => self.fell,
            _ => return Time::MAX,
        };
        since.saturating_add(patience)
    }

    #[inline(never)]
    fn give_up(&mut self, cx: &mut Cx<'_>) {
        // Nobody else will end what this controller began.
        self.bus.is_busy &= !self.in_transfer;
        self.leave(cx);
        self.steps.clear();
        self.byte.left = 0;
        self.ending = None;
        self.complete(End::TimeOut, cx);
    }

    /// When to look again if nothing changes.
    #[inline]
    fn next_wake(&self, now: Time) -> Time {
        match self.phase {
            Phase::Low { data, release } => data.min(release),
            Phase::Falling(_) if !self.ears.are_pending() => self.deadline(),
            _ => self.next_look(now),
        }
    }

    fn next_look(&self, now: Time) -> Time {
        let own = match self.phase {
            Phase::Delay(until) => until,
            Phase::Queue(_) => self.start_due(now),
            Phase::StartHold(pulled) => self.start_held(pulled).min(self.ears.clock_due()),
            Phase::Low { data, release } => data.min(release),
            Phase::Rising if self.ears.scl.raw => self.next_in_rise(),
            Phase::High(until) => until.min(self.ears.clock_due()),
            Phase::Blind { read, until } => read.min(until),
            Phase::Stopping(_) => self.ears.clock_due(),
            Phase::Rest | Phase::Falling(_) | Phase::Rising => Time::MAX,
        };
        own.min(self.ears.condition_due()).min(self.deadline())
    }

    /// SCL is high and waits to be confirmed. If there is nothing to do then, the end of the high time is soon enough.
    #[inline]
    fn next_in_rise(&self) -> Time {
        let confirmed = self.ears.clock_due();
        if self.fault.glitch.is_some() || self.slot.kind != Kind::Bit {
            return confirmed;
        }
        confirmed.max(self.ears.scl.since.saturating_add(self.stay))
    }
}

/// As a clock without jitter counts it.
fn exact(span: Span, clock: &ClockSpec) -> Span {
    match clock.error_ppb {
        0 => span,
        error => span.scale(1_000_000_000, 1_000_000_000u64.saturating_add_signed(error)),
    }
}

/// Clocks that are all alike are left to the bench.
impl Controller {
    /// What has passed is as if this controller had been awake.
    #[inline]
    fn catch_up(&mut self, cx: &mut Cx<'_>) {
        let Some((passed, &part, lead)) = cx.take_clocks() else { return };
        self.ears.catch_up(&passed);
        if self.phase == Phase::Rest || matches!(self.phase, Phase::Queue(_)) {
            return;
        }
        self.take_bytes(passed.bits, passed.count, part.left == 0);
        self.clocks += passed.count;
        self.sda.is_low = part.pulls;
        if part.left == 0 {
            // The end of the last clock is what it is woken for.
            self.clocks -= 1;
            self.ears.scl = Ear { raw: true, since: passed.rose, seen: true };
            self.phase = Phase::Falling(passed.pulled);
        } else {
            self.ears.scl.seen = false;
            self.fell = passed.fell;
            self.slot = Slot { kind: Kind::Bit, high: part.out >> 63 != 0, own: lead.own >> 63 != 0 };
            self.phase = Phase::Low { data: part.change, release: lead.release };
        }
    }

    /// Bits that have passed, of this byte and those that follow. The last clock of a byte is over once the next has begun.
    #[inline]
    fn take_bytes(&mut self, bits: u64, mut count: u32, is_last: bool) {
        while count > self.byte.left as u32 || (count == self.byte.left as u32 && !is_last) {
            count -= self.byte.left as u32;
            self.byte.take_bits(bits >> count, self.byte.left as u32);
            self.end_byte();
            match self.job.as_mut().and_then(Job::next) {
                Some(Op::Write(byte)) => self.byte = Byte::send(byte, Role::Sent),
                _ => return,
            }
        }
        self.byte.take_bits(bits & !u64::MAX.unbounded_shl(count), count);
    }

    /// Leaves to the bench what is plain.
    #[inline]
    fn leave_clocks(&mut self, cx: &mut Cx<'_>) {
        match self.phase {
            Phase::Low { data, release } => self.leave_byte(data, release, cx),
            Phase::Rest | Phase::Queue(_) => self.leave_others(cx),
            _ => {}
        }
    }

    /// The rest of the byte.
    #[inline]
    fn leave_byte(&self, data: Time, release: Time, cx: &mut Cx<'_>) {
        let Some(plain) = self.plain else { return };
        let is_plain =
            self.slot.kind == Kind::Bit && !self.is_fast && self.ears.is_clock_low() && self.bus.is_busy;
        if !is_plain {
            return;
        }
        let (mut out, mut own) = self.byte.ahead();
        let (mut left, mut asks) = (self.byte.left as u32, 0);
        for byte in self.bytes_ahead().take(BYTES_LEFT) {
            // Should this byte not be acknowledged, the next is another matter.
            asks |= 1 << (u64::BITS - left);
            let (next, next_own) = Byte::send(byte, Role::Sent).ahead();
            out &= !(!next >> left);
            own |= next_own >> left;
            left += 9;
        }
        let part = Part {
            out,
            left,
            pulls: self.sda.is_low,
            change: data,
            delay: exact(self.options.timing.data_hold, &self.options.clock),
            spike: self.ears.spike,
            until: Time::MAX,
            counts_back: false,
        };
        let own = if self.arbitrates() { own } else { 0 };
        cx.leave_clocks(part, Some(Lead { own, asks, fell: self.fell, release, ..plain }), WIRES);
    }

    /// Bytes to be sent right behind this one if it is acknowledged.
    fn bytes_ahead(&self) -> impl Iterator<Item = u8> {
        let is_plain =
            self.byte.is_sent() && self.steps.is_empty() && self.ending.is_none() && !self.is_aborting;
        let ops = self.job.as_ref().filter(|_| is_plain).map_or(&[][..], Job::ahead);
        ops.iter().map_while(|op| if let Op::Write(byte) = op { Some(*byte) } else { None })
    }

    /// The clocks of others, while they have the bus.
    fn leave_others(&self, cx: &mut Cx<'_>) {
        if self.bus.is_busy
            && !self.ears.scl.raw
            && !self.ears.sda.is_pending()
            && !self.scl.is_low
            && !self.sda.is_low
        {
            let part = Part { spike: self.ears.spike, until: self.next_wake(cx.now()), ..Part::SILENT };
            cx.leave_clocks(part, None, WIRES);
        }
    }
}

impl Wire {
    fn drive(self) -> Drive {
        if self.is_low { Drive::Strong(false) } else { self.high }
    }

    /// What it would be the other way round.
    fn toggled(self) -> Drive {
        Wire { is_low: !self.is_low, ..self }.drive()
    }

    #[inline]
    fn pull(&mut self, cx: &mut Cx<'_>) {
        self.is_low = true;
        cx.drive(self.pin, Drive::Strong(false));
    }

    #[inline]
    fn let_go(&mut self, cx: &mut Cx<'_>) {
        self.is_low = false;
        cx.drive(self.pin, self.high);
    }

    #[inline]
    fn set(&mut self, high: bool, cx: &mut Cx<'_>) {
        if high { self.let_go(cx) } else { self.pull(cx) }
    }
}

impl Agent for Controller {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            self.ears.begin(cx);
            self.scl.let_go(cx);
            self.sda.let_go(cx);
        }
        self.catch_up(cx);
        if !cx.is_due() && self.is_deaf() {
            // The alarm stays as it is, and what is left to the bench, too, unless somebody was here.
            self.ears.listen(cx);
            if self.is_aborting || !cx.changed(pin::SDA) {
                self.leave_clocks(cx);
            }
            return;
        }
        cx.stop_clocks();
        self.attend(cx);
        self.ears.listen(cx);
        if self.ears.spike.is_zero() {
            self.attend(cx);
        }
        while self.proceed(cx) {}
        let next = self.next_wake(cx.now());
        cx.set_alarm(next);
        self.leave_clocks(cx);
    }

    fn watches(&self) -> u64 {
        1 << pin::SCL.0 | 1 << pin::SDA.0
    }

    fn holds(&self) -> u64 {
        1 << pin::SCL.0 | 1 << pin::SDA.0
    }
}
