//! The target: moves the bits of the bytes that its [`Device`] takes and gives.
//!
//! ```text
//! SCL  ‾‾\________/‾‾‾‾\____________________/‾‾
//! SDA  ‾‾‾‾‾‾‾\_________________/‾‾‾‾‾‾‾‾‾‾‾‾‾‾
//!         |<->| output           SDA changes so long after SCL fell (tHD;DAT, tVD;DAT)
//!                      |<------>| hold: SCL kept low by the target, counted from its fall
//! ```

use std::cmp::min;

use super::device::{Answer, Call, Device};
use super::ears::{Ears, Heard};
use super::{Ack, Address, Direction, Options, Speed, pin};
use crate::level::{Drive, Level};
use crate::log::SignalId;
use crate::sim::{Agent, Cx, Part, Passed};
use crate::time::{Span, Time};

/// How a target sits on the bus.
#[derive(Clone, Debug)]
pub struct TargetOptions {
    /// What all who share the bus have agreed on.
    pub bus: Options,
    /// From SCL low to SDA changing: its data hold time, and with the edge of SDA its data valid time (tHD;DAT, tVD;DAT).
    pub output: Span,
    /// The same behind a master code and repeated START, on a bus of speed `high`.
    pub high_speed_output: Span,
    /// It stops sending when it lets go of SDA and another holds it low: what several do that answer at once, as to
    /// SMBus's alert response address. Others go on, and the bytes on the bus are the AND of both.
    pub gives_way: bool,
    /// Where it holds SCL low, beyond what its device asks for.
    pub stretches: Vec<Stretch>,
    /// What goes wrong on purpose.
    pub faults: Vec<TargetFault>,
}

impl TargetOptions {
    /// A target that stretches nothing. Its outputs change 300 ns after SCL fell (UM10204 table 10, note 3), or earlier
    /// where the speed class leaves no time for that: 100 ns in Fast-mode Plus, 10 ns in High-speed mode.
    pub fn new(bus: Options) -> TargetOptions {
        let output = if bus.speed == Some(Speed::FastPlus) { Span::from_ns(100) } else { Span::from_ns(300) };
        TargetOptions {
            bus,
            output,
            high_speed_output: Span::from_ns(10),
            gives_way: false,
            stretches: Vec::new(),
            faults: Vec::new(),
        }
    }
}

/// SCL is held low by the target, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// In which transfer, counted from 0 by STARTs that are not repeated, whoever is addressed.
    pub transfer: u32,
    /// Before which clock, counted from 0: nine for each byte, none for a repeated START or a STOP. Where one of those
    /// takes the place of the clock, it is held up.
    pub clock: u32,
    /// How long, from the fall of SCL.
    pub hold: Span,
}

/// Something that goes wrong on purpose, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetFault {
    /// In which transfer, counted from 0 by STARTs that are not repeated, whoever is addressed.
    pub transfer: u32,
    /// Which byte of the transfer, counted from 0 by all bytes on the bus: the first is an address.
    pub byte: u32,
    /// What.
    pub kind: TargetFaultKind,
}

/// What can go wrong at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFaultKind {
    /// It does not acknowledge the byte, and knows: an address is as another's, and what follows a data byte is ignored.
    Nack,
    /// Its acknowledge does not reach the bus; it believes it did.
    MissingAck,
}

/// An I2C target: an agent on the pins of [`pin`] and those of its [`Device`].
pub struct Target {
    options: TargetOptions,
    device: Box<dyn Device>,
    ears: Ears,
    speed: Speed,
    state: State,
    /// Clocks of the present byte, 0 to 9.
    clock: u8,
    /// Bits that came in, or those to go out, next bit most significant of 9.
    bits: u16,
    /// What the target, or behind a byte that went out the controller, has answered.
    ack: Ack,
    /// What it does behind the acknowledge.
    next: State,
    /// The 10-bit address at which it was written to since the last START that was not repeated.
    ten: Option<u16>,
    /// The device has answered to an address in this transfer.
    is_called: bool,
    /// STARTs so far that were not repeated, and where it is in the present transfer.
    transfers: u32,
    clocks: u32,
    in_transfer: bool,
    /// SCL has not fallen since the last START, which was repeated.
    is_restarted: bool,
    hs: HighSpeed,
    /// SDA and SCL as pulled.
    pulls_data: bool,
    pulls_clock: bool,
    /// When SDA is to change, and to what.
    output: Option<(Time, bool)>,
    /// When SCL is to be let go.
    release: Time,
    own: Vec<OwnPin>,
    /// The device has been called since it was last asked for its alarm and its pins.
    is_touched: bool,
    /// When the device wants to be called.
    alarm: Time,
}

