//! The transmitter: frames out, by its own clock.
//!
//! ```text
//!        enable.setup                            enable.hold
//! DE   __/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\___
//! TX   ‾‾‾‾‾\_____X  0  X  1  X ... X par /‾‾‾‾‾‾‾‾‾‾‾‾‾‾    edge k at k bits of its own clock, +- jitter
//!           |<- CTS is looked at cts_latency before each start
//! ```

use std::collections::VecDeque;

use super::baud::BitTime;
use super::{BaudClock, BaudError, DataBits, Options, Parity, lin_id, pin};
use crate::bits::BitOrder;
use crate::level::Drive;
use crate::sim::{Agent, Cx, Jitter};
use crate::time::{Span, Time};

/// How a transmitter drives the line.
#[derive(Clone, Debug)]
pub struct TransmitterOptions {
    /// What both ends agree on; the line is TX.
    pub bus: Options,
    /// Its clock and divider.
    pub clock: BaudClock,
    /// Idle line behind each frame, beyond the stop bits.
    pub gap: Span,
    /// How old what it knows of CTS is.
    pub cts_latency: Span,
    /// When the driver is on (RS-485, or wherever DE is connected).
    pub enable: Enable,
    /// What goes wrong on purpose.
    pub faults: Vec<Fault>,
}

impl TransmitterOptions {
    /// A transmitter of exactly the nominal rate, without gaps, whose driver is on a bit before and after.
    pub fn new(bus: Options) -> TransmitterOptions {
        let bit = bus.baud.map_or(Span::ZERO, super::Baud::bit);
        TransmitterOptions {
            bus,
            clock: BaudClock::IDEAL,
            gap: Span::ZERO,
            cts_latency: Span::ZERO,
            enable: Enable { setup: bit, hold: bit },
            faults: Vec::new(),
        }
    }
}

/// When an RS-485 driver is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enable {
    /// From driver enable to the first start bit.
    pub setup: Span,
    /// From the end of the last stop bit to driver disable.
    pub hold: Span,
}

/// Something that goes wrong on purpose, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which frame, counted from 0; breaks do not count.
    pub frame: u64,
    /// What.
    pub kind: FaultKind,
}

/// What can go wrong at the transmitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The parity bit is the wrong one.
    Parity,
    /// The stop bits are Low; the line is High for a bit after them.
    Stop,
    /// The stop bits are so many thousandths of a bit long.
    ShortStop {
        /// The length.
        mui: u16,
    },
    /// A Low pulse of this width, a bit before the frame starts.
    StartGlitch {
        /// The width.
        width: Span,
    },
    /// The line is inverted for so many sixteenths of a bit about the middle of this bit.
    Noise {
        /// The bit, counted from the start bit, which is 0.
        bit: u8,
        /// The width in sixteenths, 1 to 15.
        samples: u8,
    },
    /// The rate drifts by so many parts per million from the start of the frame to its end; positive: it gets faster.
    Drift {
        /// The change.
        ppm: i32,
    },
    /// The line goes idle after so many bits, the start bit counted.
    Truncated {
        /// The bits.
        bits: u8,
    },
    /// The line stays Low for so many bits, and the data are lost.
    Break {
        /// The bits.
        bits: u8,
    },
}

/// One thing for a transmitter to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Send a frame.
    Send(u16),
    /// Send a frame for each byte.
    Write(Vec<u8>),
    /// Hold the line Low for that many bits, then High for one.
    Break(u16),
    /// A LIN header: a break of 13 bits, a delimiter of one, the sync byte 55h and the identifier with its parity.
    LinHeader(u8),
    /// Keep the line idle.
    Idle(Span),
}

/// The number of a submitted list of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// What became of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Which.
    pub ticket: Ticket,
    /// When its last stop bit was over.
    pub at: Time,
}

/// Why a transmitter cannot do what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpError {
    /// The data do not fit in a frame.
    #[error("{data:#x} does not fit in {bits} data bits; raise `data_bits` or send less")]
    Data {
        /// The data.
        data: u16,
        /// The data bits of a frame.
        bits: u32,
    },
    /// A break of no bits.
    #[error("a break of no bits is none; use 10 or more for 8N1")]
    Break,
    /// Not six bits.
    #[error("{0:#x} is no LIN identifier; use 0 to 0x3f")]
    LinId(u8),
}