/// What a target does in the present transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing until the next START.
    Deaf,
    /// The first byte behind a START comes in.
    Address,
    /// The second byte of a 10-bit address comes in; the upper two bits of it.
    Lower(u8),
    /// Bytes come in.
    Receive,
    /// Bytes go out.
    Send,
}

/// How far a bus of speed `high` is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HighSpeed {
    No,
    /// The master code was sent.
    Armed,
    Yes,
}

/// A pin of the device.
struct OwnPin {
    pin: SignalId,
    drive: Drive,
    level: Level,
}

impl Target {
    /// A target with the given logic.
    pub fn new(options: TargetOptions, device: Box<dyn Device>) -> Target {
        let own = (0..device.pins().len())
            .map(|i| OwnPin {
                pin: SignalId((pin::COUNT + i) as u32),
                drive: Drive::Released,
                level: Level::Z,
            })
            .collect();
        let mut target = Target {
            speed: options.bus.speed.unwrap_or(Speed::Fast),
            ears: Ears::new(&options.bus),
            options,
            device,
            state: State::Deaf,
            clock: 0,
            bits: 0,
            ack: Ack::Nack,
            next: State::Deaf,
            ten: None,
            is_called: false,
            transfers: 0,
            clocks: 0,
            in_transfer: false,
            is_restarted: false,
            hs: HighSpeed::No,
            pulls_data: false,
            pulls_clock: false,
            output: None,
            release: Time::MAX,
            own,
            is_touched: true,
            alarm: Time::MAX,
        };
        target.set_high_speed(HighSpeed::No);
        target
    }

    /// The logic.
    pub fn device(&self) -> &dyn Device {
        &*self.device
    }

    /// The logic, to preset it or take its remarks.
    pub fn device_mut(&mut self) -> &mut dyn Device {
        self.touch()
    }

    /// The logic, to be called.
    fn touch(&mut self) -> &mut dyn Device {
        self.is_touched = true;
        &mut *self.device
    }

    fn set_high_speed(&mut self, hs: HighSpeed) {
        self.hs = hs;
        if self.speed == Speed::High {
            let spike = if hs == HighSpeed::Yes { Speed::High } else { Speed::Fast }.spike();
            self.ears.spike = self.options.bus.spike.unwrap_or(spike);
        }
    }

    /// SCL is low, and only SDA changed.
    #[inline]
    fn is_deaf(&self, cx: &Cx<'_>) -> bool {
        !(cx.is_due() || cx.changed(pin::SCL) || self.is_touched)
            && self.own.is_empty()
            && self.ears.is_clock_low()
    }

    /// All that is confirmed by now.
    #[inline]
    fn attend(&mut self, cx: &mut Cx<'_>) {
        while let Some(heard) = self.ears.next(cx.now()) {
            self.hear(heard, cx);
        }
    }

    #[inline]
    fn hear(&mut self, heard: Heard, cx: &mut Cx<'_>) {
        match heard {
            Heard::Rose(at) => self.rose(at, cx),
            Heard::Fell(at) => self.fell(at, cx),
            Heard::Start(_) => self.start(cx),
            Heard::Stop(_) => self.stop(cx),
        }
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        self.is_restarted = self.in_transfer;
        if self.in_transfer {
            // The clock that SCL rose for was none.
            self.clocks = self.clocks.saturating_sub(1);
        } else {
            self.transfers += 1;
            self.clocks = 0;
        }
        if self.hs == HighSpeed::Armed {
            self.set_high_speed(HighSpeed::Yes);
        }
        self.in_transfer = true;
        self.listen_for(State::Address);
        self.let_go(cx);
        self.touch().start(cx.now());
    }

    fn stop(&mut self, cx: &mut Cx<'_>) {
        self.in_transfer = false;
        self.ten = None;
        self.listen_for(State::Deaf);
        self.set_high_speed(HighSpeed::No);
        self.let_go(cx);
        if std::mem::take(&mut self.is_called) {
            self.touch().stop(cx.now());
        }
    }

    /// The next byte comes in.
    fn listen_for(&mut self, state: State) {
        self.state = state;
        self.clock = 0;
        self.bits = 0;
    }

    /// A START or a STOP: whatever it drives is over.
    fn let_go(&mut self, cx: &mut Cx<'_>) {
        self.output = None;
        self.pull_data(false, cx);
        self.release_clock(cx);
    }

    fn pull_data(&mut self, pull: bool, cx: &mut Cx<'_>) {
        if pull != self.pulls_data {
            self.pulls_data = pull;
            cx.drive(pin::SDA, if pull { Drive::Strong(false) } else { Drive::Released });
        }
    }

    fn release_clock(&mut self, cx: &mut Cx<'_>) {
        self.release = Time::MAX;
        if std::mem::take(&mut self.pulls_clock) {
            cx.drive(pin::SCL, Drive::Released);
        }
    }

    /// SDA is read.
    #[inline]
    fn rose(&mut self, at: Time, cx: &mut Cx<'_>) {
        self.clocks += 1;
        if self.state == State::Deaf {
            return;
        }
        let high = self.ears.sda.seen;
        self.clock += 1;
        match (self.state, self.clock) {
            (State::Send, 9) => self.answered(high, at.saturating_add(self.ears.spike)),
            (State::Send, _) => self.compare(high, cx),
            (_, ..=8) => self.bits = self.bits << 1 | high as u16,
            _ => {}
        }
    }

    /// The controller's answer to a byte that went out, when the filter let it pass.
    fn answered(&mut self, high: bool, now: Time) {
        self.ack = if high { Ack::Nack } else { Ack::Ack };
        let ack = self.ack;
        self.touch().acknowledged(now, ack);
    }

    /// What went out is on the wire, unless another pulled harder.
    #[inline]
    fn compare(&mut self, high: bool, cx: &mut Cx<'_>) {
        if self.options.gives_way && !high && !self.pulls_data {
            self.listen_for(State::Deaf);
            self.let_go(cx);
        }
    }

    /// SCL fell: the next bit may be put on SDA, or a byte is over.
    #[inline]
    fn fell(&mut self, at: Time, cx: &mut Cx<'_>) {
        let mut hold = if self.options.stretches.is_empty() { Span::ZERO } else { self.stretch() };
        match (self.state, self.clock) {
            (State::Deaf, _) => {}
            (State::Send, 8) => self.put(at, true),
            (State::Send, 9) => hold = hold.max(self.sent(at, cx)),
            (State::Send, n) => self.put_bit(at, n),
            (_, 8) => hold = hold.max(self.came(at, cx.now())),
            (_, 9) => hold = hold.max(self.acknowledged(at, cx)),
            _ => {}
        }
        if !hold.is_zero() {
            self.hold(at.saturating_add(hold), cx);
        }
    }

    fn stretch(&mut self) -> Span {
        if std::mem::take(&mut self.is_restarted) || !self.in_transfer {
            return Span::ZERO;
        }
        let here = (self.transfers.wrapping_sub(1), self.clocks);
        let due = self.options.stretches.iter().filter(|s| (s.transfer, s.clock) == here);
        due.map(|s| s.hold).max().unwrap_or(Span::ZERO)
    }

    fn hold(&mut self, until: Time, cx: &mut Cx<'_>) {
        // Ultra-fast mode has no stretching: targets never drive.
        if until > cx.now() && self.speed != Speed::UltraFast {
            self.pulls_clock = true;
            self.release = until;
            cx.drive(pin::SCL, Drive::Strong(false));
        }
    }

    /// SDA is to be high or low from its time on.
    fn put(&mut self, fell: Time, high: bool) {
        let delay = match self.hs {
            HighSpeed::Yes => self.options.high_speed_output,
            _ => self.options.output,
        };
        if self.speed != Speed::UltraFast {
            self.output = Some((fell.saturating_add(delay), high));
        }
    }