/// A UART transmitter: an agent on the pins TX, CTS and DE of [`pin`].
pub struct Transmitter {
    options: TransmitterOptions,
    bit: BitTime,
    todo: VecDeque<Task>,
    next_ticket: u64,
    done: Vec<Completion>,
    /// Frames so far.
    frames: u64,
    /// When the next frame may begin.
    busy_until: Time,
    /// When the last stop bit is over.
    line_free: Time,
    driver: Driver,
    /// What it knows of CTS: may it send?
    clear: bool,
    /// What it will know, and when.
    clear_later: Option<(Time, bool)>,
    /// XOFF was heard.
    paused: bool,
    due: Time,
}

/// A step of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Frame(u16),
    /// A frame that does not heed flow control: XON and XOFF themselves.
    Urgent(u16),
    Break(u16),
    Idle(Span),
    Complete(Ticket),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Driver {
    Off,
    /// On, and ready to send from then on.
    On(Time),
}

/// Where a frame's edges lie: thousandths of a bit from its start, and the level from there on.
type Edges = Vec<(u64, bool)>;

impl Transmitter {
    /// A transmitter as `options` say.
    pub fn new(options: TransmitterOptions) -> Result<Transmitter, BaudError> {
        let bit = BitTime::new(&options.clock, options.bus.baud)?;
        // So that whoever watches sees the line idle before the first start.
        let busy_until = Time::ZERO + options.clock.clock.phase + bit.span(1, 1);
        Ok(Transmitter {
            bit,
            todo: VecDeque::new(),
            next_ticket: 0,
            done: Vec::new(),
            frames: 0,
            busy_until,
            line_free: Time::ZERO,
            driver: Driver::Off,
            clear: true,
            clear_later: None,
            paused: false,
            due: Time::MAX,
            options,
        })
    }

    /// Adds work behind all earlier work. When it is done, the bench stops.
    pub fn submit(&mut self, ops: &[Op]) -> Result<Ticket, OpError> {
        ops.iter().try_for_each(|op| self.check(op))?;
        for op in ops {
            self.enqueue(op);
        }
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.todo.push_back(Task::Complete(ticket));
        Ok(ticket)
    }

    /// Takes the result of a ticket, once it is complete.
    pub fn take(&mut self, ticket: Ticket) -> Option<Completion> {
        let i = self.done.iter().position(|c| c.ticket == ticket)?;
        Some(self.done.swap_remove(i))
    }

    /// The data bits of its frames.
    pub(super) fn data_bits(&self) -> DataBits {
        self.options.bus.data_bits
    }

    /// True if no work is left.
    pub fn is_idle(&self) -> bool {
        self.todo.is_empty()
    }

    fn check(&self, op: &Op) -> Result<(), OpError> {
        let (mask, bits) = (self.options.bus.data_bits.mask(), self.options.bus.data_bits.get());
        let fits = |data: u16| if data <= mask { Ok(()) } else { Err(OpError::Data { data, bits }) };
        match op {
            Op::Send(data) => fits(*data),
            Op::Write(bytes) => bytes.iter().try_for_each(|&byte| fits(byte as u16)),
            Op::Break(0) => Err(OpError::Break),
            Op::LinHeader(id) if *id > 0x3f => Err(OpError::LinId(*id)),
            Op::LinHeader(id) => fits(lin_id(*id) as u16),
            Op::Break(_) | Op::Idle(_) => Ok(()),
        }
    }

    fn enqueue(&mut self, op: &Op) {
        match op {
            Op::Send(data) => self.todo.push_back(Task::Frame(*data)),
            Op::Write(bytes) => self.todo.extend(bytes.iter().map(|&byte| Task::Frame(byte as u16))),
            Op::Break(bits) => self.todo.push_back(Task::Break(*bits)),
            Op::LinHeader(id) => {
                self.todo.extend([Task::Break(13), Task::Frame(0x55), Task::Frame(lin_id(*id) as u16)]);
            }
            Op::Idle(span) => self.todo.push_back(Task::Idle(*span)),
        }
    }