    /// Bit `n` of the byte that goes out.
    #[inline]
    fn put_bit(&mut self, fell: Time, n: u8) {
        self.put(fell, self.bits >> (8 - n) & 1 != 0);
    }

    /// A byte has gone out and was answered: the next, unless the controller wants no more.
    fn sent(&mut self, fell: Time, cx: &mut Cx<'_>) -> Span {
        if self.ack == Ack::Nack {
            self.listen_for(State::Deaf);
            return Span::ZERO;
        }
        self.send_next(fell, cx.now())
    }

    fn send_next(&mut self, fell: Time, now: Time) -> Span {
        let reply = self.touch().read(now);
        self.clock = 0;
        self.bits = (reply.byte as u16) << 1 | 1;
        self.put_bit(fell, 0);
        reply.hold
    }

    /// Eight bits came in: it is acknowledged or not, after a hold.
    fn came(&mut self, fell: Time, now: Time) -> Span {
        let byte = self.bits as u8;
        let refuses = self.has_fault(TargetFaultKind::Nack);
        let answer = if refuses { Answer::NACK } else { self.answer(byte, now) };
        self.ack = answer.ack;
        if answer.ack == Ack::Ack && !self.has_fault(TargetFaultKind::MissingAck) {
            self.put(fell, false);
        }
        answer.hold
    }

    fn has_fault(&self, kind: TargetFaultKind) -> bool {
        let here = (self.transfers.wrapping_sub(1), self.clocks / 9);
        self.options.faults.iter().any(|f| f.kind == kind && (f.transfer, f.byte) == here)
    }

    fn answer(&mut self, byte: u8, now: Time) -> Answer {
        match self.state {
            State::Address => self.address(byte, now),
            State::Lower(upper) => {
                let address = (upper as u16) << 8 | byte as u16;
                let call = Call { address: Address::Ten(address), direction: Direction::Write };
                let answer = self.touch().call(now, call);
                self.ten = answer.map(|_| address);
                self.accept(answer, State::Receive)
            }
            state => {
                self.next = state;
                let takes = self.device.takes() > 0;
                let answer = self.touch().write(now, byte);
                debug_assert!(!takes || answer == Answer::ACK, "the device takes such bytes");
                answer
            }
        }
    }

    /// The first byte behind a START.
    fn address(&mut self, byte: u8, now: Time) -> Answer {
        let direction = if byte & 1 == 0 { Direction::Write } else { Direction::Read };
        let upper = byte >> 1 & 3;
        match byte {
            // The START byte and master codes are nobody's (UM10204 table 3).
            0x01 => Answer::NACK,
            0x08..=0x0f => {
                self.set_high_speed(if self.speed == Speed::High { HighSpeed::Armed } else { self.hs });
                Answer::NACK
            }
            0xf0..=0xf7 if direction == Direction::Write && self.device.is_ten_bit(upper) => {
                self.next = State::Lower(upper);
                Answer::ACK
            }
            0xf0..=0xf7 => match self.ten.filter(|a| (a >> 8) as u8 == upper && direction == Direction::Read)
            {
                Some(address) => self.call(Address::Ten(address), direction, now),
                None => Answer::NACK,
            },
            _ => self.call(Address::Seven(byte >> 1), direction, now),
        }
    }

    fn call(&mut self, address: Address, direction: Direction, now: Time) -> Answer {
        let answer = self.touch().call(now, Call { address, direction });
        let next = if direction == Direction::Write { State::Receive } else { State::Send };
        self.accept(answer, next)
    }

    /// What a device says to its address. One that answers is in the transfer even if it does not acknowledge: it is
    /// told no more until the next START, though.
    fn accept(&mut self, answer: Option<Answer>, next: State) -> Answer {
        let answer = answer.unwrap_or(Answer::NACK);
        if answer.ack == Ack::Ack {
            self.next = next;
            self.is_called = true;
        }
        answer
    }

    /// The ninth clock of a byte that came in is over.
    fn acknowledged(&mut self, fell: Time, cx: &mut Cx<'_>) -> Span {
        self.put(fell, true);
        if self.ack == Ack::Nack {
            self.listen_for(State::Deaf);
            return Span::ZERO;
        }
        self.listen_for(self.next);
        if self.next == State::Send { self.send_next(fell, cx.now()) } else { Span::ZERO }
    }

    /// What is due now.
    #[inline]
    fn proceed(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        if let Some((at, high)) = self.output
            && at <= now
        {
            self.output = None;
            self.pull_data(!high, cx);
        }
        if self.release <= now {
            self.release_clock(cx);
        }
    }

    /// When to look again if nothing changes.
    #[inline]
    fn next_wake(&self) -> Time {
        if self.output.is_none() && self.release == Time::MAX && !self.ears.are_pending() {
            return Time::MAX;
        }
        self.next_look()
    }

    fn next_look(&self) -> Time {
        let output = match self.output {
            Some((at, high)) if high == self.pulls_data => at,
            _ => Time::MAX,
        };
        let own = min(output, self.release);
        min(own, min(self.next_fall(), self.ears.condition_due()))
    }

    /// SCL is low and waits to be confirmed: when that is to be looked at. If there is nothing to do then, the next edge is
    /// soon enough.
    #[inline]
    fn next_fall(&self) -> Time {
        if self.ears.scl.raw
            || !self.ears.scl.seen
            || (self.state == State::Deaf && self.options.stretches.is_empty())
        {
            return Time::MAX;
        }
        match (self.state, self.clock) {
            (State::Send, 0..=8) | (_, 8 | 9) => self.ears.clock_due(),
            _ if self.options.stretches.is_empty() => Time::MAX,
            _ => self.ears.clock_due(),
        }
    }
}

/// Clocks in which there is nothing for it to decide are left to the bench.
impl Target {
    /// What has passed is as if this target had been awake; that the last clock is over has not been confirmed.
    #[inline]
    fn catch_up(&mut self, cx: &mut Cx<'_>) {
        let Some((passed, part, _)) = cx.take_clocks() else { return };
        self.ears.catch_up(&passed);
        self.pulls_data = part.pulls;
        self.output = None;
        self.clocks += passed.count;
        if self.state == State::Deaf {
            return;
        }
        if self.state != State::Send {
            return self.take_bits(&passed);
        }
        self.clock += passed.count as u8;
        if self.clock == 9 {
            self.answered(passed.bits & 1 != 0, passed.rose.saturating_add(self.ears.spike));
        }
    }

    /// Bits that came in, of this byte and those that follow. What to do as the last clock falls is decided once that is confirmed.
    #[inline]
    fn take_bits(&mut self, passed: &Passed) {
        let mut left = passed.count;
        while left > 0 {
            let count = if self.clock < 8 { min(8 - self.clock as u32, left) } else { 1 };
            left -= count;
            if self.clock < 8 {
                self.bits = self.bits << count | (passed.bits >> left) as u16 & !(u16::MAX << count);
            }
            self.clock += count as u8;
            match self.clock {
                // It has been acknowledged ahead.
                8 if left > 0 => {
                    let (byte, heard) = (self.bits as u8, passed.fall(left).saturating_add(self.ears.spike));
                    self.next = self.state;
                    let answer = self.touch().write(heard, byte);
                    debug_assert_eq!(answer, Answer::ACK, "the device takes such bytes");
                }
                9 if left > 0 => self.listen_for(self.next),
                _ => {}
            }
        }
    }

    /// Leaves to the bench what is plain.
    #[inline]
    fn leave_clocks(&self, cx: &mut Cx<'_>) {
        let is_plain = !self.ears.scl.raw
            && !self.pulls_clock
            && self.options.stretches.is_empty()
            && self.next_fall() == Time::MAX
            && self.ears.condition_due() == Time::MAX;
        let Some((left, rest)) = self.ahead().filter(|_| is_plain) else { return };
        let (change, bit) = match self.output {
            Some((at, high)) if high == self.pulls_data => (at, high),
            _ => (Time::MAX, !self.pulls_data),
        };
        let delay = match self.hs {
            HighSpeed::Yes => self.options.high_speed_output,
            _ => self.options.output,
        };
        let part = Part {
            out: (bit as u64) << 63 | rest >> 1,
            left,
            pulls: self.pulls_data,
            change,
            delay: delay.max(self.ears.spike),
            spike: self.ears.spike,
            until: self.alarm,
            counts_back: left > 9 && left < u32::MAX,
        };
        cx.leave_clocks(part, None, [pin::SCL, pin::SDA]);
    }