    /// Sends a frame before everything else, whatever flow control says.
    pub(super) fn send_first(&mut self, data: u16) {
        self.todo.push_front(Task::Urgent(data));
    }

    /// XOFF or XON was heard.
    pub(super) fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// When it wants to be woken.
    pub(super) fn due(&self) -> Time {
        self.due
    }

    /// Looks at CTS and does what is due.
    pub(super) fn poll(&mut self, cx: &mut Cx<'_>) {
        if cx.is_start() {
            self.rest(cx);
        }
        self.look_at_cts(cx);
        let next = self.work(cx);
        // A pause behind which nothing is sent is not spent with the driver on.
        let rests = next == Time::MAX || matches!(self.todo.front(), Some(Task::Idle(_) | Task::Complete(_)));
        let off = if rests { self.rest_driver(cx) } else { Time::MAX };
        self.due = next.min(off).min(self.clear_later.map_or(Time::MAX, |(at, _)| at));
    }

    /// Works off tasks until one has to wait. Returns until when; [`Time::MAX`] if it waits for others, or nothing is left.
    fn work(&mut self, cx: &mut Cx<'_>) -> Time {
        while let Some(&task) = self.todo.front() {
            let ready = self.ready_at(task, cx);
            if ready > cx.now() {
                return ready;
            }
            self.todo.pop_front();
            self.perform(task, cx);
        }
        Time::MAX
    }

    /// When `task` may begin, or is to be looked at again; [`Time::MAX`] while flow control forbids it.
    fn ready_at(&mut self, task: Task, cx: &mut Cx<'_>) -> Time {
        match task {
            Task::Frame(_) | Task::Break(_) if self.paused || !self.clear => Time::MAX,
            Task::Frame(_) | Task::Urgent(_) | Task::Break(_) => self.enable(cx),
            Task::Idle(_) | Task::Complete(_) => self.busy_until,
        }
    }

    fn perform(&mut self, task: Task, cx: &mut Cx<'_>) {
        match task {
            Task::Frame(data) | Task::Urgent(data) => self.send(data, cx),
            Task::Break(bits) => {
                let length = bits as u64 * 1_000;
                self.drive_edges(&[(0, false), (length, true)], length + 1_000, 0, cx);
            }
            Task::Idle(span) => self.busy_until = cx.now().saturating_add(span),
            Task::Complete(ticket) => {
                self.done.push(Completion { ticket, at: cx.now() });
                cx.stop();
            }
        }
    }

    /// Lines as they are before the first frame.
    fn rest(&mut self, cx: &mut Cx<'_>) {
        cx.drive(pin::DE, Drive::Strong(false));
        let idle = self.idle();
        cx.drive(pin::TX, if self.options.bus.rs485 { idle } else { self.high(true) });
    }

    /// What it puts on TX for a logical level.
    fn high(&self, high: bool) -> Drive {
        Drive::Strong(high != self.options.bus.invert_tx)
    }

    /// What it puts on a shared line while its driver is off: the bias that keeps it idle.
    fn idle(&self) -> Drive {
        Drive::Pull(!self.options.bus.invert_tx)
    }

    fn look_at_cts(&mut self, cx: &Cx<'_>) {
        let now = cx.now();
        if let Some((_, clear)) = self.clear_later.take_if(|(at, _)| *at <= now) {
            self.clear = clear;
        }
        let Some(clear) = cx.level(pin::CTS).bit().map(|high| !high) else { return };
        if self.options.cts_latency.is_zero() {
            self.clear = clear;
        } else if self.clear_later.map_or(self.clear, |(_, later)| later) != clear {
            self.clear_later = Some((now.saturating_add(self.options.cts_latency), clear));
        }
    }

    /// True if somebody else may use the line, or wants to know when it is used.
    fn has_driver(&self, cx: &Cx<'_>) -> bool {
        self.options.bus.rs485 || cx.is_connected(pin::DE)
    }

    /// Turns the driver on in time for the next frame. Returns when that may begin, or when there is something to be done
    /// with the driver before.
    fn enable(&mut self, cx: &mut Cx<'_>) -> Time {
        if !self.has_driver(cx) {
            return self.busy_until;
        }
        let (now, setup) = (cx.now(), self.options.enable.setup);
        let on = self.busy_until.saturating_sub(setup);
        if let Driver::On(ready) = self.driver {
            // A long wait is not spent with the driver on.
            let off = self.line_free.saturating_add(self.options.enable.hold);
            if self.line_free < ready || on <= off {
                return ready.max(self.busy_until);
            }
            if now < off {
                return off;
            }
            self.rest_driver(cx);
        }
        if now < on {
            return on;
        }
        cx.drive(pin::DE, Drive::Strong(true));
        if self.options.bus.rs485 {
            cx.drive(pin::TX, self.high(true));
        }
        let ready = now.saturating_add(setup);
        self.driver = Driver::On(ready);
        ready.max(self.busy_until)
    }

    /// There is nothing to be sent: turns the driver off when it has been on for long enough. Returns when that is.
    fn rest_driver(&mut self, cx: &mut Cx<'_>) -> Time {
        if self.driver == Driver::Off {
            return Time::MAX;
        }
        let off = self.line_free.saturating_add(self.options.enable.hold);
        if off > cx.now() {
            return off;
        }
        self.driver = Driver::Off;
        self.rest(cx);
        Time::MAX
    }

    /// Drives a whole frame.
    fn send(&mut self, data: u16, cx: &mut Cx<'_>) {
        let frame = self.frames;
        self.frames += 1;
        let faults: Vec<FaultKind> =
            self.options.faults.iter().filter(|f| f.frame == frame).map(|f| f.kind).collect();
        if faults.is_empty() {
            let levels = self.levels(data, false);
            let length = self.options.bus.frame_halves() as u64 * 500;
            return self.drive_edges(&edges_of(&levels), length, 0, cx);
        }
        self.send_wrong(data, &faults, cx);
    }

    /// The levels of the bits of a frame, up to the first stop bit.
    fn levels(&self, data: u16, wrong_parity: bool) -> Vec<bool> {
        let bus = &self.options.bus;
        let n = bus.data_bits.get();
        let bit = |i: u32| match bus.bit_order {
            BitOrder::Lsb => data >> i & 1 != 0,
            BitOrder::Msb => data >> (n - 1 - i) & 1 != 0,
        };
        let parity = bus.parity.bit(data).map(|parity| parity != wrong_parity);
        std::iter::once(false).chain((0..n).map(bit)).chain(parity).chain([true]).collect()
    }

    /// A frame in which something is wrong.
    fn send_wrong(&mut self, data: u16, faults: &[FaultKind], cx: &mut Cx<'_>) {
        let wrong_parity = faults.contains(&FaultKind::Parity) && self.options.bus.parity != Parity::None;
        let mut levels = self.levels(data, wrong_parity);
        let stop = levels.len() - 1;
        let full = self.options.bus.frame_halves() as u64 * 500;
        let (mut length, mut rise, mut drift, mut lead) = (full, full, 0, 0);
        for fault in faults {
            match *fault {
                FaultKind::Stop => (levels[stop], length) = (false, full + 1_000),
                FaultKind::ShortStop { mui } => length = stop as u64 * 1_000 + mui as u64,
                FaultKind::StartGlitch { .. } => lead = 1_000,
                FaultKind::Drift { ppm } => drift = ppm,
                FaultKind::Truncated { bits } => {
                    levels.iter_mut().skip(bits as usize).for_each(|b| *b = true);
                }
                FaultKind::Break { bits } => {
                    levels = vec![false; bits as usize];
                    rise = bits as u64 * 1_000;
                    length = full.max(rise + 1_000);
                }
                FaultKind::Parity | FaultKind::Noise { .. } => {}
            }
        }
        let mut edges = edges_of(&levels);
        if let Some((_, false)) = edges.last() {
            edges.push((rise, true));
        }
        for fault in faults {
            match *fault {
                FaultKind::Noise { bit, samples } => edges = with_noise(edges, bit, samples),
                FaultKind::StartGlitch { width } => self.glitch(width, cx),
                _ => {}
            }
        }
        for edge in &mut edges {
            edge.0 += lead;
        }
        self.drive_edges(&edges, length + lead, drift, cx);
    }