    /// How many clocks may pass, and what it says behind the present one, the next bit most significant.
    #[inline]
    fn ahead(&self) -> Option<(u32, u64)> {
        let clock = self.clock as u32;
        match self.state {
            State::Deaf => Some((u32::MAX, u64::MAX)),
            State::Send if self.options.gives_way => None,
            State::Send => {
                // The nine bits of the byte and its acknowledge, behind them 1s; the first of them is on SDA.
                let all = (self.bits as u64) << 55 | u64::MAX >> 9;
                let next = clock + 1;
                Some((9 - clock, all << next | !(u64::MAX << next)))
            }
            _ if clock < 8 => Some((8 - clock, u64::MAX)),
            _ if self.ack == Ack::Nack || self.next == State::Send => Some((1, u64::MAX)),
            _ => {
                let bytes = self.ahead_of_time();
                Some((9 + 9 * bytes, !(ACKS & !u64::MAX.unbounded_shr(9 * bytes))))
            }
        }
    }
}

impl Target {
    /// How many bytes behind the present one will be acknowledged, whatever they are.
    #[inline]
    fn ahead_of_time(&self) -> u32 {
        let is_plain =
            self.next == State::Receive && self.options.faults.is_empty() && self.speed != Speed::UltraFast;
        if is_plain { self.device.takes().min(MOST_ACKS) } else { 0 }
    }
}

/// The acknowledges of bytes to come, behind the one that goes out now.
const ACKS: u64 = 1 << 55 | 1 << 46 | 1 << 37 | 1 << 28 | 1 << 19 | 1 << 10;

/// How many these are.
const MOST_ACKS: u32 = ACKS.count_ones();

/// The device's own pins and alarm.
impl Target {
    fn sense(&mut self, cx: &mut Cx<'_>) {
        for (i, own) in self.own.iter_mut().enumerate() {
            let level = cx.level(own.pin);
            if level != own.level || cx.is_start() {
                own.level = level;
                self.is_touched = true;
                self.device.sense(cx.now(), i, level);
            }
        }
    }

    fn drive_own(&mut self, cx: &mut Cx<'_>) {
        for (i, own) in self.own.iter_mut().enumerate() {
            let drive = self.device.drives(i);
            if drive != own.drive {
                own.drive = drive;
                cx.drive(own.pin, drive);
            }
        }
    }

    /// Asks the device, which has been called, for its alarm and its pins; calls it first if its alarm is due.
    #[inline(never)]
    fn ring(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        let due = |device: &dyn Device| device.alarm().unwrap_or(Time::MAX);
        if due(&*self.device) <= now {
            self.device.ring(now);
        }
        // One that asks for the past again would ring for ever.
        let next = due(&*self.device);
        self.alarm = if next > now { next } else { Time::MAX };
        self.is_touched = false;
        self.drive_own(cx);
    }
}

impl Agent for Target {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            self.ears.begin(cx);
        }
        self.catch_up(cx);
        if self.is_deaf(cx) {
            // The alarm and what is left to the bench stay as they are.
            return self.ears.listen(cx);
        }
        cx.stop_clocks();
        self.attend(cx);
        self.ears.listen(cx);
        if self.ears.spike.is_zero() {
            self.attend(cx);
        }
        if !self.own.is_empty() {
            self.sense(cx);
        }
        if self.is_touched || self.alarm <= cx.now() {
            self.ring(cx);
        }
        self.proceed(cx);
        cx.set_alarm(min(self.alarm, self.next_wake()));
        self.leave_clocks(cx);
    }

    fn watches(&self) -> u64 {
        (1 << (pin::COUNT + self.own.len())) - 1
    }

    fn holds(&self) -> u64 {
        1 << pin::SCL.0 | 1 << pin::SDA.0
    }
}