    fn glitch(&self, width: Span, cx: &mut Cx<'_>) {
        cx.drive(pin::TX, self.high(false));
        cx.drive_after(pin::TX, width, self.high(true));
    }

    /// Puts edges on the line, from now on, and is busy for `length` thousandths of a bit and the gap.
    fn drive_edges(&mut self, edges: &[(u64, bool)], length: u64, drift_ppm: i32, cx: &mut Cx<'_>) {
        let jitter = self.options.clock.clock.jitter;
        for &(mui, high) in edges {
            let place = self.place(mui, length, drift_ppm).as_fs();
            // The first edge is where the frame is; the others stray from their places behind it.
            let stray = if mui == 0 || jitter == Jitter::None { 0 } else { jitter.draw(cx.rng()) };
            let delay = Span::from_fs(place.saturating_add_signed(stray));
            cx.drive_after(pin::TX, delay, self.high(high));
        }
        self.line_free = cx.now() + self.place(length, length, drift_ppm);
        self.busy_until = self.line_free + self.options.gap;
    }

    /// Where `mui` thousandths of a bit are in a frame of `length`, if bits get shorter by `drift` parts per million towards
    /// its end: the integral of a length that changes evenly.
    fn place(&self, mui: u64, length: u64, drift_ppm: i32) -> Span {
        let even = self.bit.span(mui, 1_000);
        if drift_ppm == 0 {
            return even;
        }
        let share = even.as_fs() as i128 * mui as i128 * drift_ppm as i128 / (2_000_000 * length as i128);
        Span::from_fs(even.as_fs().saturating_sub_signed(share as i64))
    }
}

/// The edges of bits of those levels, behind an idle line.
fn edges_of(levels: &[bool]) -> Edges {
    let mut was = true;
    let mut edges = Edges::new();
    for (i, &high) in levels.iter().enumerate() {
        if high != was {
            edges.push((i as u64 * 1_000, high));
        }
        was = high;
    }
    edges
}

/// With the level inverted for so many sixteenths of a bit about the middle of a bit.
fn with_noise(edges: Edges, bit: u8, samples: u8) -> Edges {
    let half = samples.clamp(1, 15) as u64 * 1_000 / 32;
    let middle = bit as u64 * 1_000 + 500;
    let high = edges.iter().rfind(|edge| edge.0 <= middle).is_none_or(|edge| edge.1);
    let mut noisy = edges;
    noisy.extend([(middle - half, !high), (middle + half, high)]);
    noisy.sort_unstable_by_key(|edge| edge.0);
    noisy
}

impl Agent for Transmitter {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        self.poll(cx);
        cx.set_alarm(self.due);
    }

    fn watches(&self) -> u64 {
        1 << pin::CTS.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_goes_into_the_bit_it_is_meant_for() {
        let edges = edges_of(&[false, true, true, false, true]);
        assert_eq!(edges, [(0, false), (1_000, true), (3_000, false), (4_000, true)]);
        assert_eq!(with_noise(edges, 2, 2)[2..4], [(2_438, false), (2_562, true)]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut seven = Options::default();
        seven.set("data_bits", "7").unwrap();
        let mut transmitter = Transmitter::new(TransmitterOptions::new(seven)).unwrap();
        let error = transmitter.submit(&[Op::Write(vec![0x41, 0x80])]).unwrap_err();
        assert_eq!(error.to_string(), "0x80 does not fit in 7 data bits; raise `data_bits` or send less");
        assert_eq!(transmitter.submit(&[Op::Break(0)]), Err(OpError::Break));
        assert_eq!(transmitter.submit(&[Op::LinHeader(0x40)]), Err(OpError::LinId(0x40)));
        assert!(transmitter.is_idle());
    }
}
